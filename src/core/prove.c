/* SPDX-License-Identifier: MIT */
/* Has key pairs proved by a LiveKit server: it is asked to list rooms with a token that is made for it. */
#include <string.h>

#include "core/env_sane.h"
#include "core/mint.h"
#include "core/run.h"
#include "livekit/url.h"

#define LIST_ROOMS "/twirp/livekit.RoomService/ListRooms"
/* Of rooms that nobody makes: so the answer is short, and no names of rooms get here. */
#define BODY "{\"names\":[\"jwtwatch-key-proof\"]}"
#define ANSWER_MAX ((size_t)64 * 1024)
#define TOKEN_MAX ((size_t)16 * 1024)
/* How long its token is good, in seconds. */
#define GOOD_FOR 120

static void replied(void *context, const struct jw_http_reply *reply)
{
	struct jw_run *run = context;

	run->transfer = NULL;
	run->reply = *reply;
	jw_run_resume(run);
}

static bool mint(struct jw_run *run, const struct jw_key *key, struct jw_buf *token,
		 struct jw_err *err)
{
	static const char *const grants[] = {"roomList", NULL};
	const struct jw_world *world = run->world;
	int64_t now = world->clock->wall(world->clock->self);
	const struct jw_mint claims = {
		.issuer = key->issuer, .nbf = now, .exp = now + GOOD_FOR, .grants = grants};

	return !jw_mint_token(world, key, &claims, token, err);
}

bool jw_run_read_pair(struct jw_run *run, const char *name, const char *issuer,
		      struct jw_key *ret_key, struct jw_err *err)
{
	const struct jw_key_entry *entry;

	return !jw_mint_entry(run->config, name, &entry, err) &&
	       !jw_mint_key(entry, run->world->files, issuer, run->arena, ret_key, err);
}

static enum jw_next send(struct jw_run *run, const char *url, struct jw_str token,
			 const struct jw_net *net)
{
	jw_autobuf struct jw_buf http = JW_BUF(2 * JW_URL_MAX);
	jw_autobuf struct jw_buf header = JW_BUF(2 * TOKEN_MAX);
	const char *headers[] = {NULL, "Content-Type: application/json", NULL};
	struct jw_http_request request = {
		.headers = headers,
		.body = JW_STR(BODY),
		.timeout_ms = jw_run_left_ms(run),
		.max_body = ANSWER_MAX,
		.redirects = JW_REDIRECTS_NONE,
		.ca_file = run->target->ca_file,
		.client_certificate = run->target->client_certificate,
	};

	jw_livekit_http_url(&http, jw_str_of(url), LIST_ROOMS);
	jw_buf_text(&header, "Authorization: Bearer ");
	jw_buf_str(&header, token);
	headers[0] = header.ptr;
	request.url = http.ptr;
	run->transfer = net->http.start(net->http.self, &request, replied, run);
	return JW_WAIT;
}

static bool is_dev(const struct jw_key *key)
{
	return !strcmp(key->issuer, JW_LIVEKIT_DEV_KEY) &&
	       jw_str_is(key->bytes, JW_LIVEKIT_DEV_SECRET);
}

static struct jw_key_proof *new_proof(struct jw_run *run, const char *name,
				      const struct jw_key *key)
{
	struct jw_facts *facts = run->facts;

	facts->proofs = jw_arena_grow(run->arena, facts->proofs, facts->proof_count,
				      sizeof(*facts->proofs));
	facts->proofs[facts->proof_count] = (struct jw_key_proof){
		.name = name,
		.issuer = jw_env_key_is_shown(jw_str_of(key->issuer), key->bytes) ? key->issuer
										  : NULL,
		.is_dev = is_dev(key)};
	return &facts->proofs[facts->proof_count++];
}

static enum jw_next not_asked(struct jw_run *run, const char *name, const struct jw_err *err)
{
	jw_run_note_failure(run, jw_arena_printf(run->arena, "key %s", name), err->cause, "%s",
			    err->text);
	return JW_NEXT;
}

enum jw_next jw_run_ask_key(struct jw_run *run, const char *url, const char *name,
			    const char *issuer)
{
	jw_autobuf struct jw_buf token = JW_BUF(TOKEN_MAX);
	const struct jw_net *net;
	struct jw_key key;
	struct jw_err err;

	run->proving = NULL;
	if (!jw_run_read_pair(run, name, issuer, &key, &err) || !mint(run, &key, &token, &err))
		return not_asked(run, name, &err);
	net = jw_run_net(run, &err);
	if (!net)
		return not_asked(run, name, &err);
	run->proving = new_proof(run, name, &key);
	if (!jw_run_is_late(run))
		return send(run, url, jw_buf_get(&token), net);
	run->reply = (struct jw_http_reply){.cause = JW_TIMEOUT,
					    .says = "no time was left to ask about the key"};
	return JW_NEXT;
}

static void take_answer(struct jw_run *run, struct jw_key_proof *proof)
{
	const struct jw_http_reply *reply = &run->reply;
	const struct jw_answer_seen seen = jw_run_seen(reply, reply->url);

	switch (jw_classify_rooms(&seen, &proof->refusal, &proof->says)) {
	case JW_ANSWER_ACCEPTED:
		proof->accepts = JW_ACCEPTS_YES;
		break;
	case JW_ANSWER_REFUSED:
		proof->cause = JW_LIVEKIT_REFUSED;
		/* An error of the server's own says nothing about the pair. */
		if (proof->refusal != JW_REFUSAL_SERVER_ERROR)
			proof->accepts = JW_ACCEPTS_NO;
		break;
	default:
		proof->cause = JW_NOT_LIVEKIT;
		break;
	}
}

void jw_run_take_key(struct jw_run *run)
{
	struct jw_key_proof *proof = run->proving;

	if (!proof)
		return;
	run->proving = NULL;
	jw_run_say_timeout(run, &run->reply.cause, &run->reply.says);
	proof->status = run->reply.status;
	proof->time_us = run->reply.phases.total_us;
	proof->cause = run->reply.cause;
	if (proof->cause)
		proof->says = jw_arena_text(run->arena, jw_str_of(run->reply.says));
	else
		take_answer(run, proof);
}

bool jw_run_is_ready(const struct jw_run *run)
{
	const struct jw_livekit *livekit = run->facts->livekit;

	return livekit && livekit->is_reachable && !livekit->cause && !run->world->is_simulated;
}
