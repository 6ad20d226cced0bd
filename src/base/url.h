/* SPDX-License-Identifier: MIT */
/* URLs taken apart (RFC 3986), compared by origin (RFC 6454), and made fit to be shown. */
#pragma once

#include "base/buf.h"

/* All borrowed from the text. */
struct jw_url {
	struct jw_str scheme; /* as written */
	struct jw_str user;   /* user info without the '@'; {NULL, 0} where there is none */
	struct jw_str host;   /* without the brackets of an IPv6 address */
	uint16_t port;	      /* 0: the scheme's own */
	struct jw_str path;   /* from its first '/'; empty where there is none */
	struct jw_str query;  /* without the '?'; ptr NULL where there is none */
};

/* The longest URL that is taken. */
#define JW_URL_MAX ((size_t)8192)

/* An absolute URL with scheme and host, whose fragment is dropped. NULL: *ret_url is filled. Else what is wrong, a
 * sentence that quotes nothing of it ("has no scheme: write http://HOST/PATH or https://HOST/PATH"): blanks and control
 * characters, a wrong port, no host, too long, "${" in it. */
const char *jw_url_parse(struct jw_str text, struct jw_url *ret_url);

/* 80 for http and ws, 443 for https and wss, where the URL names none; 0 for other schemes. */
uint16_t jw_url_port(const struct jw_url *url);
/* Same scheme, host (without regard to case) and port. */
bool jw_url_same_origin(const struct jw_url *a, const struct jw_url *b);
/* Appends scheme, host and port as a browser writes them in Origin: (RFC 6454 section 6.2): in small letters, without
 * the scheme's own port. False past buf's maximum. */
bool jw_url_origin(struct jw_buf *buf, const struct jw_url *url);

/* Appends the bytes as a value of a query or a form: what isn't a letter, a digit or one of -._~ as %XX (RFC 3986 section
 * 2.1). */
void jw_url_encode(struct jw_buf *buf, struct jw_str bytes);

/* The URL for output: user info, values of the query and fragment become "***", what doesn't belong on a line '?'. A text
 * that is no URL is shown as "(not a URL)". False past buf's maximum. Tokens in a path are the caller's to scrub. */
bool jw_url_mask(struct jw_buf *buf, struct jw_str text);
/* Whether a mask stands in it: a URL that was copied from output. */
bool jw_url_is_masked(struct jw_str text);
