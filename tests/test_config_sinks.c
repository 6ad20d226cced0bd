/* SPDX-License-Identifier: MIT */
/* The map `sinks` of a configuration: what is refused, in which words, and what is understood. */
#include "rows.h"

#include <string.h>

#include "core/errors.h"

#define CANARY "Kanarienvogel"
#define NO_TARGETS "\ntargets: []\n"
#define ICINGA "type: icinga, url: 'https://i'"
#define TARGET(name, more) "  - {name: " name ", check: html_file, path: /p" more "}\n"
#define ONE "targets:\n" TARGET("a", "")
#define TWO ONE TARGET("b", "")
#define ONE_OFF ONE TARGET("b", ", enabled: false")
#define PIPE "sinks:\n  p: {type: command_file, path: /p"

struct error_row {
	const char *name;
	const char *yaml;
	const char *says;
};

static const struct error_row error_rows[] = {
	{"a list", "sinks: []",
	 "c.yaml:1:8: sinks: is not a mapping of names to {type, ...}\n"},
	{"a sink as a text", "sinks: {a: b}",
	 "c.yaml:1:12: sinks.a: is not a mapping such as {type: command_file, path: PATH}\n"},
	{"no type", "sinks: {a: {url: b}}",
	 "c.yaml:1:12: sinks.a: has no type: write one of icinga, nrdp, command_file, "
	 "webhook, command, textfile\n"},
	{"an unknown type", "sinks: {a: {type: email}}",
	 "c.yaml:1:19: sinks.a: \"email\" is no type of sink (known: icinga, nrdp, "
	 "command_file, webhook, command, textfile)\n"},
	{"a list of types", "sinks: {a: {type: [nrdp]}}",
	 "c.yaml:1:19: sinks.a: type is one of these words: icinga, nrdp, command_file, "
	 "webhook, command, textfile\n"},
	{"what is required",
	 "sinks: {a: {type: icinga}, b: {type: nrdp}, c: {type: command_file}}",
	 "c.yaml:1:12: sinks.a: has no url: Icinga's API: https://HOST:5665\n"
	 "c.yaml:1:31: sinks.b: has no url: where NRDP answers: https://HOST/nrdp/\n"
	 "c.yaml:1:31: sinks.b: has no token: one of authorized_tokens in NRDP's "
	 "config.inc.php\n"
	 "c.yaml:1:48: sinks.c: has no path: the command_file of nagios.cfg\n"},
	{"an unknown key", "sinks: {c: {type: command_file, path: /p, pth: /q}}",
	 "c.yaml:1:43: sinks.c: unknown key, did you mean \"path\"?\n"},
	{"an unknown key that may be a secret",
	 "sinks: {c: {type: command_file, path: /p, " CANARY ": /q}}",
	 "c.yaml:1:43: sinks.c: unknown key\n"},
	{"another sink's option", "sinks: {c: {type: command_file, path: /p, ca_file: /q}}",
	 "c.yaml:1:43: sinks.c: unknown key\n"},
	{"a key twice", PIPE ",\n    path: /q}",
	 "c.yaml:3:5: sinks.p.path: stands twice in one mapping, first in line 2\n"},
	{"a name twice", PIPE "}\n  p: {type: command_file, path: /p}",
	 "c.yaml:3:3: sinks.p: stands twice in one mapping, first in line 2\n"},
	{"a name like an option", "sinks: {-p: {type: command_file, path: /p}}",
	 "c.yaml:1:9: sinks: the name of a sink begins with -, like an option on the command "
	 "line\n"},
	{"icinga without TLS",
	 "sinks: {a: {type: icinga, url: 'http://i:5665', user: u, password: {env: P}}}",
	 "c.yaml:1:32: sinks.a.url: begins with none of what is taken here: https://\n"},
	{"icinga: nobody", "sinks: {a: {" ICINGA "}}",
	 "c.yaml:1:12: sinks.a.user: is missing: write user and password, or "
	 "client_certificate\n"},
	{"icinga: two who ask",
	 "sinks: {a: {" ICINGA ", user: u, password: " CANARY ", client_certificate: /c}}",
	 "c.yaml:1:99: sinks.a.client_certificate: and user are two ways to say who asks: "
	 "leave one out\n"},
	{"icinga: no password", "sinks: {a: {" ICINGA ", user: u}}",
	 "c.yaml:1:12: sinks.a.password: is missing: user u needs one\n"},
	{"icinga: no user",
	 "sinks: {a: {" ICINGA ", password: " CANARY ", client_certificate: "
	 "/c}}",
	 "c.yaml:1:12: sinks.a.user: is missing: whose password is it?\n"},
	{"icinga: a colon in the user",
	 "sinks: {a: {" ICINGA ", user: 'u:v', password: " CANARY "}}",
	 "c.yaml:1:51: sinks.a.user: can't hold a colon or a line break\n"},
	{"a password in the URL",
	 "sinks: {a: {type: icinga, url: 'https://u:" CANARY "@i', client_certificate: /c}}",
	 "c.yaml:1:32: sinks.a.url: has a name or a password in it: options are there for what "
	 "proves who asks\n"},
	{"a token in the URL",
	 "sinks: {a: {type: nrdp, url: 'https://i/?token=" CANARY "', token: {env: T}}}",
	 "c.yaml:1:30: sinks.a.url: has a query (behind a ?), where none is sent\n"},
	{"the secret of a sink as somebody's name",
	 "sinks: {a: {type: nrdp, url: 'https://i/', token: &t " CANARY "}}\n"
	 "keys: {k: {issuer: *t, secret: {env: A}}}",
	 "c.yaml:1:51: keys.k.issuer: is the secret of a key or a sink, which belongs nowhere "
	 "else\n"},
	{"a wrong pattern", PIPE ", service: '$host$', host: 'a$'}",
	 "c.yaml:2:62: sinks.p.host: holds a $ that doesn't belong to $name$, the only word "
	 "between two $\n"
	 "c.yaml:2:46: sinks.p.service: holds a $ that doesn't belong to $name$, the only word "
	 "between two $\n"},
	{"an empty service", PIPE ", service: ''}", "c.yaml:2:46: sinks.p.service: is empty\n"},
	{"one service for two targets", PIPE ", service: tokens}\n" TWO,
	 "c.yaml:2:3: sinks.p: gives all 2 targets one service, where an OK would replace "
	 "another's CRITICAL: write $name$ into service or host\n"},
	{"... also where one isn't enabled", PIPE ", service: tokens, host: h}\n" ONE_OFF,
	 "c.yaml:2:3: sinks.p: gives all 2 targets one service, where an OK would replace "
	 "another's CRITICAL: write $name$ into service or host\n"},
	{"a timeout of zero", PIPE ", timeout: 0s}",
	 "c.yaml:2:46: sinks.p.timeout: 0s is less than 1ms\n"},
	{"a webhook's host", "sinks: {a: {type: webhook, url: 'http://w/', host: h}}",
	 "c.yaml:1:52: sinks.a.host: means nothing here: this type of sink is told of targets, "
	 "and only monitoring systems have hosts and services\n"},
	{"a command's service", "sinks: {a: {type: command, command: [c], service: s}}",
	 "c.yaml:1:51: sinks.a.service: means nothing here: this type of sink is told of "
	 "targets, and only monitoring systems have hosts and services\n"},
	{"a password in a webhook's URL",
	 "sinks: {a: {type: webhook, url: 'https://u:" CANARY "@w/'}}",
	 "c.yaml:1:33: sinks.a.url: has a name or a password in it: headers are there for what "
	 "proves who asks\n"},
	{"a webhook by another scheme",
	 "sinks: {a: {type: webhook, url: 'ftp://w/" CANARY "'}}",
	 "c.yaml:1:33: sinks.a.url: begins with none of what is taken here: https://, "
	 "http://\n"},
	{"a webhook's second Content-Type",
	 "sinks: {a: {type: webhook, url: 'https://w/', headers: {content-type: " CANARY "}}}",
	 "c.yaml:1:56: sinks.a.headers: can't have a Content-Type: what is sent is "
	 "application/json\n"},
	{"a header with a line break",
	 "sinks: {a: {type: webhook, url: 'https://w/', headers: {\"a\\nb\": " CANARY "}}}",
	 "c.yaml:1:57: sinks.a.headers: a header has a name that no header can have\n"},
	{"a command as a text", "sinks: {a: {type: command, command: notify " CANARY "}}",
	 "c.yaml:1:37: sinks.a.command: is a text, and no shell is there to take it apart: "
	 "write "
	 "a list, [lk, token, create]\n"},
	{"a variable of ours",
	 "sinks: {a: {type: command, command: [c], env: {JWTWATCH_STATE: " CANARY "}}}",
	 "c.yaml:1:47: sinks.a.env: can't have a variable that begins with JWTWATCH_: these "
	 "are filled in for each result\n"},
	{"a textfile of another name", "sinks: {a: {type: textfile, path: /p.prom/x.txt}}",
	 "c.yaml:1:35: sinks.a.path: doesn't end in .prom, and the textfile collector of "
	 "node_exporter reads no other file\n"},
	{"a textfile without a name", "sinks: {a: {type: textfile, path: /p/.prom}}",
	 "c.yaml:1:35: sinks.a.path: doesn't end in .prom, and the textfile collector of "
	 "node_exporter reads no other file\n"},
	{"a ttl that never ends", "sinks: {a: {" ICINGA ", client_certificate: /c, ttl: 366d}}",
	 "c.yaml:1:74: sinks.a.ttl: 366d is more than 365d\n"},
};

