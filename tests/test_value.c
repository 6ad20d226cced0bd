/* SPDX-License-Identifier: MIT */
/* Each type of option, from the command line and from YAML: what is taken, what is said where not. */
#include "rows.h"

#include <string.h>

#include "core/value.h"
#include "fake_checks.h"

static const struct jw_option *option_of(const char *name)
{
	for (const struct jw_option *o = fake_options; o->name; o++)
		if (!strcmp(o->name, name))
			return o;
	fail_msg("the fake has no option %s", name);
	return NULL;
}

/* What a field holds, in words. */
static void show_field(const struct jw_option *option, const struct fake *fake,
		       struct jw_buf *buf)
{
	const void *field = (const char *)fake + option->offset;
	const char *const *texts = fake->texts ? fake->texts : fake->colours;
	const struct jw_secret *secret;

	switch (option->type) {
	case JW_T_CHOICE:
		jw_buf_printf(buf, "%d", *(const int *)field);
		break;
	case JW_T_BOOL:
		jw_buf_text(buf, *(const bool *)field ? "true" : "false");
		break;
	case JW_T_SECONDS:
	case JW_T_MILLIS:
	case JW_T_BYTES:
	case JW_T_COUNT:
		jw_buf_printf(buf, "%lld", (long long)*(const int64_t *)field);
		break;
	case JW_T_THRESHOLD:
		jw_buf_printf(buf, "%lld", (long long)fake->threshold.seconds);
		break;
	case JW_T_TEXTS:
		for (size_t i = 0; texts && texts[i]; i++)
			jw_buf_printf(buf, "[%s]", texts[i]);
		break;
	case JW_T_LABELS:
		for (const struct jw_pair *p = fake->pairs; p && p->name; p++)
			jw_buf_printf(buf, "[%s=%s]", p->name, p->value);
		break;
	case JW_T_SEVERITY:
		for (int i = 0; fake->states && i < JW_CAUSE_COUNT; i++)
			if (fake->states[i])
				jw_buf_printf(buf, "[%s=%s]", jw_cause_name(i),
					      jw_state_name(fake->states[i]));
		break;
	case JW_T_SECRET:
	case JW_T_CONTENT:
		secret = *(const struct jw_secret *const *)field;
		if (secret)
			jw_buf_printf(buf, "%d %s%s%s", (int)secret->kind, secret->value,
				      secret->name ? " " : "",
				      secret->name ? secret->name : "");
		break;
	case JW_T_COMMAND:
		for (size_t i = 0; fake->command && fake->command[i]; i++)
			jw_buf_printf(buf, "[%s]", fake->command[i]);
		break;
	case JW_T_HEADERS:
	case JW_T_VARIABLES:
		for (const struct jw_header *h = *(const struct jw_header *const *)field;
		     h && h->name; h++)
			jw_buf_printf(buf, "[%s=%d %s]", h->name, (int)h->value->kind,
				      h->value->value);
		break;
	default:
		jw_buf_text(buf, *(const char *const *)field);
	}
}

struct set_row {
	const char *name;
	const char *option;
	const char *given;
	const char *holds; /* NULL: refused */
	const char *says;
};

