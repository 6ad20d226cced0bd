/* SPDX-License-Identifier: MIT */
/* Reports made by hand for the tests of metrics: every kind of result, and names that do harm. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "contract/check.h"
#include "core/runner.h"

#define RESULTS_MAX 1000
#define NOW INT64_C(1767225600)

/* What the scenarios fill. */
static struct {
	struct jw_report report;
	struct jw_result results[RESULTS_MAX];
	struct jw_target targets[RESULTS_MAX];
	struct jw_token tokens[RESULTS_MAX];
} world;

static const struct jw_check any_check = {.name = "html_file"};

static void begin(void)
{
	memset(&world, 0, sizeof(world));
	world.report.now = NOW;
	world.report.results = world.results;
}

/* A target with one token, good for two hours more of a day. */
static struct jw_result *add(const char *name)
{
	size_t i = world.report.count++;

	world.targets[i] = (struct jw_target){.name = name, .check = &any_check};
	jw_threshold_parse(JW_STR("min(1h, 20%)"), &world.targets[i].expect.warning, NULL);
	jw_threshold_parse(JW_STR("5%"), &world.targets[i].expect.critical, NULL);
	world.tokens[i] =
		(struct jw_token){.path = "/srv/secret/page.html",
				  .line = 1,
				  .has_claims = true,
				  .jwt = {.alg = "HS256",
					  .sub = "somebody",
					  .jti = "somebody@example.org",
					  .exp = {JW_CLAIM_VALID, NOW + 7200, NULL},
					  .iat = {JW_CLAIM_VALID, NOW - 79200, NULL},
					  .nbf = {JW_CLAIM_VALID, NOW - 79200, NULL}}};
	world.results[i] = (struct jw_result){
		.target = &world.targets[i],
		.facts = {.tokens = &world.tokens[i], .token_count = 1},
		.now = NOW,
		.duration_ms = 12,
	};
	return &world.results[i];
}

static struct jw_token *token_of(struct jw_result *result)
{
	return &world.tokens[result - world.results];
}

static struct jw_expect *expect_of(struct jw_result *result)
{
	return &world.targets[result - world.results].expect;
}

static void judge(struct jw_result *result, enum jw_state state, enum jw_cause cause)
{
	result->verdict.state = state;
	result->verdict.cause = cause;
}

/* Without a token, for this cause. */
static void lose(struct jw_result *result, enum jw_state state, enum jw_cause cause)
{
	static struct jw_failure failure = {.says = "is wrong"};

	judge(result, state, cause);
	result->facts.token_count = 0;
	result->facts.failures = &failure;
	result->facts.failure_count = 1;
	result->verdict.deciding = JW_NO_TOKEN;
}

static void refuse(const char *name, enum jw_cause cause)
{
	struct jw_result *result = add(name);

	world.targets[result - world.results].check = NULL;
	lose(result, JW_STATE_UNKNOWN, cause);
	result->now = 0;
	result->duration_ms = 0;
}

static void a_page(void)
{
	begin();
	add("voice-page");
}

static void nothing(void)
{
	begin();
}

static void simulated(void)
{
	begin();
	add("voice-page");
	world.report.simulated = true;
}

static void failures(void)
{
	static struct jw_finding none = {.cause = JW_TOKEN_NOT_FOUND};
	struct jw_result *result;

	begin();
	judge(add("ended"), JW_STATE_CRITICAL, JW_EXPIRED);
	lose(add("gone"), JW_STATE_CRITICAL, JW_FILE_MISSING);
	result = add("empty");
	lose(result, JW_STATE_CRITICAL, JW_TOKEN_NOT_FOUND);
	result->verdict.findings = &none;
	result->verdict.finding_count = 1;
	result = add("placeholder");
	judge(result, JW_STATE_CRITICAL, JW_PLACEHOLDER);
	token_of(result)->has_claims = false;
	token_of(result)->decode = JW_PLACEHOLDER;
	result = add("malformed");
	judge(result, JW_STATE_CRITICAL, JW_TOKEN_MALFORMED);
	token_of(result)->has_claims = false;
	token_of(result)->decode = JW_TOKEN_MALFORMED;
	refuse("no-such-target", JW_CONFIG);
	refuse("late", JW_DEADLINE);
}

