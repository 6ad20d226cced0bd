#!/bin/sh
# SPDX-License-Identifier: MIT
# The plugins as a scheduler calls them: names, options, exit codes, one line, nothing on standard error.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"

cd "$work" || exit 1
mkdir plugins
for name in check_html_token check_token_endpoint check_livekit check_jwtwatch; do
	ln -s "$JWTWATCH" "plugins/$name"
done
PATH=$work/plugins:$PATH
unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
make_secret secret
good=$(token '{}') || exit 1
page good.html "$good"
printf 'targets:\n  - {name: page, check: html_file, path: good.html}\n' > one.yaml

# The exit code, how much there is on standard error, and line 1 without its data.
seen()
{
	echo "$status $(wc -c < err) $(head -n 1 out | sed 's/ |.*//')"
}

# NAME CODE TEXT COMMAND...: it exits so, is silent on standard error, and line 1 holds the text.
answers()
{
	row=$1
	code=$2
	text=$3
	shift 3
	run "$@"
	case $(seen) in
	"$code 0 "*"$text"*) ok "$row" ;;
	*)
		not_ok "$row"
		diag "expected: $code 0 ...$text"
		diag "seen:     $(seen)"
		;;
	esac
}

# NAME TEXT COMMAND...: an error of the command line.
refused()
{
	row=$1
	text=$2
	shift 2
	answers "$row" 3 "JWTWATCH UNKNOWN: config: $text" "$@"
}

answers "a page" 0 "JWTWATCH OK: good.html:4 good for" check_html_token --path good.html
answers "by its whole path" 0 "JWTWATCH OK: " "$work/plugins/check_html_token" --path good.html
answers "all of a configuration" 0 "JWTWATCH OK: good.html:4" check_jwtwatch -f one.yaml
answers "a target of a configuration, and an argument that isn't there" 0 "JWTWATCH OK: good.html:4" \
	check_jwtwatch -f one.yaml page ''
answers "an argument that isn't there" 0 "JWTWATCH OK: " check_html_token --path good.html '' ''
run check_html_token --path good.html -o json
is "JSON for programs" "OK ok" "$(verdict)"
run check_html_token --path good.html -o prometheus
says "metrics for Prometheus" "# HELP jwtwatch_" out
run check_html_token --path good.html -o text
says "a table for a person" "STATE " out

for plugin in check_html_token check_token_endpoint check_livekit check_jwtwatch; do
	for flag in -h --help -V --version; do
		run $plugin $flag
		is "$plugin $flag: exit code, nothing on standard error" "3 0" "$status $(wc -c < err)"
		is "$plugin $flag: within 80 columns" "" "$(awk 'length($0) > 80' out)"
		is "$plugin $flag: says its name first" $plugin "$(head -n 1 out | cut -d ' ' -f 1)"
	done
	refused "$plugin: an unknown option" "unknown option --perfdeta, did you mean --perfdata?" $plugin --perfdeta x
	refused "$plugin: a wrong format" "-o takes " $plugin -o xml
	refused "$plugin: an empty format" "-o takes " $plugin -o ''
	refused "$plugin: an option without its value" "-t wants a value" $plugin -t
	refused "$plugin: a value that isn't taken" "--help takes no value" $plugin --help=x
	for seconds in 0 -1 '' 20x 3601 1e3 ' 20' 20: :critical 20:fine 20:4 20::ok; do
		run $plugin -t "$seconds"
		is "$plugin -t '$seconds' is refused" "3 0 yes" \
			"$status $(wc -c < err) $(grep -q '^JWTWATCH UNKNOWN: config: .*-t takes' out && echo yes)"
	done
	refused "$plugin: a wrong --timeout-result" "--timeout-result takes ok" $plugin --timeout-result fine
	refused "$plugin: two states for a time that is up" "-t and --timeout-result name different" \
		$plugin -t 20:ok --timeout-result critical
	refused "$plugin: a wrong --perfdata" "--perfdata takes range, number or none" $plugin --perfdata ranges
done
for flag in -h --help -V --version; do
	run "$JWTWATCH" $flag
	is "jwtwatch $flag: exit code" 0 "$status"
	run "$JWTWATCH" check $flag
	is "jwtwatch check $flag: exit code" 0 "$status"
done
run "$JWTWATCH" check -t 20
is "under its own name a time has a unit" 3 "$status"