static const struct set_row set_rows[] = {
	{"argument: text", "text", "test-room", "test-room", NULL},
	{"argument: empty text", "text", "", "", NULL},
	{"argument: the text null", "text", "null", "null", NULL},
	{"argument: path is absolute", "path", "/a/b", "/a/b", NULL},
	{"argument: path is relative", "path", "a/b", "/srv/a/b", NULL},
	{"argument: path is standard input", "path", "-", "-", NULL},
	{"argument: path is empty", "path", "", NULL, "is empty"},
	{"argument: pattern", "pattern", "a(b+)", "a(b+)", NULL},
	{"argument: pattern is empty", "pattern", "", NULL, "is empty"},
	{"argument: pattern is broken", "pattern", "a(b", NULL, "parenthesis"},
	{"argument: choice", "choice", "last", "2", NULL},
	{"argument: first choice", "choice", "all", "0", NULL},
	{"argument: choice near another", "choice", "frist", NULL,
	 "\"frist\" is unknown, did you mean \"first\"? (known: all, first, last)"},
	{"argument: choice in capitals", "choice", "ALL", NULL, "is unknown"},
	{"argument: bool true", "flag", "true", "true", NULL},
	{"argument: bool false", "flag", "false", "false", NULL},
	{"argument: bool yes", "flag", "yes", NULL, "\"yes\" is neither true nor false"},
	{"argument: seconds", "seconds", "1h30m", "5400", NULL},
	{"argument: least seconds", "seconds", "1s", "1", NULL},
	{"argument: most seconds", "seconds", "1d", "86400", NULL},
	{"argument: too many seconds", "seconds", "25h", NULL, "25h is more than 1d"},
	{"argument: no seconds", "seconds", "0s", NULL, "0s is less than 1s"},
	{"argument: seconds without a unit", "seconds", "90", NULL,
	 "\"90\" has no unit: write a duration such as 90s"},
	{"argument: negative seconds", "seconds", "-1s", NULL, "\"-1s\" is not a duration"},
	{"argument: millis", "millis", "1500ms", "1500", NULL},
	{"argument: seconds as millis", "millis", "2s", "2000", NULL},
	{"argument: too many millis", "millis", "900s", NULL, "900s is more than 300s"},
	{"argument: zero millis", "millis", "0ms", NULL, "0ms is less than 1ms"},
	{"argument: bytes", "bytes", "4096", "4096", NULL},
	{"argument: bytes with a unit", "bytes", "4MiB", "4194304", NULL},
	{"argument: too many bytes", "bytes", "2GiB", NULL, "2GiB is more than 1GiB"},
	{"argument: zero bytes", "bytes", "0", NULL, "0 is less than 1"},
	{"argument: bytes in words", "bytes", "many", NULL, "\"many\" is not a size"},
	{"argument: count", "tally", "10", "10", NULL},
	{"argument: count is over", "tally", "11", NULL, "11 is more than 10"},
	{"argument: count is under", "tally", "0", NULL, "0 is less than 1"},
	{"argument: count is beyond 64 bits", "tally", "99999999999999999999", NULL,
	 "is more than 10"},
	{"argument: count with a unit", "tally", "3s", NULL, "\"3s\" is not a whole number"},
	{"argument: count is empty", "tally", "", NULL, "is not a whole number"},
	{"argument: threshold", "threshold", "2h", "7200", NULL},
	{"argument: threshold is a bare number", "threshold", "3600", NULL, "3600"},
	{"argument: list item", "texts", "one", "[one]", NULL},
	{"argument: list item is empty", "texts", "", NULL, "is empty"},
	{"argument: list of known words", "colours", "green", "[green]", NULL},
	{"argument: list of unknown word", "colours", "gren", NULL, "did you mean \"green\"?"},
	{"argument: label", "pairs", "team=voice", "[team=voice]", NULL},
	{"argument: label with = in its value", "pairs", "a=b=c", "[a=b=c]", NULL},
	{"argument: label without value", "pairs", "team", NULL,
	 "\"team\" has no =: write name=value"},
	{"argument: label with an empty value", "pairs", "team=", "[team=]", NULL},
	{"argument: label begins with a digit", "pairs", "9a=b", NULL,
	 "\"9a\": isn't a label name"},
	{"argument: label with a dash", "pairs", "a-b=c", NULL, "isn't a label name"},
	{"argument: label without a name", "pairs", "=c", NULL, "isn't a label name"},
	{"argument: label of Prometheus itself", "pairs", "__a=b", NULL,
	 "belong to Prometheus itself"},
	{"argument: severity", "states", "file_missing=unknown", "[file_missing=UNKNOWN]",
	 NULL},
	{"argument: severity critical", "states", "expiring=critical", "[expiring=CRITICAL]",
	 NULL},
	{"argument: severity ok", "states", "file_missing=ok", NULL, "would hide a failure"},
	{"argument: severity OK", "states", "file_missing=OK", NULL, "would hide a failure"},
	{"argument: severity of no such state", "states", "file_missing=bad", NULL,
	 "\"bad\" is none of warning, critical, unknown"},
	{"argument: severity of no such cause", "states", "file_mising=unknown", NULL,
	 "isn't a cause, did you mean \"file_missing\"?"},
	{"argument: severity of ok itself", "states", "ok=unknown", NULL, "isn't a cause"},
	{"argument: content itself", "content", "{\"room\": \"r\"}", "0 {\"room\": \"r\"}",
	 NULL},
	{"argument: content by file", "content", "file:body", "1 /srv/body", NULL},
	{"argument: variable itself", "variables", "A_1=a b=c", "[A_1=0 a b=c]", NULL},
	{"argument: variable by a file", "variables", "API_KEY=file:k", "[API_KEY=1 /srv/k]",
	 NULL},
	{"argument: variable with a credential in the open", "variables", "API_KEY=canary",
	 NULL, "write env:NAME"},
	{"argument: variable with a blank in its name", "variables", "A B=canary", NULL,
	 "has a name that isn't one"},
	{"argument: variable without a name", "variables", "=canary", NULL,
	 "has a name that isn't one"},
	{"argument: variable of systemd", "variables", "LISTEN_FDS=canary", NULL,
	 "no program gets it"},
	{"argument: program", "command", "lk", "[lk]", NULL},
	{"argument: program with blanks", "command", "a b", "[a b]", NULL},
	{"argument: program by a path", "command", "bin/lk", "[/srv/bin/lk]", NULL},
	{"argument: program by an absolute path", "command", "/bin/lk", "[/bin/lk]", NULL},
	{"argument: program without a name", "command", "", NULL, "should be a program"},
	{"argument: program as it is printed", "command", "(hidden)", NULL,
	 "put the word itself back"},
	{"argument: header itself", "headers", "Accept=text/plain", "[Accept=0 text/plain]",
	 NULL},
	{"argument: header by environment", "headers", "Authorization=env:TOKEN",
	 "[Authorization=2 TOKEN]", NULL},
	{"argument: header with a credential in the open", "headers", "X-Api-Key=canary", NULL,
	 "write env:NAME, file:PATH, credential:NAME or env_file:PATH:NAME"},
	{"argument: header without a value", "headers", "Accept", NULL,
	 "has no =: write NAME=VALUE"},
	{"argument: header with a blank in its name", "headers", "Acc ept=a", NULL,
	 "has a name that no header can have"},
	{"argument: header of the connection", "headers", "host=canary", NULL,
	 "is set by the connection itself"},
	{"argument: header with a line break", "headers", "Accept=a\r\nX: canary", NULL,
	 "has a line break in its value"},
	{"argument: URL", "url", "HTTPS://a:b@host:1/p?q=canary",
	 "HTTPS://a:b@host:1/p?q=canary", NULL},
	{"argument: word for a URL", "url", "nowhere", "nowhere", NULL},
	{"argument: URL of another scheme", "url", "ftp://canary:x@host/", NULL,
	 "begins with none of what is taken here: http://, https://, nowhere"},
	{"argument: URL without a scheme", "url", "canary:7880", NULL, "scheme"},
	{"argument: URL as it was printed", "url", "http://host/?q=***", NULL,
	 "holds ***, as jwtwatch prints it"},
	{"argument: URL with a variable", "url", "http://host/${CANARY}", NULL, "${"},
	{"argument: secret by environment", "secret", "env:LIVEKIT_API_SECRET",
	 "2 LIVEKIT_API_SECRET", NULL},
	{"argument: secret by file", "secret", "file:key", "1 /srv/key", NULL},
	{"argument: secret by credential", "secret", "credential:livekit", "3 livekit", NULL},
	{"argument: secret by .env file", "secret", "env_file:.env:A_1", "4 /srv/.env A_1",
	 NULL},
	{"argument: secret by .env file with a colon", "secret", "env_file:/a:b/.env:A",
	 "4 /a:b/.env A", NULL},
	{"argument: secret by .env file without a name", "secret", "env_file:canary", NULL,
	 "env_file names no variable: write env_file:PATH:NAME"},
	{"argument: secret by .env file with an empty name", "secret", "env_file:canary:", NULL,
	 "env_file names no variable: write env_file:PATH:NAME"},
	{"argument: secret by .env file without a path", "secret", "env_file::A", NULL,
	 "is empty"},
	{"argument: secret by .env file with a wrong name", "secret",
	 "env_file:.env:canary-s3cret", NULL,
	 "name isn't the name of a variable: letters, digits and _, no digit in front"},
	{"argument: content by .env file", "content", "env_file:.env:A", "4 /srv/.env A", NULL},
	{"argument: secret itself", "secret", "canary-s3cret", NULL,
	 "other users of this machine"},
	{"argument: secret with a colon", "secret", "canary:s3cret", NULL,
	 "other users of this machine"},
	{"argument: environment name is none", "secret", "env:canary-s3cret", NULL,
	 "isn't the name of an environment variable"},
	{"argument: environment name is empty", "secret", "env:", NULL, "is empty"},
	{"argument: credential leads elsewhere", "secret", "credential:a/canary", NULL,
	 "isn't the name of a file"},
	{"argument: credential goes up", "secret", "credential:..", NULL,
	 "isn't the name of a file"},
};

