/* SPDX-License-Identifier: MIT */
/* Moments and spans in the words of the output: RFC 3339 in UTC, and "2h11m". Reads no clock. */
#include "base/when.h"

#include <stdio.h>
#include <string.h>

#define DAY INT64_C(86400)
/* 0000-01-01T00:00:00Z. */
#define WHEN_MIN INT64_C(-62167219200)
/* The proleptic Gregorian calendar repeats after 400 years, counted here from 1 March of the year 0. */
#define ERA_DAYS INT64_C(146097)
#define EPOCH_DAYS INT64_C(719468)

struct civil {
	int64_t year;
	int64_t month;
	int64_t day;
};

/* For years from 0 on. A year begins in March, so that the leap day is its last. */
static int64_t days_of(struct civil date)
{
	int64_t year = date.year - (date.month <= 2) + 400;
	int64_t month = (date.month + 9) % 12;
	int64_t era_year = year % 400;
	int64_t year_day = (153 * month + 2) / 5 + date.day - 1;
	int64_t era_day = era_year * 365 + era_year / 4 - era_year / 100 + year_day;

	return (year / 400 - 1) * ERA_DAYS + era_day - EPOCH_DAYS;
}

static struct civil civil_of(int64_t days)
{
	int64_t shifted = days + EPOCH_DAYS + ERA_DAYS;
	int64_t era_day = shifted % ERA_DAYS;
	int64_t era_year =
		(era_day - era_day / 1460 + era_day / 36524 - era_day / (ERA_DAYS - 1)) / 365;
	int64_t year_day = era_day - (365 * era_year + era_year / 4 - era_year / 100);
	int64_t month = (5 * year_day + 2) / 153;
	struct civil date = {
		.month = (month + 2) % 12 + 1,
		.day = year_day - (153 * month + 2) / 5 + 1,
	};

	date.year = (shifted / ERA_DAYS - 1) * 400 + era_year + (date.month <= 2);
	return date;
}

/* The last two digits. */
static void put_pair(char *text, int64_t n)
{
	text[0] = (char)('0' + n / 10 % 10);
	text[1] = (char)('0' + n % 10);
}

const char *jw_when_text(int64_t when, char text[JW_WHEN_TEXT])
{
	int64_t days;
	int64_t second;
	struct civil date;

	if (when < WHEN_MIN || when > JW_WHEN_MAX) {
		snprintf(text, JW_WHEN_TEXT, "%s",
			 when < 0 ? "(before the year 0)" : "(beyond the year 9999)");
		return text;
	}
	days = (when - WHEN_MIN) / DAY + WHEN_MIN / DAY;
	second = when - days * DAY;
	date = civil_of(days);
	memcpy(text, "YYYY-MM-DDThh:mm:ssZ", sizeof("YYYY-MM-DDThh:mm:ssZ"));
	put_pair(text, date.year / 100);
	put_pair(text + 2, date.year);
	put_pair(text + 5, date.month);
	put_pair(text + 8, date.day);
	put_pair(text + 11, second / 3600);
	put_pair(text + 14, second / 60 % 60);
	put_pair(text + 17, second % 60);
	return text;
}

