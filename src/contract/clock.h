/* SPDX-License-Identifier: MIT */
/* What the inside asks of the clocks. */
#pragma once

#include <stdint.h>

struct jw_clock {
	void *self;
	int64_t (*wall)(void *self); /* seconds since 1970 UTC */
	int64_t (*monotonic_ms)(void *self);
	/* For the daemon; the others leave them out. */
	int64_t (*wall_ms)(void *self); /* milliseconds since 1970 UTC */
	int64_t (*boot_ms)(
		void *self); /* monotonic too, and goes on while the machine sleeps */
};

/* Both times at once: the daemon's due times are kept by the one, and tokens end by the other. */
struct jw_times {
	int64_t boot_ms;
	int64_t wall_ms;
};

/* Wakes the loop by the clock that goes on while the machine sleeps, and when the wall clock was set. */
struct jw_alarm {
	void *self;
	/* At this moment of boot_ms (< 0: never) `due` is called from the loop's run, once. */
	void (*arm)(void *self, int64_t boot_ms);
};
