/* SPDX-License-Identifier: MIT */
/* What was seen of a server in its TLS handshake. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>
#include <openssl/x509.h>

struct jw_client;

struct jw_tls_seen {
	int refs;		  /* the transfer's, and one of each connection made for it */
	struct jw_client *client; /* whose bundle has the last word; NULL: none has */
	X509_STORE *store; /* the authorities that count, its own share; NULL: libcurl's */
	X509 *leaf;	   /* the server's own certificate, once it was seen */
	int error;	   /* X509_V_* */
	int depth;	   /* of the certificate that is wrong: 0 is the leaf */
	int64_t bad_begins;
	int64_t bad_ends;
	bool has_begun;
	bool wants_certificate; /* the server asked for one of the client */
	int alert;		/* a fatal one that the server sent; 0: none */
	int descriptor_errno;
};

/* Once, before the first handshake. */
void jw_seen_prepare(void);
/* CURLOPT_SSL_CTX_FUNCTION, with a jw_tls_seen as its data. */
CURLcode jw_seen_listen(CURL *easy, void *ssl_context, void *seen);
void jw_seen_keep(struct jw_tls_seen *seen, X509 *leaf);
/* A share of the system's authorities as they are now; NULL where there is no memory. */
X509_STORE *jw_store_take(struct jw_client *client);
/* Takes NULL. */
void jw_seen_leave(struct jw_tls_seen *seen);
/* 0 where it is none. */
int64_t jw_seen_seconds(const ASN1_TIME *time);
