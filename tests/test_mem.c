/* SPDX-License-Identifier: MIT */
/* Cleared memory, and the arena. */
#include "base/mem.h"

#include <string.h>

#include "rows.h"

/* Of memory that was freed with something in it, below, at and above the size from which it comes from elsewhere. */
static void freed_memory_comes_back_zeroed(void **state)
{
	static const size_t sizes[] = {0, 1, 24, 1031, 1032, 1033, 5000};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (int round = 0; round < 3; round++) {
			unsigned char *memory = jw_xcalloc(sizes[i], 1);
			/* What is written before a free may be left out else. */
			volatile unsigned char *bytes = memory;

			for (size_t at = 0; at < sizes[i]; at++) {
				assert_int_equal(bytes[at], 0);
				bytes[at] = 0xFF;
			}
			free(memory);
		}
}

static void is_zeroed_and_aligned(void **state)
{
	struct jw_arena arena = {0};

	(void)state;
	for (size_t size = 0; size < 200; size++) {
		unsigned char *memory = jw_arena_alloc(&arena, size);

		assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(memory[i], 0);
		memset(memory, 0xFF, size);
	}
	jw_arena_done(&arena);
	assert_null(arena.block);
}

/* Every piece keeps what was written into it, whatever is taken after it. */
static void pieces_keep_apart(void **state)
{
	static const size_t sizes[] = {1, 4064, 16, 5000, 1017, 3000, 2000, 100000, 7};
	unsigned char *pieces[200];
	struct jw_arena arena = {0};

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		pieces[i] = jw_arena_alloc(&arena, sizes[i % 9]);
		memset(pieces[i], (int)i, sizes[i % 9]);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t at = 0; at < sizes[i % 9]; at++)
			assert_int_equal(pieces[i][at], (unsigned char)i);
	jw_arena_done(&arena);
}

static void copies_texts(void **state)
{
	struct jw_arena arena = {0};
	struct jw_str copy = jw_arena_str(&arena, JW_STR("a\0b"));

	(void)state;
	assert_int_equal(copy.len, 3);
	assert_memory_equal(copy.ptr, "a\0b", 4);
	assert_string_equal(jw_arena_text(&arena, (struct jw_str){0}), "");
	assert_string_equal(jw_arena_printf(&arena, "%s is %d", "room", 7), "room is 7");
	assert_string_equal(jw_arena_printf(&arena, "%s", ""), "");
	jw_arena_done(&arena);
}

static void an_array_grows(void **state)
{
	struct jw_arena arena = {0};
	int *numbers = NULL;
	int moves = 0;

	(void)state;
	for (size_t count = 0; count < 5000; count++) {
		int *old = numbers;

		numbers = jw_arena_grow(&arena, numbers, count, sizeof(*numbers));
		moves += numbers != old;
		numbers[count] = (int)count;
	}
	for (int i = 0; i < 5000; i++)
		assert_int_equal(numbers[i], i);
	assert_true(moves <= 13);
	jw_arena_done(&arena);
}

static void an_owner_frees(void **state)
{
	jw_autofree char *copy = jw_xstrdup("text");

	(void)state;
	copy = jw_xrealloc(copy, 100);
	assert_string_equal(copy, "text");
}

int main(void)
{
	JW_TEST(freed_memory_comes_back_zeroed);
	JW_TEST(is_zeroed_and_aligned);
	JW_TEST(pieces_keep_apart);
	JW_TEST(copies_texts);
	JW_TEST(an_array_grows);
	JW_TEST(an_owner_frees);
	return rows_run();
}
