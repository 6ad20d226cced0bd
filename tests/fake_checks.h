/* SPDX-License-Identifier: MIT */
/* Checks for the tests of the configuration, with an option of each type. */
#pragma once

#include "core/config.h"

struct fake {
	const char *text;
	const char *path;
	const char *pattern;
	int choice;
	bool flag;
	int64_t seconds;
	int64_t millis;
	int64_t bytes;
	int64_t tally;
	struct jw_threshold threshold;
	const char *const *texts;
	const char *const *colours;
	const struct jw_pair *pairs;
	const uint8_t *states;
	const struct jw_secret *secret;
	const struct jw_secret *content;
	const struct jw_header *headers;
	const struct jw_header *variables;
	const char *const *command;
	const char *url;
	bool prepared;
};

static const char *const fake_choices[] = {"all", "first", "last", NULL};
static const char *const fake_colours[] = {"red", "green", NULL};

static const char *const fake_urls[] = {"http://", "https://", "nowhere", NULL};

static const struct jw_option fake_options[] = {
	{JW_OPT(struct fake, path), .type = JW_T_PATH, .required = true, .help = "the page"},
	{JW_OPT(struct fake, text), .type = JW_T_TEXT},
	{JW_OPT(struct fake, pattern), .type = JW_T_PATTERN},
	{JW_OPT(struct fake, choice), .type = JW_T_CHOICE, .choices = fake_choices,
	 .fallback = "first"},
	{JW_OPT(struct fake, flag), .type = JW_T_BOOL},
	{JW_OPT(struct fake, seconds), .type = JW_T_SECONDS, .min = 1, .max = 86400},
	{JW_OPT(struct fake, millis), .type = JW_T_MILLIS, .min = 1, .max = 300000,
	 .fallback = "10s"},
	{JW_OPT(struct fake, bytes), .type = JW_T_BYTES, .min = 1, .max = 1 << 30,
	 .fallback = "16MiB"},
	{JW_OPT(struct fake, tally), .type = JW_T_COUNT, .min = 1, .max = 10},
	{JW_OPT(struct fake, threshold), .type = JW_T_THRESHOLD},
	{JW_OPT(struct fake, texts), .type = JW_T_TEXTS},
	{JW_OPT(struct fake, colours), .type = JW_T_TEXTS, .choices = fake_colours},
	{JW_OPT(struct fake, pairs), .type = JW_T_LABELS},
	{JW_OPT(struct fake, states), .type = JW_T_SEVERITY},
	{JW_OPT(struct fake, secret), .type = JW_T_SECRET},
	{JW_OPT(struct fake, content), .type = JW_T_CONTENT},
	{JW_OPT(struct fake, headers), .type = JW_T_HEADERS},
	{JW_OPT(struct fake, variables), .type = JW_T_VARIABLES},
	{JW_OPT(struct fake, command), .type = JW_T_COMMAND},
	{JW_OPT(struct fake, url), .type = JW_T_URL, .choices = fake_urls},
	{0},
};

/* Refuses one path, so that a test can see what becomes of the sentence. */
static enum jw_cause fake_prepare(void *config, struct jw_arena *arena, struct jw_err *err)
{
	struct fake *fake = config;

	(void)arena;
	if (jw_str_is(jw_str_of(fake->path), "/refused"))
		return jw_fail(err, JW_CONFIG, "max_size: doesn't go with that path");
	if (jw_str_is(jw_str_of(fake->path), "/refused/path"))
		return jw_fail(err, JW_CONFIG, "path: is refused");
	fake->prepared = true;
	return JW_OK;
}

static const struct jw_check fake_check = {
	.name = "fake_file",
	.summary = "a check for tests",
	.options = fake_options,
	.config_size = sizeof(struct fake),
	.prepare = fake_prepare,
};

const struct jw_check *const jw_checks[] = {&fake_check, NULL};

const struct jw_check *jw_check_by_name(struct jw_str name)
{
	return jw_str_is(name, fake_check.name) ? &fake_check : NULL;
}
