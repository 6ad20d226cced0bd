/* SPDX-License-Identifier: MIT */
/* The event loop: timers in order and anew, descriptors, and what may be done from inside a callback. */
#include "rows.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/adapter.h"

/* Nothing here takes that long, unless it hangs. */
#define BOUND_MS 20000

struct scene {
	struct jw_loop loop;
	struct jw_timer *timers[3];
	struct jw_watch *watch;
	char seen[16];
	size_t count;
	int pipe[2];
};

struct mark {
	struct scene *scene;
	char letter;
	void (*then)(struct scene *scene);
};

static int64_t now_ms(void)
{
	return jw_adapter_clock.monotonic_ms(NULL);
}

static void run(struct scene *scene)
{
	int64_t until = now_ms() + BOUND_MS;

	scene->loop.run(scene->loop.self, until);
	assert_true(now_ms() < until);
}

static void see(struct scene *scene, char letter)
{
	assert_true(scene->count + 1 < sizeof(scene->seen));
	scene->seen[scene->count++] = letter;
}

static void on_due(void *context)
{
	struct mark *mark = context;

	see(mark->scene, mark->letter);
	if (mark->then)
		mark->then(mark->scene);
}

static void stop(struct scene *scene)
{
	scene->loop.stop(scene->loop.self);
}

static void begin(struct scene *scene)
{
	*scene = (struct scene){0};
	assert_int_equal(jw_adapter_loop(&scene->loop, NULL), JW_OK);
	assert_int_equal(pipe2(scene->pipe, O_CLOEXEC), 0);
}

static void end(struct scene *scene)
{
	for (size_t i = 0; i < 3; i++)
		scene->loop.timer_free(scene->timers[i]);
	scene->loop.unwatch(scene->watch);
	close(scene->pipe[0]);
	close(scene->pipe[1]);
	jw_adapter_loop_end(&scene->loop);
	jw_adapter_loop_end(&scene->loop);
}

static struct jw_timer *timer(struct scene *scene, struct mark *mark)
{
	return scene->loop.timer(scene->loop.self, on_due, mark);
}

static void timers_come_in_order(void **state)
{
	struct scene scene;
	struct mark a = {&scene, 'a', NULL};
	struct mark b = {&scene, 'b', NULL};
	struct mark c = {&scene, 'c', stop};
	int64_t start = now_ms();

	(void)state;
	begin(&scene);
	scene.timers[0] = timer(&scene, &c);
	scene.timers[1] = timer(&scene, &a);
	scene.timers[2] = timer(&scene, &b);
	scene.loop.arm(scene.timers[0], 30);
	scene.loop.arm(scene.timers[1], 40);
	scene.loop.arm(scene.timers[1], 0);
	scene.loop.arm(scene.timers[2], 15);
	run(&scene);
	assert_string_equal(scene.seen, "abc");
	assert_true(now_ms() - start >= 30);
	end(&scene);
}

static void disarm_the_other(struct scene *scene)
{
	scene->loop.arm(scene->timers[1], -1);
	scene->loop.arm(scene->timers[2], 10);
}

static void disarmed_timers_do_not_come(void **state)
{
	struct scene scene;
	struct mark a = {&scene, 'a', disarm_the_other};
	struct mark b = {&scene, 'b', NULL};
	struct mark c = {&scene, 'c', stop};

	(void)state;
	begin(&scene);
	scene.timers[0] = timer(&scene, &a);
	scene.timers[1] = timer(&scene, &b);
	scene.timers[2] = timer(&scene, &c);
	scene.loop.arm(scene.timers[0], 0);
	scene.loop.arm(scene.timers[1], 0);
	run(&scene);
	assert_string_equal(scene.seen, "ac");
	end(&scene);
}

static void free_and_arm_again(struct scene *scene)
{
	scene->loop.timer_free(scene->timers[0]);
	scene->timers[0] = NULL;
	scene->loop.arm(scene->timers[1], 0);
}

static void rearm_until_four(struct scene *scene)
{
	if (scene->count < 4)
		scene->loop.arm(scene->timers[1], 0);
	else
		stop(scene);
}

static void a_timer_may_be_freed_and_armed_when_due(void **state)
{
	struct scene scene;
	struct mark a = {&scene, 'a', free_and_arm_again};
	struct mark b = {&scene, 'b', rearm_until_four};

	(void)state;
	begin(&scene);
	scene.timers[0] = timer(&scene, &a);
	scene.timers[1] = timer(&scene, &b);
	scene.loop.arm(scene.timers[0], 0);
	run(&scene);
	assert_string_equal(scene.seen, "abbb");
	end(&scene);
}

