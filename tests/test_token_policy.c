/* SPDX-License-Identifier: MIT */
/* The policy of the token API: who may ask, what is given, what is refused and with which words. */
#include "core/token_policy.h"

#include <string.h>

#include "rows.h"

#include "core/rate.h"

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A256 A64 A64 A64 A64
#define LOCAL "127.0.0.1:9788"
#define JSON "application/json"

static const struct jw_token_made_up made_up = {"0123456789abcdef", "fedcba9876543210"};

static const struct jw_token_api strict = {
	.key = "livekit",
	.url = "ws://localhost:7880",
	.rooms = NAMES("test-room", "voice-*"),
	.identities = NAMES("user*"),
	.ttl = 6 * 3600,
	.max_ttl = 24 * 3600,
	.grants = NAMES("roomJoin"),
	.choices = NAMES("name"),
	.origins = NAMES("https://voice.example.org", "http://localhost:3000"),
	.rate = 60,
};

/* Who asks */

#define GET .method = JW_METHOD_GET
#define POST .method = JW_METHOD_POST, .content_type = JSON

static const struct caller_row {
	const char *name;
	struct jw_token_request request;
	enum jw_token_reason reason;
	int status;
} caller_rows[] = {
	{"a loopback address", {GET, .host = LOCAL}, JW_TOKEN_GIVEN, 0},
	{"another loopback address", {GET, .host = "127.9.8.7:80"}, JW_TOKEN_GIVEN, 0},
	{"the loopback address of IPv6", {GET, .host = "[::1]:9788"}, JW_TOKEN_GIVEN, 0},
	{"localhost without a port", {GET, .host = "LocalHost"}, JW_TOKEN_GIVEN, 0},
	{"the host of a listed origin", {GET, .host = "voice.example.org"}, JW_TOKEN_GIVEN, 0},
	{"the same with the port that https has",
	 {GET, .host = "voice.example.org:443"},
	 JW_TOKEN_GIVEN,
	 0},
	{"another name of ours", {GET, .host = "proxied:8443"}, JW_TOKEN_GIVEN, 0},
	{"the host of a listed origin, another port",
	 {GET, .host = "voice.example.org:8443"},
	 JW_TOKEN_BY_HOST,
	 421},
	{"a name that was made to point here",
	 {GET, .host = "evil.example:9788"},
	 JW_TOKEN_BY_HOST,
	 421},
	{"a name that begins like ours",
	 {GET, .host = "127.0.0.1.evil.example"},
	 JW_TOKEN_BY_HOST,
	 421},
	{"a name that ends like ours", {GET, .host = "notlocalhost"}, JW_TOKEN_BY_HOST, 421},
	{"localhost of somebody",
	 {GET, .host = "localhost.evil.example"},
	 JW_TOKEN_BY_HOST,
	 421},
	{"an address of another network", {GET, .host = "192.168.0.1"}, JW_TOKEN_BY_HOST, 421},
	{"an address with too few parts", {GET, .host = "127.1"}, JW_TOKEN_BY_HOST, 421},
	{"an address with an octal part", {GET, .host = "127.0.0.01"}, JW_TOKEN_BY_HOST, 421},
	{"an address out of bounds", {GET, .host = "127.0.0.256"}, JW_TOKEN_BY_HOST, 421},
	{"any address", {GET, .host = "0.0.0.0:9788"}, JW_TOKEN_BY_HOST, 421},
	{"a path in the host", {GET, .host = "localhost/x"}, JW_TOKEN_BY_HOST, 421},
	{"a user in the host", {GET, .host = "localhost@evil.example"}, JW_TOKEN_BY_HOST, 421},
	{"a fragment in the host", {GET, .host = "localhost#evil"}, JW_TOKEN_BY_HOST, 421},
	{"an empty host", {GET, .host = ""}, JW_TOKEN_BY_HOST, 421},
	{"no host", {GET, .host = NULL}, JW_TOKEN_BY_HOST, 421},

	{"a listed origin",
	 {GET, .host = LOCAL, .origin = "https://voice.example.org"},
	 JW_TOKEN_GIVEN,
	 0},
	{"a listed origin with a port",
	 {POST, .host = LOCAL, .origin = "http://localhost:3000"},
	 JW_TOKEN_GIVEN,
	 0},
	{"our own origin", {POST, .host = LOCAL, .origin = "http://" LOCAL}, JW_TOKEN_GIVEN, 0},
	{"our own address over another scheme",
	 {POST, .host = LOCAL, .origin = "https://" LOCAL},
	 JW_TOKEN_BY_ORIGIN,
	 403},
	{"another port of this machine",
	 {POST, .host = LOCAL, .origin = "http://127.0.0.1:8080"},
	 JW_TOKEN_BY_ORIGIN,
	 403},
	{"a listed origin without TLS",
	 {GET, .host = LOCAL, .origin = "http://voice.example.org"},
	 JW_TOKEN_BY_ORIGIN,
	 403},
	{"another origin",
	 {GET, .host = LOCAL, .origin = "https://evil.example"},
	 JW_TOKEN_BY_ORIGIN,
	 403},
	{"an origin that begins like a listed one",
	 {GET, .host = LOCAL, .origin = "https://voice.example.org.evil.example"},
	 JW_TOKEN_BY_ORIGIN,
	 403},
	{"an origin with a user",
	 {GET, .host = LOCAL, .origin = "https://voice.example.org@evil.example"},
	 JW_TOKEN_BY_ORIGIN,
	 403},
	{"an origin with a path",
	 {GET, .host = LOCAL, .origin = "https://voice.example.org/"},
	 JW_TOKEN_BY_ORIGIN,
	 403},
	{"the origin null", {GET, .host = LOCAL, .origin = "null"}, JW_TOKEN_BY_ORIGIN, 403},
	{"the origin *", {GET, .host = LOCAL, .origin = "*"}, JW_TOKEN_BY_ORIGIN, 403},
	{"an empty origin", {GET, .host = LOCAL, .origin = ""}, JW_TOKEN_BY_ORIGIN, 403},
	{"another site's frame, without an origin",
	 {GET, .host = LOCAL, .fetch_site = "cross-site"},
	 JW_TOKEN_BY_ORIGIN,
	 403},
	{"another host of the site, without an origin",
	 {GET, .host = LOCAL, .fetch_site = "same-site"},
	 JW_TOKEN_BY_ORIGIN,
	 403},
	{"a page of ours, without an origin",
	 {GET, .host = LOCAL, .fetch_site = "same-origin"},
	 JW_TOKEN_GIVEN,
	 0},
	{"a person at a browser",
	 {GET, .host = LOCAL, .fetch_site = "none"},
	 JW_TOKEN_GIVEN,
	 0},

	{"a preflight",
	 {.method = JW_METHOD_OPTIONS, .host = LOCAL, .origin = "https://voice.example.org"},
	 JW_TOKEN_GIVEN,
	 0},
	{"a preflight of another origin",
	 {.method = JW_METHOD_OPTIONS, .host = LOCAL, .origin = "null"},
	 JW_TOKEN_BY_ORIGIN,
	 403},
	{"HEAD, whose token nobody would get",
	 {.method = JW_METHOD_HEAD, .host = LOCAL},
	 JW_TOKEN_BY_METHOD,
	 405},
	{"another method", {.method = JW_METHOD_OTHER, .host = LOCAL}, JW_TOKEN_BY_METHOD, 405},
};

