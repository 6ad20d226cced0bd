/* SPDX-License-Identifier: MIT */
/* Has tokens accepted by the LiveKit server that must take them; a token that is known to be bad isn't sent. */
#include <stdio.h>
#include <string.h>

#include "base/url.h"
#include "core/run.h"

static void answered(void *context, const struct jw_asked *asked)
{
	struct jw_run *run = context;

	run->accepting.asked = asked;
	jw_run_resume(run);
}

static bool is_from_response(const struct jw_run *run)
{
	const char *url = run->target->expect.accepted_by;

	return url && !strcmp(url, JW_ACCEPTED_BY_RESPONSE);
}

static const char *server_of(const struct jw_run *run)
{
	return is_from_response(run) ? run->server : run->target->expect.accepted_by;
}

/* JW_WAIT, or JW_NEXT where accepting.asked has the answer at once; false: it couldn't be asked, which *err says. */
static bool ask(struct jw_run *run, const char *url, struct jw_str token,
		enum jw_next *ret_next, struct jw_err *err)
{
	const struct jw_question question = {
		.url = url,
		.token = token,
		.ca_file = run->target->ca_file,
		/* A server that an answer names isn't one that we were told to show it to. */
		.client_certificate =
			is_from_response(run) ? NULL : run->target->client_certificate,
		.timeout_ms = jw_run_left_ms(run),
	};
	const struct jw_net *net = jw_run_net(run, err);

	if (!net)
		return false;
	run->accepting.waiter.answered = answered;
	run->accepting.waiter.context = run;
	run->accepting.asked = jw_asks_put(run->world->asks, run->world, net, &question,
					   &run->accepting.waiter);
	*ret_next = run->accepting.asked ? JW_NEXT : JW_WAIT;
	return true;
}

static struct jw_livekit *new_livekit(struct jw_run *run, const char *url)
{
	struct jw_livekit *livekit = jw_arena_alloc(run->arena, sizeof(*livekit));

	livekit->url = url ? jw_run_masked(run, url) : JW_ACCEPTED_BY_RESPONSE;
	return livekit;
}

/* A transport's failure, as a fact about the server: `unreachable` is what it is called. */
static void take_failure(struct jw_run *run, const struct jw_asked *asked,
			 enum jw_cause unreachable, struct jw_livekit *livekit)
{
	enum jw_cause cause = asked->cause;

	livekit->says = asked->says;
	jw_run_say_timeout(run, &cause, &livekit->says);
	if (cause == JW_DEADLINE || cause == JW_INTERNAL || cause == JW_SECRET_MISSING)
		livekit->cause = cause;
	else
		livekit->cause = unreachable ? unreachable : cause;
	livekit->says = jw_arena_text(run->arena, jw_str_of(livekit->says));
}

static void take_answer(struct jw_run *run, const struct jw_asked *asked,
			struct jw_livekit *livekit)
{
	livekit->is_reachable = asked->answer != JW_ANSWER_NOT_LIVEKIT;
	switch (asked->answer) {
	case JW_ANSWER_ACCEPTED:
		livekit->accepts = JW_ACCEPTS_YES;
		break;
	case JW_ANSWER_REFUSED:
		livekit->accepts = JW_ACCEPTS_NO;
		livekit->cause = JW_LIVEKIT_REFUSED;
		livekit->refusal = asked->refusal;
		break;
	case JW_ANSWER_READY:
		break;
	case JW_ANSWER_NOT_READY:
		livekit->cause = JW_LIVEKIT_NOT_READY;
		break;
	case JW_ANSWER_NOT_LIVEKIT:
		livekit->cause = JW_NOT_LIVEKIT;
		livekit->says = jw_arena_text(run->arena, jw_str_of(asked->says));
		break;
	}
}

