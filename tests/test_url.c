/* SPDX-License-Identifier: MIT */
/* URLs: what they are made of, what is refused, and that no secret in one is shown. */
#include "base/url.h"

#include <string.h>

#include "rows.h"

struct part_row {
	const char *name;
	const char *text;
	const char *scheme;
	const char *user; /* NULL: none */
	const char *host;
	unsigned port;
	unsigned effective;
	const char *path;
	const char *query; /* NULL: none */
};

static const struct part_row part_rows[] = {
	{"a host alone", "http://h", "http", NULL, "h", 0, 80, "", NULL},
	{"a slash behind it", "http://h/", "http", NULL, "h", 0, 80, "/", NULL},
	{"https", "https://example.com/a/b", "https", NULL, "example.com", 0, 443, "/a/b",
	 NULL},
	{"ws", "ws://localhost:7880", "ws", NULL, "localhost", 7880, 7880, "", NULL},
	{"ws without a port", "ws://localhost", "ws", NULL, "localhost", 0, 80, "", NULL},
	{"wss", "wss://x.livekit.cloud", "wss", NULL, "x.livekit.cloud", 0, 443, "", NULL},
	{"another scheme", "ftp://h/x", "ftp", NULL, "h", 0, 0, "/x", NULL},
	{"upper case", "HTTPS://EXAMPLE.Com/A", "HTTPS", NULL, "EXAMPLE.Com", 0, 443, "/A",
	 NULL},
	{"the own port written", "http://h:80/", "http", NULL, "h", 80, 80, "/", NULL},
	{"an empty port", "https://h:/x", "https", NULL, "h", 0, 443, "/x", NULL},
	{"the greatest port", "http://h:65535", "http", NULL, "h", 65535, 65535, "", NULL},
	{"noughts before the port", "http://h:0080", "http", NULL, "h", 80, 80, "", NULL},
	{"a query", "http://h/p?a=b&c", "http", NULL, "h", 0, 80, "/p", "a=b&c"},
	{"a query without a path", "http://h?a", "http", NULL, "h", 0, 80, "", "a"},
	{"an empty query", "http://h/?", "http", NULL, "h", 0, 80, "/", ""},
	{"a question mark in a query", "http://h/?a?b", "http", NULL, "h", 0, 80, "/", "a?b"},
	{"a fragment", "http://h/p?q#f", "http", NULL, "h", 0, 80, "/p", "q"},
	{"a fragment behind the host", "http://h#f/?x", "http", NULL, "h", 0, 80, "", NULL},
	{"a question mark in a fragment", "http://h/p#f?x", "http", NULL, "h", 0, 80, "/p",
	 NULL},
	{"a user", "http://u@h/", "http", "u", "h", 0, 80, "/", NULL},
	{"a user and a password", "http://u:p%40:q@h:81/", "http", "u:p%40:q", "h", 81, 81, "/",
	 NULL},
	{"an empty user info", "http://@h/", "http", "", "h", 0, 80, "/", NULL},
	{"an @ in the path", "http://h/@u", "http", NULL, "h", 0, 80, "/@u", NULL},
	{"an @ in the query", "http://h?u@x", "http", NULL, "h", 0, 80, "", "u@x"},
	{"percent-encoding is kept", "http://h/a%2Fb%00?c=%26", "http", NULL, "h", 0, 80,
	 "/a%2Fb%00", "c=%26"},
	{"signs of paths and queries", "http://h/a;b,c=(d)'e'*!+~?x[]=1|2:/@$", "http", NULL,
	 "h", 0, 80, "/a;b,c=(d)'e'*!+~", "x[]=1|2:/@$"},
	{"dots in a path stay", "http://h/a/../b//c", "http", NULL, "h", 0, 80, "/a/../b//c",
	 NULL},
	{"IPv4", "http://127.0.0.1:9000/", "http", NULL, "127.0.0.1", 9000, 9000, "/", NULL},
	{"IPv6", "http://[::1]:7880/x", "http", NULL, "::1", 7880, 7880, "/x", NULL},
	{"IPv6 without a port", "http://u@[fe80::1]", "http", "u", "fe80::1", 0, 80, "", NULL},
	{"IPv6 with an empty port", "http://[::1]:", "http", NULL, "::1", 0, 80, "", NULL},
	{"IPv6 around IPv4", "http://[::ffff:127.0.0.1]", "http", NULL, "::ffff:127.0.0.1", 0,
	 80, "", NULL},
	{"a name with an underscore", "http://my_service-1:80", "http", NULL, "my_service-1",
	 80, 80, "", NULL},
	{"a dot behind the name", "http://h./", "http", NULL, "h.", 0, 80, "/", NULL},
	{"an encoded foreign name", "http://xn--bcher-kva.example", "http", NULL,
	 "xn--bcher-kva.example", 0, 80, "", NULL},
};

