/* SPDX-License-Identifier: MIT */
/* What the daemon adds to a configuration: intervals, `daemon`, `modules`; which URLs these take; and one source or two. */
#include "rows.h"

#include <string.h>

#include "core/errors.h"

#define CANARY "Kanarienvogel"
#define TARGETS "\ntargets: []\n"
#define MODULE "modules: {m: {check: token_endpoint, allow: 'https://h/*'"
#define PAGE "targets: [{name: page, check: html_file, path: /p"

static const struct error_row {
	const char *name;
	const char *yaml;
	const char *says;
} error_rows[] = {
	{"too short an interval", PAGE ", interval: 500ms}]",
	 "c.yaml:1:62: targets[0].interval: 500ms is less than 1s\n"},
	{"too long an interval", PAGE ", interval: 31d}]",
	 "c.yaml:1:62: targets[0].interval: 31d is more than 30d\n"},
	{"too short a retry_interval", PAGE ", retry_interval: 0s}]",
	 "c.yaml:1:68: targets[0].retry_interval: 0s is less than 1s\n"},
	{"no attempts", PAGE ", attempts: 0}]",
	 "c.yaml:1:62: targets[0].attempts: 0 is less than 1\n"},
	{"too many attempts", PAGE ", attempts: 101}]",
	 "c.yaml:1:62: targets[0].attempts: 101 is more than 100\n"},
	{"an unknown section", "deamon: {}" TARGETS,
	 "c.yaml:1:1: unknown key \"deamon\", did you mean \"daemon\"?\n"},
	{"another unknown section", "module: {}" TARGETS,
	 "c.yaml:1:1: unknown key \"module\", did you mean \"modules\"?\n"},
	{"daemon as a text", "daemon: 9788" TARGETS,
	 "c.yaml:1:9: daemon: is not a mapping such as {listen: '127.0.0.1:9788'}\n"},
	{"an unknown key of daemon", "daemon: {lisen: a}" TARGETS,
	 "c.yaml:1:10: daemon: unknown key, did you mean \"listen\"?\n"},
	{"listen twice", "daemon: {listen: a, listen: b}" TARGETS,
	 "c.yaml:1:21: daemon.listen: stands twice in one mapping, first in line 1\n"},
	{"a state file without a name", "daemon: {state: ''}" TARGETS,
	 "c.yaml:1:17: daemon.state: is empty\n"},
	{"modules as a list", "modules: []" TARGETS,
	 "c.yaml:1:10: modules: is not a mapping of names to {check, allow, ...}\n"},
	{"a module as a text", "modules: {m: token_endpoint}" TARGETS,
	 "c.yaml:1:14: modules.m: is not a mapping such as {check: token_endpoint, allow: "
	 "'https://HOST/*'}\n"},
	{"a module without a check", "modules: {m: {allow: 'https://h/'}}" TARGETS,
	 "c.yaml:1:14: modules.m: names no check: write check: html_file\n"},
	{"a module of files", "modules: {m: {check: html_file, allow: 'https://h/'}}" TARGETS,
	 "c.yaml:1:22: modules.m.check: html_file asks for no URL, so it can't be a "
	 "module's\n"},
	{"a module without allow", "modules: {m: {check: livekit}}" TARGETS,
	 "c.yaml:1:14: modules.m: has no allow: which URLs it may be asked for: "
	 "https://HOST/PATH, where * in the path is anything, and *. may begin the host; one "
	 "or "
	 "a list\n"},
	{"a module that takes nothing", "modules: {m: {check: livekit, allow: []}}" TARGETS,
	 "c.yaml:1:38: modules.m.allow: is an empty list\n"},
	{"a module with a URL", MODULE ", url: 'https://h/'}}" TARGETS,
	 "c.yaml:1:60: modules.m.url: comes with each question: say in allow which URLs are "
	 "taken\n"},
	{"a module with another name", MODULE ", name: n}}" TARGETS,
	 "c.yaml:1:60: modules.m.name: is an option of targets, not of modules\n"},
	{"a module that is the same as a target", MODULE ", same_as: n}}" TARGETS,
	 "c.yaml:1:60: modules.m.same_as: is an option of targets, not of modules\n"},
	{"an unknown key of a module", MODULE ", alow: n}}" TARGETS,
	 "c.yaml:1:60: modules.m: unknown key \"alow\", did you mean \"allow\"?\n"},
	{"what doesn't go together in a module",
	 MODULE ", token: /a, token_header: b}}" TARGETS, NULL},
	{"a name like an option",
	 "modules: {-m: {check: livekit, allow: 'https://h/'}}" TARGETS,
	 "c.yaml:1:11: modules: the name of a module begins with -, like an option on the "
	 "command line\n"},
	{"a module twice",
	 "modules:\n  m: {check: livekit, allow: 'https://h/'}\n"
	 "  m: {check: livekit, allow: 'https://h/'}" TARGETS,
	 "c.yaml:3:3: modules.m: stands twice in one mapping, first in line 2\n"},
};

