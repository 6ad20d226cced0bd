/* SPDX-License-Identifier: MIT */
/* The JSON Schema has every option of every table, with its help. */
#include "rows.h"

#include <string.h>

#include <jansson.h>

#include "core/config.h"
#include "output/schema.h"

static json_t *schema;

static json_t *definition(const char *prefix, const char *name)
{
	jw_autobuf struct jw_buf full = JW_BUF(256);

	jw_buf_printf(&full, "%s%s", prefix, name);
	return json_object_get(json_object_get(schema, "$defs"), full.ptr);
}

static json_t *property(const json_t *object, const char *name)
{
	return json_object_get(json_object_get(object, "properties"), name);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool has_text(const json_t *array, const char *text)
{
	size_t i;
	json_t *item;

	json_array_foreach(array, i, item)
	{
		if (!strcmp(json_string_value(item), text))
			return true;
	}
	return false;
}

static void has_rows(const json_t *object, const struct jw_option *options)
{
	assert_true(json_is_false(json_object_get(object, "additionalProperties")));
	for (; options->name; options++) {
		const json_t *value = property(object, options->name);

		if (!value || strcmp(text_of(value, "description"), options->help) != 0)
			fail_msg("%s isn't there with its help", options->name);
		if (options->required &&
		    !has_text(json_object_get(object, "required"), options->name))
			fail_msg("%s isn't required", options->name);
	}
}

static void has_every_check(void **state)
{
	const json_t *any = definition("target", "");
	size_t count = 0;

	(void)state;
	for (const struct jw_check *const *check = jw_checks; *check; check++) {
		const json_t *target = definition("check_", (*check)->name);
		const json_t *row = json_array_get(json_object_get(any, "allOf"), count++);

		has_rows(target, (*check)->options);
		assert_string_equal(text_of(property(target, "check"), "const"),
				    (*check)->name);
		assert_true(has_text(json_object_get(property(any, "check"), "enum"),
				     (*check)->name));
		assert_string_equal(
			text_of(property(json_object_get(row, "if"), "check"), "const"),
			(*check)->name);
		assert_string_equal(text_of(json_object_get(row, "then"), "$ref") +
					    strlen("#/$defs/check_"),
				    (*check)->name);
	}
	assert_true(has_text(json_object_get(any, "required"), "name"));
	assert_true(has_text(json_object_get(any, "required"), "check"));
}

static void has_every_sink(void **state)
{
	const json_t *any = definition("sink", "");
	size_t count = 0;

	(void)state;
	for (const struct jw_sink *const *sink = jw_sinks; *sink; sink++) {
		const json_t *object = definition("sink_", (*sink)->name);
		const json_t *row = json_array_get(json_object_get(any, "allOf"), count++);

		has_rows(object, (*sink)->options);
		if ((*sink)->when == JW_SINK_EVERY) {
			has_rows(object, jw_sink_options);
		} else {
			assert_null(property(object, "host"));
			assert_null(property(object, "service"));
			assert_non_null(property(object, "timeout"));
		}
		assert_string_equal(text_of(property(object, "type"), "const"), (*sink)->name);
		assert_true(has_text(json_object_get(property(any, "type"), "enum"),
				     (*sink)->name));
		assert_string_equal(text_of(json_object_get(row, "then"), "$ref") +
					    strlen("#/$defs/sink_"),
				    (*sink)->name);
	}
	assert_true(has_text(json_object_get(any, "required"), "type"));
}

static bool has_own(const struct jw_check *check, const char *name)
{
	for (const struct jw_option *o = check->options; o->name; o++)
		if (!strcmp(o->name, name))
			return true;
	return false;
}

static void refers(const struct jw_check *check, const struct jw_option *options, bool wanted)
{
	const json_t *target = definition("check_", check->name);

	for (; options->name; options++) {
		const json_t *value = property(target, options->name);

		if (has_own(check, options->name) || !strcmp(options->name, "name") ||
		    !strcmp(options->name, "check"))
			continue;
		/* Not for defaults to say. */
		if (!strcmp(options->name, "same_as")) {
			assert_int_equal(value != NULL, wanted);
			continue;
		}
		if (!wanted && value)
			fail_msg("%s has %s", check->name, options->name);
		if (wanted &&
		    strcmp(text_of(value, "$ref") + strlen("#/$defs/defaults/properties/"),
			   options->name) != 0)
			fail_msg("%s doesn't have %s", check->name, options->name);
	}
}

static void has_defaults_of_tokens(void)
{
	struct jw_option rows[64] = {0};
	size_t count = 0;

	for (const struct jw_option *o = jw_token_options; o->name; o++)
		if (strcmp(o->name, "same_as") != 0)
			rows[count++] = *o;
	assert_in_range(count, 1, 63);
	has_rows(definition("defaults", ""), rows);
	assert_null(property(definition("defaults", ""), "same_as"));
}

static void has_what_targets_share(void **state)
{
	(void)state;
	for (const struct jw_check *const *check = jw_checks; *check; check++) {
		refers(*check, jw_target_options, true);
		refers(*check, jw_token_options, (*check)->kind != JW_CHECK_SERVER);
	}
	/* Behind name and check. */
	has_rows(definition("defaults", ""), jw_target_options + 2);
	has_defaults_of_tokens();
	assert_null(property(definition("defaults", ""), "name"));
	assert_null(property(definition("defaults", ""), "check"));
	has_rows(definition("key", ""), jw_key_options);
}

static bool has_url(const struct jw_check *check)
{
	return has_own(check, "url");
}

static void has_what_the_daemon_adds(void **state)
{
	(void)state;
	has_rows(property(schema, "daemon"), jw_daemon_options);
	for (const struct jw_check *const *check = jw_checks; *check; check++) {
		const json_t *module = definition("module_", (*check)->name);
		const json_t *known =
			json_object_get(property(definition("module", ""), "check"), "enum");

		assert_int_equal(module != NULL, has_url(*check));
		assert_int_equal(has_text(known, (*check)->name), has_url(*check));
		if (!module)
			continue;
		assert_non_null(property(module, "allow"));
		assert_non_null(property(module, "timeout"));
		assert_null(property(module, "url"));
		assert_null(property(module, "name"));
		assert_null(property(module, "same_as"));
		assert_true(has_text(json_object_get(module, "required"), "allow"));
	}
}

static void has_every_section(void **state)
{
	(void)state;
	assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
	for (const struct jw_section *section = jw_config_sections; section->name; section++)
		assert_string_equal(text_of(property(schema, section->name), "description"),
				    section->help);
	assert_string_equal(text_of(schema, "$schema"),
			    "https://json-schema.org/draft/2020-12/schema");
}

/* Every reference leads somewhere. */
static void follow(const json_t *value)
{
	const char *to = text_of(value, "$ref");
	const json_t *at = schema;
	struct jw_str rest = jw_str_of(*to ? to + 2 : to);
	const char *key;
	json_t *inside;
	size_t i;

	while (rest.len) {
		struct jw_str step = rest;
		struct jw_str after = {0};

		jw_str_cut(rest, '/', &step, &after);
		at = json_object_getn(at, step.ptr, step.len);
		rest = after;
	}
	if (!at)
		fail_msg("%s leads nowhere", to);
	json_array_foreach(value, i, inside) follow(inside);
	json_object_foreach((json_t *)(uintptr_t)value, key, inside) follow(inside);
}

static void references_lead_somewhere(void **state)
{
	(void)state;
	follow(schema);
}

int main(void)
{
	jw_autobuf struct jw_buf text = JW_BUF((size_t)1 << 20);
	int failed;

	jw_schema_write(&text);
	schema = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
	JW_TEST(has_every_check);
	JW_TEST(has_every_sink);
	JW_TEST(has_what_targets_share);
	JW_TEST(has_what_the_daemon_adds);
	JW_TEST(has_every_section);
	JW_TEST(references_lead_somewhere);
	failed = rows_run();
	json_decref(schema);
	return failed;
}
