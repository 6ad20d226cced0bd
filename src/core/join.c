/* SPDX-License-Identifier: MIT */
/* Joins a room by a LiveKit server as browsers do, up to its first message, and leaves at once: in a room that nobody else
 * has, hidden, with a token that is made for it. */
#include <string.h>

#include "base/mem.h"
#include "core/mint.h"
#include "core/run.h"
#include "livekit/frames.h"
#include "livekit/signal.h"
#include "livekit/url.h"

/* As clients ask; the protocol is that of its fields which are read here. */
#define RTC "/rtc?auto_subscribe=0&sdk=go&protocol=15"
#define IDENTITY "jwtwatch-probe"
#define TOKEN_MAX ((size_t)16 * 1024)
/* How long its token is good, in seconds. */
#define GOOD_FOR 120
#define ROOM_BYTES 8

struct jw_joining {
	struct jw_join join; /* the fact, when it is there */
	char room[sizeof(IDENTITY) + 1 + 2 * (size_t)ROOM_BYTES];
	char key[JW_FRAMES_KEY_TEXT];
	char accept[JW_FRAMES_ACCEPT_TEXT];
	unsigned char masks[8];
};

static const char *no_websocket =
	"says that it switches to WebSocket, but doesn't by the handshake's rules "
	"(Sec-WebSocket-Accept): something answers there that isn't LiveKit";

static bool is_websocket(const struct jw_joining *joining, const struct jw_http_reply *reply)
{
	return jw_str_is_nocase(jw_http_header(reply, "Upgrade"), "websocket") &&
	       jw_str_is(jw_http_header(reply, "Sec-WebSocket-Accept"), joining->accept);
}

static enum jw_signal hear(const struct jw_joining *joining, const struct jw_http_reply *reply,
			   const char **ret_says)
{
	if (is_websocket(joining, reply))
		return jw_signal_first(reply->body, joining->room, IDENTITY, ret_says);
	*ret_says = no_websocket;
	return JW_SIGNAL_OTHER;
}

/* Whoever has said leave or close hears no more of us. */
static enum jw_talk talk(void *context, const struct jw_http_reply *so_far,
			 struct jw_buf *answer)
{
	const struct jw_run *run = context;
	const char *says;
	enum jw_signal signal = hear(run->joining, so_far, &says);

	if (signal == JW_SIGNAL_NOTHING)
		return JW_TALK_ON;
	if (signal == JW_SIGNAL_JOINED)
		jw_signal_leave(answer, run->joining->masks);
	return JW_TALK_OVER;
}

static void replied(void *context, const struct jw_http_reply *reply)
{
	struct jw_run *run = context;

	run->transfer = NULL;
	run->reply = *reply;
	jw_run_resume(run);
}

static bool prepare(struct jw_joining *joining, const struct jw_crypto *crypto,
		    struct jw_err *err)
{
	unsigned char bytes[16];
	unsigned char room[ROOM_BYTES];
	size_t len = strlen(IDENTITY "-");

	if (!crypto)
		return false;
	if (!crypto->random(bytes, sizeof(bytes)) || !crypto->random(room, sizeof(room)) ||
	    !crypto->random(joining->masks, sizeof(joining->masks))) {
		jw_fail(err, JW_INTERNAL, "no random bytes can be had");
		return false;
	}
	memcpy(joining->room, IDENTITY "-", len);
	jw_str_hex(room, sizeof(room), joining->room + len);
	joining->room[len + 2 * sizeof(room)] = '\0';
	jw_frames_key(bytes, joining->key);
	if (jw_frames_accept(joining->key, crypto->sha1, joining->accept))
		return true;
	jw_fail(err, JW_INTERNAL,
		"no SHA-1 can be had, which WebSocket's handshake is made of");
	return false;
}

static bool mint(const struct jw_run *run, const struct jw_key *key, struct jw_buf *token,
		 struct jw_err *err)
{
	static const char *const grants[] = {"roomJoin", "hidden", NULL};
	static const char *const denied[] = {"canPublish", "canSubscribe", "canPublishData",
					     NULL};
	const struct jw_world *world = run->world;
	int64_t now = world->clock->wall(world->clock->self);
	const struct jw_mint claims = {.issuer = key->issuer,
				       .identity = IDENTITY,
				       .room = run->joining->room,
				       .nbf = now,
				       .exp = now + GOOD_FOR,
				       .grants = grants,
				       .denied = denied};

	return !jw_mint_token(world, key, &claims, token, err);
}

