/* SPDX-License-Identifier: MIT */
/* What only memory, another place or a cache's headers can say of tokens: old copies, late rotations, kept answers. */
#include "verdict/judge_parts.h"

#include <string.h>

#include "base/when.h"

static bool has_judged(const struct jw_facts *facts)
{
	for (size_t i = 0; i < facts->token_count; i++)
		if (!facts->tokens[i].is_note)
			return true;
	return false;
}

static const char *place_of(const struct jw_facts *facts)
{
	return facts->token_count ? facts->tokens[0].path : NULL;
}

static const char *name_of(const struct jw_peer *peer)
{
	return peer->name ? peer->name : "the place that same_as names";
}

enum jw_same jw_judge_same(const struct jw_facts *facts, const struct jw_expect *expect)
{
	const unsigned char *own = facts->history ? facts->history->digest : facts->digest;

	if (!expect->has_peer || !facts->peer || !facts->peer->is_known || !own ||
	    !has_judged(facts))
		return JW_SAME_UNKNOWN;
	return memcmp(own, facts->peer->digest, 32) ? JW_SAME_NO : JW_SAME_YES;
}

void jw_judge_stale(struct jw_judging *judging)
{
	char span[JW_WHEN_TEXT];

	jw_judge_add(judging, JW_STALE);
	jw_judge_say_at(
		judging, place_of(judging->facts),
		jw_arena_printf(judging->arena,
				"the last result is %s old, so nobody knows how the token "
				"is now; is jwtwatch run still running?",
				jw_span_text(judging->facts->stale_for, span)));
}

enum age { AGE_UNKNOWN, AGE_OLDER, AGE_NEWER };

/* By when the two were made, else by when they end. */
static enum age age_of(const struct jw_facts *facts)
{
	const struct jw_token *own = jw_facts_only_token(facts);
	const struct jw_peer *peer = facts->peer;

	if (!own || !own->has_claims)
		return AGE_UNKNOWN;
	if (own->jwt.iat.is == JW_CLAIM_VALID && peer->iat && own->jwt.iat.seconds != peer->iat)
		return own->jwt.iat.seconds < peer->iat ? AGE_OLDER : AGE_NEWER;
	if (own->jwt.exp.is == JW_CLAIM_VALID && peer->exp && own->jwt.exp.seconds != peer->exp)
		return own->jwt.exp.seconds < peer->exp ? AGE_OLDER : AGE_NEWER;
	return AGE_UNKNOWN;
}

/* "; it is served by ..., out of a cache where it has been for 55m"; "" where nothing is known. */
static const char *say_server(struct jw_judging *judging)
{
	const struct jw_facts *facts = judging->facts;
	int64_t age = facts->freshness.is_known ? facts->freshness.age : 0;
	const char *server = NULL;
	char span[JW_WHEN_TEXT];

	for (size_t i = 0; i < facts->exchange_count; i++)
		if (facts->exchanges[i].at == JW_AT_SOURCE && facts->exchanges[i].server)
			server = facts->exchanges[i].server;
	if (!server && !age)
		return "";
	return jw_arena_printf(judging->arena, "; it is served%s%s%s%s%s", server ? " by " : "",
			       server ? server : "", server && age ? "," : "",
			       age ? " out of a cache where it has been for " : "",
			       age ? jw_span_text(age, span) : "");
}

static const char *explain_copy(struct jw_judging *judging)
{
	const struct jw_peer *peer = judging->facts->peer;

	switch (age_of(judging->facts)) {
	case AGE_OLDER:
		return jw_arena_printf(
			judging->arena,
			"the copy here is the older one: a proxy or a cache that still serves "
			"what %s held before would explain it%s",
			name_of(peer), say_server(judging));
	case AGE_NEWER:
		return jw_arena_printf(judging->arena,
				       "the copy of %s is the older one: the new token hasn't "
				       "come there yet",
				       name_of(peer));
	case AGE_UNKNOWN:
		break;
	}
	return jw_arena_printf(judging->arena,
			       "a proxy or a cache that serves an old copy would explain it; "
			       "which of the two is the older can't be told%s",
			       say_server(judging));
}

static void copy(struct jw_judging *judging)
{
	const struct jw_peer *peer = judging->facts->peer;
	const struct jw_expect *expect = judging->expect;

	if (jw_judge_same(judging->facts, expect) != JW_SAME_NO)
		return;
	/* Nobody knows since when: a run by itself can't wait. */
	if (peer->differs_since &&
	    judging->now < jw_judge_plus(peer->differs_since, expect->same_as_grace))
		return;
	if (!jw_judge_add(judging, JW_STALE_COPY))
		return;
	jw_judge_say_at(
		judging, place_of(judging->facts),
		jw_arena_printf(judging->arena,
				"holds another token than %s%s%s%s, and both should hold "
				"the same; %s",
				name_of(peer), peer->path ? " (" : "",
				peer->path ? peer->path : "", peer->path ? ")" : "",
				explain_copy(judging)));
}

