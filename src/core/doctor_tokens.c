/* SPDX-License-Identifier: MIT */
/* Lines of the checklist about tokens: where they stand, as they are served, as they are made, and whether LiveKit takes
 * them. */
#include "core/doctor_parts.h"

#include <string.h>

#include "base/when.h"
#include "core/result.h"
#include "livekit/keys.h"

/* A skew that does no harm has its own line, and so has what LiveKit says. */
static bool is_of_source(const struct jw_finding *finding)
{
	return finding->at != JW_AT_LIVEKIT &&
	       (finding->cause != JW_CLOCK_SKEW || finding->state == JW_STATE_CRITICAL);
}

static bool is_of_livekit(const struct jw_finding *finding)
{
	return finding->at == JW_AT_LIVEKIT && finding->cause != JW_CLOCK_SKEW &&
	       finding->cause != JW_CERTIFICATE_EXPIRING;
}

static const char *place_of(const struct jw_doctoring *d, const struct jw_token *token)
{
	return token->line ? jw_arena_printf(d->arena, "%s:%zu", token->path, token->line)
			   : token->path;
}

/* What was looked at of a token that is fine: how long it lasts, whose it is, and whether its signature is known. */
static void say_ok(struct jw_doctoring *d, struct jw_doctor_line *line)
{
	const struct jw_result *result = jw_doctor_result(d, line->look);
	const struct jw_token *token = jw_result_token(result);
	char left[JW_WHEN_TEXT];
	char until[JW_WHEN_TEXT];
	int64_t seconds;

	if (!token || !jw_token_left(token, result->now, &seconds)) {
		line->seen = result->verdict.message;
		return;
	}
	line->seen = jw_arena_printf(
		d->arena, "%s good for %s more (until %s), key %s, %s", place_of(d, token),
		jw_span_text(seconds, left), jw_when_text(token->jwt.exp.seconds, until),
		token->jwt.iss ? jw_livekit_shown_key(token->jwt.iss, d->arena) : "not named",
		token->signature == JW_SIG_VALID ? "signature verified"
						 : "signature not looked at");
}

/* A token that could stand in the place of this one: of the same key, and with a later end that is still ahead. */
static bool is_newer(const struct jw_token *token, int64_t now, const char *iss, int64_t exp)
{
	if (exp <= now || exp <= token->jwt.exp.seconds)
		return false;
	return !iss || !token->jwt.iss || !strcmp(iss, token->jwt.iss);
}

static const char *newer_in_file(const struct jw_doctoring *d, const struct jw_token *token,
				 int64_t now)
{
	const struct jw_elsewhere *newest = NULL;

	for (size_t i = 0; i < d->plan->elsewhere_count; i++) {
		const struct jw_elsewhere *other = &d->plan->elsewhere[i];

		if (is_newer(token, now, other->iss, other->exp) &&
		    strcmp(other->path, token->path) != 0 &&
		    (!newest || other->exp > newest->exp))
			newest = other;
	}
	return newest ? jw_arena_printf(d->arena, "%s:%zu", newest->path, newest->line) : NULL;
}

/* In what is looked at too: another page, or this one as it is served. */
static const char *newer_in_look(const struct jw_doctoring *d, const struct jw_token *token,
				 size_t look)
{
	for (size_t i = 0; i < d->plan->look_count; i++) {
		enum jw_doctor_step step = d->plan->looks[i].step;
		const struct jw_result *result = jw_doctor_result(d, i);
		const struct jw_token *other = jw_facts_only_token(&result->facts);

		if (i == look || (step != JW_STEP_PAGE && step != JW_STEP_SERVED) || !other ||
		    !other->has_claims || other->jwt.exp.is != JW_CLAIM_VALID)
			continue;
		if (is_newer(token, result->now, other->jwt.iss, other->jwt.exp.seconds))
			return place_of(d, other);
	}
	return NULL;
}

/* A token that has ended, while a newer one stands in another place: the wrong file was edited, or is looked at. */
static void look_for_newer(struct jw_doctoring *d, struct jw_doctor_line *line)
{
	const struct jw_result *result = jw_doctor_result(d, line->look);
	const struct jw_token *token = jw_result_token(result);
	const char *place;

	if (line->cause != JW_EXPIRED || line->follows || !token || !token->has_claims)
		return;
	place = newer_in_look(d, token, line->look);
	if (!place)
		place = newer_in_file(d, token, result->now);
	if (!place)
		return;
	line->seen = jw_arena_printf(d->arena, "%s; %s holds a newer one", line->seen, place);
	line->remedy = jw_arena_printf(d->arena,
				       "was the wrong file edited? Where the token of %s is "
				       "meant for here, put it here; else make a fresh one",
				       place);
}

/* What is served is what another file holds. */
static void look_for_file(struct jw_doctoring *d, struct jw_doctor_line *line)
{
	const struct jw_token *token =
		jw_facts_only_token(&jw_doctor_result(d, line->look)->facts);

	if (line->cause != JW_STALE_COPY || line->follows || !token || !token->has_digest)
		return;
	for (size_t i = 0; i < d->plan->elsewhere_count; i++) {
		const struct jw_elsewhere *other = &d->plan->elsewhere[i];

		if (memcmp(other->digest, token->digest, sizeof(token->digest)) != 0)
			continue;
		line->seen = jw_arena_printf(d->arena, "%s; it is the one of %s:%zu",
					     line->seen, other->path, other->line);
		line->remedy = jw_arena_printf(d->arena,
					       "the file that is served is %s: put the new "
					       "token there, or have the other one served",
					       other->path);
		return;
	}
}

