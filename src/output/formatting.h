/* SPDX-License-Identifier: MIT */
/* What formats share among themselves. */
#pragma once

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

/* How many results are in each state, by its number. */
void jw_report_count(const struct jw_report *report, size_t counts[4]);
/* A line: "3 targets: 1 CRITICAL, 2 OK". */
void jw_report_summary(struct jw_buf *buf, const struct jw_report *report);
/* The file and its line (0: none) that a person would open: what was read, as far as it is a file, else where the target
 * is configured. NULL: there is none. */
const char *jw_result_file(const struct jw_result *result, size_t *ret_line);
/* The token that the verdict hangs on; where it hangs on none, the first one to end; NULL: there is none. */
const struct jw_token *jw_result_token(const struct jw_result *result);
/* Seconds until exp, negative behind it; false where that can't be told. */
bool jw_token_left(const struct jw_token *token, int64_t now, int64_t *ret_left);
/* 0: unknown. */
int64_t jw_token_lifetime(const struct jw_token *token);

/* What an OK proves, by name, ended by {0}. */
struct jw_proof_row {
	enum jw_proof proof;
	const char *name;
};
extern const struct jw_proof_row jw_proof_rows[];

/* "source", "livekit" ... */
const char *jw_at_name(enum jw_at at);
/* The HTTP exchange with the target itself, the first one; NULL: there was none. */
const struct jw_exchange *jw_result_exchange(const struct jw_result *result);
/* Where the target's check asks over the network, as configured; NULL: it doesn't. */
const char *jw_target_url(const struct jw_target *target);
/* What is known of the target's LiveKit server: as the deciding token's, else as the first judged token's that has one. */
const struct jw_livekit *jw_result_livekit(const struct jw_result *result);
/* Whether it is known if a LiveKit server answers there: not where nobody asked, or our side failed. Takes NULL. */
bool jw_livekit_is_known(const struct jw_livekit *livekit);
/* The server's reason by name; NULL: it doesn't refuse. */
const char *jw_livekit_detail(const struct jw_livekit *livekit);

/* The phases of an exchange in their order, ended by {0}. */
struct jw_phase_row {
	const char *name;
	size_t offset;
};
extern const struct jw_phase_row jw_phase_rows[];
/* Microseconds; -1: it didn't come to it. */
int64_t jw_phase_us(const struct jw_exchange *exchange, const struct jw_phase_row *row);
