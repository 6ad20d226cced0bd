/* SPDX-License-Identifier: MIT */
/* The file adapter on a real file system: what is a file, what changed, what a glob names. */
#include "rows.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/adapter.h"

static char folder[] = "/tmp/jwtwatch-files-XXXXXX";

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* The current folder of every test is a new one with these in it. */
static void furnish(void)
{
	if (!mkdtemp(folder) || chdir(folder))
		abort();
	put("a.html", "alpha");
	put("b.html", "beta");
	put(".hidden.html", "hidden");
	put("we[i]rd.html", "odd");
	put("empty", "");
	if (mkdir("sub", 0700) || mkdir("sub/deep", 0700) || mkdir("other", 0700) ||
	    mkdir("sub/deep/.h", 0700))
		abort();
	put("sub/deep/.h/e.html", "epsilon");
	put("sub/c.html", "gamma");
	put("sub/deep/d.html", "delta");
	put("other/c.html", "gamma");
	if (mkfifo("pipe.html", 0600) || symlink("gone", "dangling.html") ||
	    symlink("loop", "loop") || symlink("sub", "linked"))
		abort();
}

struct open_row {
	const char *name;
	const char *path;
	enum jw_cause cause;
	const char *says; /* part of the sentence, or the content */
};

static const struct open_row open_rows[] = {
	{"a file", "a.html", JW_OK, "alpha"},
	{"an empty file", "empty", JW_OK, ""},
	{"through a link to a folder", "linked/c.html", JW_OK, "gamma"},
	{"nothing there", "gone", JW_FILE_MISSING, "no such file"},
	{"a file as a folder", "a.html/x", JW_FILE_MISSING, "no such file"},
	{"a link to nothing", "dangling.html", JW_FILE_MISSING, "no such file"},
	{"a folder", "sub", JW_FILE_UNREADABLE, "a directory"},
	{"a named pipe that nobody writes", "pipe.html", JW_FILE_UNREADABLE, "a named pipe"},
	{"a device", "/dev/zero", JW_FILE_UNREADABLE, "a device"},
	{"a link to itself", "loop", JW_FILE_UNREADABLE, "loop"},
};

static void opens(void **state)
{
	const struct open_row *row = *state;
	jw_autobuf struct jw_buf text = JW_BUF(100);
	struct jw_err err = {0};
	enum jw_cause cause;

	cause = jw_adapter_files.slurp(NULL, row->path, &text, NULL, &err);
	assert_int_equal(cause, row->cause);
	if (cause)
		assert_non_null(strstr(err.text, row->says));
	else
		assert_true(jw_str_is(jw_buf_get(&text), row->says));
}

static void a_larger_file_is_refused(void **state)
{
	jw_autobuf struct jw_buf text = JW_BUF(4);
	struct jw_err err;

	(void)state;
	assert_int_equal(jw_adapter_files.slurp(NULL, "a.html", &text, NULL, &err),
			 JW_FILE_UNREADABLE);
	assert_non_null(strstr(err.text, "larger than 4 bytes"));
	jw_buf_done(&text);
	jw_buf_init(&text, 6);
	assert_int_equal(jw_adapter_files.slurp(NULL, "a.html", &text, NULL, &err), JW_OK);
}

static void windows_follow_each_other(void **state)
{
	jw_autobuf struct jw_buf text = JW_BUF(3);
	struct jw_file *file;
	enum jw_read read;
	struct jw_err err;

	(void)state;
	assert_int_equal(jw_adapter_files.open(NULL, "a.html", &file, &err), JW_OK);
	assert_int_equal(jw_adapter_files.read(file, &text, INT64_MAX, &read, &err), JW_OK);
	assert_int_equal(read, JW_READ_MORE);
	assert_true(jw_str_is(jw_buf_get(&text), "alp"));
	jw_buf_consume(&text, 2);
	assert_int_equal(jw_adapter_files.read(file, &text, INT64_MAX, &read, &err), JW_OK);
	assert_true(jw_str_is(jw_buf_get(&text), "pha"));
	jw_buf_consume(&text, 3);
	assert_int_equal(jw_adapter_files.read(file, &text, INT64_MAX, &read, &err), JW_OK);
	assert_int_equal(read, JW_READ_END);
	jw_adapter_files.close(file);
}

