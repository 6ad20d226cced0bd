/* SPDX-License-Identifier: MIT */
/* What a client of the daemon's HTTP server sends: a line that says how, and the bytes behind it. What must hold. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "adapter/server_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD_MAX ((size_t)16 * 1024)
#define BODY_MAX ((size_t)64 * 1024)
#define INPUT_MAX ((size_t)256 * 1024)
#define PAGE_LEN ((size_t)64 * 1024)
#define PAGES_MAX 8
/* Of the server's timer, for a request and its answer. */
#define ARMS_MAX 4
#define TEXT_MAX ((size_t)64 << 20)

/* In the first byte of the line; every other one is the length of a piece, a power of two, in turns. */
enum {
	ENDS = 3,	   /* how: one of these four */
	LEAVES = 0,	   /* the client closes */
	IS_LATE = 1,	   /* all timers fire */
	IS_CLOSED = 2,	   /* the server closes */
	SENDS_NO_MORE = 3, /* the client waits for what is to come, and closes */
	READS_LATE = 4,	   /* the client reads once it has sent all */
	IS_IMPATIENT = 8,  /* it ends while its request is held */
};

#define MUST(condition) must((condition), #condition)

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "doesn't hold: %s\n", what);
	abort();
}

/* A loop that turns by hand, on no clock. */

struct jw_watch {
	struct jw_watch *next;
	int fd;
	int what;
	void (*ready)(void *context, int fd, int what);
	void *context;
};

struct jw_timer {
	struct jw_timer *next;
	bool is_armed;
	void (*due)(void *context);
	void *context;
};

static struct jw_watch *watches;
static struct jw_timer *timers;
static size_t arms; /* how often a timer was set */

static struct jw_watch *watch(void *self, int fd,
			      void (*ready)(void *context, int fd, int what), void *context)
{
	struct jw_watch *made = jw_xcalloc(1, sizeof(*made));

	(void)self;
	*made = (struct jw_watch){watches, fd, 0, ready, context};
	return watches = made;
}

static void want(struct jw_watch *watch, int what)
{
	watch->what = what;
}

static void unwatch(struct jw_watch *watch)
{
	struct jw_watch **place = &watches;

	while (*place != watch)
		place = &(*place)->next;
	*place = watch->next;
	free(watch);
}

static struct jw_timer *timer(void *self, void (*due)(void *context), void *context)
{
	struct jw_timer *made = jw_xcalloc(1, sizeof(*made));

	(void)self;
	*made = (struct jw_timer){timers, false, due, context};
	return timers = made;
}

static void arm(struct jw_timer *timer, int64_t ms)
{
	timer->is_armed = ms >= 0;
	arms++;
}

static void timer_free(struct jw_timer *timer)
{
	struct jw_timer **place = &timers;

	while (*place != timer)
		place = &(*place)->next;
	*place = timer->next;
	free(timer);
}

static int ready_for(const struct jw_watch *watch)
{
	short events = (short)((watch->what & JW_LOOP_READ ? POLLIN : 0) |
			       (watch->what & JW_LOOP_WRITE ? POLLOUT : 0));
	/* Of all changes, that it is broken is the one that comes alone. */
	struct pollfd fd = {watch->fd, watch->what & JW_LOOP_EDGE ? 0 : events, 0};

	if (!watch->what || poll(&fd, 1, 0) <= 0)
		return 0;
	if (fd.revents & (POLLERR | POLLHUP))
		return watch->what;
	return (fd.revents & POLLIN ? JW_LOOP_READ : 0) |
	       (fd.revents & POLLOUT ? JW_LOOP_WRITE : 0);
}

/* One that is ready, and no more: false where none is. */
static bool turn(void)
{
	for (struct jw_watch *watch = watches; watch; watch = watch->next) {
		int what = ready_for(watch);

		if (!what)
			continue;
		watch->ready(watch->context, watch->fd, what);
		return true;
	}
	return false;
}

static void fire_all(void)
{
	struct jw_timer *next;

	for (struct jw_timer *timer = timers; timer; timer = next) {
		next = timer->next;
		if (!timer->is_armed)
			continue;
		timer->is_armed = false;
		timer->due(timer->context);
		/* Others may have gone with it. */
		next = timers;
	}
}

/* A conversation */

struct talk {
	struct jw_server server;
	int client; /* descriptor; -1: it has left */
	int flags;
	bool is_over;	/* the server has closed */
	bool has_ended; /* the client sends no more */
	struct jw_visit *held;
	size_t gone;
	size_t pages;
	struct jw_shared *page;
	struct jw_buf methods; /* a letter a request: H of a HEAD */
	struct jw_buf seen;    /* the requests, as the handler gets them */
	struct jw_buf got;     /* what the client has read */
};

