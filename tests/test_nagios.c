/* SPDX-License-Identifier: MIT */
/* A monitoring plugin's output over reports made by hand: items of data, sizes, and what hostile texts must not do. */
#include "rows.h"

#include <stdio.h>
#include <string.h>

#include "base/utf.h"
#include "contract/check.h"
#include "output/format.h"

#define TARGETS_MAX 1000
#define NOW INT64_C(1767225600)
#define OUTPUT_MAX 4096

static struct jw_config *config;
static struct jw_report report;
static struct jw_result results[TARGETS_MAX];
static struct jw_token tokens[TARGETS_MAX];
static struct jw_exchange exchanges[TARGETS_MAX];
static struct jw_style style;

static void begin(void)
{
	jw_config_free(config);
	config = jw_config_new();
	memset(results, 0, sizeof(results));
	memset(tokens, 0, sizeof(tokens));
	memset(exchanges, 0, sizeof(exchanges));
	style = (struct jw_style){0};
	report = (struct jw_report){.now = NOW, .results = results};
}

static const enum jw_cause causes[] = {
	[JW_STATE_OK] = JW_OK,
	[JW_STATE_WARNING] = JW_EXPIRING,
	[JW_STATE_CRITICAL] = JW_EXPIRED,
	[JW_STATE_UNKNOWN] = JW_CONFIG,
};

/* A target of its own, so that none moves when the next comes. */
static struct jw_target *target_of(const char *check, const char *name)
{
	struct jw_target *target = jw_arena_alloc(&config->arena, sizeof(*target));

	*target = *jw_config_add(config, jw_check_by_name(jw_str_of(check)), name);
	return target;
}

/* With one token of two hours of which one is left. */
static struct jw_result *add(const char *check, const char *name, enum jw_state state,
			     const char *message)
{
	size_t i = report.count++;
	bool is_token = strcmp(check, "livekit") != 0;

	tokens[i] = (struct jw_token){.path = name, .line = 1, .has_claims = true};
	tokens[i].jwt.alg = "HS256";
	tokens[i].jwt.exp = (struct jw_time_claim){JW_CLAIM_VALID, NOW + 3600, NULL};
	tokens[i].jwt.iat = (struct jw_time_claim){JW_CLAIM_VALID, NOW - 3600, NULL};
	results[i] = (struct jw_result){
		.target = target_of(check, name),
		.facts = {.tokens = &tokens[i], .token_count = is_token},
		.verdict = {.state = state,
			    .cause = causes[state],
			    .message = message,
			    .remedy = state ? "do something" : NULL,
			    .deciding = is_token ? 0 : JW_NO_TOKEN},
		.now = NOW,
		.duration_ms = 1234,
	};
	report.state = jw_state_worse(report.state, state);
	return &results[i];
}

static void lose_token(struct jw_result *result)
{
	result->facts.token_count = 0;
	result->verdict.deciding = JW_NO_TOKEN;
}

static void give(struct jw_result *result, const char *option, const char *value)
{
	struct jw_target *target = (struct jw_target *)(uintptr_t)result->target;
	const struct jw_option *row = jw_config_option(target->check, jw_str_of(option));
	struct jw_err err;

	assert_non_null(row);
	if (jw_config_set(config, target, row, jw_str_of(value), &err))
		fail_msg("%s", err.text);
}

static void write_out(struct jw_buf *out)
{
	jw_buf_done(out);
	jw_buf_init(out, (size_t)1 << 20);
	jw_format_by_name(JW_STR("nagios"))->write(&report, &style, out);
	assert_false(out->overflowed);
}

/* What stands behind the bar, and that there is one bar, on the first line. */
static struct jw_str data_of(const struct jw_buf *out)
{
	struct jw_str line;
	struct jw_str rest;
	struct jw_str text;
	struct jw_str data = {0};

	assert_true(jw_str_cut(jw_buf_get(out), '\n', &line, &rest));
	assert_false(jw_str_has(rest, "|"));
	if (jw_str_cut(line, '|', &text, &data))
		assert_false(jw_str_has(data, "|"));
	return data;
}

