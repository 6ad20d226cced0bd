/* SPDX-License-Identifier: MIT */
/* What the inside asks for where a program is to be run: implemented by adapter/exec.c. */
#pragma once

#include "base/err.h"

#include <stdint.h>

/* More programs than these aren't run side by side: the rest waits for its turn, within its own
 * time. */
#define JW_EXEC_SIDE_BY_SIDE 64
/* So much is kept of what a program writes to standard error, from its end. */
#define JW_EXEC_COMPLAINT_MAX ((size_t)64 * 1024)

struct jw_child;

/* Everything is borrowed until `start` returns. The program reads `input` and then the end, has
 * no descriptor of ours, and of our environment PATH, HOME, USER, LANG, LC_*, TZ and TMPDIR
 * only. */
struct jw_exec_request {
	const char *const *argv; /* NULL-ended; a name without / is looked for in PATH */
	const char *const *env;	 /* "NAME=value", NULL-ended: beside and before ours; NULL */
	struct jw_str input;	 /* what it reads on standard input; may be empty */
	const char *folder;	 /* that it runs in; NULL: the current one */
	int64_t timeout_ms;	 /* for all of it, waiting for its turn included; at least 1 */
	size_t max_output;	 /* of standard output */
	bool has_programs; /* it runs some itself, in groups of their own: a cancel is SIGTERM, by which it ends them */
};

/* Borrowed for the call that hands it over. */
struct jw_exec_result {
	/* JW_OK: it ended by itself, however. Else JW_COMMAND_NOT_RUNNABLE, JW_TIMEOUT,
	 * JW_BODY_TOO_LARGE (its output), JW_DEADLINE (it never had its turn), JW_INTERNAL (no
	 * descriptor or process left). */
	enum jw_cause cause;
	const char *says;   /* where not JW_OK: a sentence without the place */
	int exit_status;    /* where JW_OK and signal is NULL */
	const char *signal; /* "SEGV": what ended it; NULL: it ended by itself */
	struct jw_str output;
	/* The end of its standard error, as it came; from the beginning of a line on. May hold
	 * anything. */
	struct jw_str complaint;
};

typedef void jw_exec_done(void *context, const struct jw_exec_result *result);

struct jw_exec {
	void *self;
	/* Calls `done` once, from inside the loop's run, never from inside start or cancel. By
	 * then nothing that the program started is left running in its process group. */
	struct jw_child *(*start)(void *self, const struct jw_exec_request *request,
				  jw_exec_done *done, void *context);
	/* Ends it; `done` isn't called any more. Not from inside `done` of the same child. */
	void (*cancel)(struct jw_child *child);
	/* All children have ended or been cancelled before. */
	void (*close)(void *self);
};
