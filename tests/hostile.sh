#!/bin/sh
# SPDX-License-Identifier: MIT
# Pages and files from hell: each has the right cause and exit code, in bounded time and memory.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1
make_secret secret
token '{}' > fresh
token '{"iat": "@-93600", "nbf": "@-93600", "exp": "@-7200"}' > ended

# KIND: makes the page KIND.html around the good token.
make_page()
{
	"$python" "$top_srcdir/tests/hostile.py" "$1" "$1.html" fresh && return
	echo "Bail out! hostile.py makes no page $1"
	exit 1
}

# NAME TEXT: the verdict's message says so.
message_says()
{
	verdict message > words
	says "$1" "$2" words
}

# What isn't a file

mkfifo fifo
page_is "a named pipe that nobody writes to" UNKNOWN file_unreadable --path fifo
message_says "... is called a named pipe" "named pipe"
page_is "a directory" UNKNOWN file_unreadable --path .
message_says "... is called a directory" "directory"
page_is "/dev/zero" UNKNOWN file_unreadable --path /dev/zero
page_is "/dev/zero with a pattern" UNKNOWN file_unreadable --path /dev/zero --pattern x
page_is "/dev/tty" UNKNOWN file_unreadable --path /dev/tty
page_is "a path through a file" CRITICAL file_missing --path fresh/page.html
page_is "no file" CRITICAL file_missing --path no-such-page.html
ln -s loop2 loop1
ln -s loop1 loop2
page_is "links in a loop" UNKNOWN file_unreadable --path loop1
ln -s nowhere dangling
page_is "a link to nowhere" CRITICAL file_missing --path dangling
page good.html "$(cat fresh)"
ln -s good.html link.html
page_is "a link to a good page" OK ok --path link.html
: > empty.html
page_is "an empty file" CRITICAL token_not_found --path empty.html
page_is "an empty file with a pattern" CRITICAL token_not_found --path empty.html --pattern x
message_says "... is called empty" "empty"
page_is "a name of 4,000 bytes" UNKNOWN file_unreadable --path "$(printf %04000d 0)"

# What may not be read. Root may read everything, so it becomes nobody for these.

# A copy, since the build's folders may be closed to nobody.
mkdir bin closed open
cp "$JWTWATCH" bin/jwtwatch
[ ! -e "$top_builddir/crypto_openssl.so" ] || cp "$top_builddir/crypto_openssl.so" bin
cp good.html closed/page.html
cp good.html open/secret.html
cp good.html open/page.html
chmod 755 . bin open
chmod 644 closed/page.html open/page.html
chmod 000 open/secret.html
chmod 600 closed

# COMMAND...: as somebody who isn't root.
as_nobody()
{
	if [ "$(id -u)" != 0 ]; then
		"$@"
		return
	fi
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# NAME STATE CAUSE OPTION...
for_nobody()
{
	row=$1
	state=$2
	cause=$3
	shift 3
	# Not through timeout, which can't run a function: each of these ends at once or not at all.
	status=0
	as_nobody timeout -k 5 "$limit" "$work/bin/jwtwatch" html_file -o json "$@" > out 2> err || status=$?
	is "$row" "$state $cause, exit code $(code_of "$state")" "$(verdict verdict), exit code $status"
}

uid=65534
[ "$(id -u)" = 0 ] || uid=$(id -u)
[ "$(id -u)" = 0 ] || chmod 000 closed
for_nobody "a page that everybody may read" OK ok --path "$work/open/page.html"
for_nobody "a page without permission" UNKNOWN file_unreadable --path "$work/open/secret.html"
message_says "... names the user" "uid $uid"
message_says "... and the mode" "0000"
for_nobody "a folder without permission on the way" UNKNOWN file_unreadable --path "$work/closed/page.html"
message_says "... names that folder" "$work/closed "
for_nobody "a glob in a folder that can't be listed" UNKNOWN file_unreadable --path "$work/closed/*.html"
for_nobody "a glob with one page without permission" UNKNOWN file_unreadable --path "$work/open/*.html"
is "... the other one is judged all the same" "4 OK ok" "$(verdict tokens)"
chmod 755 closed

# What changes while it is read

make_page sparse
kept=$(wc -c < sparse.html)

# COMMAND...: while the program runs, up to so many times.
while_it_runs()
{
	times=0
	while kill -0 "$reader" 2> /dev/null && [ $times -lt 20000 ]; do
		"$@"
		times=$((times + 1))
	done
}

longer_and_shorter()
{
	truncate -s 300M sparse.html
	truncate -s "$kept" sparse.html
}

# FILE ALLOWED...: five runs beside something that changes the file; each has one of the allowed verdicts.
changing()
{
	row=$1
	change=$2
	file=$3
	shift 3
	strange=0
	: > seen
	for _ in 1 2 3 4 5; do
		timeout -k 5 "$limit" "$JWTWATCH" html_file -o json --timeout 50s --path "$file" "$@" > out 2> err &
		reader=$!
		while_it_runs "$change"
		status=0
		wait $reader || status=$?
		verdict verdict >> seen
		verdict message | grep -qF "changed while it was read" && echo changed >> seen
	done
	case $(sort -u seen | tr '\n' ' ') in
	*'no JSON'*) strange=1 ;;
	esac
	grep -qvxE "$allowed" seen && strange=1
	is "$row" 0 $strange
	sort seen | uniq -c | sed 's/^/# /'
}

