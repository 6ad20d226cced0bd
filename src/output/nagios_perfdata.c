/* SPDX-License-Identifier: MIT */
/* A monitoring plugin's performance data: the same items in each run of the same configuration. */
#include <string.h>

#include "contract/check.h"
#include "output/formatting.h"

#define PERFDATA_MAX 2560
/* So many targets have an item each. */
#define NAMED_MAX 20
/* A number of seconds up to the year 9999, with sign and unit, or with the colon of a range. */
#define NUMBER_MAX 14
#define THRESHOLD_MAX 64

struct data {
	struct jw_buf *buf;
	enum jw_perfdata kind;
	const struct jw_report *report;
};

/* '=' ends a label in Icinga, "::" makes it a prefix of the others, a quote ends it. */
static void escaped(struct jw_buf *buf, const char *name)
{
	size_t start = buf->len;

	jw_nagios_text(buf, jw_str_of(name));
	for (size_t i = start; i < buf->len; i++)
		if (strchr("=':", buf->ptr[i]))
			buf->ptr[i] = '_';
}

/* What isn't known this time is U, so that databases find the item that they wait for; where plain numbers are
 * wanted it is left out, since Icinga takes no U. False: there is no value to write. */
static bool item(struct data *data, const char *label, bool is_known)
{
	if (!is_known && data->kind == JW_PERFDATA_NUMBER)
		return false;
	jw_buf_printf(data->buf, " '%s'=%s", label, is_known ? "" : "U");
	return is_known;
}

static void threshold(struct data *data, const struct jw_threshold *threshold, int64_t lifetime)
{
	jw_autobuf struct jw_buf text = JW_BUF(THRESHOLD_MAX);

	if (data->kind == JW_PERFDATA_NUMBER)
		jw_threshold_number(threshold, lifetime, &text);
	else
		jw_threshold_range(threshold, lifetime, &text);
	jw_buf_char(data->buf, ';');
	jw_buf_str(data->buf, jw_buf_get(&text));
}

static void at_least(struct data *data, int64_t seconds)
{
	jw_buf_char(data->buf, ';');
	if (seconds)
		jw_buf_printf(data->buf, "%lld%s", (long long)seconds,
			      data->kind == JW_PERFDATA_NUMBER ? "" : ":");
}

static bool holds_tokens(const struct jw_result *result)
{
	const struct jw_check *check = result->target->check;

	return check && check->kind != JW_CHECK_SERVER;
}

static void seconds_left(struct data *data, const struct jw_result *result, const char *label)
{
	const struct jw_token *token = jw_result_token(result);
	const struct jw_expect *expect = &result->target->expect;
	int64_t left = 0;

	if (!item(data, label, jw_token_left(token, result->now, &left)))
		return;
	jw_buf_printf(data->buf, "%llds", (long long)left);
	threshold(data, &expect->warning, jw_token_lifetime(token));
	threshold(data, &expect->critical, jw_token_lifetime(token));
}

static void share(struct data *data, const struct jw_result *result)
{
	const struct jw_token *token = jw_result_token(result);
	int64_t lifetime = jw_token_lifetime(token);
	int64_t left = 0;

	if (!item(data, "share", jw_token_left(token, result->now, &left) && lifetime))
		return;
	left = left < 0 ? 0 : left;
	/* Before the token was made there is more left than it ever had. */
	left = left > lifetime ? lifetime : left;
	jw_buf_printf(data->buf, "%lld%%", (long long)(left * 100 / lifetime));
}

static void clock_offset(struct data *data, const struct jw_result *result)
{
	const struct jw_exchange *exchange = jw_result_exchange(result);
	const struct jw_livekit *livekit = jw_result_livekit(result);
	bool by_exchange = exchange && exchange->has_clock;

	if (item(data, "clock_offset", by_exchange || (livekit && livekit->has_clock)))
		jw_buf_printf(data->buf, "%llds",
			      (long long)(by_exchange ? exchange->clock_offset
						      : livekit->clock_offset));
}

/* Of all that were met, the one that ends first. */
static void certificate(struct data *data, const struct jw_result *result)
{
	const struct jw_expect *expect = &result->target->expect;
	int64_t first = 0;

	for (size_t i = 0; i < result->facts.exchange_count; i++) {
		int64_t expires = result->facts.exchanges[i].certificate_expires;

		if (expires && (!first || expires < first))
			first = expires;
	}
	if (!item(data, "certificate", first != 0))
		return;
	jw_buf_printf(data->buf, "%llds", (long long)(first - result->now));
	at_least(data, expect->certificate_warning);
	at_least(data, expect->certificate_critical);
}