/* Several tokens: the deciding one speaks, notes don't count. */
static void several(void)
{
	static struct jw_token tokens[3];
	struct jw_result *result;

	begin();
	result = add("pages");
	judge(result, JW_STATE_WARNING, JW_EXPIRING);
	for (size_t i = 0; i < 3; i++)
		tokens[i] = world.tokens[0];
	tokens[0].jwt.exp.seconds = NOW + 1;
	tokens[0].is_note = true;
	tokens[0].has_claims = false;
	tokens[2].jwt.exp.seconds = NOW + 3;
	tokens[2].jwt.kid = "second-key.2026";
	tokens[2].signature = JW_SIG_VALID;
	result->facts.tokens = tokens;
	result->facts.token_count = 3;
	result->verdict.deciding = 2;
}

static void endpoint(void)
{
	static struct jw_exchange exchanges[] = {
		{.at = JW_AT_LIVEKIT,
		 .url = "https://livekit.example/rtc/validate",
		 .status = 401,
		 .dns_us = -1,
		 .connect_us = 7,
		 .tls_us = 8,
		 .wait_us = 9,
		 .transfer_us = 10,
		 .total_us = 34,
		 .has_clock = true,
		 .clock_offset = -90061,
		 .certificate_expires = NOW + 86400},
		{.at = JW_AT_SOURCE,
		 .url = "https://api.example/token?room=***",
		 .status = 200,
		 .dns_us = 1500,
		 .connect_us = 20,
		 .tls_us = 1234567,
		 .wait_us = 0,
		 .transfer_us = -1,
		 .total_us = 1240000,
		 .has_clock = true,
		 .clock_offset = 2,
		 .certificate_expires = NOW + 864000,
		 .proxy = "http://proxy.example:3128"},
		{.at = JW_AT_SOURCE, .status = 500, .certificate_expires = NOW + 432000},
	};
	static struct jw_livekit livekit = {
		.url = "wss://livekit.example",
		.was_asked = true,
		.is_reachable = true,
		.cause = JW_LIVEKIT_REFUSED,
		.refusal = JW_REFUSAL_UNKNOWN_API_KEY,
		.accepts = JW_ACCEPTS_NO,
		.status = 401,
		.time_us = 3400,
		.has_clock = true,
		.clock_offset = -90061,
	};
	struct jw_result *result;

	begin();
	result = add("token-api");
	judge(result, JW_STATE_CRITICAL, JW_LIVEKIT_REFUSED);
	result->facts.exchanges = exchanges;
	result->facts.exchange_count = 3;
	token_of(result)->livekit = &livekit;
	token_of(result)->signature = JW_SIG_INVALID;
	token_of(result)->jwt.kid = "https://keys.example/somebody@example.org";
	token_of(result)->jwt.alg = "HS 256";
	expect_of(result)->warning = (struct jw_threshold){0};
	expect_of(result)->critical = (struct jw_threshold){0};
	jw_threshold_parse(JW_STR("3600.5:"), &expect_of(result)->warning, NULL);
	jw_threshold_parse(JW_STR("@60:"), &expect_of(result)->critical, NULL);
	result->duration_ms = 1260;
}

static void add_livekit(const char *name, const struct jw_livekit *livekit,
			struct jw_exchange *exchange)
{
	struct jw_result *result = add(name);

	judge(result, livekit->cause ? JW_STATE_CRITICAL : JW_STATE_OK, livekit->cause);
	result->facts = (struct jw_facts){.livekit = livekit, .exchanges = exchange};
	result->facts.exchange_count = exchange != NULL;
	result->verdict.deciding = JW_NO_TOKEN;
	*expect_of(result) = (struct jw_expect){0};
}

static void add_pairs(const char *name, const struct jw_livekit *livekit,
		      struct jw_key_proof *proofs, size_t count)
{
	struct jw_result *result;

	add_livekit(name, livekit, NULL);
	result = &world.results[world.report.count - 1];
	result->facts.proofs = proofs;
	result->facts.proof_count = count;
}

