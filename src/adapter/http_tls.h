/* SPDX-License-Identifier: MIT */
/* TLS of the module http_curl.so, by OpenSSL under libcurl: which authorities count, what is seen of the
 * server's certificate, and what is wrong with it. */
#pragma once

#include "adapter/http_curl.h"

/* JW_INTERNAL: libcurl is built with another TLS library. */
enum jw_cause jw_tls_open(struct jw_client *client, struct jw_err *err);
void jw_tls_close(struct jw_client *client);

/* False, and the transfer has failed: a file of certificates isn't there. */
bool jw_tls_has_files(struct jw_transfer *transfer);
/* Options for the hop that begins; what was seen before is forgotten. */
void jw_tls_begin(struct jw_transfer *transfer);
void jw_tls_done(struct jw_transfer *transfer);
/* Looks at the certificate of the connection that the answer comes by, fresh or used before. */
void jw_tls_look(struct jw_transfer *transfer);
/* When the certificate of the hop's server ends; 0: none was seen. */
int64_t jw_tls_expires(const struct jw_transfer *transfer);
/* Whether a handshake has begun in this hop. */
bool jw_tls_has_begun(const struct jw_transfer *transfer);
/* Whether the server asked for a client certificate and was shown none. */
bool jw_tls_misses_certificate(const struct jw_transfer *transfer);
/* Whether it broke TLS off, which libcurl may call an error of reading: by an alert, or without an answer
 * where it misses a certificate (a reset may overtake the alert). */
bool jw_tls_is_broken_off(const struct jw_transfer *transfer);
int jw_tls_descriptor_errno(const struct jw_transfer *transfer);
enum jw_cause jw_tls_say(struct jw_transfer *transfer, CURLcode code);
