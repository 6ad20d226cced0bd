/* SPDX-License-Identifier: MIT */
/* The results of a check to the sinks that it was told of, side by side: none waits for another sink. */
#include <string.h>

#include "app/app.h"
#include "core/deliver.h"
#include "output/formatting.h"

/* To one sink. More would only be a burden for who takes them. */
#define IN_FLIGHT 32
#define TEXT_MAX ((size_t)16 * 1024)
#define PERFDATA_MAX ((size_t)4096)

/* One result on its way to one sink. */
struct parcel {
	struct lane *lane;
	struct jw_arena arena;
	struct jw_buf text;
	struct jw_buf perfdata;
	struct jw_sink_result result;
	struct jw_receipt receipt;
	struct jw_delivery *delivery; /* NULL: the place is free */
};

/* All that goes to one sink: results one by one, or a page of them. */
struct lane {
	struct sending *sending;
	const struct jw_sink_entry
		*entry; /* NULL: there is no such sink, it was named before, or gets a page */
	const struct jw_sink_entry *page; /* NULL: it gets none */
	size_t next;			  /* among the report's results */
	size_t tried;
	size_t taken;
	bool is_stuck; /* and nothing more is tried */
	/* The first one that failed. */
	const char *target;
	enum jw_cause cause;
	const char *says;
	struct parcel parcels[IN_FLIGHT];
	size_t count; /* of those under way */
};

struct sending {
	const struct jw_world *world;
	const struct jw_report *report;
	int64_t deadline_ms;
	const char *machine;
	struct jw_arena arena;
	struct lane *lanes; /* beside the names of --sink */
	size_t lane_count;
	size_t total; /* of the results that are a target's */
};

static int64_t now_ms(const struct sending *sending)
{
	const struct jw_clock *clock = sending->world->clock;

	return clock->monotonic_ms(clock->self);
}

static void note(struct parcel *parcel)
{
	struct lane *lane = parcel->lane;
	struct jw_arena *arena = &lane->sending->arena;

	if (parcel->receipt.is == JW_DELIVERED_TAKEN)
		lane->taken++;
	else if (!lane->cause) {
		lane->target = jw_arena_text(arena, jw_str_of(parcel->result.target));
		lane->cause = parcel->receipt.cause;
		lane->says = jw_arena_text(arena, jw_str_of(parcel->receipt.says));
	}
	lane->is_stuck = lane->is_stuck || parcel->receipt.is == JW_DELIVERED_STUCK;
	jw_receipt_done(&parcel->receipt);
	jw_buf_done(&parcel->text);
	jw_buf_done(&parcel->perfdata);
	jw_arena_done(&parcel->arena);
}

static void done(void *context, struct jw_receipt *receipt)
{
	struct parcel *parcel = context;
	const struct jw_world *world = parcel->lane->sending->world;
	const struct jw_loop *loop = world->loop(world->loop_context, NULL);

	(void)receipt;
	parcel->delivery = NULL;
	parcel->lane->count--;
	note(parcel);
	loop->stop(loop->self);
}

/* Icinga reads plain numbers only. */
static enum jw_perfdata perfdata_for(const struct jw_sink_entry *entry)
{
	return strcmp(entry->sink->name, "icinga") ? JW_PERFDATA_RANGE : JW_PERFDATA_NUMBER;
}

/* When what the verdict hangs on ends; 0: that isn't known. */
static int64_t expires_of(const struct jw_result *result)
{
	const struct jw_token *token = jw_result_token(result);

	return token && token->jwt.exp.is == JW_CLAIM_VALID ? token->jwt.exp.seconds : 0;
}

/* Of what was told before nothing is known here. */
static void fill(const struct jw_result *result, struct parcel *parcel)
{
	const struct jw_verdict *verdict = &result->verdict;

	parcel->result = (struct jw_sink_result){
		.target = result->target->name,
		.machine = parcel->lane->sending->machine,
		.state = verdict->state,
		.text = jw_buf_get(&parcel->text),
		.perfdata = jw_buf_get(&parcel->perfdata),
		.now = result->now,
		.is_first = true,
		.cause = verdict->cause,
		.message = verdict->message,
		.remedy = verdict->cause ? verdict->remedy : NULL,
		.runbook = result->target->runbook,
		.labels = result->target->labels,
		.expires = expires_of(result),
		.interval = result->target->interval / 1000,
	};
}

static void send_one(struct lane *lane, const struct jw_result *result)
{
	struct sending *sending = lane->sending;
	struct parcel *parcel = lane->parcels;

	while (parcel->delivery)
		parcel++;
	*parcel = (struct parcel){.lane = lane};
	jw_buf_init(&parcel->text, TEXT_MAX);
	jw_buf_init(&parcel->perfdata, PERFDATA_MAX);
	jw_nagios_single(result, perfdata_for(lane->entry), &parcel->text, &parcel->perfdata);
	fill(result, parcel);
	jw_deliver_names(lane->entry, &parcel->arena, &parcel->result);
	lane->tried++;
	parcel->delivery =
		jw_deliver_start(sending->world, lane->entry, &parcel->result,
				 sending->deadline_ms, &parcel->receipt, done, parcel);
	if (parcel->delivery)
		lane->count++;
	else
		note(parcel);
}

