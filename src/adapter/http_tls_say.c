/* SPDX-License-Identifier: MIT */
/* What is wrong with TLS, in words for whoever must mend it. */
#include <errno.h>
#include <string.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "adapter/http_tls.h"
#include "adapter/http_tls_seen.h"
#include "base/utf.h"
#include "base/when.h"

#define NAMES_SHOWN 4

/* OpenSSL 3.0 has "self-signed certificate" and its like: of the library, not of the server. */
static enum jw_cause say_refused(struct jw_transfer *transfer, const char *place)
{
	const struct jw_tls_seen *seen = transfer->tls;
	const char *whose = seen->depth ? "an authority's certificate behind that of"
					: "the certificate of";
	char when[JW_WHEN_TEXT];

	switch (seen->error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return jw_transfer_fail(transfer, JW_TLS, "%s %s ended at %s", whose, place,
					jw_when_text(seen->bad_ends, when));
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return jw_transfer_fail(
			transfer, JW_TLS,
			"%s %s isn't valid before %s (or the clock here is wrong)", whose,
			place, jw_when_text(seen->bad_begins, when));
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return jw_transfer_fail(
			transfer, JW_TLS,
			"the certificate of %s is self-signed, and isn't known here", place);
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return jw_transfer_fail(
			transfer, JW_TLS,
			"the certificate of %s is signed by an authority that isn't "
			"known here, or a certificate in between is missing",
			place);
	default:
		return jw_transfer_fail(transfer, JW_TLS, "%s %s isn't accepted: %s", whose,
					place, X509_verify_cert_error_string(seen->error));
	}
}

static struct jw_str text_of(const ASN1_STRING *string)
{
	return (struct jw_str){(const char *)ASN1_STRING_get0_data(string),
			       (size_t)ASN1_STRING_length(string)};
}

static void add_address(struct jw_buf *names, const ASN1_OCTET_STRING *address)
{
	char *text = i2s_ASN1_OCTET_STRING(NULL, address);
	const unsigned char *bytes = ASN1_STRING_get0_data(address);

	if (ASN1_STRING_length(address) == 4)
		jw_buf_printf(names, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
	else if (text)
		jw_buf_text(names, text);
	OPENSSL_free(text);
}

static bool add_name(struct jw_buf *names, const GENERAL_NAME *name)
{
	const char *before = names->len ? ", " : "";

	if (name->type == GEN_DNS && jw_buf_text(names, before))
		return jw_utf_show(names, text_of(name->d.dNSName));
	if (name->type == GEN_IPADD && jw_buf_text(names, before)) {
		add_address(names, name->d.iPAddress);
		return true;
	}
	return false;
}

/* The names that a certificate is for, the first few. */
static void list_names(struct jw_buf *names, const X509 *leaf)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	int shown = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		if (shown == NAMES_SHOWN) {
			jw_buf_text(names, " and others");
			break;
		}
		shown += add_name(names, sk_GENERAL_NAME_value(all, i));
	}
	GENERAL_NAMES_free(all);
}

static enum jw_cause say_name(struct jw_transfer *transfer, const char *place)
{
	jw_autobuf struct jw_buf names = JW_BUF(512);

	if (transfer->tls->leaf)
		list_names(&names, transfer->tls->leaf);
	if (!names.len)
		return jw_transfer_fail(transfer, JW_TLS,
					"the certificate of %s isn't for the name %.*s", place,
					JW_STR_ARG(transfer->url.host));
	return jw_transfer_fail(transfer, JW_TLS,
				"the certificate of %s is for %s, not for %.*s", place,
				names.ptr, JW_STR_ARG(transfer->url.host));
}

static enum jw_cause say_alert(struct jw_transfer *transfer, const char *place)
{
	int alert = transfer->tls->alert;

	if (alert == SSL_AD_CERTIFICATE_REQUIRED || jw_tls_misses_certificate(transfer))
		return jw_transfer_fail(transfer, JW_TLS, "%s asks for a client certificate",
					place);
	if (alert == SSL_AD_UNRECOGNIZED_NAME)
		return jw_transfer_fail(transfer, JW_TLS, "%s knows no host of the name %.*s",
					place, JW_STR_ARG(transfer->url.host));
	return jw_transfer_fail(transfer, JW_TLS, "%s broke off the TLS handshake: %s", place,
				SSL_alert_desc_string_long(alert));
}

/* Of libcurl's own words only whether they tell of another protocol. */
static bool speaks_no_tls(const struct jw_transfer *transfer)
{
	static const char *const words[] = {"wrong version number", "packet length too long",
					    "http request", "unknown protocol",
					    "record layer failure"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strstr(transfer->curl_says, words[i]))
			return true;
	return false;
}

static enum jw_cause say_handshake(struct jw_transfer *transfer, const char *place)
{
	long number = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
	if (speaks_no_tls(transfer))
		return jw_transfer_fail(
			transfer, JW_TLS,
			"what answers on %s doesn't speak TLS: perhaps it wants "
			"http instead of https",
			place);
	return jw_transfer_fail(transfer, JW_TLS, "%s %s the connection in the TLS handshake",
				place, number == ECONNRESET ? "reset" : "closed");
}

/* A file that was there is of no use. */
static enum jw_cause say_file(struct jw_transfer *transfer, CURLcode code)
{
	if (code == CURLE_SSL_CERTPROBLEM)
		return jw_transfer_fail(
			transfer, JW_SECRET_MISSING,
			"%s holds no certificate with its key, in PEM and without "
			"a password",
			transfer->client_certificate ? transfer->client_certificate
						     : "the client certificate");
	return jw_transfer_fail(transfer, JW_SECRET_MISSING,
				"%s holds no certificates in PEM: no server can be verified",
				transfer->ca_file	      ? transfer->ca_file
				: transfer->client->ca_bundle ? transfer->client->ca_bundle
							      : "the system");
}

enum jw_cause jw_tls_say(struct jw_transfer *transfer, CURLcode code)
{
	char at[JW_PLACE_MAX];
	const char *place = jw_say_place(transfer, at);
	long proxy_error = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &proxy_error);
	if (proxy_error)
		place = transfer->reply.proxy;
	if (code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE)
		return say_file(transfer, code);
	if (transfer->tls->error)
		return say_refused(transfer, place);
	if (jw_tls_is_broken_off(transfer))
		return say_alert(transfer, place);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return say_name(transfer, place);
	return say_handshake(transfer, place);
}
