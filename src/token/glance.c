/* SPDX-License-Identifier: MIT */
/* The few claims that a list of tokens shows, read without building JSON: for thousands of ordinary tokens. */
#include "token/glance.h"

#include <string.h>

#include "token/base64url.h"

/* More than ordinary tokens have, and less than any limit of json.h. */
#define PAYLOAD_MAX 4096
#define DEPTH_MAX 8
#define KEYS_MAX 32
/* 18 digits fit in 64 bits; a second of an ordinary token is between the year 1 and 2286. */
#define DIGITS_MAX 18
#define EXP_MAX INT64_C(9999999999)

struct reader {
	const char *at;
	const char *end;
	unsigned depth;
	struct jw_glance *glance;
};

static bool take(struct reader *reader, char c)
{
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

static bool text(struct reader *reader, struct jw_str *ret_text)
{
	const char *start = reader->at + 1;
	const char *at = start;

	if (!take(reader, '"'))
		return false;
	while (at < reader->end && *at >= ' ' && *at < 0x7f && *at != '"' && *at != '\\')
		at++;
	reader->at = at;
	*ret_text = (struct jw_str){start, (size_t)(at - start)};
	return take(reader, '"');
}

/* An integer as JSON has it. */
static bool integer(struct reader *reader, int64_t *ret_value)
{
	bool is_negative = take(reader, '-');
	const char *start = reader->at;
	int64_t value = 0;

	while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9' &&
	       reader->at - start <= DIGITS_MAX)
		value = value * 10 + (*reader->at++ - '0');
	if (reader->at == start || reader->at - start > DIGITS_MAX ||
	    (*start == '0' && reader->at - start > 1))
		return false;
	*ret_value = is_negative ? -value : value;
	return true;
}

static bool word(struct reader *reader, const char *wanted)
{
	size_t len = strlen(wanted);

	if ((size_t)(reader->end - reader->at) < len || memcmp(reader->at, wanted, len) != 0)
		return false;
	reader->at += len;
	return true;
}

static bool object(struct reader *reader);

static bool value(struct reader *reader);

static bool list(struct reader *reader)
{
	if (!take(reader, '[') || ++reader->depth > DEPTH_MAX)
		return false;
	if (!take(reader, ']')) {
		do {
			if (!value(reader))
				return false;
		} while (take(reader, ','));
		if (!take(reader, ']'))
			return false;
	}
	reader->depth--;
	return true;
}

static bool value(struct reader *reader)
{
	struct jw_str ignored_text;
	int64_t ignored;

	if (reader->at == reader->end)
		return false;
	switch (*reader->at) {
	case '"':
		return text(reader, &ignored_text);
	case '{':
		return object(reader);
	case '[':
		return list(reader);
	case 't':
		return word(reader, "true");
	case 'f':
		return word(reader, "false");
	case 'n':
		return word(reader, "null");
	default:
		return integer(reader, &ignored);
	}
}

static bool is_livekit_claim(struct jw_str key)
{
	return jw_str_is(key, "video") || jw_str_is(key, "sip") || jw_str_is(key, "agent") ||
	       jw_str_is(key, "inference");
}

/* A claim of the payload itself. */
static bool claim(struct reader *reader, struct jw_str key)
{
	struct jw_glance *glance = reader->glance;
	bool is_object = reader->at < reader->end && *reader->at == '{';

	if (jw_str_is(key, "exp")) {
		glance->has_exp = true;
		return integer(reader, &glance->exp) && glance->exp >= 0 &&
		       glance->exp <= EXP_MAX;
	}
	if (jw_str_is(key, "iss") && reader->at < reader->end && *reader->at == '"') {
		glance->has_iss = true;
		return text(reader, &glance->iss);
	}
	if (is_object && is_livekit_claim(key))
		glance->is_livekit = true;
	return value(reader);
}

static bool is_among(struct jw_str key, const struct jw_str *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (keys[i].len == key.len && !memcmp(keys[i].ptr, key.ptr, key.len))
			return true;
	return false;
}

static bool object(struct reader *reader)
{
	struct jw_str keys[KEYS_MAX];
	size_t count = 0;
	bool is_payload = !reader->depth;

	if (!take(reader, '{') || ++reader->depth > DEPTH_MAX)
		return false;
	if (!take(reader, '}')) {
		do {
			if (count == KEYS_MAX || !text(reader, &keys[count]) ||
			    is_among(keys[count], keys, count) || !take(reader, ':'))
				return false;
			if (is_payload ? !claim(reader, keys[count]) : !value(reader))
				return false;
			count++;
		} while (take(reader, ','));
		if (!take(reader, '}'))
			return false;
	}
	reader->depth--;
	return true;
}

bool jw_glance(struct jw_str token, struct jw_str header, struct jw_buf *buf,
	       struct jw_glance *ret_glance)
{
	struct jw_glance glance = {0};
	struct reader reader = {.glance = &glance};
	struct jw_str rest = jw_str_from(token, header.len + 1);
	struct jw_str payload;
	struct jw_str signature;

	if (!header.len || rest.len > PAYLOAD_MAX || token.len <= header.len ||
	    token.ptr[header.len] != '.' || memcmp(token.ptr, header.ptr, header.len) != 0)
		return false;
	jw_buf_clear(buf);
	if (!jw_str_cut(rest, '.', &payload, &signature) || !signature.len ||
	    !jw_base64url_decode(signature, buf))
		return false;
	jw_buf_clear(buf);
	if (!jw_base64url_decode(payload, buf))
		return false;
	reader.at = buf->ptr;
	reader.end = buf->ptr + buf->len;
	if (!object(&reader) || reader.at != reader.end)
		return false;
	*ret_glance = glance;
	return true;
}
