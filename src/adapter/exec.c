/* SPDX-License-Identifier: MIT */
/* Programs side by side on the loop: their output, their end or their time's, and nothing left of them behind. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "adapter/exec_parts.h"
#include "base/mem.h"

/* Between SIGTERM and SIGKILL, within the timeout; of a short one, a quarter. */
#define TERM_GRACE_MS 200
/* How long the pipes are still read behind the program's end, where something else holds them. */
#define PIPE_GRACE_MS 200
#define READ_SIZE ((size_t)64 * 1024)

enum phase {
	PHASE_QUEUED,  /* waits for its turn */
	PHASE_FAILED,  /* has an outcome to tell */
	PHASE_RUNNING, /* up to the time for SIGTERM */
	PHASE_LATE,    /* SIGTERM was sent */
	PHASE_DRAINING /* it has ended, something else holds its pipes */
};

struct stream {
	struct jw_child *child;
	int fd; /* -1: closed */
	struct jw_watch *watch;
	struct jw_buf bytes;
};

struct self {
	struct jw_loop loop;
	size_t running;
	struct jw_child *first; /* in the queue */
	struct jw_child *last;
	struct jw_exec_reaper reaper;
};

struct jw_child {
	struct self *self;
	struct jw_child *next; /* in the queue */
	struct jw_arena arena;
	struct jw_exec_request request; /* copied */
	jw_exec_done *done;
	void *context;
	enum phase phase;
	struct jw_timer *timer;
	int64_t deadline_ms;
	struct jw_err err; /* of PHASE_FAILED */
	pid_t pid;	   /* 0: none */
	int pidfd;
	struct jw_watch *watch;
	size_t place; /* among the groups that run */
	siginfo_t end;
	bool has_ended;
	bool is_cut; /* the complaint's beginning is lost */
	struct stream output;
	struct stream complaint;
};

static int64_t now_ms(void)
{
	return jw_adapter_clock.monotonic_ms(NULL);
}

static int64_t left_ms(const struct jw_child *child)
{
	int64_t left = child->deadline_ms - now_ms();

	return left > 0 ? left : 0;
}

static void close_stream(struct stream *stream)
{
	if (stream->fd < 0)
		return;
	stream->child->self->loop.unwatch(stream->watch);
	close(stream->fd);
	stream->fd = -1;
}

/* Until it is reaped no other group can have its number. */
static void end_group(struct jw_child *child, int number)
{
	struct self *self = child->self;

	if (!child->pid)
		return;
	kill(-child->pid, number);
	jw_exec_groups_drop(child->place);
	self->loop.unwatch(child->watch);
	if (child->has_ended) {
		waitid(P_PID, (id_t)child->pid, &(siginfo_t){0}, WEXITED | WNOHANG);
		close(child->pidfd);
	} else {
		jw_exec_reap_later(&self->reaper, child->pid, child->pidfd);
	}
	close_stream(&child->output);
	close_stream(&child->complaint);
	self->running--;
	child->pid = 0;
}

static void free_child(struct jw_child *child)
{
	child->self->loop.timer_free(child->timer);
	jw_buf_done(&child->output.bytes);
	jw_buf_done(&child->complaint.bytes);
	jw_arena_done(&child->arena);
	free(child);
}

static void leave_queue(struct jw_child *child)
{
	struct self *self = child->self;
	struct jw_child **place = &self->first;
	struct jw_child *before = NULL;

	for (; *place != child; place = &before->next)
		before = *place;
	*place = child->next;
	if (self->last == child)
		self->last = before;
}

static struct jw_str complaint_of(const struct jw_child *child)
{
	struct jw_str all = jw_buf_get(&child->complaint.bytes);
	struct jw_str line;
	struct jw_str rest = {0};

	if (!child->is_cut)
		return all;
	jw_str_cut(all, '\n', &line, &rest);
	return rest;
}

static void take_turns(struct self *self);

