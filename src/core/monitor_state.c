/* SPDX-License-Identifier: MIT */
/* The monitor's memory as JSON, and back: what a restart may not forget. */
#include <string.h>

#include <jansson.h>

#include "base/when.h"
#include "core/monitor_parts.h"

#define STATE_VERSION 1
#define DIGEST_LEN 64
/* Beyond what a double counts, as pages show it, nobody has counted. */
#define ROTATIONS_MAX (INT64_C(1) << 53)

static void set_time(json_t *object, const char *name, int64_t seconds)
{
	if (seconds)
		json_object_set_new(object, name, json_integer(seconds));
}

static json_t *transitions_of(const struct jw_record *record)
{
	json_t *list = json_array();

	for (size_t i = 0; i < record->transition_count; i++) {
		const struct jw_transition *t = &record->transitions[i];

		json_array_append_new(list, json_pack("{s:I,s:s,s:s}", "at", (json_int_t)t->at,
						      "state", jw_state_name(t->state), "cause",
						      jw_cause_name(t->cause)));
	}
	return list;
}

static void set_digest(json_t *object, const struct jw_record *record)
{
	char text[DIGEST_LEN];

	if (!record->has_digest)
		return;
	jw_str_hex(record->digest, sizeof(record->digest), text);
	json_object_set_new(object, "sha256", json_stringn(text, sizeof(text)));
}

static json_t *record_as_json(const struct jw_record *record)
{
	json_t *object = json_object();

	json_object_set_new(object, "check", json_string(record->target->check->name));
	set_time(object, "since", record->since);
	set_time(object, "last_ok", record->last_ok);
	set_time(object, "last_success", record->last_success);
	set_digest(object, record);
	set_time(object, "first_seen", record->first_seen);
	set_time(object, "differs_since", record->differs_since);
	json_object_set_new(object, "rotations", json_integer((json_int_t)record->rotations));
	if (record->was_told)
		json_object_set_new(object, "told", json_string(jw_state_name(record->told)));
	json_object_set_new(object, "transitions", transitions_of(record));
	return object;
}

void jw_monitor_save(const struct jw_monitor *monitor, int64_t now, struct jw_buf *buf)
{
	json_t *targets = json_object();
	json_t *all = json_object();
	char *text;

	for (size_t i = 0; i < monitor->count; i++)
		json_object_set_new(targets, monitor->records[i]->target->name,
				    record_as_json(monitor->records[i]));
	json_object_set_new(all, "version", json_integer(STATE_VERSION));
	json_object_set_new(all, "written", json_integer(now));
	json_object_set_new(all, "targets", targets);
	text = json_dumps(all, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	json_decref(all);
	if (!text)
		abort();
	jw_buf_text(buf, text);
	jw_buf_char(buf, '\n');
	free(text);
}

/* How far ahead of now it was. What is no time at all stays: it is nothing that anybody remembers. */
static int64_t pull_back(const json_t *object, const char *name, int64_t now)
{
	json_t *value = json_object_get(object, name);
	int64_t seconds = json_is_integer(value) ? json_integer_value(value) : 0;

	if (seconds <= now || seconds > JW_WHEN_MAX)
		return 0;
	json_integer_set(value, now);
	return seconds - now;
}

/* The most by which any was ahead. */
static int64_t pull_all_back(json_t *targets, int64_t now)
{
	static const char *const times[] = {"since", "last_ok", "last_success", "first_seen",
					    "differs_since"};
	const char *name;
	const json_t *object;
	int64_t most = 0;

	json_object_foreach(targets, name, object)
	{
		const json_t *list = json_object_get(object, "transitions");

		for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
			int64_t ahead = pull_back(object, times[i], now);

			most = ahead > most ? ahead : most;
		}
		for (size_t i = 0; i < json_array_size(list); i++) {
			int64_t ahead = pull_back(json_array_get(list, i), "at", now);

			most = ahead > most ? ahead : most;
		}
	}
	return most;
}

