/* SPDX-License-Identifier: MIT */
/* A monitoring plugin's output: state on line 1 with all performance data, a line a target below. */
#include <string.h>

#include "output/formatting.h"

/* Past this a Nagios worker may lose output (it does one last read of 4096 bytes). */
#define OUTPUT_MAX 4096
#define PERFDATA_MAX 1536
#define NAMED_MAX 20

static void label(struct jw_buf *buf, const char *name)
{
	size_t start;

	jw_buf_char(buf, '\'');
	start = buf->len;
	jw_nagios_text(buf, jw_str_of(name));
	/* '=' ends a label in Icinga, "::" makes it a prefix of the others, a quote ends it. */
	for (size_t i = start; i < buf->len; i++)
		if (strchr("=':", buf->ptr[i]))
			buf->ptr[i] = '_';
	jw_buf_char(buf, '\'');
}

static void seconds_left(struct jw_buf *buf, const struct jw_result *result, const char *name)
{
	const struct jw_token *token = jw_result_token(result);
	const struct jw_expect *expect = &result->target->expect;
	int64_t left;

	if (!jw_token_left(token, result->now, &left))
		return;
	jw_buf_char(buf, ' ');
	label(buf, name);
	jw_buf_printf(buf, "=%llds;", (long long)left);
	jw_threshold_range(&expect->warning, jw_token_lifetime(token), buf);
	jw_buf_char(buf, ';');
	jw_threshold_range(&expect->critical, jw_token_lifetime(token), buf);
}

static void clock_offset(struct jw_buf *buf, const struct jw_result *result)
{
	const struct jw_exchange *exchange = jw_result_exchange(result);
	const struct jw_livekit *livekit = jw_result_livekit(result);

	if (exchange && exchange->has_clock)
		jw_buf_printf(buf, " 'clock_offset'=%llds", (long long)exchange->clock_offset);
	else if (livekit && livekit->has_clock)
		jw_buf_printf(buf, " 'clock_offset'=%llds", (long long)livekit->clock_offset);
}

static void certificate(struct jw_buf *buf, const struct jw_result *result)
{
	const struct jw_exchange *exchange = jw_result_exchange(result);

	if (exchange && exchange->certificate_expires)
		jw_buf_printf(buf, " 'certificate'=%llds",
			      (long long)(exchange->certificate_expires - result->now));
}

static void single(struct jw_buf *buf, const struct jw_result *result)
{
	int64_t lifetime = jw_token_lifetime(jw_result_token(result));
	int64_t left;

	seconds_left(buf, result, "left");
	if (lifetime && jw_token_left(jw_result_token(result), result->now, &left)) {
		left = left < 0 ? 0 : left;
		/* Before the token was made there is more left than it ever had. */
		left = left > lifetime ? lifetime : left;
		jw_buf_printf(buf, " 'share'=%lld%%", (long long)(left * 100 / lifetime));
	}
	jw_buf_printf(buf, " 'time'=%lld.%03llds", (long long)(result->duration_ms / 1000),
		      (long long)(result->duration_ms % 1000));
	clock_offset(buf, result);
	certificate(buf, result);
}

static void counts(struct jw_buf *buf, const struct jw_report *report)
{
	size_t by_state[4];
	int64_t earliest = INT64_MAX;

	jw_report_count(report, by_state);
	jw_buf_printf(buf, " 'ok'=%zu 'warning'=%zu 'critical'=%zu 'unknown'=%zu", by_state[0],
		      by_state[1], by_state[2], by_state[3]);
	for (size_t i = 0; i < report->count; i++) {
		int64_t left;

		if (jw_token_left(jw_result_token(&report->results[i]), report->results[i].now,
				  &left) &&
		    left < earliest)
			earliest = left;
	}
	if (earliest != INT64_MAX)
		jw_buf_printf(buf, " 'earliest'=%llds", (long long)earliest);
}

static void perfdata(struct jw_buf *buf, const struct jw_report *report)
{
	jw_autobuf struct jw_buf named = JW_BUF(PERFDATA_MAX);

	if (report->count == 1)
		single(&named, &report->results[0]);
	else if (report->count <= NAMED_MAX)
		for (size_t i = 0; i < report->count; i++)
			seconds_left(&named, &report->results[i],
				     report->results[i].target->name);
	if (report->count > NAMED_MAX || named.overflowed) {
		jw_buf_clear(&named);
		counts(&named, report);
	}
	if (named.len) {
		jw_buf_text(buf, " |");
		jw_buf_str(buf, jw_buf_get(&named));
	}
}

