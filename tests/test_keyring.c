/* SPDX-License-Identifier: MIT */
/* Keys: what a text is taken for, and which of them may verify which token. */
#include "rows.h"

#include <string.h>

#include "base/buf.h"
#include "core/keyring.h"

#define SIGNED_HEADER "eyJhbGciOiJIUzI1NiJ9"
#define PEM "-----BEGIN PUBLIC KEY-----\ncanary\n-----END PUBLIC KEY-----\n"
#define RSA "{\"kty\":\"RSA\",\"kid\":\"r\",\"n\":\"canary\",\"e\":\"AQAB\"}"
/* base64url of "secret-1" and "secret-2" */
#define OCT_1 "{\"kty\":\"oct\",\"kid\":\"one\",\"k\":\"c2VjcmV0LTE\"}"
#define OCT_2 "{\"kty\":\"oct\",\"kid\":\"two\",\"alg\":\"HS512\",\"k\":\"c2VjcmV0LTI\"}"

struct add_row {
	const char *name;
	struct jw_str text;
	const char *keys; /* kind, kid, alg and bytes of each; NULL: refused */
	const char *says;
};

#define TEXT(literal)                                                                          \
	{                                                                                      \
		literal, sizeof(literal) - 1                                                   \
	}

static const struct add_row add_rows[] = {
	{"raw secret", TEXT("devsecret"), "secret - - devsecret\n", NULL},
	{"raw secret as it stands", TEXT(" dev secret\n"), "secret - -  dev secret\n\n", NULL},
	{"raw secret like base64", TEXT("c2VjcmV0LTE="), "secret - - c2VjcmV0LTE=\n", NULL},
	{"raw secret with a brace", TEXT("{devsecret"), "secret - - {devsecret\n", NULL},
	{"raw secret is JSON without a key", TEXT("{\"a\":1}"), "secret - - {\"a\":1}\n", NULL},
	{"raw secret is a JSON list", TEXT("[1]"), "secret - - [1]\n", NULL},
	{"raw secret begins with dashes", TEXT("----BEGIN"), "secret - - ----BEGIN\n", NULL},
	{"empty", TEXT(""), NULL, "is empty"},
	{"blanks only", TEXT(" \r\n"), NULL, "is empty"},
	{"NUL inside", TEXT("canary\0b"), NULL, "holds a NUL byte"},
	{"NUL in a JWK", TEXT("{\"kty\":\"oct\"\0}"), NULL, "holds a NUL byte"},
	{"token", TEXT(SIGNED_HEADER ".eyJzdWIiOiJjYW5hcnkifQ.canary"), NULL,
	 "is a token (a JWT), not the secret that tokens are signed with"},
	{"token in a line", TEXT("TOKEN=" SIGNED_HEADER ".eyJzdWIiOiJjYW5hcnkifQ.canary\n"),
	 NULL, "is a token (a JWT)"},
	{"PEM", TEXT(PEM), "pem - - " PEM "\n", NULL},
	{"PEM behind blanks", TEXT("\n" PEM), "pem - - \n" PEM "\n", NULL},
	{"JWK of a secret", TEXT(OCT_1), "secret one - secret-1\n", NULL},
	{"JWK of a secret with alg", TEXT("\n" OCT_2 "\n"), "secret two HS512 secret-2\n",
	 NULL},
	{"JWK of RSA", TEXT(RSA), "jwk r - " RSA "\n", NULL},
	{"JWK of EC", TEXT("{\"kty\":\"EC\",\"alg\":\"ES256\"}"),
	 "jwk - ES256 {\"kty\":\"EC\",\"alg\":\"ES256\"}\n", NULL},
	{"JWK of OKP", TEXT("{\"kty\":\"OKP\"}"), "jwk - - {\"kty\":\"OKP\"}\n", NULL},
	{"JWK for encryption", TEXT("{\"kty\":\"oct\",\"use\":\"enc\",\"k\":\"Y2FuYXJ5\"}"),
	 NULL, "is a JWK for encryption"},
	{"JWK for signatures", TEXT("{\"kty\":\"oct\",\"use\":\"sig\",\"k\":\"c2VjcmV0LTE\"}"),
	 "secret - - secret-1\n", NULL},
	{"JWK of an unknown type", TEXT("{\"kty\":\"canary\"}"), NULL,
	 "none of oct, RSA, EC, OKP"},
	{"JWK whose type is a number", TEXT("{\"kty\":1}"), NULL, "none of oct, RSA, EC, OKP"},
	{"JWK without k", TEXT("{\"kty\":\"oct\"}"), NULL, "without its value \"k\""},
	{"JWK whose k is empty", TEXT("{\"kty\":\"oct\",\"k\":\"\"}"), NULL,
	 "without its value \"k\""},
	{"JWK whose k has padding", TEXT("{\"kty\":\"oct\",\"k\":\"Y2FuYXI=\"}"), NULL,
	 "isn't base64url"},
	{"JWK with a key twice",
	 TEXT("{\"kty\":\"oct\",\"k\":\"Y2FuYXJ5\",\"k\":\"Y2FuYXJ5\"}"), NULL,
	 "is a broken JWK or JWKS"},
	{"JWK cut off", TEXT("{\"kty\":\"oct\",\"k\":\"canary"), NULL,
	 "is a broken JWK or JWKS"},
	{"JWKS", TEXT("{\"keys\":[" OCT_1 "," RSA "," OCT_2 "]}"),
	 "secret one - secret-1\njwk r - " RSA "\nsecret two HS512 secret-2\n", NULL},
	{"JWKS with keys that aren't for us",
	 TEXT("{\"keys\":[{\"kty\":\"x\"},1,{\"kty\":\"oct\",\"use\":\"enc\",\"k\":\"YQ\"}"
	      "," OCT_1 "]}"),
	 "secret one - secret-1\n", NULL},
	{"JWKS that is empty", TEXT("{\"keys\":[]}"), NULL, "is a JWKS without a key"},
	{"JWKS for encryption",
	 TEXT("{\"keys\":[{\"kty\":\"oct\",\"use\":\"enc\",\"k\":\"Y2FuYXJ5\"}]}"), NULL,
	 "is a JWKS without a key"},
	{"JWKS whose keys are a text", TEXT("{\"keys\":\"canary\"}"), NULL, "isn't a list"},
};

