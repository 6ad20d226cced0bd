/* SPDX-License-Identifier: MIT */
/* Verdicts that hang on memory, a peer or a cache's headers, by rows: one token of a day, one moment. */
#include "verdict/judge.h"

#include <string.h>

#include "judging.h"
#include "rows.h"

#define AT "/srv/page.html"
#define GOOD AT ":13 good for 23h more (until 2026-01-03T02:04:05Z) (expiry"
#define DAY INT64_C(86400)
#define HOUR INT64_C(3600)
/* Digests that begin so. */
#define OWN 1
#define OTHER 2

struct row {
	const char *name;
	enum jw_state state;
	enum jw_cause cause;
	const char *message;
	struct jw_expect expect;
	const struct jw_history *history;
	const struct jw_peer *peer;
	struct jw_freshness freshness;
	const char *server;
	const char *warning;
	int64_t later;	    /* seconds behind NOW, an hour after the token was made */
	int64_t changes_in; /* 0: never */
	size_t others;	    /* findings beside the deciding one */
	int64_t stale_for;
	bool is_forged;
	bool is_note;	 /* there is no judged token */
	bool is_unknown; /* nobody knows its digest */
};

/* 23 h left. */
#define LEFT (23 * HOUR)

static const struct jw_history fresh_history = {{OWN}, NOW - HOUR, false};
static const struct jw_history repeated = {{OWN}, NOW - HOUR, true};
static const struct jw_history other_history = {{OTHER}, NOW - HOUR, false};
static const struct jw_peer same = {.name = "voice", .is_known = true, .digest = {OWN}};
static const struct jw_peer differs = {
	.name = "voice", .is_known = true, .digest = {OTHER}, .path = "/srv/v.html"};
static const struct jw_peer nameless = {.is_known = true, .digest = {OTHER}};
static const struct jw_peer newer = {
	.name = "voice", .is_known = true, .digest = {OTHER}, .iat = NOW - HOUR + 1, .exp = 1};
static const struct jw_peer older = {
	.name = "voice", .is_known = true, .digest = {OTHER}, .iat = NOW - HOUR - 1};
static const struct jw_peer ends_later = {
	.name = "voice", .is_known = true, .digest = {OTHER}, .exp = NOW + LEFT + 1};
static const struct jw_peer ends_sooner = {.name = "voice",
					   .is_known = true,
					   .digest = {OTHER},
					   .iat = NOW - HOUR,
					   .exp = NOW + LEFT - 1};
static const struct jw_peer since_now = {
	.name = "voice", .is_known = true, .digest = {OTHER}, .differs_since = NOW};
static const struct jw_peer silent = {.name = "voice", .digest = {OTHER}};

#define COPY AT ": holds another token than voice, and both should hold the same; "
#define OLDER_HERE                                                                             \
	"the copy here is the older one: a proxy or a cache that still serves what voice "     \
	"held "                                                                                \
	"before would explain it"
#define OLDER_THERE "the copy of voice is the older one: the new token hasn't come there yet"
#define ONE_OF_TWO                                                                             \
	"a proxy or a cache that serves an old copy would explain it; which of the two is "    \
	"the "                                                                                 \
	"older can't be told"

