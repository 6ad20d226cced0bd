/* SPDX-License-Identifier: MIT */
/* What the formats read out of a result's facts, once for all of them. */
#include <stddef.h>
#include <string.h>

#include "contract/check.h"
#include "output/formatting.h"

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

/* Other checks have URLs and programs for places. */
static bool reads_files(const struct jw_check *check)
{
	for (const struct jw_option *option = check ? check->options : NULL;
	     option && option->name; option++)
		if (!strcmp(option->name, "path"))
			return true;
	return false;
}

static bool is_file(const char *path)
{
	return path && *path && strcmp(path, "-") != 0;
}

/* Of a failure: what it has for a place is a file's path only where a file was to be read. */
static const char *failed_file(const struct jw_result *result)
{
	const struct jw_facts *facts = &result->facts;

	for (size_t i = 0; i < facts->failure_count; i++) {
		const struct jw_failure *failure = &facts->failures[i];
		bool is_read = failure->cause == JW_FILE_MISSING ||
			       failure->cause == JW_FILE_UNREADABLE ||
			       failure->cause == JW_TOKEN_NOT_FOUND;

		if (failure->at == JW_AT_SOURCE && is_read && is_file(failure->place))
			return failure->place;
	}
	return NULL;
}

const char *jw_result_file(const struct jw_result *result, size_t *ret_line)
{
	const struct jw_target *target = result->target;
	const struct jw_facts *facts = &result->facts;
	size_t deciding = result->verdict.deciding;
	bool is_read = reads_files(target->check);
	const char *file = is_read ? failed_file(result) : NULL;

	*ret_line = 0;
	if (is_read && deciding < facts->token_count && is_file(facts->tokens[deciding].path)) {
		*ret_line = facts->tokens[deciding].line;
		file = facts->tokens[deciding].path;
	} else if (!file && target->file) {
		*ret_line = target->line;
		file = target->file;
	}
	return file;
}

const struct jw_proof_row jw_proof_rows[] = {
	{JW_PROVED_EXPIRY, "expiry"},
	{JW_PROVED_SIGNATURE, "signature"},
	{JW_PROVED_ACCEPTED, "accepted"},
	{JW_PROVED_READY, "ready"},
	{JW_PROVED_SAME, "same_as"},
	{0},
};

const char *jw_at_name(enum jw_at at)
{
	static const char *const names[] = {
		[JW_AT_SOURCE] = "source", [JW_AT_LIVEKIT] = "livekit", [JW_AT_JWKS] = "jwks",
		[JW_AT_RENEW] = "renew",   [JW_AT_SINK] = "sink",
	};

	return names[at];
}

const struct jw_exchange *jw_result_exchange(const struct jw_result *result)
{
	const struct jw_facts *facts = &result->facts;

	for (size_t i = 0; i < facts->exchange_count; i++)
		if (facts->exchanges[i].at == JW_AT_SOURCE || facts->livekit)
			return &facts->exchanges[i];
	return NULL;
}

const char *jw_target_url(const struct jw_target *target)
{
	const struct jw_option *option = target->check ? target->check->options : NULL;

	for (; target->config && option && option->name; option++)
		if (option->type == JW_T_URL)
			return *(const char *const *)((const char *)target->config +
						      option->offset);
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

const char *jw_livekit_detail(const struct jw_livekit *livekit)
{
	if (livekit->cause != JW_LIVEKIT_REFUSED || livekit->refusal <= JW_REFUSAL_NONE ||
	    livekit->refusal >= JW_REFUSAL_COUNT)
		return NULL;
	return jw_refusal_row(livekit->refusal)->name;
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
