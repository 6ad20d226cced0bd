/* SPDX-License-Identifier: MIT */
/* Clients of the HTTP server that leave, hang, push and pile up. */
#include "server_scene.h"

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

static void reset(struct client *client)
{
	const struct linger none = {1, 0};

	setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	leave(client);
}

static void send_no_more(struct client *client)
{
	shutdown(client->fd, SHUT_WR);
	turn(client->scene);
}

static void send_no_more_and_reset(struct client *client)
{
	send_no_more(client);
	assert_int_equal(client->scene->gone, 0);
	reset(client);
}

#define HELD "GET /hold HTTP/1.1\r\n" HOST "\r\n"
#define HELD_OLD "GET /hold HTTP/1.0\r\n\r\n"
static const struct leaving {
	const char *name;
	const char *sent;
	void (*leave)(struct client *client);
} leavings[] = {
	{"who leaves while held is gone once", HELD, leave},
	{"who resets while held is gone once", HELD, reset},
	{"who resets while held is gone once, by HTTP/1.0", HELD_OLD, reset},
	{"who ends what it sends and resets is gone once", HELD, send_no_more_and_reset},
	{"who ends what it sends and resets is gone once, by HTTP/1.0", HELD_OLD,
	 send_no_more_and_reset},
	{"who leaves while another one is behind it is gone once", HELD HELD, leave},
	{"who resets behind a pile is gone once", NULL, reset},
};

/* A pile that is more than is kept. */
static void pile_up(struct client *client)
{
	char *pile = calloc(1, 120001);

	memset(pile, 'x', 120000);
	memcpy(pile, HELD "GET / HTTP/1.1\r\nA: ", strlen(HELD "GET / HTTP/1.1\r\nA: "));
	say(client, pile);
	free(pile);
}

static void is_gone_once(void **state)
{
	const struct leaving *row = *state;
	struct scene scene;
	struct client *client;

	begin(&scene);
	client = come(&scene, 0);
	if (row->sent)
		say(client, row->sent);
	else
		pile_up(client);
	assert_int_equal(scene.held_count, 1);
	assert_int_equal(scene.gone, 0);
	row->leave(client);
	turn(&scene);
	assert_int_equal(scene.gone, 1);
	turn(&scene);
	assert_int_equal(scene.gone, 1);
	end(&scene);
	assert_int_equal(scene.gone, 1);
}

static const struct waiting {
	const char *name;
	const char *sent;
	const char *statuses;
} waitings[] = {
	{"who ends what it sends while held is answered", HELD, "100 200"},
	{"who ends what it sends while held is answered, by HTTP/1.0", HELD_OLD, "200"},
	{"so are the requests behind it", HELD "GET /a HTTP/1.1\r\n" HOST "\r\n",
	 "100 200 200"},
	{"but not half a one", HELD "GET /a HTTP/1.1\r\n", "100 200"},
};

static void is_answered(void **state)
{
	const struct jw_visit_reply reply = {.status = 200, .media_type = "text/plain"};
	const struct waiting *row = *state;
	struct scene scene;
	struct client *client;
	char said[64];

	begin(&scene);
	client = come(&scene, 0);
	say(client, row->sent);
	send_no_more(client);
	turn(&scene);
	assert_int_equal(scene.gone, 0);
	scene.server.reply(scene.held[0], &reply);
	hear_out(client);
	assert_string_equal(statuses(client, said), row->statuses);
	assert_int_equal(scene.gone, 0);
	end(&scene);
}

/* The end comes with the last byte, in one read. */
static void who_ends_what_it_sends_is_answered(void **state)
{
	static const char head[] = "POST /a HTTP/1.0\r\nContent-Length: 16341\r\n\r\n";
	struct scene scene;
	struct client *client;
	char *sent = calloc(1, 16385);
	char said[64];

	(void)state;
	memset(sent, 'x', 16384);
	memcpy(sent, head, sizeof(head) - 1);
	begin(&scene);
	scene.seen.max = 1 << 20;
	client = come(&scene, 0);
	assert_int_equal(write(client->fd, sent, 16384), 16384);
	send_no_more(client);
	hear_out(client);
	assert_string_equal(statuses(client, said), "200");
	free(sent);
	end(&scene);
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
	assert_true(scene.server.is_local(scene.server.self));
	scene.server.stop(scene.server.self);
	assert_int_equal(access(address + 5, F_OK), -1);
	assert_int_equal(scene.server.listen(scene.server.self, address, &err), JW_OK);
	scene.server.stop(scene.server.self);
	assert_int_equal(rmdir(folder), 0);
	end(&scene);
}

static void lengths_are_of_what_there_is(void **state)
{
	static const struct {
		const char *sent;
		const char *has;
		const char *lacks;
	} all[] = {
		{"HEAD /length HTTP/1.1\r\n" LAST "\r\n", "\r\nContent-Length: 4711\r\n",
		 "said"},
		{"GET /nothing HTTP/1.1\r\n" LAST "\r\n", "HTTP/1.1 204 No Content\r\n",
		 "Content-Length"},
		{"GET /known HTTP/1.1\r\n" LAST "\r\n", "HTTP/1.1 304 Not Modified\r\n",
		 "Content-Length"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct scene scene;
		struct client *client;

		begin(&scene);
		client = come(&scene, 0);
		say(client, all[i].sent);
		hear_out(client);
		assert_non_null(strstr(client->got.ptr, all[i].has));
		assert_null(strstr(client->got.ptr, all[i].lacks));
		end(&scene);
	}
}

static void it_knows_whether_others_can_reach_it(void **state)
{
	static const struct {
		const char *address;
		bool is_local;
	} all[] = {{"127.0.0.1:0", true},
		   {"127.8.8.8:0", true},
		   {"localhost:0", true},
		   {"0.0.0.0:0", false},
		   {"*:0", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct scene scene;
		struct jw_err err = {0};

		begin(&scene);
		assert_true(scene.server.is_local(scene.server.self));
		assert_int_equal(scene.server.listen(scene.server.self, all[i].address, &err),
				 JW_OK);
		assert_int_equal(scene.server.is_local(scene.server.self), all[i].is_local);
		end(&scene);
	}
}

int main(void)
{
	JW_TEST(lengths_are_of_what_there_is);
	JW_TEST(it_knows_whether_others_can_reach_it);
	JW_TEST(a_head_is_answered_without_a_body);
	JW_TEST(a_client_is_told_to_go_on_once);
	JW_TEST(a_head_without_end_is_refused);
	JW_TEST(who_is_refused_amid_a_body_can_send_it_all_and_read_why);
	JW_ROWS(leavings, is_gone_once);
	JW_ROWS(waitings, is_answered);
	JW_TEST(who_ends_what_it_sends_is_answered);
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
