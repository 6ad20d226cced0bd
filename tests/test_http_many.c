/* SPDX-License-Identifier: MIT */
/* The module for HTTP with many transfers: hanging, cancelled, leading to others, and without descriptors. */
#include "name_service.h"

#include <sys/resource.h>

#include <curl/curl.h>

#define MANY 600
/* More than the five that libcurl tries. */
#define KEPT 32

static int handles; /* that libcurl was asked for */

CURL *curl_easy_init(void)
{
	typedef CURL *make(void);

	handles++;
	return ((make *)(uintptr_t)dlsym(RTLD_NEXT, "curl_easy_init"))();
}

struct again_row {
	const char *name;
	const char *first;
	int64_t timeout_ms; /* 0: time enough */
	int handles;	    /* made behind it */
};

/* Then an address, for which no name is looked up, and twice more. */
static const struct again_row again_rows[] = {
	{"the handle of an address is used again", "http://127.0.0.1:{http}/ok", 0, 0},
	{"... of a name, whose addresses are forgotten", "http://good.test:{http}/ok", 0, 0},
	{"... of an answer that is too short", "http://127.0.0.1:{http}/short", 0, 0},
	{"... not of one that was reset", "http://127.0.0.1:{http}/reset", 0, 1},
	{"... not of one that was cut off", "http://127.0.0.1:{mute}/", 100, 1},
};

static void used_again(void **state)
{
	const struct again_row *row = *state;
	struct answer answer;
	struct jw_http_request request;
	struct bench bench;

	bench_open_for(&bench, jw_module.ops, JW_HTTP_DAEMON);
	request = get(&bench, row->first);
	if (row->timeout_ms)
		request.timeout_ms = row->timeout_ms;
	ask(&bench, &request, &answer);
	bench_run(&bench);
	/* libcurl has some of its own. */
	handles = 0;
	request = get(&bench, "http://127.0.0.1:{http}/ok");
	for (int i = 0; i < 3; i++) {
		ask(&bench, &request, &answer);
		bench_run(&bench);
		assert_int_equal(answer.reply.cause, JW_OK);
	}
	assert_int_equal(handles, row->handles);
	bench_close(&bench);
}

static void many_hang_and_one_comes(void **state)
{
	static struct answer hanging[MANY];
	static struct jw_transfer *transfers[MANY];
	struct answer good;
	struct jw_http_request request;
	struct bench bench;
	struct pulse pulse;

	(void)state;
	bench_open(&bench, jw_module.ops);
	for (int i = 0; i < MANY; i++) {
		request = get(&bench, "http://127.0.0.1:{mute}/");
		transfers[i] = ask(&bench, &request, &hanging[i]);
	}
	bench.waiting = 0;
	pulse_begin(&pulse, &bench);
	request = get(&bench, "http://127.0.0.1:{http}/ok");
	ask(&bench, &request, &good);
	bench_run(&bench);
	assert_int_equal(good.reply.cause, JW_OK);
	assert_true(good.reply.phases.total_us < 5000000);
	for (int i = 0; i < MANY; i++) {
		bench.http.cancel(transfers[i]);
		assert_false(hanging[i].told);
	}
	/* Descriptors and places are free again. */
	ask(&bench, &request, &good);
	bench_run(&bench);
	assert_int_equal(good.reply.cause, JW_OK);
	pulse_end(&pulse);
	bench_close(&bench);
}

/* As a server does that keeps connections for less time than lies between two checks. */
static void a_server_has_closed_what_was_open(void **state)
{
	struct answer answers[KEPT];
	struct answer last;
	struct jw_http_request request;
	struct bench bench;

	(void)state;
	bench_open_for(&bench, jw_module.ops, JW_HTTP_DAEMON);
	request = get(&bench, "https://127.0.0.1:{good}/part");
	request.ca_file = expanded(&bench.arena, "{folder}/ca.pem");
	for (int i = 0; i < KEPT; i++)
		ask(&bench, &request, &answers[i]);
	bench_run(&bench);
	for (int i = 0; i < KEPT; i++)
		assert_int_equal(answers[i].reply.cause, JW_OK);
	ask(&bench, &request, &last);
	bench_run(&bench);
	assert_int_equal(last.reply.cause, JW_OK);
	bench_close(&bench);
}

