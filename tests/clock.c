/* SPDX-License-Identifier: MIT */
/* Preloaded by tests/daemon_clock.sh: a wall clock that is off by the number of milliseconds in the file $JW_CLOCK, and is
 * set when something is written into the FIFO $JW_CLOCK.set, of which a timer with TFD_TIMER_CANCEL_ON_SET is told. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MS INT64_C(1000000)
#define SECOND (1000 * MS)

static int wall = -1;

static int64_t offset_ms(void)
{
	const char *path = getenv("JW_CLOCK");
	int64_t offset = 0;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return 0;
	if (pread(fd, &offset, sizeof(offset), 0) != sizeof(offset))
		offset = 0;
	close(fd);
	return offset;
}

static void *next(const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	if (!symbol)
		abort();
	return symbol;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int (*real)(clockid_t clock, struct timespec * now) = NULL;
	void *symbol = next("clock_gettime");
	int64_t all;
	int result;

	memcpy(&real, &symbol, sizeof(real));
	result = real(clock, now);
	if (result || clock != CLOCK_REALTIME)
		return result;
	all = now->tv_sec * SECOND + now->tv_nsec + offset_ms() * MS;
	now->tv_sec = (time_t)(all / SECOND);
	now->tv_nsec = (long)(all % SECOND);
	return 0;
}

int timerfd_create(int clock, int flags)
{
	int (*real)(int clock, int flags) = NULL;
	void *symbol = next("timerfd_create");
	char path[4096];

	memcpy(&real, &symbol, sizeof(real));
	if (clock != CLOCK_REALTIME || !getenv("JW_CLOCK"))
		return real(clock, flags);
	snprintf(path, sizeof(path), "%s.set", getenv("JW_CLOCK"));
	return wall = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *time, struct itimerspec *before)
{
	int (*real)(int fd, int flags, const struct itimerspec *time,
		    struct itimerspec *before) = NULL;
	void *symbol = next("timerfd_settime");

	memcpy(&real, &symbol, sizeof(real));
	return fd >= 0 && fd == wall ? 0 : real(fd, flags, time, before);
}

ssize_t read(int fd, void *bytes, size_t len)
{
	ssize_t (*real)(int fd, void *bytes, size_t len) = NULL;
	void *symbol = next("read");
	ssize_t got;

	memcpy(&real, &symbol, sizeof(real));
	got = real(fd, bytes, len);
	if (got <= 0 || fd != wall)
		return got;
	errno = ECANCELED;
	return -1;
}
