/* SPDX-License-Identifier: MIT */
/* Token endpoints' answers: where the token stands in them, and what is said of those without one. */
#include "token/answer.h"

#include <string.h>

#include "rows.h"

#include "base/buf.h"

#define H "eyJhbGciOiJIUzI1NiJ9"
#define P "eyJpc3MiOiJBUElub2JvZHkiLCJzdWIiOiJtYWRlLXVwIn0"
#define S "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE"
#define T H "." P "." S
#define U H "." P ".ZZCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE"
#define JSON "application/json"
#define PLAIN "text/plain; charset=utf-8"
#define HTML "text/html; charset=utf-8"
#define WSS "wss://lk.example/p?q"

struct found_row {
	const char *name;
	const char *body;
	const char *type;
	const char *pointer;
	const char *where;
	const char *token;
	const char *url;
};

static const struct found_row found_rows[] = {
	{"LiveKit's standard", "{\"server_url\":\"" WSS "\",\"participant_token\":\"" T "\"}",
	 JSON, NULL, "/participant_token", T, WSS},
	{"the standard as protobuf writes it",
	 "{\"serverUrl\":\"" WSS "\",\"participantToken\":\"" T
	 "\",\"roomName\":\"r\",\"participantName\":\"n\"}",
	 JSON, NULL, "/participantToken", T, WSS},
	{"token and url", "{\"token\":\"" T "\",\"url\":\"" WSS "\",\"ttl_hours\":24}", JSON,
	 NULL, "/token", T, WSS},
	{"token alone", "{\"success\":true,\"token\":\"" T "\"}", JSON, NULL, "/token", T,
	 NULL},
	{"token and wsUrl", "{\"token\":\"" T "\",\"wsUrl\":\"" WSS "\"}", JSON, NULL, "/token",
	 T, WSS},
	{"token and ws_url", "{\"token\":\"" T "\",\"ws_url\":\"" WSS "\"}", JSON, NULL,
	 "/token", T, WSS},
	{"token and serverUrl", "{\"serverUrl\":\"" WSS "\",\"token\":\"" T "\"}", JSON, NULL,
	 "/token", T, WSS},
	{"token and livekitUrl", "{\"token\":\"" T "\",\"livekitUrl\":\"" WSS "\"}", JSON, NULL,
	 "/token", T, WSS},
	{"token and participantToken",
	 "{\"token\":\"" T "\",\"participantToken\":\"" T "\",\"serverUrl\":\"" WSS "\"}", JSON,
	 NULL, "/participantToken", T, WSS},
	{"access_token and livekit_socket_url",
	 "{\"livekit_socket_url\":\"" WSS "\",\"access_token\":\"" T "\"}", JSON, NULL,
	 "/access_token", T, WSS},
	{"lk --json", "{\"access_token\":\"" T "\",\"project_url\":\"" WSS "\",\"grants\":{}}",
	 JSON, NULL, "/access_token", T, WSS},
	{"access_token alone", "{\"access_token\":\"" T "\",\"call_id\":\"c\"}", JSON, NULL,
	 "/access_token", T, NULL},
	{"accessToken", "{\"accessToken\":\"" T "\",\"url\":\"" WSS "\"}", JSON, NULL,
	 "/accessToken", T, WSS},
	{"jwt and url", "{\"url\":\"" WSS "\",\"jwt\":\"" T "\"}", JSON, NULL, "/jwt", T, WSS},
	{"livekitToken", "{\"livekitToken\":\"" T "\",\"livekitUrl\":\"" WSS "\"}", JSON, NULL,
	 "/livekitToken", T, WSS},
	{"inside of data",
	 "{\"success\":true,\"data\":{\"token\":\"" T "\",\"url\":\"" WSS "\"}}", JSON, NULL,
	 "/data/token", T, WSS},
	{"access_token inside of data", "{\"data\":{\"access_token\":\"" T "\"}}", JSON, NULL,
	 "/data/access_token", T, NULL},
	{"inside of message",
	 "{\"message\":{\"participantToken\":\"" T "\",\"serverUrl\":\"" WSS "\"}}", JSON, NULL,
	 "/message/participantToken", T, WSS},
	{"a bare JSON string", "\"" T "\"", JSON, NULL, "(JSON string)", T, NULL},
	{"a bare JSON string, called text", " \"" T "\"\n", PLAIN, NULL, "(JSON string)", T,
	 NULL},
	{"plain text", T, PLAIN, NULL, "(plain text)", T, NULL},
	{"an encrypted token, to be named by who decodes it", H "." P "." S "." S "." S, PLAIN,
	 NULL, "(plain text)", H "." P "." S "." S "." S, NULL},
	{"plain text called HTML", T "\n", HTML, NULL, "(plain text)", T, NULL},
	{"plain text called nothing", " \r\n" T " ", "", NULL, "(plain text)", T, NULL},
	{"plain text with Bearer", "Bearer " T, PLAIN, NULL, "(plain text)", "Bearer " T, NULL},
	{"plain text behind a byte order mark", "\xef\xbb\xbf" T, PLAIN, NULL, "(plain text)",
	 T, NULL},
	{"JSON behind a byte order mark", "\xef\xbb\xbf{\"token\":\"" T "\"}", JSON, NULL,
	 "/token", T, NULL},
	{"JSON called HTML", "{\"token\":\"" T "\",\"html\":\"</a>\"}", HTML, NULL, "/token", T,
	 NULL},
	{"JSON called nothing", "{\"token\":\"" T "\"}", "", NULL, "/token", T, NULL},
	{"blanks around the token", "{\"token\":\" " T "\\n\"}", JSON, NULL, "/token", T, NULL},
	{"a text that is no token is the decoder's", "{\"token\":\"opaque-1234567\"}", JSON,
	 NULL, "/token", "opaque-1234567", NULL},
	{"null before a token", "{\"participant_token\":null,\"token\":\"" T "\"}", JSON, NULL,
	 "/token", T, NULL},
	{"no error", "{\"error\":null,\"token\":\"" T "\"}", JSON, NULL, "/token", T, NULL},
	{"the root before data", "{\"data\":{\"token\":\"" U "\"},\"token\":\"" T "\"}", JSON,
	 NULL, "/token", T, NULL},
	{"under an unknown name", "{\"ok\":1,\"lk\":{\"key\":\"" T "\",\"url\":\"" WSS "\"}}",
	 JSON, NULL, "/lk/key", T, WSS},
	{"in a list", "[1,{\"x\":\"" T "\"}]", JSON, NULL, "/1/x", T, NULL},
	{"four levels deep", "{\"a\":{\"b\":{\"c\":{\"d\":\"" T "\"}}}}", JSON, NULL,
	 "/a/b/c/d", T, NULL},
	{"one token twice", "{\"a\":\"" T "\",\"b\":\"" T "\"}", JSON, NULL, "/a", T, NULL},
	{"under a name with a slash", "{\"a/b\":{\"c~d\":\"" T "\"}}", JSON, NULL, "/a~1b/c~0d",
	 T, NULL},

	{"the url of the root", "{\"url\":\"" WSS "\",\"data\":{\"token\":\"" T "\"}}", JSON,
	 NULL, "/data/token", T, WSS},
	{"the nearer url of two",
	 "{\"server_url\":\"wss://far\",\"data\":{\"token\":\"" T "\",\"url\":\"" WSS "\"}}",
	 JSON, NULL, "/data/token", T, WSS},
	{"the first url that is one",
	 "{\"token\":\"" T "\",\"server_url\":\"localhost:7880\",\"serverUrl\":5,\"url\":\"\","
	 "\"wsUrl\":\"ftp://h\",\"ws_url\":\"" WSS "\"}",
	 JSON, NULL, "/token", T, WSS},
	{"an http url", "{\"token\":\"" T "\",\"url\":\"HTTPS://h\"}", JSON, NULL, "/token", T,
	 "HTTPS://h"},
	{"a url that can't be used", "{\"token\":\"" T "\",\"url\":\"wss://h/\\n\"}", JSON,
	 NULL, "/token", T, NULL},

	{"a pointer", "{\"token\":\"" U "\",\"a\":{\"b\":\"" T "\",\"url\":\"" WSS "\"}}", JSON,
	 "/a/b", "/a/b", T, WSS},
	{"a pointer into a list", "{\"a\":[\"" U "\",\"" T "\"],\"url\":\"" WSS "\"}", JSON,
	 "/a/1", "/a/1", T, WSS},
	{"a pointer to the whole", "\"" T "\"", JSON, "", "(JSON string)", T, NULL},
	{"a pointer with escapes", "{\"a/b\":{\"m~n\":{\"~1\":\"" T "\"}}}", JSON,
	 "/a~1b/m~0n/~01", "/a~1b/m~0n/~01", T, NULL},
	{"a pointer to an empty name", "{\"\":{\"\":\"" T "\"}}", JSON, "//", "//", T, NULL},
	{"a pointer to a name of digits", "{\"0\":\"" T "\"}", JSON, "/0", "/0", T, NULL},
	{"a pointer to a name in UTF-8", "{\"\xc3\xa4\":\"" T "\"}", JSON, "/\xc3\xa4",
	 "/\xc3\xa4", T, NULL},
	{"a pointer deeper than four levels",
	 "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":\"" T "\"}}}}}", JSON, "/a/b/c/d/e", "/a/b/c/d/e",
	 T, NULL},
	{"a pointer in JSON that isn't called so", "{\"a\":\"" T "\"}", PLAIN, "/a", "/a", T,
	 NULL},
};

