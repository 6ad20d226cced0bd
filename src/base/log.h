/* SPDX-License-Identifier: MIT */
/* Diagnostics on standard error. Only adapters and the app call it; library layers return a jw_err. */
#pragma once

#include <stdint.h>

enum jw_log_level { JW_LOG_NONE, JW_LOG_ERROR, JW_LOG_WARNING, JW_LOG_INFO, JW_LOG_DEBUG };

/* JW_LOG_TEXT: "jwtwatch: <text>". JW_LOG_JOURNAL: level=error msg="<text>" and pairs, as logfmt; where standard error
 * is the journal's stream (JOURNAL_STREAM), the priority stands in front of it, as in <3>. */
enum jw_log_form { JW_LOG_TEXT, JW_LOG_JOURNAL };

/* Something worth knowing about an event. */
struct jw_log_pair {
	const char *key;  /* a word in lower case */
	const char *text; /* NULL: the number */
	int64_t number;
};

void jw_log_level_set(enum jw_log_level level);
void jw_log_form_set(enum jw_log_form form);
/* One line in the form that was set, with what doesn't belong on a line made '?' and anything in the
 * shape of a token cut out by the scrubber given here (NULL: none). */
void jw_log(enum jw_log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same with pairs up to one without a key; as text they follow in brackets. */
void jw_log_event(enum jw_log_level level, const char *says, const struct jw_log_pair *pairs);
/* JW_LOG_EVENT(JW_LOG_INFO, "reloaded", {.key = "targets", .number = 7}); */
#define JW_LOG_EVENT(level, says, ...)                                                         \
	jw_log_event(level, says, (const struct jw_log_pair[]){__VA_ARGS__, {0}})

void jw_log_scrub_set(void (*scrub)(char *text));
