#!/bin/sh
# SPDX-License-Identifier: MIT
# By tests/daemon_hosts.py.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

sanitized && export JW_PATIENCE=60
"$python" "$top_srcdir/tests/daemon_hosts.py"
