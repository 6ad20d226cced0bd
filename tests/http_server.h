/* SPDX-License-Identifier: MIT */
/* What the tests of the HTTP module share: the hostile server, URLs that name its ports, one answer. */
#pragma once

#include "rows.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/mem.h"
#include "contract/http.h"

extern const struct jw_module jw_module;

/* Nothing here takes that long, unless it hangs. */
#define BOUND_MS 60000
/* Stands in much of what the server sends, and in what is secret: in no sentence. */
#define CANARY "hunter2"

static struct {
	char folder[64];
	pid_t pid;
	int input;
	struct {
		char name[32];
		unsigned port;
	} ports[32];
	size_t count;
} server;

static unsigned server_port(const char *name, size_t len)
{
	for (size_t i = 0; i < server.count; i++)
		if (strlen(server.ports[i].name) == len &&
		    !memcmp(server.ports[i].name, name, len))
			return server.ports[i].port;
	abort();
}

/* "{NAME}" becomes the port of that server, "{folder}" the folder of certificates. */
static inline const char *expanded(struct jw_arena *arena, const char *text)
{
	jw_autobuf struct jw_buf buf = JW_BUF(8192);

	if (!text)
		return NULL;
	for (; *text; text++) {
		const char *end = *text == '{' ? strchr(text, '}') : NULL;

		if (!end) {
			jw_buf_char(&buf, *text);
			continue;
		}
		if (!strncmp(text, "{folder}", 8))
			jw_buf_text(&buf, server.folder);
		else
			jw_buf_printf(&buf, "%u",
				      server_port(text + 1, (size_t)(end - text - 1)));
		text = end;
	}
	return jw_arena_text(arena, jw_buf_get(&buf));
}

static inline void read_ports(int fd)
{
	FILE *lines = fdopen(fd, "r");
	char line[64];

	while (lines && fgets(line, sizeof(line), lines)) {
		struct jw_str name;
		struct jw_str port;
		uint64_t number = 0;

		if (!jw_str_cut(jw_str_trim(jw_str_of(line)), ' ', &name, &port) ||
		    !jw_str_u64(port, UINT16_MAX, &number) || jw_str_is(name, "ready"))
			break;
		memcpy(server.ports[server.count].name, name.ptr, name.len);
		server.ports[server.count++].port = (unsigned)number;
	}
	if (lines)
		fclose(lines);
}

/* It ends when its standard input does: with this program, whatever becomes of that. */
static inline void server_start(void)
{
	const char *top = getenv("top_srcdir");
	char script[4096];
	int input[2];
	int output[2];

	snprintf(script, sizeof(script), "%s/tests/hostile_http.py", top ? top : "..");
	snprintf(server.folder, sizeof(server.folder), "/tmp/jwtwatch-http-XXXXXX");
	if (!mkdtemp(server.folder) || pipe2(input, O_CLOEXEC) || pipe2(output, O_CLOEXEC))
		abort();
	signal(SIGPIPE, SIG_IGN);
	server.pid = fork();
	if (!server.pid) {
		dup2(input[0], STDIN_FILENO);
		dup2(output[1], STDOUT_FILENO);
		execlp("python3", "python3", "-B", script, server.folder, (char *)NULL);
		_exit(127);
	}
	close(input[0]);
	close(output[1]);
	server.input = input[1];
	read_ports(output[0]);
	if (!server.count)
		fprintf(stderr, "tests/hostile_http.py doesn't start\n");
}

static inline void server_stop(void)
{
	close(server.input);
	waitpid(server.pid, NULL, 0);
	server.pid = fork();
	if (!server.pid) {
		execlp("rm", "rm", "-rf", server.folder, (char *)NULL);
		_exit(127);
	}
	waitpid(server.pid, NULL, 0);
}

static inline void forget_proxies(void)
{
	static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
					    "all_proxy",  "ALL_PROXY",	 "no_proxy",
					    "NO_PROXY",	  "HTTP_PROXY"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unsetenv(names[i]);
}

/* A loop with a client on it. */
struct bench {
	struct jw_loop loop;
	struct jw_http http;
	struct jw_arena arena;
	int waiting; /* for so many answers */
};

static inline void bench_open_for(struct bench *bench, const struct jw_http_ops *ops,
				  enum jw_http_use use)
{
	*bench = (struct bench){0};
	assert_int_equal(jw_adapter_loop(&bench->loop, NULL), JW_OK);
	assert_int_equal(ops->open(&bench->loop, use, &bench->http, NULL), JW_OK);
}

static inline void bench_open(struct bench *bench, const struct jw_http_ops *ops)
{
	bench_open_for(bench, ops, JW_HTTP_ONE_SHOT);
}

static inline void bench_close(struct bench *bench)
{
	if (bench->http.close)
		bench->http.close(bench->http.self);
	jw_adapter_loop_end(&bench->loop);
	jw_arena_done(&bench->arena);
}

static inline void bench_run(struct bench *bench)
{
	int64_t until = jw_adapter_clock.monotonic_ms(NULL) + BOUND_MS;

	bench->loop.run(bench->loop.self, until);
	assert_true(jw_adapter_clock.monotonic_ms(NULL) < until);
}

/* What came, kept. */
struct answer {
	struct bench *bench;
	struct jw_http_reply reply;
	int told;
};

static inline const struct jw_http_header *keep_headers(struct jw_arena *arena,
							const struct jw_http_reply *reply)
{
	struct jw_http_header *headers;

	headers = jw_arena_array(arena, reply->header_count + 1, sizeof(*headers));
	for (size_t i = 0; i < reply->header_count; i++) {
		headers[i].name = jw_arena_str(arena, reply->headers[i].name);
		headers[i].value = jw_arena_str(arena, reply->headers[i].value);
	}
	return headers;
}

static inline const struct jw_http_reply *keep_hops(struct jw_arena *arena,
						    const struct jw_http_reply *reply)
{
	size_t count = (size_t)reply->redirects;
	struct jw_http_reply *hops = jw_arena_array(arena, count + 1, sizeof(*hops));

	for (size_t i = 0; i < count; i++) {
		hops[i] = reply->hops[i];
		hops[i].url = jw_arena_text(arena, jw_str_of(reply->hops[i].url));
		hops[i].headers = keep_headers(arena, &reply->hops[i]);
	}
	return hops;
}

static inline void keep_answer(void *context, const struct jw_http_reply *reply)
{
	struct answer *answer = context;
	struct jw_arena *arena = &answer->bench->arena;

	answer->reply = *reply;
	answer->reply.says = reply->says ? jw_arena_text(arena, jw_str_of(reply->says)) : NULL;
	answer->reply.proxy =
		reply->proxy ? jw_arena_text(arena, jw_str_of(reply->proxy)) : NULL;
	answer->reply.url = jw_arena_text(arena, jw_str_of(reply->url));
	answer->reply.body = jw_arena_str(arena, reply->body);
	answer->reply.headers = keep_headers(arena, reply);
	answer->reply.hops = keep_hops(arena, reply);
	answer->told++;
	if (!--answer->bench->waiting)
		answer->bench->loop.stop(answer->bench->loop.self);
}

static inline struct jw_transfer *
ask(struct bench *bench, const struct jw_http_request *request, struct answer *answer)
{
	*answer = (struct answer){.bench = bench};
	bench->waiting++;
	return bench->http.start(bench->http.self, request, keep_answer, answer);
}

static inline struct jw_http_request get(struct bench *bench, const char *url)
{
	return (struct jw_http_request){.url = expanded(&bench->arena, url),
					.timeout_ms = BOUND_MS,
					.max_body = 1 << 20};
}
