/* SPDX-License-Identifier: MIT */
/* Workflow commands of GitHub Actions: an annotation for each target that is not OK, and a line that sums up. */
#include <string.h>

#include "base/when.h"
#include "output/formatting.h"

#define TEXT_MAX ((size_t)1 << 20)

/* What would end a command's message, or one of its properties (actions/toolkit: escapeData, escapeProperty). */
#define OF_MESSAGE "%\r\n"
#define OF_PROPERTY "%\r\n:,"

static void escaped(struct jw_buf *buf, const char *text, const char *what)
{
	jw_autobuf struct jw_buf line = JW_BUF(TEXT_MAX);

	jw_text_line(&line, jw_str_of(text));
	for (size_t i = 0; i < line.len; i++) {
		if (strchr(what, line.ptr[i]))
			jw_buf_printf(buf, "%%%02X", (unsigned)(unsigned char)line.ptr[i]);
		else
			jw_buf_char(buf, line.ptr[i]);
	}
}

/* Puts the parts of `path` behind those of the absolute path in `buf`, as a shell would: "." and "" are none, ".." takes
 * one away. */
static void walk(struct jw_buf *buf, const char *path)
{
	struct jw_str rest = jw_str_of(path);

	while (rest.len) {
		struct jw_str part = rest;
		struct jw_str after = {0};

		jw_str_cut(rest, '/', &part, &after);
		rest = after;
		if (!part.len || jw_str_is(part, "."))
			continue;
		if (!jw_str_is(part, "..")) {
			jw_buf_printf(buf, "/%.*s", JW_STR_ARG(part));
			continue;
		}
		while (buf->len && buf->ptr[--buf->len] != '/')
			;
		if (buf->ptr)
			buf->ptr[buf->len] = '\0';
	}
}

/* The path within the workspace, where it lies in it; else as it is. GitHub shows annotations beside the files of the
 * repository only. */
static void place(struct jw_buf *buf, const char *path, const struct jw_style *style)
{
	jw_autobuf struct jw_buf whole = JW_BUF(TEXT_MAX);
	jw_autobuf struct jw_buf root = JW_BUF(TEXT_MAX);

	if (style->workspace && (*path == '/' || style->here)) {
		walk(&root, style->workspace);
		if (*path != '/')
			walk(&whole, style->here);
		walk(&whole, path);
		if (root.len && whole.len > root.len && whole.ptr[root.len] == '/' &&
		    !memcmp(whole.ptr, root.ptr, root.len))
			path = whole.ptr + root.len + 1;
	}
	escaped(buf, path, OF_PROPERTY);
}

static void annotation(struct jw_buf *buf, const struct jw_result *result,
		       const struct jw_style *style)
{
	const struct jw_verdict *verdict = &result->verdict;
	size_t line;
	const char *file = jw_result_file(result, &line);

	jw_buf_text(buf, verdict->state == JW_STATE_WARNING ? "::warning " : "::error ");
	if (file) {
		jw_buf_text(buf, "file=");
		place(buf, file, style);
		jw_buf_char(buf, ',');
	}
	if (file && line)
		jw_buf_printf(buf, "line=%zu,", line);
	jw_buf_printf(buf, "title=%s ", jw_state_name(verdict->state));
	escaped(buf, result->target->name, OF_PROPERTY);
	jw_buf_printf(buf, "::%s: ", jw_cause_name(verdict->cause));
	escaped(buf, verdict->message, OF_MESSAGE);
	if (verdict->finding_count > 1)
		jw_buf_printf(buf, " (and %zu more)", verdict->finding_count - 1);
	if (verdict->remedy) {
		jw_buf_text(buf, "%0Afix: ");
		escaped(buf, verdict->remedy, OF_MESSAGE);
	}
	if (result->target->runbook) {
		jw_buf_text(buf, "%0Arunbook: ");
		escaped(buf, result->target->runbook, OF_MESSAGE);
	}
	jw_buf_char(buf, '\n');
}

void jw_format_github(const struct jw_report *report, const struct jw_style *style,
		      struct jw_buf *buf)
{
	jw_autofree size_t *order = jw_report_order(report);
	size_t counts[4];
	char when[JW_WHEN_TEXT];

	jw_report_count(report, counts);
	if (style->is_quiet && counts[JW_STATE_OK] == report->count && !report->sink_count)
		return;
	if (report->simulated)
		jw_buf_printf(buf, "::notice title=simulated::judged as of %s\n",
			      jw_when_text(report->now, when));
	for (size_t i = 0; i < report->count; i++)
		if (report->results[order[i]].verdict.state != JW_STATE_OK)
			annotation(buf, &report->results[order[i]], style);
	for (size_t i = 0; i < report->sink_count; i++)
		annotation(buf, &report->sinks[i], style);
	jw_report_summary(buf, report);
}
