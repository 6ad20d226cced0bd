/* SPDX-License-Identifier: MIT */
/* YAML into a configuration: every error is added, and one is enough for there to be no configuration. */
#include <string.h>

#include "core/config_parts.h"

#define EXAMPLE                                                                                \
	"the smallest valid configuration is: "                                                \
	"targets: [{name: page, check: html_file, path: /srv/page.html}]"

#define NAMES_MAX 128

struct reader {
	struct jw_load load;
	struct jw_config *config;
	struct jw_target
		prototype; /* what a target is before its own values: defaults, fallbacks */
};

static const struct jw_path keys_path = {NULL, {"keys", 4}, 0};
static const struct jw_path defaults_path = {NULL, {"defaults", 8}, 0};
static const struct jw_path targets_path = {NULL, {"targets", 7}, 0};

static void add_error(struct reader *r, const struct jw_node *at, const struct jw_path *path,
		      const char *sentence)
{
	jw_errors_add(r->load.errors, r->load.file, at->at, path, "%s", sentence);
}

/* The names that could have been meant by an unknown key. */
struct names {
	const char *items[NAMES_MAX];
	size_t count;
};

static void add_names(struct names *names, const struct jw_option *options)
{
	for (; options->name && names->count < NAMES_MAX; options++)
		names->items[names->count++] = options->name;
}

/* Among a key's options the unknown word isn't quoted: it may be the secret, put in the wrong place. */
static void add_unknown(struct reader *r, const struct jw_node *key, const struct jw_path *path,
			const struct names *names)
{
	char quote[JW_QUOTE_TEXT] = "";
	const char *nearest = jw_str_nearest(key->text, names->items, names->count);
	const char *blank = "";

	if (!path || path->up != &keys_path) {
		blank = " ";
		jw_errors_quote(key->text, quote);
	}
	if (nearest)
		jw_errors_add(r->load.errors, r->load.file, key->at, path,
			      "unknown key%s%s, did you mean \"%s\"?", blank, quote, nearest);
	else
		jw_errors_add(r->load.errors, r->load.file, key->at, path, "unknown key%s%s",
			      blank, quote);
}

/* True for a mapping; else adds an error, unless it was added before. */
static bool is_map(struct reader *r, const struct jw_node *node, const struct jw_path *path,
		   const char *sentence)
{
	if (node->kind != JW_NODE_MAP && node->kind != JW_NODE_BROKEN)
		add_error(r, node, path, sentence);
	return node->kind == JW_NODE_MAP;
}

static void note_plain(struct reader *r, const struct jw_option *option, const void *base)
{
	if (jw_value_is_plain_secret(option, base))
		r->config->has_plain_secrets = true;
}

static void read_key_entry(struct reader *r, const struct jw_node *node,
			   const struct jw_path *path, struct jw_key_entry *entry)
{
	size_t errors = r->load.errors->count;
	struct names names = {0};

	if (!is_map(r, node, path,
		    "is not a mapping such as {issuer: devkey, secret: {env: NAME}}"))
		return;
	add_names(&names, jw_key_options);
	for (size_t i = 0; i < node->count; i++) {
		const struct jw_entry *own = &node->entries[i];
		const struct jw_option *option = jw_config_row(jw_key_options, own->key->text);
		const struct jw_path own_path = {path, own->key->text, 0};

		if (!jw_value_once(&r->load, own, path))
			continue;
		if (option)
			jw_value_read(&r->load, option, own->value, &own_path, entry);
		else
			add_unknown(r, own->key, path, &names);
	}
	if (!jw_yaml_get(node, "secret") && r->load.errors->count == errors)
		add_error(r, node, path,
			  "has no secret: {env: NAME}, {file: PATH} or {credential: NAME}");
	note_plain(r, &jw_key_options[1], entry);
}

/* Before anything is read, so that an alias can't carry a secret to where it would be shown. */
static void mark_secrets(const struct jw_node *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		struct jw_node *secret = jw_yaml_get(keys->entries[i].value, "secret");

		if (secret && secret->kind == JW_NODE_SCALAR)
			secret->secret = true;
	}
}

