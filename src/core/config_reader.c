/* SPDX-License-Identifier: MIT */
/* What the parts of the configuration's reader have in common. */
#include "core/config_reader.h"

#include <string.h>

void jw_reader_enter(struct jw_reader *r, struct jw_source *source)
{
	r->source = source;
	r->load.file = source->file;
	r->load.folder = source->folder;
}

void jw_reader_error(struct jw_reader *r, const struct jw_node *at, const struct jw_path *path,
		     const char *sentence)
{
	jw_errors_add(r->load.errors, r->load.file, at->at, path, "%s", sentence);
}

void jw_names_add(struct jw_names *names, const struct jw_option *options)
{
	for (; options->name && names->count < JW_NAMES_MAX; options++)
		names->items[names->count++] = options->name;
}

void jw_reader_unknown(struct jw_reader *r, const struct jw_node *key,
		       const struct jw_path *path, const struct jw_names *names,
		       enum jw_quoting quoting)
{
	char quote[JW_QUOTE_TEXT] = "";
	const char *nearest = jw_str_nearest(key->text, names->items, names->count);
	const char *blank = quoting == JW_QUOTE_IT ? " " : "";

	if (quoting == JW_QUOTE_IT)
		jw_errors_quote(key->text, quote);
	if (nearest)
		jw_errors_add(r->load.errors, r->load.file, key->at, path,
			      "unknown key%s%s, did you mean \"%s\"?", blank, quote, nearest);
	else
		jw_errors_add(r->load.errors, r->load.file, key->at, path, "unknown key%s%s",
			      blank, quote);
}

bool jw_reader_is_map(struct jw_reader *r, const struct jw_node *node,
		      const struct jw_path *path, const char *sentence)
{
	if (node->kind != JW_NODE_MAP && node->kind != JW_NODE_BROKEN)
		jw_reader_error(r, node, path, sentence);
	return node->kind == JW_NODE_MAP;
}

void jw_reader_note_plain(struct jw_reader *r, const struct jw_option *option, const void *base)
{
	if (jw_value_is_plain_secret(option, base))
		r->source->has_plain_secrets = true;
}

static int by_name(const void *left, const void *right)
{
	const struct jw_named *a = *(const struct jw_named *const *)left;
	const struct jw_named *b = *(const struct jw_named *const *)right;
	int order = strcmp(a->name, b->name);

	return order ? order : (a > b) - (a < b);
}

typedef void report(struct jw_reader *r, const struct jw_named *first,
		    const struct jw_named *second);

/* Reports each that has the name of one before it. */
static void check(struct jw_reader *r, const struct jw_named *all, size_t count, report *say)
{
	jw_autofree const struct jw_named **sorted = jw_xcalloc(count + 1, sizeof(*sorted));
	size_t named = 0;

	for (size_t i = 0; i < count; i++)
		if (all[i].name)
			sorted[named++] = &all[i];
	qsort(sorted, named, sizeof(*sorted), by_name);
	for (size_t i = 1; i < named; i++)
		if (!strcmp(sorted[i - 1]->name, sorted[i]->name))
			say(r, sorted[i - 1], sorted[i]);
}

static void report_target(struct jw_reader *r, const struct jw_named *first,
			  const struct jw_named *second)
{
	const struct jw_path item = {.up = &jw_path_targets, .index = second->index};
	const struct jw_path path = {&item, JW_STR("name"), 0};
	char quote[JW_QUOTE_TEXT];

	jw_errors_quote(jw_str_of(second->name), quote);
	if (first->source == second->source)
		jw_errors_add(r->load.errors, second->source->file, second->at, &path,
			      "%s is the name of targets[%zu] too", quote, first->index);
	else
		jw_errors_add(r->load.errors, second->source->file, second->at, &path,
			      "%s is the name of a target in %s:%u too", quote,
			      first->source->file, (unsigned)first->at.line);
}

/* In one file it has had its error as a key that stands twice in a mapping. */
static void report_entry(struct jw_reader *r, const struct jw_path *map, const char *noun,
			 const struct jw_named *first, const struct jw_named *second)
{
	const struct jw_path path = {map, jw_str_of(second->name), 0};

	jw_errors_add(r->load.errors, second->source->file, second->at, &path,
		      "is the name of a %s in %s:%u too", noun, first->source->file,
		      (unsigned)first->at.line);
}

static void report_key(struct jw_reader *r, const struct jw_named *first,
		       const struct jw_named *second)
{
	report_entry(r, &jw_path_keys, "key", first, second);
}

static void report_sink(struct jw_reader *r, const struct jw_named *first,
			const struct jw_named *second)
{
	report_entry(r, &jw_path_sinks, "sink", first, second);
}

static void report_module(struct jw_reader *r, const struct jw_named *first,
			  const struct jw_named *second)
{
	report_entry(r, &jw_path_modules, "module", first, second);
}

void jw_reader_check_names(struct jw_reader *r)
{
	check(r, r->keys, r->config->key_count, report_key);
	check(r, r->sinks, r->config->sink_count, report_sink);
	check(r, r->modules, r->config->module_count, report_module);
	check(r, r->targets, r->config->target_count, report_target);
}
