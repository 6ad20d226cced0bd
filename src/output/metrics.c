/* SPDX-License-Identifier: MIT */
/* The page of metrics: a walk over the families, in each over the targets, in text format 0.0.4. */
#include "output/metrics.h"

#include <string.h>

#include "output/formatting.h"
#include "output/metrics_parts.h"

/* 19 digits, a sign, a point. */
#define NUMBER_MAX 24

/* Info metrics and gauges are one thing in this format. */
static const char *const types[] = {[JW_METRIC_GAUGE] = "gauge", [JW_METRIC_INFO] = "gauge"};

static void write_head(struct jw_samples *samples)
{
	const struct jw_metric *metric = samples->metric;
	struct jw_buf *buf = samples->buf;

	jw_buf_text(buf, "# HELP ");
	jw_buf_str(buf, samples->name);
	jw_buf_char(buf, ' ');
	jw_buf_text(buf, metric->help);
	jw_buf_text(buf, "\n# TYPE ");
	jw_buf_str(buf, samples->name);
	jw_buf_char(buf, ' ');
	jw_buf_text(buf, types[metric->type]);
	jw_buf_char(buf, '\n');
	samples->has_head = true;
}

/* At the end of `text`, by hand: printf would be half of the page's cost. */
static struct jw_str number(char text[NUMBER_MAX], int64_t value, unsigned decimals)
{
	uint64_t n = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char *end = text + NUMBER_MAX;
	char *at = end;

	for (; decimals && n % 10 == 0; decimals--)
		n /= 10;
	for (unsigned digits = 0; n || digits <= decimals; digits++) {
		if (digits && digits == decimals)
			*--at = '.';
		*--at = (char)('0' + n % 10);
		n /= 10;
	}
	if (value < 0)
		*--at = '-';
	return (struct jw_str){at, (size_t)(end - at)};
}

static char *put(char *to, struct jw_str s)
{
	if (s.len)
		memcpy(to, s.ptr, s.len);
	return to + s.len;
}

void jw_sample(struct jw_samples *samples, struct jw_str labels, int64_t value,
	       unsigned decimals)
{
	char text[NUMBER_MAX];
	struct jw_str digits = number(text, value, decimals);
	struct jw_str target = samples->target;
	bool has_labels = target.len || labels.len;
	bool has_both = target.len && labels.len;
	char *to;

	if (!samples->has_head)
		write_head(samples);
	/* Two braces, a comma, a blank, a newline. */
	to = jw_buf_reserve(samples->buf, samples->name.len + 2 * has_labels + target.len +
						  has_both + labels.len + digits.len + 2);
	if (!to)
		return;
	to = put(to, samples->name);
	if (has_labels)
		*to++ = '{';
	to = put(to, target);
	if (has_both)
		*to++ = ',';
	to = put(to, labels);
	if (has_labels)
		*to++ = '}';
	*to++ = ' ';
	to = put(to, digits);
	*to++ = '\n';
	*to = '\0';
	samples->buf->len = (size_t)(to - samples->buf->ptr);
}

static void write_family(const struct jw_metric *metric, const struct jw_report *report,
			 const struct jw_labels *labels, enum jw_page page, struct jw_buf *buf)
{
	struct jw_samples samples = {
		.buf = buf, .metric = metric, .name = jw_str_of(metric->name)};

	if (metric->of_report) {
		metric->of_report(&samples, report);
		return;
	}
	for (size_t i = 0; i < report->count && !buf->overflowed; i++) {
		if (page != JW_PAGE_PROBE)
			samples.target = jw_labels_of(labels, i);
		metric->of_target(&samples, &report->results[i]);
	}
}

void jw_metrics_write(const struct jw_report *report, enum jw_page page, struct jw_buf *buf)
{
	size_t start = buf->len;
	struct jw_labels labels;

	if (!jw_labels_init(&labels, report))
		buf->overflowed = true;
	for (const struct jw_metric *metric = jw_metrics; metric->name && !buf->overflowed;
	     metric++)
		if (metric->pages & page)
			write_family(metric, report, &labels, page, buf);
	/* Half a page would take series away that are still there. */
	if (buf->overflowed)
		buf->len = start;
	if (buf->ptr)
		buf->ptr[buf->len] = '\0';
	jw_labels_done(&labels);
}

void jw_format_prometheus(const struct jw_report *report, const struct jw_style *style,
			  struct jw_buf *buf)
{
	(void)style;
	jw_metrics_write(report, JW_PAGE_REPORT, buf);
}
