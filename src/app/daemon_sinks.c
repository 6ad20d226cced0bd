/* SPDX-License-Identifier: MIT */
/* The daemon's sinks: a queue for each that takes results, a file for each that takes a page. */
#include <string.h>

#include "app/daemon.h"
#include "base/log.h"
#include "output/format.h"

#define QUEUE_MAX 20000
#define TEXT_MAX ((size_t)16 * 1024)
#define PERFDATA_MAX ((size_t)4096)
/* node_exporter's own user reads it. */
#define PAGE_MODE 0644
#define PAGE_PAUSE_MS 5000
#define PAGE_SOON_MS 500

static void lane_end(struct jw_daemon *daemon, struct jw_lane *lane)
{
	size_t lost = lane->outbox ? jw_outbox_free(lane->outbox) : 0;

	if (lost && !daemon->is_ending)
		jw_log(JW_LOG_WARNING, "sink %s: %zu results weren't sent", lane->entry->name,
		       lost);
	jw_kept_file_free(lane->page);
}

static struct jw_lane *same_lane(struct jw_daemon *daemon, const struct jw_sink_entry *entry)
{
	for (size_t i = 0; i < daemon->lane_count; i++) {
		struct jw_lane *lane = &daemon->lanes[i];

		if (lane->entry && !strcmp(lane->entry->name, entry->name) &&
		    lane->entry->sink == entry->sink)
			return lane;
	}
	return NULL;
}

static bool is_same_page(const struct jw_lane *lane, const struct jw_sink_entry *entry)
{
	return lane->page && !strcmp(lane->page->path, entry->sink->place(entry->config));
}

static struct jw_lane lane_of(struct jw_daemon *daemon, const struct jw_sink_entry *entry)
{
	struct jw_lane *before = same_lane(daemon, entry);
	struct jw_lane lane = {.entry = entry};

	if (before && before->outbox) {
		lane.outbox = before->outbox;
		jw_outbox_reload(lane.outbox, entry);
		before->entry = NULL;
	} else if (before && is_same_page(before, entry)) {
		lane.page = before->page;
		before->entry = NULL;
	} else if (entry->sink->when == JW_SINK_PAGE) {
		lane.page =
			jw_kept_file_new(daemon, "textfile", entry->sink->place(entry->config),
					 PAGE_MODE, PAGE_PAUSE_MS, jw_daemon_textfile);
	} else {
		lane.outbox = jw_outbox_new(&daemon->world, entry, QUEUE_MAX);
	}
	return lane;
}

void jw_daemon_lanes(struct jw_daemon *daemon, const struct jw_config *config)
{
	struct jw_lane *lanes = jw_xcalloc(config->sink_count + 1, sizeof(*lanes));

	for (size_t i = 0; i < config->sink_count; i++)
		lanes[i] = lane_of(daemon, &config->sinks[i]);
	for (size_t i = 0; i < daemon->lane_count; i++)
		if (daemon->lanes[i].entry)
			lane_end(daemon, &daemon->lanes[i]);
	free(daemon->lanes);
	daemon->lanes = lanes;
	daemon->lane_count = config->sink_count;
}

void jw_daemon_lanes_end(struct jw_daemon *daemon)
{
	for (size_t i = 0; i < daemon->lane_count; i++)
		lane_end(daemon, &daemon->lanes[i]);
	free(daemon->lanes);
	daemon->lanes = NULL;
	daemon->lane_count = 0;
}

static int64_t expires(const struct jw_record *record)
{
	return record->numbers && record->numbers->exp != JW_UNSET ? record->numbers->exp : 0;
}

static void put(struct jw_daemon *daemon, struct jw_outbox *outbox,
		const struct jw_sink_entry *entry, const struct jw_result *result,
		const struct jw_monitor_news *news)
{
	jw_autobuf struct jw_buf text = JW_BUF(TEXT_MAX);
	jw_autobuf struct jw_buf perfdata = JW_BUF(PERFDATA_MAX);
	struct jw_news told = {.is_change = news->is_due_to_tell};

	/* Icinga reads plain numbers only. */
	jw_nagios_single(result,
			 strcmp(entry->sink->name, "icinga") ? JW_PERFDATA_RANGE
							     : JW_PERFDATA_NUMBER,
			 &text, &perfdata);
	told.result = (struct jw_sink_result){
		.target = result->target->name,
		.machine = daemon->machine,
		.state = result->verdict.state,
		.text = jw_buf_get(&text),
		.perfdata = jw_buf_get(&perfdata),
		.now = result->now,
		.before = news->before,
		.is_first = news->is_first,
		.cause = result->verdict.cause,
		.message = result->verdict.message,
		.remedy = result->verdict.remedy,
		.runbook = result->target->runbook,
		.labels = result->target->labels,
		.since = result->record->since,
		.expires = expires(result->record),
		.interval = result->target->interval / 1000,
	};
	jw_outbox_put(outbox, &told);
}

void jw_daemon_tell(struct jw_daemon *daemon, const struct jw_result *result,
		    const struct jw_monitor_news *news)
{
	for (size_t i = 0; i < daemon->lane_count; i++) {
		struct jw_lane *lane = &daemon->lanes[i];

		if (lane->page)
			jw_kept_file_touch(lane->page,
					   news->state_changed ? PAGE_SOON_MS : PAGE_PAUSE_MS);
		else if (lane->entry->sink->when == JW_SINK_EVERY || news->is_due_to_tell)
			put(daemon, lane->outbox, lane->entry, result, news);
	}
}
