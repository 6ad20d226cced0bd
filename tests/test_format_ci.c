/* SPDX-License-Identifier: MIT */
/* What CI and cron read: exit codes by --fail-on, -q, JUnit and workflow commands that nothing foreign breaks. */
#include "rows.h"

#include <string.h>

#include "contract/check.h"
#include "output/format.h"

#define TARGETS_MAX 8
#define NOW INT64_C(1767225600)

static struct {
	struct jw_report report;
	struct jw_result results[TARGETS_MAX];
	struct jw_target targets[TARGETS_MAX];
	struct jw_token tokens[TARGETS_MAX];
} world;

static const struct jw_option page_options[] = {{.name = "path"}, {0}};
static const struct jw_check page_check = {.name = "html_file", .options = page_options};
static const struct jw_option url_options[] = {{.name = "url"}, {0}};
static const struct jw_check url_check = {.name = "token_endpoint", .options = url_options};

static const struct jw_style plain = {0};
static const struct jw_style quiet = {.is_quiet = true};
static const struct jw_style lenient = {.fail_on = JW_FAIL_ON_CRITICAL};

static void begin(void)
{
	memset(&world, 0, sizeof(world));
	world.report.now = NOW;
	world.report.results = world.results;
}

static struct jw_result *add(const char *name, enum jw_state state, const char *message)
{
	static const enum jw_cause causes[] = {JW_OK, JW_EXPIRING, JW_EXPIRED, JW_CONFIG};
	size_t i = world.report.count++;

	world.targets[i] = (struct jw_target){.name = name, .check = &page_check};
	world.tokens[i] = (struct jw_token){.path = "page.html", .line = 4};
	world.results[i] = (struct jw_result){
		.target = &world.targets[i],
		.facts = {.tokens = &world.tokens[i], .token_count = 1},
		.verdict = {.state = state,
			    .cause = causes[state],
			    .message = message,
			    .remedy = state ? "do something" : NULL},
		.now = NOW,
		.duration_ms = 1234,
	};
	world.report.state = jw_state_worse(world.report.state, state);
	return &world.results[i];
}

