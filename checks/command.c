/* SPDX-License-Identifier: MIT */
/* The token that a program prints: of `lk token create`, a script, an answer in JSON. */
#include <string.h>

#include "checks/text.h"
#include "token/answer.h"
#include "token/complaint.h"
#include "token/find.h"

#define SECRET_MAX ((size_t)1 << 20)
#define VARIABLES_MAX 64
#define COMPLAINT_MAX 2048

struct config {
	const char *const *command;
	const struct jw_header *env;
	const char *folder;
	const char *const *exit_status;
	const char *token;
	const char *pattern;
	int select;
	int64_t max_size;
};

struct state {
	struct jw_text text; /* its place: the program's name */
	struct jw_buf env;   /* "NAME=value" with a NUL behind each */
};

static const struct jw_option options[] = {
	{JW_OPT(struct config, command), .type = JW_T_COMMAND, .required = true,
	 .value = "WORD",
	 .help = "the program and its arguments, once for each word: --command lk --command "
		 "token ...; no shell takes part, and words behind the first are never shown"},
	{JW_OPT(struct config, env), .type = JW_T_VARIABLES, .value = "NAME=VALUE",
	 .help = "a variable for its environment, once for each; a secret one as "
		 "NAME=env:VARIABLE or NAME=file:PATH. Of ours it has PATH, HOME, USER, LANG, "
		 "LC_*, TZ and TMPDIR"},
	{JW_OPT(struct config, folder), .type = JW_T_PATH, .value = "PATH",
	 .help = "the folder that it runs in; left out: the current one"},
	{JW_OPT(struct config, exit_status), .type = JW_T_TEXTS, .value = "NUMBER",
	 .help = "an exit status that comes with a token, once for each; left out: 0"},
	{JW_OPT(struct config, token), .type = JW_T_TEXT, .value = "POINTER",
	 .help = "where the token stands in JSON, such as /data/token (RFC 6901); left out: "
		 "the places that are common, else any JWT in the output"},
	{JW_OPT(struct config, pattern), .type = JW_T_PATTERN, .value = "REGEX",
	 .help = "PCRE2, for any text: the group named token, else group 1, else the whole "
		 "match is the token"},
	{JW_OPT(struct config, select), .type = JW_T_CHOICE, .choices = jw_text_selects,
	 .fallback = "all", .value = "WHICH",
	 .help = "of several tokens: all (the worst decides), first or last"},
	{JW_OPT(struct config, max_size), .type = JW_T_BYTES, .fallback = "1MiB", .min = 1,
	 .max = INT64_C(64) << 20, .value = "SIZE",
	 .help = "the largest output; more ends the program"},
	{0},
};

static enum jw_cause prepare(void *memory, struct jw_arena *arena, struct jw_err *err)
{
	const struct config *config = memory;
	size_t count = 0;

	(void)arena;
	while (config->env && config->env[count].name)
		count++;
	if (count > VARIABLES_MAX)
		return jw_fail(err, JW_CONFIG, "env: has more than %d variables",
			       VARIABLES_MAX);
	if (!jw_text_are_numbers(config->exit_status, 0, 255))
		return jw_fail(
			err, JW_CONFIG,
			"exit_status: is a number from 0 to 255, or a list of such numbers");
	if (config->token && config->pattern)
		return jw_fail(err, JW_CONFIG,
			       "token and pattern each say where the token is: write one of "
			       "them");
	return jw_text_check(config->token, err);
}

/* False where the value can't be had. */
static bool add_variable(struct jw_run *run, const struct jw_header *variable)
{
	struct state *state = jw_run_state(run);
	const char *place = jw_arena_printf(jw_run_arena(run), "variable %s", variable->name);
	jw_autobuf struct jw_buf value = JW_BUF(SECRET_MAX);

	if (!jw_run_secret(run, variable->value, place, &value))
		return false;
	if (memchr(value.ptr, '\0', value.len)) {
		jw_run_note_failure(run, place, JW_SECRET_MISSING,
				    "its value holds a NUL, and no variable can");
		return false;
	}
	jw_buf_printf(&state->env, "%s=", variable->name);
	jw_buf_str(&state->env, jw_buf_get(&value));
	return jw_buf_add(&state->env, "", 1);
}

/* The program's name, as it may be shown. */
static const char *place_of(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	jw_autofree char *name = jw_xstrdup(config->command[0]);

	jw_find_scrub(name);
	return jw_arena_text(jw_run_arena(run), jw_str_of(name));
}

