/* SPDX-License-Identifier: MIT */
/* The table that a person reads: worst first, what is wrong and what to do below each line. */
#include <string.h>

#include "base/when.h"
#include "output/formatting.h"

#define STATE_WIDTH 10
#define LEFT_WIDTH 9
#define NAME_MAX_WIDTH 40

static const char *const colors[] = {"\033[32m", "\033[33m", "\033[31m", "\033[35m"};

static void column(struct jw_buf *buf, const char *text, size_t width)
{
	size_t start = buf->len;

	jw_text_line(buf, jw_str_of(text));
	if (buf->len - start >= width)
		jw_buf_text(buf, "  ");
	else
		jw_buf_pad(buf, start, width);
}

static size_t name_width(const struct jw_report *report)
{
	size_t width = strlen("TARGET");

	for (size_t i = 0; i < report->count + report->sink_count; i++) {
		const struct jw_result *result = i < report->count
							 ? &report->results[i]
							 : &report->sinks[i - report->count];
		size_t len = strlen(result->target->name);

		if (len > width)
			width = len < NAME_MAX_WIDTH ? len : NAME_MAX_WIDTH;
	}
	return width + 2;
}

static void state(struct jw_buf *buf, enum jw_state state, const struct jw_style *style)
{
	if (style->color)
		jw_buf_text(buf, colors[state]);
	column(buf, jw_state_name(state), STATE_WIDTH);
	if (style->color)
		jw_buf_text(buf, "\033[0m");
}

static const char *left_text(const struct jw_token *token, int64_t now,
			     char text[JW_WHEN_TEXT + 1])
{
	int64_t left;

	if (!jw_token_left(token, now, &left))
		return "-";
	text[0] = '-';
	jw_span_text(left, text + 1);
	return left < 0 ? text : text + 1;
}

static void proof(struct jw_buf *buf, unsigned proved)
{
	const char *before = "ok (";

	for (const struct jw_proof_row *row = jw_proof_rows; row->name; row++) {
		if (!(proved & row->proof))
			continue;
		jw_buf_printf(buf, "%s%s", before, row->name);
		before = ", ";
	}
	if (proved == JW_PROVED_EXPIRY)
		jw_buf_text(buf, " only");
	jw_buf_text(buf, proved ? ")" : "ok");
}

static void below(struct jw_buf *buf, const char *label, const char *text)
{
	size_t start = buf->len;

	jw_buf_pad(buf, start, STATE_WIDTH);
	jw_buf_text(buf, label);
	jw_text_line(buf, jw_str_of(text));
	jw_buf_char(buf, '\n');
}

static void findings(struct jw_buf *buf, const struct jw_verdict *verdict)
{
	for (size_t i = 0; i < verdict->finding_count; i++) {
		const struct jw_finding *finding = &verdict->findings[i];
		size_t start = buf->len;

		if (finding->message == verdict->message)
			continue;
		jw_buf_pad(buf, start, STATE_WIDTH);
		jw_buf_printf(buf, "also %s %s: ", jw_state_name(finding->state),
			      jw_cause_name(finding->cause));
		jw_text_line(buf, jw_str_of(finding->message));
		jw_buf_char(buf, '\n');
	}
}

static void more_findings(struct jw_buf *buf, const struct jw_verdict *verdict)
{
	jw_autobuf struct jw_buf text = JW_BUF(128);

	jw_buf_printf(&text, "and %zu more finding%s, shown with -v",
		      verdict->finding_count - 1, verdict->finding_count == 2 ? "" : "s");
	below(buf, "", text.ptr);
}

/* With -v, each of several tokens: where it is, how long it is good, or that it isn't judged. */
void jw_text_tokens(struct jw_buf *buf, const struct jw_result *result)
{
	const struct jw_facts *facts = &result->facts;

	for (size_t i = 0; i < facts->token_count && facts->token_count > 1; i++) {
		const struct jw_token *token = &facts->tokens[i];
		const struct jw_finding *finding = jw_verdict_of_token(&result->verdict, i);
		jw_autobuf struct jw_buf text = JW_BUF((size_t)1 << 16);
		char left[JW_WHEN_TEXT + 1];

		jw_buf_printf(&text, "%s:%zu ", token->path, token->line);
		if (token->is_note)
			jw_buf_text(&text, "not judged");
		else
			jw_buf_text(&text, finding ? jw_cause_name(finding->cause) : "ok");
		jw_buf_printf(&text, ", left: %s", left_text(token, result->now, left));
		if (token->has_claims && token->jwt.iss)
			jw_buf_printf(&text, ", iss %s", token->jwt.iss);
		below(buf, "token ", text.ptr);
	}
}

static void millis(struct jw_buf *buf, int64_t us)
{
	jw_buf_printf(buf, "%lld.%lldms", (long long)(us / 1000), (long long)(us % 1000 / 100));
}

/* With -v: what the target's server answered, and where the time went. */
static void http(struct jw_buf *buf, const struct jw_result *result)
{
	const struct jw_exchange *exchange = jw_result_exchange(result);
	jw_autobuf struct jw_buf text = JW_BUF((size_t)1 << 16);
	const char *before = " (";

	if (!exchange)
		return;
	if (exchange->status > 0)
		jw_buf_printf(&text, "status %ld", exchange->status);
	else
		jw_buf_text(&text, "no answer");
	if (exchange->total_us >= 0) {
		jw_buf_text(&text, " in ");
		millis(&text, exchange->total_us);
	}
	for (const struct jw_phase_row *row = jw_phase_rows; row->name; row++) {
		if (jw_phase_us(exchange, row) < 0)
			continue;
		jw_buf_printf(&text, "%s%s ", before, row->name);
		millis(&text, jw_phase_us(exchange, row));
		before = ", ";
	}
	if (*before == ',')
		jw_buf_char(&text, ')');
	if (exchange->proxy)
		jw_buf_printf(&text, " through the proxy %s", exchange->proxy);
	below(buf, "http: ", text.ptr);
}

