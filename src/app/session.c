/* SPDX-License-Identifier: MIT */
/* The beginning and the end of a run of checks. */
#include "app/session.h"

#include <string.h>

#include "base/log.h"
#include "core/asks.h"
#include "output/doctor.h"
#include "output/forecast.h"

static enum jw_cause read_timing(struct jw_session *session, struct jw_err *err)
{
	enum jw_cause cause = jw_timing_read(session->args, &session->timing, err);

	session->start_ms = jw_adapter_clock.monotonic_ms(NULL);
	session->deadline_ms = session->start_ms + session->timing.ms;
	return cause;
}

bool jw_session_is_for_a_person(const struct jw_session *session)
{
	return !strcmp(session->format->name, "text");
}

/* Each warning once; a plugin writes nothing to standard error. */
static void warn(void *context, const char *text)
{
	struct jw_session *session = context;

	if (session->warned == text || !jw_session_is_for_a_person(session))
		return;
	session->warned = text;
	jw_log(JW_LOG_WARNING, "%s", text);
}

/* What can be said of -w and -c before any target is known. */
static enum jw_cause check_thresholds(const struct jw_args *args, struct jw_err *err)
{
	static const struct {
		enum jw_flag flag;
		const char *name;
	} rows[] = {{JW_FLAG_WARNING, "--warning"}, {JW_FLAG_CRITICAL, "--critical"}};
	struct jw_threshold ignored;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *given = args->values[rows[i].flag];

		if (!given || !jw_threshold_parse(jw_str_of(given), &ignored, err))
			continue;
		jw_err_in(err, "%s", rows[i].name);
		return err->cause;
	}
	return JW_OK;
}

enum jw_cause jw_session_init(struct jw_session *session, const struct jw_args *args,
			      struct jw_err *err)
{
	enum jw_cause cause;

	*session = (struct jw_session){.args = args};
	cause = jw_app_format(args, &session->format, err);
	if (!cause)
		cause = jw_app_style(args, &session->style, err);
	if (!cause)
		cause = jw_moment_init(&session->moment, args->values[JW_FLAG_AT], err);
	if (!cause)
		cause = jw_sinks_check(args, &session->moment, err);
	if (!cause)
		cause = jw_app_textfile(args, err);
	if (!cause)
		cause = check_thresholds(args, err);
	if (!cause)
		cause = read_timing(session, err);
	if (cause)
		return cause;
	/* Mail means that something is wrong with a token. */
	if (session->style.is_quiet)
		jw_log_level_set(JW_LOG_ERROR);
	session->world = jw_app_world(&session->moment, &session->outside);
	session->world.asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	session->world.warn = warn;
	session->world.warn_context = session;
	session->report.now = session->moment.clock.wall(session->moment.clock.self);
	session->report.simulated = session->moment.simulated;
	session->report.state = JW_STATE_UNKNOWN;
	jw_buf_init(&session->so_far[0], JW_SESSION_OUTPUT_MAX);
	jw_buf_init(&session->so_far[1], JW_SESSION_OUTPUT_MAX);
	return JW_OK;
}

void jw_session_leave(struct jw_session *session)
{
	jw_adapter_watchdog(0);
	jw_asks_free(session->world.asks);
	session->world.asks = NULL;
	jw_outside_done(&session->outside);
}

void jw_session_done(struct jw_session *session)
{
	jw_session_leave(session);
	jw_buf_done(&session->so_far[0]);
	jw_buf_done(&session->so_far[1]);
	jw_batch_done(&session->batch);
	free(session->turns);
	for (size_t i = 0; i < session->report.count; i++)
		jw_result_done(&session->report.results[i]);
	free(session->report.results);
	jw_sinks_done(&session->report);
	jw_config_free(session->config);
	jw_arena_done(&session->arena);
}

enum jw_state jw_session_state(const struct jw_report *report)
{
	enum jw_state state = report->count ? JW_STATE_OK : JW_STATE_UNKNOWN;

	for (size_t i = 0; i < report->count; i++)
		state = jw_state_worse(state, report->results[i].verdict.state);
	return jw_sinks_raise(report, state);
}

int jw_session_code(const struct jw_session *session, const struct jw_report *report)
{
	if (session->args->command->run == jw_cmd_forecast)
		return jw_forecast_exit_code(report);
	if (session->args->command->run == jw_cmd_doctor)
		return (int)jw_doctor_state(report, &session->style);
	return jw_report_exit_code(report, session->style.fail_on);
}

static struct jw_turn *next_turn(struct jw_session *session)
{
	session->turns = jw_xrealloc(session->turns,
				     (session->turn_count + 1) * sizeof(*session->turns));
	session->turns[session->turn_count] = (struct jw_turn){0};
	return &session->turns[session->turn_count++];
}

static void give_severity(struct jw_session *session, struct jw_target *target)
{
	uint8_t *severity;

	if (!session->timing.severity)
		return;
	severity = jw_arena_alloc(&session->arena, JW_CAUSE_COUNT);
	if (target->expect.severity)
		memcpy(severity, target->expect.severity, JW_CAUSE_COUNT);
	severity[JW_TIMEOUT] = session->timing.severity;
	severity[JW_DEADLINE] = session->timing.severity;
	target->expect.severity = severity;
}

void jw_session_run(struct jw_session *session, struct jw_target *target)
{
	next_turn(session)->target = target;
	target->expect.is_simulated = session->moment.simulated;
	give_severity(session, target);
}

void jw_session_refuse(struct jw_session *session, const char *name, enum jw_cause cause,
		       const char *says)
{
	struct jw_turn *turn = next_turn(session);

	turn->target = jw_arena_alloc(&session->arena, sizeof(*turn->target));
	turn->target->name = name;
	turn->cause = cause;
	turn->says = says;
	give_severity(session, turn->target);
}
