/* SPDX-License-Identifier: MIT */
/* A report as a checklist: for a person, or for a program. */
#pragma once

#include "core/doctor.h"
#include "output/format.h"

/* text and json, ended by {0}. What was looked at for what is the style's plan. */
extern const struct jw_format jw_doctor_formats[];
/* The worst of the lines, which is the exit code. */
enum jw_state jw_doctor_state(const struct jw_report *report, const struct jw_style *style);