static void asks(void **state)
{
	const struct caller_row *row = *state;
	const struct jw_daemon_entry daemon = {.token_api = &strict, .hosts = NAMES("proxied")};
	struct jw_token_refusal refusal = {0};

	assert_int_equal(jw_token_may_ask(&daemon, &row->request, &refusal), !row->reason);
	assert_int_equal(refusal.reason, row->reason);
	assert_int_equal(refusal.status, row->status);
	assert_int_equal(!refusal.err.text[0], !row->reason);
}

static void nobody_is_listed(void **state)
{
	struct jw_token_api api = strict;
	const struct jw_daemon_entry daemon = {.token_api = &api};
	const struct jw_token_request own = {GET, .host = LOCAL, .origin = "http://" LOCAL};
	const struct jw_token_request other = {GET, .host = LOCAL,
					       .origin = "https://voice.example.org"};
	struct jw_token_refusal refusal;

	(void)state;
	api.origins = NULL;
	assert_true(jw_token_may_ask(&daemon, &own, &refusal));
	assert_false(jw_token_may_ask(&daemon, &other, &refusal));
}

/* What a query gets */

static const struct query_row {
	const char *name;
	const char *query;
	enum jw_token_reason reason;
	int status;
	const char *says; /* refused; else "room identity ttl" */
} query_rows[] = {
	{"all three", "room=test-room&identity=user1&ttl=24", 0, 0, "test-room user1 86400"},
	{"nothing at all", "", 0, 0, "test-room userfedcba9876543210 21600"},
	{"empty values", "room=&identity=&ttl=", 0, 0, "test-room userfedcba9876543210 21600"},
	{"values without a sign", "room&identity&ttl", 0, 0,
	 "test-room userfedcba9876543210 21600"},
	{"what nobody knows is let be", "room=test-room&_=1&name=x&identity=user2", 0, 0,
	 "test-room user2 21600"},
	{"escapes", "r%6fom=voice%2Done&identity=user%20two", 0, 0, "voice-one user two 21600"},
	{"a blank as forms have it", "identity=user+two", 0, 0, "test-room user two 21600"},
	{"letters beyond ASCII", "identity=userStra%C3%9Fe", 0, 0,
	 "test-room userStra\xc3\x9f"
	 "e 21600"},
	{"a pattern that stands for nothing", "room=voice-", 0, 0,
	 "voice- userfedcba9876543210 21600"},
	{"a half of an hour", "ttl=0.5", 0, 0, "test-room userfedcba9876543210 1800"},
	{"the most", "ttl=24.0", 0, 0, "test-room userfedcba9876543210 86400"},

	{"another room", "room=secret", JW_TOKEN_BY_ROOM, 403,
	 "no token is given for room \"secret\""},
	{"a room in other letters", "room=TEST-ROOM", JW_TOKEN_BY_ROOM, 403,
	 "no token is given for room \"TEST-ROOM\""},
	{"a room with something behind it", "room=test-room2", JW_TOKEN_BY_ROOM, 403,
	 "no token is given for room \"test-room2\""},
	{"all rooms", "room=*", JW_TOKEN_BY_ROOM, 400,
	 "room has a * in it: a token is for one room"},
	{"a pattern of the policy itself", "room=voice-*", JW_TOKEN_BY_ROOM, 400,
	 "room has a * in it: a token is for one room"},
	{"another identity", "identity=admin", JW_TOKEN_BY_IDENTITY, 403,
	 "no token is given for identity \"admin\""},
	{"a header in the identity", "identity=user%0d%0aX-Evil:%201", JW_TOKEN_BY_IDENTITY,
	 400, "identity holds a control character, or isn't UTF-8"},
	{"a header in the room", "room=voice-%0aa", JW_TOKEN_BY_ROOM, 400,
	 "room holds a control character, or isn't UTF-8"},
	{"a colour of a terminal", "room=voice-%1b[31m", JW_TOKEN_BY_ROOM, 400,
	 "room holds a control character, or isn't UTF-8"},
	{"what turns a line around", "room=voice-%e2%80%ae", JW_TOKEN_BY_ROOM, 400,
	 "room holds a control character, or isn't UTF-8"},
	{"a room that isn't UTF-8", "room=voice-%ff", JW_TOKEN_BY_ROOM, 400,
	 "room holds a control character, or isn't UTF-8"},
	{"letters coded too long", "room=voice-%c0%af", JW_TOKEN_BY_ROOM, 400,
	 "room holds a control character, or isn't UTF-8"},
	{"half of a pair of UTF-16", "room=voice-%ed%a0%80", JW_TOKEN_BY_ROOM, 400,
	 "room holds a control character, or isn't UTF-8"},
	{"too long a room", "room=voice-" A256, JW_TOKEN_BY_ROOM, 400,
	 "room is longer than 256 bytes, which LiveKit refuses"},
	{"too long an identity", "identity=user" A256, JW_TOKEN_BY_IDENTITY, 400,
	 "identity is longer than 256 bytes, which LiveKit refuses"},
	{"a NUL", "room=test-room%00evil", JW_TOKEN_BY_FORM, 400,
	 "the query has a broken escape in it, or a NUL"},
	{"a broken escape", "room=test-room%4", JW_TOKEN_BY_FORM, 400,
	 "the query has a broken escape in it, or a NUL"},
	{"a room twice", "room=test-room&room=secret", JW_TOKEN_BY_FORM, 400,
	 "room stands in the query twice"},
	{"a room twice, once in escapes", "room=test-room&%72oom=test-room", JW_TOKEN_BY_FORM,
	 400, "room stands in the query twice"},
	{"an identity twice", "identity=user1&identity=user1", JW_TOKEN_BY_FORM, 400,
	 "identity stands in the query twice"},
	{"a ttl twice", "ttl=&ttl=1", JW_TOKEN_BY_FORM, 400, "ttl stands in the query twice"},

	{"more than the most", "ttl=24.001", JW_TOKEN_BY_TTL, 403,
	 "ttl is more than the 24 hours that tokens are given for at most"},
	{"a year", "ttl=8760", JW_TOKEN_BY_TTL, 403,
	 "ttl is more than the 24 hours that tokens are given for at most"},
	{"nothing", "ttl=0", JW_TOKEN_BY_TTL, 400,
	 "ttl is less than a second: it is given in hours"},
	{"next to nothing", "ttl=0.0001", JW_TOKEN_BY_TTL, 400,
	 "ttl is less than a second: it is given in hours"},
#define NO_HOURS(name, ttl)                                                                    \
	{name, "ttl=" ttl, JW_TOKEN_BY_TTL, 400,                                               \
	 "ttl isn't a number of hours such as 24 or 0.5"},
	NO_HOURS("a time ago", "-1") NO_HOURS("a sign", "%2b1") NO_HOURS("past 64 bits",
									 "18446744073709551616")
		NO_HOURS("64 bits once they are seconds", "5124095576030431") NO_HOURS(
			"past all bits", "99999999999999999999999999999999999999999")
			NO_HOURS("no number", "NaN") NO_HOURS("for ever", "inf") NO_HOURS(
				"an exponent", "1e400") NO_HOURS("a small exponent",
								 "1e0") NO_HOURS("hexadecimal",
										 "0x18")
				NO_HOURS("a unit", "24h") NO_HOURS("a blank", "%2024") NO_HOURS(
					"a comma", "0,5") NO_HOURS("a point alone", ".")
					NO_HOURS("nothing in front of the point",
						 ".5") NO_HOURS("nothing behind the point",
								"1.") NO_HOURS("two points",
									       "1.2.3")
						NO_HOURS("a letter behind the point", "1.5x")
							NO_HOURS("other digits", "%d9%a1")};

