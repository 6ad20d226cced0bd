/* SPDX-License-Identifier: MIT */
/* Where a fresh token comes from, and the proof that it is good. */
#include "core/renew_parts.h"

#include <string.h>

#include "contract/check.h"
#include "core/mint.h"
#include "core/run.h"

/* A check of one token that is there already. */
struct held {
	struct jw_str token;
	const char *page; /* that it is for: what stands in public may carry less */
};

static enum jw_next take(struct jw_run *run)
{
	const struct held *held = jw_run_config(run);
	const char *place = jw_arena_printf(run->arena, "(fresh) %s", held->page);
	size_t index;

	if (jw_run_token(run, held->token, place, 0, &index))
		jw_run_tokens(run)[index].is_note = false;
	return JW_NEXT;
}

static enum jw_next verify(struct jw_run *run)
{
	jw_run_verify(run);
	return JW_NEXT;
}

static enum jw_next (*const held_steps[])(struct jw_run *run) = {take, verify, jw_run_accept,
								 jw_run_accepted, NULL};

static const struct jw_check check_held = {
	.name = "fresh",
	.summary = "a token that is at hand",
	.is_public = JW_PUBLIC_ALWAYS,
	.config_size = sizeof(struct held),
	.steps = held_steps,
};

void jw_renew_prove(const struct jw_renewing *renewing, const struct jw_target *target,
		    struct jw_str token, struct jw_result *ret_result)
{
	struct jw_renew_place place;
	struct jw_target fresh = *target;
	struct held held = {.token = token};

	jw_renew_place(target, &place);
	held.page = place.path;
	fresh.check = &check_held;
	fresh.config = &held;
	renewing->run(renewing->context, &fresh, ret_result);
	/* These are gone when we return. */
	ret_result->target = target;
}

static enum jw_next (*const signed_steps[])(struct jw_run *run) = {take, verify, NULL};

static const struct jw_check check_signed = {
	.name = "signed",
	.summary = "whose key signed a token that is at hand",
	.is_public = JW_PUBLIC_ALWAYS,
	.config_size = sizeof(struct held),
	.steps = signed_steps,
};

bool jw_renew_is_ours(const struct jw_renewing *renewing, const struct jw_target *target,
		      struct jw_str token)
{
	const char *const key[] = {target->renew->key, NULL};
	struct jw_target other = *target;
	struct held held = {.token = token, .page = ""};
	struct jw_result result;
	bool is_ours;

	other.check = &check_signed;
	other.config = &held;
	if (!other.key && target->renew->key)
		other.key = key;
	renewing->run(renewing->context, &other, &result);
	is_ours = result.facts.token_count == 1 &&
		  result.facts.tokens[0].signature == JW_SIG_VALID;
	jw_result_done(&result);
	return is_ours;
}

/* A target that is run for its token alone: what is expected of it the page says. */
static struct jw_target for_token(const struct jw_target *target, const struct jw_check *check,
				  void *config)
{
	struct jw_target source = *target;

	source.check = check;
	source.config = config;
	source.key = NULL;
	source.expect = (struct jw_expect){.leeway = target->expect.leeway};
	return source;
}

/* The only token that was found, or why there is none. */
static enum jw_cause only_token(const struct jw_result *result, struct jw_arena *arena,
				struct jw_str *ret_token, struct jw_err *err)
{
	const struct jw_facts *facts = &result->facts;
	const struct jw_token *token = jw_facts_only_token(facts);

	if (facts->failure_count)
		return jw_fail(err, facts->failures[0].cause, "%s%s%s",
			       facts->failures[0].place ? facts->failures[0].place : "",
			       facts->failures[0].place ? ": " : "", facts->failures[0].says);
	if (!token)
		return jw_fail(err, JW_RENEWAL_FAILED,
			       "gives several tokens, or none: say which one");
	*ret_token = jw_arena_str(arena, token->text);
	return JW_OK;
}

