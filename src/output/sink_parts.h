/* SPDX-License-Identifier: MIT */
/* What sinks share among themselves. */
#pragma once

#include <jansson.h>

#include "contract/sink.h"

extern const struct jw_sink jw_sink_icinga;
extern const struct jw_sink jw_sink_nrdp;
extern const struct jw_sink jw_sink_command_file;
extern const struct jw_sink jw_sink_webhook;
extern const struct jw_sink jw_sink_command;
extern const struct jw_sink jw_sink_textfile;

/* NULL: of a test, which has none. */
const char *jw_sink_cause(const struct jw_sink_result *result);
/* What programs are told of a result, as JSON, version 1, on one line. JW_SINK_FAILED: it is too large. */
enum jw_cause jw_sink_news(const struct jw_sink_result *result, struct jw_arena *arena,
			   struct jw_str *ret_json, struct jw_err *err);

/* "<text's first line>|<perfdata>\n<the other lines>", as a plugin prints it. */
void jw_sink_output(const struct jw_sink_result *result, struct jw_buf *buf);
/* Appends: "says" in quotes, fit to be shown and cut; something else where it repeats the secret, in part or encoded. */
void jw_sink_quote(struct jw_buf *buf, struct jw_str says, struct jw_str secret);
/* True where no answer came, or none that the sink could read: `words` say so. */
bool jw_sink_is_unanswered(const struct jw_http_reply *reply, struct jw_buf *words);
/* The answer as a JSON object, which the caller owns; NULL: it is none. */
json_t *jw_sink_json(const struct jw_http_reply *reply);
/* RFC 4648 section 4, with padding. */
void jw_sink_base64(struct jw_buf *buf, struct jw_str bytes);
/* JW_CONFIG where a URL carries what it shouldn't: a user, a query. */
enum jw_cause jw_sink_url(const char *url, struct jw_err *err);
/* A JSON text with its value. The caller frees it. */
char *jw_sink_dump(json_t *object);