static void data_is(const struct jw_buf *out, const char *expected)
{
	struct jw_str data = data_of(out);
	char text[OUTPUT_MAX] = "";

	memcpy(text, data.ptr ? data.ptr : "", data.len);
	assert_string_equal(text, expected);
}

static size_t count_of(struct jw_str text, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == c;
	return count;
}

/* One target, by what its configuration says: the data of a good run and of one that found nothing. */
static const struct single_row {
	const char *name;
	const char *check;
	const char *url; /* of the check, or in accepted_by; NULL */
	const char *accepted_by;
	const char *good;
	const char *bad;
	const char *bad_number;
} single_rows[] = {
	{"a page", "html_file", NULL, NULL,
	 " 'left'=3600s;1440:;360: 'share'=50% 'time'=1.234s",
	 " 'left'=U 'share'=U 'time'=1.234s", " 'time'=1.234s"},
	{"a page that a server accepts", "html_file", NULL, "ws://livekit.example",
	 " 'left'=3600s;1440:;360: 'share'=50% 'time'=1.234s 'clock_offset'=-7s",
	 " 'left'=U 'share'=U 'time'=1.234s 'clock_offset'=U", " 'time'=1.234s"},
	{"a page that a server with a certificate accepts", "html_file", NULL,
	 "wss://livekit.example",
	 " 'left'=3600s;1440:;360: 'share'=50% 'time'=1.234s 'clock_offset'=-7s "
	 "'certificate'=86400s;1209600:;86400:",
	 " 'left'=U 'share'=U 'time'=1.234s 'clock_offset'=U 'certificate'=U",
	 " 'time'=1.234s"},
	{"an endpoint", "token_endpoint", "http://api.example/", NULL,
	 " 'left'=3600s;; 'share'=50% 'time'=1.234s 'clock_offset'=-7s",
	 " 'left'=U 'share'=U 'time'=1.234s 'clock_offset'=U", " 'time'=1.234s"},
	{"an endpoint with a certificate", "token_endpoint", "https://api.example/", NULL,
	 " 'left'=3600s;; 'share'=50% 'time'=1.234s 'clock_offset'=-7s "
	 "'certificate'=86400s;1209600:;86400:",
	 " 'left'=U 'share'=U 'time'=1.234s 'clock_offset'=U 'certificate'=U",
	 " 'time'=1.234s"},
	{"a server", "livekit", "ws://livekit.example", NULL,
	 " 'time'=1.234s 'clock_offset'=-7s", " 'time'=1.234s 'clock_offset'=U",
	 " 'time'=1.234s"},
	{"a server with a certificate", "livekit", "wss://livekit.example", NULL,
	 " 'time'=1.234s 'clock_offset'=-7s 'certificate'=86400s;1209600:;86400:",
	 " 'time'=1.234s 'clock_offset'=U 'certificate'=U", " 'time'=1.234s"},
};

static void has_these_items(void **state)
{
	static const struct jw_livekit livekit = {.has_clock = true, .clock_offset = -7};
	const struct single_row *row = *state;
	jw_autobuf struct jw_buf out = {0};
	struct jw_result *result;

	begin();
	result = add(row->check, "name", JW_STATE_OK, "fine");
	if (row->url)
		give(result, "url", row->url);
	if (row->accepted_by)
		give(result, "accepted_by", row->accepted_by);
	/* A certificate is met whatever the URL said, as behind a redirect. */
	exchanges[0] = (struct jw_exchange){.at = row->url ? JW_AT_SOURCE : JW_AT_LIVEKIT,
					    .has_clock = true,
					    .clock_offset = -7,
					    .certificate_expires = NOW + 86400};
	result->facts.exchanges = exchanges;
	result->facts.exchange_count = 1;
	if (row->accepted_by)
		tokens[0].livekit = &livekit;
	if (!strcmp(row->check, "livekit"))
		result->facts.livekit = &livekit;
	write_out(&out);
	data_is(&out, row->good);
	result->facts.exchange_count = 0;
	result->facts.livekit = NULL;
	lose_token(result);
	write_out(&out);
	data_is(&out, row->bad);
	style.perfdata = JW_PERFDATA_NUMBER;
	write_out(&out);
	data_is(&out, row->bad_number);
	style.perfdata = JW_PERFDATA_NONE;
	write_out(&out);
	data_is(&out, "");
}