static void gone(void *context)
{
	struct talk *talk = context;

	MUST(talk->held);
	talk->held = NULL;
	talk->gone++;
}

static bool is_plain(struct jw_str text, unsigned char lowest)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < lowest)
			return false;
	return true;
}

static void check_request(const struct talk *talk, struct jw_visit *visit,
			  const struct jw_visit_request *request)
{
	static const char *const names[] = {"Host", "Content-Length", "Expect", "A"};

	MUST(request->path && request->path[0] == '/');
	MUST(strlen(request->path) + request->query.len < HEAD_MAX);
	MUST(is_plain(request->query, '!'));
	MUST(request->body.len <= BODY_MAX);
	MUST(request->method <= JW_METHOD_OTHER);
	MUST(!strcmp(request->client, "unix"));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct jw_str value = jw_str_of(talk->server.header(visit, names[i]));

		MUST(value.len < HEAD_MAX && is_plain(value, '\t'));
		MUST(jw_str_trim(value).len == value.len);
	}
	MUST(!talk->server.header(visit, "Transfer-Encoding"));
}

static void answer(struct talk *talk, struct jw_visit *visit)
{
	struct jw_visit_reply reply = {
		.status = 200, .media_type = "text/plain", .body = JW_STR("said\n")};

	talk->server.reply(visit, &reply);
}

static void visit(void *context, struct jw_visit *visit, const struct jw_visit_request *request)
{
	static const int least = 1;
	struct talk *talk = context;
	const struct jw_visit_reply paged = {
		.status = 200, .media_type = "text/plain", .page = talk->page};

	MUST(!talk->held);
	/* As little as the system lets it be, so that what isn't read has to wait here. */
	setsockopt(visit->fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	check_request(talk, visit, request);
	jw_buf_char(&talk->methods, request->method == JW_METHOD_HEAD ? 'H' : 'o');
	jw_buf_printf(&talk->seen, "%d %s?%.*s ", (int)request->method, request->path,
		      JW_STR_ARG(request->query));
	jw_buf_str(&talk->seen, request->body);
	jw_buf_char(&talk->seen, '\n');
	if (jw_str_starts(jw_str_of(request->path), "/h")) {
		talk->held = visit;
		talk->server.on_gone(visit, gone, talk);
	} else if (jw_str_starts(jw_str_of(request->path), "/p") && talk->pages++ < PAGES_MAX) {
		talk->server.reply(visit, &paged);
	} else {
		answer(talk, visit);
	}
}

static void hear(struct talk *talk)
{
	char bytes[16 * 1024];

	while (talk->client >= 0 && !talk->is_over) {
		ssize_t len = read(talk->client, bytes, sizeof(bytes));

		if (len > 0)
			jw_buf_add(&talk->got, bytes, (size_t)len);
		else if (!len || errno != EAGAIN)
			talk->is_over = true;
		else
			return;
	}
}

/* Until nothing happens any more by itself: who goes on turning would eat the processor. */
static void settle(struct talk *talk)
{
	for (size_t turns = 0; turn(); turns++)
		MUST(turns < INPUT_MAX);
	if (talk->flags & READS_LATE)
		return;
	for (size_t before = SIZE_MAX; talk->got.len != before;) {
		before = talk->got.len;
		hear(talk);
		for (size_t turns = 0; turn(); turns++)
			MUST(turns < INPUT_MAX);
	}
}

static void answer_held(struct talk *talk)
{
	while (talk->held) {
		struct jw_visit *held = talk->held;

		talk->held = NULL;
		answer(talk, held);
		settle(talk);
	}
}

/* False: it can't be sent; the server has closed, or keeps enough already. */
static bool say(struct talk *talk, struct jw_str piece)
{
	while (piece.len && !talk->is_over) {
		ssize_t len = send(talk->client, piece.ptr, piece.len, MSG_NOSIGNAL);

		if (len < 0 && errno != EAGAIN)
			return false;
		if (len > 0)
			piece = jw_str_from(piece, (size_t)len);
		settle(talk);
		if (len < 0 && talk->flags & READS_LATE) {
			talk->flags &= ~READS_LATE;
			settle(talk);
		} else if (len < 0) {
			if (!talk->held || talk->flags & IS_IMPATIENT)
				return false;
			answer_held(talk);
		}
	}
	return !piece.len;
}

static void begin(struct talk *talk)
{
	static const struct jw_loop loop = {.watch = watch,
					    .want = want,
					    .unwatch = unwatch,
					    .timer = timer,
					    .arm = arm,
					    .timer_free = timer_free};
	const struct jw_server_limits limits = {.clients = 2};
	const struct jw_server_handler handler = {talk, visit};
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct jw_buf bytes = JW_BUF(PAGE_LEN + 8);

	*talk = (struct talk){
		.methods = JW_BUF(TEXT_MAX), .seen = JW_BUF(TEXT_MAX), .got = JW_BUF(TEXT_MAX)};
	while (bytes.len < PAGE_LEN)
		jw_buf_text(&bytes, "page\n");
	talk->page = jw_shared_new(&bytes);
	talk->server = jw_adapter_server(&loop, &limits, &handler);
	/* A name of the system's choice, in no folder. */
	MUST(!bind(fd, (struct sockaddr *)&name, sizeof(sa_family_t)));
	MUST(!listen(fd, 1) && !getsockname(fd, (struct sockaddr *)&name, &len));
	MUST(!talk->server.adopt(talk->server.self, fd, NULL));
	talk->client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MUST(!connect(talk->client, (struct sockaddr *)&name, len));
	fcntl(talk->client, F_SETFL, O_NONBLOCK);
	settle(talk);
}

static void close_server(struct talk *talk)
{
	if (talk->server.self)
		talk->server.close(talk->server.self);
	talk->server.self = NULL;
	MUST(!watches && !timers);
}

static void leave(struct talk *talk)
{
	close(talk->client);
	talk->client = -1;
	talk->flags &= ~READS_LATE;
	settle(talk);
}

/* However it ends, nothing is left of it, and who held its request was told, but by the server's own end. */
static void end(struct talk *talk)
{
	bool was_held = talk->held;

	switch (talk->flags & ENDS) {
	case IS_LATE:
		/* A request that is held has no time of the server's. */
		if (!was_held)
			fire_all();
		break;
	case IS_CLOSED:
		close_server(talk);
		was_held = false;
		break;
	default:
		break;
	}
	leave(talk);
	MUST(talk->gone == was_held);
	close_server(talk);
	MUST(talk->page->references == 1);
	jw_shared_release(talk->page);
	jw_buf_done(&talk->methods);
	jw_buf_done(&talk->seen);
	jw_buf_done(&talk->got);
}

/* What was said */

/* The answers but for what a clock has written, and for those that only say to go on, which are sent where the client
 * lets us wait. */
static void tidy(const struct jw_buf *got, struct jw_buf *tidied)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct jw_str rest = jw_buf_get(got);

	while (rest.len) {
		const char *end = memchr(rest.ptr, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.ptr) + 1 : rest.len;

		if (jw_str_starts(rest, go_on)) {
			rest = jw_str_from(rest, sizeof(go_on) - 1);
			continue;
		}
		if (!jw_str_starts(rest, "Date: "))
			jw_buf_add(tidied, rest.ptr, len);
		rest = jw_str_from(rest, len);
	}
}

