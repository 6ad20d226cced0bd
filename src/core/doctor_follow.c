/* SPDX-License-Identifier: MIT */
/* Root causes over symptoms: which earlier line of the checklist explains what was found. */
#include "core/doctor_parts.h"

#include <string.h>

#include "base/url.h"
#include "core/result.h"

/* Of the judged tokens together; NULL: unknown. */
static const unsigned char *digest_of(const struct jw_result *result)
{
	const struct jw_token *token = jw_facts_only_token(&result->facts);

	if (result->facts.digest)
		return result->facts.digest;
	return token && token->has_digest ? token->digest : NULL;
}

bool jw_doctor_is_same(const struct jw_result *a, const struct jw_result *b)
{
	const unsigned char *one = digest_of(a);
	const unsigned char *other = digest_of(b);

	return one && other && !memcmp(one, other, sizeof(a->facts.tokens->digest));
}

static enum jw_refusal refusal_of(const struct jw_result *result)
{
	const struct jw_livekit *livekit = jw_result_livekit(result);

	if (result->facts.proof_count)
		return result->facts.proofs[0].refusal;
	return livekit ? livekit->refusal : JW_REFUSAL_NONE;
}

static bool is_about_time(enum jw_refusal refusal)
{
	return refusal == JW_REFUSAL_EXPIRED || refusal == JW_REFUSAL_NOT_YET_VALID;
}

static bool is_about_pair(enum jw_refusal refusal)
{
	return refusal == JW_REFUSAL_SIGNATURE || refusal == JW_REFUSAL_UNKNOWN_API_KEY;
}

static bool has_key(const struct jw_target *target, const char *name)
{
	for (const char *const *key = target->key; key && *key; key++)
		if (!strcmp(*key, name))
			return true;
	return false;
}

/* The pair that this target's tokens are verified with, where LiveKit refuses it. A key that is refused as unknown
 * explains a token of another key; a secret that is refused explains a signature. */
static size_t refused_pair(const struct jw_doctoring *d, const struct jw_target *target,
			   enum jw_cause cause)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct jw_doctor_line *line = &d->lines[i];
		enum jw_refusal refusal;

		if (line->step != JW_STEP_KEY_PAIR || line->is != JW_LINE_NOT_OK ||
		    line->look == JW_NO_LOOK ||
		    !has_key(target, d->plan->looks[line->look].key))
			continue;
		refusal = refusal_of(jw_doctor_result(d, line->look));
		if (cause == JW_KEY_UNKNOWN && refusal == JW_REFUSAL_SIGNATURE)
			continue;
		return jw_doctor_blame(d, i + 1);
	}
	return 0;
}

static size_t of_pair(const struct jw_doctoring *d, const struct jw_result *result,
		      enum jw_cause cause)
{
	size_t by = refused_pair(d, result->target, cause);

	return by ? by : jw_doctor_blame_step(d, JW_STEP_ENVIRONMENT);
}

/* The line of the same server, or of the only one. */
static size_t of_server(const struct jw_doctoring *d, const struct jw_result *result)
{
	const struct jw_livekit *livekit = jw_result_livekit(result);

	for (size_t i = 0; livekit && livekit->url && i < d->count; i++) {
		const struct jw_doctor_line *line = &d->lines[i];
		const struct jw_livekit *other =
			line->step == JW_STEP_LIVEKIT && line->look != JW_NO_LOOK
				? jw_doctor_result(d, line->look)->facts.livekit
				: NULL;

		if (other && other->url && !strcmp(other->url, livekit->url) &&
		    line->state != JW_STATE_WARNING)
			return jw_doctor_blame(d, i + 1);
	}
	return 0;
}

static size_t of_refusal(const struct jw_doctoring *d, size_t look)
{
	const struct jw_result *result = jw_doctor_result(d, look);
	const struct jw_token *token = jw_result_token(result);
	enum jw_refusal refusal = refusal_of(result);

	if (is_about_time(refusal))
		return jw_doctor_blame_step(d, JW_STEP_CLOCK);
	if (!is_about_pair(refusal))
		return 0;
	if (d->plan->looks[look].step == JW_STEP_KEY_PAIR)
		return jw_doctor_blame_step(d, JW_STEP_ENVIRONMENT);
	/* Made with the very pair that the server doesn't take, or by a service that has the same .env. */
	if (token && token->signature == JW_SIG_VALID)
		return of_pair(d, result, JW_OK);
	return d->plan->looks[look].step == JW_STEP_ENDPOINT
		       ? jw_doctor_blame_step(d, JW_STEP_ENVIRONMENT)
		       : 0;
}

/* The copy here is another one, because it is the page on disk that is old. */
static size_t of_peer(const struct jw_doctoring *d, const struct jw_result *result)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct jw_doctor_line *line = &d->lines[i];

		if (line->look != JW_NO_LOOK && line->state != JW_STATE_WARNING &&
		    (line->step == JW_STEP_PAGE || line->step == JW_STEP_SERVED) &&
		    jw_doctor_result(d, line->look)->target == result->target->peer)
			return jw_doctor_blame(d, i + 1);
	}
	return 0;
}

static bool is_same_origin(const char *a, const char *b)
{
	struct jw_url one;
	struct jw_url other;

	return a && b && !jw_url_parse(jw_str_of(a), &one) &&
	       !jw_url_parse(jw_str_of(b), &other) && jw_url_same_origin(&one, &other);
}

/* An earlier line says the same of the same token, or of the same server. */
static size_t of_same(const struct jw_doctoring *d, size_t look,
		      const struct jw_finding *finding)
{
	bool is_of_token = finding->token != JW_NO_TOKEN;
	const struct jw_look *this;

	/* Before there is a plan, as in the last words of a run that is ended, nothing is known of others. */
	if (look >= d->plan->look_count)
		return 0;
	this = &d->plan->looks[look];
	for (size_t i = 0; i < d->count; i++) {
		const struct jw_doctor_line *line = &d->lines[i];

		if (line->look == JW_NO_LOOK || line->look == look ||
		    !jw_doctor_blame(d, i + 1) || line->cause != finding->cause)
			continue;
		if (is_of_token ? jw_doctor_is_same(jw_doctor_result(d, line->look),
						    jw_doctor_result(d, look))
				: is_same_origin(d->plan->looks[line->look].url, this->url))
			return jw_doctor_blame(d, i + 1);
	}
	return 0;
}

size_t jw_doctor_explain(const struct jw_doctoring *d, size_t look,
			 const struct jw_finding *finding)
{
	const struct jw_result *result = jw_doctor_result(d, look);
	size_t by = 0;

	switch (finding->cause) {
	case JW_CLOCK_SKEW:
		return jw_doctor_blame_step(d, JW_STEP_CLOCK);
	case JW_SECRET_MISSING:
		return jw_doctor_blame_step(d, JW_STEP_ENVIRONMENT);
	case JW_SIGNATURE_INVALID:
	case JW_KEY_UNKNOWN:
		by = of_pair(d, result, finding->cause);
		break;
	case JW_STALE_COPY:
		return of_peer(d, result);
	case JW_LIVEKIT_REFUSED:
		by = of_refusal(d, look);
		break;
	case JW_LIVEKIT_UNREACHABLE:
	case JW_LIVEKIT_NOT_READY:
	case JW_NOT_LIVEKIT:
		by = of_server(d, result);
		break;
	default:
		break;
	}
	return by ? by : of_same(d, look, finding);
}
