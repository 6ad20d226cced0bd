/* SPDX-License-Identifier: MIT */
/* Sinks without a network: the bytes that they make of a result, what they make of an answer, what is brought to them. */
#include "rows.h"

#include <string.h>

#include "base/utf.h"
#include "core/deliver.h"
#include "fake_exec.h"
#include "fake_net.h"
#include "output/format.h"

/* Everything that has to be encoded somewhere. */
#define SECRET "Kanarienvogel/+&=%?\\\"12"

static struct jw_arena arena;

static const struct jw_sink_entry *entry_of(struct jw_config *config, const char *name)
{
	const struct jw_sink_entry *entry;

	assert_int_equal(jw_config_sink(config, jw_str_of(name), &entry, NULL), JW_OK);
	return entry;
}

static struct jw_config *configured(void)
{
	static const char yaml[] =
		"sinks:\n"
		"  icinga: {type: icinga, url: 'https://i:5665', user: u, password: {file: "
		"s},\n"
		"    host: web 1, service: 'JWT $name$', check_source: me, ttl: 90s}\n"
		"  slash: {type: icinga, url: 'https://i/x/', client_certificate: /c.pem,\n"
		"    ca_file: /ca.pem, server_name: node}\n"
		"  whole: {type: icinga, url: 'https://i/v1/actions/process-check-result',\n"
		"    client_certificate: /c.pem}\n"
		"  nrdp: {type: nrdp, url: 'https://n/nrdp/', token: {file: s}, host: "
		"'$name$.$name$'}\n"
		"  pipe: {type: command_file, path: /run/nagios.cmd, host: h}\n"
		"  hook: {type: webhook, url: "
		"'https://w/services/Kanarienvogel?k=Kanarienvogel',\n"
		"    headers: {Authorization: {file: s}, X-Team: {file: s}}}\n"
		"  bad-hook: {type: webhook, url: 'http://w', headers: {X-Key: {file: "
		"lines}}}\n"
		"  program: {type: command, command: [/bin/notify, -k, Rotkehlchen17], env: "
		"{KEY: "
		"{file: s}}}\n"
		"  bare: {type: command, command: [notify]}\n"
		"  page: {type: textfile, path: /p.prom}\n"
		"targets: []\n";
	struct jw_errors errors = {0};
	struct jw_config *config =
		jw_config_read(jw_str_of(yaml), "c.yaml", "/srv", NULL, INT64_MAX, &errors);

	if (!config)
		fail_msg("%s", errors.text.ptr);
	return config;
}

struct pack_row {
	const char *name;
	const char *sink;
	enum jw_state state;
	const char *text;
	const char *perfdata;
	const char *body; /* NULL: refused */
	const char *url;  /* or a path */
	const char *headers;
};

#define ICINGA_URL "https://i:5665/v1/actions/process-check-result"
/* u:SECRET, by base64(1). */
#define ICINGA_HEADERS                                                                         \
	"Accept: application/json\nContent-Type: application/json\n"                           \
	"Authorization: Basic dTpLYW5hcmllbnZvZ2VsLysmPSU/XCIxMg==\n"
#define ICINGA_PLAIN "Accept: application/json\nContent-Type: application/json\n"
#define ICINGA_END                                                                             \
	"\"check_command\":[\"jwtwatch\",\"check\",\"page\"],\"check_source\":\"me\",\"ttl\":" \
	"90}"
#define NRDP_HEADERS                                                                           \
	"Content-Type: application/x-www-form-urlencoded\nAccept: application/json\n"
#define NRDP_START                                                                             \
	"token=Kanarienvogel%2F%2B%26%3D%25%3F%5C%2212&cmd=submitcheck&json=%7B%22"            \
	"checkresults%22%3A%5B%7B%22checkresult%22%3A%7B%22type%22%3A%22service%22%2C%22"      \
	"checktype%22%3A%221%22%7D%2C%22hostname%22%3A%22page.page%22%2C%22servicename%22%3A%" \
	"22page%22%2C%22state%22%3A%22"

