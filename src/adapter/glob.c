/* SPDX-License-Identifier: MIT */
/* A walker of globs with limits, which glob(3) hasn't. */
#include "adapter/glob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "adapter/adapter.h"

#define ENTRIES_MAX 2000000
#define PATHS_MAX 100000
/* Of folders in each other that ** goes into: deeper ones were not meant, or never end. */
#define DEPTH_MAX 100

struct walk {
	struct jw_arena *arena;
	struct jw_paths paths;
	size_t entries;
	size_t depth; /* of folders that ** went into */
	int64_t deadline_ms;
	bool is_over;	     /* the deadline, or the limit on entries */
	enum jw_cause cause; /* the first thing that went wrong */
	struct jw_err *err;
};

static void add(struct walk *walk, struct jw_str path)
{
	struct jw_paths *paths = &walk->paths;

	if (paths->count == PATHS_MAX) {
		if (!walk->cause)
			walk->cause = jw_fail(
				walk->err, JW_FILE_UNREADABLE,
				"the glob names more than %d files: the rest isn't checked",
				PATHS_MAX);
		return;
	}
	paths->items =
		jw_arena_grow(walk->arena, paths->items, paths->count, sizeof(*paths->items));
	paths->items[paths->count++] = jw_arena_text(walk->arena, path);
}

static void descend(struct walk *walk, struct jw_buf *path, struct jw_str rest);

/* path + name, and on to what is left of the glob; path is as before afterwards. */
static void step(struct walk *walk, struct jw_buf *path, struct jw_str name, struct jw_str rest)
{
	size_t len = path->len;
	struct stat st;

	if (jw_buf_str(path, name)) {
		/* A link that leads nowhere is taken too: opening it tells what is wrong. */
		if (!rest.len && !lstat(path->ptr, &st) &&
		    (stat(path->ptr, &st) || !S_ISDIR(st.st_mode)))
			add(walk, jw_buf_get(path));
		else if (rest.len)
			descend(walk, path, rest);
	}
	path->len = len;
	path->ptr[len] = '\0';
}

/* Looks at the clock now and then: a call for each entry would cost more than the entry. */
static bool is_over(struct walk *walk)
{
	if (walk->is_over)
		return true;
	if (walk->entries == ENTRIES_MAX)
		walk->cause = jw_fail(walk->err, JW_FILE_UNREADABLE,
				      "more than %d folder entries on the way of the glob",
				      ENTRIES_MAX);
	else if (walk->entries % 256 == 0 &&
		 jw_adapter_clock.monotonic_ms(NULL) > walk->deadline_ms)
		walk->cause =
			jw_fail(walk->err, JW_DEADLINE, "listing the folders took too long");
	else
		return false;
	walk->is_over = true;
	return true;
}

/* What isn't there, or is no folder, has no entries; anything else is told. */
static DIR *open_folder(struct walk *walk, const struct jw_buf *path)
{
	const char *name = path->len ? path->ptr : ".";
	DIR *folder = opendir(name);

	if (!folder && errno != ENOENT && errno != ENOTDIR && errno != ELOOP && !walk->cause)
		walk->cause =
			jw_fail(walk->err, JW_FILE_UNREADABLE, "folder %s can't be listed: %s",
				name, strerrordesc_np(errno));
	return folder;
}

static void list(struct walk *walk, struct jw_buf *path, const char *pattern,
		 struct jw_str rest)
{
	DIR *folder = open_folder(walk, path);
	struct dirent *entry;

	if (!folder)
		return;
	while (!is_over(walk) && (entry = readdir(folder))) {
		walk->entries++;
		if (!fnmatch(pattern, entry->d_name, FNM_PERIOD))
			step(walk, path, jw_str_of(entry->d_name), rest);
	}
	closedir(folder);
}

/* Not through a link: it could lead back, and what it leads to has a place of its own. */
static bool is_folder(DIR *folder, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISDIR(st.st_mode);
}

/* The folders in `path` that aren't hidden, each ended by a NUL: read to the end before any is gone into, since as
 * many may be open as there are in each other. */
static void list_folders(struct walk *walk, const struct jw_buf *path, struct jw_buf *names)
{
	DIR *folder = open_folder(walk, path);
	struct dirent *entry;

	if (!folder)
		return;
	while (!is_over(walk) && (entry = readdir(folder))) {
		walk->entries++;
		if (entry->d_name[0] != '.' && is_folder(folder, entry))
			jw_buf_add(names, entry->d_name, strlen(entry->d_name) + 1);
	}
	closedir(folder);
}

