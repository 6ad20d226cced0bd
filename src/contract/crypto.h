/* SPDX-License-Identifier: MIT */
/* What the inside asks of a cryptographic library: implemented by the module crypto_openssl.so. */
#pragma once

#include "base/str.h"

#define JW_CRYPTO_MODULE "crypto_openssl"
#define JW_CRYPTO_ABI 3

enum jw_key_kind {
	JW_KEY_SECRET, /* bytes for HMAC */
	JW_KEY_PEM,    /* a PEM text; never used as HMAC bytes (RFC 8725 section 2.1) */
	JW_KEY_JWK,    /* one JSON Web Key that isn't symmetric, as JSON text */
};

enum jw_verified { JW_VERIFIED_YES, JW_VERIFIED_NO, JW_VERIFIED_UNSUPPORTED };

/* From any thread. */
struct jw_crypto {
	/* Does `signature` over `input` verify with this key under `alg` (RFC 7518 section 3.1)? In constant time
	 * for HMAC. UNSUPPORTED: this build can't do alg, or alg doesn't fit the kind of key. */
	enum jw_verified (*verify)(const char *alg, enum jw_key_kind kind, struct jw_str key,
				   struct jw_str input, struct jw_str signature);
	void (*sha256)(struct jw_str bytes, unsigned char digest[32]);
	/* HMAC with SHA-256 (RFC 2104), what HS256 signs with. False: the library refuses it. */
	bool (*hmac_sha256)(struct jw_str key, struct jw_str input, unsigned char mac[32]);
	/* For protocols that want it and protect nothing by it. False: the library refuses it. */
	bool (*sha1)(struct jw_str bytes, unsigned char digest[20]);
	/* Bytes that nobody can guess. False: there are none. */
	bool (*random)(unsigned char *to, size_t len);
};
