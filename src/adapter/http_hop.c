/* SPDX-License-Identifier: MIT */
/* One request of a chain: whom it connects to, that one's address, its proxy, and what is sent. */
#include "adapter/http_curl.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "adapter/http_proxy.h"
#include "adapter/http_tls.h"

static void set_method(struct jw_transfer *transfer)
{
	CURL *easy = transfer->easy;
	bool has_body = transfer->body.ptr && !transfer->has_left;

	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
	if (transfer->talk) {
		jw_talk_set(transfer);
		return;
	}
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
	transfer->proxy = jw_arena_text(&transfer->arena, jw_str_of(proxy));
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
	jw_tls_begin(transfer);
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
	transfer->host = is_renamed(transfer) ? transfer->real_host : transfer->url.host;
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
