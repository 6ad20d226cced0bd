/* SPDX-License-Identifier: MIT */
/* The module http_curl.so: a client by libcurl on the contract's loop; its transfers begin and end here. */
#include "adapter/http_curl.h"

#include <sys/resource.h>

#include "adapter/http_tls.h"
#include "contract/module.h"

/* As many descriptors as we may have, within reason. */
#define DESCRIPTORS_MAX 65536

/* To make a handle costs libcurl more than to take the options of one away. */
static CURL *take_easy(struct jw_client *client)
{
	return client->spare_count ? client->spares[--client->spare_count] : curl_easy_init();
}

/* Behind a reset it still says the number of the last error that the system gave it. */
static bool is_clean(CURL *easy)
{
	long number = 1;

	return !curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number) && !number;
}

/* The handle of one that libcurl brought to its end, and that paused nothing. A reset forgets a list of addresses only where
 * it was taken up; the list is freed with the transfer. */
static void keep_easy(struct jw_transfer *transfer)
{
	struct jw_client *client = transfer->client;

	if (!transfer->is_done || transfer->talk || client->spare_count == JW_HTTP_SPARES ||
	    !is_clean(transfer->easy))
		return;
	curl_easy_setopt(transfer->easy, CURLOPT_RESOLVE, NULL);
	curl_easy_reset(transfer->easy);
	client->spares[client->spare_count++] = transfer->easy;
	transfer->easy = NULL;
}

static void transfer_free(struct jw_transfer *transfer)
{
	transfer->client->loop.timer_free(transfer->deadline);
	if (transfer->wake)
		transfer->client->loop.timer_free(transfer->wake);
	if (transfer->easy)
		curl_easy_cleanup(transfer->easy);
	jw_tls_done(transfer);
	curl_slist_free_all(transfer->headers);
	curl_slist_free_all(transfer->connect_to);
	curl_slist_free_all(transfer->resolve);
	jw_buf_done(&transfer->lines);
	jw_buf_done(&transfer->content);
	jw_buf_done(&transfer->answer);
	jw_arena_done(&transfer->arena);
	free(transfer->err);
	free(transfer);
}

/* It has neither a deadline nor a part in anything any more. */
static void transfer_leave(struct jw_transfer *transfer)
{
	transfer->client->loop.arm(transfer->deadline, -1);
	jw_names_leave(transfer->client->names, &transfer->asker);
	if (transfer->stage == JW_STAGE_CURL)
		jw_shard_cease(transfer);
	if (transfer->wake)
		transfer->client->loop.arm(transfer->wake, -1);
	transfer->stage = JW_STAGE_ENDED;
	jw_shard_leave(transfer);
}

void jw_transfer_end(struct jw_transfer *transfer, enum jw_cause cause)
{
	struct jw_client *client = transfer->client;

	transfer->reply.cause = cause;
	jw_reply_measure(transfer);
	transfer_leave(transfer);
	if (!client->ended)
		client->loop.arm(client->deliver, 0);
	transfer->next = NULL;
	*client->ended_end = transfer;
	client->ended_end = &transfer->next;
}

enum jw_cause jw_transfer_fail(struct jw_transfer *transfer, enum jw_cause cause,
			       const char *format, ...)
{
	char text[JW_ERR_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!transfer->err)
		transfer->err = jw_xmalloc(sizeof(*transfer->err));
	jw_fail(transfer->err, cause, "%s", text);
	transfer->reply.says = transfer->err->text;
	return cause;
}

static void on_deadline(void *context)
{
	struct jw_transfer *transfer = context;

	jw_transfer_end(transfer, transfer->talked_us ? JW_OK : jw_say_timeout(transfer));
}

static struct jw_transfer *pop_ended(struct jw_client *client)
{
	struct jw_transfer *transfer = client->ended;

	if (!transfer)
		return NULL;
	client->ended = transfer->next;
	if (!client->ended)
		client->ended_end = &client->ended;
	return transfer;
}

