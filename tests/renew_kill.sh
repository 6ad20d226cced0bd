#!/bin/sh
# SPDX-License-Identifier: MIT
# A renewal that is killed at any of its system calls, or kept from writing: the page is the old or the new one, whole.
top_srcdir=${top_srcdir:-$(dirname "$0")/..}
# shellcheck source=tests/tap.sh
. "$top_srcdir/tests/tap.sh"

sanitized && export JW_PATIENCE=60
"$python" "$top_srcdir/tests/renew_kill.py"
