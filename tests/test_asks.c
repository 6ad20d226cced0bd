/* SPDX-License-Identifier: MIT */
/* How long answers of LiveKit servers are kept: in one run, and in a daemon. */
#include "rows.h"

#include "core/asks.h"
#include "fake_net.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static int64_t clock_ms;

static int64_t wall(void *self)
{
	(void)self;
	return 1000000;
}

static int64_t monotonic(void *self)
{
	(void)self;
	return clock_ms;
}

static const struct jw_clock fake_clock = {.wall = wall, .monotonic_ms = monotonic};
static const struct jw_world world = {.clock = &fake_clock};

struct asker {
	struct jw_waiter waiter;
	size_t answers;
	struct jw_asked asked;
};

static void answered(void *context, const struct jw_asked *asked)
{
	struct asker *asker = context;

	asker->answers++;
	asker->asked = *asked;
}

static void ask(struct jw_asks *asks, struct asker *asker, const char *token)
{
	const struct jw_question question = {
		.url = "ws://livekit", .token = jw_str_of(token), .timeout_ms = 5000};
	const struct jw_asked *known;

	*asker = (struct asker){.waiter = {.answered = answered, .context = asker}};
	known = jw_asks_put(asks, &world, &fake_net, &question, &asker->waiter);
	if (known)
		answered(asker, known);
}

static void setup(void)
{
	fake_reset();
	clock_ms = 1;
}

static struct jw_http_reply reply_of(long status, const char *body)
{
	return (struct jw_http_reply){.status = status, .body = jw_str_of(body)};
}

struct row {
	const char *name;
	long status;
	const char *body;
	const char *token;
	bool is_kept;
};

static const struct row rows[] = {
	{"accepted", 200, "success", "token", false},
	{"ended", 401,
	 "invalid token: x, error: go-jose/go-jose/jwt: validation failed, token is expired "
	 "(exp)",
	 "token", true},
	{"no such key", 401, "invalid API key: APIother", "token", true},
	{"may not join", 401, "permissions denied", "token", true},
	{"the server is full", 503, "could not find node with sufficient capacity", "token",
	 false},
	{"the server's error", 500, "internal error", "token", false},
	{"not a LiveKit server", 200, "<html>", "token", false},
	{"ready", 200, "OK", "", false},
};

static void keeps(void **state)
{
	const struct row *row = *state;
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_REFUSALS);
	struct asker first;
	struct asker second;

	setup();
	ask(asks, &first, row->token);
	assert_int_equal(jw_asks_count(asks), 1);
	fake_answer(0, reply_of(row->status, row->body));
	assert_int_equal(first.answers, 1);
	assert_int_equal(jw_asks_count(asks), row->is_kept ? 1 : 0);
	clock_ms += HOUR_MS - 1;
	ask(asks, &second, row->token);
	assert_int_equal(second.answers, row->is_kept ? 1 : 0);
	assert_int_equal(fake_out(), row->is_kept ? 0 : 1);
	if (row->is_kept)
		assert_int_equal(second.asked.refusal, first.asked.refusal);
	jw_asks_forget(&second.waiter);
	jw_asks_free(asks);
}

static void in_one_run_all_is_kept(void **state)
{
	const struct row *row = *state;
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_ALL);
	struct asker first;
	struct asker second;

	setup();
	ask(asks, &first, row->token);
	fake_answer(0, reply_of(row->status, row->body));
	clock_ms += 2 * HOUR_MS;
	ask(asks, &second, row->token);
	assert_int_equal(second.answers, 1);
	assert_int_equal(fake_out(), 0);
	assert_int_equal(jw_asks_count(asks), 1);
	jw_asks_free(asks);
}

static void refused(struct jw_asks *asks, struct asker *asker, const char *token)
{
	fake_reset();
	ask(asks, asker, token);
	fake_answer(0, reply_of(401, "permissions denied"));
}

