/* SPDX-License-Identifier: MIT */
/* Files that may be anything: read without blocking on what isn't a regular file, and within limits. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "adapter/files_parts.h"
#include "adapter/glob.h"
#include "adapter/walk.h"

struct jw_file {
	int fd;
	bool is_input; /* standard input: a pipe or a terminal, whose time is bounded by poll */
	struct stat before;
	size_t seen;
};

static enum jw_cause say_errno(int number, struct jw_err *err)
{
	if (number == ENOENT || number == ENOTDIR)
		return jw_fail(err, JW_FILE_MISSING, "no such file");
	if (number == ELOOP)
		return jw_fail(err, JW_FILE_UNREADABLE,
			       "too many symbolic links, or links in a loop");
	if (number == ENAMETOOLONG)
		return jw_fail(err, JW_FILE_UNREADABLE, "the name is too long");
	if (number == EMFILE || number == ENFILE)
		return jw_fail(err, JW_FILE_UNREADABLE, "too many files are open");
	return jw_fail(err, JW_FILE_UNREADABLE, "%s", strerrordesc_np(number));
}

static enum jw_cause say_denied(const char *component, const char *want, struct jw_err *err)
{
	struct stat st;

	if (stat(component, &st))
		return jw_fail(err, JW_FILE_UNREADABLE, "permission denied for uid %u",
			       (unsigned)geteuid());
	return jw_fail(err, JW_FILE_UNREADABLE,
		       "uid %u may not %s %s (mode %04o, owner %u, group %u)",
		       (unsigned)geteuid(), want, component, (unsigned)st.st_mode & 07777,
		       (unsigned)st.st_uid, (unsigned)st.st_gid);
}

/* Names the first component of the path that refuses us. */
static enum jw_cause denied(const char *path, struct jw_err *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return say_errno(ENAMETOOLONG, err);
	for (size_t i = 1; i < len; i++) {
		if (path[i] != '/' || path[i - 1] == '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (faccessat(AT_FDCWD, part, X_OK, AT_EACCESS) && errno == EACCES)
			return say_denied(part, "enter", err);
	}
	return say_denied(path, "read", err);
}

static enum jw_cause not_regular(mode_t mode, struct jw_err *err)
{
	const char *kind = S_ISDIR(mode)		    ? "a directory"
			   : S_ISFIFO(mode)		    ? "a named pipe"
			   : S_ISSOCK(mode)		    ? "a socket"
			   : S_ISCHR(mode) || S_ISBLK(mode) ? "a device"
							    : "something else";

	return jw_fail(err, JW_FILE_UNREADABLE, "is %s, not a regular file", kind);
}

/* Looked at before it is opened, since opening a device can do things; and again after, since it may have been
 * replaced in between. */
static enum jw_cause open_regular(const char *path, int *ret_fd, struct stat *ret_stat,
				  struct jw_err *err)
{
	struct stat st;
	int fd;

	if (stat(path, &st))
		return errno == EACCES ? denied(path, err) : say_errno(errno, err);
	if (!S_ISREG(st.st_mode))
		return not_regular(st.st_mode, err);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == EACCES ? denied(path, err) : say_errno(errno, err);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return not_regular(st.st_mode, err);
	}
	*ret_stat = st;
	*ret_fd = fd;
	return JW_OK;
}

/* It can be read once: a second reader would find it empty and call that an alarm. */
static enum jw_cause take_input(struct jw_err *err)
{
	static atomic_flag is_taken = ATOMIC_FLAG_INIT;

	if (atomic_flag_test_and_set(&is_taken))
		return jw_fail(err, JW_FILE_UNREADABLE,
			       "standard input was read before, by another target");
	return JW_OK;
}

struct jw_file *jw_adapter_file(int fd, const struct stat *st)
{
	struct jw_file *file = jw_xcalloc(1, sizeof(*file));

	file->fd = fd;
	file->before = *st;
	return file;
}

static enum jw_cause open_file(void *self, const char *path, struct jw_file **ret_file,
			       struct jw_err *err)
{
	struct jw_file file = {.fd = STDIN_FILENO};
	enum jw_cause cause = JW_OK;

	(void)self;
	file.is_input = !strcmp(path, "-");
	if (file.is_input)
		cause = take_input(err);
	else
		cause = open_regular(path, &file.fd, &file.before, err);
	if (cause)
		return cause;
	*ret_file = jw_xmalloc(sizeof(file));
	**ret_file = file;
	return JW_OK;
}

static void close_file(struct jw_file *file)
{
	if (!file->is_input)
		close(file->fd);
	free(file);
}

