/* SPDX-License-Identifier: MIT */
/* The checks that ask the network, walked by the runner over a fake one: what is asked, of whom, how often. */
#include "rows.h"

#include "contract/check.h"
#include "core/asks.h"

#include "fake_net.h"

#define NOW INT64_C(4102358400)
/* {"alg":"HS256"}; {"exp":4102444800,"video":{}}, 24 h after NOW; the signatures are "sig" and "sog". */
#define TOKEN "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDAsInZpZGVvIjp7fX0.c2ln"
#define OTHER "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDAsInZpZGVvIjp7fX0.c29n"
#define THIRD "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDAsInZpZGVvIjp7fX0.c2lo"
/* {"exp":4102358000,"video":{}}: it ended 400 s before NOW. */
#define ENDED "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDIzNTgwMDAsInZpZGVvIjp7fX0.c2ln"
#define BEARER "Authorization: Bearer "
#define MINTED                                                                                 \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."                                                \
	"eyJpc3MiOiJrIiwibmJmIjo0MTAyMzU4NDAwLCJleHAiOjQxMDIzNTg1MjAsInZpZGVvIjp7InJvb21MaXN0" \
	"Ijp0cnVlfX0"
#define ZEROS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static int64_t clock_ms;

static int64_t wall(void *self)
{
	(void)self;
	return NOW;
}

static int64_t monotonic(void *self)
{
	(void)self;
	return clock_ms;
}

static const struct jw_clock fake_clock = {.wall = wall, .monotonic_ms = monotonic};

static const char *fake_env(void *self, const char *name)
{
	(void)self;
	if (!strcmp(name, "SECRET"))
		return "hush";
	return strcmp(name, "BROKEN") ? NULL : "a\nb";
}

static const struct jw_files files = {.env = fake_env};

/* A run of one target, from its start to its verdict. */
struct trial {
	struct jw_config *config;
	struct jw_world world;
	struct jw_run *run;
	struct jw_result result;
	bool is_done;
};

static void done(void *context, struct jw_result *result)
{
	struct trial *trial = context;

	assert_ptr_equal(result, &trial->result);
	assert_false(trial->is_done);
	trial->is_done = true;
}

static void begin_by(struct trial *trial, const char *check_name, struct jw_asks *asks,
		     const char *const *options, int64_t deadline_ms)
{
	const struct jw_check *check = jw_check_by_name(jw_str_of(check_name));
	struct jw_target *target;
	struct jw_err err = {0};

	*trial = (struct trial){
		.config = jw_config_new(),
		.world = {.files = &files,
			  .clock = &fake_clock,
			  .net = fake_open,
			  .asks = asks},
	};
	target = jw_config_add(trial->config, check, check_name);
	for (; options[0]; options += 2)
		if (jw_config_set(trial->config, target,
				  jw_config_option(check, jw_str_of(options[0])),
				  jw_str_of(options[1]), &err))
			fail_msg("%s", err.text);
	if (jw_config_finish(trial->config, target, &err))
		fail_msg("%s", err.text);
	trial->run = jw_runner_start(&trial->world, trial->config, target, deadline_ms, 0,
				     &trial->result, done, trial);
}

static void begin(struct trial *trial, const char *check_name, struct jw_asks *asks,
		  const char *const *options)
{
	begin_by(trial, check_name, asks, options, 1000000);
}

static void end(struct trial *trial)
{
	jw_result_done(&trial->result);
	jw_config_free(trial->config);
}

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define ENDPOINT "url", "http://voice/api/token?room=r1"
#define JSON_ANSWER(text)                                                                      \
	{                                                                                      \
		.status = 200, .body = (text)                                                  \
	}
#define TEXT_PLAIN "Content-Type: text/plain; charset=utf-8\n"
#define SAYS(status_, text)                                                                    \
	((struct answer){.status = (status_), .body = (text), .headers = TEXT_PLAIN})

/* What a server answers, or what became of the try. */
struct answer {
	enum jw_cause cause;
	const char *says;
	long status;
	const char *body;
	size_t body_len;     /* 0: up to the NUL */
	const char *headers; /* "Name: value\n" each */
	const char *url;
	bool has_date;
	int64_t date;
	int64_t wait_us;
	int64_t transfer_us;
	int64_t certificate_expires;
	const char *proxy;
	const struct answer *hops; /* of the redirects before */
	int redirects;
};

#define HEADERS 8
#define HOPS 2

static struct jw_http_reply reply_of(struct answer given,
				     struct jw_http_header headers[HEADERS])
{
	struct jw_http_reply reply = {
		.cause = given.cause,
		.says = given.says,
		.status = given.status,
		.body = {given.body,
			 given.body && !given.body_len ? strlen(given.body) : given.body_len},
		.headers = headers,
		.url = given.url,
		.has_date = given.has_date,
		.date = given.date,
		.phases = {.wait_us = given.wait_us, .transfer_us = given.transfer_us},
		.certificate_expires = given.certificate_expires,
		.proxy = given.proxy,
		.redirects = given.redirects,
	};
	struct jw_str rest = jw_str_of(given.headers);
	struct jw_str line;

	while (jw_str_cut(rest, '\n', &line, &rest)) {
		struct jw_http_header *header = &headers[reply.header_count++];

		jw_str_cut(line, ':', &header->name, &header->value);
		header->value = jw_str_trim(header->value);
	}
	return reply;
}

static void answer(size_t index, struct answer given)
{
	struct jw_http_header headers[HOPS + 1][HEADERS];
	struct jw_http_reply hops[HOPS];
	struct jw_http_reply reply = reply_of(given, headers[HOPS]);

	for (int i = 0; i < given.redirects; i++)
		hops[i] = reply_of(given.hops[i], headers[i]);
	reply.hops = hops;
	fake_answer(index, reply);
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	clock_ms = 0;
	return 0;
}

/* What an endpoint answers, and what is made of it. */
struct row {
	const char *name;
	const char *options[8];
	struct answer answer;
	enum jw_cause cause;
	const char *message; /* a part of it */
};