# OPTION [VALUE]
refuses_piece()
{
	piece=${1%% *}
	# shellcheck disable=SC2086
	{
		refused "check_html_token: no $piece" "$piece is part of a URL" check_html_token --path x $1
		refused "check_jwtwatch: no $piece" "$piece is part of a URL" check_jwtwatch -f one.yaml $1
		run "$JWTWATCH" html_file --path good.html $1
	}
	is "jwtwatch html_file: no $piece" 3 "$status"
}
for option in '-H host' '-p 80' '-u /path' -S; do
	refuses_piece "$option"
done
refused "a word too much" "'check_html_token' takes no operand" check_html_token --path good.html good.html

# Each forbidden threshold, in both options, on line 1 with the option's name.
# Each line ends with a bar, so that blanks are seen.
while IFS= read -r text; do
	text=${text%|}
	for option in warning critical; do
		refused "--$option '$text'" "--$option: " check_html_token --path good.html "--$option=$text"
	done
done << 'END'
|
@|
:|
@:|
~|
@~|
20:10|
@20:10|
2:1|
-10|
0:-1|
-10:-20|
@-5|
10:~|
~10|
~10:20|
~:~|
1:2:3|
::|
10::20|
@@10|
10@|
10:@20|
--5:|
-|
.|
-:|
abc|
10x|
1:12%|
1,5:|
10..20|
10-20|
0x10:|
1e3:|
+5:|
inf|
nan:|
 10|
10 |
10 :20|
10: 20|
@ 10|
 |
0|
10|
3600|
END

# The pieces of a URL, as they come together in what is said of a port where nothing listens.
# NAME URL PLUGIN OPTION...
asks()
{
	row=$1
	url=$2
	shift 2
	answers "$row" 2 "connect: $url: 127.0.0.1:1 refuses" "$@"
}
asks "-H and -p" http://127.0.0.1:1 check_token_endpoint -H 127.0.0.1 -p 1
asks "-S" https://127.0.0.1:1/t check_token_endpoint -H 127.0.0.1 -p 1 -S -u /t
asks "-u as a whole URL" http://127.0.0.1:1/t check_token_endpoint -u http://127.0.0.1:1/t
asks "--url" http://127.0.0.1:1/t check_token_endpoint --url http://127.0.0.1:1/t
asks "livekit: ws" ws://127.0.0.1:1 check_livekit -H 127.0.0.1 -p 1
asks "livekit: wss" wss://127.0.0.1:1 check_livekit -S -H 127.0.0.1 -p 1
answers "an IPv6 address" 2 "[::1]:1" check_livekit -H ::1 -p 1
refused "-p without -H" "-p and -S belong to a host" check_livekit -p 1
refused "-u without -H and scheme" "-u takes a path together with -H" check_livekit -u /x
refused "-u that doesn't begin with /" "-u takes a path that begins with /" check_livekit -H host -u x
refused "-u that is a URL, with -H" "-u is a whole URL" check_livekit -H host -u ws://host/
refused "-u that is a URL, with -p" "without -H, -u takes a whole URL" check_livekit -p 1 -u ws://host/
refused "-H with --url" "-H is part of a URL, and there is --url" check_livekit -H host --url ws://host/
for port in 0 65536 -1 x '' 80x; do
	refused "-p '$port'" "-p takes a port" check_livekit -H host -p "$port"
done
for host in '' 'a b' a/b user@host 'a?b' 'a#b'; do
	refused "-H '$host'" "-H " check_livekit -H "$host"
done

