/* SPDX-License-Identifier: MIT */
/* A pack's bytes as facts again, in the order in which they were written; claims are read from the token's own text. */
#include <assert.h>
#include <string.h>

#include "core/pack_parts.h"
#include "token/base64url.h"

struct reader {
	const struct jw_pack *pack;
	const char *place;
	size_t at;
	struct jw_arena *arena;
	struct jw_livekit *livekits;
};

static uint64_t get(struct reader *r)
{
	uint64_t n = 0;
	unsigned char byte;
	unsigned shift = 0;

	do {
		assert(r->at < r->pack->texts && shift < 64);
		byte = r->pack->bytes[r->at++];
		n |= (uint64_t)(byte & 127) << shift;
		shift += 7;
	} while (byte & 128);
	return n;
}

static int64_t get_signed(struct reader *r)
{
	uint64_t n = get(r);

	return (int64_t)(n >> 1 ^ (n & 1 ? UINT64_MAX : 0));
}

static const char *get_text(struct reader *r)
{
	uint64_t number = get(r);

	if (!number)
		return NULL;
	if (number == 1)
		return r->place;
	if (number <= KNOWN)
		return jw_pack_headers[number - 2];
	return (const char *)r->pack->bytes + r->pack->texts + number - KNOWN - 1;
}

static void get_bytes(struct reader *r, void *bytes, size_t len)
{
	assert(len <= r->pack->texts - r->at);
	memcpy(bytes, r->pack->bytes + r->at, len);
	r->at += len;
}

static const struct jw_livekit *get_livekit_of(struct reader *r)
{
	uint64_t index = get(r);

	return index ? &r->livekits[index - 1] : NULL;
}

static void get_livekit(struct reader *r, struct jw_livekit *livekit)
{
	uint64_t flags = get(r);

	livekit->has_clock = flags & HAS_CLOCK;
	livekit->was_asked = flags & WAS_ASKED;
	livekit->is_told = flags & IS_TOLD;
	livekit->is_reachable = flags & IS_REACHABLE;
	livekit->url = get_text(r);
	livekit->cause = (enum jw_cause)get(r);
	livekit->refusal = (enum jw_refusal)get(r);
	livekit->says = get_text(r);
	livekit->accepts = (enum jw_accepts)get(r);
	livekit->status = (long)get_signed(r);
	livekit->time_us = get_signed(r);
	livekit->clock_offset = get_signed(r);
}

static struct jw_time_claim get_claim(struct reader *r)
{
	struct jw_time_claim claim = {.is = (enum jw_claim)get(r)};

	claim.seconds = get_signed(r);
	claim.problem = get_text(r);
	return claim;
}

static void get_bare(struct reader *r, struct jw_jwt *jwt)
{
	jwt->alg = get_text(r);
	jwt->kid = get_text(r);
	jwt->typ = get_text(r);
	jwt->iss = get_text(r);
	jwt->sub = get_text(r);
	jwt->jti = get_text(r);
	jwt->exp = get_claim(r);
	jwt->nbf = get_claim(r);
	jwt->iat = get_claim(r);
}

/* A signature that is none, since a text without one isn't taken apart. */
static void decode(struct reader *r, struct jw_token *token, uint64_t flags)
{
	const char *text = jw_arena_printf(r->arena, "%.*s.%s", JW_STR_ARG(token->text),
					   flags & HAS_SIGNATURE ? "AA" : "");
	enum jw_cause cause = jw_jwt_decode(jw_str_of(text), r->arena, &token->jwt, NULL);

	assert(!cause || cause == JW_ALGORITHM_REFUSED);
	(void)cause;
	token->jwt.signature = (struct jw_str){0};
}

static struct jw_str get_counted(struct reader *r)
{
	size_t len = get(r);

	return (struct jw_str){get_text(r), len};
}

static struct jw_str encoded(struct reader *r, struct jw_str header, struct jw_str payload)
{
	jw_autobuf struct jw_buf text = JW_BUF(SIZE_MAX / 2);

	jw_base64url_encode(header, &text);
	jw_buf_char(&text, '.');
	jw_base64url_encode(payload, &text);
	return jw_arena_str(r->arena, jw_buf_get(&text));
}

static void get_token(struct reader *r, struct jw_token *token)
{
	uint64_t flags = get(r);
	unsigned notes;

	token->text = get_counted(r);
	if (flags & IS_DECODED)
		token->text = encoded(r, token->text, get_counted(r));
	token->path = get_text(r);
	token->line = get(r);
	token->copies = get(r);
	token->decode = (enum jw_cause)get(r);
	token->decode_says = get_text(r);
	notes = (unsigned)get(r);
	token->round = get(r);
	token->signature = (enum jw_signature)get(r);
	token->signature_says = get_text(r);
	token->livekit = get_livekit_of(r);
	token->source_offset = get_signed(r);
	token->has_claims = flags & HAS_CLAIMS;
	token->is_livekit = flags & IS_LIVEKIT;
	token->is_in_place = flags & IS_IN_PLACE;
	token->is_note = flags & IS_NOTE;
	if (flags & (IS_DEV_SIGNED | ISNT_DEV_SIGNED))
		token->dev_signed = flags & IS_DEV_SIGNED ? JW_DEV_YES : JW_DEV_NO;
	token->has_source_clock = flags & HAS_SOURCE_CLOCK;
	token->has_digest = flags & HAS_DIGEST;
	if (flags & HAS_DIGEST)
		get_bytes(r, token->digest, sizeof(token->digest));
	if (flags & HAS_FINGERPRINT)
		get_bytes(r, token->fingerprint, FINGERPRINT);
	else if (flags & IS_DIGEST_SHOWN)
		jw_str_hex(token->digest, FINGERPRINT / 2, token->fingerprint);
	if (flags & IS_BARE)
		get_bare(r, &token->jwt);
	else if (flags & HAS_CLAIMS)
		decode(r, token, flags);
	token->jwt.notes = notes;
}

