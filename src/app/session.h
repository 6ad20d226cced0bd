/* SPDX-License-Identifier: MIT */
/* One run of check, forecast or an ad-hoc check: what it was given, runs and found. */
#pragma once

#include "adapter/adapter.h"
#include "app/app.h"

#define JW_SESSION_OUTPUT_MAX ((size_t)1 << 30)
/* What is kept of the whole run's time for writing the results. */
#define JW_SESSION_RESERVE_MS 100

/* A target to run, or one that can't be, with the reason. */
struct jw_turn {
	struct jw_target *target;
	const char *says;
	enum jw_cause cause; /* where there is a reason */
	bool is_compared;    /* with another by same_as, or another with it */
};

struct jw_session {
	const struct jw_args *args;
	const struct jw_format *format;
	struct jw_style style;
	struct jw_moment moment;
	struct jw_outside outside;
	struct jw_world world;
	struct jw_batch batch;
	struct jw_timing timing;
	int64_t deadline_ms;
	struct jw_report report;
	struct jw_arena arena; /* targets made up for what has no verdict */
	struct jw_config *config;
	const char *warned; /* the last warning */
	struct jw_turn *turns;
	size_t turn_count;
	size_t aside_count; /* of these the last ones, which aren't reported */
	/* What is known so far, should a dead file system hold us: one is in force while the
	 * other is made. */
	struct jw_buf so_far[2];
	struct jw_last_words words[2];
	size_t words_count;
	int64_t words_ms; /* that making them took */
	/* Called when all have run, before they are compared; NULL: nothing is to be done then. */
	void (*between)(struct jw_session *session);
	void *between_context;
	int64_t start_ms;
};

/* JW_CONFIG and a sentence about the command line; jw_session_done either way. */
enum jw_cause jw_session_init(struct jw_session *session, const struct jw_args *args,
			      struct jw_err *err);
/* Nothing is asked, and nobody waited for, any more. */
void jw_session_leave(struct jw_session *session);
void jw_session_done(struct jw_session *session);
/* Plans a target. */
void jw_session_run(struct jw_session *session, struct jw_target *target);
/* Plans to look at what planned targets are to be compared with, where it isn't planned itself. */
void jw_copies_plan(struct jw_session *session);
/* All have run: what has a peer is judged again beside it, and what was only looked at for that leaves the report. */
void jw_copies_judge(struct jw_session *session);
/* Runs what is planned, in app/cmd_check.c, writes the results, and ends: the exit code. The session is done then. */
int jw_session_finish(struct jw_session *session);
/* Plans a verdict that the configuration can't be used, and ends the same way. */
int jw_session_refuse_config(struct jw_session *session, const struct jw_errors *errors);
/* Plans a verdict on what can't be run. */
void jw_session_refuse(struct jw_session *session, const char *name, enum jw_cause cause,
		       const char *says);
bool jw_session_is_for_a_person(const struct jw_session *session);
/* The worst of the report, with the sinks that failed. */
enum jw_state jw_session_state(const struct jw_report *report);
int jw_session_code(const struct jw_session *session, const struct jw_report *report);
/* What is known so far becomes what is said where nothing else can be done any more. Made
 * before each target, as long as little time goes into it. */
void jw_session_last_words(struct jw_session *session);
/* From here on the run ends within its time, even where its configuration can't be read. */
void jw_session_guard(struct jw_session *session);
