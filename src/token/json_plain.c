/* SPDX-License-Identifier: MIT */
/* JSON as most of it is written: jansson takes each byte through four functions and each text through three copies, which
 * was a quarter of the daemon's own time. Whatever isn't plain is left to it, and so is whatever is wrong. */
#include "token/json_plain.h"

#include <string.h>

#include "token/json.h"

#define DIGITS_MAX 18

struct plain {
	const char *at;
	const char *end;
	size_t depth;
	size_t values;
};

static json_t *read_value(struct plain *plain);

/* The next byte that is no blank; '\0': there is none. */
static char next(struct plain *plain)
{
	while (plain->at < plain->end && (*plain->at == ' ' || *plain->at == '\t' ||
					  *plain->at == '\n' || *plain->at == '\r'))
		plain->at++;
	return plain->at < plain->end ? *plain->at : '\0';
}

static bool take(struct plain *plain, char c)
{
	if (next(plain) != c)
		return false;
	plain->at++;
	return true;
}

static bool is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '\\';
}

static bool read_text(struct plain *plain, struct jw_str *ret_text)
{
	const char *start;

	if (!take(plain, '"'))
		return false;
	start = plain->at;
	while (plain->at < plain->end && *plain->at != '"' && is_plain(*plain->at))
		plain->at++;
	*ret_text = (struct jw_str){start, (size_t)(plain->at - start)};
	return plain->at < plain->end && *plain->at++ == '"';
}

static json_t *read_string(struct plain *plain)
{
	struct jw_str text;

	return read_text(plain, &text) ? json_stringn_nocheck(text.ptr, text.len) : NULL;
}

/* What follows the digits, such as a fraction, is no end of a value. */
static json_t *read_integer(struct plain *plain)
{
	bool is_negative = take(plain, '-');
	const char *start = plain->at;
	json_int_t value = 0;

	while (plain->at < plain->end && *plain->at >= '0' && *plain->at <= '9' &&
	       plain->at - start < DIGITS_MAX)
		value = 10 * value + (*plain->at++ - '0');
	if (plain->at == start || (*start == '0' && plain->at - start > 1))
		return NULL;
	return json_integer(is_negative ? -value : value);
}

static json_t *read_word(struct plain *plain, const char *word, json_t *value)
{
	size_t len = strlen(word);

	if ((size_t)(plain->end - plain->at) < len || memcmp(plain->at, word, len) != 0)
		return NULL;
	plain->at += len;
	return value;
}

static bool read_member(struct plain *plain, json_t *object)
{
	struct jw_str key;

	return read_text(plain, &key) && !json_object_getn(object, key.ptr, key.len) &&
	       take(plain, ':') &&
	       !json_object_setn_new_nocheck(object, key.ptr, key.len, read_value(plain));
}

static bool read_item(struct plain *plain, json_t *array)
{
	return !json_array_append_new(array, read_value(plain));
}

/* An object or a list, by what reads one of its members. */
static json_t *read_all(struct plain *plain, json_t *all, char end,
			bool (*read_one)(struct plain *plain, json_t *all))
{
	bool is_good = ++plain->depth <= JW_JSON_DEPTH;
	bool has_more;

	plain->at++;
	plain->values++;
	has_more = !take(plain, end);
	while (is_good && has_more) {
		is_good = read_one(plain, all);
		has_more = is_good && take(plain, ',');
		plain->values += has_more;
		if (!has_more)
			is_good = is_good && take(plain, end);
	}
	is_good = is_good && plain->values <= JW_JSON_VALUES;
	plain->depth--;
	if (is_good)
		return all;
	json_decref(all);
	return NULL;
}

static json_t *read_value(struct plain *plain)
{
	switch (next(plain)) {
	case '"':
		return read_string(plain);
	case '{':
		return read_all(plain, json_object(), '}', read_member);
	case '[':
		return read_all(plain, json_array(), ']', read_item);
	case 't':
		return read_word(plain, "true", json_true());
	case 'f':
		return read_word(plain, "false", json_false());
	case 'n':
		return read_word(plain, "null", json_null());
	default:
		return read_integer(plain);
	}
}

json_t *jw_json_plain(struct jw_str text)
{
	struct plain plain = {.at = text.ptr, .end = text.ptr + text.len};
	json_t *json = read_value(&plain);

	if (json && !next(&plain) && plain.at == plain.end)
		return json;
	json_decref(json);
	return NULL;
}
