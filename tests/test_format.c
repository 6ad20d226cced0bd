/* SPDX-License-Identifier: MIT */
/* The formats over reports made by hand: sizes, orders, and what hostile names must not do. */
#include "rows.h"

#include <string.h>

#include <jansson.h>

#include "contract/check.h"
#include "output/format.h"

#define TARGETS_MAX 1000
#define NOW INT64_C(1767225600)

/* A report over targets that all have one token, good for `left` seconds more. */
struct world {
	struct jw_report report;
	struct jw_result results[TARGETS_MAX];
	struct jw_target targets[TARGETS_MAX];
	struct jw_token tokens[TARGETS_MAX];
};

static struct world world;

static const enum jw_cause causes[] = {
	[JW_STATE_OK] = JW_OK,
	[JW_STATE_WARNING] = JW_EXPIRING,
	[JW_STATE_CRITICAL] = JW_EXPIRED,
	[JW_STATE_UNKNOWN] = JW_CONFIG,
};

static void add(const char *name, enum jw_state state, const char *message)
{
	size_t i = world.report.count++;

	world.targets[i] = (struct jw_target){.name = name};
	jw_threshold_parse(JW_STR("1h"), &world.targets[i].expect.warning, NULL);
	jw_threshold_parse(JW_STR("10m"), &world.targets[i].expect.critical, NULL);
	world.tokens[i] = (struct jw_token){.path = name, .line = 1, .has_claims = true};
	world.tokens[i].jwt.alg = "HS256";
	world.tokens[i].jwt.exp = (struct jw_time_claim){JW_CLAIM_VALID, NOW + 7200, NULL};
	world.results[i] = (struct jw_result){
		.target = &world.targets[i],
		.facts = {.tokens = &world.tokens[i], .token_count = 1},
		.verdict = {.state = state,
			    .cause = causes[state],
			    .message = message,
			    .remedy = "do something",
			    .deciding = 0,
			    .proved = state == JW_STATE_OK ? JW_PROVED_EXPIRY : 0},
		.now = NOW,
	};
	world.report.state = jw_state_worse(world.report.state, state);
}

static int begin(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.report.now = NOW;
	world.report.results = world.results;
	return 0;
}

static void write_as(const char *format, struct jw_buf *buf)
{
	const struct jw_style style = {0};

	jw_buf_init(buf, (size_t)16 << 20);
	jw_format_by_name(jw_str_of(format))->write(&world.report, &style, buf);
	assert_false(buf->overflowed);
}

static size_t count_of(struct jw_str text, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == c;
	return count;
}

static void nagios_stays_small(void **state)
{
	static const size_t counts[] = {1, 2, 20, 21, 1000};
	char long_message[3001];

	memset(long_message, 'm', 3000);
	long_message[3000] = '\0';
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		jw_autobuf struct jw_buf out = {0};
		struct jw_str first;
		struct jw_str rest;

		begin(state);
		for (size_t n = 0; n < counts[i]; n++)
			add("a name of some length, as people give them", JW_STATE_CRITICAL,
			    long_message);
		write_as("nagios", &out);
		assert_true(out.len <= 4096);
		assert_int_equal(count_of(jw_buf_get(&out), '|'), 1);
		assert_true(jw_str_cut(jw_buf_get(&out), '\n', &first, &rest));
		assert_int_equal(count_of(first, '|'), 1);
		assert_true(jw_str_starts(first, "JWTWATCH CRITICAL: "));
	}
}

/* Names and messages can't begin a line, bring perfdata, or a label of their own. */
static void nagios_is_not_injected(void **state)
{
	jw_autobuf struct jw_buf out = {0};
	struct jw_str line;
	struct jw_str rest;

	begin(state);
	add("a|x=1\nb'=9;::c \033[31m", JW_STATE_CRITICAL, "m|y=2\n\r\x01 \xff");
	add("second", JW_STATE_OK, "fine");
	write_as("nagios", &out);
	assert_int_equal(count_of(jw_buf_get(&out), '|'), 1);
	assert_int_equal(count_of(jw_buf_get(&out), '\n'), 3);
	assert_int_equal(count_of(jw_buf_get(&out), '\033'), 0);
	assert_int_equal(count_of(jw_buf_get(&out), '\r'), 0);
	assert_true(jw_str_cut(jw_buf_get(&out), '\n', &line, &rest));
	/* Two labels, so four quotes; one '=' each behind the bar. */
	assert_true(jw_str_cut(line, '|', &line, &rest));
	assert_int_equal(count_of(rest, '\''), 4);
	assert_int_equal(count_of(rest, '='), 2);
	assert_false(jw_str_has(rest, "::"));
}

