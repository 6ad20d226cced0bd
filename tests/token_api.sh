#!/bin/sh
# SPDX-License-Identifier: MIT
# The daemon's token API and its files: tests/token_api.py. Tokens are verified by LiveKit's Node SDK.
# JWTWATCH_SDK: the folder that the SDK is installed in, where not in the build's.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

sdk=${JWTWATCH_SDK:-$top_builddir/sdk}
sh "$top_srcdir/tests/sdk/install" "$sdk" > "$work/install.log" 2>&1 || sed 's/^/# /' "$work/install.log" | tail -n 20
sanitized && export JW_PATIENCE=60 JW_GROWTH_KIB=65536
"$python" "$top_srcdir/tests/token_api.py" "$sdk"
