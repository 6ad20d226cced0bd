/* SPDX-License-Identifier: MIT */
/* A report as a forecast: what changes when, by time over all targets. */
#pragma once

#include "output/format.h"

/* text and json, ended by {0}. They look as far ahead as the style's horizon. */
extern const struct jw_format jw_forecast_formats[];
/* 0; or 3 where a target couldn't be looked at for a reason on our side. */
int jw_forecast_exit_code(const struct jw_report *report);