static void reports(void **state)
{
	const struct error_row *row = *state;
	jw_autobuf struct jw_buf yaml = JW_BUF(4096);
	struct jw_errors errors = {0};

	jw_buf_printf(&yaml, "%s%s", row->yaml,
		      strstr(row->yaml, "targets:") ? "" : NO_TARGETS);
	assert_null(
		jw_config_read(jw_buf_get(&yaml), "c.yaml", "/srv", NULL, INT64_MAX, &errors));
	assert_null(strstr(errors.text.ptr, CANARY));
	assert_string_equal(errors.text.ptr, row->says);
	jw_buf_done(&errors.text);
}

static const char *const apart_rows[] = {
	PIPE ", service: tokens}\n" ONE,
	PIPE ", service: tokens, host: $name$}\n" TWO,
	PIPE ", service: JWT $name$}\n" TWO,
	PIPE "}\n" TWO,
};

/* A service for each, or one for the only one. */
static void services_are_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(apart_rows) / sizeof(*apart_rows); i++) {
		struct jw_errors errors = {0};
		struct jw_config *config = jw_config_read(jw_str_of(apart_rows[i]), "c.yaml",
							  "/srv", NULL, INT64_MAX, &errors);

		if (!config)
			fail_msg("%s", errors.text.ptr);
		jw_config_free(config);
	}
}

