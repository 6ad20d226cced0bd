/* SPDX-License-Identifier: MIT */
/* Verdicts on what servers say, as of 2026-01-02T03:04:05Z: LiveKit's answer, its clock, certificates. */
#include "verdict/judge.h"

#include "judging.h"
#include "rows.h"

#define AT "/srv/page.html:13"
#define SERVER "ws://voice:7880"
#define GOOD "{'exp': 1767409445, 'iat': 1767323000, 'video': {'room': 'r'}}" /* 24 h left */
#define SHOWS_AHEAD                                                                            \
	"; the clock of " SERVER " shows 2026-01-02T03:14:05Z, the one here "                  \
	"2026-01-02T03:04:05Z"
#define SHOWS_BEHIND                                                                           \
	"; the clock of " SERVER " shows 2026-01-02T02:54:05Z, the one here "                  \
	"2026-01-02T03:04:05Z"

struct row {
	const char *name;
	const char *payload;
	struct jw_livekit livekit; /* its url is SERVER */
	enum jw_state state;
	enum jw_cause cause;
	const char *message; /* begins so; NULL: any */
	enum jw_at at;
	const char *warning;
	int64_t changes_in;
	size_t others; /* findings beside the deciding one */
	enum jw_state severity_of_expired;
	const char *accepted_by;
};

#define YES .was_asked = true, .is_reachable = true, .accepts = JW_ACCEPTS_YES
#define CLOCK(offset) .has_clock = true, .clock_offset = (offset)

