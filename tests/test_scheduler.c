/* SPDX-License-Identifier: MIT */
/* The scheduler by a clock that the test holds: rows, a month of many targets, and a naive model beside it. */
#include "rows.h"

#include <string.h>

#include "base/mem.h"
#include "core/scheduler.h"

#define WALL INT64_C(1767225600000)
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static struct jw_times at(int64_t boot_ms)
{
	return (struct jw_times){boot_ms, WALL + boot_ms};
}

static struct jw_sched *sched_of(size_t slots, size_t suspect_slots)
{
	const struct jw_sched_limits limits = {slots, suspect_slots, 0, false};

	return jw_sched_new(&limits);
}

static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (random_state >> 33) % limit;
}

static size_t start(struct jw_sched *sched, int64_t boot_ms)
{
	struct jw_times now = at(boot_ms);

	return jw_sched_start(sched, &now);
}

static void end(struct jw_sched *sched, size_t id, int64_t boot_ms, struct jw_sched_end how)
{
	struct jw_times now = at(boot_ms);

	jw_sched_end(sched, id, &how, &now);
}

static const struct jw_sched_end fine = {.change_at = JW_NEVER};
static const struct jw_sched_end fails = {.is_failing = true, .change_at = JW_NEVER};
static const struct jw_sched_end dead = {
	.is_failing = true, .is_suspect = true, .change_at = JW_NEVER};

static struct jw_sched_numbers numbers_at(struct jw_sched *sched, int64_t boot_ms)
{
	struct jw_times now = at(boot_ms);
	struct jw_sched_numbers numbers;

	jw_sched_numbers(sched, &now, &numbers);
	return numbers;
}

/* One run that is due at a minute, by how it ends and when: when the next one is due, and what was skipped. */
static const struct due_row {
	const char *name;
	int64_t interval_ms;
	int64_t retry_ms;
	struct jw_sched_end how;
	int64_t ends_ms;
	int64_t next_ms;
	uint64_t skipped;
} due_rows[] = {
	{"an interval after it was due",
	 HOUR,
	 0,
	 {.change_at = JW_NEVER},
	 62000,
	 HOUR + MINUTE,
	 0},
	{"one that was missed is skipped",
	 MINUTE,
	 0,
	 {.change_at = JW_NEVER},
	 121000,
	 180000,
	 1},
	{"many that were missed", MINUTE, 0, {.change_at = JW_NEVER}, 601000, 660000, 9},
	{"due at the end of the run", MINUTE, 0, {.change_at = JW_NEVER}, 120000, 120000, 0},
	{"a failure by retry_interval", HOUR, 5000, {true, false, JW_NEVER}, 61000, 65000, 0},
	{"a failure without it", HOUR, 0, {true, false, JW_NEVER}, 61000, 60000 + HOUR / 5, 0},
	{"a fifth is a second at least", 3000, 0, {true, false, JW_NEVER}, 60100, 61000, 0},
	{"never later for failing", 3000, HOUR, {true, false, JW_NEVER}, 60100, 63000, 0},
	{"the verdict changes before",
	 HOUR,
	 0,
	 {.change_at = WALL / 1000 + 90},
	 61000,
	 90000,
	 0},
	{"the verdict changes behind",
	 HOUR,
	 0,
	 {.change_at = WALL / 1000 + 9999},
	 61000,
	 HOUR + MINUTE,
	 0},
	{"the verdict has changed", HOUR, 0, {.change_at = WALL / 1000 + 61}, 65000, 65000, 0},
	{"a change long ago", HOUR, 0, {.change_at = INT64_MIN}, 65000, 65000, 0},
	{"a change in the year 9999",
	 HOUR,
	 0,
	 {.change_at = INT64_C(253402300799)},
	 65000,
	 HOUR + MINUTE,
	 0},
};

