/* SPDX-License-Identifier: MIT */
/* Writes the CheckCommands for Icinga 2, nagios/jwtwatch-command.conf, from the option tables: make icinga. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "contract/check.h"

#define OUTPUT_MAX ((size_t)1 << 20)

/* The flags that a service wants, in the order of the file. */
static const struct row {
	enum jw_flag flag;
	const char *key;
	const char *variable; /* NULL: none of its own */
	const char *more;     /* attributes */
	unsigned for_kinds;
} rows[] = {
#define PAGES 1
#define URLS 2
#define FILES 4
#define TOKENS 8
#define ALL (PAGES | URLS | FILES)
	{JW_FLAG_EXTRA_OPTS, "--extra-opts", "extra_opts",
	 "      separator = \"=\"\n      order = -1\n", ALL},
	{JW_FLAG_CONFIG, "-f", "config", "", FILES},
	{JW_FLAG_HOST, "-H", "hostname", "", URLS},
	{JW_FLAG_PORT, "-p", "port", "", URLS},
	{JW_FLAG_PLACE, "-u", "path", "", URLS},
	{JW_FLAG_SSL, "-S", "ssl", NULL, URLS},
	{JW_FLAG_WARNING, "-w", "warning", "", FILES | TOKENS},
	{JW_FLAG_CRITICAL, "-c", "critical", "", FILES | TOKENS},
	{JW_FLAG_KEY_FILE, "--key-file", "key_file", "", PAGES | URLS},
	{JW_FLAG_DEADLINE, "-t", "deadline", "", ALL},
	{JW_FLAG_TIMEOUT_RESULT, "--timeout-result", "timeout_result", "", ALL},
	{JW_FLAG_PERFDATA, "--perfdata", "perfdata", "", ALL},
};

/* One CheckCommand. */
struct command {
	const struct jw_plugin *plugin;
	const struct jw_check *check; /* NULL: check_jwtwatch */
	const char *name;	      /* of the object, and what its variables begin with */
	struct jw_buf *buf;
	struct jw_buf env;
};

static unsigned kinds_of(const struct command *command)
{
	if (!command->check)
		return FILES;
	return (command->plugin->scheme ? URLS : PAGES) |
	       (command->check->kind != JW_CHECK_SERVER ? TOKENS : 0);
}

static void quoted(struct jw_buf *buf, const char *text)
{
	jw_buf_char(buf, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			jw_buf_char(buf, '\\');
		jw_buf_char(buf, *text);
	}
	jw_buf_char(buf, '"');
}

static void describe(struct jw_buf *buf, const char *help)
{
	jw_buf_text(buf, "      description = ");
	quoted(buf, help);
	jw_buf_text(buf, "\n    }\n");
}

static void argument_of_flag(const struct command *command, const struct row *row)
{
	struct jw_buf *buf = command->buf;

	jw_buf_printf(buf, "    \"%s\" = {\n", row->key);
	if (row->more)
		jw_buf_printf(buf, "      value = \"$%s_%s$\"\n%s", command->name,
			      row->variable, row->more);
	else
		jw_buf_printf(buf, "      set_if = \"$%s_%s$\"\n", command->name,
			      row->variable);
	describe(buf, jw_args_help(row->flag));
}

/* "-v" once to three times. */
static void verbosity(const struct command *command)
{
	static const char *const keys[] = {"-v", "-vv", "-vvv"};

	for (int i = 0; i < 3; i++) {
		jw_buf_printf(command->buf,
			      "    \"%s\" = {\n"
			      "      set_if = {{ macro(\"$%s_verbosity$\") %s %d }}\n",
			      keys[i], command->name, i < 2 ? "==" : ">=", i + 1);
		describe(command->buf, jw_args_help(JW_FLAG_VERBOSE));
	}
}

static bool is_repeated(enum jw_type type)
{
	return type == JW_T_TEXTS || type == JW_T_LABELS || type == JW_T_PAIRS ||
	       type == JW_T_PATHS || type == JW_T_SEVERITY || type == JW_T_HEADERS;
}

/* "max_size" as "max-size", "bearer" as "BEARER". */
static void spelled(struct jw_buf *buf, const char *name, char underscore, bool is_upper)
{
	for (; *name; name++)
		jw_buf_char(buf, *name == '_'				    ? underscore
				 : is_upper && *name >= 'a' && *name <= 'z' ? (char)(*name - 32)
									    : *name);
}

