/* SPDX-License-Identifier: MIT */
/* Diagnostics on standard error. Only adapters and the app call it; library layers return a jw_err. */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf.h"

#define TEXT_MAX 4096
#define LINE_MAX_BYTES (16 * TEXT_MAX)

static enum jw_log_level highest = JW_LOG_WARNING;
static enum jw_log_form form;
static bool has_priority;
static void (*scrubber)(char *text);

void jw_log_level_set(enum jw_log_level level)
{
	highest = level;
}

void jw_log_scrub_set(void (*scrub)(char *text))
{
	scrubber = scrub;
}

/* Somebody may have sent our standard error elsewhere since the journal opened its stream. */
static bool is_journal(void)
{
	struct jw_str stream = jw_str_of(getenv("JOURNAL_STREAM"));
	struct jw_str device;
	struct jw_str number;
	uint64_t dev;
	uint64_t ino;
	struct stat st;

	return jw_str_cut(stream, ':', &device, &number) &&
	       jw_str_u64(device, UINT64_MAX, &dev) && jw_str_u64(number, UINT64_MAX, &ino) &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == dev && st.st_ino == ino;
}

void jw_log_form_set(enum jw_log_form new_form)
{
	form = new_form;
	has_priority = form == JW_LOG_JOURNAL && is_journal();
}

/* Scrubs the text in its place: what an escape would take apart must be whole for that. */
static void show(struct jw_buf *buf, char *text)
{
	if (scrubber)
		scrubber(text);
	jw_utf_show(buf, jw_str_of(text));
}

static bool is_bare(struct jw_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] == '"' || s.ptr[i] == '=' || s.ptr[i] == '\\')
			return false;
	return s.len;
}

static void quote(struct jw_buf *line, struct jw_str s)
{
	jw_buf_char(line, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"' || s.ptr[i] == '\\')
			jw_buf_char(line, '\\');
		jw_buf_char(line, s.ptr[i]);
	}
	jw_buf_char(line, '"');
}

static void add_pair(struct jw_buf *line, const struct jw_log_pair *pair)
{
	jw_autobuf struct jw_buf value = JW_BUF(TEXT_MAX);
	char text[TEXT_MAX];

	if (line->len > LINE_MAX_BYTES / 2)
		return;
	if (pair->text)
		snprintf(text, sizeof(text), "%s", pair->text);
	else
		snprintf(text, sizeof(text), "%" PRId64, pair->number);
	show(&value, text);
	jw_buf_printf(line, "%s=", pair->key);
	if (is_bare(jw_buf_get(&value)))
		jw_buf_str(line, jw_buf_get(&value));
	else
		quote(line, jw_buf_get(&value));
}

static void add_journal(struct jw_buf *line, enum jw_log_level level, struct jw_str says,
			const struct jw_log_pair *pairs)
{
	static const struct {
		const char *name;
		int priority; /* of syslog */
	} levels[] = {{"none", 7}, {"error", 3}, {"warning", 4}, {"info", 6}, {"debug", 7}};

	if (has_priority)
		jw_buf_printf(line, "<%d>", levels[level].priority);
	jw_buf_printf(line, "level=%s msg=", levels[level].name);
	quote(line, says);
	for (; pairs->key; pairs++) {
		jw_buf_char(line, ' ');
		add_pair(line, pairs);
	}
}

static void add_text(struct jw_buf *line, struct jw_str says, const struct jw_log_pair *pairs)
{
	jw_buf_text(line, "jwtwatch: ");
	jw_buf_str(line, says);
	if (!pairs->key)
		return;
	jw_buf_text(line, " (");
	for (const struct jw_log_pair *pair = pairs; pair->key; pair++) {
		if (pair != pairs)
			jw_buf_char(line, ' ');
		add_pair(line, pair);
	}
	jw_buf_char(line, ')');
}

static void write_line(enum jw_log_level level, char *text, const struct jw_log_pair *pairs)
{
	jw_autobuf struct jw_buf says = JW_BUF(TEXT_MAX);
	jw_autobuf struct jw_buf line = JW_BUF(LINE_MAX_BYTES);
	ssize_t ignored;

	show(&says, text);
	if (form == JW_LOG_JOURNAL)
		add_journal(&line, level, jw_buf_get(&says), pairs);
	else
		add_text(&line, jw_buf_get(&says), pairs);
	jw_buf_char(&line, '\n');
	/* One write a line, so that lines of several processes don't mix. */
	ignored = write(STDERR_FILENO, line.ptr, line.len);
	(void)ignored;
}

void jw_log(enum jw_log_level level, const char *format, ...)
{
	static const struct jw_log_pair none;
	int old_errno = errno;
	char text[TEXT_MAX];
	va_list args;

	if (level == JW_LOG_NONE || level > highest)
		return;
	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	write_line(level, text, &none);
	errno = old_errno;
}

void jw_log_event(enum jw_log_level level, const char *says, const struct jw_log_pair *pairs)
{
	int old_errno = errno;
	char text[TEXT_MAX];

	if (level == JW_LOG_NONE || level > highest)
		return;
	snprintf(text, sizeof(text), "%s", says);
	write_line(level, text, pairs);
	errno = old_errno;
}
