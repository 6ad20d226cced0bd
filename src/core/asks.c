/* SPDX-License-Identifier: MIT */
/* Questions to LiveKit servers, each asked once whoever wants to know. */
#include "core/asks.h"

#include <string.h>

#include "base/url.h"
#include "core/run.h"
#include "livekit/url.h"
#include "token/find.h"

#define BUCKETS 1024
/* LiveKit's answers are a line; an old server repeats the token in it. */
#define ANSWER_MAX ((size_t)64 * 1024)
#define SECRET_HEADER "Authorization: Bearer "

struct jw_ask {
	struct jw_ask *next; /* of its bucket */
	struct jw_ask **bucket;
	struct jw_ask *newer; /* of those that are kept for a while */
	int64_t kept_until_ms;
	struct jw_arena own;
	struct jw_arena *arena; /* its own, or that of all */
	const char *http; /* what the URL means: servers that are written in two ways are one */
	struct jw_asks *asks;
	const struct jw_world *world;
	const struct jw_net *net;
	struct jw_question question; /* copied */
	struct jw_transfer *transfer;
	bool is_known;
	struct jw_asked asked;
	struct jw_asked late; /* for who can't wait any longer */
	struct jw_waiter *waiters;
};

struct jw_asks {
	struct jw_arena arena;
	struct jw_ask *buckets[BUCKETS];
	enum jw_asks_keep keep;
	size_t count;
	struct jw_ask *oldest, **newest_end; /* of the refusals that are kept */
	size_t kept;
};

struct jw_asks *jw_asks_new(enum jw_asks_keep keep)
{
	struct jw_asks *asks = jw_xcalloc(1, sizeof(*asks));

	asks->keep = keep;
	asks->newest_end = &asks->oldest;
	return asks;
}

size_t jw_asks_count(const struct jw_asks *asks)
{
	return asks->count;
}

static void ask_free(struct jw_ask *ask)
{
	struct jw_ask **place = ask->bucket;

	while (*place != ask)
		place = &(*place)->next;
	*place = ask->next;
	ask->asks->count--;
	jw_arena_done(&ask->own);
	free(ask);
}

void jw_asks_free(struct jw_asks *asks)
{
	if (!asks)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (asks->buckets[i]) {
			struct jw_ask *ask = asks->buckets[i];

			if (ask->transfer)
				ask->net->http.cancel(ask->transfer);
			ask_free(ask);
		}
	}
	jw_arena_done(&asks->arena);
	free(asks);
}

static void drop_oldest(struct jw_asks *asks)
{
	struct jw_ask *ask = asks->oldest;

	asks->oldest = ask->newer;
	if (!asks->oldest)
		asks->newest_end = &asks->oldest;
	asks->kept--;
	ask_free(ask);
}

static void drop_old(struct jw_asks *asks, int64_t now)
{
	while (asks->oldest && asks->oldest->kept_until_ms <= now)
		drop_oldest(asks);
}

static void keep_refusal(struct jw_ask *ask, int64_t now)
{
	struct jw_asks *asks = ask->asks;

	ask->kept_until_ms = now + JW_ASKS_KEPT_MS;
	*asks->newest_end = ask;
	asks->newest_end = &ask->newer;
	if (++asks->kept > JW_ASKS_KEPT_MAX)
		drop_oldest(asks);
}

/* Whether the same token would be refused again whatever becomes of clocks, rooms, load and proxies. */
static bool hangs_on_the_token(const struct jw_asked *asked)
{
	if (asked->cause || asked->answer != JW_ANSWER_REFUSED)
		return false;
	switch (asked->refusal) {
	case JW_REFUSAL_EXPIRED:
	case JW_REFUSAL_NO_EXPIRY:
	case JW_REFUSAL_SIGNATURE:
	case JW_REFUSAL_UNKNOWN_API_KEY:
	case JW_REFUSAL_MALFORMED:
	case JW_REFUSAL_NO_ROOM_JOIN:
	case JW_REFUSAL_NO_IDENTITY:
	case JW_REFUSAL_NO_ROOM:
	case JW_REFUSAL_TOO_LONG:
		return true;
	default:
		return false;
	}
}

