/* SPDX-License-Identifier: MIT */
/* Whose an API key may be, by how it and the server's address are written. */
#pragma once

#include "base/mem.h"
#include "base/str.h"

/* Of a key that the server at `url` doesn't know: whose it may be, a sentence fragment and a constant. NULL: nothing can
 * be said. `key` may be NULL; the URL is one of LiveKit's, masked or not. */
const char *jw_livekit_whose_key(const char *key, struct jw_str url);
/* The host is this machine, or of a network that the Internet doesn't reach: localhost, a private address, a name without
 * a dot or under .local, .internal, .lan or .home.arpa. */
bool jw_livekit_is_local(struct jw_str host);
/* Whether a key may be shown: it has the form of one. What is longer, and no URL as other issuers are, may be a secret that
 * was put into the wrong place. */
bool jw_livekit_key_is_shown(struct jw_str key);
/* The key where it may be shown, else its length ("of 40 characters"). NULL stays NULL. */
const char *jw_livekit_shown_key(const char *key, struct jw_arena *arena);
