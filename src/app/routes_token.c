/* SPDX-License-Identifier: MIT */
/* /api/token: tokens for pages. Who asks is looked at on the loop; the key is read and the token made beside it. */
#include <stdio.h>
#include <string.h>

#include "app/daemon.h"
#include "base/log.h"
#include "core/token_give.h"
#include "livekit/grants.h"
#include "output/token_answer.h"

#define CLIENTS_MAX 1024
#define JSON_TYPE "application/json"
#define HEADERS_MAX 16
#define TOKEN_MAX ((size_t)128 * 1024)
#define DIGITS 16

/* The headers of an answer, in turns with their values. */
struct headers {
	const char *items[HEADERS_MAX + 1];
	size_t count;
	char wait[24];
};

struct giving {
	struct jw_errand errand;
	struct jw_arena arena;
	struct jw_config *config; /* kept */
	struct jw_token_wish wish;
	char client[64];
	const char *origin; /* that may read the answer; NULL: none */
	int64_t now;
	struct jw_buf token;
	char fingerprint[9];
	struct jw_err err;
};

static void add(struct headers *headers, const char *name, const char *value)
{
	if (headers->count + 2 > HEADERS_MAX)
		return;
	headers->items[headers->count++] = name;
	headers->items[headers->count++] = value;
}

/* A shared cache must not give one page's answer, or its leave to read it, to another. */
static void add_all(struct headers *headers, const char *origin)
{
	add(headers, "Cache-Control", "no-store");
	add(headers, "Vary", "Origin");
	if (origin)
		add(headers, "Access-Control-Allow-Origin", origin);
}

static void send(struct jw_daemon *daemon, struct jw_visit *visit, int status,
		 const struct headers *headers, struct jw_buf *body)
{
	struct jw_visit_reply reply = {.status = status, .headers = headers->items};

	if (body) {
		reply.media_type = JSON_TYPE;
		reply.body = jw_buf_get(body);
	}
	daemon->server.reply(visit, &reply);
}

static void refuse(struct jw_daemon *daemon, struct jw_visit *visit, const char *origin,
		   const struct jw_token_refusal *refusal, struct headers *headers)
{
	jw_autobuf struct jw_buf body = JW_BUF(JW_TOKEN_ANSWER_MAX);

	daemon->tokens_refused[refusal->reason]++;
	add_all(headers, origin);
	if (refusal->reason == JW_TOKEN_BY_METHOD)
		add(headers, "Allow", "GET, POST, OPTIONS");
	jw_token_error_write(refusal->err.text, &body);
	send(daemon, visit, refusal->status, headers, &body);
}

/* What a browser asks before it lets a page of another origin ask (CORS). */
static void preflight(struct jw_daemon *daemon, struct jw_visit *visit, const char *origin)
{
	struct headers headers = {0};

	add_all(&headers, origin);
	add(&headers, "Allow", "GET, POST, OPTIONS");
	if (origin) {
		add(&headers, "Access-Control-Allow-Methods", "GET, POST");
		add(&headers, "Access-Control-Allow-Headers", "Content-Type");
		add(&headers, "Access-Control-Max-Age", "600");
	}
	send(daemon, visit, 204, &headers, NULL);
}

static void make(struct jw_errand *errand)
{
	struct giving *giving = (struct giving *)errand;
	const struct jw_world *world = &errand->daemon->world;
	const struct jw_crypto *crypto;
	unsigned char digest[32];

	if (jw_token_give(world, giving->config, &giving->wish, giving->now, &giving->token,
			  &giving->err))
		return;
	crypto = world->crypto(world->crypto_context, &giving->err);
	if (!crypto)
		return;
	crypto->sha256(jw_buf_get(&giving->token), digest);
	jw_str_hex(digest, 4, giving->fingerprint);
}

static void say_no(struct giving *giving, const char *says)
{
	struct jw_errand *errand = &giving->errand;
	struct jw_token_refusal refusal = {.reason = JW_TOKEN_BY_KEY, .status = 503};
	struct headers headers = {0};

	JW_LOG_EVENT(JW_LOG_ERROR, "no token can be given out", {.key = "why", .text = says});
	/* Where our secrets are is nobody's business. */
	snprintf(refusal.err.text, sizeof(refusal.err.text),
		 "no token can be made now: the log of jwtwatch says why");
	refuse(errand->daemon, errand->visit, giving->origin, &refusal, &headers);
}

static void late(struct jw_errand *errand)
{
	say_no((struct giving *)errand, "the key's file can't be read in time");
}

static void give(struct jw_errand *errand)
{
	struct giving *giving = (struct giving *)errand;
	const struct jw_token_wish *wish = &giving->wish;
	jw_autobuf struct jw_buf body = JW_BUF(JW_TOKEN_ANSWER_MAX);
	struct headers headers = {0};

	if (!giving->fingerprint[0]) {
		say_no(giving, giving->err.text);
		return;
	}
	errand->daemon->tokens_given++;
	JW_LOG_EVENT(JW_LOG_INFO, "a token was given out",
		     {.key = "client", .text = giving->client},
		     {.key = "room", .text = wish->room},
		     {.key = "identity", .text = wish->identity},
		     {.key = "ttl", .number = wish->ttl},
		     {.key = "fingerprint", .text = giving->fingerprint});
	jw_token_answer_write(wish, giving->config->daemon.token_api->url,
			      jw_buf_get(&giving->token), &body);
	add_all(&headers, giving->origin);
	send(errand->daemon, errand->visit, wish->is_standard ? 201 : 200, &headers, &body);
}

