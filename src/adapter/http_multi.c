/* SPDX-License-Identifier: MIT */
/* CURLMs on the loop: one alone would walk all its connections with each transfer. */
#include "adapter/http_curl.h"

#define TRANSFERS_MAX 64

struct jw_shard {
	struct jw_shard *next;
	struct jw_client *client;
	CURLM *multi;
	struct jw_timer *timer;
	int transfers;
};

/* Connections that were open already may have been closed by the server meanwhile. Where that is seen only by trying, as with
 * TLS, libcurl tries five of them and gives up; there may be dozens. */
static bool try_fresh(struct jw_transfer *transfer, CURLcode code)
{
	bool is_broken = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
			 code == CURLE_GOT_NOTHING;

	if (!is_broken || transfer->is_fresh || transfer->line_bytes ||
	    jw_say_info(transfer, CURLINFO_NUM_CONNECTS))
		return false;
	transfer->is_fresh = true;
	curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, 1L);
	jw_shard_cease(transfer);
	jw_hop_begin(transfer);
	return true;
}

static void read_messages(struct jw_shard *shard)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(shard->multi, &left))) {
		struct jw_transfer *transfer = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		transfer->is_done = true;
		/* It takes a connection that ends within the headers for a whole answer. */
		if (!code && !transfer->has_lines)
			code = CURLE_GOT_NOTHING;
		if (code && try_fresh(transfer, code))
			continue;
		code = jw_talk_code(transfer, code);
		if (code)
			jw_transfer_end(transfer, jw_say_curl(transfer, code));
		else if (!jw_redirect(transfer))
			jw_transfer_end(transfer, JW_OK);
	}
}

static void on_ready(void *context, int fd, int what)
{
	struct jw_shard *shard = context;
	int running;

	curl_multi_socket_action(shard->multi, fd,
				 (what & JW_LOOP_READ ? CURL_CSELECT_IN : 0) |
					 (what & JW_LOOP_WRITE ? CURL_CSELECT_OUT : 0),
				 &running);
	read_messages(shard);
}

static void on_due(void *context)
{
	struct jw_shard *shard = context;
	int running;

	curl_multi_socket_action(shard->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	read_messages(shard);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket)
{
	struct jw_shard *shard = context;
	const struct jw_loop *loop = &shard->client->loop;
	struct jw_watch *watch = socket;

	if (what == CURL_POLL_REMOVE) {
		jw_talk_ended(easy);
		curl_multi_assign(shard->multi, fd, NULL);
		loop->unwatch(watch);
		return 0;
	}
	if (!watch) {
		watch = loop->watch(loop->self, fd, on_ready, shard);
		curl_multi_assign(shard->multi, fd, watch);
	}
	loop->want(watch, (what & CURL_POLL_IN ? JW_LOOP_READ : 0) |
				  (what & CURL_POLL_OUT ? JW_LOOP_WRITE : 0));
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *context)
{
	struct jw_shard *shard = context;

	(void)multi;
	shard->client->loop.arm(shard->timer, ms);
	return 0;
}

static struct jw_shard *shard_new(struct jw_client *client)
{
	struct jw_shard *shard = jw_xcalloc(1, sizeof(*shard));

	shard->client = client;
	shard->multi = curl_multi_init();
	if (!shard->multi) {
		free(shard);
		return NULL;
	}
	shard->timer = client->loop.timer(client->loop.self, on_due, shard);
	curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard);
	curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard);
	curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, (long)TRANSFERS_MAX);
	return shard;
}

/* The first with room, so that connections, names and authorities are used again. */
void jw_shard_take(struct jw_transfer *transfer)
{
	struct jw_shard **place = &transfer->client->shards;

	while (*place && (*place)->transfers == TRANSFERS_MAX)
		place = &(*place)->next;
	if (!*place)
		*place = shard_new(transfer->client);
	transfer->shard = *place;
	if (transfer->shard)
		transfer->shard->transfers++;
}

void jw_shard_leave(struct jw_transfer *transfer)
{
	if (transfer->shard)
		transfer->shard->transfers--;
	transfer->shard = NULL;
}

void jw_shard_begin(struct jw_transfer *transfer)
{
	transfer->stage = JW_STAGE_CURL;
	transfer->is_done = false;
	curl_multi_add_handle(transfer->shard->multi, transfer->easy);
}

void jw_shard_cease(struct jw_transfer *transfer)
{
	curl_multi_remove_handle(transfer->shard->multi, transfer->easy);
}

void jw_shards_free(struct jw_client *client)
{
	while (client->shards) {
		struct jw_shard *shard = client->shards;

		client->shards = shard->next;
		curl_multi_cleanup(shard->multi);
		client->loop.timer_free(shard->timer);
		free(shard);
	}
}
