#!/bin/sh
# SPDX-License-Identifier: MIT
# One canary token and one canary secret go through every command, format, level of words and error path, and through
# each part of a request and of an answer. Neither the signature, the payload, a secret claim nor the secret may come
# out: plain, base64- or percent-encoded.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"
# shellcheck source=tests/peers.sh
. "$top_srcdir/tests/peers.sh"

cd "$work" || exit 1
umask 077
mkdir birds said planted pages core

canary()
{
	"$python" "$top_srcdir/tests/canary.py" "$@"
}

# The seeker itself can fail.

canary make birds
canary plant birds planted
canary seek birds planted/* > found
is "each planted leak is found" "clean harmless" "$(grep '^clean' found)"
holds "... and there were many" test "$(grep -c '^leak' found)" -gt 50

token=$(cat birds/token.valid)
secret=$(cat birds/secret)
for file in birds/token.*; do
	name=${file#birds/token.}
	page "pages/$name.html" "$(cat "$file")"
done
printf 'const TOKEN = "%s";\nconst SECRET = "%s";\n' "$token" "$secret" > pages/with-secret.html
printf 'LIVEKIT_API_SECRET=%s\nTOKEN=%s\n' "$secret" "$token" > pages/dot-env
printf 'const TOKEN = "%s";\nconst room = {apiSecret: "%s"};\n' "$token" "$secret" > pages/assigned.html
runs=0

# NAME COMMAND...: what it says goes into the folder said, in a file of that name.
hear()
{
	heard=said/$1
	shift
	runs=$((runs + 1))
	status=0
	timeout -k 5 "$limit" "$@" > "$heard.out" 2> "$heard.err" < /dev/null || status=$?
	case $status in
	0 | 1 | 2 | 3) return ;;
	esac
	echo "$heard ended with $status" >> odd
}

# NAME ARGUMENT...: the program in each format and level of words.
in_all_formats()
{
	spoken=$1
	shift
	for format in text nagios json prometheus junit github; do
		hear "$spoken.$format" "$JWTWATCH" "$@" -o $format
		hear "$spoken.$format-vv" "$JWTWATCH" "$@" -o $format -v -v
	done
}

: > odd

# Pages

for file in pages/*; do
	name=$(basename "$file" .html)
	in_all_formats "page-$name" html_file --path "$file"
	in_all_formats "page-key-$name" html_file --path "$file" --key-file birds/secret --pattern "$token_pattern"
done
in_all_formats "page-every" html_file --path 'pages/*' --room other --issuer other --audience other \
	--subject other --identity other --max-lifetime 1m --min-lifetime 30d --forbid-grants roomJoin
for pattern in "SECRET = \"([^\"]+)\"" "SECRET=(.*)" "(?s)(.*)" "eyJ[^.]*[.](.*)'" "[.]([^.]*)'"; do
	in_all_formats "pattern-$runs" html_file --path 'pages/*' --pattern "$pattern"
	in_all_formats "pattern-key-$runs" html_file --path 'pages/*' --pattern "$pattern" --key-file birds/jwks
done

# Keys

for key in secret jwk jwks jwk.broken jwk.strange pem token.valid hidden; do
	in_all_formats "key-$key" html_file --path pages/valid.html --key-file "birds/$key"
	hear "inspect-key-$key" "$JWTWATCH" inspect --key-file "birds/$key" @birds/token.valid
	hear "inspect-key-json-$key" "$JWTWATCH" inspect -o json --key-file "birds/$key" @birds/token.valid
done

# inspect

for file in birds/token.*; do
	name=${file#birds/token.}
	for form in text json nagios; do
		hear "inspect-file-$name.$form" "$JWTWATCH" inspect -o $form "@$file"
		hear "inspect-file-vv-$name.$form" "$JWTWATCH" inspect -v -v -o $form --key-file birds/secret "@$file"
		hear "inspect-argument-$name.$form" "$JWTWATCH" inspect -o $form "$(cat "$file")"
	done
done
hear inspect-two "$JWTWATCH" inspect "$token" "$token"
hear inspect-at "$JWTWATCH" inspect "@$token"
hear inspect-page "$JWTWATCH" inspect @pages/valid.html
hear inspect-secret-file "$JWTWATCH" inspect @birds/secret
hear inspect-jwk "$JWTWATCH" inspect @birds/jwk
hear inspect-simulated "$JWTWATCH" inspect --at +3d @birds/token.valid

# discover and forecast

for form in yaml json nagios; do
	hear "discover.$form" "$JWTWATCH" discover -o $form pages birds
	hear "discover-operand.$form" "$JWTWATCH" discover -o $form "$token" "pages/$token"
	hear "discover-at.$form" "$JWTWATCH" discover -o $form --at +9d pages pages/valid.html
done

# doctor: places, and secrets where something else belongs in them and in the environment

# NAME WORD...: as people and as programs read it.
doctor()
{
	spoken=$1
	shift
	for form in "text -v -v" "json" "nagios"; do
		# shellcheck disable=SC2086
		hear "doctor-$spoken.${form%% *}" "$JWTWATCH" doctor -t 20s -o $form "$@"
	done
}

doctor places ./pages "ws://127.0.0.1:1/"
doctor operand "$token"
doctor path "./$token" "ws://127.0.0.1:1/$token"
doctor urls ./pages/valid.html "ws://$secret:$token@127.0.0.1:1/" "http://127.0.0.1:1/?token=$token" \
	"http://$secret@127.0.0.1:1/api/token?key=$secret#$token"
mkdir site
cp pages/valid.html site/page.html
for value in "$secret" "'$secret'" "$secret " "$token" "ws://$secret@127.0.0.1:1/?$token"; do
	for variable in LIVEKIT_URL LIVEKIT_API_KEY LIVEKIT_API_SECRET; do
		printf 'LIVEKIT_URL=ws://127.0.0.1:1\nLIVEKIT_API_KEY=devkey\nLIVEKIT_API_SECRET=%s\n%s="%s"\n' \
			"$secret" "$variable" "$value" > site/.env
		doctor "env-$variable-$runs" ./site
		rm site/.env
		hear "doctor-environment-$variable-$runs" env "$variable=$value" "$JWTWATCH" doctor -v -t 20s ./site
	done
done

# renew: what its sources say, and where each goes wrong. Nothing but `mint` prints a token.

mkdir renewed
cat > renewed/print << 'END'
#!/bin/sh
echo "$1 $CANARY"
echo "$1 $CANARY" >&2
exit "$2"
END
chmod 700 renewed/print

# NAME PAGE RENEW [OPTION...]
renewal()
{
	spoken=$1
	cp "pages/$2.html" renewed/page.html
	cat > renewed/jwtwatch.yaml << END
keys: {k: {issuer: devkey, secret: {file: ../birds/secret}}, other: {issuer: devkey, secret: "$secret-"}}
targets: [{name: page, check: html_file, path: page.html, pattern: "$token_pattern", key: k, renew: $3}]
END
	shift 3
	for form in text json nagios; do
		hear "renew-$spoken.$form" "$JWTWATCH" renew -f renewed/jwtwatch.yaml -o $form "$@" page
	done
}

for page in valid expired with-secret; do
	renewal "mint-$page" $page '{}'
	renewal "dry-$page" $page '{}' --dry-run
	renewal "other-$page" $page '{key: other}'
	for code in 0 1; do
		renewal "command-$page-$code" $page \
			"{from: command, command: [$PWD/renewed/print, '$token', $code], env: {CANARY: {file: ../birds/secret}}}"
		renewal "run-$page-$code" $page \
			"{from: run, command: [$PWD/renewed/print, '$token', $code], env: {CANARY: {file: ../birds/secret}}}"
	done
done
renewal option valid '{}' --if-left-less-than "$token"
renewal operand valid '{}' "$token"
renewal path valid "{also: ['$token', '../pages/$token']}"
for option in key env-file room ttl grant publish-source no-such-option; do
	hear "mint-$option" "$JWTWATCH" mint "--$option" "$token"
done
hear mint-key env LIVEKIT_API_KEY="$token" LIVEKIT_API_SECRET="$secret" "$JWTWATCH" mint -o nagios

# A token where something else belongs on the command line

for option in path pattern select max-size warning critical issuer audience subject room identity min-lifetime \
	max-lifetime leeway forbid-grants timeout severity runbook key-file at color format deadline config fail-on \
	no-such-option "$token"; do
	name=$option
	[ "$option" != "$token" ] || name=token
	in_all_formats "option-$name" html_file --path pages/valid.html "--$option" "$token"
	in_all_formats "option-is-$name" html_file --path pages/expired.html "--$option=$token"
	in_all_formats "option-list-$name" html_file --path pages/valid.html "--$option" "a=$token"
done
for letter in f o w c t v z; do
	hear "letter-$letter" "$JWTWATCH" html_file --path pages/valid.html "-$letter" "$token"
	hear "letter-glued-$letter" "$JWTWATCH" html_file --path pages/valid.html "-$letter$token"
done
in_all_formats operand html_file --path pages/valid.html "$token"
in_all_formats page-in-url html_file --path "https://example.org/?token=$token"
in_all_formats page-in-folder html_file --path "pages/$token/page.html"
in_all_formats page-glob html_file --path "pages/$token/*.html"
hear command "$JWTWATCH" "$token"
hear command-flag "$JWTWATCH" "--$token"
hear command-at "$JWTWATCH" "@$token"
for command in explain help version config check doctor; do
	hear "operand-$command" "$JWTWATCH" $command "$token"
	hear "option-$command" "$JWTWATCH" $command "--$token"
	hear "file-$command" "$JWTWATCH" $command -f "$token"
	hear "help-$command" "$JWTWATCH" $command --help
done
hear environment env JWTWATCH_CONFIG="$token" "$JWTWATCH" check
hear environment-config env JWTWATCH_CONFIG="$token" "$JWTWATCH" config

# Files and folders that are called like a token, as what a token is saved as may be: at most 255 bytes of it.

short=$(printf %s "$token" | cut -c 1-250)
page "pages/$short" "$(cat birds/token.expired)"
in_all_formats named-like html_file --path "pages/$short"
in_all_formats named-like-glob html_file --path 'pages/eyJ*'
mkdir "core/$short"
in_all_formats folder-like html_file --path "core/$short"
cp pages/valid.html "core/$short/page.html"
hear discover-named-like "$JWTWATCH" discover pages core
hear discover-named-like-json "$JWTWATCH" discover -o json pages core
rm -r "core/$short" "pages/$short"

# Configurations

# NAME: the configuration on standard input, by config, check, and check of a name.
by_config()
{
	cat > "birds/$1.yaml"
	hear "config-$1" "$JWTWATCH" config -f "birds/$1.yaml"
	in_all_formats "check-$1" check -f "birds/$1.yaml"
	in_all_formats "forecast-$1" forecast -f "birds/$1.yaml" --until 90d
	in_all_formats "check-token-$1" check -f "birds/$1.yaml" "$token"
	doctor "$1" -f "birds/$1.yaml"
	in_all_formats "check-at-$1" check -f "birds/$1.yaml" --at +1d -w 5h -c 4h
}

quoted=\'$(printf %s "$secret" | sed "s/'/''/g")\'
pages="targets:
  - {name: page, check: html_file, path: ../pages/valid.html, key: livekit}
  - {name: ended, check: html_file, path: ../pages/expired.html, key: livekit, pattern: \"$token_pattern\"}"

by_config plain << END
keys: {livekit: {issuer: devkey, secret: $quoted}}
$pages
END
chmod 644 birds/plain.yaml
in_all_formats check-open-plain check -f birds/plain.yaml
in_all_formats check-textfile check -f birds/plain.yaml --textfile said/textfile.prom
in_all_formats check-no-textfile check -f birds/plain.yaml --textfile "gone/$token.prom"
hear config-open-plain "$JWTWATCH" config -f birds/plain.yaml
by_config wrong-plain << END
keys: {livekit: {issuer: another, secret: $quoted}}
$pages
END
by_config file << END
keys: {livekit: {issuer: devkey, secret: {file: secret}}}
$pages
END
by_config env << END
keys: {livekit: {issuer: devkey, secret: {env: CANARY_SECRET}}}
$pages
END
export CANARY_SECRET="$secret"
by_config env-set < birds/env.yaml
unset CANARY_SECRET
by_config env-file << END
keys: {livekit: {issuer: devkey, secret: {env_file: ../pages/dot-env, name: LIVEKIT_API_SECRET}}}
$pages
END
by_config env-file-absent << END
keys: {livekit: {issuer: devkey, secret: {env_file: ../pages/dot-env, name: ABSENT}}}
$pages
END
{ cat pages/dot-env; printf 'OPEN="%s\n' "$secret"; } > birds/open-env
by_config env-file-open << END
keys: {livekit: {issuer: devkey, secret: {env_file: open-env, name: OPEN}}}
$pages
END
by_config included << END
include: [plain.yaml]
END
chmod 644 birds/plain.yaml
hear config-open-included "$JWTWATCH" config -f birds/included.yaml
by_config credential << END
keys: {livekit: {issuer: devkey, secret: {credential: secret}}}
$pages
END
export CREDENTIALS_DIRECTORY="$work/birds"
by_config credential-set < birds/credential.yaml
unset CREDENTIALS_DIRECTORY

# The secret, where the writer went wrong. Each shape is a line of keys:.
shape=0
while IFS= read -r line; do
	shape=$((shape + 1))
	{
		printf '%s\n' "$line" | awk -v file=birds/secret '
			BEGIN { getline secret < file; close(file) }
			{
				while ((at = index($0, "@@"))) $0 = substr($0, 1, at - 1) secret substr($0, at + 2)
				gsub(/\\t/, "\t"); gsub(/\\n/, "\n"); print
			}'
		printf '%s\n' "$pages"
	} | by_config "shape-$shape"
done << 'END'
keys: {livekit: '@@'}
keys: '@@'
keys: ['@@']
keys: [{name: livekit, secret: '@@'}]
keys: {livekit: {issuer: devkey, secret: '@@}}
keys: {livekit: {issuer: devkey, secret: "@@}}
keys: {livekit: {issuer: devkey, secret: @@}}
keys: {livekit: {issuer: devkey, secret: ['@@']}}
keys: {livekit: {issuer: devkey, secret: ['@@', '@@']}}
keys: {livekit: {issuer: devkey, secret: {plain: '@@'}}}
keys: {livekit: {issuer: devkey, secret: {env: '@@'}}}
keys: {livekit: {issuer: devkey, secret: {env: ['@@']}}}
keys: {livekit: {issuer: devkey, secret: {credential: '@@'}}}
keys: {livekit: {issuer: devkey, secret: {env: X, file: '@@'}}}
keys: {livekit: {issuer: devkey, secret: {env_file: '@@'}}}
keys: {livekit: {issuer: devkey, secret: {name: '@@'}}}
keys: {livekit: {issuer: devkey, secret: {env_file: x, env: '@@'}}}
keys: {livekit: {issuer: devkey, secret: {env_file: x, name: ['@@']}}}
keys: {livekit: {issuer: devkey, secret: {env_file: x, name: '@@ @@'}}}
keys: {livekit: {issuer: devkey, secret: {value: {deep: '@@'}}}}
keys: {livekit: {issuer: devkey, secret: !secret '@@'}}
keys: {livekit: {issuer: devkey, secret: &@@ x}}
keys: {livekit: {issuer: devkey, secret: *@@}}
keys: {livekit: {issuer: devkey, secret: !@@ x}}
keys: {livekit: {issuer: devkey, secret: %@@}}
keys: {livekit: {issuer: devkey, secret: '@@', secret: '@@'}}
keys: {livekit: {issuer: devkey, secert: '@@'}}
keys: {livekit: {issuer: devkey, secret: '', '@@': x}}
keys: {livekit: {issuer: devkey, secret: '@@ ${X}'}}
keys: {livekit: {issuer: ['@@'], secret: x}}
keys: {livekit: {issuer: devkey, secret: "@@\0"}}
keys: {livekit: {issuer: devkey, secret: "@@\q"}}
keys: {livekit: {issuer: devkey, api_secret: '@@'}}
keys: {livekit: {secret: {file: /no-such-folder, env: '@@'}}}
keys:\n  livekit:\n\tsecret: '@@'
keys:\n  livekit:\n    secret: '@@'\n   issuer: devkey
keys:\n  livekit:\n    secret: @@: x: y
keys:\n  livekit:\n    secret: |\n     @@\n   @@
keys:\n  livekit: {issuer: devkey, secret: '@@'}\n  livekit: {issuer: devkey, secret: '@@'}
keys:\n  <<: {secret: '@@'}
secret: '@@'
livekit: {secret: '@@'}
defaults: {secret: '@@'}
defaults: {key: {secret: '@@'}}
defaults: {key: [{secret: '@@'}]}
--- '@@'\n---\nkeys: {}
END

# A token where something else belongs in a configuration.
shape=0
while IFS= read -r line; do
	shape=$((shape + 1))
	printf '%s\n' "$line" | awk -v file=birds/token.valid '
		BEGIN { getline token < file; close(file) }
		{
			while ((at = index($0, "@@"))) $0 = substr($0, 1, at - 1) token substr($0, at + 2)
			gsub(/\\n/, "\n"); print
		}' | by_config "token-$shape"
done << 'END'
@@: x
@@
'@@'
- @@
targets: @@
targets: [@@]
targets: [{@@: x}]
targets: [{name: @@, check: html_file, path: ../pages/valid.html}]
targets: [{name: a, check: @@, path: x}]
targets: [{name: a, check: html_file, path: @@}]
targets: [{name: a, check: html_file, path: ../pages/@@/*.html}]
targets: [{name: a, check: html_file, path: x, pattern: '@@'}]
targets: [{name: a, check: html_file, path: x, pattern: '(@@'}]
targets: [{name: a, check: html_file, path: x, select: @@}]
targets: [{name: a, check: html_file, path: x, max_size: @@}]
targets: [{name: a, check: html_file, path: x, warning: @@}]
targets: [{name: a, check: html_file, path: x, timeout: @@}]
targets: [{name: a, check: html_file, path: x, enabled: @@}]
targets: [{name: a, check: html_file, path: x, severity: {@@: critical}}]
targets: [{name: a, check: html_file, path: x, severity: {expired: @@}}]
targets: [{name: a, check: html_file, path: x, labels: {@@: x}}]
targets: [{name: a, check: html_file, path: x, labels: {team: @@}}]
targets: [{name: a, check: html_file, path: x, runbook: 'https://x/?token=@@'}]
targets: [{name: a, check: html_file, path: x, key: @@}]
targets: [{name: a, check: html_file, path: x, forbid_grants: @@}]
targets: [{name: a, check: html_file, path: ../pages/valid.html, room: @@}]
targets: [{name: a, check: html_file, path: ../pages/valid.html, issuer: @@, audience: @@, subject: @@, identity: @@}]
targets: [{name: a, check: html_file, path: ../pages/quoting.html, issuer: x, audience: x, subject: x, identity: x}]
targets: [{name: a, check: html_file, path: x, name: @@}]
targets: [{name: a, check: html_file, path: x, @@}]
targets: [{name: a, check: html_file, path: *@@}]
targets: [{name: a, check: html_file, path: !@@ x}]
targets: [{name: a, check: html_file, path: x, token: '@@'}]
keys: {@@: {secret: x}}
keys: {a: {issuer: @@, secret: {env: X}}}\ntargets: [{name: a, check: html_file, path: ../pages/valid.html, key: a}]
keys: {a: {secret: {file: @@}}}\ntargets: [{name: a, check: html_file, path: ../pages/valid.html, key: a}]
keys: {a: {secret: {env: @@}}}\ntargets: [{name: a, check: html_file, path: ../pages/valid.html, key: a}]
keys: {a: {secret: {credential: @@}}}\ntargets: [{name: a, check: html_file, path: ../pages/valid.html, key: a}]
defaults: {@@: x}
defaults: @@
include: [@@]
"@@
{@@
END

# Answers: each part of one holds the canaries, and what was sent comes back

"$python" "$top_srcdir/tests/canary_server.py" names > answers
start canary-server "$python" "$top_srcdir/tests/canary_server.py" serve birds
server=127.0.0.1:$said

# NAME ARGUMENT...: the program as people and as programs read it, with all there is to say.
in_full()
{
	spoken=$1
	shift
	for format in text json; do
		hear "$spoken.$format" "$JWTWATCH" "$@" -o $format -v -v
	done
}

# NAME: the configuration on standard input, by config and by check.
by_request()
{
	cat > "birds/$1.yaml"
	hear "config-$1" "$JWTWATCH" config -f "birds/$1.yaml"
	in_full "$1" check -f "birds/$1.yaml"
}

printf 'Bearer %s\n' "$token" > birds/bearer
while read -r answer; do
	in_full "answer-$answer" token_endpoint --url "http://$server/$answer"
	in_full "answer-pattern-$answer" token_endpoint --url "http://$server/$answer?access_token=$token" \
		--pattern '(.*)' --redirects any
	in_full "answer-header-$answer" token_endpoint --url "http://$server/$answer" --token-header X-Token
	in_full "answer-cookie-$answer" token_endpoint --url "http://$server/$answer" --token-cookie session
	in_full "answer-pointer-$answer" token_endpoint --url "http://$server/$answer" --token "/$token"
	in_full "answer-page-$answer" token_endpoint --url "http://$server/$answer" --pattern "'(eyJ[^']*)'" \
		--key-file birds/secret
	in_full "answer-origin-$answer" token_endpoint --url "http://$server/$answer" --origin https://page.example.org
	in_full "answer-preflight-$answer" token_endpoint --url "http://$server/$answer" \
		--origin https://page.example.org --bearer file:birds/secret --headers "X-Room=file:birds/token.valid"
	in_full "answer-url-$answer" token_endpoint --url "http://$server/$answer" --accepted-by from_response
	in_full "answer-accepted-$answer" html_file --path pages/valid.html --accepted-by "ws://$server/$answer"
	in_full "answer-livekit-$answer" livekit --url "ws://$server/$answer"
	in_full "answer-pair-$answer" livekit --url "ws://$server/$answer/pair" --key-file birds/secret --issuer "$token"
	by_request "request-$answer" << END
targets:
  - name: endpoint
    check: token_endpoint
    url: "http://user:$token@$server/$answer?access_token=$token"
    headers: {Authorization: {file: bearer}, X-Secret: {file: secret}, X-Plain: $quoted}
    body: {file: secret}
    accepted_by: from_response
END
done < answers
# It is no canary, since it is made in the run; some answers repeat it.
is "the token that proves a key pair isn't said" "" "$(grep -lE 'eyJ[A-Za-z0-9_-]{20}' said/answer-pair-*)"
holds "... and it was asked about" grep -q 'key pair' said/answer-pair-echo.text.out

# URLs

in_url=$("$python" -c 'import sys, urllib.parse
print(urllib.parse.quote(open(sys.argv[1]).read(), safe=""))' birds/secret)
start_livekit dead --mode dead
dead=127.0.0.1:$said
urls=0
while IFS= read -r url; do
	urls=$((urls + 1))
	in_all_formats "url-endpoint-$urls" token_endpoint --url "http$url" --timeout 2s
	in_all_formats "url-tls-$urls" token_endpoint --url "https$url" --timeout 2s
	in_all_formats "url-livekit-$urls" livekit --url "ws$url" --timeout 2s
	in_all_formats "url-accepted-$urls" html_file --path pages/valid.html --accepted-by "ws$url" --timeout 2s
	by_request "url-config-$urls" << END
targets:
  - {name: endpoint, check: token_endpoint, url: "http$url", accepted_by: "wss$url", timeout: 2s}
  - {name: livekit, check: livekit, url: "ws$url", timeout: 2s}
END
done << END
://$server/good?access_token=$token
://$server/good?$token
://$server/good?a=b&$token=$token&secret=$in_url
://$server/$token/good
://$server/good/$token;$token
://$server/good#$token
://user:$in_url@$server/good
://$token@$server/good
://$token:$token@$dead/?token=$token
://$dead/$token?secret=$in_url#$in_url
://$token/good
://$token.example.org:80/
://127.0.0.1:$token/
://127.0.0.1 $token/
://[$token]/
:$token
://
://?$token
://@$token
END
for method in proxy none; do
	[ $method = none ] || export http_proxy="http://user:$in_url@$dead/$token"
	in_all_formats "url-$method" token_endpoint --url "http://$server/missing?token=$token"
	in_all_formats "url-livekit-$method" livekit --url "ws://$server/missing?token=$token"
	unset http_proxy
done

# The options of the checks that ask others

for option in url method body status token token-header token-cookie pattern select redirects max-size server-name \
	ca-file client-certificate certificate-warning certificate-critical accepted-by min-lifetime headers; do
	in_full "option-endpoint-$option" token_endpoint --url "http://$server/good" "--$option" "$token"
	in_full "option-endpoint-is-$option" token_endpoint --url "http://$server/good" "--$option={file: $token}"
	in_full "option-livekit-$option" livekit --url "ws://$server/good" "--$option" "$token"
done
shape=0
while IFS= read -r line; do
	shape=$((shape + 1))
	printf 'targets: [{name: a, check: token_endpoint, url: "http://%s/good", %s}]\n' "$server" "$line" |
		awk -v token_file=birds/token.valid -v secret_file=birds/secret '
		BEGIN { getline token < token_file; getline secret < secret_file }
		{
			while ((at = index($0, "@@"))) $0 = substr($0, 1, at - 1) token substr($0, at + 2)
			while ((at = index($0, "%%"))) $0 = substr($0, 1, at - 1) secret substr($0, at + 2)
			print
		}' | by_request "request-shape-$shape"
done << 'END'
headers: {@@: x}
headers: {'%%': x}
headers: {X: ['@@']}
headers: {X: {plain: '@@'}}
headers: {X: {file: '@@'}}
headers: {X: {env: '%%'}}
headers: {X: "a\r\nb: @@"}
headers: {X: '@@', X: '%%'}
headers: {X: '@@', x: '%%'}
headers: '%%'
headers: ['X: @@']
headers: {'X: @@': y}
headers: {Host: '%%', Cookie: 'session=@@'}
body: '@@'
body: ['%%']
body: {plain: '%%'}
body: {env: '@@', file: '%%'}
method: '@@'
method: '%%'
status: ['@@']
token: '/@@'
token: '@@'
token_header: '%%'
token_cookie: '@@'
server_name: '%%'
ca_file: '@@'
client_certificate: '@@'
accepted_by: '@@'
accepted_by: 'ws://%%/'
redirects: '@@'
url: 'http://%%@x/'
END
asked=$("$python" - "$server" << 'END'
import http.client
import sys
connection = http.client.HTTPConnection(sys.argv[1], timeout=10)
connection.request("GET", "/_count")
print(connection.getresponse().read().decode())
END
)
holds "the server was asked as often as there is to see" test "$asked" -gt $(($(wc -l < answers) * 10))

# Argument lists, and what a forced core holds, while the program waits with the canaries in its memory

cp birds/env.yaml birds/input.yaml
sed -i 's|\.\./pages/valid\.html|"-"|' birds/input.yaml
{
	cat pages/valid.html
	head -c 100000 /dev/zero | tr '\0' '\n'
} > long.html

# SIGNAL NAME COMMAND...: the command, which reads standard input, is stopped by the signal.
dumped()
{
	signal=$1
	label=$2
	shift 2
	mkfifo input
	exec 8<> input
	# What POSIX lacks, dash and bash have.
	# shellcheck disable=SC3045
	(cd core && ulimit -c unlimited 2> /dev/null
		exec "$@" < ../input > "../said/core-$label.out" 2> "../said/core-$label.err") &
	process=$!
	# More than a pipe holds: when all of it is written, the token in front of it has been read. No more than
	# any command reads, else it would never be.
	timeout -k 5 "$limit" cat long.html > input
	holds "$label: the program waits with the token in its memory" wait_until_waiting $process
	tr '\0' ' ' < /proc/$process/cmdline > "said/arguments-$label"
	is "$label: it has no children" "" "$(cat /proc/$process/task/$process/children)"
	is "$label: its cores may have no byte" "0 0" \
		"$(sed -n 's/^Max core file size *\([^ ]*\) *\([^ ]*\).*/\1 \2/p' /proc/$process/limits)"
	kill -"$signal" $process
	wait $process 2> /dev/null
	exec 8>&-
	rm input
	for dump in core/*; do
		[ ! -f "$dump" ] || mv "$dump" "said/dump-$label"
	done
}

export CANARY_SECRET="$secret"
for signal in SEGV ABRT; do
	dumped "$signal" "$signal-html_file" "$JWTWATCH" html_file --path - --key-file "$work/birds/secret" -t 60s
	dumped "$signal" "$signal-check" "$JWTWATCH" check -f "$work/birds/input.yaml" -o json -t 60s
	dumped "$signal" "$signal-inspect" "$JWTWATCH" inspect --key-file "$work/birds/secret" -
done
unset CANARY_SECRET

is "every run ended with an exit code from 0 to 3" "" "$(cat odd)"
diag "$runs runs"
canary seek birds said/* > found
is "every file was looked at" "$(find said -type f | wc -l)" "$(wc -l < found)"

# NAME PREFIX: one row for all the files that begin so.
clean()
{
	holds "$1: there is something to look at" test -n "$(find said -type f -name "$2*" -size +0)"
	is "$1: no canary" "" "$(sed -n "s/^leak \($2.*\)/\1/p" found | head -n 20)"
}

clean "pages" page
clean "patterns" pattern
clean "keys" key
clean "inspect" inspect
clean "options" option
clean "letters" letter
clean "operands" operand
clean "commands" command
clean "files named by -f" file
clean "help" help
clean "environment" environment
clean "files named like a token" named
clean "folders named like a token" folder
clean "config" config
clean "doctor" doctor
clean "check" check
clean "answers" answer
clean "URLs" url
clean "requests" request
clean "argument lists" arguments
is "no file at all has a canary" "" "$(grep '^leak' found | head -n 20)"
plan