/* Cancelled after so many milliseconds, at each stage; nothing is told of it, then or later. */
struct cancel_row {
	const char *name;
	const char *url;
	int after_ms;
};

static const struct cancel_row cancels[] = {
	{"cancelled at once", "http://127.0.0.1:{http}/ok", -1},
	{"cancelled while its name is looked up", "http://h1.dead.test/", 30},
	{"cancelled while it connects", "http://127.0.0.1:{full}/", 30},
	{"cancelled in the TLS handshake", "https://127.0.0.1:{quiet}/", 30},
	{"cancelled while it waits", "http://127.0.0.1:{http}/hang", 30},
	{"cancelled in its headers", "http://127.0.0.1:{http}/hang-headers", 30},
	{"cancelled in its body", "http://127.0.0.1:{http}/drip", 30},
	{"cancelled behind a redirect", "http://127.0.0.1:{http}/r/hang", 30},
};

static void on_stop(void *context)
{
	struct bench *bench = context;

	bench->loop.stop(bench->loop.self);
}

static void run_for(struct bench *bench, int64_t ms)
{
	struct jw_timer *timer = bench->loop.timer(bench->loop.self, on_stop, bench);

	bench->loop.arm(timer, ms);
	bench_run(bench);
	bench->loop.timer_free(timer);
}

static void cancels_at(void **state)
{
	const struct cancel_row *row = *state;
	struct jw_http_request request;
	struct jw_transfer *transfer;
	struct bench bench;
	struct answer answer;
	struct answer other;

	service_break();
	bench_open(&bench, jw_module.ops);
	request = get(&bench, row->url);
	transfer = ask(&bench, &request, &answer);
	bench.waiting = 0;
	if (row->after_ms >= 0)
		run_for(&bench, row->after_ms);
	bench.http.cancel(transfer);
	request = get(&bench, "http://127.0.0.1:{http}/ok");
	ask(&bench, &request, &other);
	bench_run(&bench);
	run_for(&bench, 10);
	assert_int_equal(other.reply.cause, JW_OK);
	assert_false(answer.told);
	service_mend();
	bench_close(&bench);
}

/* What a `done` may do: start the next, cancel others that have ended as well, close behind the last. */
struct party {
	struct bench bench;
	struct jw_transfer *others[3];
	struct jw_http_request request;
	int told;
	int starts;
};

static void not_told(void *context, const struct jw_http_reply *reply)
{
	(void)context;
	(void)reply;
	fail();
}

static void start_another(void *context, const struct jw_http_reply *reply)
{
	struct party *party = context;
	struct jw_http *http = &party->bench.http;

	assert_int_equal(reply->cause, JW_OK);
	party->told++;
	if (party->starts--) {
		http->start(http->self, &party->request, start_another, party);
		return;
	}
	http->close(http->self);
	http->close = NULL;
	party->bench.loop.stop(party->bench.loop.self);
}

static void one_leads_to_another(void **state)
{
	struct party party = {.starts = 5};

	(void)state;
	bench_open(&party.bench, jw_module.ops);
	party.request = get(&party.bench, "http://127.0.0.1:{http}/ok");
	start_another(&party, &(struct jw_http_reply){.cause = JW_OK});
	bench_run(&party.bench);
	assert_int_equal(party.told, 6);
	bench_close(&party.bench);
}

static void cancel_the_others(void *context, const struct jw_http_reply *reply)
{
	struct party *party = context;

	assert_int_equal(reply->cause, JW_SECRET_MISSING);
	party->told++;
	for (int i = 2; i >= 0; i--)
		party->bench.http.cancel(party->others[i]);
	party->bench.loop.stop(party->bench.loop.self);
}

