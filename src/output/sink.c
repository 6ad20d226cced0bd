/* SPDX-License-Identifier: MIT */
/* What sinks share: the table of them, encodings, and words of others made fit to be shown. */
#include "output/sink_parts.h"

#include <string.h>

#include "base/url.h"
#include "output/format.h"
#include "token/base64url.h"
#include "token/json.h"

#define QUOTE_MAX 300
#define WORDS_MAX ((size_t)64 * 1024)
/* So many bytes in a row of a secret, or of a form of it, give it away. */
#define PIECE 8

const struct jw_sink *const jw_sinks[] = {
	&jw_sink_icinga,
	&jw_sink_nrdp,
	&jw_sink_command_file,
	&jw_sink_webhook,
	&jw_sink_command,
	&jw_sink_textfile,
	NULL,
};

const struct jw_sink *jw_sink_by_name(struct jw_str name)
{
	for (const struct jw_sink *const *sink = jw_sinks; *sink; sink++)
		if (jw_str_is(name, (*sink)->name))
			return *sink;
	return NULL;
}

void jw_sink_output(const struct jw_sink_result *result, struct jw_buf *buf)
{
	struct jw_str first = result->text;
	struct jw_str rest = {0};

	jw_str_cut(result->text, '\n', &first, &rest);
	jw_buf_str(buf, first);
	if (result->perfdata.len) {
		jw_buf_char(buf, '|');
		jw_buf_str(buf, result->perfdata);
	}
	if (rest.len) {
		jw_buf_char(buf, '\n');
		jw_buf_str(buf, rest);
	}
}

void jw_sink_base64(struct jw_buf *buf, struct jw_str bytes)
{
	size_t start = buf->len;

	jw_base64url_encode(bytes, buf);
	for (size_t i = start; i < buf->len; i++) {
		if (buf->ptr[i] == '-')
			buf->ptr[i] = '+';
		else if (buf->ptr[i] == '_')
			buf->ptr[i] = '/';
	}
	while ((buf->len - start) % 4)
		jw_buf_char(buf, '=');
}

static bool holds_piece(struct jw_str text, struct jw_str of)
{
	size_t piece = of.len < PIECE ? of.len : PIECE;

	for (size_t i = 0; piece && i + piece <= of.len; i++)
		if (text.len && memmem(text.ptr, text.len, of.ptr + i, piece))
			return true;
	return false;
}

/* As it is, percent-encoded, or in base64 by itself and behind a name of any length. */
static bool repeats(struct jw_str text, struct jw_str secret)
{
	jw_autobuf struct jw_buf form = JW_BUF(3 * secret.len);
	jw_autobuf struct jw_buf padded = JW_BUF(secret.len + 3);

	if (!text.len || !secret.len)
		return false;
	jw_url_encode(&form, secret);
	if (holds_piece(text, secret) || holds_piece(text, jw_buf_get(&form)))
		return true;
	for (size_t skip = 0; skip < 3; skip++) {
		jw_autobuf struct jw_buf base64 = JW_BUF(2 * secret.len + 16);

		jw_buf_clear(&padded);
		jw_buf_add(&padded, "\0\0\0", skip);
		jw_buf_str(&padded, secret);
		jw_sink_base64(&base64, jw_buf_get(&padded));
		/* The first characters hang on what stands before, the last ones on what
		 * follows. */
		if (base64.len > 8 &&
		    holds_piece(text, (struct jw_str){base64.ptr + 4, base64.len - 8}))
			return true;
	}
	return false;
}

void jw_sink_quote(struct jw_buf *buf, struct jw_str says, struct jw_str secret)
{
	jw_autobuf struct jw_buf shown = JW_BUF(WORDS_MAX);
	size_t len;

	if (repeats(says, secret)) {
		jw_buf_text(buf, "what it says repeats our secret and isn't shown");
		return;
	}
	jw_nagios_text(&shown, jw_str_head(says, WORDS_MAX / 4));
	len = shown.len;
	if (len > QUOTE_MAX) {
		len = QUOTE_MAX;
		while (len && ((unsigned char)shown.ptr[len] & 0xc0) == 0x80)
			len--;
	}
	jw_buf_printf(buf, "\"%.*s%s\"", (int)len, shown.ptr ? shown.ptr : "",
		      shown.len > len ? "..." : "");
}

bool jw_sink_is_unanswered(const struct jw_http_reply *reply, struct jw_buf *words)
{
	if (reply->cause) {
		jw_buf_text(words, reply->says ? reply->says : jw_cause_name(reply->cause));
		return true;
	}
	if (reply->status < 300 || reply->status >= 400)
		return false;
	jw_buf_printf(words,
		      "answers with a redirect (HTTP status %ld), which isn't followed: write "
		      "the URL that it leads to",
		      reply->status);
	return true;
}

json_t *jw_sink_json(const struct jw_http_reply *reply)
{
	json_t *json;

	if (jw_json_parse(reply->body, &json, NULL))
		return NULL;
	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

enum jw_cause jw_sink_url(const char *url, struct jw_err *err)
{
	struct jw_url parts;

	if (jw_url_parse(jw_str_of(url), &parts))
		return JW_OK;
	if (parts.user.ptr)
		return jw_fail(err, JW_CONFIG,
			       "url: has a name or a password in it: options are there for "
			       "what proves who asks");
	if (parts.query.ptr)
		return jw_fail(err, JW_CONFIG,
			       "url: has a query (behind a ?), where none is sent");
	return JW_OK;
}

char *jw_sink_dump(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	if (!text)
		abort();
	return text;
}