static const struct row rows[] = {
	{"the same in both places", JW_STATE_OK, JW_OK, GOOD ", same as voice)",
	 .expect = {.has_peer = true}, .peer = &same, .changes_in = LEFT},
	{"another token", JW_STATE_CRITICAL, JW_STALE_COPY,
	 AT ": holds another token than voice (/srv/v.html), and both should hold the "
	    "same; " ONE_OF_TWO,
	 .expect = {.has_peer = true, .same_as_grace = 60}, .peer = &differs,
	 .changes_in = LEFT},
	{"another token, of a place without a name", JW_STATE_CRITICAL, JW_STALE_COPY,
	 AT ": holds another token than the place that same_as names, and both should hold the "
	    "same; " ONE_OF_TWO,
	 .expect = {.has_peer = true}, .peer = &nameless, .changes_in = LEFT},
	{"made before the other", JW_STATE_CRITICAL, JW_STALE_COPY, COPY OLDER_HERE,
	 .expect = {.has_peer = true}, .peer = &newer, .changes_in = LEFT},
	{"made before the other, and who serves it is known", JW_STATE_CRITICAL, JW_STALE_COPY,
	 COPY OLDER_HERE
	 "; it is served by \"nginx\" (Via \"1.1 varnish\"), out of a cache where "
	 "it has been for 55m",
	 .expect = {.has_peer = true}, .peer = &newer,
	 .freshness = {.is_known = true, .age = 3300},
	 .server = "\"nginx\" (Via \"1.1 varnish\")", .changes_in = LEFT},
	{"only how long a cache has it", JW_STATE_CRITICAL, JW_STALE_COPY,
	 COPY OLDER_HERE "; it is served out of a cache where it has been for 55m",
	 .expect = {.has_peer = true}, .peer = &newer,
	 .freshness = {.is_known = true, .age = 3300}, .changes_in = LEFT},
	{"made behind the other", JW_STATE_CRITICAL, JW_STALE_COPY, COPY OLDER_THERE,
	 .expect = {.has_peer = true}, .peer = &older, .changes_in = LEFT},
	{"ends before the other", JW_STATE_CRITICAL, JW_STALE_COPY, COPY OLDER_HERE,
	 .expect = {.has_peer = true}, .peer = &ends_later, .changes_in = LEFT},
	{"made together, ends behind the other", JW_STATE_CRITICAL, JW_STALE_COPY,
	 COPY OLDER_THERE, .expect = {.has_peer = true}, .peer = &ends_sooner,
	 .changes_in = LEFT},
	{"they differ from now on", JW_STATE_OK, JW_OK,
	 GOOD " only); another token than voice holds, not for long yet",
	 .expect = {.has_peer = true, .same_as_grace = 60}, .peer = &since_now,
	 .changes_in = 60},
	{"the last second of grace", JW_STATE_OK, JW_OK, NULL,
	 .expect = {.has_peer = true, .same_as_grace = 60}, .peer = &since_now, .later = 59,
	 .changes_in = 1},
	{"grace is over", JW_STATE_CRITICAL, JW_STALE_COPY, NULL,
	 .expect = {.has_peer = true, .same_as_grace = 60}, .peer = &since_now, .later = 60,
	 .changes_in = LEFT - 60},
	{"no grace", JW_STATE_CRITICAL, JW_STALE_COPY, NULL, .expect = {.has_peer = true},
	 .peer = &since_now, .changes_in = LEFT},
	{"nobody asked for the same", JW_STATE_OK, JW_OK, GOOD " only)", .peer = &differs,
	 .changes_in = LEFT},
	{"the other place holds no token", JW_STATE_OK, JW_OK,
	 GOOD " only); couldn't be compared with voice", .expect = {.has_peer = true},
	 .peer = &silent, .changes_in = LEFT},
	{"nobody looked at the other place", JW_STATE_OK, JW_OK,
	 GOOD " only); couldn't be compared with same_as", .expect = {.has_peer = true},
	 .changes_in = LEFT},
	{"which token it is isn't known here", JW_STATE_OK, JW_OK,
	 GOOD " only); couldn't be compared with voice", .expect = {.has_peer = true},
	 .peer = &differs, .is_unknown = true, .changes_in = LEFT},
	{"memory knows which token it is", JW_STATE_OK, JW_OK, GOOD ", same as voice)",
	 .expect = {.has_peer = true}, .peer = &differs, .history = &other_history,
	 .is_unknown = true, .changes_in = LEFT},
	{"no token here: nothing to compare", JW_STATE_CRITICAL, JW_TOKEN_NOT_FOUND, NULL,
	 .expect = {.has_peer = true}, .peer = &differs, .is_note = true},
	{"an old copy explains a signature by an old key", JW_STATE_CRITICAL, JW_STALE_COPY,
	 NULL, .expect = {.has_peer = true}, .peer = &differs, .is_forged = true, .others = 1,
	 .changes_in = LEFT},
	{"an old copy explains that it ended", JW_STATE_CRITICAL, JW_STALE_COPY, NULL,
	 .expect = {.has_peer = true}, .peer = &differs, .later = LEFT, .others = 1},

	{"rotated on time", JW_STATE_OK, JW_OK, GOOD " only)", .expect = {.rotate_every = HOUR},
	 .history = &fresh_history, .changes_in = 1},
	{"not rotated", JW_STATE_WARNING, JW_ROTATION_OVERDUE,
	 AT ": the same token has stood here for 1h (since 2026-01-02T02:04:05Z), longer than "
	    "rotate_every (1h)",
	 .expect = {.rotate_every = HOUR}, .history = &fresh_history, .later = 1,
	 .changes_in = LEFT - 1},
	{"not rotated, and nobody asked for it", JW_STATE_OK, JW_OK, NULL,
	 .history = &fresh_history, .later = HOUR, .changes_in = LEFT - HOUR},
	{"not rotated, and nothing is remembered", JW_STATE_OK, JW_OK, NULL,
	 .expect = {.rotate_every = HOUR}, .later = HOUR, .changes_in = LEFT - HOUR},
	{"the margin is as large as the threshold", JW_STATE_OK, JW_OK, GOOD " only)",
	 .expect = {.rotate_every = LEFT}, .warning = "1h", .changes_in = 22 * HOUR + 1},
	{"the margin is less", JW_STATE_WARNING, JW_ROTATION_MARGIN,
	 AT ":13 token is made for 1d, so only 59m59s is left when rotate_every (23h) has "
	    "another put there, less than warning asks for (1h)",
	 .expect = {.rotate_every = LEFT + 1}, .warning = "1h", .changes_in = 22 * HOUR + 1},
	{"the margin is less than a share", JW_STATE_WARNING, JW_ROTATION_MARGIN, NULL,
	 .expect = {.rotate_every = LEFT}, .warning = "20%",
	 .changes_in = DAY / 5 * 4 - HOUR + 1},
	{"the margin is outside of a range", JW_STATE_WARNING, JW_ROTATION_MARGIN, NULL,
	 .expect = {.rotate_every = LEFT}, .warning = "7200:", .changes_in = 21 * HOUR + 1},
	{"no margin and no threshold", JW_STATE_OK, JW_OK, NULL,
	 .expect = {.rotate_every = DAY}, .changes_in = LEFT},
	{"it ends before it is rotated", JW_STATE_WARNING, JW_ROTATION_MARGIN,
	 AT ":13 token is made for 1d and ends 1h before rotate_every (1d1h) has another put "
	    "there",
	 .expect = {.rotate_every = DAY + HOUR}, .changes_in = LEFT},
	{"of what has ended no margin is told", JW_STATE_CRITICAL, JW_EXPIRED, NULL,
	 .expect = {.rotate_every = DAY + HOUR}, .later = LEFT},

	{"a fresh token each time", JW_STATE_OK, JW_OK, GOOD " only)",
	 .expect = {.mints = true}, .history = &fresh_history, .changes_in = LEFT},
	{"the same token again", JW_STATE_WARNING, JW_TOKEN_REUSED,
	 AT ": gave the same token twice, and should make one for each asking: a cache or the "
	    "service itself keeps it",
	 .expect = {.mints = true}, .history = &repeated, .changes_in = LEFT},
	{"the same token again, where one is kept", JW_STATE_OK, JW_OK, NULL,
	 .history = &repeated, .changes_in = LEFT},

	{"kept no longer than the token", JW_STATE_OK, JW_OK, NULL,
	 .freshness = {true, true, true, false, LEFT, 0}, .changes_in = 1},
	{"kept longer than the token", JW_STATE_WARNING, JW_CACHE_OUTLIVES_TOKEN,
	 AT ":13 token ends in 23h (2026-01-03T02:04:05Z), and the answer's headers let caches "
	    "and browsers keep it for 1d",
	 .freshness = {true, true, true, false, DAY, 0}, .changes_in = LEFT},
	{"kept for a while already", JW_STATE_OK, JW_OK, NULL,
	 .freshness = {true, true, true, false, DAY, HOUR}, .changes_in = 1},
	{"kept for too long already", JW_STATE_OK, JW_OK, NULL,
	 .freshness = {true, true, true, false, HOUR, DAY}, .changes_in = LEFT},
	{"no-store", JW_STATE_OK, JW_OK, NULL, .expect = {.mints = true},
	 .freshness = {true, false, true, true, DAY, 0}, .changes_in = LEFT},
	{"of what has ended no cache is told", JW_STATE_CRITICAL, JW_EXPIRED, NULL,
	 .freshness = {true, true, true, false, DAY, 0}, .later = LEFT},
	{"made for one asking and kept", JW_STATE_WARNING, JW_CACHE_OUTLIVES_TOKEN,
	 AT
	 ":13 token is made for one asking, and the answer's headers let caches and browsers "
	 "give it again for 1m",
	 .expect = {.mints = true}, .freshness = {true, true, true, false, 60, 0},
	 .changes_in = LEFT},
	{"made for one asking, caches guess", JW_STATE_WARNING, JW_CACHE_OUTLIVES_TOKEN,
	 AT ":13 token is made for one asking, and the answer has a Last-Modified and no "
	    "Cache-Control: caches may give it again for as long as they like",
	 .expect = {.mints = true}, .freshness = {true, true, false, true, 0, 0},
	 .changes_in = LEFT},
	{"made for one asking, asked about each time", JW_STATE_OK, JW_OK, NULL,
	 .expect = {.mints = true}, .freshness = {true, true, true, false, 0, 0},
	 .changes_in = LEFT},
	{"made for one asking, nothing is said of caches", JW_STATE_OK, JW_OK, NULL,
	 .expect = {.mints = true}, .freshness = {true, true, false, false, 0, 0},
	 .changes_in = LEFT},
	{"no answer by HTTP", JW_STATE_OK, JW_OK, NULL, .expect = {.mints = true},
	 .freshness = {false, true, true, true, DAY, 0}, .changes_in = LEFT},
	{"a page, kept for less", JW_STATE_OK, JW_OK, NULL,
	 .freshness = {true, true, true, false, 60, 0}, .changes_in = LEFT - 59},
	{"a page, caches guess", JW_STATE_OK, JW_OK, NULL,
	 .freshness = {true, true, false, true, 0, 0}, .changes_in = LEFT},

	{"too old to say anything", JW_STATE_UNKNOWN, JW_STALE,
	 AT ": the last result is 12m old, so nobody knows how the token is "
	    "now; is jwtwatch run still running?",
	 .expect = {.has_peer = true}, .peer = &differs, .stale_for = 720, .later = LEFT},
};

