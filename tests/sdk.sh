#!/bin/sh
# SPDX-License-Identifier: MIT
# Tokens as the world makes them: LiveKit's Node and Python SDKs, jose, PyJWT, and by hand as a control. Never a wrong verdict.
# JWTWATCH_SDK: the folder that the makers are installed in, where not in the build's.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

sdk=${JWTWATCH_SDK:-$top_builddir/sdk}
made=$work/made
mkdir "$made" "$work/pages"
make_secret "$work/secret"

# NAME COMMAND...: a manifest of tokens; what went wrong is shown, since no token is in it.
make_tokens()
{
	manifest=$made/$1.json
	shift
	"$@" > "$manifest" 2> "$work/make.err" && return
	rm -f "$manifest"
	sed 's/eyJ[A-Za-z0-9_.-]*/[token]/g; s/^/# /' "$work/make.err" | head -n 20
	return 1
}

make_with_node()
{
	cp "$top_srcdir/tests/sdk/make.mjs" "$sdk/node/make.mjs" &&
		make_tokens node node "$sdk/node/make.mjs" "$work/secret"
}

# What judge.py printed, as TAP.
results()
{
	while read -r word rest; do
		case $word in
		ok) ok "$rest" ;;
		not) not_ok "$rest" ;;
		*) diag "$rest" ;;
		esac
	done < "$work/results"
}

if sh "$top_srcdir/tests/sdk/install" "$sdk" > "$work/install.log" 2>&1; then
	ok "the makers of tokens are installed"
else
	not_ok "the makers of tokens are installed"
	sed 's/^/# /' "$work/install.log" | tail -n 20
fi
holds "livekit-server-sdk and jose make tokens" make_with_node
holds "tokens are made by hand" make_tokens by-hand "$python" "$top_srcdir/tests/sdk/make.py" by-hand "$work/secret"
if [ -e "$sdk/python-missing" ]; then
	skip "sdk python: PyPI can't be reached" "pip found no way to it"
else
	holds "PyJWT makes tokens" \
		make_tokens python "$sdk/python/bin/python" "$top_srcdir/tests/sdk/make.py" pyjwt "$work/secret"
	holds "LiveKit's Python SDK makes tokens" \
		make_tokens livekit-api "$sdk/python/bin/python" "$top_srcdir/tests/sdk/make.py" livekit-api "$work/secret"
fi

judged=0
"$python" "$top_srcdir/tests/sdk/judge.py" "$JWTWATCH" "$work/secret" "$work/pages" "$made"/*.json \
	> "$work/results" 2> "$work/judge.err" || judged=$?
results
is "judge.py came to its end" 0 "$judged"
[ "$judged" = 0 ] || sed 's/eyJ[A-Za-z0-9_.-]*/[token]/g; s/^/# /' "$work/judge.err" | tail -n 5

compared=0
cp "$top_srcdir/tests/sdk/mint.mjs" "$sdk/node/mint.mjs"
node "$sdk/node/mint.mjs" "$JWTWATCH" "$work/secret" > "$work/results" 2> "$work/mint.err" || compared=$?
results
is "mint.mjs came to its end" 0 "$compared"
[ "$compared" = 0 ] || sed 's/eyJ[A-Za-z0-9_.-]*/[token]/g; s/^/# /' "$work/mint.err" | tail -n 5
plan
