#!/bin/sh
# SPDX-License-Identifier: MIT
# Peers of a shell test: programs that it starts, talks to over loopback, and that end with it, whatever ends it.
# Sourced behind tap.sh. A peer prints a line when it is ready and ends when its standard input is closed.

: "${work:?}" "${python:?}" "${top_srcdir:?}"

unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY

mkfifo "$work/alive"
# Nobody but this shell holds it open for writing: when the shell is gone, each peer reads the end.
exec 7<> "$work/alive"

# NAME COMMAND...: starts the peer; its line is left in $said, what it says else in NAME.log of the folder $work.
start()
{
	peer=$1
	shift
	mkfifo "$work/line"
	"$@" < "$work/alive" > "$work/line" 2> "$work/$peer.log" 7>&- &
	read -r said < "$work/line"
	rm "$work/line"
	[ -n "$said" ] && return
	echo "Bail out! $peer didn't start: $(tail -n 1 "$work/$peer.log")"
	exit 1
}

# NAME OPTION...: a stand-in for a LiveKit server; its port is left in $said.
start_livekit()
{
	peer=$1
	shift
	start "$peer" "$python" "$top_srcdir/tests/fake_livekit.py" "$@"
}

# PORT: what it was asked, a line a request.
seen()
{
	"$python" - "$1" << 'END'
import http.client
import sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
connection.request("GET", "/_seen")
print(connection.getresponse().read().decode(), end="")
END
}

# FOLDER COUNT: nginx with FOLDER/servers, see serve_nginx.py; its ports are left in $said.
start_nginx()
{
	start "$(basename "$1")" "$python" "$top_srcdir/tests/serve_nginx.py" "$1" "$2"
}
