/* SPDX-License-Identifier: MIT */
/* The inside of a renewal, shared by renew.c (its steps), renew_files.c (the files), renew_source.c (the fresh token) and
 * renew_place.c (where the old one stands). */
#pragma once

#include "core/renew.h"
#include "core/result.h"

/* A fresh token by the target's `renew`, in the arena; `old` is the one that it is to replace. A cause and a sentence that
 * holds no token. */
enum jw_cause jw_renew_source(const struct jw_renewing *renewing,
			      const struct jw_target *target, const struct jw_token *old,
			      struct jw_arena *arena, struct jw_str *ret_token,
			      struct jw_err *err);
/* Runs the program of `from: run`. */
enum jw_cause jw_renew_program(const struct jw_renewing *renewing,
			       const struct jw_target *target, struct jw_err *err);
/* Has a token judged by all that the target expects of its own. */
void jw_renew_prove(const struct jw_renewing *renewing, const struct jw_target *target,
		    struct jw_str token, struct jw_result *ret_result);

/* Whether one of the target's keys, or the one that it mints with, signed the token. */
bool jw_renew_is_ours(const struct jw_renewing *renewing, const struct jw_target *target,
		      struct jw_str token);

/* How a page's token is found, by what its check has configured. */
struct jw_renew_place {
	const char *path;
	const char *pattern; /* NULL: by its shape */
	size_t max_size;
};
void jw_renew_place(const struct jw_target *target, struct jw_renew_place *ret_place);
/* Whether `old`, which was judged, may be replaced: a placeholder, or what holds nothing but a token's characters. Else
 * JW_RENEWAL_FAILED and a sentence: a pattern that takes more than the token would have code go with it. */
enum jw_cause jw_renew_check_old(const struct jw_renew_place *place, struct jw_str old,
				 struct jw_err *err);
/* What stands in a text where tokens are looked for. */
struct jw_renew_held {
	bool has_old;
	struct jw_str other; /* the last one that isn't old */
	size_t others;	     /* how many times that was another than the one before */
};
/* JW_RENEWAL_FAILED and a sentence: the text is UTF-16; or the pattern's own cause. */
enum jw_cause jw_renew_look(const struct jw_renew_place *place, struct jw_str text,
			    struct jw_str old, const struct jw_clock *clock,
			    int64_t deadline_ms, struct jw_renew_held *ret_held,
			    struct jw_err *err);
/* Appends `text` with each token that is `old` replaced. JW_RENEWAL_FAILED and a sentence: there is none, the text is
 * UTF-16, what matches is no place. *ret_count: how many were replaced. `now_ms` and deadline_ms bound the pattern. */
enum jw_cause jw_renew_splice(const struct jw_renew_place *place, struct jw_str text,
			      struct jw_str old, struct jw_str fresh,
			      const struct jw_clock *clock, int64_t deadline_ms,
			      struct jw_buf *to, struct jw_err *err);

/* One renewal under way. */
struct jw_renew_work {
	const struct jw_renewing *renewing;
	const struct jw_target *target;
	struct jw_renewal *renewal;
	struct jw_result before;
	struct jw_renew_place place;
	const struct jw_token *old; /* NULL: none, or several */
	struct jw_str fresh;
	struct jw_edit **edits;
	size_t edit_count;
	size_t uncommitted; /* so many come before those that are changed */
	bool is_held;	    /* signals wait */
	const char *notes;  /* what is to be said besides; NULL: nothing */
};

/* That it failed, and why; returns the cause. */
enum jw_cause jw_renew_fail(struct jw_renew_work *work, enum jw_cause cause, const char *format,
			    ...) __attribute__((format(printf, 3, 4)));

/* The steps on its files, the page and those of `also`: all are locked and read before anything else is done; each new
 * content is written beside; all are put in place, or none, from where on signals wait; all are put back; all ends. */
enum jw_cause jw_renew_begin(struct jw_renew_work *work);
enum jw_cause jw_renew_prepare(struct jw_renew_work *work);
enum jw_cause jw_renew_commit(struct jw_renew_work *work);
void jw_renew_undo(struct jw_renew_work *work);
void jw_renew_end(struct jw_renew_work *work);
