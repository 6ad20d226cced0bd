/* SPDX-License-Identifier: MIT */
/* Foreign text made fit to be shown, and UTF-16 turned into UTF-8. */
#include "base/utf.h"

#include "rows.h"

struct show_row {
	const char *name;
	struct jw_str text;
	const char *shown;
};

static const struct show_row show_rows[] = {
	{"plain text", {"room 7", 6}, "room 7"},
	{"nothing", {NULL, 0}, ""},
	{"two, three and four bytes", {"\u00E9\u20AC\U0001F600", 9}, "\u00E9\u20AC\U0001F600"},
	{"the greatest character", {"\xF4\x8F\xBF\xBF", 4}, "\xF4\x8F\xBF\xBF"},
	{"line ends and tabs", {"a\r\n\tb", 5}, "a???b"},
	{"a NUL", {"a\0b", 3}, "a?b"},
	{"escape and DEL", {"\033[31m\177", 6}, "?[31m?"},
	{"C1 controls", {"a\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0", 9}, "a???\xC2\xA0"},
	{"line and paragraph separators", {"\u2028\u2029", 6}, "??"},
	{"bidirectional controls",
	 {"\u061C\u200E\u200F\u202A\u202E\u2066\u2069", 20},
	 "???????"},
	{"neighbours of those stay",
	 {"\u2027\u202F\u2065\u206A", 12},
	 "\u2027\u202F\u2065\u206A"},
	{"a lone continuation", {"a\x80z", 3}, "a?z"},
	{"a byte that is never there", {"\xFF\xFE", 2}, "??"},
	{"a slash in two bytes", {"\xC0\xAF", 2}, "??"},
	{"a slash in three bytes", {"\xE0\x80\xAF", 3}, "???"},
	{"a slash in four bytes", {"\xF0\x80\x80\xAF", 4}, "????"},
	{"a surrogate", {"\xED\xA0\x80", 3}, "???"},
	{"just below the surrogates", {"\xED\x9F\xBF", 3}, "\xED\x9F\xBF"},
	{"above the greatest character", {"\xF4\x90\x80\x80", 4}, "????"},
	{"five bytes", {"\xF8\x88\x80\x80\x80", 5}, "?????"},
	{"a character cut off", {"ab\xE2\x82", 4}, "ab??"},
	{"a letter amid a character",
	 {"\xE2\x82"
	  "c",
	  3},
	 "??c"},
};

static void shows(void **state)
{
	const struct show_row *row = *state;
	jw_autobuf struct jw_buf buf = JW_BUF(100);

	assert_true(jw_utf_show(&buf, row->text));
	assert_true(jw_str_is(jw_buf_get(&buf), row->shown));
}

static void a_text_too_long_is_not_begun(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(4);

	(void)state;
	assert_true(jw_utf_show(&buf, JW_STR("ab")));
	assert_false(jw_utf_show(&buf, JW_STR("cde")));
	assert_true(buf.overflowed);
	assert_string_equal(buf.ptr, "ab");
}

static void knows_the_byte_order_mark(void **state)
{
	(void)state;
	assert_int_equal(jw_utf_encoding(JW_STR("<html>")), JW_ENCODING_BYTES);
	assert_int_equal(jw_utf_encoding(JW_STR("")), JW_ENCODING_BYTES);
	assert_int_equal(jw_utf_encoding(JW_STR("\xFF")), JW_ENCODING_BYTES);
	assert_int_equal(jw_utf_encoding(JW_STR("\xEF\xBB\xBF<")), JW_ENCODING_UTF8_BOM);
	assert_int_equal(jw_utf_encoding(JW_STR("\xFF\xFE<\0")), JW_ENCODING_UTF16LE);
	assert_int_equal(jw_utf_encoding(JW_STR("\xFE\xFF\0<")), JW_ENCODING_UTF16BE);
}

struct page_row {
	const char *name;
	struct jw_str page;
	const char *text;
};

static const struct page_row page_rows[] = {
	{"little endian",
	 {"\xFF\xFE"
	  "e\0y\0J\0",
	  8},
	 "eyJ"},
	{"big endian",
	 {"\xFE\xFF"
	  "\0e\0y\0J",
	  8},
	 "eyJ"},
	{"the mark alone", {"\xFF\xFE", 2}, ""},
	{"two and three bytes", {"\xFE\xFF\x00\xE9\x20\xAC", 6}, "\u00E9\u20AC"},
	{"a pair", {"\xFE\xFF\xD8\x3D\xDE\x00", 6}, "\U0001F600"},
	{"the greatest pair", {"\xFF\xFE\xFF\xDB\xFF\xDF", 6}, "\U0010FFFF"},
	{"a high one alone",
	 {"\xFE\xFF\xD8\x3D\0a", 6},
	 "\uFFFD"
	 "a"},
	{"a low one alone",
	 {"\xFE\xFF\xDE\x00\0a", 6},
	 "\uFFFD"
	 "a"},
	{"a high one at the end", {"\xFE\xFF\xD8\x3D", 4}, "\uFFFD"},
	{"two high ones", {"\xFE\xFF\xD8\x3D\xD8\x3D\xDE\x00", 8}, "\uFFFD\U0001F600"},
	{"an odd last byte",
	 {"\xFF\xFE"
	  "a\0b",
	  5},
	 "a"},
	{"half a pair and an odd byte", {"\xFE\xFF\xD8\x3D\xDE", 5}, "\uFFFD"},
};

static void turns_into_utf_8(void **state)
{
	const struct page_row *row = *state;
	jw_autobuf struct jw_buf buf = JW_BUF(100);

	assert_true(jw_utf_from_16(row->page, jw_utf_encoding(row->page), &buf));
	assert_true(jw_str_is(jw_buf_get(&buf), row->text));
}

static void a_page_too_large(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(5);

	(void)state;
	assert_false(
		jw_utf_from_16(JW_STR("\xFE\xFF\x20\xAC\x20\xAC"), JW_ENCODING_UTF16BE, &buf));
	assert_int_equal(buf.len, 0);
	jw_buf_done(&buf);
	jw_buf_init(&buf, 6);
	assert_true(
		jw_utf_from_16(JW_STR("\xFE\xFF\x20\xAC\x20\xAC"), JW_ENCODING_UTF16BE, &buf));
}

int main(void)
{
	JW_ROWS(show_rows, shows);
	JW_TEST(a_text_too_long_is_not_begun);
	JW_TEST(knows_the_byte_order_mark);
	JW_ROWS(page_rows, turns_into_utf_8);
	JW_TEST(a_page_too_large);
	return rows_run();
}