static void write_as(const char *format, const struct jw_style *style, struct jw_buf *buf)
{
	jw_buf_init(buf, (size_t)1 << 20);
	jw_buf_text(buf, "");
	jw_format_by_name(jw_str_of(format))->write(&world.report, style, buf);
	assert_false(buf->overflowed);
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

struct code_row {
	const char *name; /* a letter a target: O, W, C, U */
	int unknown, warning, critical;
};

static const struct code_row code_rows[] = {
	{"O", 0, 0, 0},	  {"W", 1, 1, 0},   {"C", 2, 2, 2},   {"U", 3, 3, 3},
	{"OW", 1, 1, 0},  {"OC", 2, 2, 2},  {"OU", 3, 3, 3},  {"WC", 2, 2, 2},
	{"WU", 1, 1, 3},  {"UW", 1, 1, 3},  {"CU", 2, 2, 2},  {"OWU", 1, 1, 3},
	{"OWC", 2, 2, 2}, {"WCU", 2, 2, 2}, {"OOO", 0, 0, 0}, {"WWW", 1, 1, 0},
};

static void code(void **state)
{
	static const enum jw_state states[] = {['O'] = JW_STATE_OK,
					       ['W'] = JW_STATE_WARNING,
					       ['C'] = JW_STATE_CRITICAL,
					       ['U'] = JW_STATE_UNKNOWN};
	const struct code_row *row = *state;
	const struct jw_report *report = &world.report;

	begin();
	for (const char *letter = row->name; *letter; letter++)
		add("target", states[(unsigned char)*letter], "");
	assert_int_equal(jw_report_exit_code(report, JW_FAIL_ON_UNKNOWN), row->unknown);
	assert_int_equal(jw_report_exit_code(report, JW_FAIL_ON_WARNING), row->warning);
	assert_int_equal(jw_report_exit_code(report, JW_FAIL_ON_CRITICAL), row->critical);
}

static void nothing_judged_fails_always(void **state)
{
	(void)state;
	begin();
	world.report.state = JW_STATE_UNKNOWN;
	assert_int_equal(jw_report_exit_code(&world.report, JW_FAIL_ON_CRITICAL), 3);
	/* Nor is a textfile that couldn't be written forgiven. */
	add("fine", JW_STATE_WARNING, "");
	world.report.state = JW_STATE_UNKNOWN;
	assert_int_equal(jw_report_exit_code(&world.report, JW_FAIL_ON_CRITICAL), 3);
}

static void json_has_the_exit_code(void **state)
{
	jw_autobuf struct jw_buf out = {0};

	(void)state;
	begin();
	add("page", JW_STATE_WARNING, "soon");
	write_as("json", &lenient, &out);
	assert_true(jw_str_has(jw_buf_get(&out), "\"state\": \"WARNING\""));
	assert_true(jw_str_has(jw_buf_get(&out), "\"exit_code\": 0"));
}

static void quiet_text(void **state)
{
	jw_autobuf struct jw_buf none = {0};
	jw_autobuf struct jw_buf some = {0};

	(void)state;
	begin();
	world.report.simulated = true;
	add("good one", JW_STATE_OK, "fine");
	write_as("text", &quiet, &none);
	assert_string_equal(none.ptr, "");
	add("bad one", JW_STATE_WARNING, "soon");
	add("good two", JW_STATE_OK, "fine");
	write_as("text", &quiet, &some);
	assert_false(jw_str_has(jw_buf_get(&some), "good"));
	assert_true(jw_str_has(jw_buf_get(&some), "WARNING   bad one"));
	assert_true(jw_str_has(jw_buf_get(&some), "\n3 targets: 1 WARNING, 2 OK\n"));
}

static void quiet_github(void **state)
{
	jw_autobuf struct jw_buf none = {0};
	jw_autobuf struct jw_buf loud = {0};
	jw_autobuf struct jw_buf some = {0};

	(void)state;
	begin();
	add("good one", JW_STATE_OK, "fine");
	write_as("github", &plain, &loud);
	assert_string_equal(loud.ptr, "1 target: 1 OK\n");
	write_as("github", &quiet, &none);
	assert_string_equal(none.ptr, "");
	add("bad one", JW_STATE_WARNING, "soon");
	write_as("github", &quiet, &some);
	assert_true(jw_str_has(jw_buf_get(&some), "::warning "));
}

/* A program that reads a whole document gets one. */
static void quiet_changes_no_document(void **state)
{
	static const char *const formats[] = {"junit", "json", "nagios", "prometheus"};

	(void)state;
	begin();
	add("good one", JW_STATE_OK, "fine");
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		jw_autobuf struct jw_buf loud = {0};
		jw_autobuf struct jw_buf none = {0};

		write_as(formats[i], &plain, &loud);
		write_as(formats[i], &quiet, &none);
		assert_string_equal(none.ptr, loud.ptr);
		assert_true(none.len > 0);
	}
}

static const char hostile[] = "a\n::error::b\r\x01\x7f<c attr=\"d\" e='f'>&g;]]>%0A,:\xff"
			      "\xef\xbf\xbe\xef\xbf\xbf\xc2\x85\xe2\x80\xae\xed\xa0\x80z";

static void junit_is_not_injected(void **state)
{
	static const char shown[] =
		"a?::error::b???&lt;c attr=&quot;d&quot; e=&apos;f&apos;&gt;"
		"&amp;g;]]&gt;%0A,:??????";
	jw_autobuf struct jw_buf out = {0};

	(void)state;
	begin();
	add(hostile, JW_STATE_CRITICAL, hostile);
	world.tokens[0].path = hostile;
	write_as("junit", &plain, &out);
	/* name, file, message and body */
	assert_int_equal(count_of(out.ptr, shown), 4);
	assert_int_equal(count_of(out.ptr, "<c "), 0);
	for (size_t i = 0; i < out.len; i++)
		assert_true((unsigned char)out.ptr[i] >= 0x20 || strchr("\t\n", out.ptr[i]));
}

struct outcome_row {
	const char *name;
	enum jw_state state;
	const struct jw_style *style;
	const char *element, *counts;
};