#define KEYS                                                                                   \
	"keys: {k: {issuer: a, secret: {env: S}}, n: {secret: {env: S}}, s: {issuer: a, "      \
	"max_ttl: 1h, secret: {env: S}}}\n"
#define GIVEN KEYS "daemon: {token_api: {"
#define FULL GIVEN "key: k, url: 'ws://h', rooms: r, identities: i"

static const struct api_row {
	const char *name;
	const char *yaml;
	const char *says; /* behind the file; NULL: nothing is wrong; "": something is */
} api_rows[] = {
	{"the least", FULL "}}" TARGETS, NULL},
	{"all of it",
	 FULL
	 ", ttl: 1h, max_ttl: 1h, grants: [roomJoin, hidden], deny: canPublish, choices: "
	 "[], agents: [a-*], origins: ['https://h', 'http://localhost:1'], rate: 1}, "
	 "listen: ['127.0.0.1:1', 'localhost:1', '[::1]:1', 'unix:/x'], static: www}" TARGETS,
	 NULL},
	{"a text", "daemon: {token_api: yes}" TARGETS,
	 "1:21: daemon.token_api: is not a mapping of options\n"},
	{"an unknown key", FULL ", ratio: 1}}" TARGETS,
	 "2:70: daemon.token_api: unknown key \"ratio\", did you mean \"rate\"?\n"},
	{"no key", GIVEN "url: 'ws://h', rooms: r, identities: i}}" TARGETS,
	 "2:21: daemon.token_api: has no key: the key that signs the tokens: its issuer is "
	 "LiveKit's API key\n"},
	{"no rooms", GIVEN "key: k, url: 'ws://h', identities: i}}" TARGETS,
	 "2:21: daemon.token_api: has no rooms: rooms that tokens are given for, where * is "
	 "anything; who names none gets one made of the first\n"},
	{"no room", GIVEN "key: k, url: 'ws://h', identities: i, rooms: []}}" TARGETS,
	 "2:67: daemon.token_api.rooms: is an empty list\n"},
	{"another key", GIVEN "key: x, url: 'ws://h', rooms: r, identities: i}}" TARGETS,
	 "2:27: daemon.token_api.key: no key is called \"x\", did you mean \"k\"?\n"},
	{"a key without an issuer",
	 GIVEN "key: n, url: 'ws://h', rooms: r, identities: i}}" TARGETS,
	 "2:27: daemon.token_api.key: names a key without issuer, which is to be LiveKit's "
	 "API key\n"},
	{"a key for shorter times",
	 GIVEN "key: s, url: 'ws://h', rooms: r, identities: i, max_ttl: 2h}}" TARGETS,
	 "2:79: daemon.token_api.max_ttl: 2h is more than max_ttl of key s, 1h\n"},
	{"a key for shorter times, and nothing said",
	 GIVEN "key: s, url: 'ws://h', rooms: r, identities: i}}" TARGETS,
	 "2:21: daemon.token_api.max_ttl: 1d is more than max_ttl of key s, 1h\n"},
	{"a longer ttl", FULL ", ttl: 2d}}" TARGETS,
	 "2:75: daemon.token_api.ttl: 2d is more than max_ttl, 1d\n"},
	{"a ttl of seconds", FULL ", ttl: 59s}}" TARGETS,
	 "2:75: daemon.token_api.ttl: 59s is less than 60s\n"},
	{"a URL of something else",
	 GIVEN "key: k, url: 'ftp://h', rooms: r, identities: i}}" TARGETS,
	 "2:35: daemon.token_api.url: begins with none of what is taken here: ws://, wss://, "
	 "http://, https://\n"},
	{"a URL with a password",
	 GIVEN "key: k, url: 'ws://u:" CANARY "@h', rooms: r, identities: i}}" TARGETS,
	 "2:35: daemon.token_api.url: has a user in it, which everybody who asks would read\n"},
	{"a URL with a query",
	 GIVEN "key: k, url: 'ws://h?a', rooms: r, identities: i}}" TARGETS,
	 "2:35: daemon.token_api.url: has a ? in it, which no client of LiveKit sends on\n"},
	{"a pattern with a bell",
	 GIVEN "key: k, url: 'ws://h', rooms: [r, \"\\a\"], identities: i}}" TARGETS,
	 "2:56: daemon.token_api.rooms[1]: holds a control character, or isn't UTF-8\n"},
	{"all origins", FULL ", origins: '*'}}" TARGETS,
	 "2:79: daemon.token_api.origins: has a * in it: each page's origin is named\n"},
	{"an origin with a path", FULL ", origins: ['https://h', 'https://h/']}}" TARGETS,
	 "2:93: daemon.token_api.origins[1]: isn't an origin: https://HOST or "
	 "https://HOST:PORT, with nothing behind it\n"},
	{"a grant with a text", FULL ", grants: [destinationRoom]}}" TARGETS, ""},
	{"no requests", FULL ", rate: 0}}" TARGETS,
	 "2:76: daemon.token_api.rate: 0 is less than 1\n"},
	{"all addresses", FULL "}, listen: '*:9788'}" TARGETS,
	 "2:79: daemon.listen: \"*:9788\" can be reached from other machines, and token_api "
	 "gives tokens to whoever asks: listen on 127.0.0.1, [::1], localhost or unix: only, "
	 "and put a proxy in front for others\n"},
	{"one of several addresses", FULL "}, listen: ['127.0.0.1:1', '192.0.2.1:1']}" TARGETS,
	 "2:95: daemon.listen[1]: \"192.0.2.1:1\" can be reached from other machines, and "
	 "token_api gives tokens to whoever asks: listen on 127.0.0.1, [::1], localhost or "
	 "unix: only, and put a proxy in front for others\n"},
	{"a name that is no name",
	 "daemon: {hosts: [a.example.org, 'https://a.example.org']}" TARGETS,
	 "1:33: daemon.hosts[1]: isn't the name of a host alone, such as voice.example.org: "
	 "no scheme, no port, no path\n"},
	{"names of any", "daemon: {hosts: '*.example.org'}" TARGETS,
	 "1:17: daemon.hosts: has a * in it: each name is written out\n"},
	{"one name", "daemon: {hosts: a.example.org}" TARGETS, NULL},
	{"all addresses without token_api", "daemon: {listen: '*:9788'}" TARGETS, NULL},
};

