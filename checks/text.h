/* SPDX-License-Identifier: MIT */
/* The tokens of one text that came whole: an endpoint's answer, a program's output. */
#pragma once

#include "contract/check.h"

struct jw_text {
	const char *place; /* where tokens are said to be; borrowed */
	const char *what;  /* "the answer", "the output" */
	struct jw_pattern *pattern;
	size_t *met; /* tokens by index, in the order of the text */
	size_t met_count;
	size_t met_size;
	size_t line;	    /* of `counted` */
	size_t counted;	    /* bytes whose lines are counted */
	struct jw_buf utf8; /* of a text in UTF-16 */
};

/* The choices of an option `select`, by enum jw_select. */
extern const char *const jw_text_selects[];

/* JW_CONFIG where an option `token` isn't a JSON Pointer; NULL: it isn't given. */
enum jw_cause jw_text_check(const char *token, struct jw_err *err);

/* Reports a token. False where no more are taken. */
bool jw_text_add(struct jw_run *run, struct jw_text *text, struct jw_str token, size_t line);
/* The bytes as they are, or as UTF-8 where they are UTF-16. */
struct jw_str jw_text_decoded(struct jw_text *text, struct jw_str bytes);
/* Reports what the pattern matches; JW_DONE where that is nothing or it can't be told, which has been reported. */
enum jw_next jw_text_match(struct jw_run *run, struct jw_text *text, const char *pattern,
			   struct jw_str bytes);
/* Reports every token by its shape; false: there is none. */
bool jw_text_scan(struct jw_run *run, struct jw_text *text, struct jw_str bytes);
void jw_text_done(struct jw_text *text);

/* For an option that lists whole numbers as texts. */
bool jw_text_are_numbers(const char *const *texts, uint64_t min, uint64_t max);
bool jw_text_has_number(const char *const *texts, uint64_t n);
