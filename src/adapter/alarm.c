/* SPDX-License-Identifier: MIT */
/* Wakes by the clock that goes on while the machine sleeps, and when somebody sets the wall clock. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/mem.h"

/* As far ahead as any clock gets: what is waited for is the jump, not the time. */
#define FAR_SECONDS ((time_t)1 << 40)

struct self {
	struct jw_loop loop;
	void (*due)(void *context);
	void (*jumped)(void *context);
	void *context;
	int boot; /* timerfd */
	int wall; /* timerfd, read as cancelled where the clock was set */
	struct jw_watch *boot_watch;
	struct jw_watch *wall_watch;
};

static void arm(void *context, int64_t boot_ms)
{
	const struct self *self = context;
	struct itimerspec when = {0};

	if (boot_ms >= 0) {
		when.it_value.tv_sec = boot_ms / 1000;
		when.it_value.tv_nsec = boot_ms % 1000 * 1000000;
	}
	/* All zero would disarm it. */
	if (boot_ms == 0)
		when.it_value.tv_nsec = 1;
	timerfd_settime(self->boot, TFD_TIMER_ABSTIME, &when, NULL);
}

static void on_boot(void *context, int fd, int what)
{
	struct self *self = context;
	uint64_t times;

	(void)what;
	/* Nothing to read: it was armed anew since. */
	if (read(fd, &times, sizeof(times)) == sizeof(times))
		self->due(self->context);
}

static int watch_jumps(int fd)
{
	const struct itimerspec far = {.it_value = {.tv_sec = FAR_SECONDS}};

	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
}

static void on_wall(void *context, int fd, int what)
{
	struct self *self = context;
	uint64_t times;
	ssize_t len = read(fd, &times, sizeof(times));

	(void)what;
	if (len < 0 && errno != ECANCELED)
		return;
	watch_jumps(fd);
	self->jumped(self->context);
}

static void end(struct self *self)
{
	self->loop.unwatch(self->boot_watch);
	self->loop.unwatch(self->wall_watch);
	if (self->boot >= 0)
		close(self->boot);
	if (self->wall >= 0)
		close(self->wall);
	free(self);
}

static struct jw_watch *watch(struct self *self, int fd,
			      void (*ready)(void *context, int fd, int what))
{
	struct jw_watch *watch = self->loop.watch(self->loop.self, fd, ready, self);

	self->loop.want(watch, JW_LOOP_READ);
	return watch;
}

enum jw_cause jw_adapter_alarm(const struct jw_loop *loop, void (*due)(void *context),
			       void (*jumped)(void *context), void *context,
			       struct jw_alarm *ret_alarm, struct jw_err *err)
{
	struct self *self = jw_xcalloc(1, sizeof(*self));

	*self = (struct self){*loop, due, jumped, context, -1, -1, NULL, NULL};
	self->boot = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	self->wall = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (self->boot < 0 || self->wall < 0 || watch_jumps(self->wall)) {
		enum jw_cause cause = jw_fail(err, JW_INTERNAL, "no timer can be made: %s",
					      strerrordesc_np(errno));

		end(self);
		return cause;
	}
	self->boot_watch = watch(self, self->boot, on_boot);
	self->wall_watch = watch(self, self->wall, on_wall);
	*ret_alarm = (struct jw_alarm){.self = self, .arm = arm};
	return JW_OK;
}

void jw_adapter_alarm_end(struct jw_alarm *alarm)
{
	if (alarm->self)
		end(alarm->self);
	*alarm = (struct jw_alarm){0};
}