static void sets_from_argument(void **state)
{
	const struct set_row *row = *state;
	const struct jw_option *option = option_of(row->option);
	struct jw_arena arena = {0};
	struct jw_load load = {.arena = &arena, .folder = "/srv"};
	struct fake fake = {0};
	struct fake untouched = fake;
	struct jw_err err = {0};
	jw_autobuf struct jw_buf shown = JW_BUF(4096);
	enum jw_cause cause = jw_value_set(&load, option, jw_str_of(row->given), &fake, &err);

	if (row->holds) {
		assert_int_equal(cause, JW_OK);
		show_field(option, &fake, &shown);
		assert_string_equal(shown.ptr ? shown.ptr : "", row->holds);
	} else {
		assert_int_equal(cause, JW_CONFIG);
		if (!strstr(err.text, row->says))
			fail_msg("says: %s", err.text);
		assert_null(strstr(err.text, "canary"));
		assert_memory_equal(&fake, &untouched, sizeof(fake));
	}
	jw_arena_done(&arena);
}

struct read_row {
	const char *name;
	const char *option;
	const char *yaml;
	const char *holds;
	const char *says; /* NULL: no error */
};

static const struct read_row read_rows[] = {
	{"yaml: the text no", "text", "no", "no", NULL},
	{"yaml: the text true", "text", "true", "true", NULL},
	{"yaml: the text 1e3", "text", "1e3", "1e3", NULL},
	{"yaml: the text 0x1f", "text", "0x1f", "0x1f", NULL},
	{"yaml: text without a value", "text", "", "", "c.yaml:1:1: text: has no value\n"},
	{"yaml: text is a tilde", "text", "~", "",
	 "text: has no value (\"~\" in quotes would be a text)\n"},
	{"yaml: text is null", "text", "null", "", "text: has no value"},
	{"yaml: text is null in quotes", "text", "'null'", "null", NULL},
	{"yaml: text is null by tag", "text", "!!null ''", "", "text: has no value\n"},
	{"yaml: text is null tagged as text", "text", "!!str null", "null", NULL},
	{"yaml: text is empty in quotes", "text", "\"\"", "", NULL},
	{"yaml: text is a list", "text", "[a]", "",
	 "c.yaml:1:1: text: is a list, not a text\n"},
	{"yaml: text is a mapping", "text", "{a: b}", "", "text: is a mapping, not a text\n"},
	{"yaml: path without a value", "path", "~", "", "path: has no value"},
	{"yaml: path is empty", "path", "''", "", "path: is empty\n"},
	{"yaml: path is relative", "path", "a.html", "/srv/a.html", NULL},
	{"yaml: choice in quotes", "choice", "\"last\"", "2", NULL},
	{"yaml: choice with an escape", "choice", "\"l\\x61st\"", "2", NULL},
	{"yaml: bool", "flag", "true", "true", NULL},
	{"yaml: bool tagged", "flag", "!!bool true", "true", NULL},
	{"yaml: bool yes", "flag", "yes", "false", "flag: \"yes\" is neither true nor false\n"},
	{"yaml: number tagged", "tally", "!!int 7", "7", NULL},
	{"yaml: number too large", "millis", "900s", "0",
	 "c.yaml:1:1: millis: 900s is more than 300s\n"},
	{"yaml: number in a list", "millis", "[1s]", "0",
	 "millis: is a list, not a duration\n"},
	{"yaml: one text as a list", "texts", "one", "[one]", NULL},
	{"yaml: list", "texts", "[one, two, three, four, five, six, seven, eight, nine]",
	 "[one][two][three][four][five][six][seven][eight][nine]", NULL},
	{"yaml: empty list", "texts", "[]", "", NULL},
	{"yaml: list with nothing in it", "texts", "[one, ~]", "[one]",
	 "c.yaml:1:7: texts[1]: has no value"},
	{"yaml: list with an empty text", "texts", "[one, '']", "[one]",
	 "texts[1]: is empty\n"},
	{"yaml: list in a list", "texts", "[[one]]", "",
	 "texts[0]: is a list, not a text or a list of texts\n"},
	{"yaml: list is a mapping", "texts", "{a: b}", "", "texts: is a mapping"},
	{"yaml: two wrong words", "colours", "[red, gren, blu]", "[red]",
	 "colours[1]: \"gren\" is unknown, did you mean \"green\"? (known: red, "
	 "green)\nc.yaml:1:13: colours[2]: \"blu\""},
	{"yaml: labels", "pairs", "{a: b, c: no, d: ''}", "[a=b][c=no][d=]", NULL},
	{"yaml: many labels", "pairs", "{a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9}",
	 "[a=1][b=2][c=3][d=4][e=5][f=6][g=7][h=8][i=9]", NULL},
	{"yaml: no labels", "pairs", "{}", "", NULL},
	{"yaml: label without a value", "pairs", "{a: }", "",
	 "c.yaml:1:5: pairs.a: has no value\n"},
	{"yaml: label twice", "pairs", "{a: b, \"\\x61\": c}", "[a=b]",
	 "c.yaml:1:8: pairs.a: stands twice in one mapping, first in line 1\n"},
	{"yaml: label name", "pairs", "{a-b: c}", "", "pairs.a-b: isn't a label name"},
	{"yaml: labels are a list", "pairs", "[a]", "",
	 "pairs: is not a mapping such as {team: voice}\n"},
	{"yaml: severity", "states", "{file_missing: unknown, expired: warning}",
	 "[file_missing=UNKNOWN][expired=WARNING]", NULL},
	{"yaml: severity ok", "states", "{expired: ok}", "", "states.expired: ok isn't taken"},
	{"yaml: severity is a text", "states", "critical", "",
	 "states: is not a mapping such as"},
	{"yaml: headers", "headers", "{Accept: a, X-Key: {env: KEY}, accept: b}",
	 "[accept=0 b][X-Key=2 KEY]", NULL},
	{"yaml: variables", "variables", "{A: a, a: b, K: {env: KEY}}",
	 "[A=0 a][a=0 b][K=2 KEY]", NULL},
	{"yaml: variable twice", "variables", "{A: a, A: canary}", "[A=0 a]",
	 "variables: has one variable twice, first in line 1"},
	{"yaml: variable that is none", "variables", "{A-B: canary}", "",
	 "variables: a variable has a name that isn't one"},
	{"yaml: command", "command", "[sleep, 10, '', a b, bin/x]", "[sleep][10][][a b][bin/x]",
	 NULL},
	{"yaml: command by a path", "command", "[bin/lk, bin/lk]", "[/srv/bin/lk][bin/lk]",
	 NULL},
	{"yaml: command that is a text", "command", "sh canary", "",
	 "command: is a text, and no shell is there to take it apart: write a list"},
	{"yaml: command that is a mapping", "command", "{a: b}", "", "command: is a mapping"},
	{"yaml: command with a list in it", "command", "[lk, [canary]]", "[lk]",
	 "command[1]: is a list"},
	{"yaml: command as it is printed", "command", "[lk, (hidden)]", "[lk]",
	 "command[1]: is (hidden)"},
	{"yaml: header twice", "headers", "{Accept: a, Accept: canary}", "[Accept=0 a]",
	 "headers: has one header twice, first in line 1"},
	{"yaml: headers that are a text", "headers", "'Accept: canary'", "",
	 "headers: is not a mapping such as"},
	{"yaml: header of no known way", "headers", "{Accept: {canary: x}}", "",
	 "headers: is neither a text nor exactly one of"},
	{"yaml: header that is none", "headers", "{'A b': canary}", "",
	 "headers: a header has a name that no header can have"},
	{"yaml: URL", "url", "http://host/", "http://host/", NULL},
	{"yaml: URL with a blank", "url", "'http://host/a canary'", "", "url: "},
	{"yaml: plain secret", "secret", "canary-s3cret", "0 canary-s3cret", NULL},
	{"yaml: secret without a value", "secret", "", "", "secret: has no value\n"},
	{"yaml: secret is empty", "secret", "''", "", "secret: is empty\n"},
	{"yaml: secret by file", "secret", "{file: key}", "1 /srv/key", NULL},
	{"yaml: secret by environment", "secret", "{env: A_1}", "2 A_1", NULL},
	{"yaml: secret by credential", "secret", "{credential: lk}", "3 lk", NULL},
	{"yaml: secret by .env file", "secret", "{env_file: .env, name: A_1}",
	 "4 /srv/.env A_1", NULL},
	{"yaml: secret by .env file, the other way round", "secret", "{name: A, env_file: /e}",
	 "4 /e A", NULL},
	{"yaml: secret by .env file without a name", "secret", "{env_file: canary}", "",
	 "secret: has no name beside env_file: write {env_file: PATH, name: NAME}\n"},
	{"yaml: secret by .env file twice", "secret", "{env_file: a, env_file: canary}", "",
	 "secret: is neither a text nor exactly one of"},
	{"yaml: secret by .env file and more", "secret", "{env_file: a, name: A, env: canary}",
	 "", "secret: is neither a text nor exactly one of"},
	{"yaml: secret by .env file with a wrong name", "secret",
	 "{env_file: a, name: canary-s}", "",
	 "secret: name isn't the name of a variable: letters, digits and _, no digit in front"},
	{"yaml: secret by .env file with an empty name", "secret", "{env_file: a, name: ''}",
	 "", "secret: name isn't the name of a variable"},
	{"yaml: secret by .env file with no value for a name", "secret",
	 "{env_file: a, name: }", "", "secret: has no value\n"},
	{"yaml: secret by .env file with a list for a name", "secret",
	 "{env_file: a, name: [canary]}", "", "secret: is neither a text nor exactly one of"},
	{"yaml: secret by environment with a name", "secret", "{env: A, name: canary}", "",
	 "secret: is neither a text nor exactly one of"},
	{"yaml: secret by two ways", "secret", "{env: A, file: canary}", "",
	 "secret: is neither a text nor exactly one of"},
	{"yaml: secret by the same way twice", "secret", "{env: A, env: canary}", "",
	 "secret: is neither a text nor exactly one of"},
	{"yaml: secret by no way", "secret", "{}", "", "is neither a text nor exactly one of"},
	{"yaml: secret by an unknown way", "secret", "{canary: A}", "",
	 "is neither a text nor exactly one of"},
	{"yaml: secret as a key", "secret", "{canary}", "",
	 "is neither a text nor exactly one of"},
	{"yaml: secret in a list", "secret", "[canary]", "",
	 "is neither a text nor exactly one of"},
	{"yaml: secret way without a value", "secret", "{env: }", "", "secret: has no value\n"},
	{"yaml: secret way with a list", "secret", "{env: [canary]}", "",
	 "is neither a text nor exactly one of"},
	{"yaml: secret with a variable", "secret", "\"${CANARY:-canary}\"", "",
	 "secret: holds ${...}, but variables aren't filled in here: write {env: NAME}\n"},
	{"yaml: secret with a variable inside", "secret", "canary-${X}", "", "holds ${...}"},
	{"yaml: secret named by a variable", "secret", "{file: \"${canary}/key\"}", "",
	 "holds ${...}"},
	{"yaml: secret by a wrong name", "secret", "{env: canary-s3cret}", "",
	 "isn't the name of an environment variable"},
	{"yaml: token as a duration", "seconds",
	 "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.canary-signature", "0",
	 "is not a duration"},
};

