/* SPDX-License-Identifier: MIT */
/* Variables in the text of a .env file. */
#include "core/dotenv.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct jw_str skip_blanks(struct jw_str s)
{
	size_t at = 0;

	while (at < s.len && is_blank(s.ptr[at]))
		at++;
	return jw_str_from(s, at);
}

/* Up to the line's end, which isn't part of it; \r\n is one too. */
static struct jw_str line_of(struct jw_str s)
{
	const char *end = s.len ? memchr(s.ptr, '\n', s.len) : NULL;
	struct jw_str line = jw_str_head(s, end ? (size_t)(end - s.ptr) : s.len);

	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static struct jw_str skip_line(struct jw_str s)
{
	const char *end = s.len ? memchr(s.ptr, '\n', s.len) : NULL;

	return jw_str_from(s, end ? (size_t)(end - s.ptr) + 1 : s.len);
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static struct jw_str take_word(struct jw_str *s)
{
	struct jw_str word = *s;

	for (word.len = 0; word.len < s->len && is_name_char(s->ptr[word.len]); word.len++)
		;
	*s = jw_str_from(*s, word.len);
	return word;
}

/* What stands behind "NAME =" at the front of *s, which is left there. False for another line. */
static bool take_name(struct jw_str *s, struct jw_str *ret_name)
{
	struct jw_str rest = skip_blanks(*s);
	struct jw_str name = take_word(&rest);

	if (jw_str_is(name, "export") && rest.len && is_blank(rest.ptr[0])) {
		struct jw_str after = skip_blanks(rest);
		struct jw_str second = take_word(&after);

		/* A variable may be called export itself. */
		if (second.len) {
			name = second;
			rest = after;
		}
	}
	rest = skip_blanks(rest);
	if (!name.len || !jw_str_starts(rest, "="))
		return false;
	*s = jw_str_from(rest, 1);
	*ret_name = name;
	return true;
}

/* Of one line without quotes: up to a # behind a blank, without blanks at its end. */
static struct jw_str bare(struct jw_str line)
{
	size_t end = 0;

	while (end < line.len && !(line.ptr[end] == '#' && end && is_blank(line.ptr[end - 1])))
		end++;
	while (end && is_blank(line.ptr[end - 1]))
		end--;
	return skip_blanks(jw_str_head(line, end));
}

/* What stands between the quote at the front and its end, or false where it doesn't end; *s is left behind it. */
static bool take_quoted(struct jw_str *s, struct jw_str *ret_inside)
{
	char quote = s->ptr[0];
	size_t at = 1;

	while (at < s->len && s->ptr[at] != quote)
		at += quote == '"' && s->ptr[at] == '\\' ? 2 : 1;
	if (at >= s->len)
		return false;
	*ret_inside = (struct jw_str){s->ptr + 1, at - 1};
	*s = jw_str_from(*s, at + 1);
	return true;
}

/* One setting of a variable. */
struct setting {
	struct jw_str value; /* without its quotes */
	char quote;	     /* '\0': none */
	bool is_open;	     /* its quote doesn't end */
	bool is_followed;    /* something stands behind its quotes */
};

/* The value at the front of *s, which is left at the next line. A quote that doesn't end counts for its line. */
static struct setting take_value(struct jw_str *s)
{
	struct jw_str value = skip_blanks(*s);
	struct setting setting = {0};
	struct jw_str behind;

	if (value.len && (value.ptr[0] == '"' || value.ptr[0] == '\'')) {
		setting.quote = value.ptr[0];
		setting.is_open = !take_quoted(&value, &setting.value);
		behind = skip_blanks(line_of(value));
		setting.is_followed = !setting.is_open && behind.len && behind.ptr[0] != '#';
		*s = skip_line(setting.is_open ? *s : value);
		return setting;
	}
	/* Blanks in front too: what follows them may be a comment. */
	setting.value = bare(line_of(*s));
	*s = skip_line(*s);
	return setting;
}

static bool add_escaped(struct jw_str *s, struct jw_buf *buf)
{
	char next = s->len > 1 ? s->ptr[1] : '\0';
	bool is_known = next == 'n' || next == '"' || next == '\\' || next == '$';

	*s = jw_str_from(*s, is_known ? 2 : 1);
	return jw_buf_char(buf, !is_known ? '\\' : next == 'n' ? '\n' : next);
}

/* False past buf's maximum. */
static bool add_value(const struct setting *setting, struct jw_buf *buf)
{
	struct jw_str s = setting->value;

	if (!setting->quote)
		return jw_buf_str(buf, s);
	while (s.len) {
		if (setting->quote == '"' && s.ptr[0] == '\\') {
			if (!add_escaped(&s, buf))
				return false;
			continue;
		}
		if (!jw_str_starts(s, "\r\n") && !jw_buf_char(buf, s.ptr[0]))
			return false;
		s = jw_str_from(s, 1);
	}
	return true;
}

static bool find_last(struct jw_str text, struct jw_str name, struct setting *ret_setting)
{
	bool is_found = false;
	struct jw_str own;

	if (jw_str_starts(text, "\xef\xbb\xbf"))
		text = jw_str_from(text, 3);
	while (text.len) {
		struct setting setting = {0};

		if (!take_name(&text, &own)) {
			text = skip_line(text);
			continue;
		}
		setting = take_value(&text);
		if (!jw_str_eq(own, name))
			continue;
		*ret_setting = setting;
		is_found = true;
	}
	return is_found;
}

enum jw_cause jw_dotenv_get(struct jw_str text, struct jw_str name, struct jw_buf *buf,
			    struct jw_err *err)
{
	struct setting setting = {0};
	size_t before = buf->len;
	bool fits;

	if (!find_last(text, name, &setting))
		return jw_fail(err, JW_SECRET_MISSING, "isn't set there");
	if (setting.is_open)
		return jw_fail(err, JW_SECRET_MISSING, "the quote in front of it doesn't end");
	if (setting.is_followed)
		return jw_fail(err, JW_SECRET_MISSING,
			       "something stands behind its closing quote");
	if (setting.value.len && memchr(setting.value.ptr, '\0', setting.value.len))
		return jw_fail(err, JW_SECRET_MISSING, "holds a NUL byte");
	fits = add_value(&setting, buf);
	if (fits && buf->len > before)
		return JW_OK;
	if (buf->ptr && !fits) {
		buf->len = before;
		buf->ptr[before] = '\0';
	}
	return jw_fail(err, JW_SECRET_MISSING, fits ? "is empty there" : "is too long");
}

bool jw_dotenv_has(struct jw_str text, struct jw_str name)
{
	struct setting unused;

	return find_last(text, name, &unused);
}
