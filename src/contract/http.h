/* SPDX-License-Identifier: MIT */
/* What the inside asks of an HTTP client: implemented by the module http_curl.so. */
#pragma once

#include "base/err.h"
#include "contract/loop.h"

#define JW_HTTP_MODULE "http_curl"
#define JW_HTTP_ABI 4

#define JW_HTTP_REDIRECTS_MAX 5
/* Of all header lines of one answer together. */
#define JW_HTTP_HEADERS_MAX ((size_t)64 * 1024)

struct jw_transfer;

enum jw_redirects {
	JW_REDIRECTS_SAME_ORIGIN, /* followed where scheme, host and port stay as they are */
	JW_REDIRECTS_ANY, /* to other http and https origins too, but never from https to http */
	JW_REDIRECTS_NONE, /* a redirect is the answer */
};

struct jw_http_reply;
struct jw_buf;

/* What is said on a connection that the server switches to another protocol (status 101): called when its headers are there
 * and whenever more came behind them, with all that came so far as the body. Appends what is to be sent. OVER: once that
 * is sent, the reply is whole, with the time up to then. Nothing of the client may be called from inside. */
enum jw_talk { JW_TALK_ON, JW_TALK_OVER };
typedef enum jw_talk jw_http_talk(void *context, const struct jw_http_reply *so_far,
				  struct jw_buf *answer);

/* Everything is borrowed until `start` returns. */
struct jw_http_request {
	const char *method; /* NULL: GET, or POST where there is a body */
	const char *url;    /* http or https; shown nowhere but through jw_url_mask */
	/* "Name: value", NULL-ended, or NULL. They may hold secrets and go to the origin of `url` only. */
	const char *const *headers;
	struct jw_str body; /* {NULL, 0}: none; goes to the origin of `url` only */
	int64_t timeout_ms; /* for all of it, redirects included; at least 1 */
	size_t max_body;    /* of the decoded body */
	enum jw_redirects redirects;
	const char *ca_file; /* PEM, instead of the system's authorities; NULL: those */
	const char *client_certificate; /* PEM with certificate and key; NULL: none */
	const char *
		server_name; /* the name asked for and verified in TLS, and sent as Host; NULL: the URL's */
	/* With the context of `done`; the headers ask for the other protocol, by GET on a connection of its own, and without a
	 * body. NULL: none. Any answer but 101 is an answer like others. */
	jw_http_talk *talk;
};

/* Microseconds each took; -1: it didn't come to it (a literal address isn't looked up, say). Of the last request of
 * a chain of redirects, but total_us, which is of all. */
struct jw_http_phases {
	int64_t dns_us;
	int64_t connect_us;
	int64_t tls_us;
	int64_t wait_us; /* from the request's end to the first byte of the answer */
	int64_t transfer_us;
	int64_t total_us;
};

struct jw_http_header {
	struct jw_str name;
	struct jw_str value; /* trimmed */
};

/* Borrowed for the call that hands it over. */
struct jw_http_reply {
	/* JW_OK: an answer came whole, whatever its status. Else JW_DNS, JW_CONNECT, JW_TLS, JW_TIMEOUT, JW_REDIRECT,
	 * JW_BODY_TOO_LARGE (headers too), JW_BODY_SHORT, JW_HTTP_STATUS (what came isn't HTTP), JW_SECRET_MISSING (a
	 * certificate file can't be used), JW_INTERNAL (our own limits: no descriptor left). */
	enum jw_cause cause;
	const char *
		says; /* where not JW_OK: a sentence without the place; URLs in it are masked */
	long status;  /* 0: no status line came; kept where the rest failed */
	struct jw_str body;
	const struct jw_http_header *headers; /* of the last answer */
	size_t header_count;
	const char *url; /* the last one asked, not masked */
	int redirects;	 /* followed */
	/* The answers that led on, so many, in their order; of them status, headers and url. */
	const struct jw_http_reply *hops;
	bool has_date; /* an answer with a Date and without an Age: the server's own clock */
	int64_t date;
	struct jw_http_phases phases;
	int64_t certificate_expires; /* notAfter of the server's certificate; 0: none was met */
	const char *
		proxy; /* "http://host:port" of the proxy that was asked instead, masked; NULL */
};

typedef void jw_http_done(void *context, const struct jw_http_reply *reply);

struct jw_http {
	void *self;
	/* Calls `done` once, from inside the loop's run, never from inside start or cancel. */
	struct jw_transfer *(*start)(void *self, const struct jw_http_request *request,
				     jw_http_done *done, void *context);
	/* `done` isn't called any more. Not from inside `done` of the same transfer. */
	void (*cancel)(struct jw_transfer *transfer);
	/* All transfers have ended or been cancelled before. */
	void (*close)(void *self);
};

/* What a client is made for. */
enum jw_http_use {
	JW_HTTP_ONE_SHOT, /* a few transfers: of the system's authorities only those that are met are read */
	/* Many of them, for long: the authorities are read once and shared, and again when they change; hanging
	 * connections take little; none is used for so long that a new certificate isn't seen. */
	JW_HTTP_DAEMON,
};

/* What the module's symbol leads to. */
struct jw_http_ops {
	/* A client on this loop, which outlives it. JW_INTERNAL and a sentence where the library can't be used. */
	enum jw_cause (*open)(const struct jw_loop *loop, enum jw_http_use use,
			      struct jw_http *ret_http, struct jw_err *err);
};

/* The value of the first header of that name (in any case); {NULL, 0}: none. */
static inline struct jw_str jw_http_header(const struct jw_http_reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->header_count; i++)
		if (jw_str_is_nocase(reply->headers[i].name, name))
			return reply->headers[i].value;
	return (struct jw_str){0};
}
