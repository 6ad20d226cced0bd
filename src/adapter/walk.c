/* SPDX-License-Identifier: MIT */
/* A walk through folders: each file opened once and read into one buffer, nothing followed, nothing waited for. */
#include "adapter/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES_MAX 2000000
/* Folders within folders; each holds a descriptor while those in it are walked. */
#define DEPTH_MAX 256
/* Small enough to stay in the processor's cache until it has been looked through. */
#define WINDOW ((size_t)256 * 1024)
#define PATH_BYTES ((size_t)1 << 20)

struct walk {
	const struct jw_visitor *visitor;
	struct jw_walked *walked;
	struct jw_buf path; /* of what is at hand */
	struct jw_buf bytes;
	dev_t device; /* of the folder that was named */
	size_t entries;
	size_t depth;
};

struct entry {
	const char *name;
	unsigned char type; /* DT_REG ... */
};

struct listing {
	struct jw_arena arena;
	struct entry *items;
	size_t count;
};

static void trouble(struct walk *walk, const char *says)
{
	walk->visitor->trouble(walk->visitor->context, walk->path.ptr, says);
}

static void trouble_of(struct walk *walk, int number)
{
	struct jw_err err;

	if (number == EACCES)
		jw_fail(&err, JW_FILE_UNREADABLE, "permission denied for uid %u",
			(unsigned)geteuid());
	else
		jw_fail(&err, JW_FILE_UNREADABLE, "%s", strerrordesc_np(number));
	trouble(walk, err.text);
}

/* The length of the path before, for leave. */
static size_t enter(struct walk *walk, const char *name)
{
	size_t len = walk->path.len;

	if (len && walk->path.ptr[len - 1] != '/')
		jw_buf_char(&walk->path, '/');
	jw_buf_text(&walk->path, name);
	return len;
}

static void leave(struct walk *walk, size_t len)
{
	walk->path.len = len;
	walk->path.ptr[len] = '\0';
}

/* False at the end of the file, or where it can't be read, which has been said. */
static bool fill(struct walk *walk, int fd, size_t room)
{
	struct jw_buf *bytes = &walk->bytes;
	ssize_t len;

	do
		len = read(fd, bytes->ptr + bytes->len, room);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		trouble_of(walk, errno);
	if (len <= 0)
		return false;
	bytes->len += (size_t)len;
	bytes->ptr[bytes->len] = '\0';
	return true;
}

/* One window after the other, up to the size that the file has now: one that grows has no end. */
static void show(struct walk *walk, int fd, size_t size)
{
	const struct jw_visitor *visitor = walk->visitor;
	struct jw_buf *bytes = &walk->bytes;
	size_t left = size ? size : WINDOW;
	size_t used = 0;

	walk->walked->files++;
	jw_buf_clear(bytes);
	while (used != SIZE_MAX) {
		size_t room = bytes->max - bytes->len;
		size_t before;
		bool is_more;

		room = room < left ? room : left;
		before = bytes->len;
		is_more = room && fill(walk, fd, room);
		left -= bytes->len - before;
		used = visitor->bytes(visitor->context, walk->path.ptr, jw_buf_get(bytes),
				      is_more && left ? JW_READ_MORE : JW_READ_END);
		if (!is_more || !left)
			return;
		if (used != SIZE_MAX)
			jw_buf_consume(bytes, used);
	}
}

static bool is_on_same(struct walk *walk, const struct stat *st)
{
	return st->st_dev == walk->device;
}

/* O_NONBLOCK: what became a pipe since it was listed is opened at once. */
static void look_at_file(struct walk *walk, int folder, const char *name, int flags)
{
	int fd = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | flags);
	struct stat st;

	if (fd < 0) {
		/* Taken away, or replaced by a link, since it was listed. */
		if (errno != ENOENT && errno != ELOOP)
			trouble_of(walk, errno);
		return;
	}
	if (fstat(fd, &st))
		trouble_of(walk, errno);
	else if (S_ISREG(st.st_mode))
		show(walk, fd, (size_t)st.st_size);
	close(fd);
}

static void look_at_link(struct walk *walk, int folder, const char *name)
{
	struct stat st;

	if (fstatat(folder, name, &st, 0)) {
		if (errno == EACCES)
			trouble_of(walk, errno);
	} else if (S_ISREG(st.st_mode)) {
		look_at_file(walk, folder, name, 0);
	} else if (S_ISDIR(st.st_mode)) {
		walk->walked->linked_folders++;
	}
}

static void look_into_folder(struct walk *walk, int fd);

static bool is_passed_over(const char *name)
{
	return name[0] == '.' || !strcmp(name, "node_modules");
}

static void look_at_folder(struct walk *walk, int folder, const char *name)
{
	int fd;
	struct stat st;

	if (is_passed_over(name)) {
		walk->walked->hidden_folders++;
		return;
	}
	/* Looked at before it is opened, which mounts what is mounted on demand. */
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		return;
	if (!is_on_same(walk, &st)) {
		walk->walked->mounts++;
		return;
	}
	fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		look_into_folder(walk, fd);
	else if (errno != ENOENT && errno != ENOTDIR)
		trouble_of(walk, errno);
}

