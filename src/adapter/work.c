/* SPDX-License-Identifier: MIT */
/* Threads for work that may block: a bounded number, with more in place of those that hang. Most work is done within
 * microseconds, where waking threads costs more than it: one thread goes through all that waits and the loop is told
 * of all at once, unless that takes longer than a tick. */
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "adapter/thread.h"
#include "base/mem.h"

/* A pattern of 250 groups in each other takes 160 KiB to compile (measured); it is touched only as far as it is used. */
#define STACK_SIZE ((size_t)512 * 1024)
/* Those of the sanitizers are larger. */
#define STACK_SIZE_SANITIZED ((size_t)2 * 1024 * 1024)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK STACK_SIZE_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                     \
	__has_feature(memory_sanitizer)
#define STACK STACK_SIZE_SANITIZED
#endif
#endif
#ifndef STACK
#define STACK STACK_SIZE
#endif

/* So long work waits for a thread that is busy before another one is called, and what is over for the loop. */
#define TICK_MS 2

/* Threads that wait for work; one more ends. Each that lives keeps up to 240 KiB of what was freed in it, so those that a
 * busy moment called would cost memory for good. */
#define IDLE_MAX 2

enum stage {
	STAGE_WAITS, /* no thread has begun with it */
	STAGE_RUNS,
	STAGE_OVER, /* what is left is to tell */
};

struct jw_job {
	struct pool *pool;
	struct jw_job *next,
		**place; /* in the queue that it stands in; `place` while it waits */
	void (*work)(void *context);
	void (*done)(void *context);
	void (*gone)(void *context); /* not NULL: it was left */
	void *context;
	enum stage stage; /* under the lock */
};

struct queue {
	struct jw_job *first, **end;
	size_t count;
};

/* What threads and the loop share; the last of them frees it. */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t is_wanted; /* there is work, or the end */
	pthread_cond_t is_quiet;  /* a thread that doesn't hang has ended, at the end */
	struct queue waiting;
	struct queue over;
	size_t threads; /* all that live */
	size_t idle;
	size_t called; /* of these: woken, and not up yet */
	size_t hanging;
	size_t refs;
	pthread_t *ended; /* those that are to be joined */
	size_t ended_count;
	bool is_ending;
	bool is_left;	 /* nobody joins any more */
	bool is_woken;	 /* the loop has been told, and hasn't looked yet */
	bool is_ticking; /* ... or looks by itself within a tick */
	int wake;

	/* Of the loop alone, or never changed. */
	struct jw_loop loop;
	struct jw_watch *watch;
	struct jw_timer *tick;
	size_t max_threads;
	size_t max_hanging;
};

static void queue_init(struct queue *queue)
{
	*queue = (struct queue){.end = &queue->first};
}

static void queue_put(struct queue *queue, struct jw_job *job)
{
	job->next = NULL;
	job->place = queue->end;
	*queue->end = job;
	queue->end = &job->next;
	queue->count++;
}

static void queue_drop(struct queue *queue, struct jw_job *job)
{
	*job->place = job->next;
	if (job->next)
		job->next->place = job->place;
	else
		queue->end = job->place;
	queue->count--;
}

/* Called with the lock held, which it gives back. */
static void pool_leave(struct pool *pool)
{
	bool is_last = !--pool->refs;

	pthread_mutex_unlock(&pool->lock);
	if (!is_last)
		return;
	close(pool->wake);
	pthread_cond_destroy(&pool->is_wanted);
	pthread_cond_destroy(&pool->is_quiet);
	pthread_mutex_destroy(&pool->lock);
	free(pool->ended);
	free(pool);
}

/* How many may live: those that hang have others in their place, up to a limit. */
static size_t threads_allowed(const struct pool *pool)
{
	size_t replaced = pool->hanging < pool->max_hanging ? pool->hanging : pool->max_hanging;

	return pool->max_threads + replaced;
}

static void wake_loop(struct pool *pool)
{
	const uint64_t one = 1;
	ssize_t ignored;

	if (pool->is_woken)
		return;
	pool->is_woken = true;
	ignored = write(pool->wake, &one, sizeof(one));
	(void)ignored;
}

