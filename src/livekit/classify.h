/* SPDX-License-Identifier: MIT */
/* What a LiveKit server's answer means. Pure; the texts are those of livekit-server 1.5 to 1.13 and its main branch. */
#pragma once

#include "base/str.h"

/* Why a server refuses a token, by name in classify.c's table: "expired", "no_room_join" ... */
enum jw_refusal {
	JW_REFUSAL_NONE = 0,
	JW_REFUSAL_EXPIRED,
	JW_REFUSAL_NOT_YET_VALID, /* nbf, or iat ahead (1.5 to 1.12) */
	JW_REFUSAL_NO_EXPIRY,	  /* exp is required (main branch) */
	JW_REFUSAL_SIGNATURE,	  /* wrong secret, or not HS256 */
	JW_REFUSAL_UNKNOWN_API_KEY,
	JW_REFUSAL_MALFORMED,		   /* "invalid authorization token" and nothing more */
	JW_REFUSAL_NO_ROOM_JOIN,	   /* "permissions denied" */
	JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST, /* "no permissions to access the room", header not Bearer */
	JW_REFUSAL_NO_IDENTITY,
	JW_REFUSAL_NO_ROOM,
	JW_REFUSAL_TOO_LONG, /* identity or room name */
	JW_REFUSAL_ROOM_NOT_FOUND,
	JW_REFUSAL_NODE_FULL,
	JW_REFUSAL_SERVER_ERROR, /* 500 with a text of its own */
	JW_REFUSAL_OTHER,	 /* 401 or 403 in plain text that says something else */
	JW_REFUSAL_COUNT
};

struct jw_refusal_row {
	const char *name;
	const char *
		says; /* what the server means, a sentence fragment behind "LiveKit refuses it: " */
	const char *remedy; /* one sentence without a full stop */
	const char *
		browser; /* what livekit-client shows behind "could not establish signal connection: ", or NULL */
};

/* Never NULL for 1 to JW_REFUSAL_COUNT - 1. */
const struct jw_refusal_row *jw_refusal_row(enum jw_refusal refusal);

enum jw_answer {
	JW_ANSWER_ACCEPTED,  /* 200 and exactly "success" */
	JW_ANSWER_REFUSED,   /* by LiveKit; the refusal says why */
	JW_ANSWER_READY,     /* GET /: 200 and "OK" */
	JW_ANSWER_NOT_READY, /* GET /: 406 */
	JW_ANSWER_NOT_LIVEKIT, /* something else answers there; *ret_says tells what it looks like */
};

struct jw_answer_seen {
	long status;
	struct jw_str content_type; /* empty: none */
	struct jw_str body;
	struct jw_str url;	/* that was asked, http or https; empty: unknown */
	struct jw_str location; /* the header's value, where there is one */
};

/* Of GET <url>/rtc/validate with a token. *ret_says: what another server's answer looks like ("answers with a web page
 * (status 200)", "a proxy answers 502"), a constant or NULL; nothing of the body is ever in it. */
enum jw_answer jw_classify_validate(const struct jw_answer_seen *seen,
				    enum jw_refusal *ret_refusal, const char **ret_says);
/* Of POST <url>/twirp/livekit.RoomService/ListRooms with a token that may do so: ACCEPTED (what it lists isn't looked at),
 * REFUSED or NOT_LIVEKIT. NO_GRANT_OR_TOKEN_LOST then means that it got lost. */
enum jw_answer jw_classify_rooms(const struct jw_answer_seen *seen,
				 enum jw_refusal *ret_refusal, const char **ret_says);
/* Of GET <url>/rtc with such a token and an upgrade to WebSocket, where the answer isn't 101: REFUSED or NOT_LIVEKIT. *ret_says
 * of REFUSED: what the server means, where it is more than the refusal's row says; else NULL. */
enum jw_answer jw_classify_join(const struct jw_answer_seen *seen, enum jw_refusal *ret_refusal,
				const char **ret_says);
/* Of GET <url>/ without a token: READY, NOT_READY or NOT_LIVEKIT. */
enum jw_answer jw_classify_health(const struct jw_answer_seen *seen, const char **ret_says);