static void next_due(void **state)
{
	const struct due_row *row = *state;
	struct jw_sched *sched = sched_of(1, 1);
	struct jw_times zero = at(0);
	size_t id = jw_sched_add(sched, row->interval_ms, row->retry_ms, 7, MINUTE, &zero);

	assert_int_equal(jw_sched_next(sched), MINUTE);
	assert_int_equal(start(sched, MINUTE - 1), JW_SCHED_NONE);
	assert_int_equal(start(sched, MINUTE), id);
	assert_int_equal(jw_sched_next(sched), JW_NEVER);
	end(sched, id, row->ends_ms, row->how);
	assert_int_equal(jw_sched_next(sched), row->next_ms);
	assert_int_equal(numbers_at(sched, row->ends_ms).skipped, row->skipped);
	jw_sched_free(sched);
}

static void spreads_by_seed(void **state)
{
	struct jw_sched *sched = sched_of(1, 1);
	struct jw_sched *again = sched_of(1, 1);
	struct jw_times now = at(5000);
	struct jw_times other = at(777777);
	size_t tenths[10] = {0};

	(void)state;
	for (uint64_t seed = 0; seed < 1000; seed++) {
		size_t id = jw_sched_add(sched, HOUR, 0, seed, -1, &now);
		size_t id2 = jw_sched_add(again, HOUR, 0, seed, -1, &other);
		int64_t wait = jw_sched_next(sched) - now.boot_ms;

		assert_true(wait >= 0 && wait < HOUR);
		assert_int_equal(wait, jw_sched_next(again) - other.boot_ms);
		tenths[wait * 10 / HOUR]++;
		jw_sched_remove(sched, id);
		jw_sched_remove(again, id2);
	}
	for (size_t i = 0; i < 10; i++)
		assert_in_range(tenths[i], 60, 140);
	jw_sched_free(sched);
	jw_sched_free(again);
}

static void a_wake_in_a_run_is_one_more(void **state)
{
	struct jw_sched *sched = sched_of(4, 1);
	struct jw_times now = at(0);
	size_t id = jw_sched_add(sched, HOUR, 0, 0, 0, &now);

	(void)state;
	assert_int_equal(start(sched, 0), id);
	now = at(10);
	for (size_t i = 0; i < 3; i++)
		jw_sched_wake(sched, id, &now);
	assert_int_equal(start(sched, 20), JW_SCHED_NONE);
	end(sched, id, 30, fine);
	assert_int_equal(start(sched, 30), id);
	end(sched, id, 40, fine);
	assert_int_equal(jw_sched_next(sched), 30 + HOUR);
	now = at(50);
	jw_sched_wake(sched, id, &now);
	jw_sched_wake(sched, id, &now);
	assert_int_equal(start(sched, 50), id);
	end(sched, id, 60, fine);
	assert_int_equal(start(sched, 60), JW_SCHED_NONE);
	jw_sched_free(sched);
}

struct largest_row {
	const char *name;
	int64_t asked_ms;
	int64_t lag_max_ms;
};

/* A run that was 700 ms late at 90 s, and one that was 20 ms late at 150 s. */
static const struct largest_row largest_rows[] = {
	{"at once", 90000, 700},
	{"to the end of its minute", 119999, 700},
	{"beside a smaller one of the next minute", 150000, 700},
	{"to the end of that", 179999, 700},
	{"then the smaller one", 180000, 20},
	{"to the end of the minute behind it", 239999, 20},
	{"then none", 240000, 0},
};

static void largest_lag(void **state)
{
	const struct largest_row *row = *state;
	struct jw_sched *sched = sched_of(1, 1);
	struct jw_times now = at(0);
	size_t first = jw_sched_add(sched, HOUR, 0, 0, 89300, &now);
	size_t second = jw_sched_add(sched, HOUR, 0, 0, 149980, &now);

	assert_int_equal(start(sched, 90000), first);
	end(sched, first, 90000, fine);
	if (row->asked_ms >= 150000)
		assert_int_equal(start(sched, 150000), second);
	/* Whoever asks first takes nothing away. */
	assert_int_equal(numbers_at(sched, row->asked_ms).lag_max_ms, row->lag_max_ms);
	assert_int_equal(numbers_at(sched, row->asked_ms).lag_max_ms, row->lag_max_ms);
	jw_sched_free(sched);
}

