/* SPDX-License-Identifier: MIT */
/* Reports that threads make: left once, whenever that is. */
#include "rows.h"

#include <string.h>

#include "app/daemon_report.c"

#define NAMES 60 /* more than FEW */
#define CLIENTS 8

/* Threads that begin when they are told to, and what became of the clients. */
struct scene {
	struct jw_daemon daemon;
	struct jw_reporting *jobs[CLIENTS];
	void (*work)(void *context);
	void (*done)(void *context);
	void (*left)(void *context); /* not NULL: one was */
	size_t started;
	size_t leaves;
	void (*gone)(void *context);
	void *gone_context;
	int status;
};

static struct jw_job *start(void *self, void (*work)(void *context),
			    void (*told)(void *context), void *context)
{
	struct scene *scene = self;

	scene->work = work;
	scene->done = told;
	scene->jobs[scene->started++] = context;
	return (struct jw_job *)scene;
}

static void left(struct jw_job *job, void (*on_over)(void *context))
{
	struct scene *scene = (struct scene *)job;

	scene->left = on_over;
	scene->leaves++;
}

static void on_gone(struct jw_visit *visit, void (*on_left)(void *context), void *context)
{
	struct scene *scene = (struct scene *)visit;

	scene->gone = on_left;
	scene->gone_context = context;
}

static void reply(struct jw_visit *visit, const struct jw_visit_reply *given)
{
	struct scene *scene = (struct scene *)visit;

	scene->status = given->status;
}

static void write_page(const struct jw_report *report, const struct jw_style *style,
		       struct jw_buf *buf)
{
	(void)style;
	jw_buf_printf(buf, "%zu", report->count);
}

static void ask(struct scene *scene)
{
	static struct jw_str names[NAMES];
	const struct jw_report_wish wish = {.names = names,
					    .count = NAMES,
					    .write = write_page,
					    .media_type = "text/plain"};

	for (size_t i = 0; i < NAMES; i++)
		names[i] = jw_str_of("nobody");
	scene->status = 0;
	jw_daemon_report(&scene->daemon, (struct jw_visit *)scene, &wish);
}

static void begin(struct scene *scene)
{
	*scene = (struct scene){0};
	scene->daemon.world.clock = &jw_adapter_clock;
	scene->daemon.monitor = jw_monitor_new(NULL);
	scene->daemon.config = jw_xcalloc(1, sizeof(*scene->daemon.config));
	scene->daemon.reporters = (struct jw_work){scene, start, left, NULL};
	scene->daemon.server.on_gone = on_gone;
	scene->daemon.server.reply = reply;
}

static void end(struct scene *scene)
{
	assert_null(scene->daemon.reportings);
	jw_monitor_free(scene->daemon.monitor);
	jw_config_free(scene->daemon.config);
}

static void is_answered(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	ask(&scene);
	scene.work(scene.jobs[0]);
	scene.done(scene.jobs[0]);
	assert_int_equal(scene.status, 200);
	end(&scene);
}

/* The client goes while a thread takes the job, and hasn't said so yet; then the daemon ends. */
static void is_left_once(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	ask(&scene);
	scene.gone(scene.gone_context);
	assert_int_equal(scene.leaves, 1);
	jw_daemon_reports_end(&scene.daemon);
	assert_int_equal(scene.leaves, 1);
	scene.work(scene.jobs[0]);
	scene.left(scene.jobs[0]);
	assert_int_equal(scene.status, 0);
	end(&scene);
}

/* A thread that has begun is let be until the end. */
static void is_left_at_the_end(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	ask(&scene);
	scene.work(scene.jobs[0]);
	scene.gone(scene.gone_context);
	assert_int_equal(scene.leaves, 0);
	jw_daemon_reports_end(&scene.daemon);
	assert_int_equal(scene.leaves, 1);
	scene.left(scene.jobs[0]);
	assert_int_equal(scene.status, 0);
	end(&scene);
}

int main(void)
{
	JW_TEST(is_answered);
	JW_TEST(is_left_once);
	JW_TEST(is_left_at_the_end);
	return rows_run();
}