# What a time that is up is: of a server that takes the request and is silent.
start_livekit hanging --mode hang
port=$said
answers "its own time is up" 2 "timeout: " check_livekit -H 127.0.0.1 -p "$port" --timeout 200ms
answers "the run's time is up" 3 "deadline: " check_livekit -H 127.0.0.1 -p "$port" -t 300ms
answers "a number is seconds" 3 "deadline: " check_livekit -H 127.0.0.1 -p "$port" -t 1
for state in ok:0 OK:0 0:0 warning:1 1:1 critical:2 Critical:2 2:2 unknown:3 3:3; do
	code=${state#*:}
	answers "timeout as ${state%:*}" "$code" "timeout: " check_livekit -H 127.0.0.1 -p "$port" \
		--timeout 200ms --timeout-result "${state%:*}"
	answers "deadline as ${state%:*}" "$code" "deadline: " check_livekit -H 127.0.0.1 -p "$port" \
		-t "300ms:${state%:*}"
done
answers "the same state twice" 1 "deadline: " check_livekit -H 127.0.0.1 -p "$port" -t 300ms:1 --timeout-result warning
cat > two.yaml << END
targets:
  - {name: silent, check: livekit, url: "ws://127.0.0.1:$port", severity: {timeout: critical}, timeout: 200ms}
  - {name: gone, check: html_file, path: gone.html, severity: {file_missing: warning}}
END
answers "what else is wrong stays so" 1 "gone: file_missing: " check_jwtwatch -f two.yaml --timeout-result ok
answers "the configuration's word" 2 "silent: timeout: " check_jwtwatch -f two.yaml

# Options of a file: first those, then the command line.
cat > own.ini << 'END'
# a comment
; another
[check_html_token]
path = good.html
  w=100h
v
[ other ]
path = gone.html
[broken]
= x
[unknown]
pth = x
[check_token_endpoint]
hostname = 127.0.0.1
port = 1
[check_html_token]
perfdata = none
[with secret]
url = http://127.0.0.1:1/
bearer = THE-CANARY-OF-THIS-FILE
END
answers "options of a file" 1 "expiring: good.html:4" check_html_token --extra-opts=@own.ini
says "all of the section's lines count, -v too" "  fix: " out
is "also where the section stands twice" "" "$(grep -F '|' out)"
answers "the command line wins, wherever it stands" 0 "OK: good.html:4" check_html_token -w 1m --extra-opts=@own.ini
answers "another section" 2 "file_missing: gone.html" check_html_token --extra-opts=other@own.ini
refused "no such section" "--extra-opts: own.ini: there is no section [none]" check_html_token --extra-opts=none@own.ini
refused "a line without a name" "--extra-opts: own.ini:10: there is no name" check_html_token --extra-opts=broken@own.ini
refused "an unknown option of a file" "unknown option --pth" check_html_token --extra-opts=unknown@own.ini
refused "no such file" "--extra-opts: gone.ini: no such file" check_html_token --extra-opts=@gone.ini
answers "pieces of a URL of a file" 2 "connect: http://127.0.0.1:1: " check_token_endpoint --extra-opts=@own.ini
answers "--url instead of the pieces of a file" 2 "connect: http://127.0.0.1:1/u: " \
	check_token_endpoint --extra-opts=@own.ini --url http://127.0.0.1:1/u
answers "\$MP_CONFIG_FILE" 1 "expiring: " env MP_CONFIG_FILE=own.ini check_html_token --extra-opts
mkdir -p path/empty path/full
cp own.ini path/full/plugins.ini
answers "\$NAGIOS_CONFIG_PATH" 1 "expiring: " env NAGIOS_CONFIG_PATH=:path/empty::path/full \
	check_html_token --extra-opts
refused "only in full" "unknown option --extra" check_html_token --path good.html --extra
chmod 644 own.ini
refused "a secret in a file that others can read" "--bearer: every user of this machine can read" \
	check_token_endpoint "--extra-opts=with secret@own.ini"
is "and it isn't shown" "" "$(grep -l THE-CANARY out err)"
chmod 600 own.ini
answers "a secret in a file that they can't read" 2 "connect: " check_token_endpoint "--extra-opts=with secret@own.ini" -vvv
is "and it isn't shown either" "" "$(grep -l THE-CANARY out err)"
refused "a secret on the command line" "--bearer: write env:NAME" check_token_endpoint -H 127.0.0.1 -p 1 --bearer x

# A locale with a comma in its numbers, made here, changes nothing.
mkdir locales
cat > comma << 'END'
comment_char %
escape_char /
LC_NUMERIC
decimal_point "<U002C>"
thousands_sep "<U002E>"
grouping 3;3
END_LC_NUMERIC
END
localedef -c -i comma -f ANSI_X3.4-1968 locales/xx_XX > localedef.log 2>&1
comma=$(LOCPATH=$work/locales LC_ALL=xx_XX env printf '%.1f' 1 2>> localedef.log)
is "the locale with a comma is one" "1,0" "$comma"
run env LC_ALL=C check_html_token --path good.html --at 2026-01-01
sed "s/'time'=[0-9.]*s/'time'=T/" out > point
run env "LOCPATH=$work/locales" LC_ALL=xx_XX check_html_token --path good.html --at 2026-01-01
is "the same output under it" "" "$(sed "s/'time'=[0-9.]*s/'time'=T/" out | diff point - 2>&1)"
is "with a point in its data" yes "$(grep -q "'time'=[0-9]*\.[0-9]*s" out && echo yes)"

# Standard output that is gone, or full, is still nobody's first line.
"$work/plugins/check_html_token" --path good.html > /dev/full 2> err
is "standard output is full" "3 0" "$? $(wc -c < err)"
"$work/plugins/check_html_token" --path good.html >&- 2> err
is "standard output is closed" "3 0" "$? $(wc -c < err)"
exec 7>&-
wait
plan