/* A name that is no target's has no service either. */
static bool is_of_target(const struct jw_result *result)
{
	return result->target->check;
}

/* True where it has begun one more. */
static bool send_next(struct lane *lane)
{
	const struct jw_report *report;

	if (!lane->entry || lane->is_stuck || lane->count == IN_FLIGHT)
		return false;
	report = lane->sending->report;
	while (lane->next < report->count && !is_of_target(&report->results[lane->next]))
		lane->next++;
	if (lane->next == report->count)
		return false;
	send_one(lane, &report->results[lane->next++]);
	return true;
}

/* One to each sink in turn, as long as there is room for more. */
static void send_more(struct sending *sending)
{
	bool more = true;

	while (more && now_ms(sending) < sending->deadline_ms) {
		more = false;
		for (size_t i = 0; i < sending->lane_count; i++)
			more = send_next(&sending->lanes[i]) || more;
	}
}

static bool is_under_way(const struct sending *sending)
{
	for (size_t i = 0; i < sending->lane_count; i++)
		if (sending->lanes[i].count)
			return true;
	return false;
}

static void send_all(struct sending *sending)
{
	send_more(sending);
	while (is_under_way(sending) && now_ms(sending) < sending->deadline_ms) {
		const struct jw_world *world = sending->world;
		const struct jw_loop *loop = world->loop(world->loop_context, NULL);

		loop->run(loop->self, sending->deadline_ms);
		send_more(sending);
	}
}

static void give_up(struct lane *lane)
{
	for (size_t i = 0; i < IN_FLIGHT; i++) {
		struct parcel *parcel = &lane->parcels[i];

		if (!parcel->delivery)
			continue;
		jw_deliver_cancel(parcel->delivery);
		parcel->delivery = NULL;
		note(parcel);
	}
	if (lane->cause || !lane->entry || lane->taken == lane->sending->total)
		return;
	lane->cause = JW_SINK_FAILED;
	lane->says = "the whole run's time (-t) was up before every result was sent";
}

static void report_failure(struct lane *lane, const char *name, struct jw_report *report)
{
	struct sending *sending = lane->sending;
	const char *first = "";
	const char *rest = "";
	const char *says = lane->says;

	if (lane->target)
		first = jw_arena_printf(&sending->arena, ", first %s", lane->target);
	if (lane->entry && lane->tried < sending->total)
		rest = jw_arena_printf(&sending->arena, "; %zu of them weren't tried any more",
				       sending->total - lane->tried);
	if (lane->entry && sending->total > 1)
		says = jw_arena_printf(&sending->arena, "%s (%zu of %zu results%s%s)", says,
				       sending->total - lane->taken, sending->total, first,
				       rest);
	jw_sinks_fail(report, name, lane->cause, says);
}

static void lane_init(struct lane *lane, struct sending *sending,
		      const struct jw_config *config, const char *name)
{
	struct jw_err err;

	lane->sending = sending;
	lane->cause = jw_config_sink(config, jw_str_of(name), &lane->entry, &err);
	if (lane->cause) {
		lane->says = jw_arena_text(&sending->arena, jw_str_of(err.text));
	} else if (lane->entry->sink->when == JW_SINK_PAGE) {
		lane->page = lane->entry;
		lane->entry = NULL;
	}
}

static void write_page(struct lane *lane, const struct jw_report *report)
{
	struct jw_err err;

	if (!lane->page)
		return;
	lane->cause =
		jw_app_page_write(lane->page->sink->place(lane->page->config), report, &err);
	if (lane->cause)
		lane->says = jw_arena_text(&lane->sending->arena, jw_str_of(err.text));
}

void jw_sinks_send(const struct jw_world *world, const struct jw_config *config,
		   const struct jw_args *args, int64_t deadline_ms, struct jw_report *report)
{
	struct sending sending = {.world = world,
				  .report = report,
				  .deadline_ms = deadline_ms,
				  .lane_count = args->sink_count};

	sending.machine = jw_app_machine(&sending.arena);
	sending.lanes =
		jw_arena_array(&sending.arena, args->sink_count, sizeof(*sending.lanes));
	for (size_t i = 0; i < report->count; i++)
		sending.total += is_of_target(&report->results[i]);
	for (size_t i = 0; i < args->sink_count; i++)
		if (!jw_sinks_was_named(args, i))
			lane_init(&sending.lanes[i], &sending, config, args->sinks[i]);
	send_all(&sending);
	jw_sinks_done(report);
	for (size_t i = 0; i < args->sink_count; i++) {
		if (!sending.lanes[i].sending)
			continue;
		give_up(&sending.lanes[i]);
		write_page(&sending.lanes[i], report);
		if (sending.lanes[i].cause)
			report_failure(&sending.lanes[i], args->sinks[i], report);
	}
	jw_arena_done(&sending.arena);
}