static struct jw_config *read_config(const char *yaml, struct jw_errors *errors)
{
	return jw_config_read(jw_str_of(yaml), "c.yaml", "/srv", NULL, INT64_MAX, errors);
}

static void reports(void **state)
{
	const struct error_row *row = *state;
	struct jw_errors errors = {0};

	assert_null(read_config(row->yaml, &errors));
	assert_int_equal(errors.count, 1);
	if (row->says)
		assert_string_equal(errors.text.ptr, row->says);
	jw_buf_done(&errors.text);
}

static void reads_token_api(void **state)
{
	const struct api_row *row = *state;
	struct jw_errors errors = {0};
	struct jw_config *config = read_config(row->yaml, &errors);

	assert_int_equal(config == NULL, row->says != NULL);
	assert_int_equal(errors.count, row->says != NULL);
	if (row->says && *row->says) {
		assert_true(jw_str_starts(jw_buf_get(&errors.text), "c.yaml:"));
		assert_string_equal(errors.text.ptr + strlen("c.yaml:"), row->says);
	}
	assert_null(errors.text.ptr ? strstr(errors.text.ptr, CANARY) : NULL);
	jw_config_free(config);
	jw_buf_done(&errors.text);
}

static void fills_token_api(void **state)
{
	struct jw_errors errors = {0};
	struct jw_config *config = read_config(FULL "}}" TARGETS, &errors);
	const struct jw_token_api *api = config->daemon.token_api;

	(void)state;
	assert_int_equal(api->ttl, 6 * 3600);
	assert_int_equal(api->max_ttl, 24 * 3600);
	assert_int_equal(api->rate, 60);
	assert_string_equal(api->grants[0], "roomJoin");
	assert_string_equal(api->choices[0], "name");
	assert_null(api->choices[1]);
	assert_null(api->agents);
	assert_null(api->origins);
	jw_config_free(config);
	config = read_config(FULL ", max_ttl: 30m}, static: www}" TARGETS, &errors);
	assert_int_equal(config->daemon.token_api->ttl, 1800);
	assert_string_equal(config->daemon.static_folder, "/srv/www");
	jw_config_free(config);
	assert_int_equal(errors.count, 0);
}

