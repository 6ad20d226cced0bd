/* SPDX-License-Identifier: MIT */
/* Where a secret is: in YAML, and as one argument of the command line. No sentence here quotes anything, since it
 * could be the secret. */
#include <string.h>

#include "core/value_types.h"

const char *const jw_secret_kinds[JW_SECRET_KINDS] = {
	[JW_SECRET_FILE] = "file",
	[JW_SECRET_ENV] = "env",
	[JW_SECRET_CREDENTIAL] = "credential",
	[JW_SECRET_ENV_FILE] = "env_file",
};

/* As it was written. */
struct place {
	enum jw_secret_kind kind;
	struct jw_str value;
	struct jw_str name; /* of ENV_FILE */
};

static enum jw_cause check_plain(struct jw_str text, struct jw_err *err)
{
	if (jw_str_is(text, JW_VALUE_HIDDEN))
		return jw_fail(err, JW_CONFIG,
			       "is " JW_VALUE_HIDDEN
			       ", as jwtwatch config prints it: put the secret "
			       "itself back, or where it is");
	return JW_OK;
}

static enum jw_cause check_variable(struct jw_str name, const char *key, struct jw_err *err)
{
	if (jw_value_is_identifier(name))
		return JW_OK;
	return jw_fail(err, JW_CONFIG,
		       "%s isn't the name of %s variable: letters, digits and _, no digit in "
		       "front",
		       key, strcmp(key, "name") != 0 ? "an environment" : "a");
}

static enum jw_cause check_credential(struct jw_str name, struct jw_err *err)
{
	if (!memchr(name.ptr, '/', name.len) && name.ptr[0] != '.')
		return JW_OK;
	return jw_fail(err, JW_CONFIG,
		       "credential isn't the name of a file in $CREDENTIALS_DIRECTORY: no / in "
		       "it, no dot in front");
}

static enum jw_cause check(const struct place *place, struct jw_err *err)
{
	if (!place->value.len)
		return jw_fail(err, JW_CONFIG, "is empty");
	if (jw_str_has(place->value, "${"))
		return jw_fail(
			err, JW_CONFIG,
			"holds ${...}, but variables aren't filled in here: write {env: NAME}");
	switch (place->kind) {
	case JW_SECRET_PLAIN:
		return check_plain(place->value, err);
	case JW_SECRET_ENV:
		return check_variable(place->value, "env", err);
	case JW_SECRET_CREDENTIAL:
		return check_credential(place->value, err);
	case JW_SECRET_ENV_FILE:
		return check_variable(place->name, "name", err);
	case JW_SECRET_FILE:
		break;
	}
	return JW_OK;
}

static enum jw_cause set(struct jw_load *load, const struct place *place, void *field,
			 struct jw_err *err)
{
	bool is_path = place->kind == JW_SECRET_FILE || place->kind == JW_SECRET_ENV_FILE;
	struct jw_secret *secret;
	const char *value;

	if (check(place, err))
		return JW_CONFIG;
	if (!is_path)
		value = jw_arena_text(load->arena, place->value);
	else if (jw_value_path(load, NULL, place->value, &value, err))
		return JW_CONFIG;
	secret = jw_arena_alloc(load->arena, sizeof(*secret));
	secret->kind = place->kind;
	secret->value = value;
	if (place->kind == JW_SECRET_ENV_FILE)
		secret->name = jw_arena_text(load->arena, place->name);
	*(const struct jw_secret **)field = secret;
	return JW_OK;
}

/* PATH:NAME at the last colon, since paths may hold some. */
static void take_name(struct place *place)
{
	size_t len = place->value.len;

	while (len && place->value.ptr[len - 1] != ':')
		len--;
	place->name = len ? jw_str_from(place->value, len) : (struct jw_str){0};
	place->value = jw_str_head(place->value, len ? len - 1 : place->value.len);
}

