/* SPDX-License-Identifier: MIT */
/* The head of an answer. */
#include <time.h>

#include "adapter/server_parts.h"

const char *jw_server_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} rows[] = {{200, "OK"},
		    {201, "Created"},
		    {202, "Accepted"},
		    {204, "No Content"},
		    {301, "Moved Permanently"},
		    {304, "Not Modified"},
		    {400, "Bad Request"},
		    {403, "Forbidden"},
		    {404, "Not Found"},
		    {405, "Method Not Allowed"},
		    {413, "Content Too Large"},
		    {415, "Unsupported Media Type"},
		    {421, "Misdirected Request"},
		    {429, "Too Many Requests"},
		    {431, "Request Header Fields Too Large"},
		    {500, "Internal Server Error"},
		    {501, "Not Implemented"},
		    {503, "Service Unavailable"},
		    {505, "HTTP Version Not Supported"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].status == status)
			return rows[i].reason;
	return "Unknown";
}

/* These have no body, and a length would be that of another answer (RFC 9110 section 8.6). */
static bool has_length(int status)
{
	return status != 204 && status != 304;
}

static size_t length_of(const struct jw_visit_reply *reply)
{
	if (reply->page)
		return reply->page->bytes.len;
	return reply->body.ptr ? reply->body.len : reply->length;
}

void jw_server_write_head(struct jw_visit *visit, const struct jw_visit_reply *reply)
{
	struct jw_buf *head = &visit->head;
	char date[64];
	time_t now = time(NULL);
	struct tm tm;

	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
	jw_buf_printf(head, "HTTP/1.1 %d %s\r\nDate: %s\r\n", reply->status,
		      jw_server_reason(reply->status), date);
	if (reply->media_type)
		jw_buf_printf(head, "Content-Type: %s\r\n", reply->media_type);
	if (has_length(reply->status))
		jw_buf_printf(head, "Content-Length: %zu\r\n", length_of(reply));
	jw_buf_printf(head, "X-Content-Type-Options: nosniff\r\nConnection: %s\r\n",
		      visit->keeps_alive ? "keep-alive" : "close");
	for (const char *const *item = reply->headers; item && *item; item += 2)
		jw_buf_printf(head, "%s: %s\r\n", item[0], item[1]);
	jw_buf_text(head, "\r\n");
}
