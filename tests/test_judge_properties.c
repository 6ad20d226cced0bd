/* SPDX-License-Identifier: MIT */
/* What must be true of the judge whatever it is given: generated worlds, small enough that moments meet. */
#include "verdict/judge.h"

#include <stdio.h>

#include "judging.h"
#include "rows.h"

#define CASES 20000
#define SCANNED_CASES 500
#define TOKENS_MAX 3
/* All that can happen in a world happens between these two. */
#define FIRST (-600)
#define LAST 560

static const char *const payloads[] = {
	"{}",
	"{'iss': 'a', 'sub': 'user1', 'aud': 'x', 'video': {'room': 'r1', 'roomJoin': true}}",
	"{'iss': 'b', 'sub': 'u', 'video': {'room': 'r2', 'roomAdmin': true}}",
};

struct world {
	struct jw_token tokens[TOKENS_MAX];
	struct jw_failure failures[2];
	struct jw_livekit livekits[TOKENS_MAX];
	struct jw_exchange exchanges[2];
	struct jw_history history;
	struct jw_peer peer;
	unsigned char digest[32];
	struct jw_facts facts;
	struct jw_expect expect;
	const char *forbidden[3];
	char texts[2][64];
	uint8_t severity[JW_CAUSE_COUNT];
};

static json_t *parsed[3];
static uint64_t random_state;

/* splitmix64: the same worlds on every machine. */
static uint64_t next_random(void)
{
	uint64_t z = random_state += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return z ^ z >> 31;
}

static int64_t pick(int64_t from, int64_t to)
{
	return from + (int64_t)(next_random() % (uint64_t)(to - from + 1));
}

static bool one_in(int64_t n)
{
	return pick(1, n) == 1;
}

static struct jw_time_claim make_time(int64_t absent_in)
{
	if (one_in(absent_in))
		return (struct jw_time_claim){.is = JW_CLAIM_ABSENT};
	if (one_in(20))
		return (struct jw_time_claim){JW_CLAIM_INVALID, 0, "is null"};
	return (struct jw_time_claim){JW_CLAIM_VALID, pick(-100, 300), NULL};
}

static struct jw_token make_token(void)
{
	size_t kind = (size_t)pick(0, 2);
	struct jw_token token = {
		.path = "page",
		.line = (size_t)pick(0, 3),
		.has_claims = true,
		.is_livekit = kind != 0,
		.is_note = one_in(8),
		.signature = one_in(2) ? JW_SIG_VALID : (enum jw_signature)pick(0, 5),
		.jwt = {.alg = one_in(10) ? "RS256" : "HS256", .payload = parsed[kind]},
	};

	token.has_source_clock = one_in(4);
	token.source_offset = pick(-200, 200);
	token.jwt.iss = json_string_value(json_object_get(parsed[kind], "iss"));
	token.jwt.sub = json_string_value(json_object_get(parsed[kind], "sub"));
	token.jwt.exp = make_time(20);
	token.jwt.nbf = make_time(3);
	token.jwt.iat = make_time(3);
	token.jwt.notes = one_in(10) ? JW_NOTE_PADDING : 0;
	if (one_in(15))
		token.decode = JW_ALGORITHM_REFUSED;
	if (one_in(15)) {
		token.decode = one_in(2) ? JW_TOKEN_MALFORMED : JW_PLACEHOLDER;
		token.has_claims = false;
	}
	return token;
}

static const struct jw_livekit *make_livekit(struct jw_livekit *livekit)
{
	static const enum jw_cause causes[] = {JW_LIVEKIT_UNREACHABLE, JW_NOT_LIVEKIT,
					       JW_LIVEKIT_NOT_READY, JW_DEADLINE};

	*livekit = (struct jw_livekit){
		.url = "ws://localhost",
		.accepts = (enum jw_accepts)pick(0, 2),
		.has_clock = !one_in(3),
		.clock_offset = one_in(3) ? pick(-40, 40) : pick(-200, 200),
	};
	if (livekit->accepts == JW_ACCEPTS_NO) {
		livekit->cause = JW_LIVEKIT_REFUSED;
		livekit->refusal = (enum jw_refusal)pick(1, JW_REFUSAL_COUNT - 1);
	} else if (livekit->accepts == JW_ACCEPTS_UNKNOWN && one_in(2)) {
		livekit->cause = causes[pick(0, 3)];
		livekit->says = "no";
	}
	return livekit;
}

