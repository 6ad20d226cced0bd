/* SPDX-License-Identifier: MIT */
/* The row from which an option's parsing, range errors, help, manual and schema all come. */
#pragma once

#include "base/err.h"
#include "base/mem.h"

#include <stddef.h>

/* Beside each: the field that the offset points to. Texts are NUL-terminated, live in the
 * configuration's arena, and are NULL where the option isn't given and has no fallback. */
enum jw_type {
	JW_T_END = 0,
	JW_T_TEXT,	/* const char * */
	JW_T_PATH,	/* const char *; relative to the file that names it */
	JW_T_PATTERN,	/* const char *; compiled once when read, to find errors early */
	JW_T_CHOICE,	/* int: index into choices */
	JW_T_BOOL,	/* bool: true, false */
	JW_T_SECONDS,	/* int64_t */
	JW_T_MILLIS,	/* int64_t */
	JW_T_BYTES,	/* int64_t */
	JW_T_COUNT,	/* int64_t: a whole number without a unit */
	JW_T_THRESHOLD, /* struct jw_threshold */
	JW_T_TEXTS,	/* const char *const *, NULL-ended: one text or a list */
	JW_T_LABELS,	/* const struct jw_pair *, ended by {NULL, NULL}: a map of texts */
	JW_T_PAIRS,	/* the same with names of any kind */
	JW_T_SEVERITY,	/* const uint8_t *, JW_CAUSE_COUNT of them: a map of cause to state */
	JW_T_SECRET,	/* const struct jw_secret * */
	JW_T_CONTENT, /* const struct jw_secret *; a text that may hold a secret: never shown either, but taken
			 * as it is on the command line too */
	JW_T_HEADERS, /* const struct jw_header *, ended by {NULL, NULL}: a map of name to content */
	JW_T_VARIABLES, /* the same for variables of an environment */
	JW_T_COMMAND, /* const char *const *, NULL-ended: a program and its words, a list. The words behind the
			 * first may hold secrets and are never shown */
	JW_T_URL,   /* const char *; choices: what it may begin with ("https://"), and
			 * whole words that are taken instead */
	JW_T_PATHS, /* const char *const *, NULL-ended: one path or a list */
	JW_T_GROUP, /* const void *: a struct of its own, whose rows are `group`; a mapping. Not on the command line */
};

struct jw_pair {
	const char *name;
	const char *value;
};

/* Where a secret comes from; the secret itself is read when a run needs it. */
enum jw_secret_kind {
	JW_SECRET_PLAIN,
	JW_SECRET_FILE,
	JW_SECRET_ENV,
	JW_SECRET_CREDENTIAL,
	JW_SECRET_ENV_FILE
};

struct jw_secret {
	enum jw_secret_kind kind;
	const char *value; /* the secret itself (PLAIN), a path, or a name */
	const char *name;  /* of ENV_FILE: which variable of the file */
};

struct jw_header {
	const char *name;
	const struct jw_secret *value;
};

struct jw_option {
	const char *name; /* "max_size"; on the command line --max-size and --max_size */
	enum jw_type type;
	size_t offset;	      /* into the struct that the table belongs to */
	const char *fallback; /* as it would be written in YAML; NULL: none */
	bool required;
	bool may_be_empty; /* for TEXTS: an empty list is kept, since it says more than none at all */
	int64_t min;	   /* for numbers, in the field's unit */
	int64_t max;
	const char *const
		*choices; /* NULL-ended; for CHOICE, and for TEXTS where only these are taken */
	const struct jw_option *group; /* of a GROUP: its rows, ended by {0} */
	size_t group_size;	       /* of a GROUP: of its struct */
	const char *value;	       /* what the value is called in help: "PATH" */
	const char *help;	       /* one sentence fragment */
};

/* For the start of a row: {JW_OPT(struct config, path), .type = ...}. */
#define JW_OPT(type_, field) .name = #field, .offset = offsetof(type_, field)
