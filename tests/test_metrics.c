/* SPDX-License-Identifier: MIT */
/* Pages of metrics over reports made by hand, beside tests/data/metrics; JW_GOLDEN=write writes those instead. */
#include "reports.h"
#include "rows.h"

#include <stdio.h>
#include <string.h>

#include "output/format.h"
#include "output/metrics.h"

#define PAGE_MAX ((size_t)16 << 20)

/* The version is the build's. */
static void mask_version(struct jw_buf *page)
{
	static const char version[] = "version=\"" PACKAGE_VERSION "\"";
	char *at = page->len ? strstr(page->ptr, version) : NULL;
	size_t tail;

	assert_non_null(at);
	tail = strlen(at) - strlen(version);
	memmove(at + strlen("version=\"V\""), at + strlen(version), tail + 1);
	memcpy(at, "version=\"V\"", strlen("version=\"V\""));
	page->len = strlen(page->ptr);
}

static void golden_path(const char *name, char path[4096])
{
	const char *top = getenv("top_srcdir");

	snprintf(path, 4096, "%s/tests/data/metrics/%s.prom", top ? top : ".", name);
}

static void read_golden(const char *path, struct jw_buf *buf)
{
	FILE *file = fopen(path, "r");
	char bytes[4096];
	size_t len;

	if (!file)
		fail_msg("%s can't be read", path);
	while ((len = fread(bytes, 1, sizeof(bytes), file)))
		jw_buf_add(buf, bytes, len);
	fclose(file);
}

static void is_golden(void **state)
{
	const struct row *row = *state;
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);
	jw_autobuf struct jw_buf golden = JW_BUF(PAGE_MAX);
	char path[4096];

	row->fill();
	jw_metrics_write(&world.report, JW_PAGE_REPORT, &page);
	mask_version(&page);
	golden_path(row->name, path);
	if (getenv("JW_GOLDEN")) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fwrite(page.ptr, 1, page.len, file);
		fclose(file);
	}
	read_golden(path, &golden);
	assert_string_equal(page.ptr, golden.ptr);
}

static bool is_word_of(const char *list, const char *word, size_t len)
{
	while (*list) {
		size_t end = strcspn(list, ",");

		if (end == len && !strncmp(list, word, len))
			return true;
		list += end + (list[end] == ',');
	}
	return false;
}

static const struct jw_metric *metric_of(const char *line)
{
	size_t len = strcspn(line, "{ ");

	for (const struct jw_metric *metric = jw_metrics; metric->name; metric++)
		if (strlen(metric->name) == len && !strncmp(metric->name, line, len))
			return metric;
	return NULL;
}

/* Walks name="value" pairs; `at` stands behind the brace. */
static void look_at_labels(const struct jw_metric *metric, const char *at)
{
	size_t targets = 0;

	while (*at != '}') {
		size_t len = strcspn(at, "=");

		if (len == strlen("target") && !strncmp(at, "target", len))
			targets++;
		else
			assert_true(is_word_of(metric->labels, at, len));
		for (at += len + 2; *at != '"'; at++)
			at += *at == '\\';
		at += 1 + (at[1] == ',');
	}
	assert_int_equal(targets, metric->of_target || metric->of_record);
}

/* The table tells the labels that the samples have. */
static void labels_are_those_of_the_table(void **state)
{
	const struct row *row = *state;
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);

	row->fill();
	jw_metrics_write(&world.report, JW_PAGE_REPORT, &page);
	for (char *line = page.ptr; *line; line = strchr(line, '\n') + 1) {
		const struct jw_metric *metric;
		char *end = line + strcspn(line, "{ ");

		if (*line == '#')
			continue;
		metric = metric_of(line);
		assert_non_null(metric);
		if (*end == '{')
			look_at_labels(metric, end + 1);
	}
}

