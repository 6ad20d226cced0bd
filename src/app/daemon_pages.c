/* SPDX-License-Identifier: MIT */
/* What the daemon knows, as pages: metrics, the state file. */
#include <string.h>

#include "app/daemon.h"

static void count_numbers(struct jw_daemon *daemon, struct jw_daemon_numbers *numbers)
{
	struct jw_times now = jw_daemon_times(daemon);
	struct jw_usage usage;

	numbers->configured = daemon->config->target_count;
	numbers->enabled = jw_monitor_count(daemon->monitor);
	jw_sched_numbers(daemon->sched, &now, &numbers->scheduler);
	numbers->was_reload_good = daemon->was_reload_good;
	numbers->reloaded_at = daemon->reloaded_at;
	memcpy(numbers->errors, daemon->errors, sizeof(daemon->errors));
	numbers->polled = daemon->watcher.polled(daemon->watcher.self);
	numbers->hanging = daemon->work.hanging(daemon->work.self) +
			   daemon->servants.hanging(daemon->servants.self);
	numbers->clock_jumps = daemon->jumps;
	numbers->renewals = daemon->renewals;
	numbers->renewal_failures = daemon->renewal_failures;
	numbers->has_state = daemon->state;
	if (daemon->state)
		numbers->state_written_at = daemon->state->written_at;
	numbers->has_token_api = daemon->config->daemon.token_api;
	numbers->tokens_given = daemon->tokens_given;
	memcpy(numbers->tokens_refused, daemon->tokens_refused, sizeof(daemon->tokens_refused));
	if (!jw_adapter_usage(&usage))
		return;
	numbers->process = (struct jw_process_numbers){
		.is_known = true,
		.start_time = usage.start_time,
		.cpu_us = usage.cpu_us,
		.resident_bytes = usage.resident_bytes,
		.virtual_bytes = usage.virtual_bytes,
		.open_fds = usage.open_fds,
		.max_fds = usage.max_fds,
	};
}

static struct jw_sink_numbers *sink_rows(const struct jw_daemon *daemon)
{
	struct jw_sink_numbers *rows = jw_xcalloc(daemon->lane_count + 1, sizeof(*rows));

	for (size_t i = 0; i < daemon->lane_count; i++) {
		const struct jw_lane *lane = &daemon->lanes[i];

		rows[i].name = lane->entry->name;
		if (lane->outbox)
			jw_outbox_numbers(lane->outbox, &rows[i].outbox);
		else
			rows[i].outbox =
				(struct jw_outbox_numbers){.sent = lane->page->written_at != 0,
							   .is_down = lane->page->is_failing};
	}
	return rows;
}

static struct jw_metrics_row *metrics_rows(struct jw_daemon *daemon)
{
	size_t count = jw_monitor_count(daemon->monitor);
	struct jw_metrics_row *rows = jw_xcalloc(count + 1, sizeof(*rows));

	for (size_t i = 0; i < count; i++) {
		const struct jw_record *record = jw_monitor_at(daemon->monitor, i);
		const struct jw_spot *spot = record->owner;

		rows[i] = (struct jw_metrics_row){
			.name = record->target->name,
			.target = record->target,
			.numbers = record->numbers,
			.record = record,
			.label = jw_str_of(spot->label),
		};
	}
	return rows;
}

void jw_daemon_metrics(struct jw_daemon *daemon, enum jw_page kind, enum jw_dialect dialect,
		       struct jw_buf *buf)
{
	struct jw_daemon_numbers *numbers = jw_xcalloc(1, sizeof(*numbers));
	struct jw_sink_numbers *sinks = sink_rows(daemon);
	struct jw_metrics_row *rows = metrics_rows(daemon);
	struct jw_metrics_page page = {
		.page = kind,
		.dialect = dialect,
		.rows = rows,
		.count = jw_monitor_count(daemon->monitor),
		.daemon = numbers,
		.now = daemon->world.clock->wall(daemon->world.clock->self),
	};

	count_numbers(daemon, numbers);
	numbers->sinks = sinks;
	numbers->sink_count = daemon->lane_count;
	jw_metrics_page_write(&page, buf);
	free(rows);
	free(sinks);
	free(numbers);
}

/* Another process' page: node_exporter has process_* of its own. */
void jw_daemon_textfile(struct jw_daemon *daemon, struct jw_buf *buf)
{
	jw_daemon_metrics(daemon, JW_PAGE_TEXTFILE, JW_TEXT_0_0_4, buf);
}

void jw_daemon_state(struct jw_daemon *daemon, struct jw_buf *buf)
{
	jw_monitor_save(daemon->monitor, daemon->world.clock->wall(daemon->world.clock->self),
			buf);
}
