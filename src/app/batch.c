/* SPDX-License-Identifier: MIT */
/* Targets side by side: those that wait for the network or for programs wait together. */
#include <string.h>

#include "app/app.h"

/* More would only wait in the transport for each other. */
#define IN_FLIGHT 512
#define PROGRESS_MS 500
#define NAMES_MAX 16

void jw_batch_init(struct jw_batch *batch, size_t count)
{
	batch->results = jw_xcalloc(count, sizeof(*batch->results));
	batch->waiting = jw_xcalloc(count, sizeof(struct jw_run *));
}

void jw_batch_done(struct jw_batch *batch)
{
	free(batch->waiting);
}

static int64_t now_ms(const struct jw_batch *batch)
{
	return batch->world->clock->monotonic_ms(batch->world->clock->self);
}

static const struct jw_loop *loop_of(const struct jw_batch *batch)
{
	/* Open, since a run waits on it. */
	return batch->world->loop(batch->world->loop_context, NULL);
}

static void done(void *context, struct jw_result *result)
{
	struct jw_batch *batch = context;
	const struct jw_loop *loop = loop_of(batch);

	batch->waiting[result - batch->results] = NULL;
	batch->waiting_count--;
	batch->done_count++;
	loop->stop(loop->self);
}

static void show(struct jw_batch *batch)
{
	const char *names[NAMES_MAX];
	size_t count = 0;

	for (size_t i = 0; count < NAMES_MAX && count < batch->waiting_count; i++)
		if (batch->waiting[i])
			names[count++] = batch->results[i].target->name;
	jw_progress_show(batch->progress, batch->done_count, names, count,
			 now_ms(batch) - batch->start_ms);
}

/* Until a run ends, or until_ms. */
static void turn(struct jw_batch *batch, int64_t until_ms)
{
	const struct jw_loop *loop = loop_of(batch);
	int64_t next_ms = batch->next_progress_ms;

	if (!batch->progress || until_ms <= next_ms) {
		loop->run(loop->self, until_ms);
		return;
	}
	loop->run(loop->self, next_ms);
	if (now_ms(batch) < next_ms)
		return;
	show(batch);
	batch->next_progress_ms = now_ms(batch) + PROGRESS_MS;
}

static void wait_for_less_than(struct jw_batch *batch, size_t count)
{
	while (batch->waiting_count >= count && now_ms(batch) < batch->deadline_ms)
		turn(batch, batch->deadline_ms);
}

void jw_batch_start(struct jw_batch *batch, const struct jw_target *target, size_t index)
{
	struct jw_run *run;

	if (!batch->start_ms) {
		batch->start_ms = now_ms(batch);
		batch->next_progress_ms = batch->start_ms + 2 * PROGRESS_MS;
	}
	wait_for_less_than(batch, IN_FLIGHT);
	run = jw_runner_start(batch->world, batch->config, target, batch->deadline_ms,
			      batch->want, &batch->results[index], done, batch);
	batch->waiting[index] = run;
	if (run)
		batch->waiting_count++;
	else
		batch->done_count++;
	/* What is ready isn't kept waiting by those that are yet to be started. */
	if (batch->waiting_count)
		turn(batch, now_ms(batch));
}

void jw_batch_finish(struct jw_batch *batch)
{
	wait_for_less_than(batch, 1);
	/* The transport keeps to the deadline by itself; should it not, its runs end here. */
	for (size_t i = 0; batch->waiting_count; i++) {
		if (!batch->waiting[i])
			continue;
		jw_runner_cancel(batch->waiting[i]);
		batch->waiting[i] = NULL;
		batch->waiting_count--;
	}
}
