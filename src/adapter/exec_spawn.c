/* SPDX-License-Identifier: MIT */
/* Starting a program by posix_spawn, which neither copies our memory nor runs anything of ours in the child. */
#include "adapter/exec_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

enum { READ_END, WRITE_END };

/* Made in this order: see prepare_files. */
struct streams {
	int input; /* -1: nothing is to be read */
	int output[2];
	int complaint[2];
};

static void close_pipe(int ends[2])
{
	close(ends[READ_END]);
	close(ends[WRITE_END]);
}

/* Only our end doesn't block. */
static bool make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		return false;
	if (fcntl(ends[READ_END], F_SETFL, O_NONBLOCK) >= 0)
		return true;
	close_pipe(ends);
	return false;
}

/* A file without a name: whole at once, however little of it is read. */
static bool make_input(struct jw_str input, int *ret_fd)
{
	int fd;

	if (!input.len) {
		*ret_fd = -1;
		return true;
	}
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return false;
	if (write(fd, input.ptr, input.len) != (ssize_t)input.len || lseek(fd, 0, SEEK_SET)) {
		close(fd);
		return false;
	}
	*ret_fd = fd;
	return true;
}

static void close_input(const struct streams *streams)
{
	if (streams->input >= 0)
		close(streams->input);
}

static bool make_streams(struct jw_str input, struct streams *ret_streams)
{
	struct streams streams;

	if (!make_input(input, &streams.input))
		return false;
	if (!make_pipe(streams.output)) {
		close_input(&streams);
		return false;
	}
	if (!make_pipe(streams.complaint)) {
		close_input(&streams);
		close_pipe(streams.output);
		return false;
	}
	*ret_streams = streams;
	return true;
}

static int prepare_input(posix_spawn_file_actions_t *actions, int input)
{
	if (input >= 0)
		return posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);
	return posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY,
						0);
}

/* In this order nothing is overwritten that is still needed, even where our own standard descriptors are closed and the
 * pipes have their numbers. */
static int prepare_files(posix_spawn_file_actions_t *actions, const char *folder,
			 const struct streams *streams)
{
	int error = folder ? posix_spawn_file_actions_addchdir_np(actions, folder) : 0;

	if (!error)
		error = prepare_input(actions, streams->input);
	if (!error)
		error = posix_spawn_file_actions_adddup2(actions, streams->output[WRITE_END],
							 STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(actions, streams->complaint[WRITE_END],
							 STDERR_FILENO);
	if (!error)
		error = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	return error;
}

/* A group of its own, and nothing of our handling of signals: we ignore SIGPIPE, say. */
static int prepare_signals(posix_spawnattr_t *attributes)
{
	sigset_t signals;
	int error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
								 POSIX_SPAWN_SETSIGMASK |
								 POSIX_SPAWN_SETSIGDEF);

	sigfillset(&signals);
	if (!error)
		error = posix_spawnattr_setsigdefault(attributes, &signals);
	sigemptyset(&signals);
	if (!error)
		error = posix_spawnattr_setsigmask(attributes, &signals);
	if (!error)
		error = posix_spawnattr_setpgroup(attributes, 0);
	return error;
}

static int spawn(const char *path, const struct jw_exec_request *request,
		 const char *const *env, const struct streams *streams, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (error) {
		posix_spawn_file_actions_destroy(&actions);
		return error;
	}
	error = prepare_files(&actions, request->folder, streams);
	if (!error)
		error = prepare_signals(&attributes);
	if (!error)
		error = posix_spawn(ret_pid, path, &actions, &attributes,
				    (char *const *)(uintptr_t)request->argv,
				    (char *const *)(uintptr_t)env);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* What is left to go wrong once the file is there and executable. */
static enum jw_cause say_error(int error, struct jw_err *err)
{
	switch (error) {
	case ENOEXEC:
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE,
			       "is neither a program for this machine nor a script with #! in "
			       "its first line (for a shell script: write sh in front of it)");
	case ENOENT:
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE,
			       "what is to run it, named behind #! in its first line or within "
			       "the program, isn't there");
	case EACCES:
	case EPERM:
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE,
			       "may not be run here: the file system is mounted noexec, or "
			       "what its first line names behind #! isn't executable");
	case ETXTBSY:
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE, "is being written just now");
	case E2BIG:
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE,
			       "its words and its environment are too long together");
	case EAGAIN:
	case ENOMEM:
		return jw_fail(err, JW_INTERNAL,
			       "no process is left for it: the user's limit, or the system's");
	default:
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE, "can't be run: %s",
			       strerrordesc_np(error));
	}
}

static enum jw_cause no_descriptor(struct jw_err *err)
{
	return jw_fail(err, JW_INTERNAL, "no file descriptor is left to run it");
}

static enum jw_cause check_folder(const char *folder, struct jw_err *err)
{
	struct stat status;

	if (!folder)
		return JW_OK;
	if (stat(folder, &status))
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE, "its folder %s: %s", folder,
			       errno == ENOENT ? "isn't there" : strerrordesc_np(errno));
	if (!S_ISDIR(status.st_mode))
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE, "its folder %s: isn't a folder",
			       folder);
	if (faccessat(AT_FDCWD, folder, X_OK, AT_EACCESS))
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE,
			       "its folder %s: may not be entered by uid %u", folder,
			       (unsigned)geteuid());
	return JW_OK;
}

/* Ends what can't be watched. */
static enum jw_cause give_up(pid_t pid, struct jw_err *err)
{
	kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return no_descriptor(err);
}

/* With the streams made: those of the program are closed by the caller. */
static enum jw_cause start(const char *path, const struct jw_exec_request *request,
			   const char *const *env, const struct streams *streams,
			   struct jw_spawned *ret_spawned, struct jw_err *err)
{
	pid_t pid;
	int pidfd;
	int error = spawn(path, request, env, streams, &pid);

	if (error)
		return say_error(error, err);
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0)
		return give_up(pid, err);
	*ret_spawned = (struct jw_spawned){pid, pidfd, streams->output[READ_END],
					   streams->complaint[READ_END]};
	return JW_OK;
}

enum jw_cause jw_exec_spawn(const struct jw_exec_request *request,
			    struct jw_spawned *ret_spawned, struct jw_err *err)
{
	jw_autofree const char **env = jw_exec_environment(request->env);
	jw_autobuf struct jw_buf path = JW_BUF((size_t)2 * PATH_MAX);
	struct streams streams;
	enum jw_cause cause = check_folder(request->folder, err);

	if (!cause)
		cause = jw_exec_find(request->argv[0], env, &path, err);
	if (cause)
		return cause;
	if (!make_streams(request->input, &streams))
		return no_descriptor(err);
	cause = start(path.ptr, request, env, &streams, ret_spawned, err);
	close_input(&streams);
	close(streams.output[WRITE_END]);
	close(streams.complaint[WRITE_END]);
	if (cause) {
		close(streams.output[READ_END]);
		close(streams.complaint[READ_END]);
	}
	return cause;
}
