#!/bin/sh
# SPDX-License-Identifier: MIT
# Results sent to sinks: stand-ins for Icinga's API and NRDP (NRDP itself is no package of Debian) that give every answer
# which the real ones gave, and a named pipe for Nagios. The real Icinga and Nagios are for tests/passive.sh.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"

cd "$work" || exit 1
# shellcheck source=tests/certificates.sh
. "$top_srcdir/tests/certificates.sh"
make_secret secret
page good.html "$(token '{}')"
page ending.html "$(token '{"exp": "@+1800", "iat": "@-84600"}')"
page ended.html "$(token '{"exp": "@-7200", "iat": "@-93600"}')"

# What the stand-ins want is a canary: it mustn't be seen but where it is meant to be.
mkdir birds shown
"$python" "$top_srcdir/tests/canary.py" make birds
cp birds/secret birds/password
cp birds/secret birds/token
: > log
start tls "$python" "$top_srcdir/tests/fake_sinks.py" log birds good.pem good.key
tls=127.0.0.1:$said
start clients "$python" "$top_srcdir/tests/fake_sinks.py" log birds good.pem good.key authority.pem
clients=127.0.0.1:$said
start plain "$python" "$top_srcdir/tests/fake_sinks.py" log birds
plain=127.0.0.1:$said
# The system takes the connections, and nobody ever answers.
cat > silent.py << 'END'
import socket
import sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
END
start silent "$python" silent.py
hang=127.0.0.1:$said
start_livekit dead --mode dead
dead=127.0.0.1:$said
mkfifo nagios.cmd unread.cmd
: > regular.cmd

