/* SPDX-License-Identifier: MIT */
/* The module for HTTP: what a reply tells beside its body, and the module opened instead of linked in. */
#include "http_server.h"

#include "adapter/http_curl.h"

struct date_row {
	const char *name;
	const char *path;
	bool has_date;
};

static const struct date_row dates[] = {
	{"a Date", "/ok", true},
	{"a Date beside the Age of an interim answer", "/interim", true},
	{"a Date out of a cache", "/age", false},
	{"no Date", "/empty", false},
	{"a Date in a trailer", "/chunked", false},
	{"garbage for a Date", "/date-garbage", false},
	{"a Date of no month", "/date-month", false},
	{"a Date of no day", "/date-day", false},
	{"a Date of another zone", "/date-zone", false},
	{"a Date of old form", "/date-old", false},
};

static void tells_the_date(void **state)
{
	const struct date_row *row = *state;
	struct jw_http_request request;
	struct bench bench;
	struct answer answer;
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:{http}%s", row->path);
	bench_open(&bench, jw_module.ops);
	request = get(&bench, url);
	ask(&bench, &request, &answer);
	bench_run(&bench);
	assert_int_equal(answer.reply.cause, JW_OK);
	assert_int_equal(answer.reply.has_date, row->has_date);
	assert_int_equal(answer.reply.date, row->has_date ? 784111777 : 0);
	bench_close(&bench);
}

static void headers_are_told(void **state)
{
	struct jw_http_request request;
	struct bench bench;
	struct answer answer;

	(void)state;
	bench_open(&bench, jw_module.ops);
	request = get(&bench, "http://127.0.0.1:{http}/folded");
	ask(&bench, &request, &answer);
	bench_run(&bench);
	assert_int_equal(answer.reply.header_count, 3);
	assert_true(jw_str_is(jw_http_header(&answer.reply, "x-FOLDED"), "one   two"));
	assert_true(jw_str_is(jw_http_header(&answer.reply, "X-Next"), "three"));
	assert_null(jw_http_header(&answer.reply, "X-Other").ptr);
	bench_close(&bench);
}

/* What led on is told too, each with its own URL and headers, and not the renamed one. */
static void the_way_is_told(void **state)
{
	static const char *const urls[] = {"http://127.0.0.1:{http}/r/n3",
					   "http://voice.example:{http}/r/n2",
					   "http://voice.example:{http}/r/n1"};
	static const char *const locations[] = {"/r/n2", "/r/n1", "/echo"};
	struct jw_http_request request;
	struct bench bench;
	struct answer answer;

	(void)state;
	bench_open(&bench, jw_module.ops);
	request = get(&bench, urls[0]);
	request.server_name = "voice.example";
	ask(&bench, &request, &answer);
	bench_run(&bench);
	assert_int_equal(answer.reply.status, 200);
	assert_int_equal(answer.reply.redirects, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct jw_http_reply *hop = &answer.reply.hops[i];

		assert_int_equal(hop->status, 302);
		assert_string_equal(hop->url, expanded(&bench.arena, urls[i]));
		assert_true(jw_str_is(jw_http_header(hop, "location"), locations[i]));
	}
	assert_null(jw_http_header(&answer.reply, "Location").ptr);
	bench_close(&bench);
}

struct certificate_row {
	const char *name;
	const char *server;
	int64_t expires;
};

static const struct certificate_row certificates[] = {
	{"the end of a certificate", "good", 7195046400},
	{"the end of one that has ended", "ended", 981173106},
	{"the end of one for another name", "wrong", 7195046400},
	{"no certificate without TLS", "http", 0},
};

static void tells_when_the_certificate_ends(void **state)
{
	const struct certificate_row *row = *state;
	struct jw_http_request request;
	struct bench bench;
	struct answer answer;
	char url[64];

	snprintf(url, sizeof(url), "http%s://127.0.0.1:{%s}/ok", row->expires ? "s" : "",
		 row->server);
	bench_open(&bench, jw_module.ops);
	request = get(&bench, url);
	request.ca_file = expanded(&bench.arena, "{folder}/ca.pem");
	ask(&bench, &request, &answer);
	bench_run(&bench);
	assert_int_equal(answer.reply.certificate_expires, row->expires);
	bench_close(&bench);
}

static void a_used_connection_tells_its_certificate(void **state)
{
	struct jw_http_request request;
	struct bench bench;
	struct answer answers_two[2];

	(void)state;
	bench_open(&bench, jw_module.ops);
	request = get(&bench, "https://127.0.0.1:{good}/peer");
	request.ca_file = expanded(&bench.arena, "{folder}/ca.pem");
	for (int i = 0; i < 2; i++) {
		ask(&bench, &request, &answers_two[i]);
		bench_run(&bench);
		assert_int_equal(answers_two[i].reply.cause, JW_OK);
		assert_int_equal(answers_two[i].reply.certificate_expires, 7195046400);
	}
	assert_true(jw_str_eq(answers_two[0].reply.body, answers_two[1].reply.body));
	assert_true(answers_two[0].reply.phases.tls_us > 0);
	assert_int_equal(answers_two[1].reply.phases.tls_us, -1);
	assert_int_equal(answers_two[1].reply.phases.connect_us, -1);
	bench_close(&bench);
}

