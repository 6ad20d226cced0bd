/* SPDX-License-Identifier: MIT */
/* What a token's times say as of a moment. */
#include "verdict/judge_parts.h"

#include "base/when.h"

static enum jw_quote quote_if(bool is_so)
{
	return is_so ? JW_QUOTE_BROWSER : JW_QUOTE_NONE;
}

int64_t jw_judge_lifetime(const struct jw_token *token)
{
	int64_t lifetime;

	return jw_jwt_lifetime(&token->jwt, &lifetime) ? lifetime : 0;
}

/* Where the server's clock is known and another: what both show. */
static const char *both_clocks(const struct jw_judging *judging)
{
	int64_t there = jw_judge_there(judging);
	char when[JW_WHEN_TEXT];
	char here[JW_WHEN_TEXT];

	if (there == judging->now)
		return "";
	return jw_arena_printf(judging->arena, "; the clock of %s shows %s, the one here %s",
			       judging->token->livekit->url, jw_when_text(there, when),
			       jw_when_text(judging->now, here));
}

static enum jw_state state_of(const struct jw_judging *judging, enum jw_cause cause)
{
	uint8_t severity = jw_expect_severity(judging->expect, cause);

	return severity ? severity : jw_cause_row(cause)->state;
}

/* By the clock here it is good, by the server's it isn't: the clocks are the cause, and the server's decides. */
static void ended_there(struct jw_judging *judging)
{
	int64_t exp = judging->token->jwt.exp.seconds;
	char ago[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];

	if (jw_judge_add_as(judging, JW_CLOCK_SKEW, state_of(judging, JW_EXPIRED)))
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token ended %s ago (%s) by the server's clock, though not by "
			     "the one here%s",
			     jw_span_text(jw_judge_minus(jw_judge_there(judging), exp), ago),
			     jw_when_text(exp, when), both_clocks(judging));
}

static void early_there(struct jw_judging *judging)
{
	int64_t nbf = judging->token->jwt.nbf.seconds;
	char when[JW_WHEN_TEXT];

	if (jw_judge_add_as(judging, JW_CLOCK_SKEW, state_of(judging, JW_NOT_YET_VALID)))
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token isn't valid before %s (nbf) by the server's clock, though "
			     "it is by the one here%s",
			     jw_when_text(nbf, when), both_clocks(judging));
}

/* Who made it had a clock by which it hasn't ended: a fresh one would have ended as well. */
static bool explained_by_source(const struct jw_judging *judging, int64_t exp)
{
	const struct jw_token *token = judging->token;

	return token->has_source_clock && jw_judge_is_skew(token->source_offset) &&
	       jw_judge_plus(judging->now, token->source_offset) < exp;
}

static void ended_by_source(struct jw_judging *judging)
{
	int64_t exp = judging->token->jwt.exp.seconds;
	int64_t offset = judging->token->source_offset;
	char ago[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];
	char span[JW_WHEN_TEXT];

	if (jw_judge_add_as(judging, JW_CLOCK_SKEW, state_of(judging, JW_EXPIRED)))
		jw_judge_say(
			judging, JW_QUOTE_BROWSER,
			" token ended %s ago (%s): the clock of the server that gave it is "
			"%s behind the one here, and by that it is still good",
			jw_span_text(jw_judge_minus(jw_judge_there(judging), exp), ago),
			jw_when_text(exp, when), jw_span_text(offset, span));
}

static void expired(struct jw_judging *judging)
{
	int64_t exp = judging->token->jwt.exp.seconds;
	int64_t past = jw_judge_minus(jw_judge_there(judging), exp);
	bool in_grace = judging->token->is_livekit && past < JW_LIVEKIT_LEEWAY;
	char ago[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];

	if (!jw_judge_add(judging, JW_EXPIRED))
		return;
	jw_judge_say(judging, quote_if(!in_grace), " token ended %s ago (%s)%s%s",
		     jw_span_text(past, ago), jw_when_text(exp, when), both_clocks(judging),
		     in_grace ? "; LiveKit itself allows 60 s more" : "");
}

static void no_expiry(struct jw_judging *judging)
{
	if (!jw_judge_add(judging, JW_NO_EXPIRY))
		return;
	if (judging->token->is_livekit)
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token has no expiry (exp): released LiveKit servers accept it "
			     "for ever");
	else
		jw_judge_say(judging, JW_QUOTE_NONE, " token has no expiry (exp)");
}

