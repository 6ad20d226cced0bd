/* SPDX-License-Identifier: MIT */
/* Pages of the daemon and of probes in both dialects, which of them a client gets, and what stays on them. */
#include "pages.h"
#include "rows.h"

#include <inttypes.h>
#include <stdio.h>

#include "output/metrics.c"

#define PAGE_MAX ((size_t)16 << 20)

/* Which dialect */

struct accept_row {
	const char *name;
	const char *accept;
	enum jw_dialect dialect;
};

static const struct accept_row accept_rows[] = {
	{"no header", NULL, JW_TEXT_0_0_4},
	{"an empty one", "", JW_TEXT_0_0_4},
	{"anything", "*/*", JW_TEXT_0_0_4},
	{"Prometheus 2.42",
	 "application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
	 "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
	 JW_OPENMETRICS_1_0},
	{"Prometheus 3",
	 "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
	 "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
	 "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
	 JW_OPENMETRICS_1_0},
	{"Prometheus 3 that prefers text",
	 "text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5",
	 JW_TEXT_0_0_4},
	{"Prometheus 3 with protobuf in front",
	 "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
	 "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1",
	 JW_OPENMETRICS_1_0},
	{"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
	 JW_TEXT_0_0_4},
	{"no version", "application/openmetrics-text", JW_OPENMETRICS_1_0},
	{"a version in quotes", "application/openmetrics-text; version=\"1.0.0\"",
	 JW_OPENMETRICS_1_0},
	{"capitals and blanks", " Application/OpenMetrics-Text ; Version=1.0.0 ; Q=1.0 ",
	 JW_OPENMETRICS_1_0},
	{"another version only", "application/openmetrics-text;version=0.0.1", JW_TEXT_0_0_4},
	{"a version to come", "application/openmetrics-text;version=2.0.0", JW_TEXT_0_0_4},
	{"both alike", "text/plain,application/openmetrics-text", JW_OPENMETRICS_1_0},
	{"refused by weight 0", "application/openmetrics-text;q=0,text/plain;q=0.1",
	 JW_TEXT_0_0_4},
	{"refused by weight 0.000", "application/openmetrics-text;q=0.000", JW_TEXT_0_0_4},
	{"the named range beats the wildcard",
	 "application/openmetrics-text;q=0.4,text/plain;q=0.3,*/*;q=0.9", JW_OPENMETRICS_1_0},
	{"a wildcard that ranks higher", "application/openmetrics-text;q=0.4,*/*;q=0.9",
	 JW_TEXT_0_0_4},
	{"weights by thousandths",
	 "application/openmetrics-text;q=0.499,text/plain;version=0.0.4;q=0.5", JW_TEXT_0_0_4},
	{"a weight above 1", "application/openmetrics-text;q=1.001", JW_TEXT_0_0_4},
	{"a weight that is none", "application/openmetrics-text;q=x", JW_TEXT_0_0_4},
	{"an empty weight", "application/openmetrics-text;q=", JW_TEXT_0_0_4},
	{"a longer name", "application/openmetrics-textual", JW_TEXT_0_0_4},
	{"commas only", ",,;,=;", JW_TEXT_0_0_4},
};

static void negotiates(void **state)
{
	const struct accept_row *row = *state;

	assert_int_equal(jw_metrics_negotiate(row->accept), row->dialect);
}

/* What stands on a page */

struct line_row {
	const char *name;
	enum jw_page kind;
	enum jw_dialect dialect;
	const char *line; /* whole lines */
	enum { MISSING, THERE } is;
};

