/* SPDX-License-Identifier: MIT */
/* The server as its files see it; nobody else includes it. */
#pragma once

#include "adapter/server_parts.h"

#define JW_LISTENERS_MAX 16

struct jw_server_self {
	struct jw_loop loop;
	struct jw_server_limits limits;
	struct jw_server_handler handler;
	struct {
		int fd;
		struct jw_watch *watch;
		char *path; /* of a socket in the file system that is ours; NULL */
	} listeners[JW_LISTENERS_MAX];
	size_t listener_count;
	struct jw_timer *pause;
	struct jw_visit *oldest;
	struct jw_visit *youngest;
	size_t count;
};

/* server.c */
void jw_server_accept(void *context, int fd, int what);
void jw_server_end_visits(struct jw_server_self *self);
void jw_server_fill(struct jw_server *server);
/* server_listen.c: of all listeners. */
void jw_server_want(struct jw_server_self *self, int what);
