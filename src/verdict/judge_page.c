/* SPDX-License-Identifier: MIT */
/* What a page shows to everybody beside its tokens. */
#include "verdict/judge_parts.h"

static void leak(struct jw_judging *judging, const struct jw_leak *leak)
{
	const char *place = jw_arena_printf(judging->arena, "%s:%zu", leak->path, leak->line);

	jw_judge_add(judging, JW_SECRET_IN_PAGE);
	jw_judge_say_at(
		judging, place,
		leak->key
			? jw_arena_printf(judging->arena,
					  "the secret of the key %s stands here: everybody who "
					  "opens the page can make tokens with it",
					  jw_judge_shown(judging, leak->key))
			: "an API secret stands here, as its name says: everybody who opens "
			  "the page can make tokens with it");
}

void jw_judge_page(struct jw_judging *judging)
{
	for (size_t i = 0; i < judging->facts->leak_count; i++)
		leak(judging, &judging->facts->leaks[i]);
}
