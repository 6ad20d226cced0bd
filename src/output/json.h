/* SPDX-License-Identifier: MIT */
/* Pieces of JSON that the report and `inspect` have in common. */
#pragma once

#include <jansson.h>

#include "core/runner.h"

/* The text made fit to be shown and free of tokens; NULL: the key stays absent. */
void jw_json_set_text(json_t *object, const char *key, const char *text);
void jw_json_set_number(json_t *object, const char *key, int64_t number);
void jw_json_set_verdict(json_t *object, enum jw_state state, enum jw_cause cause);
/* Each with cause, state, message and at. The caller owns it. */
json_t *jw_json_findings(const struct jw_verdict *verdict);

/* "http", "livekit" of a target and "livekit" of a token: what was asked over the network; absent where nothing was. */
void jw_json_set_http(json_t *target, const struct jw_result *result);
void jw_json_set_livekit(json_t *target, const struct jw_result *result);
void jw_json_set_acceptance(json_t *object, const struct jw_token *token);
