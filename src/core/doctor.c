/* SPDX-License-Identifier: MIT */
/* A checklist made of verdicts: the lines in their order, and those about the machine, its clock and the server. */
#include "core/doctor_parts.h"

#include <string.h>

#include "base/when.h"
#include "core/result.h"
#include "livekit/keys.h"

const struct jw_doctor_step_row jw_doctor_steps[JW_STEP_COUNT] = {
	[JW_STEP_CONFIGURATION] = {"configuration", "configuration"},
	[JW_STEP_ENVIRONMENT] = {"environment", "environment"},
	[JW_STEP_CLOCK] = {"clock", "clock"},
	[JW_STEP_LIVEKIT] = {"livekit", "LiveKit server"},
	[JW_STEP_KEY_PAIR] = {"key_pair", "key pair"},
	[JW_STEP_PAGE] = {"page", "page on disk"},
	[JW_STEP_SERVED] = {"served", "page as served"},
	[JW_STEP_ENDPOINT] = {"endpoint", "token endpoint"},
	[JW_STEP_ACCEPTED] = {"accepted", "token accepted"},
	[JW_STEP_BROWSER] = {"browser", "browser"},
};

struct jw_doctor_line *jw_doctor_add(struct jw_doctoring *d, enum jw_doctor_step step,
				     size_t look)
{
	struct jw_doctor_line *line;

	d->lines = jw_arena_grow(d->arena, d->lines, d->count, sizeof(*d->lines));
	line = &d->lines[d->count++];
	*line = (struct jw_doctor_line){.step = step, .look = look};
	if (look != JW_NO_LOOK)
		line->target = jw_doctor_result(d, look)->target->name;
	return line;
}

const struct jw_result *jw_doctor_result(const struct jw_doctoring *d, size_t look)
{
	return &d->report->results[look];
}

size_t jw_doctor_blame(const struct jw_doctoring *d, size_t number)
{
	const struct jw_doctor_line *line = number ? &d->lines[number - 1] : NULL;

	if (!line || line->is == JW_LINE_OK)
		return 0;
	return line->follows ? line->follows : number;
}

size_t jw_doctor_blame_step(const struct jw_doctoring *d, enum jw_doctor_step step)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->lines[i].step == step && d->lines[i].is == JW_LINE_NOT_OK &&
		    (d->lines[i].state != JW_STATE_WARNING || step == JW_STEP_CLOCK))
			return jw_doctor_blame(d, i + 1);
	return 0;
}

size_t jw_doctor_line_of(const struct jw_doctoring *d, enum jw_doctor_step step, size_t look)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->lines[i].step == step && d->lines[i].look == look)
			return i + 1;
	return 0;
}

const char *jw_doctor_words(const char *message, struct jw_arena *arena)
{
	const char *browser = strstr(message, "; a browser says: ");

	return browser ? jw_arena_text(arena,
				       (struct jw_str){message, (size_t)(browser - message)})
		       : message;
}

void jw_doctor_leave(struct jw_doctor_line *line, size_t follows, const char *why)
{
	line->is = JW_LINE_NOT_LOOKED_AT;
	line->state = JW_STATE_OK;
	line->cause = JW_OK;
	line->follows = follows;
	line->seen = why;
	line->remedy = NULL;
}

static void take(struct jw_doctoring *d, struct jw_doctor_line *line,
		 const struct jw_finding *finding, size_t follows)
{
	line->is = JW_LINE_NOT_OK;
	line->state = finding->state;
	line->cause = finding->cause;
	line->follows = follows;
	line->seen = jw_doctor_words(finding->message, d->arena);
	line->remedy = follows ? NULL : finding->remedy;
}

static bool is_worse(const struct jw_finding *finding, const struct jw_finding *than)
{
	return !than || jw_state_rank(finding->state) > jw_state_rank(than->state);
}

