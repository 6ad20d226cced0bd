/* SPDX-License-Identifier: MIT */
/* What running a program is made of: finding and starting it, its process group, its burial. */
#pragma once

#include <sys/types.h>

#include "base/buf.h"
#include "contract/exec.h"
#include "contract/loop.h"

struct jw_spawned {
	pid_t pid; /* of its process group too */
	int pidfd;
	int output; /* what it writes; not blocking */
	int complaint;
};

/* The caller closes the three descriptors and reaps the process. JW_COMMAND_NOT_RUNNABLE or JW_INTERNAL. */
enum jw_cause jw_exec_spawn(const struct jw_exec_request *request,
			    struct jw_spawned *ret_spawned, struct jw_err *err);

/* The program's absolute path into *path. `env` is the environment that it will have. JW_COMMAND_NOT_RUNNABLE. */
enum jw_cause jw_exec_find(const char *name, const char *const *env, struct jw_buf *path,
			   struct jw_err *err);
/* What is given, and what is let through of our own environment. The caller frees the list, not the texts. */
const char **jw_exec_environment(const char *const *given);

/* Ours as long as it runs; at most JW_EXEC_SIDE_BY_SIDE. */
size_t jw_exec_groups_add(pid_t group);
void jw_exec_groups_drop(size_t place);
/* SIGHUP, SIGINT, SIGQUIT and SIGTERM end the groups first, where nothing else handles them. */
void jw_exec_groups_handle_signals(void);

struct jw_exec_reaper {
	struct jw_loop *loop;
	struct jw_exec_dying *first;
};

/* Of a killed process, whose pidfd is closed with it. */
void jw_exec_reap_later(struct jw_exec_reaper *reaper, pid_t pid, int pidfd);
void jw_exec_reap_all(struct jw_exec_reaper *reaper);
