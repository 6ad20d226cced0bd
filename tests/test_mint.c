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

struct based {
	struct row row;
	const char *base; /* the claims of an older token */
};

#define OLD                                                                                    \
	"{\"iss\":\"old\",\"sub\":\"user1\",\"jti\":\"n1\",\"iat\":5,\"nbf\":5,\"exp\":9,"     \
	"\"name\":\"N\",\"metadata\":\"M\",\"attributes\":{\"a\":\"b\"},"                      \
	"\"video\":{\"room\":\"r\",\"roomJoin\":true,\"hidden\":true,\"canPublish\":false},"   \
	"\"sip\":{\"call\":true},\"roomConfig\":{\"egress\":{\"x\":{}},\"name\":\"c\"},"       \
	"\"own\":[1]}"

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
	{"no grant", {.issuer = "k"}, "{\"iss\":\"k\",\"nbf\":0,\"exp\":0}"},
	{"quotes and letters beyond ASCII",
	 {.issuer = "a\"b\\c",
	  .room = "Stra\xc3\x9f"
		  "e"},
	 "{\"iss\":\"a\\\"b\\\\c\",\"nbf\":0,\"exp\":0,\"video\":{\"room\":\"Stra\xc3\x9f"
	 "e\"}}"},
	{"grants of other claims",
	 {.issuer = "k",
	  .grants = NAMES("sip.admin", "agent.admin"),
	  .denied = NAMES("sip.call")},
	 "{\"iss\":\"k\",\"nbf\":0,\"exp\":0,\"sip\":{\"admin\":true,\"call\":false},\"agent\":"
	 "{"
	 "\"admin\":true}}"},
	{"name, metadata, attributes",
	 {.issuer = "k",
	  .name = "N",
	  .metadata = "{}",
	  .attributes = (const struct jw_mint_attribute[]){{"a b", "c"}, {NULL, NULL}}},
	 "{\"iss\":\"k\",\"nbf\":0,\"exp\":0,\"name\":\"N\",\"metadata\":\"{}\",\"attributes\":"
	 "{"
	 "\"a b\":\"c\"}}"},
	{"another room, sources, agents",
	 {.issuer = "k",
	  .destination_room = "d",
	  .publish_sources = NAMES("camera", "microphone"),
	  .agents = NAMES("bob")},
	 "{\"iss\":\"k\",\"nbf\":0,\"exp\":0,\"video\":{\"destinationRoom\":\"d\","
	 "\"canPublishSources\":[\"camera\",\"microphone\"]},\"roomConfig\":{\"agents\":[{"
	 "\"agentName\":\"bob\"}]}}"},
	{"a name that isn't UTF-8", {.issuer = "k", .name = "\xff"}, NULL},
	{"an attribute that isn't UTF-8",
	 {.issuer = "k",
	  .attributes = (const struct jw_mint_attribute[]){{"a", "\xff"}, {NULL, NULL}}},
	 NULL},
	{"an agent that isn't UTF-8", {.issuer = "k", .agents = NAMES("\xff")}, NULL},
	{"an issuer that isn't UTF-8", {.issuer = "\xff"}, NULL},
	{"a room that isn't UTF-8", {.issuer = "k", .room = "\xff"}, NULL},
	{"an identity that isn't UTF-8", {.issuer = "k", .identity = "\xff"}, NULL},
};

static const struct based olds[] = {
	{{"as an older one, but for its times, its number and who signs",
	  {.issuer = "new", .nbf = 10, .exp = 20},
	  "{\"iss\":\"new\",\"sub\":\"user1\",\"nbf\":10,\"exp\":20,\"name\":\"N\","
	  "\"metadata\":\"M\","
	  "\"attributes\":{\"a\":\"b\"},\"video\":{\"room\":\"r\",\"roomJoin\":true,\"hidden\":"
	  "true,"
	  "\"canPublish\":false},\"sip\":{\"call\":true},\"roomConfig\":{\"egress\":{\"x\":{}},"
	  "\"name\":"
	  "\"c\"},\"own\":[1]}"},
	 OLD},
	{{"as an older one, with other grants alone",
	  {.issuer = "new", .nbf = 10, .exp = 20, .grants = NAMES("roomJoin")},
	  "{\"iss\":\"new\",\"sub\":\"user1\",\"nbf\":10,\"exp\":20,\"name\":\"N\","
	  "\"metadata\":\"M\","
	  "\"attributes\":{\"a\":\"b\"},\"roomConfig\":{\"name\":\"c\"},\"own\":[1],\"video\":{"
	  "\"room\":\"r\",\"roomJoin\":true}}"},
	 OLD},
	{{"as an older one, for somebody else elsewhere",
	  {.issuer = "new",
	   .identity = "i",
	   .room = "q",
	   .name = "P",
	   .nbf = 10,
	   .exp = 20,
	   .attributes = (const struct jw_mint_attribute[]){{NULL, NULL}}},
	  "{\"iss\":\"new\",\"exp\":20,\"video\":{\"room\":\"q\"},\"sub\":\"i\",\"nbf\":10,"
	  "\"name\":\"P\",\"attributes\":{}}"},
	 "{\"iss\":\"old\",\"jti\":\"u\",\"exp\":9,\"video\":{\"room\":\"r\"}}"},
	{{"as an older one whose identity is its number",
	  {.issuer = "new", .nbf = 10, .exp = 20},
	  "{\"iss\":\"new\",\"exp\":20,\"sub\":\"u\",\"nbf\":10}"},
	 "{\"iss\":\"old\",\"jti\":\"u\",\"exp\":9}"},
	{{"as an older one that is written otherwise than ours",
	  {.issuer = "k", .room = "r", .nbf = 1, .exp = 2},
	  "{\"video\":{\"room\":\"r\"},\"iss\":\"k\",\"nbf\":1,\"exp\":2}"},
	 "{\"video\":7}"},
};

static void check(const struct row *row, const struct jw_mint *mint)
{
	jw_autobuf struct jw_buf token = JW_BUF(4096);
	jw_autobuf struct jw_buf claims = JW_BUF(4096);
	struct jw_str text;

	assert_int_equal(jw_mint_input(mint, &token), row->claims != NULL);
	if (!row->claims)
		return;
	text = jw_buf_get(&token);
	assert_true(jw_str_starts(text, HEADER));
	assert_true(jw_base64url_decode(jw_str_from(text, strlen(HEADER)), &claims));
	assert_string_equal(claims.ptr, row->claims);
}

static void is_made(void **state)
{
	const struct row *row = *state;

	check(row, &row->mint);
}

static void is_as_before(void **state)
{
	const struct based *old = *state;
	struct jw_mint mint = old->row.mint;
	json_t *base = json_loads(old->base, 0, NULL);

	assert_non_null(base);
	mint.base = base;
	check(&old->row, &mint);
	json_decref(base);
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
	JW_ROWS(olds, is_as_before);
	JW_TEST(is_signed);
	JW_TEST(has_no_room);
	return rows_run();
}
