/* SPDX-License-Identifier: MIT */
/* What a value of an option's type looks like in a JSON Schema. */
#include "output/schema_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "verdict/cause.h"

#define PATTERN_MAX ((size_t)65536)
/* verdict/threshold.c's own: a hundred years. */
#define LEFT_MAX (INT64_C(36500) * 86400)
/* No variable is filled in, and what is masked was copied from output. */
#define NOT_FILLED_IN "(?!.*\\$\\{)"
#define NUMBER "(?:[0-9]+(?:\\.[0-9]{1,3})?|\\.[0-9]{1,3})"

struct unit {
	const char *name; /* as a regular expression */
	int64_t size;
};

/* In milliseconds, falling. */
static const struct unit times[] = {{"w", 604800000}, {"d", 86400000}, {"h", 3600000},
				    {"m", 60000},     {"s", 1000},     {"ms", 1}};
static const struct unit sizes[] = {
	{"G(?:iB)?", 1 << 30}, {"M(?:iB)?", 1 << 20}, {"K(?:iB)?", 1 << 10}, {"B?", 1}};

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static json_t *ref(const char *name)
{
	jw_autobuf struct jw_buf path = JW_BUF(256);

	jw_buf_printf(&path, "#/$defs/%s", name);
	return json_pack("{s:s}", "$ref", path.ptr);
}

static json_t *pattern(const struct jw_buf *text)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", text->ptr);
}

/* The numbers from 0 to n in decimal: the shorter ones, then those that first differ from n at each digit. */
static void up_to(struct jw_buf *buf, int64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, n);

	jw_buf_text(buf, "0*(?:");
	if (len > 1)
		jw_buf_printf(buf, "[0-9]{1,%d}|", len - 1);
	for (int i = 0; i < len; i++) {
		char least = !i && len > 1 ? '1' : '0';

		if (digits[i] > least)
			jw_buf_printf(buf, "%.*s[%c-%c][0-9]{%d}|", i, digits, least,
				      digits[i] - 1, len - 1 - i);
	}
	jw_buf_printf(buf, "%s)", digits);
}

/* Parts such as 2d12h, of which none is more than max alone. */
static void duration(struct jw_buf *buf, int64_t min, int64_t max_ms, int64_t least_unit)
{
	jw_buf_text(buf, min > 0 ? "(?=[0-9])(?=.*[1-9])" : "(?=[0-9])");
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		if (times[i].size > max_ms || times[i].size < least_unit)
			continue;
		jw_buf_text(buf, "(?:");
		up_to(buf, max_ms / times[i].size);
		jw_buf_printf(buf, "%s)?", times[i].name);
	}
}

static json_t *duration_value(const struct jw_option *option, int64_t least_unit)
{
	jw_autobuf struct jw_buf text = JW_BUF(PATTERN_MAX);

	jw_buf_char(&text, '^');
	duration(&text, option->min, option->max * least_unit, least_unit);
	jw_buf_char(&text, '$');
	return pattern(&text);
}

static json_t *integer(const struct jw_option *option)
{
	return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
			 (json_int_t)option->min, "maximum", (json_int_t)option->max);
}

static json_t *size_value(const struct jw_option *option)
{
	jw_autobuf struct jw_buf text = JW_BUF(PATTERN_MAX);
	const char *bar = "";

	jw_buf_text(&text, option->min > 0 ? "^(?=.*[1-9])(?:" : "^(?:");
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		if (sizes[i].size > option->max)
			continue;
		jw_buf_text(&text, bar);
		up_to(&text, option->max / sizes[i].size);
		jw_buf_text(&text, sizes[i].name);
		bar = "|";
	}
	jw_buf_text(&text, ")$");
	return json_pack("{s:[o, o]}", "anyOf", integer(option), pattern(&text));
}

static void threshold_part(struct jw_buf *buf)
{
	jw_buf_text(buf, "(?:");
	duration(buf, 1, LEFT_MAX * 1000, 1000);
	jw_buf_text(buf, "|" NUMBER "%)");
}

static json_t *threshold_value(void)
{
	jw_autobuf struct jw_buf text = JW_BUF(PATTERN_MAX);

	jw_buf_text(&text, "^(?:");
	threshold_part(&text);
	jw_buf_text(&text, "|min\\( *");
	threshold_part(&text);
	jw_buf_text(&text, ", *");
	threshold_part(&text);
	jw_buf_text(&text,
		    " *\\)|(?!@?:$)@?(?:~|-?" NUMBER ")?:(?:-?" NUMBER ")?|@-?" NUMBER ")$");
	return pattern(&text);
}

static json_t *words(const char *const *choices)
{
	json_t *array = json_array();

	for (; choices && *choices; choices++)
		json_array_append_new(array, json_string(*choices));
	return json_pack("{s:o}", "enum", array);
}

static bool is_scheme(const char *choice)
{
	return strstr(choice, "://");
}

/* In any case of its letters. */
static void add_scheme(struct jw_buf *buf, const char *scheme)
{
	for (; *scheme; scheme++)
		if (*scheme >= 'a' && *scheme <= 'z')
			jw_buf_printf(buf, "[%c%c]", *scheme, *scheme - 'a' + 'A');
		else
			jw_buf_char(buf, *scheme);
}