static void show_keys(const struct jw_keys *keys, struct jw_buf *buf)
{
	static const char *const kinds[] = {"secret", "pem", "jwk"};

	for (size_t i = 0; i < keys->count; i++) {
		const struct jw_key *key = &keys->items[i];

		assert_string_equal(key->issuer, "devkey");
		jw_buf_printf(buf, "%s %s %s %.*s\n", kinds[key->kind],
			      key->kid ? key->kid : "-", key->alg ? key->alg : "-",
			      JW_STR_ARG(key->bytes));
	}
}

static void adds(void **state)
{
	const struct add_row *row = *state;
	struct jw_arena arena = {0};
	struct jw_keys keys = {0};
	struct jw_err err = {0};
	jw_autobuf struct jw_buf shown = JW_BUF(1 << 16);
	enum jw_cause cause = jw_keyring_add(&keys, row->text, "devkey", &arena, &err);

	show_keys(&keys, &shown);
	if (row->keys) {
		assert_int_equal(cause, JW_OK);
		assert_string_equal(shown.ptr, row->keys);
	} else {
		assert_int_equal(cause, JW_SECRET_MISSING);
		assert_int_equal(keys.count, 0);
		if (!strstr(err.text, row->says))
			fail_msg("says: %s", err.text);
		assert_null(strstr(err.text, "canary"));
		assert_null(strstr(err.text, "Y2FuYX"));
	}
	jw_arena_done(&arena);
}