tcp="type: icinga, host: h"
icinga="$tcp, url: 'https://$tls', ca_file: authority.pem"
login="user: jwtwatch, password: {file: birds/password}"
nrdp="type: nrdp, host: h"
known="token: {file: birds/token}"
hook="type: webhook, url: 'http://$plain/hook"
# In a URL, and as a word.
bird=$("$python" -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1], safe=""))' "$(cat birds/secret)")
cat > jwtwatch.yaml << END
sinks:
  icinga: {$icinga, $login}
  icinga-path: {$tcp, $login, ca_file: authority.pem, url: 'https://$tls/v1'}
  wrong-password: {$icinga, user: jwtwatch, password: wrong}
  certificate: {$tcp, ca_file: authority.pem, url: 'https://$clients', client_certificate: client.both.pem}
  no-authority: {$tcp, $login, url: 'https://$tls'}
  other-authority: {$tcp, $login, url: 'https://$tls', ca_file: self-signed.pem}
  other-name: {$icinga, $login, server_name: voice.example.org}
  plain-http: {$tcp, $login, ca_file: authority.pem, url: 'https://$plain'}
  dead: {$tcp, $login, ca_file: authority.pem, url: 'https://$dead'}
  hang: {$tcp, $login, ca_file: authority.pem, url: 'https://$hang', timeout: 300ms}
  no-icinga: {$tcp, $login, ca_file: authority.pem, url: 'https://$tls/elsewhere'}
  nrdp: {$nrdp, $known, url: 'https://$tls/nrdp/', ca_file: authority.pem}
  nrdp-plain: {$nrdp, $known, url: 'http://$plain/nrdp/'}
  nrdp-wrong: {$nrdp, url: 'http://$plain/nrdp/', token: {file: secret}}
  nrdp-redirect: {$nrdp, $known, url: 'http://$plain/nrdp'}
  nrdp-elsewhere: {$nrdp, $known, url: 'http://$plain/'}
  nrdp-missing: {$nrdp, url: 'http://$plain/nrdp/', token: {file: no-such-token}}
  nagios: {type: command_file, path: nagios.cmd, host: h, service: 'JWT \$name\$'}
  nagios-down: {type: command_file, path: unread.cmd}
  nagios-absent: {type: command_file, path: no-such.cmd}
  nagios-regular: {type: command_file, path: regular.cmd}
  hook: {$hook/200/$bird?key=$bird', headers: {X-Key: {file: birds/token}}}
  hook-tls: {type: webhook, url: 'https://$tls/hook/204', ca_file: authority.pem}
  hook-refused: {$hook/403/$bird', headers: {X-Key: {file: birds/token}}}
  hook-busy: {$hook/503/$bird', headers: {X-Key: {file: birds/token}}}
  hook-redirect: {$hook/302/$bird'}
  hook-missing: {$hook/200', headers: {X-Key: {file: no-such-key}}}
  hook-dead: {type: webhook, url: 'http://$dead/hook/200/$bird'}
  hook-hang: {type: webhook, url: 'http://$hang/hook/200/$bird', timeout: 300ms}
  program: {type: command, command: [sh, -c, 'cat > told; env | grep ^JWTWATCH_ > told.env; printf %s "\$KEY" > told.key; pwd', $bird],
    env: {KEY: {file: birds/token}}}
  program-fails: {type: command, command: [sh, -c, 'echo "no key \$KEY, no word \$0" >&2; exit 4', $bird],
    env: {KEY: {file: birds/token}}}
  program-later: {type: command, command: [sh, -c, 'exit 75']}
  program-unread: {type: command, command: ['true']}
  program-absent: {type: command, command: [./no-such-program, $bird]}
  program-hangs: {type: command, command: [sh, -c, 'sleep 1000 & echo \$! > hung; wait'], timeout: 300ms}
  page: {type: textfile, path: metrics.prom}
  page-nowhere: {type: textfile, path: no-such-folder/metrics.prom}
targets:
  - {name: good, check: html_file, path: good.html}
END
sed '/^targets:/q' jwtwatch.yaml > three.yaml
cat >> three.yaml << END
  - {name: good, check: html_file, path: good.html}
  - {name: ending, check: html_file, path: ending.html}
  - {name: ended, check: html_file, path: ended.html}
END

# Each word that the stand-ins know is a target here, since sink test takes no other name.
cp three.yaml try.yaml
for word in page page2 unknown filter dropped partly required disabled newer inactive echo none; do
	echo "  - {name: $word, check: html_file, path: good.html}" >> try.yaml
done
cat > one.yaml << END
sinks:
  unknown: {$icinga, $login, service: unknown}
  wrong-password: {$icinga, user: jwtwatch, password: wrong}
targets:
  - {name: good, check: html_file, path: good.html}
END

# What is shown is kept, to be looked through at the end.
keep()
{
	cat "$work/out" "$work/err" > "$(mktemp shown/XXXXXX)"
}

# NAME CODE TEXT SINK [TARGET]: sink test ends with this exit code and says this.
tested()
{
	row=$1
	code=$2
	text=$3
	shift 3
	run "$JWTWATCH" sink test -f try.yaml "$@"
	keep
	is "$row" "exit code $code, 0 bytes of errors" "exit code $status, $(wc -c < "$work/err") bytes of errors"
	says "... and says why" "$text" "$work/out"
}

# NAME CODE TEXT SERVICE: the same of Icinga's answer to this service, which a check takes for a failure too.
icinga_says()
{
	tested "icinga: $1" "$2" "$3" icinga "$4"
}

icinga_says taken 0 "host \"h\": taken" page
says "... in its own words" '"Successfully processed check result for object' "$work/out"
icinga_says "unknown service or no permission" 1 "lacks the permission actions/process-check-result" unknown
icinga_says "empty list of results" 1 "took no result (500, and an empty list of results)" filter
icinga_says "200, but dropped" 1 "took no result (200, and an empty list of results)" dropped
icinga_says "200, but not its one result" 1 "doesn't have this service active (503)" partly
icinga_says "missing parameter" 1 "(400): \"Parameter 'plugin_output' is required\"" required
icinga_says "passive results switched off" 1 "enable_passive_checks is off" disabled
icinga_says "newer result" 1 "has a newer result for this service already (409)" newer
icinga_says "inactive" 1 "doesn't have this service active (503)" inactive
icinga_says "words with our secret" 1 "what it says repeats our secret and isn't shown" echo
tested "icinga: bad password" 1 "doesn't know this user with this password (401)" wrong-password
tested "icinga: unlisted action" 1 "knows no such action (404)" icinga-path
tested "icinga: something else answers" 1 "HTTP status 404 and no JSON" no-icinga
tested "icinga: a client certificate" 0 taken certificate
tested "icinga: the system's authorities" 3 "name its ca.crt by ca_file" no-authority
tested "icinga: another authority" 3 "is signed by an authority that isn't" other-authority
tested "icinga: another name" 3 voice.example.org other-name
tested "icinga: plain HTTP there" 3 "doesn't speak TLS" plain-http
tested "icinga: nobody there" 3 "refuses the connection" dead
tested "icinga: no answer" 3 "finish in time" hang
tested "nrdp: taken" 0 '"1 checks processed"' nrdp
tested "nrdp: taken, without TLS" 0 "whether Nagios has this host and service, NRDP doesn't say" nrdp-plain page2
tested "nrdp: bad token" 1 "doesn't know the token (BAD TOKEN)" nrdp-wrong
tested "nrdp: words with our token" 1 "repeats our secret and isn't shown" nrdp echo
tested "nrdp: no result taken" 1 "none of its results" nrdp none
tested "nrdp: a page" 1 "not in NRDP's words" nrdp page
tested "nrdp: a redirect" 1 "a redirect (HTTP status 301)" nrdp-redirect
tested "nrdp: not there" 1 "HTTP status 404 and not in NRDP's words" nrdp-elsewhere
tested "nrdp: the token is missing" 3 "no such file" nrdp-missing
tested "command file: nobody reads" 3 "nobody reads this pipe" nagios-down
tested "command file: absent" 3 "no such pipe" nagios-absent
tested "command file: a regular file" 3 "is a regular file, not a pipe" nagios-regular
is "... which stays as it was" 0 "$(wc -c < regular.cmd)"
holds "... and none is made" test ! -e no-such.cmd
exec 8<> nagios.cmd

# The next line of the pipe, without its time; nothing where none comes.
next_line()
{
	timeout 10 sh -c 'IFS= read -r line && printf "%s\n" "${line#* }"' <&8
}

tested "command file: written" 0 "written; Nagios doesn't answer" nagios good
is "... a line" 'PROCESS_SERVICE_CHECK_RESULT;h;JWT good;3;JWTWATCH UNKNOWN: a test (jwtwatch sink test): results get here; the next one takes its place' \
	"$(next_line)"
tested "webhook: taken" 0 'UNKNOWN for target "good": taken' hook good
says "... and only the origin is shown" "  http://$plain/...: taken (HTTP status 200)" "$work/out"
tested "webhook: by TLS" 0 "taken (HTTP status 204)" hook-tls
tested "webhook: refused" 1 "(HTTP status 403): does url, or one of headers, prove who asks?" hook-refused
tested "webhook: busy" 3 "can't take it now (HTTP status 503)" hook-busy
tested "webhook: a redirect" 1 "a redirect (HTTP status 302)" hook-redirect
tested "webhook: a secret is missing" 3 "header X-Key: file " hook-missing
tested "webhook: nobody there" 3 "refuses the connection" hook-dead
tested "webhook: no answer" 3 "in time" hook-hang
tested "command: taken" 0 "exit status 0" program
tested "command: refused" 1 "exit status 4: no key ***" program-fails
tested "command: not now" 3 "exit status 75, and nothing on standard error" program-later
tested "command: it reads nothing" 0 "exit status 0" program-unread
tested "command: absent" 3 "./no-such-program: " program-absent
tested "command: hangs" 3 "300 ms" program-hangs
holds "... and is ended, with what it started" sh -c "! grep -qs '^State:[[:space:]]*[^ZX[:space:]]' /proc/$(cat hung)/status"
run "$JWTWATCH" sink test -f try.yaml page
is "textfile: a test has nothing to put there" "3 0" "$status $(wc -c < "$work/out")"
says "... which is told" "write jwtwatch check --sink page" "$work/err"
holds "... and nothing is" test ! -e metrics.prom
run "$JWTWATCH" sink test -f jwtwatch.yaml icinag
is "an unknown sink" 3 "$status"
says "... the nearest is named" 'did you mean icinga?' "$work/err"
run "$JWTWATCH" sink tets icinga -f jwtwatch.yaml
is "an unknown word" 3 "$status"
run "$JWTWATCH" sink test -f jwtwatch.yaml
is "no sink named" 3 "$status"

# FILE WORD: of the requests in it, in Python.
asked()
{
	"$python" - "$@" << 'END'
import json
import sys
from urllib.parse import parse_qs
with open(sys.argv[1], encoding="utf-8") as file:
    seen = [json.loads(line) for line in file]
found = []
for request in seen:
    if request["path"].startswith("/hook/"):
        body = json.loads(request["body"])
        found.append(f"{body['target']} {body['state']} {body['cause']}")
    elif request["path"] == "/nrdp/":
        result = json.loads(parse_qs(request["body"])["json"][0])["checkresults"][0]
        found.append(f"{result['hostname']}!{result['servicename']} {result['state']}")
    else:
        body = json.loads(request["body"])
        found.append(f"{body['service']} {body['exit_status']}")
print(*sorted(found), sep=", ")
END
}

# Nobody looked at the target: what is sent of it is UNKNOWN, and of nothing that is no target.
: > log
run "$JWTWATCH" sink test icinga -f jwtwatch.yaml
run "$JWTWATCH" sink test icinga good -f jwtwatch.yaml
is "sink test makes up a service, or takes a target's" "h!good 3, h!jwtwatch-test 3" "$(asked log)"
: > log
run "$JWTWATCH" sink test icinga goof -f jwtwatch.yaml
is "a target that isn't there" "3 0" "$status $(wc -l < log)"
says "... the nearest is named" 'no target is called "goof", did you mean good?' "$work/err"
run "$JWTWATCH" sink test unknown -f one.yaml
is "the made-up service is told of where it is unknown" "1 1" "$status $(grep -c 'The service is made up' "$work/out")"
run "$JWTWATCH" sink test wrong-password -f one.yaml
is "... and where that isn't why, not" "1 0" "$status $(grep -c 'The service is made up' "$work/out")"

# COMMAND... of check: its exit code, state and sinks.
checked()
{
	run "$JWTWATCH" check -o json "$@"
	keep
	"$python" - "$work/out" "$status" << 'END'
import json
import sys
with open(sys.argv[1], encoding="utf-8") as file:
    root = json.load(file)
sinks = [f"{s['name']} {s['state']} {s['cause']} at {s['at']} {len(s['findings'])}" for s in root.get("sinks", [])]
print(f"{sys.argv[2]} {root['state']} {root['exit_code']}", *sinks, sep=", ")
END
}

: > log
is "check: one result, taken" "0 OK 0" "$(checked -f jwtwatch.yaml --sink icinga --sink nrdp --sink icinga)"
is "... once by each" "h!good 0, h!good 0" "$(asked log)"
: > log
is "check: three results, taken" "2 CRITICAL 2" "$(checked -f three.yaml --sink icinga --sink nrdp --sink nagios)"
is "... every one" "h!ended 2, h!ended 2, h!ending 1, h!ending 1, h!good 0, h!good 0" "$(asked log)"
for name in good:0 ending:1 ended:2; do
	next_line > line
	says "... by the pipe too: ${name%:*}" "PROCESS_SERVICE_CHECK_RESULT;h;JWT ${name%:*};${name#*:};JWTWATCH " line
	says "... with its performance data" "|'left'=" line
done
exec 8>&-
is "check: refused by a sink, one result" "3 UNKNOWN 3, wrong-password UNKNOWN sink_failed at sink 1" \
	"$(checked -f jwtwatch.yaml --sink wrong-password)"
is "check: WARNING and a sink that fails" "3 UNKNOWN 3, nagios-down UNKNOWN sink_failed at sink 1" \
	"$(checked -f three.yaml good ending --sink nagios-down)"
is "check: CRITICAL stays so" "2 CRITICAL 2, dead UNKNOWN sink_failed at sink 1" \
	"$(checked -f three.yaml --sink dead --sink nrdp)"
is "check: a secret is missing" "3 UNKNOWN 3, nrdp-missing UNKNOWN secret_missing at sink 1" \
	"$(checked -f jwtwatch.yaml --sink nrdp-missing)"
is "check: no such sink" "3 UNKNOWN 3, other UNKNOWN config at sink 1" "$(checked -f jwtwatch.yaml --sink other)"
began=$(date +%s)
is "check: a sink that hangs ends with -t" "3 UNKNOWN 3, hang UNKNOWN sink_failed at sink 1" \
	"$(sed 's/timeout: 300ms/timeout: 60s/' jwtwatch.yaml > slow.yaml; checked -f slow.yaml -t 2s --sink hang)"
says "... and says so" "the whole run's time (-t) was up" "$work/out"
holds "... in time" test $(($(date +%s) - began)) -le 10
run "$JWTWATCH" check -f jwtwatch.yaml --sink icinga --at +1d
is "never with --at" 3 "$status"
says "... which is told" "--at asks about another moment" "$work/err"
says "... and who gets nothing" "; nothing was sent to sink icinga (see:" "$work/err"
run "$JWTWATCH" check -f jwtwatch.yaml -o nagios --sink icinga --sink nrdp --sink icinga -t soon
is "a command line that is refused" 3 "$status"
says "... with all who get nothing" ", nothing was sent to sink icinga, nothing was sent to sink nrdp" "$work/out"
is "a configuration that can't be used" "3 UNKNOWN 3, icinga UNKNOWN config at sink 1, nrdp UNKNOWN config at sink 1" \
	"$(echo 'more: 1' | cat jwtwatch.yaml - > broken.yaml; checked -f broken.yaml --sink icinga --sink nrdp --sink icinga)"
says "... and nothing is sent" "nothing was sent there, since the configuration can't be used" "$work/out"

# Who is told of changes gets every result here, since nothing is remembered.
: > log
rm -f told told.env told.key
is "check: three to a webhook" "2 CRITICAL 2" "$(checked -f three.yaml --sink hook)"
is "... every one" "ended CRITICAL expired, ending WARNING expiring, good OK ok" "$(asked log)"
is "check: to a program" "2 CRITICAL 2" "$(checked -f three.yaml ended --sink program)"
is "... by its environment" "CRITICAL ended expired" \
	"$(sed -n 's/^JWTWATCH_STATE=//p' told.env) $(sed -n 's/^JWTWATCH_TARGET=//p' told.env) $(sed -n 's/^JWTWATCH_CAUSE=//p' told.env)"
is "... with what it needs" "$(cat birds/token)" "$(cat told.key)"
rm told.key
is "... and by JSON, a line" "1 1 ended CRITICAL expired None {} True True" "$(wc -l < told) $("$python" -c '
import datetime, json
news = json.load(open("told", encoding="utf-8"))
moments = [datetime.datetime.fromisoformat(news[key].replace("Z", "+00:00")) for key in ("expires", "time")]
print(news["version"], news["target"], news["state"], news["cause"], news.get("state_before"), news["labels"],
      moments[0] < moments[1], bool(news["message"] and news["remedy"] and news["machine"]))')"
is "check: a program that refuses" "3 UNKNOWN 3, program-fails UNKNOWN sink_failed at sink 1" \
	"$(checked -f jwtwatch.yaml --sink program-fails)"
is "check: a webhook that is busy" "3 UNKNOWN 3, hook-busy UNKNOWN sink_failed at sink 1" \
	"$(checked -f jwtwatch.yaml --sink hook-busy)"
is "check: a page" "2 CRITICAL 2" "$(umask 077; checked -f three.yaml --sink page)"
is "... that everybody may read" 644 "$(stat -c %a metrics.prom)"
is "... of every target" "ended ending good" "$(sed -n 's/^jwtwatch_target_status{.*target="\([a-z]*\)".*/\1/p' metrics.prom | sort -u | tr '\n' ' ' | sed 's/ $//')"
is "... as -o prometheus has it" "" "$("$JWTWATCH" check -f three.yaml -o prometheus | sed 's/ [^ ]*$//' > page.out; sed 's/ [^ ]*$//' metrics.prom | diff - page.out)"
is "check: a page that can't be written" "3 UNKNOWN 3, page-nowhere UNKNOWN sink_failed at sink 1" \
	"$(checked -f jwtwatch.yaml --sink page-nowhere --sink icinga)"

# In the other formats.
run "$JWTWATCH" check -f jwtwatch.yaml -o nagios --sink dead
keep
is "nagios: exit code 3, nothing on standard error" "3 0" "$status $(wc -c < "$work/err")"
is "nagios: the first line is about the sink, with the target's performance data" 1 \
	"$(head -n 1 "$work/out" | grep -c "^JWTWATCH UNKNOWN: sink dead: sink_failed: https://$dead: .* | 'left'=.* 'share'=")"
is "nagios: the target is below" 1 "$(grep -c '^OK good: ' "$work/out")"
run "$JWTWATCH" check -f three.yaml -o nagios --sink dead
keep
is "nagios: what is worse stays first" "2 1 1" \
	"$status $(head -n 1 "$work/out" | grep -c '^JWTWATCH CRITICAL: 3 targets: .*ended: expired') $(grep -c '^UNKNOWN sink dead: sink_failed: ' "$work/out")"
says "... and how many results it is" "(3 of 3 results, first good)" "$work/out"
run "$JWTWATCH" check -f three.yaml -o nagios --sink dead --sink nagios-down --sink nagios-absent --sink nrdp-missing \
	--sink wrong-password
keep
is "nagios: more sinks than there is room for are counted" "2 3 1" \
	"$status $(grep -c '^UNKNOWN sink ' "$work/out") $(grep -c '^\.\.\. and 2 more of the sinks failed$' "$work/out")"
run "$JWTWATCH" check -f jwtwatch.yaml --sink dead
keep
is "text: exit code" 3 "$status"
says "text: a line" "UNKNOWN   sink dead" "$work/out"
run "$JWTWATCH" check -f jwtwatch.yaml -o prometheus --sink dead
keep
is "prometheus: exit code" 3 "$status"
says "prometheus: on standard error" "sink dead: https://$dead" "$work/err"

# A hundred targets and two sinks, side by side.
sed '/^targets:/q' jwtwatch.yaml > many.yaml
for i in $(seq 100); do
	echo "  - {name: good$i, check: html_file, path: good.html}"
done >> many.yaml
: > log
is "a hundred targets" "0 OK 0" "$(checked -f many.yaml --sink icinga --sink nrdp)"
is "... all of them at both" 200 "$(wc -l < log)"

# One that is dead keeps nothing from the others, and isn't tried for each result.
mkfifo full.cmd
exec 9<> full.cmd
dd if=/dev/zero of=full.cmd oflag=nonblock bs=4096 count=1000 2> /dev/null
sed '/^targets:/i\  full: {type: command_file, path: full.cmd, host: h, timeout: 300ms}' many.yaml > short.yaml
sed 's/timeout: 300ms/timeout: 60s/' short.yaml > long.yaml
for sink in hang full; do
	: > log
	is "a hundred targets, $sink until the end" "3 UNKNOWN 3, $sink UNKNOWN sink_failed at sink 1" \
		"$(checked -f long.yaml --sink $sink --sink icinga -t 4s)"
	is "... and all of them at the other" 100 "$(wc -l < log)"
	: > log
	is "a hundred targets, $sink until it is given up" "3 UNKNOWN 3, $sink UNKNOWN sink_failed at sink 1" \
		"$(checked -f short.yaml --sink $sink --sink icinga)"
	is "... and all of them at the other" 100 "$(wc -l < log)"
	# 32 were begun. Where a slow machine finds several of them over at once, which one is told is chance.
	holds "... and what became of the rest" grep -qE \
		"\(100 of 100 results, first good([1-9]|[12][0-9]|3[0-2]); 68 of them weren't tried any more\)" "$work/out"
done
says "... and why" "the pipe is full" "$work/out"
exec 9>&-
is "a hundred targets, nobody reads" "3 UNKNOWN 3, nagios-down UNKNOWN sink_failed at sink 1" \
	"$(checked -f many.yaml --sink nagios-down)"
says "... and one was enough" "(100 of 100 results, first good1; 99 of them weren't tried any more)" "$work/out"
: > log
is "nothing is sent of what is no target" "3 UNKNOWN 3" "$(checked -f jwtwatch.yaml no-such-target --sink icinga)"
is "... indeed" 0 "$(wc -l < log)"

# The canary: nowhere but in NRDP's field and Icinga's header.
# The configuration itself shows the path of a URL, and what stands behind its question mark not.
sed "s|/$bird||" jwtwatch.yaml > shown.yaml
run "$JWTWATCH" config -f shown.yaml
says "the query of a URL is masked" "/hook/200?key=***" "$work/out"
keep
run "$JWTWATCH" check -f jwtwatch.yaml -v --sink icinga --sink nrdp --sink wrong-password --sink hook --sink hook-refused \
	--sink program --sink program-fails --sink program-absent
keep
cp told told.env shown
"$python" "$top_srcdir/tests/canary.py" seek birds shown/* > leaks
kept=$(find shown -type f | wc -l)
is "no output of $kept holds a piece of a secret" "$kept 0" "$(grep -c ^clean leaks) $(grep -c ^leak leaks)"
"$python" - log birds/secret > meant << 'END'
import base64
import json
import sys
from urllib.parse import quote
secret = open(sys.argv[2], encoding="utf-8").read()
login = base64.b64encode(f"jwtwatch:{secret}".encode()).decode()
found = {"header": 0, "field": 0, "hook": 0}
with open(sys.argv[1], encoding="utf-8") as file, open("rest", "w", encoding="utf-8") as rest:
    for line in file:
        request = json.loads(line)
        if request["headers"].get("Authorization") == f"Basic {login}":
            found["header"] += 1
            request["headers"]["Authorization"] = ""
        if request["body"].startswith(f"token={quote(secret, safe='')}&"):
            found["field"] += 1
            request["body"] = request["body"].split("&", 1)[1]
        if request["headers"].get("X-Key") == secret and quote(secret, safe="") in request["path"]:
            found["hook"] += 1
            request["headers"]["X-Key"] = request["path"] = ""
        rest.write(json.dumps(request))
print(found["header"], found["field"], found["hook"])
END
is "requests have it where it is meant" "1 1 2" "$(cat meant)"
is "... and nowhere else" "clean rest" "$("$python" "$top_srcdir/tests/canary.py" seek birds rest)"
plan
