/* SPDX-License-Identifier: MIT */
/* Runs whose files are read by threads: a healthy one, one that hangs, its end by time and by cancelling, and what
 * becomes of the run that nobody waits for. */
#include "rows.h"

#include <pthread.h>
#include <string.h>

#include "adapter/adapter.h"
#include "contract/check.h"
#include "core/asks.h"
#include "fake_net.h"

/* Nothing here takes that long, unless it hangs. */
#define BOUND_MS 20000
#define EXP_2100 INT64_C(4102444800)
/* {"alg":"HS256"}, {"video":{},"exp":4102444800}, the signature is "sig". */
#define TOKEN "eyJhbGciOiJIUzI1NiJ9.eyJ2aWRlbyI6e30sImV4cCI6NDEwMjQ0NDgwMH0.c2ln"

/* The fake file system: whoever reads "hangs" stands before a gate. */
struct jw_file {
	bool hangs;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_open;
	size_t at_the_gate;
	size_t open_files;
	pthread_t reader;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static enum jw_cause fake_file_open(void *self, const char *path, struct jw_file **ret_file,
				    struct jw_err *err)
{
	(void)self;
	(void)err;
	*ret_file = jw_xcalloc(1, sizeof(**ret_file));
	(*ret_file)->hangs = strstr(path, "hangs");
	pthread_mutex_lock(&disk.lock);
	disk.open_files++;
	disk.reader = pthread_self();
	pthread_mutex_unlock(&disk.lock);
	return JW_OK;
}

static enum jw_cause fake_file_read(struct jw_file *file, struct jw_buf *to,
				    int64_t deadline_ms, enum jw_read *ret_read,
				    struct jw_err *err)
{
	(void)deadline_ms;
	(void)err;
	if (file->hangs) {
		pthread_mutex_lock(&disk.lock);
		disk.at_the_gate++;
		pthread_cond_broadcast(&disk.changed);
		while (!disk.is_open)
			pthread_cond_wait(&disk.changed, &disk.lock);
		pthread_mutex_unlock(&disk.lock);
	}
	jw_buf_text(to, "\n\nt = '" TOKEN "'\n");
	*ret_read = JW_READ_END;
	return JW_OK;
}

static void fake_file_close(struct jw_file *file)
{
	pthread_mutex_lock(&disk.lock);
	disk.open_files--;
	pthread_mutex_unlock(&disk.lock);
	free(file);
}

static enum jw_cause fake_file_expand(void *self, const char *glob, struct jw_arena *arena,
				      int64_t deadline_ms, struct jw_paths *ret_paths,
				      struct jw_err *err)
{
	(void)self;
	(void)err;
	(void)deadline_ms;
	*ret_paths = (struct jw_paths){jw_arena_array(arena, 1, sizeof(char *)), 1};
	ret_paths->items[0] = glob;
	return JW_OK;
}

static const struct jw_files files = {
	.open = fake_file_open,
	.read = fake_file_read,
	.close = fake_file_close,
	.expand = fake_file_expand,
};

static void await_at_the_gate(size_t count)
{
	pthread_mutex_lock(&disk.lock);
	while (disk.at_the_gate < count)
		pthread_cond_wait(&disk.changed, &disk.lock);
	pthread_mutex_unlock(&disk.lock);
}

static void open_gate(void)
{
	pthread_mutex_lock(&disk.lock);
	disk.is_open = true;
	pthread_cond_broadcast(&disk.changed);
	pthread_mutex_unlock(&disk.lock);
}

static int64_t wall(void *self)
{
	(void)self;
	return EXP_2100 - 86400;
}

static int64_t monotonic(void *self)
{
	(void)self;
	return 0;
}

static const struct jw_clock fake_clock = {.wall = wall, .monotonic_ms = monotonic};

/* Threads on a loop; timers are the fake ones. */
struct scene {
	struct jw_loop loop;
	struct jw_work threads; /* the real ones */
	struct jw_work work;
	struct jw_world world;
	struct jw_config *config;
	void (*real_gone)(void *context);
	size_t done;
	size_t gone;
	size_t awaited;
	char warnings[64];
};

static struct scene scene;

static void happened(void)
{
	if (scene.done + scene.gone + fake_out() == scene.awaited)
		scene.loop.stop(scene.loop.self);
}

static void on_gone(void *context)
{
	scene.real_gone(context);
	scene.gone++;
	happened();
}

static void count_and_leave(struct jw_job *job, void (*gone)(void *context))
{
	scene.real_gone = gone;
	scene.threads.leave(job, on_gone);
}

static void on_done(void *context, struct jw_result *result)
{
	struct jw_result **ret_result = context;

	*ret_result = result;
	scene.done++;
	happened();
}

static struct jw_transfer *start_and_stop(void *self, const struct jw_http_request *request,
					  jw_http_done *done, void *context)
{
	struct jw_transfer *transfer = fake_start(self, request, done, context);

	happened();
	return transfer;
}

static const struct jw_loop *fake_loop(void *context, struct jw_err *err)
{
	(void)context;
	(void)err;
	return &fake_net.loop;
}

static void note_warning(void *context, const char *text)
{
	(void)context;
	snprintf(scene.warnings + strlen(scene.warnings),
		 sizeof(scene.warnings) - strlen(scene.warnings), "%s", text);
}

static void open_scene(size_t threads, size_t max_hanging)
{
	disk.is_open = false;
	disk.at_the_gate = 0;
	fake_reset();
	fake_net.http.start = start_and_stop;
	scene = (struct scene){0};
	assert_int_equal(jw_adapter_loop(&scene.loop, NULL), JW_OK);
	assert_int_equal(
		jw_adapter_work(&scene.loop, threads, max_hanging, &scene.threads, NULL),
		JW_OK);
	scene.work = scene.threads;
	scene.work.leave = count_and_leave;
	scene.world = (struct jw_world){
		.files = &files,
		.clock = &fake_clock,
		.loop = fake_loop,
		.net = fake_open,
		.work = &scene.work,
		.asks = jw_asks_new(JW_ASKS_KEEP_ALL),
		.warn = note_warning,
	};
	scene.config = jw_config_new();
}

static void close_scene(void)
{
	assert_int_equal(fake_timers_used(), 0);
	assert_int_equal(disk.open_files, 0);
	jw_adapter_work_end(&scene.threads);
	jw_adapter_loop_end(&scene.loop);
	jw_asks_free(scene.world.asks);
	jw_config_free(scene.config);
}

/* Until so much was done, or gone, or asked of the network. */
static void run_loop(size_t awaited)
{
	scene.awaited = awaited;
	if (scene.done + scene.gone + fake_out() < awaited)
		scene.loop.run(scene.loop.self, jw_adapter_clock.monotonic_ms(NULL) + BOUND_MS);
	assert_int_equal(scene.done + scene.gone + fake_out(), awaited);
}

static void set(struct jw_target *target, const char *name, const char *value)
{
	struct jw_err err = {0};

	if (jw_config_set(scene.config, target,
			  jw_config_option(target->check, jw_str_of(name)), jw_str_of(value),
			  &err))
		fail_msg("%s", err.text);
}

static struct jw_target *target_of(const char *path)
{
	const struct jw_check *check = jw_check_by_name(JW_STR("html_file"));
	struct jw_target *target = jw_config_add(scene.config, check, path);

