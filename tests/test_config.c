/* SPDX-License-Identifier: MIT */
/* Configurations in YAML: what they become, every error with its place, and what is written back. */
#include "rows.h"

#include <stdio.h>
#include <string.h>

#include "core/config.h"
#include "core/yaml.h"
#include "fake_checks.h"

/* No text that has "canary" in it may be said or written. */
#define CANARY "canary-s3cret"
#define TOKEN "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.canary-c2lnbmF0dXJl"
#define EXAMPLE                                                                                \
	"the smallest valid configuration is: targets: [{name: page, check: html_file, path: " \
	"/srv/page.html}]\n"
#define PAGE "name: page, check: fake_file, path: /p"

static void no_canary(const char *text)
{
	if (text && (strstr(text, "canary") || strstr(text, "eyJhb")))
		fail_msg("a secret is shown: %s", text);
}

struct error_row {
	const char *name;
	const char *yaml;
	const char *says; /* all lines; "..." at the end: what begins so */
};

static const struct error_row error_rows[] = {
	/* The text as YAML. */
	{"empty file", "", "c.yaml:1:1: the configuration is empty; " EXAMPLE},
	{"comment alone", "# nothing\n", "c.yaml:2:1: the configuration is empty; " EXAMPLE},
	{"null document", "--- ~\n", "c.yaml:1:5: the configuration is empty; " EXAMPLE},
	{"a text", "page", "c.yaml:1:1: the configuration is not a mapping; " EXAMPLE},
	{"a list", "- a\n", "c.yaml:1:1: the configuration is not a mapping; " EXAMPLE},
	{"no targets", "defaults: {timeout: 5s}\n",
	 "c.yaml:1:1: there are no targets; " EXAMPLE},
	{"targets without a value", "targets:\n",
	 "c.yaml:1:9: targets: has no value; " EXAMPLE},
	{"targets as a mapping", "targets: {a: b}\n",
	 "c.yaml:1:10: targets: is not a list; " EXAMPLE},
	{"targets as a text", "targets: page\n",
	 "c.yaml:1:10: targets: is not a list; " EXAMPLE},
	{"bracket left open", "targets: [\n",
	 "c.yaml:2:1: did not find expected node content (while parsing a flow node that began "
	 "in line 2)\n"},
	{"wrong indentation", "targets:\n  - name: a\n check: b\n",
	 "c.yaml:3:2: did not find expected key (while parsing a block mapping that began in "
	 "line 1)\n"},
	{"tab as indentation", "targets:\n\t- name: a\n",
	 "c.yaml:2:1: a tab indents this line, and YAML takes spaces only: put spaces in its "
	 "place\n"},
	{"tab in a line behind a text", "targets:\n  - name: a\n\tcheck: b\n",
	 "c.yaml:3:1: a tab indents this line..."},
	{"tab behind spaces", "targets:\n  - name: a\n  \tcheck: b\n",
	 "c.yaml:3:3: a tab indents this line..."},
	{"tab in the last line, without an end", "targets:\n\t- a",
	 "c.yaml:2:1: a tab indents..."},
	{"tab further on", "targets: [\t{a: b]\n",
	 "c.yaml:1:17: did not find expected ',' or '}' (while parsing a flow mapping..."},
	{"an error elsewhere in a line with a variable", "a: [{b: \"${X}\", c: \xc3\xa4]\n",
	 "c.yaml:1:21: did not find expected ',' or '}' (while parsing a flow mapping..."},
	{"a variable in braces behind other letters", "a: {\xc3\xa4: ${X}}\n",
	 "c.yaml:1:9: ${...} isn't filled in here..."},
	{"a variable in braces", "keys: {a: {secret: {env: ${canary}}}}\ntargets: []\n",
	 "c.yaml:1:27: ${...} isn't filled in here, and its braces are YAML's own: write the "
	 "name alone, as in {env: NAME}, or put a text that holds braces into quotes\n"},
	{"control character", "targets: []\nkeys: {}\n# \x01\n",
	 "c.yaml:3:3: control characters are not allowed\n"},
	{"broken UTF-8", "targets: [\"\xc3\xa4\xff\"]\n",
	 "c.yaml:1:13: invalid leading UTF-8 octet\n"},
	{"two documents", "targets: []\n---\ntargets: []\n",
	 "c.yaml:2:1: a second document (---) begins here; one file is one document\n"},
	{"syntax error behind the document", "targets: []\n...\n]\n",
	 "c.yaml:3:1: did not find expected <document start>\n"},
	{"unknown tag", "targets: [{" PAGE ", text: !canary x}]",
	 "c.yaml:1:58: YAML tags (!name) aren't used here; put a text that begins with ! into "
	 "quotes\n"},
	{"check behind a tag", "targets: [{name: a, check: !x fake_file, path: /p}]",
	 "c.yaml:1:28: YAML tags (!name) aren't used here; put a text that begins with ! into "
	 "quotes\n"},
	{"required option behind a tag",
	 "targets: [{name: !x a, check: fake_file, path: !x /p}]",
	 "c.yaml:1:18: YAML tags (!name) aren't used here; put a text that begins with ! into "
	 "quotes\nc.yaml:1:48: YAML tags..."},
	{"tag of a float", "targets: [{" PAGE ", text: !!float 1}]",
	 "c.yaml:1:58: YAML tags (!name) aren't used here..."},
	{"tag of a mapping", "targets: [!!map {" PAGE "}]",
	 "c.yaml:1:11: YAML tags (!name)..."},
	{"tag of a list", "targets: !!seq []", "c.yaml:1:10: YAML tags (!name)..."},
	{"NUL in a text", "targets: [{" PAGE ", text: \"a\\0b\"}]",
	 "c.yaml:1:58: a NUL (\"\\0\") can't stand in a text\n"},
	{"NUL in a key", "targets: []\n\"a\\0b\": c",
	 "c.yaml:2:1: a NUL (\"\\0\") can't stand in a text\n"},
	{"merge key", "d: &d {timeout: 5s}\ntargets: [{<<: *d, " PAGE "}]",
	 "c.yaml:2:12: merge keys (<<) aren't taken: put what targets share under "
	 "defaults\nc.yaml:1:1: unknown key \"d\"\n"},
	{"quoted merge key is a key", "targets: [{\"<<\": a, " PAGE "}]",
	 "c.yaml:1:12: targets[0]: unknown key \"<<\"\n"},
	{"list as a key", "targets: []\n[a]: b\n",
	 "c.yaml:2:1: a key must be a text, not a list or a mapping\n"},
	{"mapping as a key", "targets: []\n? {a: b}\n: c\n",
	 "c.yaml:2:3: a key must be a text, not a list or a mapping\n"},
	{"empty key", "targets: []\n\"\": b\n", "c.yaml:2:1: a key is empty\n"},
	{"alias as a key",
	 "targets: []\nkeys: {a: {secret: &s " CANARY "}, *s : {secret: b}}\n",
	 "c.yaml:2:39: an alias (*name) can't be a key\n"},
	{"unknown alias", "targets: *canary\n",
	 "c.yaml:1:10: no anchor (&name) of this alias (*name) stands before it; put a text "
	 "that begins with * into quotes\n"},
	{"alias to itself", "targets: &a [*a]\n",
	 "c.yaml:1:14: an alias (*name) inside of what it names would never end\n"},
	{"alias to its mapping", "targets: &a [{b: {c: *a}}]\n",
	 "c.yaml:1:22: an alias (*name) inside of what it names would never end\n..."},
	{"32 deep",
	 "targets: []\na: "
	 "[[[[[[[[[["
	 "[[[[[[[[[["
	 "[[[[[[[[[["
	 "x"
	 "]]]]]]]]]]"
	 "]]]]]]]]]]"
	 "]]]]]]]]]]"
	 "\n",
	 "c.yaml:2:1: unknown key \"a\"\n"},
	{"33 deep",
	 "targets: []\na: "
	 "[[[[[[[[[["
	 "[[[[[[[[[["
	 "[[[[[[[[[[["
	 "x"
	 "]]]]]]]]]]"
	 "]]]]]]]]]]"
	 "]]]]]]]]]]]"
	 "\n",
	 "c.yaml:2:35: nested more than 32 deep\n"},
	{"33 deep by an alias",
	 "a: &a "
	 "[[[[[[[[[["
	 "[[[[[[[[[["
	 "[[[[[[[[["
	 "x"
	 "]]]]]]]]]]"
	 "]]]]]]]]]]"
	 "]]]]]]]]]"
	 "\nb: [[*a]]\n",
	 "c.yaml:2:6: nested more than 32 deep\n"},
	{"many aliases",
	 "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
	 "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
	 "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
	 "g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\n",
	 "c.yaml:7:17: more than 4000000 values, those that aliases repeat included\n"},

	/* Keys of mappings. */
	{"unknown top-level key", "target: []\n",
	 "c.yaml:1:1: unknown key \"target\", did you mean \"targets\"?\nc.yaml:1:1: there are "
	 "no targets; " EXAMPLE},
	{"top-level key twice", "targets: []\ntargets: []\n",
	 "c.yaml:2:1: targets: stands twice in one mapping, first in line 1\n"},
	{"unknown key of a target", "targets:\n  - {pth: /p, " PAGE "}\n",
	 "c.yaml:2:6: targets[0]: unknown key \"pth\", did you mean \"path\"?\n"},
	{"a query behind a LiveKit server", "targets: [{" PAGE ", accepted_by: 'ws://h/?a=b'}]",
	 "c.yaml:1:65: targets[0].accepted_by: has a ? in it, which no client of LiveKit sends "
	 "on\n"},
	{"a certificate that is critical before it warns",
	 "targets: [{" PAGE ", certificate_warning: 12h}]",
	 "c.yaml:1:73: targets[0].certificate_warning: certificate_warning (12h) is less than "
	 "certificate_critical (1d), so there would be no WARNING\n"},
	{"the server of an answer, without an answer",
	 "targets: [{" PAGE ", accepted_by: from_response}]",
	 "c.yaml:1:65: targets[0].accepted_by: is from_response, but with check fake_file "
	 "there "
	 "is no answer that could name a server: write its URL\n"},
	{"the same by defaults",
	 "defaults: {accepted_by: from_response}\ntargets: [{" PAGE "}]",
	 "c.yaml:2:11: targets[0].accepted_by: is from_response, but..."},
	{"unknown key that nothing is near", "targets: [{" PAGE ", zzzzzz: x}]",
	 "c.yaml:1:52: targets[0]: unknown key \"zzzzzz\"\n"},
	{"unknown key near an option of the daemon's", "targets: [{" PAGE ", intervall: 5m}]",
	 "c.yaml:1:52: targets[0]: unknown key \"intervall\", did you mean \"interval\"?\n"},
	{"key twice",
	 "targets:\n  - name: a\n    check: fake_file\n    path: /a\n    path: /b\n",
	 "c.yaml:5:5: targets[0].path: stands twice in one mapping, first in line 4\n"},
	{"key three times", "targets: [{" PAGE ",\npath: /b,\npath: /c}]\n",
	 "c.yaml:2:1: targets[0].path: stands twice in one mapping, first in line "
	 "1\nc.yaml:3:1: targets[0].path: stands twice in one mapping, first in line 1\n"},
	{"key twice once unescaped", "targets: [{" PAGE ",\n\"p\\x61th\": /b}]\n",
	 "c.yaml:2:1: targets[0].path: stands twice in one mapping, first in line 1\n"},
	{"key twice in defaults", "defaults: {room: a, 'room': b}\ntargets: []\n",
	 "c.yaml:1:21: defaults.room: stands twice in one mapping, first in line 1\n"},
	{"key twice in keys", "keys: {a: {secret: x}, a: {secret: y}}\ntargets: []\n",
	 "c.yaml:1:24: keys.a: stands twice in one mapping, first in line 1\n"},
	{"key of a key twice",
	 "keys: {a: {secret: " CANARY ", secret: " CANARY "}}\ntargets: []\n",
	 "c.yaml:1:35: keys.a.secret: stands twice in one mapping, first in line 1\n"},
	{"key with a colour", "targets: []\n\"\\e[31mred\": x\n",
	 "c.yaml:2:1: unknown key \"?[31mred\"\n"},
	{"key is a token", "targets: []\n" TOKEN ": x\n",
	 "c.yaml:2:1: unknown key \"[token]..."},
	{"key is cut between characters",
	 "targets: []\n012345678901234567890123456789012345678901234567890123456789012ä: x\n",
	 "c.yaml:2:1: unknown key "
	 "\"012345678901234567890123456789012345678901234567890123456789012...\"\n"},
	{"place with a colour", "targets: [{" PAGE ", labels: {\"\\e[31m\": x}}]",
	 "c.yaml:1:71: targets[0].labels.?[31m: isn't a label name: letters, digits and _, no "
	 "digit in front\n"},
	{"key is long",
	 "targets: []\n0123456789012345678901234567890123456789012345678901234567890123456789: "
	 "x\n",
	 "c.yaml:2:1: unknown key "
	 "\"0123456789012345678901234567890123456789012345678901234567890123...\"\n"},

	/* Targets. */
	{"target is a text", "targets: [page]\n",
	 "c.yaml:1:11: targets[0]: is not a mapping such as {name: page, check: html_file, "
	 "...}\n"},
	{"target without a value", "targets:\n  -\n",
	 "c.yaml:2:4: targets[0]: is not a mapping such as {name: page, check: html_file, "
	 "...}\n"},
	{"target without a name", "targets: [{check: fake_file, path: /p}]",
	 "c.yaml:1:11: targets[0]: has no name: what the target is called in every output, "
	 "once in a configuration\n"},
	{"target without a check", "targets: [{name: a, path: /p}]",
	 "c.yaml:1:11: targets[0]: names no check: write check: fake_file\n"},
	{"check without a value", "targets: [{name: a, check: , path: /p}]",
	 "c.yaml:1:28: targets[0]: names no check: write check: fake_file\n"},
	{"unknown check", "targets: [{name: a, check: fak_file}]",
	 "c.yaml:1:28: targets[0].check: \"fak_file\" is no check, did you mean "
	 "\"fake_file\"?\n"},
	{"unknown check near none", "targets: [{name: a, check: livekit}]",
	 "c.yaml:1:28: targets[0].check: \"livekit\" is no check: try \"fake_file\"\n"},
	{"unknown check and a wrong value",
	 "targets: [{name: a, check: x, timeout: 9, foo: bar}]",
	 "c.yaml:1:28: targets[0].check: \"x\" is no check: try \"fake_file\"\nc.yaml:1:40: "
	 "targets[0].timeout: \"9\" has no unit: write a duration such as 500ms, 90s or 5m\n"},
	{"target without a required option", "targets: [{name: a, check: fake_file}]",
	 "c.yaml:1:11: targets[0]: has no path: the page\n"},
	{"required option without a value", "targets: [{name: a, check: fake_file, path: }]",
	 "c.yaml:1:45: targets[0].path: has no value\n"},
	{"all errors of two targets",
	 "targets:\n- {" PAGE ", timeout: 900s, room: }\n- {name: b, check: fake_file, path: "
	 "/p, leeway: 2h, flag: yes}\n",
	 "c.yaml:2:53: targets[0].timeout: 900s is more than 300s\nc.yaml:2:65: "
	 "targets[0].room: has no value\n"
	 "c.yaml:3:49: targets[1].leeway: 2h is more than 1h\nc.yaml:3:59: targets[1].flag: "
	 "\"yes\" is neither true nor false\n"},
	{"timeout of zero", "targets: [{" PAGE ", timeout: 0}]",
	 "c.yaml:1:61: targets[0].timeout: \"0\" has no unit: write a duration such as 500ms, "
	 "90s or 5m\n"},
	{"timeout of zero seconds", "targets: [{" PAGE ", timeout: 0s}]",
	 "c.yaml:1:61: targets[0].timeout: 0s is less than 1ms\n"},
	{"lifetime of zero", "targets: [{" PAGE ", min_lifetime: 0s}]",
	 "c.yaml:1:66: targets[0].min_lifetime: 0s is less than 1s\n"},
	{"lifetime too long", "targets: [{" PAGE ", max_lifetime: 3651d}]",
	 "c.yaml:1:66: targets[0].max_lifetime: 3651d is more than 3650d\n"},
	{"names that are equal",
	 "targets:\n- {" PAGE "}\n- {name: b, check: fake_file, path: /p}\n- {path: /q, check: "
	 "fake_file, name: \"p\\x61ge\"}\n",
	 "c.yaml:4:38: targets[2].name: \"page\" is the name of targets[0] too\n"},
	{"name begins with a dash", "targets: [{name: -f, check: fake_file, path: /p}]",
	 "c.yaml:1:18: targets[0].name: begins with -, like an option on the command line\n"},
	{"name with a newline", "targets: [{name: \"a\\nb\", check: fake_file, path: /p}]",
	 "c.yaml:1:18: targets[0].name: holds characters that can't be shown\n"},
	{"name is empty", "targets: [{name: '', check: fake_file, path: /p}]",
	 "c.yaml:1:18: targets[0].name: is empty\n"},
	{"name is a token", "targets: [{name: " TOKEN ", check: fake_file, path: /p}]",
	 "c.yaml:1:18: targets[0].name: is a token: a name is shown everywhere, a token "
	 "never\n"},
	{"bare number as a threshold", "targets: [{" PAGE ", warning: 3600}]",
	 "c.yaml:1:61: targets[0].warning: ..."},
	{"thresholds in the wrong order", "targets: [{" PAGE ", warning: 5m, critical: 10m}]",
	 "c.yaml:1:61: targets[0].warning: ..."},
	{"own critical above the warning of defaults",
	 "defaults: {warning: 1h}\ntargets: [{" PAGE ", critical: 2h}]",
	 "c.yaml:2:62: targets[0].critical: ..."},
	{"defaults in the wrong order",
	 "defaults: {warning: 5m, critical: 1h}\ntargets: [{" PAGE "}]",
	 "c.yaml:1:21: defaults.warning: ..."},
	{"min_lifetime above max_lifetime",
	 "targets: [{" PAGE ", min_lifetime: 2d, max_lifetime: 25h}]",
	 "c.yaml:1:66: targets[0].min_lifetime: min_lifetime (2d) is more than max_lifetime "
	 "(25h), so no token fits\n"},
	{"own max_lifetime below the min_lifetime of defaults",
	 "defaults: {min_lifetime: 2d}\ntargets: [{" PAGE ", max_lifetime: 1d}]",
	 "c.yaml:2:66: targets[0].max_lifetime: min_lifetime (2d) is more than..."},
	{"lifetimes of defaults in the wrong order",
	 "defaults: {min_lifetime: 2d, max_lifetime: 1d}\ntargets: [{" PAGE "}]",
	 "c.yaml:1:26: defaults.min_lifetime: ..."},
	{"variable in a URL", "targets: [{" PAGE ", runbook: \"http://${HOST}/\"}]",
	 "c.yaml:1:61: targets[0].runbook: holds ${...}, but variables aren't filled in here: "
	 "write the URL itself\n"},
	{"grant that isn't one", "targets: [{" PAGE ", forbid_grants: [roomAdmin, roomJoyn]}]",
	 "c.yaml:1:79: targets[0].forbid_grants[1]: \"roomJoyn\" is unknown, did you mean "
	 "\"roomJoin\"?..."},
	{"label of Prometheus", "targets: [{" PAGE ", labels: {__name__: x}}]",
	 "c.yaml:1:71: targets[0].labels.__name__: label names with __ in front belong to "
	 "Prometheus itself\n"},
	{"severity ok", "targets: [{" PAGE ", severity: {expired: ok}}]",
	 "c.yaml:1:72: targets[0].severity.expired: ok isn't taken, since it would hide a "
	 "failure for good: write warning, critical or unknown, or set the target's enabled: "
	 "false\n"},
	{"check refuses an option that is there",
	 "targets: [{name: a, check: fake_file, path: /refused/path}]",
	 "c.yaml:1:45: targets[0].path: is refused\n"},
	{"check refuses something else",
	 "targets: [{name: a, check: fake_file, path: /refused}]",
	 "c.yaml:1:11: targets[0]: max_size: doesn't go with that path\n"},
	{"token as a value", "targets: [{" PAGE ", timeout: " TOKEN "}]",
	 "c.yaml:1:61: targets[0].timeout: \"[token]..."},
	{"Bearer token as a value", "targets: [{" PAGE ", enabled: Bearer " TOKEN "}]",
	 "c.yaml:1:61: targets[0].enabled: \"Bearer [token]..."},

	/* Defaults. */
	{"defaults as a list", "defaults: []\ntargets: []\n",
	 "c.yaml:1:11: defaults: is not a mapping such as {timeout: 10s}\n"},
	{"name in defaults", "defaults: {name: a}\ntargets: []\n",
	 "c.yaml:1:12: defaults.name: belongs to each target, not to defaults\n"},
	{"check in defaults", "defaults: {check: fake_file}\ntargets: []\n",
	 "c.yaml:1:12: defaults.check: belongs to each target, not to defaults\n"},
	{"option of a check in defaults", "defaults: {path: /p}\ntargets: []\n",
	 "c.yaml:1:12: defaults.path: is an option of the check fake_file: it belongs to each "
	 "target, not to defaults\n"},
	{"unknown key in defaults", "defaults: {timeut: 5s}\ntargets: []\n",
	 "c.yaml:1:12: defaults: unknown key \"timeut\", did you mean \"timeout\"?\n"},
	{"wrong default is said once",
	 "defaults: {timeout: 900s}\ntargets: [{" PAGE
	 "}, {name: b, check: fake_file, path: /q}]\n",
	 "c.yaml:1:21: defaults.timeout: 900s is more than 300s\n"},

	/* Keys. */
	{"keys as a list", "keys: [a]\ntargets: []\n",
	 "c.yaml:1:7: keys: is not a mapping of names to {issuer, secret}\n"},
	{"key as a text", "keys: {a: " CANARY "}\ntargets: []\n",
	 "c.yaml:1:11: keys.a: is not a mapping such as {issuer: devkey, secret: {env: "
	 "NAME}}\n"},
	{"key without a secret", "keys: {a: {issuer: b}}\ntargets: []\n",
	 "c.yaml:1:11: keys.a: has no secret: {env: NAME}, {file: PATH}, {credential: NAME} or "
	 "{env_file: PATH, name: NAME}\n"},
	{"secret mistyped", "keys: {a: {secrt: " CANARY "}}\ntargets: []\n",
	 "c.yaml:1:12: keys.a: unknown key, did you mean \"secret\"?\n"},
	{"secret in the place of a key", "keys: {a: {secret: x, " CANARY ": y}}\ntargets: []\n",
	 "c.yaml:1:23: keys.a: unknown key\n"},
	{"secret as config prints it", "keys: {a: {secret: (hidden)}}\ntargets: []\n",
	 "c.yaml:1:20: keys.a.secret: is (hidden), as jwtwatch config prints it: put the "
	 "secret "
	 "itself back, or where it is\n"},
	{"secret is empty", "keys: {a: {secret: ''}}\ntargets: []\n",
	 "c.yaml:1:20: keys.a.secret: is empty\n"},
	{"secret with a variable",
	 "keys: {a: {secret: \"${CANARY:-" CANARY "}\"}}\ntargets: []\n",
	 "c.yaml:1:20: keys.a.secret: holds ${...}, but variables aren't filled in here: write "
	 "{env: NAME}\n"},
	{"secret by env_file without a name",
	 "keys: {a: {secret: {env_file: .env}}}\ntargets: []\n",
	 "c.yaml:1:20: keys.a.secret: has no name beside env_file: write {env_file: PATH, "
	 "name: "
	 "NAME}\n"},
	{"secret that begins like an alias",
	 "keys: {a: {secret: *canary-s3cret}}\ntargets: []\n",
	 "c.yaml:1:20: no anchor (&name)..."},
	{"secret that begins like a tag", "keys: {a: {secret: !canary-s3cret }}\ntargets: []\n",
	 "c.yaml:1:20: YAML tags (!name)..."},
	{"secret that begins like a directive",
	 "keys: {a: {secret: %canary-s3cret}}\ntargets: []\n",
	 "c.yaml:1:20: found character that cannot start any token..."},
	{"secret that breaks the syntax", "keys: {a: {secret: \"canary-s3cret}}\ntargets: []\n",
	 "c.yaml:3:1: found unexpected end of stream..."},
	{"secret by an alias elsewhere",
	 "targets: [{" PAGE ", timeout: *s}]\nkeys: {a: {secret: " CANARY "}}\n",
	 "c.yaml:1:61: no anchor (&name)..."},
	{"secret as a timeout",
	 "keys: {a: {issuer: x, secret: &s " CANARY "}}\ntargets: [{" PAGE ", timeout: *s}]\n",
	 "c.yaml:1:31: targets[0].timeout: is the secret of a key or a sink, which belongs "
	 "nowhere "
	 "else\n"},
	{"secret as a name",
	 "keys: {a: {secret: &s " CANARY
	 "}}\ntargets: [{name: *s, check: fake_file, path: /p}]\n",
	 "c.yaml:1:20: targets[0].name: is the secret of a key or a sink, which belongs "
	 "nowhere else\n"},
	{"secret as a check",
	 "keys: {a: {secret: &s " CANARY "}}\ntargets: [{name: a, check: *s, path: /p}]\n",
	 "c.yaml:1:20: targets[0]: names no check: write check: fake_file\n"},
	{"secret as the name of a key",
	 "keys: {a: {secret: &s " CANARY "}}\ntargets: [{" PAGE ", key: [*s]}]\n",
	 "c.yaml:1:20: targets[0].key[0]: is the secret of a key or a sink, which belongs "
	 "nowhere "
	 "else\n"},
	{"secret as its issuer",
	 "keys: {a: {issuer: &s " CANARY ", secret: *s}}\ntargets: []\n",
	 "c.yaml:1:20: keys.a.issuer: is the secret of a key or a sink, which belongs nowhere "
	 "else\n"},
	{"secret as a label",
	 "keys: {a: &k {secret: " CANARY "}}\ntargets: [{" PAGE ", labels: *k}]\n",
	 "c.yaml:1:23: targets[0].labels.secret: is the secret of a key or a sink, which "
	 "belongs nowhere "
	 "else\n"},
	{"name of a key", "keys: {-a: {secret: x}}\ntargets: []\n",
	 "c.yaml:1:8: keys: the name of a key begins with -, like an option on the command "
	 "line\n"},
	{"no such key",
	 "keys: {livekit: {secret: {env: A}}}\ntargets: [{" PAGE ", key: livekt}]\n",
	 "c.yaml:2:57: targets[0].key: no key is called \"livekt\", did you mean "
	 "\"livekit\"?\n"},
	{"no such key in a list",
	 "keys: {a: {secret: {env: A}}}\ntargets: [{" PAGE ", key: [a, other]}]\n",
	 "c.yaml:2:61: targets[0].key[1]: no key is called \"other\"; the first of those in "
	 "keys is \"a\"\n"},
	{"no keys at all", "targets: [{" PAGE ", key: a}]\n",
	 "c.yaml:1:57: targets[0].key: no key is called \"a\": there are no keys at all\n"},
	{"no such key in defaults, said once", "defaults: {key: a}\ntargets: [{" PAGE "}]\n",
	 "c.yaml:1:17: defaults.key: no key is called \"a\": there are no keys at all\n"},
	{"same_as names nothing near", "targets: [{" PAGE ", same_as: qqqqqqqq}]\n",
	 "c.yaml:1:61: targets[0].same_as: no target is called \"qqqqqqqq\"\n"},
	{"same_as names a target of a file, nearly",
	 "targets:\n- {" PAGE "}\n- {name: served, check: fake_file, path: /q, same_as: "
	 "pgae}\n",
	 "c.yaml:3:55: targets[1].same_as: no target is called \"pgae\", did you mean "
	 "\"page\"?\n"},
	{"same_as names itself", "targets: [{" PAGE ", same_as: page}]\n",
	 "c.yaml:1:61: targets[0].same_as: names the target itself: name another one\n"},
	{"same_as in a circle",
	 "targets:\n- {" PAGE ", same_as: b}\n- {name: b, check: fake_file, path: /q, same_as: "
	 "page}\n",
	 "c.yaml:2:53: targets[0].same_as: \"b\" has same_as itself: name \"page\", which that "
	 "one is compared with, or leave out one of the two\n"
	 "c.yaml:3:50: targets[1].same_as: \"page\" has same_as itself..."},
	{"same_as names what isn't checked",
	 "targets:\n- {" PAGE ", enabled: false}\n- {name: b, check: fake_file, path: /q, "
	 "same_as: page}\n",
	 "c.yaml:3:50: targets[1].same_as: \"page\" has enabled: false, so there is nothing to "
	 "compare with\n"},
	{"same_as in defaults", "defaults: {same_as: page}\ntargets: [{" PAGE "}]\n",
	 "c.yaml:1:12: defaults.same_as: belongs to each target, not to defaults\n"},
	{"more grace than a day", "targets: [{" PAGE ", same_as_grace: 25h}]\n",
	 "c.yaml:1:67: targets[0].same_as_grace: 25h is more than 1d\n"},
	{"key with a wrong secret is a key",
	 "keys: {a: {secret: ''}}\ntargets: [{" PAGE ", key: a}]\n",
	 "c.yaml:1:20: keys.a.secret: is empty\n"},
};

