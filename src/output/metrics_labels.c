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

struct jw_str jw_labels_of(const struct jw_labels *labels, size_t result)
{
	struct jw_label_place place = labels->places[result];

	return (struct jw_str){labels->bytes.ptr + place.start, place.len};
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

bool jw_labels_init(struct jw_labels *labels, const struct jw_report *report)
{
	jw_buf_init(&labels->bytes, BYTES_MAX);
	labels->places = jw_xcalloc(report->count, sizeof(*labels->places));
	for (size_t i = 0; i < report->count; i++) {
		size_t start = labels->bytes.len;

		if (!jw_label(&labels->bytes, start, "target", report->results[i].target->name))
			return false;
		labels->places[i] = (struct jw_label_place){start, labels->bytes.len - start};
	}
	if (report->count > 1)
		tell_apart(labels, report->count);
	return !labels->bytes.overflowed;
}

void jw_labels_done(struct jw_labels *labels)
{
	jw_buf_done(&labels->bytes);
	free(labels->places);
}
