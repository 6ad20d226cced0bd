/* SPDX-License-Identifier: MIT */
/* Brings one result to one sink: secret, request, answer. */
#include "core/deliver.h"

#include <string.h>

#include "base/url.h"
#include "token/find.h"

#define SECRET_MAX ((size_t)64 * 1024)
#define ANSWER_MAX ((size_t)64 * 1024)
#define WORDS_MAX ((size_t)4096)
#define FULL_NAME_MAX ((size_t)8192)
#define RUN_IS_OVER "the whole run's time (-t) was up before the result was taken"

struct jw_delivery {
	const struct jw_world *world;
	const struct jw_sink_entry *entry;
	const struct jw_sink_result *result;
	int64_t deadline_ms;
	bool is_capped; /* the whole run ends before the sink's own timeout would */
	struct jw_buf secret;
	struct jw_receipt *receipt;
	jw_deliver_done *done;
	void *context;
	const struct jw_net *net;
	struct jw_transfer *transfer;
};

void jw_receipt_done(struct jw_receipt *receipt)
{
	jw_arena_done(&receipt->arena);
}

static const char *named(const char *pattern, const char *name, struct jw_arena *arena)
{
	static const char word[] = "$name$";
	jw_autobuf struct jw_buf buf = JW_BUF(FULL_NAME_MAX);
	const char *at;

	while ((at = strstr(pattern, word))) {
		jw_buf_add(&buf, pattern, (size_t)(at - pattern));
		jw_buf_text(&buf, name);
		pattern = at + strlen(word);
	}
	jw_buf_text(&buf, pattern);
	return jw_arena_text(arena, jw_buf_get(&buf));
}

void jw_deliver_names(const struct jw_sink_entry *entry, struct jw_arena *arena,
		      struct jw_sink_result *result)
{
	result->host =
		entry->host ? named(entry->host, result->target, arena) : result->machine;
	result->service = named(entry->service, result->target, arena);
}

static void write_receipt(struct jw_delivery *delivery, enum jw_delivered is,
			  enum jw_cause cause, const char *says)
{
	struct jw_receipt *receipt = delivery->receipt;
	jw_autobuf struct jw_buf place = JW_BUF(2 * JW_URL_MAX);
	const char *where = delivery->entry->sink->place(delivery->entry->config);
	struct jw_url ignored;

	if (jw_url_parse(jw_str_of(where), &ignored))
		jw_buf_text(&place, where);
	else
		jw_url_mask(&place, jw_str_of(where));
	jw_find_scrub(place.ptr);
	receipt->is = is;
	receipt->cause = cause;
	receipt->says = jw_arena_printf(&receipt->arena, "%s: %s", place.ptr, says);
}

static void take_answer(struct jw_delivery *delivery, const struct jw_http_reply *reply)
{
	const struct jw_sink_entry *entry = delivery->entry;
	jw_autobuf struct jw_buf words = JW_BUF(WORDS_MAX);
	enum jw_cause cause;

	if (reply && reply->cause == JW_TIMEOUT && delivery->is_capped) {
		write_receipt(delivery, JW_DELIVERED_NOT, JW_SINK_FAILED, RUN_IS_OVER);
		return;
	}
	cause = entry->sink->answer(entry->config, jw_buf_get(&delivery->secret),
				    delivery->result, reply, &words);
	if (!cause)
		write_receipt(delivery, JW_DELIVERED_TAKEN, JW_OK, words.ptr);
	else
		write_receipt(delivery,
			      reply && reply->cause ? JW_DELIVERED_NOT : JW_DELIVERED_REFUSED,
			      cause, words.ptr ? words.ptr : "");
}

static void delivery_free(struct jw_delivery *delivery)
{
	jw_buf_done(&delivery->secret);
	free(delivery);
}

static void replied(void *context, const struct jw_http_reply *reply)
{
	struct jw_delivery *delivery = context;
	jw_deliver_done *done = delivery->done;
	void *done_context = delivery->context;
	struct jw_receipt *receipt = delivery->receipt;

	take_answer(delivery, reply);
	delivery_free(delivery);
	done(done_context, receipt);
}

