/* SPDX-License-Identifier: MIT */
/* What stands beside the pages: newer tokens in other files, and which page a served one is a copy of. */
#include "app/doctor.h"

#include <string.h>

#include "base/url.h"
#include "core/result.h"

/* Of one folder. */
#define FILES_MAX 300
/* What is kept of the run's time for what follows. */
#define RESERVE_MS 2000

void jw_doctor_elsewhere(struct jw_doctor *doctor, const struct jw_discovery *discovery)
{
	struct jw_doctor_plan *plan = &doctor->plan;
	struct jw_elsewhere *others = jw_arena_array(
		JW_DOCTOR_ARENA(doctor), discovery->found_count + 1, sizeof(*others));
	size_t count = 0;

	for (size_t i = 0; i < discovery->found_count; i++) {
		const struct jw_found *found = &discovery->found[i];

		if (!found->token->is_livekit || found->token->exp.is != JW_CLAIM_VALID)
			continue;
		others[count++] = (struct jw_elsewhere){
			.path = found->path,
			.line = found->line,
			.digest = found->token->digest,
			.iss = found->token->iss,
			.exp = found->token->exp.seconds,
		};
	}
	plan->elsewhere = others;
	plan->elsewhere_count = count;
}

static struct jw_result *result_of(struct jw_session *session, size_t look)
{
	return &session->report.results[look];
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Whether the URL names this file; a folder's is index.html. */
static bool is_named_like(const char *text, const char *path)
{
	struct jw_url url;
	struct jw_str name;
	const char *slash;

	if (!text || jw_url_parse(jw_str_of(text), &url))
		return false;
	slash = url.path.len ? memrchr(url.path.ptr, '/', url.path.len) : NULL;
	name = slash ? jw_str_from(url.path, (size_t)(slash + 1 - url.path.ptr))
		     : (struct jw_str){0};
	return jw_str_eq(jw_str_of(last_part(path)), name.len ? name : JW_STR("index.html"));
}

static int64_t end_of(const struct jw_result *result)
{
	const struct jw_token *token = jw_facts_only_token(&result->facts);

	return token && token->has_claims && token->jwt.exp.is == JW_CLAIM_VALID
		       ? token->jwt.exp.seconds
		       : INT64_MIN;
}

/* The page that holds the same; else of several the one that has its name, else the one whose token ends last. */
static size_t page_of(struct jw_doctor *doctor, size_t served)
{
	struct jw_session *session = doctor->session;
	const struct jw_look *looks = doctor->plan.looks;
	size_t best = SIZE_MAX;
	bool is_best_named = false;
	size_t count = 0;

	for (size_t i = 0; i < doctor->plan.look_count; i++) {
		const struct jw_facts *facts = &result_of(session, i)->facts;
		bool is_named;

		if (looks[i].step != JW_STEP_PAGE)
			continue;
		if (jw_doctor_is_same(result_of(session, i), result_of(session, served)))
			return i;
		is_named = facts->token_count &&
			   is_named_like(looks[served].url, facts->tokens->path);
		if (best == SIZE_MAX || (is_named && !is_best_named) ||
		    (is_named == is_best_named &&
		     end_of(result_of(session, i)) > end_of(result_of(session, best)))) {
			best = i;
			is_best_named = is_named;
		}
		count++;
	}
	/* Of a configuration's pages, which one it is can only be guessed where there is no other. */
	return doctor->has_places || count == 1 ? best : SIZE_MAX;
}

/* A served page that names no peer gets the one that it seems to be a copy of. */
static void pair_up(struct jw_doctor *doctor)
{
	struct jw_session *session = doctor->session;

	for (size_t i = 0; i < doctor->plan.look_count; i++) {
		struct jw_target *target = session->turns[i].target;
		size_t page;

		if (doctor->plan.looks[i].step != JW_STEP_SERVED || target->peer)
			continue;
		page = page_of(doctor, i);
		if (page == SIZE_MAX)
			continue;
		target->peer = session->turns[page].target;
		target->same_as = target->peer->name;
		target->expect.has_peer = true;
		session->turns[i].is_compared = true;
		session->turns[page].is_compared = true;
	}
}

static bool has_time(const struct jw_session *session)
{
	return jw_adapter_clock.monotonic_ms(NULL) < session->deadline_ms - RESERVE_MS;
}

static bool has_ending(const char *path, const char *ending)
{
	size_t len = strlen(path);

	return len >= strlen(ending) && !strcmp(path + len - strlen(ending), ending);
}

/* Files of the same kind beside this one. */
static void search_beside(struct jw_doctor *doctor, const char *path)
{
	struct jw_session *session = doctor->session;
	struct jw_arena *arena = JW_DOCTOR_ARENA(doctor);
	const char *name = last_part(path);
	const char *dot = strrchr(name, '.');
	struct jw_paths paths = {0};
	struct jw_err err;

	if (!dot || jw_is_glob((struct jw_str){path, (size_t)(name - path)}))
		return;
	jw_adapter_files.expand(NULL, jw_arena_printf(arena, "%.*s*", (int)(name - path), path),
				arena, session->deadline_ms - RESERVE_MS, &paths, &err);
	for (size_t i = 0; i < paths.count && i < FILES_MAX && has_time(session); i++)
		if (has_ending(paths.items[i], dot))
			jw_search_path(doctor->search, paths.items[i]);
}

/* Whether another file may explain what is wrong with this page. */
static bool is_worth_it(struct jw_doctor *doctor, size_t look)
{
	struct jw_session *session = doctor->session;
	const struct jw_result *result = result_of(session, look);

	if (doctor->plan.looks[look].step != JW_STEP_PAGE || !result->facts.token_count)
		return false;
	if (result->verdict.cause == JW_EXPIRED)
		return true;
	for (size_t i = 0; i < doctor->plan.look_count; i++)
		if (session->turns[i].target->peer == session->turns[look].target &&
		    result_of(session, i)->facts.token_count &&
		    !jw_doctor_is_same(result_of(session, i), result))
			return true;
	return false;
}

static void look_beside(struct jw_doctor *doctor)
{
	const struct jw_world *world = &doctor->session->world;
	struct jw_err err;
	const struct jw_crypto *crypto = world->crypto(world->crypto_context, &err);

	if (doctor->search || !crypto)
		return;
	doctor->search = jw_search_new(world, crypto, NULL);
	for (size_t i = 0; i < doctor->plan.look_count; i++)
		if (is_worth_it(doctor, i))
			search_beside(doctor,
				      result_of(doctor->session, i)->facts.tokens->path);
	jw_doctor_elsewhere(doctor, jw_search_end(doctor->search));
}

void jw_doctor_between(struct jw_session *session)
{
	struct jw_doctor *doctor = session->between_context;

	pair_up(doctor);
	/* A folder that was named has been looked through. */
	look_beside(doctor);
}
