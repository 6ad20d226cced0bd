/* SPDX-License-Identifier: MIT */
/* The process itself: no core dumps, and a last resort against a file system that never answers. */
#include <assert.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/random.h>
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
	/* So is the limit on a file's size. */
	signal(SIGXFSZ, SIG_IGN);
}

void jw_adapter_end(int exit_code)
{
#ifdef JW_SANITIZED
	(void)exit_code;
#else
	_exit(exit_code);
#endif
}

size_t jw_adapter_random(void)
{
	const void *bytes = (const void *)getauxval(AT_RANDOM);
	size_t bits = 0;

	if (bytes)
		memcpy(&bits, bytes, sizeof(bits));
	return bits ? bits : 1;
}

void jw_adapter_random_hex(char *to, size_t digits)
{
	unsigned char bytes[64];
	size_t len = digits / 2;

	assert(len <= sizeof(bytes));
	/* So few come whole once the system is up, whatever signals come too. */
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
	jw_str_hex(bytes, len, to);
	to[2 * len] = '\0';
}

static const struct jw_last_words *_Atomic last_words;

static void on_alarm(int signal)
{
	const struct jw_last_words *words = last_words;
	size_t done = 0;

	(void)signal;
	jw_adapter_end_programs();
	while (done < words->len) {
		ssize_t len = write(STDOUT_FILENO, words->text + done, words->len - done);

		if (len < 0)
			break;
		done += (size_t)len;
	}
	_exit(words->exit_code);
}

void jw_adapter_last_words(const struct jw_last_words *words)
{
	last_words = words;
}

void jw_adapter_watchdog(int64_t ms)
{
	const struct itimerval timer = {
		.it_value = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000},
	};
	struct sigaction action = {.sa_handler = on_alarm};

	if (ms)
		sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}
