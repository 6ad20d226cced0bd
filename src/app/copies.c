/* SPDX-License-Identifier: MIT */
/* same_as in a run by itself: both places are looked at, then what the one holds is compared with the other. */
#include "app/session.h"

static size_t index_of(const struct jw_session *session, const struct jw_target *target)
{
	return (size_t)(target - session->config->targets);
}

/* For each target of the configuration the number of its turn, from 1; 0: it has none. */
static size_t *turns_of(const struct jw_session *session)
{
	size_t *turns = jw_xcalloc(session->config->target_count + 1, sizeof(*turns));

	for (size_t i = 0; i < session->turn_count; i++)
		if (!session->turns[i].says)
			turns[index_of(session, session->turns[i].target)] = i + 1;
	return turns;
}

void jw_copies_plan(struct jw_session *session)
{
	jw_autofree size_t *turns = turns_of(session);
	size_t planned = session->turn_count;

	for (size_t i = 0; i < planned; i++) {
		const struct jw_target *target = session->turns[i].target;
		struct jw_target *peer;
		size_t *turn;

		if (session->turns[i].says || !target->peer)
			continue;
		peer = &session->config->targets[index_of(session, target->peer)];
		turn = &turns[index_of(session, peer)];
		if (!*turn) {
			jw_session_run(session, peer);
			*turn = session->turn_count;
		}
		session->turns[i].is_compared = true;
		session->turns[*turn - 1].is_compared = true;
	}
	session->aside_count = session->turn_count - planned;
}

static const char *copied(struct jw_result *result, const char *text)
{
	return text ? jw_arena_text(&result->arena, jw_str_of(text)) : NULL;
}

/* Everything in the peer and the digest lives in the result's arena, since the peer's own result may go. */
static void compare(struct jw_result *result, const struct jw_result *other,
		    const struct jw_crypto *crypto)
{
	unsigned char *digest = jw_arena_alloc(&result->arena, 32);
	struct jw_peer *peer = jw_arena_alloc(&result->arena, sizeof(*peer));

	jw_facts_peer(&other->facts, result->target->same_as, crypto->sha256, peer);
	peer->path = copied(result, peer->path);
	if (jw_facts_digest(&result->facts, crypto->sha256, digest))
		result->facts.digest = digest;
	result->facts.peer = peer;
	jw_result_judge(result, result->now);
}

static void leave_aside(struct jw_session *session)
{
	struct jw_report *report = &session->report;

	for (; session->aside_count; session->aside_count--)
		jw_result_done(&report->results[--report->count]);
}

void jw_copies_judge(struct jw_session *session)
{
	const struct jw_world *world = &session->world;
	const struct jw_crypto *crypto = NULL;
	jw_autofree size_t *turns = NULL;
	struct jw_err err;

	for (size_t i = 0; i + session->aside_count < session->turn_count; i++) {
		const struct jw_turn *turn = &session->turns[i];
		size_t other;

		if (turn->says || !turn->is_compared || !turn->target->peer)
			continue;
		if (!turns)
			turns = turns_of(session);
		if (!crypto)
			crypto = world->crypto(world->crypto_context, &err);
		other = turns[index_of(session, turn->target->peer)];
		if (crypto && other)
			compare(&session->report.results[i],
				&session->report.results[other - 1], crypto);
	}
	leave_aside(session);
}
