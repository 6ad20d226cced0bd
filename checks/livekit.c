/* SPDX-License-Identifier: MIT */
/* A LiveKit server: is it there, is it LiveKit, and is it ready. */
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
	.steps = steps,
};