static void finds(void **state)
{
	const struct found_row *row = *state;
	struct jw_arena arena = {0};
	struct jw_answer_token found = {0};
	struct jw_err err = {0};

	if (jw_answer_find(jw_str_of(row->body), jw_str_of(row->type), row->pointer, &arena,
			   &found, &err))
		fail_msg("%s", err.text);
	assert_string_equal(found.where, row->where);
	assert_true(jw_str_is(found.token, row->token));
	assert_int_equal(!found.url, !row->url);
	if (row->url)
		assert_string_equal(found.url, row->url);
	jw_arena_done(&arena);
}

struct bare_row {
	const char *name;
	const char *members;
	const char *bare;
};

static const struct bare_row bare_rows[] = {
	{"an address without a scheme", "\"server_url\":\"lk.example\"", "lk.example"},
	{"... with a port", "\"url\":\"localhost:7880\"", "localhost:7880"},
	{"... of LiveKit Cloud", "\"url\":\"x.livekit.cloud\"", "x.livekit.cloud"},
	{"what is called url and may be anything", "\"url\":\"rooms/r1\"", NULL},
	{"a path", "\"server_url\":\"/livekit\"", NULL},
	{"an empty address", "\"server_url\":\"\"", NULL},
	{"another scheme", "\"server_url\":\"tcp://lk.example\"", NULL},
	{"beside a whole one", "\"url\":\"" WSS "\",\"server_url\":\"lk.example\"", NULL},
};

