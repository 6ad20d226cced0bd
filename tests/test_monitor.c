/* SPDX-License-Identifier: MIT */
/* The daemon's memory: results come in by hand, on a clock that the test owns. */
#include "rows.h"

#include <string.h>

#include "contract/check.h"
#include "core/monitor.h"
#include "core/scheduler.h"
#include "token/base64url.h"

#define NOW INT64_C(1767225600)

static const struct jw_check page = {.name = "html_file", .kind = JW_CHECK_HELD};
static const struct jw_check endpoint = {.name = "token_endpoint", .kind = JW_CHECK_FRESH};

/* Not a hash that anybody should use: it tells the texts of these tests apart. */
static void fake_sha256(struct jw_str bytes, unsigned char digest[32])
{
	memset(digest, 0, 32);
	for (size_t i = 0; i < bytes.len; i++)
		digest[i % 32] = (unsigned char)(digest[i % 32] * 31 + bytes.ptr[i]);
}

static const struct jw_crypto crypto = {.sha256 = fake_sha256};

static struct {
	struct jw_monitor *monitor;
	struct jw_target targets[4];
	struct jw_config config;
	struct jw_times now;
	size_t gone;
	size_t kept;
	size_t added;
	struct jw_monitor_news news;
	struct jw_result result; /* the last one that was taken */
} world;

static void count_gone(void *context, struct jw_record *record)
{
	(void)record;
	(void)context;
	world.gone++;
}

static void count_kept(void *context, struct jw_record *record)
{
	(void)record;
	(void)context;
	world.kept++;
}

static void count_added(void *context, struct jw_record *record)
{
	(void)record;
	(void)context;
	world.added++;
}

static const struct jw_monitor_changes changes = {NULL, count_gone, count_kept, count_added};

static struct jw_target target(const char *name, const struct jw_check *check)
{
	struct jw_target made = {.name = name,
				 .check = check,
				 .enabled = true,
				 .interval = 60000,
				 .timeout = 10000,
				 .attempts = 3};

	jw_threshold_parse(JW_STR("10m"), &made.expect.warning, NULL);
	made.expect.leeway = 60;
	return made;
}

static void configure(size_t count)
{
	world.config.targets = world.targets;
	world.config.target_count = count;
	jw_monitor_configure(world.monitor, &world.config, &changes);
}

static void begin(void)
{
	memset(&world, 0, sizeof(world));
	world.now = (struct jw_times){1000000, NOW * 1000};
	world.monitor = jw_monitor_new(&crypto);
	world.targets[0] = target("voice", &page);
	world.targets[1] = target("copy", &page);
	world.targets[1].same_as = "voice";
	world.targets[1].expect.has_peer = true;
	world.targets[1].expect.same_as_grace = 60;
	world.targets[2] = target("api", &endpoint);
	configure(3);
}

static void end(void)
{
	jw_monitor_free(world.monitor);
}

static void pass(int64_t seconds)
{
	world.now.boot_ms += seconds * 1000;
	world.now.wall_ms += seconds * 1000;
}

static struct jw_record *record(const char *name)
{
	return jw_monitor_find(world.monitor, jw_str_of(name));
}

static const char *token(struct jw_arena *arena, int64_t exp)
{
	jw_autobuf struct jw_buf buf = JW_BUF(4096);
	const char *payload = jw_arena_printf(arena, "{\"iat\":%lld,\"exp\":%lld}",
					      (long long)(exp - 86400), (long long)exp);

	jw_base64url_encode(JW_STR("{\"alg\":\"HS256\"}"), &buf);
	jw_buf_char(&buf, '.');
	jw_base64url_encode(jw_str_of(payload), &buf);
	jw_buf_text(&buf, ".c2lnbmF0dXJl");
	return jw_arena_text(arena, jw_buf_get(&buf));
}

static void finish_taking(const char *name)
{
	jw_monitor_take(world.monitor, record(name), &world.result, &world.now, &world.news);
}

