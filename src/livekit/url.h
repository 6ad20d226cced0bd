/* SPDX-License-Identifier: MIT */
/* What LiveKit's clients make of a server's URL. */
#pragma once

#include "base/url.h"

/* "ws://host:7880/prefix" and a path such as "/rtc/validate" become "http://host:7880/prefix/rtc/validate": ws and wss mean
 * http and https, a slash at the end of the URL's own path is dropped, its query too (as LiveKit's clients do). The
 * text is a URL that jw_url_parse takes with one of these four schemes. False past buf's maximum. */
bool jw_livekit_http_url(struct jw_buf *buf, struct jw_str url, const char *path);
