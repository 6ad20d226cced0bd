#!/bin/sh
# SPDX-License-Identifier: MIT
# jwtwatch renew: the original case end to end, each source of a fresh token, what isn't renewed and what is taken back.
# How it is killed and kept from writing is in renew.py.
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
ended='{"iss": "APIwatch", "sub": "user7", "name": "Zoe", "metadata": "{}", "attributes": {"a b": "c"}, "iat": "@-93600",
	"nbf": "@-93600", "exp": "@-7200", "video": {"room": "room-7", "roomJoin": true, "canPublish": false}}'
start_livekit livekit --key APIwatch=secret
livekit=$said
start_livekit strange --key APIwatch=other-secret
strange=$said

# RENEW [MORE [ACCEPTED-BY]]: jwtwatch.yaml with one target; RENEW is its mapping, MORE further options of it.
configuration()
{
	cat > jwtwatch.yaml << END
keys:
  livekit: {issuer: APIwatch, secret: {file: secret}}
  other: {issuer: APIwatch, secret: {file: other-secret}, max_ttl: 24h}
targets:
  - name: voice-page
    check: html_file
    path: page.html
    pattern: "$token_pattern"
$(case ${2:-} in key:*) ;; *) echo '    key: livekit' ;; esac)
    accepted_by: ws://127.0.0.1:${3:-$livekit}
${2:+    $2}
    renew: $1
END
}

# CLAIM-EXPRESSION: of the page's token, a Python expression over `c`.
claim()
{
	"$python" -c '
import base64, json, re, sys
text = open(sys.argv[2]).read()
part = re.search("eyJ[^.]*[.]([^.]*)", text).group(1)
c = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
print(eval(sys.argv[1]))' "$1" "${2:-page.html}"
}

old_page()
{
	page page.html "$(token "${1:-$ended}")"
	cp -p page.html before.html
}

renew()
{
	run "$JWTWATCH" renew -f jwtwatch.yaml "$@"
	cat out err >> told
}

check()
{
	run "$JWTWATCH" check -f jwtwatch.yaml -o json
	verdict
}

