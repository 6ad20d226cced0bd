#!/bin/sh
# SPDX-License-Identifier: MIT
# What runs in CI: JUnit and workflow commands read as strictly as they may be, --fail-on and -q by exit code and bytes,
# and the workflow and the pipeline of conf/ci, whose commands are executed.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1

# junit|github FILE: what the reader makes of it, or what it finds wrong.
read_as()
{
	/usr/bin/python3 "$top_srcdir/tests/ci_read.py" "$@" 2>&1
}

make_secret secret
page good.html "$(token '{}')"
page soon.html "$(token '{"iat": "@-84000", "nbf": "@-84000", "exp": "@+2400"}')"
page ended.html "$(token '{"iat": "@-93600", "nbf": "@-93600", "exp": "@-7200"}')"
cat > all.yaml << 'YAML'
keys:
  gone: {issuer: devkey, secret: {file: no-secret}}
targets:
  - {name: good, check: html_file, path: good.html}
  - {name: soon, check: html_file, path: soon.html}
  - {name: "ended, at: 100%", check: html_file, path: ended.html, runbook: "https://wiki.example/a"}
  - {name: "unknown <&> \"it\" 's", check: html_file, path: good.html, key: gone}
YAML

# The reader itself

# NAME KIND TEXT: a row: it finds something.
finds()
{
	printf %b "$3" > wrong
	if read_as "$2" wrong > said; then
		not_ok "the reader finds: $1"
	else
		ok "the reader finds: $1"
	fi
}

head='<?xml version="1.0" encoding="UTF-8"?>\n'
suites='name="j" tests="1" failures="0" errors="0" time="0.000"'
case='<properties/><testcase name="a" classname="b" time="0.000"><system-out/></testcase>'
suite="<testsuite $suites skipped=\"0\" timestamp=\"2026-01-01T00:00:00\">$case</testsuite>"
printf %b "$head<testsuites $suites>$suite</testsuites>\n" > right
is "the reader takes a right report" "1 0 0 a b passed -:-" "$(read_as junit right | tr '\n' ' ' | sed 's/ $//')"
finds "no XML" junit "$head<testsuites $suites>"
finds "a control character" junit "$head<testsuites $suites>$(printf %s "$suite" | sed 's/"a"/"\\0001"/')</testsuites>\n"
finds "a count that isn't so" junit "$head<testsuites $suites>$suite$suite</testsuites>\n"
finds "another element" junit "$head<testsuites $suites>$suite<b/></testsuites>\n"
finds "a missing attribute" junit "$head<testsuites $suites>$(printf %s "$suite" | sed 's/ classname="b"//')</testsuites>\n"
finds "another attribute" junit "$head<testsuites $suites>$(printf %s "$suite" | sed 's/ classname/ x="1" classname/')</testsuites>\n"
finds "another level" github '::add-mask title=x::y\n'
finds "a property that isn't escaped" github '::error title=a,b::y\n'
finds "a command of the older form" github 'done ##[add-mask]y\n'
finds "a carriage return" github '::error title=a::y\rz\n'

# Reports

# NAME EXITCODE READING OPTION...: what the reader makes of `check -o junit`, lines joined by "; ".
junit_is()
{
	row=$1
	wanted="$3; exit code $2, 0 bytes of errors"
	shift 3
	run "$JWTWATCH" check -f all.yaml -o junit "$@"
	is "junit: $row" "$wanted" "$(read_as junit out | sed 's/$/;/' | tr '\n' ' ')exit code $status, $(wc -c < err) bytes of errors"
}

case_good='good html_file passed good.html:4'
case_soon='soon html_file failure soon.html:4'
case_ended='ended, at: 100% html_file failure ended.html:4'
# What can't be told has no place in a page: the target's own line.
case_unknown="unknown <&> \"it\" 's html_file error all.yaml:7"
junit_is "one of each" 2 "4 2 1; $case_good; $case_soon; $case_ended; $case_unknown"
junit_is "a WARNING passes with --fail-on critical" 2 \
	"4 1 1; $case_good; soon html_file passed soon.html:4; $case_ended; $case_unknown" --fail-on critical
junit_is "-q changes nothing" 0 "1 0 0; $case_good" -q good
junit_is "an unknown name" 3 "1 0 1; nobody jwtwatch error -:-" nobody
junit_is "a wrong command line" 3 "1 0 1; command line jwtwatch error -:-" --fail-on never
run "$JWTWATCH" check -f none.yaml -o junit
is "junit: no configuration" "1 0 1; configuration jwtwatch error -:-;3" "$(read_as junit out | sed '1s/$/; /' | tr -d '\n');$status"
hostile=$(printf 'a]]><b c="d">&x;\001\033[31m\n\377\302\357\277\276\357\277\277\342\200\256')
run "$JWTWATCH" check -f all.yaml -o junit "$hostile" "$(token '{}')"
is "junit: names that are no text" "2 0 2" "$(read_as junit out | sed -n 1p)"
is "... no token stands in it" 0 "$(grep -c eyJ out)"