/* Nobody asked and nothing ran for hours: what was is no longer told. */
static void an_old_lag_is_forgotten(void **state)
{
	struct jw_sched *sched = sched_of(1, 1);
	struct jw_times now = at(0);

	(void)state;
	jw_sched_add(sched, HOUR, 0, 0, 100, &now);
	start(sched, 900);
	assert_int_equal(numbers_at(sched, 10 * HOUR).lag_max_ms, 0);
	assert_int_equal(numbers_at(sched, 10 * HOUR).lag_ms, 800);
	jw_sched_free(sched);
}

static void a_slot_must_be_free(void **state)
{
	struct jw_sched *sched = sched_of(1, 1);
	struct jw_times now = at(0);
	size_t first = jw_sched_add(sched, HOUR, 0, 0, 100, &now);
	size_t second = jw_sched_add(sched, HOUR, 0, 0, 200, &now);

	(void)state;
	assert_int_equal(start(sched, 300), first);
	assert_int_equal(start(sched, 300), JW_SCHED_NONE);
	assert_int_equal(numbers_at(sched, 300).waiting, 1);
	assert_int_equal(numbers_at(sched, 300).running, 1);
	assert_int_equal(jw_sched_next(sched), JW_NEVER);
	end(sched, first, 450, fine);
	assert_int_equal(jw_sched_next(sched), 200);
	assert_int_equal(start(sched, 450), second);
	assert_int_equal(numbers_at(sched, 450).lag_ms, 250);
	assert_int_equal(numbers_at(sched, 450).started, 2);
	jw_sched_free(sched);
}

static void ids_are_used_again(void **state)
{
	struct jw_sched *sched = sched_of(1, 1);
	struct jw_times now = at(0);
	size_t heaped = jw_sched_add(sched, HOUR, 0, 0, 500, &now);
	size_t running = jw_sched_add(sched, HOUR, 0, 0, 0, &now);
	size_t queued = jw_sched_add(sched, HOUR, 0, 0, 1, &now);
	size_t living;

	(void)state;
	assert_int_equal(start(sched, 1), running);
	jw_sched_remove(sched, queued);
	jw_sched_remove(sched, running);
	assert_int_equal(start(sched, 1), JW_SCHED_NONE);
	jw_sched_remove(sched, heaped);
	assert_int_equal(jw_sched_next(sched), JW_NEVER);
	assert_int_equal(numbers_at(sched, 1).running, 0);
	assert_int_equal(numbers_at(sched, 1).targets, 0);
	living = jw_sched_add(sched, HOUR, 0, 0, 9, &now);
	assert_true(living < 3);
	/* The wake of the one before isn't its. */
	assert_int_equal(start(sched, 9), living);
	now = at(9);
	jw_sched_wake(sched, living, &now);
	jw_sched_remove(sched, living);
	assert_int_equal(jw_sched_add(sched, HOUR, 0, 0, 20, &now), living);
	assert_int_equal(start(sched, 20), living);
	end(sched, living, 21, fine);
	assert_int_equal(jw_sched_next(sched), 20 + HOUR);
	jw_sched_free(sched);
}

static void a_shorter_interval_moves_a_run(void **state)
{
	struct jw_sched *sched = sched_of(1, 1);
	struct jw_times now = at(0);
	size_t id = jw_sched_add(sched, HOUR, 0, 0, 1000, &now);

	(void)state;
	assert_int_equal(start(sched, 1000), id);
	end(sched, id, 2000, fine);
	now = at(90000);
	jw_sched_change(sched, id, 2 * HOUR, 0, &now);
	assert_int_equal(jw_sched_next(sched), HOUR + 1000);
	jw_sched_change(sched, id, MINUTE, 0, &now);
	assert_int_equal(jw_sched_next(sched), 121000);
	assert_int_equal(numbers_at(sched, 90000).skipped, 0);
	assert_int_equal(start(sched, 121000), id);
	now = at(121500);
	jw_sched_change(sched, id, 10 * MINUTE, 5000, &now);
	end(sched, id, 122000, fails);
	assert_int_equal(jw_sched_next(sched), 126000);
	jw_sched_free(sched);
}

