/* SPDX-License-Identifier: MIT */
/* -t and --timeout-result: how long a run may take, and what it is when that time is up. */
#include <string.h>

#include "app/app.h"

#define DEADLINE_MS 30000
#define DEADLINE_MAX_MS 3600000

static bool read_state(struct jw_str text, uint8_t *ret_severity)
{
	static const struct {
		const char *name;
		const char *code;
		uint8_t severity;
	} rows[] = {{"ok", "0", JW_SEVERITY_OK},
		    {"warning", "1", JW_STATE_WARNING},
		    {"critical", "2", JW_STATE_CRITICAL},
		    {"unknown", "3", JW_STATE_UNKNOWN}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (jw_str_is_nocase(text, rows[i].name) || jw_str_is(text, rows[i].code)) {
			*ret_severity = rows[i].severity;
			return true;
		}
	return false;
}

/* Monitoring plugins count in seconds; elsewhere a number without a unit is asked for one. */
static bool read_time(const struct jw_args *args, struct jw_str text, int64_t *ret_ms)
{
	uint64_t seconds;

	if (jw_command_is_plugin(args->command) &&
	    jw_str_u64(text, DEADLINE_MAX_MS / 1000, &seconds) && seconds) {
		*ret_ms = (int64_t)seconds * 1000;
		return true;
	}
	return jw_str_millis(text, 1, DEADLINE_MAX_MS, ret_ms) == JW_NUMBER_OK;
}

enum jw_cause jw_timing_read(const struct jw_args *args, struct jw_timing *ret_timing,
			     struct jw_err *err)
{
	const char *given = args->values[JW_FLAG_DEADLINE];
	const char *result = args->values[JW_FLAG_TIMEOUT_RESULT];
	struct jw_timing timing = {.ms = DEADLINE_MS};
	struct jw_str time = jw_str_of(given);
	struct jw_str state = {0};
	uint8_t of_result = 0;
	bool has_state = jw_str_cut(time, ':', &time, &state);

	if (given && !read_time(args, time, &timing.ms))
		return jw_fail(err, JW_CONFIG,
			       jw_command_is_plugin(args->command)
				       ? "-t takes seconds, or a time with a unit, from 1ms to "
					 "1h, such as 30, 30s or 20:critical"
				       : "-t takes a time with a unit from 1ms to 1h, such as "
					 "30s");
	if (has_state && !read_state(state, &timing.severity))
		return jw_fail(err, JW_CONFIG,
			       "behind the time, -t takes ok, warning, critical, unknown or 0 "
			       "to 3, as in 20s:critical");
	if (result && !read_state(jw_str_of(result), &of_result))
		return jw_fail(err, JW_CONFIG,
			       "--timeout-result takes ok, warning, critical, unknown or 0 to "
			       "3");
	if (of_result && timing.severity && of_result != timing.severity)
		return jw_fail(err, JW_CONFIG,
			       "-t and --timeout-result name different states: one is enough");
	if (of_result)
		timing.severity = of_result;
	*ret_timing = timing;
	return JW_OK;
}
