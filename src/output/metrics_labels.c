/* SPDX-License-Identifier: MIT */
/* Labels: escaped, made once a target, and no two targets with the same. */
#include "output/metrics_parts.h"

#include <string.h>

#include "output/format.h"

#define BYTES_MAX ((size_t)256 << 20)
#define VALUE_MAX ((size_t)1 << 20)

/* No newline comes here: jw_text_line leaves none. */
static void escape(struct jw_buf *buf, struct jw_str value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] == '\\' || value.ptr[i] == '"')
			jw_buf_char(buf, '\\');
		jw_buf_char(buf, value.ptr[i]);
	}
}

bool jw_label(struct jw_buf *buf, size_t start, const char *name, const char *value)
{
	jw_autobuf struct jw_buf shown = JW_BUF(VALUE_MAX);

	jw_text_line(&shown, jw_str_of(value));
	if (buf->len > start)
		jw_buf_char(buf, ',');
	jw_buf_text(buf, name);
	jw_buf_text(buf, "=\"");
	escape(buf, jw_buf_get(&shown));
	jw_buf_char(buf, '"');
	return !buf->overflowed && !shown.overflowed;
}

static int compare(struct jw_str a, struct jw_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.ptr, b.ptr, len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_label(const void *a, const void *b, void *labels)
{
	size_t left = *(const size_t *)a;
	size_t right = *(const size_t *)b;
	int order = compare(jw_labels_of(labels, left), jw_labels_of(labels, right));

	return order ? order : (left > right) - (left < right);
}

/* Whether a target of the report has this label by its own name. */
static bool is_taken(const struct jw_labels *labels, const size_t *order, size_t count,
		     struct jw_str label)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;
		int way = compare(jw_labels_of(labels, order[middle]), label);

		if (!way)
			return true;
		if (way < 0)
			low = middle + 1;
		else
			count = middle;
	}
	return false;
}

/* The label with " (n)" behind the name: the first from *n on that nobody has. */
static struct jw_label_place numbered(struct jw_labels *labels, const size_t *order,
				      size_t count, struct jw_label_place place, size_t *n)
{
	struct jw_buf *bytes = &labels->bytes;
	size_t start = bytes->len;

	do {
		bytes->len = start;
		if (!jw_buf_reserve(bytes, place.len))
			break;
		jw_buf_add(bytes, bytes->ptr + place.start, place.len - 1);
		jw_buf_printf(bytes, " (%zu)\"", (*n)++);
	} while (!bytes->overflowed &&
		 is_taken(labels, order, count,
			  (struct jw_str){bytes->ptr + start, bytes->len - start}));
	return (struct jw_label_place){start, bytes->len - start};
}

/* Names that are told apart by what isn't shown, or that were refused twice. */
static void tell_apart(struct jw_labels *labels, size_t count)
{
	jw_autofree size_t *order = jw_xcalloc(count, sizeof(*order));
	jw_autofree struct jw_label_place *unique = jw_xcalloc(count, sizeof(*unique));
	size_t n = 2;

	for (size_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof(*order), by_label, labels);
	for (size_t i = 0; i < count; i++) {
		struct jw_label_place own = labels->places[order[i]];
		bool again = i && !compare(jw_labels_of(labels, order[i]),
					   jw_labels_of(labels, order[i - 1]));

		if (!again)
			n = 2;
		unique[order[i]] = again ? numbered(labels, order, count, own, &n) : own;
	}
	memcpy(labels->places, unique, count * sizeof(*unique));
}

static uint64_t hash(struct jw_str s)
{
	uint64_t sum = s.len;

	for (; s.len > 0; s = jw_str_from(s, 8)) {
		uint64_t word = 0;

		memcpy(&word, s.ptr, s.len < 8 ? s.len : 8);
		sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		sum ^= sum >> 32;
	}
	return sum;
}

/* Sorting is for those that need it: a scrape comes every few seconds. */
static bool has_doubles(const struct jw_labels *labels, size_t count)
{
	jw_autofree uint32_t *table = NULL;
	size_t size = 4;

	while (size < count * 2)
		size *= 2;
	table = jw_xcalloc(size, sizeof(*table));
	for (size_t i = 0; i < count; i++) {
		struct jw_str label = jw_labels_of(labels, i);
		size_t at = hash(label) & (size - 1);

		for (; table[at]; at = (at + 1) & (size - 1))
			if (jw_str_eq(jw_labels_of(labels, table[at] - 1), label))
				return true;
		table[at] = (uint32_t)i + 1;
	}
	return false;
}

bool jw_metrics_label(struct jw_buf *buf, const char *name)
{
	return jw_label(buf, buf->len, "target", name);
}

bool jw_labels_init(struct jw_labels *labels, const struct jw_metrics_row *rows, size_t count)
{
	jw_buf_init(&labels->bytes, BYTES_MAX);
	labels->places = jw_xcalloc(count, sizeof(*labels->places));
	for (size_t i = 0; i < count; i++) {
		size_t start = labels->bytes.len;

		if (rows[i].label.len ? !jw_buf_str(&labels->bytes, rows[i].label)
				      : !jw_metrics_label(&labels->bytes, rows[i].name))
			return false;
		labels->places[i] = (struct jw_label_place){start, labels->bytes.len - start};
	}
	if (count > 1 && has_doubles(labels, count))
		tell_apart(labels, count);
	return !labels->bytes.overflowed && jw_buf_reserve(&labels->bytes, JW_PAD);
}

void jw_labels_done(struct jw_labels *labels)
{
	jw_buf_done(&labels->bytes);
	free(labels->places);
}
