/* SPDX-License-Identifier: MIT */
/* A walker of globs with limits, which glob(3) hasn't. */
#include "adapter/glob.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#include "adapter/adapter.h"

#define ENTRIES_MAX 2000000
#define PATHS_MAX 100000

struct walk {
	struct jw_arena *arena;
	struct jw_paths paths;
	size_t entries;
	int64_t deadline_ms;
	bool is_over;	     /* the deadline, or the limit on entries */
	enum jw_cause cause; /* the first thing that went wrong */
	struct jw_err *err;
};

static bool is_wild(struct jw_str s)
{
	return jw_str_has(s, "*") || jw_str_has(s, "?") || jw_str_has(s, "[");
}

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

static void list(struct walk *walk, struct jw_buf *path, const char *pattern,
		 struct jw_str rest)
{
	DIR *folder = opendir(path->len ? path->ptr : ".");
	struct dirent *entry;

	if (!folder) {
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP && !walk->cause)
			walk->cause = jw_fail(
				walk->err, JW_FILE_UNREADABLE, "folder %s can't be listed: %s",
				path->len ? path->ptr : ".", strerrordesc_np(errno));
		return;
	}
	while (!is_over(walk) && (entry = readdir(folder))) {
		walk->entries++;
		if (!fnmatch(pattern, entry->d_name, FNM_PERIOD))
			step(walk, path, jw_str_of(entry->d_name), rest);
	}
	closedir(folder);
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
	if (!is_wild(name)) {
		if (slashes.len && jw_buf_str(path, name) && jw_buf_str(path, slashes))
			descend(walk, path, rest);
		else if (!slashes.len)
			step(walk, path, name, (struct jw_str){0});
		path->len = len;
		path->ptr[len] = '\0';
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

enum jw_cause jw_adapter_glob(void *self, const char *glob, struct jw_arena *arena,
			      int64_t deadline_ms, struct jw_paths *ret_paths,
			      struct jw_err *err)
{
	struct walk walk = {.arena = arena, .deadline_ms = deadline_ms, .err = err};
	struct jw_str text = jw_str_of(glob);
	jw_autobuf struct jw_buf path = JW_BUF(PATH_MAX);

	(void)self;
	jw_buf_text(&path, "");
	if (is_wild(text)) {
		descend(&walk, &path, text);
	} else {
		walk.paths.items = jw_arena_array(arena, 1, sizeof(*walk.paths.items));
		walk.paths.items[walk.paths.count++] = jw_arena_text(arena, text);
	}
	if (walk.paths.count > 1)
		qsort(walk.paths.items, walk.paths.count, sizeof(*walk.paths.items), bytewise);
	*ret_paths = walk.paths;
	return walk.cause;
}
