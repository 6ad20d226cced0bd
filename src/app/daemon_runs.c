/* SPDX-License-Identifier: MIT */
/* The daemon's runs: those that are due, and what becomes of their results. */
#include <malloc.h>

#include "app/daemon.h"
#include "base/log.h"

/* Then the loop has a turn for whoever asks. */
#define STARTS_AT_ONCE 32
#define TRIM_MS 60000
/* By then the runs that began by the configuration before have let go of it. */
#define TRIM_SOON_MS 2000

struct jw_times jw_daemon_times(const struct jw_daemon *daemon)
{
	const struct jw_clock *clock = daemon->world.clock;

	return (struct jw_times){clock->boot_ms(clock->self), clock->wall_ms(clock->self)};
}

int64_t jw_daemon_now_ms(const struct jw_daemon *daemon)
{
	return daemon->world.clock->monotonic_ms(daemon->world.clock->self);
}

void jw_daemon_pump(struct jw_daemon *daemon)
{
	if (!daemon->is_ending)
		daemon->loop->arm(daemon->pump, 0);
}

static void log_change(const struct jw_result *result, const struct jw_monitor_news *news)
{
	const struct jw_verdict *verdict = &result->verdict;
	/* The first one that is met is no other one. */
	bool was_replaced = news->token_changed && result->record->rotations;

	if (news->state_changed || was_replaced)
		JW_LOG_EVENT(verdict->state == JW_STATE_OK ? JW_LOG_INFO : JW_LOG_WARNING,
			     verdict->message, {.key = "target", .text = result->target->name},
			     {.key = "state", .text = jw_state_name(verdict->state)},
			     {.key = "cause", .text = jw_cause_name(verdict->cause)},
			     {.key = "token", .text = was_replaced ? "another" : "the same"});
}

static void judge_copy(void *context, struct jw_record *copy)
{
	jw_daemon_judge(context, copy);
}

/* What follows from a verdict, however it came. */
static void follow(struct jw_daemon *daemon, struct jw_record *record,
		   const struct jw_result *result, const struct jw_monitor_news *news)
{
	log_change(result, news);
	jw_daemon_tell(daemon, result, news);
	if (daemon->state && (news->state_changed || news->token_changed))
		jw_kept_file_touch(daemon->state, 100);
	if (news->token_changed)
		jw_monitor_each_copy(daemon->monitor, record, judge_copy, daemon);
}

void jw_daemon_judge(struct jw_daemon *daemon, struct jw_record *record)
{
	struct jw_times now = jw_daemon_times(daemon);
	struct jw_monitor_news news;
	struct jw_result result;

	if (!record->has_result)
		return;
	jw_monitor_judge(daemon->monitor, record, &now, &result, &news);
	jw_sched_change_at(daemon->sched, record->schedule, news.change_at, &now);
	follow(daemon, record, &result, &news);
	jw_result_done(&result);
}

static void take(struct jw_slot *slot)
{
	struct jw_daemon *daemon = slot->daemon;
	struct jw_record *record = slot->record;
	struct jw_times now = jw_daemon_times(daemon);
	struct jw_monitor_news news;
	struct jw_sched_end end;

	jw_tending_tell(record->owner, &slot->result);
	jw_monitor_take(daemon->monitor, record, &slot->result, &now, &news);
	end = (struct jw_sched_end){news.is_failing, news.is_suspect, news.change_at};
	jw_sched_end(daemon->sched, record->schedule, &end, &now);
	if (slot->is_outdated)
		jw_sched_wake(daemon->sched, record->schedule, &now);
	if (record->cause)
		daemon->errors[record->cause]++;
	follow(daemon, record, &slot->result, &news);
	jw_tending_look(record->owner, &slot->result);
}

static void slot_free(struct jw_slot *slot)
{
	*slot->place = slot->next;
	if (slot->next)
		slot->next->place = slot->place;
	jw_result_done(&slot->result);
	jw_arena_done(&slot->arena);
	jw_config_free(slot->config);
	free(slot);
}

/* As of this run alone, without what is remembered. */
static void answer_probers(struct jw_slot *slot)
{
	jw_result_judge(&slot->result, jw_daemon_times(slot->daemon).wall_ms / 1000);
	jw_probers_answer(slot);
}

