/* SPDX-License-Identifier: MIT */
/* What a check may ask of its run. In a one-shot run every answer is there at once. */
#include "core/run.h"

#include <stdio.h>
#include <string.h>

#include "contract/check.h"
#include "livekit/grants.h"
#include "token/base64url.h"
#include "token/find.h"

#define SECRET_MAX ((size_t)1 << 20)

const void *jw_run_config(const struct jw_run *run)
{
	return run->target->config;
}

void *jw_run_state(struct jw_run *run)
{
	return run->state;
}

struct jw_arena *jw_run_arena(struct jw_run *run)
{
	return run->arena;
}

static void add_failure(struct jw_run *run, const char *place, enum jw_cause cause,
			const char *format, va_list args)
{
	struct jw_facts *facts = run->facts;
	char text[JW_ERR_MAX];

	vsnprintf(text, sizeof(text), format, args);
	facts->failures = jw_arena_grow(run->arena, facts->failures, facts->failure_count,
					sizeof(*facts->failures));
	facts->failures[facts->failure_count++] = (struct jw_failure){
		.cause = cause,
		.at = JW_AT_SOURCE,
		.place = place,
		.says = jw_arena_text(run->arena, jw_str_of(text)),
	};
}

enum jw_next jw_run_fail(struct jw_run *run, const char *place, enum jw_cause cause,
			 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_failure(run, place, cause, format, args);
	va_end(args);
	return JW_DONE;
}

void jw_run_note_failure(struct jw_run *run, const char *place, enum jw_cause cause,
			 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_failure(run, place, cause, format, args);
	va_end(args);
}

/* Until the loop has the run again: a thread calls nobody back. */
static void keep_warning(struct jw_run *run, const char *text)
{
	for (size_t i = 0; i < run->warning_count; i++)
		if (!strcmp(run->warnings[i], text))
			return;
	if (run->warning_count < JW_RUN_WARNINGS_MAX)
		run->warnings[run->warning_count++] = text;
}

void jw_run_warn(struct jw_run *run, const char *text)
{
	if (run->outer)
		keep_warning(run, text);
	else if (run->world->warn)
		run->world->warn(run->world->warn_context, text);
}

static int64_t now_ms(const struct jw_run *run)
{
	return run->world->clock->monotonic_ms(run->world->clock->self);
}

int64_t jw_run_elapsed_ms(void *context)
{
	struct jw_run *run = context;

	return now_ms(run) - run->start_ms;
}

int64_t jw_run_left_ms(struct jw_run *run)
{
	int64_t left = run->deadline_ms - now_ms(run);

	return left > 1 ? left : 1;
}

const struct jw_paths *jw_run_paths(const struct jw_run *run, bool *ret_complete)
{
	*ret_complete = run->paths_complete;
	return &run->paths;
}

void jw_run_close(struct jw_run *run)
{
	if (run->file)
		run->world->files->close(run->file);
	run->file = NULL;
	run->kept = 0;
	jw_buf_clear(&run->bytes);
}

bool jw_run_is_late(const struct jw_run *run)
{
	return now_ms(run) > run->deadline_ms;
}

bool jw_run_is_capped(const struct jw_run *run)
{
	return run->is_capped;
}

/* Whose time was up: the target's own, or the whole run's. */
static void say_late(const struct jw_run *run, struct jw_err *err)
{
	if (run->is_capped)
		jw_fail(err, JW_DEADLINE,
			"the whole run's time (-t) was up before this was read and looked "
			"through");
	else
		jw_fail(err, JW_FILE_UNREADABLE,
			"wasn't read and looked through within the timeout of %lld ms",
			(long long)run->target->timeout);
}

enum jw_next jw_run_expand(struct jw_run *run, const char *glob)
{
	const struct jw_files *files = run->world->files;
	struct jw_err err;

	run->paths_complete = true;
	if (files->expand(files->self, glob, run->arena, run->deadline_ms, &run->paths, &err)) {
		run->paths_complete = false;
		if (err.cause == JW_DEADLINE)
			say_late(run, &err);
		jw_run_note_failure(run, glob, err.cause, "%s", err.text);
	}
	return JW_NEXT;
}

void jw_run_note_late(struct jw_run *run, const char *place)
{
	struct jw_err err;

	say_late(run, &err);
	jw_run_note_failure(run, place, err.cause, "%s", err.text);
}

static enum jw_cause next_window(struct jw_run *run, const char *path, size_t max,
				 struct jw_err *err)
{
	const struct jw_files *files = run->world->files;
	enum jw_cause cause = JW_OK;

	if (!run->file) {
		jw_buf_clear(&run->bytes);
		cause = files->open(files->self, path, &run->file, err);
	} else {
		jw_buf_consume(&run->bytes, run->kept);
	}
	if (cause)
		return cause;
	run->bytes.max = max;
	return files->read(run->file, &run->bytes, run->deadline_ms, &run->window.read, err);
}

