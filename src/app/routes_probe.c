/* SPDX-License-Identifier: MIT */
/* /probe: one target checked while the scraper waits. The monitor isn't touched. */
#include <stdlib.h>
#include <string.h>

#include "app/daemon.h"

#define PAGE_MAX ((size_t)1 << 20)
#define PROBERS_MAX 256
/* The scraper's own time for the way back. */
#define OFFSET_MS 500
#define TIMEOUT_MS 120000
#define DAY_SECONDS 86400

static void prober_free(struct jw_prober *prober)
{
	prober->daemon->prober_count--;
	prober->daemon->loop->timer_free(prober->timer);
	free(prober);
}

static void unlink_prober(struct jw_prober *prober)
{
	struct jw_prober **place = &prober->slot->probers;

	while (*place != prober)
		place = &(*place)->next;
	*place = prober->next;
}

static void write_page(struct jw_prober *prober, struct jw_result *result)
{
	struct jw_daemon *daemon = prober->daemon;
	enum jw_dialect dialect = prober->is_openmetrics ? JW_OPENMETRICS_1_0 : JW_TEXT_0_0_4;
	jw_autobuf struct jw_buf buf = JW_BUF(PAGE_MAX);
	struct jw_numbers numbers;
	const struct jw_metrics_row row = {
		.name = result->target->name, .target = result->target, .numbers = &numbers};
	const struct jw_metrics_page page = {
		.page = JW_PAGE_PROBE,
		.dialect = dialect,
		.rows = &row,
		.count = 1,
		.now = result->now,
		.probe_ms = jw_daemon_now_ms(daemon) - prober->start_ms,
	};

	jw_numbers_of(result, &result->arena, &numbers);
	jw_metrics_page_write(&page, &buf);
	jw_route_send_metrics(daemon, prober->visit, dialect, &buf);
}

void jw_probers_answer(struct jw_slot *slot)
{
	while (slot->probers) {
		struct jw_prober *prober = slot->probers;

		slot->probers = prober->next;
		write_page(prober, &slot->result);
		prober_free(prober);
	}
}

void jw_probers_end(struct jw_daemon *daemon)
{
	for (struct jw_slot *slot = daemon->slots; slot; slot = slot->next)
		while (slot->probers) {
			struct jw_prober *prober = slot->probers;

			slot->probers = prober->next;
			prober_free(prober);
		}
}

/* A throwaway target's run is nobody's then. */
static void gone(void *context)
{
	struct jw_prober *prober = context;

	unlink_prober(prober);
	jw_slot_leave(prober->slot);
	prober_free(prober);
}

/* The run goes on where it is a target's own, or others wait for it. */
static void is_late(void *context)
{
	struct jw_prober *prober = context;
	struct jw_result result;
	char says[128];

	snprintf(says, sizeof(says),
		 "didn't finish within %lld ms, which is what the scrape's timeout allows",
		 (long long)prober->timeout_ms);
	jw_runner_refuse(prober->slot->target, JW_TIMEOUT, says, &result);
	result.now = prober->daemon->world.clock->wall(prober->daemon->world.clock->self);
	unlink_prober(prober);
	write_page(prober, &result);
	jw_result_done(&result);
	jw_slot_leave(prober->slot);
	prober_free(prober);
}

/* "10", "9.5", as Prometheus writes them: a day at most. False: nothing of that form, or nothing at all. */
static bool seconds_as_ms(struct jw_str given, int64_t *ret_ms)
{
	struct jw_str fraction = {0};
	bool has_fraction = jw_str_cut(given, '.', &given, &fraction);
	uint64_t seconds = 0;
	uint64_t digits = 0;
	int64_t ms = 0;

	if (!jw_str_u64(given, DAY_SECONDS, &seconds) ||
	    (has_fraction && !jw_str_u64(fraction, UINT64_MAX, &digits)))
		return false;
	for (size_t i = 0; i < 3; i++)
		ms = ms * 10 + (i < fraction.len ? fraction.ptr[i] - '0' : 0);
	ms += (int64_t)seconds * 1000;
	*ret_ms = ms;
	return ms > 0;
}

