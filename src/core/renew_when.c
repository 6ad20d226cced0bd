/* SPDX-License-Identifier: MIT */
/* When a page is to be renewed, and when one that couldn't be is tried again. */
#include "core/renew.h"

#include "core/result.h"

#define FIRST_MS (INT64_C(30) * 1000)

/* What is wrong with a token itself. Whether a fresh one is better, its proof will show. */
static bool is_mended(enum jw_cause cause)
{
	static const enum jw_cause causes[] = {
		JW_EXPIRED,	      JW_NOT_YET_VALID,	    JW_NO_EXPIRY,
		JW_EXPIRY_INVALID,    JW_TOKEN_MALFORMED,   JW_PLACEHOLDER,
		JW_ALGORITHM_REFUSED, JW_SIGNATURE_INVALID, JW_KEY_UNKNOWN,
		JW_ISSUER_MISMATCH,   JW_AUDIENCE_MISMATCH, JW_SUBJECT_MISMATCH,
		JW_ROOM_MISMATCH,     JW_IDENTITY_MISMATCH, JW_LIVEKIT_REFUSED};

	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++)
		if (causes[i] == cause)
			return true;
	return false;
}

bool jw_renew_is_needed(const struct jw_threshold *less, const struct jw_result *result)
{
	const struct jw_token *token = jw_facts_only_token(&result->facts);
	int64_t left;

	if (less->kind == JW_THRESHOLD_NONE)
		return true;
	for (size_t i = 0; i < result->verdict.finding_count; i++)
		if (is_mended(result->verdict.findings[i].cause))
			return true;
	return jw_token_left(token, result->now, &left) &&
	       jw_threshold_alert(less, left, jw_token_lifetime(token)) != JW_ALERT_NO;
}

void jw_renew_tries_reset(struct jw_renew_tries *tries)
{
	/* After a renewal the pause stays: what it made of the page is another token too. */
	if (tries->failed)
		tries->not_before_ms = 0;
	tries->failed = 0;
	tries->is_over = false;
}

static int64_t pause_ms(unsigned failed)
{
	int64_t ms = FIRST_MS;

	for (unsigned i = 1; i < failed && ms < JW_RENEW_PAUSE_MS; i++)
		ms *= 2;
	return ms < JW_RENEW_PAUSE_MS ? ms : JW_RENEW_PAUSE_MS;
}

void jw_renew_tries_take(struct jw_renew_tries *tries, const struct jw_renewal *renewal,
			 int64_t now_ms)
{
	if (renewal->state != JW_RENEWED_FAILED) {
		*tries = (struct jw_renew_tries){.not_before_ms = now_ms + JW_RENEW_PAUSE_MS};
		return;
	}
	tries->failed++;
	tries->is_over = !renewal->may_pass || tries->failed >= JW_RENEW_TRIES;
	tries->not_before_ms = now_ms + pause_ms(tries->failed);
}
