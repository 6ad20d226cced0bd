/* SPDX-License-Identifier: MIT */
/* Replacing a file on a real file system: whole or not at all, with its own permissions, nothing left behind. */
#include "rows.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/adapter.h"

static char folder[] = "/tmp/jwtwatch-write-XXXXXX";

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int make_socket(void)
{
	const struct sockaddr_un address = {AF_UNIX, "socket"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0)
		return -1;
	result = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	close(fd);
	return result;
}

/* The current folder of every test is a new one with these in it. */
static void furnish(void)
{
	if (!mkdtemp(folder) || chdir(folder) || chmod(folder, 0755))
		abort();
	put("old", "before");
	put("elsewhere", "not this");
	if (mkdir("sub", 0700) || mkdir("taken", 0700) || mkdir("closed", 0555) ||
	    mkfifo("pipe", 0600) || make_socket() || symlink("elsewhere", "link") ||
	    symlink("gone", "dangling"))
		abort();
}

static size_t entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void holds(const char *name, const char *content)
{
	jw_autobuf struct jw_buf text = JW_BUF(4096);

	jw_buf_text(&text, "");
	assert_int_equal(jw_adapter_files.slurp(NULL, name, &text, NULL, NULL), JW_OK);
	assert_string_equal(text.ptr, content);
}

struct row {
	const char *name;
	const char *path;
	const char *content;
	unsigned mode;
	mode_t mask;
};

static const struct row rows[] = {
	{"a new file", "new", "whole\n", 0644, 022},
	{"... in a folder", "sub/new", "whole\n", 0644, 022},
	{"... by its whole path", NULL, "whole\n", 0644, 022},
	{"... that is empty", "none", "", 0600, 022},
	{"in the place of another", "old", "after", 0600, 022},
	{"once more", "old", "after that", 0644, 022},
	{"a strict umask doesn't matter", "strict", "x", 0644, 0777},
	{"nor does a loose one", "loose", "x", 0600, 0},
};

static void replaces(void **state)
{
	const struct row *row = *state;
	char whole[128];
	struct stat st;
	struct jw_err err;
	mode_t mask = umask(row->mask);
	enum jw_cause cause;

	snprintf(whole, sizeof(whole), "%s/by-path", folder);
	cause = jw_adapter_files.replace(NULL, row->path ? row->path : whole,
					 jw_str_of(row->content), row->mode, &err);
	umask(mask);
	assert_int_equal(cause, JW_OK);
	assert_int_equal(lstat(row->path ? row->path : whole, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, row->mode);
	assert_int_equal(st.st_nlink, 1);
	holds(row->path ? row->path : whole, row->content);
	holds("elsewhere", "not this");
}

struct refusal {
	const char *name;
	const char *path;
	enum jw_cause cause;
	const char *says;
};

static const struct refusal refusals[] = {
	{"no such folder", "gone/file", JW_FILE_MISSING, "there is no folder gone"},
	{"a file for a folder", "elsewhere/file", JW_FILE_MISSING,
	 "there is no folder elsewhere"},
	{"a folder stands there", "taken", JW_FILE_UNREADABLE, "is a directory"},
	{"a pipe stands there", "pipe", JW_FILE_UNREADABLE, "is a named pipe"},
	/* Not a device of the machine: should the code be wrong, it would be gone. */
	{"a socket stands there", "socket", JW_FILE_UNREADABLE, "is something else"},
	{"a link stands there", "link", JW_FILE_UNREADABLE,
	 "is a link to elsewhere: name the file itself"},
	{"... one to nothing", "dangling", JW_FILE_UNREADABLE,
	 "is a link to gone: name the file itself"},
	{"no name", "sub/", JW_FILE_UNREADABLE, "is a directory"},
	{"nothing", "", JW_FILE_UNREADABLE, "can't be written"},
};

static void refuses(void **state)
{
	const struct refusal *row = *state;
	size_t before = entries(".") + entries("sub");
	struct jw_err err = {0};

	assert_int_equal(jw_adapter_files.replace(NULL, row->path, JW_STR("x"), 0644, &err),
			 row->cause);
	assert_non_null(strstr(err.text, row->says));
	assert_int_equal(entries(".") + entries("sub"), before);
}

/* As somebody who is refused: root is refused nothing. */
static void may_not(void **state)
{
	bool is_root = !geteuid();
	enum jw_cause cause;
	struct jw_err err = {0};

	(void)state;
	assert_int_equal(is_root ? seteuid(65534) : 0, 0);
	cause = jw_adapter_files.replace(NULL, "closed/file", JW_STR("x"), 0644, &err);
	assert_int_equal(is_root ? seteuid(0) : 0, 0);
	assert_int_equal(cause, JW_FILE_UNREADABLE);
	assert_non_null(strstr(err.text, "may not make files in closed (mode 0555, owner "));
	assert_int_equal(entries("closed"), 2);
}

/* In a child, since a limit can't be lifted again by who isn't root. */
static void no_room(void **state)
{
	static char large[8192];
	int status;
	pid_t child;

	(void)state;
	put("full", "before");
	memset(large, 'x', sizeof(large));
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		const struct rlimit limit = {4096, 4096};
		struct jw_err err = {0};

		jw_adapter_harden();
		if (setrlimit(RLIMIT_FSIZE, &limit))
			_exit(9);
		if (jw_adapter_files.replace(NULL, "full",
					     (struct jw_str){large, sizeof(large)}, 0644,
					     &err) != JW_FILE_UNREADABLE)
			_exit(8);
		_exit(strstr(err.text, "can't be written: File too large") ? 0 : 7);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	holds("full", "before");
	assert_int_equal(unlink("full"), 0);
}

/* Whoever opened the old file goes on reading it. */
static void readers_keep_theirs(void **state)
{
	char text[8] = "";
	int fd;

	(void)state;
	put("read", "before");
	fd = open("read", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(jw_adapter_files.replace(NULL, "read", JW_STR("after"), 0644, NULL),
			 JW_OK);
	assert_int_equal(read(fd, text, sizeof(text) - 1), 6);
	assert_string_equal(text, "before");
	close(fd);
}

static void nothing_is_left(void **state)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		assert_true(entry->d_name[0] != '.' || !strcmp(entry->d_name, ".") ||
			    !strcmp(entry->d_name, ".."));
	closedir(dir);
}

int main(void)
{
	int failed;
	char command[128];

	furnish();
	JW_ROWS(rows, replaces);
	JW_ROWS(refusals, refuses);
	JW_TEST(may_not);
	JW_TEST(no_room);
	JW_TEST(readers_keep_theirs);
	JW_TEST(nothing_is_left);
	failed = rows_run();
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) ? 1 : failed;
}
