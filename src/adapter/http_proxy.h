/* SPDX-License-Identifier: MIT */
/* The proxy that the environment names, by the rules of libcurl. */
#pragma once

#include "base/url.h"

/* For this URL, whose host stands alone: the value of http_proxy, https_proxy or all_proxy, unless no_proxy names the host; NULL:
 * none. */
const char *jw_proxy_of(const struct jw_url *url, struct jw_str host);
/* Whether one entry of a no_proxy list names the host; `list` is the whole list. */
bool jw_proxy_is_excepted(struct jw_str list, struct jw_str host);