static struct jw_exchange make_exchange(void)
{
	return (struct jw_exchange){
		.at = one_in(2) ? JW_AT_LIVEKIT : JW_AT_SOURCE,
		.url = "https://localhost/",
		.has_clock = one_in(2),
		.clock_offset = pick(-50, 50),
		.certificate_expires = one_in(2) ? pick(1, 300) : 0,
	};
}

/* A duration, a share, both, or (where it may be) a range. */
static struct jw_threshold make_threshold(char text[64], bool may_be_range)
{
	int duration = (int)pick(1, 150);
	int share = (int)pick(1, 100);
	int end = (int)pick(0, 200);

	switch (pick(0, may_be_range ? 6 : 3)) {
	case 0:
		return (struct jw_threshold){0};
	case 1:
		snprintf(text, 64, "%ds", duration);
		break;
	case 2:
		snprintf(text, 64, "%d%%", share);
		break;
	case 3:
		snprintf(text, 64, "min(%ds, %d%%)", duration, share);
		break;
	case 4:
		snprintf(text, 64, "%d.5:%d.25", duration, duration + end + 1);
		break;
	case 5:
		snprintf(text, 64, "@%d:%d", duration, duration + end);
		break;
	default:
		snprintf(text, 64, "@-%d.25:%d", duration, end);
	}
	return judging_threshold(text);
}

static void make_expect(struct world *world, bool may_have_ranges, bool may_have_severity)
{
	struct jw_expect *expect = &world->expect;

	*expect = (struct jw_expect){
		.warning = make_threshold(world->texts[0], may_have_ranges),
		.critical = make_threshold(world->texts[1], may_have_ranges),
		.issuer = one_in(3) ? "a" : NULL,
		.audience = one_in(5) ? "x" : NULL,
		.subject = one_in(5) ? "user1" : NULL,
		.room = one_in(5) ? "r1" : NULL,
		.identity = one_in(5) ? "user1" : NULL,
		.min_lifetime = one_in(3) ? pick(1, 200) : 0,
		.max_lifetime = one_in(3) ? pick(1, 300) : 0,
		.leeway = one_in(2) ? 60 : pick(0, 90),
		.certificate_warning = pick(1, 150),
		.certificate_critical = pick(1, 150),
		.is_simulated = one_in(3),
		.rotate_every = one_in(3) ? pick(1, 300) : 0,
		.has_peer = one_in(2),
		.same_as_grace = pick(0, 100),
		.mints = one_in(3),
	};
	memset(world->severity, 0, sizeof(world->severity));
	expect->severity = world->severity;
	world->forbidden[0] = "roomAdmin";
	world->forbidden[1] = one_in(2) ? "roomJoin" : NULL;
	expect->forbid_grants = one_in(3) ? world->forbidden : NULL;
	for (size_t cause = 1; may_have_severity && cause < JW_CAUSE_COUNT; cause++)
		if (one_in(8))
			world->severity[cause] = (uint8_t)pick(1, 3);
}

/* What isn't of this run: memory, the peer, a cache's headers. */
static void make_memory(struct world *world)
{
	struct jw_facts *facts = &world->facts;

	world->history = (struct jw_history){.digest = {(unsigned char)pick(0, 1)},
					     .first_seen = pick(-400, 200),
					     .is_repeated = one_in(3)};
	world->peer = (struct jw_peer){.name = one_in(2) ? "other" : NULL,
				       .is_known = !one_in(4),
				       .digest = {(unsigned char)pick(0, 1)},
				       .differs_since = one_in(4) ? 0 : pick(-200, 200),
				       .path = one_in(2) ? "elsewhere" : NULL,
				       .iat = one_in(2) ? pick(-100, 300) : 0,
				       .exp = one_in(2) ? pick(-100, 300) : 0};
	facts->history = one_in(2) ? &world->history : NULL;
	facts->peer = one_in(2) ? &world->peer : NULL;
	facts->digest = one_in(2) ? world->digest : NULL;
	facts->freshness = (struct jw_freshness){.is_known = one_in(2),
						 .is_stored = !one_in(4),
						 .is_explicit = !one_in(4),
						 .is_guessed = one_in(4),
						 .max_age = pick(0, 300),
						 .age = one_in(2) ? 0 : pick(0, 100)};
	facts->stale_for = one_in(20) ? pick(1, 1000) : 0;
}

