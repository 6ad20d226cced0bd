/* SPDX-License-Identifier: MIT */
/* The inside of a run, shared by run.c (what checks ask for) and runner.c (who walks the steps). */
#pragma once

#include "core/runner.h"

struct jw_run {
	const struct jw_world *world;
	const struct jw_config *config;
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
	size_t kept;	  /* of the window, for the next one: from here on */
	uint64_t *hashes; /* of the tokens, in their order */
	uint32_t *slots;  /* token indices + 1 by hash; 0: free */
	size_t token_bytes;
	bool is_full; /* no more tokens are taken, which has been reported */
};

#define JW_RUN_BYTES_MAX ((size_t)1 << 31)
/* More tokens in one target than anyone judges; past it the rest isn't looked at. */
#define JW_RUN_TOKENS_MAX 10000
/* More bytes of tokens than that many of LiveKit's have: decoded, a hostile token takes forty times its size. */
#define JW_RUN_TOKEN_BYTES_MAX ((size_t)8 << 20)
/* A power of two, and at least twice as many as there are tokens. */
#define JW_RUN_SLOTS 32768