static void overdue(struct jw_judging *judging)
{
	const struct jw_history *history = judging->facts->history;
	int64_t every = judging->expect->rotate_every;
	char when[JW_WHEN_TEXT];
	char span[JW_WHEN_TEXT];
	char wanted[JW_WHEN_TEXT];

	if (!every || !history || judging->now <= jw_judge_plus(history->first_seen, every))
		return;
	if (!jw_judge_add(judging, JW_ROTATION_OVERDUE))
		return;
	jw_span_text(jw_judge_minus(judging->now, history->first_seen), span);
	jw_judge_say_at(
		judging, place_of(judging->facts),
		jw_arena_printf(judging->arena,
				"the same token has stood here for %s (since %s), longer "
				"than rotate_every (%s)",
				span, jw_when_text(history->first_seen, when),
				jw_span_text(every, wanted)));
}

static void reused(struct jw_judging *judging)
{
	const struct jw_history *history = judging->facts->history;

	if (!judging->expect->mints || !history || !history->is_repeated)
		return;
	if (jw_judge_add(judging, JW_TOKEN_REUSED))
		jw_judge_say_at(judging, place_of(judging->facts),
				"gave the same token twice, and should make one for each "
				"asking: a cache or the service itself keeps it");
}

void jw_judge_memory(struct jw_judging *judging)
{
	memset(judging->met, 0, sizeof(judging->met));
	if (!has_judged(judging->facts))
		return;
	copy(judging);
	overdue(judging);
	reused(judging);
}

/* How much of the token is left just before the next one is due. */
static void margin(struct jw_judging *judging)
{
	const struct jw_expect *expect = judging->expect;
	int64_t lifetime = jw_judge_lifetime(judging->token);
	int64_t left = jw_judge_minus(lifetime, expect->rotate_every);
	char span[JW_WHEN_TEXT];
	char whole[JW_WHEN_TEXT];
	char rest[JW_WHEN_TEXT];

	if (!expect->rotate_every || !lifetime ||
	    (left >= 0 && jw_threshold_alert(&expect->warning, left, lifetime) != JW_ALERT_YES))
		return;
	if (!jw_judge_add(judging, JW_ROTATION_MARGIN))
		return;
	jw_span_text(expect->rotate_every, span);
	jw_span_text(lifetime, whole);
	jw_span_text(left, rest);
	if (left < 0)
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token is made for %s and ends %s before rotate_every (%s) has "
			     "another put there",
			     whole, rest, span);
	else
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token is made for %s, so only %s is left when rotate_every (%s) "
			     "has another put there, less than warning asks for (%s)",
			     whole, rest, span, expect->warning.given);
}

static void outlived(struct jw_judging *judging, int64_t kept)
{
	int64_t exp = judging->token->jwt.exp.seconds;
	int64_t ahead = jw_judge_minus(exp, judging->now);
	char span[JW_WHEN_TEXT];
	char left[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];

	if (jw_judge_add(judging, JW_CACHE_OUTLIVES_TOKEN))
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token ends in %s (%s), and the answer's headers let caches and "
			     "browsers keep it for %s",
			     jw_span_text(ahead > 0 ? ahead : 0, left), jw_when_text(exp, when),
			     jw_span_text(kept, span));
}

static void kept_at_all(struct jw_judging *judging, int64_t kept)
{
	char span[JW_WHEN_TEXT];

	if (!jw_judge_add(judging, JW_CACHE_OUTLIVES_TOKEN))
		return;
	if (kept)
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token is made for one asking, and the answer's headers let "
			     "caches and browsers give it again for %s",
			     jw_span_text(kept, span));
	else
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token is made for one asking, and the answer has a "
			     "Last-Modified and no Cache-Control: caches may give it again for "
			     "as long as they like");
}

/* An answer that says nothing about caches isn't told, or every endpoint would be yellow. */
static void cache(struct jw_judging *judging)
{
	const struct jw_freshness *fresh = &judging->facts->freshness;
	const struct jw_time_claim *exp = &judging->token->jwt.exp;
	int64_t rest = fresh->is_explicit ? jw_judge_minus(fresh->max_age, fresh->age) : 0;
	int64_t kept = rest > 0 ? rest : 0;

	if (!fresh->is_known || !fresh->is_stored)
		return;
	if (kept && exp->is == JW_CLAIM_VALID &&
	    kept > jw_judge_minus(exp->seconds, judging->now))
		outlived(judging, kept);
	else if (judging->expect->mints && (kept || fresh->is_guessed))
		kept_at_all(judging, kept);
}

void jw_judge_keeping(struct jw_judging *judging)
{
	/* What has ended needs another token first. */
	if (judging->met[JW_EXPIRED])
		return;
	margin(judging);
	cache(judging);
}