static const struct pack_row pack_rows[] = {
	{"icinga: everything", "icinga", JW_STATE_CRITICAL, "JWTWATCH CRITICAL: \"a\\b\"\nmore",
	 "'left'=-5s;3600:;600: 'a b'=1 c=2%",
	 "{\"type\":\"Service\",\"service\":\"web 1!JWT page\",\"exit_status\":2,"
	 "\"plugin_output\":\"JWTWATCH CRITICAL: \\\"a\\\\b\\\"\\nmore\","
	 "\"performance_data\":[\"'left'=-5s;3600:;600:\",\"'a b'=1\",\"c=2%\"]," ICINGA_END,
	 ICINGA_URL, ICINGA_HEADERS},
	{"icinga: no performance data", "icinga", JW_STATE_OK, "JWTWATCH OK: fine", "",
	 "{\"type\":\"Service\",\"service\":\"web 1!JWT "
	 "page\",\"exit_status\":0,\"plugin_output\":"
	 "\"JWTWATCH OK: fine\",\"performance_data\":[]," ICINGA_END,
	 ICINGA_URL, ICINGA_HEADERS},
	{"icinga: by certificate, with a path in front", "slash", JW_STATE_UNKNOWN, "x", "a=1",
	 "{\"type\":\"Service\",\"service\":\"machine!page\",\"exit_status\":3,\"plugin_"
	 "output\":\"x\",\"performance_data\":[\"a=1\"],\"check_command\":[\"jwtwatch\","
	 "\"check\",\"page\"],\"check_source\":\"machine\",\"ttl\":3600}",
	 "https://i/x/v1/actions/process-check-result", ICINGA_PLAIN},
	{"icinga: the action in the URL", "whole", JW_STATE_WARNING, "x", "",
	 "{\"type\":\"Service\",\"service\":\"machine!page\",\"exit_status\":1,\"plugin_"
	 "output\":\"x\",\"performance_data\":[],\"check_command\":[\"jwtwatch\","
	 "\"check\",\"page\"],\"check_source\":\"machine\",\"ttl\":3600}",
	 "https://i/v1/actions/process-check-result", ICINGA_PLAIN},
	{"nrdp: everything", "nrdp", JW_STATE_CRITICAL, "a \\n b&\nmore", "x=1",
	 NRDP_START "2%22%2C%22output%22%3A%22a%20%5C%5C%5C%5Cn%20b%26%7Cx%3D1%5Cnmore%22%7D%"
		    "5D%7D",
	 "https://n/nrdp/", NRDP_HEADERS},
	{"nrdp: no performance data", "nrdp", JW_STATE_OK, "\xc3\xa4", "",
	 NRDP_START "0%22%2C%22output%22%3A%22%C3%A4%22%7D%5D%7D", "https://n/nrdp/",
	 NRDP_HEADERS},
	{"command file: everything", "pipe", JW_STATE_CRITICAL, "a; b\\c\nmore\nand\\n",
	 "x=1;2",
	 "[1767225600] PROCESS_SERVICE_CHECK_RESULT;h;page;2;a; "
	 "b\\\\c|x=1;2\\nmore\\nand\\\\n\n",
	 "/run/nagios.cmd", ""},
	{"command file: no performance data", "pipe", JW_STATE_UNKNOWN, "a", "",
	 "[1767225600] PROCESS_SERVICE_CHECK_RESULT;h;page;3;a\n", "/run/nagios.cmd", ""},
};

static struct jw_sink_result result_of(const struct jw_sink_entry *entry, const char *target,
				       enum jw_state state, const char *text,
				       const char *perfdata)
{
	struct jw_sink_result result = {
		.target = target,
		.machine = "machine",
		.state = state,
		.text = jw_str_of(text),
		.perfdata = jw_str_of(perfdata),
		.now = 1767225600,
	};

	jw_deliver_names(entry, &arena, &result);
	return result;
}

static void packs(void **state)
{
	const struct pack_row *row = *state;
	struct jw_config *config = configured();
	const struct jw_sink_entry *entry = entry_of(config, row->sink);
	const struct jw_sink_result result =
		result_of(entry, "page", row->state, row->text, row->perfdata);
	jw_autobuf struct jw_buf headers = JW_BUF(4096);
	struct jw_sink_parcel parcel;

	assert_int_equal(entry->sink->pack(entry->config, JW_STR(SECRET), &result, &arena,
					   &parcel, NULL),
			 JW_OK);
	for (const char *const *line = parcel.headers; line && *line; line++)
		jw_buf_printf(&headers, "%s\n", *line);
	assert_string_equal(parcel.body.ptr, row->body);
	assert_string_equal(parcel.url ? parcel.url : parcel.path, row->url);
	assert_string_equal(headers.ptr ? headers.ptr : "", row->headers);
	if (!strcmp(row->sink, "slash")) {
		assert_string_equal(parcel.ca_file, "/ca.pem");
		assert_string_equal(parcel.client_certificate, "/c.pem");
		assert_string_equal(parcel.server_name, "node");
	}
	jw_config_free(config);
	jw_arena_done(&arena);
}

struct refuse_row {
	const char *name;
	const char *sink;
	const char *target;
	const char *says;
};

static const struct refuse_row refuse_rows[] = {
	{"icinga: a ! in the name", "icinga", "a!b", "can't hold a !"},
	{"command file: a ; in the name", "pipe", "a;b", "can't hold a ;"},
	{"command file: a line break in the name", "pipe", "a\nb", "can't hold a ;"},
	{"command file: no name", "pipe", "", "can't be empty"},
};

static void refuses(void **state)
{
	const struct refuse_row *row = *state;
	struct jw_config *config = configured();
	const struct jw_sink_entry *entry = entry_of(config, row->sink);
	const struct jw_sink_result result =
		result_of(entry, row->target, JW_STATE_OK, "x", "");
	struct jw_sink_parcel parcel;
	struct jw_err err;

	assert_int_equal(entry->sink->pack(entry->config, JW_STR(SECRET), &result, &arena,
					   &parcel, &err),
			 JW_SINK_FAILED);
	assert_non_null(strstr(err.text, row->says));
	jw_config_free(config);
	jw_arena_done(&arena);
}

