/* SPDX-License-Identifier: MIT */
/* What answer.c and answer_pointer.c share: JSON walked by pointer, and described without its content. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>

/* The value that a pointer of right form leads to, and the object or list that holds it (NULL: it is the root). Both
 * are borrowed from the root. JW_TOKEN_NOT_FOUND says which part isn't there, and what is. */
enum jw_cause jw_answer_walk(json_t *root, const char *pointer, json_t **ret_value,
			     json_t **ret_parent, struct jw_err *err);

/* A key fit to be shown; of a long one, which may be anything, its length alone. */
void jw_answer_add_name(struct jw_buf *buf, const char *key);
/* The same as a part of a pointer: "/a~1b". */
void jw_answer_add_part(struct jw_buf *buf, const char *key);
/* "it has a, b and more", "it is an empty object", "it is a list of 3", "it is a number". */
void jw_answer_add_content(struct jw_buf *buf, const json_t *value);
/* "an object", "a list", "a number", ... */
const char *jw_answer_kind(const json_t *value);