allowed='OK ok|UNKNOWN file_unreadable|changed'
changing "a page that is cut and grows while it is read" longer_and_shorter sparse.html
holds "... and that was noticed" grep -qx changed seen

printf "const TOKEN = '%s';\n" "$(cat fresh)" > old.head
printf "const TOKEN = '%s';\n" "$(cat ended)" > new.head

# In place, the same length: the ended token is as long as the good one.
overwritten()
{
	dd if=new.head of=sparse.html conv=notrunc 2> /dev/null
	dd if=old.head of=sparse.html conv=notrunc 2> /dev/null
}

is "(both tokens are of one length)" "$(wc -c < old.head)" "$(wc -c < new.head)"
truncate -s 128M sparse.html
allowed='OK ok|CRITICAL expired|UNKNOWN file_unreadable|changed'
changing "a page that is overwritten while it is read" overwritten sparse.html
holds "... and that was noticed" grep -qx changed seen

page ended.html "$(cat ended)"
truncate -s 200M good.html ended.html

replaced()
{
	ln -f ended.html next.html
	mv next.html current.html
	ln -f good.html next.html
	mv next.html current.html
}

ln good.html current.html
allowed='OK ok|CRITICAL expired'
changing "a page that is replaced by rename while it is read" replaced current.html
truncate -s 8M good.html ended.html
changing "the same with a pattern" replaced current.html --pattern "$token_pattern"
rm -f good.html
page good.html "$(cat fresh)"
rm -f sparse.html current.html ended.html

# Encodings

for kind in nuls utf16le utf16be utf16_odd utf8_bom crlf carriage_returns latin1 one_line at_border; do
	make_page $kind
	page_is "$kind" OK ok --path $kind.html
	page_is "$kind with a pattern" OK ok --path $kind.html --pattern "'([^']{100,})'"
	rm -f $kind.html
done
make_page utf16le
# shellcheck disable=SC2094
page_is "utf16le by standard input" OK ok --path - < utf16le.html
for kind in utf16le utf16be crlf; do
	make_page $kind
	page_is "$kind once more" OK ok --path $kind.html
	is "... the token is in line 4" "4 OK ok" "$(verdict tokens)"
done
make_page utf16_without_bom
page_is "UTF-16 without a byte order mark" CRITICAL token_not_found --path utf16_without_bom.html
message_says "... is asked about" "UTF-16"
page_is "UTF-16 without a byte order mark, with a pattern" CRITICAL token_not_found \
	--path utf16_without_bom.html --pattern "$token_pattern"

# Large ones

# NAME KIB: the program's memory at its peak, where no sanitizer is in it.
within()
{
	sanitized && return
	peak=$(tail -n 1 peak)
	holds "$1: at most $2 KiB of memory" test "$peak" -le "$2" && return
	diag "peak: $peak KiB"
}

# NAME STATE CAUSE OPTION...: page_is, with the peak of its memory in the file peak.
measured()
{
	row=$1
	state=$2
	cause=$3
	shift 3
	judged "$row" "$state" "$cause" /usr/bin/time -o peak -f %M "$JWTWATCH" html_file -o json "$@"
}