static void a_change_moves_without_a_run(void **state)
{
	struct jw_sched *sched = sched_of(1, 1);
	struct jw_times now = at(0);
	size_t id = jw_sched_add(sched, HOUR, 0, 0, MINUTE, &now);

	(void)state;
	jw_sched_change_at(sched, id, WALL / 1000 + 30, &now);
	assert_int_equal(jw_sched_next(sched), 30000);
	jw_sched_change_at(sched, id, JW_NEVER, &now);
	assert_int_equal(jw_sched_next(sched), MINUTE);
	now = at(40000);
	jw_sched_wake(sched, id, &now);
	jw_sched_change_at(sched, id, WALL / 1000 + 50, &now);
	assert_int_equal(jw_sched_next(sched), 40000);
	jw_sched_free(sched);
}

/* Ten thousand time out after 10 s each; a hundred that live start in their second. */
static void the_dead_dont_delay_the_living(void **state)
{
	enum { DEAD = 10000, LIVING = 100, SLOTS = 64 };
	struct jw_sched *sched = sched_of(SLOTS, 48);
	int64_t ends[SLOTS] = {0};
	size_t running[SLOTS];
	size_t of_the_living = 0;
	struct jw_times now = at(0);
	int64_t boot_ms = 0;

	(void)state;
	for (size_t i = 0; i < SLOTS; i++)
		running[i] = JW_SCHED_NONE;
	for (size_t i = 0; i < DEAD + LIVING; i++)
		jw_sched_add(sched, MINUTE, 0, i, -1, &now);
	for (; boot_ms < 3 * HOUR; boot_ms += 100) {
		for (size_t i = 0; i < SLOTS; i++)
			if (running[i] != JW_SCHED_NONE && ends[i] <= boot_ms) {
				end(sched, running[i], boot_ms,
				    running[i] < DEAD ? dead : fine);
				running[i] = JW_SCHED_NONE;
			}
		for (size_t i = 0; i < SLOTS; i++) {
			if (running[i] != JW_SCHED_NONE)
				continue;
			running[i] = start(sched, boot_ms);
			if (running[i] == JW_SCHED_NONE)
				break;
			ends[i] = boot_ms + (running[i] < DEAD ? 10000 : 100);
			/* Until each has had its first run, nobody knows who is dead. */
			if (running[i] < DEAD || boot_ms < HOUR)
				continue;
			of_the_living++;
			assert_true(numbers_at(sched, boot_ms).lag_ms <= 1000);
		}
	}
	assert_int_equal(numbers_at(sched, boot_ms).suspects, DEAD);
	assert_in_range(of_the_living, 2 * 60 * LIVING - LIVING, 2 * 60 * LIVING + LIVING);
	jw_sched_free(sched);
}

/* Many targets, a run of 200 ms each, verdicts that change at seconds of the wall clock. */
struct many {
	struct jw_sched *sched;
	struct jw_times now;
	size_t count;
	int64_t interval_ms;
	int64_t *change_at;
	int64_t *seconds; /* at which the judge looked last */
	uint8_t *runs;
	bool *is_running;
	size_t *ends; /* in their order: each takes as long */
	int64_t *ends_at;
	size_t ended;
	size_t begun;
	size_t crossings;
};

#define RUN_MS 200
#define RING 4096

static void many_begin(struct many *m, size_t count, int64_t interval_ms)
{
	*m = (struct many){.sched = sched_of(1000, 500), .now = at(0), .count = count};
	m->interval_ms = interval_ms;
	m->change_at = jw_xcalloc(count, sizeof(*m->change_at));
	m->seconds = jw_xcalloc(count, sizeof(*m->seconds));
	m->runs = jw_xcalloc(count, sizeof(*m->runs));
	m->is_running = jw_xcalloc(count, sizeof(*m->is_running));
	m->ends = jw_xcalloc(RING, sizeof(*m->ends));
	m->ends_at = jw_xcalloc(RING, sizeof(*m->ends_at));
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(jw_sched_add(m->sched, interval_ms, 0, i, -1, &m->now), i);
		m->change_at[i] = JW_NEVER;
	}
}

