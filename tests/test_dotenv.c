/* SPDX-License-Identifier: MIT */
/* Variables in .env files: which value a text gives them, and what is said where it gives none. */
#include "rows.h"

#include <string.h>

#include "core/dotenv.h"

struct row {
	const char *name;
	const char *text;
	const char *value; /* of A; NULL: none */
	const char *says;  /* where there is none */
};

#define NOT_SET "isn't set there"
#define OPEN "the quote in front of it doesn't end"
#define BEHIND "something stands behind its closing quote"
#define EMPTY "is empty there"

static const struct row rows[] = {
	{"one line", "A=x", "x", NULL},
	{"a line's end", "A=x\n", "x", NULL},
	{"a carriage return", "A=x\r\nB=y\r\n", "x", NULL},
	{"a byte order mark",
	 "\xef\xbb\xbf"
	 "A=x\n",
	 "x", NULL},
	{"among others", "B=canary\nA=x\nC=canary\n", "x", NULL},
	{"the last one wins", "A=canary\nA=x\n", "x", NULL},
	{"the last one wins, empty", "A=canary\nA=\n", NULL, EMPTY},
	{"export", "export A=x\n", "x", NULL},
	{"export and a tab", "  export\tA = x", "x", NULL},
	{"a variable called export is another", "export=canary\n", NULL, NOT_SET},
	{"exportA is another", "exportA=canary\n", NULL, NOT_SET},
	{"export alone sets nothing", "export A\n", NULL, NOT_SET},
	{"blanks around", " \t A \t = \t x \t \n", "x", NULL},
	{"blanks inside", "A=x y  z\n", "x y  z", NULL},
	{"an equals sign inside", "A=x==\n", "x==", NULL},
	{"a comment", "A=x # canary\n", "x", NULL},
	{"a comment behind a tab", "A=x\t#canary\n", "x", NULL},
	{"a number sign inside", "A=x#y\n", "x#y", NULL},
	{"a number sign in front", "A=#x\n", "#x", NULL},
	{"a comment in place of a value", "A= # canary\n", NULL, EMPTY},
	{"a commented line", "# A=canary\n  #A=canary\n", NULL, NOT_SET},
	{"nothing", "", NULL, NOT_SET},
	{"no value", "A=\n", NULL, EMPTY},
	{"blanks as a value", "A= \t \nB=canary", NULL, EMPTY},
	{"a longer name", "AA=canary\nA_=canary\n", NULL, NOT_SET},
	{"a name with a dot", "A.B=canary\n.A=canary\n", NULL, NOT_SET},
	{"a colon sets nothing", "A: canary\n", NULL, NOT_SET},
	{"a text without =", "A\ncanary\n", NULL, NOT_SET},
	{"variables aren't filled in", "A=$X${Y}$(z)`z`\n", "$X${Y}$(z)`z`", NULL},
	{"backslashes stay", "A=a\\nb\\$c\\\\\n", "a\\nb\\$c\\\\", NULL},
	{"quotes inside", "A=x\"y'z\n", "x\"y'z", NULL},
	{"single quotes", "A='x y'\n", "x y", NULL},
	{"single quotes take all as it is", "A=' x\\n\"\\$#$Y '", " x\\n\"\\$#$Y ", NULL},
	{"single quotes over lines", "A='x\r\nA=y'\n", "x\nA=y", NULL},
	{"double quotes", "A=\" x # y \"\n", " x # y ", NULL},
	{"escapes", "A=\"a\\nb\\\"c\\\\d\\$e\"\n", "a\nb\"c\\d$e", NULL},
	{"other backslashes stay", "A=\"\\a\\t\\'\\r\\{\"\n", "\\a\\t\\'\\r\\{", NULL},
	{"a backslash and an escape", "A=\"\\\\n\"\n", "\\n", NULL},
	{"a variable in double quotes", "A=\"$X ${Y}\"", "$X ${Y}", NULL},
	{"over several lines", "A=\"-----BEGIN\nx=y\n-----END\"\nB=canary\n",
	 "-----BEGIN\nx=y\n-----END", NULL},
	{"over several lines with carriage returns", "A=\"x\r\ny\rz\"\r\n", "x\ny\rz", NULL},
	{"in another's lines", "B=\"canary\nA=canary\n\"\nC=canary", NULL, NOT_SET},
	{"behind another's lines", "B=\"canary\nA=canary\"\nA=x", "x", NULL},
	{"a comment behind quotes", "A='x' # canary's\nB=canary", "x", NULL},
	{"a comment at quotes", "A=\"x\"#canary\n", "x", NULL},
	{"blanks in front of quotes", "A= \t'x'  \n", "x", NULL},
	{"a text behind quotes", "A='x'canary\n", NULL, BEHIND},
	{"quotes behind quotes", "A=\"x\" \"canary\"\n", NULL, BEHIND},
	{"empty quotes", "A=\"\"\nB=canary", NULL, EMPTY},
	{"empty single quotes", "A=''", NULL, EMPTY},
	{"an open quote", "A=\"canary\nB=canary\n", NULL, OPEN},
	{"an open single quote", "A='canary\n", NULL, OPEN},
	{"an open quote at the end", "A=\"", NULL, OPEN},
	{"an escaped quote is no end", "A=\"canary\\\"\n", NULL, OPEN},
	{"a backslash at the end", "A=\"canary\\", NULL, OPEN},
	{"another's open quote counts for its line", "B=\"canary\nA=x\n", "x", NULL},
	{"an open quote made good", "A='canary\nA=x\n", "x", NULL},
	{"a quote in a comment", "# don't\nA=x # don't\nB='canary'\n", "x", NULL},
	{"other alphabets", "A=\xc3\xa4\xff\n", "\xc3\xa4\xff", NULL},
	{"an empty line's end alone", "\r\n\n=\n==\nA=x", "x", NULL},
	{"too long", "A=0123456789012345678901234567890123456789", NULL, "is too long"},
	{"too long in quotes", "A='0123456789012345678901234567890123456789'", NULL,
	 "is too long"},
};

