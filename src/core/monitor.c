/* SPDX-License-Identifier: MIT */
/* The daemon's memory: each result joins what is remembered of its target, and is judged with it. */
#include "core/monitor.h"

#include <string.h>

#include "core/monitor_parts.h"
#include "core/scheduler.h"

#define INFO_MAX ((size_t)4096)

struct jw_monitor *jw_monitor_new(const struct jw_crypto *crypto)
{
	struct jw_monitor *monitor = jw_xcalloc(1, sizeof(*monitor));

	monitor->crypto = crypto;
	return monitor;
}

void jw_record_free(struct jw_record *record)
{
	jw_pack_free(record->facts);
	free(record->numbers);
	free(record->transitions);
	free(record);
}

void jw_monitor_free(struct jw_monitor *monitor)
{
	if (!monitor)
		return;
	for (size_t i = 0; i < monitor->count; i++)
		jw_record_free(monitor->records[i]);
	free(monitor->records);
	jw_index_done(&monitor->names);
	jw_monitor_forget(monitor);
	free(monitor);
}

size_t jw_monitor_count(const struct jw_monitor *monitor)
{
	return monitor->count;
}

struct jw_record *jw_monitor_at(struct jw_monitor *monitor, size_t index)
{
	return monitor->records[index];
}

struct jw_record *jw_monitor_find(const struct jw_monitor *monitor, struct jw_str name)
{
	return jw_index_find(&monitor->names, name);
}

/* Tokens */

static bool has_digest(const struct jw_crypto *crypto, const struct jw_facts *facts,
		       unsigned char digest[32])
{
	return crypto && jw_facts_digest(facts, crypto->sha256, digest);
}

/* A run that met no token says nothing about which one stands there. */
static bool take_token(const struct jw_monitor *monitor, struct jw_record *record,
		       const struct jw_facts *facts, int64_t now)
{
	unsigned char digest[32];
	bool is_same;

	if (!has_digest(monitor->crypto, facts, digest))
		return false;
	is_same = record->has_digest && !memcmp(digest, record->digest, sizeof(digest));
	record->is_repeated = is_same;
	if (is_same)
		return false;
	record->rotations += record->has_digest;
	record->has_digest = true;
	record->first_seen = now;
	memcpy(record->digest, digest, sizeof(digest));
	return true;
}

static const struct jw_history *history_of(const struct jw_crypto *crypto,
					   const struct jw_record *record,
					   struct jw_result *result)
{
	unsigned char digest[32];
	struct jw_history *history;

	if (!record->has_digest || !has_digest(crypto, &result->facts, digest))
		return NULL;
	history = jw_arena_alloc(&result->arena, sizeof(*history));
	history->first_seen = record->first_seen;
	history->is_repeated = record->is_repeated;
	memcpy(history->digest, digest, sizeof(digest));
	return history;
}

static const struct jw_record *peer_of(const struct jw_monitor *monitor,
				       const struct jw_record *record)
{
	const char *name = record->target->same_as;

	return name ? jw_monitor_find(monitor, jw_str_of(name)) : NULL;
}

/* Since when the two differ, as far as is known. */
static void compare(const struct jw_monitor *monitor, struct jw_record *record, int64_t now)
{
	const struct jw_record *peer = peer_of(monitor, record);

	if (!peer || !peer->has_digest || !record->has_digest)
		return;
	if (!memcmp(peer->digest, record->digest, sizeof(peer->digest)))
		record->differs_since = 0;
	else if (!record->differs_since)
		record->differs_since = now;
}

/* False: there is none. */
static bool know_peer(const struct jw_monitor *monitor, const struct jw_record *record,
		      struct jw_peer *ret_peer)
{
	const struct jw_record *known = peer_of(monitor, record);

	*ret_peer = (struct jw_peer){0};
	if (!known)
		return false;
	ret_peer->name = record->target->same_as;
	ret_peer->is_known = known->has_digest;
	ret_peer->differs_since = record->differs_since;
	if (known->numbers && known->numbers->tokens == 1) {
		ret_peer->iat = known->numbers->iat == JW_UNSET ? 0 : known->numbers->iat;
		ret_peer->exp = known->numbers->exp == JW_UNSET ? 0 : known->numbers->exp;
	}
	memcpy(ret_peer->digest, known->digest, sizeof(ret_peer->digest));
	return true;
}