static void judges(void **state)
{
	const struct row *row = *state;
	static const unsigned char own[32] = {OWN};
	struct jw_token token = judging_token("{'exp': 1767405845, 'iat': 1767319445}");
	struct jw_facts facts = {.tokens = &token,
				 .token_count = 1,
				 .history = row->history,
				 .peer = row->peer,
				 .freshness = row->freshness,
				 .digest = row->is_unknown ? NULL : own,
				 .stale_for = row->stale_for};
	struct jw_exchange exchange = {
		.at = JW_AT_SOURCE, .status = 200, .server = row->server};
	struct jw_expect expect = row->expect;
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	if (row->server) {
		facts.exchanges = &exchange;
		facts.exchange_count = 1;
	}
	token.is_note = row->is_note;
	if (row->is_forged)
		token.signature = JW_SIG_INVALID;
	expect.warning = judging_threshold(row->warning);
	jw_judge(&facts, &expect, NOW + row->later, &arena, &verdict);
	assert_string_equal(jw_cause_name(verdict.cause), jw_cause_name(row->cause));
	assert_int_equal(verdict.state, row->state);
	if (row->message)
		assert_string_equal(verdict.message, row->message);
	if (row->cause)
		assert_int_equal(verdict.finding_count, row->others + 1);
	assert_int_equal(verdict.proved & JW_PROVED_SAME,
			 strstr(verdict.message, ", same as") ? JW_PROVED_SAME : 0);
	assert_int_equal(verdict.will_change ? verdict.next_change - NOW - row->later : 0,
			 row->changes_in);
	jw_arena_done(&arena);
	judging_done(&token);
}