static void make_world(struct world *world, uint64_t seed, bool may_have_ranges,
		       bool may_have_severity)
{
	random_state = seed;
	*world = (struct world){.failures = {{JW_FILE_UNREADABLE, JW_AT_SOURCE, "a", "no"},
					     {JW_FILE_MISSING, JW_AT_SOURCE, "b", "no"}}};
	make_expect(world, may_have_ranges, may_have_severity);
	world->facts = (struct jw_facts){
		.tokens = world->tokens,
		.token_count = (size_t)(one_in(2) ? 1 : pick(0, TOKENS_MAX)),
		.failures = world->failures,
		.failure_count = (size_t)(one_in(8) ? pick(1, 2) : 0),
	};
	for (size_t i = 0; i < world->facts.token_count; i++) {
		world->tokens[i] = make_token();
		if (one_in(3))
			world->tokens[i].livekit = make_livekit(&world->livekits[i]);
	}
	for (size_t i = 0; i < 2; i++)
		world->exchanges[i] = make_exchange();
	world->facts.exchanges = world->exchanges;
	world->facts.exchange_count = (size_t)(one_in(3) ? pick(1, 2) : 0);
	make_memory(world);
}

static struct jw_verdict judge_at(const struct world *world, int64_t now,
				  struct jw_arena *arena)
{
	struct jw_verdict verdict;

	jw_judge(&world->facts, &world->expect, now, arena, &verdict);
	return verdict;
}

static enum jw_state state_at(const struct world *world, int64_t now)
{
	struct jw_arena arena = {0};
	enum jw_state state = judge_at(world, now, &arena).state;

	jw_arena_done(&arena);
	return state;
}

static bool are_equal(const struct jw_verdict *a, const struct jw_verdict *b)
{
	if (a->finding_count != b->finding_count)
		return false;
	for (size_t i = 0; i < a->finding_count; i++)
		if (a->findings[i].cause != b->findings[i].cause ||
		    a->findings[i].state != b->findings[i].state ||
		    a->findings[i].token != b->findings[i].token)
			return false;
	return true;
}

static bool is_same_at(const struct world *world, const struct jw_verdict *verdict,
		       int64_t when)
{
	struct jw_arena arena = {0};
	struct jw_verdict other = judge_at(world, when, &arena);
	bool is_same = are_equal(verdict, &other);

	jw_arena_done(&arena);
	return is_same;
}

#define HOLDS(condition, seed, now)                                                            \
	do {                                                                                   \
		if (!(condition))                                                              \
			fail_msg("%s: seed %llu, now %lld", #condition,                        \
				 (unsigned long long)(seed), (long long)(now));                \
	} while (0)

/* From here on no token becomes valid any more. */
static int64_t all_begun(const struct world *world)
{
	int64_t begun = FIRST;

	for (size_t i = 0; i < world->facts.token_count; i++) {
		const struct jw_jwt *jwt = &world->tokens[i].jwt;
		int64_t nbf = jwt->nbf.seconds - world->expect.leeway;
		int64_t iat = jwt->iat.seconds - JW_SKEW_TOLERATED;
		const struct jw_livekit *livekit = world->tokens[i].livekit;

		/* By the later of the two clocks. */
		if (livekit && livekit->has_clock && livekit->clock_offset < 0)
			nbf -= livekit->clock_offset;
		if (jwt->nbf.is == JW_CLAIM_VALID && nbf > begun)
			begun = nbf;
		if (jwt->iat.is == JW_CLAIM_VALID && iat > begun)
			begun = iat;
	}
	return begun;
}

