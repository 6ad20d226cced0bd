/* SPDX-License-Identifier: MIT */
/* The daemon's HTTP server: connections, their number and their time. evhttp 2.1 gives no hold on a connection before its
 * first request is whole, so neither could be bounded there. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "adapter/server_parts.h"
#include "adapter/server_self.h"

/* All of a request, from its first byte; all of an answer; between two requests. */
#define READ_MS 10000
#define WRITE_MS 30000
#define IDLE_MS 60000
/* For a client to take note of the last answer and leave. */
#define LEAVE_MS 2000
#define ACCEPTS_AT_ONCE 64
/* Without a descriptor left. */
#define PAUSE_MS 500
#define READ_AT_ONCE ((size_t)16 * 1024)
#define WRITE_AT_ONCE ((size_t)1 << 20)
#define IN_MAX ((size_t)96 * 1024)
#define HEAD_MAX ((size_t)16 * 1024)

struct jw_shared *jw_shared_new(struct jw_buf *bytes)
{
	struct jw_shared *page = jw_xcalloc(1, sizeof(*page));

	page->bytes = *bytes;
	page->references = 1;
	jw_buf_init(bytes, bytes->max);
	return page;
}

struct jw_shared *jw_shared_keep(struct jw_shared *page)
{
	page->references++;
	return page;
}

void jw_shared_release(struct jw_shared *page)
{
	if (!page || --page->references)
		return;
	if (page->last)
		page->last(page->context, &page->bytes);
	jw_buf_done(&page->bytes);
	free(page);
}

static void arm(struct jw_visit *visit, int64_t ms)
{
	visit->server->loop.arm(visit->timer, ms);
}

static void forget_request(struct jw_visit *visit)
{
	jw_buf_consume(&visit->in, visit->used + visit->body_len);
	free(visit->text);
	visit->text = NULL;
	visit->used = visit->body_len = 0;
	visit->has_begun = false;
	visit->was_told_to_go_on = false;
	visit->gone = NULL;
	jw_shared_release(visit->page);
	visit->page = NULL;
	jw_buf_clear(&visit->head);
	visit->sent = 0;
}

static void end_visit(struct jw_visit *visit)
{
	struct jw_server_self *self = visit->server;

	*(visit->before ? &visit->before->next : &self->oldest) = visit->next;
	*(visit->next ? &visit->next->before : &self->youngest) = visit->before;
	self->count--;
	self->loop.unwatch(visit->watch);
	self->loop.timer_free(visit->timer);
	close(visit->fd);
	forget_request(visit);
	jw_buf_done(&visit->in);
	jw_buf_done(&visit->head);
	free(visit);
}

/* The client has gone, or is sent away; whoever holds its request is told. */
static void drop(struct jw_visit *visit)
{
	void (*gone)(void *context) = visit->state == JW_VISIT_HELD ? visit->gone : NULL;
	void *context = visit->gone_context;

	end_visit(visit);
	if (gone)
		gone(context);
}

static size_t left(const struct jw_visit *visit)
{
	return visit->head.len + (visit->page ? visit->page->bytes.len : 0) - visit->sent;
}

/* Less than 0: there is no more to be done for this client. */
static ssize_t write_some(struct jw_visit *visit)
{
	struct iovec parts[2];
	int count = 0;
	size_t skip = visit->sent;

	if (skip < visit->head.len) {
		parts[count++] = (struct iovec){visit->head.ptr + skip, visit->head.len - skip};
		skip = 0;
	} else {
		skip -= visit->head.len;
	}
	if (visit->page && visit->page->bytes.len > skip)
		parts[count++] = (struct iovec){visit->page->bytes.ptr + skip,
						visit->page->bytes.len - skip};
	if (parts[count - 1].iov_len > WRITE_AT_ONCE)
		parts[count - 1].iov_len = WRITE_AT_ONCE;
	return writev(visit->fd, parts, count);
}

static void go_on(struct jw_visit *visit);

/* If it still sends, a close would make a reset of our answer (RFC 9112 section 9.6). */
static void send_off(struct jw_visit *visit)
{
	shutdown(visit->fd, SHUT_WR);
	visit->state = JW_VISIT_LEAVING;
	visit->server->loop.want(visit->watch, JW_LOOP_READ);
	arm(visit, LEAVE_MS);
}

/* What it sends is of no use any more. */
static void see_off(struct jw_visit *visit)
{
	char bytes[4096];
	ssize_t len = read(visit->fd, bytes, sizeof(bytes));

	if (!len || (len < 0 && errno != EAGAIN && errno != EINTR))
		end_visit(visit);
}

/* False: the visit is gone. */
static bool flush(struct jw_visit *visit)
{
	while (left(visit)) {
		ssize_t len = write_some(visit);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno != EAGAIN) {
			end_visit(visit);
			return false;
		}
		if (len < 0 || (size_t)len >= WRITE_AT_ONCE) {
			visit->sent += len > 0 ? (size_t)len : 0;
			if (!left(visit))
				break;
			visit->server->loop.want(visit->watch, JW_LOOP_WRITE);
			return true;
		}
		visit->sent += (size_t)len;
	}
	forget_request(visit);
	if (!visit->keeps_alive) {
		send_off(visit);
		return true;
	}
	visit->state = JW_VISIT_READING;
	visit->server->loop.want(visit->watch, JW_LOOP_READ);
	visit->has_begun = visit->in.len;
	arm(visit, visit->has_begun ? READ_MS : IDLE_MS);
	return true;
}