static void many_done(struct many *m)
{
	jw_sched_free(m->sched);
	free(m->change_at);
	free(m->seconds);
	free(m->runs);
	free(m->is_running);
	free(m->ends);
	free(m->ends_at);
}

static void many_start(struct many *m)
{
	struct jw_sched_numbers numbers;
	size_t id;

	while ((id = jw_sched_start(m->sched, &m->now)) != JW_SCHED_NONE) {
		int64_t change_at = m->change_at[id];
		int64_t late = change_at == JW_NEVER ? -1 : m->now.wall_ms - change_at * 1000;

		jw_sched_numbers(m->sched, &m->now, &numbers);
		assert_true(numbers.lag_ms < 1000);
		assert_false(m->is_running[id]);
		m->is_running[id] = true;
		m->runs[id]++;
		m->seconds[id] = m->now.wall_ms / 1000;
		if (late >= 0) {
			assert_true(late < 1000);
			m->crossings++;
		}
		assert_true(m->begun - m->ended < RING);
		m->ends[m->begun % RING] = id;
		m->ends_at[m->begun++ % RING] = m->now.boot_ms + RUN_MS;
	}
}

static void many_end(struct many *m)
{
	while (m->ended < m->begun && m->ends_at[m->ended % RING] <= m->now.boot_ms) {
		size_t id = m->ends[m->ended++ % RING];
		struct jw_sched_end how = fine;

		/* A verdict changes every two and a half days, at a second that is the target's own. */
		int64_t period = 5 * DAY / 2000;
		int64_t own = (int64_t)(id * 7919) % period;

		how.change_at = ((m->seconds[id] - own) / period + 1) * period + own;
		m->change_at[id] = how.change_at;
		m->is_running[id] = false;
		jw_sched_end(m->sched, id, &how, &m->now);
	}
}

/* Goes on until that moment. */
static void many_until(struct many *m, int64_t boot_ms)
{
	int64_t offset_ms = m->now.wall_ms - m->now.boot_ms;

	for (;;) {
		int64_t next = jw_sched_next(m->sched);

		if (m->ended < m->begun && m->ends_at[m->ended % RING] < next)
			next = m->ends_at[m->ended % RING];
		if (next > boot_ms)
			break;
		if (next > m->now.boot_ms)
			m->now = (struct jw_times){next, next + offset_ms};
		assert_int_equal(jw_sched_look(m->sched, &m->now), 0);
		many_end(m);
		many_start(m);
	}
	m->now = (struct jw_times){boot_ms, boot_ms + offset_ms};
}

/* A day between runs, so that the month takes seconds: three million runs and their crossings. */
static void a_month_of_many(void **state)
{
	struct many m;
	struct jw_sched_numbers numbers;

	(void)state;
	many_begin(&m, 100000, DAY);
	many_until(&m, 30 * DAY);
	jw_sched_numbers(m.sched, &m.now, &numbers);
	assert_int_equal(numbers.targets, m.count);
	assert_int_equal(numbers.skipped, 0);
	/* An interval starts anew at a crossing; nobody waits longer than for one. */
	assert_in_range(numbers.started, 29 * m.count, 43 * m.count);
	assert_in_range(m.crossings, 11 * m.count, 12 * m.count);
	for (size_t i = 0; i < m.count; i++)
		assert_true(m.now.wall_ms / 1000 - m.seconds[i] <= DAY / 1000);
	many_done(&m);
}

static const struct step_row {
	const char *name;
	int64_t step_ms;
} step_rows[] = {
	{"the wall clock steps ahead by an hour", HOUR},
	{"the wall clock steps back by an hour", -HOUR},
	{"the wall clock steps ahead by a year", 365 * DAY},
	{"the wall clock steps back by a year", -365 * DAY},
	{"the wall clock steps by little more than a second", 1001},
};

