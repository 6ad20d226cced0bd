/* SPDX-License-Identifier: MIT */
/* What formats share among themselves. */
#pragma once

#include "output/format.h"

void jw_format_text(const struct jw_report *report, const struct jw_style *style,
		    struct jw_buf *buf);
void jw_format_nagios(const struct jw_report *report, const struct jw_style *style,
		      struct jw_buf *buf);
void jw_format_json(const struct jw_report *report, const struct jw_style *style,
		    struct jw_buf *buf);

/* How many results are in each state, by its number. */
void jw_report_count(const struct jw_report *report, size_t counts[4]);
/* The token that the verdict hangs on, or NULL. */
const struct jw_token *jw_result_token(const struct jw_result *result);
/* Seconds until exp, negative behind it; false where that can't be told. */
bool jw_token_left(const struct jw_token *token, int64_t now, int64_t *ret_left);
/* 0: unknown. */
int64_t jw_token_lifetime(const struct jw_token *token);
