/* SPDX-License-Identifier: MIT */
/* Paths, types and tags of files that are served. */
#include "core/static_file.h"

#include <stdio.h>
#include <string.h>

#include "base/utf.h"
#include "base/when.h"

#define PATH_MAX_BYTES ((size_t)1024)
#define PART_MAX ((size_t)255)
#define INDEX "index.html"

/* An empty one, "." and "..", and what is hidden; what a system of another kind could take for more than a name. */
static bool is_served(struct jw_str part)
{
	jw_autobuf struct jw_buf shown = JW_BUF(2 * PATH_MAX_BYTES);

	return part.len && part.len <= PART_MAX && *part.ptr != '.' &&
	       !memchr(part.ptr, '\\', part.len) && jw_utf_show(&shown, part) &&
	       jw_str_eq(jw_buf_get(&shown), part);
}

bool jw_static_path(const char *path, struct jw_buf *ret_path)
{
	struct jw_str rest = jw_str_of(path);
	struct jw_str part;

	if (*path != '/' || rest.len > PATH_MAX_BYTES)
		return false;
	rest = jw_str_from(rest, 1);
	jw_buf_str(ret_path, rest);
	while (jw_str_cut(rest, '/', &part, &rest))
		if (!is_served(part))
			return false;
	if (!rest.len)
		return jw_buf_text(ret_path, INDEX);
	return is_served(rest) && !ret_path->overflowed;
}

const char *jw_static_type(const char *path)
{
	static const struct {
		const char *end;
		const char *type;
	} rows[] = {
		{"html", "text/html; charset=utf-8"},
		{"htm", "text/html; charset=utf-8"},
		{"js", "text/javascript; charset=utf-8"},
		{"mjs", "text/javascript; charset=utf-8"},
		{"css", "text/css; charset=utf-8"},
		{"json", "application/json"},
		{"map", "application/json"},
		{"webmanifest", "application/manifest+json"},
		{"svg", "image/svg+xml"},
		{"png", "image/png"},
		{"jpg", "image/jpeg"},
		{"jpeg", "image/jpeg"},
		{"gif", "image/gif"},
		{"webp", "image/webp"},
		{"avif", "image/avif"},
		{"ico", "image/x-icon"},
		{"woff", "font/woff"},
		{"woff2", "font/woff2"},
		{"ttf", "font/ttf"},
		{"otf", "font/otf"},
		{"wasm", "application/wasm"},
		{"txt", "text/plain; charset=utf-8"},
		{"md", "text/markdown; charset=utf-8"},
		{"csv", "text/csv; charset=utf-8"},
		{"xml", "application/xml"},
		{"pdf", "application/pdf"},
		{"mp3", "audio/mpeg"},
		{"ogg", "audio/ogg"},
		{"wav", "audio/wav"},
		{"mp4", "video/mp4"},
		{"webm", "video/webm"},
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(rows) / sizeof(*rows); i++)
		if (jw_str_is_nocase(jw_str_of(dot + 1), rows[i].end))
			return rows[i].type;
	return "application/octet-stream";
}

const char *jw_static_etag(uint64_t tag, char etag[JW_STATIC_ETAG])
{
	snprintf(etag, JW_STATIC_ETAG, "\"%016llx\"", (unsigned long long)tag);
	return etag;
}

/* Ours have no comma in them. A weak one counts as well (RFC 9110 section 13.1.2). */
static bool is_among(struct jw_str list, const char *etag)
{
	struct jw_str one = list;

	while (list.len) {
		struct jw_str rest = {0};

		one = list;
		jw_str_cut(list, ',', &one, &rest);
		list = rest;
		one = jw_str_trim(one);
		if (jw_str_starts(one, "W/"))
			one = jw_str_from(one, 2);
		if (jw_str_is(one, etag) || jw_str_is(one, "*"))
			return true;
	}
	return false;
}

bool jw_static_is_known(const char *none_match, const char *modified_since, const char *etag,
			int64_t changed)
{
	int64_t since;

	if (none_match)
		return is_among(jw_str_of(none_match), etag);
	return modified_since && jw_when_http(jw_str_of(modified_since), &since) &&
	       changed <= since;
}
