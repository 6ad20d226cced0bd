#!/bin/sh
# SPDX-License-Identifier: MIT
# The check `command` with real programs: what they print, what they get to know, and that nothing of them stays.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1
make_secret secret
token '{}' > token
token '{"exp": "@-7200", "iat": "@-93600"}' > ended

# NAME STATE CAUSE WORD...: what the check makes of this command.
command_is()
{
	row=$1
	state=$2
	cause=$3
	shift 3
	words=
	for word in "$@"; do
		words="$words --command '$word'"
	done
	eval "judged \"\$row\" $state $cause \"\$JWTWATCH\" command -o json $options $words"
}

# NAME: makes a program of standard input.
program()
{
	cat > "$1"
	chmod +x "$1"
}

# The three forms of `lk token create`.
program lk << 'END'
#!/bin/sh
case $* in
*--json*) printf '{"access_token": "%s", "identity": "user1", "room": "test-room"}\n' "$(cat token)" ;;
*--token-only*) cat token ;;
*)
	echo "valid for (mins): 1440" >&2
	printf 'Token grants:\n{\n  "roomJoin": true\n}\n\nProject URL: ws://localhost:7880\nAccess token: %s\n' "$(cat token)"
	;;
esac
END
program plain << 'END'
cat token
END
program lost << 'END'
#!/bin/sh
echo all is lost >&2
exit 3
END
program stubborn << 'END'
#!/bin/sh
trap '' TERM
while :; do sleep 100; done
END

options='--key-file secret'
command_is "lk token create --token-only" OK ok ./lk token create --token-only
command_is "lk token create --json" OK ok ./lk token create --json
command_is "lk token create" OK ok ./lk token create
is "... it stands in line 7 of the output" 7 "$(verdict tokens | sed 's/ .*//')"
is "... and the program is its place" "./lk" "$(verdict paths)"
options=
command_is "an ended token" CRITICAL expired cat ended
command_is "it fails" CRITICAL command_failed ./lost
says "... with what it said" "./lost: exit status 3: all is lost" out
command_is "its script is a word of the command" CRITICAL command_failed sh -c 'echo all is lost >&2; exit 3'
says "... of which no piece is shown" "sh: exit status 3: ***" out
command_is "a signal ends it" CRITICAL command_failed sh -c 'kill -ABRT $$'
command_is "no such program" UNKNOWN command_not_runnable jwtwatch-no-such-program
command_is "a script without #!" UNKNOWN command_not_runnable ./plain
command_is "... which sh can run" OK ok sh ./plain
command_is "not executable" UNKNOWN command_not_runnable ./token
options='--folder no-such-folder'
command_is "a folder that isn't there" UNKNOWN command_not_runnable true
options='--max-size 1KiB'
command_is "endless output" CRITICAL body_too_large yes
options='--timeout 300ms'
command_is "its time is up" CRITICAL timeout sleep 100
says "... which is told as it was written" "sleep: didn't end by itself within the timeout of 300ms," out
options='-t 1s'
command_is "-t ends it" UNKNOWN deadline sleep 100
says "... by its name" "sleep: the whole run's time (-t) was up before it ended" out
command_is "-t ends one that ignores SIGTERM" UNKNOWN deadline ./stubborn
says "... in the same words" "./stubborn: the whole run's time (-t) was up before it ended" out
options='--token /data --exit-status 4'
command_is "a pointer and an exit status" OK ok sh -c 'printf "{\"data\": \"%s\"}" "$(cat token)"; exit 4'
options='--env TOKEN=file:token --env ROOM=r1'
command_is "variables" OK ok sh -c '[ "$ROOM" = r1 ] && echo "$TOKEN"'
options=
command_is "standard input is empty" CRITICAL token_not_found cat
command_is "a pipeline by a shell of one's own" OK ok sh -c 'cat token | cat'

