/* SPDX-License-Identifier: MIT */
/* check: the configured targets once; and the ad-hoc checks: one target from the command line. */
#include <string.h>

#include "adapter/adapter.h"
#include "app/app.h"
#include "base/log.h"
#include "contract/check.h"
#include "core/asks.h"
#include "output/forecast.h"

#define OUTPUT_MAX ((size_t)1 << 30)
#define HELD "a file system didn't answer within the time of the whole run (-t)"
/* What is kept of the whole run's time for writing the results. */
#define RESERVE_MS 100
/* So much may be spent on last words whatever else is done, and this part of the time besides. */
#define WORDS_FREE_MS 10
#define WORDS_PART 50

/* A target to run, or one that can't be, with the reason. */
struct turn {
	struct jw_target *target;
	const char *says;
};

/* One invocation. */
struct session {
	const struct jw_args *args;
	const struct jw_format *format;
	struct jw_style style;
	struct jw_moment moment;
	struct jw_outside outside;
	struct jw_world world;
	struct jw_batch batch;
	struct jw_timing timing;
	int64_t deadline_ms;
	struct jw_report report;
	struct jw_arena arena; /* targets made up for what has no verdict */
	struct jw_config *config;
	const char *warned; /* the last warning */
	struct turn *turns;
	size_t turn_count;
	/* What is known so far, should a dead file system hold us: one is in force while the other is made. */
	struct jw_buf so_far[2];
	struct jw_last_words words[2];
	size_t words_count;
	int64_t words_ms; /* that making them took */
	int64_t start_ms;
};

static enum jw_cause read_timing(struct session *session, struct jw_err *err)
{
	enum jw_cause cause = jw_timing_read(session->args, &session->timing, err);

	session->start_ms = jw_adapter_clock.monotonic_ms(NULL);
	session->deadline_ms = session->start_ms + session->timing.ms;
	return cause;
}

static bool is_for_a_person(const struct session *session)
{
	return !strcmp(session->format->name, "text");
}

