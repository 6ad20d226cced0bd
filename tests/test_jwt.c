/* SPDX-License-Identifier: MIT */
/* A token taken apart: segments, header, claims, times at their edges, and what is tolerated on purpose. */
#include <string.h>

#include "rows.h"

#include "base/when.h"
#include "token/base64url.h"
#include "token/jwt.h"

#define HS256 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
/* The same, and {"sub":"a"}, encoded. */
#define H "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
#define P "eyJzdWIiOiJhIn0"
#define S "c2lnbmF0dXJl"

static struct jw_arena arena;

static const char *segment(struct jw_str bytes)
{
	jw_autobuf struct jw_buf buf = JW_BUF(1000000);

	assert_true(jw_base64url_encode(bytes, &buf));
	return jw_arena_text(&arena, jw_buf_get(&buf));
}

static struct jw_str token_of(const char *header, const char *payload)
{
	return jw_str_of(jw_arena_printf(&arena, "%s.%s." S, segment(jw_str_of(header)),
					 segment(jw_str_of(payload))));
}

static void decode(struct jw_str token, struct jw_jwt *jwt)
{
	struct jw_err err = {0};

	if (jw_jwt_decode(token, &arena, jwt, &err))
		fail_msg("refused: %s", err.text);
}

struct form {
	const char *name;
	const char *token;
	unsigned notes;
};

static const struct form forms[] = {
	{"as it should be", H "." P "." S, 0},
	{"newline behind", H "." P "." S "\n", JW_NOTE_SPACE},
	{"white space around", " \t\r\n" H "." P "." S "\r\n ", JW_NOTE_SPACE | JW_NOTE_BLANK},
	{"a blank in front", " " H "." P "." S, JW_NOTE_SPACE | JW_NOTE_BLANK},
	{"a tab behind the line's end", H "." P "." S "\n\t", JW_NOTE_SPACE | JW_NOTE_BLANK},
	{"the end of a line of DOS", H "." P "." S "\r\n", JW_NOTE_SPACE},
	{"Bearer in front", "Bearer " H "." P "." S, JW_NOTE_BEARER},
	{"bearer in lower case", "bearer " H "." P "." S, JW_NOTE_BEARER},
	{"BEARER, tabs and blanks", "BEARER \t " H "." P "." S, JW_NOTE_BEARER},
	{"Bearer and white space around", "\nBearer " H "." P "." S "\n",
	 JW_NOTE_SPACE | JW_NOTE_BEARER},
	{"padding behind the payload", H "." P "=." S, JW_NOTE_PADDING},
	{"padding behind all", H "=." P "==." S "====", JW_NOTE_PADDING},
	{"everything at once", " Bearer " H "=." P "=." S "= ",
	 JW_NOTE_SPACE | JW_NOTE_BLANK | JW_NOTE_BEARER | JW_NOTE_PADDING},
};

static void tolerates(void **state)
{
	const struct form *row = *state;
	struct jw_jwt jwt;

	decode(jw_str_of(row->token), &jwt);
	assert_int_equal(jwt.notes, row->notes);
	assert_true(jw_str_is(jwt.signing_input, H "." P));
	assert_true(jw_str_is(jwt.signature, "signature"));
	assert_string_equal(jwt.alg, "HS256");
	assert_string_equal(jwt.typ, "JWT");
	assert_string_equal(jwt.sub, "a");
	assert_null(jwt.kid);
	assert_null(jwt.iss);
	assert_null(jwt.jti);
	assert_int_equal(jwt.exp.is, JW_CLAIM_ABSENT);
	jw_jwt_done(&jwt);
	jw_jwt_done(&jwt);
}

struct refusal {
	const char *name;
	const char *token;
	const char *says;
};

