/* SPDX-License-Identifier: MIT */
/* What a check is, and what it may ask of its run. */
#pragma once

#include "contract/exec.h"
#include "contract/files.h"
#include "contract/http.h"
#include "contract/option.h"
#include "verdict/facts.h"

struct jw_run;

enum jw_next {
	JW_NEXT,   /* go on with the step that follows */
	JW_WAIT,   /* something was asked of the outside: the next step runs on its answer */
	JW_REPEAT, /* the step before this one once more */
	JW_DONE,   /* the facts are complete */
};

enum jw_check_kind {
	JW_CHECK_HELD,	 /* tokens that somebody holds: the built-in thresholds apply */
	JW_CHECK_FRESH,	 /* a token made for the asking: thresholds only where they are given */
	JW_CHECK_SERVER, /* no token: none of the token options */
};

/* Whether what it reads is for everybody to see. */
enum jw_public {
	JW_PUBLIC_NEVER,
	JW_PUBLIC_PATTERN, /* where a pattern says how a token stands in a page */
	JW_PUBLIC_ALWAYS,
};

/* After any of JW_NEXT, JW_WAIT and JW_DONE `run` may be gone: a step returns at once. */
struct jw_check {
	const char *name;
	const char *summary;
	enum jw_check_kind kind;
	enum jw_public is_public;
	const struct jw_option *options; /* ended by {0} */
	size_t config_size;
	size_t state_size;
	/* Looks at a filled config once, when the configuration is read: JW_CONFIG and "option: what is wrong"
	 * where values don't go together. What it makes lives in the arena. May be NULL. */
	enum jw_cause (*prepare)(void *config, struct jw_arena *arena, struct jw_err *err);
	enum jw_next (*const *steps)(struct jw_run *run); /* NULL-ended */
	/* So many of the first steps touch nothing but files, the processor and their run, and don't wait: in the
	 * daemon a thread walks them. */
	size_t blocking_steps;
	void (*cleanup)(
		struct jw_run *run); /* frees what the steps put into the state; may be NULL */
};

/* All checks, NULL-ended, in the order of the manual. */
extern const struct jw_check *const jw_checks[];
const struct jw_check *jw_check_by_name(struct jw_str name);
/* Runs a program for what it does, with the options of `command`; no token is looked for. None of jw_checks. */
extern const struct jw_check jw_check_program;

/* Implemented by core/run.c. */
const void *jw_run_config(const struct jw_run *run);
void *jw_run_state(struct jw_run *run); /* state_size bytes, zeroed before the first step */
struct jw_arena *jw_run_arena(struct jw_run *run);