static void reports(void **state)
{
	const struct error_row *row = *state;
	struct jw_errors errors = {0};
	struct jw_config *config = jw_config_read(jw_str_of(row->yaml), "c.yaml", "/srv", NULL,
						  INT64_MAX, &errors);
	size_t len = strlen(row->says);
	bool is_open = len > 3 && !strcmp(row->says + len - 3, "...");

	assert_null(config);
	assert_true(errors.count > 0);
	assert_non_null(errors.text.ptr);
	no_canary(errors.text.ptr);
	if (is_open && strncmp(errors.text.ptr, row->says, len - 3) != 0)
		fail_msg("says: %s", errors.text.ptr);
	if (!is_open)
		assert_string_equal(errors.text.ptr, row->says);
	jw_buf_done(&errors.text);
}

/* What is written of a configuration, which must read back as the same text. */
struct write_row {
	const char *name;
	const char *yaml;
	const char *written;
};

#define DAEMON "daemon:\n  listen: [\"127.0.0.1:9788\"]\n\n"
#define TARGET_DEFAULTS                                                                        \
	"    timeout: 10s\n    interval: 300s\n    attempts: 3\n    enabled: true\n    "       \
	"certificate_warning: 14d\n    "                                                       \
	"certificate_critical: 1d\n    warning: \"min(1h, 20%)\"\n"                            \
	"    critical: \"min(10m, 5%)\"\n    leeway: 60s\n    same_as_grace: 60s\n"
