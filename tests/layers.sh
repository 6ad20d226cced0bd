#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves the table of DESIGN.md section 3, on includes and on the symbols that each layer's library needs.
# Prints TAP. Wants top_srcdir, top_builddir, CC, AR and NM in the environment, as `make check` sets them.
set -eu

: "${top_srcdir:?}" "${top_builddir:?}" "${CC:?}" "${AR:?}" "${NM:?}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A layer, and the layers that it may include beside itself. The modules' contracts are implemented elsewhere,
# so what a header of contract/ declares may be used wherever contract/ may be included.
cat > "$work/table" <<'END'
may base
may token    base
may livekit  base token
may verdict  base token livekit
may contract base token verdict
may checks   base token livekit verdict contract
may core     base token livekit verdict contract
may output   base token livekit verdict contract core
may adapter  base verdict contract
may app      base token livekit verdict contract core output adapter checks
header jansson.h  token livekit core output
header pcre2.h    src/token/pattern.c
header yaml.h     src/core/yaml.c
header openssl/   adapter
header curl/      adapter
header event2/    adapter
header event.h    adapter
symbol json_      token livekit core output
symbol pcre2_     token
symbol yaml_      core
symbol EVP_       adapter
symbol curl_      (the module http_curl.so)
symbol SSL_       (the module http_curl.so)
symbol X509_      (the module http_curl.so)
symbol event_     adapter
clock time
clock clock
clock clock_gettime
clock clock_nanosleep
clock ftime
clock gettimeofday
clock localtime
clock localtime_r
clock mktime
clock nanosleep
clock sleep
clock timespec_get
clock tzset
clock usleep
END
libraries='base token livekit verdict checks core output adapter'

