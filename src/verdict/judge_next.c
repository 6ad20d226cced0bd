/* SPDX-License-Identifier: MIT */
/* When the verdict will change by itself: the moments at which a rule can turn are tried. */
#include "verdict/judge_parts.h"

#include <string.h>

struct search {
	const struct jw_judging *at_now;
	void (*judge)(struct jw_judging *judging);
	bool found;
	int64_t next;
};

static void try_moment(struct search *search, int64_t moment)
{
	const struct jw_judging *at_now = search->at_now;
	struct jw_judging then = {
		.expect = at_now->expect,
		.now = moment,
		.facts = at_now->facts,
		.token = at_now->token,
		.exchange = at_now->exchange,
		.index = at_now->index,
	};

	if (moment <= at_now->now || (search->found && moment >= search->next))
		return;
	search->judge(&then);
	if (!memcmp(then.met, at_now->met, sizeof(then.met)))
		return;
	search->found = true;
	search->next = moment;
}

static void try_around(struct search *search, int64_t moment)
{
	for (int64_t step = -1; step <= 1; step++)
		try_moment(search, jw_judge_plus(moment, step));
}

static void try_threshold(struct search *search, const struct jw_threshold *threshold)
{
	int64_t exp = search->at_now->token->jwt.exp.seconds;
	int64_t seconds;

	if (threshold->kind == JW_THRESHOLD_RANGE) {
		try_around(search, jw_judge_minus(exp, threshold->start_ms / 1000));
		try_around(search, jw_judge_minus(exp, threshold->end_ms / 1000));
	}
	if (jw_threshold_seconds(threshold, jw_judge_lifetime(search->at_now->token), &seconds))
		try_around(search, jw_judge_minus(exp, seconds));
}

/* Tries the seconds around each moment at which a rule of judge_time.c or judge_token.c can turn. */
static void search_token(struct search *search)
{
	const struct jw_expect *expect = search->at_now->expect;
	const struct jw_jwt *jwt = &search->at_now->token->jwt;
	int64_t offset = jw_judge_minus(jw_judge_there(search->at_now), search->at_now->now);

	if (jwt->nbf.is == JW_CLAIM_VALID)
		try_around(search, jw_judge_minus(jwt->nbf.seconds, expect->leeway));
	if (jwt->nbf.is == JW_CLAIM_VALID && offset)
		try_around(search,
			   jw_judge_minus(jw_judge_minus(jwt->nbf.seconds, expect->leeway),
					  offset));
	if (jwt->nbf.is == JW_CLAIM_VALID && search->at_now->token->has_source_clock)
		try_around(search,
			   jw_judge_minus(jw_judge_minus(jwt->nbf.seconds, expect->leeway),
					  search->at_now->token->source_offset));
	if (jwt->iat.is == JW_CLAIM_VALID)
		try_around(search, jw_judge_minus(jwt->iat.seconds, JW_SKEW_TOLERATED));
	if (jwt->exp.is != JW_CLAIM_VALID)
		return;
	if (search->at_now->token->has_source_clock)
		try_around(search, jw_judge_minus(jwt->exp.seconds,
						  search->at_now->token->source_offset));
	try_around(search, jwt->exp.seconds);
	if (offset)
		try_around(search, jw_judge_minus(jwt->exp.seconds, offset));
	if (expect->min_lifetime)
		try_around(search, jw_judge_minus(jwt->exp.seconds, expect->min_lifetime));
	try_around(search, jw_judge_minus(jwt->exp.seconds,
					  search->at_now->facts->freshness.max_age -
						  search->at_now->facts->freshness.age));
	try_threshold(search, &expect->warning);
	try_threshold(search, &expect->critical);
}

static void search_memory(struct search *search, const struct jw_facts *facts,
			  const struct jw_expect *expect)
{
	if (facts->history)
		try_around(search,
			   jw_judge_plus(facts->history->first_seen, expect->rotate_every));
	if (facts->peer)
		try_around(search,
			   jw_judge_plus(facts->peer->differs_since, expect->same_as_grace));
}

static void search_exchange(struct search *search, const struct jw_exchange *exchange,
			    const struct jw_expect *expect)
{
	if (!exchange->certificate_expires)
		return;
	try_around(search,
		   jw_judge_minus(exchange->certificate_expires, expect->certificate_warning));
	try_around(search,
		   jw_judge_minus(exchange->certificate_expires, expect->certificate_critical));
}

/* Tokens, exchanges and memory don't hang on each other, so the first change of all is the least of their first changes. */
bool jw_judge_next(const struct jw_facts *facts, const struct jw_expect *expect, int64_t now,
		   int64_t *ret_next)
{
	struct search search = {.judge = jw_judge_passing};
	struct jw_judging together = {.expect = expect, .now = now, .facts = facts};

	/* How old a result is isn't for the judge to know. */
	if (facts->stale_for > 0)
		return false;
	for (size_t i = 0; i < facts->token_count; i++) {
		struct jw_judging at_now = {
			.expect = expect, .now = now, .facts = facts, .index = i};

		at_now.token = &facts->tokens[i];
		if (at_now.token->is_note || !at_now.token->has_claims)
			continue;
		jw_judge_passing(&at_now);
		search.at_now = &at_now;
		search_token(&search);
	}
	search.judge = jw_judge_exchange;
	for (size_t i = 0; i < facts->exchange_count; i++) {
		struct jw_judging at_now = {.expect = expect, .now = now, .facts = facts};

		at_now.exchange = &facts->exchanges[i];
		jw_judge_exchange(&at_now);
		search.at_now = &at_now;
		search_exchange(&search, at_now.exchange, expect);
	}
	search.judge = jw_judge_memory;
	search.at_now = &together;
	jw_judge_memory(&together);
	search_memory(&search, facts, expect);
	if (search.found)
		*ret_next = search.next;
	return search.found;
}
