/* SPDX-License-Identifier: MIT */
/* What LiveKit's clients make of a server's URL. */
#pragma once

#include "base/url.h"

/* "ws://host:7880/prefix" and a path such as "/rtc/validate" become "http://host:7880/prefix/rtc/validate": ws and wss mean
 * http and https, a slash at the end of the URL's own path is dropped, its query too (as LiveKit's clients do). The
 * text is a URL that jw_url_parse takes with one of these four schemes. False past buf's maximum. */
bool jw_livekit_http_url(struct jw_buf *buf, struct jw_str url, const char *path);

/* Key and secret of a server that was started with --dev. */
#define JW_LIVEKIT_DEV_KEY "devkey"
#define JW_LIVEKIT_DEV_SECRET "secret"

/* The host is the machine itself that a browser runs on: localhost, 127.0.0.1, ::1. */
bool jw_livekit_is_loopback(struct jw_str host);

/* Why a browser that has the page can't use a server's URL. */
enum jw_url_flaw {
	JW_URL_USABLE,
	JW_URL_NO_URL,	    /* nothing of the kind */
	JW_URL_NO_SCHEME,   /* one with a wss:// in front */
	JW_URL_NOT_LIVEKIT, /* a scheme that LiveKit's clients don't take */
	JW_URL_INSECURE,    /* without TLS, in a page that came by https */
	JW_URL_LOOPBACK,    /* the browser's own machine, in a page from elsewhere */
};
/* `page` is the origin of the page, or any URL of it; NULL: unknown. */
enum jw_url_flaw jw_livekit_url_flaw(struct jw_str url, const char *page);

/* The next URL that begins with ws:// or wss:// in a text of any kind, from *at on; *at is behind it. One that is put
 * together only when the page runs, which ends at once, is none. */
bool jw_livekit_next_url(struct jw_str text, size_t *at, struct jw_str *ret_url);
