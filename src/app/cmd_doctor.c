/* SPDX-License-Identifier: MIT */
/* doctor: the whole checklist, step by step; its targets are run as check runs them, all at once. */
#include "app/doctor.h"

#include <string.h>

#include "base/url.h"
#include "contract/check.h"
#include "token/find.h"

struct jw_doctor_item *jw_doctor_look_at(struct jw_doctor *doctor, enum jw_doctor_step step,
					 size_t target)
{
	struct jw_doctor_item *item;

	doctor->items = jw_arena_grow(JW_DOCTOR_ARENA(doctor), doctor->items,
				      doctor->item_count, sizeof(*doctor->items));
	item = &doctor->items[doctor->item_count++];
	*item = (struct jw_doctor_item){.look = {.step = step}, .target = target};
	return item;
}

const char *jw_doctor_masked(struct jw_doctor *doctor, const char *url)
{
	jw_autobuf struct jw_buf masked = JW_BUF(4 * JW_URL_MAX);

	jw_url_mask(&masked, jw_str_of(url));
	if (masked.ptr)
		jw_find_scrub(masked.ptr);
	return jw_arena_text(JW_DOCTOR_ARENA(doctor), jw_str_of(masked.ptr));
}

void jw_doctor_why_not(struct jw_doctor *doctor, enum jw_doctor_step step, const char *why)
{
	doctor->plan.why_not[step] = why;
}

/* A configuration's targets move when there are more of them, and those that name each other with them. */
static struct jw_target *add_target(struct jw_config *config, const struct jw_check *check,
				    const char *name)
{
	struct jw_target *before = config->targets;
	struct jw_target *target = jw_config_add(config, check, name);

	for (size_t i = 0; before != config->targets && i < config->target_count; i++)
		if (config->targets[i].peer)
			config->targets[i].peer =
				config->targets + (config->targets[i].peer - before);
	return target;
}

bool jw_doctor_set(struct jw_doctor *doctor, size_t target, const char *option,
		   const char *value)
{
	struct jw_config *config = doctor->session->config;
	const struct jw_option *row =
		jw_config_option(config->targets[target].check, jw_str_of(option));
	struct jw_err unused;

	return row && value &&
	       !jw_config_set(config, &config->targets[target], row, jw_str_of(value), &unused);
}

const char *jw_doctor_url(const struct jw_target *target)
{
	for (const struct jw_option *o = target->check->options; o->name; o++)
		if (!strcmp(o->name, "url"))
			return *(const char *const *)((const char *)target->config + o->offset);
	return NULL;
}

static const char *origin_of(struct jw_doctor *doctor, const struct jw_url *url)
{
	bool is_v6 = jw_str_has(url->host, ":");

	return jw_arena_printf(JW_DOCTOR_ARENA(doctor), "%.*s://%s%.*s%s:%u",
			       JW_STR_ARG(url->scheme), is_v6 ? "[" : "", JW_STR_ARG(url->host),
			       is_v6 ? "]" : "", (unsigned)jw_url_port(url));
}

void jw_doctor_origin(struct jw_doctor *doctor, size_t target, const char *page)
{
	const char *asked = jw_doctor_url(&doctor->session->config->targets[target]);
	struct jw_url from;
	struct jw_url to;

	if (!page || !asked || jw_url_parse(jw_str_of(page), &from) ||
	    jw_url_parse(jw_str_of(asked), &to) || to.user.ptr ||
	    jw_url_same_origin(&from, &to))
		return;
	jw_doctor_set(doctor, target, "origin", origin_of(doctor, &from));
}

enum jw_cause jw_doctor_target(struct jw_doctor *doctor, const char *check, const char *name,
			       const char *option, const char *value, size_t *ret_target,
			       struct jw_err *err)
{
	struct jw_config *config = doctor->session->config;
	const struct jw_check *row = jw_check_by_name(jw_str_of(check));
	struct jw_target *target = add_target(config, row, name);

	*ret_target = config->target_count - 1;
	return jw_config_set(config, target, jw_config_option(row, jw_str_of(option)),
			     jw_str_of(value), err);
}

static bool is_planned(const struct jw_doctor *doctor, enum jw_doctor_step step,
		       const char *url, const char *key)
{
	for (size_t i = 0; i < doctor->item_count; i++) {
		const struct jw_look *look = &doctor->items[i].look;

		if (look->step == step && !strcmp(look->url, url) &&
		    (!key || !strcmp(look->key, key)))
			return true;
	}
	return false;
}

/* As the target of the configuration asks. */
static void take_after(struct jw_config *config, size_t target, size_t like)
{
	struct jw_target *made = &config->targets[target];
	const struct jw_target *model = &config->targets[like];

	made->timeout = model->timeout;
	made->ca_file = model->ca_file;
	made->client_certificate = model->client_certificate;
	made->expect = model->expect;
	made->runbook = model->runbook;
}

