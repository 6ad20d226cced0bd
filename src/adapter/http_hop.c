/* SPDX-License-Identifier: MIT */
/* One request of a chain: its options for libcurl, its proxy, and the address of whom it connects to. */
#include "adapter/http_curl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "adapter/http_proxy.h"
#include "adapter/http_tls.h"

#define USER_AGENT PACKAGE_NAME "/" PACKAGE_VERSION

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

/* What is the same for all hops. QUICK_EXIT: should libcurl ever look up a name itself, its end isn't waited for. */
static void set_basics(struct jw_transfer *transfer)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_says);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_USERAGENT, USER_AGENT);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	jw_reply_listen(transfer);
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
	rest = jw_str_from(rest, scheme_len);
	while (rest.len && !strchr("/?#", rest.ptr[0]))
		rest = jw_str_from(rest, 1);
	return jw_arena_printf(&transfer->arena, "%.*s://%.*s%s%s%s%.*s",
			       JW_STR_ARG(url.scheme), JW_STR_ARG(url.user),
			       url.user.ptr ? "@" : "", transfer->server_name, port,
			       JW_STR_ARG(rest));
}

static struct jw_str connect_to(const struct jw_transfer *transfer)
{
	struct jw_url url;

	if (jw_url_parse(jw_str_of(transfer->reply.url), &url))
		return (struct jw_str){0};
	return url.host;
}

static void set_connect_to(struct jw_transfer *transfer)
{
	struct jw_str host = connect_to(transfer);
	bool is_v6 = host.len && memchr(host.ptr, ':', host.len);
	const char *line;

	line = jw_arena_printf(&transfer->arena, is_v6 ? "%s:%u:[%.*s]:%u" : "%s:%u:%.*s:%u",
			       transfer->server_name, (unsigned)jw_url_port(&transfer->url),
			       JW_STR_ARG(host), (unsigned)jw_url_port(&transfer->url));
	transfer->connect_to = curl_slist_append(NULL, line);
	curl_easy_setopt(transfer->easy, CURLOPT_CONNECT_TO, transfer->connect_to);
}

void jw_hop_prepare(struct jw_transfer *transfer, const struct jw_http_request *request)
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
	if (!copy_headers(transfer, request))
		return;
	/* Neither a form nor a question beforehand where nobody asked for it. */
	if (!has_header(request->headers, "Content-Type"))
		transfer->headers = curl_slist_append(transfer->headers, "Content-Type:");
	if (!has_header(request->headers, "Expect"))
		transfer->headers = curl_slist_append(transfer->headers, "Expect:");
	set_basics(transfer);
	if (transfer->server_name)
		set_connect_to(transfer);
	jw_tls_prepare(transfer);
}

static void set_method(struct jw_transfer *transfer)
{
	CURL *easy = transfer->easy;
	bool has_body = transfer->body.ptr && !transfer->has_left;

	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
	if (!strcmp(transfer->method, "HEAD")) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (!has_body && strcmp(transfer->method, "POST")) {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	} else {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)(has_body ? transfer->body.len : 0));
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, has_body ? transfer->body.ptr : "");
	}
	if (strcmp(transfer->method, has_body ? "POST" : "GET"))
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, transfer->method);
}

static bool is_literal(struct jw_str host)
{
	char text[INET_ADDRSTRLEN] = "";
	struct in_addr address;

	if (memchr(host.ptr, ':', host.len))
		return true;
	if (host.len >= sizeof(text))
		return false;
	memcpy(text, host.ptr, host.len);
	return inet_pton(AF_INET, text, &address) == 1;
}

/* libcurl knows localhost by itself (RFC 6761 section 6.3). */
static bool is_localhost(struct jw_str host)
{
	const char dot[] = ".localhost";
	size_t len = sizeof(dot) - 1;

	return jw_str_is_nocase(host, dot + 1) ||
	       (host.len > len && jw_str_is_nocase(jw_str_from(host, host.len - len), dot));
}

static void set_lookup(struct jw_transfer *transfer, struct jw_str host, uint16_t port)
{
	transfer->lookup = NULL;
	if (!host.len || is_literal(host) || is_localhost(host))
		return;
	transfer->lookup = jw_arena_text(&transfer->arena, host);
	transfer->lookup_port = port;
}

