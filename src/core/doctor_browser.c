/* SPDX-License-Identifier: MIT */
/* What a browser prints that opens the page, or asks the endpoint, now. */
#include "core/doctor_parts.h"

#include <string.h>

#include "core/result.h"

/* LiveKit gives so many seconds more. */
#define LEEWAY 60
#define CONNECTS "connects"
#define SAYS "could not establish signal connection: "

/* What one way in comes to. */
struct outcome {
	const char *text; /* NULL: it can't be told, which `why` says */
	const char *why;
	size_t follows;
	const char *names; /* of the targets that come to it */
};

static const char *unknown(struct outcome *outcome, const char *why)
{
	outcome->why = why;
	return NULL;
}

static const char *says(struct jw_doctoring *d, const char *inner)
{
	return jw_arena_printf(d->arena, SAYS "%s", inner);
}

/* The page, or the answer that should hold its token, doesn't come. */
static const char *without_token(const struct jw_doctoring *d, size_t look,
				 struct outcome *outcome)
{
	const struct jw_verdict *verdict = &jw_doctor_result(d, look)->verdict;
	bool is_page = d->plan->looks[look].step == JW_STEP_SERVED;

	if (verdict->state == JW_STATE_UNKNOWN)
		return unknown(outcome, "what stands there isn't known");
	if (verdict->cause == JW_TOKEN_NOT_FOUND)
		return "has no token to connect with";
	if (d->plan->looks[look].step == JW_STEP_PAGE)
		return "doesn't get the page";
	return is_page ? "doesn't get the page" : "gets no token to connect with";
}

/* By the clock of the server, whose leeway it has. */
static const char *by_time(struct jw_doctoring *d, const struct jw_result *result,
			   const struct jw_token *token)
{
	const struct jw_livekit *livekit = token->livekit;
	int64_t now = result->now;
	const struct jw_time_claim *exp = &token->jwt.exp;
	const struct jw_time_claim *nbf = &token->jwt.nbf;

	if (livekit && livekit->has_clock)
		now += livekit->clock_offset;
	if (exp->is == JW_CLAIM_VALID && exp->seconds <= now - LEEWAY)
		return says(d, jw_cause_row(JW_EXPIRED)->browser);
	if (nbf->is == JW_CLAIM_VALID && nbf->seconds > now + LEEWAY)
		return says(d, jw_cause_row(JW_NOT_YET_VALID)->browser);
	return NULL;
}

/* The worst of what is known to be wrong with the token itself. */
static const char *by_judge(struct jw_doctoring *d, const struct jw_result *result)
{
	static const enum jw_cause bad[] = {JW_PLACEHOLDER, JW_TOKEN_MALFORMED,
					    JW_ALGORITHM_REFUSED, JW_KEY_UNKNOWN,
					    JW_SIGNATURE_INVALID};
	const struct jw_verdict *verdict = &result->verdict;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (size_t f = 0; f < verdict->finding_count; f++)
			if (verdict->findings[f].cause == bad[i])
				return says(d, jw_cause_row(bad[i])->browser);
	return NULL;
}

/* The server takes connections and doesn't answer, as its own line says. */
static bool is_slow(const struct jw_doctoring *d, const struct jw_livekit *livekit)
{
	for (size_t i = 0; i < d->plan->look_count; i++) {
		const struct jw_livekit *other = jw_doctor_result(d, i)->facts.livekit;

		if (d->plan->looks[i].step == JW_STEP_LIVEKIT && other && other->url &&
		    !strcmp(other->url, livekit->url))
			return other->cause == JW_TIMEOUT;
	}
	return false;
}

/* A client that is refused an upgrade asks again by plain HTTP, and shows that answer. */
static const char *by_server(struct jw_doctoring *d, const struct jw_livekit *livekit,
			     struct outcome *outcome)
{
	switch (livekit->cause) {
	case JW_OK:
		if (livekit->accepts == JW_ACCEPTS_YES)
			return CONNECTS;
		return unknown(outcome, "LiveKit hasn't been asked");
	case JW_LIVEKIT_UNREACHABLE:
		return says(d, is_slow(d, livekit) ? "room connection has timed out (signal)"
						   : "Failed to fetch");
	case JW_LIVEKIT_REFUSED:
		if (jw_refusal_row(livekit->refusal)->browser)
			return says(d, jw_refusal_row(livekit->refusal)->browser);
		return says(d, "Encountered websocket error during connection establishment");
	case JW_NOT_LIVEKIT:
		return unknown(outcome, "it hangs on what answers in LiveKit's place");
	default:
		return unknown(outcome, "LiveKit hasn't answered");
	}
}

/* The browser gets an answer that it doesn't let the page read. */
static bool is_kept_from_page(const struct jw_verdict *verdict)
{
	for (size_t i = 0; i < verdict->finding_count; i++)
		if (verdict->findings[i].cause == JW_CORS)
			return true;
	return false;
}

