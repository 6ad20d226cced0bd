/* SPDX-License-Identifier: MIT */
/* renew: a fresh token where the old one stands. */
#include <stddef.h>
#include <string.h>

#include "adapter/adapter.h"
#include "app/app.h"
#include "base/log.h"
#include "core/asks.h"
#include "core/errors.h"
#include "core/renew.h"
#include "output/renew.h"

#define OUTPUT_MAX ((size_t)16 << 20)

struct settings {
	struct jw_threshold if_left_less_than;
	bool dry_run;
};

const struct jw_option jw_renew_command_options[] = {
	{JW_OPT(struct settings, if_left_less_than), .type = JW_T_THRESHOLD,
	 .value = "THRESHOLD",
	 .help = "only where less is left, 25% or 2h, or where the token isn't good any more: "
		 "for cron"},
	{JW_OPT(struct settings, dry_run), .type = JW_T_BOOL, .value = "BOOL",
	 .help = "get a fresh token, prove it, prepare the new file, and change nothing"},
	{0},
};

struct session {
	const struct jw_args *args;
	struct settings settings;
	struct jw_arena arena;
	struct jw_timing timing;
	int64_t deadline_ms;
	struct jw_moment moment;
	struct jw_outside outside;
	struct jw_world world;
	struct jw_config *config;
	struct jw_renewal *renewals;
	size_t count;
	const char *warned; /* the last warning */
};

static void warn(void *context, const char *text)
{
	struct session *session = context;

	if (session->warned != text)
		jw_log(JW_LOG_WARNING, "%s", text);
	session->warned = text;
}

struct wait {
	const struct jw_loop *loop;
	bool is_over;
};

static void done(void *context, struct jw_result *result)
{
	struct wait *wait = context;

	(void)result;
	wait->is_over = true;
	wait->loop->stop(wait->loop->self);
}

static void run_target(void *context, const struct jw_target *target,
		       struct jw_result *ret_result)
{
	struct session *session = context;
	const struct jw_world *world = &session->world;
	struct wait wait = {0};
	struct jw_run *run =
		jw_runner_start(world, session->config, target, session->deadline_ms,
				JW_WANT_FINGERPRINTS, ret_result, done, &wait);

	if (!run)
		return;
	/* Open, since a run waits on it. */
	wait.loop = world->loop(world->loop_context, NULL);
	while (!wait.is_over &&
	       world->clock->monotonic_ms(world->clock->self) < session->deadline_ms)
		wait.loop->run(wait.loop->self, session->deadline_ms);
	if (!wait.is_over)
		jw_runner_cancel(run);
}

static const char *no_such_target(struct session *session, const char *name)
{
	const struct jw_config *config = session->config;
	jw_autofree const char **names = jw_xcalloc(config->target_count + 1, sizeof(*names));
	char quote[JW_QUOTE_TEXT];
	const char *nearest;

	for (size_t i = 0; i < config->target_count; i++)
		names[i] = config->targets[i].name;
	nearest = jw_str_nearest(jw_str_of(name), names, config->target_count);
	jw_errors_quote(jw_str_of(name), quote);
	if (nearest)
		return jw_arena_printf(&session->arena,
				       "no target is called %s, did you mean %s?", quote,
				       nearest);
	return jw_arena_printf(&session->arena, "no target is called %s", quote);
}

static void renew(struct session *session, const char *name, struct jw_renewal *ret_renewal)
{
	const struct jw_target *target = jw_config_find(session->config, jw_str_of(name));
	const struct jw_renewing renewing = {
		.world = &session->world,
		.config = session->config,
		.edits = &jw_adapter_edits,
		.run = run_target,
		.context = session,
		.if_less = session->settings.if_left_less_than,
		.is_dry = session->settings.dry_run,
	};

	if (!target)
		jw_renew_refuse(name, JW_CONFIG, no_such_target(session, name), ret_renewal);
	else if (!target->renew)
		jw_renew_refuse(name, JW_CONFIG,
				"the target has no renew, which says where a fresh token comes "
				"from: renew: {from: mint, ttl: 24h}",
				ret_renewal);
	else
		jw_renew_target(&renewing, target, ret_renewal);
}

static int exit_code(const struct session *session)
{
	int code = 0;

	for (size_t i = 0; i < session->count; i++) {
		const struct jw_renewal *renewal = &session->renewals[i];

		if (renewal->state != JW_RENEWED_FAILED)
			continue;
		if (renewal->cause != JW_RENEWAL_FAILED)
			return JW_EXIT_UNKNOWN;
		code = JW_EXIT_REFUSED;
	}
	return code;
}

static int write_out(const struct session *session)
{
	const char *format = session->args->values[JW_FLAG_FORMAT];
	jw_autobuf struct jw_buf out = JW_BUF(OUTPUT_MAX);
	const struct jw_clock *clock = session->world.clock;
	int code = exit_code(session);

	if (format && !strcmp(format, "json"))
		jw_renewals_json(session->renewals, session->count, clock->wall(clock->self),
				 code, &out);
	else
		jw_renewals_text(session->renewals, session->count,
				 session->args->values[JW_FLAG_QUIET] ? JW_TELL_FAILED
								      : JW_TELL_ALL,
				 &out);
	return jw_write_out(&out, code);
}

static int run(struct session *session)
{
	const struct jw_args *args = session->args;
	int code;

	jw_app_warn_plain_secrets(session->config);
	session->world = jw_app_world(&session->moment, &session->outside);
	session->world.asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	session->world.warn = warn;
	session->world.warn_context = session;
	session->count = args->operand_count;
	session->renewals = jw_xcalloc(session->count, sizeof(*session->renewals));
	for (size_t i = 0; i < session->count; i++)
		renew(session, args->operands[i], &session->renewals[i]);
	code = write_out(session);
	for (size_t i = 0; i < session->count; i++)
		jw_renewal_done(&session->renewals[i]);
	free(session->renewals);
	jw_asks_free(session->world.asks);
	jw_outside_done(&session->outside);
	return code;
}

static enum jw_cause prepare(struct session *session, struct jw_err *err)
{
	const struct jw_args *args = session->args;
	const char *format = args->values[JW_FLAG_FORMAT];

	if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
		return jw_fail(err, JW_CONFIG, "-o takes text or json here");
	if (!args->operand_count)
		return jw_fail(err, JW_CONFIG, "which target? Name one at least");
	if (jw_args_settings(args, &session->arena, &session->settings, err) ||
	    jw_timing_read(args, &session->timing, err))
		return JW_CONFIG;
	if (session->settings.if_left_less_than.kind == JW_THRESHOLD_RANGE)
		return jw_fail(err, JW_CONFIG,
			       "--if-left-less-than: is how much must be left, 25%% or 2h, and "
			       "no range");
	session->deadline_ms = jw_adapter_clock.monotonic_ms(NULL) + session->timing.ms;
	return jw_moment_init(&session->moment, NULL, err);
}

int jw_cmd_renew(const struct jw_args *args)
{
	struct session session = {.args = args};
	struct jw_errors errors = {0};
	struct jw_err err;
	int code = JW_EXIT_UNKNOWN;

	if (prepare(&session, &err))
		code = jw_usage_error(args, "%s", err.text);
	else if (jw_app_config(args, session.deadline_ms, &errors, &session.config))
		jw_app_say_errors(&errors);
	else
		code = run(&session);
	jw_buf_done(&errors.text);
	jw_config_free(session.config);
	jw_arena_done(&session.arena);
	return code;
}
