/* SPDX-License-Identifier: MIT */
/* Facts as records of small numbers, and the texts that these point to. */
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "core/pack_parts.h"
#include "token/base64url.h"

/* More than a run's tokens and failures can be (core/run.h). */
#define PACK_MAX ((size_t)1 << 30)
/* Of so many texts before, each is looked for: tokens of one file have its path, and mostly one sentence. */
#define RECENT 16

const char *const jw_pack_headers[KNOWN - 1] = {"{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
						"{\"typ\":\"JWT\",\"alg\":\"HS256\"}"};

struct recent {
	struct jw_str text;
	uint64_t place;
};

struct writer {
	struct jw_buf records;
	struct jw_buf texts;
	struct recent recent[RECENT];
	size_t written;
	struct jw_str known[KNOWN];
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

	for (size_t i = 0; i < KNOWN; i++)
		if (w->known[i].ptr && jw_str_eq(w->known[i], s)) {
			put(w, i + 1);
			return;
		}
	for (size_t i = 0; i < RECENT && i < w->written; i++)
		if (jw_str_eq(w->recent[i].text, s)) {
			put(w, w->recent[i].place);
			return;
		}
	*next = (struct recent){s, w->texts.len + KNOWN + 1};
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

/* Mostly it is the first digits of the digest that is there anyway. */
static bool is_of_digest(const struct jw_token *token)
{
	char digits[FINGERPRINT + 1] = "";

	if (!token->has_digest)
		return false;
	jw_str_hex(token->digest, FINGERPRINT / 2, digits);
	return !strcmp(token->fingerprint, digits);
}

static unsigned flags_of(const struct jw_token *token)
{
	unsigned flags = 0;

	flags |= token->has_claims ? HAS_CLAIMS : 0;
	flags |= token->is_livekit ? IS_LIVEKIT : 0;
	flags |= token->is_in_place ? IS_IN_PLACE : 0;
	flags |= token->is_note ? IS_NOTE : 0;
	flags |= token->dev_signed == JW_DEV_YES ? IS_DEV_SIGNED : 0;
	flags |= token->dev_signed == JW_DEV_NO ? ISNT_DEV_SIGNED : 0;
	flags |= token->has_source_clock ? HAS_SOURCE_CLOCK : 0;
	flags |= token->has_digest ? HAS_DIGEST : 0;
	if (token->fingerprint[0])
		flags |= is_of_digest(token) ? IS_DIGEST_SHOWN : HAS_FINGERPRINT;
	if (token->has_claims && token->jwt.signature.len)
		flags |= HAS_SIGNATURE;
	if (token->has_claims && !token->jwt.signing_input.len)
		flags |= IS_BARE;
	return flags;
}

/* What a text encodes is three quarters of it. False: it can't be made from that again, byte for byte. */
static bool decode(struct jw_str text, struct jw_buf *header, struct jw_buf *payload)
{
	jw_autobuf struct jw_buf again = JW_BUF(PACK_MAX);
	struct jw_str first;
	struct jw_str second;

	return jw_str_cut(text, '.', &first, &second) && jw_base64url_decode(first, header) &&
	       jw_base64url_decode(second, payload) &&
	       jw_base64url_encode(jw_buf_get(header), &again) && jw_buf_char(&again, '.') &&
	       jw_base64url_encode(jw_buf_get(payload), &again) &&
	       jw_str_eq(jw_buf_get(&again), text);
}

static void put_counted(struct writer *w, struct jw_str s)
{
	put(w, s.len);
	put_str(w, s);
}

static void put_token(struct writer *w, const struct jw_token *token, struct jw_buf decoded[2])
{
	unsigned flags = flags_of(token);
	struct jw_str text =
		token->has_claims ? token->jwt.signing_input : without_signature(token->text);

	if (decode(text, &decoded[0], &decoded[1]))
		flags |= IS_DECODED;
	put(w, flags);
	if (flags & IS_DECODED) {
		put_counted(w, jw_buf_get(&decoded[0]));
		put_counted(w, jw_buf_get(&decoded[1]));
	} else {
		put_counted(w, text);
	}
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

/* Texts that were put are looked at until all are. */
static struct jw_buf *put_tokens(struct writer *w, const struct jw_facts *facts)
{
	struct jw_buf *decoded = jw_xcalloc(2 * facts->token_count, sizeof(*decoded));

	for (size_t i = 0; i < 2 * facts->token_count; i++)
		jw_buf_init(&decoded[i], PACK_MAX);
	put(w, facts->token_count);
	for (size_t i = 0; i < facts->token_count; i++)
		put_token(w, &facts->tokens[i], &decoded[2 * i]);
	return decoded;
}

static void put_proof(struct writer *w, const struct jw_key_proof *proof)
{
	put_text(w, proof->name);
	put_text(w, proof->issuer);
	put(w, proof->is_dev);
	put(w, proof->cause);
	put(w, proof->refusal);
	put_text(w, proof->says);
	put(w, proof->accepts);
	put_signed(w, proof->status);
	put_signed(w, proof->time_us);
}

static void put_join(struct writer *w, const struct jw_join *join)
{
	put(w, join != NULL);
	if (!join)
		return;
	put(w, join->cause);
	put(w, join->refusal);
	put_text(w, join->says);
	put_signed(w, join->status);
	put_signed(w, join->time_us);
}

static void put_failure(struct writer *w, const struct jw_failure *failure)
{
	put(w, failure->cause);
	put(w, failure->at);
	put_text(w, failure->place);
	put_text(w, failure->says);
}

static void put_server(struct writer *w, const struct jw_server_url *server)
{
	put(w, (server->has_scheme ? HAS_SCHEME : 0) | (server->is_given ? IS_GIVEN : 0));
	put_text(w, server->url);
	put_text(w, server->page);
}

static void put_leak(struct writer *w, const struct jw_leak *leak)
{
	put_text(w, leak->path);
	put(w, leak->line);
	put_text(w, leak->key);
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
	put_text(w, exchange->server);
}

static void put_freshness(struct writer *w, const struct jw_freshness *freshness)
{
	put(w, (freshness->is_known ? IS_KNOWN : 0) | (freshness->is_stored ? IS_STORED : 0) |
		       (freshness->is_explicit ? IS_EXPLICIT : 0) |
		       (freshness->is_guessed ? IS_GUESSED : 0));
	put_signed(w, freshness->max_age);
	put_signed(w, freshness->age);
}

/* Mostly it is one token's own: 0 for none, then the tokens by their number, then itself. */
static void put_digest(struct writer *w, const struct jw_facts *facts)
{
	size_t i = 0;

	if (!facts->digest) {
		put(w, 0);
		return;
	}
	while (i < facts->token_count &&
	       !(facts->tokens[i].has_digest &&
		 !memcmp(facts->tokens[i].digest, facts->digest, DIGEST)))
		i++;
	put(w, i + 1);
	if (i == facts->token_count)
		jw_buf_add(&w->records, facts->digest, DIGEST);
}

static struct jw_pack *as_block(const struct writer *w)
{
	size_t size = sizeof(struct jw_pack) + w->records.len + w->texts.len;
	struct jw_pack *pack = jw_xmalloc(size);

	assert(!w->records.overflowed && !w->texts.overflowed);
	pack->size = (uint32_t)size;
	pack->holders = 1;
	pack->texts = (uint32_t)w->records.len;
	memcpy(pack->bytes, w->records.ptr, w->records.len);
	if (w->texts.len)
		memcpy(pack->bytes + w->records.len, w->texts.ptr, w->texts.len);
	return pack;
}

struct jw_pack *jw_pack_new(const struct jw_facts *facts, const char *place)
{
	jw_autofree const struct jw_livekit **livekits =
		jw_xcalloc(facts->token_count + 1, sizeof(*livekits));
	struct writer w = {.livekits = livekits, .known = {{place, jw_str_of(place).len}}};
	struct jw_buf *decoded;
	struct jw_pack *pack;

	for (size_t i = 0; i < KNOWN - 1; i++)
		w.known[i + 1] = jw_str_of(jw_pack_headers[i]);
	jw_buf_init(&w.records, PACK_MAX);
	jw_buf_init(&w.texts, PACK_MAX);
	gather_livekit(&w, facts->livekit);
	for (size_t i = 0; i < facts->token_count; i++)
		gather_livekit(&w, facts->tokens[i].livekit);
	put(&w, w.livekit_count);
	for (size_t i = 0; i < w.livekit_count; i++)
		put_livekit(&w, w.livekits[i]);
	put_livekit_of(&w, facts->livekit);
	decoded = put_tokens(&w, facts);
	put(&w, facts->failure_count);
	for (size_t i = 0; i < facts->failure_count; i++)
		put_failure(&w, &facts->failures[i]);
	put(&w, facts->proof_count);
	for (size_t i = 0; i < facts->proof_count; i++)
		put_proof(&w, &facts->proofs[i]);
	put_join(&w, facts->join);
	put(&w, facts->server_count);
	for (size_t i = 0; i < facts->server_count; i++)
		put_server(&w, &facts->servers[i]);
	put(&w, facts->leak_count);
	for (size_t i = 0; i < facts->leak_count; i++)
		put_leak(&w, &facts->leaks[i]);
	put(&w, facts->exchange_count);
	for (size_t i = 0; i < facts->exchange_count; i++)
		put_exchange(&w, &facts->exchanges[i]);
	put_freshness(&w, &facts->freshness);
	put_digest(&w, facts);
	pack = as_block(&w);
	for (size_t i = 0; i < 2 * facts->token_count; i++)
		jw_buf_done(&decoded[i]);
	free(decoded);
	jw_buf_done(&w.records);
	jw_buf_done(&w.texts);
	return pack;
}

struct jw_pack *jw_pack_keep(struct jw_pack *pack)
{
	if (pack)
		pack->holders++;
	return pack;
}

void jw_pack_free(struct jw_pack *pack)
{
	if (pack && !--pack->holders)
		free(pack);
}

size_t jw_pack_size(const struct jw_pack *pack)
{
	return pack->size;
}