static json_t *url_value(const struct jw_option *option)
{
	jw_autobuf struct jw_buf text = JW_BUF(PATTERN_MAX);
	json_t *others = json_array();
	const char *bar = "";

	jw_buf_text(&text, "^" NOT_FILLED_IN "(?!.*\\*\\*\\*)(?:");
	for (const char *const *choice = option->choices; *choice; choice++) {
		if (!is_scheme(*choice)) {
			json_array_append_new(others, json_string(*choice));
			continue;
		}
		jw_buf_text(&text, bar);
		add_scheme(&text, *choice);
		bar = "|";
	}
	jw_buf_text(&text, ")\\S+$");
	if (json_array_size(others))
		return json_pack("{s:[o, {s:o}]}", "anyOf", pattern(&text), "enum", others);
	json_decref(others);
	return pattern(&text);
}

static json_t *list_value(const struct jw_option *option)
{
	json_t *item = option->choices ? words(option->choices) : ref("text");

	return json_pack("{s:[O, {s:s, s:o}]}", "anyOf", item, "type", "array", "items", item);
}

/* A program, then its words, which may be empty. */
static json_t *command_value(void)
{
	return json_pack("{s:s, s:i, s:[o], s:o}", "type", "array", "minItems", 1,
			 "prefixItems", ref("some_text"), "items", ref("text"));
}

static json_t *text_value(const struct jw_option *option)
{
	if (option->choices)
		return words(option->choices);
	return ref(option->value && !strcmp(option->value, "URL") ? "plain_text" : "text");
}

json_t *jw_schema_value(const struct jw_option *option)
{
	switch (option->type) {
	case JW_T_TEXT:
		return text_value(option);
	case JW_T_PATH:
	case JW_T_PATTERN:
		return ref("some_text");
	case JW_T_CHOICE:
		return words(option->choices);
	case JW_T_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case JW_T_SECONDS:
		return duration_value(option, 1000);
	case JW_T_MILLIS:
		return duration_value(option, 1);
	case JW_T_BYTES:
		return size_value(option);
	case JW_T_COUNT:
		return integer(option);
	case JW_T_THRESHOLD:
		return threshold_value();
	case JW_T_TEXTS:
		return list_value(option);
	case JW_T_LABELS:
		return ref("labels");
	case JW_T_PAIRS:
		return json_pack("{s:s, s:o}", "type", "object", "additionalProperties",
				 ref("text"));
	case JW_T_SEVERITY:
		return ref("severity");
	case JW_T_SECRET:
	case JW_T_CONTENT:
		return ref("secret");
	case JW_T_HEADERS:
		return ref("headers");
	case JW_T_VARIABLES:
		return ref("variables");
	case JW_T_COMMAND:
		return command_value();
	case JW_T_URL:
		return url_value(option);
	case JW_T_PATHS:
		return list_value(option);
	case JW_T_GROUP: /* by schema.c */
	case JW_T_END:
		break;
	}
	return json_object();
}

static json_t *severity(void)
{
	json_t *properties = json_object();

	for (int cause = 1; cause < JW_CAUSE_COUNT; cause++)
		json_object_set_new(properties, jw_cause_name((enum jw_cause)cause),
				    json_pack("{s:s, s:[s, s, s]}", "description",
					      jw_cause_row((enum jw_cause)cause)->meaning,
					      "enum", "warning", "critical", "unknown"));
	return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
			 "additionalProperties", 0);
}

/* One of the ways to say where a secret is. */
static json_t *place(const char *key, const char *help, const char *pattern)
{
	return json_pack("{s:s, s:b, s:[s], s:{s:{s:s, s:s, s:s}}}", "type", "object",
			 "additionalProperties", 0, "required", key, "properties", key, "type",
			 "string", "pattern", pattern, "description", help);
}

#define VARIABLE "^[A-Za-z_][A-Za-z0-9_]*$"
#define SOME_PATH "^" NOT_FILLED_IN "."

static json_t *secret(void)
{
	json_t *env_file =
		place("env_file", "a .env file; name says which of its variables", SOME_PATH);

	json_array_append_new(json_object_get(env_file, "required"), json_string("name"));
	json_object_set_new(json_object_get(env_file, "properties"), "name",
			    json_pack("{s:s, s:s, s:s}", "type", "string", "pattern", VARIABLE,
				      "description", "a variable of the .env file"));
	return json_pack(
		"{s:[{s:[s, s, s], s:s}, o, o, o, o]}", "anyOf", "type", "string", "number",
		"boolean", "pattern", "^(?!\\(hidden\\)$)" NOT_FILLED_IN ".",
		place("file", "a file; the newline at its end doesn't count", SOME_PATH),
		place("env", "an environment variable", VARIABLE),
		place("credential", "a file in $CREDENTIALS_DIRECTORY",
		      "^" NOT_FILLED_IN "(?!\\.)[^/]+$"),
		env_file);
}

/* YAML's readers make numbers and booleans of what jwtwatch reads as texts. */
static json_t *text(const char *pattern)
{
	json_t *value = json_pack("{s:[s, s, s]}", "type", "string", "number", "boolean");

	if (pattern)
		json_object_set_new(value, "pattern", json_string(pattern));
	return value;
}

static json_t *map_of(const char *names, const char *values)
{
	return json_pack("{s:s, s:{s:s}, s:o}", "type", "object", "propertyNames", "pattern",
			 names, "additionalProperties", ref(values));
}

json_t *jw_schema_definitions(void)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "text", text(NULL),
			 "some_text", text("."), "plain_text", text("^" NOT_FILLED_IN),
			 "labels", map_of("^(?!__)[A-Za-z_][A-Za-z0-9_]*$", "text"), "severity",
			 severity(), "secret", secret(), "headers",
			 map_of("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "secret"), "variables",
			 map_of(VARIABLE, "secret"));
}