static const struct row rows[] = {
	{"accepted",
	 GOOD,
	 {YES},
	 JW_STATE_OK,
	 JW_OK,
	 .message = AT
	 " good for 1d more (until 2026-01-03T03:04:05Z) (expiry, accepted by " SERVER ")",
	 .changes_in = 86400},
	{"not asked, though it must be accepted",
	 GOOD,
	 {.url = NULL},
	 JW_STATE_UNKNOWN,
	 JW_DEADLINE,
	 .message = AT ": LiveKit at " SERVER " hasn't been asked about the token",
	 .at = JW_AT_LIVEKIT,
	 .changes_in = 86400,
	 .accepted_by = SERVER},
	{"not asked, since it has ended",
	 "{'exp': 1767323000}",
	 {.url = NULL},
	 JW_STATE_CRITICAL,
	 JW_EXPIRED,
	 .accepted_by = SERVER},
	{"not asked, which the run tells",
	 GOOD,
	 {.is_told = true},
	 JW_STATE_OK,
	 JW_OK,
	 .changes_in = 86400,
	 .accepted_by = SERVER},
	{"accepted, as it must be",
	 GOOD,
	 {YES},
	 JW_STATE_OK,
	 JW_OK,
	 .changes_in = 86400,
	 .accepted_by = SERVER},
	{"not asked, which proves nothing",
	 GOOD,
	 {.url = NULL},
	 JW_STATE_OK,
	 JW_OK,
	 .message = AT " good for 1d more (until 2026-01-03T03:04:05Z) (expiry only)",
	 .changes_in = 86400},
	{"refused",
	 GOOD,
	 {.cause = JW_LIVEKIT_REFUSED,
	  .accepts = JW_ACCEPTS_NO,
	  .refusal = JW_REFUSAL_UNKNOWN_API_KEY},
	 JW_STATE_CRITICAL,
	 JW_LIVEKIT_REFUSED,
	 .message = AT ": LiveKit at " SERVER " refuses the token (unknown_api_key): ",
	 .at = JW_AT_LIVEKIT,
	 .changes_in = 86400},
	{"unreachable",
	 GOOD,
	 {.cause = JW_LIVEKIT_UNREACHABLE, .says = "connection refused"},
	 JW_STATE_CRITICAL,
	 JW_LIVEKIT_UNREACHABLE,
	 .message = AT ": LiveKit at " SERVER ": connection refused; a browser says: could not "
		       "establish signal connection: Failed to fetch",
	 .at = JW_AT_LIVEKIT,
	 .changes_in = 86400},
	{"not LiveKit",
	 GOOD,
	 {.cause = JW_NOT_LIVEKIT, .says = "answers with a web page"},
	 JW_STATE_CRITICAL,
	 JW_NOT_LIVEKIT,
	 .message = AT ": LiveKit at " SERVER ": answers with a web page",
	 .at = JW_AT_LIVEKIT,
	 .changes_in = 86400},
	{"not ready",
	 GOOD,
	 {.cause = JW_LIVEKIT_NOT_READY},
	 JW_STATE_CRITICAL,
	 JW_LIVEKIT_NOT_READY,
	 .message = AT ": LiveKit at " SERVER ": answers that it isn't",
	 .at = JW_AT_LIVEKIT,
	 .changes_in = 86400},
	{"our time was up",
	 GOOD,
	 {.cause = JW_DEADLINE, .says = "the time was up"},
	 JW_STATE_UNKNOWN,
	 JW_DEADLINE,
	 .at = JW_AT_LIVEKIT,
	 .changes_in = 86400},
	{"expired comes before what the server is like",
	 "{'exp': 1767323000}",
	 {.cause = JW_LIVEKIT_UNREACHABLE, .says = "connection refused"},
	 JW_STATE_CRITICAL,
	 JW_EXPIRED,
	 .others = 1},

	{"a small offset counts for nothing",
	 "{'exp': 1767323046}",
	 {YES, CLOCK(30)},
	 JW_STATE_OK,
	 JW_OK,
	 .changes_in = 1},
	{"ended by the server's clock alone",
	 "{'exp': 1767323645}",
	 {CLOCK(600)},
	 JW_STATE_CRITICAL,
	 JW_CLOCK_SKEW,
	 .message =
		 AT " token ended 0s ago (2026-01-02T03:14:05Z) by the server's clock, though "
		    "not by the one here" SHOWS_AHEAD,
	 .changes_in = 600},
	{"a second before that",
	 "{'exp': 1767323646}",
	 {YES, CLOCK(600)},
	 JW_STATE_OK,
	 JW_OK,
	 .changes_in = 1},
	{"ended there, and refused for that",
	 "{'exp': 1767323585, 'video': {}}",
	 {.cause = JW_LIVEKIT_REFUSED,
	  .refusal = JW_REFUSAL_EXPIRED,
	  .accepts = JW_ACCEPTS_NO,
	  CLOCK(600)},
	 JW_STATE_CRITICAL,
	 JW_CLOCK_SKEW,
	 .others = 1,
	 .changes_in = 540},
	{"a severity of expired stays under the new name",
	 "{'exp': 1767323645}",
	 {CLOCK(600)},
	 JW_STATE_WARNING,
	 JW_CLOCK_SKEW,
	 .changes_in = 600,
	 .severity_of_expired = JW_STATE_WARNING},
	{"ended here alone, accepted there",
	 "{'exp': 1767323000}",
	 {YES, CLOCK(-600)},
	 JW_STATE_OK,
	 JW_OK,
	 .changes_in = 555},
	{"ended here alone, a threshold asked for",
	 "{'exp': 1767323000}",
	 {YES, CLOCK(-600)},
	 JW_STATE_WARNING,
	 JW_EXPIRING,
	 .warning = "1h",
	 .message =
		 AT " token ended 45s ago (2026-01-02T03:03:20Z) by the clock here, though not "
		    "yet by the server's" SHOWS_BEHIND,
	 .changes_in = 555},
	{"ended by both",
	 "{'exp': 1767322000}",
	 {CLOCK(-600)},
	 JW_STATE_CRITICAL,
	 JW_EXPIRED,
	 .message = AT " token ended 7m25s ago (2026-01-02T02:46:40Z)" SHOWS_BEHIND},
	{"not yet valid by the server's clock alone",
	 "{'exp': 1767409445, 'nbf': 1767323000}",
	 {CLOCK(-600)},
	 JW_STATE_CRITICAL,
	 JW_CLOCK_SKEW,
	 .message = AT
	 " token isn't valid before 2026-01-02T03:03:20Z (nbf) by the server's clock, "
	 "though it is by the one here" SHOWS_BEHIND,
	 .changes_in = 495},
	{"not yet valid here alone",
	 "{'exp': 1767409445, 'nbf': 1767323500}",
	 {YES, CLOCK(600)},
	 JW_STATE_OK,
	 JW_OK,
	 .changes_in = 85800},
	{"not yet valid by both",
	 "{'exp': 1767409445, 'nbf': 1767330000}",
	 {CLOCK(600)},
	 JW_STATE_CRITICAL,
	 JW_NOT_YET_VALID,
	 .message = AT
	 " token isn't valid before 2026-01-02T05:00:00Z (nbf), in 1h45m" SHOWS_AHEAD,
	 .changes_in = 6295},
};