/* Each warning once; a plugin writes nothing to standard error. */
static void warn(void *context, const char *text)
{
	struct session *session = context;

	if (session->warned == text || !is_for_a_person(session))
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

static enum jw_cause session_init(struct session *session, const struct jw_args *args,
				  struct jw_err *err)
{
	enum jw_cause cause;

	*session = (struct session){.args = args};
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
	session->world.asks = jw_asks_new();
	session->world.warn = warn;
	session->world.warn_context = session;
	session->report.now = session->moment.clock.wall(session->moment.clock.self);
	session->report.simulated = session->moment.simulated;
	session->report.state = JW_STATE_UNKNOWN;
	jw_buf_init(&session->so_far[0], OUTPUT_MAX);
	jw_buf_init(&session->so_far[1], OUTPUT_MAX);
	return JW_OK;
}

/* Nothing is asked, and nobody waited for, any more. */
static void leave_outside(struct session *session)
{
	jw_adapter_watchdog(0);
	jw_asks_free(session->world.asks);
	session->world.asks = NULL;
	jw_outside_done(&session->outside);
}

static void session_done(struct session *session)
{
	leave_outside(session);
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

static enum jw_cause set_flag(struct session *session, struct jw_target *target,
			      enum jw_flag flag, const char *name, struct jw_err *err)
{
	const char *value = session->args->values[flag];
	const struct jw_option *option = jw_config_option(target->check, jw_str_of(name));

	if (!value || !option)
		return JW_OK;
	return jw_config_set(session->config, target, option, jw_str_of(value), err);
}

/* -w and -c instead of what the target says. */
static enum jw_cause set_thresholds(struct session *session, struct jw_target *target,
				    struct jw_err *err)
{
	enum jw_cause cause = set_flag(session, target, JW_FLAG_WARNING, "warning", err);

	if (!cause)
		cause = set_flag(session, target, JW_FLAG_CRITICAL, "critical", err);
	return cause;
}

static bool has_thresholds(const struct session *session)
{
	return session->args->values[JW_FLAG_WARNING] ||
	       session->args->values[JW_FLAG_CRITICAL];
}

/* The next result: a verdict, at once or when the network has answered, or why there is none. */
static void take_turn(struct session *session, struct turn *turn)
{
	size_t index = session->report.count++;
	struct jw_err err;

	if (!turn->says && has_thresholds(session) &&
	    (set_thresholds(session, turn->target, &err) ||
	     jw_config_finish(session->config, turn->target, &err)))
		turn->says = jw_arena_text(&session->arena, jw_str_of(err.text));
	if (!turn->says) {
		jw_batch_start(&session->batch, turn->target, index);
		return;
	}
	jw_runner_refuse(turn->target, JW_CONFIG, turn->says, &session->report.results[index]);
	session->batch.done_count++;
}

static struct turn *next_turn(struct session *session)
{
	session->turns = jw_xrealloc(session->turns,
				     (session->turn_count + 1) * sizeof(*session->turns));
	session->turns[session->turn_count] = (struct turn){0};
	return &session->turns[session->turn_count++];
}

static void plan_run(struct session *session, struct jw_target *target)
{
	uint8_t severity = session->timing.severity;

	next_turn(session)->target = target;
	target->expect.is_simulated = session->moment.simulated;
	if (severity) {
		target->expect.severity[JW_TIMEOUT] = severity;
		target->expect.severity[JW_DEADLINE] = severity;
	}
}

static void plan_refusal(struct session *session, const char *name, const char *says)
{
	struct turn *turn = next_turn(session);

	turn->target = jw_arena_alloc(&session->arena, sizeof(*turn->target));
	turn->target->name = name;
	turn->says = says;
}

static enum jw_state worst_state(const struct jw_report *report)
{
	enum jw_state state = report->count ? JW_STATE_OK : JW_STATE_UNKNOWN;

	for (size_t i = 0; i < report->count; i++)
		state = jw_state_worse(state, report->results[i].verdict.state);
	return jw_sinks_raise(report, state);
}

/* One verdict of `deadline` does for all targets that don't differ in what it is called. */
static bool is_like(const struct jw_result *held, const struct jw_target *target)
{
	const struct jw_expect *expect = &held->target->expect;

	return !memcmp(expect->severity, target->expect.severity, sizeof(expect->severity));
}

static int code_of(const struct session *session, const struct jw_report *report)
{
	if (session->args->command->run == jw_cmd_forecast)
		return jw_forecast_exit_code(report);
	return jw_report_exit_code(report, session->style.fail_on);
}

/* What is known so far, and `deadline` for the rest. */
static void write_so_far(struct session *session, struct jw_buf *buf, int *ret_code)
{
	struct jw_report report = session->report;
	const struct jw_result *held = NULL;
	jw_autofree bool *is_made = jw_xcalloc(session->turn_count, sizeof(*is_made));

	report.results = jw_xcalloc(session->turn_count, sizeof(*report.results));
	report.count = session->turn_count;
	for (size_t i = 0; i < report.count; i++) {
		const struct turn *turn = &session->turns[i];
		struct jw_result *result = &report.results[i];

		/* A run that waits has no verdict yet. */
		if (i < session->report.count && !session->batch.waiting[i]) {
			*result = session->report.results[i];
		} else if (!turn->says && held && is_like(held, turn->target)) {
			*result = *held;
			result->target = turn->target;
		} else {
			is_made[i] = true;
			jw_runner_refuse(turn->target, turn->says ? JW_CONFIG : JW_DEADLINE,
					 turn->says ? turn->says : HELD, result);
			held = turn->says ? held : result;
		}
	}
	report.state = worst_state(&report);
	session->format->write(&report, &session->style, buf);
	*ret_code = code_of(session, &report);
	for (size_t i = 0; i < report.count; i++)
		if (is_made[i])
			jw_result_done(&report.results[i]);
	free(report.results);
}

/* Made before each target, as long as little time goes into it. */
static void prepare_last_words(struct session *session)
{
	size_t at = session->words_count % 2;
	struct jw_buf *buf = &session->so_far[at];
	int64_t begun_ms = jw_adapter_clock.monotonic_ms(NULL);
	int code;

	if (session->words_ms > WORDS_FREE_MS + (begun_ms - session->start_ms) / WORDS_PART)
		return;
	jw_buf_clear(buf);
	write_so_far(session, buf, &code);
	session->words[at] = (struct jw_last_words){buf->ptr, buf->len, code};
	session->words_count++;
	jw_adapter_last_words(&session->words[at]);
	session->words_ms += jw_adapter_clock.monotonic_ms(NULL) - begun_ms;
}

static void run_turns(struct session *session)
{
	struct jw_batch *batch = &session->batch;

	*batch = (struct jw_batch){
		.world = &session->world,
		.config = session->config,
		.deadline_ms =
			session->deadline_ms - RESERVE_MS -
			jw_sinks_time(session->args, session->deadline_ms - session->start_ms),
		.want = session->format->want,
		.progress = is_for_a_person(session) && !session->style.is_quiet
				    ? jw_progress_new(session->turn_count)
				    : NULL,
	};
	jw_batch_init(batch, session->turn_count);
	session->report.results = batch->results;
	for (size_t i = 0; i < session->turn_count; i++) {
		prepare_last_words(session);
		if (session->words_count == 1)
			jw_adapter_watchdog(session->deadline_ms -
					    jw_adapter_clock.monotonic_ms(NULL) + 1000);
		take_turn(session, &session->turns[i]);
	}
	jw_batch_finish(batch);
	jw_progress_free(batch->progress);
}

static void send_results(struct session *session)
{
	if (!session->args->sink_count || !session->config)
		return;
	jw_sinks_expect(session->args, &session->report);
	prepare_last_words(session);
	jw_sinks_send(&session->world, session->config, session->args,
		      session->deadline_ms - RESERVE_MS, &session->report);
}

static int finish(struct session *session)
{
	struct jw_report *report = &session->report;
	jw_autobuf struct jw_buf out = JW_BUF(OUTPUT_MAX);
	int code;

	run_turns(session);
	send_results(session);
	jw_app_textfile_write(session->args, report);
	if (session->format->is_wordless)
		jw_sinks_say(report);
	report->state = worst_state(report);
	session->format->write(report, &session->style, &out);
	code = jw_write_out(&out, code_of(session, report));
	leave_outside(session);
	jw_adapter_end(code);
	session_done(session);
	return code;
}

/* The configuration can't be used: all errors for a person, the first one in a verdict. */
static int refuse_config(struct session *session, const struct jw_errors *errors)
{
	struct jw_str first = jw_buf_get(&errors->text);
	struct jw_str rest;
	const char *says;

	jw_str_cut(first, '\n', &first, &rest);
	says = jw_arena_text(&session->arena, first);
	if (errors->count > 1)
		says = jw_arena_printf(&session->arena, "%s (and %zu more: jwtwatch config)",
				       says, errors->count - 1);
	if (session->format->is_wordless || (errors->count > 1 && is_for_a_person(session)))
		jw_app_say_errors(errors);
	plan_refusal(session, "configuration", says);
	return finish(session);
}

static void add_unknown(struct session *session, const char *name)
{
	const struct jw_config *config = session->config;
	jw_autofree const char **names = jw_xcalloc(config->target_count, sizeof(*names));
	const char *nearest;

	for (size_t i = 0; i < config->target_count; i++)
		names[i] = config->targets[i].name;
	nearest = jw_str_nearest(jw_str_of(name), names, config->target_count);
	plan_refusal(session, name,
		     nearest ? jw_arena_printf(&session->arena,
					       "no target has this name, did you mean %s?",
					       nearest)
			     : "no target of the configuration has this name");
}

static bool was_named(const struct session *session, size_t count, const char *name)
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

static void run_named(struct session *session)
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
			plan_refusal(session, target->name,
				     "the target isn't enabled (enabled: false)");
		else
			plan_run(session, target);
	}
}