static void read_keys(struct reader *r, const struct jw_node *node)
{
	struct jw_config *config = r->config;
	struct jw_err err;

	if (!is_map(r, node, &keys_path, "is not a mapping of names to {issuer, secret}"))
		return;
	mark_secrets(node);
	config->keys = jw_arena_array(r->load.arena, node->count, sizeof(*config->keys));
	for (size_t i = 0; i < node->count; i++) {
		const struct jw_entry *own = &node->entries[i];
		const struct jw_path path = {&keys_path, own->key->text, 0};
		struct jw_key_entry *entry = &config->keys[config->key_count];

		if (!jw_value_once(&r->load, own, &keys_path))
			continue;
		if (jw_value_name(own->key->text, &err))
			jw_errors_add(r->load.errors, r->load.file, own->key->at, &keys_path,
				      "the name of a key %s", err.text);
		entry->name = jw_arena_text(r->load.arena, own->key->text);
		config->key_count++;
		read_key_entry(r, own->value, &path, entry);
	}
}

static void check_key_name(struct reader *r, const struct jw_node *node,
			   const struct jw_path *path)
{
	struct jw_err err;

	/* Anything else has its error from the reading of the value. */
	if (node->kind == JW_NODE_SCALAR && node->text.len && !node->secret &&
	    !jw_yaml_is_null(node) && jw_config_key_exists(r->config, node->text, &err))
		add_error(r, node, path, err.text);
}