static void is_judged(void **state)
{
	const struct row *row = *state;
	struct jw_livekit livekit = row->livekit;
	struct jw_token token = judging_token(row->payload);
	struct jw_facts facts = {.tokens = &token, .token_count = 1};
	struct jw_expect expect = {.leeway = 60, .warning = judging_threshold(row->warning)};
	const uint8_t severity[JW_CAUSE_COUNT] = {[JW_EXPIRED] =
							  (uint8_t)row->severity_of_expired};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	livekit.url = SERVER;
	token.livekit = &livekit;
	expect.accepted_by = row->accepted_by;
	expect.severity = severity;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_string_equal(jw_cause_name(verdict.cause), jw_cause_name(row->cause));
	assert_int_equal(verdict.state, row->state);
	if (row->message && strncmp(verdict.message, row->message, strlen(row->message)))
		assert_string_equal(verdict.message, row->message);
	assert_int_equal(verdict.finding_count, row->others + (row->cause != JW_OK));
	for (size_t i = 0; i < verdict.finding_count; i++)
		if (verdict.findings[i].cause == row->cause)
			assert_int_equal(verdict.findings[i].at, row->at);
	assert_int_equal(verdict.will_change, row->changes_in != 0);
	if (row->changes_in)
		assert_int_equal(verdict.next_change - NOW, row->changes_in);
	assert_int_equal(verdict.proved & JW_PROVED_ACCEPTED,
			 row->state == JW_STATE_OK && livekit.accepts == JW_ACCEPTS_YES
				 ? JW_PROVED_ACCEPTED
				 : 0);
	jw_arena_done(&arena);
	judging_done(&token);
}

struct reason_row {
	const char *name;
	const char *payload;
	enum jw_refusal refusal;
	const char *says;   /* behind the refusal's name, a part */
	const char *remedy; /* a part; NULL: the refusal's own */
	enum jw_signature signature;
};

/* What the server says, with what is known of the token. */
static const struct reason_row reason_rows[] = {
	{"a rotated key", "{'iss': 'devkey', 'exp': 1767409445, 'video': {}}",
	 JW_REFUSAL_SIGNATURE,
	 "(signature): the server knows the API key \"devkey\", but has another secret for it: "
	 "the secret was changed since the token was made",
	 NULL, JW_SIG_NOT_CHECKED},
	{"a key that was rotated on the server alone",
	 "{'iss': 'devkey', 'exp': 1767409445, 'video': {}}", JW_REFUSAL_SIGNATURE,
	 "(signature): the configured key verifies the signature, but the server has another "
	 "secret for the API key \"devkey\"",
	 NULL, JW_SIG_VALID},
	{"a dev key at a server with keys", "{'iss': 'devkey', 'exp': 1767409445, 'video': {}}",
	 JW_REFUSAL_UNKNOWN_API_KEY,
	 "(the token's iss, \"devkey\"); devkey is the key of a server that was started with "
	 "--dev",
	 NULL, JW_SIG_NOT_CHECKED},
	{"a key of the cloud at a local server",
	 "{'iss': 'APIabcdefghi', 'exp': 1767409445, 'video': {}}", JW_REFUSAL_UNKNOWN_API_KEY,
	 "it looks like a key of LiveKit Cloud", NULL, JW_SIG_NOT_CHECKED},
	{"any other key", "{'iss': 'own', 'exp': 1767409445, 'video': {}}",
	 JW_REFUSAL_UNKNOWN_API_KEY, "(the token's iss, \"own\"); a browser says", NULL,
	 JW_SIG_NOT_CHECKED},
	{"a token that got lost", GOOD, JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST,
	 ": the token has a video grant, so it got lost on its way: a proxy",
	 "let the proxy before the server pass", JW_SIG_NOT_CHECKED},
	{"a token without grants", "{'exp': 1767409445}", JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST,
	 ": the token has no video grant; ", "make the token with a video grant",
	 JW_SIG_NOT_CHECKED},
	{"a room in the wrong field",
	 "{'exp': 1767409445, 'video': {'roomJoin': true, 'roomName': 'r'}}",
	 JW_REFUSAL_NO_ROOM, "it stands in roomName (\"r\"), which LiveKit doesn't read", NULL,
	 JW_SIG_NOT_CHECKED},
	{"no room at all", "{'exp': 1767409445, 'video': {'roomJoin': true}}",
	 JW_REFUSAL_NO_ROOM, "(no_room): the token names no room", NULL, JW_SIG_NOT_CHECKED},
	{"a room that isn't there", GOOD, JW_REFUSAL_ROOM_NOT_FOUND, "(room \"r\")", NULL,
	 JW_SIG_NOT_CHECKED},
};

