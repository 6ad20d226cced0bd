/* SPDX-License-Identifier: MIT */
/* The search for tokens in files and folders: each is decoded once, wherever it stands. */
#include "core/discover.h"

#include <string.h>

#include "base/scan.h"
#include "base/utf.h"
#include "token/find.h"
#include "token/glance.h"

/* A NUL so near to a file's front says that it is no text. */
#define FRONT ((size_t)8192)
/* More of an issuer than anybody wants to see. */
#define ISSUER_MAX ((size_t)256)
#define PATH_MAX_BYTES ((size_t)1 << 20)

struct search_file {
	const char *path; /* NULL: nothing was found in it yet */
	bool is_open;
	enum jw_encoding encoding;
	size_t line; /* of the first byte that is at hand */
};

struct jw_search {
	const struct jw_world *world;
	const struct jw_crypto *crypto;
	const struct jw_expect *expect;
	struct jw_arena arena;
	struct jw_discovery discovery;
	struct jw_known *
		*slots; /* by digest; a power of two of them, half of them free at least */
	size_t slot_count;
	size_t known_count;
	const char *root;
	struct search_file file;
	size_t round;	       /* counts files */
	struct jw_buf text;    /* of a file in UTF-16 */
	struct jw_buf header;  /* of the last token that was decoded without fault */
	struct jw_buf payload; /* for jw_glance */
	const char *iss;       /* of the last one that had any */
};

struct jw_search *jw_search_new(const struct jw_world *world, const struct jw_crypto *crypto,
				const struct jw_expect *expect)
{
	struct jw_search *search = jw_xcalloc(1, sizeof(*search));

	search->world = world;
	search->crypto = crypto;
	search->expect = expect;
	search->discovery.now = world->clock->wall(world->clock->self);
	search->discovery.is_simulated = world->is_simulated;
	search->slot_count = 256;
	search->slots = jw_xcalloc(search->slot_count, sizeof(*search->slots));
	jw_buf_init(&search->text, (size_t)1 << 20);
	jw_buf_init(&search->header, 1024);
	jw_buf_init(&search->payload, JW_JWT_MAX);
	return search;
}

void jw_search_free(struct jw_search *search)
{
	free(search->slots);
	jw_buf_done(&search->text);
	jw_buf_done(&search->header);
	jw_buf_done(&search->payload);
	jw_arena_done(&search->arena);
	free(search);
}

static void trouble(void *context, const char *path, const char *says)
{
	struct jw_search *search = context;
	struct jw_discovery *discovery = &search->discovery;
	size_t count = discovery->trouble_count++;

	if (count >= JW_DISCOVER_TROUBLES_MAX)
		return;
	discovery->troubles = jw_arena_grow(&search->arena, discovery->troubles, count,
					    sizeof(*discovery->troubles));
	discovery->troubles[count] = (struct jw_trouble){
		jw_arena_text(&search->arena, jw_str_of(path)),
		jw_arena_text(&search->arena, jw_str_of(says)),
	};
}

/* The place of this digest in the table, or the free one where it belongs. */
static struct jw_known **slot_of(const struct jw_search *search, const unsigned char *digest)
{
	size_t at;

	memcpy(&at, digest, sizeof(at));
	for (at %= search->slot_count; search->slots[at]; at = (at + 1) % search->slot_count)
		if (!memcmp(search->slots[at]->digest, digest,
			    sizeof((*search->slots)->digest)))
			break;
	return &search->slots[at];
}

static void grow_slots(struct jw_search *search)
{
	struct jw_known **old = search->slots;
	size_t count = search->slot_count;

	search->slot_count *= 2;
	search->slots = jw_xcalloc(search->slot_count, sizeof(*search->slots));
	for (size_t i = 0; i < count; i++)
		if (old[i])
			*slot_of(search, old[i]->digest) = old[i];
	free(old);
}

static void judge(const struct jw_search *search, struct jw_token *token,
		  struct jw_arena *arena, struct jw_known *known)
{
	const struct jw_facts facts = {.tokens = token, .token_count = 1};
	struct jw_verdict verdict;

	jw_judge(&facts, search->expect, search->discovery.now, arena, &verdict);
	known->state = verdict.state;
	known->cause = verdict.cause;
}

static void set_issuer(struct jw_search *search, struct jw_str iss, struct jw_known *known)
{
	iss = jw_str_head(iss, ISSUER_MAX);
	/* Mostly it is that of the token before. */
	if (!search->iss || !jw_str_is(iss, search->iss))
		search->iss = jw_arena_text(&search->arena, iss);
	known->iss = search->iss;
}

