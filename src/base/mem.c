/* SPDX-License-Identifier: MIT */
/* Memory that is there or ends the program, and the arena for things that live and die together. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The largest block that malloc keeps for a thread (glibc: 1032 bytes). */
#define SMALL ((size_t)1032)

static _Noreturn void out_of_memory(void)
{
	/* Standard output, not error: a monitoring plugin must say its state there, in one write. */
	static const char text[] = "UNKNOWN internal: out of memory\n";
	ssize_t ignored = write(STDOUT_FILENO, text, sizeof(text) - 1);

	(void)ignored;
	_exit(3);
}

static void *or_end(void *memory)
{
	if (!memory)
		out_of_memory();
	return memory;
}

/* Not inlined: where it is seen that its memory is cleared at once, a compiler makes calloc of it. */
__attribute__((noinline)) void *jw_xmalloc(size_t size)
{
	return or_end(malloc(size ? size : 1));
}

void *jw_xcalloc(size_t count, size_t size)
{
	/* glibc's calloc (up to 2.40) takes the heap's lock each time; malloc keeps small blocks for each thread. */
	if (count <= SMALL && size <= SMALL && count * size <= SMALL)
		return memset(jw_xmalloc(count * size), 0, count * size);
	return or_end(calloc(count ? count : 1, size ? size : 1));
}

void *jw_xrealloc(void *old, size_t size)
{
	return or_end(realloc(old, size ? size : 1));
}

char *jw_xstrdup(const char *text)
{
	return or_end(strdup(text));
}

struct jw_arena_block {
	struct jw_arena_block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) char bytes[];
};

/* Of the first block, and of any: what one target needs is little, and there may be thousands of targets. */
#define BLOCK_MIN ((size_t)992)
#define BLOCK_MAX ((size_t)4064)
#define ALIGN _Alignof(max_align_t)

void jw_arena_done(struct jw_arena *arena)
{
	while (arena->block) {
		struct jw_arena_block *next = arena->block->next;

		free(arena->block);
		arena->block = next;
	}
}

/* The larger, the larger the one before it was. */
static struct jw_arena_block *new_block(const struct jw_arena *arena, size_t size)
{
	size_t bytes = arena->block ? 2 * arena->block->size : BLOCK_MIN;
	struct jw_arena_block *block;

	if (bytes > BLOCK_MAX)
		bytes = BLOCK_MAX;
	if (bytes < size)
		bytes = size;
	block = jw_xcalloc(1, sizeof(*block) + bytes);

	block->size = bytes;
	return block;
}

void *jw_arena_alloc(struct jw_arena *arena, size_t size)
{
	struct jw_arena_block *block = arena->block;
	size_t want;
	void *memory;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	want = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (!block || block->size - block->used < want) {
		block = new_block(arena, want);
		/* A big one goes behind the current block, whose rest stays in use. */
		if (arena->block && want > BLOCK_MAX / 4) {
			block->next = arena->block->next;
			arena->block->next = block;
		} else {
			block->next = arena->block;
			arena->block = block;
		}
	}
	memory = block->bytes + block->used;
	block->used += want;
	return memory;
}

void *jw_arena_array(struct jw_arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / 2 / size)
		out_of_memory();
	return jw_arena_alloc(arena, count * size);
}

struct jw_str jw_arena_str(struct jw_arena *arena, struct jw_str s)
{
	char *copy = jw_arena_alloc(arena, s.len + 1);

	if (s.len)
		memcpy(copy, s.ptr, s.len);
	return (struct jw_str){copy, s.len};
}

const char *jw_arena_text(struct jw_arena *arena, struct jw_str s)
{
	return jw_arena_str(arena, s).ptr;
}

const char *jw_arena_printf(struct jw_arena *arena, const char *format, ...)
{
	va_list args;
	va_list again;
	int len;
	char *text;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = jw_arena_alloc(arena, len < 0 ? 1 : (size_t)len + 1);
	if (len > 0)
		vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

void *jw_arena_grow(struct jw_arena *arena, void *items, size_t count, size_t size)
{
	void *moved;

	/* Full exactly when the count is 0 or a power of two from 2 on. */
	if (count == 1 || (count & (count - 1)))
		return items;
	moved = jw_arena_array(arena, count ? count * 2 : 2, size);
	if (count)
		memcpy(moved, items, count * size);
	return moved;
}
