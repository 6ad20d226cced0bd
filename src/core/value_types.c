/* SPDX-License-Identifier: MIT */
/* What each type of option makes of a text. */
#include "core/value_types.h"

#include <string.h>

#include "base/url.h"
#include "token/pattern.h"
#include "verdict/cause.h"
#include "verdict/threshold.h"

static size_t count_names(const char *const *names)
{
	size_t count = 0;

	while (names[count])
		count++;
	return count;
}

/* `"frist" is unknown, did you mean "first"? (known: all, first, last)` */
static enum jw_cause is_none_of(struct jw_str text, const char *const *names,
				struct jw_err *err)
{
	char quote[JW_QUOTE_TEXT];
	const char *nearest = jw_str_nearest(text, names, count_names(names));
	jw_autobuf struct jw_buf list = JW_BUF(JW_ERR_MAX);

	for (size_t i = 0; names[i]; i++)
		jw_buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
	if (nearest)
		return jw_fail(err, JW_CONFIG,
			       "%s is unknown, did you mean \"%s\"? (known: %s)",
			       jw_errors_quote(text, quote), nearest, list.ptr);
	return jw_fail(err, JW_CONFIG, "%s is unknown (known: %s)",
		       jw_errors_quote(text, quote), list.ptr);
}

static enum jw_cause set_text(struct jw_load *load, const struct jw_option *option,
			      struct jw_str text, void *field, struct jw_err *err)
{
	if (option->value && !strcmp(option->value, "URL") && jw_str_has(text, "${"))
		return jw_fail(err, JW_CONFIG,
			       "holds ${...}, but variables aren't filled in here: write the "
			       "URL itself");
	*(const char **)field = jw_arena_text(load->arena, text);
	return JW_OK;
}

enum jw_cause jw_value_path(struct jw_load *load, const struct jw_option *option,
			    struct jw_str text, void *field, struct jw_err *err)
{
	const char *folder = load->folder && strcmp(load->folder, ".") != 0 ? load->folder : "";
	const char *slash = *folder && folder[strlen(folder) - 1] != '/' ? "/" : "";

	(void)option;
	if (!text.len)
		return jw_fail(err, JW_CONFIG, "is empty");
	if (text.len + strlen(folder) > JW_VALUE_PATH_MAX)
		return jw_fail(err, JW_CONFIG, "is longer than %zu bytes", JW_VALUE_PATH_MAX);
	if (text.ptr[0] == '/' || jw_str_is(text, "-") || !*folder)
		*(const char **)field = jw_arena_text(load->arena, text);
	else
		*(const char **)field = jw_arena_printf(load->arena, "%s%s%.*s", folder, slash,
							JW_STR_ARG(text));
	return JW_OK;
}

bool jw_value_is_among(struct jw_str text, const char *const *words)
{
	for (; *words; words++)
		if (jw_str_is_nocase(text, *words))
			return true;
	return false;
}

/* Whether "<scheme>://" is one of the words. */
static bool is_scheme(struct jw_str scheme, const char *const *words)
{
	jw_autobuf struct jw_buf word = JW_BUF(64);

	return jw_buf_str(&word, scheme) && jw_buf_text(&word, "://") &&
	       jw_value_is_among(jw_buf_get(&word), words);
}

/* No sentence here quotes the URL: it may hold a password. */
static enum jw_cause set_url(struct jw_load *load, const struct jw_option *option,
			     struct jw_str text, void *field, struct jw_err *err)
{
	jw_autobuf struct jw_buf list = JW_BUF(JW_ERR_MAX);
	const char *wrong;
	struct jw_url url;

	for (size_t i = 0; option->choices[i]; i++)
		jw_buf_printf(&list, "%s%s", i ? ", " : "", option->choices[i]);
	if (!jw_value_is_among(text, option->choices)) {
		if (jw_url_is_masked(text))
			return jw_fail(err, JW_CONFIG,
				       "holds ***, as jwtwatch prints it for what is secret: "
				       "put the value itself back");
		wrong = jw_url_parse(text, &url);
		if (wrong)
			return jw_fail(err, JW_CONFIG, "%s", wrong);
		if (!is_scheme(url.scheme, option->choices))
			return jw_fail(err, JW_CONFIG,
				       "begins with none of what is taken here: %s", list.ptr);
	}
	*(const char **)field = jw_arena_text(load->arena, text);
	return JW_OK;
}

static enum jw_cause set_pattern(struct jw_load *load, const struct jw_option *option,
				 struct jw_str text, void *field, struct jw_err *err)
{
	struct jw_pattern *pattern;
	enum jw_cause cause;

