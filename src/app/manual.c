/* SPDX-License-Identifier: MIT */
/* Fills the tables into a page of the manual: man/NAME.in on standard input, the page on standard output (make pages). A line
 * "@WORD" stands for a table, @VERSION@ anywhere for the version; all else is roff as it stands. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "contract/check.h"
#include "core/config.h"
#include "core/value.h"
#include "verdict/cause.h"

#define PAGE_MAX ((size_t)1 << 20)

/* What roff would read otherwise. A '-' stays one that can be copied into a shell. */
static void text(struct jw_buf *buf, const char *plain)
{
	static const struct {
		char c;
		const char *roff;
	} special[] = {{'\\', "\\e"},  {'-', "\\-"},   {'\'', "\\(aq"},
		       {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"}};

	if (*plain == '.')
		jw_buf_text(buf, "\\&");
	for (; *plain; plain++) {
		const char *roff = NULL;

		for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++)
			if (special[i].c == *plain)
				roff = special[i].roff;
		if (roff)
			jw_buf_text(buf, roff);
		else
			jw_buf_char(buf, *plain);
	}
}

/* A sentence from a help text: its first letter as it is, a full stop behind it where it has none. */
static void sentence(struct jw_buf *buf, const char *help)
{
	size_t len = strlen(help);

	text(buf, help);
	if (len && !strchr(".!?", help[len - 1]))
		jw_buf_char(buf, '.');
	jw_buf_char(buf, '\n');
}

/* The tag of a list's entry: the name bold, what follows in italics. */
static void tag(struct jw_buf *buf, const char *name, const char *between, const char *value)
{
	jw_buf_text(buf, ".TP\n\\fB");
	text(buf, name);
	jw_buf_text(buf, "\\fR");
	if (value) {
		jw_buf_printf(buf, "%s\\fI", between);
		text(buf, value);
		jw_buf_text(buf, "\\fR");
	}
	jw_buf_char(buf, '\n');
}

static bool is_number(enum jw_type type)
{
	return type == JW_T_SECONDS || type == JW_T_MILLIS || type == JW_T_BYTES ||
	       type == JW_T_COUNT;
}

static void range(struct jw_buf *buf, const struct jw_option *option)
{
	if (!is_number(option->type) || !option->max)
		return;
	jw_buf_text(buf, "From ");
	jw_value_number(option->type, option->min, buf);
	jw_buf_text(buf, " to ");
	jw_value_number(option->type, option->max, buf);
	jw_buf_text(buf, ".\n");
}

static void choices(struct jw_buf *buf, const struct jw_option *option)
{
	if (!option->choices || (option->type != JW_T_CHOICE && option->type != JW_T_TEXTS))
		return;
	jw_buf_text(buf, "One of ");
	for (size_t i = 0; option->choices[i]; i++) {
		if (i)
			jw_buf_text(buf, option->choices[i + 1] ? ", " : " and ");
		jw_buf_text(buf, "\\fB");
		text(buf, option->choices[i]);
		jw_buf_text(buf, "\\fR");
	}
	jw_buf_text(buf, ".\n");
}

static void option_rows(struct jw_buf *buf, const struct jw_option *options);

/* What stands in a mapping of its own. */
static void group(struct jw_buf *buf, const struct jw_option *option)
{
	if (option->type != JW_T_GROUP)
		return;
	jw_buf_text(buf, ".RS\n");
	option_rows(buf, option->group);
	jw_buf_text(buf, ".RE\n");
}

static void option_rows(struct jw_buf *buf, const struct jw_option *options)
{
	for (const struct jw_option *option = options; option->name; option++) {
		tag(buf, option->name, ": ", option->value ? option->value : "VALUE");
		sentence(buf, option->help);
		choices(buf, option);
		range(buf, option);
		if (option->required)
			jw_buf_text(buf, "Required.\n");
		if (option->fallback) {
			jw_buf_text(buf, "Default: \\fB");
			text(buf, option->fallback);
			jw_buf_text(buf, "\\fR.\n");
		}
		group(buf, option);
	}
}

/* With a - for each _, as on a command line. */
static void command_rows(struct jw_buf *buf, const struct jw_option *options)
{
	for (const struct jw_option *option = options; option->name; option++) {
		jw_autofree char *name = jw_xmalloc(strlen(option->name) + 3);
		bool is_switch = option->type == JW_T_BOOL;

		memcpy(name, "--", 2);
		memcpy(name + 2, option->name, strlen(option->name) + 1);
		for (char *c = name; (c = strchr(c, '_'));)
			*c = '-';
		tag(buf, name, " ", is_switch ? NULL : option->value);
		sentence(buf, option->help);
		choices(buf, option);
		range(buf, option);
		if (option->fallback)
			jw_buf_printf(buf, "Default: \\fB%s\\fR.\n", option->fallback);
	}
}

static void checks(struct jw_buf *buf)
{
	for (const struct jw_check *const *check = jw_checks; *check; check++) {
		jw_buf_text(buf, ".SS ");
		text(buf, (*check)->name);
		jw_buf_char(buf, '\n');
		sentence(buf, (*check)->summary);
		option_rows(buf, (*check)->options);
	}
}

static void check_names(struct jw_buf *buf)
{
	for (const struct jw_check *const *check = jw_checks; *check; check++) {
		tag(buf, (*check)->name, " ", "--OPTION...");
		sentence(buf, (*check)->summary);
	}
}

static void sinks(struct jw_buf *buf)
{
	for (const struct jw_sink *const *sink = jw_sinks; *sink; sink++) {
		jw_buf_text(buf, ".SS ");
		text(buf, (*sink)->name);
		jw_buf_char(buf, '\n');
		sentence(buf, (*sink)->summary);
		option_rows(buf, (*sink)->options);
	}
	jw_buf_text(buf, ".SS Every sink\nThese belong to each of them.\n");
	option_rows(buf, jw_sink_options);
}

static void sections(struct jw_buf *buf)
{
	for (const struct jw_section *section = jw_config_sections; section->name; section++) {
		tag(buf, section->name, "", NULL);
		sentence(buf, section->help);
	}
}

/* The flags of a command, each by the letter or word that it is mostly written with. */
static void flags_of(struct jw_buf *buf, const struct jw_command *command)
{
	const char *before = "Options: ";

	for (int i = 0; i < JW_FLAG_COUNT; i++) {
		jw_autobuf struct jw_buf whole = JW_BUF(256);
		size_t len;

		if (!(command->flags & 1U << i) || i == JW_FLAG_HELP || i == JW_FLAG_VERSION)
			continue;
		jw_args_describe((enum jw_flag)i, &whole);
		len = strspn(whole.ptr, " ");
		memmove(whole.ptr, whole.ptr + len, whole.len - len + 1);
		whole.ptr[strcspn(whole.ptr, ", =[")] = '\0';
		jw_buf_printf(buf, "%s\\fB", before);
		text(buf, whole.ptr);
		jw_buf_text(buf, "\\fR");
		before = ", ";
	}
	if (*before == ',')
		jw_buf_text(buf, ".\n");
}

static void commands(struct jw_buf *buf)
{
	for (const struct jw_command *command = jw_commands; command->name; command++) {
		tag(buf, command->name, " ", command->operands);
		sentence(buf, command->summary);
		flags_of(buf, command);
	}
}

static void flags(struct jw_buf *buf)
{
	for (int i = 0; i < JW_FLAG_COUNT; i++) {
		jw_autobuf struct jw_buf form = JW_BUF(256);

		jw_args_describe((enum jw_flag)i, &form);
		tag(buf, form.ptr + strspn(form.ptr, " "), "", NULL);
		sentence(buf, jw_args_help((enum jw_flag)i));
	}
}

static void part(struct jw_buf *buf, const char *title, const char *says)
{
	if (!says)
		return;
	jw_buf_printf(buf, ".IP \"%s\"\n", title);
	sentence(buf, says);
}

static void causes(struct jw_buf *buf)
{
	for (int i = 1; i < JW_CAUSE_COUNT; i++) {
		const struct jw_cause_row *row = jw_cause_row((enum jw_cause)i);
		jw_autobuf struct jw_buf browser = JW_BUF(4096);

		jw_buf_text(buf, ".SS ");
		text(buf, row->name);
		jw_buf_printf(buf, " (%s)\n", jw_state_name(row->state));
		sentence(buf, row->meaning);
		if (row->browser)
			jw_buf_printf(&browser, "could not establish signal connection: %s",
				      row->browser);
		part(buf, "What a browser says", browser.len ? browser.ptr : NULL);
		part(buf, "How to see it by hand", row->by_hand);
		part(buf, "What to do", row->remedy);
	}
}

static const struct table {
	const char *word;
	void (*write)(struct jw_buf *buf); /* NULL: it is rows of options */
	void (*write_rows)(struct jw_buf *buf, const struct jw_option *options);
	const struct jw_option *options;
} tables[] = {
	{"commands", commands, NULL, NULL},
	{"flags", flags, NULL, NULL},
	{"mint-options", NULL, command_rows, jw_mint_options},
	{"renew-options", NULL, command_rows, jw_renew_command_options},
	{"check-names", check_names, NULL, NULL},
	{"sections", sections, NULL, NULL},
	{"target-options", NULL, option_rows, jw_target_options},
	{"token-options", NULL, option_rows, jw_token_options},
	{"checks", checks, NULL, NULL},
	{"key-options", NULL, option_rows, jw_key_options},
	{"sinks", sinks, NULL, NULL},
	{"daemon-options", NULL, option_rows, jw_daemon_options},
	{"module-options", NULL, option_rows, jw_module_options},
	{"causes", causes, NULL, NULL},
};

static bool write_table(struct jw_buf *buf, const char *word)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		if (strcmp(word, tables[i].word) != 0)
			continue;
		if (tables[i].write)
			tables[i].write(buf);
		else
			tables[i].write_rows(buf, tables[i].options);
		return true;
	}
	return false;
}

static void write_line(struct jw_buf *buf, const char *line)
{
	static const char version[] = "@VERSION@";
	const char *at = strstr(line, version);

	if (at)
		jw_buf_printf(buf, "%.*s" PACKAGE_VERSION "%s\n", (int)(at - line), line,
			      at + strlen(version));
	else
		jw_buf_printf(buf, "%s\n", line);
}

int main(void)
{
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line != '@') {
			write_line(&page, line);
		} else if (!write_table(&page, line + 1)) {
			fprintf(stderr, "manual: there is no table %s\n", line);
			return 1;
		}
	}
	return page.overflowed || fwrite(page.ptr, 1, page.len, stdout) != page.len ||
	       fflush(stdout);
}
