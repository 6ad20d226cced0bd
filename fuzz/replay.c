/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over files and folders of files, without libFuzzer: a TAP test for each file. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX ((size_t)4 << 20)

struct paths {
	struct jw_arena arena;
	const char **items;
	size_t count;
};

static void add(struct paths *paths, const char *path)
{
	paths->items =
		jw_arena_grow(&paths->arena, paths->items, paths->count, sizeof(*paths->items));
	paths->items[paths->count++] = path;
}

static bool add_folder(struct paths *paths, const char *folder)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, NULL, alphasort);

	if (count < 0)
		return false;
	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.')
			add(paths, jw_arena_printf(&paths->arena, "%s/%s", folder,
						   entries[i]->d_name));
		free(entries[i]);
	}
	free(entries);
	return true;
}

static bool add_argument(struct paths *paths, const char *path)
{
	struct stat info;

	if (stat(path, &info))
		return false;
	if (S_ISDIR(info.st_mode))
		return add_folder(paths, path);
	add(paths, path);
	return true;
}

static bool read_file(const char *path, struct jw_buf *buf)
{
	FILE *file = fopen(path, "rb");
	char *to;

	if (!file)
		return false;
	to = jw_buf_reserve(buf, INPUT_MAX);
	buf->len = fread(to, 1, INPUT_MAX, file);
	fclose(file);
	return true;
}

/* The target gets a block of exactly the input's size, so that a sanitizer sees a read behind it. */
static bool run(const char *path)
{
	jw_autobuf struct jw_buf buf = JW_BUF(INPUT_MAX);
	jw_autofree uint8_t *exact = NULL;

	if (!read_file(path, &buf))
		return false;
	exact = jw_xmalloc(buf.len);
	memcpy(exact, buf.ptr, buf.len);
	LLVMFuzzerTestOneInput(exact, buf.len);
	return true;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int main(int argc, char **argv)
{
	struct paths paths = {0};
	bool is_fine = true;

	for (int i = 1; i < argc; i++) {
		if (!add_argument(&paths, argv[i])) {
			fprintf(stderr, "%s can't be read\n", argv[i]);
			is_fine = false;
		}
	}
	printf("1..%zu\n", paths.count);
	for (size_t i = 0; i < paths.count; i++) {
		bool ran;

		/* Out before the target may abort. */
		fflush(stdout);
		ran = run(paths.items[i]);
		printf("%sok %zu - %s\n", ran ? "" : "not ", i + 1, last_part(paths.items[i]));
		is_fine = is_fine && ran;
	}
	is_fine = is_fine && paths.count;
	jw_arena_done(&paths.arena);
	return is_fine ? 0 : 1;
}
