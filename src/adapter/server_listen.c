/* SPDX-License-Identifier: MIT */
/* Where the HTTP server listens. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "adapter/server_self.h"

#define BACKLOG 4096
#define SOCKET_MODE 0660

void jw_server_want(struct jw_server_self *self, int what)
{
	for (size_t i = 0; i < self->listener_count; i++)
		self->loop.want(self->listeners[i].watch, what);
}

static void on_pause_over(void *context)
{
	jw_server_want(context, JW_LOOP_READ);
}

static enum jw_cause add(struct jw_server_self *self, int fd, const char *path,
			 struct jw_err *err)
{
	if (self->listener_count == JW_LISTENERS_MAX) {
		close(fd);
		return jw_fail(err, JW_CONFIG, "more than %d addresses to listen on",
			       JW_LISTENERS_MAX);
	}
	self->listeners[self->listener_count].fd = fd;
	self->listeners[self->listener_count].path = path ? jw_xstrdup(path) : NULL;
	self->listeners[self->listener_count].watch =
		self->loop.watch(self->loop.self, fd, jw_server_accept, self);
	self->loop.want(self->listeners[self->listener_count++].watch, JW_LOOP_READ);
	return JW_OK;
}

static enum jw_cause say_errno(const char *address, struct jw_err *err)
{
	switch (errno) {
	case EADDRINUSE:
		return jw_fail(err, JW_CONFIG,
			       "can't listen on %s: another program does already (jwtwatch "
			       "run itself?)",
			       address);
	case EACCES:
	case EPERM:
		return jw_fail(err, JW_CONFIG,
			       "can't listen on %s: not permitted to this user; ports below "
			       "1024 are root's",
			       address);
	case EADDRNOTAVAIL:
		return jw_fail(err, JW_CONFIG,
			       "can't listen on %s: this machine has no such address", address);
	default:
		return jw_fail(err, JW_INTERNAL, "can't listen on %s: %s", address,
			       strerrordesc_np(errno));
	}
}

static enum jw_cause listen_at(struct jw_server_self *self, const char *address,
			       const struct sockaddr *name, socklen_t len, const char *path,
			       struct jw_err *err)
{
	int on = 1;
	int off = 0;
	int fd = socket(name->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return say_errno(address, err);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* "*" means both kinds of addresses. */
	if (name->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, address[0] == '*' ? &off : &on,
			   sizeof(on));
	if (bind(fd, name, len) || listen(fd, BACKLOG)) {
		enum jw_cause cause = say_errno(address, err);

		close(fd);
		return cause;
	}
	return add(self, fd, path, err);
}

/* A socket that nobody listens on any more is in the way. */
static void remove_stale(const struct sockaddr_un *name)
{
	struct stat st;
	int fd;

	if (lstat(name->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)name, sizeof(*name)) &&
	    errno == ECONNREFUSED)
		unlink(name->sun_path);
	if (fd >= 0)
		close(fd);
}

static enum jw_cause listen_unix(struct jw_server_self *self, const char *address,
				 struct jw_err *err)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	const char *path = address + strlen("unix:");
	size_t len = strlen(path);
	enum jw_cause cause;

	if (!len || len >= sizeof(name.sun_path))
		return jw_fail(err, JW_CONFIG,
			       "can't listen on %s: the path of a socket has 1 to %zu bytes",
			       address, sizeof(name.sun_path) - 1);
	memcpy(name.sun_path, path, len + 1);
	remove_stale(&name);
	cause = listen_at(self, address, (const struct sockaddr *)&name, sizeof(name), path,
			  err);
	if (!cause)
		chmod(path, SOCKET_MODE);
	return cause;
}

/* "host:port", "[v6]:port", "*:port". False: neither. */
static bool split(const char *address, char host[256], const char **ret_port)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon ? (size_t)(colon - address) : 0;

	if (!len || len >= 256 || !colon[1])
		return false;
	if (address[0] == '[' && address[len - 1] == ']' && len > 2) {
		address++;
		len -= 2;
	} else if (memchr(address, ':', len)) {
		return false;
	}
	memcpy(host, address, len);
	host[len] = '\0';
	*ret_port = colon + 1;
	return true;
}

