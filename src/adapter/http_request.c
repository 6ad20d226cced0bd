/* SPDX-License-Identifier: MIT */
/* What is asked, copied, and its options for libcurl that are the same for all hops. */
#include "adapter/http_curl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "adapter/http_tls.h"

#define USER_AGENT PACKAGE_NAME "/" PACKAGE_VERSION

/* Of a daemon. */
#define BUFFER_SIZE 1024L
#define CONNECTION_SECONDS 300L

/* libcurl's own socket would be inherited by programs that we start, and it forgets why there was none. */
static curl_socket_t open_socket(void *context, curlsocktype purpose,
				 struct curl_sockaddr *address)
{
	struct jw_transfer *transfer = context;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	(void)purpose;
	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		transfer->descriptor_errno = errno;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* Many connections may hang at once, whose buffers count (10,000: 155 MiB instead of 300); and a server's certificate is
 * looked at again now and then. */
static void set_for_a_daemon(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_SIZE);
	curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, CONNECTION_SECONDS);
}

/* What is the same for all hops. QUICK_EXIT: should libcurl ever look up a name itself, its end isn't waited for. No
 * session is taken up again: each handshake is a whole one, in which the certificate is verified. */
static void set_basics(struct jw_transfer *transfer)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_says);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_USERAGENT, USER_AGENT);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	jw_reply_listen(transfer);
	if (transfer->client->use == JW_HTTP_DAEMON)
		set_for_a_daemon(easy);
}

/* "Name:" would take a header away; "Name;" sends an empty one. */
static void add_header(struct jw_transfer *transfer, const char *line)
{
	struct jw_str name;
	struct jw_str value;

	if (jw_str_cut(jw_str_of(line), ':', &name, &value) && !jw_str_trim(value).len)
		line = jw_arena_printf(&transfer->arena, "%.*s;", JW_STR_ARG(name));
	transfer->headers = curl_slist_append(transfer->headers, line);
}

/* A line break would make two headers of one, and the end of a secret's file easily is one. */
static bool is_header(const char *line)
{
	struct jw_str name;
	struct jw_str value;

	if (strpbrk(line, "\r\n") || !jw_str_cut(jw_str_of(line), ':', &name, &value))
		return false;
	return name.len && !memchr(name.ptr, ' ', name.len) && !memchr(name.ptr, ';', name.len);
}

static bool has_header(const char *const *headers, const char *name)
{
	for (size_t i = 0; headers && headers[i]; i++) {
		struct jw_str own;
		struct jw_str value;

		if (jw_str_cut(jw_str_of(headers[i]), ':', &own, &value) &&
		    jw_str_is_nocase(own, name))
			return true;
	}
	return false;
}

static bool copy_headers(struct jw_transfer *transfer, const struct jw_http_request *request)
{
	for (size_t i = 0; request->headers && request->headers[i]; i++) {
		if (!is_header(request->headers[i])) {
			jw_transfer_end(transfer,
					jw_transfer_fail(transfer, JW_INTERNAL,
							 "request header %zu isn't \"Name: "
							 "value\" on one line",
							 i + 1));
			return false;
		}
		add_header(transfer, request->headers[i]);
	}
	return true;
}

static const char *copy(struct jw_transfer *transfer, const char *text)
{
	return text ? jw_arena_text(&transfer->arena, jw_str_of(text)) : NULL;
}

/* The URL with server_name in the place of its host; CONNECT_TO leads it back there. */
static const char *rename_host(struct jw_transfer *transfer, const char *text)
{
	struct jw_str rest = jw_str_of(text);
	struct jw_url url;
	size_t scheme_len;
	char port[8] = "";

	if (!transfer->server_name || jw_url_parse(rest, &url))
		return text;
	scheme_len = url.scheme.len + 3;
	if (url.port)
		snprintf(port, sizeof(port), ":%u", (unsigned)url.port);
	transfer->real_host = url.host;
	rest = jw_str_from(rest, scheme_len);
	while (rest.len && !strchr("/?#", rest.ptr[0]))
		rest = jw_str_from(rest, 1);
	return jw_arena_printf(&transfer->arena, "%.*s://%.*s%s%s%s%.*s",
			       JW_STR_ARG(url.scheme), JW_STR_ARG(url.user),
			       url.user.ptr ? "@" : "", transfer->server_name, port,
			       JW_STR_ARG(rest));
}

static void set_connect_to(struct jw_transfer *transfer)
{
	struct jw_str host = transfer->real_host;
	bool is_v6 = host.len && memchr(host.ptr, ':', host.len);
	const char *line;

	line = jw_arena_printf(&transfer->arena, is_v6 ? "%s:%u:[%.*s]:%u" : "%s:%u:%.*s:%u",
			       transfer->server_name, (unsigned)jw_url_port(&transfer->url),
			       JW_STR_ARG(host), (unsigned)jw_url_port(&transfer->url));
	transfer->connect_to = curl_slist_append(NULL, line);
	curl_easy_setopt(transfer->easy, CURLOPT_CONNECT_TO, transfer->connect_to);
}

void jw_request_prepare(struct jw_transfer *transfer, const struct jw_http_request *request)
{
	transfer->ca_file = copy(transfer, request->ca_file);
	transfer->client_certificate = copy(transfer, request->client_certificate);
	transfer->server_name = copy(transfer, request->server_name);
	transfer->reply.url = copy(transfer, request->url);
	transfer->body = request->body.ptr ? jw_arena_str(&transfer->arena, request->body)
					   : request->body;
	transfer->method = request->method     ? copy(transfer, request->method)
			   : request->body.ptr ? "POST"
					       : "GET";
	transfer->urls[0] = rename_host(transfer, transfer->reply.url);
	if (jw_url_parse(jw_str_of(transfer->urls[0]), &transfer->url)) {
		jw_transfer_end(transfer, jw_transfer_fail(transfer, JW_INTERNAL,
							   "what is to be asked is no URL"));
		return;
	}
	if (!jw_tls_has_files(transfer) || !copy_headers(transfer, request))
		return;
	/* Neither a form nor a question beforehand where nobody asked for it. */
	if (!has_header(request->headers, "Content-Type"))
		transfer->headers = curl_slist_append(transfer->headers, "Content-Type:");
	if (!has_header(request->headers, "Expect"))
		transfer->headers = curl_slist_append(transfer->headers, "Expect:");
	set_basics(transfer);
	if (transfer->talk)
		jw_talk_prepare(transfer);
	if (transfer->server_name)
		set_connect_to(transfer);
}
