/* SPDX-License-Identifier: MIT */
/* What servers say: whether LiveKit takes a token, how far its clock is off, how long its certificate lasts. */
#include "verdict/judge_parts.h"

#include <string.h>

#include "base/when.h"

int64_t jw_judge_there(const struct jw_judging *judging)
{
	const struct jw_livekit *livekit = judging->token ? judging->token->livekit : NULL;

	if (!livekit || !livekit->has_clock || !jw_judge_is_skew(livekit->clock_offset))
		return judging->now;
	return jw_judge_plus(judging->now, livekit->clock_offset);
}

bool jw_judge_is_skew(int64_t offset)
{
	return offset > JW_SKEW_TOLERATED || offset < -JW_SKEW_TOLERATED;
}

const char *jw_judge_ahead(int64_t offset)
{
	return offset > 0 ? "ahead of" : "behind";
}

static void skew(struct jw_judging *judging, const struct jw_exchange *exchange)
{
	int64_t there = jw_judge_plus(judging->now, exchange->clock_offset);
	char span[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];
	char here[JW_WHEN_TEXT];

	if (jw_judge_add(judging, JW_CLOCK_SKEW))
		jw_judge_say_at(
			judging, exchange->url,
			jw_arena_printf(judging->arena,
					"the server's clock is %s %s the clock here (%s "
					"there, %s here)",
					jw_span_text(exchange->clock_offset, span),
					jw_judge_ahead(exchange->clock_offset),
					jw_when_text(there, when),
					jw_when_text(judging->now, here)));
}

static void certificate(struct jw_judging *judging, const struct jw_exchange *exchange)
{
	const struct jw_expect *expect = judging->expect;
	int64_t left = jw_judge_minus(exchange->certificate_expires, judging->now);
	enum jw_state state = JW_STATE_OK;
	char span[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];

	if (left < expect->certificate_warning)
		state = JW_STATE_WARNING;
	if (left < expect->certificate_critical)
		state = JW_STATE_CRITICAL;
	if (state == JW_STATE_OK || !jw_judge_add_as(judging, JW_CERTIFICATE_EXPIRING, state))
		return;
	jw_span_text(left, span);
	jw_when_text(exchange->certificate_expires, when);
	jw_judge_say_at(judging, exchange->url,
			left > 0 ? jw_arena_printf(judging->arena,
						   "the server's certificate ends in %s (%s)",
						   span, when)
				 : jw_arena_printf(judging->arena,
						   "the server's certificate ended %s ago (%s)",
						   span, when));
}

void jw_judge_exchange(struct jw_judging *judging)
{
	const struct jw_exchange *exchange = judging->exchange;
	size_t first = judging->count;

	memset(judging->met, 0, sizeof(judging->met));
	if (exchange->has_clock && jw_judge_is_skew(exchange->clock_offset))
		skew(judging, exchange);
	if (exchange->certificate_expires)
		certificate(judging, exchange);
	for (size_t i = first; judging->arena && i < judging->count; i++)
		judging->findings[i].at = exchange->at;
}

static struct jw_finding *last_finding(struct jw_judging *judging)
{
	return &judging->findings[judging->count - 1];
}

static void refused(struct jw_judging *judging, const struct jw_livekit *livekit)
{
	const struct jw_refusal_row *row = jw_refusal_row(livekit->refusal);

	if (!jw_judge_add(judging, JW_LIVEKIT_REFUSED))
		return;
	jw_judge_say(judging, JW_QUOTE_NONE, ": LiveKit at %s refuses the token (%s): %s%s%s",
		     livekit->url, row->name, row->says,
		     row->browser ? "; a browser says: could not establish signal connection: "
				  : "",
		     row->browser ? row->browser : "");
	last_finding(judging)->remedy = row->remedy;
	last_finding(judging)->at = JW_AT_LIVEKIT;
}

static const char *not_ready = "answers that it isn't ready (406)";

static const char *words_of(const struct jw_livekit *livekit)
{
	if (livekit->says)
		return livekit->says;
	return livekit->cause == JW_LIVEKIT_NOT_READY ? not_ready : "gives no usable answer";
}

/* Never OK for what the server that must accept it wasn't asked about, though it could have been. */
static void not_asked(struct jw_judging *judging)
{
	const struct jw_livekit *livekit = judging->token->livekit;

	if (!judging->expect->accepted_by || judging->expect->is_simulated ||
	    (livekit && (livekit->was_asked || livekit->is_told)) ||
	    !jw_judge_is_sendable(judging->token, judging->expect, jw_judge_there(judging)))
		return;
	if (!jw_judge_add(judging, JW_DEADLINE))
		return;
	jw_judge_say(judging, JW_QUOTE_NONE, ": LiveKit%s%s hasn't been asked about the token",
		     livekit ? " at " : "", livekit ? livekit->url : "");
	last_finding(judging)->at = JW_AT_LIVEKIT;
}

void jw_judge_livekit(struct jw_judging *judging)
{
	const struct jw_livekit *livekit = judging->token->livekit;

	if (!livekit || !livekit->cause) {
		not_asked(judging);
		return;
	}
	if (livekit->cause == JW_LIVEKIT_REFUSED) {
		refused(judging, livekit);
		return;
	}
	if (!jw_judge_add(judging, livekit->cause))
		return;
	jw_judge_say(judging, JW_QUOTE_NONE, ": LiveKit at %s: %s", livekit->url,
		     words_of(livekit));
	last_finding(judging)->at = JW_AT_LIVEKIT;
}

void jw_judge_server(struct jw_judging *judging, const struct jw_livekit *livekit)
{
	if (!livekit->cause)
		return;
	jw_judge_add(judging, livekit->cause);
	jw_judge_say_at(judging, livekit->url, words_of(livekit));
	last_finding(judging)->at = JW_AT_LIVEKIT;
}

bool jw_judge_is_sendable(const struct jw_token *token, const struct jw_expect *expect,
			  int64_t now)
{
	static const enum jw_cause known_bad[] = {
		JW_PLACEHOLDER, JW_TOKEN_MALFORMED, JW_ALGORITHM_REFUSED, JW_SIGNATURE_INVALID,
		JW_KEY_UNKNOWN, JW_EXPIRED,	    JW_NOT_YET_VALID,
	};
	/* By a server that hasn't spoken yet, and by that clock alone. */
	struct jw_token alone = *token;
	struct jw_expect plain = *expect;
	const struct jw_facts none = {0};
	struct jw_judging judging = {
		.expect = &plain, .now = now, .facts = &none, .token = &alone};

	plain.accepted_by = NULL;
	alone.livekit = NULL;
	alone.has_source_clock = false;
	/* So that a token from the future is called that, and not a matter of clocks. */
	alone.jwt.iat.is = JW_CLAIM_ABSENT;
	jw_judge_token(&judging);
	for (size_t i = 0; i < sizeof(known_bad) / sizeof(*known_bad); i++)
		if (judging.met[known_bad[i]])
			return false;
	return true;
}
