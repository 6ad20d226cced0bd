/* SPDX-License-Identifier: MIT */
/* One token taken apart: header, claims, times, grants, signature, and its verdict. */
#pragma once

#include "base/buf.h"
#include "verdict/judge.h"

struct jw_inspection {
	struct jw_token token;
	struct jw_verdict verdict;
	int64_t now;
	bool simulated; /* --at */
};

/* For a person. Values of claims that are somebody's secret (roomConfig.egress) are hidden. */
void jw_inspect_text(const struct jw_inspection *inspection, struct jw_buf *buf);
/* For a script: the keys of DESIGN.md section 6. */
void jw_inspect_json(const struct jw_inspection *inspection, struct jw_buf *buf);
