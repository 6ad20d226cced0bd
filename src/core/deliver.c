/* SPDX-License-Identifier: MIT */
/* Brings one result to one sink: secrets, then request and answer, program and exit status, or a line. */
#include "core/deliver.h"

#include <string.h>

#include "base/url.h"
#include "token/complaint.h"
#include "token/find.h"

#define SECRET_MAX ((size_t)64 * 1024)
#define LINES_MAX ((size_t)1 << 20)
#define ANSWER_MAX ((size_t)64 * 1024)
#define WORDS_MAX ((size_t)4096)
#define FULL_NAME_MAX ((size_t)8192)
/* What a program prints tells us nothing. */
#define PRINTED_MAX ((size_t)1 << 20)
/* EX_TEMPFAIL of sysexits.h. */
#define EXIT_LATER 75
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
	struct jw_buf lines; /* of headers or variables, with a NUL behind each */
	struct jw_receipt *receipt;
	jw_deliver_done *done;
	void *context;
	const struct jw_net *net;
	struct jw_transfer *transfer;
	const struct jw_exec *exec;
	struct jw_child *child;
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
	/* Of those who know no services. */
	if (!entry->service)
		return;
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
		[JW_SAYS_LATER] = JW_DELIVERED_NOT,
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
	jw_buf_done(&delivery->lines);
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

