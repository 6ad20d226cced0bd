/* SPDX-License-Identifier: MIT */
/* Error lines of a configuration: where, which option, what is wrong, and nothing secret. */
#pragma once

#include "core/config.h"

#define JW_ERRORS_MAX 100

/* A place in a text, both from 1; line 0: unknown. */
struct jw_mark {
	uint32_t line;
	uint32_t column;
};

/* The way to a value, seen from its end: "targets[1].timeout" is {{NULL, "targets"}, index 1}, "timeout". */
struct jw_path {
	const struct jw_path *up;
	struct jw_str name; /* of a key; empty: an item of a list */
	size_t index;
};

/* Adds "<file>:<line>:<column>: <path>: <sentence>", fit for a terminal and scrubbed of tokens. The path may be
 * NULL. After JW_ERRORS_MAX lines one more says that there are more, then none is added. */
void jw_errors_add(struct jw_errors *errors, const char *file, struct jw_mark at,
		   const struct jw_path *path, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* True where nothing is added any more, so that a reader may stop. */
bool jw_errors_full(const struct jw_errors *errors);

#define JW_QUOTE_TEXT 80
/* Foreign text in double quotes, fit to be shown, cut at 64 bytes. */
const char *jw_errors_quote(struct jw_str s, char text[JW_QUOTE_TEXT]);
