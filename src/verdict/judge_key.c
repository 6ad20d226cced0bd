/* SPDX-License-Identifier: MIT */
/* What a LiveKit server says of a key pair. */
#include "verdict/judge_parts.h"

#include "base/when.h"
#include "livekit/keys.h"
#include "livekit/url.h"

/* Of a token that was made a moment ago by our clock, with the grant that the question needs. */
static const struct words {
	enum jw_refusal refusal;
	const char *says;
	const char *remedy;
} words[] = {
	{JW_REFUSAL_SIGNATURE,
	 "the server knows the API key, but with another secret: the secret was changed on one "
	 "side",
	 "compare the secret of this key here (and LIVEKIT_API_SECRET, wherever tokens are "
	 "made) "
	 "with the one behind the same API key under keys: in the server's configuration"},
	{JW_REFUSAL_UNKNOWN_API_KEY, "the server has no such API key",
	 "name an API key that stands under keys: in the server's configuration "
	 "(LIVEKIT_API_KEY, "
	 "wherever tokens are made), or the server that this key belongs to"},
	{JW_REFUSAL_EXPIRED, "a token that was made just now has ended by the server's clock",
	 "set the clocks of the server and of this machine right (timedatectl shows whether "
	 "they "
	 "are synchronized)"},
	{JW_REFUSAL_NOT_YET_VALID,
	 "a token that was made just now isn't valid yet by the server's clock",
	 "set the clocks of the server and of this machine right (timedatectl shows whether "
	 "they "
	 "are synchronized)"},
	{JW_REFUSAL_NO_GRANT_OR_TOKEN_LOST,
	 "the token that was sent didn't reach the server: a proxy before it takes the "
	 "Authorization header away",
	 "let the proxy before the server pass the Authorization header on"},
	{JW_REFUSAL_MALFORMED,
	 "the server can't read the token that was sent: a proxy before it changes the "
	 "Authorization header",
	 "let the proxy before the server pass the Authorization header on as it is"},
	{JW_REFUSAL_SERVER_ERROR, "the server met an error of its own when it was asked", NULL},
};

static struct words words_of(enum jw_refusal refusal)
{
	const struct jw_refusal_row *row = jw_refusal_row(refusal);
	struct words found = {refusal, row->says, row->remedy};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (words[i].refusal != refusal)
			continue;
		found.says = words[i].says;
		if (words[i].remedy)
			found.remedy = words[i].remedy;
	}
	return found;
}

static void finish(struct jw_judging *judging, const char *says, const char *remedy)
{
	struct jw_finding *finding = &judging->findings[judging->count - 1];

	jw_judge_say_at(judging, judging->facts->livekit->url, says);
	finding->at = JW_AT_LIVEKIT;
	if (remedy)
		finding->remedy = remedy;
}

/* The clocks explain the refusal, so they are named in its place; in its state. */
static bool is_skew(const struct jw_judging *judging, const struct jw_key_proof *proof)
{
	const struct jw_livekit *livekit = judging->facts->livekit;

	return (proof->refusal == JW_REFUSAL_EXPIRED ||
		proof->refusal == JW_REFUSAL_NOT_YET_VALID) &&
	       livekit->has_clock && jw_judge_is_skew(livekit->clock_offset);
}

static void skew(struct jw_judging *judging, const struct jw_key_proof *proof)
{
	int64_t offset = judging->facts->livekit->clock_offset;
	uint8_t severity = jw_expect_severity(judging->expect, JW_LIVEKIT_REFUSED);
	enum jw_state state = severity ? (enum jw_state)severity : JW_STATE_CRITICAL;
	char span[JW_WHEN_TEXT];
	char there[JW_WHEN_TEXT];
	char here[JW_WHEN_TEXT];

	if (!jw_judge_add_as(judging, JW_CLOCK_SKEW, state))
		return;
	finish(judging,
	       jw_arena_printf(
		       judging->arena,
		       "a token made just now with the key pair %s is refused (%s): the "
		       "server's clock is %s %s the clock here (%s there, %s here)",
		       proof->name, jw_refusal_row(proof->refusal)->name,
		       jw_span_text(offset, span), jw_judge_ahead(offset),
		       jw_when_text(jw_judge_plus(judging->now, offset), there),
		       jw_when_text(judging->now, here)),
	       NULL);
}

static const char *shown_key(struct jw_judging *judging, const char *issuer)
{
	if (!issuer)
		return "not shown, since it may be the secret";
	if (!jw_livekit_key_is_shown(jw_str_of(issuer)))
		return jw_livekit_shown_key(issuer, judging->arena);
	return jw_judge_shown(judging, issuer);
}

static void refused(struct jw_judging *judging, const struct jw_key_proof *proof)
{
	const char *url = judging->facts->livekit->url;
	struct words said = words_of(proof->refusal);
	const char *whose = NULL;

	if (!jw_judge_add(judging, JW_LIVEKIT_REFUSED))
		return;
	if (proof->refusal == JW_REFUSAL_UNKNOWN_API_KEY)
		whose = jw_livekit_whose_key(proof->issuer, jw_str_of(url));
	finish(judging,
	       jw_arena_printf(judging->arena,
			       "LiveKit refuses the key pair %s (%s), API key %s: %s%s%s",
			       proof->name, jw_refusal_row(proof->refusal)->name,
			       shown_key(judging, proof->issuer), said.says, whose ? "; " : "",
			       whose ? whose : ""),
	       said.remedy);
}

/* Whoever finds a public server can make tokens for it. */
static void in_public(struct jw_judging *judging, const struct jw_key_proof *proof)
{
	struct jw_url url;

	if (jw_url_parse(jw_str_of(judging->facts->livekit->url), &url) ||
	    jw_livekit_is_local(url.host) || !jw_judge_add(judging, JW_URL_UNUSABLE))
		return;
	finish(judging,
	       jw_arena_printf(
		       judging->arena,
		       "takes the key pair %s, which is that of a server in development "
		       "mode and known to everybody, and is public",
		       proof->name),
	       NULL);
}

void jw_judge_key(struct jw_judging *judging, const struct jw_key_proof *proof)
{
	if (!proof->cause && proof->accepts == JW_ACCEPTS_YES && proof->is_dev)
		in_public(judging, proof);
	if (!proof->cause)
		return;
	if (proof->cause == JW_LIVEKIT_REFUSED && is_skew(judging, proof))
		skew(judging, proof);
	else if (proof->cause == JW_LIVEKIT_REFUSED)
		refused(judging, proof);
	else if (jw_judge_add(judging, proof->cause))
		finish(judging,
		       jw_arena_printf(judging->arena,
				       "asked about the key pair %s (POST "
				       "/twirp/livekit.RoomService/ListRooms): %s",
				       proof->name,
				       proof->says ? proof->says : "gives no usable answer"),
		       NULL);
}