static const struct refusal malformed[] = {
	{"nothing", "", "is empty"},
	{"only white space", " \n\t", "is empty"},
	{"only Bearer", "Bearer ", "has no dots"},
	{"Bearer without a gap", "Bearer" H "." P "." S, "header "},
	{"not a token", "hello", "has no dots"},
	{"only a header", H, "has no dots"},
	{"two segments", H "." P,
	 "has two segments instead of three; was its signature cut off?"},
	{"four segments", H "." P "." S "." S, "has 4 segments instead of three"},
	{"five segments", H ".a.b.c.d",
	 "is an encrypted token (a JWE, RFC 7516: five parts); its expiry can't be read"},
	{"six segments", H ".a.b.c.d.e", "has 6 segments instead of three"},
	{"only dots", "..", "header is empty"},
	{"no header", "." P "." S, "header is empty"},
	{"no payload", H ".." S, "payload is empty"},
	{"no signature", H "." P ".", "signature is empty"},
	{"padding alone as signature", H "." P ".==", "signature is empty"},
	{"+ in the signature", H "." P ".c2ln+A", "signature is base64, not base64url ('-'"},
	{"/ in the signature", H "." P ".c2ln/A", "signature is base64, not base64url"},
	{"blank in the payload", H ".eyJz dWIiOiJhIn0." S,
	 "payload has white space inside; was the token wrapped over lines? (byte 4)"},
	{"newline in the payload", H ".eyJzdWIi\r\nOiJhIn0." S,
	 "payload has white space inside"},
	{"= inside a segment", H ".eyJz=dWIiOiJhIn0." S,
	 "payload has a '=' in its middle (byte 4)"},
	{"quote around", "'" H "." P "." S "'", "header has a character that isn't base64url"},
	{"percent-encoded", H "%2E" P "." S "." S, "header has a character"},
	{"impossible length", H "." P ".c2lnb", "signature of 5 characters can't be base64url"},
	{"unused bits set", H "." P ".c2lnbn", "signature ends with bits that must be zero"},
	{"unused bits set in the payload", H ".eyJzdWIiOiJhIn1." S,
	 "payload ends with bits that must be zero"},
	{"header is no JSON", "aGVsbG8." P "." S, "header is no JSON (byte"},
	{"payload is no JSON", H ".aGVsbG8." S, "payload is no JSON (byte"},
	{"header is a list", "W10." P "." S, "header is JSON, but not an object"},
	{"payload is a list", H ".W10." S, "payload is JSON, but not an object"},
	{"payload is a text", H ".IngiCg." S, "payload is JSON, but not an object"},
	{"payload is a number", H ".NQ." S, "payload is JSON, but not an object"},
	{"payload is null", H ".bnVsbA." S, "payload is JSON, but not an object"},
};

static void refuses(void **state)
{
	const struct refusal *row = *state;
	struct jw_jwt jwt = {.notes = 77};
	struct jw_err err = {0};

	assert_int_equal(jw_jwt_decode(jw_str_of(row->token), &arena, &jwt, &err),
			 JW_TOKEN_MALFORMED);
	assert_int_equal(jwt.notes, 77);
	if (!strstr(err.text, row->says))
		assert_string_equal(err.text, row->says);
	assert_null(strstr(err.text, "eyJ"));
	assert_null(strstr(err.text, "c2ln"));
	assert_int_equal(jw_jwt_decode(jw_str_of(row->token), &arena, &jwt, NULL),
			 JW_TOKEN_MALFORMED);
}

struct content {
	const char *name;
	const char *header;
	const char *payload;
	enum jw_cause cause;
	const char *says;
};

