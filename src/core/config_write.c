/* SPDX-License-Identifier: MIT */
/* The effective configuration as YAML that people can read and that reads back as the same. */
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "core/value_types.h"
#include "token/find.h"
#include "verdict/cause.h"

static bool begins_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '_';
}

static bool is_plain_char(char c)
{
	return begins_plain(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

/* Quotes are left out only where no reader of YAML, 1.1 or 1.2, could take the text for something else. */
static bool is_plain(struct jw_str s)
{
	static const char *const words[] = {"y",  "n",	 "yes",	 "no",	"true", "false",
					    "on", "off", "null", "nan", "inf"};

	if (!s.len || !begins_plain(s.ptr[0]))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_plain_char(s.ptr[i]))
			return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (jw_str_is_nocase(s, words[i]))
			return false;
	return true;
}

/* The code point at the front of *s, which is taken off; U+FFFD for a byte that begins none. */
static uint32_t take_point(struct jw_str *s)
{
	unsigned char lead = (unsigned char)s->ptr[0];
	size_t len = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	uint32_t point = len < 2 ? lead : lead & (0x7fU >> len);
	bool is_bad = !len || len > s->len || lead > 0xf4;

	for (size_t i = 1; !is_bad && i < len; i++) {
		is_bad = ((unsigned char)s->ptr[i] & 0xc0) != 0x80;
		point = point << 6 | ((unsigned char)s->ptr[i] & 0x3f);
	}
	*s = jw_str_from(*s, is_bad ? 1 : len);
	return is_bad || point > 0x10ffff ? 0xfffd : point;
}

/* ASCII, and letters of the world; not what is invisible, reorders a line or isn't allowed in YAML. */
static bool is_shown(uint32_t point)
{
	if (point < 0x80)
		return point >= 0x20 && point < 0x7f;
	return point >= 0xa0 && point < 0xd7ff && !(point >= 0x2000 && point <= 0x206f) &&
	       point != 0x61c;
}

static bool is_all_shown(struct jw_str s)
{
	while (s.len)
		if (!is_shown(take_point(&s)))
			return false;
	return true;
}

static void write_escaped(struct jw_str s, struct jw_buf *buf)
{
	jw_buf_char(buf, '"');
	while (s.len) {
		struct jw_str from = s;
		uint32_t point = take_point(&s);

		if (point == '"' || point == '\\')
			jw_buf_printf(buf, "\\%c", (int)point);
		else if (point == '\n')
			jw_buf_text(buf, "\\n");
		else if (is_shown(point))
			jw_buf_str(buf, jw_str_head(from, from.len - s.len));
		else
			jw_buf_printf(buf, point > 0xffff ? "\\U%08X" : "\\u%04X",
				      (unsigned)point);
	}
	jw_buf_char(buf, '"');
}

static void write_single_quoted(struct jw_str s, struct jw_buf *buf)
{
	jw_buf_char(buf, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\'')
			jw_buf_char(buf, '\'');
		jw_buf_char(buf, s.ptr[i]);
	}
	jw_buf_char(buf, '\'');
}

/* A path or a pattern may hold a token, which isn't shown here either. */
static void write_text(const char *text, struct jw_buf *buf)
{
	jw_autofree char *copy = jw_xstrdup(text);
	struct jw_str s;

	jw_find_scrub(copy);
	s = jw_str_of(copy);
	if (is_plain(s))
		jw_buf_str(buf, s);
	else if (is_all_shown(s) && (jw_str_has(s, "\\") || jw_str_has(s, "\"")))
		write_single_quoted(s, buf);
	else
		write_escaped(s, buf);
}

static void write_list(const char *const *texts, struct jw_buf *buf)
{
	jw_buf_char(buf, '[');
	for (size_t i = 0; texts[i]; i++) {
		if (i)
			jw_buf_text(buf, ", ");
		write_text(texts[i], buf);
	}
	jw_buf_char(buf, ']');
}

static void write_command(const char *const *words, struct jw_buf *buf)
{
	jw_buf_char(buf, '[');
	write_text(words[0], buf);
	for (size_t i = 1; words[i]; i++)
		jw_buf_text(buf, ", \"" JW_VALUE_HIDDEN "\"");
	jw_buf_char(buf, ']');
}

