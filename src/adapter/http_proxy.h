/* SPDX-License-Identifier: MIT */
/* The proxy that the environment names, by the rules of libcurl. */
#pragma once

#include "base/url.h"

/* For this URL and the host that is connected to for it: the value of http_proxy, https_proxy or all_proxy,
 * unless no_proxy names the host. NULL: none. */
const char *jw_proxy_of(const struct jw_url *url, struct jw_str host);
