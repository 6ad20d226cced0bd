/* SPDX-License-Identifier: MIT */
/* Where a program is, and the environment that it gets. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/exec_parts.h"
#include "base/mem.h"

/* What cron and systemd set where nobody has set it. */
#define PATH_DEFAULT "PATH=/usr/local/bin:/usr/bin:/bin"

static bool is_name_of(const char *variable, const char *name, size_t len)
{
	return !strncmp(variable, name, len) && variable[len] == '=';
}

static bool is_let_through(const char *variable)
{
	static const char *const names[] = {"PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is_name_of(variable, names[i], strlen(names[i])))
			return true;
	return !strncmp(variable, "LC_", 3);
}

/* The variable of the same name; NULL: there is none. */
static const char *same_name(const char *const *env, const char *variable)
{
	size_t len = strcspn(variable, "=");

	for (; env && *env; env++)
		if (is_name_of(*env, variable, len))
			return *env;
	return NULL;
}

static size_t count_of(const char *const *texts)
{
	size_t count = 0;

	while (texts && texts[count])
		count++;
	return count;
}

const char **jw_exec_environment(const char *const *given)
{
	const char *const *own = (const char *const *)environ;
	size_t used = count_of(given);
	const char **env = jw_xcalloc(used + count_of(own) + 2, sizeof(*env));

	for (size_t i = 0; i < used; i++)
		env[i] = given[i];
	for (; own && *own; own++)
		if (is_let_through(*own) && !same_name(env, *own))
			env[used++] = *own;
	if (!same_name(env, PATH_DEFAULT))
		env[used] = PATH_DEFAULT;
	return env;
}

static enum jw_cause not_runnable(const char *path, struct jw_err *err)
{
	struct stat status;

	if (stat(path, &status))
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE, "%s",
			       errno == ENOENT ? "there is no such file"
					       : strerrordesc_np(errno));
	if (S_ISDIR(status.st_mode))
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE, "is a folder, not a program");
	if (!S_ISREG(status.st_mode))
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE, "isn't a regular file");
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS))
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE,
			       "isn't executable for uid %u, its mode is %04o (chmod +x)",
			       (unsigned)geteuid(), (unsigned)status.st_mode & 07777);
	return JW_OK;
}

/* A path stays what it means here, whatever folder the program is to run in. */
static enum jw_cause find_by_path(const char *name, struct jw_buf *path, struct jw_err *err)
{
	jw_autofree char *here = *name == '/' ? NULL : getcwd(NULL, 0);

	if (*name != '/' && !here)
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE,
			       "the current folder, where its path starts, can't be told: %s",
			       strerrordesc_np(errno));
	if (here)
		jw_buf_printf(path, "%s/", here);
	if (!jw_buf_text(path, name))
		return jw_fail(err, JW_COMMAND_NOT_RUNNABLE, "its path is too long");
	return not_runnable(path->ptr, err);
}

/* A folder of PATH that isn't absolute is passed over: a program from wherever we stand may be anybody's. */
static enum jw_cause find_by_name(const char *name, struct jw_str folders, struct jw_buf *path,
				  struct jw_err *err)
{
	enum jw_cause cause = JW_OK;

	while (folders.len) {
		struct jw_str folder = folders;
		struct jw_err why;

		if (!jw_str_cut(folders, ':', &folder, &folders))
			folders = (struct jw_str){0};
		jw_buf_clear(path);
		if (!jw_str_starts(folder, "/") || !jw_buf_str(path, folder) ||
		    !jw_buf_printf(path, "/%s", name) || access(path->ptr, F_OK))
			continue;
		if (!not_runnable(path->ptr, &why))
			return JW_OK;
		if (!cause)
			cause = jw_fail(err, why.cause, "%.*s/%s: %s", JW_STR_ARG(folder), name,
					why.text);
	}
	return cause ? cause
		     : jw_fail(err, JW_COMMAND_NOT_RUNNABLE,
			       "no folder of PATH has a program of this name: write its path");
}

enum jw_cause jw_exec_find(const char *name, const char *const *env, struct jw_buf *path,
			   struct jw_err *err)
{
	const char *folders = same_name(env, "PATH=");

	if (strchr(name, '/'))
		return find_by_path(name, path, err);
	return find_by_name(name, jw_str_of(folders ? folders + strlen("PATH=") : ""), path,
			    err);
}
