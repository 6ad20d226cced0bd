/* SPDX-License-Identifier: MIT */
/* What a check found out. Facts say what is; whether that is bad is the judge's to say. */
#pragma once

#include "base/err.h"
#include "livekit/classify.h"
#include "token/jwt.h"

/* Who said so. */
enum jw_at { JW_AT_SOURCE, JW_AT_LIVEKIT, JW_AT_JWKS, JW_AT_RENEW, JW_AT_SINK };

enum jw_signature {
	JW_SIG_NOT_CHECKED, /* no key was asked for */
	JW_SIG_VALID,
	JW_SIG_INVALID,
	JW_SIG_KEY_UNKNOWN, /* no configured key is this token's (by kid or issuer) */
	JW_SIG_REFUSED,	    /* the algorithm doesn't fit the key */
	JW_SIG_NO_KEY,	    /* the key itself couldn't be had: a failure fact says why */
};

/* One HTTP exchange, as the transport tells it. Microseconds; -1: it didn't come to it. */
struct jw_exchange {
	enum jw_at at;
	const char *url; /* masked */
	long status;	 /* 0: no answer came */
	int64_t dns_us;
	int64_t connect_us;
	int64_t tls_us;
	int64_t wait_us;
	int64_t transfer_us;
	int64_t total_us;
	bool has_clock;
	int64_t clock_offset;	     /* the server's clock less the one here, seconds */
	int64_t certificate_expires; /* 0: no certificate was met */
	const char *proxy;	     /* the one that was asked instead, masked; NULL */
};

enum jw_accepts {
	JW_ACCEPTS_UNKNOWN, /* it wasn't asked, or gave no answer that says so */
	JW_ACCEPTS_YES,
	JW_ACCEPTS_NO,
};

/* What is known of a LiveKit server: all that a `livekit` check looks at, or one token's acceptance. */
struct jw_livekit {
	const char *url;     /* as configured, masked */
	bool was_asked;	     /* of this token; false where it is known to be bad */
	bool is_told;	     /* why nobody asked about it is a failure of the run */
	bool is_reachable;   /* a LiveKit server answered */
	enum jw_cause cause; /* JW_OK, or LIVEKIT_UNREACHABLE, LIVEKIT_NOT_READY, NOT_LIVEKIT,
				    * LIVEKIT_REFUSED, DEADLINE, INTERNAL or, of a `livekit` check, a cause
				    * of transport */
	enum jw_refusal refusal; /* where LIVEKIT_REFUSED */
	const char *says;	 /* where another cause: the sentence, without the place */
	enum jw_accepts accepts;
	long status; /* of the answer that decided; 0: none */
	int64_t time_us;
	bool has_clock;
	int64_t clock_offset; /* as in struct jw_exchange */
};

struct jw_token {
	struct jw_str text; /* the token itself; never shown */
	const char *path;   /* file, URL or "-" */
	size_t line;	    /* from 1; 0: unknown */
	size_t copies;	    /* how many more times the same token was met */
	enum jw_cause
		decode; /* JW_OK, JW_TOKEN_MALFORMED, JW_ALGORITHM_REFUSED or JW_PLACEHOLDER */
	const char *decode_says; /* the sentence, where not JW_OK */
	bool has_claims;	 /* jwt is filled */
	bool is_livekit;
	bool is_in_place; /* it stands in a source: what is around it reaches the server with it */
	bool is_note; /* met, but not judged: another's token beside LiveKit ones, or not selected */
	struct jw_jwt jwt;
	size_t round; /* the check's own count of the sources that it met the token in */
	enum jw_signature signature;
	const char
		*signature_says; /* where INVALID, KEY_UNKNOWN or REFUSED: why; may be NULL */
	const struct jw_livekit
		*livekit; /* what the server that must accept it says; NULL: nobody asked */
	bool has_source_clock;
	int64_t source_offset; /* the clock of who gave it, less the one here, seconds */
	char fingerprint[9];   /* first 8 hex digits of SHA-256; "" where nobody asked for it */
};

struct jw_failure {
	enum jw_cause cause;
	enum jw_at at;
	const char *place; /* path or name; may be NULL */
	const char *says;  /* the sentence, without the place */
};

/* Everything in it lives in the run's arena. */
struct jw_facts {
	struct jw_token *tokens;
	size_t token_count;
	struct jw_failure *failures;
	size_t failure_count;
	struct jw_exchange *exchanges; /* in the order in which they ended */
	size_t exchange_count;
	const struct jw_livekit *livekit; /* of a `livekit` check; NULL */
};
