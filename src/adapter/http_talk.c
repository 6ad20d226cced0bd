/* SPDX-License-Identifier: MIT */
/* What is said on a connection that the server switched to another protocol. libcurl takes such an answer for a final one
 * whose body ends with the connection; what we say there is to it the body of our request, which pauses meanwhile. */
#include "adapter/http_curl.h"

#include <string.h>

/* Of what is said. */
#define ANSWER_MAX ((size_t)64 * 1024)
/* How long the server has to end the connection, once all is said. */
#define FAREWELL_MS 1000

static size_t on_send(char *to, size_t size, size_t count, void *context)
{
	struct jw_transfer *transfer = context;
	struct jw_buf *answer = &transfer->answer;
	size_t len = size * count < answer->len ? size * count : answer->len;

	if (len) {
		memcpy(to, answer->ptr, len);
		jw_buf_consume(answer, len);
		return len;
	}
	return transfer->is_answer_over ? 0 : CURL_READFUNC_PAUSE;
}

/* Not from inside libcurl, which calls us with what came. */
static void on_wake(void *context)
{
	struct jw_transfer *transfer = context;

	curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

/* "Transfer-Encoding:": what we say isn't cut into chunks. */
void jw_talk_prepare(struct jw_transfer *transfer)
{
	struct jw_loop *loop = &transfer->client->loop;

	jw_buf_init(&transfer->answer, ANSWER_MAX);
	transfer->wake = loop->timer(loop->self, on_wake, transfer);
	transfer->headers = curl_slist_append(transfer->headers, "Transfer-Encoding:");
}

void jw_talk_set(struct jw_transfer *transfer)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "GET");
	curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)-1);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
	curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
	/* Nobody else had the connection, or gets it; and what stands between knows nothing of other protocols. */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void say_farewell(struct jw_transfer *transfer)
{
	int64_t left;

	transfer->talked_us = jw_http_now_us();
	transfer->is_answer_over = true;
	left = transfer->timeout_ms - (transfer->talked_us - transfer->start_us) / 1000;
	if (left < 0 || !transfer->answer.len)
		left = 0;
	transfer->client->loop.arm(transfer->deadline, least(left, FAREWELL_MS));
}

void jw_talk_hear(struct jw_transfer *transfer)
{
	struct jw_http_reply *reply = &transfer->reply;

	if (transfer->is_answer_over)
		return;
	reply->status = jw_say_info(transfer, CURLINFO_RESPONSE_CODE);
	if (reply->status != 101) {
		transfer->is_answer_over = true;
	} else {
		if (!reply->headers)
			jw_reply_read(transfer);
		reply->body = jw_buf_get(&transfer->content);
		if (transfer->talk(transfer->context, reply, &transfer->answer) == JW_TALK_OVER)
			say_farewell(transfer);
	}
	if (transfer->is_answer_over || transfer->answer.len)
		transfer->client->loop.arm(transfer->wake, 0);
}

/* The server has ended the connection. Who sends and pauses would never see that by itself. */
void jw_talk_ended(CURL *easy)
{
	struct jw_transfer *transfer = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
	if (!transfer || !transfer->talk || transfer->stage != JW_STAGE_CURL ||
	    !transfer->has_lines || transfer->is_answer_over)
		return;
	transfer->is_answer_over = true;
	transfer->client->loop.arm(transfer->wake, 0);
}

/* However it ends where all was said; and its mere end isn't HTTP's matter any more. */
CURLcode jw_talk_code(const struct jw_transfer *transfer, CURLcode code)
{
	bool is_end = code == CURLE_GOT_NOTHING || code == CURLE_SEND_ERROR ||
		      code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE;

	if (transfer->talked_us)
		return CURLE_OK;
	return is_end && transfer->talk && transfer->reply.status == 101 ? CURLE_OK : code;
}
