/* SPDX-License-Identifier: MIT */
/* Runs targets: walks their checks' steps and has what they found judged. */
#include "core/runner.h"

#include "contract/check.h"
#include "core/run.h"

bool jw_run_walk(struct jw_run *run, size_t end)
{
	const struct jw_check *check = run->target->check;

	while (run->at != end && check->steps[run->at]) {
		switch (check->steps[run->at](run)) {
		case JW_NEXT:
			run->at++;
			break;
		case JW_WAIT:
			run->at++;
			return false;
		case JW_REPEAT:
			run->at--;
			break;
		case JW_DONE:
			return true;
		}
	}
	return !check->steps[run->at];
}

void jw_result_judge(struct jw_result *result, int64_t now)
{
	result->now = now;
	jw_judge(&result->facts, &result->target->expect, now, &result->arena,
		 &result->verdict);
}

static int64_t now_ms(const struct jw_world *world)
{
	return world->clock->monotonic_ms(world->clock->self);
}

/* Of who gives tokens out, the clock that they are made by. */
static void note_source_clock(struct jw_run *run)
{
	const struct jw_facts *facts = run->facts;

	if (run->target->check->kind != JW_CHECK_FRESH || !facts->exchange_count ||
	    facts->exchanges[0].at != JW_AT_SOURCE || !facts->exchanges[0].has_clock)
		return;
	for (size_t i = 0; i < facts->token_count; i++) {
		facts->tokens[i].has_source_clock = true;
		facts->tokens[i].source_offset = facts->exchanges[0].clock_offset;
	}
}

void jw_run_free(struct jw_run *run)
{
	if (run->state && run->target->check->cleanup)
		run->target->check->cleanup(run);
	jw_run_close(run);
	jw_buf_done(&run->bytes);
	free(run->slots);
	jw_config_free(run->config);
	free(run);
}

void jw_run_judge(const struct jw_run *run, struct jw_result *result)
{
	const struct jw_clock *clock = run->world->clock;

	if (!(run->want & JW_WANT_FACTS))
		jw_result_judge(result, clock->wall(clock->self));
	result->duration_ms = now_ms(run->world) - run->start_ms;
}

static void finish(struct jw_run *run)
{
	note_source_clock(run);
	jw_run_judge(run, run->result);
	jw_run_free(run);
}

void jw_run_end(struct jw_run *run)
{
	jw_runner_done *done = run->done;
	void *context = run->done_context;
	struct jw_result *result = run->result;
	struct jw_config *config = run->config;

	/* The result borrows from it: it stays until that has been told. */
	run->config = NULL;
	finish(run);
	done(context, result);
	jw_config_free(config);
}

void jw_run_resume(struct jw_run *run)
{
	if (jw_run_walk(run, SIZE_MAX))
		jw_run_end(run);
}

static struct jw_config *kept(const struct jw_config *config)
{
	/* Counting those that keep it doesn't change what it says. */
	return config ? jw_config_keep((struct jw_config *)(uintptr_t)config) : NULL;
}

static struct jw_run *run_new(const struct jw_world *world, const struct jw_config *config,
			      const struct jw_target *target, int64_t deadline_ms)
{
	struct jw_run *run = jw_xcalloc(1, sizeof(*run));

	run->world = world;
	run->config = kept(config);
	run->target = target;
	run->start_ms = now_ms(world);
	run->deadline_ms = run->start_ms + target->timeout;
	run->is_capped = deadline_ms < run->deadline_ms;
	if (run->is_capped)
		run->deadline_ms = deadline_ms;
	jw_buf_init(&run->bytes, JW_RUN_BYTES_MAX);
	return run;
}

/* False where it is at its end already. */
static bool begin(struct jw_run *run)
{
	const struct jw_check *check = run->target->check;

	if (run->world->work && check->blocking_steps)
		return jw_aside_begin(run);
	run->state = jw_arena_alloc(run->arena, check->state_size);
	return !jw_run_walk(run, SIZE_MAX);
}

struct jw_run *jw_runner_start(const struct jw_world *world, const struct jw_config *config,
			       const struct jw_target *target, int64_t deadline_ms,
			       unsigned want, struct jw_result *result, jw_runner_done *done,
			       void *context)
{
	struct jw_run *run = run_new(world, config, target, deadline_ms);

	*result = (struct jw_result){.target = target};
	run->arena = &result->arena;
	run->facts = &result->facts;
	run->result = result;
	run->want = want;
	run->done = done;
	run->done_context = context;
	if (run->start_ms >= deadline_ms) {
		jw_run_note_failure(
			run, NULL, JW_DEADLINE,
			"the whole run's time (-t) was up before this target's turn");
	} else if (begin(run)) {
		return run;
	}
	finish(run);
	return NULL;
}

void jw_runner_cancel(struct jw_run *run)
{
	if (run->job) {
		jw_aside_cancel(run);
		return;
	}
	jw_run_note_deadline(run);
	jw_run_stop_waiting(run);
	finish(run);
}

void jw_runner_refuse_at(const struct jw_target *target, enum jw_at at, enum jw_cause cause,
			 const char *says, struct jw_result *ret_result)
{
	*ret_result = (struct jw_result){.target = target};
	ret_result->facts.failures =
		jw_arena_array(&ret_result->arena, 1, sizeof(struct jw_failure));
	ret_result->facts.failures[0] = (struct jw_failure){
		.cause = cause,
		.at = at,
		.says = jw_arena_text(&ret_result->arena, jw_str_of(says)),
	};
	ret_result->facts.failure_count = 1;
	jw_judge(&ret_result->facts, &target->expect, 0, &ret_result->arena,
		 &ret_result->verdict);
}

void jw_runner_refuse(const struct jw_target *target, enum jw_cause cause, const char *says,
		      struct jw_result *ret_result)
{
	jw_runner_refuse_at(target, JW_AT_SOURCE, cause, says, ret_result);
}

void jw_result_done(struct jw_result *result)
{
	for (size_t i = 0; i < result->facts.token_count; i++)
		jw_jwt_done(&result->facts.tokens[i].jwt);
	jw_arena_done(&result->arena);
}
