/* SPDX-License-Identifier: MIT */
/* Which files a URL's path names, what they are called, when a client has them already; and what lies below a folder. */
#include <fcntl.h>
#include <stdbool.h>

/* Whether a program that another thread starts meanwhile would have a folder of ours. */
static bool is_inherited;

static int test_openat(int at, const char *path, int flags)
{
	is_inherited = is_inherited || !(fcntl(at, F_GETFD) & FD_CLOEXEC);
	return openat(at, path, flags);
}

#define openat test_openat
#include "adapter/files_below.c"
#undef openat

/* Its macros would get into that. */
#include "rows.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "core/static_file.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A256 A64 A64 A64 A64
#define A1024 A256 A256 A256 A256

static const struct path_row {
	const char *name;
	const char *path;
	const char *file; /* NULL: none */
} path_rows[] = {
	{"a file", "/a.html", "a.html"},
	{"a file in a folder", "/a/b/c.js", "a/b/c.js"},
	{"a folder", "/a/", "a/index.html"},
	{"the folder itself", "/", "index.html"},
	{"blanks and letters beyond ASCII",
	 "/Stra\xc3\x9f"
	 "e 1.txt",
	 "Stra\xc3\x9f"
	 "e 1.txt"},
	{"an escape that is left is a name", "/%2e%2e/x", "%2e%2e/x"},
	{"dots in a name", "/a..b", "a..b"},
	{"up", "/..", NULL},
	{"up and on", "/../x", NULL},
	{"up later", "/a/../../x", NULL},
	{"up at the end", "/a/..", NULL},
	{"here", "/./x", NULL},
	{"here at the end", "/a/.", NULL},
	{"a hidden file", "/.env", NULL},
	{"a hidden folder", "/.git/config", NULL},
	{"a hidden file in a folder", "/a/.htpasswd", NULL},
	{"three dots", "/...", NULL},
	{"an absolute path", "//etc/passwd", NULL},
	{"nothing between", "/a//b", NULL},
	{"two slashes at the end", "/a//", NULL},
	{"another system's slash", "/..\\x", NULL},
	{"another system's slash in a name", "/a\\..\\..\\x", NULL},
	{"a control character", "/a\nb", NULL},
	{"a bell", "/\x07", NULL},
	{"not UTF-8", "/\xff", NULL},
	{"letters coded too long", "/\xc0\xae\xc0\xae/x", NULL},
	{"too long a name", "/" A256, NULL},
	{"too long a path",
	 "/" A64 "/" A64 "/" A64 "/" A64 "/" A64 "/" A64 "/" A64 "/" A64 "/" A64 "/" A64 "/" A64
	 "/" A64 "/" A64 "/" A64 "/" A64 "/" A64,
	 NULL},
	{"far too long a path", "/" A1024, NULL},
	{"no slash", "a", NULL},
	{"nothing", "", NULL},
};

static void names(void **state)
{
	const struct path_row *row = *state;
	jw_autobuf struct jw_buf path = JW_BUF(4096);

	assert_int_equal(jw_static_path(row->path, &path), row->file != NULL);
	if (row->file)
		assert_string_equal(path.ptr, row->file);
}

static const struct type_row {
	const char *name;
	const char *type;
} type_rows[] = {
	{"index.html", "text/html; charset=utf-8"},
	{"a/b.JS", "text/javascript; charset=utf-8"},
	{"a.mjs", "text/javascript; charset=utf-8"},
	{"a.css", "text/css; charset=utf-8"},
	{"a.json", "application/json"},
	{"a.js.map", "application/json"},
	{"a.svg", "image/svg+xml"},
	{"a.png", "image/png"},
	{"favicon.ico", "image/x-icon"},
	{"a.woff2", "font/woff2"},
	{"a.wasm", "application/wasm"},
	{"a.txt", "text/plain; charset=utf-8"},
	{"a.md", "text/markdown; charset=utf-8"},
	{"a.exe", "application/octet-stream"},
	{"LICENSE", "application/octet-stream"},
	{"a.html/b", "application/octet-stream"},
};

static void types(void **state)
{
	const struct type_row *row = *state;

	assert_string_equal(jw_static_type(row->name), row->type);
}

#define TAG "\"00000000000000ff\""
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static const struct known_row {
	const char *name;
	const char *none_match;
	const char *modified_since;
	bool is_known;
} known_rows[] = {
	{"nothing is said", NULL, NULL, false},
	{"the tag", TAG, NULL, true},
	{"another tag", "\"00000000000000fe\"", NULL, false},
	{"a part of the tag", "00000000000000ff", NULL, false},
	{"a weak tag", "W/" TAG, NULL, true},
	{"one of several", "\"a\" ,W/" TAG " , \"b\"", NULL, true},
	{"any", "*", NULL, true},
	{"an empty list", "", NULL, false},
	{"the date", NULL, DATE, true},
	{"a later date", NULL, "Sun, 06 Nov 1994 08:49:38 GMT", true},
	{"an earlier date", NULL, "Sun, 06 Nov 1994 08:49:36 GMT", false},
	{"no date", NULL, "yesterday", false},
	{"another tag wins over the date", "\"a\"", DATE, false},
};

static void is_known(void **state)
{
	const struct known_row *row = *state;
	char etag[JW_STATIC_ETAG];

	assert_string_equal(jw_static_etag(255, etag), TAG);
	assert_int_equal(
		jw_static_is_known(row->none_match, row->modified_since, etag, 784111777),
		row->is_known);
}