# Canaries: what mustn't be shown, in all that is written.
program leaks << 'END'
#!/bin/sh
echo "$API_SECRET $1" "$(cat ended)" >&2
exit 1
END
export CANARY=canary-of-the-environment LIVEKIT_API_SECRET=canary-of-ours
cat > jwtwatch.yaml << 'END'
targets:
  - name: leaks
    check: command
    command: [./leaks, canary-of-the-command, --password, canary-of-a-password]
    env: {API_SECRET: {env: CANARY}, OTHER_SECRET: canary-of-the-file}
END
chmod 600 jwtwatch.yaml
: > all
for format in text nagios json prometheus; do
	run "$JWTWATCH" check -f jwtwatch.yaml -o $format -v
	is "$format: the exit code" 2 "$status"
	cat out err >> all
done
run "$JWTWATCH" config -f jwtwatch.yaml
says "config shows the first word alone" "command: [$work/./leaks, "'"(hidden)", "(hidden)", "(hidden)"]' out
cat out err >> all
is "no canary in any output" 0 "$(grep -c canary all)"
is "no token in any output" 0 "$(grep -c eyJ all)"
says "what was said is there all the same" "exit status 1: *** *** [token]" all

# Words and values that break each other, and words of a token.
program quotes << 'END'
#!/bin/sh
echo "$LONG $SHORT $PIN $(cat ended) ${1#--}; login bob:hunter2pass failed" >&2
exit 1
END
options='--env SHORT=cana --env LONG=canary-canary-1 --env PIN=7'
command_is "secrets that are parts of others" CRITICAL command_failed \
	./quotes canary-word= https://bob:hunter2pass@h/ "$(tail -c 7 ended)"
says "... are each shown as a whole" "exit status 1: *** *** *** [token] ***; login *** failed" out
options=
command_is "nothing of ours is in its environment" CRITICAL command_failed \
	sh -c 'env | grep -c canary >&2; exit 1'
says "... not one line" "exit status 1: 0" out

# YAML: a list, and nothing that a shell would take apart.
cat > text.yaml << 'END'
targets:
  - {name: a, check: command, command: cat token}
END
run "$JWTWATCH" config -f text.yaml
is "a command that is a text is refused" 1 "$status"
says "... with what to write" "write a list" err
mkdir folder
cat > folder/relative.yaml << 'END'
targets:
  - {name: a, check: command, command: [../lk, --token-only], folder: ..}
END
run "$JWTWATCH" check -f folder/relative.yaml
is "paths start from the folder of the file" 0 "$status"

# Two hundred at once, of which some hang: one run, in the time of the run.
{
	echo "targets:"
	for i in $(seq 200); do
		case $i in
		*0) echo "  - {name: t$i, check: command, command: [sleep, '100'], timeout: 500ms}" ;;
		*) echo "  - {name: t$i, check: command, command: [cat, token]}" ;;
		esac
	done
} > many.yaml
run "$JWTWATCH" check -f many.yaml -o json
is "200 commands: the exit code" 2 "$status"
is "... all that don't hang are OK, and the others time out" "180 OK ok 20 CRITICAL timeout" \
	"$(verdict targets | sed 's/^[^ ]* //' | sort -r | uniq -c | tr '\n' ' ' | sed 's/^ *//; s/  */ /g; s/ $//')"

# PID...: waits, within bounds, until each is gone, or dead and left to somebody who doesn't reap.
gone()
{
	"$python" - "$@" << 'END'
import sys
import time
until = time.monotonic() + 60
for pid in sys.argv[1:]:
    while True:
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rsplit(")", 1)[1].split()[0] in "ZX":
                    break
        except OSError:
            break
        if time.monotonic() > until:
            sys.exit(1)
END
}

# Who ends us ends what we run: it isn't in our process group.
mkfifo ready
for signal in TERM HUP INT QUIT; do
	# A shell has INT and QUIT ignored for what it runs behind itself.
	env --default-signal=INT,QUIT "$JWTWATCH" command --command sh --command -c --command 'sleep 100 & echo $$ $! > ready; wait' \
		> out 2> err < /dev/null &
	process=$!
	read -r pids < ready
	kill -s $signal $process
	wait $process 2> /dev/null
	# Two numbers.
	# shellcheck disable=SC2086
	holds "SIG$signal: nothing that was started is left" gone $pids
done
plan
