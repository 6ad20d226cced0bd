/* SPDX-License-Identifier: MIT */
/* What the daemon tells of its targets: /sd, /api/v1/targets, the page at /. */
#include <string.h>

#include "app/daemon.h"
#include "app/session.h"
#include "base/when.h"
#include "output/format.h"
#include "output/html.h"
#include "output/sd.h"

#define PAGE_MAX ((size_t)1 << 30)
#define NAMES_MAX 1000

void jw_route_sd(struct jw_daemon *daemon, struct jw_visit *visit,
		 const struct jw_visit_request *request)
{
	jw_autobuf struct jw_buf buf = JW_BUF(PAGE_MAX);
	const char *host = daemon->server.header(visit, "Host");

	(void)request;
	jw_sd_write(daemon->config, host && *host ? host : daemon->config->daemon.listen[0],
		    &buf);
	jw_route_send(daemon, visit, 200, "application/json", &buf);
}

/* What `status` and others may ask for. */
struct asked {
	struct jw_report_wish wish;
	struct jw_str names[NAMES_MAX];
};

static bool is_set(struct jw_str query, const char *name, struct jw_arena *arena)
{
	bool ignored = false;
	const char *value = jw_route_parameter(query, name, arena, &ignored);

	return value && *value && strcmp(value, "0") != 0;
}

static enum jw_cause read_moment(struct jw_daemon *daemon, const char *at,
				 struct jw_report_wish *wish, struct jw_err *err)
{
	int64_t now = daemon->world.clock->wall(daemon->world.clock->self);

	wish->as_of = now;
	if (!at)
		return JW_OK;
	wish->is_simulated = true;
	if (jw_when_parse(jw_str_of(at), now, &wish->as_of))
		return JW_OK;
	return jw_fail(err, JW_CONFIG,
		       "at is a moment such as 2026-01-02T03:04:05Z, @1767323045 or +3d");
}

static enum jw_cause read_names(struct jw_str query, struct jw_arena *arena,
				struct asked *asked, struct jw_err *err)
{
	while (query.len) {
		struct jw_str part;
		struct jw_str rest;
		bool ignored = false;
		const char *name;

		if (!jw_str_cut(query, '&', &part, &rest)) {
			part = query;
			rest = (struct jw_str){0};
		}
		query = rest;
		name = jw_route_parameter(part, "target", arena, &ignored);
		if (!name)
			continue;
		if (asked->wish.count == NAMES_MAX)
			return jw_fail(err, JW_CONFIG, "at most %d targets by name", NAMES_MAX);
		asked->names[asked->wish.count++] = jw_str_of(name);
	}
	return JW_OK;
}

static void read_format(const struct jw_format *format, struct jw_report_wish *wish)
{
	wish->write = format->write;
	wish->media_type =
		strcmp(format->name, "text") ? format->media_type : "text/plain; charset=utf-8";
	wish->tells_code = true;
}

static enum jw_cause read_asked(struct jw_daemon *daemon, struct jw_str query,
				struct jw_arena *arena, struct asked *asked, struct jw_err *err)
{
	bool ignored = false;
	const char *name = jw_route_parameter(query, "format", arena, &ignored);
	const char *verbosity = jw_route_parameter(query, "v", arena, &ignored);
	const char *kind = jw_route_parameter(query, "perfdata", arena, &ignored);
	const char *fails = jw_route_parameter(query, "fail_on", arena, &ignored);
	const struct jw_format *format = jw_format_by_name(jw_str_of(name ? name : "json"));
	struct jw_report_wish *wish = &asked->wish;

	if (!format)
		return jw_fail(err, JW_CONFIG, "there is no such format");
	read_format(format, wish);
	wish->style.color = is_set(query, "color", arena);
	wish->style.is_quiet = is_set(query, "q", arena);
	wish->style.verbosity =
		verbosity && *verbosity >= '0' && *verbosity <= '3' ? *verbosity - '0' : 0;
	for (size_t i = 0; kind && jw_perfdata_names[i]; i++)
		if (!strcmp(kind, jw_perfdata_names[i]))
			wish->style.perfdata = (enum jw_perfdata)i;
	for (size_t i = 0; fails && jw_fail_on_names[i]; i++)
		if (!strcmp(fails, jw_fail_on_names[i]))
			wish->style.fail_on = (enum jw_fail_on)i;
	if (read_moment(daemon, jw_route_parameter(query, "at", arena, &ignored), wish, err))
		return err->cause;
	return read_names(query, arena, asked, err);
}

void jw_route_targets(struct jw_daemon *daemon, struct jw_visit *visit,
		      const struct jw_visit_request *request)
{
	struct asked *asked = jw_xcalloc(1, sizeof(*asked));
	struct jw_arena arena = {0};
	struct jw_err err;

	asked->wish.names = asked->names;
	if (read_asked(daemon, request->query, &arena, asked, &err))
		jw_route_say(daemon, visit, 400, "%s\n", err.text);
	else
		jw_daemon_report(daemon, visit, &asked->wish);
	jw_arena_done(&arena);
	free(asked);
}

static void write_home(const struct jw_report *report, const struct jw_style *style,
		       struct jw_buf *buf)
{
	(void)style;
	jw_html_write(report, buf);
}

void jw_route_home(struct jw_daemon *daemon, struct jw_visit *visit,
		   const struct jw_visit_request *request)
{
	const struct jw_report_wish wish = {
		.as_of = daemon->world.clock->wall(daemon->world.clock->self),
		.write = write_home,
		.media_type = "text/html; charset=utf-8",
	};

	(void)request;
	jw_daemon_report(daemon, visit, &wish);
}