/* The system's authorities: a hashed folder where there is one, and the bundle for what it doesn't know. */
struct system_row {
	const char *name;
	const char *path;
	const char *bundle;
	enum jw_cause cause;
};

static const struct system_row systems[] = {
	{"a hashed folder", "{folder}/hashed", NULL, JW_OK},
	{"a hashed folder without it, but a bundle", "{folder}/other", "{folder}/ca.pem",
	 JW_OK},
	{"a hashed folder and a bundle without it", "{folder}/other", "{folder}/self.pem",
	 JW_TLS},
	{"a folder that isn't hashed", "{folder}", "{folder}/ca.pem", JW_OK},
	{"no folder", NULL, "{folder}/ca.pem", JW_OK},
	{"neither", NULL, NULL, JW_TLS},
};

static void trusts_for(const struct system_row *row, enum jw_http_use use)
{
	struct jw_http_request request;
	struct bench bench;
	struct answer answer;
	struct jw_client *client;

	bench_open_for(&bench, jw_module.ops, use);
	client = bench.http.self;
	client->ca_path = expanded(&bench.arena, row->path);
	client->ca_bundle = expanded(&bench.arena, row->bundle);
	request = get(&bench, "https://127.0.0.1:{good}/ok");
	for (int i = 0; i < 2; i++) {
		ask(&bench, &request, &answer);
		bench_run(&bench);
		assert_int_equal(answer.reply.cause, row->cause);
	}
	bench_close(&bench);
}

static void trusts_the_system(void **state)
{
	trusts_for(*state, JW_HTTP_ONE_SHOT);
}

static void a_daemon_trusts_the_same(void **state)
{
	trusts_for(*state, JW_HTTP_DAEMON);
}

#define TWO_CURLMS 65

/* More transfers at once than one CURLM has. */
static void a_daemon_reads_the_authorities_once(void **state)
{
	static struct answer answers[TWO_CURLMS];
	struct jw_http_request request;
	struct bench bench;
	struct jw_client *client;

	(void)state;
	bench_open_for(&bench, jw_module.ops, JW_HTTP_DAEMON);
	client = bench.http.self;
	client->ca_path = NULL;
	client->ca_bundle = expanded(&bench.arena, "{folder}/ca.pem");
	request = get(&bench, "https://127.0.0.1:{good}/ok");
	for (int i = 0; i < TWO_CURLMS; i++)
		ask(&bench, &request, &answers[i]);
	bench_run(&bench);
	for (int i = 0; i < TWO_CURLMS; i++)
		assert_int_equal(answers[i].reply.cause, JW_OK);
	assert_true(answers[0].reply.phases.tls_us > 0);
	assert_true(answers[TWO_CURLMS - 1].reply.phases.tls_us > 0);
	assert_int_equal(client->store_reads, 1);
	bench_close(&bench);
}

/* As packages replace files: another one of the same name. */
static void replace_bundle(struct bench *bench, const char *from)
{
	char text[65536];
	const char *made = expanded(&bench->arena, "{folder}/bundle.new");
	FILE *in = fopen(expanded(&bench->arena, from), "r");
	FILE *out = fopen(made, "w");
	size_t len = in ? fread(text, 1, sizeof(text), in) : 0;

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(rename(made, expanded(&bench->arena, "{folder}/bundle.pem")), 0);
	fclose(in);
}

static enum jw_cause cause_of(struct bench *bench, const char *url)
{
	struct jw_http_request request = get(bench, url);
	struct answer answer;

	request.client_certificate = expanded(&bench->arena, "{folder}/both.pem");
	ask(bench, &request, &answer);
	bench_run(bench);
	return answer.reply.cause;
}

#define GOOD "https://127.0.0.1:{good}/ok"
/* By the same authority, and without a connection that is there already. */
#define ANOTHER "https://127.0.0.1:{mutual}/ok"

