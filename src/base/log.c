/* SPDX-License-Identifier: MIT */
/* Diagnostics on standard error. Only adapters and the app call it; library layers return a jw_err. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/utf.h"

#define LINE_MAX_BYTES 4096

static enum jw_log_level highest = JW_LOG_WARNING;
static void (*scrubber)(char *text);

void jw_log_level_set(enum jw_log_level level)
{
	highest = level;
}

void jw_log_scrub_set(void (*scrub)(char *text))
{
	scrubber = scrub;
}

void jw_log(enum jw_log_level level, const char *format, ...)
{
	int old_errno = errno;
	jw_autobuf struct jw_buf line = JW_BUF(LINE_MAX_BYTES + sizeof("jwtwatch: \n"));
	char text[LINE_MAX_BYTES];
	va_list args;
	ssize_t ignored;

	if (level == JW_LOG_NONE || level > highest)
		return;
	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	if (scrubber)
		scrubber(text);
	jw_buf_text(&line, "jwtwatch: ");
	jw_utf_show(&line, jw_str_of(text));
	jw_buf_char(&line, '\n');
	/* One write a line, so that lines of several processes don't mix. */
	ignored = write(STDERR_FILENO, line.ptr, line.len);
	(void)ignored;
	errno = old_errno;
}
