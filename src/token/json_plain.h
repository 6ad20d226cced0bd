/* SPDX-License-Identifier: MIT */
/* JSON as most of it is written, read in a fraction of jansson's time. */
#pragma once

#include "base/str.h"

#include <jansson.h>

/* What jw_json_parse makes of this text, where its texts are ASCII without escapes and its numbers are integers of up to 18
 * digits. NULL: it is written in another way, or isn't right. The caller owns it. */
json_t *jw_json_plain(struct jw_str text);
