/* SPDX-License-Identifier: MIT */
/* Cutting tokens, and what is left of them, out of texts that are shown. */
#include "token/find.h"

#include <string.h>

#include "token/base64url.h"

#define START "eyJ"
#define START_LEN (sizeof(START) - 1)
/* The least that counts as a piece of a token behind "eyJ", alone and with a dot in it; and the length of the
 * shortest signature, HS256's. */
#define PIECE_MIN 20
#define DOTTED_PIECE_MIN 10
#define SIGNATURE_MIN 43

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_escaped(const char *text, char digit1, char digit2)
{
	return text[0] == '%' && text[1] == digit1 && (text[2] | 0x20) == digit2;
}

enum kind { KIND_OTHER, KIND_LETTER, KIND_DOT, KIND_PADDING };

static enum kind kind_of(const char *text, size_t *ret_len)
{
	*ret_len = 1;
	if (jw_base64url_is_char(*text))
		return KIND_LETTER;
	if (*text == '.')
		return KIND_DOT;
	if (*text == '=')
		return KIND_PADDING;
	*ret_len = 3;
	if (is_escaped(text, '2', 'e'))
		return KIND_DOT;
	if (is_escaped(text, '3', 'd'))
		return KIND_PADDING;
	*ret_len = 0;
	return KIND_OTHER;
}

/* The letters, dots and padding from `text` on; trailing dots belong to the sentence. */
static size_t stretch_len(const char *text)
{
	size_t len = 0;
	size_t end = 0;
	size_t step;

	for (;;) {
		enum kind kind = kind_of(text + len, &step);

		if (kind == KIND_OTHER)
			return end ? end : len;
		len += step;
		if (kind != KIND_DOT)
			end = len;
	}
}

/* True where the stretch, which begins with "eyJ", is long enough to tell something. */
static bool is_piece(const char *text, size_t len)
{
	size_t letters = 0;
	size_t step;
	bool has_dot = false;

	for (size_t i = 0; i < len; i += step) {
		enum kind kind = kind_of(text + i, &step);

		letters += kind == KIND_LETTER;
		has_dot = has_dot || kind == KIND_DOT;
	}
	return letters >= PIECE_MIN || (has_dot && letters >= DOTTED_PIECE_MIN);
}

/* Where the segment before a signature begins, in a stretch whose beginning is lost: the signature is a long
 * run in mixed case directly behind a dot. `len` where there is none. */
static size_t signature_cut(const char *text, size_t len)
{
	size_t before = 0;  /* start of the segment before the last dot */
	size_t start = len; /* of the run behind the last dot */
	size_t here = 0;
	unsigned cases = 0;
	size_t step;

	for (size_t i = 0; i < len; i += step) {
		enum kind kind = kind_of(text + i, &step);

		if (kind == KIND_DOT) {
			before = here;
			here = start = i + step;
			cases = 0;
		}
		if (kind == KIND_PADDING)
			start = len;
		if (kind == KIND_LETTER && is_alpha(text[i]))
			cases |= text[i] & 0x20 ? 1 : 2;
		if (kind == KIND_LETTER && start < i && i + 1 - start >= SIGNATURE_MIN &&
		    cases == 3)
			return before;
	}
	return len;
}

/* How many bytes of the stretch may stay; `len` where all may. */
static size_t harmless_len(const char *text, size_t len)
{
	size_t cut;
	const char *start;
	size_t before;

	/* Too short for a piece, and for a signature more so: most words are. */
	if (len <= DOTTED_PIECE_MIN)
		return len;
	cut = signature_cut(text, len);
	start = memmem(text, len, START, START_LEN);
	before = start ? (size_t)(start - text) : len;
	if (before < cut && is_piece(start, len - before))
		return before;
	return cut;
}

/* Where no token begins, only a signature behind a dot can be one's tail. */
static bool is_harmless(const char *text)
{
	return !strstr(text, START) && (strlen(text) <= SIGNATURE_MIN || !strpbrk(text, ".%"));
}

bool jw_find_next_cut(const char *text, size_t *at, struct jw_str *ret_cut)
{
	size_t start = *at;

	while (text[start]) {
		size_t len = stretch_len(text + start);
		size_t keep = len ? harmless_len(text + start, len) : 1;

		start += len ? len : 1;
		if (keep >= len)
			continue;
		*ret_cut = (struct jw_str){text + start - (len - keep), len - keep};
		*at = start;
		return true;
	}
	*at = start;
	return false;
}

void jw_find_scrub(char *text)
{
	const char *from = text;
	char *to = text;
	size_t at = 0;
	struct jw_str cut;
	size_t rest;

	if (is_harmless(text))
		return;

	/* What is moved and written lies before `at`. */
	while (jw_find_next_cut(text, &at, &cut)) {
		size_t keep = (size_t)(cut.ptr - from);

		memmove(to, from, keep);
		memcpy(to + keep, JW_FIND_CUT, sizeof(JW_FIND_CUT) - 1);
		to += keep + sizeof(JW_FIND_CUT) - 1;
		from = text + at;
	}
	rest = strlen(from);
	memmove(to, from, rest + 1);
}