static void a_state_never_improves_with_time(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= CASES; seed++) {
		struct world world;
		int64_t now;
		enum jw_state before = JW_STATE_OK;

		make_world(&world, seed, false, false);
		for (now = all_begun(&world); now <= LAST; now += pick(1, 150)) {
			enum jw_state after = state_at(&world, now);

			HOLDS(jw_state_rank(after) >= jw_state_rank(before), seed, now);
			before = after;
		}
	}
}

/* Adds one expectation that wasn't there. */
static void expect_more(struct world *world)
{
	struct jw_expect *expect = &world->expect;

	switch (pick(0, 10)) {
	case 0:
		expect->issuer = expect->issuer ? expect->issuer : "b";
		break;
	case 1:
		expect->audience = expect->audience ? expect->audience : "y";
		break;
	case 2:
		expect->subject = expect->subject ? expect->subject : "user2";
		break;
	case 3:
		expect->room = expect->room ? expect->room : "r2";
		break;
	case 4:
		expect->identity = expect->identity ? expect->identity : "user2";
		break;
	case 5:
		expect->min_lifetime = expect->min_lifetime + pick(1, 100);
		break;
	case 6:
		expect->max_lifetime =
			expect->max_lifetime ? expect->max_lifetime / 2 + 1 : 100;
		break;
	case 7:
		expect->rotate_every =
			expect->rotate_every ? expect->rotate_every : pick(1, 300);
		break;
	case 8:
		expect->has_peer = true;
		break;
	case 9:
		expect->mints = true;
		break;
	default:
		world->forbidden[expect->forbid_grants && world->forbidden[1] ? 2 : 1] =
			"roomJoin";
		expect->forbid_grants = world->forbidden;
	}
}

static void an_added_expectation_never_improves_a_state(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= CASES; seed++) {
		struct world world;
		int64_t now;
		enum jw_state before;
		enum jw_state after;

		make_world(&world, seed, true, true);
		world.forbidden[2] = NULL;
		now = pick(-200, 350);
		before = state_at(&world, now);
		expect_more(&world);
		world.forbidden[2] = NULL;
		after = state_at(&world, now);
		HOLDS(jw_state_rank(after) >= jw_state_rank(before), seed, now);
	}
}

static void a_severity_never_makes_it_ok(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= CASES; seed++) {
		struct world world;
		int64_t now;
		enum jw_state with;

		make_world(&world, seed, true, true);
		now = pick(-200, 350);
		with = state_at(&world, now);
		world.expect.severity = NULL;
		HOLDS((with == JW_STATE_OK) == (state_at(&world, now) == JW_STATE_OK), seed,
		      now);
	}
}

static void what_a_server_refuses_is_never_ok(void **state)
{
	size_t refused = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= CASES; seed++) {
		struct world world;
		int64_t now;

		make_world(&world, seed, true, false);
		now = pick(-200, 350);
		for (size_t i = 0; i < world.facts.token_count; i++) {
			const struct jw_token *token = &world.tokens[i];

			if (token->is_note || !token->livekit ||
			    token->livekit->accepts != JW_ACCEPTS_NO)
				continue;
			/* Nobody knows whether it still is refused. */
			HOLDS(state_at(&world, now) == (world.facts.stale_for
								? JW_STATE_UNKNOWN
								: JW_STATE_CRITICAL),
			      seed, now);
			refused++;
		}
	}
	assert_true(refused > CASES / 20);
}

static void it_is_the_first_of_the_worst(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= CASES; seed++) {
		struct world world;
		struct jw_arena arena = {0};
		struct jw_verdict verdict;
		enum jw_state worst = JW_STATE_OK;
		enum jw_cause first = JW_OK;
		int64_t now;

		make_world(&world, seed, true, true);
		now = pick(-200, 350);
		verdict = judge_at(&world, now, &arena);
		for (size_t i = 0; i < verdict.finding_count; i++) {
			const struct jw_finding *finding = &verdict.findings[i];

			HOLDS(finding->state != JW_STATE_OK, seed, now);
			HOLDS(finding->message && finding->message[0] && finding->remedy, seed,
			      now);
			HOLDS(!i || jw_cause_row(finding->cause)->phase >=
					      jw_cause_row(finding[-1].cause)->phase,
			      seed, now);
			if (jw_state_worse(worst, finding->state) == worst)
				continue;
			worst = finding->state;
			first = finding->cause;
		}
		HOLDS(verdict.state == worst && verdict.cause == first, seed, now);
		jw_arena_done(&arena);
	}
}

