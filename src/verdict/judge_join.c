/* SPDX-License-Identifier: MIT */
/* Why nobody can join a room by a LiveKit server, though it is ready and takes the key pair. */
#include "verdict/judge_parts.h"

/* Of a token that was made a moment ago, for a room that nobody has, with a key pair that the server took. */
static const struct words {
	enum jw_refusal refusal;
	const char *says; /* NULL: as the refusal's row says it */
	const char *remedy;
} words[] = {
	{JW_REFUSAL_ROOM_NOT_FOUND,
	 "this server makes no rooms by itself, so a join of a room that nobody made can't "
	 "be tried",
	 "leave join out for this server, or set auto_create: true under room: in its "
	 "configuration"},
	{JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST,
	 "the token that was sent didn't reach the server: a proxy before it takes the "
	 "Authorization header away from WebSocket requests",
	 "let the proxy before the server pass the Authorization header on for /rtc too"},
	{JW_REFUSAL_SERVER_ERROR, "the server met an error of its own when it was asked",
	 "read the LiveKit server's log of this moment; nobody can connect while this lasts"},
	{JW_REFUSAL_OTHER, NULL,
	 "read the LiveKit server's log of this moment; nobody can connect while this lasts"},
};

static void refused(struct jw_judging *judging, const struct jw_join *join)
{
	const struct jw_refusal_row *row = jw_refusal_row(join->refusal);
	const char *says = row->says;
	const char *remedy = row->remedy;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (words[i].refusal != join->refusal)
			continue;
		says = words[i].says ? words[i].says : says;
		remedy = words[i].remedy;
	}
	jw_judge_say_at(judging, judging->facts->livekit->url,
			jw_arena_printf(judging->arena,
					"LiveKit refuses a join of a room of jwtwatch's own "
					"(%s): %s",
					row->name, join->says ? join->says : says));
	judging->findings[judging->count - 1].remedy = remedy;
}

static const char *remedy_of(enum jw_cause cause)
{
	switch (cause) {
	case JW_NOT_LIVEKIT:
	case JW_LIVEKIT_UNREACHABLE:
	case JW_TIMEOUT:
		return "see that the proxy before the server passes WebSocket on for /rtc "
		       "(Upgrade "
		       "and Connection headers, HTTP/1.1, no short timeouts), and read the "
		       "LiveKit server's log of this moment";
	default:
		return NULL;
	}
}

void jw_judge_join(struct jw_judging *judging, const struct jw_join *join)
{
	if (!join->cause || !jw_judge_add(judging, join->cause))
		return;
	judging->findings[judging->count - 1].at = JW_AT_LIVEKIT;
	if (join->cause == JW_LIVEKIT_REFUSED) {
		refused(judging, join);
		return;
	}
	jw_judge_say_at(judging, judging->facts->livekit->url,
			jw_arena_printf(judging->arena,
					"asked to join a room of jwtwatch's own (GET /rtc): %s",
					join->says ? join->says : "gives no usable answer"));
	if (remedy_of(join->cause))
		judging->findings[judging->count - 1].remedy = remedy_of(join->cause);
}
