/* SPDX-License-Identifier: MIT */
/* A report as a page for a browser. */
#pragma once

#include "core/runner.h"

/* Appends a whole HTML document without scripts and without anything from elsewhere: the targets, the worst first, with the
 * links that a scraper and a person need. */
void jw_html_write(const struct jw_report *report, struct jw_buf *buf);
