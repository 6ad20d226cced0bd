/* SPDX-License-Identifier: MIT */
/* What the files of the monitor share among themselves; nobody else includes it. */
#pragma once

#include "core/monitor.h"

#include <jansson.h>

/* Records by the name of their target. */
struct jw_record_index {
	struct jw_record **slots; /* NULL: free */
	size_t size;		  /* a power of two, and at least twice as many as there are */
};
void jw_index_make(struct jw_record_index *names, struct jw_record *const *records,
		   size_t count);
struct jw_record *jw_index_find(const struct jw_record_index *names, struct jw_str name);
void jw_index_done(struct jw_record_index *names);

struct jw_monitor {
	const struct jw_crypto *crypto;
	struct jw_record **records; /* in the order of the configuration */
	size_t count;
	struct jw_record_index names;
	json_t *remembered; /* by name, of targets that aren't there yet; NULL: none */
};

/* What the state file says of this target, if anything. */
void jw_monitor_recall(struct jw_monitor *monitor, struct jw_record *record);
/* What it says of all that aren't there. */
void jw_monitor_forget(struct jw_monitor *monitor);
void jw_record_free(struct jw_record *record);