/* FNV-1a. */
static uint32_t hashed(uint32_t hash, struct jw_str s)
{
	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.ptr[i]) * 16777619U;
	return hash;
}

static bool is_same_text(const char *a, const char *b)
{
	return jw_str_eq(jw_str_of(a), jw_str_of(b));
}

static bool is_same(const struct jw_question *a, const struct jw_question *b)
{
	return jw_str_eq(a->token, b->token) && is_same_text(a->ca_file, b->ca_file) &&
	       is_same_text(a->client_certificate, b->client_certificate);
}

static const char *copied(const struct jw_ask *ask, const char *text)
{
	return text ? jw_arena_text(ask->arena, jw_str_of(text)) : NULL;
}

static const char *masked(const struct jw_ask *ask, const char *url)
{
	jw_autobuf struct jw_buf text = JW_BUF(2 * JW_URL_MAX);

	jw_url_mask(&text, jw_str_of(url));
	jw_find_scrub(text.ptr);
	return jw_arena_text(ask->arena, jw_str_of(text.ptr));
}

static struct jw_ask *ask_new(struct jw_asks *asks, struct jw_ask **bucket, const char *http,
			      const struct jw_question *question)
{
	struct jw_ask *ask = jw_xcalloc(1, sizeof(*ask));

	ask->asks = asks;
	ask->arena = asks->keep == JW_ASKS_KEEP_ALL ? &asks->arena : &ask->own;
	ask->http = copied(ask, http);
	ask->question = (struct jw_question){
		.url = copied(ask, question->url),
		.token = question->token.len ? jw_arena_str(ask->arena, question->token)
					     : (struct jw_str){0},
		.ca_file = copied(ask, question->ca_file),
		.client_certificate = copied(ask, question->client_certificate),
	};
	ask->late = (struct jw_asked){
		.cause = JW_TIMEOUT,
		.says = "didn't answer in time",
		.exchange = {.at = JW_AT_LIVEKIT,
			     .url = masked(ask, question->url),
			     .dns_us = -1,
			     .connect_us = -1,
			     .tls_us = -1,
			     .wait_us = -1,
			     .transfer_us = -1,
			     .total_us = -1},
	};
	ask->bucket = bucket;
	ask->next = *bucket;
	*bucket = ask;
	asks->count++;
	return ask;
}

static struct jw_ask *ask_of(struct jw_asks *asks, const struct jw_question *question)
{
	jw_autobuf struct jw_buf http = JW_BUF(2 * JW_URL_MAX);
	struct jw_ask **bucket;
	struct jw_ask *ask;

	jw_livekit_http_url(&http, jw_str_of(question->url),
			    question->token.len ? "/rtc/validate" : "/");
	bucket =
		&asks->buckets[hashed(hashed(2166136261U, jw_buf_get(&http)), question->token) %
			       BUCKETS];
	ask = *bucket;
	while (ask && !(is_same_text(ask->http, http.ptr) && is_same(&ask->question, question)))
		ask = ask->next;
	return ask ? ask : ask_new(asks, bucket, http.ptr, question);
}

static void take_reply(struct jw_ask *ask, const struct jw_http_reply *reply)
{
	const struct jw_answer_seen seen = jw_run_seen(reply, ask->http);
	struct jw_asked *asked = &ask->asked;

	*asked = (struct jw_asked){
		.cause = reply->cause,
		.says = copied(ask, reply->says),
		.exchange = jw_run_exchange(ask->world, JW_AT_LIVEKIT, ask->late.exchange.url,
					    reply),
	};
	asked->exchange.proxy = copied(ask, reply->proxy);
	if (reply->cause)
		return;
	asked->answer = ask->question.token.len
				? jw_classify_validate(&seen, &asked->refusal, &asked->says)
				: jw_classify_health(&seen, &asked->says);
}

static void answered(void *context, const struct jw_http_reply *reply);

