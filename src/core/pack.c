/* SPDX-License-Identifier: MIT */
/* Facts as records of small numbers, and the texts that these point to; claims are read again from the token's own text. */
#include "core/pack.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"

/* More than a run's tokens and failures can be (core/run.h). */
#define PACK_MAX ((size_t)1 << 30)
/* Of so many texts before, each is looked for: tokens of one file have its path, and mostly one sentence. */
#define RECENT 16

struct jw_pack {
	uint32_t size;
	uint32_t texts; /* where they begin in bytes */
	unsigned char bytes[];
};

enum {
	HAS_CLAIMS = 1,
	IS_LIVEKIT = 2,
	IS_IN_PLACE = 4,
	IS_NOTE = 8,
	HAS_SOURCE_CLOCK = 16,
	HAS_DIGEST = 32,
	HAS_FINGERPRINT = 64,
	HAS_SIGNATURE = 128,
	IS_BARE = 256, /* claims without the text that they stood in */
};

enum { HAS_CLOCK = 1, WAS_ASKED = 2, IS_TOLD = 4, IS_REACHABLE = 8 };
enum { IS_KNOWN = 1, IS_STORED = 2, IS_EXPLICIT = 4 };

#define FINGERPRINT 8

struct recent {
	struct jw_str text;
	uint64_t place;
};

struct writer {
	struct jw_buf records;
	struct jw_buf texts;
	struct recent recent[RECENT];
	size_t written;
	const struct jw_livekit **livekits; /* each once */
	size_t livekit_count;
};

/* Seven bits a byte, the lowest first. */
static void put(struct writer *w, uint64_t n)
{
	for (; n > 127; n >>= 7)
		jw_buf_char(&w->records, (char)((n & 127) | 128));
	jw_buf_char(&w->records, (char)n);
}

/* Small where it is near 0, on whichever side. */
static void put_signed(struct writer *w, int64_t n)
{
	put(w, (uint64_t)n << 1 ^ (n < 0 ? UINT64_MAX : 0));
}

static void put_str(struct writer *w, struct jw_str s)
{
	struct recent *next = &w->recent[w->written % RECENT];

	for (size_t i = 0; i < RECENT && i < w->written; i++)
		if (jw_str_eq(w->recent[i].text, s)) {
			put(w, w->recent[i].place);
			return;
		}
	*next = (struct recent){s, w->texts.len + 1};
	w->written++;
	put(w, next->place);
	jw_buf_str(&w->texts, s);
	jw_buf_char(&w->texts, '\0');
}

/* 0: NULL. */
static void put_text(struct writer *w, const char *text)
{
	if (text)
		put_str(w, jw_str_of(text));
	else
		put(w, 0);
}

static void put_livekit_of(struct writer *w, const struct jw_livekit *livekit)
{
	size_t i = 0;

	while (livekit && w->livekits[i] != livekit)
		i++;
	put(w, livekit ? i + 1 : 0);
}

/* Tokens of one server mostly share what is known of it, and those that do stand side by side. */
static void gather_livekit(struct writer *w, const struct jw_livekit *livekit)
{
	size_t from = w->livekit_count > RECENT ? w->livekit_count - RECENT : 0;

	for (size_t i = from; i < w->livekit_count; i++)
		if (w->livekits[i] == livekit)
			return;
	if (livekit)
		w->livekits[w->livekit_count++] = livekit;
}

static void put_livekit(struct writer *w, const struct jw_livekit *livekit)
{
	put(w, (livekit->has_clock ? HAS_CLOCK : 0) | (livekit->was_asked ? WAS_ASKED : 0) |
		       (livekit->is_told ? IS_TOLD : 0) |
		       (livekit->is_reachable ? IS_REACHABLE : 0));
	put_text(w, livekit->url);
	put(w, livekit->cause);
	put(w, livekit->refusal);
	put_text(w, livekit->says);
	put(w, livekit->accepts);
	put_signed(w, livekit->status);
	put_signed(w, livekit->time_us);
	put_signed(w, livekit->clock_offset);
}

