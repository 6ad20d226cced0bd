/* SPDX-License-Identifier: MIT */
/* base64url as RFC 4648 section 5 and RFC 7515 section 2 have it: no padding, no line breaks, unused bits zero. */
#pragma once

#include "base/buf.h"

/* Appends the bytes of `s`. False for any character outside the alphabet, an impossible length,
 * unused bits that aren't zero, or past buf's maximum; what buf held stays. */
bool jw_base64url_decode(struct jw_str s, struct jw_buf *buf);
bool jw_base64url_encode(struct jw_str s, struct jw_buf *buf);
/* One more than the value of each character; 0 outside the alphabet. */
extern const unsigned char jw_base64url_values[256];

static inline bool jw_base64url_is_char(char c)
{
	return jw_base64url_values[(unsigned char)c];
}

/* The six bits that a character stands for; -1 outside the alphabet. */
static inline int jw_base64url_value(char c)
{
	return jw_base64url_values[(unsigned char)c] - 1;
}