static void queries(void **state)
{
	const struct query_row *row = *state;
	const struct jw_token_api api = strict;
	const struct jw_token_request request = {GET, .query = jw_str_of(row->query),
						 .host = LOCAL};
	struct jw_token_refusal refusal = {0};
	struct jw_token_wish wish = {0};
	struct jw_arena arena = {0};

	assert_int_equal(jw_token_decide(&api, &request, &made_up, &arena, &wish, &refusal),
			 !row->reason);
	if (row->reason) {
		assert_string_equal(refusal.err.text, row->says);
		assert_int_equal(refusal.reason, row->reason);
		assert_int_equal(refusal.status, row->status);
	} else {
		assert_string_equal(jw_arena_printf(&arena, "%s %s %lld", wish.room,
						    wish.identity, (long long)wish.ttl),
				    row->says);
		assert_false(wish.is_standard);
		assert_null(wish.name);
	}
	jw_arena_done(&arena);
}

/* What a body gets */

#define DEEP8 "[[[[[[[["
#define DEEP40 DEEP8 DEEP8 DEEP8 DEEP8 DEEP8
#define AGENTS "no token is given for agent "

static const struct body_row {
	const char *name;
	const char *body;
	enum jw_token_reason reason;
	int status;
	const char *
		says; /* refused, or its beginning; else "room identity name metadata a=b agent/metadata" */
} body_rows[] = {
	{"nothing", "{}", 0, 0, "test-room userfedcba9876543210"},
	{"snake_case", "{\"room_name\":\"voice-1\",\"participant_identity\":\"user1\"}", 0, 0,
	 "voice-1 user1"},
	{"camelCase", "{\"roomName\":\"voice-1\",\"participantIdentity\":\"user1\"}", 0, 0,
	 "voice-1 user1"},
	{"a name", "{\"participant_name\":\"Zo\\u00eb\"}", 0, 0,
	 "test-room userfedcba9876543210 name=Zo\xc3\xab"},
	{"null and empty texts are none",
	 "{\"room_name\":null,\"participant_identity\":\"\",\"participant_metadata\":\"\","
	 "\"participant_attributes\":{},\"room_config\":{\"agents\":[]}}",
	 0, 0, "test-room userfedcba9876543210"},
	{"what nobody knows is let be",
	 "{\"x\":[1],\"room_config\":{\"egress\":{\"room\":{}},\"max_participants\":3}}", 0, 0,
	 "test-room userfedcba9876543210"},
	{"an empty body", "", JW_TOKEN_BY_FORM, 400, "the body: "},
	{"no JSON", "room_name=test-room", JW_TOKEN_BY_FORM, 400, "the body: "},
	{"half of it", "{\"room_name\":\"test-room\"", JW_TOKEN_BY_FORM, 400, "the body: "},
	{"something behind it", "{} {}", JW_TOKEN_BY_FORM, 400, "the body: "},
	{"a NUL behind it", "{}\0", JW_TOKEN_GIVEN, 0, "test-room userfedcba9876543210"},
	{"a key twice", "{\"room_name\":\"test-room\",\"room_name\":\"x\"}", JW_TOKEN_BY_FORM,
	 400, "the body: "},
	{"too deep", "{\"x\":" DEEP40, JW_TOKEN_BY_FORM, 400, "the body: "},
	{"not UTF-8", "{\"room_name\":\"\xff\"}", JW_TOKEN_BY_FORM, 400, "the body: "},
	{"a list", "[]", JW_TOKEN_BY_FORM, 400, "the body isn't a JSON object"},
	{"one thing by both names", "{\"room_name\":\"test-room\",\"roomName\":\"test-room\"}",
	 JW_TOKEN_BY_FORM, 400, "the body says room_name and roomName"},
	{"a number for a room", "{\"room_name\":1}", JW_TOKEN_BY_FORM, 400,
	 "room_name of the body is to be a text"},
	{"another room", "{\"room_name\":\"secret\"}", JW_TOKEN_BY_ROOM, 403,
	 "no token is given for room \"secret\""},
	{"a NUL in a room", "{\"room_name\":\"voice-\\u0000\"}", JW_TOKEN_BY_ROOM, 400,
	 "room holds a control character, or isn't UTF-8"},
	{"a header in a name", "{\"participant_name\":\"a\\r\\nb\"}", JW_TOKEN_BY_CHOICE, 400,
	 "participant_name is longer than 256 bytes, or holds a control character"},
	{"too long a name", "{\"participant_name\":\"" A256 "a\"}", JW_TOKEN_BY_CHOICE, 400,
	 "participant_name is longer than 256 bytes, or holds a control character"},
	{"metadata that can't be chosen", "{\"participant_metadata\":\"m\"}",
	 JW_TOKEN_BY_CHOICE, 403, "metadata of the participant can't be chosen here"},
	{"attributes that can't be chosen", "{\"participant_attributes\":{\"a\":\"b\"}}",
	 JW_TOKEN_BY_CHOICE, 403, "attributes of the participant can't be chosen here"},
	{"attributes that aren't texts", "{\"participant_attributes\":{\"a\":1}}",
	 JW_TOKEN_BY_FORM, 400,
	 "participant_attributes of the body is to be an object of texts"},
	{"an agent where there is none",
	 "{\"room_config\":{\"agents\":[{\"agent_name\":\"x\"}]}}", JW_TOKEN_BY_AGENT, 403,
	 AGENTS "\"x\""},
	{"an agent without a name", "{\"roomConfig\":{\"agents\":[{}]}}", JW_TOKEN_BY_AGENT,
	 403, AGENTS "\"\""},
	{"agents that aren't a list", "{\"room_config\":{\"agents\":{}}}", JW_TOKEN_BY_FORM,
	 400, "room_config.agents of the body is to be a list of 8 agents at most"},
	{"too many agents", "{\"room_config\":{\"agents\":[{},{},{},{},{},{},{},{},{}]}}",
	 JW_TOKEN_BY_FORM, 400,
	 "room_config.agents of the body is to be a list of 8 agents at most"},
};

