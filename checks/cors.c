/* SPDX-License-Identifier: MIT */
/* Whether a browser lets a page from elsewhere read an answer: the CORS protocol of the Fetch standard. */
#include "checks/cors.h"

#include "base/url.h"

enum jw_cause jw_cors_check(const char *origin, struct jw_err *err)
{
	struct jw_url url;

	if (!origin)
		return JW_OK;
	if (jw_url_parse(jw_str_of(origin), &url) || url.user.ptr || url.query.ptr ||
	    (url.path.len && !jw_str_is(url.path, "/")))
		return jw_fail(err, JW_CONFIG,
			       "origin: is scheme and host of a page alone, such as "
			       "https://voice.example.org");
	return JW_OK;
}