static void one_cancels_those_that_have_ended(void **state)
{
	struct party party = {0};
	struct jw_http *http = &party.bench.http;

	(void)state;
	bench_open(&party.bench, jw_module.ops);
	party.request = get(&party.bench, "https://127.0.0.1:{http}/ok");
	party.request.ca_file = "/nothing";
	http->start(http->self, &party.request, cancel_the_others, &party);
	for (int i = 0; i < 3; i++)
		party.others[i] = http->start(http->self, &party.request, not_told, NULL);
	assert_int_equal(party.told, 0);
	bench_run(&party.bench);
	run_for(&party.bench, 10);
	assert_int_equal(party.told, 1);
	bench_close(&party.bench);
}

/* Descriptors */

struct limit_row {
	const char *name;
	const char *url;
	const char *ca_file;
	bool has_warmed_up; /* another name was looked up before */
	int left;
};

static const struct limit_row limits[] = {
	{"no descriptor for a connection", "http://127.0.0.1:{http}/ok", NULL, false, 0},
	{"none for a second connection", "http://127.0.0.1:{mute}/", NULL, true, 0},
	{"no descriptor to look up a name", "http://good.test:{http}/ok", NULL, false, 0},
	{"none for what looks it up", "http://again.test/", NULL, true, 0},
	{"no descriptor for a ca_file", "https://127.0.0.1:{good}/ok", "{folder}/ca.pem", false,
	 0},
	{"none for the system's authorities", "https://127.0.0.1:{good}/ok", NULL, true, 1},
};

static void use_up(int left)
{
	struct rlimit limit;
	int last = -1;
	int fd;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max = 40;
	setrlimit(RLIMIT_NOFILE, &limit);
	while ((fd = dup(STDIN_FILENO)) >= 0)
		last = fd;
	for (int i = 0; i < left; i++)
		close(last - i);
}

/* In a process of its own, whose limit can't be raised again. */
static int without_descriptors(const struct limit_row *row)
{
	struct jw_http_request request;
	struct bench bench;
	struct answer answer;

	bench_open(&bench, jw_module.ops);
	if (row->has_warmed_up) {
		request = get(&bench, "http://good.test:{http}/ok");
		ask(&bench, &request, &answer);
		bench_run(&bench);
	}
	use_up(row->left);
	request = get(&bench, row->url);
	request.ca_file = expanded(&bench.arena, row->ca_file);
	request.timeout_ms = 5000;
	ask(&bench, &request, &answer);
	bench_run(&bench);
	if (answer.reply.cause != JW_INTERNAL)
		return answer.reply.cause;
	return strcmp(answer.reply.says, "no file descriptor is left (limit 40)") ? 100 : 101;
}

static void no_descriptor_is_left(void **state)
{
	const struct limit_row *row = *state;
	int status;
	pid_t child = fork();

	if (!child)
		_exit(without_descriptors(row));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 101);
}

/* As many descriptors as there may be: our own limit is the hard one, or 65536. */
static void the_limit_is_raised(void **state)
{
	struct bench bench;
	struct rlimit before;
	struct rlimit limit;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &before);
	limit = before;
	limit.rlim_cur = 100;
	setrlimit(RLIMIT_NOFILE, &limit);
	bench_open(&bench, jw_module.ops);
	getrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(limit.rlim_cur, before.rlim_max < 65536 ? before.rlim_max : 65536);
	bench_close(&bench);
	setrlimit(RLIMIT_NOFILE, &before);
}

int main(void)
{
	int failed;

	forget_proxies();
	server_start();
	JW_ROWS(again_rows, used_again);
	JW_TEST(many_hang_and_one_comes);
	JW_TEST(a_server_has_closed_what_was_open);
	JW_ROWS(cancels, cancels_at);
	JW_TEST(one_leads_to_another);
	JW_TEST(one_cancels_those_that_have_ended);
	JW_ROWS(limits, no_descriptor_is_left);
	JW_TEST(the_limit_is_raised);
	failed = rows_run();
	server_stop();
	return failed;
}
