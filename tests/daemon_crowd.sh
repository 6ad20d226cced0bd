#!/bin/sh
# SPDX-License-Identifier: MIT
# By tests/daemon_crowd.py: a build with sanitizers may take longer.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

if sanitized; then
	export JW_PATIENCE=60 JW_SLOWER=10
fi
"$python" "$top_srcdir/tests/daemon_crowd.py"
