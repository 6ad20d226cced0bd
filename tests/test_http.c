/* SPDX-License-Identifier: MIT */
/* The module for HTTP against a hostile server: what becomes of each answer, as rows. */
#include "http_server.h"

#include "base/url.h"

struct row {
	const char *name;
	const char *url; /* "{NAME}" is a port of tests/hostile_http.py */
	enum jw_cause cause;
	long status;
	const char *says; /* a part of the sentence, or of the body where all is well */
	const char *not_says;
	const char *environment[3]; /* "name=value" */
	const char *method;
	const char *header;
	const char *body;
	enum jw_redirects redirects;
	int redirected;
	int64_t timeout_ms;
	size_t max_body;
	const char *ca_file;
	const char *client_certificate;
	const char *server_name;
	const char *proxy;
};

#define HTTP "http://127.0.0.1:{http}"
#define CA .ca_file = "{folder}/ca.pem"
#define SOON .timeout_ms = 500
#define ANY .redirects = JW_REDIRECTS_ANY
#define POST .body = "question=" CANARY "-body"
#define SECRET .header = "Authorization: Bearer " CANARY

static const struct row answers[] = {
	{"an answer", HTTP "/ok", JW_OK, 200, .says = "hello"},
	{"an empty answer", HTTP "/empty", JW_OK, 200, .says = ""},
	{"a status of its own", HTTP "/404", JW_OK, 404, .says = "not here"},
	{"HTTP/1.0, which ends with the connection", HTTP "/http10", JW_OK, 200,
	 .says = "hello"},
	{"interim answers before the answer", HTTP "/interim", JW_OK, 200, .says = "hello"},
	{"chunks and a trailer", HTTP "/chunked", JW_OK, 200, .says = "hello"},
	{"gzip", HTTP "/gzip", JW_OK, 200, .says = "hello, unpacked"},
	{"deflate", HTTP "/deflate", JW_OK, 200, .says = "hello, unpacked"},
	{"large headers", HTTP "/large-headers", JW_OK, 200, .says = "hello"},
	{"the same length twice", HTTP "/same-lengths", JW_OK, 200, .says = "hello"},
	{"HEAD", HTTP "/ok", JW_OK, 200, .not_says = "hello", .method = "HEAD"},
	{"a GET says who asks", HTTP "/echo", JW_OK, 200,
	 .says = "User-Agent: " PACKAGE_NAME "/" PACKAGE_VERSION "\r\n", .not_says = "Expect"},
	{"a GET has no body", HTTP "/echo", JW_OK, 200, .says = "GET /echo HTTP/1.1\r\n",
	 .not_says = "Content-Length"},
	{"a POST", HTTP "/echo", JW_OK, 200, .says = "\r\n\r\nquestion=" CANARY "-body",
	 .not_says = "Content-Type", POST},
	{"a POST without a body", HTTP "/echo", JW_OK, 200, .says = "Content-Length: 0\r\n",
	 .method = "POST"},
	{"OPTIONS", HTTP "/echo", JW_OK, 200, .says = "OPTIONS /echo HTTP/1.1\r\n",
	 .not_says = "Content-Length", .method = "OPTIONS"},
	{"a PUT", HTTP "/echo", JW_OK, 200, .says = "PUT /echo", .method = "PUT", POST},
	{"a header", HTTP "/echo", JW_OK, 200,
	 .says = "\r\nAuthorization: Bearer " CANARY "\r\n", SECRET},
	{"an empty header", HTTP "/echo", JW_OK, 200, .says = "\r\nX-Empty:\r\n",
	 .header = "X-Empty: "},
	{"user and password in the URL", "http://user:" CANARY "@127.0.0.1:{http}/echo", JW_OK,
	 200, .says = "Authorization: Basic dXNlcjpodW50ZXIy"},
	{"the query is sent as it is, the fragment isn't", HTTP "/echo?a=%20b&c#d", JW_OK, 200,
	 .says = "GET /echo?a=%20b&c HTTP/1.1"},
	{"the literal of IPv4", HTTP "/ok", JW_OK, 200, .says = "hello"},
	{"localhost", "http://localhost:{http}/ok", JW_OK, 200, .says = "hello"},
	{"another name in Host", HTTP "/echo", JW_OK, 200,
	 .says = "Host: token.example:", .server_name = "token.example"},
	{"a header of two lines isn't sent", HTTP "/echo", JW_INTERNAL, 0, .says = "header 1",
	 .header = "X-Two: " CANARY "\r\nX-Lines: yes"},
	{"a header without a name isn't sent", HTTP "/echo", JW_INTERNAL, 0, .says = "header 1",
	 .header = CANARY},
};

