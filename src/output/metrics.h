/* SPDX-License-Identifier: MIT */
/* A report as metrics for Prometheus: metrics.def defines them, one walk writes them, whatever the page. */
#pragma once

#include "core/runner.h"

/* The pages that metrics are written to; metrics.def says which of them has which. */
enum jw_page {
	JW_PAGE_REPORT = 1, /* of many targets, by the label `target`: check -o prometheus */
	JW_PAGE_PROBE = 2,  /* of one target, which the scraper itself names */
};

enum jw_metric_type {
	JW_METRIC_GAUGE,
	JW_METRIC_INFO, /* always 1, for the sake of its labels; text 0.0.4 calls it a gauge */
};

struct jw_samples;

/* One family. Exactly one of the two functions is there; it adds the samples whose values are known. */
struct jw_metric {
	const char *name;
	enum jw_metric_type type;
	unsigned pages;	    /* of enum jw_page */
	const char *labels; /* beside `target`, with commas between */
	const char *
		help; /* one for all instances and versions: a textfile collector drops what differs */
	void (*of_report)(struct jw_samples *samples, const struct jw_report *report);
	void (*of_target)(struct jw_samples *samples, const struct jw_result *result);
};

extern const struct jw_metric jw_metrics[]; /* ended by {0} */

/* Appends the page in text format 0.0.4: families without a sample are left out, a value that isn't known too. Names of
 * targets that look alike are told apart by a number behind them, so no series is there twice. Where the page would pass
 * the buffer's maximum nothing of it is appended, and `overflowed` is set. */
void jw_metrics_write(const struct jw_report *report, enum jw_page page, struct jw_buf *buf);