/* A secret goes by the environment, since everybody can read a command line. */
static void secret_argument(struct command *command, const struct jw_option *option)
{
	struct jw_buf *buf = command->buf;

	jw_buf_printf(buf, "      set_if = {{ macro(\"$%s_%s_pass$\") != null }}\n",
		      command->name, option->name);
	jw_buf_text(buf, "      value = \"env:JWTWATCH_");
	spelled(buf, option->name, '_', true);
	jw_buf_text(buf, "\"\n");
	jw_buf_text(&command->env, "    \"JWTWATCH_");
	spelled(&command->env, option->name, '_', true);
	jw_buf_printf(&command->env, "\" = \"$%s_%s_pass$\"\n", command->name, option->name);
}

static void argument_of_option(void *context, const struct jw_option *option)
{
	struct command *command = context;
	struct jw_buf *buf = command->buf;

	jw_buf_text(buf, "    \"--");
	spelled(buf, option->name, '-', false);
	jw_buf_text(buf, "\" = {\n");
	if (option->type == JW_T_SECRET || option->type == JW_T_CONTENT)
		secret_argument(command, option);
	else
		jw_buf_printf(buf, "      value = \"$%s_%s$\"\n", command->name, option->name);
	if (is_repeated(option->type))
		jw_buf_text(buf, "      repeat_key = true\n");
	describe(buf, option->help);
}

static void write_command(struct command *command)
{
	struct jw_buf *buf = command->buf;

	jw_buf_printf(buf,
		      "\nobject CheckCommand \"%s\" {\n"
		      "  command = [ PluginDir + \"/%s\" ]\n"
		      "  timeout = 1m\n"
		      "  arguments = {\n",
		      command->name, command->plugin->name);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].for_kinds & kinds_of(command))
			argument_of_flag(command, &rows[i]);
	verbosity(command);
	if (command->check) {
		jw_args_each_option(command->check, argument_of_option, command);
	} else {
		jw_buf_printf(buf,
			      "    \"targets\" = {\n"
			      "      value = \"$%s_targets$\"\n"
			      "      skip_key = true\n"
			      "      repeat_key = true\n"
			      "      order = 100\n",
			      command->name);
		describe(buf, "the targets of the configuration to check; left out: all");
	}
	jw_buf_text(buf, "  }\n  env = {\n");
	jw_buf_str(buf, jw_buf_get(&command->env));
	jw_buf_printf(buf,
		      "    \"JWTWATCH_SECRET\" = \"$%s_secret_pass$\"\n  }\n"
		      "  vars.%s_perfdata = \"number\"\n"
		      "  vars.%s_verbosity = 1\n"
		      "}\n",
		      command->name, command->name, command->name);
}

static void write_all(struct jw_buf *buf)
{
	jw_buf_text(buf, "// The CheckCommands of jwtwatch for Icinga 2, written by `make "
			 "icinga` from the "
			 "option tables.\n"
			 "// Each argument is a variable of the service: --min-lifetime of "
			 "token_endpoint is "
			 "token_endpoint_min_lifetime.\n"
			 "// A variable that isn't set leaves its argument out; a list repeats "
			 "it. What ends "
			 "in _pass is a secret: it goes by\n"
			 "// the environment, and Icinga Web hides it. ..._secret_pass is "
			 "$JWTWATCH_SECRET, for whatever wants env:JWTWATCH_SECRET.\n");
	for (const struct jw_plugin *plugin = jw_plugins; plugin->name; plugin++) {
		struct command command = {
			.plugin = plugin,
			.check = jw_check_by_name(jw_str_of(plugin->does)),
			.name = plugin->name + strlen("check_"),
			.buf = buf,
			.env = JW_BUF(OUTPUT_MAX),
		};

		write_command(&command);
		jw_buf_done(&command.env);
	}
}

int main(void)
{
	jw_autobuf struct jw_buf out = JW_BUF(OUTPUT_MAX);

	write_all(&out);
	return out.overflowed || fwrite(out.ptr, 1, out.len, stdout) != out.len ||
	       fflush(stdout);
}
