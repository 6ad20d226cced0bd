/* SPDX-License-Identifier: MIT */
/* One token taken apart: for a person or a script. */
#include "output/inspect.h"

#include <string.h>

#include "base/mem.h"
#include "base/when.h"
#include "livekit/grants.h"
#include "output/format.h"
#include "output/json.h"
#include "token/find.h"

#define LABEL 13

/* Anything but these two was no question to the key: none was given, none fits, or not this algorithm. */
static const char *signature_name(enum jw_signature signature)
{
	if (signature == JW_SIG_VALID)
		return "valid";
	return signature == JW_SIG_INVALID ? "invalid" : "not_checked";
}

struct note {
	unsigned bit;
	const char *text;
};

static const struct note notes[] = {
	{JW_NOTE_SPACE,
	 "white space stands around the token: jwtwatch looks past it, LiveKit says "
	 "'invalid authorization token'"},
	{JW_NOTE_BEARER, "'Bearer ' stands in front: right in an Authorization header, but as "
			 "the token itself LiveKit "
			 "says 'invalid authorization token'"},
	{JW_NOTE_PADDING, "a part is padded with '=': base64url in a JWT has no padding (RFC "
			  "7515 section 2), LiveKit "
			  "says 'invalid authorization token'"},
};

/* Claims such as roomConfig.egress may carry a storage's keys: nobody needs to see those. */
static bool is_secret_name(const char *name)
{
	static const char *const words[] = {
		"secret",     "password",   "passwd",	 "access_key",	  "accesskey",
		"credential", "stream_key", "streamkey", "session_token", "sessiontoken"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

static json_t *shown(const json_t *json);

/* Control characters stay: JSON writes them as escapes. */
static json_t *shown_text(const char *text)
{
	jw_autofree char *copy = jw_xstrdup(text);

	jw_find_scrub(copy);
	return json_string(copy);
}

static json_t *shown_object(const json_t *json)
{
	json_t *copy = json_object();
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)json, key, value)
	{
		jw_autofree char *name = jw_xstrdup(key);
		bool hide = is_secret_name(key) && !json_is_object(value);

		jw_find_scrub(name);
		json_object_set_new(copy, name, hide ? json_string("(hidden)") : shown(value));
	}
	return copy;
}

/* A copy fit to be shown: names and texts without tokens, secrets hidden. Its depth is
 * bounded by jw_json_parse. */
static json_t *shown(const json_t *json)
{
	json_t *list;
	json_t *value;
	size_t index;

	if (json_is_object(json))
		return shown_object(json);
	if (json_is_string(json))
		return shown_text(json_string_value(json));
	if (!json_is_array(json))
		return json_deep_copy(json);
	list = json_array();
	json_array_foreach(json, index, value) json_array_append_new(list, shown(value));
	return list;
}

static void line(struct jw_buf *buf, const char *label, const char *text)
{
	size_t start = buf->len;

	jw_buf_text(buf, label);
	jw_buf_pad(buf, start, LABEL);
	jw_text_line(buf, jw_str_of(text));
	jw_buf_char(buf, '\n');
}

static void json_lines(struct jw_buf *buf, const char *label, const json_t *json)
{
	json_t *copy = shown(json);
	jw_autofree char *text = json_dumps(copy, JSON_INDENT(2));
	struct jw_str rest = jw_str_of(text);
	struct jw_str one;

	json_decref(copy);
	while (jw_str_cut(rest, '\n', &one, &rest)) {
		size_t start = buf->len;

		jw_buf_text(buf, label);
		jw_buf_pad(buf, start, LABEL);
		jw_text_line(buf, one);
		jw_buf_char(buf, '\n');
		label = "";
	}
	line(buf, label, rest.len ? rest.ptr : "");
}

static void time_line(struct jw_buf *buf, const char *label, const struct jw_time_claim *claim,
		      int64_t now)
{
	char when[JW_WHEN_TEXT];
	char span[JW_WHEN_TEXT];
	jw_autobuf struct jw_buf text = JW_BUF(256);

	if (claim->is == JW_CLAIM_ABSENT) {
		line(buf, label, "-");
		return;
	}
	if (claim->is == JW_CLAIM_INVALID) {
		jw_buf_printf(&text, "not a usable time: %s", claim->problem);
		line(buf, label, text.ptr);
		return;
	}
	jw_span_text(claim->seconds - now, span);
	jw_when_text(claim->seconds, when);
	if (claim->seconds > now)
		jw_buf_printf(&text, "%s (in %s)", when, span);
	else
		jw_buf_printf(&text, "%s (%s ago)", when, span);
	line(buf, label, text.ptr);
}

static void grant_line(void *context, const char *grant)
{
	jw_autobuf struct jw_buf text = JW_BUF(4096);
	const char *danger = jw_grants_danger(grant);

	jw_buf_text(&text, grant);
	if (danger)
		jw_buf_printf(&text, " - %s", danger);
	line(context, "grant", text.ptr);
}

