/* SPDX-License-Identifier: MIT */
/* sink test: one result UNKNOWN to a sink, and what came back in words. */
#include <string.h>

#include "adapter/adapter.h"
#include "app/app.h"
#include "core/deliver.h"
#include "core/errors.h"

#define TEXT_MAX ((size_t)64 * 1024)
#define MADE_UP "jwtwatch-test"
#define MESSAGE "a test (jwtwatch sink test): results get here; the next one takes its place"
#define SAYS "JWTWATCH UNKNOWN: " MESSAGE

struct trial {
	const struct jw_sink_entry *entry;
	struct jw_world world;
	struct jw_arena arena;
	struct jw_sink_result result;
	struct jw_receipt receipt;
	bool is_made_up;
};

static void done(void *context, struct jw_receipt *receipt)
{
	const struct jw_world *world = context;
	const struct jw_loop *loop = world->loop(world->loop_context, NULL);

	(void)receipt;
	loop->stop(loop->self);
}

static void deliver(struct trial *trial)
{
	const struct jw_clock *clock = trial->world.clock;
	struct jw_delivery *delivery;

	trial->result.machine = jw_app_machine(&trial->arena);
	trial->result.state = JW_STATE_UNKNOWN; /* nobody looked at the target */
	trial->result.text = JW_STR(SAYS);
	trial->result.message = MESSAGE;
	trial->result.is_first = true;
	trial->result.now = clock->wall(clock->self);
	jw_deliver_names(trial->entry, &trial->arena, &trial->result);
	delivery = jw_deliver_start(&trial->world, trial->entry, &trial->result, INT64_MAX,
				    &trial->receipt, done, &trial->world);
	if (delivery) {
		const struct jw_loop *loop = trial->world.loop(trial->world.loop_context, NULL);

		/* The transport keeps to the sink's timeout. */
		loop->run(loop->self, INT64_MAX);
	}
}

static int say(const struct trial *trial)
{
	static const struct {
		const char *word;
		int code;
	} outcomes[] = {
		[JW_DELIVERED_TAKEN] = {"taken", 0},
		[JW_DELIVERED_REFUSED] = {"refused", JW_EXIT_REFUSED},
		[JW_DELIVERED_UNKNOWN] = {"refused", JW_EXIT_REFUSED},
		[JW_DELIVERED_NOT] = {"not sent, or not taken", JW_EXIT_UNKNOWN},
		[JW_DELIVERED_STUCK] = {"not sent, or not answered", JW_EXIT_UNKNOWN},
	};
	const struct jw_receipt *receipt = &trial->receipt;
	jw_autobuf struct jw_buf out = JW_BUF(TEXT_MAX);

	jw_buf_printf(&out, "sink %s (%s): UNKNOWN for ", trial->entry->name,
		      trial->entry->sink->name);
	if (trial->result.service)
		jw_buf_printf(&out, "service \"%s\" of host \"%s\"", trial->result.service,
			      trial->result.host);
	else
		jw_buf_printf(&out, "target \"%s\"", trial->result.target);
	jw_buf_printf(&out, ": %s\n  ", outcomes[receipt->is].word);
	jw_text_line(&out, jw_str_of(receipt->says));
	jw_buf_char(&out, '\n');
	if (trial->is_made_up && receipt->is == JW_DELIVERED_UNKNOWN)
		jw_buf_printf(&out,
			      "  The service is made up. Name a target whose service is there: "
			      "jwtwatch sink test %s TARGET\n",
			      trial->entry->name);
	return jw_write_out(&out, outcomes[receipt->is].code);
}

static enum jw_cause find_target(const struct jw_config *config, struct jw_str name,
				 const struct jw_target **ret_target, struct jw_err *err)
{
	const struct jw_target *target = jw_config_find(config, name);
	jw_autofree const char **names = jw_xcalloc(config->target_count, sizeof(*names));
	char quote[JW_QUOTE_TEXT];
	const char *nearest;

	if (target) {
		*ret_target = target;
		return JW_OK;
	}
	for (size_t i = 0; i < config->target_count; i++)
		names[i] = config->targets[i].name;
	nearest = jw_str_nearest(name, names, config->target_count);
	return jw_fail(err, JW_CONFIG, "no target is called %s%s%s%s",
		       jw_errors_quote(name, quote), nearest ? ", did you mean " : "",
		       nearest ? nearest : "", nearest ? "?" : "");
}

static int test(const struct jw_args *args, const struct jw_config *config)
{
	struct trial trial = {.is_made_up = args->operand_count < 3};
	const struct jw_target *target = NULL;
	struct jw_outside outside = {0};
	struct jw_moment moment;
	struct jw_err err;
	int code;

	if (jw_config_sink(config, jw_str_of(args->operands[1]), &trial.entry, &err) ||
	    (!trial.is_made_up &&
	     find_target(config, jw_str_of(args->operands[2]), &target, &err)) ||
	    jw_moment_init(&moment, NULL, &err))
		return jw_usage_error(args, "%s", err.text);
	if (trial.entry->sink->when == JW_SINK_PAGE)
		return jw_usage_error(args,
				      "sink %s gets a page of all results, and a test has none "
				      "to put there: write jwtwatch check --sink %s",
				      trial.entry->name, trial.entry->name);
	trial.world = jw_app_world(&moment, &outside);
	trial.result.target = target ? target->name : MADE_UP;
	trial.result.runbook = target ? target->runbook : NULL;
	trial.result.labels = target ? target->labels : NULL;
	deliver(&trial);
	code = say(&trial);
	jw_receipt_done(&trial.receipt);
	jw_outside_done(&outside);
	jw_arena_done(&trial.arena);
	return code;
}

int jw_cmd_sink(const struct jw_args *args)
{
	struct jw_config *config;
	struct jw_errors errors;
	int code = JW_EXIT_UNKNOWN;

	if (args->operand_count < 2 || args->operand_count > 3 ||
	    strcmp(args->operands[0], "test") != 0)
		return jw_usage_error(
			args, "write: jwtwatch sink test NAME, where NAME is one of `sinks` in "
			      "the configuration");
	if (jw_app_config(args, INT64_MAX, &errors, &config)) {
		jw_app_say_errors(&errors);
	} else {
		code = test(args, config);
		jw_config_free(config);
	}
	jw_buf_done(&errors.text);
	return code;
}

static void options_of(struct jw_buf *buf, const struct jw_option *options)
{
	for (const struct jw_option *o = options; o->name; o++) {
		jw_autobuf struct jw_buf name = JW_BUF(256);
		jw_autobuf struct jw_buf help = JW_BUF(4096);

		jw_buf_printf(&name, "    %s: %s", o->name, o->value);
		jw_buf_text(&help, o->help);
		if (o->required)
			jw_buf_text(&help, " (required)");
		if (o->fallback)
			jw_buf_printf(&help, " (%s)", o->fallback);
		jw_help_entry(buf, name.ptr, 32, help.ptr);
	}
}

void jw_help_sinks(struct jw_buf *buf)
{
	jw_buf_text(buf, "\nSinks, in the map `sinks` of a configuration:\n");
	for (const struct jw_sink *const *sink = jw_sinks; *sink; sink++) {
		jw_autobuf struct jw_buf name = JW_BUF(256);

		jw_buf_printf(&name, "  type: %s", (*sink)->name);
		jw_help_entry(buf, name.ptr, 32, (*sink)->summary);
		options_of(buf, (*sink)->options);
	}
	jw_buf_text(buf, "  All of them have:\n");
	options_of(buf, jw_sink_options);
}