static enum jw_cause listen_tcp(struct jw_server_self *self, const char *address,
				struct jw_err *err)
{
	const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
				       .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	enum jw_cause cause = JW_INTERNAL;
	char host[256];
	const char *port;
	int code;

	if (!split(address, host, &port))
		return jw_fail(err, JW_CONFIG,
			       "can't listen on %s: write host:port, [IPv6 address]:port, "
			       "*:port or unix:/path",
			       address);
	code = getaddrinfo(strcmp(host, "*") ? host : "::", port, &hints, &found);
	if (code && !strcmp(host, "*"))
		code = getaddrinfo("0.0.0.0", port, &hints, &found);
	if (code)
		return jw_fail(err, JW_CONFIG, "can't listen on %s: %s", address,
			       gai_strerror(code));
	cause = listen_at(self, address, found->ai_addr, found->ai_addrlen, NULL, err);
	freeaddrinfo(found);
	/* A machine without IPv6 at all. */
	if (cause && !strcmp(host, "*") && !getaddrinfo("0.0.0.0", port, &hints, &found)) {
		cause = listen_at(self, address, found->ai_addr, found->ai_addrlen, NULL, err);
		freeaddrinfo(found);
	}
	return cause;
}

static enum jw_cause server_listen(void *context, const char *address, struct jw_err *err)
{
	if (!strncmp(address, "unix:", 5))
		return listen_unix(context, address, err);
	return listen_tcp(context, address, err);
}

static enum jw_cause adopt(void *context, int fd, struct jw_err *err)
{
	int is_listening = 0;
	int type = 0;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &len) || !is_listening ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) || type != SOCK_STREAM)
		return jw_fail(err, JW_CONFIG,
			       "descriptor %d, which was handed over by socket activation, "
			       "isn't a stream socket that listens",
			       fd);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return add(context, fd, NULL, err);
}

static bool is_loopback(const struct sockaddr_storage *name)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)name;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)name;

	switch (name->ss_family) {
	case AF_UNIX:
		return true;
	case AF_INET:
		return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	default:
		return false;
	}
}

/* By what the system says: a name may mean any address, and a socket may have been handed over. */
static bool is_local(void *context)
{
	const struct jw_server_self *self = context;

	for (size_t i = 0; i < self->listener_count; i++) {
		struct sockaddr_storage name = {0};
		socklen_t len = sizeof(name);

		if (getsockname(self->listeners[i].fd, (struct sockaddr *)&name, &len) ||
		    !is_loopback(&name))
			return false;
	}
	return true;
}

static void stop(void *context)
{
	struct jw_server_self *self = context;

	for (size_t i = 0; i < self->listener_count; i++) {
		self->loop.unwatch(self->listeners[i].watch);
		close(self->listeners[i].fd);
		if (self->listeners[i].path)
			unlink(self->listeners[i].path);
		free(self->listeners[i].path);
	}
	self->listener_count = 0;
	self->loop.arm(self->pause, -1);
}

static void server_close(void *context)
{
	struct jw_server_self *self = context;

	stop(self);
	jw_server_end_visits(self);
	self->loop.timer_free(self->pause);
	free(self);
}

struct jw_server jw_adapter_server(const struct jw_loop *loop,
				   const struct jw_server_limits *limits,
				   const struct jw_server_handler *handler)
{
	struct jw_server_self *self = jw_xcalloc(1, sizeof(*self));
	struct jw_server server = {.self = self,
				   .listen = server_listen,
				   .adopt = adopt,
				   .is_local = is_local,
				   .stop = stop,
				   .close = server_close};

	self->loop = *loop;
	self->limits = *limits;
	self->handler = *handler;
	self->pause = loop->timer(loop->self, on_pause_over, self);
	jw_server_fill(&server);
	return server;
}
