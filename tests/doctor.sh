#!/bin/sh
# SPDX-License-Identifier: MIT
# jwtwatch doctor on the ten situations of the guide, one at a time, with a configuration and without: the first line that
# isn't ok is the thing that was broken.
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
fresh='{"iss": "APIwatch", "iat": "@-60", "nbf": "@-60", "exp": "@+86340"}'
ended='{"iss": "APIwatch", "iat": "@-93600", "nbf": "@-93600", "exp": "@-7200"}'

# FOLDER KEY SECRET-FILE: its .env, for the server at $livekit.
env_file()
{
	printf 'LIVEKIT_URL=ws://127.0.0.1:%s\nLIVEKIT_API_KEY=%s\nLIVEKIT_API_SECRET=%s\n' \
		"$livekit" "$2" "$(cat "$3")" > "$1/.env"
}

# FOLDER: a site in which all is well, served at $site, with its configuration.
well()
{
	rm -rf "$1"
	mkdir "$1"
	page "$1/voice.html" "$(token "$fresh")"
	env_file "$1" APIwatch secret
}

# FOLDER SITE-PORT LIVEKIT-PORT ISSUER
configuration()
{
	cat > "$1/jwtwatch.yaml" << END
keys:
  livekit: {issuer: $4, secret: {env_file: .env, name: LIVEKIT_API_SECRET}}
targets:
  - name: voice-page
    check: html_file
    path: voice.html
    pattern: "$token_pattern"
    accepted_by: ws://127.0.0.1:$3
    key: livekit
  - name: page-as-served
    check: token_endpoint
    url: http://127.0.0.1:$2/
    pattern: "$token_pattern"
    same_as: voice-page
    same_as_grace: 0s
    accepted_by: ws://127.0.0.1:$3
  - name: token-api
    check: token_endpoint
    url: http://127.0.0.1:$2/api/token?ttl=24
    min_lifetime: 20h
    key: livekit
    accepted_by: ws://127.0.0.1:$3
  - {name: livekit, check: livekit, url: "ws://127.0.0.1:$3"}
END
}

doctor()
{
	run "$JWTWATCH" doctor "$@"
}

look()
{
	"$python" "$top_srcdir/tests/checklist.py" "$work/out" "$@"
}

