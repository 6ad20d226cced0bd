/* SPDX-License-Identifier: MIT */
/* The command line: flags from one table, a check's options from its own. */
#include <getopt.h>
#include <string.h>

#include "app/app.h"
#include "contract/check.h"
#include "core/value.h"

struct flag {
	const char *name;
	char letter;
	const char *value; /* what it is called; NULL: takes none */
	const char *help;
};

/* Taken out of the words before getopt sees them. */
#define EXTRA_OPTS "extra-opts[=SECTION][@FILE]"

static const struct flag flags[JW_FLAG_COUNT] = {
	[JW_FLAG_CONFIG] = {"config", 'f', "FILE",
			    "the configuration (else $JWTWATCH_CONFIG, else the system's "
			    "jwtwatch/jwtwatch.yaml)"},
	[JW_FLAG_FORMAT] =
		{"format", 'o', "FORMAT",
		 "how the result is written: text (default) or json; where targets "
		 "are checked also nagios (default of a plugin), prometheus, junit or "
		 "github"},
	[JW_FLAG_WARNING] = {"warning", 'w', "LEFT",
			     "WARNING when less is left: 1h, 20%, min(1h, 20%), or a Nagios "
			     "range such as 3600: (for tokens that somebody holds: "
			     "min(1h, 20%))"},
	[JW_FLAG_CRITICAL] = {"critical", 'c', "LEFT",
			      "CRITICAL when less is left (for tokens that somebody "
			      "holds: min(10m, 5%))"},
	[JW_FLAG_DEADLINE] = {"deadline", 't', "TIME[:STATE]",
			      "how long the whole run may take (30s), and with a STATE what "
			      "--timeout-result says; a plugin takes a number of seconds too"},
	[JW_FLAG_VERBOSE] = {"verbose", 'v', NULL,
			     "also say what was found to be good, and every finding; to a "
			     "scheduler: once what to do, twice every finding, three times "
			     "each token"},
	[JW_FLAG_QUIET] =
		{"quiet", 'q', NULL,
		 "only what isn't OK, and nothing at all where all is (in the formats "
		 "text and github; the others are always whole)"},
	[JW_FLAG_COLOR] = {"color", 0, "WHEN", "auto (default), always or never"},
	[JW_FLAG_AT] = {"at", 0, "TIME",
			"judge as of another moment: 2026-01-02T03:04:05Z, 2026-01-02, "
			"@SECONDS, +3d or -2h"},
	[JW_FLAG_FAIL_ON] =
		{"fail-on", 0, "STATE",
		 "which verdicts make the exit code other than 0: critical, warning (and "
		 "worse), "
		 "or unknown (whatever isn't OK; the default). UNKNOWN always does, since it "
		 "means that nobody knows"},
	[JW_FLAG_TEXTFILE] =
		{"textfile", 0, "FILE",
		 "also write the metrics of -o prometheus into this file (NAME.prom), whole or "
		 "not at all, for node_exporter's textfile collector; not with --at"},
	[JW_FLAG_UNTIL] = {"until", 0, "TIME", "how far ahead to look (30d)"},
	[JW_FLAG_KEY_FILE] =
		{"key-file", 0, "FILE",
		 "verify the signature with this key: a raw secret, a PEM, a JWK or a JWKS; "
		 "with "
		 "the check livekit the secret of the API key that --issuer names, a pair "
		 "which the server must accept"},
	[JW_FLAG_SINK] = {"sink", 0, "NAME",
			  "also send every result to this sink of the configuration; once for "
			  "each"},
	[JW_FLAG_TIMEOUT_RESULT] =
		{"timeout-result", 0, "STATE",
		 "the state of a target whose time was up, its own (timeout: CRITICAL) or the "
		 "whole run's (deadline: UNKNOWN): ok, warning, critical, unknown or 0 to 3"},
	[JW_FLAG_PERFDATA] = {"perfdata", 0, "KIND",
			      "thresholds in the performance data of nagios: range (default), "
			      "number (which Icinga reads), or none: no performance data"},
	[JW_FLAG_EXTRA_OPTS] = {EXTRA_OPTS, 0, NULL,
				"first take the options of an INI file's section; left out are "
				"the plugin's name and the first file found where all "
				"plugins look, such as /etc/monitoring-plugins.ini"},
	[JW_FLAG_SSL] = {"ssl", 'S', NULL, "with -H: https or wss instead of http or ws"},
	[JW_FLAG_HOST] = {"hostname", 'H', "HOST", "the host of the URL, instead of --url"},
	[JW_FLAG_PORT] = {"port", 'p', "PORT", "with -H: its port"},
	[JW_FLAG_PLACE] = {NULL, 'u', "PATH", "with -H: its path; without: a whole URL"},
	[JW_FLAG_VERSION] = {"version", 'V', NULL, "print the version"},
	[JW_FLAG_HELP] = {"help", 'h', NULL, "this text"},
};

