/* SPDX-License-Identifier: MIT */
/* Files below a folder, and no way out of it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adapter/files_parts.h"

#define LOOK (O_PATH | O_CLOEXEC)
#define READ (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
/* Somebody renames folders meanwhile. */
#define TRIES 8
#define PART_MAX 256

/* The system's own way, where links that stay below are followed. */
static int open_by_system(int folder, const char *path, int flags)
{
	struct open_how how = {.flags = (uint64_t)flags,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	long fd = -1;

	for (int i = 0; i < TRIES && fd < 0 && (!i || errno == EAGAIN || errno == EINTR); i++)
		fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));
	return (int)fd;
}

static int fail(int number)
{
	errno = number;
	return -1;
}

/* Where the system hasn't got that, or a sandbox forbids it: part by part, and no links at all. */
static int open_by_parts(int folder, const char *path, int flags)
{
	int at = fcntl(folder, F_DUPFD_CLOEXEC, 0);

	while (at >= 0) {
		const char *slash = strchrnul(path, '/');
		size_t len = (size_t)(slash - path);
		bool is_last = !*slash;
		char part[PART_MAX];
		int next;

		if (!len || len >= sizeof(part) || (*path == '.' && len <= 2)) {
			close(at);
			return fail(ENOENT);
		}
		memcpy(part, path, len);
		part[len] = '\0';
		next = openat(at, part, O_NOFOLLOW | (is_last ? flags : LOOK | O_DIRECTORY));
		close(at);
		if (is_last)
			return next;
		at = next;
		path = slash + 1;
	}
	return -1;
}

bool jw_adapter_below_by_parts;

static int open_below(int folder, const char *path, int flags)
{
	int fd = jw_adapter_below_by_parts ? fail(ENOSYS) : open_by_system(folder, path, flags);

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return fd;
	return open_by_parts(folder, path, flags);
}

static enum jw_cause say_errno(struct jw_err *err)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
	case EXDEV:
	case ENXIO:
	case ENAMETOOLONG:
	case EINVAL:
		return jw_fail(err, JW_FILE_MISSING, "there is no such file");
	default:
		return jw_fail(err, JW_FILE_UNREADABLE, "%s", strerrordesc_np(errno));
	}
}

/* FNV-1a over what changes with a file. */
static uint64_t tag_of(const struct stat *st)
{
	const uint64_t parts[] = {(uint64_t)st->st_dev, (uint64_t)st->st_ino,
				  (uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec,
				  (uint64_t)st->st_mtim.tv_nsec};

	return jw_str_hash((struct jw_str){(const char *)parts, sizeof(parts)});
}

/* Looked at before it is opened, since opening a device can do things; and again behind that. */
static enum jw_cause open_file(int folder, const char *path, struct jw_below *ret_below,
			       struct jw_file **ret_file, struct jw_err *err)
{
	int fd = open_below(folder, path, LOOK);
	struct stat st;

	if (fd < 0)
		return say_errno(err);
	if (fstat(fd, &st))
		st.st_mode = 0;
	close(fd);
	*ret_file = NULL;
	*ret_below = (struct jw_below){.is_folder = S_ISDIR(st.st_mode)};
	if (ret_below->is_folder)
		return JW_OK;
	if (!S_ISREG(st.st_mode))
		return jw_fail(err, JW_FILE_MISSING, "what stands there is no file");
	fd = open_below(folder, path, READ);
	if (fd < 0)
		return say_errno(err);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return jw_fail(err, JW_FILE_MISSING, "what stands there is no file");
	}
	ret_below->size = (uint64_t)st.st_size;
	ret_below->changed = st.st_mtim.tv_sec;
	ret_below->tag = tag_of(&st);
	*ret_file = jw_adapter_file(fd, &st);
	return JW_OK;
}

enum jw_cause jw_adapter_below(void *self, const char *folder, const char *path,
			       struct jw_below *ret_below, struct jw_file **ret_file,
			       struct jw_err *err)
{
	int fd = open(folder, LOOK | O_DIRECTORY);
	enum jw_cause cause;

	(void)self;
	if (fd < 0)
		return say_errno(err);
	cause = open_file(fd, path, ret_below, ret_file, err);
	close(fd);
	return cause;
}
