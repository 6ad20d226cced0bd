/* SPDX-License-Identifier: MIT */
/* Changes of state for a program: JSON on its standard input, the most important in its environment. */
#include <string.h>

#include "output/sink_parts.h"

#define VARIABLES_MAX 64
#define OURS "JWTWATCH_"

struct config {
	const char *const *command;
	const struct jw_header *env;
};

static const struct jw_option options[] = {
	{JW_OPT(struct config, command), .type = JW_T_COMMAND, .required = true,
	 .value = "WORDS",
	 .help = "the program and its arguments, as a list; no shell takes part, and words "
		 "behind the first are never shown. Exit status 0: taken; 75: not now, to be "
		 "tried until it is; any other: tried three times more"},
	{JW_OPT(struct config, env), .type = JW_T_VARIABLES, .value = "VARIABLES",
	 .help = "more variables for its environment, as {NAME: SECRET}. It has "
		 "JWTWATCH_TARGET, _STATE, _CAUSE and _MESSAGE, and of ours PATH, HOME, USER, "
		 "LANG, LC_*, TZ and TMPDIR"},
	{0},
};

static enum jw_cause prepare(void *data, struct jw_arena *arena, struct jw_err *err)
{
	const struct config *config = data;
	size_t count = 0;

	(void)arena;
	for (; config->env && config->env[count].name; count++)
		if (jw_str_starts(jw_str_of(config->env[count].name), OURS))
			return jw_fail(err, JW_CONFIG,
				       "env: can't have a variable that begins with " OURS
				       ": these are filled in for each result");
	if (count > VARIABLES_MAX)
		return jw_fail(err, JW_CONFIG, "env: has more than %d variables",
			       VARIABLES_MAX);
	return JW_OK;
}

static const char *place(const void *config)
{
	return ((const struct config *)config)->command[0];
}

static const struct jw_header *env_of(const void *config)
{
	return ((const struct config *)config)->env;
}

static const char *variable(struct jw_arena *arena, const char *name, const char *value)
{
	return jw_arena_printf(arena, OURS "%s=%s", name, value ? value : "");
}

static enum jw_cause pack(const void *data, struct jw_str secret,
			  const struct jw_sink_result *result, struct jw_arena *arena,
			  struct jw_sink_parcel *ret_parcel, struct jw_err *err)
{
	const struct config *config = data;
	const char **env = jw_arena_array(arena, 5, sizeof(*env));
	struct jw_str body;
	enum jw_cause cause = jw_sink_news(result, arena, &body, err);

	(void)secret;
	if (cause)
		return cause;
	env[0] = variable(arena, "TARGET", result->target);
	env[1] = variable(arena, "STATE", jw_state_name(result->state));
	env[2] = variable(arena, "CAUSE", jw_sink_cause(result));
	env[3] = variable(arena, "MESSAGE", result->message);
	*ret_parcel = (struct jw_sink_parcel){
		.argv = config->command,
		.env = env,
		/* Shells read lines. */
		.body = jw_str_of(jw_arena_printf(arena, "%.*s\n", JW_STR_ARG(body))),
	};
	return JW_OK;
}

const struct jw_sink jw_sink_command = {
	.name = "command",
	.when = JW_SINK_CHANGE,
	.summary = "changes of state for a program, as JSON on its standard input",
	.options = options,
	.config_size = sizeof(struct config),
	.prepare = prepare,
	.place = place,
	.headers = env_of,
	.pack = pack,
};