/* Several tokens may have one answer without a token, and an answer may be another target's. */
static void note_exchange(struct jw_run *run, const struct jw_asked *asked)
{
	const struct jw_facts *facts = run->facts;
	struct jw_exchange exchange = asked->exchange;

	for (size_t i = 0; i < facts->exchange_count; i++)
		if (facts->exchanges[i].at == JW_AT_LIVEKIT &&
		    !strcmp(facts->exchanges[i].url, exchange.url))
			return;
	exchange.url = jw_arena_text(run->arena, jw_str_of(exchange.url));
	if (exchange.proxy)
		exchange.proxy = jw_arena_text(run->arena, jw_str_of(exchange.proxy));
	jw_run_note_exchange(run, &exchange);
}

static struct jw_livekit *take(struct jw_run *run, const char *url, enum jw_cause unreachable)
{
	const struct jw_asked *asked = run->accepting.asked;
	struct jw_livekit *livekit = new_livekit(run, url);

	livekit->status = asked->exchange.status;
	livekit->time_us = asked->exchange.total_us;
	livekit->has_clock = asked->exchange.has_clock;
	livekit->clock_offset = asked->exchange.clock_offset;
	note_exchange(run, asked);
	if (asked->cause)
		take_failure(run, asked, unreachable, livekit);
	else
		take_answer(run, asked, livekit);
	return livekit;
}

static struct jw_livekit *not_asked(struct jw_run *run, const char *url,
				    const struct jw_err *err)
{
	struct jw_livekit *livekit = new_livekit(run, url);

	livekit->cause = err->cause;
	livekit->says = jw_arena_text(run->arena, jw_str_of(err->text));
	return livekit;
}

void jw_run_server(struct jw_run *run, const char *url)
{
	struct jw_url asked;

	run->is_server_secure = run->reply.url &&
				!jw_url_parse(jw_str_of(run->reply.url), &asked) &&
				jw_str_is_nocase(asked.scheme, "https");
	run->server = jw_arena_text(run->arena, jw_str_of(url));
}

enum jw_next jw_run_ask_ready(struct jw_run *run, const char *url)
{
	struct jw_err err;
	enum jw_next next;

	if (ask(run, url, (struct jw_str){0}, &next, &err))
		return next;
	run->facts->livekit = not_asked(run, url, &err);
	return JW_DONE;
}

void jw_run_take_ready(struct jw_run *run, const char *url)
{
	run->facts->livekit = take(run, url, JW_OK);
}

static bool is_sendable(const struct jw_run *run, const struct jw_token *token)
{
	const struct jw_livekit *date = run->accepting.date;
	int64_t now = run->world->clock->wall(run->world->clock->self);

	if (date && date->has_clock)
		now += date->clock_offset;
	return jw_judge_is_sendable(token, &run->target->expect, now);
}

/* The next judged token that can be asked about; NULL: there is none. */
static struct jw_token *next_token(struct jw_run *run)
{
	struct jw_facts *facts = run->facts;

	for (; run->accepting.token < facts->token_count; run->accepting.token++) {
		struct jw_token *token = &facts->tokens[run->accepting.token];

		if (!token->is_note && token->has_claims)
			return token;
	}
	return NULL;
}