bool jw_doctor_judge(struct jw_doctoring *d, struct jw_doctor_line *line, jw_doctor_part *part)
{
	const struct jw_verdict *verdict = &jw_doctor_result(d, line->look)->verdict;
	const struct jw_finding *own = NULL;
	const struct jw_finding *other = NULL;
	size_t follows = 0;

	for (size_t i = 0; i < verdict->finding_count; i++) {
		const struct jw_finding *finding = &verdict->findings[i];
		size_t by;

		if (!part(finding))
			continue;
		by = jw_doctor_explain(d, line->look, finding);
		if (!by && is_worse(finding, own))
			own = finding;
		if (by && is_worse(finding, other)) {
			other = finding;
			follows = by;
		}
	}
	if (own)
		take(d, line, own, 0);
	else if (other)
		take(d, line, other, follows);
	return own || other;
}

/* A line for a step that nothing was to be looked at for. */
static void nothing(struct jw_doctoring *d, enum jw_doctor_step step, const char *why)
{
	const char *told = d->plan->why_not[step];

	jw_doctor_leave(jw_doctor_add(d, step, JW_NO_LOOK), 0, told ? told : why);
}

static bool has_look(const struct jw_doctoring *d, enum jw_doctor_step step)
{
	for (size_t i = 0; i < d->plan->look_count; i++)
		if (d->plan->looks[i].step == step)
			return true;
	return false;
}

static bool any(const struct jw_finding *finding)
{
	(void)finding;
	return true;
}

/* What there is no look for is why nothing was looked at. */
static void configuration(struct jw_doctoring *d)
{
	for (size_t i = 0; i < d->report->count; i++) {
		bool is_planned = i < d->plan->look_count
					  ? d->plan->looks[i].step != JW_STEP_CONFIGURATION
					  : d->plan->look_count > 0;

		if (!is_planned)
			jw_doctor_judge(d, jw_doctor_add(d, JW_STEP_CONFIGURATION, i), any);
	}
}

static void environment(struct jw_doctoring *d)
{
	for (size_t i = 0; i < d->plan->setting_count; i++) {
		const struct jw_doctor_setting *setting = &d->plan->settings[i];
		struct jw_doctor_line *line = jw_doctor_add(d, JW_STEP_ENVIRONMENT, JW_NO_LOOK);

		line->target = setting->name;
		line->is = setting->cause ? JW_LINE_NOT_OK : JW_LINE_OK;
		line->state = setting->state;
		line->cause = setting->cause;
		line->seen = setting->seen;
		line->remedy = setting->remedy;
	}
	if (!d->plan->setting_count)
		nothing(d, JW_STEP_ENVIRONMENT, "no key is named");
}

/* Of all findings about clocks the worst; of equals that of a server, then that of a token. */
static const struct jw_finding *worst_skew(const struct jw_doctoring *d, size_t *ret_look)
{
	const struct jw_finding *worst = NULL;

	for (size_t i = 0; i < d->plan->look_count; i++) {
		const struct jw_verdict *verdict = &jw_doctor_result(d, i)->verdict;

		for (size_t f = 0; f < verdict->finding_count; f++) {
			const struct jw_finding *finding = &verdict->findings[f];

			if (finding->cause != JW_CLOCK_SKEW)
				continue;
			if (worst &&
			    (finding->token != JW_NO_TOKEN || worst->token == JW_NO_TOKEN))
				continue;
			worst = finding;
			*ret_look = i;
		}
	}
	return worst;
}

static enum jw_state skew_state(const struct jw_doctoring *d)
{
	enum jw_state state = JW_STATE_OK;

	for (size_t i = 0; i < d->plan->look_count; i++) {
		const struct jw_verdict *verdict = &jw_doctor_result(d, i)->verdict;

		for (size_t f = 0; f < verdict->finding_count; f++)
			if (verdict->findings[f].cause == JW_CLOCK_SKEW)
				state = jw_state_worse(state, verdict->findings[f].state);
	}
	return state;
}

