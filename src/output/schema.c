/* SPDX-License-Identifier: MIT */
/* The configuration's rules as a JSON Schema (2020-12), for editors. */
#include "output/schema.h"

#include <string.h>

#include "core/config.h"
#include "output/schema_parts.h"

#define DIALECT "https://json-schema.org/draft/2020-12/schema"

static bool is_name(const struct jw_option *option)
{
	return option->offset == offsetof(struct jw_target, name);
}

static bool is_check(const struct jw_option *option)
{
	return option->offset == offsetof(struct jw_target, check);
}

/* A threshold's fallback isn't every check's. */
static void set_default(json_t *value, const struct jw_option *option)
{
	json_t *fallback;

	if (!option->fallback || option->type == JW_T_THRESHOLD)
		return;
	fallback = option->type == JW_T_BOOL ? json_boolean(!strcmp(option->fallback, "true"))
					     : json_string(option->fallback);
	json_object_set_new(value, "default", fallback);
}

static json_t *group(const struct jw_option *option);

static json_t *described(const struct jw_option *option)
{
	json_t *value = option->type == JW_T_GROUP ? group(option) : jw_schema_value(option);

	if (option->help)
		json_object_set_new(value, "description", json_string(option->help));
	set_default(value, option);
	return value;
}

static json_t *object_with(json_t *properties)
{
	return json_pack("{s:s, s:b, s:o}", "type", "object", "additionalProperties", 0,
			 "properties", properties);
}

static void require(json_t *object, const struct jw_option *options)
{
	json_t *names = json_array();

	for (; options->name; options++)
		if (options->required)
			json_array_append_new(names, json_string(options->name));
	if (json_array_size(names))
		json_object_set_new(object, "required", names);
	else
		json_decref(names);
}

static void add_options(json_t *properties, const struct jw_option *options)
{
	for (; options->name; options++)
		json_object_set_new(properties, options->name, described(options));
}

static json_t *group(const struct jw_option *option)
{
	json_t *properties = json_object();
	json_t *object = object_with(properties);

	add_options(properties, option->group);
	require(object, option->group);
	return object;
}

/* What targets and defaults have in common, which both refer to. */
static json_t *shared_options(void)
{
	json_t *properties = json_object();

	add_options(properties, jw_target_options);
	add_options(properties, jw_token_options);
	json_object_del(properties, "name");
	json_object_del(properties, "check");
	json_object_del(properties, "same_as");
	return object_with(properties);
}

static json_t *name_value(const struct jw_option *option)
{
	return json_pack("{s:s, s:[s, s, s], s:s, s:i}", "description", option->help, "type",
			 "string", "number", "boolean", "pattern", "^[^-]", "maxLength", 128);
}

static void add_shared(json_t *properties, const struct jw_option *options)
{
	for (; options->name; options++) {
		jw_autobuf struct jw_buf path = JW_BUF(256);

		if (is_name(options) || is_check(options) ||
		    json_object_get(properties, options->name))
			continue;
		jw_buf_printf(&path, "#/$defs/defaults/properties/%s", options->name);
		json_object_set_new(properties, options->name,
				    json_pack("{s:s}", "$ref", path.ptr));
	}
}

/* Which other target holds the same is for no defaults to say. */
static void add_token_options(json_t *properties)
{
	for (const struct jw_option *o = jw_token_options; o->name; o++)
		if (!strcmp(o->name, "same_as"))
			json_object_set_new(properties, o->name, described(o));
	add_shared(properties, jw_token_options);
}

static json_t *target_of(const struct jw_check *check)
{
	json_t *properties = json_object();
	json_t *target = object_with(properties);

	json_object_set_new(properties, "name", name_value(&jw_target_options[0]));
	json_object_set_new(
		properties, "check",
		json_pack("{s:s, s:s}", "const", check->name, "description", check->summary));
	add_options(properties, check->options);
	add_shared(properties, jw_target_options);
	if (check->kind != JW_CHECK_SERVER)
		add_token_options(properties);
	require(target, check->options);
	return target;
}

/* The check's target without what /probe says, and what a module has beside. */
static json_t *module_of(const struct jw_check *check)
{
	json_t *module = target_of(check);
	json_t *properties = json_object_get(module, "properties");

	json_object_del(properties, "name");
	json_object_del(properties, "url");
	json_object_del(properties, "same_as");
	json_object_del(properties, "same_as_grace");
	add_options(properties, jw_module_options);
	json_object_del(module, "required");
	require(module, jw_module_options);
	return module;
}

/* What holds where the property `key` is `name`: the definition of this prefix and name. */
static json_t *choice(const char *key, const char *prefix, const char *name)
{
	jw_autobuf struct jw_buf path = JW_BUF(256);

	jw_buf_printf(&path, "#/$defs/%s%s", prefix, name);
	return json_pack("{s:{s:{s:{s:s}}, s:[s]}, s:{s:s}}", "if", "properties", key, "const",
			 name, "required", key, "then", "$ref", path.ptr);
}

