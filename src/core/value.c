/* SPDX-License-Identifier: MIT */
/* What a user wrote, in YAML or on the command line, into the field that an option's row names. */
#include "core/value.h"

#include <assert.h>
#include <string.h>

#include "base/url.h"
#include "base/utf.h"
#include "core/value_types.h"
#include "token/find.h"
#include "verdict/threshold.h"

static void *field_of(const struct jw_option *option, void *base)
{
	return (char *)base + option->offset;
}

void jw_value_fallbacks(struct jw_load *load, const struct jw_option *options, void *base)
{
	for (const struct jw_option *o = options; o->name; o++) {
		struct jw_err err;
		enum jw_cause cause = JW_OK;

		if (o->fallback)
			cause = jw_value_set(load, o, jw_str_of(o->fallback), base, &err);
		assert(!cause);
		(void)cause;
	}
}

static enum jw_cause set_from_pair(struct jw_load *load, const struct jw_option *option,
				   struct jw_str text, void *field, struct jw_err *err)
{
	struct jw_str name;
	struct jw_str value;
	char quote[JW_QUOTE_TEXT];

	if (!jw_str_cut(text, '=', &name, &value))
		return jw_fail(err, JW_CONFIG, "%s has no =: write name=value",
			       jw_errors_quote(text, quote));
	if (!jw_value_types[option->type].set_pair(load, name, value, field, err))
		return JW_OK;
	jw_err_in(err, "%s", jw_errors_quote(name, quote));
	return JW_CONFIG;
}

/* Headers that are known to carry credentials: their values don't belong on a command line or in a file that
 * others can read. */
static bool is_credential(struct jw_str name)
{
	static const char *const words[] = {"auth", "cookie", "token", "key", "secret"};
	char lower[64];
	size_t len = name.len < sizeof(lower) - 1 ? name.len : sizeof(lower) - 1;

	for (size_t i = 0; i < len; i++)
		lower[i] = name.ptr[i] >= 'A' && name.ptr[i] <= 'Z'
				   ? (char)(name.ptr[i] + ('a' - 'A'))
				   : name.ptr[i];
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (jw_str_has((struct jw_str){lower, len}, words[i]))
			return true;
	return false;
}

static enum jw_cause add_named(struct jw_load *load, enum jw_type type, struct jw_str name,
			       const struct jw_secret *value, void *field, struct jw_err *err)
{
	return type == JW_T_VARIABLES ? jw_value_variable(load, name, value, field, err)
				      : jw_value_header(load, name, value, field, err);
}

static enum jw_cause set_named(struct jw_load *load, enum jw_type of, struct jw_str text,
			       void *field, struct jw_err *err)
{
	const struct jw_secret *secret;
	struct jw_str name;
	struct jw_str value;
	enum jw_type type;

	if (!jw_str_cut(text, '=', &name, &value))
		return jw_fail(err, JW_CONFIG,
			       "has no =: write NAME=VALUE, NAME=env:VARIABLE or "
			       "NAME=file:PATH");
	type = is_credential(name) ? JW_T_SECRET : JW_T_CONTENT;
	if (jw_value_secret_argument(load, type, value, &secret, err))
		return JW_CONFIG;
	return add_named(load, of, name, secret, field, err);
}

enum jw_cause jw_value_set(struct jw_load *load, const struct jw_option *option,
			   struct jw_str text, void *base, struct jw_err *err)
{
	const struct jw_value_type *type = &jw_value_types[option->type];
	void *field = field_of(option, base);

	if (text.len && memchr(text.ptr, '\0', text.len))
		return jw_fail(err, JW_CONFIG, "a NUL can't stand in a text");
	if (option->may_be_empty && !text.len) {
		*(void **)field = jw_arena_alloc(load->arena, sizeof(const char *));
		return JW_OK;
	}
	switch (type->shape) {
	case JW_SHAPE_MAP:
		return set_from_pair(load, option, text, field, err);
	case JW_SHAPE_SECRET:
		return jw_value_secret_argument(load, option->type, text, field, err);
	case JW_SHAPE_HEADERS:
		return set_named(load, option->type, text, field, err);
	case JW_SHAPE_GROUP:
		return jw_fail(err, JW_CONFIG, "is %s, which can't be one argument", type->is);
	case JW_SHAPE_ONE:
	case JW_SHAPE_LIST:
		break;
	}
	return type->set(load, option, text, field, err);
}

