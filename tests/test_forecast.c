/* SPDX-License-Identifier: MIT */
/* Forecasts of reports made by hand: what no page shows, such as endpoints, certificates and very many targets. */
#include "rows.h"

#include "core/forecast.h"
#include "reports.h"

#define DAY INT64_C(86400)

static struct jw_exchange exchange;

/* As a run would have left it. */
static void judge_all(void)
{
	for (size_t i = 0; i < world.report.count; i++)
		jw_judge(&world.results[i].facts, &world.targets[i].expect, NOW,
			 &world.results[i].arena, &world.results[i].verdict);
}

static void forget_all(void)
{
	for (size_t i = 0; i < world.report.count; i++)
		jw_arena_done(&world.results[i].arena);
}

static void has_certificate(struct jw_result *result, int64_t expires)
{
	struct jw_target *target = &world.targets[result - world.results];

	exchange = (struct jw_exchange){
		.url = "https://example.org/", .status = 200, .certificate_expires = expires};
	result->facts.exchanges = &exchange;
	result->facts.exchange_count = 1;
	target->expect.certificate_warning = 14 * DAY;
	target->expect.certificate_critical = 3 * DAY;
}

static void is_event(const struct jw_forecast *forecast, size_t index, int64_t at,
		     enum jw_state state, enum jw_cause cause)
{
	assert_true(index < forecast->count);
	assert_int_equal(forecast->events[index].at, at);
	assert_int_equal(forecast->events[index].state, state);
	assert_int_equal(forecast->events[index].cause, cause);
}

static void a_token_s_life(void **state)
{
	struct jw_forecast forecast;

	(void)state;
	begin();
	add("page");
	jw_threshold_parse(JW_STR("10m"), &world.targets[0].expect.critical, NULL);
	judge_all();
	jw_forecast_make(&world.report, NOW + 30 * DAY, &forecast);
	assert_int_equal(forecast.count, 3);
	is_event(&forecast, 0, NOW + 3601, JW_STATE_WARNING, JW_EXPIRING);
	is_event(&forecast, 1, NOW + 6601, JW_STATE_CRITICAL, JW_EXPIRING);
	is_event(&forecast, 2, NOW + 7200, JW_STATE_CRITICAL, JW_EXPIRED);
	jw_forecast_done(&forecast);
	jw_forecast_make(&world.report, NOW + 3600, &forecast);
	assert_int_equal(forecast.count, 0);
	jw_forecast_done(&forecast);
	forget_all();
}

/* Nobody holds the token that an endpoint made for the asking; its certificate lasts for all. */
static void an_endpoint(void **state)
{
	static const struct jw_check fresh = {.name = "token_endpoint", .kind = JW_CHECK_FRESH};
	struct jw_forecast forecast;

	(void)state;
	begin();
	has_certificate(add("api"), NOW + 20 * DAY);
	world.targets[0].check = &fresh;
	judge_all();
	jw_forecast_make(&world.report, NOW + 30 * DAY, &forecast);
	assert_int_equal(forecast.count, 2);
	is_event(&forecast, 0, NOW + 6 * DAY + 1, JW_STATE_WARNING, JW_CERTIFICATE_EXPIRING);
	is_event(&forecast, 1, NOW + 17 * DAY + 1, JW_STATE_CRITICAL, JW_CERTIFICATE_EXPIRING);
	jw_forecast_done(&forecast);
	forget_all();
}

static void what_is_wrong_already_comes_first(void **state)
{
	struct jw_forecast forecast;

	(void)state;
	begin();
	add("page");
	token_of(add("old"))->jwt.exp.seconds = NOW - 1;
	world.results[1].now = NOW + 2;
	judge_all();
	jw_forecast_make(&world.report, NOW + 30 * DAY, &forecast);
	assert_int_equal(forecast.count, 3);
	is_event(&forecast, 0, NOW, JW_STATE_CRITICAL, JW_EXPIRED);
	assert_ptr_equal(forecast.events[0].result, &world.results[1]);
	jw_forecast_done(&forecast);
	forget_all();
}

static void by_time_then_in_their_order(void **state)
{
	struct jw_forecast forecast;

	(void)state;
	begin();
	for (size_t i = 0; i < RESULTS_MAX; i++)
		token_of(add("page"))->jwt.exp.seconds += (int64_t)(i * 7919 % 5);
	judge_all();
	jw_forecast_make(&world.report, NOW + 30 * DAY, &forecast);
	assert_int_equal(forecast.count, 2 * RESULTS_MAX);
	assert_false(forecast.is_cut);
	for (size_t i = 1; i < forecast.count; i++) {
		const struct jw_event *before = &forecast.events[i - 1];
		const struct jw_event *event = &forecast.events[i];

		assert_true(before->at < event->at ||
			    (before->at == event->at && before->result < event->result));
	}
	jw_forecast_done(&forecast);
	forget_all();
}

static void nothing_to_look_at(void **state)
{
	struct jw_forecast forecast;

	(void)state;
	begin();
	jw_forecast_make(&world.report, NOW + 30 * DAY, &forecast);
	assert_int_equal(forecast.count, 0);
	jw_forecast_done(&forecast);
}

int main(void)
{
	JW_TEST(a_token_s_life);
	JW_TEST(an_endpoint);
	JW_TEST(what_is_wrong_already_comes_first);
	JW_TEST(by_time_then_in_their_order);
	JW_TEST(nothing_to_look_at);
	return rows_run();
}
