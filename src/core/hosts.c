/* SPDX-License-Identifier: MIT */
/* By which names the daemon may be asked. */
#include "core/hosts.h"

#include <string.h>
#include <strings.h>

static bool is_byte(struct jw_str part)
{
	uint64_t number;

	return jw_str_u64(part, 255, &number) && (part.len == 1 || *part.ptr != '0');
}

static bool is_v4(struct jw_str host)
{
	struct jw_str part;
	int count = 0;

	for (; jw_str_cut(host, '.', &part, &host); count++)
		if (!is_byte(part))
			return false;
	return count == 3 && is_byte(host);
}

bool jw_hosts_is_address(struct jw_str host)
{
	return jw_str_has(host, ":") || is_v4(host);
}

bool jw_hosts_is_loopback(struct jw_str host)
{
	return jw_str_is_nocase(host, "localhost") || jw_str_is(host, "::1") ||
	       (jw_str_starts(host, "127.") && is_v4(host));
}

bool jw_hosts_parse(const char *text, struct jw_buf *buf, struct jw_url *ret_url)
{
	if (!*text || strpbrk(text, "/?#@\\") || !jw_buf_printf(buf, "http://%s", text))
		return false;
	return !jw_url_parse(jw_buf_get(buf), ret_url);
}

struct jw_str jw_hosts_of_listen(const char *address)
{
	const char *colon = strrchr(address, ':');
	struct jw_str host = {address, colon ? (size_t)(colon - address) : 0};

	if (!strncmp(address, "unix:", 5))
		return (struct jw_str){0};
	if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		host = (struct jw_str){host.ptr + 1, host.len - 2};
	return host;
}

static bool are_same(struct jw_str a, struct jw_str b)
{
	return a.len == b.len && a.len && !strncasecmp(a.ptr, b.ptr, a.len);
}

/* A proxy in front of us may leave the port out that everybody knows. */
static bool is_host_of(const struct jw_url *host, const struct jw_url *origin)
{
	struct jw_url own = *host;

	own.scheme = origin->scheme;
	return jw_url_same_origin(&own, origin);
}

static bool is_of_origin(const struct jw_token_api *api, const struct jw_url *host)
{
	struct jw_url origin;

	for (const char *const *listed = api ? api->origins : NULL; listed && *listed; listed++)
		if (!jw_url_parse(jw_str_of(*listed), &origin) && is_host_of(host, &origin))
			return true;
	return false;
}

bool jw_hosts_is_ours(const struct jw_daemon_entry *daemon, const struct jw_url *host)
{
	if (jw_hosts_is_loopback(host->host))
		return true;
	for (const char *const *name = daemon->hosts; name && *name; name++)
		if (are_same(host->host, jw_str_of(*name)))
			return true;
	for (const char *const *address = daemon->listen; address && *address; address++)
		if (are_same(host->host, jw_hosts_of_listen(*address)))
			return true;
	return is_of_origin(daemon->token_api, host);
}

const char *jw_hosts_problem(const char *name)
{
	jw_autobuf struct jw_buf text = JW_BUF(JW_URL_MAX);
	struct jw_url url;

	if (strchr(name, '*'))
		return "has a * in it: each name is written out";
	if (jw_hosts_parse(name, &text, &url) && are_same(url.host, jw_str_of(name)))
		return NULL;
	return "isn't the name of a host alone, such as voice.example.org: no scheme, no port, "
	       "no path";
}
