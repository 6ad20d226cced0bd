/* SPDX-License-Identifier: MIT */
/* What the files of the metrics share among themselves; nobody else includes it. */
#pragma once

#include "output/metrics.h"

/* Where the samples of one family go. */
struct jw_samples {
	struct jw_buf *buf;
	const struct jw_metric *metric;
	struct jw_str name; /* of the metric */
	struct jw_str
		target; /* the label of the target at hand, as it is written; empty: none */
	bool has_head;	/* HELP and TYPE are written */
};

/* Adds one sample: `labels` beside the target's as they are written, {0} for none; `value` has so many decimals
 * (1500 with 3 is 1.5). */
void jw_sample(struct jw_samples *samples, struct jw_str labels, int64_t value,
	       unsigned decimals);

/* Appends name="value", with a comma in front where something stands before it since `start`. The value is made fit to be
 * shown, free of tokens, and escaped. False past the maximum. */
bool jw_label(struct jw_buf *buf, size_t start, const char *name, const char *value);

/* The label of each target of a report, made once for all its samples. */
struct jw_labels {
	struct jw_buf bytes;
	struct jw_label_place {
		size_t start;
		size_t len;
	} * places; /* one a result */
};

/* False where it would be too large; jw_labels_done is due in any case. */
bool jw_labels_init(struct jw_labels *labels, const struct jw_report *report);
void jw_labels_done(struct jw_labels *labels);
struct jw_str jw_labels_of(const struct jw_labels *labels, size_t result);