static void a_daemon_reads_them_again(void **state)
{
	struct bench bench;
	struct jw_client *client;

	(void)state;
	bench_open_for(&bench, jw_module.ops, JW_HTTP_DAEMON);
	client = bench.http.self;
	client->ca_path = NULL;
	client->ca_bundle = expanded(&bench.arena, "{folder}/bundle.pem");
	replace_bundle(&bench, "{folder}/ca.pem");
	assert_int_equal(cause_of(&bench, GOOD), JW_OK);
	assert_int_equal(cause_of(&bench, GOOD), JW_OK);
	assert_int_equal(client->store_reads, 1);
	client->store_read_us -= INT64_C(3600) * 1000000;
	assert_int_equal(cause_of(&bench, GOOD), JW_OK);
	assert_int_equal(client->store_reads, 2);
	replace_bundle(&bench, "{folder}/self.pem");
	assert_int_equal(cause_of(&bench, ANOTHER), JW_TLS);
	assert_int_equal(client->store_reads, 3);
	remove(client->ca_bundle);
	assert_int_equal(cause_of(&bench, ANOTHER), JW_TLS);
	assert_int_equal(client->store_reads, 3);
	bench_close(&bench);
}

/* A target's own authority counts alone, in a daemon too. */
static void a_daemons_ca_file(void **state)
{
	struct jw_http_request request;
	struct bench bench;
	struct answer answer;
	struct jw_client *client;

	(void)state;
	bench_open_for(&bench, jw_module.ops, JW_HTTP_DAEMON);
	client = bench.http.self;
	client->ca_path = NULL;
	client->ca_bundle = expanded(&bench.arena, "{folder}/ca.pem");
	request = get(&bench, "https://127.0.0.1:{good}/ok");
	request.ca_file = expanded(&bench.arena, "{folder}/self.pem");
	ask(&bench, &request, &answer);
	bench_run(&bench);
	assert_int_equal(answer.reply.cause, JW_TLS);
	request.ca_file = expanded(&bench.arena, "{folder}/ca.pem");
	ask(&bench, &request, &answer);
	bench_run(&bench);
	assert_int_equal(answer.reply.cause, JW_OK);
	assert_int_equal(client->store_reads, 0);
	bench_close(&bench);
}

/* Behind a redirect out of TLS' reach there is no certificate to tell of. */
static void the_last_hop_has_no_certificate(void **state)
{
	struct jw_http_request request;
	struct bench bench;
	struct answer answer;

	(void)state;
	bench_open(&bench, jw_module.ops);
	request = get(&bench, "https://127.0.0.1:{good}/r/to-full");
	request.ca_file = expanded(&bench.arena, "{folder}/ca.pem");
	request.redirects = JW_REDIRECTS_ANY;
	request.timeout_ms = 300;
	ask(&bench, &request, &answer);
	bench_run(&bench);
	assert_int_equal(answer.reply.redirects, 1);
	assert_int_equal(answer.reply.certificate_expires, 0);
	bench_close(&bench);
}

/* Where the machine has no IPv6, the literal is understood all the same. */
static void an_address_of_ipv6(void **state)
{
	struct jw_http_request request;
	struct bench bench;
	struct answer answer;
	bool has_v6 = server_port("http6", 5);

	(void)state;
	bench_open(&bench, jw_module.ops);
	request = get(&bench, has_v6 ? "http://[::1]:{http6}/echo" : "http://[::1]:1/");
	ask(&bench, &request, &answer);
	bench_run(&bench);
	assert_int_equal(answer.reply.cause, has_v6 ? JW_OK : JW_CONNECT);
	if (has_v6)
		assert_true(jw_str_has(answer.reply.body, "Host: [::1]:"));
	bench_close(&bench);
}

static void the_module_opened(void **state)
{
	const void *ops = NULL;
	struct jw_http_request request;
	struct bench bench;
	struct answer answer;

	(void)state;
	assert_int_equal(jw_module.abi, JW_HTTP_ABI);
	assert_int_equal(jw_adapter_module(JW_HTTP_MODULE, JW_HTTP_ABI, &ops, NULL), JW_OK);
	assert_ptr_not_equal(ops, jw_module.ops);
	bench_open(&bench, ops);
	request = get(&bench, "https://127.0.0.1:{good}/ok");
	request.ca_file = expanded(&bench.arena, "{folder}/ca.pem");
	ask(&bench, &request, &answer);
	bench_run(&bench);
	assert_int_equal(answer.reply.cause, JW_OK);
	assert_true(jw_str_is(answer.reply.body, "hello"));
	bench_close(&bench);
}

int main(void)
{
	int failed;

	forget_proxies();
	server_start();
	JW_ROWS(dates, tells_the_date);
	JW_TEST(headers_are_told);
	JW_TEST(the_way_is_told);
	JW_ROWS(certificates, tells_when_the_certificate_ends);
	JW_TEST(a_used_connection_tells_its_certificate);
	JW_TEST(the_last_hop_has_no_certificate);
	JW_ROWS(systems, trusts_the_system);
	JW_ROWS(systems, a_daemon_trusts_the_same);
	JW_TEST(a_daemon_reads_the_authorities_once);
	JW_TEST(a_daemon_reads_them_again);
	JW_TEST(a_daemons_ca_file);
	JW_TEST(an_address_of_ipv6);
	JW_TEST(the_module_opened);
	failed = rows_run();
	server_stop();
	return failed;
}
