/* SPDX-License-Identifier: MIT */
/* A configuration in memory, and the one target that a command line describes. */
#include "core/config.h"

#include <string.h>

#include "base/url.h"
#include "core/config_parts.h"

struct jw_config *jw_config_new(void)
{
	return jw_xcalloc(1, sizeof(struct jw_config));
}

struct jw_config *jw_config_keep(struct jw_config *config)
{
	/* Its maker's counts too. */
	if (!config->references)
		config->references = 1;
	config->references++;
	return config;
}

void jw_config_free(struct jw_config *config)
{
	if (!config)
		return;
	if (config->references > 1) {
		config->references--;
		return;
	}
	jw_arena_done(&config->arena);
	free(config);
}

struct jw_target *jw_config_find(const struct jw_config *config, struct jw_str name)
{
	for (size_t i = 0; i < config->target_count; i++)
		if (jw_str_is(name, config->targets[i].name))
			return &config->targets[i];
	return NULL;
}

const char *jw_config_path(const struct jw_target *target)
{
	const struct jw_option *options = target->check ? target->check->options : NULL;

	for (const struct jw_option *o = options; o && o->name; o++)
		if (o->type == JW_T_PATH && !strcmp(o->name, "path"))
			return *(const char *const *)((const char *)target->config + o->offset);
	return NULL;
}

void jw_config_reserve(struct jw_config *config, size_t count)
{
	size_t room = 2;

	/* The sizes at which jw_arena_grow moves, so that it can take over from here. */
	while (room < count)
		room *= 2;
	config->targets = jw_arena_array(&config->arena, room, sizeof(*config->targets));
}

void jw_config_prototype(struct jw_load *load, struct jw_target *ret_target)
{
	struct jw_target target = {0};

	jw_value_fallbacks(load, jw_target_options, &target);
	jw_value_fallbacks(load, jw_token_options, &target);
	load->built_in[0] = target.expect.warning.given;
	load->built_in[1] = target.expect.critical.given;
	*ret_target = target;
}

/* Nobody holds the token that an endpoint gave us, so only what was asked for is asked of it; and a server has none. */
static void drop_unless_given(struct jw_threshold *threshold, const char *built_in,
			      const struct jw_check *check)
{
	if (check->kind == JW_CHECK_SERVER || threshold->given == built_in)
		*threshold = (struct jw_threshold){.kind = JW_THRESHOLD_NONE};
}

void jw_config_give_check(struct jw_load *load, struct jw_target *target,
			  const struct jw_check *check)
{
	target->check = check;
	if (check->kind != JW_CHECK_HELD) {
		drop_unless_given(&target->expect.warning, load->built_in[0], check);
		drop_unless_given(&target->expect.critical, load->built_in[1], check);
	}
	target->config = jw_arena_alloc(load->arena, check->config_size);
	jw_value_fallbacks(load, check->options, target->config);
}

const struct jw_key_entry *jw_config_key(const struct jw_config *config, struct jw_str name)
{
	for (size_t i = 0; i < config->key_count; i++)
		if (jw_str_is(name, config->keys[i].name))
			return &config->keys[i];
	return NULL;
}

enum jw_cause jw_config_key_exists(const struct jw_config *config, struct jw_str name,
				   struct jw_err *err)
{
	jw_autofree const char **names = NULL;
	char quote[JW_QUOTE_TEXT];
	char near_quote[JW_QUOTE_TEXT];
	const char *nearest;

	if (jw_config_key(config, name))
		return JW_OK;
	jw_errors_quote(name, quote);
	if (!config->key_count)
		return jw_fail(err, JW_CONFIG, "no key is called %s: there are no keys at all",
			       quote);
	names = jw_xcalloc(config->key_count, sizeof(*names));
	for (size_t i = 0; i < config->key_count; i++)
		names[i] = config->keys[i].name;
	nearest = jw_str_nearest(name, names, config->key_count);
	if (nearest)
		return jw_fail(err, JW_CONFIG, "no key is called %s, did you mean %s?", quote,
			       jw_errors_quote(jw_str_of(nearest), near_quote));
	return jw_fail(err, JW_CONFIG, "no key is called %s; the first of those in keys is %s",
		       quote, jw_errors_quote(jw_str_of(names[0]), near_quote));
}

enum jw_cause jw_config_acceptance(const struct jw_target *target, struct jw_err *err)
{
	struct jw_url url;

