/* SPDX-License-Identifier: MIT */
/* What a browser lets a page from elsewhere ask and read: rows of the Fetch standard. */
#include "rows.h"

#include <string.h>

#include "checks/cors.h"

#define ORIGIN "https://page.example.org"
#define URL "https://api.example.org/token"
#define BLOCKED                                                                                \
	"; a browser says: Access to fetch at '" URL "' from origin '" ORIGIN                  \
	"' has been blocked by CORS policy: "
#define UNREAD "a page of " ORIGIN " can't read the answer: "

struct ask_row {
	const char *name;
	const char *method;
	const char *lines[4];
	bool asks;
	const char *names;
};

static const struct ask_row ask_rows[] = {
	{"a GET", "GET", {NULL}, false, ""},
	{"a POST", "POST", {NULL}, false, ""},
	{"a PUT", "PUT", {NULL}, true, ""},
	{"a method in small letters", "post", {NULL}, true, ""},
	{"JSON", "POST", {"Content-Type: application/json"}, true, "content-type"},
	{"a form", "POST", {"Content-Type: application/x-www-form-urlencoded"}, false, ""},
	{"text", "POST", {"content-type: text/plain; charset=utf-8"}, false, ""},
	{"text with a parameter that no form has",
	 "POST",
	 {"Content-Type: text/plain; a=\"b\""},
	 true,
	 "content-type"},
	{"Authorization", "GET", {"Authorization: Bearer x"}, true, "authorization"},
	{"one of their own", "GET", {"X-Sandbox-ID: a"}, true, "x-sandbox-id"},
	{"several, sorted and once",
	 "POST",
	 {"X-B: 1", "Content-Type: application/json", "x-b: 2", "X-A: 3"},
	 true,
	 "content-type,x-a,x-b"},
	{"one that begins like another",
	 "GET",
	 {"X-Room-Name: 1", "X-Room: 2"},
	 true,
	 "x-room,x-room-name"},
	{"Accept", "GET", {"Accept: application/json, */*;q=0.1"}, false, ""},
	{"Accept with odd signs", "GET", {"Accept: {}"}, true, "accept"},
	{"a language", "GET", {"Accept-Language: de-DE, *;q=0.5"}, false, ""},
	{"no language", "GET", {"Content-Language: de/DE"}, true, "content-language"},
	{"what the browser says by itself",
	 "GET",
	 {"Cookie: a=b", "Sec-Fetch-Mode: cors", "Proxy-Authorization: x", "Origin: " ORIGIN},
	 false,
	 ""},
	{"names that begin alike", "GET", {"Sec: 1", "Proxy: 2"}, true, "proxy,sec"},
	{"a value of 128 bytes",
	 "GET",
	 {"Accept: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	 false,
	 ""},
	{"a longer one",
	 "GET",
	 {"Accept: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	 true,
	 "accept"},
};

static void asks_or_not(void **state)
{
	const struct ask_row *row = *state;
	const char *lines[5] = {row->lines[0], row->lines[1], row->lines[2], row->lines[3]};
	jw_autobuf struct jw_buf names = JW_BUF(1024);

	jw_buf_text(&names, "");
	assert_int_equal(jw_cors_must_ask(row->method, lines, &names), row->asks);
	assert_string_equal(names.ptr, row->names);
}

struct answer_row {
	const char *name;
	const char *headers; /* "Name: value\n" each */
	const char *refusal; /* whole; NULL: none */
	long status;	     /* of a preflight's answer */
	const char *method;  /* that leave is asked for */
	const char *names;
};

#define NO_ORIGIN                                                                              \
	"No 'Access-Control-Allow-Origin' header is present on the requested resource."
#define ALLOWED "Access-Control-Allow-Origin: " ORIGIN "\n"
#define ANY "Access-Control-Allow-Origin: *\n"
#define ABSENT "it has no header Access-Control-Allow-Origin"

static const struct answer_row answer_rows[] = {
	{"any origin", ANY, NULL, 0, NULL, NULL},
	{"this origin", ALLOWED, NULL, 0, NULL, NULL},
	{"in any case", "access-control-allow-origin: *\n", NULL, 0, NULL, NULL},
	{"none", "", UNREAD ABSENT BLOCKED NO_ORIGIN, 0, NULL, NULL},
	{"another origin", "Access-Control-Allow-Origin: https://other.example.org\n",
	 UNREAD
	 "its header Access-Control-Allow-Origin names https://other.example.org, another "
	 "origin" BLOCKED "The 'Access-Control-Allow-Origin' header has a value "
	 "'https://other.example.org' that is not equal to the supplied origin.",
	 0, NULL, NULL},
	{"another scheme", "Access-Control-Allow-Origin: http://page.example.org\n",
	 UNREAD "its header Access-Control-Allow-Origin names http://page.example.org, another "
		"origin" BLOCKED "The 'Access-Control-Allow-Origin' header has a value "
		"'http://page.example.org' that is not equal to the supplied origin.",
	 0, NULL, NULL},
	{"a slash at its end", "Access-Control-Allow-Origin: " ORIGIN "/\n",
	 UNREAD "its header Access-Control-Allow-Origin holds no origin" BLOCKED
		"The 'Access-Control-Allow-Origin' header contains an invalid value.",
	 0, NULL, NULL},
	{"a pattern", "Access-Control-Allow-Origin: *.example.org\n",
	 UNREAD "its header Access-Control-Allow-Origin holds no origin" BLOCKED
		"The 'Access-Control-Allow-Origin' header contains an invalid value.",
	 0, NULL, NULL},
	{"nothing in it", "Access-Control-Allow-Origin: \n",
	 UNREAD "its header Access-Control-Allow-Origin holds no origin" BLOCKED
		"The 'Access-Control-Allow-Origin' header contains an invalid value.",
	 0, NULL, NULL},
	{"twice", ALLOWED ALLOWED,
	 UNREAD
	 "its header Access-Control-Allow-Origin names several origins, and may name "
	 "one" BLOCKED
	 "The 'Access-Control-Allow-Origin' header contains multiple values, but only one "
	 "is allowed.",
	 0, NULL, NULL},
	{"a list", "Access-Control-Allow-Origin: " ORIGIN ", https://other.example.org\n",
	 UNREAD
	 "its header Access-Control-Allow-Origin names several origins, and may name "
	 "one" BLOCKED
	 "The 'Access-Control-Allow-Origin' header contains multiple values, but only one "
	 "is allowed.",
	 0, NULL, NULL},
};

/* Where redirects lead on, and where they ended. */
struct hop_row {
	const char *name;
	const char *headers;
	long status;
	const char *first;
	const char *refusal;
};

#define FIRST "https://api.example.org/first"
#define BLOCKED_THEN                                                                           \
	"; a browser says: Access to fetch at '" URL "' (redirected from '" FIRST              \
	"') from origin '" ORIGIN "' has been blocked by CORS policy: "
#define NOT_LED "a page of " ORIGIN " isn't led on by this redirect (HTTP status 308): "

static const struct hop_row hop_rows[] = {
	{"a redirect for any origin", ANY "Location: /x\n", 308, URL, NULL},
	{"a redirect for this origin", ALLOWED "Location: /x\n", 308, FIRST, NULL},
	{"a redirect for none", "Location: /x\n", 308, URL, NOT_LED ABSENT BLOCKED NO_ORIGIN},
	{"a second redirect for none", "Location: /x\n", 308, FIRST,
	 NOT_LED ABSENT BLOCKED_THEN NO_ORIGIN},
	{"a redirect for several", ALLOWED ANY, 308, FIRST,
	 NOT_LED "its header Access-Control-Allow-Origin names several origins, and may name "
		 "one" BLOCKED_THEN "The 'Access-Control-Allow-Origin' header contains "
		 "multiple values, but only one is allowed."},
	{"an end for any origin", ANY, 200, FIRST, NULL},
	{"an end for none", "", 200, FIRST, UNREAD ABSENT BLOCKED_THEN NO_ORIGIN},
};

#define LEAVE(asked)                                                                           \
	"a page of " ORIGIN " gets no leave to ask: it asks by OPTIONS beforehand (" asked     \
	"), and of the answer "
#define CHECK "Response to preflight request doesn't pass access control check: "
#define JSON "POST with content-type"

static const struct answer_row leave_rows[] = {
	{"leave", ANY "Access-Control-Allow-Headers: Content-Type\n", NULL, 204, "POST",
	 "content-type"},
	{"leave for any header", ANY "Access-Control-Allow-Headers: *\n", NULL, 200, "POST",
	 "content-type,x-a"},
	{"leave in several lines",
	 ANY "Access-Control-Allow-Headers: X-A, ,x-b\nAccess-Control-Allow-Headers: x-C\n",
	 NULL, 204, "GET", "x-a,x-b,x-c"},
	{"leave for a method", ANY "Access-Control-Allow-Methods: GET, PUT\n", NULL, 204, "PUT",
	 ""},
	{"leave for any method", ANY "Access-Control-Allow-Methods: *\n", NULL, 204, "DELETE",
	 ""},
	{"no method is needed for a plain one",
	 ANY "Access-Control-Allow-Methods: PUT\nAccess-Control-Allow-Headers: x-a\n", NULL,
	 204, "POST", "x-a"},
	{"leave with any good status", ALLOWED "Access-Control-Allow-Headers: x-a\n", NULL, 299,
	 "GET", "x-a"},
	{"no origin", "Access-Control-Allow-Headers: *\n",
	 LEAVE(JSON) ABSENT BLOCKED CHECK NO_ORIGIN, 204, "POST", "content-type"},
	{"no origin, and another status", "",
	 LEAVE(JSON) "its HTTP status is 405, and " ABSENT BLOCKED CHECK NO_ORIGIN, 405, "POST",
	 "content-type"},
	{"another status", ANY "Access-Control-Allow-Headers: *\n",
	 LEAVE(JSON) "its HTTP status is 401" BLOCKED CHECK "It does not have HTTP ok status.",
	 401, "POST", "content-type"},
	{"a redirect", ANY "Location: /x\nAccess-Control-Allow-Headers: *\n",
	 LEAVE(JSON) "it is a redirect (HTTP status 307)" BLOCKED CHECK
		     "Redirect is not allowed for a preflight request.",
	 307, "POST", "content-type"},
	{"no headers", ANY,
	 LEAVE(JSON) "its header Access-Control-Allow-Headers doesn't name content-type" BLOCKED
		     "Request header field content-type is not allowed by "
		     "Access-Control-Allow-Headers in preflight response.",
	 204, "POST", "content-type"},
	{"one header of two", ANY "Access-Control-Allow-Headers: content-type\n",
	 LEAVE("POST with content-type,x-a") "its header Access-Control-Allow-Headers doesn't "
					     "name x-a" BLOCKED
					     "Request header field x-a is not allowed by "
					     "Access-Control-Allow-Headers in preflight "
					     "response.",
	 204, "POST", "content-type,x-a"},
	{"a * isn't for Authorization", ANY "Access-Control-Allow-Headers: *\n",
	 LEAVE("GET with authorization") "its header Access-Control-Allow-Headers doesn't name "
					 "authorization, which a * doesn't mean" BLOCKED
					 "Request header field authorization is not allowed by "
					 "Access-Control-Allow-Headers in preflight response.",
	 204, "GET", "authorization"},
	{"Authorization by its name", ANY "Access-Control-Allow-Headers: *, Authorization\n",
	 NULL, 204, "GET", "authorization,x-a"},
	{"another method", ANY "Access-Control-Allow-Methods: GET, put\n",
	 LEAVE("PUT") "its header Access-Control-Allow-Methods doesn't name PUT" BLOCKED
		      "Method PUT is not allowed by Access-Control-Allow-Methods in preflight "
		      "response.",
	 204, "PUT", ""},
	{"no methods", ANY,
	 LEAVE("PUT") "its header Access-Control-Allow-Methods doesn't name PUT" BLOCKED
		      "Method PUT is not allowed by Access-Control-Allow-Methods in preflight "
		      "response.",
	 204, "PUT", ""},
	{"methods that are no list", ANY "Access-Control-Allow-Methods: GET PUT\n",
	 LEAVE("PUT") "its header Access-Control-Allow-Methods can't be read as a list" BLOCKED
		      "Cannot parse Access-Control-Allow-Methods response header field in "
		      "preflight response.",
	 204, "PUT", ""},
	{"headers that are no list", ANY "Access-Control-Allow-Headers: x-a; x-b\n",
	 LEAVE("GET with x-a") "its header Access-Control-Allow-Headers can't be read as a "
			       "list" BLOCKED "Cannot parse Access-Control-Allow-Headers "
			       "response header field "
			       "in preflight response.",
	 204, "GET", "x-a"},
};

static struct jw_http_reply reply_of(const struct answer_row *row,
				     struct jw_http_header headers[8])
{
	struct jw_http_reply reply = {.status = row->status, .headers = headers};
	struct jw_str rest = jw_str_of(row->headers);
	struct jw_str line;

	while (jw_str_cut(rest, '\n', &line, &rest)) {
		struct jw_http_header *header = &headers[reply.header_count++];

		jw_str_cut(line, ':', &header->name, &header->value);
		header->value = jw_str_trim(header->value);
	}
	return reply;
}

static void assert_refusal(const char *refusal, const char *expected)
{
	if (!refusal || !expected)
		assert_ptr_equal(refusal, expected);
	else
		assert_string_equal(refusal, expected);
}

static void lets_read_or_not(void **state)
{
	const struct answer_row *row = *state;
	struct jw_http_header headers[8];
	struct jw_http_reply reply = reply_of(row, headers);
	struct jw_arena arena = {0};

	assert_refusal(jw_cors_refusal(&reply, ORIGIN, URL, URL, &arena), row->refusal);
	jw_arena_done(&arena);
}

static void leads_on_or_not(void **state)
{
	const struct hop_row *row = *state;
	const struct answer_row given = {.headers = row->headers, .status = row->status};
	struct jw_http_header headers[8];
	struct jw_http_reply reply = reply_of(&given, headers);
	struct jw_arena arena = {0};

	assert_refusal((row->status < 300 ? jw_cors_refusal : jw_cors_no_way_on)(
			       &reply, ORIGIN, URL, row->first, &arena),
		       row->refusal);
	jw_arena_done(&arena);
}

static void gives_leave_or_not(void **state)
{
	const struct answer_row *row = *state;
	struct jw_http_header headers[8];
	struct jw_http_reply reply = reply_of(row, headers);
	struct jw_arena arena = {0};

	assert_refusal(jw_cors_no_leave(&reply, ORIGIN, URL, row->method, jw_str_of(row->names),
					&arena),
		       row->refusal);
	jw_arena_done(&arena);
}

struct mixed_row {
	const char *name;
	const char *origin;
	const char *url;
	bool is_mixed;
};

static const struct mixed_row mixed_rows[] = {
	{"http in a page of https", ORIGIN, "http://api.example.org/token", true},
	{"... on the page's own host", ORIGIN, "http://page.example.org/token", true},
	{"... in capitals", ORIGIN, "HTTP://api.example.org/token", true},
	{"... at an address of the network", ORIGIN, "http://192.168.0.7:8000/token", true},
	{"... at a name that begins like one", ORIGIN, "http://127.example.org/token", true},
	{"... at a name that ends like one", ORIGIN, "http://notlocalhost/token", true},
	{"https in it", ORIGIN, "https://api.example.org/token", false},
	{"http in a page of http", "http://page.example.org", "http://api.example.org/", false},
	{"https in a page of http", "http://page.example.org", URL, false},
	{"localhost", ORIGIN, "http://LocalHost:8000/token", false},
	{"a name of localhost's", ORIGIN, "http://api.localhost/token", false},
	{"loopback of IPv4", ORIGIN, "http://127.1.2.3:8000/token", false},
	{"loopback of IPv6", ORIGIN, "http://[::1]:8000/token", false},
};

static void is_mixed(void **state)
{
	const struct mixed_row *row = *state;
	struct jw_arena arena = {0};
	const char *refusal = jw_cors_mixed(row->origin, row->url, "SHOWN", &arena);

	assert_refusal(refusal,
		       row->is_mixed
			       ? "a page of " ORIGIN
				 " came by https and can't ask by http; a browser says: Mixed "
				 "Content: The page at '" ORIGIN
				 "/' was loaded over HTTPS, but requested an insecure resource "
				 "'SHOWN'. This request has been blocked; the content must be "
				 "served over HTTPS."
			       : NULL);
	jw_arena_done(&arena);
}

struct origin_row {
	const char *name;
	const char *text;
	const char *sent; /* NULL: it isn't one */
};

static const struct origin_row origin_rows[] = {
	{"an origin", ORIGIN, ORIGIN},
	{"with a slash", ORIGIN "/", ORIGIN},
	{"with the scheme's port, in capitals", "HTTPS://Page.Example.ORG:443", ORIGIN},
	{"with a port", "http://localhost:9000", "http://localhost:9000"},
	{"with a path", ORIGIN "/app", NULL},
	{"with a query", ORIGIN "?a", NULL},
	{"with a user", "https://u@page.example.org", NULL},
	{"null", "null", NULL},
};

static void is_origin(void **state)
{
	const struct origin_row *row = *state;
	struct jw_arena arena = {0};

	assert_int_equal(jw_cors_check(row->text, NULL), row->sent ? JW_OK : JW_CONFIG);
	if (row->sent)
		assert_string_equal(jw_cors_origin(row->text, &arena), row->sent);
	jw_arena_done(&arena);
}

static void is_the_same(void **state)
{
	(void)state;
	assert_true(jw_cors_is_same(ORIGIN, "https://PAGE.example.org:443/token?x"));
	assert_false(jw_cors_is_same(ORIGIN, "http://page.example.org/token"));
	assert_false(jw_cors_is_same(ORIGIN, "https://api.page.example.org/"));
	assert_false(jw_cors_is_same(ORIGIN, "https://page.example.org:8443/"));
}

int main(void)
{
	JW_ROWS(ask_rows, asks_or_not);
	JW_ROWS(answer_rows, lets_read_or_not);
	JW_ROWS(hop_rows, leads_on_or_not);
	JW_ROWS(leave_rows, gives_leave_or_not);
	JW_ROWS(mixed_rows, is_mixed);
	JW_ROWS(origin_rows, is_origin);
	JW_TEST(is_the_same);
	return rows_run();
}
