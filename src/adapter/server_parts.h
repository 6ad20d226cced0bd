/* SPDX-License-Identifier: MIT */
/* What the files of the HTTP server share among themselves; nobody else includes it. */
#pragma once

#include "adapter/adapter.h"

#define JW_REQUEST_HEADERS_MAX 64

enum jw_visit_state {
	JW_VISIT_READING, /* a request, or the next one, isn't whole yet */
	JW_VISIT_HELD,	  /* the handler has it */
	JW_VISIT_WRITING,
	JW_VISIT_LEAVING, /* has its last answer; whatever else it sends is thrown away */
};

struct jw_server_self;

/* A connection, and the request that it is at. */
struct jw_visit {
	struct jw_server_self *server;
	struct jw_visit *next; /* younger */
	struct jw_visit *before;
	int fd;
	struct jw_watch *watch;
	struct jw_timer *timer; /* for all of a request, or of an answer */
	enum jw_visit_state state;
	char client[64];
	struct jw_buf in;
	size_t used;	/* of `in`, by the request at hand */
	bool has_begun; /* its time runs */
	bool has_ended; /* the client sends no more; it may wait for its answer still */
	/* The request; its texts are in `text`, a copy of the head. */
	char *text;
	enum jw_method method;
	char *path;
	char *query;
	struct {
		const char *name;
		const char *value;
	} headers[JW_REQUEST_HEADERS_MAX];
	size_t header_count;
	size_t body_len;
	bool keeps_alive;
	bool is_old; /* HTTP/1.0 */
	bool was_told_to_go_on;
	bool is_in_handler;
	void (*gone)(void *context);
	void *gone_context;
	/* The answer. */
	struct jw_buf head;
	struct jw_shared *page;
	size_t sent; /* of both together */
};

/* Takes one request out of the bytes. 0: it is whole; -1: more is to come; else the status of an answer that
 * refuses it, behind which the connection ends. */
int jw_server_parse(struct jw_visit *visit);

/* What a status is called. */
const char *jw_server_reason(int status);
/* The answer's head into visit->head. */
void jw_server_write_head(struct jw_visit *visit, const struct jw_visit_reply *reply);
