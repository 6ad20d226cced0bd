/* SPDX-License-Identifier: MIT */
/* What `discover` found: targets for a person to keep, or places for a program. */
#pragma once

#include "core/discover.h"

/* A configuration that loads as it is: a target for each file with LiveKit tokens, those for other files as comments; where
 * there is no LiveKit token at all, a target for each file. */
void jw_discover_yaml(const struct jw_discovery *discovery, struct jw_buf *buf);
/* One object; each token on a line of its own. */
void jw_discover_json(const struct jw_discovery *discovery, struct jw_buf *buf);
