/* SPDX-License-Identifier: MIT */
/* The queue in front of one sink: a list in the order of sending, found again by target, and who is on the way. */
#include "core/outbox.h"

#include <assert.h>
#include <string.h>

#include "base/url.h"

/* To one sink that is up, where results of different targets don't wait for each other. */
#define FLIGHTS_MAX 4
#define RETRY_FIRST_MS INT64_C(1000)
#define RETRY_MAX_MS INT64_C(300000)
/* Of one result that the sink answers and doesn't take. */
#define REFUSALS_MAX 3
/* After so many intervals a result tells nothing any more: newer ones have come. */
#define INTERVALS_MAX 3
/* Of what is done on the spot, before others have their turn. */
#define TURN_MAX 64
#define BUCKETS_MAX ((size_t)1 << 14)

struct item {
	struct item *previous;
	struct item *next;
	struct item *chain; /* of the same bucket */
	struct jw_arena arena;
	struct jw_sink_result result;
	int64_t born_ms;
	unsigned refusals;
};

struct flight {
	struct jw_outbox *outbox;
	struct item *item; /* NULL: free */
	struct jw_arena arena;
	struct jw_sink_result result; /* the item's, with what the sink's patterns make of it */
	struct jw_receipt receipt;
	struct jw_delivery *delivery;
};

struct jw_outbox {
	const struct jw_world *world;
	const struct jw_loop *loop;
	const struct jw_sink_entry *entry;
	size_t max;
	struct item *first;
	struct item *last;
	size_t waiting;
	struct item **buckets; /* by the target's name */
	size_t bucket_count;   /* a power of two */
	struct flight flights[FLIGHTS_MAX];
	size_t flight_count;
	struct jw_timer *timer;
	bool is_patient;  /* the timer runs until the next attempt */
	int64_t retry_ms; /* the last wait; 0: none since a success */
	struct jw_outbox_numbers numbers;
	char *says;
};

static int64_t now_ms(const struct jw_outbox *outbox)
{
	const struct jw_clock *clock = outbox->world->clock;

	return clock->monotonic_ms(clock->self);
}

static bool tells_changes(const struct jw_outbox *outbox)
{
	return outbox->entry->sink->when == JW_SINK_CHANGE;
}

/* Order, and a pipe's one reader, want one after the other. */
static size_t flights_wanted(const struct jw_outbox *outbox)
{
	struct jw_url ignored;
	const char *place = outbox->entry->sink->place(outbox->entry->config);

	if (tells_changes(outbox) || outbox->retry_ms)
		return 1;
	return jw_url_parse(jw_str_of(place), &ignored) ? 1 : FLIGHTS_MAX;
}

/* FNV-1a. */
static struct item **bucket_of(const struct jw_outbox *outbox, const char *target)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *target; target++)
		hash = (hash ^ (unsigned char)*target) * UINT64_C(0x100000001b3);
	return &outbox->buckets[(hash ^ hash >> 32) & (outbox->bucket_count - 1)];
}

static struct item *find(const struct jw_outbox *outbox, const char *target)
{
	struct item *item = *bucket_of(outbox, target);

	while (item && strcmp(item->result.target, target) != 0)
		item = item->chain;
	return item;
}

static void item_free(struct item *item)
{
	jw_arena_done(&item->arena);
	free(item);
}

static void unlink_item(struct jw_outbox *outbox, struct item *item)
{
	struct item **link = bucket_of(outbox, item->result.target);

	while (*link != item)
		link = &(*link)->chain;
	*link = item->chain;
	*(item->previous ? &item->previous->next : &outbox->first) = item->next;
	*(item->next ? &item->next->previous : &outbox->last) = item->previous;
	item->previous = item->next = item->chain = NULL;
	outbox->waiting--;
}

/* In front of `next`; NULL: as the last one. */
static void link_item(struct jw_outbox *outbox, struct item *item, struct item *next)
{
	struct item **bucket = bucket_of(outbox, item->result.target);

	item->chain = *bucket;
	*bucket = item;
	item->next = next;
	item->previous = next ? next->previous : outbox->last;
	*(item->previous ? &item->previous->next : &outbox->first) = item;
	*(next ? &next->previous : &outbox->last) = item;
	outbox->waiting++;
}

static void drop(struct jw_outbox *outbox, struct item *item)
{
	outbox->numbers.dropped++;
	item_free(item);
}

/* A new item at the end, or in the place of the one that it makes old. */
static void add(struct jw_outbox *outbox, struct item *item)
{
	struct item *old = tells_changes(outbox) ? NULL : find(outbox, item->result.target);
	struct item *next = old ? old->next : NULL;

	if (old) {
		unlink_item(outbox, old);
		item_free(old);
	}
	while (outbox->waiting >= outbox->max) {
		struct item *oldest = outbox->first;

		unlink_item(outbox, oldest);
		drop(outbox, oldest);
	}
	link_item(outbox, item, next);
}