static int64_t size_of(int64_t offset)
{
	return offset < 0 ? -offset : offset;
}

/* The exchange whose clock differs most from the one here; NULL: no server has told the time. */
static const struct jw_exchange *farthest_clock(const struct jw_doctoring *d)
{
	const struct jw_exchange *farthest = NULL;

	for (size_t i = 0; i < d->plan->look_count; i++) {
		const struct jw_facts *facts = &jw_doctor_result(d, i)->facts;

		for (size_t e = 0; e < facts->exchange_count; e++) {
			const struct jw_exchange *exchange = &facts->exchanges[e];

			if (exchange->has_clock &&
			    (!farthest ||
			     size_of(exchange->clock_offset) > size_of(farthest->clock_offset)))
				farthest = exchange;
		}
	}
	return farthest;
}

static void clock_is_right(struct jw_doctoring *d, struct jw_doctor_line *line)
{
	const struct jw_exchange *exchange = farthest_clock(d);
	char span[JW_WHEN_TEXT];

	if (!exchange)
		jw_doctor_leave(line, 0, "no server has told its time");
	else if (!exchange->clock_offset)
		line->seen = jw_arena_printf(d->arena, "%s shows the same time as this machine",
					     exchange->url);
	else
		line->seen =
			jw_arena_printf(d->arena, "%s is %s %s this machine", exchange->url,
					jw_span_text(exchange->clock_offset, span),
					exchange->clock_offset > 0 ? "ahead of" : "behind");
}

static void clock_line(struct jw_doctoring *d)
{
	struct jw_doctor_line *line = jw_doctor_add(d, JW_STEP_CLOCK, JW_NO_LOOK);
	size_t look = JW_NO_LOOK;
	const struct jw_finding *skew = worst_skew(d, &look);

	if (!skew) {
		clock_is_right(d, line);
		return;
	}
	take(d, line, skew, 0);
	line->state = skew_state(d);
	line->target = jw_doctor_result(d, look)->target->name;
}

/* A clock has a line of its own. */
static bool is_no_clock(const struct jw_finding *finding)
{
	return finding->cause != JW_CLOCK_SKEW;
}

static void livekit(struct jw_doctoring *d)
{
	for (size_t i = 0; i < d->plan->look_count; i++) {
		const struct jw_result *result = jw_doctor_result(d, i);
		struct jw_doctor_line *line;

		if (d->plan->looks[i].step != JW_STEP_LIVEKIT)
			continue;
		line = jw_doctor_add(d, JW_STEP_LIVEKIT, i);
		if (jw_doctor_judge(d, line, is_no_clock))
			continue;
		line->seen = result->verdict.cause ? jw_arena_printf(d->arena, "%s is ready",
								     result->facts.livekit->url)
						   : result->verdict.message;
	}
	if (!has_look(d, JW_STEP_LIVEKIT))
		nothing(d, JW_STEP_LIVEKIT, "no LiveKit server is named");
}

/* The line about the server of this pair, where it isn't ok. */
static size_t server_of_pair(const struct jw_doctoring *d, size_t look)
{
	const char *url = d->plan->looks[look].url;

	for (size_t i = 0; i < d->count; i++) {
		const struct jw_doctor_line *line = &d->lines[i];

		if (line->step == JW_STEP_LIVEKIT && line->look != JW_NO_LOOK &&
		    line->is == JW_LINE_NOT_OK && line->state != JW_STATE_WARNING && url &&
		    !strcmp(d->plan->looks[line->look].url, url))
			return i + 1;
	}
	return 0;
}

/* By its API key, as far as that is known. */
static const char *taken_pair(struct jw_doctoring *d, size_t look)
{
	const struct jw_facts *facts = &jw_doctor_result(d, look)->facts;
	const char *issuer = jw_livekit_shown_key(
		facts->proof_count ? facts->proofs[0].issuer : NULL, d->arena);

	return jw_arena_printf(d->arena, "%s takes the key pair %s%s%s",
			       facts->livekit ? facts->livekit->url : "the server",
			       d->plan->looks[look].key, issuer ? ", API key " : "",
			       issuer ? issuer : "");
}

