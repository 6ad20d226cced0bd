/* SPDX-License-Identifier: MIT */
/* Thresholds: durations, shares, min() of both, and Nagios ranges to the letter. */
#include "verdict/threshold.h"

#include <string.h>

#include "rows.h"

/* The table of the plugin guidelines' rules; a time left is in whole seconds, so that the nearest ones
 * stand for values between. */
struct range_row {
	const char *name;
	int64_t fine[4];
	size_t fine_count;
	int64_t alert[4];
	size_t alert_count;
};

#define FINE(...) {__VA_ARGS__}, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)
#define ALERT(...) FINE(__VA_ARGS__)
#define NEVER {0}, 0

static const struct range_row range_rows[] = {
	{"0:10", FINE(0, 5, 10), ALERT(-1, 11)},
	{"10:", FINE(10, 11, 1000000, INT64_MAX), ALERT(9, 0, -10, INT64_MIN)},
	{"~:10", FINE(10, 0, -1000000, INT64_MIN), ALERT(11, INT64_MAX)},
	{"10:20", FINE(10, 15, 20), ALERT(9, 21, -15)},
	{"@10:20", FINE(9, 21, INT64_MIN, INT64_MAX), ALERT(10, 15, 20)},
	{":10", FINE(0, 10), ALERT(-1, 11)},
	{"0:", FINE(0, 5), ALERT(-1)},
	{"~:0", FINE(-10, 0), ALERT(1)},
	{"0:0", FINE(0), ALERT(1, -1)},
	{":0", FINE(0), ALERT(1, -1)},
	{"1:1", FINE(1), ALERT(0, 2, 5)},
	{"@1:1", FINE(0, 2, 5), ALERT(1)},
	{"@10", FINE(-1, 11), ALERT(0, 5, 10)},
	{"@0", FINE(-1, 1), ALERT(0)},
	{"@0:10", FINE(-1, 11), ALERT(0, 5, 10)},
	{"@10:", FINE(9), ALERT(10, 1000)},
	{"@~:10", FINE(11), ALERT(10, -5)},
	{"@:10", FINE(-1, 11), ALERT(0, 10)},
	{"~:", FINE(0, -1000, INT64_MIN, INT64_MAX), NEVER},
	{"@~:", NEVER, ALERT(0, -1000, INT64_MIN, INT64_MAX)},
	{"-7:23", FINE(-7, 0, 23), ALERT(-8, 24)},
	{"-20:-10", FINE(-15, -20, -10), ALERT(-9, 15, -21)},
	{"@-20:-10", FINE(-9, -21, 15), ALERT(-20, -15, -10)},
	{"-10:", FINE(-10, 0, 11), ALERT(-11)},
	{"-10:0", FINE(-10, 0), ALERT(1, -11)},
	{"~:-95.99", FINE(-96, -97), ALERT(-95, 0)},
	{"~:-96", FINE(-96), ALERT(-95)},
	{":5.75", FINE(0, 5), ALERT(6, -1)},
	{"0.5:1.5", FINE(1), ALERT(0, 2)},
	{".5:1.5", FINE(1), ALERT(0, 2)},
	{"@.5:1.5", FINE(0, 2), ALERT(1)},
	{"-1.5:-0.5", FINE(-1), ALERT(-2, 0)},
	{"-.5:.5", FINE(0), ALERT(-1, 1)},
	{"9.001:10.999", FINE(10), ALERT(9, 11)},
	{"0.2:0.5", {0}, 0, ALERT(0, 1)},
	{"010:", FINE(10), ALERT(9, 8)},
	{"-0:0", FINE(0), ALERT(-1)},
	{"10.000:10.0", FINE(10), ALERT(9, 11)},
	{"12345678901234567890:", NEVER, ALERT(1, 0, INT64_MIN, INT64_MAX)},
	{"@12345678901234567890:", FINE(1, 0, INT64_MIN, INT64_MAX), NEVER},
	{"0:12345678901234567890", FINE(0, 1, 1000000), ALERT(-1)},
	{"-12345678901234567890:0", FINE(0, -1000000, INT64_MIN), ALERT(1)},
	{"~:-12345678901234567890", NEVER, ALERT(0, -1000000, INT64_MIN)},
	{"12345678901234567890:12345678901234567890", NEVER, ALERT(0, INT64_MAX)},
	{"604800:2592000", FINE(604800, 2592000), ALERT(604799, 2592001)},
	{"3600:", FINE(3600, 86400), ALERT(3599, 0, -1)},
	{"@~:600", FINE(601), ALERT(600, 0, -1)},
	{"@600:3600", FINE(599, 3601), ALERT(600, 3600)},
	{"10:10", FINE(10), ALERT(9, 11, -10)},
	{"@10:10", FINE(9, 11), ALERT(10)},
	{"@:0", FINE(-1, 1), ALERT(0)},
	{"@0:0", FINE(-1, 1), ALERT(0)},
	{"@0:", FINE(-1, INT64_MIN), ALERT(0, 1, INT64_MAX)},
	{"-1:1", FINE(-1, 0, 1), ALERT(-2, 2)},
	{"@-1:1", FINE(-2, 2), ALERT(-1, 0, 1)},
	{"-5:-5", FINE(-5), ALERT(-4, -6, 5)},
	{"@-5:-5", FINE(-4, -6, 5), ALERT(-5)},
	{"~:-1", FINE(-1, -2, INT64_MIN), ALERT(0, 1)},
	{"@~:-1", FINE(0, 1), ALERT(-1, -2)},
	{"@~:0", FINE(1), ALERT(0, -1)},
	{"@-10:", FINE(-11), ALERT(-10, 0, 10)},
	{"-10:10", FINE(-10, 0, 10), ALERT(-11, 11)},
	{"0.001:", FINE(1), ALERT(0, -1)},
	{"-0.001:", FINE(0, 1), ALERT(-1)},
	{"-.5:", FINE(0), ALERT(-1)},
	{"@.5:", FINE(0, -1), ALERT(1)},
	{"~:0.5", FINE(0, -1), ALERT(1)},
	{"~:-0.5", FINE(-1), ALERT(0)},
	{"@~:0.5", FINE(1), ALERT(0, -1)},
	{"0.999:1", FINE(1), ALERT(0, 2)},
	{"@0.001:0.999", FINE(0, 1), {0}, 0},
	{"1.000:2", FINE(1, 2), ALERT(0, 3)},
	{"00:00", FINE(0), ALERT(1, -1)},
	{"0000:0010", FINE(0, 10), ALERT(-1, 11)},
	{"-010:", FINE(-10), ALERT(-11)},
	{"99.99:", FINE(100), ALERT(99)},
	{"5:33", FINE(5, 33), ALERT(4, 34)},
	{"@5:33", FINE(4, 34), ALERT(5, 33)},
	{"86400:172800", FINE(86400, 172800), ALERT(86399, 172801)},
	{"999999999999:", FINE(999999999999), ALERT(999999999998)},
	{"9223372036854775:", FINE(INT64_C(9223372036854775)),
	 ALERT(INT64_C(9223372036854774))},
	{"~:9223372036854774", FINE(INT64_C(9223372036854774)),
	 ALERT(INT64_C(9223372036854775))},
	{"-9223372036854774:", FINE(INT64_C(-9223372036854774)),
	 ALERT(INT64_C(-9223372036854775))},
	{"~:12345678901234567890", FINE(0, 1, INT64_MIN), NEVER},
	{"@~:12345678901234567890", NEVER, ALERT(0, 1, INT64_MIN)},
	{"-12345678901234567890:", FINE(0, 1, INT64_MAX), NEVER},
	{"@-12345678901234567890:-1", FINE(0, 1), ALERT(-1, -1000000)},
	{"~:-99999999999999999999.999", NEVER, ALERT(0, -1000000)},
};

