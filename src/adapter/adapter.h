/* SPDX-License-Identifier: MIT */
/* The system behind the contracts. */
#pragma once

#include "base/err.h"
#include "contract/clock.h"
#include "contract/edit.h"
#include "contract/exec.h"
#include "contract/files.h"
#include "contract/loop.h"
#include "contract/module.h"
#include "contract/server.h"
#include "contract/watch.h"
#include "contract/work.h"

extern const struct jw_files jw_adapter_files;
extern const struct jw_edits jw_adapter_edits;
extern const struct jw_clock jw_adapter_clock;

/* Opens NAME.so once for the life of the process (never closed) and gives the ops of its contract: from the
 * folder of modules where the program is installed, else from beside the program; never by a path
 * from the environment. JW_INTERNAL and a sentence: not there, or of another ABI. */
enum jw_cause jw_adapter_module(const char *name, uint32_t abi, const void **ret_ops,
				struct jw_err *err);

/* A loop, which ends by jw_adapter_loop_end behind all its watches and timers. JW_INTERNAL: no descriptor is
 * left. */
enum jw_cause jw_adapter_loop(struct jw_loop *ret_loop, struct jw_err *err);
/* {0} is one that never began. */
void jw_adapter_loop_end(struct jw_loop *loop);

/* Threads for work that may block, on this loop, which outlives them: at most so many, begun as they are needed, and
 * one more for each that hangs in a job that was left, up to max_hanging; past that no job is taken.
 * JW_INTERNAL: no descriptor is left. */
enum jw_cause jw_adapter_work(const struct jw_loop *loop, size_t threads, size_t max_hanging,
			      struct jw_work *ret_work, struct jw_err *err);
/* All jobs have ended or been left before, and this isn't called from inside `done` or `gone`. Threads that hang aren't
 * waited for: they end by themselves, or with the process, and `gone` isn't called for what they hang in. {0} is
 * what never began. */
void jw_adapter_work_end(struct jw_work *work);

/* Programs on this loop, which outlives it; one at a time. A signal that would end us (SIGHUP, SIGINT, SIGTERM) ends
 * them first, unless it has a handler already. */
struct jw_exec jw_adapter_exec(const struct jw_loop *loop);
/* Kills all that run, for the end of our own process. Safe in a handler of signals. */
void jw_adapter_end_programs(void);

/* No core dumps, nothing readable through /proc by others: tokens are in memory. A broken pipe is an error of
 * writing, not a signal, and so is a file that may not grow. */
void jw_adapter_harden(void);
/* Ends the process where all is said, without the calls that libraries have for it and without freeing what ends with it
 * anyway. A build with sanitizers comes back from it, to be looked through for leaks. */
void jw_adapter_end(int exit_code);
/* Random bits that the kernel gave this process at its start: for hashes, not for keys. Never 0. */
size_t jw_adapter_random(void);
/* As many hexadecimal digits, an even number of them, that nobody can guess, and a NUL; others at each call. */
void jw_adapter_random_hex(char *to, size_t digits);
/* What is said when nothing else can be done any more. */
struct jw_last_words {
	const char *text;
	size_t len;
	int exit_code;
};

/* For tests: `below` of jw_adapter_files goes its way as on a system without openat2. */
extern bool jw_adapter_below_by_parts;

/* Once ms have passed, ends the process with the last words, on standard output: the last resort where a
 * dead file system holds us. 0 takes it back. */
void jw_adapter_watchdog(int64_t ms);
/* Must stay as they are until others take their place. */
void jw_adapter_last_words(const struct jw_last_words *words);

/* An alarm on this loop, which outlives it: `due` at the moment that was armed, `jumped` whenever somebody has set the
 * wall clock. Either may end it. JW_INTERNAL: no descriptor is left. */
enum jw_cause jw_adapter_alarm(const struct jw_loop *loop, void (*due)(void *context),
			       void (*jumped)(void *context), void *context,
			       struct jw_alarm *ret_alarm, struct jw_err *err);
/* {0} is one that never began. */
void jw_adapter_alarm_end(struct jw_alarm *alarm);

/* SIGTERM, SIGINT and SIGHUP are no longer what they were but calls of `signalled`, one a turn, from the loop's run,
 * until the end, which puts back what was there. They win over the handlers of jw_adapter_exec, whichever came first:
 * whoever gives up on them ends the programs. One at a time. JW_INTERNAL: no descriptor is left. */
enum jw_cause jw_adapter_signals(const struct jw_loop *loop,
				 void (*signalled)(void *context, int signal), void *context,
				 struct jw_err *err);
void jw_adapter_signals_end(void); /* where they never began, nothing happens */

/* The first call of any of these three takes what a service manager has left in the environment out of it, so that
 * no program of ours gets it: before there are threads. */
/* Tells the manager, where there is one, such as "READY=1", "RELOADING=1" (its time is added), "STOPPING=1",
 * "WATCHDOG=1", or "STATUS=" and a line; several are lines. */
void jw_adapter_notify(const char *state);
/* Within what time it wants to hear "WATCHDOG=1", or ends us. 0: it doesn't. */
int64_t jw_adapter_notify_watchdog_ms(void);
/* The sockets that it has opened for us, now closed on exec: at most max of them, how many. */
size_t jw_adapter_sockets(int fds[], size_t max);

struct jw_usage {
	uint64_t cpu_us;
	uint64_t resident_bytes;
	uint64_t virtual_bytes;
	uint64_t open_fds;
	uint64_t max_fds;
	int64_t start_time; /* Unix time */
};

/* What this process uses now. False where /proc doesn't tell. */
bool jw_adapter_usage(struct jw_usage *ret_usage);

/* A watcher of files on this loop, by inotify. Where `work` is given (copied; it outlives the watcher), whatever may
 * block on a dead file system is done there, else on the spot. JW_INTERNAL: the system's limit on inotify instances
 * is met. */
enum jw_cause jw_adapter_watcher(const struct jw_loop *loop, const struct jw_work *work,
				 struct jw_watcher *ret_watcher, struct jw_err *err);
/* With all that it still watches. {0} is one that never began. Not from inside `changed`. */
void jw_adapter_watcher_end(struct jw_watcher *watcher);

/* How many clients are served at once. Past it the oldest that hasn't sent a whole request makes room, then the oldest
 * that hasn't taken its answer. */
struct jw_server_limits {
	size_t clients;
};
#define JW_SERVER_LIMITS                                                                       \
	{                                                                                      \
		.clients = 512                                                                 \
	}
/* An HTTP/1.1 server on this loop, which outlives it. */
struct jw_server jw_adapter_server(const struct jw_loop *loop,
				   const struct jw_server_limits *limits,
				   const struct jw_server_handler *handler);
