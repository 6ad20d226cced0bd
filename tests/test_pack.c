/* SPDX-License-Identifier: MIT */
/* Facts that were packed and opened are judged and shown as they were before: generated facts, several moments. */
#include "rows.h"

#include <string.h>

#include "base/buf.h"
#include "contract/check.h"
#include "core/pack.h"
#include "output/format.h"

#define NOW INT64_C(1767323045)
#define TOKENS_MAX 4
#define CASES 4000

static uint64_t random_state;

static int64_t pick(int64_t from, int64_t to)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return from + (int64_t)((random_state >> 33) % (uint64_t)(to - from + 1));
}

static bool one_in(int64_t n)
{
	return pick(1, n) == 1;
}

static void add_base64url(struct jw_buf *out, struct jw_str bytes)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t bits = 0;

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (j < left ? (unsigned char)bytes.ptr[i + j] : 0);
		for (size_t j = 0; j <= left; j++)
			jw_buf_char(out, digits[bits >> (18 - 6 * j) & 63]);
	}
}

/* What is decoded is what a check would have decoded. */
static void make_jwt(struct jw_token *token, const char *header, const char *payload,
		     const char *signature, struct jw_arena *arena)
{
	jw_autobuf struct jw_buf text = JW_BUF(65536);
	struct jw_err err;

	add_base64url(&text, jw_str_of(header));
	jw_buf_char(&text, '.');
	add_base64url(&text, jw_str_of(payload));
	jw_buf_printf(&text, ".%s", signature);
	token->text = jw_arena_str(arena, jw_buf_get(&text));
	token->decode = jw_jwt_decode(token->text, arena, &token->jwt, &err);
	token->has_claims = !token->decode || token->decode == JW_ALGORITHM_REFUSED;
	if (token->decode)
		token->decode_says = jw_arena_text(arena, jw_str_of(err.text));
}

static const char *const headers[] = {
	"{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
	"{\"alg\":\"HS256\",\"kid\":\"k1\"}",
	"{\"alg\":\"none\"}",
	"{\"alg\":\"RS256\",\"crit\":[\"x\"]}",
	"{\"typ\":\"JWT\"}",
	"[1]",
};

static const char *const signatures[] = {"c2lnbmF0dXJlc2VjcmV0", "", "not base64url+", "x.y"};

static struct jw_livekit livekits[2];

static void make_livekit(struct jw_livekit *livekit)
{
	static const enum jw_cause causes[] = {JW_OK, JW_LIVEKIT_UNREACHABLE, JW_NOT_LIVEKIT,
					       JW_LIVEKIT_NOT_READY, JW_DEADLINE};

	*livekit = (struct jw_livekit){
		.url = "wss://livekit.example",
		.was_asked = one_in(2),
		.is_told = one_in(2),
		.is_reachable = one_in(2),
		.cause = causes[pick(0, 4)],
		.accepts = (enum jw_accepts)pick(0, 2),
		.status = one_in(2) ? 0 : (long)pick(200, 500),
		.time_us = pick(-1, 1000000),
		.has_clock = one_in(2),
		.clock_offset = pick(-90000, 90000),
	};
	if (livekit->accepts == JW_ACCEPTS_NO) {
		livekit->cause = JW_LIVEKIT_REFUSED;
		livekit->refusal = (enum jw_refusal)pick(1, JW_REFUSAL_COUNT - 1);
	}
	livekit->says = livekit->cause && one_in(2) ? "nobody answers" : NULL;
}

static void make_payload(struct jw_buf *json)
{
	static const char *const odd[] = {"null",	    "\"1767323045\"", "1767323045000",
					  "1e99",	    "1767323045.9",   "[]",
					  "-99999999999999"};

	jw_buf_printf(json, "{\"iss\":\"devkey\",\"sub\":\"user%d\"", (int)pick(0, 9));
	if (!one_in(6))
		jw_buf_printf(json, ",\"exp\":%lld", (long long)(NOW + pick(-900, 7200)));
	else
		jw_buf_printf(json, ",\"exp\":%s", odd[pick(0, 6)]);
	if (one_in(2))
		jw_buf_printf(json, ",\"nbf\":%lld", (long long)(NOW - pick(-900, 7200)));
	if (one_in(2))
		jw_buf_printf(json, ",\"iat\":%lld", (long long)(NOW - pick(-900, 7200)));
	if (one_in(2))
		jw_buf_text(json, ",\"video\":{\"room\":\"r\xc3\xb6om\",\"roomJoin\":true,"
				  "\"roomAdmin\":true}");
	if (one_in(3))
		jw_buf_text(json, ",\"aud\":[\"a\",\"b\"]");
	jw_buf_char(json, '}');
}

