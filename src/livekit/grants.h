/* SPDX-License-Identifier: MIT */
/* What LiveKit reads in a token: the grants, the room, the identity. */
#pragma once

#include "base/buf.h"
#include "token/jwt.h"

/* True where a "video", "sip", "agent" or "inference" claim makes it a LiveKit token. */
bool jw_grants_is_livekit(const struct jw_jwt *jwt);
/* video.room; NULL where absent. Borrowed from the token, as all here. */
const char *jw_grants_room(const struct jw_jwt *jwt);
/* Whether there is a "video" claim, without which nobody joins. */
bool jw_grants_has_video(const struct jw_jwt *jwt);
/* video.roomName, which LiveKit doesn't read: a frequent slip for room. NULL where absent. */
const char *jw_grants_room_name(const struct jw_jwt *jwt);
/* "sub", else "jti" (where sub is absent or empty), as LiveKit's verifier has it; NULL where both are absent. */
const char *jw_grants_identity(const struct jw_jwt *jwt);

/* The grants in force that are written in the token, by name ("roomJoin", "roomAdmin", "sip.call", "agent.admin", ...): those that
 * are true, or a non-empty text, list or object, other than room. Calls back for each in LiveKit's order,
 * then for names in "video" that aren't LiveKit's in the token's order. "roomConfig.egress" counts as one:
 * it may carry credentials. */
void jw_grants_each(const struct jw_jwt *jwt, void (*each)(void *context, const char *grant),
		    void *context);
/* Whether a grant is in force, written or not: canPublish, canSubscribe and canPublishData are where roomJoin is
 * and nothing else is said. LiveKit reads names without regard to case, and so does this. */
bool jw_grants_has(const struct jw_jwt *jwt, const char *grant);
/* Why LiveKit can't read the token, a sentence: a claim of another type than it takes. NULL: it can. */
const char *jw_grants_misread(const struct jw_jwt *jwt);
/* What a finder of the token can do with this grant, or NULL where it is harmless in a public page. */
const char *jw_grants_danger(const char *grant);
/* The names of LiveKit's grants, NULL-ended, for range checks and help. */
extern const char *const jw_grants_names[];
/* Of these, the ones that no token in a public page should carry. */
extern const char *const jw_grants_denied[];
/* Those that are true or false. */
extern const char *const jw_grants_switches[];
/* Whether roomConfig.egress holds what opens a storage bucket or a stream, readable for whoever has the token; then its
 * place is appended: "roomConfig.egress.room.fileOutputs[0].s3.secret". Never the value. */
bool jw_grants_credential(const struct jw_jwt *jwt, struct jw_buf *ret_path);
