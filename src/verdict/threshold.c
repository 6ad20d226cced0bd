/* SPDX-License-Identifier: MIT */
/* How much must be left: a duration, a share of the lifetime, the lesser of two, or a Nagios range. */
#include "verdict/threshold.h"

#include "base/utf.h"

/* A hundred years: what is longer was meant otherwise. */
#define SECONDS_MAX (INT64_C(36500) * 86400)
#define SHARE_WHOLE INT64_C(100000)
#define MINUS_INFINITY INT64_MIN
#define INFINITY_MS INT64_MAX
#define SHOWN_MAX 40

static struct jw_str skip_blanks(struct jw_str s)
{
	while (jw_str_starts(s, " "))
		s = jw_str_from(s, 1);
	return s;
}

static struct jw_str drop_blanks(struct jw_str s)
{
	while (s.len && s.ptr[s.len - 1] == ' ')
		s.len--;
	return s;
}

static bool ends_with(struct jw_str s, char c)
{
	return s.len && s.ptr[s.len - 1] == c;
}

static enum jw_cause refuse(struct jw_str text, const char *why, struct jw_err *err)
{
	jw_autobuf struct jw_buf shown = JW_BUF(SHOWN_MAX + 3);

	jw_utf_show(&shown, jw_str_head(text, SHOWN_MAX));
	if (text.len > SHOWN_MAX)
		jw_buf_text(&shown, "...");
	return jw_fail(err, JW_CONFIG, "\"%s\" %s", shown.ptr ? shown.ptr : "", why);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* n with one more digit behind it; past INT64_MAX it stays there. */
static int64_t push_digit(int64_t n, char c)
{
	int64_t digit = c - '0';

	return n > (INT64_MAX - digit) / 10 ? INT64_MAX : n * 10 + digit;
}

/* A decimal without a sign and with up to three places, exact, in thousandths. */
static bool parse_thousandths(struct jw_str s, int64_t *ret_n)
{
	size_t places = 0;
	size_t digits = 0;
	bool point = false;
	int64_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (!is_digit(s.ptr[i]))
			return false;
		n = push_digit(n, s.ptr[i]);
		digits++;
		places += point;
	}
	if (!digits || places > 3 || (point && !places))
		return false;
	for (; places < 3; places++)
		n = push_digit(n, '0');
	*ret_n = n;
	return true;
}

/* An end of a range. What is beyond 64 bits becomes the outermost value, which no time left reaches. */
static bool parse_bound(struct jw_str s, int64_t *ret_ms)
{
	bool negative = jw_str_starts(s, "-");
	int64_t ms;

	if (!parse_thousandths(jw_str_from(s, negative), &ms))
		return false;
	*ret_ms = negative ? -ms : ms;
	return true;
}

static bool parse_start(struct jw_str s, int64_t *ret_ms)
{
	if (!s.len || jw_str_is(s, "~")) {
		*ret_ms = s.len ? MINUS_INFINITY : 0;
		return true;
	}
	return parse_bound(s, ret_ms);
}

static bool parse_end(struct jw_str s, int64_t *ret_ms)
{
	if (!s.len) {
		*ret_ms = INFINITY_MS;
		return true;
	}
	return parse_bound(s, ret_ms);
}

/* The monitoring plugin guidelines, "Range expressions". */
static enum jw_cause parse_range(struct jw_str text, struct jw_threshold *range,
				 struct jw_err *err)
{
	struct jw_str start = {0};
	struct jw_str end;

	range->kind = JW_THRESHOLD_RANGE;
	range->inside = jw_str_starts(text, "@");
	end = jw_str_from(text, range->inside);
	jw_str_cut(end, ':', &start, &end);
	if (!start.len && !end.len)
		return refuse(text, "is a range with neither a start nor an end", err);
	if (jw_str_is(end, "~"))
		return refuse(text, "is no range: ~ (minus infinity) can only be its start",
			      err);
	if (!parse_start(start, &range->start_ms) || !parse_end(end, &range->end_ms))
		return refuse(
			text,
			"is no range: it has the form start:end or @start:end, in seconds "
			"with up to three decimals, without units and blanks",
			err);
	if (range->start_ms > range->end_ms)
		return refuse(text, "is a range whose start is above its end", err);
	return JW_OK;
}

/* The lesser of two parts, of which 0 is an absent one. */
static int64_t lesser_part(int64_t a, int64_t b)
{
	if (!a || !b)
		return a ? a : b;
	return a < b ? a : b;
}

