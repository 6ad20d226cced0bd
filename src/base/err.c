/* SPDX-License-Identifier: MIT */
/* What went wrong: a cause to branch on, a sentence to show. */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

static void mark_cut(struct jw_err *err, int wanted)
{
	if (wanted >= JW_ERR_MAX)
		memcpy(err->text + JW_ERR_MAX - 4, "...", 4);
}

enum jw_cause jw_fail(struct jw_err *err, enum jw_cause cause, const char *format, ...)
{
	va_list args;

	if (!err)
		return cause;
	err->cause = cause;
	va_start(args, format);
	mark_cut(err, vsnprintf(err->text, sizeof(err->text), format, args));
	va_end(args);
	return cause;
}

void jw_err_in(struct jw_err *err, const char *format, ...)
{
	struct jw_err old;
	va_list args;
	int place;
	int rest;

	if (!err)
		return;
	old = *err;
	va_start(args, format);
	place = vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	if (place < 0 || place >= JW_ERR_MAX) {
		mark_cut(err, place);
		return;
	}
	rest = snprintf(err->text + place, sizeof(err->text) - (size_t)place, ": %s", old.text);
	mark_cut(err, place + rest);
}