static void same(struct jw_str seen, const char *wanted)
{
	assert_int_equal(!seen.ptr, !wanted);
	if (wanted && !jw_str_is(seen, wanted))
		fail_msg("%.*s isn't %s", JW_STR_ARG(seen), wanted);
}

static void takes_apart(void **state)
{
	const struct part_row *row = *state;
	struct jw_url url;

	assert_null(jw_url_parse(jw_str_of(row->text), &url));
	same(url.scheme, row->scheme);
	same(url.user, row->user);
	same(url.host, row->host);
	assert_int_equal(url.port, row->port);
	assert_int_equal(jw_url_port(&url), row->effective);
	assert_true(jw_str_is(url.path, row->path));
	same(url.query, row->query);
}

struct refused_row {
	const char *name;
	struct jw_str text;
	const char *says; /* a part of the sentence */
};

static const struct refused_row refused_rows[] = {
	{"nothing", JW_STR(""), "is empty"},
	{"no scheme", JW_STR("example.com/x"),
	 "has no scheme: write http://HOST/PATH or https://HOST/PATH"},
	{"host and port without a scheme", JW_STR("localhost:7880"), "has no scheme"},
	{"an address without a scheme", JW_STR("127.0.0.1:7880"), "has no scheme"},
	{"slashes without a scheme", JW_STR("//example.com/x"), "has no scheme"},
	{"a path", JW_STR("/api/token"), "has no scheme"},
	{"a scheme that begins with a digit", JW_STR("1http://h"), "has no scheme"},
	{"a scheme with a sign in it", JW_STR("ht_tp://h"), "has no scheme"},
	{"an empty scheme", JW_STR("://h"), "has no scheme"},
	{"mailto", JW_STR("mailto:a@b"), "has no scheme"},
	{"javascript", JW_STR("javascript:alert(1)"), "has no scheme"},
	{"one slash", JW_STR("http:/h/x"), "lacks the //"},
	{"no slash", JW_STR("wss:h"), "lacks the //"},
	{"no host", JW_STR("http://"), "names no host"},
	{"no host before a path", JW_STR("http:///x"), "names no host"},
	{"a file", JW_STR("file:///etc/passwd"), "names no host"},
	{"no host before a port", JW_STR("http://:80/"), "names no host"},
	{"no host behind a user", JW_STR("http://u:p@/"), "names no host"},
	{"no host before a query", JW_STR("http://?a"), "names no host"},
	{"port nought", JW_STR("http://h:0"), "has a port that isn't"},
	{"port 65536", JW_STR("http://h:65536"), "has a port that isn't"},
	{"a huge port", JW_STR("http://h:99999999999999999999999"), "has a port that isn't"},
	{"a port in words", JW_STR("http://h:http/"), "has a port that isn't"},
	{"a port with a sign", JW_STR("http://h:+80/"), "has a port that isn't"},
	{"a slash in a password", JW_STR("http://u:p/w@h/"), "has a port that isn't"},
	{"two @", JW_STR("http://a@b@c/"), "holds two @"},
	{"IPv6 without brackets", JW_STR("http://::1/"), "written in brackets"},
	{"IPv6 without brackets, with a port", JW_STR("http://fe80::1:7880/"),
	 "written in brackets"},
	{"IPv6 with a zone", JW_STR("http://[fe80::1%25eth0]/"),
	 "has an IPv6 address with a zone"},
	{"a bracket that isn't closed", JW_STR("http://[::1/"), "has a [ without a ]"},
	{"empty brackets", JW_STR("http://[]/"), "has no IPv6 address"},
	{"a name in brackets", JW_STR("http://[localhost]/"), "has no IPv6 address"},
	{"a long text in brackets",
	 JW_STR("http://[1111:2222:3333:4444:5555:6666:7777:8888:9999:1111:2222]/"),
	 "has no IPv6 address"},
	{"a future address", JW_STR("http://[v1.a]/"), "has no IPv6 address"},
	{"something behind the brackets", JW_STR("http://[::1]x/"),
	 "has something else than a port"},
	{"an empty part of the name", JW_STR("http://a..b/"), "has an empty part"},
	{"a name of a dot", JW_STR("http://./"), "has an empty part"},
	{"a name with a dot in front", JW_STR("http://.a/"), "has an empty part"},
	{"percent-encoding in the name", JW_STR("http://%6cocalhost/"),
	 "has a host name with other signs"},
	{"a comma in the name", JW_STR("http://a,b/"), "has a host name with other signs"},
	{"a star in the name", JW_STR("http://*.a/"), "has a host name with other signs"},
	{"a semicolon in the name", JW_STR("http://a;b/"), "has a host name with other signs"},
	{"a foreign name",
	 JW_STR("http://b\xc3\xbc"
		"cher.example/"),
	 "write its xn-- form"},
	{"bytes that are no UTF-8 in the name", JW_STR("http://a\xff/"), "write its xn-- form"},
	{"a foreign path", JW_STR("http://h/r\xc3\xa4ume"), "holds letters outside of ASCII"},
	{"a foreign user", JW_STR("http://\xc3\xa4@h/"), "holds letters outside of ASCII"},
	{"a foreign fragment", JW_STR("http://h/#\xc3\xa4"), "holds letters outside of ASCII"},
	{"a backslash for a slash", JW_STR("http:\\\\h\\x"), "holds a backslash"},
	{"a backslash behind the host", JW_STR("http://good\\@evil/"), "holds a backslash"},
	{"a blank inside", JW_STR("http://h/a b"), "holds a blank"},
	{"a blank in front", JW_STR(" http://h/"), "holds a blank"},
	{"a blank behind", JW_STR("http://h/ "), "holds a blank"},
	{"a tab", JW_STR("http://h/\tx"), "holds a control character"},
	{"the end of a line", JW_STR("http://h/x\n"), "holds a control character"},
	{"a header's end in the host", JW_STR("http://h\r\nX: y/"),
	 "holds a control character"},
	{"NUL", JW_STR("http://good\0.evil/"), "holds a control character"},
	{"NUL at the end", JW_STR("http://h/\0"), "holds a control character"},
	{"NUL alone", JW_STR("\0"), "holds a control character"},
	{"DEL", JW_STR("http://h/\x7f"), "holds a control character"},
	{"a control character in the fragment", JW_STR("http://h/#\x1b[31m"),
	 "holds a control character"},
	{"a variable", JW_STR("http://${HOST}/"), "holds ${: variables"},
	{"a variable without a scheme", JW_STR("${URL}"), "holds ${: variables"},
	{"a variable in the query", JW_STR("http://h/?a=${B}"), "holds ${: variables"},
	{"a placeholder", JW_STR("http://{{HOST}}/"), "is a placeholder left in it"},
	{"a quote", JW_STR("\"http://h/\""), "holds a quote"},
	{"angle brackets", JW_STR("<http://h/>"), "holds a quote"},
	{"a % alone", JW_STR("http://h/100%"), "holds a % without"},
	{"a % with one digit", JW_STR("http://h/%2"), "holds a % without"},
	{"a % before letters", JW_STR("http://h/%zz"), "holds a % without"},
};