static void reads_yaml(void **state)
{
	const struct read_row *row = *state;
	const struct jw_option *option = option_of(row->option);
	struct jw_arena arena = {0};
	struct jw_errors errors = {0};
	struct jw_load load = {
		.arena = &arena, .errors = &errors, .file = "c.yaml", .folder = "/srv"};
	const struct jw_path path = {NULL, jw_str_of(row->option), 0};
	struct fake fake = {.text = "", .path = "", .pattern = ""};
	struct jw_node *node = jw_yaml_read(jw_str_of(row->yaml), "c.yaml", &arena, &errors);
	jw_autobuf struct jw_buf shown = JW_BUF(4096);

	assert_non_null(node);
	assert_int_equal(errors.count, 0);
	jw_value_read(&load, option, node, &path, &fake);
	show_field(option, &fake, &shown);
	assert_string_equal(shown.ptr ? shown.ptr : "", row->holds);
	if (row->says && (!errors.count || !strstr(errors.text.ptr, row->says)))
		fail_msg("says: %s", errors.count ? errors.text.ptr : "nothing");
	if (!row->says)
		assert_int_equal(errors.count, 0);
	if (errors.count)
		assert_null(strstr(errors.text.ptr, "canary"));
	jw_buf_done(&errors.text);
	jw_arena_done(&arena);
}