static const struct row rows[] = {
	{"the common shape",
	 {NULL},
	 JSON_ANSWER("{\"token\":\"" TOKEN "\"}"),
	 JW_OK,
	 "http://voice/api/token?room=*** good for 1d more"},
	{"plain text", {NULL}, JSON_ANSWER(TOKEN "\n"), JW_OK, NULL},
	{"a JSON Pointer",
	 {"token", "/a/b"},
	 JSON_ANSWER("{\"a\":{\"b\":\"" TOKEN "\"}}"),
	 JW_OK,
	 NULL},
	{"a JSON Pointer to nothing",
	 {"token", "/a/c"},
	 JSON_ANSWER("{\"a\":{\"b\":\"" TOKEN "\"}}"),
	 JW_TOKEN_NOT_FOUND,
	 NULL},
	{"an ended token", {NULL}, JSON_ANSWER("{\"token\":\"" ENDED "\"}"), JW_EXPIRED, NULL},
	{"not a token", {NULL}, JSON_ANSWER("{\"token\":\"hello\"}"), JW_TOKEN_MALFORMED, NULL},
	{"a placeholder", {NULL}, JSON_ANSWER("{\"token\":{}}"), JW_PLACEHOLDER, NULL},
	{"broken JSON", {NULL}, JSON_ANSWER("{\"token\":"), JW_BAD_JSON, NULL},
	{"an error page with 200",
	 {NULL},
	 JSON_ANSWER("<!DOCTYPE html><html>no</html>"),
	 JW_TOKEN_NOT_FOUND,
	 NULL},
	{"status 201", {NULL}, {.status = 201, .body = TOKEN}, JW_OK, NULL},
	{"status 202",
	 {NULL},
	 {.status = 202, .body = TOKEN},
	 JW_HTTP_STATUS,
	 "HTTP status 202"},
	{"status 202, wanted", {"status", "202"}, {.status = 202, .body = TOKEN}, JW_OK, NULL},
	{"status 200, not wanted",
	 {"status", "202"},
	 {.status = 200, .body = TOKEN},
	 JW_HTTP_STATUS,
	 NULL},
	{"status 401", {NULL}, {.status = 401}, JW_HTTP_STATUS, "it wants credentials"},
	{"status 404",
	 {NULL},
	 {.status = 404},
	 JW_HTTP_STATUS,
	 "nothing is served at this path"},
	{"status 500", {NULL}, {.status = 500}, JW_HTTP_STATUS, "an error of its own"},
	{"a cache may give it again",
	 {NULL},
	 {.status = 200, .body = TOKEN, .headers = "Cache-Control: max-age=60\n"},
	 JW_CACHE_OUTLIVES_TOKEN,
	 "give it again for 1m"},
	{"a cache may give it again, and that is meant",
	 {"rotate_every", "2h"},
	 {.status = 200, .body = TOKEN, .headers = "Cache-Control: max-age=60\n"},
	 JW_OK,
	 NULL},
	{"a cache may keep a page for a while",
	 {"pattern", "ey.*"},
	 {.status = 200, .body = TOKEN, .headers = "Cache-Control: max-age=60\n"},
	 JW_OK,
	 NULL},
	{"a cache may keep a page for too long",
	 {"pattern", "ey.*"},
	 {.status = 200, .body = TOKEN, .headers = "Cache-Control: max-age=90000\n"},
	 JW_CACHE_OUTLIVES_TOKEN,
	 "token ends in 1d"},
	{"no cache keeps what was posted",
	 {"method", "POST"},
	 {.status = 200, .body = TOKEN, .headers = "Cache-Control: max-age=60\n"},
	 JW_OK,
	 NULL},
	{"nor what a body was sent for",
	 {"body", "x"},
	 {.status = 200, .body = TOKEN, .headers = "Cache-Control: max-age=60\n"},
	 JW_OK,
	 NULL},
	{"no-store",
	 {"method", "GET"},
	 {.status = 200, .body = TOKEN, .headers = "Cache-Control: no-store\n"},
	 JW_OK,
	 NULL},
	{"no connection",
	 {NULL},
	 {.cause = JW_CONNECT, .says = "connection refused by 127.0.0.1:1"},
	 JW_CONNECT,
	 "http://voice/api/token?room=***: connection refused by 127.0.0.1:1"},
	{"no connection by a proxy",
	 {NULL},
	 {.cause = JW_CONNECT, .says = "refused", .proxy = "http://proxy:3128"},
	 JW_CONNECT,
	 "refused (by the proxy http://proxy:3128)"},
	{"a timeout",
	 {NULL},
	 {.cause = JW_TIMEOUT, .says = "no answer in 10s"},
	 JW_TIMEOUT,
	 "no answer in 10s"},
	{"a header",
	 {"token_header", "x-token"},
	 {.status = 200,
	  .headers = "X-Token"
		     ": " TOKEN "\n"},
	 JW_OK,
	 NULL},
	{"a header that isn't there",
	 {"token_header", "x-token"},
	 {.status = 200,
	  .headers = "X-Taken"
		     ": " TOKEN "\n"},
	 JW_TOKEN_NOT_FOUND,
	 "the answer has no header x-token"},
	{"a cookie",
	 {"token_cookie", "session"},
	 {.status = 200,
	  .headers = "Set-Cookie"
		     ": "
		     "a=b"
		     "\n"
		     "set-cookie"
		     ": "
		     "session=" TOKEN "; Path=/; HttpOnly"
		     "\n"},
	 JW_OK,
	 NULL},
	{"a cookie in quotes",
	 {"token_cookie", "session"},
	 {.status = 200,
	  .headers = "set-cookie"
		     ": "
		     "session=\"" TOKEN "\""
		     "\n"},
	 JW_OK,
	 NULL},
	{"the last of several cookies of a name",
	 {"token_cookie", "session"},
	 {.status = 200,
	  .headers =
		  "Set-Cookie: session=" ENDED "\nSet-Cookie: session=" TOKEN "; Max-Age=60\n"},
	 JW_OK,
	 NULL},
	{"a cookie that is set and forgotten",
	 {"token_cookie", "session"},
	 {.status = 200,
	  .headers = "Set-Cookie: session=" TOKEN "\nSet-Cookie: session=; Max-Age=0\n"},
	 JW_TOKEN_NOT_FOUND,
	 "has the cookie session forgotten at once"},
	{"a cookie that is forgotten and set",
	 {"token_cookie", "session"},
	 {.status = 200,
	  .headers = "Set-Cookie: session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT\nSet-Cookie: "
		     "session=" TOKEN "\n"},
	 JW_OK,
	 NULL},
	{"a cookie that is over already",
	 {"token_cookie", "session"},
	 {.status = 200, .headers = "Set-Cookie: session=" TOKEN "; max-age=-1\n"},
	 JW_TOKEN_NOT_FOUND,
	 "forgotten at once"},
	{"a cookie of another name",
	 {"token_cookie", "session"},
	 {.status = 200,
	  .headers = "Set-Cookie"
		     ": "
		     "Session=" TOKEN "\n"},
	 JW_TOKEN_NOT_FOUND,
	 "sets no cookie session"},
	{"a page with a pattern",
	 {"pattern", "T = '([^']+)'"},
	 JSON_ANSWER("<html>\n\nT = '" TOKEN "'"),
	 JW_OK,
	 "room=***:3 good for"},
	{"the second match in a page",
	 {"pattern", "T = '([^']+)'"},
	 JSON_ANSWER("T = '" TOKEN "'\nT = '" ENDED "'"),
	 JW_EXPIRED,
	 "room=***:2 token ended"},
	{"the first match alone",
	 {"pattern", "T = '([^']+)'", "select", "first"},
	 JSON_ANSWER("T = '" TOKEN "'\nT = '" ENDED "'"),
	 JW_OK,
	 NULL},
	{"a pattern that matches nowhere",
	 {"pattern", "U = '([^']+)'"},
	 JSON_ANSWER("T = '" TOKEN "'"),
	 JW_TOKEN_NOT_FOUND,
	 "matches nowhere in "},
	{"an empty page, and a pattern that matches nothing at all",
	 {"pattern", "(.*)"},
	 {.status = 200},
	 JW_TOKEN_NOT_FOUND,
	 "the answer is empty"},
	{"a page in UTF-16",
	 {"pattern", "T=(.)"},
	 {.status = 200, .body = "\xff\xfeT\0=\0x\0", .body_len = 8},
	 JW_PLACEHOLDER,
	 NULL},
	{"no built-in thresholds",
	 {NULL},
	 JSON_ANSWER("{\"token\":\"" TOKEN "\"}"),
	 JW_OK,
	 NULL},
	{"a threshold that was given",
	 {"warning", "2d"},
	 JSON_ANSWER("{\"token\":\"" TOKEN "\"}"),
	 JW_EXPIRING,
	 NULL},
	{"min_lifetime",
	 {"min_lifetime", "2d"},
	 JSON_ANSWER("{\"token\":\"" TOKEN "\"}"),
	 JW_LIFETIME_TOO_SHORT,
	 NULL},
	{"a clock that is off",
	 {NULL},
	 {.status = 200, .body = TOKEN, .has_date = true, .date = NOW + 90},
	 JW_CLOCK_SKEW,
	 "1m30s ahead of the clock here"},
	{"a server that thinks for long is no skew",
	 {NULL},
	 {.status = 200,
	  .body = TOKEN,
	  .has_date = true,
	  .date = NOW - 70,
	  .wait_us = 70000000},
	 JW_OK,
	 NULL},
	{"a slow body is no skew",
	 {NULL},
	 {.status = 200,
	  .body = TOKEN,
	  .has_date = true,
	  .date = NOW - 70,
	  .transfer_us = 70000000},
	 JW_OK,
	 NULL},
	{"a clock that is off beyond a slow answer",
	 {NULL},
	 {.status = 200,
	  .body = TOKEN,
	  .has_date = true,
	  .date = NOW - 120,
	  .wait_us = 70000000},
	 JW_CLOCK_SKEW,
	 "50s behind"},
	{"an ended token by a clock that is behind",
	 {NULL},
	 {.status = 200, .body = ENDED, .has_date = true, .date = NOW - 3600},
	 JW_CLOCK_SKEW,
	 "token ended 6m40s ago (2099-12-30T23:53:20Z): the clock of the server that gave it "
	 "is 1h behind the one here"},
	{"a certificate that ends",
	 {NULL},
	 {.status = 200, .body = TOKEN, .certificate_expires = NOW + 3 * 86400},
	 JW_CERTIFICATE_EXPIRING,
	 "ends in 3d"},
	{"where it led to is named",
	 {NULL},
	 {.status = 500, .url = "http://voice/other?key=x"},
	 JW_HTTP_STATUS,
	 "http://voice/other?key=***: HTTP status 500"},
};

