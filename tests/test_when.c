/* SPDX-License-Identifier: MIT */
/* Moments and spans in words, and moments read from words. */
#include "base/when.h"

#include <stdio.h>
#include <time.h>

#include "rows.h"

struct text_row {
	const char *name;
	int64_t when;
	const char *text;
};

static const struct text_row when_rows[] = {
	{"the epoch", 0, "1970-01-01T00:00:00Z"},
	{"the second before the epoch", -1, "1969-12-31T23:59:59Z"},
	{"an ordinary moment", 1767323045, "2026-01-02T03:04:05Z"},
	{"a leap day", 1709210096, "2024-02-29T12:34:56Z"},
	{"2000 has a leap day", 951782400, "2000-02-29T00:00:00Z"},
	{"1900 has none", -2203891200, "1900-03-01T00:00:00Z"},
	{"the last moment", JW_WHEN_MAX, "9999-12-31T23:59:59Z"},
	{"behind the last moment", JW_WHEN_MAX + 1, "(beyond the year 9999)"},
	{"the first moment", -62167219200, "0000-01-01T00:00:00Z"},
	{"before the first moment", -62167219201, "(before the year 0)"},
	{"the greatest number", INT64_MAX, "(beyond the year 9999)"},
	{"the least number", INT64_MIN, "(before the year 0)"},
};

static void writes_moments(void **state)
{
	const struct text_row *row = *state;
	char text[JW_WHEN_TEXT];

	assert_string_equal(jw_when_text(row->when, text), row->text);
}

static const struct text_row span_rows[] = {
	{"nothing", 0, "0s"},
	{"seconds", 45, "45s"},
	{"a minute", 60, "1m"},
	{"minutes and seconds", 61, "1m1s"},
	{"the last second of an hour", 3599, "59m59s"},
	{"an hour", 3600, "1h"},
	{"hours and minutes", 7919, "2h11m"},
	{"a unit between that is nothing", 3605, "1h"},
	{"days and hours", 3 * 86400 + 4 * 3600 + 59 * 60, "3d4h"},
	{"the sign is left out", -7919, "2h11m"},
	{"the greatest span", INT64_MAX, "106751991167300d15h"},
	{"the least span", INT64_MIN, "106751991167300d15h"},
};

static void writes_spans(void **state)
{
	const struct text_row *row = *state;
	char text[JW_WHEN_TEXT];

	assert_string_equal(jw_span_text(row->when, text), row->text);
}

static const struct text_row parse_rows[] = {
	{"RFC 3339", 1767323045, "2026-01-02T03:04:05Z"},
	{"lower case", 1767323045, "2026-01-02t03:04:05z"},
	{"a blank for the T", 1767323045, "2026-01-02 03:04:05Z"},
	{"east of Greenwich", 1767323045, "2026-01-02T08:34:05+05:30"},
	{"west of Greenwich", 1767323045, "2026-01-01T19:04:05-08:00"},
	{"a fraction is cut", 1767323045, "2026-01-02T03:04:05.987654321987Z"},
	{"a date is its midnight", 1767312000, "2026-01-02"},
	{"a leap day is read", 1709164800, "2024-02-29"},
	{"a leap second", 1483228800, "2016-12-31T23:59:60Z"},
	{"a leap second elsewhere", 1483228800, "2017-01-01T00:59:60+01:00"},
	{"the year 0", -62167219200, "0000-01-01"},
	{"the last moment is read", JW_WHEN_MAX, "9999-12-31T23:59:59Z"},
	{"seconds since 1970", 1767323045, "@1767323045"},
	{"seconds before 1970", -5, "@-5"},
	{"the last second of the year 9999", JW_WHEN_MAX, "@253402300799"},
	{"now", 1000, "now"},
	{"days from now", 1000 + 3 * 86400, "+3d"},
	{"hours ago", 1000 - 7200, "-2h"},
};

static void reads_moments(void **state)
{
	const struct text_row *row = *state;
	int64_t when = 77;

	assert_true(jw_when_parse(jw_str_of(row->text), 1000, &when));
	assert_int_equal(when, row->when);
}