static void sum(struct jw_str bytes, unsigned char digest[32])
{
	memset(digest, 0, 32);
	for (size_t i = 0; i < bytes.len; i++)
		digest[i % 32] = (unsigned char)(digest[i % 32] * 7 + bytes.ptr[i]);
}

static void what_a_peer_is(void **state)
{
	struct jw_token tokens[2] = {judging_token("{'exp': 50, 'iat': 40}"),
				     judging_token("{'exp': 70}")};
	struct jw_facts facts = {.tokens = tokens, .token_count = 2};
	struct jw_peer peer;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		tokens[i].has_digest = true;
		tokens[i].digest[0] = (unsigned char)(i + 1);
	}
	tokens[0].is_note = true;
	jw_facts_peer(&facts, "p", sum, &peer);
	assert_true(peer.is_known && peer.digest[0] == 2 && !peer.differs_since);
	assert_true(peer.iat == 0 && peer.exp == 70);
	assert_string_equal(peer.name, "p");
	assert_string_equal(peer.path, AT);
	tokens[0].is_note = false;
	jw_facts_peer(&facts, "p", sum, &peer);
	assert_true(peer.is_known && !peer.iat && !peer.exp);
	assert_int_equal(peer.digest[0], 1 * 7 + 2);
	tokens[1].has_digest = false;
	jw_facts_peer(&facts, "p", sum, &peer);
	assert_false(peer.is_known);
	facts.token_count = 0;
	jw_facts_peer(&facts, "p", sum, &peer);
	assert_true(!peer.is_known && !peer.path);
	for (size_t i = 0; i < 2; i++)
		judging_done(&tokens[i]);
}

int main(void)
{
	JW_ROWS(rows, judges);
	JW_TEST(what_a_peer_is);
	return rows_run();
}
