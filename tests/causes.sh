#!/bin/sh
# SPDX-License-Identifier: MIT
# Provokes each cause through the built program. What was provoked must be what src/verdict/cause.def lists.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"

cd "$work" || exit 1
make_secret secret
make_secret other-secret
: > provoked

# CAUSE STATE COMMAND...: the command, which writes JSON, must say so of its one target.
provoke()
{
	cause=$1
	state=$2
	shift 2
	judged "$cause" "$state" "$cause" "$@"
	verdict verdict | sed 's/.* //' >> provoked
	is "... it is among the findings" "$cause" "$(verdict causes | tr ' ' '\n' | grep -x "$cause")"
}

# CAUSE STATE OPTION...: the same by html_file.
by_page()
{
	cause=$1
	state=$2
	shift 2
	provoke "$cause" "$state" "$JWTWATCH" html_file -o json "$@"
}

# CAUSE STATE CLAIMS [OPTION...]: the same with a page whose token has these claims.
by_claims()
{
	cause=$1
	state=$2
	claims=$3
	shift 3
	page page.html "$(token "$claims")"
	by_page "$cause" "$state" --path page.html "$@"
}

# CAUSE STATE [TARGET]: the same by check with the configuration on standard input.
by_config()
{
	cat > jwtwatch.yaml
	cause=$1
	state=$2
	shift 2
	provoke "$cause" "$state" "$JWTWATCH" check -f jwtwatch.yaml -o json "$@"
}

page good.html "$(token '{}')"
page_is "without any cause" OK ok --path good.html --key-file secret

by_page file_missing CRITICAL --path no-such-page.html
by_page file_unreadable UNKNOWN --path .
by_config secret_missing UNKNOWN << 'END'
keys: {livekit: {issuer: devkey, secret: {env: JWTWATCH_TEST_NO_SUCH_VARIABLE}}}
targets: [{name: page, check: html_file, path: good.html, key: livekit}]
END
by_config config UNKNOWN << 'END'
targets: [{name: page, check: html_file, path: good.html, enabled: false}]
END
by_page deadline UNKNOWN --path good.html -t 1ms

# In a folder where the module for signatures is damaged. (Where it is absent, an installed one may be found.)
mkdir alone
cp "$JWTWATCH" alone/jwtwatch
echo damaged > alone/crypto_openssl.so
provoke internal UNKNOWN ./alone/jwtwatch html_file -o json --path good.html --key-file secret

{
	head -c 100000 /dev/zero | tr '\0' a
	echo '!'
} > letters.html
by_page pattern_limit UNKNOWN --path letters.html --pattern '(a+)+$' --timeout 2s
by_page token_not_found CRITICAL --path letters.html
page page.html '{{TOKEN}}'
by_page placeholder CRITICAL --path page.html --pattern "$token_pattern"
page page.html "$(token '{}' | cut -c 1-150 | tr -d .)"
by_page token_malformed CRITICAL --path page.html --pattern "$token_pattern"
page page.html "$(token '{}' '{"alg": "none"}')"
by_page algorithm_refused CRITICAL --path page.html
by_page signature_invalid CRITICAL --path good.html --key-file other-secret
by_config key_unknown CRITICAL << 'END'
keys: {livekit: {issuer: another-key, secret: {file: secret}}}
targets: [{name: page, check: html_file, path: good.html, key: livekit}]
END

by_claims expiring WARNING '{"exp": "@+1800", "iat": "@-84600"}'
by_claims expiring CRITICAL '{"exp": "@+300", "iat": "@-86100"}'
by_claims expired CRITICAL '{"exp": "@-7200", "iat": "@-93600"}'
by_claims not_yet_valid CRITICAL '{"nbf": "@+7200"}'
by_claims no_expiry CRITICAL '{"exp": null}'
by_claims expiry_invalid CRITICAL '{"exp": "tomorrow"}'
by_claims lifetime_unknown UNKNOWN '{"iat": null, "nbf": null}' -w 20% -c 5%
by_claims clock_skew WARNING '{"iat": "@+7200", "nbf": null}'
by_claims issuer_mismatch CRITICAL '{}' --issuer another-key
by_claims audience_mismatch CRITICAL '{"aud": ["a", "b"]}' --audience c
by_claims subject_mismatch CRITICAL '{}' --subject user2
by_claims room_mismatch CRITICAL '{}' --room other-room
by_claims identity_mismatch CRITICAL '{"sub": null, "jti": "user1"}' --identity user2
by_claims lifetime_too_short WARNING '{}' --min-lifetime 2d
by_claims lifetime_too_long WARNING '{}' --max-lifetime 1h
by_claims grant_forbidden WARNING '{"video": {"room": "test-room", "roomAdmin": true}}' --forbid-grants roomAdmin
by_claims grant_forbidden WARNING '{"video": {"room": "test-room", "roomAdmin": true}}'
by_claims grant_forbidden WARNING \
	'{"roomConfig": {"egress": {"tracks": {"s3": {"secret": "jwtwatch-canary-egress"}}}}}'

# With the key, and without one where the name says so; a .env file is where it belongs.
page page.html "$(token '{}')"
echo "const KEY = '$(cat secret)'" >> page.html
by_page secret_in_page CRITICAL --path page.html --key-file secret
page page.html "$(token '{}')"
echo "const apiSecret = 'jwtwatch-canary-0123456789abcdef'" >> page.html
by_page secret_in_page CRITICAL --path page.html
cp page.html .env.local
page_is "in a .env file" OK ok --path .env.local

