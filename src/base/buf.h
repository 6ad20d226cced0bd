/* SPDX-License-Identifier: MIT */
/* A growing buffer that is given its maximum when it is made. */
#pragma once

#include "base/str.h"

#include <stdarg.h>

struct jw_buf {
	char *ptr; /* always followed by a NUL once something was added */
	size_t len;
	size_t size;
	size_t max;
	bool overflowed; /* an append did not fit; what stood before it is whole */
};

void jw_buf_init(struct jw_buf *buf, size_t max);
void jw_buf_done(struct jw_buf *buf);
/* Forgets the content, keeps the memory. */
void jw_buf_clear(struct jw_buf *buf);

/* Each appends all or nothing: false, and `overflowed` set, where it would pass the maximum. */
bool jw_buf_add(struct jw_buf *buf, const void *bytes, size_t len);
bool jw_buf_str(struct jw_buf *buf, struct jw_str s);
bool jw_buf_text(struct jw_buf *buf, const char *text);
bool jw_buf_char(struct jw_buf *buf, char c);
bool jw_buf_printf(struct jw_buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool jw_buf_vprintf(struct jw_buf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
/* Pads with blanks up to a column counted in bytes from `start`. */
bool jw_buf_pad(struct jw_buf *buf, size_t start, size_t width);

/* Room for `len` more bytes to be written at ptr + len by the caller, who then adds to len.
 * NULL past the maximum. */
char *jw_buf_reserve(struct jw_buf *buf, size_t len);
/* Drops the first `len` bytes. */
void jw_buf_consume(struct jw_buf *buf, size_t len);

static inline struct jw_str jw_buf_get(const struct jw_buf *buf)
{
	return (struct jw_str){buf->ptr, buf->len};
}

/* For `jw_autobuf struct jw_buf out = JW_BUF(MAX);`: made where it is declared, since its end comes with every
 * return. */
#define JW_BUF(limit) ((struct jw_buf){.max = (limit)})
#define jw_autobuf __attribute__((cleanup(jw_buf_done)))
