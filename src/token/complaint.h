/* SPDX-License-Identifier: MIT */
/* What a program says on standard error, made fit for a message. */
#pragma once

#include "base/buf.h"

/* Appends the last line that says something, on one line and not too long, with [token] for
 * every token and *** for every secret, and for every piece of one that is long enough to
 * give it away. Secret are the values, however short (of one with many lines each line that
 * isn't too short), and words that aren't too short, whole and behind their first "=". Both
 * lists are NULL-ended. Appends nothing where nothing was said. */
void jw_complaint(struct jw_str complaint, const char *const *values, const char *const *words,
		  struct jw_buf *buf);
