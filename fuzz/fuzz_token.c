/* SPDX-License-Identifier: MIT */
/* Any bytes as a token, as JSON, as a page and as a message: what must hold of each. */
#include <stdio.h>
#include <string.h>

#include "livekit/grants.h"
#include "livekit/leak.h"
#include "livekit/url.h"
#include "token/base64url.h"
#include "token/find.h"
#include "token/json.h"
#include "token/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition) must((condition), #condition)

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "doesn't hold: %s\n", what);
	abort();
}

/* A sentence is never empty and holds nothing that could be a piece of a token. */
static void check_sentence(const struct jw_err *err)
{
	size_t run = 0;

	MUST(err->text[0]);
	for (size_t i = 0; err->text[i]; i++) {
		run = jw_base64url_is_char(err->text[i]) ? run + 1 : 0;
		MUST(run < 24);
	}
}

static void check_time(const struct jw_time_claim *claim)
{
	MUST((claim->is == JW_CLAIM_INVALID) == (claim->problem != NULL));
	MUST(claim->is == JW_CLAIM_VALID || claim->seconds == 0);
}

static void check_grant(void *context, const char *grant)
{
	MUST(strchr(grant, '.') || jw_grants_has(context, grant));
}

static void check_claims(struct jw_jwt *jwt)
{
	int64_t seconds = 0;

	check_time(&jwt->exp);
	check_time(&jwt->nbf);
	check_time(&jwt->iat);
	MUST(!jw_jwt_lifetime(jwt, &seconds) || seconds > 0);
	MUST(!jw_jwt_has_audience(jwt, "a") || json_object_get(jwt->payload, "aud"));
	MUST(!jw_grants_room(jwt) || json_object_get(jwt->payload, "video"));
	jw_grants_each(jwt, check_grant, jwt);
}

/* Put together again from its parts, a token is the same one, with nothing left to tolerate. */
static void check_again(const struct jw_jwt *jwt, enum jw_cause cause, struct jw_arena *arena)
{
	jw_autobuf struct jw_buf text = JW_BUF(JW_JWT_MAX);
	struct jw_jwt again = {0};

	MUST(jw_buf_str(&text, jwt->signing_input) && jw_buf_char(&text, '.') &&
	     jw_base64url_encode(jwt->signature, &text));
	MUST(jw_jwt_decode(jw_buf_get(&text), arena, &again, NULL) == cause);
	MUST(!again.notes);
	MUST(json_equal(jwt->payload, again.payload));
	MUST(jw_str_eq(jwt->signature, again.signature));
	jw_jwt_done(&again);
}

static void check_decode(struct jw_str text)
{
	struct jw_arena arena = {0};
	struct jw_jwt jwt = {0};
	struct jw_err err = {0};
	enum jw_cause cause = jw_jwt_decode(text, &arena, &jwt, &err);

	MUST(cause == err.cause);
	if (cause)
		check_sentence(&err);
	MUST((cause == JW_TOKEN_MALFORMED) == (jwt.header == NULL));
	if (jwt.header) {
		MUST(json_is_object(jwt.header) && json_is_object(jwt.payload) && jwt.alg);
		check_claims(&jwt);
		check_again(&jwt, cause, &arena);
	}
	jw_jwt_done(&jwt);
	jw_arena_done(&arena);
}

static void check_json(struct jw_str text)
{
	json_t *json = NULL;
	json_t *again = NULL;
	struct jw_err err = {0};
	char *dump;

	if (jw_json_parse(text, &json, &err)) {
		check_sentence(&err);
		return;
	}
	dump = json_dumps(json, JSON_ENCODE_ANY);
	MUST(dump && !jw_json_parse(jw_str_of(dump), &again, NULL));
	/* U+FDD0, which tells a NUL from a U+2400, is doubled by each reading. */
	MUST(json_equal(json, again) || strstr(dump, "\xef\xb7\x90"));
	free(dump);
	json_decref(json);
	json_decref(again);
}

static void check_found(struct jw_str token, struct jw_buf *found)
{
	MUST(jw_str_starts(token, "eyJ") && jw_str_has(token, "."));
	MUST(token.len <= JW_JWT_MAX + 1);
	jw_buf_printf(found, "%zu ", token.len);
	jw_buf_str(found, token);
}

static void find_whole(struct jw_str text, struct jw_buf *found)
{
	struct jw_str token;
	size_t at = 0;
	size_t before = 0;

	while (jw_find_next(text, JW_FIND_LAST, &at, &token)) {
		MUST(at > before && token.ptr + token.len == text.ptr + at);
		before = at;
		check_found(token, found);
	}
	MUST(at == text.len);
}

static void find_in_windows(struct jw_str text, size_t step, struct jw_buf *found)
{
	size_t kept = 0;

	for (size_t end = 0; end < text.len;) {
		struct jw_str token;
		size_t at = 0;

		end = text.len - end < step ? text.len : end + step;
		while (jw_find_next((struct jw_str){text.ptr + kept, end - kept},
				    end < text.len ? JW_FIND_MORE_FOLLOWS : JW_FIND_LAST, &at,
				    &token))
			check_found(token, found);
		kept += at;
		MUST(end - kept <= JW_JWT_MAX);
	}
}

/* However a page arrives, the same tokens are in it. */
static void check_find(struct jw_str text, size_t step)
{
	jw_autobuf struct jw_buf whole = {0};
	jw_autobuf struct jw_buf windows = {0};

	jw_buf_init(&whole, text.len * 16 + 64);
	jw_buf_init(&windows, text.len * 16 + 64);
	find_whole(text, &whole);
	find_in_windows(text, step, &windows);
	MUST(jw_str_eq(jw_buf_get(&whole), jw_buf_get(&windows)));
}

static void check_scrub(struct jw_str text)
{
	jw_autofree char *message = jw_xcalloc(1, text.len + 1);
	jw_autofree char *again = NULL;
	struct jw_str token;
	size_t len;
	size_t at = 0;

	if (text.len)
		memcpy(message, text.ptr, text.len);
	len = strlen(message);
	jw_find_scrub(message);
	MUST(strlen(message) <= len);
	while (jw_find_next(jw_str_of(message), JW_FIND_LAST, &at, &token))
		MUST(token.len < 24);
	again = jw_xstrdup(message);
	jw_find_scrub(again);
	MUST(!strcmp(message, again));
}

/* What else a page may give away. */
static void check_page(struct jw_str text)
{
	size_t at = 0;
	size_t before = 0;
	struct jw_str url;

	MUST(jw_leak_find_assignment(text) <= text.len);
	MUST(jw_leak_find(text, jw_str_head(text, 9)) == 0 || !text.len || text.len < 8);
	while (jw_livekit_next_url(text, &at, &url)) {
		MUST(at > before && at <= text.len);
		before = at;
		MUST(jw_livekit_url_flaw(url, NULL) == JW_URL_USABLE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jw_str text = {(const char *)data, size};

	check_decode(text);
	check_json(text);
	check_find(text, 1 + (size ? data[size - 1] : 0));
	check_scrub(text);
	check_page(text);
	jw_find_is_placeholder(text);
	return 0;
}
