/* SPDX-License-Identifier: MIT */
/* A LiveKit token as LiveKit's own SDKs make it. */
#include "livekit/mint.h"

#include <stdlib.h>

#include <jansson.h>

#include "token/base64url.h"

#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

/* jansson takes NULL for a value, as of a text that isn't UTF-8, and tells so. */
static bool set(json_t *object, const char *name, json_t *value)
{
	return !json_object_set_new(object, name, value);
}

static bool set_text(json_t *object, const char *name, const char *text)
{
	return !text || set(object, name, json_string(text));
}

static bool set_all(json_t *video, const char *const *names, json_t *value)
{
	bool is_set = true;

	for (; names && *names; names++)
		is_set = !json_object_set(video, *names, value) && is_set;
	return is_set;
}

static bool set_video(json_t *claims, const struct jw_mint *mint)
{
	json_t *video = json_object();
	bool is_set = set_text(video, "room", mint->room) &&
		      set_all(video, mint->grants, json_true()) &&
		      set_all(video, mint->denied, json_false());

	return set(claims, "video", video) && is_set;
}

static bool set_claims(json_t *claims, const struct jw_mint *mint)
{
	return set_text(claims, "iss", mint->issuer) &&
	       set_text(claims, "sub", mint->identity) &&
	       set(claims, "nbf", json_integer(mint->nbf)) &&
	       set(claims, "exp", json_integer(mint->exp)) && set_video(claims, mint);
}

bool jw_mint_input(const struct jw_mint *mint, struct jw_buf *buf)
{
	json_t *claims = json_object();
	char *text = set_claims(claims, mint) ? json_dumps(claims, JSON_COMPACT) : NULL;
	bool is_made = text && jw_base64url_encode(JW_STR(HEADER), buf) &&
		       jw_buf_char(buf, '.') && jw_base64url_encode(jw_str_of(text), buf);

	free(text);
	json_decref(claims);
	return is_made;
}

bool jw_mint_signature(const unsigned char mac[32], struct jw_buf *buf)
{
	return jw_buf_char(buf, '.') &&
	       jw_base64url_encode((struct jw_str){(const char *)mac, 32}, buf);
}
