/* SPDX-License-Identifier: MIT */
/* The token that an HTTP endpoint answers with, or those in a page as it is served. */
#include <string.h>

#include "base/url.h"
#include "checks/cookie.h"
#include "checks/cors.h"
#include "checks/freshness.h"
#include "checks/sent.h"
#include "checks/text.h"
#include "token/answer.h"

struct config {
	const char *url;
	const char *method;
	const struct jw_header *headers;
	const struct jw_secret *bearer;
	const struct jw_secret *body;
	const char *const *status;
	const char *token;
	const char *token_header;
	const char *token_cookie;
	const char *pattern;
	int select;
	const char *origin;
	int redirects;
	const char *server_name;
	int64_t max_size;
};

struct state {
	struct jw_text text; /* its place: the URL that answered, masked */
	struct jw_sent sent;
	const char *
		origin; /* of the page, where it asks another server; NULL: nothing to look at */
	struct jw_buf names; /* of headers that leave was asked for */
	bool has_asked;	     /* for leave */
};

static const char *const schemes[] = {"http://", "https://", NULL};
static const char *const redirects[] = {"same_origin", "any", "none", NULL};

static const struct jw_option options[] = {
	{JW_OPT(struct config, url), .type = JW_T_URL, .choices = schemes, .required = true,
	 .value = "URL", .help = "where the token is asked for"},
	{JW_OPT(struct config, method), .type = JW_T_TEXT, .value = "METHOD",
	 .help = "how it is asked for; left out: GET, or POST where there is a body"},
	{JW_OPT(struct config, headers), .type = JW_T_HEADERS, .value = "NAME=VALUE",
	 .help = "a header of the request, once for each; a secret one as NAME=env:VARIABLE or "
		 "NAME=file:PATH"},
	{JW_OPT(struct config, bearer), .type = JW_T_SECRET, .value = "SECRET",
	 .help = "what is sent as Authorization: Bearer: env:NAME, file:PATH or "
		 "credential:NAME"},
	{JW_OPT(struct config, body), .type = JW_T_CONTENT, .value = "TEXT",
	 .help = "the body of the request, also as env:NAME or file:PATH; JSON is sent as "
		 "such"},
	{JW_OPT(struct config, status), .type = JW_T_TEXTS, .value = "NUMBER",
	 .help = "an HTTP status that comes with a token, once for each; left out: 200 and "
		 "201"},
	{JW_OPT(struct config, token), .type = JW_T_TEXT, .value = "POINTER",
	 .help = "where the token stands in JSON, such as /data/token (RFC 6901); left out: "
		 "the "
		 "places that are common"},
	{JW_OPT(struct config, token_header), .type = JW_T_TEXT, .value = "NAME",
	 .help = "the header of the answer that holds the token"},
	{JW_OPT(struct config, token_cookie), .type = JW_T_TEXT, .value = "NAME",
	 .help = "the cookie that holds the token"},
	{JW_OPT(struct config, pattern), .type = JW_T_PATTERN, .value = "REGEX",
	 .help = "for a page or any text, PCRE2: the group named token, else group 1, else the "
		 "whole match is the token"},
	{JW_OPT(struct config, select), .type = JW_T_CHOICE, .choices = jw_text_selects,
	 .fallback = "all", .value = "WHICH",
	 .help = "of several matches of pattern: all (the worst decides), first or last"},
	{JW_OPT(struct config, origin), .type = JW_T_URL, .choices = schemes, .value = "ORIGIN",
	 .help = "the page that asks, where it comes from elsewhere "
		 "(https://voice.example.org): "
		 "a browser must let it read the answer, and be able to use the URL in it"},
	{JW_OPT(struct config, redirects), .type = JW_T_CHOICE, .choices = redirects,
	 .fallback = "same_origin", .value = "WHICH",
	 .help = "which redirects are followed: same_origin, any (without headers and body) or "
		 "none"},
	{JW_OPT(struct config, server_name), .type = JW_T_TEXT, .value = "NAME",
	 .help = "the host that is asked for and whose certificate is wanted, where url names "
		 "an address"},
	{JW_OPT(struct config, max_size), .type = JW_T_BYTES, .fallback = "1MiB", .min = 1,
	 .max = INT64_C(64) << 20, .value = "SIZE", .help = "the largest answer, unpacked"},
	{0},
};

static enum jw_cause check_status(const char *const *status, struct jw_err *err)
{
	if (jw_text_are_numbers(status, 200, 599))
		return JW_OK;
	return jw_fail(err, JW_CONFIG,
		       "status: is a number from 200 to 599, or a list of such numbers");
}