# NAME EXITCODE READING OPTION...: the same for `check -o github`.
github_is()
{
	row=$1
	wanted="${3:+$3; }exit code $2, 0 bytes of errors"
	shift 3
	run "$JWTWATCH" check -f all.yaml -o github "$@"
	is "github: $row" "$wanted" \
		"$(read_as github out | sed 's/ | [a-z_]*: .*fix: .*//; s/$/;/' | tr '\n' ' ' | sed 's/^; //')exit code $status, $(wc -c < err) bytes of errors"
}

note_ended='error | ended.html:4 | CRITICAL ended, at: 100%'
note_soon='warning | soon.html:4 | WARNING soon'
note_unknown="error | all.yaml:7 | UNKNOWN unknown <&> \"it\" 's"
github_is "one of each, worst first" 2 \
	"$note_ended; $note_soon; $note_unknown; 4 targets: 1 CRITICAL, 1 WARNING, 1 UNKNOWN, 1 OK"
github_is "all is well" 0 "1 target: 1 OK" good
github_is "... and -q" 0 "" -q good
github_is "an unknown name" 3 "error | -:- | UNKNOWN nobody; 1 target: 1 UNKNOWN" nobody
github_is "a WARNING stays one with --fail-on critical" 0 "$note_soon; 1 target: 1 WARNING" --fail-on critical soon
github_is "a wrong command line" 3 "error | -:- | UNKNOWN command line; 1 target: 1 UNKNOWN" --no-such-option
run "$JWTWATCH" check -f all.yaml -o github "ended, at: 100%"
is "github: the fix and the runbook are lines of their own" 1 "$(read_as github out | grep -c ' / fix: .* / runbook: https://wiki.example/a$')"
run "$JWTWATCH" check -f all.yaml -o github --at +1h good
is "github: simulated says so" 1 "$(read_as github out | grep -c '^notice | -:- | simulated | judged as of 2')"
run "$JWTWATCH" check -f all.yaml -o github "$hostile" "$(token '{}')" "x::error::y" "##[add-mask]z"
is "github: names that are no text" "5 lines" "$(read_as github out | wc -l) lines"
is "... no token stands in it" 0 "$(grep -c eyJ out)"
mkdir -p repository/deep
GITHUB_WORKSPACE=$(pwd -P) run sh -c 'cd repository/deep && exec "$0" check -f "$1" -o github soon' "$JWTWATCH" "$work/all.yaml"
is "github: paths start from the workspace" "file=soon.html,line=4" "$(sed -n 's/^::warning \(.*\),title.*/\1/p' out)"

# -q

run "$JWTWATCH" check -f all.yaml -q good
is "-q: all is OK, so nothing is written" "0 0 0" "$status $(wc -c < out) $(wc -c < err)"
run "$JWTWATCH" html_file --path good.html -q
is "-q: the same for one page" "0 0 0" "$status $(wc -c < out) $(wc -c < err)"
run "$JWTWATCH" html_file --path good.html -q --at +1m
is "-q: the same when simulated" "0 0 0" "$status $(wc -c < out) $(wc -c < err)"
cat > plain.yaml << 'YAML'
keys: {livekit: {issuer: devkey, secret: just a text}}
targets: [{name: good, check: html_file, path: good.html}]
YAML
chmod 644 plain.yaml
run "$JWTWATCH" check -f plain.yaml
says "a warning is written" "every user of this machine can read it" err
run "$JWTWATCH" check -f plain.yaml -q
is "-q: not a warning either" "0 0 0" "$status $(wc -c < out) $(wc -c < err)"
run "$JWTWATCH" check -f all.yaml -q
is "-q: what is OK isn't told" 0 "$(grep -c '^OK' out)"
is "-q: all else is" "CRITICAL WARNING UNKNOWN" "$(grep -oE '^(CRITICAL|WARNING|UNKNOWN)' out | tr '\n' ' ' | sed 's/ $//')"
run "$JWTWATCH" check -f none.yaml -q
is "-q: no configuration is told" "3 1" "$status $(grep -c '^UNKNOWN' out)"

# --fail-on

