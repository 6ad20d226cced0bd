/* SPDX-License-Identifier: MIT */
/* Memory that is there or ends the program, and the arena for things that live and die together. */
#pragma once

#include "base/str.h"

#include <stdlib.h>

/* Each ends the program when memory is out; everything from outside has a maximum before it
 * gets here, so no caller tests for NULL. */
void *jw_xmalloc(size_t size);
void *jw_xcalloc(size_t count, size_t size);
void *jw_xrealloc(void *old, size_t size);
char *jw_xstrdup(const char *text);

static inline void jw_autofree_do(void *place)
{
	free(*(void **)place);
}

#define jw_autofree __attribute__((cleanup(jw_autofree_do)))

/* Things of one lifetime: a load of the configuration, or one run of a target. {0} is an empty one. */
struct jw_arena {
	struct jw_arena_block *block;
};

void jw_arena_done(struct jw_arena *arena);
/* Zeroed, aligned for anything. Never NULL. */
void *jw_arena_alloc(struct jw_arena *arena, size_t size);
void *jw_arena_array(struct jw_arena *arena, size_t count, size_t size);
/* A copy with a NUL behind it (which the slice's length doesn't count). */
struct jw_str jw_arena_str(struct jw_arena *arena, struct jw_str s);
const char *jw_arena_text(struct jw_arena *arena, struct jw_str s);
const char *jw_arena_printf(struct jw_arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Makes room for one more item in an array of `count` items: returns the array, moved or not. Counts
 * double, so an array is moved a logarithmic number of times. */
void *jw_arena_grow(struct jw_arena *arena, void *items, size_t count, size_t size);