static const struct content contents[] = {
	{"no typ", "{\"alg\":\"HS256\"}", "{}", JW_OK, ""},
	{"an alg nobody knows", "{\"alg\":\"XS1\"}", "{}", JW_OK, ""},
	{"an empty alg", "{\"alg\":\"\"}", "{}", JW_OK, ""},
	{"b64 true", "{\"alg\":\"HS256\",\"b64\":true}", "{}", JW_OK, ""},
	{"no alg", "{\"typ\":\"JWT\"}", "{}", JW_TOKEN_MALFORMED, "header has no \"alg\""},
	{"alg null", "{\"alg\":null}", "{}", JW_TOKEN_MALFORMED, "header has no \"alg\""},
	{"alg a number", "{\"alg\":256}", "{}", JW_TOKEN_MALFORMED, "header has no \"alg\""},
	{"alg with a NUL in its name", "{\"alg\\u0000\":\"HS256\"}", "{}", JW_TOKEN_MALFORMED,
	 "header has no \"alg\""},
	{"alg none", "{\"alg\":\"none\"}", "{}", JW_ALGORITHM_REFUSED, "alg is none"},
	{"alg None", "{\"alg\":\"None\"}", "{}", JW_ALGORITHM_REFUSED, "alg is none"},
	{"alg nOnE", "{\"alg\":\"nOnE\"}", "{}", JW_ALGORITHM_REFUSED, "alg is none"},
	{"alg none with a NUL is another", "{\"alg\":\"none\\u0000\"}", "{}", JW_OK, ""},
	{"crit", "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", "{}", JW_ALGORITHM_REFUSED,
	 "header has \"crit\""},
	{"crit empty", "{\"alg\":\"HS256\",\"crit\":[]}", "{}", JW_ALGORITHM_REFUSED,
	 "header has \"crit\""},
	{"crit null", "{\"alg\":\"HS256\",\"crit\":null}", "{}", JW_ALGORITHM_REFUSED,
	 "header has \"crit\""},
	{"b64 false", "{\"alg\":\"HS256\",\"b64\":false}", "{}", JW_ALGORITHM_REFUSED,
	 "header has \"b64\""},
	{"b64 as text", "{\"alg\":\"HS256\",\"b64\":\"true\"}", "{}", JW_ALGORITHM_REFUSED,
	 "header has \"b64\""},
	{"two alg", "{\"alg\":\"HS256\",\"alg\":\"none\"}", "{}", JW_TOKEN_MALFORMED,
	 "header holds two equal keys"},
	{"two exp", HS256, "{\"exp\":1,\"exp\":2}", JW_TOKEN_MALFORMED,
	 "payload holds two equal keys in one object; LiveKit may accept that"},
	{"two exp, one of them escaped", HS256, "{\"exp\":1,\"\\u0065\\u0078p\":2}",
	 JW_TOKEN_MALFORMED, "payload holds two equal keys"},
	{"bad UTF-8", HS256, "{\"name\":\"\xff\"}", JW_TOKEN_MALFORMED,
	 "payload holds bytes that are no UTF-8; LiveKit may accept that"},
	{"exp beside exp with a NUL", HS256, "{\"exp\\u0000\":1,\"exp\":2}", JW_OK, ""},
	{"32 deep", HS256,
	 "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", JW_OK, ""},
	{"33 deep", HS256,
	 "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
	 JW_TOKEN_MALFORMED, "payload is nested more than 32 deep"},
};

static void judges_content(void **state)
{
	const struct content *row = *state;
	struct jw_str token = token_of(row->header, row->payload);
	struct jw_jwt jwt = {0};
	struct jw_err err = {0};

	assert_int_equal(jw_jwt_decode(token, &arena, &jwt, &err), row->cause);
	if (!strstr(err.text, row->says))
		assert_string_equal(err.text, row->says);
	/* What is refused for its algorithm can be shown all the same. */
	assert_int_equal(json_is_object(jwt.payload), row->cause != JW_TOKEN_MALFORMED);
	jw_jwt_done(&jwt);
}

static void unsigned_token_can_be_shown(void **state)
{
	struct jw_str token = jw_str_of(
		jw_arena_printf(&arena, "%s." P ".", segment(jw_str_of("{\"alg\":\"none\"}"))));
	struct jw_jwt jwt = {0};

	(void)state;
	assert_int_equal(jw_jwt_decode(token, &arena, &jwt, NULL), JW_ALGORITHM_REFUSED);
	assert_string_equal(jwt.sub, "a");
	assert_int_equal(jwt.signature.len, 0);
	jw_jwt_done(&jwt);
}

