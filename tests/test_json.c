/* SPDX-License-Identifier: MIT */
/* JSON from strangers: what is read, what is refused, and that a refusal quotes nothing. */
#include <string.h>

#include "rows.h"

#include "base/buf.h"
#include "token/json.h"

/* Written back by jansson, compact: what was understood. */
struct row {
	const char *name;
	const char *text;
	const char *understood;
};

static const struct row rows[] = {
	{"empty object", "{}", "{}"},
	{"white space around", " \t\r\n{ } \n", "{}"},
	{"a text alone", "\"x\"", "\"x\""},
	{"a number alone", "5", "5"},
	{"all kinds", "{\"a\":[1,-2.5,true,false,null,\"t\"]}",
	 "{\"a\":[1,-2.5,true,false,null,\"t\"]}"},
	{"largest int64", "[9223372036854775807]", "[9223372036854775807]"},
	{"smallest int64", "[-9223372036854775808]", "[-9223372036854775808]"},
	{"2^63 becomes a real", "[9223372036854775808]", "[9.22337203685478e18]"},
	{"-2^63 - 1 becomes a real", "[-9223372036854775809]", "[-9.22337203685478e18]"},
	{"2^53 + 1 keeps its digits", "[9007199254740993]", "[9007199254740993]"},
	{"twenty digits", "[12345678901234567890]", "[1.23456789012346e19]"},
	{"1e400 is far away", "[1e400]", "[9e307]"},
	{"-1e400 is far away", "[-1E+400]", "[-9e307]"},
	{"1e-400 is nothing", "[1e-400]", "[0.0]"},
	{"a real within the range", "[1.5e300]", "[1.5e300]"},
	{"minus zero", "[-0]", "[0]"},
	{"several numbers side by side", "[99999999999999999999,1,1e999,2]",
	 "[1e20,1,9e307,2]"},
	{"numbers in a text stay", "[\"1e400 99999999999999999999\"]",
	 "[\"1e400 99999999999999999999\"]"},
	{"escaped NUL in a value", "[\"a\\u0000b\"]",
	 "[\"a\xe2\x90\x80\xef\xb7\x90"
	 "b\"]"},
	{"escaped NUL in a key", "{\"exp\\u0000\":1,\"exp\":2}",
	 "{\"exp\xe2\x90\x80\xef\xb7\x90\":1,\"exp\":2}"},
	{"an escaped backslash before u0000", "[\"\\\\u0000\"]", "[\"\\\\u0000\"]"},
	{"two escaped backslashes, then a NUL", "[\"\\\\\\u0000\"]",
	 "[\"\\\\\xe2\x90\x80\xef\xb7\x90\"]"},
	{"two NULs", "[\"\\u0000\\u0000\"]",
	 "[\"\xe2\x90\x80\xef\xb7\x90\xe2\x90\x80\xef\xb7\x90\"]"},
	{"a NUL isn't a U+2400",
	 "{\"exp\xe2\x90\x80\":1,\"exp\\u2400\\u0000\":2,\"exp\\u0000\":3}",
	 "{\"exp\xe2\x90\x80\":1,\"exp\xe2\x90\x80\xe2\x90\x80\xef\xb7\x90\":2,"
	 "\"exp\xe2\x90\x80\xef\xb7\x90\":3}"},
	{"a NUL isn't U+2400 and U+FDD0 either",
	 "[\"\\u2400\\ufdd0\",\"\xe2\x90\x80\xef\xb7\x90\",\"\xe2\x90\x80\\uFdD0\"]",
	 "[\"\xe2\x90\x80\xef\xb7\x90\xef\xb7\x90\",\"\xe2\x90\x80\xef\xb7\x90\xef\xb7\x90\","
	 "\"\xe2\x90\x80\xef\xb7\x90\xef\xb7\x90\"]"},
	{"an escaped backslash before ufdd0", "[\"\\\\ufdd0\"]", "[\"\\\\ufdd0\"]"},
	{"a short escape at the end", "[\"\\\\\",\"\\n\"]", "[\"\\\\\",\"\\n\"]"},
	{"u0000 outside of an escape", "[\"u0000\"]", "[\"u0000\"]"},
	{"u00000 has a nought left", "[\"\\u00000\"]",
	 "[\"\xe2\x90\x80\xef\xb7\x90"
	 "0\"]"},
	{"an escaped quote doesn't end a text", "[\"\\\"1e400\"]", "[\"\\\"1e400\"]"},
	{"brackets in a text aren't depth", "[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]",
	 "[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]"},
	{"equal keys in two objects", "[{\"a\":1},{\"a\":1}]", "[{\"a\":1},{\"a\":1}]"},
	{"keys apart in case", "{\"exp\":1,\"Exp\":2}", "{\"exp\":1,\"Exp\":2}"},
};

