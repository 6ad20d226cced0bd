/* SPDX-License-Identifier: MIT */
/* Brings one result to one sink. */
#pragma once

#include "contract/sink.h"
#include "core/runner.h"

struct jw_delivery;

enum jw_delivered {
	JW_DELIVERED_TAKEN,
	JW_DELIVERED_REFUSED, /* the sink answered, and not that it took the result */
	JW_DELIVERED_UNKNOWN, /* it answered that it has no such service, maybe */
	JW_DELIVERED_NOT, /* it wasn't reached, nothing could be sent, or it can't take any now */
	/* It took too long, or its pipe is full, has no reader or is none: so it would be with the next result. */
	JW_DELIVERED_STUCK,
};

/* What came of it. jw_receipt_done frees what it holds. */
struct jw_receipt {
	struct jw_arena arena;
	enum jw_delivered is;
	enum jw_cause
		cause; /* JW_OK where TAKEN; else JW_SINK_FAILED, JW_SECRET_MISSING, JW_INTERNAL */
	const char *says; /* where, and what was said; free of secrets */
};
void jw_receipt_done(struct jw_receipt *receipt);

typedef void jw_deliver_done(void *context, struct jw_receipt *receipt);

/* What the sink's patterns make of the target's name and the machine's, into result->host and result->service, in the
 * arena. */
void jw_deliver_names(const struct jw_sink_entry *entry, struct jw_arena *arena,
		      struct jw_sink_result *result);

/* Takes the sink's timeout at most, and never longer than deadline_ms of the monotonic clock. NULL: *ret_receipt is there
 * already. Else `done` is called from the loop's run, behind which the delivery is gone. *result and *ret_receipt must
 * stay where they are until then. */
struct jw_delivery *jw_deliver_start(const struct jw_world *world,
				     const struct jw_sink_entry *entry,
				     const struct jw_sink_result *result, int64_t deadline_ms,
				     struct jw_receipt *ret_receipt, jw_deliver_done *done,
				     void *context);
/* Ends it for want of time: the receipt is there, `done` isn't called. */
void jw_deliver_cancel(struct jw_delivery *delivery);
