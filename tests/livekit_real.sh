#!/bin/sh
# SPDX-License-Identifier: MIT
# accepted_by and the check livekit against a real livekit-server: that it answers as it is on record, that jwtwatch makes
# the right thing of it, and that no question leaves a room behind. tests/run sees to the server and runs this at its end.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"

cd "$work" || exit 1
umask 077
if ! server=$(sh "$top_srcdir/tests/livekit_server/install" find 2> why); then
	skip "a real livekit-server" "$(tail -n 1 why)"
	plan
	exit
fi
release=$("$server" --version | sed 's/.* //')
diag "livekit-server $release"
record=$top_srcdir/tests/data/livekit/real-$release
make_secret secret
make_secret other-secret
start livekit "$python" "$top_srcdir/tests/serve_livekit.py" "$server" "$work/livekit" --key devkey=secret
port=$said
start strict "$python" "$top_srcdir/tests/serve_livekit.py" "$server" "$work/strict" --key devkey=secret --no-auto-create
strict=$said
url=ws://127.0.0.1:$port

# Its answers

"$python" "$top_srcdir/tests/livekit_answers.py" ask "http://127.0.0.1:$port" "http://127.0.0.1:$strict" secret > answers
if [ -e "$record" ]; then
	grep -v '^#' "$record" > recorded
	is "it answers as it is on record" "" "$(diff recorded answers | sed 's/^/| /')"
else
	diag "this release isn't on record"
fi
holds "it was asked about many cases" test "$(wc -l < answers)" -ge 50

# NAME STATE CAUSE DETAIL CLAIMS [OPTION...]: what is made of a token with these claims.
token_is()
{
	name=$1
	state=$2
	cause=$3
	detail=$4
	page page.html "$(token "$5")"
	shift 5
	page_is "$name" "$state" "$cause" --path page.html --accepted-by "${at:-$url}" "$@"
	is "... detail" "$detail" "$(verdict .livekit.detail)"
	if cat out err | grep -qF -e "$(sed -n "s/.*'\(eyJ[^']*\)'.*/\1/p" page.html | cut -d . -f 2 | cut -c 1-40)"; then
		not_ok "... the token isn't shown"
	else
		ok "... the token isn't shown"
	fi
}

token_is "a good token" OK ok - '{}'
verdict message > message
says "... in words" "accepted by $url" message
token_is "ended" CRITICAL expired - '{"exp": "@-7200", "iat": "@-93600", "nbf": null}'
token_is "for later" CRITICAL not_yet_valid - '{"nbf": "@+7200"}'
token_is "an unknown key" CRITICAL livekit_refused unknown_api_key '{"iss": "APInobodyhere"}'
token_is "no roomJoin" CRITICAL livekit_refused no_room_join '{"video": {"room": "test-room"}}'
token_is "no grant" CRITICAL livekit_refused no_grant_or_token_lost '{"video": null, "sip": {"call": true}}'
token_is "no identity" CRITICAL livekit_refused no_identity '{"sub": null}'
token_is "no room" CRITICAL livekit_refused no_room '{"video": {"roomJoin": true}}'
at=ws://127.0.0.1:$strict
token_is "a room that isn't there" CRITICAL livekit_refused room_not_found '{}'
at=$url/livekit
token_is "a path too much" CRITICAL not_livekit - '{}'
at=
mv secret good-secret
cp other-secret secret
token_is "another secret" CRITICAL livekit_refused signature '{}'
mv good-secret secret

# Key pairs

judged "the server" OK ok "$JWTWATCH" livekit -o json --url "$url"
judged "a key pair" OK ok "$JWTWATCH" livekit -o json --url "$url" --key-file secret --issuer devkey
is "... is proved" '["ready", "key pair"]' "$(verdict .proved)"
judged "another secret" CRITICAL livekit_refused "$JWTWATCH" livekit -o json --url "$url" --key-file other-secret \
	--issuer devkey
