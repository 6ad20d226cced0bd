/* SPDX-License-Identifier: MIT */
/* Finding compact JWTs in text of any kind, without a pattern. */
#include "token/find.h"

#include <string.h>

#include "base/scan.h"
#include "token/base64url.h"
#include "token/jwt.h"

/* base64url of the bytes {" with which nearly every header begins. */
#define START "eyJ"
#define START_LEN (sizeof(START) - 1)

/* The one place that looks at every byte of a page. */
static size_t next_start(struct jw_str text, size_t at)
{
	return jw_scan_find(text, at, START);
}

/* A header read as JSON while it is decoded, byte by byte, so that what isn't one is dropped at the first
 * byte that doesn't fit. With the limit on depth this keeps a page full of "eyJ" linear: a byte is read
 * again only by the few candidates for which it lies inside an open object. */
#define SKIM_DEPTH 8

struct skim {
	struct jw_str s;
	size_t len; /* in bytes decoded */
	size_t at;
	unsigned depth;
	bool has_alg;
};

static int skim_peek(const struct skim *skim)
{
	size_t third = skim->at % 3;
	const char *from = skim->s.ptr + skim->at / 3 * 4 + third;

	if (skim->at >= skim->len)
		return -1;
	return (jw_base64url_value(from[0]) << (2 + 2 * third) |
		jw_base64url_value(from[1]) >> (4 - 2 * third)) &
	       0xff;
}

static bool skim_take(struct skim *skim, int c)
{
	if (skim_peek(skim) != c)
		return false;
	skim->at++;
	return true;
}

static void skim_space(struct skim *skim)
{
	while (skim_take(skim, ' ') || skim_take(skim, '\t') || skim_take(skim, '\n') ||
	       skim_take(skim, '\r'))
		;
}

static bool skim_string(struct skim *skim, bool *ret_is_alg)
{
	static const char alg[] = "alg";
	size_t len = 0;
	bool is_alg = true;

	if (!skim_take(skim, '"'))
		return false;
	for (int c = skim_peek(skim); c != '"'; c = skim_peek(skim), len++) {
		if (c < ' ')
			return false;
		is_alg = is_alg && len < sizeof(alg) - 1 && c == alg[len];
		skim->at += c == '\\' ? 2 : 1;
	}
	skim->at++;
	*ret_is_alg = is_alg && len == sizeof(alg) - 1;
	return true;
}