static const struct line_row line_rows[] = {
	{"a counter in text", JW_PAGE_DAEMON, JW_TEXT_0_0_4,
	 "# HELP jwtwatch_checks_total Checks of the target since the first start.\n"
	 "# TYPE jwtwatch_checks_total counter\n"
	 "jwtwatch_checks_total{target=\"ended\"} 12\n",
	 THERE},
	{"a counter in OpenMetrics", JW_PAGE_DAEMON, JW_OPENMETRICS_1_0,
	 "# TYPE jwtwatch_checks counter\n"
	 "# HELP jwtwatch_checks Checks of the target since the first start.\n"
	 "jwtwatch_checks_total{target=\"ended\"} 12\n",
	 THERE},
	{"an info in text", JW_PAGE_DAEMON, JW_TEXT_0_0_4,
	 "# TYPE jwtwatch_token_info gauge\n"
	 "jwtwatch_token_info{target=\"ended\",alg=\"HS256\"} 1\n",
	 THERE},
	{"an info in OpenMetrics", JW_PAGE_DAEMON, JW_OPENMETRICS_1_0,
	 "# TYPE jwtwatch_token info\n"
	 "# HELP jwtwatch_token How the token is signed; always 1. kid is there where it is "
	 "plain.\njwtwatch_token_info{target=\"ended\",alg=\"HS256\"} 1\n",
	 THERE},
	{"a unit", JW_PAGE_DAEMON, JW_OPENMETRICS_1_0,
	 "# TYPE jwtwatch_check_interval_seconds gauge\n"
	 "# UNIT jwtwatch_check_interval_seconds seconds\n",
	 THERE},
	{"a counter's unit", JW_PAGE_DAEMON, JW_OPENMETRICS_1_0,
	 "# TYPE process_cpu_seconds counter\n# UNIT process_cpu_seconds seconds\n"
	 "# HELP process_cpu_seconds Total user and system CPU time spent in seconds.\n"
	 "process_cpu_seconds_total 1.2345\n",
	 THERE},
	{"bytes", JW_PAGE_DAEMON, JW_OPENMETRICS_1_0,
	 "# UNIT process_resident_memory_bytes bytes\n", THERE},
	{"no unit in text", JW_PAGE_DAEMON, JW_TEXT_0_0_4, "# UNIT", MISSING},
	{"no end in text", JW_PAGE_DAEMON, JW_TEXT_0_0_4, "# EOF", MISSING},
	{"a target not checked yet has counters", JW_PAGE_DAEMON, JW_TEXT_0_0_4,
	 "\njwtwatch_checks_total{target=\"late\"} 0\n", THERE},
	{"... and its interval", JW_PAGE_DAEMON, JW_TEXT_0_0_4,
	 "\njwtwatch_check_interval_seconds{target=\"late\"} 300\n", THERE},
	{"... no state", JW_PAGE_DAEMON, JW_TEXT_0_0_4, "target_status{target=\"late\"",
	 MISSING},
	{"... no success of long ago", JW_PAGE_DAEMON, JW_TEXT_0_0_4,
	 "last_success_timestamp_seconds{target=\"late\"", MISSING},
	{"all causes from the start", JW_PAGE_DAEMON, JW_TEXT_0_0_4,
	 "\njwtwatch_errors_total{cause=\"dns\"} 0\n", THERE},
	{"a cause that was met", JW_PAGE_DAEMON, JW_TEXT_0_0_4,
	 "\njwtwatch_errors_total{cause=\"expired\"} 5\n", THERE},
	{"OK is no error", JW_PAGE_DAEMON, JW_TEXT_0_0_4, "cause=\"ok\"", MISSING},
	{"a sink's name is escaped", JW_PAGE_DAEMON, JW_TEXT_0_0_4,
	 "\njwtwatch_sink_up{sink=\"icinga\"} 1\njwtwatch_sink_up{sink=\"a \\\"hook\\\"\"} 0\n",
	 THERE},
	{"the lag", JW_PAGE_DAEMON, JW_TEXT_0_0_4, "\njwtwatch_scheduler_lag_seconds 0.012\n",
	 THERE},
	{"... and the largest", JW_PAGE_DAEMON, JW_TEXT_0_0_4,
	 "\njwtwatch_scheduler_lag_max_seconds 1.5\n", THERE},
	{"the process on the daemon's page", JW_PAGE_DAEMON, JW_TEXT_0_0_4,
	 "\nprocess_open_fds 9\n", THERE},
	{"... on no textfile", JW_PAGE_TEXTFILE, JW_TEXT_0_0_4, "process_", MISSING},
	{"the daemon on its textfile", JW_PAGE_TEXTFILE, JW_TEXT_0_0_4,
	 "\njwtwatch_config_last_reload_successful 1\n", THERE},
	{"no daemon on a report", JW_PAGE_REPORT, JW_TEXT_0_0_4, "config_last_reload", MISSING},
	{"no probe on the daemon's page", JW_PAGE_DAEMON, JW_TEXT_0_0_4, "probe_", MISSING},
};