static enum jw_cause add_server(struct jw_doctor *doctor, const char *url, size_t like,
				const char *key, const char *issuer, struct jw_err *err)
{
	struct jw_config *config = doctor->session->config;
	const char *name =
		like == SIZE_MAX ? jw_doctor_masked(doctor, url) : config->targets[like].name;
	struct jw_doctor_item *item;
	size_t target;

	if (jw_doctor_target(doctor, "livekit", name, "url", url, &target, err))
		return err->cause;
	if (like != SIZE_MAX)
		take_after(config, target, like);
	if (key)
		jw_doctor_set(doctor, target, "key", key);
	if (issuer)
		jw_doctor_set(doctor, target, "issuer", issuer);
	item = jw_doctor_look_at(doctor, key ? JW_STEP_KEY_PAIR : JW_STEP_LIVEKIT, target);
	item->look.url = jw_arena_text(JW_DOCTOR_ARENA(doctor), jw_str_of(url));
	item->look.key = key;
	return jw_config_finish(config, &config->targets[target], err);
}

enum jw_cause jw_doctor_server(struct jw_doctor *doctor, const char *url, size_t like,
			       struct jw_err *err)
{
	if (is_planned(doctor, JW_STEP_LIVEKIT, url, NULL))
		return JW_OK;
	return add_server(doctor, url, like, NULL, NULL, err);
}

static const char *issuer_of(const struct jw_config *config, const char *key)
{
	for (size_t i = 0; i < config->key_count; i++)
		if (!strcmp(config->keys[i].name, key))
			return config->keys[i].issuer;
	return NULL;
}

enum jw_cause jw_doctor_pair(struct jw_doctor *doctor, const char *url, size_t like,
			     const char *key, const char *issuer, struct jw_err *err)
{
	const char *own = issuer_of(doctor->session->config, key);

	if (doctor->env_apart && !strcmp(key, JW_DOCTOR_KEY) && !strcmp(url, doctor->env_url)) {
		jw_doctor_why_not(doctor, JW_STEP_KEY_PAIR, doctor->env_apart);
		return JW_OK;
	}
	if (is_planned(doctor, JW_STEP_KEY_PAIR, url, key) ||
	    !jw_doctor_env_is_pair(doctor, key))
		return JW_OK;
	if (!own && !issuer) {
		jw_doctor_why_not(doctor, JW_STEP_KEY_PAIR,
				  jw_arena_printf(JW_DOCTOR_ARENA(doctor),
						  "the key %s names no issuer, which is "
						  "LiveKit's API key",
						  key));
		return JW_OK;
	}
	return add_server(doctor, url, like, key, own ? NULL : issuer, err);
}

/* Nothing is added any more: what is planned gets its place in the report. */
static void run_items(struct jw_doctor *doctor)
{
	struct jw_session *session = doctor->session;
	struct jw_look *looks =
		jw_arena_array(JW_DOCTOR_ARENA(doctor), doctor->item_count + 1, sizeof(*looks));

	for (size_t i = 0; i < doctor->item_count; i++) {
		const struct jw_doctor_item *item = &doctor->items[i];

		looks[i] = item->look;
		if (item->says)
			jw_session_refuse(session, item->name, item->cause, item->says);
		else
			jw_session_run(session, &session->config->targets[item->target]);
	}
	doctor->plan.looks = looks;
	doctor->plan.look_count = doctor->item_count;
	session->style.plan = &doctor->plan;
	session->between = jw_doctor_between;
	session->between_context = doctor;
	jw_copies_plan(session);
}

/* Nothing can be looked at. */
static int refuse(struct jw_session *session, const char *says)
{
	jw_session_refuse(session, "command line", JW_CONFIG,
			  jw_arena_text(&session->arena, jw_str_of(says)));
	return jw_session_finish(session);
}

static int examine(struct jw_doctor *doctor)
{
	struct jw_err err;
	enum jw_cause cause = doctor->has_places ? jw_doctor_from_places(doctor, &err)
						 : jw_doctor_from_config(doctor, &err);
	int code;

	if (cause)
		return refuse(doctor->session, err.text);
	run_items(doctor);
	code = jw_session_finish(doctor->session);
	if (doctor->search)
		jw_search_free(doctor->search);
	return code;
}

static int with_config(struct jw_doctor *doctor)
{
	struct jw_session *session = doctor->session;
	struct jw_errors errors;
	int code;

	if (jw_app_config(session->args, session->deadline_ms - JW_SESSION_RESERVE_MS, &errors,
			  &session->config))
		code = jw_session_refuse_config(session, &errors);
	else
		code = examine(doctor);
	jw_buf_done(&errors.text);
	return code;
}

/* One place among the words makes places of them all: without a configuration there are no targets to name. */
static bool has_places(const struct jw_args *args)
{
	for (size_t i = 0; i < args->operand_count; i++)
		if (jw_doctor_is_place(args->operands[i]))
			return true;
	return false;
}

int jw_cmd_doctor(const struct jw_args *args)
{
	struct jw_session session;
	struct jw_doctor doctor = {.session = &session};
	struct jw_err err;

	if (jw_session_init(&session, args, &err))
		return jw_usage_error(args, "%s", err.text);
	doctor.has_places = has_places(args);
	jw_session_guard(&session);
	if (doctor.has_places && args->values[JW_FLAG_CONFIG])
		return refuse(&session, "name either a configuration (-f), or places such as a "
					"folder and a URL");
	return doctor.has_places ? examine(&doctor) : with_config(&doctor);
}