static void put_claim(struct writer *w, const struct jw_time_claim *claim)
{
	put(w, claim->is);
	put_signed(w, claim->seconds);
	put_text(w, claim->problem);
}

static void put_bare(struct writer *w, const struct jw_jwt *jwt)
{
	const char *const texts[] = {jwt->alg, jwt->kid, jwt->typ,
				     jwt->iss, jwt->sub, jwt->jti};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		put_text(w, texts[i]);
	put_claim(w, &jwt->exp);
	put_claim(w, &jwt->nbf);
	put_claim(w, &jwt->iat);
}

/* What has no second dot may be a secret by itself: nothing of it is kept. */
static struct jw_str without_signature(struct jw_str text)
{
	size_t dots = 0;

	for (size_t i = 0; i < text.len; i++) {
		dots += text.ptr[i] == '.';
		if (dots == 2)
			return jw_str_head(text, i);
	}
	return (struct jw_str){0};
}

static unsigned flags_of(const struct jw_token *token)
{
	unsigned flags = 0;

	flags |= token->has_claims ? HAS_CLAIMS : 0;
	flags |= token->is_livekit ? IS_LIVEKIT : 0;
	flags |= token->is_in_place ? IS_IN_PLACE : 0;
	flags |= token->is_note ? IS_NOTE : 0;
	flags |= token->has_source_clock ? HAS_SOURCE_CLOCK : 0;
	flags |= token->has_digest ? HAS_DIGEST : 0;
	flags |= token->fingerprint[0] ? HAS_FINGERPRINT : 0;
	if (token->has_claims && token->jwt.signature.len)
		flags |= HAS_SIGNATURE;
	if (token->has_claims && !token->jwt.signing_input.len)
		flags |= IS_BARE;
	return flags;
}

static void put_token(struct writer *w, const struct jw_token *token)
{
	unsigned flags = flags_of(token);
	struct jw_str text =
		token->has_claims ? token->jwt.signing_input : without_signature(token->text);

	put(w, flags);
	put(w, text.len);
	put_str(w, text);
	put_text(w, token->path);
	put(w, token->line);
	put(w, token->copies);
	put(w, token->decode);
	put_text(w, token->decode_says);
	put(w, token->jwt.notes);
	put(w, token->round);
	put(w, token->signature);
	put_text(w, token->signature_says);
	put_livekit_of(w, token->livekit);
	put_signed(w, token->source_offset);
	if (flags & HAS_DIGEST)
		jw_buf_add(&w->records, token->digest, sizeof(token->digest));
	if (flags & HAS_FINGERPRINT)
		jw_buf_add(&w->records, token->fingerprint, FINGERPRINT);
	if (flags & IS_BARE)
		put_bare(w, &token->jwt);
}

static void put_failure(struct writer *w, const struct jw_failure *failure)
{
	put(w, failure->cause);
	put(w, failure->at);
	put_text(w, failure->place);
	put_text(w, failure->says);
}

static void put_exchange(struct writer *w, const struct jw_exchange *exchange)
{
	put(w, exchange->has_clock ? HAS_CLOCK : 0);
	put(w, exchange->at);
	put_text(w, exchange->url);
	put_signed(w, exchange->status);
	put_signed(w, exchange->dns_us);
	put_signed(w, exchange->connect_us);
	put_signed(w, exchange->tls_us);
	put_signed(w, exchange->wait_us);
	put_signed(w, exchange->transfer_us);
	put_signed(w, exchange->total_us);
	put_signed(w, exchange->clock_offset);
	put_signed(w, exchange->certificate_expires);
	put_text(w, exchange->proxy);
}

static void put_freshness(struct writer *w, const struct jw_freshness *freshness)
{
	put(w, (freshness->is_known ? IS_KNOWN : 0) | (freshness->is_stored ? IS_STORED : 0) |
		       (freshness->is_explicit ? IS_EXPLICIT : 0));
	put_signed(w, freshness->max_age);
	put_signed(w, freshness->age);
}

static struct jw_pack *as_block(const struct writer *w)
{
	size_t size = sizeof(struct jw_pack) + w->records.len + w->texts.len;
	struct jw_pack *pack = jw_xmalloc(size);

