#!/bin/sh
# SPDX-License-Identifier: MIT
# check --textfile: pages that appear whole or not at all and that a real node_exporter of another user serves; and what
# conf/cron and conf/systemd run.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1
make_secret secret
page good.html "$(token '{}')"
page soon.html "$(token '{"iat": "@-84000", "nbf": "@-84000", "exp": "@+2400"}')"
page ended.html "$(token '{"iat": "@-93600", "nbf": "@-93600", "exp": "@-7200"}')"
cat > all.yaml << 'YAML'
targets:
  - {name: good, check: html_file, path: good.html}
  - {name: "a \"quote\" \\ and more", check: html_file, path: good.html}
  - {name: soon, check: html_file, path: soon.html}
  - {name: ended, check: html_file, path: ended.html}
YAML
# Others may look for files of known names: node_exporter comes as another user.
chmod 711 .
mkdir -m 755 collector
file=$work/collector/jwtwatch.prom

# What is in the folder of the collector.
folder()
{
	find collector -mindepth 1 | sort | tr '\n' ' ' | sed 's/ $//'
}

# The page without its values.
series()
{
	sed '/^#/d; s/ [^ ]*$//' "$1"
}

# The page

run "$JWTWATCH" check -f all.yaml --textfile "$file"
is "the page is written beside the normal output" "2 0 4 targets: 1 CRITICAL, 1 WARNING, 2 OK" \
	"$status $(wc -c < err) $(tail -n 1 out)"
is "... and nothing else is" collector/jwtwatch.prom "$(folder)"
is "... everybody may read it" 644 "$(stat -c %a "$file")"
is "... the strict linter finds nothing" "" "$("$python" "$top_srcdir/tests/prom_lint.py" "$file" 2>&1)"
run "$JWTWATCH" check -f all.yaml -o prometheus
is "... it has what -o prometheus has" "$(series out)" "$(series "$file")"
rm "$file"
(umask 077 && "$JWTWATCH" check -f all.yaml -q --textfile "$file" good)
is "umask 077: everybody may read it" "0 644" "$? $(stat -c %a "$file")"
(umask 000 && "$JWTWATCH" check -f all.yaml -q --textfile "$file" good)
is "umask 000: nobody else may write it" "0 644" "$? $(stat -c %a "$file")"
(cd collector && "$JWTWATCH" check -f ../all.yaml -q --textfile jwtwatch.prom good)
is "a name without a folder" "0 collector/jwtwatch.prom" "$? $(folder)"
for format in json junit github prometheus; do
	rm "$file"
	run "$JWTWATCH" check -f all.yaml -o $format --textfile "$file" good
	is "-o $format: the page is written too" "0 yes yes" \
		"$status $([ -s "$file" ] && echo yes) $([ -s out ] && echo yes)"
done
run "$JWTWATCH" check -f none.yaml --textfile "$file"
is "no configuration: the page says so" '3 jwtwatch_target_status{target="configuration",status="unknown"} 1' \
	"$status $(grep 'status="unknown"' "$file")"
echo before > elsewhere
ln -sf "$work/elsewhere" "$file"
run "$JWTWATCH" check -f all.yaml -q --textfile "$file" good
is "a link is neither replaced nor followed" "3 before symbolic link" "$status $(cat elsewhere) $(stat -c %F "$file")"
says "... and it is said where it leads" "$file: is a link to $work/elsewhere: name the file itself" out
rm "$file"

# Refusals

