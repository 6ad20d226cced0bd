/* SPDX-License-Identifier: MIT */
/* Keys for verifying: read from a raw secret, a PEM text, a JWK or a JWKS, and chosen for a token. */
#include "core/keyring.h"

#include <string.h>

#include "core/env_sane.h"
#include "core/errors.h"
#include "token/base64url.h"
#include "token/find.h"
#include "token/json.h"

/* A JWKS from outside holds a few keys; this many leave room for any rotation. */
#define KEYS_MAX ((size_t)256)
#define KEY_BYTES_MAX ((size_t)65536)

static enum jw_cause fail(struct jw_err *err, const char *sentence)
{
	return jw_fail(err, JW_SECRET_MISSING, "%s", sentence);
}

static enum jw_cause push(struct jw_keys *keys, struct jw_key key, struct jw_arena *arena,
			  struct jw_err *err)
{
	if (keys->count >= KEYS_MAX)
		return jw_fail(err, JW_SECRET_MISSING, "more than %zu keys", KEYS_MAX);
	keys->items = jw_arena_grow(arena, keys->items, keys->count, sizeof(*keys->items));
	keys->items[keys->count++] = key;
	return JW_OK;
}

static const char *text_of(const json_t *object, const char *name, struct jw_arena *arena)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? jw_arena_text(arena, jw_str_of(text)) : NULL;
}

/* RFC 7518 section 6.4: the bytes of "k". */
static enum jw_cause read_symmetric(const json_t *jwk, struct jw_arena *arena,
				    struct jw_str *ret_bytes, struct jw_err *err)
{
	struct jw_str text = jw_str_of(json_string_value(json_object_get(jwk, "k")));
	jw_autobuf struct jw_buf bytes = JW_BUF(KEY_BYTES_MAX);

	if (!text.len)
		return fail(err, "is a JWK of type oct without its value \"k\"");
	if (!jw_base64url_decode(text, &bytes) || !bytes.len)
		return fail(err, "is a JWK of type oct whose value \"k\" isn't base64url");
	*ret_bytes = jw_arena_str(arena, jw_buf_get(&bytes));
	return JW_OK;
}

static enum jw_cause read_asymmetric(const json_t *jwk, struct jw_arena *arena,
				     struct jw_str *ret_bytes, struct jw_err *err)
{
	jw_autofree char *text = json_dumps(jwk, JSON_COMPACT);

	if (!text)
		return fail(err, "is a JWK that can't be written as JSON again");
	*ret_bytes = jw_arena_str(arena, jw_str_of(text));
	return JW_OK;
}

static bool is_among(const char *text, const char *const *names)
{
	for (; text && *names; names++)
		if (!strcmp(text, *names))
			return true;
	return false;
}

static enum jw_cause add_jwk(struct jw_keys *keys, const json_t *jwk, const char *issuer,
			     struct jw_arena *arena, struct jw_err *err)
{
	static const char *const asymmetric[] = {"RSA", "EC", "OKP", NULL};
	const char *type = json_string_value(json_object_get(jwk, "kty"));
	const char *use = json_string_value(json_object_get(jwk, "use"));
	bool is_secret = type && !strcmp(type, "oct");
	struct jw_key key = {.issuer = issuer, .kind = is_secret ? JW_KEY_SECRET : JW_KEY_JWK};
	enum jw_cause cause;

	if (use && !strcmp(use, "enc"))
		return fail(err,
			    "is a JWK for encryption (\"use\": \"enc\"), not for signatures");
	if (!is_secret && !is_among(type, asymmetric))
		return fail(err, "is a JWK whose type \"kty\" is none of oct, RSA, EC, OKP");
	cause = is_secret ? read_symmetric(jwk, arena, &key.bytes, err)
			  : read_asymmetric(jwk, arena, &key.bytes, err);
	if (cause)
		return cause;
	key.kid = text_of(jwk, "kid", arena);
	key.alg = text_of(jwk, "alg", arena);
	return push(keys, key, arena, err);
}

