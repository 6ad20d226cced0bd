/* SPDX-License-Identifier: MIT */
/* The daemon's HTTP server: what it takes for a request, and clients that leave, hang, push and pile up. */
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

static void on_gone(void *context)
{
	struct scene *scene = context;

	scene->gone++;
}

static void visit(void *context, struct jw_visit *visit, const struct jw_visit_request *request)
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
	scene->server.reply(visit, &reply);
}

static void stop(void *context)
{
	struct scene *scene = context;

	scene->loop.stop(scene->loop.self);
}

/* All that is ready now, a few times over. */
static void turn(struct scene *scene)
{
	for (size_t i = 0; i < 4; i++) {
		scene->loop.arm(scene->turn, 0);
		scene->loop.run(scene->loop.self,
				jw_adapter_clock.monotonic_ms(NULL) + BOUND_MS);
	}
}

static void on_heard(void *context, int fd, int what)
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

static void begin(struct scene *scene)
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

static void leave(struct client *client)
{
	if (client->fd < 0)
		return;
	client->scene->loop.unwatch(client->watch);
	close(client->fd);
	client->fd = -1;
}

static void end(struct scene *scene)
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

static struct client *come(struct scene *scene, size_t number)
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

static void say(struct client *client, const char *text)
{
	assert_int_equal(write(client->fd, text, strlen(text)), strlen(text));
	turn(client->scene);
}

/* Until the server has ended the connection. */
static void hear_out(struct client *client)
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

struct row {
	const char *name;
	struct jw_str sent;
	const char *statuses;
	const char *seen;
};

