/* SPDX-License-Identifier: MIT */
/* What the formats read out of a result's facts, once for all of them. */
#include <string.h>

#include "contract/check.h"
#include "output/formatting.h"

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
	if (is_read && result->verdict.cause == JW_SECRET_IN_PAGE &&
	    is_file(facts->leaks[0].path)) {
		*ret_line = facts->leaks[0].line;
		file = facts->leaks[0].path;
	} else if (is_read && deciding < facts->token_count &&
		   is_file(facts->tokens[deciding].path)) {
		*ret_line = facts->tokens[deciding].line;
		file = facts->tokens[deciding].path;
	} else if (!file && target->file) {
		*ret_line = target->line;
		file = target->file;
	}
	return file;
}

const struct jw_proof_row jw_proof_rows[] = {
	{JW_PROVED_EXPIRY, "expiry"},	  {JW_PROVED_SIGNATURE, "signature"},
	{JW_PROVED_ACCEPTED, "accepted"}, {JW_PROVED_READY, "ready"},
	{JW_PROVED_SAME, "same_as"},	  {JW_PROVED_KEY, "key pair"},
	{JW_PROVED_JOIN, "join"},	  {0},
};

const char *jw_at_name(enum jw_at at)
{
	static const char *const names[] = {
		[JW_AT_SOURCE] = "source", [JW_AT_LIVEKIT] = "livekit", [JW_AT_JWKS] = "jwks",
		[JW_AT_RENEW] = "renew",   [JW_AT_SINK] = "sink",
	};

	return names[at];
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

const char *jw_livekit_detail(const struct jw_livekit *livekit)
{
	if (livekit->cause != JW_LIVEKIT_REFUSED || livekit->refusal <= JW_REFUSAL_NONE ||
	    livekit->refusal >= JW_REFUSAL_COUNT)
		return NULL;
	return jw_refusal_row(livekit->refusal)->name;
}
