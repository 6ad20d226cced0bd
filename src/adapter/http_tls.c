/* SPDX-License-Identifier: MIT */
/* TLS under libcurl: whose certificates count, and which is ours. */
#include "adapter/http_tls.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "adapter/http_tls_seen.h"

/* So long libcurl keeps what it has read of a target's own authorities. */
#define CA_FILE_SECONDS 60L

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
	jw_seen_prepare();
	client->ca_bundle = version->cainfo;
	client->ca_path = version->capath;
	return JW_OK;
}

void jw_tls_close(struct jw_client *client)
{
	X509_STORE_free(client->bundle);
	X509_STORE_free(client->store);
}

static bool is_https(const struct jw_transfer *transfer)
{
	return jw_str_is_nocase(transfer->url.scheme, "https");
}

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
		jw_transfer_end(transfer,
				jw_transfer_fail(transfer, JW_SECRET_MISSING,
						 "the certificate file %s can't be read: %s",
						 path, strerrordesc_np(number)));
		return false;
	}
	is_regular = !fstat(fd, &st) && S_ISREG(st.st_mode);
	close(fd);
	if (!is_regular)
		jw_transfer_end(transfer,
				jw_transfer_fail(transfer, JW_SECRET_MISSING,
						 "the certificate file %s isn't a regular "
						 "file",
						 path));
	return is_regular;
}

/* One request parses no bundle of 145 authorities (17 of 24 ms) where a hashed folder has the one it needs. */
static void set_system(const struct jw_transfer *transfer)
{
	struct jw_client *client = transfer->client;
	CURL *easy = transfer->easy;

	if (client->use == JW_HTTP_DAEMON) {
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
		curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
		/* Else it would keep the first store that it sees for all connections of its CURLM. */
		curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
		transfer->tls->store = jw_store_take(client);
		return;
	}
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
		curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, CA_FILE_SECONDS);
	}
}

/* For the origin only. An empty password: without any, OpenSSL would ask for it on the terminal. */
static void set_client_certificate(const struct jw_transfer *transfer)
{
	const char *path = transfer->has_left ? NULL : transfer->client_certificate;
	CURL *easy = transfer->easy;

	if (!transfer->client_certificate)
		return;
	curl_easy_setopt(easy, CURLOPT_SSLCERT, path);
	curl_easy_setopt(easy, CURLOPT_SSLKEY, path);
	curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
}

bool jw_tls_has_files(struct jw_transfer *transfer)
{
	return (!transfer->ca_file || is_file(transfer, transfer->ca_file)) &&
	       (!transfer->client_certificate ||
		is_file(transfer, transfer->client_certificate));
}

/* A proxy may speak TLS where the server doesn't. */
void jw_tls_begin(struct jw_transfer *transfer)
{
	CURL *easy = transfer->easy;

	jw_seen_leave(transfer->tls);
	transfer->tls = jw_xcalloc(1, sizeof(*transfer->tls));
	transfer->tls->refs = 1;
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, jw_seen_listen);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer->tls);
	if (!is_https(transfer))
		return;
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	set_authorities(transfer);
	set_client_certificate(transfer);
}

void jw_tls_done(struct jw_transfer *transfer)
{
	jw_seen_leave(transfer->tls);
}

/* A connection that served before has shown its certificate to another transfer. */
void jw_tls_look(struct jw_transfer *transfer)
{
	const struct curl_tlssessioninfo *info = NULL;

	if (!is_https(transfer))
		return;
	curl_easy_getinfo(transfer->easy, CURLINFO_TLS_SSL_PTR, &info);
	if (info && info->backend == CURLSSLBACKEND_OPENSSL && info->internals)
		jw_seen_keep(transfer->tls, SSL_get0_peer_certificate(info->internals));
}

int64_t jw_tls_expires(const struct jw_transfer *transfer)
{
	const struct jw_tls_seen *seen = transfer->tls;

	if (!seen || !seen->leaf || !is_https(transfer))
		return 0;
	return jw_seen_seconds(X509_get0_notAfter(seen->leaf));
}

bool jw_tls_misses_certificate(const struct jw_transfer *transfer)
{
	return transfer->tls && transfer->tls->wants_certificate &&
	       (!transfer->client_certificate || transfer->has_left);
}

bool jw_tls_is_broken_off(const struct jw_transfer *transfer)
{
	const struct jw_tls_seen *seen = transfer->tls;

	return seen && (seen->alert || (jw_tls_misses_certificate(transfer) &&
					jw_say_info(transfer, CURLINFO_RESPONSE_CODE) < 200));
}

bool jw_tls_has_begun(const struct jw_transfer *transfer)
{
	return transfer->tls && transfer->tls->has_begun;
}

int jw_tls_descriptor_errno(const struct jw_transfer *transfer)
{
	return transfer->tls ? transfer->tls->descriptor_errno : 0;
}
