/* SPDX-License-Identifier: MIT */
/* Whose an API key may be, and which hosts are local. */
#include "livekit/keys.h"

#include <string.h>

#include "rows.h"

struct row {
	const char *name;
	const char *key;
	const char *url;
	const char *whose; /* a part; NULL: nothing can be said */
};

static const struct row rows[] = {
	{"devkey at LiveKit Cloud", "devkey", "wss://x.livekit.cloud", "this is LiveKit Cloud"},
	{"devkey in public", "devkey", "wss://voice.example.org", "this one is public"},
	{"devkey by a public address", "devkey", "ws://203.0.113.7:7880", "this one is public"},
	{"devkey at home", "devkey", "ws://localhost:7880", "has keys of its own"},
	{"a generated key at home", "APIabcdefghijk", "ws://localhost:7880",
	 "this server is a local one"},
	{"a generated key at a host with a short name", "APIabcdefghijk", "ws://livekit:7880",
	 "this server is a local one"},
	{"a generated key in public", "APIabcdefghijk", "wss://voice.example.org",
	 "or of another server"},
	{"a generated key at LiveKit Cloud", "APIabcdefghijk", "wss://x.livekit.cloud",
	 "another LiveKit Cloud project"},
	{"a key of one's own at LiveKit Cloud", "voice", "WSS://X.LiveKit.Cloud",
	 "another server's"},
	{"a key of one's own in public", "voice", "wss://voice.example.org", NULL},
	{"a key of one's own at home", "voice", "ws://localhost:7880", NULL},
	{"API alone is no such key", "API", "ws://localhost:7880", NULL},
	{"no key", NULL, "ws://localhost:7880", NULL},
	{"no URL", "devkey", "localhost:7880", NULL},
	{"a host that only ends alike", "devkey", "wss://xlivekit.cloud", "this one is public"},
	{"a masked URL", "devkey", "wss://***@x.livekit.cloud", "this is LiveKit Cloud"},
};

static void is_whose(void **state)
{
	const struct row *row = *state;
	const char *whose = jw_livekit_whose_key(row->key, jw_str_of(row->url));

	if (!row->whose)
		assert_null(whose);
	else if (!whose || !strstr(whose, row->whose))
		fail_msg("%s", whose ? whose : "nothing");
}

struct host_row {
	const char *name; /* the host */
	bool is_local;
};

static const struct host_row host_rows[] = {
	{"localhost", true},
	{"livekit", true},
	{"a.localhost", true},
	{"box.local", true},
	{"box.LAN", true},
	{"x.home.arpa", true},
	{"db.internal", true},
	{"127.0.0.1", true},
	{"10.1.2.3", true},
	{"192.168.0.9", true},
	{"172.16.0.1", true},
	{"172.31.255.1", true},
	{"172.15.0.1", false},
	{"172.32.0.1", false},
	{"169.254.1.1", true},
	{"11.1.2.3", false},
	{"8.8.8.8", false},
	{"10.example.org", false},
	{"127.example.org", false},
	{"::1", true},
	{"fd00::1", true},
	{"fe80::1", true},
	{"FC00::1", true},
	{"2001:db8::1", false},
	{"example.org", false},
	{"x.livekit.cloud", false},
	{"local", true},
	{"notlocal.org", false},
	{"xlocalhost.org", false},
	{"::", false},
	{"::ffff:8.8.8.8", false},
	{".local", false},
	{"fec0::1", false},
};

static void is_local(void **state)
{
	const struct host_row *row = *state;

	assert_int_equal(jw_livekit_is_local(jw_str_of(row->name)), row->is_local);
}

static void no_host_is_not_local(void **state)
{
	(void)state;
	assert_false(jw_livekit_is_local((struct jw_str){0}));
}

struct shown_row {
	const char *name;
	const char *key;
	const char *shown;
};

static const struct shown_row shown_rows[] = {
	{"none", NULL, NULL},
	{"as LiveKit makes them", "APIabcdefghijkl", "APIabcdefghijkl"},
	{"of development", "devkey", "devkey"},
	{"of the longest length", "01234567890123456789", "01234567890123456789"},
	{"longer", "012345678901234567890", "of 21 characters"},
	{"a colour", "a\033[31m", "of 6 characters"},
	{"a URL, as other issuers are", "https://issuer.example/realms/one",
	 "https://issuer.example/realms/one"},
	{"a URL with a password", "https://a:hushhushhush@issuer.example/", "of 38 characters"},
	{"a URL with a query", "https://issuer.example/?secret=hush", "of 35 characters"},
};

static void may_be_shown(void **state)
{
	const struct shown_row *row = *state;
	struct jw_arena arena = {0};
	const char *shown = jw_livekit_shown_key(row->key, &arena);

	if (row->shown)
		assert_string_equal(shown, row->shown);
	else
		assert_null(shown);
	assert_int_equal(jw_livekit_key_is_shown(jw_str_of(row->key)), shown == row->key);
	jw_arena_done(&arena);
}

int main(void)
{
	JW_ROWS(rows, is_whose);
	JW_ROWS(host_rows, is_local);
	JW_ROWS(shown_rows, may_be_shown);
	JW_TEST(no_host_is_not_local);
	return rows_run();
}