static void expiry_invalid(struct jw_judging *judging)
{
	const char *problem = judging->token->jwt.exp.problem;

	if (jw_judge_add(judging, JW_EXPIRY_INVALID))
		jw_judge_say(judging, JW_QUOTE_NONE, " token's expiry (exp) %s",
			     problem ? problem : "isn't a number of seconds");
}

static void expiring(struct jw_judging *judging, enum jw_state state,
		     const struct jw_threshold *threshold)
{
	const char *name = state == JW_STATE_CRITICAL ? "critical" : "warning";
	int64_t exp = judging->token->jwt.exp.seconds;
	int64_t lifetime = jw_judge_lifetime(judging->token);
	int64_t over = jw_judge_minus(judging->now, exp);
	int64_t wanted;
	char left[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];
	char span[JW_WHEN_TEXT];

	if (!jw_judge_add_as(judging, JW_EXPIRING, state))
		return;
	jw_span_text(jw_judge_minus(exp, judging->now), left);
	jw_when_text(exp, when);
	if (over >= 0)
		jw_judge_say(
			judging, JW_QUOTE_NONE,
			" token ended %s ago (%s) by the clock here, though not yet by the "
			"server's%s",
			left, when, both_clocks(judging));
	else if (jw_threshold_seconds(threshold, lifetime, &wanted))
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token ends in %s (%s), less than the %s that %s asks for (%s)",
			     left, when, jw_span_text(wanted, span), name, threshold->given);
	else
		jw_judge_say(
			judging, JW_QUOTE_NONE,
			" token ends in %s (%s), which the range for %s doesn't allow (%s)",
			left, when, name, threshold->given);
}

static void lifetime_unknown(struct jw_judging *judging, const struct jw_threshold *threshold)
{
	if (jw_judge_add(judging, JW_LIFETIME_UNKNOWN))
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token doesn't say when its lifetime began (no iat or nbf "
			     "before exp), so %s of it isn't known",
			     threshold->given);
}

static void thresholds(struct jw_judging *judging)
{
	const struct jw_expect *expect = judging->expect;
	int64_t ahead = jw_judge_minus(judging->token->jwt.exp.seconds, judging->now);
	/* The server may still take what has ended by the clock here. */
	int64_t left = ahead > 0 ? ahead : 0;
	int64_t lifetime = jw_judge_lifetime(judging->token);
	enum jw_alert critical = jw_threshold_alert(&expect->critical, left, lifetime);
	enum jw_alert warning = jw_threshold_alert(&expect->warning, left, lifetime);

	if (critical == JW_ALERT_YES)
		expiring(judging, JW_STATE_CRITICAL, &expect->critical);
	else if (warning == JW_ALERT_YES)
		expiring(judging, JW_STATE_WARNING, &expect->warning);
	else if (critical == JW_ALERT_UNKNOWABLE)
		lifetime_unknown(judging, &expect->critical);
	else if (warning == JW_ALERT_UNKNOWABLE)
		lifetime_unknown(judging, &expect->warning);
}

static bool ended_only_there(const struct jw_judging *judging)
{
	const struct jw_time_claim *exp = &judging->token->jwt.exp;

	return exp->is == JW_CLAIM_VALID && judging->now < exp->seconds &&
	       jw_judge_there(judging) >= exp->seconds;
}

static void expiry(struct jw_judging *judging)
{
	const struct jw_time_claim *exp = &judging->token->jwt.exp;

	if (exp->is == JW_CLAIM_ABSENT)
		no_expiry(judging);
	else if (exp->is == JW_CLAIM_INVALID)
		expiry_invalid(judging);
	else if (ended_only_there(judging))
		ended_there(judging);
	else if (jw_judge_there(judging) >= exp->seconds &&
		 explained_by_source(judging, exp->seconds))
		ended_by_source(judging);
	else if (jw_judge_there(judging) >= exp->seconds)
		expired(judging);
	else
		thresholds(judging);
}

/* The token would have been valid already when it says that it was made: so only the clocks differ. */
static void too_early_by_clock(struct jw_judging *judging)
{
	const struct jw_jwt *jwt = &judging->token->jwt;
	enum jw_state state = state_of(judging, JW_NOT_YET_VALID);
	int64_t ahead = jw_judge_minus(jwt->iat.seconds, judging->now);
	bool refused = jw_judge_minus(jwt->nbf.seconds, judging->now) > JW_LIVEKIT_LEEWAY;
	char span[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];

	if (jw_judge_add_as(judging, JW_CLOCK_SKEW, state))
		jw_judge_say(judging, quote_if(refused),
			     " token was made %s in the future (iat %s) by the clock here, "
			     "and isn't valid yet",
			     jw_span_text(ahead, span), jw_when_text(jwt->iat.seconds, when));
}

