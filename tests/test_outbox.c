/* SPDX-License-Identifier: MIT */
/* Queues in front of sinks, by a network that answers when told and a clock that the test owns. */
#include "rows.h"

#include <string.h>

#include "core/errors.h"
#include "core/outbox.h"
#include "fake_exec.h"
#include "fake_net.h"

static int64_t clock_ms;

static int64_t wall(void *self)
{
	(void)self;
	return 1767225600;
}

static int64_t monotonic(void *self)
{
	(void)self;
	return clock_ms;
}

static enum jw_cause post_cause;
static size_t posted;

static enum jw_cause post(void *self, const char *path, struct jw_str line, struct jw_err *err)
{
	(void)self;
	(void)path;
	(void)line;
	posted++;
	return post_cause ? jw_fail(err, post_cause, "nobody reads this pipe") : JW_OK;
}

static const struct jw_loop *open_loop(void *context, struct jw_err *err)
{
	(void)context;
	(void)err;
	return &fake_net.loop;
}

static const struct jw_clock own_clock = {.wall = wall, .monotonic_ms = monotonic};
static const struct jw_files files = {.post = post};
static const struct jw_world world = {
	.files = &files,
	.clock = &own_clock,
	.loop = open_loop,
	.net = fake_open,
	.exec = fake_open_exec,
};

static struct jw_config *config;
static struct jw_outbox *outbox;

static struct jw_config *configured(void)
{
	static const char yaml[] =
		"sinks:\n"
		"  every: {type: nrdp, url: 'https://n/nrdp/', token: t, host: h}\n"
		"  other: {type: nrdp, url: 'https://o/nrdp/', token: t, host: h}\n"
		"  pipe: {type: command_file, path: /p, host: h}\n"
		"  hook: {type: webhook, url: 'https://w/'}\n"
		"  program: {type: command, command: [notify]}\n"
		"targets: []\n";
	struct jw_errors errors = {0};
	struct jw_config *read =
		jw_config_read(jw_str_of(yaml), "c.yaml", "/srv", NULL, INT64_MAX, &errors);

	if (!read)
		fail_msg("%s", errors.text.ptr);
	return read;
}

static const struct jw_sink_entry *entry_of(const struct jw_config *of, const char *name)
{
	const struct jw_sink_entry *entry = NULL;

	assert_int_equal(jw_config_sink(of, jw_str_of(name), &entry, NULL), JW_OK);
	return entry;
}

static void begin(const char *sink, size_t max)
{
	fake_reset();
	fake_reset_exec();
	clock_ms = 1000;
	post_cause = JW_OK;
	posted = 0;
	config = configured();
	outbox = jw_outbox_new(&world, entry_of(config, sink), max);
}

static void end(size_t lost)
{
	assert_int_equal(jw_outbox_free(outbox), lost);
	jw_config_free(config);
	assert_int_equal(fake_timers_used(), 0);
	assert_int_equal(fake_out(), 0);
}

/* The clock moves, and timers that are due by then fire. */
static void pass(int64_t ms)
{
	clock_ms += ms;
	for (size_t i = 0; i < FAKE_TIMERS; i++)
		if (fake_timers[i].is_used && fake_timers[i].ms > 0)
			fake_timers[i].ms = fake_timers[i].ms > ms ? fake_timers[i].ms - ms : 0;
	fake_pass(0);
}

/* `text` is seen in the request. */
static void put(const char *target, const char *text, bool is_change)
{
	struct jw_pair labels[] = {{"team", "voice"}, {NULL, NULL}};
	char *own_target = jw_xstrdup(target);
	char *own_text = jw_xstrdup(text);

	jw_outbox_put(outbox, &(struct jw_news){.result = {.target = own_target,
							   .machine = "m",
							   .state = JW_STATE_WARNING,
							   .text = jw_str_of(own_text),
							   .perfdata = JW_STR(""),
							   .now = 1767225600,
							   .is_first = true,
							   .cause = JW_EXPIRED,
							   .message = own_text,
							   .labels = labels,
							   .interval = 60},
						.is_change = is_change});
	/* It was copied. */
	memset(own_target, '!', strlen(own_target));
	memset(own_text, '!', strlen(own_text));
	free(own_target);
	free(own_text);
}

static struct jw_outbox_numbers numbers(void)
{
	struct jw_outbox_numbers now;

	jw_outbox_numbers(outbox, &now);
	return now;
}

static void expect_numbers(uint64_t sent, uint64_t failed, uint64_t dropped, size_t queued)
{
	const struct jw_outbox_numbers now = numbers();

	assert_int_equal(now.sent, sent);
	assert_int_equal(now.failed, failed);
	assert_int_equal(now.dropped, dropped);
	assert_int_equal(now.queued, queued);
}

