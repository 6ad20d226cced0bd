/* SPDX-License-Identifier: MIT */
/* The map `sinks` of a configuration: where verdicts are sent. */
#include <string.h>

#include "core/config_reader.h"

const struct jw_path jw_path_sinks = {NULL, {"sinks", 5}, 0};

static const struct jw_sink *sink_of(const struct jw_node *entry)
{
	const struct jw_node *type =
		entry->kind == JW_NODE_MAP ? jw_yaml_get(entry, "type") : NULL;

	return type && type->kind == JW_NODE_SCALAR ? jw_sink_by_name(type->text) : NULL;
}

/* By whichever sink's table, since the type itself may be wrong. */
static void mark_secrets(const struct jw_node *entry)
{
	for (const struct jw_sink *const *sink = jw_sinks; *sink; sink++)
		for (const struct jw_option *o = (*sink)->options; o->name; o++) {
			struct jw_node *node =
				o->type == JW_T_SECRET ? jw_yaml_get(entry, o->name) : NULL;

			if (node && node->kind == JW_NODE_SCALAR)
				node->secret = true;
		}
}

void jw_reader_mark_sinks(const struct jw_node *sinks)
{
	if (sinks->kind != JW_NODE_MAP)
		return;
	for (size_t i = 0; i < sinks->count; i++)
		if (sinks->entries[i].value->kind == JW_NODE_MAP)
			mark_secrets(sinks->entries[i].value);
}

static void add_unknown(struct jw_reader *r, const struct jw_node *key,
			const struct jw_path *path, const struct jw_sink *sink)
{
	struct jw_names names = {.items = {"type"}, .count = 1};

	jw_names_add(&names, sink->options);
	jw_names_add(&names, jw_sink_options);
	jw_reader_unknown(r, key, path, &names, JW_QUOTE_NOTHING);
}

static void add_no_type(struct jw_load *load, const struct jw_node *node,
			const struct jw_path *path)
{
	const struct jw_node *type = jw_yaml_get(node, "type");
	jw_autobuf struct jw_buf known = JW_BUF(JW_ERR_MAX);
	char quote[JW_QUOTE_TEXT];

	for (const struct jw_sink *const *sink = jw_sinks; *sink; sink++)
		jw_buf_printf(&known, "%s%s", sink == jw_sinks ? "" : ", ", (*sink)->name);
	if (!type)
		jw_errors_add(load->errors, load->file, node->at, path,
			      "has no type: write one of %s", known.ptr);
	else if (type->kind == JW_NODE_SCALAR && !type->secret)
		jw_errors_add(load->errors, load->file, type->at, path,
			      "%s is no type of sink (known: %s)",
			      jw_errors_quote(type->text, quote), known.ptr);
	else if (type->kind != JW_NODE_BROKEN)
		jw_errors_add(load->errors, load->file, type->at, path,
			      "type is one of these words: %s", known.ptr);
}

static void read_entry(struct jw_reader *r, const struct jw_entry *own,
		       const struct jw_path *path, struct jw_sink_entry *entry)
{
	struct jw_load *load = &r->load;
	const struct jw_path own_path = {path, own->key->text, 0};
	const struct jw_option *option = jw_config_row(entry->sink->options, own->key->text);
	void *base = entry->config;

	if (!option) {
		option = jw_config_row(jw_sink_options, own->key->text);
		base = entry;
	}
	if (!jw_value_once(load, own, path) || jw_str_is(own->key->text, "type"))
		return;
	if (!option) {
		add_unknown(r, own->key, path, entry->sink);
		return;
	}
	jw_value_read(load, option, own->value, &own_path, base);
	jw_reader_note_plain(r, option, base);
}

/* Nothing but $name$ may stand between two $. */
static void check_pattern(struct jw_reader *r, const struct jw_node *node,
			  const struct jw_path *path, const char *option, const char *pattern)
{
	const struct jw_node *at = jw_yaml_get(node, option);
	const struct jw_path own = {path, jw_str_of(option), 0};

	if (!pattern || !at)
		return;
	if (!*pattern)
		jw_reader_error(r, at, &own, "is empty");
	while ((pattern = strchr(pattern, '$'))) {
		if (!jw_str_starts(jw_str_of(pattern), "$name$")) {
			jw_reader_error(
				r, at, &own,
				"holds a $ that doesn't belong to $name$, the only word "
				"between two $");
			return;
		}
		pattern += strlen("$name$");
	}
}

/* What is there with a wrong value has had its error. */
static void check_required(struct jw_load *load, const struct jw_node *node,
			   const struct jw_path *path, const struct jw_sink_entry *entry)
{
	for (const struct jw_option *o = entry->sink->options; o->name; o++)
		if (o->required && !jw_yaml_get(node, o->name))
			jw_errors_add(load->errors, load->file, node->at, path, "has no %s: %s",
				      o->name, o->help);
}

/* The sink's own look at its values: its sentence begins with the option's name. */
static void prepare(struct jw_reader *r, const struct jw_node *node, const struct jw_path *path,
		    struct jw_sink_entry *entry)
{
	const struct jw_node *at;
	struct jw_str name;
	struct jw_str sentence;
	struct jw_err err;