/* With the lock held, which is given back meanwhile. */
static void run_job(struct pool *pool, struct jw_job *job)
{
	queue_drop(&pool->waiting, job);
	job->stage = STAGE_RUNS;
	pthread_mutex_unlock(&pool->lock);
	job->work(job->context);
	pthread_mutex_lock(&pool->lock);
	job->stage = STAGE_OVER;
	if (job->gone)
		pool->hanging--;
	if (pool->is_ending) {
		/* Nobody is left to tell: its context is the dying process's. */
		free(job);
		return;
	}
	queue_put(&pool->over, job);
	if (!pool->waiting.first || !pool->is_ticking)
		wake_loop(pool);
}

/* False: the thread isn't needed any more. */
static bool wait_for_work(struct pool *pool)
{
	while (!pool->waiting.first && !pool->is_ending) {
		if (pool->idle - pool->called >= IDLE_MAX)
			return false;
		pool->idle++;
		while (!pool->called && !pool->is_ending)
			pthread_cond_wait(&pool->is_wanted, &pool->lock);
		pool->idle--;
		if (pool->called)
			pool->called--;
	}
	return !pool->is_ending;
}

/* With the lock held. Behind a thread's last line libraries still take away what they kept for it, and the process should
 * not end before that. */
static void end_thread(struct pool *pool)
{
	pool->threads--;
	if (pool->is_left)
		pthread_detach(pthread_self());
	else
		pool->ended[pool->ended_count++] = pthread_self();
	pthread_cond_signal(&pool->is_quiet);
}

/* With the lock held, which is given back meanwhile. */
static void join_ended(struct pool *pool)
{
	while (pool->ended_count) {
		pthread_t thread = pool->ended[--pool->ended_count];

		pthread_mutex_unlock(&pool->lock);
		pthread_join(thread, NULL);
		pthread_mutex_lock(&pool->lock);
	}
}

static void *thread_main(void *context)
{
	struct pool *pool = context;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		if (!wait_for_work(pool))
			break;
		run_job(pool, pool->waiting.first);
		if (pool->threads > threads_allowed(pool))
			break;
	}
	end_thread(pool);
	pool_leave(pool);
	return NULL;
}

/* With the lock held, as all up to start. */
static bool is_anyone_up(const struct pool *pool)
{
	return pool->threads - pool->hanging > pool->idle - pool->called;
}

static bool can_call(const struct pool *pool)
{
	return pool->idle > pool->called || pool->threads < threads_allowed(pool);
}

/* Sees to it that one thread more begins with what waits, now or when one is free. False: there is no thread at all. */
static bool call_thread(struct pool *pool)
{
	if (pool->idle > pool->called) {
		pool->called++;
		pthread_cond_signal(&pool->is_wanted);
		return true;
	}
	if (pool->threads >= threads_allowed(pool))
		return true;
	pool->threads++;
	pool->refs++;
	/* So there is room for all that live in `ended`. */
	join_ended(pool);
	if (jw_thread_start(thread_main, pool, STACK, JW_THREAD_JOINED))
		return true;
	pool->refs--;
	pool->threads--;
	return pool->threads > pool->hanging;
}

static void tick_soon(struct pool *pool)
{
	if (!pool->is_ticking)
		pool->loop.arm(pool->tick, TICK_MS);
	pool->is_ticking = true;
}

/* False: nobody will ever begin with what waits. */
static bool see_to_it(struct pool *pool)
{
	if (!is_anyone_up(pool))
		return call_thread(pool);
	tick_soon(pool);
	return true;
}

static struct jw_job *start(void *self, void (*work)(void *context),
			    void (*done)(void *context), void *context)
{
	struct pool *pool = self;
	struct jw_job *job = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->hanging < pool->max_hanging) {
		job = jw_xcalloc(1, sizeof(*job));
		job->pool = pool;
		job->work = work;
		job->done = done;
		job->context = context;
		queue_put(&pool->waiting, job);
		if (!see_to_it(pool)) {
			queue_drop(&pool->waiting, job);
			free(job);
			job = NULL;
		}
	}
	pthread_mutex_unlock(&pool->lock);
	return job;
}

