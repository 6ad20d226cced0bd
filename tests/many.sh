#!/bin/sh
# SPDX-License-Identifier: MIT
# A thousand endpoints side by side, of which a hundred hang: the run ends in time, each target has its verdict, and none
# of the living is hurt by the dead. And what a person sees meanwhile.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1
make_secret secret
token '{}' > good || exit 1
mkfifo -m 600 held told
"$python" "$top_srcdir/tests/many.py" good < held > told &
exec 3> held
read -r port < told || exit 1

{
	echo "targets:"
	seq 1000 | awk -v port="$port" '{
		printf "  - {name: t%d, check: token_endpoint, url: \"http://127.0.0.1:%d/%s/%d\"}\n",
			$1, port, $1 % 10 ? "token" : "hang", $1
	}'
} > all.yaml
# What hangs has a second, far less than the whole run.
sed 's/^targets:/defaults: {timeout: 1s}\n&/' all.yaml > short.yaml

# How many targets have which cause, and whether a name stands twice.
causes()
{
	"$python" - out << 'END'
import collections, json, sys
targets = json.load(open(sys.argv[1]))["targets"]
count = collections.Counter(target["cause"] for target in targets)
names = {target["name"] for target in targets}
print(len(targets), len(names), *(f"{cause}={count[cause]}" for cause in sorted(count)))
END
}

# SECONDS COMMAND...: within bounds, so much and a little for a machine that has other things to do.
within()
{
	limit=$1
	shift
	run "$@"
}

within 14 "$JWTWATCH" check -f short.yaml -t 15s -o json
is "hanging endpoints time out, all others are judged" "1000 1000 ok=900 timeout=100" "$(causes)"
is "the worst is the exit code" 2 "$status"
within 8 "$JWTWATCH" check -f all.yaml -t 3s -o json
is "the end of the run is a deadline to those that hang, and to no other" \
	"1000 1000 deadline=100 ok=900" "$(causes)"
is "a deadline alone is UNKNOWN" 3 "$status"
for format in text nagios prometheus; do
	within 8 "$JWTWATCH" check -f all.yaml -t 2s -o $format
	is "$format: it ends in time too" "3 0" "$status $(wc -c < err)"
done

# On a terminal, a line says how far it is and what is awaited; it is gone at the end.
"$python" - "$JWTWATCH" > seen << 'END'
import os, pty, sys
os.environ["TERM"] = "xterm"
with open(os.devnull, "rb") as null:
    os.dup2(null.fileno(), 0)
seen = bytearray()
pty.spawn([sys.argv[1], "check", "-f", "all.yaml", "-t", "3s", "--color", "never"],
          lambda fd: seen.extend(data := os.read(fd, 65536)) or data, lambda fd: os.read(fd, 1))
END
clear=$(printf '\r\033[K')
is "a terminal: how far it is" yes "$(grep -a -o '900 of 1000 done after [1-3]s, waiting for t10, t20, t30' seen |
	sort -u | head -n 1 | grep -q . && echo yes)"
is "a terminal: the line is as wide as it, at most" "" "$(tr '\r' '\n' < seen | grep -a 'done after' |
	sed 's/^.\[K//' | awk 'length($0) > 80')"
is "a terminal: the line is gone before the table" yes "$(grep -a -q -F "${clear}STATE" seen && echo yes)"
is "a terminal: the table is there" "1000 targets: 100 UNKNOWN, 900 OK" "$(tail -n 1 seen | tr -d '\r')"
within 8 "$JWTWATCH" check -f all.yaml -t 2s
is "no terminal: no line" "" "$(grep -a 'done after' out err)"
exec 3>&-
wait
plan