static void arguments_grow(void **state)
{
	struct jw_arena arena = {0};
	struct jw_load load = {.arena = &arena};
	struct fake fake = {0};
	struct jw_err err;

	(void)state;
	for (int i = 0; i < 20; i++) {
		const char *text = jw_arena_printf(&arena, "n%d=%d", i, i);

		assert_int_equal(
			jw_value_set(&load, option_of("pairs"), jw_str_of(text), &fake, &err),
			0);
		assert_int_equal(
			jw_value_set(&load, option_of("texts"), jw_str_of(text), &fake, &err),
			0);
	}
	assert_int_equal(jw_value_set(&load, option_of("pairs"), JW_STR("n3=new"), &fake, &err),
			 0);
	assert_string_equal(fake.pairs[3].value, "new");
	assert_string_equal(fake.pairs[19].name, "n19");
	assert_null(fake.pairs[20].name);
	assert_string_equal(fake.texts[19], "n19=19");
	assert_null(fake.texts[20]);
	jw_arena_done(&arena);
}

static void lists_are_limited(void **state)
{
	struct jw_arena arena = {0};
	struct jw_load load = {.arena = &arena};
	struct fake fake = {0};
	struct jw_err err;

	(void)state;
	for (int i = 0; i < JW_VALUE_ITEMS_MAX; i++)
		assert_int_equal(
			jw_value_set(&load, option_of("texts"), JW_STR("a"), &fake, &err), 0);
	assert_int_equal(jw_value_set(&load, option_of("texts"), JW_STR("a"), &fake, &err),
			 JW_CONFIG);
	jw_arena_done(&arena);
}

