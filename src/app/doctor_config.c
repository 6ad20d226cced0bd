/* SPDX-License-Identifier: MIT */
/* doctor with a configuration: its targets say what there is to look at, and what belongs together. */
#include "app/doctor.h"

#include <string.h>

#include "contract/check.h"
#include "core/value.h"

/* What is chosen of the configuration; all by the numbers of targets. */
struct choice {
	struct jw_doctor *doctor;
	bool *is_chosen;
	size_t count;	    /* of the targets that the configuration has by itself */
	const char *server; /* the only one that any target names; NULL: none, or several */
	const char *key;    /* the only one that there is; NULL */
};

static struct jw_config *config_of(const struct choice *choice)
{
	return choice->doctor->session->config;
}

static struct jw_target *target_of(const struct choice *choice, size_t i)
{
	return &config_of(choice)->targets[i];
}

/* The field of an option of the target's own check; NULL where it has no such option. */
static void *own_field(const struct jw_target *target, const char *name)
{
	for (const struct jw_option *o = target->check->options; o->name; o++)
		if (!strcmp(o->name, name))
			return (char *)target->config + o->offset;
	return NULL;
}

static const char *own_text(const struct jw_target *target, const char *name)
{
	const char *const *field = own_field(target, name);

	return field ? *field : NULL;
}

static bool is_server(const struct jw_target *target)
{
	return target->check->kind == JW_CHECK_SERVER;
}

/* The keys of the check itself, or those that signatures are verified with; NULL: none. */
static const char *const *keys_of(const struct jw_target *target)
{
	const char *const *const *field = is_server(target) ? own_field(target, "key") : NULL;

	return field ? *field : target->key;
}

/* The LiveKit server that the target names; NULL: none, or it comes with the answer. */
static const char *server_of(const struct jw_target *target)
{
	const char *url =
		is_server(target) ? own_text(target, "url") : target->expect.accepted_by;

	return url && strcmp(url, JW_ACCEPTED_BY_RESPONSE) != 0 ? url : NULL;
}

static enum jw_cause choose_named(struct choice *choice, const char *name, struct jw_err *err)
{
	const struct jw_config *config = config_of(choice);
	struct jw_target *target = jw_config_find(config, jw_str_of(name));
	jw_autofree const char **names = jw_xcalloc(choice->count + 1, sizeof(*names));
	const char *nearest;

	if (target && !target->enabled)
		return jw_fail(err, JW_CONFIG, "%s isn't enabled (enabled: false)", name);
	if (target) {
		choice->is_chosen[target - config->targets] = true;
		return JW_OK;
	}
	for (size_t i = 0; i < choice->count; i++)
		names[i] = config->targets[i].name;
	nearest = jw_str_nearest(jw_str_of(name), names, choice->count);
	if (nearest)
		return jw_fail(err, JW_CONFIG, "no target is called '%s', did you mean %s?",
			       name, nearest);
	return jw_fail(err, JW_CONFIG, "no target is called '%s'", name);
}

/* Copies belong to what they are copies of. */
static void choose_peers(struct choice *choice)
{
	const struct jw_config *config = config_of(choice);

	for (size_t i = 0; i < choice->count; i++) {
		const struct jw_target *peer = target_of(choice, i)->peer;
		size_t other;

		if (!peer || !target_of(choice, i)->enabled || !peer->enabled)
			continue;
		other = (size_t)(peer - config->targets);
		choice->is_chosen[i] = choice->is_chosen[i] || choice->is_chosen[other];
		choice->is_chosen[other] = choice->is_chosen[i];
	}
}

static enum jw_cause choose(struct choice *choice, struct jw_err *err)
{
	const struct jw_args *args = choice->doctor->session->args;
	bool has_names = false;

	for (size_t i = 0; i < args->operand_count; i++) {
		has_names = has_names || *args->operands[i];
		if (*args->operands[i] && choose_named(choice, args->operands[i], err))
			return err->cause;
	}
	for (size_t i = 0; i < choice->count && !has_names; i++)
		choice->is_chosen[i] = target_of(choice, i)->enabled;
	choose_peers(choice);
	return JW_OK;
}

/* The only text that targets have, by a function that reads it; NULL: none has any, or there are several. */
static const char *only(const struct choice *choice,
			const char *(*read)(const struct jw_target *target))
{
	const char *found = NULL;

	for (size_t i = 0; i < choice->count; i++) {
		const char *text =
			target_of(choice, i)->enabled ? read(target_of(choice, i)) : NULL;

		if (text && found && strcmp(found, text) != 0)
			return NULL;
		found = text ? text : found;
	}
	return found;
}

static const char *key_of_token(const struct jw_target *target)
{
	return !is_server(target) && target->key ? *target->key : NULL;
}

static const char *acceptance_of_token(const struct jw_target *target)
{
	return is_server(target) ? NULL : target->expect.accepted_by;
}

static bool any_has(const struct choice *choice,
		    const char *(*read)(const struct jw_target *target))
{
	for (size_t i = 0; i < choice->count; i++)
		if (read(target_of(choice, i)))
			return true;
	return false;
}

static bool is_key_used(const struct choice *choice, const char *name)
{
	for (size_t i = 0; i < choice->count; i++)
		for (const char *const *key =
			     choice->is_chosen[i] ? keys_of(target_of(choice, i)) : NULL;
		     key && *key; key++)
			if (!strcmp(*key, name))
				return true;
	return false;
}