/* The target's page, or endpoint, holds a token that ends then. */
static void meet(const char *name, int64_t exp)
{
	static const struct jw_world none = {0};
	struct jw_arena arena = {0};
	struct jw_token *met;

	jw_result_done(&world.result);
	world.result = (struct jw_result){.target = record(name)->target, .duration_ms = 7};
	met = jw_arena_alloc(&arena, sizeof(*met));
	jw_runner_token(&none, jw_str_of(token(&arena, exp)), "/srv/page.html", 1, 0, &arena,
			met);
	fake_sha256(met->text, met->digest);
	met->has_digest = true;
	world.result.arena = arena;
	world.result.facts = (struct jw_facts){.tokens = met, .token_count = 1};
	finish_taking(name);
}

static void lose(const char *name, enum jw_cause cause)
{
	jw_result_done(&world.result);
	jw_runner_refuse(record(name)->target, cause, "is wrong", &world.result);
	finish_taking(name);
}

static void is(const char *name, enum jw_state state, enum jw_cause cause)
{
	assert_int_equal(record(name)->state, state);
	assert_int_equal(record(name)->cause, cause);
}

static void remembers_since_when(void **state)
{
	(void)state;
	begin();
	meet("voice", NOW + 7200);
	is("voice", JW_STATE_OK, JW_OK);
	assert_int_equal(record("voice")->since, NOW);
	pass(60);
	meet("voice", NOW + 7200);
	assert_int_equal(record("voice")->since, NOW);
	assert_int_equal(record("voice")->last_ok, NOW + 60);
	assert_false(world.news.state_changed);
	assert_int_equal(world.news.change_at, NOW + 6601);
	pass(60);
	lose("voice", JW_FILE_MISSING);
	is("voice", JW_STATE_CRITICAL, JW_FILE_MISSING);
	assert_int_equal(record("voice")->since, NOW + 120);
	assert_int_equal(record("voice")->last_ok, NOW + 60);
	assert_true(world.news.state_changed);
	assert_true(world.news.is_failing);
	assert_int_equal(record("voice")->transition_count, 2);
	assert_int_equal(record("voice")->checks, 3);
	assert_int_equal(record("voice")->check_failures, 1);
	jw_result_done(&world.result);
	end();
}

static void counts_rotations(void **state)
{
	(void)state;
	begin();
	meet("voice", NOW + 7200);
	assert_int_equal(record("voice")->rotations, 0);
	assert_true(world.news.token_changed);
	pass(60);
	lose("voice", JW_FILE_UNREADABLE);
	pass(60);
	meet("voice", NOW + 7200);
	assert_int_equal(record("voice")->rotations, 0);
	assert_int_equal(record("voice")->first_seen, NOW);
	assert_false(world.news.token_changed);
	pass(60);
	meet("voice", NOW + 9000);
	assert_int_equal(record("voice")->rotations, 1);
	assert_int_equal(record("voice")->first_seen, NOW + 180);
	assert_true(world.news.token_changed);
	jw_result_done(&world.result);
	end();
}

static void tells_after_attempts(void **state)
{
	(void)state;
	begin();
	meet("voice", NOW + 72000);
	assert_false(world.news.is_due_to_tell);
	for (int i = 0; i < 2; i++) {
		lose("voice", JW_TIMEOUT);
		assert_false(world.news.is_due_to_tell);
		assert_true(world.news.is_suspect);
	}
	lose("voice", JW_TIMEOUT);
	assert_true(world.news.is_due_to_tell);
	assert_int_equal(world.news.before, JW_STATE_OK);
	lose("voice", JW_TIMEOUT);
	assert_false(world.news.is_due_to_tell);
	meet("voice", NOW + 72000);
	assert_true(world.news.is_due_to_tell);
	assert_int_equal(world.news.before, JW_STATE_CRITICAL);
	/* What isn't the network's fault is told at once. */
	lose("voice", JW_TOKEN_NOT_FOUND);
	assert_true(world.news.is_due_to_tell);
	/* A network that is back in time was never told of. */
	meet("voice", NOW + 72000);
	lose("voice", JW_CONNECT);
	meet("voice", NOW + 72000);
	assert_false(world.news.is_due_to_tell);
	/* The first verdict, where it isn't OK. */
	lose("api", JW_TOKEN_NOT_FOUND);
	assert_true(world.news.is_due_to_tell);
	assert_true(world.news.is_first);
	jw_result_done(&world.result);
	end();
}

