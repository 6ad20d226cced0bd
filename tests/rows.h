/* SPDX-License-Identifier: MIT */
/* Tests as rows: each row is one test, named by its first member, `const char *name`. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* One program has one group, since a second one would print a second TAP plan: add all, then run. */
static struct CMUnitTest *rows_tests;
static size_t rows_count;

static inline void rows_add_one(const char *name, CMUnitTestFunction test, const void *row)
{
	rows_tests = realloc(rows_tests, (rows_count + 1) * sizeof(*rows_tests));
	if (!rows_tests)
		abort();
	rows_tests[rows_count++] =
		(struct CMUnitTest){name, test, NULL, NULL, (void *)(uintptr_t)row};
}

static inline void rows_add(const void *rows, size_t count, size_t size,
			    CMUnitTestFunction test)
{
	for (size_t i = 0; i < count; i++) {
		const void *row = (const char *)rows + i * size;

		rows_add_one(*(const char *const *)row, test, row);
	}
}

static inline int rows_run(void)
{
	int failed = _cmocka_run_group_tests("jwtwatch", rows_tests, rows_count, NULL, NULL);

	free(rows_tests);
	return failed;
}

/* JW_ROWS(rows, test) for each table, JW_TEST(function) for single tests, then return rows_run(). The test
 * gets its row by `const struct row *row = *state;`. */
#define JW_ROWS(rows, test)                                                                    \
	rows_add((rows), sizeof(rows) / sizeof(*(rows)), sizeof(*(rows)), (test))
#define JW_TEST(test) rows_add_one(#test, (test), NULL)