/* JW_OK when a read wouldn't wait. */
static enum jw_cause wait_for_input(const struct jw_file *file, int64_t deadline_ms,
				    struct jw_err *err)
{
	struct pollfd input = {.fd = file->fd, .events = POLLIN};

	for (;;) {
		int64_t left = deadline_ms - jw_adapter_clock.monotonic_ms(NULL);
		int ready;

		if (left <= 0)
			return jw_fail(err, JW_DEADLINE, "standard input didn't end in time");
		ready = poll(&input, 1, left > INT_MAX ? INT_MAX : (int)left);
		if (ready > 0)
			return JW_OK;
		if (ready < 0 && errno != EINTR)
			return say_errno(errno, err);
	}
}

/* What a first read should have room for: the file as it is, and one byte to see its end. */
static size_t chunk_for(const struct jw_file *file, const struct jw_buf *to)
{
	size_t room = to->max - to->len;
	size_t size = file->is_input ? 65536 : (size_t)file->before.st_size + 1;

	if (file->seen && !file->is_input)
		size = size > file->seen ? size - file->seen : 4096;
	return size < room ? size : room;
}

static bool was_changed(const struct jw_file *file)
{
	struct stat now;

	if (file->is_input)
		return false;
	return fstat(file->fd, &now) || now.st_size != file->before.st_size ||
	       (size_t)now.st_size != file->seen ||
	       now.st_mtim.tv_sec != file->before.st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != file->before.st_mtim.tv_nsec;
}

static enum jw_cause read_once(struct jw_file *file, struct jw_buf *to, int64_t deadline_ms,
			       size_t *ret_len, struct jw_err *err)
{
	size_t chunk = chunk_for(file, to);
	char *room = jw_buf_reserve(to, chunk);
	ssize_t len = -1;

	while (len < 0) {
		enum jw_cause cause =
			file->is_input ? wait_for_input(file, deadline_ms, err) : JW_OK;

		if (cause)
			return cause;
		len = read(file->fd, room, chunk);
		if (len < 0 && errno != EINTR && errno != EAGAIN)
			return say_errno(errno, err);
	}
	to->len += (size_t)len;
	to->ptr[to->len] = '\0';
	file->seen += (size_t)len;
	*ret_len = (size_t)len;
	return JW_OK;
}

static enum jw_cause read_file(struct jw_file *file, struct jw_buf *to, int64_t deadline_ms,
			       enum jw_read *ret_read, struct jw_err *err)
{
	size_t len = 1;

	while (len && to->len < to->max) {
		enum jw_cause cause = read_once(file, to, deadline_ms, &len, err);

		if (cause)
			return cause;
		if (jw_adapter_clock.monotonic_ms(NULL) > deadline_ms)
			return jw_fail(err, JW_DEADLINE, "reading took too long");
	}
	if (len)
		*ret_read = JW_READ_MORE;
	else
		*ret_read = was_changed(file) ? JW_READ_CHANGED : JW_READ_END;
	return JW_OK;
}

static const char *env(void *self, const char *name)
{
	(void)self;
	return getenv(name);
}

static enum jw_cause slurp(void *self, const char *path, struct jw_buf *to,
			   bool *ret_open_to_others, struct jw_err *err)
{
	struct jw_file *file;
	enum jw_read read;
	enum jw_cause cause = open_file(self, path, &file, err);

	if (cause)
		return cause;
	if (ret_open_to_others)
		*ret_open_to_others = file->before.st_mode & S_IROTH;
	cause = read_file(file, to, INT64_MAX, &read, err);
	close_file(file);
	if (!cause && read == JW_READ_MORE)
		return jw_fail(err, JW_FILE_UNREADABLE, "is larger than %zu bytes", to->max);
	return cause;
}

static bool identity(void *self, const char *path, struct jw_file_identity *ret_identity)
{
	struct stat st;

	(void)self;
	if (!strcmp(path, "-") ? fstat(STDIN_FILENO, &st) : stat(path, &st))
		return false;
	*ret_identity = (struct jw_file_identity){st.st_dev, st.st_ino};
	return true;
}

const struct jw_files jw_adapter_files = {
	.open = open_file,
	.read = read_file,
	.close = close_file,
	.expand = jw_adapter_glob,
	.post = jw_adapter_post,
	.replace = jw_adapter_replace,
	.walk = jw_adapter_walk,
	.absolute = jw_adapter_absolute,
	.env = env,
	.slurp = slurp,
	.identity = identity,
	.below = jw_adapter_below,
};
