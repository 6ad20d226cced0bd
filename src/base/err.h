/* SPDX-License-Identifier: MIT */
/* What went wrong: a cause to branch on, a sentence to show. */
#pragma once

#include "base/cause.h"
#include "base/str.h"

#include <stdarg.h>

#define JW_ERR_MAX 1024

struct jw_err {
	enum jw_cause cause;
	char text[JW_ERR_MAX]; /* cut with "..." where it is longer */
};

/* Fills *err (NULL: nobody asks) and returns the cause. */
enum jw_cause jw_fail(struct jw_err *err, enum jw_cause cause, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Puts a place in front of the sentence: "<place>: <sentence>". */
void jw_err_in(struct jw_err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