static void reply(struct jw_visit *visit, const struct jw_visit_reply *reply)
{
	visit->gone = NULL;
	visit->state = JW_VISIT_WRITING;
	jw_server_write_head(visit, reply);
	if (visit->method != JW_METHOD_HEAD && reply->page)
		visit->page = jw_shared_keep(reply->page);
	else if (visit->method != JW_METHOD_HEAD)
		jw_buf_str(&visit->head, reply->body);
	arm(visit, WRITE_MS);
	/* From inside the handler the caller goes on with it. */
	if (!visit->is_in_handler && flush(visit) && visit->state == JW_VISIT_READING)
		go_on(visit);
}

static void refuse(struct jw_visit *visit, int status)
{
	char says[128];
	struct jw_visit_reply answer = {.status = status,
					.media_type = "text/plain; charset=utf-8"};

	snprintf(says, sizeof(says), "This request can't be answered: %s.\n",
		 jw_server_reason(status));
	answer.body = jw_str_of(says);
	visit->keeps_alive = false;
	visit->method = JW_METHOD_GET;
	reply(visit, &answer);
}

static const char *header(struct jw_visit *visit, const char *name)
{
	for (size_t i = 0; i < visit->header_count; i++)
		if (!strcasecmp(visit->headers[i].name, name))
			return visit->headers[i].value;
	return NULL;
}

static void hand_over(struct jw_visit *visit)
{
	const struct jw_server_handler *handler = &visit->server->handler;
	const struct jw_visit_request request = {
		.method = visit->method,
		.path = visit->path,
		.query = jw_str_of(visit->query),
		.body = {visit->in.ptr + visit->used, visit->body_len},
		.client = visit->client,
	};

	visit->state = JW_VISIT_HELD;
	arm(visit, -1);
	visit->is_in_handler = true;
	handler->visit(handler->context, visit, &request);
	visit->is_in_handler = false;
}

/* Where only a part of it gets out, the answer begins with the rest. */
static void say_go_on(struct jw_visit *visit)
{
	static const char words[] = "HTTP/1.1 100 Continue\r\n\r\n";
	ssize_t len = write(visit->fd, words, sizeof(words) - 1);

	if (len > 0)
		jw_buf_add(&visit->head, words + len, sizeof(words) - 1 - (size_t)len);
}

/* The client waits to be told before it sends its body (RFC 9110 section 10.1.1). */
static void tell_to_go_on(struct jw_visit *visit)
{
	const char *expects = visit->used ? header(visit, "Expect") : NULL;

	if (visit->was_told_to_go_on || !expects || strcasecmp(expects, "100-continue") != 0)
		return;
	visit->was_told_to_go_on = true;
	say_go_on(visit);
}

/* To notice that the client leaves while its request is held. One that has ended what it sends may wait for its answer; one
 * that has closed looks the same, until it is sent something and its system resets the connection. What may be sent
 * to whoever expects nothing is 100 (RFC 9110 section 15.2.1), but not to HTTP/1.0, which counts as waiting. */
static void look_out(struct jw_visit *visit)
{
	if (!visit->has_ended) {
		visit->server->loop.want(visit->watch, JW_LOOP_READ);
		return;
	}
	visit->server->loop.want(visit->watch, JW_LOOP_READ | JW_LOOP_EDGE);
	if (!visit->is_old)
		say_go_on(visit);
}

/* One request, if it is whole; the next one in the next turn, so that whoever sends thousands at once doesn't keep the
 * others waiting. */
static void go_on(struct jw_visit *visit)
{
	int status = jw_server_parse(visit);

	if (status < 0 && visit->has_ended) {
		end_visit(visit);
		return;
	}
	if (status < 0) {
		tell_to_go_on(visit);
		return;
	}
	if (status) {
		visit->is_in_handler = true;
		refuse(visit, status);
		visit->is_in_handler = false;
	} else {
		hand_over(visit);
	}
	if (visit->state == JW_VISIT_HELD)
		look_out(visit);
	else if (flush(visit) && visit->state == JW_VISIT_READING && visit->in.len)
		visit->server->loop.want(visit->watch, JW_LOOP_WRITE);
}

/* False: the visit is gone. */
static bool read_some(struct jw_visit *visit)
{
	for (;;) {
		char *to = jw_buf_reserve(&visit->in, READ_AT_ONCE);
		ssize_t len;

		if (!to) {
			/* Requests are piled up behind one that is held. */
			visit->server->loop.want(visit->watch, JW_LOOP_READ | JW_LOOP_EDGE);
			return true;
		}
		len = read(visit->fd, to, READ_AT_ONCE);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			return true;
		if (len < 0) {
			drop(visit);
			return false;
		}
		if (!len) {
			visit->has_ended = true;
			return true;
		}
		visit->in.len += (size_t)len;
		visit->in.ptr[visit->in.len] = '\0';
		/* Once: empty lines in front of it buy no time. */
		if (!visit->has_begun && visit->state == JW_VISIT_READING) {
			visit->has_begun = true;
			arm(visit, READ_MS);
		}
		if ((size_t)len < READ_AT_ONCE)
			return true;
	}
}

