/* SPDX-License-Identifier: MIT */
/* When verdicts will change by themselves: the same facts judged again as of the moments to come. */
#include "core/forecast.h"

#include "contract/check.h"

static void add(struct jw_forecast *forecast, const struct jw_result *result, int64_t at,
		struct jw_event event)
{
	if (forecast->count == JW_FORECAST_EVENTS_MAX) {
		forecast->is_cut = true;
		return;
	}
	forecast->events = jw_arena_grow(&forecast->arena, forecast->events, forecast->count,
					 sizeof(*forecast->events));
	event.at = at;
	event.result = result;
	event.message = jw_arena_text(&forecast->arena, jw_str_of(event.message));
	forecast->events[forecast->count++] = event;
}

/* The worst of what isn't a token's. */
static struct jw_event without_tokens(const struct jw_verdict *verdict)
{
	struct jw_event event = {.state = JW_STATE_OK, .cause = JW_OK, .message = ""};

	for (size_t i = 0; i < verdict->finding_count; i++) {
		const struct jw_finding *finding = &verdict->findings[i];

		if (finding->token != JW_NO_TOKEN ||
		    jw_state_rank(finding->state) <= jw_state_rank(event.state))
			continue;
		event.state = finding->state;
		event.cause = finding->cause;
		event.message = finding->message;
	}
	return event;
}

static bool is_fresh(const struct jw_result *result)
{
	/* What was refused has no check. */
	return result->target->check && result->target->check->kind == JW_CHECK_FRESH;
}

/* What of a verdict says something about later. */
static struct jw_event lasting(const struct jw_result *result, const struct jw_verdict *verdict)
{
	if (is_fresh(result))
		return without_tokens(verdict);
	return (struct jw_event){
		.state = verdict->state, .cause = verdict->cause, .message = verdict->message};
}

static void add_target(struct jw_forecast *forecast, const struct jw_result *result,
		       int64_t now, int64_t until)
{
	struct jw_verdict verdict = result->verdict;
	struct jw_event last = lasting(result, &verdict);

	if (verdict.state != JW_STATE_OK)
		add(forecast, result, now,
		    (struct jw_event){.state = verdict.state,
				      .cause = verdict.cause,
				      .message = verdict.message});
	for (size_t steps = 0; verdict.will_change && verdict.next_change <= until; steps++) {
		struct jw_arena arena = {0};
		struct jw_event event;
		int64_t at = verdict.next_change;

		if (steps == JW_FORECAST_STEPS_MAX) {
			forecast->is_cut = true;
			return;
		}
		jw_judge(&result->facts, &result->target->expect, at, &arena, &verdict);
		event = lasting(result, &verdict);
		if (event.state != last.state || event.cause != last.cause)
			add(forecast, result, at, event);
		last = event;
		jw_arena_done(&arena);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct jw_event *one = a;
	const struct jw_event *other = b;

	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	return (one->result > other->result) - (one->result < other->result);
}

void jw_forecast_make(const struct jw_report *report, int64_t until,
		      struct jw_forecast *ret_forecast)
{
	struct jw_forecast forecast = {0};

	for (size_t i = 0; i < report->count; i++)
		add_target(&forecast, &report->results[i], report->now, until);
	if (forecast.count)
		qsort(forecast.events, forecast.count, sizeof(*forecast.events), by_time);
	*ret_forecast = forecast;
}

void jw_forecast_done(struct jw_forecast *forecast)
{
	jw_arena_done(&forecast->arena);
}
