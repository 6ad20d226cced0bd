#!/bin/sh
# SPDX-License-Identifier: MIT
# Pages of -o prometheus, read by three: a strict linter of our own, promtool, and the Python client's parser.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1

# FILE: nothing, or what the linter finds, on one line.
lint()
{
	"$python" "$top_srcdir/tests/prom_lint.py" "$1" 2>&1 | tr '\n' ';'
}

# FILE [NAME [LABEL]]: the system's Python has the client.
client()
{
	/usr/bin/python3 "$top_srcdir/tests/prom_read.py" "$@" 2>&1
}

# NAME FILE: three rows.
page_is_clean()
{
	is "$1: the strict linter finds nothing" "" "$(lint "$2")"
	found=$(promtool check metrics < "$2" 2>&1)
	is "$1: promtool finds nothing" "0" "$?$found"
	is "$1: the Python client reads it" "" "$(client "$2")"
}

# NAME EXITCODE COMMAND...: the page that a command writes is clean, and so are its exit code and standard error.
clean()
{
	row=$1
	code=$2
	shift 2
	run "$@"
	is "$row: exit code $code, nothing on standard error" "$code 0" "$status $(wc -c < err)"
	page_is_clean "$row" out
}

# NAME EXITCODE COMMAND...: the same where nothing was judged at all: a page has no place for why, so that goes to standard
# error.
refused()
{
	row=$1
	code=$2
	shift 2
	run "$@"
	is "$row: exit code $code, and why on standard error" "$code 1" "$status $(grep -c '^jwtwatch: ' err)"
	page_is_clean "$row" out
}

# NAME VALUE METRIC: a row: the sum of the metric in the page before.
sums()
{
	is "... $1" "$2" "$(client out "$3")"
}

# The linter itself

# NAME FINDING TEXT
finds()
{
	printf '%b' "$3" > wrong
	says_it=$(lint wrong)
	case $says_it in
	*"$2"*) ok "the linter finds: $1" ;;
	*)
		not_ok "the linter finds: $1"
		diag "it says: $says_it"
		;;
	esac
}

head='# HELP jwtwatch_x A thing.\n# TYPE jwtwatch_x gauge\n'
printf '%b' "$head"'jwtwatch_x{target="a\\\\b\\"c\\nd",b=""} -1.5\n' > right
is "the linter takes a right page" "" "$(lint right)"
finds "no end of the last line" "has no end" "$head"'jwtwatch_x 1'
finds "a carriage return" "carriage return" "$head"'jwtwatch_x 1\r\n'
finds "a byte order mark" "byte order mark" '\0357\0273\0277'"$head"'jwtwatch_x 1\n'
finds "bytes that are no UTF-8" "UTF-8" "$head"'jwtwatch_x{target="\0377"} 1\n'
finds "a timestamp" "timestamp" "$head"'jwtwatch_x 1 1767225600000\n'
finds "NaN" "plain decimal" "$head"'jwtwatch_x NaN\n'
finds "an infinity" "plain decimal" "$head"'jwtwatch_x +Inf\n'
finds "a hexadecimal number" "plain decimal" "$head"'jwtwatch_x 0x1p4\n'
finds "digits with underscores" "plain decimal" "$head"'jwtwatch_x 1_000\n'
finds "a series twice" "twice" "$head"'jwtwatch_x{a="1",b="2"} 1\njwtwatch_x{b="2",a="1"} 1\n'
finds "a label twice" "label twice" "$head"'jwtwatch_x{a="1",a="2"} 1\n'
finds "a comma behind the last label" "plain name" "$head"'jwtwatch_x{a="1",} 1\n'
finds "an unknown escape" "escape" "$head"'jwtwatch_x{a="\\t"} 1\n'
finds "a label without an end" "without an end" "$head"'jwtwatch_x{a="1} 1\n'
finds "a bare quote" "neither a comma" "$head"'jwtwatch_x{a="b"c"} 1\n'
finds "a label value of two lines" "without an end" "$head"'jwtwatch_x{a="b\nc"} 1\n'
finds "families that interleave" "isn't behind" \
	"$head"'jwtwatch_x{a="1"} 1\n# HELP jwtwatch_y A.\n# TYPE jwtwatch_y gauge\njwtwatch_y 1\njwtwatch_x 1\n'
finds "a family in two places" "two places" "$head"'jwtwatch_x{a="1"} 1\n'"$head"'jwtwatch_x{a="2"} 1\n'
finds "a sample without TYPE" "isn't behind" '# HELP jwtwatch_x A.\njwtwatch_x 1\n'
finds "a family without samples" "no sample" "$head"
finds "a comment" "comment" "$head"'# so\njwtwatch_x 1\n'
finds "an empty line" "empty line" "$head"'\njwtwatch_x 1\n'
finds "a name without the prefix" "prefix" '# HELP x A.\n# TYPE x gauge\nx 1\n'
finds "another unit" "unit" '# HELP jwtwatch_x_days A.\n# TYPE jwtwatch_x_days gauge\njwtwatch_x_days 1\n'
finds "_total on a gauge" "_total" '# HELP jwtwatch_total A.\n# TYPE jwtwatch_total gauge\njwtwatch_total 1\n'

