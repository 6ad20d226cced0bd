/* SPDX-License-Identifier: MIT */
/* How long caches may keep an answer, by its headers (RFC 9111). */
#include "checks/freshness.h"

#include "base/when.h"

/* Section 1.2.2: what is larger counts as this. */
#define SECONDS_MAX (INT64_C(1) << 31)

/* What the lines of Cache-Control say together. */
struct directives {
	bool is_there;
	bool no_store;
	bool no_cache;
	bool is_private;
	bool has_max_age;
	bool has_shared;
	int64_t max_age;
	int64_t shared; /* s-maxage */
};

static struct jw_str unquoted(struct jw_str s)
{
	if (s.len > 1 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"')
		return jw_str_trim(jw_str_head(jw_str_from(s, 1), s.len - 2));
	return s;
}

/* Digits alone; false for everything else. */
static bool read_seconds(struct jw_str s, int64_t *ret_seconds)
{
	uint64_t n;

	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	if (!s.len)
		return false;
	*ret_seconds = jw_str_u64(s, SECONDS_MAX, &n) ? (int64_t)n : SECONDS_MAX;
	return true;
}

/* Of several the first counts, and what can't be read is no time. */
static void take_age(struct jw_str value, bool *has, int64_t *age)
{
	if (*has)
		return;
	*has = true;
	if (!read_seconds(value, age))
		*age = 0;
}

/* no-cache and private with names of headers concern these alone. */
static void take_directive(struct jw_str directive, struct directives *all)
{
	struct jw_str name = directive;
	struct jw_str value = {0};
	bool has_value = jw_str_cut(directive, '=', &name, &value);

	name = jw_str_trim(name);
	value = unquoted(jw_str_trim(value));
	if (jw_str_is_nocase(name, "no-store"))
		all->no_store = true;
	else if (jw_str_is_nocase(name, "no-cache"))
		all->no_cache = all->no_cache || !has_value;
	else if (jw_str_is_nocase(name, "private"))
		all->is_private = all->is_private || !has_value;
	else if (jw_str_is_nocase(name, "max-age"))
		take_age(value, &all->has_max_age, &all->max_age);
	else if (jw_str_is_nocase(name, "s-maxage"))
		take_age(value, &all->has_shared, &all->shared);
}

/* A comma inside of quotes parts nothing. */
static size_t end_of_directive(struct jw_str s)
{
	bool is_quoted = false;
	size_t i = 0;

	for (; i < s.len && (is_quoted || s.ptr[i] != ','); i++) {
		if (is_quoted && s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == '"')
			is_quoted = !is_quoted;
	}
	return i < s.len ? i : s.len;
}

static void take_line(struct jw_str line, struct directives *all)
{
	all->is_there = true;
	while (line.len) {
		size_t end = end_of_directive(line);

		take_directive(jw_str_trim(jw_str_head(line, end)), all);
		line = jw_str_from(line, end < line.len ? end + 1 : end);
	}
}

static struct directives read_directives(const struct jw_http_reply *reply)
{
	struct directives all = {0};

	for (size_t i = 0; i < reply->header_count; i++)
		if (jw_str_is_nocase(reply->headers[i].name, "cache-control"))
			take_line(reply->headers[i].value, &all);
	return all;
}

/* Expires less Date; a date that can't be read, such as 0, lies in the past (section 5.3). */
static int64_t until_expires(const struct jw_http_reply *reply)
{
	int64_t expires;
	int64_t date;
	int64_t span;

	if (!jw_when_http(jw_http_header(reply, "expires"), &expires) ||
	    !jw_when_http(jw_http_header(reply, "date"), &date) || expires <= date)
		return 0;
	span = expires - date;
	return span < SECONDS_MAX ? span : SECONDS_MAX;
}

static bool has(const struct jw_http_reply *reply, const char *name)
{
	return jw_http_header(reply, name).ptr != NULL;
}

static int64_t longest(const struct jw_http_reply *reply, const struct directives *all)
{
	int64_t own = all->has_max_age ? all->max_age : until_expires(reply);

	if (all->no_cache)
		return 0;
	return all->has_shared && !all->is_private && all->shared > own ? all->shared : own;
}

struct jw_freshness jw_freshness_read(const struct jw_http_reply *reply)
{
	struct directives all = read_directives(reply);
	struct jw_freshness fresh = {.is_known = true};

	/* Section 4.1: what varies by everything fits no second request. */
	fresh.is_stored = !all.no_store && !jw_str_is(jw_http_header(reply, "vary"), "*");
	fresh.is_explicit = all.has_max_age || all.no_cache || has(reply, "expires") ||
			    (all.has_shared && !all.is_private);
	fresh.max_age = fresh.is_explicit ? longest(reply, &all) : 0;
	fresh.is_guessed = !fresh.is_explicit && !all.is_there && has(reply, "last-modified") &&
			   reply->status == 200;
	if (!read_seconds(jw_http_header(reply, "age"), &fresh.age))
		fresh.age = 0;
	return fresh;
}