static const struct row breaks[] = {
	{"nothing listens", "http://127.0.0.1:1/", JW_CONNECT, 0,
	 .says = "127.0.0.1:1 refuses the connection"},
	{"nothing listens, IPv6", "http://[::1]:1/", JW_CONNECT, 0, .says = "[::1]:1 "},
	{"no answer to a connection", "http://127.0.0.1:{full}/", JW_TIMEOUT, 0,
	 .says = "in time: waited for a connection", SOON},
	{"a connection that nobody accepts", "http://127.0.0.1:{mute}/", JW_TIMEOUT, 0,
	 .says = "waited for an answer", SOON},
	{"no answer", HTTP "/hang", JW_TIMEOUT, 0, .says = "waited for an answer", SOON},
	{"hangs in its headers", HTTP "/hang-headers", JW_TIMEOUT, 200,
	 .says = "waited for the rest of the headers", SOON},
	{"hangs in its body", HTTP "/hang-body", JW_TIMEOUT, 200,
	 .says = "waited for the rest of the body", SOON},
	{"a byte of the body now and then", HTTP "/drip", JW_TIMEOUT, 200,
	 .says = "waited for the rest of the body", SOON},
	{"a byte of the headers now and then", HTTP "/drip-headers", JW_TIMEOUT, 200,
	 .says = "waited for the rest of the headers", SOON},
	{"an endless body", HTTP "/endless-body", JW_BODY_TOO_LARGE, 200,
	 .says = "larger than 1048576 bytes"},
	{"a body just too large", HTTP "/ok", JW_BODY_TOO_LARGE, 200,
	 .says = "larger than 4 bytes", .max_body = 4},
	{"a body just not too large", HTTP "/ok", JW_OK, 200, .says = "hello", .max_body = 5},
	{"endless headers", HTTP "/endless-headers", JW_BODY_TOO_LARGE, 200,
	 .says = "headers of the answer are larger than 64 KiB"},
	{"one header that is too large", HTTP "/huge-header", JW_BODY_TOO_LARGE, 200,
	 .says = "headers of the answer are larger"},
	{"one header that never ends", HTTP "/huger-header", JW_BODY_TOO_LARGE, 200,
	 .says = "headers of the answer are larger"},
	{"interim answers without end", HTTP "/interim-flood", JW_BODY_TOO_LARGE, 0,
	 .says = "headers of the answer are larger"},
	{"garbage for a chunk", HTTP "/chunk-garbage", JW_BODY_SHORT, 200,
	 .says = "behind 5 bytes of its body"},
	{"no last chunk", HTTP "/chunk-cut", JW_BODY_SHORT, 200, .says = "behind 5 bytes"},
	{"fewer bytes than announced", HTTP "/short", JW_BODY_SHORT, 200,
	 .says = "announced 1000000 bytes"},
	{"reset in its body", HTTP "/reset-body", JW_BODY_SHORT, 200,
	 .says = "reset the connection"},
	{"reset in its headers", HTTP "/reset-headers", JW_BODY_SHORT, 200,
	 .says = "in its headers"},
	{"reset before an answer", HTTP "/reset", JW_CONNECT, 0,
	 .says = "127.0.0.1:{http} reset the connection without an answer"},
	{"reset at once", "http://127.0.0.1:{resetting}/", JW_CONNECT, 0,
	 .says = "reset the connection"},
	{"closed before an answer", HTTP "/close", JW_CONNECT, 0,
	 .says = "127.0.0.1:{http} closed the connection without an answer"},
	{"closed in its headers", HTTP "/close-headers", JW_BODY_SHORT, 200,
	 .says = "breaks off"},
	{"not HTTP", "http://127.0.0.1:{ssh}/", JW_HTTP_STATUS, 0,
	 .says = "doesn't speak HTTP"},
	{"HTTP/0.9", HTTP "/http09", JW_HTTP_STATUS, 0, .says = "doesn't speak HTTP"},
	{"a NUL in a header", HTTP "/nul", JW_HTTP_STATUS, 200, .says = "doesn't speak HTTP"},
	{"two lengths", HTTP "/two-lengths", JW_BODY_SHORT, 200,
	 .says = "two different lengths"},
	{"gzip that isn't", HTTP "/gzip-broken", JW_BODY_SHORT, 200,
	 .says = "can't be unpacked"},
	{"a bomb of gzip", HTTP "/gzip-bomb", JW_BODY_TOO_LARGE, 200,
	 .says = "larger than 1048576 bytes (unpacked)"},
	{"an encoding that nobody knows", HTTP "/encoding-unknown", JW_BODY_SHORT, 200,
	 .says = "Content-Encoding"},
};

