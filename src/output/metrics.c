/* SPDX-License-Identifier: MIT */
/* The page of metrics: a walk over the families, in each over the targets, in text format 0.0.4 or in OpenMetrics. */
#include "output/metrics.h"

#include <assert.h>
#include <string.h>

#include "output/formatting.h"
#include "output/metrics_parts.h"

/* 19 digits, a sign, a point. */
#define NUMBER_MAX 24
#define CACHE_LINE 64
/* So many rows are written while the numbers of one come from memory. */
#define AHEAD 16

/* Info metrics and gauges are one thing in text format 0.0.4. */
static const char *const types[][3] = {
	[JW_TEXT_0_0_4] = {[JW_METRIC_GAUGE] = "gauge",
			   [JW_METRIC_COUNTER] = "counter",
			   [JW_METRIC_INFO] = "gauge"},
	[JW_OPENMETRICS_1_0] = {[JW_METRIC_GAUGE] = "gauge",
				[JW_METRIC_COUNTER] = "counter",
				[JW_METRIC_INFO] = "info"},
};

static bool ends_in(struct jw_str s, struct jw_str end)
{
	return s.len > end.len && !memcmp(s.ptr + s.len - end.len, end.ptr, end.len);
}

/* In OpenMetrics a family's name lacks the end by which its samples tell their type. */
static struct jw_str family_name(const struct jw_samples *samples)
{
	static const struct jw_str ends[] = {
		[JW_METRIC_COUNTER] = JW_STR("_total"), [JW_METRIC_INFO] = JW_STR("_info")};
	struct jw_str name = {samples->name, samples->name_len};
	struct jw_str end = {0};

	if (samples->dialect == JW_OPENMETRICS_1_0 && samples->metric->type != JW_METRIC_GAUGE)
		end = ends[samples->metric->type];
	if (end.len && ends_in(name, end))
		name.len -= end.len;
	return name;
}

static void write_line(struct jw_buf *buf, const char *start, struct jw_str name,
		       const char *text)
{
	jw_buf_text(buf, start);
	jw_buf_str(buf, name);
	jw_buf_char(buf, ' ');
	jw_buf_text(buf, text);
	jw_buf_char(buf, '\n');
}

static void write_unit(struct jw_buf *buf, struct jw_str name)
{
	if (ends_in(name, JW_STR("_seconds")))
		write_line(buf, "# UNIT ", name, "seconds");
	else if (ends_in(name, JW_STR("_bytes")))
		write_line(buf, "# UNIT ", name, "bytes");
}

static void write_head(struct jw_samples *samples)
{
	const struct jw_metric *metric = samples->metric;
	struct jw_str name = family_name(samples);
	struct jw_buf *buf = samples->buf;

	if (samples->dialect == JW_TEXT_0_0_4)
		write_line(buf, "# HELP ", name, metric->help);
	write_line(buf, "# TYPE ", name, types[samples->dialect][metric->type]);
	if (samples->dialect == JW_OPENMETRICS_1_0) {
		write_unit(buf, name);
		write_line(buf, "# HELP ", name, metric->help);
	}
	samples->has_head = true;
}

static unsigned count_digits(uint64_t n)
{
	unsigned digits = 1;

	while (n >= 100000000) {
		n /= 100000000;
		digits += 8;
	}
	if (n >= 10000) {
		n /= 10000;
		digits += 4;
	}
	return digits + (n >= 10) + (n >= 100) + (n >= 1000);
}

static void put_pair(char *to, uint32_t n)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";

	memcpy(to, &pairs[n * 2], 2);
}

/* Divisions that don't wait for each other. */
static void put_eight(char *to, uint32_t n)
{
	uint32_t high = n / 10000;
	uint32_t low = n % 10000;

	put_pair(to, high / 100);
	put_pair(to + 2, high % 100);
	put_pair(to + 4, low / 100);
	put_pair(to + 6, low % 100);
}

/* So many digits, zeros in front; the last ones first. */
static char *put_digits(char *to, uint64_t n, unsigned digits)
{
	char *at = to + digits;

	for (; digits >= 8; digits -= 8) {
		at -= 8;
		put_eight(at, (uint32_t)(n % 100000000));
		n /= 100000000;
	}
	for (; digits >= 2; digits -= 2) {
		at -= 2;
		put_pair(at, (uint32_t)(n % 100));
		n /= 100;
	}
	if (digits)
		at[-1] = (char)('0' + n % 10);
	return to;
}

static char *put_whole(char *to, uint64_t n)
{
	unsigned digits;

	if (n < 10) {
		*to = (char)('0' + n);
		return to + 1;
	}
	digits = count_digits(n);
	return put_digits(to, n, digits) + digits;
}

/* By hand: printf would be most of the page's cost, and so would a division by what isn't a constant. */
static char *put_number(char *to, int64_t value, unsigned decimals)
{
	static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
	uint64_t n = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	if (value < 0)
		*to++ = '-';
	for (; decimals && n % 10 == 0; decimals--)
		n /= 10;
	if (!decimals)
		return put_whole(to, n);
	to = put_whole(to, n / powers[decimals]);
	*to++ = '.';
	return put_digits(to, n % powers[decimals], decimals) + decimals;
}

/* Copies and writes up to JW_PAD bytes more than there are. */
static char *put_padded(char *to, const char *from, size_t len)
{
	size_t done = 0;

	do {
		memcpy(to + done, from + done, JW_PAD);
		done += JW_PAD;
	} while (done < len);
	return to + len;
}

