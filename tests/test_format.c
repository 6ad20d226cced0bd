/* SPDX-License-Identifier: MIT */
/* The formats over reports made by hand: sizes, orders, and what hostile names must not do. */
#include "rows.h"

#include <string.h>

#include <jansson.h>

#include "contract/check.h"
#include "output/format.h"

#define TARGETS_MAX 1000
#define NOW INT64_C(1767225600)

/* A report over targets that all have one token, good for `left` seconds more. */
struct world {
	struct jw_report report;
	struct jw_result results[TARGETS_MAX];
	struct jw_target targets[TARGETS_MAX];
	struct jw_token tokens[TARGETS_MAX];
};

static struct world world;

static const enum jw_cause causes[] = {
	[JW_STATE_OK] = JW_OK,
	[JW_STATE_WARNING] = JW_EXPIRING,
	[JW_STATE_CRITICAL] = JW_EXPIRED,
	[JW_STATE_UNKNOWN] = JW_CONFIG,
};

static void add(const char *name, enum jw_state state, const char *message)
{
	size_t i = world.report.count++;

	world.targets[i] = (struct jw_target){.name = name,
					      .check = jw_check_by_name(JW_STR("html_file"))};
	jw_threshold_parse(JW_STR("1h"), &world.targets[i].expect.warning, NULL);
	jw_threshold_parse(JW_STR("10m"), &world.targets[i].expect.critical, NULL);
	world.tokens[i] = (struct jw_token){.path = name, .line = 1, .has_claims = true};
	world.tokens[i].jwt.alg = "HS256";
	world.tokens[i].jwt.exp = (struct jw_time_claim){JW_CLAIM_VALID, NOW + 7200, NULL};
	world.results[i] = (struct jw_result){
		.target = &world.targets[i],
		.facts = {.tokens = &world.tokens[i], .token_count = 1},
		.verdict = {.state = state,
			    .cause = causes[state],
			    .message = message,
			    .remedy = "do something",
			    .deciding = 0,
			    .proved = state == JW_STATE_OK ? JW_PROVED_EXPIRY : 0},
		.now = NOW,
	};
	world.report.state = jw_state_worse(world.report.state, state);
}

static int begin(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.report.now = NOW;
	world.report.results = world.results;
	return 0;
}

static void write_as(const char *format, struct jw_buf *buf)
{
	const struct jw_style style = {0};

	jw_buf_init(buf, (size_t)16 << 20);
	jw_format_by_name(jw_str_of(format))->write(&world.report, &style, buf);
	assert_false(buf->overflowed);
}

static size_t count_of(struct jw_str text, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == c;
	return count;
}

static void worst_comes_first(void **state)
{
	static const size_t expected[] = {1, 4, 2, 0, 3};
	jw_autofree size_t *order = NULL;

	begin(state);
	add("unknown", JW_STATE_UNKNOWN, "");
	add("critical", JW_STATE_CRITICAL, "");
	add("warning", JW_STATE_WARNING, "");
	add("ok", JW_STATE_OK, "");
	add("critical too", JW_STATE_CRITICAL, "");
	order = jw_report_order(&world.report);
	/* CRITICAL > WARNING > UNKNOWN > OK */
	assert_memory_equal(order, expected, sizeof(expected));
	assert_int_equal(world.report.state, JW_STATE_CRITICAL);
}

static void text_keeps_to_its_lines(void **state)
{
	jw_autobuf struct jw_buf out = {0};

	begin(state);
	add("a\nb\033]0;x\007", JW_STATE_CRITICAL, "m\nn \xe2\x80\xae");
	write_as("text", &out);
	/* header, row, message, fix, blank, summary */
	assert_int_equal(count_of(jw_buf_get(&out), '\n'), 6);
	assert_int_equal(count_of(jw_buf_get(&out), '\033'), 0);
	assert_false(jw_str_has(jw_buf_get(&out), "\xe2\x80\xae"));
}