static void steps(void **state)
{
	const struct step_row *row = *state;
	struct many m;

	many_begin(&m, 2000, 10 * MINUTE);
	many_until(&m, 3 * HOUR + 123);
	m.now.wall_ms += row->step_ms;
	assert_int_equal(jw_sched_look(m.sched, &m.now), row->step_ms);
	assert_int_equal(jw_sched_look(m.sched, &m.now), 0);
	/* Crossings that the step jumped over weren't to be met in their second. */
	for (size_t i = 0; i < m.count; i++)
		m.change_at[i] = JW_NEVER;
	memset(m.runs, 0, m.count);
	many_until(&m, m.now.boot_ms + m.interval_ms);
	for (size_t i = 0; i < m.count; i++)
		assert_in_range(m.runs[i], 1, 2);
	many_until(&m, m.now.boot_ms + 3 * DAY);
	many_done(&m);
}

static void a_slow_clock_is_followed(void **state)
{
	struct jw_sched *sched = sched_of(1, 1);
	struct jw_times now = at(0);
	size_t id = jw_sched_add(sched, HOUR, 0, 0, 10 * MINUTE, &now);

	(void)state;
	assert_int_equal(jw_sched_look(sched, &now), 0);
	jw_sched_change_at(sched, id, WALL / 1000 + 100, &now);
	for (int64_t i = 1; i <= 50; i++) {
		now = (struct jw_times){i * 1000, WALL + i * 1000 + i * 40};
		assert_int_equal(jw_sched_look(sched, &now), 0);
	}
	assert_in_range(jw_sched_next(sched), 98000, 98050);
	jw_sched_free(sched);
}

/* The model: as many words as the rules have, and a look at everybody each time. */
#define MODEL_MAX 40

static struct {
	enum { ABSENT, WAITS, QUEUED, RUNS } is;
	int64_t interval_ms;
	int64_t base_ms;
	int64_t regular_ms;
	int64_t due_ms;
	int64_t change_at;
	bool is_suspect;
	bool is_woken;
	bool took_suspect_slot;
} model[MODEL_MAX];

static struct jw_times model_now;

static int64_t model_due(size_t id)
{
	int64_t change = JW_NEVER;

	if (model[id].change_at != JW_NEVER)
		change = model[id].change_at * 1000 - (model_now.wall_ms - model_now.boot_ms);
	if (change < model_now.boot_ms)
		change = model_now.boot_ms;
	return change < model[id].regular_ms ? change : model[id].regular_ms;
}

static void model_queue(void)
{
	for (size_t i = 0; i < MODEL_MAX; i++)
		if (model[i].is == WAITS && model[i].due_ms <= model_now.boot_ms)
			model[i].is = QUEUED;
}

static size_t model_count(int is, bool only_suspects)
{
	size_t count = 0;

	for (size_t i = 0; i < MODEL_MAX; i++)
		count += (int)model[i].is == is &&
			 (!only_suspects ||
			  (is == RUNS ? model[i].took_suspect_slot : model[i].is_suspect));
	return count;
}

/* The least due of those who may start; JW_NEVER: nobody. */
static int64_t model_first(bool *ret_is_suspect)
{
	int64_t first[2] = {JW_NEVER, JW_NEVER};

	for (size_t i = 0; i < MODEL_MAX; i++)
		if (model[i].is == QUEUED && model[i].due_ms < first[model[i].is_suspect])
			first[model[i].is_suspect] = model[i].due_ms;
	*ret_is_suspect = first[0] == JW_NEVER;
	if (model_count(RUNS, false) >= 5)
		return JW_NEVER;
	if (first[0] != JW_NEVER)
		return first[0];
	return model_count(RUNS, true) >= 2 ? JW_NEVER : first[1];
}

