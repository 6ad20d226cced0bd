/* SPDX-License-Identifier: MIT */
/* config, schema, explain, help, version: what the tables say. */
#include <string.h>

#include "app/app.h"
#include "contract/check.h"
#include "output/schema.h"
#include "verdict/cause.h"

#define TEXT_MAX ((size_t)1 << 20)
#define WIDTH 78

/* Appends text, broken between words, each line after the first behind `indent` blanks. */
static void wrapped(struct jw_buf *buf, const char *text, size_t column, size_t indent)
{
	struct jw_str rest = jw_str_of(text);
	bool is_first = true;

	while (rest.len) {
		struct jw_str word = rest;
		struct jw_str after = {0};

		jw_str_cut(rest, ' ', &word, &after);
		if (!is_first && column + 1 + word.len > WIDTH) {
			jw_buf_char(buf, '\n');
			jw_buf_pad(buf, buf->len, indent);
			column = indent;
		} else if (!is_first) {
			jw_buf_char(buf, ' ');
			column++;
		}
		jw_buf_str(buf, word);
		column += word.len;
		is_first = false;
		rest = after;
	}
	jw_buf_char(buf, '\n');
}

void jw_help_entry(struct jw_buf *buf, const char *name, size_t width, const char *text)
{
	size_t start = buf->len;

	jw_buf_text(buf, name);
	if (buf->len - start + 2 > width) {
		jw_buf_char(buf, '\n');
		start = buf->len;
	}
	jw_buf_pad(buf, start, width);
	wrapped(buf, text, width, width);
}

int jw_cmd_config(const struct jw_args *args)
{
	jw_autobuf struct jw_buf out = JW_BUF((size_t)1 << 30);
	struct jw_config *config;
	struct jw_errors errors;
	enum jw_cause cause = jw_app_config(args, INT64_MAX, &errors, &config);
	int code;

	if (cause) {
		jw_app_say_errors(&errors);
		code = cause == JW_CONFIG ? JW_EXIT_REFUSED : JW_EXIT_UNKNOWN;
	} else {
		jw_app_warn_plain_secrets(config);
		jw_config_write(config, &out);
		code = jw_write_out(&out, 0);
		jw_config_free(config);
	}
	jw_buf_done(&errors.text);
	return code;
}

int jw_cmd_schema(const struct jw_args *args)
{
	jw_autobuf struct jw_buf out = JW_BUF(TEXT_MAX);

	(void)args;
	jw_schema_write(&out);
	return jw_write_out(&out, 0);
}

static void paragraph(struct jw_buf *buf, const char *title, const char *text)
{
	if (!text)
		return;
	jw_buf_printf(buf, "\n%s\n  ", title);
	wrapped(buf, text, 2, 2);
}

static void explain_one(struct jw_buf *buf, const struct jw_cause_row *row)
{
	jw_autobuf struct jw_buf browser = JW_BUF(4096);

	jw_buf_printf(buf, "%s (%s unless severity says otherwise)\n", row->name,
		      jw_state_name(row->state));
	paragraph(buf, "What it means", row->meaning);
	if (row->browser) {
		jw_buf_printf(&browser, "could not establish signal connection: %s",
			      row->browser);
		paragraph(buf, "What a browser says", browser.ptr);
	}
	paragraph(buf, "How to see it by hand", row->by_hand);
	paragraph(buf, "What to do", row->remedy);
}

static int unknown_cause(const struct jw_args *args)
{
	const char *names[JW_CAUSE_COUNT];
	const char *nearest;

	for (int i = 1; i < JW_CAUSE_COUNT; i++)
		names[i - 1] = jw_cause_name((enum jw_cause)i);
	nearest = jw_str_nearest(jw_str_of(args->operands[0]), names, JW_CAUSE_COUNT - 1);
	if (nearest)
		return jw_usage_error(args, "there is no cause '%s', did you mean '%s'?",
				      args->operands[0], nearest);
	return jw_usage_error(args, "there is no cause '%s'", args->operands[0]);
}

int jw_cmd_explain(const struct jw_args *args)
{
	jw_autobuf struct jw_buf out = JW_BUF(TEXT_MAX);
	enum jw_cause cause;

	if (args->operand_count > 1)
		return jw_usage_error(args, "one cause at a time, please");
	if (args->operand_count == 1) {
		if (!jw_cause_by_name(jw_str_of(args->operands[0]), &cause))
			return unknown_cause(args);
		explain_one(&out, jw_cause_row(cause));
		return jw_write_out(&out, 0);
	}
	jw_buf_text(&out, "The causes; 'jwtwatch explain CAUSE' says how to see one by hand "
			  "and what to do.\n\n");
	for (int i = 1; i < JW_CAUSE_COUNT; i++) {
		const struct jw_cause_row *row = jw_cause_row((enum jw_cause)i);

		jw_help_entry(&out, row->name, 22, row->meaning);
	}
	return jw_write_out(&out, 0);
}

int jw_cmd_version(const struct jw_args *args)
{
	jw_autobuf struct jw_buf out = JW_BUF(256);

	if (jw_command_is_plugin(args->command))
		jw_buf_printf(&out,
			      "%s v" PACKAGE_VERSION " (" PACKAGE_NAME " " PACKAGE_VERSION
			      ")\n",
			      args->command->name);
	else
		jw_buf_text(&out, PACKAGE_NAME " " PACKAGE_VERSION "\n");
	return jw_write_out(&out, 0);
}

