/* SPDX-License-Identifier: MIT */
/* The process itself: no core dumps, and a last resort against a file system that never answers. */
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "adapter/adapter.h"

void jw_adapter_harden(void)
{
	const struct rlimit none = {0, 0};

#ifndef JW_SANITIZED
	/* The leak sanitizer attaches to its own process, which this would forbid. */
	prctl(PR_SET_DUMPABLE, 0);
#endif
	setrlimit(RLIMIT_CORE, &none);
	/* A reader that has gone is an error of writing, with an exit code of ours. */
	signal(SIGPIPE, SIG_IGN);
}

size_t jw_adapter_random(void)
{
	const void *bytes = (const void *)getauxval(AT_RANDOM);
	size_t bits = 0;

	if (bytes)
		memcpy(&bits, bytes, sizeof(bits));
	return bits ? bits : 1;
}

static const char *last_words;

static void on_alarm(int signal)
{
	ssize_t ignored = write(STDOUT_FILENO, last_words, strlen(last_words));

	(void)signal;
	(void)ignored;
	_exit(3);
}

void jw_adapter_watchdog(int64_t ms, const char *line)
{
	const struct itimerval timer = {
		.it_value = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000},
	};
	struct sigaction action = {.sa_handler = on_alarm};

	last_words = line;
	if (ms)
		sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}