# ROOT: one line a file that includes what its layer may not know.
wrong_includes()
{
	(cd "$1" && find src checks -name '*.[ch]' -o -name '*.def' | sort |
		xargs awk '
		function layer_of(path) { sub(/^src\//, "", path); sub(/\/.*/, "", path); return path }
		function has(list, word) { return index(" " list " ", " " word " ") }
		FILENAME == table && $1 == "may" { layer = $2; $1 = $2 = ""; may[layer] = $0 " " layer; next }
		FILENAME == table && $1 == "header" { name = $2; $1 = $2 = ""; header[name] = $0; next }
		FILENAME == table { next }
		!/^[ \t]*#[ \t]*include/ { next }
		{
			own = layer_of(FILENAME)
			what = $0
			sub(/^[^<"]*[<"]/, "", what)
			sub(/[>"].*/, "", what)
			if ($0 ~ /"/ && !((layer_of(what)) in may))
				print FILENAME ":" FNR ": \"" what "\" names no layer"
			else if ($0 ~ /"/ && !has(may[own], layer_of(what)))
				print FILENAME ":" FNR ": " own " may not know " what
			for (name in header)
				if (index(what, name) == 1 && !has(header[name], own) && !has(header[name], FILENAME))
					print FILENAME ":" FNR ": <" what "> belongs to" header[name]
		}' table="$work/table" "$work/table")
}

# FOLDER of the libraries: lines "LAYER defines|needs SYMBOL OBJECT".
symbols_of()
{
	for layer in $libraries; do
		"$NM" -A -g "$1/lib$layer.a" 2>> "$work/nm" | awk -v layer="$layer" '
			{ object = $1; sub(/^[^:]*:/, "", object); sub(/:.*/, "", object) }
			{ print layer, $(NF - 1) == "U" ? "needs" : "defines", $NF, object }'
	done
}

# ROOT FOLDER: one line a symbol that its layer may not need.
wrong_symbols()
{
	grep -ohw 'jw_[a-z0-9_]*' "$1"/src/contract/*.h | sort -u | sed 's/^/declared /' > "$work/declared"
	symbols_of "$2" > "$work/symbols"
	awk '
		function has(list, word) { return index(" " list " ", " " word " ") }
		$1 == "may" { layer = $2; $1 = $2 = ""; may[layer] = $0 " " layer; next }
		$1 == "symbol" { name = $2; $1 = $2 = ""; prefix[name] = $0; next }
		$1 == "declared" { declared[$2]; next }
		$2 == "defines" { home[$3] = $1; next }
		$2 == "needs" { needs[$1 " " $3] = $4 }
		END {
			for (need in needs) {
				split(need, part, " ")
				layer = part[1]; symbol = part[2]; object = needs[need]
				for (name in prefix)
					if (index(symbol, name) == 1 && !has(prefix[name], layer))
						print layer ": " object " needs " symbol ", which belongs to" prefix[name]
				if (symbol !~ /^jw_/ || (symbol in declared && has(may[layer], "contract")))
					continue
				if (!(symbol in home))
					print layer ": " object " needs " symbol ", which no layer defines"
				else if (!has(may[layer], home[symbol]))
					print layer ": " object " needs " symbol " of " home[symbol]
			}
		}' "$work/table" "$work/declared" "$work/symbols" | sort
}

# FOLDER: one line a call by which a layer below the adapters would read a clock or sleep.
clock_calls()
{
	symbols_of "$1" | awk '
		$1 == "clock" { clock[$2]; next }
		NF == 4 && $1 != "adapter" && $2 == "needs" && $3 in clock { print $1 ": " $4 " calls " $3 }
	' "$work/table" - | sort
}

count=0
failed=0

result()
{
	count=$((count + 1))
	if [ "$1" = ok ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
	fi
}

# NAME FINDINGS: passes when there is none.
nothing_found()
{
	if [ -z "$2" ]; then
		result ok "$1"
		return
	fi
	echo "$2" | sed 's/^/# /'
	result bad "$1"
}

# NAME FINDINGS EXPECTED: passes when that finding is among them.
found()
{
	if echo "$2" | grep -qxF -e "$3"; then
		result ok "$1"
		return
	fi
	printf '%s\n' "expected: $3" "found: $2" | sed 's/^/# /'
	result bad "$1"
}

# A copy of the headers and sources to which one wrong line is added.
copy="$work/copy"
mkdir "$copy"
cp -R "$top_srcdir/src" "$top_srcdir/checks" "$copy"
chmod -R u+w "$copy"

# NAME FILE LINE EXPECTED
finds_include()
{
	cp "$copy/$2" "$work/whole"
	echo "$3" >> "$copy/$2"
	lines=$(awk 'END { print NR }' "$copy/$2")
	found "$1" "$(wrong_includes "$copy")" "$2:$lines: $4"
	cp "$work/whole" "$copy/$2"
}

# LAYER CODE: copies of the libraries, to one of which an object with this code is added.
spoil()
{
	rm -rf "$work/spoilt"
	mkdir "$work/spoilt"
	for layer in $libraries; do
		cp "$top_builddir/lib$layer.a" "$work/spoilt"
	done
	echo "$2" > "$work/spoilt/wrong.c"
	(cd "$work/spoilt" && $CC -w -c wrong.c -o wrong.o && "$AR" r "lib$1.a" wrong.o)
}

symbols=$(symbols_of "$top_builddir")

echo "1..15"
for layer in $libraries; do
	case $symbols in
	*"$layer defines jw_"*) result ok "the library of $layer is there" ;;
	*) result bad "the library of $layer is there" ;;
	esac
done
nothing_found "includes keep to the table" "$(wrong_includes "$top_srcdir")"
nothing_found "needed symbols keep to the table" "$(wrong_symbols "$top_srcdir" "$top_builddir")"
nothing_found "nothing below the adapters reads a clock" "$(clock_calls "$top_builddir")"

finds_include "a wrong include would be found" src/token/jwt.c \
	'#include "core/config.h"' "token may not know core/config.h"
finds_include "a foreign library's header would be found" src/core/runner.c \
	'#include <openssl/evp.h>' "<openssl/evp.h> belongs to  adapter"

spoil token 'int jw_runner_start(void); int wrong(void) { return jw_runner_start(); }'
found "a wrong symbol would be found" "$(wrong_symbols "$top_srcdir" "$work/spoilt")" \
	"token: wrong.o needs jw_runner_start of core"
spoil verdict 'long time(long *); long wrong(void) { return time(0); }'
found "a clock call would be found" "$(clock_calls "$work/spoilt")" "verdict: wrong.o calls time"
exit $failed