static void go_into(struct walk *walk, struct jw_buf *path, struct jw_str rest);

/* What `rest` names in this folder and, by **, in all folders below it. */
static void spread(struct walk *walk, struct jw_buf *path, struct jw_str rest)
{
	if (rest.len)
		descend(walk, path, rest);
	else
		list(walk, path, "*", rest);
	go_into(walk, path, rest);
}

static void go_into(struct walk *walk, struct jw_buf *path, struct jw_str rest)
{
	jw_autobuf struct jw_buf names = JW_BUF((size_t)ENTRIES_MAX * (NAME_MAX + 1));
	size_t len = path->len;
	struct jw_str name;

	list_folders(walk, path, &names);
	if (names.len && walk->depth == DEPTH_MAX) {
		if (!walk->cause)
			walk->cause = jw_fail(walk->err, JW_FILE_UNREADABLE,
					      "folders lie more than %d deep in each other: "
					      "what is deeper isn't looked at",
					      DEPTH_MAX);
		return;
	}
	walk->depth++;
	for (size_t at = 0; at < names.len && !walk->is_over; at += name.len + 1) {
		name = jw_str_of(names.ptr + at);
		if (jw_buf_str(path, name) && jw_buf_char(path, '/'))
			spread(walk, path, rest);
		path->len = len;
		path->ptr[len] = '\0';
	}
	walk->depth--;
}

/* The first component of `rest`, with the slashes behind it. */
static struct jw_str component(struct jw_str rest, struct jw_str *ret_slashes)
{
	size_t len = 0;
	size_t end;

	while (len < rest.len && rest.ptr[len] != '/')
		len++;
	for (end = len; end < rest.len && rest.ptr[end] == '/'; end++)
		;
	*ret_slashes = (struct jw_str){rest.ptr + len, end - len};
	return jw_str_head(rest, len);
}

static void descend(struct walk *walk, struct jw_buf *path, struct jw_str rest)
{
	struct jw_str slashes;
	struct jw_str name = component(rest, &slashes);
	size_t len = path->len;
	char pattern[NAME_MAX + 1];

	rest = jw_str_from(rest, name.len + slashes.len);
	if (!jw_is_glob(name)) {
		if (slashes.len && jw_buf_str(path, name) && jw_buf_str(path, slashes))
			descend(walk, path, rest);
		else if (!slashes.len)
			step(walk, path, name, (struct jw_str){0});
		path->len = len;
		path->ptr[len] = '\0';
		return;
	}
	if (jw_str_is(name, "**")) {
		/* Behind it one more ** names nothing more. */
		while (jw_str_starts(rest, "**/"))
			rest = jw_str_from(rest, 3);
		if (jw_str_is(rest, "**") || (!rest.len && !slashes.len))
			spread(walk, path, (struct jw_str){0});
		else if (rest.len)
			spread(walk, path, rest);
		return;
	}
	if (name.len > NAME_MAX)
		return;
	memcpy(pattern, name.ptr, name.len);
	pattern[name.len] = '\0';
	/* What comes behind a wild folder starts with its slash. */
	list(walk, path, pattern,
	     slashes.len ? (struct jw_str){slashes.ptr, slashes.len + rest.len} : rest);
}

static int bytewise(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Several ** can lead to one file in more than one way. */
static void drop_repeated(struct jw_paths *paths)
{
	size_t kept = 1;

	for (size_t i = 1; i < paths->count; i++)
		if (strcmp(paths->items[i], paths->items[kept - 1]) != 0)
			paths->items[kept++] = paths->items[i];
	paths->count = kept;
}

enum jw_cause jw_adapter_glob(void *self, const char *glob, struct jw_arena *arena,
			      int64_t deadline_ms, struct jw_paths *ret_paths,
			      struct jw_err *err)
{
	struct walk walk = {.arena = arena, .deadline_ms = deadline_ms, .err = err};
	struct jw_str text = jw_str_of(glob);
	jw_autobuf struct jw_buf path = JW_BUF(PATH_MAX);

	(void)self;
	jw_buf_text(&path, "");
	if (jw_is_glob(text)) {
		descend(&walk, &path, text);
	} else {
		walk.paths.items = jw_arena_array(arena, 1, sizeof(*walk.paths.items));
		walk.paths.items[walk.paths.count++] = jw_arena_text(arena, text);
	}
	if (walk.paths.count > 1) {
		qsort(walk.paths.items, walk.paths.count, sizeof(*walk.paths.items), bytewise);
		drop_repeated(&walk.paths);
	}
	*ret_paths = walk.paths;
	return walk.cause;
}
