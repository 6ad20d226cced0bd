/* SPDX-License-Identifier: MIT */
/* How much must be left: a duration, a share of the lifetime, the lesser of two, or a Nagios range. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

enum jw_threshold_kind { JW_THRESHOLD_NONE, JW_THRESHOLD_LEFT, JW_THRESHOLD_RANGE };

struct jw_threshold {
	enum jw_threshold_kind kind;
	bool inside; /* of a RANGE, "@": alert inside, ends included; else alert outside */
	union {
		/* LEFT: alert when less than this is left. Of two parts the lesser counts; a part of 0 is absent. */
		struct {
			int64_t seconds;
			int64_t share; /* in thousandths of a percent: 20% is 20000 */
		};
		/* RANGE, in seconds, exact decimals in thousandths: see the monitoring plugin guidelines,
		 * "Range expressions". */
		struct {
			int64_t start_ms; /* INT64_MIN: minus infinity */
			int64_t end_ms;	  /* INT64_MAX: infinity */
		};
	};
	const char *given; /* the text as given; borrowed */
};

/* Reads "90s", "2d12h", "20%", "12.5%", "min(1h, 20%)", "3600:", "0:3600", "@~:600", ":5.75". JW_CONFIG and a
 * sentence for everything else; a bare number is refused and both readings are named. `text` must
 * outlive the threshold and be NUL-terminated at its end. */
enum jw_cause jw_threshold_parse(struct jw_str text, struct jw_threshold *ret_threshold,
				 struct jw_err *err);
/* JW_CONFIG where both are of comparable parts (two durations, two shares) and warning is the lesser. */
enum jw_cause jw_threshold_order(const struct jw_threshold *warning,
				 const struct jw_threshold *critical, struct jw_err *err);

/* lifetime 0: unknown. A share can't be applied then; *ret_seconds is the number of seconds that must
 * be left, false where nothing can be applied. For LEFT only. */
bool jw_threshold_seconds(const struct jw_threshold *threshold, int64_t lifetime,
			  int64_t *ret_seconds);

enum jw_alert { JW_ALERT_NO, JW_ALERT_YES, JW_ALERT_UNKNOWABLE };
/* Is `left` seconds an alert? Equal to the threshold is none. NONE is never one. */
enum jw_alert jw_threshold_alert(const struct jw_threshold *threshold, int64_t left,
				 int64_t lifetime);
/* As a Nagios range in whole seconds ("3600:"), nothing for NONE or an unknown lifetime. */
void jw_threshold_range(const struct jw_threshold *threshold, int64_t lifetime,
			struct jw_buf *buf);
/* The same as the one number at which it alerts ("3600", "5.75"), for what reads no ranges; nothing for a range that
 * has two. */
void jw_threshold_number(const struct jw_threshold *threshold, int64_t lifetime,
			 struct jw_buf *buf);
