/* SPDX-License-Identifier: MIT */
/* Reports on targets: what they are made of is taken at one moment on the loop; judged and written they are in a thread,
 * since many targets take longer than a check or another client should wait. */
#include <stdatomic.h>
#include <string.h>

#include "app/daemon.h"
#include "app/session.h"

#define PAGE_MAX ((size_t)1 << 30)
/* So few are quicker than a thread is called. */
#define FEW 50
/* Of more targets than that at once: each takes memory from the request on until its client has read the last byte. */
#define LARGE_MAX 4

/* Of the loop, but for what `make` writes while the job is under way. */
struct jw_reporting {
	struct jw_daemon *daemon;
	struct jw_reporting *next;
	struct jw_reporting **place;
	struct jw_visit *visit;	  /* NULL: the client has gone */
	struct jw_job *job;	  /* NULL: none, or left */
	struct jw_config *config; /* kept: stills and sinks borrow from it */
	struct jw_report_wish wish;
	struct jw_still *stills; /* one a result; without a target: of nobody */
	struct jw_arena arena;
	const char **nobodies; /* names by place, those that aren't a target's; may be NULL */
	bool is_large;	       /* counted among the daemon's */
	struct jw_report report;
	struct jw_buf page;
	int code;
	atomic_bool has_begun;
	atomic_bool is_unwanted;
};

/* A name that isn't a target's. */
static void refuse(const char *name, struct jw_result *ret_result)
{
	static const struct jw_target nobody = {.name = ""};
	struct jw_target *target;

	jw_runner_refuse(&nobody, JW_CONFIG,
			 "no target of that name is enabled in the running daemon", ret_result);
	target = jw_arena_alloc(&ret_result->arena, sizeof(*target));
	target->name = name;
	ret_result->target = target;
}

static void add_sinks(const struct jw_daemon *daemon, struct jw_report *report)
{
	for (size_t i = 0; i < daemon->lane_count; i++) {
		const struct jw_lane *lane = &daemon->lanes[i];
		struct jw_outbox_numbers numbers = {0};

		if (lane->outbox)
			jw_outbox_numbers(lane->outbox, &numbers);
		if (numbers.is_down && numbers.says)
			jw_sinks_fail(report, lane->entry->name, JW_SINK_FAILED, numbers.says);
		else if (lane->page && lane->page->is_failing)
			jw_sinks_fail(report, lane->entry->name, JW_SINK_FAILED,
				      "its file can't be written: see the log");
	}
}

static void gather(struct jw_reporting *reporting, const struct jw_str *names, size_t count)
{
	struct jw_daemon *daemon = reporting->daemon;
	struct jw_times now = jw_daemon_times(daemon);
	struct jw_report *report = &reporting->report;

	report->now = reporting->wish.as_of;
	report->simulated = reporting->wish.is_simulated;
	report->count = count;
	if (names)
		reporting->nobodies =
			jw_arena_array(&reporting->arena, count, sizeof(*reporting->nobodies));
	reporting->stills = jw_xcalloc(report->count + 1, sizeof(*reporting->stills));
	for (size_t i = 0; i < report->count; i++) {
		const struct jw_record *record =
			names ? jw_monitor_find(daemon->monitor, names[i])
			      : jw_monitor_at(daemon->monitor, i);

		if (record)
			jw_monitor_still(daemon->monitor, record, &now, &reporting->stills[i]);
		else
			reporting->nobodies[i] = jw_arena_text(&reporting->arena, names[i]);
	}
	add_sinks(daemon, report);
}

static void free_results(struct jw_report *report)
{
	for (size_t i = 0; i < report->count && report->results; i++)
		jw_result_done(&report->results[i]);
	free(report->results);
	report->results = NULL;
}

/* In a thread too: nothing but its own, and what doesn't change. */
static void make(void *context)
{
	struct jw_reporting *reporting = context;
	const struct jw_report_wish *wish = &reporting->wish;
	struct jw_report *report = &reporting->report;

	atomic_store(&reporting->has_begun, true);
	/* Not before: many may wait. */
	report->results = jw_xcalloc(report->count + 1, sizeof(*report->results));
	for (size_t i = 0; i < report->count; i++) {
		if (atomic_load(&reporting->is_unwanted))
			return;
		if (reporting->stills[i].record.target)
			jw_still_result(&reporting->stills[i], wish->as_of,
					&report->results[i]);
		else
			refuse(reporting->nobodies[i], &report->results[i]);
	}
	report->state = jw_session_state(report);
	wish->write(report, &wish->style, &reporting->page);
	reporting->code = jw_report_exit_code(report, wish->style.fail_on);
	free_results(report);
}

