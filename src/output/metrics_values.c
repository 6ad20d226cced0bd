/* SPDX-License-Identifier: MIT */
/* The table of metrics, and where each value comes from. What isn't known adds no sample. */
#include <assert.h>
#include <string.h>

#include "output/formatting.h"
#include "output/metrics_parts.h"

#define LABELS_MAX ((size_t)4096)
#define PLAIN_MAX 128
#define KID_MAX 128

#define OF_REPORT(id, ...)                                                                     \
	static void id(struct jw_samples *samples, const struct jw_report *report);
#define OF_TARGET(id, ...)                                                                     \
	static void id(struct jw_samples *samples, const struct jw_result *result);
#include "output/metrics.def"
#undef OF_REPORT
#undef OF_TARGET

enum { ON_REPORT = JW_PAGE_REPORT, ON_BOTH = JW_PAGE_REPORT | JW_PAGE_PROBE };

#define ROW(id, type_, on, labels_, help_)                                                     \
	.name = "jwtwatch_" #id, .type = JW_METRIC_##type_, .pages = ON_##on,                  \
	.labels = (labels_), .help = (help_)
#define OF_REPORT(id, ...) {ROW(id, __VA_ARGS__), .of_report = (id)},
#define OF_TARGET(id, ...) {ROW(id, __VA_ARGS__), .of_target = (id)},
const struct jw_metric jw_metrics[] = {
#include "output/metrics.def"
	{0},
};

static void add(struct jw_samples *samples, int64_t value)
{
	jw_sample(samples, (struct jw_str){0}, value, 0);
}

/* With one more label. Both texts are ours, short and plain, so nothing needs to be escaped. */
static void add_of(struct jw_samples *samples, const char *name, const char *label,
		   int64_t value, unsigned decimals)
{
	char text[PLAIN_MAX];
	char *to = text;

	assert(strlen(name) + strlen(label) + strlen("=\"\"") <= sizeof(text));
	to = mempcpy(to, name, strlen(name));
	to = mempcpy(to, "=\"", 2);
	to = mempcpy(to, label, strlen(label));
	*to++ = '"';
	jw_sample(samples, (struct jw_str){text, (size_t)(to - text)}, value, decimals);
}

static void build_info(struct jw_samples *samples, const struct jw_report *report)
{
	(void)report;
	add_of(samples, "version", PACKAGE_VERSION, 1, 0);
}

/* What was refused without a check is no target: a name that the configuration hasn't got, say. */
static void targets(struct jw_samples *samples, const struct jw_report *report)
{
	int64_t count = 0;

	for (size_t i = 0; i < report->count; i++)
		count += report->results[i].target->check != NULL;
	add(samples, count);
}

static void simulated_timestamp_seconds(struct jw_samples *samples,
					const struct jw_report *report)
{
	if (report->simulated)
		add(samples, report->now);
}

static void target_status(struct jw_samples *samples, const struct jw_result *result)
{
	static const struct jw_str labels[] = {
		[JW_STATE_OK] = JW_STR("status=\"ok\""),
		[JW_STATE_WARNING] = JW_STR("status=\"warning\""),
		[JW_STATE_CRITICAL] = JW_STR("status=\"critical\""),
		[JW_STATE_UNKNOWN] = JW_STR("status=\"unknown\""),
	};

	for (enum jw_state state = JW_STATE_OK; state <= JW_STATE_UNKNOWN; state++)
		jw_sample(samples, labels[state], result->verdict.state == state, 0);
}

static void target_cause(struct jw_samples *samples, const struct jw_result *result)
{
	if (result->verdict.cause)
		add_of(samples, "cause", jw_cause_name(result->verdict.cause), 1, 0);
}

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

static void check_success(struct jw_samples *samples, const struct jw_result *result)
{
	const struct jw_facts *facts = &result->facts;

	if (facts->failure_count)
		add(samples, 0);
	else
		add(samples,
		    facts->livekit ? facts->livekit->is_reachable : has_all_claims(facts));
}

/* A refusal has no moment. */
static bool was_run(const struct jw_result *result)
{
	return result->now != 0;
}

