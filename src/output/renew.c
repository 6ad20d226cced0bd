/* SPDX-License-Identifier: MIT */
/* What came of renewals. */
#include "output/renew.h"

#include <string.h>

#include <jansson.h>

#include "base/when.h"
#include "output/format.h"
#include "output/json.h"

static const char *const states[] = {
	[JW_RENEWED] = "renewed",
	[JW_RENEWED_NOT_NEEDED] = "not_needed",
	[JW_RENEWED_DRY_RUN] = "dry_run",
	[JW_RENEWED_FAILED] = "failed",
};

static void token_line(struct jw_buf *buf, const char *label,
		       const struct jw_renewed_token *token)
{
	char when[JW_WHEN_TEXT];

	if (!token->fingerprint[0])
		return;
	jw_buf_printf(buf, "  %s %s", label, token->fingerprint);
	if (token->exp)
		jw_buf_printf(buf, " ends %s", jw_when_text(token->exp, when));
	jw_buf_char(buf, '\n');
}

static void one(struct jw_buf *buf, const struct jw_renewal *renewal)
{
	jw_text_line(buf, jw_str_of(renewal->name));
	jw_buf_printf(buf, ": %s", states[renewal->state]);
	if (renewal->state == JW_RENEWED_FAILED)
		jw_buf_printf(buf, ": %s", jw_cause_name(renewal->cause));
	jw_buf_text(buf, ": ");
	jw_text_line(buf, jw_str_of(renewal->message));
	jw_buf_char(buf, '\n');
	token_line(buf, "old  ", &renewal->old);
	token_line(buf, "fresh", &renewal->fresh);
	if (renewal->state != JW_RENEWED && renewal->state != JW_RENEWED_DRY_RUN)
		return;
	for (size_t i = 0; i < renewal->file_count; i++) {
		jw_buf_text(buf, "  file  ");
		jw_text_line(buf, jw_str_of(renewal->files[i]));
		jw_buf_char(buf, '\n');
	}
}

void jw_renewals_text(const struct jw_renewal *renewals, size_t count, enum jw_telling telling,
		      struct jw_buf *buf)
{
	for (size_t i = 0; i < count; i++)
		if (telling == JW_TELL_ALL || renewals[i].state == JW_RENEWED_FAILED)
			one(buf, &renewals[i]);
}

static json_t *token_json(const struct jw_renewed_token *token)
{
	json_t *object = json_object();

	if (token->fingerprint[0])
		jw_json_set_text(object, "fingerprint", token->fingerprint);
	if (token->exp)
		json_object_set_new(object, "exp", json_integer(token->exp));
	return object;
}

static json_t *renewal_json(const struct jw_renewal *renewal)
{
	json_t *object = json_object();
	json_t *files = json_array();

	jw_json_set_text(object, "name", renewal->name);
	jw_json_set_text(object, "state", states[renewal->state]);
	jw_json_set_text(object, "cause", jw_cause_name(renewal->cause));
	jw_json_set_text(object, "message", renewal->message);
	json_object_set_new(object, "may_pass", json_boolean(renewal->may_pass));
	json_object_set_new(object, "old", token_json(&renewal->old));
	json_object_set_new(object, "fresh", token_json(&renewal->fresh));
	for (size_t i = 0; i < renewal->file_count; i++) {
		json_t *file = json_object();

		/* Made fit to be shown on the way. */
		jw_json_set_text(file, "path", renewal->files[i]);
		json_array_append(files, json_object_get(file, "path"));
		json_decref(file);
	}
	json_object_set_new(object, "files", files);
	return object;
}

void jw_renewals_json(const struct jw_renewal *renewals, size_t count, int64_t now,
		      int exit_code, struct jw_buf *buf)
{
	json_t *root = json_object();
	json_t *targets = json_array();
	jw_autofree char *text = NULL;

	json_object_set_new(root, "version", json_integer(1));
	json_object_set_new(root, "time", json_integer(now));
	json_object_set_new(root, "exit_code", json_integer(exit_code));
	for (size_t i = 0; i < count; i++)
		json_array_append_new(targets, renewal_json(&renewals[i]));
	json_object_set_new(root, "targets", targets);
	text = json_dumps(root, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(root);
	jw_buf_text(buf, text ? text : "{}");
	jw_buf_char(buf, '\n');
}

static bool state_of(const char *name, enum jw_renewed *ret_state)
{
	for (size_t i = 0; name && i < sizeof(states) / sizeof(*states); i++) {
		if (strcmp(name, states[i]) != 0)
			continue;
		*ret_state = (enum jw_renewed)i;
		return true;
	}
	return false;
}

bool jw_renewals_read(struct jw_str text, struct jw_renewal *ret_renewal)
{
	json_t *root = json_loadb(text.ptr ? text.ptr : "", text.len, 0, NULL);
	const json_t *target = json_array_get(json_object_get(root, "targets"), 0);
	const char *message = json_string_value(json_object_get(target, "message"));
	const char *cause = json_string_value(json_object_get(target, "cause"));
	struct jw_renewal renewal = {0};
	bool is_read =
		message && cause &&
		state_of(json_string_value(json_object_get(target, "state")), &renewal.state);

	if (is_read) {
		jw_cause_by_name(jw_str_of(cause), &renewal.cause);
		renewal.may_pass = json_is_true(json_object_get(target, "may_pass"));
		renewal.message = jw_arena_text(&renewal.arena, jw_str_of(message));
		*ret_renewal = renewal;
	}
	json_decref(root);
	return is_read;
}
