/* SPDX-License-Identifier: MIT */
/* The policy of the token API. */
#include "core/token_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/url.h"
#include "base/utf.h"
#include "core/errors.h"
#include "core/hosts.h"
#include "core/value.h"
#include "token/find.h"

const char *const jw_token_reasons[] = {
	[JW_TOKEN_GIVEN] = "",
	[JW_TOKEN_BY_HOST] = "host",
	[JW_TOKEN_BY_ORIGIN] = "origin",
	[JW_TOKEN_BY_METHOD] = "method",
	[JW_TOKEN_BY_CONTENT_TYPE] = "content_type",
	[JW_TOKEN_BY_FORM] = "form",
	[JW_TOKEN_BY_ROOM] = "room",
	[JW_TOKEN_BY_IDENTITY] = "identity",
	[JW_TOKEN_BY_TTL] = "ttl",
	[JW_TOKEN_BY_CHOICE] = "choice",
	[JW_TOKEN_BY_AGENT] = "agent",
	[JW_TOKEN_BY_RATE] = "rate",
	[JW_TOKEN_BY_KEY] = "key",
};

bool jw_token_refuse(struct jw_token_refusal *refusal, enum jw_token_reason reason, int status,
		     const char *format, ...)
{
	va_list args;

	refusal->reason = reason;
	refusal->status = status;
	refusal->err.cause = JW_CONFIG;
	va_start(args, format);
	vsnprintf(refusal->err.text, sizeof(refusal->err.text), format, args);
	va_end(args);
	jw_find_scrub(refusal->err.text);
	return false;
}

