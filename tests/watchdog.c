/* SPDX-License-Identifier: MIT */
/* Preloaded by tests/watchdog.sh: opening a file named "hangs" never ends, as on a dead network file system. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static void hang(const char *path)
{
	const char *slash = strrchr(path, '/');

	while (!strcmp(slash ? slash + 1 : path, "hangs"))
		pause();
}

static int open_in(int folder, const char *path, int flags)
{
	int (*real)(int folder, const char *path, int flags, ...) = NULL;
	void *symbol = dlsym(RTLD_NEXT, "openat");

	hang(path);
	memcpy(&real, &symbol, sizeof(real));
	return real(folder, path, flags);
}

/* For files in a folder that is walked, which are never made. */
int openat(int folder, const char *path, int flags, ...)
{
	return open_in(folder, path, flags);
}

/* What a hardened build calls. */
int __openat_2(int folder, const char *path, int flags);
int __openat_2(int folder, const char *path, int flags)
{
	return open_in(folder, path, flags);
}

int open(const char *path, int flags, ...)
{
	int (*real)(const char *path, int flags, ...) = NULL;
	void *symbol = dlsym(RTLD_NEXT, "open");
	va_list args;
	int mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, int) : 0;
	va_end(args);
	hang(path);
	memcpy(&real, &symbol, sizeof(real));
	return real(path, flags, mode);
}
