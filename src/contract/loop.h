/* SPDX-License-Identifier: MIT */
/* What the inside, and the modules, ask of the event loop: implemented by adapter/loop.c. */
#pragma once

#include <stdint.h>

struct jw_watch;
struct jw_timer;

enum {
	JW_LOOP_READ = 1,
	JW_LOOP_WRITE = 2,
	/* With one of these: told of each change once, rather than for as long as it lasts. */
	JW_LOOP_EDGE = 4
};

struct jw_loop {
	void *self;
	/* Watches a descriptor for what jw_loop.want last asked for (nothing at first), until unwatch. `ready` is
	 * called from inside run only, with what it is ready for. */
	struct jw_watch *(*watch)(void *self, int fd,
				  void (*ready)(void *context, int fd, int what),
				  void *context);
	void (*want)(struct jw_watch *watch, int what);
	void (*unwatch)(
		struct jw_watch *watch); /* before the descriptor is closed; may be NULL */
	/* A timer, disarmed. `due` is called from inside run only, once for each time that it was armed. */
	struct jw_timer *(*timer)(void *self, void (*due)(void *context), void *context);
	void (*arm)(struct jw_timer *timer,
		    int64_t ms); /* from now; 0: in the next turn; < 0: disarms */
	void (*timer_free)(
		struct jw_timer *timer); /* takes NULL; may be called from inside `due` */
	/* Calls back what is ready and due, until stop is called or the monotonic clock says until_ms. */
	void (*run)(void *self, int64_t until_ms);
	void (*stop)(void *self); /* from inside a callback: run returns behind it */
};