static void reporting_free(void *context)
{
	struct jw_reporting *reporting = context;
	struct jw_report *report = &reporting->report;

	*reporting->place = reporting->next;
	if (reporting->next)
		reporting->next->place = reporting->place;
	if (reporting->is_large)
		reporting->daemon->large_reports--;
	for (size_t i = 0; i < report->count; i++)
		jw_still_done(&reporting->stills[i]);
	free_results(report);
	free(reporting->stills);
	jw_arena_done(&reporting->arena);
	jw_sinks_done(report);
	jw_buf_done(&reporting->page);
	jw_config_free(reporting->config);
	free(reporting);
}

static void is_out(void *context, struct jw_buf *bytes)
{
	struct jw_daemon *daemon = context;

	(void)bytes;
	daemon->large_reports--;
}

static void answer(struct jw_reporting *reporting)
{
	const char code[2] = {(char)('0' + reporting->code), '\0'};
	const char *const headers[] = {"Cache-Control", "no-store",
				       reporting->wish.tells_code ? JW_CODE_HEADER : NULL, code,
				       NULL};
	struct jw_visit_reply reply = {
		.status = 200, .media_type = reporting->wish.media_type, .headers = headers};

	if (reporting->page.overflowed) {
		jw_route_say(reporting->daemon, reporting->visit, 500,
			     "The page would be larger than %zu bytes.\n", PAGE_MAX);
		return;
	}
	reply.page = jw_shared_new(&reporting->page);
	if (reporting->is_large) {
		/* From here on it is counted by what is out. */
		reporting->is_large = false;
		reply.page->last = is_out;
		reply.page->context = reporting->daemon;
	}
	reporting->daemon->server.reply(reporting->visit, &reply);
	jw_shared_release(reply.page);
}

static void done(void *context)
{
	struct jw_reporting *reporting = context;

	if (reporting->visit)
		answer(reporting);
	reporting_free(reporting);
}

/* Once: its thread may begin in this very moment, and then it is heard of again at the daemon's end. It may be gone behind
 * this. */
static void leave(struct jw_reporting *reporting)
{
	struct jw_job *job = reporting->job;

	reporting->job = NULL;
	if (job)
		reporting->daemon->reporters.leave(job, reporting_free);
}

static void unwant(struct jw_reporting *reporting)
{
	reporting->visit = NULL;
	atomic_store(&reporting->is_unwanted, true);
}

/* A thread that is at it is let be, so that no other takes its place: it looks up soon. */
static void gone(void *context)
{
	struct jw_reporting *reporting = context;

	unwant(reporting);
	if (!atomic_load(&reporting->has_begun))
		leave(reporting);
}

static void say_busy(struct jw_daemon *daemon, struct jw_visit *visit)
{
	static const char *const headers[] = {"Cache-Control", "no-store", "Retry-After", "1",
					      NULL};
	const struct jw_visit_reply reply = {
		.status = 503,
		.media_type = "text/plain; charset=utf-8",
		.headers = headers,
		.body = jw_str_of("Too many large reports are on their way already: ask again "
				  "in a second, or for fewer targets.\n")};

	daemon->server.reply(visit, &reply);
}

void jw_daemon_report(struct jw_daemon *daemon, struct jw_visit *visit,
		      const struct jw_report_wish *wish)
{
	size_t count = wish->count ? wish->count : jw_monitor_count(daemon->monitor);
	struct jw_reporting *reporting;

	if (count > FEW && daemon->large_reports >= LARGE_MAX) {
		say_busy(daemon, visit);
		return;
	}
	reporting = jw_xcalloc(1, sizeof(*reporting));
	reporting->daemon = daemon;
	reporting->visit = visit;
	reporting->wish = *wish;
	reporting->wish.names = NULL;
	reporting->config = jw_config_keep(daemon->config);
	jw_buf_init(&reporting->page, PAGE_MAX);
	reporting->next = daemon->reportings;
	reporting->place = &daemon->reportings;
	if (reporting->next)
		reporting->next->place = &reporting->next;
	daemon->reportings = reporting;
	gather(reporting, wish->count ? wish->names : NULL, count);
	reporting->is_large = count > FEW;
	daemon->large_reports += reporting->is_large;
	if (reporting->is_large)
		reporting->job =
			daemon->reporters.start(daemon->reporters.self, make, done, reporting);
	if (reporting->job) {
		daemon->server.on_gone(visit, gone, reporting);
		return;
	}
	make(reporting);
	done(reporting);
}

void jw_daemon_reports_end(struct jw_daemon *daemon)
{
	struct jw_reporting *next;

	for (struct jw_reporting *at = daemon->reportings; at; at = next) {
		next = at->next;
		unwant(at);
		leave(at);
	}
}