/* RFC 7517 section 5: keys that aren't understood are passed over. */
static enum jw_cause add_jwks(struct jw_keys *keys, const json_t *set, const char *issuer,
			      struct jw_arena *arena, struct jw_err *err)
{
	const json_t *list = json_object_get(set, "keys");
	size_t before = keys->count;
	size_t index;
	json_t *jwk;

	if (!json_is_array(list))
		return fail(err, "is a JWKS whose \"keys\" isn't a list");
	if (json_array_size(list) > KEYS_MAX)
		return jw_fail(err, JW_SECRET_MISSING, "is a JWKS of more than %zu keys",
			       KEYS_MAX);
	json_array_foreach(list, index, jwk)
	{
		struct jw_err unused;

		add_jwk(keys, jwk, issuer, arena, &unused);
	}
	if (keys->count == before)
		return fail(err, "is a JWKS without a key that could verify a signature");
	return JW_OK;
}

static bool names_a_key(struct jw_str text)
{
	return jw_str_has(text, "\"kty\"") || jw_str_has(text, "\"keys\"");
}

/* *ret_is_json says whether the text is a key in JSON, broken or not; else it is a raw secret. */
static enum jw_cause add_json(struct jw_keys *keys, struct jw_str text, const char *issuer,
			      struct jw_arena *arena, bool *ret_is_json, struct jw_err *err)
{
	json_t *json = NULL;
	enum jw_cause cause = JW_OK;

	*ret_is_json = false;
	if (!jw_str_starts(text, "{"))
		return JW_OK;
	if (jw_json_parse(text, &json, err)) {
		*ret_is_json = names_a_key(text);
		jw_err_in(err, "is a broken JWK or JWKS");
		return *ret_is_json ? JW_SECRET_MISSING : JW_OK;
	}
	*ret_is_json = true;
	if (json_object_get(json, "keys"))
		cause = add_jwks(keys, json, issuer, arena, err);
	else if (json_object_get(json, "kty"))
		cause = add_jwk(keys, json, issuer, arena, err);
	else
		*ret_is_json = false;
	json_decref(json);
	return cause;
}

static bool holds_token(struct jw_str text)
{
	size_t at = 0;
	struct jw_str token;

	return jw_find_next(text, JW_FIND_LAST, &at, &token);
}

enum jw_cause jw_keyring_add(struct jw_keys *keys, struct jw_str text, const char *issuer,
			     struct jw_arena *arena, struct jw_err *err)
{
	struct jw_str trimmed = jw_str_trim(text);
	struct jw_key key = {.issuer = issuer, .kind = JW_KEY_SECRET};
	struct jw_err own;
	bool is_json;
	enum jw_cause cause;

	if (!trimmed.len)
		return fail(err, "is empty");
	if (memchr(text.ptr, '\0', text.len))
		return fail(err, "holds a NUL byte");
	cause = add_json(keys, trimmed, issuer, arena, &is_json, &own);
	if (cause)
		return fail(err, own.text);
	if (is_json)
		return JW_OK;
	if (jw_str_starts(trimmed, "-----BEGIN"))
		key.kind = JW_KEY_PEM;
	else if (holds_token(text))
		return fail(err,
			    "is a token (a JWT), not the secret that tokens are signed with");
	key.bytes = jw_arena_str(arena, text);
	return push(keys, key, arena, err);
}

/* Whether a key may be tried at all: by whose it is, then by what it can do. */
enum fit { FIT_NOT_ITS_KEY, FIT_NOT_SECRET, FIT_OTHER_ALG, FIT };

static bool is_its_key(const struct jw_key *key, const struct jw_jwt *jwt)
{
	if (key->issuer && (!jwt->iss || strcmp(key->issuer, jwt->iss) != 0))
		return false;
	return !key->kid || !jwt->kid || !strcmp(key->kid, jwt->kid);
}

