/* SPDX-License-Identifier: MIT */
/* `daemon` and `modules` of a configuration: what `jwtwatch run` has beside the targets. */
#include "core/config_reader.h"

const struct jw_path jw_path_modules = {NULL, {"modules", 7}, 0};
static const struct jw_path daemon_path = {NULL, {"daemon", 6}, 0};

static void read_daemon_entry(struct jw_reader *r, const struct jw_entry *own)
{
	const struct jw_option *option = jw_config_row(jw_daemon_options, own->key->text);
	const struct jw_path path = {&daemon_path, own->key->text, 0};
	struct jw_names names = {0};

	if (!jw_value_once(&r->load, own, &daemon_path))
		return;
	if (option) {
		jw_value_read(&r->load, option, own->value, &path, &r->config->daemon);
		return;
	}
	jw_names_add(&names, jw_daemon_options);
	jw_reader_unknown(r, own->key, &daemon_path, &names, JW_QUOTE_NOTHING);
}

void jw_reader_daemon(struct jw_reader *r, const struct jw_node *node)
{
	if (!jw_reader_is_map(r, node, &daemon_path,
			      "is not a mapping such as {listen: '127.0.0.1:9788'}"))
		return;
	if (r->daemon.source) {
		jw_errors_add(r->load.errors, r->load.file, node->at, &daemon_path,
			      "stands in %s:%u too", r->daemon.source->file,
			      (unsigned)r->daemon.at.line);
		return;
	}
	r->daemon = (struct jw_named){"daemon", r->source, node->at, 0};
	for (size_t i = 0; i < node->count; i++)
		read_daemon_entry(r, &node->entries[i]);
}

static void check_pattern(struct jw_reader *r, const struct jw_node *node,
			  const struct jw_path *path)
{
	const char *problem;

	/* Anything else has its error from the reading of the value. */
	if (node->kind != JW_NODE_SCALAR || node->secret || jw_yaml_is_null(node) ||
	    !node->text.len)
		return;
	problem = jw_config_allow_problem(jw_arena_text(&r->tree, node->text));
	if (problem)
		jw_reader_error(r, node, path, problem);
}

static void check_patterns(struct jw_reader *r, const struct jw_node *node,
			   const struct jw_path *path)
{
	if (node->kind != JW_NODE_LIST) {
		check_pattern(r, node, path);
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		check_pattern(r, node->items[i], &(struct jw_path){.up = path, .index = i});
}

static bool is_for_all(const struct jw_option *option)
{
	return option && jw_config_is_asked(option);
}

bool jw_reader_module_entry(struct jw_reader *r, const struct jw_entry *entry,
			    const struct jw_path *path)
{
	const struct jw_option *option = jw_config_row(jw_module_options, entry->key->text);
	const struct jw_path own_path = {path, entry->key->text, 0};
	const struct jw_target *target = r->module->target;

	if (option) {
		jw_value_read(&r->load, option, entry->value, &own_path, r->module);
		check_patterns(r, entry->value, &own_path);
		return true;
	}
	if (target->check &&
	    jw_config_row(target->check->options, entry->key->text) ==
		    jw_config_url_row(target->check) &&
	    jw_str_is(entry->key->text, "url")) {
		jw_reader_error(r, entry->key, &own_path,
				"comes with each question: say in allow which URLs are taken");
		return true;
	}
	if (is_for_all(jw_config_row(jw_target_options, entry->key->text)) ||
	    is_for_all(jw_config_row(jw_token_options, entry->key->text))) {
		jw_reader_error(r, entry->key, &own_path,
				"is an option of targets, not of modules");
		return true;
	}
	return false;
}

/* False, and an error, where the check is one that can't be asked for a URL. */
static bool takes_url(struct jw_reader *r, const struct jw_node *node,
		      const struct jw_path *path)
{
	const struct jw_node *at =
		node->kind == JW_NODE_MAP ? jw_yaml_get(node, "check") : NULL;
	const struct jw_check *check =
		at && at->kind == JW_NODE_SCALAR ? jw_check_by_name(at->text) : NULL;
	const struct jw_path own = {path, JW_STR("check"), 0};

	if (!check || jw_config_takes_url(check))
		return true;
	jw_errors_add(r->load.errors, r->load.file, at->at, &own,
		      "%s asks for no URL, so it can't be a module's", check->name);
	return false;
}

static void read_module(struct jw_reader *r, const struct jw_node *node,
			const struct jw_path *path, struct jw_module_entry *module)
{
	if (!takes_url(r, node, path))
		return;
	module->target = jw_arena_alloc(r->load.arena, sizeof(*module->target));
	r->module = module;
	jw_reader_target(r, node, path, module->target);
	module->target->name = module->name;
	if (node->kind == JW_NODE_MAP && !jw_yaml_get(node, "allow"))
		jw_errors_add(r->load.errors, r->load.file, node->at, path, "has no allow: %s",
			      jw_module_options[0].help);
	r->module = NULL;
}

void jw_reader_modules(struct jw_reader *r, const struct jw_node *node)
{
	struct jw_config *config = r->config;
	struct jw_err err;

	if (!jw_reader_is_map(r, node, &jw_path_modules,
			      "is not a mapping of names to {check, allow, ...}"))
		return;
	for (size_t i = 0; i < node->count && !jw_errors_full(r->load.errors); i++) {
		const struct jw_entry *own = &node->entries[i];
		const struct jw_path path = {&jw_path_modules, own->key->text, 0};
		struct jw_module_entry *module = &config->modules[config->module_count];

		if (!jw_value_once(&r->load, own, &jw_path_modules))
			continue;
		if (jw_value_name(own->key->text, &err))
			jw_errors_add(r->load.errors, r->load.file, own->key->at,
				      &jw_path_modules, "the name of a module %s", err.text);
		module->name = jw_arena_text(r->load.arena, own->key->text);
		r->modules[config->module_count++] =
			(struct jw_named){module->name, r->source, own->key->at, 0};
		read_module(r, own->value, &path, module);
	}
}