static const struct outcome_row outcome_rows[] = {
	{"OK passes", JW_STATE_OK, &plain, NULL, "failures=\"0\" errors=\"0\""},
	{"CRITICAL fails", JW_STATE_CRITICAL, &lenient, "<failure type=\"expired\"",
	 "failures=\"1\" errors=\"0\""},
	{"WARNING fails", JW_STATE_WARNING, &plain, "<failure type=\"expiring\"",
	 "failures=\"1\" errors=\"0\""},
	{"... unless --fail-on critical", JW_STATE_WARNING, &lenient, NULL,
	 "failures=\"0\" errors=\"0\""},
	{"UNKNOWN is an error", JW_STATE_UNKNOWN, &lenient, "<error type=\"config\"",
	 "failures=\"0\" errors=\"1\""},
};

static void outcome(void **state)
{
	const struct outcome_row *row = *state;
	jw_autobuf struct jw_buf out = {0};
	jw_autobuf struct jw_buf says = JW_BUF(256);

	begin();
	world.report.span_ms = 5678;
	add("page", row->state, "what was met");
	write_as("junit", row->style, &out);
	assert_int_equal(count_of(out.ptr, row->counts), 2);
	assert_int_equal(count_of(out.ptr, "<failure") + count_of(out.ptr, "<error"),
			 row->element ? 1 : 0);
	assert_true(!row->element || strstr(out.ptr, row->element));
	/* Whatever becomes of it, the state is told, once. */
	jw_buf_printf(&says, ">%s", jw_state_name(row->state));
	assert_int_equal(count_of(out.ptr, says.ptr), 1);
	assert_int_equal(count_of(out.ptr, ": what was met\n"), 1);
	assert_int_equal(count_of(out.ptr, "fix: do something\n"), row->state != 0);
	assert_int_equal(count_of(out.ptr, " time=\"1.234\""), 1);
	assert_int_equal(count_of(out.ptr, " time=\"5.678\""), 2);
	assert_true(jw_str_has(jw_buf_get(&out), " timestamp=\"2026-01-01T00:00:00\""));
}

static void github_is_not_injected(void **state)
{
	jw_autobuf struct jw_buf out = {0};

	(void)state;
	begin();
	add(hostile, JW_STATE_CRITICAL, hostile)->verdict.remedy = hostile;
	world.tokens[0].path = hostile;
	world.targets[0].runbook = hostile;
	write_as("github", &plain, &out);
	assert_int_equal(count_of(out.ptr, "\n"), 2);
	assert_true(jw_str_starts(jw_buf_get(&out), "::error file=a?%3A%3Aerror%3A%3Ab???"
						    "<c attr=\"d\" e='f'>&g;]]>%250A%2C%3A"));
	assert_int_equal(count_of(out.ptr, "title=CRITICAL a?%3A%3Aerror%3A%3Ab"), 1);
	assert_int_equal(count_of(out.ptr, "%0Afix: a?::error::b???"
					   "<c"),
			 1);
	assert_int_equal(count_of(out.ptr, "%0Arunbook: a?::error::b???"
					   "<c"),
			 1);
	assert_int_equal(count_of(out.ptr, "\r"), 0);
}

static void github_levels(void **state)
{
	jw_autobuf struct jw_buf out = {0};

	(void)state;
	begin();
	world.report.simulated = true;
	add("a", JW_STATE_UNKNOWN, "u");
	add("b", JW_STATE_OK, "o");
	add("c", JW_STATE_WARNING, "w");
	add("d", JW_STATE_CRITICAL, "c");
	write_as("github", &lenient, &out);
	assert_string_equal(
		out.ptr,
		"::notice title=simulated::judged as of 2026-01-01T00:00:00Z\n"
		"::error file=page.html,line=4,title=CRITICAL d::expired: c%0Afix: do "
		"something\n"
		"::warning file=page.html,line=4,title=WARNING c::expiring: w%0Afix: do "
		"something\n"
		"::error file=page.html,line=4,title=UNKNOWN a::config: u%0Afix: do something\n"
		"4 targets: 1 CRITICAL, 1 WARNING, 1 UNKNOWN, 1 OK\n");
}

struct place_row {
	const char *name;
	const char *path, *workspace, *here, *shown;
};

