/* SPDX-License-Identifier: MIT */
/* What this process uses of the machine, for its own metrics. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/buf.h"

/* Of /proc/self/stat, counted from the state behind the name. */
enum { STAT_START = 19 };

static bool slurp(const char *path, struct jw_buf *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *room = jw_buf_reserve(text, text->max);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, room, text->max);
	close(fd);
	if (len <= 0)
		return false;
	text->len = (size_t)len;
	return true;
}

/* The number at this place among words between single blanks. */
static bool word(struct jw_str text, size_t place, uint64_t *ret_n)
{
	struct jw_str before = {0};
	struct jw_str rest = jw_str_trim(text);

	for (size_t i = 0; i <= place; i++)
		if (!jw_str_cut(rest, ' ', &before, &rest)) {
			before = rest;
			rest = (struct jw_str){0};
		}
	return jw_str_u64(before, INT64_MAX, ret_n);
}

static bool memory(struct jw_usage *usage)
{
	jw_autobuf struct jw_buf text = JW_BUF(256);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t total;
	uint64_t resident;

	if (!slurp("/proc/self/statm", &text) || !word(jw_buf_get(&text), 0, &total) ||
	    !word(jw_buf_get(&text), 1, &resident))
		return false;
	usage->virtual_bytes = total * page;
	usage->resident_bytes = resident * page;
	return true;
}

/* The name of the program, in brackets, may hold anything, brackets too. */
static struct jw_str behind_name(struct jw_str text)
{
	size_t at = text.len;

	while (at && text.ptr[at - 1] != ')')
		at--;
	return jw_str_trim(jw_str_from(text, at));
}

/* The kernel counts from the boot of the machine, in ticks. */
static bool start_time(int64_t *ret_seconds)
{
	jw_autobuf struct jw_buf text = JW_BUF(4096);
	int64_t ticks = sysconf(_SC_CLK_TCK);
	uint64_t start;
	int64_t age_ms;

	if (!slurp("/proc/self/stat", &text) ||
	    !word(behind_name(jw_buf_get(&text)), STAT_START, &start))
		return false;
	age_ms = jw_adapter_clock.boot_ms(NULL) - (int64_t)start * 1000 / ticks;
	*ret_seconds = (jw_adapter_clock.wall_ms(NULL) - age_ms) / 1000;
	return true;
}

static bool descriptors(struct jw_usage *usage)
{
	struct rlimit limit;
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint64_t count = 0;

	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	/* The folder's own. */
	usage->open_fds = count - 1;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return false;
	usage->max_fds = limit.rlim_cur;
	return true;
}

bool jw_adapter_usage(struct jw_usage *ret_usage)
{
	static int64_t start;
	struct jw_usage usage = {0};
	struct timespec cpu;

	if (!start && !start_time(&start))
		return false;
	if (!memory(&usage) || !descriptors(&usage) ||
	    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu))
		return false;
	usage.start_time = start;
	usage.cpu_us = (uint64_t)cpu.tv_sec * 1000000 + (uint64_t)cpu.tv_nsec / 1000;
	*ret_usage = usage;
	return true;
}
