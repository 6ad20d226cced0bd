/* SPDX-License-Identifier: MIT */
/* What the daemon answers over HTTP: one row a path. */
#include <stdio.h>
#include <string.h>

#include "app/daemon.h"
#include "core/hosts.h"

#define SAYS_MAX ((size_t)64 * 1024)
#define PLAIN "text/plain; charset=utf-8"
#define TOKEN_PATH "/api/token"

struct route {
	const char *path;
	enum jw_method
		method; /* GET stands for HEAD too; OTHER: whichever, as the route sees fit */
	void (*visit)(struct jw_daemon *daemon, struct jw_visit *visit,
		      const struct jw_visit_request *request);
};

void jw_route_send(struct jw_daemon *daemon, struct jw_visit *visit, int status,
		   const char *media_type, struct jw_buf *buf)
{
	jw_route_send_page(daemon, visit, status, media_type, jw_shared_new(buf));
}

void jw_route_send_page(struct jw_daemon *daemon, struct jw_visit *visit, int status,
			const char *media_type, struct jw_shared *page)
{
	static const char *const headers[] = {"Cache-Control", "no-store", NULL};
	const struct jw_visit_reply reply = {
		.status = status, .media_type = media_type, .headers = headers, .page = page};

	daemon->server.reply(visit, &reply);
	jw_shared_release(page);
}

void jw_route_send_metrics(struct jw_daemon *daemon, struct jw_visit *visit,
			   enum jw_dialect dialect, struct jw_buf *page)
{
	if (page->overflowed)
		jw_route_say(daemon, visit, 500, "The page would be larger than %zu bytes.\n",
			     page->max);
	else
		jw_route_send(daemon, visit, 200, jw_metrics_media_type(dialect), page);
}

void jw_route_say(struct jw_daemon *daemon, struct jw_visit *visit, int status,
		  const char *format, ...)
{
	jw_autobuf struct jw_buf buf = JW_BUF(SAYS_MAX);
	va_list args;

	va_start(args, format);
	jw_buf_vprintf(&buf, format, args);
	va_end(args);
	jw_route_send(daemon, visit, status, PLAIN, &buf);
}

/* As forms are encoded: '+' is a blank. What isn't an escape stays. */
static const char *decoded(struct jw_str value, struct jw_arena *arena)
{
	char *text = jw_arena_alloc(arena, value.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		int high =
			c == '%' && i + 2 < value.len ? jw_str_hex_digit(value.ptr[i + 1]) : -1;
		int low = high >= 0 ? jw_str_hex_digit(value.ptr[i + 2]) : -1;

		if (low >= 0 && (high || low)) {
			text[len++] = (char)(high << 4 | low);
			i += 2;
		} else {
			text[len++] = c == '+' ? ' ' : c;
		}
	}
	text[len] = '\0';
	return text;
}

const char *jw_route_parameter(struct jw_str query, const char *name, struct jw_arena *arena,
			       bool *ret_is_twice)
{
	const char *value = NULL;
	struct jw_str part;

	while (query.len) {
		struct jw_str key;
		struct jw_str rest = {0};

		if (!jw_str_cut(query, '&', &part, &query)) {
			part = query;
			query = (struct jw_str){0};
		}
		if (!jw_str_cut(part, '=', &key, &rest))
			key = part;
		if (!jw_str_is(key, name))
			continue;
		*ret_is_twice = *ret_is_twice || value;
		value = decoded(rest, arena);
	}
	return value;
}

static void healthy(struct jw_daemon *daemon, struct jw_visit *visit,
		    const struct jw_visit_request *request)
{
	(void)request;
	jw_route_say(daemon, visit, 200, "jwtwatch is healthy.\n");
}

static void ready(struct jw_daemon *daemon, struct jw_visit *visit,
		  const struct jw_visit_request *request)
{
	(void)request;
	if (daemon->is_ready)
		jw_route_say(daemon, visit, 200, "jwtwatch is ready.\n");
	else
		jw_route_say(daemon, visit, 503, "jwtwatch isn't ready yet.\n");
}

/* A page of another origin, open in somebody's browser, has nothing to tell us. */
static void reload(struct jw_daemon *daemon, struct jw_visit *visit,
		   const struct jw_visit_request *request)
{
	(void)request;
	if (daemon->server.header(visit, "Origin"))
		jw_route_say(daemon, visit, 403,
			     "Web pages may not have the configuration read again: use curl "
			     "-X POST, or send SIGHUP.\n");
	else
		jw_daemon_reload(daemon, visit);
}