/* The thresholds of 'left', as ranges and as numbers. */
static const struct threshold_row {
	const char *name;
	const char *range;
	const char *number;
} threshold_rows[] = {
	{"90m", "5400:", "5400"},
	{"25%", "1800:", "1800"},
	{"min(1h, 25%)", "1800:", "1800"},
	{"3600:", "3600:", "3600"},
	{"0:3600", "0:3600", "3600"},
	{":3600", ":3600", "3600"},
	{"~:3600", "~:3600", "3600"},
	{"@~:600", "@~:600", "600"},
	{"@600", "@600", "600"},
	{"@600:", "@600:", "600"},
	{"0:", "0:", "0"},
	{"-5:", "-5:", "-5"},
	{"-0.5:", "-0.5:", "-0.5"},
	{"-1.25:", "-1.25:", "-1.25"},
	{"5.750:", "5.750:", "5.75"},
	{"600:3600", "600:3600", ""},
	{"@600:3600", "@600:3600", ""},
	{"~:", "~:", ""},
};

static void threshold_reads(void **state)
{
	const struct threshold_row *row = *state;
	char expected[200];
	struct jw_str line;
	struct jw_str rest;
	jw_autobuf struct jw_buf out = {0};
	struct jw_result *result;

	begin();
	result = add("html_file", "name", JW_STATE_OK, "fine");
	give(result, "warning", row->name);
	give(result, "critical", "1s");
	write_out(&out);
	snprintf(expected, sizeof(expected), " 'left'=3600s;%s;1: ", row->range);
	assert_true(jw_str_starts(data_of(&out), expected));
	style.perfdata = JW_PERFDATA_NUMBER;
	write_out(&out);
	snprintf(expected, sizeof(expected), " 'left'=3600s;%s;1 ", row->number);
	assert_true(jw_str_starts(data_of(&out), expected));
	assert_true(jw_str_cut(jw_buf_get(&out), '\n', &line, &rest));
}

/* Too long to be any use, and the same in each run: left out. */
static void an_endless_range_is_left_out(void **state)
{
	char range[3002];
	jw_autobuf struct jw_buf out = {0};

	(void)state;
	begin();
	memset(range, '9', 3000);
	range[3000] = ':';
	range[3001] = '\0';
	give(add("html_file", "name", JW_STATE_OK, "fine"), "warning", range);
	write_out(&out);
	assert_true(jw_str_starts(data_of(&out), " 'left'=3600s;;360: "));
	assert_true(out.len <= OUTPUT_MAX);
}

static void several_have_an_item_each(void **state)
{
	jw_autobuf struct jw_buf out = {0};

	(void)state;
	begin();
	add("html_file", "page", JW_STATE_OK, "fine");
	lose_token(add("html_file", "gone", JW_STATE_CRITICAL, "gone"));
	add("livekit", "server", JW_STATE_OK, "fine");
	add("token_endpoint", "api", JW_STATE_OK, "fine");
	write_out(&out);
	data_is(&out, " 'page'=3600s;1440:;360: 'gone'=U 'api'=3600s;;");
	style.perfdata = JW_PERFDATA_NUMBER;
	write_out(&out);
	data_is(&out, " 'page'=3600s;1440;360 'api'=3600s;;");
}

