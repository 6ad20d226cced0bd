#!/bin/sh
# SPDX-License-Identifier: MIT
# token_endpoint against a real nginx: answers of every kind, redirects, TLS, headers, and one canary in all of them.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"

cd "$work" || exit 1
umask 077
mkdir birds said web
"$python" "$top_srcdir/tests/canary.py" make birds
token=$(cat birds/token.valid)
secret=$(cat birds/secret)
token_of_an_hour=$("$python" "$top_srcdir/tests/make_token.py" birds/secret '{"exp": "@+3600"}')
printf 'user:{PLAIN}%s\n' "$secret" > web/users
printf 'Basic %s\n' "$(printf 'user:%s' "$secret" | base64 -w 0)" > basic
printf '{"room_name": "test-room", "key": "%s"}' "$secret" > body

(
	cd web || exit 1
	# shellcheck source=tests/certificates.sh
	. "$top_srcdir/tests/certificates.sh"
) || exit 1

# What nginx serves: a file each.
mkdir web/files web/other
cd web/files || exit 1
printf '{"token":"%s","url":"ws://127.0.0.1:7880","room":"test-room","ttl_hours":24}\n' "$token" > guide.json
printf '{"server_url":"wss://voice.example.org","participant_token":"%s"}' "$token" > standard.json
printf '{"data":{"list":[{"t~o/k":"%s"}]}}' "$token" > deep.json
printf '{"token":"%s"}' "$(cat "$work/birds/token.expired")" > expired.json
printf '{"token":"%s"}' "$token_of_an_hour" > hour.json
printf '{"token":{},"url":"ws://127.0.0.1:7880"}' > promise.json
printf '{"token":"YOUR_TOKEN_HERE"}' > placeholder.json
printf '{"token":""}' > empty.json
printf '{"token":["%s"]}' "$token" > list.json
printf '{"token":"%s"}' "$(printf %s "$token" | tr -d .)" > undotted.json
printf '{"error":"no such room %s"}' "$secret" > error.json
printf '{"token":"%s"' "$token" > cut.json
printf '"%s"' "$token" > bare.json
printf '%s\n' "$token" > plain.txt
: > nothing.txt
page page.html "$token"
page login.html ''
{
	head -c 300000 /dev/zero | tr '\0' ' '
	cat guide.json
} > large.json
gzip -c guide.json > packed.json.gz
cp guide.json shrinking.json
cp guide.json ../other/guide.json
cd "$work" || exit 1