/* The tokens that are left aren't asked about; why is one failure of the run. */
static enum jw_next give_up(struct jw_run *run, enum jw_cause cause, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static enum jw_next give_up(struct jw_run *run, enum jw_cause cause, const char *format, ...)
{
	struct jw_livekit *livekit = new_livekit(run, server_of(run));
	struct jw_token *token;
	struct jw_err err;
	va_list args;

	livekit->is_told = true;
	for (; (token = next_token(run)); run->accepting.token++)
		if (!token->livekit || !token->livekit->was_asked)
			token->livekit = livekit;
	va_start(args, format);
	vsnprintf(err.text, sizeof(err.text), format, args);
	va_end(args);
	jw_run_note_failure(run, livekit->url, cause, "%s", err.text);
	run->facts->failures[run->facts->failure_count - 1].at = JW_AT_LIVEKIT;
	return JW_NEXT;
}

static enum jw_next no_time(struct jw_run *run)
{
	size_t left = 0;

	for (size_t i = run->accepting.token; i < run->facts->token_count; i++)
		left += !run->facts->tokens[i].is_note && run->facts->tokens[i].has_claims;
	return give_up(run, run->is_capped ? JW_DEADLINE : JW_TIMEOUT,
		       "%zu token%s couldn't be asked about before the %s was up", left,
		       left == 1 ? "" : "s",
		       run->is_capped ? "whole run's time (-t)" : "target's timeout");
}

/* Why the server that an answer names isn't asked; NULL: it is. */
static const char *wrong_server(const struct jw_run *run)
{
	struct jw_url url;

	if (!run->server)
		return "the answer names no server beside the token, so there is none to ask";
	if (jw_url_parse(jw_str_of(run->server), &url))
		return "the answer names a server by something that is no URL";
	if (url.user.ptr)
		return "the answer names a server with a name and password in its URL, which "
		       "isn't "
		       "followed";
	if (run->is_server_secure && !jw_str_is_nocase(url.scheme, "wss") &&
	    !jw_str_is_nocase(url.scheme, "https"))
		return "the answer came by https and names a server without TLS: the token "
		       "isn't "
		       "sent there in clear, and no browser would";
	return NULL;
}

/* True where something was asked; else the token is done with. */
static bool offer(struct jw_run *run, const char *url, struct jw_token *token,
		  enum jw_next *ret_next)
{
	struct jw_err err;

	run->accepting.was_sent = is_sendable(run, token);
	/* Without a token the server's clock can be had all the same, once. */
	if (!run->accepting.was_sent && run->accepting.date) {
		token->livekit = run->accepting.date;
		return false;
	}
	if (ask(run, url, run->accepting.was_sent ? token->text : (struct jw_str){0}, ret_next,
		&err))
		return true;
	token->livekit = not_asked(run, url, &err);
	return false;
}

enum jw_next jw_run_accept(struct jw_run *run)
{
	struct jw_accepting *accepting = &run->accepting;
	const char *wrong = NULL;
	struct jw_token *token;
	enum jw_next next;

	accepting->asked = NULL;
	if (!run->target->expect.accepted_by || run->world->is_simulated)
		return JW_NEXT;
	while ((token = next_token(run))) {
		if (is_from_response(run))
			wrong = wrong_server(run);
		if (wrong)
			return give_up(run, run->server ? JW_LIVEKIT_UNREACHABLE : JW_CONFIG,
				       "%s", wrong);
		if (accepting->is_over || jw_run_is_late(run))
			return no_time(run);
		if (offer(run, server_of(run), token, &next))
			return next;
		accepting->token++;
	}
	return JW_NEXT;
}

/* Of a bad token nothing is known but the server's clock; by that it may be good. */
static enum jw_next take_date(struct jw_run *run, struct jw_token *token)
{
	run->accepting.date = take(run, server_of(run), JW_LIVEKIT_UNREACHABLE);
	token->livekit = run->accepting.date;
	if (!is_sendable(run, token))
		run->accepting.token++;
	return JW_REPEAT;
}

enum jw_next jw_run_accepted(struct jw_run *run)
{
	struct jw_accepting *accepting = &run->accepting;
	struct jw_token *token;
	struct jw_livekit *livekit;

	if (!accepting->asked)
		return JW_NEXT;
	token = &run->facts->tokens[accepting->token];
	/* A server that has answered before isn't gone: our time is. */
	if (accepting->asked->cause == JW_TIMEOUT && accepting->has_answer) {
		accepting->is_over = true;
		return JW_REPEAT;
	}
	accepting->has_answer = accepting->has_answer || !accepting->asked->cause;
	if (!accepting->was_sent)
		return take_date(run, token);
	livekit = take(run, server_of(run), JW_LIVEKIT_UNREACHABLE);
	livekit->was_asked = true;
	token->livekit = livekit;
	accepting->token++;
	return JW_REPEAT;
}
