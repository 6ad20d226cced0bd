#!/bin/sh
# SPDX-License-Identifier: MIT
# The plugins under a real Icinga 2: the shipped files, what is stored, what it reads out of performance data, secrets,
# and whose time is up first.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"
# shellcheck source=tests/schedulers.sh
. "$top_srcdir/tests/schedulers.sh"

cd "$work" || exit 1
# shellcheck source=tests/plugin_scene.sh
. "$top_srcdir/tests/plugin_scene.sh"

"$top_builddir/icinga_commands" > commands
is "the shipped CheckCommands are those of the option tables (make icinga)" "" \
	"$(diff "$top_srcdir/nagios/jwtwatch-command.conf" commands 2>&1)"

# The shipped files as they are.
mkdir verified
cat "$top_srcdir/nagios/jwtwatch-command.conf" "$top_srcdir/nagios/jwtwatch-services.conf" > verified/objects.conf
holds "the shipped files are right" schedulers verify icinga verified > log
sed '$!d' log
is "nothing is wrong with them" "" "$(grep -E 'warning|critical' log)"
says "a service for each token" "Instantiated 4 Services" log
says "its dependencies are there" "Instantiated 2 Dependencies" log

# SERVICE CHECK LINE...: another service, whose settings are these.
service()
{
	printf 'object Service "%s" {\n  host_name = "voice"\n  check_command = "%s"\n  check_interval = 1h\n' "$1" "$2"
	shift 2
	printf '  %s\n' "$@"
	echo '}'
}

# All tokens but those that ended are good then, and each run says the same.
moment=$(($(date +%s) + 60))
# An option that services don't need, for the runs that are compared.
at="vars.html_token_at = \"@$moment\""
mkdir icinga
ln -s "$work/plugins" icinga/plugins
{
	sed -e 's|^  arguments = {|&\n    "--at" = "$html_token_at$"|' "$top_srcdir/nagios/jwtwatch-command.conf"
	shipped jwtwatch-services.conf
	service ended html_token "vars.html_token_path = \"$work/ended.html\"" "$at"
	service gone html_token "vars.html_token_path = \"$work/gone.html\"" 'vars.html_token_verbosity = 3'
	service ranges html_token "vars.html_token_path = \"$work/good.html\"" "$at" 'vars.html_token_warning = "3600:"' \
		'vars.html_token_critical = "@~:600"' 'vars.html_token_verbosity = 0'
	service unknown html_token "vars.html_token_path = \"$work/gone.html\"" 'vars.html_token_perfdata = "range"'
	service hundred jwtwatch "vars.jwtwatch_config = \"$work/hundred.yaml\"" 'vars.jwtwatch_verbosity = 3' "$at"
	service hostile jwtwatch "vars.jwtwatch_config = \"$work/hostile.yaml\"" 'vars.jwtwatch_verbosity = 3' "$at"
	service hostile-claims html_token "vars.html_token_path = \"$work/hostile.html\"" \
		'vars.html_token_issuer = "devkey"' 'vars.html_token_verbosity = 3' "$at"
	service several html_token "vars.html_token_path = \"$work/good.html\"" 'vars.html_token_verbosity = 2' \
		'vars.html_token_forbid_grants = [ "roomJoin", "roomAdmin" ]' \
		'vars.html_token_severity = [ "grant_forbidden=critical" ]' "$at"
	service targets jwtwatch "vars.jwtwatch_config = \"$work/hundred.yaml\"" \
		'vars.jwtwatch_targets = [ "target-1", "target-10" ]'
	service wrong html_token 'vars.html_token_path = "x"' 'vars.html_token_warning = "3600"'
	service bearer token_endpoint "vars.token_endpoint_url = \"http://127.0.0.1:$endpoint/?a=1&b=\$\$c;|\"" \
		"vars.token_endpoint_bearer_pass = \"$secret\""
	service no-bearer token_endpoint "vars.token_endpoint_url = \"http://127.0.0.1:$endpoint/\""
	service pieces livekit 'vars.livekit_hostname = "127.0.0.1"' "vars.livekit_port = $livekit" \
		'vars.livekit_path = "/"' 'vars.livekit_ssl = false'
	service ssl livekit 'vars.livekit_hostname = "127.0.0.1"' 'vars.livekit_port = 1' 'vars.livekit_ssl = true'
	service in-time livekit "vars.livekit_url = \"ws://127.0.0.1:$hanging\"" 'vars.livekit_deadline = "500ms"'
	service in-time-critical livekit "vars.livekit_url = \"ws://127.0.0.1:$hanging\"" \
		'vars.livekit_deadline = "1"' 'vars.livekit_timeout_result = "critical"'
	service too-late livekit "vars.livekit_url = \"ws://127.0.0.1:$hanging\"" 'vars.livekit_timeout = "60s"' \
		'vars.livekit_deadline = "60"' 'check_timeout = 1s'
	printf '[check_html_token]\npath = %s\n' "$work/good.html" > own.ini
	service extra html_token "vars.html_token_extra_opts = \"@$work/own.ini\""
} > icinga/objects.conf
start_icinga "$work/icinga"