static const struct allow_row {
	const char *name;
	const char *pattern;
	const char *says; /* NULL: it is one */
} allow_rows[] = {
	{"a host", "https://h", NULL},
	{"a port", "http://h:8080/a", NULL},
	{"an address", "http://[::1]:80/*", NULL},
	{"any host of a domain", "https://*.example.org/*", NULL},
	{"stars in the path", "https://h/a*/b*c", NULL},
	{"no scheme", "h/*", "has no scheme: write http://HOST/PATH or https://HOST/PATH"},
	{"another scheme", "wss://h/*", "begins with neither http:// nor https://"},
	{"any scheme", "*://h/", NULL},
	{"any host", "https://*/", "has a * in its host that isn't the *. in front of it"},
	{"a star alone in front", "https://*h/",
	 "has a * in its host that isn't the *. in front of it"},
	{"a star in the host", "https://a.*.org/",
	 "has a * in its host that isn't the *. in front of it"},
	{"two stars in the host", "https://*.*.org/",
	 "has a * in its host that isn't the *. in front of it"},
	{"nothing behind the star", "https://*./", "would take any host"},
	{"a user", "https://u@h/", "has a name or a password in it"},
	{"a star as a user", "https://*.u@h/", "has a name or a password in it"},
	{"a query", "https://h/?a=*", "has a ? or a #: URLs are looked at up to there"},
	{"a fragment", "https://h/#a", "has a ? or a #: URLs are looked at up to there"},
};

static void is_a_pattern(void **state)
{
	const struct allow_row *row = *state;
	jw_autobuf struct jw_buf yaml = JW_BUF(4096);
	jw_autobuf struct jw_buf says = JW_BUF(4096);
	struct jw_errors errors = {0};
	struct jw_config *config;

	jw_buf_printf(&yaml, "modules: {m: {check: livekit, allow: ['%s']}}" TARGETS,
		      row->pattern);
	config = read_config(yaml.ptr, &errors);
	if (row->says) {
		jw_buf_printf(&says, "c.yaml:1:39: modules.m.allow[0]: %s\n", row->says);
		assert_null(config);
		assert_string_equal(errors.text.ptr, says.ptr);
	} else if (strchr(row->pattern, ':') != row->pattern + 1) {
		assert_non_null(config);
	} else {
		assert_null(config);
	}
	jw_buf_done(&errors.text);
	jw_config_free(config);
}