/* In both ways: of this the system tells whatever is asked for. */
static bool has_left(const struct jw_visit *visit)
{
	struct pollfd fd = {.fd = visit->fd};

	return poll(&fd, 1, 0) > 0 && fd.revents & (POLLERR | POLLHUP);
}

static void on_ready_while_held(struct jw_visit *visit)
{
	bool had_ended = visit->has_ended;

	if (has_left(visit))
		drop(visit);
	else if (!had_ended && read_some(visit) && visit->has_ended)
		look_out(visit);
}

static void on_ready(void *context, int fd, int what)
{
	struct jw_visit *visit = context;

	(void)fd;
	if (visit->state == JW_VISIT_HELD) {
		on_ready_while_held(visit);
		return;
	}
	if (visit->state == JW_VISIT_LEAVING) {
		see_off(visit);
		return;
	}
	if (visit->state == JW_VISIT_WRITING) {
		if (what & JW_LOOP_WRITE && flush(visit) && visit->state == JW_VISIT_READING)
			go_on(visit);
		return;
	}
	if (what & JW_LOOP_WRITE && visit->state == JW_VISIT_READING) {
		visit->server->loop.want(visit->watch, JW_LOOP_READ);
		go_on(visit);
		return;
	}
	if (what & JW_LOOP_READ && read_some(visit))
		go_on(visit);
}

static void on_late(void *context)
{
	drop(context);
}

/* Those that have no whole request, or are leaving, go first, the oldest of them; what it has sent meanwhile counts. True: there is room. */
static bool make_room(struct jw_server_self *self)
{
	struct jw_visit *next;

	for (struct jw_visit *visit = self->oldest;
	     visit && self->count >= self->limits.clients; visit = next) {
		next = visit->next;
		if (visit->state == JW_VISIT_READING || visit->state == JW_VISIT_LEAVING)
			drop(visit);
	}
	for (struct jw_visit *visit = self->oldest;
	     visit && self->count >= self->limits.clients; visit = next) {
		next = visit->next;
		if (visit->state == JW_VISIT_WRITING)
			drop(visit);
	}
	return self->count < self->limits.clients;
}

static void name_client(struct jw_visit *visit, const struct sockaddr_storage *from)
{
	const void *address = NULL;

	if (from->ss_family == AF_INET)
		address = &((const struct sockaddr_in *)from)->sin_addr;
	else if (from->ss_family == AF_INET6)
		address = &((const struct sockaddr_in6 *)from)->sin6_addr;
	if (!address ||
	    !inet_ntop(from->ss_family, address, visit->client, sizeof(visit->client)))
		snprintf(visit->client, sizeof(visit->client), "unix");
}

static void begin_visit(struct jw_server_self *self, int fd,
			const struct sockaddr_storage *from)
{
	struct jw_visit *visit = jw_xcalloc(1, sizeof(*visit));

	visit->server = self;
	visit->fd = fd;
	visit->before = self->youngest;
	*(self->youngest ? &self->youngest->next : &self->oldest) = visit;
	self->youngest = visit;
	self->count++;
	name_client(visit, from);
	jw_buf_init(&visit->in, IN_MAX);
	jw_buf_init(&visit->head, HEAD_MAX + IN_MAX);
	visit->watch = self->loop.watch(self->loop.self, fd, on_ready, visit);
	visit->timer = self->loop.timer(self->loop.self, on_late, visit);
	arm(visit, READ_MS);
	self->loop.want(visit->watch, JW_LOOP_READ);
	/* Most have sent their request by now. */
	if (read_some(visit))
		go_on(visit);
}

void jw_server_accept(void *context, int fd, int what)
{
	struct jw_server_self *self = context;

	(void)what;
	for (size_t i = 0; i < ACCEPTS_AT_ONCE; i++) {
		struct sockaddr_storage from = {0};
		socklen_t len = sizeof(from);
		int client = accept4(fd, (struct sockaddr *)&from, &len,
				     SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client >= 0 && make_room(self)) {
			begin_visit(self, client, &from);
			continue;
		}
		if (client >= 0) {
			close(client);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			jw_server_want(self, 0);
			self->loop.arm(self->pause, PAUSE_MS);
		}
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

static void on_gone(struct jw_visit *visit, void (*gone)(void *context), void *context)
{
	visit->gone = gone;
	visit->gone_context = context;
}

void jw_server_end_visits(struct jw_server_self *self)
{
	while (self->oldest)
		end_visit(self->oldest);
}

void jw_server_fill(struct jw_server *server)
{
	server->header = header;
	server->on_gone = on_gone;
	server->reply = reply;
}
