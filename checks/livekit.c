/* SPDX-License-Identifier: MIT */
/* A LiveKit server: is it there, is it LiveKit, and is it ready. */
#include "base/url.h"
#include "contract/check.h"

struct config {
	const char *url;
};

static const char *const schemes[] = {"ws://", "wss://", "http://", "https://", NULL};

static const struct jw_option options[] = {
	{JW_OPT(struct config, url), .type = JW_T_URL, .choices = schemes, .required = true,
	 .value = "URL",
	 .help = "the server as pages name it: ws://localhost:7880, wss://voice.example.org"},
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
	return JW_OK;
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
	return JW_NEXT;
}

static enum jw_next (*const steps[])(struct jw_run *run) = {ask, take, NULL};

const struct jw_check jw_check_livekit = {
	.name = "livekit",
	.summary = "a LiveKit server: reachable, LiveKit, and ready",
	.kind = JW_CHECK_SERVER,
	.options = options,
	.config_size = sizeof(struct config),
	.prepare = prepare,
	.steps = steps,
};
