/* SPDX-License-Identifier: MIT */
/* What was killed stays a zombie until it is reaped, which takes the loop a moment more. */
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "adapter/exec_parts.h"
#include "base/mem.h"

/* How long we wait for the killed at our own end. */
#define REAP_MS 100

struct jw_exec_dying {
	struct jw_exec_dying *next;
	struct jw_exec_reaper *reaper;
	pid_t pid;
	int pidfd;
	struct jw_watch *watch;
};

static void reap(struct jw_exec_dying *dying)
{
	struct jw_exec_dying **place = &dying->reaper->first;

	while (*place != dying)
		place = &(*place)->next;
	*place = dying->next;
	waitid(P_PID, (id_t)dying->pid, &(siginfo_t){0}, WEXITED | WNOHANG);
	dying->reaper->loop->unwatch(dying->watch);
	close(dying->pidfd);
	free(dying);
}

static void is_dead(void *context, int fd, int what)
{
	(void)fd;
	(void)what;
	reap(context);
}

void jw_exec_reap_later(struct jw_exec_reaper *reaper, pid_t pid, int pidfd)
{
	struct jw_exec_dying *dying = jw_xcalloc(1, sizeof(*dying));

	*dying = (struct jw_exec_dying){
		.next = reaper->first, .reaper = reaper, .pid = pid, .pidfd = pidfd};
	reaper->first = dying;
	dying->watch = reaper->loop->watch(reaper->loop->self, pidfd, is_dead, dying);
	reaper->loop->want(dying->watch, JW_LOOP_READ);
}

/* They die soon, unless the kernel holds them; then they are init's. */
void jw_exec_reap_all(struct jw_exec_reaper *reaper)
{
	int64_t until_ms = jw_adapter_clock.monotonic_ms(NULL) + REAP_MS;

	while (reaper->first) {
		struct pollfd ready = {.fd = reaper->first->pidfd, .events = POLLIN};
		int64_t left = until_ms - jw_adapter_clock.monotonic_ms(NULL);

		poll(&ready, 1, left > 0 ? (int)left : 0);
		reap(reaper->first);
	}
}
