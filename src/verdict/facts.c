/* SPDX-License-Identifier: MIT */
/* What tells one set of tokens from another. */
#include "verdict/facts.h"

#include <string.h>

#include "base/buf.h"

#define DIGESTS_MAX ((size_t)1 << 20)

bool jw_facts_digest(const struct jw_facts *facts,
		     void (*sha256)(struct jw_str bytes, unsigned char digest[32]),
		     unsigned char ret_digest[32])
{
	jw_autobuf struct jw_buf all = JW_BUF(DIGESTS_MAX);

	for (size_t i = 0; i < facts->token_count; i++) {
		const struct jw_token *token = &facts->tokens[i];

		if (token->is_note)
			continue;
		if (!token->has_digest)
			return false;
		jw_buf_add(&all, (const char *)token->digest, sizeof(token->digest));
	}
	if (!all.len || all.overflowed)
		return false;
	if (all.len == 32)
		memcpy(ret_digest, all.ptr, 32);
	else
		sha256(jw_buf_get(&all), ret_digest);
	return true;
}

const struct jw_token *jw_facts_only_token(const struct jw_facts *facts)
{
	const struct jw_token *only = NULL;

	for (size_t i = 0; i < facts->token_count; i++) {
		if (facts->tokens[i].is_note)
			continue;
		if (only)
			return NULL;
		only = &facts->tokens[i];
	}
	return only;
}

static int64_t seconds_of(const struct jw_time_claim *claim)
{
	return claim->is == JW_CLAIM_VALID ? claim->seconds : 0;
}

void jw_facts_peer(const struct jw_facts *facts, const char *name,
		   void (*sha256)(struct jw_str bytes, unsigned char digest[32]),
		   struct jw_peer *ret_peer)
{
	const struct jw_token *only = jw_facts_only_token(facts);
	struct jw_peer peer = {.name = name};

	peer.is_known = jw_facts_digest(facts, sha256, peer.digest);
	if (facts->token_count)
		peer.path = facts->tokens[0].path;
	if (only && only->has_claims) {
		peer.path = only->path;
		peer.iat = seconds_of(&only->jwt.iat);
		peer.exp = seconds_of(&only->jwt.exp);
	}
	*ret_peer = peer;
}
