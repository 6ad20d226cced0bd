/* SPDX-License-Identifier: MIT */
/* A watcher of files: events wait until they have settled, then the way is found anew, then it is told. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "adapter/watch_parts.h"

/* Changes this close to each other are one. */
#define SETTLE_MS 100
/* Nothing waits longer for the others, and a file that is being written no longer for its end. */
#define PATIENCE_MS 1000
#define POLL_MS 10000
/* A job that takes longer hangs in a dead file system. */
#define LATE_MS 2000
#define DRAIN_MS 20
#define JOBS_MAX 16
#define EVENTS_SIZE ((size_t)64 * 1024)

struct jw_watch_job {
	struct jw_watcher_self *self;
	struct jw_watched *watched; /* NULL: it has been removed */
	struct jw_watch_job *next;
	struct jw_job *job;
	struct jw_way way;
	uint64_t strays; /* at its start */
	int64_t start_ms;
	bool is_left;
	bool is_stale; /* something has happened since its start */
	char path[];
};

static int64_t now_ms(void)
{
	return jw_adapter_clock.monotonic_ms(NULL);
}

static void append(struct jw_watched_list *list, struct jw_watched *watched,
		   enum jw_watched_state state)
{
	watched->state = state;
	watched->next = NULL;
	if (list->last)
		list->last->next = watched;
	else
		list->first = watched;
	list->last = watched;
}

static struct jw_watched *shift(struct jw_watched_list *list)
{
	struct jw_watched *watched = list->first;

	list->first = watched->next;
	if (!list->first)
		list->last = NULL;
	watched->state = JW_WATCHED_IDLE;
	return watched;
}

static void take_out(struct jw_watched_list *list, struct jw_watched *watched)
{
	struct jw_watched *before = NULL;

	for (struct jw_watched *at = list->first; at != watched; at = at->next)
		before = at;
	if (before)
		before->next = watched->next;
	else
		list->first = watched->next;
	if (list->last == watched)
		list->last = before;
	watched->state = JW_WATCHED_IDLE;
}

void jw_watch_mark(struct jw_watched *watched, enum jw_watch_when when, enum jw_watch_tell tell)
{
	struct jw_watcher_self *self = watched->self;
	uint32_t now = (uint32_t)now_ms();
	bool waits = watched->state == JW_WATCHED_PENDING;

	if (tell == JW_TELL_ALWAYS)
		watched->must_tell = true;
	if (watched->state == JW_WATCHED_READY || (waits && when == JW_WHEN_WRITTEN))
		return;
	if (!waits)
		watched->first_ms = now;
	watched->due_ms = now + (when == JW_WHEN_SOON ? SETTLE_MS : PATIENCE_MS);
	if ((int32_t)(watched->due_ms - watched->first_ms) > PATIENCE_MS)
		watched->due_ms = watched->first_ms + PATIENCE_MS;
	if (!waits)
		append(&self->pending, watched, JW_WATCHED_PENDING);
	/* One that is armed isn't put off. */
	if (!self->is_settling)
		self->loop.arm(self->settle, DRAIN_MS);
	self->is_settling = true;
}

void jw_watch_mark_all(struct jw_watcher_self *self, enum jw_watch_tell tell)
{
	for (size_t i = 0; i < self->count; i++)
		jw_watch_mark(self->all[i], JW_WHEN_SOON, tell);
}

static void set_polled(struct jw_watched *watched, bool is_polled)
{
	struct jw_watcher_self *self = watched->self;

	if (watched->is_polled == is_polled)
		return;
	watched->is_polled = is_polled;
	self->polled += is_polled ? 1 : (size_t)-1;
	if (is_polled && self->polled == 1)
		self->loop.arm(self->poll, self->poll_ms);
}

/* Tells last: behind it the path may be gone. */
static void take_way(struct jw_watched *watched, const struct jw_watch_job *job)
{
	struct jw_watcher_self *self = watched->self;
	const struct jw_way *way = &job->way;
	bool tells = watched->is_known && (watched->must_tell || watched->stamp != way->stamp);
	bool differs = jw_watch_hang(self, watched, way);

	/* What it hangs on only now may have changed since it was looked at. */
	if (differs && self->strays != job->strays)
		jw_watch_mark(watched, JW_WHEN_SOON, JW_TELL_IF_NEW);
	set_polled(watched, way->is_unsure);
	watched->stamp = way->stamp;
	watched->is_known = true;
	watched->must_tell = false;
	if (tells)
		watched->changed(watched->context);
}

static void unlist_job(struct jw_watch_job *job)
{
	struct jw_watch_job **place = &job->self->jobs;

	while (*place != job)
		place = &(*place)->next;
	*place = job->next;
}

