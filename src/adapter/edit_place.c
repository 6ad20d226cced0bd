/* SPDX-License-Identifier: MIT */
/* Where a file that is to be changed stands, and the lock beside it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "adapter/edit_parts.h"

#define PATH_BYTES ((size_t)65536)
#define LOCK_TRIES 16

static enum jw_cause not_resolved(int number, struct jw_err *err)
{
	if (number == ENOENT || number == ENOTDIR)
		return jw_fail(err, JW_FILE_MISSING, "isn't there");
	return jw_fail(err, JW_FILE_UNREADABLE, "can't be reached: %s",
		       strerrordesc_np(number));
}

/* Whether `path` is `root` or below it; both without links. */
static bool is_inside(const char *path, const char *root)
{
	size_t len = strlen(root);

	if (!strcmp(root, "/"))
		return true;
	return !strncmp(path, root, len) && (path[len] == '/' || !path[len]);
}

static enum jw_cause check_root(const char *resolved, const char *root, struct jw_err *err)
{
	jw_autofree char *within = realpath(root, NULL);

	if (!within)
		return jw_fail(err, JW_RENEWAL_FAILED, "root %s can't be reached: %s", root,
			       strerrordesc_np(errno));
	if (is_inside(resolved, within))
		return JW_OK;
	return jw_fail(err, JW_RENEWAL_FAILED,
		       "leads to %s, which is outside of root %s: nothing is written there",
		       resolved, root);
}

/* The folder of a path without links: whoever puts a link there meanwhile isn't followed. */
static int open_folder(const char *path, const char *name)
{
	int folder = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *part = path + 1;

	while (folder >= 0 && part < name) {
		jw_autobuf struct jw_buf word = JW_BUF(PATH_BYTES);
		int next;
		int number;

		jw_buf_add(&word, part, strcspn(part, "/"));
		next = openat(folder, word.ptr, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		number = errno;
		close(folder);
		errno = number;
		folder = next;
		part += word.len + 1;
	}
	return folder;
}

enum jw_cause jw_edit_place_open(const char *path, const char *root,
				 struct jw_edit_place *ret_place, struct jw_err *err)
{
	jw_autofree char *resolved = realpath(path, NULL);
	struct jw_edit_place place = {.path = JW_BUF(PATH_BYTES)};
	const char *name;

	if (!resolved)
		return not_resolved(errno, err);
	if (root && check_root(resolved, root, err))
		return err->cause;
	name = strrchr(resolved, '/') + 1;
	if (!*name)
		return jw_fail(err, JW_FILE_UNREADABLE, "is a directory, not a regular file");
	place.folder = open_folder(resolved, name);
	if (place.folder < 0)
		return not_resolved(errno, err);
	jw_buf_text(&place.path, resolved);
	place.name = place.path.ptr + (name - resolved);
	*ret_place = place;
	return JW_OK;
}

void jw_edit_place_close(struct jw_edit_place *place)
{
	close(place->folder);
	jw_buf_done(&place->path);
}

/* Hidden, and with another end: readers of a whole folder, web servers among them, leave it alone. */
void jw_edit_beside(const struct jw_edit_place *place, const char *word, struct jw_buf *buf)
{
	jw_buf_printf(buf, ".%s.jwtwatch-%s", place->name, word);
}

static int not_locked(const struct jw_edit_place *place, int number, struct jw_err *err)
{
	if (number == EWOULDBLOCK)
		jw_fail(err, JW_RENEWAL_FAILED, "somebody else is renewing it just now");
	else
		jw_fail(err, JW_RENEWAL_FAILED,
			"uid %u can't make a file in the folder of %s: %s", (unsigned)geteuid(),
			place->path.ptr, strerrordesc_np(number));
	return -1;
}

/* Whoever had the lock before took its name away as the last thing: then the name is another file by now, or none. */
int jw_edit_lock(const struct jw_edit_place *place, struct jw_err *err)
{
	jw_autobuf struct jw_buf name = JW_BUF(PATH_BYTES);

	jw_edit_beside(place, "lock", &name);
	for (int i = 0; i < LOCK_TRIES; i++) {
		int lock = openat(place->folder, name.ptr,
				  O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
		int number;

		if (lock < 0)
			return not_locked(place, errno, err);
		if (flock(lock, LOCK_EX | LOCK_NB)) {
			number = errno;
			close(lock);
			return not_locked(place, number, err);
		}
		if (jw_edit_is_locked(place, lock))
			return lock;
		close(lock);
	}
	return not_locked(place, EWOULDBLOCK, err);
}

bool jw_edit_is_locked(const struct jw_edit_place *place, int lock)
{
	jw_autobuf struct jw_buf name = JW_BUF(PATH_BYTES);
	struct stat held;
	struct stat named;

	jw_edit_beside(place, "lock", &name);
	return !fstat(lock, &held) &&
	       !fstatat(place->folder, name.ptr, &named, AT_SYMLINK_NOFOLLOW) &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

void jw_edit_unlock(const struct jw_edit_place *place, int lock)
{
	jw_autobuf struct jw_buf name = JW_BUF(PATH_BYTES);

	jw_edit_beside(place, "lock", &name);
	if (jw_edit_is_locked(place, lock))
		unlinkat(place->folder, name.ptr, 0);
	close(lock);
}
