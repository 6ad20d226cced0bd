/* SPDX-License-Identifier: MIT */
/* The one judge: facts, expectations and a moment in, a verdict out. Pure. */
#include "verdict/judge.h"

#include <assert.h>
#include <string.h>

#include "verdict/judge_parts.h"

uint8_t jw_expect_severity(const struct jw_expect *expect, enum jw_cause cause)
{
	return expect->severity ? expect->severity[cause] : JW_STATE_OK;
}

bool jw_expect_same_severity(const struct jw_expect *a, const struct jw_expect *b)
{
	if (!a->severity || !b->severity)
		return a->severity == b->severity;
	return !memcmp(a->severity, b->severity, JW_CAUSE_COUNT);
}

bool jw_judge_add_as(struct jw_judging *judging, enum jw_cause cause, enum jw_state state)
{
	uint8_t severity = jw_expect_severity(judging->expect, cause);

	if (severity)
		state = severity == JW_SEVERITY_OK ? JW_STATE_OK : severity;
	judging->met[cause] = (uint8_t)(judging->met[cause] << 2 | state);
	if (!judging->arena)
		return false;
	judging->findings = jw_arena_grow(judging->arena, judging->findings, judging->count,
					  sizeof(*judging->findings));
	judging->findings[judging->count++] = (struct jw_finding){
		.cause = cause,
		.state = state,
		.at = JW_AT_SOURCE,
		.token = judging->token ? judging->index : JW_NO_TOKEN,
		.message = "",
		.remedy = jw_cause_row(cause)->remedy,
	};
	return true;
}

bool jw_judge_add(struct jw_judging *judging, enum jw_cause cause)
{
	return jw_judge_add_as(judging, cause, jw_cause_row(cause)->state);
}

static void judge_failures(struct jw_judging *judging, const struct jw_facts *facts)
{
	for (size_t i = 0; i < facts->failure_count; i++) {
		const struct jw_failure *failure = &facts->failures[i];

		assert(jw_cause_row(failure->cause));
		jw_judge_add(judging, failure->cause);
		jw_judge_say_at(judging, failure->place, failure->says ? failure->says : "");
		judging->findings[judging->count - 1].at = failure->at;
	}
}

/* Returns how many there were to judge. */
static size_t judge_tokens(struct jw_judging *judging, const struct jw_facts *facts)
{
	size_t judged = 0;

	for (size_t i = 0; i < facts->token_count; i++) {
		if (facts->tokens[i].is_note)
			continue;
		judging->token = &facts->tokens[i];
		judging->index = i;
		jw_judge_token(judging);
		judged++;
	}
	judging->token = NULL;
	return judged;
}

static void judge_exchanges(struct jw_judging *judging, const struct jw_facts *facts)
{
	for (size_t i = 0; i < facts->exchange_count; i++) {
		judging->exchange = &facts->exchanges[i];
		jw_judge_exchange(judging);
	}
	if (facts->livekit)
		jw_judge_server(judging, facts->livekit);
	for (size_t i = 0; i < facts->proof_count; i++)
		jw_judge_key(judging, &facts->proofs[i]);
	if (facts->join)
		jw_judge_join(judging, facts->join);
}

static void judge_nothing(struct jw_judging *judging, const struct jw_facts *facts)
{
	const char *place = facts->token_count ? facts->tokens[0].path : NULL;

	jw_judge_add(judging, JW_TOKEN_NOT_FOUND);
	jw_judge_say_at(judging, place, "no token was found, so there is nothing to judge");
}

/* The findings by phase; within one they stay as they were found: failures, then token by token. */
static void put_in_order(struct jw_judging *judging)
{
	struct jw_finding *ordered =
		jw_arena_array(judging->arena, judging->count, sizeof(*ordered));
	size_t count = 0;

	for (enum jw_phase phase = JW_PHASE_TRANSPORT; phase <= JW_PHASE_POLICY; phase++)
		for (size_t i = 0; i < judging->count; i++)
			if (jw_cause_row(judging->findings[i].cause)->phase == phase)
				ordered[count++] = judging->findings[i];
	judging->findings = ordered;
}