# NAME WORDS: the exit code, and how its report begins.
reported()
{
	is "$1" "$2" "$status $(head -n 1 out | cut -c "1-$((${#2} - 2))")"
}

unchanged()
{
	holds "... and the page is as before" cmp -s page.html before.html
	is "... with nothing beside it" "" "$(find . -name '.*page*' -o -name '*.new' | grep -v '[.]lock$' | tr '\n' ' ')"
}

# NAME WORDS: refused for the reason, with exit code 1, and nothing written.
refused()
{
	is "$1" 1 "$status"
	if ! grep -qF "$2" out; then
		not_ok "... and why"
		diag "seen: $(cat out err)"
	else
		ok "... and why"
	fi
	unchanged
}

# The original case.
configuration '{from: mint, ttl: 24h}'
old_page
is "a page with a token that ended" "CRITICAL expired" "$(check)"
chmod 640 page.html
renew --dry-run voice-page
reported "a dry run" "0 voice-page: dry_run"
unchanged
renew voice-page
reported "it is renewed" "0 voice-page: renewed"
is "the page is as it should be" "OK ok" "$(check)"
is "its mode stays" 640 "$(stat -c %a page.html)"
is "it differs in the token alone" "$(sed 's/eyJ[^'"'"']*/T/' before.html)" "$(sed 's/eyJ[^'"'"']*/T/' page.html)"
is "the token carries on what the old one did" "('user7', 'room-7', 'Zoe', '{}', {'a b': 'c'}, False, 86400, True)" \
	"$(claim '(c["sub"], c["video"]["room"], c["name"], c["metadata"], c["attributes"], c["video"]["canPublish"],
		c["exp"] - c["nbf"], "iat" not in c)')"
cp page.html before.html
renew --if-left-less-than 25% voice-page
reported "enough is left" "0 voice-page: not_needed"
unchanged
old_page '{"iss": "APIwatch", "iat": "@-72000", "nbf": "@-72000", "exp": "@+14400"}'
renew --if-left-less-than 25% voice-page
reported "less is left than that" "0 voice-page: renewed"
old_page
"$python" "$top_srcdir/tests/make_token.py" other-secret '{"iss": "APIwatch", "sub": "intruder",
	"video": {"room": "elsewhere", "roomJoin": true, "roomAdmin": true}}' > strange.token
page page.html "$(cat strange.token)"
renew --if-left-less-than 25% voice-page
reported "much is left of one that isn't ours" "0 voice-page: renewed"
is "... of which nothing is carried on" "('user1', {'room': 'test-room', 'roomJoin': True})" "$(claim 'c["sub"], c["video"]')"
old_page
renew -o json voice-page
"$python" -c 'import hashlib, json, re, sys
r = json.load(open("out")); t = r["targets"][0]
token = re.search("eyJ[^\x27]*", open("page.html").read()).group()
print(r["version"], r["exit_code"], t["name"], t["state"], t["cause"], sorted(t["old"]), t["fresh"]["fingerprint"] ==
	hashlib.sha256(token.encode()).hexdigest()[:8], t["fresh"]["exp"] - t["old"]["exp"] > 86400,
	[f.rsplit("/", 1)[1] for f in t["files"]])' > seen
is "for scripts: JSON" "1 0 voice-page renewed ok ['exp', 'fingerprint'] True True ['page.html']" "$(cat seen)"

renew -q voice-page
is "nothing is said of what went well" "0 0" "$status $(cat out err | wc -c | tr -d ' ')"

# Until both are within one second, as they are at once.
for try in 1 2 3 4 5 6 7 8; do
	old_page
	renew voice-page
	cp page.html before.html
	renew voice-page
	cmp -s page.html before.html && break
done
reported "what was renewed in this second needs nothing" "0 voice-page: not_needed"

# What is said wins over what the old one had; where there is none, what the target expects.
configuration '{room: r, identity: i, name: n, metadata: m, attributes: {k v: w}, grants: [roomJoin, hidden], ttl: 2h}'
old_page
renew voice-page
is "all can be said" "('r', 'i', 'n', 'm', {'k v': 'w'}, {'room': 'r', 'roomJoin': True, 'hidden': True}, 7200)" \
	"$(claim 'c["video"]["room"], c["sub"], c["name"], c["metadata"], c["attributes"], c["video"], c["exp"] - c["nbf"]')"
is "... and what a page shouldn't grant is told" "0 1" "$status $(grep -c grant_forbidden out)"
configuration '{}' 'room: stage'
page page.html '{{TOKEN}}'
renew voice-page
reported "a placeholder is filled in" "0 voice-page: renewed"
is "... by what is expected" "('stage', 'user1')" "$(claim 'c["video"]["room"], c["sub"]')"
page page.html ''
renew voice-page
reported "an empty one too" "0 voice-page: renewed"

# Proof.
old_page
configuration '{key: other}'
renew voice-page
refused "signed with a key that the page's isn't" "doesn't verify the signature"
configuration '{}' '' "$strange"
renew voice-page
refused "LiveKit doesn't accept it" "the fresh token isn't good, so nothing was changed"
configuration '{}' 'room: elsewhere'
renew voice-page
refused "another room than is expected" "the fresh token isn't good, so nothing was changed"
configuration '{ttl: 5m}' 'warning: 1h'
renew voice-page
refused "one that is to be replaced at once" "the fresh token isn't good, so nothing was changed"
configuration '{}' '' 1
renew voice-page
refused "a LiveKit that can't be asked" "the fresh token isn't good, so nothing was changed"
configuration '{}'

# Where it stands.
printf "const TOKEN = '%s';\nconst TOKEN = '%s';\n" "$(token "$ended")" "$(token '{"sub": "another"}')" > page.html
cp page.html before.html
renew voice-page
refused "two different tokens" "page.html holds 2 different tokens (lines 1, 2)"
configuration '{}' 'select: last'
cp before.html page.html
renew voice-page
reported "... of which the last is meant" "0 voice-page: renewed"
is "... and the first stays" "$(head -n 1 before.html)" "$(head -n 1 page.html)"
configuration '{}'
old=$(token "$ended")
printf "const TOKEN = '%s';\n<a href=?t=%s>\nconst TOKEN = '%s';\n" "$old" "$old" "$old" > page.html
printf "const TOKEN = 'X';\n<a href=?t=%s>\nconst TOKEN = 'X';\n" "$old" > expected
renew voice-page
is "all that the pattern matches, and nothing else" "$(cat expected)" "$(sed "s/'eyJ[^']*'/'X'/" page.html)"
sed -i '/pattern/d' jwtwatch.yaml
old_page
renew voice-page
reported "without a pattern, by its shape" "0 voice-page: renewed"
printf 'no token\n' > page.html
cp page.html before.html
renew voice-page
refused "without a pattern, no token" "there is no place for a fresh one"
configuration '{}'
renew voice-page
refused "a pattern that matches nowhere" "there is no place for a fresh one"
printf "const TOKEN = '%s'; connect(TOKEN, 'room-1'); play('x')\n" "$(token "$ended")" > page.html
cp page.html before.html
sed -i "s/pattern: .*/pattern: \"TOKEN = '(.*)'\"/" jwtwatch.yaml
is "a pattern that takes what is behind the token" "CRITICAL token_malformed" "$(check)"
for less in '' '--if-left-less-than 25%'; do
	# shellcheck disable=SC2086
	renew $less voice-page
	refused "... isn't renewed${less:+ $less}" "page.html: what the pattern matches is no token"