static const struct text_row refused_rows[] = {
	{"nothing at all", 0, ""},
	{"no zone", 0, "2026-01-02T03:04:05"},
	{"no seconds", 0, "2026-01-02T03:04Z"},
	{"one digit", 0, "2026-1-02"},
	{"month 0", 0, "2026-00-02"},
	{"month 13", 0, "2026-13-02"},
	{"day 0", 0, "2026-01-00"},
	{"31 April", 0, "2026-04-31"},
	{"29 February of an ordinary year", 0, "2026-02-29"},
	{"29 February of 1900", 0, "1900-02-29"},
	{"hour 24", 0, "2026-01-02T24:00:00Z"},
	{"minute 60", 0, "2026-01-02T03:60:00Z"},
	{"second 61", 0, "2026-01-02T23:59:61Z"},
	{"a leap second at noon", 0, "2026-01-02T11:59:60Z"},
	{"a point without a fraction", 0, "2026-01-02T03:04:05.Z"},
	{"an offset without a colon", 0, "2026-01-02T03:04:05+0530"},
	{"an offset of a day", 0, "2026-01-02T03:04:05+24:00"},
	{"something behind the zone", 0, "2026-01-02T03:04:05Z "},
	{"something behind a date", 0, "2026-01-02x"},
	{"a blank in front", 0, " 2026-01-02"},
	{"five digits", 0, "12026-01-02"},
	{"an @ alone", 0, "@"},
	{"a fraction of seconds since 1970", 0, "@1.5"},
	{"seconds over 64 bits", 0, "@9223372036854775808"},
	{"beyond the year 9999", 0, "@253402300800"},
	{"the greatest number of seconds", 0, "@9223372036854775807"},
	{"before the year 0", 0, "@-9223372036854775807"},
	{"a plus alone", 0, "+"},
	{"a span without a unit", 0, "+3"},
	{"two signs", 0, "+-3d"},
	{"a word", 0, "tomorrow"},
	{"a NUL for the T", 0, "2026-01-02"},
};

static void refuses(void **state)
{
	const struct text_row *row = *state;
	struct jw_str text = jw_str_of(row->text);
	int64_t when = 77;

	/* The last row: one more byte, the NUL itself. */
	if (row == &refused_rows[sizeof(refused_rows) / sizeof(*refused_rows) - 1])
		text.len++;
	assert_false(jw_when_parse(text, 1000, &when));
	assert_int_equal(when, 77);
}

static void spans_stop_at_the_year_9999(void **state)
{
	int64_t when = 77;

	(void)state;
	assert_false(jw_when_parse(JW_STR("+1s"), INT64_MAX, &when));
	assert_false(jw_when_parse(JW_STR("-1s"), INT64_MIN, &when));
	assert_false(jw_when_parse(JW_STR("+1s"), JW_WHEN_MAX, &when));
	assert_int_equal(when, 77);
	assert_true(jw_when_parse(JW_STR("+1s"), JW_WHEN_MAX - 1, &when));
	assert_true(when == JW_WHEN_MAX);
}

/* Against the system's own calendar, a step that is no multiple of a day over all of the range. */
static void agrees_with_the_system(void **state)
{
	(void)state;
	for (int64_t when = -62167219200; when <= JW_WHEN_MAX; when += 12345677) {
		time_t system_when = (time_t)when;
		struct tm tm;
		char theirs[64];
		char ours[JW_WHEN_TEXT];
		int64_t again = 0;

		assert_non_null(gmtime_r(&system_when, &tm));
		snprintf(theirs, sizeof(theirs), "%04d-%02d-%02dT%02d:%02d:%02dZ",
			 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			 tm.tm_sec);
		assert_string_equal(jw_when_text(when, ours), theirs);
		assert_true(jw_when_parse(jw_str_of(ours), 0, &again));
		assert_int_equal(again, when);
	}
}

static void writes_dates_for_http(void **state)
{
	char text[32] = "";
	int64_t again = 0;

	(void)state;
	assert_true(jw_when_http_text(784111777, text));
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_false(jw_when_http_text(JW_WHEN_MAX + 1, text));
	assert_false(jw_when_http_text(INT64_MIN, text));
	for (int64_t when = INT64_C(-62167219200); when < JW_WHEN_MAX; when += 864000007) {
		time_t system_when = (time_t)when;
		char theirs[64];
		struct tm tm;

		assert_non_null(gmtime_r(&system_when, &tm));
		snprintf(theirs, sizeof(theirs), "%s, %02d %s %04d %02d:%02d:%02d GMT",
			 (const char *[]){"Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
					  "Sat"}[tm.tm_wday],
			 tm.tm_mday,
			 (const char *[]){"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
					  "Aug", "Sep", "Oct", "Nov", "Dec"}[tm.tm_mon],
			 tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
		assert_true(jw_when_http_text(when, text));
		assert_string_equal(text, theirs);
		assert_true(jw_when_http(jw_str_of(text), &again));
		assert_int_equal(again, when);
	}
}

int main(void)
{
	JW_ROWS(when_rows, writes_moments);
	JW_ROWS(span_rows, writes_spans);
	JW_ROWS(parse_rows, reads_moments);
	JW_ROWS(refused_rows, refuses);
	JW_TEST(spans_stop_at_the_year_9999);
	JW_TEST(agrees_with_the_system);
	JW_TEST(writes_dates_for_http);
	return rows_run();
}
