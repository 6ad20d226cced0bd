/* SPDX-License-Identifier: MIT */
/* A user's regular expression (PCRE2, byte mode, JIT) over hostile text, within limits. */
#pragma once

#include "base/err.h"

struct jw_pattern;

/* Compiles. JW_CONFIG and a sentence with the column and PCRE2's words where the pattern is wrong, or uses what
 * can't work here: UTF mode, \C, \G, (*COMMIT), (*SKIP). */
enum jw_cause jw_pattern_new(struct jw_str regex, struct jw_pattern **ret_pattern,
			     struct jw_err *err);
void jw_pattern_free(struct jw_pattern *pattern);
/* True where a text was large enough for the JIT (64 KiB), but the system refused it: the slower
 * interpreter runs. */
bool jw_pattern_is_slow(const struct jw_pattern *pattern);

/* Until when searches may go on: elapsed_ms is a monotonic count that the caller owns (nothing here reads a
 * clock), and at max_ms it is over. */
struct jw_budget {
	int64_t (*elapsed_ms)(void *context);
	void *context;
	int64_t max_ms;
};

/* The next match in text from *at on: JW_OK and the group named "token", else group 1, else the whole
 * match, and *at behind the match (moved on by one at least, so up to text.len + 1). *ret_found says
 * whether there was one; where not, *at and *ret_match stay. JW_PATTERN_LIMIT where PCRE2's match, depth,
 * heap or stack limit or the budget is spent. A group that took part in no match gives the empty slice. */
enum jw_cause jw_pattern_next(struct jw_pattern *pattern, struct jw_str text,
			      const struct jw_budget *budget, size_t *at, bool *ret_found,
			      struct jw_str *ret_match, struct jw_err *err);