static void json_is_json(void **state)
{
	jw_autobuf struct jw_buf out = {0};
	json_t *root;
	json_t *target;

	begin(state);
	add("a\n\"b\xff", JW_STATE_WARNING, "m\\\n");
	write_as("json", &out);
	root = json_loadb(out.ptr, out.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	assert_int_equal(json_integer_value(json_object_get(root, "version")), 1);
	assert_int_equal(json_integer_value(json_object_get(root, "exit_code")), 1);
	target = json_array_get(json_object_get(root, "targets"), 0);
	assert_string_equal(json_string_value(json_object_get(target, "name")), "a?\"b?");
	assert_string_equal(json_string_value(json_object_get(target, "cause")), "expiring");
	assert_int_equal(
		json_integer_value(json_object_get(
			json_array_get(json_object_get(target, "tokens"), 0), "remaining")),
		7200);
	json_decref(root);
}

/* What an endpoint and the LiveKit server behind it answered. */
static struct jw_exchange exchange = {
	.at = JW_AT_SOURCE,
	.url = "https://api.example/token?room=***",
	.status = 200,
	.dns_us = 1500,
	.connect_us = 20,
	.tls_us = 234567,
	.wait_us = 0,
	.transfer_us = -1,
	.total_us = 240000,
	.has_clock = true,
	.clock_offset = -2,
	.certificate_expires = NOW + 864000,
	.proxy = "http://proxy.example:3128",
};
static struct jw_exchange other_exchange = {
	.at = JW_AT_LIVEKIT, .status = 401, .dns_us = -1, .total_us = -1};

static const struct jw_exchange unanswered = {.url = "http://api.example/",
					      .dns_us = -1,
					      .connect_us = -1,
					      .tls_us = -1,
					      .wait_us = -1,
					      .transfer_us = -1,
					      .total_us = 10000000};

static const struct jw_livekit accepting = {.url = "wss://livekit.example",
					    .was_asked = true,
					    .is_reachable = true,
					    .accepts = JW_ACCEPTS_YES,
					    .status = 200,
					    .time_us = 3400,
					    .has_clock = true,
					    .clock_offset = 5};
static const struct jw_livekit refusing = {.url = "wss://livekit.example",
					   .was_asked = true,
					   .is_reachable = true,
					   .cause = JW_LIVEKIT_REFUSED,
					   .refusal = JW_REFUSAL_NO_ROOM_JOIN,
					   .accepts = JW_ACCEPTS_NO,
					   .status = 401,
					   .time_us = 3400};
static const struct jw_livekit not_asked = {.url = "wss://livekit.example"};
static const struct jw_livekit silent = {
	.was_asked = true, .is_reachable = true, .status = 500};
static const struct jw_livekit elsewhere = {.url = "wss://livekit.example",
					    .was_asked = true,
					    .cause = JW_NOT_LIVEKIT,
					    .says = "answers with a web page (status 200)",
					    .status = 200};
static const struct jw_livekit cut_off = {.was_asked = true, .cause = JW_DEADLINE};

/* The last target gets the endpoint's exchange, behind one with another server. */
static void with_exchange(void)
{
	static struct jw_exchange exchanges[2];
	struct jw_facts *facts = &world.results[world.report.count - 1].facts;

	exchanges[0] = other_exchange;
	exchanges[1] = exchange;
	facts->exchanges = exchanges;
	facts->exchange_count = 2;
}

/* NULL, or the target's part of the JSON by its key; compact. */
static char *part_of_json(const char *key)
{
	jw_autobuf struct jw_buf out = {0};
	json_t *root;
	json_t *part;
	char *text;

	write_as("json", &out);
	root = json_loadb(out.ptr, out.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	part = json_object_get(json_array_get(json_object_get(root, "targets"), 0), key);
	text = part ? json_dumps(part, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6))
		    : NULL;
	json_decref(root);
	return text;
}

static void json_part_is(const char *key, const char *expected)
{
	char *text = part_of_json(key);

	if (expected)
		assert_string_equal(text ? text : "(absent)", expected);
	else
		assert_null(text);
	free(text);
}

static void json_tells_http(void **state)
{
	begin(state);
	add("token-api", JW_STATE_OK, "fine");
	json_part_is("http", NULL);
	json_part_is("livekit", NULL);
	with_exchange();
	json_part_is(
		"http",
		"{\"url\":\"https://api.example/token?room=***\",\"status\":200,\"time\":0.24,"
		"\"phases\":{\"dns\":0.0015,\"connect\":2e-5,\"tls\":0.234567,\"wait\":0.0},"
		"\"clock_skew\":-2,\"certificate_expires\":1768089600,"
		"\"proxy\":\"http://proxy.example:3128\"}");
	/* Only LiveKit was asked: that is no exchange with the target. */
	world.results[0].facts.exchange_count = 1;
	json_part_is("http", NULL);
	/* No answer came. */
	world.results[0].facts.exchanges[0] = unanswered;
	json_part_is("http", "{\"url\":\"http://api.example/\",\"time\":10.0}");
	world.results[0].facts.exchanges[0] = other_exchange;
	/* Of a `livekit` check it is. */
	world.results[0].facts.livekit = &accepting;
	json_part_is("http", "{\"status\":401,\"phases\":{\"connect\":0.0,\"tls\":0.0,"
			     "\"wait\":0.0,\"transfer\":0.0}}");
}

static const struct livekit_row {
	const char *name;
	const struct jw_livekit *livekit;
	const char *json;
	const char *of_token;
	const char *text;
} livekit_rows[] = {
	{"accepted", &accepting,
	 "{\"url\":\"wss://livekit.example\",\"reachable\":true,\"accepts\":true,"
	 "\"status\":200,\"clock_skew\":5,\"time\":0.0034}",
	 "{\"accepts\":true}", "livekit: wss://livekit.example accepts the token (3.4ms)\n"},
	{"refused", &refusing,
	 "{\"url\":\"wss://livekit.example\",\"reachable\":true,\"accepts\":false,"
	 "\"detail\":\"no_room_join\",\"status\":401,\"time\":0.0034}",
	 "{\"accepts\":false,\"detail\":\"no_room_join\"}",
	 "livekit: wss://livekit.example refuses the token: no_room_join (3.4ms)\n"},
	{"not asked", &not_asked, "{\"url\":\"wss://livekit.example\"}", NULL,
	 "livekit: wss://livekit.example wasn't asked: the token is known to be bad\n"},
	{"no answer about it", &silent, "{\"reachable\":true,\"status\":500}", "{}",
	 "livekit: the server didn't say whether it accepts the token\n"},
	{"another server", &elsewhere,
	 "{\"url\":\"wss://livekit.example\",\"reachable\":false,\"status\":200}", "{}",
	 "livekit: wss://livekit.example answers with a web page (status 200)\n"},
	{"cut off by us", &cut_off, "{}", "{}", "livekit: the server couldn't be asked\n"},
};

static void tells_livekit(void **state)
{
	const struct livekit_row *row = *state;
	const struct jw_style style = {.verbosity = 1};
	jw_autobuf struct jw_buf out = JW_BUF((size_t)1 << 20);
	json_t *tokens;
	char *of_token;
	char *text;

	begin(state);
	add("page", JW_STATE_OK, "fine");
	world.tokens[0].livekit = row->livekit;
	json_part_is("livekit", row->json);
	text = part_of_json("tokens");
	tokens = json_loads(text, 0, NULL);
	of_token =
		json_dumps(json_object_get(json_array_get(tokens, 0), "livekit"), JSON_COMPACT);
	assert_string_equal(of_token ? of_token : "absent",
			    row->of_token ? row->of_token : "absent");
	jw_format_by_name(JW_STR("text"))->write(&world.report, &style, &out);
	assert_true(jw_str_has(jw_buf_get(&out), row->text));
	json_decref(tokens);
	free(of_token);
	free(text);
}

/* Of several tokens: the deciding one's server, else that of the first that is judged. */
static void livekit_of_several_tokens(void **state)
{
	static struct jw_token tokens[3];
	struct jw_facts *facts;

	begin(state);
	add("page", JW_STATE_OK, "fine");
	facts = &world.results[0].facts;
	for (size_t i = 0; i < 3; i++)
		tokens[i] = world.tokens[0];
	tokens[1].is_note = true;
	tokens[1].livekit = &refusing;
	tokens[2].livekit = &silent;
	facts->tokens = tokens;
	facts->token_count = 3;
	json_part_is("livekit", "{\"reachable\":true,\"status\":500}");
	tokens[0].livekit = &not_asked;
	json_part_is("livekit", "{\"url\":\"wss://livekit.example\"}");
	world.results[0].verdict.deciding = 2;
	json_part_is("livekit", "{\"reachable\":true,\"status\":500}");
	facts->livekit = &cut_off;
	json_part_is("livekit", "{}");
}

static void proofs_by_name(void **state)
{
	jw_autobuf struct jw_buf text = {0};
	jw_autobuf struct jw_buf ready = {0};
	jw_autobuf struct jw_buf expiry = {0};

	begin(state);
	add("page", JW_STATE_OK, "fine");
	world.results[0].verdict.proved =
		JW_PROVED_EXPIRY | JW_PROVED_SIGNATURE | JW_PROVED_ACCEPTED;
	json_part_is("proved", "[\"expiry\",\"signature\",\"accepted\"]");
	write_as("text", &text);
	assert_true(jw_str_has(jw_buf_get(&text), "ok (expiry, signature, accepted)\n"));
	world.results[0].verdict.proved = JW_PROVED_JOIN;
	json_part_is("proved", "[\"join\"]");
	world.results[0].verdict.proved = JW_PROVED_READY;
	json_part_is("proved", "[\"ready\"]");
	write_as("text", &ready);
	assert_true(jw_str_has(jw_buf_get(&ready), "ok (ready)\n"));
	world.results[0].verdict.proved = JW_PROVED_EXPIRY;
	write_as("text", &expiry);
	assert_true(jw_str_has(jw_buf_get(&expiry), "ok (expiry only)\n"));
}

static void text_tells_http(void **state)
{
	const struct jw_style style = {.verbosity = 1};
	jw_autobuf struct jw_buf out = JW_BUF((size_t)1 << 20);
	jw_autobuf struct jw_buf none = JW_BUF((size_t)1 << 20);
	jw_autobuf struct jw_buf quiet = {0};

	begin(state);
	add("token-api", JW_STATE_OK, "fine");
	with_exchange();
	jw_format_by_name(JW_STR("text"))->write(&world.report, &style, &out);
	assert_true(jw_str_has(
		jw_buf_get(&out),
		"http: status 200 in 240.0ms (dns 1.5ms, connect 0.0ms, tls 234.5ms, wait "
		"0.0ms) through the proxy http://proxy.example:3128\n"));
	write_as("text", &quiet);
	assert_false(jw_str_has(jw_buf_get(&quiet), "http"));
	world.results[0].facts.exchanges[1] = unanswered;
	jw_format_by_name(JW_STR("text"))->write(&world.report, &style, &none);
	assert_true(jw_str_has(jw_buf_get(&none), "http: no answer in 10000.0ms\n"));
}

static void names_of_formats(void **state)
{
	jw_autobuf struct jw_buf names = JW_BUF(256);

	(void)state;
	jw_format_names(&names);
	assert_string_equal(names.ptr, "text, nagios, json, prometheus, junit or github");
	assert_string_equal(jw_format_by_name(JW_STR("prometheus"))->media_type,
			    "text/plain; version=0.0.4; charset=utf-8");
}

int main(void)
{
	JW_TEST(worst_comes_first);
	JW_TEST(text_keeps_to_its_lines);
	JW_TEST(json_is_json);
	JW_TEST(json_tells_http);
	JW_ROWS(livekit_rows, tells_livekit);
	JW_TEST(livekit_of_several_tokens);
	JW_TEST(proofs_by_name);
	JW_TEST(text_tells_http);
	JW_TEST(names_of_formats);
	return rows_run();
}
