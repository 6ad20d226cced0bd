/* SPDX-License-Identifier: MIT */
/* What is wrong with one token: how it is written and signed, what it says, what it allows. */
#include "verdict/judge_parts.h"

#include <string.h>

#include "base/when.h"
#include "livekit/grants.h"
#include "livekit/keys.h"
#include "livekit/leak.h"

#define CREDENTIAL_REMEDY                                                                      \
	"change that credential, which is no secret any more, and let the server start the "   \
	"recording or name its storage in the configuration of egress; then make a fresh "     \
	"token without it"

static const char *or_else(const char *says, const char *otherwise)
{
	return says ? says : otherwise;
}

static bool is_hs256(const struct jw_token *token)
{
	return jw_str_is(jw_str_of(token->jwt.alg), "HS256");
}

/* LiveKit takes HS256 only. It knows nothing of "crit" and "b64", for which HS256 is refused here. */
static enum jw_quote quote_algorithm(const struct jw_token *token)
{
	return is_hs256(token) ? JW_QUOTE_NONE : JW_QUOTE_BROWSER;
}

static void undecodable(struct jw_judging *judging)
{
	const struct jw_token *token = judging->token;
	/* Without claims there is nothing to call good, whoever forgot to say why. */
	enum jw_cause cause = token->decode ? token->decode : JW_INTERNAL;
	enum jw_quote quote =
		cause == JW_ALGORITHM_REFUSED ? quote_algorithm(token) : JW_QUOTE_BROWSER;

	if (jw_judge_add(judging, cause))
		jw_judge_say(judging, quote, ": %s",
			     or_else(token->decode_says, "not a token that can be read"));
}

static void not_hs256(struct jw_judging *judging)
{
	if (jw_judge_add(judging, JW_ALGORITHM_REFUSED))
		jw_judge_say(judging, JW_QUOTE_BROWSER,
			     ": the token is signed with %s, and LiveKit takes HS256 only",
			     jw_judge_shown(judging, judging->token->jwt.alg));
}

static void malformed(struct jw_judging *judging, const char *says)
{
	if (jw_judge_add(judging, JW_TOKEN_MALFORMED))
		jw_judge_say(judging, JW_QUOTE_BROWSER, ": %s", says);
}

/* What LiveKit refuses although the token can be decoded: NULL, or why. */
static const char *refused_by_livekit(const struct jw_token *token)
{
	if (token->jwt.notes & JW_NOTE_PADDING)
		return "the token has '=' at the end of a part, and LiveKit refuses it for "
		       "that";
	if (token->is_in_place && token->jwt.notes & JW_NOTE_BLANK)
		return "the token has blanks around it, and LiveKit refuses it for that; if "
		       "they aren't part of it, "
		       "let the pattern leave them out";
	return jw_grants_misread(&token->jwt);
}

static void time_malformed(struct jw_judging *judging, const char *name,
			   const struct jw_time_claim *claim)
{
	if (jw_judge_add(judging, JW_TOKEN_MALFORMED))
		jw_judge_say(judging, JW_QUOTE_NONE,
			     ": the token's %s %s, and servers may refuse it for that", name,
			     or_else(claim->problem, "isn't a number of seconds"));
}

/* At most one finding of each cause. A broken exp has a cause of its own. */
static void decoding(struct jw_judging *judging)
{
	const struct jw_token *token = judging->token;

	if (token->decode || !token->has_claims)
		undecodable(judging);
	if (token->decode == JW_TOKEN_MALFORMED || !token->has_claims)
		return;
	if (token->is_livekit && !token->decode && !is_hs256(token))
		not_hs256(judging);
	if (token->is_livekit && refused_by_livekit(token))
		malformed(judging, refused_by_livekit(token));
	else if (token->jwt.nbf.is == JW_CLAIM_INVALID)
		time_malformed(judging, "nbf", &token->jwt.nbf);
	else if (token->jwt.iat.is == JW_CLAIM_INVALID)
		time_malformed(judging, "iat", &token->jwt.iat);
}