/* The last samples before the buffer's maximum: to the byte. Apart, so that the others don't pay for its array. */
static __attribute__((noinline)) void
add_exactly(struct jw_samples *samples, struct jw_str labels, int64_t value, unsigned decimals)
{
	jw_autobuf struct jw_buf line = JW_BUF(SIZE_MAX / 2);
	struct jw_str target = samples->target;
	char number[NUMBER_MAX];
	size_t len = (size_t)(put_number(number, value, decimals) - number);

	jw_buf_add(&line, samples->name, samples->name_len);
	if (target.len || labels.len)
		jw_buf_char(&line, '{');
	jw_buf_str(&line, target);
	if (target.len && labels.len)
		jw_buf_char(&line, ',');
	jw_buf_str(&line, labels);
	if (target.len || labels.len)
		jw_buf_char(&line, '}');
	jw_buf_char(&line, ' ');
	jw_buf_add(&line, number, len);
	jw_buf_char(&line, '\n');
	jw_buf_str(samples->buf, jw_buf_get(&line));
}

static bool has_room(struct jw_buf *buf, size_t len)
{
	if (len < buf->size - buf->len)
		return true;
	return len <= buf->max - buf->len && jw_buf_reserve(buf, len);
}

void jw_sample(struct jw_samples *samples, struct jw_str labels, int64_t value,
	       unsigned decimals)
{
	struct jw_buf *buf = samples->buf;
	struct jw_str target = samples->target;
	bool has_labels = target.len || labels.len;
	char *to;

	if (!samples->has_head)
		write_head(samples);
	if (!has_room(buf, sizeof(samples->name) + target.len + labels.len + NUMBER_MAX +
				   3 * JW_PAD)) {
		add_exactly(samples, labels, value, decimals);
		return;
	}
	to = put_padded(buf->ptr + buf->len, samples->name, samples->name_len + has_labels);
	if (target.len)
		to = put_padded(to, target.ptr, target.len);
	if (target.len && labels.len)
		*to++ = ',';
	if (labels.len)
		to = mempcpy(to, labels.ptr, labels.len);
	if (has_labels)
		*to++ = '}';
	*to++ = ' ';
	to = put_number(to, value, decimals);
	*to++ = '\n';
	buf->len = (size_t)(to - buf->ptr);
}

/* The rows' numbers lie all over the memory, and what isn't asked for ahead is waited for. */
static void fetch(const struct jw_metric *metric, const struct jw_metrics_row *row)
{
	const char *at =
		metric->of_target ? (const char *)row->numbers : (const char *)row->record;

	if (!at)
		return;
	__builtin_prefetch(at);
	__builtin_prefetch(at + CACHE_LINE);
}

static void write_rows(struct jw_samples *samples, const struct jw_metrics_page *page,
		       const struct jw_labels *labels)
{
	const struct jw_metric *metric = samples->metric;

	for (size_t i = 0; i < page->count && !samples->buf->overflowed; i++) {
		const struct jw_metrics_row *row = &page->rows[i];

		if (i + AHEAD < page->count)
			fetch(metric, row + AHEAD);
		if (page->page != JW_PAGE_PROBE)
			samples->target = jw_labels_of(labels, i);
		if (metric->of_target && row->numbers)
			metric->of_target(samples, row->numbers);
		else if (metric->of_record && row->record)
			metric->of_record(samples, row->record);
	}
}

static void write_family(const struct jw_metric *metric, const struct jw_metrics_page *page,
			 const struct jw_labels *labels, struct jw_buf *buf)
{
	struct jw_samples samples = {.buf = buf, .metric = metric, .dialect = page->dialect};

	samples.name_len = strlen(metric->name);
	assert(samples.name_len <= JW_METRIC_NAME_MAX);
	memcpy(samples.name, metric->name, samples.name_len);
	samples.name[samples.name_len] = '{';
	if (metric->of_page)
		metric->of_page(&samples, page);
	else if (metric->of_daemon && page->daemon)
		metric->of_daemon(&samples, page->daemon);
	else
		write_rows(&samples, page, labels);
}

void jw_metrics_page_write(const struct jw_metrics_page *page, struct jw_buf *buf)
{
	size_t start = buf->len;
	struct jw_labels labels;

	if (!jw_labels_init(&labels, page->rows, page->count))
		buf->overflowed = true;
	for (const struct jw_metric *metric = jw_metrics; metric->name && !buf->overflowed;
	     metric++)
		if (metric->pages & page->page)
			write_family(metric, page, &labels, buf);
	if (page->dialect == JW_OPENMETRICS_1_0)
		jw_buf_text(buf, "# EOF\n");
	/* Half a page would take series away that are still there. */
	if (buf->overflowed)
		buf->len = start;
	if (buf->ptr)
		buf->ptr[buf->len] = '\0';
	jw_labels_done(&labels);
}

void jw_metrics_write(const struct jw_report *report, enum jw_page kind, struct jw_buf *buf)
{
	jw_autofree struct jw_metrics_row *rows = jw_xcalloc(report->count, sizeof(*rows));
	jw_autofree struct jw_numbers *numbers = jw_xcalloc(report->count, sizeof(*numbers));
	const struct jw_metrics_page page = {
		.page = kind,
		.rows = rows,
		.count = report->count,
		.now = report->now,
		.simulated = report->simulated,
	};
	struct jw_arena arena = {0};

	for (size_t i = 0; i < report->count; i++) {
		const struct jw_result *result = &report->results[i];

		jw_numbers_of(result, &arena, &numbers[i]);
		rows[i] = (struct jw_metrics_row){.name = result->target->name,
						  .target = result->target,
						  .numbers = &numbers[i],
						  .record = result->record};
	}
	jw_metrics_page_write(&page, buf);
	jw_arena_done(&arena);
}

void jw_format_prometheus(const struct jw_report *report, const struct jw_style *style,
			  struct jw_buf *buf)
{
	(void)style;
	jw_metrics_write(report, JW_PAGE_REPORT, buf);
}
