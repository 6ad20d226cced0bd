/* SPDX-License-Identifier: MIT */
/* What formats share: the table of them, the order of results, text made fit to be shown. */
#include "output/format.h"

#include <string.h>

#include "base/utf.h"
#include "output/formatting.h"
#include "token/find.h"

const char *const jw_fail_on_names[] = {[JW_FAIL_ON_UNKNOWN] = "unknown",
					[JW_FAIL_ON_WARNING] = "warning",
					[JW_FAIL_ON_CRITICAL] = "critical",
					NULL};
const char *const jw_perfdata_names[] = {[JW_PERFDATA_RANGE] = "range",
					 [JW_PERFDATA_NUMBER] = "number",
					 [JW_PERFDATA_NONE] = "none",
					 NULL};

const struct jw_format jw_formats[] = {
	{"text", "text/plain", JW_WANT_VERDICT, jw_format_text, false},
	{"nagios", "text/plain", JW_WANT_VERDICT, jw_format_nagios, false},
	{"json", "application/json", JW_WANT_FINGERPRINTS, jw_format_json, false},
	{"prometheus", "text/plain; version=0.0.4; charset=utf-8", JW_WANT_VERDICT,
	 jw_format_prometheus, true},
	{"junit", "application/xml", JW_WANT_VERDICT, jw_format_junit, false},
	{"github", "text/plain", JW_WANT_VERDICT, jw_format_github, false},
	{0},
};

const struct jw_format *jw_format_by_name(struct jw_str name)
{
	for (const struct jw_format *format = jw_formats; format->name; format++)
		if (jw_str_is(name, format->name))
			return format;
	return NULL;
}

void jw_format_names(struct jw_buf *buf)
{
	for (const struct jw_format *format = jw_formats; format->name; format++) {
		if (format > jw_formats)
			jw_buf_text(buf, format[1].name ? ", " : " or ");
		jw_buf_text(buf, format->name);
	}
}

void jw_format_refusal(const struct jw_format *format, const char *name, enum jw_cause cause,
		       const char *says, int64_t now, struct jw_buf *buf)
{
	const struct jw_target target = {.name = name};
	const struct jw_style style = {0};
	struct jw_result result;
	struct jw_report report = {
		.now = now, .results = &result, .count = 1, .state = JW_STATE_UNKNOWN};

	jw_runner_refuse(&target, cause, says, &result);
	format->write(&report, &style, buf);
	jw_result_done(&result);
}

size_t *jw_report_order(const struct jw_report *report)
{
	size_t *order = jw_xcalloc(report->count, sizeof(*order));
	size_t used = 0;

	for (int rank = 3; rank >= 0; rank--)
		for (size_t i = 0; i < report->count; i++)
			if (jw_state_rank(report->results[i].verdict.state) == rank)
				order[used++] = i;
	return order;
}

void jw_report_count(const struct jw_report *report, size_t counts[4])
{
	memset(counts, 0, 4 * sizeof(*counts));
	for (size_t i = 0; i < report->count; i++)
		counts[report->results[i].verdict.state]++;
}

bool jw_fails_on(enum jw_fail_on fail_on, enum jw_state state)
{
	return state != JW_STATE_OK &&
	       (state != JW_STATE_WARNING || fail_on != JW_FAIL_ON_CRITICAL);
}

/* Where the worst doesn't count, what ranks below it may. */
int jw_report_exit_code(const struct jw_report *report, enum jw_fail_on fail_on)
{
	enum jw_state worst = JW_STATE_OK;

	if (jw_fails_on(fail_on, report->state))
		return report->state;
	for (size_t i = 0; i < report->count; i++)
		if (jw_fails_on(fail_on, report->results[i].verdict.state))
			worst = jw_state_worse(worst, report->results[i].verdict.state);
	return worst;
}

void jw_report_summary(struct jw_buf *buf, const struct jw_report *report)
{
	static const enum jw_state order[] = {JW_STATE_CRITICAL, JW_STATE_WARNING,
					      JW_STATE_UNKNOWN, JW_STATE_OK};
	const char *before = ": ";
	size_t counts[4];

	jw_report_count(report, counts);
	jw_buf_printf(buf, "%zu target%s", report->count, report->count == 1 ? "" : "s");
	for (size_t i = 0; i < 4; i++) {
		if (!counts[order[i]])
			continue;
		jw_buf_printf(buf, "%s%zu %s", before, counts[order[i]],
			      jw_state_name(order[i]));
		before = ", ";
	}
	jw_buf_char(buf, '\n');
}

void jw_text_line(struct jw_buf *buf, struct jw_str s)
{
	size_t start = buf->len;

	if (!jw_utf_show(buf, s) || buf->len == start)
		return;
	jw_find_scrub(buf->ptr + start);
	buf->len = start + strlen(buf->ptr + start);
}

void jw_nagios_text(struct jw_buf *buf, struct jw_str s)
{
	size_t start = buf->len;

	jw_text_line(buf, s);
	for (size_t i = start; i < buf->len; i++)
		if (buf->ptr[i] == '|')
			buf->ptr[i] = '/';
}