	(void)option;
	if (!text.len)
		return jw_fail(err, JW_CONFIG, "is empty");
	if (!load->pattern || !jw_str_is(text, load->pattern)) {
		cause = jw_pattern_new(text, &pattern, err);
		if (cause)
			return cause;
		jw_pattern_free(pattern);
		load->pattern = jw_arena_text(load->arena, text);
	}
	*(const char **)field = load->pattern;
	return JW_OK;
}

static enum jw_cause set_choice(struct jw_load *load, const struct jw_option *option,
				struct jw_str text, void *field, struct jw_err *err)
{
	(void)load;
	for (int i = 0; option->choices[i]; i++) {
		if (!jw_str_is(text, option->choices[i]))
			continue;
		*(int *)field = i;
		return JW_OK;
	}
	return is_none_of(text, option->choices, err);
}

static enum jw_cause set_bool(struct jw_load *load, const struct jw_option *option,
			      struct jw_str text, void *field, struct jw_err *err)
{
	char quote[JW_QUOTE_TEXT];

	(void)load;
	(void)option;
	if (!jw_str_is(text, "true") && !jw_str_is(text, "false"))
		return jw_fail(err, JW_CONFIG, "%s is neither true nor false",
			       jw_errors_quote(text, quote));
	*(bool *)field = jw_str_is(text, "true");
	return JW_OK;
}

static enum jw_number parse_count(struct jw_str s, int64_t min, int64_t max, int64_t *ret_n)
{
	uint64_t n;
	bool is_digits = s.len > 0;

	for (size_t i = 0; i < s.len; i++)
		is_digits = is_digits && s.ptr[i] >= '0' && s.ptr[i] <= '9';
	if (!is_digits)
		return JW_NUMBER_BAD;
	if (!jw_str_u64(s, (uint64_t)max, &n))
		return JW_NUMBER_HIGH;
	if ((int64_t)n < min)
		return JW_NUMBER_LOW;
	*ret_n = (int64_t)n;
	return JW_NUMBER_OK;
}

struct unit {
	int64_t size;
	int64_t from; /* written so from this number on, where it divides: 90s rather than 1m30s */
	const char *name;
};

static const struct unit seconds[] = {
	{86400, 86400, "d"}, {3600, 3600, "h"}, {60, 600, "m"}, {1, 0, "s"}};
static const struct unit millis[] = {{86400000, 86400000, "d"},
				     {3600000, 3600000, "h"},
				     {60000, 600000, "m"},
				     {1000, 1000, "s"},
				     {1, 0, "ms"}};
static const struct unit bytes[] = {{1 << 30, 1 << 30, "GiB"},
				    {1 << 20, 1 << 20, "MiB"},
				    {1 << 10, 1 << 10, "KiB"},
				    {1, 0, ""}};
static const struct unit count[] = {{1, 0, ""}};

static const struct number {
	enum jw_number (*parse)(struct jw_str s, int64_t min, int64_t max, int64_t *ret_n);
	const struct unit *units; /* the last one is 1 */
	const char *is;		  /* what a value should be */
} numbers[] = {
	[JW_T_SECONDS] = {jw_str_seconds, seconds, "a duration such as 90s, 1h or 2d12h"},
	[JW_T_MILLIS] = {jw_str_millis, millis, "a duration such as 500ms, 90s or 5m"},
	[JW_T_BYTES] = {jw_str_bytes, bytes, "a size such as 4096, 64KiB or 16MiB"},
	[JW_T_COUNT] = {parse_count, count, "a whole number"},
};

void jw_value_number(enum jw_type type, int64_t n, struct jw_buf *buf)
{
	const struct unit *unit = numbers[type].units;

	while (n % unit->size || n < unit->from)
		unit++;
	jw_buf_printf(buf, "%lld%s", (long long)(n / unit->size), unit->name);
}

static enum jw_cause out_of_range(const struct jw_option *option, struct jw_str text,
				  const char *is, int64_t bound, struct jw_err *err)
{
	jw_autobuf struct jw_buf limit = JW_BUF(JW_QUOTE_TEXT);

	jw_value_number(option->type, bound, &limit);
	return jw_fail(err, JW_CONFIG, "%.*s is %s than %s", JW_STR_ARG(jw_str_head(text, 32)),
		       is, limit.ptr);
}

static enum jw_cause set_number(struct jw_load *load, const struct jw_option *option,
				struct jw_str text, void *field, struct jw_err *err)
{
	const struct number *number = &numbers[option->type];
	char quote[JW_QUOTE_TEXT];

