/* SPDX-License-Identifier: MIT */
/* What each type of option makes of a text. */
#pragma once

#include "core/value.h"

enum jw_shape {
	JW_SHAPE_ONE,
	JW_SHAPE_LIST,
	JW_SHAPE_MAP,
	JW_SHAPE_SECRET,
	JW_SHAPE_HEADERS,
	JW_SHAPE_GROUP
};

struct jw_value_type {
	enum jw_shape shape;
	/* *field from a text; for LIST one more item. JW_CONFIG and a sentence leave it untouched. */
	enum jw_cause (*set)(struct jw_load *load, const struct jw_option *option,
			     struct jw_str text, void *field, struct jw_err *err);
	/* For MAP: one more pair. */
	enum jw_cause (*set_pair)(struct jw_load *load, struct jw_str name, struct jw_str text,
				  void *field, struct jw_err *err);
	const char *is; /* what a value should be */
};

/* By enum jw_type. */
extern const struct jw_value_type jw_value_types[];

/* Another header, or another value for one, in *field; and the same for a variable. */
enum jw_cause jw_value_header(struct jw_load *load, struct jw_str name,
			      const struct jw_secret *value, void *field, struct jw_err *err);
enum jw_cause jw_value_variable(struct jw_load *load, struct jw_str name,
				const struct jw_secret *value, void *field, struct jw_err *err);
/* Another word of a command. */
enum jw_cause jw_value_word(struct jw_load *load, const struct jw_option *option,
			    struct jw_str text, void *field, struct jw_err *err);
/* Sets a path; `option` may be NULL. */
enum jw_cause jw_value_path(struct jw_load *load, const struct jw_option *option,
			    struct jw_str text, void *field, struct jw_err *err);
/* Room for one more of `size` bytes and for what ends the array: NULL past the limit, which jw_value_too_many says. */
void *jw_value_append(struct jw_load *load, void **items, size_t used, size_t size);
enum jw_cause jw_value_too_many(struct jw_err *err);
/* Names of labels and of environment variables alike. */
bool jw_value_is_identifier(struct jw_str s);
/* In any case of letters. */
bool jw_value_is_among(struct jw_str text, const char *const *words);
/* What the ways to name a secret are called, by enum jw_secret_kind; NULL: the secret itself. */
#define JW_SECRET_KINDS 5
extern const char *const jw_secret_kinds[JW_SECRET_KINDS];
/* Where a secret is, as one argument of the command line has it: "file:PATH", "env_file:PATH:NAME". A text that
 * names no place is the secret itself where `type` is CONTENT, else an error. */
enum jw_cause jw_value_secret_argument(struct jw_load *load, enum jw_type type,
				       struct jw_str text, void *field, struct jw_err *err);
/* A struct of its own from a mapping in YAML, with its fallbacks; errors are added, and then *field stays. */
void jw_value_read_group(struct jw_load *load, const struct jw_option *option,
			 const struct jw_node *node, const struct jw_path *path, void *field);
/* From YAML; errors are added. */
void jw_value_read_secret(struct jw_load *load, const struct jw_node *node,
			  const struct jw_path *path, void *field);