static const char *outcome_of(struct jw_doctoring *d, size_t look, struct outcome *outcome)
{
	const struct jw_result *result = jw_doctor_result(d, look);
	const struct jw_token *token = jw_result_token(result);
	const struct jw_livekit *livekit = jw_result_livekit(result);
	size_t pair = jw_doctor_blame_step(d, JW_STEP_KEY_PAIR);
	const char *text;

	if (!token)
		return without_token(d, look, outcome);
	if (is_kept_from_page(&result->verdict))
		return "gets no token to connect with";
	if (livekit && livekit->was_asked)
		return by_server(d, livekit, outcome);
	/* A browser that doesn't reach the server never learns what is wrong with the token. */
	if (livekit && livekit->cause == JW_LIVEKIT_UNREACHABLE)
		return by_server(d, livekit, outcome);
	if (pair &&
	    (token->signature == JW_SIG_INVALID || token->signature == JW_SIG_KEY_UNKNOWN)) {
		outcome->follows = pair;
		return unknown(outcome,
			       "with a key pair that is refused no signature can be told");
	}
	text = by_judge(d, result);
	if (!text && token->has_claims)
		text = by_time(d, result, token);
	if (text)
		return text;
	return livekit ? by_server(d, livekit, outcome)
		       : unknown(outcome, "no LiveKit server is named that could be asked");
}

/* The line that is to blame: that of the token's source, else LiveKit's about it, else the server's. */
static size_t blame_of(const struct jw_doctoring *d, size_t look)
{
	size_t accepted = jw_doctor_line_of(d, JW_STEP_ACCEPTED, look);
	size_t blame = jw_doctor_blame(d, accepted);
	const struct jw_livekit *livekit = jw_result_livekit(jw_doctor_result(d, look));

	if (!blame)
		blame = jw_doctor_blame(d,
					jw_doctor_line_of(d, d->plan->looks[look].step, look));
	if (!blame && livekit && livekit->cause && livekit->cause != JW_LIVEKIT_REFUSED)
		blame = jw_doctor_blame_step(d, JW_STEP_LIVEKIT);
	for (size_t i = 0; i < d->count && !blame; i++)
		if (d->lines[i].step == JW_STEP_ACCEPTED && d->lines[i].look != JW_NO_LOOK &&
		    jw_doctor_is_same(jw_doctor_result(d, d->lines[i].look),
				      jw_doctor_result(d, look)))
			blame = jw_doctor_blame(d, i + 1);
	return blame;
}

/* A page that is looked at as it is served is opened there, and a program by nobody. */
static bool is_way_in(const struct jw_doctoring *d, size_t look)
{
	const struct jw_look *this = &d->plan->looks[look];

	if (this->step == JW_STEP_SERVED)
		return true;
	if (this->step == JW_STEP_ENDPOINT)
		return this->url;
	if (this->step != JW_STEP_PAGE)
		return false;
	for (size_t i = 0; i < d->plan->look_count; i++)
		if (d->plan->looks[i].step == JW_STEP_SERVED &&
		    jw_doctor_result(d, i)->target->peer == jw_doctor_result(d, look)->target)
			return false;
	return true;
}

static bool is_like(const struct jw_doctor_line *line, const struct outcome *outcome)
{
	if (line->step != JW_STEP_BROWSER || line->follows != outcome->follows)
		return false;
	if (!outcome->text)
		return line->is == JW_LINE_NOT_LOOKED_AT && !strcmp(line->seen, outcome->why);
	return line->is != JW_LINE_NOT_LOOKED_AT && !strcmp(line->seen, outcome->text);
}

static void add(struct jw_doctoring *d, size_t look, const struct outcome *outcome)
{
	const char *name = jw_doctor_result(d, look)->target->name;
	struct jw_doctor_line *line;

	for (size_t i = 0; i < d->count; i++) {
		line = &d->lines[i];
		if (!is_like(line, outcome))
			continue;
		line->target = jw_arena_printf(d->arena, "%s, %s", line->target, name);
		line->look = JW_NO_LOOK;
		return;
	}
	line = jw_doctor_add(d, JW_STEP_BROWSER, look);
	if (!outcome->text) {
		jw_doctor_leave(line, outcome->follows, outcome->why);
		return;
	}
	line->seen = outcome->text;
	line->follows = outcome->follows;
	if (!strcmp(outcome->text, CONNECTS)) {
		line->follows = 0;
		return;
	}
	line->is = JW_LINE_NOT_OK;
	line->state = JW_STATE_CRITICAL;
}

void jw_doctor_browser(struct jw_doctoring *d)
{
	bool has_any = false;

	for (size_t i = 0; i < d->plan->look_count; i++) {
		struct outcome outcome = {0};

		if (!is_way_in(d, i))
			continue;
		has_any = true;
		outcome.text = outcome_of(d, i, &outcome);
		if (!outcome.follows)
			outcome.follows = blame_of(d, i);
		if (outcome.text && !strcmp(outcome.text, CONNECTS))
			outcome.follows = 0;
		add(d, i, &outcome);
	}
	if (!has_any)
		jw_doctor_leave(jw_doctor_add(d, JW_STEP_BROWSER, JW_NO_LOOK), 0,
				"no page and no endpoint is named");
}