static void has_line(void **state)
{
	const struct line_row *row = *state;
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);

	make_page(failures, row->kind, row->dialect);
	jw_metrics_page_write(&pages.page, &page);
	assert_int_equal(strstr(page.ptr, row->line) != NULL, row->is);
	forget_page();
}

struct probe_row {
	const char *name;
	enum jw_state state;
	const char *line;
};

static const struct probe_row probe_rows[] = {
	{"a probe that is OK", JW_STATE_OK, "\nprobe_success 1\n"},
	{"a probe that warns", JW_STATE_WARNING, "\nprobe_success 1\n"},
	{"a probe that is CRITICAL", JW_STATE_CRITICAL, "\nprobe_success 0\n"},
	{"a probe that is UNKNOWN", JW_STATE_UNKNOWN, "\nprobe_success 0\n"},
};

static void probes(void **state)
{
	const struct probe_row *row = *state;
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);

	a_page();
	world.results[0].verdict.state = row->state;
	remember(JW_PAGE_PROBE, JW_TEXT_0_0_4);
	jw_metrics_page_write(&pages.page, &page);
	assert_non_null(strstr(page.ptr, row->line));
	assert_non_null(strstr(page.ptr, "\nprobe_duration_seconds 0.034\n"));
	assert_null(strstr(page.ptr, "target=\""));
	assert_null(strstr(page.ptr, "build_info"));
	forget_page();
}

/* Rules and boards don't depend on what was negotiated. */
static void series(const struct jw_buf *page, struct jw_buf *ret_series)
{
	for (const char *line = page->ptr; *line; line = strchr(line, '\n') + 1)
		if (*line != '#')
			jw_buf_add(ret_series, line, strcspn(line, "\n") + 1);
}

static void dialects_show_the_same(void **state)
{
	const struct row *row = *state;
	static const enum jw_page kinds[] = {JW_PAGE_REPORT, JW_PAGE_DAEMON, JW_PAGE_TEXTFILE};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		jw_autobuf struct jw_buf text = JW_BUF(PAGE_MAX);
		jw_autobuf struct jw_buf open = JW_BUF(PAGE_MAX);
		jw_autobuf struct jw_buf of_text = JW_BUF(PAGE_MAX);
		jw_autobuf struct jw_buf of_open = JW_BUF(PAGE_MAX);

		make_page(row->fill, kinds[i], JW_TEXT_0_0_4);
		jw_metrics_page_write(&pages.page, &text);
		pages.page.dialect = JW_OPENMETRICS_1_0;
		jw_metrics_page_write(&pages.page, &open);
		series(&text, &of_text);
		series(&open, &of_open);
		assert_true(of_text.len > 0);
		assert_string_equal(of_text.ptr, of_open.ptr);
		assert_string_equal(open.ptr + open.len - strlen("\n# EOF\n"), "\n# EOF\n");
		forget_page();
	}
}

