/* SPDX-License-Identifier: MIT */
/* Steps and decisions that token checks share. */
#include "contract/check.h"

static bool has_livekit(const struct jw_token *tokens, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (tokens[i].is_livekit)
			return true;
	return false;
}

/* The index of the first or last judged token, or count. */
static size_t end_token(const struct jw_token *tokens, size_t count, enum jw_select select)
{
	size_t found = count;

	for (size_t i = 0; i < count; i++) {
		if (tokens[i].is_note)
			continue;
		if (select == JW_SELECT_FIRST)
			return i;
		found = i;
	}
	return found;
}

void jw_check_select(struct jw_run *run, enum jw_only only, enum jw_select select)
{
	struct jw_token *tokens = jw_run_tokens(run);
	size_t count = jw_run_token_count(run);
	size_t kept;

	/* Something that couldn't be decoded may be the LiveKit token, broken: it stays in. */
	if (only == JW_ONLY_LIVEKIT && has_livekit(tokens, count))
		for (size_t i = 0; i < count; i++)
			tokens[i].is_note = tokens[i].has_claims && !tokens[i].is_livekit;
	if (select == JW_SELECT_ALL)
		return;
	kept = end_token(tokens, count, select);
	for (size_t i = 0; i < count; i++)
		if (i != kept)
			tokens[i].is_note = true;
}

enum jw_next jw_step_verify(struct jw_run *run)
{
	jw_run_verify(run);
	return JW_NEXT;
}