static const struct probe_row {
	const char *name;
	const char *allow;
	const char *url;
	bool is_taken;
} probe_rows[] = {
	{"as it is written", "https://h/a", "https://h/a", true},
	{"case of scheme and host", "https://Host.example/a", "HTTPS://hOST.EXAMPLE/a", true},
	{"case of the path", "https://h/a", "https://h/A", false},
	{"another scheme", "https://h/a", "http://h/a", false},
	{"another scheme at its port", "https://h:80/a", "http://h/a", false},
	{"another port", "https://h/a", "https://h:8443/a", false},
	{"the scheme's own port", "https://h/a", "https://h:443/a", true},
	{"a port of its own", "http://h:81/*", "http://h:81/x", true},
	{"... and not the usual one", "http://h:81/*", "http://h/x", false},
	{"the root", "https://h", "https://h/", true},
	{"the root again", "https://h/", "https://h", true},
	{"nothing but the root", "https://h", "https://h/a", false},
	{"anything below", "https://h/*", "https://h/a/b/c", true},
	{"a query isn't looked at", "https://h/a", "https://h/a?room=x", true},
	{"a star between", "https://h/a/*/c", "https://h/a/b/b/c", true},
	{"a star between, otherwise", "https://h/a/*/c", "https://h/a/b/d", false},
	{"more than one star", "https://h/*b*c", "https://h/xbxbxc", true},
	{"not the end", "https://h/*b*c", "https://h/xbxbxcx", false},
	{"a domain's host", "https://*.example.org/*", "https://a.example.org/x", true},
	{"a deeper one", "https://*.example.org/*", "https://a.b.example.org/x", true},
	{"the domain itself", "https://*.example.org/*", "https://example.org/x", false},
	{"a name that ends alike", "https://*.example.org/*", "https://badexample.org/x",
	 false},
	{"a dot in front", "https://*.example.org/*", "https://.example.org/x", false},
	{"a host behind", "https://*.example.org/*", "https://a.example.org.evil/x", false},
	{"the host as a user", "https://allowed.example/*", "https://allowed.example@evil/",
	 false},
	{"... with a password", "https://allowed.example/*",
	 "https://allowed.example:443@evil/", false},
	{"a user of the right host", "https://h/*", "https://u:" CANARY "@h/", false},
	{"the host in the query", "https://allowed.example/*",
	 "https://evil/?https://allowed.example/", false},
	{"the host in the fragment", "https://allowed.example/*",
	 "https://evil/#https://allowed.example/", false},
	{"the host in the path", "https://allowed.example/*",
	 "https://evil/https://allowed.example/", false},
	{"a backslash", "https://h/*", "https://evil\\@h/", false},
	{"a star in the question", "https://h/*", "https://*/", false},
	{"a blank in front", "https://h/*", " https://h/", false},
	{"up and away", "https://h/public/*", "https://h/public/../admin", false},
	{"up at the end", "https://h/public/*", "https://h/public/..", false},
	{"up by number", "https://h/public/*", "https://h/public/%2e%2E/admin", false},
	{"up, half by number", "https://h/public/*", "https://h/public/.%2e/admin", false},
	{"up, and a slash by number", "https://h/public/*", "https://h/public/..%2fadmin",
	 false},
	{"up, by number twice", "https://h/public/*", "https://h/public/%252e%252e/admin",
	 false},
	{"up with parameters", "https://h/public/*", "https://h/public/..;a/admin", false},
	{"here", "https://h/*", "https://h/./a", false},
	{"names with dots", "https://h/*", "https://h/.well-known/a..b/...", true},
	{"another scheme of the check", "https://h/*", "file:///etc/passwd", false},
	{"nothing", "https://h/*", "", false},
};

