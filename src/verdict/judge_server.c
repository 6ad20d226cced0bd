/* SPDX-License-Identifier: MIT */
/* What servers say: whether LiveKit takes a token, how far its clock is off, how long its certificate lasts. */
#include "verdict/judge_parts.h"

#include <string.h>

#include "base/when.h"
#include "livekit/grants.h"
#include "livekit/keys.h"

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

static const char *of_signature(struct jw_judging *judging, const struct jw_refusal_row *row)
{
	const struct jw_token *token = judging->token;
	const char *key = jw_judge_shown(judging, token->jwt.iss);

	/* Another algorithm is a fault of the token's own, and a finding. */
	if (!jw_str_is(jw_str_of(token->jwt.alg), "HS256"))
		return row->says;
	if (token->signature == JW_SIG_VALID)
		return jw_arena_printf(judging->arena,
				       "the configured key verifies the signature, but the "
				       "server has another secret for the API key %s: it was "
				       "changed there, or never was the same",
				       key);
	return jw_arena_printf(
		judging->arena,
		"the server knows the API key %s, but has another secret for it: "
		"the secret was changed since the token was made (a key that was "
		"rotated), or who made the token has a wrong one",
		key);
}

static const char *of_unknown_key(struct jw_judging *judging, const struct jw_livekit *livekit)
{
	const char *key = judging->token->jwt.iss;
	const char *whose = jw_livekit_whose_key(key, jw_str_of(livekit->url));

	return jw_arena_printf(
		judging->arena, "the server has no such API key (the token's iss, %s)%s%s",
		jw_judge_shown(judging, key), whose ? "; " : "", whose ? whose : "");
}

static const char *of_room(struct jw_judging *judging, const struct jw_refusal_row *row)
{
	const char *slip = jw_grants_room_name(&judging->token->jwt);

	if (!slip)
		return row->says;
	return jw_arena_printf(judging->arena,
			       "%s: it stands in roomName (%s), which LiveKit doesn't read",
			       row->says, jw_judge_shown(judging, slip));
}

/* What the server means, with what is known of the token besides. */
static const char *says_of(struct jw_judging *judging, const struct jw_livekit *livekit)
{
	const struct jw_refusal_row *row = jw_refusal_row(livekit->refusal);
	const struct jw_jwt *jwt = &judging->token->jwt;

	switch (livekit->refusal) {
	case JW_REFUSAL_SIGNATURE:
		return of_signature(judging, row);
	case JW_REFUSAL_UNKNOWN_API_KEY:
		return of_unknown_key(judging, livekit);
	case JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST:
		return jw_grants_has_video(jwt)
			       ? "the token has a video grant, so it got lost on its way: a "
				 "proxy before the server takes the Authorization header away"
			       : "the token has no video grant";
	case JW_REFUSAL_NO_ROOM:
		return of_room(judging, row);
	case JW_REFUSAL_ROOM_NOT_FOUND:
		return jw_arena_printf(judging->arena, "%s (room %s)", row->says,
				       jw_judge_shown(judging, jw_grants_room(jwt)));
	default:
		return row->says;
	}
}

static const char *remedy_of(const struct jw_judging *judging, const struct jw_livekit *livekit)
{
	if (livekit->refusal != JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST)
		return jw_refusal_row(livekit->refusal)->remedy;
	return jw_grants_has_video(&judging->token->jwt)
		       ? "let the proxy before the server pass the Authorization header and "
			 "the query on"
		       : "make the token with a video grant that has roomJoin: true and a room";
}

static void refused(struct jw_judging *judging, const struct jw_livekit *livekit)
{
	const struct jw_refusal_row *row = jw_refusal_row(livekit->refusal);

	if (!jw_judge_add(judging, JW_LIVEKIT_REFUSED))
		return;
	jw_judge_say(judging, JW_QUOTE_NONE, ": LiveKit at %s refuses the token (%s): %s%s%s",
		     livekit->url, row->name, says_of(judging, livekit),
		     row->browser ? "; a browser says: could not establish signal connection: "
				  : "",
		     row->browser ? row->browser : "");
	last_finding(judging)->remedy = remedy_of(judging, livekit);
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
	jw_judge_say(judging, JW_QUOTE_BROWSER, ": LiveKit at %s: %s", livekit->url,
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