static enum jw_cause parse_share(struct jw_str s, struct jw_threshold *left, struct jw_err *err)
{
	int64_t share;

	if (!parse_thousandths(jw_str_head(s, s.len - 1), &share))
		return refuse(s, "is no share: write 20% or 12.5%, with up to three decimals",
			      err);
	if (share < 1 || share > SHARE_WHOLE)
		return refuse(s,
			      "is no share of a lifetime: it is more than 0% and at most 100%",
			      err);
	left->share = lesser_part(left->share, share);
	return JW_OK;
}

static enum jw_cause parse_part(struct jw_str s, struct jw_threshold *left, struct jw_err *err)
{
	int64_t seconds;

	if (ends_with(s, '%'))
		return parse_share(s, left, err);
	switch (jw_str_seconds(s, 1, SECONDS_MAX, &seconds)) {
	case JW_NUMBER_OK:
		left->seconds = lesser_part(left->seconds, seconds);
		return JW_OK;
	case JW_NUMBER_LOW:
		return refuse(s, "is no time to have left: it is one second at least", err);
	case JW_NUMBER_HIGH:
		return refuse(s, "is longer than 36500d", err);
	case JW_NUMBER_NO_UNIT:
		return refuse(s, "has no unit: write 90s, 15m, 1h or 2d", err);
	case JW_NUMBER_BAD:
		break;
	}
	return refuse(
		s,
		"is no threshold: write a duration (90s, 1h, 2d12h), a share of the lifetime "
		"(20%), the lesser of two (min(1h, 20%)), or a range in seconds (3600:)",
		err);
}

/* "min(a, b)": blanks may stand inside of the parentheses, behind "(" and "," and before ")". */
static enum jw_cause parse_min(struct jw_str text, struct jw_threshold *left,
			       struct jw_err *err)
{
	struct jw_str inside = jw_str_from(text, sizeof("min(") - 1);
	struct jw_str first;
	struct jw_str second;
	enum jw_cause cause;

	if (!ends_with(inside, ')') ||
	    !jw_str_cut(jw_str_head(inside, inside.len - 1), ',', &first, &second))
		return refuse(text, "is no threshold: min has two parts, as in min(1h, 20%)",
			      err);
	cause = parse_part(skip_blanks(first), left, err);
	if (!cause)
		cause = parse_part(drop_blanks(skip_blanks(second)), left, err);
	return cause;
}

static bool is_bare_number(struct jw_str text)
{
	int64_t ignored;

	return parse_bound(text, &ignored);
}

/* Everybody means "at least so much left"; the guidelines mean "0 to so much is fine". */
static enum jw_cause refuse_bare(struct jw_str text, struct jw_err *err)
{
	struct jw_str n = jw_str_head(text, SHOWN_MAX);

	if (jw_str_starts(text, "-"))
		return refuse(
			text,
			"is a number without a unit, and negative: write how much must be "
			"left, as in 1h, or a range, as in -10:0",
			err);
	return jw_fail(
		err, JW_CONFIG,
		"\"%.*s\" can be read in two ways: give it a unit (90s, 1h, 2d) to ask for at "
		"least so much time left, or write 0:%.*s for the Nagios range that is fine "
		"from 0 up to %.*s seconds",
		JW_STR_ARG(n), JW_STR_ARG(n), JW_STR_ARG(n));
}

static enum jw_cause parse(struct jw_str text, struct jw_threshold *threshold,
			   struct jw_err *err)
{
	if (!text.len)
		return jw_fail(err, JW_CONFIG, "the threshold is empty");
	if (jw_str_has(text, ":") || jw_str_has(text, "@"))
		return parse_range(text, threshold, err);
	if (is_bare_number(text))
		return refuse_bare(text, err);
	threshold->kind = JW_THRESHOLD_LEFT;
	if (jw_str_starts(text, "min("))
		return parse_min(text, threshold, err);
	return parse_part(text, threshold, err);
}

enum jw_cause jw_threshold_parse(struct jw_str text, struct jw_threshold *ret_threshold,
				 struct jw_err *err)
{
	struct jw_threshold threshold = {.given = text.ptr};
	enum jw_cause cause = parse(text, &threshold, err);

	if (!cause)
		*ret_threshold = threshold;
	return cause;
}

/* With the same parts in both, a warning that is nowhere above critical and somewhere below it never
 * comes before it. */
