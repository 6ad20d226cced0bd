#!/bin/sh
# SPDX-License-Identifier: MIT
# By tests/daemon_hang.py: fewer targets in a build that is many times slower and larger.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

if sanitized; then
	export JW_PATIENCE=60 JW_LAG=5
	"$python" "$top_srcdir/tests/daemon_hang.py" --targets 1000 --seconds 10
else
	"$python" "$top_srcdir/tests/daemon_hang.py"
fi