/* A number or a word, taken loosely: the decoder will say what is wrong with it. */
static bool skim_scalar(struct skim *skim)
{
	size_t start = skim->at;

	for (;;) {
		int c = skim_peek(skim);
		bool is_word =
			(c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');

		if (!is_word && c != '-' && c != '+' && c != '.')
			return skim->at > start;
		skim->at++;
	}
}

static bool skim_container(struct skim *skim, char close);

static bool skim_value(struct skim *skim)
{
	bool ignored;
	int c = skim_peek(skim);

	if (c == '{')
		return skim_container(skim, '}');
	if (c == '[')
		return skim_container(skim, ']');
	return c == '"' ? skim_string(skim, &ignored) : skim_scalar(skim);
}

static bool skim_member(struct skim *skim)
{
	bool is_alg;

	if (!skim_string(skim, &is_alg))
		return false;
	skim_space(skim);
	if (!skim_take(skim, ':'))
		return false;
	skim_space(skim);
	if (is_alg && skim->depth == 1 && skim_peek(skim) == '"')
		skim->has_alg = true;
	return skim_value(skim);
}

static bool skim_container(struct skim *skim, char close)
{
	if (++skim->depth > SKIM_DEPTH)
		return false;
	skim->at++;
	skim_space(skim);
	if (!skim_take(skim, close)) {
		do {
			skim_space(skim);
			if (!(close == '}' ? skim_member(skim) : skim_value(skim)))
				return false;
			skim_space(skim);
		} while (skim_take(skim, ','));
		if (!skim_take(skim, close))
			return false;
	}
	skim->depth--;
	return true;
}

/* A JSON object with a text "alg", and nothing behind it. */
static bool is_header(struct jw_str s)
{
	struct skim skim = {.s = s, .len = s.len / 4 * 3 + (s.len % 4 ? s.len % 4 - 1 : 0)};

	if (s.len % 4 == 1 || skim_peek(&skim) != '{' || !skim_container(&skim, '}'))
		return false;
	skim_space(&skim);
	return skim.at == skim.len && skim.has_alg;
}

static size_t skip_run(struct jw_str text, size_t at)
{
	while (at < text.len && jw_base64url_is_char(text.ptr[at]))
		at++;
	return at;
}

static size_t skip_padding(struct jw_str text, size_t at)
{
	for (size_t i = 0; i < 2 && at < text.len && text.ptr[at] == '='; i++)
		at++;
	return at;
}

static bool is_dot(struct jw_str text, size_t at)
{
	return at < text.len && text.ptr[at] == '.';
}

#define COMMENT_DASHES 2

/* The dashes of an HTML comment's end are base64url, but not the token's. */
static bool ends_comment(struct jw_str text, size_t start, size_t end)
{
	return end > start + COMMENT_DASHES &&
	       jw_str_starts(jw_str_from(text, end - COMMENT_DASHES), "-->");
}

struct shape {
	size_t end;
	size_t segments;
	bool is_open; /* the bytes that decide where it ends aren't in the text */
};

/* What follows a header that ends at `at`. A dot that begins no segment belongs to the sentence around, unless
 * it makes the third segment, which is empty in an unsigned token. */
static struct shape measure(struct jw_str text, size_t at)
{
	struct shape shape = {.end = at, .segments = 1};

	while (is_dot(text, shape.end)) {
		size_t run = shape.end + 1;

		if (shape.segments >= 3 &&
		    (run == text.len || !jw_base64url_is_char(text.ptr[run])))
			break;
		shape.end = skip_padding(text, skip_run(text, run));
		shape.segments++;
	}
	if (ends_comment(text, at, shape.end))
		shape.end -= COMMENT_DASHES;
	shape.is_open =
		shape.end == text.len || (shape.end + 1 == text.len && is_dot(text, shape.end));
	return shape;
}

enum met { MET_NOTHING, MET_TOKEN, MET_OPEN };

/* Looks at a header at [start, run_end) and says in *ret_next where to go on, or where the token ends. */
static enum met look(struct jw_str text, enum jw_find_end end, size_t start, size_t run_end,
		     size_t *ret_next)
{
	struct jw_str within = jw_str_head(text, start + JW_JWT_MAX + 1);
	size_t dot = skip_padding(text, run_end);
	struct shape shape;

	*ret_next = run_end;
	if (dot == text.len)
		return end == JW_FIND_LAST ? MET_NOTHING : MET_OPEN;
	if (!is_dot(text, dot))
		return MET_NOTHING;
	*ret_next = start + 1;
	if (!is_header((struct jw_str){text.ptr + start, run_end - start}))
		return MET_NOTHING;
	shape = measure(within, dot);
	*ret_next = shape.end;
	if (shape.end - start > JW_JWT_MAX)
		return MET_TOKEN;
	if (shape.is_open && end == JW_FIND_MORE_FOLLOWS && within.len == text.len)
		return MET_OPEN;
	/* A header and "..." is how people write that they left the rest out. */
	if (jw_str_starts(jw_str_from(text, dot), "..."))
		return MET_NOTHING;
	return MET_TOKEN;
}

/* How much of START the text ends with. */
static size_t partial_start(struct jw_str text)
{
	for (size_t len = START_LEN - 1; len; len--)
		if (text.len >= len && !memcmp(text.ptr + text.len - len, START, len))
			return len;
	return 0;
}

bool jw_find_next(struct jw_str text, enum jw_find_end end, size_t *at,
		  struct jw_str *ret_token)
{
	size_t start = next_start(text, *at);
	size_t run_end = 0;
	size_t next;

	for (; start < text.len; start = next_start(text, next)) {
		enum met met;

		if (run_end <= start)
			run_end = skip_run(text, start);
		if (run_end - start > JW_JWT_MAX) {
			next = run_end - JW_JWT_MAX;
			continue;
		}
		met = look(text, end, start, run_end, &next);
		if (met == MET_NOTHING)
			continue;
		*at = met == MET_TOKEN ? next : start;
		if (met == MET_TOKEN)
			*ret_token = (struct jw_str){text.ptr + start, next - start};
		return met == MET_TOKEN;
	}
	*at = text.len - (end == JW_FIND_LAST ? 0 : partial_start(text));
	return false;
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What people call a token that isn't there yet. */
static const char *const placeholder_words[] = {
	"a",	     "access",	"actual",    "add",	    "api",	   "auth",    "be",
	"bearer",    "change",	"changed",   "client",	    "default",	   "demo",    "dummy",
	"empty",     "enter",	"example",   "fake",	    "fill",	   "fixme",   "for",
	"from",	     "fresh",	"generated", "goes",	    "here",	   "id",      "in",
	"insert",    "is",	"it",	     "jwt",	    "key",	   "livekit", "me",
	"missing",   "my",	"na",	     "new",	    "nil",	   "none",    "not",
	"null",	     "of",	"paste",     "participant", "placeholder", "please",  "put",
	"real",	     "removed", "replace",   "redacted",    "replaced",	   "room",    "sample",
	"secret",    "server",	"session",   "set",	    "some",	   "string",  "tbd",
	"temp",	     "test",	"the",	     "this",	    "to",	   "todo",    "token",
	"undefined", "unset",	"user",	     "valid",	    "value",	   "with",    "x",
	"xxx",	     "you",	"your",
};

#define PLACEHOLDER_MAX 100

/* The letters of `s` in lower case; false for more than fit. */
static bool letters_of(struct jw_str s, char letters[PLACEHOLDER_MAX], size_t *ret_len)
{
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (!is_alpha(s.ptr[i]))
			continue;
		if (len == PLACEHOLDER_MAX)
			return false;
		letters[len++] = (char)(s.ptr[i] | 0x20);
	}
	*ret_len = len;
	return true;
}

/* Is it made of those words alone, however they are joined: YOUR_TOKEN_HERE, changeme, pasteTokenHere? */
static bool is_made_of_words(struct jw_str s)
{
	char letters[PLACEHOLDER_MAX];
	bool reached[PLACEHOLDER_MAX + 1] = {true};
	size_t len;

	if (!letters_of(s, letters, &len) || !len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!reached[i])
			continue;
		for (size_t w = 0; w < sizeof(placeholder_words) / sizeof(char *); w++) {
			size_t word_len = strlen(placeholder_words[w]);

			if (word_len <= len - i &&
			    !memcmp(letters + i, placeholder_words[w], word_len))
				reached[i + word_len] = true;
		}
	}
	return reached[len];
}

