/* SPDX-License-Identifier: MIT */
/* The table of metrics, and where each value comes from. What isn't known adds no sample. */
#include <assert.h>
#include <string.h>

#include "contract/check.h"
#include "core/result.h"
#include "output/formatting.h"
#include "output/metrics_parts.h"

#define PLAIN_MAX 128
#define SINK_MAX ((size_t)1 << 20)

/* Each row as a function, then as a line of the table. */
#define AS_PAGE(id, ...)                                                                       \
	static void id(struct jw_samples *samples, const struct jw_metrics_page *page);
#define AS_DAEMON(id, ...)                                                                     \
	static void id(struct jw_samples *samples, const struct jw_daemon_numbers *daemon);
#define AS_TARGET(id, ...)                                                                     \
	static void id(struct jw_samples *samples, const struct jw_numbers *numbers);
#define AS_RECORD(id, ...)                                                                     \
	static void id(struct jw_samples *samples, const struct jw_record *record);
#define OF_PAGE AS_PAGE
#define OF_DAEMON AS_DAEMON
#define OF_TARGET AS_TARGET
#define OF_RECORD AS_RECORD
#define STANDARD_PAGE AS_PAGE
#define STANDARD_DAEMON AS_DAEMON
#define STANDARD_TARGET AS_TARGET
#include "output/metrics.def"
#undef OF_PAGE
#undef OF_DAEMON
#undef OF_TARGET
#undef OF_RECORD
#undef STANDARD_PAGE
#undef STANDARD_DAEMON
#undef STANDARD_TARGET

enum {
	ON_DAEMON = JW_PAGE_DAEMON,
	ON_DAEMONS = JW_PAGE_DAEMON | JW_PAGE_TEXTFILE,
	ON_MANY = ON_DAEMONS | JW_PAGE_REPORT,
	ON_PROBE = JW_PAGE_PROBE,
	ON_ALL = ON_MANY | JW_PAGE_PROBE,
};

#define ROW(name_, type_, on, labels_, help_)                                                  \
	.name = (name_), .type = JW_METRIC_##type_, .pages = ON_##on, .labels = (labels_),     \
	.help = (help_)
#define OF_PAGE(id, ...) {ROW("jwtwatch_" #id, __VA_ARGS__), .of_page = (id)},
#define OF_DAEMON(id, ...) {ROW("jwtwatch_" #id, __VA_ARGS__), .of_daemon = (id)},
#define OF_TARGET(id, ...) {ROW("jwtwatch_" #id, __VA_ARGS__), .of_target = (id)},
#define OF_RECORD(id, ...) {ROW("jwtwatch_" #id, __VA_ARGS__), .of_record = (id)},
#define STANDARD_PAGE(id, ...) {ROW(#id, __VA_ARGS__), .of_page = (id)},
#define STANDARD_DAEMON(id, ...) {ROW(#id, __VA_ARGS__), .of_daemon = (id)},
#define STANDARD_TARGET(id, ...) {ROW(#id, __VA_ARGS__), .of_target = (id)},
const struct jw_metric jw_metrics[] = {
#include "output/metrics.def"
	{0},
};

static void add_part(struct jw_samples *samples, struct jw_str labels, int64_t value,
		     unsigned decimals)
{
	if (value != JW_UNSET)
		jw_sample(samples, labels, value, decimals);
}

static void add(struct jw_samples *samples, int64_t value)
{
	add_part(samples, (struct jw_str){0}, value, 0);
}

/* Counters don't turn negative. */
static void add_count(struct jw_samples *samples, uint64_t count)
{
	add(samples, count > INT64_MAX ? INT64_MAX : (int64_t)count);
}

/* Moments and sizes of which 0 says that there is none. */
static void add_known(struct jw_samples *samples, int64_t value)
{
	if (value > 0)
		add(samples, value);
}

/* With one more label. Both texts are ours, short and plain, so nothing needs to be escaped. */
static void add_of(struct jw_samples *samples, const char *name, const char *label,
		   int64_t value)
{
	char text[PLAIN_MAX];
	char *to = text;

	assert(strlen(name) + strlen(label) + strlen("=\"\"") <= sizeof(text));
	to = mempcpy(to, name, strlen(name));
	to = mempcpy(to, "=\"", 2);
	to = mempcpy(to, label, strlen(label));
	*to++ = '"';
	jw_sample(samples, (struct jw_str){text, (size_t)(to - text)}, value, 0);
}

