/* SPDX-License-Identifier: MIT */
/* A thread as the adapters use it. */
#include "adapter/thread.h"

#include <pthread.h>
#include <signal.h>

bool jw_thread_start(void *(*work)(void *context), void *context, size_t stack,
		     enum jw_thread_end end)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all;
	sigset_t before;
	int error;

	sigfillset(&all);
	pthread_attr_init(&attributes);
	if (end == JW_THREAD_DETACHED)
		pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (stack)
		pthread_attr_setstacksize(&attributes, stack);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, work, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return !error;
}
