/* SPDX-License-Identifier: MIT */
/* A run's first steps beside the loop, where a dead network mount may hold them: from then on until their end the run
 * belongs to a thread, and so does its result, but for what struct jw_run says is the loop's. */
#include "core/run.h"

#include <string.h>

/* By so much longer than the steps themselves they are waited for: they know better why it took so long. */
#define GRACE_MS 200

/* Those that nobody waits for; the loop's. A target has one at most: a dead mount that is looked at again and again
 * would take all threads in the end, and so hide the living. */
static struct jw_run *orphans;

static void add_orphan(struct jw_run *run)
{
	run->next_orphan = orphans;
	run->orphan_place = &orphans;
	if (orphans)
		orphans->orphan_place = &run->next_orphan;
	orphans = run;
}

static void drop_orphan(struct jw_run *run)
{
	*run->orphan_place = run->next_orphan;
	if (run->next_orphan)
		run->next_orphan->orphan_place = run->orphan_place;
}

/* Its thread has let go of it. On the loop. */
static void orphan_gone(void *context)
{
	struct jw_run *run = context;
	struct jw_result *own = run->result;

	drop_orphan(run);
	jw_run_free(run);
	jw_result_done(own);
	free(own);
}

static void work(void *context)
{
	struct jw_run *run = context;

	atomic_store(&run->has_begun, true);
	run->is_complete = jw_run_walk(run, run->target->check->blocking_steps);
}

static void stop_timer(struct jw_run *run)
{
	if (run->timer)
		run->loop->timer_free(run->timer);
	run->timer = NULL;
}

/* The run's own result becomes the caller's. */
static void hand_over(struct jw_run *run)
{
	struct jw_result *own = run->result;

	run->result = run->outer;
	run->outer = NULL;
	*run->result = *own;
	run->arena = &run->result->arena;
	run->facts = &run->result->facts;
	free(own);
}

static void is_over(void *context)
{
	struct jw_run *run = context;

	stop_timer(run);
	run->job = NULL;
	hand_over(run);
	for (size_t i = 0; i < run->warning_count; i++)
		jw_run_warn(run, run->warnings[i]);
	if (run->is_complete)
		jw_run_end(run);
	else
		jw_run_resume(run);
}

/* What the check looks at, for output: the run itself may be further than that, but is the thread's. */
static const char *place_of(const struct jw_target *target)
{
	for (const struct jw_option *o = target->check->options; o->name; o++)
		if (o->type == JW_T_PATH)
			return *(const char *const *)((const char *)target->config + o->offset);
	return NULL;
}

static const char *duration(struct jw_arena *arena, int64_t ms)
{
	return jw_arena_printf(arena, ms % 1000 ? "%lld ms" : "%lld s",
			       (long long)(ms % 1000 ? ms : ms / 1000));
}

static void add_failure(const struct jw_target *target, enum jw_cause cause, const char *says,
			struct jw_result *result)
{
	struct jw_facts *facts = &result->facts;

	facts->failures = jw_arena_array(&result->arena, 1, sizeof(struct jw_failure));
	facts->failures[0] = (struct jw_failure){
		.cause = cause,
		.at = JW_AT_SOURCE,
		.place = place_of(target),
		.says = says,
	};
	facts->failure_count = 1;
}

/* Why it isn't waited for any more; of the run, only what the thread leaves alone is looked at. */
static void add_lateness(struct jw_run *run, struct jw_result *result)
{
	struct jw_arena *arena = &result->arena;
	int64_t timeout_ms = run->target->timeout;

	if (run->is_capped)
		add_failure(run->target, JW_DEADLINE,
			    "the whole run's time (-t) was up before the file system answered",
			    result);
	else if (!atomic_load(&run->has_begun))
		add_failure(run->target, JW_DEADLINE,
			    jw_arena_printf(arena,
					    "had no turn within %s: other files, which are "
					    "slow to read, came first",
					    duration(arena, timeout_ms)),
			    result);
	else
		add_failure(run->target, JW_TIMEOUT,
			    jw_arena_printf(arena, "the file system didn't answer within %s",
					    duration(arena, timeout_ms)),
			    result);
}

/* The run is gone behind this, or its thread's. */
static void leave(struct jw_run *run)
{
	struct jw_job *job = run->job;

	stop_timer(run);
	run->job = NULL;
	add_orphan(run);
	run->world->work->leave(job, orphan_gone);
}

static void is_due(void *context)
{
	struct jw_run *run = context;
	struct jw_result *result = run->outer;
	jw_runner_done *done = run->done;
	void *done_context = run->done_context;

	add_lateness(run, result);
	jw_run_judge(run, result);
	leave(run);
	done(done_context, result);
}

void jw_aside_cancel(struct jw_run *run)
{
	struct jw_result *result = run->outer;

	add_failure(run->target, JW_DEADLINE,
		    "the whole run's time (-t) was up before the file system answered", result);
	jw_run_judge(run, result);
	leave(run);
}

/* Why no thread takes it. */
static void note_refusal(struct jw_run *run)
{
	const struct jw_work *threads = run->world->work;
	size_t hanging = threads->hanging(threads->self);

	if (hanging)
		jw_run_note_failure(run, place_of(run->target), JW_DEADLINE,
				    "wasn't looked at: %zu read%s already, as on a dead "
				    "network mount",
				    hanging, hanging == 1 ? " hangs" : "s hang");
	else
		jw_run_note_failure(run, place_of(run->target), JW_INTERNAL,
				    "wasn't looked at: no thread could be had to read it");
}

static bool is_same_text(const char *a, const char *b)
{
	return jw_str_eq(jw_str_of(a), jw_str_of(b));
}

/* By what both look at: after a reload the target is another. */
static bool hangs_already(const struct jw_run *run)
{
	const struct jw_target *target = run->target;

	for (const struct jw_run *other = orphans; other; other = other->next_orphan)
		if (other->world->work == run->world->work &&
		    is_same_text(other->target->name, target->name) &&
		    is_same_text(place_of(other->target), place_of(target)))
			return true;
	return false;
}

static void own_result(struct jw_run *run)
{
	run->outer = run->result;
	run->result = jw_xcalloc(1, sizeof(*run->result));
	run->result->target = run->target;
	run->arena = &run->result->arena;
	run->facts = &run->result->facts;
	run->state = jw_arena_alloc(run->arena, run->target->check->state_size);
}

bool jw_aside_begin(struct jw_run *run)
{
	const struct jw_work *threads = run->world->work;
	struct jw_err err;

	if (hangs_already(run)) {
		jw_run_note_failure(run, place_of(run->target), JW_TIMEOUT,
				    "the file system still hasn't answered the read of an "
				    "earlier check");
		return false;
	}
	run->loop = run->world->loop(run->world->loop_context, &err);
	if (!run->loop) {
		jw_run_note_failure(run, NULL, err.cause, "%s", err.text);
		return false;
	}
	own_result(run);
	run->timer = run->loop->timer(run->loop->self, is_due, run);
	run->loop->arm(run->timer, jw_run_left_ms(run) + (run->is_capped ? 0 : GRACE_MS));
	/* From here on the thread may have it. */
	run->job = threads->start(threads->self, work, is_over, run);
	if (run->job)
		return true;
	stop_timer(run);
	hand_over(run);
	note_refusal(run);
	return false;
}
