/* SPDX-License-Identifier: MIT */
/* The steps of a renewal: what stands there, a fresh token, the proof, the change, the look at what became of it. */
#include "core/renew_parts.h"

#include <stdio.h>
#include <string.h>

#define LINES_TOLD 8

/* Somebody didn't answer in time, or wasn't there: that may be otherwise by itself. */
static bool may_pass(enum jw_cause cause)
{
	static const enum jw_cause causes[] = {JW_DNS,
					       JW_CONNECT,
					       JW_TIMEOUT,
					       JW_HTTP_STATUS,
					       JW_BODY_SHORT,
					       JW_COMMAND_FAILED,
					       JW_SECRET_MISSING,
					       JW_FILE_MISSING,
					       JW_FILE_UNREADABLE,
					       JW_DEADLINE,
					       JW_INTERNAL,
					       JW_LIVEKIT_UNREACHABLE,
					       JW_LIVEKIT_NOT_READY};

	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++)
		if (causes[i] == cause)
			return true;
	return false;
}

enum jw_cause jw_renew_fail(struct jw_renew_work *work, enum jw_cause cause, const char *format,
			    ...)
{
	struct jw_renewal *renewal = work->renewal;
	struct jw_err err;
	va_list args;

	va_start(args, format);
	vsnprintf(err.text, sizeof(err.text), format, args);
	va_end(args);
	renewal->state = JW_RENEWED_FAILED;
	renewal->cause = cause;
	renewal->may_pass = may_pass(cause);
	renewal->message = jw_arena_text(&renewal->arena, jw_str_of(err.text));
	return cause;
}

static void say(struct jw_renew_work *work, enum jw_renewed state, const char *text)
{
	work->renewal->state = state;
	work->renewal->message =
		work->notes
			? jw_arena_printf(&work->renewal->arena, "%s; %s", text, work->notes)
			: jw_arena_text(&work->renewal->arena, jw_str_of(text));
}

static void note_token(const struct jw_token *token, struct jw_renewed_token *ret_token)
{
	memcpy(ret_token->fingerprint, token->fingerprint, sizeof(ret_token->fingerprint));
	if (token->has_claims && token->jwt.exp.is == JW_CLAIM_VALID)
		ret_token->exp = token->jwt.exp.seconds;
}

/* "lines 3, 14" of the different tokens that were judged. */
static enum jw_cause several(struct jw_renew_work *work)
{
	const struct jw_facts *facts = &work->before.facts;
	jw_autobuf struct jw_buf lines = JW_BUF(256);
	size_t count = 0;

	for (size_t i = 0; i < facts->token_count; i++) {
		if (facts->tokens[i].is_note)
			continue;
		if (count < LINES_TOLD)
			jw_buf_printf(&lines, "%s%zu", count ? ", " : "",
				      facts->tokens[i].line);
		count++;
	}
	return jw_renew_fail(
		work, JW_RENEWAL_FAILED,
		"%s holds %zu different tokens (lines %s%s), and one fresh token is no "
		"replacement for all: say by pattern or select which one is meant",
		work->place.path, count, lines.ptr, count > LINES_TOLD ? ", ..." : "");
}

/* What is to be replaced. */
static enum jw_cause find_old(struct jw_renew_work *work)
{
	const struct jw_facts *facts = &work->before.facts;
	const struct jw_failure *failure = facts->failures;
	size_t judged = 0;
	struct jw_err err;

	work->old = jw_facts_only_token(facts);
	if (work->old)
		note_token(work->old, &work->renewal->old);
	if (work->old && work->target->renew->from != JW_RENEW_RUN &&
	    jw_renew_check_old(&work->place, work->old->text, &err))
		return jw_renew_fail(work, err.cause, "%s: %s", work->place.path, err.text);
	if (work->old || work->target->renew->from == JW_RENEW_RUN)
		return JW_OK;
	for (size_t i = 0; i < facts->token_count; i++)
		judged += !facts->tokens[i].is_note;
	if (judged)
		return several(work);
	if (!failure)
		return jw_renew_fail(work, JW_RENEWAL_FAILED, "%s holds no token",
				     work->place.path);
	return jw_renew_fail(
		work, failure->cause == JW_TOKEN_NOT_FOUND ? JW_RENEWAL_FAILED : failure->cause,
		"%s%s%s%s", failure->place ? failure->place : "", failure->place ? ": " : "",
		failure->says,
		failure->cause == JW_TOKEN_NOT_FOUND ? ", so there is no place for a fresh one"
						     : "");
}