static const char written[] = "sinks:\n"
			      "  central:\n"
			      "    type: icinga\n"
			      "    url: \"https://i:5665\"\n"
			      "    user: jwtwatch\n"
			      "    password: {env: ICINGA}\n"
			      "    ca_file: /srv/ca.crt\n"
			      "    server_name: node\n"
			      "    ttl: 30m\n"
			      "    check_source: me\n"
			      "    host: \"$name$\"\n"
			      "    service: \"JWT $name$\"\n"
			      "    timeout: 5s\n"
			      "  agent:\n"
			      "    type: icinga\n"
			      "    url: \"https://i\"\n"
			      "    client_certificate: /srv/c.pem\n"
			      "    ttl: 1h\n"
			      "    service: \"$name$\"\n"
			      "    timeout: 10s\n"
			      "  nrdp:\n"
			      "    type: nrdp\n"
			      "    url: \"http://n/nrdp/\"\n"
			      "    token: {env: NRDP_TOKEN}\n"
			      "    service: \"$name$\"\n"
			      "    timeout: 10s\n"
			      "  nagios:\n"
			      "    type: command_file\n"
			      "    path: /srv/rw/nagios.cmd\n"
			      "    host: web1\n"
			      "    service: \"$name$\"\n"
			      "    timeout: 10s\n"
			      "  hook:\n"
			      "    type: webhook\n"
			      "    url: \"https://w/x\"\n"
			      "    headers: {Authorization: {env: HOOK}}\n"
			      "    timeout: 10s\n"
			      "  program:\n"
			      "    type: command\n"
			      "    command: [/usr/bin/notify]\n"
			      "    env: {KEY: {file: /srv/key}}\n"
			      "    timeout: 10s\n"
			      "  page:\n"
			      "    type: textfile\n"
			      "    path: /srv/page.prom\n"
			      "    timeout: 10s\n"
			      "\n"
			      "daemon:\n"
			      "  listen: [\"127.0.0.1:9788\"]\n"
			      "\n"
			      "targets: []\n";

static void reads_back(const char *yaml)
{
	struct jw_errors errors = {0};
	jw_autobuf struct jw_buf text = JW_BUF(65536);
	struct jw_config *config =
		jw_config_read(jw_str_of(yaml), "c.yaml", "/srv", NULL, INT64_MAX, &errors);

	if (!config)
		fail_msg("%s", errors.text.ptr);
	assert_false(config->has_plain_secrets);
	jw_config_write(config, &text);
	assert_string_equal(text.ptr, written);
	jw_config_free(config);
}