static void model_start(struct jw_sched *sched)
{
	size_t id = jw_sched_start(sched, &model_now);
	bool is_suspect;
	int64_t first;

	model_queue();
	first = model_first(&is_suspect);
	if (first == JW_NEVER) {
		assert_int_equal(id, JW_SCHED_NONE);
		return;
	}
	assert_in_range(id, 0, MODEL_MAX - 1);
	assert_int_equal(model[id].is, QUEUED);
	assert_int_equal(model[id].due_ms, first);
	assert_int_equal(model[id].is_suspect, is_suspect);
	model[id].is = RUNS;
	model[id].took_suspect_slot = is_suspect;
	model[id].change_at = JW_NEVER;
}

static uint64_t model_skipped;

static void model_end(struct jw_sched *sched, size_t id)
{
	struct jw_sched_end how = {.is_suspect = random_below(3) == 0, .change_at = JW_NEVER};

	if (random_below(2))
		how.change_at = model_now.wall_ms / 1000 + (int64_t)random_below(100) - 5;
	how.is_failing = how.is_suspect;
	jw_sched_end(sched, id, &how, &model_now);
	model[id].is = WAITS;
	model[id].is_suspect = how.is_suspect;
	model[id].change_at = how.change_at;
	model[id].base_ms = model[id].due_ms;
	model[id].regular_ms = model[id].base_ms;
	do {
		int64_t fifth = model[id].interval_ms / 5;

		model_skipped += model[id].regular_ms != model[id].base_ms;
		model[id].regular_ms += !how.is_failing ? model[id].interval_ms
					: fifth < 1000	? 1000
							: fifth;
	} while (model[id].regular_ms < model_now.boot_ms);
	model[id].due_ms = model[id].is_woken ? model_now.boot_ms : model_due(id);
	model[id].is_woken = false;
}

static void model_add(struct jw_sched *sched)
{
	int64_t interval = 1000 + (int64_t)random_below(60000);
	int64_t first = model_now.boot_ms + (int64_t)random_below(20000);
	size_t id;

	if (model_count(ABSENT, false) == 0)
		return;
	id = jw_sched_add(sched, interval, 0, 0, first, &model_now);
	assert_in_range(id, 0, MODEL_MAX - 1);
	assert_int_equal(model[id].is, ABSENT);
	memset(&model[id], 0, sizeof(model[id]));
	model[id].is = WAITS;
	model[id].interval_ms = interval;
	model[id].regular_ms = first;
	model[id].due_ms = first;
	model[id].change_at = JW_NEVER;
}

static void model_step_of_clock(struct jw_sched *sched)
{
	int64_t step = (int64_t)random_below(200000) - 100000;

	if (step > -2000 && step < 2000)
		return;
	model_now.wall_ms += step;
	assert_int_equal(jw_sched_look(sched, &model_now), step);
	model_queue();
	for (size_t i = 0; i < MODEL_MAX; i++)
		if (model[i].is == WAITS)
			model[i].due_ms = model_due(i);
}

static void model_one(struct jw_sched *sched, size_t id, uint64_t what)
{
	if (what < 2 && model[id].is == RUNS) {
		model_end(sched, id);
	} else if (what == 2) {
		jw_sched_wake(sched, id, &model_now);
		if (model[id].is == RUNS)
			model[id].is_woken = true;
		else if (model[id].is == WAITS && model[id].due_ms > model_now.boot_ms)
			model[id].due_ms = model_now.boot_ms;
	} else if (what == 3 && random_below(6) == 0) {
		jw_sched_remove(sched, id);
		model[id].is = ABSENT;
	} else if (what == 4) {
		int64_t change_at = model_now.wall_ms / 1000 + (int64_t)random_below(60);

		jw_sched_change_at(sched, id, change_at, &model_now);
		if (model[id].is == RUNS)
			return;
		model[id].change_at = change_at;
		if (model[id].is == WAITS && model[id].due_ms > model_now.boot_ms)
			model[id].due_ms = model_due(id);
	}
}

