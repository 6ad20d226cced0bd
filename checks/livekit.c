/* SPDX-License-Identifier: MIT */
/* A LiveKit server: is it there, is it LiveKit, is it ready, and does it take the key pair. */
#include "base/url.h"
#include "checks/cors.h"

struct config {
	const char *url;
	const char *const *key;
	const char *issuer;
	const char *origin;
	bool join;
};

struct state {
	size_t key; /* the one that is asked about */
};

static const char *const schemes[] = {"ws://", "wss://", "http://", "https://", NULL};
static const char *const page_schemes[] = {"http://", "https://", NULL};

static const struct jw_option options[] = {
	{JW_OPT(struct config, url), .type = JW_T_URL, .choices = schemes, .required = true,
	 .value = "URL",
	 .help = "the server as pages name it: ws://localhost:7880, wss://voice.example.org"},
	{JW_OPT(struct config, key), .type = JW_T_TEXTS, .value = "NAME",
	 .help = "keys whose API key (issuer) and secret the server must accept: it is asked "
		 "to "
		 "list rooms with a token of two minutes that is made for that; left out: "
		 "none is sent"},
	{JW_OPT(struct config, issuer), .type = JW_T_TEXT, .value = "TEXT",
	 .help = "the API key of a key that names no issuer, such as that of --key-file"},
	{JW_OPT(struct config, origin), .type = JW_T_URL, .choices = page_schemes,
	 .value = "ORIGIN",
	 .help = "the page that connects to it (https://voice.example.org): a browser must be "
		 "able to use url there"},
	{JW_OPT(struct config, join), .type = JW_T_BOOL,
	 .help = "join a room as well, by WebSocket up to the server's first message, and "
		 "leave: "
		 "a new room of its own, hidden, with a token made by the first key that the "
		 "server took. It costs what a join does: the room is there for 20 seconds, "
		 "webhooks are called, agents may be sent"},
	{0},
};

static enum jw_cause prepare(void *memory, struct jw_arena *arena, struct jw_err *err)
{
	const struct config *config = memory;
	struct jw_url url;

	(void)arena;
	if (!jw_url_parse(jw_str_of(config->url), &url) && url.query.ptr)
		return jw_fail(err, JW_CONFIG,
			       "url: has a ? in it, which no client of LiveKit sends on");
	if (config->issuer && !config->key)
		return jw_fail(err, JW_CONFIG, "issuer: is for a key, and there is none");
	if (config->join && !config->key)
		return jw_fail(err, JW_CONFIG,
			       "join: needs key, by which the token for it is made");
	return jw_cors_check(config->origin, err);
}

static enum jw_next ask(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);

	return jw_run_ask_ready(run, config->url);
}

static enum jw_next take(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);

	jw_run_take_ready(run, config->url);
	if (config->origin) {
		jw_run_used_by(run, config->origin, JW_USED_BY_TOLD);
		jw_run_given_server(run, config->url);
	}
	return config->key && jw_run_is_ready(run) ? JW_NEXT : JW_DONE;
}

static enum jw_next ask_key(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	const struct state *state = jw_run_state(run);

	return jw_run_ask_key(run, config->url, config->key[state->key], config->issuer);
}

static enum jw_next take_key(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);

	jw_run_take_key(run);
	return config->key[++state->key] ? JW_REPEAT : JW_NEXT;
}

static enum jw_next ask_join(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);

	return config->join ? jw_run_ask_join(run, config->url, config->issuer) : JW_DONE;
}

static enum jw_next take_join(struct jw_run *run)
{
	jw_run_take_join(run);
	return JW_NEXT;
}

static enum jw_next (*const steps[])(struct jw_run *run) = {
	ask, take, ask_key, take_key, ask_join, take_join, NULL};

const struct jw_check jw_check_livekit = {
	.name = "livekit",
	.summary =
		"a LiveKit server: reachable, LiveKit, and ready; and that it takes a key pair",
	.kind = JW_CHECK_SERVER,
	.options = options,
	.config_size = sizeof(struct config),
	.state_size = sizeof(struct state),
	.prepare = prepare,
	.steps = steps,
};
