/* SPDX-License-Identifier: MIT */
/* Tokens made with a key pair. */
#include "core/mint.h"

#include <string.h>

#include "core/value.h"

#define SECRET_MAX ((size_t)1 << 20)

enum jw_cause jw_mint_entry(const struct jw_config *config, const char *name,
			    const struct jw_key_entry **ret_entry, struct jw_err *err)
{
	for (size_t i = 0; i < config->key_count; i++) {
		if (strcmp(config->keys[i].name, name) != 0)
			continue;
		*ret_entry = &config->keys[i];
		return JW_OK;
	}
	return jw_fail(err, JW_SECRET_MISSING, "no such key is configured");
}

enum jw_cause jw_mint_key(const struct jw_key_entry *entry, const struct jw_files *files,
			  const char *issuer, struct jw_arena *arena, struct jw_key *ret_key,
			  struct jw_err *err)
{
	jw_autobuf struct jw_buf secret = JW_BUF(SECRET_MAX);
	struct jw_keys keys = {0};
	struct jw_key key;

	if (jw_secret_read(entry->secret, files, &secret, err) ||
	    jw_keyring_add(&keys, jw_buf_get(&secret), entry->issuer, arena, err))
		return err->cause;
	if (keys.count != 1 || keys.items[0].kind != JW_KEY_SECRET)
		return jw_fail(err, JW_SECRET_MISSING,
			       "isn't one secret, which is what LiveKit's keys are");
	key = keys.items[0];
	if (!key.issuer)
		key.issuer = issuer;
	if (!key.issuer)
		return jw_fail(err, JW_SECRET_MISSING,
			       "names no issuer, and a key pair is an API key (the issuer) "
			       "and its secret");
	*ret_key = key;
	return JW_OK;
}

enum jw_cause jw_mint_check_ttl(const struct jw_key_entry *entry, int64_t ttl,
				struct jw_err *err)
{
	jw_autobuf struct jw_buf asked = JW_BUF(64);
	jw_autobuf struct jw_buf max = JW_BUF(64);

	if (!entry->max_ttl || ttl <= entry->max_ttl)
		return JW_OK;
	jw_value_number(JW_T_SECONDS, ttl, &asked);
	jw_value_number(JW_T_SECONDS, entry->max_ttl, &max);
	return jw_fail(err, JW_CONFIG, "%s is more than max_ttl of key %s, %s", asked.ptr,
		       entry->name, max.ptr);
}

enum jw_cause jw_mint_token(const struct jw_world *world, const struct jw_key *key,
			    const struct jw_mint *mint, struct jw_buf *token,
			    struct jw_err *err)
{
	const struct jw_crypto *crypto = world->crypto(world->crypto_context, err);
	unsigned char mac[32];

	if (!crypto)
		return err->cause;
	if (!jw_mint_input(mint, token))
		return jw_fail(err, JW_SECRET_MISSING,
			       "no token can be made: a text in it isn't UTF-8, or it would "
			       "be too long");
	if (crypto->hmac_sha256(key->bytes, jw_buf_get(token), mac) &&
	    jw_mint_signature(mac, token))
		return JW_OK;
	return jw_fail(err, JW_SECRET_MISSING, "no token can be made with it");
}
