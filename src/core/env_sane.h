/* SPDX-License-Identifier: MIT */
/* What is wrong with the variables by which programs find a LiveKit server. Pure. */
#pragma once

#include "base/cause.h"
#include "base/str.h"
#include "verdict/cause.h"

enum jw_env_name { JW_ENV_URL, JW_ENV_KEY, JW_ENV_SECRET, JW_ENV_COUNT };
/* "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET". */
extern const char *const jw_env_names[JW_ENV_COUNT];

/* Texts are constants that quote nothing of a value. */
struct jw_env_fault {
	enum jw_cause cause;
	enum jw_state state; /* WARNING: it works, and shouldn't be left so */
	const char *says;    /* a sentence whose subject is the variable */
	const char *remedy;
};

/* Of one variable by itself; NULL: it is fine. */
const struct jw_env_fault *jw_env_fault(enum jw_env_name name, struct jw_str value);
/* Of variables that are fine by themselves, as they stand beside each other; the subject is the key pair. `url` is the
 * server that they are for; empty: none is known. */
const struct jw_env_fault *jw_env_pair_fault(struct jw_str url, struct jw_str key,
					     struct jw_str secret);
/* Whether a key may be shown: it has the form of one, and beside this secret (empty: none is known) doesn't look as if the
 * secret had been put into its place. */
bool jw_env_key_is_shown(struct jw_str key, struct jw_str secret);
