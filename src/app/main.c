/* SPDX-License-Identifier: MIT */
/* The program: finds the command and runs it. */
#include <string.h>

#include "adapter/adapter.h"
#include "app/app.h"
#include "base/log.h"
#include "contract/check.h"
#include "token/find.h"
#include "token/json.h"

#define F(flag) (1U << JW_FLAG_##flag)
/* What only plugins take. */
#define PLUGIN (F(EXTRA_OPTS) | F(SSL) | F(HOST) | F(PORT) | F(PLACE))

static int run_command(const struct jw_command *command, const struct jw_check *check, int argc,
		       char **argv)
{
	/* For a scheduler a help text isn't the OK of a service. */
	const int told = jw_command_is_plugin(command) ? JW_EXIT_UNKNOWN : 0;
	struct jw_args args;
	struct jw_err err;
	int code;

	if (jw_args_parse(command, check, argc, argv, &args, &err)) {
		code = jw_usage_error(&args, "%s", err.text);
	} else if (args.values[JW_FLAG_HELP]) {
		jw_autobuf struct jw_buf text = JW_BUF(65536);

		jw_help_command(command, check, &text);
		code = jw_write_out(&text, told);
	} else if (args.values[JW_FLAG_VERSION]) {
		jw_cmd_version(&args);
		code = told;
	} else if (jw_plugin_url(&args, &err)) {
		code = jw_usage_error(&args, "%s", err.text);
	} else {
		code = command->run(&args);
	}
	jw_args_done(&args);
	return code;
}

static int unknown_command(const char *word)
{
	const char *names[64];
	size_t count = 0;
	const char *nearest;

	for (const struct jw_command *command = jw_commands; command->name; command++)
		names[count++] = command->name;
	for (size_t i = 0; jw_checks[i]; i++)
		names[count++] = jw_checks[i]->name;
	nearest = jw_str_nearest(jw_str_of(word), names, count);
	if (nearest)
		return jw_usage_error(NULL, "there is no command '%s', did you mean '%s'?",
				      word, nearest);
	return jw_usage_error(NULL, "there is no command '%s'", word);
}

/* What people try first. */
static const char *command_name(const char *word)
{
	if (!strcmp(word, "--version") || !strcmp(word, "-V"))
		return "version";
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		return "help";
	return word;
}

static int run_plugin(const struct jw_plugin *plugin, int argc, char **argv)
{
	const struct jw_check *check = jw_check_by_name(jw_str_of(plugin->does));
	struct jw_command command =
		check ? jw_adhoc_command : *jw_command_by_name(jw_str_of(plugin->does));

	/* Icinga takes what is on standard error for the output's first line. */
	jw_log_level_set(JW_LOG_NONE);
	command.name = plugin->name;
	/* The exit code of a plugin is its verdict, and it always says something. */
	command.flags = (command.flags | PLUGIN) & ~(F(FAIL_ON) | F(QUIET));
	return run_command(&command, check, argc, argv);
}

int main(int argc, char **argv)
{
	const struct jw_plugin *plugin = jw_plugin_by_path(argc ? argv[0] : NULL);
	const char *name;
	const struct jw_command *command;
	const struct jw_check *check;
	struct jw_command named = jw_adhoc_command;

	jw_adapter_harden();
	jw_json_seed(jw_adapter_random());
	jw_log_scrub_set(jw_find_scrub);
	jw_log_level_set(JW_LOG_WARNING);
	if (plugin)
		return run_plugin(plugin, argc, argv);
	if (argc < 2)
		return jw_usage_error(NULL, "what should be done? For example: jwtwatch check");
	name = command_name(argv[1]);
	command = jw_command_by_name(jw_str_of(name));
	if (command)
		return run_command(command, NULL, argc - 1, argv + 1);
	check = jw_check_by_name(jw_str_of(name));
	if (!check)
		return unknown_command(name);
	named.name = check->name;
	return run_command(&named, check, argc - 1, argv + 1);
}