/* The fake's signature of a token is the key's bytes. */
static size_t asked;

static enum jw_verified fake_verify(const char *alg, enum jw_key_kind kind, struct jw_str key,
				    struct jw_str input, struct jw_str signature)
{
	asked++;
	assert_int_equal(kind, JW_KEY_SECRET);
	assert_true(jw_str_is(input, "header.payload"));
	if (!strcmp(alg, "HS384"))
		return JW_VERIFIED_UNSUPPORTED;
	assert_true(!strcmp(alg, "HS256") || !strcmp(alg, "HS512"));
	return jw_str_eq(key, signature) ? JW_VERIFIED_YES : JW_VERIFIED_NO;
}

static const struct jw_crypto fake_crypto = {.verify = fake_verify};

static struct jw_key keyring[] = {
#define SECRET(issuer_, kid_, alg_, bytes_)                                                    \
	{                                                                                      \
		.issuer = issuer_, .kid = kid_, .alg = alg_, .kind = JW_KEY_SECRET,            \
		.bytes = TEXT(bytes_)                                                          \
	}
	SECRET("devkey", NULL, NULL, "canary-old"),			   /* 0 */
	SECRET("devkey", NULL, NULL, "canary-new"),			   /* 1 */
	SECRET("other", NULL, NULL, "canary-other"),			   /* 2 */
	SECRET(NULL, "k1", NULL, "canary-k1"),				   /* 3 */
	SECRET(NULL, "k2", "HS512", "canary-k2"),			   /* 4 */
	SECRET(NULL, NULL, NULL, "canary-any"),				   /* 5 */
	{.kind = JW_KEY_PEM, .bytes = TEXT("canary-pem")},		   /* 6 */
	{.kind = JW_KEY_JWK, .kid = "r", .bytes = TEXT("canary-jwk")},	   /* 7 */
	{.kind = JW_KEY_JWK, .alg = "HS256", .bytes = TEXT("canary-jwk")}, /* 8 */
	SECRET("canary-canary-canary-canary", NULL, NULL, "x"),		   /* 9 */
	SECRET("canary-swapped", NULL, NULL, "APIabcdefghijkl"),	   /* a */
	SECRET("https://issuer.example/realms/one", NULL, NULL, "x"),	   /* b */
};

struct verify_row {
	const char *name;
	const char *keys; /* digits, hexadecimal: which of the above */
	const char *alg;
	const char *iss;
	const char *kid;
	const char *signature;
	enum jw_signature is;
	size_t asked;
	const char *says; /* NULL: nothing */
};

