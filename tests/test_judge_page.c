/* SPDX-License-Identifier: MIT */
/* Verdicts on what a page gives to everybody: the URL of a LiveKit server, a key of development mode, secrets. */
#include "verdict/judge.h"

#include <string.h>

#include "judging.h"
#include "rows.h"

#define AT "/srv/page.html:13"
#define GOOD                                                                                   \
	"{'iss': 'devkey', 'sub': 'a', 'exp': 1767409445, 'iat': 1767323000, "                 \
	"'video': {'room': 'r'}}"
#define SECURE "https://page.example.org"
#define BROWSER                                                                                \
	"; a browser says: could not establish signal connection: Failed to construct "        \
	"'WebSocket': An insecure WebSocket connection may not be initiated from a page "      \
	"loaded over HTTPS."

struct row {
	const char *name;
	struct jw_server_url servers[3];
	const char *message; /* of the only finding; NULL: there is none */
	enum jw_dev_signed dev_signed;
	const char *payload; /* NULL: another's key */
};

static const struct row rows[] = {
	{"no server", .message = NULL},
	{"a URL that can be used", .servers = {{"wss://h.example.org", true, true, SECURE}}},
	{"one without TLS", .servers = {{"ws://h.example.org", true, true, SECURE}},
	 .message = "ws://h.example.org: a page of " SECURE " can't use this, since it came by "
		    "https and this is without TLS" BROWSER},
	{"one without TLS that nobody is given",
	 .servers = {{"ws://h.example.org", true, false, SECURE}}},
	{"one beside another that can be used",
	 .servers = {{"ws://h.example.org", true, true, SECURE},
		     {"wss://h.example.org", true, true, SECURE}}},
	{"one beside another that nobody is given",
	 .servers = {{"ws://localhost", true, true, SECURE},
		     {"wss://h.example.org", true, false, SECURE}},
	 .message =
		 "ws://localhost: a page of " SECURE " gives this to browsers, for which it is "
		 "their own machine, where no LiveKit server is"},
	{"two that can't be used",
	 .servers = {{"ws://localhost", true, true, SECURE},
		     {"ws://h.example.org", true, true, SECURE}},
	 .message =
		 "ws://localhost: a page of " SECURE " gives this to browsers, for which it is "
		 "their own machine, where no LiveKit server is"},
	{"one without a scheme", .servers = {{"wss://h.example.org", false, true, SECURE}},
	 .message = "wss://h.example.org: browsers are given this as LiveKit's URL without "
		    "wss:// in front, and can't use it so"},
	{"one with another scheme", .servers = {{"tcp://h.example.org", true, true, NULL}},
	 .message = "tcp://h.example.org: browsers are given this as LiveKit's URL, and its "
		    "clients take ws://, wss://, http:// and https:// only"},
	{"what is no URL", .servers = {{"(not a URL)", true, true, NULL}},
	 .message = "(not a URL): what browsers are given as LiveKit's URL is none"},
	{"devkey at home", .servers = {{"ws://192.168.1.2:7880", true, false, NULL}},
	 .payload = GOOD},
	{"devkey in public, and nobody could try its secret",
	 .servers = {{"wss://h.example.org", true, false, NULL}}, .payload = GOOD,
	 .message = AT " token is signed with devkey, the key of a server in development mode, "
		       "for the public server wss://h.example.org"},
	{"devkey and its secret in public",
	 .servers = {{"ws://localhost", true, false, NULL},
		     {"wss://h.example.org", true, true, NULL}},
	 .payload = GOOD, .dev_signed = JW_DEV_YES,
	 .message = AT " token is signed with the key pair devkey and secret of a server in "
		       "development mode, which everybody knows, for the public server "
		       "wss://h.example.org"},
	{"a key of one's own that is called devkey",
	 .servers = {{"wss://h.example.org", true, false, NULL}}, .payload = GOOD,
	 .dev_signed = JW_DEV_NO},
	{"another key in public", .servers = {{"wss://h.example.org", true, false, NULL}}},
};

static void is_judged(void **state)
{
	const struct row *row = *state;
	struct jw_server_url servers[3];
	struct jw_token token = judging_token(
		row->payload ? row->payload
			     : "{'iss': 'APIx', 'sub': 'a', 'exp': 1767409445, 'iat': "
			       "1767323000, 'video': {'room': 'r'}}");
	struct jw_facts facts = {.tokens = &token, .token_count = 1, .servers = servers};
	struct jw_expect expect = {0};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	memcpy(servers, row->servers, sizeof(servers));
	while (facts.server_count < 3 && servers[facts.server_count].url)
		facts.server_count++;
	token.dev_signed = row->dev_signed;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.finding_count, row->message != NULL);
	if (row->message) {
		assert_string_equal(verdict.message, row->message);
		assert_int_equal(verdict.cause, JW_URL_UNUSABLE);
		assert_int_equal(verdict.state, JW_STATE_WARNING);
	}
	jw_arena_done(&arena);
	judging_done(&token);
}

static void secrets_are_told(void **state)
{
	struct jw_token token = judging_token("{'exp': 1767409445, 'iat': 1767323000}");
	struct jw_leak leaks[] = {{"/srv/page.html", 3, "livekit"},
				  {"/srv/page.html", 4, NULL}};
	struct jw_facts facts = {
		.tokens = &token, .token_count = 1, .leaks = leaks, .leak_count = 2};
	struct jw_expect expect = {0};
	struct jw_arena arena = {0};
	struct jw_verdict verdict;

	(void)state;
	jw_judge(&facts, &expect, NOW, &arena, &verdict);
	assert_int_equal(verdict.finding_count, 2);
	assert_int_equal(verdict.cause, JW_SECRET_IN_PAGE);
	assert_int_equal(verdict.state, JW_STATE_CRITICAL);
	assert_string_equal(verdict.message,
			    "/srv/page.html:3: the secret of the key \"livekit\" stands here: "
			    "everybody who opens the page can make tokens with it");
	assert_string_equal(verdict.findings[1].message,
			    "/srv/page.html:4: an API secret stands here, as its name says: "
			    "everybody who opens the page can make tokens with it");
	jw_arena_done(&arena);
	judging_done(&token);
}

int main(void)
{
	JW_ROWS(rows, is_judged);
	JW_TEST(secrets_are_told);
	return rows_run();
}
