/* SPDX-License-Identifier: MIT */
/* The configuration: YAML read into targets through the option tables, with every error reported. */
#pragma once

#include "contract/check.h"
#include "contract/files.h"
#include "contract/option.h"
#include "contract/sink.h"
#include "verdict/judge.h"

#define JW_CONFIG_TARGETS_MAX 200000

/* In place of a URL in accepted_by: the one that an endpoint's answer gives. */
#define JW_ACCEPTED_BY_RESPONSE "from_response"

/* The options that every target has, and those of token checks, in one struct; its tables are
 * jw_target_options and jw_token_options. */
struct jw_target {
	const char *name;
	const struct jw_check *check;
	void *config;	 /* the check's own, config_size bytes */
	int64_t timeout; /* ms */
	/* For the daemon. */
	int64_t interval;	/* ms */
	int64_t retry_interval; /* ms; 0: a fifth of the interval, and a second at least */
	int64_t attempts; /* so many failures of transport in a row before a change is told */
	const char *same_as;	      /* the target that must hold the same token; NULL: none */
	const struct jw_target *peer; /* that one */
	const struct jw_renew *renew; /* NULL: nothing is put in by itself */
	bool enabled;
	const struct jw_pair *labels;
	const char *runbook;
	const char *ca_file;
	const char *client_certificate;
	const char *const
		*key; /* names in `keys`, NULL-ended; NULL: signatures aren't verified */
	struct jw_expect
		expect;	  /* warning, critical, issuer ... are filled by the token table */
	const char *file; /* where it was written, for messages; NULL: the command line */
	size_t line;
};

/* Where a fresh token comes from. */
enum jw_renew_from { JW_RENEW_MINT, JW_RENEW_ENDPOINT, JW_RENEW_COMMAND, JW_RENEW_RUN };

/* How a target's token is replaced; its table is jw_renew_options. What a token is to carry and isn't said here is as in the
 * old one. */
struct jw_renew {
	int from;	 /* of enum jw_renew_from */
	const char *key; /* of `keys`; NULL: the target's first one */
	const char *room;
	const char *identity;
	const char *participant; /* its name, for people */
	const char *metadata;
	const struct jw_pair *attributes;
	const char *const *grants;
	int64_t ttl;				 /* s */
	const char *endpoint;			 /* the target whose token it is */
	const struct jw_target *endpoint_target; /* that one */
	const char *const *command;
	const struct jw_header *env;
	const char *const *also;
	const char *root;
	int write; /* of enum jw_edit_way */
	struct jw_threshold before;
};

struct jw_key_entry {
	const char *name;
	const char *issuer;
	const struct jw_secret *secret;
	int64_t max_ttl; /* s; 0: any */
};

/* The options that every sink has are those of jw_sink_options. */
struct jw_sink_entry {
	const char *name;
	const struct jw_sink *sink;
	void *config;	     /* the sink's own, config_size bytes */
	const char *host;    /* pattern: $name$ is the target's; NULL: this machine */
	const char *service; /* pattern */
	int64_t timeout;     /* ms */
};

/* What /probe may be asked for beside the targets: a target without its URL, and which URLs it takes. */
struct jw_module_entry {
	const char *name;
	struct jw_target *target; /* its check has an option `url`, which isn't filled in */
	const char *const *allow; /* patterns of URLs, NULL-ended */
};

/* Who may have a LiveKit token from the daemon, and which. Its table is jw_token_api_options. */
struct jw_token_api {
	const char *key;	       /* of `keys` */
	const char *url;	       /* of the LiveKit server, given out with each token */
	const char *const *rooms;      /* patterns, where * is anything */
	const char *const *identities; /* the same */
	int64_t ttl;		       /* s, where nobody asks for another */
	int64_t max_ttl;	       /* s */
	const char *const *grants;
	const char *const *deny; /* grants that LiveKit gives with roomJoin unless it is told */
	const char *const *choices; /* of jw_token_choices: what else who asks may choose */
	const char *const *agents;  /* patterns of those that may be asked for; NULL: none */
	const char *const *origins; /* of pages; NULL: only the daemon's own */
	int64_t rate;		    /* requests a minute from one client */
};

/* `daemon:`, what the scheduler has beside the targets. Its table is jw_daemon_options. */
struct jw_daemon_entry {
	const char *const *listen;	      /* addresses, NULL-ended */
	const char *const *hosts;	      /* further names of ours; NULL: none */
	const char *state;		      /* the state file; NULL: none */
	const char *static_folder;	      /* whose files are served; NULL: none */
	const struct jw_token_api *token_api; /* NULL: no tokens are given out */
};

struct jw_config {
	struct jw_arena arena;
	/* Held by whoever uses it: a run, the daemon. jw_config_free drops one; 0 and 1 are one. */
	size_t references;
	struct jw_daemon_entry daemon;
	struct jw_module_entry *modules;
	size_t module_count;
	const char *file;
	struct jw_target *
		targets; /* in the order of the file, then in that of the files that it includes */
	size_t target_count;
	struct jw_key_entry *keys;
	size_t key_count;
	struct jw_sink_entry *sinks;
	size_t sink_count;
	bool has_plain_secrets;
	const char **
		plain_files; /* those that plain secrets stand in, NULL-ended; NULL: of no file */
};

/* What may stand at the top level of a file. */
struct jw_section {
	const char *name;
	const char *help;
};
extern const struct jw_section jw_config_sections[]; /* ended by {0} */

