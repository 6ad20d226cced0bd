/* SPDX-License-Identifier: MIT */
/* A JSON Web Token in JWS compact serialization (RFC 7515 section 7.1, RFC 7519), taken apart. */
#include "token/jwt.h"

#include <string.h>

#include "base/buf.h"
#include "base/when.h"
#include "token/base64url.h"
#include "token/json.h"

/* 0001-01-01T00:00:00Z. */
#define FIRST_SECOND INT64_C(-62135596800)
/* 2001-01-01 and 2201-01-01: a time claim that lies between them once divided by 1000 was milliseconds. */
#define MILLIS_FROM INT64_C(978307200000)
#define MILLIS_UNTIL INT64_C(7289654400000)

#define SEGMENTS 3
/* RFC 7516 section 7.1. */
#define JWE_SEGMENTS 5

struct segment {
	const char *name;
	struct jw_str text; /* without padding */
};

static struct jw_str without_bearer(struct jw_str token, unsigned *notes)
{
	static const char bearer[] = "Bearer";
	struct jw_str rest = jw_str_from(token, sizeof(bearer) - 1);
	struct jw_str trimmed = jw_str_trim(rest);

	if (!jw_str_is_nocase(jw_str_head(token, sizeof(bearer) - 1), bearer) ||
	    trimmed.len == rest.len)
		return token;
	*notes |= JW_NOTE_BEARER;
	return trimmed;
}

static bool has_blank(struct jw_str token, struct jw_str trimmed)
{
	size_t front = trimmed.len ? (size_t)(trimmed.ptr - token.ptr) : token.len;

	for (size_t i = 0; i < token.len; i++) {
		if (i == front)
			i += trimmed.len;
		if (i < token.len && (token.ptr[i] == ' ' || token.ptr[i] == '\t'))
			return true;
	}
	return false;
}

static struct jw_str without_surroundings(struct jw_str token, unsigned *notes)
{
	struct jw_str trimmed = jw_str_trim(token);

	if (trimmed.len < token.len)
		*notes |= JW_NOTE_SPACE;
	if (has_blank(token, trimmed))
		*notes |= JW_NOTE_BLANK;
	return without_bearer(trimmed, notes);
}

static struct jw_str without_padding(struct jw_str s, unsigned *notes)
{
	while (s.len && s.ptr[s.len - 1] == '=') {
		s.len--;
		*notes |= JW_NOTE_PADDING;
	}
	return s;
}

static size_t count_segments(struct jw_str token)
{
	size_t count = 1;

	for (size_t i = 0; i < token.len; i++)
		count += token.ptr[i] == '.';
	return count;
}

static enum jw_cause refuse_count(size_t count, struct jw_err *err)
{
	if (count == 1)
		return jw_fail(
			err, JW_TOKEN_MALFORMED,
			"has no dots; a token is three segments with a dot between each");
	if (count == 2)
		return jw_fail(err, JW_TOKEN_MALFORMED,
			       "has two segments instead of three; was its signature cut off?");
	if (count == JWE_SEGMENTS)
		return jw_fail(
			err, JW_TOKEN_MALFORMED,
			"is an encrypted token (a JWE, RFC 7516: five parts); its expiry "
			"can't be read without its key, and LiveKit takes signed tokens "
			"only");
	return jw_fail(err, JW_TOKEN_MALFORMED, "has %zu segments instead of three", count);
}

static enum jw_cause split(struct jw_str token, struct segment segments[SEGMENTS],
			   unsigned *notes, struct jw_err *err)
{
	static const char *const names[SEGMENTS] = {"header", "payload", "signature"};
	struct jw_str rest = token;

	if (!token.len)
		return jw_fail(err, JW_TOKEN_MALFORMED, "is empty");
	if (token.len > JW_JWT_MAX)
		return jw_fail(err, JW_TOKEN_MALFORMED,
			       "is %zu bytes or more; at most %zu are looked at", token.len,
			       JW_JWT_MAX);
	if (count_segments(token) != SEGMENTS)
		return refuse_count(count_segments(token), err);
	for (size_t i = 0; i < SEGMENTS; i++) {
		struct jw_str part = rest;

		jw_str_cut(rest, '.', &part, &rest);
		segments[i].name = names[i];
		segments[i].text = without_padding(part, notes);
	}
	return JW_OK;
}

static const char *words_for_char(char c)
{
	if (c == '+' || c == '/')
		return "is base64, not base64url ('-' and '_' in place of '+' and '/')";
	if (c == '=')
		return "has a '=' in its middle";
	if (jw_str_trim((struct jw_str){&c, 1}).len == 0)
		return "has white space inside; was the token wrapped over lines?";
	return "has a character that isn't base64url";
}

static enum jw_cause refuse_base64url(const struct segment *segment, struct jw_err *err)
{
	struct jw_str s = segment->text;

