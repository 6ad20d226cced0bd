/* SPDX-License-Identifier: MIT */
/* A JSON Web Token in JWS compact serialization (RFC 7515 section 7.1, RFC 7519), taken apart. */
#pragma once

#include "base/err.h"
#include "base/mem.h"

#include <jansson.h>

/* The longest token looked at, in bytes. */
#define JW_JWT_MAX ((size_t)65536)

/* What was tolerated around or in the token, as a bit set. LiveKit tolerates none of it. */
enum jw_jwt_note {
	JW_NOTE_SPACE = 1,   /* white space around it */
	JW_NOTE_BEARER = 2,  /* "Bearer " in front */
	JW_NOTE_PADDING = 4, /* '=' at the end of a segment */
	JW_NOTE_BLANK =
		8, /* of the white space around it, some is more than the end of a line */
};

enum jw_claim { JW_CLAIM_ABSENT, JW_CLAIM_VALID, JW_CLAIM_INVALID };

/* A NumericDate (RFC 7519 section 2): integer or real seconds, the fraction cut towards minus infinity. */
struct jw_time_claim {
	enum jw_claim is;
	int64_t seconds; /* where VALID: from year 1 up to JW_WHEN_MAX */
	/* Where INVALID, to follow the claim's name: "is text, not a number", "is in milliseconds, not
	 * seconds", ... */
	const char *problem;
};

struct jw_jwt {
	struct jw_str signing_input; /* header.payload as they stand, without padding */
	struct jw_str signature;     /* the bytes, decoded; may be empty */
	json_t *header;		     /* object */
	json_t *payload;	     /* object */
	unsigned notes;		     /* of enum jw_jwt_note */
	const char *alg;	     /* never NULL; may be "" */
	const char *kid;	     /* NULL where absent, as all below */
	const char *typ;
	const char *iss;
	const char *sub;
	const char *jti;
	struct jw_time_claim exp;
	struct jw_time_claim nbf;
	struct jw_time_claim iat;
};

/* Takes `token` apart. Everything in *ret_jwt lives in the arena, but for the two JSON objects, which
 * jw_jwt_done frees. JW_TOKEN_MALFORMED with a sentence that holds no part of the token: not three
 * segments (five: says that it is an encrypted one, a JWE), not strict base64url (by name of the segment), not a
 * JSON object, no text as "alg", an empty signature with an "alg" other than none, or over a limit. JW_ALGORITHM_REFUSED: "alg" none in any case, a "crit" header
 * (RFC 7515 section 4.1.11: none is understood), or "b64": false (RFC 7797); *ret_jwt is filled
 * then too, so that its claims can be shown. For any other failure it is untouched. */
enum jw_cause jw_jwt_decode(struct jw_str token, struct jw_arena *arena, struct jw_jwt *ret_jwt,
			    struct jw_err *err);
void jw_jwt_done(struct jw_jwt *jwt);
/* True for the shape of a JWE (RFC 7516 section 7.1), which jw_jwt_decode refuses. */
bool jw_jwt_is_encrypted(struct jw_str token);

/* True where the "aud" claim, a text or an array of texts (RFC 7519 section 4.1.3), holds `audience`. */
bool jw_jwt_has_audience(const struct jw_jwt *jwt, const char *audience);
/* How many audiences the "aud" claim names, and the first `max` (at least 1) of them, NULL for what
 * isn't text. */
size_t jw_jwt_audiences(const struct jw_jwt *jwt, size_t max, const char **ret_texts);
/* exp - iat, else exp - nbf. False where that is unknown or not positive. */
bool jw_jwt_lifetime(const struct jw_jwt *jwt, int64_t *ret_seconds);