static void judge_copy(void *context, struct jw_record *copy)
{
	struct jw_result result;

	(void)context;
	jw_monitor_judge(world.monitor, copy, &world.now, &result, &world.news);
	jw_result_done(&result);
}

static void compares_copies(void **state)
{
	(void)state;
	begin();
	meet("voice", NOW + 72000);
	meet("copy", NOW + 72000);
	is("copy", JW_STATE_OK, JW_OK);
	pass(60);
	meet("voice", NOW + 86000);
	jw_monitor_each_copy(world.monitor, record("voice"), judge_copy, NULL);
	is("copy", JW_STATE_OK, JW_OK);
	assert_int_equal(record("copy")->differs_since, NOW + 60);
	assert_int_equal(world.news.change_at, NOW + 120);
	pass(60);
	judge_copy(NULL, record("copy"));
	is("copy", JW_STATE_CRITICAL, JW_STALE_COPY);
	meet("copy", NOW + 86000);
	is("copy", JW_STATE_OK, JW_OK);
	assert_int_equal(record("copy")->differs_since, 0);
	jw_result_done(&world.result);
	end();
}

static void keeps_a_page_s_expiry(void **state)
{
	(void)state;
	begin();
	meet("voice", NOW + 7200);
	lose("voice", JW_FILE_MISSING);
	assert_int_equal(record("voice")->numbers->exp, NOW + 7200);
	assert_int_equal(record("voice")->numbers->check_success, 0);
	meet("api", NOW + 7200);
	assert_int_equal(record("api")->numbers->exp, NOW + 7200);
	lose("api", JW_CONNECT);
	assert_int_equal(record("api")->numbers->exp, JW_UNSET);
	jw_result_done(&world.result);
	end();
}

static enum jw_cause cause_as_of(const char *name, int64_t as_of)
{
	struct jw_still still;
	struct jw_result result;
	enum jw_cause cause;

	jw_monitor_still(world.monitor, record(name), &world.now, &still);
	jw_still_result(&still, as_of, &result);
	cause = result.verdict.cause;
	jw_result_done(&result);
	jw_still_done(&still);
	return cause;
}

static void judges_without_a_check(void **state)
{
	(void)state;
	begin();
	assert_int_equal(cause_as_of("voice", NOW), JW_STALE);
	meet("voice", NOW + 7200);
	assert_int_equal(cause_as_of("voice", NOW), JW_OK);
	assert_int_equal(cause_as_of("voice", NOW + 7000), JW_EXPIRING);
	assert_int_equal(cause_as_of("voice", NOW + 7200), JW_EXPIRED);
	pass(130);
	assert_int_equal(cause_as_of("voice", NOW + 130), JW_OK);
	pass(1);
	assert_int_equal(cause_as_of("voice", NOW + 131), JW_STALE);
	jw_result_done(&world.result);
	end();
}

static void a_still_stays_as_it_was(void **state)
{
	struct jw_still still;
	struct jw_result result;

	(void)state;
	begin();
	meet("voice", NOW + 7200);
	jw_monitor_still(world.monitor, record("voice"), &world.now, &still);
	pass(60);
	lose("voice", JW_FILE_MISSING);
	jw_still_result(&still, NOW + 60, &result);
	assert_int_equal(result.verdict.cause, JW_OK);
	assert_int_equal(result.facts.token_count, 1);
	assert_int_equal(result.record->checked_at, NOW);
	jw_result_done(&result);
	jw_still_done(&still);
	assert_int_equal(cause_as_of("voice", NOW + 60), JW_FILE_MISSING);
	jw_result_done(&world.result);
	end();
}

