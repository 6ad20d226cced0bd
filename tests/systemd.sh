#!/bin/sh
# SPDX-License-Identifier: MIT
# conf/systemd: the daemon's unit as systemd reads it, its user and its folders.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

shipped=$top_srcdir/conf/systemd
unit=$shipped/jwtwatch.service
cd "$work" || exit 1
mkdir units root root/etc

# KEY: what the unit says there.
says_unit()
{
	sed -n "s|^$1=||p" "$unit"
}

# NAME EXPECTED KEY
has()
{
	is "$1" "$2" "$(says_unit "$3")"
}

sed "s|/usr/local/bin/jwtwatch|$JWTWATCH|" "$unit" > units/jwtwatch.service
is "nothing is wrong with the unit" "0" "$(systemd-analyze verify "$work/units/jwtwatch.service" 2>&1)$?"
cp "$shipped/jwtwatch.socket" units
is "... and with the socket" "0" "$(systemd-analyze verify "$work/units/jwtwatch.socket" 2>&1)$?"
sed 's/^WatchdogSec=.*/WatchdogSec=soon/' units/jwtwatch.service > units/wrong.service
is "... and something would be seen" "1" "$(systemd-analyze verify "$work/units/wrong.service" 2>&1 | grep -c ': Failed to parse sec value')"
systemd-analyze security --offline=true --threshold=20 --no-pager "$work/units/jwtwatch.service" > out 2> err
is "it is shut in" "0 1" "$? $(grep -c 'Overall exposure level .*: [01]\.[0-9] ' out)"
is "... and says so" "0 0" "$(grep -c '^MemoryDenyWriteExecute' "$unit") $(grep -c '^DynamicUser' "$unit")"
has "it tells when it is ready" notify Type
has "... and is started anew when its loop hangs" 60s WatchdogSec
has "... or when it fails" on-failure Restart
# shellcheck disable=SC2016
has "a reload is a signal" '/bin/kill -HUP $MAINPID' ExecReload
has "no core is left" 0 LimitCORE
has "it may write its state, and nothing else" jwtwatch StateDirectory
has "... as all is read-only" strict ProtectSystem
has "... and no other path is named" "" ReadWritePaths
has "names can be looked up" "AF_UNIX AF_INET AF_INET6 AF_NETLINK" RestrictAddressFamilies

# Of one page's renewals: a template, which is read by the name of an instance.
sed "s|/usr/local/bin/jwtwatch|$JWTWATCH|" "$shipped/jwtwatch-renew@.service" > units/jwtwatch-renew@.service
cp "$shipped/jwtwatch-renew@.timer" units
is "nothing is wrong with the unit that renews" "0" \
	"$(systemd-analyze verify "$work/units/jwtwatch-renew@page.service" 2>&1)$?"
is "... and its timer" "0" "$(systemd-analyze verify "$work/units/jwtwatch-renew@page.timer" 2>&1)$?"
systemd-analyze security --offline=true --threshold=20 --no-pager "$work/units/jwtwatch-renew@.service" > out 2> err
is "... and it is shut in" "0 1" "$? $(grep -c 'Overall exposure level .*: [01]\.[0-9] ' out)"
command=$(sed -n 's|^ExecStart=||p' units/jwtwatch-renew@.service | sed 's|%%|%|; s|%i|-f none.yaml page|')
run sh -c "$command"
is "... and its command is understood: it misses the file only" "3 1" "$status $(cat out err | grep -c 'none\.yaml')"
is "cron's is the same one" "$(echo "$command" | sed 's|.*jwtwatch renew|renew|; s|-f none.yaml page|voice-page|')" \
	"$(sed -n 's|.* jwtwatch renew|renew|p' "$shipped/../cron/jwtwatch-renew" | sed 's|\\%|%|')"

# What it starts is a command that there is.
command=$(says_unit ExecStart | sed "s|/usr/local/bin/jwtwatch|$JWTWATCH|; s|-f .*|-f $work/none.yaml|")
run sh -c "$command"
is "its command is understood: it misses the file only" "3 1" "$status $(cat out err | grep -c 'none\.yaml')"

# Its user and folders, below a folder of ours. As somebody else they can't be given to root.
user=$(says_unit User)
is "sysusers.d makes the user of the unit" "$user" "$(sed -n 's/^u \([a-z]*\) .*/\1/p' "$shipped/jwtwatch.sysusers")"
run systemd-sysusers --root="$work/root" "$(realpath "$shipped/jwtwatch.sysusers")"
is "... as systemd reads it" "0 $user:/var/lib/jwtwatch:/usr/sbin/nologin" \
	"$status $(sed -n 's/^\([a-z]*\):[^:]*:[^:]*:[^:]*:[^:]*:/\1:/p' root/etc/passwd 2> /dev/null | grep "^$user:")"
if [ "$(id -u)" -eq 0 ]; then
	run systemd-tmpfiles --root="$work/root" --create "$(realpath "$shipped/jwtwatch.tmpfiles")"
	is "tmpfiles.d makes the folders" "0 755 700" \
		"$status $(stat -c %a root/etc/jwtwatch root/etc/jwtwatch/secrets 2> /dev/null | tr '\n' ' ' | sed 's/ $//')"
else
	is "tmpfiles.d has the folders" "2" "$(grep -c '^d /etc/jwtwatch' "$shipped/jwtwatch.tmpfiles")"
fi
is "the folder of the configuration has one mode" "$(says_unit ConfigurationDirectoryMode)" \
	"$(sed -n 's|^d /etc/jwtwatch \([0-7]*\) .*|\1|p' "$shipped/jwtwatch.tmpfiles")"
is "the page names each file that it tells of" "" \
	"$(cd "$shipped" && for file in *; do [ "$file" = README.md ] || grep -q "${file##*check}" README.md || echo "$file"; done)"
plan
