/* SPDX-License-Identifier: MIT */
/* check: the configured targets once; and the ad-hoc checks: one target from the command line. */
#include <string.h>

#include "adapter/adapter.h"
#include "app/session.h"
#include "contract/check.h"

static enum jw_cause set_flag(struct jw_session *session, struct jw_target *target,
			      enum jw_flag flag, const char *name, struct jw_err *err)
{
	const char *value = session->args->values[flag];
	const struct jw_option *option = jw_config_option(target->check, jw_str_of(name));

	if (!value || !option)
		return JW_OK;
	return jw_config_set(session->config, target, option, jw_str_of(value), err);
}

/* -w and -c instead of what the target says. */
static enum jw_cause set_thresholds(struct jw_session *session, struct jw_target *target,
				    struct jw_err *err)
{
	enum jw_cause cause = set_flag(session, target, JW_FLAG_WARNING, "warning", err);

	if (!cause)
		cause = set_flag(session, target, JW_FLAG_CRITICAL, "critical", err);
	return cause;
}

static bool has_thresholds(const struct jw_session *session)
{
	return session->args->values[JW_FLAG_WARNING] ||
	       session->args->values[JW_FLAG_CRITICAL];
}

/* The next result: a verdict, at once or when the network has answered, or why there is none. */
static void take_turn(struct jw_session *session, struct jw_turn *turn)
{
	size_t index = session->report.count++;
	struct jw_err err;

	if (!turn->says && has_thresholds(session) &&
	    (set_thresholds(session, turn->target, &err) ||
	     jw_config_finish(session->config, turn->target, &err)))
		*turn = (struct jw_turn){turn->target,
					 jw_arena_text(&session->arena, jw_str_of(err.text)),
					 JW_CONFIG, false};
	if (!turn->says) {
		session->batch.want =
			session->format->want | (turn->is_compared ? JW_WANT_FINGERPRINTS : 0);
		jw_batch_start(&session->batch, turn->target, index);
		return;
	}
	jw_runner_refuse(turn->target, turn->cause, turn->says,
			 &session->report.results[index]);
	session->batch.done_count++;
}

static void run_turns(struct jw_session *session)
{
	struct jw_batch *batch = &session->batch;

	*batch = (struct jw_batch){
		.world = &session->world,
		.config = session->config,
		.deadline_ms =
			session->deadline_ms - JW_SESSION_RESERVE_MS -
			jw_sinks_time(session->args, session->deadline_ms - session->start_ms),
		.progress = jw_session_is_for_a_person(session) && !session->style.is_quiet
				    ? jw_progress_new(session->turn_count)
				    : NULL,
	};
	jw_batch_init(batch, session->turn_count);
	session->report.results = batch->results;
	for (size_t i = 0; i < session->turn_count; i++) {
		jw_session_last_words(session);
		take_turn(session, &session->turns[i]);
	}
	jw_batch_finish(batch);
	if (session->between)
		session->between(session);
	jw_copies_judge(session);
	jw_progress_free(batch->progress);
}

static void send_results(struct jw_session *session)
{
	if (!session->config)
		jw_sinks_unsent(session->args, &session->report);
	if (!session->args->sink_count || !session->config)
		return;
	jw_sinks_expect(session->args, &session->report);
	jw_session_last_words(session);
	jw_sinks_send(&session->world, session->config, session->args,
		      session->deadline_ms - JW_SESSION_RESERVE_MS, &session->report);
}

int jw_session_finish(struct jw_session *session)
{
	struct jw_report *report = &session->report;
	jw_autobuf struct jw_buf out = JW_BUF(JW_SESSION_OUTPUT_MAX);
	int code;

	run_turns(session);
	send_results(session);
	jw_app_textfile_write(session->args, report);
	if (session->format->is_wordless)
		jw_sinks_say(report);
	report->span_ms = jw_adapter_clock.monotonic_ms(NULL) - session->start_ms;
	report->state = jw_session_state(report);
	session->format->write(report, &session->style, &out);
	code = jw_write_out(&out, jw_session_code(session, report));
	jw_session_leave(session);
	jw_adapter_end(code);
	jw_session_done(session);
	return code;
}

/* No time is left to look for what is included. */
static bool is_late(const struct jw_session *session)
{
	return jw_adapter_clock.monotonic_ms(NULL) >=
	       session->deadline_ms - JW_SESSION_RESERVE_MS;
}

/* The configuration can't be used: all errors for a person, the first one in a verdict. */
int jw_session_refuse_config(struct jw_session *session, const struct jw_errors *errors)
{
	struct jw_str first = jw_buf_get(&errors->text);
	struct jw_str rest;
	const char *says;

	jw_str_cut(first, '\n', &first, &rest);
	says = jw_arena_text(&session->arena, first);
	if (errors->count > 1)
		says = jw_arena_printf(&session->arena, "%s (and %zu more: jwtwatch config)",
				       says, errors->count - 1);
	if (session->format->is_wordless ||
	    (errors->count > 1 && jw_session_is_for_a_person(session)))
		jw_app_say_errors(errors);
	jw_session_refuse(session, "configuration", is_late(session) ? JW_DEADLINE : JW_CONFIG,
			  says);
	return jw_session_finish(session);
}

