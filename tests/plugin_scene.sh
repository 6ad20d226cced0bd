#!/bin/sh
# SPDX-License-Identifier: MIT
# What the tests with real schedulers watch: pages, an endpoint, a LiveKit, a hundred targets, hostile texts. Sourced
# behind schedulers.sh, in the folder $work; leaves plugins/, $livekit, $hanging and $endpoint (ports).

: "${work:?}" "${JWTWATCH:?}" "${top_srcdir:?}" "${said=}" "${status=}"

mkdir plugins
for name in check_html_token check_token_endpoint check_livekit check_jwtwatch; do
	ln -s "$JWTWATCH" "plugins/$name"
done
ln -s /usr/lib/nagios/plugins/check_dummy plugins/check_dummy

make_secret secret
secret=$(cat secret)
good=$(token '{}') || exit 1
page good.html "$good"
page ended.html "$(token '{"iat": 1000000000, "nbf": 1000000000, "exp": 1000086400}')"
page hostile.html "$(token '{"iss": "a|x=1;2\nCRITICAL b: \u001b[31m\r::= '"'"'q'"'"' `id` $(id) \u202e"}')"
weird='we|ird=1;
CRITICAL x.html'
cp ended.html "$weird"

start_livekit livekit --key devkey="$work/secret"
livekit=$said
start_livekit hanging --mode hang
hanging=$said
mkdir nginx
cat > nginx/servers << END
server {
	listen 127.0.0.1:@1@;
	location / {
		add_header Cache-Control no-store;
		if (\$http_authorization != "Bearer $secret") { return 401; }
		return 200 '{"token": "$good"}';
	}
	location /open { return 200 '{"token": "$good"}'; add_header Cache-Control no-store; }
}
END
start_nginx nginx 1
endpoint=$said

{
	echo "targets:"
	seq 100 | awk '{
		printf "  - {name: \"target-%d\", check: html_file, path: %s}\n", $1, $1 % 10 ? "good.html" : "ended.html"
	}'
} > hundred.yaml
cat > hostile.yaml << 'END'
targets:
  - {name: "we|ird=1;x::y'z", check: html_file, path: "we|ird=1;\nCRITICAL x.html", runbook: "https://wiki|x=1"}
  - {name: claims, check: html_file, path: hostile.html, issuer: devkey}
END
cat > targets.yaml << 'END'
targets:
  - {name: page, check: html_file, path: good.html}
END

# COMMAND...: what the plugin says when no scheduler is between, in $work/out.
direct()
{
	run "$@"
	is "$1: nothing on standard error" 0 "$(wc -c < err)"
}

# How long the check took is another time each time, and Icinga takes quotes away that aren't needed.
timeless()
{
	sed -e "s/'\([^' ]*\)'=/\1=/g" -e "s/time=[0-9.]*s/time=Ts/"
}

# NAME: the result in $work/stored is all of $work/out: state, line 1, the lines below it, performance data.
is_stored()
{
	is "$1: state" "$status" "$(stored state)"
	# Icinga keeps the blank in front of the bar.
	is "$1: output" "$(head -n 1 out | sed 's/ |.*//')" "$(stored output | sed 's/ $//')"
	is "$1: long output" "$(tail -n +2 out)" "$(stored long_output)"
	is "$1: performance data" "$(head -n 1 out | sed -n 's/.* | //p' | timeless)" "$(stored perfdata | timeless)"
}

# FILE: the shipped file with what is here instead of the places in its examples.
shipped()
{
	sed -e "s|/srv/voice/voice-agent-selector.html|$work/good.html|" -e "s|localhost:7880|127.0.0.1:$livekit|" \
		-e "s|localhost:9000/api|127.0.0.1:$endpoint/open|" -e "s|/etc/jwtwatch/jwtwatch.yaml|$work/targets.yaml|" \
		-e "s|/usr/lib/nagios/plugins|$work/plugins|" -e 's/ voice-page$/ page/' "$top_srcdir/nagios/$1"
}
