#!/bin/sh
# SPDX-License-Identifier: MIT
# What the shell tests share: TAP results, a folder of their own, the program run within bounds, tokens and pages.
# Sourced. Nothing here prints a token or a secret: a failure shows states, causes, sizes and names of files.
set -u

: "${JWTWATCH:?the absolute path of the program}"
: "${top_srcdir:?}"
: "${top_builddir:=$(dirname "$JWTWATCH")}"
export PYTHONDONTWRITEBYTECODE=1
unset JWTWATCH_CONFIG CREDENTIALS_DIRECTORY NO_COLOR GITHUB_WORKSPACE

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
# Itself, not a wrapper in front of it that would cost more than each use.
python=$(python3 -c 'import sys; print(sys.executable)') || exit 1
rows=0
# How long one run of the program may take before it counts as hanging.
limit=60

# Sanitizers need more time, memory and system calls.
sanitized()
{
	grep -q '^#define JW_SANITIZED 1' "$top_builddir/config.h" 2> /dev/null
}

diag()
{
	echo "# $*"
}

ok()
{
	rows=$((rows + 1))
	echo "ok $rows - $1"
}

not_ok()
{
	rows=$((rows + 1))
	echo "not ok $rows - $1"
}

# NAME REASON
skip()
{
	rows=$((rows + 1))
	echo "ok $rows - $1 # SKIP $2"
}

# NAME EXPECTED SEEN
is()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
		return
	fi
	not_ok "$1"
	diag "expected: $2"
	diag "seen:     $3"
}

# NAME COMMAND...: a row that is ok when the command succeeds.
holds()
{
	row=$1
	shift
	if "$@"; then
		ok "$row"
	else
		not_ok "$row"
	fi
}

# The last line of a test.
plan()
{
	echo "1..$rows"
}

# COMMAND...: within bounds.
run_once()
{
	status=0
	timeout -k 5 "$limit" "$@" > "$work/out" 2> "$work/err" || status=$?
}

# COMMAND...: within bounds; leaves $status, $work/out and $work/err. Once in some thousand runs the leak sanitizer can't
# stop the process that it is to look at, and says so: then nothing was found out about leaks, and it is run once more.
run()
{
	run_once "$@"
	if grep -q '^==[0-9]*==LeakSanitizer has encountered a fatal error' "$work/err"; then
		diag "the leak sanitizer itself failed: run once more"
		run_once "$@"
	fi
}

# The verdict in $work/out as JSON, and the exit code: "CRITICAL expired 2". With a word: what verdict.py has of it.
verdict()
{
	"$python" "$top_srcdir/tests/verdict.py" "$work/out" "$@"
}

# STATE: its exit code.
code_of()
{
	case $1 in
	OK) echo 0 ;;
	WARNING) echo 1 ;;
	CRITICAL) echo 2 ;;
	*) echo 3 ;;
	esac
}

# NAME STATE CAUSE COMMAND...: one row: what the command, which writes JSON, makes of its one target, its exit
# code, and that it writes nothing to standard error.
judged()
{
	row=$1
	wanted="$2 $3, exit code $(code_of "$2"), 0 bytes of errors"
	shift 3
	run "$@"
	is "$row" "$wanted" \
		"$(verdict verdict), exit code $status, $(wc -c < "$work/err") bytes of errors"
	# What a sanitizer found holds no token.
	grep -E 'Sanitizer|runtime error' "$work/err" | head -n 3 | sed 's/^/# /'
}

# NAME STATE CAUSE OPTION...: the same for html_file.
page_is()
{
	row=$1
	state=$2
	cause=$3
	shift 3
	judged "$row" "$state" "$cause" "$JWTWATCH" html_file -o json "$@"
}

# NAME TEXT FILE: a row: the file holds the text.
says()
{
	if grep -qF -e "$2" "$3"; then
		ok "$1"
		return
	fi
	not_ok "$1"
	diag "$(wc -c < "$3") bytes of $(basename "$3") don't say: $2"
}

# FILE: a secret that nobody knows.
make_secret()
{
	(umask 077 && od -An -N 24 -tx1 /dev/urandom | tr -d ' \n' > "$1")
}

# CLAIMS [HEADER]: prints a LiveKit token of 24 hours for test-room, signed with the secret in $work/secret. The
# JSON changes its claims: null takes one away, "@+3600" is that many seconds from now.
token()
{
	"$python" "$top_srcdir/tests/make_token.py" "$work/secret" "$@"
}

# FILE TOKEN: a page with the token in line 4.
page()
{
	printf '<!DOCTYPE html>\n<title>voice agent</title>\n<script>\nconst TOKEN = '"'%s'"';\n</script>\n' \
		"$2" > "$1"
}

# shellcheck disable=SC2034
token_pattern="const TOKEN = '([^']*)'"

# PID: waits, within bounds, until the process is the program and waits for its input.
wait_until_waiting()
{
	"$python" "$top_srcdir/tests/wait_for.py" "$1" "$(basename "$JWTWATCH")"
}