static enum jw_next start(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	const char *env[VARIABLES_MAX + 1] = {NULL};
	bool is_whole = true;
	struct jw_str rest;

	state->text.place = place_of(run);
	state->text.what = "the output";
	jw_buf_init(&state->env, 4 * SECRET_MAX);
	for (const struct jw_header *v = config->env; v && v->name; v++)
		is_whole = add_variable(run, v) && is_whole;
	if (!is_whole)
		return JW_DONE;
	rest = jw_buf_get(&state->env);
	for (size_t i = 0; rest.len; i++) {
		env[i] = rest.ptr;
		rest = jw_str_from(rest, strlen(rest.ptr) + 1);
	}
	return jw_run_program(run, &(struct jw_exec_request){
					   .argv = config->command,
					   .env = env,
					   .folder = config->folder,
					   .max_output = (size_t)config->max_size,
				   });
}

/* Ends in what it said on standard error, without what may be secret: values of variables and
 * words of the command. */
static const char *complained(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	const struct state *state = jw_run_state(run);
	jw_autobuf struct jw_buf said = JW_BUF(COMPLAINT_MAX);
	struct jw_str rest = jw_buf_get(&state->env);
	const char *values[VARIABLES_MAX + 1] = {NULL};

	for (size_t i = 0; rest.len; i++) {
		values[i] = strchr(rest.ptr, '=') + 1;
		rest = jw_str_from(rest, strlen(rest.ptr) + 1);
	}
	jw_complaint(jw_run_outcome(run)->complaint, values, config->command + 1, &said);
	if (!said.len)
		return ", and nothing on standard error";
	return jw_arena_printf(jw_run_arena(run), ": %s", said.ptr);
}

static enum jw_next look_at_outcome(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	const struct state *state = jw_run_state(run);
	const struct jw_exec_result *outcome = jw_run_outcome(run);
	const char *const *wanted = config->exit_status;

	if (outcome->cause)
		return jw_run_fail(run, state->text.place, outcome->cause, "%s", outcome->says);
	if (outcome->signal)
		return jw_run_fail(run, state->text.place, JW_COMMAND_FAILED,
				   "was ended by signal %s%s", outcome->signal,
				   complained(run));
	if (wanted ? jw_text_has_number(wanted, (uint64_t)outcome->exit_status)
		   : !outcome->exit_status)
		return JW_NEXT;
	return jw_run_fail(run, state->text.place, JW_COMMAND_FAILED, "exit status %d%s",
			   outcome->exit_status, complained(run));
}

/* Something that says where the token should be, and isn't one, isn't passed over for a token
 * elsewhere. */
static bool may_be_elsewhere(enum jw_cause cause)
{
	return cause != JW_PLACEHOLDER && cause != JW_TOKEN_MALFORMED;
}

static enum jw_next find(struct jw_run *run, struct jw_str output)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	struct jw_answer_token found;
	struct jw_err err;
	enum jw_cause cause;

	if (!jw_str_trim(output).len)
		return jw_run_fail(run, state->text.place, JW_TOKEN_NOT_FOUND,
				   "its output is empty%s", complained(run));
	cause = jw_answer_find(output, (struct jw_str){0}, config->token, jw_run_arena(run),
			       &found, &err);
	if (!cause) {
		jw_text_add(run, &state->text, found.token, 0);
		return JW_NEXT;
	}
	if (!config->token && may_be_elsewhere(cause) &&
	    jw_text_scan(run, &state->text, output))
		return JW_NEXT;
	return jw_run_fail(run, state->text.place, cause, "%s", err.text);
}

static enum jw_next extract(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	enum jw_next next = look_at_outcome(run);
	struct jw_str output;

	if (next != JW_NEXT)
		return next;
	output = jw_text_decoded(&state->text, jw_run_outcome(run)->output);
	next = config->pattern ? jw_text_match(run, &state->text, config->pattern, output)
			       : find(run, output);
	if (next == JW_NEXT)
		jw_check_select(run, state->text.met, state->text.met_count,
				config->pattern ? JW_ONLY_ANY : JW_ONLY_LIVEKIT,
				(enum jw_select)config->select);
	return next;
}

static void cleanup(struct jw_run *run)
{
	struct state *state = jw_run_state(run);

	jw_text_done(&state->text);
	jw_buf_done(&state->env);
}

static enum jw_next (*const steps[])(struct jw_run *run) = {
	start, extract, jw_step_verify, jw_step_accept, jw_step_accepted, NULL,
};

const struct jw_check jw_check_command = {
	.name = "command",
	.summary = "the token that a program prints, such as lk token create",
	.options = options,
	.config_size = sizeof(struct config),
	.state_size = sizeof(struct state),
	.prepare = prepare,
	.steps = steps,
	.cleanup = cleanup,
};

static enum jw_next ended(struct jw_run *run)
{
	look_at_outcome(run);
	return JW_DONE;
}

static enum jw_next (*const program_steps[])(struct jw_run *run) = {start, ended, NULL};

const struct jw_check jw_check_program = {
	.name = "program",
	.summary = "a program that is run for what it does",
	.options = options,
	.config_size = sizeof(struct config),
	.state_size = sizeof(struct state),
	.steps = program_steps,
	.cleanup = cleanup,
};
