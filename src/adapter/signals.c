/* SPDX-License-Identifier: MIT */
/* Signals as calls from the loop: a handler of ours, whose byte through a pipe wakes it. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "adapter/adapter.h"

static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
enum { NUMBERS = sizeof(numbers) / sizeof(*numbers) };

static struct {
	struct jw_loop loop;
	void (*signalled)(void *context, int signal);
	void *context;
	int pipe[2];
	struct jw_watch *watch;
	struct sigaction before[NUMBERS];
} listener;

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

/* One a turn: behind the call nobody may listen any more. */
static void on_readable(void *context, int fd, int what)
{
	unsigned char byte;

	(void)context;
	(void)what;
	if (read(fd, &byte, 1) == 1)
		listener.signalled(listener.context, byte);
}

enum jw_cause jw_adapter_signals(const struct jw_loop *loop,
				 void (*signalled)(void *context, int signal), void *context,
				 struct jw_err *err)
{
	const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	assert(writing_end < 0);
	if (pipe2(listener.pipe, O_CLOEXEC | O_NONBLOCK))
		return jw_fail(err, JW_INTERNAL, "signals can't be listened to: %s",
			       strerrordesc_np(errno));
	listener.loop = *loop;
	listener.signalled = signalled;
	listener.context = context;
	listener.watch = loop->watch(loop->self, listener.pipe[0], on_readable, NULL);
	loop->want(listener.watch, JW_LOOP_READ);
	writing_end = listener.pipe[1];
	for (size_t i = 0; i < NUMBERS; i++)
		sigaction(numbers[i], &action, &listener.before[i]);
	return JW_OK;
}

void jw_adapter_signals_end(void)
{
	if (writing_end < 0)
		return;
	for (size_t i = 0; i < NUMBERS; i++)
		sigaction(numbers[i], &listener.before[i], NULL);
	writing_end = -1;
	listener.loop.unwatch(listener.watch);
	close(listener.pipe[0]);
	close(listener.pipe[1]);
}
