/* SPDX-License-Identifier: MIT */
/* Each number of a result, found once. */
#include "core/numbers.h"

#include <string.h>

#include "core/result.h"
#include "token/find.h"

#define ALG_MAX 16
#define KID_MAX 128
#define INFO_MAX 256

_Static_assert(sizeof(struct jw_numbers) <= 96, "numbers of many targets fit in little memory");

#define UNKNOWN (-1)

static const struct jw_numbers nothing = {
	.last_check = JW_UNSET,
	.exp = JW_UNSET,
	.nbf = JW_UNSET,
	.iat = JW_UNSET,
	.lifetime = JW_UNSET,
	.warning_ms = JW_UNSET,
	.critical_ms = JW_UNSET,
	.duration_ms = UNKNOWN,
	.tokens = UNKNOWN,
	.check_success = UNKNOWN,
	.has_expiration = UNKNOWN,
	.signature_valid = UNKNOWN,
	.accepted = UNKNOWN,
	.livekit_up = UNKNOWN,
};

static const struct jw_network_numbers no_network = {
	.phase_us = {JW_UNSET, JW_UNSET, JW_UNSET, JW_UNSET, JW_UNSET},
	.http_status = JW_UNSET,
	.certificate_expires = {JW_UNSET, JW_UNSET, JW_UNSET, JW_UNSET, JW_UNSET},
	.clock_skew = {JW_UNSET, JW_UNSET},
	.livekit_us = JW_UNSET,
	.livekit_key_accepted = JW_UNSET,
};

static bool has_all_claims(const struct jw_facts *facts)
{
	size_t judged = 0;

	for (size_t i = 0; i < facts->token_count; i++) {
		if (facts->tokens[i].is_note)
			continue;
		if (!facts->tokens[i].has_claims)
			return false;
		judged++;
	}
	return judged > 0;
}

/* The page was read, whatever came of renewing it. */
static bool is_success(const struct jw_facts *facts)
{
	for (size_t i = 0; i < facts->failure_count; i++)
		if (facts->failures[i].at != JW_AT_RENEW)
			return false;
	return facts->livekit ? facts->livekit->is_reachable : has_all_claims(facts);
}

/* Of each place the certificate that ends first. */
static void count_certificates(const struct jw_facts *facts, struct jw_network_numbers *numbers)
{
	for (size_t i = 0; i < facts->exchange_count; i++) {
		const struct jw_exchange *exchange = &facts->exchanges[i];
		int64_t *first = &numbers->certificate_expires[exchange->at];

		if (exchange->certificate_expires &&
		    (*first == JW_UNSET || exchange->certificate_expires < *first))
			*first = exchange->certificate_expires;
	}
}

/* 0 where one isn't; absent where one is unknown and none is known not to be. */
static void count_proofs(const struct jw_facts *facts, struct jw_network_numbers *numbers)
{
	for (size_t i = 0; i < facts->proof_count; i++) {
		enum jw_accepts accepts = facts->proofs[i].accepts;

		if (accepts == JW_ACCEPTS_UNKNOWN)
			numbers->livekit_key_accepted = JW_UNSET;
		else if (accepts == JW_ACCEPTS_NO || !i)
			numbers->livekit_key_accepted = accepts == JW_ACCEPTS_YES;
		if (accepts == JW_ACCEPTS_NO)
			return;
	}
}

static void count_network(const struct jw_result *result, struct jw_network_numbers *numbers)
{
	const struct jw_exchange *exchange = jw_result_exchange(result);
	const struct jw_livekit *livekit = jw_result_livekit(result);

	for (size_t i = 0; exchange && i < JW_PHASES && jw_phase_rows[i].name; i++)
		if (jw_phase_us(exchange, &jw_phase_rows[i]) >= 0)
			numbers->phase_us[i] = jw_phase_us(exchange, &jw_phase_rows[i]);
	if (exchange && exchange->status > 0)
		numbers->http_status = exchange->status;
	/* Of a `livekit` check both clocks are the same server's. */
	if (exchange && exchange->has_clock && !result->facts.livekit)
		numbers->clock_skew[JW_AT_SOURCE] = exchange->clock_offset;
	if (livekit && livekit->has_clock)
		numbers->clock_skew[JW_AT_LIVEKIT] = livekit->clock_offset;
	if (livekit && livekit->status > 0 && livekit->time_us > 0)
		numbers->livekit_us = livekit->time_us;
	count_certificates(&result->facts, numbers);
	count_proofs(&result->facts, numbers);
}

static const struct jw_network_numbers *network_of(const struct jw_result *result,
						   struct jw_arena *arena)
{
	struct jw_network_numbers numbers = no_network;
	struct jw_network_numbers *known;

	count_network(result, &numbers);
	if (!memcmp(&numbers, &no_network, sizeof(numbers)))
		return NULL;
	known = jw_arena_alloc(arena, sizeof(*known));
	*known = numbers;
	return known;
}

static bool has_finding(const struct jw_verdict *verdict, enum jw_cause cause)
{
	for (size_t i = 0; i < verdict->finding_count; i++)
		if (verdict->findings[i].cause == cause)
			return true;
	return false;
}