/* Only bytes that were meant as a secret are ever used for HMAC: a public key, which everybody knows, would let
 * everybody sign (RFC 8725 section 2.1). */
static enum fit fit_of(const struct jw_key *key, const struct jw_jwt *jwt)
{
	if (!is_its_key(key, jwt))
		return FIT_NOT_ITS_KEY;
	if (key->kind != JW_KEY_SECRET)
		return FIT_NOT_SECRET;
	if (key->alg && strcmp(key->alg, jwt->alg) != 0)
		return FIT_OTHER_ALG;
	return FIT;
}

static void add_quoted(struct jw_buf *buf, const char *what, const char *text)
{
	char quote[JW_QUOTE_TEXT];

	if (text)
		jw_buf_printf(buf, " %s %s", what, jw_errors_quote(jw_str_of(text), quote));
}

static const char *finish(struct jw_buf *buf, struct jw_arena *arena)
{
	char *text = jw_arena_alloc(arena, buf->len + 1);

	memcpy(text, buf->ptr, buf->len);
	jw_find_scrub(text);
	return text;
}

#define SAID_MAX ((size_t)4096)
#define KEYS_NAMED 4

/* A secret may have been put into the place of the API key. */
static bool is_shown(const struct jw_key *key)
{
	return key->kind != JW_KEY_SECRET || !key->issuer ||
	       jw_env_key_is_shown(jw_str_of(key->issuer), key->bytes);
}

/* `no key is for iss "a" kid "b"; there are keys for: iss "c", any iss kid "d"` */
static const char *say_unknown(const struct jw_keys *keys, const struct jw_jwt *jwt,
			       struct jw_arena *arena)
{
	jw_autobuf struct jw_buf buf = JW_BUF(SAID_MAX);

	jw_buf_text(&buf, "no key is for a token with");
	add_quoted(&buf, "iss", jwt->iss);
	add_quoted(&buf, "kid", jwt->kid);
	if (!jwt->iss && !jwt->kid)
		jw_buf_text(&buf, " neither iss nor kid");
	jw_buf_text(&buf, keys->count ? "; there are keys for" : "; there are no keys");
	for (size_t i = 0; i < keys->count && i < KEYS_NAMED; i++) {
		const struct jw_key *key = &keys->items[i];

		jw_buf_text(&buf, i ? "," : "");
		jw_buf_text(&buf, key->issuer ? "" : " any iss");
		if (is_shown(key))
			add_quoted(&buf, "iss", key->issuer);
		else
			jw_buf_printf(&buf, " iss of %zu characters", strlen(key->issuer));
		add_quoted(&buf, "kid", key->kid);
	}
	if (keys->count > KEYS_NAMED)
		jw_buf_printf(&buf, " and %zu more", keys->count - KEYS_NAMED);
	return finish(&buf, arena);
}

static const char *const hmac[] = {"HS256", "HS384", "HS512", NULL};
static const char *const public_key[] = {"RS256", "RS384",   "RS512", "PS256", "PS384",
					 "PS512", "ES256",   "ES384", "ES512", "ES256K",
					 "EdDSA", "Ed25519", NULL};

static void add_other_alg(struct jw_buf *buf, const struct jw_keys *keys,
			  const struct jw_jwt *jwt)
{
	size_t i = 0;

	while (fit_of(&keys->items[i], jwt) != FIT_OTHER_ALG)
		i++;
	jw_buf_text(buf, ", but its key is");
	add_quoted(buf, "for alg", keys->items[i].alg);
}

/* Why none of the keys that are this token's can be tried. */
static const char *say_refused(const struct jw_keys *keys, const struct jw_jwt *jwt,
			       enum fit best, struct jw_arena *arena)
{
	jw_autobuf struct jw_buf buf = JW_BUF(SAID_MAX);

