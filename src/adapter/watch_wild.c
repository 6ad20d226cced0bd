/* SPDX-License-Identifier: MIT */
/* The way of a glob: each folder that it is looked for in, and each file that it names. */
#include "adapter/watch_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>

/* Beyond any of these it is polled, for what is within them. */
#define ENTRIES_MAX 200000
#define FOLDERS_MAX 4096
#define DEPTH_MAX 64

static bool is_hidden(const char *name)
{
	return name[0] == '.';
}

static bool is_within(struct jw_way *way)
{
	if (way->entries++ < ENTRIES_MAX && way->folder_count < FOLDERS_MAX)
		return true;
	way->is_unsure = true;
	return false;
}

static DIR *open_folder(struct jw_way *way, int32_t folder)
{
	DIR *dir = opendir(way->folders[folder].path);

	if (!dir && errno != ENOENT && errno != ENOTDIR)
		way->is_unsure = true;
	return dir;
}

static bool is_folder(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISDIR(st.st_mode);
}

/* Entries of the folder whose names fit, and what the rest of the glob names behind them. */
static void fit(struct jw_way *way, int32_t folder, const char *pattern, struct jw_str rest)
{
	DIR *dir = open_folder(way, folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) && is_within(way)) {
		if (fnmatch(pattern, entry->d_name, FNM_PERIOD))
			continue;
		jw_way_member(way, folder, jw_str_of(entry->d_name), rest);
	}
	if (dir)
		closedir(dir);
}

static void below(struct jw_way *way, int32_t folder, struct jw_str rest)
{
	DIR *dir;
	const struct dirent *entry;

	if (way->depth == DEPTH_MAX) {
		way->is_unsure = true;
		return;
	}
	way->depth++;
	if (jw_way_watch(way, folder, rest.len ? JW_WAY_MASK : JW_FILE_MASK)) {
		jw_way_hop(way, folder, JW_STR("*"),
			   JW_HOP_WILD | (rest.len ? JW_HOP_WAY : JW_HOP_FILE));
		if (rest.len)
			jw_way_globs(way, folder, rest);
		else
			fit(way, folder, "*", rest);
		dir = open_folder(way, folder);
		while (dir && (entry = readdir(dir)) && is_within(way))
			if (!is_hidden(entry->d_name) && is_folder(dir, entry))
				below(way, jw_way_child(way, folder, jw_str_of(entry->d_name)),
				      rest);
		if (dir)
			closedir(dir);
	}
	way->depth--;
}

void jw_way_wild(struct jw_way *way, int32_t folder, struct jw_str pattern, struct jw_str rest)
{
	bool is_last = !rest.len;

	if (jw_str_is(pattern, "**")) {
		while (jw_str_starts(rest, "**/"))
			rest = jw_str_from(rest, 3);
		if (jw_str_is(rest, "**"))
			rest = jw_str_from(rest, rest.len);
		below(way, folder, rest);
		return;
	}
	if (!jw_way_watch(way, folder, is_last ? JW_FILE_MASK : JW_WAY_MASK))
		return;
	jw_way_hop(way, folder, pattern, JW_HOP_WILD | (is_last ? JW_HOP_FILE : JW_HOP_WAY));
	fit(way, folder, jw_arena_text(&way->arena, pattern), rest);
}