/* With all of it allowed. */
static const struct body_row open_rows[] = {
	{"metadata", "{\"participant_metadata\":\"{\\\"a\\\":1}\"}", 0, 0,
	 "test-room userfedcba9876543210 metadata={\"a\":1}"},
	{"attributes", "{\"participantAttributes\":{\"a\":\"b\",\"c\":\"\"}}", 0, 0,
	 "test-room userfedcba9876543210 a=b c="},
	{"agents",
	 "{\"room_config\":{\"agents\":[{\"agent_name\":\"bot-1\",\"metadata\":\"m\"},"
	 "{\"agentName\":\"bot-2\"}]}}",
	 0, 0, "test-room userfedcba9876543210 bot-1/m bot-2/"},
	{"another agent", "{\"room_config\":{\"agents\":[{\"agent_name\":\"x\"}]}}",
	 JW_TOKEN_BY_AGENT, 403, AGENTS "\"x\""},
	{"a NUL in metadata", "{\"participant_metadata\":\"\\u0000\"}", JW_TOKEN_BY_CHOICE, 400,
	 "participant_metadata hold a NUL"},
	{"a NUL in an attribute", "{\"participant_attributes\":{\"a\":\"\\u0000\"}}",
	 JW_TOKEN_BY_CHOICE, 400,
	 "participant_attributes hold a control character in a name, or a NUL"},
	{"a line in an attribute's name", "{\"participant_attributes\":{\"a\\n\":\"\"}}",
	 JW_TOKEN_BY_CHOICE, 400,
	 "participant_attributes hold a control character in a name, or a NUL"},
	{"a NUL in an agent's metadata",
	 "{\"room_config\":{\"agents\":[{\"agent_name\":\"bot-\",\"metadata\":\"\\u0000\"}]}}",
	 JW_TOKEN_BY_AGENT, 400, "metadata of an agent hold a NUL"},
};