static void refuses(void **state)
{
	const struct refused_row *row = *state;
	struct jw_url url = {.port = 7};
	const char *says = jw_url_parse(row->text, &url);

	assert_non_null(says);
	if (!strstr(says, row->says))
		assert_string_equal(says, row->says);
	assert_true(url.port == 7 && !url.scheme.ptr);
}

static void add_times(struct jw_buf *buf, const char *text, size_t times)
{
	for (size_t i = 0; i < times; i++)
		jw_buf_text(buf, text);
}

static void refuses_what_is_too_long(void **state)
{
	jw_autobuf struct jw_buf text = JW_BUF(2 * JW_URL_MAX);
	struct jw_url url;

	(void)state;
	jw_buf_text(&text, "http://h/");
	add_times(&text, "x", JW_URL_MAX - text.len);
	assert_null(jw_url_parse(jw_buf_get(&text), &url));
	jw_buf_char(&text, 'x');
	assert_string_equal(jw_url_parse(jw_buf_get(&text), &url),
			    "is longer than 8192 characters");
	jw_buf_clear(&text);
	jw_buf_text(&text, "http://");
	add_times(&text, "x", 253);
	assert_null(jw_url_parse(jw_buf_get(&text), &url));
	jw_buf_char(&text, 'x');
	assert_string_equal(jw_url_parse(jw_buf_get(&text), &url),
			    "has a host name of more than 253 characters");
}

