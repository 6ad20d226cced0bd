/* SPDX-License-Identifier: MIT */
/* base64url as RFC 4648 section 5 and RFC 7515 section 2 have it: no padding, no line breaks, unused bits zero. */
#include "token/base64url.h"

#include <limits.h>

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Of each character its place in the alphabet, from 1 on. */
static const unsigned char places[UCHAR_MAX + 1] = {
	['A'] = 1,  ['B'] = 2,	['C'] = 3,  ['D'] = 4,	['E'] = 5,  ['F'] = 6,	['G'] = 7,
	['H'] = 8,  ['I'] = 9,	['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
	['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
	['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
	['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
	['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
	['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
	['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63,
	['_'] = 64,
};

int jw_base64url_value(char c)
{
	return places[(unsigned char)c] - 1;
}

bool jw_base64url_is_char(char c)
{
	return jw_base64url_value(c) >= 0;
}

static bool is_strict(struct jw_str s)
{
	unsigned unused = s.len % 4 == 2 ? 0xf : s.len % 4 == 3 ? 0x3 : 0;

	if (s.len % 4 == 1)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (jw_base64url_value(s.ptr[i]) < 0)
			return false;
	return !s.len || !((unsigned)jw_base64url_value(s.ptr[s.len - 1]) & unused);
}

bool jw_base64url_decode(struct jw_str s, struct jw_buf *buf)
{
	size_t len = s.len / 4 * 3 + (s.len % 4 ? s.len % 4 - 1 : 0);
	uint32_t bits = 0;
	char *to;

	if (!is_strict(s))
		return false;
	to = jw_buf_reserve(buf, len);
	if (!to)
		return false;
	for (size_t i = 0, have = 0; i < s.len; i++) {
		bits = bits << 6 | (uint32_t)jw_base64url_value(s.ptr[i]);
		have += 6;
		if (have >= 8) {
			have -= 8;
			*to++ = (char)(bits >> have & 0xff);
		}
	}
	*to = '\0';
	buf->len += len;
	return true;
}

/* The characters for one to three bytes. */
static size_t encode_group(const unsigned char *from, size_t count, char to[4])
{
	uint32_t bits = (uint32_t)from[0] << 16;

	if (count > 1)
		bits |= (uint32_t)from[1] << 8;
	if (count > 2)
		bits |= from[2];
	for (size_t i = 0; i <= count; i++)
		to[i] = alphabet[bits >> (18 - 6 * i) & 63];
	return count + 1;
}

bool jw_base64url_encode(struct jw_str s, struct jw_buf *buf)
{
	const unsigned char *from = (const unsigned char *)s.ptr;
	size_t len = s.len / 3 * 4 + (s.len % 3 ? s.len % 3 + 1 : 0);
	char *to = s.len <= SIZE_MAX / 2 ? jw_buf_reserve(buf, len) : NULL;

	if (!to)
		return false;
	for (size_t i = 0; i < s.len; i += 3)
		to += encode_group(from + i, s.len - i < 3 ? s.len - i : 3, to);
	*to = '\0';
	buf->len += len;
	return true;
}