holds "(GNU time is there: the Debian package time)" test -x /usr/bin/time
make_page large
measured "100 MB without a pattern, the token at the end" OK ok --path large.html
within "100 MB" 8192
measured "100 MB with a pattern" UNKNOWN file_unreadable --path large.html --pattern "$token_pattern"
message_says "... is larger than max_size" "max_size"
within "100 MB with a pattern" 24576
measured "100 MB with a pattern, and a max_size for it" OK ok --path large.html --pattern "$token_pattern" \
	--max-size 200MiB
measured "100 MB by standard input" UNKNOWN file_unreadable --path - < large.html
within "100 MB by standard input" 24576
rm -f large.html
make_page large_utf16
measured "UTF-16 larger than max_size" UNKNOWN file_unreadable --path large_utf16.html
within "UTF-16 larger than max_size" 49152
rm -f large_utf16.html
for kind in eyj lone_headers; do
	make_page $kind
	measured "16 MiB: $kind" CRITICAL token_not_found --path $kind.html
	within "16 MiB: $kind" 8192
	rm -f $kind.html
done
make_page one_long_segment
measured "16 MiB: one_long_segment" CRITICAL token_malformed --path one_long_segment.html
within "16 MiB: one_long_segment" 8192
rm -f one_long_segment.html
make_page headers
run "$JWTWATCH" html_file -o json --path headers.html
diag "16 MiB of headers with dots: $(verdict verdict), exit code $status"
holds "16 MiB of headers with dots: never OK, and it ends" test "$status" = 2 -o "$status" = 3
rm -f headers.html
make_page many
page_is "20,000 tokens" UNKNOWN pattern_limit --path many.html
verdict tokens > judged
is "... those before the limit are judged" "1 OK ok" "$(sed 1q judged)"
run "$JWTWATCH" html_file -o nagios --path many.html
holds "... and a monitoring system gets at most 4,096 bytes" test "$(wc -c < out)" -le 4096
rm -f many.html
make_page many_equal
page_is "20,000 times the same token" OK ok --path many_equal.html
rm -f many_equal.html

# Patterns that explode

make_page letters
make_page xs
before=$(date +%s)
page_is "(a+)+\$ over 300 kB" UNKNOWN pattern_limit --timeout 1s --path letters.html --pattern '(a+)+$'
page_is "(x+x+)+y over 300 kB" UNKNOWN pattern_limit --timeout 1s --path xs.html --pattern '(x+x+)+y'
page_is "[a-z]+?.[0-9] over 300 kB" UNKNOWN pattern_limit --timeout 1s --path letters.html --pattern '[a-z]+?.[0-9]'
run "$JWTWATCH" html_file -o json --timeout 1s --path letters.html --pattern '[a-z]+?[0-9]'
case $(verdict verdict) in
'UNKNOWN pattern_limit' | 'CRITICAL token_not_found') ok "[a-z]+?[0-9] over 300 kB: stopped, or rightly nothing" ;;
*) not_ok "[a-z]+?[0-9] over 300 kB: stopped, or rightly nothing" ;;
esac
page_is "(a|aa)+\$ over 300 kB" UNKNOWN pattern_limit --timeout 1s --path letters.html --pattern '(a|aa)+$'
page_is "(.*)*! twice over 300 kB" UNKNOWN pattern_limit --timeout 1s --path letters.html --pattern '(.*)*!!'
page_is "a recursion without end" UNKNOWN pattern_limit --timeout 1s --path letters.html --pattern '(a(?1)?)+b|(?1)c'
page_is "a*a*a*a*a*[0-9] over 300 kB" UNKNOWN pattern_limit --timeout 1s --path letters.html --pattern 'a*a*a*a*a*[0-9]'
took=$(($(date +%s) - before))
holds "none took much more than its timeout" test $took -le 40
diag "all together: $took s"

# Names that would break the output

