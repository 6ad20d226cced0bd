/* SPDX-License-Identifier: MIT */
/* Runs targets: walks their checks' steps, hands over what they ask for, judges what they found. */
#pragma once

#include "contract/clock.h"
#include "contract/crypto.h"
#include "contract/exec.h"
#include "contract/files.h"
#include "contract/http.h"
#include "contract/work.h"
#include "core/config.h"

struct jw_asks;
struct jw_run;

/* The network, as far as it is open. */
struct jw_net {
	struct jw_loop loop;
	struct jw_http http;
};

/* What the outside lends to a run. */
struct jw_world {
	const struct jw_files *files;
	const struct jw_clock *
		clock; /* its wall() is the moment that is judged for: --at gives another clock */
	/* Opens the crypto module at first use; NULL and a sentence where it can't be had. */
	const struct jw_crypto *(*crypto)(void *context, struct jw_err *err);
	void *crypto_context;
	/* Opens the loop at first use, which the network and programs share; NULL and a sentence where it can't be
	 * had. NULL itself, as the next two: there is none. */
	const struct jw_loop *(*loop)(void *context, struct jw_err *err);
	void *loop_context;
	/* Opens the network at first use; NULL and a sentence where it can't be had. */
	const struct jw_net *(*net)(void *context, struct jw_err *err);
	void *net_context;
	/* Makes programs runnable at first use; NULL and a sentence where they can't be. */
	const struct jw_exec *(*exec)(void *context, struct jw_err *err);
	void *exec_context;
	/* Where what may block is done beside the loop: then a run waits for its files too. NULL: it is done on the spot.
	 * Where it is set, `files` and `clock` are used by threads too; `loop` is there; what `crypto` gives has been
	 * opened before; and the world outlives every job. */
	const struct jw_work *work;
	/* What LiveKit servers were asked before, by whichever run; NULL: nothing is shared. */
	struct jw_asks *asks;
	/* The clock shows a moment that somebody made up: no token is sent anywhere, no clock is compared. */
	bool is_simulated;
	/* What changes no verdict but is worth a line of the log; NULL: nobody listens. */
	void (*warn)(void *context, const char *text);
	void *warn_context;
};

/* Bits. FINGERPRINTS: the digests too. FACTS: these and the duration alone, however the run ends; the verdict and its moment
 * stay zeroed until the caller has them judged, by what it knows beside (jw_result_judge). */
enum jw_want { JW_WANT_VERDICT = 0, JW_WANT_FINGERPRINTS = 1, JW_WANT_FACTS = 2 };

/* One target's outcome. Owned by the caller; everything inside lives in its arena. */
struct jw_result {
	struct jw_arena arena;
	const struct jw_target *target;
	const struct jw_record
		*record;  /* what the daemon remembers of the target; NULL: no daemon */
	const char *sink; /* the name of the sink that this stands for; NULL: none */
	struct jw_facts facts;
	struct jw_verdict verdict;
	int64_t now; /* the moment judged for */
	int64_t duration_ms;
};

struct jw_report {
	int64_t now;	 /* the moment that all were judged for */
	bool simulated;	 /* --at */
	int64_t span_ms; /* that the whole run took */
	struct jw_result *results;
	size_t count;
	/* Sinks that results were to go to and couldn't, a result each, which is no target's. */
	struct jw_result *sinks;
	size_t sink_count;
	enum jw_state
		state; /* worst of all; UNKNOWN where there is none, or where there are such sinks and no
			      * target is CRITICAL */
};

typedef void jw_runner_done(void *context, struct jw_result *result);

/* Runs one target to its verdict, judged for the moment at which its facts are complete. Never waits past
 * deadline_ms of the monotonic clock; a target that didn't get its turn before it is JW_DEADLINE. NULL: *result is
 * there already. Else the run waits for the network or a program: `done` is called from the loop's run, behind which the run is
 * gone. *result must stay where it is until then. The configuration is kept by the run, also by one that hangs
 * in a thread when nobody waits for it any more. Called on the loop's thread only, as the next. */
struct jw_run *jw_runner_start(const struct jw_world *world, const struct jw_config *config,
			       const struct jw_target *target, int64_t deadline_ms,
			       unsigned want, struct jw_result *result, jw_runner_done *done,
			       void *context);
/* Ends a waiting run with JW_DEADLINE: *result is there, `done` isn't called. */
void jw_runner_cancel(struct jw_run *run);
/* A token as a fact, without a run: decoded, with its fingerprint where wanted. Borrows text and path;
 * jw_jwt_done frees what its jwt holds. */
void jw_runner_token(const struct jw_world *world, struct jw_str text, const char *path,
		     size_t line, unsigned want, struct jw_arena *arena,
		     struct jw_token *ret_token);
/* A result without a run: why this name has no verdict (an unknown target, a broken configuration). */
void jw_runner_refuse(const struct jw_target *target, enum jw_cause cause, const char *says,
		      struct jw_result *ret_result);
/* The same where it isn't the target itself that is to blame. */
void jw_runner_refuse_at(const struct jw_target *target, enum jw_at at, enum jw_cause cause,
			 const char *says, struct jw_result *ret_result);
void jw_result_done(struct jw_result *result);
/* The verdict on result->facts as of `now`, in place of the one that was there. */
void jw_result_judge(struct jw_result *result, int64_t now);

/* The secret's bytes into buf: one trailing newline of a file removed. JW_SECRET_MISSING and a sentence
 * that names where it was looked for. */
enum jw_cause jw_secret_read(const struct jw_secret *secret, const struct jw_files *files,
			     struct jw_buf *buf, struct jw_err *err);