static void is_a_range(void **state)
{
	const struct range_row *row = *state;
	struct jw_threshold range = {0};
	jw_autobuf struct jw_buf written = JW_BUF(100);

	assert_int_equal(jw_threshold_parse(jw_str_of(row->name), &range, NULL), JW_OK);
	assert_int_equal(range.kind, JW_THRESHOLD_RANGE);
	for (size_t i = 0; i < row->fine_count; i++)
		assert_int_equal(jw_threshold_alert(&range, row->fine[i], 0), JW_ALERT_NO);
	for (size_t i = 0; i < row->alert_count; i++)
		assert_int_equal(jw_threshold_alert(&range, row->alert[i], 0), JW_ALERT_YES);
	jw_threshold_range(&range, 0, &written);
	assert_string_equal(written.ptr, row->name);
}

/* What is refused, and a piece of the sentence. */
struct refused_row {
	const char *name;
	const char *says;
	const char *text; /* NULL: the name is the text */
};

static const struct refused_row refused_rows[] = {
	{"nothing at all", "empty", ""},
	{"@", "neither a start nor an end", NULL},
	{":", "neither a start nor an end", NULL},
	{"@:", "neither a start nor an end", NULL},
	{"~", "no threshold", NULL},
	{"@~", "only be its start", NULL},
	{"20:10", "start is above its end", NULL},
	{"@20:10", "start is above its end", NULL},
	{"2:1", "start is above its end", NULL},
	{"0.5:0.2", "start is above its end", NULL},
	{"0:-1", "start is above its end", NULL},
	{":-1", "start is above its end", NULL},
	{"-10:-20", "start is above its end", NULL},
	{"@-5", "start is above its end", NULL},
	{"10:~", "only be its start", NULL},
	{"~10", "no threshold", NULL},
	{"~10:20", "no range", NULL},
	{"~:~", "only be its start", NULL},
	{"1:2:3", "no range", NULL},
	{"::", "no range", NULL},
	{"10::20", "no range", NULL},
	{"@@10", "no range", NULL},
	{"10@", "no range", NULL},
	{"10:@20", "no range", NULL},
	{"--5:", "no range", NULL},
	{"-", "no threshold", NULL},
	{".", "no threshold", NULL},
	{"-:", "no range", NULL},
	{".:", "no range", NULL},
	{"10.:", "no range", NULL},
	{"0.0005:", "up to three decimals", NULL},
	{"abc", "no threshold", NULL},
	{"10x", "no threshold", NULL},
	{"1:12%", "no range", NULL},
	{"1h:", "no range", NULL},
	{"1,5:", "no range", NULL},
	{"10..20", "no threshold", NULL},
	{"1.5.5:", "no range", NULL},
	{"10-20", "no threshold", NULL},
	{"0x10:", "no range", NULL},
	{"1e3:", "no range", NULL},
	{"+5:", "no range", NULL},
	{"10,5:20", "no range", NULL},
	{"1:5,5", "no range", NULL},
	{"1'000:", "no range", NULL},
	{"10::", "no range", NULL},
	{"10%:", "no range", NULL},
	{"@10%", "no range", NULL},
	{"@1h", "no range", NULL},
	{"1h:2h", "no range", NULL},
	{"@~10", "no range", NULL},
	{"@~:~", "only be its start", NULL},
	{"@:~", "only be its start", NULL},
	{"~~:10", "no range", NULL},
	{"!10:", "no range", NULL},
	{"@:-1", "start is above its end", NULL},
	{"@@", "no range", NULL},
	{"10:20@", "no range", NULL},
	{"-0.1:-0.2", "start is above its end", NULL},
	{"0x1p3:", "no range", NULL},
	{"1_000:", "no range", NULL},
	{"-inf:", "no range", NULL},
	{"infinity:", "no range", NULL},
	{"1.2.3:", "no range", NULL},
	{"\xd9\xa1:", "no range", NULL},
	{"inf", "no threshold", NULL},
	{"inf:", "no range", NULL},
	{"nan:", "no range", NULL},
	{" 10", "no threshold", NULL},
	{"10 ", "no threshold", NULL},
	{" 10:", "no range", NULL},
	{"10 :20", "no range", NULL},
	{"10: 20", "no range", NULL},
	{"@ 10", "no range", NULL},
	{"a blank", "no threshold", " "},
	{"0", "two ways", NULL},
	{"10", "give it a unit (90s, 1h, 2d)", NULL},
	{"3600", "or write 0:3600 for the Nagios range", NULL},
	{"1.5", "0:1.5", NULL},
	{"-10", "negative", NULL},
	{"12345678901234567890", "two ways", NULL},
	{"0s", "one second at least", NULL},
	{"36501d", "longer than 36500d", NULL},
	{"99999999999999999999d", "longer than 36500d", NULL},
	{"-1h", "no threshold", NULL},
	{"1.5h", "no threshold", NULL},
	{" 1h", "no threshold", NULL},
	{"1h ", "no threshold", NULL},
	{"1h30", "no threshold", NULL},
	{"500ms", "no threshold", NULL},
	{"0%", "more than 0% and at most 100%", NULL},
	{"0.000%", "more than 0% and at most 100%", NULL},
	{"100.001%", "more than 0% and at most 100%", NULL},
	{"99999999999999999999%", "more than 0% and at most 100%", NULL},
	{"0.0001%", "no share", NULL},
	{"-5%", "no share", NULL},
	{"%", "no share", NULL},
	{"20 %", "no share", NULL},
	{"20%%", "no share", NULL},
	{"min", "no threshold", NULL},
	{"min(", "two parts", NULL},
	{"min()", "two parts", NULL},
	{"min(1h)", "two parts", NULL},
	{"min(1h, 20%", "two parts", NULL},
	{"min(1h, 20%) ", "two parts", NULL},
	{"min(1h, )", "no threshold", NULL},
	{"min(, 1h)", "no threshold", NULL},
	{"min(1h, 20%, 5m)", "no threshold", NULL},
	{"min(1h, 3600)", "\"3600\" has no unit", NULL},
	{"min(1h, 3600:)", "no range", NULL},
	{"min(1h ,20%)", "no threshold", NULL},
	{"min (1h, 20%)", "no threshold", NULL},
	{"max(1h, 20%)", "no threshold", NULL},
	{"MIN(1h, 20%)", "no threshold", NULL},
	{"a line end", "\"1h?\" is no threshold", "1h\n"},
};