static const struct row redirections[] = {
	{"within the origin", HTTP "/r/within", JW_OK, 200, .says = "GET /echo ",
	 .redirected = 1},
	{"relative", HTTP "/r/relative", JW_OK, 200, .says = "GET /echo?x=1 ", .redirected = 1},
	{"headers stay within the origin", HTTP "/r/moved", JW_OK, 200,
	 .says = "Bearer " CANARY, SECRET, .redirected = 1},
	{"so do user and password", "http://user:" CANARY "@127.0.0.1:{http}/r/user", JW_OK,
	 200, .says = "Authorization: Basic dXNlcjpodW50ZXIy", .redirected = 1},
	{"not at all", HTTP "/r/within", JW_OK, 302, .says = CANARY,
	 .redirects = JW_REDIRECTS_NONE},
	{"300 is an answer", HTTP "/r/300", JW_OK, 300, .says = CANARY},
	{"to another port", HTTP "/r/across", JW_REDIRECT, 302,
	 .says = "redirects to http://127.0.0.1:{other}/echo, another scheme, host or port"},
	{"to another name of the same host", HTTP "/r/name", JW_REDIRECT, 302,
	 .says = "another"},
	{"to another port where any will do", HTTP "/r/across", JW_OK, 200,
	 .says = "127.0.0.1:{other}\r\n", .not_says = CANARY, SECRET, ANY, .redirected = 1},
	{"user and password don't go there", "http://user:" CANARY "@127.0.0.1:{http}/r/across",
	 JW_OK, 200, .says = "127.0.0.1:{other}\r\n", .not_says = "Authorization", ANY,
	 .redirected = 1},
	{"nor do headers come back from there", HTTP "/r/there-and-back", JW_OK, 200,
	 .says = "127.0.0.1:{http}\r\n", .not_says = CANARY, SECRET, ANY, .redirected = 2},
	{"secrets in Location", HTTP "/r/secret", JW_REDIRECT, 302,
	 .says = "http://***@127.0.0.1:{other}/x?access_token=***"},
	{"to loopback", HTTP "/r/loopback", JW_REDIRECT, 302, .says = "http://[::1]:1/"},
	{"to a file", HTTP "/r/file", JW_REDIRECT, 302, .says = "redirects to",
	 .not_says = "passwd", ANY},
	{"to FTP", HTTP "/r/ftp", JW_REDIRECT, 302, .says = "neither http nor https", ANY},
	{"to WebSocket", HTTP "/r/ws", JW_REDIRECT, 302, .says = "neither http nor https", ANY},
	{"to JavaScript", HTTP "/r/javascript", JW_REDIRECT, 302, .says = "(not a URL)",
	 .not_says = "alert", ANY},
	{"to data", HTTP "/r/data", JW_REDIRECT, 302, .says = "(not a URL)", ANY},
	{"to garbage", HTTP "/r/garbage", JW_REDIRECT, 302, .says = "(not a URL)", ANY},
	{"to no port", HTTP "/r/port", JW_REDIRECT, 302, .says = "(not a URL)", ANY},
	{"without a Location", HTTP "/r/nowhere", JW_REDIRECT, 302,
	 .says = "without saying where to"},
	{"with an empty Location", HTTP "/r/empty", JW_REDIRECT, 302, .says = "redirects"},
	{"to itself", HTTP "/r/loop", JW_REDIRECT, 302, .says = "in a circle"},
	{"to itself, with user and password",
	 "http://user:" CANARY "@127.0.0.1:{http}/r/itself", JW_REDIRECT, 302,
	 .says = "http://***@127.0.0.1:{http}/r/itself, in a circle"},
	{"there and back for ever", HTTP "/r/loop-a", JW_REDIRECT, 302, .says = "in a circle",
	 .redirected = 1},
	{"five times", HTTP "/r/n5", JW_OK, 200, .says = "GET /echo ", .redirected = 5},
	{"six times", HTTP "/r/n6", JW_REDIRECT, 302, .says = "more than 5 times",
	 .redirected = 5},
	{"to what hangs", HTTP "/r/hang", JW_TIMEOUT, 0, .says = "waited for an answer", SOON,
	 .redirected = 1},
	{"301 of a POST", HTTP "/r/301", JW_OK, 200, .says = "GET /echo ", .not_says = CANARY,
	 POST, .redirected = 1},
	{"303 of a POST", HTTP "/r/303", JW_OK, 200, .says = "GET /echo ", .not_says = CANARY,
	 POST, .redirected = 1},
	{"303 of a PUT", HTTP "/r/303", JW_OK, 200, .says = "GET /echo ", .not_says = CANARY,
	 POST, .method = "PUT", .redirected = 1},
	{"303 of HEAD", HTTP "/r/303", JW_OK, 200, .method = "HEAD", .redirected = 1},
	{"303 to the same place is no circle", HTTP "/once", JW_OK, 200, .says = "GET /once ",
	 POST, .redirected = 1},
	{"301 of a PUT", HTTP "/r/301", JW_OK, 200, .says = CANARY "-body", POST,
	 .method = "PUT", .redirected = 1},
	{"307 of a POST", HTTP "/r/307", JW_OK, 200, .says = "POST /echo ", POST,
	 .redirected = 1},
	{"307 of a POST keeps its body", HTTP "/r/307", JW_OK, 200, .says = CANARY "-body",
	 POST, .redirected = 1},
	{"307 of a POST elsewhere", HTTP "/r/307-across", JW_REDIRECT, 307,
	 .says = "must not be sent the request's body", POST, ANY},
	{"308 of a POST elsewhere", HTTP "/r/308-across", JW_REDIRECT, 308,
	 .says = "must not be sent the request's body", POST, ANY},
	{"301 of a POST elsewhere", HTTP "/r/301-across", JW_OK, 200, .says = "GET /echo ",
	 .not_says = CANARY, POST, SECRET, ANY, .redirected = 1},
	{"to https", HTTP "/r/to-https", JW_OK, 200, .says = "GET /echo ", .not_says = CANARY,
	 SECRET, ANY, CA, .redirected = 1},
	{"a client certificate doesn't go there", "https://127.0.0.1:{good}/r/to-mutual",
	 JW_TLS, 0, .says = "asks for a client certificate", ANY, CA,
	 .client_certificate = "{folder}/both.pem", .redirected = 1},
	{"from https to what hangs", "https://127.0.0.1:{good}/r/to-full", JW_TIMEOUT, 0,
	 .says = "waited for a connection", SOON, ANY, CA, .redirected = 1},
	{"out of https", "https://127.0.0.1:{good}/r/to-http", JW_REDIRECT, 302,
	 .says = "out of https", ANY, CA},
	{"within another name", HTTP "/r/within", JW_OK, 200,
	 .says = "Host: token.example:", .server_name = "token.example", .redirected = 1},
};