#define TAKEN                                                                                  \
	"{\"result\":{\"status\":0,\"message\":\"OK\",\"meta\":{\"output\":\"1 checks "        \
	"processed\"}}}"

static void answer(size_t index, long status)
{
	fake_answer(index, (struct jw_http_reply){.status = status, .body = jw_str_of(TAKEN)});
}

static void refuse_connection(size_t index)
{
	fake_answer(index,
		    (struct jw_http_reply){.cause = JW_CONNECT, .says = "nothing listens"});
}

static void expect_body(size_t index, const char *part)
{
	assert_true(index < fake_transfer_count);
	if (!strstr(fake_transfers[index].body, part))
		fail_msg("request %zu is %s", index, fake_transfers[index].body);
}

static void nothing_is_sent_from_inside_put(void **state)
{
	(void)state;
	begin("every", 10);
	put("a", "one", false);
	assert_int_equal(fake_transfer_count, 0);
	pass(0);
	assert_int_equal(fake_transfer_count, 1);
	expect_numbers(0, 0, 0, 1);
	answer(0, 200);
	expect_numbers(1, 0, 0, 0);
	assert_false(numbers().is_down);
	assert_null(numbers().says);
	pass(300000);
	assert_int_equal(fake_transfer_count, 1);
	end(0);
}

static void down_then_up(void **state)
{
	static const int64_t waits_ms[] = {1000,  2000,	  4000,	  8000,	  16000, 32000,
					   64000, 128000, 256000, 300000, 300000};

	(void)state;
	begin("hook", 10);
	put("a", "one", true);
	pass(0);
	for (size_t i = 0; i < sizeof(waits_ms) / sizeof(*waits_ms); i++) {
		int64_t since = numbers().since_ms;

		refuse_connection(i);
		assert_true(numbers().is_down);
		assert_int_equal(numbers().since_ms, i ? since : 1000);
		assert_string_equal(numbers().says, "https://w/...: nothing listens");
		/* News don't shorten the wait. */
		put("b", "two", i == 0);
		pass(waits_ms[i] - 1);
		assert_int_equal(fake_transfer_count, i + 1);
		pass(1);
		assert_int_equal(fake_transfer_count, i + 2);
	}
	expect_numbers(0, 11, 0, 2);
	answer(11, 204);
	assert_false(numbers().is_down);
	assert_int_equal(numbers().since_ms, clock_ms);
	pass(0);
	expect_body(12, "\"two\"");
	/* A success forgets the waits. */
	refuse_connection(12);
	pass(1000);
	answer(13, 200);
	expect_numbers(2, 12, 0, 0);
	end(0);
}

static void the_oldest_is_given_up_where_the_queue_is_full(void **state)
{
	(void)state;
	begin("hook", 2);
	put("a", "one", true);
	put("b", "two", true);
	put("c", "three", true);
	expect_numbers(0, 0, 1, 2);
	pass(0);
	expect_body(0, "\"two\"");
	put("d", "four", true);
	expect_numbers(0, 0, 1, 3);
	/* Where it was there are two by now. */
	refuse_connection(0);
	expect_numbers(0, 1, 2, 2);
	pass(1000);
	expect_body(1, "\"three\"");
	answer(1, 200);
	pass(0);
	expect_body(2, "\"four\"");
	end(1);
}

static void every_result_makes_older_ones_of_its_target_old(void **state)
{
	(void)state;
	begin("pipe", 10);
	post_cause = JW_FILE_UNREADABLE;
	put("a", "one", false);
	pass(0);
	put("b", "one", false);
	put("a", "two", false);
	put("a", "three", true);
	expect_numbers(0, 1, 0, 2);
	post_cause = JW_OK;
	pass(1000);
	expect_numbers(2, 1, 0, 0);
	assert_int_equal(posted, 3);
	end(0);
}

static void what_failed_makes_room_for_the_newer_one(void **state)
{
	(void)state;
	begin("every", 10);
	put("a", "one", false);
	pass(0);
	put("a", "two", false);
	pass(0);
	/* Two of one target are never on their way at once. */
	assert_int_equal(fake_transfer_count, 1);
	refuse_connection(0);
	expect_numbers(0, 1, 0, 1);
	pass(1000);
	expect_body(1, "two");
	answer(1, 200);
	pass(0);
	assert_int_equal(fake_transfer_count, 2);
	end(0);
}