struct origin_row {
	const char *name;
	const char *a;
	const char *b;
	bool same;
};

static const struct origin_row origin_rows[] = {
	{"equal", "http://h/a", "http://h/b?c", true},
	{"in another case", "HTTP://EXAMPLE.com", "http://example.COM/", true},
	{"the own port written", "https://h:443/", "https://h", true},
	{"an empty port as the own", "http://h:/", "http://h:80", true},
	{"another user", "http://u:p@h/", "http://h/", true},
	{"IPv6 in another case", "http://[FE80::1]/", "http://[fe80::1]/", true},
	{"another port", "http://h:81/", "http://h/", false},
	{"another scheme", "http://h/", "https://h/", false},
	{"another scheme on the same port", "http://h:443/", "https://h:443/", false},
	{"ws isn't http", "ws://h/", "http://h/", false},
	{"another host", "http://h/", "http://h2/", false},
	{"the host as a user", "http://good@evil/", "http://good/", false},
	{"the host as a prefix", "http://good.evil/", "http://good/", false},
	{"a dot behind the host", "http://h./", "http://h/", false},
};

static void compares_origins(void **state)
{
	const struct origin_row *row = *state;
	struct jw_url a;
	struct jw_url b;

	assert_null(jw_url_parse(jw_str_of(row->a), &a));
	assert_null(jw_url_parse(jw_str_of(row->b), &b));
	assert_int_equal(jw_url_same_origin(&a, &b), row->same);
	assert_int_equal(jw_url_same_origin(&b, &a), row->same);
}

struct mask_row {
	const char *name;
	struct jw_str text;
	const char *shown;
};

static const struct mask_row mask_rows[] = {
	{"nothing to mask", JW_STR("http://h:81/a/b"), "http://h:81/a/b"},
	{"nothing but a host", JW_STR("wss://h"), "wss://h"},
	{"case is kept", JW_STR("HTTP://Ex.COM/A"), "HTTP://Ex.COM/A"},
	{"an empty port is dropped", JW_STR("http://h:/x"), "http://h/x"},
	{"IPv6 keeps its brackets", JW_STR("http://u@[::1]:80/x"), "http://***@[::1]:80/x"},
	{"a user", JW_STR("http://u@h/"), "http://***@h/"},
	{"a user and a password", JW_STR("http://u:secret@h/"), "http://***@h/"},
	{"an empty user info", JW_STR("http://@h"), "http://***@h"},
	{"values of a query", JW_STR("http://h/p?room=r&ttl=24"),
	 "http://h/p?room=***&ttl=***"},
	{"a query without a path", JW_STR("http://h?a=secret"), "http://h?a=***"},
	{"a query that may be a token", JW_STR("http://h/?secret"), "http://h/?***"},
	{"one with its padding", JW_STR("http://h/?c2VjcmV0=&c2VjcmV0Cg=="),
	 "http://h/?***&***"},
	{"one beside a value", JW_STR("http://h/?secret&a=b&&secret2"),
	 "http://h/?***&a=***&&***"},
	{"a value without a name", JW_STR("http://h/?=secret"), "http://h/?=***"},
	{"a value with = in it", JW_STR("http://h/?a=b=secret"), "http://h/?a=***"},
	{"an empty query", JW_STR("http://h/?"), "http://h/?"},
	{"a fragment", JW_STR("http://h/p#access_token=secret"), "http://h/p#***"},
	{"an empty fragment", JW_STR("http://h/p#"), "http://h/p#***"},
	{"a fragment behind a query", JW_STR("http://h?a=b#secret"), "http://h?a=***#***"},
	{"all of it", JW_STR("https://u:p@h:8/x?a=1&b#c"), "https://***@h:8/x?a=***&***#***"},
	{"a control character in a path", JW_STR("http://h/a\x1b[31m"), "http://h/a?***"},
	{"the end of a line in a path", JW_STR("http://h/a\r\nX: secret"), "http://h/a?***"},
	{"NUL in a path", JW_STR("http://h/a\0b"), "http://h/a?***"},
	{"a control character in a name", JW_STR("http://h/?a\x01=secret"), "http://h/?a?=***"},
	{"a control character in a value", JW_STR("http://h/?a=sec\nret"), "http://h/?a=***"},
	{"letters that turn a line round",
	 JW_STR("http://h/a\xe2\x80\xae"
		"b=c"),
	 "http://h/a?b=***"},
	{"bytes that are no UTF-8", JW_STR("http://h/a\xff/"), "http://h/a?***"},
	{"a foreign path", JW_STR("http://h/r\xc3\xa4ume"), "http://h/r\xc3\xa4ume"},
	{"a blank in a path", JW_STR("http://h/a b"), "http://h/a b"},
	{"a control character in a user", JW_STR("http://u\x01:p@h/"), "http://***@h/"},
	{"nothing", JW_STR(""), "(not a URL)"},
	{"no scheme", JW_STR("secret.example/x"), "(not a URL)"},
	{"a control character in the host", JW_STR("http://a\nb/"), "(not a URL)"},
	{"a backslash behind the host", JW_STR("http://h\\secret"), "(not a URL)"},
	{"a slash in a password", JW_STR("http://u:p/secret@h/"), "(not a URL)"},
	{"two @", JW_STR("http://u:secret@x@h/"), "(not a URL)"},
	{"what stands for no URL", JW_STR("(not a URL)"), "(not a URL)"},
};

