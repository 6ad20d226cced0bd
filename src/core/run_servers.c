/* SPDX-License-Identifier: MIT */
/* Notes the LiveKit servers that tokens are for, and what browsers are given for their URLs. */
#include "core/run.h"

#include <string.h>

#include "base/url.h"
#include "core/keyring.h"
#include "livekit/keys.h"
#include "livekit/url.h"

/* Of one page. */
#define SERVERS_MAX 8

void jw_run_used_by(struct jw_run *run, const char *page, enum jw_used_by used_by)
{
	jw_autobuf struct jw_buf origin = JW_BUF(JW_URL_MAX);
	struct jw_url url;

	if (jw_url_parse(jw_str_of(page), &url))
		return;
	jw_url_origin(&origin, &url);
	run->page = jw_arena_text(run->arena, jw_buf_get(&origin));
	run->is_page_told = used_by == JW_USED_BY_TOLD;
}

static bool is_noted(const struct jw_facts *facts, const char *url, bool is_given)
{
	for (size_t i = 0; i < facts->server_count; i++)
		if (facts->servers[i].is_given == is_given &&
		    !strcmp(facts->servers[i].url, url))
			return true;
	return facts->server_count >= SERVERS_MAX;
}

static void note(struct jw_run *run, const char *text, bool is_given)
{
	struct jw_facts *facts = run->facts;
	enum jw_url_flaw flaw = jw_livekit_url_flaw(jw_str_of(text), NULL);
	struct jw_server_url server = {.has_scheme = flaw != JW_URL_NO_SCHEME,
				       .is_given = is_given,
				       .page = run->page};
	jw_autobuf struct jw_buf whole = JW_BUF(2 * JW_URL_MAX);

	/* Without TLS a server is on this machine, if anywhere. */
	if (flaw == JW_URL_NO_SCHEME) {
		jw_buf_printf(&whole, "wss://%s", text);
		text = whole.ptr;
	}
	server.url = jw_run_masked(run, text);
	if (is_noted(facts, server.url, is_given))
		return;
	facts->servers = jw_arena_grow(run->arena, facts->servers, facts->server_count,
				       sizeof(*facts->servers));
	facts->servers[facts->server_count++] = server;
}

void jw_run_given_server(struct jw_run *run, const char *url)
{
	note(run, url, true);
}

void jw_run_page_servers(struct jw_run *run, struct jw_str text)
{
	size_t at = 0;
	struct jw_str url;

	while (jw_livekit_next_url(text, &at, &url))
		note(run, jw_arena_text(run->arena, url), true);
}

static bool is_public(const struct jw_facts *facts)
{
	struct jw_url url;

	for (size_t i = 0; i < facts->server_count; i++)
		if (!jw_url_parse(jw_str_of(facts->servers[i].url), &url) &&
		    !jw_livekit_is_local(url.host))
			return true;
	return false;
}

static bool has_dev_key(const struct jw_token *token)
{
	return !token->is_note && token->is_livekit && token->jwt.iss &&
	       !strcmp(token->jwt.iss, JW_LIVEKIT_DEV_KEY);
}

static void try_dev_secret(struct jw_run *run, struct jw_token *token)
{
	struct jw_key key = {.kind = JW_KEY_SECRET, .bytes = JW_STR(JW_LIVEKIT_DEV_SECRET)};
	const struct jw_keys keys = {&key, 1};
	struct jw_token tried = *token;
	struct jw_err err;
	const struct jw_crypto *crypto = run->world->crypto(run->world->crypto_context, &err);

	if (!crypto)
		return;
	jw_keyring_verify(&keys, crypto, &tried, run->arena);
	token->dev_signed = tried.signature == JW_SIG_VALID ? JW_DEV_YES : JW_DEV_NO;
}

void jw_run_servers(struct jw_run *run)
{
	const char *accepted_by = run->target->expect.accepted_by;
	bool is_fixed = accepted_by && strcmp(accepted_by, JW_ACCEPTED_BY_RESPONSE) != 0;

	/* It may be the server's address behind a proxy, unless somebody thought of the page. */
	if (is_fixed)
		note(run, accepted_by, run->is_page_told && !run->facts->server_count);
	if (!is_public(run->facts))
		return;
	for (size_t i = 0; i < run->facts->token_count; i++)
		if (has_dev_key(&run->facts->tokens[i]))
			try_dev_secret(run, &run->facts->tokens[i]);
}