static void has_a_reason(void **state)
{
	const struct reason_row *row = *state;
	const struct jw_livekit livekit = {.url = SERVER,
					   .cause = JW_LIVEKIT_REFUSED,
					   .refusal = row->refusal,
					   .accepts = JW_ACCEPTS_NO};
	struct jw_token token = judging_token(row->payload);
	struct jw_facts facts = {.tokens = &token, .token_count = 1};
	const struct jw_expect expect = {.leeway = 60};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;
	const struct jw_finding *finding = NULL;

	token.livekit = &livekit;
	token.signature = row->signature;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	for (size_t i = 0; i < verdict.finding_count; i++)
		if (verdict.findings[i].cause == JW_LIVEKIT_REFUSED)
			finding = &verdict.findings[i];
	assert_non_null(finding);
	if (!strstr(finding->message, row->says))
		assert_string_equal(finding->message, row->says);
	if (!strstr(finding->remedy,
		    row->remedy ? row->remedy : jw_refusal_row(row->refusal)->remedy))
		assert_string_equal(finding->remedy, row->remedy ? row->remedy : "its own");
	jw_arena_done(&arena);
	judging_done(&token);
}

static void a_refusal_has_its_own_remedy(void **state)
{
	(void)state;
	for (enum jw_refusal refusal = 1; refusal < JW_REFUSAL_COUNT; refusal++) {
		const struct jw_livekit livekit = {.url = SERVER,
						   .cause = JW_LIVEKIT_REFUSED,
						   .refusal = refusal,
						   .accepts = JW_ACCEPTS_NO};
		struct jw_token token = judging_token(GOOD);
		struct jw_facts facts = {.tokens = &token, .token_count = 1};
		struct jw_expect expect = {.leeway = 60};
		struct jw_arena arena = {0};
		struct jw_verdict verdict;

		token.livekit = &livekit;
		jw_judge(&facts, &expect, NOW, &arena, &verdict);
		/* Which depends on the token: see above. */
		if (refusal != JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST)
			assert_string_equal(verdict.remedy, jw_refusal_row(refusal)->remedy);
		assert_non_null(strstr(verdict.message, jw_refusal_row(refusal)->name));
		jw_arena_done(&arena);
		judging_done(&token);
	}
}

struct exchange_row {
	const char *name;
	struct jw_exchange exchange;
	enum jw_state state;
	enum jw_cause cause;
	const char *message; /* whole; NULL: OK */
	int64_t changes_in;
};