/* Reports a failure and ends the run; `place` is borrowed for the run and may be NULL. */
enum jw_next jw_run_fail(struct jw_run *run, const char *place, enum jw_cause cause,
			 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same without ending it: what else was found counts too. */
void jw_run_note_failure(struct jw_run *run, const char *place, enum jw_cause cause,
			 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Something that changes no verdict but is worth a line of the log; a literal. */
void jw_run_warn(struct jw_run *run, const char *text);

/* Asks for the paths that a glob names; the answer is jw_run_paths: what could be listed. A folder that
 * couldn't be read has been reported as a failure by then, which *ret_complete tells. */
enum jw_next jw_run_expand(struct jw_run *run, const char *glob);
const struct jw_paths *jw_run_paths(const struct jw_run *run, bool *ret_complete);

/* Asks for the next window of a file, opening it first where no file is open; the window is what
 * jw_run_window answers: the bytes kept before, then at most `max` bytes in all. */
enum jw_next jw_run_read(struct jw_run *run, const char *path, size_t max);
struct jw_window {
	enum jw_cause cause; /* JW_OK, JW_FILE_MISSING, JW_FILE_UNREADABLE, JW_DEADLINE */
	const char *says;    /* where not JW_OK */
	struct jw_str bytes;
	enum jw_read read; /* after END, CHANGED or a failure the file is closed */
	bool full;	   /* the window holds max bytes and there is MORE */
};
const struct jw_window *jw_run_window(const struct jw_run *run);
/* Of the window, keep the bytes from `start` on in front of the next one. */
void jw_run_keep(struct jw_run *run, size_t start);
/* Closes the open file before its end. */
void jw_run_close(struct jw_run *run);

/* Asks for a URL: JW_WAIT, and the next step runs on jw_run_reply (JW_NEXT where there is an answer at once, such
 * as no time left). What the target's own options say is filled in: timeout and certificates. */
enum jw_next jw_run_get(struct jw_run *run, const struct jw_http_request *request);
/* The same for what a browser asks beforehand: no certificate is shown, and it is no fact by itself. */
enum jw_next jw_run_preflight(struct jw_run *run, const struct jw_http_request *request);
/* The last answer, good for the step that runs on it. A timeout that the whole run's end caused is JW_DEADLINE. */
const struct jw_http_reply *jw_run_reply(const struct jw_run *run);
/* How long a cache may keep the answer that holds the tokens. */
void jw_run_freshness(struct jw_run *run, struct jw_freshness freshness);
/* Runs a program: JW_WAIT, and the next step runs on jw_run_outcome (JW_NEXT where there is an outcome at once, such
 * as no time left). The timeout is filled in. */
enum jw_next jw_run_program(struct jw_run *run, const struct jw_exec_request *request);
/* The last one's outcome, good for the step that runs on it. A timeout that the whole run's end caused is
 * JW_DEADLINE. Its output and its complaint may hold tokens and secrets. */
const struct jw_exec_result *jw_run_outcome(const struct jw_run *run);
/* Reads a secret that a request needs into buf. False: it has been reported, as what `place` needs. */
bool jw_run_secret(struct jw_run *run, const struct jw_secret *secret, const char *place,
		   struct jw_buf *buf);
/* The URL for output: masked and free of tokens, in the run's arena. */
const char *jw_run_masked(struct jw_run *run, const char *url);

/* The LiveKit server that came with the token, for accepted_by: from_response. Copied. */
void jw_run_server(struct jw_run *run, const char *url);
/* Where the page is that uses what the target gives, by its origin or a URL of it. GUESSED: nobody said so, but the target
 * itself was got from there. Copied. */
enum jw_used_by { JW_USED_BY_TOLD, JW_USED_BY_GUESSED };
void jw_run_used_by(struct jw_run *run, const char *page, enum jw_used_by used_by);
/* Notes the servers' URLs that the text of a page gives to browsers. */
void jw_run_page_servers(struct jw_run *run, struct jw_str text);
/* Notes a URL that browsers are given, with what it is given for. */
void jw_run_given_server(struct jw_run *run, const char *url);
/* Asks the LiveKit server at `url` whether it is ready; then the step behind reports what it said. */
enum jw_next jw_run_ask_ready(struct jw_run *run, const char *url);
void jw_run_take_ready(struct jw_run *run, const char *url);
/* Asks that server whether it takes the key of this name, by a token that is made for it and is good for two minutes;
 * `issuer` is for a key that names none (NULL). Then the step behind reports what it said. */
enum jw_next jw_run_ask_key(struct jw_run *run, const char *url, const char *name,
			    const char *issuer);
void jw_run_take_key(struct jw_run *run);
/* Has a participant of ours join a room of ours there, by WebSocket up to the server's first message, with the first of
 * these keys that the server took; and leave. Then the step behind reports it. Without such a key nothing is asked. */
enum jw_next jw_run_ask_join(struct jw_run *run, const char *url, const char *issuer);
void jw_run_take_join(struct jw_run *run);
/* Whether it is there and ready, and a token may be sent: the moment that is judged for isn't made up. */
bool jw_run_is_ready(const struct jw_run *run);

/* The time since this run began, in ms: the context for a pattern's budget is the run. */
int64_t jw_run_elapsed_ms(void *run);
/* What is left of the target's timeout when asked, at least 1. */
int64_t jw_run_left_ms(struct jw_run *run);

/* Whether the time of this target, or of the whole run, is up; and the failure that says which it was. */
bool jw_run_is_late(const struct jw_run *run);
void jw_run_note_late(struct jw_run *run, const char *place);
/* Whether the whole run ends before the target's own timeout would. */
bool jw_run_is_capped(const struct jw_run *run);

/* Reports a token, which is copied and decoded at once, and gives its index. One that was met before counts as
 * a copy and keeps its index. A token is a note until jw_check_select judges it. False: there are more, or more
 * bytes of them, than one run takes; that has been reported, and the rest needn't be looked for. */
bool jw_run_token(struct jw_run *run, struct jw_str token, const char *path, size_t line,
		  size_t *ret_index);
/* How many distinct ones there are; dropping forgets those from `count` on (a file that is read again). */
size_t jw_run_token_count(const struct jw_run *run);
void jw_run_token_drop(struct jw_run *run, size_t count);

/* Looks in the text of a page for what everybody could read there: the secrets of the configured keys. `line` is that of
 * its first byte. What is found is a fact when the page ends, once for each key; a page that is read again drops
 * it. */
void jw_run_page(struct jw_run *run, struct jw_str text, size_t line);
enum jw_reading { JW_PAGE_DONE, JW_PAGE_DROPPED };
void jw_run_page_end(struct jw_run *run, const char *path, enum jw_reading reading);
/* So many bytes at the end of one window have to be at the beginning of the next one. */
size_t jw_run_page_reach(struct jw_run *run);

/* Steps that checks share (checks/steps.c). */
enum jw_select { JW_SELECT_ALL, JW_SELECT_FIRST, JW_SELECT_LAST };
struct jw_token *jw_run_tokens(struct jw_run *run);
/* Of the tokens that one source held, by index and in its order: those that are to be judged. Left out are
 * tokens that aren't LiveKit's where some are, and encrypted ones where others are (both only without a
 * pattern), then what `select` leaves out. What
 * another source had judged stays so. */
enum jw_only { JW_ONLY_LIVEKIT, JW_ONLY_ANY };
void jw_check_select(struct jw_run *run, const size_t *met, size_t count, enum jw_only only,
		     enum jw_select select);
/* Verifies the judged tokens with the target's keys, where it has any; notes the servers that they are for. */
enum jw_next jw_step_verify(struct jw_run *run);
/* The work of jw_step_verify, in core/run.c and core/run_servers.c. */
void jw_run_verify(struct jw_run *run);
void jw_run_servers(struct jw_run *run);
/* A pair of steps: has the judged tokens accepted by the LiveKit server that the target names, one after the other. A
 * token that is known to be bad isn't sent, since the server would log it. */
enum jw_next jw_step_accept(struct jw_run *run);
enum jw_next jw_step_accepted(struct jw_run *run);
/* The work of these, in core/accept.c: JW_NEXT where nothing is left to ask. */
enum jw_next jw_run_accept(struct jw_run *run);
enum jw_next jw_run_accepted(struct jw_run *run);