/* What is too long: the line is full, whole characters and escapes stand at its cut, and the performance data is there. */
static void a_long_line_is_cut(void **state)
{
	static const char *const pieces[] = {"a", "\xc3\xa4", "\\", "\n", "\xe2\x82\xac;"};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		jw_autobuf struct jw_buf text = JW_BUF(20000);
		jw_autobuf struct jw_buf shown = JW_BUF(20000);
		struct jw_config *config = configured();
		const struct jw_sink_entry *entry = entry_of(config, "pipe");
		struct jw_sink_result result;
		struct jw_sink_parcel parcel;
		const char *end;

		jw_buf_text(&text, "first ");
		while (text.len < 10000)
			jw_buf_text(&text, pieces[i]);
		result =
			result_of(entry, "page", JW_STATE_OK, text.ptr, "'left'=5s;3600:;600:");
		assert_int_equal(entry->sink->pack(entry->config, JW_STR(""), &result, &arena,
						   &parcel, NULL),
				 JW_OK);
		assert_in_range(parcel.body.len, 4090, 4096);
		end = parcel.body.ptr + parcel.body.len - 1;
		assert_int_equal(*end, '\n');
		assert_ptr_equal(memchr(parcel.body.ptr, '\n', parcel.body.len), end);
		assert_non_null(strstr(parcel.body.ptr, "|'left'=5s;3600:;600:"));
		/* An odd number of backslashes at the end would escape what follows. */
		if (!strcmp(pieces[i], "\\"))
			assert_int_equal(strspn(strchr(parcel.body.ptr, '\\'), "\\") % 2, 0);
		/* A character cut in two would be shown as '?'. */
		jw_utf_show(&shown, jw_str_head(parcel.body, parcel.body.len - 1));
		assert_null(strchr(shown.ptr, '?'));
		jw_config_free(config);
		jw_arena_done(&arena);
	}
}

struct answer_row {
	const char *name;
	const char *sink;
	struct jw_http_reply reply;
	const char *body;
	enum jw_says is;
	const char *says; /* a part of it */
};

#define TAKEN                                                                                  \
	"{\"results\":[{\"code\":200,\"status\":\"Successfully processed check result for "    \
	"object 'web 1!JWT page'.\"}]}"

