/* SPDX-License-Identifier: MIT */
/* What is wrong with the variables by which programs find a LiveKit server. */
#include "core/env_sane.h"

#include <string.h>

#include "base/url.h"
#include "livekit/keys.h"
#include "token/find.h"

/* A server logs an error about a secret that is shorter, and takes it all the same. */
#define SECRET_MIN ((size_t)32)
/* `livekit-server generate-keys` makes keys of 15 characters. */
#define KEY_MAX ((size_t)32)
/* What a server started with --dev has. */
#define DEV_KEY "devkey"
#define DEV_SECRET "secret"

const char *const jw_env_names[JW_ENV_COUNT] = {
	[JW_ENV_URL] = "LIVEKIT_URL",
	[JW_ENV_KEY] = "LIVEKIT_API_KEY",
	[JW_ENV_SECRET] = "LIVEKIT_API_SECRET",
};

static const struct jw_env_fault empty = {
	JW_SECRET_MISSING, JW_STATE_UNKNOWN, "is empty",
	"give it its value: the key pair stands under keys: in the server's configuration"};
static const struct jw_env_fault quotes = {
	JW_CONFIG, JW_STATE_UNKNOWN, "has quotes around its value that belong to it",
	"take away the quotes around the value: not everything that reads it does"};
static const struct jw_env_fault blanks = {
	JW_CONFIG, JW_STATE_UNKNOWN, "has a blank at an end of its value",
	"take away the blanks in front of the value and behind it"};
static const struct jw_env_fault control = {
	JW_CONFIG, JW_STATE_UNKNOWN, "has a line break or another control character in it",
	"write the value anew, on one line"};
static const struct jw_env_fault placeholder = {
	JW_CONFIG, JW_STATE_UNKNOWN, "still is the placeholder of an example",
	"give it its value: the key pair stands under keys: in the server's configuration"};
static const struct jw_env_fault no_url = {JW_CONFIG, JW_STATE_UNKNOWN,
					   "is no URL with a scheme and a host",
					   "write it as ws://HOST:7880 or wss://HOST"};
static const struct jw_env_fault other_scheme = {
	JW_CONFIG, JW_STATE_UNKNOWN, "doesn't begin with ws://, wss://, http:// or https://",
	"write it as ws://HOST:7880 or wss://HOST"};
static const struct jw_env_fault query = {JW_CONFIG, JW_STATE_UNKNOWN,
					  "has a ? in it, which no client of LiveKit sends on",
					  "leave away the ? and what is behind it"};
static const struct jw_env_fault long_key = {
	JW_CONFIG, JW_STATE_UNKNOWN,
	"is longer than any key: the secret may have been put there",
	"put the key (API...) into LIVEKIT_API_KEY and the secret into LIVEKIT_API_SECRET"};
static const struct jw_env_fault swapped = {
	JW_CONFIG, JW_STATE_UNKNOWN, "looks swapped: the secret has the form of a key",
	"put the key (API...) into LIVEKIT_API_KEY and the secret into LIVEKIT_API_SECRET"};
static const struct jw_env_fault same = {
	JW_CONFIG, JW_STATE_UNKNOWN, "has one value for both its key and its secret",
	"put the key (API...) into LIVEKIT_API_KEY and the secret into LIVEKIT_API_SECRET"};
static const struct jw_env_fault dev_pair = {
	JW_CONFIG, JW_STATE_CRITICAL,
	"is that of a server in development mode, which everybody knows, for a public host",
	"have the server make a pair (livekit-server generate-keys), and write it here and "
	"under keys: in its configuration"};
static const struct jw_env_fault short_secret = {
	JW_CONFIG, JW_STATE_WARNING,
	"has a secret of fewer than 32 characters: LiveKit takes it and logs an error",
	"have the server make a longer one (livekit-server generate-keys), and write it here "
	"and under keys: in its configuration"};

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool is_quoted(struct jw_str s)
{
	return s.len >= 2 && is_quote(s.ptr[0]) && s.ptr[s.len - 1] == s.ptr[0];
}

static bool has_control(struct jw_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
			return true;
	return false;
}

/* True where the needle stands in it, whatever the case. */
static bool has_word(struct jw_str s, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= s.len; i++)
		if (jw_str_is_nocase((struct jw_str){s.ptr + i, len}, word))
			return true;
	return false;
}

/* What examples have. A pair of somebody's own may be called APItest or be made of such words too, so a value that is
 * words alone must be telling the reader what to do. */
static bool is_example(struct jw_str s)
{
	static const char *const words[] = {"your-",   "your_",	   "yourproject", "<your",
					    "replace", "changeme", "change-me",	  "change_me",
					    "{{",      "${"};
	static const char *const asking[] = {
		"your", "here",	       "paste",	  "insert", "enter",	 "fill", "todo",
		"xxx",	"placeholder", "example", "null",   "undefined", "none", "..."};

	if (s.ptr[0] == '<' && s.ptr[s.len - 1] == '>')
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (has_word(s, words[i]))
			return true;
	for (size_t i = 0; i < sizeof(asking) / sizeof(*asking); i++)
		if (has_word(s, asking[i]) && jw_find_is_placeholder(s))
			return true;
	return false;
}

static const struct jw_env_fault *url_fault(struct jw_str value)
{
	static const char *const schemes[] = {"ws", "wss", "http", "https"};
	struct jw_url url;

	if (jw_url_parse(value, &url))
		return &no_url;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (jw_str_is_nocase(url.scheme, schemes[i]))
			return url.query.ptr ? &query : NULL;
	return &other_scheme;
}

const struct jw_env_fault *jw_env_fault(enum jw_env_name name, struct jw_str value)
{
	struct jw_str trimmed = jw_str_trim(value);

	if (!trimmed.len)
		return &empty;
	if (is_quoted(trimmed))
		return &quotes;
	if (is_example(trimmed))
		return &placeholder;
	if (has_control(jw_str_trim(value)))
		return &control;
	if (trimmed.len < value.len)
		return &blanks;
	if (name == JW_ENV_URL)
		return url_fault(value);
	return name == JW_ENV_KEY && value.len > KEY_MAX ? &long_key : NULL;
}

static bool is_public(struct jw_str text)
{
	struct jw_url url;

	return text.len && !jw_url_parse(text, &url) && !jw_livekit_is_local(url.host);
}

const struct jw_env_fault *jw_env_pair_fault(struct jw_str url, struct jw_str key,
					     struct jw_str secret)
{
	bool is_dev = jw_str_is(key, DEV_KEY) && jw_str_is(secret, DEV_SECRET);

	if (jw_str_eq(key, secret))
		return &same;
	if (jw_str_starts(secret, "API") && secret.len <= KEY_MAX && !jw_str_starts(key, "API"))
		return &swapped;
	if (is_dev)
		return is_public(url) ? &dev_pair : NULL;
	return secret.len < SECRET_MIN ? &short_secret : NULL;
}

bool jw_env_key_is_shown(struct jw_str key, struct jw_str secret)
{
	const struct jw_env_fault *fault = jw_env_pair_fault((struct jw_str){0}, key, secret);

	return jw_livekit_key_is_shown(key) && fault != &swapped && fault != &same;
}
