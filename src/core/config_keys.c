/* SPDX-License-Identifier: MIT */
/* `keys` of a configuration: names of what tokens are signed with, and where each secret is. */
#include "core/config_reader.h"

const struct jw_path jw_path_keys = {NULL, {"keys", 4}, 0};

static void read_key_entry(struct jw_reader *r, const struct jw_node *node,
			   const struct jw_path *path, struct jw_key_entry *entry)
{
	size_t errors = r->load.errors->count;
	struct jw_names names = {0};

	if (!jw_reader_is_map(r, node, path,
			      "is not a mapping such as {issuer: devkey, secret: {env: NAME}}"))
		return;
	jw_names_add(&names, jw_key_options);
	for (size_t i = 0; i < node->count; i++) {
		const struct jw_entry *own = &node->entries[i];
		const struct jw_option *option = jw_config_row(jw_key_options, own->key->text);
		const struct jw_path own_path = {path, own->key->text, 0};

		if (!jw_value_once(&r->load, own, path))
			continue;
		if (option)
			jw_value_read(&r->load, option, own->value, &own_path, entry);
		else
			jw_reader_unknown(r, own->key, path, &names, JW_QUOTE_NOTHING);
	}
	if (!jw_yaml_get(node, "secret") && r->load.errors->count == errors)
		jw_reader_error(
			r, node, path,
			"has no secret: {env: NAME}, {file: PATH}, {credential: NAME} or "
			"{env_file: PATH, name: NAME}");
	jw_reader_note_plain(r, &jw_key_options[1], entry);
}

void jw_reader_keys(struct jw_reader *r, const struct jw_node *node)
{
	struct jw_config *config = r->config;
	struct jw_err err;

	if (!jw_reader_is_map(r, node, &jw_path_keys,
			      "is not a mapping of names to {issuer, secret}"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		const struct jw_entry *own = &node->entries[i];
		const struct jw_path path = {&jw_path_keys, own->key->text, 0};
		struct jw_key_entry *entry = &config->keys[config->key_count];

		if (!jw_value_once(&r->load, own, &jw_path_keys))
			continue;
		if (jw_value_name(own->key->text, &err))
			jw_errors_add(r->load.errors, r->load.file, own->key->at, &jw_path_keys,
				      "the name of a key %s", err.text);
		entry->name = jw_arena_text(r->load.arena, own->key->text);
		r->keys[config->key_count++] =
			(struct jw_named){entry->name, r->source, own->key->at, 0};
		read_key_entry(r, own->value, &path, entry);
	}
}
