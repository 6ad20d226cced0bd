/* SPDX-License-Identifier: MIT */
/* A thread as the adapters use it: nobody joins it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Runs `work` with all signals blocked, since those are the main thread's. `stack` bytes of stack; 0: as the system has
 * it. False: the system gives no more threads. */
bool jw_thread_start(void *(*work)(void *context), void *context, size_t stack);
