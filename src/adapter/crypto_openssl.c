/* SPDX-License-Identifier: MIT */
/* HMAC and SHA-256 by OpenSSL: the module that is opened when a signature or a fingerprint is asked for. */
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "contract/crypto.h"
#include "contract/module.h"

/* RFC 7518 section 3.1. */
static const EVP_MD *digest_of(const char *alg)
{
	if (!strcmp(alg, "HS256"))
		return EVP_sha256();
	if (!strcmp(alg, "HS384"))
		return EVP_sha384();
	if (!strcmp(alg, "HS512"))
		return EVP_sha512();
	return NULL;
}

static enum jw_verified verify(const char *alg, enum jw_key_kind kind, struct jw_str key,
			       struct jw_str input, struct jw_str signature)
{
	const EVP_MD *digest = digest_of(alg);
	unsigned char expected[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	bool equal;

	if (!digest || kind != JW_KEY_SECRET || key.len > INT_MAX)
		return JW_VERIFIED_UNSUPPORTED;
	if (!HMAC(digest, key.ptr, (int)key.len, (const unsigned char *)input.ptr, input.len,
		  expected, &len))
		return JW_VERIFIED_UNSUPPORTED;
	equal = signature.len == len && !CRYPTO_memcmp(signature.ptr, expected, len);
	OPENSSL_cleanse(expected, sizeof(expected));
	return equal ? JW_VERIFIED_YES : JW_VERIFIED_NO;
}

/* The algorithm is looked up once: that takes as long as the hash of a few tokens. Threads take turns, which costs
 * less than a context for each. */
static void sha256(struct jw_str bytes, unsigned char digest[32])
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static EVP_MD_CTX *context;
	static EVP_MD *md;

	pthread_mutex_lock(&lock);
	if (!context) {
		context = EVP_MD_CTX_new();
		md = EVP_MD_fetch(NULL, "SHA256", NULL);
	}
	EVP_DigestInit_ex(context, md, NULL);
	EVP_DigestUpdate(context, bytes.ptr, bytes.len);
	EVP_DigestFinal_ex(context, digest, NULL);
	pthread_mutex_unlock(&lock);
}

static bool hmac_sha256(struct jw_str key, struct jw_str input, unsigned char mac[32])
{
	unsigned len = 32;

	return key.len <= INT_MAX &&
	       HMAC(EVP_sha256(), key.ptr, (int)key.len, (const unsigned char *)input.ptr,
		    input.len, mac, &len);
}

static bool sha1(struct jw_str bytes, unsigned char digest[20])
{
	return EVP_Digest(bytes.ptr, bytes.len, digest, NULL, EVP_sha1(), NULL) == 1;
}

static bool random_bytes(unsigned char *to, size_t len)
{
	return len <= INT_MAX && RAND_bytes(to, (int)len) == 1;
}

static const struct jw_crypto ops = {.verify = verify,
				     .sha256 = sha256,
				     .hmac_sha256 = hmac_sha256,
				     .sha1 = sha1,
				     .random = random_bytes};

extern const struct jw_module jw_module;
__attribute__((visibility("default"))) const struct jw_module jw_module = {JW_CRYPTO_ABI, &ops};
