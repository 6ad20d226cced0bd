/* SPDX-License-Identifier: MIT */
/* States and causes by name, from the one table in cause.def. */
#include "verdict/cause.h"

#include <stddef.h>

/* A cause with two rows doesn't compile, and one without a row makes the counts differ. */
enum row {
#define CAUSE(id, ...) ROW_##id,
#include "verdict/cause.def"
#undef CAUSE
	ROW_COUNT
};

_Static_assert((int)ROW_COUNT == (int)JW_CAUSE_COUNT - 1,
	       "each cause has its row in cause.def");

static const struct jw_cause_row rows[JW_CAUSE_COUNT] = {
#define CAUSE(id, name, state, phase, ...)                                                     \
	[JW_##id] = {name, JW_STATE_##state, JW_PHASE_##phase, __VA_ARGS__},
#include "verdict/cause.def"
#undef CAUSE
};

const struct jw_cause_row *jw_cause_row(enum jw_cause cause)
{
	if (cause <= JW_OK || cause >= JW_CAUSE_COUNT)
		return NULL;
	return &rows[cause];
}

const char *jw_cause_name(enum jw_cause cause)
{
	const struct jw_cause_row *row = jw_cause_row(cause);

	return row ? row->name : "ok";
}

bool jw_cause_by_name(struct jw_str name, enum jw_cause *ret_cause)
{
	for (enum jw_cause cause = JW_OK + 1; cause < JW_CAUSE_COUNT; cause++) {
		if (!jw_str_is(name, rows[cause].name))
			continue;
		*ret_cause = cause;
		return true;
	}
	return false;
}

const char *jw_state_name(enum jw_state state)
{
	static const char *const names[] = {
		[JW_STATE_OK] = "OK",
		[JW_STATE_WARNING] = "WARNING",
		[JW_STATE_CRITICAL] = "CRITICAL",
		[JW_STATE_UNKNOWN] = "UNKNOWN",
	};

	return names[state];
}

int jw_state_rank(enum jw_state state)
{
	static const int ranks[] = {
		[JW_STATE_OK] = 0,
		[JW_STATE_UNKNOWN] = 1,
		[JW_STATE_WARNING] = 2,
		[JW_STATE_CRITICAL] = 3,
	};

	return ranks[state];
}

enum jw_state jw_state_worse(enum jw_state a, enum jw_state b)
{
	return jw_state_rank(a) >= jw_state_rank(b) ? a : b;
}