static const struct answer_row answer_rows[] = {
	{"icinga: taken",
	 "icinga",
	 {.status = 200},
	 TAKEN,
	 JW_SAYS_TAKEN,
	 "\"Successfully processed check result"},
	{"icinga: bad password",
	 "icinga",
	 {.status = 401},
	 "{\"error\":401,\"status\":\"Unauthorized. Please check your user credentials.\"}",
	 JW_SAYS_REFUSED,
	 "doesn't know this user with this password (401)"},
	{"icinga: unknown certificate",
	 "slash",
	 {.status = 401},
	 "{\"error\":401,\"status\":\"Unauthorized. Please check your user credentials.\"}",
	 JW_SAYS_REFUSED,
	 "no API user for this client certificate"},
	{"icinga: bad password, in HTML",
	 "icinga",
	 {.status = 401},
	 "<h1>Unauthorized</h1>",
	 JW_SAYS_REFUSED,
	 "doesn't know this user with this password (401)"},
	{"icinga: unknown service or no permission",
	 "icinga",
	 {.status = 404},
	 "{\"error\":404,\"status\":\"No objects found.\"}",
	 JW_SAYS_UNKNOWN,
	 "has no service \"web 1!JWT page\", or the API user lacks the permission "
	 "actions/process-check-result"},
	{"icinga: unknown action",
	 "icinga",
	 {.status = 404},
	 "{\"error\":404,\"status\":\"The requested path 'v1/x' could not be found or the "
	 "request method is not valid for this path.\"}",
	 JW_SAYS_REFUSED,
	 "knows no such action (404)"},
	{"icinga: a filter that matches nothing",
	 "icinga",
	 {.status = 500},
	 "{\"results\":[]}",
	 JW_SAYS_UNKNOWN,
	 "took no result (500, and an empty list"},
	{"icinga: 200 and nothing taken",
	 "icinga",
	 {.status = 200},
	 "{\"results\":[]}",
	 JW_SAYS_UNKNOWN,
	 "took no result (200, and an empty list"},
	{"icinga: something is missing",
	 "icinga",
	 {.status = 400},
	 "{\"results\":[{\"code\":400,\"status\":\"Parameter 'plugin_output' is required\"}]}",
	 JW_SAYS_REFUSED,
	 "can't make anything of the request (400): \"Parameter 'plugin_output' is required\""},
	{"icinga: broken JSON",
	 "icinga",
	 {.status = 400},
	 "{\"error\":400,\"status\":\"Invalid request body: x\"}",
	 JW_SAYS_REFUSED,
	 "(400): \"Invalid request body: x\""},
	{"icinga: no Accept",
	 "icinga",
	 {.status = 400},
	 "<h1>Accept header is missing</h1>",
	 JW_SAYS_REFUSED,
	 "whose Accept header is lost"},
	{"icinga: passive results switched off",
	 "icinga",
	 {.status = 403},
	 "{\"results\":[{\"code\":403,\"status\":\"Passive checks are disabled for object "
	 "'x'.\"}]}",
	 JW_SAYS_REFUSED,
	 "takes no passive results for this service (403)"},
	{"icinga: a newer result",
	 "icinga",
	 {.status = 409},
	 "{\"results\":[{\"code\":409,\"status\":\"Newer check result already present.\"}]}",
	 JW_SAYS_REFUSED,
	 "has a newer result for this service already (409)"},
	{"icinga: not active",
	 "icinga",
	 {.status = 503},
	 "{\"results\":[{\"code\":503,\"status\":\"Object is inactive\"}]}",
	 JW_SAYS_REFUSED,
	 "doesn't have this service active (503)"},
	{"icinga: 200, but not its one result",
	 "icinga",
	 {.status = 200},
	 "{\"results\":[{\"code\":409,\"status\":\"no\"}]}",
	 JW_SAYS_REFUSED,
	 "has a newer result for this service already (409)"},
	{"icinga: 200, and the second result refused",
	 "icinga",
	 {.status = 200},
	 "{\"results\":[{\"code\":200,\"status\":\"a\"},{\"code\":503,\"status\":\"b\"}]}",
	 JW_SAYS_REFUSED,
	 "(503)"},
	{"icinga: 500 with a good result",
	 "icinga",
	 {.status = 500},
	 TAKEN,
	 JW_SAYS_REFUSED,
	 "took no result (500)"},
	{"icinga: another status",
	 "icinga",
	 {.status = 429},
	 "{\"error\":429,\"status\":\"slowly\"}",
	 JW_SAYS_REFUSED,
	 "didn't take the result (429): \"slowly\""},
	{"icinga: 200 and other JSON",
	 "icinga",
	 {.status = 200},
	 "{\"a\":1}",
	 JW_SAYS_REFUSED,
	 "without a list of results"},
	{"icinga: 200 and a page",
	 "icinga",
	 {.status = 200},
	 "<html>",
	 JW_SAYS_REFUSED,
	 "HTTP status 200 and no JSON"},
	{"icinga: a redirect",
	 "icinga",
	 {.status = 301},
	 "",
	 JW_SAYS_REFUSED,
	 "a redirect (HTTP status 301)"},
	{"icinga: another authority",
	 "icinga",
	 {.cause = JW_TLS, .says = "signed by an unknown authority"},
	 "",
	 JW_SAYS_REFUSED,
	 "signed by an unknown authority; Icinga has its own authority"},
	{"icinga: another authority than the one named",
	 "slash",
	 {.cause = JW_TLS, .says = "signed by an unknown authority"},
	 "",
	 JW_SAYS_REFUSED,
	 "signed by an unknown authority"},
	{"icinga: down",
	 "icinga",
	 {.cause = JW_CONNECT, .says = "nothing listens"},
	 "",
	 JW_SAYS_REFUSED,
	 "nothing listens"},
	{"nrdp: taken",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":0,\"message\":\"OK\",\"meta\":{\"output\":\"1 checks "
	 "processed\"}}}",
	 JW_SAYS_TAKEN,
	 "\"1 checks processed\""},
	{"nrdp: taken, the status as a text",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":\"0\",\"message\":\"OK\",\"meta\":{\"output\":\"12 checks "
	 "processed\"}}}",
	 JW_SAYS_TAKEN,
	 "\"12 checks processed\""},
	{"nrdp: no word of results",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":0,\"message\":\"OK\"}}",
	 JW_SAYS_REFUSED,
	 "doesn't say that it took the result"},
	{"nrdp: a reason that isn't given",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":-1}}",
	 JW_SAYS_REFUSED,
	 "refuses the result and gives no reason"},
	{"nrdp: 00 processed",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":0,\"meta\":{\"output\":\"00 checks processed\"}}}",
	 JW_SAYS_REFUSED,
	 "none of its results"},
	{"nrdp: no checks processed",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":0,\"meta\":{\"output\":\"No checks processed\"}}}",
	 JW_SAYS_REFUSED,
	 "none of its results"},
	{"nrdp: bad token",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":-1,\"message\":\"BAD TOKEN\"}}",
	 JW_SAYS_REFUSED,
	 "doesn't know the token (BAD TOKEN)"},
	{"nrdp: no token",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":-1,\"message\":\"NO TOKEN\"}}",
	 JW_SAYS_REFUSED,
	 "was sent no token, it says (NO TOKEN)"},
	{"nrdp: bad JSON",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":-1,\"message\":\"BAD JSON\"}}",
	 JW_SAYS_REFUSED,
	 "refuses the result: \"BAD JSON\""},
	{"nrdp: none processed",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":0,\"message\":\"OK\",\"meta\":{\"output\":\"0 checks "
	 "processed\"}}}",
	 JW_SAYS_REFUSED,
	 "none of its results"},
	{"nrdp: no status",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"message\":\"OK\"}}",
	 JW_SAYS_REFUSED,
	 "refuses the result: \"OK\""},
	{"nrdp: a page",
	 "nrdp",
	 {.status = 200},
	 "<html>",
	 JW_SAYS_REFUSED,
	 "not in NRDP's words"},
	{"nrdp: not there",
	 "nrdp",
	 {.status = 404},
	 "<html>",
	 JW_SAYS_REFUSED,
	 "HTTP status 404"},
	{"nrdp: good words, bad status",
	 "nrdp",
	 {.status = 500},
	 "{\"result\":{\"status\":0,\"message\":\"OK\"}}",
	 JW_SAYS_REFUSED,
	 "HTTP status 500"},
	{"nrdp: a redirect", "nrdp", {.status = 302}, "", JW_SAYS_REFUSED, "a redirect"},
	{"webhook: taken",
	 "hook",
	 {.status = 204},
	 "",
	 JW_SAYS_TAKEN,
	 "taken (HTTP status 204)"},
	{"webhook: 199", "hook", {.status = 199}, "", JW_SAYS_REFUSED, "(HTTP status 199)"},
	{"webhook: a redirect", "hook", {.status = 301}, "", JW_SAYS_REFUSED, "a redirect"},
	{"webhook: nobody",
	 "hook",
	 {.status = 401},
	 SECRET,
	 JW_SAYS_REFUSED,
	 "(HTTP status 401): does url, or one of headers, prove who asks?"},
	{"webhook: not there",
	 "hook",
	 {.status = 404},
	 "no_service",
	 JW_SAYS_REFUSED,
	 "(HTTP status 404): is url what it was given out as?"},
	{"webhook: wrong", "hook", {.status = 400}, SECRET, JW_SAYS_REFUSED, "doesn't take it"},
	{"webhook: too many", "hook", {.status = 429}, "", JW_SAYS_LATER, "can't take it now"},
	{"webhook: out of order",
	 "hook",
	 {.status = 500},
	 "",
	 JW_SAYS_LATER,
	 "(HTTP status 500)"},
	{"webhook: down",
	 "hook",
	 {.cause = JW_CONNECT, .says = "nothing listens"},
	 "",
	 JW_SAYS_REFUSED,
	 "nothing listens"},
	{"nrdp: down",
	 "nrdp",
	 {.cause = JW_TIMEOUT, .says = "didn't answer"},
	 "",
	 JW_SAYS_REFUSED,
	 "didn't answer"},
	{"words that do harm",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":-1,\"message\":\"a|b\\nc\\u001b[1m\"}}",
	 JW_SAYS_REFUSED,
	 "\"a/b?c?[1m\""},
	{"words with the secret",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":-1,\"message\":\"BAD TOKEN Kanarienvogel/+&=%?\\\\\\\"12\"}}",
	 JW_SAYS_REFUSED,
	 "repeats our secret"},
	{"words with a piece of the secret",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":-1,\"message\":\"rienvoge\"}}",
	 JW_SAYS_REFUSED,
	 "repeats our secret"},
	{"words with the secret percent-encoded",
	 "nrdp",
	 {.status = 200},
	 "{\"result\":{\"status\":-1,\"message\":\"%2B%26%3D%25\"}}",
	 JW_SAYS_REFUSED,
	 "repeats our secret"},
	{"words with the secret in base64",
	 "icinga",
	 {.status = 400},
	 "{\"error\":400,\"status\":\"dTpLYW5hcmllbnZvZ2VsLysmPSU/XCIxMg==\"}",
	 JW_SAYS_REFUSED,
	 "repeats our secret"},
};

