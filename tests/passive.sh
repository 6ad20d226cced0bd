#!/bin/sh
# SPDX-License-Identifier: MIT
# Passive results in a real Icinga 2 (by its API) and a real Nagios 4 (by its command file), as these stored them.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"
# shellcheck source=tests/schedulers.sh
. "$top_srcdir/tests/schedulers.sh"

cd "$work" || exit 1
make_secret secret
page good.html "$(token '{}')"
page ended.html "$(token '{"exp": "@-7200", "iat": "@-93600"}')"

mkdir icinga nagios
cat > icinga/objects.conf << 'END'
object ApiUser "powerless" {
  password = "powerless"
  permissions = [ "objects/query/Host" ]
}
object ApiUser "by-certificate" {
  client_cn = "client"
  permissions = [ "actions/process-check-result" ]
}
object Host "web1" { check_command = "dummy" }
template Service "token" {
  check_command = "dummy"
  vars.dummy_state = 3
  vars.dummy_text = "no result came"
  enable_active_checks = false
  max_check_attempts = 1
}
object Service "good" { import "token"; host_name = "web1" }
object Service "ended" { import "token"; host_name = "web1" }
object Service "fresh" { import "token"; host_name = "web1"; enable_active_checks = true }
object Service "active only" { import "token"; host_name = "web1"; enable_passive_checks = false }
END
cat > nagios/objects.cfg << 'END'
define host {
    use        test-host
    host_name  web1
}
define service {
    name                    token
    use                     test-service
    host_name               web1
    active_checks_enabled   0
    passive_checks_enabled  1
    check_command           test-ok
    register                0
}
define service {
    use                  token
    service_description  JWT good
}
define service {
    use                  token
    service_description  JWT ended
}
END
start_icinga icinga
icinga=127.0.0.1:$said
start_nagios nagios
cat icinga/client.crt icinga/client.key > client.pem
api="type: icinga, url: 'https://$icinga', host: web1, ca_file: icinga/data/certs/ca.crt"
cat > jwtwatch.yaml << END
sinks:
  icinga: {$api, user: test, password: {file: icinga/api-password}, check_source: ci-7}
  certificate: {$api, client_certificate: client.pem}
  wrong: {$api, user: test, password: wrong}
  powerless: {$api, user: powerless, password: powerless}
  strange: {type: icinga, url: 'https://$icinga', host: web1, user: test, password: wrong}
  nagios: {type: command_file, path: nagios/rw/nagios.cmd, host: web1, service: 'JWT \$name\$'}
targets:
  - {name: good, check: html_file, path: good.html}
  - {name: ended, check: html_file, path: ended.html}
END
cat > try.yaml << END
$(cat jwtwatch.yaml)
  - {name: active only, check: html_file, path: good.html}
END
cat > one.yaml << END
sinks:
  short: {$api, user: test, password: {file: icinga/api-password}, service: fresh, ttl: 1s}
targets:
  - {name: good, check: html_file, path: good.html}
END

# KIND STATE CLAIM: rows about the result in $work/stored. Icinga reads plain numbers for thresholds, Nagios any text.
is_stored()
{
	case $1 in
	icinga*) range= ;;
	*) range=: ;;
	esac
	is "$1: state" "$2" "$(stored state)"
	is "$1: passive" 1 "$(stored check_type)"
	holds "$1: output" test "$(stored output | grep -c "$3")" = 1
	is "$1: no performance data in the output" 0 "$(stored output | grep -c '|')"
	holds "$1: performance data" \
		test "$(stored perfdata | grep -c "^'left'=-\{0,1\}[0-9]*s;[0-9]*$range;[0-9]*$range 'share'=[0-9]*% 'time'=[0-9.]*s$")" = 1
}

run "$JWTWATCH" check -f jwtwatch.yaml -o json --sink icinga --sink nagios
is "the check's own exit code" 2 "$status"
is "both took all" 0 "$(grep -c '"sinks"' "$work/out")"
await_result icinga icinga web1 ended
is_stored "icinga, CRITICAL" 2 '^JWTWATCH CRITICAL: expired: ended.html:4 token ended 2h ago'
is "icinga: the command without secrets" '["jwtwatch", "check", "ended"]' "$(stored command)"
await_result icinga icinga web1 good
is_stored "icinga, OK" 0 '^JWTWATCH OK: good.html:4 good for '
schedulers tell icinga GET /v1/objects/services/web1%21good > whole
says "icinga: who checked" '"check_source": "ci-7"' whole
says "icinga: for how long it is good" '"ttl": 3600' whole
await_result nagios nagios web1 "JWT ended"
is_stored "nagios, CRITICAL" 2 '^JWTWATCH CRITICAL: expired: ended.html:4 token ended 2h ago'
says "nagios: what to do, below" "  fix: " "$work/stored"
await_result nagios nagios web1 "JWT good"
is_stored "nagios, OK" 0 '^JWTWATCH OK: good.html:4 good for '

# What the real ones answer.
tested()
{
	row=$1
	code=$2
	text=$3
	shift 3
	run "$JWTWATCH" sink test -f try.yaml "$@"
	is "$row" "$code" "$status"
	says "... and says why" "$text" "$work/out"
}
tested "icinga takes a test" 0 "\"Successfully processed check result for object 'web1!good'.\"" icinga good
await_result icinga icinga web1 good "a test"
is "... and stores it" "JWTWATCH UNKNOWN: a test (jwtwatch sink test): results get here; the next one takes its place" \
	"$(stored output)"
tested "icinga knows a client certificate" 0 "Successfully processed" certificate good
tested "icinga has no such service" 1 'has no service "web1!jwtwatch-test", or the API user lacks' icinga
tested "icinga: no permission" 1 'has no service "web1!good", or the API user lacks' powerless good
tested "icinga: wrong password" 1 "doesn't know this user with this password (401)" wrong good
tested "icinga: the system doesn't know its authority" 3 "name its ca.crt by ca_file" strange good
tested "icinga: passive results switched off" 1 "enable_passive_checks" icinga "active only"
tested "nagios takes a test" 0 "written" nagios good
await_result nagios nagios web1 "JWT good" "a test"
is "... and stores it" 1 "$(stored check_type)"

# Behind its ttl, a result makes way for what the service's own command says.
run "$JWTWATCH" check -f one.yaml -o json good --sink short
is "a result that is good for a second" 0 "$status"
await_result icinga icinga web1 fresh "no result came"
is "... is followed by the command's" "3 no result came" "$(stored state) $(stored output)"

stop_peers
run "$JWTWATCH" sink test -f jwtwatch.yaml icinga
is "icinga is down" 3 "$status"
run "$JWTWATCH" sink test -f jwtwatch.yaml nagios
is "nagios is down" 3 "$status"
plan
