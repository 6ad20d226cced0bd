/* SPDX-License-Identifier: MIT */
/* The clocks of the system. */
#include <time.h>

#include "adapter/adapter.h"

static int64_t wall(void *self)
{
	struct timespec now;

	(void)self;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

static int64_t monotonic_ms(void *self)
{
	struct timespec now;

	(void)self;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const struct jw_clock jw_adapter_clock = {.wall = wall, .monotonic_ms = monotonic_ms};
