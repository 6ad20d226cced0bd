/* SPDX-License-Identifier: MIT */
/* A LiveKit token as LiveKit's own SDKs make it: text in, text out. The signature is made by whoever has a library for it. */
#pragma once

#include <jansson.h>

#include "base/buf.h"

struct jw_mint_attribute {
	const char *name;
	const char *value;
};

/* Lists are NULL-ended; NULL: nothing is said of it. */
struct jw_mint {
	const char *issuer;   /* the API key */
	const char *identity; /* NULL: none */
	const char *room;     /* NULL: none */
	int64_t nbf;
	int64_t exp;
	/* Of jw_grants_switches, each true: "roomList", "sip.admin". With a base they take the place of all that it has,
	 * also an empty list. */
	const char *const *grants;
	const char *const *denied; /* the same for those that are false: "canPublish" */
	const char *name;	   /* the participant's, for people */
	const char *metadata;	   /* the participant's */
	const struct jw_mint_attribute
		*attributes; /* the participant's; ended by {NULL, NULL} */
	const char *destination_room;
	const char *const *publish_sources; /* of jw_mint_sources */
	const char *const *agents;	    /* that join the room when it is made */
	/* The claims of an older token. What isn't said here is as in there, but for what was that token's own: its times
	 * and its number. NULL: none. */
	const json_t *base;
};

/* What a participant may publish, for range checks. */
extern const char *const jw_mint_sources[];

/* Appends header and claims, a dot between: what HMAC with SHA-256 is to be made of. False past buf's maximum, and for
 * text that isn't UTF-8, which no JSON holds. */
bool jw_mint_input(const struct jw_mint *mint, struct jw_buf *buf);
/* Appends the dot and the signature behind that. False past buf's maximum. */
bool jw_mint_signature(const unsigned char mac[32], struct jw_buf *buf);
