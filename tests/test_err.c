/* SPDX-License-Identifier: MIT */
/* A cause and its sentence. */
#include "base/err.h"

#include <string.h>

#include "rows.h"

static void says_what_was_met(void **state)
{
	struct jw_err err = {0};

	(void)state;
	assert_int_equal(jw_fail(&err, JW_NO_EXPIRY, "payload of %d bytes has no exp", 12),
			 JW_NO_EXPIRY);
	assert_int_equal(err.cause, JW_NO_EXPIRY);
	assert_string_equal(err.text, "payload of 12 bytes has no exp");
	jw_err_in(&err, "target %s", "page");
	assert_string_equal(err.text, "target page: payload of 12 bytes has no exp");
	assert_int_equal(err.cause, JW_NO_EXPIRY);
}

static void nobody_asks(void **state)
{
	(void)state;
	assert_int_equal(jw_fail(NULL, JW_CONFIG, "anything"), JW_CONFIG);
	jw_err_in(NULL, "anywhere");
}

static void a_long_sentence_is_cut(void **state)
{
	struct jw_err err;
	char text[2 * JW_ERR_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	jw_fail(&err, JW_CONFIG, "%s", text);
	assert_int_equal(strlen(err.text), JW_ERR_MAX - 1);
	assert_string_equal(err.text + JW_ERR_MAX - 5, "x...");
}

static void a_sentence_that_just_fits(void **state)
{
	struct jw_err err;
	char text[JW_ERR_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	jw_fail(&err, JW_CONFIG, "%s", text);
	assert_string_equal(err.text, text);
	jw_err_in(&err, "%s", "place");
	assert_int_equal(strlen(err.text), JW_ERR_MAX - 1);
	assert_string_equal(err.text + JW_ERR_MAX - 5, "x...");
	assert_memory_equal(err.text, "place: xxx", 10);
	jw_err_in(&err, "%s", text);
	assert_int_equal(strlen(err.text), JW_ERR_MAX - 1);
}

int main(void)
{
	JW_TEST(says_what_was_met);
	JW_TEST(nobody_asks);
	JW_TEST(a_long_sentence_is_cut);
	JW_TEST(a_sentence_that_just_fits);
	return rows_run();
}
