/* SPDX-License-Identifier: MIT */
/* What the inside asks of a file system that tells of changes. The interval stays the truth: a change may go unseen. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct jw_watched;

struct jw_watcher {
	void *self;
	/* Calls `changed` from the loop's run, soon after what `path` leads to (a glob: the set of files that it names, or
	 * any of them) may have changed: content, appearance, disappearance, a link on the way that leads elsewhere. Changes
	 * close to each other are one call. The path needn't be there yet. Copied. */
	struct jw_watched *(*add)(void *self, const char *path, void (*changed)(void *context),
				  void *context);
	void (*remove)(struct jw_watched *watched); /* NULL: nothing happens */
	/* How many of them can't be watched and are looked at from time to time instead. */
	size_t (*polled)(void *self);
};
