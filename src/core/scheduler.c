/* SPDX-License-Identifier: MIT */
/* Due times in a heap, and two queues of who is due and has no slot: the living and the suspects. */
#include "core/scheduler.h"

#include <assert.h>

#include "base/mem.h"

#define NOBODY UINT32_MAX
#define CHILDREN 4
/* A step of the wall clock that is told, and a drift behind which moments are computed anew in silence. */
#define STEP_MS 1000
#define DRIFT_MS 50
#define CHANGE_AT_MAX (INT64_MAX / 4000)
#define RETRY_MIN_MS 1000
#define LAG_MS 60000

enum place { FREE, IN_HEAP, IN_QUEUE, RUNNING };

struct entry {
	int64_t interval_ms;
	int64_t retry_ms;
	int64_t base_ms;    /* when the run before was due */
	int64_t regular_ms; /* when the next one is due by the interval */
	int64_t due_ms; /* the earlier of that and of change_at; of a run: when it was due */
	int64_t change_at;
	int64_t place_ms; /* behind the first run: a moment that the interval is counted from; 0: that run's */
	uint32_t index; /* in the heap; in a queue, and among the free: the next one */
	uint32_t before;
	uint8_t place;
	bool is_failing;
	bool is_suspect;
	bool is_new; /* never ran: nobody knows whether it answers */
	bool is_woken;
	bool has_suspect_slot;
	bool has_new_slot;
};

struct queue {
	uint32_t first;
	uint32_t last;
	size_t count;
};

enum { LIVING, NEW, SUSPECTS, QUEUES };

struct jw_sched {
	struct jw_sched_limits limits;
	struct entry *entries;
	uint32_t *heap;
	size_t room; /* of both */
	size_t used;
	size_t heaped;
	uint32_t free;
	struct queue queues[QUEUES];
	size_t suspects_running;
	size_t new_running;
	struct jw_sched_numbers numbers;
	/* The largest lag of a minute by the boot clock, and of the minute before that. */
	int64_t lag_minute;
	int64_t lag_now_ms;
	int64_t lag_before_ms;
	bool has_offset;
	int64_t offset_ms; /* the wall clock less the other one */
};

struct jw_sched *jw_sched_new(const struct jw_sched_limits *limits)
{
	struct jw_sched *sched = jw_xcalloc(1, sizeof(*sched));

	sched->limits = *limits;
	if (!sched->limits.slots)
		sched->limits.slots = 1;
	if (!sched->limits.suspect_slots)
		sched->limits.suspect_slots = 1;
	sched->free = NOBODY;
	for (size_t i = 0; i < QUEUES; i++)
		sched->queues[i] = (struct queue){NOBODY, NOBODY, 0};
	return sched;
}

void jw_sched_free(struct jw_sched *sched)
{
	if (!sched)
		return;
	free(sched->entries);
	free(sched->heap);
	free(sched);
}

/* The heap */

static int64_t due_at(const struct jw_sched *sched, size_t index)
{
	return sched->entries[sched->heap[index]].due_ms;
}

static void put(struct jw_sched *sched, size_t index, uint32_t id)
{
	sched->heap[index] = id;
	sched->entries[id].index = (uint32_t)index;
}

static void rise(struct jw_sched *sched, size_t index)
{
	uint32_t id = sched->heap[index];

	while (index) {
		size_t up = (index - 1) / CHILDREN;

		if (due_at(sched, up) <= sched->entries[id].due_ms)
			break;
		put(sched, index, sched->heap[up]);
		index = up;
	}
	put(sched, index, id);
}

static size_t first_child(const struct jw_sched *sched, size_t index)
{
	size_t from = index * CHILDREN + 1;
	size_t first = from;

	for (size_t i = from + 1; i < from + CHILDREN && i < sched->heaped; i++)
		if (due_at(sched, i) < due_at(sched, first))
			first = i;
	return first;
}

static void sink(struct jw_sched *sched, size_t index)
{
	uint32_t id = sched->heap[index];

	while (index * CHILDREN + 1 < sched->heaped) {
		size_t down = first_child(sched, index);

		if (due_at(sched, down) >= sched->entries[id].due_ms)
			break;
		put(sched, index, sched->heap[down]);
		index = down;
	}
	put(sched, index, id);
}

static void settle(struct jw_sched *sched, uint32_t id)
{
	rise(sched, sched->entries[id].index);
	sink(sched, sched->entries[id].index);
}