/* From both ends: what a star takes is tried shortest first, and only the last star is ever gone back to. */
bool jw_token_fits(const char *pattern, const char *text)
{
	const char *star = NULL;
	const char *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool fits_any(const char *const *patterns, const char *text)
{
	for (; patterns && *patterns; patterns++)
		if (jw_token_fits(*patterns, text))
			return true;
	return false;
}

/* No control characters, nothing that turns a line around, no NUL, UTF-8. */
static bool is_shown(const char *text)
{
	jw_autobuf struct jw_buf shown = JW_BUF(2 * JW_URL_MAX);

	return jw_utf_show(&shown, jw_str_of(text)) &&
	       jw_str_eq(jw_buf_get(&shown), jw_str_of(text)) && !strstr(text, JW_TOKEN_NUL);
}

/* Who asks */

/* "scheme://host" or with a port, as browsers write it. */
static bool parse_origin(const char *text, struct jw_url *ret_url)
{
	return !jw_url_parse(jw_str_of(text), ret_url) && !ret_url->path.len &&
	       !ret_url->user.ptr && !ret_url->query.ptr && !strchr(text, '#');
}

static bool is_listed(const struct jw_token_api *api, const struct jw_url *origin)
{
	struct jw_url url;

	for (const char *const *listed = api->origins; listed && *listed; listed++)
		if (parse_origin(*listed, &url) && jw_url_same_origin(&url, origin))
			return true;
	return false;
}

/* A page of ours asks with our own address for its origin. */
static bool may_origin_ask(const struct jw_token_api *api, const char *origin,
			   const struct jw_url *host)
{
	struct jw_url url;

	if (!parse_origin(origin, &url))
		return false;
	return jw_url_same_origin(host, &url) || is_listed(api, &url);
}

/* Without an origin a browser still says that another site's page has us fetched, as a picture or a frame. */
static bool is_from_elsewhere(const struct jw_token_request *request)
{
	const char *site = request->fetch_site;

	return !request->origin && site &&
	       (!strcmp(site, "cross-site") || !strcmp(site, "same-site"));
}

bool jw_token_may_ask(const struct jw_daemon_entry *daemon,
		      const struct jw_token_request *request,
		      struct jw_token_refusal *ret_refusal)
{
	const struct jw_token_api *api = daemon->token_api;
	jw_autobuf struct jw_buf text = JW_BUF(JW_URL_MAX);
	struct jw_url host;
	char quote[JW_QUOTE_TEXT];

	if (!request->host || !jw_hosts_parse(request->host, &text, &host) ||
	    !jw_hosts_is_ours(daemon, &host))
		return jw_token_refuse(ret_refusal, JW_TOKEN_BY_HOST, 421,
				       "Host is to be localhost, a loopback address, that of "
				       "a listed origin, or one of daemon.hosts");
	if (request->origin && !may_origin_ask(api, request->origin, &host))
		return jw_token_refuse(ret_refusal, JW_TOKEN_BY_ORIGIN, 403,
				       "pages of origin %s get no tokens here",
				       jw_errors_quote(jw_str_of(request->origin), quote));
	if (is_from_elsewhere(request))
		return jw_token_refuse(ret_refusal, JW_TOKEN_BY_ORIGIN, 403,
				       "a page of another site asks, and doesn't say which");
	if (request->method != JW_METHOD_GET && request->method != JW_METHOD_POST &&
	    request->method != JW_METHOD_OPTIONS)
		return jw_token_refuse(ret_refusal, JW_TOKEN_BY_METHOD, 405,
				       "tokens are asked for by GET or POST");
	return true;
}

/* What is asked */

bool jw_token_hours(struct jw_str text, int64_t *ret_seconds)
{
	struct jw_str fraction = {0};
	bool has_point = jw_str_cut(text, '.', &text, &fraction);
	uint64_t hours;
	uint64_t parts = 0;
	uint64_t unit = 1;

	if (!jw_str_u64(text, UINT64_C(87600), &hours) || (has_point && !fraction.len))
		return false;
	for (size_t i = 0; i < fraction.len; i++) {
		if (fraction.ptr[i] < '0' || fraction.ptr[i] > '9')
			return false;
		/* Further digits are less than a second. */
		if (i < 9) {
			parts = parts * 10 + (uint64_t)(fraction.ptr[i] - '0');
			unit *= 10;
		}
	}
	*ret_seconds = (int64_t)(hours * 3600 + parts * 3600 / unit);
	return true;
}

void jw_token_write_hours(int64_t seconds, struct jw_buf *buf)
{
	int64_t millionths = seconds % 3600 * 1000000 / 3600;

	jw_buf_printf(buf, "%lld", (long long)(seconds / 3600));
	if (!millionths)
		return;
	jw_buf_printf(buf, ".%06lld", (long long)millionths);
	while (buf->ptr[buf->len - 1] == '0')
		buf->ptr[--buf->len] = '\0';
}

static bool decide_ttl(const struct jw_token_api *api, const char *given, int64_t *ret_ttl,
		       struct jw_token_refusal *refusal)
{
	jw_autobuf struct jw_buf max = JW_BUF(JW_QUOTE_TEXT);

	*ret_ttl = api->ttl;
	if (!given || !*given)
		return true;
	if (!jw_token_hours(jw_str_of(given), ret_ttl))
		return jw_token_refuse(refusal, JW_TOKEN_BY_TTL, 400,
				       "ttl isn't a number of hours such as 24 or 0.5");
	if (*ret_ttl < 1)
		return jw_token_refuse(refusal, JW_TOKEN_BY_TTL, 400,
				       "ttl is less than a second: it is given in hours");
	if (*ret_ttl <= api->max_ttl)
		return true;
	jw_token_write_hours(api->max_ttl, &max);
	return jw_token_refuse(refusal, JW_TOKEN_BY_TTL, 403,
			       "ttl is more than the %s hours that tokens are given for at "
			       "most",
			       max.ptr);
}

/* The first star stands for digits and letters that nobody else has, the others for nothing. */
static const char *make_up(const char *pattern, const char *part, struct jw_arena *arena)
{
	char *name = jw_arena_alloc(arena, strlen(pattern) + strlen(part) + 1);
	size_t len = 0;

	for (; *pattern; pattern++) {
		if (*pattern != '*') {
			name[len++] = *pattern;
			continue;
		}
		memcpy(name + len, part, strlen(part));
		len += strlen(part);
		part = "";
	}
	return name;
}

static bool decide_name(const char *const *patterns, const char *word, const char *given,
			enum jw_token_reason reason, struct jw_token_refusal *refusal)
{
	char quote[JW_QUOTE_TEXT];

	if (strlen(given) > JW_TOKEN_NAME_MAX)
		return jw_token_refuse(refusal, reason, 400,
				       "%s is longer than %zu bytes, which LiveKit refuses",
				       word, JW_TOKEN_NAME_MAX);
	if (!is_shown(given))
		return jw_token_refuse(refusal, reason, 400,
				       "%s holds a control character, or isn't UTF-8", word);
	if (strchr(given, '*'))
		return jw_token_refuse(refusal, reason, 400,
				       "%s has a * in it: a token is for one %s", word, word);
	if (!fits_any(patterns, given))
		return jw_token_refuse(refusal, reason, 403, "no token is given for %s %s",
				       word, jw_errors_quote(jw_str_of(given), quote));
	return true;
}

static bool may_choose(const struct jw_token_api *api, enum jw_token_choice choice)
{
	for (const char *const *one = api->choices; one && *one; one++)
		if (!strcmp(*one, jw_token_choices[choice]))
			return true;
	return false;
}

static bool refuse_choice(struct jw_token_refusal *refusal, const char *what)
{
	return jw_token_refuse(refusal, JW_TOKEN_BY_CHOICE, 403,
			       "%s of the participant can't be chosen here", what);
}

static bool refuse_size(struct jw_token_refusal *refusal, enum jw_token_reason reason,
			const char *what)
{
	return jw_token_refuse(refusal, reason, 400, "%s takes more than %zu bytes", what,
			       JW_TOKEN_TEXT_MAX);
}

static bool has_nul(const char *text)
{
	return text && strstr(text, JW_TOKEN_NUL);
}

static bool decide_attributes(const struct jw_token_ask *ask, struct jw_token_refusal *refusal)
{
	size_t size = 0;

	for (const struct jw_pair *pair = ask->attributes; pair && pair->name; pair++) {
		size += strlen(pair->name) + strlen(pair->value);
		if (!is_shown(pair->name) || has_nul(pair->value))
			return jw_token_refuse(refusal, JW_TOKEN_BY_CHOICE, 400,
					       "participant_attributes hold a control "
					       "character in a name, or a NUL");
	}
	return size <= JW_TOKEN_TEXT_MAX ||
	       refuse_size(refusal, JW_TOKEN_BY_CHOICE, "participant_attributes");
}

static bool decide_choices(const struct jw_token_api *api, const struct jw_token_ask *ask,
			   struct jw_token_refusal *refusal)
{
	if (ask->name && !may_choose(api, JW_TOKEN_NAME))
		return refuse_choice(refusal, "the name");
	if (ask->metadata && !may_choose(api, JW_TOKEN_METADATA))
		return refuse_choice(refusal, "metadata");
	if (ask->attributes && !may_choose(api, JW_TOKEN_ATTRIBUTES))
		return refuse_choice(refusal, "attributes");
	if (ask->name && (strlen(ask->name) > JW_TOKEN_NAME_MAX || !is_shown(ask->name)))
		return jw_token_refuse(refusal, JW_TOKEN_BY_CHOICE, 400,
				       "participant_name is longer than %zu bytes, or holds a "
				       "control character",
				       JW_TOKEN_NAME_MAX);
	if (has_nul(ask->metadata))
		return jw_token_refuse(refusal, JW_TOKEN_BY_CHOICE, 400,
				       "participant_metadata hold a NUL");
	if (ask->metadata && strlen(ask->metadata) > JW_TOKEN_TEXT_MAX)
		return refuse_size(refusal, JW_TOKEN_BY_CHOICE, "participant_metadata");
	return decide_attributes(ask, refusal);
}

static bool decide_agents(const struct jw_token_api *api, const struct jw_token_ask *ask,
			  struct jw_token_refusal *refusal)
{
	size_t size = 0;

	for (size_t i = 0; i < ask->agent_count; i++) {
		const struct jw_token_agent *agent = &ask->agents[i];

		/* An agent without a name is the one that joins every room. */
		if (!decide_name(api->agents, "agent", agent->name, JW_TOKEN_BY_AGENT, refusal))
			return false;
		if (has_nul(agent->metadata))
			return jw_token_refuse(refusal, JW_TOKEN_BY_AGENT, 400,
					       "metadata of an agent hold a NUL");
		size += strlen(agent->name) + (agent->metadata ? strlen(agent->metadata) : 0);
	}
	return size <= JW_TOKEN_TEXT_MAX || refuse_size(refusal, JW_TOKEN_BY_AGENT, "agents");
}

/* "application/json", with parameters or without. */
static bool is_json(const char *type)
{
	struct jw_str name = jw_str_of(type);
	struct jw_str rest;

	jw_str_cut(name, ';', &name, &rest);
	return jw_str_is_nocase(jw_str_trim(name), "application/json");
}

static bool read_ask(const struct jw_token_request *request, struct jw_arena *arena,
		     struct jw_token_ask *ret_ask, struct jw_token_refusal *refusal)
{
	if (request->method == JW_METHOD_GET && request->body.len)
		return jw_token_refuse(refusal, JW_TOKEN_BY_FORM, 400,
				       "a GET has no body: ask by POST, or in the query");
	if (request->method == JW_METHOD_GET)
		return jw_token_read_query(request->query, arena, ret_ask, refusal);
	/* A type that a form can't have: so a browser asks first whether the page may (CORS). */
	if (!request->content_type || !is_json(request->content_type))
		return jw_token_refuse(refusal, JW_TOKEN_BY_CONTENT_TYPE, 415,
				       "Content-Type is to be application/json");
	return jw_token_read_body(request->body, arena, ret_ask, refusal);
}

static const char *given_or(const char *given, const char *const *patterns, const char *part,
			    struct jw_arena *arena)
{
	return given && *given ? given : make_up(patterns[0], part, arena);
}

bool jw_token_decide(const struct jw_token_api *api, const struct jw_token_request *request,
		     const struct jw_token_made_up *made_up, struct jw_arena *arena,
		     struct jw_token_wish *ret_wish, struct jw_token_refusal *ret_refusal)
{
	struct jw_token_ask ask = {0};
	struct jw_token_wish wish = {.is_standard = request->method == JW_METHOD_POST};

	if (!read_ask(request, arena, &ask, ret_refusal))
		return false;
	wish.room = given_or(ask.room, api->rooms, made_up->room, arena);
	wish.identity = given_or(ask.identity, api->identities, made_up->identity, arena);
	if (!decide_name(api->rooms, "room", wish.room, JW_TOKEN_BY_ROOM, ret_refusal) ||
	    !decide_name(api->identities, "identity", wish.identity, JW_TOKEN_BY_IDENTITY,
			 ret_refusal) ||
	    !decide_ttl(api, ask.ttl, &wish.ttl, ret_refusal) ||
	    !decide_choices(api, &ask, ret_refusal) || !decide_agents(api, &ask, ret_refusal))
		return false;
	wish.name = ask.name;
	wish.metadata = ask.metadata;
	wish.attributes = ask.attributes;
	wish.agents = ask.agents;
	wish.agent_count = ask.agent_count;
	*ret_wish = wish;
	return true;
}

/* The configuration */

const char *jw_token_pattern_problem(const char *pattern)
{
	if (!*pattern)
		return "is empty";
	/* Names that are made up are longer. */
	if (strlen(pattern) > JW_TOKEN_NAME_MAX / 2)
		return "is longer than 128 bytes";
	return is_shown(pattern) ? NULL : "holds a control character, or isn't UTF-8";
}

const char *jw_token_origin_problem(const char *origin)
{
	struct jw_url url;

	if (!strcmp(origin, "*") || strchr(origin, '*'))
		return "has a * in it: each page's origin is named";
	if (!strcmp(origin, "null"))
		return "is what pages without an origin call themselves, anybody's: name "
		       "https://HOST";
	if (!parse_origin(origin, &url) ||
	    !(jw_str_is_nocase(url.scheme, "https") || jw_str_is_nocase(url.scheme, "http")))
		return "isn't an origin: https://HOST or https://HOST:PORT, with nothing "
		       "behind "
		       "it";
	return NULL;
}

bool jw_token_is_local(const char *address)
{
	return !strncmp(address, "unix:", 5) ||
	       jw_hosts_is_loopback(jw_hosts_of_listen(address));
}
