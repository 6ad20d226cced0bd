#!/bin/sh
# SPDX-License-Identifier: MIT
# `jwtwatch discover` over many files, a large page and folders that mean no good: it finds what another finder finds, no more
# and no less, says what it couldn't look at, and its YAML is a configuration that works.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1
limit=240
make_secret secret

reference()
{
	"$python" "$top_srcdir/tests/reference.py" "$@"
}

# NAME PATH...: one row: the same tokens, with lines, copies and fingerprints; nothing else said.
same()
{
	row=$1
	shift
	run "$JWTWATCH" discover -o json "$@"
	reference find "$@" > expected
	reference read out > seen
	if [ "$status" = 0 ] && [ ! -s err ] && [ -s expected ] && cmp -s expected seen; then
		ok "$row ($(wc -l < expected) tokens)"
		return
	fi
	not_ok "$row"
	diag "exit code $status, $(wc -c < err) bytes of errors, $(wc -l < expected) tokens expected, $(wc -l < seen) seen"
	diff expected seen | head -n 5 | sed 's/^/# /'
}

# Many files

count=20000
mib=256
if sanitized; then
	count=2000
	mib=16
fi
mkdir tree
reference tree tree $count
same "$count small files" tree
same "one folder of them by its name, and a file of it once more" tree/d001 tree/d001/e1
run "$JWTWATCH" discover tree
cp out tree.yaml
is "the YAML says nothing else" "0 0" "$status $(wc -c < err)"
is "no two targets have the same name" 1 "$(reference names tree.yaml)"
run "$JWTWATCH" config -f tree.yaml
is "the YAML loads" "0 0" "$status $(wc -c < err)"
is "each LiveKit page has its target" "$(reference find tree | awk '$5 == "True" { print $1 }' | sort -u | wc -l)" \
	"$(reference yaml tree.yaml | grep -c '+$')"
is "each other page has one in a comment" \
	"$(reference find tree | awk '{ all[$1] } $5 == "True" { livekit[$1] } END { print length(all) - length(livekit) }')" \
	"$(reference yaml tree.yaml | grep -c -e '-$')"

# A large page

reference page page.html $mib
same "one page of $mib MiB" page.html
rm page.html

# What it writes is a configuration that works.

mkdir -p www/de www/en www/app/.git www/app/node_modules www/.hidden
page www/de/index.html "$(token '{}')"
page www/en/index.html "$(token '{"sub": "user2"}')"
page www/en/other.html "$(token '{"video": null}')"
page www/app/.git/index.html "$(token '{}')"
page www/app/node_modules/index.html "$(token '{}')"
page www/.hidden/index.html "$(token '{}')"
echo "TOKEN=$(token '{"sub": "user3"}')" > www/app/.env
run "$JWTWATCH" discover www
cp out www.yaml
is "targets by name" "$work/www/app/.env env + $work/www/de/index.html index + $work/www/en/index.html en-index +" \
	"$(reference yaml www.yaml | grep '+$' | tr '\n' ' ' | sed 's/ $//')"
run "$JWTWATCH" check -f www.yaml -o json
is "check with them is OK" "0 3" "$status $(verdict targets | grep -c ' OK ok$')"
sed 's/^#  /  /' www.yaml > all.yaml
run "$JWTWATCH" check -f all.yaml -o json
is "and with those in comments too" "0 4" "$status $(verdict targets | grep -c ' OK ok$')"
says "it says what it passed over" "# Passed over: 3 hidden folders or node_modules" www.yaml
run "$JWTWATCH" discover www/app/node_modules www/.hidden
is "what is named is looked at" 2 "$(reference yaml out | wc -l)"
run "$JWTWATCH" discover www/en/other.html
is "where there is nothing of LiveKit's, what there is becomes a target" 1 "$(reference yaml out | grep -c '+$')"
mkdir none
echo "no token here" > none/page.html
run "$JWTWATCH" discover none
is "nothing found is no error" "0 0" "$status $(wc -c < err)"
cp out none.yaml
run "$JWTWATCH" config -f none.yaml
is "... and its YAML loads" 0 "$status"

# Pages in UTF-16, and files that are no text

mkdir kinds
token '{}' > good
"$python" - << 'END'
import codecs
with open("good", encoding="ascii") as file:
    token = file.read()
