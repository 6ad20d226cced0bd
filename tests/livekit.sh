#!/bin/sh
# SPDX-License-Identifier: MIT
# accepted_by and the check livekit against a stand-in for LiveKit: each answer that a server has been seen to give, then
# what is asked of it, and what isn't.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"

cd "$work" || exit 1
umask 077
mkdir certificates
(
	cd certificates || exit 1
	# shellcheck source=tests/certificates.sh
	. "$top_srcdir/tests/certificates.sh"
) || exit 1
make_secret secret
make_secret other-secret
page good.html "$(token '{}')"

# NAME STATE CAUSE PAGE URL [OPTION...]
accepted_by()
{
	name=$1
	state=$2
	cause=$3
	from=$4
	to=$5
	shift 5
	page_is "$name" "$state" "$cause" --path "$from" --accepted-by "$to" "$@"
}

# NAME REFUSAL CLAIMS [OPTION...]: the server of $url refuses a token with these claims, and says why.
refused()
{
	name=$1
	refusal=$2
	page refused.html "$(token "$3")"
	shift 3
	accepted_by "$name" CRITICAL livekit_refused refused.html "$url" "$@"
	is "... detail and place" "$refusal livekit" "$(verdict .livekit.detail .at | tr '\n' ' ' | sed 's/ $//')"
}

# NAME PORT LINE...: what the server was asked, in any order.
was_asked()
{
	name=$1
	port=$2
	shift 2
	is "$name" "$(printf '%s\n' "$@" | sort | tr '\n' ';')" "$(seen "$port" | sort | tr '\n' ';')"
}

# FILE: as the stand-in names the token of the page.
fingerprint()
{
	sed -n "s/.*'\(eyJ[^']*\)'.*/\1/p" "$1" | tr -d '\n' | sha256sum | cut -c 1-8
}

# A token is asked about once, by the header, without a trace in the URL

start_livekit livekit --key devkey=secret
port=$said
url=ws://127.0.0.1:$port
accepted_by "accepted" OK ok good.html "$url"
verdict message > message
says "... it says by whom" "accepted by $url" message
was_asked "... one question, with the token in the header" "$port" \
	"GET /rtc/validate header $(fingerprint good.html)"

# NAME URL-OF-ONE URL-OF-TWO: both with PORT in it.
two_targets()
{
	start_livekit livekit --key devkey=secret
	port=$said
	printf 'targets:\n' > two.yaml
	printf '  - {name: %s, check: html_file, path: good.html, accepted_by: "%s"}\n' one "$2" two "$3" |
		sed "s/PORT/$port/" >> two.yaml
	run "$JWTWATCH" check -o json -f two.yaml
	is "$1" "one OK ok;two OK ok;" "$(verdict targets | tr '\n' ';')"
	was_asked "... one question" "$port" "GET /rtc/validate header $(fingerprint good.html)"
}

two_targets "two targets with one token" ws://127.0.0.1:PORT ws://127.0.0.1:PORT
two_targets "two targets that write the server in two ways" ws://127.0.0.1:PORT http://127.0.0.1:PORT/

# What is known to be bad isn't sent

start_livekit livekit --key devkey=secret
port=$said
url=ws://127.0.0.1:$port
page ended.html "$(token '{"exp": "@-7200", "iat": "@-93600", "nbf": null}')"
accepted_by "an ended token" CRITICAL expired ended.html "$url"
page ahead.html "$(token '{"nbf": "@+7200"}')"
accepted_by "a token for later" CRITICAL not_yet_valid ahead.html "$url"
page forged.html "$(token '{}')x"
accepted_by "a token with a wrong signature" CRITICAL signature_invalid good.html "$url" --key-file other-secret
page unsigned.html "$(token '{}' '{"alg": "none"}')"
accepted_by "a token without a signature" CRITICAL algorithm_refused unsigned.html "$url"
is "none of them was sent" 0 "$(seen "$port" | grep -cv '^GET / - -$')"
holds "... the server's clock was asked for" test "$(seen "$port" | grep -c '^GET / - -$')" -ge 1

start_livekit livekit --key devkey=secret
accepted_by "as of another time" OK ok good.html "ws://127.0.0.1:$said" --at +1h
is "... nobody is asked" "" "$(seen "$said")"

# Each answer of the table

