/* SPDX-License-Identifier: MIT */
/* The crypto module, linked in: the worked example of RFC 7515 appendix A.1, and what is refused. */
#include "rows.h"

#include <string.h>

#include "contract/crypto.h"
#include "contract/module.h"
#include "token/base64url.h"

extern const struct jw_module jw_module;

#define KEY                                                                                    \
	"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-"                                        \
	"1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
#define INPUT                                                                                  \
	"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."                                            \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAs"                                         \
	"DQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define SIGNATURE "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

struct row {
	const char *name;
	const char *alg;
	enum jw_key_kind kind;
	const char *input;
	const char *signature;
	enum jw_verified expected;
};

static const struct row rows[] = {
	{"the example of RFC 7515", "HS256", JW_KEY_SECRET, INPUT, SIGNATURE, JW_VERIFIED_YES},
	{"one byte of the input is another", "HS256", JW_KEY_SECRET, INPUT "Q", SIGNATURE,
	 JW_VERIFIED_NO},
	{"another signature", "HS256", JW_KEY_SECRET, INPUT,
	 "e"
	 "BjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
	 JW_VERIFIED_NO},
	{"a shorter signature", "HS256", JW_KEY_SECRET, INPUT,
	 "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjQ", JW_VERIFIED_NO},
	{"no signature", "HS256", JW_KEY_SECRET, INPUT, "", JW_VERIFIED_NO},
	{"HS512 over a signature of HS256", "HS512", JW_KEY_SECRET, INPUT, SIGNATURE,
	 JW_VERIFIED_NO},
	{"a public key never serves as a secret", "HS256", JW_KEY_PEM, INPUT, SIGNATURE,
	 JW_VERIFIED_UNSUPPORTED},
	{"none", "none", JW_KEY_SECRET, INPUT, "", JW_VERIFIED_UNSUPPORTED},
	{"RS256", "RS256", JW_KEY_SECRET, INPUT, SIGNATURE, JW_VERIFIED_UNSUPPORTED},
	{"lower case", "hs256", JW_KEY_SECRET, INPUT, SIGNATURE, JW_VERIFIED_UNSUPPORTED},
};

static const struct jw_crypto *crypto(void)
{
	assert_int_equal(jw_module.abi, JW_CRYPTO_ABI);
	return jw_module.ops;
}

static void verifies(void **state)
{
	const struct row *row = *state;
	jw_autobuf struct jw_buf key = JW_BUF(256);
	jw_autobuf struct jw_buf signature = JW_BUF(256);

	assert_true(jw_base64url_decode(jw_str_of(KEY), &key));
	assert_true(jw_base64url_decode(jw_str_of(row->signature), &signature));
	assert_int_equal(crypto()->verify(row->alg, row->kind, jw_buf_get(&key),
					  jw_str_of(row->input), jw_buf_get(&signature)),
			 row->expected);
}

/* FIPS 180-1's "abc". */
static void hashes_for_protocols(void **state)
{
	unsigned char digest[20];
	char hex[40];

	(void)state;
	assert_true(crypto()->sha1(JW_STR("abc"), digest));
	jw_str_hex(digest, sizeof(digest), hex);
	assert_memory_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d", sizeof(hex));
}

static void gives_other_bytes_each_time(void **state)
{
	unsigned char once[16] = {0};
	unsigned char again[16] = {0};

	(void)state;
	assert_true(crypto()->random(once, sizeof(once)));
	assert_true(crypto()->random(again, sizeof(again)));
	assert_memory_not_equal(once, again, sizeof(once));
}

/* FIPS 180-4's "abc". */
static void hashes(void **state)
{
	static const unsigned char expected[] = {0xba, 0x78, 0x16, 0xbf,
						 0x8f, 0x01, 0xcf, 0xea};
	unsigned char digest[32];

	(void)state;
	crypto()->sha256(JW_STR("abc"), digest);
	assert_memory_equal(digest, expected, sizeof(expected));
}

/* RFC 4231 section 4.3. */
static void signs(void **state)
{
	static const unsigned char expected[] = {
		0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
		0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27,
		0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
	unsigned char mac[32];

	(void)state;
	assert_true(crypto()->hmac_sha256(JW_STR("Jefe"),
					  JW_STR("what do ya want for nothing?"), mac));
	assert_memory_equal(mac, expected, sizeof(expected));
}

int main(void)
{
	JW_ROWS(rows, verifies);
	JW_TEST(hashes_for_protocols);
	JW_TEST(gives_other_bytes_each_time);
	JW_TEST(hashes);
	JW_TEST(signs);
	return rows_run();
}
