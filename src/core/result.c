/* SPDX-License-Identifier: MIT */
/* What is read out of a result's facts, once for all who tell of it. */
#include "core/result.h"

#include <stddef.h>

/* Of the judged tokens that say when they end, the first to end. */
static const struct jw_token *first_to_end(const struct jw_facts *facts)
{
	const struct jw_token *first = NULL;

	for (size_t i = 0; i < facts->token_count; i++) {
		const struct jw_token *token = &facts->tokens[i];

		if (token->is_note || !token->has_claims || token->jwt.exp.is != JW_CLAIM_VALID)
			continue;
		if (!first || token->jwt.exp.seconds < first->jwt.exp.seconds)
			first = token;
	}
	return first;
}

const struct jw_token *jw_result_token(const struct jw_result *result)
{
	size_t deciding = result->verdict.deciding;

	return deciding < result->facts.token_count ? &result->facts.tokens[deciding]
						    : first_to_end(&result->facts);
}

bool jw_token_left(const struct jw_token *token, int64_t now, int64_t *ret_left)
{
	if (!token || !token->has_claims || token->jwt.exp.is != JW_CLAIM_VALID)
		return false;
	*ret_left = token->jwt.exp.seconds - now;
	return true;
}

int64_t jw_token_lifetime(const struct jw_token *token)
{
	int64_t lifetime = 0;

	if (token && token->has_claims && jw_jwt_lifetime(&token->jwt, &lifetime))
		return lifetime;
	return 0;
}

const struct jw_exchange *jw_result_exchange(const struct jw_result *result)
{
	const struct jw_facts *facts = &result->facts;

	for (size_t i = 0; i < facts->exchange_count; i++)
		if (facts->exchanges[i].at == JW_AT_SOURCE || facts->livekit)
			return &facts->exchanges[i];
	return NULL;
}

const struct jw_livekit *jw_result_livekit(const struct jw_result *result)
{
	const struct jw_facts *facts = &result->facts;
	const struct jw_token *deciding = jw_result_token(result);

	if (facts->livekit)
		return facts->livekit;
	if (deciding && deciding->livekit)
		return deciding->livekit;
	for (size_t i = 0; i < facts->token_count; i++)
		if (!facts->tokens[i].is_note && facts->tokens[i].livekit)
			return facts->tokens[i].livekit;
	return NULL;
}

bool jw_livekit_is_known(const struct jw_livekit *livekit)
{
	if (!livekit)
		return false;
	return livekit->is_reachable || (livekit->cause && livekit->cause != JW_DEADLINE &&
					 livekit->cause != JW_INTERNAL);
}

const struct jw_phase_row jw_phase_rows[] = {
	{"dns", offsetof(struct jw_exchange, dns_us)},
	{"connect", offsetof(struct jw_exchange, connect_us)},
	{"tls", offsetof(struct jw_exchange, tls_us)},
	{"wait", offsetof(struct jw_exchange, wait_us)},
	{"transfer", offsetof(struct jw_exchange, transfer_us)},
	{0},
};

int64_t jw_phase_us(const struct jw_exchange *exchange, const struct jw_phase_row *row)
{
	return *(const int64_t *)((const char *)exchange + row->offset);
}
