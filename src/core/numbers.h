/* SPDX-License-Identifier: MIT */
/* The numbers of one result, as metrics tell them: made once when the result is there, written as often as asked. */
#pragma once

#include "core/runner.h"

#define JW_UNSET INT64_MIN /* not known: no sample */

enum { JW_PHASES = 5 };

/* Each JW_UNSET where it isn't known. */
struct jw_network_numbers {
	int64_t phase_us[JW_PHASES];
	int64_t http_status;
	int64_t certificate_expires[JW_AT_SINK + 1];
	int64_t clock_skew[2]; /* source, livekit */
	int64_t livekit_us;
	int64_t livekit_key_accepted;
};

/* Of 64 bits, JW_UNSET where it isn't known; of less, below 0. There is one for each target, and each page of metrics walks
 * over them all many times. */
struct jw_numbers {
	int64_t last_check; /* Unix time */
	int64_t exp;
	int64_t nbf;
	int64_t iat;
	int64_t lifetime;
	int64_t warning_ms; /* threshold in milliseconds */
	int64_t critical_ms;
	const struct jw_network_numbers *network; /* NULL: none of them is known */
	const char *info; /* labels of token_info as they are written; NULL: none */
	int32_t duration_ms;
	int32_t tokens;
	enum jw_state state : 8;
	enum jw_cause cause : 8;
	/* 0 or 1. */
	int8_t check_success;
	int8_t has_expiration;
	int8_t signature_valid;
	int8_t accepted;
	int8_t livekit_up;
};

/* Whatever isn't known may be left out of a page. What it points to lives in the arena. */
void jw_numbers_of(const struct jw_result *result, struct jw_arena *arena,
		   struct jw_numbers *ret_numbers);
/* Where no token could be read now, when the one of `before` ends and what else is known of it is carried over; `info` is
 * borrowed from there. Whether it is good isn't: nobody knows that now. */
void jw_numbers_keep(struct jw_numbers *now, const struct jw_numbers *before);
