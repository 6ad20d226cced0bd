#!/bin/sh
# SPDX-License-Identifier: MIT
# jwtwatch mint: where its key comes from, what it prints and where, what it warns of and refuses. Claims are compared
# with those of LiveKit's SDKs by sdk.sh.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"
unset LIVEKIT_URL LIVEKIT_API_KEY LIVEKIT_API_SECRET

cd "$work" || exit 1
umask 077
make_secret secret
make_secret other-secret
printf 'short' > short-secret
mkdir dotenv both half
printf 'LIVEKIT_API_KEY=APIenv\nLIVEKIT_API_SECRET=%s\nLIVEKIT_URL=wss://x.example\n' "$(cat secret)" > dotenv/.env
cp dotenv/.env both/.env
printf 'export LIVEKIT_API_KEY="APIlocal"\nLIVEKIT_API_SECRET=%s\n' "$(cat other-secret)" > both/.env.local
echo LIVEKIT_API_KEY=APIhalf > half/.env
cat > jwtwatch.yaml << 'END'
keys:
  good: {issuer: APIgood, secret: {file: secret}, max_ttl: 48h}
  short: {issuer: APIshort, secret: {file: short-secret}}
  nobody: {secret: {file: secret}}
  lost: {issuer: APIlost, secret: {file: lost}}
targets: [{name: t, check: html_file, path: x}]
END
sed '/short\|nobody\|lost/d' jwtwatch.yaml > one.yaml

# FOLDER ARG...: mint there.
mint_in()
{
	(cd "$1" && shift && run "$JWTWATCH" mint "$@" && echo "$status" > "$work/status")
	status=$(cat "$work/status")
}

mint()
{
	run "$JWTWATCH" mint "$@"
}

# What inspect has of the token in $work/out, with the key in a file: "valid APIgood 24h".
inspected()
{
	cp "$work/out" "$work/token"
	"$JWTWATCH" inspect -o json --key-file "$1" @token > "$work/inspected" 2> /dev/null
	"$python" -c 'import json, sys
i = json.load(open(sys.argv[1]))
print(i["signature"], i["claims"]["iss"], i["lifetime"], sorted(i["claims"]))' "$work/inspected"
}

all="['exp', 'iss', 'nbf', 'sub', 'video']"
mint -f jwtwatch.yaml --key good --token-only
is "a key of the configuration: exit code, nothing on standard error" "0 0" "$status $(wc -c < "$work/err" | tr -d ' ')"
is "it signs what is good for a day" "valid APIgood 86400 $all" "$(inspected secret)"
is "a line, and nothing beside the token" "1 1" "$(wc -lw < "$work/out" | awk '{ print $1, $2 }')"
mint -f one.yaml --token-only
is "the only key needs no name" "0 valid APIgood 86400 $all" "$status $(inspected secret)"
mint -f jwtwatch.yaml --token-only
is "of several keys one must be named" "3 0" "$status $(wc -c < "$work/out" | tr -d ' ')"

mint_in dotenv --token-only
is "a pair in .env" "0 valid APIenv 86400 $all" "$status $(inspected secret)"
mint_in both --token-only
is ".env.local comes before .env" "0 valid APIlocal 86400 $all" "$status $(inspected other-secret)"
LIVEKIT_API_KEY=APIvar LIVEKIT_API_SECRET=$(cat secret) mint_in both --token-only
is "the environment comes before both" "0 valid APIvar 86400 $all" "$status $(inspected secret)"
LIVEKIT_API_KEY=APIvar mint_in both --token-only
is "half a pair isn't made whole from elsewhere" \
	"3 jwtwatch: the environment has LIVEKIT_API_KEY, but no LIVEKIT_API_SECRET (see: jwtwatch help mint)" \
	"$status $(cat "$work/err")"
mint_in half --token-only
is "half a pair in .env" 3 "$status"
mint_in . --env-file dotenv/.env --token-only
is "a file of its own" "0 valid APIenv 86400 $all" "$status $(inspected secret)"
mint_in . --env-file dotenv/.none --token-only
is "a file that isn't there" 3 "$status"
mint_in .
is "no key at all" 3 "$status"
mint -f jwtwatch.yaml --key good --env-file dotenv/.env
is "two places for the key" 3 "$status"

mint -f jwtwatch.yaml --key good
is "for people: what it is, then the token" "key room identity grants issued expires fingerprint Access" \
	"$(awk 'NF { print $1 }' "$work/out" | tr '\n' ' ' | sed 's/ $//')"
mint_in dotenv -o json
"$python" -c 'import hashlib, json, sys
m = json.load(open(sys.argv[1]))
digest = hashlib.sha256(m["token"].encode()).hexdigest()[:8]
print(sorted(m), m["identity"], m["room"], m["url"], m["grants"], m["expires"] - m["issued"], m["fingerprint"] == digest)' \
	"$work/out" > "$work/seen"
is "for scripts: JSON" "['expires', 'fingerprint', 'grants', 'identity', 'issued', 'room', 'token', 'url'] user1 test-room \
wss://x.example ['roomJoin'] 86400 True" "$(cat "$work/seen")"
mint -f jwtwatch.yaml --key good -o nagios
is "no other format" 3 "$status"

mint -f jwtwatch.yaml --key good --ttl 48h --token-only
is "max_ttl itself is allowed" "0 valid APIgood 172800 $all" "$status $(inspected secret)"
mint -f jwtwatch.yaml --key good --ttl 49h --token-only
is "more than max_ttl is refused" "1 0 jwtwatch: --ttl: 49h is more than max_ttl of key good, 2d" \
	"$status $(wc -c < "$work/out" | tr -d ' ') $(cat "$work/err")"
for ttl in 0s -1h 24 1e9h NaN 99999999999999999999h ''; do
	mint -f jwtwatch.yaml --key good --ttl "$ttl"
	is "ttl '$ttl'" "3 0" "$status $(wc -c < "$work/out" | tr -d ' ')"
done
for key in nobody lost none; do
	mint -f jwtwatch.yaml --key "$key"
	is "key $key" "3 0" "$status $(wc -c < "$work/out" | tr -d ' ')"
done
mint -f jwtwatch.yaml --key short --token-only
is "a short secret is warned of" "0 1" "$status $(grep -c 'short: its secret has 5 bytes' "$work/err")"
mint -f jwtwatch.yaml --key good --grant roomJoin --grant roomAdmin --destination-room x --token-only
is "dangerous grants are warned of" "0 roomAdmin destinationRoom" \
	"$status $(sed 's/^jwtwatch: \([a-zA-Z]*\):.*/\1/' "$work/err" | tr '\n' ' ' | sed 's/ $//')"
mint -f jwtwatch.yaml --key good --grant roomConfig.egress
is "egress isn't granted" 3 "$status"
mint -f jwtwatch.yaml --key good --grant roomAdmin --deny roomAdmin
is "granted and denied at once" 3 "$status"
mint -f jwtwatch.yaml --key good --identity ''
is "a join without an identity" 3 "$status"
mint -f jwtwatch.yaml --key good --metadata "$(printf '\377')"
is "what no JSON holds" 3 "$status"
cat "$work"/err > "$work/errs"
is "no secret was told" 0 "$(cat secret other-secret | tr ' ' '\n' | grep -cFf - "$work/errs")"
plan
