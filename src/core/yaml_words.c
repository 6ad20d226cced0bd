/* SPDX-License-Identifier: MIT */
/* Tabs and ${...}, which YAML takes for something else. */
#include "core/yaml_words.h"

struct jw_mark jw_yaml_mark(struct jw_str text, size_t offset)
{
	struct jw_mark mark = {1, 1};

	for (size_t i = 0; i < offset && i < text.len; i++) {
		if (text.ptr[i] == '\n')
			mark = (struct jw_mark){mark.line + 1, 1};
		else if (((unsigned char)text.ptr[i] & 0xc0) != 0x80)
			mark.column++;
	}
	return mark;
}

/* The text from the beginning of a line on; lines and columns count from 0. */
static struct jw_str from_line(struct jw_str text, size_t line)
{
	struct jw_str before;

	while (line && jw_str_cut(text, '\n', &before, &text))
		line--;
	return text;
}

static struct jw_str from_column(struct jw_str s, size_t column)
{
	size_t at = 0;

	while (at < s.len && (column || ((unsigned char)s.ptr[at] & 0xc0) == 0x80))
		column -= ((unsigned char)s.ptr[at++] & 0xc0) != 0x80;
	return jw_str_from(s, at);
}

const char *jw_yaml_likely(struct jw_str text, struct jw_mark *at)
{
	struct jw_str line = from_line(text, at->line - 1);
	struct jw_str indented = line;
	struct jw_mark tab = {at->line, 1};

	for (; jw_str_starts(indented, " "); indented = jw_str_from(indented, 1))
		tab.column++;
	if (jw_str_starts(indented, "\t")) {
		*at = tab;
		return "a tab indents this line, and YAML takes spaces only: put spaces in its "
		       "place";
	}
	if (at->column < 2 || !jw_str_starts(from_column(line, at->column - 2), "${"))
		return NULL;
	return "${...} isn't filled in here, and its braces are YAML's own: write the name "
	       "alone, as in {env: NAME}, or put a text that holds braces into quotes";
}
