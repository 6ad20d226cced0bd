/* SPDX-License-Identifier: MIT */
/* What was seen of a server in its TLS handshake. */
#pragma once

#include <openssl/x509.h>

struct jw_client;

struct jw_tls_seen {
	int refs;		  /* the transfer's, and one of each connection made for it */
	struct jw_client *client; /* whose bundle has the last word; NULL: none has */
	X509 *leaf;		  /* the server's own certificate, once it was seen */
	int error;		  /* X509_V_* */
	int depth;		  /* of the certificate that is wrong: 0 is the leaf */
	int64_t bad_begins;
	int64_t bad_ends;
	int alert; /* a fatal one that the server sent; 0: none */
	int descriptor_errno;
};
