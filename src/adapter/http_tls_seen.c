/* SPDX-License-Identifier: MIT */
/* A look at the server's certificate in the handshake, also where it is refused. */
#include "adapter/http_tls_seen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "adapter/http_curl.h"

/* Of a SSL_CTX: its jw_tls_seen. */
static int seen_index = -1;

void jw_seen_leave(struct jw_tls_seen *seen)
{
	if (!seen || --seen->refs)
		return;
	X509_free(seen->leaf);
	X509_STORE_free(seen->store);
	free(seen);
}

static void on_context_free(void *parent, void *seen, CRYPTO_EX_DATA *data, int index, long arg,
			    void *pointer)
{
	(void)parent;
	(void)data;
	(void)index;
	(void)arg;
	(void)pointer;
	jw_seen_leave(seen);
}

void jw_seen_prepare(void)
{
	if (seen_index < 0)
		seen_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, on_context_free);
}

static bool is_unknown_authority(int error)
{
	return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	       error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	       error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
	       error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
	       error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

/* Where the hashed folder doesn't know an authority that the bundle does (a bundle of one's own, mounted over the
 * system's), the bundle counts: it is what other programs go by. */
static bool verifies_by_bundle(struct jw_client *client, X509_STORE_CTX *failed)
{
	X509_STORE_CTX *again;
	bool is_good = false;

	if (!client->bundle) {
		client->bundle = X509_STORE_new();
		X509_STORE_load_file(client->bundle, client->ca_bundle);
	}
	again = X509_STORE_CTX_new();
	if (again &&
	    X509_STORE_CTX_init(again, client->bundle, X509_STORE_CTX_get0_cert(failed),
				X509_STORE_CTX_get0_untrusted(failed))) {
		X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(again),
				       X509_STORE_CTX_get0_param(failed));
		is_good = X509_verify_cert(again) > 0;
	}
	X509_STORE_CTX_free(again);
	return is_good;
}

int64_t jw_seen_seconds(const ASN1_TIME *time)
{
	struct tm tm;

	return time && ASN1_TIME_to_tm(time, &tm) ? timegm(&tm) : 0;
}

void jw_seen_keep(struct jw_tls_seen *seen, X509 *leaf)
{
	if (!leaf || leaf == seen->leaf)
		return;
	X509_up_ref(leaf);
	X509_free(seen->leaf);
	seen->leaf = leaf;
}

/* A hashed folder that can't be read for want of a descriptor looks like an unknown authority. */
static void note_failure(struct jw_tls_seen *seen, X509_STORE_CTX *context)
{
	const X509 *bad = X509_STORE_CTX_get_current_cert(context);
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		seen->descriptor_errno = errno;
	if (fd >= 0)
		close(fd);
	seen->error = X509_STORE_CTX_get_error(context);
	seen->depth = X509_STORE_CTX_get_error_depth(context);
	seen->bad_begins = bad ? jw_seen_seconds(X509_get0_notBefore(bad)) : 0;
	seen->bad_ends = bad ? jw_seen_seconds(X509_get0_notAfter(bad)) : 0;
}

static int on_verify(X509_STORE_CTX *context, void *data)
{
	struct jw_tls_seen *seen = data;
	int result = X509_verify_cert(context);

	jw_seen_keep(seen, X509_STORE_CTX_get0_cert(context));
	seen->error = X509_V_OK;
	if (result > 0)
		return result;
	note_failure(seen, context);
	if (!seen->client || !is_unknown_authority(seen->error) ||
	    !verifies_by_bundle(seen->client, context))
		return result;
	seen->error = X509_V_OK;
	X509_STORE_CTX_set_error(context, X509_V_OK);
	return 1;
}

static void on_info(const SSL *ssl, int where, int value)
{
	struct jw_tls_seen *seen = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), seen_index);

	if (seen && where & SSL_CB_LOOP && SSL_get_state(ssl) == TLS_ST_CR_CERT_REQ)
		seen->wants_certificate = true;
	if (seen && where & SSL_CB_ALERT && where & SSL_CB_READ && value >> 8 == SSL3_AL_FATAL)
		seen->alert = value & 0xFF;
}

/* What is seen belongs to the connection, which may outlive the transfer and serve others. */
CURLcode jw_seen_listen(CURL *easy, void *ssl_context, void *data)
{
	struct jw_tls_seen *seen = data;

	(void)easy;
	if (!SSL_CTX_set_ex_data(ssl_context, seen_index, seen))
		return CURLE_OUT_OF_MEMORY;
	seen->refs++;
	seen->has_begun = true;
	if (seen->store)
		SSL_CTX_set1_cert_store(ssl_context, seen->store);
	SSL_CTX_set_cert_verify_callback(ssl_context, on_verify, seen);
	SSL_CTX_set_info_callback(ssl_context, on_info);
	return CURLE_OK;
}
