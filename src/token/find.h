/* SPDX-License-Identifier: MIT */
/* Finding compact JWTs in text of any kind, without a pattern. */
#pragma once

#include "base/str.h"

/* Looks in text from *at on for the next thing in the shape of a JWS: "eyJ...", a header that
 * decodes to a JSON object with "alg", a dot, and up to two more segments (so a broken token is found
 * too, and is judged malformed). Padding '=' is taken along. True: *ret_token is the slice, *at stands
 * behind it. False: none is left; *at is where a token may still begin whose end isn't in the text
 * (a reader in windows keeps the bytes from there on, JW_JWT_MAX at most), or text.len. JW_FIND_LAST:
 * nothing follows the text; then *at is text.len. An encrypted token (JWE, five segments) is found
 * too. The "--" of a "-->" belongs to no token. One that is longer than JW_JWT_MAX ends at JW_JWT_MAX + 1 bytes: jw_jwt_decode refuses it. */
enum jw_find_end { JW_FIND_MORE_FOLLOWS, JW_FIND_LAST };
bool jw_find_next(struct jw_str text, enum jw_find_end end, size_t *at,
		  struct jw_str *ret_token);

/* True for what stands in a page before a token is put in: empty, {{TOKEN}}, ${TOKEN}, <%= token %>,
 * __TOKEN__, YOUR_TOKEN_HERE, changeme, xxx, null, undefined, {}, [object Promise] and their like. */
bool jw_find_is_placeholder(struct jw_str s);

/* Cuts out, in place, everything in the shape of a token or of its tail: "eyJ..." and what base64url
 * and dots follow become "[token]" (never longer than what it replaces). For every text that
 * may quote a stranger. */
#define JW_FIND_CUT "[token]"
void jw_find_scrub(char *text);
/* From *at on, the next stretch that jw_find_scrub would cut out of the text: true, and *at
 * stands behind it. False: none is left, and *at is the text's length. */
bool jw_find_next_cut(const char *text, size_t *at, struct jw_str *ret_cut);
