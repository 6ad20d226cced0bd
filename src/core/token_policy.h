/* SPDX-License-Identifier: MIT */
/* Which tokens the daemon gives to whom: a request in, a wish that the policy allows out, or why not. Pure. */
#pragma once

#include "contract/server.h"
#include "core/config.h"

/* Why a request was refused; GIVEN: it wasn't. */
enum jw_token_reason {
	JW_TOKEN_GIVEN,
	JW_TOKEN_BY_HOST,
	JW_TOKEN_BY_ORIGIN,
	JW_TOKEN_BY_METHOD,
	JW_TOKEN_BY_CONTENT_TYPE,
	JW_TOKEN_BY_FORM,
	JW_TOKEN_BY_ROOM,
	JW_TOKEN_BY_IDENTITY,
	JW_TOKEN_BY_TTL,
	JW_TOKEN_BY_CHOICE, /* name, metadata, attributes */
	JW_TOKEN_BY_AGENT,
	JW_TOKEN_BY_RATE,
	JW_TOKEN_BY_KEY, /* our own fault: it couldn't be made */
	JW_TOKEN_REASONS
};

/* By enum jw_token_reason; of GIVEN "". For labels of metrics. */
extern const char *const jw_token_reasons[];

/* What was asked, as it came. Texts that weren't sent are NULL. */
struct jw_token_request {
	enum jw_method method;
	struct jw_str query;
	struct jw_str body;
	const char *host;
	const char *origin;
	const char *fetch_site; /* Sec-Fetch-Site */
	const char *content_type;
};

struct jw_token_agent {
	const char *name;
	const char *metadata; /* NULL: none */
};

/* What a token is to be made of. Lives in the arena of who asked. */
struct jw_token_wish {
	bool is_standard; /* LiveKit's own form */
	const char *room;
	const char *identity;
	int64_t ttl;	  /* s */
	const char *name; /* NULL: none, as all that follows */
	const char *metadata;
	const struct jw_pair *attributes; /* ended by {NULL, NULL} */
	const struct jw_token_agent *agents;
	size_t agent_count;
};

struct jw_token_refusal {
	enum jw_token_reason reason;
	int status;
	struct jw_err err; /* the sentence */
};

/* What names are made up with where nobody gives one: digits and letters. */
struct jw_token_made_up {
	const char *room;
	const char *identity;
};

/* Whether who asks may ask the token API of this daemon at all, by host, origin and method. True, or false and *ret_refusal. OPTIONS may. */
bool jw_token_may_ask(const struct jw_daemon_entry *daemon,
		      const struct jw_token_request *request,
		      struct jw_token_refusal *ret_refusal);
/* What a GET or a POST that may ask is to be given. */
bool jw_token_decide(const struct jw_token_api *api, const struct jw_token_request *request,
		     const struct jw_token_made_up *made_up, struct jw_arena *arena,
		     struct jw_token_wish *ret_wish, struct jw_token_refusal *ret_refusal);

/* "24", "0.5": hours in decimal digits as whole seconds, rounded down. False: of no such form, or past ten years. */
bool jw_token_hours(struct jw_str text, int64_t *ret_seconds);
/* Seconds as hours: "24", "0.5", with six decimals at most. */
void jw_token_write_hours(int64_t seconds, struct jw_buf *buf);
/* Whether a pattern, where * is anything, fits the whole of the text. */
bool jw_token_fits(const char *pattern, const char *text);

/* For the configuration. NULL, or what is wrong, a sentence. */
const char *jw_token_pattern_problem(const char *pattern);
const char *jw_token_origin_problem(const char *origin);
/* Whether an address to listen on can be reached from this machine only, as far as its text says. */
bool jw_token_is_local(const char *address);