static void masks(void **state)
{
	const struct mask_row *row = *state;
	jw_autobuf struct jw_buf once = JW_BUF(JW_URL_MAX);
	jw_autobuf struct jw_buf twice = JW_BUF(JW_URL_MAX);

	assert_true(jw_url_mask(&once, row->text));
	assert_string_equal(once.ptr, row->shown);
	assert_true(jw_url_mask(&twice, jw_buf_get(&once)));
	assert_string_equal(twice.ptr, row->shown);
}

static void masks_all_or_nothing(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(12);

	(void)state;
	jw_buf_text(&buf, "at ");
	assert_false(jw_url_mask(&buf, JW_STR("http://h/p")));
	assert_string_equal(buf.ptr, "at ");
	assert_true(jw_url_mask(&buf, JW_STR("http://h/")));
	assert_string_equal(buf.ptr, "at http://h/");
}

/* A query of names alone grows when it is masked; what would be longer than any URL isn't shown as one. */
static void masks_what_grows(void **state)
{
	jw_autobuf struct jw_buf text = JW_BUF(JW_URL_MAX);
	jw_autobuf struct jw_buf once = JW_BUF(JW_URL_MAX);

	(void)state;
	jw_buf_text(&text, "http://h?");
	add_times(&text, "a&", 4000);
	assert_true(jw_url_mask(&once, jw_buf_get(&text)));
	assert_string_equal(once.ptr, "(not a URL)");
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

/* The secret is S alone, a letter that no other part has. */
static void add_random_url(struct jw_buf *buf, uint32_t *seed)
{
	static const char *const users[] = {"", "S@", "S:S@", ":S@", "S%40:S@", "S\x01S@"};
	static const char *const paths[] = {"", "/", "/p/q", "/p\x02", "/p q", "/;p=q"};
	static const char *const queries[] = {
		"",	 "?S",	      "?a=S",	   "?a=S&b=S",	 "?S&S&a=S",	"?S=",
		"?S==",	 "?a=S=S&=S", "?a=S\x03S", "?a=S?S/S@S", "?&&S&&a=S&S", "?\xffS",
		"?a\n=S"};
	static const char *const fragments[] = {"", "#S", "#a=S&S", "#S#S", "#\x04S?S"};

	jw_buf_text(buf, "http://");
	jw_buf_text(buf, users[next_random(seed) % 6]);
	jw_buf_text(buf, "host:81");
	jw_buf_text(buf, paths[next_random(seed) % 6]);
	jw_buf_text(buf, queries[next_random(seed) % 13]);
	jw_buf_text(buf, fragments[next_random(seed) % 5]);
}

static void no_secret_survives(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		jw_autobuf struct jw_buf text = JW_BUF(JW_URL_MAX);
		jw_autobuf struct jw_buf once = JW_BUF(JW_URL_MAX);
		jw_autobuf struct jw_buf twice = JW_BUF(JW_URL_MAX);

		add_random_url(&text, &seed);
		assert_true(jw_url_mask(&once, jw_buf_get(&text)));
		if (!strstr(once.ptr, "host:81") || strchr(once.ptr, 'S'))
			fail_msg("%s", once.ptr);
		for (const char *c = once.ptr; *c; c++)
			assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
		assert_true(jw_url_mask(&twice, jw_buf_get(&once)));
		assert_string_equal(once.ptr, twice.ptr);
		assert_int_equal(jw_url_is_masked(jw_buf_get(&once)),
				 strstr(once.ptr, "***") != NULL);
	}
}

