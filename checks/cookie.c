/* SPDX-License-Identifier: MIT */
/* Cookies that an answer sets (RFC 6265). */
#include "checks/cookie.h"

static struct jw_str unquoted(struct jw_str value)
{
	if (value.len > 1 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
		return jw_str_head(jw_str_from(value, 1), value.len - 2);
	return value;
}

/* The part before the first `at`, and what is behind it; all of it where there is none. */
static struct jw_str take(struct jw_str *rest, char at)
{
	struct jw_str part = *rest;

	if (!jw_str_cut(*rest, at, &part, rest))
		*rest = (struct jw_str){0};
	return part;
}

/* Section 5.2.2: what isn't above 0 is over at once. A moment needs a clock, but for the one that everybody uses. */
static bool is_over(struct jw_str attribute)
{
	struct jw_str name = jw_str_trim(take(&attribute, '='));
	struct jw_str value = jw_str_trim(attribute);

	if (jw_str_is_nocase(name, "max-age"))
		return value.len && (value.ptr[0] == '-' || jw_str_is(value, "0"));
	return jw_str_is_nocase(name, "expires") && jw_str_has(value, "1970");
}

static enum jw_cookie read_cookie(struct jw_str line, const char *name,
				  struct jw_str *ret_value)
{
	struct jw_str own = take(&line, ';');
	struct jw_str key;
	struct jw_str value;

	if (!jw_str_cut(own, '=', &key, &value) || !jw_str_is(jw_str_trim(key), name))
		return JW_COOKIE_ABSENT;
	while (line.len)
		if (is_over(take(&line, ';')))
			return JW_COOKIE_DELETED;
	*ret_value = unquoted(jw_str_trim(value));
	return JW_COOKIE_SET;
}

enum jw_cookie jw_cookie_find(const struct jw_http_reply *reply, const char *name,
			      struct jw_str *ret_value)
{
	enum jw_cookie found = JW_COOKIE_ABSENT;

	for (size_t i = 0; i < reply->header_count; i++) {
		const struct jw_http_header *header = &reply->headers[i];
		enum jw_cookie cookie;

		if (!jw_str_is_nocase(header->name, "set-cookie"))
			continue;
		cookie = read_cookie(header->value, name, ret_value);
		if (cookie != JW_COOKIE_ABSENT)
			found = cookie;
	}
	return found;
}
