/* SPDX-License-Identifier: MIT */
/* Tokens made with a key pair: which key signs, how long it may, and the signature. */
#pragma once

#include "core/keyring.h"
#include "core/runner.h"
#include "livekit/mint.h"

/* Of a token's text. */
#define JW_MINT_MAX ((size_t)64 * 1024)
/* What is shorter can be guessed with patience: an HS256 secret is to be as long as its hash (RFC 7518, 3.2). */
#define JW_MINT_SECRET_MIN 32

/* The entry of `keys` of this name; JW_SECRET_MISSING and a sentence without the name. */
enum jw_cause jw_mint_entry(const struct jw_config *config, const char *name,
			    const struct jw_key_entry **ret_entry, struct jw_err *err);
/* The one secret of a key, read now, and whose it is: `issuer` where the key doesn't say. Lives in the arena.
 * JW_SECRET_MISSING and a sentence without the key's name: it can't be read, is no secret alone, names no issuer. */
enum jw_cause jw_mint_key(const struct jw_key_entry *entry, const struct jw_files *files,
			  const char *issuer, struct jw_arena *arena, struct jw_key *ret_key,
			  struct jw_err *err);
/* JW_CONFIG where the key's max_ttl is less. */
enum jw_cause jw_mint_check_ttl(const struct jw_key_entry *entry, int64_t ttl,
				struct jw_err *err);
/* Appends the token. JW_SECRET_MISSING: it can't be made; JW_INTERNAL: there is no crypto. */
enum jw_cause jw_mint_token(const struct jw_world *world, const struct jw_key *key,
			    const struct jw_mint *mint, struct jw_buf *token,
			    struct jw_err *err);
