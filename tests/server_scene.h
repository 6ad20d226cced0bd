/* SPDX-License-Identifier: MIT */
/* A server on a free port, its loop, and clients that are told what to do. */
#pragma once

#include "rows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapter/adapter.h"

/* Nothing here takes that long, unless it hangs. */
#define BOUND_MS 20000
#define CLIENTS 4
#define HOST "Host: a\r\n"
#define LAST HOST "Connection: close\r\n"
#define TEXT(literal)                                                                          \
	{                                                                                      \
		literal, sizeof(literal) - 1                                                   \
	}

struct scene;

struct client {
	struct scene *scene;
	int fd;
	struct jw_watch *watch;
	struct jw_buf got;
	bool is_over;
};

struct scene {
	struct jw_loop loop;
	struct jw_server server;
	struct jw_timer *turn;
	uint16_t port;
	struct client clients[CLIENTS + 1];
	struct jw_visit *held[CLIENTS + 1];
	size_t held_count;
	size_t gone;
	size_t visits;
	struct jw_shared *page;
	struct jw_buf seen; /* "path?query=body" of each visit */
};

static inline void on_gone(void *context)
{
	struct scene *scene = context;

	scene->gone++;
}

static inline void visit(void *context, struct jw_visit *visit,
			 const struct jw_visit_request *request)
{
	struct scene *scene = context;
	struct jw_visit_reply reply = {
		.status = 200, .media_type = "text/plain", .body = jw_str_of("said")};

	scene->visits++;
	jw_buf_printf(&scene->seen, "%s?%.*s=%.*s\n", request->path, (int)request->query.len,
		      request->query.ptr, (int)request->body.len, request->body.ptr);
	if (!strcmp(request->path, "/hold")) {
		scene->held[scene->held_count++] = visit;
		scene->server.on_gone(visit, on_gone, scene);
		return;
	}
	if (!strcmp(request->path, "/page"))
		reply.page = scene->page;
	if (!strcmp(request->path, "/length"))
		reply = (struct jw_visit_reply){.status = 200, .length = 4711};
	if (!strcmp(request->path, "/nothing"))
		reply = (struct jw_visit_reply){.status = 204};
	if (!strcmp(request->path, "/known"))
		reply = (struct jw_visit_reply){.status = 304, .length = 4711};
	scene->server.reply(visit, &reply);
}

static inline void stop(void *context)
{
	struct scene *scene = context;

	scene->loop.stop(scene->loop.self);
}

/* All that is ready now, a few times over. */
static inline void turn(struct scene *scene)
{
	for (size_t i = 0; i < 4; i++) {
		scene->loop.arm(scene->turn, 0);
		scene->loop.run(scene->loop.self,
				jw_adapter_clock.monotonic_ms(NULL) + BOUND_MS);
	}
}

static inline void on_heard(void *context, int fd, int what)
{
	struct client *client = context;
	char bytes[4096];
	ssize_t len = read(fd, bytes, sizeof(bytes));

	(void)what;
	if (len > 0) {
		jw_buf_str(&client->got, (struct jw_str){bytes, (size_t)len});
		return;
	}
	if (len < 0 && errno == EAGAIN)
		return;
	client->is_over = true;
	client->scene->loop.want(client->watch, 0);
	stop(client->scene);
}

static inline void begin(struct scene *scene)
{
	const struct jw_server_limits limits = {.clients = CLIENTS};
	const struct jw_server_handler handler = {scene, visit};
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct jw_buf bytes = JW_BUF((size_t)32 << 20);

	*scene = (struct scene){.seen = JW_BUF(8192)};
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(jw_adapter_loop(&scene->loop, NULL), JW_OK);
	scene->turn = scene->loop.timer(scene->loop.self, stop, scene);
	scene->server = jw_adapter_server(&scene->loop, &limits, &handler);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
	scene->port = ntohs(name.sin_port);
	assert_int_equal(scene->server.adopt(scene->server.self, fd, NULL), JW_OK);
	for (size_t i = 0; i < (size_t)16 << 20; i += 16)
		jw_buf_text(&bytes, "0123456789abcde\n");
	scene->page = jw_shared_new(&bytes);
	for (size_t i = 0; i <= CLIENTS; i++)
		scene->clients[i] =
			(struct client){.scene = scene, .fd = -1, .got = JW_BUF(1 << 20)};
}

static inline void leave(struct client *client)
{
	if (client->fd < 0)
		return;
	client->scene->loop.unwatch(client->watch);
	close(client->fd);
	client->fd = -1;
}

static inline void end(struct scene *scene)
{
	if (scene->server.self)
		scene->server.close(scene->server.self);
	for (size_t i = 0; i <= CLIENTS; i++) {
		leave(&scene->clients[i]);
		jw_buf_done(&scene->clients[i].got);
	}
	assert_int_equal(scene->page->references, 1);
	jw_shared_release(scene->page);
	jw_buf_done(&scene->seen);
	scene->loop.timer_free(scene->turn);
	jw_adapter_loop_end(&scene->loop);
}

static inline struct client *come(struct scene *scene, size_t number)
{
	struct client *client = &scene->clients[number];
	const struct sockaddr_in name = {.sin_family = AF_INET,
					 .sin_port = htons(scene->port),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client->fd, (const struct sockaddr *)&name, sizeof(name)), 0);
	fcntl(client->fd, F_SETFL, O_NONBLOCK);
	client->watch = scene->loop.watch(scene->loop.self, client->fd, on_heard, client);
	scene->loop.want(client->watch, JW_LOOP_READ);
	return client;
}

static inline void say(struct client *client, const char *text)
{
	assert_int_equal(write(client->fd, text, strlen(text)), strlen(text));
	turn(client->scene);
}

/* Until the server has ended the connection. */
static inline void hear_out(struct client *client)
{
	int64_t until = jw_adapter_clock.monotonic_ms(NULL) + BOUND_MS;

	while (!client->is_over && jw_adapter_clock.monotonic_ms(NULL) < until)
		client->scene->loop.run(client->scene->loop.self, until);
	assert_true(client->is_over);
}

/* "200 400": the status of every answer. */
static const char *statuses(const struct client *client, char said[64])
{
	static const char mark[] = "HTTP/1.1 ";
	struct jw_str rest = {client->got.ptr, client->got.len};
	size_t len = 0;

	for (size_t i = 0; i + sizeof(mark) + 3 <= rest.len && len + 5 < 64; i++) {
		if (memcmp(rest.ptr + i, mark, sizeof(mark) - 1) != 0)
			continue;
		if (len)
			said[len++] = ' ';
		memcpy(said + len, rest.ptr + i + sizeof(mark) - 1, 3);
		len += 3;
	}
	said[len] = '\0';
	return said;
}