static void reads_all_names(void **state)
{
	struct jw_jwt jwt;

	(void)state;
	decode(token_of("{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}",
			"{\"iss\":\"APIx\",\"sub\":\"me\",\"jti\":\"j\",\"exp\":4,\"nbf\":3,"
			"\"iat\":2}"),
	       &jwt);
	assert_string_equal(jwt.kid, "k1");
	assert_string_equal(jwt.typ, "at+jwt");
	assert_string_equal(jwt.iss, "APIx");
	assert_string_equal(jwt.sub, "me");
	assert_string_equal(jwt.jti, "j");
	assert_int_equal(jwt.exp.seconds, 4);
	assert_int_equal(jwt.nbf.seconds, 3);
	assert_int_equal(jwt.iat.seconds, 2);
	jw_jwt_done(&jwt);
	decode(token_of("{\"alg\":\"HS256\",\"kid\":1}", "{\"iss\":1,\"sub\":null,\"jti\":[]}"),
	       &jwt);
	assert_null(jwt.kid);
	assert_null(jwt.iss);
	assert_null(jwt.sub);
	assert_null(jwt.jti);
	jw_jwt_done(&jwt);
}

static void holds_dash_and_underscore(void **state)
{
	struct jw_str token = token_of(HS256, "{\"n\":\"\xc3\xbf\xc3\xbe?>~\",\"exp\":5}");
	struct jw_jwt jwt;

	(void)state;
	assert_true(jw_str_has(token, "_") && jw_str_has(token, "-"));
	decode(token, &jwt);
	assert_int_equal(jwt.exp.seconds, 5);
	jw_jwt_done(&jwt);
}

struct moment {
	const char *name;
	const char *exp;
	enum jw_claim is;
	int64_t seconds;
	const char *problem;
};

static const struct moment moments[] = {
	{"an integer", "1700000000", JW_CLAIM_VALID, 1700000000, NULL},
	{"a real", "1700000000.0", JW_CLAIM_VALID, 1700000000, NULL},
	{"a real is cut", "1700000000.999", JW_CLAIM_VALID, 1700000000, NULL},
	{"an exponent", "1.7e9", JW_CLAIM_VALID, 1700000000, NULL},
	{"zero", "0", JW_CLAIM_VALID, 0, NULL},
	{"minus one", "-1", JW_CLAIM_VALID, -1, NULL},
	{"a negative real is cut downwards", "-1.5", JW_CLAIM_VALID, -2, NULL},
	{"a negative whole real", "-2.0", JW_CLAIM_VALID, -2, NULL},
	{"minus zero", "-0.0", JW_CLAIM_VALID, 0, NULL},
	{"nearly nothing", "1e-400", JW_CLAIM_VALID, 0, NULL},
	{"first second of the year 1", "-62135596800", JW_CLAIM_VALID, INT64_C(-62135596800),
	 NULL},
	{"the second before the year 1", "-62135596801", JW_CLAIM_INVALID, 0,
	 "lies before the year 1"},
	{"half a second before the year 1", "-62135596800.5", JW_CLAIM_INVALID, 0,
	 "lies before the year 1"},
	{"last second of the year 9999", "253402300799", JW_CLAIM_VALID, JW_WHEN_MAX, NULL},
	{"last half second of 9999", "253402300799.5", JW_CLAIM_VALID, JW_WHEN_MAX, NULL},
	{"year 10000", "253402300800", JW_CLAIM_INVALID, 0, "lies beyond the year 9999"},
	{"year 10000 as a real", "253402300800.0", JW_CLAIM_INVALID, 0,
	 "lies beyond the year 9999"},
	{"milliseconds", "1700000000000", JW_CLAIM_INVALID, 0,
	 "is in milliseconds, not seconds"},
	{"milliseconds as a real", "1700000000000.25", JW_CLAIM_INVALID, 0,
	 "is in milliseconds, not seconds"},
	{"milliseconds, first of 2001", "978307200000", JW_CLAIM_INVALID, 0,
	 "is in milliseconds, not seconds"},
	{"just before 2001 in milliseconds", "978307199999", JW_CLAIM_INVALID, 0,
	 "lies beyond the year 9999"},
	{"milliseconds, last of 2200", "7289654399999", JW_CLAIM_INVALID, 0,
	 "is in milliseconds, not seconds"},
	{"2201 in milliseconds", "7289654400000", JW_CLAIM_INVALID, 0,
	 "lies beyond the year 9999"},
	{"microseconds", "1700000000000000", JW_CLAIM_INVALID, 0, "lies beyond the year 9999"},
	{"2^53 + 1", "9007199254740993", JW_CLAIM_INVALID, 0, "lies beyond the year 9999"},
	{"2^63 - 1", "9223372036854775807", JW_CLAIM_INVALID, 0, "lies beyond the year 9999"},
	{"2^63", "9223372036854775808", JW_CLAIM_INVALID, 0, "lies beyond the year 9999"},
	{"-2^63", "-9223372036854775808", JW_CLAIM_INVALID, 0, "lies before the year 1"},
	{"-2^63 - 1", "-9223372036854775809", JW_CLAIM_INVALID, 0, "lies before the year 1"},
	{"2^63 as a real", "9.223372036854775808e18", JW_CLAIM_INVALID, 0,
	 "lies beyond the year 9999"},
	{"forty digits", "1234567890123456789012345678901234567890", JW_CLAIM_INVALID, 0,
	 "lies beyond the year 9999"},
	{"1e400", "1e400", JW_CLAIM_INVALID, 0, "lies beyond the year 9999"},
	{"-1e400", "-1e400", JW_CLAIM_INVALID, 0, "lies before the year 1"},
	{"true", "true", JW_CLAIM_INVALID, 0, "is true or false, not a number"},
	{"false", "false", JW_CLAIM_INVALID, 0, "is true or false, not a number"},
	{"a list", "[1700000000]", JW_CLAIM_INVALID, 0, "is a list, not a number"},
	{"an object", "{}", JW_CLAIM_INVALID, 0, "is an object, not a number"},
	{"text", "\"tomorrow\"", JW_CLAIM_INVALID, 0, "is text, not a number"},
	{"empty text", "\"\"", JW_CLAIM_INVALID, 0, "is text, not a number"},
	{"a number as text", "\"1700000000\"", JW_CLAIM_INVALID, 0,
	 "is a number written as text, in quotes"},
};

