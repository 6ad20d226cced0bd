/* SPDX-License-Identifier: MIT */
/* A JSON Pointer ("-": none) and a content type in the first two lines, and an answer behind them: what must hold. */
#include <stdio.h>
#include <string.h>

#include "base/url.h"
#include "token/answer.h"
#include "token/find.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition) must((condition), #condition)

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "doesn't hold: %s\n", what);
	abort();
}

static void check_url(const char *text)
{
	struct jw_url url;

	MUST(!jw_url_parse(jw_str_of(text), &url));
	MUST(jw_str_is_nocase(url.scheme, "ws") || jw_str_is_nocase(url.scheme, "wss") ||
	     jw_str_is_nocase(url.scheme, "http") || jw_str_is_nocase(url.scheme, "https"));
}

static void check_found(const struct jw_answer_token *found)
{
	MUST(found->token.len && found->where && *found->where);
	MUST(jw_str_trim(found->token).len == found->token.len);
	MUST(!jw_find_is_placeholder(found->token));
	if (found->url)
		check_url(found->url);
}

/* A sentence, on one line, with nothing in the shape of a token. */
static void check_sentence(const struct jw_err *err)
{
	struct jw_err again = *err;

	MUST(err->text[0]);
	for (const char *c = err->text; *c; c++)
		MUST((unsigned char)*c >= ' ' && *c != 0x7f);
	jw_find_scrub(again.text);
	MUST(!strcmp(again.text, err->text));
}

static bool is_expected(enum jw_cause cause)
{
	return cause == JW_TOKEN_NOT_FOUND || cause == JW_PLACEHOLDER ||
	       cause == JW_TOKEN_MALFORMED || cause == JW_BAD_JSON ||
	       cause == JW_BODY_TOO_LARGE;
}

static void check_answer(struct jw_str body, struct jw_str type, const char *pointer)
{
	struct jw_arena arena = {0};
	struct jw_answer_token found = {.where = "untouched"};
	struct jw_err err = {0};
	enum jw_cause cause = jw_answer_find(body, type, pointer, &arena, &found, &err);

	if (cause) {
		MUST(is_expected(cause) && cause == err.cause);
		MUST(!found.token.ptr && !found.url && !strcmp(found.where, "untouched"));
		check_sentence(&err);
	} else {
		check_found(&found);
	}
	MUST(jw_answer_find(body, type, pointer, &arena, &found, NULL) == cause);
	jw_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jw_str body = {(const char *)data, size};
	struct jw_str pointer;
	struct jw_str type;
	struct jw_arena arena = {0};

	if (!jw_str_cut(body, '\n', &pointer, &body) || !jw_str_cut(body, '\n', &type, &body))
		return 0;
	if (jw_str_is(pointer, "-"))
		check_answer(body, type, NULL);
	else if (!jw_answer_pointer_wrong(pointer))
		check_answer(body, type, jw_arena_text(&arena, pointer));
	jw_arena_done(&arena);
	return 0;
}
