/* SPDX-License-Identifier: MIT */
/* Targets and the daemon as metrics for Prometheus: metrics.def defines them, one walk writes them, whatever the page. */
#pragma once

#include "core/monitor.h"
#include "core/numbers.h"
#include "core/outbox.h"
#include "core/scheduler.h"
#include "core/token_policy.h"

/* The pages that metrics are written to; metrics.def says which of them has which. */
enum jw_page {
	JW_PAGE_REPORT = 1,   /* of many targets, by the label `target`: check -o prometheus */
	JW_PAGE_PROBE = 2,    /* of one target, which the scraper itself names */
	JW_PAGE_DAEMON = 4,   /* of all targets, and of the daemon and its process */
	JW_PAGE_TEXTFILE = 8, /* the same without the process: another one serves the page */
};

/* Both show the same series. */
enum jw_dialect { JW_TEXT_0_0_4, JW_OPENMETRICS_1_0 };

enum jw_metric_type {
	JW_METRIC_GAUGE,
	JW_METRIC_COUNTER,
	JW_METRIC_INFO, /* always 1, for the sake of its labels; text 0.0.4 calls it a gauge */
};

/* One target's part of a page. All borrowed. */
struct jw_metrics_row {
	const char *name;
	const struct jw_target *target;
	const struct jw_numbers *numbers; /* NULL: it wasn't checked yet */
	const struct jw_record *record;	  /* NULL: no daemon */
	/* target="..." as it is written, where the owner keeps it (jw_metrics_label); empty: it is made here. */
	struct jw_str label;
};

struct jw_sink_numbers {
	const char *name;
	struct jw_outbox_numbers outbox;
};

/* 0: not known, no sample. */
struct jw_process_numbers {
	bool is_known;
	int64_t start_time; /* Unix time */
	int64_t cpu_us;
	int64_t resident_bytes;
	int64_t virtual_bytes;
	int64_t open_fds;
	int64_t max_fds;
};

/* Whatever of the daemon isn't a target's. */
struct jw_daemon_numbers {
	size_t configured; /* targets */
	size_t enabled;
	struct jw_sched_numbers scheduler;
	bool was_reload_good;
	int64_t reloaded_at;		 /* Unix time of the last good one; 0: none */
	uint64_t errors[JW_CAUSE_COUNT]; /* results that weren't OK, by cause */
	size_t polled;			 /* paths that are looked at again and again */
	size_t hanging;			 /* threads */
	uint64_t clock_jumps;
	uint64_t renewals;
	uint64_t renewal_failures;
	bool has_state;
	int64_t state_written_at; /* Unix time; 0: not yet */
	bool has_token_api;
	uint64_t tokens_given;
	uint64_t tokens_refused[JW_TOKEN_REASONS];
	const struct jw_sink_numbers *sinks;
	size_t sink_count;
	struct jw_process_numbers process;
};

struct jw_metrics_page {
	enum jw_page page;
	enum jw_dialect dialect;
	const struct jw_metrics_row *rows;
	size_t count;
	const struct jw_daemon_numbers
		*daemon; /* NULL: none, as on all pages but DAEMON and TEXTFILE */
	int64_t now;
	bool simulated;	  /* --at: for `now` */
	int64_t probe_ms; /* of a PROBE: from the request to the page */
};

struct jw_samples;

/* One family. Exactly one of the functions is there; it adds the samples whose values are known. */
struct jw_metric {
	const char *name;
	enum jw_metric_type type;
	unsigned pages;	    /* of enum jw_page */
	const char *labels; /* beside `target`, with commas between */
	const char *
		help; /* one for all instances and versions: a textfile collector drops what differs */
	void (*of_page)(struct jw_samples *samples, const struct jw_metrics_page *page);
	void (*of_daemon)(struct jw_samples *samples, const struct jw_daemon_numbers *daemon);
	void (*of_target)(struct jw_samples *samples, const struct jw_numbers *numbers);
	void (*of_record)(struct jw_samples *samples, const struct jw_record *record);
};

extern const struct jw_metric jw_metrics[]; /* ended by {0} */

/* Appends the page: families without a sample are left out, a value that isn't known too. Names of targets that look
 * alike are told apart by a number behind them, so no series is there twice. Where the page would pass the
 * buffer's maximum nothing of it is appended, and `overflowed` is set. */
void jw_metrics_page_write(const struct jw_metrics_page *page, struct jw_buf *buf);
/* The page of a report, in text format 0.0.4. */
void jw_metrics_write(const struct jw_report *report, enum jw_page page, struct jw_buf *buf);

/* Appends target="NAME" as a row takes it. False past the maximum. */
bool jw_metrics_label(struct jw_buf *buf, const char *name);

/* The dialect that a client wants by its Accept header (NULL: it sent none): OpenMetrics where it ranks that no lower
 * than text. */
enum jw_dialect jw_metrics_negotiate(const char *accept);
const char *jw_metrics_media_type(enum jw_dialect dialect);