static void daemon_page_is_whole_or_not_there(void **state)
{
	const struct row *row = *state;
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);

	make_page(row->fill, JW_PAGE_DAEMON, JW_OPENMETRICS_1_0);
	jw_metrics_page_write(&pages.page, &page);
	for (size_t max = 5; max < page.len + 7; max += max + 300 < page.len ? 97 : 1) {
		jw_autobuf struct jw_buf small = JW_BUF(max);

		jw_buf_text(&small, "front");
		jw_metrics_page_write(&pages.page, &small);
		assert_int_equal(small.overflowed, max < page.len + 5);
		assert_string_equal(small.ptr + 5, small.overflowed ? "" : page.ptr);
	}
	forget_page();
}

/* Whatever the owner kept. */
static void kept_labels_are_told_apart(void **state)
{
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);
	jw_autobuf struct jw_buf label = JW_BUF(256);

	(void)state;
	make_page(names, JW_PAGE_DAEMON, JW_TEXT_0_0_4);
	jw_metrics_label(&label, "kept");
	pages.rows[0].label = pages.rows[3].label = jw_buf_get(&label);
	jw_metrics_page_write(&pages.page, &page);
	assert_non_null(strstr(page.ptr, "\njwtwatch_checks_total{target=\"kept\"} 12\n"));
	assert_non_null(strstr(page.ptr, "\njwtwatch_checks_total{target=\"kept (2)\"} 12\n"));
	forget_page();
}

static void every_metric_is_on_some_page(void **state)
{
	jw_autobuf struct jw_buf all = JW_BUF(PAGE_MAX);

	(void)state;
	for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++) {
		make_page(reports[i].fill, JW_PAGE_DAEMON, JW_TEXT_0_0_4);
		pages.page.simulated = true;
		jw_metrics_page_write(&pages.page, &all);
		forget_page();
	}
	make_page(a_page, JW_PAGE_PROBE, JW_TEXT_0_0_4);
	jw_metrics_page_write(&pages.page, &all);
	forget_page();
	for (const struct jw_metric *metric = jw_metrics; metric->name; metric++) {
		jw_autobuf struct jw_buf head = JW_BUF(4096);

		jw_buf_printf(&head, "# TYPE %s ", metric->name);
		if (!strstr(all.ptr, head.ptr))
			fail_msg("no sample of %s", metric->name);
		assert_int_equal((metric->of_page != NULL) + (metric->of_daemon != NULL) +
					 (metric->of_target != NULL) +
					 (metric->of_record != NULL),
				 1);
		/* No help has what one of the dialects escapes. */
		assert_null(strpbrk(metric->help, "\\\"\n"));
	}
}

/* Numbers */

static void a_failing_page_keeps_its_expiry(void **state)
{
	struct jw_arena arena = {0};
	struct jw_numbers before;
	struct jw_numbers now;

	(void)state;
	several();
	jw_numbers_of(&world.results[0], &arena, &before);
	failures();
	jw_numbers_of(&world.results[1], &arena, &now);
	assert_int_equal(now.exp, JW_UNSET);
	jw_numbers_keep(&now, &before);
	assert_int_equal(now.exp, NOW + 3);
	assert_int_equal(now.nbf, NOW - 79200);
	assert_int_equal(now.iat, NOW - 79200);
	assert_int_equal(now.lifetime, 79203);
	assert_int_equal(now.has_expiration, 1);
	assert_int_equal(now.warning_ms, before.warning_ms);
	assert_int_equal(now.critical_ms, before.critical_ms);
	assert_string_equal(now.info, "alg=\"HS256\",kid=\"second-key.2026\"");
	/* What is known of now stays so. */
	assert_int_equal(now.check_success, 0);
	assert_int_equal(now.cause, JW_FILE_MISSING);
	assert_int_equal(now.signature_valid, -1);
	jw_arena_done(&arena);
}

