/* SPDX-License-Identifier: MIT */
/* The report as JSON, version 1 (DESIGN.md section 6): absent means unknown. */
#include "output/json.h"

#include <string.h>

#include "base/when.h"
#include "core/monitor.h"
#include "livekit/grants.h"
#include "output/formatting.h"

#define STRING_MAX ((size_t)4 << 20)

void jw_json_set_text(json_t *object, const char *key, const char *text)
{
	jw_autobuf struct jw_buf clean = JW_BUF(STRING_MAX);

	if (!text)
		return;
	jw_text_line(&clean, jw_str_of(text));
	json_object_set_new(object, key, json_stringn(clean.ptr ? clean.ptr : "", clean.len));
}

void jw_json_set_number(json_t *object, const char *key, int64_t number)
{
	json_object_set_new(object, key, json_integer(number));
}

static void set_time(json_t *object, const char *key, const struct jw_time_claim *claim)
{
	if (claim->is == JW_CLAIM_VALID)
		jw_json_set_number(object, key, claim->seconds);
}

void jw_json_set_verdict(json_t *object, enum jw_state state, enum jw_cause cause)
{
	jw_json_set_text(object, "state", jw_state_name(state));
	jw_json_set_text(object, "cause", jw_cause_name(cause));
}

static void set_claims(json_t *object, const struct jw_token *token, int64_t now)
{
	const struct jw_jwt *jwt = &token->jwt;
	int64_t left;

	jw_json_set_text(object, "alg", jwt->alg);
	jw_json_set_text(object, "kid", jwt->kid);
	jw_json_set_text(object, "iss", jwt->iss);
	jw_json_set_text(object, "sub", jwt->sub);
	jw_json_set_text(object, "room", jw_grants_room(jwt));
	set_time(object, "iat", &jwt->iat);
	set_time(object, "nbf", &jwt->nbf);
	set_time(object, "exp", &jwt->exp);
	if (jw_token_lifetime(token))
		jw_json_set_number(object, "lifetime", jw_token_lifetime(token));
	if (jw_token_left(token, now, &left))
		jw_json_set_number(object, "remaining", left);
}

static json_t *token_json(const struct jw_result *result, size_t index)
{
	const struct jw_token *token = &result->facts.tokens[index];
	const struct jw_finding *finding = jw_verdict_of_token(&result->verdict, index);
	json_t *object = json_object();

	jw_json_set_text(object, "path", token->path);
	if (token->line)
		jw_json_set_number(object, "line", (int64_t)token->line);
	if (token->is_note)
		json_object_set_new(object, "judged", json_false());
	else
		jw_json_set_verdict(object, finding ? finding->state : JW_STATE_OK,
				    finding ? finding->cause : JW_OK);
	if (token->copies)
		jw_json_set_number(object, "copies", (int64_t)token->copies);
	if (token->fingerprint[0])
		jw_json_set_text(object, "fingerprint", token->fingerprint);
	if (token->has_claims)
		set_claims(object, token, result->now);
	jw_json_set_acceptance(object, token);
	return object;
}

json_t *jw_json_findings(const struct jw_verdict *verdict)
{
	json_t *list = json_array();

	for (size_t i = 0; i < verdict->finding_count; i++) {
		const struct jw_finding *finding = &verdict->findings[i];
		json_t *object = json_object();

		jw_json_set_verdict(object, finding->state, finding->cause);
		jw_json_set_text(object, "message", finding->message);
		jw_json_set_text(object, "at", jw_at_name(finding->at));
		json_array_append_new(list, object);
	}
	return list;
}

static const char *verdict_at(const struct jw_verdict *verdict)
{
	for (size_t i = 0; i < verdict->finding_count; i++)
		if (verdict->findings[i].message == verdict->message)
			return jw_at_name(verdict->findings[i].at);
	return NULL;
}

static json_t *proved_json(unsigned proved)
{
	json_t *list = json_array();

	for (const struct jw_proof_row *row = jw_proof_rows; row->name; row++)
		if (proved & row->proof)
			json_array_append_new(list, json_string(row->name));
	return list;
}

static void set_threshold(json_t *object, const char *key, const struct jw_threshold *threshold,
			  int64_t lifetime)
{
	json_t *value;
	int64_t seconds;

	if (threshold->kind == JW_THRESHOLD_NONE)
		return;
	value = json_object();
	jw_json_set_text(value, "given", threshold->given);
	if (threshold->kind == JW_THRESHOLD_LEFT &&
	    jw_threshold_seconds(threshold, lifetime, &seconds))
		jw_json_set_number(value, "seconds", seconds);
	json_object_set_new(object, key, value);
}

static json_t *thresholds_json(const struct jw_result *result)
{
	int64_t lifetime = jw_token_lifetime(jw_result_token(result));
	json_t *object = json_object();

	set_threshold(object, "warning", &result->target->expect.warning, lifetime);
	set_threshold(object, "critical", &result->target->expect.critical, lifetime);
	return object;
}

static json_t *labels_json(const struct jw_pair *labels)
{
	json_t *object = json_object();

	for (; labels && labels->name; labels++)
		jw_json_set_text(object, labels->name, labels->value);
	return object;
}

