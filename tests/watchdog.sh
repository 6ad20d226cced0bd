#!/bin/sh
# SPDX-License-Identifier: MIT
# A file system that never answers: the run ends all the same, soon after its -t, and says so in each format.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1
shim=$work/shim.so
"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o "$shim" "$top_srcdir/tests/watchdog.c" || exit 1
# A sanitizer's run time wants to be loaded first, which it need not be for this.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
echo nothing > hangs
echo nothing > answers

# FORMAT FILE
check()
{
	status=0
	LD_PRELOAD=$shim timeout -k 5 20 "$JWTWATCH" html_file --path "$2" -t 200ms -o "$1" > out 2> err < /dev/null ||
		status=$?
}

check text answers
is "with a file system that answers, the verdict is the page's" "2 0" "$status $(grep -c deadline out)"
for format in text nagios json; do
	check $format hangs
	is "$format: the run ends as UNKNOWN" 3 "$status"
	is "$format: it says so on one line" "1 1" "$(wc -l < out) $(grep -c 'a file system didn.t answer' out)"
	is "$format: nothing on standard error" "" "$(cat err)"
done
check json hangs
is "json: it is JSON" UNKNOWN "$("$python" -c 'import json; print(json.load(open("out"))["state"])')"
plan
