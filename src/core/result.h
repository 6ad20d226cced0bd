/* SPDX-License-Identifier: MIT */
/* What is read out of a result's facts: the token, the exchange and the server that speak for it. */
#pragma once

#include "core/runner.h"

/* The token that the verdict hangs on; where it hangs on none, the first one to end; NULL: there is none. */
const struct jw_token *jw_result_token(const struct jw_result *result);
/* Seconds until exp, negative behind it; false where that can't be told. */
bool jw_token_left(const struct jw_token *token, int64_t now, int64_t *ret_left);
/* 0: unknown. */
int64_t jw_token_lifetime(const struct jw_token *token);

/* The HTTP exchange with the target itself, the first one; NULL: there was none. */
const struct jw_exchange *jw_result_exchange(const struct jw_result *result);
/* What is known of the target's LiveKit server: as the deciding token's, else as the first judged token's that has one. */
const struct jw_livekit *jw_result_livekit(const struct jw_result *result);
/* Whether it is known if a LiveKit server answers there: not where nobody asked, or our side failed. Takes NULL. */
bool jw_livekit_is_known(const struct jw_livekit *livekit);
/* The phases of an exchange in their order, ended by {0}. */
struct jw_phase_row {
	const char *name;
	size_t offset;
};
extern const struct jw_phase_row jw_phase_rows[];
/* Microseconds; -1: it didn't come to it. */
int64_t jw_phase_us(const struct jw_exchange *exchange, const struct jw_phase_row *row);