cases=$top_srcdir/tests/data/livekit/cases
start_livekit cases --cases "$cases"
answers=$said
sed -n "s/.*'\\(eyJ[^']*\\)'.*/\\1/p" good.html | tr . '\n' | sed 1d | cut -c 1-40 > secret-parts

# What the last command said holds neither payload nor signature of the token that the server sent back.
is_discreet()
{
	if cat out err | grep -qF -f secret-parts; then
		not_ok "... the token isn't shown"
	else
		ok "... the token isn't shown"
	fi
}

grep -v -e '^#' -e '^$' "$cases" > rows
while IFS="$(printf '\t')" read -r file _ _ answer refusal asked _; do
	name=${file%.txt}
	url=ws://127.0.0.1:$answers/$name
	case $answer in
	accepted | ready) wanted="OK ok" ;;
	refused) wanted="CRITICAL livekit_refused" ;;
	not_ready) wanted="CRITICAL livekit_not_ready" ;;
	*) wanted="CRITICAL $answer" ;;
	esac
	if [ "$asked" = rooms ]; then
		judged "$name" "${wanted% *}" "${wanted#* }" "$JWTWATCH" livekit -o json --url "$url" --key-file secret \
			--issuer devkey
		[ "$answer" = refused ] && is "... detail" "$refusal" "$(verdict .livekit.key_pairs.0.detail)"
		is_discreet
		continue
	fi
	if [ "$asked" = health ]; then
		judged "$name" "${wanted% *}" "${wanted#* }" "$JWTWATCH" livekit -o json --url "$url"
	else
		accepted_by "$name" "${wanted% *}" "${wanted#* }" good.html "$url"
	fi
	is_discreet
	[ "$answer" = refused ] || continue
	is "... detail and place" "$refusal livekit" "$(verdict .livekit.detail .at | tr '\n' ' ' | sed 's/ $//')"
	holds "... there is a remedy" test "$(verdict .remedy | wc -c)" -gt 10
done < rows
holds "the table has many rows" test "$(wc -l < rows)" -gt 100
is "no token follows a redirect" 0 "$(seen "$answers" | grep -c '/elsewhere')"

# The stand-in answers as servers of both ages were seen to, case by case; and so do the rows of the table

"$python" "$top_srcdir/tests/livekit_answers.py" check "$top_srcdir/tests/data/livekit" > differing
is "no answer of the table is another than a server was seen to give" "" "$(cat differing)"
for age in jose-1.9.11 jwt5-1.13.5; do
	start_livekit livekit --dialect "${age%-*}" --key devkey=secret
	port=$said
	start_livekit strict --dialect "${age%-*}" --key devkey=secret --no-auto-create
	"$python" "$top_srcdir/tests/livekit_answers.py" ask "http://127.0.0.1:$port" "http://127.0.0.1:$said" secret > answers
	grep -v '^#' "$top_srcdir/tests/data/livekit/real-${age#*-}" > recorded
	holds "${age#*-}: the record has many answers" test "$(wc -l < recorded)" -ge 50
	is "${age#*-}: the stand-in answers so" "" "$(diff recorded answers | sed 's/^/| /')"
done

# Refusals of a server that really looks

for dialect in jose jwt5 head; do
	start_livekit livekit --dialect $dialect --key devkey=secret --key "another=other-secret"
	url=ws://127.0.0.1:$said
	accepted_by "$dialect: accepted" OK ok good.html "$url"
	refused "$dialect: the secret of another server" signature '{"iss": "another"}'
	verdict message > message
	says "... in words" 'has another secret for it: the secret was changed since the token was made' message
	refused "$dialect: a key of another server" unknown_api_key '{"iss": "APIelsewhere"}'
	verdict message > message
	says "... in words" 'it looks like a key of LiveKit Cloud, and this server is a local one' message
	refused "$dialect: no right to join" no_room_join '{"video": {"room": "test-room"}}'
	refused "$dialect: no grants" no_grant_or_token_lost '{"video": null, "sip": {"call": true}}'
	verdict message > message
	says "... in words" 'the token has no video grant' message
	refused "$dialect: no identity" no_identity '{"sub": null}'
	refused "$dialect: no room" no_room '{"video": {"roomJoin": true}}'
