/* SPDX-License-Identifier: MIT */
/* The table of causes is whole, and its texts promise nothing that isn't there. */
#include "verdict/cause.h"

#include <string.h>

#include "rows.h"

/* The causes of DESIGN.md section 5 that a page can show, their states and phases written down once more. */
struct row {
	const char *name;
	enum jw_cause cause;
	enum jw_state state;
	enum jw_phase phase;
};

static const struct row rows[] = {
	{"file_missing", JW_FILE_MISSING, JW_STATE_CRITICAL, JW_PHASE_TRANSPORT},
	{"file_unreadable", JW_FILE_UNREADABLE, JW_STATE_UNKNOWN, JW_PHASE_TRANSPORT},
	{"secret_missing", JW_SECRET_MISSING, JW_STATE_UNKNOWN, JW_PHASE_TRANSPORT},
	{"config", JW_CONFIG, JW_STATE_UNKNOWN, JW_PHASE_TRANSPORT},
	{"sink_failed", JW_SINK_FAILED, JW_STATE_UNKNOWN, JW_PHASE_TRANSPORT},
	{"deadline", JW_DEADLINE, JW_STATE_UNKNOWN, JW_PHASE_TRANSPORT},
	{"internal", JW_INTERNAL, JW_STATE_UNKNOWN, JW_PHASE_TRANSPORT},
	{"pattern_limit", JW_PATTERN_LIMIT, JW_STATE_UNKNOWN, JW_PHASE_FIND},
	{"token_not_found", JW_TOKEN_NOT_FOUND, JW_STATE_CRITICAL, JW_PHASE_FIND},
	{"placeholder", JW_PLACEHOLDER, JW_STATE_CRITICAL, JW_PHASE_FIND},
	{"token_malformed", JW_TOKEN_MALFORMED, JW_STATE_CRITICAL, JW_PHASE_DECODE},
	{"algorithm_refused", JW_ALGORITHM_REFUSED, JW_STATE_CRITICAL, JW_PHASE_DECODE},
	{"signature_invalid", JW_SIGNATURE_INVALID, JW_STATE_CRITICAL, JW_PHASE_SIGNATURE},
	{"key_unknown", JW_KEY_UNKNOWN, JW_STATE_CRITICAL, JW_PHASE_SIGNATURE},
	{"expiring", JW_EXPIRING, JW_STATE_WARNING, JW_PHASE_TIME},
	{"expired", JW_EXPIRED, JW_STATE_CRITICAL, JW_PHASE_TIME},
	{"not_yet_valid", JW_NOT_YET_VALID, JW_STATE_CRITICAL, JW_PHASE_TIME},
	{"no_expiry", JW_NO_EXPIRY, JW_STATE_CRITICAL, JW_PHASE_TIME},
	{"expiry_invalid", JW_EXPIRY_INVALID, JW_STATE_CRITICAL, JW_PHASE_TIME},
	{"lifetime_unknown", JW_LIFETIME_UNKNOWN, JW_STATE_UNKNOWN, JW_PHASE_TIME},
	{"clock_skew", JW_CLOCK_SKEW, JW_STATE_WARNING, JW_PHASE_TIME},
	{"issuer_mismatch", JW_ISSUER_MISMATCH, JW_STATE_CRITICAL, JW_PHASE_CLAIMS},
	{"audience_mismatch", JW_AUDIENCE_MISMATCH, JW_STATE_CRITICAL, JW_PHASE_CLAIMS},
	{"subject_mismatch", JW_SUBJECT_MISMATCH, JW_STATE_CRITICAL, JW_PHASE_CLAIMS},
	{"room_mismatch", JW_ROOM_MISMATCH, JW_STATE_CRITICAL, JW_PHASE_CLAIMS},
	{"identity_mismatch", JW_IDENTITY_MISMATCH, JW_STATE_CRITICAL, JW_PHASE_CLAIMS},
	{"lifetime_too_short", JW_LIFETIME_TOO_SHORT, JW_STATE_WARNING, JW_PHASE_POLICY},
	{"lifetime_too_long", JW_LIFETIME_TOO_LONG, JW_STATE_WARNING, JW_PHASE_POLICY},
	{"grant_forbidden", JW_GRANT_FORBIDDEN, JW_STATE_WARNING, JW_PHASE_POLICY},
	{"cors", JW_CORS, JW_STATE_CRITICAL, JW_PHASE_TRANSPORT},
	{"url_unusable", JW_URL_UNUSABLE, JW_STATE_WARNING, JW_PHASE_POLICY},
	{"secret_in_page", JW_SECRET_IN_PAGE, JW_STATE_CRITICAL, JW_PHASE_POLICY},
	{"token_reused", JW_TOKEN_REUSED, JW_STATE_WARNING, JW_PHASE_POLICY},
	{"cache_outlives_token", JW_CACHE_OUTLIVES_TOKEN, JW_STATE_WARNING, JW_PHASE_POLICY},
	{"renewal_failed", JW_RENEWAL_FAILED, JW_STATE_WARNING, JW_PHASE_POLICY},
	{"rotation_overdue", JW_ROTATION_OVERDUE, JW_STATE_WARNING, JW_PHASE_POLICY},
	{"rotation_margin", JW_ROTATION_MARGIN, JW_STATE_WARNING, JW_PHASE_POLICY},
	{"stale_copy", JW_STALE_COPY, JW_STATE_CRITICAL, JW_PHASE_SIGNATURE},
	{"stale", JW_STALE, JW_STATE_UNKNOWN, JW_PHASE_TRANSPORT},
	{"dns", JW_DNS, JW_STATE_CRITICAL, JW_PHASE_TRANSPORT},
	{"connect", JW_CONNECT, JW_STATE_CRITICAL, JW_PHASE_TRANSPORT},
	{"tls", JW_TLS, JW_STATE_CRITICAL, JW_PHASE_TRANSPORT},
	{"timeout", JW_TIMEOUT, JW_STATE_CRITICAL, JW_PHASE_TRANSPORT},
	{"http_status", JW_HTTP_STATUS, JW_STATE_CRITICAL, JW_PHASE_TRANSPORT},
	{"redirect", JW_REDIRECT, JW_STATE_CRITICAL, JW_PHASE_TRANSPORT},
	{"body_too_large", JW_BODY_TOO_LARGE, JW_STATE_CRITICAL, JW_PHASE_TRANSPORT},
	{"body_short", JW_BODY_SHORT, JW_STATE_CRITICAL, JW_PHASE_TRANSPORT},
	{"bad_json", JW_BAD_JSON, JW_STATE_CRITICAL, JW_PHASE_FIND},
	{"command_failed", JW_COMMAND_FAILED, JW_STATE_CRITICAL, JW_PHASE_TRANSPORT},
	{"command_not_runnable", JW_COMMAND_NOT_RUNNABLE, JW_STATE_UNKNOWN, JW_PHASE_TRANSPORT},
	{"certificate_expiring", JW_CERTIFICATE_EXPIRING, JW_STATE_WARNING, JW_PHASE_TRANSPORT},
	{"livekit_unreachable", JW_LIVEKIT_UNREACHABLE, JW_STATE_CRITICAL, JW_PHASE_SERVER},
	{"livekit_not_ready", JW_LIVEKIT_NOT_READY, JW_STATE_CRITICAL, JW_PHASE_SERVER},
	{"not_livekit", JW_NOT_LIVEKIT, JW_STATE_CRITICAL, JW_PHASE_SERVER},
	{"livekit_refused", JW_LIVEKIT_REFUSED, JW_STATE_CRITICAL, JW_PHASE_SERVER},
};

