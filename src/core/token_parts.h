/* SPDX-License-Identifier: MIT */
/* What the files of the token policy share among themselves; nobody else includes it. */
#pragma once

#include "core/token_policy.h"

/* As LiveKit bounds names of rooms and identities. */
#define JW_TOKEN_NAME_MAX ((size_t)256)
/* Of metadata and of all attributes: the token goes into a URL when a client joins. */
#define JW_TOKEN_TEXT_MAX ((size_t)4096)

/* What was asked for. NULL, or an empty text: nothing was said. */
struct jw_token_ask {
	const char *room;
	const char *identity;
	const char *ttl;
	const char *name;
	const char *metadata;
	const struct jw_pair *attributes; /* ended by {NULL, NULL}; NULL: none */
	const struct jw_token_agent *agents;
	size_t agent_count;
};

/* False, always: what is to be said. */
bool jw_token_refuse(struct jw_token_refusal *refusal, enum jw_token_reason reason, int status,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* room, identity and ttl of a query; what else stands there is let be. */
bool jw_token_read_query(struct jw_str query, struct jw_arena *arena,
			 struct jw_token_ask *ret_ask, struct jw_token_refusal *refusal);
/* LiveKit's body, in snake_case or camelCase; what else stands there is let be. */
bool jw_token_read_body(struct jw_str body, struct jw_arena *arena,
			struct jw_token_ask *ret_ask, struct jw_token_refusal *refusal);
/* A NUL in JSON's text, as jw_json_parse reads it. */
#define JW_TOKEN_NUL "\xe2\x90\x80\xef\xb7\x90"
