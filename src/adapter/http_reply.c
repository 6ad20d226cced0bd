/* SPDX-License-Identifier: MIT */
/* What comes from the server, within limits, and the reply that is made of it. */
#include "adapter/http_curl.h"

#include <string.h>

#include "adapter/http_tls.h"
#include "base/when.h"

static bool is_status_line(struct jw_str line)
{
	return jw_str_starts(line, "HTTP/");
}

/* A line that begins with a blank belongs to the one before (RFC 9112 section 5.2). */
static bool add_line(struct jw_buf *lines, struct jw_str line)
{
	bool is_folded = lines->len >= 2 && (line.ptr[0] == ' ' || line.ptr[0] == '\t');

	if (is_folded)
		memset(lines->ptr + lines->len - 2, ' ', 2);
	return jw_buf_str(lines, line);
}

/* To the protocol that was asked for: then it is the final answer. */
static bool is_switched(const struct jw_transfer *transfer, long status)
{
	return transfer->talk && status == 101;
}

/* Behind the last header of a final answer only trailers come, which count but say nothing. */
static void end_lines(struct jw_transfer *transfer)
{
	long status = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	transfer->has_lines = status >= 200 || is_switched(transfer, status);
	if (!transfer->has_lines)
		return;
	jw_tls_look(transfer);
	if (transfer->talk)
		jw_talk_hear(transfer);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
	struct jw_transfer *transfer = context;
	struct jw_str line = {bytes, size * count};

	transfer->line_bytes += line.len;
	if (transfer->line_bytes > JW_HTTP_HEADERS_MAX) {
		transfer->is_too_large = true;
		return 0;
	}
	if (transfer->has_lines || !line.len)
		return line.len;
	if (is_status_line(line))
		jw_buf_clear(&transfer->lines);
	else if (!jw_str_trim(line).len)
		end_lines(transfer);
	else
		add_line(&transfer->lines, line);
	return line.len;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
	struct jw_transfer *transfer = context;

	if (!jw_buf_add(&transfer->content, bytes, size * count)) {
		transfer->is_too_large = true;
		return 0;
	}
	if (transfer->talk)
		jw_talk_hear(transfer);
	return size * count;
}

void jw_reply_listen(struct jw_transfer *transfer)
{
	curl_easy_setopt(transfer->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(transfer->easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, transfer);
}

void jw_reply_restart(struct jw_transfer *transfer)
{
	jw_buf_clear(&transfer->lines);
	jw_buf_clear(&transfer->content);
	transfer->line_bytes = 0;
	transfer->has_lines = false;
}

/* Phases */

static int64_t info_us(CURL *easy, CURLINFO info)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, info, &us);
	return us;
}

/* From one moment to a later one, each 0 where it didn't come to it. */
static int64_t between(int64_t from, int64_t to)
{
	if (to <= 0)
		return -1;
	return to > from ? to - from : 0;
}

static void measure_phases(struct jw_transfer *transfer)
{
	struct jw_http_phases *phases = &transfer->reply.phases;
	CURL *easy = transfer->easy;
	int64_t connected = info_us(easy, CURLINFO_CONNECT_TIME_T);
	int64_t first_byte = info_us(easy, CURLINFO_STARTTRANSFER_TIME_T);
	long connects = 0;

	curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
	if (connects) {
		phases->connect_us =
			between(info_us(easy, CURLINFO_NAMELOOKUP_TIME_T), connected);
		phases->tls_us = between(connected, info_us(easy, CURLINFO_APPCONNECT_TIME_T));
	}
	phases->wait_us = between(info_us(easy, CURLINFO_PRETRANSFER_TIME_T), first_byte);
	if (first_byte > 0)
		phases->transfer_us = between(first_byte, info_us(easy, CURLINFO_TOTAL_TIME_T));
}

/* libcurl was never asked, or asked for an earlier hop, where the stage is another one. */
void jw_reply_measure(struct jw_transfer *transfer)
{
	struct jw_http_reply *reply = &transfer->reply;

	reply->phases = (struct jw_http_phases){-1, -1, -1, -1, -1, -1};
	reply->phases.total_us =
		(transfer->talked_us ? transfer->talked_us : jw_http_now_us()) -
		transfer->start_us;
	reply->phases.dns_us = transfer->lookup ? transfer->lookup_us : -1;
	reply->status = 0;
	if (transfer->stage != JW_STAGE_CURL)
		return;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &reply->status);
	if (reply->status < 200 && !is_switched(transfer, reply->status))
		reply->status = 0;
	measure_phases(transfer);
}

/* Headers */

static size_t count_lines(struct jw_str lines)
{
	size_t count = 0;

	for (size_t i = 0; i < lines.len; i++)
		count += lines.ptr[i] == '\n';
	return count;
}

static void read_headers(struct jw_transfer *transfer, struct jw_str rest,
			 struct jw_http_reply *reply)
{
	struct jw_http_header *headers;
	size_t count = 0;
	struct jw_str line;

	headers = jw_arena_array(&transfer->arena, count_lines(rest) + 1, sizeof(*headers));
	while (jw_str_cut(rest, '\n', &line, &rest)) {
		struct jw_str name;
		struct jw_str value;

		if (!jw_str_cut(line, ':', &name, &value))
			continue;
		headers[count].name = jw_str_trim(name);
		headers[count++].value = jw_str_trim(value);
	}
	reply->headers = headers;
	reply->header_count = count;
}

/* The lines and the URL of the reply are soon those of the next hop. */
void jw_reply_keep(struct jw_transfer *transfer)
{
	struct jw_arena *arena = &transfer->arena;
	struct jw_http_reply *answer;

	if (!transfer->answers)
		transfer->answers = jw_arena_array(arena, JW_HTTP_REDIRECTS_MAX,
						   sizeof(*transfer->answers));
	answer = &transfer->answers[transfer->hops];
	answer->status = transfer->reply.status;
	answer->url = transfer->reply.url;
	read_headers(transfer, jw_arena_str(arena, jw_buf_get(&transfer->lines)), answer);
	transfer->reply.hops = transfer->answers;
}

/* Which of two lengths was meant can't be known, so neither what was left out of the body (RFC 9112 section 6.3). */
static bool has_two_lengths(const struct jw_http_reply *reply)
{
	struct jw_str first = jw_http_header(reply, "Content-Length");

	for (size_t i = 0; i < reply->header_count; i++)
		if (jw_str_is_nocase(reply->headers[i].name, "Content-Length") &&
		    !jw_str_eq(reply->headers[i].value, first))
			return true;
	return false;
}

/* An answer out of a cache has the Date of when it was put there. */
static void take_date(struct jw_http_reply *reply)
{
	if (jw_http_header(reply, "Age").ptr)
		return;
	reply->has_date = jw_when_http(jw_http_header(reply, "Date"), &reply->date);
}

void jw_reply_read(struct jw_transfer *transfer)
{
	read_headers(transfer, jw_buf_get(&transfer->lines), &transfer->reply);
}

void jw_reply_make(struct jw_transfer *transfer)
{
	struct jw_http_reply *reply = &transfer->reply;

	jw_reply_read(transfer);
	reply->body = jw_buf_get(&transfer->content);
	reply->certificate_expires = jw_tls_expires(transfer);
	if (transfer->has_lines)
		take_date(reply);
	if (!reply->cause && has_two_lengths(reply))
		reply->cause = jw_transfer_fail(transfer, JW_BODY_SHORT,
						"the answer has two different lengths "
						"(Content-Length): it can't be told whether "
						"it is whole");
}
