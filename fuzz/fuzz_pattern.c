/* SPDX-License-Identifier: MIT */
/* A pattern in the first line and a page behind it: matches lie in the page, shortcuts change nothing. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "token/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REGEX_MAX 128
#define TEXT_MAX 1024
#define LOOKS_MAX 5000

#define MUST(condition) must((condition), #condition)

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "doesn't hold: %s\n", what);
	abort();
}

/* A clock that counts how often it is looked at. */
static int64_t count_looks(void *context)
{
	return ++*(int64_t *)context;
}

static void check_match(struct jw_str text, struct jw_str match)
{
	MUST(match.len <= text.len);
	MUST(!match.ptr || !text.len ||
	     (match.ptr >= text.ptr && match.ptr + match.len <= text.ptr + text.len));
}

/* All matches, by place; false where a limit ended the search. */
static bool find_all(struct jw_pattern *pattern, struct jw_str text, struct jw_buf *found)
{
	int64_t looks = 0;
	struct jw_budget budget = {count_looks, &looks, LOOKS_MAX};
	size_t at = 0;
	bool more = true;

	while (more) {
		struct jw_str match = {0};
		struct jw_err err = {0};
		size_t before = at;
		enum jw_cause cause =
			jw_pattern_next(pattern, text, &budget, &at, &more, &match, &err);

		MUST(!cause || cause == JW_PATTERN_LIMIT);
		MUST(!cause == !err.text[0]);
		if (cause)
			return false;
		MUST(more ? at > before && at <= text.len + 1 : at == before);
		check_match(text, match);
		if (more)
			jw_buf_printf(found, "%td+%zu to %zu, ",
				      match.ptr ? match.ptr - text.ptr : -1, match.len, at);
	}
	return true;
}

/* In a group a pattern means the same, but the search can't know what it begins with. */
static struct jw_pattern *in_group(struct jw_str regex)
{
	jw_autobuf struct jw_buf group = JW_BUF(REGEX_MAX + 8);
	struct jw_pattern *pattern = NULL;

	jw_buf_text(&group, "(?:");
	jw_buf_str(&group, regex);
	jw_buf_text(&group, ")");
	jw_pattern_new(jw_buf_get(&group), &pattern, NULL);
	return pattern;
}

static void compare(struct jw_pattern *pattern, struct jw_pattern *grouped, struct jw_str text)
{
	jw_autobuf struct jw_buf found = JW_BUF(1 << 20);
	jw_autobuf struct jw_buf wanted = JW_BUF(1 << 20);

	if (!find_all(pattern, text, &found) || !grouped || !find_all(grouped, text, &wanted))
		return;
	MUST(jw_str_eq(jw_buf_get(&found), jw_buf_get(&wanted)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jw_str input = {(const char *)data, size};
	struct jw_str regex;
	struct jw_str text;
	struct jw_pattern *pattern = NULL;
	struct jw_pattern *grouped;
	struct jw_err err = {0};

	if (!jw_str_cut(input, '\n', &regex, &text) || regex.len > REGEX_MAX ||
	    text.len > TEXT_MAX)
		return 0;
	if (jw_pattern_new(regex, &pattern, &err)) {
		MUST(err.cause == JW_CONFIG && err.text[0] && !pattern);
		return 0;
	}
	grouped = in_group(regex);
	compare(pattern, grouped, text);
	jw_pattern_free(grouped);
	jw_pattern_free(pattern);
	return 0;
}
