/* SPDX-License-Identifier: MIT */
/* What webhooks and commands are told of a result: JSON, version 1, where absent means unknown. */
#include <string.h>

#include "base/when.h"
#include "output/json.h"
#include "output/sink_parts.h"

#define NEWS_MAX ((size_t)256 * 1024)

static void set_moment(json_t *object, const char *key, int64_t when)
{
	char text[JW_WHEN_TEXT];

	if (when > 0 && when <= JW_WHEN_MAX)
		json_object_set_new(object, key, json_string(jw_when_text(when, text)));
}

static json_t *labels_of(const struct jw_sink_result *result)
{
	json_t *object = json_object();

	for (const struct jw_pair *label = result->labels; label && label->name; label++)
		jw_json_set_text(object, label->name, label->value);
	return object;
}

const char *jw_sink_cause(const struct jw_sink_result *result)
{
	bool is_known = result->cause || result->state == JW_STATE_OK;

	return is_known ? jw_cause_name(result->cause) : NULL;
}

enum jw_cause jw_sink_news(const struct jw_sink_result *result, struct jw_arena *arena,
			   struct jw_str *ret_json, struct jw_err *err)
{
	json_t *root = json_object();
	jw_autofree char *text = NULL;

	jw_json_set_number(root, "version", 1);
	jw_json_set_text(root, "target", result->target);
	jw_json_set_text(root, "state", jw_state_name(result->state));
	if (!result->is_first)
		jw_json_set_text(root, "state_before", jw_state_name(result->before));
	jw_json_set_text(root, "cause", jw_sink_cause(result));
	jw_json_set_text(root, "message", result->message);
	jw_json_set_text(root, "remedy", result->cause ? result->remedy : NULL);
	jw_json_set_text(root, "runbook", result->runbook);
	json_object_set_new(root, "labels", labels_of(result));
	jw_json_set_text(root, "machine", result->machine);
	set_moment(root, "since", result->since);
	set_moment(root, "expires", result->expires);
	set_moment(root, "time", result->now);
	text = jw_sink_dump(root);
	json_decref(root);
	if (strlen(text) > NEWS_MAX)
		return jw_fail(err, JW_SINK_FAILED, "the result is too large to be sent");
	*ret_json = jw_arena_str(arena, jw_str_of(text));
	return JW_OK;
}
