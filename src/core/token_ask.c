/* SPDX-License-Identifier: MIT */
/* What a client of the token API asks for: a query, or LiveKit's JSON. */
#include "core/token_parts.h"

#include <string.h>

#include <jansson.h>

#include "base/utf.h"
#include "token/json.h"

#define AGENTS_MAX 8
#define ATTRIBUTES_MAX 64

/* As forms are encoded: '+' is a blank. NULL: a broken escape, or a NUL. */
static const char *decoded(struct jw_str value, struct jw_arena *arena)
{
	char *text = jw_arena_alloc(arena, value.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++) {
		int high;
		int low;

		if (value.ptr[i] != '%') {
			text[len++] = value.ptr[i] == '+' ? ' ' : value.ptr[i];
			continue;
		}
		high = i + 2 < value.len ? jw_str_hex_digit(value.ptr[i + 1]) : -1;
		low = high >= 0 ? jw_str_hex_digit(value.ptr[i + 2]) : -1;
		if (low < 0 || !(high || low))
			return NULL;
		text[len++] = (char)(high << 4 | low);
		i += 2;
	}
	return text;
}

static bool take_parameter(struct jw_str part, struct jw_arena *arena, struct jw_token_ask *ask,
			   struct jw_token_refusal *refusal)
{
	const struct {
		const char *name;
		const char **place;
	} rows[] = {{"room", &ask->room}, {"identity", &ask->identity}, {"ttl", &ask->ttl}};
	struct jw_str key = part;
	struct jw_str rest = {0};
	const char *name;
	const char *value;

	jw_str_cut(part, '=', &key, &rest);
	name = decoded(key, arena);
	value = decoded(rest, arena);
	if (!name || !value)
		return jw_token_refuse(refusal, JW_TOKEN_BY_FORM, 400,
				       "the query has a broken escape in it, or a NUL");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(name, rows[i].name) != 0)
			continue;
		if (*rows[i].place)
			return jw_token_refuse(refusal, JW_TOKEN_BY_FORM, 400,
					       "%s stands in the query twice", name);
		*rows[i].place = value;
	}
	return true;
}

bool jw_token_read_query(struct jw_str query, struct jw_arena *arena,
			 struct jw_token_ask *ret_ask, struct jw_token_refusal *refusal)
{
	while (query.len) {
		struct jw_str part = query;
		struct jw_str rest = {0};

		jw_str_cut(query, '&', &part, &rest);
		query = rest;
		if (!take_parameter(part, arena, ret_ask, refusal))
			return false;
	}
	return true;
}

struct reading {
	struct jw_arena *arena;
	struct jw_token_refusal *refusal;
};

/* A member by either name, where null is none. False: both are there. */
static bool member(const struct reading *reading, const json_t *object, const char *snake,
		   const char *camel, const json_t **ret_value)
{
	const json_t *one = json_object_get(object, snake);
	const json_t *other = strcmp(snake, camel) != 0 ? json_object_get(object, camel) : NULL;

	if (one && other)
		return jw_token_refuse(reading->refusal, JW_TOKEN_BY_FORM, 400,
				       "the body says %s and %s", snake, camel);
	*ret_value = one ? one : other;
	if (json_is_null(*ret_value))
		*ret_value = NULL;
	return true;
}

static bool bad_type(const struct reading *reading, const char *name, const char *is)
{
	return jw_token_refuse(reading->refusal, JW_TOKEN_BY_FORM, 400,
			       "%s of the body is to be %s", name, is);
}

/* An empty text is none, as in all of protobuf. */
static bool text(const struct reading *reading, const json_t *object, const char *snake,
		 const char *camel, const char **ret_text)
{
	const json_t *value = NULL;

	if (!member(reading, object, snake, camel, &value))
		return false;
	if (value && !json_is_string(value))
		return bad_type(reading, snake, "a text");
	if (value && json_string_length(value))
		*ret_text = jw_arena_text(
			reading->arena,
			(struct jw_str){json_string_value(value), json_string_length(value)});
	return true;
}

static bool attributes(const struct reading *reading, const json_t *body,
		       struct jw_token_ask *ask)
{
	const json_t *value = NULL;
	struct jw_pair *pairs;
	size_t count = 0;
	const char *key;
	json_t *item;

	if (!member(reading, body, "participant_attributes", "participantAttributes", &value))
		return false;
	if (value && (!json_is_object(value) || json_object_size(value) > ATTRIBUTES_MAX))
		return bad_type(reading, "participant_attributes",
				"an object of 64 texts at most");
	if (!value || !json_object_size(value))
		return true;
	pairs = jw_arena_array(reading->arena, json_object_size(value) + 1, sizeof(*pairs));
	json_object_foreach((json_t *)(uintptr_t)value, key, item)
	{
		if (!json_is_string(item))
			return bad_type(reading, "participant_attributes",
					"an object of texts");
		pairs[count].name = jw_arena_text(reading->arena, jw_str_of(key));
		pairs[count++].value =
			jw_arena_text(reading->arena, jw_str_of(json_string_value(item)));
	}
	ask->attributes = pairs;
	return true;
}

static bool agent(const struct reading *reading, const json_t *item,
		  struct jw_token_agent *ret_agent)
{
	if (!json_is_object(item))
		return bad_type(reading, "room_config.agents", "a list of objects");
	ret_agent->name = "";
	return text(reading, item, "agent_name", "agentName", &ret_agent->name) &&
	       text(reading, item, "metadata", "metadata", &ret_agent->metadata);
}

static bool agents(const struct reading *reading, const json_t *body, struct jw_token_ask *ask)
{
	const json_t *config = NULL;
	const json_t *list = NULL;
	struct jw_token_agent *all;
	size_t count;

	if (!member(reading, body, "room_config", "roomConfig", &config))
		return false;
	if (config && !json_is_object(config))
		return bad_type(reading, "room_config", "an object");
	if (config && !member(reading, config, "agents", "agents", &list))
		return false;
	count = json_array_size(list);
	if (list && (!json_is_array(list) || count > AGENTS_MAX))
		return bad_type(reading, "room_config.agents", "a list of 8 agents at most");
	all = jw_arena_array(reading->arena, count + 1, sizeof(*all));
	for (size_t i = 0; i < count; i++)
		if (!agent(reading, json_array_get(list, i), &all[i]))
			return false;
	ask->agents = all;
	ask->agent_count = count;
	return true;
}

static bool read_object(const struct reading *reading, const json_t *body,
			struct jw_token_ask *ask)
{
	if (!json_is_object(body))
		return jw_token_refuse(reading->refusal, JW_TOKEN_BY_FORM, 400,
				       "the body isn't a JSON object");
	return text(reading, body, "room_name", "roomName", &ask->room) &&
	       text(reading, body, "participant_identity", "participantIdentity",
		    &ask->identity) &&
	       text(reading, body, "participant_name", "participantName", &ask->name) &&
	       text(reading, body, "participant_metadata", "participantMetadata",
		    &ask->metadata) &&
	       attributes(reading, body, ask) && agents(reading, body, ask);
}

bool jw_token_read_body(struct jw_str body, struct jw_arena *arena,
			struct jw_token_ask *ret_ask, struct jw_token_refusal *refusal)
{
	const struct reading reading = {arena, refusal};
	struct jw_err err;
	json_t *json;
	bool is_read;

	if (jw_json_parse(body, &json, &err))
		return jw_token_refuse(refusal, JW_TOKEN_BY_FORM, 400, "the body: %s",
				       err.text);
	is_read = read_object(&reading, json, ret_ask);
	json_decref(json);
	return is_read;
}