# The same for OpenMetrics.
finds_open()
{
	printf '%b' "$3" > wrong.om
	says_it=$(lint wrong.om)
	case $says_it in
	*"$2"*) ok "the linter finds in OpenMetrics: $1" ;;
	*)
		not_ok "the linter finds in OpenMetrics: $1"
		diag "it says: $says_it"
		;;
	esac
}

head='# TYPE jwtwatch_x gauge\n# HELP jwtwatch_x A thing.\n'
printf '%b' "$head"'jwtwatch_x{a="\\\\"} 1\n# TYPE jwtwatch_y_seconds counter\n# UNIT jwtwatch_y_seconds seconds\n'\
'# HELP jwtwatch_y_seconds A.\njwtwatch_y_seconds_total 1\n# EOF\n' > right.om
is "the linter takes a right page of OpenMetrics" "" "$(lint right.om)"
finds_open "no end" "no # EOF" "$head"'jwtwatch_x 1\n'
finds_open "lines behind the end" "behind # EOF" '# EOF\n'"$head"'jwtwatch_x 1\n'
finds_open "HELP in front of TYPE" "isn't behind TYPE" \
	'# HELP jwtwatch_x A.\n# TYPE jwtwatch_x gauge\njwtwatch_x 1\n# EOF\n'
finds_open "a counter's family with _total" "its samples alone" \
	'# TYPE jwtwatch_x_total counter\n# HELP jwtwatch_x_total A.\njwtwatch_x_total 1\n# EOF\n'
finds_open "a counter's sample without _total" "isn't behind" \
	'# TYPE jwtwatch_x counter\n# HELP jwtwatch_x A.\njwtwatch_x 1\n# EOF\n'
finds_open "no UNIT" "lacks UNIT" \
	'# TYPE jwtwatch_x_seconds gauge\n# HELP jwtwatch_x_seconds A.\njwtwatch_x_seconds 1\n# EOF\n'
finds_open "another UNIT" "end of the name" \
	'# TYPE jwtwatch_x gauge\n# UNIT jwtwatch_x seconds\n# HELP jwtwatch_x A.\njwtwatch_x 1\n# EOF\n'
finds_open "a bare quote in HELP" "bare quote" \
	'# TYPE jwtwatch_x gauge\n# HELP jwtwatch_x A "thing".\njwtwatch_x 1\n# EOF\n'
finds_open "a type of Prometheus" "TYPE is none" '# TYPE jwtwatch_x untyped\n# EOF\n'
finds_open "a negative counter" "negative" \
	'# TYPE jwtwatch_x counter\n# HELP jwtwatch_x A.\njwtwatch_x_total -1\n# EOF\n'

# Pages that no command makes, written down by tests/test_metrics.c