static void understands(void **state)
{
	const struct row *row = *state;
	struct jw_err err = {0};
	json_t *json = NULL;
	char *text;

	assert_int_equal(jw_json_parse(jw_str_of(row->text), &json, &err), JW_OK);
	text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	assert_string_equal(text, row->understood);
	free(text);
	json_decref(json);
}

struct refusal {
	const char *name;
	struct jw_str text;
	const char *says;
};

static const struct refusal refusals[] = {
	{"nothing", JW_STR(""), "is empty"},
	{"only white space", JW_STR(" \n"), "is empty"},
	{"cut in an object", JW_STR("{\"secret\":"), "ends too early; was it cut? (byte 10)"},
	{"cut in a text", JW_STR("{\"secret"), "ends too early"},
	{"cut in an escape", JW_STR("\"secret\\"), "is no JSON"},
	{"more behind the end", JW_STR("{} secret"), "goes on behind its end (byte"},
	{"no quotes", JW_STR("{secret:1}"), "is no JSON (byte"},
	{"trailing comma", JW_STR("[1,]"), "is no JSON (byte"},
	{"single quotes", JW_STR("{'secret':1}"), "is no JSON (byte"},
	{"leading nought", JW_STR("[0123]"), "is no JSON"},
	{"leading nought in a huge number", JW_STR("[0999999999999999999999]"), "is no JSON"},
	{"leading nought in a number out of range", JW_STR("[01e400]"), "is no JSON"},
	{"half a number", JW_STR("[1e]"), "is no JSON"},
	{"a number that ends in a word", JW_STR("[1e400x]"), "is no JSON"},
	{"a point without digits", JW_STR("[99999999999999999999.]"), "is no JSON"},
	{"NaN", JW_STR("[NaN]"), "is no JSON"},
	{"Infinity", JW_STR("[-Infinity]"), "is no JSON"},
	{"a control character in a text", JW_STR("[\"secret\n\"]"), "is no JSON"},
	{"a raw NUL in a text", JW_STR("[\"secret\0\"]"), "holds a NUL (byte 8)"},
	{"a raw NUL outside", JW_STR("[1,\0 2]"), "holds a NUL (byte 3)"},
	{"a raw NUL behind the end", JW_STR("{}\0secret"), "holds a NUL (byte 2)"},
	{"half a surrogate", JW_STR("[\"secret\\ud800\"]"), "is no JSON"},
	{"bad UTF-8", JW_STR("[\"secret\xff\"]"), "holds bytes that are no UTF-8; LiveKit may"},
	{"overlong UTF-8", JW_STR("[\"secret\xc0\x80\"]"), "holds bytes that are no UTF-8"},
	{"a surrogate in UTF-8", JW_STR("[\"\xed\xa0\x80\"]"), "holds bytes that are no UTF-8"},
	{"two equal keys", JW_STR("{\"secret\":1,\"secret\":2}"),
	 "holds two equal keys in one object; LiveKit may accept that"},
	{"two keys equal once unescaped", JW_STR("{\"exp\":1,\"\\u0065xp\":2}"),
	 "holds two equal keys in one object"},
	{"two equal keys with NUL", JW_STR("{\"exp\\u0000\":1,\"exp\\u0000\":2}"),
	 "holds two equal keys in one object"},
	{"two equal keys deep inside", JW_STR("{\"a\":[{\"b\":1,\"b\":1}]}"),
	 "holds two equal keys in one object"},
};

static void refuses(void **state)
{
	const struct refusal *row = *state;
	struct jw_err err = {0};
	json_t *json = NULL;

	assert_int_equal(jw_json_parse(row->text, &json, &err), JW_TOKEN_MALFORMED);
	assert_null(json);
	assert_int_equal(err.cause, JW_TOKEN_MALFORMED);
	if (!strstr(err.text, row->says))
		assert_string_equal(err.text, row->says);
	assert_null(strstr(err.text, "secret"));
	assert_null(strstr(err.text, "near"));
	assert_int_equal(jw_json_parse(row->text, &json, NULL), JW_TOKEN_MALFORMED);
}

