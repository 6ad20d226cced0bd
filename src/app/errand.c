/* SPDX-License-Identifier: MIT */
/* What is done beside the loop for clients: a dead file system may hold a thread, never the loop nor the client. */
#include "app/daemon.h"

#define PATIENCE_MS 10000

static void end(struct jw_errand *errand)
{
	*errand->place = errand->next;
	if (errand->next)
		errand->next->place = errand->place;
	errand->daemon->loop->timer_free(errand->timer);
	errand->free(errand);
}

static void work(void *context)
{
	struct jw_errand *errand = context;

	errand->work(errand);
}

static void done(void *context)
{
	struct jw_errand *errand = context;

	if (errand->visit)
		errand->answer(errand);
	end(errand);
}

static void is_over(void *context)
{
	end(context);
}

/* Its thread isn't counted any more among those that work, so that others get theirs. */
static void leave(struct jw_errand *errand)
{
	struct jw_job *job = errand->job;

	errand->visit = NULL;
	errand->daemon->loop->arm(errand->timer, -1);
	errand->daemon->servants.leave(job, is_over);
}

static void gone(void *context)
{
	leave(context);
}

static void is_late(void *context)
{
	struct jw_errand *errand = context;

	errand->refuse(errand);
	leave(errand);
}

void jw_errand_start(struct jw_errand *errand, struct jw_daemon *daemon, struct jw_visit *visit)
{
	errand->daemon = daemon;
	errand->visit = visit;
	errand->next = daemon->errands;
	errand->place = &daemon->errands;
	if (errand->next)
		errand->next->place = &errand->next;
	daemon->errands = errand;
	errand->timer = daemon->loop->timer(daemon->loop->self, is_late, errand);
	errand->job = daemon->servants.start(daemon->servants.self, work, done, errand);
	if (!errand->job) {
		errand->refuse(errand);
		end(errand);
		return;
	}
	daemon->loop->arm(errand->timer, PATIENCE_MS);
	daemon->server.on_gone(visit, gone, errand);
}

void jw_errands_end(struct jw_daemon *daemon)
{
	struct jw_errand *next;

	for (struct jw_errand *errand = daemon->errands; errand; errand = next) {
		next = errand->next;
		/* Those that were left already are told when their threads let go. */
		if (errand->visit)
			leave(errand);
	}
}
