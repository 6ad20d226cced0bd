/* SPDX-License-Identifier: MIT */
/* JSON from strangers: jansson, strict and with limits, and free of what it would trip over. */
#include "token/json.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* jansson refuses the whole text for an escaped NUL, an integer over 64 bits or a real over the range, all
 * of which are legal JSON. So it gets a copy in which these are rewritten; each item grows by 2 at most. */
struct copy {
	struct jw_str text;
	size_t at;
	size_t depth;
	size_t values;
	struct jw_buf out;
};

#define HUGE_REAL "9e307"
#define NUL_WRITTEN "\\u0000"
#define NUL_SHOWN "\\u2400" MARK
/* U+FDD0, no character: behind U+2400 it tells a NUL from a real one, and a real MARK comes twice. */
#define MARK "\\ufdd0"
#define MARK_BYTES "\xef\xb7\x90"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t skip_digits(struct jw_str s, size_t at)
{
	while (at < s.len && is_digit(s.ptr[at]))
		at++;
	return at;
}

/* A number by RFC 8259 section 6, and whether it is an integer. */
static bool is_number(struct jw_str s, bool *ret_integer)
{
	size_t start = s.len && s.ptr[0] == '-' ? 1 : 0;
	size_t at = skip_digits(s, start);
	bool integer = true;

	if (at == start || (s.ptr[start] == '0' && at > start + 1))
		return false;
	if (at < s.len && s.ptr[at] == '.') {
		start = at + 1;
		at = skip_digits(s, start);
		integer = false;
		if (at == start)
			return false;
	}
	if (at < s.len && (s.ptr[at] == 'e' || s.ptr[at] == 'E')) {
		start = at + 1;
		if (start < s.len && (s.ptr[start] == '+' || s.ptr[start] == '-'))
			start++;
		at = skip_digits(s, start);
		integer = false;
		if (at == start)
			return false;
	}
	*ret_integer = integer;
	return at == s.len;
}

static bool fits_int64(struct jw_str s)
{
	bool negative = s.ptr[0] == '-';
	uint64_t n;

	return jw_str_u64(jw_str_from(s, negative), (uint64_t)INT64_MAX + negative, &n);
}

static void copy_number(struct copy *copy, struct jw_str s)
{
	jw_autofree char *text = NULL;
	bool integer;
	double value;

	if (!is_number(s, &integer) || (integer && fits_int64(s))) {
		jw_buf_str(&copy->out, s);
		return;
	}
	text = jw_xcalloc(1, s.len + 1);
	memcpy(text, s.ptr, s.len);
	value = strtod(text, NULL);
	if (value > DBL_MAX || value < -DBL_MAX) {
		jw_buf_text(&copy->out, value < 0 ? "-" HUGE_REAL : HUGE_REAL);
		return;
	}
	jw_buf_str(&copy->out, s);
	if (integer)
		jw_buf_text(&copy->out, ".0");
}