static const char *as_text(const struct jw_token_wish *wish, struct jw_arena *arena)
{
	const char *text = jw_arena_printf(arena, "%s %s", wish->room, wish->identity);

	if (wish->name)
		text = jw_arena_printf(arena, "%s name=%s", text, wish->name);
	if (wish->metadata)
		text = jw_arena_printf(arena, "%s metadata=%s", text, wish->metadata);
	for (const struct jw_pair *pair = wish->attributes; pair && pair->name; pair++)
		text = jw_arena_printf(arena, "%s %s=%s", text, pair->name, pair->value);
	for (size_t i = 0; i < wish->agent_count; i++)
		text = jw_arena_printf(arena, "%s %s/%s", text, wish->agents[i].name,
				       wish->agents[i].metadata ? wish->agents[i].metadata
								: "");
	return text;
}

static void body(const struct jw_token_api *api, const struct body_row *row)
{
	const struct jw_token_request request = {POST, .body = jw_str_of(row->body),
						 .host = LOCAL};
	struct jw_token_refusal refusal = {0};
	struct jw_token_wish wish = {0};
	struct jw_arena arena = {0};

	assert_int_equal(jw_token_decide(api, &request, &made_up, &arena, &wish, &refusal),
			 !row->reason);
	if (row->reason) {
		if (row->says[strlen(row->says) - 1] == ' ')
			refusal.err.text[strlen(row->says)] = '\0';
		assert_string_equal(refusal.err.text, row->says);
		assert_int_equal(refusal.reason, row->reason);
		assert_int_equal(refusal.status, row->status);
	} else {
		assert_string_equal(as_text(&wish, &arena), row->says);
		assert_true(wish.is_standard);
		assert_int_equal(wish.ttl, api->ttl);
	}
	jw_arena_done(&arena);
}