static void changes_keep_their_order(void **state)
{
	static const char *const texts[] = {"\"one\"", "\"two\"", "\"three\""};

	(void)state;
	begin("hook", 10);
	put("a", "one", true);
	put("b", "zero", false);
	put("a", "two", true);
	put("a", "three", true);
	pass(0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(fake_out(), 1);
		expect_body(i, texts[i]);
		answer(i, 200);
		pass(0);
	}
	expect_numbers(3, 0, 0, 0);
	end(0);
}

static void four_are_on_their_way_to_a_sink_that_is_up(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f"};

	(void)state;
	begin("every", 10);
	for (size_t i = 0; i < 6; i++)
		put(names[i], "x", false);
	pass(0);
	assert_int_equal(fake_out(), 4);
	answer(2, 200);
	pass(0);
	assert_int_equal(fake_out(), 4);
	/* They fail together: one wait, and one by one behind it. */
	refuse_connection(0);
	refuse_connection(1);
	refuse_connection(3);
	refuse_connection(4);
	expect_numbers(1, 4, 0, 5);
	pass(999);
	assert_int_equal(fake_out(), 0);
	pass(1);
	assert_int_equal(fake_out(), 1);
	answer(5, 200);
	pass(0);
	assert_int_equal(fake_out(), 4);
	end(4);
}

static void old_results_are_given_up(void **state)
{
	(void)state;
	begin("every", 10);
	put("a", "one", false);
	pass(0);
	for (size_t i = 0; i < 8; i++) {
		refuse_connection(i);
		pass(1000 << i);
		/* Behind 1 + 2 + ... + 64 s it is 127 s old, and behind 128 s more too old. */
		assert_int_equal(fake_transfer_count, i < 7 ? i + 2 : 8);
	}
	expect_numbers(0, 8, 1, 0);
	put("b", "two", false);
	pass(0);
	assert_int_equal(fake_out(), 1);
	end(1);
}

static void changes_are_never_too_old(void **state)
{
	(void)state;
	begin("hook", 10);
	put("a", "one", true);
	pass(0);
	for (size_t i = 0; i < 20; i++) {
		refuse_connection(i);
		pass(300000);
	}
	expect_numbers(0, 20, 0, 1);
	end(1);
}

struct refuse_row {
	const char *name;
	const char *sink;
	long status;
	bool is_dropped;
	const char *says;
};

static const struct refuse_row refuse_rows[] = {
	{"a webhook's 400", "hook", 400, true, "doesn't take it (HTTP status 400)"},
	{"a webhook's redirect", "hook", 302, true, "redirect"},
	{"a webhook's 503", "hook", 503, false, "can't take it now (HTTP status 503)"},
	{"a webhook's 429", "hook", 429, false, "can't take it now (HTTP status 429)"},
	{"every result refused", "every", 404, true, "HTTP status 404"},
};

/* Three times more, then the next one has its turn. */
static void refuses(void **state)
{
	const struct refuse_row *row = *state;

	begin(row->sink, 10);
	put("a", "one", true);
	pass(0);
	for (size_t i = 0; i < 4; i++) {
		expect_body(i, "one");
		answer(i, row->status);
		assert_non_null(strstr(numbers().says, row->says));
		if (i == 2)
			put("b", "two", true);
		/* For every result the refused one stands behind the others. */
		if (i == 2 && strcmp(row->sink, "every") == 0) {
			pass(4000);
			answer(3, row->status);
			pass(8000);
			answer(4, row->status);
			expect_numbers(0, 5, 1, 1);
			end(1);
			return;
		}
		pass(1000 << i);
	}
	expect_numbers(0, 4, row->is_dropped, row->is_dropped ? 1 : 2);
	expect_body(4, row->is_dropped ? "two" : "one");
	end(row->is_dropped ? 1 : 2);
}

static void one_that_is_refused_delays_no_other(void **state)
{
	(void)state;
	begin("every", 10);
	put("a", "one", false);
	pass(0);
	put("b", "two", false);
	answer(0, 404);
	pass(1000);
	expect_body(1, "two");
	answer(1, 200);
	pass(0);
	expect_body(2, "one");
	answer(2, 200);
	expect_numbers(2, 1, 0, 0);
	end(0);
}

