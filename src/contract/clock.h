/* SPDX-License-Identifier: MIT */
/* What the inside asks of the clocks. */
#pragma once

#include <stdint.h>

struct jw_clock {
	void *self;
	int64_t (*wall)(void *self); /* seconds since 1970 UTC */
	int64_t (*monotonic_ms)(void *self);
};