static const struct write_row write_rows[] = {
	{"no targets", "targets: []", DAEMON "targets: []\n"},
	{"with a byte order mark", "\xef\xbb\xbftargets: []", DAEMON "targets: []\n"},
	{"in UTF-16", NULL, DAEMON "targets: []\n"},
	{"with a document start and end", "%YAML 1.1\n---\ntargets: []\n...\n",
	 DAEMON "targets: []\n"},
	{"in JSON", "{\"targets\": []}", DAEMON "targets: []\n"},
	{"the smallest target", "targets: [{" PAGE "}]",
	 DAEMON
	 "targets:\n  - name: page\n    check: fake_file\n    path: /p\n    choice: first\n"
	 "    flag: false\n    millis: 10s\n    bytes: 16MiB\n" TARGET_DEFAULTS},
	{"defaults",
	 "defaults: {timeout: 1m, warning: 2h, room: a, labels: {team: x, site: 'no'},\n"
	 "  severity: {expired: warning, file_missing: unknown}, forbid_grants: [roomAdmin]}\n"
	 "targets:\n- {" PAGE ", room: no, labels: {b: c}, severity: {}, forbid_grants: []}\n"
	 "- {name: b, check: fake_file, path: /q, timeout: 2s, critical: 1m, enabled: false}\n",
	 DAEMON
	 "targets:\n  - name: page\n    check: fake_file\n    path: /p\n    choice: first\n"
	 "    flag: false\n    millis: 10s\n    bytes: 16MiB\n    timeout: 60s\n    interval: "
	 "300s\n    attempts: 3\n    enabled: "
	 "true\n"
	 "    labels: {b: c}\n    certificate_warning: 14d\n    certificate_critical: 1d\n    "
	 "warning: \"2h\"\n    critical: \"min(10m, 5%)\"\n    room: "
	 "\"no\"\n"
	 "    leeway: 60s\n    forbid_grants: []\n    same_as_grace: 60s\n"
	 "  - name: b\n    check: fake_file\n    path: /q\n    choice: first\n"
	 "    flag: false\n    millis: 10s\n    bytes: 16MiB\n    timeout: 2s\n    interval: "
	 "300s\n    attempts: 3\n    enabled: "
	 "false\n"
	 "    severity: {file_missing: unknown, expired: warning}\n    labels: {team: x, site: "
	 "\"no\"}\n"
	 "    certificate_warning: 14d\n    certificate_critical: 1d\n    warning: \"2h\"\n    "
	 "critical: \"1m\"\n    room: a\n    leeway: 60s\n"
	 "    forbid_grants: [roomAdmin]\n    same_as_grace: 60s\n"},
	{"every option of a check",
	 "targets: [{name: a b, check: fake_file, path: ../a.html, text: 'it''s \"x\"', "
	 "pattern: 'a\\(\"b',\n"
	 "choice: last, flag: true, seconds: 12h30m, millis: 5ms, bytes: 1000, tally: 3,\n"
	 "threshold: \"@10:20\", texts: [yes, \"\\u00e4\\n\", '{}', '- x', a], colours: red,\n"
	 "pairs: {a: '1', b: \"\\u202e\", c: \"\\U0001F600\", d: \"\\e\\ufeff\"}, states: "
	 "{expired: critical}, secret: " CANARY "}]",
	 DAEMON
	 "targets:\n  - name: \"a b\"\n    check: fake_file\n    path: /srv/../a.html\n"
	 "    text: 'it''s \"x\"'\n    pattern: 'a\\(\"b'\n    choice: last\n    flag: true\n"
	 "    seconds: 750m\n    millis: 5ms\n    bytes: 1000\n    tally: 3\n    threshold: "
	 "\"@10:20\"\n"
	 "    texts: [\"yes\", \"\xc3\xa4\\n\", \"{}\", \"- x\", a]\n    colours: [red]\n"
	 "    pairs: {a: \"1\", b: \"\\u202E\", c: \"\\U0001F600\", d: \"\\u001B\\uFEFF\"}\n"
	 "    states: {expired: critical}\n    secret: \"(hidden)\"\n" TARGET_DEFAULTS},
	{"options of a target",
	 "keys: {e: {secret: {env_file: .env, name: A_1}}, k: {secret: {env: A}}, k2: {secret: "
	 "{file: x}, issuer: dev key}, k3: {secret: "
	 "{credential: c}}}\n"
	 "targets: [{" PAGE
	 ", timeout: 4m, enabled: false, severity: {expired: unknown}, labels: {a: b},\n"
	 "runbook: 'https://wiki/x?y#z', warning: 20%, critical: 5%, key: [k, k2], issuer: i, "
	 "audience: '',\n"
	 "subject: s, room: 123, identity: user1, min_lifetime: 20h, max_lifetime: 7d, leeway: "
	 "0s,\n"
	 "forbid_grants: [roomAdmin, roomCreate]}]",
	 "keys:\n  e:\n    secret: {env_file: /srv/.env, name: A_1}\n"
	 "  k:\n    secret: {env: A}\n  k2:\n    issuer: \"dev key\"\n    secret: "
	 "{file: /srv/x}\n"
	 "  k3:\n    secret: {credential: c}\n\n" DAEMON
	 "targets:\n  - name: page\n    check: fake_file\n    path: /p\n    choice: first\n"
	 "    flag: false\n    millis: 10s\n    bytes: 16MiB\n    timeout: 240s\n    interval: "
	 "300s\n    attempts: 3\n    enabled: "
	 "false\n"
	 "    severity: {expired: unknown}\n    labels: {a: b}\n    runbook: "
	 "\"https://wiki/x?y#z\"\n"
	 "    certificate_warning: 14d\n    certificate_critical: 1d\n    warning: \"20%\"\n   "
	 " critical: \"5%\"\n    key: [k, k2]\n    issuer: i\n    "
	 "audience: \"\"\n"
	 "    subject: s\n    room: \"123\"\n    identity: user1\n    min_lifetime: 20h\n    "
	 "max_lifetime: 7d\n"
	 "    leeway: 0s\n    forbid_grants: [roomAdmin, roomCreate]\n"
	 "    same_as_grace: 60s\n"},
	{"what only escapes can say",
	 "targets: [{name: a, check: fake_file, path: /p, text: \"\\n\\\"\\\\\\t\"}]",
	 DAEMON "targets:\n  - name: a\n    check: fake_file\n    path: /p\n"
		"    text: \"\\n\\\"\\\\\\u0009\"\n    choice: first\n"
		"    flag: false\n    millis: 10s\n    bytes: 16MiB\n" TARGET_DEFAULTS},
	{"aliases",
	 "defaults: {labels: &l {team: a}}\ntargets: [{" PAGE
	 ", labels: *l, room: &r test, identity: *r}]\n",
	 DAEMON
	 "targets:\n  - name: page\n    check: fake_file\n    path: /p\n    choice: first\n"
	 "    flag: false\n    millis: 10s\n    bytes: 16MiB\n    timeout: 10s\n    interval: "
	 "300s\n    attempts: 3\n    enabled: "
	 "true\n"
	 "    labels: {team: a}\n    certificate_warning: 14d\n    certificate_critical: 1d\n  "
	 "  warning: \"min(1h, 20%)\"\n    critical: \"min(10m, "
	 "5%)\"\n"
	 "    room: test\n    identity: test\n    leeway: 60s\n    same_as_grace: 60s\n"},
	{"what a request is made of",
	 "targets: [{" PAGE ", url: 'https://u:p@host/a?b=c', content: '{\"a\": 1}',\n"
	 "headers: {Accept: x, X-Key: {file: k}}}]",
	 DAEMON
	 "targets:\n  - name: page\n    check: fake_file\n    path: /p\n    choice: first\n"
	 "    flag: false\n    millis: 10s\n    bytes: 16MiB\n    content: \"(hidden)\"\n"
	 "    headers: {Accept: \"(hidden)\", X-Key: {file: /srv/k}}\n"
	 "    url: \"https://***@host/a?b=***\"\n" TARGET_DEFAULTS},
	{"plain secrets",
	 "keys: {a: {secret: " CANARY "}, b: {issuer: x, secret: \"" TOKEN
	 "\"}}\ntargets: []\n",
	 "keys:\n  a:\n    secret: \"(hidden)\"\n  b:\n    issuer: x\n    secret: "
	 "\"(hidden)\"\n\n" DAEMON "targets: []\n"},
};

