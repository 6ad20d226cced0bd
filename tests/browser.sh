#!/bin/sh
# SPDX-License-Identifier: MIT
# What doctor says that a browser says is what LiveKit's own client shows in one.
# JWTWATCH_BROWSER: the folder that the client is installed in, where not in the build's.
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
if [ -z "$chromium" ]; then
	skip "browser: there is no Chromium" "the Debian package chromium isn't installed"
	plan
	exit
fi

install_client()
{
	sh "$top_srcdir/tests/browser/install" "$folder" > "$work/npm.log" 2>&1
}

holds "LiveKit's client is installed" install_client
[ ! -s "$work/npm.log" ] || sed 's/^/# /' "$work/npm.log" | tail -n 5
if ! [ -f "$client" ]; then
	plan
	exit 1
fi

cd "$work" || exit 1
umask 077
make_secret secret
make_secret other-secret
mkdir pages connections
start_livekit livekit --key APIwatch=secret
up=ws://127.0.0.1:$said
start_livekit dead --mode dead
down=ws://127.0.0.1:$said
start_livekit hang --mode hang
hangs=ws://127.0.0.1:$said

# NAME URL TOKEN: what a browser opens, and a page that doctor looks at.
connection()
{
	printf '%s\n%s\n' "$2" "$3" > "connections/$1"
	page "pages/$1.html" "$3"
}

mine='"iss": "APIwatch"'
connection expired "$up" "$(token "{$mine, \"iat\": \"@-90000\", \"nbf\": \"@-90000\", \"exp\": \"@-7200\"}")"
connection early "$up" "$(token "{$mine, \"nbf\": \"@+7200\"}")"
connection down "$down" "$(token "{$mine}")"
connection hangs "$hangs" "$(token "{$mine}")"
connection no-join "$up" "$(token "{$mine, \"video\": {\"room\": \"test-room\"}}")"
connection no-room "$up" "$(token "{$mine, \"video\": {\"roomJoin\": true}}")"
connection key "$up" "$(token '{"iss": "APIother"}')"
mv secret right-secret
cp other-secret secret
connection secret "$up" "$(token "{$mine}")"
mv right-secret secret

# All at once: a browser takes its time to start.
names="expired early down hangs no-join no-room key secret"
# shellcheck disable=SC2086
timeout -k 5 600 "$python" "$top_srcdir/tests/browser.py" "$chromium" "$client" connections $names > shown 2> browser.err
is "the browser was opened for each" "$(echo "$names" | wc -w)" "$(wc -l < shown)"
sed 's/eyJ[A-Za-z0-9_.-]*/[token]/g; s/^/# /' browser.err | tail -n 5

for name in $names; do
	url=$(head -n 1 "connections/$name")
	# A key that LiveKit names is left out, as a token is.
	shown=$(sed -n "s/^$name	//p" shown | sed 's/APIother/…/')
	LIVEKIT_API_KEY=APIwatch LIVEKIT_API_SECRET=$(cat secret) \
		run "$JWTWATCH" doctor -o json --deadline 60s "pages/$name.html" "$url"
	is "$name" "not_ok: $shown" "$("$python" "$top_srcdir/tests/checklist.py" out browser)"
	diag "$shown"
done
plan
