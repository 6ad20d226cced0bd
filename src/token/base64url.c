/* SPDX-License-Identifier: MIT */
/* base64url as RFC 4648 section 5 and RFC 7515 section 2 have it: no padding, no line breaks, unused bits zero. */
#include "token/base64url.h"

#include <string.h>

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const unsigned char jw_base64url_values[256] = {
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

/* The 6 bits of each of four characters. False where one isn't of the alphabet. */
static bool group(const char *from, uint32_t *ret_bits)
{
	unsigned a = jw_base64url_values[(unsigned char)from[0]];
	unsigned b = jw_base64url_values[(unsigned char)from[1]];
	unsigned c = jw_base64url_values[(unsigned char)from[2]];
	unsigned d = jw_base64url_values[(unsigned char)from[3]];

	if (!a || !b || !c || !d)
		return false;
	*ret_bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
	return true;
}

/* Two or three characters at the end, whose unused bits must be zero. */
static bool decode_rest(struct jw_str s, char *to)
{
	char padded[4] = {'A', 'A', 'A', 'A'};
	uint32_t bits;

	if (!s.len)
		return true;
	memcpy(padded, s.ptr, s.len);
	if (s.len == 1 || !group(padded, &bits) || bits & (s.len == 2 ? 0xffff : 0xff))
		return false;
	to[0] = (char)(bits >> 16);
	if (s.len == 3)
		to[1] = (char)(bits >> 8 & 0xff);
	return true;
}

bool jw_base64url_decode(struct jw_str s, struct jw_buf *buf)
{
	size_t len = s.len / 4 * 3 + (s.len % 4 ? s.len % 4 - 1 : 0);
	char *to = jw_buf_reserve(buf, len);
	size_t at = 0;
	uint32_t bits;

	if (!to)
		return false;
	for (; s.len - at >= 4; at += 4, to += 3) {
		if (!group(s.ptr + at, &bits))
			break;
		to[0] = (char)(bits >> 16);
		to[1] = (char)(bits >> 8 & 0xff);
		to[2] = (char)(bits & 0xff);
	}
	if (s.len - at >= 4 || !decode_rest(jw_str_from(s, at), to)) {
		buf->ptr[buf->len] = '\0';
		return false;
	}
	buf->len += len;
	buf->ptr[buf->len] = '\0';
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