static void assert_moment(const struct jw_time_claim *claim, const struct moment *row)
{
	assert_int_equal(claim->is, row->is);
	assert_true(claim->seconds == row->seconds);
	if (row->problem)
		assert_string_equal(claim->problem, row->problem);
	else
		assert_null(claim->problem);
}

/* Go reads a null nbf or iat as none; a null exp was meant to be an end. */
static void null_times(void **state)
{
	struct jw_jwt jwt;

	(void)state;
	decode(token_of(HS256, "{\"exp\":null,\"nbf\":null,\"iat\":null}"), &jwt);
	assert_int_equal(jwt.exp.is, JW_CLAIM_INVALID);
	assert_string_equal(jwt.exp.problem, "is null, not a number");
	assert_int_equal(jwt.nbf.is, JW_CLAIM_ABSENT);
	assert_int_equal(jwt.iat.is, JW_CLAIM_ABSENT);
	jw_jwt_done(&jwt);
}

static void reads_times(void **state)
{
	const struct moment *row = *state;
	const char *payload = jw_arena_printf(&arena, "{\"exp\":%s,\"nbf\":%s,\"iat\":%s}",
					      row->exp, row->exp, row->exp);
	struct jw_jwt jwt;

	decode(token_of(HS256, payload), &jwt);
	assert_moment(&jwt.exp, row);
	assert_moment(&jwt.nbf, row);
	assert_moment(&jwt.iat, row);
	jw_jwt_done(&jwt);
}

struct audience {
	const char *name;
	const char *payload;
	bool has;
};

static const struct audience audiences[] = {
	{"a text", "{\"aud\":\"me\"}", true},
	{"another text", "{\"aud\":\"you\"}", false},
	{"the start of a text", "{\"aud\":\"me too\"}", false},
	{"in a list", "{\"aud\":[\"you\",5,\"me\"]}", true},
	{"not in a list", "{\"aud\":[\"you\",null]}", false},
	{"an empty list", "{\"aud\":[]}", false},
	{"absent", "{}", false},
	{"a number", "{\"aud\":5}", false},
	{"an object", "{\"aud\":{\"me\":\"me\"}}", false},
	{"with a NUL behind", "{\"aud\":\"me\\u0000\"}", false},
};