static void is_understood(void **state)
{
	(void)state;
	reads_back(
		"sinks:\n"
		"  central: {type: icinga, url: 'https://i:5665', user: jwtwatch, password: "
		"{env: ICINGA}, ca_file: ca.crt,\n"
		"    server_name: node, ttl: 30m, check_source: me, host: $name$, service: JWT "
		"$name$, timeout: 5s}\n"
		"  agent: {type: icinga, url: 'https://i', client_certificate: c.pem}\n"
		"  nrdp: {url: 'http://n/nrdp/', token: {env: NRDP_TOKEN}, type: nrdp}\n"
		"  nagios: {type: command_file, path: rw/nagios.cmd, host: web1}\n"
		"  hook: {type: webhook, url: 'https://w/x', headers: {Authorization: {env: "
		"HOOK}}}\n"
		"  program: {type: command, command: [/usr/bin/notify], env: {KEY: {file: "
		"key}}}\n"
		"  page: {type: textfile, path: page.prom}\n"
		"targets: []\n");
	reads_back(written);
}

struct hidden_row {
	const char *name;
	const char *yaml;
	const char *shown;
};

static const struct hidden_row hidden_rows[] = {
	{"a plain token",
	 "sinks: {n: {type: nrdp, url: 'http://n/', token: " CANARY "}}" NO_TARGETS,
	 "    token: \"(hidden)\"\n"},
	{"a plain header",
	 "sinks: {n: {type: webhook, url: 'http://n/', headers: {Authorization: " CANARY
	 "}}}" NO_TARGETS,
	 "    headers: {Authorization: \"(hidden)\"}\n"},
	{"a plain variable",
	 "sinks: {n: {type: command, command: [c], env: {API_SECRET: " CANARY "}}}" NO_TARGETS,
	 "    env: {API_SECRET: \"(hidden)\"}\n"},
};

static void hides(void **state)
{
	const struct hidden_row *row = *state;
	struct jw_errors errors = {0};
	jw_autobuf struct jw_buf text = JW_BUF(65536);
	struct jw_config *config = jw_config_read(jw_str_of(row->yaml), "c.yaml", "/srv", NULL,
						  INT64_MAX, &errors);

	assert_true(config->has_plain_secrets);
	jw_config_write(config, &text);
	assert_null(strstr(text.ptr, CANARY));
	assert_non_null(strstr(text.ptr, row->shown));
	jw_config_free(config);
}

/* A list of words, each of which may be one; a URL with one behind the question mark. */
static void what_may_hold_a_secret_is_hidden(void **state)
{
	static const char yaml[] =
		"sinks: {c: {type: command, command: [c, " CANARY "]}, w: {type: webhook, url: "
		"'http://w/?k=" CANARY "'}}" NO_TARGETS;
	struct jw_errors errors = {0};
	jw_autobuf struct jw_buf text = JW_BUF(65536);
	struct jw_config *config =
		jw_config_read(jw_str_of(yaml), "c.yaml", "/srv", NULL, INT64_MAX, &errors);

	(void)state;
	assert_non_null(config);
	jw_config_write(config, &text);
	assert_null(strstr(text.ptr, CANARY));
	assert_non_null(strstr(text.ptr, "command: [c, \"(hidden)\"]"));
	jw_config_free(config);
}

static void is_found_by_name(void **state)
{
	static const char yaml[] = PIPE "}" NO_TARGETS;
	struct jw_errors errors = {0};
	struct jw_config *config =
		jw_config_read(jw_str_of(yaml), "c.yaml", "/srv", NULL, INT64_MAX, &errors);
	struct jw_config *none = jw_config_new();
	const struct jw_sink_entry *entry = NULL;
	struct jw_err err;

	(void)state;
	assert_int_equal(config->has_plain_secrets, false);
	assert_int_equal(jw_config_sink(config, JW_STR("other"), &entry, &err), JW_CONFIG);
	assert_string_equal(err.text, "no sink is called \"other\"");
	assert_null(entry);
	assert_int_equal(jw_config_sink(none, JW_STR("p"), &entry, &err), JW_CONFIG);
	assert_string_equal(err.text,
			    "no sink is called \"p\": the configuration has no sinks");
	assert_int_equal(jw_config_sink(config, JW_STR("p"), &entry, &err), JW_OK);
	assert_string_equal(entry->sink->name, "command_file");
	jw_config_free(config);
	jw_config_free(none);
}

int main(void)
{
	JW_ROWS(error_rows, reports);
	JW_TEST(services_are_apart);
	JW_TEST(is_understood);
	JW_ROWS(hidden_rows, hides);
	JW_TEST(what_may_hold_a_secret_is_hidden);
	JW_TEST(is_found_by_name);
	return rows_run();
}
