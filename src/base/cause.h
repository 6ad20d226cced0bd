/* SPDX-License-Identifier: MIT */
/* The numbers of the causes. What a number means stands in verdict/cause.def, once. */
#pragma once

/* JW_OK is 0, so `if (cause)` reads as "if something is wrong". The order here means nothing:
 * output never shows the number, and verdict/cause.c proves that each has its row. */
enum jw_cause {
	JW_OK = 0,
	JW_FILE_MISSING,
	JW_FILE_UNREADABLE,
	JW_PATTERN_LIMIT,
	JW_TOKEN_NOT_FOUND,
	JW_PLACEHOLDER,
	JW_TOKEN_MALFORMED,
	JW_ALGORITHM_REFUSED,
	JW_SIGNATURE_INVALID,
	JW_KEY_UNKNOWN,
	JW_EXPIRING,
	JW_EXPIRED,
	JW_NOT_YET_VALID,
	JW_NO_EXPIRY,
	JW_EXPIRY_INVALID,
	JW_LIFETIME_UNKNOWN,
	JW_CLOCK_SKEW,
	JW_ISSUER_MISMATCH,
	JW_AUDIENCE_MISMATCH,
	JW_SUBJECT_MISMATCH,
	JW_ROOM_MISMATCH,
	JW_IDENTITY_MISMATCH,
	JW_LIFETIME_TOO_SHORT,
	JW_LIFETIME_TOO_LONG,
	JW_GRANT_FORBIDDEN,
	JW_SECRET_MISSING,
	JW_CONFIG,
	JW_DEADLINE,
	JW_INTERNAL,
	JW_CAUSE_COUNT
};