static const struct jw_peer *fact_of_peer(const struct jw_monitor *monitor,
					  const struct jw_record *record,
					  struct jw_result *result)
{
	struct jw_peer *fact = NULL;
	struct jw_peer peer;

	if (know_peer(monitor, record, &peer)) {
		fact = jw_arena_alloc(&result->arena, sizeof(*fact));
		*fact = peer;
	}
	return fact;
}

static void join(const struct jw_crypto *crypto, const struct jw_record *record,
		 const struct jw_peer *peer, struct jw_result *result)
{
	result->target = record->target;
	result->record = record;
	result->facts.history = history_of(crypto, record, result);
	result->facts.peer = peer;
}

/* Verdicts */

static void add_transition(struct jw_record *record, const struct jw_verdict *verdict,
			   int64_t now)
{
	if (record->transition_count == JW_TRANSITIONS_MAX) {
		record->transition_count--;
		memmove(record->transitions, record->transitions + 1,
			record->transition_count * sizeof(*record->transitions));
	}
	record->transitions =
		jw_xrealloc(record->transitions,
			    (record->transition_count + 1) * sizeof(*record->transitions));
	record->transitions[record->transition_count++] =
		(struct jw_transition){now, verdict->state, verdict->cause};
}

static bool is_transport(enum jw_cause cause)
{
	return cause && jw_cause_row(cause)->phase == JW_PHASE_TRANSPORT;
}

/* Those who are told of changes aren't told of the first OK, nor of a network that was gone for a moment. */
static bool is_due_to_tell(struct jw_record *record, struct jw_monitor_news *news)
{
	if (record->was_told ? record->told == record->state : record->state == JW_STATE_OK) {
		record->was_told = true;
		record->told = record->state;
		return false;
	}
	if (is_transport(record->cause) && record->failing < record->target->attempts)
		return false;
	news->is_first = !record->was_told;
	news->before = record->told;
	record->was_told = true;
	record->told = record->state;
	return true;
}

static void settle(struct jw_record *record, const struct jw_result *result,
		   struct jw_monitor_news *news)
{
	const struct jw_verdict *verdict = &result->verdict;
	bool was_known = record->transition_count;

	news->state_changed = !was_known || record->state != verdict->state;
	if (news->state_changed)
		record->since = result->now;
	if (!was_known || record->state != verdict->state || record->cause != verdict->cause)
		add_transition(record, verdict, result->now);
	record->state = verdict->state;
	record->cause = verdict->cause;
	if (verdict->state == JW_STATE_OK)
		record->last_ok = result->now;
	news->change_at = verdict->will_change ? verdict->next_change : JW_NEVER;
	news->is_failing =
		verdict->state == JW_STATE_CRITICAL || verdict->state == JW_STATE_UNKNOWN;
	news->is_suspect = verdict->cause == JW_TIMEOUT || verdict->cause == JW_DEADLINE;
}

/* In one block: the numbers, and what they point to. */
static struct jw_numbers *as_block(const struct jw_numbers *numbers)
{
	size_t network = numbers->network ? sizeof(*numbers->network) : 0;
	size_t info = numbers->info ? strlen(numbers->info) + 1 : 0;
	struct jw_numbers *block = jw_xmalloc(sizeof(*block) + network + info);
	char *behind = (char *)(block + 1);

	*block = *numbers;
	if (network)
		block->network = memcpy(behind, numbers->network, network);
	if (info)
		block->info = memcpy(behind + network, numbers->info, info);
	return block;
}

static void keep_numbers(struct jw_record *record, struct jw_result *result)
{
	struct jw_numbers now;
	struct jw_numbers *kept;

	jw_numbers_of(result, &result->arena, &now);
	if (record->numbers && record->target->check->kind == JW_CHECK_HELD)
		jw_numbers_keep(&now, record->numbers);
	kept = as_block(&now);
	free(record->numbers);
	record->numbers = kept;
}

/* A record goes on only as the same path's: facts are opened with the target's own, of whichever configuration. */
static const char *place_of(const struct jw_target *target)
{
	return target->config ? jw_config_path(target) : NULL;
}

static void keep_facts(struct jw_record *record, const struct jw_facts *facts)
{
	jw_pack_free(record->facts);
	record->facts = jw_pack_new(facts, place_of(record->target));
}

