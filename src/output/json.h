/* SPDX-License-Identifier: MIT */
/* Pieces of JSON that the report and `inspect` have in common. */
#pragma once

#include <jansson.h>

#include "verdict/judge.h"

/* The text made fit to be shown and free of tokens; NULL: the key stays absent. */
void jw_json_set_text(json_t *object, const char *key, const char *text);
void jw_json_set_verdict(json_t *object, enum jw_state state, enum jw_cause cause);
/* Each with cause, state, message and at. The caller owns it. */
json_t *jw_json_findings(const struct jw_verdict *verdict);
