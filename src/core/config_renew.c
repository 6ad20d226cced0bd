/* SPDX-License-Identifier: MIT */
/* `renew` of targets: what its source needs is there, and what it names exists. */
#include "core/config_reader.h"

#include <string.h>

#include "core/mint.h"

/* The option that is wrong, and the sentence about it. */
struct fault {
	const char *option;
	struct jw_err err;
};

static bool wrong(struct fault *fault, const char *option, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool wrong(struct fault *fault, const char *option, const char *format, ...)
{
	va_list args;

	fault->option = option;
	fault->err.cause = JW_CONFIG;
	va_start(args, format);
	vsnprintf(fault->err.text, sizeof(fault->err.text), format, args);
	va_end(args);
	return true;
}

static bool has_key(const struct jw_target *target)
{
	return target->renew->key || (target->key && target->key[0]);
}

static const struct jw_key_entry *key_of(const struct jw_config *config, const char *name)
{
	for (size_t i = 0; i < config->key_count; i++)
		if (!strcmp(config->keys[i].name, name))
			return &config->keys[i];
	return NULL;
}

static bool check_mint(const struct jw_reader *r, const struct jw_target *target,
		       struct fault *fault)
{
	const char *key = target->renew->key;
	const struct jw_key_entry *entry;

	if (!has_key(target))
		return wrong(fault, "key",
			     "is missing: a token is signed with a key, renew: {key: NAME} or "
			     "key of the target");
	if (key && !r->sources.is_partial &&
	    jw_config_key_exists(r->config, jw_str_of(key), &fault->err)) {
		fault->option = "key";
		return true;
	}
	entry = key_of(r->config, key ? key : target->key[0]);
	if (!entry || !jw_mint_check_ttl(entry, target->renew->ttl, &fault->err))
		return false;
	fault->option = "ttl";
	return true;
}

static bool check_endpoint(const struct jw_reader *r, struct jw_target *target,
			   struct fault *fault)
{
	const char *name = target->renew->endpoint;
	const struct jw_target *found;
	char quote[JW_QUOTE_TEXT];

	if (!name)
		return wrong(fault, "endpoint",
			     "is missing: renew: {from: endpoint, endpoint: NAME}, a target "
			     "with check token_endpoint");
	jw_errors_quote(jw_str_of(name), quote);
	found = jw_config_find(r->config, jw_str_of(name));
	if (!found)
		return !r->sources.is_partial &&
		       wrong(fault, "endpoint", "no target is called %s", quote);
	if (found->check && strcmp(found->check->name, "token_endpoint") != 0)
		return wrong(fault, "endpoint",
			     "%s is a target with check %s: name one with check "
			     "token_endpoint",
			     quote, found->check->name);
	((struct jw_renew *)(uintptr_t)target->renew)->endpoint_target = found;
	return false;
}

static bool check_command(const struct jw_target *target, struct fault *fault)
{
	return !target->renew->command &&
	       wrong(fault, "command",
		     "is missing: the program and its arguments, [/srv/voice/make-token, "
		     "--room, test-room]");
}

/* A program that changes the page itself is told where by its own words. */
static bool check_run(const struct jw_target *target, struct fault *fault)
{
	const struct jw_renew *renew = target->renew;

	if (renew->also || renew->root)
		return wrong(fault, renew->also ? "also" : "root",
			     "is of no use with from: run, whose program writes where it "
			     "wants to");
	return check_command(target, fault);
}

/* The one file that the token is replaced in. */
static bool check_path(const struct jw_target *target, struct fault *fault)
{
	const struct jw_option *option = jw_config_option(target->check, JW_STR("path"));
	const char *path =
		*(const char *const *)((const char *)target->config + option->offset);

	if (path && jw_is_glob(jw_str_of(path)))
		return wrong(fault, NULL,
			     "goes with one file, and path is a glob: name the file, and "
			     "further ones that hold the same token by also");
	return path && !strcmp(path, "-") &&
	       wrong(fault, NULL, "goes with a file, and path is standard input");
}

static bool check(struct jw_reader *r, struct jw_target *target, struct fault *fault)
{
	if (!target->check || strcmp(target->check->name, "html_file") != 0)
		return target->check &&
		       wrong(fault, NULL,
			     "belongs to targets with check html_file: a token "
			     "is replaced in a file");
	if (target->config && check_path(target, fault))
		return true;
	if (target->renew->before.kind == JW_THRESHOLD_RANGE)
		return wrong(fault, "before",
			     "is how much must be left, 25%% or 2h, and no range");
	switch ((enum jw_renew_from)target->renew->from) {
	case JW_RENEW_MINT:
		return check_mint(r, target, fault);
	case JW_RENEW_ENDPOINT:
		return check_endpoint(r, target, fault);
	case JW_RENEW_COMMAND:
		return check_command(target, fault);
	case JW_RENEW_RUN:
		return check_run(target, fault);
	}
	return false;
}

static void report(struct jw_reader *r, size_t index, const struct fault *fault)
{
	const struct jw_named *named = &r->targets[index];
	const struct jw_node *targets = jw_yaml_get(named->source->root, "targets");
	const struct jw_node *renew = jw_yaml_get(targets->items[named->index], "renew");
	const struct jw_node *at =
		renew && fault->option ? jw_yaml_get(renew, fault->option) : NULL;
	const struct jw_path item = {.up = &jw_path_targets, .index = named->index};
	const struct jw_path whole = {&item, JW_STR("renew"), 0};
	const struct jw_path part = {
		&whole, fault->option ? jw_str_of(fault->option) : (struct jw_str){0}, 0};

	jw_errors_add(r->load.errors, named->source->file,
		      at      ? at->at
		      : renew ? renew->at
			      : named->at,
		      fault->option ? &part : &whole, "%s", fault->err.text);
}

void jw_reader_check_renewals(struct jw_reader *r)
{
	for (size_t i = 0; i < r->config->target_count; i++) {
		struct jw_target *target = &r->config->targets[i];
		struct fault fault = {0};

		if (target->renew && check(r, target, &fault))
			report(r, i, &fault);
	}
}
