/* SPDX-License-Identifier: MIT */
/* Puts a fresh token where the old one stands: the fresh one is proved first, the page afterwards, and what isn't right
 * then is taken back. */
#pragma once

#include "contract/edit.h"
#include "core/runner.h"

enum jw_renewed {
	JW_RENEWED,
	JW_RENEWED_NOT_NEEDED, /* enough is left */
	JW_RENEWED_DRY_RUN,    /* all but the last step was done */
	JW_RENEWED_FAILED,
};

struct jw_renewing {
	const struct jw_world *world;
	const struct jw_config *config;
	const struct jw_edits *edits;
	/* Runs a target to its result, which the caller ends. */
	void (*run)(void *context, const struct jw_target *target,
		    struct jw_result *ret_result);
	void *context;
	struct jw_threshold if_less; /* only where less than this is left; NONE: in any case */
	bool is_dry;
};

/* One token, as it may be shown. */
struct jw_renewed_token {
	char fingerprint[9]; /* "": there is none */
	int64_t exp;	     /* 0: unknown */
};

struct jw_renewal {
	const char *name; /* of the target; borrowed */
	enum jw_renewed state;
	enum jw_cause
		cause; /* where FAILED. RENEWAL_FAILED: refused by what was met, and nothing is changed unless the
			      * message says so; others: it couldn't be tried */
	const char *message; /* one line, complete by itself */
	bool may_pass; /* of a failure: another try may do, since somebody didn't answer or something was missing */
	struct jw_renewed_token old;
	struct jw_renewed_token fresh;
	const char **files; /* that hold the fresh token, or would; without links */
	size_t file_count;
	struct jw_arena arena;
};

/* The target has `renew`. The caller ends *ret_renewal. */
void jw_renew_target(const struct jw_renewing *renewing, const struct jw_target *target,
		     struct jw_renewal *ret_renewal);
/* What can't be tried at all. */
void jw_renew_refuse(const char *name, enum jw_cause cause, const char *says,
		     struct jw_renewal *ret_renewal);
void jw_renewal_done(struct jw_renewal *renewal);
/* Whether the result of a target calls for a fresh token: less than that is left, or something is wrong with it that a
 * fresh one mends. NONE: in any case. */
bool jw_renew_is_needed(const struct jw_threshold *less, const struct jw_result *result);

#define JW_RENEW_TRIES 5
/* Between two renewals of one page, whatever is wrong with it: a page that no token makes right isn't written for ever. */
#define JW_RENEW_PAUSE_MS (INT64_C(15) * 60 * 1000)

/* Of a page that is renewed without anybody asking: {0} to begin with. Times are monotonic milliseconds. */
struct jw_renew_tries {
	unsigned failed; /* in a row */
	bool is_over;	 /* until something is another: the configuration or the token */
	int64_t not_before_ms;
};
/* Another token stands there, or the configuration was read again. */
void jw_renew_tries_reset(struct jw_renew_tries *tries);
void jw_renew_tries_take(struct jw_renew_tries *tries, const struct jw_renewal *renewal,
			 int64_t now_ms);