static void many_are_counted(void **state)
{
	jw_autobuf struct jw_buf out = {0};

	(void)state;
	begin();
	for (size_t i = 0; i < 20; i++)
		add("html_file", "page", i < 3 ? JW_STATE_WARNING : JW_STATE_OK, "soon");
	write_out(&out);
	assert_int_equal(count_of(data_of(&out), '='), 20);
	add("html_file", "page", JW_STATE_CRITICAL, "gone");
	tokens[4].jwt.exp.seconds = NOW - 5;
	write_out(&out);
	data_is(&out, " 'ok'=17 'warning'=3 'critical'=1 'unknown'=0 'earliest'=-5s");
	for (size_t i = 0; i < 21; i++)
		lose_token(&results[i]);
	write_out(&out);
	data_is(&out, " 'ok'=17 'warning'=3 'critical'=1 'unknown'=0 'earliest'=U");
	style.perfdata = JW_PERFDATA_NUMBER;
	write_out(&out);
	data_is(&out, " 'ok'=17 'warning'=3 'critical'=1 'unknown'=0");
}

/* Whether each has an item or all are counted hangs on names, not on how long the numbers are today. */
static void names_decide_what_fits(void **state)
{
	char name[129];
	jw_autobuf struct jw_buf out = {0};
	bool was_counted = false;

	(void)state;
	for (size_t len = 1; len <= 128; len++) {
		bool is_counted;

		memset(name, 'n', len);
		name[len] = '\0';
		begin();
		for (size_t i = 0; i < 20; i++)
			add("html_file", name, JW_STATE_OK, "fine");
		write_out(&out);
		is_counted = jw_str_starts(data_of(&out), " 'ok'=20");
		assert_true(is_counted || !was_counted);
		was_counted = is_counted;
		for (size_t i = 0; i < 20; i++) {
			tokens[i].jwt.exp.seconds = INT64_C(253402300799);
			tokens[i].jwt.iat.seconds = INT64_C(-62135596800);
		}
		write_out(&out);
		assert_int_equal(jw_str_starts(data_of(&out), " 'ok'=20"), is_counted);
		assert_int_equal(count_of(data_of(&out), '='), is_counted ? 5 : 20);
	}
	assert_true(was_counted);
}

static void labels_differ(void **state)
{
	jw_autobuf struct jw_buf out = {0};

	(void)state;
	begin();
	style.perfdata = JW_PERFDATA_NUMBER;
	add("html_file", "a=b", JW_STATE_OK, "fine");
	add("html_file", "a:b", JW_STATE_OK, "fine");
	add("html_file", "a'b", JW_STATE_OK, "fine");
	write_out(&out);
	data_is(&out, " 'a_b'=3600s;1440;360 'a_b_2'=3600s;1440;360 'a_b_3'=3600s;1440;360");
}

/* Names and messages can't begin a line, bring data, a label of their own, or another character set. */
static void nothing_is_injected(void **state)
{
	static const char *const hostile[] = {
		"a|x=1",
		"a\nCRITICAL b: c",
		"a\r\nb",
		"a\033[31m",
		"a::b",
		"a'=9;'b",
		"a=b",
		"a\xff\xc3",
		"a\xe2\x80\xae",
		"a\x01\x7f\xc2\x9b",
		"a;b",
		"\xe2\x80\xa8",
		"  blanks  before  ",
		"a\tb",
		"|",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		jw_autobuf struct jw_buf out = {0};
		struct jw_result *result;
		struct jw_str line;
		struct jw_str rest;

		begin();
		style.verbosity = 3;
		result = add("html_file", hostile[i], JW_STATE_CRITICAL, hostile[i]);
		result->verdict.remedy = hostile[i];
		give(result, "runbook", "https://wiki.example/|x=1\n\r");
		tokens[0].jwt.iss = hostile[i];
		add("html_file", "second", JW_STATE_OK, "fine");
		write_out(&out);
		assert_int_equal(count_of(jw_buf_get(&out), '|'), 1);
		/* line 1; target, fix, runbook, thresholds; target, thresholds */
		assert_int_equal(count_of(jw_buf_get(&out), '\n'), 7);
		for (size_t at = 0; at < out.len; at++)
			assert_true((unsigned char)out.ptr[at] >= ' ' || out.ptr[at] == '\n');
		assert_false(jw_str_has(jw_buf_get(&out), "\xff"));
		assert_false(jw_str_has(jw_buf_get(&out), "\xc2\x9b"));
		assert_false(jw_str_has(jw_buf_get(&out), "\xe2\x80\xae"));
		assert_true(jw_str_cut(jw_buf_get(&out), '\n', &line, &rest));
		assert_int_equal(count_of(data_of(&out), '\''), 4);
		assert_int_equal(count_of(data_of(&out), '='), 2);
		assert_false(jw_str_has(data_of(&out), "::"));
		assert_true(jw_str_cut(line, '|', &line, &rest));
		assert_false(jw_str_has(line, ";"));
	}
}