static void answers(void **state)
{
	const struct answer_row *row = *state;
	struct jw_config *config = configured();
	const struct jw_sink_entry *entry = entry_of(config, row->sink);
	const struct jw_sink_result result = result_of(entry, "page", JW_STATE_OK, "x", "");
	struct jw_http_reply reply = row->reply;
	jw_autobuf struct jw_buf words = JW_BUF(4096);

	reply.body = jw_str_of(row->body);
	assert_int_equal(
		entry->sink->answer(entry->config, JW_STR(SECRET), &result, &reply, &words),
		row->is);
	if (!strstr(words.ptr, row->says))
		fail_msg("says %s", words.ptr);
	assert_null(strstr(words.ptr, "Kanarienvogel"));
	assert_false(words.overflowed);
	jw_config_free(config);
	jw_arena_done(&arena);
}

/* What is brought where, by a network that answers when told. */

static char posted[8192];
static int64_t now_ms;
static enum jw_cause post_cause;

static int64_t wall(void *self)
{
	(void)self;
	return 1767225600;
}

static int64_t monotonic(void *self)
{
	(void)self;
	return now_ms;
}

static enum jw_cause slurp(void *self, const char *path, struct jw_buf *to, bool *ret_open,
			   struct jw_err *err)
{
	(void)self;
	(void)ret_open;
	if (!strcmp(path, "/srv/lines"))
		return jw_buf_text(to, SECRET "\nX-Evil: 1\n") ? JW_OK : JW_INTERNAL;
	if (strcmp(path, "/srv/s") != 0)
		return jw_fail(err, JW_FILE_MISSING, "no such file");
	jw_buf_text(to, SECRET "\n");
	return JW_OK;
}

static enum jw_cause post(void *self, const char *path, struct jw_str line, struct jw_err *err)
{
	(void)self;
	snprintf(posted, sizeof(posted), "%s %.*s", path, JW_STR_ARG(line));
	return post_cause ? jw_fail(err, post_cause, "nobody reads") : JW_OK;
}

static const struct jw_files files = {.slurp = slurp, .post = post};
static const struct jw_clock own_clock = {.wall = wall, .monotonic_ms = monotonic};
static const struct jw_world world = {
	.files = &files, .clock = &own_clock, .net = fake_open, .exec = fake_open_exec};
static size_t done_count;

static void done(void *context, struct jw_receipt *receipt)
{
	(void)context;
	(void)receipt;
	done_count++;
}

struct bring_row {
	const char *name;
	const char *sink;
	int64_t deadline_ms;
	struct jw_http_reply reply; /* status 0, no cause: none comes */
	const char *body;
	enum jw_delivered is;
	enum jw_cause cause;
	const char *says;
};