static void bodies(void **state)
{
	const struct jw_token_api api = strict;

	body(&api, *state);
}

static void open_bodies(void **state)
{
	struct jw_token_api api = strict;

	api.choices = jw_token_choices;
	api.agents = NAMES("bot-*");
	body(&api, *state);
}

#define AN_AGENT                                                                               \
	"{\"room_config\":{\"agents\":[{\"agent_name\":\"bot-\",\"metadata\":\"%s\"}]}}"

static void are_too_large(void **state)
{
	static const char *const forms[] = {"{\"participant_metadata\":\"%s\"}",
					    "{\"participant_attributes\":{\"a\":\"%s\"}}",
					    AN_AGENT};
	struct jw_token_api api = strict;
	struct jw_arena arena = {0};
	char long_text[4098] = "";

	(void)state;
	memset(long_text, 'a', sizeof(long_text) - 1);
	api.choices = jw_token_choices;
	api.agents = NAMES("bot-*");
	for (size_t i = 0; i < 3; i++) {
		struct jw_token_refusal refusal = {0};
		struct jw_token_wish wish;
		struct jw_str before;
		struct jw_str behind;
		struct jw_token_request request = {POST, .host = LOCAL};

		assert_true(jw_str_cut(jw_str_of(forms[i]), '%', &before, &behind));
		request.body = jw_str_of(jw_arena_printf(&arena, "%.*s%s%s", JW_STR_ARG(before),
							 long_text, behind.ptr + 1));
		assert_false(
			jw_token_decide(&api, &request, &made_up, &arena, &wish, &refusal));
		assert_int_equal(refusal.status, 400);
		assert_non_null(strstr(refusal.err.text, "more than 4096 bytes"));
	}
	jw_arena_done(&arena);
}

/* The form */

static const struct form_row {
	const char *name;
	struct jw_token_request request;
	enum jw_token_reason reason;
	int status;
} form_rows[] = {
	{"JSON with a charset",
	 {.method = JW_METHOD_POST,
	  .content_type = "Application/JSON ; charset=utf-8",
	  .body = JW_STR("{}")},
	 JW_TOKEN_GIVEN,
	 0},
	{"a form's content type",
	 {.method = JW_METHOD_POST,
	  .content_type = "application/x-www-form-urlencoded",
	  .body = JW_STR("{}")},
	 JW_TOKEN_BY_CONTENT_TYPE,
	 415},
	{"a text's content type",
	 {.method = JW_METHOD_POST, .content_type = "text/plain", .body = JW_STR("{}")},
	 JW_TOKEN_BY_CONTENT_TYPE,
	 415},
	{"a content type that begins like JSON",
	 {.method = JW_METHOD_POST, .content_type = "application/json5", .body = JW_STR("{}")},
	 JW_TOKEN_BY_CONTENT_TYPE,
	 415},
	{"no content type",
	 {.method = JW_METHOD_POST, .body = JW_STR("{}")},
	 JW_TOKEN_BY_CONTENT_TYPE,
	 415},
	{"a GET with a body", {GET, .body = JW_STR("{}")}, JW_TOKEN_BY_FORM, 400},
	{"a POST's query is let be",
	 {POST, .query = JW_STR("room=secret"), .body = JW_STR("{}")},
	 JW_TOKEN_GIVEN,
	 0},
};