/* None is a number that is known only where somebody looked. */
static int32_t count_tokens(const struct jw_result *result)
{
	const struct jw_facts *facts = &result->facts;
	int32_t count = 0;

	for (size_t i = 0; i < facts->token_count; i++)
		count += !facts->tokens[i].is_note && facts->tokens[i].decode != JW_PLACEHOLDER;
	if (facts->token_count || has_finding(&result->verdict, JW_TOKEN_NOT_FOUND))
		return count;
	return UNKNOWN;
}

static int64_t seconds_of(const struct jw_time_claim *claim)
{
	return claim->is == JW_CLAIM_VALID ? claim->seconds : JW_UNSET;
}

/* Of ranges, those that ask for so much left ("3600:"). */
static int64_t least_ms(const struct jw_threshold *threshold, int64_t lifetime)
{
	int64_t seconds;

	if (threshold->kind == JW_THRESHOLD_RANGE)
		return !threshold->inside && threshold->end_ms == INT64_MAX &&
				       threshold->start_ms != INT64_MIN
			       ? threshold->start_ms
			       : JW_UNSET;
	return jw_threshold_seconds(threshold, lifetime, &seconds) ? seconds * 1000 : JW_UNSET;
}

/* Letters, digits and what base64url and names of keys and algorithms have: no address, URL or path, and nothing that a
 * label would have to escape. */
static bool is_plain(const char *text, size_t max)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-_.=+~";
	size_t len = strlen(text);

	return len && len <= max && strspn(text, plain) == len;
}

static const char *info_of(const struct jw_jwt *jwt, struct jw_arena *arena)
{
	jw_autobuf struct jw_buf labels = JW_BUF(INFO_MAX);
	const char *alg = is_plain(jwt->alg, ALG_MAX) ? jwt->alg : "other";

	jw_buf_printf(&labels, "alg=\"%s\"", alg);
	if (jwt->kid && is_plain(jwt->kid, KID_MAX))
		jw_buf_printf(&labels, ",kid=\"%s\"", jwt->kid);
	jw_find_scrub(labels.ptr);
	return jw_arena_text(arena, jw_str_of(labels.ptr));
}

/* Of the deciding token, where it could be decoded. Without it a share can't be resolved, and half of min(1h, 20%) would
 * be another threshold. */
static void count_token(const struct jw_token *token, const struct jw_expect *expect,
			struct jw_arena *arena, struct jw_numbers *numbers)
{
	int64_t lifetime = jw_token_lifetime(token);

	numbers->exp = seconds_of(&token->jwt.exp);
	numbers->nbf = seconds_of(&token->jwt.nbf);
	numbers->iat = seconds_of(&token->jwt.iat);
	numbers->has_expiration = token->jwt.exp.is == JW_CLAIM_VALID;
	numbers->warning_ms = least_ms(&expect->warning, lifetime);
	numbers->critical_ms = least_ms(&expect->critical, lifetime);
	numbers->info = info_of(&token->jwt, arena);
	if (lifetime)
		numbers->lifetime = lifetime;
}

void jw_numbers_of(const struct jw_result *result, struct jw_arena *arena,
		   struct jw_numbers *ret_numbers)
{
	const struct jw_token *token = jw_result_token(result);
	const struct jw_livekit *livekit = jw_result_livekit(result);
	struct jw_numbers numbers = nothing;

	numbers.state = result->verdict.state;
	numbers.cause = result->verdict.cause;
	numbers.check_success = is_success(&result->facts);
	numbers.tokens = count_tokens(result);
	/* A refusal has no moment. */
	if (result->now) {
		numbers.last_check = result->now;
		numbers.duration_ms = result->duration_ms < INT32_MAX
					      ? (int32_t)result->duration_ms
					      : INT32_MAX;
	}
	numbers.network = network_of(result, arena);
	if (jw_livekit_is_known(livekit))
		numbers.livekit_up =
			livekit->is_reachable && livekit->cause != JW_LIVEKIT_NOT_READY;
	if (token && token->has_claims)
		count_token(token, &result->target->expect, arena, &numbers);
	if (token && token->signature != JW_SIG_NOT_CHECKED &&
	    token->signature != JW_SIG_NO_KEY)
		numbers.signature_valid = token->signature == JW_SIG_VALID;
	if (token && token->livekit && token->livekit->accepts != JW_ACCEPTS_UNKNOWN)
		numbers.accepted = token->livekit->accepts == JW_ACCEPTS_YES;
	*ret_numbers = numbers;
}

void jw_numbers_keep(struct jw_numbers *now, const struct jw_numbers *before)
{
	if (now->has_expiration >= 0)
		return;
	now->exp = before->exp;
	now->nbf = before->nbf;
	now->iat = before->iat;
	now->lifetime = before->lifetime;
	now->has_expiration = before->has_expiration;
	now->warning_ms = before->warning_ms;
	now->critical_ms = before->critical_ms;
	now->info = before->info;
}