static int64_t left_ms(const struct jw_delivery *delivery)
{
	const struct jw_clock *clock = delivery->world->clock;

	return delivery->deadline_ms - clock->monotonic_ms(clock->self);
}

static enum jw_cause start(struct jw_delivery *delivery, const struct jw_sink_parcel *parcel,
			   struct jw_err *err)
{
	const struct jw_http_request request = {
		.url = parcel->url,
		.headers = parcel->headers,
		.body = parcel->body,
		.timeout_ms = left_ms(delivery) > 1 ? left_ms(delivery) : 1,
		.max_body = ANSWER_MAX,
		.redirects = JW_REDIRECTS_NONE,
		.ca_file = parcel->ca_file,
		.client_certificate = parcel->client_certificate,
		.server_name = parcel->server_name,
	};

	if (!delivery->world->net)
		return jw_fail(err, JW_INTERNAL, "there is no network here");
	delivery->net = delivery->world->net(delivery->world->net_context, err);
	if (!delivery->net)
		return err->cause;
	delivery->transfer = delivery->net->http.start(delivery->net->http.self, &request,
						       replied, delivery);
	return JW_OK;
}

static enum jw_cause post(struct jw_delivery *delivery, const struct jw_sink_parcel *parcel,
			  struct jw_err *err)
{
	const struct jw_files *files = delivery->world->files;

	if (files->post(files->self, parcel->path, parcel->body, delivery->deadline_ms, err))
		return err->cause = JW_SINK_FAILED;
	take_answer(delivery, NULL);
	return JW_OK;
}

static enum jw_cause read_secret(struct jw_delivery *delivery, struct jw_err *err)
{
	const struct jw_sink_entry *entry = delivery->entry;
	const struct jw_secret *secret =
		entry->sink->secret ? entry->sink->secret(entry->config) : NULL;

	jw_buf_init(&delivery->secret, SECRET_MAX);
	if (!secret)
		return JW_OK;
	return jw_secret_read(secret, delivery->world->files, &delivery->secret, err);
}

/* True where it waits for an answer; false where the receipt is there. */
static bool send(struct jw_delivery *delivery)
{
	struct jw_arena arena = {0};
	struct jw_sink_parcel parcel = {0};
	const struct jw_sink_entry *entry = delivery->entry;
	struct jw_err err;
	enum jw_cause cause = JW_OK;

	if (left_ms(delivery) <= 0)
		cause = jw_fail(&err, JW_SINK_FAILED, RUN_IS_OVER);
	if (!cause)
		cause = read_secret(delivery, &err);
	if (!cause)
		cause = entry->sink->pack(entry->config, jw_buf_get(&delivery->secret),
					  delivery->result, &arena, &parcel, &err);
	if (!cause)
		cause = parcel.url ? start(delivery, &parcel, &err)
				   : post(delivery, &parcel, &err);
	if (cause)
		write_receipt(delivery, JW_DELIVERED_NOT, cause, err.text);
	jw_arena_done(&arena);
	return delivery->transfer;
}

struct jw_delivery *jw_deliver_start(const struct jw_world *world,
				     const struct jw_sink_entry *entry,
				     const struct jw_sink_result *result, int64_t deadline_ms,
				     struct jw_receipt *ret_receipt, jw_deliver_done *done,
				     void *context)
{
	struct jw_delivery *delivery = jw_xcalloc(1, sizeof(*delivery));
	int64_t own_ms = world->clock->monotonic_ms(world->clock->self) + entry->timeout;

	*ret_receipt = (struct jw_receipt){0};
	delivery->world = world;
	delivery->entry = entry;
	delivery->result = result;
	delivery->is_capped = deadline_ms < own_ms;
	delivery->deadline_ms = delivery->is_capped ? deadline_ms : own_ms;
	delivery->receipt = ret_receipt;
	delivery->done = done;
	delivery->context = context;
	if (send(delivery))
		return delivery;
	delivery_free(delivery);
	return NULL;
}

void jw_deliver_cancel(struct jw_delivery *delivery)
{
	delivery->net->http.cancel(delivery->transfer);
	write_receipt(delivery, JW_DELIVERED_NOT, JW_SINK_FAILED, RUN_IS_OVER);
	delivery_free(delivery);
}
