/* SPDX-License-Identifier: MIT */
/* What the token API answers, as JSON. */
#pragma once

#include "core/token_policy.h"

#define JW_TOKEN_ANSWER_MAX ((size_t)256 * 1024)

/* {"token", "url", "room", "ttl_hours"}, or LiveKit's {"server_url", "participant_token"}. */
void jw_token_answer_write(const struct jw_token_wish *wish, const char *url,
			   struct jw_str token, struct jw_buf *buf);
/* {"error": "..."} */
void jw_token_error_write(const char *says, struct jw_buf *buf);
