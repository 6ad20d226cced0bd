#!/bin/sh
# SPDX-License-Identifier: MIT
# Pages that get their token from the daemon, in a browser, and join a room of a real livekit-server: tests/token_page.py.
# JWTWATCH_BROWSER: the folder that LiveKit's client is installed in, where not in the build's.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"

top_srcdir=$(cd "$top_srcdir" && pwd)
top_builddir=$(cd "$top_builddir" && pwd)
folder=${JWTWATCH_BROWSER:-$top_builddir/browser}
client=$folder/node_modules/livekit-client/dist/livekit-client.umd.js
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
cd "$work" || exit 1
if [ -z "$chromium" ]; then
	skip "browser: there is no Chromium" "the Debian package chromium isn't installed"
	plan
	exit
fi
if ! server=$(sh "$top_srcdir/tests/livekit_server/install" find 2> why); then
	skip "a real livekit-server" "$(tail -n 1 why)"
	plan
	exit
fi
if ! sh "$top_srcdir/tests/browser/install" "$folder" > npm.log 2>&1; then
	not_ok "LiveKit's client is installed"
	sed 's/^/# /' npm.log | tail -n 5
	plan
	exit 1
fi

umask 077
make_secret secret
start livekit "$python" "$top_srcdir/tests/serve_livekit.py" "$server" "$work/livekit" --key devkey=secret
"$python" "$top_srcdir/tests/token_page.py" "$chromium" "$client" "$said" "$work"
