/* SPDX-License-Identifier: MIT */
/* Error lines of a configuration: where, which option, what is wrong, and nothing secret. */
#include "core/errors.h"

#include <stdio.h>
#include <string.h>

#include "base/utf.h"
#include "token/find.h"

#define LINE_MAX_BYTES ((size_t)4096)
#define QUOTED_BYTES ((size_t)64)

static void add_path(struct jw_buf *line, const struct jw_path *path)
{
	if (!path)
		return;
	add_path(line, path->up);
	if (!path->name.len)
		jw_buf_printf(line, "[%zu]", path->index);
	else
		jw_buf_printf(line, path->up ? ".%.*s" : "%.*s", JW_STR_ARG(path->name));
}

static void add_place(struct jw_buf *line, const char *file, struct jw_mark at)
{
	jw_buf_text(line, file);
	if (at.line)
		jw_buf_printf(line, ":%u:%u", (unsigned)at.line, (unsigned)at.column);
	jw_buf_text(line, ": ");
}

/* Shown first, scrubbed then: what becomes '?' can't hide a token from the scrubber. */
static void add_line(struct jw_errors *errors, const struct jw_buf *line)
{
	jw_autobuf struct jw_buf shown = JW_BUF(LINE_MAX_BYTES);

	jw_utf_show(&shown, jw_buf_get(line));
	if (!shown.len)
		return;
	jw_find_scrub(shown.ptr);
	if (!errors->text.max)
		jw_buf_init(&errors->text, (JW_ERRORS_MAX + 1) * (LINE_MAX_BYTES + 1));
	jw_buf_text(&errors->text, shown.ptr);
	jw_buf_char(&errors->text, '\n');
}

bool jw_errors_full(const struct jw_errors *errors)
{
	return errors->count > JW_ERRORS_MAX;
}

void jw_errors_add(struct jw_errors *errors, const char *file, struct jw_mark at,
		   const struct jw_path *path, const char *format, ...)
{
	jw_autobuf struct jw_buf line = JW_BUF(LINE_MAX_BYTES);
	va_list args;

	errors->count++;
	if (errors->count > JW_ERRORS_MAX + 1)
		return;
	if (jw_errors_full(errors)) {
		jw_buf_printf(&line, "%s: and more", file);
		add_line(errors, &line);
		return;
	}
	add_place(&line, file, at);
	add_path(&line, path);
	if (path)
		jw_buf_text(&line, ": ");
	va_start(args, format);
	jw_buf_vprintf(&line, format, args);
	va_end(args);
	add_line(errors, &line);
}

/* The first QUOTED_BYTES, less where that would cut a character in two. */
static struct jw_str cut(struct jw_str s)
{
	size_t len = QUOTED_BYTES;

	if (s.len <= len)
		return s;
	while (len && ((unsigned char)s.ptr[len] & 0xc0) == 0x80)
		len--;
	return jw_str_head(s, len);
}

const char *jw_errors_quote(struct jw_str s, char text[JW_QUOTE_TEXT])
{
	jw_autobuf struct jw_buf shown = JW_BUF(QUOTED_BYTES);
	struct jw_str head = cut(s);

	jw_utf_show(&shown, head);
	snprintf(text, JW_QUOTE_TEXT, "\"%.*s%s\"", JW_STR_ARG(jw_buf_get(&shown)),
		 head.len < s.len ? "..." : "");
	return text;
}