/* Nothing that is somebody's, wherever it may stand. */
static void nothing_private(void **state)
{
	static const char *const private[] = {"somebody", "@example", "/srv/", "http",
					      "ws://",	  "wss://",   "eyJ",   "page.html"};
	const struct row *row = *state;
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);

	row->fill();
	jw_metrics_write(&world.report, JW_PAGE_REPORT, &page);
	for (char *line = page.ptr; *line; line = strchr(line, '\n') + 1) {
		if (*line == '#' || !strncmp(line, "jwtwatch_http_status_code", 25))
			continue;
		for (size_t i = 0; i < sizeof(private) / sizeof(*private); i++) {
			char *found = strstr(line, private[i]);

			assert_false(found && found < strchr(line, '\n'));
		}
	}
}

static void whole_or_not_at_all(void **state)
{
	const struct row *row = *state;
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);

	row->fill();
	jw_metrics_write(&world.report, JW_PAGE_REPORT, &page);
	assert_true(page.len > 0);
	for (size_t max = 5; max < page.len + 7; max++) {
		jw_autobuf struct jw_buf small = JW_BUF(max);

		jw_buf_text(&small, "front");
		jw_metrics_write(&world.report, JW_PAGE_REPORT, &small);
		if (max < page.len + 5) {
			assert_true(small.overflowed);
			assert_string_equal(small.ptr, "front");
		} else {
			assert_false(small.overflowed);
			assert_string_equal(small.ptr + 5, page.ptr);
		}
	}
}

static void a_probe_names_no_target(void **state)
{
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);

	(void)state;
	begin();
	add("voice-page");
	jw_metrics_write(&world.report, JW_PAGE_PROBE, &page);
	assert_null(strstr(page.ptr, "target="));
	assert_null(strstr(page.ptr, "build_info"));
	assert_non_null(strstr(page.ptr, "\njwtwatch_target_status{status=\"ok\"} 1\n"));
	assert_non_null(strstr(page.ptr, "\njwtwatch_check_duration_seconds 0.012\n"));
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A thousand targets that all look alike, and still no series twice. */
static void no_series_twice(void **state)
{
	static char *lines[RESULTS_MAX * 40];
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);
	size_t count = 0;

	(void)state;
	begin();
	for (size_t i = 0; i < RESULTS_MAX; i++)
		add(i % 3 ? "same" : i % 2 ? "same (2)" : "same (2) (2)");
	jw_metrics_write(&world.report, JW_PAGE_REPORT, &page);
	assert_false(page.overflowed);
	for (char *line = page.ptr; *line; line += strlen(line) + 1) {
		*strchr(line, '\n') = '\0';
		if (*line == '#')
			continue;
		*strrchr(line, ' ') = '\0';
		lines[count++] = line;
		line += strlen(line) + 1;
	}
	assert_true(count > (size_t)RESULTS_MAX * 10);
	qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 1; i < count; i++)
		assert_string_not_equal(lines[i - 1], lines[i]);
}

/* What the program says where it knows nothing yet: a page like any other. */
static void a_refusal_is_a_page(void **state)
{
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);

	(void)state;
	jw_format_refusal(jw_format_by_name(JW_STR("prometheus")), "jwtwatch", JW_DEADLINE,
			  "late", NOW, &page);
	assert_non_null(
		strstr(page.ptr,
		       "\njwtwatch_target_cause{target=\"jwtwatch\",cause=\"deadline\"} 1\n"));
	assert_non_null(
		strstr(page.ptr,
		       "\njwtwatch_target_status{target=\"jwtwatch\",status=\"unknown\"} 1\n"));
	assert_non_null(strstr(page.ptr, "\njwtwatch_targets 0\n"));
	assert_null(strstr(page.ptr, "timestamp"));
}

int main(void)
{
	JW_ROWS(reports, is_golden);
	JW_ROWS(reports, labels_are_those_of_the_table);
	JW_ROWS(reports, nothing_private);
	JW_ROWS(reports, whole_or_not_at_all);
	JW_TEST(a_probe_names_no_target);
	JW_TEST(no_series_twice);
	JW_TEST(a_refusal_is_a_page);
	return rows_run();
}