/* Which options a target has is for its check to say. */
static json_t *any_target(void)
{
	json_t *checks = json_array();
	json_t *choices = json_array();
	json_t *target;

	for (const struct jw_check *const *check = jw_checks; *check; check++) {
		json_array_append_new(checks, json_string((*check)->name));
		json_array_append_new(choices, choice("check", "check_", (*check)->name));
	}
	target = json_pack("{s:s, s:{s:o, s:{s:o, s:s}}, s:o}", "type", "object", "properties",
			   "name", name_value(&jw_target_options[0]), "check", "enum", checks,
			   "description", jw_target_options[1].help, "allOf", choices);
	require(target, jw_target_options);
	return target;
}

static json_t *any_module(void)
{
	json_t *checks = json_array();
	json_t *choices = json_array();

	for (const struct jw_check *const *check = jw_checks; *check; check++) {
		if (!jw_config_takes_url(*check))
			continue;
		json_array_append_new(checks, json_string((*check)->name));
		json_array_append_new(choices, choice("check", "module_", (*check)->name));
	}
	return json_pack("{s:s, s:{s:{s:o, s:s}}, s:[s], s:o}", "type", "object", "properties",
			 "check", "enum", checks, "description", jw_target_options[1].help,
			 "required", "check", "allOf", choices);
}

static json_t *daemon_section(void)
{
	json_t *properties = json_object();

	add_options(properties, jw_daemon_options);
	return object_with(properties);
}

static json_t *key(void)
{
	json_t *properties = json_object();
	json_t *object = object_with(properties);

	add_options(properties, jw_key_options);
	require(object, jw_key_options);
	return object;
}

static json_t *sink_of(const struct jw_sink *sink)
{
	json_t *properties = json_object();
	json_t *object = object_with(properties);

	json_object_set_new(
		properties, "type",
		json_pack("{s:s, s:s}", "const", sink->name, "description", sink->summary));
	add_options(properties, sink->options);
	add_options(properties, jw_sink_options);
	if (sink->when != JW_SINK_EVERY) {
		json_object_del(properties, "host");
		json_object_del(properties, "service");
	}
	require(object, sink->options);
	return object;
}

static json_t *any_sink(void)
{
	json_t *types = json_array();
	json_t *choices = json_array();

	for (const struct jw_sink *const *sink = jw_sinks; *sink; sink++) {
		json_array_append_new(types, json_string((*sink)->name));
		json_array_append_new(choices, choice("type", "sink_", (*sink)->name));
	}
	return json_pack("{s:s, s:{s:{s:o}}, s:[s], s:o}", "type", "object", "properties",
			 "type", "enum", types, "required", "type", "allOf", choices);
}

static void add_definition(json_t *all, const char *prefix, const char *name, json_t *value)
{
	jw_autobuf struct jw_buf full = JW_BUF(256);

	jw_buf_printf(&full, "%s%s", prefix, name);
	json_object_set_new(all, full.ptr, value);
}

static json_t *definitions(void)
{
	json_t *all = jw_schema_definitions();

	json_object_set_new(all, "defaults", shared_options());
	json_object_set_new(all, "key", key());
	json_object_set_new(all, "target", any_target());
	json_object_set_new(all, "sink", any_sink());
	for (const struct jw_check *const *check = jw_checks; *check; check++)
		add_definition(all, "check_", (*check)->name, target_of(*check));
	json_object_set_new(all, "module", any_module());
	for (const struct jw_check *const *check = jw_checks; *check; check++)
		if (jw_config_takes_url(*check))
			add_definition(all, "module_", (*check)->name, module_of(*check));
	for (const struct jw_sink *const *sink = jw_sinks; *sink; sink++)
		add_definition(all, "sink_", (*sink)->name, sink_of(*sink));
	return all;
}

/* By names that aren't like an option. */
static json_t *named(const char *definition)
{
	return json_pack("{s:s, s:{s:s}, s:{s:s}}", "type", "object", "propertyNames",
			 "pattern", "^[^-]", "additionalProperties", "$ref", definition);
}

/* The value of each section, by its name. */
static json_t *section_values(void)
{
	return json_pack("{s:{s:[{s:s}, {s:s, s:{s:s}}]}, s:{s:s}, s:o, s:o, s:o, s:o, s:{s:s, "
			 "s:{s:s}}}",
			 "include", "anyOf", "$ref", "#/$defs/some_text", "type", "array",
			 "items", "$ref", "#/$defs/some_text", "defaults", "$ref",
			 "#/$defs/defaults", "keys", named("#/$defs/key"), "sinks",
			 named("#/$defs/sink"), "daemon", daemon_section(), "modules",
			 named("#/$defs/module"), "targets", "type", "array", "items", "$ref",
			 "#/$defs/target");
}

static json_t *sections(void)
{
	json_t *values = section_values();
	json_t *all = json_object();

	for (const struct jw_section *section = jw_config_sections; section->name; section++) {
		json_t *value = json_object_get(values, section->name);

		json_object_set_new(value, "description", json_string(section->help));
		json_object_set(all, section->name, value);
	}
	json_decref(values);
	return all;
}

void jw_schema_write(struct jw_buf *buf)
{
	json_t *schema = json_pack("{s:s, s:s, s:s, s:b, s:o, s:o}", "$schema", DIALECT,
				   "title", "A configuration of jwtwatch", "type", "object",
				   "additionalProperties", 0, "properties", sections(), "$defs",
				   definitions());
	char *text = json_dumps(schema, JSON_INDENT(1));

	jw_buf_text(buf, text);
	jw_buf_char(buf, '\n');
	free(text);
	json_decref(schema);
}
