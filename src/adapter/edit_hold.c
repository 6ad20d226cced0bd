/* SPDX-License-Identifier: MIT */
/* Signals that wait until what belongs together is done. By handlers, since a mask is one thread's, and a library may have
 * begun others. */
#include <signal.h>

#include "adapter/edit_parts.h"

static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
enum { NUMBERS = sizeof(numbers) / sizeof(*numbers) };

static struct sigaction before[NUMBERS];
static volatile sig_atomic_t came; /* the first one; 0: none */

static void on_signal(int number)
{
	if (!came)
		came = number;
}

void jw_edit_hold(void *self)
{
	const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	(void)self;
	came = 0;
	for (size_t i = 0; i < NUMBERS; i++)
		/* What nohup has ignored stays so. */
		if (!sigaction(numbers[i], NULL, &before[i]) && before[i].sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
}

void jw_edit_release(void *self)
{
	(void)self;
	for (size_t i = 0; i < NUMBERS; i++)
		sigaction(numbers[i], &before[i], NULL);
	if (came)
		raise(came);
}
