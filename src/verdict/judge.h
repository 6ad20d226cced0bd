/* SPDX-License-Identifier: MIT */
/* The one judge: facts, expectations and a moment in, a verdict out. Pure. */
#pragma once

#include "base/mem.h"
#include "verdict/cause.h"
#include "verdict/facts.h"
#include "verdict/threshold.h"

#define JW_LEEWAY_DEFAULT 60
/* In severity: the cause is OK, which a configuration can't ask for, but somebody at a command line can. */
#define JW_SEVERITY_OK UINT8_MAX
/* A clock that is off by more than this is told (DESIGN.md section 5). */
#define JW_SKEW_TOLERATED 30

/* NULL, 0 or NONE: nothing is expected. */
struct jw_expect {
	struct jw_threshold warning;
	struct jw_threshold critical;
	const char *
		accepted_by; /* the LiveKit server that must accept the token; which one the facts say */
	const char *issuer;
	const char *audience;
	const char *subject;
	const char *room;
	const char *identity;
	int64_t min_lifetime;	     /* exp - now, seconds */
	int64_t max_lifetime;	     /* exp - iat, seconds */
	int64_t leeway;		     /* for nbf, seconds */
	int64_t certificate_warning; /* seconds that a server's certificate must last; 0: not judged */
	int64_t certificate_critical;
	/* NULL-ended. NULL where the token stands in public: those of jw_grants_denied, and no credentials either,
	 * which an empty list allows. */
	const char *const *forbid_grants;
	bool is_public;	      /* the tokens stand in a page that everybody may open */
	int64_t rotate_every; /* seconds after which another token is to stand there; 0: none */
	bool has_peer;	      /* same_as is given */
	int64_t same_as_grace; /* seconds that two copies may differ */
	bool mints; /* the source makes a token for each asking: a repeated one, or a cache between, is told */
	bool is_simulated; /* `now` is a moment that somebody asked about */
	/* By cause, JW_CAUSE_COUNT of them: a state that replaces the default one; JW_STATE_OK: none. NULL: none at all. */
	const uint8_t *severity;
};
/* Of one cause; and whether two say the same. */
uint8_t jw_expect_severity(const struct jw_expect *expect, enum jw_cause cause);
bool jw_expect_same_severity(const struct jw_expect *a, const struct jw_expect *b);

#define JW_NO_TOKEN SIZE_MAX

struct jw_finding {
	enum jw_cause cause;
	enum jw_state state;
	enum jw_at at;
	size_t token;	     /* index into facts->tokens, or JW_NO_TOKEN */
	const char *message; /* complete by itself, place included, one line, no remedy */
	const char *remedy;
};

enum jw_proof {
	JW_PROVED_EXPIRY = 1,
	JW_PROVED_SIGNATURE = 2,
	JW_PROVED_ACCEPTED = 4, /* a LiveKit server accepts each judged token */
	JW_PROVED_READY = 8,	/* a LiveKit server answers that it is ready */
	JW_PROVED_SAME = 16,	/* the place that same_as names holds the same */
	JW_PROVED_JOIN = 64,	/* the server let a participant of ours join */
	JW_PROVED_KEY = 32,	/* the server accepts each key pair that it was asked about */
};

struct jw_verdict {
	enum jw_state state;
	enum jw_cause cause; /* JW_OK where nothing is wrong */
	const char *
		message; /* of the deciding finding; for OK: where, time left, "(expiry, signature)" */
	const char *remedy;	     /* NULL for OK */
	struct jw_finding *findings; /* in the order of the phases, within one by token */
	size_t finding_count;
	size_t deciding; /* the token that the state hangs on (for OK: the one that ends first), or
				      * JW_NO_TOKEN */
	unsigned proved; /* bits of enum jw_proof, true of every judged token; 0 unless OK */
	bool will_change;
	int64_t next_change; /* the first second after `now` at which judging the same facts again gives
				      * another set of (cause, state, token); where will_change */
};

/* Everything in *ret_verdict lives in the arena or borrows from facts and expect. `facts` without a token and
 * without a failure is JW_TOKEN_NOT_FOUND; nothing to judge is never OK. */
void jw_judge(const struct jw_facts *facts, const struct jw_expect *expect, int64_t now,
	      struct jw_arena *arena, struct jw_verdict *ret_verdict);

/* Whether nothing is known by which a server would refuse the token: how it is written and signed, and its times by a
 * clock that shows `now`. What it is false for isn't sent to a server, which would log it. */
bool jw_judge_is_sendable(const struct jw_token *token, const struct jw_expect *expect,
			  int64_t now);

/* The worst finding of one token alone (NULL: it is fine), for lists of tokens. */
const struct jw_finding *jw_verdict_of_token(const struct jw_verdict *verdict, size_t token);
