/* SPDX-License-Identifier: MIT */
/* How long caches may keep an answer, by its headers (RFC 9111). */
#pragma once

#include "contract/http.h"
#include "verdict/facts.h"

/* Of all caches on the way, a browser's own included, the one that keeps it longest. Where the headers contradict each
 * other or can't be read, the answer counts as kept for no time, as caches are told to do (section 4.2.1). */
struct jw_freshness jw_freshness_read(const struct jw_http_reply *reply);
