/* SPDX-License-Identifier: MIT */
/* What is wrong with LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET. */
#include "rows.h"

#include "core/env_sane.h"

#define SECRET "0123456789abcdef0123456789abcdef"

struct row {
	const char *name;
	enum jw_env_name variable;
	const char *value;
	const char *says; /* of it a part; NULL: it is fine */
};

static const struct row rows[] = {
	{"url: of a server nearby", JW_ENV_URL, "ws://localhost:7880", NULL},
	{"url: of a cloud", JW_ENV_URL, "wss://voice.livekit.cloud", NULL},
	{"url: http does", JW_ENV_URL, "http://127.0.0.1:7880", NULL},
	{"url: https with a path", JW_ENV_URL, "https://example.org/livekit", NULL},
	{"url: empty", JW_ENV_URL, "", "is empty"},
	{"url: blanks only", JW_ENV_URL, "  ", "is empty"},
	{"url: without a scheme", JW_ENV_URL, "localhost:7880", "no URL"},
	{"url: a host alone", JW_ENV_URL, "voice.example.org", "no URL"},
	{"url: another scheme", JW_ENV_URL, "ftp://localhost", "doesn't begin with"},
	{"url: a query", JW_ENV_URL, "ws://localhost:7880/?a=b", "has a ?"},
	{"url: quotes", JW_ENV_URL, "\"ws://localhost:7880\"", "quotes"},
	{"url: a blank behind", JW_ENV_URL, "ws://localhost:7880 ", "blank"},
	{"url: an example's", JW_ENV_URL, "wss://your-project.livekit.cloud", "placeholder"},
	{"url: a template's", JW_ENV_URL, "wss://<your-host>", "placeholder"},
	{"key: as LiveKit makes them", JW_ENV_KEY, "APIabcdefghijkl", NULL},
	{"key: of development", JW_ENV_KEY, "devkey", NULL},
	{"key: empty", JW_ENV_KEY, "", "is empty"},
	{"key: a placeholder", JW_ENV_KEY, "<your API key>", "placeholder"},
	{"key: another", JW_ENV_KEY, "YOUR_API_KEY", "placeholder"},
	{"key: words of somebody's own", JW_ENV_KEY, "APItest", NULL},
	{"key: told to be replaced", JW_ENV_KEY, "API_KEY_HERE", "placeholder"},
	{"key: left open", JW_ENV_KEY, "API...", "placeholder"},
	{"key: a secret", JW_ENV_KEY, SECRET SECRET, "longer than any key"},
	{"key: of the longest length", JW_ENV_KEY, SECRET, NULL},
	{"key: a line break", JW_ENV_KEY, "API\nabc", "control character"},
	{"secret: long enough", JW_ENV_SECRET, SECRET, NULL},
	{"secret: single quotes", JW_ENV_SECRET, "'" SECRET "'", "quotes"},
	{"secret: quotes and a blank", JW_ENV_SECRET, "\"" SECRET "\" ", "quotes"},
	{"secret: one quote belongs to it", JW_ENV_SECRET, "'" SECRET, NULL},
	{"secret: a blank in front", JW_ENV_SECRET, " " SECRET, "blank"},
	{"secret: a tab behind", JW_ENV_SECRET, SECRET "\t", "blank"},
	{"secret: a carriage return behind", JW_ENV_SECRET, SECRET "\r", "blank"},
	{"secret: a blank inside is one of its characters", JW_ENV_SECRET, "a b " SECRET, NULL},
	{"secret: a template's", JW_ENV_SECRET, "${LIVEKIT_API_SECRET}", "placeholder"},
	{"secret: changeme", JW_ENV_SECRET, "changeme", "placeholder"},
};

static void by_itself(void **state)
{
	const struct row *row = *state;
	const struct jw_env_fault *fault = jw_env_fault(row->variable, jw_str_of(row->value));

	if (!row->says) {
		assert_null(fault);
		return;
	}
	assert_non_null(fault);
	assert_true(jw_str_has(jw_str_of(fault->says), row->says));
	assert_true(fault->remedy && *fault->remedy);
	assert_int_not_equal(fault->cause, JW_OK);
	assert_int_equal(fault->state, JW_STATE_UNKNOWN);
}

