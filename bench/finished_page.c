/* SPDX-License-Identifier: MIT */
/* The least that a server of this page can cost: evhttp, which copies it from memory for each GET. Usage: finished_page PORT FILE */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

static char *page;
static size_t page_len;

static void answer(struct evhttp_request *request, void *context)
{
	struct evbuffer *body = evbuffer_new();

	(void)context;
	if (!body || evbuffer_add(body, page, page_len))
		exit(1);
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  "text/plain; version=0.0.4; charset=utf-8");
	evhttp_send_reply(request, 200, "OK", body);
	evbuffer_free(body);
}

static int read_page(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	if (!file || fstat(fileno(file), &st) || st.st_size <= 0)
		return 0;
	page_len = (size_t)st.st_size;
	page = malloc(page_len);
	return page && fread(page, 1, page_len, file) == page_len && !fclose(file);
}

static uint16_t read_port(const char *text)
{
	unsigned port = 0;

	for (; *text >= '0' && *text <= '9' && port < 65536; text++)
		port = 10 * port + (unsigned)(*text - '0');
	return *text || port > UINT16_MAX ? 0 : (uint16_t)port;
}

int main(int argc, char **argv)
{
	uint16_t port = argc == 3 ? read_port(argv[1]) : 0;
	struct event_base *base = event_base_new();
	struct evhttp *http = base ? evhttp_new(base) : NULL;

	signal(SIGPIPE, SIG_IGN);
	if (!port || !http || !read_page(argv[2]) ||
	    evhttp_bind_socket(http, "127.0.0.1", port)) {
		fprintf(stderr, "finished_page PORT FILE: it can't be served\n");
		return 1;
	}
	evhttp_set_gencb(http, answer, NULL);
	return event_base_dispatch(base) ? 1 : 0;
}
