/* SPDX-License-Identifier: MIT */
/* The configuration's rules as a JSON Schema (2020-12), for editors. */
#pragma once

#include "base/buf.h"

/* All from the option tables. An editor sees YAML's types where jwtwatch reads texts, so a text may be a number there.
 * What one option alone doesn't tell (thresholds in order, names that differ) isn't in it. */
void jw_schema_write(struct jw_buf *buf);