static const struct exchange_row exchange_rows[] = {
	{"the server's clock is right", {CLOCK(-30)}, JW_STATE_OK, JW_OK, .changes_in = 86400},
	{"the server's clock is ahead",
	 {CLOCK(31)},
	 JW_STATE_WARNING,
	 JW_CLOCK_SKEW,
	 "https://x/: the server's clock is 31s ahead of the clock here (2026-01-02T03:04:36Z "
	 "there, 2026-01-02T03:04:05Z here)",
	 86400},
	{"the server's clock is behind",
	 {CLOCK(-3600)},
	 JW_STATE_WARNING,
	 JW_CLOCK_SKEW,
	 "https://x/: the server's clock is 1h behind the clock here (2026-01-02T02:04:05Z "
	 "there, "
	 "2026-01-02T03:04:05Z here)",
	 86400},
	{"a certificate that lasts",
	 {.certificate_expires = NOW + 14 * 86400},
	 JW_STATE_OK,
	 JW_OK,
	 .changes_in = 1},
	{"a certificate that ends in less than 14 days",
	 {.certificate_expires = NOW + 14 * 86400 - 1},
	 JW_STATE_WARNING,
	 JW_CERTIFICATE_EXPIRING,
	 "https://x/: the server's certificate ends in 13d23h (2026-01-16T03:04:04Z)",
	 86400},
	{"a certificate that ends in less than a day",
	 {.certificate_expires = NOW + 86399},
	 JW_STATE_CRITICAL,
	 JW_CERTIFICATE_EXPIRING,
	 "https://x/: the server's certificate ends in 23h59m (2026-01-03T03:04:04Z)",
	 86400},
	{"a certificate that has ended",
	 {.certificate_expires = NOW - 60},
	 JW_STATE_CRITICAL,
	 JW_CERTIFICATE_EXPIRING,
	 "https://x/: the server's certificate ended 1m ago (2026-01-02T03:03:05Z)",
	 86400},
};

static void exchange_is_judged(void **state)
{
	const struct exchange_row *row = *state;
	struct jw_token token = judging_token(GOOD);
	struct jw_exchange exchange = row->exchange;
	struct jw_facts facts = {.tokens = &token,
				 .token_count = 1,
				 .exchanges = &exchange,
				 .exchange_count = 1};
	struct jw_expect expect = {.certificate_warning = 14 * 86400,
				   .certificate_critical = 86400};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	exchange.url = "https://x/";
	exchange.at = JW_AT_LIVEKIT;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_string_equal(jw_cause_name(verdict.cause), jw_cause_name(row->cause));
	assert_int_equal(verdict.state, row->state);
	if (row->message) {
		assert_string_equal(verdict.message, row->message);
		assert_int_equal(verdict.findings[0].at, JW_AT_LIVEKIT);
	}
	assert_true(verdict.will_change);
	assert_int_equal(verdict.next_change - NOW, row->changes_in);
	jw_arena_done(&arena);
	judging_done(&token);
}

static void a_server_alone(void **state)
{
	struct jw_livekit livekit = {.url = SERVER, .is_reachable = true, .time_us = 3400};
	struct jw_facts facts = {.livekit = &livekit};
	struct jw_expect expect = {0};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	(void)state;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.state, JW_STATE_OK);
	assert_int_equal(verdict.proved, JW_PROVED_READY);
	assert_string_equal(verdict.message, SERVER " answers that it is ready (in 3 ms)");
	assert_int_equal(verdict.deciding, JW_NO_TOKEN);
	livekit.cause = JW_LIVEKIT_NOT_READY;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.state, JW_STATE_CRITICAL);
	assert_string_equal(verdict.message, SERVER ": answers that it isn't ready (406)");
	assert_int_equal(verdict.findings[0].at, JW_AT_LIVEKIT);
	livekit.cause = JW_CONNECT;
	livekit.says = "connection refused";
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_string_equal(jw_cause_name(verdict.cause), "connect");
	assert_string_equal(verdict.message, SERVER ": connection refused");
	jw_arena_done(&arena);
}

struct pair_row {
	const char *name;
	struct jw_key_proof proof;
	int64_t offset; /* of the server's clock; 0: unknown */
	enum jw_state state;
	enum jw_cause cause;
	const char *message; /* whole; NULL: any */
	const char *remedy;  /* a part */
	enum jw_state severity;
	const char *server; /* NULL: SERVER */
};

#define REFUSED(why) .cause = JW_LIVEKIT_REFUSED, .accepts = JW_ACCEPTS_NO, .refusal = (why)

