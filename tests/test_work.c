/* SPDX-License-Identifier: MIT */
/* Threads for work that may block: in order, left at every stage, hanging up to a limit, and at the end. */
#include "rows.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

#include "adapter/adapter.h"
#include "base/mem.h"

/* Nothing here takes that long, unless it hangs. */
#define BOUND_MS 20000
#define MANY 10000

/* A gate that work stands before, and what has happened. */
struct scene {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_open;
	size_t at_the_gate;
	size_t ended;
	struct jw_loop loop;
	struct jw_work work;
	size_t done;
	size_t gone;
	size_t awaited; /* of both: then the loop stops */
	char order[16];
};

/* One job. */
struct task {
	struct scene *scene;
	char letter;
	struct jw_job *job;
	struct task *leaves; /* this one, when it is done */
	pthread_t thread;
	bool blocks_signals;
	bool is_gone;
};

static int64_t now_ms(void)
{
	return jw_adapter_clock.monotonic_ms(NULL);
}

static void open_scene(struct scene *scene, size_t threads, size_t max_hanging)
{
	*scene = (struct scene){0};
	pthread_mutex_init(&scene->lock, NULL);
	pthread_cond_init(&scene->changed, NULL);
	assert_int_equal(jw_adapter_loop(&scene->loop, NULL), JW_OK);
	assert_int_equal(
		jw_adapter_work(&scene->loop, threads, max_hanging, &scene->work, NULL), JW_OK);
}

static void close_scene(struct scene *scene)
{
	jw_adapter_work_end(&scene->work);
	jw_adapter_loop_end(&scene->loop);
	pthread_cond_destroy(&scene->changed);
	pthread_mutex_destroy(&scene->lock);
}

static void happened(struct scene *scene)
{
	if (scene->done + scene->gone == scene->awaited)
		scene->loop.stop(scene->loop.self);
}

static void note(struct scene *scene, char letter)
{
	size_t len = strlen(scene->order);

	if (len + 1 < sizeof(scene->order))
		scene->order[len] = letter;
}

static void on_gone(void *context)
{
	struct task *task = context;

	task->is_gone = true;
	task->scene->gone++;
	happened(task->scene);
}

static void on_done(void *context)
{
	struct task *task = context;
	struct scene *scene = task->scene;

	task->job = NULL;
	note(scene, task->letter);
	scene->done++;
	if (task->leaves)
		scene->work.leave(task->leaves->job, on_gone);
	happened(scene);
}

static void quick(void *context)
{
	struct task *task = context;
	sigset_t blocked;

	task->thread = pthread_self();
	pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	task->blocks_signals = sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGHUP);
}

/* Waits until the gate is open. */
static void slow(void *context)
{
	struct task *task = context;
	struct scene *scene = task->scene;

	pthread_mutex_lock(&scene->lock);
	scene->at_the_gate++;
	pthread_cond_broadcast(&scene->changed);
	while (!scene->is_open)
		pthread_cond_wait(&scene->changed, &scene->lock);
	scene->ended++;
	pthread_cond_broadcast(&scene->changed);
	pthread_mutex_unlock(&scene->lock);
}

static size_t scene_at_the_gate(struct scene *scene)
{
	size_t count;

	pthread_mutex_lock(&scene->lock);
	count = scene->at_the_gate;
	pthread_mutex_unlock(&scene->lock);
	return count;
}

static void await_at_the_gate(struct scene *scene, size_t count)
{
	pthread_mutex_lock(&scene->lock);
	while (scene->at_the_gate < count)
		pthread_cond_wait(&scene->changed, &scene->lock);
	pthread_mutex_unlock(&scene->lock);
}

static void open_gate(struct scene *scene)
{
	pthread_mutex_lock(&scene->lock);
	scene->is_open = true;
	pthread_cond_broadcast(&scene->changed);
	pthread_mutex_unlock(&scene->lock);
}

static void begin(struct task *task, void (*work)(void *context))
{
	struct scene *scene = task->scene;

	task->job = scene->work.start(scene->work.self, work, on_done, task);
}

