/* SPDX-License-Identifier: MIT */
/* The results of a check to the sinks that it was told of, side by side. */
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/log.h"
#include "core/deliver.h"

/* More would only be a burden for who takes them. */
#define IN_FLIGHT 32
#define TEXT_MAX ((size_t)16 * 1024)
#define PERFDATA_MAX ((size_t)4096)
#define TIME_MAX_MS 2000

/* One result on its way to one sink. */
struct parcel {
	struct sending *sending;
	size_t sink;
	struct jw_arena arena;
	struct jw_buf text;
	struct jw_buf perfdata;
	struct jw_sink_result result;
	struct jw_receipt receipt;
	struct jw_delivery *delivery; /* NULL: the place is free */
};

/* How a sink fares. */
struct fare {
	size_t failed;
	const char *target; /* of the first one that failed */
	enum jw_cause cause;
	const char *says;
};

struct sending {
	const struct jw_world *world;
	const struct jw_config *config;
	int64_t deadline_ms;
	const char *machine;
	struct jw_arena arena;
	struct fare *fares; /* beside the names of --sink */
	struct parcel parcels[IN_FLIGHT];
	size_t count; /* of those under way */
};

const char *jw_app_machine(struct jw_arena *arena)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) || !*name)
		return "localhost";
	return jw_arena_text(arena, jw_str_of(name));
}

enum jw_cause jw_sinks_check(const struct jw_args *args, const struct jw_moment *moment,
			     struct jw_err *err)
{
	if (!args->sink_count || !moment->simulated)
		return JW_OK;
	return jw_fail(err, JW_CONFIG,
		       "--sink tells others what is so now, and --at asks about another "
		       "moment: leave one out");
}

int64_t jw_sinks_time(const struct jw_args *args, int64_t whole_ms)
{
	if (!args->sink_count)
		return 0;
	return whole_ms / 5 < TIME_MAX_MS ? whole_ms / 5 : TIME_MAX_MS;
}

/* Who only looks where results are sent would never know. */
enum jw_state jw_sinks_raise(const struct jw_report *report, enum jw_state state)
{
	return report->sink_count && state != JW_STATE_CRITICAL ? JW_STATE_UNKNOWN : state;
}

void jw_sinks_say(const struct jw_report *report)
{
	for (size_t i = 0; i < report->sink_count; i++)
		jw_log(JW_LOG_ERROR, "%s: %s", report->sinks[i].target->name,
		       report->sinks[i].verdict.message);
}

static int64_t now_ms(const struct sending *sending)
{
	const struct jw_clock *clock = sending->world->clock;

	return clock->monotonic_ms(clock->self);
}

static void note(struct sending *sending, struct parcel *parcel)
{
	struct fare *fare = &sending->fares[parcel->sink];

	if (parcel->receipt.cause && !fare->failed++) {
		fare->target = jw_arena_text(&sending->arena, jw_str_of(parcel->result.target));
		fare->cause = parcel->receipt.cause;
		fare->says = jw_arena_text(&sending->arena, jw_str_of(parcel->receipt.says));
	}
	jw_receipt_done(&parcel->receipt);
	jw_buf_done(&parcel->text);
	jw_buf_done(&parcel->perfdata);
	jw_arena_done(&parcel->arena);
}

static void done(void *context, struct jw_receipt *receipt)
{
	struct parcel *parcel = context;
	struct sending *sending = parcel->sending;
	const struct jw_net *net = sending->world->net(sending->world->net_context, NULL);

	(void)receipt;
	parcel->delivery = NULL;
	sending->count--;
	note(sending, parcel);
	net->loop.stop(net->loop.self);
}

/* Until fewer than that many are under way; what isn't by the deadline is given up. */
static void wait_for_less_than(struct sending *sending, size_t count)
{
	while (sending->count >= count && now_ms(sending) < sending->deadline_ms) {
		const struct jw_net *net =
			sending->world->net(sending->world->net_context, NULL);

		net->loop.run(net->loop.self, sending->deadline_ms);
	}
	for (size_t i = 0; sending->count >= count && i < IN_FLIGHT; i++) {
		if (!sending->parcels[i].delivery)
			continue;
		jw_deliver_cancel(sending->parcels[i].delivery);
		sending->parcels[i].delivery = NULL;
		sending->count--;
		note(sending, &sending->parcels[i]);
	}
}

static struct parcel *free_parcel(struct sending *sending)
{
	size_t i = 0;

	wait_for_less_than(sending, IN_FLIGHT);
	while (sending->parcels[i].delivery)
		i++;
	return &sending->parcels[i];
}

/* Icinga reads plain numbers only. */
static enum jw_perfdata perfdata_for(const struct jw_sink_entry *entry)
{
	return strcmp(entry->sink->name, "icinga") ? JW_PERFDATA_RANGE : JW_PERFDATA_NUMBER;
}