/* The page */

static void build_info(struct jw_samples *samples, const struct jw_metrics_page *page)
{
	(void)page;
	add_of(samples, "version", PACKAGE_VERSION, 1);
}

/* What was refused without a check is no target: a name that the configuration hasn't got, say. */
static void targets(struct jw_samples *samples, const struct jw_metrics_page *page)
{
	int64_t count = 0;

	for (size_t i = 0; i < page->count; i++)
		count += page->rows[i].target->check != NULL;
	add(samples, count);
}

static void simulated_timestamp_seconds(struct jw_samples *samples,
					const struct jw_metrics_page *page)
{
	if (page->simulated)
		add(samples, page->now);
}

static void probe_duration_seconds(struct jw_samples *samples,
				   const struct jw_metrics_page *page)
{
	add_part(samples, (struct jw_str){0}, page->probe_ms, 3);
}

/* A result */

static void target_status(struct jw_samples *samples, const struct jw_numbers *numbers)
{
	static const struct jw_str labels[] = {
		[JW_STATE_OK] = JW_STR("status=\"ok\""),
		[JW_STATE_WARNING] = JW_STR("status=\"warning\""),
		[JW_STATE_CRITICAL] = JW_STR("status=\"critical\""),
		[JW_STATE_UNKNOWN] = JW_STR("status=\"unknown\""),
	};

	for (enum jw_state state = JW_STATE_OK; state <= JW_STATE_UNKNOWN; state++)
		jw_sample(samples, labels[state], numbers->state == state, 0);
}

static void target_cause(struct jw_samples *samples, const struct jw_numbers *numbers)
{
	if (numbers->cause)
		add_of(samples, "cause", jw_cause_name(numbers->cause), 1);
}

static void probe_success(struct jw_samples *samples, const struct jw_numbers *numbers)
{
	add(samples, numbers->state == JW_STATE_OK || numbers->state == JW_STATE_WARNING);
}

static void check_phase_duration_seconds(struct jw_samples *samples,
					 const struct jw_numbers *numbers)
{
	static const struct jw_str labels[JW_PHASES] = {
		JW_STR("phase=\"dns\""),  JW_STR("phase=\"connect\""),	JW_STR("phase=\"tls\""),
		JW_STR("phase=\"wait\""), JW_STR("phase=\"transfer\""),
	};

	for (size_t i = 0; numbers->network && i < JW_PHASES; i++)
		add_part(samples, labels[i], numbers->network->phase_us[i], 6);
}

static const struct jw_str at_labels[] = {
	[JW_AT_SOURCE] = JW_STR("at=\"source\""), [JW_AT_LIVEKIT] = JW_STR("at=\"livekit\""),
	[JW_AT_JWKS] = JW_STR("at=\"jwks\""),	  [JW_AT_RENEW] = JW_STR("at=\"renew\""),
	[JW_AT_SINK] = JW_STR("at=\"sink\""),
};

static void tls_certificate_expiration_timestamp_seconds(struct jw_samples *samples,
							 const struct jw_numbers *numbers)
{
	for (enum jw_at at = JW_AT_SOURCE; numbers->network && at <= JW_AT_SINK; at++)
		add_part(samples, at_labels[at], numbers->network->certificate_expires[at], 0);
}

static void clock_skew_seconds(struct jw_samples *samples, const struct jw_numbers *numbers)
{
	for (enum jw_at at = JW_AT_SOURCE; numbers->network && at <= JW_AT_LIVEKIT; at++)
		add_part(samples, at_labels[at], numbers->network->clock_skew[at], 0);
}

static void token_expiry_threshold_seconds(struct jw_samples *samples,
					   const struct jw_numbers *numbers)
{
	add_part(samples, JW_STR("severity=\"warning\""), numbers->warning_ms, 3);
	add_part(samples, JW_STR("severity=\"critical\""), numbers->critical_ms, 3);
}

static void token_info(struct jw_samples *samples, const struct jw_numbers *numbers)
{
	if (numbers->info)
		jw_sample(samples, jw_str_of(numbers->info), 1, 0);
}

