/* SPDX-License-Identifier: MIT */
/* How a report is written: one row a format. Bytes go to a buffer; nothing is printed here. */
#pragma once

#include "core/runner.h"

/* The thresholds in a plugin's performance data: as ranges ("3600:"), as plain numbers, which are all that Icinga
 * reads; or no performance data at all. */
enum jw_perfdata { JW_PERFDATA_RANGE, JW_PERFDATA_NUMBER, JW_PERFDATA_NONE };

struct jw_style {
	bool color;    /* ANSI colours */
	int verbosity; /* -v counted */
	enum jw_perfdata perfdata;
};

struct jw_format {
	const char *name;
	const char *media_type;
	unsigned want; /* of enum jw_want */
	void (*write)(const struct jw_report *report, const struct jw_style *style,
		      struct jw_buf *buf);
	bool is_wordless; /* has no place for a sentence: why nothing was judged goes to standard error too */
};

extern const struct jw_format jw_formats[]; /* ended by {0} */
const struct jw_format *jw_format_by_name(struct jw_str name);

/* "text, nagios, json or prometheus". */
void jw_format_names(struct jw_buf *buf);

/* A report on one thing that couldn't be judged at all, in the format's own shape: for this cause (JW_CONFIG for a
 * command line that makes no sense) with this sentence. */
void jw_format_refusal(const struct jw_format *format, const char *name, enum jw_cause cause,
		       const char *says, int64_t now, struct jw_buf *buf);

/* The worst result first, then in the order of the configuration: indices into report->results, the
 * caller frees. */
size_t *jw_report_order(const struct jw_report *report);

/* One result as a plugin writes it about one target with -v, the text (lines) apart from the performance data (which
 * has no blank in front, and is empty where there is none). */
void jw_nagios_single(const struct jw_result *result, enum jw_perfdata kind,
		      struct jw_buf *text, struct jw_buf *perfdata);
/* For one line of Nagios output: no control characters, no '|' (it becomes '/'), no token. */
void jw_nagios_text(struct jw_buf *buf, struct jw_str s);
/* For a terminal, one line: control characters made '?'. */
void jw_text_line(struct jw_buf *buf, struct jw_str s);
