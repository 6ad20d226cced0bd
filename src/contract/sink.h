/* SPDX-License-Identifier: MIT */
/* What a sink is: it makes a request of a result and reads the answer, and sends nothing. */
#pragma once

#include "base/buf.h"
#include "contract/http.h"
#include "contract/option.h"
#include "verdict/cause.h"

/* When the daemon sends. */
enum jw_sink_when {
	JW_SINK_EVERY,	/* every result: who is told looks for freshness */
	JW_SINK_CHANGE, /* where the state has changed */
	JW_SINK_PAGE,	/* not results one by one: a page of all (textfile) */
};

/* One result as monitoring systems take it. All borrowed. */
struct jw_sink_result {
	const char *target;  /* the name of what was judged */
	const char *machine; /* who judged */
	const char *host;    /* whose service it is */
	const char *service;
	enum jw_state state;
	/* One line or several, and "'label'=1s;2:;3: 'other'=4": fit to be shown, free of '|'
	 * and of tokens. */
	struct jw_str text;
	struct jw_str perfdata; /* empty: none */
	int64_t now;
	/* For sinks that tell people and programs of a change; else not needed. */
	enum jw_state before; /* the state that was told last */
	bool is_first;	      /* nothing was told before: `before` means nothing */
	enum jw_cause cause;
	const char *message;	      /* of the verdict, fit to be shown, free of tokens */
	const char *remedy;	      /* NULL: none */
	const char *runbook;	      /* NULL: none */
	const struct jw_pair *labels; /* as in struct jw_target; may be NULL */
	int64_t since;		      /* when this state began, Unix time; 0: unknown */
	int64_t expires;	      /* of the token that the verdict hangs on; 0: unknown */
	int64_t interval; /* seconds between two results of this target; 0: unknown */
};

/* What is to be sent: a request, where there is a url; what a program is to read, where there is an argv; else a line
 * for a named pipe. Everything lives in the arena that it was made in. */
struct jw_sink_parcel {
	const char *url; /* of a POST */
	const char *path;
	const char *const *headers; /* as in struct jw_http_request */
	struct jw_str body;
	const char *ca_file;
	const char *client_certificate;
	const char *server_name;
	const char *const *argv; /* as in struct jw_exec_request */
	const char *const *env;
};

/* A line for a named pipe is written whole or not at all (PIPE_BUF). */
#define JW_SINK_LINE_MAX ((size_t)4096)

enum jw_says {
	JW_SAYS_TAKEN,
	JW_SAYS_REFUSED, /* or none came */
	JW_SAYS_LATER, /* not taken now, for reasons that aren't the result's: it is busy, or out of order */
	JW_SAYS_UNKNOWN, /* refused, maybe since the sink has no such service */
};

struct jw_sink {
	const char *name; /* the word behind `type:` */
	enum jw_sink_when when;
	const char *summary;
	const struct jw_option *options; /* ended by {0} */
	size_t config_size;
	/* As in struct jw_check. May be NULL. */
	enum jw_cause (*prepare)(void *config, struct jw_arena *arena, struct jw_err *err);
	/* Where results go, for messages: a URL or a path. */
	const char *(*place)(const void *config);
	/* What proves who we are; NULL, or NULL returned: nothing does. */
	const struct jw_secret *(*secret)(const void *config);
	/* Header lines of the request, or variables of the program, beside those of the parcel: their values may be
	 * secrets and are read when they are needed. May be NULL. */
	const struct jw_header *(*headers)(const void *config);
	/* NULL of those that get a page, which aren't sent results. `secret` is what that secret says. JW_SINK_FAILED and a sentence where this result
	 * can't be sent there. */
	enum jw_cause (*pack)(const void *config, struct jw_str secret,
			      const struct jw_sink_result *result, struct jw_arena *arena,
			      struct jw_sink_parcel *ret_parcel, struct jw_err *err);
	/* NULL of those that get a page, and of programs, whose exit status says it. TAKEN, and in `words` what was said to the result; else what is wrong. Of a line for
	 * a pipe `reply` is NULL: it was written. What the other side says is in the words,
	 * never the secret. */
	enum jw_says (*answer)(const void *config, struct jw_str secret,
			       const struct jw_sink_result *result,
			       const struct jw_http_reply *reply, struct jw_buf *words);
};

/* All sinks, NULL-ended, in the order of the manual. */
extern const struct jw_sink *const jw_sinks[];
const struct jw_sink *jw_sink_by_name(struct jw_str name);