static void a_refusal_is_good_for_an_hour(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_REFUSALS);
	struct asker asker;

	(void)state;
	setup();
	refused(asks, &asker, "token");
	clock_ms += HOUR_MS;
	ask(asks, &asker, "token");
	assert_int_equal(asker.answers, 0);
	assert_int_equal(fake_out(), 1);
	assert_int_equal(jw_asks_count(asks), 1);
	fake_answer(1, reply_of(200, "success"));
	assert_int_equal(asker.answers, 1);
	assert_int_equal(jw_asks_count(asks), 0);
	jw_asks_free(asks);
}

static void another_token_is_asked_about(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_REFUSALS);
	struct asker asker;

	(void)state;
	setup();
	refused(asks, &asker, "token");
	ask(asks, &asker, "another");
	assert_int_equal(fake_out(), 1);
	fake_answer(1, reply_of(200, "success"));
	assert_int_equal(jw_asks_count(asks), 1);
	jw_asks_free(asks);
}

/* Whoever asks while it is out shares the answer, which is dropped behind them. */
static void two_wait_for_one_answer(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_REFUSALS);
	struct asker first;
	struct asker second;

	(void)state;
	setup();
	ask(asks, &first, "token");
	ask(asks, &second, "token");
	assert_int_equal(fake_out(), 1);
	fake_answer(0, reply_of(200, "success"));
	assert_int_equal(first.answers + second.answers, 2);
	assert_int_equal(jw_asks_count(asks), 0);
	assert_int_equal(fake_timers_used(), 0);
	jw_asks_free(asks);
}

/* It timed out for one; the other has more time, and asks again. */
static void who_has_more_time_asks_again(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_REFUSALS);
	struct asker first;
	struct asker second;

	(void)state;
	setup();
	ask(asks, &first, "token");
	clock_ms += 1000;
	ask(asks, &second, "token");
	clock_ms += 4000;
	fake_answer(0, (struct jw_http_reply){.cause = JW_TIMEOUT, .says = "late"});
	assert_int_equal(first.answers, 1);
	assert_int_equal(second.answers, 0);
	assert_int_equal(jw_asks_count(asks), 1);
	fake_answer(1, reply_of(200, "success"));
	assert_int_equal(second.answers, 1);
	assert_int_equal(jw_asks_count(asks), 0);
	jw_asks_free(asks);
}

static void nobody_waits_any_more(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_REFUSALS);
	struct asker asker;

	(void)state;
	setup();
	ask(asks, &asker, "token");
	jw_asks_forget(&asker.waiter);
	fake_answer(0, reply_of(200, "success"));
	assert_int_equal(asker.answers, 0);
	assert_int_equal(jw_asks_count(asks), 0);
	jw_asks_free(asks);
}

static void no_more_than_so_many_are_kept(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_REFUSALS);
	struct asker asker;
	char token[32];

	(void)state;
	setup();
	for (int i = 0; i < JW_ASKS_KEPT_MAX + 2; i++) {
		snprintf(token, sizeof(token), "token-%d", i);
		refused(asks, &asker, token);
	}
	assert_int_equal(jw_asks_count(asks), JW_ASKS_KEPT_MAX);
	fake_reset();
	ask(asks, &asker, "token-2");
	assert_int_equal(asker.answers, 1);
	ask(asks, &asker, "token-1");
	assert_int_equal(asker.answers, 0);
	jw_asks_free(asks);
}

static void the_old_ones_go_by_themselves(void **state)
{
	struct jw_asks *asks = jw_asks_new(JW_ASKS_KEEP_REFUSALS);
	struct asker asker;

	(void)state;
	setup();
	refused(asks, &asker, "first");
	refused(asks, &asker, "second");
	clock_ms += HOUR_MS;
	refused(asks, &asker, "third");
	assert_int_equal(jw_asks_count(asks), 1);
	jw_asks_free(asks);
}

int main(void)
{
	JW_ROWS(rows, keeps);
	JW_ROWS(rows, in_one_run_all_is_kept);
	JW_TEST(a_refusal_is_good_for_an_hour);
	JW_TEST(another_token_is_asked_about);
	JW_TEST(two_wait_for_one_answer);
	JW_TEST(who_has_more_time_asks_again);
	JW_TEST(nobody_waits_any_more);
	JW_TEST(no_more_than_so_many_are_kept);
	JW_TEST(the_old_ones_go_by_themselves);
	return rows_run();
}
