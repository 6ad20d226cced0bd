#!/bin/sh
# SPDX-License-Identifier: MIT
# What a run doesn't need isn't loaded; what it needs is found where it is installed, and nowhere else.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

cd "$work" || exit 1
make_secret secret
page good.html "$(token '{}')"
heavy='crypto|/libssl|curl'
foreign='/libssl|curl'
# The loop is a part of the program; where libevent isn't linked in, it comes with it.
if grep -q '^EVENT_LIBS = .*\.a' "$top_builddir/Makefile"; then
	heavy="$heavy|libevent"
	foreign="$foreign|libevent"
fi

# COMMAND...: the libraries that the dynamic loader opens for it, into the file loaded.
loader_says()
{
	rm -f loader.*
	status=0
	LD_DEBUG=files LD_DEBUG_OUTPUT=$work/loader timeout -k 5 "$limit" "$@" > out 2> err || status=$?
	cat loader.* > loader
	sed -n 's/.*calling init: \(.*\)/\1/p' loader | sort -u > loaded
}

# NAME EXIT-CODE COMMAND...
loads_nothing()
{
	row=$1
	code=$2
	shift 2
	loader_says "$@"
	is "$row: no module, no heavy library" "exit code $code, 0" \
		"exit code $status, $(grep -cE "$heavy" loaded)"
	holds "... and the loader was listened to" grep -q libc loaded
}

# NAME EXIT-CODE COMMAND...
loads_crypto()
{
	row=$1
	code=$2
	shift 2
	loader_says "$@"
	is "$row: loads the module for crypto, and libcrypto" "exit code $code, 2" \
		"exit code $status, $(grep -cE '/crypto_openssl\.so$|/libcrypto\.so' loaded)"
	is "... and nothing else that is heavy" 0 "$(grep -cE "$foreign" loaded)"
}

cat > jwtwatch.yaml << 'END'
keys: {livekit: {issuer: devkey, secret: {file: secret}}}
targets:
  - {name: page, check: html_file, path: good.html}
  - {name: signed, check: html_file, path: good.html, key: livekit}
END

loads_nothing "html_file, text" 0 "$JWTWATCH" html_file --path good.html
loads_nothing "html_file, nagios" 0 "$JWTWATCH" html_file -o nagios --path good.html
loads_nothing "html_file, prometheus" 0 "$JWTWATCH" html_file -o prometheus --path good.html
loads_nothing "html_file with a pattern, text" 0 "$JWTWATCH" html_file --path good.html --pattern "$token_pattern"
loads_nothing "check of a target without a key" 0 "$JWTWATCH" check -f jwtwatch.yaml page
loads_nothing "a page that isn't there" 2 "$JWTWATCH" html_file --path no-such-page.html
loads_nothing "command, text" 0 "$JWTWATCH" command --command cat --command good.html
loads_nothing "config" 0 "$JWTWATCH" config -f jwtwatch.yaml
loads_nothing "explain" 0 "$JWTWATCH" explain
loads_nothing "help" 0 "$JWTWATCH" help
loads_nothing "version" 0 "$JWTWATCH" version
loads_crypto "html_file, json" 0 "$JWTWATCH" html_file -o json --path good.html
loads_crypto "html_file with a key, text" 0 "$JWTWATCH" html_file --path good.html --key-file secret
loads_crypto "html_file with a key, nagios" 0 "$JWTWATCH" html_file -o nagios --path good.html --key-file secret
loads_crypto "check of a target with a key" 0 "$JWTWATCH" check -f jwtwatch.yaml signed
token "{}" > good.token
loads_crypto "inspect" 0 "$JWTWATCH" inspect @good.token

# The process itself, while it waits for the end of its input. Its maps are for root alone, since tokens are in it.

# FORMAT: the libraries that the waiting process has mapped, into the file mapped.
mapped_in()
{
	mkfifo input
	exec 8<> input
	cat good.html > input
	"$JWTWATCH" html_file -o "$1" --path - -t 30s < input > out 2> err &
	process=$!
	wait_until_waiting $process
	awk '$6 ~ /\// { print $6 }' /proc/$process/maps | sort -u > mapped
	kill $process
	wait $process 2> /dev/null
	exec 8>&-
	rm input
}

if [ "$(id -u)" = 0 ]; then
	for format in text nagios prometheus; do
		mapped_in $format
		is "$format, by /proc/PID/maps: no module, no heavy library" 0 "$(grep -cE "$heavy" mapped)"
		holds "... and the program was looked at" grep -qxF "$JWTWATCH" mapped
	done
fi

# Installed: the program linked once more, with a folder of this test in the place of --prefix.

# NAME: a variable of the build's Makefile.
made_with()
{
	sed -n "s/^$1 = //p" "$top_builddir/Makefile"
}

mkdir -p installed/bin installed/lib/jwtwatch beside

link_installed()
{
	# Many words each, as make has them.
	# shellcheck disable=SC2046
	(cd "$top_builddir" &&
		${CC:-cc} -include config.h -I. "-I$top_srcdir/src" "-I$top_srcdir" $(made_with JW_CPPFLAGS) \
			$(made_with CPPFLAGS) $(made_with CFLAGS) $(made_with JW_CFLAGS) -fPIE \
			"-DBINDIR=\"$work/installed/bin\"" "-DPKGLIBDIR=\"$work/installed/lib/jwtwatch\"" \
			-c "$top_srcdir/src/adapter/modules.c" -o "$work/modules.o" &&
		${CC:-cc} $(made_with CFLAGS) $(made_with JW_CFLAGS) -pie $(made_with JW_LDFLAGS) $(made_with LDFLAGS) \
			-o "$work/installed/bin/jwtwatch" src/app/main.o "$work/modules.o" libapp.a \
			liboutput.a libcore.a libchecks.a libcore.a libadapter.a libverdict.a liblivekit.a libtoken.a \
			libbase.a $(made_with EVENT_LIBS) $(made_with YAML_LIBS) $(made_with JANSSON_LIBS) $(made_with PCRE2_LIBS) \
			$(made_with LIBS)) > link.log 2>&1
}

holds "the program is linked for another place" link_installed
sed 's/^/# /' link.log | tail -n 5
cp "$top_builddir/crypto_openssl.so" installed/lib/jwtwatch
judged "an installed program finds its module" OK ok \
	installed/bin/jwtwatch html_file -o json --path good.html --key-file secret
mv installed/lib/jwtwatch/crypto_openssl.so installed/bin
judged "an installed program takes no module from beside itself" UNKNOWN internal \
	installed/bin/jwtwatch html_file -o json --path good.html --key-file secret
mv installed/bin/crypto_openssl.so .
export LD_LIBRARY_PATH="$work"
judged "... nor from the folder that it was started in, nor from one that the environment names" UNKNOWN internal \
	installed/bin/jwtwatch html_file -o json --path good.html --key-file secret
unset LD_LIBRARY_PATH
ln -s "$JWTWATCH" beside/jwtwatch
judged "a program in its build folder finds its module through a link" OK ok \
	beside/jwtwatch html_file -o json --path good.html --key-file secret
plan
