/* SPDX-License-Identifier: MIT */
/* --extra-opts: options of an INI file, as all monitoring plugins take them, for defaults and for secrets. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "app/app.h"

#define FILE_MAX_BYTES ((size_t)1 << 20)
#define WORDS_MAX 4096
#define OPTION "--extra-opts"

/* The order in which the monitoring plugins look. */
static const char *const places[] = {
	"/usr/local/etc/monitoring-plugins/monitoring-plugins.ini",
	"/usr/local/etc/monitoring-plugins.ini",
	"/etc/monitoring-plugins/monitoring-plugins.ini",
	"/etc/monitoring-plugins.ini",
	"/etc/nagios/plugins.ini",
	"/usr/local/nagios/etc/plugins.ini",
	"/usr/local/etc/nagios/plugins.ini",
	"/etc/opt/nagios/plugins.ini",
	"/etc/nagios-plugins.ini",
	"/usr/local/etc/nagios-plugins.ini",
	"/etc/opt/nagios-plugins.ini",
};
static const char *const names[] = {"monitoring-plugins.ini", "plugins.ini",
				    "nagios-plugins.ini"};

struct reading {
	const char *plugin;
	struct jw_arena *arena;
	struct jw_words *words;
	char **found; /* words of files */
	size_t found_count;
};

/* In the folders of $NAGIOS_CONFIG_PATH. */
static const char *in_path(struct jw_arena *arena, const char *path)
{
	struct jw_str rest = jw_str_of(path);

	while (rest.len) {
		struct jw_str folder = rest;
		struct jw_str after = {0};

		jw_str_cut(rest, ':', &folder, &after);
		for (size_t i = 0; folder.len && i < sizeof(names) / sizeof(*names); i++) {
			const char *file =
				jw_arena_printf(arena, "%.*s/%s", JW_STR_ARG(folder), names[i]);

			if (!access(file, F_OK))
				return file;
		}
		rest = after;
	}
	return NULL;
}

static const char *default_file(struct jw_arena *arena)
{
	const char *given = getenv("MP_CONFIG_FILE");

	if (given && *given)
		return given;
	given = in_path(arena, getenv("NAGIOS_CONFIG_PATH"));
	for (size_t i = 0; !given && i < sizeof(places) / sizeof(*places); i++)
		if (!access(places[i], F_OK))
			given = places[i];
	return given;
}

static enum jw_cause take_line(struct reading *reading, struct jw_str line, struct jw_err *err)
{
	struct jw_str name = line;
	struct jw_str value = {0};
	bool has_value = jw_str_cut(line, '=', &name, &value);

	name = jw_str_trim(name);
	value = jw_str_trim(value);
	if (!name.len)
		return jw_fail(err, JW_CONFIG, "there is no name in front of =");
	if (reading->found_count == WORDS_MAX)
		return jw_fail(err, JW_CONFIG, "there are more than %d options", WORDS_MAX);
	reading->found = jw_arena_grow(reading->arena, reading->found, reading->found_count,
				       sizeof(*reading->found));
	/* "w = 1h" is -w1h; a name of more letters is a long option. */
	reading->found[reading->found_count++] = (char *)(uintptr_t)jw_arena_printf(
		reading->arena, "%s%.*s%s%.*s", name.len > 1 ? "--" : "-", JW_STR_ARG(name),
		has_value && name.len > 1 ? "=" : "", JW_STR_ARG(value));
	return JW_OK;
}

/* "[NAME]" */
static bool is_section(struct jw_str line, struct jw_str *ret_name)
{
	if (!jw_str_starts(line, "[") || line.ptr[line.len - 1] != ']')
		return false;
	*ret_name = jw_str_trim(jw_str_head(jw_str_from(line, 1), line.len - 2));
	return true;
}

static enum jw_cause take_section(struct reading *reading, const char *file,
				  struct jw_str section, struct jw_str text, struct jw_err *err)
{
	struct jw_str rest = text;
	struct jw_str name = {0};
	bool is_found = false;

	for (size_t number = 1; rest.len; number++) {
		struct jw_str line = rest;
		struct jw_str after = {0};

		jw_str_cut(rest, '\n', &line, &after);
		rest = after;
		line = jw_str_trim(line);
		if (!line.len || jw_str_starts(line, "#") || jw_str_starts(line, ";"))
			continue;
		if (is_section(line, &name)) {
			is_found = is_found || jw_str_eq(name, section);
			continue;
		}
		if (jw_str_eq(name, section) && take_line(reading, line, err)) {
			jw_err_in(err, "%s:%zu", file, number);
			return JW_CONFIG;
		}
	}
	if (is_found)
		return JW_OK;
	return jw_fail(err, JW_CONFIG, "%s: there is no section [%.*s]", file,
		       JW_STR_ARG(section));
}

/* What is behind "--extra-opts=": [SECTION][@FILE] */
static enum jw_cause read_file(struct reading *reading, struct jw_str where, struct jw_err *err)
{
	jw_autobuf struct jw_buf text = JW_BUF(FILE_MAX_BYTES);
	struct jw_str section = where;
	struct jw_str file = {0};
	const char *path;
	bool is_open;

	jw_str_cut(where, '@', &section, &file);
	if (!section.len)
		section = jw_str_of(reading->plugin);
	path = file.len ? jw_arena_text(reading->arena, file) : default_file(reading->arena);
	if (!path)
		return jw_fail(err, JW_CONFIG,
			       OPTION ": no file was found where monitoring plugins look for "
				      "one: name it, as in " OPTION "=@FILE");
	if (jw_adapter_files.slurp(NULL, path, &text, &is_open, err)) {
		jw_err_in(err, OPTION ": %s", path);
		return JW_CONFIG;
	}
	if (is_open)
		reading->words->origin = JW_FROM_OPEN_FILE;
	if (!take_section(reading, path, section, jw_buf_get(&text), err))
		return JW_OK;
	jw_err_in(err, OPTION);
	return JW_CONFIG;
}

static bool is_extra(const char *word, struct jw_str *ret_where)
{
	struct jw_str rest = jw_str_of(word);

	if (!jw_str_starts(rest, OPTION))
		return false;
	rest = jw_str_from(rest, strlen(OPTION));
	if (rest.len && !jw_str_starts(rest, "="))
		return false;
	*ret_where = jw_str_from(rest, rest.len ? 1 : 0);
	return true;
}

enum jw_cause jw_extra_opts(const char *plugin, struct jw_arena *arena, struct jw_words *words,
			    struct jw_err *err)
{
	struct reading reading = {.plugin = plugin, .arena = arena, .words = words};
	char **kept = jw_arena_array(arena, (size_t)words->argc + 1, sizeof(*kept));
	struct jw_str where;
	int kept_count = 0;
	char **all;

	for (int i = 0; i < words->argc; i++) {
		if (i && !strcmp(words->argv[i], "--")) {
			while (i < words->argc)
				kept[kept_count++] = words->argv[i++];
			break;
		}
		if (!i || !is_extra(words->argv[i], &where))
			kept[kept_count++] = words->argv[i];
		else if (read_file(&reading, where, err))
			return JW_CONFIG;
	}
	all = jw_arena_array(arena, (size_t)kept_count + reading.found_count + 1, sizeof(*all));
	all[0] = kept[0];
	if (reading.found_count)
		memcpy(all + 1, reading.found, reading.found_count * sizeof(*all));
	memcpy(all + 1 + reading.found_count, kept + 1,
	       (size_t)(kept_count - 1) * sizeof(*all));
	words->argv = all;
	words->argc = kept_count + (int)reading.found_count;
	words->file_count = (int)reading.found_count;
	return JW_OK;
}
