/* SPDX-License-Identifier: MIT */
/* JSON from strangers: jansson, strict and with limits, and free of what it would trip over. */
#pragma once

#include "base/err.h"

#include <jansson.h>

#define JW_JSON_DEPTH 32
/* Lists, objects and commas: an empty list takes forty times its text once it is parsed. */
#define JW_JSON_VALUES 8192

/* Parses one JSON text. Refused with JW_TOKEN_MALFORMED and a sentence (which quotes nothing of the
 * text): bad syntax, bad UTF-8, depth over JW_JSON_DEPTH, more than JW_JSON_VALUES, two keys that are equal once
 * unescaped. Kept apart where jansson alone would refuse the whole text: \u0000 in a key or value
 * reads as U+2400 U+FDD0 (and a real U+FDD0 as two of it, so that nothing else reads so): "exp\u0000" is
 * another key than "exp", and no string holds a NUL; an integer
 * over 64 bits becomes a real; a real over the range (1e400) becomes +-9e307. The caller owns *ret_json. */
enum jw_cause jw_json_parse(struct jw_str text, json_t **ret_json, struct jw_err *err);

/* Seeds the hashes of objects against keys made to collide. Without it jansson asks the system at its first
 * object, which takes three system calls. */
void jw_json_seed(size_t seed);
