/* SPDX-License-Identifier: MIT */
/* A report as a page for a browser. */
#include "output/html.h"

#include "base/when.h"
#include "core/monitor.h"
#include "output/formatting.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<title>jwtwatch</title>\n<style>\n"
	"body { font-family: sans-serif; margin: 1.5em; color: #222; background: #fff }\n"
	"table { border-collapse: collapse; width: 100% }\n"
	"th, td { text-align: left; padding: 0.4em 0.7em; border-bottom: 1px solid #ddd; "
	"vertical-align: top }\n"
	".OK { background: #e2f4e2 } .WARNING { background: #fff3c4 }\n"
	".CRITICAL { background: #fbd7d4 } .UNKNOWN { background: #e6e0f2 }\n"
	"</style>\n</head>\n<body>\n<h1>jwtwatch</h1>\n";

static const char links[] =
	"<p><a href=\"/metrics\">/metrics</a> · <a href=\"/sd\">/sd</a> · "
	"<a href=\"/api/v1/targets\">/api/v1/targets</a> · "
	"<a href=\"/-/healthy\">/-/healthy</a> · <a href=\"/-/ready\">/-/ready</a></p>\n";

static void cell_time(struct jw_buf *buf, int64_t seconds)
{
	char text[JW_WHEN_TEXT];

	jw_buf_printf(buf, "<td>%s</td>", seconds ? jw_when_text(seconds, text) : "");
}

static void cell_message(struct jw_buf *buf, const struct jw_result *result)
{
	jw_buf_text(buf, "<td>");
	jw_markup_text(buf, result->verdict.message);
	if (result->verdict.remedy) {
		jw_buf_text(buf, "<br>fix: ");
		jw_markup_text(buf, result->verdict.remedy);
	}
	jw_buf_text(buf, "</td>");
}

static void row(struct jw_buf *buf, const struct jw_result *result)
{
	const struct jw_verdict *verdict = &result->verdict;
	const struct jw_record *record = result->record;
	const struct jw_token *token = jw_result_token(result);

	jw_buf_printf(buf, "<tr class=\"%s\"><td>", jw_state_name(verdict->state));
	jw_markup_text(buf, result->target->name);
	jw_buf_printf(buf, "</td><td>%s</td><td>%s</td>", jw_state_name(verdict->state),
		      verdict->cause ? jw_cause_name(verdict->cause) : "");
	cell_message(buf, result);
	cell_time(buf,
		  token && token->jwt.exp.is == JW_CLAIM_VALID ? token->jwt.exp.seconds : 0);
	cell_time(buf, record ? record->since : 0);
	cell_time(buf, record ? record->checked_at : 0);
	jw_buf_text(buf, "</tr>\n");
}

void jw_html_write(const struct jw_report *report, struct jw_buf *buf)
{
	size_t *order = jw_report_order(report);

	jw_buf_text(buf, head);
	jw_buf_text(buf, "<p>");
	jw_report_summary(buf, report);
	jw_buf_text(buf, "</p>\n");
	jw_buf_text(buf, links);
	jw_buf_text(buf,
		    "<table>\n<tr><th>target</th><th>state</th><th>cause</th><th>message</th>"
		    "<th>token ends</th><th>since</th><th>checked</th></tr>\n");
	for (size_t i = 0; i < report->count; i++)
		row(buf, &report->results[order[i]]);
	jw_buf_text(buf, "</table>\n</body>\n</html>\n");
	free(order);
}
