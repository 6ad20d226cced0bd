/* SPDX-License-Identifier: MIT */
/* A thread as the adapters use it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum jw_thread_end {
	JW_THREAD_DETACHED, /* nobody waits for its end */
	JW_THREAD_JOINED,   /* somebody joins it, by its pthread_self */
};

/* Runs `work` with all signals blocked, since those are the main thread's. `stack` bytes of stack; 0: as the system has
 * it. False: the system gives no more threads. */
bool jw_thread_start(void *(*work)(void *context), void *context, size_t stack,
		     enum jw_thread_end end);