static void send(struct jw_run *run, const char *url, struct jw_str token,
		 const struct jw_net *net)
{
	jw_autobuf struct jw_buf http = JW_BUF(2 * JW_URL_MAX);
	jw_autobuf struct jw_buf bearer = JW_BUF(2 * TOKEN_MAX);
	jw_autobuf struct jw_buf key = JW_BUF(128);
	const char *headers[] = {NULL,
				 NULL,
				 "Upgrade: websocket",
				 "Connection: Upgrade",
				 "Sec-WebSocket-Version: 13",
				 NULL};
	struct jw_http_request request = {
		.headers = headers,
		.timeout_ms = jw_run_left_ms(run),
		.max_body = JW_SIGNAL_MAX,
		.redirects = JW_REDIRECTS_NONE,
		.ca_file = run->target->ca_file,
		.client_certificate = run->target->client_certificate,
		.talk = talk,
	};

	jw_livekit_http_url(&http, jw_str_of(url), RTC);
	jw_buf_text(&bearer, "Authorization: Bearer ");
	jw_buf_str(&bearer, token);
	jw_buf_printf(&key, "Sec-WebSocket-Key: %s", run->joining->key);
	headers[0] = bearer.ptr;
	headers[1] = key.ptr;
	request.url = http.ptr;
	run->transfer = net->http.start(net->http.self, &request, replied, run);
}

static const char *accepted_key(const struct jw_facts *facts)
{
	for (size_t i = 0; i < facts->proof_count; i++)
		if (facts->proofs[i].accepts == JW_ACCEPTS_YES)
			return facts->proofs[i].name;
	return NULL;
}

static enum jw_next not_asked(struct jw_run *run, enum jw_cause cause, const char *says)
{
	run->reply = (struct jw_http_reply){
		.cause = cause,
		.says = jw_arena_text(run->arena, jw_str_of(says)),
	};
	return JW_NEXT;
}

enum jw_next jw_run_ask_join(struct jw_run *run, const char *url, const char *issuer)
{
	jw_autobuf struct jw_buf token = JW_BUF(TOKEN_MAX);
	const struct jw_world *world = run->world;
	const char *name = accepted_key(run->facts);
	const struct jw_net *net;
	struct jw_key key;
	struct jw_err err;

	if (!name)
		return JW_NEXT;
	run->joining = jw_arena_array(run->arena, 1, sizeof(*run->joining));
	if (jw_run_is_late(run))
		return not_asked(run, JW_TIMEOUT, "no time was left to join");
	if (!jw_run_read_pair(run, name, issuer, &key, &err) ||
	    !prepare(run->joining, world->crypto(world->crypto_context, &err), &err) ||
	    !mint(run, &key, &token, &err))
		return not_asked(run, err.cause, err.text);
	net = jw_run_net(run, &err);
	if (!net)
		return not_asked(run, err.cause, err.text);
	send(run, url, jw_buf_get(&token), net);
	return JW_WAIT;
}

static void take_first(const struct jw_joining *joining, const struct jw_http_reply *reply,
		       struct jw_join *join)
{
	switch (hear(joining, reply, &join->says)) {
	case JW_SIGNAL_JOINED:
		join->cause = JW_OK;
		break;
	case JW_SIGNAL_LEAVE:
		join->cause = JW_LIVEKIT_REFUSED;
		join->refusal = JW_REFUSAL_OTHER;
		break;
	case JW_SIGNAL_OTHER:
		join->cause = JW_NOT_LIVEKIT;
		break;
	case JW_SIGNAL_CLOSED:
		join->cause = JW_LIVEKIT_UNREACHABLE;
		break;
	default:
		join->cause = JW_LIVEKIT_UNREACHABLE;
		join->says = "switches to WebSocket, but ends the connection before its first "
			     "message";
		break;
	}
}

static void take_refusal(const struct jw_http_reply *reply, struct jw_join *join)
{
	const struct jw_answer_seen seen = jw_run_seen(reply, reply->url);

	join->cause = jw_classify_join(&seen, &join->refusal, &join->says) == JW_ANSWER_REFUSED
			      ? JW_LIVEKIT_REFUSED
			      : JW_NOT_LIVEKIT;
}

void jw_run_take_join(struct jw_run *run)
{
	struct jw_joining *joining = run->joining;
	const struct jw_http_reply *reply = &run->reply;
	struct jw_join *join;

	if (!joining)
		return;
	join = &joining->join;
	jw_run_say_timeout(run, &run->reply.cause, &run->reply.says);
	join->status = reply->status;
	join->time_us = reply->phases.total_us;
	join->cause = reply->cause;
	run->facts->join = join;
	if (join->cause == JW_TIMEOUT && reply->status == 101)
		join->says = "switches to WebSocket, but sends no first message in time";
	else if (join->cause == JW_BODY_TOO_LARGE && reply->status == 101)
		*join = (struct jw_join){.cause = JW_NOT_LIVEKIT,
					 .says = "sends more than 256 KiB before its first "
						 "message is whole",
					 .status = 101};
	else if (join->cause)
		join->says = jw_arena_text(run->arena, jw_str_of(reply->says));
	else if (reply->status == 101)
		take_first(joining, reply, join);
	else
		take_refusal(reply, join);
}