/* Those that are one number of the result, with so many decimals. */
#define OF_NUMBER(id, field, decimals)                                                         \
	static void id(struct jw_samples *samples, const struct jw_numbers *numbers)           \
	{                                                                                      \
		add_part(samples, (struct jw_str){0}, numbers->field, decimals);               \
	}
/* Of less than 64 bits: below 0 it isn't known. */
#define OF_SMALL_NUMBER(id, field, decimals)                                                   \
	static void id(struct jw_samples *samples, const struct jw_numbers *numbers)           \
	{                                                                                      \
		if (numbers->field >= 0)                                                       \
			jw_sample(samples, (struct jw_str){0}, numbers->field, decimals);      \
	}
#define OF_NETWORK(id, field, decimals)                                                        \
	static void id(struct jw_samples *samples, const struct jw_numbers *numbers)           \
	{                                                                                      \
		if (numbers->network)                                                          \
			add_part(samples, (struct jw_str){0}, numbers->network->field,         \
				 decimals);                                                    \
	}
OF_SMALL_NUMBER(check_success, check_success, 0)
OF_SMALL_NUMBER(check_duration_seconds, duration_ms, 3)
OF_NUMBER(last_check_timestamp_seconds, last_check, 0)
OF_NETWORK(http_status_code, http_status, 0)
OF_SMALL_NUMBER(tokens, tokens, 0)
OF_NUMBER(token_expiration_timestamp_seconds, exp, 0)
OF_NUMBER(token_not_before_timestamp_seconds, nbf, 0)
OF_NUMBER(token_issued_timestamp_seconds, iat, 0)
OF_NUMBER(token_lifetime_seconds, lifetime, 0)
OF_SMALL_NUMBER(token_has_expiration, has_expiration, 0)
OF_SMALL_NUMBER(token_signature_valid, signature_valid, 0)
OF_SMALL_NUMBER(token_accepted, accepted, 0)
OF_SMALL_NUMBER(livekit_up, livekit_up, 0)
OF_NETWORK(livekit_response_duration_seconds, livekit_us, 6)
OF_NETWORK(livekit_key_accepted, livekit_key_accepted, 0)

/* What is remembered */

static void checks_total(struct jw_samples *samples, const struct jw_record *record)
{
	add_count(samples, record->checks);
}

static void check_failures_total(struct jw_samples *samples, const struct jw_record *record)
{
	add_count(samples, record->check_failures);
}

static void check_interval_seconds(struct jw_samples *samples, const struct jw_record *record)
{
	if (record->target->interval > 0)
		add_part(samples, (struct jw_str){0}, record->target->interval, 3);
}

static void last_success_timestamp_seconds(struct jw_samples *samples,
					   const struct jw_record *record)
{
	add_known(samples, record->last_success);
}

static void target_state_since_timestamp_seconds(struct jw_samples *samples,
						 const struct jw_record *record)
{
	add_known(samples, record->since);
}

static void token_first_seen_timestamp_seconds(struct jw_samples *samples,
					       const struct jw_record *record)
{
	add_known(samples, record->first_seen);
}

static void token_rotations_total(struct jw_samples *samples, const struct jw_record *record)
{
	const struct jw_check *check = record->target->check;

	if (!check || check->kind != JW_CHECK_SERVER)
		add_count(samples, record->rotations);
}

/* The daemon */

static void disabled_targets(struct jw_samples *samples, const struct jw_daemon_numbers *daemon)
{
	add_count(samples, daemon->configured > daemon->enabled
				   ? daemon->configured - daemon->enabled
				   : 0);
}

/* All causes from the start: a counter that appears with its first event has no increase. */
static void errors_total(struct jw_samples *samples, const struct jw_daemon_numbers *daemon)
{
	for (enum jw_cause cause = JW_OK + 1; cause < JW_CAUSE_COUNT; cause++)
		add_of(samples, "cause", jw_cause_name(cause), (int64_t)daemon->errors[cause]);
}

static void scheduler_lag_seconds(struct jw_samples *samples,
				  const struct jw_daemon_numbers *daemon)
{
	add_part(samples, (struct jw_str){0}, daemon->scheduler.lag_ms, 3);
}