/* Until so many were done or gone. */
static void run(struct scene *scene, size_t awaited)
{
	int64_t until = now_ms() + BOUND_MS;

	scene->awaited = awaited;
	if (scene->done + scene->gone < awaited)
		scene->loop.run(scene->loop.self, until);
	assert_int_equal(scene->done + scene->gone, awaited);
}

static void one_thread_keeps_the_order(void **state)
{
	struct scene scene;
	struct task tasks[4];

	(void)state;
	open_scene(&scene, 1, 1);
	for (size_t i = 0; i < 4; i++) {
		tasks[i] = (struct task){.scene = &scene, .letter = (char)('a' + i)};
		begin(&tasks[i], quick);
		assert_non_null(tasks[i].job);
	}
	run(&scene, 4);
	assert_string_equal(scene.order, "abcd");
	for (size_t i = 0; i < 4; i++) {
		assert_false(pthread_equal(tasks[i].thread, pthread_self()));
		assert_true(tasks[i].blocks_signals);
	}
	close_scene(&scene);
}

static void opens_the_gate(void *context)
{
	struct task *task = context;

	open_gate(task->scene);
}

/* What stands behind those that hang isn't done by them. */
static void threads_are_begun_as_needed(void **state)
{
	struct scene scene;
	struct task tasks[4];

	(void)state;
	open_scene(&scene, 4, 1);
	for (size_t i = 0; i < 4; i++) {
		tasks[i] = (struct task){.scene = &scene, .letter = 'a'};
		begin(&tasks[i], i < 3 ? slow : opens_the_gate);
	}
	run(&scene, 4);
	assert_int_equal(scene.at_the_gate, 3);
	close_scene(&scene);
}

static size_t count_threads(void)
{
	DIR *folder = opendir("/proc/self/task");
	size_t count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	/* Without "." and "..". */
	return count - 2;
}

/* All but two end by themselves behind a moment in which all were busy, and new ones are begun for the next. */
static void few_threads_wait_for_work(void **state)
{
	struct scene scene;
	struct task tasks[8];
	int64_t until = now_ms() + BOUND_MS;

	(void)state;
	open_scene(&scene, 8, 1);
	for (int round = 0; round < 3; round++) {
		scene.is_open = false;
		scene.at_the_gate = 0;
		for (size_t i = 0; i < 8; i++) {
			tasks[i] = (struct task){.scene = &scene, .letter = 'a'};
			begin(&tasks[i], i < 7 ? slow : opens_the_gate);
		}
		run(&scene, scene.done + 8);
		assert_int_equal(scene.at_the_gate, 7);
		while (count_threads() > 1 + 2 && now_ms() < until)
			sched_yield();
		assert_int_equal(count_threads(), 1 + 2);
	}
	close_scene(&scene);
}

/* ... nor does its end wait for theirs. */
static void what_is_over_is_told_while_the_next_hangs(void **state)
{
	struct scene scene;
	struct task first = {.scene = &scene, .letter = 'a'};
	struct task next = {.scene = &scene, .letter = 'b'};

	(void)state;
	open_scene(&scene, 1, 1);
	begin(&first, quick);
	begin(&next, slow);
	await_at_the_gate(&scene, 1);
	run(&scene, 1);
	assert_string_equal(scene.order, "a");
	open_gate(&scene);
	run(&scene, 2);
	assert_string_equal(scene.order, "ab");
	close_scene(&scene);
}

/* All threads are at work, and nobody looks any more. */
static void the_last_of_all_threads_says_so(void **state)
{
	struct scene scene;
	struct task tasks[4];

	(void)state;
	open_scene(&scene, 2, 1);
	for (size_t i = 0; i < 4; i++) {
		tasks[i] = (struct task){.scene = &scene, .letter = 'a'};
		begin(&tasks[i], slow);
	}
	/* The second thread is called by the loop. */
	for (int64_t end = now_ms() + BOUND_MS; scene_at_the_gate(&scene) < 2;) {
		assert_true(now_ms() < end);
		scene.loop.run(scene.loop.self, now_ms() + 1);
	}
	open_gate(&scene);
	run(&scene, 4);
	close_scene(&scene);
}

