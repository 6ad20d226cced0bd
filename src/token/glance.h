/* SPDX-License-Identifier: MIT */
/* The few claims that a list of tokens shows, read without building JSON: for thousands of ordinary tokens. */
#pragma once

#include "base/buf.h"

struct jw_glance {
	bool has_iss;
	struct jw_str iss; /* in the buffer that was lent */
	bool has_exp;
	int64_t exp;
	bool is_livekit; /* as jw_grants_is_livekit says */
};

/* True: jw_jwt_decode takes this token, whose header was taken before, and finds these claims in it. False: it may not, or
 * the token is in some way out of the ordinary (escapes, other letters than ASCII, blanks, numbers with fractions, exp of
 * an odd kind): who wants to know decodes it. `header` is the header's segment of a token that was decoded without
 * fault. The buffer is overwritten. */
bool jw_glance(struct jw_str token, struct jw_str header, struct jw_buf *buf,
	       struct jw_glance *ret_glance);
