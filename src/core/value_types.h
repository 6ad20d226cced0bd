/* SPDX-License-Identifier: MIT */
/* What each type of option makes of a text. */
#pragma once

#include "core/value.h"

enum jw_shape { JW_SHAPE_ONE, JW_SHAPE_LIST, JW_SHAPE_MAP, JW_SHAPE_SECRET, JW_SHAPE_HEADERS };

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

/* Another header, or another value for one, in *field. */
enum jw_cause jw_value_header(struct jw_load *load, struct jw_str name,
			      const struct jw_secret *value, void *field, struct jw_err *err);
/* Its sentences quote nothing. */
enum jw_cause jw_value_secret(struct jw_load *load, enum jw_secret_kind kind,
			      struct jw_str text, void *field, struct jw_err *err);
