/* SPDX-License-Identifier: MIT */
/* Slices, and the numbers, durations and sizes read from them. */
#include "base/str.h"

#include "rows.h"

struct number_row {
	const char *name;
	const char *text;
	enum jw_number result;
	int64_t n;
};

static const struct number_row second_rows[] = {
	{"seconds", "90s", JW_NUMBER_OK, 90},
	{"an hour", "1h", JW_NUMBER_OK, 3600},
	{"two units", "2d12h", JW_NUMBER_OK, 216000},
	{"all units", "1w1d1h1m1s", JW_NUMBER_OK, 694861},
	{"the maximum", "1000000s", JW_NUMBER_OK, 1000000},
	{"above the maximum", "1000001s", JW_NUMBER_HIGH, 0},
	{"below the minimum", "0s", JW_NUMBER_LOW, 0},
	{"beyond 64 bits", "99999999999999999999d", JW_NUMBER_HIGH, 0},
	{"a product beyond 64 bits", "9223372036854775807w", JW_NUMBER_HIGH, 0},
	{"no unit", "90", JW_NUMBER_NO_UNIT, 0},
	{"a unit left out behind another", "1h30", JW_NUMBER_BAD, 0},
	{"a unit twice", "1h1h", JW_NUMBER_BAD, 0},
	{"rising units", "1m1h", JW_NUMBER_BAD, 0},
	{"an unknown unit", "3y", JW_NUMBER_BAD, 0},
	{"a unit alone", "h", JW_NUMBER_BAD, 0},
	{"a sign", "-1h", JW_NUMBER_BAD, 0},
	{"a fraction", "1.5h", JW_NUMBER_BAD, 0},
	{"a blank inside", "1 h", JW_NUMBER_BAD, 0},
	{"a part of a second", "1500ms", JW_NUMBER_BAD, 0},
	{"whole seconds in milliseconds", "1000ms", JW_NUMBER_BAD, 0},
	{"nothing", "", JW_NUMBER_BAD, 0},
};

static void reads_seconds(void **state)
{
	const struct number_row *row = *state;
	int64_t n = -7;

	assert_int_equal(jw_str_seconds(jw_str_of(row->text), 1, 1000000, &n), row->result);
	assert_int_equal(n, row->result == JW_NUMBER_OK ? row->n : -7);
}

static const struct number_row milli_rows[] = {
	{"milliseconds", "250ms", JW_NUMBER_OK, 250},
	{"seconds and milliseconds", "1s5ms", JW_NUMBER_OK, 1005},
	{"minutes as milliseconds", "2m", JW_NUMBER_OK, 120000},
	{"milliseconds without a unit", "5", JW_NUMBER_NO_UNIT, 0},
	{"too many milliseconds", "1h", JW_NUMBER_HIGH, 0},
};

static void reads_millis(void **state)
{
	const struct number_row *row = *state;
	int64_t n = -7;

	assert_int_equal(jw_str_millis(jw_str_of(row->text), 1, 600000, &n), row->result);
	assert_int_equal(n, row->result == JW_NUMBER_OK ? row->n : -7);
}

static const struct number_row byte_rows[] = {
	{"bytes without a unit", "4096", JW_NUMBER_OK, 4096},
	{"bytes", "12B", JW_NUMBER_OK, 12},
	{"KiB", "8KiB", JW_NUMBER_OK, 8192},
	{"M", "2M", JW_NUMBER_OK, 2097152},
	{"GiB", "1GiB", JW_NUMBER_OK, 1073741824},
	{"too many bytes", "3G", JW_NUMBER_HIGH, 0},
	{"too many bytes for 64 bits", "9223372036854775807G", JW_NUMBER_HIGH, 0},
	{"too few bytes", "0", JW_NUMBER_LOW, 0},
	{"two sizes", "1M1K", JW_NUMBER_BAD, 0},
	{"a unit of bytes in the wrong case", "1kb", JW_NUMBER_BAD, 0},
	{"no size at all", "", JW_NUMBER_BAD, 0},
};

static void reads_bytes(void **state)
{
	const struct number_row *row = *state;
	int64_t n = -7;

	assert_int_equal(jw_str_bytes(jw_str_of(row->text), 1, 1 << 30, &n), row->result);
	assert_int_equal(n, row->result == JW_NUMBER_OK ? row->n : -7);
}

struct u64_row {
	const char *name;
	const char *text;
	uint64_t max;
	bool is_number;
	uint64_t n;
};

static const struct u64_row u64_rows[] = {
	{"zero", "0", 10, true, 0},
	{"the greatest", "18446744073709551615", UINT64_MAX, true, UINT64_MAX},
	{"one more than the greatest", "18446744073709551616", UINT64_MAX, false, 0},
	{"ten times too much", "184467440737095516150", UINT64_MAX, false, 0},
	{"at the limit", "10", 10, true, 10},
	{"over the limit", "11", 10, false, 0},
	{"leading zeros", "007", 10, true, 7},
	{"a letter behind", "7x", 10, false, 0},
	{"a plus", "+7", 10, false, 0},
	{"no digits", "", 10, false, 0},
};

