/* SPDX-License-Identifier: MIT */
/* What a page shows to everybody beside its tokens. */
#include "verdict/judge_parts.h"

#include <string.h>

#include "livekit/keys.h"
#include "livekit/url.h"

static void leak(struct jw_judging *judging, const struct jw_leak *leak)
{
	const char *place = jw_arena_printf(judging->arena, "%s:%zu", leak->path, leak->line);

	jw_judge_add(judging, JW_SECRET_IN_PAGE);
	jw_judge_say_at(
		judging, place,
		leak->key
			? jw_arena_printf(judging->arena,
					  "the secret of the key %s stands here: everybody who "
					  "opens the page can make tokens with it",
					  jw_judge_shown(judging, leak->key))
			: "an API secret stands here, as its name says: everybody who opens "
			  "the page can make tokens with it");
}

static enum jw_url_flaw flaw_of(const struct jw_server_url *server)
{
	return server->has_scheme ? jw_livekit_url_flaw(jw_str_of(server->url), server->page)
				  : JW_URL_NO_SCHEME;
}

static const char *words_of(struct jw_judging *judging, const struct jw_server_url *server)
{
	switch (flaw_of(server)) {
	case JW_URL_USABLE:
		break;
	case JW_URL_NO_URL:
		return "what browsers are given as LiveKit's URL is none";
	case JW_URL_NO_SCHEME:
		return jw_arena_printf(
			judging->arena,
			"browsers are given this as LiveKit's URL without %.*s in "
			"front, and can't use it so",
			(int)(strstr(server->url, "://") + 3 - server->url), server->url);
	case JW_URL_NOT_LIVEKIT:
		return "browsers are given this as LiveKit's URL, and its clients take ws://, "
		       "wss://, http:// and https:// only";
	case JW_URL_INSECURE:
		return jw_arena_printf(
			judging->arena,
			"a page of %s can't use this, since it came by https and this is "
			"without TLS; a browser says: could not establish signal connection: "
			"%s",
			server->page, jw_cause_row(JW_URL_UNUSABLE)->browser);
	case JW_URL_LOOPBACK:
		return jw_arena_printf(judging->arena,
				       "a page of %s gives this to browsers, for which it is "
				       "their own machine, where no LiveKit server is",
				       server->page);
	}
	return "";
}

/* A page may know several, for one of which it decides when it runs: it is enough that one can be used. */
static const struct jw_server_url *flawed(const struct jw_facts *facts)
{
	const struct jw_server_url *first = NULL;

	for (size_t i = 0; i < facts->server_count; i++) {
		const struct jw_server_url *server = &facts->servers[i];

		if (!server->is_given)
			continue;
		if (flaw_of(server) == JW_URL_USABLE)
			return NULL;
		first = first ? first : server;
	}
	return first;
}

void jw_judge_page(struct jw_judging *judging)
{
	const struct jw_server_url *server = flawed(judging->facts);

	for (size_t i = 0; i < judging->facts->leak_count; i++)
		leak(judging, &judging->facts->leaks[i]);
	if (!server)
		return;
	jw_judge_add(judging, JW_URL_UNUSABLE);
	jw_judge_say_at(judging, server->url, words_of(judging, server));
}

static const char *public_server(const struct jw_facts *facts)
{
	struct jw_url url;

	for (size_t i = 0; i < facts->server_count; i++)
		if (!jw_url_parse(jw_str_of(facts->servers[i].url), &url) &&
		    !jw_livekit_is_local(url.host))
			return facts->servers[i].url;
	return NULL;
}

void jw_judge_dev_key(struct jw_judging *judging)
{
	const struct jw_token *token = judging->token;
	const char *server;

	/* It doesn't hang on the time. A key that has another secret has an odd name, and no more. */
	if (!judging->arena || !token->is_livekit || !token->jwt.iss ||
	    strcmp(token->jwt.iss, JW_LIVEKIT_DEV_KEY) != 0 || token->dev_signed == JW_DEV_NO)
		return;
	server = public_server(judging->facts);
	if (!server || !jw_judge_add(judging, JW_URL_UNUSABLE))
		return;
	jw_judge_say(
		judging, JW_QUOTE_NONE,
		token->dev_signed == JW_DEV_YES
			? " token is signed with the key pair devkey and secret of a server "
			  "in development mode, which everybody knows, for the public "
			  "server %s"
			: " token is signed with devkey, the key of a server in development "
			  "mode, for the public server %s",
		server);
}