bool jw_value_is_set(const struct jw_option *option, const void *base)
{
	const void *field = (const char *)base + option->offset;

	switch (option->type) {
	case JW_T_END:
		return false;
	case JW_T_CHOICE:
	case JW_T_BOOL:
		return true;
	case JW_T_SECONDS:
	case JW_T_MILLIS:
	case JW_T_BYTES:
	case JW_T_COUNT:
		return option->fallback || *(const int64_t *)field;
	case JW_T_THRESHOLD:
		return ((const struct jw_threshold *)field)->kind != JW_THRESHOLD_NONE;
	case JW_T_SEVERITY:
	case JW_T_TEXT:
	case JW_T_PATH:
	case JW_T_PATTERN:
	case JW_T_TEXTS:
	case JW_T_LABELS:
	case JW_T_PAIRS:
	case JW_T_SECRET:
	case JW_T_CONTENT:
	case JW_T_HEADERS:
	case JW_T_VARIABLES:
	case JW_T_COMMAND:
	case JW_T_URL:
	case JW_T_PATHS:
	case JW_T_GROUP:
		break;
	}
	return *(const void *const *)field != NULL;
}

/* A body that holds more than what is asked for. */
static bool names_secret(const char *text)
{
	static const char *const words[] = {"password", "secret", "api_key", "apikey"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasestr(text, words[i]))
			return true;
	return false;
}

static bool has_user(const char *text)
{
	struct jw_url url;

	return text && !jw_url_parse(jw_str_of(text), &url) && url.user.ptr;
}

bool jw_value_is_plain_secret(const struct jw_option *option, const void *base)
{
	const void *field = (const char *)base + option->offset;
	const struct jw_secret *secret;
	const struct jw_header *header;

	if (!jw_value_is_set(option, base))
		return false;
	switch (option->type) {
	case JW_T_SECRET:
		secret = *(const struct jw_secret *const *)field;
		return secret->kind == JW_SECRET_PLAIN;
	case JW_T_HEADERS:
	case JW_T_VARIABLES:
		for (header = *(const struct jw_header *const *)field; header->name; header++)
			if (header->value->kind == JW_SECRET_PLAIN &&
			    is_credential(jw_str_of(header->name)))
				return true;
		return false;
	case JW_T_URL:
		return has_user(*(const char *const *)field);
	case JW_T_CONTENT:
		secret = *(const struct jw_secret *const *)field;
		return secret->kind == JW_SECRET_PLAIN && names_secret(secret->value);
	case JW_T_GROUP:
		for (const struct jw_option *o = option->group; o->name; o++)
			if (jw_value_is_plain_secret(o, *(const void *const *)field))
				return true;
		return false;
	default:
		return false;
	}
}

static bool holds_token(struct jw_str s)
{
	size_t at = 0;
	struct jw_str token;

	return jw_find_next(s, JW_FIND_LAST, &at, &token);
}

enum jw_cause jw_value_name(struct jw_str name, struct jw_err *err)
{
	jw_autobuf struct jw_buf shown = JW_BUF(JW_VALUE_NAME_MAX);

	if (!name.len)
		return jw_fail(err, JW_CONFIG, "is empty");
	if (name.len > JW_VALUE_NAME_MAX)
		return jw_fail(err, JW_CONFIG, "is longer than %zu bytes", JW_VALUE_NAME_MAX);
	if (name.ptr[0] == '-')
		return jw_fail(err, JW_CONFIG,
			       "begins with -, like an option on the command line");
	jw_utf_show(&shown, name);
	if (!jw_str_eq(jw_buf_get(&shown), name))
		return jw_fail(err, JW_CONFIG, "holds characters that can't be shown");
	if (holds_token(name))
		return jw_fail(err, JW_CONFIG,
			       "is a token: a name is shown everywhere, a token never");
	return JW_OK;
}

static void add_error(struct jw_load *load, const struct jw_node *node,
		      const struct jw_path *path, const char *sentence)
{
	jw_errors_add(load->errors, load->file, node->at, path, "%s", sentence);
}

bool jw_value_once(struct jw_load *load, const struct jw_entry *entry,
		   const struct jw_path *map_path)
{
	const struct jw_path path = {map_path, entry->key->text, 0};

	if (!entry->first_line)
		return true;
	jw_errors_add(load->errors, load->file, entry->key->at, &path,
		      "stands twice in one mapping, first in line %u",
		      (unsigned)entry->first_line);
	return false;
}

/* True for a scalar with a value; else adds an error, unless it was added before. */
static bool is_one_value(struct jw_load *load, const struct jw_node *node,
			 const struct jw_path *path, const char *is)
{
	if (node->kind == JW_NODE_BROKEN)
		return false;
	if (node->kind != JW_NODE_SCALAR)
		jw_errors_add(load->errors, load->file, node->at, path, "is a %s, not %s",
			      node->kind == JW_NODE_LIST ? "list" : "mapping", is);
	else if (node->secret)
		add_error(load, node, path,
			  "is the secret of a key or a sink, which belongs nowhere else");
	else if (!jw_yaml_is_null(node))
		return true;
	else if (node->text.len)
		jw_errors_add(load->errors, load->file, node->at, path,
			      "has no value (\"%s\" in quotes would be a text)",
			      node->text.ptr);
	else
		add_error(load, node, path, "has no value");
	return false;
}