#define REFUSED(literal, status) TEXT(literal), status, ""
static const struct row rows[] = {
	{"a plain request", TEXT("GET /a?b=c HTTP/1.1\r\n" LAST "\r\n"), "200", "/a?b=c=\n"},
	{"bare newlines", TEXT("GET /a HTTP/1.1\nHost: a\nConnection: close\n\n"), "200",
	 "/a?=\n"},
	{"empty lines in front", TEXT("\r\n\r\nGET /a HTTP/1.1\r\n" LAST "\r\n"), "200",
	 "/a?=\n"},
	{"a body", TEXT("POST /a HTTP/1.1\r\n" LAST "Content-Length: 3\r\n\r\nxyz"), "200",
	 "/a?=xyz\n"},
	{"three in a row",
	 TEXT("GET /1 HTTP/1.1\r\n" HOST "\r\nPOST /2 HTTP/1.1\r\n" HOST
	      "Content-Length: 2\r\n\r\nxyGET /3 HTTP/1.1\r\n" LAST "\r\n"),
	 "200 200 200", "/1?=\n/2?=xy\n/3?=\n"},
	{"a bad one behind a good one",
	 TEXT("GET /1 HTTP/1.1\r\n" HOST "\r\nGET nowhere HTTP/1.1\r\n" HOST "\r\n"), "200 400",
	 "/1?=\n"},
	{"nothing behind the last", TEXT("GET /1 HTTP/1.1\r\n" LAST "\r\nGET /2 HTTP/1.1\r\n"),
	 "200", "/1?=\n"},
	{"HTTP/1.0 ends the connection", TEXT("GET /a HTTP/1.0\r\n\r\n"), "200", "/a?=\n"},
	{"HTTP/1.0 that is kept",
	 TEXT("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n"),
	 "200 200", "/a?=\n/b?=\n"},
	{"an absolute target", TEXT("GET http://h:1/a?q HTTP/1.1\r\n" LAST "\r\n"), "200",
	 "/a?q=\n"},
	{"an escape is decoded once", TEXT("GET /%2541 HTTP/1.1\r\n" LAST "\r\n"), "200",
	 "/%41?=\n"},
	{"one to go on",
	 TEXT("POST /a HTTP/1.1\r\n" LAST "Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx"),
	 NULL, "/a?=x\n"},
	{"two lengths",
	 REFUSED("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
		 "400")},
	{"a list of lengths",
	 REFUSED("POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\nx", "400")},
	{"a signed length",
	 REFUSED("POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\nx", "400")},
	{"an empty length",
	 REFUSED("POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", "400")},
	{"a length and an encoding",
	 REFUSED("POST / HTTP/1.1\r\n" HOST
		 "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		 "400")},
	{"an encoding",
	 REFUSED("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		 "501")},
	{"a body too large",
	 REFUSED("POST / HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n", "413")},
	{"a length past all numbers",
	 REFUSED("POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n",
		 "413")},
	{"a folded header", REFUSED("GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n", "400")},
	{"a blank before the colon", REFUSED("GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n", "400")},
	{"a header without a colon", REFUSED("GET / HTTP/1.1\r\n" HOST "A\r\n\r\n", "400")},
	{"a header without a name", REFUSED("GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n", "400")},
	{"a NUL in a header", REFUSED("GET / HTTP/1.1\r\n" HOST "A: b\0c\r\n\r\n", "400")},
	{"a NUL in the target", REFUSED("GET /\0 HTTP/1.1\r\n" HOST "\r\n", "400")},
	{"a bare CR", REFUSED("GET / HTTP/1.1\r\n" HOST "A: b\rc\r\n\r\n", "400")},
	{"no host", REFUSED("GET / HTTP/1.1\r\n\r\n", "400")},
	{"no host, and a body that isn't there",
	 REFUSED("POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n", "400")},
	{"two hosts", REFUSED("GET / HTTP/1.1\r\n" HOST HOST "\r\n", "400")},
	{"HTTP/0.9", REFUSED("GET /\r\n\r\n", "400")},
	{"HTTP/2.0", REFUSED("GET / HTTP/2.0\r\n" HOST "\r\n", "505")},
	{"the preface of HTTP/2", REFUSED("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505")},
	{"another protocol", REFUSED("GET / ICY/1.1\r\n" HOST "\r\n", "400")},
	{"two blanks", REFUSED("GET  / HTTP/1.1\r\n" HOST "\r\n", "400")},
	{"a tab in the target", REFUSED("GET /a\tb HTTP/1.1\r\n" HOST "\r\n", "400")},
	{"an escaped NUL", REFUSED("GET /a%00b HTTP/1.1\r\n" HOST "\r\n", "400")},
	{"half an escape", REFUSED("GET /a%4 HTTP/1.1\r\n" HOST "\r\n", "400")},
	{"an escape that isn't one", REFUSED("GET /a%zz HTTP/1.1\r\n" HOST "\r\n", "400")},
	{"a fragment", REFUSED("GET /a#b HTTP/1.1\r\n" HOST "\r\n", "400")},
	{"an asterisk", REFUSED("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "400")},
	{"an absolute target without a path",
	 REFUSED("GET http://h HTTP/1.1\r\n" HOST "\r\n", "400")},
	{"close wins over keep-alive, in any order",
	 TEXT("GET /a HTTP/1.1\r\n" LAST "Connection: keep-alive\r\n\r\n"), "200", "/a?=\n"},
};

static void check(struct scene *scene, const struct row *row)
{
	char said[64];

	hear_out(&scene->clients[0]);
	if (row->statuses)
		assert_string_equal(statuses(&scene->clients[0], said), row->statuses);
	assert_string_equal(scene->seen.len ? scene->seen.ptr : "", row->seen);
}

static void at_once(void **state)
{
	const struct row *row = *state;
	struct scene scene;
	struct client *client;

	begin(&scene);
	client = come(&scene, 0);
	assert_int_equal(write(client->fd, row->sent.ptr, row->sent.len), row->sent.len);
	check(&scene, row);
	end(&scene);
}

static void byte_by_byte(void **state)
{
	const struct row *row = *state;
	struct scene scene;
	struct client *client;

	begin(&scene);
	client = come(&scene, 0);
	for (size_t i = 0; i < row->sent.len && !client->is_over; i++) {
		assert_int_equal(write(client->fd, row->sent.ptr + i, 1), 1);
		turn(&scene);
	}
	check(&scene, row);
	end(&scene);
}

static void a_head_is_answered_without_a_body(void **state)
{
	struct scene scene;
	struct client *client;

	(void)state;
	begin(&scene);
	client = come(&scene, 0);
	say(client, "HEAD /page HTTP/1.1\r\n" LAST "\r\n");
	hear_out(client);
	assert_non_null(strstr(client->got.ptr, "Content-Length: 16777216\r\n"));
	assert_string_equal(client->got.ptr + client->got.len - 4, "\r\n\r\n");
	end(&scene);
}

static void a_client_is_told_to_go_on_once(void **state)
{
	struct scene scene;
	struct client *client;
	char said[64];

	(void)state;
	begin(&scene);
	client = come(&scene, 0);
	say(client,
	    "POST /a HTTP/1.1\r\n" LAST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	assert_string_equal(statuses(client, said), "100");
	say(client, "x");
	say(client, "y");
	hear_out(client);
	assert_string_equal(statuses(client, said), "100 200");
	end(&scene);
}

static void a_head_without_end_is_refused(void **state)
{
	struct scene scene;
	struct client *client;
	char said[64];
	char line[1025];

	(void)state;
	memset(line, 'a', 1024);
	line[1024] = '\0';
	begin(&scene);
	client = come(&scene, 0);
	say(client, "GET / HTTP/1.1\r\nA: ");
	for (size_t i = 0; i < 16 && !client->is_over; i++)
		say(client, line);
	hear_out(client);
	assert_string_equal(statuses(client, said), "431");
	end(&scene);
}

/* A client that sends all before it reads would have a reset for an answer. */
static void who_is_refused_amid_a_body_can_send_it_all_and_read_why(void **state)
{
	struct scene scene;
	struct client *client;
	char *part = calloc(1, 30001);
	char said[64];

	(void)state;
	memset(part, 'x', 30000);
	begin(&scene);
	client = come(&scene, 0);
	scene.loop.want(client->watch, 0);
	say(client, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 120000\r\n\r\n");
	for (size_t i = 0; i < 4; i++)
		say(client, part);
	scene.loop.want(client->watch, JW_LOOP_READ);
	hear_out(client);
	assert_string_equal(statuses(client, said), "413");
	free(part);
	end(&scene);
}

static void who_leaves_while_held_is_gone_once(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	say(come(&scene, 0), "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(scene.held_count, 1);
	assert_int_equal(scene.gone, 0);
	leave(&scene.clients[0]);
	turn(&scene);
	assert_int_equal(scene.gone, 1);
	turn(&scene);
	assert_int_equal(scene.gone, 1);
	end(&scene);
	assert_int_equal(scene.gone, 1);
}

static void who_leaves_amid_a_body_is_let_go(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	say(come(&scene, 0), "POST /a HTTP/1.1\r\n" HOST "Content-Length: 60000\r\n\r\nxyz");
	leave(&scene.clients[0]);
	turn(&scene);
	assert_int_equal(scene.visits, 0);
	end(&scene);
}

static void requests_in_a_row_let_others_have_their_turn(void **state)
{
	struct scene scene;
	struct client *client;

	(void)state;
	begin(&scene);
	client = come(&scene, 0);
	for (size_t i = 0; i < 40; i++)
		assert_true(write(client->fd, "GET /a HTTP/1.1\r\n" HOST "\r\n", 28) == 28);
	turn(&scene);
	assert_in_range(scene.visits, 1, 39);
	for (size_t i = 0; i < 40; i++)
		turn(&scene);
	assert_int_equal(scene.visits, 40);
	end(&scene);
}

/* Far more than is kept of them while the first one is held. */
static void requests_piled_up_behind_a_held_one_are_all_answered(void **state)
{
	static const char one[] = "POST /x HTTP/1.1\r\n" HOST "Content-Length: 60000\r\n\r\n";
	const struct jw_visit_reply reply = {.status = 200, .media_type = "text/plain"};
	struct scene scene;
	struct client *client;
	char *pile = calloc(1, 60001);
	char said[64];

	(void)state;
	memset(pile, 'x', 60000);
	begin(&scene);
	scene.seen.max = 1 << 20;
	client = come(&scene, 0);
	say(client, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	for (size_t i = 0; i < 3; i++) {
		say(client, one);
		say(client, pile);
	}
	say(client, "GET /y HTTP/1.1\r\n" LAST "\r\n");
	assert_int_equal(scene.visits, 1);
	scene.server.reply(scene.held[0], &reply);
	hear_out(client);
	assert_string_equal(statuses(client, said), "200 200 200 200 200");
	free(pile);
	end(&scene);
}

static void a_slow_readers_page_is_released_when_it_leaves(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	come(&scene, 0);
	scene.loop.want(scene.clients[0].watch, 0);
	say(&scene.clients[0], "GET /page HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(scene.page->references, 2);
	leave(&scene.clients[0]);
	turn(&scene);
	assert_int_equal(scene.page->references, 1);
	end(&scene);
}

static void the_oldest_reader_makes_room(void **state)
{
	struct scene scene;
	char said[64];

	(void)state;
	begin(&scene);
	say(come(&scene, 0), "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	for (size_t i = 1; i < CLIENTS; i++)
		say(come(&scene, i), "GET / HT");
	say(come(&scene, CLIENTS), "GET /a HTTP/1.1\r\n" LAST "\r\n");
	hear_out(&scene.clients[CLIENTS]);
	assert_string_equal(statuses(&scene.clients[CLIENTS], said), "200");
	assert_true(scene.clients[1].is_over);
	assert_false(scene.clients[0].is_over);
	assert_false(scene.clients[2].is_over);
	assert_int_equal(scene.gone, 0);
	end(&scene);
}

/* Reading, held and writing at once. */
static void all_visits_end_with_the_server(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	say(come(&scene, 0), "GET /hold HTTP/1.1\r\n" HOST "\r\n");
	say(come(&scene, 1), "POST / HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nx");
	come(&scene, 2);
	scene.loop.want(scene.clients[2].watch, 0);
	say(&scene.clients[2], "GET /page HTTP/1.1\r\n" HOST "\r\n");
	scene.server.stop(scene.server.self);
	assert_int_equal(scene.page->references, 2);
	scene.server.close(scene.server.self);
	scene.server.self = NULL;
	assert_int_equal(scene.page->references, 1);
	assert_int_equal(scene.gone, 0);
	hear_out(&scene.clients[0]);
	hear_out(&scene.clients[1]);
	end(&scene);
}

static void listening_that_fails_says_why(void **state)
{
	struct scene scene;
	struct jw_err err = {0};
	char address[64];

	(void)state;
	begin(&scene);
	snprintf(address, sizeof(address), "127.0.0.1:%u", scene.port);
	assert_int_equal(scene.server.listen(scene.server.self, address, &err), JW_CONFIG);
	assert_non_null(strstr(err.text, address));
	assert_non_null(strstr(err.text, "another program does already"));
	assert_int_equal(scene.server.listen(scene.server.self, "192.0.2.1:1", &err),
			 JW_CONFIG);
	for (size_t i = 0; i < 6; i++) {
		static const char *const bad[] = {
			"", "9788", "host:", "::1", "[::1]:", "unix:"};

		assert_int_equal(scene.server.listen(scene.server.self, bad[i], &err),
				 JW_CONFIG);
	}
	end(&scene);
}

static void a_socket_that_is_left_over_is_taken_and_one_in_use_isnt(void **state)
{
	struct scene scene;
	struct jw_err err = {0};
	char folder[] = "/tmp/jw-server-XXXXXX";
	char address[64];

	(void)state;
	begin(&scene);
	assert_non_null(mkdtemp(folder));
	snprintf(address, sizeof(address), "unix:%s/s", folder);
	assert_int_equal(scene.server.listen(scene.server.self, address, &err), JW_OK);
	assert_int_equal(scene.server.listen(scene.server.self, address, &err), JW_CONFIG);
	assert_non_null(strstr(err.text, "another program does already"));
	scene.server.stop(scene.server.self);
	assert_int_equal(access(address + 5, F_OK), -1);
	assert_int_equal(scene.server.listen(scene.server.self, address, &err), JW_OK);
	scene.server.stop(scene.server.self);
	assert_int_equal(rmdir(folder), 0);
	end(&scene);
}

int main(void)
{
	JW_ROWS(rows, at_once);
	JW_ROWS(rows, byte_by_byte);
	JW_TEST(a_head_is_answered_without_a_body);
	JW_TEST(a_client_is_told_to_go_on_once);
	JW_TEST(a_head_without_end_is_refused);
	JW_TEST(who_is_refused_amid_a_body_can_send_it_all_and_read_why);
	JW_TEST(who_leaves_while_held_is_gone_once);
	JW_TEST(who_leaves_amid_a_body_is_let_go);
	JW_TEST(requests_in_a_row_let_others_have_their_turn);
	JW_TEST(requests_piled_up_behind_a_held_one_are_all_answered);
	JW_TEST(a_slow_readers_page_is_released_when_it_leaves);
	JW_TEST(the_oldest_reader_makes_room);
	JW_TEST(all_visits_end_with_the_server);
	JW_TEST(listening_that_fails_says_why);
	JW_TEST(a_socket_that_is_left_over_is_taken_and_one_in_use_isnt);
	return rows_run();
}
