/* SPDX-License-Identifier: MIT */
/* What LiveKit's clients make of a server's URL. */
#include "livekit/url.h"

#include <stdio.h>
#include <string.h>

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
