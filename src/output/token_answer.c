/* SPDX-License-Identifier: MIT */
/* What the token API answers, as JSON. */
#include "output/token_answer.h"

#include <jansson.h>

static void write_text(const char *before, const char *text, struct jw_buf *buf)
{
	json_t *value = json_string(text);
	char *json = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;

	jw_buf_text(buf, before);
	jw_buf_text(buf, json ? json : "\"\"");
	free(json);
	json_decref(value);
}

/* A token has no character that JSON would escape; and no copy of it is made that isn't needed. */
static void write_token(const char *before, struct jw_str token, struct jw_buf *buf)
{
	jw_buf_text(buf, before);
	jw_buf_char(buf, '"');
	jw_buf_str(buf, token);
	jw_buf_char(buf, '"');
}

void jw_token_answer_write(const struct jw_token_wish *wish, const char *url,
			   struct jw_str token, struct jw_buf *buf)
{
	if (wish->is_standard) {
		write_text("{\"server_url\": ", url, buf);
		write_token(", \"participant_token\": ", token, buf);
	} else {
		write_token("{\"token\": ", token, buf);
		write_text(", \"url\": ", url, buf);
		write_text(", \"room\": ", wish->room, buf);
		jw_buf_text(buf, ", \"ttl_hours\": ");
		jw_token_write_hours(wish->ttl, buf);
	}
	jw_buf_text(buf, "}\n");
}

void jw_token_error_write(const char *says, struct jw_buf *buf)
{
	write_text("{\"error\": ", says, buf);
	jw_buf_text(buf, "}\n");
}
