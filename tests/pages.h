/* SPDX-License-Identifier: MIT */
/* A daemon's page made by hand: targets of all kinds, one that wasn't checked yet, sinks and a process. */
#pragma once

#include "reports.h"

#include "output/metrics.h"

static struct {
	struct jw_metrics_page page;
	struct jw_metrics_row rows[RESULTS_MAX];
	struct jw_numbers numbers[RESULTS_MAX];
	struct jw_record records[RESULTS_MAX];
	struct jw_daemon_numbers daemon;
	struct jw_arena arena;
} pages;

static const struct jw_sink_numbers page_sinks[] = {
	{.name = "icinga", .outbox = {.sent = 7, .queued = 2}},
	{.name = "a \"hook\"",
	 .outbox = {.failed = 3, .dropped = 1, .is_down = true, .says = "refused"}},
};

/* The report's targets as a daemon remembers them, with a last one that it doesn't know yet. */
static void remember(enum jw_page kind, enum jw_dialect dialect)
{
	size_t count = world.report.count;

	for (size_t i = 0; i < count; i++) {
		bool is_new = kind != JW_PAGE_PROBE && count > 1 && i == count - 1;

		world.targets[i].interval = 300000;
		jw_numbers_of(&world.results[i], &pages.arena, &pages.numbers[i]);
		pages.records[i] = (struct jw_record){
			.target = &world.targets[i],
			.has_result = !is_new,
			.since = is_new ? 0 : NOW - 60,
			.checks = is_new ? 0 : 12,
			.check_failures = is_new ? 0 : 3,
			.last_success = is_new ? 0 : NOW - 30,
			.first_seen = is_new ? 0 : NOW - 3600,
			.rotations = is_new ? 0 : 2,
		};
		pages.rows[i] = (struct jw_metrics_row){
			.name = world.targets[i].name,
			.target = &world.targets[i],
			.numbers = is_new ? NULL : &pages.numbers[i],
			.record = kind == JW_PAGE_PROBE ? NULL : &pages.records[i],
		};
	}
	pages.page = (struct jw_metrics_page){.page = kind,
					      .dialect = dialect,
					      .rows = pages.rows,
					      .count = count,
					      .now = NOW,
					      .probe_ms = 34};
}

static void run_daemon(void)
{
	pages.daemon = (struct jw_daemon_numbers){
		.configured = world.report.count + 1,
		.enabled = world.report.count,
		.scheduler = {.targets = 3,
			      .running = 1,
			      .started = 40,
			      .lag_ms = 12,
			      .lag_max_ms = 1500},
		.was_reload_good = true,
		.reloaded_at = NOW - 7200,
		.errors = {[JW_EXPIRED] = 5},
		.polled = 1,
		.clock_jumps = 1,
		.has_state = true,
		.has_token_api = true,
		.tokens_given = 3,
		.tokens_refused = {[JW_TOKEN_BY_ROOM] = 2},
		.state_written_at = NOW - 5,
		.sinks = page_sinks,
		.sink_count = 2,
		.process = {.is_known = true,
			    .start_time = NOW - 7201,
			    .cpu_us = 1234500,
			    .resident_bytes = 5 << 20,
			    .virtual_bytes = 50 << 20,
			    .open_fds = 9,
			    .max_fds = 1024},
	};
	pages.page.daemon = &pages.daemon;
}

/* Of these targets on this page. */
static void make_page(void (*fill)(void), enum jw_page kind, enum jw_dialect dialect)
{
	fill();
	remember(kind, dialect);
	if (kind == JW_PAGE_DAEMON || kind == JW_PAGE_TEXTFILE)
		run_daemon();
}

static void forget_page(void)
{
	jw_arena_done(&pages.arena);
}
