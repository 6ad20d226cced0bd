/* SPDX-License-Identifier: MIT */
/* Tokens that are made: what is signed, read back. */
#include "livekit/mint.h"

#include <string.h>

#include "rows.h"

#include "token/base64url.h"

#define HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."

struct row {
	const char *name;
	struct jw_mint mint;
	const char *claims; /* NULL: none can be made */
};

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct row rows[] = {
	{"a grant",
	 {.issuer = "devkey",
	  .nbf = 1767323045,
	  .exp = 1767323165,
	  .grants = NAMES("roomList")},
	 "{\"iss\":\"devkey\",\"nbf\":1767323045,\"exp\":1767323165,\"video\":{\"roomList\":"
	 "true}}"},
	{"who joins a room, and what isn't allowed there",
	 {.issuer = "k",
	  .identity = "user1",
	  .room = "r",
	  .nbf = 1,
	  .exp = 2,
	  .grants = NAMES("roomJoin", "hidden"),
	  .denied = NAMES("canPublish")},
	 "{\"iss\":\"k\",\"sub\":\"user1\",\"nbf\":1,\"exp\":2,\"video\":{\"room\":\"r\","
	 "\"roomJoin\":true,\"hidden\":true,\"canPublish\":false}}"},
	{"no grant", {.issuer = "k"}, "{\"iss\":\"k\",\"nbf\":0,\"exp\":0,\"video\":{}}"},
	{"quotes and letters beyond ASCII",
	 {.issuer = "a\"b\\c",
	  .room = "Stra\xc3\x9f"
		  "e"},
	 "{\"iss\":\"a\\\"b\\\\c\",\"nbf\":0,\"exp\":0,\"video\":{\"room\":\"Stra\xc3\x9f"
	 "e\"}}"},
	{"an issuer that isn't UTF-8", {.issuer = "\xff"}, NULL},
	{"a room that isn't UTF-8", {.issuer = "k", .room = "\xff"}, NULL},
	{"an identity that isn't UTF-8", {.issuer = "k", .identity = "\xff"}, NULL},
};

static void is_made(void **state)
{
	const struct row *row = *state;
	jw_autobuf struct jw_buf token = JW_BUF(4096);
	jw_autobuf struct jw_buf claims = JW_BUF(4096);
	struct jw_str text;

	assert_int_equal(jw_mint_input(&row->mint, &token), row->claims != NULL);
	if (!row->claims)
		return;
	text = jw_buf_get(&token);
	assert_true(jw_str_starts(text, HEADER));
	assert_true(jw_base64url_decode(jw_str_from(text, strlen(HEADER)), &claims));
	assert_string_equal(claims.ptr, row->claims);
}

static void is_signed(void **state)
{
	static const unsigned char mac[32] = {0xff, 0xef};
	jw_autobuf struct jw_buf token = JW_BUF(4096);
	jw_autobuf struct jw_buf small = JW_BUF(40);

	(void)state;
	assert_true(jw_buf_text(&token, "a.b"));
	assert_true(jw_mint_signature(mac, &token));
	assert_string_equal(token.ptr, "a.b._-8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_false(jw_mint_signature(mac, &small));
}

static void has_no_room(void **state)
{
	const struct jw_mint mint = {.issuer = "k"};

	(void)state;
	for (size_t max = 0; max < 60; max++) {
		jw_autobuf struct jw_buf token = JW_BUF(max);

		assert_false(jw_mint_input(&mint, &token));
	}
}

int main(void)
{
	JW_ROWS(rows, is_made);
	JW_TEST(is_signed);
	JW_TEST(has_no_room);
	return rows_run();
}
