/* SPDX-License-Identifier: MIT */
/* JSON Pointers (RFC 6901), and what stands where one leads nowhere. */
#include <string.h>

#include "base/mem.h"
#include "base/utf.h"
#include "token/answer.h"
#include "token/answer_parts.h"
#include "token/find.h"

#define POINTER_MAX 1024
#define NAMES_MAX 5
#define NAME_MAX_SHOWN 32
/* Of sentences that are built here; jw_err cuts what is longer than its own maximum. */
#define SENTENCE_MAX ((size_t)4096)

const char *jw_answer_pointer_wrong(struct jw_str pointer)
{
	if (pointer.len > POINTER_MAX)
		return "is longer than 1024 bytes";
	if (jw_str_starts(pointer, "#/"))
		return "begins with #: a JSON Pointer is written without it, as in /data/token";
	if (pointer.len && pointer.ptr[0] != '/')
		return "isn't a JSON Pointer: it begins with /, as in /token or /data/token";
	for (size_t i = 0; i < pointer.len; i++) {
		char next = i + 1 < pointer.len ? pointer.ptr[i + 1] : '\0';

		if (!pointer.ptr[i])
			return "holds a NUL";
		if (pointer.ptr[i] == '~' && next != '0' && next != '1')
			return "has a ~ without 0 or 1 behind it: ~0 stands for ~ and ~1 for /";
	}
	return NULL;
}

const char *jw_answer_kind(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return json_object_size(value) ? "an object" : "an empty object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "a text";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		return "null";
	}
	return "something";
}

/* A name that a programmer gave; anything else may be data, such as the number of a session. */
static bool is_word(const char *name)
{
	size_t letters =
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-./~");

	return letters && letters <= NAME_MAX_SHOWN && !name[letters];
}

void jw_answer_add_name(struct jw_buf *buf, const char *key)
{
	jw_autofree char *clean = jw_xstrdup(key);

	jw_find_scrub(clean);
	if (is_word(clean))
		jw_buf_text(buf, clean);
	else
		jw_buf_printf(buf, "(a name of %zu bytes)", strlen(key));
}

void jw_answer_add_part(struct jw_buf *buf, const char *key)
{
	jw_autobuf struct jw_buf name = JW_BUF(SENTENCE_MAX);

	jw_answer_add_name(&name, key);
	jw_buf_char(buf, '/');
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '~')
			jw_buf_text(buf, "~0");
		else if (name.ptr[i] == '/')
			jw_buf_text(buf, "~1");
		else
			jw_buf_char(buf, name.ptr[i]);
	}
}

static void add_names(struct jw_buf *buf, const json_t *object)
{
	size_t count = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		if (count == NAMES_MAX) {
			jw_buf_text(buf, " and more");
			return;
		}
		jw_buf_text(buf, count++ ? ", " : "it has ");
		jw_answer_add_name(buf, key);
	}
}

void jw_answer_add_content(struct jw_buf *buf, const json_t *value)
{
	if (json_object_size(value))
		add_names(buf, value);
	else if (json_is_array(value))
		jw_buf_printf(buf, "it is a list of %zu", json_array_size(value));
	else
		jw_buf_printf(buf, "it is %s", jw_answer_kind(value));
}

/* A part of a pointer with its escapes undone. */
static void unescape(struct jw_buf *buf, struct jw_str part)
{
	for (size_t i = 0; i < part.len; i++) {
		char c = part.ptr[i];

		if (c == '~' && i + 1 < part.len)
			c = part.ptr[++i] == '1' ? '/' : '~';
		jw_buf_char(buf, c);
	}
}

/* RFC 6901 section 4: no noughts in front; "-" is the item behind the last, which is never there. */
static json_t *item(const json_t *list, struct jw_str part)
{
	uint64_t index;

	if (!jw_str_u64(part, SIZE_MAX, &index) || (part.len > 1 && part.ptr[0] == '0'))
		return NULL;
	return json_array_get(list, (size_t)index);
}

static json_t *child(const json_t *value, struct jw_str part)
{
	jw_autobuf struct jw_buf key = JW_BUF(POINTER_MAX);

	if (json_is_array(value))
		return item(value, part);
	unescape(&key, part);
	return json_object_getn(value, key.len ? key.ptr : "", key.len);
}

/* `rest` begins with the part that isn't there. */
static enum jw_cause nowhere(const char *pointer, const char *rest, struct jw_str part,
			     const json_t *value, struct jw_err *err)
{
	jw_autobuf struct jw_buf text = JW_BUF(SENTENCE_MAX);
	jw_autofree char *before = jw_xstrdup(pointer);

	before[rest - pointer] = '\0';
	jw_buf_text(&text, "the pointer leads nowhere: ");
	jw_utf_show(&text, jw_str_of(*before ? before : "the answer"));
	jw_buf_text(&text, " has no ");
	jw_utf_show(&text, part.len ? part : JW_STR("member with an empty name"));
	jw_buf_text(&text, "; ");
	jw_answer_add_content(&text, value);
	jw_find_scrub(text.ptr);
	return jw_fail(err, JW_TOKEN_NOT_FOUND, "%s", text.ptr);
}

enum jw_cause jw_answer_walk(json_t *root, const char *pointer, json_t **ret_value,
			     json_t **ret_parent, struct jw_err *err)
{
	const char *rest = pointer;
	json_t *value = root;
	json_t *parent = NULL;

	while (*rest) {
		struct jw_str part = {rest + 1, strcspn(rest + 1, "/")};
		json_t *next = child(value, part);

		if (!next)
			return nowhere(pointer, rest, part, value, err);
		parent = value;
		value = next;
		rest = part.ptr + part.len;
	}
	*ret_value = value;
	*ret_parent = parent;
	return JW_OK;
}