static const struct pair_row pair_rows[] = {
	{"accepted",
	 {.accepts = JW_ACCEPTS_YES},
	 0,
	 JW_STATE_OK,
	 JW_OK,
	 .message = SERVER
	 " answers that it is ready (in 3 ms) (reachable, key pair accepted: pair)"},
	{"accepted, and everybody's",
	 {.accepts = JW_ACCEPTS_YES, .is_dev = true},
	 0,
	 JW_STATE_WARNING,
	 JW_URL_UNUSABLE,
	 .message =
		 "wss://voice.example.org: takes the key pair pair, which is that of a server "
		 "in development mode and known to everybody, and is public",
	 .remedy = "a key pair of its own",
	 .server = "wss://voice.example.org"},
	{"accepted, and everybody's, in a network of one's own",
	 {.accepts = JW_ACCEPTS_YES, .is_dev = true},
	 0,
	 JW_STATE_OK,
	 JW_OK,
	 .server = "ws://192.168.1.2:7880"},
	{"another secret",
	 {REFUSED(JW_REFUSAL_SIGNATURE)},
	 0,
	 JW_STATE_CRITICAL,
	 JW_LIVEKIT_REFUSED,
	 SERVER
	 ": LiveKit refuses the key pair pair (signature), API key \"devkey\": the server "
	 "knows the API key, but with another secret: the secret was changed on one side",
	 .remedy = "compare the secret of this key here"},
	{"an unknown key",
	 {REFUSED(JW_REFUSAL_UNKNOWN_API_KEY)},
	 0,
	 JW_STATE_CRITICAL,
	 JW_LIVEKIT_REFUSED,
	 SERVER
	 ": LiveKit refuses the key pair pair (unknown_api_key), API key \"devkey\": the "
	 "server has no such API key; devkey is the key of a server that was started "
	 "with --dev, and this one has keys of its own",
	 .remedy = "under keys: in the server's configuration"},
	{"a token that got lost",
	 {REFUSED(JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST)},
	 0,
	 JW_STATE_CRITICAL,
	 JW_LIVEKIT_REFUSED,
	 SERVER
	 ": LiveKit refuses the key pair pair (no_grant_or_token_lost), API key "
	 "\"devkey\": the token that was sent didn't reach the server: a proxy before it "
	 "takes the Authorization header away",
	 .remedy = "pass the Authorization header on"},
	{"expired, and nothing is known of clocks",
	 {REFUSED(JW_REFUSAL_EXPIRED)},
	 0,
	 JW_STATE_CRITICAL,
	 JW_LIVEKIT_REFUSED,
	 NULL,
	 .remedy = "timedatectl"},
	{"expired, and the clocks agree",
	 {REFUSED(JW_REFUSAL_EXPIRED)},
	 30,
	 JW_STATE_CRITICAL,
	 JW_LIVEKIT_REFUSED,
	 NULL,
	 .remedy = "timedatectl"},
	{"expired by clocks",
	 {REFUSED(JW_REFUSAL_EXPIRED)},
	 600,
	 JW_STATE_CRITICAL,
	 JW_CLOCK_SKEW,
	 SERVER ": a token made just now with the key pair pair is refused (expired): the "
		"server's clock is 10m ahead of the clock here (2026-01-02T03:14:05Z there, "
		"2026-01-02T03:04:05Z here)",
	 .remedy = "set both clocks right"},
	{"not yet valid by clocks",
	 {REFUSED(JW_REFUSAL_NOT_YET_VALID)},
	 -600,
	 JW_STATE_CRITICAL,
	 JW_CLOCK_SKEW,
	 NULL,
	 .remedy = "set both clocks right"},
	{"a severity of the refusal stays under the new name",
	 {REFUSED(JW_REFUSAL_NOT_YET_VALID)},
	 -600,
	 JW_STATE_WARNING,
	 JW_CLOCK_SKEW,
	 NULL,
	 .remedy = "set both clocks right",
	 .severity = JW_STATE_WARNING},
	{"clocks explain no wrong secret",
	 {REFUSED(JW_REFUSAL_SIGNATURE)},
	 600,
	 JW_STATE_CRITICAL,
	 JW_LIVEKIT_REFUSED,
	 NULL,
	 .remedy = "compare the secret"},
	{"what has no words of its own",
	 {REFUSED(JW_REFUSAL_OTHER)},
	 0,
	 JW_STATE_CRITICAL,
	 JW_LIVEKIT_REFUSED,
	 NULL,
	 .remedy = "read the server's own words"},
	{"another server",
	 {.cause = JW_NOT_LIVEKIT, .says = "answers with a web page"},
	 0,
	 JW_STATE_CRITICAL,
	 JW_NOT_LIVEKIT,
	 SERVER ": asked about the key pair pair (POST /twirp/livekit.RoomService/ListRooms): "
		"answers with a web page",
	 .remedy = "correct the URL"},
};

