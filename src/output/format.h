/* SPDX-License-Identifier: MIT */
/* How a report is written: one row a format. Bytes go to a buffer; nothing is printed here. */
#pragma once

#include "core/runner.h"

struct jw_doctor_plan;

/* Which verdicts make an exit code that isn't 0. UNKNOWN always does: it means that nobody knows. */
enum jw_fail_on {
	JW_FAIL_ON_UNKNOWN, /* whatever isn't OK */
	JW_FAIL_ON_WARNING, /* the same, since all that ranks below WARNING is UNKNOWN */
	JW_FAIL_ON_CRITICAL,
};
/* The thresholds in a plugin's performance data: as ranges ("3600:"), as plain numbers, which are all that Icinga
 * reads; or no performance data at all. */
enum jw_perfdata { JW_PERFDATA_RANGE, JW_PERFDATA_NUMBER, JW_PERFDATA_NONE };

/* By their number, as options and the daemon's clients write them; NULL-ended. */
extern const char *const jw_fail_on_names[];
extern const char *const jw_perfdata_names[];

struct jw_style {
	bool color;    /* ANSI colours */
	int verbosity; /* -v counted */
	bool is_quiet; /* -q: only what isn't OK, in formats for people */
	enum jw_fail_on fail_on;
	/* For paths that a CI service shows beside its sources; NULL: paths stay as they are. */
	const char *workspace; /* the folder of the sources */
	const char *here;      /* the current folder */
	enum jw_perfdata perfdata;
	int64_t horizon; /* of a forecast: how far ahead it looks, in seconds */
	const struct jw_doctor_plan *plan; /* of a checklist: what is looked at for what */
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

/* Whether a result in this state counts, and the exit code of them all. */
bool jw_fails_on(enum jw_fail_on fail_on, enum jw_state state);
int jw_report_exit_code(const struct jw_report *report, enum jw_fail_on fail_on);

/* "text, nagios, json, prometheus, junit or github". */
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