static const struct place_row place_rows[] = {
	{"no workspace", "/w/a/page.html", NULL, NULL, "/w/a/page.html"},
	{"in the workspace", "/w/a/page.html", "/w/a", "/", "page.html"},
	{"in a folder of it", "/w/a/b/page.html", "/w/a/", "/", "b/page.html"},
	{"elsewhere", "/w/b/page.html", "/w/a", "/", "/w/b/page.html"},
	{"beside, by a longer name", "/w/ab/page.html", "/w/a", "/", "/w/ab/page.html"},
	{"the workspace itself", "/w/a", "/w/a", "/", "/w/a"},
	{"from there", "page.html", "/w/a", "/w/a", "page.html"},
	{"from a folder in it", "page.html", "/w/a", "/w/a/b", "b/page.html"},
	{"from a folder in it, up", "../page.html", "/w/a", "/w/a/b", "page.html"},
	{"from elsewhere", "page.html", "/w/a", "/w", "page.html"},
	{"from elsewhere, into it", "./a//b/./page.html", "/w/a", "/w", "b/page.html"},
	{"out of it", "/w/a/../b/page.html", "/w/a", "/", "/w/a/../b/page.html"},
	{"above everything", "/../../w/a/page.html", "/w/a", "/", "page.html"},
	{"nobody knows where this is", "page.html", "/w/a", NULL, "page.html"},
	{"everything is the workspace", "/w/a/page.html", "/", "/", "/w/a/page.html"},
};

static void place(void **state)
{
	const struct place_row *row = *state;
	const struct jw_style style = {.workspace = row->workspace, .here = row->here};
	jw_autobuf struct jw_buf out = {0};
	jw_autobuf struct jw_buf wanted = JW_BUF(256);

	begin();
	add("page", JW_STATE_CRITICAL, "gone");
	world.tokens[0].path = row->path;
	write_as("github", &style, &out);
	jw_buf_printf(&wanted, "::error file=%s,line=4,", row->shown);
	assert_true(jw_str_starts(jw_buf_get(&out), wanted.ptr));
}

static void file_is(const char *expected)
{
	jw_autobuf struct jw_buf out = {0};

	write_as("github", &plain, &out);
	if (!jw_str_starts(jw_buf_get(&out), expected))
		print_message("%.60s\n", out.ptr);
	assert_true(jw_str_starts(jw_buf_get(&out), expected));
}

/* A page; without one, the target's own line of the configuration. */
static void which_file(void **state)
{
	static struct jw_failure failure = {.cause = JW_FILE_MISSING, .place = "gone.html"};
	struct jw_result *result;

	(void)state;
	begin();
	result = add("page", JW_STATE_CRITICAL, "m");
	world.targets[0].file = "jwtwatch.yaml";
	world.targets[0].line = 12;
	file_is("::error file=page.html,line=4,title");
	/* Nothing is wrong with the page itself. */
	result->verdict.deciding = JW_NO_TOKEN;
	file_is("::error file=jwtwatch.yaml,line=12,title");
	result->verdict.deciding = 0;
	world.tokens[0].path = "-";
	file_is("::error file=jwtwatch.yaml,line=12,title");
	world.tokens[0].path = "https://example.org/token?x=***";
	world.targets[0].check = &url_check;
	file_is("::error file=jwtwatch.yaml,line=12,title");
	world.targets[0].check = &page_check;
	result->facts = (struct jw_facts){.failures = &failure, .failure_count = 1};
	file_is("::error file=gone.html,title");
	failure.cause = JW_SECRET_MISSING;
	file_is("::error file=jwtwatch.yaml,line=12,title");
	world.targets[0] = (struct jw_target){.name = "no such target"};
	file_is("::error title=CRITICAL no such target::");
}

int main(void)
{
	JW_ROWS(code_rows, code);
	JW_TEST(nothing_judged_fails_always);
	JW_TEST(json_has_the_exit_code);
	JW_TEST(quiet_text);
	JW_TEST(quiet_github);
	JW_TEST(quiet_changes_no_document);
	JW_TEST(junit_is_not_injected);
	JW_ROWS(outcome_rows, outcome);
	JW_TEST(github_is_not_injected);
	JW_TEST(github_levels);
	JW_ROWS(place_rows, place);
	JW_TEST(which_file);
	return rows_run();
}
