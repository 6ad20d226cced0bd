/* SPDX-License-Identifier: MIT */
/* URLs taken apart (RFC 3986), compared by origin (RFC 6454), and made fit to be shown. */
#include "base/url.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/utf.h"

#define MASK "***"
#define NOT_A_URL "(not a URL)"
/* RFC 1035 section 2.3.4, as it is written. */
#define HOST_MAX 253

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool is_ascii(char c)
{
	return !((unsigned char)c & 0x80);
}

/* Where the first of the signs stands; s.len where none does. */
static size_t find_any(struct jw_str s, const char *signs)
{
	size_t at = 0;

	while (at < s.len && (!s.ptr[at] || !strchr(signs, s.ptr[at])))
		at++;
	return at;
}

static const char *wrong_sign(struct jw_str from)
{
	static const struct {
		const char *signs;
		const char *says;
	} rows[] = {
		{" ", "holds a blank: write %20 for it"},
		{"\\", "holds a backslash: URLs are written with /"},
		{"{}",
		 "holds { or }: is a placeholder left in it? As parts of the URL they are "
		 "written %7B and %7D"},
		{"\"<>^`",
		 "holds a quote, <, >, ^ or `: in a URL they are written with a % and "
		 "two hexadecimal digits"},
	};
	char c = from.ptr[0];

	if (is_alpha(c) || is_digit(c))
		return NULL;
	if ((unsigned char)c < ' ' || c == 0x7f)
		return "holds a control character, such as the end of a line";
	if (jw_str_starts(from, "${"))
		return "holds ${: variables aren't filled in here, write the value itself";
	if (c == '%' && !(from.len >= 3 && is_hex(from.ptr[1]) && is_hex(from.ptr[2])))
		return "holds a % without two hexadecimal digits behind it: write %25 for the "
		       "sign itself";
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strchr(rows[i].signs, c))
			return rows[i].says;
	return NULL;
}

static const char *wrong_signs(struct jw_str text)
{
	const char *wrong = NULL;

	for (size_t i = 0; i < text.len && !wrong; i++)
		wrong = wrong_sign(jw_str_from(text, i));
	return wrong;
}

static bool is_known_scheme(struct jw_str s)
{
	return jw_str_is_nocase(s, "http") || jw_str_is_nocase(s, "https") ||
	       jw_str_is_nocase(s, "ws") || jw_str_is_nocase(s, "wss");
}