static bool has_certificate(const char *url)
{
	return url && (jw_str_starts(jw_str_of(url), "https:") ||
		       jw_str_starts(jw_str_of(url), "wss:"));
}

static void single(struct data *data)
{
	const struct jw_result *result = &data->report->results[0];
	const struct jw_target *target = result->target;
	const char *url = jw_target_url(target);

	/* Nothing was checked: which items there would be can't be told. */
	if (!target->check)
		return;
	if (holds_tokens(result)) {
		seconds_left(data, result, "left");
		share(data, result);
	}
	item(data, "time", true);
	jw_buf_printf(data->buf, "%lld.%03llds", (long long)(result->duration_ms / 1000),
		      (long long)(result->duration_ms % 1000));
	if (url || target->expect.accepted_by)
		clock_offset(data, result);
	if (has_certificate(url) || has_certificate(target->expect.accepted_by))
		certificate(data, result);
}

/* The label of a target; what looks the same once it is escaped is numbered. */
static void label_of(const struct jw_report *report, size_t index, struct jw_buf *label)
{
	size_t same = 1;

	escaped(label, report->results[index].target->name);
	for (size_t i = 0; i < index; i++) {
		jw_autobuf struct jw_buf other = JW_BUF(PERFDATA_MAX);

		escaped(&other, report->results[i].target->name);
		same += jw_str_eq(jw_buf_get(&other), jw_buf_get(label));
	}
	if (same > 1)
		jw_buf_printf(label, "_%zu", same);
}

static size_t most_of(const struct jw_threshold *threshold)
{
	if (threshold->kind == JW_THRESHOLD_NONE)
		return 0;
	return threshold->kind == JW_THRESHOLD_RANGE ? strlen(threshold->given) : NUMBER_MAX;
}

/* Whether each can have an item: it hangs on names and thresholds, never on what was found this time. */
static bool fit(const struct jw_report *report)
{
	size_t len = 0;

	if (report->count > NAMED_MAX)
		return false;
	for (size_t i = 0; i < report->count; i++) {
		const struct jw_expect *expect = &report->results[i].target->expect;
		jw_autobuf struct jw_buf label = JW_BUF(PERFDATA_MAX);

		label_of(report, i, &label);
		len += label.len + strlen(" ''=;;") + NUMBER_MAX + most_of(&expect->warning) +
		       most_of(&expect->critical);
	}
	return len <= PERFDATA_MAX;
}

static void named(struct data *data)
{
	for (size_t i = 0; i < data->report->count; i++) {
		jw_autobuf struct jw_buf label = JW_BUF(PERFDATA_MAX);

		if (!holds_tokens(&data->report->results[i]))
			continue;
		label_of(data->report, i, &label);
		seconds_left(data, &data->report->results[i], label.ptr ? label.ptr : "");
	}
}

static void counts(struct data *data)
{
	const struct jw_report *report = data->report;
	size_t by_state[4];
	int64_t earliest = INT64_MAX;
	bool any_token = false;

	jw_report_count(report, by_state);
	jw_buf_printf(data->buf, " 'ok'=%zu 'warning'=%zu 'critical'=%zu 'unknown'=%zu",
		      by_state[JW_STATE_OK], by_state[JW_STATE_WARNING],
		      by_state[JW_STATE_CRITICAL], by_state[JW_STATE_UNKNOWN]);
	for (size_t i = 0; i < report->count; i++) {
		const struct jw_result *result = &report->results[i];
		int64_t left;

		any_token = any_token || holds_tokens(result);
		if (jw_token_left(jw_result_token(result), result->now, &left) &&
		    left < earliest)
			earliest = left;
	}
	if (any_token && item(data, "earliest", earliest != INT64_MAX))
		jw_buf_printf(data->buf, "%llds", (long long)earliest);
}

void jw_nagios_perfdata(const struct jw_report *report, enum jw_perfdata kind,
			struct jw_buf *buf)
{
	jw_autobuf struct jw_buf items = JW_BUF(PERFDATA_MAX);
	struct data data = {&items, kind, report};

	if (kind == JW_PERFDATA_NONE)
		return;
	if (report->count == 1)
		single(&data);
	else if (fit(report))
		named(&data);
	else
		counts(&data);
	if (!items.len)
		return;
	jw_buf_text(buf, " |");
	jw_buf_str(buf, jw_buf_get(&items));
}