static void add_unknown(struct jw_session *session, const char *name)
{
	const struct jw_config *config = session->config;
	jw_autofree const char **names = jw_xcalloc(config->target_count, sizeof(*names));
	const char *nearest;

	for (size_t i = 0; i < config->target_count; i++)
		names[i] = config->targets[i].name;
	nearest = jw_str_nearest(jw_str_of(name), names, config->target_count);
	jw_session_refuse(session, name, JW_CONFIG,
			  nearest ? jw_arena_printf(&session->arena,
						    "no target has this name, did you mean %s?",
						    nearest)
				  : "no target of the configuration has this name");
}

static bool was_named(const struct jw_session *session, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(session->args->operands[i], name))
			return true;
	return false;
}

/* An empty name is what a scheduler passes for an argument that isn't there. */
static size_t names_given(const struct jw_args *args)
{
	size_t count = 0;

	for (size_t i = 0; i < args->operand_count; i++)
		count += *args->operands[i] != '\0';
	return count;
}

static void run_named(struct jw_session *session)
{
	const struct jw_args *args = session->args;

	for (size_t i = 0; i < args->operand_count; i++) {
		char *name = args->operands[i];
		struct jw_target *target = jw_config_find(session->config, jw_str_of(name));

		if (!*name || was_named(session, i, name))
			continue;
		if (!target)
			add_unknown(session, name);
		else if (!target->enabled)
			jw_session_refuse(session, target->name, JW_CONFIG,
					  "the target isn't enabled (enabled: false)");
		else
			jw_session_run(session, target);
	}
}

static void run_all(struct jw_session *session)
{
	const struct jw_config *config = session->config;

	for (size_t i = 0; i < config->target_count; i++)
		if (config->targets[i].enabled)
			jw_session_run(session, &config->targets[i]);
	if (!session->turn_count)
		jw_session_refuse(
			session, "configuration", JW_CONFIG,
			config->target_count
				? "every target has enabled: false, so nothing was judged"
				: "there are no targets, so nothing was judged");
}

static int run_check(struct jw_session *session)
{
	const struct jw_args *args = session->args;

	if (jw_session_is_for_a_person(session))
		jw_app_warn_plain_secrets(session->config);
	if (names_given(args))
		run_named(session);
	else
		run_all(session);
	jw_copies_plan(session);
	return jw_session_finish(session);
}

int jw_cmd_check(const struct jw_args *args)
{
	struct jw_session session;
	struct jw_errors errors;
	struct jw_err err;
	int code;

	if (jw_session_init(&session, args, &err))
		return jw_usage_error(args, "%s", err.text);
	jw_session_guard(&session);
	if (jw_app_config(args, session.deadline_ms - JW_SESSION_RESERVE_MS, &errors,
			  &session.config))
		code = jw_session_refuse_config(&session, &errors);
	else
		code = run_check(&session);
	jw_buf_done(&errors.text);
	return code;
}

/* The same checks, written as what becomes of them. */
int jw_cmd_forecast(const struct jw_args *args)
{
	return jw_cmd_check(args);
}

/* --key-file: a key for this run alone. */
static void add_key(struct jw_config *config, struct jw_target *target, const char *path)
{
	struct jw_secret *secret = jw_arena_alloc(&config->arena, sizeof(*secret));
	const char **names = jw_arena_array(&config->arena, 2, sizeof(*names));

	*secret = (struct jw_secret){.kind = JW_SECRET_FILE, .value = path};
	config->keys = jw_arena_alloc(&config->arena, sizeof(*config->keys));
	config->keys[0] = (struct jw_key_entry){.name = "--key-file", .secret = secret};
	config->key_count = 1;
	names[0] = "--key-file";
	*jw_config_keys(target) = names;
}

static enum jw_cause describe(struct jw_session *session, struct jw_target *target,
			      struct jw_err *err)
{
	const struct jw_args *args = session->args;
	enum jw_cause cause = JW_OK;

	if (target->check->kind == JW_CHECK_SERVER && has_thresholds(session))
		return jw_fail(err, JW_CONFIG,
			       "-w and -c are for tokens, and the check %s looks at none",
			       target->check->name);
	cause = set_thresholds(session, target, err);
	for (size_t i = 0; i < args->setting_count && !cause; i++)
		cause = jw_config_set_from(session->config, target, args->settings[i].option,
					   jw_str_of(args->settings[i].value),
					   args->settings[i].origin, err);
	if (!cause && args->values[JW_FLAG_KEY_FILE])
		add_key(session->config, target, args->values[JW_FLAG_KEY_FILE]);
	return cause ? cause : jw_config_finish(session->config, target, err);
}

int jw_cmd_adhoc(const struct jw_args *args)
{
	struct jw_session session;
	struct jw_target *target;
	struct jw_err err;

	if (jw_session_init(&session, args, &err))
		return jw_usage_error(args, "%s", err.text);
	jw_session_guard(&session);
	session.config = jw_config_new();
	target = jw_config_add(session.config, args->check, args->check->name);
	if (describe(&session, target, &err)) {
		jw_session_done(&session);
		return jw_usage_error(args, "%s", err.text);
	}
	jw_session_run(&session, target);
	return jw_session_finish(&session);
}
