/* SPDX-License-Identifier: MIT */
/* What a service manager is told and gives: the protocol of sd_notify and of socket activation, without libsystemd. */
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/buf.h"

/* By the protocol. */
#define FIRST_SOCKET 3
#define SOCKETS_MAX 1024

static struct {
	bool is_read;
	struct sockaddr_un manager;
	socklen_t manager_len; /* 0: nobody wants to know */
	int64_t watchdog_ms;
	size_t sockets;
} given;

static uint64_t number(const char *name, uint64_t max)
{
	uint64_t n = 0;

	jw_str_u64(jw_str_of(getenv(name)), max, &n);
	return n;
}

static void read_manager(const char *name)
{
	struct jw_str path = jw_str_of(name);

	if ((!jw_str_starts(path, "/") && !jw_str_starts(path, "@")) || path.len < 2 ||
	    path.len >= sizeof(given.manager.sun_path))
		return;
	given.manager.sun_family = AF_UNIX;
	memcpy(given.manager.sun_path, path.ptr, path.len);
	/* One in the abstract space has no NUL at its end and one in front. */
	given.manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len + 1);
	if (path.ptr[0] == '@') {
		given.manager.sun_path[0] = '\0';
		given.manager_len--;
	}
}

/* Once: programs that we start are none of the manager's services. */
static void read_environment(void)
{
	static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
					    "LISTEN_PID",    "LISTEN_FDS",    "LISTEN_FDNAMES"};
	uint64_t own = (uint64_t)getpid();

	if (given.is_read)
		return;
	given.is_read = true;
	read_manager(getenv("NOTIFY_SOCKET"));
	if (!getenv("WATCHDOG_PID") || number("WATCHDOG_PID", INT32_MAX) == own)
		given.watchdog_ms = (int64_t)(number("WATCHDOG_USEC", INT64_MAX) / 1000);
	if (number("LISTEN_PID", INT32_MAX) == own)
		given.sockets = (size_t)number("LISTEN_FDS", SOCKETS_MAX);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unsetenv(names[i]);
}

/* A manager that reads nothing any more must not hold us. */
static void send_state(struct jw_str state)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	sendto(fd, state.ptr, state.len, MSG_NOSIGNAL | MSG_DONTWAIT,
	       (const struct sockaddr *)&given.manager, given.manager_len);
	close(fd);
}

void jw_adapter_notify(const char *state)
{
	jw_autobuf struct jw_buf text = JW_BUF(4096);
	struct timespec now;

	read_environment();
	if (!given.manager_len || !jw_buf_text(&text, state))
		return;
	/* Without the time the manager couldn't tell this from an older reload's end. */
	if (jw_str_starts(jw_buf_get(&text), "RELOADING=1")) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		jw_buf_printf(&text, "\nMONOTONIC_USEC=%lld",
			      (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	}
	send_state(jw_buf_get(&text));
}

int64_t jw_adapter_notify_watchdog_ms(void)
{
	read_environment();
	return given.watchdog_ms;
}

size_t jw_adapter_sockets(int fds[], size_t max)
{
	size_t count = 0;

	read_environment();
	for (size_t i = 0; i < given.sockets; i++) {
		int fd = FIRST_SOCKET + (int)i;

		if (fcntl(fd, F_SETFD, FD_CLOEXEC) || count == max)
			continue;
		fds[count++] = fd;
	}
	return count;
}
