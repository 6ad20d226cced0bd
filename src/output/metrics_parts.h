/* SPDX-License-Identifier: MIT */
/* What the files of the metrics share among themselves; nobody else includes it. */
#pragma once

#include "output/metrics.h"

/* Behind a target's label that many more bytes may be read, and behind a sample's place in the page so many may be
 * written: copies of a fixed length cost a fraction of others. */
#define JW_PAD 32
#define JW_METRIC_NAME_MAX 95

/* Where the samples of one family go. */
struct jw_samples {
	struct jw_buf *buf;
	const struct jw_metric *metric;
	enum jw_dialect dialect;
	struct jw_str
		target; /* the label of the target at hand, as it is written; empty: none */
	bool has_head;	/* HELP and TYPE are written */
	size_t name_len;
	char name[JW_METRIC_NAME_MAX + 1 +
		  JW_PAD]; /* with a brace behind it, which name_len doesn't count */
};

/* Adds one sample: `labels` beside the target's as they are written, {0} for none; `value` has so many decimals
 * (1500 with 3 is 1.5). */
void jw_sample(struct jw_samples *samples, struct jw_str labels, int64_t value,
	       unsigned decimals);

/* Appends name="value", with a comma in front where something stands before it since `start`. The value is made fit to be
 * shown, free of tokens, and escaped. False past the maximum. */
bool jw_label(struct jw_buf *buf, size_t start, const char *name, const char *value);

/* The labels of all rows, no two alike. */
struct jw_labels {
	struct jw_buf bytes;
	struct jw_label_place {
		size_t start;
		size_t len;
	} * places; /* one a row */
};

/* False where it would be too large; jw_labels_done is due in any case. */
bool jw_labels_init(struct jw_labels *labels, const struct jw_metrics_row *rows, size_t count);
void jw_labels_done(struct jw_labels *labels);
/* JW_PAD bytes more may be read behind it. */
static inline struct jw_str jw_labels_of(const struct jw_labels *labels, size_t row)
{
	struct jw_label_place place = labels->places[row];

	return (struct jw_str){labels->bytes.ptr + place.start, place.len};
}