static const struct row secure[] = {
	{"an authority of one's own", "https://127.0.0.1:{good}/ok", JW_OK, 200,
	 .says = "hello", CA},
	{"another name", "https://127.0.0.1:{wrong}/echo", JW_OK, 200,
	 .says = "Host: other.example:", CA, .server_name = "other.example"},
	{"an authority that isn't known", "https://127.0.0.1:{good}/ok", JW_TLS, 0,
	 .says = "signed by an authority that isn't known here"},
	{"self-signed", "https://127.0.0.1:{self}/ok", JW_TLS, 0,
	 .says = "127.0.0.1:{self} is self-signed", CA},
	{"self-signed, and known", "https://127.0.0.1:{self}/ok", JW_OK, 200, .says = "hello",
	 .ca_file = "{folder}/self.pem"},
	{"ended", "https://127.0.0.1:{ended}/ok", JW_TLS, 0,
	 .says = "the certificate of 127.0.0.1:{ended} ended at 2001-02-03T04:05:06Z", CA},
	{"not yet valid", "https://127.0.0.1:{early}/ok", JW_TLS, 0,
	 .says = "isn't valid before 2197-01-02T03:04:05Z", CA},
	{"for another name", "https://127.0.0.1:{wrong}/ok", JW_TLS, 0,
	 .says = "is for other.example, 192.0.2.7, not for 127.0.0.1", CA},
	{"not for the name asked for", "https://127.0.0.1:{good}/ok", JW_TLS, 0,
	 .says = "token.example, not for elsewhere.example", CA,
	 .server_name = "elsewhere.example"},
	{"a client certificate", "https://127.0.0.1:{mutual}/ok", JW_OK, 200, .says = "hello",
	 CA, .client_certificate = "{folder}/both.pem"},
	{"no client certificate", "https://127.0.0.1:{mutual}/ok", JW_TLS, 0,
	 .says = "127.0.0.1:{mutual} asks for a client certificate", CA},
	{"no client certificate, TLS 1.2", "https://127.0.0.1:{mutual12}/ok", JW_TLS, 0,
	 .says = "asks for a client certificate", CA},
	{"http where https is spoken", "https://127.0.0.1:{plain-words}/", JW_TLS, 0,
	 .says = "doesn't speak TLS", CA},
	{"another protocol", "https://127.0.0.1:{ssh}/", JW_TLS, 0, .says = "doesn't speak TLS",
	 CA},
	{"hangs after the hello", "https://127.0.0.1:{quiet}/", JW_TIMEOUT, 0,
	 .says = "waited for the TLS handshake", SOON, CA},
	{"reset after the hello", "https://127.0.0.1:{reset-hello}/", JW_TLS, 0,
	 .says = "in the TLS handshake", CA},
	{"closed after the hello", "https://127.0.0.1:{close-hello}/", JW_TLS, 0,
	 .says = "in the TLS handshake", CA},
	{"no such ca_file", "https://127.0.0.1:{good}/ok", JW_SECRET_MISSING, 0,
	 .says = "the certificate file {folder}/nothing.pem can't be read: No such file",
	 .ca_file = "{folder}/nothing.pem"},
	{"ca_file is a folder", "https://127.0.0.1:{good}/ok", JW_SECRET_MISSING, 0,
	 .says = "the certificate file {folder} isn't a regular file", .ca_file = "{folder}"},
	{"ca_file holds no certificate", "https://127.0.0.1:{good}/ok", JW_SECRET_MISSING, 0,
	 .says = "{folder}/broken.pem holds no certificates", .ca_file = "{folder}/broken.pem"},
	{"no such client_certificate", "https://127.0.0.1:{mutual}/ok", JW_SECRET_MISSING, 0,
	 .says = "the certificate file {folder}/nothing.pem can't be read", CA,
	 .client_certificate = "{folder}/nothing.pem"},
	{"client_certificate without its key", "https://127.0.0.1:{mutual}/ok",
	 JW_SECRET_MISSING, 0, .says = "{folder}/client.pem holds no certificate with its key",
	 CA, .client_certificate = "{folder}/client.pem"},
	{"client_certificate with another key", "https://127.0.0.1:{mutual}/ok",
	 JW_SECRET_MISSING, 0, .says = "{folder}/mixed.pem holds no", CA,
	 .client_certificate = "{folder}/mixed.pem"},
	{"client_certificate with a locked key", "https://127.0.0.1:{mutual}/ok",
	 JW_SECRET_MISSING, 0, .says = "{folder}/locked.pem holds no", CA,
	 .client_certificate = "{folder}/locked.pem"},
	{"a broken client_certificate", "https://127.0.0.1:{mutual}/ok", JW_SECRET_MISSING, 0,
	 .says = "{folder}/broken.pem holds no", CA,
	 .client_certificate = "{folder}/broken.pem"},
};