const char *jw_span_text(int64_t seconds, char text[JW_WHEN_TEXT])
{
	static const struct {
		uint64_t size;
		char name;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	uint64_t span = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
	size_t i = 0;
	uint64_t rest;

	while (i < 3 && span < units[i].size)
		i++;
	rest = i < 3 ? span % units[i].size / units[i + 1].size : 0;
	if (rest)
		snprintf(text, JW_WHEN_TEXT, "%llu%c%u%c",
			 (unsigned long long)(span / units[i].size), units[i].name,
			 (unsigned)(rest % 100), units[i + 1].name);
	else
		snprintf(text, JW_WHEN_TEXT, "%llu%c",
			 (unsigned long long)(span / units[i].size), units[i].name);
	return text;
}

static bool take_digits(struct jw_str *s, size_t count, uint64_t max, int64_t *ret_n)
{
	uint64_t n;

	if (s->len < count || !jw_str_u64(jw_str_head(*s, count), max, &n))
		return false;
	*s = jw_str_from(*s, count);
	*ret_n = (int64_t)n;
	return true;
}

static bool take_one_of(struct jw_str *s, const char *characters)
{
	if (!s->len || !s->ptr[0] || !strchr(characters, s->ptr[0]))
		return false;
	*s = jw_str_from(*s, 1);
	return true;
}

static int64_t month_days(int64_t year, int64_t month)
{
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (month == 2)
		return leap ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static bool take_date(struct jw_str *s, int64_t *ret_when)
{
	struct civil date;

	if (!take_digits(s, 4, 9999, &date.year) || !take_one_of(s, "-") ||
	    !take_digits(s, 2, 12, &date.month) || !take_one_of(s, "-") ||
	    !take_digits(s, 2, 31, &date.day))
		return false;
	if (!date.month || !date.day || date.day > month_days(date.year, date.month))
		return false;
	*ret_when = days_of(date) * DAY;
	return true;
}

/* "03:04:05" and a fraction, which is cut. */
static bool take_time(struct jw_str *s, int64_t *ret_seconds)
{
	int64_t hour;
	int64_t minute;
	int64_t second;
	int64_t digit;

	if (!take_digits(s, 2, 23, &hour) || !take_one_of(s, ":") ||
	    !take_digits(s, 2, 59, &minute) || !take_one_of(s, ":") ||
	    !take_digits(s, 2, 60, &second))
		return false;
	if (take_one_of(s, ".")) {
		if (!take_digits(s, 1, 9, &digit))
			return false;
		while (take_digits(s, 1, 9, &digit))
			;
	}
	*ret_seconds = hour * 3600 + minute * 60 + second;
	return true;
}

static bool take_offset(struct jw_str *s, int64_t *ret_seconds)
{
	bool west = s->len && s->ptr[0] == '-';
	int64_t hour;
	int64_t minute;

	if (take_one_of(s, "Zz")) {
		*ret_seconds = 0;
		return true;
	}
	if (!take_one_of(s, "+-") || !take_digits(s, 2, 23, &hour) || !take_one_of(s, ":") ||
	    !take_digits(s, 2, 59, &minute))
		return false;
	*ret_seconds = (hour * 3600 + minute * 60) * (west ? -1 : 1);
	return true;
}

static bool parse_moment(struct jw_str s, int64_t *ret_when)
{
	int64_t midnight;
	int64_t time;
	int64_t offset;
	bool leap_second;

	if (!take_date(&s, &midnight))
		return false;
	if (!s.len) {
		*ret_when = midnight;
		return true;
	}
	leap_second = s.len > 8 && s.ptr[7] == '6';
	if (!take_one_of(&s, "Tt ") || !take_time(&s, &time) || !take_offset(&s, &offset) ||
	    s.len)
		return false;
	/* RFC 3339 appendix D: a leap second only ever ends a day of UTC. */
	if (leap_second && (time - offset) % DAY)
		return false;
	*ret_when = midnight + time - offset;
	return true;
}

/* "@SECONDS", before 1970 with a minus. */
static bool parse_seconds(struct jw_str s, int64_t *ret_when)
{
	bool before = jw_str_starts(s, "-");
	uint64_t n;

	if (!jw_str_u64(jw_str_from(s, before), INT64_MAX, &n))
		return false;
	*ret_when = before ? -(int64_t)n : (int64_t)n;
	return true;
}

static bool parse_from_now(struct jw_str s, int64_t now, int64_t *ret_when)
{
	int64_t span;
	int64_t when;

	if (jw_str_seconds(jw_str_from(s, 1), 0, INT64_MAX, &span) != JW_NUMBER_OK)
		return false;
	if (__builtin_add_overflow(now, s.ptr[0] == '-' ? -span : span, &when))
		return false;
	*ret_when = when;
	return true;
}

static bool parse_any(struct jw_str s, int64_t now, int64_t *ret_when)
{
	if (jw_str_is(s, "now")) {
		*ret_when = now;
		return true;
	}
	if (jw_str_starts(s, "@"))
		return parse_seconds(jw_str_from(s, 1), ret_when);
	if (jw_str_starts(s, "+") || jw_str_starts(s, "-"))
		return parse_from_now(s, now, ret_when);
	return parse_moment(s, ret_when);
}

bool jw_when_parse(struct jw_str s, int64_t now, int64_t *ret_when)
{
	int64_t when = 0;

	if (!parse_any(s, now, &when) || when < WHEN_MIN || when > JW_WHEN_MAX)
		return false;
	*ret_when = when;
	return true;
}

static uint64_t month_of(struct jw_str name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (uint64_t i = 0; i < 12; i++)
		if (!memcmp(months + 3 * i, name.ptr, 3))
			return i + 1;
	return 0;
}

bool jw_when_http(struct jw_str s, int64_t *ret_when)
{
	static const char form[] = "xxx, dd xxx dddd dd:dd:dd GMT";
	jw_autobuf struct jw_buf text = JW_BUF(64);

	if (s.len != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		bool is_digit = s.ptr[i] >= '0' && s.ptr[i] <= '9';

		if (form[i] == 'd' ? !is_digit : form[i] != 'x' && form[i] != s.ptr[i])
			return false;
	}
	jw_buf_printf(&text, "%.4s-%02u-%.2sT%.8sZ", s.ptr + 12,
		      (unsigned)month_of(jw_str_from(s, 8)), s.ptr + 5, s.ptr + 17);
	return jw_when_parse(jw_buf_get(&text), 0, ret_when);
}

bool jw_when_http_text(int64_t when, char text[32])
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int64_t day = (when - WHEN_MIN) / DAY + WHEN_MIN / DAY;
	int64_t second = (when - WHEN_MIN) % DAY;
	struct civil date;

	if (when < WHEN_MIN || when > JW_WHEN_MAX)
		return false;
	date = civil_of(day);
	/* The year 0 began on a Saturday. */
	snprintf(text, 32, "%s, %02d %s %04d %02d:%02d:%02d GMT",
		 days[((when - WHEN_MIN) / DAY + 6) % 7], (int)date.day, months[date.month - 1],
		 (int)date.year, (int)(second / 3600), (int)(second / 60 % 60),
		 (int)(second % 60));
	return true;
}