	jw_buf_text(&buf, "the token is signed by");
	add_quoted(&buf, "alg", jwt->alg);
	if (is_among(jwt->alg, public_key))
		jw_buf_text(&buf, best == FIT_NOT_SECRET
					  ? ", but this version verifies HMAC (HS256, HS384, "
					    "HS512) only"
					  : ", but its key is a secret for HMAC (HS256, HS384, "
					    "HS512)");
	else if (!is_among(jwt->alg, hmac))
		jw_buf_text(&buf, ", but only HS256, HS384 and HS512 are verified");
	else if (best == FIT_NOT_SECRET)
		jw_buf_text(&buf, ", which takes a shared secret, but its key is a public or "
				  "asymmetric one, which must never serve as a secret");
	else
		add_other_alg(&buf, keys, jwt);
	return finish(&buf, arena);
}

/* Whether one of those that were tried is for this issuer: it is the right key then. */
static bool names_its_issuer(const struct jw_keys *keys, const struct jw_jwt *jwt)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->items[i].issuer && fit_of(&keys->items[i], jwt) == FIT)
			return true;
	return false;
}

static const char *say_invalid(const struct jw_keys *keys, size_t tried,
			       const struct jw_jwt *jwt, struct jw_arena *arena)
{
	jw_autobuf struct jw_buf buf = JW_BUF(SAID_MAX);

	if (tried > 1)
		jw_buf_printf(&buf, "none of %zu keys verifies the signature", tried);
	else
		jw_buf_text(&buf, "the key doesn't verify the signature");
	add_quoted(&buf, "of iss", jwt->iss);
	if (names_its_issuer(keys, jwt))
		jw_buf_text(&buf, ": by its name it is the right key, so its secret was "
				  "changed since the token was made (a key that was rotated), "
				  "or the token was altered");
	else
		jw_buf_text(&buf,
			    ": the token was signed with another secret, or changed since");
	return finish(&buf, arena);
}

static enum fit best_fit(const struct jw_keys *keys, const struct jw_jwt *jwt)
{
	enum fit best = FIT_NOT_ITS_KEY;

	for (size_t i = 0; i < keys->count; i++) {
		enum fit fit = fit_of(&keys->items[i], jwt);

		if (fit > best)
			best = fit;
	}
	return best;
}

/* True where one of the keys that fit verifies it; *ret_tried counts those that crypto could try. */
static bool verifies(const struct jw_keys *keys, const struct jw_crypto *crypto,
		     const struct jw_jwt *jwt, size_t *ret_tried)
{
	*ret_tried = 0;
	for (size_t i = 0; i < keys->count; i++) {
		const struct jw_key *key = &keys->items[i];
		enum jw_verified verified;

		if (fit_of(key, jwt) != FIT)
			continue;
		verified = crypto->verify(jwt->alg, key->kind, key->bytes, jwt->signing_input,
					  jwt->signature);
		if (verified == JW_VERIFIED_YES)
			return true;
		*ret_tried += verified == JW_VERIFIED_NO;
	}
	return false;
}

void jw_keyring_verify(const struct jw_keys *keys, const struct jw_crypto *crypto,
		       struct jw_token *token, struct jw_arena *arena)
{
	const struct jw_jwt *jwt = &token->jwt;
	enum fit best = best_fit(keys, jwt);
	size_t tried;

	token->signature_says = NULL;
	if (best == FIT_NOT_ITS_KEY) {
		token->signature = JW_SIG_KEY_UNKNOWN;
		token->signature_says = say_unknown(keys, jwt, arena);
	} else if (best != FIT || !is_among(jwt->alg, hmac)) {
		token->signature = JW_SIG_REFUSED;
		token->signature_says = say_refused(keys, jwt, best, arena);
	} else if (verifies(keys, crypto, jwt, &tried)) {
		token->signature = JW_SIG_VALID;
	} else if (tried) {
		token->signature = JW_SIG_INVALID;
		token->signature_says = say_invalid(keys, tried, jwt, arena);
	} else {
		token->signature = JW_SIG_REFUSED;
		token->signature_says = "the cryptographic library refuses this algorithm";
	}
}
