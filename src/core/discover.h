/* SPDX-License-Identifier: MIT */
/* Tokens found in files and folders, and the targets that would watch them. */
#pragma once

#include "core/runner.h"

#define JW_DISCOVER_TOKENS_MAX 200000
/* Of these so many are kept; all are counted. */
#define JW_DISCOVER_TROUBLES_MAX 1000

/* A token, wherever it stands. */
struct jw_known {
	unsigned char digest[32];
	char fingerprint[9];
	bool has_claims;
	bool is_livekit;
	const char *iss; /* NULL: none, or no text */
	struct jw_time_claim exp;
	enum jw_state state; /* as `inspect` has them; only where they were wanted */
	enum jw_cause cause;
	size_t round; /* of the search's own */
	size_t found;
};

/* A token in a file: once, however often it stands there. */
struct jw_found {
	const char *path;
	size_t line; /* where it stands first */
	size_t copies;
	const struct jw_known *token;
};

/* A file with tokens. */
struct jw_found_file {
	const char *path;
	const char *
		name; /* a target's, no two the same; NULL: the path can't be written in YAML */
	const char *glob; /* the path as html_file's `path` has it */
	bool has_livekit;
	const struct jw_found *found;
	size_t count;
};

struct jw_trouble {
	const char *path;
	const char *says;
};

struct jw_discovery {
	int64_t now;
	bool is_simulated;	/* --at */
	struct jw_found *found; /* by path, then by line */
	size_t found_count;
	struct jw_found_file *files;
	size_t file_count;
	size_t livekit_count; /* files with LiveKit tokens */
	struct jw_trouble *troubles;
	size_t trouble_count; /* JW_DISCOVER_TROUBLES_MAX of them are there */
	struct jw_walked walked;
	size_t binaries; /* files that weren't looked through, since they are no texts */
};

/* A search; `expect` NULL: states aren't wanted. All are borrowed until the end. */
struct jw_search *jw_search_new(const struct jw_world *world, const struct jw_crypto *crypto,
				const struct jw_expect *expect);
/* Looks through a file or a folder, under its absolute path. */
void jw_search_path(struct jw_search *search, const char *path);
/* What was found, for the life of the search; nothing is looked through after it. */
const struct jw_discovery *jw_search_end(struct jw_search *search);
void jw_search_free(struct jw_search *search);

/* The path as html_file's `path` has it: what a glob takes for more than a character is put in brackets. */
const char *jw_discover_glob(const char *path, struct jw_arena *arena);
/* Makes `files` of what was found, in core/discover_targets.c. */
void jw_discover_targets(struct jw_discovery *discovery, struct jw_arena *arena);