static void heap_add(struct jw_sched *sched, uint32_t id)
{
	sched->entries[id].place = IN_HEAP;
	put(sched, sched->heaped++, id);
	rise(sched, sched->heaped - 1);
}

static void heap_remove(struct jw_sched *sched, uint32_t id)
{
	size_t index = sched->entries[id].index;
	uint32_t last = sched->heap[--sched->heaped];

	if (last == id)
		return;
	put(sched, index, last);
	settle(sched, last);
}

/* The queues */

static struct queue *queue_of(struct jw_sched *sched, const struct entry *entry)
{
	if (entry->is_new)
		return &sched->queues[NEW];
	return &sched->queues[entry->is_suspect ? SUSPECTS : LIVING];
}

static void queue_add(struct jw_sched *sched, uint32_t id)
{
	struct entry *entry = &sched->entries[id];
	struct queue *queue = queue_of(sched, entry);

	entry->place = IN_QUEUE;
	entry->before = queue->last;
	entry->index = NOBODY;
	if (queue->last == NOBODY)
		queue->first = id;
	else
		sched->entries[queue->last].index = id;
	queue->last = id;
	queue->count++;
}

static void queue_remove(struct jw_sched *sched, uint32_t id)
{
	struct entry *entry = &sched->entries[id];
	struct queue *queue = queue_of(sched, entry);

	if (entry->before == NOBODY)
		queue->first = entry->index;
	else
		sched->entries[entry->before].index = entry->index;
	if (entry->index == NOBODY)
		queue->last = entry->before;
	else
		sched->entries[entry->index].before = entry->before;
	queue->count--;
}

static void queue_due(struct jw_sched *sched, int64_t boot_ms)
{
	while (sched->heaped && due_at(sched, 0) <= boot_ms) {
		uint32_t id = sched->heap[0];

		heap_remove(sched, id);
		queue_add(sched, id);
	}
}

/* Moments */

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t change_ms(int64_t change_at, const struct jw_times *now)
{
	if (change_at > CHANGE_AT_MAX)
		return JW_NEVER;
	if (change_at < 0)
		return now->boot_ms;
	return later(now->boot_ms, now->boot_ms + (change_at * 1000 - now->wall_ms));
}

static int64_t due_of(const struct entry *entry, const struct jw_times *now)
{
	return sooner(entry->regular_ms, change_ms(entry->change_at, now));
}

/* From one run to the next: sooner while it fails, but never later than without failing. */
static int64_t step_of(const struct entry *entry)
{
	int64_t retry = entry->retry_ms > 0 ? entry->retry_ms
					    : later(RETRY_MIN_MS, entry->interval_ms / 5);

	return entry->is_failing ? sooner(retry, entry->interval_ms) : entry->interval_ms;
}

/* The first moment of a row of them that hasn't passed, and how many have. */
static int64_t next_of(int64_t first, int64_t step, int64_t boot_ms, uint64_t *ret_passed)
{
	int64_t passed = first < boot_ms ? (boot_ms - first - 1) / step + 1 : 0;

	*ret_passed = (uint64_t)passed;
	return first + passed * step;
}