# NAME FIRST CODE [WORD EXPECTED]...: the JSON in $work/out.
found()
{
	row=$1
	is "$row" "$2, the cause is $2, exit code $3" "$(look first), the cause is $(look cause), exit code $status"
	shift 3
	while [ $# -gt 0 ]; do
		is "... $row: $1" "$2" "$(look "$1")"
		shift 2
	done
	is "... $row: nothing on standard error" 0 "$(wc -c < err)"
}

# NAME FIRST CODE [ISSUER]: both forms, of the site in folder site; $site and $livekit are the ports.
both()
{
	configuration site "$site" "$livekit" "${4:-APIwatch}"
	doctor -o json -f site/jwtwatch.yaml
	found "$1, by configuration" "$2" "$3"
	look states > "states-configuration"
	cp out by-configuration
	doctor -o json ./site "ws://127.0.0.1:$livekit" "http://127.0.0.1:$site/" \
		"http://127.0.0.1:$site/api/token?ttl=24"
	found "$1, by places" "$2" "$3"
}

start_livekit livekit --key APIwatch=secret
livekit=$said
up=$livekit
well site
start site "$python" "$top_srcdir/tests/serve_site.py" site
site=$said
served=$site

# All is well

both "all is well" none 0
is "all is well: every line" "environment=ok clock=ok livekit=ok key_pair=ok page=ok served=ok endpoint=ok \
accepted=ok accepted=ok browser=ok" "$(look states)"
says "... it connects" '"connects"' out
says "... the served page is compared" ", the token of" out
doctor -o json ./site
is "a folder alone: the server is .env's" "none ok 0" "$(look first accepted.state | tr '\n' ' ')$status"
doctor -o json site/voice.html
is "a page alone: .env is beside it" "none ok 0" "$(look first accepted.state | tr '\n' ' ')$status"
(cd site && run "$JWTWATCH" doctor -o json .)
is "the current folder" "none" "$(look first)"
doctor -q ./site
is "-q says nothing" "0 0 0" "$status $(wc -c < out) $(wc -c < err)"

# 1. The page's token has ended

page site/voice.html "$(token "$ended")"
both "1 expired page" "page expired" 2
is "... what is left out and what follows" "environment=ok clock=ok livekit=ok key_pair=ok page=not_ok served=not_ok>page \
endpoint=ok accepted=not_looked_at>page accepted=ok browser=not_ok>page browser=ok" "$(look states)"
is "... what the browser says" "not_ok: could not establish signal connection: invalid token: …, error: token has \
invalid claims: token is expired" "$(look browser)"
doctor ./site
says "... in words" "The cause is line 5, page on disk" out
says "... with the remedy" "fix: make a fresh token" out
well site

# 2. The wrong file was edited

page site/voice.html "$(token "$ended")"
page site/voice-new.html "$(token "$fresh")"
both "2 wrong file edited" "page expired" 2
says "... it says which holds the new one, by places" "voice-new.html:4 holds a newer one" out
says "... by configuration" "voice-new.html:4 holds a newer one" by-configuration
says "... and asks" "was the wrong file edited?" by-configuration
well site
page site/index.html "$(token "$ended")"
start index "$python" "$top_srcdir/tests/serve_site.py" site --page index.html
site=$said
configuration site "$site" "$livekit" APIwatch
doctor -o json -f site/jwtwatch.yaml
found "2 the other file is the one that is served" "served stale_copy" 2
says "... it says which" "index.html:4" out
doctor -o json ./site "http://127.0.0.1:$site/"
found "2 the same by places" "page expired" 2
says "... it says where the new one is" "voice.html:4 holds a newer one" out
site=$served
well site
page site/voice.html.bak "$(token "$ended")"
both "2 a copy that nobody serves is no page" none 0

# 3. A proxy serves the page as it was

page site/voice.html "$(token "$ended")"
start stale "$python" "$top_srcdir/tests/serve_site.py" site --stale
site=$said
well site
both "3 stale proxy" "served stale_copy" 2
is "... the page on disk is fine" ok "$(look page.state)"
is "... what the browser says follows" "served" "$(look states | sed 's/.*browser=not_ok>\([a-z]*\).*/\1/')"

mkdir several
env_file several APIwatch secret
page several/index.html "$(token "$ended")"
start several "$python" "$top_srcdir/tests/serve_site.py" several --page index.html --stale
page several/index.html "$(token "$fresh")"
page several/other.html "$(token '{"iss": "APIwatch", "exp": "@+90000"}')"
doctor -o json ./several "http://127.0.0.1:$said/"
found "3 of several pages, the one that is served" "served stale_copy" 2
says "... the one that it should be a copy of" "than $work/several/index.html" out

# 4. The proxy is down

start down "$python" "$top_srcdir/tests/serve_site.py" site --down
site=$said
both "4 proxy down" "served connect" 2
is "... what follows" "endpoint=not_ok>served" "$(look states | tr ' ' '\n' | grep endpoint)"
is "... the token is fine all the same" ok "$(look accepted.state)"
site=$served

# 5. LiveKit is down

start_livekit dead --mode dead
livekit=$said
well site
both "5 LiveKit down" "livekit connect" 2
is "... what can't be looked at, and what follows" \
	"environment=ok clock=ok livekit=not_ok key_pair=not_looked_at>livekit page=ok served=ok endpoint=ok \
accepted=not_looked_at>livekit browser=not_ok>livekit" \
	"$(look states)"
is "... what the browser says" "not_ok: could not establish signal connection: Failed to fetch" "$(look browser)"
start_livekit web --mode web
livekit=$said
well site
both "5 something else answers there" "livekit not_livekit" 2
start_livekit stale --mode stale --key APIwatch=secret
livekit=$said
well site
both "5 it isn't ready" "livekit livekit_not_ready" 2
livekit=$up
well site

# 6. .env is missing

rm site/.env
both "6 .env missing" "environment secret_missing" 2
says "... it says where it was looked for" "site/.env" out
page site/voice.html "$(token "$ended")"
doctor ./site "ws://127.0.0.1:$livekit"
says "... and what else is broken for a browser" \
	"Line 1, environment, is the first that is broken; what a browser meets is line 5, page on disk." out
page site/voice.html "$(token "$fresh")"
doctor -o json ./site "ws://127.0.0.1:$livekit"
is "... the page is looked at all the same" ok "$(look page.state)"
well site
sed -i /SECRET/d site/.env
both "6 a variable missing" "environment secret_missing" 2
well site
sed -i 's/^\(LIVEKIT_API_SECRET=\).*/\1your-api-secret/' site/.env
both "6 a placeholder" "environment config" 2
is "... nothing is said about signatures" "ok" "$(look page.state)"

well site
sed -i 's/^\(LIVEKIT_API_SECRET=\)/\1"/' site/.env
doctor -o json ./site
is "6 a quote that doesn't end" "environment config" "$(look cause)"
says "... it says so" "the quote in front of it doesn't end" out
well site
printf 'LIVEKIT_URL=\n' >> site/.env
doctor -o json ./site "ws://127.0.0.1:$livekit"
is "6 set to nothing" "environment config" "$(look cause)"
says "... it says so" "LIVEKIT_URL of ./site/.env: is empty there" out

# 7. and 8. The secret, or the key, of .env is another one

well site
env_file site APIwatch other-secret
both "7 wrong secret" "key_pair livekit_refused" 2
is "... what follows" "page=not_ok>key_pair" "$(look states | tr ' ' '\n' | grep page=)"
is "... of the tokens that are made with it, too" "endpoint=ok accepted=not_ok>key_pair" \
	"$(look states | tr ' ' '\n' | grep 'endpoint=\|accepted=not_ok' | tr '\n' ' ' | sed 's/ $//')"
env_file site APIother secret
configuration site "$site" "$livekit" APIother
both "8 wrong key" "key_pair livekit_refused" 2 APIother
is "... what follows" "page=not_ok>key_pair" "$(look states | tr ' ' '\n' | grep page=)"
well site
configuration site "$site" "$livekit" APIother
doctor -o json -f site/jwtwatch.yaml
found "8 the configuration and .env name two keys" "environment config" 2
well site

# 9. The clock is off

for offset in 7200 -7200; do
	start_livekit "clock$offset" --key APIwatch=secret --clock-offset=$offset
	livekit=$said
	well site
	both "9 LiveKit's clock is off by $offset" "clock clock_skew" 2
done
livekit=$up
well site
start clock "$python" "$top_srcdir/tests/serve_site.py" site --clock-offset=7200
site=$said
both "9 the clock of who makes tokens is off" "clock clock_skew" 2
is "... what follows" "endpoint=not_ok>clock" "$(look states | tr ' ' '\n' | grep endpoint=)"
site=$served
page site/voice.html "$(token '{"iss": "APIwatch", "iat": "@+7200", "nbf": "@+7200", "exp": "@+93600"}')"
both "9 the clock of who made the page's token was off" "clock clock_skew" 2
is "... what follows" "page=not_ok>clock" "$(look states | tr ' ' '\n' | grep page=)"
well site

# 10. The token is another project's

page site/voice.html "$(token '{"iss": "APIother", "iat": "@-60", "nbf": "@-60", "exp": "@+86340"}')"
both "10 token of another project" "page key_unknown" 2
is "... it isn't sent" "accepted=not_looked_at>page" "$(look states | tr ' ' '\n' | grep accepted=not)"
is "... what the browser says" "not_ok: could not establish signal connection: invalid API key: …" "$(look browser)"
well site

# What is given, and what isn't

doctor -o json ./site/nowhere.html
is "a page that isn't there" "page file_missing 2" "$(look cause) $status"
mkdir empty
doctor -o json ./empty "ws://127.0.0.1:$livekit"
is "a folder without a token" "page token_not_found" "$(look states > /dev/null; look page.cause | sed 's/^/page /')"
doctor -o json ./empty "http://127.0.0.1:$site/api/token?ttl=1" "ws://127.0.0.1:$livekit"
is "... where an endpoint makes them" "not_looked_at ok" "$(look page.state endpoint.state | tr '\n' ' ' | sed 's/ $//')"
doctor -o json site "ws://127.0.0.1:$livekit"
is "one place makes places of all words" "none 0" "$(look first) $status"
doctor -o json -f site/jwtwatch.yaml ./site
is "a configuration and places" "configuration config 3" "$(look cause) $status"
configuration site "$site" "$livekit" APIwatch
doctor -o json -f site/jwtwatch.yaml voice-pag
is "a target that there isn't" "configuration config 3" "$(look cause) $status"
says "... the nearest one" "did you mean voice-page?" out
doctor -o json -f site/jwtwatch.yaml token-api
is "one target, and what belongs to it" "environment=ok clock=ok livekit=ok key_pair=ok page=not_looked_at \
served=not_looked_at endpoint=ok accepted=ok browser=ok" "$(look states)"
sed 's/issuer: [A-Za-z]*, //' site/jwtwatch.yaml > site/no-issuer.yaml
doctor -o json -f site/no-issuer.yaml
is "a key without an issuer" "none not_looked_at" "$(look first key_pair.state | tr '\n' ' ' | sed 's/ $//')"
says "... it says so" "the key livekit names no issuer" out
sed 's/check: livekit, /&key: livekit, issuer: APIwatch, /' site/no-issuer.yaml > site/issuer.yaml
doctor -o json -f site/issuer.yaml
is "... the check names it" "none ok" "$(look first key_pair.state | tr '\n' ' ' | sed 's/ $//')"
printf '{"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}]}' > site/jwks
printf 'keys:\n  jwks: {secret: {file: jwks}}\ntargets:\n  - {name: page, check: html_file, path: voice.html, ' > site/jwks.yaml
printf 'key: jwks, accepted_by: "ws://127.0.0.1:%s"}\n' "$livekit" >> site/jwks.yaml
doctor -o json -f site/jwks.yaml
is "a key that is no pair of LiveKit's" "ok not_looked_at" \
	"$(look environment.state key_pair.state | tr '\n' ' ' | sed 's/ $//')"
doctor -o json -f site/jwtwatch.yaml page-as-served
is "a copy, and what it is a copy of" "ok ok" "$(look page.state served.state | tr '\n' ' ' | sed 's/ $//')"
doctor -o json -f site/nowhere.yaml
is "no configuration" "configuration config 3" "$(look cause | sed 's/file_missing/config/') $status"
doctor -o nagios ./site
is "another format" 3 "$status"

page site/none.html ""
start none "$python" "$top_srcdir/tests/serve_site.py" site --page none.html
doctor -o json ./site "ws://127.0.0.1:$livekit" "http://127.0.0.1:$said/"
is "a page that is served without a token" "served token_not_found 2" "$(look cause) $status"
says "... in words that fit" "the page holds no LiveKit token" out
rm site/none.html

# A page may only ask an endpoint that comes from elsewhere where that gives leave

for cors in "" --no-cors; do
	# shellcheck disable=SC2086
	start "api$cors" "$python" "$top_srcdir/tests/serve_site.py" site $cors
	api=$said
	configuration site "$site" "$livekit" APIwatch
	sed -i "s|$site/api|$api/api|" site/jwtwatch.yaml
	doctor -o json ./site "ws://127.0.0.1:$livekit" "http://127.0.0.1:$site/" "http://127.0.0.1:$api/api/token?ttl=24"
	cp out by-places
	by_places=$(look cause)
	doctor -o json -f site/jwtwatch.yaml
	if [ -z "$cors" ]; then
		is "an endpoint elsewhere that gives leave" "none none" "$by_places $(look cause)"
	else
		is "an endpoint elsewhere that gives none" "endpoint cors, endpoint cors" "$by_places, $(look cause)"
		says "... what the browser comes to" "gets no token to connect with" out
		says "... by places" "gets no token to connect with" by-places
	fi
done

# The environment

LIVEKIT_API_KEY=APIwatch LIVEKIT_API_SECRET="'$(cat secret)'" LIVEKIT_URL="ws://127.0.0.1:$livekit" \
	run "$JWTWATCH" doctor -o json ./empty site/voice.html
is "quotes in the environment" "environment config" "$(look cause)"
says "... it says where" "LIVEKIT_API_SECRET of the environment" out
LIVEKIT_API_SECRET=$(cat other-secret) run "$JWTWATCH" doctor -o json ./site
is "the environment wins over .env" "not_ok" "$(look page.state)"
env_file site APIwatch other-secret
printf 'LIVEKIT_API_SECRET="%s"\n' "$(cat secret)" > site/.env.local
doctor -o json ./site
is ".env.local wins over .env" "none" "$(look first)"
rm site/.env.local
printf 'short' > short-secret
env_file site APIwatch short-secret
doctor -o json ./site
is "a short secret is a warning" "WARNING config" "$(look environment.severity environment.cause | tr '\n' ' ' | sed 's/ $//')"
well site

# A key pair is shown to a server that is named in the same place, or by who calls

start_livekit proving --key APIwatch=secret
proving=$said
url="LIVEKIT_URL=ws://127.0.0.1:$proving"
key="LIVEKIT_API_KEY=APIwatch"
pair="$key LIVEKIT_API_SECRET=$(cat secret)"
mkdir places
page places/voice.html "$(token "$fresh")"
printf 'targets:\n  - {name: page, check: html_file, path: voice.html}\n' > places/jwtwatch.yaml
sed "s|path: voice.html|&, accepted_by: 'ws://127.0.0.1:$proving'|" places/jwtwatch.yaml > places/named.yaml

# NAME STATE TIMES ENVIRONMENT FILE LOCAL WORD...: the state of the pair's line, and how often the pair was shown.
proves()
{
	row=$1
	expected="$2 $3"
	environment=$4
	# shellcheck disable=SC2086
	printf '%s\n' $5 > places/.env
	# shellcheck disable=SC2086
	printf '%s\n' $6 > places/.env.local
	shift 6
	before=$(seen "$proving" | grep -c ListRooms)
	# shellcheck disable=SC2086
	run env $environment "$JWTWATCH" doctor -o json "$@"
	after=$(seen "$proving" | grep -c ListRooms)
	is "$row" "$expected" "$(look key_pair.state) $((after - before))"
}

proves "a folder's URL and the environment's pair" not_looked_at 0 "$pair" "$url" "" ./places
says "... it names both places" "LIVEKIT_URL is from ./places/.env, the key from the environment, and" out
says "... and how to go on" "name the server on the command line" out
says "... the URL's place stands beside it" "LIVEKIT_URL ws://127.0.0.1:$proving from ./places/.env, key APIwatch" out
is "... the page is looked at all the same" "ok ok" "$(look page.state accepted.state | tr '\n' ' ' | sed 's/ $//')"
proves "... and its key, with the environment's secret" not_looked_at 0 "${pair#* }" "$url $key" "" ./places
says "... it names all" "the key from ./places/.env, the secret from the environment" out
proves "... with the server's name" ok 1 "$pair" "$url" "" ./places "ws://127.0.0.1:$proving"
proves "... by a configuration without keys" not_looked_at 0 "$pair" "$url" "" -f places/jwtwatch.yaml
says "... how to go on" "name the server in the configuration (accepted_by)" out
proves "... that names the server" ok 1 "$pair" "$url" "" -f places/named.yaml
proves "the environment's URL and a folder's pair" not_looked_at 0 "$url" "$pair" "" ./places
proves "two files of a folder" not_looked_at 0 "" "$url" "$pair" ./places
proves "all in the environment" ok 1 "$url $pair" "" "" ./places
proves "all in one file" ok 1 "" "$url $pair" "" ./places
proves "the environment's pair for a folder with its own" ok 1 "$url $pair" "LIVEKIT_URL=ws://127.0.0.1:1 $key" "" ./places
rm -r places

# Where the secret stands in the key's place it isn't shown, however short it is

misplaced=s3cretS3cret16chars
: > said
# NAME KEY SECRET WORDS: in the environment, in .env, and in a configuration, as people and programs read it.
misplace()
{
	mkdir misplaced
	page misplaced/voice.html "$(token "$fresh")"
	printf '%s' "$3" > misplaced/secret
	configuration misplaced "$site" "$livekit" "$2"
	sed -i 's/{env_file: [^}]*}/{file: secret}/; s/check: livekit,/& key: livekit,/' misplaced/jwtwatch.yaml
	for form in "-v -v" "-o json"; do
		# shellcheck disable=SC2086
		LIVEKIT_API_KEY=$2 LIVEKIT_API_SECRET=$3 run "$JWTWATCH" doctor $form ./misplaced "ws://127.0.0.1:$livekit"
		cat out err >> said
		says "$1 $form: it says so" "$4" out
		# shellcheck disable=SC2086
		doctor $form -f misplaced/jwtwatch.yaml
		cat out err >> said
		# shellcheck disable=SC2086
		run "$JWTWATCH" check $form -f misplaced/jwtwatch.yaml
		cat out err >> said
		printf 'LIVEKIT_API_KEY=%s\nLIVEKIT_API_SECRET=%s\n' "$2" "$3" > misplaced/.env
		sed 's/{file: secret}/{env_file: .env, name: LIVEKIT_API_SECRET}/; s/issuer: [A-Za-z0-9]*/issuer: APIwatch/' \
			misplaced/jwtwatch.yaml > misplaced/other.yaml
		# shellcheck disable=SC2086
		doctor $form -f misplaced/other.yaml
		cat out err >> said
		rm misplaced/.env
	done
	rm -r misplaced
}

misplace swapped $misplaced APIabcdefghijkl "swapped"
misplace "one value" $misplaced $misplaced "one value"
misplace "two secrets" "$misplaced$misplaced" "$(cat secret)" "longer than any key"
is "a secret in the key's place isn't shown" "0 yes" \
	"$(grep -c $misplaced said) $([ "$(wc -l < said)" -gt 200 ] && echo yes)"

# No token and no secret comes out

page site/voice.html "$(token "$ended")"
cp site/.env site/service.env
env_file site "$(cat secret)" other-secret
start canary "$python" "$top_srcdir/tests/serve_site.py" site --env service.env
site=$said
configuration site "$site" "$livekit" APIwatch
: > said
for form in "-o json" "-v" "-v -v -o json" "--color always"; do
	# shellcheck disable=SC2086
	for places in "-f site/jwtwatch.yaml" "./site ws://$(cat secret):x@127.0.0.1:$livekit \
http://127.0.0.1:$site/?token=$(cat secret) http://127.0.0.1:$site/api/token?key=$(cat other-secret)"; do
		run "$JWTWATCH" doctor $form $places
		cat out err >> said
	done
done
leaks=0
for canary in "$(cat secret)" "$(cat other-secret)" eyJ; do
	grep -qF -e "$canary" said && leaks=$((leaks + 1))
done
is "no token and no secret in any output" "0 yes" "$leaks $([ "$(wc -c < said)" -gt 5000 ] && echo yes)"
site=$served
well site

# For a person

doctor --color always ./site "ws://127.0.0.1:$livekit"
is "colours" yes "$(grep -q "$(printf '\033\\[32mok')" out && echo yes)"
rm site/.env
doctor --color never ./site "ws://127.0.0.1:$livekit"
is "no line is wider than a window" "" "$(awk 'length($0) > 80 && !/[^ ]{50}/' out)"
says "the cause in words" "The cause is line 1, environment: mend that first." out
doctor -q ./site "ws://127.0.0.1:$livekit"
is "-q says only what isn't ok" "1" "$(grep -c '^ *[0-9]' out)"
run "$JWTWATCH" help doctor
says "help" "jwtwatch doctor [OPTION...] [TARGET...|PLACE...]" out
plan