for golden in "$top_srcdir"/tests/data/metrics/*.prom; do
	page_is_clean "$(basename "$golden")" "$golden"
done

# Those of the daemon and of probes, by tests/metrics_pages.c; promtool reads text only.

mkdir pages
"$top_builddir/metrics_pages" pages
is "pages of all kinds are written" "0 62" "$? $(find pages -type f | wc -l)"
for made in pages/*.prom; do
	page_is_clean "$(basename "$made")" "$made"
done
for made in pages/*.om; do
	is "$(basename "$made"): the strict linter finds nothing" "" "$(lint "$made")"
	is "$(basename "$made"): the Python client reads it" "" "$(client "$made")"
done

# The program's

make_secret secret
fresh=$(token '{}')
page good.html "$fresh"
page ended.html "$(token '{"iat": "@-93600", "nbf": "@-93600", "exp": "@-7200"}')"
page forged.html "$(printf %s "$fresh" | sed 's/\(.*\)\.../\1.AA/')"
page endless.html "$(token '{"exp": null}')"
page unsigned.html "$(token '{}' '{"alg": "none"}')"
page placeholder.html 'YOUR_TOKEN_HERE'
printf 'nothing here\n' > empty.html
cat good.html ended.html > both.html

cat > all.yaml << 'YAML'
keys:
  livekit: {issuer: devkey, secret: {file: secret}}
defaults: {key: livekit}
targets:
  - {name: good, check: html_file, path: good.html}
  - {name: ended, check: html_file, path: ended.html}
  - {name: forged, check: html_file, path: forged.html}
  - {name: endless, check: html_file, path: endless.html}
  - {name: unsigned, check: html_file, path: unsigned.html}
  - {name: placeholder, check: html_file, path: placeholder.html, pattern: "TOKEN = '([^']*)'"}
  - {name: empty, check: html_file, path: empty.html}
  - {name: gone, check: html_file, path: gone.html}
  - {name: both, check: html_file, path: both.html}
  - {name: ranges, check: html_file, path: good.html, warning: "3600:", critical: "@0:60"}
YAML
clean "one page" 0 "$JWTWATCH" html_file -o prometheus --path good.html
sums "it is OK" 1 jwtwatch_check_success
clean "ten targets" 2 "$JWTWATCH" check -f all.yaml -o prometheus
sums "all are told" 10 jwtwatch_targets
sums "each has one state" 10 jwtwatch_target_status
sums "what isn't OK has one cause" 8 jwtwatch_target_cause
is "... and these are the causes" \
	"algorithm_refused expired file_missing no_expiry placeholder signature_invalid token_not_found" \
	"$(client out jwtwatch_target_cause cause | sort -u | tr '\n' ' ' | sed 's/ $//')"
is "... no token stands in it" 0 "$(grep -c eyJ out)"
clean "one of them" 0 "$JWTWATCH" check -f all.yaml -o prometheus good
clean "simulated" 2 "$JWTWATCH" check -f all.yaml -o prometheus --at +3d
sums "it says so" "$(client out jwtwatch_last_check_timestamp_seconds | awk '{ printf "%g", $1 / 10 }')" \
	jwtwatch_simulated_timestamp_seconds
clean "no time" 3 "$JWTWATCH" check -f all.yaml -o prometheus -t 1ms good ended
clean "an unknown name" 3 "$JWTWATCH" check -f all.yaml -o prometheus good goode
sums "it is no target" 1 jwtwatch_targets
refused "a wrong command line" 3 "$JWTWATCH" html_file -o prometheus --path good.html -w 3600
refused "no configuration" 3 "$JWTWATCH" check -f none.yaml -o prometheus
echo 'targets: [{name: a, chek: html_file}]' > broken.yaml
refused "a broken configuration" 3 "$JWTWATCH" check -f broken.yaml -o prometheus
echo 'targets: []' > no.yaml
clean "no targets" 3 "$JWTWATCH" check -f no.yaml -o prometheus
sums "there are none" 0 jwtwatch_targets

# Names

{
	echo 'targets:'
	while IFS= read -r name; do
		printf '  - {name: "%s", check: html_file, path: good.html}\n' "$name"
	done << 'NAMES'
a \"quote\"
\\
\\n
ends in \\
\"
\",status=\"ok\"} 1
{target=\"x\"} 1
# HELP jwtwatch_x
a|b;c=d,e
good (2)
good
good (3)
\u00e4\u20ac\U0001F600
a b  c
NAMES
} > names.yaml
clean "names with quotes, backslashes and more" 0 "$JWTWATCH" check -f names.yaml -o prometheus
cat > expected << 'NAMES'
a "quote"
\
\n
ends in \
"
",status="ok"} 1
{target="x"} 1
# HELP jwtwatch_x
a|b;c=d,e
good (2)
good
good (3)
ä€😀
a b  c
NAMES
is "... come out as they went in" "$(cat expected)" "$(client out jwtwatch_check_success target)"
for name in 'bell \a' 'line\nbreak' '\u202e' 'del \x7f' "$fresh"; do
	printf 'targets: [{name: "%s", check: html_file, path: good.html}]\n' "$name" > hostile.yaml
	refused "a name that can't be shown" 3 "$JWTWATCH" check -f hostile.yaml -o prometheus
	is "... no token stands in it" 0 "$(grep -c eyJ out)"
done
clean "unknown names that look alike" 3 "$JWTWATCH" check -f names.yaml -o prometheus good \
	"$(printf 'bad \377\302')" "$(printf 'bad \376\303')" "$(printf 'bad \001\002')" "bad ??" "bad ?? (2)" \
	"$(printf 'a\nb')" "$(printf '\342\200\256')" "$(printf 'a\rb')" "$fresh" "x$fresh" "q\"\\"
is "... are told apart" "12 12" "$(client out jwtwatch_check_success target | wc -l) $(
	client out jwtwatch_check_success target | sort -u | wc -l)"
is "... no token stands in it" 0 "$(grep -c eyJ out)"

# Many

{
	echo 'targets:'
	awk 'BEGIN { for (i = 0; i < 1000; i++) printf "  - {name: \"t%d\", check: html_file, path: good.html}\n", i }'
} > many.yaml
clean "1,000 targets" 0 "$JWTWATCH" check -f many.yaml -o prometheus -t 300s
sums "all of them" 1000 jwtwatch_check_success
is "... each family has one HELP" "$(grep -c '^# TYPE' out)" "$(grep '^# HELP' out | sort -u | wc -l)"
grep '^# HELP' out | sort > many.help
run "$JWTWATCH" check -f all.yaml -o prometheus
is "... the same as on every other page" "" "$(grep '^# HELP' out | sort | comm -13 - many.help)"

# The same series in the next run, whatever the order of names on the command line.
run "$JWTWATCH" check -f all.yaml -o prometheus good ended gone
sed '/^#/d; s/ [^ ]*$//' out | sort > series
run "$JWTWATCH" check -f all.yaml -o prometheus gone good ended
is "a second run has the same series" "" "$(sed '/^#/d; s/ [^ ]*$//' out | sort | comm -3 - series)"
plan