static void nagios_perfdata_by_count(void **state)
{
	jw_autobuf struct jw_buf one = {0};
	jw_autobuf struct jw_buf two = {0};
	jw_autobuf struct jw_buf many = {0};

	begin(state);
	add("first", JW_STATE_OK, "fine");
	write_as("nagios", &one);
	assert_true(jw_str_has(jw_buf_get(&one), "| 'left'=7200s;3600:;600: "));
	add("second", JW_STATE_OK, "fine");
	write_as("nagios", &two);
	assert_true(jw_str_has(jw_buf_get(&two),
			       "| 'first'=7200s;3600:;600: 'second'=7200s;3600:;600:"));
	for (size_t i = 0; i < 19; i++)
		add("more", JW_STATE_WARNING, "soon");
	write_as("nagios", &many);
	assert_true(
		jw_str_has(jw_buf_get(&many),
			   "| 'ok'=2 'warning'=19 'critical'=0 'unknown'=0 'earliest'=7200s"));
}

static void worst_comes_first(void **state)
{
	static const size_t expected[] = {1, 4, 2, 0, 3};
	jw_autofree size_t *order = NULL;

	begin(state);
	add("unknown", JW_STATE_UNKNOWN, "");
	add("critical", JW_STATE_CRITICAL, "");
	add("warning", JW_STATE_WARNING, "");
	add("ok", JW_STATE_OK, "");
	add("critical too", JW_STATE_CRITICAL, "");
	order = jw_report_order(&world.report);
	/* CRITICAL > WARNING > UNKNOWN > OK */
	assert_memory_equal(order, expected, sizeof(expected));
	assert_int_equal(world.report.state, JW_STATE_CRITICAL);
}

static void text_keeps_to_its_lines(void **state)
{
	jw_autobuf struct jw_buf out = {0};

	begin(state);
	add("a\nb\033]0;x\007", JW_STATE_CRITICAL, "m\nn \xe2\x80\xae");
	write_as("text", &out);
	/* header, row, message, fix, blank, summary */
	assert_int_equal(count_of(jw_buf_get(&out), '\n'), 6);
	assert_int_equal(count_of(jw_buf_get(&out), '\033'), 0);
	assert_false(jw_str_has(jw_buf_get(&out), "\xe2\x80\xae"));
}

static void json_is_json(void **state)
{
	jw_autobuf struct jw_buf out = {0};
	json_t *root;
	json_t *target;

	begin(state);
	add("a\n\"b\xff", JW_STATE_WARNING, "m\\\n");
	write_as("json", &out);
	root = json_loadb(out.ptr, out.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	assert_int_equal(json_integer_value(json_object_get(root, "version")), 1);
	assert_int_equal(json_integer_value(json_object_get(root, "exit_code")), 1);
	target = json_array_get(json_object_get(root, "targets"), 0);
	assert_string_equal(json_string_value(json_object_get(target, "name")), "a?\"b?");
	assert_string_equal(json_string_value(json_object_get(target, "cause")), "expiring");
	assert_int_equal(
		json_integer_value(json_object_get(
			json_array_get(json_object_get(target, "tokens"), 0), "remaining")),
		7200);
	json_decref(root);
}

int main(void)
{
	JW_TEST(nagios_stays_small);
	JW_TEST(nagios_is_not_injected);
	JW_TEST(nagios_perfdata_by_count);
	JW_TEST(worst_comes_first);
	JW_TEST(text_keeps_to_its_lines);
	JW_TEST(json_is_json);
	return rows_run();
}