static void finds_bare(void **state)
{
	const struct bare_row *row = *state;
	jw_autobuf struct jw_buf body = JW_BUF(4096);
	struct jw_arena arena = {0};
	struct jw_answer_token found = {0};

	jw_buf_printf(&body, "{\"token\":\"" T "\",%s}", row->members);
	assert_int_equal(
		jw_answer_find(jw_buf_get(&body), jw_str_of(JSON), NULL, &arena, &found, NULL),
		JW_OK);
	assert_int_equal(!found.bare_url, !row->bare);
	if (row->bare)
		assert_string_equal(found.bare_url, row->bare);
	jw_arena_done(&arena);
}

struct missed_row {
	const char *name;
	struct jw_str body;
	const char *type;
	const char *pointer;
	enum jw_cause cause;
	const char *says; /* the whole sentence, or its beginning where it ends in "..." */
};

static const struct missed_row missed_rows[] = {
	{"nothing", JW_STR(""), JSON, NULL, JW_TOKEN_NOT_FOUND, "the answer is empty"},
	{"blanks", JW_STR(" \r\n"), PLAIN, NULL, JW_TOKEN_NOT_FOUND, "the answer is empty"},
	{"a byte order mark alone", JW_STR("\xef\xbb\xbf"), JSON, "/token", JW_TOKEN_NOT_FOUND,
	 "the answer is empty"},
	{"a promise", JW_STR("{\"token\":{},\"url\":\"" WSS "\"}"), JSON, NULL, JW_PLACEHOLDER,
	 "an empty object, {}, stands at /token where the token should be; in JavaScript that "
	 "is "
	 "a promise without await: await toJwt()"},
	{"a promise as the whole", JW_STR("{}"), JSON, NULL, JW_PLACEHOLDER,
	 "an empty object, {}, is the whole answer..."},
	{"a promise as text", JW_STR("[object Promise]"), HTML, NULL, JW_PLACEHOLDER,
	 "a placeholder of 16 characters is the whole answer where the token should be"},
	{"a promise at a pointer", JW_STR("{\"a\":{\"b\":{}}}"), JSON, "/a/b", JW_PLACEHOLDER,
	 "an empty object, {}, stands at /a/b..."},
	{"an empty text", JW_STR("{\"participant_token\":\"\"}"), JSON, NULL, JW_PLACEHOLDER,
	 "an empty text stands at /participant_token where the token should be"},
	{"a text of blanks", JW_STR("{\"data\":{\"token\":\" \\n\"}}"), JSON, NULL,
	 JW_PLACEHOLDER, "an empty text stands at /data/token where the token should be"},
	{"an empty JSON string", JW_STR("\"\""), JSON, NULL, JW_PLACEHOLDER,
	 "an empty text is the whole answer where the token should be"},
	{"a template", JW_STR("{\"token\":\"{{TOKEN}}\"}"), JSON, NULL, JW_PLACEHOLDER,
	 "a placeholder of 9 characters stands at /token where the token should be"},
	{"a template as the whole", JW_STR("{{TOKEN}}"), PLAIN, NULL, JW_PLACEHOLDER,
	 "a placeholder of 9 characters is the whole answer..."},
	{"a template called JSON", JW_STR("{{TOKEN}}"), JSON, NULL, JW_PLACEHOLDER,
	 "a placeholder of 9 characters is the whole answer..."},
	{"words of a template", JW_STR("YOUR_TOKEN_HERE"), PLAIN, NULL, JW_PLACEHOLDER,
	 "a placeholder of 15 characters is the whole answer..."},
	{"words of a template as a JSON string", JW_STR("\"changeme\""), JSON, NULL,
	 JW_PLACEHOLDER, "a placeholder of 8 characters is the whole answer..."},
	{"null", JW_STR("{\"token\":null}"), JSON, NULL, JW_PLACEHOLDER,
	 "null stands at /token where the token should be"},
	{"null twice", JW_STR("{\"token\":null,\"data\":{\"jwt\":null}}"), JSON, NULL,
	 JW_PLACEHOLDER, "null stands at /token where the token should be"},
	{"null beside another token", JW_STR("{\"token\":null,\"session\":\"" T "\"}"), JSON,
	 NULL, JW_PLACEHOLDER, "null stands at /token where the token should be"},
	{"null as the whole", JW_STR("null"), JSON, NULL, JW_PLACEHOLDER,
	 "null is the whole answer where the token should be"},
	{"null as text", JW_STR("null"), PLAIN, NULL, JW_PLACEHOLDER,
	 "a placeholder of 4 characters is the whole answer..."},
	{"a number", JW_STR("{\"token\":5}"), JSON, NULL, JW_TOKEN_MALFORMED,
	 "a number stands at /token where the token, a text, should be"},
	{"true", JW_STR("{\"jwt\":true}"), JSON, NULL, JW_TOKEN_MALFORMED,
	 "true or false stands at /jwt where the token, a text, should be"},
	{"a list", JW_STR("{\"token\":[\"" T "\"]}"), JSON, NULL, JW_TOKEN_MALFORMED,
	 "a list stands at /token where the token, a text, should be; it is a list of 1"},
	{"an object", JW_STR("{\"token\":{\"value\":\"" T "\",\"ttl\":5}}"), JSON, NULL,
	 JW_TOKEN_MALFORMED,
	 "an object stands at /token where the token, a text, should be; it has value, ttl"},
	{"an object at a pointer", JW_STR("{\"a\":{\"b\":1}}"), JSON, "/a", JW_TOKEN_MALFORMED,
	 "an object stands at /a where the token, a text, should be; it has b"},
	{"an object as the whole", JW_STR("{\"token\":\"" T "\"}"), JSON, "",
	 JW_TOKEN_MALFORMED,
	 "an object is the whole answer where the token, a text, should be; it has token"},
	{"a number at a pointer", JW_STR("[1]"), JSON, "/0", JW_TOKEN_MALFORMED,
	 "a number stands at /0 where the token, a text, should be"},

	{"an error", JW_STR("{\"error\":\"room " T " is full\"}"), JSON, NULL,
	 JW_TOKEN_NOT_FOUND, "the answer is an error object, without a token"},
	{"an error with details", JW_STR("{\"error\":{\"code\":403}}"), JSON, NULL,
	 JW_TOKEN_NOT_FOUND, "the answer is an error object, without a token"},
	{"errors", JW_STR("{\"data\":null,\"errors\":[{\"m\":\"x\"}]}"), JSON, NULL,
	 JW_TOKEN_NOT_FOUND, "the answer is an error object, without a token"},
	{"an error and an empty token", JW_STR("{\"error\":\"x\",\"token\":\"\"}"), JSON, NULL,
	 JW_TOKEN_NOT_FOUND, "the answer is an error object, without a token"},
	{"an error and null", JW_STR("{\"token\":null,\"error\":\"x\"}"), JSON, NULL,
	 JW_TOKEN_NOT_FOUND, "the answer is an error object, without a token"},
	{"an error that sends the token back",
	 JW_STR("{\"error\":\"x\",\"request\":{\"auth\":\"" T "\"}}"), JSON, NULL,
	 JW_TOKEN_NOT_FOUND, "the answer is an error object, without a token"},
	{"an error where a pointer leads nowhere", JW_STR("{\"error\":\"x\"}"), JSON, "/a/b",
	 JW_TOKEN_NOT_FOUND, "the answer is an error object, without a token"},
	{"no error and no token", JW_STR("{\"error\":false,\"ok\":1}"), JSON, NULL,
	 JW_TOKEN_NOT_FOUND, "the answer is JSON without a token: it has error, ok"},
	{"a login page", JW_STR("\n<!DOCTYPE html><title>Log in</title>" T), HTML, NULL,
	 JW_TOKEN_NOT_FOUND, "the answer is a web page, not a token (a login page?)"},
	{"a page called JSON", JW_STR("<html></html>"), JSON, NULL, JW_TOKEN_NOT_FOUND,
	 "the answer is a web page, not a token (a login page?)"},
	{"a page for a pointer", JW_STR("<html></html>"), HTML, "/token", JW_TOKEN_NOT_FOUND,
	 "the answer is a web page, not a token (a login page?)"},
	{"a page with text in front", JW_STR("Warning: x in <b>y</b>"), HTML, NULL,
	 JW_TOKEN_NOT_FOUND, "the answer is a web page, not a token (a login page?)"},
	{"JSON of something else",
	 JW_STR("{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":\"x\"}"), JSON, NULL,
	 JW_TOKEN_NOT_FOUND,
	 "the answer is JSON without a token: it has a, b, c, d, e and more"},
	{"five levels deep", JW_STR("{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":\"" T "\"}}}}}"), JSON,
	 NULL, JW_TOKEN_NOT_FOUND, "the answer is JSON without a token: it has a"},
	{"a token among words in JSON", JW_STR("{\"a\":\"use " T "\"}"), JSON, NULL,
	 JW_TOKEN_NOT_FOUND, "the answer is JSON without a token: it has a"},
	{"two tokens", JW_STR("{\"a\":\"" T "\",\"b\":{\"c\":\"" U "\"}}"), JSON, NULL,
	 JW_TOKEN_NOT_FOUND,
	 "the answer holds several tokens, the first at /a: name the one that is meant by its "
	 "JSON Pointer"},
	{"an empty list", JW_STR("[]"), JSON, NULL, JW_TOKEN_NOT_FOUND,
	 "the answer is JSON without a token: it is a list of 0"},
	{"a number as the whole", JW_STR("5"), JSON, NULL, JW_TOKEN_NOT_FOUND,
	 "the answer is JSON without a token: it is a number"},
	{"another JSON string", JW_STR("\"room is full\""), JSON, NULL, JW_TOKEN_NOT_FOUND,
	 "the answer is a text of 12 bytes that isn't a token"},
	{"other words", JW_STR("Room is full"), PLAIN, NULL, JW_TOKEN_NOT_FOUND,
	 "the answer is a text of 12 bytes that isn't a token"},
	{"a token among words", JW_STR("token=" T), PLAIN, NULL, JW_TOKEN_NOT_FOUND,
	 "the answer has a token among other text: name it by a pattern"},
	{"two tokens in plain text", JW_STR(T "\n" T), PLAIN, NULL, JW_TOKEN_NOT_FOUND,
	 "the answer has a token among other text: name it by a pattern"},
	{"a key that is a token", JW_STR("{\"" T "\":1,\"a\\u001b[1m\":2}"), JSON, NULL,
	 JW_TOKEN_NOT_FOUND,
	 "the answer is JSON without a token: it has (a name of 112 bytes), (a name of 5 "
	 "bytes)"},
	{"a key that may be a secret", JW_STR("{\"0123456789012345678901234567890123\":1}"),
	 JSON, NULL, JW_TOKEN_NOT_FOUND,
	 "the answer is JSON without a token: it has (a name of 34 bytes)"},

	{"a pointer to no member", JW_STR("{\"jwt\":\"" T "\",\"url\":\"u\"}"), JSON, "/token",
	 JW_TOKEN_NOT_FOUND,
	 "the pointer leads nowhere: the answer has no token; it has jwt, url"},
	{"a pointer to no member inside", JW_STR("{\"data\":{\"jwt\":1}}"), JSON,
	 "/data/token/x", JW_TOKEN_NOT_FOUND,
	 "the pointer leads nowhere: /data has no token; it has jwt"},
	{"a pointer through a text", JW_STR("{\"data\":\"" T "\"}"), JSON, "/data/token",
	 JW_TOKEN_NOT_FOUND, "the pointer leads nowhere: /data has no token; it is a text"},
	{"a pointer into an empty object", JW_STR("{\"data\":{}}"), JSON, "/data/token",
	 JW_TOKEN_NOT_FOUND,
	 "the pointer leads nowhere: /data has no token; it is an empty object"},
	{"a pointer behind a list", JW_STR("[1,2]"), JSON, "/2", JW_TOKEN_NOT_FOUND,
	 "the pointer leads nowhere: the answer has no 2; it is a list of 2"},
	{"a pointer to the end of a list", JW_STR("[\"" T "\"]"), JSON, "/-",
	 JW_TOKEN_NOT_FOUND,
	 "the pointer leads nowhere: the answer has no -; it is a list of 1"},
	{"an index with a nought in front", JW_STR("[1,\"" T "\"]"), JSON, "/01",
	 JW_TOKEN_NOT_FOUND, "the pointer leads nowhere: the answer has no 01..."},
	{"an index beyond all numbers", JW_STR("[1]"), JSON, "/18446744073709551616",
	 JW_TOKEN_NOT_FOUND, "the pointer leads nowhere..."},
	{"a name in a list", JW_STR("[{\"token\":1}]"), JSON, "/token", JW_TOKEN_NOT_FOUND,
	 "the pointer leads nowhere: the answer has no token; it is a list of 1"},
	{"a pointer to no empty name", JW_STR("{\"a\":1}"), JSON, "/", JW_TOKEN_NOT_FOUND,
	 "the pointer leads nowhere: the answer has no member with an empty name; it has a"},
	{"a pointer where keys are tokens", JW_STR("{\"" T "\":1}"), JSON, "/token",
	 JW_TOKEN_NOT_FOUND,
	 "the pointer leads nowhere: the answer has no token; it has (a name of 112 bytes)"},
	{"a pointer into plain text", JW_STR(T), PLAIN, "/token", JW_BAD_JSON,
	 "the answer is plain text, so no JSON Pointer leads anywhere in it"},

	{"a bare token called JSON", JW_STR(T), JSON, NULL, JW_BAD_JSON,
	 "the answer is no JSON (byte..."},
	{"cut JSON", JW_STR("{\"token\":\"" T), JSON, NULL, JW_BAD_JSON,
	 "the answer ends too early; was it cut?..."},
	{"a brace", JW_STR("{"), PLAIN, NULL, JW_BAD_JSON, "the answer ends too early..."},
	{"a member without a value", JW_STR("{\"token\":}"), JSON, NULL, JW_BAD_JSON,
	 "the answer is no JSON..."},
	{"JavaScript", JW_STR("{token:'" T "'}"), PLAIN, NULL, JW_BAD_JSON,
	 "the answer is no JSON..."},
	{"more behind JSON", JW_STR("{\"token\":\"" T "\"}{}"), JSON, NULL, JW_BAD_JSON,
	 "the answer goes on behind its end..."},
	{"more behind a JSON string", JW_STR("\"" T "\";"), JSON, NULL, JW_BAD_JSON,
	 "the answer goes on behind its end..."},
	{"two equal keys", JW_STR("{\"token\":\"" T "\",\"token\":\"" U "\"}"), JSON, NULL,
	 JW_BAD_JSON,
	 "the answer holds two equal keys in one object; programs differ in what they make of "
	 "that"},
	{"bytes that are no UTF-8", JW_STR("{\"token\":\"\xff\"}"), JSON, NULL, JW_BAD_JSON,
	 "the answer holds bytes that are no UTF-8; programs differ in what they make of that"},
	{"NUL in JSON", JW_STR("{\"token\":\"\0" T "\"}"), JSON, NULL, JW_BAD_JSON,
	 "the answer holds a NUL..."},
	{"NUL in text", JW_STR(T "\0"), PLAIN, NULL, JW_TOKEN_NOT_FOUND,
	 "the answer has a token among other text..."},
	{"bad JSON for a pointer", JW_STR("{\"token\":\"" T "\",}"), JSON, "/token",
	 JW_BAD_JSON, "the answer is no JSON..."},
};

