/* SPDX-License-Identifier: MIT */
/* What LiveKit's clients make of a server's URL. */
#include "livekit/url.h"

#include <stdio.h>
#include <string.h>

#include "base/scan.h"

/* NULL for a scheme that isn't LiveKit's. */
static const char *http_scheme(struct jw_str scheme)
{
	static const char *const schemes[][2] = {
		{"ws", "http"}, {"wss", "https"}, {"http", "http"}, {"https", "https"}};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (jw_str_is_nocase(scheme, schemes[i][0]))
			return schemes[i][1];
	return NULL;
}

/* The scheme is made http or https, and the path loses the slash at its end. */
static bool read_server(struct jw_str text, struct jw_url *ret_url)
{
	struct jw_url url;
	const char *scheme;

	if (jw_url_parse(text, &url))
		return false;
	scheme = http_scheme(url.scheme);
	if (!scheme)
		return false;
	url.scheme = jw_str_of(scheme);
	if (url.path.len && url.path.ptr[url.path.len - 1] == '/')
		url.path.len--;
	*ret_url = url;
	return true;
}

/* Rebuilt of its parts, so that nothing gets in that wasn't looked at. */
bool jw_livekit_http_url(struct jw_buf *buf, struct jw_str url, const char *path)
{
	struct jw_url server;
	char port[sizeof(":65535")] = "";
	bool is_ipv6;

	if (!read_server(url, &server))
		return false;
	is_ipv6 = memchr(server.host.ptr, ':', server.host.len);
	if (server.port)
		snprintf(port, sizeof(port), ":%u", (unsigned)server.port);
	return jw_buf_printf(buf, "%s://%.*s%s%s%.*s%s%s%.*s%s", server.scheme.ptr,
			     JW_STR_ARG(server.user), server.user.ptr ? "@" : "",
			     is_ipv6 ? "[" : "", JW_STR_ARG(server.host), is_ipv6 ? "]" : "",
			     port, JW_STR_ARG(server.path), path);
}

bool jw_livekit_is_loopback(struct jw_str host)
{
	static const struct jw_str name = {".localhost", 10};

	if (jw_str_is_nocase(host, "localhost") || jw_str_is(host, "::1"))
		return true;
	if (host.len > name.len &&
	    jw_str_is_nocase(jw_str_from(host, host.len - name.len), name.ptr))
		return true;
	for (size_t i = 0; i < host.len; i++)
		if (!strchr("0123456789.", host.ptr[i]))
			return false;
	return jw_str_starts(host, "127.");
}

/* What a server listens on is no address that anyone can reach. */
static bool is_this_machine(struct jw_str host)
{
	return jw_livekit_is_loopback(host) || jw_str_is(host, "0.0.0.0") ||
	       jw_str_is(host, "::");
}

static enum jw_url_flaw flaw_without_scheme(struct jw_str text)
{
	jw_autobuf struct jw_buf whole = JW_BUF(JW_URL_MAX);
	struct jw_url url;

	if (!text.len || jw_str_has(text, "://"))
		return JW_URL_NO_URL;
	jw_buf_text(&whole, "wss://");
	jw_buf_str(&whole, text);
	return jw_url_parse(jw_buf_get(&whole), &url) ? JW_URL_NO_URL : JW_URL_NO_SCHEME;
}

enum jw_url_flaw jw_livekit_url_flaw(struct jw_str text, const char *page)
{
	struct jw_url url;
	struct jw_url from;

	if (jw_url_parse(text, &url))
		return flaw_without_scheme(text);
	if (!http_scheme(url.scheme))
		return JW_URL_NOT_LIVEKIT;
	if (!page || jw_url_parse(jw_str_of(page), &from))
		return JW_URL_USABLE;
	if (is_this_machine(url.host) && !is_this_machine(from.host))
		return JW_URL_LOOPBACK;
	/* Browsers trust their own machine without TLS (W3C Secure Contexts, section 3.1). */
	if (jw_str_is_nocase(from.scheme, "https") &&
	    !strcmp(http_scheme(url.scheme), "http") && !jw_livekit_is_loopback(url.host))
		return JW_URL_INSECURE;
	return JW_URL_USABLE;
}

static bool is_url_char(char c)
{
	return c > ' ' && c < 0x7f && !strchr("\"'`<>\\{}|^,;()$*", c);
}

/* Where a scheme begins whose "://" stands at `found`; false: it is another. */
static bool begins_ws(struct jw_str text, size_t found, size_t *ret_start)
{
	size_t start = found;

	while (start && found - start < 4 &&
	       ((text.ptr[start - 1] | 0x20) >= 'a' && (text.ptr[start - 1] | 0x20) <= 'z'))
		start--;
	*ret_start = start;
	return jw_str_is_nocase((struct jw_str){text.ptr + start, found - start}, "ws") ||
	       jw_str_is_nocase((struct jw_str){text.ptr + start, found - start}, "wss");
}

bool jw_livekit_next_url(struct jw_str text, size_t *at, struct jw_str *ret_url)
{
	struct jw_url url;

	while (*at < text.len) {
		size_t found = jw_scan_find(text, *at, "://");
		size_t start;
		size_t end = found + 3;

		*at = found < text.len ? end : text.len;
		if (found == text.len || !begins_ws(text, found, &start))
			continue;
		while (end < text.len && is_url_char(text.ptr[end]))
			end++;
		*ret_url = (struct jw_str){text.ptr + start, end - start};
		*at = end;
		if (!jw_url_parse(*ret_url, &url))
			return true;
	}
	return false;
}