/* Most tokens of a tree have the same header, and nothing special in their payload. */
static bool learn_quickly(struct jw_search *search, struct jw_str text, struct jw_known *known)
{
	struct jw_glance glance;

	if (search->expect ||
	    !jw_glance(text, jw_buf_get(&search->header), &search->payload, &glance))
		return false;
	jw_str_hex(known->digest, 4, known->fingerprint);
	known->has_claims = true;
	known->is_livekit = glance.is_livekit;
	if (glance.has_iss)
		set_issuer(search, glance.iss, known);
	if (glance.has_exp)
		known->exp =
			(struct jw_time_claim){.is = JW_CLAIM_VALID, .seconds = glance.exp};
	return true;
}

static void remember_header(struct jw_search *search, const struct jw_token *token)
{
	struct jw_str header;
	struct jw_str rest;

	if (token->decode || token->jwt.notes || !jw_str_cut(token->text, '.', &header, &rest))
		return;
	jw_buf_clear(&search->header);
	jw_buf_str(&search->header, header);
}

/* What is kept of a token; the token itself isn't. */
static void learn(struct jw_search *search, struct jw_str text, struct jw_known *known)
{
	struct jw_arena arena = {0};
	struct jw_token token;
	/* Padding isn't part of what a fingerprint is made of. */
	bool is_padded = memchr(text.ptr, '=', text.len);

	jw_runner_token(search->world, text, "", 0,
			is_padded ? JW_WANT_FINGERPRINTS : JW_WANT_VERDICT, &arena, &token);
	if (is_padded)
		memcpy(known->fingerprint, token.fingerprint, sizeof(known->fingerprint));
	else
		jw_str_hex(known->digest, 4, known->fingerprint);
	known->has_claims = token.has_claims;
	known->is_livekit = token.is_livekit;
	known->exp = token.jwt.exp;
	if (token.jwt.iss)
		set_issuer(search, jw_str_of(token.jwt.iss), known);
	remember_header(search, &token);
	if (search->expect)
		judge(search, &token, &arena, known);
	if (token.has_claims)
		jw_jwt_done(&token.jwt);
	jw_arena_done(&arena);
}

static struct jw_known *know(struct jw_search *search, struct jw_str text)
{
	unsigned char digest[sizeof((struct jw_known *)0)->digest];
	struct jw_known *known;

	search->crypto->sha256(text, digest);
	known = *slot_of(search, digest);
	if (known)
		return known;
	if (2 * ++search->known_count > search->slot_count)
		grow_slots(search);
	known = jw_arena_alloc(&search->arena, sizeof(*known));
	memcpy(known->digest, digest, sizeof(digest));
	*slot_of(search, digest) = known;
	if (!learn_quickly(search, text, known))
		learn(search, text, known);
	return known;
}

static void add(struct jw_search *search, const char *path, struct jw_known *token)
{
	struct jw_discovery *discovery = &search->discovery;
	struct search_file *file = &search->file;

	if (!file->path)
		file->path = jw_arena_text(&search->arena, jw_str_of(path));
	discovery->found = jw_arena_grow(&search->arena, discovery->found,
					 discovery->found_count, sizeof(*discovery->found));
	token->round = search->round;
	token->found = discovery->found_count;
	discovery->found[discovery->found_count++] =
		(struct jw_found){.path = file->path, .line = file->line, .token = token};
}

/* False where no more are taken. */
static bool take(struct jw_search *search, const char *path, struct jw_str text)
{
	struct jw_discovery *discovery = &search->discovery;
	struct jw_known *token;

	if (discovery->found_count == JW_DISCOVER_TOKENS_MAX) {
		if (!discovery->walked.is_cut)
			trouble(search, path, "more than 200000 tokens: the rest isn't listed");
		discovery->walked.is_cut = true;
		return false;
	}
	token = know(search, text);
	if (token->round == search->round)
		discovery->found[token->found].copies++;
	else
		add(search, path, token);
	return true;
}

/* How much of the text isn't needed any more. */
static size_t find(struct jw_search *search, const char *path, struct jw_str text,
		   enum jw_read read)
{
	struct search_file *file = &search->file;
	enum jw_find_end end = read == JW_READ_MORE ? JW_FIND_MORE_FOLLOWS : JW_FIND_LAST;
	size_t counted = 0;
	size_t at = 0;
	struct jw_str token;

