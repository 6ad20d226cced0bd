/* SPDX-License-Identifier: MIT */
/* A report as a forecast: what changes when, by time over all targets. */
#include "output/forecast.h"

#include <string.h>

#include "base/when.h"
#include "core/forecast.h"
#include "output/formatting.h"
#include "output/json.h"

static const char *const colors[] = {"\033[32m", "\033[33m", "\033[31m", "\033[35m"};

static int64_t until_of(const struct jw_report *report, const struct jw_style *style)
{
	return report->now > JW_WHEN_MAX - style->horizon ? JW_WHEN_MAX
							  : report->now + style->horizon;
}

/* RFC 3339 with the blank that section 5.6 allows. */
static void moment(int64_t when, struct jw_buf *buf)
{
	char text[JW_WHEN_TEXT];
	char *t;

	jw_when_text(when, text);
	t = strchr(text, 'T');
	if (t)
		*t = ' ';
	jw_buf_text(buf, text);
}

static void event_text(const struct jw_event *event, int64_t now, const struct jw_style *style,
		       struct jw_buf *buf)
{
	char span[JW_WHEN_TEXT];
	size_t start = buf->len;

	moment(event->at, buf);
	if (event->at <= now)
		jw_buf_text(buf, " now");
	else
		jw_buf_printf(buf, " in %s", jw_span_text(event->at - now, span));
	jw_buf_pad(buf, start, 32);
	jw_buf_printf(buf, "%s%s%s", style->color ? colors[event->state] : "",
		      jw_state_name(event->state), style->color ? "\033[0m" : "");
	jw_buf_pad(buf, buf->len - strlen(jw_state_name(event->state)) - (style->color ? 4 : 0),
		   9 + (style->color ? 4 : 0));
	start = buf->len;
	jw_buf_text(buf, jw_cause_name(event->cause));
	jw_buf_pad(buf, start, 18);
	jw_buf_text(buf, "  ");
	jw_text_line(buf, jw_str_of(event->result->target->name));
	jw_buf_char(buf, '\n');
	/* Why nothing is known isn't for the curious only. */
	if ((style->verbosity || event->state == JW_STATE_UNKNOWN) && *event->message) {
		jw_buf_text(buf, "                                ");
		jw_text_line(buf, jw_str_of(event->message));
		jw_buf_char(buf, '\n');
	}
}

static void write_text(const struct jw_report *report, const struct jw_style *style,
		       struct jw_buf *buf)
{
	int64_t until = until_of(report, style);
	struct jw_forecast forecast;

	jw_forecast_make(report, until, &forecast);
	for (size_t i = 0; i < forecast.count; i++)
		event_text(&forecast.events[i], report->now, style, buf);
	if (forecast.is_cut)
		jw_buf_text(buf, "There is more than a forecast takes: name fewer targets.\n");
	jw_buf_text(buf, forecast.count ? "Nothing else" : "Nothing");
	jw_buf_text(buf, " changes by itself until ");
	moment(until, buf);
	jw_buf_printf(buf, "%s.\n", report->simulated ? " (simulated)" : "");
	jw_forecast_done(&forecast);
}

static int append(const char *bytes, size_t len, void *buf)
{
	return jw_buf_add(buf, bytes, len) ? 0 : -1;
}

static void write_json(const struct jw_report *report, const struct jw_style *style,
		       struct jw_buf *buf)
{
	int64_t until = until_of(report, style);
	json_t *root = json_object();
	json_t *events = json_array();
	struct jw_forecast forecast;
	char when[JW_WHEN_TEXT];

	jw_forecast_make(report, until, &forecast);
	jw_json_set_number(root, "version", 1);
	jw_json_set_text(root, "time", jw_when_text(report->now, when));
	jw_json_set_text(root, "until", jw_when_text(until, when));
	json_object_set_new(root, "simulated", json_boolean(report->simulated));
	json_object_set_new(root, "complete", json_boolean(!forecast.is_cut));
	for (size_t i = 0; i < forecast.count; i++) {
		const struct jw_event *event = &forecast.events[i];
		json_t *object = json_object();

		jw_json_set_text(object, "time", jw_when_text(event->at, when));
		jw_json_set_number(object, "in", event->at - report->now);
		jw_json_set_text(object, "name", event->result->target->name);
		jw_json_set_verdict(object, event->state, event->cause);
		jw_json_set_text(object, "message", event->message);
		json_array_append_new(events, object);
	}
	json_object_set_new(root, "events", events);
	json_dump_callback(root, append, buf, JSON_INDENT(2));
	jw_buf_char(buf, '\n');
	json_decref(root);
	jw_forecast_done(&forecast);
}

const struct jw_format jw_forecast_formats[] = {
	{.name = "text", .media_type = "text/plain", .write = write_text},
	{.name = "json", .media_type = "application/json", .write = write_json},
	{0},
};

int jw_forecast_exit_code(const struct jw_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		enum jw_cause cause = report->results[i].verdict.cause;

		if (cause == JW_CONFIG || cause == JW_DEADLINE || cause == JW_INTERNAL)
			return JW_STATE_UNKNOWN;
	}
	return report->count ? 0 : JW_STATE_UNKNOWN;
}
