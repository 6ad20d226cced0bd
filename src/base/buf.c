/* SPDX-License-Identifier: MIT */
/* A growing buffer that is given its maximum when it is made. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void jw_buf_init(struct jw_buf *buf, size_t max)
{
	*buf = (struct jw_buf){.max = max};
}

void jw_buf_done(struct jw_buf *buf)
{
	free(buf->ptr);
	*buf = (struct jw_buf){.max = buf->max};
}

void jw_buf_clear(struct jw_buf *buf)
{
	buf->len = 0;
	buf->overflowed = false;
	if (buf->ptr)
		buf->ptr[0] = '\0';
}

char *jw_buf_reserve(struct jw_buf *buf, size_t len)
{
	size_t want = buf->size ? buf->size : 64;

	if (len > buf->max || buf->len > buf->max - len) {
		buf->overflowed = true;
		return NULL;
	}
	while (want < buf->len + len + 1)
		want *= 2;
	if (want > buf->max + 1)
		want = buf->max + 1;
	if (want > buf->size) {
		buf->ptr = jw_xrealloc(buf->ptr, want);
		buf->size = want;
	}
	return buf->ptr + buf->len;
}

bool jw_buf_add(struct jw_buf *buf, const void *bytes, size_t len)
{
	char *to = jw_buf_reserve(buf, len);

	if (!to)
		return false;
	if (len)
		memcpy(to, bytes, len);
	buf->len += len;
	buf->ptr[buf->len] = '\0';
	return true;
}

bool jw_buf_str(struct jw_buf *buf, struct jw_str s)
{
	return jw_buf_add(buf, s.ptr, s.len);
}

bool jw_buf_text(struct jw_buf *buf, const char *text)
{
	return jw_buf_str(buf, jw_str_of(text));
}

bool jw_buf_char(struct jw_buf *buf, char c)
{
	return jw_buf_add(buf, &c, 1);
}

bool jw_buf_vprintf(struct jw_buf *buf, const char *format, va_list args)
{
	size_t room = buf->size - buf->len;
	va_list again;
	int len;
	char *to;

	/* Mostly it fits into the room that is there. */
	va_copy(again, args);
	len = vsnprintf(room ? buf->ptr + buf->len : NULL, room, format, again);
	va_end(again);
	if (len >= 0 && (size_t)len < room) {
		buf->len += (size_t)len;
		return true;
	}
	if (room)
		buf->ptr[buf->len] = '\0';
	to = len < 0 ? NULL : jw_buf_reserve(buf, (size_t)len);
	if (!to)
		return false;
	vsnprintf(to, (size_t)len + 1, format, args);
	buf->len += (size_t)len;
	return true;
}

bool jw_buf_printf(struct jw_buf *buf, const char *format, ...)
{
	va_list args;
	bool fits;

	va_start(args, format);
	fits = jw_buf_vprintf(buf, format, args);
	va_end(args);
	return fits;
}

bool jw_buf_pad(struct jw_buf *buf, size_t start, size_t width)
{
	bool fits = true;

	while (fits && buf->len - start < width)
		fits = jw_buf_char(buf, ' ');
	return fits;
}

void jw_buf_consume(struct jw_buf *buf, size_t len)
{
	if (len >= buf->len) {
		jw_buf_clear(buf);
		return;
	}
	memmove(buf->ptr, buf->ptr + len, buf->len - len + 1);
	buf->len -= len;
}