	(void)load;
	switch (number->parse(text, option->min, option->max, field)) {
	case JW_NUMBER_OK:
		return JW_OK;
	case JW_NUMBER_LOW:
		return out_of_range(option, text, "less", option->min, err);
	case JW_NUMBER_HIGH:
		return out_of_range(option, text, "more", option->max, err);
	case JW_NUMBER_NO_UNIT:
		return jw_fail(err, JW_CONFIG, "%s has no unit: write %s",
			       jw_errors_quote(text, quote), number->is);
	case JW_NUMBER_BAD:
		break;
	}
	return jw_fail(err, JW_CONFIG, "%s is not %s", jw_errors_quote(text, quote),
		       number->is);
}

static enum jw_cause set_threshold(struct jw_load *load, const struct jw_option *option,
				   struct jw_str text, void *field, struct jw_err *err)
{
	(void)option;
	return jw_threshold_parse(jw_arena_str(load->arena, text), field, err);
}

void *jw_value_append(struct jw_load *load, void **items, size_t used, size_t size)
{
	if (used >= JW_VALUE_ITEMS_MAX)
		return NULL;
	/* The end counts as an item, since it takes a place too. */
	*items = jw_arena_grow(load->arena, *items, used ? used + 1 : 0, size);
	return (char *)*items + used * size;
}

enum jw_cause jw_value_too_many(struct jw_err *err)
{
	return jw_fail(err, JW_CONFIG, "has more than %d items", JW_VALUE_ITEMS_MAX);
}

static enum jw_cause add_text(struct jw_load *load, const struct jw_option *option,
			      struct jw_str text, void *field, struct jw_err *err)
{
	const char **texts = *(const char ***)field;
	size_t used = texts ? count_names(texts) : 0;
	int choice;
	void *items = texts;
	const char **item;

	if (!text.len)
		return jw_fail(err, JW_CONFIG, "is empty");
	if (option->choices && set_choice(load, option, text, &choice, err))
		return JW_CONFIG;
	item = jw_value_append(load, &items, used, sizeof(*item));
	if (!item)
		return jw_value_too_many(err);
	item[0] = jw_arena_text(load->arena, text);
	item[1] = NULL;
	*(const char ***)field = items;
	return JW_OK;
}

static enum jw_cause add_path(struct jw_load *load, const struct jw_option *option,
			      struct jw_str text, void *field, struct jw_err *err)
{
	const char *path = NULL;
	enum jw_cause cause = jw_value_path(load, option, text, &path, err);

	return cause ? cause : add_text(load, option, jw_str_of(path), field, err);
}

static bool is_name_char(char c, bool is_first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (!is_first && c >= '0' && c <= '9');
}

bool jw_value_is_identifier(struct jw_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_name_char(s.ptr[i], i == 0))
			return false;
	return s.len > 0;
}

static struct jw_pair *label_of(struct jw_pair *labels, struct jw_str name, size_t *ret_count)
{
	for (*ret_count = 0; labels && labels[*ret_count].name; ++*ret_count)
		if (jw_str_is(name, labels[*ret_count].name))
			return &labels[*ret_count];
	return NULL;
}

static enum jw_cause add_pair(struct jw_load *load, struct jw_str name, struct jw_str text,
			      void *field, struct jw_err *err)
{
	size_t used;
	struct jw_pair *pair = label_of(*(struct jw_pair **)field, name, &used);
	void *items = *(struct jw_pair **)field;

	if (!name.len)
		return jw_fail(err, JW_CONFIG, "has no name");
	if (!pair) {
		pair = jw_value_append(load, &items, used, sizeof(*pair));
		if (!pair)
			return jw_value_too_many(err);
		pair[1] = (struct jw_pair){NULL, NULL};
		*(struct jw_pair **)field = items;
	}
	*pair = (struct jw_pair){jw_arena_text(load->arena, name),
				 jw_arena_text(load->arena, text)};
	return JW_OK;
}

static enum jw_cause add_label(struct jw_load *load, struct jw_str name, struct jw_str text,
			       void *field, struct jw_err *err)
{
	if (!jw_value_is_identifier(name) || name.len > JW_VALUE_NAME_MAX)
		return jw_fail(err, JW_CONFIG,
			       "isn't a label name: letters, digits and _, no digit in front");
	if (jw_str_starts(name, "__"))
		return jw_fail(err, JW_CONFIG,
			       "label names with __ in front belong to Prometheus itself");
	return add_pair(load, name, text, field, err);
}

static enum jw_cause cause_of(struct jw_str name, enum jw_cause *ret_cause, struct jw_err *err)
{
	const char *names[JW_CAUSE_COUNT];
	char quote[JW_QUOTE_TEXT];
	const char *nearest;