static void key_pair(struct jw_doctoring *d)
{
	size_t blame = jw_doctor_blame_step(d, JW_STEP_ENVIRONMENT);

	for (size_t i = 0; i < d->plan->look_count; i++) {
		const struct jw_look *look = &d->plan->looks[i];
		struct jw_doctor_line *line;
		size_t server;

		if (look->step != JW_STEP_KEY_PAIR)
			continue;
		server = server_of_pair(d, i);
		line = jw_doctor_add(d, JW_STEP_KEY_PAIR, i);
		if (server)
			jw_doctor_leave(line, server, "the server has to be there first");
		else if (!jw_doctor_judge(d, line, any))
			line->seen = taken_pair(d, i);
	}
	if (has_look(d, JW_STEP_KEY_PAIR))
		return;
	nothing(d, JW_STEP_KEY_PAIR, "no key pair and server are named that belong together");
	if (blame && !d->plan->why_not[JW_STEP_KEY_PAIR])
		jw_doctor_leave(&d->lines[d->count - 1], blame, "there is no pair to try");
}

static void sources(struct jw_doctoring *d, enum jw_doctor_step step, const char *why)
{
	jw_doctor_sources(d, step);
	if (!has_look(d, step))
		nothing(d, step, why);
}

/* What others follow from is as bad as they are; the first that is bad and follows from nothing is the cause. */
static void conclude(struct jw_doctoring *d, struct jw_diagnosis *diagnosis)
{
	bool was_looked_at = false;

	for (size_t i = 0; i < d->count; i++) {
		struct jw_doctor_line *line = &d->lines[i];

		if (line->follows && line->is == JW_LINE_NOT_OK) {
			struct jw_doctor_line *root = &d->lines[line->follows - 1];

			root->state = jw_state_worse(root->state, line->state);
		}
		was_looked_at = was_looked_at || (line->is != JW_LINE_NOT_LOOKED_AT &&
						  line->step != JW_STEP_ENVIRONMENT);
	}
	diagnosis->state = was_looked_at ? JW_STATE_OK : JW_STATE_UNKNOWN;
	for (size_t i = d->count; i-- > 0;) {
		const struct jw_doctor_line *line = &d->lines[i];
		const struct jw_doctor_line *cause =
			diagnosis->cause ? &d->lines[diagnosis->cause - 1] : NULL;

		if (line->is != JW_LINE_NOT_OK)
			continue;
		diagnosis->state = jw_state_worse(diagnosis->state, line->state);
		if (!line->follows && (!cause || line->state != JW_STATE_WARNING ||
				       cause->state == JW_STATE_WARNING))
			diagnosis->cause = i + 1;
	}
}

void jw_doctor_diagnose(const struct jw_doctor_plan *plan, const struct jw_report *report,
			struct jw_arena *arena, struct jw_diagnosis *ret_diagnosis)
{
	struct jw_doctoring d = {.plan = plan, .report = report, .arena = arena};
	struct jw_diagnosis diagnosis = {0};

	configuration(&d);
	if (!d.count) {
		environment(&d);
		clock_line(&d);
		livekit(&d);
		key_pair(&d);
		sources(&d, JW_STEP_PAGE, "no page is named");
		sources(&d, JW_STEP_SERVED, "no URL of a page is named");
		sources(&d, JW_STEP_ENDPOINT, "no token endpoint is named");
		jw_doctor_accepted(&d);
		jw_doctor_browser(&d);
	}
	conclude(&d, &diagnosis);
	diagnosis.lines = d.lines;
	diagnosis.count = d.count;
	*ret_diagnosis = diagnosis;
}
