/* SPDX-License-Identifier: MIT */
/* What the files of the judge share among themselves; nobody else includes it. */
#pragma once

#include "verdict/judge.h"

/* LiveKit's servers give so many seconds more, for exp and for nbf. */
#define JW_LIVEKIT_LEEWAY 60
/* A value that a message quotes is cut behind so many bytes. */
#define JW_SHOWN_MAX 64
/* A part of a message that is put together. */
#define JW_SAID_MAX ((size_t)4096)

/* One pass over one token (or over the failures, with none) as of one moment. */
struct jw_judging {
	const struct jw_expect *expect;
	int64_t now;
	const struct jw_facts *facts;
	const struct jw_exchange *exchange; /* what jw_judge_exchange looks at */
	const struct jw_token *token; /* NULL: the findings are the run's, not a token's */
	size_t index;
	/* The states in which each cause was met, two bits each. Two moments with equal ones have equal findings, since
	 * what can come often for one token (grant_forbidden) doesn't hang on the time. */
	uint8_t met[JW_CAUSE_COUNT];
	struct jw_arena *arena; /* NULL: only `met` is asked for; no findings, no words */
	struct jw_finding *findings;
	size_t count;
};

/* Sums and differences that stop at the ends of 64 bits. */
static inline int64_t jw_judge_plus(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static inline int64_t jw_judge_minus(int64_t a, int64_t b)
{
	int64_t difference;

	if (__builtin_sub_overflow(a, b, &difference))
		return b < 0 ? INT64_MAX : INT64_MIN;
	return difference;
}

/* Adds a finding in this state, or in the one that `severity` names for the cause. True where its words are
 * wanted: jw_judge_say gives them to it. */
bool jw_judge_add_as(struct jw_judging *judging, enum jw_cause cause, enum jw_state state);
/* The same in the cause's own state. */
bool jw_judge_add(struct jw_judging *judging, enum jw_cause cause);

/* Adds all that is wrong with judging->token. */
void jw_judge_token(struct jw_judging *judging);
/* Of a token with claims, only that of it which hangs on the time, in `met` alone: what the others say stays as it is. */
void jw_judge_passing(struct jw_judging *judging);
/* Of that, what its times say. */
void jw_judge_time(struct jw_judging *judging);
/* Of that, how long it is kept where it stands, and by caches on the way. */
void jw_judge_keeping(struct jw_judging *judging);
/* Adds what memory and the peer say of the run's tokens together. */
void jw_judge_memory(struct jw_judging *judging);
/* Adds what the page shows to everybody beside its tokens: secrets, and servers' URLs that nobody can use. */
void jw_judge_page(struct jw_judging *judging);
/* Adds that the token is one of a server in development mode, where it is for a public one. */
void jw_judge_dev_key(struct jw_judging *judging);
/* Adds that the result is too old for anything else to be said. */
void jw_judge_stale(struct jw_judging *judging);
/* Whether the peer is known to hold the same as these facts, or another; UNKNOWN without a peer, too. */
enum jw_same { JW_SAME_UNKNOWN, JW_SAME_YES, JW_SAME_NO };
enum jw_same jw_judge_same(const struct jw_facts *facts, const struct jw_expect *expect);
/* What the server that must accept the token says of it. */
void jw_judge_livekit(struct jw_judging *judging);
/* The same moment by the clock of that server, where it is known and off by more than is tolerated; else `now`. */
int64_t jw_judge_there(const struct jw_judging *judging);
bool jw_judge_is_skew(int64_t offset);
/* Adds what is wrong with the clock and the certificate of judging->exchange. */
void jw_judge_exchange(struct jw_judging *judging);
/* Adds what a `livekit` check found wrong. */
void jw_judge_server(struct jw_judging *judging, const struct jw_livekit *livekit);
/* Adds what that server says of a key pair. */
void jw_judge_key(struct jw_judging *judging, const struct jw_key_proof *proof);
/* Adds why a join failed there. */
void jw_judge_join(struct jw_judging *judging, const struct jw_join *join);
/* "ahead of" or "behind", by a clock's offset. */
const char *jw_judge_ahead(int64_t offset);
/* The lifetime for thresholds; 0 where it is unknown. */
int64_t jw_judge_lifetime(const struct jw_token *token);
/* The first second after `now` at which the findings of a judged token or an exchange are others than at `now`. */
bool jw_judge_next(const struct jw_facts *facts, const struct jw_expect *expect, int64_t now,
		   int64_t *ret_next);

/* Whether a browser shows the sentence of cause.def for this cause. */
enum jw_quote { JW_QUOTE_NONE, JW_QUOTE_BROWSER };
/* Words for the finding just added, behind the token's place; fit for one line and free of tokens. */
void jw_judge_say(struct jw_judging *judging, enum jw_quote quote, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* For a place that isn't a token's (NULL: none). */
void jw_judge_say_at(struct jw_judging *judging, const char *place, const char *says);
/* What the token or the configuration says, for a message: in quotes, cut; "absent" for NULL. */
const char *jw_judge_shown(struct jw_judging *judging, const char *text);
/* The message of a `livekit` check without findings. */
const char *jw_judge_say_ready(const struct jw_facts *facts, struct jw_arena *arena);
/* The message of a verdict without findings: `count` tokens were judged, `first` ends first. */
const char *jw_judge_say_ok(const struct jw_facts *facts, const struct jw_expect *expect,
			    int64_t now, size_t count, size_t first, unsigned proved,
			    struct jw_arena *arena);