done
start_livekit livekit --key devkey=secret --no-auto-create
url=ws://127.0.0.1:$said
refused "a room that doesn't exist" room_not_found '{}'
start_livekit livekit --key devkey=secret --mode full
url=ws://127.0.0.1:$said
refused "a server that is full" node_full '{}'

# Other servers, and none

# NAME MODE CAUSE OF-LIVEKIT WORDS OPTION...: what accepted_by says, and what the check livekit says, of such a server.
in_mode()
{
	name=$1
	mode=$2
	cause=$3
	of_livekit=$4
	words=$5
	shift 5
	start_livekit "$mode" --key devkey=secret --mode "$mode"
	accepted_by "$name" CRITICAL "$cause" good.html "ws://127.0.0.1:$said" "$@"
	is "... at" livekit "$(verdict .at)"
	verdict message > message
	says "... in words" "$words" message
	judged "$name, by itself" CRITICAL "$of_livekit" "$JWTWATCH" livekit -o json --url "ws://127.0.0.1:$said" "$@"
}

in_mode "a web server" web not_livekit not_livekit "web page"
in_mode "a login page" portal not_livekit not_livekit ""
in_mode "a proxy without a server behind it" gateway not_livekit not_livekit "502"
in_mode "a connection refused" dead livekit_unreachable connect refuses
in_mode "no answer in time" hang livekit_unreachable timeout "" --timeout 500ms

start_livekit lost --mode lost --key devkey=secret
accepted_by "a proxy that takes the header away" CRITICAL livekit_refused good.html "ws://127.0.0.1:$said"
is "... detail" no_grant_or_token_lost "$(verdict .livekit.detail)"
verdict message > message
says "... in words" "a proxy before the server takes the Authorization header away" message
start_livekit livekit --key devkey=secret
accepted_by "a path too much" CRITICAL not_livekit good.html "ws://127.0.0.1:$said/livekit"
verdict message > message
says "... in words" "the path in the URL is one too much" message
judged "a path too much, by itself" CRITICAL not_livekit "$JWTWATCH" livekit -o json --url "ws://127.0.0.1:$said/livekit"
verdict message > message
says "... in words" "the path in the URL is one too much" message
start_livekit tls --mode tls --key devkey=secret
accepted_by "a proxy that wants TLS" CRITICAL not_livekit good.html "ws://127.0.0.1:$said"
verdict message > message
says "... in words" "write wss:// in the URL" message

start_livekit stale --mode stale --key devkey=secret
judged "a server that isn't ready" CRITICAL livekit_not_ready "$JWTWATCH" livekit -o json --url "ws://127.0.0.1:$said"

start_livekit livekit --key devkey=secret
judged "a server that is" OK ok "$JWTWATCH" livekit -o json --url "ws://127.0.0.1:$said"
was_asked "... without a token" "$said" "GET / - -"

# Key pairs

# NAME STATE CAUSE WORDS [OPTION...]: what the check makes of the pair that the options name, at $url.
pair()
{
	name=$1
	state=$2
	cause=$3
	words=$4
	shift 4
	judged "$name" "$state" "$cause" "$JWTWATCH" livekit -o json --url "$url" "$@"
	verdict message > message
	says "... in words" "$words" message
	if cat out err | grep -qF -f hidden; then
		not_ok "... neither token nor secret is shown"
	else
		ok "... neither token nor secret is shown"
	fi
}

{ cat secret && echo && cat other-secret && printf '\neyJ\nc2VjcmV0\n'; } > hidden
for dialect in jose jwt5 head; do
	start_livekit livekit --dialect $dialect --key devkey=secret
	port=$said
	url=ws://127.0.0.1:$port
	pair "$dialect: a key pair" OK ok "(reachable, key pair accepted: --key-file)" --key-file secret --issuer devkey
	is "... that was proved" '["ready", "key pair"]' "$(verdict .proved)"
	is "... what was asked" "GET / - -;POST /twirp/livekit.RoomService/ListRooms header ;" \
		"$(seen "$port" | sed 's/[0-9a-f]\{8\}$//' | tr '\n' ';')"
	pair "$dialect: another secret" CRITICAL livekit_refused "refuses the key pair --key-file (signature)" \
		--key-file other-secret --issuer devkey
	is "... at" livekit "$(verdict .at)"
	pair "$dialect: another key" CRITICAL livekit_refused "it looks like a key of LiveKit Cloud" \
		--key-file secret --issuer APIofanother
	pair "$dialect: devkey, where there is none" CRITICAL livekit_refused "(unknown_api_key)" --key-file secret \
		--issuer Devkey
