/* SPDX-License-Identifier: MIT */
/* The inside of a run, shared by run.c (what checks ask for) and runner.c (who walks the steps). */
#pragma once

#include <stdatomic.h>

#include "contract/check.h"
#include "core/asks.h"
#include "core/keyring.h"
#include "core/runner.h"

/* A secret that is looked for in pages. */
struct jw_wanted {
	const char *key;
	struct jw_str secret;
	size_t line; /* of the page that is read, where it was met; 0: it wasn't */
};

struct jw_wanting {
	bool is_ready; /* the secrets are read */
	struct jw_wanted *items;
	size_t count;
	size_t longest;
	size_t assigned; /* a line; 0: none */
};

/* Different ones that are kept until the loop has them. */
#define JW_RUN_WARNINGS_MAX 4

struct jw_run {
	const struct jw_world *world;
	struct jw_config *config; /* kept */
	const struct jw_target *target;
	struct jw_arena *arena; /* the result's */
	struct jw_facts *facts;
	void *state;
	unsigned want;
	int64_t start_ms;
	int64_t deadline_ms; /* of this target */
	bool is_capped;	     /* the whole run ends before the target's own timeout would */

	struct jw_paths paths;
	bool paths_complete;
	struct jw_file *file;
	struct jw_buf bytes;
	struct jw_window window;
	size_t kept;	   /* of the window, for the next one: from here on */
	uint64_t *hashes;  /* of the tokens, in their order */
	uint32_t *slots;   /* token indices + 1 by hash; 0: free */
	size_t slot_count; /* a power of two, and at least twice as many as there are tokens */
	size_t token_bytes;
	bool is_full; /* no more tokens are taken, which has been reported */

	size_t at; /* the step that is next */
	struct jw_result *result;
	jw_runner_done *done;
	void *done_context;
	struct jw_transfer *transfer; /* under way */
	struct jw_http_reply
		reply;		/* of the last one; borrowed, for the steps that run on it */
	struct jw_child *child; /* under way */
	const char *program;	/* its name, as it may be shown */
	struct jw_exec_result outcome; /* of the last one; borrowed like the reply */
	const char *server; /* the LiveKit server's URL that came with the token; NULL: none */
	bool is_server_secure; /* it came by https */
	struct jw_accepting accepting;
	struct jw_joining *joining;   /* under way, or what came of it; NULL: none */
	struct jw_key_proof *proving; /* the one that the server was asked about; NULL: none */
	struct jw_wanting wanting;
	const char *page; /* the origin of the page that uses what is found; NULL: unknown */
	bool is_page_told;

	/* Beside the loop (run_aside.c). While there is a job the thread has the run and its result; the loop
	 * has these, and may read what doesn't change: world, target, start, deadline, done. */
	struct jw_job *job;
	struct jw_timer *timer;
	const struct jw_loop *loop;
	struct jw_result *outer; /* the caller's: `result` is the run's own meanwhile */
	struct jw_run *next_orphan, **orphan_place; /* once nobody waits for it */
	atomic_bool has_begun;			    /* the thread */
	/* The thread's until its end. */
	bool is_complete; /* the facts are, with no step left */
	const char *warnings[JW_RUN_WARNINGS_MAX];
	size_t warning_count;
};

/* Walks its steps up to the one of this number. True: its facts are complete; false: it waits, or has come there. */
bool jw_run_walk(struct jw_run *run, size_t end);
/* Ends and judges it, and tells who waits for it. */
void jw_run_end(struct jw_run *run);
/* Frees it, and what its check put into it, but not its result. */
void jw_run_free(struct jw_run *run);
/* The verdict, where the run is to have one, and how long it took. */
void jw_run_judge(const struct jw_run *run, struct jw_result *result);
/* Has a thread walk the steps that may block. False: none does, which has been reported, and nobody else has the run. */
bool jw_aside_begin(struct jw_run *run);
/* Ends it with JW_DEADLINE while there is a job: the caller's result is there. The run is no longer the caller's. */
void jw_aside_cancel(struct jw_run *run);

/* Goes on with the step behind the one that said JW_WAIT. */
void jw_run_resume(struct jw_run *run);
/* Ends what the run waits for. */
void jw_run_stop_waiting(struct jw_run *run);
/* JW_DEADLINE while the run waits, before it stops: whose time was up, and for what. */
void jw_run_note_deadline(struct jw_run *run);
/* The network, or NULL and a failure of cause JW_INTERNAL in *err. */
const struct jw_net *jw_run_net(const struct jw_run *run, struct jw_err *err);
/* The one secret of the key of this name, and whose it is. False: *err says why there is none. */
bool jw_run_read_pair(struct jw_run *run, const char *name, const char *issuer,
		      struct jw_key *ret_key, struct jw_err *err);
/* The same for programs. */
const struct jw_exec *jw_run_exec(const struct jw_run *run, struct jw_err *err);
/* Adds what the configured key of this name is; JW_SECRET_MISSING and a sentence. */
enum jw_cause jw_run_read_key(struct jw_run *run, const char *name, struct jw_keys *keys,
			      struct jw_err *err);
/* What of an answer is a fact whatever it means. */
void jw_run_note_exchange(struct jw_run *run, const struct jw_exchange *exchange);
/* What a LiveKit server's answer is known by; `url` is the one that was asked. Borrows. */
struct jw_answer_seen jw_run_seen(const struct jw_http_reply *reply, const char *url);
/* `url` is masked already; it and the reply's proxy are borrowed. */
struct jw_exchange jw_run_exchange(const struct jw_world *world, enum jw_at at, const char *url,
				   const struct jw_http_reply *reply);
/* Makes JW_DEADLINE and its sentence of a JW_TIMEOUT that came since the whole run ends. */
void jw_run_say_timeout(struct jw_run *run, enum jw_cause *cause, const char **says);

#define JW_RUN_BYTES_MAX ((size_t)1 << 31)
/* More tokens in one target than anyone judges; past it the rest isn't looked at. */
#define JW_RUN_TOKENS_MAX 10000
/* More bytes of tokens than that many of LiveKit's have: decoded, a hostile token takes forty times its size. */
#define JW_RUN_TOKEN_BYTES_MAX ((size_t)8 << 20)
/* Of its tokens to begin with: most targets have one. */
#define JW_RUN_SLOTS 16