static void of_a_stale_result_nothing_else_is_said(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= CASES; seed++) {
		struct world world;
		struct jw_arena arena = {0};
		struct jw_verdict verdict;
		int64_t now;

		make_world(&world, seed, true, false);
		world.facts.stale_for = pick(1, 1000);
		now = pick(-200, 350);
		verdict = judge_at(&world, now, &arena);
		HOLDS(verdict.finding_count == 1 && verdict.cause == JW_STALE, seed, now);
		HOLDS(verdict.state == JW_STATE_UNKNOWN && !verdict.will_change, seed, now);
		jw_arena_done(&arena);
	}
}

static void the_order_of_tokens_changes_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= CASES; seed++) {
		struct world world;
		enum jw_state before;
		int64_t now;
		size_t count;

		make_world(&world, seed, true, true);
		now = pick(-200, 350);
		before = state_at(&world, now);
		count = world.facts.token_count;
		for (size_t i = 0; i + 1 < count; i++) {
			struct jw_token first = world.tokens[i];

			world.tokens[i] = world.tokens[count - 1];
			world.tokens[count - 1] = first;
		}
		HOLDS(state_at(&world, now) == before, seed, now);
	}
}

/* Looked at where it counts: just before, just then, and at moments between. */
static void the_next_change_is_the_first(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= CASES; seed++) {
		struct world world;
		struct jw_arena arena = {0};
		struct jw_verdict verdict;
		int64_t now;
		int64_t until;

		make_world(&world, seed, true, true);
		now = pick(-250, 350);
		verdict = judge_at(&world, now, &arena);
		until = verdict.will_change ? verdict.next_change : LAST;
		HOLDS(until > now, seed, now);
		HOLDS(is_same_at(&world, &verdict, until - 1), seed, now);
		for (int i = 0; i < 4; i++)
			HOLDS(is_same_at(&world, &verdict, pick(now, until - 1)), seed, now);
		if (verdict.will_change)
			HOLDS(!is_same_at(&world, &verdict, until), seed, now);
		jw_arena_done(&arena);
	}
}

/* The same by looking at every second there is. */
static void no_second_is_missed(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SCANNED_CASES; seed++) {
		struct world world;
		struct jw_arena arena = {0};
		struct jw_verdict verdict;
		int64_t now;
		int64_t then;

		make_world(&world, seed, true, true);
		now = pick(-250, 350);
		verdict = judge_at(&world, now, &arena);
		for (then = now + 1; then <= LAST; then++)
			if (!is_same_at(&world, &verdict, then))
				break;
		HOLDS(verdict.will_change == (then <= LAST), seed, now);
		HOLDS(!verdict.will_change || verdict.next_change == then, seed, now);
		jw_arena_done(&arena);
	}
}

int main(void)
{
	int failed;

	for (size_t i = 0; i < 3; i++) {
		struct jw_token token = judging_token(payloads[i]);

		parsed[i] = token.jwt.payload;
	}
	JW_TEST(a_state_never_improves_with_time);
	JW_TEST(an_added_expectation_never_improves_a_state);
	JW_TEST(a_severity_never_makes_it_ok);
	JW_TEST(what_a_server_refuses_is_never_ok);
	JW_TEST(it_is_the_first_of_the_worst);
	JW_TEST(of_a_stale_result_nothing_else_is_said);
	JW_TEST(the_order_of_tokens_changes_nothing);
	JW_TEST(the_next_change_is_the_first);
	JW_TEST(no_second_is_missed);
	failed = rows_run();
	for (size_t i = 0; i < 3; i++)
		json_decref(parsed[i]);
	return failed;
}
