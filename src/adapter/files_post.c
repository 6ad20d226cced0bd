/* SPDX-License-Identifier: MIT */
/* A line into a named pipe that somebody else reads, such as the command file of Nagios. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "adapter/files_parts.h"

static enum jw_cause say_open(int number, struct jw_err *err)
{
	if (number == ENXIO)
		return jw_fail(err, JW_FILE_UNREADABLE,
			       "nobody reads this pipe: is the program that should running?");
	if (number == EACCES || number == EPERM)
		return jw_fail(err, JW_FILE_UNREADABLE,
			       "uid %u may not write there: it must be in the group that owns "
			       "the pipe",
			       (unsigned)geteuid());
	if (number == ENOENT || number == ENOTDIR)
		return jw_fail(err, JW_FILE_MISSING,
			       "no such pipe: its program isn't running, or has it elsewhere");
	return jw_fail(err, JW_FILE_UNREADABLE, "%s", strerrordesc_np(number));
}

static enum jw_cause say_no_pipe(mode_t mode, struct jw_err *err)
{
	if (S_ISREG(mode))
		return jw_fail(err, JW_FILE_UNREADABLE,
			       "is a regular file, not a pipe: somebody wrote there while its "
			       "program was down; remove the "
			       "file and start that program again");
	return jw_fail(err, JW_FILE_UNREADABLE, "is not a named pipe");
}

/* Never with O_CREAT: a regular file there would keep Nagios from making its pipe. */
static enum jw_cause open_pipe(const char *path, int *ret_fd, struct jw_err *err)
{
	struct stat st;
	int fd;

	if (stat(path, &st))
		return say_open(errno, err);
	if (!S_ISFIFO(st.st_mode))
		return say_no_pipe(st.st_mode, err);
	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return say_open(errno, err);
	if (fstat(fd, &st) || !S_ISFIFO(st.st_mode)) {
		close(fd);
		return say_no_pipe(st.st_mode, err);
	}
	*ret_fd = fd;
	return JW_OK;
}

static enum jw_cause write_line(int fd, struct jw_str line, struct jw_err *err)
{
	for (;;) {
		if (write(fd, line.ptr, line.len) >= 0)
			return JW_OK;
		if (errno == EAGAIN)
			return jw_fail(err, JW_DEADLINE,
				       "the pipe is full: its program reads it too slowly, or "
				       "not at all");
		if (errno == EPIPE)
			return say_open(ENXIO, err);
		if (errno != EINTR)
			return say_open(errno, err);
	}
}

enum jw_cause jw_adapter_post(void *self, const char *path, struct jw_str line,
			      struct jw_err *err)
{
	enum jw_cause cause;
	int fd = -1;

	(void)self;
	/* More could be written in pieces, with those of others between. */
	if (line.len > PIPE_BUF)
		return jw_fail(err, JW_FILE_UNREADABLE, "the line is longer than %d bytes",
			       PIPE_BUF);
	cause = open_pipe(path, &fd, err);
	if (cause)
		return cause;
	cause = write_line(fd, line, err);
	close(fd);
	return cause;
}