# SERVICE COMMAND...: Icinga stored what the plugin says.
compare()
{
	service=$1
	shift
	direct "$@"
	icinga_check icinga voice "$service"
	is_stored "$service"
}

PATH=$work/plugins:$PATH
compare ended check_html_token --path "$work/ended.html" -v --perfdata number --at "@$moment"
compare gone check_html_token --path "$work/gone.html" -vvv --perfdata number
compare ranges check_html_token --path "$work/good.html" -w 3600: -c @~:600 --perfdata number --at "@$moment"
compare unknown check_html_token --path "$work/gone.html" -v
compare hundred check_jwtwatch -f "$work/hundred.yaml" -vvv --perfdata number --at "@$moment"
is "a hundred: each failing one has its line" 10 "$(stored long_output | grep -c '^CRITICAL target-[0-9]*: expired: ')"
is "a hundred: counted, with the earliest end" "ok=90 warning=0 critical=10 unknown=0 earliest=" \
	"$(stored perfdata | sed 's/[-0-9]*s$//')"
compare hostile check_jwtwatch -f "$work/hostile.yaml" -vvv --perfdata number --at "@$moment"
is "hostile: two items, no more" 2 "$(stored perfdata | grep -o '=' | wc -l)"
is "hostile: no line of its own" 2 "$(stored long_output | grep -c '^CRITICAL ')"
compare hostile-claims check_html_token --path "$work/hostile.html" --issuer devkey -vvv --perfdata number \
	--at "@$moment"
compare several check_html_token --path "$work/good.html" --forbid-grants roomJoin --forbid-grants roomAdmin \
	--severity grant_forbidden=critical -vv --perfdata number --at "@$moment"
compare wrong check_html_token --path x -w 3600 --perfdata number

# What the shipped file watches.
for service in 'token of the voice page' 'token endpoint' 'token livekit' 'token all'; do
	icinga_check icinga voice "$service"
	is "shipped: $service is OK" "0 JWTWATCH OK" "$(stored state) $(stored output | cut -c 1-11)"
done

# NAME SERVICE ANSWER: state, state's name and what else line 1 begins with.
answers()
{
	icinga_check icinga voice "$2"
	is "$1" "$3" "$(stored state) $(stored output | cut -c "1-$((${#3} - 2))")"
}
answers "two targets of a configuration" targets "2 JWTWATCH CRITICAL: 2 targets: 1 critical"
answers "a URL in pieces" pieces "0 JWTWATCH OK: ws://127.0.0.1:$livekit/"
answers "ssl" ssl "2 JWTWATCH CRITICAL: connect: wss://127.0.0.1:1: "
answers "options of a file" extra "0 JWTWATCH OK: "
answers "our time is up: UNKNOWN, with our words" in-time "3 JWTWATCH UNKNOWN: deadline: "
answers "our time is up, with a state of its own" in-time-critical "2 JWTWATCH CRITICAL: deadline: "
answers "the scheduler's time is up: its own words" too-late "3 <Timeout exceeded.>"

# A secret goes by the environment.
answers "an endpoint that wants a secret" bearer "0 JWTWATCH OK: http://127.0.0.1:$endpoint/"
is "the secret isn't in the command line" 0 "$(stored command | grep -c -F "$secret")"
is "but where it is to be found" yes "$(stored command | grep -q '"--bearer", "env:JWTWATCH_BEARER"' && echo yes)"
answers "without it" no-bearer "2 JWTWATCH CRITICAL: http_status: "
is "there is no such argument" 0 "$(stored command | grep -c bearer)"

# SERVICE: the items as Icinga understands them: label, value, unit, warning, critical.
understood()
{
	icinga_check icinga voice "$1"
	stored items > items
	"$python" - icinga "$top_srcdir/tests/schedulers.py" << 'END'
import json, subprocess, sys
with open("items", encoding="utf-8") as file:
    items = json.load(file)
script = "var all = []\nfor (item in %s) { all.add(parse_performance_data(item)) }\nall" % json.dumps(items)
answer = subprocess.run([sys.executable, sys.argv[2], "tell", sys.argv[1], "POST", "/v1/console/execute-script",
                         json.dumps({"command": script})], capture_output=True, text=True, check=True).stdout
result = json.loads(answer.split(" ", 1)[1])["results"][0]["result"]
for value in result:
    number = "N" if value["label"] in ("time", "left") else f"{value['value']:g}"
    print(value["label"], number, value["unit"] or "-", value["warn"], value["crit"])
END
}
is "Icinga reads values and thresholds" "left N seconds 3600 600
share 99 percent None None
time N seconds None None" "$(understood ranges)"
is "Icinga has one item where nothing else is known" "time N seconds None None" "$(understood gone)"

is "no token was stored" "" "$(grep -l -F "$good" icinga/data/icinga2.state icinga/run.log icinga/log/* 2> /dev/null)"
is "nor said by the API" 0 "$(schedulers tell icinga GET /v1/objects/services | grep -c -F "$good")"
stop_peers
is "nor left behind at the end" "" "$(grep -r -l -F "$good" icinga/data icinga/run.log icinga/log)"
plan