done
configuration '{}'
old_page
iconv -f UTF-8 -t UTF-16 page.html > wide.html && mv wide.html page.html
cp page.html before.html
renew voice-page
refused "UTF-16" "is UTF-16"
rm -f page.html
renew voice-page
reported "no page" "3 voice-page: failed: file_missing"

# Several files.
configuration '{also: [sub/settings.js, dot.env]}'
mkdir -p sub
several()
{
	old_page
	old=$(token "$ended")
	sed "s/eyJ[^']*/$old/" before.html > page.html
	cp page.html before.html
	printf 'export default "%s"\n' "$old" > sub/settings.js
	printf 'TOKEN=%s\n' "${1:-$old}" > dot.env
}
several
renew voice-page
reported "several files" "0 voice-page: renewed"
is "... hold one token" 1 "$(grep -oh 'eyJ[A-Za-z0-9._-]*' page.html sub/settings.js dot.env | sort -u | grep -c .)"
is "... which the first one's check finds good" "OK ok" "$(check)"
several "$(token '{"iss": "APIwatch", "sub": "another"}')"
renew voice-page
reported "one of them holds another token of ours" "0 voice-page: renewed"
is "... which is told" 1 "$(grep -c 'dot.env held another token' out)"
is "... and all hold one token" 1 "$(grep -oh 'eyJ[A-Za-z0-9._-]*' page.html sub/settings.js dot.env | sort -u | grep -c .)"
several "$(cat strange.token)"
renew voice-page
refused "one of them holds a stranger's" "dot.env doesn't hold the token that was judged, but another one"
is "... with the way out" 1 "$(grep -c "put the page's token in its place by hand" out)"
several "$(token '{"sub": "another"}') $(token '{"sub": "third"}')"
renew voice-page
refused "one of them holds several others" "dot.env doesn't hold the token that was judged, but several others"
several nothing
renew voice-page
refused "one of them holds none" "dot.env doesn't hold the token"
token '{"iss": "APIwatch"}' > fresh.token
configuration '{from: command, command: [cat, fresh.token], also: [sub/settings.js, dot.env]}'
sed -i '/^    key: /d; /accepted_by/d' jwtwatch.yaml
several "$(token '{"iss": "APIwatch", "sub": "another"}')"
renew voice-page
refused "one of them holds another token, and there is no key" "put the page's token in its place by hand"
configuration '{from: command, command: [cat, fresh.token], key: livekit, also: [sub/settings.js, dot.env]}'
sed -i '/^    key: /d; /accepted_by/d' jwtwatch.yaml
several "$(token '{"iss": "APIwatch", "sub": "another"}')"
renew voice-page
reported "... but the one that renewals have" "0 voice-page: renewed"
configuration '{also: [sub/settings.js, dot.env]}'
several
rm dot.env
renew voice-page
is "one of them is missing" "3" "$status"
unchanged
several
ln -sf dot.env dot.link
configuration '{also: [sub/settings.js, dot.env, dot.link, ./page.html]}'
renew voice-page
reported "one of them twice, by a link" "0 voice-page: renewed"

