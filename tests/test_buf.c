/* SPDX-License-Identifier: MIT */
/* The buffer that knows its maximum. */
#include "base/buf.h"

#include <string.h>

#include "rows.h"

static void takes_all_or_nothing(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(5);

	(void)state;
	assert_true(jw_buf_text(&buf, "abc"));
	assert_false(jw_buf_text(&buf, "def"));
	assert_true(buf.overflowed);
	assert_string_equal(buf.ptr, "abc");
	assert_true(jw_buf_text(&buf, "de"));
	assert_false(jw_buf_char(&buf, 'f'));
	assert_string_equal(buf.ptr, "abcde");
	assert_int_equal(buf.len, 5);
	jw_buf_clear(&buf);
	assert_false(buf.overflowed);
	assert_string_equal(buf.ptr, "");
}

static void a_maximum_of_nothing(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(0);

	(void)state;
	assert_true(jw_buf_text(&buf, ""));
	assert_false(jw_buf_char(&buf, 'a'));
	assert_int_equal(buf.len, 0);
}

static void grows_up_to_its_maximum(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(100000);

	(void)state;
	for (int i = 0; i < 100000; i++)
		assert_true(jw_buf_char(&buf, (char)('a' + i % 26)));
	assert_false(jw_buf_char(&buf, 'x'));
	assert_int_equal(strlen(buf.ptr), 100000);
	assert_int_equal(buf.ptr[99999], 'a' + 99999 % 26);
	assert_true(buf.size <= 100001);
}

static void a_length_near_the_greatest(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(10);

	(void)state;
	assert_true(jw_buf_text(&buf, "abc"));
	assert_null(jw_buf_reserve(&buf, SIZE_MAX - 1));
	assert_true(buf.overflowed);
}

static void prints(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(12);

	(void)state;
	assert_true(jw_buf_printf(&buf, "%d:%s", 13, "page"));
	assert_string_equal(buf.ptr, "13:page");
	assert_false(jw_buf_printf(&buf, "%06d", 1));
	assert_string_equal(buf.ptr, "13:page");
	assert_true(jw_buf_printf(&buf, "%05d", 1));
	assert_string_equal(buf.ptr, "13:page00001");
}

static void pads_to_a_column(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(20);

	(void)state;
	jw_buf_text(&buf, "x\nab");
	assert_true(jw_buf_pad(&buf, 2, 4));
	assert_string_equal(buf.ptr, "x\nab  ");
	assert_true(jw_buf_pad(&buf, 2, 3));
	assert_string_equal(buf.ptr, "x\nab  ");
	assert_false(jw_buf_pad(&buf, 2, 30));
}

static void drops_its_front(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(10);

	(void)state;
	jw_buf_text(&buf, "abcdef");
	jw_buf_consume(&buf, 4);
	assert_string_equal(buf.ptr, "ef");
	assert_int_equal(buf.len, 2);
	jw_buf_consume(&buf, 9);
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf.ptr, "");
}

int main(void)
{
	JW_TEST(takes_all_or_nothing);
	JW_TEST(a_maximum_of_nothing);
	JW_TEST(grows_up_to_its_maximum);
	JW_TEST(a_length_near_the_greatest);
	JW_TEST(prints);
	JW_TEST(pads_to_a_column);
	JW_TEST(drops_its_front);
	return rows_run();
}