static void refuse_signature(struct jw_judging *judging, enum jw_cause cause,
			     enum jw_quote quote, const char *otherwise)
{
	if (jw_judge_add(judging, cause))
		jw_judge_say(judging, quote, ": %s",
			     or_else(judging->token->signature_says, otherwise));
}

/* With the server that must accept it, whose key it may be. */
static void unknown_key(struct jw_judging *judging)
{
	const struct jw_token *token = judging->token;
	const char *server = judging->expect->accepted_by;
	const char *whose = server && token->is_livekit
				    ? jw_livekit_whose_key(token->jwt.iss, jw_str_of(server))
				    : NULL;

	if (jw_judge_add(judging, JW_KEY_UNKNOWN))
		jw_judge_say(judging, JW_QUOTE_BROWSER, ": %s%s%s",
			     or_else(token->signature_says,
				     "none of the configured keys is this token's"),
			     whose ? "; " : "", whose ? whose : "");
}

static void signature(struct jw_judging *judging)
{
	const struct jw_token *token = judging->token;

	switch (token->signature) {
	case JW_SIG_INVALID:
		refuse_signature(judging, JW_SIGNATURE_INVALID, JW_QUOTE_BROWSER,
				 "the signature doesn't fit the configured key");
		break;
	case JW_SIG_KEY_UNKNOWN:
		unknown_key(judging);
		break;
	case JW_SIG_REFUSED:
		/* One that no key could fit has been refused already. */
		if (!judging->met[JW_ALGORITHM_REFUSED])
			refuse_signature(
				judging, JW_ALGORITHM_REFUSED, JW_QUOTE_NONE,
				"the token's algorithm doesn't fit the configured key");
		break;
	case JW_SIG_NOT_CHECKED:
	case JW_SIG_VALID:
	case JW_SIG_NO_KEY:
		break;
	}
}

/* What is expected for an issuer is an API key, into whose place a secret may have been put. */
static const char *shown_expected(struct jw_judging *judging, enum jw_cause cause,
				  const char *expected)
{
	if (cause == JW_ISSUER_MISMATCH && !jw_livekit_key_is_shown(jw_str_of(expected)))
		return jw_arena_printf(judging->arena, "one %s",
				       jw_livekit_shown_key(expected, judging->arena));
	return jw_judge_shown(judging, expected);
}

static void claim(struct jw_judging *judging, enum jw_cause cause, const char *name,
		  const char *expected, const char *met)
{
	if (!expected || (met && jw_str_is(jw_str_of(met), expected)))
		return;
	if (jw_judge_add(judging, cause))
		jw_judge_say(judging, JW_QUOTE_NONE, " token's %s is %s, expected %s", name,
			     jw_judge_shown(judging, met),
			     shown_expected(judging, cause, expected));
}

#define AUDIENCES_SHOWN 3

/* The first few of them. */
static const char *shown_audiences(struct jw_judging *judging, const char *const *texts,
				   size_t count)
{
	const char *shown = "";

	for (size_t i = 0; i < count && i < AUDIENCES_SHOWN; i++)
		shown = jw_arena_printf(judging->arena, "%s%s%s", shown, i ? ", " : "",
					texts[i] ? jw_judge_shown(judging, texts[i])
						 : "what isn't text");
	if (count > AUDIENCES_SHOWN)
		shown = jw_arena_printf(judging->arena, "%s and %zu more", shown,
					count - AUDIENCES_SHOWN);
	return shown;
}

static void audience(struct jw_judging *judging)
{
	const char *expected = judging->expect->audience;
	const char *texts[AUDIENCES_SHOWN];
	size_t count;

	if (!expected || jw_jwt_has_audience(&judging->token->jwt, expected))
		return;
	if (!jw_judge_add(judging, JW_AUDIENCE_MISMATCH))
		return;
	count = jw_jwt_audiences(&judging->token->jwt, AUDIENCES_SHOWN, texts);
	if (!count)
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token names no audience (aud), expected %s",
			     jw_judge_shown(judging, expected));
	else
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token's audience (aud) is %s, expected %s",
			     shown_audiences(judging, texts, count),
			     jw_judge_shown(judging, expected));
}