static void many_are_all_done(void **state)
{
	struct scene scene;
	struct task *tasks = jw_xcalloc(MANY, sizeof(*tasks));

	(void)state;
	open_scene(&scene, 4, 1);
	for (size_t i = 0; i < MANY; i++) {
		tasks[i].scene = &scene;
		begin(&tasks[i], quick);
	}
	run(&scene, MANY);
	assert_int_equal(scene.done, MANY);
	close_scene(&scene);
	free(tasks);
}

static void left_before_it_began(void **state)
{
	struct scene scene;
	struct task first = {.scene = &scene, .letter = 'a'};
	struct task left = {.scene = &scene, .letter = 'b'};
	struct task last = {.scene = &scene, .letter = 'c'};

	(void)state;
	open_scene(&scene, 1, 1);
	begin(&first, slow);
	await_at_the_gate(&scene, 1);
	begin(&left, quick);
	begin(&last, quick);
	scene.work.leave(left.job, on_gone);
	assert_true(left.is_gone);
	assert_int_equal(scene.work.hanging(scene.work.self), 0);
	open_gate(&scene);
	run(&scene, 3);
	assert_string_equal(scene.order, "ac");
	close_scene(&scene);
}

/* Another thread takes the place of the one that hangs, which is one of many again when its job ends. */
static void left_while_it_runs(void **state)
{
	struct scene scene;
	struct task hangs = {.scene = &scene, .letter = 'a'};
	struct task next = {.scene = &scene, .letter = 'b'};
	struct task last = {.scene = &scene, .letter = 'c'};

	(void)state;
	open_scene(&scene, 1, 2);
	begin(&hangs, slow);
	await_at_the_gate(&scene, 1);
	begin(&next, quick);
	scene.work.leave(hangs.job, on_gone);
	assert_int_equal(scene.work.hanging(scene.work.self), 1);
	run(&scene, 1);
	assert_string_equal(scene.order, "b");
	assert_false(hangs.is_gone);
	open_gate(&scene);
	run(&scene, 2);
	assert_true(hangs.is_gone);
	assert_int_equal(scene.work.hanging(scene.work.self), 0);
	begin(&last, quick);
	run(&scene, 3);
	assert_string_equal(scene.order, "bc");
	close_scene(&scene);
}

/* Its work is over, and the loop hasn't told so yet. */
static void left_after_its_end(void **state)
{
	struct scene scene;
	struct task task = {.scene = &scene, .letter = 'a'};
	struct task next = {.scene = &scene, .letter = 'b'};

	(void)state;
	open_scene(&scene, 1, 1);
	begin(&task, quick);
	/* With one thread, the first is over when the second has begun. */
	begin(&next, slow);
	await_at_the_gate(&scene, 1);
	scene.work.leave(task.job, on_gone);
	assert_false(task.is_gone);
	assert_int_equal(scene.work.hanging(scene.work.self), 0);
	open_gate(&scene);
	run(&scene, 2);
	assert_true(task.is_gone);
	assert_string_equal(scene.order, "b");
	close_scene(&scene);
}

/* Both are over; the first one that is told leaves the other. */
static void left_from_inside_done(void **state)
{
	struct scene scene;
	struct task left = {.scene = &scene, .letter = 'b'};
	struct task first = {.scene = &scene, .letter = 'a', .leaves = &left};
	struct task next = {.scene = &scene, .letter = 'c'};

	(void)state;
	open_scene(&scene, 1, 1);
	begin(&first, quick);
	begin(&left, quick);
	begin(&next, slow);
	await_at_the_gate(&scene, 1);
	run(&scene, 2);
	assert_string_equal(scene.order, "a");
	assert_true(left.is_gone);
	open_gate(&scene);
	run(&scene, 3);
	close_scene(&scene);
}