static const struct route routes[] = {
	{"/", JW_METHOD_GET, jw_route_home},
	{"/metrics", JW_METHOD_GET, jw_route_metrics},
	{"/probe", JW_METHOD_GET, jw_route_probe},
	{"/sd", JW_METHOD_GET, jw_route_sd},
	{"/api/v1/targets", JW_METHOD_GET, jw_route_targets},
	{TOKEN_PATH, JW_METHOD_OTHER, jw_route_token},
	{"/-/healthy", JW_METHOD_GET, healthy},
	{"/-/ready", JW_METHOD_GET, ready},
	{"/-/reload", JW_METHOD_POST, reload},
};

static void refuse_method(struct jw_daemon *daemon, struct jw_visit *visit,
			  const struct route *route)
{
	const char *const headers[] = {
		"Allow", route->method == JW_METHOD_POST ? "POST" : "GET, HEAD", NULL};
	jw_autobuf struct jw_buf says = JW_BUF(SAYS_MAX);
	struct jw_visit_reply reply = {.status = 405, .media_type = PLAIN, .headers = headers};

	jw_buf_printf(&says, "%s only takes %s.\n", route->path, headers[1]);
	reply.body = jw_buf_get(&says);
	daemon->server.reply(visit, &reply);
}

void jw_route_none(struct jw_daemon *daemon, struct jw_visit *visit)
{
	jw_route_say(daemon, visit, 404,
		     "There is nothing here. There are: / /metrics /probe?target=NAME /sd "
		     "/api/v1/targets /-/healthy /-/ready, and POST /-/reload\n");
}

/* One that isn't configured isn't there. */
static bool is_there(const struct jw_daemon *daemon, const struct route *route)
{
	return route->visit != jw_route_token || daemon->config->daemon.token_api;
}

static const struct route *route_of(const struct jw_daemon *daemon, const char *path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (!strcmp(path, routes[i].path) && is_there(daemon, &routes[i]))
			return &routes[i];
	return NULL;
}

/* Where others reach us, Prometheus among them, they call us as they like: what the daemon says is for whoever asks then.
 * Pages of the folder may hold tokens, so by a name that isn't ours nobody gets them; an address is nobody's name. */
static bool is_for_us(const struct jw_daemon *daemon, struct jw_visit *visit,
		      const struct route *route)
{
	jw_autobuf struct jw_buf text = JW_BUF(JW_URL_MAX);
	struct jw_daemon_entry own = daemon->config->daemon;
	const char *host = daemon->server.header(visit, "Host");
	struct jw_url url;

	/* Every browser sends one. */
	if (!host || (!daemon->is_local && route->visit != jw_route_static))
		return true;
	if (daemon->listens)
		own.listen = daemon->listens;
	return jw_hosts_parse(host, &text, &url) &&
	       (jw_hosts_is_ours(&own, &url) ||
		(!daemon->is_local && jw_hosts_is_address(url.host)));
}

static void nothing(struct jw_daemon *daemon, struct jw_visit *visit,
		    const struct jw_visit_request *request)
{
	(void)request;
	jw_route_none(daemon, visit);
}

void jw_route_visit(void *context, struct jw_visit *visit,
		    const struct jw_visit_request *request)
{
	static const struct route files = {"A file", JW_METHOD_GET, jw_route_static};
	static const struct route none = {"", JW_METHOD_OTHER, nothing};
	struct jw_daemon *daemon = context;
	enum jw_method method =
		request->method == JW_METHOD_HEAD ? JW_METHOD_GET : request->method;
	const struct route *route = route_of(daemon, request->path);

	if (!route)
		route = daemon->config->daemon.static_folder ? &files : &none;
	/* The token API looks by itself, and counts whom it refuses. */
	if (route->visit != jw_route_token && !is_for_us(daemon, visit, route))
		jw_route_say(daemon, visit, 421,
			     "Host is to be localhost, a loopback address, what jwtwatch run "
			     "listens on, or one of daemon.hosts: any other name may be made "
			     "to point here.\n");
	else if (method == route->method || route->method == JW_METHOD_OTHER)
		route->visit(daemon, visit, request);
	else
		refuse_method(daemon, visit, route);
}