	for (size_t i = 0; i < s.len; i++)
		if (!jw_base64url_is_char(s.ptr[i]))
			return jw_fail(err, JW_TOKEN_MALFORMED, "%s %s (byte %zu)",
				       segment->name, words_for_char(s.ptr[i]), i);
	if (s.len % 4 == 1)
		return jw_fail(err, JW_TOKEN_MALFORMED,
			       "%s of %zu characters can't be base64url; was it cut?",
			       segment->name, s.len);
	return jw_fail(err, JW_TOKEN_MALFORMED,
		       "%s ends with bits that must be zero; was it cut or changed?",
		       segment->name);
}

static enum jw_cause decode(const struct segment *segment, struct jw_buf *buf,
			    struct jw_err *err)
{
	jw_buf_clear(buf);
	if (!jw_base64url_decode(segment->text, buf))
		return refuse_base64url(segment, err);
	return JW_OK;
}

static enum jw_cause read_object(const struct segment *segment, struct jw_buf *buf,
				 json_t **ret_json, struct jw_err *err)
{
	json_t *json = NULL;
	enum jw_cause cause = decode(segment, buf, err);

	if (cause)
		return cause;
	cause = jw_json_parse(jw_buf_get(buf), &json, err);
	if (cause) {
		/* Not jw_err_in: the name and its verb make one sentence. */
		struct jw_err inner = err ? *err : (struct jw_err){0};

		return jw_fail(err, cause, "%s %s", segment->name, inner.text);
	}
	if (!json_is_object(json)) {
		json_decref(json);
		return jw_fail(err, JW_TOKEN_MALFORMED, "%s is JSON, but not an object",
			       segment->name);
	}
	*ret_json = json;
	return JW_OK;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static const char *problem_of_type(const json_t *value)
{
	uint64_t n;

	switch (json_typeof(value)) {
	case JSON_STRING:
		if (jw_str_u64(jw_str_of(json_string_value(value)), UINT64_MAX, &n))
			return "is a number written as text, in quotes";
		return "is text, not a number";
	case JSON_NULL:
		return "is null, not a number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "is true or false, not a number";
	case JSON_ARRAY:
		return "is a list, not a number";
	default:
		return "is an object, not a number";
	}
}

static struct jw_time_claim invalid(const char *problem)
{
	return (struct jw_time_claim){.is = JW_CLAIM_INVALID, .problem = problem};
}

static struct jw_time_claim time_of_seconds(int64_t seconds)
{
	if (seconds >= MILLIS_FROM && seconds < MILLIS_UNTIL)
		return invalid("is in milliseconds, not seconds");
	if (seconds > JW_WHEN_MAX)
		return invalid("lies beyond the year 9999");
	if (seconds < FIRST_SECOND)
		return invalid("lies before the year 1");
	return (struct jw_time_claim){.is = JW_CLAIM_VALID, .seconds = seconds};
}

static int64_t floor_of(double value)
{
	int64_t whole = (int64_t)value;

	return (double)whole > value ? whole - 1 : whole;
}

static struct jw_time_claim time_of_real(double value)
{
	/* Only a value between these can become an int64_t. */
	if (value >= (double)MILLIS_UNTIL)
		return invalid("lies beyond the year 9999");
	if (value < (double)FIRST_SECOND)
		return invalid("lies before the year 1");
	return time_of_seconds(floor_of(value));
}

/* For servers a null is as good as none. A null exp isn't let off: somebody meant it to be a time. */
static struct jw_time_claim time_of(const json_t *payload, const char *key)
{
	const json_t *value = json_object_get(payload, key);
	bool is_null_absent = strcmp(key, "exp") != 0;

	if (!value || (is_null_absent && json_is_null(value)))
		return (struct jw_time_claim){.is = JW_CLAIM_ABSENT};
	if (json_is_integer(value))
		return time_of_seconds(json_integer_value(value));
	if (json_is_real(value))
		return time_of_real(json_real_value(value));
	return invalid(problem_of_type(value));
}

static struct jw_str join_input(const struct segment segments[SEGMENTS], struct jw_arena *arena)
{
	struct jw_str header = segments[0].text;
	struct jw_str payload = segments[1].text;
	char *input = jw_arena_alloc(arena, header.len + 1 + payload.len + 1);

	memcpy(input, header.ptr, header.len);
	input[header.len] = '.';
	memcpy(input + header.len + 1, payload.ptr, payload.len);
	return (struct jw_str){input, header.len + 1 + payload.len};
}

static void read_claims(struct jw_jwt *jwt)
{
	jwt->alg = text_of(jwt->header, "alg");
	jwt->kid = text_of(jwt->header, "kid");
	jwt->typ = text_of(jwt->header, "typ");
	jwt->iss = text_of(jwt->payload, "iss");
	jwt->sub = text_of(jwt->payload, "sub");
	jwt->jti = text_of(jwt->payload, "jti");
	jwt->exp = time_of(jwt->payload, "exp");
	jwt->nbf = time_of(jwt->payload, "nbf");
	jwt->iat = time_of(jwt->payload, "iat");
}

static bool is_none(const char *alg)
{
	return jw_str_is_nocase(jw_str_of(alg), "none");
}

/* Malformed, though each segment is well-formed by itself. */
static enum jw_cause check_whole(const struct jw_jwt *jwt, struct jw_err *err)
{
	if (!jwt->alg)
		return jw_fail(err, JW_TOKEN_MALFORMED, "header has no \"alg\" that is text");
	if (!jwt->signature.len && !is_none(jwt->alg))
		return jw_fail(err, JW_TOKEN_MALFORMED,
			       "signature is empty, though the header says that there is one");
	return JW_OK;
}

static enum jw_cause check_algorithm(const struct jw_jwt *jwt, struct jw_err *err)
{
	const json_t *b64 = json_object_get(jwt->header, "b64");

	if (is_none(jwt->alg))
		return jw_fail(
			err, JW_ALGORITHM_REFUSED,
			"alg is none: the token isn't signed, anyone could have made it");
	if (json_object_get(jwt->header, "crit"))
		return jw_fail(err, JW_ALGORITHM_REFUSED,
			       "header has \"crit\": it demands an extension, and none is "
			       "understood here");
	if (b64 && !json_is_true(b64))
		return jw_fail(err, JW_ALGORITHM_REFUSED,
			       "header has \"b64\" that isn't true: an unencoded payload "
			       "(RFC 7797) is not understood here");
	return JW_OK;
}

/* Fills jwt->header and jwt->payload as far as it gets; the caller drops them on failure. */
static enum jw_cause decode_segments(const struct segment segments[SEGMENTS],
				     struct jw_arena *arena, struct jw_jwt *jwt,
				     struct jw_err *err)
{
	jw_autobuf struct jw_buf buf = JW_BUF(JW_JWT_MAX);
	enum jw_cause cause;

	cause = read_object(&segments[0], &buf, &jwt->header, err);
	if (cause)
		return cause;
	cause = read_object(&segments[1], &buf, &jwt->payload, err);
	if (cause)
		return cause;
	cause = decode(&segments[2], &buf, err);
	if (cause)
		return cause;
	jwt->signature = jw_arena_str(arena, jw_buf_get(&buf));
	read_claims(jwt);
	return check_whole(jwt, err);
}

enum jw_cause jw_jwt_decode(struct jw_str token, struct jw_arena *arena, struct jw_jwt *ret_jwt,
			    struct jw_err *err)
{
	struct jw_jwt jwt = {0};
	struct segment segments[SEGMENTS];
	struct jw_str bare = without_surroundings(token, &jwt.notes);
	enum jw_cause cause = split(bare, segments, &jwt.notes, err);

	if (cause)
		return cause;
	cause = decode_segments(segments, arena, &jwt, err);
	if (cause) {
		jw_jwt_done(&jwt);
		return cause;
	}
	jwt.signing_input = join_input(segments, arena);
	*ret_jwt = jwt;
	return check_algorithm(&jwt, err);
}

void jw_jwt_done(struct jw_jwt *jwt)
{
	json_decref(jwt->header);
	json_decref(jwt->payload);
	*jwt = (struct jw_jwt){0};
}

bool jw_jwt_is_encrypted(struct jw_str token)
{
	return count_segments(token) == JWE_SEGMENTS;
}

bool jw_jwt_has_audience(const struct jw_jwt *jwt, const char *audience)
{
	const json_t *aud = json_object_get(jwt->payload, "aud");
	const char *text = json_string_value(aud);
	size_t i;
	json_t *item;

	if (text)
		return !strcmp(text, audience);
	json_array_foreach(aud, i, item)
	{
		text = json_string_value(item);
		if (text && !strcmp(text, audience))
			return true;
	}
	return false;
}

size_t jw_jwt_audiences(const struct jw_jwt *jwt, size_t max, const char **ret_texts)
{
	const json_t *aud = json_object_get(jwt->payload, "aud");
	size_t count = json_array_size(aud);

	if (json_is_string(aud)) {
		ret_texts[0] = json_string_value(aud);
		return 1;
	}
	for (size_t i = 0; i < count && i < max; i++)
		ret_texts[i] = json_string_value(json_array_get(aud, i));
	return count;
}

bool jw_jwt_lifetime(const struct jw_jwt *jwt, int64_t *ret_seconds)
{
	const struct jw_time_claim *start =
		jwt->iat.is == JW_CLAIM_VALID ? &jwt->iat : &jwt->nbf;

	if (jwt->exp.is != JW_CLAIM_VALID || start->is != JW_CLAIM_VALID ||
	    jwt->exp.seconds <= start->seconds)
		return false;
	*ret_seconds = jwt->exp.seconds - start->seconds;
	return true;
}
