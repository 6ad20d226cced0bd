/* SPDX-License-Identifier: MIT */
/* Cookies that an answer sets (RFC 6265). */
#pragma once

#include "contract/http.h"

enum jw_cookie {
	JW_COOKIE_ABSENT,
	JW_COOKIE_SET,
	JW_COOKIE_DELETED, /* set to be forgotten at once: Max-Age of 0, or Expires in 1970 */
};

/* What the answer leaves in a browser under this name, whose case counts: the last of its cookies decides. *ret_value, where
 * SET: without the quotes around it; borrowed from the reply. */
enum jw_cookie jw_cookie_find(const struct jw_http_reply *reply, const char *name,
			      struct jw_str *ret_value);
