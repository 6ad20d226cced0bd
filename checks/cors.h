/* SPDX-License-Identifier: MIT */
/* Whether a browser lets a page from elsewhere read an answer: the CORS protocol of the Fetch standard, for a request
 * as fetch() makes it by itself, without cookies. */
#pragma once

#include "contract/check.h"

/* JW_CONFIG where an option `origin` isn't the origin of a page; NULL: it isn't given. */
enum jw_cause jw_cors_check(const char *origin, struct jw_err *err);
/* As a browser writes it. In the arena; `origin` has been checked. */
const char *jw_cors_origin(const char *origin, struct jw_arena *arena);
/* Whether a page of this origin reads what it wants from that URL. */
bool jw_cors_is_same(const char *origin, const char *url);

/* Why a page that came by https can't even ask that URL ("mixed content"), as below; NULL: it can. `shown` is the URL
 * as it may be told. */
const char *jw_cors_mixed(const char *origin, const char *url, const char *shown,
			  struct jw_arena *arena);

/* Whether the server must be asked beforehand (a preflight); then *names are what it is asked for: the headers that a
 * page may not send unasked, in small letters, sorted, with commas between. `lines` are "Name: value", NULL-ended. */
bool jw_cors_must_ask(const char *method, const char *const *lines, struct jw_buf *names);

/* NULL: the page may go on. Else why not, "it has no header ...; a browser says: ...", in the arena. Nothing of the answer
 * is in it but an origin. `url` is what answered, `first` what was asked for before redirects led there. */
const char *jw_cors_refusal(const struct jw_http_reply *reply, const char *origin,
			    const char *url, const char *first, struct jw_arena *arena);
/* The same for an answer that leads on: browsers look at each. */
const char *jw_cors_no_way_on(const struct jw_http_reply *hop, const char *origin,
			      const char *url, const char *first, struct jw_arena *arena);
/* The same for the answer to a preflight. */
const char *jw_cors_no_leave(const struct jw_http_reply *reply, const char *origin,
			     const char *url, const char *method, struct jw_str names,
			     struct jw_arena *arena);
