/* SPDX-License-Identifier: MIT */
/* Files that appear whole or not at all: written beside under another name, synced, renamed. */
#include "adapter/files_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a file is to stand: its folder ("." where the path names none), and a name beside it. */
struct place {
	struct jw_buf folder;
	struct jw_buf beside; /* the template of the new file's name, then the name */
};

static void place_init(struct place *place, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	jw_buf_init(&place->folder, 65536);
	jw_buf_init(&place->beside, 65536);
	if (slash)
		jw_buf_add(&place->folder, path, slash == path ? 1 : (size_t)(slash - path));
	else
		jw_buf_text(&place->folder, ".");
	/* Hidden, and with another end: readers of a whole folder leave it alone. */
	jw_buf_printf(&place->beside, "%.*s.%s.XXXXXX", (int)(name - path), path, name);
}

static void place_done(struct place *place)
{
	jw_buf_done(&place->folder);
	jw_buf_done(&place->beside);
}

static enum jw_cause not_made(const struct place *place, int number, struct jw_err *err)
{
	const char *folder = place->folder.ptr;
	struct stat st;

	if (number == ENOENT || number == ENOTDIR)
		return jw_fail(err, JW_FILE_MISSING, "there is no folder %s", folder);
	if (number == EACCES && !stat(folder, &st))
		return jw_fail(
			err, JW_FILE_UNREADABLE,
			"uid %u may not make files in %s (mode %04o, owner %u, group %u)",
			(unsigned)geteuid(), folder, (unsigned)st.st_mode & 07777,
			(unsigned)st.st_uid, (unsigned)st.st_gid);
	return jw_fail(err, JW_FILE_UNREADABLE, "no file can be made in %s: %s", folder,
		       strerrordesc_np(number));
}

static enum jw_cause not_written(int number, struct jw_err *err)
{
	return jw_fail(err, JW_FILE_UNREADABLE, "can't be written: %s",
		       strerrordesc_np(number));
}

static enum jw_cause not_a_link(const char *path, struct jw_err *err)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target));

	return jw_fail(err, JW_FILE_UNREADABLE, "is a link to %.*s: name the file itself",
		       len < 0 ? 0 : (int)len, target);
}

/* A pipe or a device that somebody else needs isn't taken away, nor a link that somebody laid. */
static enum jw_cause look_at(const char *path, struct jw_err *err)
{
	struct stat st;

	if (lstat(path, &st) || S_ISREG(st.st_mode))
		return JW_OK;
	if (S_ISLNK(st.st_mode))
		return not_a_link(path, err);
	return jw_fail(err, JW_FILE_UNREADABLE, "is %s, not a regular file",
		       S_ISDIR(st.st_mode)    ? "a directory"
		       : S_ISFIFO(st.st_mode) ? "a named pipe"
					      : "something else");
}

static enum jw_cause fill(int fd, struct jw_str content, unsigned mode, struct jw_err *err)
{
	size_t done = 0;

	while (done < content.len) {
		ssize_t len = write(fd, content.ptr + done, content.len - done);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return not_written(errno, err);
		done += (size_t)len;
	}
	if (fchmod(fd, (mode_t)mode) || fsync(fd))
		return not_written(errno, err);
	return JW_OK;
}

void jw_adapter_sync_folder(int at, const char *folder)
{
	int fd = openat(at, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static enum jw_cause write_beside(struct place *place, struct jw_str content, unsigned mode,
				  struct jw_err *err)
{
	enum jw_cause cause;
	/* Of a name that nothing has, so no link is followed; for nobody else until it is whole. */
	int fd = mkostemp(place->beside.ptr, O_CLOEXEC);

	if (fd < 0)
		return not_made(place, errno, err);
	cause = fill(fd, content, mode, err);
	/* Some file systems say only now that there is no room. */
	if (close(fd) && !cause)
		cause = not_written(errno, err);
	if (cause)
		unlink(place->beside.ptr);
	return cause;
}

enum jw_cause jw_adapter_replace(void *self, const char *path, struct jw_str content,
				 unsigned mode, struct jw_err *err)
{
	struct place place;
	enum jw_cause cause = look_at(path, err);

	(void)self;
	if (cause)
		return cause;
	place_init(&place, path);
	cause = write_beside(&place, content, mode, err);
	if (!cause && rename(place.beside.ptr, path)) {
		cause = not_written(errno, err);
		unlink(place.beside.ptr);
	}
	if (!cause)
		jw_adapter_sync_folder(AT_FDCWD, place.folder.ptr);
	place_done(&place);
	return cause;
}