static void misses(void **state)
{
	const struct missed_row *row = *state;
	size_t len = strlen(row->says);
	struct jw_arena arena = {0};
	struct jw_answer_token found = {.where = "untouched"};
	struct jw_err err = {0};

	assert_int_equal(jw_answer_find(row->body, jw_str_of(row->type), row->pointer, &arena,
					&found, &err),
			 row->cause);
	assert_int_equal(err.cause, row->cause);
	if (jw_str_is(jw_str_from(jw_str_of(row->says), len - 3), "..."))
		err.text[len - 3] = '\0';
	if (strncmp(err.text, row->says, strlen(err.text)) != 0 || strlen(err.text) + 3 < len)
		assert_string_equal(err.text, row->says);
	assert_null(strstr(err.text, "eyJ"));
	assert_string_equal(found.where, "untouched");
	assert_null(found.token.ptr);
	jw_arena_done(&arena);
}

static enum jw_cause find_in(struct jw_buf *body, struct jw_err *err)
{
	struct jw_arena arena = {0};
	struct jw_answer_token found = {0};
	enum jw_cause cause =
		jw_answer_find(jw_buf_get(body), jw_str_of(JSON), NULL, &arena, &found, err);

	if (!cause)
		assert_true(jw_str_is(found.token, T));
	jw_arena_done(&arena);
	return cause;
}

