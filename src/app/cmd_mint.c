/* SPDX-License-Identifier: MIT */
/* mint: a LiveKit token from a key. The one command whose purpose is to print a token. */
#include <stddef.h>
#include <string.h>

#include "adapter/adapter.h"
#include "app/app.h"
#include "base/log.h"
#include "base/when.h"
#include "core/mint.h"
#include "core/value.h"
#include "livekit/grants.h"
#include "output/mint.h"

#define OUTPUT_MAX ((size_t)1 << 20)
#define VALUE_MAX ((size_t)1 << 20)
#define YEARS_10 (INT64_C(3650) * 86400)

struct settings {
	const char *key;
	const char *env_file;
	const char *room;
	const char *identity;
	int64_t ttl; /* s */
	const char *name;
	const char *metadata;
	const struct jw_pair *attribute;
	const char *const *grant;
	const char *const *deny;
	const char *const *publish_source;
	const char *destination_room;
	const char *const *agent;
	bool token_only;
};

const struct jw_option jw_mint_options[] = {
	{JW_OPT(struct settings, key), .type = JW_T_TEXT, .value = "NAME",
	 .help = "the key of the configuration that signs it; left out: LIVEKIT_API_KEY and "
		 "LIVEKIT_API_SECRET from the environment, else from .env.local or .env in "
		 "the current folder"},
	{JW_OPT(struct settings, env_file), .type = JW_T_PATH, .value = "PATH",
	 .help = "the file that LIVEKIT_API_KEY and LIVEKIT_API_SECRET stand in"},
	{JW_OPT(struct settings, room), .type = JW_T_TEXT, .fallback = "test-room",
	 .value = "TEXT", .help = "the room that it is good for"},
	{JW_OPT(struct settings, identity), .type = JW_T_TEXT, .fallback = "user1",
	 .value = "TEXT",
	 .help = "who joins with it: of two with one identity, LiveKit sends "
		 "the first away"},
	{JW_OPT(struct settings, ttl), .type = JW_T_SECONDS, .fallback = "24h", .min = 1,
	 .max = YEARS_10, .value = "DURATION", .help = "how long it is good"},
	{JW_OPT(struct settings, name), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "the participant's name, for people"},
	{JW_OPT(struct settings, metadata), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "the participant's metadata"},
	{JW_OPT(struct settings, attribute), .type = JW_T_PAIRS, .value = "NAME=TEXT",
	 .help = "an attribute of the participant, once for each"},
	{JW_OPT(struct settings, grant), .type = JW_T_TEXTS, .choices = jw_grants_switches,
	 .value = "GRANT", .help = "what it allows, once for each (roomJoin)"},
	{JW_OPT(struct settings, deny), .type = JW_T_TEXTS, .choices = jw_grants_switches,
	 .value = "GRANT",
	 .help = "what it forbids, once for each, such as canPublish: a join allows it where "
		 "nothing is said"},
	{JW_OPT(struct settings, publish_source), .type = JW_T_TEXTS,
	 .choices = jw_mint_sources, .value = "SOURCE",
	 .help = "what alone may be published, once for each: camera, microphone, "
		 "screen_share or screen_share_audio"},
	{JW_OPT(struct settings, destination_room), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "the room that participants may be forwarded to"},
	{JW_OPT(struct settings, agent), .type = JW_T_TEXTS, .value = "NAME",
	 .help = "an agent that joins the room when it is made, once for each"},
	{JW_OPT(struct settings, token_only), .type = JW_T_BOOL, .value = "BOOL",
	 .help = "print the token and nothing else"},
	{0},
};

struct session {
	const struct jw_args *args;
	struct settings settings;
	struct jw_moment moment;
	struct jw_outside outside;
	struct jw_world world;
	struct jw_arena arena;
	struct jw_config *config; /* NULL: the key is none of a configuration's */
	const char *url;	  /* of the server, where the key stands beside it; NULL */
	struct jw_key_entry entry;
	struct jw_buf token;
	struct jw_minted minted;
};

/* A variable of the environment, or of a file where there is one; NULL: it isn't set. */
static const char *variable(struct session *session, const char *file, const char *name)
{
	const struct jw_secret place = {
		.kind = file ? JW_SECRET_ENV_FILE : JW_SECRET_ENV,
		.value = file ? file : name,
		.name = name,
	};
	jw_autobuf struct jw_buf value = JW_BUF(VALUE_MAX);

	if (jw_secret_read(&place, session->world.files, &value, NULL))
		return NULL;
	return jw_arena_text(&session->arena, jw_buf_get(&value));
}

