#!/bin/sh
# SPDX-License-Identifier: MIT
# The plugins under a real Nagios 4, and behind a real NRPE: what is stored, and what happens when time is up.
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

# The shipped file beside Debian's own objects.
mkdir verified
schedulers verify nagios verified > log
sed "s|^cfg_file=.*/base.cfg|$(for file in commands contacts timeperiods templates; do
	printf 'cfg_file=/etc/nagios4/objects/%s.cfg\\n' $file
done)|; s|^cfg_file=.*/objects.cfg|cfg_file=$top_srcdir/nagios/jwtwatch.cfg|" verified/nagios.cfg > verified/debian.cfg
holds "the shipped file is right beside Debian's own" nagios4 -v verified/debian.cfg > log
sed '$!d' log
says "nothing is wrong with it" "Total Errors:   0" log
says "its dependencies are there" "Checked 2 service dependencies" log

# SERVICE COMMAND...: a service whose plugin is run so.
service()
{
	cat << END
define command {
    command_name  run-$1
    command_line  $2
}
define service {
    use                  test-service
    host_name            voice
    service_description  $1
    check_command        run-$1
}
END
}

# All tokens but those that ended are good then, and each run says the same.
moment="--at @$(($(date +%s) + 60))"
mkdir nagios
ln -s "$work/plugins" nagios/plugins
{
	printf 'define host {\n    use       test-host\n    name      generic-host\n    register  0\n}\n'
	printf 'define service {\n    use       test-service\n    name      generic-service\n    register  0\n}\n'
	shipped jwtwatch.cfg
	service ended '$USER1$/check_html_token --path '"$work/ended.html -v $moment"
	service gone '$USER1$/check_html_token --path '"$work/gone.html -vvv"
	service number '$USER1$/check_html_token --path '"$work/ended.html --perfdata number $moment"
	service hundred '$USER1$/check_jwtwatch -f '"$work/hundred.yaml -vvv $moment"
	service hostile '$USER1$/check_jwtwatch -f '"$work/hostile.yaml -vvv $moment"
	service hostile-claims '$USER1$/check_html_token --path '"$work/hostile.html --issuer devkey -vvv $moment"
	service wrong '$USER1$/check_html_token --path x -w 3600'
	service in-time '$USER1$/check_livekit -H 127.0.0.1 -p '"$hanging -t 500ms"
	service in-time-critical '$USER1$/check_livekit -H 127.0.0.1 -p '"$hanging -t 1:critical"
	service too-late '$USER1$/check_livekit -H 127.0.0.1 -p '"$hanging --timeout 60s -t 60"
} > nagios/objects.cfg
SCHEDULER_TIMEOUT=4 start_nagios "$work/nagios"

# SERVICE COMMAND...: Nagios stored what the plugin says.
compare()
{
	service=$1
	shift
	direct "$@"
	await_result nagios nagios voice "$service"
	is_stored "$service"
}

PATH=$work/plugins:$PATH
# shellcheck disable=SC2086
{
	compare ended check_html_token --path "$work/ended.html" -v $moment
	compare gone check_html_token --path "$work/gone.html" -vvv
	compare number check_html_token --path "$work/ended.html" --perfdata number $moment
	compare hundred check_jwtwatch -f "$work/hundred.yaml" -vvv $moment
	compare hostile check_jwtwatch -f "$work/hostile.yaml" -vvv $moment
	compare hostile-claims check_html_token --path "$work/hostile.html" --issuer devkey -vvv $moment
	compare wrong check_html_token --path x -w 3600
}
await_result nagios nagios voice hundred
is "a hundred: all of them in line 1" yes "$(stored output | grep -q '^JWTWATCH CRITICAL: .*100 targets: 10 critical, 0 warning, 0 unknown, 90 ok, target-10: ' && echo yes)"
is "a hundred: each failing one has its line" 10 "$(stored long_output | grep -c '^CRITICAL target-[0-9]*: expired: ')"
is "a hundred: counted, with the earliest end" "'ok'=90 'warning'=0 'critical'=10 'unknown'=0 'earliest'=" \
	"$(stored perfdata | sed 's/[-0-9]*s$//')"
await_result nagios nagios voice hostile
is "hostile: two items, no more" 2 "$(stored perfdata | grep -o '=' | wc -l)"
is "hostile: no line of its own" 2 "$(stored long_output | grep -c '^CRITICAL ')"

# What the shipped file watches.
for service in 'Token of the voice page' 'Token endpoint' LiveKit 'All tokens'; do
	await_result nagios nagios voice "$service"
	is "shipped: $service is OK" "0 JWTWATCH OK" "$(stored state) $(stored output | cut -c 1-11)"
done
is "shipped: the dependencies are in force" 2 "$(grep -c '^define servicedependency' nagios/objects.cache)"

# Whose time is up first.
await_result nagios nagios voice in-time
is "our time is up: UNKNOWN, with our words" "3 JWTWATCH UNKNOWN: deadline: " "$(stored state) $(stored output | cut -c 1-28)"
await_result nagios nagios voice in-time-critical
is "our time is up, with a state of its own" "2 JWTWATCH CRITICAL: deadline: " "$(stored state) $(stored output | cut -c 1-29)"
await_result nagios nagios voice too-late
is "the scheduler's time is up: its own words" "2 (Service check timed out after" \
	"$(stored state) $(stored output | cut -c 1-30)"

# The same through NRPE, which is nobody where this is root: in a folder that anybody may read.
chmod 711 "$work"
mkdir -p nrpe/plugins
cp "$JWTWATCH" nrpe/plugins/check_jwtwatch
cp good.html ended.html targets.yaml hundred.yaml nrpe
chmod -R a+rX nrpe
{
	shipped jwtwatch-nrpe.cfg | sed "s|$work/|$work/nrpe/|g"
	echo "command[hundred]=$work/nrpe/plugins/check_jwtwatch -f $work/nrpe/hundred.yaml -vvv $moment"
} > nrpe/commands.cfg
start_nrpe "$work/nrpe"
nrpe_port=$said
# NAME COMMAND: what comes through, in out.
nrpe()
{
	run /usr/lib/nagios/plugins/check_nrpe -H 127.0.0.1 -p "$nrpe_port" -n -t 30 -c "$1"
}
nrpe jwtwatch
is "NRPE: all targets" "0 JWTWATCH OK" "$status $(cut -c 1-11 out)"
nrpe jwtwatch_voice_page
is "NRPE: one target" "0 JWTWATCH OK" "$status $(head -n 1 out | cut -c 1-11)"
nrpe hundred
cp out through
# shellcheck disable=SC2086
direct check_jwtwatch -f "$work/nrpe/hundred.yaml" -vvv $moment
is "NRPE: all of a hundred targets comes through" "" "$(diff out through 2>&1)"

is "no token was stored" "" "$(grep -l -F "$good" nagios/status.dat nagios/nagios.log nagios/objects.cache nrpe/run.log)"
stop_peers
plan