static void a_restart_forgets_nothing(void **state)
{
	jw_autobuf struct jw_buf saved = JW_BUF((size_t)1 << 20);
	int64_t ahead = -1;
	struct jw_err err;

	(void)state;
	begin();
	meet("voice", NOW + 7200);
	pass(60);
	meet("voice", NOW + 9000);
	lose("api", JW_TOKEN_NOT_FOUND);
	jw_monitor_save(world.monitor, NOW + 60, &saved);
	assert_null(strstr(saved.ptr, "eyJ"));
	end();
	world.monitor = jw_monitor_new(&crypto);
	assert_int_equal(
		jw_monitor_load(world.monitor, jw_buf_get(&saved), NOW + 60, &ahead, &err),
		JW_OK);
	assert_int_equal(ahead, 0);
	configure(3);
	assert_false(record("voice")->has_result);
	pass(60);
	meet("voice", NOW + 9000);
	assert_int_equal(record("voice")->since, NOW);
	assert_int_equal(record("voice")->rotations, 1);
	assert_int_equal(record("voice")->first_seen, NOW + 60);
	assert_false(world.news.state_changed);
	/* It was told of before. */
	lose("api", JW_TOKEN_NOT_FOUND);
	assert_false(world.news.is_due_to_tell);
	jw_result_done(&world.result);
	end();
}

/* The clock was an hour ahead, and has been set right. */
static void a_state_of_the_future_is_of_now(void **state)
{
	jw_autobuf struct jw_buf saved = JW_BUF((size_t)1 << 20);
	int64_t ahead = -1;
	struct jw_err err;

	(void)state;
	begin();
	meet("voice", NOW + 72000);
	pass(3600);
	meet("voice", NOW + 82000);
	meet("copy", NOW + 72000);
	lose("voice", JW_TOKEN_NOT_FOUND);
	jw_monitor_save(world.monitor, NOW + 3600, &saved);
	end();
	world.monitor = jw_monitor_new(&crypto);
	assert_int_equal(
		jw_monitor_load(world.monitor, jw_buf_get(&saved), NOW + 1, &ahead, &err),
		JW_OK);
	assert_int_equal(ahead, 3599);
	configure(3);
	assert_int_equal(record("voice")->since, NOW + 1);
	assert_int_equal(record("voice")->last_ok, NOW + 1);
	assert_int_equal(record("voice")->last_success, NOW + 1);
	assert_int_equal(record("voice")->first_seen, NOW + 1);
	assert_int_equal(record("copy")->differs_since, NOW + 1);
	assert_int_equal(record("voice")->transitions[0].at, NOW);
	assert_int_equal(record("voice")->transitions[1].at, NOW + 1);
	assert_int_equal(record("voice")->rotations, 1);
	jw_result_done(&world.result);
	end();
}

static const struct state_row {
	const char *name;
	const char *text;
	enum jw_cause cause;
} states[] = {
	{"a state file of nothing", "{\"version\":1,\"targets\":{}}", JW_OK},
	{"an empty state file", "", JW_CONFIG},
	{"half a state file", "{\"version\":1,\"targets\":{", JW_CONFIG},
	{"a state file of another version", "{\"version\":2,\"targets\":{}}", JW_CONFIG},
	{"a list", "[]", JW_CONFIG},
	{"a state file with nonsense",
	 "{\"version\":1,\"targets\":{\"voice\":{\"check\":\"html_file\",\"since\":-4,"
	 "\"first_seen\":1e300,\"sha256\":\"xyz\",\"rotations\":\"many\",\"told\":\"GREEN\","
	 "\"transitions\":[1,{},{\"at\":5,\"state\":\"OK\",\"cause\":\"no such\"}]}}}",
	 JW_OK},
	{"a state file of a time that is none",
	 "{\"version\":1,\"targets\":{\"voice\":{\"check\":\"html_file\","
	 "\"since\":9223372036854775807,\"transitions\":[{\"at\":[]},7]}}}",
	 JW_OK},
	{"a state file whose targets are no objects",
	 "{\"version\":1,\"targets\":{\"voice\":[1],\"copy\":null}}", JW_OK},
	{"a state file of more rotations than can be counted",
	 "{\"version\":1,\"targets\":{\"voice\":{\"check\":\"html_file\","
	 "\"rotations\":9223372036854775807}}}",
	 JW_OK},
};

