/* SPDX-License-Identifier: MIT */
/* Signals as calls from the loop: a handler of ours, whose byte through a pipe wakes it. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/mem.h"

static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
enum { NUMBERS = sizeof(numbers) / sizeof(*numbers) };

struct jw_signals {
	struct jw_loop loop;
	void (*signalled)(void *context, int signal);
	void *context;
	int pipe[2];
	struct jw_watch *watch;
	struct sigaction before[NUMBERS];
};

/* The handler's end; a process has one set of handlers. -1: nobody listens. */
static volatile sig_atomic_t writing_end = -1;

/* A pipe that is full of signals has nothing to lose by one more. */
static void on_signal(int number)
{
	int old_errno = errno;
	unsigned char byte = (unsigned char)number;
	ssize_t ignored = write(writing_end, &byte, 1);

	(void)ignored;
	errno = old_errno;
}

/* One a turn: behind the call there may be nothing left of us. */
static void on_readable(void *context, int fd, int what)
{
	struct jw_signals *signals = context;
	unsigned char byte;

	(void)what;
	if (read(fd, &byte, 1) == 1)
		signals->signalled(signals->context, byte);
}

enum jw_cause jw_adapter_signals(const struct jw_loop *loop,
				 void (*signalled)(void *context, int signal), void *context,
				 struct jw_signals **ret_signals, struct jw_err *err)
{
	const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct jw_signals *signals;
	int ends[2];

	assert(writing_end < 0);
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return jw_fail(err, JW_INTERNAL, "signals can't be listened to: %s",
			       strerrordesc_np(errno));
	signals = jw_xcalloc(1, sizeof(*signals));
	signals->loop = *loop;
	signals->signalled = signalled;
	signals->context = context;
	memcpy(signals->pipe, ends, sizeof(ends));
	signals->watch = loop->watch(loop->self, ends[0], on_readable, signals);
	loop->want(signals->watch, JW_LOOP_READ);
	writing_end = ends[1];
	for (size_t i = 0; i < NUMBERS; i++)
		sigaction(numbers[i], &action, &signals->before[i]);
	*ret_signals = signals;
	return JW_OK;
}

void jw_adapter_signals_end(struct jw_signals *signals)
{
	if (!signals)
		return;
	for (size_t i = 0; i < NUMBERS; i++)
		sigaction(numbers[i], &signals->before[i], NULL);
	writing_end = -1;
	signals->loop.unwatch(signals->watch);
	close(signals->pipe[0]);
	close(signals->pipe[1]);
	free(signals);
}
