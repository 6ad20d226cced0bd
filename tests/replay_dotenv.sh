#!/bin/sh
# SPDX-License-Identifier: MIT
# Every input that fuzzing once found worth keeping, once more.
exec "${top_builddir:?}/replay_dotenv" "${top_srcdir:?}/fuzz/corpus/dotenv"