cat > web/servers << END
types { application/json json; text/plain txt; text/html html; }
server {
	listen 127.0.0.1:@1@;
	root files;
	location = /broken { return 500 "$token $secret"; }
	location = /denied { return 401; }
	location = /empty { return 204; }
	location = /created { return 201 '{"token":"$token"}'; }
	location = /teapot { return 418 '{"token":"$token"}'; }
	location = /here { return 302 /guide.json; }
	location = /away { return 302 http://127.0.0.1:@2@/guide.json; }
	location = /away-with-token { return 302 http://127.0.0.1:@2@/guide.json?access_token=$token; }
	location = /secure { return 302 https://127.0.0.1:@3@/guide.json; }
	location = /loop { return 302 /loop; }
	location = /to-file { return 302 file:///etc/passwd; }
	location = /to-login { return 302 /login.html; }
	location = /basic.json { auth_basic jwtwatch; auth_basic_user_file users; alias files/guide.json; }
	location = /keyed {
		if (\$http_x_api_key = "$secret") { return 200 '{"token":"$token"}'; }
		return 403 "$secret";
	}
	location = /bearing {
		if (\$http_authorization = "Bearer $secret") { return 200 '{"token":"$token"}'; }
		return 403;
	}
	location = /keyed-away {
		if (\$http_x_api_key = "$secret") { return 302 http://127.0.0.1:@2@/without-key; }
		return 403;
	}
	location = /post {
		if (\$request_method != POST) { return 405; }
		if (\$content_length = $(wc -c < body)) { return 200 '{"token":"$token"}'; }
		return 400;
	}
	location = /cors {
		add_header Access-Control-Allow-Origin https://page.example.org;
		if (\$request_method = OPTIONS) {
			add_header Access-Control-Allow-Origin https://page.example.org;
			add_header Access-Control-Allow-Headers Content-Type;
			return 204;
		}
		return 200 '{"token":"$token"}';
	}
	location = /cors-moved {
		add_header Access-Control-Allow-Origin * always;
		if (\$request_method = OPTIONS) { return 307 /cors; }
		return 200 '{"token":"$token"}';
	}
	location = /cors-slash { return 301 /cors-slash/; }
	location = /cors-slash/ { add_header Access-Control-Allow-Origin *; return 200 '{"token":"$token"}'; }
	location = /cors-slash-too {
		add_header Access-Control-Allow-Origin * always;
		return 301 /cors-slash/;
	}
	location = /cors-without-options {
		add_header Access-Control-Allow-Origin *;
		if (\$request_method = OPTIONS) { return 405; }
		return 200 '{"token":"$token"}';
	}
	location = /cookie { add_header Set-Cookie "other=x"; add_header Set-Cookie "session=$token; HttpOnly; Path=/"; return 200; }
	location = /header { add_header X-Voice-Token "$token"; return 200; }
	location = /bearer { add_header X-Voice-Token "Bearer $token"; return 200; }
	location = /zipped.json { gzip on; gzip_min_length 1; gzip_types application/json; alias files/guide.json; }
	location = /packed.json { gzip_static always; }
	location = /shrinking.json { sendfile on; open_file_cache max=9; open_file_cache_valid 1h; }
}
server {
	listen 127.0.0.1:@2@;
	root other;
	location = /without-key {
		if (\$http_x_api_key) { return 500; }
		return 200 '{"token":"$token"}';
	}
}
server { listen 127.0.0.1:@3@ ssl; root files; ssl_certificate good.pem; ssl_certificate_key good.key;
	location = /plain { return 302 http://127.0.0.1:@1@/guide.json; } }
server { listen 127.0.0.1:@4@ ssl; root files; ssl_certificate self-signed.pem; ssl_certificate_key self-signed.key; }
server { listen 127.0.0.1:@5@ ssl; root files; ssl_certificate ended.pem; ssl_certificate_key ended.key; }
server { listen 127.0.0.1:@6@ ssl; root files; ssl_certificate elsewhere.pem; ssl_certificate_key elsewhere.key; }
server { listen 127.0.0.1:@7@ ssl; root files; ssl_certificate ending.pem; ssl_certificate_key ending.key; }
server { listen 127.0.0.1:@8@ ssl; root files; ssl_certificate last-hours.pem; ssl_certificate_key last-hours.key; }
server { listen 127.0.0.1:@9@ ssl; root files; ssl_certificate good.pem; ssl_certificate_key good.key;
	ssl_verify_client on; ssl_client_certificate authority.pem; }
END
start_nginx web 9
# shellcheck disable=SC2086
set -- $said
plain=http://127.0.0.1:$1
tls_port=$3
good=https://127.0.0.1:$3
self_signed=https://127.0.0.1:$4
ended=https://127.0.0.1:$5
elsewhere=https://127.0.0.1:$6
ending=https://127.0.0.1:$7
last_hours=https://127.0.0.1:$8
wants_client=https://127.0.0.1:$9
start_livekit dead --mode dead
dead=http://127.0.0.1:$said

# What the last command said, kept for the search for canaries.
keep()
{
	kept=$((kept + 1))
	cat out err > "said/$kept"
}
kept=0

# NAME STATE CAUSE WORDS COMMAND...: a row for the verdict, and one for the words in its message, where WORDS aren't "".
is_judged()
{
	name=$1
	state=$2
	cause=$3
	words=$4
	shift 4
	judged "$name" "$state" "$cause" "$@"
	keep
	[ -n "$words" ] || return 0
	verdict message > message
	says "... in words" "$words" message
}

# NAME STATE CAUSE WORDS URL OPTION...
answer()
{
	name=$1
	state=$2
	cause=$3
	words=$4
	shift 4
	url=$1
	shift
	is_judged "$name" "$state" "$cause" "$words" "$JWTWATCH" token_endpoint -o json --url "$url" "$@"
}

# NAME STATE CAUSE WORDS: the same with the configuration of a target on standard input.
configured()
{
	{
		echo "targets:"
		echo "  - name: endpoint"
		echo "    check: token_endpoint"
		sed 's/^/    /'
	} > jwtwatch.yaml
	is_judged "$1" "$2" "$3" "$4" "$JWTWATCH" check -o json -f jwtwatch.yaml
}

# Bodies

answer "the guide's JSON" OK ok "" "$plain/guide.json"
answer "LiveKit's standard JSON" OK ok "" "$plain/standard.json"
answer "a token deep in JSON is found by itself" OK ok "" "$plain/deep.json"
answer "a JSON Pointer" OK ok "" "$plain/deep.json" --token /data/list/0/t~0o~1k
answer "a JSON Pointer that leads nowhere" CRITICAL token_not_found "leads nowhere" "$plain/deep.json" --token /data/token
answer "plain text" OK ok "" "$plain/plain.txt"
answer "a bare JSON string" OK ok "" "$plain/bare.json"
answer "a page with a pattern" WARNING grant_forbidden "at roomConfig.egress.room.fileOutputs[0].s3.secret" \
	"$plain/page.html" --pattern "$token_pattern"
answer "... where such tokens are meant" OK ok "" "$plain/page.html" --pattern "$token_pattern" --forbid-grants ''
answer "a page whose token is empty" CRITICAL placeholder "" "$plain/login.html" --pattern "$token_pattern"
answer "a page without what the pattern wants" CRITICAL token_not_found "" "$plain/page.html" --pattern "KEY = '(.*)'"
answer "a page instead of JSON" CRITICAL token_not_found "" "$plain/login.html"
answer "an empty answer" CRITICAL token_not_found "" "$plain/nothing.txt"
answer "JSON that says that something went wrong" CRITICAL token_not_found error "$plain/error.json"
answer "a promise that nobody awaited" CRITICAL placeholder await "$plain/promise.json"
answer "a placeholder" CRITICAL placeholder "" "$plain/placeholder.json" --token /token
answer "an empty text" CRITICAL placeholder "" "$plain/empty.json"
answer "a list where the token should be" CRITICAL token_malformed "" "$plain/list.json" --token /token
answer "what is no token where it should be" CRITICAL token_malformed "" "$plain/undotted.json" --token /token
answer "broken JSON" CRITICAL bad_json "" "$plain/cut.json"
answer "an ended token" CRITICAL expired "" "$plain/expired.json"
answer "less left than the endpoint should give" WARNING lifetime_too_short "" "$plain/hour.json" --min-lifetime 20h
answer "without a demand an hour is fine" OK ok "" "$plain/hour.json"
answer "another room than the one meant" CRITICAL room_mismatch "" "$plain/guide.json" --room other
answer "the key that signed it" OK ok "" "$plain/guide.json" --key-file birds/secret
answer "a cookie" OK ok "" "$plain/cookie" --token-cookie session
answer "a cookie that isn't set" CRITICAL token_not_found no-such-cookie "$plain/cookie" --token-cookie no-such-cookie
answer "a header" OK ok "" "$plain/header" --token-header X-Voice-Token
answer "a header with Bearer in front" OK ok "" "$plain/bearer" --token-header x-voice-token
answer "a header that isn't sent" CRITICAL token_not_found X-Other "$plain/header" --token-header X-Other
answer "a body that was packed on the way" OK ok "" "$plain/zipped.json"
answer "a body that is packed unasked" OK ok "" "$plain/packed.json"
answer "a body larger than it may be" CRITICAL body_too_large "" "$plain/large.json" --max-size 100KiB
answer "... and not so large" OK ok "" "$plain/large.json" --max-size 1MiB

# Statuses

answer "404" CRITICAL http_status 404 "$plain/missing.json"
answer "500" CRITICAL http_status 500 "$plain/broken"
answer "401" CRITICAL http_status 401 "$plain/denied"
answer "204" CRITICAL http_status 204 "$plain/empty"
answer "201 is fine" OK ok "" "$plain/created"
answer "418 isn't" CRITICAL http_status 418 "$plain/teapot"
answer "... unless it is meant" OK ok "" "$plain/teapot" --status 418
answer "405 without a body" CRITICAL http_status 405 "$plain/post"

# A body cut short: nginx remembers the length that the file had.
answer "the file before it shrinks" OK ok "" "$plain/shrinking.json"
truncate -s 100 web/files/shrinking.json
answer "a body that breaks off" CRITICAL body_short "" "$plain/shrinking.json"

# What is sent

configured "a body, by POST" OK ok "" << END
url: $plain/post
body: {file: body}
headers: {Content-Type: application/json}
END
configured "basic authentication" OK ok "" << END
url: $plain/basic.json
headers: {Authorization: {file: basic}}
END
answer "... and without it" CRITICAL http_status 401 "$plain/basic.json"
configured "a key in a header" OK ok "" << END
url: $plain/keyed
headers: {X-API-Key: {file: birds/secret}}
END
answer "... and without it" CRITICAL http_status 403 "$plain/keyed"
configured "a key by bearer" OK ok "" << END
url: $plain/bearing
bearer: {file: birds/secret}
END
answer "a key in a header, on the command line" OK ok "" "$plain/keyed" --headers X-API-Key=file:birds/secret
configured "a key is not sent on to another origin" OK ok "" << END
url: $plain/keyed-away
redirects: any
headers: {X-API-Key: {file: birds/secret}}
END
configured "a secret that isn't there" UNKNOWN secret_missing no-such-file << END
url: $plain/keyed
headers: {X-API-Key: {file: no-such-file}}
END

# As a browser asks for a page from elsewhere

page=https://page.example.org
answer "a page of the origin that may read it" OK ok "" "$plain/cors" --origin $page
answer "... of another one" CRITICAL cors "names $page, another origin" "$plain/cors" --origin https://other.example.org
answer "... of the server itself" OK ok "" "$plain/guide.json" --origin "$plain"
answer "an answer for no page from elsewhere" CRITICAL cors \
	"has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present" "$plain/guide.json" --origin $page
answer "a redirect that no page from elsewhere may follow, to what it may read" CRITICAL cors \
	"/cors-slash: a page of $page isn't led on by this redirect (HTTP status 301): it has no header" \
	"$plain/cors-slash" --origin $page
answer "... and one that it may" OK ok "" "$plain/cors-slash-too" --origin $page
# Nobody is asked: the name is longer than a label may be.
answer "http in a page of https" CRITICAL cors "a browser says: Mixed Content: The page at '$page/' was loaded over HTTPS" \
	"http://$(printf 'a%.0s' $(seq 70)).example.org/token" --origin $page
answer "... but to this machine" OK ok "" "http://localhost:${plain##*:}/cors" --origin $page
configured "leave is asked beforehand for JSON" OK ok "" << END
url: $plain/cors
body: {file: body}
origin: $page
END
configured "... and isn't given for another header" CRITICAL cors "Request header field x-room is not allowed" << END
url: $plain/cors
headers: {X-Room: test-room}
origin: $page
END
configured "... nor for another method" CRITICAL cors "Method PUT is not allowed" << END
url: $plain/cors
method: PUT
origin: $page
END
configured "... nor by a server that knows no OPTIONS" CRITICAL cors "its HTTP status is 405" << END
url: $plain/cors-without-options
body: {file: body}
origin: $page
END
configured "... nor by one that leads elsewhere" CRITICAL cors "Redirect is not allowed for a preflight request" << END
url: $plain/cors-moved
body: {file: body}
origin: $page
END

# Redirects

answer "a redirect within the origin" OK ok "" "$plain/here"
answer "a redirect to another port" CRITICAL redirect "" "$plain/away"
answer "... where it may go anywhere" OK ok "" "$plain/away" --redirects any
answer "a redirect with a token in it" CRITICAL redirect "" "$plain/away-with-token"
answer "a redirect from http to https" CRITICAL redirect "" "$plain/secure"
answer "... where it may go anywhere" OK ok "" "$plain/secure" --redirects any --ca-file web/authority.pem
answer "from https to http never" CRITICAL redirect "" "$good/plain" --redirects any --ca-file web/authority.pem
answer "a redirect in a circle" CRITICAL redirect "" "$plain/loop"
answer "a redirect to a file" CRITICAL redirect "" "$plain/to-file" --redirects any
answer "no redirect at all" CRITICAL http_status 302 "$plain/here" --redirects none
answer "a login page" CRITICAL token_not_found "" "$plain/to-login"

# TLS

answer "a certificate of the given authority" OK ok "" "$good/guide.json" --ca-file web/authority.pem
answer "... of an authority that nobody knows" CRITICAL tls "certificate" "$good/guide.json"
answer "a self-signed certificate" CRITICAL tls "self" "$self_signed/guide.json"
answer "... is fine where it is the one to trust" OK ok "" "$self_signed/guide.json" --ca-file web/self-signed.pem
answer "a certificate that has ended" CRITICAL tls "ended at" "$ended/guide.json" --ca-file web/authority.pem
answer "a certificate for another name" CRITICAL tls "is for voice.example.org, not for 127.0.0.1" "$elsewhere/guide.json" --ca-file web/authority.pem
answer "... is fine where that is the server's name" OK ok "" "$elsewhere/guide.json" --ca-file web/authority.pem \
	--server-name voice.example.org
answer "a certificate that ends in three days" WARNING certificate_expiring "" "$ending/guide.json" \
	--ca-file web/authority.pem
answer "... soon enough to be fine" OK ok "" "$ending/guide.json" --ca-file web/authority.pem --certificate-warning 2d
answer "a certificate that ends today" CRITICAL certificate_expiring "" "$last_hours/guide.json" \
	--ca-file web/authority.pem
answer "a server that wants a certificate" CRITICAL http_status 400 "$wants_client/guide.json" \
	--ca-file web/authority.pem
answer "... and gets it" OK ok "" "$wants_client/guide.json" --ca-file web/authority.pem \
	--client-certificate web/client.both.pem
answer "an authority that isn't there" UNKNOWN secret_missing no-such-authority "$good/guide.json" \
	--ca-file no-such-authority.pem
answer "http where TLS is spoken" CRITICAL http_status 400 "http://127.0.0.1:$tls_port/guide.json"
answer "https where none is" CRITICAL tls "" "https${plain#http}/guide.json"

# No server

answer "a connection refused" CRITICAL connect refuses "$dead/guide.json"
# Longer than a label may be, so that nobody need be asked.
answer "a name that doesn't exist" CRITICAL dns "" "http://$(printf 'a%.0s' $(seq 70)).example.org/guide.json"

# An accepted one, by the server that comes with the token

start_livekit livekit --key "devkey=birds/secret"
printf '{"token":"%s","url":"ws://127.0.0.1:%s"}' "$token" "$said" > web/files/accepted.json
printf '{"token":"%s"}' "$token" > web/files/no-url.json
answer "accepted by the server that came with it" OK ok "accepted by ws://127.0.0.1:$said" "$plain/accepted.json" \
	--accepted-by from_response
is "... it was asked once" 1 "$(seen "$said" | grep -c '^GET /rtc/validate header ')"
answer "no server came with it" UNKNOWN config "names no server" "$plain/no-url.json" --accepted-by from_response

# An old copy: what serves it is said

page newer.html "$token"
page web/files/older.html "$("$python" "$top_srcdir/tests/make_token.py" birds/secret '{"iat": "@-7200"}')"
printf 'targets:\n  - {name: page, check: html_file, path: newer.html}\n  - {name: served, check: token_endpoint, same_as: page, url: "%s", pattern: %s}\n' \
	"$plain/older.html" "\"const TOKEN = '([^']+)'\"" > copies.yaml
judged "an old page that nginx serves" CRITICAL stale_copy "$JWTWATCH" check -f copies.yaml -o json served
says "... and nginx is named" 'it is served by \"nginx' out

# The same words for people, with all there is to say: no secret either.
for path in guide.json broken away-with-token error.json keyed expired.json list.json cut.json; do
	for format in text nagios prometheus; do
		run "$JWTWATCH" token_endpoint --url "$plain/$path?access_token=$token" -o $format -v -v
		keep
	done
done
holds "there is much to look at" test "$kept" -gt 90
"$python" "$top_srcdir/tests/canary.py" seek birds said/* > found
is "every output was looked at" "$kept" "$(wc -l < found)"
is "no canary is in any of them" "" "$(grep '^leak' found | head -n 20)"
plan
