/* SPDX-License-Identifier: MIT */
/* A checklist made of verdicts: a line for each thing looked at, in such an order that the first one that isn't ok is the
 * thing that is broken. Pure. */
#pragma once

#include "core/runner.h"

/* In the order of the lines. */
enum jw_doctor_step {
	JW_STEP_CONFIGURATION, /* why nothing can be looked at; else there is no such line */
	JW_STEP_ENVIRONMENT,
	JW_STEP_CLOCK,
	JW_STEP_LIVEKIT,
	JW_STEP_KEY_PAIR,
	JW_STEP_PAGE,
	JW_STEP_SERVED,
	JW_STEP_ENDPOINT,
	JW_STEP_ACCEPTED,
	JW_STEP_BROWSER,
	JW_STEP_COUNT
};

struct jw_doctor_step_row {
	const char *name;  /* "key_pair" */
	const char *title; /* "key pair" */
};
extern const struct jw_doctor_step_row jw_doctor_steps[JW_STEP_COUNT];

/* What one target is looked at for. */
struct jw_look {
	enum jw_doctor_step
		step; /* LIVEKIT, KEY_PAIR, PAGE, SERVED or ENDPOINT; CONFIGURATION: it wasn't */
	const char *url; /* that is asked, as configured; NULL: a file or a program */
	const char *key; /* of KEY_PAIR: what the pair is called */
	bool is_guessed; /* nobody said by which pattern a served page has its token */
};

/* Where a key pair and a URL come from, and what is wrong with them. */
struct jw_doctor_setting {
	const char *name; /* a key's in the configuration; NULL: LIVEKIT_* */
	enum jw_state state;
	enum jw_cause cause; /* JW_OK: nothing */
	const char *seen;
	const char *remedy; /* NULL: none */
};

/* A token that stands in a file which isn't looked at itself. */
struct jw_elsewhere {
	const char *path;
	size_t line;
	const unsigned char *digest; /* 32 bytes */
	const char *iss;	     /* NULL: none */
	int64_t exp;
};

/* What is looked at. Everything is borrowed. */
struct jw_doctor_plan {
	const struct jw_look *looks; /* of the report's results, by index */
	size_t look_count;
	const struct jw_doctor_setting *settings;
	size_t setting_count;
	const struct jw_elsewhere *elsewhere;
	size_t elsewhere_count;
	/* Why a step isn't looked at for which there is no look or setting; NULL: a sentence for all. */
	const char *why_not[JW_STEP_COUNT];
};

enum jw_line_state { JW_LINE_OK, JW_LINE_NOT_OK, JW_LINE_NOT_LOOKED_AT };

struct jw_doctor_line {
	enum jw_doctor_step step;
	enum jw_line_state is;
	enum jw_state state; /* of what isn't ok; else OK */
	enum jw_cause cause; /* of the same; JW_OK where there is none */
	size_t follows; /* the number, from 1, of the line that explains this one; 0: none */
	size_t look;	/* that it tells of, by index; SIZE_MAX: of none, or of several */
	const char *target; /* NULL: none by itself */
	const char *seen;
	const char *remedy; /* NULL: none, or that of the line which explains it */
};

struct jw_diagnosis {
	struct jw_doctor_line *lines;
	size_t count;
	size_t cause;	     /* the number of the line that is the cause; 0: all is well */
	enum jw_state state; /* the worst; UNKNOWN where nothing was looked at */
};

/* Everything in *ret_diagnosis lives in the arena, or borrows from plan and report. */
void jw_doctor_diagnose(const struct jw_doctor_plan *plan, const struct jw_report *report,
			struct jw_arena *arena, struct jw_diagnosis *ret_diagnosis);
/* Whether both hold the same, and it is known. */
bool jw_doctor_is_same(const struct jw_result *a, const struct jw_result *b);
