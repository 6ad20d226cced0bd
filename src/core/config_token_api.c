/* SPDX-License-Identifier: MIT */
/* `token_api` of the daemon: what it names exists, and nobody from elsewhere gets at it; and its `hosts`. */
#include "core/config_reader.h"

#include <string.h>

#include "base/url.h"
#include "base/utf.h"
#include "core/hosts.h"
#include "core/mint.h"
#include "core/token_policy.h"

#define TTL INT64_C(21600)

/* What an error is about: the node, and its way from the top. */
struct place {
	struct jw_reader *r;
	const struct jw_node *node;
	const struct jw_path *path;
};

static void wrong(const struct place *place, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void wrong(const struct place *place, const char *format, ...)
{
	jw_autobuf struct jw_buf says = JW_BUF(JW_ERR_MAX);
	va_list args;

	va_start(args, format);
	jw_buf_vprintf(&says, format, args);
	va_end(args);
	jw_errors_add(place->r->load.errors, place->r->daemon.source->file, place->node->at,
		      place->path, "%s", says.ptr);
}

/* Calls back for the node itself, or for each of a list. */
static void each(const struct place *place,
		 void (*check)(const struct place *place, const char *text))
{
	const struct jw_node *node = place->node;

	if (node->kind != JW_NODE_LIST) {
		check(place, jw_arena_text(&place->r->tree, node->text));
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		const struct jw_path path = {.up = place->path, .index = i};
		const struct place item = {place->r, node->items[i], &path};

		check(&item, jw_arena_text(&place->r->tree, node->items[i]->text));
	}
}

static void check_pattern(const struct place *place, const char *text)
{
	const char *problem = jw_token_pattern_problem(text);

	if (problem)
		wrong(place, "%s", problem);
}

static void check_origin(const struct place *place, const char *text)
{
	const char *problem = jw_token_origin_problem(text);

	if (problem)
		wrong(place, "%s", problem);
}

static void check_host(const struct place *place, const char *text)
{
	const char *problem = jw_hosts_problem(text);

	if (problem)
		wrong(place, "%s", problem);
}

static void check_url(const struct place *place, const char *text)
{
	struct jw_url url;

	if (jw_url_parse(jw_str_of(text), &url))
		return;
	if (url.user.ptr)
		wrong(place, "has a user in it, which everybody who asks would read");
	else if (url.query.ptr)
		wrong(place, "has a ? in it, which no client of LiveKit sends on");
}

static void check_key(const struct place *place, const char *name)
{
	const struct jw_config *config = place->r->config;
	const struct jw_key_entry *key;
	struct jw_err err;

	if (place->r->sources.is_partial)
		return;
	if (jw_config_key_exists(config, jw_str_of(name), &err)) {
		wrong(place, "%s", err.text);
		return;
	}
	key = jw_config_key(config, jw_str_of(name));
	if (!key->issuer)
		wrong(place, "names a key without issuer, which is to be LiveKit's API key");
}

static void check_listen(const struct place *place, const char *address)
{
	char quote[JW_QUOTE_TEXT];

	if (!jw_token_is_local(address))
		wrong(place,
		      "%s can be reached from other machines, and token_api gives tokens to "
		      "whoever asks: listen on 127.0.0.1, [::1], localhost or unix: only, and "
		      "put a proxy in front for others",
		      jw_errors_quote(jw_str_of(address), quote));
}

static void check_max_ttl(const struct place *place, struct jw_token_api *api)
{
	const struct jw_key_entry *key = jw_config_key(place->r->config, jw_str_of(api->key));
	struct jw_err err;

	if (key && jw_mint_check_ttl(key, api->max_ttl, &err))
		wrong(place, "%s", err.text);
}

static void check_ttl(const struct place *place, struct jw_token_api *api)
{
	jw_autobuf struct jw_buf ttl = JW_BUF(JW_QUOTE_TEXT);
	jw_autobuf struct jw_buf max = JW_BUF(JW_QUOTE_TEXT);

	if (!api->ttl)
		api->ttl = api->max_ttl < TTL ? api->max_ttl : TTL;
	if (api->ttl <= api->max_ttl)
		return;
	jw_value_number(JW_T_SECONDS, api->ttl, &ttl);
	jw_value_number(JW_T_SECONDS, api->max_ttl, &max);
	wrong(place, "%s is more than max_ttl, %s", ttl.ptr, max.ptr);
}

static void check_option(struct jw_reader *r, const struct jw_node *map,
			 const struct jw_path *path, const char *name,
			 void (*check)(const struct place *place, const char *text))
{
	const struct jw_node *node = jw_yaml_get(map, name);
	const struct jw_path own = {path, jw_str_of(name), 0};
	const struct place place = {r, node, &own};

	if (node)
		each(&place, check);
}

/* One that has a fallback may stand nowhere. */
static void check_value(struct jw_reader *r, const struct jw_node *map,
			const struct jw_path *path, const char *name,
			void (*check)(const struct place *place, struct jw_token_api *api))
{
	const struct jw_node *node = jw_yaml_get(map, name);
	const struct jw_path own = {path, jw_str_of(name), 0};
	const struct place place = {r, node ? node : map, &own};

	check(&place, (struct jw_token_api *)(uintptr_t)r->config->daemon.token_api);
}

static const struct jw_path daemon_path = {NULL, {"daemon", 6}, 0};

void jw_reader_check_hosts(struct jw_reader *r)
{
	if (r->config->daemon.hosts)
		check_option(r, jw_yaml_get(r->daemon.source->root, "daemon"), &daemon_path,
			     "hosts", check_host);
}

void jw_reader_check_token_api(struct jw_reader *r)
{
	static const struct jw_path path = {&daemon_path, {"token_api", 9}, 0};
	const struct jw_node *daemon;
	const struct jw_node *api;

	/* Anything that could not be read has had its error. */
	if (!r->config->daemon.token_api)
		return;
	daemon = jw_yaml_get(r->daemon.source->root, "daemon");
	api = jw_yaml_get(daemon, "token_api");
	check_option(r, api, &path, "key", check_key);
	check_option(r, api, &path, "url", check_url);
	check_option(r, api, &path, "rooms", check_pattern);
	check_option(r, api, &path, "identities", check_pattern);
	check_option(r, api, &path, "agents", check_pattern);
	check_option(r, api, &path, "origins", check_origin);
	check_option(r, daemon, &daemon_path, "listen", check_listen);
	check_value(r, api, &path, "max_ttl", check_max_ttl);
	check_value(r, api, &path, "ttl", check_ttl);
}