	if (!entry->sink->prepare || !entry->sink->prepare(entry->config, r->load.arena, &err))
		return;
	if (!jw_str_cut(jw_str_of(err.text), ':', &name, &sentence)) {
		jw_reader_error(r, node, path, err.text);
		return;
	}
	at = jw_yaml_get(node, jw_arena_text(r->load.arena, name));
	jw_reader_error(r, at ? at : node, &(struct jw_path){path, name, 0},
			jw_str_trim(sentence).ptr);
}

/* Only monitoring systems have hosts and services. */
static void check_names(struct jw_reader *r, const struct jw_node *node,
			const struct jw_path *path, struct jw_sink_entry *entry)
{
	static const char *const names[] = {"host", "service"};

	if (entry->sink->when == JW_SINK_EVERY) {
		check_pattern(r, node, path, "host", entry->host);
		check_pattern(r, node, path, "service", entry->service);
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		const struct jw_node *at = jw_yaml_get(node, names[i]);

		if (at)
			jw_reader_error(r, at, &(struct jw_path){path, jw_str_of(names[i]), 0},
					"means nothing here: this type of sink is told of "
					"targets, and only monitoring systems have hosts and "
					"services");
	}
	entry->host = entry->service = NULL;
}

static void read_sink(struct jw_reader *r, const struct jw_node *node,
		      const struct jw_path *path, struct jw_sink_entry *entry)
{
	struct jw_load *load = &r->load;
	size_t errors = load->errors->count;

	if (!jw_reader_is_map(r, node, path,
			      "is not a mapping such as {type: command_file, path: PATH}"))
		return;
	entry->sink = sink_of(node);
	if (!entry->sink) {
		add_no_type(load, node, path);
		return;
	}
	entry->config = jw_arena_alloc(load->arena, entry->sink->config_size);
	jw_value_fallbacks(load, entry->sink->options, entry->config);
	jw_value_fallbacks(load, jw_sink_options, entry);
	for (size_t i = 0; i < node->count; i++)
		read_entry(r, &node->entries[i], path, entry);
	check_names(r, node, path, entry);
	check_required(load, node, path, entry);
	if (load->errors->count == errors)
		prepare(r, node, path, entry);
}

void jw_reader_sinks(struct jw_reader *r, const struct jw_node *node)
{
	struct jw_config *config = r->config;
	struct jw_load *load = &r->load;
	struct jw_err err;

	if (!jw_reader_is_map(r, node, &jw_path_sinks,
			      "is not a mapping of names to {type, ...}"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		const struct jw_entry *own = &node->entries[i];
		const struct jw_path path = {&jw_path_sinks, own->key->text, 0};
		struct jw_sink_entry *entry = &config->sinks[config->sink_count];

		if (!jw_value_once(load, own, &jw_path_sinks))
			continue;
		if (jw_value_name(own->key->text, &err))
			jw_errors_add(load->errors, load->file, own->key->at, &jw_path_sinks,
				      "the name of a sink %s", err.text);
		entry->name = jw_arena_text(load->arena, own->key->text);
		r->sinks[config->sink_count++] =
			(struct jw_named){entry->name, r->source, own->key->at, 0};
		read_sink(r, own->value, &path, entry);
	}
}

static bool holds_name(const char *pattern)
{
	return pattern && strstr(pattern, "$name$");
}

/* All results would go to one service, where the last one hides the others. */
void jw_reader_check_services(struct jw_reader *r)
{
	const struct jw_config *config = r->config;

	for (size_t i = 0; config->target_count > 1 && i < config->sink_count; i++) {
		const struct jw_sink_entry *entry = &config->sinks[i];
		const struct jw_path path = {&jw_path_sinks, jw_str_of(entry->name), 0};

		if (!entry->service || holds_name(entry->host) || holds_name(entry->service))
			continue;
		jw_errors_add(r->load.errors, r->sinks[i].source->file, r->sinks[i].at, &path,
			      "gives all %zu targets one service, where an OK would replace "
			      "another's CRITICAL: write $name$ into service or host",
			      config->target_count);
	}
}

enum jw_cause jw_config_sink(const struct jw_config *config, struct jw_str name,
			     const struct jw_sink_entry **ret_sink, struct jw_err *err)
{
	jw_autofree const char **names = jw_xcalloc(config->sink_count, sizeof(*names));
	char quote[JW_QUOTE_TEXT];
	const char *nearest;

	for (size_t i = 0; i < config->sink_count; i++) {
		names[i] = config->sinks[i].name;
		if (!jw_str_is(name, names[i]))
			continue;
		*ret_sink = &config->sinks[i];
		return JW_OK;
	}
	jw_errors_quote(name, quote);
	nearest = jw_str_nearest(name, names, config->sink_count);
	if (nearest)
		return jw_fail(err, JW_CONFIG, "no sink is called %s, did you mean %s?", quote,
			       nearest);
	return jw_fail(err, JW_CONFIG, "no sink is called %s%s", quote,
		       config->sink_count ? "" : ": the configuration has no sinks");
}
