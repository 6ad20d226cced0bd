/* SPDX-License-Identifier: MIT */
/* base64url: the test vectors of RFC 4648, and everything that strictness refuses. */
#include <string.h>

#include "rows.h"

#include "token/base64url.h"

struct row {
	const char *name;
	const char *text;
	const char *bytes; /* NULL: refused */
};

static const struct row rows[] = {
	{"empty", "", ""},
	{"RFC 4648: f", "Zg", "f"},
	{"RFC 4648: fo", "Zm8", "fo"},
	{"RFC 4648: foo", "Zm9v", "foo"},
	{"RFC 4648: foob", "Zm9vYg", "foob"},
	{"RFC 4648: fooba", "Zm9vYmE", "fooba"},
	{"RFC 4648: foobar", "Zm9vYmFy", "foobar"},
	{"- and _", "-_-_", "\xfb\xff\xbf"},
	{"high bytes", "w7_Dvw", "\xc3\xbf\xc3\xbf"},
};

static const struct row refusals[] = {
	{"plain base64's +", "+_-_", NULL},
	{"plain base64's /", "-/-_", NULL},
	{"padding", "Zg==", NULL},
	{"one character over", "Zm9vY", NULL},
	{"one character", "Z", NULL},
	{"two characters, the lowest unused bit set", "Zh", NULL},
	{"two characters, the highest unused bit set", "Zo", NULL},
	{"three characters, the lower unused bit set", "Zm9", NULL},
	{"three characters, the higher unused bit set", "Zm-", NULL},
	{"blank inside", "Zm 9", NULL},
	{"newline at the end", "Zm9v\n", NULL},
	{"dot", "Zm.v", NULL},
	{"byte over 127", "Zm9\xc3", NULL},
};

static void decodes(void **state)
{
	const struct row *row = *state;
	jw_autobuf struct jw_buf buf = JW_BUF(100);

	jw_buf_text(&buf, "kept");
	assert_true(jw_base64url_decode(jw_str_of(row->text), &buf));
	assert_string_equal(buf.ptr + 4, row->bytes);
	assert_int_equal(buf.len, 4 + strlen(row->bytes));
}

static void encodes(void **state)
{
	const struct row *row = *state;
	jw_autobuf struct jw_buf buf = JW_BUF(100);

	jw_buf_text(&buf, "kept");
	assert_true(jw_base64url_encode(jw_str_of(row->bytes), &buf));
	assert_string_equal(buf.ptr + 4, row->text);
	assert_int_equal(buf.len, 4 + strlen(row->text));
}

static void refuses(void **state)
{
	const struct row *row = *state;
	jw_autobuf struct jw_buf buf = JW_BUF(100);

	jw_buf_text(&buf, "kept");
	assert_false(jw_base64url_decode(jw_str_of(row->text), &buf));
	assert_string_equal(buf.ptr, "kept");
	assert_int_equal(buf.len, 4);
}

static void ends_with_nul(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(100);

	(void)state;
	jw_buf_text(&buf, "something long");
	jw_buf_clear(&buf);
	assert_true(jw_base64url_decode(JW_STR("Zm8"), &buf));
	assert_string_equal(buf.ptr, "fo");
	jw_buf_text(&buf, "something long");
	jw_buf_clear(&buf);
	assert_true(jw_base64url_encode(JW_STR("fo"), &buf));
	assert_string_equal(buf.ptr, "Zm8");
}

static void keeps_to_the_maximum(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(3);

	(void)state;
	assert_false(jw_base64url_decode(JW_STR("Zm9vYg"), &buf));
	assert_true(jw_base64url_decode(JW_STR("Zm9v"), &buf));
	assert_string_equal(buf.ptr, "foo");
	assert_false(jw_base64url_encode(JW_STR("x"), &buf));
	assert_string_equal(buf.ptr, "foo");
}

static void round_trips_every_byte(void **state)
{
	char bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		jw_autobuf struct jw_buf text = JW_BUF(1000);
		jw_autobuf struct jw_buf back = JW_BUF(1000);

		assert_true(jw_base64url_encode((struct jw_str){bytes, len}, &text));
		assert_true(jw_base64url_decode(jw_buf_get(&text), &back));
		assert_int_equal(back.len, len);
		assert_memory_equal(back.ptr, bytes, len);
	}
}

static void knows_its_alphabet(void **state)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	(void)state;
	for (int c = 0; c < 256; c++) {
		const char *found = c ? strchr(alphabet, (char)c) : NULL;

		assert_int_equal(jw_base64url_value((char)c), found ? found - alphabet : -1);
		assert_int_equal(jw_base64url_is_char((char)c), found != NULL);
	}
}

int main(void)
{
	JW_ROWS(rows, decodes);
	JW_ROWS(rows, encodes);
	JW_ROWS(refusals, refuses);
	JW_TEST(ends_with_nul);
	JW_TEST(keeps_to_the_maximum);
	JW_TEST(round_trips_every_byte);
	JW_TEST(knows_its_alphabet);
	return rows_run();
}