static void has_form(void **state)
{
	const struct form_row *row = *state;
	const struct jw_token_api api = strict;
	struct jw_token_refusal refusal = {0};
	struct jw_token_wish wish = {0};
	struct jw_arena arena = {0};

	assert_int_equal(
		jw_token_decide(&api, &row->request, &made_up, &arena, &wish, &refusal),
		!row->reason);
	assert_int_equal(refusal.reason, row->reason);
	assert_int_equal(refusal.status, row->status);
	jw_arena_done(&arena);
}

static void makes_up_what_fits(void **state)
{
	struct jw_token_api api = strict;
	const struct jw_token_request request = {GET, .host = LOCAL};
	struct jw_token_refusal refusal;
	struct jw_token_wish wish;
	struct jw_arena arena = {0};

	(void)state;
	api.rooms = NAMES("a-*-b-*");
	api.identities = NAMES("*");
	assert_true(jw_token_decide(&api, &request, &made_up, &arena, &wish, &refusal));
	assert_string_equal(wish.room, "a-0123456789abcdef-b-");
	assert_string_equal(wish.identity, "fedcba9876543210");
	jw_arena_done(&arena);
}

static void shows_no_token(void **state)
{
	const struct jw_token_api api = strict;
	const struct jw_token_request request = {
		GET, .host = LOCAL,
		.query = JW_STR("room=eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2lnbmF0dXJl")};
	struct jw_token_refusal refusal;
	struct jw_token_wish wish;
	struct jw_arena arena = {0};

	(void)state;
	assert_false(jw_token_decide(&api, &request, &made_up, &arena, &wish, &refusal));
	assert_null(strstr(refusal.err.text, "eyJ"));
	jw_arena_done(&arena);
}

/* Patterns */

static const struct fit_row {
	const char *name;
	const char *pattern;
	const char *text;
	bool fits;
} fit_rows[] = {
	{"the same", "a", "a", true},
	{"another", "a", "b", false},
	{"longer", "a", "ab", false},
	{"shorter", "ab", "a", false},
	{"anything", "*", "x/y z", true},
	{"anything is nothing", "*", "", true},
	{"in front", "*b", "ab", true},
	{"behind", "a*", "ab", true},
	{"in the middle", "a*c", "abbc", true},
	{"in the middle, with another end", "a*c", "abbcd", false},
	{"the first isn't the one", "*abc", "ababc", true},
	{"two", "a*b*c", "a-b-b-c", true},
	{"two in another order", "a*b*c", "a-c-b", false},
	{"a question mark is itself", "a?", "ab", false},
	{"brackets are themselves", "[ab]", "a", false},
	{"many stars", "*a*a*a*a*a*a*a*a*b", A256, false},
};

static void fits(void **state)
{
	const struct fit_row *row = *state;

	assert_int_equal(jw_token_fits(row->pattern, row->text), row->fits);
}

/* Hours */

static const struct hours_row {
	const char *name;
	const char *given;
	int64_t seconds;
	const char *written;
} hours_rows[] = {
	{"a day", "24", 86400, "24"},
	{"half an hour", "0.5", 1800, "0.5"},
	{"a quarter", "1.25", 4500, "1.25"},
	{"a second", "0.0002778", 1, "0.000277"},
	{"zeros", "0024.000", 86400, "24"},
	{"a third", "0.33333333333333333333", 1199, "0.333055"},
	{"ten years", "87600", 315360000, "87600"},
};

static void hours(void **state)
{
	const struct hours_row *row = *state;
	jw_autobuf struct jw_buf text = JW_BUF(64);
	int64_t seconds;

	assert_true(jw_token_hours(jw_str_of(row->given), &seconds));
	assert_int_equal(seconds, row->seconds);
	jw_token_write_hours(seconds, &text);
	assert_string_equal(text.ptr, row->written);
}

/* Addresses */