static bool is_word(const char *text)
{
	return *text && !text[strcspn(text, " \t\r\n:;,=()<>@\\\"/[]?{}")];
}

static enum jw_cause check_places(const struct config *config, struct jw_err *err)
{
	const char *const given[] = {config->token, config->token_header, config->token_cookie,
				     config->pattern};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++)
		count += given[i] != NULL;
	if (count > 1)
		return jw_fail(err, JW_CONFIG,
			       "token, token_header, token_cookie and pattern each say where "
			       "the token is: write one of them");
	if (config->token_header && !is_word(config->token_header))
		return jw_fail(err, JW_CONFIG, "token_header: isn't the name of a header");
	if (config->token_cookie && !is_word(config->token_cookie))
		return jw_fail(err, JW_CONFIG, "token_cookie: isn't the name of a cookie");
	if (config->select && !config->pattern)
		return jw_fail(err, JW_CONFIG, "select: is for pattern, and there is none");
	if (!config->pattern && config->max_size > (int64_t)JW_ANSWER_BODY_MAX)
		return jw_fail(err, JW_CONFIG,
			       "max_size: is more than 1MiB, which only a page that is looked "
			       "through with a pattern may have");
	return jw_text_check(config->token, err);
}

static bool has_user(const char *text)
{
	struct jw_url url;

	return !jw_url_parse(jw_str_of(text), &url) && url.user.ptr;
}

static enum jw_cause check_headers(const struct config *config, struct jw_err *err)
{
	size_t count = 0;

	while (config->headers && config->headers[count].name)
		count++;
	if (count > JW_SENT_HEADERS_MAX)
		return jw_fail(err, JW_CONFIG, "headers: are more than %d",
			       JW_SENT_HEADERS_MAX);
	if (has_user(config->url) + (config->bearer != NULL) +
		    jw_sent_has(config->headers, "Authorization") >
	    1)
		return jw_fail(
			err, JW_CONFIG,
			"bearer: a header Authorization, and a name in the URL each say who "
			"asks: write one of them");
	if (config->server_name &&
	    (!*config->server_name || strpbrk(config->server_name, " \t\r\n/:@?#")))
		return jw_fail(err, JW_CONFIG, "server_name: isn't the name of a host");
	return JW_OK;
}

static enum jw_cause check_method(const struct config *config, struct jw_err *err)
{
	const char *method = config->method;

	if (!method)
		return JW_OK;
	if (!strcmp(method, "HEAD") || !strcmp(method, "TRACE") || !strcmp(method, "CONNECT"))
		return jw_fail(err, JW_CONFIG,
			       "method: %s asks for no answer with a token in it", method);
	if (!*method || method[strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] ||
	    strlen(method) > 16)
		return jw_fail(err, JW_CONFIG,
			       "method: is a word in capitals, such as GET or POST");
	if (config->body && !strcmp(method, "GET"))
		return jw_fail(err, JW_CONFIG, "method: GET has no body");
	return JW_OK;
}

/* What a browser can't do, or does in a way of its own. */
static enum jw_cause check_origin(const struct config *config, struct jw_err *err)
{
	if (!config->origin)
		return JW_OK;
	if (jw_sent_has(config->headers, "Origin"))
		return jw_fail(
			err, JW_CONFIG,
			"origin: is sent as the header Origin, which headers has too: write "
			"one of them");
	if (has_user(config->url))
		return jw_fail(err, JW_CONFIG,
			       "origin: no page can ask a URL with a name and password in it");
	if (config->redirects == JW_REDIRECTS_ANY)
		return jw_fail(
			err, JW_CONFIG,
			"origin: goes with redirects within the server that is asked, or "
			"none");
	return jw_cors_check(config->origin, err);
}

static enum jw_cause prepare(void *memory, struct jw_arena *arena, struct jw_err *err)
{
	const struct config *config = memory;
	enum jw_cause cause = check_status(config->status, err);

	(void)arena;
	if (!cause)
		cause = check_places(config, err);
	if (!cause)
		cause = check_headers(config, err);
	if (!cause)
		cause = check_origin(config, err);
	return cause ? cause : check_method(config, err);
}

/* Why none came. */
static enum jw_next no_answer(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	const struct jw_http_reply *reply = jw_run_reply(run);
	const char *place = jw_run_masked(run, reply->url ? reply->url : config->url);

	if (reply->proxy)
		return jw_run_fail(run, place, reply->cause, "%s (by the proxy %s)",
				   reply->says, reply->proxy);
	return jw_run_fail(run, place, reply->cause, "%s", reply->says);
}

static const char *method_of(const struct config *config)
{
	if (config->method)
		return config->method;
	return config->body ? "POST" : "GET";
}