static void make_token(struct jw_token *token, struct jw_arena *arena)
{
	jw_autobuf struct jw_buf payload = JW_BUF(4096);
	bool is_odd = one_in(4);

	make_payload(&payload);
	*token = (struct jw_token){
		.path = one_in(2)   ? "/srv/page.html"
			: one_in(2) ? "https://x/?a=***"
				    : NULL,
		.line = (size_t)pick(0, 300),
		.copies = one_in(4) ? (size_t)pick(1, 5) : 0,
		.is_note = one_in(6),
		.dev_signed = (enum jw_dev_signed)pick(0, 2),
		.is_in_place = one_in(2),
		.round = (size_t)pick(0, 3),
		.signature = (enum jw_signature)pick(0, 5),
		.signature_says = one_in(3) ? "the key isn't this one" : NULL,
		.livekit = one_in(2) ? &livekits[pick(0, 1)] : NULL,
		.has_source_clock = one_in(3),
		.source_offset = pick(-300, 300),
		.has_digest = one_in(2),
	};
	make_jwt(token, headers[is_odd ? pick(0, 5) : 0], payload.ptr,
		 signatures[is_odd ? pick(0, 3) : 0], arena);
	if (one_in(12)) {
		jw_jwt_done(&token->jwt);
		token->has_claims = false;
		token->text = JW_STR("REPLACE_ME");
		token->decode = JW_PLACEHOLDER;
		token->decode_says = "is a placeholder";
	}
	token->is_livekit = one_in(2);
	token->jwt.notes = one_in(4) ? (unsigned)pick(0, 15) : 0;
	for (size_t i = 0; i < sizeof(token->digest) && token->has_digest; i++)
		token->digest[i] = (unsigned char)pick(0, 255);
	if (one_in(2))
		memcpy(token->fingerprint, "0123abcd", 9);
}

static struct jw_exchange make_exchange(void)
{
	return (struct jw_exchange){
		.at = (enum jw_at)pick(0, 2),
		.url = one_in(4) ? NULL : "https://api.example/token?room=***",
		.status = one_in(4) ? 0 : (long)pick(200, 599),
		.dns_us = pick(-1, 5000),
		.connect_us = pick(-1, 5000),
		.tls_us = pick(-1, 500000),
		.wait_us = pick(-1, 5000),
		.transfer_us = pick(-1, 5000),
		.total_us = pick(0, 5000000),
		.has_clock = one_in(2),
		.clock_offset = pick(-100, 100),
		.certificate_expires = one_in(2) ? NOW + pick(-86400, 20 * 86400) : 0,
		.proxy = one_in(3) ? "http://proxy.example:3128" : NULL,
		.server = one_in(3) ? "\"nginx/1.22.1\"" : NULL,
	};
}

static struct jw_failure make_failure(void)
{
	static const enum jw_cause causes[] = {JW_FILE_MISSING, JW_TIMEOUT, JW_CONNECT,
					       JW_DEADLINE, JW_SECRET_MISSING};

	return (struct jw_failure){
		.cause = causes[pick(0, 4)],
		.at = (enum jw_at)pick(0, 3),
		.place = one_in(3) ? NULL : "/srv/page.html",
		.says = one_in(2) ? "isn't there" : "took longer than 10s",
	};
}

static struct jw_key_proof make_proof(void)
{
	static const enum jw_cause causes[] = {JW_OK, JW_CONNECT, JW_LIVEKIT_REFUSED};
	struct jw_key_proof proof = {
		.name = one_in(2) ? "livekit" : "old",
		.issuer = one_in(2) ? "devkey" : "APIx",
		.is_dev = one_in(2),
		.cause = causes[pick(0, 2)],
		.accepts = (enum jw_accepts)pick(0, 2),
		.status = (long)pick(0, 500),
		.time_us = pick(-1, 1000000),
	};

	if (proof.cause == JW_LIVEKIT_REFUSED)
		proof.refusal = (enum jw_refusal)pick(1, JW_REFUSAL_COUNT - 1);
	proof.says = proof.cause == JW_CONNECT ? "nobody answers" : NULL;
	return proof;
}

static struct jw_join make_join(void)
{
	static const enum jw_cause causes[] = {JW_OK, JW_TIMEOUT, JW_LIVEKIT_REFUSED};
	struct jw_join join = {.cause = causes[pick(0, 2)],
			       .status = (long)pick(0, 500),
			       .time_us = pick(-1, 1000000)};

