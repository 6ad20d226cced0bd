/* SPDX-License-Identifier: MIT */
/* TLS under libcurl: the authorities, and a look at the server's certificate, also where it is refused. */
#include "adapter/http_tls.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "adapter/http_tls_seen.h"

/* Of a SSL_CTX: its jw_tls_seen. */
static int seen_index = -1;

static void seen_leave(struct jw_tls_seen *seen)
{
	if (!seen || --seen->refs)
		return;
	X509_free(seen->leaf);
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
	seen_leave(seen);
}

/* "5ed36f99.0" */
static bool is_hashed_name(const char *name)
{
	size_t digits = strspn(name, "0123456789abcdef");

	return digits == 8 && name[8] == '.' && isdigit((unsigned char)name[9]);
}

static bool is_hashed(const char *path)
{
	const struct dirent *entry;
	bool found = false;
	DIR *folder = path ? opendir(path) : NULL;

	if (!folder)
		return false;
	while (!found && (entry = readdir(folder)))
		found = is_hashed_name(entry->d_name);
	closedir(folder);
	return found;
}

enum jw_cause jw_tls_open(struct jw_client *client, struct jw_err *err)
{
	const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);

	if (!version->ssl_version || !strstr(version->ssl_version, "OpenSSL/"))
		return jw_fail(err, JW_INTERNAL,
			       "this libcurl is built without OpenSSL: install libcurl4");
	if (seen_index < 0)
		seen_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, on_context_free);
	client->ca_bundle = version->cainfo;
	client->ca_path = version->capath;
	return JW_OK;
}

void jw_tls_close(struct jw_client *client)
{
	X509_STORE_free(client->bundle);
}

/* What the verifier says */

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

static int64_t seconds_of(const ASN1_TIME *time)
{
	struct tm tm;

	return time && ASN1_TIME_to_tm(time, &tm) ? timegm(&tm) : 0;
}

static void keep_leaf(struct jw_tls_seen *seen, X509 *leaf)
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
	seen->bad_begins = bad ? seconds_of(X509_get0_notBefore(bad)) : 0;
	seen->bad_ends = bad ? seconds_of(X509_get0_notAfter(bad)) : 0;
}

static int on_verify(X509_STORE_CTX *context, void *data)
{
	struct jw_tls_seen *seen = data;
	int result = X509_verify_cert(context);

	keep_leaf(seen, X509_STORE_CTX_get0_cert(context));
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

	if (seen && where & SSL_CB_ALERT && where & SSL_CB_READ && value >> 8 == SSL3_AL_FATAL)
		seen->alert = value & 0xFF;
}

/* What is seen belongs to the connection, which may outlive the transfer and serve others. */
static CURLcode on_context(CURL *easy, void *ssl_context, void *data)
{
	struct jw_tls_seen *seen = data;

	(void)easy;
	if (!SSL_CTX_set_ex_data(ssl_context, seen_index, seen))
		return CURLE_OUT_OF_MEMORY;
	seen->refs++;
	SSL_CTX_set_cert_verify_callback(ssl_context, on_verify, seen);
	SSL_CTX_set_info_callback(ssl_context, on_info);
	return CURLE_OK;
}

/* Options */

/* Looked at before anything is sent; whether it is what it should be is seen in the handshake. */
static bool is_file(struct jw_transfer *transfer, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int number = errno;
	struct stat st;
	bool is_regular;

	if (fd < 0 && (number == EMFILE || number == ENFILE)) {
		jw_transfer_end(transfer, jw_say_no_descriptor(transfer));
		return false;
	}
	if (fd < 0) {
		jw_transfer_end(transfer, jw_transfer_fail(transfer, JW_SECRET_MISSING,
							   "%s can't be read: %s", path,
							   strerrordesc_np(number)));
		return false;
	}
	is_regular = !fstat(fd, &st) && S_ISREG(st.st_mode);
	close(fd);
	if (!is_regular)
		jw_transfer_end(transfer, jw_transfer_fail(transfer, JW_SECRET_MISSING,
							   "%s isn't a regular file", path));
	return is_regular;
}

/* One request parses no bundle of 145 authorities (17 of 24 ms) where a hashed folder has the one it needs. */
static void set_system(const struct jw_transfer *transfer)
{
	struct jw_client *client = transfer->client;
	CURL *easy = transfer->easy;

	if (client->ca_path && !client->is_path_known) {
		client->is_path_known = true;
		if (!is_hashed(client->ca_path))
			client->ca_path = NULL;
	}
	curl_easy_setopt(easy, CURLOPT_CAPATH, client->ca_path);
	curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_path ? NULL : client->ca_bundle);
	if (client->ca_path && client->ca_bundle)
		transfer->tls->client = client;
}

/* libcurl keeps authorities that it has read only where no folder of them is set. */
static void set_authorities(const struct jw_transfer *transfer)
{
	CURL *easy = transfer->easy;

	if (!transfer->ca_file) {
		set_system(transfer);
	} else {
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
		curl_easy_setopt(easy, CURLOPT_CAINFO, transfer->ca_file);
	}
}

/* An empty password: without any, OpenSSL would ask for it on the terminal. */
static void set_client_certificate(const struct jw_transfer *transfer)
{
	CURL *easy = transfer->easy;

	if (!transfer->client_certificate)
		return;
	curl_easy_setopt(easy, CURLOPT_SSLCERT, transfer->client_certificate);
	curl_easy_setopt(easy, CURLOPT_SSLKEY, transfer->client_certificate);
	curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
}

bool jw_tls_prepare(struct jw_transfer *transfer)
{
	CURL *easy = transfer->easy;

	if (transfer->ca_file && !is_file(transfer, transfer->ca_file))
		return false;
	if (transfer->client_certificate && !is_file(transfer, transfer->client_certificate))
		return false;
	transfer->tls = jw_xcalloc(1, sizeof(*transfer->tls));
	transfer->tls->refs = 1;
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_context);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer->tls);
	set_authorities(transfer);
	set_client_certificate(transfer);
	return true;
}

void jw_tls_done(struct jw_transfer *transfer)
{
	seen_leave(transfer->tls);
}

/* A connection that served before, or a session taken up again, has shown its certificate to another transfer. */
void jw_tls_look(struct jw_transfer *transfer)
{
	const struct curl_tlssessioninfo *info = NULL;

	if (!jw_str_is_nocase(transfer->url.scheme, "https"))
		return;
	curl_easy_getinfo(transfer->easy, CURLINFO_TLS_SSL_PTR, &info);
	if (info && info->backend == CURLSSLBACKEND_OPENSSL && info->internals)
		keep_leaf(transfer->tls, SSL_get0_peer_certificate(info->internals));
}

int64_t jw_tls_expires(const struct jw_transfer *transfer)
{
	const struct jw_tls_seen *seen = transfer->tls;

	return seen && seen->leaf ? seconds_of(X509_get0_notAfter(seen->leaf)) : 0;
}

bool jw_tls_is_alerted(const struct jw_transfer *transfer)
{
	return transfer->tls && transfer->tls->alert;
}

int jw_tls_descriptor_errno(const struct jw_transfer *transfer)
{
	return transfer->tls ? transfer->tls->descriptor_errno : 0;
}
