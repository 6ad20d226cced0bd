/* SPDX-License-Identifier: MIT */
/* The proxy that the environment names. Looked up here, since libcurl doesn't tell which it used. */
#include "adapter/http_proxy.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Empty is not set. */
static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static const char *env_either(const char *lower, const char *upper)
{
	const char *value = env(lower);

	return value ? value : env(upper);
}

static bool to_text(struct jw_str s, char *text, size_t size)
{
	if (s.len >= size)
		return false;
	if (s.len)
		memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	return true;
}

/* Family of a literal address, its bytes in `address`; 0 for a name. */
static int literal(struct jw_str s, unsigned char address[16])
{
	char text[INET6_ADDRSTRLEN];

	if (!to_text(s, text, sizeof(text)))
		return 0;
	if (inet_pton(AF_INET, text, address) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, text, address) == 1 ? AF_INET6 : 0;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned bytes = bits / 8;
	unsigned mask = 0xFF00U >> bits % 8 & 0xFF;

	return !memcmp(a, b, bytes) && !(bits % 8 && ((a[bytes] ^ b[bytes]) & mask));
}

/* "192.0.2.1", "192.0.2.0/24", "2001:db8::/32", also in brackets. */
static bool is_network_of(struct jw_str entry, const unsigned char *host, int family)
{
	unsigned char network[16];
	uint64_t bits = family == AF_INET ? 32 : 128;
	struct jw_str address = entry;
	struct jw_str prefix;

	if (jw_str_starts(entry, "[") && entry.ptr[entry.len - 1] == ']')
		address = entry = jw_str_head(jw_str_from(entry, 1), entry.len - 2);
	if (jw_str_cut(entry, '/', &address, &prefix) && !jw_str_u64(prefix, bits, &bits))
		return false;
	return literal(address, network) == family && same_bits(network, host, (unsigned)bits);
}

static struct jw_str without_last_dot(struct jw_str name)
{
	return name.len && name.ptr[name.len - 1] == '.' ? jw_str_head(name, name.len - 1)
							 : name;
}

/* The name itself, or a domain that it is in. */
static bool is_domain_of(struct jw_str entry, struct jw_str host)
{
	struct jw_str tail;

	if (jw_str_starts(entry, "."))
		entry = jw_str_from(entry, 1);
	entry = without_last_dot(entry);
	host = without_last_dot(host);
	if (!entry.len || entry.len > host.len)
		return false;
	tail = jw_str_from(host, host.len - entry.len);
	if (strncasecmp(tail.ptr, entry.ptr, entry.len))
		return false;
	return tail.len == host.len || tail.ptr[-1] == '.';
}

static bool is_separator(char c)
{
	return c == ',' || c == ' ' || c == '\t';
}

static bool is_excepted(struct jw_str list, struct jw_str host)
{
	unsigned char address[16] = {0};
	int family = literal(host, address);
	size_t at = 0;

	if (jw_str_is(list, "*"))
		return true;
	while (at < list.len) {
		size_t start = at;
		struct jw_str entry;

		while (at < list.len && !is_separator(list.ptr[at]))
			at++;
		entry = jw_str_head(jw_str_from(list, start), at - start);
		at++;
		if (entry.len && (family ? is_network_of(entry, address, family)
					 : is_domain_of(entry, host)))
			return true;
	}
	return false;
}

/* HTTP_PROXY counts for nothing: a CGI program would have it from the request's Proxy header. */
static const char *named_by_env(const struct jw_url *url)
{
	const char *value = jw_str_is_nocase(url->scheme, "https")
				    ? env_either("https_proxy", "HTTPS_PROXY")
				    : env("http_proxy");

	return value ? value : env_either("all_proxy", "ALL_PROXY");
}

const char *jw_proxy_of(const struct jw_url *url, struct jw_str host)
{
	const char *proxy = named_by_env(url);

	if (!proxy)
		return NULL;
	return is_excepted(jw_str_of(env_either("no_proxy", "NO_PROXY")), host) ? NULL : proxy;
}