/* A timer that is always due again doesn't keep descriptors waiting. */
static void on_ready(void *context, int fd, int what)
{
	struct scene *scene = context;
	char byte;

	if (what & JW_LOOP_WRITE) {
		see(scene, 'w');
		scene->loop.want(scene->watch, 0);
		stop(scene);
		return;
	}
	see(scene, 'r');
	assert_int_equal(read(fd, &byte, 1), 1);
	if (byte != '2')
		return;
	scene->loop.unwatch(scene->watch);
	scene->watch = NULL;
	stop(scene);
}

static void rearm(struct scene *scene)
{
	scene->count--;
	scene->loop.arm(scene->timers[0], 0);
}

static void descriptors_are_read(void **state)
{
	struct scene scene;
	struct mark busy = {&scene, '.', rearm};

	(void)state;
	begin(&scene);
	scene.timers[0] = timer(&scene, &busy);
	scene.loop.arm(scene.timers[0], 0);
	scene.watch = scene.loop.watch(scene.loop.self, scene.pipe[0], on_ready, &scene);
	scene.loop.want(scene.watch, JW_LOOP_READ);
	assert_int_equal(write(scene.pipe[1], "12", 2), 2);
	run(&scene);
	assert_string_equal(scene.seen, "rr");
	assert_null(scene.watch);
	end(&scene);
}

static void descriptors_are_written(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	scene.watch = scene.loop.watch(scene.loop.self, scene.pipe[1], on_ready, &scene);
	scene.loop.want(scene.watch, JW_LOOP_READ);
	scene.loop.want(scene.watch, JW_LOOP_READ | JW_LOOP_WRITE);
	run(&scene);
	assert_string_equal(scene.seen, "w");
	end(&scene);
}

static void on_edge(void *context, int fd, int what)
{
	(void)fd;
	(void)what;
	see(context, 'e');
}

/* All that is ready now, a few times over. */
static void turn(struct scene *scene)
{
	for (size_t i = 0; i < 4; i++) {
		scene->loop.arm(scene->timers[0], 0);
		run(scene);
		scene->count--;
	}
}

/* That nothing more comes lasts; that the other side is gone wholly is told when it happens. */
static void an_edge_is_told_once(void **state)
{
	struct scene scene;
	struct mark end_of_turn = {&scene, '.', stop};
	int pair[2];

	(void)state;
	begin(&scene);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	shutdown(pair[1], SHUT_WR);
	scene.timers[0] = timer(&scene, &end_of_turn);
	scene.watch = scene.loop.watch(scene.loop.self, pair[0], on_edge, &scene);
	scene.loop.want(scene.watch, JW_LOOP_WRITE);
	scene.loop.want(scene.watch, JW_LOOP_READ | JW_LOOP_EDGE);
	turn(&scene);
	assert_in_range(scene.count, 0, 1);
	scene.count = 0;
	turn(&scene);
	assert_int_equal(scene.count, 0);
	close(pair[1]);
	turn(&scene);
	assert_int_equal(scene.count, 1);
	scene.loop.unwatch(scene.watch);
	scene.watch = NULL;
	close(pair[0]);
	end(&scene);
}

/* Nothing is wanted at first; so it is the time that ends the run. */
static void a_run_ends_in_time(void **state)
{
	struct scene scene;
	struct mark late = {&scene, 'a', NULL};
	int64_t until;

	(void)state;
	begin(&scene);
	scene.watch = scene.loop.watch(scene.loop.self, scene.pipe[1], on_ready, &scene);
	scene.timers[0] = timer(&scene, &late);
	scene.loop.arm(scene.timers[0], BOUND_MS);
	until = now_ms() + 20;
	scene.loop.run(scene.loop.self, until);
	assert_true(now_ms() >= until);
	assert_true(now_ms() < until + BOUND_MS / 2);
	scene.loop.run(scene.loop.self, until);
	assert_string_equal(scene.seen, "");
	end(&scene);
}

/* libevent by itself would end the process. */
static void without_descriptors_it_is_an_error(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (!child) {
		const struct rlimit none = {5, 5};
		struct jw_loop loop;
		struct jw_err err = {0};

		setrlimit(RLIMIT_NOFILE, &none);
		_exit(jw_adapter_loop(&loop, &err) == JW_INTERNAL && *err.text ? 42 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
}

int main(void)
{
	JW_TEST(timers_come_in_order);
	JW_TEST(disarmed_timers_do_not_come);
	JW_TEST(a_timer_may_be_freed_and_armed_when_due);
	JW_TEST(descriptors_are_read);
	JW_TEST(descriptors_are_written);
	JW_TEST(an_edge_is_told_once);
	JW_TEST(a_run_ends_in_time);
	JW_TEST(without_descriptors_it_is_an_error);
	return rows_run();
}