#define PROXY "127.0.0.1:{proxy}"

static const struct row proxied[] = {
	{"by a proxy", "http://192.0.2.1/ok", JW_OK, 200,
	 .says = "by proxy\nGET http://192.0.2.1/ok ",
	 .environment = {"http_proxy=http://" PROXY}, .proxy = "http://" PROXY},
	{"by a proxy without a scheme", "http://192.0.2.1/ok", JW_OK, 200, .says = "by proxy",
	 .environment = {"http_proxy=" PROXY}, .proxy = "http://" PROXY},
	{"by a proxy with a password", "http://192.0.2.1/ok", JW_OK, 200,
	 .says = "Proxy-Authorization: Basic dXNlcjpodW50ZXIy",
	 .environment = {"http_proxy=http://user:" CANARY "@" PROXY},
	 .proxy = "http://***@" PROXY},
	{"by a proxy for all", "http://192.0.2.1/ok", JW_OK, 200, .says = "by proxy",
	 .environment = {"ALL_PROXY=http://" PROXY}, .proxy = "http://" PROXY},
	{"HTTP_PROXY counts for nothing", HTTP "/ok", JW_OK, 200, .says = "hello",
	 .environment = {"HTTP_PROXY=http://" PROXY}},
	{"an empty http_proxy counts for nothing", HTTP "/ok", JW_OK, 200, .says = "hello",
	 .environment = {"http_proxy="}},
	{"a proxy for https isn't one for http", HTTP "/ok", JW_OK, 200, .says = "hello",
	 .environment = {"https_proxy=http://" PROXY}},
	{"not by the proxy", HTTP "/ok", JW_OK, 200, .says = "hello",
	 .environment = {"http_proxy=http://" PROXY, "no_proxy=localhost,127.0.0.0/8"}},
	{"not by the proxy, in capitals", HTTP "/ok", JW_OK, 200, .says = "hello",
	 .environment = {"http_proxy=http://" PROXY, "NO_PROXY=*"}},
	{"https through a proxy", "https://127.0.0.1:{good}/echo", JW_OK, 200,
	 .says = "GET /echo ", .not_says = "Proxy-", CA,
	 .environment = {"HTTPS_PROXY=http://user:pass@" PROXY}, .proxy = "http://***@" PROXY},
	{"another name through a proxy", "https://127.0.0.1:{good}/echo", JW_OK, 200,
	 .says = "Host: token.example:", CA, .server_name = "token.example",
	 .environment = {"https_proxy=" PROXY}, .proxy = "http://" PROXY},
	{"a certificate that ended, through a proxy", "https://127.0.0.1:{ended}/", JW_TLS, 0,
	 .says = "the certificate of 127.0.0.1:{ended} ended", CA,
	 .environment = {"https_proxy=" PROXY}, .proxy = "http://" PROXY},
	{"the proxy refuses", "https://127.0.0.1:1/", JW_CONNECT, 0,
	 .says = "the proxy http://" PROXY " doesn't connect to 127.0.0.1:1: HTTP status 403",
	 .environment = {"https_proxy=" PROXY}, .proxy = "http://" PROXY},
	{"the proxy wants a password", "https://127.0.0.1:2/", JW_CONNECT, 0,
	 .says = "asks for a password", .environment = {"https_proxy=" PROXY},
	 .proxy = "http://" PROXY},
	{"the proxy isn't there", "http://192.0.2.1/ok", JW_CONNECT, 0,
	 .says = "the proxy http://127.0.0.1:1 refuses the connection",
	 .environment = {"http_proxy=127.0.0.1:1"}, .proxy = "http://127.0.0.1:1"},
	{"the proxy hangs", "http://192.0.2.1/ok", JW_TIMEOUT, 0,
	 .says = "192.0.2.1:80 by way of the proxy http://127.0.0.1:{mute} didn't "
		 "finish in time",
	 SOON, .environment = {"http_proxy=127.0.0.1:{mute}"},
	 .proxy = "http://127.0.0.1:{mute}"},
	{"a proxy that is none", "http://192.0.2.1/ok", JW_CONNECT, 0, .says = "proxy",
	 .environment = {"http_proxy=gopher://127.0.0.1:{mute}"}},
};

