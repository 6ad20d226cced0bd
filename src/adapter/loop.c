/* SPDX-License-Identifier: MIT */
/* The event loop, by libevent. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "adapter/adapter.h"
#include "base/log.h"
#include "base/mem.h"

/* What one event_base opens: epoll, its timer, and a pair for signals. */
enum { DESCRIPTORS = 4 };

struct self {
	struct event_base *base;
	struct event until;
};

struct jw_watch {
	struct event event;
	struct event_base *base;
	void (*ready)(void *context, int fd, int what);
	void *context;
	int fd;
	int what;
};

struct jw_timer {
	struct event event;
	void (*due)(void *context);
	void *context;
};

static void on_ready(int fd, short what, void *context)
{
	struct jw_watch *watch = context;

	watch->ready(watch->context, fd,
		     (what & EV_READ ? JW_LOOP_READ : 0) |
			     (what & EV_WRITE ? JW_LOOP_WRITE : 0));
}

static struct jw_watch *watch_fd(void *context, int fd,
				 void (*ready)(void *context, int fd, int what),
				 void *ready_context)
{
	const struct self *self = context;
	struct jw_watch *watch = jw_xcalloc(1, sizeof(*watch));

	watch->base = self->base;
	watch->ready = ready;
	watch->context = ready_context;
	watch->fd = fd;
	event_assign(&watch->event, self->base, fd, EV_PERSIST, on_ready, watch);
	return watch;
}

static void want(struct jw_watch *watch, int what)
{
	short events = EV_PERSIST;

	if (watch->what == what)
		return;
	if (watch->what)
		event_del(&watch->event);
	watch->what = what;
	if (what & JW_LOOP_READ)
		events |= EV_READ;
	if (what & JW_LOOP_WRITE)
		events |= EV_WRITE;
	if (what & JW_LOOP_EDGE)
		events |= EV_ET;
	if (what &&
	    !event_assign(&watch->event, watch->base, watch->fd, events, on_ready, watch))
		event_add(&watch->event, NULL);
}

static void unwatch(struct jw_watch *watch)
{
	if (!watch)
		return;
	want(watch, 0);
	free(watch);
}

static void on_due(int fd, short what, void *context)
{
	struct jw_timer *timer = context;

	(void)fd;
	(void)what;
	timer->due(timer->context);
}

static struct jw_timer *timer_new(void *context, void (*due)(void *context), void *due_context)
{
	const struct self *self = context;
	struct jw_timer *timer = jw_xcalloc(1, sizeof(*timer));

	timer->due = due;
	timer->context = due_context;
	evtimer_assign(&timer->event, self->base, on_due, timer);
	return timer;
}

static void arm_event(struct event *event, int64_t ms)
{
	const struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	event_add(event, &wait);
}

static void arm(struct jw_timer *timer, int64_t ms)
{
	if (ms < 0)
		event_del(&timer->event);
	else
		arm_event(&timer->event, ms < INT_MAX ? ms : INT_MAX);
}

static void timer_free(struct jw_timer *timer)
{
	if (timer)
		event_del(&timer->event);
	free(timer);
}

static void stop(void *context)
{
	const struct self *self = context;

	event_base_loopbreak(self->base);
}

static void on_until(int fd, short what, void *context)
{
	(void)fd;
	(void)what;
	stop(context);
}

static void run(void *context, int64_t until_ms)
{
	struct self *self = context;
	int64_t left = until_ms - jw_adapter_clock.monotonic_ms(NULL);

	if (left < 0)
		left = 0;
	arm_event(&self->until, left < INT_MAX ? left : INT_MAX);
	event_base_loop(self->base, EVLOOP_NO_EXIT_ON_EMPTY);
	event_del(&self->until);
}

/* libevent ends the process where it gets no descriptor for its pair: see that there are some. */
static bool has_descriptors(void)
{
	int fds[DESCRIPTORS];
	int count = 0;

	while (count < DESCRIPTORS) {
		fds[count] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fds[count] < 0)
			break;
		count++;
	}
	for (int i = 0; i < count; i++)
		close(fds[i]);
	return count == DESCRIPTORS;
}

/* Without this, libevent writes to standard error. */
static void log_message(int severity, const char *message)
{
	jw_log(severity >= EVENT_LOG_WARN ? JW_LOG_WARNING : JW_LOG_DEBUG, "libevent: %s",
	       message);
}

/* Timers to the millisecond, no locks, and no choice of ours left to the environment. Of what is wanted of a descriptor
 * the kernel is told once a turn: libcurl lets go of a connection and takes it again with each transfer. */
static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	event_set_log_callback(log_message);
	if (config &&
	    !event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV |
						   EVENT_BASE_FLAG_NO_CACHE_TIME |
						   EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST |
						   EVENT_BASE_FLAG_PRECISE_TIMER))
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

enum jw_cause jw_adapter_loop(struct jw_loop *ret_loop, struct jw_err *err)
{
	struct event_base *base = has_descriptors() ? new_base() : NULL;
	struct self *self;

	if (!base)
		return jw_fail(err, JW_INTERNAL,
			       "the event loop can't be made: no file descriptor is left");
	self = jw_xcalloc(1, sizeof(*self));
	self->base = base;
	evtimer_assign(&self->until, base, on_until, self);
	*ret_loop = (struct jw_loop){
		.self = self,
		.watch = watch_fd,
		.want = want,
		.unwatch = unwatch,
		.timer = timer_new,
		.arm = arm,
		.timer_free = timer_free,
		.run = run,
		.stop = stop,
	};
	return JW_OK;
}

void jw_adapter_loop_end(struct jw_loop *loop)
{
	struct self *self = loop->self;

	if (!self)
		return;
	event_base_free(self->base);
	free(self);
	*loop = (struct jw_loop){0};
}