static void too_many_hang(void **state)
{
	struct scene scene;
	struct task hang[2];
	struct task late = {.scene = &scene, .letter = 'c'};

	(void)state;
	open_scene(&scene, 1, 2);
	for (size_t i = 0; i < 2; i++) {
		hang[i] = (struct task){.scene = &scene, .letter = 'a'};
		begin(&hang[i], slow);
		assert_non_null(hang[i].job);
		await_at_the_gate(&scene, i + 1);
		scene.work.leave(hang[i].job, on_gone);
	}
	assert_int_equal(scene.work.hanging(scene.work.self), 2);
	begin(&late, quick);
	assert_null(late.job);
	open_gate(&scene);
	run(&scene, 2);
	begin(&late, quick);
	assert_non_null(late.job);
	run(&scene, 3);
	assert_string_equal(scene.order, "c");
	close_scene(&scene);
}

/* Not more threads than were allowed work when those that hung have come back. */
static void they_rejoin_the_pool(void **state)
{
	struct scene scene;
	struct task tasks[3];

	(void)state;
	open_scene(&scene, 1, 4);
	for (size_t i = 0; i < 3; i++) {
		tasks[i] = (struct task){.scene = &scene, .letter = 'a'};
		begin(&tasks[i], slow);
		await_at_the_gate(&scene, i + 1);
		scene.work.leave(tasks[i].job, on_gone);
	}
	open_gate(&scene);
	run(&scene, 3);
	for (size_t i = 0; i < 3; i++) {
		tasks[i] = (struct task){.scene = &scene, .letter = (char)('a' + i)};
		begin(&tasks[i], quick);
	}
	run(&scene, 6);
	assert_string_equal(scene.order, "abc");
	for (size_t i = 1; i < 3; i++)
		assert_true(pthread_equal(tasks[i].thread, tasks[0].thread));
	close_scene(&scene);
}

static void the_end_waits_for_none_that_hangs(void **state)
{
	struct scene scene;
	struct task hangs = {.scene = &scene, .letter = 'a'};
	struct task done = {.scene = &scene, .letter = 'b'};

	(void)state;
	open_scene(&scene, 2, 2);
	begin(&hangs, slow);
	begin(&done, quick);
	await_at_the_gate(&scene, 1);
	run(&scene, 1);
	scene.work.leave(hangs.job, on_gone);
	jw_adapter_work_end(&scene.work);
	assert_null(scene.work.self);
	assert_false(hangs.is_gone);
	open_gate(&scene);
	/* It touches nothing of the scene behind this. */
	pthread_mutex_lock(&scene.lock);
	while (!scene.ended)
		pthread_cond_wait(&scene.changed, &scene.lock);
	pthread_mutex_unlock(&scene.lock);
	assert_false(hangs.is_gone);
	close_scene(&scene);
}

static void the_end_tells_who_was_left(void **state)
{
	struct scene scene;
	struct task task = {.scene = &scene, .letter = 'a'};
	struct task next = {.scene = &scene, .letter = 'b'};

	(void)state;
	open_scene(&scene, 1, 1);
	begin(&task, quick);
	begin(&next, slow);
	await_at_the_gate(&scene, 1);
	scene.work.leave(task.job, on_gone);
	scene.work.leave(next.job, on_gone);
	jw_adapter_work_end(&scene.work);
	assert_true(task.is_gone);
	assert_false(next.is_gone);
	open_gate(&scene);
	pthread_mutex_lock(&scene.lock);
	while (!scene.ended)
		pthread_cond_wait(&scene.changed, &scene.lock);
	pthread_mutex_unlock(&scene.lock);
	close_scene(&scene);
}

int main(void)
{
	JW_TEST(one_thread_keeps_the_order);
	JW_TEST(threads_are_begun_as_needed);
	JW_TEST(few_threads_wait_for_work);
	JW_TEST(what_is_over_is_told_while_the_next_hangs);
	JW_TEST(the_last_of_all_threads_says_so);
	JW_TEST(many_are_all_done);
	JW_TEST(left_before_it_began);
	JW_TEST(left_while_it_runs);
	JW_TEST(left_after_its_end);
	JW_TEST(left_from_inside_done);
	JW_TEST(too_many_hang);
	JW_TEST(they_rejoin_the_pool);
	JW_TEST(the_end_waits_for_none_that_hangs);
	JW_TEST(the_end_tells_who_was_left);
	return rows_run();
}
