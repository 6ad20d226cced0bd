/* SPDX-License-Identifier: MIT */
/* On a terminal, one line on standard error that says how far a slow run is. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/app.h"
#include "output/format.h"

#define WIDTH_DEFAULT 80
#define LINE_MAX_BYTES 1024
/* Back to the first column, and the line emptied (ECMA-48: CR, EL). */
#define CLEAR "\r\033[K"

struct jw_progress {
	size_t total;
	bool is_shown;
};

struct jw_progress *jw_progress_new(size_t total)
{
	struct jw_progress *progress;

	if (!isatty(STDERR_FILENO) || !isatty(STDOUT_FILENO))
		return NULL;
	progress = jw_xcalloc(1, sizeof(*progress));
	progress->total = total;
	return progress;
}

static size_t terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 20)
		return WIDTH_DEFAULT;
	return size.ws_col;
}

static void put(struct jw_str text)
{
	/* A line that can't be written is missed by nobody. */
	if (write(STDERR_FILENO, text.ptr, text.len) < 0)
		return;
}

/* The front of a line that fits, counted in characters, ended before one that wouldn't be whole. */
static struct jw_str fitting(struct jw_str line, size_t width)
{
	size_t columns = 0;
	size_t at = 0;

	while (at < line.len) {
		bool begins = ((unsigned char)line.ptr[at] & 0xC0) != 0x80;

		if (begins && columns == width)
			break;
		columns += begins;
		at++;
	}
	return jw_str_head(line, at);
}

void jw_progress_show(struct jw_progress *progress, size_t done, const char *const *names,
		      size_t count, int64_t elapsed_ms)
{
	size_t width = terminal_width() - 1;
	jw_autobuf struct jw_buf line = JW_BUF(LINE_MAX_BYTES);

	jw_buf_printf(&line, "%zu of %zu done after %llds, waiting for ", done, progress->total,
		      (long long)(elapsed_ms / 1000));
	for (size_t i = 0; i < count; i++) {
		if (line.len > width)
			break;
		jw_buf_text(&line, i ? ", " : "");
		jw_text_line(&line, jw_str_of(names[i]));
	}
	put(JW_STR(CLEAR));
	put(fitting(jw_buf_get(&line), width));
	progress->is_shown = true;
}

void jw_progress_free(struct jw_progress *progress)
{
	if (progress && progress->is_shown)
		put(JW_STR(CLEAR));
	free(progress);
}