static void scheduler_lag_max_seconds(struct jw_samples *samples,
				      const struct jw_daemon_numbers *daemon)
{
	add_part(samples, (struct jw_str){0}, daemon->scheduler.lag_max_ms, 3);
}

static void config_last_reload_successful(struct jw_samples *samples,
					  const struct jw_daemon_numbers *daemon)
{
	add(samples, daemon->was_reload_good);
}

static void config_last_reload_success_timestamp_seconds(struct jw_samples *samples,
							 const struct jw_daemon_numbers *daemon)
{
	add_known(samples, daemon->reloaded_at);
}

static void state_last_write_success_timestamp_seconds(struct jw_samples *samples,
						       const struct jw_daemon_numbers *daemon)
{
	if (daemon->has_state)
		add_known(samples, daemon->state_written_at);
}

#define OF_COUNT(id, field)                                                                    \
	static void id(struct jw_samples *samples, const struct jw_daemon_numbers *daemon)     \
	{                                                                                      \
		add_count(samples, daemon->field);                                             \
	}
OF_COUNT(checks_in_flight, scheduler.running)
OF_COUNT(checks_waiting, scheduler.waiting)
OF_COUNT(checks_started_total, scheduler.started)
OF_COUNT(checks_skipped_total, scheduler.skipped)
OF_COUNT(timed_out_targets, scheduler.suspects)
OF_COUNT(hanging_threads, hanging)
OF_COUNT(polled_paths, polled)
OF_COUNT(clock_jumps_total, clock_jumps)
OF_COUNT(renewals_total, renewals)
OF_COUNT(renewal_failures_total, renewal_failures)

/* Names of sinks are unique, and refused by the configuration where they can't be shown as they are. */
#define OF_SINK(id, value)                                                                     \
	static void id(struct jw_samples *samples, const struct jw_daemon_numbers *daemon)     \
	{                                                                                      \
		for (size_t i = 0; i < daemon->sink_count; i++) {                              \
			const struct jw_outbox_numbers *outbox = &daemon->sinks[i].outbox;     \
			jw_autobuf struct jw_buf label = JW_BUF(SINK_MAX);                     \
                                                                                               \
			jw_label(&label, 0, "sink", daemon->sinks[i].name);                    \
			jw_sample(samples, jw_buf_get(&label), (int64_t)(value), 0);           \
		}                                                                              \
	}
OF_SINK(sink_up, !outbox->is_down)
OF_SINK(sink_sent_total, outbox->sent)
OF_SINK(sink_failures_total, outbox->failed)
OF_SINK(sink_dropped_total, outbox->dropped)
OF_SINK(sink_queued, outbox->queued)

static void token_api_tokens_total(struct jw_samples *samples,
				   const struct jw_daemon_numbers *daemon)
{
	if (daemon->has_token_api)
		add_count(samples, daemon->tokens_given);
}

/* All reasons from the start, as with causes. */
static void token_api_refusals_total(struct jw_samples *samples,
				     const struct jw_daemon_numbers *daemon)
{
	for (int i = JW_TOKEN_GIVEN + 1; i < JW_TOKEN_REASONS && daemon->has_token_api; i++)
		add_of(samples, "reason", jw_token_reasons[i],
		       (int64_t)daemon->tokens_refused[i]);
}

/* The process */

static void process_cpu_seconds_total(struct jw_samples *samples,
				      const struct jw_daemon_numbers *daemon)
{
	if (daemon->process.is_known)
		add_part(samples, (struct jw_str){0}, daemon->process.cpu_us, 6);
}

#define OF_PROCESS(id, field)                                                                  \
	static void id(struct jw_samples *samples, const struct jw_daemon_numbers *daemon)     \
	{                                                                                      \
		if (daemon->process.is_known)                                                  \
			add_known(samples, daemon->process.field);                             \
	}
OF_PROCESS(process_open_fds, open_fds)
OF_PROCESS(process_max_fds, max_fds)
OF_PROCESS(process_virtual_memory_bytes, virtual_bytes)
OF_PROCESS(process_resident_memory_bytes, resident_bytes)
OF_PROCESS(process_start_time_seconds, start_time)