static void is_refused(void **state)
{
	const struct refused_row *row = *state;
	struct jw_threshold threshold = {.seconds = 77};
	struct jw_err err = {0};

	assert_int_equal(jw_threshold_parse(jw_str_of(row->text ? row->text : row->name),
					    &threshold, &err),
			 JW_CONFIG);
	assert_int_equal(threshold.seconds, 77);
	assert_int_equal(err.cause, JW_CONFIG);
	if (!strstr(err.text, row->says))
		fail_msg("\"%s\" doesn't say \"%s\"", err.text, row->says);
}

static void a_long_text_is_cut_in_the_sentence(void **state)
{
	char text[200];
	struct jw_threshold threshold;
	struct jw_err err = {0};

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	jw_threshold_parse(jw_str_of(text), &threshold, &err);
	assert_non_null(strstr(err.text, "xxxx...\" is no threshold"));
	memset(text, '7', sizeof(text) - 1);
	jw_threshold_parse(jw_str_of(text), &threshold, &err);
	assert_true(strlen(err.text) < 400);
}

/* What must be left of a lifetime; -1: can't be known. */
struct left_row {
	const char *name;
	int64_t lifetime;
	int64_t seconds;
};

static const struct left_row left_rows[] = {
	{"90s", 0, 90},
	{"1h", 86400, 3600},
	{"2d12h", 0, 216000},
	{"36500d", 0, 3153600000},
	{"20%", 86400, 17280},
	{"100%", 86400, 86400},
	{"12.5%", 86400, 10800},
	{"0.001%", 100000, 1},
	{".5%", 1000, 5},
	{"33.333%", 1000, 334},
	{"0.001%", 1, 1},
	{"50%", 3, 2},
	{"100%", INT64_MAX, INT64_MAX},
	{"20%", 0, -1},
	{"20%", -5, -1},
	{"min(1h, 20%)", 86400, 3600},
	{"min(1h, 20%)", 10000, 2000},
	{"min(20%, 1h)", 10000, 2000},
	{"min(1h, 20%)", 0, 3600},
	{"min(1h,20%)", 0, 3600},
	{"min( 1h,  20%  )", 0, 3600},
	{"min(1h, 15m)", 0, 900},
	{"min(15m, 1h)", 0, 900},
	{"min(20%, 5%)", 1000, 50},
	{"min(5%, 20%)", 1000, 50},
	{"min(20%, 5%)", 0, -1},
};

