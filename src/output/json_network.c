/* SPDX-License-Identifier: MIT */
/* JSON of what was asked over the network: the target's HTTP exchange, and LiveKit's answer. */
#include "output/json.h"

#include "livekit/keys.h"
#include "output/formatting.h"

static void set_seconds(json_t *object, const char *key, int64_t us)
{
	json_object_set_new(object, key, json_real((double)us / 1e6));
}

static void set_phases(json_t *http, const struct jw_exchange *exchange)
{
	json_t *object = json_object();

	for (const struct jw_phase_row *row = jw_phase_rows; row->name; row++)
		if (jw_phase_us(exchange, row) >= 0)
			set_seconds(object, row->name, jw_phase_us(exchange, row));
	if (json_object_size(object))
		json_object_set(http, "phases", object);
	json_decref(object);
}

void jw_json_set_http(json_t *target, const struct jw_result *result)
{
	const struct jw_exchange *exchange = jw_result_exchange(result);
	json_t *object;

	if (!exchange)
		return;
	object = json_object();
	jw_json_set_text(object, "url", exchange->url);
	if (exchange->status > 0)
		jw_json_set_number(object, "status", exchange->status);
	if (exchange->total_us >= 0)
		set_seconds(object, "time", exchange->total_us);
	set_phases(object, exchange);
	if (exchange->has_clock)
		jw_json_set_number(object, "clock_skew", exchange->clock_offset);
	if (exchange->certificate_expires)
		jw_json_set_number(object, "certificate_expires",
				   exchange->certificate_expires);
	jw_json_set_text(object, "proxy", exchange->proxy);
	json_object_set_new(target, "http", object);
}

static void set_accepts(json_t *object, const struct jw_livekit *livekit)
{
	if (livekit->accepts != JW_ACCEPTS_UNKNOWN)
		json_object_set_new(object, "accepts",
				    json_boolean(livekit->accepts == JW_ACCEPTS_YES));
	jw_json_set_text(object, "detail", jw_livekit_detail(livekit));
}

/* Names of rooms are no part of it: nobody asked for them. */
static void set_key_pairs(json_t *object, const struct jw_facts *facts)
{
	json_t *pairs = json_array();

	for (size_t i = 0; i < facts->proof_count; i++) {
		const struct jw_key_proof *proof = &facts->proofs[i];
		json_t *pair = json_object();

		jw_json_set_text(pair, "key", proof->name);
		if (proof->issuer && jw_livekit_key_is_shown(jw_str_of(proof->issuer)))
			jw_json_set_text(pair, "issuer", proof->issuer);
		if (proof->accepts != JW_ACCEPTS_UNKNOWN)
			json_object_set_new(pair, "accepted",
					    json_boolean(proof->accepts == JW_ACCEPTS_YES));
		if (proof->cause == JW_LIVEKIT_REFUSED)
			jw_json_set_text(pair, "detail", jw_refusal_row(proof->refusal)->name);
		if (proof->status > 0)
			jw_json_set_number(pair, "status", proof->status);
		if (proof->status > 0 && proof->time_us > 0)
			set_seconds(pair, "time", proof->time_us);
		json_array_append_new(pairs, pair);
	}
	json_object_set_new(object, "key_pairs", pairs);
}

static void set_join(json_t *object, const struct jw_join *join)
{
	json_t *joined = json_object();

	json_object_set_new(joined, "ok", json_boolean(!join->cause));
	if (join->cause == JW_LIVEKIT_REFUSED)
		jw_json_set_text(joined, "detail", jw_refusal_row(join->refusal)->name);
	if (join->status > 0)
		jw_json_set_number(joined, "status", join->status);
	if (join->status > 0 && join->time_us > 0)
		set_seconds(joined, "time", join->time_us);
	json_object_set_new(object, "join", joined);
}

void jw_json_set_livekit(json_t *target, const struct jw_result *result)
{
	const struct jw_livekit *livekit = jw_result_livekit(result);
	json_t *object;

	if (!livekit)
		return;
	object = json_object();
	jw_json_set_text(object, "url", livekit->url);
	if (jw_livekit_is_known(livekit))
		json_object_set_new(object, "reachable", json_boolean(livekit->is_reachable));
	set_accepts(object, livekit);
	if (livekit->status > 0)
		jw_json_set_number(object, "status", livekit->status);
	if (livekit->has_clock)
		jw_json_set_number(object, "clock_skew", livekit->clock_offset);
	if (livekit->status > 0 && livekit->time_us > 0)
		set_seconds(object, "time", livekit->time_us);
	if (result->facts.proof_count)
		set_key_pairs(object, &result->facts);
	if (result->facts.join)
		set_join(object, result->facts.join);
	json_object_set_new(target, "livekit", object);
}

void jw_json_set_acceptance(json_t *object, const struct jw_token *token)
{
	json_t *livekit;

	if (!token->livekit || !token->livekit->was_asked)
		return;
	livekit = json_object();
	set_accepts(livekit, token->livekit);
	json_object_set_new(object, "livekit", livekit);
}