# Other sources.
old_page
cat > make-token << END
#!/bin/sh
[ "\$1" = fail ] && { echo "\$SECRET is no good" >&2; exit 1; }
[ "\$1" = old ] && exec sed -n "s/.*'\(eyJ[^']*\)'.*/\1/p" before.html
[ "\$1" = none ] && exec echo nothing
[ "\$1" = two ] && exec cat fresh.token fresh2.token
cat fresh.token
END
chmod 700 make-token
token '{"iss": "APIwatch"}' > fresh.token
token '{"iss": "APIwatch", "sub": "else"}' > fresh2.token
configuration '{from: command, command: [./make-token]}'
renew voice-page
reported "a program that prints a token" "0 voice-page: renewed"
is "... which stands there then" "$(cat fresh.token)" "$(sed -n "s/.*'\(eyJ[^']*\)'.*/\1/p" page.html)"
old_page
configuration '{from: command, command: [./make-token, fail], env: {SECRET: canary-in-the-mine}}'
renew voice-page
refused "a program that fails" "exit status 1"
is "... and its variables aren't told" 0 "$(grep -c canary told)"
for how in none two old; do
	configuration "{from: command, command: [./make-token, $how]}"
	renew voice-page
	refused "a program that prints $how" "voice-page: failed: renewal_failed"
done
configuration '{from: command, command: [cat, early.token]}' 'severity: {expired: warning, livekit_refused: warning}'
token '{"iss": "APIwatch", "exp": "@-3600"}' > early.token
renew voice-page
refused "a token that has ended, though that counts for little in the page" "the fresh token isn't good"
configuration '{from: command, command: [./no-such]}'
renew voice-page
refused "a program that isn't there" "no fresh token: ./no-such"

mkdir site
cat > serve.py << 'END'
import functools, http.server, sys, threading
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="site")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
END
start site "$python" serve.py
site=$said
endpoint()
{
	configuration '{from: endpoint, endpoint: api}'
	cat >> jwtwatch.yaml << END
  - name: api
    check: token_endpoint
    url: http://127.0.0.1:$site/$1
END
}
printf '{"token": "%s", "url": "ws://x"}' "$(cat fresh.token)" > site/good.json
printf '{"token": "%s"}' "$(token "$ended")" > site/ended.json
echo '{"token": {}}' > site/none.json
endpoint good.json
renew voice-page
reported "an endpoint's token" "0 voice-page: renewed"
is "... which stands there then" "$(cat fresh.token)" "$(sed -n "s/.*'\(eyJ[^']*\)'.*/\1/p" page.html)"
for what in ended none lost; do
	old_page
	endpoint $what.json
	renew voice-page
	refused "an endpoint's answer: $what" "voice-page: failed: renewal_failed"
done

# A program that changes the page itself.
cat > edit-page << 'END'
#!/bin/sh
case $1 in
good | late) sed -i "s/eyJ[^']*/$(cat fresh.token)/" page.html; [ "$1" = good ] || exit 7 ;;
bad) sed -i "s/eyJ[^']*/$(cat bad.token)/" page.html ;;
early) sed -i "s/eyJ[^']*/$(cat early.token)/" page.html ;;
lose) : > page.html ;;
nothing) ;;
esac
END
chmod 700 edit-page
"$python" "$top_srcdir/tests/make_token.py" other-secret '{"iss": "APIwatch"}' > bad.token
token '{"iss": "APIwatch", "exp": "@-10800"}' > early.token
old_page
configuration '{from: run, command: [./edit-page, good]}'
renew --dry-run voice-page
reported "a program that edits: not in a dry run" "0 voice-page: dry_run"
unchanged
renew voice-page
reported "a program that edits the page" "0 voice-page: renewed"
is "... which is good then" "OK ok" "$(check)"
for how in bad:"a token that isn't good" early:"doesn't end later" lose:"holds no token" nothing:"the same token as" \
	late:"exit status 7"; do
	old_page
	configuration "{from: run, command: [./edit-page, ${how%%:*}]}"
	renew voice-page
	is "a program that edits, and doesn't get it right: ${how%%:*}" "1 1" "$status $(grep -cF "${how#*:}" out)"
	[ "$status" = 1 ] || diag "$(cat out err)"
done

# Links, other things, ways out.
configuration '{root: inside}' ''
sed -i 's/path: page.html/path: inside\/page.html/' jwtwatch.yaml
mkdir inside outside
refused_path()
{
	is "$1" "$2" "$status $(grep -o "$3" out | head -n 1)"
	holds "... and the page outside is as before" cmp -s outside/page.html before.html
}
old_page
cp -p page.html outside/page.html
ln -s ../outside/page.html inside/page.html
renew voice-page
refused_path "a link out of root" "1 root" root
rm inside/page.html
rmdir inside
ln -s outside inside
renew voice-page
is "root itself may be a link" "0" "$status"
rm inside
mkdir inside
cp -p before.html outside/page.html
sed -i 's/inside\/page.html/inside\/..\/outside\/page.html/' jwtwatch.yaml
renew voice-page
refused_path "dots out of root" "1 root" root
sed -i 's/inside\/..\/outside\/page.html/inside\/up\/page.html/' jwtwatch.yaml
ln -s ../outside inside/up
renew voice-page
refused_path "a linked folder out of root" "1 root" root
configuration '{}'
mv page.html real.html
ln -s real.html page.html
renew voice-page
reported "a link to a page" "0 voice-page: renewed"
holds "... stays a link" test -h page.html
rm page.html
mv real.html page.html
cp before.html page.html
ln page.html second.html
renew voice-page
is "a page of two names" "1 in_place" "$status $(grep -o 'in_place' out | head -n 1)"
configuration '{write: in_place}'
renew voice-page
is "... written in place, has them still" "0 2 OK ok" "$status $(stat -c %h page.html) $(check)"
rm second.html
for what in fifo device folder; do
	rm -rf page.html
	case $what in
	fifo) mkfifo page.html ;;
	device) ln -s /dev/zero page.html ;;
	folder) mkdir page.html ;;
	esac
	renew voice-page
	is "a $what instead of a page" 3 "$status"
