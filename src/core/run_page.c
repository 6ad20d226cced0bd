/* SPDX-License-Identifier: MIT */
/* Looks for the secrets of the configured keys in pages. */
#include "core/run.h"

#include <string.h>

#include "base/scan.h"
#include "core/keyring.h"
#include "livekit/leak.h"
#include "token/base64url.h"

#define SECRET_MAX ((size_t)1 << 20)
/* Longer ones are no secrets that anyone puts into a page, and windows would have to overlap by as much. */
#define WANTED_MAX ((size_t)8192)

static bool is_wanted(const struct jw_wanting *wanting, struct jw_str secret)
{
	for (size_t i = 0; i < wanting->count; i++)
		if (jw_str_eq(wanting->items[i].secret, secret))
			return true;
	return false;
}

static void want(struct jw_run *run, const char *key, struct jw_str secret)
{
	struct jw_wanting *wanting = &run->wanting;

	if (!secret.len || secret.len > WANTED_MAX || is_wanted(wanting, secret))
		return;
	wanting->items = jw_arena_grow(run->arena, wanting->items, wanting->count,
				       sizeof(*wanting->items));
	wanting->items[wanting->count++] = (struct jw_wanted){.key = key, .secret = secret};
	if (secret.len > wanting->longest)
		wanting->longest = secret.len;
}

/* As a JWK it stands in base64url. */
static struct jw_str as_jwk(struct jw_run *run, struct jw_str secret)
{
	jw_autobuf struct jw_buf text = JW_BUF(2 * SECRET_MAX);

	jw_base64url_encode(secret, &text);
	return jw_arena_str(run->arena, jw_buf_get(&text));
}

/* What can't be read is told where a signature is to be verified with it. Public keys are no secrets. */
static void want_key(struct jw_run *run, const struct jw_key_entry *entry)
{
	jw_autobuf struct jw_buf text = JW_BUF(SECRET_MAX);
	struct jw_keys keys = {0};
	struct jw_err err;

	if (jw_secret_read(entry->secret, run->world->files, &text, &err) ||
	    jw_keyring_add(&keys, jw_buf_get(&text), NULL, run->arena, &err))
		return;
	for (size_t i = 0; i < keys.count; i++) {
		struct jw_str secret = keys.items[i].bytes;

		if (keys.items[i].kind != JW_KEY_SECRET)
			continue;
		want(run, entry->name,
		     jw_str_eq(secret, jw_buf_get(&text)) ? secret : as_jwk(run, secret));
	}
}

static struct jw_wanting *wanting_of(struct jw_run *run)
{
	const struct jw_config *config = run->config;

	for (size_t i = 0; !run->wanting.is_ready && config && i < config->key_count; i++)
		want_key(run, &config->keys[i]);
	run->wanting.is_ready = true;
	return &run->wanting;
}

static void note(struct jw_str text, size_t found, size_t line, size_t *ret_line)
{
	if (found < text.len && !*ret_line)
		*ret_line = line + jw_scan_count(jw_str_head(text, found), '\n');
}

void jw_run_page(struct jw_run *run, struct jw_str text, size_t line)
{
	struct jw_wanting *wanting = wanting_of(run);

	for (size_t i = 0; i < wanting->count; i++)
		if (!wanting->items[i].line)
			note(text, jw_leak_find(text, wanting->items[i].secret), line,
			     &wanting->items[i].line);
	if (!wanting->assigned)
		note(text, jw_leak_find_assignment(text), line, &wanting->assigned);
}

static void add_leak(struct jw_run *run, struct jw_leak leak)
{
	struct jw_facts *facts = run->facts;

	facts->leaks = jw_arena_grow(run->arena, facts->leaks, facts->leak_count,
				     sizeof(*facts->leaks));
	facts->leaks[facts->leak_count++] = leak;
}

/* An assignment in the same line as a key's secret is the same thing. */
static bool is_told(const struct jw_wanting *wanting)
{
	for (size_t i = 0; i < wanting->count; i++)
		if (wanting->items[i].line == wanting->assigned)
			return true;
	return !wanting->assigned;
}

void jw_run_page_end(struct jw_run *run, const char *path, enum jw_reading reading)
{
	struct jw_wanting *wanting = &run->wanting;
	bool is_same = is_told(wanting);

	for (size_t i = 0; i < wanting->count; i++) {
		struct jw_wanted *wanted = &wanting->items[i];

		if (wanted->line && reading == JW_PAGE_DONE)
			add_leak(run, (struct jw_leak){path, wanted->line, wanted->key});
		wanted->line = 0;
	}
	if (!is_same && reading == JW_PAGE_DONE)
		add_leak(run, (struct jw_leak){path, wanting->assigned, NULL});
	wanting->assigned = 0;
}

size_t jw_run_page_reach(struct jw_run *run)
{
	size_t longest = wanting_of(run)->longest;

	/* With the quotes of a short one, and what may stand behind. */
	longest += JW_LEAK_AROUND;
	return longest > JW_LEAK_ASSIGNMENT_MAX ? longest : JW_LEAK_ASSIGNMENT_MAX;
}