	if (join.cause == JW_LIVEKIT_REFUSED)
		join.refusal = (enum jw_refusal)pick(1, JW_REFUSAL_COUNT - 1);
	join.says = join.cause && one_in(2) ? "says nothing" : NULL;
	return join;
}

static void make_facts(struct jw_facts *facts, struct jw_arena *arena)
{
	struct jw_join *join;

	*facts = (struct jw_facts){
		.token_count = (size_t)pick(0, TOKENS_MAX),
		.failure_count = one_in(3) ? (size_t)pick(0, 2) : 0,
		.proof_count = one_in(3) ? (size_t)pick(0, 2) : 0,
		.server_count = one_in(3) ? (size_t)pick(0, 2) : 0,
		.leak_count = one_in(3) ? (size_t)pick(0, 2) : 0,
		.exchange_count = (size_t)pick(0, 3),
		.livekit = one_in(6) ? &livekits[0] : NULL,
		.freshness = {one_in(2), one_in(2), one_in(2), one_in(2), pick(0, 9999),
			      pick(0, 999)},
	};
	make_livekit(&livekits[0]);
	make_livekit(&livekits[1]);
	facts->tokens = jw_arena_array(arena, TOKENS_MAX, sizeof(*facts->tokens));
	facts->proofs = jw_arena_array(arena, 2, sizeof(*facts->proofs));
	facts->servers = jw_arena_array(arena, 2, sizeof(*facts->servers));
	facts->leaks = jw_arena_array(arena, 2, sizeof(*facts->leaks));
	facts->failures = jw_arena_array(arena, 2, sizeof(*facts->failures));
	facts->exchanges = jw_arena_array(arena, 3, sizeof(*facts->exchanges));
	for (size_t i = 0; i < facts->token_count; i++)
		make_token(&facts->tokens[i], arena);
	if (one_in(3))
		facts->digest = (const unsigned char *)"0123456789abcdef0123456789ABCDEF";
	else if (facts->token_count && facts->tokens[0].has_digest)
		facts->digest = facts->tokens[0].digest;
	for (size_t i = 0; i < facts->failure_count; i++)
		facts->failures[i] = make_failure();
	/* Of a server that was found, as they are asked for. */
	if (!facts->livekit)
		facts->proof_count = 0;
	for (size_t i = 0; i < facts->proof_count; i++)
		facts->proofs[i] = make_proof();
	if (facts->proof_count && one_in(2)) {
		join = jw_arena_array(arena, 1, sizeof(*join));
		*join = make_join();
		facts->join = join;
	}
	for (size_t i = 0; i < facts->server_count; i++)
		facts->servers[i] = (struct jw_server_url){
			.url = one_in(2) ? "ws://localhost:7880" : "wss://voice.example.org",
			.has_scheme = one_in(2),
			.is_given = one_in(2),
			.page = one_in(2) ? "https://page.example.org" : NULL,
		};
	for (size_t i = 0; i < facts->leak_count; i++)
		facts->leaks[i] = (struct jw_leak){"/srv/page.html", (size_t)pick(1, 9999),
						   one_in(2) ? "livekit" : NULL};
	for (size_t i = 0; i < facts->exchange_count; i++)
		facts->exchanges[i] = make_exchange();
}

static const struct jw_check any_check = {.name = "token_endpoint", .kind = JW_CHECK_HELD};

static void make_target(struct jw_target *target)
{
	*target = (struct jw_target){.name = "page", .check = &any_check};
	jw_threshold_parse(JW_STR("min(1h, 20%)"), &target->expect.warning, NULL);
	jw_threshold_parse(JW_STR("5%"), &target->expect.critical, NULL);
	target->expect.issuer = one_in(3) ? "otherkey" : NULL;
	target->expect.audience = one_in(3) ? "b" : NULL;
	target->expect.room = one_in(3) ? "room" : NULL;
	target->expect.accepted_by = one_in(2) ? "wss://livekit.example" : NULL;
	target->expect.mints = one_in(3);
	target->expect.min_lifetime = one_in(3) ? 600 : 0;
	target->expect.max_lifetime = one_in(3) ? 3600 : 0;
	target->expect.certificate_warning = one_in(2) ? 14 * 86400 : 0;
}

static void add_formats(const struct jw_facts *facts, const struct jw_target *target,
			int64_t now, struct jw_buf *buf)
{
	static const struct jw_style style = {.verbosity = 3};
	static const char *const names[] = {"json", "text", "nagios", "prometheus"};
	struct jw_result result = {.target = target, .facts = *facts, .now = now};
	struct jw_report report = {.now = now, .results = &result, .count = 1};

	jw_result_judge(&result, now);
	report.state = result.verdict.state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		jw_format_by_name(jw_str_of(names[i]))->write(&report, &style, buf);
	/* The facts have another owner. */
	jw_arena_done(&result.arena);
}