/* What the daemon remembers, Unix times. */
static void set_record(json_t *object, const struct jw_record *record)
{
	const struct {
		const char *key;
		int64_t when;
	} rows[] = {{"checked", record->checked_at},
		    {"since", record->since},
		    {"last_ok", record->last_ok},
		    {"first_seen", record->first_seen}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].when)
			jw_json_set_number(object, rows[i].key, rows[i].when);
	if (record->has_digest)
		jw_json_set_number(object, "rotations", (int64_t)record->rotations);
}

static json_t *target_json(const struct jw_result *result)
{
	const struct jw_verdict *verdict = &result->verdict;
	json_t *object = json_object();
	json_t *tokens = json_array();

	jw_json_set_text(object, "name", result->target->name);
	jw_json_set_text(object, "check",
			 result->target->check ? result->target->check->name : NULL);
	jw_json_set_verdict(object, verdict->state, verdict->cause);
	jw_json_set_text(object, "message", verdict->message);
	jw_json_set_text(object, "remedy", verdict->cause ? verdict->remedy : NULL);
	jw_json_set_text(object, "runbook", result->target->runbook);
	if (result->target->labels)
		json_object_set_new(object, "labels", labels_json(result->target->labels));
	if (result->record)
		set_record(object, result->record);
	json_object_set_new(object, "duration", json_real((double)result->duration_ms / 1000));
	jw_json_set_text(object, "at", verdict_at(verdict));
	json_object_set_new(object, "proved", proved_json(verdict->proved));
	json_object_set_new(object, "findings", jw_json_findings(verdict));
	for (size_t i = 0; i < result->facts.token_count; i++)
		json_array_append_new(tokens, token_json(result, i));
	json_object_set_new(object, "tokens", tokens);
	jw_json_set_http(object, result);
	jw_json_set_livekit(object, result);
	if (verdict->deciding < result->facts.token_count)
		jw_json_set_number(object, "deciding", (int64_t)verdict->deciding);
	if (verdict->will_change)
		jw_json_set_number(object, "next_change", verdict->next_change);
	json_object_set_new(object, "thresholds", thresholds_json(result));
	return object;
}

/* Where a value goes that stands inside of others: each of its lines is indented by so much more. */
struct inside {
	struct jw_buf *buf;
	const char *indent;
};

/* Strings have no newline in them: it is escaped. */
static int append(const char *bytes, size_t len, void *context)
{
	const struct inside *inside = context;
	const char *newline;

	while ((newline = memchr(bytes, '\n', len))) {
		size_t line = (size_t)(newline - bytes) + 1;

		jw_buf_add(inside->buf, bytes, line);
		jw_buf_text(inside->buf, inside->indent);
		bytes += line;
		len -= line;
	}
	return jw_buf_add(inside->buf, bytes, len) ? 0 : -1;
}

static void dump(json_t *value, const char *indent, struct jw_buf *buf)
{
	struct inside inside = {buf, indent};

	json_dump_callback(value, append, &inside, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	json_decref(value);
}

/* Where results were to go and couldn't. */
static json_t *sinks_json(const struct jw_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->sink_count; i++) {
		const struct jw_result *sink = &report->sinks[i];
		json_t *object = json_object();

		jw_json_set_text(object, "name", sink->sink ? sink->sink : sink->target->name);
		jw_json_set_verdict(object, sink->verdict.state, sink->verdict.cause);
		jw_json_set_text(object, "message", sink->verdict.message);
		jw_json_set_text(object, "remedy", sink->verdict.remedy);
		jw_json_set_text(object, "at", verdict_at(&sink->verdict));
		json_object_set_new(object, "findings", jw_json_findings(&sink->verdict));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *head_json(const struct jw_report *report, const struct jw_style *style)
{
	json_t *head = json_object();
	char when[JW_WHEN_TEXT];

	jw_json_set_number(head, "version", 1);
	jw_json_set_text(head, "time", jw_when_text(report->now, when));
	jw_json_set_text(head, "state", jw_state_name(report->state));
	jw_json_set_number(head, "exit_code", jw_report_exit_code(report, style->fail_on));
	json_object_set_new(head, "simulated", json_boolean(report->simulated));
	return head;
}

/* One target after the other: all of them as one value would take many times the memory of their text. */
void jw_format_json(const struct jw_report *report, const struct jw_style *style,
		    struct jw_buf *buf)
{
	static const char end[] = "\n}";

	dump(head_json(report, style), "", buf);
	if (!buf->overflowed)
		buf->len -= strlen(end);
	jw_buf_text(buf, ",\n  \"targets\": [");
	for (size_t i = 0; i < report->count; i++) {
		jw_buf_text(buf, i ? ",\n    " : "\n    ");
		dump(target_json(&report->results[i]), "    ", buf);
	}
	jw_buf_text(buf, report->count ? "\n  ]" : "]");
	if (report->sink_count) {
		jw_buf_text(buf, ",\n  \"sinks\": ");
		dump(sinks_json(report), "  ", buf);
	}
	jw_buf_text(buf, end);
	jw_buf_char(buf, '\n');
}