static void takes_urls(void **state)
{
	const struct probe_row *row = *state;
	jw_autobuf struct jw_buf yaml = JW_BUF(4096);
	struct jw_arena arena = {0};
	struct jw_errors errors = {0};
	struct jw_target *target = NULL;
	struct jw_config *config;
	struct jw_err err;
	enum jw_cause cause;

	jw_buf_printf(&yaml,
		      "modules: {m: {check: token_endpoint, timeout: 3s, allow: "
		      "['http://other/', '%s']}}" TARGETS,
		      row->allow);
	config = read_config(yaml.ptr, &errors);
	if (!config)
		fail_msg("%s", errors.text.ptr);
	cause = jw_config_probe(config, JW_STR("m"), jw_str_of(row->url), &arena, &target,
				&err);
	assert_int_equal(cause, row->is_taken ? JW_OK : JW_CONFIG);
	if (row->is_taken) {
		const char *url = *(const char *const *)target->config;

		/* The URL is the first option of the check. */
		assert_string_equal(url, row->url);
		assert_string_equal(target->name, "m");
		assert_int_equal(target->timeout, 3000);
		assert_null(*(const char *const *)config->modules[0].target->config);
	} else {
		assert_null(target);
		assert_null(strstr(err.text, CANARY));
	}
	jw_arena_done(&arena);
	jw_config_free(config);
}

static void names_the_nearest_module(void **state)
{
	struct jw_errors errors = {0};
	struct jw_config *config = read_config(MODULE "}}" TARGETS, &errors);
	struct jw_config *none = read_config("targets: []", &errors);
	struct jw_arena arena = {0};
	struct jw_target *target;
	struct jw_err err;

	(void)state;
	assert_int_equal(jw_config_probe(config, JW_STR("zzz"), JW_STR("https://h/"), &arena,
					 &target, &err),
			 JW_CONFIG);
	assert_string_equal(err.text, "no module is called \"zzz\"");
	assert_int_equal(
		jw_config_probe(none, JW_STR("m"), JW_STR("https://h/"), &arena, &target, &err),
		JW_CONFIG);
	assert_string_equal(err.text,
			    "no module is called \"m\": the configuration has no modules");
	assert_int_equal(jw_config_probe(config, JW_STR("m"), JW_STR("https://i/"), &arena,
					 &target, &err),
			 JW_CONFIG);
	assert_string_equal(err.text, "the URL is none of those that the module m takes (allow "
				      "in the configuration)");
	jw_arena_done(&arena);
	jw_config_free(config);
	jw_config_free(none);
}

static const char written[] = "daemon:\n"
			      "  listen: [\"127.0.0.1:1\", \"unix:/run/j.sock\"]\n"
			      "  state: /srv/state.json\n"
			      "\n"
			      "modules:\n"
			      "  api:\n"
			      "    allow: [\"https://*.example.org/*\"]\n"
			      "    check: livekit\n"
			      "    join: false\n"
			      "    timeout: 3s\n"
			      "    interval: 60s\n"
			      "    retry_interval: 1500ms\n"
			      "    attempts: 5\n"
			      "    enabled: true\n"
			      "    certificate_warning: 14d\n"
			      "    certificate_critical: 1d\n"
			      "\n"
			      "targets: []\n";

static void reads_back(const char *yaml)
{
	struct jw_errors errors = {0};
	struct jw_config *config = read_config(yaml, &errors);
	jw_autobuf struct jw_buf text = JW_BUF(1 << 16);

	if (!config)
		fail_msg("%s", errors.text.ptr);
	jw_config_write(config, &text);
	assert_string_equal(text.ptr, written);
	jw_config_free(config);
}

static void is_understood(void **state)
{
	(void)state;
	reads_back("defaults: {interval: 1m, retry_interval: 1s500ms, attempts: 5}\n"
		   "daemon: {state: state.json, listen: ['127.0.0.1:1', 'unix:/run/j.sock']}\n"
		   "modules: {api: {check: livekit, timeout: 3s, allow: "
		   "'https://*.example.org/*'}}\ntargets: []\n");
	reads_back(written);
}

static void has_fallbacks(void **state)
{
	struct jw_errors errors = {0};
	struct jw_config *config = read_config(PAGE "}]", &errors);

	(void)state;
	assert_non_null(config);
	assert_int_equal(config->targets[0].interval, 300000);
	assert_int_equal(config->targets[0].retry_interval, 0);
	assert_int_equal(config->targets[0].attempts, 3);
	assert_string_equal(config->daemon.listen[0], "127.0.0.1:9788");
	assert_null(config->daemon.listen[1]);
	assert_null(config->daemon.state);
	assert_int_equal(config->module_count, 0);
	jw_config_free(config);
}