static bool is_reversed(const struct jw_threshold *warning, const struct jw_threshold *critical)
{
	if (!warning->seconds != !critical->seconds || !warning->share != !critical->share)
		return false;
	if (warning->seconds > critical->seconds || warning->share > critical->share)
		return false;
	return warning->seconds < critical->seconds || warning->share < critical->share;
}

enum jw_cause jw_threshold_order(const struct jw_threshold *warning,
				 const struct jw_threshold *critical, struct jw_err *err)
{
	if (warning->kind != JW_THRESHOLD_LEFT || critical->kind != JW_THRESHOLD_LEFT ||
	    !is_reversed(warning, critical))
		return JW_OK;
	return jw_fail(
		err, JW_CONFIG,
		"warning %s is less than critical %s: a warning comes first, so it asks for "
		"more time left",
		warning->given, critical->given);
}

/* The share of the lifetime in whole seconds, rounded up: less than that is left exactly when less than
 * the exact share is. */
static int64_t share_seconds(int64_t share, int64_t lifetime)
{
	int64_t rest = lifetime % SHARE_WHOLE * share;

	return lifetime / SHARE_WHOLE * share + (rest + SHARE_WHOLE - 1) / SHARE_WHOLE;
}

bool jw_threshold_seconds(const struct jw_threshold *threshold, int64_t lifetime,
			  int64_t *ret_seconds)
{
	int64_t seconds = threshold->seconds;

	if (threshold->kind != JW_THRESHOLD_LEFT)
		return false;
	if (threshold->share && lifetime > 0)
		seconds = lesser_part(seconds, share_seconds(threshold->share, lifetime));
	if (!seconds)
		return false;
	*ret_seconds = seconds;
	return true;
}

static bool is_in_range(const struct jw_threshold *range, int64_t left)
{
	const int64_t most = INT64_MAX / 1000;
	int64_t ms = (left > most ? most : left < -most ? -most : left) * 1000;

	return ms >= range->start_ms && ms <= range->end_ms;
}

enum jw_alert jw_threshold_alert(const struct jw_threshold *threshold, int64_t left,
				 int64_t lifetime)
{
	int64_t seconds;

	if (threshold->kind == JW_THRESHOLD_NONE)
		return JW_ALERT_NO;
	if (threshold->kind == JW_THRESHOLD_RANGE)
		return is_in_range(threshold, left) == threshold->inside ? JW_ALERT_YES
									 : JW_ALERT_NO;
	if (!jw_threshold_seconds(threshold, lifetime, &seconds))
		return JW_ALERT_UNKNOWABLE;
	return left < seconds ? JW_ALERT_YES : JW_ALERT_NO;
}

void jw_threshold_range(const struct jw_threshold *threshold, int64_t lifetime,
			struct jw_buf *buf)
{
	int64_t seconds;

	if (threshold->kind == JW_THRESHOLD_RANGE)
		jw_buf_text(buf, threshold->given);
	else if (jw_threshold_seconds(threshold, lifetime, &seconds))
		jw_buf_printf(buf, "%lld:", (long long)seconds);
}

/* False where it has two ends or none. A start of 0 counts as none where there is an end: 0:10 is written 10. */
static bool only_end(const struct jw_threshold *range, int64_t *ret_ms)
{
	if (range->end_ms == INFINITY_MS) {
		*ret_ms = range->start_ms;
		return range->start_ms != MINUS_INFINITY;
	}
	*ret_ms = range->end_ms;
	return range->start_ms == MINUS_INFINITY || !range->start_ms;
}

static void write_thousandths(int64_t ms, struct jw_buf *buf)
{
	int64_t rest = ms < 0 ? -(ms % 1000) : ms % 1000;

	jw_buf_printf(buf, "%s%lld", ms < 0 && ms > -1000 ? "-" : "", (long long)(ms / 1000));
	if (!rest || !jw_buf_printf(buf, ".%03lld", (long long)rest))
		return;
	while (buf->ptr[buf->len - 1] == '0')
		buf->ptr[--buf->len] = '\0';
}

void jw_threshold_number(const struct jw_threshold *threshold, int64_t lifetime,
			 struct jw_buf *buf)
{
	int64_t n;

	if (threshold->kind == JW_THRESHOLD_RANGE && only_end(threshold, &n))
		write_thousandths(n, buf);
	else if (jw_threshold_seconds(threshold, lifetime, &n))
		jw_buf_printf(buf, "%lld", (long long)n);
}
