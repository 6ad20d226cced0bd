#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual: its pages are those of the tables, they read well, and they leave nothing out.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1

for page in jwtwatch.1 jwtwatch.yaml.5 jwtwatch-causes.7; do
	"$top_builddir/manual" < "$top_srcdir/man/$page.in" > "$page"
	is "$page is what the tables say (make pages)" "" "$(diff "$top_srcdir/man/$page" "$page" 2>&1)"
	# A date would say when it was written, and be wrong after the next change.
	is "$page is right roff" "" "$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'missing date')"
	mandoc -T utf8 "$page" | sed 's/.\x08//g' > "$page.text"
done

"$JWTWATCH" help | sed -n 's/^  \([a-z][a-z_]*\) .*/\1/p' > commands
missing=
while read -r command; do
	grep -q "^       $command\>" jwtwatch.1.text || missing="$missing $command"
done < commands
is "each command and check has its entry" "" "$missing"
holds "there are commands" test "$(wc -l < commands)" -gt 10

"$JWTWATCH" explain | sed -n 's/^\([a-z_][a-z_]*\) .*/\1/p;s/^\([a-z_][a-z_]*\)$/\1/p' > causes
missing=
while read -r cause; do
	grep -q "^   $cause (" jwtwatch-causes.7.text || missing="$missing $cause"
done < causes
is "each cause has its entry" "" "$missing"
holds "there are causes" test "$(wc -l < causes)" -gt 40

is "what explain says stands there too" "$("$JWTWATCH" explain expired | tr -s ' \n' ' ' | sed 's/.*What it means //; s/ What a browser.*//')" \
	"$(tr -s ' \n' ' ' < jwtwatch-causes.7.text | sed 's/.* expired (CRITICAL) //; s/ What a browser.*//')"

printf '@tables\n' > wrong.in
status=0
"$top_builddir/manual" < wrong.in > wrong 2> says || status=$?
is "a table that isn't there is told" 1 "$status"
says "by its name" "there is no table @tables" says
plan