static void get_proof(struct reader *r, struct jw_key_proof *proof)
{
	proof->name = get_text(r);
	proof->issuer = get_text(r);
	proof->is_dev = get(r);
	proof->cause = (enum jw_cause)get(r);
	proof->refusal = (enum jw_refusal)get(r);
	proof->says = get_text(r);
	proof->accepts = (enum jw_accepts)get(r);
	proof->status = (long)get_signed(r);
	proof->time_us = get_signed(r);
}

static const struct jw_join *get_join(struct reader *r)
{
	struct jw_join *join;

	if (!get(r))
		return NULL;
	join = jw_arena_array(r->arena, 1, sizeof(*join));
	join->cause = (enum jw_cause)get(r);
	join->refusal = (enum jw_refusal)get(r);
	join->says = get_text(r);
	join->status = (long)get_signed(r);
	join->time_us = get_signed(r);
	return join;
}

static void get_failure(struct reader *r, struct jw_failure *failure)
{
	failure->cause = (enum jw_cause)get(r);
	failure->at = (enum jw_at)get(r);
	failure->place = get_text(r);
	failure->says = get_text(r);
}

static void get_server(struct reader *r, struct jw_server_url *server)
{
	uint64_t flags = get(r);

	server->has_scheme = flags & HAS_SCHEME;
	server->is_given = flags & IS_GIVEN;
	server->url = get_text(r);
	server->page = get_text(r);
}

static void get_leak(struct reader *r, struct jw_leak *leak)
{
	leak->path = get_text(r);
	leak->line = get(r);
	leak->key = get_text(r);
}

static void get_exchange(struct reader *r, struct jw_exchange *exchange)
{
	exchange->has_clock = get(r) & HAS_CLOCK;
	exchange->at = (enum jw_at)get(r);
	exchange->url = get_text(r);
	exchange->status = (long)get_signed(r);
	exchange->dns_us = get_signed(r);
	exchange->connect_us = get_signed(r);
	exchange->tls_us = get_signed(r);
	exchange->wait_us = get_signed(r);
	exchange->transfer_us = get_signed(r);
	exchange->total_us = get_signed(r);
	exchange->clock_offset = get_signed(r);
	exchange->certificate_expires = get_signed(r);
	exchange->proxy = get_text(r);
	exchange->server = get_text(r);
}

static void get_freshness(struct reader *r, struct jw_freshness *freshness)
{
	uint64_t flags = get(r);

	freshness->is_known = flags & IS_KNOWN;
	freshness->is_stored = flags & IS_STORED;
	freshness->is_explicit = flags & IS_EXPLICIT;
	freshness->is_guessed = flags & IS_GUESSED;
	freshness->max_age = get_signed(r);
	freshness->age = get_signed(r);
}

static const unsigned char *get_digest(struct reader *r, const struct jw_facts *facts)
{
	uint64_t index = get(r);

	if (!index)
		return NULL;
	return index <= facts->token_count ? facts->tokens[index - 1].digest
					   : r->pack->bytes + r->at;
}

void jw_pack_open(const struct jw_pack *pack, const char *place, struct jw_arena *arena,
		  struct jw_facts *ret_facts)
{
	struct reader r = {.pack = pack, .place = place, .arena = arena};
	struct jw_facts facts = {0};
	size_t livekits = get(&r);

	r.livekits = jw_arena_array(arena, livekits, sizeof(*r.livekits));
	for (size_t i = 0; i < livekits; i++)
		get_livekit(&r, &r.livekits[i]);
	facts.livekit = get_livekit_of(&r);
	facts.token_count = get(&r);
	facts.tokens = jw_arena_array(arena, facts.token_count, sizeof(*facts.tokens));
	for (size_t i = 0; i < facts.token_count; i++)
		get_token(&r, &facts.tokens[i]);
	facts.failure_count = get(&r);
	facts.failures = jw_arena_array(arena, facts.failure_count, sizeof(*facts.failures));
	for (size_t i = 0; i < facts.failure_count; i++)
		get_failure(&r, &facts.failures[i]);
	facts.proof_count = get(&r);
	facts.proofs = jw_arena_array(arena, facts.proof_count, sizeof(*facts.proofs));
	for (size_t i = 0; i < facts.proof_count; i++)
		get_proof(&r, &facts.proofs[i]);
	facts.join = get_join(&r);
	facts.server_count = get(&r);
	facts.servers = jw_arena_array(arena, facts.server_count, sizeof(*facts.servers));
	for (size_t i = 0; i < facts.server_count; i++)
		get_server(&r, &facts.servers[i]);
	facts.leak_count = get(&r);
	facts.leaks = jw_arena_array(arena, facts.leak_count, sizeof(*facts.leaks));
	for (size_t i = 0; i < facts.leak_count; i++)
		get_leak(&r, &facts.leaks[i]);
	facts.exchange_count = get(&r);
	facts.exchanges = jw_arena_array(arena, facts.exchange_count, sizeof(*facts.exchanges));
	for (size_t i = 0; i < facts.exchange_count; i++)
		get_exchange(&r, &facts.exchanges[i]);
	get_freshness(&r, &facts.freshness);
	facts.digest = get_digest(&r, &facts);
	*ret_facts = facts;
}