static void check_duration_seconds(struct jw_samples *samples, const struct jw_result *result)
{
	if (was_run(result))
		jw_sample(samples, (struct jw_str){0}, result->duration_ms, 3);
}

static void last_check_timestamp_seconds(struct jw_samples *samples,
					 const struct jw_result *result)
{
	if (was_run(result))
		add(samples, result->now);
}

static void check_phase_duration_seconds(struct jw_samples *samples,
					 const struct jw_result *result)
{
	const struct jw_exchange *exchange = jw_result_exchange(result);

	if (!exchange)
		return;
	for (const struct jw_phase_row *row = jw_phase_rows; row->name; row++) {
		int64_t us = jw_phase_us(exchange, row);

		if (us >= 0)
			add_of(samples, "phase", row->name, us, 6);
	}
}

static void http_status_code(struct jw_samples *samples, const struct jw_result *result)
{
	const struct jw_exchange *exchange = jw_result_exchange(result);

	if (exchange && exchange->status > 0)
		add(samples, exchange->status);
}

static void tls_certificate_expiration_timestamp_seconds(struct jw_samples *samples,
							 const struct jw_result *result)
{
	const struct jw_facts *facts = &result->facts;

	for (enum jw_at at = JW_AT_SOURCE; at <= JW_AT_SINK; at++) {
		int64_t first = 0;

		for (size_t i = 0; i < facts->exchange_count; i++) {
			int64_t expires = facts->exchanges[i].certificate_expires;

			if (facts->exchanges[i].at == at && expires &&
			    (!first || expires < first))
				first = expires;
		}
		if (first)
			add_of(samples, "at", jw_at_name(at), first, 0);
	}
}

static void clock_skew_seconds(struct jw_samples *samples, const struct jw_result *result)
{
	const struct jw_exchange *exchange = jw_result_exchange(result);
	const struct jw_livekit *livekit = jw_result_livekit(result);

	/* Of a `livekit` check both are the same server's. */
	if (exchange && exchange->has_clock && !result->facts.livekit)
		add_of(samples, "at", jw_at_name(JW_AT_SOURCE), exchange->clock_offset, 0);
	if (livekit && livekit->has_clock)
		add_of(samples, "at", jw_at_name(JW_AT_LIVEKIT), livekit->clock_offset, 0);
}

static bool has_finding(const struct jw_verdict *verdict, enum jw_cause cause)
{
	for (size_t i = 0; i < verdict->finding_count; i++)
		if (verdict->findings[i].cause == cause)
			return true;
	return false;
}

/* None is a number that is known only where somebody looked. */
static void tokens(struct jw_samples *samples, const struct jw_result *result)
{
	const struct jw_facts *facts = &result->facts;
	int64_t count = 0;

	for (size_t i = 0; i < facts->token_count; i++)
		count += !facts->tokens[i].is_note && facts->tokens[i].decode != JW_PLACEHOLDER;
	if (facts->token_count || has_finding(&result->verdict, JW_TOKEN_NOT_FOUND))
		add(samples, count);
}

/* The deciding token, where it could be decoded. */
static const struct jw_token *decoded(const struct jw_result *result)
{
	const struct jw_token *token = jw_result_token(result);

	return token && token->has_claims ? token : NULL;
}

static void add_time(struct jw_samples *samples, const struct jw_time_claim *claim)
{
	if (claim->is == JW_CLAIM_VALID)
		add(samples, claim->seconds);
}

static void token_expiration_timestamp_seconds(struct jw_samples *samples,
					       const struct jw_result *result)
{
	const struct jw_token *token = decoded(result);

	if (token)
		add_time(samples, &token->jwt.exp);
}

static void token_not_before_timestamp_seconds(struct jw_samples *samples,
					       const struct jw_result *result)
{
	const struct jw_token *token = decoded(result);

	if (token)
		add_time(samples, &token->jwt.nbf);
}

static void token_issued_timestamp_seconds(struct jw_samples *samples,
					   const struct jw_result *result)
{
	const struct jw_token *token = decoded(result);

	if (token)
		add_time(samples, &token->jwt.iat);
}

