/* SPDX-License-Identifier: MIT */
/* What a request carries: header lines and a body, whose values may be secrets. */
#include "checks/sent.h"

#include <string.h>

bool jw_sent_has(const struct jw_header *headers, const char *name)
{
	for (; headers && headers->name; headers++)
		if (jw_str_is_nocase(jw_str_of(headers->name), name))
			return true;
	return false;
}

static bool has_line_break(struct jw_str s)
{
	return memchr(s.ptr, '\n', s.len) || memchr(s.ptr, '\r', s.len);
}

/* False where its secret can't be had or sent. */
static bool add_line(struct jw_run *run, const char *name, const char *before,
		     const struct jw_secret *secret, struct jw_sent *sent)
{
	const char *place = jw_arena_printf(jw_run_arena(run), "header %s", name);
	jw_autobuf struct jw_buf value = JW_BUF(JW_SENT_MAX);

	if (!jw_run_secret(run, secret, place, &value))
		return false;
	if (has_line_break(jw_buf_get(&value))) {
		jw_run_note_failure(run, place, JW_SECRET_MISSING,
				    "its value has a line break in it, and no header can");
		return false;
	}
	jw_buf_printf(&sent->text, "%s: %s", name, before);
	jw_buf_str(&sent->text, jw_buf_get(&value));
	return jw_buf_add(&sent->text, "", 1);
}

/* JSON is told by its first character, since nobody thinks of the header. */
static void add_type(const struct jw_header *headers, struct jw_sent *sent)
{
	struct jw_str body = jw_str_trim(jw_buf_get(&sent->body));

	if (!body.len || jw_sent_has(headers, "Content-Type") ||
	    (body.ptr[0] != '{' && body.ptr[0] != '['))
		return;
	jw_buf_text(&sent->text, "Content-Type: application/json");
	jw_buf_add(&sent->text, "", 1);
}

static void cut_lines(struct jw_sent *sent)
{
	struct jw_str rest = jw_buf_get(&sent->text);

	for (size_t i = 0; rest.len; i++) {
		sent->lines[i] = rest.ptr;
		rest = jw_str_from(rest, strlen(rest.ptr) + 1);
	}
}

bool jw_sent_read(struct jw_run *run, const struct jw_header *headers,
		  const struct jw_secret *bearer, const struct jw_secret *body,
		  const char *origin, struct jw_sent *ret_sent)
{
	bool is_whole = true;

	jw_buf_init(&ret_sent->text, 2 * JW_SENT_MAX);
	jw_buf_init(&ret_sent->body, JW_SENT_MAX);
	for (const struct jw_header *h = headers; h && h->name; h++)
		is_whole = add_line(run, h->name, "", h->value, ret_sent) && is_whole;
	if (bearer)
		is_whole =
			add_line(run, "Authorization", "Bearer ", bearer, ret_sent) && is_whole;
	if (body)
		is_whole = jw_run_secret(run, body, "body", &ret_sent->body) && is_whole;
	add_type(headers, ret_sent);
	if (origin) {
		jw_buf_printf(&ret_sent->text, "Origin: %s", origin);
		jw_buf_add(&ret_sent->text, "", 1);
	}
	cut_lines(ret_sent);
	return is_whole;
}

void jw_sent_done(struct jw_sent *sent)
{
	jw_buf_done(&sent->text);
	jw_buf_done(&sent->body);
}
