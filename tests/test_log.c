/* SPDX-License-Identifier: MIT */
/* A line of the log, read back from standard error. */
#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

static void a_journal_line(void)
{
	jw_log_level_set(JW_LOG_DEBUG);
	jw_log_form_set(JW_LOG_JOURNAL);
	jw_log_scrub_set(cut_out);
	jw_log(JW_LOG_ERROR, "a \"b\"\nc");
	JW_LOG_EVENT(JW_LOG_INFO, "reloaded", {.key = "targets", .number = 7},
		     {.key = "path", .text = "/a b\\"}, {.key = "token", .text = "eyJ"},
		     {.key = "none", .text = ""});
	jw_log_scrub_set(NULL);
	jw_log_form_set(JW_LOG_TEXT);
}

static void the_journal_gets_pairs(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	assert_string_equal(capture(a_journal_line),
			    "level=error msg=\"a \\\"b\\\"?c\"\n"
			    "level=info msg=\"reloaded\" targets=7 path=\"/a b\\\\\" "
			    "token=*** none=\"\"\n");
}

static void a_line_on_the_journals_stream(void)
{
	struct stat st;
	char stream[64];

	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	jw_log_form_set(JW_LOG_JOURNAL);
	jw_log(JW_LOG_WARNING, "x");
	setenv("JOURNAL_STREAM", "1:1", 1);
	jw_log_form_set(JW_LOG_JOURNAL);
	jw_log(JW_LOG_WARNING, "x");
	jw_log_form_set(JW_LOG_TEXT);
}

static void its_own_stream_gets_the_priority(void **state)
{
	(void)state;
	assert_string_equal(capture(a_line_on_the_journals_stream),
			    "<4>level=warning msg=\"x\"\nlevel=warning msg=\"x\"\n");
}

static void an_event_as_text(void)
{
	JW_LOG_EVENT(JW_LOG_ERROR, "reloaded", {.key = "targets", .number = 7},
		     {.key = "left", .text = "3 min"});
}

static void a_terminal_gets_pairs_in_brackets(void **state)
{
	(void)state;
	assert_string_equal(capture(an_event_as_text),
			    "jwtwatch: reloaded (targets=7 left=\"3 min\")\n");
}

int main(void)
{
	JW_TEST(the_journal_gets_pairs);
	JW_TEST(its_own_stream_gets_the_priority);
	JW_TEST(a_terminal_gets_pairs_in_brackets);
	JW_TEST(shows_up_to_its_level);
	JW_TEST(is_one_line_without_a_token);
	JW_TEST(a_long_line_is_cut);
	return rows_run();
}
