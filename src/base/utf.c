/* SPDX-License-Identifier: MIT */
/* Foreign text made fit to be shown, and pages in UTF-16 turned into UTF-8. */
#include "base/utf.h"

#define REPLACEMENT 0xFFFD

/* What a lead byte promises (Unicode table 3-7): overlong forms are below `least`. */
static size_t promised(unsigned char lead, uint32_t *ret_bits, uint32_t *ret_least)
{
	static const struct {
		unsigned char mask, is;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 0},
		     {0xE0, 0xC0, 0x80},
		     {0xF0, 0xE0, 0x800},
		     {0xF8, 0xF0, 0x10000}};

	for (size_t i = 0; i < 4; i++) {
		if ((lead & forms[i].mask) != forms[i].is)
			continue;
		*ret_bits = lead & (unsigned char)~forms[i].mask;
		*ret_least = forms[i].least;
		return i + 1;
	}
	return 0;
}

static bool is_surrogate(uint32_t point)
{
	return point >= 0xD800 && point <= 0xDFFF;
}

/* The length of the well-formed character at the front of `s`; 0 where there is none. */
static size_t decode(struct jw_str s, uint32_t *ret_point)
{
	uint32_t point;
	uint32_t least;
	size_t len = promised((unsigned char)s.ptr[0], &point, &least);

	if (!len || len > s.len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		unsigned char next = (unsigned char)s.ptr[i];

		if ((next & 0xC0) != 0x80)
			return 0;
		point = point << 6 | (next & 0x3F);
	}
	if (point < least || point > 0x10FFFF || is_surrogate(point))
		return 0;
	*ret_point = point;
	return len;
}

/* Controls, and what reorders or breaks a line (Unicode's Bidi_Control, Zl, Zp). */
static bool is_unfit(uint32_t point)
{
	return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x61C ||
	       point == 0x200E || point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
	       (point >= 0x2066 && point <= 0x2069);
}

/* An append of several parts that didn't fit is taken back as a whole. */
static bool take_back(struct jw_buf *buf, size_t len)
{
	buf->len = len;
	if (buf->ptr)
		buf->ptr[len] = '\0';
	return false;
}

/* How much at the front of `s` can be shown as it is, since it is ASCII. */
static size_t plain_len(struct jw_str s)
{
	size_t len = 0;

	while (len < s.len && s.ptr[len] >= 0x20 && s.ptr[len] < 0x7F)
		len++;
	return len;
}

bool jw_utf_show(struct jw_buf *buf, struct jw_str s)
{
	size_t start = buf->len;

	while (s.len) {
		uint32_t point = ' ';
		size_t plain = plain_len(s);
		size_t len = plain ? plain : decode(s, &point);
		bool fits = !len || is_unfit(point) ? jw_buf_char(buf, '?')
						    : jw_buf_add(buf, s.ptr, len);

		if (!fits)
			return take_back(buf, start);
		s = jw_str_from(s, len ? len : 1);
	}
	return true;
}

bool jw_utf_is_valid(struct jw_str s)
{
	while (s.len) {
		uint32_t point;
		size_t len = decode(s, &point);

		if (!len)
			return false;
		s = jw_str_from(s, len);
	}
	return true;
}

enum jw_encoding jw_utf_encoding(struct jw_str page)
{
	if (jw_str_starts(page, "\xEF\xBB\xBF"))
		return JW_ENCODING_UTF8_BOM;
	if (jw_str_starts(page, "\xFF\xFE"))
		return JW_ENCODING_UTF16LE;
	if (jw_str_starts(page, "\xFE\xFF"))
		return JW_ENCODING_UTF16BE;
	return JW_ENCODING_BYTES;
}

static bool encode(uint32_t point, struct jw_buf *buf)
{
	char bytes[4];
	size_t len;

	if (point < 0x80)
		return jw_buf_char(buf, (char)point);
	len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (size_t i = len - 1; i > 0; i--) {
		bytes[i] = (char)(0x80 | (point & 0x3F));
		point >>= 6;
	}
	bytes[0] = (char)((0xF00 >> len & 0xF0) | point);
	return jw_buf_add(buf, bytes, len);
}

static uint32_t unit_at(struct jw_str page, size_t at, enum jw_encoding encoding)
{
	uint32_t first = (unsigned char)page.ptr[at];
	uint32_t second = (unsigned char)page.ptr[at + 1];

	return encoding == JW_ENCODING_UTF16BE ? first << 8 | second : second << 8 | first;
}

/* Takes a character from the front of *page, which has two bytes at least. */
static uint32_t take_16(struct jw_str *page, enum jw_encoding encoding)
{
	uint32_t high = unit_at(*page, 0, encoding);
	uint32_t low = page->len >= 4 ? unit_at(*page, 2, encoding) : 0;
	bool pair = (high & 0xFC00) == 0xD800 && (low & 0xFC00) == 0xDC00;

	*page = jw_str_from(*page, pair ? 4 : 2);
	if (pair)
		return 0x10000 + ((high & 0x3FF) << 10 | (low & 0x3FF));
	return is_surrogate(high) ? REPLACEMENT : high;
}

bool jw_utf_from_16(struct jw_str page, enum jw_encoding encoding, struct jw_buf *buf)
{
	size_t start = buf->len;

	page = jw_str_from(page, 2);
	while (page.len >= 2)
		if (!encode(take_16(&page, encoding), buf))
			return take_back(buf, start);
	return true;
}