static void is_judged(void **state)
{
	const struct row *row = *state;
	const char *options[16] = {ENDPOINT};
	struct trial trial;

	setup(NULL);
	for (size_t i = 0; row->options[i]; i++)
		options[2 + i] = row->options[i];
	begin(&trial, "token_endpoint", NULL, options);
	assert_non_null(trial.run);
	assert_int_equal(fake_out(), 1);
	answer(0, row->answer);
	assert_true(trial.is_done);
	assert_string_equal(jw_cause_name(trial.result.verdict.cause),
			    jw_cause_name(row->cause));
	if (row->message && !strstr(trial.result.verdict.message, row->message))
		assert_string_equal(trial.result.verdict.message, row->message);
	assert_int_equal(trial.result.facts.exchange_count, 1);
	assert_int_equal(trial.result.facts.exchanges[0].at, JW_AT_SOURCE);
	assert_null(strstr(trial.result.facts.exchanges[0].url, "r1"));
	end(&trial);
}

static void the_request_is_as_configured(void **state)
{
	struct trial trial;

	(void)state;
	setup(NULL);
	begin(&trial, "token_endpoint", NULL,
	      OPTIONS(ENDPOINT, "method", "PUT", "headers", "X-Room=r1", "headers",
		      "X-Api-Key=env:SECRET", "bearer", "env:SECRET", "body",
		      "{\"room\":\"r1\"}", "redirects", "any", "server_name", "voice.example",
		      "ca_file", "/etc/ca.pem", "timeout", "3s"));
	assert_string_equal(fake_transfers[0].method, "PUT");
	assert_string_equal(fake_transfers[0].url, "http://voice/api/token?room=r1");
	assert_string_equal(fake_transfers[0].headers,
			    "X-Room: r1\nX-Api-Key: hush\n" BEARER "hush\n"
			    "Content-Type: application/json\n");
	assert_string_equal(fake_transfers[0].body, "{\"room\":\"r1\"}");
	assert_string_equal(fake_transfers[0].server_name, "voice.example");
	assert_string_equal(fake_transfers[0].ca_file, "/etc/ca.pem");
	assert_int_equal(fake_transfers[0].redirects, JW_REDIRECTS_ANY);
	assert_int_equal(fake_transfers[0].timeout_ms, 3000);
	answer(0, (struct answer)JSON_ANSWER(TOKEN));
	assert_true(trial.is_done);
	end(&trial);
}

