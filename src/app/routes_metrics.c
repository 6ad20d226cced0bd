/* SPDX-License-Identifier: MIT */
/* /metrics: the page, in memory that the page before it had. */
#include "app/daemon.h"

#define PAGE_MAX ((size_t)1 << 30)
/* Of a large page the memory costs as much as the writing: the system clears each of its pages. It is kept from one scrape
 * to the next, for scrapes that come at the intervals that people use; and not where most of it lies idle. */
#define SPARE_MS 180000
#define SPARE_TIMES 4

static void drop_spare(void *context)
{
	struct jw_daemon *daemon = context;

	jw_buf_done(&daemon->spare);
}

/* One is enough: the larger one of two that are as large as they need be. */
static void keep_spare(void *context, struct jw_buf *bytes)
{
	struct jw_daemon *daemon = context;

	if (daemon->is_ending || bytes->size / SPARE_TIMES > bytes->len ||
	    bytes->size <= daemon->spare.size)
		return;
	jw_buf_done(&daemon->spare);
	daemon->spare = *bytes;
	*bytes = (struct jw_buf){0};
	if (!daemon->spare_timer)
		daemon->spare_timer =
			daemon->loop->timer(daemon->loop->self, drop_spare, daemon);
	daemon->loop->arm(daemon->spare_timer, SPARE_MS);
}

void jw_route_metrics(struct jw_daemon *daemon, struct jw_visit *visit,
		      const struct jw_visit_request *request)
{
	enum jw_dialect dialect = jw_metrics_negotiate(daemon->server.header(visit, "Accept"));
	jw_autobuf struct jw_buf bytes = daemon->spare;
	struct jw_shared *page;

	(void)request;
	daemon->spare = (struct jw_buf){0};
	bytes.max = PAGE_MAX;
	jw_buf_clear(&bytes);
	jw_daemon_metrics(daemon, JW_PAGE_DAEMON, dialect, &bytes);
	if (bytes.overflowed) {
		jw_route_say(daemon, visit, 500, "The page would be larger than %zu bytes.\n",
			     bytes.max);
		return;
	}
	page = jw_shared_new(&bytes);
	page->last = keep_spare;
	page->context = daemon;
	jw_route_send_page(daemon, visit, 200, jw_metrics_media_type(dialect), page);
}

void jw_metrics_end(struct jw_daemon *daemon)
{
	drop_spare(daemon);
	if (daemon->spare_timer)
		daemon->loop->timer_free(daemon->spare_timer);
	daemon->spare_timer = NULL;
}
