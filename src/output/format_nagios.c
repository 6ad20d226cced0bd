/* SPDX-License-Identifier: MIT */
/* A monitoring plugin's output: state on line 1 with all performance data, a line a target below. */
#include <string.h>

#include "output/formatting.h"

/* Past this a Nagios worker may lose output (it does one last read of 4096 bytes). */
#define OUTPUT_MAX 4096
/* Of line 1 without its data, where lines about the targets follow. */
#define HEADLINE_MAX 768
/* Of a target's line, however many there are. */
#define LINE_LEAST 72
#define LINES_MAX 128
/* The lines of sinks that failed. */
#define SINKS_MAX 3
#define SINK_LINE_MAX 192
/* Room for the line that says how many are left out, and for the last line's end. */
#define ENDING_MAX 48
#define DETAILS_MAX ((size_t)1 << 20)

static void verdict_text(struct jw_buf *buf, const struct jw_verdict *verdict)
{
	if (verdict->cause)
		jw_buf_printf(buf, "%s: ", jw_cause_name(verdict->cause));
	jw_nagios_text(buf, jw_str_of(verdict->message));
	if (verdict->finding_count > 1)
		jw_buf_printf(buf, " (and %zu more)", verdict->finding_count - 1);
}

/* What fits into `max` bytes of it, cut between characters. */
static void cut(struct jw_buf *buf, struct jw_str text, size_t max)
{
	if (text.len <= max) {
		jw_buf_str(buf, text);
		return;
	}
	max = max > 3 ? max - 3 : 0;
	while (max && ((unsigned char)text.ptr[max] & 0xc0) == 0x80)
		max--;
	jw_buf_str(buf, jw_str_head(text, max));
	jw_buf_text(buf, "...");
}

static void headline(struct jw_buf *buf, const struct jw_report *report,
		     const struct jw_result *worst)
{
	size_t by_state[4];

	jw_report_count(report, by_state);
	if (report->simulated)
		jw_buf_text(buf, "(simulated) ");
	if (report->count > 1) {
		jw_buf_printf(
			buf, "%zu targets: %zu critical, %zu warning, %zu unknown, %zu ok",
			report->count, by_state[JW_STATE_CRITICAL], by_state[JW_STATE_WARNING],
			by_state[JW_STATE_UNKNOWN], by_state[JW_STATE_OK]);
		if (report->state == JW_STATE_OK)
			return;
		jw_buf_text(buf, ", ");
		jw_nagios_text(buf, jw_str_of(worst->target->name));
		jw_buf_text(buf, ": ");
	}
	verdict_text(buf, &worst->verdict);
}

/* Nagios makes each ';' of line 1 a ':'. */
static void without_semicolons(struct jw_buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->ptr[i] == ';')
			text->ptr[i] = ',';
}

/* Whether it is sinks alone that make the state what it is. */
static bool is_raised_by_sinks(const struct jw_report *report, const size_t *order)
{
	return report->sink_count && report->count &&
	       report->state != report->results[order[0]].verdict.state;
}

static void sink_headline(struct jw_buf *buf, const struct jw_result *sink)
{
	jw_nagios_text(buf, jw_str_of(sink->target->name));
	jw_buf_text(buf, ": ");
	verdict_text(buf, &sink->verdict);
}

static void first_line(struct jw_buf *buf, const struct jw_report *report, const size_t *order,
		       const struct jw_buf *data)
{
	size_t max = report->count > 1 || report->sink_count
			     ? HEADLINE_MAX
			     : OUTPUT_MAX - data->len - ENDING_MAX;
	jw_autobuf struct jw_buf text = JW_BUF(DETAILS_MAX);

	jw_buf_printf(&text, "JWTWATCH %s: ", jw_state_name(report->state));
	if (is_raised_by_sinks(report, order))
		sink_headline(&text, &report->sinks[0]);
	else if (report->count)
		headline(&text, report, &report->results[order[0]]);
	else
		jw_buf_text(&text, "nothing was judged");
	without_semicolons(&text);
	cut(buf, jw_buf_get(&text), max);
	jw_buf_str(buf, jw_buf_get(data));
}

static void target_line(struct jw_buf *buf, const struct jw_result *result)
{
	jw_buf_printf(buf, "\n%s ", jw_state_name(result->verdict.state));
	jw_nagios_text(buf, jw_str_of(result->target->name));
	jw_buf_text(buf, ": ");
	verdict_text(buf, &result->verdict);
}

static void detail(struct jw_buf *buf, const char *label, const char *text)
{
	if (!text)
		return;
	jw_buf_printf(buf, "\n  %s: ", label);
	jw_nagios_text(buf, jw_str_of(text));
}

static void thresholds(struct jw_buf *buf, const struct jw_result *result)
{
	const struct jw_expect *expect = &result->target->expect;
	jw_autobuf struct jw_buf text = JW_BUF(DETAILS_MAX);

	if (expect->warning.given)
		jw_buf_printf(&text, "warning %s", expect->warning.given);
	if (expect->critical.given)
		jw_buf_printf(&text, "%scritical %s", text.len ? ", " : "",
			      expect->critical.given);
	detail(buf, "thresholds", text.ptr);
}

/* The lines that a person at a terminal gets with -v, a little less to the right. */
static void from_text(struct jw_buf *buf, const struct jw_buf *text)
{
	struct jw_str lines = jw_buf_get(text);
	struct jw_str line;

	while (jw_str_cut(lines, '\n', &line, &lines)) {
		jw_buf_text(buf, "\n  ");
		jw_nagios_text(buf, jw_str_trim(line));
	}
}

