/* SPDX-License-Identifier: MIT */
/* Facts kept in little memory: what the judge and the outputs need of them, and no token that anyone could use. */
#pragma once

#include "verdict/facts.h"

struct jw_pack;

/* Copies what there is into one block. Signatures aren't in it: header and payload of each token are, with what
 * was found about it. NULL never. `place` is a text that facts mostly have and somebody else keeps, such as the target's path; it
 * isn't copied, and whoever opens the pack gives it again. NULL: none. */
struct jw_pack *jw_pack_new(const struct jw_facts *facts, const char *place);
struct jw_pack *jw_pack_keep(struct jw_pack *pack); /* one more holds it; takes NULL */
/* The last one frees it; takes NULL. Both are for one thread only, while others may open what they hold. */
void jw_pack_free(struct jw_pack *pack);
size_t jw_pack_size(const struct jw_pack *pack);
/* The same facts again: whoever judges or shows them can't tell them from those that were packed, but that
 * a token's text is short of its signature. They live in the arena and borrow from the pack and the place; the caller frees
 * what their tokens hold by jw_jwt_done. */
void jw_pack_open(const struct jw_pack *pack, const char *place, struct jw_arena *arena,
		  struct jw_facts *ret_facts);