static const char *livekit_says(const struct jw_result *result,
				const struct jw_livekit *livekit)
{
	if (livekit->accepts == JW_ACCEPTS_YES)
		return "accepts the token";
	if (livekit->cause)
		return livekit->says ? livekit->says : "couldn't be asked";
	if (livekit == result->facts.livekit)
		return "is ready";
	return livekit->was_asked ? "didn't say whether it accepts the token"
				  : "wasn't asked: the token is known to be bad";
}

static void livekit(struct jw_buf *buf, const struct jw_result *result)
{
	const struct jw_livekit *livekit = jw_result_livekit(result);
	jw_autobuf struct jw_buf text = JW_BUF((size_t)1 << 16);
	const char *detail;

	if (!livekit)
		return;
	detail = jw_livekit_detail(livekit);
	jw_buf_printf(&text, "%s ", livekit->url ? livekit->url : "the server");
	if (detail)
		jw_buf_printf(&text, "refuses the token: %s", detail);
	else
		jw_buf_text(&text, livekit_says(result, livekit));
	if (livekit->status > 0 && livekit->time_us > 0) {
		jw_buf_text(&text, " (");
		millis(&text, livekit->time_us);
		jw_buf_char(&text, ')');
	}
	below(buf, "livekit: ", text.ptr);
}

static void key_pairs(struct jw_buf *buf, const struct jw_facts *facts)
{
	for (size_t i = 0; i < facts->proof_count; i++) {
		const struct jw_key_proof *proof = &facts->proofs[i];
		jw_autobuf struct jw_buf text = JW_BUF((size_t)1 << 16);

		jw_buf_printf(&text, "%s ", proof->name);
		if (proof->cause == JW_LIVEKIT_REFUSED)
			jw_buf_printf(&text, "refused: %s",
				      jw_refusal_row(proof->refusal)->name);
		else
			jw_buf_text(&text,
				    proof->cause ? "couldn't be asked about" : "accepted");
		if (proof->status > 0 && proof->time_us > 0) {
			jw_buf_text(&text, " (");
			millis(&text, proof->time_us);
			jw_buf_char(&text, ')');
		}
		below(buf, "key pair: ", text.ptr);
	}
}

static void join(struct jw_buf *buf, const struct jw_join *joined)
{
	jw_autobuf struct jw_buf text = JW_BUF((size_t)1 << 16);

	if (!joined)
		return;
	if (joined->cause == JW_LIVEKIT_REFUSED)
		jw_buf_printf(&text, "refused: %s", jw_refusal_row(joined->refusal)->name);
	else
		jw_buf_text(&text, joined->cause ? "failed" : "a room of jwtwatch's own");
	if (joined->status > 0 && joined->time_us > 0) {
		jw_buf_text(&text, " (");
		millis(&text, joined->time_us);
		jw_buf_char(&text, ')');
	}
	below(buf, "join: ", text.ptr);
}

void jw_text_findings(struct jw_buf *buf, const struct jw_result *result)
{
	findings(buf, &result->verdict);
	http(buf, result);
	livekit(buf, result);
	key_pairs(buf, &result->facts);
	join(buf, result->facts.join);
}

static void row(struct jw_buf *buf, const struct jw_result *result, size_t width,
		const struct jw_style *style)
{
	const struct jw_verdict *verdict = &result->verdict;
	char left[JW_WHEN_TEXT + 1];

	state(buf, verdict->state, style);
	column(buf, result->target->name, width);
	column(buf, left_text(jw_result_token(result), result->now, left), LEFT_WIDTH);
	if (verdict->cause)
		jw_buf_text(buf, jw_cause_name(verdict->cause));
	else
		proof(buf, verdict->proved);
	jw_buf_char(buf, '\n');
	if (verdict->cause || style->verbosity)
		below(buf, "", verdict->message);
	if (verdict->finding_count > 1 && !style->verbosity)
		more_findings(buf, verdict);
	if (verdict->cause && verdict->remedy)
		below(buf, "fix: ", verdict->remedy);
	if (verdict->cause && result->target->runbook)
		below(buf, "runbook: ", result->target->runbook);
	if (style->verbosity) {
		jw_text_findings(buf, result);
		jw_text_tokens(buf, result);
	}
}

/* How many of the worst-first results are shown. */
static size_t shown(const struct jw_report *report, const struct jw_style *style)
{
	size_t counts[4];

	jw_report_count(report, counts);
	return style->is_quiet ? report->count - counts[JW_STATE_OK] : report->count;
}

void jw_format_text(const struct jw_report *report, const struct jw_style *style,
		    struct jw_buf *buf)
{
	jw_autofree size_t *order = jw_report_order(report);
	size_t width = name_width(report);
	size_t count = shown(report, style);
	char when[JW_WHEN_TEXT];

	if (style->is_quiet && !count && !report->sink_count)
		return;

	if (report->simulated)
		jw_buf_printf(buf, "simulated: judged as of %s\n",
			      jw_when_text(report->now, when));
	column(buf, "STATE", STATE_WIDTH);
	column(buf, "TARGET", width);
	column(buf, "LEFT", LEFT_WIDTH);
	jw_buf_text(buf, "CAUSE\n");
	for (size_t i = 0; i < count; i++)
		row(buf, &report->results[order[i]], width, style);
	for (size_t i = 0; i < report->sink_count; i++)
		row(buf, &report->sinks[i], width, style);
	jw_buf_char(buf, '\n');
	jw_report_summary(buf, report);
}
