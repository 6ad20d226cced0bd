/* SPDX-License-Identifier: MIT */
/* JUnit's XML, as GitLab, Jenkins and the reporters of GitHub read it: a test case a target. */
#include <string.h>

#include "base/when.h"
#include "contract/check.h"
#include "output/formatting.h"

#define TEXT_MAX ((size_t)1 << 20)

/* What becomes of a verdict: CRITICAL and what --fail-on counts fail, UNKNOWN is an error, the rest passes. */
enum outcome { PASSED, FAILED, BROKEN, OUTCOMES };

static enum outcome outcome_of(const struct jw_result *result, const struct jw_style *style)
{
	enum jw_state state = result->verdict.state;

	if (!jw_fails_on(style->fail_on, state))
		return PASSED;
	return state == JW_STATE_UNKNOWN ? BROKEN : FAILED;
}

/* U+FFFE and U+FFFF are no characters of XML. */
static bool is_no_character(const char *at)
{
	return !strncmp(at, "\xEF\xBF\xBE", 3) || !strncmp(at, "\xEF\xBF\xBF", 3);
}

void jw_markup_text(struct jw_buf *buf, const char *text)
{
	static const char *const entities[] = {
		['&'] = "&amp;",  ['<'] = "&lt;",    ['>'] = "&gt;",
		['"'] = "&quot;", ['\''] = "&apos;",
	};
	jw_autobuf struct jw_buf line = JW_BUF(TEXT_MAX);

	jw_text_line(&line, jw_str_of(text));
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.ptr[i];

		if (c < sizeof(entities) / sizeof(*entities) && entities[c]) {
			jw_buf_text(buf, entities[c]);
		} else if (is_no_character(line.ptr + i)) {
			jw_buf_char(buf, '?');
			i += 2;
		} else {
			jw_buf_char(buf, (char)c);
		}
	}
}

static void attribute(struct jw_buf *buf, const char *name, const char *value)
{
	jw_buf_printf(buf, " %s=\"", name);
	jw_markup_text(buf, value);
	jw_buf_char(buf, '"');
}

static void seconds(struct jw_buf *buf, int64_t ms)
{
	jw_buf_printf(buf, " time=\"%lld.%03lld\"", (long long)(ms / 1000),
		      (long long)(ms % 1000));
}

static void line(struct jw_buf *buf, const char *label, const char *text)
{
	if (!text)
		return;
	jw_buf_text(buf, label);
	jw_markup_text(buf, text);
	jw_buf_char(buf, '\n');
}

static void what_to_do(struct jw_buf *buf, const struct jw_result *result)
{
	if (!result->verdict.cause)
		return;
	line(buf, "fix: ", result->verdict.remedy);
	line(buf, "runbook: ", result->target->runbook);
}

/* All that is to be said about a target. */
static void body(struct jw_buf *buf, const struct jw_result *result)
{
	const struct jw_verdict *verdict = &result->verdict;

	jw_buf_text(buf, jw_state_name(verdict->state));
	if (verdict->cause)
		jw_buf_printf(buf, " %s", jw_cause_name(verdict->cause));
	line(buf, ": ", verdict->message ? verdict->message : "");
	for (size_t i = 0; i < verdict->finding_count; i++) {
		const struct jw_finding *finding = &verdict->findings[i];

		if (finding->message == verdict->message)
			continue;
		jw_buf_printf(buf, "also %s %s", jw_state_name(finding->state),
			      jw_cause_name(finding->cause));
		line(buf, ": ", finding->message);
	}
	what_to_do(buf, result);
}

static void failure(struct jw_buf *buf, const struct jw_result *result, const char *element)
{
	jw_buf_printf(buf, "\t\t\t<%s", element);
	attribute(buf, "type", jw_cause_name(result->verdict.cause));
	attribute(buf, "message", result->verdict.message);
	jw_buf_char(buf, '>');
	body(buf, result);
	jw_buf_printf(buf, "</%s>\n", element);
}

static void system_out(struct jw_buf *buf, const struct jw_result *result)
{
	jw_buf_text(buf, "\t\t\t<system-out>");
	body(buf, result);
	jw_buf_text(buf, "</system-out>\n");
}

static void testcase(struct jw_buf *buf, const struct jw_result *result,
		     const struct jw_style *style)
{
	static const char *const elements[OUTCOMES] = {
		[FAILED] = "failure", [BROKEN] = "error"};
	const char *element = elements[outcome_of(result, style)];
	const struct jw_check *check = result->target->check;
	size_t at;
	const char *file = jw_result_file(result, &at);

	jw_buf_text(buf, "\t\t<testcase");
	attribute(buf, "name", result->target->name);
	attribute(buf, "classname", check ? check->name : PACKAGE_NAME);
	if (file)
		attribute(buf, "file", file);
	if (file && at)
		jw_buf_printf(buf, " line=\"%zu\"", at);
	seconds(buf, result->duration_ms);
	jw_buf_text(buf, ">\n");
	if (element)
		failure(buf, result, element);
	else
		system_out(buf, result);
	jw_buf_text(buf, "\t\t</testcase>\n");
}

static void counts(struct jw_buf *buf, const struct jw_report *report,
		   const struct jw_style *style)
{
	size_t by_outcome[OUTCOMES] = {[BROKEN] = report->sink_count};

	for (size_t i = 0; i < report->count; i++)
		by_outcome[outcome_of(&report->results[i], style)]++;
	jw_buf_printf(buf, " name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
		      PACKAGE_NAME, report->count + report->sink_count, by_outcome[FAILED],
		      by_outcome[BROKEN]);
	seconds(buf, report->span_ms);
}

static void property(struct jw_buf *buf, const char *name, const char *value)
{
	jw_buf_text(buf, "\t\t\t<property");
	attribute(buf, "name", name);
	attribute(buf, "value", value);
	jw_buf_text(buf, "/>\n");
}

static void properties(struct jw_buf *buf, const struct jw_report *report)
{
	char when[JW_WHEN_TEXT];

	jw_buf_text(buf, "\t\t<properties>\n");
	property(buf, "version", PACKAGE_VERSION);
	property(buf, "time", jw_when_text(report->now, when));
	property(buf, "state", jw_state_name(report->state));
	property(buf, "simulated", report->simulated ? "true" : "false");
	jw_buf_text(buf, "\t\t</properties>\n");
}

void jw_format_junit(const struct jw_report *report, const struct jw_style *style,
		     struct jw_buf *buf)
{
	char when[JW_WHEN_TEXT];

	jw_buf_text(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	counts(buf, report, style);
	jw_buf_text(buf, ">\n\t<testsuite");
	counts(buf, report, style);
	/* The schemas want UTC without saying so: no zone behind it. */
	jw_when_text(report->now, when);
	jw_buf_printf(buf, " skipped=\"0\" timestamp=\"%.19s\">\n", when);
	properties(buf, report);
	for (size_t i = 0; i < report->count; i++)
		testcase(buf, &report->results[i], style);
	for (size_t i = 0; i < report->sink_count; i++)
		testcase(buf, &report->sinks[i], style);
	jw_buf_text(buf, "\t</testsuite>\n</testsuites>\n");
}
