/* SPDX-License-Identifier: MIT */
/* Options that stand together in a mapping of their own. */
#include "core/value_types.h"

#define NAMES_MAX 128

static const struct jw_option *row_of(const struct jw_option *options, struct jw_str name)
{
	for (; options->name; options++)
		if (jw_str_is(name, options->name))
			return options;
	return NULL;
}

static void add_unknown(struct jw_load *load, const struct jw_option *options,
			const struct jw_node *key, const struct jw_path *path)
{
	const char *names[NAMES_MAX];
	char quote[JW_QUOTE_TEXT];
	size_t count = 0;
	const char *nearest;

	for (; options->name && count < NAMES_MAX; options++)
		names[count++] = options->name;
	nearest = jw_str_nearest(key->text, names, count);
	jw_errors_quote(key->text, quote);
	if (nearest)
		jw_errors_add(load->errors, load->file, key->at, path,
			      "unknown key %s, did you mean \"%s\"?", quote, nearest);
	else
		jw_errors_add(load->errors, load->file, key->at, path, "unknown key %s", quote);
}

static void read_entry(struct jw_load *load, const struct jw_option *options,
		       const struct jw_entry *entry, const struct jw_path *path, void *base)
{
	const struct jw_option *option = row_of(options, entry->key->text);

	if (!jw_value_once(load, entry, path))
		return;
	if (option)
		jw_value_read(load, option, entry->value,
			      &(struct jw_path){path, entry->key->text, 0}, base);
	else
		add_unknown(load, options, entry->key, path);
}

static void check_required(struct jw_load *load, const struct jw_option *options,
			   const struct jw_node *node, const struct jw_path *path,
			   const void *base)
{
	for (; options->name; options++)
		if (options->required && !jw_value_is_set(options, base) &&
		    !jw_yaml_get(node, options->name))
			jw_errors_add(load->errors, load->file, node->at, path, "has no %s: %s",
				      options->name, options->help);
}

void jw_value_read_group(struct jw_load *load, const struct jw_option *option,
			 const struct jw_node *node, const struct jw_path *path, void *field)
{
	size_t errors = load->errors->count;
	void *base;

	if (node->kind == JW_NODE_BROKEN)
		return;
	if (node->kind != JW_NODE_MAP) {
		jw_errors_add(load->errors, load->file, node->at, path, "is not %s",
			      jw_value_types[JW_T_GROUP].is);
		return;
	}
	base = jw_arena_array(load->arena, 1, option->group_size);
	jw_value_fallbacks(load, option->group, base);
	for (size_t i = 0; i < node->count; i++)
		read_entry(load, option->group, &node->entries[i], path, base);
	check_required(load, option->group, node, path, base);
	if (load->errors->count == errors)
		*(const void **)field = base;
}
