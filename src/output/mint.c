/* SPDX-License-Identifier: MIT */
/* A token that was made, for whoever asked for it. */
#include "output/mint.h"

#include <jansson.h>

#include "base/mem.h"
#include "base/when.h"
#include "livekit/grants.h"
#include "output/format.h"
#include "output/json.h"

#define LABEL 13

static void line(struct jw_buf *buf, const char *label, const char *text)
{
	size_t start = buf->len;

	if (!text)
		return;
	jw_buf_text(buf, label);
	jw_buf_pad(buf, start, LABEL);
	jw_text_line(buf, jw_str_of(text));
	jw_buf_char(buf, '\n');
}

static void add_word(void *context, const char *grant)
{
	struct jw_buf *words = context;

	if (words->len)
		jw_buf_char(words, ' ');
	jw_buf_text(words, grant);
}

static void add_item(void *context, const char *grant)
{
	json_array_append_new(context, json_string(grant));
}

void jw_minted_text(const struct jw_minted *minted, struct jw_buf *buf)
{
	const struct jw_jwt *jwt = &minted->token.jwt;
	jw_autobuf struct jw_buf grants = JW_BUF(4096);
	char when[JW_WHEN_TEXT];

	jw_grants_each(jwt, add_word, &grants);
	line(buf, "url", minted->url);
	line(buf, "key", jwt->iss);
	line(buf, "room", jw_grants_room(jwt));
	line(buf, "identity", jw_grants_identity(jwt));
	line(buf, "grants", grants.len ? grants.ptr : "none");
	line(buf, "issued", jw_when_text(jwt->nbf.seconds, when));
	line(buf, "expires", jw_when_text(jwt->exp.seconds, when));
	line(buf, "fingerprint", minted->token.fingerprint);
	jw_buf_text(buf, "\nAccess token: ");
	jw_buf_str(buf, minted->token.text);
	jw_buf_char(buf, '\n');
}

void jw_minted_json(const struct jw_minted *minted, struct jw_buf *buf)
{
	const struct jw_jwt *jwt = &minted->token.jwt;
	json_t *root = json_object();
	json_t *grants = json_array();
	jw_autofree char *text = NULL;

	jw_grants_each(jwt, add_item, grants);
	json_object_set_new(root, "token",
			    json_stringn(minted->token.text.ptr, minted->token.text.len));
	jw_json_set_text(root, "url", minted->url);
	jw_json_set_text(root, "identity", jw_grants_identity(jwt));
	jw_json_set_text(root, "room", jw_grants_room(jwt));
	json_object_set_new(root, "issued", json_integer(jwt->nbf.seconds));
	json_object_set_new(root, "expires", json_integer(jwt->exp.seconds));
	json_object_set_new(root, "grants", grants);
	jw_json_set_text(root, "fingerprint", minted->token.fingerprint);
	text = json_dumps(root, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(root);
	jw_buf_text(buf, text ? text : "{}");
	jw_buf_char(buf, '\n');
}
