/* SPDX-License-Identifier: MIT */
/* Whose an API key may be. LiveKit Cloud's begin with API, and so do those of `livekit-server generate-keys`; a server
 * started with --dev has devkey. */
#include "livekit/keys.h"

#include <string.h>

#include "base/url.h"

/* `livekit-server generate-keys` makes keys of 15 characters, and secrets of 43. */
#define SHOWN_MAX ((size_t)20)

static bool ends(struct jw_str host, const char *suffix)
{
	size_t len = strlen(suffix);

	return host.len > len && jw_str_is_nocase(jw_str_from(host, host.len - len), suffix);
}

static bool has_only(struct jw_str s, const char *chars)
{
	for (size_t i = 0; i < s.len; i++)
		if (!strchr(chars, s.ptr[i]))
			return false;
	return s.len > 0;
}

/* RFC 1918, loopback and link-local addresses; 172.16.0.0/12 by its second number. */
static bool is_private_v4(struct jw_str host)
{
	static const char *const fronts[] = {"127.", "10.", "192.168.", "169.254.", "0."};
	struct jw_str first;
	struct jw_str second;
	uint64_t number;

	if (!has_only(host, "0123456789."))
		return false;
	for (size_t i = 0; i < sizeof(fronts) / sizeof(*fronts); i++)
		if (jw_str_starts(host, fronts[i]))
			return true;
	return jw_str_cut(host, '.', &first, &second) && jw_str_is(first, "172") &&
	       jw_str_cut(second, '.', &first, &second) && jw_str_u64(first, 255, &number) &&
	       number >= 16 && number <= 31;
}

/* Loopback, unique local (fc00::/7) and link-local (fe80::/10). */
static bool is_private_v6(struct jw_str host)
{
	static const char *const fronts[] = {"fc", "fd", "fe8", "fe9", "fea", "feb"};

	if (jw_str_is(host, "::1"))
		return true;
	for (size_t i = 0; i < sizeof(fronts) / sizeof(*fronts); i++)
		if (jw_str_is_nocase(jw_str_head(host, strlen(fronts[i])), fronts[i]))
			return true;
	return false;
}

bool jw_livekit_is_local(struct jw_str host)
{
	static const char *const ends_of[] = {".localhost", ".local", ".internal", ".lan",
					      ".home.arpa"};

	if (host.len && memchr(host.ptr, ':', host.len))
		return is_private_v6(host);
	if (host.len && !memchr(host.ptr, '.', host.len))
		return true;
	for (size_t i = 0; i < sizeof(ends_of) / sizeof(*ends_of); i++)
		if (ends(host, ends_of[i]))
			return true;
	return is_private_v4(host);
}

static bool is_dev_key(const char *key)
{
	return !strcmp(key, "devkey");
}

static bool is_generated(const char *key)
{
	return !strncmp(key, "API", 3) && strlen(key) >= 10;
}

static const char *at_cloud(const char *key)
{
	if (is_dev_key(key))
		return "devkey is the key of a server that was started with --dev, and this is "
		       "LiveKit Cloud, whose keys begin with API";
	if (is_generated(key))
		return "it may be of another LiveKit Cloud project, or was deleted there";
	return "the keys of LiveKit Cloud begin with API, so this one is another server's";
}

const char *jw_livekit_whose_key(const char *key, struct jw_str url)
{
	struct jw_url server;

	if (!key || jw_url_parse(url, &server))
		return NULL;
	if (ends(server.host, ".livekit.cloud"))
		return at_cloud(key);
	if (is_dev_key(key) && !jw_livekit_is_local(server.host))
		return "devkey is the key of a server that was started with --dev on "
		       "somebody's "
		       "own machine, and this one is public";
	if (is_dev_key(key))
		return "devkey is the key of a server that was started with --dev, and this "
		       "one "
		       "has keys of its own";
	if (is_generated(key) && jw_livekit_is_local(server.host))
		return "it looks like a key of LiveKit Cloud, and this server is a local one, "
		       "which has devkey where it was started with --dev";
	if (is_generated(key))
		return "it looks like a key of LiveKit Cloud, or of another server";
	return NULL;
}

bool jw_livekit_key_is_shown(struct jw_str key)
{
	struct jw_url url;

	for (size_t i = 0; i < key.len; i++)
		if ((unsigned char)key.ptr[i] < ' ' || key.ptr[i] == 0x7f)
			return false;
	return key.len <= SHOWN_MAX ||
	       (!jw_url_parse(key, &url) && !url.user.ptr && !url.query.ptr);
}

const char *jw_livekit_shown_key(const char *key, struct jw_arena *arena)
{
	if (!key || jw_livekit_key_is_shown(jw_str_of(key)))
		return key;
	return jw_arena_printf(arena, "of %zu characters", strlen(key));
}
