#!/bin/sh
# SPDX-License-Identifier: MIT
# Renewals that the daemon starts by itself, by tests/daemon_renew.py.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

sanitized && export JW_PATIENCE=60 JW_SOON=5
"$python" "$top_srcdir/tests/daemon_renew.py"
