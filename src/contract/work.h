/* SPDX-License-Identifier: MIT */
/* What the inside asks of threads: work that may block, such as reading from a dead network mount, is done beside
 * the loop. */
#pragma once

#include <stddef.h>

struct jw_job;

struct jw_work {
	void *self;
	/* Has `work` run in a thread; then `done` is called, both with `context`, from the loop's run. Jobs are begun in
	 * their order as threads become free. NULL: too many threads hang already, and nothing is called. */
	struct jw_job *(*start)(void *self, void (*work)(void *context),
				void (*done)(void *context), void *context);
	/* Nobody waits for it any more: `done` isn't called, but `gone` is, once, when `work` is over or if it
	 * never began. It is called from the loop's run too, or from here; it frees what belongs to the job. A thread that
	 * is left like this doesn't count among those that work: another takes its place, up to a limit. */
	void (*leave)(struct jw_job *job, void (*gone)(void *context));
	/* How many threads hang in jobs that were left. */
	size_t (*hanging)(void *self);
};
