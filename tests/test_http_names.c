/* SPDX-License-Identifier: MIT */
/* The module for HTTP where names must be looked up, or a proxy is to be asked. */
#include "name_service.h"

#include <curl/curl.h>

#include "adapter/http_names.h"
#include "adapter/http_proxy.h"

#define DEAD 200

static void a_dead_name_service(void **state)
{
	static struct answer dead[DEAD];
	struct answer good;
	struct jw_http_request request;
	struct bench bench;
	struct pulse pulse;

	(void)state;
	service_break();
	bench_open(&bench, jw_module.ops);
	pulse_begin(&pulse, &bench);
	for (int i = 0; i < DEAD; i++) {
		char url[64];

		snprintf(url, sizeof(url), "http://h%d.dead.test/", i);
		request = get(&bench, url);
		request.timeout_ms = 500;
		ask(&bench, &request, &dead[i]);
	}
	service_wait(JW_NAMES_MAX);
	request = get(&bench, "http://127.0.0.1:{http}/ok");
	ask(&bench, &request, &good);
	bench_run(&bench);
	for (int i = 0; i < DEAD; i++) {
		assert_int_equal(dead[i].reply.cause, JW_TIMEOUT);
		assert_true(jw_str_has(jw_str_of(dead[i].reply.says), "name service"));
		assert_true(dead[i].reply.phases.total_us >= 499000);
		assert_int_equal(dead[i].reply.phases.connect_us, -1);
	}
	assert_int_equal(good.reply.cause, JW_OK);
	assert_true(good.reply.phases.total_us < 400000);
	assert_true(pulse.latest_ms < 250);
	assert_int_equal(service_most(), JW_NAMES_MAX);
	pulse_end(&pulse);
	bench_close(&bench);
	service_mend();
}

/* Threads that hang are still counted when nobody waits for them any more; and names wait for them. */
static void the_next_run_waits_too(void **state)
{
	static struct answer dead[JW_NAMES_MAX];
	struct answer late;
	struct jw_http_request request;
	struct bench bench;

	(void)state;
	service_break();
	bench_open(&bench, jw_module.ops);
	for (int i = 0; i < JW_NAMES_MAX; i++) {
		char url[64];

		snprintf(url, sizeof(url), "http://h%d.dead.test/", i);
		request = get(&bench, url);
		request.timeout_ms = 50;
		ask(&bench, &request, &dead[i]);
	}
	service_wait(JW_NAMES_MAX);
	bench_run(&bench);
	request = get(&bench, "http://good.test:{http}/ok");
	request.timeout_ms = 50;
	ask(&bench, &request, &late);
	bench_run(&bench);
	assert_int_equal(late.reply.cause, JW_TIMEOUT);
	assert_true(jw_str_has(jw_str_of(late.reply.says), "name service"));
	service_mend();
	request.timeout_ms = BOUND_MS;
	ask(&bench, &request, &late);
	bench_run(&bench);
	assert_int_equal(late.reply.cause, JW_OK);
	assert_true(late.reply.phases.dns_us >= 0);
	assert_true(service_most() <= JW_NAMES_MAX);
	bench_close(&bench);
}

static void one_name_is_looked_up_once(void **state)
{
	static struct answer answers[100];
	struct jw_http_request request;
	struct bench bench;
	int before = service.asked;

	(void)state;
	bench_open(&bench, jw_module.ops);
	for (int i = 0; i < 100; i++) {
		request = get(&bench, i % 2 ? "http://good.test:{http}/ok"
					    : "http://GOOD.test:{http}/ok");
		ask(&bench, &request, &answers[i]);
	}
	bench_run(&bench);
	for (int i = 0; i < 100; i++)
		assert_int_equal(answers[i].reply.cause, JW_OK);
	ask(&bench, &request, &answers[0]);
	bench_run(&bench);
	assert_int_equal(answers[0].reply.cause, JW_OK);
	assert_int_equal(service.asked - before, 1);
	bench_close(&bench);
}

struct name_row {
	const char *name;
	const char *url;
	const char *proxy;
	enum jw_cause cause;
	const char *says;
};

static const struct name_row names[] = {
	{"a name", "http://good.test:{http}/ok", NULL, JW_OK, NULL},
	{"a name that is unknown", "http://unknown.test/", NULL, JW_DNS,
	 "the host name unknown.test is unknown"},
	{"a name without an answer", "http://again.test/", NULL, JW_DNS,
	 "the name service has no answer for the host again.test"},
	{"the name of a proxy", "http://unknown.test/", "good.test:{proxy}", JW_OK, NULL},
	{"the name of a proxy that is unknown", "http://good.test/", "unknown.test:1", JW_DNS,
	 "the proxy name unknown.test is unknown"},
	{"https under a name", "https://good.test:{good}/ok", NULL, JW_TLS,
	 "not for good.test"},
};