static void programs_end_with_a_status(void **state)
{
	(void)state;
	begin("program", 10);
	put("a", "one", true);
	pass(0);
	assert_string_equal(fake_children[0].argv, "[notify]");
	assert_string_equal(fake_children[0].env,
			    "[JWTWATCH_TARGET=a][JWTWATCH_STATE=WARNING]"
			    "[JWTWATCH_CAUSE=expired][JWTWATCH_MESSAGE=one]");
	assert_non_null(strstr(fake_children[0].input, "\"labels\":{\"team\":\"voice\"}"));
	for (size_t i = 0; i < 4; i++) {
		fake_outcome(i, (struct jw_exec_result){.exit_status = 75,
							.complaint = JW_STR("no route\n")});
		assert_string_equal(numbers().says, "notify: exit status 75: no route");
		pass(1000 << i);
	}
	expect_numbers(0, 4, 0, 1);
	for (size_t i = 4; i < 8; i++) {
		expect_numbers(0, i, 0, 1);
		fake_outcome(i, (struct jw_exec_result){.exit_status = 1});
		if (i < 7)
			pass(300000);
	}
	expect_numbers(0, 8, 1, 0);
	end(0);
}

static void a_program_that_hangs_is_ended_with_its_outbox(void **state)
{
	(void)state;
	begin("program", 10);
	put("a", "one", true);
	put("b", "two", true);
	pass(0);
	assert_true(fake_children[0].is_running);
	end(2);
	assert_false(fake_children[0].is_running);
}

static void freed_while_in_flight(void **state)
{
	(void)state;
	begin("every", 10);
	put("a", "one", false);
	put("b", "two", false);
	pass(0);
	assert_int_equal(fake_out(), 2);
	end(2);
	assert_int_equal(jw_outbox_free(NULL), 0);
}

static void reloaded_while_in_flight(void **state)
{
	struct jw_config *next = configured();

	(void)state;
	begin("every", 10);
	put("a", "one", false);
	put("b", "two", false);
	pass(0);
	refuse_connection(0);
	assert_int_equal(fake_out(), 1);
	jw_outbox_reload(outbox, entry_of(next, "other"));
	jw_config_free(config);
	config = next;
	assert_int_equal(fake_out(), 0);
	expect_numbers(0, 1, 0, 2);
	/* Whoever mended the sink doesn't wait. */
	pass(0);
	assert_int_equal(fake_out(), 2);
	assert_string_equal(fake_transfers[2].url, "https://o/nrdp/");
	answer(2, 200);
	answer(3, 200);
	expect_numbers(2, 1, 0, 0);
	end(0);
}

static void reloaded_as_another_kind(void **state)
{
	(void)state;
	begin("hook", 10);
	put("a", "one", true);
	put("b", "two", true);
	put("a", "three", true);
	pass(0);
	jw_outbox_reload(outbox, entry_of(config, "every"));
	expect_numbers(0, 0, 0, 2);
	pass(0);
	expect_body(1, "three");
	expect_body(2, "two");
	end(2);
}

static void a_sink_that_hangs_delays_no_other(void **state)
{
	struct jw_outbox *hung;

	(void)state;
	begin("hook", 10);
	put("a", "one", true);
	pass(0);
	hung = outbox;
	outbox = jw_outbox_new(&world, entry_of(config, "every"), 10);
	put("a", "one", false);
	pass(0);
	answer(1, 200);
	expect_numbers(1, 0, 0, 0);
	assert_int_equal(jw_outbox_free(hung), 1);
	end(0);
}

/* What is done on the spot lets others have their turn now and then, and all of it is done. */
static void many_at_once(void **state)
{
	(void)state;
	begin("pipe", 1000);
	for (int i = 0; i < 1000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "t%d", i);
		put(name, "x", false);
	}
	pass(0);
	assert_in_range(posted, 1, 100);
	for (int i = 0; i < 100; i++)
		pass(0);
	expect_numbers(1000, 0, 0, 0);
	end(0);
}

int main(void)
{
	JW_TEST(nothing_is_sent_from_inside_put);
	JW_TEST(down_then_up);
	JW_TEST(the_oldest_is_given_up_where_the_queue_is_full);
	JW_TEST(every_result_makes_older_ones_of_its_target_old);
	JW_TEST(what_failed_makes_room_for_the_newer_one);
	JW_TEST(changes_keep_their_order);
	JW_TEST(four_are_on_their_way_to_a_sink_that_is_up);
	JW_TEST(old_results_are_given_up);
	JW_TEST(changes_are_never_too_old);
	JW_ROWS(refuse_rows, refuses);
	JW_TEST(one_that_is_refused_delays_no_other);
	JW_TEST(programs_end_with_a_status);
	JW_TEST(a_program_that_hangs_is_ended_with_its_outbox);
	JW_TEST(freed_while_in_flight);
	JW_TEST(reloaded_while_in_flight);
	JW_TEST(reloaded_as_another_kind);
	JW_TEST(a_sink_that_hangs_delays_no_other);
	JW_TEST(many_at_once);
	return rows_run();
}