/* What is said of a time-out is the time that was configured, not what reading a secret has left of it. */
static int64_t time_for(const struct jw_delivery *delivery)
{
	if (!delivery->is_capped)
		return delivery->entry->timeout;
	return left_ms(delivery) > 1 ? left_ms(delivery) : 1;
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
		.timeout_ms = time_for(delivery),
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

/* The end of what it said on standard error, without words of the command and values of
 * variables. */
static const char *complained(struct jw_delivery *delivery, struct jw_str complaint)
{
	jw_autobuf struct jw_buf said = JW_BUF(WORDS_MAX);
	struct jw_str rest = jw_buf_get(&delivery->lines);
	const char **values = NULL;
	size_t count = 0;

	while (rest.len) {
		values = jw_arena_grow(&delivery->arena, values, count, sizeof(*values));
		values[count++] = strchr(rest.ptr, '=') + 1;
		rest = jw_str_from(rest, strlen(rest.ptr) + 1);
	}
	values = jw_arena_grow(&delivery->arena, values, count, sizeof(*values));
	values[count] = NULL;
	jw_complaint(complaint, values, delivery->parcel.argv + 1, &said);
	if (!said.len)
		return ", and nothing on standard error";
	return jw_arena_printf(&delivery->arena, ": %s", said.ptr);
}

static void take_outcome(struct jw_delivery *delivery, const struct jw_exec_result *result)
{
	const char *complaint;
	const char *says;

	if (result->cause) {
		bool is_late = result->cause == JW_TIMEOUT;

		write_receipt(delivery, is_late ? JW_DELIVERED_STUCK : JW_DELIVERED_NOT,
			      JW_SINK_FAILED,
			      is_late && delivery->is_capped ? RUN_IS_OVER : result->says);
		return;
	}
	if (!result->signal && !result->exit_status) {
		write_receipt(delivery, JW_DELIVERED_TAKEN, JW_OK, "exit status 0");
		return;
	}
	complaint = complained(delivery, result->complaint);
	says = result->signal ? jw_arena_printf(&delivery->arena, "was ended by signal %s%s",
						result->signal, complaint)
			      : jw_arena_printf(&delivery->arena, "exit status %d%s",
						result->exit_status, complaint);
	write_receipt(delivery,
		      !result->signal && result->exit_status == EXIT_LATER
			      ? JW_DELIVERED_NOT
			      : JW_DELIVERED_REFUSED,
		      JW_SINK_FAILED, says);
}

static void ended(void *context, const struct jw_exec_result *result)
{
	struct jw_delivery *delivery = context;

	take_outcome(delivery, result);
	finish(delivery);
}

static enum jw_cause run(struct jw_delivery *delivery, struct jw_err *err)
{
	const struct jw_world *world = delivery->world;
	const struct jw_sink_parcel *parcel = &delivery->parcel;
	const struct jw_exec_request request = {
		.argv = parcel->argv,
		.env = parcel->env,
		.input = parcel->body,
		.timeout_ms = time_for(delivery),
		.max_output = PRINTED_MAX,
	};

	if (!world->exec)
		return jw_fail(err, JW_INTERNAL, "no program can be run here");
	delivery->exec = world->exec(world->exec_context, err);
	if (!delivery->exec)
		return err->cause;
	delivery->child =
		delivery->exec->start(delivery->exec->self, &request, ended, delivery);
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

static enum jw_cause add_line(struct jw_delivery *delivery, const struct jw_header *header,
			      struct jw_err *err)
{
	bool is_variable = delivery->parcel.argv;
	jw_autobuf struct jw_buf value = JW_BUF(SECRET_MAX);
	enum jw_cause cause =
		jw_secret_read(header->value, delivery->world->files, &value, err);

	if (!cause && !is_variable &&
	    (memchr(value.ptr, '\n', value.len) || memchr(value.ptr, '\r', value.len)))
		cause = jw_fail(err, JW_SECRET_MISSING,
				"its value has a line break in it, and no header can");
	if (cause) {
		jw_err_in(err, "%s %s", is_variable ? "variable" : "header", header->name);
		return cause;
	}
	jw_buf_printf(&delivery->lines, "%s%s", header->name, is_variable ? "=" : ": ");
	jw_buf_str(&delivery->lines, jw_buf_get(&value));
	if (jw_buf_add(&delivery->lines, "", 1))
		return JW_OK;
	return jw_fail(err, JW_SINK_FAILED, "its %s are too long together",
		       is_variable ? "variables" : "headers");
}

/* To those of the parcel; they stay where they were read to. */
static void add_lines(struct jw_delivery *delivery)
{
	struct jw_sink_parcel *parcel = &delivery->parcel;
	const char *const **list = parcel->argv ? &parcel->env : &parcel->headers;
	struct jw_str rest = jw_buf_get(&delivery->lines);
	const char **all = NULL;
	size_t count = 0;

	for (const char *const *own = *list; own && *own; own++) {
		all = jw_arena_grow(&delivery->arena, all, count, sizeof(*all));
		all[count++] = *own;
	}
	for (; rest.len; rest = jw_str_from(rest, strlen(rest.ptr) + 1)) {
		all = jw_arena_grow(&delivery->arena, all, count, sizeof(*all));
		all[count++] = rest.ptr;
	}
	all = jw_arena_grow(&delivery->arena, all, count, sizeof(*all));
	all[count] = NULL;
	*list = all;
}

static enum jw_cause read_headers(struct jw_delivery *delivery, struct jw_err *err)
{
	const struct jw_sink_entry *entry = delivery->entry;
	const struct jw_header *header =
		entry->sink->headers ? entry->sink->headers(entry->config) : NULL;

	jw_buf_init(&delivery->lines, LINES_MAX);
	if (!header)
		return JW_OK;
	for (; header->name; header++)
		if (add_line(delivery, header, err))
			return err->cause;
	add_lines(delivery);
	return JW_OK;
}

static enum jw_cause dispatch(struct jw_delivery *delivery, struct jw_err *err)
{
	if (delivery->parcel.url)
		return start(delivery, err);
	return delivery->parcel.argv ? run(delivery, err) : post(delivery, err);
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
		cause = read_headers(delivery, &err);
	if (!cause)
		cause = dispatch(delivery, &err);
	if (cause)
		write_receipt(delivery, JW_DELIVERED_NOT, cause, err.text);
	return delivery->transfer || delivery->child || delivery->timer;
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
	if (delivery->child)
		delivery->exec->cancel(delivery->child);
	write_receipt(delivery, JW_DELIVERED_STUCK, JW_SINK_FAILED, RUN_IS_OVER);
	delivery_free(delivery);
}
