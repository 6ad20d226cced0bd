/* SPDX-License-Identifier: MIT */
/* What the parts of the module http_curl.so share: the client, its transfers, and who does what with them. */
#pragma once

#include <sys/stat.h>
#include <time.h>

#include <curl/curl.h>

#include "adapter/http_names.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/url.h"
#include "contract/http.h"

struct jw_tls_seen;

/* Of 10 KiB or so each; more than these are made anew where more end at once. */
#define JW_HTTP_SPARES 32

struct jw_client {
	struct jw_loop loop;
	enum jw_http_use use;
	struct jw_names *names;
	struct jw_shard *shards;
	struct jw_transfer *ended, **ended_end; /* whose `done` is still to be called */
	struct jw_timer *deliver;
	CURL *spares
		[JW_HTTP_SPARES]; /* handles of transfers that are gone, owned, without any options */
	size_t spare_count;
	bool is_delivering;
	bool is_closed;		      /* while delivering: by the last `done` */
	const char *ca_path;	      /* the system's authorities: a hashed folder, or NULL */
	bool is_path_known;	      /* whether it is hashed */
	const char *ca_bundle;	      /* ... in one file, or NULL */
	struct x509_store_st *bundle; /* ca_bundle, once it was needed beside ca_path */
	/* Of a daemon: all of the system's authorities, as they were read last. */
	struct x509_store_st *store;
	struct stat store_bundle;
	int64_t store_read_us;
	size_t store_reads;
};

enum jw_stage {
	JW_STAGE_NAME, /* the host's name is looked up */
	JW_STAGE_CURL, /* libcurl has it */
	JW_STAGE_ENDED,
};

struct jw_transfer {
	struct jw_client *client;
	jw_http_done *done;
	void *context;
	struct jw_transfer *next; /* of those that have ended */
	enum jw_stage stage;
	struct jw_timer *deadline;
	int64_t start_us;
	struct jw_arena arena;

	/* The request, in the arena. */
	const char *method;
	struct jw_str body;
	struct curl_slist *headers;
	const char *ca_file;
	const char *client_certificate;
	const char *server_name;
	struct jw_str real_host; /* whose place server_name takes in the URL */
	int64_t timeout_ms;
	size_t max_body;
	enum jw_redirects redirects;
	jw_http_talk *talk; /* NULL: none */

	/* The chain of redirects: what was asked for, the first one to the origin. */
	const char *urls[JW_HTTP_REDIRECTS_MAX + 1];
	int hops;		       /* followed */
	struct jw_http_reply *answers; /* so many, of the hops before this one */
	bool has_left; /* the origin: neither headers nor body are sent any more */
	bool is_fresh; /* it has met connections that were closed, and uses none that was open */

	/* The hop under way. */
	struct jw_url url;  /* of urls[hops] */
	struct jw_str host; /* that is connected to for it: another one by server_name */
	const char *proxy;  /* as CURLOPT_PROXY wants it; NULL: none */
	const char *lookup; /* the name that must be looked up; NULL: none */
	uint16_t lookup_port;
	int64_t lookup_us; /* when that began, then how long it took; -1: none */
	struct jw_name_asker asker;
	CURL *easy;
	bool is_done; /* libcurl has told how the hop ended */
	struct jw_shard *shard;
	struct curl_slist *connect_to;
	struct curl_slist *resolve;
	char curl_says[CURL_ERROR_SIZE]; /* may quote what the server sent: never shown */
	int descriptor_errno;		 /* of a socket that couldn't be had */
	struct jw_tls_seen *tls;

	/* The answer. */
	struct jw_buf lines; /* of the last answer's headers */
	struct jw_buf content;
	size_t line_bytes; /* of all header lines of the hop */
	bool has_lines;	   /* all of them, of an answer that isn't interim */
	bool is_too_large;
	struct jw_http_reply reply;
	struct jw_err *err; /* where it has a sentence */

