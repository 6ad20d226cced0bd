/* SPDX-License-Identifier: MIT */
/* Diagnostics on standard error. Only adapters and the app call it; library layers return a jw_err. */
#pragma once

enum jw_log_level { JW_LOG_NONE, JW_LOG_ERROR, JW_LOG_WARNING, JW_LOG_INFO, JW_LOG_DEBUG };

void jw_log_level_set(enum jw_log_level level);
/* One line "jwtwatch: <text>", with what doesn't belong on a line made '?' and anything in the
 * shape of a token cut out by the scrubber given here (NULL: none). */
void jw_log(enum jw_log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void jw_log_scrub_set(void (*scrub)(char *text));