static void nul_is_refused(void **state)
{
	struct jw_arena arena = {0};
	struct jw_load load = {.arena = &arena};
	struct fake fake = {0};
	struct jw_err err;

	(void)state;
	assert_int_equal(jw_value_set(&load, option_of("text"), JW_STR("a\0b"), &fake, &err),
			 JW_CONFIG);
	assert_null(fake.text);
	jw_arena_done(&arena);
}

struct number_row {
	const char *name;
	enum jw_type type;
	int64_t n;
	const char *text;
};

static const struct number_row number_rows[] = {
	{"number: no seconds", JW_T_SECONDS, 0, "0s"},
	{"number: a minute", JW_T_SECONDS, 60, "60s"},
	{"number: five minutes", JW_T_SECONDS, 300, "300s"},
	{"number: ten minutes", JW_T_SECONDS, 600, "10m"},
	{"number: an hour and a half", JW_T_SECONDS, 5400, "90m"},
	{"number: a day", JW_T_SECONDS, 86400, "1d"},
	{"number: an odd one", JW_T_SECONDS, 3601, "3601s"},
	{"number: half a second", JW_T_MILLIS, 500, "500ms"},
	{"number: ten seconds", JW_T_MILLIS, 10000, "10s"},
	{"number: 1.5 seconds", JW_T_MILLIS, 1500, "1500ms"},
	{"number: an hour in millis", JW_T_MILLIS, 3600000, "1h"},
	{"number: bytes", JW_T_BYTES, 1000, "1000"},
	{"number: KiB", JW_T_BYTES, 65536, "64KiB"},
	{"number: GiB", JW_T_BYTES, INT64_C(3) << 30, "3GiB"},
	{"number: count", JW_T_COUNT, 7, "7"},
};