static bool is_scheme(struct jw_str s)
{
	if (!s.len || !is_alpha(s.ptr[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_alpha(s.ptr[i]) && !is_digit(s.ptr[i]) && !memchr("+-.", s.ptr[i], 3))
			return false;
	return true;
}

/* Without a scheme "localhost:7880" has the form of one that is called localhost. */
static const char *cut_scheme(struct jw_str text, struct jw_str *ret_scheme,
			      struct jw_str *ret_rest)
{
	struct jw_str scheme;
	struct jw_str rest;

	if (!jw_str_cut(text, ':', &scheme, &rest) || !is_scheme(scheme) ||
	    (!jw_str_starts(rest, "//") && !is_known_scheme(scheme)))
		return "has no scheme: write http://HOST/PATH or https://HOST/PATH";
	if (!jw_str_starts(rest, "//"))
		return "lacks the // behind the scheme: write http://HOST/PATH or "
		       "https://HOST/PATH";
	*ret_scheme = scheme;
	*ret_rest = jw_str_from(rest, 2);
	return NULL;
}

static const char *wrong_name(struct jw_str host)
{
	char before = '.';

	if (!host.len)
		return "names no host";
	for (size_t i = 0; i < host.len; i++)
		if (!is_ascii(host.ptr[i]))
			return "has a host name with letters outside of ASCII: write its xn-- "
			       "form";
	if (memchr(host.ptr, ':', host.len))
		return "has several colons in its host: an IPv6 address is written in "
		       "brackets, [::1]";
	if (host.len > HOST_MAX)
		return "has a host name of more than 253 characters";
	for (size_t i = 0; i < host.len; before = host.ptr[i++]) {
		char c = host.ptr[i];

		if (c == '.' && before == '.')
			return "has an empty part in its host name";
		if (!is_alpha(c) && !is_digit(c) && !memchr("-._", c, 3))
			return "has a host name with other signs than letters, digits, '-', "
			       "'_' and '.'";
	}
	return NULL;
}

static const char *wrong_ipv6(struct jw_str host)
{
	struct in6_addr address;
	char text[INET6_ADDRSTRLEN] = "";

	if (host.len && memchr(host.ptr, '%', host.len))
		return "has an IPv6 address with a zone (%), which isn't supported";
	if (host.len >= sizeof(text))
		return "has no IPv6 address between its brackets";
	if (host.len)
		memcpy(text, host.ptr, host.len);
	if (strlen(text) != host.len || inet_pton(AF_INET6, text, &address) != 1)
		return "has no IPv6 address between its brackets";
	return NULL;
}

/* An empty port is the scheme's own (RFC 3986 section 3.2.3). */
static const char *read_port(struct jw_str port, struct jw_url *url)
{
	uint64_t n = 0;

	if (port.len && (!jw_str_u64(port, UINT16_MAX, &n) || !n))
		return "has a port that isn't a number from 1 to 65535";
	url->port = (uint16_t)n;
	return NULL;
}

static const char *read_host(struct jw_str s, struct jw_url *url)
{
	size_t colon = s.len;
	struct jw_str after;
	const char *wrong;

	if (jw_str_starts(s, "[")) {
		if (!jw_str_cut(jw_str_from(s, 1), ']', &url->host, &after))
			return "has a [ without a ] in its host";
		if (after.len && after.ptr[0] != ':')
			return "has something else than a port behind its IPv6 address";
		wrong = wrong_ipv6(url->host);
		return wrong ? wrong : read_port(jw_str_from(after, 1), url);
	}
	while (colon && s.ptr[colon - 1] != ':')
		colon--;
	url->host = colon ? jw_str_head(s, colon - 1) : s;
	wrong = wrong_name(url->host);
	return wrong ? wrong
		     : read_port(colon ? jw_str_from(s, colon) : (struct jw_str){0}, url);
}

/* Libraries differ in which '@' of several ends the user info, so whoever writes two may mean another host. */
static const char *read_authority(struct jw_str s, struct jw_url *url)
{
	struct jw_str host = s;

	if (jw_str_cut(s, '@', &url->user, &host) && host.len &&
	    memchr(host.ptr, '@', host.len))
		return "holds two @ in front of its path: write %40 for the one in the user "
		       "name or password";
	return read_host(host, url);
}

/* Scheme and authority; *ret_rest begins with '/', '?' or '#', or is empty. */
static const char *read_front(struct jw_str text, struct jw_url *url, struct jw_str *ret_rest)
{
	struct jw_str rest;
	const char *wrong;
	size_t end;

	if (!text.len)
		return "is empty";
	if (text.len > JW_URL_MAX)
		return "is longer than 8192 characters";
	wrong = cut_scheme(text, &url->scheme, &rest);
	if (wrong)
		return wrong;
	end = find_any(rest, "/?#");
	*ret_rest = jw_str_from(rest, end);
	return read_authority(jw_str_head(rest, end), url);
}

/* The pointer stays where the slice is empty, which tells "?" from no query. */
static struct jw_str behind(struct jw_str s, size_t start)
{
	return (struct jw_str){s.ptr + start, s.len - start};
}

static void read_rest(struct jw_str rest, struct jw_url *url, struct jw_str *ret_fragment)
{
	size_t hash = find_any(rest, "#");
	struct jw_str front = jw_str_head(rest, hash);
	size_t mark = find_any(front, "?");

	url->path = jw_str_head(front, mark);
	if (mark < front.len)
		url->query = behind(front, mark + 1);
	*ret_fragment = hash < rest.len ? behind(rest, hash + 1) : (struct jw_str){0};
}

const char *jw_url_parse(struct jw_str text, struct jw_url *ret_url)
{
	struct jw_url url = {0};
	struct jw_str rest;
	struct jw_str fragment;
	const char *wrong = text.len > JW_URL_MAX ? NULL : wrong_signs(text);

	if (!wrong)
		wrong = read_front(text, &url, &rest);
	if (wrong)
		return wrong;
	for (size_t i = 0; i < text.len; i++)
		if (!is_ascii(text.ptr[i]))
			return "holds letters outside of ASCII: in a URL they are written with "
			       "% and hexadecimal digits";
	read_rest(rest, &url, &fragment);
	*ret_url = url;
	return NULL;
}

uint16_t jw_url_port(const struct jw_url *url)
{
	if (url->port)
		return url->port;
	if (jw_str_is_nocase(url->scheme, "http") || jw_str_is_nocase(url->scheme, "ws"))
		return 80;
	if (jw_str_is_nocase(url->scheme, "https") || jw_str_is_nocase(url->scheme, "wss"))
		return 443;
	return 0;
}

static bool equal_nocase(struct jw_str a, struct jw_str b)
{
	return a.len == b.len && (!a.len || !strncasecmp(a.ptr, b.ptr, a.len));
}

bool jw_url_same_origin(const struct jw_url *a, const struct jw_url *b)
{
	return equal_nocase(a->scheme, b->scheme) && equal_nocase(a->host, b->host) &&
	       jw_url_port(a) == jw_url_port(b);
}

static void add_small(struct jw_buf *buf, struct jw_str s)
{
	for (size_t i = 0; i < s.len; i++)
		jw_buf_char(buf, s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? (char)(s.ptr[i] | 0x20)
								    : s.ptr[i]);
}

bool jw_url_origin(struct jw_buf *buf, const struct jw_url *url)
{
	bool is_ipv6 = url->host.len && memchr(url->host.ptr, ':', url->host.len);
	struct jw_url plain = *url;

	plain.port = 0;
	add_small(buf, url->scheme);
	jw_buf_text(buf, is_ipv6 ? "://[" : "://");
	add_small(buf, url->host);
	jw_buf_text(buf, is_ipv6 ? "]" : "");
	if (url->port && url->port != jw_url_port(&plain))
		jw_buf_printf(buf, ":%u", (unsigned)url->port);
	return !buf->overflowed;
}

/* One "name=value". What has no value may be a secret by itself, with its padding or without. */
static void mask_pair(struct jw_buf *buf, struct jw_str pair)
{
	struct jw_str name;
	struct jw_str value;

	if (!pair.len)
		return;
	if (jw_str_cut(pair, '=', &name, &value) && value.len && !jw_str_is(value, "=")) {
		jw_buf_str(buf, name);
		jw_buf_char(buf, '=');
	}
	jw_buf_text(buf, MASK);
}

static void mask_query(struct jw_buf *buf, struct jw_str query)
{
	struct jw_str pair;

	jw_buf_char(buf, '?');
	while (jw_str_cut(query, '&', &pair, &query)) {
		mask_pair(buf, pair);
		jw_buf_char(buf, '&');
	}
	mask_pair(buf, query);
}

static void mask_front(struct jw_buf *buf, const struct jw_url *url)
{
	bool is_ipv6 = memchr(url->host.ptr, ':', url->host.len);

	jw_buf_str(buf, url->scheme);
	jw_buf_text(buf, url->user.ptr ? "://" MASK "@" : "://");
	jw_buf_text(buf, is_ipv6 ? "[" : "");
	jw_buf_str(buf, url->host);
	jw_buf_text(buf, is_ipv6 ? "]" : "");
	if (url->port)
		jw_buf_printf(buf, ":%u", (unsigned)url->port);
}

/* '?' for a foreign sign in a path begins a query, whose rest is masked too: so what was masked stays as it is when it
 * is masked again. */
bool jw_url_mask(struct jw_buf *buf, struct jw_str text)
{
	jw_autobuf struct jw_buf shown = JW_BUF(JW_URL_MAX);
	jw_autobuf struct jw_buf masked = JW_BUF(JW_URL_MAX);
	struct jw_url url = {0};
	struct jw_str rest;
	struct jw_str fragment;

	if (read_front(text, &url, &rest))
		return jw_buf_text(buf, NOT_A_URL);
	jw_utf_show(&shown, rest);
	read_rest(jw_buf_get(&shown), &url, &fragment);
	mask_front(&masked, &url);
	jw_buf_str(&masked, url.path);
	if (url.query.ptr)
		mask_query(&masked, url.query);
	if (fragment.ptr)
		jw_buf_text(&masked, "#" MASK);
	return masked.overflowed ? jw_buf_text(buf, NOT_A_URL)
				 : jw_buf_str(buf, jw_buf_get(&masked));
}

bool jw_url_is_masked(struct jw_str text)
{
	static const char *const masks[] = {"//" MASK "@", "=" MASK, "?" MASK, "&" MASK,
					    "#" MASK};

	for (size_t i = 0; i < sizeof(masks) / sizeof(*masks); i++)
		if (jw_str_has(text, masks[i]))
			return true;
	return false;
}

void jw_url_encode(struct jw_buf *buf, struct jw_str bytes)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (size_t i = 0; i < bytes.len; i++) {
		char c = bytes.ptr[i];

		if (c && strchr(plain, c))
			jw_buf_char(buf, c);
		else
			jw_buf_printf(buf, "%%%02X", (unsigned)(unsigned char)c);
	}
}