static void finds(void **state)
{
	const struct row *row = *state;
	jw_autobuf struct jw_buf buf = JW_BUF(36);
	struct jw_err err = {0};
	enum jw_cause cause;

	jw_buf_text(&buf, "before ");
	cause = jw_dotenv_get(jw_str_of(row->text), JW_STR("A"), &buf, &err);
	if (row->value) {
		if (cause)
			fail_msg("says: %s", err.text);
		assert_string_equal(buf.ptr + strlen("before "), row->value);
		return;
	}
	assert_int_equal(cause, JW_SECRET_MISSING);
	assert_string_equal(err.text, row->says);
	assert_string_equal(buf.ptr, "before ");
}

static void a_nul_is_told(void **state)
{
	static const char text[] = "A=x\0y\nB=x\n\0\n";
	jw_autobuf struct jw_buf buf = JW_BUF(36);
	struct jw_err err;

	(void)state;
	assert_int_equal(
		jw_dotenv_get((struct jw_str){text, sizeof(text) - 1}, JW_STR("A"), &buf, &err),
		JW_SECRET_MISSING);
	assert_string_equal(err.text, "holds a NUL byte");
	assert_int_equal(
		jw_dotenv_get((struct jw_str){text, sizeof(text) - 1}, JW_STR("B"), &buf, &err),
		JW_OK);
	assert_string_equal(buf.ptr, "x");
}

static void what_is_set_is_known(void **state)
{
	(void)state;
	assert_true(jw_dotenv_has(JW_STR("A=x"), JW_STR("A")));
	assert_true(jw_dotenv_has(JW_STR("A="), JW_STR("A")));
	assert_true(jw_dotenv_has(JW_STR("export A=\"x"), JW_STR("A")));
	assert_false(jw_dotenv_has(JW_STR("AB=x\n#A=x"), JW_STR("A")));
	assert_false(jw_dotenv_has(JW_STR(""), JW_STR("A")));
}

int main(void)
{
	JW_ROWS(rows, finds);
	JW_TEST(a_nul_is_told);
	JW_TEST(what_is_set_is_known);
	return rows_run();
}