struct pair_row {
	const char *name;
	const char *url;
	const char *key;
	const char *secret;
	enum jw_state state; /* OK: it is fine */
	const char *says;
};

static const struct pair_row pairs[] = {
	{"a pair", "wss://example.org", "APIabc", SECRET, JW_STATE_OK, NULL},
	{"no server known", NULL, "APIabc", SECRET, JW_STATE_OK, NULL},
	{"a short secret", "ws://localhost", "APIabc", "0123456789abcdef0123456789abcde",
	 JW_STATE_WARNING, "fewer than 32"},
	{"swapped", "ws://localhost", SECRET, "APIabcdefghijkl", JW_STATE_UNKNOWN, "swapped"},
	{"two keys", "ws://localhost", "APIabc", "APIabcdefghijkl", JW_STATE_WARNING, "fewer"},
	{"one value for both", "ws://localhost", SECRET, SECRET, JW_STATE_UNKNOWN, "one value"},
	{"development, here", "ws://localhost:7880", "devkey", "secret", JW_STATE_OK, NULL},
	{"development, no server known", NULL, "devkey", "secret", JW_STATE_OK, NULL},
	{"development, 127.0.0.1", "ws://127.0.0.1:7880", "devkey", "secret", JW_STATE_OK,
	 NULL},
	{"development, ::1", "ws://[::1]:7880", "devkey", "secret", JW_STATE_OK, NULL},
	{"development, 10/8", "ws://10.1.2.3", "devkey", "secret", JW_STATE_OK, NULL},
	{"development, 172.16/12", "ws://172.31.0.1", "devkey", "secret", JW_STATE_OK, NULL},
	{"development, 192.168/16", "ws://192.168.0.9", "devkey", "secret", JW_STATE_OK, NULL},
	{"development, fd00::/8", "ws://[fd12::1]", "devkey", "secret", JW_STATE_OK, NULL},
	{"development, a container", "ws://livekit:7880", "devkey", "secret", JW_STATE_OK,
	 NULL},
	{"development, .local", "ws://voice.local", "devkey", "secret", JW_STATE_OK, NULL},
	{"development, in public", "wss://example.org", "devkey", "secret", JW_STATE_CRITICAL,
	 "everybody knows"},
	{"development, a public address", "ws://172.32.0.1", "devkey", "secret",
	 JW_STATE_CRITICAL, "everybody knows"},
	{"development, a public address of six", "ws://[2001:db8::1]", "devkey", "secret",
	 JW_STATE_CRITICAL, "everybody knows"},
	{"development, a name that begins with numbers", "ws://10.1.2.example.org", "devkey",
	 "secret", JW_STATE_CRITICAL, "everybody knows"},
	{"the key of development with a secret", "wss://example.org", "devkey", SECRET,
	 JW_STATE_OK, NULL},
};

static void beside_each_other(void **state)
{
	const struct pair_row *row = *state;
	const struct jw_env_fault *fault = jw_env_pair_fault(
		jw_str_of(row->url), jw_str_of(row->key), jw_str_of(row->secret));

	if (!row->says) {
		assert_null(fault);
		return;
	}
	assert_non_null(fault);
	assert_true(jw_str_has(jw_str_of(fault->says), row->says));
	assert_int_equal(fault->state, row->state);
}

static void what_may_be_shown(void **state)
{
	(void)state;
	assert_true(jw_env_key_is_shown(JW_STR("APIabcdefghijkl"), JW_STR(SECRET)));
	assert_true(jw_env_key_is_shown(JW_STR("APIabcdefghijkl"), (struct jw_str){0}));
	assert_true(jw_env_key_is_shown(JW_STR("devkey"), JW_STR("secret")));
	assert_false(jw_env_key_is_shown(JW_STR(SECRET), (struct jw_str){0}));
	/* Swapped, and one value for both. */
	assert_false(jw_env_key_is_shown(JW_STR("s3cretS3cret16ch"), JW_STR("APIabcdefgh")));
	assert_false(jw_env_key_is_shown(JW_STR("s3cret"), JW_STR("s3cret")));
}

int main(void)
{
	JW_ROWS(rows, by_itself);
	JW_ROWS(pairs, beside_each_other);
	JW_TEST(what_may_be_shown);
	return rows_run();
}