by_claims rotation_margin WARNING '{}' --rotate-every 23h30m
page fresh.html "$(token '{}')"
page old.html "$(token '{"iat": "@-7200"}')"
by_config stale_copy CRITICAL old << 'END'
targets:
  - {name: fresh, check: html_file, path: fresh.html}
  - {name: old, check: html_file, path: old.html, same_as: fresh}
END

# CAUSE STATE URL [OPTION...]: the same by token_endpoint.
by_endpoint()
{
	cause=$1
	state=$2
	url=$3
	shift 3
	provoke "$cause" "$state" "$JWTWATCH" token_endpoint -o json --url "$url" "$@"
}

# shellcheck source=tests/certificates.sh
. "$top_srcdir/tests/certificates.sh"
mkdir birds
"$python" "$top_srcdir/tests/canary.py" make birds
start answers "$python" "$top_srcdir/tests/canary_server.py" serve birds
answers=http://127.0.0.1:$said
start_livekit livekit --key devkey=secret
livekit=127.0.0.1:$said
start_livekit dead --mode dead
dead=127.0.0.1:$said
start_livekit hang --mode hang
hang=127.0.0.1:$said

# Longer than a label may be, so that nobody need be asked.
by_endpoint dns CRITICAL "http://$(printf 'a%.0s' $(seq 70)).example.org/"
by_endpoint connect CRITICAL "http://$dead/"
by_endpoint tls CRITICAL "https://$livekit/"
by_endpoint timeout CRITICAL "http://$hang/" --timeout 300ms
by_endpoint http_status CRITICAL "$answers/no-such-answer"
by_endpoint redirect CRITICAL "$answers/redirect-query"
by_endpoint body_too_large CRITICAL "$answers/good" --max-size 10B
by_endpoint body_short CRITICAL "$answers/length-too-long"
by_endpoint cache_outlives_token WARNING "$answers/kept"
by_endpoint cors CRITICAL "$answers/good" --origin https://page.example.org
by_endpoint cors CRITICAL "$answers/cors" --origin https://page.example.org --headers X-Room=test-room
by_endpoint bad_json CRITICAL "$answers/json-cut"
provoke command_failed CRITICAL "$JWTWATCH" command -o json --command false
provoke command_not_runnable UNKNOWN "$JWTWATCH" command -o json --command jwtwatch-no-such-program
for name in ending last-hours; do
	start_livekit $name --cert $name.pem --cert-key $name.key
	state=WARNING
	[ $name = ending ] || state=CRITICAL
	provoke certificate_expiring $state "$JWTWATCH" livekit -o json --url "wss://127.0.0.1:$said" \
		--ca-file authority.pem
done
by_page livekit_unreachable CRITICAL --path good.html --accepted-by "ws://$dead"
start_livekit stale --mode stale
provoke livekit_not_ready CRITICAL "$JWTWATCH" livekit -o json --url "ws://127.0.0.1:$said"
by_page not_livekit CRITICAL --path good.html --accepted-by "$answers/page"
provoke url_unusable WARNING "$JWTWATCH" livekit -o json --url "ws://$livekit" --origin https://page.example.org
by_endpoint url_unusable WARNING "$answers/json-url-bare-user"
by_claims livekit_refused CRITICAL '{"iss": "APIelsewhere"}' --accepted-by "ws://$livekit"

# No target's: it stands beside them.
cat > jwtwatch.yaml << 'END'
sinks: {nagios: {type: command_file, path: no-such-pipe}}
targets: [{name: page, check: html_file, path: good.html}]
END
run "$JWTWATCH" check -f jwtwatch.yaml -o json --sink nagios
is "sink_failed" "UNKNOWN sink_failed, exit code 3" "$(verdict sinks), exit code $status"
verdict sinks | sed 's/.* //' >> provoked

# Nor this: the page keeps what it has.
cat > jwtwatch.yaml << 'END'
keys: {other: {issuer: devkey, secret: {file: other-secret}}, key: {secret: {file: secret}}}
targets: [{name: page, check: html_file, path: good.html, key: key, renew: {key: other}}]
END
run "$JWTWATCH" renew -f jwtwatch.yaml -o json page
is "renewal_failed" "failed renewal_failed, exit code 1" \
	"$(sed -n 's/^ *"\(state\|cause\)": "\(.*\)",$/\2/p' out | tr '\n' ' ' | sed 's/ $//'), exit code $status"
sed -n 's/^ *"cause": "\(.*\)",$/\1/p' out >> provoked

# Only who remembers earlier runs can say so: tests/daemon.sh provokes these.
for cause in rotation_overdue token_reused stale; do
	holds "tests/daemon.sh provokes $cause" grep -q "\"$cause\"" "$top_srcdir/tests/daemon.py"
	echo $cause >> provoked
done

sed -n 's/^CAUSE([A-Z_]*, "\([a-z_]*\)".*/\1/p' "$top_srcdir/src/verdict/cause.def" | sort -u > listed
holds "cause.def lists causes" test -s listed
is "each row of cause.def begins with CAUSE(" "$(grep -c '^CAUSE(' "$top_srcdir/src/verdict/cause.def")" \
	"$(wc -l < listed | tr -d ' ')"
sort -u provoked > each
is "listed in cause.def, but not provoked" "" "$(comm -23 listed each | tr '\n' ' ')"
is "provoked, but not listed in cause.def" "" "$(comm -13 listed each | tr '\n' ' ')"
"$JWTWATCH" explain | sed -n 's/^\([a-z][a-z_]*\)\( .*\)*$/\1/p' | sort -u > explained
is "explain lists the same causes" "" "$(comm -3 listed explained | tr -d '\t' | tr '\n' ' ')"
plan