static void check_key_names(struct reader *r, const struct jw_node *node,
			    const struct jw_path *path)
{
	if (node->kind != JW_NODE_LIST) {
		check_key_name(r, node, path);
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		check_key_name(r, node->items[i], &(struct jw_path){.up = path, .index = i});
}

static void check_target_name(struct reader *r, const struct jw_node *node,
			      const struct jw_path *path, const struct jw_target *target)
{
	struct jw_err err;

	if (target->name && jw_value_name(jw_str_of(target->name), &err))
		add_error(r, node, path, err.text);
}

/* One of the options that every target has, and what its type alone can't check. */
static void read_option(struct reader *r, const struct jw_option *option,
			const struct jw_node *node, const struct jw_path *path,
			struct jw_target *target)
{
	jw_value_read(&r->load, option, node, path, target);
	note_plain(r, option, target);
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

static void read_default(struct reader *r, const struct jw_entry *entry)
{
	const struct jw_option *option = jw_config_shared_row(NULL, entry->key->text);
	const struct jw_check *check = check_with(entry->key->text);
	const struct jw_path path = {&defaults_path, entry->key->text, 0};
	struct names names = {0};

	if (option && (option->offset == offsetof(struct jw_target, name) ||
		       jw_config_is_check_row(option))) {
		add_error(r, entry->key, &path, "belongs to each target, not to defaults");
	} else if (option) {
		read_option(r, option, entry->value, &path, &r->prototype);
	} else if (check) {
		jw_errors_add(r->load.errors, r->load.file, entry->key->at, &path,
			      "is an option of the check %s: it belongs to each target, not to "
			      "defaults",
			      check->name);
	} else {
		add_names(&names, jw_target_options);
		add_names(&names, jw_token_options);
		add_unknown(r, entry->key, &defaults_path, &names);
	}
}

/* Of two options that don't go together: at the first one where it is given here. What stands in defaults alone
 * is checked there. */
static void add_conflict(struct reader *r, const struct jw_node *node,
			 const struct jw_path *path, const char *first, const char *second,
			 const char *sentence)
{
	const char *name = jw_yaml_get(node, first) ? first : second;
	const struct jw_node *at = jw_yaml_get(node, name);
	const struct jw_path own = {path, jw_str_of(name), 0};

	if (at)
		add_error(r, at, &own, sentence);
}

static void check_order(struct reader *r, const struct jw_target *target,
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
static void check_acceptance(struct reader *r, const struct jw_target *target,
			     const struct jw_node *node, const struct jw_path *path)
{
	const struct jw_node *at = jw_yaml_get(node, "accepted_by");
	struct jw_err err;

	if (jw_config_acceptance(target, &err))
		add_error(r, at ? at : node, &(struct jw_path){path, JW_STR("accepted_by"), 0},
			  err.text);
}

static void read_defaults(struct reader *r, const struct jw_node *node)
{
	size_t errors = r->load.errors->count;

	if (!is_map(r, node, &defaults_path, "is not a mapping such as {timeout: 10s}"))
		return;
	for (size_t i = 0; i < node->count; i++)
		if (jw_value_once(&r->load, &node->entries[i], &defaults_path))
			read_default(r, &node->entries[i]);
	if (r->load.errors->count == errors)
		check_order(r, &r->prototype, node, &defaults_path);
}

/* The check that a target names, or NULL and an error. */
static const struct jw_check *read_check(struct reader *r, const struct jw_node *target,
					 const struct jw_path *path)
{
	const struct jw_node *node = jw_yaml_get(target, "check");
	const struct jw_path own = {path, JW_STR("check"), 0};
	const struct jw_check *check;
	struct names names = {0};
	char quote[JW_QUOTE_TEXT];
	const char *nearest;

	for (size_t i = 0; jw_checks[i] && i < NAMES_MAX; i++)
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

static void add_unknown_option(struct reader *r, const struct jw_node *key,
			       const struct jw_path *path, const struct jw_check *check)
{
	struct names names = {0};

	add_names(&names, jw_target_options);
	add_names(&names, check->options);
	if (check->kind != JW_CHECK_SERVER)
		add_names(&names, jw_token_options);
	add_unknown(r, key, path, &names);
}

static void read_entry(struct reader *r, const struct jw_entry *entry,
		       const struct jw_path *path, struct jw_target *target)
{
	const struct jw_option *own =
		target->check ? jw_config_row(target->check->options, entry->key->text) : NULL;
	const struct jw_option *shared = jw_config_shared_row(target->check, entry->key->text);
	const struct jw_path own_path = {path, entry->key->text, 0};

	if (own) {
		jw_value_read(&r->load, own, entry->value, &own_path, target->config);
		note_plain(r, own, target->config);
	} else if (shared) {
		if (!jw_config_is_check_row(shared))
			read_option(r, shared, entry->value, &own_path, target);
	} else if (target->check) {
		add_unknown_option(r, entry->key, path, target->check);
	}
}

/* False where a required option isn't set: its value has had an error, or it gets one here. */
static bool has_required(struct reader *r, const struct jw_option *options, const void *base,
			 const struct jw_node *node, const struct jw_path *path)
{
	bool has_all = true;

	for (const struct jw_option *o = options; o->name; o++) {
		if (!o->required || jw_config_is_check_row(o) || jw_value_is_set(o, base))
			continue;
		has_all = false;
		if (!jw_yaml_get(node, o->name))
			jw_errors_add(r->load.errors, r->load.file, node->at, path,
				      "has no %s: %s", o->name, o->help);
	}
	return has_all;
}

/* A check's own look at its values: its sentence begins with the option's name. */
static void prepare(struct reader *r, struct jw_target *target, const struct jw_node *node,
		    const struct jw_path *path)
{
	struct jw_str name;
	struct jw_str sentence;
	const struct jw_node *at = NULL;
	const struct jw_option *option = NULL;
	struct jw_err err;

	if (!target->check->prepare ||
	    !target->check->prepare(target->config, r->load.arena, &err))
		return;
	if (jw_str_cut(jw_str_of(err.text), ':', &name, &sentence))
		option = jw_config_row(target->check->options, name);
	if (!option) {
		add_error(r, node, path, err.text);
		return;
	}
	at = jw_yaml_get(node, option->name);
	add_error(r, at ? at : node, &(struct jw_path){path, name, 0},
		  jw_str_trim(sentence).ptr);
}

static void read_target(struct reader *r, const struct jw_node *node,
			const struct jw_path *path, struct jw_target *target)
{
	size_t errors = r->load.errors->count;
	const struct jw_check *check;

	*target = r->prototype;
	target->file = r->config->file;
	target->line = node->at.line;
	if (!is_map(r, node, path,
		    "is not a mapping such as {name: page, check: html_file, ...}"))
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
	prepare(r, target, node, path);
}

static int by_name(const void *left, const void *right)
{
	const struct jw_target *a = *(const struct jw_target *const *)left;
	const struct jw_target *b = *(const struct jw_target *const *)right;
	int order = strcmp(a->name, b->name);

	return order ? order : (a > b) - (a < b);
}

static void add_same_name(struct reader *r, const struct jw_node *targets, size_t first,
			  size_t second)
{
	const struct jw_path item = {.up = &targets_path, .index = second};
	const struct jw_path path = {&item, JW_STR("name"), 0};
	const char *name = r->config->targets[second].name;
	char quote[JW_QUOTE_TEXT];

	jw_errors_add(r->load.errors, r->load.file,
		      jw_yaml_get(targets->items[second], "name")->at, &path,
		      "%s is the name of targets[%zu] too",
		      jw_errors_quote(jw_str_of(name), quote), first);
}

static void check_names_differ(struct reader *r, const struct jw_node *targets)
{
	const struct jw_target *all = r->config->targets;
	jw_autofree const struct jw_target **sorted =
		jw_xcalloc(targets->count, sizeof(*sorted));
	size_t count = 0;

	for (size_t i = 0; i < r->config->target_count; i++)
		if (all[i].name)
			sorted[count++] = &all[i];
	qsort(sorted, count, sizeof(*sorted), by_name);
	for (size_t i = 1; i < count; i++)
		if (!strcmp(sorted[i - 1]->name, sorted[i]->name))
			add_same_name(r, targets, (size_t)(sorted[i - 1] - all),
				      (size_t)(sorted[i] - all));
}

static void read_targets(struct reader *r, const struct jw_node *node)
{
	if (node->kind != JW_NODE_LIST || node->count > JW_CONFIG_TARGETS_MAX) {
		if (jw_yaml_is_null(node))
			add_error(r, node, &targets_path, "has no value; " EXAMPLE);
		else if (node->kind == JW_NODE_LIST)
			add_error(r, node, &targets_path, "has too many items");
		else if (node->kind != JW_NODE_BROKEN)
			add_error(r, node, &targets_path, "is not a list; " EXAMPLE);
		return;
	}
	jw_config_reserve(r->config, node->count);
	for (size_t i = 0; i < node->count && !jw_errors_full(r->load.errors); i++) {
		const struct jw_path path = {.up = &targets_path, .index = i};

		read_target(r, node->items[i], &path, &r->config->targets[i]);
		r->config->target_count++;
	}
	check_names_differ(r, node);
}

static void check_top_level(struct reader *r, const struct jw_node *root)
{
	static const struct names names = {{"targets", "keys", "defaults", "sinks"}, 4};

	for (size_t i = 0; i < root->count; i++) {
		const struct jw_node *key = root->entries[i].key;

		if (jw_value_once(&r->load, &root->entries[i], NULL) &&
		    !jw_str_is(key->text, "targets") && !jw_str_is(key->text, "keys") &&
		    !jw_str_is(key->text, "defaults") && !jw_str_is(key->text, "sinks"))
			add_unknown(r, key, NULL, &names);
	}
}

/* Keys come first, since defaults and targets name them; then defaults, which targets begin with. */
static void read_root(struct reader *r, const struct jw_node *root)
{
	const struct jw_node *keys = jw_yaml_get(root, "keys");
	const struct jw_node *defaults = jw_yaml_get(root, "defaults");
	const struct jw_node *targets = jw_yaml_get(root, "targets");
	const struct jw_node *sinks = jw_yaml_get(root, "sinks");

	if (jw_yaml_is_null(root)) {
		add_error(r, root, NULL, "the configuration is empty; " EXAMPLE);
		return;
	}
	if (!is_map(r, root, NULL, "the configuration is not a mapping; " EXAMPLE))
		return;
	check_top_level(r, root);
	if (sinks)
		jw_config_mark_sink_secrets(sinks);
	if (keys)
		read_keys(r, keys);
	if (sinks)
		jw_config_read_sinks(&r->load, sinks, r->config);
	if (defaults)
		read_defaults(r, defaults);
	if (targets)
		read_targets(r, targets);
	else
		add_error(r, root, NULL, "there are no targets; " EXAMPLE);
}

struct jw_config *jw_config_read(struct jw_str text, const char *file, const char *folder,
				 struct jw_errors *errors)
{
	struct jw_config *config = jw_config_new();
	struct jw_arena tree = {0};
	size_t before = errors->count;
	struct reader reader = {.config = config};
	const struct jw_node *root;

	config->file = jw_arena_text(&config->arena, jw_str_of(file));
	reader.load = (struct jw_load){.arena = &config->arena,
				       .errors = errors,
				       .file = config->file,
				       .folder = folder};
	jw_config_prototype(&reader.load, &reader.prototype);
	root = jw_yaml_read(text, config->file, &tree, errors);
	if (root)
		read_root(&reader, root);
	jw_arena_done(&tree);
	if (root && errors->count == before)
		return config;
	jw_config_free(config);
	return NULL;
}
