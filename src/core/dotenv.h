/* SPDX-License-Identifier: MIT */
/* Variables in the text of a .env file. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

/* Appends the value of the variable to buf: of several lines that set it, the last one. A line is NAME=VALUE, also
 * with `export` in front, blanks around = and a # comment behind a blank. A value in single quotes stands as it is;
 * in double quotes \n, \", \\ and \$ are one character each, and any other backslash is itself. Both may go over
 * several lines. No variable is filled in: $X and ${X} stand as they are. Lines of another form are passed over.
 * JW_SECRET_MISSING and a sentence that quotes nothing of the text: there is no such variable, it is empty, it
 * holds a NUL, its quotes don't end or something stands behind them, or buf would pass its maximum; buf is as before
 * then. */
enum jw_cause jw_dotenv_get(struct jw_str text, struct jw_str name, struct jw_buf *buf,
			    struct jw_err *err);
/* Whether a line sets it, to whatever. */
bool jw_dotenv_has(struct jw_str text, struct jw_str name);
