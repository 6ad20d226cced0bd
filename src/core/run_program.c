/* SPDX-License-Identifier: MIT */
/* What a check may have run through its run. */
#include "core/run.h"

#include "token/find.h"

#define DEADLINE_SAYS "the whole run's time (-t) was up before it ended"

const struct jw_exec *jw_run_exec(const struct jw_run *run, struct jw_err *err)
{
	if (run->world->exec)
		return run->world->exec(run->world->exec_context, err);
	jw_fail(err, JW_INTERNAL, "no program can be run here");
	return NULL;
}

/* All that was left was given, so whoever had less decides: SIGTERM comes before the end. */
static void say_deadline(struct jw_run *run)
{
	if (run->outcome.cause != JW_TIMEOUT || !run->is_capped)
		return;
	run->outcome.cause = JW_DEADLINE;
	run->outcome.says = DEADLINE_SAYS;
}

/* With the timeout that somebody wrote, not what was left of it at the start. */
static void say_timeout(struct jw_run *run)
{
	int64_t ms = run->target->timeout;

	if (run->outcome.cause != JW_TIMEOUT)
		return;
	run->outcome.says = jw_arena_printf(
		run->arena,
		"didn't end by itself within the timeout of %lld%s, so it was ended",
		(long long)(ms % 1000 ? ms : ms / 1000), ms % 1000 ? "ms" : "s");
}

static void ended(void *context, const struct jw_exec_result *result)
{
	struct jw_run *run = context;

	run->child = NULL;
	run->outcome = *result;
	say_deadline(run);
	say_timeout(run);
	jw_run_resume(run);
}

void jw_run_note_deadline(struct jw_run *run)
{
	if (run->child)
		jw_run_note_failure(run, run->program, JW_DEADLINE, DEADLINE_SAYS);
	else
		jw_run_note_failure(
			run, NULL, JW_DEADLINE,
			"the whole run's time (-t) was up before the answer was there");
}

static const char *shown(struct jw_run *run, const char *program)
{
	jw_autofree char *name = jw_xstrdup(program);

	jw_find_scrub(name);
	return jw_arena_text(run->arena, jw_str_of(name));
}

static enum jw_next no_outcome(struct jw_run *run, enum jw_cause cause, const char *says)
{
	run->outcome = (struct jw_exec_result){
		.cause = cause,
		.says = jw_arena_text(run->arena, jw_str_of(says)),
	};
	say_deadline(run);
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
	run->program = shown(run, request->argv[0]);
	run->child = exec->start(exec->self, &filled, ended, run);
	return JW_WAIT;
}

const struct jw_exec_result *jw_run_outcome(const struct jw_run *run)
{
	return &run->outcome;
}