static void count(struct jw_record *record, int64_t now)
{
	record->checks++;
	if (record->numbers->check_success == 1)
		record->last_success = now;
	else
		record->check_failures++;
	record->failing = is_transport(record->cause) ? record->failing + 1 : 0;
}

void jw_monitor_take(struct jw_monitor *monitor, struct jw_record *record,
		     struct jw_result *result, const struct jw_times *now,
		     struct jw_monitor_news *ret_news)
{
	int64_t wall = now->wall_ms / 1000;

	*ret_news = (struct jw_monitor_news){0};
	keep_facts(record, &result->facts);
	ret_news->token_changed = take_token(monitor, record, &result->facts, wall);
	compare(monitor, record, wall);
	join(monitor->crypto, record, fact_of_peer(monitor, record, result), result);
	jw_result_judge(result, wall);
	settle(record, result, ret_news);
	record->has_result = true;
	record->checked_at = wall;
	record->checked_boot_ms = now->boot_ms;
	record->duration_ms = result->duration_ms;
	keep_numbers(record, result);
	count(record, wall);
	ret_news->is_due_to_tell = is_due_to_tell(record, ret_news);
}

void jw_monitor_judge(struct jw_monitor *monitor, struct jw_record *record,
		      const struct jw_times *now, struct jw_result *ret_result,
		      struct jw_monitor_news *ret_news)
{
	int64_t wall = now->wall_ms / 1000;

	*ret_news = (struct jw_monitor_news){.change_at = JW_NEVER};
	compare(monitor, record, wall);
	*ret_result = (struct jw_result){.duration_ms = record->duration_ms};
	jw_pack_open(record->facts, place_of(record->target), &ret_result->arena,
		     &ret_result->facts);
	join(monitor->crypto, record, fact_of_peer(monitor, record, ret_result), ret_result);
	jw_result_judge(ret_result, wall);
	settle(record, ret_result, ret_news);
	keep_numbers(record, ret_result);
	record->numbers->last_check = record->checked_at;
	ret_news->is_due_to_tell = is_due_to_tell(record, ret_news);
}

void jw_monitor_each_copy(struct jw_monitor *monitor, const struct jw_record *record,
			  void (*each)(void *context, struct jw_record *copy), void *context)
{
	if (!record->has_copies)
		return;
	for (size_t i = 0; i < monitor->count; i++) {
		const char *peer = monitor->records[i]->target->same_as;

		if (peer && !strcmp(peer, record->target->name))
			each(context, monitor->records[i]);
	}
}

/* So much later than it should be; 0: it isn't late. */
static int64_t stale_for(const struct jw_record *record, const struct jw_times *now)
{
	int64_t age_ms = now->boot_ms - record->checked_boot_ms;

	if (age_ms <= 2 * record->target->interval + record->target->timeout)
		return 0;
	return age_ms / 1000 ? age_ms / 1000 : 1;
}

void jw_monitor_still(const struct jw_monitor *monitor, const struct jw_record *record,
		      const struct jw_times *now, struct jw_still *ret_still)
{
	ret_still->crypto = monitor->crypto;
	ret_still->record = *record;
	ret_still->record.numbers = NULL;
	ret_still->record.transitions = NULL;
	ret_still->record.transition_count = 0;
	ret_still->record.owner = NULL;
	jw_pack_keep(record->facts);
	ret_still->has_peer = know_peer(monitor, record, &ret_still->peer);
	ret_still->stale_for = stale_for(record, now);
}

void jw_still_done(struct jw_still *still)
{
	jw_pack_free(still->record.facts);
	still->record.facts = NULL;
}

void jw_still_result(const struct jw_still *still, int64_t as_of, struct jw_result *ret_result)
{
	const struct jw_record *record = &still->record;

	if (!record->has_result) {
		jw_runner_refuse(record->target, JW_STALE,
				 "wasn't checked yet since jwtwatch run began", ret_result);
		ret_result->record = record;
		ret_result->now = as_of;
		return;
	}
	*ret_result = (struct jw_result){.duration_ms = record->duration_ms};
	jw_pack_open(record->facts, place_of(record->target), &ret_result->arena,
		     &ret_result->facts);
	join(still->crypto, record, still->has_peer ? &still->peer : NULL, ret_result);
	ret_result->facts.stale_for = still->stale_for;
	jw_result_judge(ret_result, as_of);
	ret_result->now = record->checked_at;
}