static void done(struct jw_facts *facts, struct jw_arena *arena)
{
	for (size_t i = 0; i < facts->token_count; i++)
		jw_jwt_done(&facts->tokens[i].jwt);
	jw_arena_done(arena);
}

static bool has(const struct jw_pack *pack, const char *text)
{
	return memmem(pack, jw_pack_size(pack), text, strlen(text)) != NULL;
}

/* By its fields: between them stands anything. */
static void is_as_fresh(const struct jw_freshness *a, const struct jw_freshness *b)
{
	assert_int_equal(a->is_known, b->is_known);
	assert_int_equal(a->is_stored, b->is_stored);
	assert_int_equal(a->is_explicit, b->is_explicit);
	assert_int_equal(a->is_guessed, b->is_guessed);
	assert_int_equal(a->max_age, b->max_age);
	assert_int_equal(a->age, b->age);
}

static void cannot_be_told_apart(void **state)
{
	static const int64_t moments[] = {NOW - 4000, NOW, NOW + 601, NOW + 100000};
	size_t claims = 0;
	size_t refused = 0;

	(void)state;
	random_state = 5;
	for (size_t i = 0; i < CASES; i++) {
		struct jw_arena arena = {0};
		struct jw_arena opened = {0};
		struct jw_target target;
		struct jw_facts facts;
		struct jw_facts again;
		struct jw_pack *pack;

		make_facts(&facts, &arena);
		make_target(&target);
		pack = jw_pack_new(&facts, NULL);
		assert_false(has(pack, signatures[0]));
		assert_false(has(pack, "REPLACE_ME"));
		jw_pack_open(pack, NULL, &opened, &again);
		assert_int_equal(again.token_count, facts.token_count);
		is_as_fresh(&again.freshness, &facts.freshness);
		assert_int_equal(!again.digest, !facts.digest);
		if (facts.digest)
			assert_memory_equal(again.digest, facts.digest, 32);
		for (size_t j = 0; j < facts.token_count; j++) {
			const struct jw_token *token = &facts.tokens[j];

			claims += token->has_claims;
			refused += token->decode == JW_ALGORITHM_REFUSED;
			assert_int_equal(again.tokens[j].has_digest, token->has_digest);
			assert_memory_equal(again.tokens[j].digest, token->digest, 32);
			assert_int_equal(again.tokens[j].round, token->round);
			assert_int_equal(again.tokens[j].is_in_place, token->is_in_place);
		}
		for (size_t j = 0; j < sizeof(moments) / sizeof(*moments); j++) {
			jw_autobuf struct jw_buf before = JW_BUF((size_t)1 << 20);
			jw_autobuf struct jw_buf after = JW_BUF((size_t)1 << 20);

			add_formats(&facts, &target, moments[j], &before);
			add_formats(&again, &target, moments[j], &after);
			assert_string_equal(before.ptr, after.ptr);
		}
		done(&again, &opened);
		done(&facts, &arena);
		jw_pack_free(pack);
	}
	assert_true(claims > CASES && refused > CASES / 50);
}

/* A page with one LiveKit token, as most targets are. */
static void is_small(void **state)
{
	static const char payload[] =
		"{\"iss\":\"APIdevkey12345\",\"sub\":\"visitor-0001\",\"nbf\":1767319445,"
		"\"exp\":1767326645,\"name\":\"Visitor of the page\",\"metadata\":\"{}\","
		"\"video\":{\"room\":\"reception\",\"roomJoin\":true,\"canPublish\":true,"
		"\"canSubscribe\":true,\"canPublishData\":true}}";
	struct jw_arena arena = {0};
	struct jw_token token = {.path = "/srv/www/example.org/htdocs/reception.html",
				 .line = 118,
				 .is_livekit = true,
				 .signature = JW_SIG_VALID,
				 .fingerprint = "0123abcd",
				 .has_digest = true};
	struct jw_facts facts = {.tokens = &token, .token_count = 1};
	struct jw_pack *pack;

	(void)state;
	make_jwt(&token, headers[0], payload, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		 &arena);
	assert_in_range(token.text.len, 380, 480);
	pack = jw_pack_new(&facts, NULL);
	assert_in_range(jw_pack_size(pack), 300, 400);
	jw_pack_free(pack);
	pack = jw_pack_new(&facts, token.path);
	assert_in_range(jw_pack_size(pack), 250, 350);
	jw_pack_free(pack);
	done(&facts, &arena);
}