static void writes_numbers(void **state)
{
	const struct number_row *row = *state;
	jw_autobuf struct jw_buf buf = JW_BUF(64);

	jw_value_number(row->type, row->n, &buf);
	assert_string_equal(buf.ptr, row->text);
}

struct name_row {
	const char *name;
	const char *given;
	const char *says; /* NULL: fit */
};

static const struct name_row name_rows[] = {
	{"name: a word", "voice-page", NULL},
	{"name: blanks and letters", "die Seite im Büro", NULL},
	{"name: empty", "", "is empty"},
	{"name: dash in front", "-f", "begins with -"},
	{"name: newline", "a\nb", "can't be shown"},
	{"name: escape", "a\033[31m", "can't be shown"},
	{"name: DEL", "a\177", "can't be shown"},
	{"name: broken UTF-8", "a\xff", "can't be shown"},
	{"name: reordering", "a\xe2\x80\xae", "can't be shown"},
	{"name: 128 bytes",
	 "0123456789012345678901234567890123456789012345678901234567890123"
	 "0123456789012345678901234567890123456789012345678901234567890123",
	 NULL},
	{"name: 129 bytes",
	 "0123456789012345678901234567890123456789012345678901234567890123"
	 "01234567890123456789012345678901234567890123456789012345678901234",
	 "is longer than 128 bytes"},
	{"name: a token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl",
	 "is a token"},
};