enum jw_next jw_run_read(struct jw_run *run, const char *path, size_t max)
{
	struct jw_err err;

	run->window = (struct jw_window){.read = JW_READ_END};
	if (next_window(run, path, max, &err)) {
		if (err.cause == JW_DEADLINE)
			say_late(run, &err);
		run->window.cause = err.cause;
		run->window.says = jw_arena_text(run->arena, jw_str_of(err.text));
		jw_run_close(run);
		return JW_NEXT;
	}
	run->window.bytes = jw_buf_get(&run->bytes);
	run->window.full = run->window.read == JW_READ_MORE;
	if (run->window.read != JW_READ_MORE) {
		run->world->files->close(run->file);
		run->file = NULL;
	}
	return JW_NEXT;
}

const struct jw_window *jw_run_window(const struct jw_run *run)
{
	return &run->window;
}

void jw_run_keep(struct jw_run *run, size_t start)
{
	run->kept = start;
}

/* The slot of this token: where its index is, or a free one. There are always free ones. */
static uint32_t *slot_of(const struct jw_run *run, struct jw_str text, uint64_t hash)
{
	size_t at = hash % run->slot_count;

	for (; run->slots[at]; at = (at + 1) % run->slot_count) {
		size_t index = run->slots[at] - 1;

		if (run->hashes[index] == hash &&
		    jw_str_eq(run->facts->tokens[index].text, text))
			break;
	}
	return &run->slots[at];
}

static void fill_slots(struct jw_run *run)
{
	memset(run->slots, 0, run->slot_count * sizeof(*run->slots));
	for (size_t i = 0; i < run->facts->token_count; i++)
		*slot_of(run, run->facts->tokens[i].text, run->hashes[i]) = (uint32_t)i + 1;
}

/* For one token more. */
static void make_slots(struct jw_run *run)
{
	if (run->slot_count >= 2 * (run->facts->token_count + 1))
		return;
	run->slot_count = run->slot_count ? 2 * run->slot_count : JW_RUN_SLOTS;
	run->slots = jw_xrealloc(run->slots, run->slot_count * sizeof(*run->slots));
	fill_slots(run);
}

static enum jw_cause say_placeholder(struct jw_str text, struct jw_err *err)
{
	if (!text.len)
		return jw_fail(err, JW_PLACEHOLDER,
			       "an empty text stands where the token should be");
	return jw_fail(err, JW_PLACEHOLDER,
		       "a placeholder of %zu characters stands where the token should be",
		       text.len);
}

static void decode(struct jw_token *token, struct jw_arena *arena)
{
	struct jw_err err;

	token->decode = jw_jwt_decode(token->text, arena, &token->jwt, &err);
	token->has_claims = token->decode == JW_OK || token->decode == JW_ALGORITHM_REFUSED;
	token->is_livekit = token->has_claims && jw_grants_is_livekit(&token->jwt);
	if (token->decode == JW_TOKEN_MALFORMED &&
	    jw_find_is_placeholder(jw_str_trim(token->text)))
		token->decode = say_placeholder(jw_str_trim(token->text), &err);
	if (token->decode)
		token->decode_says = jw_arena_text(arena, jw_str_of(err.text));
}

/* The token without what is tolerated around and in it, so that one token has one fingerprint. */
static void canonical(const struct jw_token *token, struct jw_buf *buf)
{
	if (!token->has_claims) {
		jw_buf_str(buf, token->text);
		return;
	}
	jw_buf_str(buf, token->jwt.signing_input);
	jw_buf_char(buf, '.');
	jw_base64url_encode(token->jwt.signature, buf);
}

static void fingerprint(const struct jw_world *world, struct jw_token *token)
{
	jw_autobuf struct jw_buf text = JW_BUF(2 * JW_JWT_MAX);
	struct jw_err err;
	const struct jw_crypto *crypto = world->crypto(world->crypto_context, &err);

	if (!crypto)
		return;
	canonical(token, &text);
	crypto->sha256(jw_buf_get(&text), token->digest);
	token->has_digest = true;
	jw_str_hex(token->digest, 4, token->fingerprint);
}

void jw_runner_token(const struct jw_world *world, struct jw_str text, const char *path,
		     size_t line, unsigned want, struct jw_arena *arena,
		     struct jw_token *ret_token)
{
	struct jw_token token = {.text = text, .path = path, .line = line};

	decode(&token, arena);
	if (want & JW_WANT_FINGERPRINTS)
		fingerprint(world, &token);
	*ret_token = token;
}

static bool is_full(struct jw_run *run, struct jw_str text, const char *path)
{
	if (run->is_full)
		return true;
	if (run->facts->token_count < JW_RUN_TOKENS_MAX &&
	    run->token_bytes + text.len <= JW_RUN_TOKEN_BYTES_MAX)
		return false;
	run->is_full = true;
	jw_run_note_failure(
		run, path, JW_PATTERN_LIMIT,
		"more than %d different tokens, or %zu bytes of them: the rest isn't judged",
		JW_RUN_TOKENS_MAX, JW_RUN_TOKEN_BYTES_MAX);
	return true;
}

