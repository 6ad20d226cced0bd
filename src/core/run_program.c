/* SPDX-License-Identifier: MIT */
/* What a check may have run through its run. */
#include "core/run.h"

const struct jw_exec *jw_run_exec(const struct jw_run *run, struct jw_err *err)
{
	if (run->world->exec)
		return run->world->exec(run->world->exec_context, err);
	jw_fail(err, JW_INTERNAL, "no program can be run here");
	return NULL;
}

/* All that was left was given, so whoever had less decides: SIGTERM comes before the end. */
static void say_timeout(struct jw_run *run)
{
	if (run->outcome.cause != JW_TIMEOUT || !run->is_capped)
		return;
	run->outcome.cause = JW_DEADLINE;
	run->outcome.says = "the whole run's time (-t) was up before it ended";
}

static void ended(void *context, const struct jw_exec_result *result)
{
	struct jw_run *run = context;

	run->child = NULL;
	run->outcome = *result;
	say_timeout(run);
	jw_run_resume(run);
}

static enum jw_next no_outcome(struct jw_run *run, enum jw_cause cause, const char *says)
{
	run->outcome = (struct jw_exec_result){
		.cause = cause,
		.says = jw_arena_text(run->arena, jw_str_of(says)),
	};
	say_timeout(run);
	return JW_NEXT;
}

enum jw_next jw_run_program(struct jw_run *run, const struct jw_exec_request *request)
{
	struct jw_exec_request filled = *request;
	const struct jw_exec *exec;
	struct jw_err err;

	if (jw_run_is_late(run))
		return no_outcome(run, JW_TIMEOUT, "no time was left to run it");
	exec = jw_run_exec(run, &err);
	if (!exec)
		return no_outcome(run, JW_INTERNAL, err.text);
	filled.timeout_ms = jw_run_left_ms(run);
	run->child = exec->start(exec->self, &filled, ended, run);
	return JW_WAIT;
}

const struct jw_exec_result *jw_run_outcome(const struct jw_run *run)
{
	return &run->outcome;
}