static void free_job(struct jw_watch_job *job)
{
	jw_arena_done(&job->way.arena);
	free(job);
}

static void pump(struct jw_watcher_self *self);

static void do_work(void *context)
{
	struct jw_watch_job *job = context;

	jw_way_find(&job->way, job->path, job->self->inotify);
}

static void on_done(void *context)
{
	struct jw_watch_job *job = context;
	struct jw_watcher_self *self = job->self;
	struct jw_watched *watched = job->watched;

	unlist_job(job);
	self->running--;
	watched->job = NULL;
	if (job->is_stale)
		jw_watch_mark(watched, JW_WHEN_SOON, JW_TELL_IF_NEW);
	take_way(watched, job);
	free_job(job);
	pump(self);
}

static void free_self(struct jw_watcher_self *self)
{
	close(self->inotify);
	free(self);
}

/* It was left: what it has watched meanwhile is for nobody, or for a path that waits to try again. */
static void on_gone(void *context)
{
	struct jw_watch_job *job = context;
	struct jw_watcher_self *self = job->self;

	unlist_job(job);
	if (self->has_ended) {
		free_job(job);
		if (!self->jobs)
			free_self(self);
		return;
	}
	if (job->way.folders)
		jw_watch_hang(self, NULL, &job->way);
	if (job->watched) {
		job->watched->job = NULL;
		jw_watch_mark(job->watched, JW_WHEN_SOON, JW_TELL_IF_NEW);
	}
	free_job(job);
}

static void leave(struct jw_watch_job *job)
{
	if (job->is_left)
		return;
	job->is_left = true;
	job->self->running--;
	job->self->work.leave(job->job, on_gone);
}

static void start(struct jw_watcher_self *self, struct jw_watched *watched)
{
	size_t size = strlen(watched->path) + 1;
	struct jw_watch_job *job = jw_xcalloc(1, sizeof(*job) + size);

	*job = (struct jw_watch_job){
		.self = self,
		.watched = watched,
		.next = self->jobs,
		.strays = self->strays,
		.start_ms = now_ms(),
	};
	memcpy(job->path, watched->path, size);
	self->jobs = job;
	self->running++;
	watched->job = job;
	if (!self->has_work) {
		do_work(job);
		on_done(job);
		return;
	}
	job->job = self->work.start(self->work.self, do_work, on_done, job);
	if (job->job) {
		self->loop.arm(self->late, LATE_MS);
		return;
	}
	unlist_job(job);
	self->running--;
	watched->job = NULL;
	set_polled(watched, true);
	free_job(job);
}

static void pump(struct jw_watcher_self *self)
{
	if (self->is_pumping)
		return;
	self->is_pumping = true;
	while (self->ready.first && self->running < JOBS_MAX) {
		struct jw_watched *watched = shift(&self->ready);

		/* Behind the end of the one that runs, or hangs, it is looked at once more. */
		if (watched->job)
			watched->job->is_stale = true;
		else
			start(self, watched);
	}
	self->is_pumping = false;
}

static void on_settle(void *context)
{
	struct jw_watcher_self *self = context;
	struct jw_watched_list waiting = self->pending;
	uint32_t now = (uint32_t)now_ms();
	int32_t least = INT32_MAX;

	self->pending = (struct jw_watched_list){0};
	self->is_settling = false;
	while (waiting.first) {
		struct jw_watched *watched = shift(&waiting);
		int32_t left = (int32_t)(watched->due_ms - now);

		if (left <= 0) {
			append(&self->ready, watched, JW_WATCHED_READY);
			continue;
		}
		least = left < least ? left : least;
		append(&self->pending, watched, JW_WATCHED_PENDING);
	}
	if (self->pending.first) {
		/* A quick change must not wait for a slow one's time. */
		self->loop.arm(self->settle, least < SETTLE_MS ? least : SETTLE_MS);
		self->is_settling = true;
	}
	pump(self);
}

static void on_poll(void *context)
{
	struct jw_watcher_self *self = context;

	for (size_t i = 0; i < self->count; i++)
		if (self->all[i]->is_polled && !self->all[i]->job &&
		    self->all[i]->state == JW_WATCHED_IDLE)
			jw_watch_mark(self->all[i], JW_WHEN_SOON, JW_TELL_IF_NEW);
	if (self->polled)
		self->loop.arm(self->poll, self->poll_ms);
}

static void on_late(void *context)
{
	struct jw_watcher_self *self = context;
	int64_t now = now_ms();
	struct jw_watch_job *next;

	for (struct jw_watch_job *job = self->jobs; job; job = next) {
		next = job->next;
		if (job->is_left || now - job->start_ms < LATE_MS)
			continue;
		set_polled(job->watched, true);
		leave(job);
	}
	if (self->running)
		self->loop.arm(self->late, LATE_MS);
	pump(self);
}