static int64_t now_ms(const struct jw_world *world)
{
	return world->clock->monotonic_ms(world->clock->self);
}

static void start(struct jw_ask *ask, int64_t timeout_ms)
{
	const struct jw_net *net = ask->net;
	jw_autobuf struct jw_buf header = JW_BUF(ask->question.token.len + 64);
	const char *headers[2] = {NULL, NULL};
	const struct jw_http_request request = {
		.url = ask->http,
		.headers = headers,
		.timeout_ms = timeout_ms,
		.max_body = ANSWER_MAX,
		.redirects = JW_REDIRECTS_NONE,
		.ca_file = ask->question.ca_file,
		.client_certificate = ask->question.client_certificate,
	};

	if (ask->question.token.len) {
		jw_buf_text(&header, SECRET_HEADER);
		jw_buf_str(&header, ask->question.token);
		headers[0] = header.ptr;
	}
	ask->is_known = false;
	ask->transfer = net->http.start(net->http.self, &request, answered, ask);
}

static void is_late(void *context)
{
	struct jw_waiter *waiter = context;
	const struct jw_asked *late = &waiter->ask->late;

	jw_asks_forget(waiter);
	waiter->answered(waiter->context, late);
}

/* Waits for the question that is out, or asks it. */
static void join(struct jw_ask *ask, struct jw_waiter *waiter, int64_t left_ms)
{
	const struct jw_loop *loop = &ask->net->loop;

	waiter->ask = ask;
	waiter->next = ask->waiters;
	waiter->place = &ask->waiters;
	if (waiter->next)
		waiter->next->place = &waiter->next;
	ask->waiters = waiter;
	if (!ask->transfer) {
		start(ask, left_ms);
		return;
	}
	/* Somebody else's question is out, who may have more time. */
	waiter->timer = loop->timer(loop->self, is_late, waiter);
	loop->arm(waiter->timer, left_ms);
}

/* Its answer has been told: it is kept as long as it is good for others. */
static void settle(struct jw_ask *ask)
{
	if (ask->asks->keep == JW_ASKS_KEEP_ALL || ask->transfer)
		return;
	if (hangs_on_the_token(&ask->asked))
		keep_refusal(ask, now_ms(ask->world));
	else
		ask_free(ask);
}

static void answered(void *context, const struct jw_http_reply *reply)
{
	struct jw_ask *ask = context;
	struct jw_waiter *ending = ask->waiters;

	/* Apart from those that ask again. */
	ask->waiters = NULL;
	if (ending)
		ending->place = &ending;
	ask->transfer = NULL;
	ask->is_known = true;
	take_reply(ask, reply);
	while (ending) {
		struct jw_waiter *waiter = ending;
		int64_t left_ms = waiter->deadline_ms - now_ms(ask->world);

		jw_asks_forget(waiter);
		if (reply->cause == JW_TIMEOUT && left_ms > 0)
			join(ask, waiter, left_ms);
		else
			waiter->answered(waiter->context, &ask->asked);
	}
	settle(ask);
}

const struct jw_asked *jw_asks_put(struct jw_asks *asks, const struct jw_world *world,
				   const struct jw_net *net, const struct jw_question *question,
				   struct jw_waiter *waiter)
{
	struct jw_ask *ask;

	drop_old(asks, now_ms(world));
	ask = ask_of(asks, question);
	if (ask->is_known && ask->asked.cause != JW_TIMEOUT)
		return &ask->asked;
	ask->world = world;
	ask->net = net;
	waiter->deadline_ms = now_ms(world) + question->timeout_ms;
	join(ask, waiter, question->timeout_ms);
	return NULL;
}

void jw_asks_forget(struct jw_waiter *waiter)
{
	if (!waiter->ask)
		return;
	*waiter->place = waiter->next;
	if (waiter->next)
		waiter->next->place = waiter->place;
	if (waiter->timer)
		waiter->ask->net->loop.timer_free(waiter->timer);
	waiter->timer = NULL;
	waiter->ask = NULL;
}