static void client_free(struct jw_client *client)
{
	while (client->spare_count)
		curl_easy_cleanup(client->spares[--client->spare_count]);
	jw_shards_free(client);
	jw_names_free(client->names);
	jw_tls_close(client);
	client->loop.timer_free(client->deliver);
	free(client);
}

/* In a turn of its own, so that whoever is told may start, cancel and close as it likes. What ends meanwhile has
 * its own turn. */
static void on_deliver(void *context)
{
	struct jw_client *client = context;
	struct jw_transfer *transfer;

	client->is_delivering = true;
	while (!client->is_closed && (transfer = pop_ended(client))) {
		jw_reply_make(transfer);
		transfer->done(transfer->context, &transfer->reply);
		keep_easy(transfer);
		transfer_free(transfer);
	}
	client->is_delivering = false;
	if (client->is_closed)
		client_free(client);
}

static void drop_ended(struct jw_client *client, struct jw_transfer *transfer)
{
	struct jw_transfer **place = &client->ended;

	while (*place && *place != transfer)
		place = &(*place)->next;
	if (!*place)
		return;
	*place = transfer->next;
	if (!*place)
		client->ended_end = place;
}

static void cancel(struct jw_transfer *transfer)
{
	if (transfer->stage == JW_STAGE_ENDED)
		drop_ended(transfer->client, transfer);
	else
		transfer_leave(transfer);
	transfer_free(transfer);
}

static struct jw_transfer *transfer_new(struct jw_client *client,
					const struct jw_http_request *request,
					jw_http_done *done, void *context)
{
	struct jw_transfer *transfer = jw_xcalloc(1, sizeof(*transfer));

	transfer->client = client;
	transfer->done = done;
	transfer->context = context;
	transfer->start_us = jw_http_now_us();
	transfer->deadline = client->loop.timer(client->loop.self, on_deadline, transfer);
	transfer->timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : 1;
	transfer->max_body = request->max_body;
	transfer->redirects = request->redirects;
	transfer->talk = request->talk;
	jw_buf_init(&transfer->lines, JW_HTTP_HEADERS_MAX);
	jw_buf_init(&transfer->content, request->max_body);
	transfer->easy = take_easy(client);
	return transfer;
}

static struct jw_transfer *start(void *self, const struct jw_http_request *request,
				 jw_http_done *done, void *context)
{
	struct jw_client *client = self;
	struct jw_transfer *transfer = transfer_new(client, request, done, context);

	client->loop.arm(transfer->deadline, transfer->timeout_ms);
	jw_shard_take(transfer);
	if (!transfer->easy || !transfer->shard) {
		jw_transfer_end(transfer, jw_transfer_fail(transfer, JW_INTERNAL,
							   "libcurl can't begin a transfer"));
		return transfer;
	}
	jw_request_prepare(transfer, request);
	if (transfer->stage != JW_STAGE_ENDED)
		jw_hop_begin(transfer);
	return transfer;
}

static void client_close(void *self)
{
	struct jw_client *client = self;

	client->is_closed = true;
	if (!client->is_delivering)
		client_free(client);
}

static void raise_limit(void)
{
	struct rlimit limit;
	rlim_t wanted;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	wanted = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
	if (limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static enum jw_cause client_open(const struct jw_loop *loop, enum jw_http_use use,
				 struct jw_http *ret_http, struct jw_err *err)
{
	struct jw_client *client;
	enum jw_cause cause;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return jw_fail(err, JW_INTERNAL, "libcurl can't be used here");
	client = jw_xcalloc(1, sizeof(*client));
	client->loop = *loop;
	client->use = use;
	cause = jw_tls_open(client, err);
	if (cause) {
		free(client);
		return cause;
	}
	raise_limit();
	client->ended_end = &client->ended;
	client->names = jw_names_new(loop);
	client->deliver = loop->timer(loop->self, on_deliver, client);
	*ret_http = (struct jw_http){client, start, cancel, client_close};
	return JW_OK;
}

static const struct jw_http_ops ops = {.open = client_open};

extern const struct jw_module jw_module;
__attribute__((visibility("default"))) const struct jw_module jw_module = {JW_HTTP_ABI, &ops};