static void read_one(struct jw_load *load, const struct jw_option *option,
		     const struct jw_node *node, const struct jw_path *path, void *field)
{
	const struct jw_value_type *type = &jw_value_types[option->type];
	struct jw_err err;

	if (!is_one_value(load, node, path, type->is))
		return;
	if (type->set(load, option, node->text, field, &err))
		add_error(load, node, path, err.text);
}

static void read_list(struct jw_load *load, const struct jw_option *option,
		      const struct jw_node *node, const struct jw_path *path, void *field)
{
	*(void **)field = NULL;
	if (node->kind == JW_NODE_SCALAR && option->type == JW_T_COMMAND) {
		add_error(load, node, path,
			  "is a text, and no shell is there to take it apart: write a list, "
			  "[lk, token, create]");
		return;
	}
	if (node->kind != JW_NODE_LIST) {
		read_one(load, option, node, path, field);
		return;
	}
	if (node->count > JW_VALUE_ITEMS_MAX || (!node->count && option->required)) {
		add_error(load, node, path,
			  node->count ? "has too many items" : "is an empty list");
		return;
	}
	if (!node->count && option->may_be_empty)
		*(void **)field = jw_arena_alloc(load->arena, sizeof(const char *));
	for (size_t i = 0; i < node->count; i++)
		read_one(load, option, node->items[i],
			 &(struct jw_path){.up = path, .index = i}, field);
}

static void read_pair(struct jw_load *load, const struct jw_value_type *type,
		      const struct jw_entry *entry, const struct jw_path *path, void *field)
{
	struct jw_err err;

	if (!is_one_value(load, entry->value, path, "a text"))
		return;
	if (type->set_pair(load, entry->key->text, entry->value->text, field, &err))
		add_error(load, entry->value, path, err.text);
}

static void read_map(struct jw_load *load, const struct jw_option *option,
		     const struct jw_node *node, const struct jw_path *path, void *field)
{
	const struct jw_value_type *type = &jw_value_types[option->type];

	*(void **)field = NULL;
	if (node->kind == JW_NODE_BROKEN)
		return;
	if (node->kind != JW_NODE_MAP) {
		jw_errors_add(load->errors, load->file, node->at, path, "is not %s", type->is);
		return;
	}
	if (node->count > JW_VALUE_ITEMS_MAX) {
		add_error(load, node, path, "has too many items");
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		if (jw_value_once(load, &node->entries[i], path))
			read_pair(load, type, &node->entries[i],
				  &(struct jw_path){path, node->entries[i].key->text, 0},
				  field);
}

/* No error quotes the name: somebody may have put the secret there. */
static void read_named(struct jw_load *load, enum jw_type of, const struct jw_entry *entry,
		       const struct jw_path *path, void *field)
{
	const char *noun = of == JW_T_VARIABLES ? "variable" : "header";
	const struct jw_secret *secret = NULL;
	struct jw_err err;

	if (entry->first_line) {
		jw_errors_add(load->errors, load->file, entry->key->at, path,
			      "has one %s twice, first in line %u", noun,
			      (unsigned)entry->first_line);
		return;
	}
	jw_value_read_secret(load, entry->value, path, &secret);
	if (secret && add_named(load, of, entry->key->text, secret, field, &err))
		jw_errors_add(load->errors, load->file, entry->key->at, path, "a %s %s", noun,
			      err.text);
}

static void read_all_named(struct jw_load *load, enum jw_type of, const struct jw_node *node,
			   const struct jw_path *path, void *field)
{
	*(void **)field = NULL;
	if (node->kind == JW_NODE_BROKEN)
		return;
	if (node->kind != JW_NODE_MAP) {
		jw_errors_add(load->errors, load->file, node->at, path, "is not %s",
			      jw_value_types[of].is);
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		read_named(load, of, &node->entries[i], path, field);
}

void jw_value_read(struct jw_load *load, const struct jw_option *option,
		   const struct jw_node *node, const struct jw_path *path, void *base)
{
	void *field = field_of(option, base);

	switch (jw_value_types[option->type].shape) {
	case JW_SHAPE_ONE:
		read_one(load, option, node, path, field);
		break;
	case JW_SHAPE_LIST:
		read_list(load, option, node, path, field);
		break;
	case JW_SHAPE_MAP:
		read_map(load, option, node, path, field);
		break;
	case JW_SHAPE_SECRET:
		jw_value_read_secret(load, node, path, field);
		break;
	case JW_SHAPE_HEADERS:
		read_all_named(load, option->type, node, path, field);
		break;
	case JW_SHAPE_GROUP:
		jw_value_read_group(load, option, node, path, field);
		break;
	}
}
