/* SPDX-License-Identifier: MIT */
/* What the inside asks of an HTTP server: implemented by adapter/server.c. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

/* One request, until it is answered or its client has gone. */
struct jw_visit;

enum jw_method {
	JW_METHOD_GET,
	JW_METHOD_HEAD,
	JW_METHOD_POST,
	JW_METHOD_OPTIONS,
	JW_METHOD_OTHER
};

/* Borrowed for the call that hands it over. */
struct jw_visit_request {
	enum jw_method method;
	const char *path;    /* decoded once, begins with '/', no NUL, no query; never NULL */
	struct jw_str query; /* as it stands behind the '?'; may be empty */
	struct jw_str body;
	const char *
		client; /* its address without the port; "unix" of a socket in the file system */
};

/* Borrowed until `reply` returns, but for the page. */
struct jw_visit_reply {
	int status;
	const char *media_type; /* NULL: there is no body */
	/* "Name", "value" in turns, NULL-ended; or NULL. */
	const char *const *headers;
	struct jw_str body; /* copied */
	/* Instead of body: bytes that aren't copied; released once the last byte is out or the client has
	 * gone. NULL: none. */
	struct jw_shared *page;
	/* Of a HEAD without body and page: how long what it asks about would be. */
	size_t length;
};

/* Bytes that several answers share. */
struct jw_shared {
	struct jw_buf bytes;
	size_t references;
	/* The last reference goes: the bytes may be taken for another page. NULL: nobody wants them. */
	void (*last)(void *context, struct jw_buf *bytes);
	void *context;
};
struct jw_shared *jw_shared_new(struct jw_buf *bytes); /* takes what it holds; one reference */
struct jw_shared *jw_shared_keep(struct jw_shared *page); /* one more */
void jw_shared_release(struct jw_shared *page); /* takes NULL; the last one frees it */

/* Whoever answers. */
struct jw_server_handler {
	void *context;
	/* A whole request is there. Answers by jw_server.reply, now or later, exactly once unless `gone` comes first. */
	void (*visit)(void *context, struct jw_visit *visit,
		      const struct jw_visit_request *request);
};

struct jw_server {
	void *self;
	/* "127.0.0.1:9788", "[::1]:9788", "*:9788", "host:port", "unix:/run/jwtwatch.sock". JW_CONFIG or JW_INTERNAL and a
	 * sentence: no such address, in use (says by which address), not permitted. */
	enum jw_cause (*listen)(void *self, const char *address, struct jw_err *err);
	/* A listening socket that somebody else opened (socket activation); taken over. */
	enum jw_cause (*adopt)(void *self, int fd, struct jw_err *err);
	/* The value of a request's header; NULL: it has none. While `visit` is called only. */
	const char *(*header)(struct jw_visit *visit, const char *name);
	/* The client of this visit has gone before it was answered: `gone` is called from the loop's run, behind
	 * which the visit is no more. One that only sends no more is still there. So, until it is answered, is one of HTTP/1.0 that
	 * has closed without a reset: whoever holds a request needs a deadline of his own. */
	void (*on_gone)(struct jw_visit *visit, void (*gone)(void *context), void *context);
	/* Behind it the visit is no more. A HEAD is answered without the body. */
	void (*reply)(struct jw_visit *visit, const struct jw_visit_reply *reply);
	/* Whether all that it listens on can be reached from this machine only. */
	bool (*is_local)(void *self);
	/* Listens no more; what is being answered goes on. */
	void (*stop)(void *self);
	/* All visits end, unanswered ones too, without `gone`. */
	void (*close)(void *self);
};