static void servers(void)
{
	static struct jw_key_proof pairs[] = {
		{.name = "pair", .issuer = "devkey", .accepts = JW_ACCEPTS_YES},
		{.name = "old",
		 .issuer = "devkey",
		 .cause = JW_LIVEKIT_REFUSED,
		 .refusal = JW_REFUSAL_SIGNATURE,
		 .accepts = JW_ACCEPTS_NO},
		{.name = "pair", .issuer = "devkey", .accepts = JW_ACCEPTS_YES},
		{.name = "slow", .issuer = "devkey", .cause = JW_TIMEOUT},
		{.name = "old",
		 .issuer = "devkey",
		 .cause = JW_LIVEKIT_REFUSED,
		 .refusal = JW_REFUSAL_SIGNATURE,
		 .accepts = JW_ACCEPTS_NO},
	};
	static struct jw_exchange exchange = {.at = JW_AT_LIVEKIT,
					      .status = 200,
					      .dns_us = -1,
					      .connect_us = 100,
					      .tls_us = -1,
					      .wait_us = 900,
					      .transfer_us = 1,
					      .total_us = 1001,
					      .has_clock = true,
					      .clock_offset = 1};
	static const struct jw_livekit ready = {.is_reachable = true,
						.status = 200,
						.time_us = 1001,
						.has_clock = true,
						.clock_offset = 1};
	static const struct jw_livekit hangs = {
		.is_reachable = true, .cause = JW_LIVEKIT_NOT_READY, .status = 406};
	static const struct jw_livekit gone = {.cause = JW_CONNECT, .says = "nobody listens"};
	static const struct jw_livekit late = {.cause = JW_DEADLINE};
	static const struct jw_livekit not_asked = {.url = "ws://localhost:7880"};
	static const struct jw_livekit accepts = {
		.was_asked = true, .is_reachable = true, .accepts = JW_ACCEPTS_YES};

	begin();
	add_livekit("ready", &ready, &exchange);
	add_pairs("takes the pair", &ready, &pairs[0], 1);
	add_pairs("takes one of two pairs", &ready, &pairs[0], 2);
	add_pairs("takes one and is silent on one", &ready, &pairs[2], 2);
	add_pairs("is silent, then refuses", &ready, &pairs[3], 2);
	add_livekit("hangs", &hangs, NULL);
	add_livekit("gone", &gone, NULL);
	add_livekit("late", &late, NULL);
	token_of(add("not-asked"))->livekit = &not_asked;
	token_of(add("accepted"))->livekit = &accepts;
}

/* Names that end a label, a line, or look alike; a number that is somebody's name already. */
static void names(void)
{
	begin();
	add("a \"quote\", a \\, {braces} and a # HELP");
	add("line\nbreak\r\t\033[31m");
	add("bidi \xe2\x80\xae and bad \xff\xc3 UTF-8");
	add("\xc3\xa4\xe2\x82\xac");
	add("");
	/* The token is that of an empty header and payload, signed by nobody. */
	add("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2lnbmF0dXJl");
	add("same");
	add("same (2)");
	add("same");
	add("same\x01");
	add("same\x02");
	add("same");
	add("ends in \\");
}

static void numbers(void)
{
	static const int64_t moments[] = {INT64_C(253402300799), INT64_C(-62135596800), 0, -1};

	begin();
	for (size_t i = 0; i < 4; i++) {
		static const char *const names[] = {"year 9999", "year 1", "zero", "minus one"};
		struct jw_result *result = add(names[i]);

		token_of(result)->jwt.exp.seconds = moments[i];
		token_of(result)->jwt.iat.is = JW_CLAIM_INVALID;
		token_of(result)->jwt.nbf.is = JW_CLAIM_ABSENT;
		result->duration_ms = (const int64_t[]){0, 7, 1000, 1234050}[i];
	}
	token_of(&world.results[3])->jwt.exp.is = JW_CLAIM_INVALID;
}

static const struct row {
	const char *name;
	void (*fill)(void);
} reports[] = {
	{"page", a_page},	{"nothing", nothing}, {"simulated", simulated},
	{"failures", failures}, {"several", several}, {"endpoint", endpoint},
	{"servers", servers},	{"names", names},     {"numbers", numbers},
};