static void signature_line(struct jw_buf *buf, const struct jw_inspection *inspection)
{
	const struct jw_token *token = &inspection->token;
	jw_autobuf struct jw_buf text = JW_BUF(4096);

	jw_buf_text(&text, strcmp(signature_name(token->signature), "not_checked") != 0
				   ? signature_name(token->signature)
				   : "not checked");
	if (token->signature == JW_SIG_NOT_CHECKED)
		jw_buf_text(&text, " (--key-file FILE checks it)");
	else if (token->signature_says)
		jw_buf_printf(&text, ": %s", token->signature_says);
	line(buf, "signature", text.ptr);
}

static void claims_text(struct jw_buf *buf, const struct jw_inspection *inspection)
{
	const struct jw_jwt *jwt = &inspection->token.jwt;
	char span[JW_WHEN_TEXT];
	int64_t lifetime;

	json_lines(buf, "header", jwt->header);
	json_lines(buf, "claims", jwt->payload);
	time_line(buf, "issued", &jwt->iat, inspection->now);
	time_line(buf, "not before", &jwt->nbf, inspection->now);
	time_line(buf, "expires", &jwt->exp, inspection->now);
	line(buf, "lifetime",
	     jw_jwt_lifetime(jwt, &lifetime) ? jw_span_text(lifetime, span) : "-");
	if (inspection->token.is_livekit) {
		line(buf, "room", jw_grants_room(jwt) ? jw_grants_room(jwt) : "-");
		line(buf, "identity", jw_grants_identity(jwt) ? jw_grants_identity(jwt) : "-");
		jw_grants_each(jwt, grant_line, buf);
	}
	signature_line(buf, inspection);
}

static void also(struct jw_buf *buf, const struct jw_finding *finding)
{
	jw_buf_printf(buf, "also %s %s: ", jw_state_name(finding->state),
		      jw_cause_name(finding->cause));
	jw_text_line(buf, jw_str_of(finding->message));
	jw_buf_char(buf, '\n');
}

void jw_inspect_text(const struct jw_inspection *inspection, struct jw_buf *buf)
{
	const struct jw_verdict *verdict = &inspection->verdict;
	char when[JW_WHEN_TEXT];

	if (inspection->simulated)
		jw_buf_printf(buf, "simulated: judged as of %s\n",
			      jw_when_text(inspection->now, when));
	if (inspection->token.has_claims)
		claims_text(buf, inspection);
	if (inspection->token.fingerprint[0])
		line(buf, "fingerprint", inspection->token.fingerprint);
	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++)
		if (inspection->token.jwt.notes & notes[i].bit)
			line(buf, "note", notes[i].text);
	jw_buf_char(buf, '\n');
	for (size_t i = 0; i < verdict->finding_count; i++)
		if (verdict->findings[i].message != verdict->message)
			also(buf, &verdict->findings[i]);
	jw_buf_printf(buf, "%s%s%s: ", jw_state_name(verdict->state), verdict->cause ? " " : "",
		      verdict->cause ? jw_cause_name(verdict->cause) : "");
	jw_text_line(buf, jw_str_of(verdict->message));
	if (verdict->cause && verdict->remedy) {
		jw_buf_text(buf, "\nfix: ");
		jw_text_line(buf, jw_str_of(verdict->remedy));
	}
	jw_buf_char(buf, '\n');
}

static void set_claims(json_t *root, const struct jw_inspection *inspection)
{
	const struct jw_jwt *jwt = &inspection->token.jwt;
	int64_t lifetime;

	json_object_set_new(root, "header", shown(jwt->header));
	json_object_set_new(root, "claims", shown(jwt->payload));
	if (jwt->exp.is == JW_CLAIM_VALID) {
		json_object_set_new(root, "exp", json_integer(jwt->exp.seconds));
		json_object_set_new(root, "remaining",
				    json_integer(jwt->exp.seconds - inspection->now));
	}
	if (jw_jwt_lifetime(jwt, &lifetime))
		json_object_set_new(root, "lifetime", json_integer(lifetime));
}

void jw_inspect_json(const struct jw_inspection *inspection, struct jw_buf *buf)
{
	json_t *root = json_object();
	json_t *list = json_array();
	jw_autofree char *text = NULL;

	if (inspection->token.has_claims)
		set_claims(root, inspection);
	jw_json_set_verdict(root, inspection->verdict.state, inspection->verdict.cause);
	jw_json_set_text(root, "message", inspection->verdict.message);
	if (inspection->verdict.cause && inspection->verdict.remedy)
		jw_json_set_text(root, "remedy", inspection->verdict.remedy);
	json_object_set_new(root, "findings", jw_json_findings(&inspection->verdict));
	jw_json_set_text(root, "signature", signature_name(inspection->token.signature));
	if (inspection->token.fingerprint[0])
		jw_json_set_text(root, "fingerprint", inspection->token.fingerprint);
	json_object_set_new(root, "simulated", json_boolean(inspection->simulated));
	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++)
		if (inspection->token.jwt.notes & notes[i].bit)
			json_array_append_new(list, json_string(notes[i].text));
	json_object_set_new(root, "notes", list);
	/* Nothing but ASCII: no character of a claim can play with a terminal. */
	text = json_dumps(root, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(root);
	jw_buf_text(buf, text ? text : "{}");
	jw_buf_char(buf, '\n');
}