/* *err: where not JW_OK. The child is gone behind it. */
static void finish(struct jw_child *child, enum jw_cause cause, const struct jw_err *err)
{
	struct self *self = child->self;
	bool was_killed = child->has_ended && child->end.si_code != CLD_EXITED;
	const char *name = was_killed ? sigabbrev_np(child->end.si_status) : NULL;
	struct jw_exec_result result = {
		.cause = cause,
		.says = err ? err->text : NULL,
		.exit_status = child->end.si_status,
		.signal = was_killed && !name ? "RT" : name,
	};

	end_group(child, SIGKILL);
	result.output = jw_buf_get(&child->output.bytes);
	result.complaint = complaint_of(child);
	child->done(child->context, &result);
	free_child(child);
	take_turns(self);
}

static void fail(struct jw_child *child, enum jw_cause cause, const char *says)
{
	struct jw_err err;

	jw_fail(&err, cause, "%s", says);
	finish(child, cause, &err);
}

static void finish_late(struct jw_child *child)
{
	struct jw_err err;

	jw_fail(&err, JW_TIMEOUT, "didn't end by itself within %lld ms, so it was ended",
		(long long)child->request.timeout_ms);
	finish(child, JW_TIMEOUT, &err);
}

static bool is_drained(const struct jw_child *child)
{
	return child->has_ended && child->output.fd < 0 && child->complaint.fd < 0;
}

static void keep_the_end(struct jw_child *child)
{
	struct jw_buf *bytes = &child->complaint.bytes;

	if (bytes->len <= JW_EXEC_COMPLAINT_MAX)
		return;
	jw_buf_consume(bytes, bytes->len - JW_EXEC_COMPLAINT_MAX);
	child->is_cut = true;
}

static void too_much(struct jw_child *child)
{
	struct jw_err err;

	jw_fail(&err, JW_BODY_TOO_LARGE, "its output is larger than max_size, %zu bytes",
		child->request.max_output);
	finish(child, JW_BODY_TOO_LARGE, &err);
}

static void on_readable(void *context, int fd, int what)
{
	struct stream *stream = context;
	struct jw_child *child = stream->child;
	char bytes[READ_SIZE];
	ssize_t len = read(fd, bytes, sizeof(bytes));

	(void)what;
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0)
		close_stream(stream);
	else if (!jw_buf_add(&stream->bytes, bytes, (size_t)len)) {
		too_much(child);
		return;
	}
	keep_the_end(child);
	if (is_drained(child))
		finish(child, JW_OK, NULL);
}

static void on_end(void *context, int fd, int what)
{
	struct jw_child *child = context;
	struct self *self = child->self;
	int64_t grace = left_ms(child);

	(void)fd;
	(void)what;
	/* It stays a zombie for now, so that its number stays its own. */
	if (waitid(P_PID, (id_t)child->pid, &child->end, WEXITED | WNOWAIT | WNOHANG) ||
	    !child->end.si_pid)
		return;
	child->has_ended = true;
	self->loop.want(child->watch, 0);
	if (child->phase == PHASE_LATE) {
		finish_late(child);
		return;
	}
	child->phase = PHASE_DRAINING;
	self->loop.arm(child->timer, grace < PIPE_GRACE_MS ? grace : PIPE_GRACE_MS);
	if (is_drained(child))
		finish(child, JW_OK, NULL);
}

/* SIGTERM first: a program may have something of its own to end or to put back. */
static void ask_to_end(struct jw_child *child)
{
	child->phase = PHASE_LATE;
	kill(-child->pid, SIGTERM);
	child->self->loop.arm(child->timer, left_ms(child));
}

static void on_due(void *context)
{
	struct jw_child *child = context;

	switch (child->phase) {
	case PHASE_QUEUED:
		leave_queue(child);
		fail(child, JW_DEADLINE,
		     "its turn didn't come in time: too many programs were running");
		break;
	case PHASE_FAILED:
		finish(child, child->err.cause, &child->err);
		break;
	case PHASE_RUNNING:
		ask_to_end(child);
		break;
	case PHASE_LATE:
		finish_late(child);
		break;
	case PHASE_DRAINING:
		finish(child, JW_OK, NULL);
		break;
	}
}

static void watch_stream(struct jw_child *child, struct stream *stream, int fd, size_t max)
{
	struct jw_loop *loop = &child->self->loop;

	stream->child = child;
	stream->fd = fd;
	jw_buf_init(&stream->bytes, max);
	stream->watch = loop->watch(loop->self, fd, on_readable, stream);
	loop->want(stream->watch, JW_LOOP_READ);
}

