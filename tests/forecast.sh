#!/bin/sh
# SPDX-License-Identifier: MIT
# `jwtwatch forecast`: each moment that it names is the first second at which `check --at` says something else, and between
# two of them nothing changes.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1
make_secret secret
now=1767225600 # 2026-01-01
page plain.html "$(token "{\"iat\": $now, \"nbf\": $now, \"exp\": $((now + 86400))}")"
page early.html "$(token "{\"iat\": $now, \"nbf\": $((now + 7200)), \"exp\": $((now + 40000))}")"
page endless.html "$(token '{"exp": null}')"
page ended.html "$(token "{\"iat\": $((now - 9000)), \"nbf\": $((now - 9000)), \"exp\": $((now - 5000))}")"
page far.html "$(token "{\"iat\": $now, \"nbf\": $now, \"exp\": $((now + 90 * 86400))}")"
cat > config.yaml << 'END'
targets:
  - {name: plain, check: html_file, path: plain.html}
  - {name: range, check: html_file, path: plain.html, warning: "20000:70000", critical: "1000:"}
  - {name: short, check: html_file, path: plain.html, min_lifetime: 5h, severity: {expiring: unknown}}
  - {name: early, check: html_file, path: early.html}
  - {name: both, check: html_file, path: "[pe][la]*[nl][y.]*"}
  - {name: endless, check: html_file, path: endless.html}
  - {name: ended, check: html_file, path: ended.html}
  - {name: far, check: html_file, path: far.html}
  - {name: gone, check: html_file, path: gone.html}
END

# Runs check at the moment before, at and behind each event, and at moments between.
"$python" - "$JWTWATCH" $now > properties << 'END'
import datetime
import json
import random
import subprocess
import sys

program, now = sys.argv[1], int(sys.argv[2])
chance = random.Random(3)
verdicts = {}


def run(*words):
    done = subprocess.run([program, *words, "-f", "config.yaml", "-o", "json"], stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout), done.returncode


def at(moment):
    if moment not in verdicts:
        targets = run("check", "--at", f"@{moment}")[0]["targets"]
        verdicts[moment] = {t["name"]: (t["state"], t["cause"]) for t in targets}
    return verdicts[moment]


def seconds(text):
    return int(datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp())


for start in (now - 4000, now + 3600, now + 50000):
    forecast, code = run("forecast", "--at", f"@{start}")
    events = [(seconds(e["time"]), e["name"], (e["state"], e["cause"])) for e in forecast["events"]]
    print("code", code, "sorted", sorted(e[0] for e in events) == [e[0] for e in events])
    print("in", all(e["in"] == seconds(e["time"]) - start for e in forecast["events"]))
    end = start + 30 * 86400
    for name, verdict in at(start).items():
        known = [e for e in events if e[1] == name]
        first = [e[2] for e in known if e[0] == start]
        print(name, "now", first == ([verdict] if verdict[0] != "OK" else []))
        moments = [e for e in known if e[0] > start]
        for moment, _, becomes in moments:
            print(name, "turns", at(moment)[name] == becomes and at(moment - 1)[name] != becomes)
        edges = [start] + [e[0] for e in moments] + [end + 1]
        for low, high in zip(edges, edges[1:]):
            between = {low, high - 1} | {chance.randrange(low, high) for _ in range(2)}
            print(name, "stays", len({at(m)[name] for m in between}) == 1)
    print("many", len(events) > 8)
END
is "check --at agrees with each event and between them" 0 "$(grep -vc 'True$' properties)"
is "... each target was tried, each in both ways" 1 \
	"$(awk '$2 == "turns" { t[$1] } $2 == "stays" { s[$1] } END { print (length(t) >= 6 && length(s) == 9) }' properties)"

run "$JWTWATCH" forecast -f config.yaml --at "@$((now + 3600))" plain far
is "a line an event, by time" "2026-01-01 23:00:01Z in 22h WARNING expiring plain
2026-01-01 23:50:01Z in 22h50m CRITICAL expiring plain
2026-01-02 00:00:00Z in 23h CRITICAL expired plain
Nothing else changes by itself until 2026-01-31 01:00:00Z (simulated)." "$(tr -s ' ' < out)"
is "... exit code 0 and no errors" "0 0" "$status $(wc -c < err)"
run "$JWTWATCH" forecast -f config.yaml --at "@$now" --until 1h plain
is "nothing within the hour" "Nothing changes by itself until 2026-01-01 01:00:00Z (simulated)." "$(cat out)"
run "$JWTWATCH" forecast -f config.yaml --at "@$now" --until 100d far
is "looking further ahead" 3 "$(grep -c far out)"
run "$JWTWATCH" forecast -f config.yaml --at "@$now" nobody
is "a name that no target has: exit code 3" 3 "$status"
run "$JWTWATCH" forecast -f gone.yaml
is "no configuration: exit code 3" 3 "$status"
run "$JWTWATCH" forecast -f config.yaml --until 30
is "--until wants a unit" "3 0 1" "$status $(wc -c < out) $(grep -c -e '--until takes a time with a unit' err)"
run "$JWTWATCH" forecast -f config.yaml -o nagios
is "other formats are refused" "3 0" "$status $(wc -c < out)"
plan
