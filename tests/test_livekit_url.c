/* SPDX-License-Identifier: MIT */
/* What LiveKit's clients make of a server's URL. */
#include "livekit/url.h"

#include <string.h>

#include "rows.h"

struct http_row {
	const char *name;
	const char *url;
	const char *path;
	const char *http; /* NULL: not a server's URL */
};

static const struct http_row http_rows[] = {
	{"ws", "ws://localhost:7880", "/rtc/validate", "http://localhost:7880/rtc/validate"},
	{"wss", "wss://x.livekit.cloud", "/rtc/validate",
	 "https://x.livekit.cloud/rtc/validate"},
	{"http", "http://h:7880", "/", "http://h:7880/"},
	{"https", "https://h", "/", "https://h/"},
	{"no port is the scheme's, not 7880", "ws://localhost", "/rtc/validate",
	 "http://localhost/rtc/validate"},
	{"upper case", "WSS://Example.COM", "/rtc", "https://Example.COM/rtc"},
	{"a slash at the end", "ws://h:7880/", "/rtc/validate", "http://h:7880/rtc/validate"},
	{"a prefix", "wss://h/livekit", "/rtc/validate", "https://h/livekit/rtc/validate"},
	{"a prefix with a slash at its end", "wss://h/a/b/", "/rtc/validate",
	 "https://h/a/b/rtc/validate"},
	{"one slash of two stays, as with the clients", "wss://h/a//", "/rtc",
	 "https://h/a//rtc"},
	{"a prefix for the health check", "wss://h/livekit", "/", "https://h/livekit/"},
	{"a query is dropped", "wss://h/p?access_token=x", "/rtc", "https://h/p/rtc"},
	{"a query without a path is dropped", "wss://h?access_token=x", "/rtc",
	 "https://h/rtc"},
	{"a fragment is dropped", "wss://h/p#x", "/rtc", "https://h/p/rtc"},
	{"an empty port is dropped", "ws://h:/p", "/rtc", "http://h/p/rtc"},
	{"the greatest port", "ws://h:65535", "/rtc", "http://h:65535/rtc"},
	{"IPv6", "ws://[::1]:7880", "/rtc", "http://[::1]:7880/rtc"},
	{"a user for a proxy before it", "wss://u:p@h:8443/", "/rtc", "https://u:p@h:8443/rtc"},
	{"percent-encoding is kept", "wss://h/a%2Fb", "/rtc", "https://h/a%2Fb/rtc"},
	{"another scheme", "ftp://h", "/rtc", NULL},
	{"no scheme", "localhost:7880", "/rtc", NULL},
	{"nothing", "", "/rtc", NULL},
};

static void becomes_http(void **state)
{
	const struct http_row *row = *state;
	jw_autobuf struct jw_buf buf = JW_BUF(JW_URL_MAX);

	assert_int_equal(jw_livekit_http_url(&buf, jw_str_of(row->url), row->path),
			 !!row->http);
	if (row->http)
		assert_string_equal(buf.ptr, row->http);
	else
		assert_int_equal(buf.len, 0);
}

static void adds_all_or_nothing(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(10);

	(void)state;
	assert_false(jw_livekit_http_url(&buf, JW_STR("ws://h"), "/rtc"));
	assert_int_equal(buf.len, 0);
	assert_true(jw_livekit_http_url(&buf, JW_STR("ws://h"), "/x"));
	assert_string_equal(buf.ptr, "http://h/x");
}

int main(void)
{
	JW_ROWS(http_rows, becomes_http);
	JW_TEST(adds_all_or_nothing);
	return rows_run();
}
