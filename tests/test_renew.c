/* SPDX-License-Identifier: MIT */
/* Where a fresh token goes in a text, when one is needed, and when a renewal that failed is tried again. */
#include "core/renew_parts.h"

#include <string.h>

#include "rows.h"
#include "token/jwt.h"

/* Two things in the shape of tokens. */
#define OLD "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"
#define OTHER "eyJhbGciOiJIUzI1NiJ9.e30.BBBB"

struct splice {
	const char *name;
	const char *text;
	const char *pattern; /* NULL: by shape */
	const char *old;
	const char *expected; /* NULL: refused */
	size_t max;	      /* 0: enough */
};

static const struct splice splices[] = {
	{"by shape", "a '" OLD "' b", NULL, OLD, "a 'NEW' b", 0},
	{"by shape, alone", OLD, NULL, OLD, "NEW", 0},
	{"by shape, twice", OLD " " OLD, NULL, OLD, "NEW NEW", 0},
	{"by shape, beside another", OTHER " " OLD " " OTHER, NULL, OLD, OTHER " NEW " OTHER,
	 0},
	{"by shape, one that isn't there", OTHER, NULL, OLD, NULL, 0},
	{"by shape, in a longer one", OLD "A", NULL, OLD, NULL, 0},
	{"by pattern", "T='" OLD "' U='" OLD "'", "T='([^']*)'", OLD, "T='NEW' U='" OLD "'", 0},
	{"by pattern, the whole match", "<X>", "X", "X", "<NEW>", 0},
	{"by pattern, the group called token", "a1b2", "(a)(?<token>1)", "1", "aNEWb2", 0},
	{"by pattern, nothing yet", "T=''", "T='([^']*)'", "", "T='NEW'", 0},
	{"by pattern, a placeholder", "T='{{X}}' '{{X}}'", "T='([^']*)'", "{{X}}",
	 "T='NEW' '{{X}}'", 0},
	{"by pattern, another", "T='" OTHER "'", "T='([^']*)'", OLD, NULL, 0},
	{"by pattern, a group that takes no part", "b", "(a)?b", "", NULL, 0},
	{"a file beside, without what the pattern wants", "T=" OLD, "T='([^']*)'", OLD, "T=NEW",
	 0},
	{"matches within each other", "aXbXc", "(?=(X.*))", "XbXc", "aNEW", 0},
	{"UTF-16", "\xff\xfe" OLD, NULL, OLD, NULL, 0},
	{"no room", "T='X'", "T='([^']*)'", "X", NULL, 6},
	{"just enough room", "T='X'", "T='([^']*)'", "X", "T='NEW'", 7},
	{"an empty text", "", NULL, OLD, NULL, 0},
};

static int64_t no_time(void *self)
{
	(void)self;
	return 0;
}

static void is_spliced(void **state)
{
	static const struct jw_clock clock = {.monotonic_ms = no_time};
	const struct splice *row = *state;
	const struct jw_renew_place place = {.pattern = row->pattern};
	jw_autobuf struct jw_buf to = JW_BUF(row->max ? row->max : 1024);
	struct jw_err err;
	enum jw_cause cause = jw_renew_splice(&place, jw_str_of(row->text), jw_str_of(row->old),
					      JW_STR("NEW"), &clock, 1000, &to, &err);

	assert_int_equal(cause, row->expected ? JW_OK : JW_RENEWAL_FAILED);
	if (row->expected)
		assert_string_equal(to.ptr, row->expected);
	else
		assert_null(strstr(err.text, "eyJ"));
}

struct replaceable {
	const char *name;
	const char *text;
	size_t len; /* 0: all of it */
	const char *pattern;
	const char *says; /* NULL: it may be replaced */
};

static char too_long[JW_JWT_MAX + 1];

static const struct replaceable replaceables[] = {
	{"a token", OLD, 0, "T='(.*)'", NULL},
	{"a token by shape", OLD, 0, NULL, NULL},
	{"a broken one", "eyJ_-=.e30..", 0, "T='(.*)'", NULL},
	{"a placeholder", "{{ env('X') }}", 0, "T='(.*)'", NULL},
	{"nothing yet", "", 0, "T='(.*)'", NULL},
	{"code behind a token", OLD "'; f(T, 'r'); g('x", 0, "T='(.*)'", "correct the pattern"},
	{"code behind a placeholder", "{{X}}'; f(T, 'r'); g('x", 0, "T='(.*)'",
	 "correct the pattern"},
	{"the end of a line", OLD "\n", 0, "T=([^#]*)", "correct the pattern"},
	{"as long as a token can be", too_long, JW_JWT_MAX, "T='(.*)'", NULL},
	{"longer", too_long, JW_JWT_MAX + 1, "T='(.*)'", "correct the pattern"},
	{"longer, by shape", too_long, JW_JWT_MAX + 1, NULL, "more than 65536 characters"},
};

