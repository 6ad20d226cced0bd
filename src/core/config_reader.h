/* SPDX-License-Identifier: MIT */
/* What the parts of the configuration's reader have in common: one reading of one file and of what it includes. */
#pragma once

#include "contract/files.h"
#include "core/config_parts.h"

#define JW_INCLUDE_DEPTH_MAX 8
#define JW_INCLUDE_FILES_MAX 1000
#define JW_INCLUDE_BYTES_MAX ((size_t)64 << 20)

/* One file of the configuration. */
struct jw_source {
	const char *file;   /* as it is named in messages, and opened */
	const char *folder; /* what the relative paths in it start from */
	const char *
		own_folder; /* the folder of `file`, as far as it is named; "": the current one */
	const struct jw_node *root; /* NULL: it couldn't be read, which has been reported */
	struct jw_source *parent;   /* which includes it; NULL: the first one */
	const char *named_in;	    /* which file names it, which is the parent at first */
	struct jw_mark named_at;    /* where in that file */
	bool is_globbed;	    /* by globs alone, so it may be named once more */
	size_t depth;		    /* of the first one 0 */
	bool has_identity;
	struct jw_file_identity identity;
	struct jw_target
		prototype; /* what its targets begin with: its own defaults and those above */
	bool has_plain_secrets;
};

struct jw_sources {
	struct jw_source *
		*items; /* the first one first, then as they are included, depth first */
	size_t count;
	size_t bytes;
	size_t nodes;
	bool is_partial; /* a file couldn't be read or taken: what is in it isn't known */
};

/* A key, a sink or a target whose name has to be the only one of its kind. */
struct jw_named {
	const char *name;
	const struct jw_source *source;
	struct jw_mark at;
	size_t index; /* among the targets of its file */
};

struct jw_reader {
	struct jw_load load;
	struct jw_config *config;
	struct jw_arena tree; /* lives as long as the reading */
	struct jw_sources sources;
	int64_t deadline_ms;	   /* for globs of includes */
	struct jw_source *source;  /* that is being read */
	struct jw_named *keys;	   /* beside config->keys */
	struct jw_named *sinks;	   /* beside config->sinks */
	struct jw_named *targets;  /* beside config->targets */
	struct jw_target fallback; /* a target without any defaults */
	struct jw_named *modules;  /* beside config->modules */
	struct jw_named daemon;
	struct jw_module_entry *module; /* whose target is being read; NULL: none's */
};

/* The names that could have been meant by an unknown key. */
#define JW_NAMES_MAX 128
struct jw_names {
	const char *items[JW_NAMES_MAX];
	size_t count;
};
void jw_names_add(struct jw_names *names, const struct jw_option *options);

/* Reads the first file, whose text this is, and all that it includes. */
void jw_include_all(struct jw_reader *r, struct jw_str text, const char *folder,
		    const struct jw_files *files);
/* What is reported from here on stands in this file. */
void jw_reader_enter(struct jw_reader *r, struct jw_source *source);

void jw_reader_error(struct jw_reader *r, const struct jw_node *at, const struct jw_path *path,
		     const char *sentence);
/* An unknown word isn't quoted among a key's options, where it may be the secret, put in the
 * wrong place; nor from an included file, which may be another one than was meant. */
enum jw_quoting { JW_QUOTE_IT, JW_QUOTE_NOTHING };
void jw_reader_unknown(struct jw_reader *r, const struct jw_node *key,
		       const struct jw_path *path, const struct jw_names *names,
		       enum jw_quoting quoting);
/* True for a mapping; else adds an error, unless it was added before. */
bool jw_reader_is_map(struct jw_reader *r, const struct jw_node *node,
		      const struct jw_path *path, const char *sentence);
/* Remembers the file where the option's value is a secret in the open. */
void jw_reader_note_plain(struct jw_reader *r, const struct jw_option *option,
			  const void *base);

/* `keys` of the file that is being read; there is room for them in r->config->keys. */
void jw_reader_keys(struct jw_reader *r, const struct jw_node *node);
/* The same for `sinks`. */
void jw_reader_sinks(struct jw_reader *r, const struct jw_node *node);
/* When all targets are known: adds an error for each sink that makes one service of several of them. */
void jw_reader_check_services(struct jw_reader *r);
/* `daemon` and `modules`. */
void jw_reader_daemon(struct jw_reader *r, const struct jw_node *node);
void jw_reader_modules(struct jw_reader *r, const struct jw_node *node);
/* An entry that only a module may have, or may not: true where it was one. */
bool jw_reader_module_entry(struct jw_reader *r, const struct jw_entry *entry,
			    const struct jw_path *path);
/* One target, or what is one in a module. */
void jw_reader_target(struct jw_reader *r, const struct jw_node *node,
		      const struct jw_path *path, struct jw_target *target);
/* Of the sinks, before anything is read: which nodes are secrets, so that no error quotes them. */
void jw_reader_mark_sinks(const struct jw_node *sinks);
/* Finds the targets that same_as names, and adds an error for each that can't be one. */
void jw_reader_check_copies(struct jw_reader *r);
/* The same for what `renew` of targets needs and names. */
void jw_reader_check_renewals(struct jw_reader *r);
/* Adds an error for each of `hosts` of the daemon that is no name. */
void jw_reader_check_hosts(struct jw_reader *r);
/* The same for what `token_api` of the daemon needs and names. */
void jw_reader_check_token_api(struct jw_reader *r);
/* Adds an error for each name that another key, sink or target has too. */
void jw_reader_check_names(struct jw_reader *r);

extern const struct jw_path jw_path_keys;
extern const struct jw_path jw_path_modules;
extern const struct jw_path jw_path_sinks;
extern const struct jw_path jw_path_targets;
