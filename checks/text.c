/* SPDX-License-Identifier: MIT */
/* The tokens of one text that came whole: an endpoint's answer, a program's output. */
#include "checks/text.h"

#include "base/utf.h"
#include "token/answer.h"
#include "token/find.h"
#include "token/pattern.h"

const char *const jw_text_selects[] = {"all", "first", "last", NULL};

enum jw_cause jw_text_check(const char *token, struct jw_err *err)
{
	const char *wrong = token ? jw_answer_pointer_wrong(jw_str_of(token)) : NULL;

	if (wrong)
		return jw_fail(err, JW_CONFIG, "token: %s", wrong);
	return JW_OK;
}

bool jw_text_add(struct jw_run *run, struct jw_text *text, struct jw_str token, size_t line)
{
	size_t index;

	if (!jw_run_token(run, token, text->place, line, &index))
		return false;
	if (jw_run_tokens(run)[index].round)
		return true;
	jw_run_tokens(run)[index].round = 1;
	if (text->met_count == text->met_size) {
		text->met_size = text->met_size ? 2 * text->met_size : 16;
		text->met = jw_xrealloc(text->met, text->met_size * sizeof(*text->met));
	}
	text->met[text->met_count++] = index;
	return true;
}

/* Tokens come in the order of the text. */
static size_t line_of(struct jw_text *text, struct jw_str bytes, struct jw_str token)
{
	size_t start = token.ptr ? (size_t)(token.ptr - bytes.ptr) : text->counted;

	for (; text->counted < start; text->counted++)
		text->line += bytes.ptr[text->counted] == '\n';
	return text->line + 1;
}

struct jw_str jw_text_decoded(struct jw_text *text, struct jw_str bytes)
{
	enum jw_encoding encoding = jw_utf_encoding(bytes);

	if (encoding != JW_ENCODING_UTF16LE && encoding != JW_ENCODING_UTF16BE)
		return bytes;
	jw_buf_init(&text->utf8, bytes.len * 3 / 2 + 3);
	jw_utf_from_16(bytes, encoding, &text->utf8);
	return jw_buf_get(&text->utf8);
}

enum jw_next jw_text_match(struct jw_run *run, struct jw_text *text, const char *pattern,
			   struct jw_str bytes)
{
	const struct jw_budget budget = {jw_run_elapsed_ms, run,
					 jw_run_elapsed_ms(run) + jw_run_left_ms(run)};
	size_t at = 0;
	bool found = true;
	struct jw_str token;
	struct jw_err err;

	if (!bytes.len)
		return jw_run_fail(run, text->place, JW_TOKEN_NOT_FOUND, "%s is empty",
				   text->what);
	if (jw_pattern_new(jw_str_of(pattern), &text->pattern, &err))
		return jw_run_fail(run, NULL, err.cause, "%s", err.text);
	while (found) {
		if (jw_pattern_next(text->pattern, bytes, &budget, &at, &found, &token, &err))
			return jw_run_fail(run, text->place, err.cause, "%s", err.text);
		if (found && !jw_text_add(run, text, token, line_of(text, bytes, token)))
			break;
	}
	if (!text->met_count)
		return jw_run_fail(run, text->place, JW_TOKEN_NOT_FOUND,
				   "the pattern matches nowhere in %zu bytes", bytes.len);
	return JW_NEXT;
}

bool jw_text_scan(struct jw_run *run, struct jw_text *text, struct jw_str bytes)
{
	size_t at = 0;
	struct jw_str token;

	while (jw_find_next(bytes, JW_FIND_LAST, &at, &token))
		if (!jw_text_add(run, text, token, line_of(text, bytes, token)))
			break;
	return text->met_count > 0;
}

void jw_text_done(struct jw_text *text)
{
	jw_pattern_free(text->pattern);
	jw_buf_done(&text->utf8);
	free(text->met);
}

bool jw_text_are_numbers(const char *const *texts, uint64_t min, uint64_t max)
{
	uint64_t n;

	for (; texts && *texts; texts++)
		if (!jw_str_u64(jw_str_of(*texts), max, &n) || n < min)
			return false;
	return true;
}

bool jw_text_has_number(const char *const *texts, uint64_t wanted)
{
	uint64_t n;

	for (; *texts; texts++)
		if (jw_str_u64(jw_str_of(*texts), UINT64_MAX, &n) && n == wanted)
			return true;
	return false;
}