/* As many targets as a daemon may have, each with all the transitions that are kept. */
static void reads_a_large_state(void **state)
{
	jw_autobuf struct jw_buf text = JW_BUF((size_t)64 << 20);
	int64_t ahead = 0;
	struct jw_err err = {0};

	(void)state;
	jw_buf_text(&text, "{\"version\":1,\"targets\":{");
	for (int i = 0; i <= 5000; i++) {
		if (i < 5000)
			jw_buf_printf(&text, "\"target-%d\"", i);
		else
			jw_buf_text(&text, "\"voice\"");
		jw_buf_printf(&text,
			      ":{\"check\":\"html_file\",\"since\":%lld,\"transitions\":[",
			      (long long)NOW);
		for (int j = 0; j < 20; j++)
			jw_buf_printf(&text,
				      "%s{\"at\":%lld,\"state\":\"OK\",\"cause\":\"ok\"}",
				      j ? "," : "", (long long)NOW);
		jw_buf_text(&text, i < 5000 ? "]}," : "]}}}");
	}
	begin();
	end();
	world.monitor = jw_monitor_new(&crypto);
	assert_int_equal(jw_monitor_load(world.monitor, jw_buf_get(&text), NOW, &ahead, &err),
			 JW_OK);
	configure(1);
	assert_int_equal(record("voice")->since, NOW);
	assert_int_equal(record("voice")->transition_count, 20);
	end();
}

static void reads_a_state(void **state)
{
	const struct state_row *row = *state;
	int64_t ahead = 0;
	struct jw_err err;

	begin();
	end();
	world.monitor = jw_monitor_new(&crypto);
	assert_int_equal(
		jw_monitor_load(world.monitor, jw_str_of(row->text), NOW, &ahead, &err),
		row->cause);
	assert_int_equal(ahead, 0);
	configure(1);
	assert_int_equal(record("voice")->since, 0);
	assert_int_equal(record("voice")->rotations, 0);
	assert_false(record("voice")->has_digest);
	assert_int_equal(record("voice")->transition_count, 0);
	end();
}

static void a_reload_keeps_what_is_the_same(void **state)
{
	struct jw_target again[4];
	struct jw_config other = {.targets = again, .target_count = 3};

	(void)state;
	begin();
	assert_int_equal(world.added, 3);
	meet("voice", NOW + 7200);
	again[0] = target("new", &page);
	again[1] = target("voice", &page);
	again[1].interval = 30000;
	/* Of another kind now: nothing that is known holds. */
	again[2] = target("api", &page);
	jw_monitor_configure(world.monitor, &other, &changes);
	assert_int_equal(world.gone, 2);
	assert_int_equal(world.kept, 1);
	assert_int_equal(world.added, 5);
	assert_int_equal(jw_monitor_count(world.monitor), 3);
	assert_ptr_equal(jw_monitor_at(world.monitor, 1), record("voice"));
	assert_int_equal(record("voice")->since, NOW);
	assert_ptr_equal(record("voice")->target, &again[1]);
	assert_null(record("copy"));
	jw_result_done(&world.result);
	end();
}

int main(void)
{
	JW_TEST(remembers_since_when);
	JW_TEST(counts_rotations);
	JW_TEST(tells_after_attempts);
	JW_TEST(compares_copies);
	JW_TEST(keeps_a_page_s_expiry);
	JW_TEST(judges_without_a_check);
	JW_TEST(a_still_stays_as_it_was);
	JW_TEST(a_restart_forgets_nothing);
	JW_TEST(reads_a_large_state);
	JW_TEST(a_state_of_the_future_is_of_now);
	JW_TEST(a_reload_keeps_what_is_the_same);
	JW_ROWS(states, reads_a_state);
	return rows_run();
}