static void send_one(struct sending *sending, size_t sink, const struct jw_sink_entry *entry,
		     const struct jw_result *result)
{
	struct parcel *parcel = free_parcel(sending);

	*parcel = (struct parcel){.sending = sending, .sink = sink};
	jw_buf_init(&parcel->text, TEXT_MAX);
	jw_buf_init(&parcel->perfdata, PERFDATA_MAX);
	jw_nagios_single(result, perfdata_for(entry), &parcel->text, &parcel->perfdata);
	parcel->result = (struct jw_sink_result){
		.target = result->target->name,
		.machine = sending->machine,
		.state = result->verdict.state,
		.text = jw_buf_get(&parcel->text),
		.perfdata = jw_buf_get(&parcel->perfdata),
		.now = result->now,
	};
	jw_deliver_names(entry, &parcel->arena, &parcel->result);
	parcel->delivery =
		jw_deliver_start(sending->world, entry, &parcel->result, sending->deadline_ms,
				 &parcel->receipt, done, parcel);
	if (parcel->delivery)
		sending->count++;
	else
		note(sending, parcel);
}

static void send_all(struct sending *sending, size_t sink, const char *name,
		     const struct jw_report *report)
{
	struct fare *fare = &sending->fares[sink];
	const struct jw_sink_entry *entry;
	struct jw_err err;

	if (jw_config_sink(sending->config, jw_str_of(name), &entry, &err)) {
		*fare = (struct fare){1, NULL, JW_CONFIG,
				      jw_arena_text(&sending->arena, jw_str_of(err.text))};
		return;
	}
	/* A name that is no target's has no service either. */
	for (size_t i = 0; i < report->count; i++)
		if (report->results[i].target->check)
			send_one(sending, sink, entry, &report->results[i]);
}

/* As a result of a made-up target that stands for the sink. */
static struct jw_target *set_failure(enum jw_cause cause, const char *says,
				     struct jw_result *ret_result)
{
	static const struct jw_target nobody;
	struct jw_target *target;

	jw_runner_refuse_at(&nobody, JW_AT_SINK, cause, says, ret_result);
	target = jw_arena_alloc(&ret_result->arena, sizeof(*target));
	ret_result->target = target;
	return target;
}

static struct jw_result *next_failure(struct jw_report *report)
{
	report->sinks =
		jw_xrealloc(report->sinks, (report->sink_count + 1) * sizeof(*report->sinks));
	return &report->sinks[report->sink_count++];
}

void jw_sinks_add(struct jw_report *report, const char *name, enum jw_cause cause,
		  const char *says, const char *remedy)
{
	struct jw_result *result = next_failure(report);

	set_failure(cause, says, result)->name = name;
	result->verdict.remedy = remedy;
	for (size_t i = 0; i < result->verdict.finding_count; i++)
		result->verdict.findings[i].remedy = remedy;
}

static void add_failure(struct jw_report *report, const char *name, enum jw_cause cause,
			const char *says)
{
	struct jw_result *result = next_failure(report);
	struct jw_target *target = set_failure(cause, says, result);

	target->name = jw_arena_printf(&result->arena, "sink %s", name);
}

static bool was_named(const struct jw_args *args, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(args->sinks[i], args->sinks[count]))
			return true;
	return false;
}

void jw_sinks_done(struct jw_report *report)
{
	for (size_t i = 0; i < report->sink_count; i++)
		jw_result_done(&report->sinks[i]);
	free(report->sinks);
	report->sinks = NULL;
	report->sink_count = 0;
}

void jw_sinks_expect(const struct jw_args *args, struct jw_report *report)
{
	for (size_t i = 0; i < args->sink_count; i++)
		if (!was_named(args, i))
			add_failure(report, args->sinks[i], JW_SINK_FAILED,
				    "the whole run's time (-t) was up before the results were "
				    "taken");
}

static void report_failure(struct sending *sending, const char *name, const struct fare *fare,
			   struct jw_report *report)
{
	const char *says = fare->says;

	if (fare->target && report->count > 1)
		says = jw_arena_printf(&sending->arena, "%s (%zu of %zu results, first %s)",
				       says, fare->failed, report->count, fare->target);
	add_failure(report, name, fare->cause, says);
}

void jw_sinks_send(const struct jw_world *world, const struct jw_config *config,
		   const struct jw_args *args, int64_t deadline_ms, struct jw_report *report)
{
	struct sending sending = {.world = world, .config = config, .deadline_ms = deadline_ms};

	sending.machine = jw_app_machine(&sending.arena);
	sending.fares =
		jw_arena_array(&sending.arena, args->sink_count, sizeof(*sending.fares));
	for (size_t i = 0; i < args->sink_count; i++)
		if (!was_named(args, i))
			send_all(&sending, i, args->sinks[i], report);
	wait_for_less_than(&sending, 1);
	jw_sinks_done(report);
	for (size_t i = 0; i < args->sink_count; i++)
		if (sending.fares[i].failed)
			report_failure(&sending, args->sinks[i], &sending.fares[i], report);
	jw_arena_done(&sending.arena);
}