#define LEFTOVER "leftover"

static struct jw_arena names;

static void set_environment(struct bench *bench, const struct row *row)
{
	forget_proxies();
	for (size_t i = 0; i < 3 && row->environment[i]; i++) {
		const char *setting = expanded(&bench->arena, row->environment[i]);
		const char *value = strchr(setting, '=');
		struct jw_str name = {setting, (size_t)(value - setting)};

		setenv(jw_arena_text(&bench->arena, name), value + 1, 1);
	}
}

static void assert_has(struct jw_str text, const char *part)
{
	if (part && *part && !jw_str_has(text, part))
		fail_msg("\"%s\" isn't in \"%.*s\"", part, JW_STR_ARG(text));
}

static void check_sentence(struct bench *bench, const struct row *row,
			   const struct jw_http_reply *reply)
{
	struct jw_str says = reply->cause ? jw_str_of(reply->says) : reply->body;

	assert_has(says, expanded(&bench->arena, row->says));
	assert_false(row->not_says && jw_str_has(says, row->not_says));
	if (!reply->cause)
		return;
	assert_true(says.len && says.len < 400);
	assert_false(jw_str_has(says, CANARY));
	assert_false(memchr(says.ptr, '\n', says.len));
}

static void check_phases(const struct row *row, const struct jw_http_reply *reply)
{
	const struct jw_http_phases *phases = &reply->phases;

	assert_true(phases->total_us > 0);
	assert_int_equal(phases->dns_us, -1);
	if (!row->redirected && reply->status)
		assert_true(phases->connect_us >= 0);
	if (reply->status)
		assert_true(phases->wait_us >= 0 && phases->transfer_us >= 0);
	if (reply->status)
		assert_int_equal(phases->tls_us >= 0,
				 phases->connect_us >= 0 && !strncmp(reply->url, "https", 5));
	assert_true(phases->connect_us + phases->wait_us + phases->transfer_us <=
		    phases->total_us + 1000);
}