static size_t length_of(struct jw_str head)
{
	static const char name[] = "\r\nContent-Length: ";
	const char *at = memmem(head.ptr, head.len, name, sizeof(name) - 1);
	size_t start = at ? (size_t)(at - head.ptr) + sizeof(name) - 1 : head.len;
	const char *stop = memchr(head.ptr + start, '\r', head.len - start);
	uint64_t len = 0;

	MUST(at && stop);
	MUST(jw_str_u64((struct jw_str){head.ptr + start, (size_t)(stop - head.ptr) - start},
			TEXT_MAX, &len));
	return (size_t)len;
}

/* Every request has one whole answer, in order; behind them at most one refusal, which closes. */
static void check_answers(const struct talk *talk, struct jw_str said)
{
	size_t count = 0;

	while (said.len) {
		const char *end = memmem(said.ptr, said.len, "\r\n\r\n", 4);
		struct jw_str head = {said.ptr, end ? (size_t)(end - said.ptr) + 4 : 0};
		bool is_refusal = count == talk->methods.len;
		size_t len;

		MUST(end);
		MUST(jw_str_starts(head, is_refusal ? "HTTP/1.1 " : "HTTP/1.1 200 "));
		len = count < talk->methods.len && talk->methods.ptr[count] == 'H'
			      ? 0
			      : length_of(head);
		said = jw_str_from(said, head.len);
		MUST(len <= said.len);
		said = jw_str_from(said, len);
		MUST(!is_refusal || (!said.len && talk->is_over));
		MUST(said.len || !talk->is_over || talk->has_ended ||
		     memmem(head.ptr, head.len, "\r\nConnection: close\r\n", 21));
		count++;
	}
	MUST(count >= talk->methods.len - (talk->held ? 1 : 0));
}