static void looks_up(void **state)
{
	const struct name_row *row = *state;
	struct jw_http_request request;
	struct bench bench;
	struct answer answer;

	bench_open(&bench, jw_module.ops);
	if (row->proxy)
		setenv("http_proxy", expanded(&bench.arena, row->proxy), 1);
	request = get(&bench, row->url);
	request.ca_file = expanded(&bench.arena, "{folder}/ca.pem");
	ask(&bench, &request, &answer);
	bench_run(&bench);
	forget_proxies();
	assert_int_equal(answer.reply.cause, row->cause);
	assert_true(answer.reply.phases.dns_us >= 0);
	if (row->says)
		assert_true(jw_str_has(jw_str_of(answer.reply.says), row->says));
	bench_close(&bench);
}

/* Proxies: our own rules against libcurl's, which is only asked whom it would connect to. */

struct proxy_row {
	const char *name;
	const char *no_proxy;
	const char *host;
	bool is_direct;
	bool is_new; /* to libcurl: 7.88 forgets it */
};

static const struct proxy_row exceptions[] = {
	{"no exception", "", "a.example", false, false},
	{"all", "*", "a.example", true, false},
	{"all, in a list", "b,*", "a.example", false, false},
	{"the name", "a.example", "a.example", true, false},
	{"in capitals", "A.Example", "a.eXample", true, false},
	{"a domain", "example", "a.example", true, false},
	{"a domain with its dot", ".example", "a.example", true, false},
	{"the name itself, with a dot", ".a.example", "a.example", true, false},
	{"the end of a word", "xample", "a.example", false, false},
	{"a longer name", "b.a.example", "a.example", false, false},
	{"in a list", "b.example, a.example", "a.example", true, false},
	{"in a list of blanks", "b.example a.example", "a.example", true, false},
	{"behind two commas", "b.example,,a.example", "a.example", true, false},
	{"an address", "192.0.2.1", "192.0.2.1", true, false},
	{"another address", "192.0.2.2", "192.0.2.1", false, false},
	{"the end of an address", "0.2.1", "192.0.2.1", false, false},
	{"a network", "192.0.2.0/24", "192.0.2.1", true, false},
	{"a network of odd size", "192.0.2.0/31", "192.0.2.1", true, false},
	{"a smaller network", "192.0.2.2/31", "192.0.2.1", false, false},
	{"another network", "198.51.100.0/24", "192.0.2.1", false, false},
	{"IPv6", "2001:db8::1", "[2001:db8::1]", true, false},
	{"IPv6 in brackets", "[2001:db8::1]", "[2001:db8::1]", true, true},
	{"another of IPv6", "2001:db8::2", "[2001:db8::1]", false, false},
	{"a network of IPv6", "2001:db8::/32", "[2001:db8::1]", true, true},
	{"another network of IPv6", "2001:db9::/32", "[2001:db8::1]", false, false},
	{"a name is in no network", "192.0.2.0/24", "a.example", false, false},
	{"an address is in no domain", "1", "192.0.2.1", false, false},
};

static curl_socket_t note_port(void *context, curlsocktype purpose,
			       struct curl_sockaddr *address)
{
	char port[8] = "";

	(void)purpose;
	getnameinfo(&address->addr, address->addrlen, NULL, 0, port, sizeof(port),
		    NI_NUMERICSERV);
	*(bool *)context = strcmp(port, "4321");
	return CURL_SOCKET_BAD;
}

static bool libcurl_goes_directly(const struct proxy_row *row)
{
	CURL *easy = curl_easy_init();
	struct curl_slist *addresses = curl_slist_append(NULL, "a.example:80:127.0.0.1");
	char url[128];
	bool is_direct = false;

	snprintf(url, sizeof(url), "http://%s/", row->host);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_RESOLVE, addresses);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, note_port);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &is_direct);
	curl_easy_perform(easy);
	curl_easy_cleanup(easy);
	curl_slist_free_all(addresses);
	return is_direct;
}

static void excepts_as_libcurl_does(void **state)
{
	const struct proxy_row *row = *state;
	char url[128];
	struct jw_url parts;
	const char *proxy;

	snprintf(url, sizeof(url), "http://%s/", row->host);
	assert_null(jw_url_parse(jw_str_of(url), &parts));
	setenv("http_proxy", "http://127.0.0.1:4321", 1);
	setenv("no_proxy", row->no_proxy, 1);
	proxy = jw_proxy_of(&parts, parts.host);
	assert_int_equal(!proxy, row->is_direct);
	if (!row->is_new)
		assert_int_equal(libcurl_goes_directly(row), row->is_direct);
	forget_proxies();
}

int main(void)
{
	int failed;

	forget_proxies();
	server_start();
	JW_TEST(a_dead_name_service);
	JW_TEST(the_next_run_waits_too);
	JW_TEST(one_name_is_looked_up_once);
	JW_ROWS(names, looks_up);
	JW_ROWS(exceptions, excepts_as_libcurl_does);
	failed = rows_run();
	server_stop();
	return failed;
}