done
pair "a key whose API key nobody names" UNKNOWN secret_missing "names no issuer" --key-file secret
is "... nothing was sent" 4 "$(seen "$port" | grep -c POST)"
pair "as of another time" OK ok "is ready" --key-file secret --issuer devkey --at +1h
is "... nothing is sent" 4 "$(seen "$port" | grep -c POST)"
is "... and nothing is called proved" '["ready"]' "$(verdict .proved)"
cat > pairs.yaml << END
keys:
  new: {issuer: devkey, secret: {file: secret}}
  old: {issuer: devkey, secret: {file: other-secret}}
  gone: {issuer: devkey, secret: {file: nowhere}}
defaults: {key: new}
targets:
  - {name: both, check: livekit, url: "$url", key: [new, old]}
  - {name: one, check: livekit, url: "$url", key: new}
  - {name: unread, check: livekit, url: "$url", key: [gone, new]}
  - {name: none, check: livekit, url: "$url"}
END
run "$JWTWATCH" check -o json -f pairs.yaml
is "several targets and keys" "both CRITICAL livekit_refused;one OK ok;unread UNKNOWN secret_missing;none OK ok;" \
	"$(verdict targets | tr '\n' ';')"
says "... each pair is told" '"key": "old"' out
sed '/name: one/s/key: new}/key: nwe}/' pairs.yaml > misspelled.yaml
run "$JWTWATCH" config -f misspelled.yaml
says "a key that isn't there" 'no key is called "nwe", did you mean "new"?' err

start_livekit lost --mode lost --key devkey=secret
url=ws://127.0.0.1:$said
pair "a proxy that takes the header away" CRITICAL livekit_refused "takes the Authorization header away" \
	--key-file secret --issuer devkey
start_livekit stale --mode stale --key devkey=secret
url=ws://127.0.0.1:$said
pair "a server that isn't ready" CRITICAL livekit_not_ready "isn't ready" --key-file secret --issuer devkey
is "... is sent nothing" 0 "$(seen "$said" | grep -c POST)"
start_livekit web --mode web --key devkey=secret
url=ws://127.0.0.1:$said
pair "a web server" CRITICAL not_livekit "web page" --key-file secret --issuer devkey
is "... is sent nothing" 0 "$(seen "$said" | grep -c POST)"
for row in "+600 expired ahead" "-600 not_yet_valid behind"; do
	# shellcheck disable=SC2086
	set -- $row
	start_livekit livekit --key devkey=secret --clock-offset "$1"
	url=ws://127.0.0.1:$said
	pair "a server whose clock is 10 minutes $3" CRITICAL clock_skew "is refused ($2): the server's clock is 10m $3" \
		--key-file secret --issuer devkey
done
start_livekit livekit --key devkey=secret --clock-offset 40
url=ws://127.0.0.1:$said
pair "a clock that is off by less than LiveKit allows" WARNING clock_skew "40s ahead" --key-file secret --issuer devkey
is "... the pair is accepted all the same" true "$(verdict .livekit.key_pairs.0.accepted)"

# A join

# NAME MODE STATE CAUSE WORDS [OPTION...]: what becomes of a join by a server of this mode.
joined()
{
	name="join: $1"
	mode=$2
	shift 2
	start_livekit livekit --key devkey=secret --join "$mode"
	port=$said
	url=ws://127.0.0.1:$port
	pair "$name" "$@" --key-file secret --issuer devkey --join
	is "... at" "$([ "$1" = OK ] && echo - || echo livekit)" "$(verdict .at)"
	is "... ok" "$([ "$1" = OK ] && echo true || echo false)" "$(verdict .livekit.join.ok)"
}

# WHAT: the last line of what the server saw.
ended()
{
	is "... in the end" "$1" "$(seen "$port" | tail -n 1)"
}

for mode in join fragmented ping; do
	joined "$mode" $mode OK ok "a room was joined in "
	is "... status" 101 "$(verdict .livekit.join.status)"
	is "... proved" '["ready", "key pair", "join"]' "$(verdict .proved)"
	is "... as whom, where, and what it may" \
		"may hidden,roomJoin not canPublish,canPublishData,canSubscribe as jwtwatch-probe for 120 in jwtwatch-probe-RANDOM" \
		"$(seen "$port" | grep '^may')"
	ended left