/* Whatever the bytes: what is taken lies in the text, what is shown is shown the same again. */
static void takes_any_bytes(void **state)
{
	static const char signs[] = "http://s@:[]?#&=%2a./\\ \x01\xc3\xa4$w";
	uint32_t seed = 7;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		jw_autobuf struct jw_buf once = JW_BUF(JW_URL_MAX);
		jw_autobuf struct jw_buf twice = JW_BUF(JW_URL_MAX);
		char text[32] = "ws://";
		size_t len = next_random(&seed) % 20;
		struct jw_url url;

		for (size_t j = 0; j < len; j++)
			text[5 + j] = signs[next_random(&seed) % sizeof(signs)];
		if (!jw_url_parse((struct jw_str){text, 5 + len}, &url))
			assert_true(url.host.len && url.host.ptr >= text + 5 &&
				    url.host.ptr + url.host.len <= text + 5 + len);
		assert_true(jw_url_mask(&once, (struct jw_str){text, 5 + len}));
		assert_true(jw_url_mask(&twice, jw_buf_get(&once)));
		assert_string_equal(once.ptr, twice.ptr);
	}
}

struct masked_row {
	const char *name;
	const char *text;
	bool is_masked;
};

static const struct masked_row masked_rows[] = {
	{"a masked user", "http://***@h/", true},
	{"a masked value", "http://h/?a=***&b=1", true},
	{"a masked query", "http://h/?***", true},
	{"a masked part of a query", "http://h/?a=1&***", true},
	{"a masked fragment", "http://h/#***", true},
	{"no mask", "http://u:p@h/?a=b#c", false},
	{"two stars", "http://h/?a=**", false},
	{"stars in a path", "http://h/***", false},
	{"an empty text", "", false},
};

static void knows_masks(void **state)
{
	const struct masked_row *row = *state;

	assert_int_equal(jw_url_is_masked(jw_str_of(row->text)), row->is_masked);
}

/* Sentences follow "url: " and stand in the middle of a line. */
static void sentences_are_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused_rows) / sizeof(*refused_rows); i++) {
		struct jw_url url;
		const char *says = jw_url_parse(refused_rows[i].text, &url);

		assert_non_null(says);
		assert_null(strchr(says, '\n'));
		assert_int_not_equal(says[strlen(says) - 1], '.');
	}
}

static void encodes(void **state)
{
	jw_autobuf struct jw_buf buf = JW_BUF(64);

	(void)state;
	jw_url_encode(&buf, (struct jw_str){"aZ9-._~ &=+%/\0\xc3", 15});
	assert_string_equal(buf.ptr, "aZ9-._~%20%26%3D%2B%25%2F%00%C3");
}

struct serialized_row {
	const char *name;
	const char *url;
	const char *origin;
};

static const struct serialized_row serialized_rows[] = {
	{"origin of a page", "https://voice.example.org/a/b?c=d", "https://voice.example.org"},
	{"origin with a port", "http://h:9000/", "http://h:9000"},
	{"origin with the scheme's port", "https://h:443", "https://h"},
	{"origin with another scheme's port", "http://h:443", "http://h:443"},
	{"origin in capitals", "HTTPS://Voice.Example.ORG:8443",
	 "https://voice.example.org:8443"},
	{"origin of IPv6", "http://[::1]:80/x", "http://[::1]"},
	{"origin without the user", "https://u:p@h/", "https://h"},
};

static void has_origin(void **state)
{
	const struct serialized_row *row = *state;
	jw_autobuf struct jw_buf origin = JW_BUF(JW_URL_MAX);
	struct jw_url url;

	assert_null(jw_url_parse(jw_str_of(row->url), &url));
	assert_true(jw_url_origin(&origin, &url));
	assert_string_equal(origin.ptr, row->origin);
}

int main(void)
{
	JW_ROWS(serialized_rows, has_origin);
	JW_ROWS(part_rows, takes_apart);
	JW_ROWS(refused_rows, refuses);
	JW_TEST(refuses_what_is_too_long);
	JW_ROWS(origin_rows, compares_origins);
	JW_ROWS(mask_rows, masks);
	JW_TEST(masks_all_or_nothing);
	JW_TEST(masks_what_grows);
	JW_TEST(no_secret_survives);
	JW_TEST(takes_any_bytes);
	JW_ROWS(masked_rows, knows_masks);
	JW_TEST(encodes);
	JW_TEST(sentences_are_plain);
	return rows_run();
}