/* Whoever gave but a URL knows of no pattern. */
static void look_for_none(struct jw_doctoring *d, struct jw_doctor_line *line)
{
	const struct jw_result *result = jw_doctor_result(d, line->look);

	if (line->cause != JW_TOKEN_NOT_FOUND || !d->plan->looks[line->look].is_guessed)
		return;
	line->seen = jw_arena_printf(d->arena, "%s: the page holds no LiveKit token",
				     result->target->name);
	line->remedy = "where this isn't the page's URL, name that; where the page gets its "
		       "token from an endpoint, name the endpoint's URL";
}

/* The place that it is the same as. */
static void say_same(struct jw_doctoring *d, struct jw_doctor_line *line)
{
	const struct jw_result *result = jw_doctor_result(d, line->look);

	for (size_t i = 0; i < d->plan->look_count; i++) {
		const struct jw_result *other = jw_doctor_result(d, i);

		if (other->target != result->target->peer || !jw_doctor_is_same(result, other))
			continue;
		line->seen = jw_arena_printf(d->arena, "%s, the token of %s", line->seen,
					     other->target->name);
		return;
	}
}

void jw_doctor_sources(struct jw_doctoring *d, enum jw_doctor_step step)
{
	for (size_t i = 0; i < d->plan->look_count; i++) {
		struct jw_doctor_line *line;

		if (d->plan->looks[i].step != step)
			continue;
		line = jw_doctor_add(d, step, i);
		if (!jw_doctor_judge(d, line, is_of_source)) {
			say_ok(d, line);
			say_same(d, line);
		}
		look_for_none(d, line);
		look_for_newer(d, line);
		look_for_file(d, line);
	}
}

static bool is_source(enum jw_doctor_step step)
{
	return step == JW_STEP_PAGE || step == JW_STEP_SERVED || step == JW_STEP_ENDPOINT;
}

/* Where the same token has a line already, which asked the same server. */
static bool is_told(const struct jw_doctoring *d, size_t look)
{
	const struct jw_result *result = jw_doctor_result(d, look);

	for (size_t i = 0; i < d->count; i++) {
		const struct jw_doctor_line *line = &d->lines[i];
		const struct jw_result *other;

		if (line->step != JW_STEP_ACCEPTED || line->look == JW_NO_LOOK)
			continue;
		other = jw_doctor_result(d, line->look);
		if (jw_doctor_is_same(result, other) &&
		    !strcmp(result->target->expect.accepted_by,
			    other->target->expect.accepted_by))
			return true;
	}
	return false;
}

static size_t line_of_source(const struct jw_doctoring *d, size_t look)
{
	return jw_doctor_line_of(d, d->plan->looks[look].step, look);
}

/* The server hasn't said anything about the token. */
static void not_asked(struct jw_doctoring *d, struct jw_doctor_line *line)
{
	const struct jw_result *result = jw_doctor_result(d, line->look);
	size_t blame = jw_doctor_blame(d, line_of_source(d, line->look));

	if (!jw_result_token(result))
		jw_doctor_leave(line, blame, "there is no token to ask about");
	else if (blame && d->lines[blame - 1].step == JW_STEP_KEY_PAIR)
		jw_doctor_leave(line, blame,
				"with a key pair that is refused no signature can be told");
	else
		jw_doctor_leave(line, blame,
				"a token that is known to be bad isn't sent to LiveKit");
}

/* The last line joins an earlier one that wasn't looked at for the same reason. */
static void join(struct jw_doctoring *d)
{
	const struct jw_doctor_line *last = &d->lines[d->count - 1];

	for (size_t i = 0; i + 1 < d->count; i++) {
		struct jw_doctor_line *line = &d->lines[i];

		if (line->step != last->step || line->is != JW_LINE_NOT_LOOKED_AT ||
		    line->follows != last->follows || strcmp(line->seen, last->seen) != 0)
			continue;
		line->target = jw_arena_printf(d->arena, "%s, %s", line->target, last->target);
		line->look = JW_NO_LOOK;
		d->count--;
		return;
	}
}

static void accepted(struct jw_doctoring *d, size_t look)
{
	struct jw_doctor_line *line = jw_doctor_add(d, JW_STEP_ACCEPTED, look);
	const struct jw_result *result = jw_doctor_result(d, look);
	const struct jw_livekit *livekit = jw_result_livekit(result);

	if (jw_doctor_judge(d, line, is_of_livekit)) {
		if (line->follows && line->cause != JW_LIVEKIT_REFUSED)
			jw_doctor_leave(line, line->follows,
					"the server has to be there first");
		return;
	}
	if (livekit && livekit->accepts == JW_ACCEPTS_YES)
		line->seen = jw_arena_printf(d->arena, "%s accepts it", livekit->url);
	else
		not_asked(d, line);
}

void jw_doctor_accepted(struct jw_doctoring *d)
{
	bool has_any = false;
	const char *told = d->plan->why_not[JW_STEP_ACCEPTED];

	for (size_t i = 0; i < d->plan->look_count; i++) {
		if (!is_source(d->plan->looks[i].step) ||
		    !jw_doctor_result(d, i)->target->expect.accepted_by)
			continue;
		has_any = true;
		if (is_told(d, i))
			continue;
		accepted(d, i);
		if (d->lines[d->count - 1].is == JW_LINE_NOT_LOOKED_AT)
			join(d);
	}
	if (!has_any)
		jw_doctor_leave(jw_doctor_add(d, JW_STEP_ACCEPTED, JW_NO_LOOK), 0,
				told ? told : "no LiveKit server is named for a token");
}