	/* Behind a 101. */
	struct jw_buf answer;  /* what is still to be sent */
	struct jw_timer *wake; /* the sending, which pauses; NULL: there is no talk */
	bool is_answer_over;   /* nothing more is sent behind that */
	int64_t talked_us;     /* when the talk was over; 0: it isn't */
};

static inline int64_t jw_http_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* http_curl.c: ends it with this; its `done` is called in a later turn of the loop. */
void jw_transfer_end(struct jw_transfer *transfer, enum jw_cause cause);
/* The same with transfer->err filled. */
enum jw_cause jw_transfer_fail(struct jw_transfer *transfer, enum jw_cause cause,
			       const char *format, ...) __attribute__((format(printf, 3, 4)));

/* http_multi.c: 64 transfers of libcurl at most share one CURLM; there are as many of these as it takes. */
void jw_shard_take(struct jw_transfer *transfer);  /* at its start */
void jw_shard_leave(struct jw_transfer *transfer); /* at its end */
void jw_shard_begin(struct jw_transfer *transfer); /* libcurl begins with the hop */
void jw_shard_cease(struct jw_transfer *transfer); /* libcurl knows it no more */
void jw_shards_free(struct jw_client *client);

/* http_request.c: what is asked, taken over. The transfer may have ended behind it. */
void jw_request_prepare(struct jw_transfer *transfer, const struct jw_http_request *request);

/* http_hop.c: the hop to urls[hops], from the look-up of its host on. Nothing is called back. */
void jw_hop_begin(struct jw_transfer *transfer);

/* http_talk.c: what is said on a connection that the server switched to another protocol. */
void jw_talk_prepare(struct jw_transfer *transfer); /* with the request */
void jw_talk_set(struct jw_transfer *transfer);	    /* the method, with the hop */
/* What the end of such a connection is to the transfer: to others its code. */
CURLcode jw_talk_code(const struct jw_transfer *transfer, CURLcode code);
void jw_talk_ended(CURL *easy);			 /* libcurl listens to its socket no more */
void jw_talk_hear(struct jw_transfer *transfer); /* headers are there, or more behind them */

/* http_redirect.c: true where the answer is a redirect that was followed or has ended the transfer. */
bool jw_redirect(struct jw_transfer *transfer);

/* http_reply.c: callbacks of libcurl for what comes, and the reply made of it. */
void jw_reply_listen(struct jw_transfer *transfer);
void jw_reply_restart(struct jw_transfer *transfer); /* another hop begins */
void jw_reply_keep(struct jw_transfer *transfer); /* it leads on, and is told with the last */
void jw_reply_measure(struct jw_transfer *transfer); /* phases and status, when it ends */
void jw_reply_read(struct jw_transfer *transfer);    /* the headers, as far as there are any */
void jw_reply_make(struct jw_transfer *transfer); /* headers, body and date, when it is told */

/* http_say.c: what went wrong becomes a cause and a sentence, in transfer->err. */
#define JW_PLACE_MAX 300
/* "HOST:PORT" that is connected to, or would be without the proxy. */
const char *jw_say_place(const struct jw_transfer *transfer, char place[JW_PLACE_MAX]);
/* Whom the connection goes to: that, or "the proxy http://HOST:PORT". */
const char *jw_say_peer(const struct jw_transfer *transfer, char place[JW_PLACE_MAX]);
/* Who answers on it, or doesn't: the place, and by way of which proxy. */
const char *jw_say_server(struct jw_transfer *transfer);
long jw_say_info(const struct jw_transfer *transfer, CURLINFO info);
enum jw_cause jw_say_curl(struct jw_transfer *transfer, CURLcode code);
enum jw_cause jw_say_timeout(struct jw_transfer *transfer);
enum jw_cause jw_say_name(struct jw_transfer *transfer, const struct jw_name_answer *answer);
enum jw_cause jw_say_no_descriptor(struct jw_transfer *transfer);