#define API "name: a, check: token_endpoint, url: 'https://h/'"

static const struct source_row {
	const char *name;
	const char *a;
	const char *b;
	bool is_same;
} source_rows[] = {
	{"nothing differs", API, API, true},
	{"the name", API, "name: b, check: token_endpoint, url: 'https://h/'", true},
	{"what is expected", API ", room: a, warning: 1h", API ", room: b, severity: {}", true},
	{"the interval", API ", interval: 1m", API ", interval: 2m", true},
	{"the labels", API ", labels: {a: b}", API, true},
	{"the check", API, "name: a, check: livekit, url: 'https://h/'", false},
	{"the URL", API, "name: a, check: token_endpoint, url: 'https://h/b'", false},
	{"the timeout", API, API ", timeout: 1s", false},
	{"the authorities", API, API ", ca_file: /a", false},
	{"other authorities", API ", ca_file: /b", API ", ca_file: /a", false},
	{"the certificate", API, API ", client_certificate: /a", false},
	{"a secret", API ", bearer: " CANARY "1", API ", bearer: " CANARY "2", false},
	{"the same secret", API ", bearer: " CANARY "1", API ", bearer: " CANARY "1", true},
	{"where a secret is", API ", bearer: {env: A}", API ", bearer: {file: A}", false},
	{"the variable of a file", API ", bearer: {env_file: A, name: B}",
	 API ", bearer: {env_file: A, name: C}", false},
	{"no secret", API ", bearer: {env: A}", API, false},
	{"a header's value", API ", headers: {A: b}", API ", headers: {A: c}", false},
	{"a header more", API ", headers: {A: b}", API ", headers: {A: b, C: d}", false},
	{"the same headers", API ", headers: {A: b, C: d}", API ", headers: {A: b, C: d}",
	 true},
	{"the body", API ", body: a", API ", body: b", false},
	{"a list", API ", status: [200]", API ", status: [200, 201]", false},
	{"the same list", API ", status: [200, 201]", API ", status: [200, 201]", true},
	{"a choice", API ", redirects: none", API, false},
	{"a size", API ", max_size: 1KiB", API, false},
	{"a pattern", API ", pattern: a", API ", pattern: b", false},
	{"a command", "name: a, check: command, command: [a, b]",
	 "name: a, check: command, command: [a, c]", false},
	{"the same command", "name: a, check: command, command: [a, b], env: {A: b}",
	 "name: a, check: command, command: [a, b], env: {A: b}", true},
	{"a variable", "name: a, check: command, command: [a, b], env: {A: b}",
	 "name: a, check: command, command: [a, b], env: {A: c}", false},
};

static struct jw_config *read_one(const char *target)
{
	jw_autobuf struct jw_buf yaml = JW_BUF(4096);
	struct jw_errors errors = {0};
	struct jw_config *config;

	jw_buf_printf(&yaml, "targets: [{%s}]", target);
	config = read_config(yaml.ptr, &errors);
	if (!config)
		fail_msg("%s", errors.text.ptr);
	return config;
}

static void is_one_source(void **state)
{
	const struct source_row *row = *state;
	struct jw_config *a = read_one(row->a);
	struct jw_config *b = read_one(row->b);

	assert_int_equal(jw_config_same_source(&a->targets[0], &b->targets[0]), row->is_same);
	assert_int_equal(jw_config_same_source(&b->targets[0], &a->targets[0]), row->is_same);
	jw_config_free(a);
	jw_config_free(b);
}

int main(void)
{
	JW_ROWS(error_rows, reports);
	JW_ROWS(api_rows, reads_token_api);
	JW_TEST(fills_token_api);
	JW_ROWS(allow_rows, is_a_pattern);
	JW_ROWS(probe_rows, takes_urls);
	JW_ROWS(source_rows, is_one_source);
	JW_TEST(names_the_nearest_module);
	JW_TEST(is_understood);
	JW_TEST(has_fallbacks);
	return rows_run();
}