done
is "... what was asked" "GET / -;POST /twirp/livekit.RoomService/ListRooms header;GET /rtc header;" \
	"$(seen "$port" | sed -n 's/^\([GP][^ ]* [^ ]* [^ ]*\) [-0-9a-f]*$/\1/p' | tr '\n' ';')"
run "$JWTWATCH" livekit --url "$url" --key-file secret --issuer devkey --join -v
says "... in text" "join: a room of jwtwatch's own (" out
joined "another room" another CRITICAL not_livekit "another room or participant"
ended gone
joined "another participant" identity CRITICAL not_livekit "another room or participant"
joined "something behind the join" two CRITICAL not_livekit "no message of LiveKit's"
joined "another message" refresh CRITICAL not_livekit "another message first"
joined "text" text CRITICAL not_livekit "answers the join with text"
joined "masked frames" masked CRITICAL not_livekit "isn't WebSocket"
joined "a frame of a terabyte" large CRITICAL not_livekit "more than 256 KiB"
joined "pings without end" endless CRITICAL not_livekit "more than 256 KiB"
joined "an error of the server's" error CRITICAL livekit_unreachable "error of its own (1011)"
joined "a close without a code" empty CRITICAL livekit_unreachable "closes the connection before its first message"
joined "the end of the connection" drop CRITICAL livekit_unreachable "ends the connection before its first message"
joined "a leave" leave CRITICAL livekit_refused "(other): sends who joins away at once: the room was closed"
is "... detail" other "$(verdict .livekit.join.detail)"
ended gone
joined "a room that is full" full CRITICAL livekit_refused "the join failed, as where the room is full"
joined "another key of the handshake" accept CRITICAL not_livekit "Sec-WebSocket-Accept"
ended gone
joined "another protocol" upgrade CRITICAL not_livekit "Sec-WebSocket-Accept"
joined "no first message" silent CRITICAL timeout "no first message in time" --timeout 700ms
joined "no answer" stuck CRITICAL timeout "asked to join a room" --timeout 700ms
joined "a proxy that takes the upgrade away" stripped CRITICAL not_livekit "takes the Upgrade header away"
is "... status" 404 "$(verdict .livekit.join.status)"
verdict .remedy > message
says "... remedy" "Upgrade and Connection headers" message
joined "no node" nodes CRITICAL livekit_refused "(server_error): no LiveKit node can take a new room"
joined "a node at its limit" limit CRITICAL livekit_refused "(node_full)"
is "... detail" node_full "$(verdict .livekit.join.detail)"
joined "a node that doesn't answer" signal CRITICAL livekit_refused "must have the room doesn't answer in time"
joined "no media" media CRITICAL livekit_refused "the room is full or closed"
joined "a proxy's page" gateway CRITICAL not_livekit "the server behind it isn't available"
joined "a page with 200" page CRITICAL not_livekit "web page"
joined "another answer with 503" busy CRITICAL not_livekit "503"

start_livekit livekit --key devkey=secret --no-auto-create
url=ws://127.0.0.1:$said
pair "join: a server that makes no rooms" CRITICAL livekit_refused "(room_not_found): this server makes no rooms by itself" \
	--key-file secret --issuer devkey --join
start_livekit livekit --key devkey=secret
port=$said
url=ws://127.0.0.1:$port
pair "join: another secret" CRITICAL livekit_refused "(signature)" --key-file other-secret --issuer devkey --join
pair "join: as of another time" OK ok "is ready" --key-file secret --issuer devkey --join --at +1h
pair "join: not asked for" OK ok "is ready" --key-file secret --issuer devkey
is "... nobody joins" 0 "$(seen "$port" | grep -c /rtc)"
pair "join: without a key" UNKNOWN config "join: needs key" --join
start_livekit tls --key devkey=secret --cert certificates/good.pem --cert-key certificates/good.key
port=$said
url=wss://127.0.0.1:$port
pair "join: TLS" OK ok "a room was joined" --key-file secret --issuer devkey --join --ca-file certificates/authority.pem
cat > joins.yaml << END
keys: {old: {issuer: devkey, secret: {file: other-secret}}, new: {issuer: devkey, secret: {file: secret}}}
targets:
  - {name: joins, check: livekit, url: "$url", key: [old, new], join: true, ca_file: certificates/authority.pem}