enum jw_cause jw_monitor_load(struct jw_monitor *monitor, struct jw_str text, int64_t now,
			      int64_t *ret_ahead, struct jw_err *err)
{
	/* Our own, of as many targets as there are: the limits for what strangers write aren't for it. */
	json_t *all = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
	json_t *targets;

	if (!all)
		return jw_fail(err, JW_CONFIG, "isn't whole JSON");
	targets = json_object_get(all, "targets");
	if (json_integer_value(json_object_get(all, "version")) != STATE_VERSION ||
	    !json_is_object(targets)) {
		json_decref(all);
		return jw_fail(err, JW_CONFIG, "isn't a state file of version %d",
			       STATE_VERSION);
	}
	jw_monitor_forget(monitor);
	monitor->remembered = json_incref(targets);
	json_decref(all);
	*ret_ahead = pull_all_back(targets, now);
	return JW_OK;
}

void jw_monitor_forget(struct jw_monitor *monitor)
{
	json_decref(monitor->remembered);
	monitor->remembered = NULL;
}

static int64_t time_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	int64_t seconds = json_is_integer(value) ? json_integer_value(value) : 0;

	return seconds > 0 && seconds <= JW_WHEN_MAX ? seconds : 0;
}

static int hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool read_digest(const json_t *object, unsigned char digest[32])
{
	const char *text = json_string_value(json_object_get(object, "sha256"));

	if (!text || strlen(text) != DIGEST_LEN)
		return false;
	for (size_t i = 0; i < DIGEST_LEN / 2; i++) {
		int high = hex(text[2 * i]);
		int low = hex(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool state_by_name(const char *name, enum jw_state *ret_state)
{
	for (enum jw_state state = JW_STATE_OK; name && state <= JW_STATE_UNKNOWN; state++)
		if (!strcmp(name, jw_state_name(state))) {
			*ret_state = state;
			return true;
		}
	return false;
}

static bool cause_by_name(const char *name, enum jw_cause *ret_cause)
{
	if (name && !strcmp(name, jw_cause_name(JW_OK))) {
		*ret_cause = JW_OK;
		return true;
	}
	return name && jw_cause_by_name(jw_str_of(name), ret_cause);
}

static void read_transitions(const json_t *object, struct jw_record *record)
{
	const json_t *list = json_object_get(object, "transitions");
	size_t total = json_array_size(list);
	size_t first = total > JW_TRANSITIONS_MAX ? total - JW_TRANSITIONS_MAX : 0;

	record->transitions = jw_xcalloc(JW_TRANSITIONS_MAX, sizeof(*record->transitions));
	for (size_t i = first; i < total; i++) {
		const json_t *item = json_array_get(list, i);
		struct jw_transition t = {.at = time_of(item, "at")};

		if (t.at &&
		    state_by_name(json_string_value(json_object_get(item, "state")),
				  &t.state) &&
		    cause_by_name(json_string_value(json_object_get(item, "cause")), &t.cause))
			record->transitions[record->transition_count++] = t;
	}
	record->transitions = jw_xrealloc(
		record->transitions, record->transition_count * sizeof(*record->transitions));
}

/* The state goes on from where the last transition led. */
void jw_monitor_recall(struct jw_monitor *monitor, struct jw_record *record)
{
	const json_t *object = json_object_get(monitor->remembered, record->target->name);
	const char *check = json_string_value(json_object_get(object, "check"));
	int64_t rotations = json_integer_value(json_object_get(object, "rotations"));
	enum jw_state told = JW_STATE_OK;

	if (!check || strcmp(check, record->target->check->name) != 0)
		return;
	record->since = time_of(object, "since");
	record->last_ok = time_of(object, "last_ok");
	record->last_success = time_of(object, "last_success");
	record->first_seen = time_of(object, "first_seen");
	record->differs_since = time_of(object, "differs_since");
	if (rotations > 0 && rotations < ROTATIONS_MAX)
		record->rotations = (uint64_t)rotations;
	record->has_digest = record->first_seen && read_digest(object, record->digest);
	record->was_told =
		state_by_name(json_string_value(json_object_get(object, "told")), &told);
	record->told = told;
	read_transitions(object, record);
	if (!record->transition_count)
		return;
	record->state = record->transitions[record->transition_count - 1].state;
	record->cause = record->transitions[record->transition_count - 1].cause;
}