static void write_labels(const struct jw_pair *labels, struct jw_buf *buf)
{
	jw_buf_char(buf, '{');
	for (const struct jw_pair *label = labels; label->name; label++) {
		if (label != labels)
			jw_buf_text(buf, ", ");
		write_text(label->name, buf);
		jw_buf_text(buf, ": ");
		write_text(label->value, buf);
	}
	jw_buf_char(buf, '}');
}

static void write_severity(const uint8_t *severity, struct jw_buf *buf)
{
	static const char *const states[] = {
		[JW_STATE_WARNING] = "warning",
		[JW_STATE_CRITICAL] = "critical",
		[JW_STATE_UNKNOWN] = "unknown",
	};
	const char *comma = "";

	jw_buf_char(buf, '{');
	for (int cause = 1; cause < JW_CAUSE_COUNT; cause++) {
		if (!severity[cause])
			continue;
		jw_buf_printf(buf, "%s%s: %s", comma, jw_cause_name(cause),
			      states[severity[cause]]);
		comma = ", ";
	}
	jw_buf_char(buf, '}');
}

static void write_secret(const struct jw_secret *secret, struct jw_buf *buf)
{
	if (secret->kind == JW_SECRET_PLAIN) {
		jw_buf_text(buf, "\"" JW_VALUE_HIDDEN "\"");
		return;
	}
	jw_buf_printf(buf, "{%s: ", jw_secret_kinds[secret->kind]);
	write_text(secret->value, buf);
	if (secret->name)
		jw_buf_printf(buf, ", name: %s", secret->name);
	jw_buf_char(buf, '}');
}

static void write_headers(const struct jw_header *headers, struct jw_buf *buf)
{
	jw_buf_char(buf, '{');
	for (const struct jw_header *header = headers; header->name; header++) {
		if (header != headers)
			jw_buf_text(buf, ", ");
		write_text(header->name, buf);
		jw_buf_text(buf, ": ");
		write_secret(header->value, buf);
	}
	jw_buf_char(buf, '}');
}

static void write_url(const char *url, struct jw_buf *buf)
{
	jw_autobuf struct jw_buf masked = JW_BUF(2 * JW_URL_MAX);
	struct jw_url ignored;

	/* One of the words that stand for a URL. */
	if (jw_url_parse(jw_str_of(url), &ignored)) {
		write_text(url, buf);
		return;
	}
	jw_url_mask(&masked, jw_str_of(url));
	write_text(masked.ptr, buf);
}

static void write_value(const struct jw_option *option, const void *field, struct jw_buf *buf)
{
	switch (option->type) {
	case JW_T_CHOICE:
		write_text(option->choices[*(const int *)field], buf);
		break;
	case JW_T_BOOL:
		jw_buf_text(buf, *(const bool *)field ? "true" : "false");
		break;
	case JW_T_SECONDS:
	case JW_T_MILLIS:
	case JW_T_BYTES:
	case JW_T_COUNT:
		jw_value_number(option->type, *(const int64_t *)field, buf);
		break;
	case JW_T_THRESHOLD:
		write_text(((const struct jw_threshold *)field)->given, buf);
		break;
	case JW_T_TEXTS:
		write_list(*(const char *const *const *)field, buf);
		break;
	case JW_T_LABELS:
	case JW_T_PAIRS:
		write_labels(*(const struct jw_pair *const *)field, buf);
		break;
	case JW_T_SEVERITY:
		write_severity(*(const uint8_t *const *)field, buf);
		break;
	case JW_T_COMMAND:
		write_command(*(const char *const *const *)field, buf);
		break;
	case JW_T_HEADERS:
	case JW_T_VARIABLES:
		write_headers(*(const struct jw_header *const *)field, buf);
		break;
	case JW_T_URL:
		write_url(*(const char *const *)field, buf);
		break;
	case JW_T_SECRET:
	case JW_T_CONTENT:
		write_secret(*(const struct jw_secret *const *)field, buf);
		break;
	case JW_T_TEXT:
	case JW_T_PATH:
	case JW_T_PATTERN:
		write_text(*(const char *const *)field, buf);
		break;
	case JW_T_PATHS:
		write_list(*(const char *const *const *)field, buf);
		break;
	case JW_T_GROUP:
	case JW_T_END:
		break;
	}
}

static void write_rows(const struct jw_option *options, const void *base, const char *indent,
		       struct jw_buf *buf);

static bool is_any_set(const struct jw_option *options, const void *base)
{
	for (; options->name; options++)
		if (jw_value_is_set(options, base))
			return true;
	return false;
}