static void leave(struct jw_job *job, void (*gone)(void *context))
{
	struct pool *pool = job->pool;
	bool never_began;

	pthread_mutex_lock(&pool->lock);
	job->gone = gone;
	never_began = job->stage == STAGE_WAITS;
	if (never_began)
		queue_drop(&pool->waiting, job);
	if (job->stage == STAGE_RUNS) {
		pool->hanging++;
		if (pool->waiting.first)
			call_thread(pool);
	}
	pthread_mutex_unlock(&pool->lock);
	if (!never_began)
		return;
	gone(job->context);
	free(job);
}

static size_t hanging(void *self)
{
	struct pool *pool = self;
	size_t count;

	pthread_mutex_lock(&pool->lock);
	count = pool->hanging;
	pthread_mutex_unlock(&pool->lock);
	return count;
}

/* While one is told, another that is over may be left. */
static void tell(struct jw_job *job)
{
	while (job) {
		struct jw_job *next = job->next;

		if (job->gone)
			job->gone(job->context);
		else
			job->done(job->context);
		free(job);
		job = next;
	}
}

/* Where nothing moves although all threads are at work, there is nothing to look for until one of them says so. */
static struct jw_job *take_over(struct pool *pool)
{
	struct jw_job *over;

	pthread_mutex_lock(&pool->lock);
	over = pool->over.first;
	queue_init(&pool->over);
	pool->is_woken = false;
	if (pool->waiting.first && !pool->is_ending && (over || can_call(pool)))
		tick_soon(pool);
	pthread_mutex_unlock(&pool->lock);
	return over;
}

static void on_wake(void *context, int fd, int what)
{
	uint64_t count;
	ssize_t ignored = read(fd, &count, sizeof(count));

	(void)ignored;
	(void)what;
	tell(take_over(context));
}

static void on_tick(void *context)
{
	struct pool *pool = context;

	pthread_mutex_lock(&pool->lock);
	pool->is_ticking = false;
	if (pool->waiting.first)
		call_thread(pool);
	pthread_mutex_unlock(&pool->lock);
	tell(take_over(pool));
}

enum jw_cause jw_adapter_work(const struct jw_loop *loop, size_t threads, size_t max_hanging,
			      struct jw_work *ret_work, struct jw_err *err)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pool *pool;

	if (fd < 0)
		return jw_fail(err, JW_INTERNAL,
			       "threads can't be had: no file descriptor is left");
	pool = jw_xcalloc(1, sizeof(*pool));
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->is_wanted, NULL);
	pthread_cond_init(&pool->is_quiet, NULL);
	queue_init(&pool->waiting);
	queue_init(&pool->over);
	pool->loop = *loop;
	pool->max_threads = threads;
	pool->max_hanging = max_hanging;
	pool->ended = jw_xcalloc(threads + max_hanging, sizeof(*pool->ended));
	pool->refs = 1;
	pool->wake = fd;
	pool->watch = loop->watch(loop->self, fd, on_wake, pool);
	loop->want(pool->watch, JW_LOOP_READ);
	pool->tick = loop->timer(loop->self, on_tick, pool);
	*ret_work = (struct jw_work){pool, start, leave, hanging};
	return JW_OK;
}

void jw_adapter_work_end(struct jw_work *work)
{
	struct pool *pool = work->self;

	if (!pool)
		return;
	*work = (struct jw_work){0};
	pool->loop.unwatch(pool->watch);
	pool->loop.timer_free(pool->tick);
	pthread_mutex_lock(&pool->lock);
	pool->is_ending = true;
	pthread_cond_broadcast(&pool->is_wanted);
	while (pool->threads > pool->hanging)
		pthread_cond_wait(&pool->is_quiet, &pool->lock);
	join_ended(pool);
	pool->is_left = true;
	pthread_mutex_unlock(&pool->lock);
	tell(take_over(pool));
	pthread_mutex_lock(&pool->lock);
	pool_leave(pool);
}