static const char utf16[] = "\xff\xfet\0a\0r\0g\0e\0t\0s\0:\0 \0[\0]\0";

static void writes(void **state)
{
	const struct write_row *row = *state;
	struct jw_str yaml =
		row->yaml ? jw_str_of(row->yaml) : (struct jw_str){utf16, sizeof(utf16) - 1};
	struct jw_errors errors = {0};
	struct jw_config *config =
		jw_config_read(yaml, "c.yaml", "/srv", NULL, INT64_MAX, &errors);
	jw_autobuf struct jw_buf first = JW_BUF(1 << 20);
	jw_autobuf struct jw_buf second = JW_BUF(1 << 20);
	bool has_plain_secrets;

	if (!config)
		fail_msg("%s", errors.text.ptr);
	assert_int_equal(errors.count, 0);
	jw_config_write(config, &first);
	no_canary(first.ptr);
	assert_string_equal(first.ptr, row->written);
	has_plain_secrets = strstr(first.ptr, "(hidden)");
	jw_config_free(config);
	config = jw_config_read(jw_buf_get(&first), "c.yaml", "/srv", NULL, INT64_MAX, &errors);
	if (has_plain_secrets) {
		/* Else it would mean something else: a secret of eight letters. */
		assert_null(config);
		assert_non_null(
			strstr(errors.text.ptr, "is (hidden), as jwtwatch config prints it"));
		jw_buf_done(&errors.text);
		return;
	}
	if (!config)
		fail_msg("%s", errors.text.ptr);
	jw_config_write(config, &second);
	assert_string_equal(second.ptr, first.ptr);
	jw_config_free(config);
}