/* The first finding that a fresh token can't have; NULL: it is good. */
static const struct jw_finding *worst(const struct jw_verdict *verdict)
{
	for (size_t i = 0; i < verdict->finding_count; i++)
		if (verdict->findings[i].state != JW_STATE_WARNING ||
		    verdict->findings[i].cause == JW_EXPIRING)
			return &verdict->findings[i];
	return NULL;
}

static enum jw_cause judge_fresh(struct jw_renew_work *work, const struct jw_result *result)
{
	const struct jw_finding *finding = worst(&result->verdict);

	note_token(&result->facts.tokens[0], &work->renewal->fresh);
	if (finding) {
		jw_renew_fail(work, JW_RENEWAL_FAILED,
			      "the fresh token isn't good, so nothing was changed: %s",
			      finding->message);
		work->renewal->may_pass = may_pass(finding->cause);
		return JW_RENEWAL_FAILED;
	}
	if (result->verdict.state != JW_STATE_OK)
		work->notes = jw_arena_printf(&work->renewal->arena, "%s %s: %s",
					      jw_state_name(result->verdict.state),
					      jw_cause_name(result->verdict.cause),
					      result->verdict.message);
	return JW_OK;
}

static enum jw_cause prove(struct jw_renew_work *work)
{
	struct jw_target target = *work->target;
	struct jw_result result;
	enum jw_cause cause;

	/* What somebody thinks less of in a page is no less wrong with a token that isn't there yet. */
	target.expect.severity = NULL;
	jw_renew_prove(work->renewing, &target, work->fresh, &result);
	cause = result.facts.token_count
			? judge_fresh(work, &result)
			: jw_renew_fail(work, JW_RENEWAL_FAILED,
					"the fresh token couldn't be proved: %s",
					result.verdict.message);
	jw_result_done(&result);
	return cause;
}

/* What the source itself met is a renewal that failed; what it hasn't got to begin with isn't one. */
static enum jw_cause source_failed(struct jw_renew_work *work, const struct jw_err *err)
{
	static const enum jw_cause own[] = {JW_CONFIG, JW_SECRET_MISSING, JW_DEADLINE,
					    JW_INTERNAL};
	enum jw_cause cause = JW_RENEWAL_FAILED;

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (err->cause == own[i])
			cause = err->cause;
	jw_renew_fail(work, cause, "no fresh token: %s", err->text);
	work->renewal->may_pass = may_pass(err->cause);
	return cause;
}

static enum jw_cause get_fresh(struct jw_renew_work *work)
{
	struct jw_err err;

	if (jw_renew_source(work->renewing, work->target, work->old, &work->renewal->arena,
			    &work->fresh, &err))
		return source_failed(work, &err);
	return JW_OK;
}

/* True where that is all there is to say. Two that are made in one second are one. */
static bool is_there_already(struct jw_renew_work *work)
{
	if (!jw_str_eq(work->fresh, work->old->text))
		return false;
	if (work->target->renew->from == JW_RENEW_MINT)
		say(work, JW_RENEWED_NOT_NEEDED, "it was renewed in this very second");
	else
		jw_renew_fail(work, JW_RENEWAL_FAILED,
			      "the source gives the token that stands in the page already");
	return true;
}

static bool had(const struct jw_verdict *before, enum jw_cause cause)
{
	for (size_t i = 0; i < before->finding_count; i++)
		if (before->findings[i].cause == cause)
			return true;
	return false;
}

/* What is wrong with the page now that wasn't before; NULL: nothing. */
static const char *wrong_after(const struct jw_renew_work *work, const struct jw_result *after)
{
	const struct jw_token *token = jw_facts_only_token(&after->facts);
	const struct jw_verdict *verdict = &after->verdict;

	if (!token)
		return "it doesn't hold the fresh token alone";
	if (work->fresh.len ? !jw_str_eq(token->text, work->fresh)
			    : work->old && jw_str_eq(token->text, work->old->text))
		return "it holds another token than the fresh one";
	for (size_t i = 0; i < verdict->finding_count; i++) {
		const struct jw_finding *finding = &verdict->findings[i];

		if (finding->state != JW_STATE_WARNING &&
		    !had(&work->before.verdict, finding->cause))
			return finding->message;
	}
	return NULL;
}