static unsigned char type_of(int folder, const char *name)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW))
		return DT_UNKNOWN;
	return S_ISREG(st.st_mode)   ? DT_REG
	       : S_ISDIR(st.st_mode) ? DT_DIR
	       : S_ISLNK(st.st_mode) ? DT_LNK
				     : DT_UNKNOWN;
}

static int bytewise(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* False where the limit on entries is met. */
static bool list(struct walk *walk, DIR *dir, struct listing *listing)
{
	const struct dirent *entry;

	errno = 0;
	while ((entry = readdir(dir))) {
		if (is_dots(entry->d_name))
			continue;
		if (walk->entries++ == ENTRIES_MAX)
			return false;
		listing->items = jw_arena_grow(&listing->arena, listing->items, listing->count,
					       sizeof(*listing->items));
		listing->items[listing->count++] = (struct entry){
			jw_arena_text(&listing->arena, jw_str_of(entry->d_name)),
			entry->d_type,
		};
	}
	if (errno)
		trouble_of(walk, errno);
	if (listing->count)
		qsort(listing->items, listing->count, sizeof(*listing->items), bytewise);
	return true;
}

static void look_at(struct walk *walk, int folder, struct entry entry)
{
	size_t len = enter(walk, entry.name);

	if (entry.type == DT_UNKNOWN)
		entry.type = type_of(folder, entry.name);
	if (entry.type == DT_REG)
		look_at_file(walk, folder, entry.name, O_NOFOLLOW);
	else if (entry.type == DT_DIR)
		look_at_folder(walk, folder, entry.name);
	else if (entry.type == DT_LNK)
		look_at_link(walk, folder, entry.name);
	leave(walk, len);
}

static void cut(struct walk *walk, const char *says)
{
	if (!walk->walked->is_cut)
		trouble(walk, says);
	walk->walked->is_cut = true;
}

/* Closes fd. */
static void look_into_folder(struct walk *walk, int fd)
{
	struct listing listing = {0};
	DIR *dir;

	if (walk->depth == DEPTH_MAX || walk->path.len > PATH_BYTES / 2) {
		trouble(walk, "lies too deep, in more than 256 folders: what is in it wasn't "
			      "looked at");
		close(fd);
		return;
	}
	dir = fdopendir(fd);
	if (!dir) {
		trouble_of(walk, errno);
		close(fd);
		return;
	}
	walk->depth++;
	if (!list(walk, dir, &listing))
		cut(walk, "more than 2000000 folder entries: the rest wasn't looked at");
	for (size_t i = 0; i < listing.count && !walk->walked->is_cut; i++)
		look_at(walk, fd, listing.items[i]);
	walk->depth--;
	closedir(dir);
	jw_arena_done(&listing.arena);
}

static void look_at_root(struct walk *walk)
{
	const char *path = walk->path.ptr;
	struct stat st;
	int fd;

	if (stat(path, &st)) {
		trouble_of(walk, errno);
	} else if (S_ISREG(st.st_mode)) {
		look_at_file(walk, AT_FDCWD, path, 0);
	} else if (!S_ISDIR(st.st_mode)) {
		trouble(walk, "is neither a file nor a folder");
	} else {
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		walk->device = st.st_dev;
		if (fd < 0)
			trouble_of(walk, errno);
		else
			look_into_folder(walk, fd);
	}
}

void jw_adapter_walk(void *self, const char *path, const struct jw_visitor *visitor,
		     struct jw_walked *walked)
{
	struct walk walk = {
		.visitor = visitor,
		.walked = walked,
		.path = JW_BUF(PATH_BYTES),
		.bytes = JW_BUF(WINDOW),
	};

	(void)self;
	jw_buf_text(&walk.path, path);
	jw_buf_reserve(&walk.bytes, WINDOW);
	look_at_root(&walk);
	jw_buf_done(&walk.path);
	jw_buf_done(&walk.bytes);
}

/* ".." stays: behind a link it leads elsewhere than the text says. */
enum jw_cause jw_adapter_absolute(void *self, const char *path, struct jw_buf *to,
				  struct jw_err *err)
{
	jw_autofree char *here = *path == '/' ? NULL : getcwd(NULL, 0);
	struct jw_str rest = jw_str_of(path);

	(void)self;
	if (*path != '/' && !here)
		return jw_fail(err, JW_FILE_UNREADABLE,
			       "the current folder, where relative paths start, can't be "
			       "told: %s",
			       strerrordesc_np(errno));
	jw_buf_text(to, here && strcmp(here, "/") ? here : "");
	while (rest.len) {
		struct jw_str part = rest;
		struct jw_str after = {0};

		jw_str_cut(rest, '/', &part, &after);
		if (part.len && !jw_str_is(part, ".")) {
			jw_buf_char(to, '/');
			jw_buf_str(to, part);
		}
		rest = after;
	}
	if (!to->len)
		jw_buf_text(to, "/");
	return JW_OK;
}