static void add_token(struct jw_run *run, struct jw_str text, const char *path, size_t line,
		      uint64_t hash)
{
	struct jw_facts *facts = run->facts;
	size_t index = facts->token_count;

	facts->tokens = jw_arena_grow(run->arena, facts->tokens, index, sizeof(*facts->tokens));
	run->hashes = jw_arena_grow(run->arena, run->hashes, index, sizeof(*run->hashes));
	run->hashes[index] = hash;
	run->token_bytes += text.len;
	jw_runner_token(run->world, jw_arena_str(run->arena, text), path, line, run->want,
			run->arena, &facts->tokens[index]);
	facts->tokens[index].is_note = true;
	facts->tokens[index].is_in_place = true;
	facts->token_count++;
}

bool jw_run_token(struct jw_run *run, struct jw_str text, const char *path, size_t line,
		  size_t *ret_index)
{
	uint64_t hash;
	uint32_t *slot;

	/* One byte over the limit is enough to be refused for its size. */
	text = jw_str_head(text, JW_JWT_MAX + 1);
	hash = jw_str_hash(text);
	make_slots(run);
	slot = slot_of(run, text, hash);
	if (*slot) {
		run->facts->tokens[*slot - 1].copies++;
	} else {
		if (is_full(run, text, path))
			return false;
		add_token(run, text, path, line, hash);
		*slot = (uint32_t)run->facts->token_count;
	}
	*ret_index = *slot - 1;
	return true;
}

size_t jw_run_token_count(const struct jw_run *run)
{
	return run->facts->token_count;
}

void jw_run_token_drop(struct jw_run *run, size_t count)
{
	while (run->facts->token_count > count)
		jw_jwt_done(&run->facts->tokens[--run->facts->token_count].jwt);
	if (run->slots)
		fill_slots(run);
}

struct jw_token *jw_run_tokens(struct jw_run *run)
{
	return run->facts->tokens;
}

static enum jw_cause read_key(struct jw_run *run, const struct jw_key_entry *entry,
			      struct jw_keys *keys, struct jw_err *err)
{
	jw_autobuf struct jw_buf secret = JW_BUF(SECRET_MAX);
	enum jw_cause cause;

	cause = jw_secret_read(entry->secret, run->world->files, &secret, err);
	if (!cause)
		cause = jw_keyring_add(keys, jw_buf_get(&secret), entry->issuer, run->arena,
				       err);
	return cause;
}

static const struct jw_key_entry *entry_of(const struct jw_config *config, const char *name)
{
	for (size_t i = 0; i < config->key_count; i++)
		if (!strcmp(config->keys[i].name, name))
			return &config->keys[i];
	return NULL;
}

enum jw_cause jw_run_read_key(struct jw_run *run, const char *name, struct jw_keys *keys,
			      struct jw_err *err)
{
	const struct jw_key_entry *entry = entry_of(run->config, name);

	if (!entry)
		return jw_fail(err, JW_SECRET_MISSING, "no such key is configured");
	return read_key(run, entry, keys, err);
}

/* How many of the target's keys couldn't be read; each is a failure of its own. */
static size_t read_keys(struct jw_run *run, struct jw_keys *keys)
{
	size_t unread = 0;

	for (const char *const *name = run->target->key; *name; name++) {
		const char *place = jw_arena_printf(run->arena, "key %s", *name);
		struct jw_err err;

		if (!jw_run_read_key(run, *name, keys, &err))
			continue;
		unread++;
		jw_run_note_failure(run, place, err.cause, "%s", err.text);
	}
	return unread;
}

/* With a key unread, a signature that none of the others fits can't be called wrong. */
static void verify_token(struct jw_run *run, const struct jw_keys *keys, size_t unread,
			 const struct jw_crypto *crypto, struct jw_token *token)
{
	if (crypto && keys->count)
		jw_keyring_verify(keys, crypto, token, run->arena);
	if (!crypto || !keys->count || (unread && token->signature != JW_SIG_VALID))
		token->signature = JW_SIG_NO_KEY;
}

void jw_run_verify(struct jw_run *run)
{
	const struct jw_crypto *crypto;
	struct jw_keys keys = {0};
	size_t unread;
	struct jw_err err;

	if (!run->target->key || !run->facts->token_count)
		return;
	unread = read_keys(run, &keys);
	crypto = run->world->crypto(run->world->crypto_context, &err);
	if (!crypto)
		jw_run_note_failure(run, NULL, err.cause, "%s", err.text);
	for (size_t i = 0; i < run->facts->token_count; i++) {
		struct jw_token *token = &run->facts->tokens[i];

		if (token->has_claims && !token->is_note)
			verify_token(run, &keys, unread, crypto, token);
	}
}
