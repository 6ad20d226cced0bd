#!/bin/sh
# SPDX-License-Identifier: MIT
# Every input that fuzzing once found worth keeping, once more.
exec "${top_builddir:?}/replay_signal" "${top_srcdir:?}/fuzz/corpus/signal"