static void verdict_text(struct jw_buf *buf, const struct jw_verdict *verdict)
{
	if (verdict->cause)
		jw_buf_printf(buf, "%s: ", jw_cause_name(verdict->cause));
	jw_nagios_text(buf, jw_str_of(verdict->message));
	if (verdict->finding_count > 1)
		jw_buf_printf(buf, " (and %zu more)", verdict->finding_count - 1);
	if (verdict->cause && verdict->remedy) {
		jw_buf_text(buf, "; fix: ");
		jw_nagios_text(buf, jw_str_of(verdict->remedy));
	}
}

/* What fits into `max` bytes of it, cut between characters. */
static void cut(struct jw_buf *buf, struct jw_str text, size_t max)
{
	if (text.len > max) {
		max = max > 3 ? max - 3 : 0;
		while (max && ((unsigned char)text.ptr[max] & 0xc0) == 0x80)
			max--;
		jw_buf_str(buf, jw_str_head(text, max));
		jw_buf_text(buf, "...");
		return;
	}
	jw_buf_str(buf, text);
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
			buf, "%zu targets: %zu critical, %zu warning, %zu unknown, %zu ok; ",
			report->count, by_state[2], by_state[1], by_state[3], by_state[0]);
		jw_nagios_text(buf, jw_str_of(worst->target->name));
		jw_buf_text(buf, ": ");
	}
	verdict_text(buf, &worst->verdict);
}

static void target_line(struct jw_buf *buf, const struct jw_result *result)
{
	jw_buf_printf(buf, "\n%s ", jw_state_name(result->verdict.state));
	jw_nagios_text(buf, jw_str_of(result->target->name));
	jw_buf_text(buf, ": ");
	verdict_text(buf, &result->verdict);
}

/* Lines for the targets, worst first, as long as they fit. */
static void target_lines(struct jw_buf *buf, const struct jw_report *report,
			 const size_t *order)
{
	for (size_t i = 0; i < report->count; i++) {
		jw_autobuf struct jw_buf line = JW_BUF(OUTPUT_MAX);

		target_line(&line, &report->results[order[i]]);
		/* 48: room for the line that says how many are left out. */
		if (line.overflowed || buf->len + line.len + 48 > OUTPUT_MAX) {
			jw_buf_printf(buf, "\n... and %zu more", report->count - i);
			return;
		}
		jw_buf_str(buf, jw_buf_get(&line));
	}
}

void jw_nagios_single(const struct jw_result *result, struct jw_buf *text,
		      struct jw_buf *perfdata)
{
	jw_autobuf struct jw_buf items = JW_BUF(PERFDATA_MAX);

	jw_buf_printf(text, "JWTWATCH %s: ", jw_state_name(result->verdict.state));
	verdict_text(text, &result->verdict);
	single(&items, result);
	jw_buf_str(perfdata, jw_str_trim(jw_buf_get(&items)));
}

/* Whether it is sinks alone that make the state what it is. */
static bool is_raised_by_sinks(const struct jw_report *report, const size_t *order)
{
	return report->sink_count && report->count &&
	       report->state != report->results[order[0]].verdict.state;
}

static void sink_lines(struct jw_buf *buf, const struct jw_report *report, size_t from)
{
	for (size_t i = from; i < report->sink_count; i++) {
		jw_autobuf struct jw_buf line = JW_BUF(OUTPUT_MAX);

		target_line(&line, &report->sinks[i]);
		if (!line.overflowed && buf->len + line.len + 48 <= OUTPUT_MAX)
			jw_buf_str(buf, jw_buf_get(&line));
	}
}

void jw_format_nagios(const struct jw_report *report, const struct jw_style *style,
		      struct jw_buf *buf)
{
	jw_autofree size_t *order = jw_report_order(report);
	jw_autobuf struct jw_buf data = JW_BUF(OUTPUT_MAX);
	jw_autobuf struct jw_buf text = JW_BUF((size_t)1 << 20);
	bool is_raised = is_raised_by_sinks(report, order);

	(void)style;
	jw_buf_printf(&text, "JWTWATCH %s: ", jw_state_name(report->state));
	if (report->count) {
		if (is_raised) {
			jw_nagios_text(&text, jw_str_of(report->sinks[0].target->name));
			jw_buf_text(&text, ": ");
			verdict_text(&text, &report->sinks[0].verdict);
		} else {
			headline(&text, report, &report->results[order[0]]);
		}
		perfdata(&data, report);
	} else {
		jw_buf_text(&text, "nothing was judged");
	}
	cut(buf, jw_buf_get(&text), OUTPUT_MAX - data.len - 64);
	jw_buf_str(buf, jw_buf_get(&data));
	sink_lines(buf, report, is_raised);
	if (report->count > 1 || is_raised)
		target_lines(buf, report, order);
	jw_buf_char(buf, '\n');
}