static void model_compare(struct jw_sched *sched)
{
	struct jw_sched_numbers numbers;

	jw_sched_numbers(sched, &model_now, &numbers);
	model_queue();
	assert_int_equal(numbers.targets, MODEL_MAX - model_count(ABSENT, false));
	assert_int_equal(numbers.running, model_count(RUNS, false));
	assert_int_equal(numbers.waiting, model_count(QUEUED, false));
	assert_int_equal(numbers.skipped, model_skipped);
}

static void agrees_with_a_naive_model(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct jw_sched *sched = sched_of(5, 2);

		random_state = seed;
		memset(model, 0, sizeof(model));
		model_skipped = 0;
		model_now = at(0);
		jw_sched_look(sched, &model_now);
		for (size_t i = 0; i < 5000; i++) {
			uint64_t what = random_below(9);
			size_t id = (size_t)random_below(MODEL_MAX);
			int64_t pass = (int64_t)random_below(3000);

			if (what == 5)
				model_add(sched);
			else if (what == 6 && random_below(20) == 0)
				model_step_of_clock(sched);
			else if (what > 6)
				model_start(sched);
			else if (model[id].is != ABSENT)
				model_one(sched, id, what);
			if (i % 16 == 0)
				model_compare(sched);
			model_now.boot_ms += pass;
			model_now.wall_ms += pass;
		}
		jw_sched_free(sched);
	}
}

/* Two slots of three are for those that may hang, never asked or timed out; the third is for the living. */
static void who_never_ran_leaves_room(void **state)
{
	const struct jw_sched_limits limits = {3, 1, 2, false};
	struct jw_sched *sched = jw_sched_new(&limits);
	struct jw_times now = at(0);
	size_t living = jw_sched_add(sched, MINUTE, 0, 0, 0, &now);

	(void)state;
	assert_int_equal(start(sched, 0), living);
	end(sched, living, 0, fine);
	for (size_t i = 0; i < 10; i++)
		jw_sched_add(sched, MINUTE, 0, i, 1, &now);
	assert_int_not_equal(start(sched, 10), JW_SCHED_NONE);
	assert_int_not_equal(start(sched, 10), JW_SCHED_NONE);
	assert_int_equal(start(sched, 10), JW_SCHED_NONE);
	assert_int_equal(start(sched, MINUTE), living);
	assert_int_equal(start(sched, MINUTE), JW_SCHED_NONE);
	jw_sched_free(sched);
}

/* A hundred that began within a second are everywhere in the hour afterwards. */
static void what_began_together_is_spread(void **state)
{
	const struct jw_sched_limits limits = {200, 100, 150, true};
	struct jw_sched *sched = jw_sched_new(&limits);
	struct jw_times now = at(0);
	size_t in_first_half = 0;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		jw_sched_add(sched, HOUR, 0, i, (int64_t)i * 10, &now);
	for (size_t i = 0; i < 100; i++)
		end(sched, start(sched, 1000), 1000, fine);
	while (start(sched, HOUR / 2) != JW_SCHED_NONE)
		in_first_half++;
	assert_in_range(in_first_half, 30, 70);
	assert_int_equal(numbers_at(sched, HOUR / 2).skipped, 0);
	jw_sched_free(sched);
}

int main(void)
{
	JW_ROWS(due_rows, next_due);
	JW_ROWS(step_rows, steps);
	JW_ROWS(largest_rows, largest_lag);
	JW_TEST(spreads_by_seed);
	JW_TEST(a_wake_in_a_run_is_one_more);
	JW_TEST(an_old_lag_is_forgotten);
	JW_TEST(a_slot_must_be_free);
	JW_TEST(ids_are_used_again);
	JW_TEST(a_shorter_interval_moves_a_run);
	JW_TEST(a_change_moves_without_a_run);
	JW_TEST(the_dead_dont_delay_the_living);
	JW_TEST(a_month_of_many);
	JW_TEST(a_slow_clock_is_followed);
	JW_TEST(agrees_with_a_naive_model);
	JW_TEST(who_never_ran_leaves_room);
	JW_TEST(what_began_together_is_spread);
	return rows_run();
}
