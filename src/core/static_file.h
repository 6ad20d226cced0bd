/* SPDX-License-Identifier: MIT */
/* What is served of a folder's files, and how it is called: pure. */
#pragma once

#include "base/buf.h"

/* The file that a decoded path of a URL names, without the '/' in front: "a/b.html"; of a folder, which ends in '/', its
 * index.html. False: nothing that is ever served, such as "..", hidden files, and names that no page has. */
bool jw_static_path(const char *path, struct jw_buf *ret_path);
/* By the end of its name. */
const char *jw_static_type(const char *path);

#define JW_STATIC_ETAG 24
/* In quotes. */
const char *jw_static_etag(uint64_t tag, char etag[JW_STATIC_ETAG]);
/* Whether the client has this very file already, by its If-None-Match, else If-Modified-Since (NULL: not sent). */
bool jw_static_is_known(const char *none_match, const char *modified_since, const char *etag,
			int64_t changed);