static void giving_free(struct jw_errand *errand)
{
	struct giving *giving = (struct giving *)errand;

	jw_config_free(giving->config);
	jw_buf_done(&giving->token);
	jw_arena_done(&giving->arena);
	free(giving);
}

/* The wish lives in the arena, which goes with it. */
static void start(struct jw_daemon *daemon, struct jw_visit *visit,
		  const struct jw_visit_request *request, const char *origin,
		  const struct jw_token_wish *wish, struct jw_arena *arena)
{
	struct giving *giving = jw_xcalloc(1, sizeof(*giving));

	giving->errand = (struct jw_errand){
		.work = make, .answer = give, .refuse = late, .free = giving_free};
	giving->origin = origin ? jw_arena_text(arena, jw_str_of(origin)) : NULL;
	giving->arena = *arena;
	*arena = (struct jw_arena){0};
	giving->config = jw_config_keep(daemon->config);
	giving->wish = *wish;
	giving->now = daemon->world.clock->wall(daemon->world.clock->self);
	snprintf(giving->client, sizeof(giving->client), "%s", request->client);
	jw_buf_init(&giving->token, TOKEN_MAX);
	jw_errand_start(&giving->errand, daemon, visit);
}

/* False: the client is to wait. */
static bool may_come(struct jw_daemon *daemon, const char *client, struct headers *headers,
		     struct jw_token_refusal *refusal)
{
	const struct jw_token_api *api = daemon->config->daemon.token_api;
	int64_t wait_ms;

	if (!daemon->rate)
		daemon->rate = jw_rate_new(CLIENTS_MAX);
	wait_ms = jw_rate_take(daemon->rate, client, api->rate, jw_daemon_now_ms(daemon));
	if (!wait_ms)
		return true;
	snprintf(headers->wait, sizeof(headers->wait), "%lld",
		 (long long)(wait_ms + 999) / 1000);
	add(headers, "Retry-After", headers->wait);
	refusal->reason = JW_TOKEN_BY_RATE;
	refusal->status = 429;
	snprintf(refusal->err.text, sizeof(refusal->err.text),
		 "that was more than %lld requests a minute: ask again in %s s",
		 (long long)api->rate, headers->wait);
	return false;
}

static void decide(struct jw_daemon *daemon, struct jw_visit *visit,
		   const struct jw_visit_request *visited,
		   const struct jw_token_request *request)
{
	const struct jw_token_api *api = daemon->config->daemon.token_api;
	struct jw_token_refusal refusal = {0};
	struct headers headers = {0};
	struct jw_arena arena = {0};
	char room[DIGITS + 1];
	char identity[DIGITS + 1];
	const struct jw_token_made_up made_up = {room, identity};
	struct jw_token_wish wish;

	jw_adapter_random_hex(room, DIGITS);
	jw_adapter_random_hex(identity, DIGITS);
	if (may_come(daemon, visited->client, &headers, &refusal) &&
	    jw_token_decide(api, request, &made_up, &arena, &wish, &refusal))
		start(daemon, visit, visited, request->origin, &wish, &arena);
	else
		refuse(daemon, visit, request->origin, &refusal, &headers);
	jw_arena_done(&arena);
}

void jw_route_token(struct jw_daemon *daemon, struct jw_visit *visit,
		    const struct jw_visit_request *visited)
{
	const struct jw_server *server = &daemon->server;
	const struct jw_token_request request = {
		.method = visited->method,
		.query = visited->query,
		.body = visited->body,
		.host = server->header(visit, "Host"),
		.origin = server->header(visit, "Origin"),
		.fetch_site = server->header(visit, "Sec-Fetch-Site"),
		.content_type = server->header(visit, "Content-Type"),
	};
	struct jw_token_refusal refusal = {0};
	struct headers headers = {0};

	if (!jw_token_may_ask(&daemon->config->daemon, &request, &refusal))
		refuse(daemon, visit,
		       refusal.reason == JW_TOKEN_BY_METHOD ? request.origin : NULL, &refusal,
		       &headers);
	else if (request.method == JW_METHOD_OPTIONS)
		preflight(daemon, visit, request.origin);
	else
		decide(daemon, visit, visited, &request);
}

enum jw_cause jw_token_api_check(struct jw_daemon *daemon, const struct jw_config *config,
				 struct jw_err *err)
{
	if (!config->daemon.token_api || daemon->is_local)
		return JW_OK;
	return jw_fail(err, JW_CONFIG,
		       "%s: daemon.token_api: other machines can reach where jwtwatch run "
		       "listens, and whoever asks would get a token: listen on a loopback "
		       "address or a unix: socket only",
		       config->file);
}

void jw_token_api_warn(const struct jw_config *config)
{
	const struct jw_token_api *api = config->daemon.token_api;

	for (const char *const *grant = api ? api->grants : NULL; grant && *grant; grant++)
		if (jw_grants_danger(*grant))
			JW_LOG_EVENT(JW_LOG_WARNING,
				     "token_api gives a grant to whoever asks that is "
				     "dangerous in public",
				     {.key = "grant", .text = *grant},
				     {.key = "allows", .text = jw_grants_danger(*grant)});
}
