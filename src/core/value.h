/* SPDX-License-Identifier: MIT */
/* What a user wrote, in YAML or on the command line, into the field that an option's row names. */
#pragma once

#include "core/yaml.h"

/* Of one list or map: labels, names of keys, causes. */
#define JW_VALUE_ITEMS_MAX 1024
#define JW_VALUE_PATH_MAX ((size_t)4095)
#define JW_VALUE_NAME_MAX ((size_t)128)
#define JW_VALUE_WORD_MAX ((size_t)65536)
/* In place of what isn't shown. */
#define JW_VALUE_HIDDEN "(hidden)"

/* One reading of a configuration. */
struct jw_load {
	struct jw_arena *arena;	  /* where values live */
	struct jw_errors *errors; /* of YAML only */
	const char *file;	  /* of YAML only */
	const char *folder;	  /* what relative paths start from; NULL: the current folder */
	enum jw_origin origin;	  /* of the command line only */
	const char *built_in[2];  /* the thresholds that nobody gave: warning, critical */
	const char
		*pattern; /* the last one that compiled: thousands of targets may share one */
};

/* Fills the fallbacks of a table, which ends with {0}; they are our own, so they fit. */
void jw_value_fallbacks(struct jw_load *load, const struct jw_option *options, void *base);
/* Sets a field of `base` from YAML; a list or map replaces what was there. Errors are added, each at its place,
 * and leave what they concern unset. */
void jw_value_read(struct jw_load *load, const struct jw_option *option,
		   const struct jw_node *node, const struct jw_path *path, void *base);
/* The same from one argument of the command line; a list or map grows. JW_CONFIG and a sentence without the
 * option's name. */
enum jw_cause jw_value_set(struct jw_load *load, const struct jw_option *option,
			   struct jw_str text, void *base, struct jw_err *err);

/* False for what isn't given and has no fallback. */
bool jw_value_is_set(const struct jw_option *option, const void *base);
/* Whether it is a secret that stands in the open where it was written. */
bool jw_value_is_plain_secret(const struct jw_option *option, const void *base);
/* A number of SECONDS, MILLIS, BYTES or COUNT as it would be written: "90s", "1h30m", "16MiB". */
void jw_value_number(enum jw_type type, int64_t n, struct jw_buf *buf);
/* JW_CONFIG where a target or a key can't be called that: 1 to 128 bytes that can be shown, no '-' in front,
 * no token. */
enum jw_cause jw_value_name(struct jw_str name, struct jw_err *err);
/* True where this key hasn't stood in its map before; else adds an error. */
bool jw_value_once(struct jw_load *load, const struct jw_entry *entry,
		   const struct jw_path *map_path);
