#!/bin/sh
# SPDX-License-Identifier: MIT
# The folder prometheus: rules, scrape examples, routes and board, each judged by the program that is to read it.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"
# shellcheck source=tests/peers_prometheus.sh
. "$top_srcdir/tests/peers_prometheus.sh"

cp -R "$top_srcdir/prometheus" "$work/shipped"
chmod -R u+w "$work/shipped"
cd "$work/shipped" || exit 1

# NAME COMMAND...: a row: the command finds nothing wrong.
passes()
{
	row=$1
	shift
	run "$@"
	is "$row" 0 "$status"
	[ "$status" -eq 0 ] || tail -n 20 "$work/out" "$work/err" | sed 's/^/# /'
}

# NAME COMMAND...: a row: the command finds something wrong.
complains()
{
	row=$1
	shift
	run "$@"
	is "$row" 1 "$status"
}

# Rules

passes "promtool takes the rules" promtool check rules --lint=all --lint-fatal jwtwatch.rules.yml
passes "promtool: each rule does what its test says" promtool test rules jwtwatch.rules.test.yml
is "each alert has a test that sees it fire" "" "$("$python" - << 'ENDED'
import re
rules = set(re.findall(r"alert: (\w+)", open("jwtwatch.rules.yml").read()))
fired = set(re.findall(r"alertname: (\w+)\n\s+exp_alerts:", open("jwtwatch.rules.test.yml").read()))
print(*sorted(rules - fired))
ENDED
)"

# SED: the rules with one place changed make their test fail.
broken()
{
	mkdir -p "$work/broken"
	cp jwtwatch.rules.test.yml "$work/broken"
	sed "$2" jwtwatch.rules.yml > "$work/broken/jwtwatch.rules.yml"
	if cmp -s jwtwatch.rules.yml "$work/broken/jwtwatch.rules.yml"; then
		not_ok "the test notices: $1"
		diag "nothing was changed"
		return
	fi
	complains "the test notices: $1" promtool test rules "$work/broken/jwtwatch.rules.test.yml"
}
broken "a failed probe ends the alert" 's/last_over_time(\(jwtwatch_token_expiration_timestamp_seconds\)\[10m\])/\1/'
broken "an ended token is still about to end" '/^          > 0$/d'
broken "the cause is in the expression" 's/max without (status) (\(jwtwatch_target_status{status=~.*}\)) == 1/\1 == 1/'
broken "a dead daemon's targets vanish" '/and on (job, instance) up == 1/d'
broken "LiveKit is the pages' failure" 's/|livekit_unreachable//'
broken "a token that nobody renews is stuck" 's/rotations_total > 0/rotations_total >= 0/'
broken "clocks that are slow" 's/abs(jwtwatch_clock_skew_seconds)/jwtwatch_clock_skew_seconds/'
broken "the interval doesn't count" 's/3 \* jwtwatch_check_interval_seconds + 60/300/'

# Board and rules ask for what there is

# PLACE TEXT: dashboard.py names what is wrong.
finds()
{
	row=$1
	wanted=$2
	shift 2
	run /usr/bin/python3 "$top_srcdir/tests/dashboard.py" "$@"
	case "$status $(cat "$work/out")" in
	"1 "*"$wanted"*) ok "$row" ;;
	*)
		not_ok "$row"
		head -n 5 "$work/out" "$work/err" | sed 's/^/# /'
		;;
	esac
}
passes "board and rules use metrics and labels of metrics.def" /usr/bin/python3 "$top_srcdir/tests/dashboard.py"
sed 's/jwtwatch_sink_up{/jwtwatch_sink_good{/' dashboard.json > "$work/board.json"
finds "... another name in the board is found" "Sinks up A: jwtwatch_sink_good is no metric" --board "$work/board.json"
sed 's/jwtwatch_livekit_up == 0/jwtwatch_livekit_up{server="x"} == 0/' jwtwatch.rules.yml > "$work/rules.yml"
finds "... another label in the rules" "jwtwatch_livekit_up has no label server" --rules "$work/rules.yml"
sed 's/^OF_TARGET(livekit_up,/OF_TARGET(livekit_ready,/' "$top_srcdir/src/output/metrics.def" > "$work/metrics.def"
finds "... a metric that was renamed" "jwtwatch_livekit_up is no metric" --metrics "$work/metrics.def"

# Scrape examples

for file in scrape-*.yml; do
	passes "promtool takes $file" promtool check config "$file"
done

# Alertmanager: what becomes of alerts by the example's routes

passes "amtool takes alertmanager.yml" amtool check-config alertmanager.yml