/* Options of a target that only mean something in a file. */
static bool only_in_files(const char *name)
{
	static const char *const names[] = {
		"name",		 "check",    "enabled",	       "labels",   "key",  "same_as",
		"same_as_grace", "interval", "retry_interval", "attempts", "renew"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static bool is_flag(const char *name)
{
	for (size_t i = 0; i < JW_FLAG_COUNT; i++)
		if (flags[i].name && !strcmp(name, flags[i].name))
			return true;
	return false;
}

void jw_args_each_option(const struct jw_check *check,
			 void (*each)(void *context, const struct jw_option *option),
			 void *context)
{
	const struct jw_option *const tables[] = {check->options, jw_target_options,
						  jw_token_options};
	size_t count = check->kind == JW_CHECK_SERVER ? 2 : 3;

	for (size_t i = 0; i < count; i++)
		for (const struct jw_option *option = tables[i]; option->name; option++)
			if (!only_in_files(option->name) && !is_flag(option->name))
				each(context, option);
}

/* What getopt_long wants, built from the tables. */
struct table {
	struct jw_arena arena;
	struct option *longs;
	const struct jw_option **options; /* beside longs; NULL: a flag */
	size_t count;
	char letters[2 * JW_FLAG_COUNT + 3];
};

#define FIRST_VALUE 1000 /* of longs[].val, so that no letter is met */

static void add_long(struct table *table, const char *name, int has_arg, int value,
		     const struct jw_option *option)
{
	table->longs =
		jw_arena_grow(&table->arena, table->longs, table->count, sizeof(*table->longs));
	table->options = jw_arena_grow(&table->arena, table->options, table->count,
				       sizeof(*table->options));
	table->longs[table->count] = (struct option){name, has_arg, NULL, value};
	table->options[table->count] = option;
	table->count++;
}

static const char *dashed(struct table *table, const char *name)
{
	char *copy = jw_arena_alloc(&table->arena, strlen(name) + 1);

	for (size_t i = 0; name[i]; i++)
		copy[i] = name[i] == '_' ? '-' : name[i];
	return copy;
}

/* Under its own name and with '-' for '_'. */
static void add_option(void *context, const struct jw_option *option)
{
	struct table *table = context;
	int value = FIRST_VALUE + (int)table->count;
	int has_arg = option->type == JW_T_BOOL ? optional_argument : required_argument;

	add_long(table, option->name, has_arg, value, option);
	if (strchr(option->name, '_'))
		add_long(table, dashed(table, option->name), has_arg, value, option);
}

/* The end that getopt_long looks for. */
static void end_table(struct table *table)
{
	add_long(table, NULL, 0, 0, NULL);
	table->count--;
}

static void add_flags(struct table *table, unsigned wanted)
{
	size_t len = 0;

	table->letters[len++] = ':';
	for (size_t i = 0; i < JW_FLAG_COUNT; i++) {
		if (!(wanted & 1U << i) || i == JW_FLAG_EXTRA_OPTS)
			continue;
		if (flags[i].name)
			add_long(table, flags[i].name,
				 flags[i].value ? required_argument : no_argument, (int)i,
				 NULL);
		if (flags[i].letter)
			table->letters[len++] = flags[i].letter;
		if (flags[i].letter && flags[i].value)
			table->letters[len++] = ':';
	}
}

static bool flag_of(const struct table *table, int value, enum jw_flag *ret_flag)
{
	for (size_t i = 0; i < JW_FLAG_COUNT; i++) {
		if ((value == (int)i || (flags[i].letter && value == flags[i].letter)) &&
		    table->count) {
			*ret_flag = (enum jw_flag)i;
			return true;
		}
	}
	return false;
}

static void take_flag(struct jw_args *args, enum jw_flag flag, const char *value,
		      enum jw_origin origin)
{
	args->values[flag] = value ? value : "";
	args->of_file &= ~(1U << flag);
	if (origin != JW_FROM_COMMAND_LINE)
		args->of_file |= 1U << flag;
	if (flag == JW_FLAG_VERBOSE)
		args->verbosity++;
	if (flag != JW_FLAG_SINK)
		return;
	args->sinks = jw_xrealloc(args->sinks, (args->sink_count + 1) * sizeof(*args->sinks));
	args->sinks[args->sink_count++] = value;
}

static void take_setting(struct jw_args *args, const struct jw_option *option,
			 const char *value, enum jw_origin origin)
{
	args->settings = jw_xrealloc(args->settings,
				     (args->setting_count + 1) * sizeof(*args->settings));
	args->settings[args->setting_count++] =
		(struct jw_setting){option, value ? value : "true", origin};
}

static enum jw_cause unknown(const struct table *table, const char *word, struct jw_err *err)
{
	jw_autofree const char **names = jw_xcalloc(table->count, sizeof(*names));
	struct jw_str name = jw_str_of(word);
	struct jw_str after;
	const char *nearest;

	for (size_t i = 0; i < table->count; i++)
		names[i] = table->longs[i].name;
	while (jw_str_starts(name, "-"))
		name = jw_str_from(name, 1);
	jw_str_cut(name, '=', &name, &after);
	nearest = jw_str_nearest(name, names, table->count);
	if (nearest && jw_str_is(name, nearest))
		return jw_fail(err, JW_CONFIG, "--%s takes no value", nearest);
	if (nearest && name.len > 1)
		return jw_fail(err, JW_CONFIG, "unknown option --%.*s, did you mean --%s?",
			       JW_STR_ARG(name), nearest);
	return jw_fail(err, JW_CONFIG, "unknown option %s%.*s", name.len > 1 ? "--" : "-",
		       JW_STR_ARG(name));
}

/* An empty word is what a scheduler passes for an argument that isn't there. */
static enum jw_cause refuse_operands(const struct jw_args *args, struct jw_err *err)
{
	for (size_t i = 0; i < args->operand_count && !args->command->operands; i++)
		if (*args->operands[i] || !jw_command_is_plugin(args->command))
			return jw_fail(
				err, JW_CONFIG,
				"'%s' takes no operand, but there is one: all is given by "
				"options",
				args->command->name);
	return JW_OK;
}

static enum jw_cause parse(struct table *table, struct jw_args *args,
			   const struct jw_words *words, struct jw_err *err)
{
	char **argv = words->argv;
	int value;
	enum jw_flag flag;

	opterr = 0;
	optind = 1;
	while ((value = getopt_long(words->argc, argv, table->letters, table->longs, NULL)) !=
	       -1) {
		enum jw_origin origin =
			optind <= 1 + words->file_count ? words->origin : JW_FROM_COMMAND_LINE;

		if (value == ':')
			return jw_fail(err, JW_CONFIG, "%s wants a value", argv[optind - 1]);
		if (value == '?' && optopt && optopt < FIRST_VALUE && optind <= words->argc &&
		    argv[optind - 1][1] != '-') {
			const char short_name[] = {'-', (char)optopt, '\0'};

			return unknown(table, short_name, err);
		}
		if (value == '?')
			return unknown(table, argv[optind - 1], err);
		if (value >= FIRST_VALUE)
			take_setting(args, table->options[value - FIRST_VALUE], optarg, origin);
		else if (flag_of(table, value, &flag))
			take_flag(args, flag, optarg, origin);
	}
	args->operands = argv + optind;
	args->operand_count = (size_t)(words->argc - optind);
	return refuse_operands(args, err);
}

enum jw_cause jw_args_parse(const struct jw_command *command, const struct jw_check *check,
			    int argc, char **argv, struct jw_args *ret_args, struct jw_err *err)
{
	struct jw_words words = {argc, argv, 0, JW_FROM_PRIVATE_FILE};
	struct table table = {0};
	enum jw_cause cause = JW_OK;

	*ret_args = (struct jw_args){.command = command, .check = check};
	if (jw_command_is_plugin(command))
		cause = jw_extra_opts(command->name, &ret_args->arena, &words, err);
	if (cause)
		return cause;
	add_flags(&table, command->flags);
	if (check)
		jw_args_each_option(check, add_option, &table);
	for (const struct jw_option *o = command->options; o && o->name; o++)
		add_option(&table, o);
	end_table(&table);
	cause = parse(&table, ret_args, &words, err);
	jw_arena_done(&table.arena);
	return cause;
}

enum jw_cause jw_args_settings(const struct jw_args *args, struct jw_arena *arena, void *base,
			       struct jw_err *err)
{
	struct jw_load load = {.arena = arena};

	jw_value_fallbacks(&load, args->command->options, base);
	for (size_t i = 0; i < args->setting_count; i++) {
		const struct jw_setting *setting = &args->settings[i];

		load.origin = setting->origin;
		if (!jw_value_set(&load, setting->option, jw_str_of(setting->value), base, err))
			continue;
		jw_err_in(err, "--%s", setting->option->name);
		return JW_CONFIG;
	}
	return JW_OK;
}

void jw_args_done(struct jw_args *args)
{
	free(args->settings);
	free(args->sinks);
	args->sinks = NULL;
	args->settings = NULL;
	jw_arena_done(&args->arena);
}

void jw_args_describe(enum jw_flag flag, struct jw_buf *buf)
{
	if (!flags[flag].name)
		jw_buf_printf(buf, "-%c", flags[flag].letter);
	else if (flags[flag].letter)
		jw_buf_printf(buf, "-%c, --%s", flags[flag].letter, flags[flag].name);
	else
		jw_buf_printf(buf, "    --%s", flags[flag].name);
	if (flags[flag].value)
		jw_buf_printf(buf, " %s", flags[flag].value);
}

const char *jw_args_help(enum jw_flag flag)
{
	return flags[flag].help;
}