/* What a browser doesn't ask at all isn't asked here. */
static enum jw_next take_origin(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	const char *place;
	const char *refusal;

	if (!config->origin)
		return JW_NEXT;
	state->origin = jw_cors_origin(config->origin, jw_run_arena(run));
	place = jw_run_masked(run, config->url);
	refusal = jw_cors_mixed(state->origin, config->url, place, jw_run_arena(run));
	return refusal ? jw_run_fail(run, place, JW_CORS, "%s", refusal) : JW_NEXT;
}

/* What the request needs, and the question beforehand that a browser asks for a page from elsewhere. */
static enum jw_next ask_leave(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	const char *method = method_of(config);
	const char *lines[4] = {0};

	if (!jw_sent_read(run, config->headers, config->bearer, config->body, state->origin,
			  &state->sent))
		return JW_DONE;
	if (state->origin && jw_cors_is_same(state->origin, config->url))
		state->origin = NULL;
	jw_buf_init(&state->names, JW_SENT_MAX);
	if (!state->origin || !jw_cors_must_ask(method, state->sent.lines, &state->names))
		return JW_NEXT;
	lines[0] = jw_arena_printf(jw_run_arena(run), "Origin: %s", state->origin);
	lines[1] =
		jw_arena_printf(jw_run_arena(run), "Access-Control-Request-Method: %s", method);
	if (state->names.len)
		lines[2] =
			jw_arena_printf(jw_run_arena(run), "Access-Control-Request-Headers: %s",
					state->names.ptr);
	state->has_asked = true;
	return jw_run_preflight(run, &(struct jw_http_request){
					     .method = "OPTIONS",
					     .url = config->url,
					     .headers = lines,
					     .max_body = (size_t)config->max_size,
					     .redirects = JW_REDIRECTS_NONE,
					     .server_name = config->server_name,
				     });
}

static enum jw_next have_leave(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	const char *refusal;

	if (!state->has_asked)
		return JW_NEXT;
	if (jw_run_reply(run)->cause)
		return no_answer(run);
	refusal = jw_cors_no_leave(jw_run_reply(run), state->origin,
				   jw_run_masked(run, config->url), method_of(config),
				   jw_buf_get(&state->names), jw_run_arena(run));
	if (refusal)
		return jw_run_fail(run, jw_run_masked(run, config->url), JW_CORS, "%s",
				   refusal);
	return JW_NEXT;
}

static enum jw_next fetch(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	enum jw_next next;

	next = jw_run_get(run, &(struct jw_http_request){
				       .method = config->method,
				       .url = config->url,
				       .headers = state->sent.lines,
				       .body = jw_buf_get(&state->sent.body),
				       .max_body = (size_t)config->max_size,
				       .redirects = (enum jw_redirects)config->redirects,
				       .server_name = config->server_name,
			       });
	jw_sent_done(&state->sent);
	return next;
}

static bool is_wanted(const struct config *config, long status)
{
	if (!config->status)
		return status == 200 || status == 201;
	return status > 0 && jw_text_has_number(config->status, (uint64_t)status);
}

static const char *hint(long status)
{
	switch (status) {
	case 401:
	case 403:
		return ": it wants credentials, or refuses those that were sent";
	case 404:
		return ": nothing is served at this path";
	case 405:
		return ": it wants another method";
	case 429:
		return ": it was asked too often";
	case 502:
	case 503:
	case 504:
		return ": a proxy answers that the service behind it isn't there";
	default:
		if (status >= 300 && status < 400)
			return ": a redirect, which isn't followed here";
		return status >= 500 ? ": the service has an error of its own" : "";
	}
}

/* Each answer on the way must let the page go on, the last one let it read. */
static enum jw_next look_at_leave(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	const struct jw_http_reply *reply = jw_run_reply(run);
	const struct state *state = jw_run_state(run);
	const char *first = jw_run_masked(run, config->url);
	const char *place = first;
	const char *refusal = NULL;

	for (int i = 0; i < reply->redirects && !refusal; i++) {
		place = jw_run_masked(run, reply->hops[i].url);
		refusal = jw_cors_no_way_on(&reply->hops[i], state->origin, place, first,
					    jw_run_arena(run));
	}
	if (!refusal) {
		place = state->text.place;
		refusal =
			jw_cors_refusal(reply, state->origin, place, first, jw_run_arena(run));
	}
	return refusal ? jw_run_fail(run, place, JW_CORS, "%s", refusal) : JW_NEXT;
}

