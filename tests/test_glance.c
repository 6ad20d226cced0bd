/* SPDX-License-Identifier: MIT */
/* A glance never says what a full decoding doesn't: over rows, and over payloads changed at random. */
#include "rows.h"

#include <string.h>

#include "livekit/grants.h"
#include "token/base64url.h"
#include "token/glance.h"

#define HEADER "eyJhbGciOiJIUzI1NiJ9"

enum taken { LEFT, TAKEN };

struct row {
	const char *name;
	const char *payload;
	enum taken taken;
};

#define LIVEKIT                                                                                \
	"{\"iss\":\"devkey\",\"sub\":\"user1\",\"iat\":1767225600,\"exp\":1767312000,"         \
	"\"video\":{\"room\":\"test-room\",\"roomJoin\":true,\"canPublishSources\":[\"mic\"]}" \
	"}"

static const struct row rows[] = {
	{"a token of LiveKit's", LIVEKIT, TAKEN},
	{"no claims", "{}", TAKEN},
	{"another token", "{\"iss\":\"https://example.org/\",\"exp\":1}", TAKEN},
	{"an issuer that is no text", "{\"iss\":7,\"exp\":1}", TAKEN},
	{"video is no object", "{\"video\":[{}],\"sip\":null}", TAKEN},
	{"sip", "{\"sip\":{}}", TAKEN},
	{"nested far", "{\"a\":[[[[{\"b\":{}}]]]]}", TAKEN},
	{"no expiry", "{\"iss\":\"x\"}", TAKEN},
	{"expiry with a fraction", "{\"exp\":1767312000.5}", LEFT},
	{"expiry as text", "{\"exp\":\"1767312000\"}", LEFT},
	{"expiry null", "{\"exp\":null}", LEFT},
	{"expiry in milliseconds", "{\"exp\":1767312000000}", LEFT},
	{"expiry before 1970", "{\"exp\":-1}", LEFT},
	{"a leading zero", "{\"exp\":01}", LEFT},
	{"a number of 20 digits", "{\"a\":12345678901234567890}", LEFT},
	{"two equal keys", "{\"a\":1,\"a\":2}", LEFT},
	{"two equal keys inside", "{\"video\":{\"a\":1,\"a\":2}}", LEFT},
	{"two issuers", "{\"iss\":\"a\",\"iss\":\"b\"}", LEFT},
	{"an escape", "{\"iss\":\"a\\u0062\"}", LEFT},
	{"an escaped key", "{\"\\u0065xp\":1}", LEFT},
	{"letters of the world", "{\"iss\":\"\xc3\xa4\"}", LEFT},
	{"not UTF-8", "{\"iss\":\"\xff\"}", LEFT},
	{"a line break in a text", "{\"iss\":\"a\nb\"}", LEFT},
	{"blanks", "{ \"exp\": 1}", LEFT},
	{"a comma too many", "{\"a\":1,}", LEFT},
	{"a list that isn't closed", "{\"a\":[1}", LEFT},
	{"a list", "[]", LEFT},
	{"a text", "\"exp\"", LEFT},
	{"nothing", "", LEFT},
	{"something behind", "{}{}", LEFT},
	{"a word", "{\"a\":truth}", LEFT},
	{"cut", "{\"iss\":\"devkey\"", LEFT},
};

static void make(struct jw_str payload, struct jw_buf *token)
{
	jw_buf_text(token, HEADER ".");
	jw_base64url_encode(payload, token);
	jw_buf_text(token, ".c2ln");
}

/* Where the glance takes it, decoding does too, and with the same claims. */
static bool agrees(struct jw_str token)
{
	jw_autobuf struct jw_buf buf = JW_BUF(JW_JWT_MAX);
	struct jw_arena arena = {0};
	struct jw_jwt jwt;
	struct jw_glance glance;

	if (!jw_glance(token, JW_STR(HEADER), &buf, &glance))
		return false;
	assert_int_equal(jw_jwt_decode(token, &arena, &jwt, NULL), JW_OK);
	assert_int_equal(jwt.notes, 0);
	assert_int_equal(glance.is_livekit, jw_grants_is_livekit(&jwt));
	assert_int_equal(glance.has_iss, jwt.iss != NULL);
	if (jwt.iss)
		assert_true(jw_str_is(glance.iss, jwt.iss));
	assert_int_equal(jwt.exp.is, glance.has_exp ? JW_CLAIM_VALID : JW_CLAIM_ABSENT);
	if (glance.has_exp)
		assert_int_equal(jwt.exp.seconds, glance.exp);
	jw_jwt_done(&jwt);
	jw_arena_done(&arena);
	return true;
}

static void glances(void **state)
{
	const struct row *row = *state;
	jw_autobuf struct jw_buf token = JW_BUF(JW_JWT_MAX);

	make(jw_str_of(row->payload), &token);
	assert_int_equal(agrees(jw_buf_get(&token)), row->taken == TAKEN);
}

struct token_row {
	const char *name;
	const char *token;
	enum taken taken;
};

static const struct token_row token_rows[] = {
	{"whole", HEADER ".e30.c2ln", TAKEN},
	{"another header", "eyJhbGciOiJIUzM4NCJ9.e30.c2ln", LEFT},
	{"a longer header", HEADER "A.e30.c2ln", LEFT},
	{"no signature", HEADER ".e30.", LEFT},
	{"two segments", HEADER ".e30", LEFT},
	{"the header alone", HEADER, LEFT},
	{"a part of the header", "eyJhbGci", LEFT},
	{"four segments", HEADER ".e30.c2ln.c2ln", LEFT},
	{"padding", HEADER ".e30=.c2ln", LEFT},
	{"padding of the signature", HEADER ".e30.c2k=", LEFT},
	{"a signature with bits too many", HEADER ".e30.c2l", LEFT},
	{"a signature of one character", HEADER ".e30.c", LEFT},
	{"a payload of one character", HEADER ".e.c2ln", LEFT},
	{"another character", HEADER ".e30.c2l+", LEFT},
	{"empty", "", LEFT},
};

static void glances_at_tokens(void **state)
{
	const struct token_row *row = *state;

	assert_int_equal(agrees(jw_str_of(row->token)), row->taken == TAKEN);
}

/* Bytes of JSON's own in place of others, and parts left out. */
static void change(char *text, size_t *len, unsigned *seed)
{
	static const char bytes[] = "{}[]\",:\\0129-+.eE truefalsnu\x01\x80\xc3";
	size_t at;

	*seed = *seed * 1103515245 + 12345;
	at = (*seed >> 16) % *len;
	*seed = *seed * 1103515245 + 12345;
	if (*seed >> 30) {
		text[at] = bytes[(*seed >> 16) % (sizeof(bytes) - 1)];
		return;
	}
	memmove(text + at, text + at + 1, *len - at - 1);
	--*len;
}

static void agrees_on_changed_payloads(void **state)
{
	unsigned seed = 1;
	size_t taken = 0;

	(void)state;
	for (size_t i = 0; i < 200000; i++) {
		jw_autobuf struct jw_buf token = JW_BUF(JW_JWT_MAX);
		char text[] = LIVEKIT;
		size_t len = sizeof(text) - 1;

		for (size_t changes = i % 4 + 1; changes; changes--)
			change(text, &len, &seed);
		make((struct jw_str){text, len}, &token);
		taken += agrees(jw_buf_get(&token));
	}
	assert_in_range(taken, 10000, 190000);
}

int main(void)
{
	JW_ROWS(rows, glances);
	JW_ROWS(token_rows, glances_at_tokens);
	JW_TEST(agrees_on_changed_payloads);
	return rows_run();
}