static const struct verify_row verify_rows[] = {
	{"right secret", "0", "HS256", "devkey", NULL, "canary-old", JW_SIG_VALID, 1, NULL},
	{"right secret under HS512", "0", "HS512", "devkey", NULL, "canary-old", JW_SIG_VALID,
	 1, NULL},
	{"wrong secret", "0", "HS256", "devkey", NULL, "x", JW_SIG_INVALID, 1,
	 "the key doesn't verify the signature of iss \"devkey\": by its name it is the right "
	 "key, so its secret was changed since the token was made"},
	{"wrong secret of a key for anybody", "5", "HS256", "devkey", NULL, "x", JW_SIG_INVALID,
	 1, "the token was signed with another secret, or changed since"},
	{"no signature at all", "0", "HS256", "devkey", NULL, "", JW_SIG_INVALID, 1,
	 "doesn't verify"},
	{"a secret that rotates", "01", "HS256", "devkey", NULL, "canary-new", JW_SIG_VALID, 2,
	 NULL},
	{"a secret that rotated away", "01", "HS256", "devkey", NULL, "x", JW_SIG_INVALID, 2,
	 "none of 2 keys verifies the signature"},
	{"another issuer's secret isn't tried", "02", "HS256", "devkey", NULL, "canary-other",
	 JW_SIG_INVALID, 1, "by its name it is the right key"},
	{"unknown issuer", "02", "HS256", "stranger", NULL, "x", JW_SIG_KEY_UNKNOWN, 0,
	 "no key is for a token with iss \"stranger\"; there are keys for iss \"devkey\", iss "
	 "\"other\""},
	{"no secret in an issuer's place is shown", "09ab", "HS256", "stranger", NULL, "x",
	 JW_SIG_KEY_UNKNOWN, 0,
	 "there are keys for iss \"devkey\", iss of 27 characters, iss of 14 characters, iss "
	 "\"https://issuer.example/realms/one\""},
	{"no issuer", "0", "HS256", NULL, NULL, "canary-old", JW_SIG_KEY_UNKNOWN, 0,
	 "no key is for a token with neither iss nor kid; there are keys for iss \"devkey\""},
	{"a key for any issuer", "05", "HS256", "stranger", NULL, "canary-any", JW_SIG_VALID, 1,
	 NULL},
	{"a key for no issuer either", "5", "HS256", NULL, NULL, "canary-any", JW_SIG_VALID, 1,
	 NULL},
	{"right kid", "3", "HS256", NULL, "k1", "canary-k1", JW_SIG_VALID, 1, NULL},
	{"wrong kid", "3", "HS256", "a", "zz", "canary-k1", JW_SIG_KEY_UNKNOWN, 0,
	 "no key is for a token with iss \"a\" kid \"zz\"; there are keys for any iss kid "
	 "\"k1\""},
	{"kid of another", "34", "HS512", NULL, "k2", "canary-k1", JW_SIG_INVALID, 1,
	 "signed with another secret"},
	{"token without kid", "34", "HS512", NULL, NULL, "canary-k2", JW_SIG_VALID, 2, NULL},
	{"key without kid", "35", "HS256", NULL, "zz", "canary-any", JW_SIG_VALID, 1, NULL},
	{"key for another alg", "4", "HS256", NULL, "k2", "canary-k2", JW_SIG_REFUSED, 0,
	 "the token is signed by alg \"HS256\", but its key is for alg \"HS512\""},
	{"many keys", "0123456", "HS256", "zz", "zz", "canary-k1", JW_SIG_INVALID, 1, NULL},
	{"many keys, none is its", "00023", "HS256", "zz", "zz", "canary-k1",
	 JW_SIG_KEY_UNKNOWN, 0,
	 "iss \"devkey\", iss \"devkey\", iss \"devkey\", iss \"other\" and 1 more"},
	{"PEM as a secret", "6", "HS256", NULL, NULL, "canary-pem", JW_SIG_REFUSED, 0,
	 "must never serve as a secret"},
	{"JWK as a secret", "7", "HS256", NULL, "r", "canary-jwk", JW_SIG_REFUSED, 0,
	 "must never serve as a secret"},
	{"JWK that says HS256", "8", "HS256", NULL, NULL, "canary-jwk", JW_SIG_REFUSED, 0,
	 "must never serve as a secret"},
	{"PEM and a secret, HS256", "56", "HS256", NULL, NULL, "canary-any", JW_SIG_VALID, 1,
	 NULL},
	{"PEM and a wrong secret, HS256", "56", "HS256", NULL, NULL, "canary-pem",
	 JW_SIG_INVALID, 1, "another secret"},
	{"RS256 with a PEM", "6", "RS256", NULL, NULL, "x", JW_SIG_REFUSED, 0,
	 "the token is signed by alg \"RS256\", but this version verifies HMAC (HS256, HS384, "
	 "HS512) only"},
	{"ES256 with a JWK", "7", "ES256", NULL, "r", "x", JW_SIG_REFUSED, 0,
	 "but this version verifies HMAC (HS256, HS384, HS512) only"},
	{"EdDSA with a PEM", "6", "EdDSA", NULL, NULL, "x", JW_SIG_REFUSED, 0,
	 "this version verifies HMAC"},
	{"PS512 with a PEM", "6", "PS512", NULL, NULL, "x", JW_SIG_REFUSED, 0,
	 "this version verifies HMAC"},
	{"RS256 with a secret", "5", "RS256", NULL, NULL, "canary-any", JW_SIG_REFUSED, 0,
	 "but its key is a secret for HMAC"},
	{"unknown alg", "5", "HS1", NULL, NULL, "canary-any", JW_SIG_REFUSED, 0,
	 "the token is signed by alg \"HS1\", but only HS256, HS384 and HS512 are verified"},
	{"alg in small letters", "5", "hs256", NULL, NULL, "canary-any", JW_SIG_REFUSED, 0,
	 "only HS256, HS384 and HS512"},
	{"no alg", "5", "", NULL, NULL, "canary-any", JW_SIG_REFUSED, 0,
	 "only HS256, HS384 and HS512"},
	{"alg that the library lacks", "5", "HS384", NULL, NULL, "x", JW_SIG_REFUSED, 1,
	 "the cryptographic library refuses this algorithm"},
	{"issuer with a colour", "0", "HS256", "a\033[31m", NULL, "x", JW_SIG_KEY_UNKNOWN, 0,
	 "iss \"a?[31m\""},
	{"long issuer", "0", "HS256",
	 "0123456789012345678901234567890123456789012345678901234567890123456789", NULL, "x",
	 JW_SIG_KEY_UNKNOWN, 0,
	 "iss \"0123456789012345678901234567890123456789012345678901234567890123...\""},
	{"issuer is a token", "0", "HS256", SIGNED_HEADER ".eyJzdWIiOiJjYW5hcnkifQ.canary",
	 NULL, "x", JW_SIG_KEY_UNKNOWN, 0, "iss \"[token]"},
	{"no keys", "", "HS256", "devkey", NULL, "x", JW_SIG_KEY_UNKNOWN, 0,
	 "no key is for a token with iss \"devkey\"; there are no keys"},
};

