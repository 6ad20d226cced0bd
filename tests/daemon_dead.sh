#!/bin/sh
# SPDX-License-Identifier: MIT
# By tests/daemon_dead.py.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

export JW_SHIM="$work/shim.so"
"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o "$JW_SHIM" "$top_srcdir/tests/watchdog.c" || exit 1
# A sanitizer's run time wants to be loaded first, which it need not be for this.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
sanitized && export JW_PATIENCE=60 JW_SOON=20
"$python" "$top_srcdir/tests/daemon_dead.py"