static void write_group(const struct jw_option *option, const void *base, const char *indent,
			struct jw_buf *buf)
{
	jw_autobuf struct jw_buf deeper = JW_BUF(256);

	if (!is_any_set(option->group, base)) {
		jw_buf_text(buf, " {}\n");
		return;
	}
	jw_buf_printf(&deeper, "%s  ", indent);
	jw_buf_char(buf, '\n');
	write_rows(option->group, base, deeper.ptr, buf);
}

static void write_rows(const struct jw_option *options, const void *base, const char *indent,
		       struct jw_buf *buf)
{
	for (const struct jw_option *o = options; o->name; o++) {
		if (!jw_value_is_set(o, base))
			continue;
		jw_buf_printf(buf, o->type == JW_T_GROUP ? "%s%s:" : "%s%s: ", indent, o->name);
		if (o->type == JW_T_GROUP) {
			write_group(o, *(const void *const *)((const char *)base + o->offset),
				    indent, buf);
			continue;
		}
		write_value(o, (const char *)base + o->offset, buf);
		jw_buf_char(buf, '\n');
	}
}

static void write_options(const struct jw_option *options, const void *base, struct jw_buf *buf)
{
	write_rows(options, base, "    ", buf);
}

static void write_check(const struct jw_target *target, struct jw_buf *buf)
{
	jw_buf_printf(buf, "    check: %s\n", target->check->name);
	write_options(target->check->options, target->config, buf);
	/* Behind name and check, which stand in front. */
	write_options(jw_target_options + 2, target, buf);
	if (target->check->kind != JW_CHECK_SERVER)
		write_options(jw_token_options, target, buf);
}

static void write_target(const struct jw_target *target, struct jw_buf *buf)
{
	jw_buf_text(buf, "  - name: ");
	write_text(target->name, buf);
	jw_buf_char(buf, '\n');
	write_check(target, buf);
}

static void write_modules(const struct jw_config *config, struct jw_buf *buf)
{
	if (!config->module_count)
		return;
	jw_buf_text(buf, "modules:\n");
	for (size_t i = 0; i < config->module_count; i++) {
		jw_buf_text(buf, "  ");
		write_text(config->modules[i].name, buf);
		jw_buf_text(buf, ":\n");
		write_options(jw_module_options, &config->modules[i], buf);
		write_check(config->modules[i].target, buf);
	}
	jw_buf_char(buf, '\n');
}

static void write_daemon(const struct jw_config *config, struct jw_buf *buf)
{
	if (!config->daemon.listen)
		return;
	jw_buf_text(buf, "daemon:\n");
	write_rows(jw_daemon_options, &config->daemon, "  ", buf);
	jw_buf_char(buf, '\n');
}

static void write_keys(const struct jw_config *config, struct jw_buf *buf)
{
	if (!config->key_count)
		return;
	jw_buf_text(buf, "keys:\n");
	for (size_t i = 0; i < config->key_count; i++) {
		jw_buf_text(buf, "  ");
		write_text(config->keys[i].name, buf);
		jw_buf_text(buf, ":\n");
		write_options(jw_key_options, &config->keys[i], buf);
	}
	jw_buf_char(buf, '\n');
}

static void write_sinks(const struct jw_config *config, struct jw_buf *buf)
{
	if (!config->sink_count)
		return;
	jw_buf_text(buf, "sinks:\n");
	for (size_t i = 0; i < config->sink_count; i++) {
		const struct jw_sink_entry *entry = &config->sinks[i];

		jw_buf_text(buf, "  ");
		write_text(entry->name, buf);
		jw_buf_printf(buf, ":\n    type: %s\n", entry->sink->name);
		write_options(entry->sink->options, entry->config, buf);
		write_options(jw_sink_options, entry, buf);
	}
	jw_buf_char(buf, '\n');
}

void jw_config_write(const struct jw_config *config, struct jw_buf *buf)
{
	write_keys(config, buf);
	write_sinks(config, buf);
	write_daemon(config, buf);
	write_modules(config, buf);
	if (!config->target_count)
		jw_buf_text(buf, "targets: []\n");
	else
		jw_buf_text(buf, "targets:\n");
	for (size_t i = 0; i < config->target_count; i++)
		write_target(&config->targets[i], buf);
}

void jw_config_write_text(const char *text, struct jw_buf *buf)
{
	write_text(text, buf);
}
