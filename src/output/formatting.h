/* SPDX-License-Identifier: MIT */
/* What formats share among themselves. */
#pragma once

#include "core/result.h"
#include "output/format.h"

void jw_format_text(const struct jw_report *report, const struct jw_style *style,
		    struct jw_buf *buf);
void jw_format_nagios(const struct jw_report *report, const struct jw_style *style,
		      struct jw_buf *buf);
void jw_format_json(const struct jw_report *report, const struct jw_style *style,
		    struct jw_buf *buf);
void jw_format_prometheus(const struct jw_report *report, const struct jw_style *style,
			  struct jw_buf *buf);
void jw_format_junit(const struct jw_report *report, const struct jw_style *style,
		     struct jw_buf *buf);
void jw_format_github(const struct jw_report *report, const struct jw_style *style,
		      struct jw_buf *buf);

/* " | 'left'=7200s;3600:;600: ...", nothing where there is nothing to say. */
void jw_nagios_perfdata(const struct jw_report *report, enum jw_perfdata kind,
			struct jw_buf *buf);
/* What -v adds for a person, a line each, indented: every other finding and what was met over the network; each of
 * several tokens. */
void jw_text_findings(struct jw_buf *buf, const struct jw_result *result);
void jw_text_tokens(struct jw_buf *buf, const struct jw_result *result);

/* One line of text or of an attribute's value, as XML and HTML escape it. */
void jw_markup_text(struct jw_buf *buf, const char *text);

/* How many results are in each state, by its number. */
void jw_report_count(const struct jw_report *report, size_t counts[4]);
/* A line: "3 targets: 1 CRITICAL, 2 OK". */
void jw_report_summary(struct jw_buf *buf, const struct jw_report *report);
/* The file and its line (0: none) that a person would open: what was read, as far as it is a file, else where the target
 * is configured. NULL: there is none. */
const char *jw_result_file(const struct jw_result *result, size_t *ret_line);
/* What an OK proves, by name, ended by {0}. */
struct jw_proof_row {
	enum jw_proof proof;
	const char *name;
};
extern const struct jw_proof_row jw_proof_rows[];

/* "source", "livekit" ... */
const char *jw_at_name(enum jw_at at);
/* Where the target's check asks over the network, as configured; NULL: it doesn't. */
const char *jw_target_url(const struct jw_target *target);
/* The server's reason by name; NULL: it doesn't refuse. */
const char *jw_livekit_detail(const struct jw_livekit *livekit);