/* Takes the pair from there. Half of a pair there isn't made whole from elsewhere: pairs that are mixed up are what
 * LiveKit calls an invalid API key. */
static bool take_pair(struct session *session, const char *file, struct jw_err *err)
{
	const char *key = variable(session, file, "LIVEKIT_API_KEY");
	const char *secret = variable(session, file, "LIVEKIT_API_SECRET");
	struct jw_secret *place;

	if (!key && !secret)
		return false;
	if (!key || !secret) {
		jw_fail(err, JW_SECRET_MISSING, "%s has %s, but no %s",
			file ? file : "the environment",
			key ? "LIVEKIT_API_KEY" : "LIVEKIT_API_SECRET",
			key ? "LIVEKIT_API_SECRET" : "LIVEKIT_API_KEY");
		return false;
	}
	place = jw_arena_alloc(&session->arena, sizeof(*place));
	*place = (struct jw_secret){.kind = JW_SECRET_PLAIN, .value = secret};
	session->entry = (struct jw_key_entry){.name = key, .issuer = key, .secret = place};
	session->url = variable(session, file, "LIVEKIT_URL");
	return true;
}

static enum jw_cause find_pair(struct session *session, struct jw_err *err)
{
	static const char *const files[] = {NULL, ".env.local", ".env"};
	const char *given = session->settings.env_file;

	err->cause = JW_OK;
	if (given) {
		jw_autobuf struct jw_buf text = JW_BUF(VALUE_MAX);

		if (session->world.files->slurp(NULL, given, &text, NULL, err)) {
			jw_err_in(err, "%s", given);
			return err->cause;
		}
		if (take_pair(session, given, err) || err->cause)
			return err->cause;
		return jw_fail(err, JW_SECRET_MISSING,
			       "%s has no LIVEKIT_API_KEY and no LIVEKIT_API_SECRET", given);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (take_pair(session, files[i], err) || err->cause)
			return err->cause;
	return jw_fail(err, JW_SECRET_MISSING,
		       "there is no key to sign with: name one of the configuration (--key "
		       "NAME), or set LIVEKIT_API_KEY and LIVEKIT_API_SECRET, in the "
		       "environment or in .env");
}

/* -f without --key means the only one that there is. */
static enum jw_cause find_entry(struct session *session, struct jw_err *err)
{
	const char *name = session->settings.key;
	const struct jw_key_entry *entry;

	if (!name && session->config->key_count != 1)
		return jw_fail(err, JW_CONFIG,
			       "the configuration has %zu keys: say which one, --key NAME",
			       session->config->key_count);
	if (!name)
		name = session->config->keys[0].name;
	if (jw_mint_entry(session->config, name, &entry, err)) {
		jw_err_in(err, "key %s", name);
		return err->cause;
	}
	session->entry = *entry;
	return JW_OK;
}

static const struct jw_mint_attribute *attributes_of(struct session *session)
{
	const struct jw_pair *pairs = session->settings.attribute;
	struct jw_mint_attribute *attributes;
	size_t count = 0;

	while (pairs && pairs[count].name)
		count++;
	if (!count)
		return NULL;
	attributes = jw_arena_array(&session->arena, count + 1, sizeof(*attributes));
	for (size_t i = 0; i < count; i++)
		attributes[i] = (struct jw_mint_attribute){pairs[i].name, pairs[i].value};
	return attributes;
}

static const char *unless_empty(const char *text)
{
	return text && *text ? text : NULL;
}

/* What is asked for can't be a token that anybody takes. */
static enum jw_cause check(const struct jw_mint *mint, struct jw_err *err)
{
	for (const char *const *grant = mint->grants; *grant; grant++) {
		for (const char *const *denied = mint->denied; denied && *denied; denied++)
			if (!strcmp(*grant, *denied))
				return jw_fail(err, JW_CONFIG,
					       "%s is granted and denied at once", *grant);
		if (!strcmp(*grant, "roomJoin") && !mint->identity)
			return jw_fail(err, JW_CONFIG,
				       "roomJoin needs an identity: --identity TEXT");
	}
	return JW_OK;
}

static enum jw_cause mint(struct session *session, struct jw_err *err)
{
	static const char *const join[] = {"roomJoin", NULL};
	const struct settings *settings = &session->settings;
	int64_t now = session->moment.clock.wall(session->moment.clock.self);
	struct jw_key key;
	const struct jw_mint mint = {
		.identity = unless_empty(settings->identity),
		.room = unless_empty(settings->room),
		.nbf = now,
		.exp = now + settings->ttl,
		.grants = settings->grant ? settings->grant : join,
		.denied = settings->deny,
		.name = unless_empty(settings->name),
		.metadata = unless_empty(settings->metadata),
		.attributes = attributes_of(session),
		.destination_room = unless_empty(settings->destination_room),
		.publish_sources = settings->publish_source,
		.agents = settings->agent,
	};
	struct jw_mint with_issuer = mint;