static void asks_for_so_much_left(void **state)
{
	const struct left_row *row = *state;
	struct jw_threshold left = {0};
	int64_t seconds = -1;
	jw_autobuf struct jw_buf written = JW_BUF(100);
	jw_autobuf struct jw_buf expected = JW_BUF(100);

	assert_int_equal(jw_threshold_parse(jw_str_of(row->name), &left, NULL), JW_OK);
	assert_int_equal(left.kind, JW_THRESHOLD_LEFT);
	assert_string_equal(left.given, row->name);
	assert_int_equal(jw_threshold_seconds(&left, row->lifetime, &seconds),
			 row->seconds >= 0);
	assert_int_equal(seconds, row->seconds);
	jw_threshold_range(&left, row->lifetime, &written);
	if (row->seconds < 0) {
		assert_int_equal(written.len, 0);
		assert_int_equal(jw_threshold_alert(&left, 0, row->lifetime),
				 JW_ALERT_UNKNOWABLE);
		return;
	}
	jw_buf_printf(&expected, "%lld:", (long long)row->seconds);
	assert_string_equal(written.ptr, expected.ptr);
	assert_int_equal(jw_threshold_alert(&left, seconds, row->lifetime), JW_ALERT_NO);
	assert_int_equal(jw_threshold_alert(&left, seconds - 1, row->lifetime), JW_ALERT_YES);
}