static struct jw_config *read_well(const char *yaml)
{
	struct jw_errors errors = {0};
	struct jw_config *config =
		jw_config_read(jw_str_of(yaml), "c.yaml", "/srv", NULL, INT64_MAX, &errors);

	if (!config)
		fail_msg("%s", errors.text.ptr);
	return config;
}

static void targets_are_filled(void **state)
{
	struct jw_config *config =
		read_well("defaults: {timeout: 5s, leeway: 0s}\n"
			  "keys: {lk: {issuer: devkey, secret: {env: S}}}\n"
			  "targets:\n"
			  "  - {" PAGE ", key: lk, severity: {expired: warning}}\n"
			  "  - {name: b, check: fake_file, path: '-', timeout: 1ms}\n");
	const struct jw_target *page = &config->targets[0];
	const struct jw_target *b = jw_config_find(config, JW_STR("b"));

	(void)state;
	assert_int_equal(config->target_count, 2);
	assert_ptr_equal(b, &config->targets[1]);
	assert_null(jw_config_find(config, JW_STR("pag")));
	assert_string_equal(page->name, "page");
	assert_ptr_equal(page->check, &fake_check);
	assert_int_equal(page->timeout, 5000);
	assert_int_equal(b->timeout, 1);
	assert_true(page->enabled);
	assert_int_equal(page->expect.leeway, 0);
	assert_int_equal(page->expect.warning.seconds, 3600);
	assert_int_equal(page->expect.warning.share, 20000);
	assert_int_equal(page->expect.critical.seconds, 600);
	assert_int_equal(page->expect.severity[JW_EXPIRED], JW_STATE_WARNING);
	assert_null(b->expect.severity);
	assert_string_equal(page->key[0], "lk");
	assert_null(page->key[1]);
	assert_null(b->key);
	assert_string_equal(page->file, "c.yaml");
	assert_int_equal(page->line, 4);
	assert_true(((const struct fake *)page->config)->prepared);
	assert_string_equal(((const struct fake *)b->config)->path, "-");
	assert_string_equal(config->keys[0].issuer, "devkey");
	assert_int_equal(config->keys[0].secret->kind, JW_SECRET_ENV);
	assert_false(config->has_plain_secrets);
	jw_config_free(config);
}