	if (check(&mint, err))
		return err->cause;
	if (jw_mint_key(&session->entry, session->world.files, NULL, &session->arena, &key,
			err)) {
		jw_err_in(err, "key %s", session->entry.name);
		return err->cause;
	}
	if (key.bytes.len < JW_MINT_SECRET_MIN)
		jw_log(JW_LOG_WARNING,
		       "key %s: its secret has %zu bytes, and %d at least can't be guessed: "
		       "everybody who guesses it makes tokens",
		       session->entry.name, key.bytes.len, JW_MINT_SECRET_MIN);
	with_issuer.issuer = key.issuer;
	return jw_mint_token(&session->world, &key, &with_issuer, &session->token, err);
}

static void warn_of(void *context, const char *grant)
{
	const char *danger = jw_grants_danger(grant);

	(void)context;
	if (danger)
		jw_log(JW_LOG_WARNING, "%s: whoever has the token %s", grant, danger);
}

/* As its readers will see it. */
static void look(struct session *session)
{
	struct jw_minted *minted = &session->minted;

	jw_runner_token(&session->world, jw_buf_get(&session->token), "", 0,
			JW_WANT_FINGERPRINTS, &session->arena, &minted->token);
	minted->url = session->url;
	jw_grants_each(&minted->token.jwt, warn_of, NULL);
}

static int write_out(struct session *session)
{
	const char *format = session->args->values[JW_FLAG_FORMAT];
	jw_autobuf struct jw_buf out = JW_BUF(OUTPUT_MAX);

	if (session->settings.token_only) {
		jw_buf_str(&out, jw_buf_get(&session->token));
		jw_buf_char(&out, '\n');
	} else if (format && !strcmp(format, "json")) {
		jw_minted_json(&session->minted, &out);
	} else {
		jw_minted_text(&session->minted, &out);
	}
	return jw_write_out(&out, 0);
}

static int run(struct session *session)
{
	struct jw_err err;

	if (session->config ? find_entry(session, &err) : find_pair(session, &err))
		return jw_usage_error(session->args, "%s", err.text);
	if (jw_mint_check_ttl(&session->entry, session->settings.ttl, &err)) {
		jw_log(JW_LOG_ERROR, "--ttl: %s", err.text);
		return JW_EXIT_REFUSED;
	}
	if (mint(session, &err))
		return jw_usage_error(session->args, "%s", err.text);
	look(session);
	return write_out(session);
}

static enum jw_cause prepare(struct session *session, struct jw_err *err)
{
	const char *format = session->args->values[JW_FLAG_FORMAT];

	if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
		return jw_fail(err, JW_CONFIG, "-o takes text or json here");
	if (jw_args_settings(session->args, &session->arena, &session->settings, err))
		return JW_CONFIG;
	if (session->settings.key && session->settings.env_file)
		return jw_fail(err, JW_CONFIG,
			       "--key and --env-file each say where the key is: write one of "
			       "them");
	return jw_moment_init(&session->moment, NULL, err);
}

/* Only where a key of it is meant: a pair in the environment is enough. */
static bool wants_config(const struct session *session)
{
	return session->settings.key ||
	       (session->args->values[JW_FLAG_CONFIG] && !session->settings.env_file);
}

int jw_cmd_mint(const struct jw_args *args)
{
	struct session session = {.args = args, .token = JW_BUF(JW_MINT_MAX)};
	struct jw_errors errors = {0};
	struct jw_err err;
	int code = JW_EXIT_UNKNOWN;

	if (prepare(&session, &err)) {
		code = jw_usage_error(args, "%s", err.text);
	} else if (wants_config(&session) &&
		   jw_app_config(args, INT64_MAX, &errors, &session.config)) {
		jw_app_say_errors(&errors);
	} else {
		session.world = jw_app_world(&session.moment, &session.outside);
		code = run(&session);
		if (session.minted.token.has_claims)
			jw_jwt_done(&session.minted.token.jwt);
		jw_outside_done(&session.outside);
	}
	jw_buf_done(&errors.text);
	jw_buf_done(&session.token);
	jw_config_free(session.config);
	jw_arena_done(&session.arena);
	return code;
}
