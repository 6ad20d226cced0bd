/* SPDX-License-Identifier: MIT */
/* What a value of an option's type looks like in a JSON Schema. */
#pragma once

#include <jansson.h>

#include "contract/option.h"

/* Without its help. The caller owns it. */
json_t *jw_schema_value(const struct jw_option *option);
/* The definitions that values refer to, by name: texts, secrets, severities. The caller owns it. */
json_t *jw_schema_definitions(void);
