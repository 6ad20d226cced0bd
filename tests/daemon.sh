#!/bin/sh
# SPDX-License-Identifier: MIT
# The daemon as its users meet it, by tests/daemon.py.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

# What must come within a second comes later in a build that is many times slower.
if sanitized; then
	export JW_PATIENCE=60 JW_SOON=5
fi
"$python" "$top_srcdir/tests/daemon.py"
