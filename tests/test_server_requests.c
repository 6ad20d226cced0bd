/* SPDX-License-Identifier: MIT */
/* What the HTTP server takes for a request, sent at once and byte by byte. */
#include "server_scene.h"

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
	{"empty lines of all kinds in front",
	 TEXT("\n\n\r\r\n\rGET /a HTTP/1.1\r\n" LAST "\r\n"), "200", "/a?=\n"},
	{"empty lines between two and behind the last",
	 TEXT("GET /a HTTP/1.1\r\n" HOST "\r\n\r\n\r\n\r\nGET /b HTTP/1.1\r\n" LAST "\r\n\r\n"),
	 "200 200", "/a?=\n/b?=\n"},
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

int main(void)
{
	JW_ROWS(rows, at_once);
	JW_ROWS(rows, byte_by_byte);
	return rows_run();
}
