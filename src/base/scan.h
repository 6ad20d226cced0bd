/* SPDX-License-Identifier: MIT */
/* What looks at every byte of large texts: with AVX2 where the processor has it. */
#pragma once

#include "base/str.h"

/* Where the three bytes of `literal` stand first in text from `at` on; text.len: nowhere. */
size_t jw_scan_find(struct jw_str text, size_t at, const char literal[3]);
/* How often c is in it. */
size_t jw_scan_count(struct jw_str text, char c);