	if (target->expect.accepted_by &&
	    !jw_url_parse(jw_str_of(target->expect.accepted_by), &url) && url.query.ptr)
		return jw_fail(err, JW_CONFIG,
			       "has a ? in it, which no client of LiveKit sends on");
	if (!target->expect.accepted_by ||
	    strcmp(target->expect.accepted_by, JW_ACCEPTED_BY_RESPONSE) != 0 ||
	    target->check->kind == JW_CHECK_FRESH)
		return JW_OK;
	return jw_fail(err, JW_CONFIG,
		       "is " JW_ACCEPTED_BY_RESPONSE
		       ", but with check %s there is no answer that "
		       "could name a server: write its URL",
		       target->check->name);
}

enum jw_cause jw_config_certificates(const struct jw_target *target, struct jw_err *err)
{
	const struct jw_expect *expect = &target->expect;
	jw_autobuf struct jw_buf warning = JW_BUF(JW_QUOTE_TEXT);
	jw_autobuf struct jw_buf critical = JW_BUF(JW_QUOTE_TEXT);

	if (expect->certificate_warning >= expect->certificate_critical)
		return JW_OK;
	jw_value_number(JW_T_SECONDS, expect->certificate_warning, &warning);
	jw_value_number(JW_T_SECONDS, expect->certificate_critical, &critical);
	return jw_fail(
		err, JW_CONFIG,
		"certificate_warning (%s) is less than certificate_critical (%s), so there "
		"would be no WARNING",
		warning.ptr, critical.ptr);
}

enum jw_cause jw_config_lifetimes(const struct jw_target *target, struct jw_err *err)
{
	const struct jw_expect *expect = &target->expect;
	jw_autobuf struct jw_buf least = JW_BUF(JW_QUOTE_TEXT);
	jw_autobuf struct jw_buf most = JW_BUF(JW_QUOTE_TEXT);

	if (!expect->max_lifetime || expect->min_lifetime <= expect->max_lifetime)
		return JW_OK;
	jw_value_number(JW_T_SECONDS, expect->min_lifetime, &least);
	jw_value_number(JW_T_SECONDS, expect->max_lifetime, &most);
	return jw_fail(err, JW_CONFIG,
		       "min_lifetime (%s) is more than max_lifetime (%s), so no token fits",
		       least.ptr, most.ptr);
}

void jw_config_conclude(struct jw_target *target)
{
	const struct jw_option *pattern =
		jw_config_row(target->check->options, JW_STR("pattern"));
	bool is_page = pattern && jw_value_is_set(pattern, target->config);
	enum jw_public is_public = target->check->is_public;

	target->expect.has_peer = target->same_as != NULL;
	target->expect.is_public =
		is_public == JW_PUBLIC_ALWAYS || (is_public == JW_PUBLIC_PATTERN && is_page);
	target->expect.mints = target->check->kind == JW_CHECK_FRESH && !is_page &&
			       !target->expect.rotate_every;
}

bool jw_config_is_key_row(const struct jw_option *option)
{
	return option->type == JW_T_TEXTS && !strcmp(option->name, "key");
}

const char *const **jw_config_keys(struct jw_target *target)
{
	for (const struct jw_option *o = target->check->options; o->name; o++)
		if (jw_config_is_key_row(o))
			return (const char *const **)((char *)target->config + o->offset);
	return &target->key;
}

bool jw_config_is_check_row(const struct jw_option *option)
{
	return !strcmp(option->name, "check");
}

/* '-' and '_' are one on the command line. */
static bool is_named(const char *name, struct jw_str given)
{
	size_t i = 0;

	for (; i < given.len && name[i]; i++)
		if (name[i] != given.ptr[i] && !(name[i] == '_' && given.ptr[i] == '-'))
			return false;
	return i == given.len && !name[i];
}

const struct jw_option *jw_config_row(const struct jw_option *options, struct jw_str name)
{
	for (const struct jw_option *o = options; o->name; o++)
		if (jw_str_is(name, o->name))
			return o;
	return NULL;
}

const struct jw_option *jw_config_shared_row(const struct jw_check *check, struct jw_str name)
{
	const struct jw_option *option = jw_config_row(jw_target_options, name);

	if (option || (check && check->kind == JW_CHECK_SERVER))
		return option;
	return jw_config_row(jw_token_options, name);
}

