/* SPDX-License-Identifier: MIT */
/* YAML into a configuration: every error is added, and one is enough for there to be no configuration. */
#include <string.h>

#include "core/config_reader.h"

#define EXAMPLE                                                                                \
	"the smallest valid configuration is: "                                                \
	"targets: [{name: page, check: html_file, path: /srv/page.html}]"

const struct jw_path jw_path_targets = {NULL, {"targets", 7}, 0};
static const struct jw_path defaults_path = {NULL, {"defaults", 8}, 0};

static void check_key_name(struct jw_reader *r, const struct jw_node *node,
			   const struct jw_path *path)
{
	struct jw_err err;

	/* Anything else has its error from the reading of the value; and a key may be in a file that couldn't be read. */
	if (!r->sources.is_partial && node->kind == JW_NODE_SCALAR && node->text.len &&
	    !node->secret && !jw_yaml_is_null(node) &&
	    jw_config_key_exists(r->config, node->text, &err))
		jw_reader_error(r, node, path, err.text);
}

static void check_key_names(struct jw_reader *r, const struct jw_node *node,
			    const struct jw_path *path)
{
	if (node->kind != JW_NODE_LIST) {
		check_key_name(r, node, path);
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		check_key_name(r, node->items[i], &(struct jw_path){.up = path, .index = i});
}

static void check_target_name(struct jw_reader *r, const struct jw_node *node,
			      const struct jw_path *path, const struct jw_target *target)
{
	struct jw_err err;

	if (target->name && jw_value_name(jw_str_of(target->name), &err))
		jw_reader_error(r, node, path, err.text);
}

/* One of the options that every target has, and what its type alone can't check. */
static void read_option(struct jw_reader *r, const struct jw_option *option,
			const struct jw_node *node, const struct jw_path *path,
			struct jw_target *target)
{
	jw_value_read(&r->load, option, node, path, target);
	jw_reader_note_plain(r, option, target);
	if (option->offset == offsetof(struct jw_target, key))
		check_key_names(r, node, path);
	if (option->offset == offsetof(struct jw_target, name))
		check_target_name(r, node, path, target);
}

/* The option of this name that one of the checks has. */
static const struct jw_check *check_with(struct jw_str name)
{
	for (const struct jw_check *const *check = jw_checks; *check; check++)
		if (jw_config_row((*check)->options, name))
			return *check;
	return NULL;
}

static void read_default(struct jw_reader *r, const struct jw_entry *entry)
{
	const struct jw_option *option = jw_config_shared_row(NULL, entry->key->text);
	const struct jw_check *check = check_with(entry->key->text);
	const struct jw_path path = {&defaults_path, entry->key->text, 0};
	struct jw_names names = {0};

	if (option && (option->offset == offsetof(struct jw_target, name) ||
		       option->offset == offsetof(struct jw_target, same_as) ||
		       jw_config_is_check_row(option))) {
		jw_reader_error(r, entry->key, &path,
				"belongs to each target, not to defaults");
	} else if (option) {
		read_option(r, option, entry->value, &path, &r->source->prototype);
	} else if (check) {
		jw_errors_add(r->load.errors, r->load.file, entry->key->at, &path,
			      "is an option of the check %s: it belongs to each target, not to "
			      "defaults",
			      check->name);
	} else {
		jw_names_add(&names, jw_target_options);
		jw_names_add(&names, jw_token_options);
		jw_reader_unknown(r, entry->key, &defaults_path, &names, JW_QUOTE_IT);
	}
}

/* Of two options that don't go together: at the first one where it is given here. What stands in defaults alone
 * is checked there. */
static void add_conflict(struct jw_reader *r, const struct jw_node *node,
			 const struct jw_path *path, const char *first, const char *second,
			 const char *sentence)
{
	const char *name = jw_yaml_get(node, first) ? first : second;
	const struct jw_node *at = jw_yaml_get(node, name);
	const struct jw_path own = {path, jw_str_of(name), 0};

	if (at)
		jw_reader_error(r, at, &own, sentence);
}

static void check_order(struct jw_reader *r, const struct jw_target *target,
			const struct jw_node *node, const struct jw_path *path)
{
	struct jw_err err;

	if (jw_threshold_order(&target->expect.warning, &target->expect.critical, &err))
		add_conflict(r, node, path, "warning", "critical", err.text);
	if (jw_config_certificates(target, &err))
		add_conflict(r, node, path, "certificate_warning", "certificate_critical",
			     err.text);
	if (jw_config_lifetimes(target, &err))
		add_conflict(r, node, path, "min_lifetime", "max_lifetime", err.text);
}

/* Also where defaults say so, which other targets may need. */
static void check_acceptance(struct jw_reader *r, const struct jw_target *target,
			     const struct jw_node *node, const struct jw_path *path)
{
	const struct jw_node *at = jw_yaml_get(node, "accepted_by");
	struct jw_err err;

	if (jw_config_acceptance(target, &err))
		jw_reader_error(r, at ? at : node,
				&(struct jw_path){path, JW_STR("accepted_by"), 0}, err.text);
}

static void read_defaults(struct jw_reader *r, const struct jw_node *node)
{
	size_t errors = r->load.errors->count;

	if (!jw_reader_is_map(r, node, &defaults_path,
			      "is not a mapping such as {timeout: 10s}"))
		return;
	for (size_t i = 0; i < node->count; i++)
		if (jw_value_once(&r->load, &node->entries[i], &defaults_path))
			read_default(r, &node->entries[i]);
	if (r->load.errors->count == errors)
		check_order(r, &r->source->prototype, node, &defaults_path);
}

/* The check that a target names, or NULL and an error. */
static const struct jw_check *read_check(struct jw_reader *r, const struct jw_node *target,
					 const struct jw_path *path)
{
	const struct jw_node *node = jw_yaml_get(target, "check");
	const struct jw_path own = {path, JW_STR("check"), 0};
	const struct jw_check *check;
	struct jw_names names = {0};
	char quote[JW_QUOTE_TEXT];
	const char *nearest;

	for (size_t i = 0; jw_checks[i] && i < JW_NAMES_MAX; i++)
		names.items[names.count++] = jw_checks[i]->name;
	if (!node || node->kind != JW_NODE_SCALAR || node->secret || jw_yaml_is_null(node)) {
		if (!node || node->kind != JW_NODE_BROKEN)
			jw_errors_add(r->load.errors, r->load.file,
				      node ? node->at : target->at, path,
				      "names no check: write check: %s", names.items[0]);
		return NULL;
	}
	check = jw_check_by_name(node->text);
	if (check)
		return check;
	nearest = jw_str_nearest(node->text, names.items, names.count);
	jw_errors_add(r->load.errors, r->load.file, node->at, &own,
		      nearest ? "%s is no check, did you mean \"%s\"?"
			      : "%s is no check: try \"%s\"",
		      jw_errors_quote(node->text, quote), nearest ? nearest : names.items[0]);
	return NULL;
}

static void add_unknown_option(struct jw_reader *r, const struct jw_node *key,
			       const struct jw_path *path, const struct jw_check *check)
{
	struct jw_names names = {0};

	jw_names_add(&names, jw_target_options);
	if (r->module)
		jw_names_add(&names, jw_module_options);
	jw_names_add(&names, check->options);
	if (check->kind != JW_CHECK_SERVER)
		jw_names_add(&names, jw_token_options);
	jw_reader_unknown(r, key, path, &names, JW_QUOTE_IT);
}

static void read_entry(struct jw_reader *r, const struct jw_entry *entry,
		       const struct jw_path *path, struct jw_target *target)
{
	const struct jw_option *own =
		target->check ? jw_config_row(target->check->options, entry->key->text) : NULL;
	const struct jw_option *shared = jw_config_shared_row(target->check, entry->key->text);
	const struct jw_path own_path = {path, entry->key->text, 0};

	if (r->module && jw_reader_module_entry(r, entry, path))
		return;
	if (own) {
		jw_value_read(&r->load, own, entry->value, &own_path, target->config);
		jw_reader_note_plain(r, own, target->config);
		if (jw_config_is_key_row(own))
			check_key_names(r, entry->value, &own_path);
	} else if (shared) {
		if (!jw_config_is_check_row(shared))
			read_option(r, shared, entry->value, &own_path, target);
	} else if (target->check) {
		add_unknown_option(r, entry->key, path, target->check);
	}
}

/* False where a required option isn't set: its value has had an error, or it gets one here. */
static bool has_required(struct jw_reader *r, const struct jw_option *options, const void *base,
			 const struct jw_node *node, const struct jw_path *path)
{
	bool has_all = true;

	for (const struct jw_option *o = options; o->name; o++) {
		if (!o->required || jw_config_is_check_row(o) || jw_value_is_set(o, base) ||
		    (r->module && jw_config_is_asked(o)))
			continue;
		has_all = false;
		if (!jw_yaml_get(node, o->name))
			jw_errors_add(r->load.errors, r->load.file, node->at, path,
				      "has no %s: %s", o->name, o->help);
	}
	return has_all;
}

/* A module's check is asked about a URL that there is none of yet. */
static enum jw_cause run_prepare(struct jw_reader *r, struct jw_target *target,
				 struct jw_err *err)
{
	void *config;

	if (r->module)
		return jw_config_with_url(target, JW_STR("https://module.invalid/"),
					  r->load.arena, &config, err);
	return target->check->prepare
		       ? target->check->prepare(target->config, r->load.arena, err)
		       : JW_OK;
}

/* A check's own look at its values: its sentence begins with the option's name. */
static void prepare(struct jw_reader *r, struct jw_target *target, const struct jw_node *node,
		    const struct jw_path *path)
{
	struct jw_str name;
	struct jw_str sentence;
	const struct jw_node *at = NULL;
	const struct jw_option *option = NULL;
	struct jw_err err;

	if (!run_prepare(r, target, &err))
		return;
	if (jw_str_cut(jw_str_of(err.text), ':', &name, &sentence))
		option = jw_config_row(target->check->options, name);
	if (!option) {
		jw_reader_error(r, node, path, err.text);
		return;
	}
	at = jw_yaml_get(node, option->name);
	jw_reader_error(r, at ? at : node, &(struct jw_path){path, name, 0},
			jw_str_trim(sentence).ptr);
}

void jw_reader_target(struct jw_reader *r, const struct jw_node *node,
		      const struct jw_path *path, struct jw_target *target)
{
	size_t errors = r->load.errors->count;
	const struct jw_check *check;

	*target = r->source->prototype;
	target->file = r->load.file;
	target->line = node->at.line;
	if (!jw_reader_is_map(r, node, path,
			      r->module ? "is not a mapping such as {check: token_endpoint, "
					  "allow: 'https://HOST/*'}"
					: "is not a mapping such as {name: page, check: "
					  "html_file, ...}"))
		return;
	check = read_check(r, node, path);
	if (check)
		jw_config_give_check(&r->load, target, check);
	for (size_t i = 0; i < node->count; i++)
		if (jw_value_once(&r->load, &node->entries[i], path))
			read_entry(r, &node->entries[i], path, target);
	has_required(r, jw_target_options, target, node, path);
	if (!check || !has_required(r, check->options, target->config, node, path) ||
	    r->load.errors->count != errors)
		return;
	check_order(r, target, node, path);
	check_acceptance(r, target, node, path);
	jw_config_conclude(target);
	prepare(r, target, node, path);
}

static size_t count_of(const struct jw_source *source, const char *section,
		       enum jw_node_kind kind)
{
	const struct jw_node *node = source->root ? jw_yaml_get(source->root, section) : NULL;

	return node && node->kind == kind ? node->count : 0;
}

/* Room for what all files have, since pointers into it are kept. */
static void reserve(struct jw_reader *r)
{
	struct jw_config *config = r->config;
	size_t keys = 0;
	size_t sinks = 0;
	size_t modules = 0;
	size_t targets = 0;

	for (size_t i = 0; i < r->sources.count; i++) {
		keys += count_of(r->sources.items[i], "keys", JW_NODE_MAP);
		sinks += count_of(r->sources.items[i], "sinks", JW_NODE_MAP);
		modules += count_of(r->sources.items[i], "modules", JW_NODE_MAP);
		targets += count_of(r->sources.items[i], "targets", JW_NODE_LIST);
	}
	if (targets > JW_CONFIG_TARGETS_MAX)
		targets = JW_CONFIG_TARGETS_MAX;
	config->keys = jw_arena_array(r->load.arena, keys, sizeof(*config->keys));
	r->keys = jw_arena_array(&r->tree, keys, sizeof(*r->keys));
	config->sinks = jw_arena_array(r->load.arena, sinks, sizeof(*config->sinks));
	r->sinks = jw_arena_array(&r->tree, sinks, sizeof(*r->sinks));
	config->modules = jw_arena_array(r->load.arena, modules, sizeof(*config->modules));
	r->modules = jw_arena_array(&r->tree, modules, sizeof(*r->modules));
	jw_config_reserve(config, targets);
	r->targets = jw_arena_array(&r->tree, targets, sizeof(*r->targets));
}

static void note_name(struct jw_reader *r, const struct jw_target *target,
		      const struct jw_node *node, size_t index)
{
	const struct jw_node *name = jw_yaml_get(node, "name");

	r->targets[r->config->target_count] =
		(struct jw_named){target->name, r->source, name ? name->at : node->at, index};
}

static void read_targets(struct jw_reader *r, const struct jw_node *node)
{
	struct jw_config *config = r->config;

	if (node->kind != JW_NODE_LIST ||
	    node->count > JW_CONFIG_TARGETS_MAX - config->target_count) {
		if (jw_yaml_is_null(node))
			jw_reader_error(r, node, &jw_path_targets, "has no value; " EXAMPLE);
		else if (node->kind == JW_NODE_LIST)
			jw_reader_error(r, node, &jw_path_targets, "has too many items");
		else if (node->kind != JW_NODE_BROKEN)
			jw_reader_error(r, node, &jw_path_targets, "is not a list; " EXAMPLE);
		return;
	}
	for (size_t i = 0; i < node->count && !jw_errors_full(r->load.errors); i++) {
		const struct jw_path path = {.up = &jw_path_targets, .index = i};
		struct jw_target *target = &config->targets[config->target_count];

		jw_reader_target(r, node->items[i], &path, target);
		note_name(r, target, node->items[i], i);
		config->target_count++;
	}
}

static bool is_section(struct jw_str name, struct jw_names *names)
{
	bool is_one = false;

	for (const struct jw_section *section = jw_config_sections; section->name; section++) {
		names->items[names->count++] = section->name;
		is_one = is_one || jw_str_is(name, section->name);
	}
	return is_one;
}

/* True for a mapping that may be a configuration; an included file may be empty. */
static bool read_root(struct jw_reader *r, const struct jw_node *root)
{
	enum jw_quoting quoting = r->source->parent ? JW_QUOTE_NOTHING : JW_QUOTE_IT;

	if (jw_yaml_is_null(root)) {
		if (!r->source->parent)
			jw_reader_error(r, root, NULL, "the configuration is empty; " EXAMPLE);
		return false;
	}
	if (!jw_reader_is_map(r, root, NULL, "the configuration is not a mapping; " EXAMPLE))
		return false;
	for (size_t i = 0; i < root->count; i++) {
		const struct jw_node *key = root->entries[i].key;
		struct jw_names names = {0};

		if (is_section(key->text, &names))
			jw_value_once(&r->load, &root->entries[i], NULL);
		else
			jw_reader_unknown(r, key, NULL, &names, quoting);
	}
	return true;
}

static void read_file_keys(struct jw_reader *r, const struct jw_node *root)
{
	const struct jw_node *keys;
	const struct jw_node *sinks;

	if (!read_root(r, root))
		return;
	keys = jw_yaml_get(root, "keys");
	sinks = jw_yaml_get(root, "sinks");
	if (keys)
		jw_reader_keys(r, keys);
	if (sinks)
		jw_reader_sinks(r, sinks);
	if (jw_yaml_get(root, "daemon"))
		jw_reader_daemon(r, jw_yaml_get(root, "daemon"));
}

/* What a file's targets begin with, and those of the files that it includes. */
static void read_file_defaults(struct jw_reader *r, const struct jw_node *root)
{
	struct jw_source *source = r->source;
	const struct jw_node *defaults = jw_yaml_get(root, "defaults");

	source->prototype = source->parent ? source->parent->prototype : r->fallback;
	if (defaults)
		read_defaults(r, defaults);
}

static void read_file_targets(struct jw_reader *r, const struct jw_node *root)
{
	const struct jw_node *targets = jw_yaml_get(root, "targets");
	const struct jw_node *modules = jw_yaml_get(root, "modules");

	if (modules)
		jw_reader_modules(r, modules);
	if (targets)
		read_targets(r, targets);
	else if (!r->source->parent && root->kind == JW_NODE_MAP &&
		 !jw_yaml_get(root, "include"))
		jw_reader_error(r, root, NULL, "there are no targets; " EXAMPLE);
}

typedef void pass(struct jw_reader *r, const struct jw_node *root);

/* Keys come first, since defaults and targets of any file name them; then defaults, which targets begin with. */
static void read_all(struct jw_reader *r)
{
	static pass *const passes[] = {read_file_keys, read_file_defaults, read_file_targets};

	reserve(r);
	for (size_t i = 0; i < sizeof(passes) / sizeof(*passes); i++)
		for (size_t j = 0; j < r->sources.count; j++) {
			struct jw_source *source = r->sources.items[j];

			if (!source->root)
				continue;
			jw_reader_enter(r, source);
			passes[i](r, source->root);
		}
	jw_reader_check_names(r);
	jw_reader_check_services(r);
	jw_reader_check_copies(r);
	jw_reader_check_renewals(r);
	jw_reader_check_hosts(r);
	jw_reader_check_token_api(r);
}

static void note_plain_files(struct jw_reader *r)
{
	struct jw_config *config = r->config;
	size_t count = 0;

	config->plain_files = jw_arena_array(r->load.arena, r->sources.count + 1,
					     sizeof(*config->plain_files));
	for (size_t i = 0; i < r->sources.count; i++)
		if (r->sources.items[i]->has_plain_secrets)
			config->plain_files[count++] = r->sources.items[i]->file;
	config->has_plain_secrets = count > 0;
}

struct jw_config *jw_config_read(struct jw_str text, const char *file, const char *folder,
				 const struct jw_files *files, int64_t deadline_ms,
				 struct jw_errors *errors)
{
	struct jw_config *config = jw_config_new();
	size_t before = errors->count;
	struct jw_reader reader = {.config = config, .deadline_ms = deadline_ms};

	config->file = jw_arena_text(&config->arena, jw_str_of(file));
	reader.load = (struct jw_load){.arena = &config->arena, .errors = errors};
	jw_value_fallbacks(&reader.load, jw_daemon_options, &config->daemon);
	jw_config_prototype(&reader.load, &reader.fallback);
	jw_include_all(&reader, text, folder, files);
	read_all(&reader);
	note_plain_files(&reader);
	jw_arena_done(&reader.tree);
	if (!reader.sources.is_partial && errors->count == before)
		return config;
	jw_config_free(config);
	return NULL;
}
