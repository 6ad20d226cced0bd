/* SPDX-License-Identifier: MIT */
/* What a check may ask of the network through its run. */
#include <string.h>

#include "base/url.h"
#include "core/errors.h"
#include "core/run.h"
#include "token/find.h"

/* By so much the transport's clock and the one here may differ. */
#define CLOCKS_MS 20

const struct jw_net *jw_run_net(const struct jw_run *run, struct jw_err *err)
{
	if (run->world->net)
		return run->world->net(run->world->net_context, err);
	jw_fail(err, JW_INTERNAL, "there is no network here");
	return NULL;
}

const char *jw_run_masked(struct jw_run *run, const char *url)
{
	jw_autobuf struct jw_buf masked = JW_BUF(2 * JW_URL_MAX);

	jw_url_mask(&masked, jw_str_of(url));
	jw_find_scrub(masked.ptr);
	return jw_arena_text(run->arena, jw_str_of(masked.ptr));
}

static int64_t seconds_of(int64_t us)
{
	return us > 0 ? us / 1000000 : 0;
}

/* The server looked at its clock between the end of our request and the first byte of its answer: what lies between
 * is no difference. */
static bool clock_offset(const struct jw_world *world, const struct jw_http_reply *reply,
			 int64_t *ret_offset)
{
	int64_t first_byte;
	int64_t sent;

	if (!reply->has_date || world->is_simulated)
		return false;
	first_byte =
		world->clock->wall(world->clock->self) - seconds_of(reply->phases.transfer_us);
	sent = first_byte - seconds_of(reply->phases.wait_us);
	if (reply->date > first_byte)
		*ret_offset = reply->date - first_byte;
	else
		*ret_offset = reply->date < sent ? reply->date - sent : 0;
	return true;
}

struct jw_answer_seen jw_run_seen(const struct jw_http_reply *reply, const char *url)
{
	return (struct jw_answer_seen){
		.status = reply->status,
		.content_type = jw_http_header(reply, "content-type"),
		.body = reply->body,
		.url = jw_str_of(url),
		.location = jw_http_header(reply, "location"),
	};
}

struct jw_exchange jw_run_exchange(const struct jw_world *world, enum jw_at at, const char *url,
				   const struct jw_http_reply *reply)
{
	struct jw_exchange exchange = {
		.at = at,
		.url = url,
		.status = reply->status,
		.dns_us = reply->phases.dns_us,
		.connect_us = reply->phases.connect_us,
		.tls_us = reply->phases.tls_us,
		.wait_us = reply->phases.wait_us,
		.transfer_us = reply->phases.transfer_us,
		.total_us = reply->phases.total_us,
		.certificate_expires = reply->certificate_expires,
		.proxy = reply->proxy,
	};

	exchange.has_clock = clock_offset(world, reply, &exchange.clock_offset);
	return exchange;
}

void jw_run_note_exchange(struct jw_run *run, const struct jw_exchange *exchange)
{
	struct jw_facts *facts = run->facts;

	facts->exchanges = jw_arena_grow(run->arena, facts->exchanges, facts->exchange_count,
					 sizeof(*facts->exchanges));
	facts->exchanges[facts->exchange_count++] = *exchange;
}

/* Whose time was up: the target's own, or the whole run's. */
void jw_run_say_timeout(struct jw_run *run, enum jw_cause *cause, const char **says)
{
	if (*cause != JW_TIMEOUT || !run->is_capped || jw_run_left_ms(run) > CLOCKS_MS)
		return;
	*cause = JW_DEADLINE;
	*says = "the whole run's time (-t) was up before the answer was there";
}

/* `"VALUE"`, free of tokens; NULL: the answer has no such header. */
static const char *shown_header(struct jw_run *run, const struct jw_http_reply *reply,
				const char *name)
{
	struct jw_str value = jw_http_header(reply, name);
	char quote[JW_QUOTE_TEXT];
	char *copy;

	if (!jw_str_trim(value).len)
		return NULL;
	copy = jw_arena_alloc(run->arena, value.len + 1);
	memcpy(copy, value.ptr, value.len);
	jw_find_scrub(copy);
	jw_errors_quote(jw_str_of(copy), quote);
	return jw_arena_text(run->arena, jw_str_of(quote));
}

