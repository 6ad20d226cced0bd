/* SPDX-License-Identifier: MIT */
/* Questions to LiveKit servers, each asked once whoever wants to know. */
#pragma once

#include "core/runner.h"

/* What is asked: GET / where there is no token, else GET /rtc/validate with it. All borrowed. */
struct jw_question {
	const char *url; /* as configured: ws, wss, http or https */
	struct jw_str token;
	const char *ca_file;
	const char *client_certificate;
	int64_t timeout_ms;
};

/* What came of it. Good until the loop goes on; in the life of one run as long as the jw_asks. */
struct jw_asked {
	enum jw_cause cause; /* JW_OK: something answered; else as in struct jw_http_reply */
	const char *says; /* of the transport, or where `answer` is NOT_LIVEKIT; may be NULL */
	enum jw_answer answer;
	enum jw_refusal refusal;
	struct jw_exchange exchange; /* at JW_AT_LIVEKIT, url masked */
};

/* Who waits for an answer. Its memory is the asker's, who keeps it until it is called or forgotten. */
struct jw_waiter {
	void (*answered)(void *context, const struct jw_asked *asked); /* from the loop's run */
	void *context;
	struct jw_ask *ask; /* NULL: not waiting */
	struct jw_timer *timer;
	int64_t deadline_ms; /* of the monotonic clock */
	struct jw_waiter *next;
	struct jw_waiter **place; /* what points to it */
};

/* What an answer is good for. */
enum jw_asks_keep {
	JW_ASKS_KEEP_ALL, /* one run: for all of it */
	/* The daemon: for those who wait for it, and a refusal that hangs on the token alone for an hour, so that the
	 * server doesn't log the token again and again. So many are kept; then the oldest is dropped. */
	JW_ASKS_KEEP_REFUSALS,
};
#define JW_ASKS_KEPT_MAX 4096
#define JW_ASKS_KEPT_MS ((int64_t)3600 * 1000)

struct jw_asks *jw_asks_new(enum jw_asks_keep keep);
/* Questions that are out, or whose answers are kept. */
size_t jw_asks_count(const struct jw_asks *asks);
/* Nobody waits any more. */
void jw_asks_free(struct jw_asks *asks);

/* The answer where it is known (from then on *waiter isn't used); else NULL, and waiter->answered is called with it
 * once: after question->timeout_ms at the latest, then with JW_TIMEOUT. Where the question timed out for who asked it
 * first, those with more time ask again. */
const struct jw_asked *jw_asks_put(struct jw_asks *asks, const struct jw_world *world,
				   const struct jw_net *net, const struct jw_question *question,
				   struct jw_waiter *waiter);
/* `waiter` isn't called any more. */
void jw_asks_forget(struct jw_waiter *waiter);

/* How far the acceptance of a run's tokens has come. */
struct jw_accepting {
	size_t token; /* the one that is asked about, by index */
	const struct jw_livekit
		*date;	 /* from a question without a token, for those that aren't sent; NULL */
	bool was_sent;	 /* the question that is out carries the token */
	bool has_answer; /* the server has answered one */
	bool is_over;	 /* no time is left for more */
	struct jw_waiter waiter;
	const struct jw_asked *asked; /* the answer that a step is to take */
};