static bool is_number_char(char c)
{
	return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static size_t number_end(struct jw_str s, size_t at)
{
	while (at < s.len && is_number_char(s.ptr[at]))
		at++;
	return at;
}

/* What stands in the copy for the character at the front of `s`, or NULL for itself, and its length. */
static const char *stand_in(struct jw_str s, size_t *ret_len)
{
	*ret_len = 1;
	if (jw_str_starts(s, MARK_BYTES)) {
		*ret_len = strlen(MARK_BYTES);
		return MARK_BYTES MARK_BYTES;
	}
	if (*s.ptr != '\\')
		return NULL;
	*ret_len = strlen(NUL_WRITTEN);
	if (jw_str_starts(s, NUL_WRITTEN))
		return NUL_SHOWN;
	if (jw_str_starts(s, "\\u") && jw_str_is_nocase(jw_str_head(s, *ret_len), MARK))
		return MARK MARK;
	*ret_len = 2;
	return NULL;
}

/* From the opening quote up to and with the closing one. */
static void copy_string(struct copy *copy)
{
	struct jw_str rest = jw_str_from(copy->text, copy->at);
	size_t i = 1;
	size_t done = 0;

	while (i < rest.len && rest.ptr[i] != '"') {
		size_t len = 1;
		const char *other = NULL;

		if (rest.ptr[i] == '\\' || rest.ptr[i] == MARK_BYTES[0])
			other = stand_in(jw_str_from(rest, i), &len);

		if (other) {
			jw_buf_add(&copy->out, rest.ptr + done, i - done);
			jw_buf_text(&copy->out, other);
			done = i + len;
		}
		i += len;
	}
	i = i < rest.len ? i + 1 : rest.len;
	jw_buf_add(&copy->out, rest.ptr + done, i - done);
	copy->at += i;
}

/* One string, number or other byte. False where the text is nested too deeply, or holds too much. */
static bool copy_item(struct copy *copy)
{
	char c = copy->text.ptr[copy->at];
	size_t end;

	if (c == '"') {
		copy_string(copy);
		return true;
	}
	if (c == '-' || is_digit(c)) {
		end = number_end(copy->text, copy->at);
		copy_number(copy, (struct jw_str){copy->text.ptr + copy->at, end - copy->at});
		copy->at = end;
		return true;
	}
	if (c == '{' || c == '[' || c == ',')
		copy->values++;
	if (c == '{' || c == '[')
		copy->depth++;
	else if ((c == '}' || c == ']') && copy->depth)
		copy->depth--;
	jw_buf_char(&copy->out, c);
	copy->at++;
	return copy->depth <= JW_JSON_DEPTH && copy->values <= JW_JSON_VALUES;
}

static bool copy_until(struct copy *copy, size_t out_len)
{
	while (copy->at < copy->text.len && copy->out.len < out_len)
		if (!copy_item(copy))
			return false;
	return true;
}

/* The byte of the text that became byte `position` of the copy, give or take the length of one item. */
static size_t place_in_text(struct jw_str text, size_t position)
{
	struct copy again = {.text = text};
	size_t place;

	jw_buf_init(&again.out, text.len * 2 + 16);
	copy_until(&again, position);
	place = again.at;
	if (again.out.len > position && again.out.len - position <= place)
		place -= again.out.len - position;
	jw_buf_done(&again.out);
	return place;
}

struct phrase {
	enum json_error_code code;
	const char *words;
};

/* jansson's own texts quote what they met; these don't. */
static const struct phrase phrases[] = {
	{json_error_premature_end_of_input, "ends too early; was it cut?"},
	{json_error_end_of_input_expected, "goes on behind its end"},
	{json_error_invalid_utf8, "holds bytes that are no UTF-8; LiveKit may accept that, but "
				  "readers would see different text, so it is refused here"},
	{json_error_duplicate_key,
	 "holds two equal keys in one object; LiveKit may accept that, "
	 "but readers would take different ones, so it is refused here"},
	{json_error_numeric_overflow, "holds a number out of range"},
	{json_error_stack_overflow, "is nested too deeply"},
};

static const char *words_for(enum json_error_code code)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (phrases[i].code == code)
			return phrases[i].words;
	return "is no JSON";
}

static enum jw_cause parse(struct copy *copy, json_t **ret_json, struct jw_err *err)
{
	json_error_t error;
	json_t *json;
	size_t position;

	if (!copy_until(copy, SIZE_MAX) && copy->values > JW_JSON_VALUES)
		return jw_fail(err, JW_TOKEN_MALFORMED, "holds more than %d values",
			       JW_JSON_VALUES);
	if (copy->depth > JW_JSON_DEPTH)
		return jw_fail(err, JW_TOKEN_MALFORMED,
			       "is nested more than %d deep (byte %zu)", JW_JSON_DEPTH,
			       copy->at);
	json = json_loadb(copy->out.ptr, copy->out.len,
			  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!json) {
		position = error.position < 0 ? 0 : (size_t)error.position;
		return jw_fail(err, JW_TOKEN_MALFORMED, "%s (byte %zu)",
			       words_for(json_error_code(&error)),
			       place_in_text(copy->text, position));
	}
	*ret_json = json;
	return JW_OK;
}

enum jw_cause jw_json_parse(struct jw_str text, json_t **ret_json, struct jw_err *err)
{
	struct copy copy = {.text = text};
	enum jw_cause cause;

	const char *nul;

	if (!jw_str_trim(text).len)
		return jw_fail(err, JW_TOKEN_MALFORMED, "is empty");
	/* jansson would take it for the end of the text. */
	nul = memchr(text.ptr, '\0', text.len);
	if (nul)
		return jw_fail(err, JW_TOKEN_MALFORMED, "holds a NUL (byte %zu)",
			       (size_t)(nul - text.ptr));
	jw_buf_init(&copy.out, text.len * 2 + 16);
	cause = parse(&copy, ret_json, err);
	jw_buf_done(&copy.out);
	return cause;
}

void jw_json_seed(size_t seed)
{
	json_object_seed(seed);
}
