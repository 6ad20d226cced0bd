/* SPDX-License-Identifier: MIT */
/* Keys for verifying: read from a raw secret, a PEM text, a JWK or a JWKS, and chosen for a token. */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "contract/crypto.h"
#include "verdict/facts.h"

struct jw_key {
	const char *issuer; /* LiveKit's API key: the token's iss; NULL: any */
	const char *kid;    /* of a JWK; NULL: any */
	const char *alg;    /* of a JWK; NULL: any that fits */
	enum jw_key_kind kind;
	struct jw_str bytes;
};

struct jw_keys {
	struct jw_key *items;
	size_t count;
};

/* Adds the key, or the keys of a JWKS, that `text` is (RFC 7517; anything that is neither PEM nor a JSON object
 * with "kty" or "keys" is a raw secret, taken as it stands). Copies into the arena. JW_SECRET_MISSING and a
 * sentence that quotes nothing: empty, NUL inside, a broken JWK, a JWKS without a usable key. */
enum jw_cause jw_keyring_add(struct jw_keys *keys, struct jw_str text, const char *issuer,
			     struct jw_arena *arena, struct jw_err *err);

/* Sets token->signature and token->signature_says. Keys are tried whose kid and issuer fit the token's; with
 * several left (a secret that rotates) any one may verify. Never uses a key that the token itself brings. */
void jw_keyring_verify(const struct jw_keys *keys, const struct jw_crypto *crypto,
		       struct jw_token *token, struct jw_arena *arena);