static void option_entry(void *context, const struct jw_option *option)
{
	struct jw_buf *buf = context;
	jw_autobuf struct jw_buf name = JW_BUF(256);
	jw_autobuf struct jw_buf help = JW_BUF(4096);

	jw_buf_printf(&name, "      --%s%s%s", option->name,
		      option->type == JW_T_BOOL ? "" : " ",
		      option->type == JW_T_BOOL ? ""
		      : option->value		? option->value
						: "VALUE");
	for (size_t i = 0; i < name.len && name.ptr[i + 8] != ' ' && name.ptr[i + 8]; i++)
		if (name.ptr[i + 8] == '_')
			name.ptr[i + 8] = '-';
	jw_buf_text(&help, option->help);
	if (option->required)
		jw_buf_text(&help, " (required)");
	if (option->fallback)
		jw_buf_printf(&help, " (%s)", option->fallback);
	jw_help_entry(buf, name.ptr, 34, help.ptr);
}

/* A flag that means nothing to a check without tokens. */
static bool is_for_tokens(int flag, const struct jw_check *check)
{
	return check->kind == JW_CHECK_SERVER &&
	       (flag == JW_FLAG_WARNING || flag == JW_FLAG_CRITICAL);
}

static void help_places(struct jw_buf *buf)
{
	static const struct {
		const char *place;
		const char *is;
	} rows[] = {
		{"FOLDER",
		 "the pages in it that hold a LiveKit token, and its .env.local and .env"},
		{"PAGE", "one page, and those files beside it"},
		{"ws://HOST:7880",
		 "the LiveKit server, also as wss://, or as http:// with its port; "
		 "left out: LIVEKIT_URL"},
		{"http://HOST/PAGE", "a page as it is served"},
		{"http://HOST/api/token",
		 "a token endpoint: there is 'token' or '/api/' in the URL, "
		 "or a query"},
	};

	jw_buf_char(buf, '\n');
	wrapped(buf,
		"A word with a / in it is a place, and then all are: no configuration is read. "
		"LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET come from the "
		"environment, "
		"then from .env.local and .env.",
		0, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		jw_autobuf struct jw_buf name = JW_BUF(256);

		jw_buf_printf(&name, "  %s", rows[i].place);
		jw_help_entry(buf, name.ptr, 34, rows[i].is);
	}
}

void jw_help_command(const struct jw_command *command, const struct jw_check *check,
		     struct jw_buf *buf)
{
	jw_buf_printf(buf, "%s%s [OPTION...]%s%s\n",
		      jw_command_is_plugin(command) ? "" : "jwtwatch ", command->name,
		      command->operands ? " " : "", command->operands ? command->operands : "");
	wrapped(buf, check ? check->summary : command->summary, 0, 0);
	if (check) {
		jw_buf_char(buf, '\n');
		wrapped(buf,
			"Options of this check and of its verdict, in a configuration the same "
			"with _ for -:",
			0, 0);
		jw_args_each_option(check, option_entry, buf);
	}
	jw_buf_text(buf, "\nOptions of this command:\n");
	for (const struct jw_option *o = command->options; o && o->name; o++)
		option_entry(buf, o);
	for (int i = 0; i < JW_FLAG_COUNT; i++) {
		jw_autobuf struct jw_buf name = JW_BUF(256);

		if (!(command->flags & 1U << i) || (check && is_for_tokens(i, check)))
			continue;
		jw_buf_text(&name, "  ");
		jw_args_describe((enum jw_flag)i, &name);
		jw_help_entry(buf, name.ptr, 34, jw_args_help((enum jw_flag)i));
	}
	if (command->run == jw_cmd_sink)
		jw_help_sinks(buf);
	if (command->run == jw_cmd_doctor)
		help_places(buf);
	if (command->flags & 1U << JW_FLAG_DEADLINE && command->run != jw_cmd_forecast &&
	    command->run != jw_cmd_renew)
		jw_buf_text(buf, "\nExit code: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.\n");
	if (command->flags & 1U << JW_FLAG_TEXTFILE)
		jw_buf_text(buf, "A textfile that can't be written makes 0 and 1 a 3.\n");
}

static void overview(struct jw_buf *buf)
{
	jw_buf_text(buf, "jwtwatch tells you that a token is about to stop working before your "
			 "users find out.\n\n");
	for (const struct jw_command *command = jw_commands; command->name; command++) {
		jw_autobuf struct jw_buf name = JW_BUF(256);

		jw_buf_printf(&name, "  %s %s", command->name,
			      command->operands ? command->operands : "");
		jw_help_entry(buf, name.ptr, 28, command->summary);
	}
	jw_buf_text(buf, "\nOne target from the command line, without a configuration:\n");
	for (size_t i = 0; jw_checks[i]; i++) {
		jw_autobuf struct jw_buf name = JW_BUF(256);

		jw_buf_printf(&name, "  %s --OPTION...", jw_checks[i]->name);
		jw_help_entry(buf, name.ptr, 28, jw_checks[i]->summary);
	}
	jw_buf_text(buf,
		    "\nExit codes of check, inspect, doctor and the one-target checks: 0 OK, 1 "
		    "WARNING,\n"
		    "2 CRITICAL, 3 UNKNOWN. All others: 0 done, 1 refused by what they met, 3 "
		    "could not.\n");
}

int jw_cmd_help(const struct jw_args *args)
{
	jw_autobuf struct jw_buf out = JW_BUF(TEXT_MAX);
	const struct jw_command *command;
	const struct jw_check *check;

	if (!args->operand_count) {
		overview(&out);
		return jw_write_out(&out, 0);
	}
	command = jw_command_by_name(jw_str_of(args->operands[0]));
	check = jw_check_by_name(jw_str_of(args->operands[0]));
	if (!command && !check)
		return jw_usage_error(args, "there is no command or check '%s'",
				      args->operands[0]);
	if (command) {
		jw_help_command(command, NULL, &out);
	} else {
		struct jw_command named = jw_adhoc_command;

		named.name = check->name;
		jw_help_command(&named, check, &out);
	}
	return jw_write_out(&out, 0);
}
