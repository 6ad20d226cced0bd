/* SPDX-License-Identifier: MIT */
/* The token that the policy has allowed. */
#pragma once

#include "core/runner.h"
#include "core/token_policy.h"

/* Appends it, good from `now` on. Reads the key's secret, which may block. JW_SECRET_MISSING or JW_INTERNAL, and a sentence that
 * names the key. */
enum jw_cause jw_token_give(const struct jw_world *world, const struct jw_config *config,
			    const struct jw_token_wish *wish, int64_t now, struct jw_buf *token,
			    struct jw_err *err);