static void judges_names(void **state)
{
	const struct name_row *row = *state;
	struct jw_err err = {0};

	assert_int_equal(jw_value_name(jw_str_of(row->given), &err),
			 row->says ? JW_CONFIG : JW_OK);
	if (row->says && !strstr(err.text, row->says))
		fail_msg("says: %s", err.text);
}

static void long_paths_are_refused(void **state)
{
	static char text[JW_VALUE_PATH_MAX + 2];
	struct jw_arena arena = {0};
	struct jw_load load = {.arena = &arena};
	struct fake fake = {0};
	struct jw_err err;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(jw_value_set(&load, option_of("path"),
				      (struct jw_str){text, JW_VALUE_PATH_MAX}, &fake, &err),
			 JW_OK);
	assert_int_equal(jw_value_set(&load, option_of("path"),
				      (struct jw_str){text, JW_VALUE_PATH_MAX + 1}, &fake,
				      &err),
			 JW_CONFIG);
	jw_arena_done(&arena);
}

static void fallbacks_fill(void **state)
{
	struct jw_arena arena = {0};
	struct jw_load load = {.arena = &arena};
	struct fake fake = {0};

	(void)state;
	jw_value_fallbacks(&load, fake_options, &fake);
	assert_int_equal(fake.choice, 1);
	assert_int_equal(fake.millis, 10000);
	assert_int_equal(fake.bytes, 16 << 20);
	assert_null(fake.path);
	assert_false(jw_value_is_set(option_of("path"), &fake));
	assert_false(jw_value_is_set(option_of("seconds"), &fake));
	assert_false(jw_value_is_set(option_of("threshold"), &fake));
	assert_false(jw_value_is_set(option_of("states"), &fake));
	assert_true(jw_value_is_set(option_of("millis"), &fake));
	fake.states = (const uint8_t[JW_CAUSE_COUNT]){[JW_EXPIRED] = JW_STATE_WARNING};
	assert_true(jw_value_is_set(option_of("states"), &fake));
	jw_arena_done(&arena);
}

int main(void)
{
	JW_ROWS(set_rows, sets_from_argument);
	JW_ROWS(read_rows, reads_yaml);
	JW_ROWS(number_rows, writes_numbers);
	JW_ROWS(name_rows, judges_names);
	JW_TEST(arguments_grow);
	JW_TEST(lists_are_limited);
	JW_TEST(nul_is_refused);
	JW_TEST(long_paths_are_refused);
	JW_TEST(fallbacks_fill);
	return rows_run();
}