/* name (required), check (required), timeout, enabled, severity, labels, runbook, and what concerns TLS. */
extern const struct jw_option jw_target_options[];
/* warning, critical, accepted_by, key, issuer, audience, subject, room, identity, min_lifetime, max_lifetime, leeway,
 * forbid_grants, same_as, same_as_grace, rotate_every. Offsets are into struct jw_target. */
extern const struct jw_option jw_token_options[];
/* from, key, room, ...: offsets into struct jw_renew. */
extern const struct jw_option jw_renew_options[];
/* listen, hosts, state, static, token_api: offsets into struct jw_daemon_entry. */
extern const struct jw_option jw_daemon_options[];
/* key, url, rooms, ...: offsets into struct jw_token_api. */
extern const struct jw_option jw_token_api_options[];
/* What a participant may choose of itself, by enum jw_token_choice, NULL-ended. */
enum jw_token_choice { JW_TOKEN_NAME, JW_TOKEN_METADATA, JW_TOKEN_ATTRIBUTES };
extern const char *const jw_token_choices[];
/* allow: offsets into struct jw_module_entry. What else a module may have is what its target may. */
extern const struct jw_option jw_module_options[];
/* issuer, secret, max_ttl: offsets into struct jw_key_entry. */
extern const struct jw_option jw_key_options[];

/* host, service, timeout: offsets into struct jw_sink_entry. */
extern const struct jw_option jw_sink_options[];

/* Gathers error lines, each complete: "jwtwatch.yaml:12:5: targets[1].timeout: 900s is more than 300s".
 * {0} is an empty one; its owner ends the text with jw_buf_done. */
struct jw_errors {
	struct jw_buf text; /* a line each, ended by a newline */
	size_t count;
};

/* Reads YAML `text` that came from `file` (as the user named it), and the files that it
 * includes, by `files` (NULL: an include is an error); looks for those that globs name until
 * deadline_ms of the monotonic clock. `folder` is what relative paths start from. NULL and at
 * least one error, or a configuration. No secret is in an error. */
struct jw_config *jw_config_read(struct jw_str text, const char *file, const char *folder,
				 const struct jw_files *files, int64_t deadline_ms,
				 struct jw_errors *errors);
/* One more user: jw_config_free frees it when the last one has called it. From one thread only. */
struct jw_config *jw_config_keep(struct jw_config *config);
void jw_config_free(struct jw_config *config);
/* Whether both look at the same place in the same way: check, its own options and what concerns TLS and time, not what
 * is expected. State that is known of the one holds for the other. */
bool jw_config_same_source(const struct jw_target *a, const struct jw_target *b);
/* A target of this module that looks at `url`, in the arena. JW_CONFIG and a sentence: no such module, or the URL isn't
 * among those that it takes. */
enum jw_cause jw_config_probe(const struct jw_config *config, struct jw_str module,
			      struct jw_str url, struct jw_arena *arena,
			      struct jw_target **ret_target, struct jw_err *err);
/* Whether a check can be a module's. */
bool jw_config_takes_url(const struct jw_check *check);
struct jw_target *jw_config_find(const struct jw_config *config, struct jw_str name);
/* The file or glob that the target's check looks at; NULL: it looks at none. */
const char *jw_config_path(const struct jw_target *target);

/* Among the sinks; JW_CONFIG and the nearest name where there is none of that name. */
enum jw_cause jw_config_sink(const struct jw_config *config, struct jw_str name,
			     const struct jw_sink_entry **ret_sink, struct jw_err *err);

/* For the command line: an empty configuration, a target of one check added to it with defaults only, and one
 * option after another set as if YAML had said so ("--max-size 4MiB"; lists grow by each mention; maps take
 * name=value). Paths are relative to the current folder; a target moves when another is added. JW_CONFIG and a
 * sentence that names the option as the command line does. */
struct jw_config *jw_config_new(void);
struct jw_target *jw_config_add(struct jw_config *config, const struct jw_check *check,
				const char *name);
const struct jw_option *jw_config_option(const struct jw_check *check, struct jw_str name);
enum jw_cause jw_config_set(struct jw_config *config, struct jw_target *target,
			    const struct jw_option *option, struct jw_str value,
			    struct jw_err *err);
/* The same with where the value stands: a secret itself is taken from a file that others can't read, and from nowhere
 * else. */
enum jw_origin { JW_FROM_COMMAND_LINE, JW_FROM_OPEN_FILE, JW_FROM_PRIVATE_FILE };
enum jw_cause jw_config_set_from(struct jw_config *config, struct jw_target *target,
				 const struct jw_option *option, struct jw_str value,
				 enum jw_origin origin, struct jw_err *err);
/* Where the names of the target's keys are: those that its signatures are verified with, or its check's own. */
const char *const **jw_config_keys(struct jw_target *target);
/* Required options, thresholds and lifetimes in order, the check's prepare. */
enum jw_cause jw_config_finish(struct jw_config *config, struct jw_target *target,
			       struct jw_err *err);

/* The effective configuration as YAML, defaults filled in, secrets as "(hidden)" or as where they come from. */
void jw_config_write(const struct jw_config *config, struct jw_buf *buf);
/* A scalar in quotes as far as it needs them, which reads back as this text; tokens in it are cut out. */
void jw_config_write_text(const char *text, struct jw_buf *buf);