static void change(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void a_change_while_reading_is_told(void **state)
{
	static const char *const texts[] = {"grown by much", "x", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		jw_autobuf struct jw_buf text = JW_BUF(100);
		struct jw_file *file;
		enum jw_read read;
		struct jw_err err;

		put("changing", "before");
		assert_int_equal(jw_adapter_files.open(NULL, "changing", &file, &err), JW_OK);
		change("changing", texts[i]);
		assert_int_equal(jw_adapter_files.read(file, &text, INT64_MAX, &read, &err),
				 JW_OK);
		assert_int_equal(read, JW_READ_CHANGED);
		jw_adapter_files.close(file);
	}
}

struct glob_row {
	const char *name;
	const char *glob;
	const char *paths; /* joined by blanks */
};

static const struct glob_row glob_rows[] = {
	{"a plain path, there or not", "gone.html", "gone.html"},
	{"a star takes pipes and dead links, but no hidden file", "*.html",
	 "a.html b.html dangling.html pipe.html we[i]rd.html"},
	{"a question mark", "?.html", "a.html b.html"},
	{"a class", "[b-z].html", "b.html"},
	{"an escaped bracket", "we\\[i\\]*.html", "we[i]rd.html"},
	{"a star among folders, links to folders too", "*/c.html",
	 "linked/c.html other/c.html sub/c.html"},
	{"two stars", "*/*/d.html", "linked/deep/d.html sub/deep/d.html"},
	{"a folder is no file", "su*", ""},
	{"a folder that isn't there", "gone/*.html", ""},
	{"doubled slashes", "sub//*.html", "sub//c.html"},
	{"a dot folder", "./a*.html", "./a.html"},
	{"nothing matches", "*.php", ""},
	{"any folders: none included, hidden and linked ones not", "**/*.html",
	 "a.html b.html dangling.html other/c.html pipe.html sub/c.html "
	 "sub/deep/d.html we[i]rd.html"},
	{"any folders, one name", "**/d.html", "sub/deep/d.html"},
	{"any folders below one", "sub/**/*.html", "sub/c.html sub/deep/d.html"},
	{"any folders between two", "s*/**/d.html", "sub/deep/d.html"},
	{"any folders, then one", "**/deep/*.html", "sub/deep/d.html"},
	{"any folders at the end: all files", "sub/**", "sub/c.html sub/deep/d.html"},
	{"twice any folders is once", "**/**/d.html", "sub/deep/d.html"},
	{"twice any folders at the end", "sub/**/**", "sub/c.html sub/deep/d.html"},
	{"one file in two ways", "**/sub/**/deep/**/d.html", "sub/deep/d.html"},
	{"one file in many ways", "**/?*/**/d.html", "linked/deep/d.html sub/deep/d.html"},
	{"any folders with a class and a question mark", "**/[cd].htm?",
	 "other/c.html sub/c.html sub/deep/d.html"},
	{"a hidden folder by its name", "**/.h/*.html", "sub/deep/.h/e.html"},
	{"folders are no files", "**/", ""},
	{"any folders of one that isn't there", "gone/**/*.html", ""},
	{"two stars among letters are one", "s**b/c.html", "sub/c.html"},
};

static void expands(void **state)
{
	const struct glob_row *row = *state;
	struct jw_arena arena = {0};
	struct jw_paths paths;
	jw_autobuf struct jw_buf joined = JW_BUF(4096);
	struct jw_err err;

	jw_buf_text(&joined, "");
	assert_int_equal(
		jw_adapter_files.expand(NULL, row->glob, &arena, INT64_MAX, &paths, &err),
		JW_OK);
	for (size_t i = 0; i < paths.count; i++)
		jw_buf_printf(&joined, "%s%s", i ? " " : "", paths.items[i]);
	assert_string_equal(joined.ptr, row->paths);
	jw_arena_done(&arena);
}

static void a_glob_ends_at_its_deadline(void **state)
{
	struct jw_arena arena = {0};
	struct jw_paths paths;
	struct jw_err err;

	(void)state;
	assert_int_equal(jw_adapter_files.expand(NULL, "*.html", &arena, -1, &paths, &err),
			 JW_DEADLINE);
	jw_arena_done(&arena);
}

/* More than ** goes into, and more than there are descriptors for. */
static void folders_in_each_other_have_a_limit(void **state)
{
	struct jw_arena arena = {0};
	struct jw_paths paths;
	struct jw_err err;
	jw_autobuf struct jw_buf path = JW_BUF(4096);

	(void)state;
	jw_buf_text(&path, "nested");
	for (int i = 0; i < 110; i++) {
		assert_int_equal(mkdir(path.ptr, 0700), 0);
		if (i == 99 || i == 100 || i == 109) {
			jw_autobuf struct jw_buf file = JW_BUF(4096);

			jw_buf_printf(&file, "%s/f%d.deep", path.ptr, i);
			put(file.ptr, "x");
		}
		jw_buf_text(&path, "/n");
	}
	assert_int_equal(
		jw_adapter_files.expand(NULL, "**/*.deep", &arena, INT64_MAX, &paths, &err),
		JW_FILE_UNREADABLE);
	assert_non_null(strstr(err.text, "more than 100 deep"));
	assert_int_equal(paths.count, 1);
	assert_non_null(strstr(paths.items[0], "/f99.deep"));
	jw_arena_done(&arena);
}

static void any_folders_end_at_their_deadline(void **state)
{
	struct jw_arena arena = {0};
	struct jw_paths paths;
	struct jw_err err;

	(void)state;
	assert_int_equal(jw_adapter_files.expand(NULL, "**/*.html", &arena, -1, &paths, &err),
			 JW_DEADLINE);
	jw_arena_done(&arena);
}

static void a_file_has_one_identity(void **state)
{
	struct jw_file_identity one;
	struct jw_file_identity other;

	(void)state;
	assert_true(jw_adapter_files.identity(NULL, "sub/c.html", &one));
	assert_true(jw_adapter_files.identity(NULL, "linked/../sub//c.html", &other));
	assert_true(one.device == other.device && one.number == other.number);
	assert_true(jw_adapter_files.identity(NULL, "other/c.html", &other));
	assert_false(one.device == other.device && one.number == other.number);
	assert_false(jw_adapter_files.identity(NULL, "gone", &other));
}

static void an_absolute_glob(void **state)
{
	struct jw_arena arena = {0};
	struct jw_paths paths;
	struct jw_err err;
	char glob[128];

	(void)state;
	snprintf(glob, sizeof(glob), "%s/s*/c.html", folder);
	assert_int_equal(jw_adapter_files.expand(NULL, glob, &arena, INT64_MAX, &paths, &err),
			 JW_OK);
	assert_int_equal(paths.count, 1);
	assert_non_null(strstr(paths.items[0], "/sub/c.html"));
	jw_arena_done(&arena);
}

struct post_row {
	const char *name;
	const char *path;
	enum jw_cause cause;
	const char *says;
};

static const struct post_row post_rows[] = {
	{"into a pipe that nobody reads", "pipe.html", JW_FILE_UNREADABLE,
	 "nobody reads this pipe"},
	{"where nothing is", "gone", JW_FILE_MISSING, "no such pipe"},
	{"where a folder is missing", "gone/pipe", JW_FILE_MISSING, "no such pipe"},
	{"into a file", "a.html", JW_FILE_UNREADABLE, "is a regular file, not a pipe"},
	{"into a folder", "sub", JW_FILE_UNREADABLE, "is not a named pipe"},
	{"into a device", "/dev/zero", JW_FILE_UNREADABLE, "is not a named pipe"},
};

static void posts_nothing(void **state)
{
	const struct post_row *row = *state;
	struct jw_err err;

	assert_int_equal(jw_adapter_files.post(NULL, row->path, JW_STR("line\n"), &err),
			 row->cause);
	assert_non_null(strstr(err.text, row->says));
	assert_int_equal(access("gone", F_OK), -1);
}

/* Lines come whole; a full pipe is never waited for. */
static void posts_until_the_pipe_is_full(void **state)
{
	static char line[4097];
	char seen[4096];
	size_t count = 0;
	struct jw_err err;
	int fd = open("pipe.html", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	memset(line, 'x', sizeof(line));
	assert_int_equal(
		jw_adapter_files.post(NULL, "pipe.html", (struct jw_str){line, 4097}, &err),
		JW_FILE_UNREADABLE);
	while (count < 1000 &&
	       !jw_adapter_files.post(NULL, "pipe.html", (struct jw_str){line, 4096}, &err))
		count++;
	assert_in_range(count, 1, 999);
	assert_int_equal(err.cause, JW_DEADLINE);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(read(fd, seen, sizeof(seen)), 4096);
	assert_int_equal(read(fd, seen, sizeof(seen)), 0);
	close(fd);
}

int main(void)
{
	int failed;
	char command[128];

	furnish();
	JW_ROWS(open_rows, opens);
	JW_ROWS(glob_rows, expands);
	JW_ROWS(post_rows, posts_nothing);
	JW_TEST(posts_until_the_pipe_is_full);
	JW_TEST(an_absolute_glob);
	JW_TEST(a_glob_ends_at_its_deadline);
	JW_TEST(any_folders_end_at_their_deadline);
	JW_TEST(folders_in_each_other_have_a_limit);
	JW_TEST(a_file_has_one_identity);
	JW_TEST(a_larger_file_is_refused);
	JW_TEST(windows_follow_each_other);
	JW_TEST(a_change_while_reading_is_told);
	failed = rows_run();
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) ? 1 : failed;
}