/* Of two copies that differ one wants to know what serves the old one. */
static const char *server_of(struct jw_run *run, const struct jw_http_reply *reply)
{
	const char *server = shown_header(run, reply, "server");
	const char *via = shown_header(run, reply, "via");

	if (!via)
		return server;
	return jw_arena_printf(run->arena, "%s%sVia %s%s", server ? server : "",
			       server ? " (" : "", via, server ? ")" : "");
}

static void replied(void *context, const struct jw_http_reply *reply)
{
	struct jw_run *run = context;
	struct jw_exchange exchange;

	run->transfer = NULL;
	run->reply = *reply;
	jw_run_say_timeout(run, &run->reply.cause, &run->reply.says);
	exchange = jw_run_exchange(run->world, JW_AT_SOURCE, jw_run_masked(run, reply->url),
				   reply);
	if (reply->proxy)
		exchange.proxy = jw_arena_text(run->arena, jw_str_of(reply->proxy));
	if (run->target->same_as)
		exchange.server = server_of(run, reply);
	jw_run_note_exchange(run, &exchange);
	jw_run_resume(run);
}

static enum jw_next no_answer(struct jw_run *run, enum jw_cause cause, const char *says)
{
	run->reply = (struct jw_http_reply){
		.cause = cause,
		.says = jw_arena_text(run->arena, jw_str_of(says)),
	};
	jw_run_say_timeout(run, &run->reply.cause, &run->reply.says);
	return JW_NEXT;
}

static void replied_beforehand(void *context, const struct jw_http_reply *reply)
{
	struct jw_run *run = context;

	run->transfer = NULL;
	run->reply = *reply;
	jw_run_say_timeout(run, &run->reply.cause, &run->reply.says);
	jw_run_resume(run);
}

static enum jw_next get(struct jw_run *run, const struct jw_http_request *request,
			const char *certificate, jw_http_done *answered)
{
	struct jw_http_request filled = *request;
	const struct jw_net *net;
	struct jw_err err;

	if (jw_run_is_late(run))
		return no_answer(run, JW_TIMEOUT, "no time was left to ask");
	net = jw_run_net(run, &err);
	if (!net)
		return no_answer(run, JW_INTERNAL, err.text);
	filled.timeout_ms = jw_run_left_ms(run);
	filled.ca_file = run->target->ca_file;
	filled.client_certificate = certificate;
	run->transfer = net->http.start(net->http.self, &filled, answered, run);
	return JW_WAIT;
}

enum jw_next jw_run_get(struct jw_run *run, const struct jw_http_request *request)
{
	return get(run, request, run->target->client_certificate, replied);
}

enum jw_next jw_run_preflight(struct jw_run *run, const struct jw_http_request *request)
{
	return get(run, request, NULL, replied_beforehand);
}

const struct jw_http_reply *jw_run_reply(const struct jw_run *run)
{
	return &run->reply;
}

bool jw_run_secret(struct jw_run *run, const struct jw_secret *secret, const char *place,
		   struct jw_buf *buf)
{
	struct jw_err err;

	if (!jw_secret_read(secret, run->world->files, buf, &err))
		return true;
	jw_run_note_failure(run, place, err.cause, "%s", err.text);
	return false;
}

void jw_run_stop_waiting(struct jw_run *run)
{
	if (run->transfer)
		jw_run_net(run, NULL)->http.cancel(run->transfer);
	run->transfer = NULL;
	if (run->child)
		jw_run_exec(run, NULL)->cancel(run->child);
	run->child = NULL;
	jw_asks_forget(&run->accepting.waiter);
}

void jw_run_freshness(struct jw_run *run, struct jw_freshness freshness)
{
	run->facts->freshness = freshness;
}