/* What is left of a conversation. */
struct said {
	struct jw_buf seen;
	struct jw_buf got;
	bool is_over;
	bool was_held; /* its last request was never answered */
};

static void send_no_more(struct talk *talk)
{
	size_t was_gone = talk->gone;

	talk->has_ended = true;
	shutdown(talk->client, SHUT_WR);
	settle(talk);
	MUST(talk->gone == was_gone);
}

static void converse(struct talk *talk, struct jw_str how, struct jw_str sent)
{
	size_t at = 0;
	bool is_heard = true;

	talk->flags = how.len ? how.ptr[0] : 0;
	while (sent.len && is_heard) {
		size_t len = how.len > 1 ? (size_t)1 << (how.ptr[1 + at++ % (how.len - 1)] & 15)
					 : sent.len;

		if (len > sent.len)
			len = sent.len;
		is_heard = say(talk, jw_str_head(sent, len));
		sent = jw_str_from(sent, len);
	}
	talk->flags &= ~READS_LATE;
	settle(talk);
	if ((talk->flags & ENDS) == SENDS_NO_MORE)
		send_no_more(talk);
	if (!(talk->flags & IS_IMPATIENT))
		answer_held(talk);
	MUST(talk->is_over || talk->held || !talk->has_ended);
}

static void hold_conversation(struct jw_str how, struct jw_str sent, struct said *ret_said)
{
	struct said said = {.seen = JW_BUF(TEXT_MAX), .got = JW_BUF(TEXT_MAX)};
	struct talk talk;

	arms = 0;
	begin(&talk);
	converse(&talk, how, sent);
	/* More bytes buy no more time. */
	MUST(arms <= ARMS_MAX * (talk.methods.len + 2));
	jw_buf_str(&said.seen, jw_buf_get(&talk.seen));
	tidy(&talk.got, &said.got);
	said.is_over = talk.is_over;
	said.was_held = talk.held;
	check_answers(&talk, jw_buf_get(&said.got));
	end(&talk);
	*ret_said = said;
}

/* The bytes in pieces, and as one. */
static void compare(struct jw_str how, struct jw_str sent)
{
	struct said parts;
	struct said whole;

	hold_conversation(how, sent, &parts);
	hold_conversation((struct jw_str){0}, sent, &whole);
	if (parts.was_held) {
		MUST(parts.seen.len <= whole.seen.len && parts.got.len <= whole.got.len);
		whole.seen.len = parts.seen.len;
		whole.got.len = parts.got.len;
		whole.is_over = parts.is_over;
	}
	MUST(jw_str_eq(jw_buf_get(&parts.seen), jw_buf_get(&whole.seen)));
	MUST(jw_str_eq(jw_buf_get(&parts.got), jw_buf_get(&whole.got)));
	MUST(parts.is_over == whole.is_over ||
	     (how.len && (how.ptr[0] & ENDS) == SENDS_NO_MORE));
	jw_buf_done(&parts.seen);
	jw_buf_done(&parts.got);
	jw_buf_done(&whole.seen);
	jw_buf_done(&whole.got);
}

/* The parser alone, on a block of exactly these bytes, so that a sanitizer sees a read behind them. */
static void parse(struct jw_str sent)
{
	struct jw_visit visit = {0};
	bool is_whole = true;

	visit.in = JW_BUF(sent.len);
	visit.in.size = sent.len + 1;
	visit.in.len = sent.len;
	visit.in.ptr = jw_xmalloc(sent.len + 1);
	if (sent.len)
		memcpy(visit.in.ptr, sent.ptr, sent.len);
	visit.in.ptr[sent.len] = '\0';
	while (is_whole) {
		int status = jw_server_parse(&visit);

		MUST(visit.used <= HEAD_MAX && visit.used <= visit.in.len);
		MUST(status >= -1 && (status < 1 || (status >= 400 && status < 600)));
		is_whole = !status;
		if (is_whole) {
			MUST(visit.body_len <= BODY_MAX &&
			     visit.used + visit.body_len <= visit.in.len);
			MUST(visit.header_count <= JW_REQUEST_HEADERS_MAX);
		}
		jw_buf_consume(&visit.in, visit.used + visit.body_len);
		visit.used = visit.body_len = 0;
		free(visit.text);
		visit.text = NULL;
	}
	jw_buf_done(&visit.in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jw_str sent = {(const char *)data, size};
	struct jw_str how;

	if (size > INPUT_MAX || !jw_str_cut(sent, '\n', &how, &sent))
		return 0;
	parse(sent);
	compare(how, sent);
	return 0;
}