static const struct bring_row bring_rows[] = {
	{"taken",
	 "icinga",
	 50000,
	 {.status = 200},
	 TAKEN,
	 JW_DELIVERED_TAKEN,
	 JW_OK,
	 "https://i:5665: \"Successfully"},
	{"refused",
	 "nrdp",
	 50000,
	 {.status = 200},
	 "{\"result\":{\"status\":-1,\"message\":\"BAD TOKEN\"}}",
	 JW_DELIVERED_REFUSED,
	 JW_SINK_FAILED,
	 "https://n/nrdp/: doesn't know the token"},
	{"no such service",
	 "icinga",
	 50000,
	 {.status = 404},
	 "{\"error\":404,\"status\":\"No objects found.\"}",
	 JW_DELIVERED_UNKNOWN,
	 JW_SINK_FAILED,
	 "has no service"},
	{"not reached",
	 "nrdp",
	 50000,
	 {.cause = JW_CONNECT, .says = "nothing listens"},
	 "",
	 JW_DELIVERED_NOT,
	 JW_SINK_FAILED,
	 "https://n/nrdp/: nothing listens"},
	{"its own timeout",
	 "nrdp",
	 50000,
	 {.cause = JW_TIMEOUT, .says = "took too long"},
	 "",
	 JW_DELIVERED_STUCK,
	 JW_SINK_FAILED,
	 "https://n/nrdp/: took too long"},
	{"the whole run's end",
	 "nrdp",
	 2000,
	 {.cause = JW_TIMEOUT, .says = "took too long"},
	 "",
	 JW_DELIVERED_STUCK,
	 JW_SINK_FAILED,
	 "the whole run's time (-t) was up"},
	{"given up",
	 "nrdp",
	 2000,
	 {.status = 0},
	 "",
	 JW_DELIVERED_STUCK,
	 JW_SINK_FAILED,
	 "the whole run's time (-t) was up"},
	{"no time at all",
	 "nrdp",
	 1000,
	 {.status = 0},
	 "",
	 JW_DELIVERED_NOT,
	 JW_SINK_FAILED,
	 "the whole run's time (-t) was up"},
	{"written",
	 "pipe",
	 50000,
	 {.status = 0},
	 "",
	 JW_DELIVERED_TAKEN,
	 JW_OK,
	 "/run/nagios.cmd: written"},
	{"a webhook",
	 "hook",
	 50000,
	 {.status = 200},
	 SECRET,
	 JW_DELIVERED_TAKEN,
	 JW_OK,
	 "https://w/...: taken"},
	{"a webhook that is busy",
	 "hook",
	 50000,
	 {.status = 503},
	 SECRET,
	 JW_DELIVERED_NOT,
	 JW_SINK_FAILED,
	 "https://w/...: can't take it now"},
	{"not written",
	 "pipe",
	 50001,
	 {.status = 0},
	 "",
	 JW_DELIVERED_STUCK,
	 JW_SINK_FAILED,
	 "/run/nagios.cmd: nobody reads"},
};

static void brings(void **state)
{
	const struct bring_row *row = *state;
	struct jw_config *config = configured();
	const struct jw_sink_entry *entry = entry_of(config, row->sink);
	const struct jw_sink_result result = result_of(entry, "page", JW_STATE_OK, "x", "");
	struct jw_http_reply reply = row->reply;
	struct jw_delivery *delivery;
	struct jw_receipt receipt;

	now_ms = 1000;
	done_count = fake_transfer_count = 0;
	post_cause = row->deadline_ms == 50001 ? JW_FILE_UNREADABLE : JW_OK;
	reply.body = jw_str_of(row->body);
	delivery = jw_deliver_start(&world, entry, &result, row->deadline_ms, &receipt, done,
				    NULL);
	if (delivery) {
		assert_int_equal(fake_transfers[0].redirects, JW_REDIRECTS_NONE);
		assert_int_equal(fake_transfers[0].timeout_ms,
				 row->deadline_ms == 50000 ? 10000 : row->deadline_ms - 1000);
		if (reply.status || reply.cause)
			fake_answer(0, reply);
		else
			jw_deliver_cancel(delivery);
		assert_int_equal(done_count, reply.status || reply.cause ? 1 : 0);
		assert_false(fake_transfers[0].is_out);
	}
	assert_int_equal(receipt.is, row->is);
	assert_int_equal(receipt.cause, row->cause);
	if (!strstr(receipt.says, row->says))
		fail_msg("says %s", receipt.says);
	if (row->is == JW_DELIVERED_TAKEN && !delivery)
		assert_string_equal(posted, "/run/nagios.cmd [1767225600] "
					    "PROCESS_SERVICE_CHECK_RESULT;h;page;0;x\n");
	jw_receipt_done(&receipt);
	jw_config_free(config);
	jw_arena_done(&arena);
}

struct full_row {
	const char *name;
	int64_t deadline_ms;
	int64_t later_ms;
	enum jw_cause later; /* what the pipe says then */
	enum jw_delivered is;
	const char *says;
};

static const struct full_row full_rows[] = {
	{"a full pipe that has room later", 50000, 1020, JW_OK, JW_DELIVERED_TAKEN, "written"},
	{"a full pipe that nobody reads later", 50000, 1020, JW_FILE_UNREADABLE,
	 JW_DELIVERED_STUCK, "nobody reads"},
	{"a pipe that stays full", 50000, 11000, JW_DEADLINE, JW_DELIVERED_STUCK,
	 "nobody reads"},
	{"a full pipe at the end of the run", 1030, 1020, JW_DEADLINE, JW_DELIVERED_STUCK,
	 "the whole run's time (-t) was up"},
};

/* A full pipe is looked at again from the loop; nobody waits for it. */
static void tries_again(void **state)
{
	const struct full_row *row = *state;
	struct jw_config *config = configured();
	const struct jw_sink_entry *entry = entry_of(config, "pipe");
	const struct jw_sink_result result = result_of(entry, "page", JW_STATE_OK, "x", "");
	struct jw_delivery *delivery;
	struct jw_receipt receipt;

	now_ms = 1000;
	done_count = 0;
	post_cause = JW_DEADLINE;
	delivery = jw_deliver_start(&world, entry, &result, row->deadline_ms, &receipt, done,
				    NULL);
	assert_non_null(delivery);
	fake_pass(20);
	assert_int_equal(done_count, 0);
	now_ms = row->later_ms;
	post_cause = row->later;
	fake_pass(20);
	if (!done_count)
		jw_deliver_cancel(delivery);
	assert_int_equal(fake_timers_used(), 0);
	assert_int_equal(receipt.is, row->is);
	if (!strstr(receipt.says, row->says))
		fail_msg("says %s", receipt.says);
	jw_receipt_done(&receipt);
	jw_config_free(config);
	jw_arena_done(&arena);
}