static void answer_or_say(struct bench *used, const struct row *row)
{
	const char *headers[] = {row->header, NULL};
	struct bench bench = *used;
	struct answer answer;
	struct jw_http_request request;

	set_environment(&bench, row);
	request = get(&bench, row->url);
	request.method = row->method;
	request.headers = headers;
	request.body = jw_str_of(row->body);
	request.redirects = row->redirects;
	if (row->timeout_ms)
		request.timeout_ms = row->timeout_ms;
	if (row->max_body)
		request.max_body = row->max_body;
	request.ca_file = expanded(&bench.arena, row->ca_file);
	request.client_certificate = expanded(&bench.arena, row->client_certificate);
	request.server_name = expanded(&bench.arena, row->server_name);
	ask(&bench, &request, &answer);
	assert_false(answer.told);
	bench_run(&bench);
	if (answer.reply.cause != row->cause || answer.reply.status != row->status)
		print_message("# %s\n", answer.reply.says ? answer.reply.says : "");
	assert_int_equal(answer.reply.cause, row->cause);
	assert_int_equal(answer.reply.status, row->status);
	assert_int_equal(answer.reply.redirects, row->redirected);
	if (row->proxy || !row->environment[0])
		assert_string_equal(answer.reply.proxy ? answer.reply.proxy : "",
				    row->proxy ? expanded(&bench.arena, row->proxy) : "");
	check_sentence(&bench, row, &answer.reply);
	check_phases(row, &answer.reply);
	assert_false(jw_str_has(answer.reply.body, LEFTOVER));
	bench_close(&bench);
	forget_proxies();
}