static void a_new_token_keeps_nothing(void **state)
{
	struct jw_arena arena = {0};
	struct jw_numbers before;
	struct jw_numbers now;

	(void)state;
	a_page();
	jw_numbers_of(&world.results[0], &arena, &before);
	token_of(&world.results[0])->jwt.exp.is = JW_CLAIM_ABSENT;
	jw_numbers_of(&world.results[0], &arena, &now);
	jw_numbers_keep(&now, &before);
	assert_int_equal(now.exp, JW_UNSET);
	assert_int_equal(now.has_expiration, 0);
	jw_arena_done(&arena);
}

static void a_renewal_that_failed_is_no_failed_check(void **state)
{
	struct jw_failure failure = {
		.cause = JW_RENEWAL_FAILED, .at = JW_AT_RENEW, .says = "x"};
	struct jw_facts *facts = &world.results[0].facts;
	struct jw_arena arena = {0};
	struct jw_numbers numbers;

	(void)state;
	a_page();
	facts->failures = &failure;
	facts->failure_count = 1;
	jw_numbers_of(&world.results[0], &arena, &numbers);
	assert_int_equal(numbers.check_success, 1);
	failure.at = JW_AT_SOURCE;
	jw_numbers_of(&world.results[0], &arena, &numbers);
	assert_int_equal(numbers.check_success, 0);
	facts->failure_count = 0;
	jw_arena_done(&arena);
}

static void a_kid_that_is_a_token_is_cut(void **state)
{
	struct jw_arena arena = {0};
	struct jw_numbers numbers;

	(void)state;
	a_page();
	/* An empty header and payload, signed by nobody. */
	token_of(&world.results[0])->jwt.kid = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2lnbmF0dXJl";
	jw_numbers_of(&world.results[0], &arena, &numbers);
	assert_string_equal(numbers.info, "alg=\"HS256\",kid=\"[token]\"");
	jw_arena_done(&arena);
}

/* As printf writes it, less the zeros at the end. */
static void number_is(int64_t value, unsigned decimals)
{
	uint64_t n = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint64_t scale = 1;
	char expected[64];
	char number[64];
	size_t len;

	for (unsigned i = 0; i < decimals; i++)
		scale *= 10;
	len = (size_t)snprintf(expected, sizeof(expected), "%s%" PRIu64, value < 0 ? "-" : "",
			       n / scale);
	if (n % scale) {
		len += (size_t)snprintf(expected + len, sizeof(expected) - len, ".%0*" PRIu64,
					(int)decimals, n % scale);
		while (expected[len - 1] == '0')
			expected[--len] = '\0';
	}
	*put_number(number, value, decimals) = '\0';
	assert_string_equal(number, expected);
	assert_true(strlen(number) <= NUMBER_MAX);
}

static void numbers_are_those_of_printf(void **state)
{
	int64_t edge = 1;

	(void)state;
	for (unsigned digits = 0; digits < 19; digits++, edge *= digits < 19 ? 10 : 1)
		for (unsigned decimals = 0; decimals <= 6; decimals += 3)
			for (int64_t near = -11; near <= 11; near++) {
				number_is(edge + near, decimals);
				number_is(-edge + near, decimals);
				number_is(edge / 7 * 3 + near, decimals);
			}
	number_is(INT64_MAX, 0);
	number_is(INT64_MIN, 0);
	number_is(INT64_MIN, 6);
}

int main(void)
{
	JW_ROWS(accept_rows, negotiates);
	JW_ROWS(line_rows, has_line);
	JW_ROWS(probe_rows, probes);
	JW_ROWS(reports, dialects_show_the_same);
	JW_ROWS(reports, daemon_page_is_whole_or_not_there);
	JW_TEST(kept_labels_are_told_apart);
	JW_TEST(every_metric_is_on_some_page);
	JW_TEST(a_failing_page_keeps_its_expiry);
	JW_TEST(a_new_token_keeps_nothing);
	JW_TEST(a_renewal_that_failed_is_no_failed_check);
	JW_TEST(a_kid_that_is_a_token_is_cut);
	JW_TEST(numbers_are_those_of_printf);
	return rows_run();
}