/* LiveKit lets nobody join without a room and an identity, whatever was expected. */
static void joins(struct jw_judging *judging)
{
	const struct jw_jwt *jwt = &judging->token->jwt;
	const char *room = jw_grants_room(jwt);
	const char *identity = jw_grants_identity(jwt);

	if (!judging->token->is_livekit || !jw_grants_has(jwt, "roomJoin"))
		return;
	if (!(room && *room) && !judging->expect->room &&
	    jw_judge_add(judging, JW_ROOM_MISMATCH))
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token names no room (video.room), and LiveKit lets nobody join "
			     "without one");
	if (!(identity && *identity) && !judging->expect->identity &&
	    jw_judge_add(judging, JW_IDENTITY_MISMATCH))
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token gives no identity (sub), and LiveKit lets nobody join "
			     "without one");
}

static void claims(struct jw_judging *judging)
{
	const struct jw_expect *expect = judging->expect;
	const struct jw_jwt *jwt = &judging->token->jwt;

	claim(judging, JW_ISSUER_MISMATCH, "issuer (iss)", expect->issuer, jwt->iss);
	audience(judging);
	claim(judging, JW_SUBJECT_MISMATCH, "subject (sub)", expect->subject, jwt->sub);
	joins(judging);
	claim(judging, JW_ROOM_MISMATCH, "room (video.room)", expect->room,
	      jw_grants_room(jwt));
	claim(judging, JW_IDENTITY_MISMATCH, "identity", expect->identity,
	      jw_grants_identity(jwt));
}

static void shortness(struct jw_judging *judging)
{
	const struct jw_time_claim *exp = &judging->token->jwt.exp;
	int64_t left = jw_judge_minus(exp->seconds, judging->now);
	int64_t least = judging->expect->min_lifetime;
	char span[JW_WHEN_TEXT];
	char wanted[JW_WHEN_TEXT];

	/* What has ended is called that. */
	if (!least || exp->is != JW_CLAIM_VALID || left >= least ||
	    (left <= 0 && jw_judge_there(judging) >= exp->seconds))
		return;
	left = left > 0 ? left : 0;
	if (jw_judge_add(judging, JW_LIFETIME_TOO_SHORT))
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token is good for %s from now, less than min_lifetime (%s)",
			     jw_span_text(left, span), jw_span_text(least, wanted));
}

/* A token for ten years that doesn't say so isn't called good. What has no end has been told already. */
static void length_unknown(struct jw_judging *judging)
{
	char wanted[JW_WHEN_TEXT];

	if (judging->token->jwt.exp.is != JW_CLAIM_VALID || judging->met[JW_LIFETIME_UNKNOWN] ||
	    !jw_judge_add(judging, JW_LIFETIME_UNKNOWN))
		return;
	jw_judge_say(
		judging, JW_QUOTE_NONE,
		" token doesn't say when its lifetime began (no iat or nbf before exp), so "
		"nobody knows whether it was made for longer than max_lifetime (%s)",
		jw_span_text(judging->expect->max_lifetime, wanted));
}

static void length(struct jw_judging *judging)
{
	int64_t lifetime = jw_judge_lifetime(judging->token);
	int64_t most = judging->expect->max_lifetime;
	char span[JW_WHEN_TEXT];
	char wanted[JW_WHEN_TEXT];

	if (most && !lifetime)
		length_unknown(judging);
	if (!most || lifetime <= most)
		return;
	if (jw_judge_add(judging, JW_LIFETIME_TOO_LONG))
		jw_judge_say(judging, JW_QUOTE_NONE,
			     " token was made for %s, longer than max_lifetime (%s)%s",
			     jw_span_text(lifetime, span), jw_span_text(most, wanted),
			     judging->expect->is_public
				     ? ", and whoever copies it out of the page has it for as "
				       "long"
				     : "");
}

/* So many of several grants are told with what they allow. */
#define DANGERS_SHOWN 3

