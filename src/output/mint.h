/* SPDX-License-Identifier: MIT */
/* A token that was made, for whoever asked for it: here, and nowhere else, it is shown. */
#pragma once

#include "base/buf.h"
#include "verdict/facts.h"

struct jw_minted {
	struct jw_token token;
	const char *url; /* of the server; NULL: unknown */
};

void jw_minted_text(const struct jw_minted *minted, struct jw_buf *buf);
void jw_minted_json(const struct jw_minted *minted, struct jw_buf *buf);
