/* SPDX-License-Identifier: MIT */
/* What a program says on standard error, made fit for a message. */
#include "checks/complaint.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf.h"
#include "token/find.h"

/* Shorter ones are words that everybody uses. */
#define SECRET_MIN 5
#define LINE_MAX 300
#define MASK "***"
#define MASK_LEN (sizeof(MASK) - 1)

/* In place, since a mask is shorter than a secret. */
static void mask(char *text, struct jw_str secret)
{
	size_t len = strlen(text);
	char *at = text;

	if (secret.len < SECRET_MIN)
		return;
	while ((at = memmem(at, len - (size_t)(at - text), secret.ptr, secret.len))) {
		size_t rest = len - (size_t)(at - text) - secret.len;

		memcpy(at, MASK, MASK_LEN);
		memmove(at + MASK_LEN, at + secret.len, rest + 1);
		at += MASK_LEN;
		len -= secret.len - MASK_LEN;
	}
}

/* Line by line: programs that show a key of many lines show it so. */
static void mask_lines(char *text, struct jw_str secret)
{
	while (secret.len) {
		struct jw_str line = secret;

		if (!jw_str_cut(secret, '\n', &line, &secret))
			secret = (struct jw_str){0};
		mask(text, jw_str_trim(line));
	}
}

static struct jw_str last_line(struct jw_str text)
{
	const char *start;

	text = jw_str_trim(text);
	start = text.len ? memrchr(text.ptr, '\n', text.len) : NULL;
	return jw_str_trim(start ? jw_str_from(text, (size_t)(start + 1 - text.ptr)) : text);
}

void jw_complaint(struct jw_str complaint, const char *const *secrets, struct jw_buf *buf)
{
	jw_autofree char *text = jw_xcalloc(complaint.len + 1, 1);
	struct jw_str line;

	for (size_t i = 0; i < complaint.len; i++)
		text[i] = complaint.ptr[i] ? complaint.ptr[i] : '?';
	for (; secrets && *secrets; secrets++)
		mask_lines(text, jw_str_of(*secrets));
	jw_find_scrub(text);
	line = last_line(jw_str_of(text));
	jw_utf_show(buf, jw_str_head(line, LINE_MAX));
	if (line.len > LINE_MAX)
		jw_buf_text(buf, "...");
}