/* No signal ends us between the start of a group and the moment from which on it would end with us. */
static enum jw_cause spawn(struct jw_child *child, struct jw_spawned *ret_spawned)
{
	sigset_t all;
	sigset_t before;
	enum jw_cause cause;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	cause = jw_exec_spawn(&child->request, ret_spawned, &child->err);
	if (!cause)
		child->place = jw_exec_groups_add(ret_spawned->pid);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return cause;
}

static void run(struct jw_child *child)
{
	struct self *self = child->self;
	int64_t grace = child->request.timeout_ms / 4;
	int64_t left = left_ms(child);
	struct jw_spawned spawned;

	if (spawn(child, &spawned)) {
		child->phase = PHASE_FAILED;
		self->loop.arm(child->timer, 0);
		return;
	}
	grace = grace < TERM_GRACE_MS ? grace : TERM_GRACE_MS;
	child->phase = PHASE_RUNNING;
	child->pid = spawned.pid;
	self->running++;
	child->pidfd = spawned.pidfd;
	child->watch = self->loop.watch(self->loop.self, spawned.pidfd, on_end, child);
	self->loop.want(child->watch, JW_LOOP_READ);
	watch_stream(child, &child->output, spawned.output, child->request.max_output);
	watch_stream(child, &child->complaint, spawned.complaint,
		     JW_EXEC_COMPLAINT_MAX + READ_SIZE);
	self->loop.arm(child->timer, left > grace ? left - grace : 0);
}

static void take_turns(struct self *self)
{
	while (self->first && self->running < JW_EXEC_SIDE_BY_SIDE) {
		struct jw_child *child = self->first;

		leave_queue(child);
		run(child);
	}
}

static const char *const *copied_list(struct jw_arena *arena, const char *const *texts)
{
	const char **copy;
	size_t count = 0;

	while (texts && texts[count])
		count++;
	copy = jw_arena_array(arena, count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = jw_arena_text(arena, jw_str_of(texts[i]));
	return copy;
}

static void copy_request(struct jw_child *child, const struct jw_exec_request *request)
{
	child->request = *request;
	child->request.argv = copied_list(&child->arena, request->argv);
	child->request.env = copied_list(&child->arena, request->env);
	child->request.input = jw_arena_str(&child->arena, request->input);
	if (request->folder)
		child->request.folder =
			jw_arena_text(&child->arena, jw_str_of(request->folder));
}

static struct jw_child *start(void *context, const struct jw_exec_request *request,
			      jw_exec_done *done, void *done_context)
{
	struct self *self = context;
	struct jw_child *child = jw_xcalloc(1, sizeof(*child));

	child->self = self;
	child->done = done;
	child->context = done_context;
	child->output.fd = child->complaint.fd = -1;
	child->deadline_ms = now_ms() + request->timeout_ms;
	copy_request(child, request);
	child->timer = self->loop.timer(self->loop.self, on_due, child);
	self->loop.arm(child->timer, request->timeout_ms);
	if (self->last)
		self->last->next = child;
	else
		self->first = child;
	self->last = child;
	take_turns(self);
	return child;
}

static void cancel(struct jw_child *child)
{
	struct self *self = child->self;

	if (child->phase == PHASE_QUEUED)
		leave_queue(child);
	end_group(child, child->request.has_programs ? SIGTERM : SIGKILL);
	free_child(child);
	take_turns(self);
}

static void close_exec(void *context)
{
	struct self *self = context;

	jw_exec_reap_all(&self->reaper);
	free(self);
}

struct jw_exec jw_adapter_exec(const struct jw_loop *loop)
{
	struct self *self = jw_xcalloc(1, sizeof(*self));

	self->loop = *loop;
	self->reaper.loop = &self->loop;
	/* Whoever started us may have had it ignored: then nobody's end could be told. */
	signal(SIGCHLD, SIG_DFL);
	jw_exec_groups_handle_signals();
	return (struct jw_exec){
		.self = self, .start = start, .cancel = cancel, .close = close_exec};
}
