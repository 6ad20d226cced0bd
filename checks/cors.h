/* SPDX-License-Identifier: MIT */
/* Whether a browser lets a page from elsewhere read an answer: the CORS protocol of the Fetch standard. */
#pragma once

#include "contract/check.h"

/* JW_CONFIG where an option `origin` isn't the origin of a page; NULL: it isn't given. */
enum jw_cause jw_cors_check(const char *origin, struct jw_err *err);