# NAME EXPECTED LABEL...
routed()
{
	row=$1
	wanted=$2
	shift 2
	is "$row" "$wanted" "$(amtool config routes test --config.file=alertmanager.yml "$@")"
}
routed "... a critical alert pages" pager alertname=JwtwatchTokenExpired severity=critical
routed "... a warning makes a ticket" tickets alertname=JwtwatchTokenExpiring severity=warning
routed "... others go where they went" default alertname=DiskFull severity=critical

receiver=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir "$work/alertmanager"
sed -e "s/127.0.0.1:9099/127.0.0.1:$receiver/" -e 's/group_wait: .*/group_wait: 1s/' alertmanager.yml \
	> "$work/alertmanager/alertmanager.yml"
start_alertmanager "$work/alertmanager"

# SCENE EXPECTED
becomes()
{
	is "Alertmanager: $1" "$2" "$("$python" "$top_srcdir/tests/alertmanager.py" "$alertmanager" "$receiver" "$1" 2>&1 | tail -n 1)"
}
becomes "one dead LiveKit, three pages" "pager: LiveKitDown 3; held back: 3"
becomes "one dead LiveKit, and another page without its token" "pager: LiveKitDown 1; pager: TargetFailing 1; held back: 1"
becomes "both bands of one token, and one of another" "pager: TokenExpiring 1; tickets: TokenExpiring 1; held back: 1"
becomes "a token that has ended" "pager: TokenExpired 1; held back: 2"
becomes "a dead daemon" "pager: Absent 1; pager: CheckStale 1; held back: 2"
becomes "what isn't jwtwatch's" "held back: 0"
stop_prometheus "$alertmanager_pid"

# A real Prometheus reads the rules, and what the examples scrape by comes out as they say

cat > "$work/web.py" << 'ENDED'
import http.server
import sys
import threading
import urllib.parse

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        asked = urllib.parse.parse_qs(url.query)
        port = self.server.server_address[1]
        body, kind = "jwtwatch_livekit_up{target=\"page\"} 0\njwtwatch_build_info{version=\"1\"} 1\n", "text/plain; version=0.0.4"
        if url.path == "/probe":
            body = 'jwtwatch_probed{name="%s"} 1\n' % asked["target"][0]
        if url.path == "/sd":
            kind = "application/json"
            body = ('[{"targets":["127.0.0.1:%d"],"labels":{"__metrics_path__":"/probe","__param_target":"found","instance":"found",'
                    '"__scrape_interval__":"500ms","__scrape_timeout__":"500ms"}}]' % port)
        body = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
ENDED
start web "$python" "$work/web.py"
web=$said

# EXAMPLE: Prometheus with it, every half second, from the server above.
scrapes()
{
	mkdir "$work/by-$1"
	cp jwtwatch.rules.yml "$work/by-$1"
	sed -e "s/127.0.0.1:9788/127.0.0.1:$web/" -e 's/\(scrape_interval\|scrape_timeout\|evaluation_interval\): .*/\1: 500ms/' \
		-e 's/refresh_interval: .*/refresh_interval: 1s/' "scrape-$1.yml" > "$work/by-$1/prometheus.yml"
	start_prometheus "$work/by-$1"
}
scrapes static
query_until jwtwatch_livekit_up > /dev/null
is "scrape-static.yml: the targets are on the one page" "0 {instance=\"127.0.0.1:$web\",job=\"jwtwatch\",target=\"page\"}" \
	"$(query jwtwatch_livekit_up)"
is "... and the rules go on" "1 {alertname=\"JwtwatchLiveKitDown\",alertstate=\"pending\",instance=\"127.0.0.1:$web\",job=\"jwtwatch\",severity=\"critical\",target=\"page\"}" \
	"$(query_until 'ALERTS{alertname="JwtwatchLiveKitDown"}')"
stop_prometheus "$prometheus_pid"
holds "... it ends when told" test "$(kill -0 "$prometheus_pid" 2> /dev/null; echo $?)" -ne 0
scrapes probe
is "scrape-probe.yml: targets, URLs and the daemon are scraped" 4 "$(scraped 4)"
is "... each by its name" 'https://voice.example.com/api/token token-endpoint voice-page' \
	"$(query 'jwtwatch_probed' | sed 's/.*instance="\([^"]*\)".*/\1/' | sort | tr '\n' ' ' | sed 's/ $//')"
is "... and is what was asked for" 3 "$(query 'count(jwtwatch_probed and label_replace(jwtwatch_probed, "instance", "$1", "name", "(.*)"))' | sed 's/ .*//')"
answers "... of the daemon's own page no target is kept" "1" 'count({job="jwtwatch", __name__=~"jwtwatch_.*"})'
stop_prometheus "$prometheus_pid"
scrapes sd
is "scrape-sd.yml: what /sd lists is scraped" 2 "$(scraped 2)"
is "... without relabelling" '1 {instance="found",job="jwtwatch-targets",name="found"}' "$(query_until jwtwatch_probed)"
stop_prometheus "$prometheus_pid"
plan