static void pair_is_judged(void **state)
{
	const struct pair_row *row = *state;
	struct jw_livekit livekit = {.url = row->server ? row->server : SERVER,
				     .is_reachable = true,
				     .time_us = 3400,
				     .has_clock = row->offset != 0,
				     .clock_offset = row->offset};
	struct jw_key_proof proof = row->proof;
	struct jw_facts facts = {.livekit = &livekit, .proofs = &proof, .proof_count = 1};
	const uint8_t severity[JW_CAUSE_COUNT] = {[JW_LIVEKIT_REFUSED] =
							  (uint8_t)row->severity};
	const struct jw_expect expect = {.severity = severity};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	proof.name = "pair";
	proof.issuer = "devkey";
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_string_equal(jw_cause_name(verdict.cause), jw_cause_name(row->cause));
	assert_int_equal(verdict.state, row->state);
	if (row->message)
		assert_string_equal(verdict.message, row->message);
	if (row->remedy && !strstr(verdict.remedy, row->remedy))
		assert_string_equal(verdict.remedy, row->remedy);
	if (row->cause)
		assert_int_equal(verdict.findings[0].at, JW_AT_LIVEKIT);
	assert_int_equal(verdict.proved, row->cause ? 0 : JW_PROVED_READY | JW_PROVED_KEY);
	jw_arena_done(&arena);
}

/* A secret may stand where the API key should. */
static void a_key_that_may_be_a_secret(void **state)
{
	static const char secret[] = "s3cretS3cret16charss3cretS3cret16charsss";
	struct jw_livekit livekit = {.url = SERVER, .is_reachable = true};
	struct jw_key_proof proof = {REFUSED(JW_REFUSAL_UNKNOWN_API_KEY)};
	struct jw_facts facts = {.livekit = &livekit, .proofs = &proof, .proof_count = 1};
	const struct jw_expect expect = {0};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	(void)state;
	proof.name = "pair";
	proof.issuer = secret;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_non_null(strstr(verdict.message, ", API key of 40 characters: the server"));
	proof.issuer = NULL;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_non_null(strstr(verdict.message, ", API key not shown, since it may be"));
	jw_arena_done(&arena);
}

struct join_row {
	const char *name;
	struct jw_join join;
	enum jw_state state;
	const char *message;
	const char *remedy; /* a part; NULL: none */
};

static const struct join_row join_rows[] = {
	{"joined",
	 {.status = 101, .time_us = 7400},
	 JW_STATE_OK,
	 SERVER
	 " answers that it is ready (in 3 ms) (reachable, key pair accepted: pair; a room was "
	 "joined in 7 ms)",
	 NULL},
	{"refused, with words",
	 {.cause = JW_LIVEKIT_REFUSED, .refusal = JW_REFUSAL_SERVER_ERROR, .says = "no node"},
	 JW_STATE_CRITICAL,
	 SERVER ": LiveKit refuses a join of a room of jwtwatch's own (server_error): no node",
	 "read the LiveKit server's log"},
	{"no rooms are made",
	 {.cause = JW_LIVEKIT_REFUSED, .refusal = JW_REFUSAL_ROOM_NOT_FOUND},
	 JW_STATE_CRITICAL,
	 SERVER
	 ": LiveKit refuses a join of a room of jwtwatch's own (room_not_found): this "
	 "server makes no rooms by itself, so a join of a room that nobody made can't be "
	 "tried",
	 "leave join out"},
	{"full",
	 {.cause = JW_LIVEKIT_REFUSED, .refusal = JW_REFUSAL_NODE_FULL},
	 JW_STATE_CRITICAL,
	 SERVER
	 ": LiveKit refuses a join of a room of jwtwatch's own (node_full): the server is at "
	 "its limit and lets nobody more in; the token itself is good",
	 "start another LiveKit node"},
	{"no WebSocket",
	 {.cause = JW_NOT_LIVEKIT, .says = "isn't"},
	 JW_STATE_CRITICAL,
	 SERVER ": asked to join a room of jwtwatch's own (GET /rtc): isn't",
	 "passes WebSocket on"},
	{"no time",
	 {.cause = JW_DEADLINE, .says = "no time"},
	 JW_STATE_UNKNOWN,
	 SERVER ": asked to join a room of jwtwatch's own (GET /rtc): no time",
	 ""},
};