static void a_missing_secret_is_told(void **state)
{
	static const char yaml[] = "sinks: {n: {type: nrdp, url: 'http://n/', token: {file: "
				   "gone}}}\ntargets: []\n";
	struct jw_errors errors = {0};
	struct jw_config *config =
		jw_config_read(jw_str_of(yaml), "c.yaml", "/srv", NULL, INT64_MAX, &errors);
	const struct jw_sink_entry *entry = entry_of(config, "n");
	const struct jw_sink_result result = result_of(entry, "page", JW_STATE_OK, "x", "");
	struct jw_receipt receipt;

	(void)state;
	fake_transfer_count = 0;
	assert_null(jw_deliver_start(&world, entry, &result, 50000, &receipt, done, NULL));
	assert_int_equal(receipt.cause, JW_SECRET_MISSING);
	assert_string_equal(receipt.says, "http://n/: file /srv/gone: no such file");
	assert_int_equal(fake_transfer_count, 0);
	jw_receipt_done(&receipt);
	jw_config_free(config);
	jw_arena_done(&arena);
}

/* All of what there is to be told, or as little as may be. */
static struct jw_sink_result news_of(const struct jw_sink_entry *entry, bool is_full)
{
	static const struct jw_pair labels[] = {{"team", "voice \"1\""}, {NULL, NULL}};
	struct jw_sink_result news = result_of(
		entry, "page", is_full ? JW_STATE_CRITICAL : JW_STATE_OK, "text", "a=1");

	news.is_first = !is_full;
	news.before = JW_STATE_WARNING;
	news.message = "what \"it\" is";
	if (!is_full)
		return news;
	news.cause = JW_EXPIRED;
	news.remedy = "mend it";
	news.runbook = "https://wiki/x";
	news.labels = labels;
	news.since = 1767225000;
	news.expires = 1767224999;
	return news;
}

#define FULL_NEWS                                                                              \
	"{\"version\":1,\"target\":\"page\",\"state\":\"CRITICAL\",\"state_before\":"          \
	"\"WARNING\",\"cause\":\"expired\",\"message\":\"what \\\"it\\\" is\",\"remedy\":"     \
	"\"mend it\",\"runbook\":\"https://wiki/x\",\"labels\":{\"team\":\"voice "             \
	"\\\"1\\\"\"},"                                                                        \
	"\"machine\":\"machine\",\"since\":\"2025-12-31T23:50:00Z\",\"expires\":\"2025-12-"    \
	"31T23:49:59Z\",\"time\":\"2026-01-01T00:00:00Z\"}"
#define SHORT_NEWS                                                                             \
	"{\"version\":1,\"target\":\"page\",\"state\":\"OK\",\"cause\":\"ok\",\"message\":"    \
	"\"what \\\"it\\\" is\",\"labels\":{},\"machine\":\"machine\",\"time\":"               \
	"\"2026-01-01T00:00:00Z\"}"

static void a_webhook_is_sent_news(void **state)
{
	struct jw_config *config = configured();
	const struct jw_sink_entry *entry = entry_of(config, "hook");
	struct jw_receipt receipt;

	(void)state;
	fake_reset();
	for (size_t i = 0; i < 2; i++) {
		const struct jw_sink_result news = news_of(entry, i == 0);

		assert_non_null(jw_deliver_start(&world, entry, &news, INT64_MAX, &receipt,
						 done, NULL));
		assert_string_equal(fake_transfers[i].body, i ? SHORT_NEWS : FULL_NEWS);
		assert_string_equal(fake_transfers[i].url,
				    "https://w/services/Kanarienvogel?k=Kanarienvogel");
		assert_string_equal(fake_transfers[i].headers,
				    "Content-Type: application/json\nAuthorization: " SECRET
				    "\nX-Team: " SECRET "\n");
		fake_answer(i, (struct jw_http_reply){.status = 400});
		assert_int_equal(receipt.is, JW_DELIVERED_REFUSED);
		assert_null(strstr(receipt.says, "Kanarienvogel"));
		jw_receipt_done(&receipt);
	}
	jw_config_free(config);
	jw_arena_done(&arena);
}

/* Else whoever may write the secret's file could write the request. */
static void a_header_has_one_line(void **state)
{
	struct jw_config *config = configured();
	const struct jw_sink_entry *entry = entry_of(config, "bad-hook");
	const struct jw_sink_result news = news_of(entry, true);
	struct jw_receipt receipt;

	(void)state;
	fake_reset();
	assert_null(jw_deliver_start(&world, entry, &news, INT64_MAX, &receipt, done, NULL));
	assert_int_equal(receipt.cause, JW_SECRET_MISSING);
	assert_string_equal(receipt.says, "http://w/...: header X-Key: its value has a line "
					  "break in it, and no header can");
	assert_int_equal(fake_transfer_count, 0);
	jw_receipt_done(&receipt);
	jw_config_free(config);
	jw_arena_done(&arena);
}

struct program_row {
	const char *name;
	struct jw_exec_result result;
	int64_t deadline_ms;
	enum jw_delivered is;
	const char *says;
};

