/* SPDX-License-Identifier: MIT */
/* A network that keeps each request until the test answers it, and timers that fire when told. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "core/runner.h"

#define FAKE_TRANSFERS 32
#define FAKE_TIMERS 32

struct jw_transfer {
	jw_http_done *done;
	void *context;
	bool is_out;
	char url[512];
	char method[16];
	char headers[1024]; /* a line each */
	char body[512];
	int64_t timeout_ms;
	enum jw_redirects redirects;
	char server_name[64];
	char ca_file[64];
	char client_certificate[64];
};

struct jw_timer {
	void (*due)(void *context);
	void *context;
	int64_t ms; /* < 0: disarmed */
	bool is_used;
};

static struct jw_transfer fake_transfers[FAKE_TRANSFERS];
static size_t fake_transfer_count;
static struct jw_timer fake_timers[FAKE_TIMERS];

static inline struct jw_transfer *fake_start(void *self, const struct jw_http_request *request,
					     jw_http_done *done, void *context)
{
	struct jw_transfer *transfer = &fake_transfers[fake_transfer_count++];
	size_t used = 0;

	(void)self;
	if (fake_transfer_count > FAKE_TRANSFERS)
		abort();
	*transfer = (struct jw_transfer){.done = done,
					 .context = context,
					 .is_out = true,
					 .timeout_ms = request->timeout_ms,
					 .redirects = request->redirects};
	snprintf(transfer->url, sizeof(transfer->url), "%s", request->url);
	snprintf(transfer->method, sizeof(transfer->method), "%s",
		 request->method ? request->method : "");
	snprintf(transfer->body, sizeof(transfer->body), "%.*s", JW_STR_ARG(request->body));
	snprintf(transfer->server_name, sizeof(transfer->server_name), "%s",
		 request->server_name ? request->server_name : "");
	snprintf(transfer->ca_file, sizeof(transfer->ca_file), "%s",
		 request->ca_file ? request->ca_file : "");
	snprintf(transfer->client_certificate, sizeof(transfer->client_certificate), "%s",
		 request->client_certificate ? request->client_certificate : "");
	for (const char *const *line = request->headers; line && *line; line++)
		used += (size_t)snprintf(transfer->headers + used,
					 sizeof(transfer->headers) - used, "%s\n", *line);
	return transfer;
}

static inline void fake_cancel(struct jw_transfer *transfer)
{
	transfer->is_out = false;
}

static inline struct jw_timer *fake_timer(void *self, void (*due)(void *context), void *context)
{
	size_t i = 0;

	(void)self;
	while (i < FAKE_TIMERS && fake_timers[i].is_used)
		i++;
	if (i == FAKE_TIMERS)
		abort();
	fake_timers[i] = (struct jw_timer){due, context, -1, true};
	return &fake_timers[i];
}

static inline void fake_arm(struct jw_timer *timer, int64_t ms)
{
	timer->ms = ms;
}

static inline void fake_timer_free(struct jw_timer *timer)
{
	if (timer)
		timer->is_used = false;
}

static inline size_t fake_timers_used(void)
{
	size_t used = 0;

	for (size_t i = 0; i < FAKE_TIMERS; i++)
		used += fake_timers[i].is_used;
	return used;
}

/* Fires the timers that are due within so many milliseconds. */
static inline void fake_pass(int64_t ms)
{
	for (size_t i = 0; i < FAKE_TIMERS; i++) {
		struct jw_timer *timer = &fake_timers[i];

		if (!timer->is_used || timer->ms < 0 || timer->ms > ms)
			continue;
		timer->ms = -1;
		timer->due(timer->context);
	}
}

static struct jw_net fake_net = {
	.loop = {.timer = fake_timer, .arm = fake_arm, .timer_free = fake_timer_free},
	.http = {.start = fake_start, .cancel = fake_cancel},
};

static inline const struct jw_net *fake_open(void *context, struct jw_err *err)
{
	(void)context;
	(void)err;
	return &fake_net;
}

/* The answer to the request of this number, counted from 0. */
static inline void fake_answer(size_t index, struct jw_http_reply reply)
{
	struct jw_transfer *transfer = &fake_transfers[index];

	if (index >= fake_transfer_count || !transfer->is_out)
		abort();
	transfer->is_out = false;
	if (!reply.url)
		reply.url = transfer->url;
	transfer->done(transfer->context, &reply);
}

static inline size_t fake_out(void)
{
	size_t out = 0;

	for (size_t i = 0; i < fake_transfer_count; i++)
		out += fake_transfers[i].is_out;
	return out;
}

static inline void fake_reset(void)
{
	memset(fake_transfers, 0, sizeof(fake_transfers));
	memset(fake_timers, 0, sizeof(fake_timers));
	fake_transfer_count = 0;
}