/* What was on its way: before all others, or behind them where it was the sink's no to this one. */
static void put_back(struct jw_outbox *outbox, struct item *item)
{
	bool is_old = !tells_changes(outbox) && find(outbox, item->result.target);

	if (is_old)
		item_free(item);
	else if (outbox->waiting >= outbox->max)
		drop(outbox, item);
	else if (item->refusals && !tells_changes(outbox))
		link_item(outbox, item, NULL);
	else
		link_item(outbox, item, outbox->first);
}

static const char *copy_text(struct jw_arena *arena, const char *text)
{
	return text ? jw_arena_text(arena, jw_str_of(text)) : NULL;
}

static const struct jw_pair *copy_labels(struct jw_arena *arena, const struct jw_pair *labels)
{
	struct jw_pair *copy;
	size_t count = 0;

	while (labels && labels[count].name)
		count++;
	if (!count)
		return NULL;
	copy = jw_arena_array(arena, count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = (struct jw_pair){copy_text(arena, labels[i].name),
					   copy_text(arena, labels[i].value)};
	return copy;
}

static struct item *item_new(const struct jw_sink_result *result, int64_t now)
{
	struct item *item = jw_xcalloc(1, sizeof(*item));
	struct jw_arena *arena = &item->arena;

	item->born_ms = now;
	item->result = *result;
	item->result.target = copy_text(arena, result->target);
	item->result.machine = copy_text(arena, result->machine);
	item->result.host = item->result.service = NULL;
	item->result.text = jw_arena_str(arena, result->text);
	item->result.perfdata = jw_arena_str(arena, result->perfdata);
	item->result.message = copy_text(arena, result->message);
	item->result.remedy = copy_text(arena, result->remedy);
	item->result.runbook = copy_text(arena, result->runbook);
	item->result.labels = copy_labels(arena, result->labels);
	return item;
}

static bool is_too_old(const struct jw_outbox *outbox, const struct item *item)
{
	return !tells_changes(outbox) && item->result.interval &&
	       now_ms(outbox) - item->born_ms > INTERVALS_MAX * 1000 * item->result.interval;
}

static bool is_under_way(const struct jw_outbox *outbox, const char *target)
{
	for (size_t i = 0; i < FLIGHTS_MAX; i++) {
		const struct item *item = outbox->flights[i].item;

		if (item && !strcmp(item->result.target, target))
			return true;
	}
	return false;
}

/* Two results of one target never overtake each other. NULL: none can go. */
static struct item *take_next(struct jw_outbox *outbox)
{
	struct item *item = outbox->first;

	while (item) {
		struct item *next = item->next;

		if (is_too_old(outbox, item)) {
			unlink_item(outbox, item);
			drop(outbox, item);
		} else if (!is_under_way(outbox, item->result.target)) {
			unlink_item(outbox, item);
			return item;
		}
		item = next;
	}
	return NULL;
}

/* Now, unless a sink that is down is given its time. */
static void wake(struct jw_outbox *outbox)
{
	if (!outbox->is_patient)
		outbox->loop->arm(outbox->timer, 0);
}

static void set_down(struct jw_outbox *outbox, bool is_down)
{
	struct jw_outbox_numbers *numbers = &outbox->numbers;

	if (numbers->is_down != is_down)
		numbers->since_ms = now_ms(outbox);
	numbers->is_down = is_down;
}

static void succeed(struct jw_outbox *outbox, struct item *item)
{
	outbox->numbers.sent++;
	outbox->retry_ms = 0;
	outbox->is_patient = false;
	set_down(outbox, false);
	item_free(item);
}

/* Those that fail side by side have failed once. */
static void fail(struct jw_outbox *outbox, struct item *item, const struct jw_receipt *receipt)
{
	int64_t next_ms = outbox->retry_ms ? 2 * outbox->retry_ms : RETRY_FIRST_MS;
	bool is_refused =
		receipt->is == JW_DELIVERED_REFUSED || receipt->is == JW_DELIVERED_UNKNOWN;

	outbox->numbers.failed++;
	outbox->says = jw_xstrdup(receipt->says);
	set_down(outbox, true);
	if (is_refused && item->refusals++ == REFUSALS_MAX)
		drop(outbox, item);
	else
		put_back(outbox, item);
	if (outbox->is_patient)
		return;
	outbox->retry_ms = next_ms < RETRY_MAX_MS ? next_ms : RETRY_MAX_MS;
	outbox->is_patient = true;
	outbox->loop->arm(outbox->timer, outbox->retry_ms);
}

static void land(struct flight *flight)
{
	struct jw_outbox *outbox = flight->outbox;
	struct item *item = flight->item;

	flight->item = NULL;
	flight->delivery = NULL;
	outbox->flight_count--;
	free(outbox->says);
	outbox->says = NULL;
	if (flight->receipt.is == JW_DELIVERED_TAKEN)
		succeed(outbox, item);
	else
		fail(outbox, item, &flight->receipt);
	jw_receipt_done(&flight->receipt);
	jw_arena_done(&flight->arena);
}

static void done(void *context, struct jw_receipt *receipt)
{
	struct flight *flight = context;
	struct jw_outbox *outbox = flight->outbox;

	(void)receipt;
	land(flight);
	wake(outbox);
}

static void take_off(struct jw_outbox *outbox, struct item *item)
{
	struct flight *flight = outbox->flights;

	while (flight->item)
		flight++;
	*flight = (struct flight){.outbox = outbox, .item = item, .result = item->result};
	outbox->flight_count++;
	jw_deliver_names(outbox->entry, &flight->arena, &flight->result);
	flight->delivery = jw_deliver_start(outbox->world, outbox->entry, &flight->result,
					    INT64_MAX, &flight->receipt, done, flight);
	if (!flight->delivery)
		land(flight);
}

static void send_more(void *context)
{
	struct jw_outbox *outbox = context;

	outbox->is_patient = false;
	for (size_t i = 0; i < TURN_MAX; i++) {
		struct item *item;

		if (outbox->is_patient || outbox->flight_count >= flights_wanted(outbox))
			return;
		item = take_next(outbox);
		if (!item)
			return;
		take_off(outbox, item);
	}
	wake(outbox);
}

/* What is on its way goes back to where it came from. */
static void call_back(struct jw_outbox *outbox)
{
	for (size_t i = FLIGHTS_MAX; i-- > 0;) {
		struct flight *flight = &outbox->flights[i];
		struct item *item = flight->item;

		if (!item)
			continue;
		jw_deliver_cancel(flight->delivery);
		jw_receipt_done(&flight->receipt);
		jw_arena_done(&flight->arena);
		*flight = (struct flight){0};
		outbox->flight_count--;
		put_back(outbox, item);
	}
}

struct jw_outbox *jw_outbox_new(const struct jw_world *world, const struct jw_sink_entry *entry,
				size_t max)
{
	struct jw_outbox *outbox = jw_xcalloc(1, sizeof(*outbox));

	outbox->world = world;
	outbox->entry = entry;
	outbox->max = max ? max : 1;
	outbox->bucket_count = 1;
	while (outbox->bucket_count < outbox->max && outbox->bucket_count < BUCKETS_MAX)
		outbox->bucket_count *= 2;
	outbox->buckets = jw_xcalloc(outbox->bucket_count, sizeof(struct item *));
	/* Who has an outbox has a loop that runs already. */
	outbox->loop = world->loop(world->loop_context, NULL);
	assert(outbox->loop);
	outbox->timer = outbox->loop->timer(outbox->loop->self, send_more, outbox);
	outbox->numbers.since_ms = now_ms(outbox);
	return outbox;
}

size_t jw_outbox_free(struct jw_outbox *outbox)
{
	size_t lost = 0;

	if (!outbox)
		return 0;
	lost = outbox->waiting + outbox->flight_count;
	call_back(outbox);
	while (outbox->first) {
		struct item *item = outbox->first;

		unlink_item(outbox, item);
		item_free(item);
	}
	outbox->loop->timer_free(outbox->timer);
	free(outbox->buckets);
	free(outbox->says);
	free(outbox);
	return lost;
}

void jw_outbox_reload(struct jw_outbox *outbox, const struct jw_sink_entry *entry)
{
	struct item *item;

	call_back(outbox);
	outbox->entry = entry;
	outbox->retry_ms = 0;
	outbox->is_patient = false;
	/* By the rules of the new sink: it may want the newest of each target only. */
	item = outbox->first;
	outbox->first = outbox->last = NULL;
	outbox->waiting = 0;
	memset(outbox->buckets, 0, outbox->bucket_count * sizeof(struct item *));
	while (item) {
		struct item *next = item->next;

		add(outbox, item);
		item = next;
	}
	wake(outbox);
}

void jw_outbox_put(struct jw_outbox *outbox, const struct jw_news *news)
{
	if (tells_changes(outbox) && !news->is_change)
		return;
	add(outbox, item_new(&news->result, now_ms(outbox)));
	wake(outbox);
}

void jw_outbox_numbers(const struct jw_outbox *outbox, struct jw_outbox_numbers *ret_numbers)
{
	*ret_numbers = outbox->numbers;
	ret_numbers->queued = outbox->waiting + outbox->flight_count;
	ret_numbers->says = outbox->says;
}