static void largest_is_read(void **state)
{
	jw_autobuf struct jw_buf body = JW_BUF(JW_ANSWER_BODY_MAX + 1);
	struct jw_err err = {0};

	(void)state;
	jw_buf_text(&body, "{\"token\":\"" T "\",\"x\":\"");
	while (body.len < JW_ANSWER_BODY_MAX - 2)
		jw_buf_char(&body, 'x');
	jw_buf_text(&body, "\"}");
	assert_int_equal(body.len, JW_ANSWER_BODY_MAX);
	assert_int_equal(find_in(&body, &err), JW_OK);
	jw_buf_char(&body, ' ');
	assert_int_equal(find_in(&body, &err), JW_BODY_TOO_LARGE);
}

static void deep_nesting_is_bad_json(void **state)
{
	jw_autobuf struct jw_buf body = JW_BUF(JW_ANSWER_BODY_MAX);
	struct jw_err err = {0};

	(void)state;
	for (size_t i = 0; i < 500000; i++)
		jw_buf_char(&body, '[');
	assert_int_equal(find_in(&body, &err), JW_BAD_JSON);
	assert_string_equal(err.text, "the answer is nested more than 32 deep (byte 33)");
}

static void many_values_are_bad_json(void **state)
{
	jw_autobuf struct jw_buf body = JW_BUF(JW_ANSWER_BODY_MAX);
	struct jw_err err = {0};

	(void)state;
	jw_buf_text(&body, "{\"a\":[0");
	for (size_t i = 0; i < 10000; i++)
		jw_buf_text(&body, ",0");
	jw_buf_text(&body, "],\"token\":\"" T "\"}");
	assert_int_equal(find_in(&body, &err), JW_BAD_JSON);
	assert_string_equal(err.text, "the answer holds more than 8192 values");
}