static enum jw_next look_at_reply(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	const struct jw_http_reply *reply = jw_run_reply(run);

	state->text.what = "the answer";
	state->text.place = jw_run_masked(run, reply->url ? reply->url : config->url);
	if (reply->cause)
		return no_answer(run);
	if (!is_wanted(config, reply->status))
		return jw_run_fail(run, state->text.place, JW_HTTP_STATUS, "HTTP status %ld%s",
				   reply->status, hint(reply->status));
	return state->origin ? look_at_leave(run) : JW_NEXT;
}

static enum jw_next from_header(struct jw_run *run, const char *name)
{
	struct state *state = jw_run_state(run);
	struct jw_str value = jw_http_header(jw_run_reply(run), name);

	if (!value.ptr)
		return jw_run_fail(run, state->text.place, JW_TOKEN_NOT_FOUND,
				   "the answer has no header %s", name);
	jw_text_add(run, &state->text, value, 0);
	return JW_NEXT;
}

static enum jw_next from_cookie(struct jw_run *run, const char *name)
{
	struct state *state = jw_run_state(run);
	struct jw_str value;

	switch (jw_cookie_find(jw_run_reply(run), name, &value)) {
	case JW_COOKIE_SET:
		jw_text_add(run, &state->text, value, 0);
		return JW_NEXT;
	case JW_COOKIE_DELETED:
		return jw_run_fail(run, state->text.place, JW_TOKEN_NOT_FOUND,
				   "the answer has the cookie %s forgotten at once", name);
	case JW_COOKIE_ABSENT:
		break;
	}
	return jw_run_fail(run, state->text.place, JW_TOKEN_NOT_FOUND,
			   "the answer sets no cookie %s", name);
}

static enum jw_next from_body(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	const struct jw_http_reply *reply = jw_run_reply(run);
	struct jw_answer_token found;
	struct jw_err err;

	if (jw_answer_find(reply->body, jw_http_header(reply, "content-type"), config->token,
			   jw_run_arena(run), &found, &err))
		return jw_run_fail(run, state->text.place, err.cause, "%s", err.text);
	if (found.url) {
		jw_run_server(run, found.url);
		jw_run_given_server(run, found.url);
	} else if (found.bare_url) {
		jw_run_given_server(run, found.bare_url);
	}
	jw_text_add(run, &state->text, found.token, 0);
	return JW_NEXT;
}

static enum jw_next from_page(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	struct jw_str page = jw_text_decoded(&state->text, jw_run_reply(run)->body);

	jw_run_page(run, page, 1);
	jw_run_page_end(run, state->text.place, JW_PAGE_DONE);
	jw_run_page_servers(run, page);
	return jw_text_match(run, &state->text, config->pattern, page);
}

/* Caches keep answers to GET; to others they may, and don't. */
static bool is_get(const struct config *config)
{
	return config->method ? !strcmp(config->method, "GET") : !config->body;
}

static enum jw_next extract(struct jw_run *run)
{
	const struct config *config = jw_run_config(run);
	struct state *state = jw_run_state(run);
	const struct jw_http_reply *reply = jw_run_reply(run);
	enum jw_next next = look_at_reply(run);

	if (next != JW_NEXT)
		return next;
	if (config->origin)
		jw_run_used_by(run, config->origin, JW_USED_BY_TOLD);
	else
		jw_run_used_by(run, reply->url, JW_USED_BY_GUESSED);
	if (is_get(config))
		jw_run_freshness(run, jw_freshness_read(reply));
	if (config->pattern)
		next = from_page(run);
	else if (config->token_header)
		next = from_header(run, config->token_header);
	else if (config->token_cookie)
		next = from_cookie(run, config->token_cookie);
	else
		next = from_body(run);
	if (next == JW_NEXT)
		jw_check_select(run, state->text.met, state->text.met_count, JW_ONLY_ANY,
				(enum jw_select)config->select);
	return next;
}

static void cleanup(struct jw_run *run)
{
	struct state *state = jw_run_state(run);

	jw_text_done(&state->text);
	jw_sent_done(&state->sent);
	jw_buf_done(&state->names);
}

static enum jw_next (*const steps[])(struct jw_run *run) = {
	take_origin,	ask_leave,	have_leave,	  fetch, extract,
	jw_step_verify, jw_step_accept, jw_step_accepted, NULL,
};

const struct jw_check jw_check_token_endpoint = {
	.name = "token_endpoint",
	.summary = "the token that an HTTP endpoint gives out, or those in a page as served",
	.kind = JW_CHECK_FRESH,
	.is_public = JW_PUBLIC_PATTERN,
	.options = options,
	.config_size = sizeof(struct config),
	.state_size = sizeof(struct state),
	.prepare = prepare,
	.steps = steps,
	.cleanup = cleanup,
};
