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
/* Between two looks at a pipe that is full. */
#define AGAIN_MS 20
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
	/* Of a pipe that is full: what is still to be written. */
	struct jw_arena arena;
	struct jw_sink_parcel parcel;
	struct jw_timer *timer;
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
	static const enum jw_delivered outcomes[] = {
		[JW_SAYS_TAKEN] = JW_DELIVERED_TAKEN,
		[JW_SAYS_REFUSED] = JW_DELIVERED_REFUSED,
		[JW_SAYS_UNKNOWN] = JW_DELIVERED_UNKNOWN,
	};
	const struct jw_sink_entry *entry = delivery->entry;
	jw_autobuf struct jw_buf words = JW_BUF(WORDS_MAX);
	enum jw_delivered is;

	if (reply && reply->cause == JW_TIMEOUT && delivery->is_capped) {
		write_receipt(delivery, JW_DELIVERED_STUCK, JW_SINK_FAILED, RUN_IS_OVER);
		return;
	}
	is = outcomes[entry->sink->answer(entry->config, jw_buf_get(&delivery->secret),
					  delivery->result, reply, &words)];
	if (reply && reply->cause)
		is = reply->cause == JW_TIMEOUT ? JW_DELIVERED_STUCK : JW_DELIVERED_NOT;
	write_receipt(delivery, is, is == JW_DELIVERED_TAKEN ? JW_OK : JW_SINK_FAILED,
		      words.ptr ? words.ptr : "");
}

static void delivery_free(struct jw_delivery *delivery)
{
	if (delivery->timer)
		delivery->net->loop.timer_free(delivery->timer);
	jw_buf_done(&delivery->secret);
	jw_arena_done(&delivery->arena);
	free(delivery);
}

/* The receipt is written. */
static void finish(struct jw_delivery *delivery)
{
	jw_deliver_done *done = delivery->done;
	void *context = delivery->context;
	struct jw_receipt *receipt = delivery->receipt;

	delivery_free(delivery);
	done(context, receipt);
}

static void replied(void *context, const struct jw_http_reply *reply)
{
	struct jw_delivery *delivery = context;

	take_answer(delivery, reply);
	finish(delivery);
}

static int64_t left_ms(const struct jw_delivery *delivery)
{
	const struct jw_clock *clock = delivery->world->clock;

	return delivery->deadline_ms - clock->monotonic_ms(clock->self);
}

static enum jw_cause open_net(struct jw_delivery *delivery, struct jw_err *err)
{
	if (!delivery->world->net)
		return jw_fail(err, JW_INTERNAL, "there is no network here");
	delivery->net = delivery->world->net(delivery->world->net_context, err);
	return delivery->net ? JW_OK : err->cause;
}

static enum jw_cause start(struct jw_delivery *delivery, struct jw_err *err)
{
	const struct jw_sink_parcel *parcel = &delivery->parcel;
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

	if (open_net(delivery, err))
		return err->cause;
	delivery->transfer = delivery->net->http.start(delivery->net->http.self, &request,
						       replied, delivery);
	return JW_OK;
}

/* True: the receipt is there. False: the pipe is full, and there is time left. */
static bool is_posted(struct jw_delivery *delivery)
{
	const struct jw_files *files = delivery->world->files;
	const struct jw_sink_parcel *parcel = &delivery->parcel;
	struct jw_err err;
	enum jw_cause cause = files->post(files->self, parcel->path, parcel->body, &err);

	if (!cause)
		take_answer(delivery, NULL);
	else if (cause == JW_DEADLINE && left_ms(delivery) > 0)
		return false;
	else
		write_receipt(delivery, JW_DELIVERED_STUCK, JW_SINK_FAILED, err.text);
	return true;
}

static void post_again(void *context)
{
	struct jw_delivery *delivery = context;

	if (is_posted(delivery))
		finish(delivery);
	else
		delivery->net->loop.arm(delivery->timer, AGAIN_MS);
}

static enum jw_cause post(struct jw_delivery *delivery, struct jw_err *err)
{
	const struct jw_loop *loop;

	if (is_posted(delivery))
		return JW_OK;
	if (open_net(delivery, err))
		return err->cause;
	loop = &delivery->net->loop;
	delivery->timer = loop->timer(loop->self, post_again, delivery);
	loop->arm(delivery->timer, AGAIN_MS);
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
	const struct jw_sink_entry *entry = delivery->entry;
	struct jw_err err;
	enum jw_cause cause = JW_OK;

	if (left_ms(delivery) <= 0)
		cause = jw_fail(&err, JW_SINK_FAILED, RUN_IS_OVER);
	if (!cause)
		cause = read_secret(delivery, &err);
	if (!cause)
		cause = entry->sink->pack(entry->config, jw_buf_get(&delivery->secret),
					  delivery->result, &delivery->arena, &delivery->parcel,
					  &err);
	if (!cause)
		cause = delivery->parcel.url ? start(delivery, &err) : post(delivery, &err);
	if (cause)
		write_receipt(delivery, JW_DELIVERED_NOT, cause, err.text);
	return delivery->transfer || delivery->timer;
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
	if (delivery->transfer)
		delivery->net->http.cancel(delivery->transfer);
	write_receipt(delivery, JW_DELIVERED_STUCK, JW_SINK_FAILED, RUN_IS_OVER);
	delivery_free(delivery);
}
