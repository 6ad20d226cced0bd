/* SPDX-License-Identifier: MIT */
/* Targets for the files in which tokens were found: a name for each, no two the same. */
#include <stdio.h>
#include <string.h>

#include "base/utf.h"
#include "core/discover.h"
#include "core/value.h"
#include "token/find.h"

/* Of one part of a name. */
#define PART_MAX 48

/* Names that are taken, and the number that the next one like it gets. */
struct names {
	struct name {
		const char *text; /* NULL: free */
		size_t next;
	} * slots;
	size_t count; /* a power of two, more than twice as many as there are files */
};

static struct name *name_slot(const struct names *names, const char *text)
{
	uint64_t hash = jw_str_hash(jw_str_of(text));
	size_t at;

	for (at = hash % names->count; names->slots[at].text; at = (at + 1) % names->count)
		if (!strcmp(names->slots[at].text, text))
			break;
	return &names->slots[at];
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/* What is plain of it, other bytes as one '-'. */
static const char *part(struct jw_str s, struct jw_arena *arena)
{
	char *text = jw_arena_alloc(arena, PART_MAX + 1);
	size_t len = 0;

	for (size_t i = 0; i < s.len && len < PART_MAX; i++) {
		if (is_plain(s.ptr[i]) && (len || s.ptr[i] != '-'))
			text[len++] = s.ptr[i];
		else if (len && text[len - 1] != '-')
			text[len++] = '-';
	}
	while (len && text[len - 1] == '-')
		len--;
	text[len] = '\0';
	return text;
}

/* The last two parts of a path; of the last one what is in front of its ".html". */
static void last_parts(const char *path, struct jw_arena *arena, const char **ret_folder,
		       const char **ret_file)
{
	struct jw_str file = jw_str_of(path);
	struct jw_str folder = {0};
	struct jw_str before;
	struct jw_str rest = file;
	const char *dot;

	while (jw_str_cut(rest, '/', &before, &rest)) {
		folder = before;
		file = rest;
	}
	dot = file.len > 1 ? memrchr(file.ptr + 1, '.', file.len - 1) : NULL;
	if (dot)
		file.len = (size_t)(dot - file.ptr);
	*ret_folder = part(folder, arena);
	*ret_file = part(file, arena);
	if (!**ret_file)
		*ret_file = "page";
}

static const char *numbered(struct names *names, const char *text, struct jw_arena *arena)
{
	struct name *like = name_slot(names, text);
	const char *name;

	do
		name = jw_arena_printf(arena, "%s-%zu", text, ++like->next);
	while (name_slot(names, name)->text);
	return name;
}

/* The file's own name, else with its folder in front, else with a number. */
static const char *name_for(struct names *names, const char *path, struct jw_arena *arena)
{
	const char *folder;
	const char *file;
	const char *name;

	last_parts(path, arena, &folder, &file);
	name = file;
	if (name_slot(names, name)->text && *folder)
		name = jw_arena_printf(arena, "%s-%s", folder, file);
	if (name_slot(names, name)->text)
		name = numbered(names, name, arena);
	*name_slot(names, name) = (struct name){name, 1};
	return name;
}

/* What a glob takes for more than a character is put in brackets; a backslash means something beside these. */
static void escape_part(struct jw_str s, struct jw_buf *buf)
{
	bool is_wild = false;

	for (size_t i = 0; i < s.len; i++)
		is_wild = is_wild || s.ptr[i] == '*' || s.ptr[i] == '?' || s.ptr[i] == '[';
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (is_wild && c == '\\')
			jw_buf_text(buf, "\\\\");
		else if (c == '*' || c == '?' || c == '[')
			jw_buf_printf(buf, "[%c]", c);
		else
			jw_buf_char(buf, c);
	}
}

const char *jw_discover_glob(const char *path, struct jw_arena *arena)
{
	jw_autobuf struct jw_buf buf = JW_BUF(4 * JW_VALUE_PATH_MAX);
	struct jw_str rest = jw_str_of(path);
	struct jw_str before;

	if (!strpbrk(path, "*?["))
		return path;
	while (jw_str_cut(rest, '/', &before, &rest)) {
		escape_part(before, &buf);
		jw_buf_char(&buf, '/');
	}
	escape_part(rest, &buf);
	return jw_arena_text(arena, jw_buf_get(&buf));
}

/* Neither what isn't UTF-8 nor what looks like a token comes out as it is. */
static bool is_writable(const char *path)
{
	jw_autofree char *scrubbed = jw_xstrdup(path);

	jw_find_scrub(scrubbed);
	return jw_utf_is_valid(jw_str_of(path)) && !strcmp(scrubbed, path);
}

static void add_file(struct jw_discovery *discovery, size_t first, size_t count,
		     struct names *names, struct jw_arena *arena)
{
	struct jw_found_file *file = &discovery->files[discovery->file_count++];
	const struct jw_found *found = &discovery->found[first];

	*file = (struct jw_found_file){.path = found->path, .found = found, .count = count};
	file->glob = jw_discover_glob(file->path, arena);
	for (size_t i = 0; i < count; i++)
		file->has_livekit = file->has_livekit || found[i].token->is_livekit;
	discovery->livekit_count += file->has_livekit;
	if (is_writable(file->path) && strlen(file->glob) <= JW_VALUE_PATH_MAX)
		file->name = name_for(names, file->path, arena);
}

void jw_discover_targets(struct jw_discovery *discovery, struct jw_arena *arena)
{
	struct names names = {.count = 16};
	size_t first = 0;

	while (names.count < 4 * discovery->found_count)
		names.count *= 2;
	names.slots = jw_xcalloc(names.count, sizeof(*names.slots));
	discovery->files =
		jw_arena_array(arena, discovery->found_count, sizeof(*discovery->files));
	for (size_t i = 0; i < discovery->found_count; i++) {
		if (i + 1 < discovery->found_count &&
		    !strcmp(discovery->found[i].path, discovery->found[i + 1].path))
			continue;
		add_file(discovery, first, i + 1 - first, &names, arena);
		first = i + 1;
	}
	free(names.slots);
}