static const char *const brackets[][2] = {
	{"{{", "}}"}, {"${", "}"},  {"$(", ")"},  {"<%", "%>"}, {"{%", "%}"},
	{"#{", "}"},  {"<?", "?>"}, {"__", "__"}, {"%", "%"},	{"@", "@"},
	{"<", ">"},   {"[", "]"},   {"{", "}"},	  {"$", ""},
};

/* A name or a short expression, as template languages have it between their brackets. */
static bool is_expression(struct jw_str s)
{
	static const char signs[] = " _-.|()'\"$=?:[]@/";

	for (size_t i = 0; i < s.len; i++)
		if (!is_alpha(s.ptr[i]) && !is_digit(s.ptr[i]) &&
		    !memchr(signs, s.ptr[i], sizeof(signs) - 1))
			return false;
	return true;
}

static bool is_bracketed(struct jw_str s)
{
	for (size_t i = 0; i < sizeof(brackets) / sizeof(*brackets); i++) {
		size_t open = strlen(brackets[i][0]);
		size_t close = strlen(brackets[i][1]);

		if (s.len >= open + close && jw_str_starts(s, brackets[i][0]) &&
		    jw_str_is(jw_str_from(s, s.len - close), brackets[i][1]) &&
		    is_expression((struct jw_str){s.ptr + open, s.len - open - close}))
			return true;
	}
	return false;
}

static bool has_no_word(struct jw_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (is_alpha(s.ptr[i]) || is_digit(s.ptr[i]))
			return false;
	return true;
}

static bool ends_elided(struct jw_str s)
{
	return (s.len >= 3 && jw_str_is(jw_str_from(s, s.len - 3), "...")) ||
	       (s.len >= 3 && jw_str_is(jw_str_from(s, s.len - 3), "\xe2\x80\xa6"));
}

static struct jw_str unquoted(struct jw_str s)
{
	if (s.len >= 2 && memchr("'\"`", s.ptr[0], 3) && s.ptr[0] == s.ptr[s.len - 1])
		return jw_str_trim((struct jw_str){s.ptr + 1, s.len - 2});
	return s;
}

bool jw_find_is_placeholder(struct jw_str s)
{
	struct jw_str bare = unquoted(jw_str_trim(s));

	if (bare.len > PLACEHOLDER_MAX)
		return false;
	return has_no_word(bare) || is_bracketed(bare) || ends_elided(bare) ||
	       is_made_of_words(bare);
}