	if (jw_cause_by_name(name, ret_cause))
		return JW_OK;
	for (int i = 1; i < JW_CAUSE_COUNT; i++)
		names[i - 1] = jw_cause_name(i);
	nearest = jw_str_nearest(name, names, JW_CAUSE_COUNT - 1);
	if (nearest)
		return jw_fail(err, JW_CONFIG, "%s isn't a cause, did you mean \"%s\"?",
			       jw_errors_quote(name, quote), nearest);
	return jw_fail(err, JW_CONFIG, "%s isn't a cause (jwtwatch explain lists them)",
		       jw_errors_quote(name, quote));
}

static enum jw_cause add_severity(struct jw_load *load, struct jw_str name, struct jw_str text,
				  void *field, struct jw_err *err)
{
	static const struct {
		const char *name;
		enum jw_state state;
	} states[] = {{"warning", JW_STATE_WARNING},
		      {"critical", JW_STATE_CRITICAL},
		      {"unknown", JW_STATE_UNKNOWN}};
	char quote[JW_QUOTE_TEXT];
	const uint8_t *before = *(const uint8_t **)field;
	enum jw_cause cause;
	uint8_t *severity;

	if (cause_of(name, &cause, err))
		return JW_CONFIG;
	for (size_t i = 0; i < 3; i++) {
		if (!jw_str_is(text, states[i].name))
			continue;
		/* What stands there may be that of `defaults`. */
		severity = jw_arena_alloc(load->arena, JW_CAUSE_COUNT);
		if (before)
			memcpy(severity, before, JW_CAUSE_COUNT);
		severity[cause] = (uint8_t)states[i].state;
		*(const uint8_t **)field = severity;
		return JW_OK;
	}
	if (jw_str_is_nocase(text, "ok"))
		return jw_fail(
			err, JW_CONFIG,
			"ok isn't taken, since it would hide a failure for good: write "
			"warning, critical or unknown, or set the target's enabled: false");
	return jw_fail(err, JW_CONFIG, "%s is none of warning, critical, unknown",
		       jw_errors_quote(text, quote));
}

const struct jw_value_type jw_value_types[] = {
	[JW_T_TEXT] = {JW_SHAPE_ONE, set_text, NULL, "a text"},
	[JW_T_PATH] = {JW_SHAPE_ONE, jw_value_path, NULL, "a path"},
	[JW_T_PATTERN] = {JW_SHAPE_ONE, set_pattern, NULL, "a regular expression"},
	[JW_T_CHOICE] = {JW_SHAPE_ONE, set_choice, NULL, "one word"},
	[JW_T_BOOL] = {JW_SHAPE_ONE, set_bool, NULL, "true or false"},
	[JW_T_SECONDS] = {JW_SHAPE_ONE, set_number, NULL, "a duration"},
	[JW_T_MILLIS] = {JW_SHAPE_ONE, set_number, NULL, "a duration"},
	[JW_T_BYTES] = {JW_SHAPE_ONE, set_number, NULL, "a size"},
	[JW_T_COUNT] = {JW_SHAPE_ONE, set_number, NULL, "a whole number"},
	[JW_T_THRESHOLD] = {JW_SHAPE_ONE, set_threshold, NULL, "a threshold"},
	[JW_T_TEXTS] = {JW_SHAPE_LIST, add_text, NULL, "a text or a list of texts"},
	[JW_T_LABELS] = {JW_SHAPE_MAP, NULL, add_label, "a mapping such as {team: voice}"},
	[JW_T_PAIRS] = {JW_SHAPE_MAP, NULL, add_pair, "a mapping such as {name: text}"},
	[JW_T_SEVERITY] = {JW_SHAPE_MAP, NULL, add_severity,
			   "a mapping such as {file_missing: unknown}"},
	[JW_T_SECRET] = {JW_SHAPE_SECRET, NULL, NULL, "a secret"},
	[JW_T_CONTENT] = {JW_SHAPE_SECRET, NULL, NULL, "a text"},
	[JW_T_HEADERS] = {JW_SHAPE_HEADERS, NULL, NULL,
			  "a mapping such as {Authorization: {env: NAME}}"},
	[JW_T_VARIABLES] = {JW_SHAPE_HEADERS, NULL, NULL, "a mapping such as {NAME: text}"},
	[JW_T_COMMAND] = {JW_SHAPE_LIST, jw_value_word, NULL,
			  "a list, a word for each argument: [lk, token, create]"},
	[JW_T_URL] = {JW_SHAPE_ONE, set_url, NULL, "a URL"},
	[JW_T_PATHS] = {JW_SHAPE_LIST, add_path, NULL, "a path or a list of paths"},
	[JW_T_GROUP] = {JW_SHAPE_GROUP, NULL, NULL, "a mapping of options"},
};
