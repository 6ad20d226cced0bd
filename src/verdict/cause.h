/* SPDX-License-Identifier: MIT */
/* States and causes by name, from the one table in cause.def. */
#pragma once

#include "base/cause.h"
#include "base/str.h"

/* The numbers are the exit codes of the monitoring plugin guidelines. */
enum jw_state {
	JW_STATE_OK = 0,
	JW_STATE_WARNING = 1,
	JW_STATE_CRITICAL = 2,
	JW_STATE_UNKNOWN = 3
};

/* The order in which findings are looked at: a forged expired token is forged first. */
enum jw_phase {
	JW_PHASE_TRANSPORT,
	JW_PHASE_FIND,
	JW_PHASE_DECODE,
	JW_PHASE_SIGNATURE,
	JW_PHASE_TIME,
	JW_PHASE_SERVER,
	JW_PHASE_CLAIMS,
	JW_PHASE_POLICY,
};

struct jw_cause_row {
	const char *name;
	enum jw_state state; /* by default; "expiring" is CRITICAL by its own threshold */
	enum jw_phase phase;
	const char *meaning; /* what it means, a sentence or two */
	const char *remedy;  /* what to do, one sentence without a full stop: "fix: <remedy>" */
	const char *by_hand; /* how to see it without jwtwatch */
	const char *
		browser; /* what a browser says behind "could not establish signal connection: ", or NULL */
};

/* Never NULL for a cause from JW_OK + 1 up to JW_CAUSE_COUNT - 1. */
const struct jw_cause_row *jw_cause_row(enum jw_cause cause);
/* "ok" for JW_OK. */
const char *jw_cause_name(enum jw_cause cause);
/* False where no cause has that name. */
bool jw_cause_by_name(struct jw_str name, enum jw_cause *ret_cause);
/* "OK", "WARNING", "CRITICAL", "UNKNOWN". */
const char *jw_state_name(enum jw_state state);
/* The worse of two: CRITICAL > WARNING > UNKNOWN > OK. */
enum jw_state jw_state_worse(enum jw_state a, enum jw_state b);
/* 3 CRITICAL, 2 WARNING, 1 UNKNOWN, 0 OK: for sorting. */
int jw_state_rank(enum jw_state state);
