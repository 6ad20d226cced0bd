#!/bin/sh
# SPDX-License-Identifier: MIT
# same_as in a run by itself: what is looked at beside what was asked for, what is said of it, and what isn't.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1
make_secret secret
make_secret old-secret
fresh=$(token '{}')
old=$(token '{"iat": "@-7200"}')
page page.html "$fresh"
page same.html "$fresh"
page old.html "$old"
page ended.html "$(token '{"iat": "@-90000", "exp": "@-3600"}')"
printf '%s\n%s\n' "$fresh" "$old" > two.html
printf '%s\n%s\n' "$fresh" "$old" > two-again.html
printf '%s\n%s\n' "$fresh" "$fresh" > one-twice.html
cat > jwtwatch.yaml << 'END'
targets:
  - {name: same, check: html_file, path: same.html, same_as: page}
  - {name: old, check: html_file, path: old.html, same_as: page}
  - {name: ended, check: html_file, path: ended.html, same_as: page}
  - {name: newer, check: html_file, path: same.html, same_as: aged}
  - {name: page, check: html_file, path: page.html}
  - {name: aged, check: html_file, path: old.html}
  - {name: gone, check: html_file, path: gone.html}
  - {name: alone, check: html_file, path: page.html, same_as: gone}
  - {name: none, check: html_file, path: gone.html, same_as: page}
  - {name: two, check: html_file, path: two.html}
  - {name: two-same, check: html_file, path: two-again.html, same_as: two}
  - {name: two-one, check: html_file, path: page.html, same_as: two}
  - {name: one-twice, check: html_file, path: one-twice.html, same_as: page}
END

# NAME STATE CAUSE TARGET: one target is asked for, and reported alone.
copy_is()
{
	judged "$1" "$2" "$3" "$JWTWATCH" check -f jwtwatch.yaml -o json "$4"
	is "... it is the only one reported" "$4 $2 $3" "$(verdict targets)"
}

copy_is "the same token" OK ok same
is "... that was proved" '["expiry", "same_as"]' "$(verdict .proved)"
copy_is "an old copy" CRITICAL stale_copy old
says "... which of the two is the older" "the copy here is the older one" out
says "... and where the other stands" "than page (page.html)" out
copy_is "a copy that has ended as well" CRITICAL stale_copy ended
is "... both are said" "expired stale_copy" "$(verdict causes)"
copy_is "the other one is the older" CRITICAL stale_copy newer
says "... it is said" "the copy of aged is the older one" out
copy_is "nothing there to compare with" OK ok alone
is "... nothing of it was proved" '["expiry"]' "$(verdict .proved)"
says "... and it is said" "couldn't be compared with gone" out
copy_is "nothing here to compare" CRITICAL file_missing none
copy_is "two tokens in both places" OK ok two-same
is "... that was proved" '["expiry", "same_as"]' "$(verdict .proved)"
copy_is "one of two tokens" CRITICAL stale_copy two-one
copy_is "one token twice is one token" OK ok one-twice

run "$JWTWATCH" check -f jwtwatch.yaml -o json old page
is "both asked for, both reported" "old CRITICAL stale_copy, page OK ok" \
	"$(verdict targets | tr '\n' ',' | sed 's/,$//; s/,/, /')"
run "$JWTWATCH" check -f jwtwatch.yaml -o json same old two-one
is "two of one peer, one of another" "same OK ok, old CRITICAL stale_copy, two-one CRITICAL stale_copy" \
	"$(verdict targets | tr '\n' ',' | sed 's/,$//; s/,/, /g')"
run "$JWTWATCH" check -f jwtwatch.yaml -o json
is "all of them" "13 targets, 6 of them old copies or missing: 2" \
	"$(verdict targets | wc -l | tr -d ' ') targets, $(verdict targets |
		grep -c 'stale_copy$\|missing$' | tr -d ' ') of them old copies or missing: $status"
for format in text nagios prometheus junit github; do
	run "$JWTWATCH" check -f jwtwatch.yaml -o $format alone
	is "$format: what is only looked at isn't reported" "0 0" "$status $(grep -c 'gone.html' out)"
done
run "$JWTWATCH" check -f jwtwatch.yaml old
is "text: a page of one target" "1 target: 1 CRITICAL" "$(tail -n 1 out)"
run "$JWTWATCH" check -f jwtwatch.yaml -o json -w nonsense old
is "a threshold that is none" 3 "$status"
run "$JWTWATCH" check -f jwtwatch.yaml -o json -w 1m -c 2m old
is "thresholds in the wrong order" "old UNKNOWN config" "$(verdict targets)"
run "$JWTWATCH" forecast -f jwtwatch.yaml old
is "forecast says it too" yes "$(grep -q stale_copy out && echo yes)"
run "$JWTWATCH" check -f jwtwatch.yaml -o json --at +30d same
is "another moment" "same CRITICAL expired" "$(verdict targets)"

# What isn't compared needs no hash, and nothing that could make one.
mkdir alone
cp "$JWTWATCH" alone/jwtwatch
echo damaged > alone/crypto_openssl.so
run ./alone/jwtwatch check -f jwtwatch.yaml page
is "without same_as nothing is hashed" "0 0" "$status $(wc -c < err)"
run ./alone/jwtwatch check -f jwtwatch.yaml same
is "what can't be hashed isn't called the same" "0 no" "$status $(grep -q 'same_as)' out && echo yes || echo no)"

cat > livekit.yaml << 'END'
targets:
  - {name: server, check: livekit, url: "ws://localhost:7880"}
  - {name: page, check: html_file, path: page.html, same_as: server}
END
run "$JWTWATCH" config -f livekit.yaml
says "a server holds no token" "server\" is a target with check livekit, which gets no token" err
printf 'targets: [{name: server, check: livekit, url: "ws://h", same_as: page}]\n' > livekit.yaml
run "$JWTWATCH" config -f livekit.yaml
says "nor has it one that could be the same" 'unknown key "same_as"' err
run "$JWTWATCH" html_file --path page.html --same-as page
says "on the command line there is no other target" "unknown option --same-as" err
plan