enum jw_cause jw_value_secret_argument(struct jw_load *load, enum jw_type type,
				       struct jw_str text, void *field, struct jw_err *err)
{
	struct place place = {JW_SECRET_PLAIN, text, {0}};
	struct jw_str key;
	struct jw_str value;

	for (int i = 0; jw_str_cut(text, ':', &key, &value) && i < JW_SECRET_KINDS; i++)
		if (jw_secret_kinds[i] && jw_str_is(key, jw_secret_kinds[i]))
			place = (struct place){(enum jw_secret_kind)i, value, {0}};
	if (place.kind == JW_SECRET_PLAIN && type != JW_T_CONTENT &&
	    load->origin == JW_FROM_OPEN_FILE)
		return jw_fail(
			err, JW_CONFIG,
			"every user of this machine can read the file that holds it: chmod "
			"o-r, or write env:NAME, file:PATH or credential:NAME");
	if (place.kind == JW_SECRET_PLAIN && type != JW_T_CONTENT &&
	    load->origin == JW_FROM_COMMAND_LINE)
		return jw_fail(err, JW_CONFIG,
			       "write env:NAME, file:PATH, credential:NAME or "
			       "env_file:PATH:NAME: other users of this machine can read a "
			       "command line");
	if (place.kind == JW_SECRET_ENV_FILE)
		take_name(&place);
	if (place.kind == JW_SECRET_ENV_FILE && !place.name.len)
		return jw_fail(err, JW_CONFIG,
			       "env_file names no variable: write env_file:PATH:NAME");
	return set(load, &place, field, err);
}

static void add_error(struct jw_load *load, const struct jw_node *node,
		      const struct jw_path *path, const char *sentence)
{
	jw_errors_add(load->errors, load->file, node->at, path, "%s", sentence);
}

/* True for a text that isn't empty; else adds an error, unless it was added before. */
static bool is_text(struct jw_load *load, const struct jw_node *node,
		    const struct jw_path *path, const struct jw_node *at)
{
	if (node->kind == JW_NODE_BROKEN)
		return false;
	if (node->kind != JW_NODE_SCALAR)
		add_error(load, at, path,
			  "is neither a text nor exactly one of {file: PATH}, {env: NAME}, "
			  "{credential: NAME}, {env_file: PATH, name: NAME}");
	else if (jw_yaml_is_null(node))
		add_error(load, node, path, "has no value");
	else
		return true;
	return false;
}

/* Which of the ways to name a secret this map is: PLAIN for none. */
static enum jw_secret_kind kind_of(const struct jw_node *node)
{
	size_t count = node->kind == JW_NODE_MAP ? node->count : 0;

	for (int i = 0; i < JW_SECRET_KINDS && count; i++) {
		size_t keys = i == JW_SECRET_ENV_FILE ? 2 : 1;

		if (jw_secret_kinds[i] && jw_yaml_get(node, jw_secret_kinds[i]) &&
		    count == keys && (keys == 1 || jw_yaml_get(node, "name")))
			return (enum jw_secret_kind)i;
	}
	return JW_SECRET_PLAIN;
}

void jw_value_read_secret(struct jw_load *load, const struct jw_node *node,
			  const struct jw_path *path, void *field)
{
	struct place place = {.kind = kind_of(node)};
	const struct jw_node *value = node;
	const struct jw_node *name = NULL;
	struct jw_err err;

	if (place.kind != JW_SECRET_PLAIN)
		value = jw_yaml_get(node, jw_secret_kinds[place.kind]);
	if (place.kind == JW_SECRET_ENV_FILE)
		name = jw_yaml_get(node, "name");
	if (node->kind == JW_NODE_MAP && node->count == 1 && jw_yaml_get(node, "env_file")) {
		add_error(load, node, path,
			  "has no name beside env_file: write {env_file: PATH, name: NAME}");
		return;
	}
	if (!is_text(load, value, path, node) || (name && !is_text(load, name, path, node)))
		return;
	place.value = value->text;
	if (name)
		place.name = name->text;
	if (set(load, &place, field, &err))
		add_error(load, value, path, err.text);
}