	while (jw_find_next(text, end, &at, &token)) {
		size_t start = (size_t)(token.ptr - text.ptr);

		file->line += jw_scan_count(
			(struct jw_str){text.ptr + counted, start - counted}, '\n');
		counted = start;
		if (!take(search, path, token))
			return SIZE_MAX;
	}
	if (read == JW_READ_MORE && at > counted)
		file->line +=
			jw_scan_count((struct jw_str){text.ptr + counted, at - counted}, '\n');
	return at;
}

/* The two bytes in front are its mark, or were turned before; two bytes are kept for the next window likewise. */
static size_t find_in_16(struct jw_search *search, const char *path, struct jw_str bytes,
			 enum jw_read read)
{
	size_t used = bytes.len - bytes.len % 2;
	size_t done;

	if (bytes.len > 2)
		jw_utf_from_16(jw_str_head(bytes, used), search->file.encoding, &search->text);
	done = find(search, path, jw_buf_get(&search->text), read);
	if (done == SIZE_MAX)
		return done;
	jw_buf_consume(&search->text, done);
	return used > 2 ? used - 2 : 0;
}

/* False: it is no text, and nobody asked for it by name. */
static bool open_file(struct jw_search *search, const char *path, struct jw_str bytes)
{
	struct jw_str front = jw_str_head(bytes, FRONT);
	enum jw_encoding encoding = jw_utf_encoding(bytes);
	bool is_16 = encoding == JW_ENCODING_UTF16LE || encoding == JW_ENCODING_UTF16BE;

	if (!is_16 && front.len && memchr(front.ptr, 0, front.len) &&
	    strcmp(path, search->root)) {
		search->discovery.binaries++;
		return false;
	}
	search->file = (struct search_file){
		.is_open = true,
		.encoding = is_16 ? encoding : JW_ENCODING_BYTES,
		.line = 1,
	};
	search->round++;
	jw_buf_clear(&search->text);
	return true;
}

static size_t look(void *context, const char *path, struct jw_str bytes, enum jw_read read)
{
	struct jw_search *search = context;
	size_t used;

	if (!search->file.is_open && !open_file(search, path, bytes))
		return SIZE_MAX;
	if (search->file.encoding == JW_ENCODING_BYTES)
		used = find(search, path, bytes, read);
	else
		used = find_in_16(search, path, bytes, read);
	if (read != JW_READ_MORE || used == SIZE_MAX)
		search->file.is_open = false;
	return used;
}

void jw_search_path(struct jw_search *search, const char *path)
{
	const struct jw_files *files = search->world->files;
	const struct jw_visitor visitor = {search, look, trouble};
	jw_autobuf struct jw_buf absolute = JW_BUF(PATH_MAX_BYTES);
	struct jw_err err;

	if (files->absolute(files->self, path, &absolute, &err)) {
		trouble(search, path, err.text);
		return;
	}
	search->root = absolute.ptr;
	files->walk(files->self, absolute.ptr, &visitor, &search->discovery.walked);
}

static int by_place(const void *a, const void *b)
{
	const struct jw_found *one = a;
	const struct jw_found *other = b;
	int order = one->path == other->path ? 0 : strcmp(one->path, other->path);

	if (!order)
		order = (one->line > other->line) - (one->line < other->line);
	return order ? order : memcmp(one->token->digest, other->token->digest, 32);
}

/* As it is where one folder was walked that holds no other. */
static bool is_in_order(const struct jw_discovery *discovery)
{
	for (size_t i = 1; i < discovery->found_count; i++)
		if (by_place(&discovery->found[i - 1], &discovery->found[i]) > 0)
			return false;
	return true;
}

/* A file that was named twice, or lies below two folders that were. */
static void drop_doubles(struct jw_discovery *discovery)
{
	size_t kept = 0;

	for (size_t i = 0; i < discovery->found_count; i++)
		if (!kept || by_place(&discovery->found[kept - 1], &discovery->found[i]))
			discovery->found[kept++] = discovery->found[i];
	discovery->found_count = kept;
}

const struct jw_discovery *jw_search_end(struct jw_search *search)
{
	struct jw_discovery *discovery = &search->discovery;

	if (!is_in_order(discovery))
		qsort(discovery->found, discovery->found_count, sizeof(*discovery->found),
		      by_place);
	drop_doubles(discovery);
	jw_discover_targets(discovery, &search->arena);
	return discovery;
}
