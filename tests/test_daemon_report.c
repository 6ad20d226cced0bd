/* SPDX-License-Identifier: MIT */
/* Reports that threads make: left once, whenever that is, and few at once. */
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
	const char *retry_after;
	bool is_slow; /* the clients read nothing */
	struct jw_shared *pages[CLIENTS];
	size_t page_count;
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
	scene->retry_after = NULL;
	for (const char *const *at = given->headers; at && *at; at += 2)
		if (!strcmp(*at, "Retry-After"))
			scene->retry_after = at[1];
	if (scene->is_slow && given->page)
		scene->pages[scene->page_count++] = jw_shared_keep(given->page);
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
	assert_int_equal(scene.daemon.large_reports, 0);
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
	assert_int_equal(scene.daemon.large_reports, 0);
	end(&scene);
}

static void finish(struct scene *scene, size_t job)
{
	assert_null(scene->jobs[job]->report.results);
	scene->work(scene->jobs[job]);
	scene->done(scene->jobs[job]);
}

/* Waiting, made, and being read: all are in memory. */
static void are_few_at_once(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	scene.is_slow = true;
	for (size_t i = 0; i < LARGE_MAX; i++)
		ask(&scene);
	assert_int_equal(scene.started, LARGE_MAX);
	ask(&scene);
	assert_int_equal(scene.started, LARGE_MAX);
	assert_int_equal(scene.status, 503);
	assert_string_equal(scene.retry_after, "1");
	finish(&scene, 0);
	assert_int_equal(scene.status, 200);
	ask(&scene);
	assert_int_equal(scene.status, 503);
	jw_shared_release(scene.pages[0]);
	ask(&scene);
	assert_int_equal(scene.started, LARGE_MAX + 1);
	for (size_t i = 1; i <= LARGE_MAX; i++) {
		finish(&scene, i);
		jw_shared_release(scene.pages[i]);
	}
	assert_int_equal(scene.daemon.large_reports, 0);
	end(&scene);
}

int main(void)
{
	JW_TEST(is_answered);
	JW_TEST(is_left_once);
	JW_TEST(is_left_at_the_end);
	JW_TEST(are_few_at_once);
	return rows_run();
}
