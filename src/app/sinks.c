/* SPDX-License-Identifier: MIT */
/* What --sink adds to a check: its part of the time, and the sinks that failed as a part of the report. */
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/log.h"

#define TIME_MAX_MS 2000

const char *jw_app_machine(struct jw_arena *arena)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) || !*name)
		return "localhost";
	return jw_arena_text(arena, jw_str_of(name));
}

enum jw_cause jw_sinks_check(const struct jw_args *args, const struct jw_moment *moment,
			     struct jw_err *err)
{
	if (!args->sink_count || !moment->simulated)
		return JW_OK;
	return jw_fail(err, JW_CONFIG,
		       "--sink tells others what is so now, and --at asks about another "
		       "moment: leave one out");
}

int64_t jw_sinks_time(const struct jw_args *args, int64_t whole_ms)
{
	if (!args->sink_count)
		return 0;
	return whole_ms / 5 < TIME_MAX_MS ? whole_ms / 5 : TIME_MAX_MS;
}

/* Who only looks where results are sent would never know. */
enum jw_state jw_sinks_raise(const struct jw_report *report, enum jw_state state)
{
	return report->sink_count && state != JW_STATE_CRITICAL ? JW_STATE_UNKNOWN : state;
}

void jw_sinks_say(const struct jw_report *report)
{
	for (size_t i = 0; i < report->sink_count; i++)
		jw_log(JW_LOG_ERROR, "%s: %s", report->sinks[i].target->name,
		       report->sinks[i].verdict.message);
}

/* As a result of a made-up target that stands for the sink. */
static struct jw_target *set_failure(enum jw_cause cause, const char *says,
				     struct jw_result *ret_result)
{
	static const struct jw_target nobody;
	struct jw_target *target;

	jw_runner_refuse_at(&nobody, JW_AT_SINK, cause, says, ret_result);
	target = jw_arena_alloc(&ret_result->arena, sizeof(*target));
	ret_result->target = target;
	return target;
}

static struct jw_result *next_failure(struct jw_report *report)
{
	report->sinks =
		jw_xrealloc(report->sinks, (report->sink_count + 1) * sizeof(*report->sinks));
	return &report->sinks[report->sink_count++];
}

void jw_sinks_add(struct jw_report *report, const char *name, enum jw_cause cause,
		  const char *says, const char *remedy)
{
	struct jw_result *result = next_failure(report);

	set_failure(cause, says, result)->name = name;
	result->verdict.remedy = remedy;
	for (size_t i = 0; i < result->verdict.finding_count; i++)
		result->verdict.findings[i].remedy = remedy;
}

void jw_sinks_fail(struct jw_report *report, const char *name, enum jw_cause cause,
		   const char *says)
{
	struct jw_result *result = next_failure(report);
	struct jw_target *target = set_failure(cause, says, result);

	target->name = jw_arena_printf(&result->arena, "sink %s", name);
	result->sink = name;
}

bool jw_sinks_was_named(const struct jw_args *args, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(args->sinks[i], args->sinks[count]))
			return true;
	return false;
}

void jw_sinks_done(struct jw_report *report)
{
	for (size_t i = 0; i < report->sink_count; i++)
		jw_result_done(&report->sinks[i]);
	free(report->sinks);
	report->sinks = NULL;
	report->sink_count = 0;
}

static void fail_all(const struct jw_args *args, enum jw_cause cause, const char *says,
		     struct jw_report *report)
{
	for (size_t i = 0; i < args->sink_count; i++)
		if (!jw_sinks_was_named(args, i))
			jw_sinks_fail(report, args->sinks[i], cause, says);
}

void jw_sinks_expect(const struct jw_args *args, struct jw_report *report)
{
	fail_all(args, JW_SINK_FAILED,
		 "the whole run's time (-t) was up before the results were taken", report);
}

void jw_sinks_unsent(const struct jw_args *args, struct jw_report *report)
{
	fail_all(args, JW_CONFIG,
		 "nothing was sent there, since the configuration can't be used", report);
}
