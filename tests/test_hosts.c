/* SPDX-License-Identifier: MIT */
/* Which names are the daemon's own. */
#include "rows.h"

#include <string.h>

#include "core/hosts.h"

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct jw_token_api api = {
	.origins = NAMES("https://voice.example.org", "http://pages.example.org:8080")};
static const struct jw_daemon_entry ours = {
	.listen = NAMES("box.example.org:9788", "[::1]:9788", "[2001:db8::1]:1", "unix:/run/x",
			"*:1"),
	.hosts = NAMES("proxied.example.org", "intranet"),
	.token_api = &api,
};

static const struct host_row {
	const char *name;
	const char *host;
	bool is_ours;
} host_rows[] = {
	{"localhost", "localhost", true},
	{"localhost with a port, in large letters", "LOCALHOST:1", true},
	{"a loopback address", "127.0.0.1:9788", true},
	{"any of that network", "127.255.0.3", true},
	{"that of IPv6", "[::1]", true},
	{"what is listened on", "Box.example.org:9788", true},
	{"the same by a proxy's port", "box.example.org", true},
	{"an address of IPv6 that is listened on", "[2001:db8::1]:1", true},
	{"another address", "[2001:db8::2]:1", false},
	{"the path of a socket", "unix", false},
	{"a further name", "PROXIED.example.org:8443", true},
	{"a further name without dots", "intranet", true},
	{"one that begins like it", "intranet.evil.example", false},
	{"one that ends like it", "notintranet", false},
	{"the host of an origin", "voice.example.org", true},
	{"... with its port", "pages.example.org:8080", true},
	{"... with another", "pages.example.org:1", false},
	{"a name that was made to point here", "evil.example:9788", false},
	{"one that begins like a loopback address", "127.0.0.1.evil.example", false},
	{"an address of another network", "192.0.2.1", false},
	{"any address", "0.0.0.0:9788", false},
	{"no name", "", false},
	{"only a port", ":9788", false},
	{"a user", "localhost@evil.example", false},
	{"a path", "localhost/x", false},
	{"a blank", "localhost evil.example", false},
};

static void is_ours(void **state)
{
	const struct host_row *row = *state;
	jw_autobuf struct jw_buf text = JW_BUF(JW_URL_MAX);
	struct jw_url url;

	assert_int_equal(jw_hosts_parse(row->host, &text, &url) &&
				 jw_hosts_is_ours(&ours, &url),
			 row->is_ours);
}

static const struct address_row {
	const char *name;
	const char *host;
	bool is_address;
} address_rows[] = {
	{"an address", "192.0.2.1", true},
	{"an address of IPv6", "2001:db8::1", true},
	{"a name", "evil.example", false},
	{"a name of four parts", "1.2.3.d", false},
	{"a name of five parts", "1.2.3.4.example", false},
	{"three parts", "1.2.3", false},
	{"out of bounds", "1.2.3.256", false},
};

static void is_address(void **state)
{
	const struct address_row *row = *state;

	assert_int_equal(jw_hosts_is_address(jw_str_of(row->host)), row->is_address);
}

static const struct problem_row {
	const char *name;
	const char *host;
	const char *says; /* NULL: nothing is wrong */
} problem_rows[] = {
	{"may be a name", "voice.example.org", NULL},
	{"may be an address", "192.0.2.1", NULL},
	{"may not be a URL", "https://voice.example.org", "isn't the name of a host"},
	{"may not have a port", "voice.example.org:443", "no port"},
	{"may not be a pattern", "*.example.org", "has a * in it"},
	{"may not be empty", "", "isn't the name of a host"},
};

static void is_a_name(void **state)
{
	const struct problem_row *row = *state;
	const char *says = jw_hosts_problem(row->host);

	assert_int_equal(!says, !row->says);
	assert_true(!says || strstr(says, row->says));
}

int main(void)
{
	JW_ROWS(host_rows, is_ours);
	JW_ROWS(address_rows, is_address);
	JW_ROWS(problem_rows, is_a_name);
	return rows_run();
}
