/* SPDX-License-Identifier: MIT */
/* What the files of the checklist share among themselves; nobody else includes it. */
#pragma once

#include "core/doctor.h"

#define JW_NO_LOOK SIZE_MAX

struct jw_doctoring {
	const struct jw_doctor_plan *plan;
	const struct jw_report *report;
	struct jw_arena *arena;
	struct jw_doctor_line *lines;
	size_t count;
};

/* The next line, which is OK; good until the one after it is added. */
struct jw_doctor_line *jw_doctor_add(struct jw_doctoring *d, enum jw_doctor_step step,
				     size_t look);
/* The result of a look. */
const struct jw_result *jw_doctor_result(const struct jw_doctoring *d, size_t look);
/* The number of the line that is to blame where this one isn't ok: itself, or what it follows from. 0: it is ok. */
size_t jw_doctor_blame(const struct jw_doctoring *d, size_t number);
/* The same of the first line of this step that isn't ok and isn't a mere warning; 0: there is none. */
size_t jw_doctor_blame_step(const struct jw_doctoring *d, enum jw_doctor_step step);
/* The number of the line of this step about this look; 0: there is none. */
size_t jw_doctor_line_of(const struct jw_doctoring *d, enum jw_doctor_step step, size_t look);
/* The number of the line that explains what was found there; 0: nothing does. In core/doctor_follow.c. */
size_t jw_doctor_explain(const struct jw_doctoring *d, size_t look,
			 const struct jw_finding *finding);

/* Which findings of a result a line is about. */
typedef bool jw_doctor_part(const struct jw_finding *finding);
/* Makes the line what the findings say: not ok by the worst that nothing explains, else by one that is explained; OK
 * where there is none. False for the last. */
bool jw_doctor_judge(struct jw_doctoring *d, struct jw_doctor_line *line, jw_doctor_part *part);
/* That it couldn't be looked at before another line is ok. */
void jw_doctor_leave(struct jw_doctor_line *line, size_t follows, const char *why);

/* The lines of the token's sources, and of what LiveKit makes of the tokens, in core/doctor_tokens.c. */
void jw_doctor_sources(struct jw_doctoring *d, enum jw_doctor_step step);
void jw_doctor_accepted(struct jw_doctoring *d);
/* In core/doctor_browser.c. */
void jw_doctor_browser(struct jw_doctoring *d);

/* "; a browser says: " and what follows it, which the browser's own line has, is cut off. */
const char *jw_doctor_words(const char *message, struct jw_arena *arena);
