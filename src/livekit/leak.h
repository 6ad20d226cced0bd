/* SPDX-License-Identifier: MIT */
/* What a page that everybody may open must not hold: the secret that tokens are made with. */
#pragma once

#include "base/str.h"

/* True for the name of a file that secrets belong into, and that no server gives out: .env, .env.local, prod.env. What
 * a URL names has been given out, whatever it is called. */
bool jw_leak_is_private(const char *path);

/* Where the secret stands in text; text.len: nowhere. A short one could be any word, so it counts only as a value in
 * quotes. */
size_t jw_leak_find(struct jw_str text, struct jw_str secret);

/* Where a name such as LIVEKIT_API_SECRET or apiSecret is given a text in quotes that can be a secret, and isn't a
 * placeholder; text.len: nowhere. */
size_t jw_leak_find_assignment(struct jw_str text);

/* So much around a secret is looked at too. */
#define JW_LEAK_AROUND ((size_t)64)
/* An assignment isn't longer than this. */
#define JW_LEAK_ASSIGNMENT_MAX ((size_t)512)