/* Whole characters only: no continuation byte behind nothing, no lead byte before something else. */
static bool is_utf8(struct jw_str text)
{
	jw_autobuf struct jw_buf shown = JW_BUF((size_t)1 << 20);
	struct jw_str line;

	while (jw_str_cut(text, '\n', &line, &text)) {
		jw_buf_clear(&shown);
		if (!jw_str_eq(line, JW_STR("")) && !jw_utf_show(&shown, line))
			return false;
		if (!jw_str_eq(jw_buf_get(&shown), line))
			return false;
	}
	return true;
}

/* Any number of targets, any length of message, any verbosity: 4096 bytes, whole characters, all data on line 1. */
static void it_stays_small(void **state)
{
	static const size_t counts[] = {1, 2, 5, 20, 21, 100, 1000};
	static char message[9001];
	jw_autobuf struct jw_buf out = {0};

	(void)state;
	for (size_t i = 0; i < 3000; i++)
		memcpy(message + 3 * i, "\xe2\x82\xac", 3);
	for (size_t n = 0; n < sizeof(counts) / sizeof(*counts); n++) {
		for (size_t len = 0; len <= 3000; len = len < 40 ? len + 1 : len * 2) {
			begin();
			message[3 * len] = '\0';
			for (size_t i = 0; i < counts[n]; i++)
				add("html_file", "a name of some length, as people give them",
				    JW_STATE_CRITICAL, message);
			message[3 * len] = '\xe2';
			style.verbosity = (int)(len % 4);
			write_out(&out);
			assert_true(out.len <= OUTPUT_MAX);
			assert_true(is_utf8(jw_buf_get(&out)));
			assert_int_equal(count_of(data_of(&out), '='), counts[n] == 1 ? 3
								       : counts[n] <= 20
									       ? counts[n]
									       : 5);
			assert_true(jw_str_starts(jw_buf_get(&out), "JWTWATCH CRITICAL: "));
		}
	}
}

/* However long each could talk, each says what it is called and what is wrong with it. */
static void each_failing_one_is_named(void **state)
{
	static char message[3001];
	jw_autobuf struct jw_buf out = {0};
	char wanted[64];

	(void)state;
	begin();
	memset(message, 'm', 3000);
	for (size_t i = 0; i < 100; i++) {
		char *name = jw_arena_alloc(&config->arena, 16);

		snprintf(name, 16, "target-%03zu", i);
		add("html_file", name, i % 4 ? JW_STATE_OK : JW_STATE_CRITICAL, message);
	}
	style.verbosity = 3;
	write_out(&out);
	assert_true(out.len <= OUTPUT_MAX);
	for (size_t i = 0; i < 100; i += 4) {
		snprintf(wanted, sizeof(wanted), "\nCRITICAL target-%03zu: expired: mmm", i);
		assert_true(jw_str_has(jw_buf_get(&out), wanted));
	}
	assert_true(jw_str_has(jw_buf_get(&out), "\n... and "));
}

