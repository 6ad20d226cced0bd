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

struct flaw_row {
	const char *name;
	const char *url;
	const char *page;
	enum jw_url_flaw flaw;
};

#define PAGE "https://voice.example.org"

static const struct flaw_row flaw_rows[] = {
	{"wss in a secure page", "wss://livekit.example.org", PAGE, JW_URL_USABLE},
	{"https in a secure page", "https://livekit.example.org", PAGE, JW_URL_USABLE},
	{"ws in a secure page", "ws://livekit.example.org", PAGE, JW_URL_INSECURE},
	{"http in a secure page", "http://livekit.example.org:7880", PAGE, JW_URL_INSECURE},
	{"in capitals", "WS://livekit.example.org", "HTTPS://voice.example.org",
	 JW_URL_INSECURE},
	{"ws in a page without TLS", "ws://livekit.example.org", "http://voice.example.org",
	 JW_URL_USABLE},
	{"ws in a page of this machine", "ws://livekit.example.org", "http://localhost:9000",
	 JW_URL_USABLE},
	{"ws, nobody knows where", "ws://livekit.example.org", NULL, JW_URL_USABLE},
	{"loopback, in a page of this machine", "ws://localhost:7880", "http://localhost:9000",
	 JW_URL_USABLE},
	{"loopback, in a secure page of this machine", "ws://127.0.0.1:7880",
	 "https://localhost", JW_URL_USABLE},
	{"loopback, nobody knows where", "ws://localhost:7880", NULL, JW_URL_USABLE},
	{"loopback, in a page from elsewhere", "ws://localhost:7880",
	 "http://voice.example.org", JW_URL_LOOPBACK},
	{"loopback, in a secure page from elsewhere", "wss://localhost", PAGE, JW_URL_LOOPBACK},
	{"an address of loopback", "ws://127.1.2.3", "http://192.168.1.2", JW_URL_LOOPBACK},
	{"loopback of IPv6", "ws://[::1]:7880", "http://192.168.1.2", JW_URL_LOOPBACK},
	{"a name under localhost", "ws://a.LOCALHOST", "http://192.168.1.2", JW_URL_LOOPBACK},
	{"what a server listens on", "ws://0.0.0.0:7880", "http://192.168.1.2",
	 JW_URL_LOOPBACK},
	{"what a server listens on is no loopback for TLS", "ws://0.0.0.0:7880",
	 "https://localhost", JW_URL_INSECURE},
	{"a name that begins like an address", "ws://127.example.org", "http://192.168.1.2",
	 JW_URL_USABLE},
	{"no scheme", "livekit.example.org", PAGE, JW_URL_NO_SCHEME},
	{"no scheme, a port", "localhost:7880", NULL, JW_URL_NO_SCHEME},
	{"another scheme", "tcp://livekit.example.org", NULL, JW_URL_NOT_LIVEKIT},
	{"no host", "wss://", NULL, JW_URL_NO_URL},
	{"nothing", "", NULL, JW_URL_NO_URL},
	{"words", "not set yet", NULL, JW_URL_NO_URL},
};

static void is_usable_or_not(void **state)
{
	const struct flaw_row *row = *state;

	assert_int_equal(jw_livekit_url_flaw(jw_str_of(row->url), row->page), row->flaw);
}

struct page_row {
	const char *name;
	const char *page;
	const char *urls; /* a blank behind each */
};

static const struct page_row page_rows[] = {
	{"a constant", "const URL = 'wss://voice.example.org/lk';",
	 "wss://voice.example.org/lk "},
	{"two", "a ? \"ws://localhost:7880\" : `wss://h`", "ws://localhost:7880 wss://h "},
	{"put together when the page runs", "'ws://' + location.host, `wss://${host}/x`", ""},
	{"of other schemes", "https://h news://h xwss://h", ""},
	{"in an attribute", "<div data-lk-url=wss://h:1>", "wss://h:1 "},
	{"in JSON in a text", "{\\\"url\\\":\\\"wss://h\\\"}", "wss://h "},
	{"a pattern of a policy", "connect-src wss://*.livekit.cloud ws:", ""},
	{"in capitals", "WSS://H", "WSS://H "},
	{"at the end", "wss://", ""},
	{"nothing", "", ""},
};

static void finds_urls(void **state)
{
	const struct page_row *row = *state;
	jw_autobuf struct jw_buf urls = JW_BUF(1024);
	struct jw_str url;
	size_t at = 0;

	jw_buf_text(&urls, "");
	while (jw_livekit_next_url(jw_str_of(row->page), &at, &url))
		jw_buf_printf(&urls, "%.*s ", JW_STR_ARG(url));
	assert_string_equal(urls.ptr, row->urls);
}

int main(void)
{
	JW_ROWS(http_rows, becomes_http);
	JW_ROWS(flaw_rows, is_usable_or_not);
	JW_ROWS(page_rows, finds_urls);
	JW_TEST(adds_all_or_nothing);
	return rows_run();
}
