/* SPDX-License-Identifier: MIT */
/* What a request carries: header lines and a body, whose values may be secrets. */
#pragma once

#include "contract/check.h"

#define JW_SENT_HEADERS_MAX 64
/* Of one value, and of the body. */
#define JW_SENT_MAX ((size_t)1 << 20)

struct jw_sent {
	/* "Name: value", NULL-ended: with Authorization, Content-Type and Origin. */
	const char *lines[JW_SENT_HEADERS_MAX + 4];
	struct jw_buf body;
	struct jw_buf text; /* of the lines, a NUL behind each */
};

/* Whether a header of that name is among them (NULL: none). */
bool jw_sent_has(const struct jw_header *headers, const char *name);
/* Reads what is configured, any of which may be NULL; at most JW_SENT_HEADERS_MAX headers. False: what is missing has been
 * reported. jw_sent_done frees it in any case. */
bool jw_sent_read(struct jw_run *run, const struct jw_header *headers,
		  const struct jw_secret *bearer, const struct jw_secret *body,
		  const char *origin, struct jw_sent *ret_sent);
void jw_sent_done(struct jw_sent *sent);