/* What isn't copied is there again: from who opens the pack, or from the digest. */
static void is_filled_in(void **state)
{
	static const char path[] = "/srv/page.html";
	static const char other[] = "/srv/page.html";
	struct jw_token tokens[2] = {
		{.path = path, .fingerprint = "00ff0000", .has_digest = true},
		{.path = "/srv/b.html", .fingerprint = "0123abcd"}};
	struct jw_facts facts = {.tokens = tokens, .token_count = 2};
	struct jw_arena arena = {0};
	struct jw_facts again;
	struct jw_pack *pack;

	(void)state;
	tokens[0].digest[1] = 0xff;
	pack = jw_pack_new(&facts, path);
	assert_false(has(pack, path));
	jw_pack_open(pack, other, &arena, &again);
	assert_ptr_equal(again.tokens[0].path, other);
	assert_string_equal(again.tokens[0].fingerprint, "00ff0000");
	assert_string_equal(again.tokens[1].path, "/srv/b.html");
	assert_string_equal(again.tokens[1].fingerprint, "0123abcd");
	jw_arena_done(&arena);
	jw_pack_free(jw_pack_keep(pack));
	assert_true(jw_pack_size(pack) > 0);
	jw_pack_free(pack);
}

/* One path, a hundred tokens: it stands there once. */
static void texts_stand_once(void **state)
{
	static struct jw_token tokens[100];
	struct jw_facts facts = {.tokens = tokens, .token_count = 100};
	struct jw_pack *pack;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		tokens[i] = (struct jw_token){.path = "/srv/www/a/long/path/to/page.html",
					      .decode = JW_TOKEN_MALFORMED,
					      .decode_says = "has no dots",
					      .text = JW_STR("a.b.c")};
	pack = jw_pack_new(&facts, NULL);
	assert_true(jw_pack_size(pack) < 100 * 20);
	jw_pack_free(pack);
}

/* Numbers at the ends of their types, and claims without a token's text. */
static void ends_of_numbers(void **state)
{
	struct jw_token token = {
		.line = SIZE_MAX,
		.has_claims = true,
		.source_offset = INT64_MIN,
		.jwt = {.alg = "HS256",
			.sub = "x",
			.exp = {JW_CLAIM_VALID, INT64_MAX, NULL},
			.iat = {JW_CLAIM_INVALID, 0, "is text"}},
	};
	struct jw_exchange exchange = {.total_us = INT64_MAX, .dns_us = INT64_MIN, .url = ""};
	struct jw_facts facts = {.tokens = &token,
				 .token_count = 1,
				 .exchanges = &exchange,
				 .exchange_count = 1};
	struct jw_arena arena = {0};
	struct jw_facts again;
	struct jw_pack *pack = jw_pack_new(&facts, NULL);

	(void)state;
	jw_pack_open(pack, NULL, &arena, &again);
	assert_true(again.tokens[0].line == SIZE_MAX);
	assert_true(again.tokens[0].source_offset == INT64_MIN);
	assert_true(again.tokens[0].jwt.exp.seconds == INT64_MAX);
	assert_string_equal(again.tokens[0].jwt.sub, "x");
	assert_null(again.tokens[0].jwt.iss);
	assert_string_equal(again.tokens[0].jwt.iat.problem, "is text");
	assert_true(again.exchanges[0].total_us == INT64_MAX);
	assert_true(again.exchanges[0].dns_us == INT64_MIN);
	assert_string_equal(again.exchanges[0].url, "");
	assert_null(again.exchanges[0].proxy);
	done(&again, &arena);
	jw_pack_free(pack);
}

static void nothing_at_all(void **state)
{
	struct jw_facts facts = {0};
	struct jw_arena arena = {0};
	struct jw_facts again;
	struct jw_pack *pack = jw_pack_new(&facts, NULL);

	(void)state;
	jw_pack_open(pack, NULL, &arena, &again);
	assert_int_equal(again.token_count + again.failure_count + again.exchange_count, 0);
	assert_null(again.livekit);
	jw_arena_done(&arena);
	jw_pack_free(pack);
	jw_pack_free(NULL);
}

int main(void)
{
	JW_TEST(cannot_be_told_apart);
	JW_TEST(is_small);
	JW_TEST(is_filled_in);
	JW_TEST(texts_stand_once);
	JW_TEST(ends_of_numbers);
	JW_TEST(nothing_at_all);
	return rows_run();
}