static enum jw_cause from_target(const struct jw_renewing *renewing,
				 const struct jw_target *source, struct jw_arena *arena,
				 struct jw_str *ret_token, struct jw_err *err)
{
	struct jw_result result;
	enum jw_cause cause;

	renewing->run(renewing->context, source, &result);
	cause = only_token(&result, arena, ret_token, err);
	jw_result_done(&result);
	return cause;
}

static enum jw_cause from_endpoint(const struct jw_renewing *renewing,
				   const struct jw_target *target, struct jw_arena *arena,
				   struct jw_str *ret_token, struct jw_err *err)
{
	const struct jw_target *endpoint = target->renew->endpoint_target;
	struct jw_target source = for_token(endpoint, endpoint->check, endpoint->config);
	enum jw_cause cause = from_target(renewing, &source, arena, ret_token, err);

	if (cause)
		jw_err_in(err, "target %s", endpoint->name);
	return cause;
}

/* The options of the check `command` that `renew` has too; the others are as they are by default. */
static struct jw_target program_of(const struct jw_config *config,
				   const struct jw_target *target, const struct jw_check *check,
				   struct jw_config **ret_made)
{
	struct jw_config *made = jw_config_new();
	struct jw_target *source =
		jw_config_add(made, jw_check_by_name(JW_STR("command")), target->name);
	char *base = source->config;
	struct jw_target program;

	(void)config;
	*(const char *const **)(base +
				jw_config_option(source->check, JW_STR("command"))->offset) =
		target->renew->command;
	*(const struct jw_header **)(base +
				     jw_config_option(source->check, JW_STR("env"))->offset) =
		target->renew->env;
	*ret_made = made;
	program = for_token(target, check, base);
	return program;
}

static enum jw_cause from_command(const struct jw_renewing *renewing,
				  const struct jw_target *target, struct jw_arena *arena,
				  struct jw_str *ret_token, struct jw_err *err)
{
	struct jw_config *made;
	struct jw_target source = program_of(renewing->config, target,
					     jw_check_by_name(JW_STR("command")), &made);
	enum jw_cause cause = from_target(renewing, &source, arena, ret_token, err);

	jw_config_free(made);
	return cause;
}

enum jw_cause jw_renew_program(const struct jw_renewing *renewing,
			       const struct jw_target *target, struct jw_err *err)
{
	struct jw_config *made;
	struct jw_target source =
		program_of(renewing->config, target, &jw_check_program, &made);
	struct jw_result result;

	err->cause = JW_OK;
	renewing->run(renewing->context, &source, &result);
	if (result.facts.failure_count)
		jw_fail(err, result.facts.failures[0].cause, "%s%s%s",
			result.facts.failures[0].place ? result.facts.failures[0].place : "",
			result.facts.failures[0].place ? ": " : "",
			result.facts.failures[0].says);
	jw_result_done(&result);
	jw_config_free(made);
	return err->cause;
}

/* Adds what can be read of the target's keys: of one that is being replaced, the old page's token may be. */
static void add_keys(const struct jw_renewing *renewing, const struct jw_target *target,
		     struct jw_arena *arena, struct jw_keys *keys)
{
	const struct jw_key_entry *entry;
	struct jw_key key;

	for (const char *const *name = target->key; name && *name; name++) {
		if (jw_mint_entry(renewing->config, *name, &entry, NULL) ||
		    jw_mint_key(entry, renewing->world->files, "", arena, &key, NULL))
			continue;
		if (key.issuer && !*key.issuer)
			key.issuer = NULL;
		keys->items =
			jw_arena_grow(arena, keys->items, keys->count, sizeof(*keys->items));
		keys->items[keys->count++] = key;
	}
}

/* Claims are taken from a token that one of our keys signed, and from no other: whoever can write the page could have any
 * claim signed. */
static bool is_ours(const struct jw_renewing *renewing, const struct jw_target *target,
		    const struct jw_key *key, const struct jw_token *old,
		    struct jw_arena *arena)
{
	const struct jw_crypto *crypto =
		renewing->world->crypto(renewing->world->crypto_context, NULL);
	struct jw_keys keys = {0};
	struct jw_token token = *old;

