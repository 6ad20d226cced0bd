/* SPDX-License-Identifier: MIT */
/* How often each client may come: a bucket for each that fills up over a minute. Reads no clock. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct jw_rate;

/* For so many clients at once. */
struct jw_rate *jw_rate_new(size_t clients);
void jw_rate_free(struct jw_rate *rate); /* takes NULL */
/* One request, where `per_minute` are allowed, all of them at once too. 0: it may come. Else in so many ms it may; the same
 * where there is no room for another client: none is forgotten that has used up anything. */
int64_t jw_rate_take(struct jw_rate *rate, const char *client, int64_t per_minute,
		     int64_t now_ms);