/* On a real file system */

static char folder[] = "/tmp/jwtwatch-static-XXXXXX";

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void bind_socket(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void furnish(void)
{
	if (!mkdtemp(folder) || chdir(folder) || mkdir("www", 0700) || mkdir("www/sub", 0700) ||
	    mkdir("outside", 0700))
		abort();
	put("secret", "secret");
	put("outside/secret", "secret");
	put("www/a.txt", "alpha");
	put("www/empty", "");
	put("www/sub/b.txt", "beta");
	if (symlink("sub/b.txt", "www/inside") || symlink("../secret", "www/up") ||
	    symlink("/etc/passwd", "www/absolute") || symlink("../outside", "www/way") ||
	    symlink("sub", "www/folder") || symlink("/proc/self/root", "www/magic") ||
	    symlink("/proc/self/fd/0", "www/input") || symlink("loop", "www/loop") ||
	    symlink("gone", "www/dangling") || symlink("/dev/zero", "www/zero") ||
	    mkfifo("www/pipe", 0600))
		abort();
	bind_socket("www/socket");
}

static const struct below_row {
	const char *name;
	const char *path;
	const char *content;
	const char *without; /* the same where the system has no openat2 */
} below_rows[] = {
	{"a file", "a.txt", "alpha", "alpha"},
	{"an empty file", "empty", "", ""},
	{"a file in a folder", "sub/b.txt", "beta", "beta"},
	{"a folder", "sub", "(folder)", "(folder)"},
	{"a link that stays below", "inside", "beta", NULL},
	{"a link to a folder below", "folder/b.txt", "beta", NULL},
	{"nothing", "gone", NULL, NULL},
	{"a file as a folder", "a.txt/b", NULL, NULL},
	{"up", "../secret", NULL, NULL},
	{"up and down again", "sub/../a.txt", "alpha", NULL},
	{"up further than down", "sub/../../secret", NULL, NULL},
	{"an absolute path", "/etc/passwd", NULL, NULL},
	{"a link up", "up", NULL, NULL},
	{"an absolute link", "absolute", NULL, NULL},
	{"a link to a folder outside", "way/secret", NULL, NULL},
	{"that folder itself", "way", NULL, NULL},
	{"a link of the system's to its root", "magic/etc/passwd", NULL, NULL},
	{"a link of the system's to our input", "input", NULL, NULL},
	{"a link to itself", "loop", NULL, NULL},
	{"a link to nothing", "dangling", NULL, NULL},
	{"a link to a device", "zero", NULL, NULL},
	{"a pipe that nobody writes", "pipe", NULL, NULL},
	{"a socket", "socket", NULL, NULL},
	{"too long a name", A256, NULL, NULL},
};

static void check_below(const char *path, const char *content)
{
	jw_autobuf struct jw_buf text = JW_BUF(100);
	struct jw_file *file = NULL;
	struct jw_below below;
	struct jw_err err = {0};
	enum jw_read read;
	enum jw_cause cause = jw_adapter_files.below(NULL, "www", path, &below, &file, &err);

	assert_int_equal(cause, content ? JW_OK : JW_FILE_MISSING);
	if (cause)
		return;
	assert_int_equal(below.is_folder, !strcmp(content, "(folder)"));
	if (below.is_folder) {
		assert_null(file);
		return;
	}
	assert_int_equal(jw_adapter_files.read(file, &text, INT64_MAX, &read, &err), JW_OK);
	jw_adapter_files.close(file);
	assert_int_equal(read, JW_READ_END);
	assert_int_equal(below.size, strlen(content));
	assert_true(jw_str_is(jw_buf_get(&text), content));
}

static void lies_below(void **state)
{
	const struct below_row *row = *state;

	check_below(row->path, row->content);
}

static void lies_below_by_parts(void **state)
{
	const struct below_row *row = *state;

	is_inherited = false;
	jw_adapter_below_by_parts = true;
	check_below(row->path, row->without);
	jw_adapter_below_by_parts = false;
	assert_false(is_inherited);
}

static void has_a_tag(void **state)
{
	struct jw_file *file;
	struct jw_below first;
	struct jw_below second;
	struct jw_err err;

	(void)state;
	assert_int_equal(jw_adapter_files.below(NULL, "www", "a.txt", &first, &file, &err), 0);
	jw_adapter_files.close(file);
	put("www/new", "gamma");
	assert_int_equal(rename("www/new", "www/a.txt"), 0);
	assert_int_equal(jw_adapter_files.below(NULL, "www", "a.txt", &second, &file, &err), 0);
	jw_adapter_files.close(file);
	assert_int_not_equal(first.tag, second.tag);
	assert_int_equal(jw_adapter_files.below(NULL, "gone", "a.txt", &first, &file, &err),
			 JW_FILE_MISSING);
}

int main(void)
{
	int failed;
	char command[128];

	furnish();
	JW_ROWS(path_rows, names);
	JW_ROWS(type_rows, types);
	JW_ROWS(known_rows, is_known);
	JW_ROWS(below_rows, lies_below);
	JW_ROWS(below_rows, lies_below_by_parts);
	JW_TEST(has_a_tag);
	failed = rows_run();
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) ? 1 : failed;
}