static const struct program_row program_rows[] = {
	{"a program ends well", {.exit_status = 0}, 50000, JW_DELIVERED_TAKEN, "exit status 0"},
	{"it fails",
	 {.exit_status = 1},
	 50000,
	 JW_DELIVERED_REFUSED,
	 "exit status 1, and nothing on standard error"},
	{"it asks for patience",
	 {.exit_status = 75},
	 50000,
	 JW_DELIVERED_NOT,
	 "exit status 75, and"},
	{"it is killed",
	 {.signal = "SEGV", .exit_status = 75},
	 50000,
	 JW_DELIVERED_REFUSED,
	 "was ended by signal SEGV"},
	{"it says the secret",
	 {.exit_status = 1, .complaint = JW_STR("bad key " SECRET "!\n")},
	 50000,
	 JW_DELIVERED_REFUSED,
	 "exit status 1: bad key ***!"},
	{"it says a word of its own",
	 {.exit_status = 1, .complaint = JW_STR("unknown Rotkehlchen17\n")},
	 50000,
	 JW_DELIVERED_REFUSED,
	 "exit status 1: unknown ***"},
	{"it isn't there",
	 {.cause = JW_COMMAND_NOT_RUNNABLE, .says = "isn't there"},
	 50000,
	 JW_DELIVERED_NOT,
	 "isn't there"},
	{"it hangs",
	 {.cause = JW_TIMEOUT, .says = "didn't end"},
	 50000,
	 JW_DELIVERED_STUCK,
	 "didn't end"},
	{"it hangs until the run ends",
	 {.cause = JW_TIMEOUT, .says = "didn't end"},
	 2000,
	 JW_DELIVERED_STUCK,
	 "the whole run's time (-t) was up"},
};

static void runs(void **state)
{
	const struct program_row *row = *state;
	struct jw_config *config = configured();
	const struct jw_sink_entry *entry = entry_of(config, "program");
	const struct jw_sink_result news = news_of(entry, true);
	struct jw_receipt receipt;

	fake_reset_exec();
	now_ms = 1000;
	assert_non_null(
		jw_deliver_start(&world, entry, &news, row->deadline_ms, &receipt, done, NULL));
	assert_string_equal(fake_children[0].argv, "[/bin/notify][-k][Rotkehlchen17]");
	assert_string_equal(fake_children[0].env,
			    "[JWTWATCH_TARGET=page][JWTWATCH_STATE=CRITICAL]"
			    "[JWTWATCH_CAUSE=expired][JWTWATCH_MESSAGE=what \"it\" is]"
			    "[KEY=" SECRET "]");
	assert_string_equal(fake_children[0].input, FULL_NEWS "\n");
	assert_int_equal(fake_children[0].timeout_ms, row->deadline_ms == 50000 ? 10000 : 1000);
	fake_outcome(0, row->result);
	assert_int_equal(receipt.is, row->is);
	assert_int_equal(receipt.cause, row->is == JW_DELIVERED_TAKEN ? JW_OK : JW_SINK_FAILED);
	assert_true(jw_str_starts(jw_str_of(receipt.says), "/bin/notify: "));
	if (!strstr(receipt.says, row->says))
		fail_msg("says %s", receipt.says);
	assert_null(strstr(receipt.says, "Kanarienvogel"));
	jw_receipt_done(&receipt);
	jw_config_free(config);
	jw_arena_done(&arena);
}

static void a_program_without_variables(void **state)
{
	struct jw_config *config = configured();
	const struct jw_sink_entry *entry = entry_of(config, "bare");
	const struct jw_sink_result news = news_of(entry, false);
	struct jw_delivery *delivery;
	struct jw_receipt receipt;

	(void)state;
	fake_reset_exec();
	delivery = jw_deliver_start(&world, entry, &news, INT64_MAX, &receipt, done, NULL);
	assert_non_null(delivery);
	assert_string_equal(fake_children[0].argv, "[notify]");
	jw_deliver_cancel(delivery);
	assert_false(fake_children[0].is_running);
	assert_int_equal(receipt.is, JW_DELIVERED_STUCK);
	jw_receipt_done(&receipt);
	jw_config_free(config);
	jw_arena_done(&arena);
}

static void who_knows_no_services_has_none(void **state)
{
	struct jw_config *config = configured();

	(void)state;
	assert_null(news_of(entry_of(config, "hook"), true).service);
	assert_null(news_of(entry_of(config, "page"), true).host);
	assert_non_null(news_of(entry_of(config, "pipe"), true).service);
	jw_config_free(config);
	jw_arena_done(&arena);
}

/* As a plugin says it of one target, apart. */
static void a_result_is_taken_apart(void **state)
{
	const struct jw_target target = {.name = "page"};
	struct jw_result result;
	jw_autobuf struct jw_buf text = JW_BUF(4096);
	jw_autobuf struct jw_buf perfdata = JW_BUF(4096);

	(void)state;
	jw_runner_refuse(&target, JW_CONFIG, "is wrong | and\nmore", &result);
	jw_nagios_single(&result, JW_PERFDATA_RANGE, &text, &perfdata);
	assert_true(jw_str_starts(jw_buf_get(&text),
				  "JWTWATCH UNKNOWN: config: is wrong / and?more\n  fix: "));
	assert_int_equal(perfdata.len, 0);
	jw_result_done(&result);
}

int main(void)
{
	JW_ROWS(pack_rows, packs);
	JW_ROWS(refuse_rows, refuses);
	JW_TEST(a_long_line_is_cut);
	JW_ROWS(answer_rows, answers);
	JW_ROWS(bring_rows, brings);
	JW_ROWS(full_rows, tries_again);
	JW_TEST(a_missing_secret_is_told);
	JW_TEST(a_webhook_is_sent_news);
	JW_TEST(a_header_has_one_line);
	JW_ROWS(program_rows, runs);
	JW_TEST(a_program_without_variables);
	JW_TEST(who_knows_no_services_has_none);
	JW_TEST(a_result_is_taken_apart);
	return rows_run();
}