#define COUNT (sizeof(rows) / sizeof(*rows))

static bool ends_with(const char *text, char c)
{
	return text[0] && text[strlen(text) - 1] == c;
}

static bool starts_with_one(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (jw_str_starts(jw_str_of(text), words[i]))
			return true;
	return false;
}

/* Every `jwtwatch COMMAND` that the text names is one that there is. */
static void names_only_commands(const char *text)
{
	static const char *const commands[] = {"check",	  "html_file", "inspect", "config",
					       "explain", "help",      "version", "sink test",
					       "run",	  "mint",      "renew"};
	/* Behind the program's name as the subject of a sentence. */
	static const char *const verbs[] = {"itself", "again", "runs as"};

	while ((text = strstr(text, "jwtwatch "))) {
		text += strlen("jwtwatch ");
		assert_true(starts_with_one(text, commands, 11) ||
			    starts_with_one(text, verbs, 3));
	}
}

static void stands_in_the_table(void **state)
{
	const struct row *row = *state;
	const struct jw_cause_row *cause = jw_cause_row(row->cause);
	enum jw_cause found = JW_OK;

	assert_string_equal(cause->name, row->name);
	assert_int_equal(cause->state, row->state);
	assert_int_equal(cause->phase, row->phase);
	assert_string_equal(jw_cause_name(row->cause), row->name);
	assert_true(jw_cause_by_name(jw_str_of(row->name), &found));
	assert_int_equal(found, row->cause);
	assert_true(ends_with(cause->meaning, '.'));
	assert_true(cause->remedy[0] && !ends_with(cause->remedy, '.'));
	assert_true(cause->by_hand[0] && !ends_with(cause->by_hand, '.'));
	assert_true(!cause->browser || cause->browser[0]);
	names_only_commands(cause->meaning);
	names_only_commands(cause->remedy);
	names_only_commands(cause->by_hand);
}

static void there_are_no_others(void **state)
{
	bool has[JW_CAUSE_COUNT] = {false};

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		has[rows[i].cause] = true;
	for (enum jw_cause cause = JW_OK + 1; cause < JW_CAUSE_COUNT; cause++)
		assert_true(has[cause]);
	assert_null(jw_cause_row(JW_OK));
	assert_null(jw_cause_row(JW_CAUSE_COUNT));
	assert_string_equal(jw_cause_name(JW_OK), "ok");
}

static void an_unknown_name(void **state)
{
	enum jw_cause cause = JW_EXPIRED;

	(void)state;
	assert_false(jw_cause_by_name(JW_STR("expire"), &cause));
	assert_false(jw_cause_by_name(JW_STR("ok"), &cause));
	assert_false(jw_cause_by_name(JW_STR(""), &cause));
	assert_int_equal(cause, JW_EXPIRED);
}

static void states_have_an_order(void **state)
{
	static const enum jw_state rising[] = {JW_STATE_OK, JW_STATE_UNKNOWN, JW_STATE_WARNING,
					       JW_STATE_CRITICAL};

	(void)state;
	for (int a = 0; a < 4; a++) {
		assert_int_equal(jw_state_rank(rising[a]), a);
		for (int b = 0; b < 4; b++)
			assert_int_equal(jw_state_worse(rising[a], rising[b]),
					 rising[a > b ? a : b]);
	}
	assert_string_equal(jw_state_name(JW_STATE_OK), "OK");
	assert_string_equal(jw_state_name(JW_STATE_WARNING), "WARNING");
	assert_string_equal(jw_state_name(JW_STATE_CRITICAL), "CRITICAL");
	assert_string_equal(jw_state_name(JW_STATE_UNKNOWN), "UNKNOWN");
}

int main(void)
{
	JW_ROWS(rows, stands_in_the_table);
	JW_TEST(there_are_no_others);
	JW_TEST(an_unknown_name);
	JW_TEST(states_have_an_order);
	return rows_run();
}
