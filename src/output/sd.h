/* SPDX-License-Identifier: MIT */
/* Targets for Prometheus' HTTP service discovery. */
#pragma once

#include "core/config.h"

/* Appends the JSON of http_sd (Prometheus documentation, "Writing HTTP Service Discovery"): each enabled target as a /probe
 * of its own at `host` ("name:port", as the asker called us), with its own interval (2m at most, lest Prometheus forgets it in
 * between) and timeout and its labels, so that a scrape configuration needs no relabelling. */
void jw_sd_write(const struct jw_config *config, const char *host, struct jw_buf *buf);