static void too_early(struct jw_judging *judging)
{
	int64_t nbf = judging->token->jwt.nbf.seconds;
	int64_t ahead = jw_judge_minus(nbf, jw_judge_there(judging));
	char span[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];

	if (jw_judge_add(judging, JW_NOT_YET_VALID))
		jw_judge_say(judging, quote_if(ahead > JW_LIVEKIT_LEEWAY),
			     " token isn't valid before %s (nbf), in %s%s",
			     jw_when_text(nbf, when), jw_span_text(ahead, span),
			     both_clocks(judging));
}

static void skewed(struct jw_judging *judging)
{
	int64_t iat = judging->token->jwt.iat.seconds;
	char span[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];

	if (jw_judge_add(judging, JW_CLOCK_SKEW))
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token was made %s in the future (iat %s) by the clock here",
			     jw_span_text(jw_judge_minus(iat, judging->now), span),
			     jw_when_text(iat, when));
}

/* A moment that somebody made up says nothing about a clock. */
static void not_made_yet(struct jw_judging *judging)
{
	int64_t iat = judging->token->jwt.iat.seconds;
	char span[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];

	if (!jw_judge_add(judging, JW_NOT_YET_VALID))
		return;
	jw_judge_say(judging, JW_QUOTE_NONE,
		     " token was made %s (iat), %s after the simulated moment",
		     jw_when_text(iat, when),
		     jw_span_text(jw_judge_minus(iat, judging->now), span));
	judging->findings[judging->count - 1].remedy =
		"simulate a moment after the token was made";
}

/* The same of a clock by which it is valid already. */
static bool begun_by_source(const struct jw_judging *judging)
{
	const struct jw_token *token = judging->token;
	int64_t there = jw_judge_plus(judging->now, token->source_offset);

	return token->has_source_clock && jw_judge_is_skew(token->source_offset) &&
	       token->jwt.nbf.seconds <= jw_judge_plus(there, judging->expect->leeway);
}

static void early_by_source(struct jw_judging *judging)
{
	int64_t nbf = judging->token->jwt.nbf.seconds;
	char span[JW_WHEN_TEXT];
	char when[JW_WHEN_TEXT];

	if (jw_judge_add_as(judging, JW_CLOCK_SKEW, state_of(judging, JW_NOT_YET_VALID)))
		jw_judge_say(judging, JW_QUOTE_BROWSER,
			     " token isn't valid before %s (nbf): the clock of the server that "
			     "gave it is %s ahead of the one here",
			     jw_when_text(nbf, when),
			     jw_span_text(judging->token->source_offset, span));
}

static void beginning(struct jw_judging *judging)
{
	const struct jw_time_claim *nbf = &judging->token->jwt.nbf;
	const struct jw_time_claim *iat = &judging->token->jwt.iat;
	int64_t leeway = judging->expect->leeway;
	bool is_valid = nbf->is == JW_CLAIM_VALID;
	bool is_early_here = is_valid && nbf->seconds > jw_judge_plus(judging->now, leeway);
	bool is_early =
		is_valid && nbf->seconds > jw_judge_plus(jw_judge_there(judging), leeway);
	bool is_skewed = iat->is == JW_CLAIM_VALID &&
			 iat->seconds > jw_judge_plus(judging->now, JW_SKEW_TOLERATED);

	if (is_skewed && judging->expect->is_simulated) {
		not_made_yet(judging);
		return;
	}
	if (is_early && !is_early_here) {
		early_there(judging);
		return;
	}
	if (is_early && begun_by_source(judging)) {
		early_by_source(judging);
		return;
	}
	if (is_early && is_skewed && nbf->seconds <= jw_judge_plus(iat->seconds, leeway)) {
		too_early_by_clock(judging);
		return;
	}
	if (is_early)
		too_early(judging);
	/* One finding a cause. */
	if (is_skewed && !ended_only_there(judging))
		skewed(judging);
}

void jw_judge_time(struct jw_judging *judging)
{
	beginning(judging);
	expiry(judging);
}
