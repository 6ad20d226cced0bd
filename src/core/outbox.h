/* SPDX-License-Identifier: MIT */
/* Results on their way to one sink: a bounded queue, one attempt after the other, and patience with a sink that is down.
 * Never delays a check. */
#pragma once

#include "core/deliver.h"

struct jw_outbox;

/* What is to be told. Copied. */
struct jw_news {
	struct jw_sink_result result; /* host and service are filled in by the outbox */
	bool is_change;		      /* the state differs from the last one that was told */
};

struct jw_outbox_numbers {
	uint64_t sent;	  /* taken by the sink */
	uint64_t failed;  /* attempts that weren't */
	uint64_t dropped; /* given up: too old, refused, or the queue was full */
	size_t queued;	  /* waiting or on their way */
	bool is_down;	  /* the last attempt failed */
	int64_t since_ms; /* monotonic: when it went down, or came up */
	const char
		*says; /* why it is down; NULL where it isn't; lives until the next attempt */
};

/* `entry`, not of a sink that gets a page, must live until jw_outbox_free or jw_outbox_reload; the world has a loop and
 * lives longer. At most `max` results wait beside those that are on their way. Nothing is sent from inside of
 * these calls: the loop's next turn does it. */
struct jw_outbox *jw_outbox_new(const struct jw_world *world, const struct jw_sink_entry *entry,
				size_t max);
/* What waits is lost, what is on its way ended; says how many these were. Takes NULL. */
size_t jw_outbox_free(struct jw_outbox *outbox);
/* The same sink by an entry of a new configuration: what waits goes on at once, and what is on its way begins again, so
 * that the sink may be told it twice. */
void jw_outbox_reload(struct jw_outbox *outbox, const struct jw_sink_entry *entry);
/* Of results of one target that wait, a sink that gets every result has the newest only; one that gets changes has
 * them all in their order, the oldest given up first where the queue is full. What fails is tried again after 1 s, then
 * twice that, up to 5 min, whatever else comes; what is refused, three times more, and where every result is sent behind
 * the others. */
void jw_outbox_put(struct jw_outbox *outbox, const struct jw_news *news);
void jw_outbox_numbers(const struct jw_outbox *outbox, struct jw_outbox_numbers *ret_numbers);