for name in 'new
line' "$(printf 'esc\033[31mred')" 'a|b' "it's" 'say "x"' 'back\slash' "$(printf 'bell\007')" "$(printf 'bad\377utf')" \
	"$(printf 'c1\302\233x')" "$(printf 'bidi\342\200\256x')" ' ' '-dash' '<b>'; do
	shown=$(printf %s "$name" | tr -c 'a-zA-Z0-9 |<>"' '?')
	page "./$name" "$(cat ended)"
	page_is "a file named $shown" CRITICAL expired --path "./$name"
	holds "... JSON has no control character" "$python" -c '
import sys, unicodedata
text = open(sys.argv[1], encoding="utf-8").read()
sys.exit(any(unicodedata.category(c) in ("Cc", "Cf") and c != "\n" for c in text))' out
	run "$JWTWATCH" html_file -o nagios --path "./$name"
	is "... Nagios: one line, one |" "1 1" "$(wc -l < out | tr -d ' ') $(tr -cd '|' < out | wc -c | tr -d ' ')"
	run "$JWTWATCH" html_file -o text -v --path "./$name"
	holds "... text: no escape, no bell" test "$(tr -cd '\000-\011\013-\037\177' < out | wc -c)" = 0
	rm -f "./$name"
done

# Standard input

mkfifo input
exec 8<> input
page_is "standard input that never ends, -t 1s" UNKNOWN deadline -t 1s --path - <&8
page_is "standard input that never ends, --timeout 1s" UNKNOWN file_unreadable --timeout 1s --path - <&8
page_is "... with a pattern" UNKNOWN deadline -t 1s --path - --pattern x <&8
cat good.html > input
page_is "standard input with a good token that never ends" UNKNOWN deadline -t 1s --path - <&8
exec 8>&-
page_is "standard input that is empty" CRITICAL token_not_found --path - < /dev/null
status=0
timeout -k 5 "$limit" "$JWTWATCH" html_file -o json --path - <&- > out 2> err || status=$?
is "standard input that isn't open" "UNKNOWN file_unreadable, exit code 3" "$(verdict verdict), exit code $status"
yes > input 2> yes.err &
page_is "standard input that floods" UNKNOWN file_unreadable --path - < input

# Globs

mkdir pages
page_is "a glob without members" CRITICAL file_missing --path 'pages/*.html'
page_is "a glob in a folder that isn't there" CRITICAL file_missing --path 'no-such/*/x.html'
page pages/a.html "$(cat fresh)"
page pages/c.html "$(token '{"sub": "user2"}')"
ln -s nowhere pages/b.html
page_is "a glob with a link to nowhere" CRITICAL file_missing --path 'pages/*.html'
is "... the others are judged" "4 OK ok
4 OK ok" "$(verdict tokens)"
rm pages/b.html
mkfifo pages/b.html
page_is "a glob with a named pipe" UNKNOWN file_unreadable --path 'pages/*.html'
is "... the others are judged" "4 OK ok
4 OK ok" "$(verdict tokens)"
rm pages/b.html
: > pages/b.html
page_is "a glob with an empty page" CRITICAL token_not_found --path 'pages/*.html'
is "... the others are judged" "4 OK ok
4 OK ok" "$(verdict tokens)"
page pages/b.html "$(cat ended)"
page_is "a glob with an ended token" CRITICAL expired --path 'pages/*.html'
is "... each has its verdict" "4 OK ok
4 CRITICAL expired
4 OK ok" "$(verdict tokens)"
is "... and the ended one decides" 1 "$(verdict deciding)"
ln -s . pages/self
page_is "a glob through a link to its own folder" CRITICAL expired --path 'pages/self/self/*/*.html'

# One bad target beside good ones

cat > jwtwatch.yaml << 'END'
defaults: {timeout: 1s}
targets:
  - {name: pipe, check: html_file, path: fifo}
  - {name: good, check: html_file, path: good.html}
  - {name: missing, check: html_file, path: no-such}
  - {name: explodes, check: html_file, path: letters.html, pattern: '(a+)+$'}
  - {name: also-good, check: html_file, path: pages/a.html}
END
run "$JWTWATCH" check -f jwtwatch.yaml -o json
is "each of five targets has its verdict" "pipe UNKNOWN file_unreadable
good OK ok
missing CRITICAL file_missing
explodes UNKNOWN pattern_limit
also-good OK ok" "$(verdict targets)"
is "... and the worst decides the exit code" 2 "$status"
plan