static void without_its_secret_nothing_is_asked(void **state)
{
	static const struct {
		const char *option;
		const char *value;
		const char *message;
	} cases[] = {
		{"bearer", "env:ABSENT",
		 "header Authorization: the environment has no variable"},
		{"headers", "X-Key=env:ABSENT",
		 "header X-Key: the environment has no variable"},
		{"headers", "X-Key=env:BROKEN", "header X-Key: its value has a line break"},
		{"body", "env:ABSENT", "body: the environment has no variable"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct trial trial;

		setup(NULL);
		begin(&trial, "token_endpoint", NULL,
		      OPTIONS(ENDPOINT, cases[i].option, cases[i].value));
		assert_null(trial.run);
		assert_int_equal(fake_out(), 0);
		assert_string_equal(jw_cause_name(trial.result.verdict.cause),
				    "secret_missing");
		assert_non_null(strstr(trial.result.verdict.message, cases[i].message));
		end(&trial);
	}
}

static void the_whole_runs_end_is_a_deadline(void **state)
{
	struct trial trial;

	(void)state;
	setup(NULL);
	begin_by(&trial, "token_endpoint", NULL, OPTIONS(ENDPOINT), 5000);
	assert_int_equal(fake_transfers[0].timeout_ms, 5000);
	clock_ms = 5000;
	answer(0, (struct answer){.cause = JW_TIMEOUT, .says = "no answer"});
	assert_string_equal(jw_cause_name(trial.result.verdict.cause), "deadline");
	end(&trial);
}

static void a_run_can_be_ended(void **state)
{
	struct trial trial;

	(void)state;
	setup(NULL);
	begin(&trial, "token_endpoint", NULL, OPTIONS(ENDPOINT));
	jw_runner_cancel(trial.run);
	assert_false(trial.is_done);
	assert_int_equal(fake_out(), 0);
	assert_string_equal(jw_cause_name(trial.result.verdict.cause), "deadline");
	end(&trial);
}

#define ACCEPTED ENDPOINT, "accepted_by", "ws://livekit:7880/base"

/* An endpoint that gave this token, whose acceptance is asked for. */
static void begin_accepting(struct trial *trial, struct jw_asks *asks, const char *token)
{
	begin(trial, "token_endpoint", asks, OPTIONS(ACCEPTED));
	answer(fake_transfer_count - 1, (struct answer){.status = 200, .body = token});
}

static void a_good_token_is_asked_about(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin_accepting(&trial, asks, TOKEN);
	assert_false(trial.is_done);
	assert_string_equal(fake_transfers[1].url, "http://livekit:7880/base/rtc/validate");
	assert_string_equal(fake_transfers[1].headers, BEARER TOKEN "\n");
	assert_int_equal(fake_transfers[1].redirects, JW_REDIRECTS_NONE);
	answer(1, SAYS(200, "success"));
	assert_true(trial.is_done);
	assert_int_equal(trial.result.verdict.state, JW_STATE_OK);
	assert_int_equal(trial.result.verdict.proved, JW_PROVED_EXPIRY | JW_PROVED_ACCEPTED);
	assert_non_null(
		strstr(trial.result.verdict.message, "accepted by ws://livekit:7880/base"));
	assert_int_equal(trial.result.facts.exchange_count, 2);
	end(&trial);
	jw_asks_free(asks);
}

static void a_refusal_is_the_servers(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin_accepting(&trial, asks, TOKEN);
	answer(1, SAYS(401, "invalid API key: APIother"));
	assert_string_equal(jw_cause_name(trial.result.verdict.cause), "livekit_refused");
	assert_int_equal(trial.result.verdict.findings[0].at, JW_AT_LIVEKIT);
	assert_non_null(strstr(trial.result.verdict.message, "unknown_api_key"));
	assert_null(strstr(trial.result.verdict.message, "APIother"));
	end(&trial);
	jw_asks_free(asks);
}

static void an_ended_token_is_not_sent(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin_accepting(&trial, asks, ENDED);
	assert_string_equal(fake_transfers[1].url, "http://livekit:7880/base/");
	assert_string_equal(fake_transfers[1].headers, "");
	answer(1, (struct answer){.status = 200, .body = "OK", .has_date = true, .date = NOW});
	assert_true(trial.is_done);
	assert_string_equal(jw_cause_name(trial.result.verdict.cause), "expired");
	assert_false(trial.result.facts.tokens[0].livekit->was_asked);
	assert_int_equal(trial.result.verdict.finding_count, 1);
	end(&trial);
	jw_asks_free(asks);
}

static void by_the_servers_clock_it_may_be_sent(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin_accepting(&trial, asks, ENDED);
	answer(1, (struct answer){
			  .status = 200, .body = "OK", .has_date = true, .date = NOW - 3600});
	assert_false(trial.is_done);
	assert_string_equal(fake_transfers[2].headers, BEARER ENDED "\n");
	answer(2, (struct answer){.status = 200,
				  .body = "success",
				  .has_date = true,
				  .date = NOW - 3600,
				  .headers = "Content-Type"
					     ": "
					     "text/plain"
					     "\n"});
	assert_true(trial.is_done);
	assert_int_equal(trial.result.verdict.state, JW_STATE_WARNING);
	assert_string_equal(jw_cause_name(trial.result.verdict.cause), "clock_skew");
	end(&trial);
	jw_asks_free(asks);
}

static void several_bad_ones_need_one_date(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin(&trial, "token_endpoint", asks, OPTIONS(ACCEPTED, "pattern", "[^ ]+"));
	answer(0, (struct answer)JSON_ANSWER(ENDED " " ENDED "x " TOKEN));
	answer(1, (struct answer){.status = 200, .body = "OK", .has_date = true, .date = NOW});
	assert_string_equal(fake_transfers[2].headers, BEARER TOKEN "\n");
	answer(2, SAYS(200, "success"));
	assert_true(trial.is_done);
	assert_int_equal(fake_transfer_count, 3);
	end(&trial);
	jw_asks_free(asks);
}

static void one_question_for_two(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial first;
	struct trial second;
	struct trial third;

	(void)state;
	setup(NULL);
	begin_accepting(&first, asks, TOKEN);
	begin_accepting(&second, asks, TOKEN);
	assert_int_equal(fake_out(), 1);
	answer(1, SAYS(200, "success"));
	assert_true(first.is_done);
	assert_true(second.is_done);
	begin_accepting(&third, asks, TOKEN);
	assert_true(third.is_done);
	assert_int_equal(third.result.verdict.proved & JW_PROVED_ACCEPTED, JW_PROVED_ACCEPTED);
	assert_int_equal(fake_out(), 0);
	assert_int_equal(fake_timers_used(), 0);
	end(&first);
	end(&second);
	end(&third);
	jw_asks_free(asks);
}

static void another_token_is_another_question(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial first;
	struct trial second;

	(void)state;
	setup(NULL);
	begin_accepting(&first, asks, TOKEN);
	begin_accepting(&second, asks, OTHER);
	assert_int_equal(fake_out(), 2);
	answer(3, SAYS(401, "permissions denied"));
	assert_true(second.is_done);
	assert_false(first.is_done);
	answer(1, SAYS(200, "success"));
	assert_int_equal(first.result.verdict.state, JW_STATE_OK);
	assert_int_equal(second.result.verdict.state, JW_STATE_CRITICAL);
	end(&first);
	end(&second);
	jw_asks_free(asks);
}

static void who_waits_has_a_time_of_its_own(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial patient;
	struct trial hasty;

	(void)state;
	setup(NULL);
	begin_accepting(&patient, asks, TOKEN);
	begin(&hasty, "token_endpoint", asks, OPTIONS(ACCEPTED, "timeout", "1s"));
	answer(2, (struct answer)JSON_ANSWER(TOKEN));
	fake_pass(1000);
	assert_true(hasty.is_done);
	assert_string_equal(jw_cause_name(hasty.result.verdict.cause), "livekit_unreachable");
	assert_false(patient.is_done);
	answer(1, SAYS(200, "success"));
	assert_int_equal(patient.result.verdict.state, JW_STATE_OK);
	assert_int_equal(fake_timers_used(), 0);
	end(&patient);
	end(&hasty);
	jw_asks_free(asks);
}

/* One that waits for a second, and one that waits for ten, for the same answer. */
static void begin_two(struct trial *hasty, struct trial *patient, struct jw_asks *asks)
{
	begin(hasty, "token_endpoint", asks, OPTIONS(ACCEPTED, "timeout", "1s"));
	answer(fake_transfer_count - 1, (struct answer)JSON_ANSWER(TOKEN));
	begin_accepting(patient, asks, TOKEN);
}

static void a_timeout_is_only_who_asked_firsts(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial hasty;
	struct trial patient;

	(void)state;
	setup(NULL);
	begin_two(&hasty, &patient, asks);
	clock_ms = 1000;
	answer(1, (struct answer){.cause = JW_TIMEOUT, .says = "no answer"});
	assert_true(hasty.is_done);
	assert_string_equal(jw_cause_name(hasty.result.verdict.cause), "livekit_unreachable");
	assert_false(patient.is_done);
	assert_int_equal(fake_transfers[3].timeout_ms, 9000);
	answer(3, SAYS(200, "success"));
	assert_int_equal(patient.result.verdict.state, JW_STATE_OK);
	assert_int_equal(fake_timers_used(), 0);
	end(&hasty);
	end(&patient);
	jw_asks_free(asks);
}

static void a_timeout_of_somebody_else_is_asked_again(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial first;
	struct trial second;

	(void)state;
	setup(NULL);
	begin_accepting(&first, asks, TOKEN);
	clock_ms = 10000;
	answer(1, (struct answer){.cause = JW_TIMEOUT, .says = "no answer"});
	assert_true(first.is_done);
	begin_accepting(&second, asks, TOKEN);
	assert_false(second.is_done);
	answer(3, SAYS(200, "success"));
	assert_int_equal(second.result.verdict.state, JW_STATE_OK);
	end(&first);
	end(&second);
	jw_asks_free(asks);
}

static void the_end_of_the_run_is_its_own(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial hasty;
	struct trial patient;

	(void)state;
	setup(NULL);
	begin(&hasty, "token_endpoint", asks, OPTIONS(ACCEPTED, "timeout", "1s"));
	answer(0, (struct answer)JSON_ANSWER(TOKEN));
	begin_by(&patient, "token_endpoint", asks, OPTIONS(ACCEPTED, "timeout", "60s"), 5000);
	answer(2, (struct answer)JSON_ANSWER(TOKEN));
	clock_ms = 1000;
	answer(1, (struct answer){.cause = JW_TIMEOUT, .says = "no answer"});
	assert_false(patient.is_done);
	clock_ms = 5000;
	answer(3, (struct answer){.cause = JW_TIMEOUT, .says = "no answer"});
	assert_string_equal(jw_cause_name(patient.result.verdict.cause), "deadline");
	end(&hasty);
	end(&patient);
	jw_asks_free(asks);
}

static void time_ends_between_two_tokens(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin(&trial, "token_endpoint", asks, OPTIONS(ACCEPTED, "pattern", "[^ ]+"));
	answer(0, (struct answer)JSON_ANSWER(TOKEN " " OTHER " " THIRD));
	answer(1, SAYS(200, "success"));
	clock_ms = 10000;
	answer(2, (struct answer){.cause = JW_TIMEOUT, .says = "longer than 10 ms"});
	assert_true(trial.is_done);
	assert_string_equal(jw_cause_name(trial.result.verdict.cause), "timeout");
	assert_non_null(
		strstr(trial.result.verdict.message,
		       "ws://livekit:7880/base: 2 tokens couldn't be asked about before "
		       "the target's timeout was up"));
	assert_int_equal(trial.result.verdict.findings[0].at, JW_AT_LIVEKIT);
	assert_int_equal(fake_transfer_count, 3);
	assert_int_equal(trial.result.verdict.finding_count, 1);
	end(&trial);
	jw_asks_free(asks);
}

static void an_asker_can_be_ended_while_others_wait(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial first;
	struct trial second;

	(void)state;
	setup(NULL);
	begin_accepting(&first, asks, TOKEN);
	begin_accepting(&second, asks, TOKEN);
	jw_runner_cancel(first.run);
	answer(1, SAYS(200, "success"));
	assert_true(second.is_done);
	assert_int_equal(second.result.verdict.state, JW_STATE_OK);
	end(&first);
	end(&second);
	jw_asks_free(asks);
}

static void a_dead_server_is_unreachable(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin_accepting(&trial, asks, TOKEN);
	answer(1, (struct answer){.cause = JW_CONNECT, .says = "connection refused"});
	assert_string_equal(jw_cause_name(trial.result.verdict.cause), "livekit_unreachable");
	assert_non_null(strstr(trial.result.verdict.message, "connection refused"));
	end(&trial);
	jw_asks_free(asks);
}

static void the_server_comes_with_the_token(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin(&trial, "token_endpoint", asks,
	      OPTIONS(ENDPOINT, "accepted_by", "from_response"));
	answer(0, (struct answer)JSON_ANSWER("{\"token\":\"" TOKEN
					     "\",\"url\":\"wss://lk.example\"}"));
	assert_string_equal(fake_transfers[1].url, "https://lk.example/rtc/validate");
	answer(1, SAYS(200, "success"));
	assert_int_equal(trial.result.verdict.state, JW_STATE_OK);
	end(&trial);

	begin(&trial, "token_endpoint", asks,
	      OPTIONS(ENDPOINT, "accepted_by", "from_response"));
	answer(2, (struct answer)JSON_ANSWER("{\"token\":\"" TOKEN "\"}"));
	assert_true(trial.is_done);
	assert_string_equal(jw_cause_name(trial.result.verdict.cause), "config");
	assert_non_null(strstr(trial.result.verdict.message, "names no server"));
	end(&trial);
	jw_asks_free(asks);
}

static void a_server_that_an_answer_names_is_not_trusted(void **state)
{
	static const char *const answers[][3] = {
		{"https://voice/api", "ws://livekit", "without TLS"},
		{"https://voice/api", "http://livekit", "without TLS"},
		{"http://voice/api", "ws://user:x@livekit", "name and password"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
		struct trial trial;
		char body[512];

		setup(NULL);
		snprintf(body, sizeof(body), "{\"token\":\"" TOKEN "\",\"url\":\"%s\"}",
			 answers[i][1]);
		begin(&trial, "token_endpoint", asks,
		      OPTIONS("url", answers[i][0], "accepted_by", "from_response"));
		answer(0, (struct answer)JSON_ANSWER(body));
		assert_true(trial.is_done);
		assert_int_equal(fake_transfer_count, 1);
		assert_int_equal(trial.result.verdict.state, JW_STATE_CRITICAL);
		if (!strstr(trial.result.verdict.message, answers[i][2]))
			assert_string_equal(trial.result.verdict.message, answers[i][2]);
		end(&trial);
		jw_asks_free(asks);
	}
}

static void our_certificate_is_for_servers_we_name(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin(&trial, "token_endpoint", asks,
	      OPTIONS(ENDPOINT, "accepted_by", "from_response", "client_certificate",
		      "/c.pem"));
	assert_string_equal(fake_transfers[0].client_certificate, "/c.pem");
	answer(0, (struct answer)JSON_ANSWER("{\"token\":\"" TOKEN
					     "\",\"url\":\"wss://lk.example\"}"));
	assert_string_equal(fake_transfers[1].client_certificate, "");
	answer(1, SAYS(200, "success"));
	end(&trial);
	jw_asks_free(asks);
}

#define PAGE_OF "origin", "http://page.example.org"
#define ANY_ORIGIN "Access-Control-Allow-Origin: *\n"

/* As a browser does it: without the request's headers and body, and without our certificate. */
static void leave_is_asked_beforehand(void **state)
{
	struct trial trial;

	(void)state;
	setup(NULL);
	begin(&trial, "token_endpoint", NULL,
	      OPTIONS(ENDPOINT, PAGE_OF, "bearer", "env:SECRET", "body", "{\"room\":\"r1\"}",
		      "client_certificate", "/c.pem", "server_name", "voice.example", "headers",
		      "Accept=text/plain"));
	assert_string_equal(fake_transfers[0].method, "OPTIONS");
	assert_string_equal(fake_transfers[0].url, "http://voice/api/token?room=r1");
	assert_string_equal(fake_transfers[0].headers,
			    "Origin: http://page.example.org\n"
			    "Access-Control-Request-Method: POST\n"
			    "Access-Control-Request-Headers: authorization,content-type\n");
	assert_string_equal(fake_transfers[0].body, "");
	assert_string_equal(fake_transfers[0].client_certificate, "");
	assert_string_equal(fake_transfers[0].server_name, "voice.example");
	assert_int_equal(fake_transfers[0].redirects, JW_REDIRECTS_NONE);
	answer(0, (struct answer){.status = 204,
				  .headers = ANY_ORIGIN "Access-Control-Allow-Headers: "
							"authorization, content-type\n"});
	assert_string_equal(fake_transfers[1].method, "");
	assert_string_equal(fake_transfers[1].headers, "Accept: text/plain\n" BEARER "hush\n"
						       "Content-Type: application/json\n"
						       "Origin: http://page.example.org\n");
	assert_string_equal(fake_transfers[1].body, "{\"room\":\"r1\"}");
	assert_string_equal(fake_transfers[1].client_certificate, "/c.pem");
	answer(1, (struct answer){.status = 200, .body = TOKEN, .headers = ANY_ORIGIN});
	assert_true(trial.is_done);
	assert_int_equal(trial.result.verdict.cause, JW_OK);
	/* What was asked beforehand is no exchange: neither its status nor its time is the endpoint's. */
	assert_int_equal(trial.result.facts.exchange_count, 1);
	assert_int_equal(trial.result.facts.exchanges[0].status, 200);
	end(&trial);
}

/* A page from elsewhere, and what is asked and judged for it. */
struct cors_row {
	const char *name;
	const char *options[4];
	struct answer leave;  /* to OPTIONS; of status 0 and cause OK: it isn't asked */
	struct answer answer; /* of status 0: it isn't asked either */
	enum jw_cause cause;
	const char *message; /* a part of it */
};

#define REDIRECTED(headers_)                                                                   \
	.url = "http://voice/api/token/", .redirects = 1, .hops = (const struct answer[])      \
	{                                                                                      \
		{                                                                              \
			.status = 301, .headers = (headers_),                                  \
			.url = "http://voice/api/token?room=r1"                                \
		}                                                                              \
	}

static const struct cors_row cors_rows[] = {
	{"a plain GET that may be read",
	 {NULL},
	 .answer = {.status = 200, .body = TOKEN, .headers = ANY_ORIGIN},
	 .cause = JW_OK},
	{"a plain GET that mayn't",
	 {NULL},
	 .answer = {.status = 200, .body = TOKEN},
	 .cause = JW_CORS,
	 .message =
		 "http://voice/api/token?room=***: a page of http://page.example.org can't "
		 "read the answer: it has no header Access-Control-Allow-Origin; a browser "
		 "says: Access to fetch at 'http://voice/api/token?room=***' from origin "
		 "'http://page.example.org' has been blocked by CORS policy: No "
		 "'Access-Control-Allow-Origin' header is present on the requested resource."},
	{"a redirect that may be followed, to what may be read",
	 {NULL},
	 .answer =
		 {.status = 200, .body = TOKEN, .headers = ANY_ORIGIN, REDIRECTED(ANY_ORIGIN)},
	 .cause = JW_OK},
	{"a redirect that mayn't, to what may be read",
	 {NULL},
	 .answer = {.status = 200, .body = TOKEN, .headers = ANY_ORIGIN, REDIRECTED("")},
	 .cause = JW_CORS,
	 .message = "http://voice/api/token?room=***: a page of http://page.example.org isn't "
		    "led on by this redirect (HTTP status 301): it has no header "
		    "Access-Control-Allow-Origin; a browser says: Access to fetch at "
		    "'http://voice/api/token?room=***' from origin"},
	{"the second of two redirects mayn't",
	 {NULL},
	 .answer = {.status = 200,
		    .body = TOKEN,
		    .headers = ANY_ORIGIN,
		    .url = "http://voice/c?a=1",
		    .redirects = 2,
		    .hops = (const struct answer[]){{.status = 301,
						     .headers = ANY_ORIGIN,
						     .url = "http://voice/api/token?room=r1"},
						    {.status = 307,
						     .url = "http://voice/b?t=" TOKEN}}},
	 .cause = JW_CORS,
	 .message =
		 "http://voice/b?t=***: a page of http://page.example.org isn't led on by "
		 "this redirect (HTTP status 307): it has no header "
		 "Access-Control-Allow-Origin; a browser says: Access to fetch at "
		 "'http://voice/b?t=***' (redirected from 'http://voice/api/token?room=***') "
		 "from origin"},
	{"a redirect that may be followed, to what mayn't be read",
	 {NULL},
	 .answer = {.status = 200, .body = TOKEN, REDIRECTED(ANY_ORIGIN)},
	 .cause = JW_CORS,
	 .message = "http://voice/api/token/: a page of http://page.example.org can't read "
		    "the answer: it has no header Access-Control-Allow-Origin; a browser says: "
		    "Access to fetch at 'http://voice/api/token/' (redirected from "
		    "'http://voice/api/token?room=***') from origin"},
	{"a redirect for a page of that server itself",
	 {"origin", "http://VOICE:80"},
	 .answer = {.status = 200, .body = TOKEN, REDIRECTED("")},
	 .cause = JW_OK},
	{"a page that came by https can't ask by http, and isn't asked for",
	 {"origin", "https://page.example.org", "headers", "X-Room=r1"},
	 .cause = JW_CORS,
	 .message =
		 "http://voice/api/token?room=***: a page of https://page.example.org came by "
		 "https and can't ask by http; a browser says: Mixed Content: The page at "
		 "'https://page.example.org/' was loaded over HTTPS, but requested an insecure "
		 "resource 'http://voice/api/token?room=***'. This request has been blocked; "
		 "the "
		 "content must be served over HTTPS."},
	{"what fails for everybody is told as that",
	 {NULL},
	 .answer = {.status = 500},
	 .cause = JW_HTTP_STATUS},
	{"a method that needs leave, and gets none",
	 {"method", "PUT"},
	 .leave = {.status = 204, .headers = ANY_ORIGIN},
	 .cause = JW_CORS,
	 .message = "Method PUT is not allowed"},
	{"a header that needs leave, and gets none",
	 {"headers", "X-Room=r1"},
	 .leave = {.status = 204, .headers = ANY_ORIGIN},
	 .cause = JW_CORS,
	 .message = "Request header field x-room is not allowed"},
	{"leave, and then an answer that can't be read",
	 {"headers", "X-Room=r1"},
	 .leave = {.status = 204,
		   .headers = ANY_ORIGIN "Access-Control-Allow-Headers: x-room\n"},
	 .answer = {.status = 200, .body = TOKEN},
	 .cause = JW_CORS,
	 .message = "can't read the answer"},
	{"nobody answers to OPTIONS",
	 {"headers", "X-Room=r1"},
	 .leave = {.cause = JW_CONNECT, .says = "nobody there"},
	 .cause = JW_CONNECT,
	 .message = "http://voice/api/token?room=***: nobody there"},
	{"OPTIONS by a proxy",
	 {"headers", "X-Room=r1"},
	 .leave = {.cause = JW_CONNECT, .says = "nobody there", .proxy = "http://p:1"},
	 .cause = JW_CONNECT,
	 .message = "nobody there (by the proxy http://p:1)"},
	{"the page is of that server itself",
	 {"origin", "http://VOICE:80", "method", "PUT"},
	 .answer = {.status = 200, .body = TOKEN},
	 .cause = JW_OK},
};

static void is_judged_for_a_page(void **state)
{
	const struct cors_row *row = *state;
	const char *options[16] = {ENDPOINT, PAGE_OF};
	bool is_asked = row->leave.status || row->leave.cause;
	bool is_fetched = row->answer.status;
	struct trial trial;

	setup(NULL);
	for (size_t i = 0; i < 4 && row->options[i]; i++)
		options[4 + i] = row->options[i];
	begin(&trial, "token_endpoint", NULL, options);
	assert_int_equal(!strcmp(fake_transfers[0].method, "OPTIONS"), is_asked);
	if (is_asked)
		answer(0, row->leave);
	assert_int_equal(fake_transfer_count, is_asked + is_fetched);
	if (is_fetched)
		answer(is_asked, row->answer);
	/* Where nobody is asked, it ends at once. */
	assert_int_equal(trial.is_done, is_asked || is_fetched);
	assert_null(is_asked || is_fetched ? NULL : trial.run);
	assert_string_equal(jw_cause_name(trial.result.verdict.cause),
			    jw_cause_name(row->cause));
	if (row->message && !strstr(trial.result.verdict.message, row->message))
		assert_string_equal(trial.result.verdict.message, row->message);
	end(&trial);
}

/* What browsers are given, by an answer or a page, or by what the target says itself. */
struct given_row {
	const char *name;
	const char *options[8];
	const char *url;
	const char *body;
	const char *message; /* a part of it; NULL: it is fine */
};

static const struct given_row given_rows[] = {
	{"an answer's URL that can be used",
	 {NULL},
	 "https://voice.example.org/t",
	 "{\"token\":\"" TOKEN "\",\"url\":\"wss://lk.example.org\"}",
	 NULL},
	{"an answer's URL without TLS",
	 {NULL},
	 "https://voice.example.org/t",
	 "{\"token\":\"" TOKEN "\",\"url\":\"ws://lk.example.org\"}",
	 "ws://lk.example.org: a page of https://voice.example.org can't use this"},
	{"an answer's URL of the browser's own machine",
	 {NULL},
	 "http://voice.example.org/t",
	 "{\"token\":\"" TOKEN "\",\"url\":\"ws://localhost:7880\"}",
	 "ws://localhost:7880: a page of http://voice.example.org gives this to browsers"},
	{"an answer's URL of the machine itself, asked there",
	 {NULL},
	 "http://localhost:9000/t",
	 "{\"token\":\"" TOKEN "\",\"url\":\"ws://localhost:7880\"}",
	 NULL},
	{"... for a page from elsewhere",
	 {"origin", "https://voice.example.org"},
	 "http://localhost:9000/t",
	 "{\"token\":\"" TOKEN "\",\"url\":\"ws://localhost:7880\"}",
	 "ws://localhost:7880: a page of https://voice.example.org gives this to browsers"},
	{"an answer's URL without a scheme",
	 {NULL},
	 "https://voice.example.org/t",
	 "{\"token\":\"" TOKEN "\",\"server_url\":\"lk.example.org\"}",
	 "wss://lk.example.org: browsers are given this as LiveKit's URL without wss:// in "
	 "front"},
	{"a page's URL",
	 {"pattern", "ey[^']*"},
	 "https://voice.example.org/",
	 "<script>connect('ws://lk.example.org:7880', '" TOKEN "')</script>",
	 "ws://lk.example.org:7880: a page of https://voice.example.org can't use this"},
	{"one of a page's URLs is fine",
	 {"pattern", "ey[^']*"},
	 "https://voice.example.org/",
	 "dev ? 'ws://localhost:7880' : 'wss://lk.example.org'; '" TOKEN "'",
	 NULL},
	{"where it is accepted may be another address than browsers have",
	 {"accepted_by", "ws://livekit:7880"},
	 "https://voice.example.org/t",
	 TOKEN,
	 NULL},
	{"... but not where the page is named",
	 {"accepted_by", "ws://livekit:7880", "origin", "https://page.example.org"},
	 "https://voice.example.org/t",
	 TOKEN,
	 "ws://livekit:7880: a page of https://page.example.org can't use this"},
	{"... unless the answer has it",
	 {"accepted_by", "ws://livekit:7880", "origin", "https://page.example.org"},
	 "https://voice.example.org/t",
	 "{\"token\":\"" TOKEN "\",\"url\":\"wss://lk.example.org\"}",
	 NULL},
};

static void is_judged_as_given(void **state)
{
	const struct given_row *row = *state;
	const char *options[16] = {"url", row->url};
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	setup(NULL);
	for (size_t i = 0; row->options[i]; i++)
		options[2 + i] = row->options[i];
	begin(&trial, "token_endpoint", asks, options);
	answer(0, (struct answer){.status = 200, .body = row->body, .headers = ANY_ORIGIN});
	if (fake_out())
		answer(1, SAYS(200, "success"));
	assert_true(trial.is_done);
	assert_string_equal(jw_cause_name(trial.result.verdict.cause),
			    row->message ? "url_unusable" : "ok");
	if (row->message && !strstr(trial.result.verdict.message, row->message))
		assert_string_equal(trial.result.verdict.message, row->message);
	end(&trial);
	jw_asks_free(asks);
}

static void a_server_is_looked_at_for_a_page(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin(&trial, "livekit", asks,
	      OPTIONS("url", "ws://lk.example.org:7880", "origin", "https://page.example.org"));
	answer(0, SAYS(200, "OK"));
	assert_true(trial.is_done);
	assert_string_equal(jw_cause_name(trial.result.verdict.cause), "url_unusable");
	assert_non_null(strstr(trial.result.verdict.message,
			       "ws://lk.example.org:7880: a page of https://page.example.org "
			       "can't use this"));
	end(&trial);
	jw_asks_free(asks);
}

static void simulated_nothing_is_sent(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin(&trial, "token_endpoint", asks, OPTIONS(ACCEPTED));
	trial.world.is_simulated = true;
	trial.config->targets[0].expect.is_simulated = true;
	answer(0, (struct answer){
			  .status = 200, .body = TOKEN, .has_date = true, .date = NOW + 500});
	assert_true(trial.is_done);
	assert_int_equal(fake_transfer_count, 1);
	assert_int_equal(trial.result.verdict.state, JW_STATE_OK);
	assert_int_equal(trial.result.verdict.proved, JW_PROVED_EXPIRY);
	end(&trial);
	jw_asks_free(asks);
}

static void a_livekit_server(void **state)
{
	static const struct {
		struct answer answer;
		const char *cause;
	} cases[] = {
		{{.status = 200, .body = "OK"}, "ok"},
		{{.status = 406, .body = "Not Ready\nNode Updated At x"}, "livekit_not_ready"},
		{{.status = 200,
		  .body = "<html>hello</html>",
		  .headers = "Content-Type"
			     ": "
			     "text/html"
			     "\n"},
		 "not_livekit"},
		{{.cause = JW_DNS, .says = "no such host"}, "dns"},
		{{.cause = JW_CONNECT, .says = "refused"}, "connect"},
		{{.cause = JW_TLS, .says = "the certificate has ended"}, "tls"},
		{{.cause = JW_TIMEOUT, .says = "no answer"}, "timeout"},
		{{.cause = JW_INTERNAL, .says = "no descriptor"}, "internal"},
		{{.status = 200, .body = "OK", .has_date = true, .date = NOW - 31},
		 "clock_skew"},
		{{.status = 200, .body = "OK", .certificate_expires = NOW + 60},
		 "certificate_expiring"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
		struct trial trial;

		setup(NULL);
		begin(&trial, "livekit", asks, OPTIONS("url", "ws://livekit:7880"));
		assert_string_equal(fake_transfers[0].url, "http://livekit:7880/");
		clock_ms = cases[i].answer.cause == JW_TIMEOUT ? 10000 : 0;
		answer(0, cases[i].answer);
		assert_true(trial.is_done);
		assert_string_equal(jw_cause_name(trial.result.verdict.cause), cases[i].cause);
		end(&trial);
		jw_asks_free(asks);
	}
}

static enum jw_verified refuses(const char *alg, enum jw_key_kind kind, struct jw_str key,
				struct jw_str input, struct jw_str signature)
{
	(void)alg;
	(void)kind;
	(void)key;
	(void)input;
	(void)signature;
	return JW_VERIFIED_NO;
}

static bool hmac(struct jw_str key, struct jw_str input, unsigned char mac[32])
{
	assert_true(jw_str_is(key, "hush"));
	/* {"alg":"HS256","typ":"JWT"}.{"iss":"k","nbf":NOW,"exp":NOW + 120,"video":{"roomList":true}} */
	assert_true(jw_str_is(input, MINTED));
	memset(mac, 0, 32);
	return true;
}

static const struct jw_crypto *open_crypto(void *context, struct jw_err *err)
{
	static const struct jw_crypto crypto = {.verify = refuses, .hmac_sha256 = hmac};

	(void)context;
	(void)err;
	return &crypto;
}

/* A run of the check livekit with a key pair, up to the answer that it is ready. */
static void begin_pair(struct trial *trial, struct jw_asks *asks, struct answer ready)
{
	static const struct jw_secret secret = {.kind = JW_SECRET_ENV, .value = "SECRET"};
	static struct jw_key_entry entry = {.name = "pair", .issuer = "k", .secret = &secret};
	const struct jw_check *check = jw_check_by_name(JW_STR("livekit"));
	struct jw_err err = {0};
	struct jw_target *target;

	*trial = (struct trial){
		.config = jw_config_new(),
		.world = {.files = &files,
			  .clock = &fake_clock,
			  .crypto = open_crypto,
			  .net = fake_open,
			  .asks = asks},
	};
	trial->config->keys = &entry;
	trial->config->key_count = 1;
	target = jw_config_add(trial->config, check, "livekit");
	jw_config_set(trial->config, target, jw_config_option(check, JW_STR("url")),
		      JW_STR("wss://lk/prefix/"), &err);
	jw_config_set(trial->config, target, jw_config_option(check, JW_STR("key")),
		      JW_STR("pair"), &err);
	assert_false(jw_config_finish(trial->config, target, &err));
	trial->run = jw_runner_start(&trial->world, trial->config, target, 1000000, 0,
				     &trial->result, done, trial);
	answer(0, ready);
}

struct pair_row {
	const char *name;
	struct answer answer;
	const char *cause;
	const char *message; /* a part */
	enum jw_accepts accepts;
};

static const struct pair_row pair_rows[] = {
	{"accepted",
	 {.status = 200,
	  .body = "{\"rooms\":[]}",
	  .headers = "Content-Type: application/json\n"},
	 "ok",
	 "(reachable, key pair accepted: pair)",
	 JW_ACCEPTS_YES},
	{"the secret",
	 {.status = 401, .body = "x signature is invalid", .headers = TEXT_PLAIN},
	 "livekit_refused",
	 "LiveKit refuses the key pair pair (signature), API key \"k\": ",
	 JW_ACCEPTS_NO},
	{"another server behind the path",
	 {.status = 404, .body = "404 page not found\n", .headers = TEXT_PLAIN},
	 "not_livekit",
	 "(POST /twirp/livekit.RoomService/ListRooms): has no such path",
	 JW_ACCEPTS_UNKNOWN},
	{"its store",
	 {.status = 500,
	  .body = "{\"code\":\"unknown\",\"msg\":\"redis\"}",
	  .headers = "Content-Type: application/json\n"},
	 "livekit_refused",
	 "(server_error)",
	 JW_ACCEPTS_UNKNOWN},
	{"no answer", {.cause = JW_CONNECT, .says = "refused"}, "connect", "): refused", 0},
	{"too long an answer",
	 {.cause = JW_BODY_TOO_LARGE, .says = "more than 64 KiB", .status = 200},
	 "body_too_large",
	 "): more than 64 KiB",
	 0},
};

static void a_key_pair(void **state)
{
	const struct pair_row *row = *state;
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	setup(NULL);
	begin_pair(&trial, asks, (struct answer){.status = 200, .body = "OK"});
	assert_int_equal(fake_transfer_count, 2);
	assert_string_equal(fake_transfers[1].url,
			    "https://lk/prefix/twirp/livekit.RoomService/ListRooms");
	assert_string_equal(fake_transfers[1].headers,
			    BEARER MINTED "." ZEROS "\nContent-Type: application/json\n");
	assert_string_equal(fake_transfers[1].body, "{\"names\":[\"jwtwatch-key-proof\"]}");
	assert_int_equal(fake_transfers[1].redirects, JW_REDIRECTS_NONE);
	answer(1, row->answer);
	assert_true(trial.is_done);
	assert_string_equal(jw_cause_name(trial.result.verdict.cause), row->cause);
	if (!strstr(trial.result.verdict.message, row->message))
		assert_string_equal(trial.result.verdict.message, row->message);
	assert_int_equal(trial.result.facts.proof_count, 1);
	assert_int_equal(trial.result.facts.proofs[0].accepts, row->accepts);
	assert_int_equal(trial.result.verdict.proved,
			 row->accepts == JW_ACCEPTS_YES ? JW_PROVED_READY | JW_PROVED_KEY : 0);
	end(&trial);
	jw_asks_free(asks);
}

static void only_a_ready_server_gets_a_pair(void **state)
{
	static const struct answer answers[] = {
		{.status = 406, .body = "Not Ready\n"},
		{.status = 200, .body = "<html>"},
		{.cause = JW_CONNECT, .says = "refused"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
		struct trial trial;

		setup(NULL);
		begin_pair(&trial, asks, answers[i]);
		assert_true(trial.is_done);
		assert_int_equal(fake_transfer_count, 1);
		assert_int_equal(trial.result.facts.proof_count, 0);
		end(&trial);
		jw_asks_free(asks);
	}
}

static void a_pair_waits_no_longer_than_the_run(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct trial trial;

	(void)state;
	setup(NULL);
	begin_pair(&trial, asks, (struct answer){.status = 200, .body = "OK"});
	jw_runner_cancel(trial.run);
	assert_false(fake_transfers[1].is_out);
	assert_string_equal(jw_cause_name(trial.result.verdict.cause), "deadline");
	end(&trial);
	jw_asks_free(asks);
}

int main(void)
{
	JW_ROWS(rows, is_judged);
	JW_TEST(the_request_is_as_configured);
	JW_TEST(without_its_secret_nothing_is_asked);
	JW_TEST(the_whole_runs_end_is_a_deadline);
	JW_TEST(a_run_can_be_ended);
	JW_TEST(a_good_token_is_asked_about);
	JW_TEST(a_refusal_is_the_servers);
	JW_TEST(an_ended_token_is_not_sent);
	JW_TEST(by_the_servers_clock_it_may_be_sent);
	JW_TEST(several_bad_ones_need_one_date);
	JW_TEST(one_question_for_two);
	JW_TEST(another_token_is_another_question);
	JW_TEST(who_waits_has_a_time_of_its_own);
	JW_TEST(a_timeout_is_only_who_asked_firsts);
	JW_TEST(a_timeout_of_somebody_else_is_asked_again);
	JW_TEST(the_end_of_the_run_is_its_own);
	JW_TEST(time_ends_between_two_tokens);
	JW_TEST(a_server_that_an_answer_names_is_not_trusted);
	JW_TEST(our_certificate_is_for_servers_we_name);
	JW_TEST(an_asker_can_be_ended_while_others_wait);
	JW_TEST(a_dead_server_is_unreachable);
	JW_TEST(the_server_comes_with_the_token);
	JW_TEST(leave_is_asked_beforehand);
	JW_ROWS(cors_rows, is_judged_for_a_page);
	JW_ROWS(given_rows, is_judged_as_given);
	JW_TEST(a_server_is_looked_at_for_a_page);
	JW_TEST(simulated_nothing_is_sent);
	JW_TEST(a_livekit_server);
	JW_ROWS(pair_rows, a_key_pair);
	JW_TEST(only_a_ready_server_gets_a_pair);
	JW_TEST(a_pair_waits_no_longer_than_the_run);
	return rows_run();
}