static void join_is_judged(void **state)
{
	const struct join_row *row = *state;
	struct jw_livekit livekit = {.url = SERVER, .is_reachable = true, .time_us = 3400};
	struct jw_key_proof proof = {.name = "pair", .accepts = JW_ACCEPTS_YES};
	struct jw_facts facts = {
		.livekit = &livekit, .proofs = &proof, .proof_count = 1, .join = &row->join};
	const struct jw_expect expect = {0};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.state, row->state);
	assert_int_equal(verdict.cause, row->join.cause);
	assert_string_equal(verdict.message, row->message);
	if (row->remedy)
		assert_non_null(strstr(verdict.remedy, row->remedy));
	if (row->join.cause)
		assert_int_equal(verdict.findings[0].at, JW_AT_LIVEKIT);
	assert_int_equal(verdict.proved,
			 row->join.cause ? 0
					 : JW_PROVED_READY | JW_PROVED_KEY | JW_PROVED_JOIN);
	jw_arena_done(&arena);
}

struct send_row {
	const char *name;
	const char *payload;
	enum jw_cause decode;
	enum jw_signature signature;
	bool is_sendable;
};

static const struct send_row send_rows[] = {
	{"a good one is sent", GOOD, .is_sendable = true},
	{"without an expiry too", "{}", .is_sendable = true},
	{"an expired one isn't", "{'exp': 1767323045}", .is_sendable = false},
	{"one of later isn't", "{'exp': 1767409445, 'nbf': 1767330000}", .is_sendable = false},
	{"one of later by a wrong clock isn't",
	 "{'exp': 1767409445, 'nbf': 1767330000, 'iat': 1767330000}", .is_sendable = false},
	{"one that can't be decoded isn't", GOOD, .decode = JW_TOKEN_MALFORMED},
	{"one without a signature isn't", GOOD, .decode = JW_ALGORITHM_REFUSED},
	{"one with a wrong signature isn't", GOOD, .signature = JW_SIG_INVALID},
	{"one of an unknown key isn't", GOOD, .signature = JW_SIG_KEY_UNKNOWN},
	{"one whose key couldn't be read is", GOOD, .signature = JW_SIG_NO_KEY,
	 .is_sendable = true},
	{"a claim that isn't expected is the server's to judge",
	 "{'exp': 1767409445, 'iss': 'else', 'video': {}}", .is_sendable = true},
};

static void is_sent(void **state)
{
	const struct send_row *row = *state;
	struct jw_token token = judging_token(row->payload);
	const struct jw_expect expect = {.leeway = 60, .issuer = "devkey"};

	token.decode = row->decode;
	token.signature = row->signature;
	assert_int_equal(jw_judge_is_sendable(&token, &expect, NOW), row->is_sendable);
	judging_done(&token);
}

int main(void)
{
	JW_ROWS(rows, is_judged);
	JW_ROWS(exchange_rows, exchange_is_judged);
	JW_ROWS(reason_rows, has_a_reason);
	JW_ROWS(pair_rows, pair_is_judged);
	JW_ROWS(join_rows, join_is_judged);
	JW_TEST(a_key_that_may_be_a_secret);
	JW_ROWS(send_rows, is_sent);
	JW_TEST(a_refusal_has_its_own_remedy);
	JW_TEST(a_server_alone);
	return rows_run();
}
