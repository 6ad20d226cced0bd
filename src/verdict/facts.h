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
	/* What its answer says of who serves it, fit to be shown: `"nginx/1.22.1" (Via "1.1 varnish")`. NULL: nothing, or
	 * nobody has a use for it. */
	const char *server;
};

enum jw_dev_signed {
	JW_DEV_UNKNOWN, /* nobody tried */
	JW_DEV_YES,
	JW_DEV_NO,
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

/* Whether a LiveKit server takes a key pair. */
struct jw_key_proof {
	const char *name;   /* the key, as configured */
	const char *issuer; /* LiveKit's API key; NULL: it may be the secret, and isn't shown */
	bool is_dev;	    /* the pair of a server in development mode */
	enum jw_cause
		cause; /* JW_OK: it does; LIVEKIT_REFUSED, NOT_LIVEKIT, DEADLINE, INTERNAL or a
			* cause of transport */
	enum jw_refusal refusal; /* where LIVEKIT_REFUSED */
	const char *says;	 /* where another cause: the sentence, without the place */
	enum jw_accepts accepts;
	long status; /* 0: no answer */
	int64_t time_us;
};

/* Whether a LiveKit server lets a participant of ours join a room of ours. */
struct jw_join {
	enum jw_cause
		cause; /* JW_OK: it does; LIVEKIT_REFUSED, LIVEKIT_UNREACHABLE, NOT_LIVEKIT, DEADLINE,
			      * INTERNAL, SECRET_MISSING or a cause of transport */
	enum jw_refusal refusal; /* where LIVEKIT_REFUSED */
	const char *says; /* the sentence, without the place; NULL: that of the refusal */
	long status;	  /* 101 where it came to WebSocket; 0: no answer */
	int64_t time_us;  /* up to the server's first message */
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
	enum jw_dev_signed
		dev_signed; /* by the secret that every server in development mode has */
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
	bool has_digest;
	unsigned char digest[32]; /* SHA-256, where has_digest */
};

/* What is remembered of this source from earlier runs. */
struct jw_history {
	unsigned char digest[32]; /* of the judged tokens together (jw_facts_digest) */
	int64_t first_seen;	  /* when these were met first, Unix time */
	bool is_repeated;	  /* the run before this one met the same */
};

/* What is known of the source that must hold the same token. */
struct jw_peer {
	const char *name;
	bool is_known; /* it holds a token, and which one */
	unsigned char digest[32];
	int64_t differs_since; /* Unix time: since when the two are known to differ */
	const char *path;      /* where its token stands; NULL */
	/* When its token was made and when it ends, Unix time; 0: unknown, or there are several. */
	int64_t iat;
	int64_t exp;
};

/* How long a cache between may keep what came, in seconds; by its headers (RFC 9111). */
struct jw_freshness {
	bool is_known;	  /* an answer came by HTTP */
	bool is_stored;	  /* a cache may keep it: no no-store */
	bool is_explicit; /* max-age, s-maxage or Expires say how long */
	bool is_guessed;  /* nothing says how long, but caches guess by a Last-Modified */
	int64_t max_age;  /* seconds from when the server made it */
	int64_t age;	  /* seconds that it has spent in a cache already */
};

/* A LiveKit server's URL that was met, or that the token is to be used with. */
struct jw_server_url {
	const char *url; /* masked; where it had no scheme, with wss:// in front */
	bool has_scheme;
	bool is_given;	  /* browsers are given it: by an endpoint's answer, or a page */
	const char *page; /* the origin of the page where they use it; NULL: unknown */
};

/* An API secret in a page, where everybody can read it. */
struct jw_leak {
	const char *path; /* file, URL or "-" */
	size_t line;	  /* from 1 */
	const char *
		key; /* the configured key whose it is; NULL: it is given to a name like apiSecret */
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
	struct jw_server_url *servers;
	size_t server_count;
	struct jw_leak *leaks;
	size_t leak_count;
	struct jw_exchange *exchanges; /* in the order in which they ended */
	size_t exchange_count;
	const struct jw_livekit *livekit; /* of a `livekit` check; NULL */
	struct jw_key_proof *proofs; /* of key pairs, by the server that `livekit` tells of */
	size_t proof_count;
	const struct jw_join *join;	  /* the same server's; NULL: nobody tried */
	const struct jw_history *history; /* NULL: nothing is remembered (a run by itself) */
	const struct jw_peer *peer;	  /* of same_as; NULL: nobody looked */
	/* Of the judged tokens together (jw_facts_digest), 32 bytes, where there is no history that has it; NULL: unknown. */
	const unsigned char *digest;
	struct jw_freshness freshness; /* of the answer that held the tokens */
	/* How many seconds old the result is, where that is more than it may be; else 0. */
	int64_t stale_for;
};

/* The digest of the judged tokens in their order; of one token its own. False where none was judged, or one has
 * no digest. `sha256` as in struct jw_crypto. */
bool jw_facts_digest(const struct jw_facts *facts,
		     void (*sha256)(struct jw_str bytes, unsigned char digest[32]),
		     unsigned char ret_digest[32]);
/* What these facts, of the target of this name, are to one that must hold the same; differs_since is 0. Borrows. */
void jw_facts_peer(const struct jw_facts *facts, const char *name,
		   void (*sha256)(struct jw_str bytes, unsigned char digest[32]),
		   struct jw_peer *ret_peer);
/* Of the judged tokens the only one; NULL: there is none, or there are several. */
const struct jw_token *jw_facts_only_token(const struct jw_facts *facts);