static const char *const *forbidden(const struct jw_judging *judging)
{
	static const char *const none[] = {NULL};
	const struct jw_expect *expect = judging->expect;

	if (expect->forbid_grants)
		return expect->forbid_grants;
	return expect->is_public && !jw_leak_is_private(judging->token->path) ? jw_grants_denied
									      : none;
}

/* The token's among these, in their order; the caller frees the list. */
static size_t forbidden_met(const struct jw_judging *judging, const char ***ret_met)
{
	const char *const *list = forbidden(judging);
	size_t count = 0;

	for (; *list; list++) {
		if (!jw_grants_has(&judging->token->jwt, *list))
			continue;
		*ret_met = jw_xrealloc(*ret_met, (count + 1) * sizeof(**ret_met));
		(*ret_met)[count++] = *list;
	}
	return count;
}

static void add_dangers(struct jw_buf *said, const char *const *met, size_t count)
{
	const char *mark = ": ";
	size_t shown = 0;

	for (size_t i = 0; i < count && shown < DANGERS_SHOWN; i++) {
		const char *danger = jw_grants_danger(met[i]);

		if (!danger)
			continue;
		jw_buf_printf(said, "%s%s %s", mark, count == 1 ? "it" : met[i], danger);
		mark = "; ";
		shown++;
	}
}

static void grants(struct jw_judging *judging)
{
	bool is_own = judging->expect->forbid_grants;
	jw_autobuf struct jw_buf said = JW_BUF(JW_SAID_MAX);
	jw_autofree const char **met = NULL;
	size_t count;

	/* It doesn't hang on the time, and who compares moments does so often. */
	if (!judging->arena)
		return;
	count = forbidden_met(judging, &met);
	if (!count || !jw_judge_add(judging, JW_GRANT_FORBIDDEN))
		return;
	for (size_t i = 0; i < count; i++)
		jw_buf_printf(&said, "%s%s",
			      i == 0	      ? ""
			      : i + 1 < count ? ", "
					      : " and ",
			      met[i]);
	jw_buf_text(&said,
		    is_own ? count == 1 ? ", which is forbidden" : ", which are forbidden"
			   : ", and so has everybody who opens the page");
	add_dangers(&said, met, count);
	jw_judge_say(judging, JW_QUOTE_NONE, " token has the grant%s %s", count == 1 ? "" : "s",
		     said.ptr);
}

/* By LiveKit's own rule no token should carry any, so every list but an empty one forbids them. */
static void credentials(struct jw_judging *judging)
{
	const struct jw_expect *expect = judging->expect;
	jw_autobuf struct jw_buf place = JW_BUF(JW_SAID_MAX);

	if (!judging->arena || !expect->is_public ||
	    (expect->forbid_grants && !*expect->forbid_grants) ||
	    jw_leak_is_private(judging->token->path) ||
	    !jw_grants_credential(&judging->token->jwt, &place) ||
	    !jw_judge_add(judging, JW_GRANT_FORBIDDEN))
		return;
	jw_judge_say(judging, JW_QUOTE_NONE,
		     " token holds a credential at %s, and everybody who opens the page can "
		     "read it there: it opens the storage or the stream that recordings go to",
		     place.ptr);
	judging->findings[judging->count - 1].remedy = CREDENTIAL_REMEDY;
}

void jw_judge_token(struct jw_judging *judging)
{
	memset(judging->met, 0, sizeof(judging->met));
	decoding(judging);
	if (!judging->token->has_claims)
		return;
	signature(judging);
	jw_judge_time(judging);
	jw_judge_livekit(judging);
	claims(judging);
	shortness(judging);
	length(judging);
	jw_judge_keeping(judging);
	grants(judging);
	credentials(judging);
	jw_judge_dev_key(judging);
}

void jw_judge_passing(struct jw_judging *judging)
{
	memset(judging->met, 0, sizeof(judging->met));
	jw_judge_time(judging);
	jw_judge_livekit(judging);
	shortness(judging);
	jw_judge_keeping(judging);
}