static void finish(struct jw_slot *slot)
{
	struct jw_daemon *daemon = slot->daemon;

	slot->run = NULL;
	if (slot->record)
		((struct jw_spot *)slot->record->owner)->slot = NULL;
	if (slot->probers)
		answer_probers(slot);
	if (slot->record && slot->is_scheduled)
		take(slot);
	slot_free(slot);
	jw_daemon_pump(daemon);
}

static void done(void *context, struct jw_result *result)
{
	(void)result;
	finish(context);
}

struct jw_slot *jw_slot_new(struct jw_daemon *daemon, struct jw_record *record,
			    const struct jw_target *target)
{
	struct jw_slot *slot = jw_xcalloc(1, sizeof(*slot));

	slot->daemon = daemon;
	slot->record = record;
	slot->target = target;
	slot->is_throwaway = !record;
	slot->config = jw_config_keep(daemon->config);
	slot->next = daemon->slots;
	slot->place = &daemon->slots;
	if (slot->next)
		slot->next->place = &slot->next;
	daemon->slots = slot;
	if (record)
		((struct jw_spot *)record->owner)->slot = slot;
	return slot;
}

void jw_slot_start(struct jw_slot *slot)
{
	slot->run = jw_runner_start(&slot->daemon->world, slot->config, slot->target, INT64_MAX,
				    JW_WANT_FINGERPRINTS | JW_WANT_FACTS, &slot->result, done,
				    slot);
	if (!slot->run)
		finish(slot);
}

static void cancel(struct jw_slot *slot)
{
	if (slot->run)
		jw_runner_cancel(slot->run);
	slot_free(slot);
}

/* A target's own run goes on to its end: a read that is left behind would hold up the target's next one. */
void jw_slot_leave(struct jw_slot *slot)
{
	if (slot->probers || !slot->is_throwaway)
		return;
	cancel(slot);
}

void jw_slot_orphan(struct jw_slot *slot)
{
	slot->record = NULL;
}

/* Where /probe runs the target already, that run's result is the scheduler's too. */
static void start_due(struct jw_daemon *daemon, size_t id)
{
	struct jw_spot *spot = daemon->spots[id];
	struct jw_slot *slot = spot->slot;

	if (slot) {
		slot->is_scheduled = true;
		return;
	}
	slot = jw_slot_new(daemon, spot->record, spot->record->target);
	slot->is_scheduled = true;
	jw_slot_start(slot);
}

static void look_at_clocks(struct jw_daemon *daemon, const struct jw_times *now)
{
	int64_t step_ms = jw_sched_look(daemon->sched, now);

	if (!step_ms)
		return;
	daemon->jumps++;
	jw_log(JW_LOG_WARNING,
	       "the clock was set %s by %lld s, or this machine slept: every target is "
	       "checked again within its interval",
	       step_ms < 0 ? "back" : "forward",
	       (long long)(step_ms < 0 ? -step_ms : step_ms) / 1000);
}

void jw_daemon_on_trim(void *unused)
{
	(void)unused;
	malloc_trim(0);
}

void jw_daemon_trim_soon(struct jw_daemon *daemon)
{
	daemon->loop->arm(daemon->trim, TRIM_SOON_MS);
}

/* What rounds of checks took for a while. */
static void give_back(struct jw_daemon *daemon, int64_t boot_ms)
{
	if (boot_ms < daemon->trim_at_ms)
		return;
	daemon->trim_at_ms = boot_ms + TRIM_MS;
	malloc_trim(0);
}

void jw_daemon_on_pump(void *context)
{
	struct jw_daemon *daemon = context;
	struct jw_times now = jw_daemon_times(daemon);
	int64_t next;

	if (daemon->is_ending)
		return;
	look_at_clocks(daemon, &now);
	for (size_t i = 0; i < STARTS_AT_ONCE; i++) {
		size_t id = jw_sched_start(daemon->sched, &now);

		if (id == JW_SCHED_NONE)
			break;
		start_due(daemon, id);
	}
	give_back(daemon, now.boot_ms);
	next = jw_sched_next(daemon->sched);
	if (next == JW_NEVER)
		daemon->alarm.arm(daemon->alarm.self, -1);
	else if (next <= now.boot_ms)
		jw_daemon_pump(daemon);
	else
		daemon->alarm.arm(daemon->alarm.self, next);
}

void jw_daemon_cancel(struct jw_daemon *daemon)
{
	while (daemon->slots)
		cancel(daemon->slots);
}