done
rm -rf page.html

# What can't be asked for.
configuration '{}'
for arguments in '' no-such '--if-left-less-than 25 voice-page' '--if-left-less-than 0:5 voice-page' '-o nagios voice-page'; do
	# shellcheck disable=SC2086
	renew $arguments
	is "renew $arguments" 3 "$status"
done
# RENEW WORDS [MORE]: the configuration is refused, and why.
wrong()
{
	configuration "$1" "${3:-}"
	run "$JWTWATCH" config -f jwtwatch.yaml
	is "renew: $1 ${3:-}" "1 1" "$status $(grep -cF "$2" err)"
	[ "$(grep -cF "$2" err)" = 1 ] || diag "$(cat err)"
}

wrong '{key: none}' 'renew.key: no key is called "none"'
wrong '{ttl: 25h}' 'renew.ttl: 25h is more than max_ttl of key other, 1d' 'key: other'
wrong '{from: endpoint}' 'renew.endpoint: is missing'
wrong '{from: endpoint, endpoint: none}' 'renew.endpoint: no target is called "none"'
wrong '{from: endpoint, endpoint: voice-page}' 'is a target with check html_file'
wrong '{from: command}' 'renew.command: is missing'
wrong '{from: run}' 'renew.command: is missing'
wrong '{from: run, command: [./x], also: [y]}' 'renew.also: is of no use with from: run'
wrong '{from: run, command: [./x], root: /srv}' 'renew.root: is of no use with from: run'
wrong '{from: nowhere}' 'renew.from: "nowhere"'
wrong '{grants: [roomConfig.egress]}' 'renew.grants'
wrong '{before: "0:5"}' 'renew.before: is how much must be left'
wrong '{tlt: 1h}' 'did you mean "ttl"?'
wrong 7 'renew: is not a mapping'
configuration '{}'
for path in '"*.html"' '"-"'; do
	sed "s/path: page.html/path: $path/" jwtwatch.yaml > other.yaml
	run "$JWTWATCH" config -f other.yaml
	is "renew of path $path" "1 1" "$status $(grep -c 'renew: goes with' err)"
done
sed -i '/renew/d' jwtwatch.yaml
renew voice-page
reported "a target without renew" "3 voice-page: failed: config"
old_page
configuration '{}'
mv secret moved-secret
renew voice-page
is "a secret that is missing" "3 secret_missing" "$status $(grep -o secret_missing out | head -n 1)"
unchanged
mv moved-secret secret

is "no token and no secret was told" "0 0 0" \
	"$(grep -c 'eyJ[A-Za-z0-9_-]\{20\}' told) $(grep -cFf secret told) $(grep -cFf other-secret told)"
plan
