/* SPDX-License-Identifier: MIT */
/* TLS of the module http_curl.so: which authorities count, what is seen of the server's certificate, and what is wrong with
 * it, by OpenSSL under libcurl. */
#pragma once

#include "adapter/http_curl.h"

/* JW_INTERNAL: libcurl is built with another TLS library. */
enum jw_cause jw_tls_open(struct jw_client *client, struct jw_err *err);
void jw_tls_close(struct jw_client *client);

/* Options of the handle, before its first hop. False, and the transfer has failed: a file can't be used. */
bool jw_tls_prepare(struct jw_transfer *transfer);
void jw_tls_done(struct jw_transfer *transfer);
/* Looks at the certificate of the connection that the answer comes by, fresh or used before. */
void jw_tls_look(struct jw_transfer *transfer);
/* When the server's certificate ends; 0: none was seen. */
int64_t jw_tls_expires(const struct jw_transfer *transfer);
/* Whether the server broke the handshake off, which libcurl may call an error of reading. */
bool jw_tls_is_alerted(const struct jw_transfer *transfer);
int jw_tls_descriptor_errno(const struct jw_transfer *transfer);
enum jw_cause jw_tls_say(struct jw_transfer *transfer, CURLcode code);