	assert(!w->records.overflowed && !w->texts.overflowed);
	pack->size = (uint32_t)size;
	pack->texts = (uint32_t)w->records.len;
	memcpy(pack->bytes, w->records.ptr, w->records.len);
	if (w->texts.len)
		memcpy(pack->bytes + w->records.len, w->texts.ptr, w->texts.len);
	return pack;
}

struct jw_pack *jw_pack_new(const struct jw_facts *facts)
{
	jw_autofree const struct jw_livekit **livekits =
		jw_xcalloc(facts->token_count + 1, sizeof(*livekits));
	struct writer w = {.livekits = livekits};
	struct jw_pack *pack;

	jw_buf_init(&w.records, PACK_MAX);
	jw_buf_init(&w.texts, PACK_MAX);
	gather_livekit(&w, facts->livekit);
	for (size_t i = 0; i < facts->token_count; i++)
		gather_livekit(&w, facts->tokens[i].livekit);
	put(&w, w.livekit_count);
	for (size_t i = 0; i < w.livekit_count; i++)
		put_livekit(&w, w.livekits[i]);
	put_livekit_of(&w, facts->livekit);
	put(&w, facts->token_count);
	for (size_t i = 0; i < facts->token_count; i++)
		put_token(&w, &facts->tokens[i]);
	put(&w, facts->failure_count);
	for (size_t i = 0; i < facts->failure_count; i++)
		put_failure(&w, &facts->failures[i]);
	put(&w, facts->exchange_count);
	for (size_t i = 0; i < facts->exchange_count; i++)
		put_exchange(&w, &facts->exchanges[i]);
	put_freshness(&w, &facts->freshness);
	pack = as_block(&w);
	jw_buf_done(&w.records);
	jw_buf_done(&w.texts);
	return pack;
}

void jw_pack_free(struct jw_pack *pack)
{
	free(pack);
}

size_t jw_pack_size(const struct jw_pack *pack)
{
	return pack->size;
}

/* Opening: the same in the same order. */

struct reader {
	const struct jw_pack *pack;
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
	uint64_t place = get(r);

	return place ? (const char *)r->pack->bytes + r->pack->texts + place - 1 : NULL;
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

static void get_token(struct reader *r, struct jw_token *token)
{
	uint64_t flags = get(r);
	size_t len = get(r);
	unsigned notes;

	token->text = (struct jw_str){get_text(r), len};
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
	token->has_source_clock = flags & HAS_SOURCE_CLOCK;
	token->has_digest = flags & HAS_DIGEST;
	if (flags & HAS_DIGEST)
		get_bytes(r, token->digest, sizeof(token->digest));
	if (flags & HAS_FINGERPRINT)
		get_bytes(r, token->fingerprint, FINGERPRINT);
	if (flags & IS_BARE)
		get_bare(r, &token->jwt);
	else if (flags & HAS_CLAIMS)
		decode(r, token, flags);
	token->jwt.notes = notes;
}

static void get_failure(struct reader *r, struct jw_failure *failure)
{
	failure->cause = (enum jw_cause)get(r);
	failure->at = (enum jw_at)get(r);
	failure->place = get_text(r);
	failure->says = get_text(r);
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
}

static void get_freshness(struct reader *r, struct jw_freshness *freshness)
{
	uint64_t flags = get(r);

	freshness->is_known = flags & IS_KNOWN;
	freshness->is_stored = flags & IS_STORED;
	freshness->is_explicit = flags & IS_EXPLICIT;
	freshness->max_age = get_signed(r);
	freshness->age = get_signed(r);
}

void jw_pack_open(const struct jw_pack *pack, struct jw_arena *arena,
		  struct jw_facts *ret_facts)
{
	struct reader r = {.pack = pack, .arena = arena};
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
	facts.exchange_count = get(&r);
	facts.exchanges = jw_arena_array(arena, facts.exchange_count, sizeof(*facts.exchanges));
	for (size_t i = 0; i < facts.exchange_count; i++)
		get_exchange(&r, &facts.exchanges[i]);
	get_freshness(&r, &facts.freshness);
	*ret_facts = facts;
}