# STATE CODE TARGET...: the exit code, and that the output isn't another one.
fails_on()
{
	state=$1
	code=$2
	shift 2
	run "$JWTWATCH" check -f all.yaml "$@"
	sed 's/[0-9][0-9]*[smhd]//g' out > before
	run "$JWTWATCH" check -f all.yaml --fail-on "$state" "$@"
	is "--fail-on $state: $*" "$code same" "$status $(sed 's/[0-9][0-9]*[smhd]//g' out | cmp -s - before && echo same)"
}

name_ended='ended, at: 100%'
name_unknown="unknown <&> \"it\" 's"
for state in unknown warning; do
	fails_on "$state" 0 good
	fails_on "$state" 1 good soon
	fails_on "$state" 2 soon "$name_ended"
	fails_on "$state" 3 good "$name_unknown"
	fails_on "$state" 1 soon "$name_unknown"
done
fails_on critical 0 good
fails_on critical 0 good soon
fails_on critical 2 soon "$name_ended"
fails_on critical 3 good "$name_unknown"
fails_on critical 3 soon "$name_unknown"
fails_on critical 2 "$name_ended" "$name_unknown"
fails_on critical 3 nobody
run "$JWTWATCH" check -f none.yaml --fail-on critical
is "--fail-on critical: no configuration fails" 3 "$status"
run "$JWTWATCH" html_file --path soon.html --fail-on critical
is "--fail-on critical: one page" 0 "$status"
run "$JWTWATCH" check -f all.yaml --fail-on critical -o json soon
is "--fail-on critical: JSON has state and exit code" "WARNING 0 0" \
	"$(sed -n 's/^  "state": "\([A-Z]*\)",$/\1/p; s/^  "exit_code": \([0-9]*\),$/\1/p' out | tr '\n' ' ')$status"
run "$JWTWATCH" check -f all.yaml --fail-on critical -o nagios soon
is "--fail-on isn't for a plugin" "3 0 1" "$status $(wc -c < err) $(grep -c '^JWTWATCH UNKNOWN: config: --fail-on ' out)"
for state in never '' ok CRITICAL critical,warning; do
	run "$JWTWATCH" check -f all.yaml --fail-on "$state" good
	is "--fail-on '$state' is refused" "3 1" "$status $(grep -c 'takes critical, warning or unknown' err)"
done

# The files of conf/ci: in a repository, with the program on the path.

mkdir -p bin
printf '#!/bin/sh\nexec "%s" "$@"\n' "$JWTWATCH" > bin/jwtwatch
chmod 755 bin/jwtwatch

# FILE TARGET: the checking commands of a workflow or pipeline, as its runner would execute them.
run_steps()
{
	/usr/bin/python3 "$top_srcdir/tests/ci_read.py" steps "$top_srcdir/conf/ci/$1" > steps || echo false > steps
	cp "$2" repository/page.html
	run env "PATH=$work/bin:$PATH" "GITHUB_WORKSPACE=$work/repository" LIVEKIT_API_SECRET="$(cat secret)" \
		sh -c 'cd repository && exec sh -e ../steps'
}

cat > repository/jwtwatch.yaml << 'YAML'
keys: {livekit: {issuer: devkey, secret: {env: LIVEKIT_API_SECRET}}}
targets: [{name: page, check: html_file, path: page.html, key: livekit}]
YAML
run_steps github.yml good.html
is "github.yml: good" "0 1 target: 1 OK" "$status $(read_as github out | tr -d '\n')"
run_steps github.yml soon.html
is "github.yml: soon" "0 warning | page.html:4 | WARNING page" "$status $(read_as github out | sed -n '1s/ | expiring.*//p')"
run_steps github.yml ended.html
is "github.yml: ended" "2 error | page.html:4 | CRITICAL page" "$status $(read_as github out | sed -n '1s/ | expired.*//p')"
# PAGE OUTCOME EXITCODE STATE: what becomes of it in the report, and what the job's log says.
pipeline_is()
{
	rm -f repository/tokens.xml
	run_steps gitlab-ci.yml "$1.html"
	is "gitlab-ci.yml: $1" "$3 page html_file $2 page.html:4" "$status $(read_as junit repository/tokens.xml | tail -n 1)"
	is "... and the log says so" "$4" "$(sed -n 's/^\([A-Z]*\)  *page .*/\1/p' out)"
}

pipeline_is good passed 0 OK
pipeline_is soon passed 0 WARNING
pipeline_is ended failure 2 CRITICAL
sed -i 's/key: livekit/severity: {expired: unknown}/' repository/jwtwatch.yaml
pipeline_is ended error 3 UNKNOWN
plan