END
run "$JWTWATCH" check -o json -f joins.yaml
is "join: by the first key that was accepted" "joins CRITICAL livekit_refused" "$(verdict targets)"
says "... as whom" '"ok": true' out

# A token of an unknown key isn't sent; whose it may be can be said all the same
start_livekit livekit --key own=secret
cat > unknown.yaml << END
keys: {own: {issuer: own, secret: {file: secret}}}
targets:
  - {name: page, check: html_file, path: good.html, key: own, accepted_by: "ws://127.0.0.1:$said"}
END
judged "an unknown key" CRITICAL key_unknown "$JWTWATCH" check -o json -f unknown.yaml
verdict message > message
says "... and whose it may be" "devkey is the key of a server that was started with --dev" message

# TLS

start_livekit tls --key devkey=secret --cert certificates/good.pem --cert-key certificates/good.key
url=wss://127.0.0.1:$said
accepted_by "TLS" OK ok good.html "$url" --ca-file certificates/authority.pem
accepted_by "an unknown authority" CRITICAL livekit_unreachable good.html "$url"
is "... at" livekit "$(verdict .at)"
judged "an unknown authority, by itself" CRITICAL tls "$JWTWATCH" livekit -o json --url "$url"
judged "TLS, by itself" OK ok "$JWTWATCH" livekit -o json --url "$url" --ca-file certificates/authority.pem
judged "ws where TLS is spoken" CRITICAL connect "$JWTWATCH" livekit -o json --url "ws${url#wss}"

start_livekit tls --key devkey=secret --cert certificates/ending.pem --cert-key certificates/ending.key
accepted_by "a certificate that ends in three days" WARNING certificate_expiring good.html "wss://127.0.0.1:$said" \
	--ca-file certificates/authority.pem
judged "a certificate that ends in three days, by itself" WARNING certificate_expiring "$JWTWATCH" livekit -o json \
	--url "wss://127.0.0.1:$said" --ca-file certificates/authority.pem

if "$python" -c 'import socket; socket.socket(socket.AF_INET6).bind(("::1", 0))' 2> /dev/null; then
	start_livekit livekit --host ::1 --key devkey=secret
	accepted_by "IPv6" OK ok good.html "ws://[::1]:$said"
else
	skip "IPv6" "this machine has no ::1"
fi

# Clocks

# NAME OFFSET STATE CAUSE CLAIMS WORDS: the message has the words and two times.
skewed()
{
	start_livekit livekit --key devkey=secret --clock-offset "$2"
	page skewed.html "$(token "$5")"
	accepted_by "$1" "$3" "$4" skewed.html "ws://127.0.0.1:$said"
	verdict message > message
	says "... in words" "$6" message
	holds "... both times" test "$(grep -oE '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z' message | sort -u | wc -l)" -ge 2
}

skewed "the server's clock is ahead" +600 WARNING clock_skew '{}' "ahead of the clock here"
skewed "the server's clock is behind" -600 WARNING clock_skew '{"nbf": null, "iat": "@-3600"}' "behind the clock here"
skewed "the token has ended by the server's clock" +600 CRITICAL clock_skew '{"exp": "@+300", "iat": "@-86100"}' \
	"by the server's clock"
skewed "the token is for later by the server's clock" -600 CRITICAL clock_skew '{}' "by the server's clock"
skewed "the token has ended by the clock here alone" -600 CRITICAL expiring '{"exp": "@-300", "iat": "@-86700", "nbf": null}' \
	"not yet by the server's"
is "... the server was asked for its clock, then about the token" "GET / - -;GET /rtc/validate header $(fingerprint \
	skewed.html);" "$(seen "$said" | tr '\n' ';')"
skewed "the token has ended by both" -600 CRITICAL expired '{"exp": "@-7200", "iat": "@-93600", "nbf": null}' \
	"token ended"
is "... it wasn't sent" "GET / - -;" "$(seen "$said" | tr '\n' ';')"
for offset in -20 +20; do
	start_livekit livekit --key devkey=secret --clock-offset $offset
	accepted_by "$offset seconds are no skew" OK ok good.html "ws://127.0.0.1:$said"
done
plan