static void knows_audience(void **state)
{
	const struct audience *row = *state;
	struct jw_jwt jwt;

	decode(token_of(HS256, row->payload), &jwt);
	assert_int_equal(jw_jwt_has_audience(&jwt, "me"), row->has);
	jw_jwt_done(&jwt);
}

struct lifetime {
	const char *name;
	const char *payload;
	int64_t seconds; /* -1: unknown */
};

static const struct lifetime lifetimes[] = {
	{"exp and iat", "{\"exp\":100,\"iat\":40}", 60},
	{"exp and nbf", "{\"exp\":100,\"nbf\":30}", 70},
	{"iat goes before nbf", "{\"exp\":100,\"iat\":40,\"nbf\":30}", 60},
	{"iat is no number", "{\"exp\":100,\"iat\":null,\"nbf\":30}", 70},
	{"only exp", "{\"exp\":100}", -1},
	{"no exp", "{\"iat\":40}", -1},
	{"exp is no number", "{\"exp\":\"100\",\"iat\":40}", -1},
	{"nothing", "{\"exp\":40,\"iat\":40}", -1},
	{"exp before iat", "{\"exp\":40,\"iat\":41}", -1},
	{"nine thousand years", "{\"exp\":253402300799,\"iat\":-62135596800}",
	 INT64_C(315537897599)},
};

static void knows_lifetime(void **state)
{
	const struct lifetime *row = *state;
	int64_t seconds = -1;
	struct jw_jwt jwt;

	decode(token_of(HS256, row->payload), &jwt);
	assert_int_equal(jw_jwt_lifetime(&jwt, &seconds), row->seconds >= 0);
	assert_true(seconds == row->seconds);
	jw_jwt_done(&jwt);
}

static struct jw_str token_of_length(size_t len)
{
	char *token = jw_arena_alloc(&arena, len + 1);

	memset(token, 'A', len);
	memcpy(token, H "." P ".", sizeof(H "." P ".") - 1);
	return (struct jw_str){token, len};
}

static void keeps_to_the_size(void **state)
{
	struct jw_err err = {0};
	struct jw_jwt jwt;
	enum jw_cause cause;

	(void)state;
	decode(token_of_length(JW_JWT_MAX), &jwt);
	jw_jwt_done(&jwt);
	cause = jw_jwt_decode(token_of_length(JW_JWT_MAX + 1), &arena, &jwt, &err);
	assert_int_equal(cause, JW_TOKEN_MALFORMED);
	assert_string_equal(err.text, "is 65537 bytes or more; at most 65536 are looked at");
}

/* The decoder reads no byte behind the slice. */
static void needs_no_nul(void **state)
{
	static const char token[] = H "." P "." S;
	char *copy = malloc(sizeof(token) - 1);
	struct jw_jwt jwt;

	(void)state;
	memcpy(copy, token, sizeof(token) - 1);
	decode((struct jw_str){copy, sizeof(token) - 1}, &jwt);
	free(copy);
	assert_true(jw_str_is(jwt.signing_input, H "." P));
	assert_string_equal(jwt.sub, "a");
	jw_jwt_done(&jwt);
}

int main(void)
{
	int failed;

	JW_ROWS(forms, tolerates);
	JW_ROWS(malformed, refuses);
	JW_ROWS(contents, judges_content);
	JW_TEST(unsigned_token_can_be_shown);
	JW_TEST(reads_all_names);
	JW_TEST(holds_dash_and_underscore);
	JW_ROWS(moments, reads_times);
	JW_TEST(null_times);
	JW_ROWS(audiences, knows_audience);
	JW_ROWS(lifetimes, knows_lifetime);
	JW_TEST(keeps_to_the_size);
	JW_TEST(needs_no_nul);
	failed = rows_run();
	jw_arena_done(&arena);
	return failed;
}
