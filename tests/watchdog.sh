#!/bin/sh
# SPDX-License-Identifier: MIT
# A file system that never answers: the run ends all the same, soon after its -t, and says so in each format.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1
shim=$work/shim.so
"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o "$shim" "$top_srcdir/tests/watchdog.c" || exit 1
# A sanitizer's run time wants to be loaded first, which it need not be for this.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
echo nothing > hangs
echo nothing > answers

# FORMAT FILE
check()
{
	status=0
	LD_PRELOAD=$shim timeout -k 5 20 "$JWTWATCH" html_file --path "$2" -t 200ms -o "$1" > out 2> err < /dev/null ||
		status=$?
}

check text answers
is "with a file system that answers, the verdict is the page's" "2 0" "$status $(grep -c deadline out)"
for format in text nagios json prometheus; do
	check $format hangs
	is "$format: the run ends as UNKNOWN" 3 "$status"
	words='a file system didn.t answer'
	[ $format != prometheus ] || words='{target="html_file",cause="deadline"} 1'
	holds "$format: it says so" grep -q "$words" out
	is "$format: nothing on standard error" "" "$(cat err)"
done
check json hangs
is "json: it is JSON" UNKNOWN "$("$python" -c 'import json; print(json.load(open("out"))["state"])')"

# What was known before the file system hung isn't lost, nor are the names of those that had no turn.
cat > config.yaml << 'END'
targets:
  - {name: first, check: html_file, path: gone, severity: {file_missing: warning}}
  - {name: second, check: html_file, path: hangs}
  - {name: third, check: html_file, path: answers}
END
for format in text nagios prometheus json; do
	status=0
	LD_PRELOAD=$shim timeout -k 5 20 "$JWTWATCH" check -f config.yaml -t 200ms -o $format > out 2> err < /dev/null ||
		status=$?
	is "$format: the worst that is known is the exit code" 1 "$status"
	is "$format: each target is named" "yes yes yes" "$(for name in first second third; do
		grep -q $name out && echo yes
	done | tr '\n' ' ' | sed 's/ $//')"
	holds "$format: the first one's cause is there" grep -q file_missing out
done
is "json: it is whole" "WARNING 3" "$("$python" -c 'import json
report = json.load(open("out"))
print(report["state"], len(report["targets"]))')"

# The configuration itself, and what it includes.
printf 'include: [hangs]\n' > includes.yaml
# NAME FORMAT COMMAND...
unread()
{
	row=$1
	format=$2
	shift 2
	status=0
	LD_PRELOAD=$shim timeout -k 5 20 "$JWTWATCH" "$@" -t 200ms > out 2> err < /dev/null || status=$?
	words="the configuration wasn.*t read"
	[ "$format" != prometheus ] || words='{target="configuration",cause="deadline"} 1'
	is "$row, $format: UNKNOWN" "3 yes 0" "$status $(grep -q "$words" out && echo yes) $(wc -c < err)"
}

for format in text nagios json prometheus junit github; do
	unread "a configuration that hangs" "$format" check -f hangs -o "$format"
	unread "an included file that hangs" "$format" check -f includes.yaml -o "$format"
done
unread "forecast" text forecast -f hangs
status=0
LD_PRELOAD=$shim timeout -k 5 20 "$JWTWATCH" check -f hangs -t 200ms:critical -o nagios > out < /dev/null || status=$?
is "-t 200ms:critical counts here too" "2 1" "$status $(grep -c '^JWTWATCH CRITICAL: .*deadline' out)"

# NAME WORDS OPERAND...: doctor, held at a file.
doctor()
{
	row=$1
	words=$2
	shift 2
	status=0
	LD_PRELOAD=$shim timeout -k 5 20 "$JWTWATCH" doctor -t 200ms -o json "$@" > out 2> err < /dev/null || status=$?
	is "doctor, $row: UNKNOWN" "3 yes 0" "$status $(grep -q "$words" out && echo yes) $(wc -c < err)"
}

mkdir folder
echo nothing > folder/hangs
doctor "a page that hangs" '"deadline"' ./hangs
doctor "a folder that hangs" "a file system didn't answer" ./folder
doctor "a configuration that hangs" "the configuration wasn't read" -f hangs

# A glob of which there is no end.
echo 'include: ["/**/nothing.yaml"]' > everywhere.yaml
mkdir -p deep/1/2
(cd deep/1/2 && for i in $(seq 300); do mkdir "$i"; done)
echo "include: [\"$work/deep/**/nothing.yaml\"]" > deep.yaml
for file in everywhere deep; do
	status=0
	timeout -k 5 20 "$JWTWATCH" check -f $file.yaml -t 1ms -o json > out 2> err < /dev/null || status=$?
	is "$file.yaml and no time: UNKNOWN deadline" "3 UNKNOWN deadline" "$status $("$python" -c 'import json
target = json.load(open("out"))["targets"][0]
print(target["state"], target["cause"])' 2>&1)"
done
plan