static void answers_or_says(void **state)
{
	struct bench bench;

	bench_open(&bench, jw_module.ops);
	answer_or_say(&bench, *state);
}

/* With all that a request can have; nothing of it belongs to another one that libcurl does with the same handle. */
static void use_for_tls(struct bench *bench)
{
	static const char *const headers[] = {"X-Secret: " LEFTOVER, "Expect: " LEFTOVER,
					      "Content-Type: text/" LEFTOVER, NULL};
	struct jw_http_request request =
		get(bench, "https://user:" LEFTOVER "@127.0.0.1:{good}/echo?" LEFTOVER);
	struct answer answer;

	request.method = "PUT";
	request.headers = headers;
	request.body = JW_STR(LEFTOVER);
	request.ca_file = expanded(&bench->arena, "{folder}/ca.pem");
	request.client_certificate = expanded(&bench->arena, "{folder}/both.pem");
	request.server_name = "token.example";
	ask(bench, &request, &answer);
	bench_run(bench);
	assert_int_equal(answer.reply.cause, JW_OK);
	assert_true(jw_str_has(answer.reply.body, "\r\n\r\n" LEFTOVER));
}

static void use_for_a_proxy(struct bench *bench)
{
	struct jw_http_request request = get(bench, "http://192.0.2.1/ok");
	struct answer answer;

	setenv("http_proxy", expanded(&bench->arena, "http://user:" LEFTOVER "@" PROXY), 1);
	request.method = "HEAD";
	ask(bench, &request, &answer);
	bench_run(bench);
	assert_int_equal(answer.reply.cause, JW_OK);
	forget_proxies();
}

static void behind_another(void **state)
{
	struct bench bench;

	bench_open(&bench, jw_module.ops);
	use_for_tls(&bench);
	use_for_a_proxy(&bench);
	answer_or_say(&bench, *state);
}

/* The system's last error isn't this one's. */
static void behind_an_error(void **state)
{
	struct bench bench;
	struct jw_http_request request;
	struct answer answer;

	bench_open(&bench, jw_module.ops);
	request = get(&bench, HTTP "/reset");
	ask(&bench, &request, &answer);
	bench_run(&bench);
	assert_int_equal(answer.reply.cause, JW_CONNECT);
	answer_or_say(&bench, *state);
}

static void add_again(const struct row *rows, size_t count, const char *how,
		      CMUnitTestFunction test)
{
	for (size_t i = 0; i < count; i++) {
		jw_autobuf struct jw_buf name = JW_BUF(200);

		jw_buf_printf(&name, "%s, %s", rows[i].name, how);
		rows_add_one(jw_arena_text(&names, jw_buf_get(&name)), test, &rows[i]);
	}
}

#define ROWS_AGAIN(rows, how, test)                                                            \
	add_again((rows), sizeof(rows) / sizeof(*(rows)), (how), (test))

int main(void)
{
	int failed;

	forget_proxies();
	server_start();
	JW_ROWS(answers, answers_or_says);
	JW_ROWS(breaks, answers_or_says);
	JW_ROWS(redirections, answers_or_says);
	JW_ROWS(secure, answers_or_says);
	JW_ROWS(proxied, answers_or_says);
	ROWS_AGAIN(answers, "behind another", behind_another);
	ROWS_AGAIN(breaks, "behind another", behind_another);
	ROWS_AGAIN(redirections, "behind another", behind_another);
	ROWS_AGAIN(secure, "behind another", behind_another);
	ROWS_AGAIN(proxied, "behind another", behind_another);
	ROWS_AGAIN(breaks, "behind an error", behind_an_error);
	failed = rows_run();
	jw_arena_done(&names);
	server_stop();
	return failed;
}
