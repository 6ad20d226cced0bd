/* SPDX-License-Identifier: MIT */
/* The monitor's records under a new configuration: which of them stay. */
#include <string.h>

#include "core/monitor_parts.h"

static size_t hashed(struct jw_str name)
{
	uint64_t hash = jw_str_hash(name);

	return (size_t)(hash ^ hash >> 32);
}

static struct jw_record **slot_of(const struct jw_record_index *names, struct jw_str name)
{
	size_t at = hashed(name) & (names->size - 1);

	while (names->slots[at] && !jw_str_is(name, names->slots[at]->target->name))
		at = (at + 1) & (names->size - 1);
	return &names->slots[at];
}

void jw_index_make(struct jw_record_index *names, struct jw_record *const *records,
		   size_t count)
{
	names->size = 16;
	while (names->size < 2 * count)
		names->size *= 2;
	names->slots = jw_xcalloc(names->size, sizeof(struct jw_record *));
	for (size_t i = 0; i < count; i++)
		*slot_of(names, jw_str_of(records[i]->target->name)) = records[i];
}

struct jw_record *jw_index_find(const struct jw_record_index *names, struct jw_str name)
{
	return names->slots ? *slot_of(names, name) : NULL;
}

void jw_index_done(struct jw_record_index *names)
{
	free(names->slots);
	*names = (struct jw_record_index){0};
}

static struct jw_record *record_new(struct jw_monitor *monitor, const struct jw_target *target)
{
	struct jw_record *record = jw_xcalloc(1, sizeof(*record));

	record->target = target;
	jw_monitor_recall(monitor, record);
	return record;
}

/* The record that goes on as this target's; else NULL. It is taken out of the old ones. */
static struct jw_record *taken_over(const struct jw_record_index *old,
				    const struct jw_target *target)
{
	struct jw_record *record = jw_index_find(old, jw_str_of(target->name));

	if (!record || record->is_taken || !jw_config_same_source(record->target, target))
		return NULL;
	record->is_taken = true;
	return record;
}

static void note_copies(struct jw_monitor *monitor)
{
	for (size_t i = 0; i < monitor->count; i++)
		monitor->records[i]->has_copies = false;
	for (size_t i = 0; i < monitor->count; i++) {
		const char *name = monitor->records[i]->target->same_as;
		struct jw_record *peer =
			name ? jw_index_find(&monitor->names, jw_str_of(name)) : NULL;

		if (peer)
			peer->has_copies = true;
	}
}

static void let_go(const struct jw_monitor *old, const struct jw_monitor_changes *changes)
{
	for (size_t i = 0; i < old->count; i++) {
		if (old->records[i]->is_taken)
			continue;
		changes->gone(changes->context, old->records[i]);
		jw_record_free(old->records[i]);
	}
	free(old->records);
}

static void tell(struct jw_monitor *monitor, const struct jw_monitor_changes *changes)
{
	for (size_t i = 0; i < monitor->count; i++) {
		struct jw_record *record = monitor->records[i];
		bool was_there = record->is_taken;

		record->is_taken = false;
		if (was_there)
			changes->kept(changes->context, record);
		else
			changes->added(changes->context, record);
	}
}

void jw_monitor_configure(struct jw_monitor *monitor, const struct jw_config *config,
			  const struct jw_monitor_changes *changes)
{
	struct jw_monitor old = *monitor;
	const struct jw_target **targets =
		jw_xcalloc(config->target_count + 1, sizeof(*targets));

	monitor->records = jw_xcalloc(config->target_count + 1, sizeof(struct jw_record *));
	monitor->count = 0;
	/* Names are still those of the old configuration while records are looked for. */
	for (size_t i = 0; i < config->target_count; i++) {
		const struct jw_target *target = &config->targets[i];
		struct jw_record *record;

		if (!target->enabled)
			continue;
		record = taken_over(&old.names, target);
		targets[monitor->count] = target;
		monitor->records[monitor->count++] =
			record ? record : record_new(monitor, target);
	}
	jw_index_done(&old.names);
	let_go(&old, changes);
	for (size_t i = 0; i < monitor->count; i++)
		monitor->records[i]->target = targets[i];
	free(targets);
	jw_index_make(&monitor->names, monitor->records, monitor->count);
	note_copies(monitor);
	jw_monitor_forget(monitor);
	tell(monitor, changes);
}