/* The folder of the first page: a configuration without keys leaves them to its .env. */
static void set_folders(struct choice *choice)
{
	struct jw_doctor *doctor = choice->doctor;
	struct jw_arena *arena = JW_DOCTOR_ARENA(doctor);
	const char **folders = jw_arena_array(arena, choice->count + 1, sizeof(*folders));
	size_t count = 0;

	for (size_t i = 0; i < choice->count; i++) {
		const char *path = own_text(target_of(choice, i), "path");
		const char *slash = path ? strrchr(path, '/') : NULL;

		if (choice->is_chosen[i] && slash && !jw_is_glob(jw_str_of(path)))
			folders[count++] = jw_arena_text(
				arena, (struct jw_str){path, (size_t)(slash - path) + 1});
	}
	doctor->folders = folders;
}

static void look_at_keys(struct choice *choice)
{
	struct jw_doctor *doctor = choice->doctor;
	const struct jw_config *config = config_of(choice);
	bool has_used = false;

	if (!config->key_count) {
		set_folders(choice);
		if (*doctor->folders || jw_adapter_files.env(NULL, "LIVEKIT_API_KEY"))
			jw_doctor_env(doctor, choice->server);
		if (!choice->server)
			choice->server = doctor->env_url;
	}
	for (size_t i = 0; i < config->key_count; i++)
		has_used = has_used || is_key_used(choice, config->keys[i].name);
	for (size_t i = 0; i < config->key_count; i++)
		if (strcmp(config->keys[i].name, JW_DOCTOR_KEY) != 0 &&
		    (!has_used || is_key_used(choice, config->keys[i].name)))
			jw_doctor_env_key(doctor, &config->keys[i], choice->server);
	if (config_of(choice)->key_count == 1)
		choice->key = config_of(choice)->keys[0].name;
}

/* Where no target says so, the only key and the only server there are belong to them all. A copy has what it is a copy
 * of has. */
static void fill_in(struct choice *choice)
{
	bool has_key = any_has(choice, key_of_token);
	bool has_server = any_has(choice, acceptance_of_token);

	for (size_t i = 0; i < choice->count; i++) {
		struct jw_target *target = target_of(choice, i);

		if (!choice->is_chosen[i] || is_server(target))
			continue;
		if (!has_key && choice->key)
			jw_doctor_set(choice->doctor, i, "key", choice->key);
		if (!has_server && choice->server)
			jw_doctor_set(choice->doctor, i, "accepted_by", choice->server);
		if (target->peer && !target->key)
			target->key = target->peer->key;
		if (target->peer && !target->expect.accepted_by)
			target->expect.accepted_by = server_of(target->peer);
	}
}

static const char *served_url(const struct jw_target *target)
{
	return own_text(target, "pattern") || target->peer ? own_text(target, "url") : NULL;
}

static void plan_token(struct choice *choice, size_t i)
{
	const struct jw_target *target = target_of(choice, i);
	struct jw_doctor_item *item;

	if (own_field(target, "path")) {
		jw_doctor_look_at(choice->doctor, JW_STEP_PAGE, i);
		return;
	}
	item = jw_doctor_look_at(choice->doctor,
				 served_url(target) ? JW_STEP_SERVED : JW_STEP_ENDPOINT, i);
	item->look.url = own_text(target, "url");
	if (item->look.step == JW_STEP_ENDPOINT && !own_text(target, "origin"))
		jw_doctor_origin(choice->doctor, i, only(choice, served_url));
}

/* While a secret rotates the first is the one that is to stay. */
static const char *pair_of(const struct choice *choice, size_t i)
{
	const char *const *keys = keys_of(target_of(choice, i));

	if (keys)
		return *keys;
	return choice->server ? choice->key : NULL;
}

/* First those that are watched by themselves, for their certificates and time. */
static enum jw_cause plan_servers(struct choice *choice, bool of_servers, struct jw_err *err)
{
	for (size_t i = 0; i < choice->count; i++) {
		const char *url = server_of(target_of(choice, i));
		const char *key = pair_of(choice, i);

		if (!choice->is_chosen[i] || !url ||
		    is_server(target_of(choice, i)) != of_servers)
			continue;
		if (jw_doctor_server(choice->doctor, url, of_servers ? i : SIZE_MAX, err))
			return err->cause;
		if (key && jw_doctor_pair(choice->doctor, url, of_servers ? i : SIZE_MAX, key,
					  of_servers ? own_text(target_of(choice, i), "issuer")
						     : target_of(choice, i)->expect.issuer,
					  err))
			return err->cause;
	}
	return JW_OK;
}

static enum jw_cause plan(struct choice *choice, struct jw_err *err)
{
	if (plan_servers(choice, true, err) || plan_servers(choice, false, err))
		return err->cause;
	if (!choice->doctor->item_count && choice->server && choice->doctor->env_url &&
	    jw_doctor_server(choice->doctor, choice->server, SIZE_MAX, err))
		return err->cause;
	for (size_t i = 0; i < choice->count; i++)
		if (choice->is_chosen[i] && !is_server(target_of(choice, i)))
			plan_token(choice, i);
	return JW_OK;
}

enum jw_cause jw_doctor_from_config(struct jw_doctor *doctor, struct jw_err *err)
{
	struct choice choice = {.doctor = doctor};
	enum jw_cause cause;

	choice.count = doctor->session->config->target_count;
	choice.is_chosen = jw_arena_array(JW_DOCTOR_ARENA(doctor), choice.count + 1,
					  sizeof(*choice.is_chosen));
	choice.server = only(&choice, server_of);
	cause = choose(&choice, err);
	if (cause)
		return cause;
	look_at_keys(&choice);
	fill_in(&choice);
	cause = plan(&choice, err);
	if (!cause && !doctor->item_count)
		return jw_fail(err, JW_CONFIG,
			       choice.count ? "every target has enabled: false, so there is "
					      "nothing to look at"
					    : "there are no targets, so there is nothing to "
					      "look at");
	return cause;
}