/* libcurl's defaults for a proxy without a port. */
static uint16_t proxy_port(const struct jw_url *proxy)
{
	if (proxy->port)
		return proxy->port;
	return jw_str_is_nocase(proxy->scheme, "https") ? 443 : 1080;
}

/* What the proxy is called in output: "http://host:port". */
static const char *proxy_text(struct jw_arena *arena, const struct jw_url *proxy)
{
	bool is_v6 = memchr(proxy->host.ptr, ':', proxy->host.len);

	return jw_arena_printf(arena, is_v6 ? "%.*s://%s[%.*s]:%u" : "%.*s://%s%.*s:%u",
			       JW_STR_ARG(proxy->scheme), proxy->user.ptr ? "***@" : "",
			       JW_STR_ARG(proxy->host), (unsigned)proxy_port(proxy));
}

/* Through a proxy it is the proxy's name that must be looked up. */
static void choose_proxy(struct jw_transfer *transfer)
{
	const char *proxy = jw_proxy_of(&transfer->url, transfer->host);
	struct jw_url url;

	transfer->proxy = NULL;
	transfer->reply.proxy = NULL;
	set_lookup(transfer, transfer->host, jw_url_port(&transfer->url));
	if (!proxy)
		return;
	if (!strstr(proxy, "://"))
		proxy = jw_arena_printf(&transfer->arena, "http://%s", proxy);
	transfer->proxy = copy(transfer, proxy);
	transfer->reply.proxy = "a proxy of no known form";
	if (jw_url_parse(jw_str_of(transfer->proxy), &url))
		return;
	transfer->reply.proxy = proxy_text(&transfer->arena, &url);
	set_lookup(transfer, url.host, proxy_port(&url));
}

static void set_addresses(struct jw_transfer *transfer, const struct jw_name_answer *answer)
{
	const char *line = jw_arena_printf(&transfer->arena, "+%s:%u:%s", transfer->lookup,
					   (unsigned)transfer->lookup_port, answer->addresses);

	curl_slist_free_all(transfer->resolve);
	transfer->resolve = curl_slist_append(NULL, line);
	curl_easy_setopt(transfer->easy, CURLOPT_RESOLVE, transfer->resolve);
}

static void hand_to_curl(struct jw_transfer *transfer)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_URL, transfer->urls[transfer->hops]);
	curl_easy_setopt(easy, CURLOPT_PROXY, transfer->proxy ? transfer->proxy : "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
			 transfer->has_left ? NULL : transfer->headers);
	set_method(transfer);
	jw_reply_restart(transfer);
	jw_shard_begin(transfer);
}

static void on_name(struct jw_name_asker *asker, const struct jw_name_answer *answer)
{
	size_t offset = offsetof(struct jw_transfer, asker);
	struct jw_transfer *transfer = (struct jw_transfer *)((char *)asker - offset);

	transfer->lookup_us = jw_http_now_us() - transfer->lookup_us;
	if (!answer->addresses) {
		jw_transfer_end(transfer, jw_say_name(transfer, answer));
		return;
	}
	set_addresses(transfer, answer);
	hand_to_curl(transfer);
}

/* Whether the host in the URL stands for another one, by server_name. */
static bool is_renamed(const struct jw_transfer *transfer)
{
	struct jw_url first;

	return transfer->server_name && !jw_url_parse(jw_str_of(transfer->urls[0]), &first) &&
	       jw_str_is_nocase(transfer->url.host, transfer->server_name) &&
	       jw_url_port(&first) == jw_url_port(&transfer->url);
}

void jw_hop_begin(struct jw_transfer *transfer)
{
	const struct jw_name_answer *answer;

	transfer->stage = JW_STAGE_NAME;
	transfer->host = is_renamed(transfer) ? connect_to(transfer) : transfer->url.host;
	transfer->lookup_us = -1;
	choose_proxy(transfer);
	if (!transfer->lookup) {
		hand_to_curl(transfer);
		return;
	}
	transfer->lookup_us = jw_http_now_us();
	transfer->asker.known = on_name;
	answer = jw_names_ask(transfer->client->names, transfer->lookup, &transfer->asker);
	if (answer)
		on_name(&transfer->asker, answer);
}