static void on_readable(void *context, int fd, int what)
{
	struct jw_watcher_self *self = context;
	char bytes[EVENTS_SIZE];
	ssize_t len = read(fd, bytes, sizeof(bytes));

	(void)what;
	if (len > 0)
		jw_watch_events(self, bytes, (size_t)len);
	self->loop.want(self->watch, 0);
	self->loop.arm(self->drain, len > (ssize_t)sizeof(bytes) / 2 ? 0 : DRAIN_MS);
}

static void on_drain(void *context)
{
	struct jw_watcher_self *self = context;

	self->loop.want(self->watch, JW_LOOP_READ);
}

static struct jw_watched *new_watched(const char *path)
{
	jw_autobuf struct jw_buf whole = JW_BUF(SIZE_MAX / 2);
	jw_autofree char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
	struct jw_watched *watched;

	if (here) {
		jw_buf_text(&whole, here);
		jw_buf_char(&whole, '/');
	}
	jw_buf_text(&whole, path);
	watched = jw_xcalloc(1, sizeof(*watched) + whole.len + 1);
	memcpy(watched->path, whole.ptr, whole.len);
	return watched;
}

static struct jw_watched *add(void *context, const char *path, void (*changed)(void *context),
			      void *changed_context)
{
	struct jw_watcher_self *self = context;
	struct jw_watched *watched = new_watched(path);

	watched->self = self;
	watched->changed = changed;
	watched->context = changed_context;
	watched->place = (uint32_t)self->count;
	/* A power of two: it is full. */
	if (!(self->count & (self->count - 1)))
		self->all = jw_xrealloc(self->all, (self->count + 1) * 2 * sizeof(*self->all));
	self->all[self->count++] = watched;
	append(&self->ready, watched, JW_WATCHED_READY);
	pump(self);
	return watched;
}

static void remove_watched(struct jw_watched *watched)
{
	struct jw_watcher_self *self;

	if (!watched)
		return;
	self = watched->self;
	if (watched->state == JW_WATCHED_PENDING)
		take_out(&self->pending, watched);
	else if (watched->state == JW_WATCHED_READY)
		take_out(&self->ready, watched);
	set_polled(watched, false);
	if (watched->job) {
		watched->job->watched = NULL;
		leave(watched->job);
	}
	jw_watch_unhang(watched);
	self->all[watched->place] = self->all[--self->count];
	self->all[watched->place]->place = watched->place;
	free(watched);
}

static size_t polled(void *context)
{
	const struct jw_watcher_self *self = context;

	return self->polled;
}

static struct jw_watcher_self *new_self(const struct jw_loop *loop, const struct jw_work *work,
					int inotify)
{
	struct jw_watcher_self *self = jw_xcalloc(1, sizeof(*self));

	self->loop = *loop;
	self->has_work = work != NULL;
	if (work)
		self->work = *work;
	self->inotify = inotify;
	self->poll_ms = POLL_MS;
	self->watch = loop->watch(loop->self, inotify, on_readable, self);
	loop->want(self->watch, JW_LOOP_READ);
	self->drain = loop->timer(loop->self, on_drain, self);
	self->settle = loop->timer(loop->self, on_settle, self);
	self->poll = loop->timer(loop->self, on_poll, self);
	self->late = loop->timer(loop->self, on_late, self);
	return self;
}

enum jw_cause jw_adapter_watcher(const struct jw_loop *loop, const struct jw_work *work,
				 struct jw_watcher *ret_watcher, struct jw_err *err)
{
	int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (inotify < 0)
		return jw_fail(err, JW_INTERNAL, "files can't be watched: %s",
			       strerrordesc_np(errno));
	*ret_watcher = (struct jw_watcher){
		.self = new_self(loop, work, inotify),
		.add = add,
		.remove = remove_watched,
		.polled = polled,
	};
	return JW_OK;
}

void jw_adapter_watcher_end(struct jw_watcher *watcher)
{
	struct jw_watcher_self *self = watcher->self;

	*watcher = (struct jw_watcher){0};
	if (!self)
		return;
	while (self->count)
		remove_watched(self->all[self->count - 1]);
	self->loop.unwatch(self->watch);
	self->loop.timer_free(self->drain);
	self->loop.timer_free(self->settle);
	self->loop.timer_free(self->poll);
	self->loop.timer_free(self->late);
	free(self->all);
	free(self->folders);
	free(self->buckets);
	self->has_ended = true;
	if (!self->jobs)
		free_self(self);
}
