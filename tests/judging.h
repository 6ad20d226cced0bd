/* SPDX-License-Identifier: MIT */
/* Facts made by hand for the tests of the judge. */
#pragma once

#include <string.h>

#include <jansson.h>

#include "verdict/judge.h"

/* 2026-01-02T03:04:05Z. */
#define NOW INT64_C(1767323045)

static inline struct jw_time_claim judging_time(const json_t *payload, const char *name)
{
	const json_t *value = json_object_get(payload, name);

	if (!value)
		return (struct jw_time_claim){.is = JW_CLAIM_ABSENT};
	if (!json_is_integer(value))
		return (struct jw_time_claim){JW_CLAIM_INVALID, 0, "is text, not a number"};
	return (struct jw_time_claim){JW_CLAIM_VALID, json_integer_value(value), NULL};
}

/* A decoded token whose payload is this JSON text (with ' for "); the caller frees by judging_done. */
static inline struct jw_token judging_token(const char *text)
{
	struct jw_token token = {
		.path = "/srv/page.html",
		.line = 13,
		.has_claims = true,
		.jwt = {.alg = "HS256"},
	};
	char json[4096];
	json_t *payload;

	for (size_t i = 0; i <= strlen(text); i++)
		json[i] = (char)(text[i] == '\'' ? '"' : text[i]);
	payload = json_loads(json, 0, NULL);
	if (!payload)
		abort();
	token.jwt.payload = payload;
	token.jwt.iss = json_string_value(json_object_get(payload, "iss"));
	token.jwt.sub = json_string_value(json_object_get(payload, "sub"));
	token.jwt.jti = json_string_value(json_object_get(payload, "jti"));
	token.jwt.exp = judging_time(payload, "exp");
	token.jwt.nbf = judging_time(payload, "nbf");
	token.jwt.iat = judging_time(payload, "iat");
	token.is_livekit = json_object_get(payload, "video") != NULL;
	return token;
}

static inline void judging_done(struct jw_token *token)
{
	json_decref(token->jwt.payload);
}

static inline struct jw_threshold judging_threshold(const char *text)
{
	struct jw_threshold threshold = {0};

	if (text && jw_threshold_parse(jw_str_of(text), &threshold, NULL))
		abort();
	return threshold;
}
