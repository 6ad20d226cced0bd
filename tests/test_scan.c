/* SPDX-License-Identifier: MIT */
/* Searches of large texts against a byte by byte one, over every offset and length around a block's. */
#include "rows.h"

#include <string.h>

/* Its portable functions too, whatever the processor has. */
#include "base/scan.c"

#define SIZE 400

static size_t find_slowly(struct jw_str text, size_t at, const char *literal)
{
	for (; at + 3 <= text.len; at++)
		if (!memcmp(text.ptr + at, literal, 3))
			return at;
	return text.len;
}

static size_t count_slowly(struct jw_str text, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == c)
			count++;
	return count;
}

/* Texts of few letters, so that halves and wholes of the literal are everywhere. */
static void fill(char *text, size_t len, unsigned seed)
{
	static const char letters[] = "eyJeyJ\nx";

	for (size_t i = 0; i < len; i++) {
		seed = seed * 1103515245 + 12345;
		text[i] = letters[seed >> 16 & 7];
	}
}

static void finds_and_counts_as_byte_by_byte(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 300; seed++) {
		/* On the heap and of the exact size: a byte read too far is seen by a sanitizer. */
		size_t len = seed % SIZE;
		char *bytes = malloc(len ? len : 1);
		struct jw_str text = {bytes, len};

		assert_non_null(bytes);
		fill(bytes, len, seed);
		for (size_t at = 0; at <= len; at++) {
			size_t wanted = find_slowly(text, at, "eyJ");

			assert_int_equal(jw_scan_find(text, at, "eyJ"), wanted);
			assert_int_equal(find_portably(text, at, "eyJ"), wanted);
		}
		assert_int_equal(jw_scan_count(text, '\n'), count_slowly(text, '\n'));
		assert_int_equal(count_portably(text, '\n'), count_slowly(text, '\n'));
		free(bytes);
	}
}

/* A column counts up to 255 before it is added up. */
static void counts_more_than_a_byte_holds(void **state)
{
	size_t len = (size_t)1 << 20;
	char *bytes = malloc(len);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, '\n', len);
	for (size_t less = 0; less < 70; less++)
		assert_int_equal(jw_scan_count((struct jw_str){bytes + less, len - less}, '\n'),
				 len - less);
	free(bytes);
}

static void an_empty_text(void **state)
{
	(void)state;
	assert_int_equal(jw_scan_find((struct jw_str){0}, 0, "eyJ"), 0);
	assert_int_equal(jw_scan_count((struct jw_str){0}, '\n'), 0);
}

int main(void)
{
	JW_TEST(finds_and_counts_as_byte_by_byte);
	JW_TEST(counts_more_than_a_byte_holds);
	JW_TEST(an_empty_text);
	return rows_run();
}
