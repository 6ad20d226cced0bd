/* SPDX-License-Identifier: MIT */
/* A line of the log, read back from standard error. */
#include "base/log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "rows.h"

static char captured[8192];

/* Runs `act` with standard error in a pipe. */
static const char *capture(void (*act)(void))
{
	int ends[2];
	int saved = dup(STDERR_FILENO);
	ssize_t len;

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	act();
	dup2(saved, STDERR_FILENO);
	len = read(ends[0], captured, sizeof(captured) - 1);
	captured[len < 0 ? 0 : len] = '\0';
	close(ends[0]);
	close(ends[1]);
	close(saved);
	return captured;
}

static void two_levels(void)
{
	jw_log_level_set(JW_LOG_WARNING);
	jw_log(JW_LOG_INFO, "not shown");
	jw_log(JW_LOG_WARNING, "target %s is %d", "page", 7);
	jw_log(JW_LOG_NONE, "never");
	jw_log_level_set(JW_LOG_NONE);
	jw_log(JW_LOG_ERROR, "not shown either");
}

static void shows_up_to_its_level(void **state)
{
	(void)state;
	assert_string_equal(capture(two_levels), "jwtwatch: target page is 7\n");
}

static void cut_out(char *text)
{
	char *secret = strstr(text, "eyJ");

	if (secret)
		memcpy(secret, "***", 3);
}

static void a_token_and_a_line_end(void)
{
	jw_log_level_set(JW_LOG_DEBUG);
	jw_log_scrub_set(cut_out);
	jw_log(JW_LOG_DEBUG, "a\nb eyJ");
	jw_log_scrub_set(NULL);
}

static void is_one_line_without_a_token(void **state)
{
	(void)state;
	assert_string_equal(capture(a_token_and_a_line_end), "jwtwatch: a?b ***\n");
}

static void a_very_long_line(void)
{
	static char text[9000];

	memset(text, 'x', sizeof(text) - 1);
	jw_log(JW_LOG_ERROR, "%s", text);
}

static void a_long_line_is_cut(void **state)
{
	const char *line = capture(a_very_long_line);

	(void)state;
	assert_int_equal(strlen(line), 4095 + strlen("jwtwatch: \n"));
	assert_int_equal(line[strlen(line) - 1], '\n');
}

int main(void)
{
	JW_TEST(shows_up_to_its_level);
	JW_TEST(is_one_line_without_a_token);
	JW_TEST(a_long_line_is_cut);
	return rows_run();
}