static enum jw_cause parse_nested(const char *open, const char *close, size_t depth,
				  struct jw_err *err)
{
	jw_autobuf struct jw_buf text = JW_BUF(10000000);
	json_t *json = NULL;
	enum jw_cause cause;

	for (size_t i = 0; i < depth; i++)
		jw_buf_text(&text, open);
	jw_buf_text(&text, "1");
	for (size_t i = 0; i < depth; i++)
		jw_buf_text(&text, close);
	cause = jw_json_parse(jw_buf_get(&text), &json, err);
	json_decref(json);
	return cause;
}

static enum jw_cause parse_list(size_t count, struct jw_err *err)
{
	jw_autobuf struct jw_buf text = JW_BUF(1000000);
	json_t *json = NULL;
	enum jw_cause cause;

	jw_buf_char(&text, '[');
	for (size_t i = 0; i < count; i++)
		jw_buf_text(&text, i ? ",0" : "0");
	jw_buf_char(&text, ']');
	cause = jw_json_parse(jw_buf_get(&text), &json, err);
	json_decref(json);
	return cause;
}

static void counts_values(void **state)
{
	struct jw_err err;

	(void)state;
	assert_int_equal(parse_list(JW_JSON_VALUES, &err), JW_OK);
	assert_int_equal(parse_list(JW_JSON_VALUES + 1, &err), JW_TOKEN_MALFORMED);
	assert_string_equal(err.text, "holds more than 8192 values");
}

static void counts_depth(void **state)
{
	struct jw_err err = {0};

	(void)state;
	assert_int_equal(parse_nested("[", "]", JW_JSON_DEPTH, &err), JW_OK);
	assert_int_equal(parse_nested("{\"a\":", "}", JW_JSON_DEPTH, &err), JW_OK);
	assert_int_equal(parse_nested("[", "]", JW_JSON_DEPTH + 1, &err), JW_TOKEN_MALFORMED);
	assert_string_equal(err.text, "is nested more than 32 deep (byte 33)");
	assert_int_equal(parse_nested("{\"a\":", "}", JW_JSON_DEPTH + 1, &err),
			 JW_TOKEN_MALFORMED);
	assert_int_equal(parse_nested("[", "]", 1000000, &err), JW_TOKEN_MALFORMED);
}

/* Siblings don't add up. */
static void counts_depth_not_brackets(void **state)
{
	jw_autobuf struct jw_buf text = JW_BUF(100000);
	json_t *json = NULL;

	(void)state;
	jw_buf_text(&text, "[0");
	for (size_t i = 0; i < 1000; i++)
		jw_buf_text(&text, ",[{}]");
	jw_buf_text(&text, "]");
	assert_int_equal(jw_json_parse(jw_buf_get(&text), &json, NULL), JW_OK);
	assert_int_equal(json_array_size(json), 1001);
	json_decref(json);
}

static void huge_numbers_end(void **state)
{
	jw_autobuf struct jw_buf text = JW_BUF(100000);
	json_t *json = NULL;

	(void)state;
	jw_buf_text(&text, "[-");
	for (size_t i = 0; i < 50000; i++)
		jw_buf_text(&text, "9");
	jw_buf_text(&text, "]");
	assert_int_equal(jw_json_parse(jw_buf_get(&text), &json, NULL), JW_OK);
	assert_true(json_real_value(json_array_get(json, 0)) == -9e307);
	json_decref(json);
}

/* The place is one in the text as given, not in the rewritten copy. */
static void place_is_in_the_text(void **state)
{
	struct jw_err err = {0};
	json_t *json = NULL;

	(void)state;
	jw_json_parse(JW_STR("[99999999999999999999,99999999999999999999,@]"), &json, &err);
	assert_string_equal(err.text, "is no JSON (byte 44)");
	jw_json_parse(JW_STR("[99999999999999999999,\"abc\xff, and more\"]"), &json, &err);
	assert_non_null(strstr(err.text, "(byte 26)"));
	jw_json_parse(JW_STR("[1,@]"), &json, &err);
	assert_string_equal(err.text, "is no JSON (byte 4)");
}

int main(void)
{
	JW_ROWS(rows, understands);
	JW_ROWS(refusals, refuses);
	JW_TEST(counts_depth);
	JW_TEST(counts_values);
	JW_TEST(counts_depth_not_brackets);
	JW_TEST(huge_numbers_end);
	JW_TEST(place_is_in_the_text);
	return rows_run();
}