	set(target, "path", path);
	return target;
}

static struct jw_run *start(struct jw_target *target, int64_t deadline_ms,
			    struct jw_result *result, struct jw_result **told)
{
	*told = NULL;
	return jw_runner_start(&scene.world, scene.config, target, deadline_ms, JW_WANT_VERDICT,
			       result, on_done, told);
}

static void a_file_is_read_beside_the_loop(void **state)
{
	struct jw_result result;
	struct jw_result *told;

	(void)state;
	open_scene(2, 2);
	assert_non_null(start(target_of("page"), 1000000, &result, &told));
	assert_null(told);
	run_loop(1);
	assert_ptr_equal(told, &result);
	assert_int_equal(result.verdict.cause, JW_OK);
	assert_int_equal(result.facts.token_count, 1);
	assert_int_equal(result.facts.tokens[0].line, 3);
	assert_false(pthread_equal(disk.reader, pthread_self()));
	assert_int_equal(scene.gone, 0);
	assert_int_equal(scene.config->references, 1);
	jw_result_done(&result);
	close_scene();
}

/* The daemon judges by what it remembers, and once. */
static void facts_alone_are_not_judged(void **state)
{
	struct jw_result result;
	struct jw_result *told = NULL;

	(void)state;
	open_scene(2, 2);
	assert_non_null(jw_runner_start(&scene.world, scene.config, target_of("page"), 1000000,
					JW_WANT_FACTS, &result, on_done, &told));
	run_loop(1);
	assert_ptr_equal(told, &result);
	assert_int_equal(result.facts.token_count, 1);
	assert_null(result.verdict.message);
	assert_int_equal(result.now, 0);
	jw_result_judge(&result, 7);
	assert_int_equal(result.verdict.cause, JW_OK);
	assert_non_null(result.verdict.message);
	jw_result_done(&result);
	close_scene();
}

static void without_threads_it_is_read_on_the_spot(void **state)
{
	struct jw_result result;
	struct jw_result *told;

	(void)state;
	open_scene(1, 1);
	scene.world.work = NULL;
	assert_null(start(target_of("page"), 1000000, &result, &told));
	assert_null(told);
	assert_int_equal(result.verdict.cause, JW_OK);
	assert_true(pthread_equal(disk.reader, pthread_self()));
	jw_result_done(&result);
	close_scene();
}

#define NESTED 245

/* As deep as PCRE2 lets groups be. */
static void a_threads_stack_is_large_enough(void **state)
{
	char pattern[3 * NESTED + 8];
	struct jw_result result;
	struct jw_result *told;
	struct jw_target *target;

	(void)state;
	open_scene(1, 1);
	target = target_of("page");
	memset(pattern, '(', NESTED);
	memcpy(pattern + NESTED, "ey[^']+", 7);
	for (size_t i = 0; i < NESTED; i++)
		memcpy(pattern + NESTED + 7 + 2 * i, ")?", 2);
	pattern[3 * NESTED + 7] = '\0';
	set(target, "pattern", pattern);
	assert_non_null(start(target, 1000000, &result, &told));
	run_loop(1);
	assert_int_equal(result.facts.failure_count, 0);
	jw_result_done(&result);
	close_scene();
}

static void many_at_once(void **state)
{
	enum { MANY = 200 };
	static struct jw_result results[MANY];
	static struct jw_result *told[MANY];

	(void)state;
	open_scene(4, 1);
	for (size_t i = 0; i < MANY; i += 20) {
		for (size_t j = i; j < i + 20; j++)
			assert_non_null(
				start(target_of("page"), 1000000, &results[j], &told[j]));
		run_loop(i + 20);
	}
	for (size_t i = 0; i < MANY; i++) {
		assert_ptr_equal(told[i], &results[i]);
		assert_int_equal(results[i].verdict.cause, JW_OK);
		jw_result_done(&results[i]);
	}
	close_scene();
}

static void assert_failed(const struct jw_result *result, enum jw_cause cause, const char *says)
{
	assert_int_equal(result->verdict.cause, cause);
	assert_int_equal(result->facts.failure_count, 1);
	assert_string_equal(result->facts.failures[0].place, "/mnt/hangs");
	assert_string_equal(result->facts.failures[0].says, says);
}

/* The target's time, and a little more for what the steps themselves have to say. */
static void a_read_that_hangs_is_left(void **state)
{
	struct jw_result result;
	struct jw_result *told;
	struct jw_config *config;

	(void)state;
	open_scene(1, 2);
	assert_non_null(start(target_of("/mnt/hangs"), 1000000, &result, &told));
	await_at_the_gate(1);
	fake_pass(10000);
	assert_null(told);
	fake_pass(10200);
	assert_ptr_equal(told, &result);
	assert_failed(&result, JW_TIMEOUT, "the file system didn't answer within 10 s");
	assert_int_equal(scene.gone, 0);
	/* The orphan holds the configuration alone. */
	config = scene.config;
	jw_result_done(&result);
	jw_config_free(config);
	assert_int_equal(config->references, 1);
	scene.config = NULL;
	open_gate();
	run_loop(2);
	assert_int_equal(scene.gone, 1);
	close_scene();
}

static void another_file_is_read_meanwhile(void **state)
{
	struct jw_result hanging;
	struct jw_result healthy;
	struct jw_result *told[2];

	(void)state;
	open_scene(1, 2);
	assert_non_null(start(target_of("/mnt/hangs"), 1000000, &hanging, &told[0]));
	await_at_the_gate(1);
	fake_pass(20000);
	assert_non_null(start(target_of("page"), 1000000, &healthy, &told[1]));
	run_loop(2);
	assert_int_equal(healthy.verdict.cause, JW_OK);
	jw_result_done(&healthy);
	jw_result_done(&hanging);
	open_gate();
	run_loop(3);
	close_scene();
}

/* Or its checks would take all threads, one after the other. */
static void one_target_hangs_once(void **state)
{
	struct jw_result first;
	struct jw_result second;
	struct jw_result *told;
	struct jw_target *target;

	(void)state;
	open_scene(1, 2);
	target = target_of("/mnt/hangs");
	assert_non_null(start(target, 1000000, &first, &told));
	await_at_the_gate(1);
	fake_pass(20000);
	jw_result_done(&first);
	assert_null(start(target, 1000000, &second, &told));
	assert_failed(&second, JW_TIMEOUT,
		      "the file system still hasn't answered the read of an earlier check");
	jw_result_done(&second);
	assert_int_equal(scene.work.hanging(scene.work.self), 1);
	open_gate();
	run_loop(2);
	assert_non_null(start(target, 1000000, &first, &told));
	run_loop(3);
	assert_int_equal(first.verdict.cause, JW_OK);
	jw_result_done(&first);
	close_scene();
}

static void the_whole_runs_time_is_up(void **state)
{
	struct jw_result result;
	struct jw_result *told;

	(void)state;
	open_scene(1, 2);
	assert_non_null(start(target_of("/mnt/hangs"), 500, &result, &told));
	await_at_the_gate(1);
	fake_pass(500);
	assert_ptr_equal(told, &result);
	assert_failed(&result, JW_DEADLINE,
		      "the whole run's time (-t) was up before the file system answered");
	jw_result_done(&result);
	open_gate();
	run_loop(2);
	close_scene();
}

static void no_thread_had_time_for_it(void **state)
{
	struct jw_result hanging;
	struct jw_result result;
	struct jw_result *told[2];
	struct jw_run *run;

	(void)state;
	open_scene(1, 2);
	run = start(target_of("/hangs/first"), 1000000, &hanging, &told[0]);
	assert_non_null(run);
	await_at_the_gate(1);
	/* Later than the first one's own end. */
	fake_timers[0].ms = 1000000;
	assert_non_null(start(target_of("/mnt/hangs"), 1000000, &result, &told[1]));
	fake_pass(10200);
	assert_ptr_equal(told[1], &result);
	assert_failed(&result, JW_DEADLINE,
		      "had no turn within 10 s: other files, which are slow to read, came "
		      "first");
	assert_int_equal(scene.gone, 1);
	jw_result_done(&result);
	open_gate();
	run_loop(3);
	assert_int_equal(hanging.verdict.cause, JW_OK);
	jw_result_done(&hanging);
	close_scene();
}

static void too_many_hang(void **state)
{
	struct jw_result hanging;
	struct jw_result result;
	struct jw_result *told[2];

	(void)state;
	open_scene(1, 1);
	assert_non_null(start(target_of("/hangs/first"), 1000000, &hanging, &told[0]));
	await_at_the_gate(1);
	fake_pass(20000);
	assert_null(start(target_of("/mnt/hangs"), 1000000, &result, &told[1]));
	assert_failed(&result, JW_DEADLINE,
		      "wasn't looked at: 1 read hangs already, as on a dead network mount");
	jw_result_done(&result);
	jw_result_done(&hanging);
	open_gate();
	run_loop(2);
	close_scene();
}

static void cancelled_while_it_hangs(void **state)
{
	struct jw_result result;
	struct jw_result *told;
	struct jw_run *run;

	(void)state;
	open_scene(1, 1);
	run = start(target_of("/mnt/hangs"), 1000000, &result, &told);
	await_at_the_gate(1);
	jw_runner_cancel(run);
	assert_null(told);
	assert_failed(&result, JW_DEADLINE,
		      "the whole run's time (-t) was up before the file system answered");
	jw_result_done(&result);
	open_gate();
	run_loop(1);
	assert_int_equal(scene.gone, 1);
	close_scene();
}

static void cancelled_before_it_began(void **state)
{
	struct jw_result hanging;
	struct jw_result result;
	struct jw_result *told[2];
	struct jw_run *first;
	struct jw_run *run;

	(void)state;
	open_scene(1, 1);
	first = start(target_of("/hangs/first"), 1000000, &hanging, &told[0]);
	await_at_the_gate(1);
	run = start(target_of("/mnt/hangs"), 1000000, &result, &told[1]);
	jw_runner_cancel(run);
	assert_int_equal(scene.gone, 1);
	jw_runner_cancel(first);
	assert_int_equal(result.verdict.cause, JW_DEADLINE);
	jw_result_done(&result);
	jw_result_done(&hanging);
	open_gate();
	run_loop(2);
	close_scene();
}

/* Its thread is done with it, and the loop hasn't heard so: it is over, but nobody wants to know. */
static void cancelled_behind_the_thread(void **state)
{
	struct jw_result hanging;
	struct jw_result result;
	struct jw_result *told[2];
	struct jw_run *run;
	struct jw_run *next;

	(void)state;
	open_scene(1, 1);
	run = start(target_of("page"), 1000000, &result, &told[0]);
	next = start(target_of("/mnt/hangs"), 1000000, &hanging, &told[1]);
	await_at_the_gate(1);
	jw_runner_cancel(run);
	assert_int_equal(result.verdict.cause, JW_DEADLINE);
	run_loop(1);
	assert_int_equal(scene.gone, 1);
	jw_runner_cancel(next);
	jw_result_done(&result);
	jw_result_done(&hanging);
	open_gate();
	run_loop(2);
	close_scene();
}

/* What asks the network is done on the loop, behind the thread. */
static void livekit_is_asked_behind_the_thread(void **state)
{
	const struct jw_http_reply yes = {.status = 200, .body = JW_STR("success")};
	struct jw_result result;
	struct jw_result *told;
	struct jw_target *target;

	(void)state;
	open_scene(1, 1);
	target = target_of("page");
	set(target, "accepted_by", "ws://localhost:7880");
	assert_non_null(start(target, 1000000, &result, &told));
	run_loop(1);
	assert_int_equal(fake_out(), 1);
	assert_non_null(strstr(fake_transfers[0].headers, TOKEN));
	fake_answer(0, yes);
	assert_ptr_equal(told, &result);
	assert_int_equal(result.verdict.cause, JW_OK);
	jw_result_done(&result);
	close_scene();
}

static void cancelled_while_livekit_is_asked(void **state)
{
	struct jw_result result;
	struct jw_result *told;
	struct jw_target *target;
	struct jw_run *run;

	(void)state;
	open_scene(1, 1);
	target = target_of("page");
	set(target, "accepted_by", "ws://localhost:7880");
	run = start(target, 1000000, &result, &told);
	run_loop(1);
	jw_runner_cancel(run);
	assert_null(told);
	assert_int_equal(result.verdict.cause, JW_DEADLINE);
	assert_int_equal(result.facts.token_count, 1);
	jw_result_done(&result);
	close_scene();
}

static pthread_t walkers[2];

static enum jw_next step_aside(struct jw_run *run)
{
	walkers[0] = pthread_self();
	jw_run_warn(run, "one,");
	jw_run_warn(run, "two,");
	jw_run_warn(run, "one,");
	return JW_NEXT;
}

static enum jw_next step_on_the_loop(struct jw_run *run)
{
	walkers[1] = pthread_self();
	jw_run_warn(run, "three");
	return JW_NEXT;
}

static enum jw_next (*const steps[])(struct jw_run *run) = {step_aside, step_on_the_loop, NULL};
static const struct jw_option options[] = {{0}};

static const struct jw_check check = {
	.name = "warns", .options = options, .steps = steps, .blocking_steps = 1};

static enum jw_next step_to_the_end(struct jw_run *run)
{
	(void)run;
	return JW_DONE;
}

static enum jw_next (*const short_steps[])(struct jw_run *run) = {step_to_the_end,
								  step_on_the_loop, NULL};

static const struct jw_check short_check = {
	.name = "ends", .options = options, .steps = short_steps, .blocking_steps = 1};

static void the_thread_may_come_to_the_end(void **state)
{
	struct jw_result result;
	struct jw_result *told;

	(void)state;
	open_scene(1, 1);
	assert_non_null(start(jw_config_add(scene.config, &short_check, "ends"), 1000000,
			      &result, &told));
	run_loop(1);
	assert_ptr_equal(told, &result);
	assert_string_equal(scene.warnings, "");
	jw_result_done(&result);
	close_scene();
}

static void warnings_wait_for_the_loop(void **state)
{
	struct jw_result result;
	struct jw_result *told;

	(void)state;
	open_scene(1, 1);
	assert_non_null(
		start(jw_config_add(scene.config, &check, "warns"), 1000000, &result, &told));
	assert_string_equal(scene.warnings, "");
	run_loop(1);
	assert_string_equal(scene.warnings, "one,two,three");
	assert_false(pthread_equal(walkers[0], pthread_self()));
	assert_true(pthread_equal(walkers[1], pthread_self()));
	jw_result_done(&result);
	close_scene();
}

int main(void)
{
	JW_TEST(a_file_is_read_beside_the_loop);
	JW_TEST(facts_alone_are_not_judged);
	JW_TEST(without_threads_it_is_read_on_the_spot);
	JW_TEST(a_threads_stack_is_large_enough);
	JW_TEST(many_at_once);
	JW_TEST(a_read_that_hangs_is_left);
	JW_TEST(another_file_is_read_meanwhile);
	JW_TEST(one_target_hangs_once);
	JW_TEST(the_whole_runs_time_is_up);
	JW_TEST(no_thread_had_time_for_it);
	JW_TEST(too_many_hang);
	JW_TEST(cancelled_while_it_hangs);
	JW_TEST(cancelled_before_it_began);
	JW_TEST(cancelled_behind_the_thread);
	JW_TEST(livekit_is_asked_behind_the_thread);
	JW_TEST(cancelled_while_livekit_is_asked);
	JW_TEST(the_thread_may_come_to_the_end);
	JW_TEST(warnings_wait_for_the_loop);
	return rows_run();
}
