/* SPDX-License-Identifier: MIT */
/* Headers, variables of an environment, and the words of a command: what may hold a secret, so no sentence quotes it. */
#include <string.h>

#include "core/value_types.h"

/* RFC 9110 section 5.6.2: what a header's name consists of. */
static bool is_header_name(struct jw_str name)
{
	static const char signs[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				(c >= '0' && c <= '9');

		if (!is_alnum && !(c && strchr(signs, c)))
			return false;
	}
	return name.len > 0 && name.len <= JW_VALUE_NAME_MAX;
}

/* Another one, or another value for one. */
static enum jw_cause put(struct jw_load *load, struct jw_str name,
			 bool (*is_same)(struct jw_str s, const char *text),
			 const struct jw_secret *value, void *field, struct jw_err *err)
{
	struct jw_header *headers = *(struct jw_header **)field;
	size_t used = 0;
	void *items = headers;

	while (headers && headers[used].name && !is_same(name, headers[used].name))
		used++;
	if (!headers || !headers[used].name) {
		headers = jw_value_append(load, &items, used, sizeof(*headers));
		if (!headers)
			return jw_value_too_many(err);
		headers[1] = (struct jw_header){NULL, NULL};
		*(struct jw_header **)field = items;
	} else {
		headers += used;
	}
	*headers = (struct jw_header){jw_arena_text(load->arena, name), value};
	return JW_OK;
}

enum jw_cause jw_value_header(struct jw_load *load, struct jw_str name,
			      const struct jw_secret *value, void *field, struct jw_err *err)
{
	static const char *const own[] = {"host", "content-length", "transfer-encoding",
					  "connection", NULL};

	if (!is_header_name(name))
		return jw_fail(err, JW_CONFIG, "has a name that no header can have");
	if (jw_value_is_among(name, own))
		return jw_fail(err, JW_CONFIG,
			       "is set by the connection itself (for another host: "
			       "server_name)");
	if (value->kind == JW_SECRET_PLAIN && strpbrk(value->value, "\r\n"))
		return jw_fail(err, JW_CONFIG, "has a line break in its value");
	return put(load, name, jw_str_is_nocase, value, field, err);
}

enum jw_cause jw_value_variable(struct jw_load *load, struct jw_str name,
				const struct jw_secret *value, void *field, struct jw_err *err)
{
	static const char *const own[] = {"NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS",
					  "LISTEN_FDNAMES", NULL};

	if (!jw_value_is_identifier(name) || name.len > JW_VALUE_NAME_MAX)
		return jw_fail(err, JW_CONFIG,
			       "has a name that isn't one: letters, digits and _, no digit in "
			       "front");
	if (jw_value_is_among(name, own))
		return jw_fail(err, JW_CONFIG,
			       "is between systemd and jwtwatch itself: no program gets it");
	return put(load, name, jw_str_is, value, field, err);
}

/* The first is a path where it has a /; a later one may be empty. */
static enum jw_cause check_word(struct jw_str text, bool is_first, struct jw_err *err)
{
	if (is_first && !text.len)
		return jw_fail(err, JW_CONFIG, "is empty, and should be a program");
	if (text.len > JW_VALUE_WORD_MAX)
		return jw_fail(err, JW_CONFIG, "is longer than %zu bytes", JW_VALUE_WORD_MAX);
	if (jw_str_is(text, JW_VALUE_HIDDEN))
		return jw_fail(err, JW_CONFIG,
			       "is " JW_VALUE_HIDDEN ", as jwtwatch config prints it: put "
			       "the word itself back");
	return JW_OK;
}

enum jw_cause jw_value_word(struct jw_load *load, const struct jw_option *option,
			    struct jw_str text, void *field, struct jw_err *err)
{
	const char **words = *(const char ***)field;
	void *items = words;
	size_t used = 0;
	const char *word;

	while (words && words[used])
		used++;
	if (check_word(text, !used, err))
		return JW_CONFIG;
	if (used || !memchr(text.ptr, '/', text.len))
		word = jw_arena_text(load->arena, text);
	else if (jw_value_path(load, option, text, &word, err))
		return JW_CONFIG;
	words = jw_value_append(load, &items, used, sizeof(*words));
	if (!words)
		return jw_value_too_many(err);
	words[0] = word;
	words[1] = NULL;
	*(const char ***)field = items;
	return JW_OK;
}