static enum jw_cause look_again(struct jw_renew_work *work)
{
	struct jw_result after;
	const char *wrong;

	work->renewing->run(work->renewing->context, work->target, &after);
	wrong = wrong_after(work, &after);
	if (wrong) {
		jw_renew_fail(work, JW_RENEWAL_FAILED,
			      "with the fresh token the page isn't right, so the old one was "
			      "put back: %s",
			      wrong);
		jw_renew_undo(work);
	}
	jw_result_done(&after);
	return wrong ? JW_RENEWAL_FAILED : JW_OK;
}

static void replace(struct jw_renew_work *work)
{
	enum jw_cause cause = jw_renew_begin(work);

	if (!cause)
		cause = get_fresh(work);
	if (!cause && is_there_already(work))
		return;
	if (!cause)
		cause = prove(work);
	if (!cause)
		cause = jw_renew_prepare(work);
	if (!cause && work->renewing->is_dry) {
		say(work, JW_RENEWED_DRY_RUN,
		    "the fresh token is good and could be put in: nothing was changed");
		return;
	}
	if (cause || jw_renew_commit(work) || look_again(work))
		return;
	say(work, JW_RENEWED, "the fresh token is in its place");
}

/* What a program made of the page: another token that is good, and good for longer. */
static enum jw_cause judge_program(struct jw_renew_work *work, const struct jw_result *after)
{
	const struct jw_token *token = jw_facts_only_token(&after->facts);
	struct jw_renewal *renewal = work->renewal;

	if (!token)
		return jw_renew_fail(
			work, JW_RENEWAL_FAILED,
			"the program has ended, and the page holds no token alone: %s",
			after->verdict.message);
	note_token(token, &renewal->fresh);
	if (work->old && jw_str_eq(token->text, work->old->text))
		return jw_renew_fail(
			work, JW_RENEWAL_FAILED,
			"the program has ended, and the page holds the same token as "
			"before");
	work->fresh = jw_arena_str(&renewal->arena, token->text);
	if (renewal->fresh.exp <= renewal->old.exp)
		return jw_renew_fail(
			work, JW_RENEWAL_FAILED,
			"the program has put in a token that doesn't end later than the "
			"one before");
	if (prove(work)) {
		renewal->message = jw_arena_printf(
			&renewal->arena,
			"the page is as the program left it, with a token that isn't good: %s",
			after->verdict.message);
		return renewal->cause;
	}
	return JW_OK;
}

static void run_program(struct jw_renew_work *work)
{
	struct jw_result after;
	struct jw_err err;
	enum jw_cause cause;

	if (work->renewing->is_dry) {
		say(work, JW_RENEWED_DRY_RUN,
		    "the program wasn't run, since it would change the page");
		return;
	}
	if (jw_renew_program(work->renewing, work->target, &err)) {
		source_failed(work, &err);
		return;
	}
	work->renewing->run(work->renewing->context, work->target, &after);
	cause = judge_program(work, &after);
	jw_result_done(&after);
	if (!cause)
		say(work, JW_RENEWED, "the program has put in a fresh token");
}

void jw_renew_target(const struct jw_renewing *renewing, const struct jw_target *target,
		     struct jw_renewal *ret_renewal)
{
	struct jw_renew_work work = {
		.renewing = renewing, .target = target, .renewal = ret_renewal};

	*ret_renewal = (struct jw_renewal){.name = target->name};
	jw_renew_place(target, &work.place);
	renewing->run(renewing->context, target, &work.before);
	if (!find_old(&work)) {
		if (!jw_renew_is_needed(&renewing->if_less, &work.before))
			say(&work, JW_RENEWED_NOT_NEEDED, "enough is left");
		else if (target->renew->from == JW_RENEW_RUN)
			run_program(&work);
		else
			replace(&work);
	}
	jw_renew_end(&work);
	jw_result_done(&work.before);
}

void jw_renew_refuse(const char *name, enum jw_cause cause, const char *says,
		     struct jw_renewal *ret_renewal)
{
	*ret_renewal =
		(struct jw_renewal){.name = name, .state = JW_RENEWED_FAILED, .cause = cause};
	ret_renewal->message = jw_arena_text(&ret_renewal->arena, jw_str_of(says));
}

void jw_renewal_done(struct jw_renewal *renewal)
{
	jw_arena_done(&renewal->arena);
}