const struct jw_option *jw_config_option(const struct jw_check *check, struct jw_str name)
{
	const struct jw_option *const tables[] = {check->options, jw_target_options,
						  jw_token_options};
	size_t count = check->kind == JW_CHECK_SERVER ? 2 : 3;

	for (size_t i = 0; i < count; i++)
		for (const struct jw_option *o = tables[i]; o->name; o++)
			if (is_named(o->name, name) && !(i && jw_config_is_check_row(o)))
				return o;
	return NULL;
}

struct jw_target *jw_config_add(struct jw_config *config, const struct jw_check *check,
				const char *name)
{
	struct jw_load load = {.arena = &config->arena};
	struct jw_target *target;

	config->targets = jw_arena_grow(&config->arena, config->targets, config->target_count,
					sizeof(*config->targets));
	target = &config->targets[config->target_count++];
	jw_config_prototype(&load, target);
	jw_config_give_check(&load, target, check);
	target->name = jw_arena_text(&config->arena, jw_str_of(name));
	return target;
}

/* "max_size: is wrong" becomes "--max-size: is wrong". */
static void name_as_flag(struct jw_err *err)
{
	char *end = strchr(err->text, ':');
	struct jw_err old = *err;

	for (char *c = old.text; end && c < old.text + (end - err->text); c++)
		if (*c == '_')
			*c = '-';
	jw_fail(err, old.cause, "--%s", old.text);
}

static enum jw_cause fail_flag(const struct jw_option *option, struct jw_err *err)
{
	jw_err_in(err, "%s", option->name);
	name_as_flag(err);
	return JW_CONFIG;
}

static bool is_in(const struct jw_option *options, const struct jw_option *option)
{
	for (; options->name; options++)
		if (options == option)
			return true;
	return false;
}

enum jw_cause jw_config_set(struct jw_config *config, struct jw_target *target,
			    const struct jw_option *option, struct jw_str value,
			    struct jw_err *err)
{
	return jw_config_set_from(config, target, option, value, JW_FROM_COMMAND_LINE, err);
}

enum jw_cause jw_config_set_from(struct jw_config *config, struct jw_target *target,
				 const struct jw_option *option, struct jw_str value,
				 enum jw_origin origin, struct jw_err *err)
{
	struct jw_load load = {.arena = &config->arena, .origin = origin};
	struct jw_err unused;
	struct jw_err *sentence = err ? err : &unused;
	bool is_own = is_in(target->check->options, option);
	void *base = is_own ? target->config : target;

	if (!is_own && option->offset == offsetof(struct jw_target, name) &&
	    jw_value_name(value, sentence))
		return fail_flag(option, sentence);
	if (jw_value_set(&load, option, value, base, sentence))
		return fail_flag(option, sentence);
	return JW_OK;
}

static enum jw_cause check_required(const struct jw_target *target, struct jw_err *err)
{
	for (const struct jw_option *o = target->check->options; o->name; o++) {
		if (!o->required || jw_value_is_set(o, target->config))
			continue;
		jw_fail(err, JW_CONFIG, "is required: %s", o->help);
		return fail_flag(o, err);
	}
	return JW_OK;
}

static enum jw_cause check_keys(const struct jw_config *config, struct jw_target *target,
				struct jw_err *err)
{
	for (const char *const *name = *jw_config_keys(target); name && *name; name++) {
		if (!jw_config_key_exists(config, jw_str_of(*name), err))
			continue;
		jw_err_in(err, "--key");
		return JW_CONFIG;
	}
	return JW_OK;
}

enum jw_cause jw_config_finish(struct jw_config *config, struct jw_target *target,
			       struct jw_err *err)
{
	struct jw_err unused;
	struct jw_err *sentence = err ? err : &unused;
	const struct jw_check *check = target->check;

	if (check_required(target, sentence) || check_keys(config, target, sentence))
		return JW_CONFIG;
	if (jw_threshold_order(&target->expect.warning, &target->expect.critical, sentence)) {
		jw_err_in(sentence, "--warning");
		return JW_CONFIG;
	}
	if (jw_config_acceptance(target, sentence)) {
		jw_err_in(sentence, "--accepted-by");
		return JW_CONFIG;
	}
	if (jw_config_certificates(target, sentence)) {
		jw_err_in(sentence, "--certificate-warning");
		return JW_CONFIG;
	}
	if (jw_config_lifetimes(target, sentence)) {
		jw_err_in(sentence, "--min-lifetime");
		return JW_CONFIG;
	}
	jw_config_conclude(target);
	if (!check->prepare || !check->prepare(target->config, &config->arena, sentence))
		return JW_OK;
	name_as_flag(sentence);
	return JW_CONFIG;
}