# NAME PART OPTION...
refused()
{
	row=$1
	part=$2
	shift 2
	rm -f collector/*
	run "$JWTWATCH" check -f all.yaml "$@"
	is "$row: refused" "3 yes" "$status $(cat out err | grep -qF -e "$part" && echo yes)"
	is "... and nothing is written" "" "$(folder)"
}

refused "another name" "ends in .prom" --textfile collector/jwtwatch.txt
refused "a name that is only the end" "ends in .prom" --textfile collector/.prom
refused "a folder" "ends in .prom" --textfile collector/a.prom/
refused "no name" "ends in .prom" --textfile ""
refused "--at" "doesn't go with --at" --textfile "$file" --at +1h

# What can't be written

# NAME EXITCODE FILE OPTION...: the output names the file and says why, among the sinks; standard error is silent.
not_written()
{
	row=$1
	code=$2
	unwritable=$3
	shift 3
	run "$JWTWATCH" check -f all.yaml --textfile "$unwritable" "$@"
	is "$row" "$code 0 yes" "$status $(wc -c < err) $(grep -qF -e "$unwritable: " out && echo yes)"
}

not_written "no folder: OK becomes 3" 3 "$work/gone/a.prom" good
says "... and it is said why" "there is no folder $work/gone" out
says "... and what to do" "fix: see to it that the file can be written there" out
not_written "... WARNING too" 3 gone/a.prom soon
not_written "... CRITICAL stays 2" 2 gone/a.prom ended
not_written "... --fail-on critical forgives nothing" 3 gone/a.prom --fail-on critical soon
not_written "... -q is not quiet about it" 3 gone/a.prom -q good
is "... and has nothing else to say" "UNKNOWN textfile" "$(sed -n 's/^\([A-Z][A-Z]*\)  *\([a-z]*\) .*/\1 \2/p' out | grep -v ^STATE)"
not_written "... JSON" 3 gone/a.prom -o json soon
is "... has state and exit code" "UNKNOWN 3" \
	"$(sed -n 's/^  "state": "\([A-Z]*\)",$/\1/p; s/^  "exit_code": \([0-9]*\),$/\1/p' out | tr '\n' ' ' | sed 's/ $//')"
not_written "... JUnit" 3 gone/a.prom -o junit good
is "... has an error" "2 0 1" "$(/usr/bin/python3 "$top_srcdir/tests/ci_read.py" junit out | sed -n 1p)"
not_written "... workflow commands" 3 gone/a.prom -o github -q good
not_written "... a plugin" 3 gone/a.prom -o nagios soon
is "... says so in its first line" 1 "$(head -n 1 out | grep -c '^JWTWATCH UNKNOWN: .*textfile: sink_failed: ')"
run "$JWTWATCH" check -f all.yaml --textfile gone/a.prom -o prometheus good
is "... metrics, which have no place for words" "3 1" "$status $(grep -c '^jwtwatch: textfile: gone/a.prom: ' err)"
mkdir collector/folder.prom
not_written "a folder stands there" 3 collector/folder.prom good
rmdir collector/folder.prom
mkfifo collector/pipe.prom
not_written "a pipe stands there" 3 collector/pipe.prom good
is "... and still does" "fifo" "$(stat -c %F collector/pipe.prom)"
rm collector/pipe.prom
run "$JWTWATCH" check -f all.yaml -q --textfile "$file" good
cp "$file" before
run prlimit --fsize=2000 "$JWTWATCH" check -f all.yaml -q --textfile "$file" good
is "no room" "3 1" "$status $(grep -c 'File too large' out)"
is "... the page before stays, and nothing else" "collector/jwtwatch.prom same" \
	"$(folder) $(cmp -s before "$file" && echo same)"

# Two writers and a reader at once, until the reader has met many pages: each is whole.

cat > watch.py << 'END'
import os, subprocess, sys
program, file = sys.argv[1:]
loop = 'i=0; while [ ! -e enough ] && [ $((i += 1)) -lt 2000 ]; do "$@" || exit; done'
check = [program, "check", "-f", "all.yaml", "-q", "--textfile", file, "good"]
writers = [subprocess.Popen(["sh", "-c", loop, "sh", *check, *more]) for more in ([], ['a "quote" \\ and more'])]
seen, broken = set(), 0
while any(writer.poll() is None for writer in writers):
    with open(file, encoding="utf-8") as page:
        stat = os.fstat(page.fileno())
        text = page.read()
    seen.add((stat.st_ino, stat.st_mtime_ns))
    lines = text.splitlines()
    broken += not (text.startswith("# HELP jwtwatch_build_info ") and text.endswith("\n")
                   and sum(line.startswith("jwtwatch_target_status{") for line in lines) in (4, 8))
    if len(seen) == 50:
        open("enough", "w").close()
print("broken", broken, "codes", *(writer.returncode for writer in writers), "met", min(len(seen), 50))
END
is "two writers at once: no page is broken" "broken 0 codes 0 0 met 50" "$("$python" watch.py "$JWTWATCH" "$file")"
is "... and nothing is left" collector/jwtwatch.prom "$(folder)"

# A real node_exporter, as another user where root can be one.

exporter=
trap '[ -z "$exporter" ] || kill "$exporter" 2> /dev/null; rm -rf "$work"' EXIT
as_other=
[ "$(id -u)" != 0 ] || as_other="setpriv --reuid=65534 --regid=65534 --clear-groups"
mkfifo -m 600 log
# shellcheck disable=SC2086
timeout 300 $as_other prometheus-node-exporter --web.listen-address=127.0.0.1:0 --collector.disable-defaults \
	--collector.textfile --collector.textfile.directory="$work/collector" > /dev/null 2> log &
exporter=$!
exec 4< log
address=$(timeout 60 sed -n '/"Listening on"/ { s/.* address=//; s/ .*//; p; q; }' <&4)

# Leaves the exporter's page in `served`.
scrape()
{
	"$python" -c 'import sys, urllib.request as r
print(r.build_opener(r.ProxyHandler({})).open(sys.argv[1], timeout=60).read().decode(), end="")' \
		"http://$address/metrics" > served
}

# Which of our series, by name, labels and value, aren't among those that are served; and how many there are.
cat > compare.py << 'END'
from prometheus_client.parser import text_string_to_metric_families as families
def read(path):
    with open(path, encoding="utf-8") as file:
        return {(s.name, tuple(sorted(s.labels.items())), s.value) for f in families(file.read())
                for s in f.samples if s.name.startswith("jwtwatch_")}
import sys
ours, served = read(sys.argv[1]), read("served")
print(len(ours ^ served), "differ,", "some" if len(ours) > 30 else "few", "are served")
END

run "$JWTWATCH" check -f all.yaml -q --textfile "$file"
echo 'half a page' > collector/.jwtwatch.prom.abcdef
scrape
is "node_exporter: every series is served, and no other" "0 differ, some are served" \
	"$(/usr/bin/python3 compare.py "$file" 2>&1)"
is "... without an error" "node_textfile_scrape_error 0" "$(grep '^node_textfile_scrape_error' served)"
is "... it knows the file's age, and of no other file" 'node_textfile_mtime_seconds{file="'"$file"'"}' \
	"$(sed -n 's/^\(node_textfile_mtime_seconds.*\) .*/\1/p' served)"
(umask 077 && "$JWTWATCH" check -f all.yaml -q --textfile "$file" good)
scrape
is "... written with umask 077" "node_textfile_scrape_error 0" "$(grep '^node_textfile_scrape_error' served)"
is "... the new page is served" 1 "$(grep -c '^jwtwatch_check_success' served)"
if [ -n "$as_other" ]; then
	chmod 600 "$file"
	scrape
	is "... it would tell one that it may not read" "node_textfile_scrape_error 1" \
		"$(grep '^node_textfile_scrape_error' served)"
fi
kill "$exporter"
wait "$exporter" 2> /dev/null
exporter=
exec 4<&-
rm -f collector/* collector/.jwtwatch.prom.abcdef

# conf/cron: the line as cron runs it, with the file's own variables.

mkdir bin
printf '#!/bin/sh\nexec "%s" "$@"\n' "$JWTWATCH" > bin/jwtwatch
chmod 755 bin/jwtwatch
cron=$top_srcdir/conf/cron/jwtwatch
line=$(sed -n 's/^\*\/5 \* \* \* \* jwtwatch //p' "$cron")
is "cron: comments, variables and one line" "1" "$(grep -cvE '^(#.*|[A-Z]+=[^ ]+)$' "$cron")"
is "... which ends with a newline and has no %, that cron would take for one" "0 0" \
	"$(printf %s "$line" | grep -c %) $(tail -c 1 "$cron" | tr -d '\n' | wc -c)"

# CONFIGURATION
run_cron()
{
	run env -i "PATH=$work/bin:/usr/bin:/bin" "HOME=$work" SHELL=/bin/sh "TEXTFILE=$file" "JWTWATCH_CONFIG=$1" /bin/sh -c "$line"
}

head -n 3 all.yaml > good.yaml
run_cron "$work/good.yaml"
is "... it is silent while all is well" "0 0 0" "$status $(wc -c < out) $(wc -c < err)"
is "... and writes the page" "2 collector/jwtwatch.prom" "$(grep -c '^jwtwatch_check_success' "$file") $(folder)"
run_cron "$work/all.yaml"
is "... and says what is wrong" "2 2" "$status $(grep -cE '^(CRITICAL|WARNING) ' out)"

# conf/systemd: the unit as systemd reads it, and what it runs.

unit=$top_srcdir/conf/systemd/jwtwatch-check.service
mkdir units credentials
sed "s|/usr/local/bin/jwtwatch|$work/bin/jwtwatch|" "$unit" > units/jwtwatch-check.service
cp "$top_srcdir/conf/systemd/jwtwatch-check.timer" units
is "systemd: nothing is wrong with unit and timer" "0" \
	"$(systemd-analyze verify "$work"/units/jwtwatch-check.* 2>&1)$?"
systemd-analyze security --offline=true --threshold=20 --no-pager "$work/units/jwtwatch-check.service" > out 2> err
is "... it is shut in" "0 1" "$? $(grep -c 'Overall exposure level .*: [01]\.[0-9] ' out)"
is "... but may compile patterns" "0 1" "$(grep -c '^MemoryDenyWriteExecute' "$unit") $(grep -c '^User=jwtwatch$' "$unit")"
is "... it may write what it writes, and no other folder" \
	"$(sed -n 's/^ReadWritePaths=//p' "$unit")" "$(sed -n 's/^ExecStart=.* --textfile \(.*\)\/[^/]*$/\1/p' "$unit")"
credential=$(sed -n 's/^LoadCredential=\([^:]*\):.*/\1/p' "$unit")
cp secret "credentials/$credential"
cat > unit.yaml << YAML
keys: {livekit: {issuer: devkey, secret: {credential: $credential}}}
targets: [{name: page, check: html_file, path: good.html, key: livekit}]
YAML
rm -f "$file"
exec_start=$(sed -n 's/^ExecStart=//p' units/jwtwatch-check.service | sed "s|/var/lib/prometheus/node-exporter|$work/collector|")
run env -i "CREDENTIALS_DIRECTORY=$work/credentials" "JWTWATCH_CONFIG=$work/unit.yaml" sh -c "exec $exec_start"
is "... its command is silent while all is well" "0 0 0" "$status $(wc -c < out) $(wc -c < err)"
is "... with the key of its credential" 'jwtwatch_token_signature_valid{target="page"} 1' \
	"$(grep '^jwtwatch_token_signature_valid' "$file")"
run env -i "JWTWATCH_CONFIG=$work/unit.yaml" sh -c "exec $exec_start"
is "... and fails without it" "3 1" "$status $(grep -c secret_missing out)"
plan