is "... detail" signature "$(verdict .livekit.key_pairs.0.detail)"
judged "another key" CRITICAL livekit_refused "$JWTWATCH" livekit -o json --url "$url" --key-file secret --issuer APIother
is "... detail" unknown_api_key "$(verdict .livekit.key_pairs.0.detail)"

# Tokens of LiveKit's SDKs and of others: the server and jwtwatch agree on each. The server doesn't know that who makes a
# token can forbid it to be taken by who doesn't understand all of its header (RFC 7515 section 4.1.11).

sdk=${JWTWATCH_SDK:-$top_builddir/sdk}

# MAKER COMMAND...: as the server and jwtwatch see the tokens that the command makes.
agree_on()
{
	maker=$1
	shift
	mkdir "$maker"
	if ! "$@" > "$maker.json" 2> "$maker.err" || ! "$python" "$top_srcdir/tests/livekit_answers.py" tokens \
		"http://127.0.0.1:$port" "$maker" "$maker.json" > tokens; then
		not_ok "$maker makes tokens"
		return
	fi
	while IFS="$(printf '\t')" read -r file taken name; do
		run "$JWTWATCH" html_file -o json --path "$file" --pattern "const TOKEN = '([^']*)'" --accepted-by "$url"
		seen=no
		[ "$(verdict .livekit.accepts)" = true ] && seen=yes
		[ "$name" = "jose: critical header" ] && taken=no
		is "as the server says: $name" "$taken" "$seen"
	done < tokens
	is "$maker: some are taken, some aren't" 2 "$(cut -f 2 tokens | sort -u | wc -l)"
}

is_installed()
{
	sh "$top_srcdir/tests/sdk/install" "$sdk" > install.log 2>&1
}
holds "the makers of tokens are installed" is_installed
cp "$top_srcdir/tests/sdk/make.mjs" "$sdk/node/make.mjs"
agree_on node node "$sdk/node/make.mjs" "$work/secret"
agree_on by-hand "$python" "$top_srcdir/tests/sdk/make.py" by-hand "$work/secret"
if [ -e "$sdk/python-missing" ]; then
	skip "sdk python: PyPI can't be reached" "pip found no way to it"
else
	agree_on livekit-api "$sdk/python/bin/python" "$top_srcdir/tests/sdk/make.py" livekit-api "$work/secret"
	agree_on pyjwt "$sdk/python/bin/python" "$top_srcdir/tests/sdk/make.py" pyjwt "$work/secret"
fi

# Nothing is left

"$python" - "$port" secret > rooms << END
import sys
sys.path.insert(0, "$top_srcdir/tests")
from livekit_answers import JSON, ROOMS, Maker, ask
with open(sys.argv[2], "rb") as file:
    maker = Maker(file.read())
print(ask(f"http://127.0.0.1:{sys.argv[1]}", "POST", ROOMS, maker.make({"roomList": True}), {"Content-Type": JSON}, "{}")[2])
END
is "no room was made by all that was asked" '{"rooms":[]}' "$(cat rooms)"
# A join, and a server that makes no rooms

judged "a join" OK ok "$JWTWATCH" livekit -o json --url "$url" --key-file secret --issuer devkey --join
is "... is proved" '["ready", "key pair", "join"]' "$(verdict .proved)"
is "... status" 101 "$(verdict .livekit.join.status)"
if cat out err | grep -qF -e eyJ; then
	not_ok "... no token is shown"
else
	ok "... no token is shown"
fi
cat > has_left.py << 'END'
import sys
import time

end = time.monotonic() + 20
while time.monotonic() < end:
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        if any("participant closing" in line and "CLIENT_REQUEST_LEAVE" in line for line in file):
            sys.exit(0)
    time.sleep(0.05)
sys.exit(1)
END
holds "... the server saw it leave" "$python" has_left.py livekit/livekit.log
judged "a join where no room is made" CRITICAL livekit_refused "$JWTWATCH" livekit -o json --url "ws://127.0.0.1:$strict" \
	--key-file secret --issuer devkey --join
is "... detail" room_not_found "$(verdict .livekit.join.detail)"
plan
