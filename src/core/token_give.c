/* SPDX-License-Identifier: MIT */
/* The token that the policy has allowed. */
#include "core/token_give.h"

#include <jansson.h>

#include "core/mint.h"

/* jw_mint knows agents by their names alone: what else belongs to them stands in claims that it adds to. */
static json_t *room_config(const struct jw_token_wish *wish)
{
	json_t *agents = json_array();

	for (size_t i = 0; i < wish->agent_count; i++) {
		const struct jw_token_agent *agent = &wish->agents[i];

		json_array_append_new(agents, json_pack("{s:s, s:s*}", "agentName", agent->name,
							"metadata", agent->metadata));
	}
	return json_pack("{s:{s:o}}", "roomConfig", "agents", agents);
}

static const struct jw_mint_attribute *attributes_of(const struct jw_token_wish *wish,
						     struct jw_arena *arena)
{
	struct jw_mint_attribute *attributes;
	size_t count = 0;

	while (wish->attributes && wish->attributes[count].name)
		count++;
	if (!count)
		return NULL;
	attributes = jw_arena_array(arena, count + 1, sizeof(*attributes));
	for (size_t i = 0; i < count; i++)
		attributes[i] = (struct jw_mint_attribute){wish->attributes[i].name,
							   wish->attributes[i].value};
	return attributes;
}

static enum jw_cause make(const struct jw_world *world, const struct jw_config *config,
			  const struct jw_token_wish *wish, int64_t now, struct jw_arena *arena,
			  struct jw_buf *token, struct jw_err *err)
{
	const struct jw_token_api *api = config->daemon.token_api;
	json_t *base = wish->agent_count ? room_config(wish) : NULL;
	const struct jw_key_entry *entry;
	enum jw_cause cause;
	struct jw_key key = {0};
	struct jw_mint mint = {
		.identity = wish->identity,
		.room = wish->room,
		.nbf = now,
		.exp = now + wish->ttl,
		.grants = api->grants,
		.denied = api->deny,
		.name = wish->name,
		.metadata = wish->metadata,
		.attributes = attributes_of(wish, arena),
		.base = base,
	};

	cause = jw_mint_entry(config, api->key, &entry, err);
	if (!cause)
		cause = jw_mint_key(entry, world->files, NULL, arena, &key, err);
	if (!cause) {
		mint.issuer = key.issuer;
		cause = jw_mint_token(world, &key, &mint, token, err);
	}
	json_decref(base);
	return cause;
}

enum jw_cause jw_token_give(const struct jw_world *world, const struct jw_config *config,
			    const struct jw_token_wish *wish, int64_t now, struct jw_buf *token,
			    struct jw_err *err)
{
	struct jw_arena arena = {0};
	enum jw_cause cause = make(world, config, wish, now, &arena, token, err);

	if (cause)
		jw_err_in(err, "key %s", config->daemon.token_api->key);
	jw_arena_done(&arena);
	return cause;
}