	if (!crypto || !old->has_claims || !old->is_livekit)
		return false;
	keys.items = jw_arena_grow(arena, keys.items, 0, sizeof(*keys.items));
	keys.items[keys.count++] = *key;
	add_keys(renewing, target, arena, &keys);
	jw_keyring_verify(&keys, crypto, &token, arena);
	return token.signature == JW_SIG_VALID;
}

static const char *first_of(const char *a, const char *b, const char *c)
{
	if (a)
		return a;
	return b ? b : c;
}

/* What nothing says is as target's expectations have it, else as `jwtwatch mint` has it. */
static void fill_in(const struct jw_target *target, struct jw_mint *mint)
{
	static const char *const join[] = {"roomJoin", NULL};
	const struct jw_expect *expect = &target->expect;

	mint->room = first_of(mint->room, expect->room, "test-room");
	mint->identity = first_of(
		mint->identity, expect->identity ? expect->identity : expect->subject, "user1");
	if (!mint->grants)
		mint->grants = join;
}

static const struct jw_mint_attribute *attributes_of(const struct jw_pair *pairs,
						     struct jw_arena *arena)
{
	struct jw_mint_attribute *attributes;
	size_t count = 0;

	if (!pairs)
		return NULL;
	while (pairs[count].name)
		count++;
	attributes = jw_arena_array(arena, count + 1, sizeof(*attributes));
	for (size_t i = 0; i < count; i++)
		attributes[i] = (struct jw_mint_attribute){pairs[i].name, pairs[i].value};
	return attributes;
}

static enum jw_cause from_mint(const struct jw_renewing *renewing,
			       const struct jw_target *target, const struct jw_token *old,
			       struct jw_arena *arena, struct jw_str *ret_token,
			       struct jw_err *err)
{
	const struct jw_renew *renew = target->renew;
	const struct jw_clock *clock = renewing->world->clock;
	const char *name = renew->key ? renew->key : target->key[0];
	jw_autobuf struct jw_buf token = JW_BUF(JW_MINT_MAX);
	struct jw_mint mint = {
		.room = renew->room,
		.identity = renew->identity,
		.name = renew->participant,
		.metadata = renew->metadata,
		.attributes = attributes_of(renew->attributes, arena),
		.grants = renew->grants,
		.nbf = clock->wall(clock->self),
	};
	const struct jw_key_entry *entry;
	struct jw_key key;

	if (jw_mint_entry(renewing->config, name, &entry, err) ||
	    jw_mint_key(entry, renewing->world->files, target->expect.issuer, arena, &key,
			err) ||
	    jw_mint_check_ttl(entry, renew->ttl, err)) {
		jw_err_in(err, "key %s", name);
		return err->cause;
	}
	mint.issuer = key.issuer;
	mint.exp = mint.nbf + renew->ttl;
	if (is_ours(renewing, target, &key, old, arena))
		mint.base = old->jwt.payload;
	else
		fill_in(target, &mint);
	if (jw_mint_token(renewing->world, &key, &mint, &token, err)) {
		jw_err_in(err, "key %s", name);
		return err->cause;
	}
	*ret_token = jw_arena_str(arena, jw_buf_get(&token));
	return JW_OK;
}

enum jw_cause jw_renew_source(const struct jw_renewing *renewing,
			      const struct jw_target *target, const struct jw_token *old,
			      struct jw_arena *arena, struct jw_str *ret_token,
			      struct jw_err *err)
{
	switch ((enum jw_renew_from)target->renew->from) {
	case JW_RENEW_MINT:
		return from_mint(renewing, target, old, arena, ret_token, err);
	case JW_RENEW_ENDPOINT:
		return from_endpoint(renewing, target, arena, ret_token, err);
	case JW_RENEW_COMMAND:
		return from_command(renewing, target, arena, ret_token, err);
	case JW_RENEW_RUN:
		break;
	}
	return jw_fail(err, JW_INTERNAL, "a program that changes the page gives no token");
}