static void token_lifetime_seconds(struct jw_samples *samples, const struct jw_result *result)
{
	int64_t lifetime = jw_token_lifetime(jw_result_token(result));

	if (lifetime)
		add(samples, lifetime);
}

static void token_has_expiration(struct jw_samples *samples, const struct jw_result *result)
{
	const struct jw_token *token = decoded(result);

	if (token)
		add(samples, token->jwt.exp.is == JW_CLAIM_VALID);
}

/* Of ranges, those that ask for so much left ("3600:"), in milliseconds. */
static bool is_least(const struct jw_threshold *threshold)
{
	return threshold->kind == JW_THRESHOLD_RANGE && !threshold->inside &&
	       threshold->end_ms == INT64_MAX && threshold->start_ms != INT64_MIN;
}

static void add_threshold(struct jw_samples *samples, const struct jw_threshold *threshold,
			  struct jw_str labels, int64_t lifetime)
{
	int64_t seconds;

	if (is_least(threshold))
		jw_sample(samples, labels, threshold->start_ms, 3);
	else if (jw_threshold_seconds(threshold, lifetime, &seconds))
		jw_sample(samples, labels, seconds, 0);
}

/* Without a token a share can't be resolved, and half of min(1h, 20%) would be another threshold. */
static void token_expiry_threshold_seconds(struct jw_samples *samples,
					   const struct jw_result *result)
{
	const struct jw_expect *expect = &result->target->expect;
	const struct jw_token *token = decoded(result);
	int64_t lifetime = jw_token_lifetime(token);

	if (!token)
		return;
	add_threshold(samples, &expect->warning, JW_STR("severity=\"warning\""), lifetime);
	add_threshold(samples, &expect->critical, JW_STR("severity=\"critical\""), lifetime);
}

static void token_signature_valid(struct jw_samples *samples, const struct jw_result *result)
{
	const struct jw_token *token = jw_result_token(result);

	if (token && token->signature != JW_SIG_NOT_CHECKED &&
	    token->signature != JW_SIG_NO_KEY)
		add(samples, token->signature == JW_SIG_VALID);
}

/* Letters, digits and what base64url and names of keys and algorithms have: no address, URL or path. */
static bool is_plain(const char *text, size_t max)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-_.=+~";
	size_t len = strlen(text);

	return len && len <= max && strspn(text, plain) == len;
}

static void token_info(struct jw_samples *samples, const struct jw_result *result)
{
	const struct jw_token *token = decoded(result);
	jw_autobuf struct jw_buf labels = JW_BUF(LABELS_MAX);

	if (!token)
		return;
	jw_label(&labels, 0, "alg", is_plain(token->jwt.alg, 16) ? token->jwt.alg : "other");
	if (token->jwt.kid && is_plain(token->jwt.kid, KID_MAX))
		jw_label(&labels, 0, "kid", token->jwt.kid);
	jw_sample(samples, jw_buf_get(&labels), 1, 0);
}

static void token_accepted(struct jw_samples *samples, const struct jw_result *result)
{
	const struct jw_token *token = jw_result_token(result);
	const struct jw_livekit *livekit = token ? token->livekit : NULL;

	if (livekit && livekit->accepts != JW_ACCEPTS_UNKNOWN)
		add(samples, livekit->accepts == JW_ACCEPTS_YES);
}

static void livekit_up(struct jw_samples *samples, const struct jw_result *result)
{
	const struct jw_livekit *livekit = jw_result_livekit(result);

	if (jw_livekit_is_known(livekit))
		add(samples, livekit->is_reachable && livekit->cause != JW_LIVEKIT_NOT_READY);
}

static void livekit_response_duration_seconds(struct jw_samples *samples,
					      const struct jw_result *result)
{
	const struct jw_livekit *livekit = jw_result_livekit(result);

	if (livekit && livekit->status > 0 && livekit->time_us > 0)
		jw_sample(samples, (struct jw_str){0}, livekit->time_us, 6);
}