/* Details come behind lines: those of the worst are there while a line of the last fits too. */
static void details_give_way(void **state)
{
	static char remedy[1001];
	jw_autobuf struct jw_buf out = {0};

	(void)state;
	begin();
	memset(remedy, 'r', 1000);
	for (size_t i = 0; i < 10; i++)
		add("html_file", "name", JW_STATE_CRITICAL, "short")->verdict.remedy = remedy;
	add("html_file", "last", JW_STATE_OK, "fine");
	style.verbosity = 1;
	write_out(&out);
	assert_true(out.len <= OUTPUT_MAX);
	assert_true(
		jw_str_has(jw_buf_get(&out), "\nCRITICAL name: expired: short\n  fix: rrr"));
	assert_true(jw_str_has(jw_buf_get(&out), "\nOK last: fine\n"));
}

/* -v and what it adds, below line 1. */
static const struct verbosity_row {
	const char *name;
	int verbosity;
	const char *expected;
} verbosity_rows[] = {
	{"as it is", 0, ""},
	{"-v", 1, "  fix: do something\n  runbook: https://wiki.example/\n"},
	{"-vv", 2,
	 "  fix: do something\n  runbook: https://wiki.example/\n"
	 "  thresholds: warning min(1h, 20%), critical min(10m, 5%)\n"
	 "  also WARNING clock_skew: a clock\n"},
	{"-vvv", 3,
	 "  fix: do something\n  runbook: https://wiki.example/\n"
	 "  thresholds: warning min(1h, 20%), critical min(10m, 5%)\n"
	 "  also WARNING clock_skew: a clock\n"
	 "  token page.html:1 ok, left: 1h\n  token other.html:1 ok, left: 1h\n"},
};

static void says_more(void **state)
{
	static struct jw_finding findings[] = {
		{.cause = JW_EXPIRED, .state = JW_STATE_CRITICAL, .token = JW_NO_TOKEN},
		{.cause = JW_CLOCK_SKEW,
		 .state = JW_STATE_WARNING,
		 .token = JW_NO_TOKEN,
		 .message = "a clock"},
	};
	const struct verbosity_row *row = *state;
	jw_autobuf struct jw_buf out = {0};
	struct jw_result *result;
	struct jw_str line;
	struct jw_str rest;
	jw_autobuf struct jw_buf expected = JW_BUF(4096);

	begin();
	result = add("html_file", "page.html", JW_STATE_CRITICAL, "it ended");
	findings[0].message = result->verdict.message;
	result->verdict.findings = findings;
	result->verdict.finding_count = 2;
	tokens[1] = tokens[0];
	tokens[1].path = "other.html";
	result->facts.token_count = 2;
	give(result, "runbook", "https://wiki.example/");
	style.verbosity = row->verbosity;
	write_out(&out);
	assert_true(jw_str_cut(jw_buf_get(&out), '\n', &line, &rest));
	assert_true(
		jw_str_starts(line, "JWTWATCH CRITICAL: expired: it ended (and 1 more) | "));
	jw_buf_str(&expected, rest);
	assert_string_equal(expected.ptr ? expected.ptr : "", row->expected);
}

static void all_good_is_short(void **state)
{
	jw_autobuf struct jw_buf out = {0};

	(void)state;
	begin();
	style.perfdata = JW_PERFDATA_NONE;
	add("html_file", "first", JW_STATE_OK, "fine");
	add("html_file", "second", JW_STATE_OK, "fine");
	write_out(&out);
	assert_string_equal(out.ptr,
			    "JWTWATCH OK: 2 targets: 0 critical, 0 warning, 0 unknown, 2 ok\n"
			    "OK first: fine\nOK second: fine\n");
}

int main(void)
{
	int failed;

	JW_ROWS(single_rows, has_these_items);
	JW_ROWS(threshold_rows, threshold_reads);
	JW_ROWS(verbosity_rows, says_more);
	JW_TEST(an_endless_range_is_left_out);
	JW_TEST(several_have_an_item_each);
	JW_TEST(many_are_counted);
	JW_TEST(names_decide_what_fits);
	JW_TEST(labels_differ);
	JW_TEST(nothing_is_injected);
	JW_TEST(it_stays_small);
	JW_TEST(each_failing_one_is_named);
	JW_TEST(details_give_way);
	JW_TEST(all_good_is_short);
	failed = rows_run();
	jw_config_free(config);
	return failed;
}