/* Neighbouring seeds land far from each other (the finalizer of splitmix64). */
static uint64_t mixed(uint64_t seed)
{
	seed += UINT64_C(0x9e3779b97f4a7c15);
	seed = (seed ^ (seed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	seed = (seed ^ (seed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return seed ^ (seed >> 31);
}

static void move(struct jw_sched *sched, uint32_t id, int64_t due_ms)
{
	sched->entries[id].due_ms = due_ms;
	settle(sched, id);
}

/* Targets */

static uint32_t new_id(struct jw_sched *sched)
{
	uint32_t id = sched->free;

	if (id != NOBODY) {
		sched->free = sched->entries[id].index;
		return id;
	}
	if (sched->used == sched->room) {
		sched->room = sched->room ? 2 * sched->room : 16;
		assert(sched->room < NOBODY);
		sched->entries =
			jw_xrealloc(sched->entries, sched->room * sizeof(*sched->entries));
		sched->heap = jw_xrealloc(sched->heap, sched->room * sizeof(*sched->heap));
	}
	return (uint32_t)sched->used++;
}

static void set_intervals(struct entry *entry, int64_t interval_ms, int64_t retry_ms)
{
	assert(interval_ms > 0);
	entry->interval_ms = interval_ms;
	entry->retry_ms = retry_ms;
}

size_t jw_sched_add(struct jw_sched *sched, int64_t interval_ms, int64_t retry_ms,
		    uint64_t seed, int64_t first_ms, const struct jw_times *now)
{
	uint32_t id = new_id(sched);
	struct entry *entry = &sched->entries[id];
	int64_t spread_ms;

	*entry = (struct entry){.change_at = JW_NEVER,
				.is_new = sched->limits.doubtful_slots != 0};
	set_intervals(entry, interval_ms, retry_ms);
	spread_ms = (int64_t)(mixed(seed) % (uint64_t)interval_ms);
	entry->regular_ms =
		first_ms < 0 ? now->boot_ms + spread_ms : later(first_ms, now->boot_ms);
	if (sched->limits.spreads && first_ms >= 0)
		entry->place_ms = now->boot_ms + spread_ms;
	entry->base_ms = entry->regular_ms - interval_ms;
	entry->due_ms = entry->regular_ms;
	heap_add(sched, id);
	sched->numbers.targets++;
	return id;
}

static struct entry *entry_of(struct jw_sched *sched, size_t id)
{
	assert(id < sched->used && sched->entries[id].place != FREE);
	return &sched->entries[id];
}

static void give_back(struct jw_sched *sched, struct entry *entry)
{
	sched->numbers.running--;
	if (entry->has_suspect_slot)
		sched->suspects_running--;
	if (entry->has_new_slot)
		sched->new_running--;
}

void jw_sched_remove(struct jw_sched *sched, size_t id)
{
	struct entry *entry = entry_of(sched, id);

	if (entry->place == IN_HEAP)
		heap_remove(sched, (uint32_t)id);
	else if (entry->place == IN_QUEUE)
		queue_remove(sched, (uint32_t)id);
	else
		give_back(sched, entry);
	sched->numbers.suspects -= entry->is_suspect;
	sched->numbers.targets--;
	entry->place = FREE;
	entry->index = sched->free;
	sched->free = (uint32_t)id;
}

/* Its place in the interval stays where it was, so that a reload doesn't make all due at once. */
void jw_sched_change(struct jw_sched *sched, size_t id, int64_t interval_ms, int64_t retry_ms,
		     const struct jw_times *now)
{
	struct entry *entry = entry_of(sched, id);
	uint64_t passed;
	int64_t step;

	set_intervals(entry, interval_ms, retry_ms);
	if (entry->place != IN_HEAP)
		return;
	step = step_of(entry);
	entry->regular_ms = sooner(entry->regular_ms,
				   next_of(entry->base_ms + step, step, now->boot_ms, &passed));
	move(sched, (uint32_t)id, sooner(entry->due_ms, entry->regular_ms));
}

/* Runs */

static uint32_t next_id(const struct jw_sched *sched)
{
	if (sched->numbers.running >= sched->limits.slots)
		return NOBODY;
	if (sched->queues[LIVING].count)
		return sched->queues[LIVING].first;
	if (sched->limits.doubtful_slots &&
	    sched->suspects_running + sched->new_running >= sched->limits.doubtful_slots)
		return NOBODY;
	if (sched->queues[NEW].count)
		return sched->queues[NEW].first;
	if (sched->suspects_running >= sched->limits.suspect_slots)
		return NOBODY;
	return sched->queues[SUSPECTS].first;
}

/* However many ask for the numbers, and however seldom, each is told of it. */
static void turn_minute(struct jw_sched *sched, int64_t boot_ms)
{
	int64_t minute = boot_ms / LAG_MS;

	if (minute == sched->lag_minute)
		return;
	sched->lag_before_ms = minute == sched->lag_minute + 1 ? sched->lag_now_ms : 0;
	sched->lag_now_ms = 0;
	sched->lag_minute = minute;
}

static void note_lag(struct jw_sched *sched, int64_t lag_ms, int64_t boot_ms)
{
	turn_minute(sched, boot_ms);
	sched->lag_now_ms = later(sched->lag_now_ms, lag_ms);
	sched->numbers.lag_ms = lag_ms;
}

size_t jw_sched_start(struct jw_sched *sched, const struct jw_times *now)
{
	struct jw_sched_numbers *numbers = &sched->numbers;
	struct entry *entry;
	uint32_t id;

	queue_due(sched, now->boot_ms);
	id = next_id(sched);
	if (id == NOBODY)
		return JW_SCHED_NONE;
	entry = &sched->entries[id];
	queue_remove(sched, id);
	entry->place = RUNNING;
	entry->change_at = JW_NEVER;
	entry->has_suspect_slot = entry->is_suspect;
	sched->suspects_running += entry->is_suspect;
	entry->has_new_slot = entry->is_new;
	sched->new_running += entry->is_new;
	numbers->running++;
	numbers->started++;
	note_lag(sched, now->boot_ms - entry->due_ms, now->boot_ms);
	return id;
}

void jw_sched_end(struct jw_sched *sched, size_t id, const struct jw_sched_end *end,
		  const struct jw_times *now)
{
	struct entry *entry = entry_of(sched, id);
	uint64_t passed;
	int64_t step;

	assert(entry->place == RUNNING);
	give_back(sched, entry);
	sched->numbers.suspects += (size_t)end->is_suspect - (size_t)entry->is_suspect;
	entry->is_failing = end->is_failing;
	entry->is_suspect = end->is_suspect;
	entry->is_new = false;
	entry->change_at = end->change_at;
	entry->base_ms = entry->due_ms;
	step = step_of(entry);
	entry->regular_ms = next_of(entry->base_ms + step, step, now->boot_ms, &passed);
	sched->numbers.skipped += passed;
	if (entry->place_ms && !entry->is_failing)
		entry->regular_ms =
			next_of(entry->place_ms, entry->interval_ms, now->boot_ms, &passed);
	entry->place_ms = 0;
	entry->due_ms = entry->is_woken ? now->boot_ms : due_of(entry, now);
	entry->is_woken = false;
	heap_add(sched, (uint32_t)id);
}

void jw_sched_change_at(struct jw_sched *sched, size_t id, int64_t change_at,
			const struct jw_times *now)
{
	struct entry *entry = entry_of(sched, id);

	if (entry->place == RUNNING)
		return;
	entry->change_at = change_at;
	/* Whoever was woken stays so. */
	if (entry->place == IN_HEAP && entry->due_ms > now->boot_ms)
		move(sched, (uint32_t)id, due_of(entry, now));
}

void jw_sched_wake(struct jw_sched *sched, size_t id, const struct jw_times *now)
{
	struct entry *entry = entry_of(sched, id);

	if (entry->place == RUNNING)
		entry->is_woken = true;
	else if (entry->place == IN_HEAP && entry->due_ms > now->boot_ms)
		move(sched, (uint32_t)id, now->boot_ms);
}

int64_t jw_sched_next(const struct jw_sched *sched)
{
	uint32_t id = next_id(sched);

	if (id != NOBODY)
		return sched->entries[id].due_ms;
	if (sched->numbers.running >= sched->limits.slots || !sched->heaped)
		return JW_NEVER;
	return due_at(sched, 0);
}

static void compute_anew(struct jw_sched *sched, const struct jw_times *now)
{
	for (size_t i = 0; i < sched->heaped; i++) {
		struct entry *entry = &sched->entries[sched->heap[i]];

		if (entry->due_ms > now->boot_ms)
			entry->due_ms = due_of(entry, now);
	}
	for (size_t i = sched->heaped / CHILDREN + 1; i-- > 0;)
		if (i < sched->heaped)
			sink(sched, i);
}

int64_t jw_sched_look(struct jw_sched *sched, const struct jw_times *now)
{
	int64_t offset_ms = now->wall_ms - now->boot_ms;
	int64_t step = sched->has_offset ? offset_ms - sched->offset_ms : 0;

	if (sched->has_offset && step >= -DRIFT_MS && step <= DRIFT_MS)
		return 0;
	/* Who is due already doesn't become due another time by the step. */
	queue_due(sched, now->boot_ms);
	compute_anew(sched, now);
	sched->has_offset = true;
	sched->offset_ms = offset_ms;
	return step < -STEP_MS || step > STEP_MS ? step : 0;
}

void jw_sched_numbers(struct jw_sched *sched, const struct jw_times *now,
		      struct jw_sched_numbers *ret_numbers)
{
	queue_due(sched, now->boot_ms);
	turn_minute(sched, now->boot_ms);
	*ret_numbers = sched->numbers;
	ret_numbers->waiting = sched->queues[LIVING].count + sched->queues[SUSPECTS].count;
	ret_numbers->lag_max_ms = later(sched->lag_before_ms, sched->lag_now_ms);
}