static void plain_secrets_are_known(void **state)
{
	struct jw_config *config = read_well("keys: {a: {secret: {env: S}}, b: {secret: " CANARY
					     "}}\ntargets: []\n");

	(void)state;
	assert_true(config->has_plain_secrets);
	assert_string_equal(config->keys[1].secret->value, CANARY);
	jw_config_free(config);
}

static void secrets_of_requests_are_known(void **state)
{
	static const struct {
		const char *option;
		bool is_plain;
	} cases[] = {
		{"headers: {Accept: text/html}", false},
		{"headers: {Authorization: {env: A}}", false},
		{"headers: {Accept: x, Authorization: " CANARY "}", true},
		{"headers: {x-api-key: " CANARY "}", true},
		{"url: 'http://host/?token=x'", false},
		{"url: 'http://user:" CANARY "@host/'", true},
		{"content: '{}'", false},
		{"content: '{\"Password\": \"x\"}'", true},
		{"content: {env: PASSWORD}", false},
		{"secret: " CANARY, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		jw_autobuf struct jw_buf yaml = JW_BUF(1024);
		jw_autobuf struct jw_buf written = JW_BUF(4096);
		struct jw_config *config;

		jw_buf_printf(&yaml, "targets: [{" PAGE ", %s}]", cases[i].option);
		config = read_well(yaml.ptr);
		if (config->has_plain_secrets != cases[i].is_plain)
			fail_msg("%zu", i);
		jw_config_write(config, &written);
		no_canary(written.ptr);
		jw_config_free(config);
	}
}

static void thousands_of_targets(void **state)
{
	enum { COUNT = 3000 };
	jw_autobuf struct jw_buf yaml = JW_BUF(1 << 20);
	struct jw_errors errors = {0};
	struct jw_config *config;

	(void)state;
	jw_buf_text(&yaml, "targets:\n");
	for (int i = 0; i < COUNT; i++)
		jw_buf_printf(
			&yaml,
			"  - {name: t%d, check: fake_file, path: /p%d, pattern: 'a(b)'}\n", i,
			i);
	config = jw_config_read(jw_buf_get(&yaml), "c.yaml", "/srv", NULL, INT64_MAX, &errors);
	assert_non_null(config);
	assert_int_equal(config->target_count, COUNT);
	assert_string_equal(((struct fake *)config->targets[2999].config)->path, "/p2999");
	/* One more still fits, although the array was sized for those that were read. */
	for (int i = 0; i < COUNT; i++)
		assert_string_equal(jw_config_add(config, &fake_check, "more")->name, "more");
	assert_int_equal(config->target_count, 2 * COUNT);
	assert_string_equal(config->targets[2999].name, "t2999");
	jw_config_free(config);
}

static void a_peer_is_found(void **state)
{
	struct jw_errors errors = {0};
	struct jw_config *config = jw_config_read(
		JW_STR("targets:\n- {name: b, check: fake_file, path: /q, same_as: page}\n- "
		       "{" PAGE "}\n- {name: c, check: fake_file, path: /q, same_as: page, "
		       "enabled: false}\n"),
		"c.yaml", "/srv", NULL, INT64_MAX, &errors);

	(void)state;
	assert_non_null(config);
	assert_ptr_equal(config->targets[0].peer, &config->targets[1]);
	assert_ptr_equal(config->targets[2].peer, &config->targets[1]);
	assert_null(config->targets[1].peer);
	assert_true(config->targets[0].expect.has_peer);
	assert_false(config->targets[1].expect.has_peer);
	assert_int_equal(config->targets[0].expect.same_as_grace, 60);
	assert_false(config->targets[0].expect.mints);
	jw_config_free(config);
}

static void errors_end_after_a_hundred(void **state)
{
	jw_autobuf struct jw_buf yaml = JW_BUF(1 << 20);
	struct jw_errors errors = {0};
	size_t lines = 0;

	(void)state;
	jw_buf_text(&yaml, "targets:\n");
	for (int i = 0; i < 150; i++)
		jw_buf_text(&yaml, "  - {}\n");
	assert_null(
		jw_config_read(jw_buf_get(&yaml), "c.yaml", "/srv", NULL, INT64_MAX, &errors));
	for (const char *c = errors.text.ptr; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, JW_ERRORS_MAX + 1);
	assert_true(strstr(errors.text.ptr, "c.yaml: and more\n") ==
		    errors.text.ptr + errors.text.len - strlen("c.yaml: and more\n"));
	/* Nothing more is added, but a bad configuration stays a bad one. */
	assert_null(jw_config_read(JW_STR("a"), "c.yaml", "/srv", NULL, INT64_MAX, &errors));
	jw_buf_done(&errors.text);
}

static void size_is_limited(void **state)
{
	struct jw_errors errors = {0};
	jw_autofree char *text = jw_xcalloc(1, JW_YAML_BYTES_MAX + 1);

	(void)state;
	memset(text, '#', JW_YAML_BYTES_MAX + 1);
	assert_null(jw_config_read((struct jw_str){text, JW_YAML_BYTES_MAX + 1}, "c.yaml", "",
				   NULL, INT64_MAX, &errors));
	assert_string_equal(errors.text.ptr, "c.yaml: is larger than 16 MiB\n");
	jw_buf_done(&errors.text);
}

/* One option after another on the command line. */
struct argument_row {
	const char *name;
	const char *arguments[6]; /* option, value, option, value */
	const char *says;	  /* NULL: all is well */
};

static const struct argument_row argument_rows[] = {
	{"argument: path", {"path", "/p"}, NULL},
	{"argument: with a dash", {"path", "/p", "min-lifetime", "1h"}, NULL},
	{"argument: with an underscore", {"path", "/p", "min_lifetime", "1h"}, NULL},
	{"argument: name", {"path", "/p", "name", "page"}, NULL},
	{"argument: name with a newline",
	 {"path", "/p", "name", "a\nb"},
	 "--name: holds characters that can't be shown"},
	{"argument: no path", {"timeout", "1s"}, "--path: is required: the page"},
	{"argument: path is empty", {"path", ""}, "--path: is empty"},
	{"argument: too long a lifetime",
	 {"max_lifetime", "3651d"},
	 "--max-lifetime: 3651d is more than 3650d"},
	{"argument: label", {"path", "/p", "labels", "a=b", "labels", "c=d"}, NULL},
	{"argument: label without a value",
	 {"path", "/p", "labels", "a"},
	 "--labels: \"a\" has no =: write name=value"},
	{"argument: grants",
	 {"path", "/p", "forbid-grants", "roomAdmin", "forbid-grants", "roomCreate"},
	 NULL},
	{"argument: no grant at all", {"path", "/p", "forbid-grants", ""}, NULL},
	{"argument: no such grant",
	 {"forbid-grants", "x"},
	 "--forbid-grants: \"x\" is unknown"},
	{"argument: thresholds in order",
	 {"path", "/p", "warning", "2h", "critical", "1h"},
	 NULL},
	{"argument: thresholds out of order",
	 {"path", "/p", "warning", "1h", "critical", "2h"},
	 "--warning: "},
	{"argument: equal lifetimes",
	 {"path", "/p", "min-lifetime", "1d", "max-lifetime", "1d"},
	 NULL},
	{"argument: lifetimes out of order",
	 {"path", "/p", "min-lifetime", "2d", "max-lifetime", "1d"},
	 "--min-lifetime: min_lifetime (2d) is more than max_lifetime (1d)"},
	{"argument: no such key",
	 {"path", "/p", "key", "lk"},
	 "--key: no key is called \"lk\": there are no keys at all"},
	{"argument: the check refuses",
	 {"path", "/refused"},
	 "--max-size: doesn't go with that path"},
	{"argument: secret", {"secret", CANARY}, "--secret: write env:NAME"},
	{"argument: token", {"timeout", "9"}, "--timeout: \"9\" has no unit"},
};

static enum jw_cause set_all(struct jw_config *config, const char *const *arguments,
			     struct jw_err *err)
{
	struct jw_target *target = jw_config_add(config, &fake_check, "ad-hoc");
	enum jw_cause cause = JW_OK;

	for (size_t i = 0; !cause && i < 6 && arguments[i]; i += 2) {
		const struct jw_option *option =
			jw_config_option(&fake_check, jw_str_of(arguments[i]));

		assert_non_null(option);
		cause = jw_config_set(config, target, option, jw_str_of(arguments[i + 1]), err);
	}
	return cause ? cause : jw_config_finish(config, target, err);
}

static void takes_arguments(void **state)
{
	const struct argument_row *row = *state;
	struct jw_config *config = jw_config_new();
	struct jw_err err = {0};
	enum jw_cause cause = set_all(config, row->arguments, &err);

	no_canary(err.text);
	if (row->says) {
		assert_int_equal(cause, JW_CONFIG);
		assert_int_equal(err.cause, JW_CONFIG);
		if (strncmp(err.text, row->says, strlen(row->says)) != 0)
			fail_msg("says: %s", err.text);
	} else if (cause) {
		fail_msg("says: %s", err.text);
	}
	jw_config_free(config);
}

static void arguments_fill_a_target(void **state)
{
	static const char *const arguments[6] = {"labels", "a=b", "labels", "c=d", "path", "p"};
	struct jw_config *config = jw_config_new();
	struct jw_err err;
	const struct jw_target *target;

	(void)state;
	assert_int_equal(set_all(config, arguments, &err), JW_OK);
	target = jw_config_find(config, JW_STR("ad-hoc"));
	assert_non_null(target);
	assert_string_equal(target->labels[1].value, "d");
	assert_null(target->labels[2].name);
	assert_string_equal(((struct fake *)target->config)->path, "p");
	assert_true(((struct fake *)target->config)->prepared);
	assert_int_equal(target->timeout, 10000);
	assert_int_equal(target->expect.leeway, 60);
	assert_null(target->file);
	jw_config_free(config);
}

static void options_are_found(void **state)
{
	(void)state;
	assert_ptr_equal(jw_config_option(&fake_check, JW_STR("path")), &fake_options[0]);
	assert_string_equal(jw_config_option(&fake_check, JW_STR("forbid-grants"))->name,
			    "forbid_grants");
	assert_null(jw_config_option(&fake_check, JW_STR("check")));
	assert_null(jw_config_option(&fake_check, JW_STR("forbid-grant")));
	assert_null(jw_config_option(&fake_check, JW_STR("forbid-grantss")));
	assert_null(jw_config_option(&fake_check, JW_STR("")));
}

int main(void)
{
	JW_ROWS(error_rows, reports);
	JW_ROWS(write_rows, writes);
	JW_ROWS(argument_rows, takes_arguments);
	JW_TEST(targets_are_filled);
	JW_TEST(plain_secrets_are_known);
	JW_TEST(secrets_of_requests_are_known);
	JW_TEST(thousands_of_targets);
	JW_TEST(a_peer_is_found);
	JW_TEST(errors_end_after_a_hundred);
	JW_TEST(size_is_limited);
	JW_TEST(arguments_fill_a_target);
	JW_TEST(options_are_found);
	return rows_run();
}