static void none_is_never_an_alert(void **state)
{
	static const struct jw_threshold none = {0};
	int64_t seconds = 77;
	jw_autobuf struct jw_buf written = JW_BUF(100);

	(void)state;
	assert_int_equal(jw_threshold_alert(&none, INT64_MIN, 0), JW_ALERT_NO);
	assert_int_equal(jw_threshold_alert(&none, INT64_MAX, 1), JW_ALERT_NO);
	assert_false(jw_threshold_seconds(&none, 1, &seconds));
	jw_threshold_range(&none, 1, &written);
	assert_int_equal(written.len, 0);
}

struct order_row {
	const char *name;
	const char *warning;
	const char *critical;
	enum jw_cause cause;
};

static const struct order_row order_rows[] = {
	{"durations in order", "1h", "10m", JW_OK},
	{"equal durations", "1h", "60m", JW_OK},
	{"durations reversed", "10m", "1h", JW_CONFIG},
	{"shares in order", "20%", "5%", JW_OK},
	{"shares reversed", "5%", "20%", JW_CONFIG},
	{"a duration and a share", "10m", "20%", JW_OK},
	{"a share and a duration", "1%", "1h", JW_OK},
	{"both parts in order", "min(1h, 20%)", "min(10m, 5%)", JW_OK},
	{"both parts reversed", "min(10m, 5%)", "min(1h, 20%)", JW_CONFIG},
	{"one part reversed, one equal", "min(10m, 5%)", "min(1h, 5%)", JW_CONFIG},
	{"it hangs on the lifetime", "min(10m, 20%)", "min(1h, 5%)", JW_OK},
	{"parts that aren't the same", "min(10m, 5%)", "1h", JW_OK},
	{"ranges aren't compared", "600:", "3600:", JW_OK},
};

static void come_in_order(void **state)
{
	const struct order_row *row = *state;
	struct jw_threshold warning = {0};
	struct jw_threshold critical = {0};
	struct jw_err err = {0};

	jw_threshold_parse(jw_str_of(row->warning), &warning, NULL);
	jw_threshold_parse(jw_str_of(row->critical), &critical, NULL);
	assert_int_equal(jw_threshold_order(&warning, &critical, &err), row->cause);
	if (row->cause) {
		assert_non_null(strstr(err.text, row->warning));
		assert_non_null(strstr(err.text, row->critical));
	}
}

int main(void)
{
	JW_ROWS(range_rows, is_a_range);
	JW_ROWS(refused_rows, is_refused);
	JW_ROWS(left_rows, asks_for_so_much_left);
	JW_ROWS(order_rows, come_in_order);
	JW_TEST(a_long_text_is_cut_in_the_sentence);
	JW_TEST(none_is_never_an_alert);
	return rows_run();
}