static void is_replaceable(void **state)
{
	const struct replaceable *row = *state;
	const struct jw_renew_place place = {.pattern = row->pattern};
	struct jw_str old = {row->text, row->len ? row->len : strlen(row->text)};
	struct jw_err err;

	memset(too_long, 'x', sizeof(too_long));
	assert_int_equal(jw_renew_check_old(&place, old, &err),
			 row->says ? JW_RENEWAL_FAILED : JW_OK);
	if (row->says)
		assert_non_null(strstr(err.text, row->says));
	if (row->says)
		assert_null(strstr(err.text, "eyJ"));
}

struct need {
	const char *name;
	const char *less; /* NULL: in any case */
	int64_t left;
	enum jw_cause cause; /* of a finding */
	bool is_needed;
};

/* Of a token that is made for 100 seconds. */
static const struct need needs[] = {
	{"in any case", NULL, 99, JW_OK, true},
	{"more than a share is left", "25%", 26, JW_OK, false},
	{"as much is left", "25%", 25, JW_OK, false},
	{"less is left", "25%", 24, JW_OK, true},
	{"less than a time is left", "50s", 49, JW_OK, true},
	{"a fresh one mends it", "25%", 90, JW_SIGNATURE_INVALID, true},
	{"a fresh one doesn't mend it", "25%", 90, JW_SECRET_IN_PAGE, false},
	{"not enough is left for others", "25%", 90, JW_EXPIRING, false},
	{"it was tried in vain", "25%", 90, JW_RENEWAL_FAILED, false},
};

static void is_told(void **state)
{
	const struct need *row = *state;
	struct jw_token token = {.has_claims = true};
	struct jw_finding finding = {.cause = row->cause, .state = JW_STATE_CRITICAL};
	struct jw_threshold less = {0};
	struct jw_result result = {.now = 1000};

	token.jwt.nbf =
		(struct jw_time_claim){.is = JW_CLAIM_VALID, .seconds = 900 + row->left};
	token.jwt.exp =
		(struct jw_time_claim){.is = JW_CLAIM_VALID, .seconds = 1000 + row->left};
	result.facts = (struct jw_facts){.tokens = &token, .token_count = 1};
	result.verdict.findings = &finding;
	result.verdict.finding_count = row->cause ? 1 : 0;
	if (row->less)
		assert_int_equal(jw_threshold_parse(jw_str_of(row->less), &less, NULL), JW_OK);
	assert_int_equal(jw_renew_is_needed(&less, &result), row->is_needed);
}

static const struct jw_renewal done = {.state = JW_RENEWED};
static const struct jw_renewal refused = {.state = JW_RENEWED_FAILED};
static const struct jw_renewal late = {.state = JW_RENEWED_FAILED, .may_pass = true};

static void waits_longer_each_time(void **state)
{
	static const int64_t pauses[] = {30000, 60000, 120000, 240000};
	struct jw_renew_tries tries = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(*pauses); i++) {
		jw_renew_tries_take(&tries, &late, 1000);
		assert_int_equal(tries.not_before_ms, 1000 + pauses[i]);
		assert_false(tries.is_over);
	}
	jw_renew_tries_take(&tries, &late, 1000);
	assert_true(tries.is_over);
	jw_renew_tries_reset(&tries);
	assert_false(tries.is_over);
	assert_int_equal(tries.not_before_ms, 0);
}

static void is_refused_once(void **state)
{
	struct jw_renew_tries tries = {0};

	(void)state;
	jw_renew_tries_take(&tries, &refused, 5);
	assert_true(tries.is_over);
}

static void rests_behind_a_renewal(void **state)
{
	struct jw_renew_tries tries = {0};

	(void)state;
	jw_renew_tries_take(&tries, &late, 5);
	jw_renew_tries_take(&tries, &done, 5);
	assert_int_equal(tries.failed, 0);
	assert_int_equal(tries.not_before_ms, 5 + JW_RENEW_PAUSE_MS);
	/* The token is another then, by our own doing. */
	jw_renew_tries_reset(&tries);
	assert_int_equal(tries.not_before_ms, 5 + JW_RENEW_PAUSE_MS);
}

int main(void)
{
	JW_ROWS(splices, is_spliced);
	JW_ROWS(replaceables, is_replaceable);
	JW_ROWS(needs, is_told);
	JW_TEST(waits_longer_each_time);
	JW_TEST(is_refused_once);
	JW_TEST(rests_behind_a_renewal);
	return rows_run();
}
