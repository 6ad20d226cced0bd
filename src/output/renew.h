/* SPDX-License-Identifier: MIT */
/* What came of renewals: for a person or a script. Never a token. */
#pragma once

#include "core/renew.h"

enum jw_telling { JW_TELL_ALL, JW_TELL_FAILED };
void jw_renewals_text(const struct jw_renewal *renewals, size_t count, enum jw_telling telling,
		      struct jw_buf *buf);
/* What `jw_renewals_json` wrote of the first target, as far as it is told from one process to another: state, cause,
 * message, may_pass. False: it isn't that. The caller ends *ret_renewal where true. */
bool jw_renewals_read(struct jw_str text, struct jw_renewal *ret_renewal);
void jw_renewals_json(const struct jw_renewal *renewals, size_t count, int64_t now,
		      int exit_code, struct jw_buf *buf);