/* -v: what to do; -vv: what was asked for and all that was met; -vvv: each token. */
static void details(struct jw_buf *buf, const struct jw_result *result, int verbosity)
{
	const struct jw_verdict *verdict = &result->verdict;
	jw_autobuf struct jw_buf text = JW_BUF(DETAILS_MAX);

	if (verbosity > 0 && verdict->cause) {
		detail(buf, "fix", verdict->remedy);
		detail(buf, "runbook", result->target->runbook);
	}
	if (verbosity > 1) {
		thresholds(buf, result);
		jw_text_findings(&text, result);
	}
	if (verbosity > 2)
		jw_text_tokens(&text, result);
	from_text(buf, &text);
}

/* The lines about targets, worst first, as far as there is room. */
struct lines {
	struct jw_buf each[LINES_MAX];
	size_t count;
	size_t len; /* of all together */
};

/* How long the next one may be: those that aren't OK share the room, so that each says what is wrong with it. */
static size_t line_max(const struct jw_report *report, const size_t *order, size_t at,
		       size_t room)
{
	size_t bad = 0;

	for (size_t i = at; i < report->count; i++)
		bad += report->results[order[i]].verdict.state != JW_STATE_OK;
	if (!bad)
		return room;
	return room / bad > LINE_LEAST ? room / bad : LINE_LEAST;
}

static void write_lines(struct lines *lines, const struct jw_report *report,
			const size_t *order, size_t room)
{
	while (lines->count < report->count && lines->count < LINES_MAX) {
		struct jw_buf *line = &lines->each[lines->count];
		size_t max = line_max(report, order, lines->count, room - lines->len);
		jw_autobuf struct jw_buf whole = JW_BUF(DETAILS_MAX);

		target_line(&whole, &report->results[order[lines->count]]);
		jw_buf_init(line, OUTPUT_MAX);
		cut(line, jw_buf_get(&whole), max);
		if (lines->len + line->len > room) {
			jw_buf_done(line);
			return;
		}
		lines->len += line->len;
		lines->count++;
	}
}

/* What is below line 1: lines come before details, and both of the worst before those of others. */
static void below(struct jw_buf *buf, const struct jw_report *report, const size_t *order,
		  int verbosity)
{
	size_t room = OUTPUT_MAX - ENDING_MAX - buf->len;
	struct lines lines = {.count = 0};

	write_lines(&lines, report, order, room);
	room -= lines.len;
	for (size_t i = 0; i < lines.count; i++) {
		jw_autobuf struct jw_buf more = JW_BUF(DETAILS_MAX);

		jw_buf_str(buf, jw_buf_get(&lines.each[i]));
		jw_buf_done(&lines.each[i]);
		details(&more, &report->results[order[i]], verbosity);
		if (more.len > room)
			continue;
		jw_buf_str(buf, jw_buf_get(&more));
		room -= more.len;
	}
	if (lines.count < report->count)
		jw_buf_printf(buf, "\n... and %zu more", report->count - lines.count);
}

/* Line 1 leaves room for that much in any case. */
static void sink_lines(struct jw_buf *buf, const struct jw_report *report, size_t from)
{
	size_t i = from;

	for (; i < report->sink_count && i < SINKS_MAX; i++) {
		jw_autobuf struct jw_buf line = JW_BUF(DETAILS_MAX);

		target_line(&line, &report->sinks[i]);
		cut(buf, jw_buf_get(&line), SINK_LINE_MAX);
	}
	if (i < report->sink_count)
		jw_buf_printf(buf, "\n... and %zu more of the sinks failed",
			      report->sink_count - i);
}

void jw_nagios_single(const struct jw_result *result, enum jw_perfdata kind,
		      struct jw_buf *text, struct jw_buf *perfdata)
{
	const struct jw_report report = {.results = (struct jw_result *)(uintptr_t)result,
					 .count = 1};
	jw_autobuf struct jw_buf data = JW_BUF(OUTPUT_MAX);
	struct jw_str before;
	struct jw_str items;

	jw_buf_printf(text, "JWTWATCH %s: ", jw_state_name(result->verdict.state));
	verdict_text(text, &result->verdict);
	without_semicolons(text);
	details(text, result, 1);
	jw_nagios_perfdata(&report, kind, &data);
	if (jw_str_cut(jw_buf_get(&data), '|', &before, &items))
		jw_buf_str(perfdata, jw_str_trim(items));
}

void jw_format_nagios(const struct jw_report *report, const struct jw_style *style,
		      struct jw_buf *buf)
{
	jw_autofree size_t *order = jw_report_order(report);
	jw_autobuf struct jw_buf data = JW_BUF(OUTPUT_MAX);
	bool is_raised = is_raised_by_sinks(report, order);

	if (report->count)
		jw_nagios_perfdata(report, style->perfdata, &data);
	first_line(buf, report, order, &data);
	sink_lines(buf, report, is_raised);
	if (report->count > 1 || is_raised) {
		below(buf, report, order, style->verbosity);
	} else if (report->count) {
		jw_autobuf struct jw_buf more = JW_BUF(DETAILS_MAX);

		details(&more, &report->results[0], style->verbosity);
		cut(buf, jw_buf_get(&more), OUTPUT_MAX - 1 - buf->len);
	}
	jw_buf_char(buf, '\n');
}
