/* SPDX-License-Identifier: MIT */
/* The clocks of the system. */
#include <time.h>

#include "adapter/adapter.h"

static int64_t ms_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t wall(void *self)
{
	struct timespec now;

	(void)self;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

static int64_t monotonic_ms(void *self)
{
	(void)self;
	return ms_of(CLOCK_MONOTONIC);
}

static int64_t wall_ms(void *self)
{
	(void)self;
	return ms_of(CLOCK_REALTIME);
}

static int64_t boot_ms(void *self)
{
	(void)self;
	return ms_of(CLOCK_BOOTTIME);
}

const struct jw_clock jw_adapter_clock = {
	.wall = wall, .monotonic_ms = monotonic_ms, .wall_ms = wall_ms, .boot_ms = boot_ms};