static const struct local_row {
	const char *name;
	bool is_local;
} local_rows[] = {
	{"127.0.0.1:9788", true},  {"127.1.2.3:80", true},	  {"[::1]:9788", true},
	{"localhost:9788", true},  {"unix:/run/x", true},	  {"*:9788", false},
	{"0.0.0.0:9788", false},   {"[::]:9788", false},	  {"192.0.2.1:9788", false},
	{"host.example:1", false}, {"127.0.0.1.x:1", false},	  {":9788", false},
	{"9788", false},	   {"[::ffff:1.2.3.4]:1", false},
};

static void local(void **state)
{
	const struct local_row *row = *state;

	assert_int_equal(jw_token_is_local(row->name), row->is_local);
}

static const struct origin_row {
	const char *name;
	const char *problem; /* its beginning */
} origin_rows[] = {
	{"https://voice.example.org", NULL},
	{"https://voice.example.org:8443", NULL},
	{"http://localhost:3000", NULL},
	{"*", "has a * in it"},
	{"https://*.example.org", "has a * in it"},
	{"null", "is what pages"},
	{"https://voice.example.org/", "isn't an origin"},
	{"https://user@voice.example.org", "isn't an origin"},
	{"https://voice.example.org?x", "isn't an origin"},
	{"https://voice.example.org#x", "isn't an origin"},
	{"voice.example.org", "isn't an origin"},
	{"ws://voice.example.org", "isn't an origin"},
	{"", "isn't an origin"},
};

static void origin(void **state)
{
	const struct origin_row *row = *state;
	const char *problem = jw_token_origin_problem(row->name);

	if (row->problem)
		assert_true(problem && jw_str_starts(jw_str_of(problem), row->problem));
	else
		assert_null(problem);
}

/* The rate */

static void goes_at_a_rate(void **state)
{
	struct jw_rate *rate = jw_rate_new(2);

	(void)state;
	for (int i = 0; i < 60; i++)
		assert_int_equal(jw_rate_take(rate, "a", 60, 0), 0);
	assert_int_equal(jw_rate_take(rate, "a", 60, 0), 1000);
	assert_int_equal(jw_rate_take(rate, "a", 60, 400), 600);
	assert_int_equal(jw_rate_take(rate, "b", 60, 400), 0);
	assert_int_equal(jw_rate_take(rate, "a", 60, 1000), 0);
	assert_int_equal(jw_rate_take(rate, "a", 60, 1000), 1000);
	/* All of it is back a minute after it is used up. */
	for (int i = 0; i < 60; i++)
		assert_int_equal(jw_rate_take(rate, "a", 60, 61000), 0);
	assert_int_equal(jw_rate_take(rate, "a", 60, 61000), 1000);
	jw_rate_free(rate);
}

static void forgets_nobody_who_counts(void **state)
{
	struct jw_rate *rate = jw_rate_new(2);

	(void)state;
	assert_int_equal(jw_rate_take(rate, "a", 1, 0), 0);
	assert_int_equal(jw_rate_take(rate, "b", 1, 30000), 0);
	assert_int_equal(jw_rate_take(rate, "c", 1, 30000), 60000);
	assert_int_equal(jw_rate_take(rate, "a", 1, 30000), 30000);
	assert_int_equal(jw_rate_take(rate, "c", 1, 60000), 0);
	assert_int_equal(jw_rate_take(rate, "a", 1, 60000), 60000);
	jw_rate_free(rate);
}

static void follows_a_new_rate(void **state)
{
	struct jw_rate *rate = jw_rate_new(2);

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(jw_rate_take(rate, "a", 10, 0), 0);
	assert_int_equal(jw_rate_take(rate, "a", 11, 0), 0);
	assert_int_not_equal(jw_rate_take(rate, "a", 5, 0), 0);
	assert_int_equal(jw_rate_take(rate, "a", 5, 60000), 0);
	jw_rate_free(rate);
}

int main(void)
{
	JW_ROWS(caller_rows, asks);
	JW_TEST(nobody_is_listed);
	JW_ROWS(query_rows, queries);
	JW_ROWS(body_rows, bodies);
	JW_ROWS(open_rows, open_bodies);
	JW_TEST(are_too_large);
	JW_ROWS(form_rows, has_form);
	JW_TEST(makes_up_what_fits);
	JW_TEST(shows_no_token);
	JW_ROWS(fit_rows, fits);
	JW_ROWS(hours_rows, hours);
	JW_ROWS(local_rows, local);
	JW_ROWS(origin_rows, origin);
	JW_TEST(goes_at_a_rate);
	JW_TEST(forgets_nobody_who_counts);
	JW_TEST(follows_a_new_rate);
	return rows_run();
}
