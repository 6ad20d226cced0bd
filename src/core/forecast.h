/* SPDX-License-Identifier: MIT */
/* When verdicts will change by themselves: the same facts judged again as of the moments to come. */
#pragma once

#include "core/runner.h"

#define JW_FORECAST_STEPS_MAX 1000
#define JW_FORECAST_EVENTS_MAX 100000

/* From `at` on the target's verdict is another, or, at the report's own moment, isn't OK already. */
struct jw_event {
	int64_t at;
	const struct jw_result *result;
	enum jw_state state;
	enum jw_cause cause;
	const char *message;
};

struct jw_forecast {
	struct jw_arena arena;
	struct jw_event *events; /* by time, then in the order of the report */
	size_t count;
	bool is_cut; /* there are more than a forecast takes */
};

/* Up to `until`. Of an endpoint that makes a token for each who asks, only what no token decides: nobody holds the one that
 * was looked at. The report is borrowed; jw_forecast_done is due. */
void jw_forecast_make(const struct jw_report *report, int64_t until,
		      struct jw_forecast *ret_forecast);
void jw_forecast_done(struct jw_forecast *forecast);