static void reads_u64(void **state)
{
	const struct u64_row *row = *state;
	uint64_t n = 77;

	assert_int_equal(jw_str_u64(jw_str_of(row->text), row->max, &n), row->is_number);
	assert_true(n == (row->is_number ? row->n : 77));
}

struct nearest_row {
	const char *name;
	const char *text;
	const char *nearest;
};

static const struct nearest_row nearest_rows[] = {
	{"a letter left out", "patern", "pattern"},
	{"two letters swapped", "tiemout", "timeout"},
	{"the name itself", "path", "path"},
	{"nothing near", "frobnicate", NULL},
	{"nothing written", "", NULL},
	{"far too long", "patternpatternpatternpatternpatternpattern", NULL},
};

static void finds_nearest(void **state)
{
	static const char *const names[] = {"path", "pattern", "timeout", "room"};
	const struct nearest_row *row = *state;
	const char *nearest = jw_str_nearest(jw_str_of(row->text), names, 4);

	assert_int_equal(!nearest, !row->nearest);
	if (nearest)
		assert_string_equal(nearest, row->nearest);
}

static void compares(void **state)
{
	(void)state;
	assert_true(jw_str_eq(jw_str_of(NULL), JW_STR("")));
	assert_true(jw_str_is(JW_STR("abc"), "abc"));
	assert_false(jw_str_is(JW_STR("abc"), "abcd"));
	assert_false(jw_str_is(JW_STR("a\0b"), "a"));
	assert_true(jw_str_is_nocase(JW_STR("BeaRer"), "bearer"));
	assert_true(jw_str_starts(JW_STR("abc"), "ab"));
	assert_true(jw_str_starts(JW_STR("abc"), ""));
	assert_false(jw_str_starts(JW_STR("a"), "ab"));
	assert_true(jw_str_has(JW_STR("xxabyy"), "ab"));
	assert_false(jw_str_has(JW_STR("xxa"), "ab"));
}

static void cuts_and_trims(void **state)
{
	struct jw_str before = JW_STR("before");
	struct jw_str after = JW_STR("after");

	(void)state;
	assert_true(jw_str_is(jw_str_trim(JW_STR(" \t\r\na b\n ")), "a b"));
	assert_int_equal(jw_str_trim(JW_STR(" \n ")).len, 0);
	assert_true(jw_str_is(jw_str_from(JW_STR("abc"), 2), "c"));
	assert_int_equal(jw_str_from(JW_STR("abc"), 4).len, 0);
	assert_true(jw_str_is(jw_str_head(JW_STR("abc"), 9), "abc"));
	assert_false(jw_str_cut(JW_STR("abc"), ':', &before, &after));
	assert_true(jw_str_is(before, "before") && jw_str_is(after, "after"));
	assert_true(jw_str_cut(JW_STR("a:b:c"), ':', &before, &after));
	assert_true(jw_str_is(before, "a") && jw_str_is(after, "b:c"));
	assert_true(jw_str_cut(JW_STR("a:"), ':', &before, &after));
	assert_int_equal(after.len, 0);
}

/* The vectors of FNV-1a's authors. */
static void hashes(void **state)
{
	(void)state;
	assert_true(jw_str_hash(JW_STR("")) == UINT64_C(0xcbf29ce484222325));
	assert_true(jw_str_hash(JW_STR("a")) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(jw_str_hash(JW_STR("foobar")) == UINT64_C(0x85944171f73967e8));
}

static void knows_hexadecimal(void **state)
{
	static const unsigned char bytes[] = {0x00, 0x9a, 0xff};
	char text[7] = "......";

	(void)state;
	jw_str_hex(bytes, sizeof(bytes), text);
	assert_string_equal(text, "009aff");
	assert_int_equal(jw_str_hex_digit('9'), 9);
	assert_int_equal(jw_str_hex_digit('a'), 10);
	assert_int_equal(jw_str_hex_digit('F'), 15);
	assert_int_equal(jw_str_hex_digit('g'), -1);
	assert_int_equal(jw_str_hex_digit('\0'), -1);
	assert_int_equal(jw_str_hex_digit('/'), -1);
}

int main(void)
{
	JW_ROWS(second_rows, reads_seconds);
	JW_ROWS(milli_rows, reads_millis);
	JW_ROWS(byte_rows, reads_bytes);
	JW_ROWS(u64_rows, reads_u64);
	JW_ROWS(nearest_rows, finds_nearest);
	JW_TEST(compares);
	JW_TEST(cuts_and_trims);
	JW_TEST(hashes);
	JW_TEST(knows_hexadecimal);
	return rows_run();
}
