/* SPDX-License-Identifier: MIT */
/* Steps and decisions that token checks share. */
#include "contract/check.h"

static bool has_livekit(const struct jw_token *tokens, const size_t *met, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (tokens[met[i]].is_livekit)
			return true;
	return false;
}

static bool has_unencrypted(const struct jw_token *tokens, const size_t *met, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!jw_jwt_is_encrypted(tokens[met[i]].text))
			return true;
	return false;
}

/* Something that couldn't be decoded may be the LiveKit token, broken: it stays in. */
static bool is_wanted(const struct jw_token *token, enum jw_only only)
{
	return only == JW_ONLY_ANY || !token->has_claims || token->is_livekit;
}

/* An encrypted token beside others that were found is somebody else's: a session's cookie, say. */
void jw_check_select(struct jw_run *run, const size_t *met, size_t count, enum jw_only only,
		     enum jw_select select)
{
	struct jw_token *tokens = jw_run_tokens(run);
	struct jw_token *kept = NULL;
	bool skip_encrypted = only == JW_ONLY_LIVEKIT && has_unencrypted(tokens, met, count);

	if (!has_livekit(tokens, met, count))
		only = JW_ONLY_ANY;
	for (size_t i = 0; i < count; i++) {
		struct jw_token *token = &tokens[met[i]];

		if (!is_wanted(token, only) ||
		    (skip_encrypted && jw_jwt_is_encrypted(token->text)))
			continue;
		if (select == JW_SELECT_ALL)
			token->is_note = false;
		else if (select == JW_SELECT_LAST || !kept)
			kept = token;
	}
	if (kept)
		kept->is_note = false;
}

enum jw_next jw_step_verify(struct jw_run *run)
{
	jw_run_verify(run);
	jw_run_servers(run);
	return JW_NEXT;
}

enum jw_next jw_step_accept(struct jw_run *run)
{
	return jw_run_accept(run);
}

enum jw_next jw_step_accepted(struct jw_run *run)
{
	return jw_run_accepted(run);
}