static void run_all(struct session *session)
{
	const struct jw_config *config = session->config;

	for (size_t i = 0; i < config->target_count; i++)
		if (config->targets[i].enabled)
			plan_run(session, &config->targets[i]);
	if (!session->turn_count)
		plan_refusal(session, "configuration",
			     config->target_count
				     ? "every target has enabled: false, so nothing was judged"
				     : "there are no targets, so nothing was judged");
}

static int run_check(struct session *session)
{
	const struct jw_args *args = session->args;

	if (is_for_a_person(session))
		jw_app_warn_plain_secrets(session->config);
	if (names_given(args))
		run_named(session);
	else
		run_all(session);
	return finish(session);
}

int jw_cmd_check(const struct jw_args *args)
{
	struct session session;
	struct jw_errors errors;
	struct jw_err err;
	int code;

	if (session_init(&session, args, &err))
		return jw_usage_error(args, "%s", err.text);
	if (jw_app_config(args, &errors, &session.config))
		code = refuse_config(&session, &errors);
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
	target->key = names;
}

static enum jw_cause describe(struct session *session, struct jw_target *target,
			      struct jw_err *err)
{
	const struct jw_args *args = session->args;
	enum jw_cause cause = JW_OK;

	if (target->check->kind == JW_CHECK_SERVER &&
	    (has_thresholds(session) || args->values[JW_FLAG_KEY_FILE]))
		return jw_fail(
			err, JW_CONFIG,
			"-w, -c and --key-file are for tokens, and the check %s looks at "
			"none",
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
	struct session session;
	struct jw_target *target;
	struct jw_err err;

	if (session_init(&session, args, &err))
		return jw_usage_error(args, "%s", err.text);
	session.config = jw_config_new();
	target = jw_config_add(session.config, args->check, args->check->name);
	if (describe(&session, target, &err)) {
		session_done(&session);
		return jw_usage_error(args, "%s", err.text);
	}
	plan_run(&session, target);
	return finish(&session);
}
