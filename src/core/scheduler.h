/* SPDX-License-Identifier: MIT */
/* Who is due, and how long until the next: no clock, no loop, no checks in it. Times are handed in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "contract/clock.h"

#define JW_SCHED_NONE SIZE_MAX
#define JW_NEVER INT64_MAX

/* How many may run at once, and how many of these may be targets whose last run timed out, so that the dead can't crowd
 * out the living. */
struct jw_sched_limits {
	size_t slots;
	size_t suspect_slots;
	/* How many may be either such a target or one that never ran, which may hang as well; 0: the latter count as
	 * living. */
	size_t doubtful_slots;
	/* Behind the run at first_ms a target goes to a place of its own in the interval, so that those that began
	 * together don't stay together. */
	bool spreads;
};

struct jw_sched;

struct jw_sched *jw_sched_new(const struct jw_sched_limits *limits);
void jw_sched_free(struct jw_sched *sched);

/* A new target, known by the id that is returned: a small number, free again after removal. Its first run is due
 * within the interval, at a place in it that hangs on `seed` alone (the same for each start), but for the first start:
 * `first_ms` (< 0: none) is a moment of boot_ms that is taken instead. */
size_t jw_sched_add(struct jw_sched *sched, int64_t interval_ms, int64_t retry_ms,
		    uint64_t seed, int64_t first_ms, const struct jw_times *now);
/* Of a target that runs: its end isn't told any more. */
void jw_sched_remove(struct jw_sched *sched, size_t id);
/* After a reload; a run that is due sooner by the new interval moves. */
void jw_sched_change(struct jw_sched *sched, size_t id, int64_t interval_ms, int64_t retry_ms,
		     const struct jw_times *now);

/* The next target to run now, which counts as running from here on and takes a slot; JW_SCHED_NONE: nobody is due, or
 * there is no slot for who is. */
size_t jw_sched_start(struct jw_sched *sched, const struct jw_times *now);

/* How a run ended. */
struct jw_sched_end {
	bool is_failing; /* retry_interval counts */
	bool is_suspect; /* it timed out */
	int64_t change_at; /* the wall second at which its verdict will change by itself; JW_NEVER */
};
/* The target is due again an interval after its start was due (never in the past: what was missed is counted as skipped),
 * at change_at, or, woken meanwhile, at once. */
void jw_sched_end(struct jw_sched *sched, size_t id, const struct jw_sched_end *end,
		  const struct jw_times *now);
/* The verdict changes at another moment, without a run. */
void jw_sched_change_at(struct jw_sched *sched, size_t id, int64_t change_at,
			const struct jw_times *now);
/* Due now (its file has changed); while it runs: once more, right behind. */
void jw_sched_wake(struct jw_sched *sched, size_t id, const struct jw_times *now);

/* Boot time of the next thing to do, which may have passed; JW_NEVER: none, or no slot is free for it (then the end of
 * a run is the next thing). */
int64_t jw_sched_next(const struct jw_sched *sched);
/* The wall clock was set, or the machine has slept: what hangs on the wall clock moves, and each target is checked once in
 * its next interval at the latest, twice at most. Also called at each turn: a step of more than a second between
 * the two clocks is noticed here. Returns the step in ms, 0 for none. */
int64_t jw_sched_look(struct jw_sched *sched, const struct jw_times *now);

struct jw_sched_numbers {
	size_t targets;
	size_t running;
	size_t suspects; /* targets whose last run timed out */
	size_t waiting;	 /* due and without a slot */
	uint64_t started;
	uint64_t skipped;   /* runs that were due while the one before went on */
	int64_t lag_ms;	    /* of the latest start: how much later than due */
	int64_t lag_max_ms; /* the largest of a minute at least, of two at most, up to now */
};
void jw_sched_numbers(struct jw_sched *sched, const struct jw_times *now,
		      struct jw_sched_numbers *ret_numbers);
