/* SPDX-License-Identifier: MIT */
/* What a program says on standard error, made fit for a message. */
#pragma once

#include "base/buf.h"

/* Appends the last line that says something, on one line and not too long, without tokens, and with *** for every line
 * of each of the secrets (NULL-ended) that isn't too short to be one. Appends nothing where nothing was said. */
void jw_complaint(struct jw_str complaint, const char *const *secrets, struct jw_buf *buf);
