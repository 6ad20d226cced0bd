/* SPDX-License-Identifier: MIT */
/* Buckets of requests. */
#include "core/rate.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define MINUTE_MS INT64_C(60000)
#define NAME_MAX_BYTES 64

struct bucket {
	char client[NAME_MAX_BYTES]; /* "": nobody's */
	int64_t used;  /* requests, in MINUTE_MS-ths, that haven't run out again */
	int64_t at_ms; /* as of then */
};

struct jw_rate {
	size_t count;
	struct bucket buckets[];
};

struct jw_rate *jw_rate_new(size_t clients)
{
	struct jw_rate *rate = jw_xcalloc(1, sizeof(*rate) + clients * sizeof(struct bucket));

	rate->count = clients;
	return rate;
}

void jw_rate_free(struct jw_rate *rate)
{
	free(rate);
}

static int64_t used_at(const struct bucket *bucket, int64_t per_minute, int64_t now_ms)
{
	int64_t passed = now_ms - bucket->at_ms;

	if (passed >= MINUTE_MS || passed * per_minute >= bucket->used)
		return 0;
	return passed > 0 ? bucket->used - passed * per_minute : bucket->used;
}

/* The client's own, else one that nobody misses. */
static struct bucket *bucket_of(struct jw_rate *rate, const char *client, int64_t per_minute,
				int64_t now_ms)
{
	struct bucket *spare = NULL;

	for (size_t i = 0; i < rate->count; i++) {
		struct bucket *bucket = &rate->buckets[i];

		if (!strcmp(bucket->client, client))
			return bucket;
		if (!spare && !used_at(bucket, per_minute, now_ms))
			spare = bucket;
	}
	if (spare) {
		memset(spare, 0, sizeof(*spare));
		snprintf(spare->client, sizeof(spare->client), "%s", client);
	}
	return spare;
}

int64_t jw_rate_take(struct jw_rate *rate, const char *client, int64_t per_minute,
		     int64_t now_ms)
{
	struct bucket *bucket = bucket_of(rate, client, per_minute, now_ms);
	int64_t over;

	if (!bucket)
		return MINUTE_MS;
	bucket->used = used_at(bucket, per_minute, now_ms);
	bucket->at_ms = now_ms;
	over = bucket->used + MINUTE_MS - per_minute * MINUTE_MS;
	if (over > 0)
		return (over + per_minute - 1) / per_minute;
	bucket->used += MINUTE_MS;
	return 0;
}
