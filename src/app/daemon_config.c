/* SPDX-License-Identifier: MIT */
/* A configuration put in force: which targets the scheduler has, which files are watched, which sinks there are. */
#include <string.h>

#include "app/daemon.h"
#include "base/log.h"

/* As the system's own temporary files, nothing of it is anybody else's business. */
#define STATE_MODE 0600
#define STATE_PAUSE_MS 300
#define LABEL_MAX ((size_t)64 * 1024)
#define PAGE_MS 500

enum jw_cause jw_daemon_check_config(const struct jw_config *config, struct jw_err *err)
{
	size_t enabled = 0;

	for (size_t i = 0; i < config->target_count; i++) {
		const struct jw_target *target = &config->targets[i];
		const char *path = jw_config_path(target);

		enabled += target->enabled;
		if (target->enabled && path && !strcmp(path, "-"))
			return jw_fail(err, JW_CONFIG,
				       "%s:%zu: target %s reads standard input, which "
				       "jwtwatch run hasn't got: name a file",
				       target->file, target->line, target->name);
	}
	if (!enabled && !config->module_count)
		return jw_fail(err, JW_CONFIG,
			       "%s: there is nothing to watch: no target is enabled, and "
			       "there are no modules for /probe",
			       config->file);
	return JW_OK;
}

static void changed(void *context)
{
	struct jw_spot *spot = context;
	struct jw_times now = jw_daemon_times(spot->daemon);

	/* A probe's run, which the scheduler's joins, may have read already. */
	if (spot->slot && !spot->slot->is_scheduled)
		spot->slot->is_outdated = true;
	jw_sched_wake(spot->daemon->sched, spot->record->schedule, &now);
	jw_daemon_pump(spot->daemon);
}

static struct jw_spot *new_spot(struct jw_daemon *daemon, struct jw_record *record)
{
	jw_autobuf struct jw_buf label = JW_BUF(LABEL_MAX);
	struct jw_spot *spot;

	jw_metrics_label(&label, record->target->name);
	spot = jw_xcalloc(1, sizeof(*spot) + label.len + 1);
	spot->daemon = daemon;
	spot->record = record;
	if (label.len)
		memcpy(spot->label, label.ptr, label.len);
	return spot;
}

void jw_spot_free(struct jw_spot *spot)
{
	if (!spot)
		return;
	spot->daemon->watcher.remove(spot->watched);
	jw_tending_free(spot->tending);
	free(spot);
}

static void watch(struct jw_spot *spot)
{
	const char *path = jw_config_path(spot->record->target);
	const struct jw_watcher *watcher = &spot->daemon->watcher;

	if (path && watcher->add)
		spot->watched = watcher->add(watcher->self, path, changed, spot);
}

static void gone(void *context, struct jw_record *record)
{
	struct jw_daemon *daemon = context;
	struct jw_spot *spot = record->owner;

	if (spot->slot)
		jw_slot_orphan(spot->slot);
	jw_sched_remove(daemon->sched, record->schedule);
	daemon->spots[record->schedule] = NULL;
	jw_spot_free(spot);
}

static void kept(void *context, struct jw_record *record)
{
	struct jw_daemon *daemon = context;
	struct jw_times now = jw_daemon_times(daemon);

	jw_sched_change(daemon->sched, record->schedule, record->target->interval,
			record->target->retry_interval, &now);
	jw_daemon_judge(daemon, record);
	jw_tending_reset(record->owner);
}

static void place_spot(struct jw_daemon *daemon, struct jw_spot *spot, size_t id)
{
	if (id >= daemon->spot_count) {
		size_t count = id + id / 2 + 16;

		daemon->spots = jw_xrealloc(daemon->spots, count * sizeof(struct jw_spot *));
		memset(daemon->spots + daemon->spot_count, 0,
		       (count - daemon->spot_count) * sizeof(struct jw_spot *));
		daemon->spot_count = count;
	}
	daemon->spots[id] = spot;
}

/* At the start, and where only a few are new, nobody waits an interval for the first verdict: all come within a few
 * seconds, or within their intervals where these are shorter. */
static int64_t first_of(const struct jw_daemon *daemon, const struct jw_record *record,
			const struct jw_times *now)
{
	int64_t window = (int64_t)jw_monitor_count(daemon->monitor) * 2;

	if (window > record->target->interval)
		window = record->target->interval;
	return now->boot_ms + (int64_t)(jw_str_hash(jw_str_of(record->target->name)) %
					(uint64_t)(window > 0 ? window : 1));
}

static void added(void *context, struct jw_record *record)
{
	struct jw_daemon *daemon = context;
	struct jw_times now = jw_daemon_times(daemon);
	struct jw_spot *spot = new_spot(daemon, record);

	record->owner = spot;
	record->schedule = (uint32_t)jw_sched_add(daemon->sched, record->target->interval,
						  record->target->retry_interval,
						  jw_str_hash(jw_str_of(record->target->name)),
						  first_of(daemon, record, &now), &now);
	place_spot(daemon, spot, record->schedule);
	watch(spot);
}

/* Of targets that are gone, nothing may stay there until another's next result. */
static void touch_pages(struct jw_daemon *daemon)
{
	for (size_t i = 0; i < daemon->lane_count; i++)
		if (daemon->lanes[i].page)
			jw_kept_file_touch(daemon->lanes[i].page, PAGE_MS);
}

void jw_daemon_configure(struct jw_daemon *daemon, struct jw_config *config)
{
	const struct jw_monitor_changes changes = {daemon, gone, kept, added};
	struct jw_config *before = daemon->config;

	daemon->config = config;
	jw_token_api_warn(config);
	jw_daemon_lanes(daemon, config);
	jw_monitor_configure(daemon->monitor, config, &changes);
	touch_pages(daemon);
	if (!daemon->state && config->daemon.state)
		daemon->state = jw_kept_file_new(daemon, "state file", config->daemon.state,
						 STATE_MODE, STATE_PAUSE_MS, jw_daemon_state);
	if (daemon->state)
		jw_kept_file_touch(daemon->state, 0);
	jw_config_free(before);
	jw_daemon_pump(daemon);
}