static void verifies(void **state)
{
	const struct verify_row *row = *state;
	struct jw_key items[8];
	struct jw_keys keys = {items, 0};
	struct jw_arena arena = {0};
	struct jw_token token = {.has_claims = true};

	for (const char *c = row->keys; *c; c++)
		items[keys.count++] = keyring[*c < 'a' ? *c - '0' : *c - 'a' + 10];
	token.jwt = (struct jw_jwt){.signing_input = JW_STR("header.payload"),
				    .signature = jw_str_of(row->signature),
				    .alg = row->alg,
				    .iss = row->iss,
				    .kid = row->kid};
	asked = 0;
	jw_keyring_verify(&keys, &fake_crypto, &token, &arena);
	assert_int_equal(token.signature, row->is);
	assert_int_equal(asked, row->asked);
	if (row->says && (!token.signature_says || !strstr(token.signature_says, row->says)))
		fail_msg("says: %s", token.signature_says);
	if (row->is == JW_SIG_VALID)
		assert_null(token.signature_says);
	else
		assert_null(strstr(token.signature_says, "canary"));
	jw_arena_done(&arena);
}

static void sets_are_limited(void **state)
{
	struct jw_arena arena = {0};
	struct jw_keys keys = {0};
	struct jw_err err;

	(void)state;
	for (int i = 0; i < 256; i++)
		assert_int_equal(jw_keyring_add(&keys, JW_STR("secret"), NULL, &arena, &err),
				 JW_OK);
	assert_int_equal(jw_keyring_add(&keys, JW_STR("secret"), NULL, &arena, &err),
			 JW_SECRET_MISSING);
	assert_int_equal(keys.count, 256);
	jw_arena_done(&arena);
}

int main(void)
{
	JW_ROWS(add_rows, adds);
	JW_ROWS(verify_rows, verifies);
	JW_TEST(sets_are_limited);
	return rows_run();
}
