/* SPDX-License-Identifier: MIT */
/* What is wrong with a text that isn't YAML, in the words of those who write one. */
#pragma once

#include "core/errors.h"

/* Where a byte of the text stands, in characters: libyaml gives no mark for what isn't
 * even text. */
struct jw_mark jw_yaml_mark(struct jw_str text, size_t offset);
/* What people mean by their text where libyaml only says where it got stuck, which is *at;
 * moves it to where that is written. NULL: nothing is likely. */
const char *jw_yaml_likely(struct jw_str text, struct jw_mark *at);
