/* SPDX-License-Identifier: MIT */
/* Runs targets: walks their checks' steps and has what they found judged. */
#include "core/runner.h"

#include "contract/check.h"
#include "core/run.h"

static void walk(struct jw_run *run)
{
	const struct jw_check *check = run->target->check;
	size_t at = 0;

	while (check->steps[at]) {
		switch (check->steps[at](run)) {
		case JW_NEXT:
		case JW_WAIT:
			at++;
			break;
		case JW_REPEAT:
			at--;
			break;
		case JW_DONE:
			return;
		}
	}
}

static void finish(struct jw_run *run)
{
	if (run->target->check->cleanup)
		run->target->check->cleanup(run);
	jw_run_close(run);
	jw_buf_done(&run->bytes);
	free(run->slots);
}

static void judge(const struct jw_world *world, struct jw_result *result)
{
	result->now = world->clock->wall(world->clock->self);
	jw_judge(&result->facts, &result->target->expect, result->now, &result->arena,
		 &result->verdict);
}

void jw_runner_run(const struct jw_world *world, const struct jw_config *config,
		   const struct jw_target *target, int64_t deadline_ms, unsigned want,
		   struct jw_result *ret_result)
{
	int64_t start = world->clock->monotonic_ms(world->clock->self);
	struct jw_run run = {
		.world = world,
		.config = config,
		.target = target,
		.arena = &ret_result->arena,
		.facts = &ret_result->facts,
		.want = want,
		.start_ms = start,
		.deadline_ms = start + target->timeout,
		.is_capped = deadline_ms < start + target->timeout,
	};

	*ret_result = (struct jw_result){.target = target};
	jw_buf_init(&run.bytes, JW_RUN_BYTES_MAX);
	if (run.is_capped)
		run.deadline_ms = deadline_ms;
	if (start >= deadline_ms) {
		jw_run_note_failure(
			&run, NULL, JW_DEADLINE,
			"the whole run's time (-t) was up before this target's turn");
	} else {
		run.state = jw_arena_alloc(run.arena, target->check->state_size);
		walk(&run);
		finish(&run);
	}
	judge(world, ret_result);
	ret_result->duration_ms = world->clock->monotonic_ms(world->clock->self) - start;
}

void jw_runner_refuse(const struct jw_target *target, enum jw_cause cause, const char *says,
		      struct jw_result *ret_result)
{
	*ret_result = (struct jw_result){.target = target};
	ret_result->facts.failures =
		jw_arena_array(&ret_result->arena, 1, sizeof(struct jw_failure));
	ret_result->facts.failures[0] = (struct jw_failure){
		.cause = cause,
		.says = jw_arena_text(&ret_result->arena, jw_str_of(says)),
	};
	ret_result->facts.failure_count = 1;
	jw_judge(&ret_result->facts, &target->expect, 0, &ret_result->arena,
		 &ret_result->verdict);
}

void jw_result_done(struct jw_result *result)
{
	for (size_t i = 0; i < result->facts.token_count; i++)
		jw_jwt_done(&result->facts.tokens[i].jwt);
	jw_arena_done(&result->arena);
}