struct pointer_row {
	const char *name;
	struct jw_str pointer;
	const char *says; /* the beginning; NULL: nothing is wrong */
};

static const struct pointer_row pointer_rows[] = {
	{"the whole", JW_STR(""), NULL},
	{"a member", JW_STR("/token"), NULL},
	{"a path", JW_STR("/a/0/b"), NULL},
	{"escapes", JW_STR("/a~0~1"), NULL},
	{"an empty name", JW_STR("/"), NULL},
	{"a name alone", JW_STR("token"), "isn't a JSON Pointer"},
	{"JSONPath", JW_STR("$.data.token"), "isn't a JSON Pointer"},
	{"a fragment", JW_STR("#/token"), "begins with #"},
	{"a tilde at the end", JW_STR("/a~"), "has a ~"},
	{"a tilde before another letter", JW_STR("/a~2"), "has a ~"},
	{"a tilde before a slash", JW_STR("/a~/b"), "has a ~"},
	{"NUL", JW_STR("/a\0b"), "holds a NUL"},
};

static void judges_pointers(void **state)
{
	const struct pointer_row *row = *state;
	const char *says = jw_answer_pointer_wrong(row->pointer);

	assert_int_equal(!says, !row->says);
	if (says)
		assert_int_equal(strncmp(says, row->says, strlen(row->says)), 0);
}

static void long_pointers_are_wrong(void **state)
{
	char pointer[1025];

	(void)state;
	memset(pointer, '/', sizeof(pointer));
	assert_null(jw_answer_pointer_wrong((struct jw_str){pointer, 1024}));
	assert_non_null(jw_answer_pointer_wrong((struct jw_str){pointer, 1025}));
}

int main(void)
{
	JW_ROWS(found_rows, finds);
	JW_ROWS(bare_rows, finds_bare);
	JW_ROWS(missed_rows, misses);
	JW_TEST(largest_is_read);
	JW_TEST(deep_nesting_is_bad_json);
	JW_TEST(many_values_are_bad_json);
	JW_ROWS(pointer_rows, judges_pointers);
	JW_TEST(long_pointers_are_wrong);
	return rows_run();
}
