/* SPDX-License-Identifier: MIT */
/* A LiveKit token as LiveKit's own SDKs make it: text in, text out. The signature is made by whoever has a library for it. */
#pragma once

#include "base/buf.h"

struct jw_mint {
	const char *issuer;   /* the API key */
	const char *identity; /* NULL: none */
	const char *room;     /* NULL: none */
	int64_t nbf;
	int64_t exp;
	const char *const
		*grants; /* of `video`, NULL-ended, each true: "roomList"; NULL: none */
	const char *const *denied; /* the same for those that are false: "canPublish" */
};

/* Appends header and claims, a dot between: what HMAC with SHA-256 is to be made of. False past buf's maximum, and for
 * text that isn't UTF-8, which no JSON holds. */
bool jw_mint_input(const struct jw_mint *mint, struct jw_buf *buf);
/* Appends the dot and the signature behind that. False past buf's maximum. */
bool jw_mint_signature(const unsigned char mac[32], struct jw_buf *buf);