/* "X-Prometheus-Scrape-Timeout-Seconds: 10" less half a second, as blackbox_exporter does; 0: not a number. */
static int64_t timeout_of(const struct jw_daemon *daemon, struct jw_visit *visit)
{
	const char *given = daemon->server.header(visit, "X-Prometheus-Scrape-Timeout-Seconds");
	int64_t ms;

	if (!given)
		return TIMEOUT_MS;
	if (!seconds_as_ms(jw_str_of(given), &ms))
		return 0;
	return ms < 2 * OFFSET_MS ? (ms + 1) / 2 : ms - OFFSET_MS;
}

static void wait_for(struct jw_slot *slot, struct jw_visit *visit, int64_t timeout_ms)
{
	struct jw_daemon *daemon = slot->daemon;
	struct jw_prober *prober = jw_xcalloc(1, sizeof(*prober));

	prober->daemon = daemon;
	prober->visit = visit;
	prober->slot = slot;
	prober->start_ms = jw_daemon_now_ms(daemon);
	prober->timeout_ms = timeout_ms;
	prober->is_openmetrics = jw_metrics_negotiate(daemon->server.header(visit, "Accept")) ==
				 JW_OPENMETRICS_1_0;
	prober->next = slot->probers;
	slot->probers = prober;
	prober->timer = daemon->loop->timer(daemon->loop->self, is_late, prober);
	daemon->loop->arm(prober->timer, timeout_ms);
	daemon->server.on_gone(visit, gone, prober);
	daemon->prober_count++;
}

static void probe_target(struct jw_daemon *daemon, struct jw_visit *visit, const char *name,
			 int64_t timeout_ms)
{
	struct jw_record *record = jw_monitor_find(daemon->monitor, jw_str_of(name));
	struct jw_slot *slot;
	bool is_new;

	if (!record) {
		jw_route_say(daemon, visit, 400,
			     "There is no target of that name that is enabled; /sd lists "
			     "them. To probe a URL, name a module too: "
			     "/probe?module=NAME&target=URL\n");
		return;
	}
	slot = ((struct jw_spot *)record->owner)->slot;
	is_new = !slot;
	if (is_new)
		slot = jw_slot_new(daemon, record, record->target);
	wait_for(slot, visit, timeout_ms);
	if (is_new)
		jw_slot_start(slot);
}

static void probe_url(struct jw_daemon *daemon, struct jw_visit *visit, const char *module,
		      const char *url, int64_t timeout_ms)
{
	struct jw_arena arena = {0};
	struct jw_target *target;
	struct jw_slot *slot;
	struct jw_err err;

	if (jw_config_probe(daemon->config, jw_str_of(module), jw_str_of(url), &arena, &target,
			    &err)) {
		jw_arena_done(&arena);
		jw_route_say(daemon, visit, 400, "%s\n", err.text);
		return;
	}
	slot = jw_slot_new(daemon, NULL, target);
	slot->arena = arena;
	wait_for(slot, visit, timeout_ms);
	jw_slot_start(slot);
}

void jw_route_probe(struct jw_daemon *daemon, struct jw_visit *visit,
		    const struct jw_visit_request *request)
{
	struct jw_arena arena = {0};
	bool is_twice = false;
	const char *target = jw_route_parameter(request->query, "target", &arena, &is_twice);
	const char *module = jw_route_parameter(request->query, "module", &arena, &is_twice);
	int64_t timeout_ms = timeout_of(daemon, visit);

	if (is_twice)
		jw_route_say(daemon, visit, 400, "target and module are given once each.\n");
	else if (!target || !*target)
		jw_route_say(daemon, visit, 400,
			     "Name what is to be probed: /probe?target=NAME\n");
	else if (!timeout_ms)
		jw_route_say(daemon, visit, 400,
			     "X-Prometheus-Scrape-Timeout-Seconds isn't a number of "
			     "seconds such as 9.5, at most a day.\n");
	else if (daemon->prober_count >= PROBERS_MAX)
		jw_route_say(daemon, visit, 503, "%d probes are under way already.\n",
			     PROBERS_MAX);
	else if (module && *module)
		probe_url(daemon, visit, module, target, timeout_ms);
	else
		probe_target(daemon, visit, target, timeout_ms);
	jw_arena_done(&arena);
}
