/* SPDX-License-Identifier: MIT */
/* Where in a token endpoint's answer the token stands: JSON of known shapes, a JSON Pointer, a bare string, plain text. */
#pragma once

#include "base/err.h"
#include "base/mem.h"

/* A larger answer is no token endpoint's. */
#define JW_ANSWER_BODY_MAX ((size_t)1 << 20)

struct jw_answer_token {
	struct jw_str token; /* a copy in the arena, trimmed of blanks around it */
	const char *where;   /* "/participant_token", "(plain text)", "(JSON string)" */
	const char *url; /* the server's address that came with it, in the arena; NULL: none */
	const char *
		bare_url; /* where there is none: one without a scheme, that no client can use; NULL */
};

/* RFC 6901: "" or "/a/b~1c/0". NULL, or what is wrong with it, a sentence fragment. */
const char *jw_answer_pointer_wrong(struct jw_str pointer);

/* Finds the token in `body`. `pointer` NULL: the known shapes in order (participant_token, participantToken, token,
 * access_token, accessToken, jwt, livekitToken, each also inside data and message; then any text within four levels that is
 * a JWT; a bare JSON string; plain text that is a token and nothing else). JW_TOKEN_NOT_FOUND, JW_PLACEHOLDER (an empty
 * text, {} of a promise that nobody awaited, {{TOKEN}}, null), JW_TOKEN_MALFORMED (there, and not a text: a number, a list),
 * JW_BAD_JSON (begins like JSON or is called so, and can't be read): sentences quote nothing of the body but names of
 * keys that aren't tokens, and tell an error page (HTML) and an {"error": ...} answer from each other and from JSON without
 * a token. JW_BODY_TOO_LARGE over JW_ANSWER_BODY_MAX. Different tokens at places that nobody knows beforehand are
 * JW_TOKEN_NOT_FOUND: which is meant isn't guessed. The found text may still be no JWT: who decodes it says so.
 * A pointer is one of right form. */
enum jw_cause jw_answer_find(struct jw_str body, struct jw_str content_type,
			     const char *pointer, struct jw_arena *arena,
			     struct jw_answer_token *ret_found, struct jw_err *err);