/* The first finding of the worst state; of one token, or of all (JW_NO_TOKEN). */
static const struct jw_finding *worst(const struct jw_finding *findings, size_t count,
				      size_t token)
{
	const struct jw_finding *found = NULL;

	for (size_t i = 0; i < count; i++) {
		if (token != JW_NO_TOKEN && findings[i].token != token)
			continue;
		if (!found || jw_state_rank(findings[i].state) > jw_state_rank(found->state))
			found = &findings[i];
	}
	return found;
}

static void conclude_bad(const struct jw_finding *finding, struct jw_verdict *verdict)
{
	verdict->state = finding->state;
	verdict->cause = finding->cause;
	verdict->message = finding->message;
	verdict->remedy = finding->remedy;
	verdict->deciding = finding->token;
}

static size_t first_to_end(const struct jw_facts *facts)
{
	size_t first = JW_NO_TOKEN;

	for (size_t i = 0; i < facts->token_count; i++) {
		if (facts->tokens[i].is_note)
			continue;
		if (first == JW_NO_TOKEN ||
		    facts->tokens[i].jwt.exp.seconds < facts->tokens[first].jwt.exp.seconds)
			first = i;
	}
	return first;
}

/* Without a finding every judged token has an expiry, and it lies ahead. */
static unsigned proved_of(const struct jw_facts *facts, const struct jw_expect *expect)
{
	unsigned proved = JW_PROVED_EXPIRY | JW_PROVED_SIGNATURE | JW_PROVED_ACCEPTED;

	if (jw_judge_same(facts, expect) == JW_SAME_YES)
		proved |= JW_PROVED_SAME;

	for (size_t i = 0; i < facts->token_count; i++) {
		const struct jw_token *token = &facts->tokens[i];

		if (token->is_note)
			continue;
		if (token->signature != JW_SIG_VALID)
			proved &= ~(unsigned)JW_PROVED_SIGNATURE;
		if (!token->livekit || token->livekit->accepts != JW_ACCEPTS_YES)
			proved &= ~(unsigned)JW_PROVED_ACCEPTED;
	}
	return proved;
}

static void conclude_ok(const struct jw_judging *judging, size_t judged,
			struct jw_verdict *verdict)
{
	const struct jw_facts *facts = judging->facts;

	verdict->deciding = first_to_end(facts);
	if (!judged) {
		verdict->proved = JW_PROVED_READY | (facts->proof_count ? JW_PROVED_KEY : 0) |
				  (facts->join ? JW_PROVED_JOIN : 0);
		verdict->message = jw_judge_say_ready(facts, judging->arena);
		return;
	}
	verdict->proved = proved_of(facts, judging->expect);
	verdict->message = jw_judge_say_ok(facts, judging->expect, judging->now, judged,
					   verdict->deciding, verdict->proved, judging->arena);
}

/* Returns how many tokens there were to judge. */
static size_t judge_all(struct jw_judging *judging)
{
	const struct jw_facts *facts = judging->facts;
	size_t judged;

	judge_failures(judging, facts);
	jw_judge_memory(judging);
	jw_judge_page(judging);
	judged = judge_tokens(judging, facts);
	if (!judged && !judging->count && !facts->livekit)
		judge_nothing(judging, facts);
	judge_exchanges(judging, facts);
	put_in_order(judging);
	return judged;
}

void jw_judge(const struct jw_facts *facts, const struct jw_expect *expect, int64_t now,
	      struct jw_arena *arena, struct jw_verdict *ret_verdict)
{
	struct jw_judging judging = {
		.expect = expect, .now = now, .facts = facts, .arena = arena};
	struct jw_verdict verdict = {.state = JW_STATE_OK, .cause = JW_OK};
	size_t judged = 0;

	if (facts->stale_for > 0)
		jw_judge_stale(&judging);
	else
		judged = judge_all(&judging);
	verdict.findings = judging.findings;
	verdict.finding_count = judging.count;
	if (judging.count)
		conclude_bad(worst(judging.findings, judging.count, JW_NO_TOKEN), &verdict);
	else
		conclude_ok(&judging, judged, &verdict);
	verdict.will_change = jw_judge_next(facts, expect, now, &verdict.next_change);
	*ret_verdict = verdict;
}

const struct jw_finding *jw_verdict_of_token(const struct jw_verdict *verdict, size_t token)
{
	if (token == JW_NO_TOKEN)
		return NULL;
	return worst(verdict->findings, verdict->finding_count, token);
}