text = "a line of some length, with an \u00e4 and a \U0001f600 in it\n" * 20000 + "const TOKEN = '" + token + "';\n"
for name, mark in (("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)):
    with open("kinds/" + name, "wb") as file:
        file.write(mark + text.encode(name))
END
page page.html "$(token '{}')"
{ printf '\0' && cat page.html; } > kinds/binary
run "$JWTWATCH" discover -o json kinds
is "UTF-16 is read, what is no text isn't" "utf-16-be:20001 utf-16-le:20001 binary_files: 1" \
	"$("$python" -c 'import json, os
root = json.load(open("out"))
print(*(os.path.basename(t["path"]) + ":" + str(t["line"]) for t in root["tokens"]),
	"binary_files:", root["passed_over"]["binary_files"])')"
run "$JWTWATCH" discover kinds/binary
is "what is no text, by name" 1 "$(reference yaml out | wc -l)"

# Names that no file should have: each target still leads to its own file.

mkdir odd
"$python" - << 'END'
import os
with open("good", "rb") as file:
    page = b"\n" + file.read() + b"\n"
names = [b"new\nline", b"- name: x", b"star*", b"que?", b"we[i]rd\\", b"a\\b", b"\"quoted\"", b"it's", b"# no", b" blank ",
         b"\xc3\xa4", b"tab\t", b"\x1b[31m", b"~", b"null", b"-rf", b"x...", b"**", b"%s", b"\xe2\x80\xa8line", b"\xef\xbf\xbe"]
for name in names:
    os.mkdir(b"odd/" + name)
    with open(b"odd/" + name + b"/" + name, "wb") as file:
        file.write(page)
with open(b"odd/no\xffutf8", "wb") as file:
    file.write(page)
END
run "$JWTWATCH" discover odd
cp out odd.yaml
is "odd names: it says nothing else" "0 0" "$status $(wc -c < err)"
run "$JWTWATCH" check -f odd.yaml -o json
is "odd names: each target finds its page" "0 21" "$status $(verdict targets | grep -c ' OK ok$')"
says "a name that isn't UTF-8 is told in a comment" "odd/no?utf8 line 2:" odd.yaml

# Links, pipes, loops, depth

mkdir -p trap/real trap/loop
page trap/real/page.html "$(token '{"sub": "trap"}')"
ln -s ../real trap/loop/folder
ln -s . trap/loop/self
ln -s ../.. trap/loop/up
ln -s ring trap/loop/ring
ln -s gone trap/loop/dangling
ln -s /dev/zero trap/loop/zero
ln -s ../real/page.html trap/loop/linked.html
mkfifo trap/loop/pipe
ln -s pipe trap/loop/pipe-link
run "$JWTWATCH" discover trap
is "links to folders aren't followed, those to files are, pipes don't hold it" \
	"0 0 $work/trap/loop/linked.html linked + $work/trap/real/page.html page +" \
	"$status $(wc -c < err) $(reference yaml out | tr '\n' ' ' | sed 's/ $//')"
run "$JWTWATCH" discover trap/loop/pipe trap/real
is "a pipe by name can't be looked through" "1 pipe: is neither a file nor a folder" \
	"$status $(sed 's|.*/||' err)"
run "$JWTWATCH" discover trap/real trap/missing
is "nothing of that name: exit code 1, and what is there is found" "1 1 1" \
	"$status $(wc -l < err) $(reference yaml out | wc -l)"
run "$JWTWATCH" discover trap/missing
is "nothing at all could be looked at: exit code 3" 3 "$status"
run "$JWTWATCH" discover
is "no path: exit code 3" "3 0" "$status $(wc -c < out)"
"$python" - << 'END'
import os
os.mkdir("deep")
os.chdir("deep")
with open("../good", "rb") as file:
    page = file.read()
for depth in range(300):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
    with open("page.html", "wb") as file:
        file.write(page)
END
run "$JWTWATCH" discover -o json deep
is "folders in folders: to a depth, and it says so" "1 1 255" \
	"$status $(grep -c 'lies too deep' err) $("$python" -c 'import json; print(len(json.load(open("out"))["tokens"]))')"
run "$JWTWATCH" discover deep
grep -v '^  #' out > deep.yaml
run "$JWTWATCH" config -f deep.yaml
is "paths that are too long for a configuration aren't in it" 0 "$status"
rm -rf deep

# What may not be read. Root may read everything, so it becomes nobody for these.

mkdir bin shut shut/folder
cp "$JWTWATCH" bin/jwtwatch
[ ! -e "$top_builddir/crypto_openssl.so" ] || cp "$top_builddir/crypto_openssl.so" bin
page shut/open.html "$(token '{}')"
page shut/closed.html "$(token '{}')"
page shut/folder/page.html "$(token '{}')"
chmod 755 . bin shut bin/*
chmod 644 shut/open.html
chmod 000 shut/closed.html shut/folder
as=''
[ "$(id -u)" != 0 ] || as='setpriv --reuid=65534 --regid=65534 --clear-groups'
# shellcheck disable=SC2086
run $as "$work/bin/jwtwatch" discover "$work/shut"
is "what can't be read: exit code 1, each is named" "1 $work/shut/closed.html $work/shut/folder" \
	"$status $(sed 's/^jwtwatch: \(.*\): permission denied for uid [0-9]*$/\1/' err | sort | tr '\n' ' ' | sed 's/ $//')"
is "... and the rest is found" 1 "$(reference yaml out | wc -l)"
says "... and the YAML says that something is missing" "# Not looked at: 2, told on standard error." out
chmod 700 shut/folder
plan
