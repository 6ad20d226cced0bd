/* SPDX-License-Identifier: MIT */
/* Moments and spans in the words of the output: RFC 3339 in UTC, and "2h11m". Reads no clock. */
#pragma once

#include "base/buf.h"

/* 9999-12-31T23:59:59Z, the last moment that RFC 3339 can write. */
#define JW_WHEN_MAX INT64_C(253402300799)

#define JW_WHEN_TEXT 32
/* "2026-01-02T03:04:05Z" into text; "(beyond the year 9999)" or "(before the year 0)" outside of it. */
const char *jw_when_text(int64_t when, char text[JW_WHEN_TEXT]);
/* The two largest units of a span: "2h11m", "3d4h", "45s", "0s". The sign is left out. */
const char *jw_span_text(int64_t seconds, char text[JW_WHEN_TEXT]);

/* RFC 3339 (a lower-case t or z, a blank for the T and an offset are taken; fractions are cut), a date
 * alone (its midnight in UTC), "@SECONDS", "now", or "+3d" and "-2h" from now. False: of no such
 * form, or outside of the years 0 to 9999; *ret_when untouched. */
bool jw_when_parse(struct jw_str s, int64_t now, int64_t *ret_when);
/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7); the obsolete forms aren't worth a wrong clock. */
bool jw_when_http(struct jw_str s, int64_t *ret_when);
/* The same written, 29 bytes and a NUL. False outside of the years that it can write. */
bool jw_when_http_text(int64_t when, char text[32]);
