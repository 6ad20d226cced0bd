/* SPDX-License-Identifier: MIT */
/* What the resolver and the deadline say becomes a cause and a sentence; and who is meant in it. */
#include "adapter/http_curl.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/resource.h>

#include "adapter/http_tls.h"

const char *jw_say_place(const struct jw_transfer *transfer, char place[JW_PLACE_MAX])
{
	bool is_v6 = transfer->host.len && memchr(transfer->host.ptr, ':', transfer->host.len);

	snprintf(place, JW_PLACE_MAX, is_v6 ? "[%.*s]:%u" : "%.*s:%u",
		 JW_STR_ARG(transfer->host), (unsigned)jw_url_port(&transfer->url));
	return place;
}

const char *jw_say_peer(const struct jw_transfer *transfer, char place[JW_PLACE_MAX])
{
	if (!transfer->reply.proxy)
		return jw_say_place(transfer, place);
	snprintf(place, JW_PLACE_MAX, "the proxy %s", transfer->reply.proxy);
	return place;
}

const char *jw_say_server(struct jw_transfer *transfer)
{
	char place[JW_PLACE_MAX];

	jw_say_place(transfer, place);
	if (!transfer->reply.proxy)
		return jw_arena_text(&transfer->arena, jw_str_of(place));
	return jw_arena_printf(&transfer->arena, "%s by way of the proxy %s", place,
			       transfer->reply.proxy);
}

enum jw_cause jw_say_no_descriptor(struct jw_transfer *transfer)
{
	struct rlimit limit = {0};

	getrlimit(RLIMIT_NOFILE, &limit);
	return jw_transfer_fail(transfer, JW_INTERNAL,
				"no file descriptor is left (limit %llu)",
				(unsigned long long)limit.rlim_cur);
}

enum jw_cause jw_say_name(struct jw_transfer *transfer, const struct jw_name_answer *answer)
{
	const char *whose = transfer->proxy ? "proxy" : "host";

	if (answer->number == EMFILE || answer->number == ENFILE)
		return jw_say_no_descriptor(transfer);
	if (answer->number == EAGAIN)
		return jw_transfer_fail(transfer, JW_INTERNAL,
					"no thread can be started to look up a name");
	if (answer->error == EAI_AGAIN || answer->error == EAI_FAIL)
		return jw_transfer_fail(transfer, JW_DNS,
					"the name service has no answer for the %s %s just now",
					whose, transfer->lookup);
	if (answer->error == EAI_NONAME || answer->error == EAI_NODATA)
		return jw_transfer_fail(transfer, JW_DNS,
					"the %s name %s is unknown, or has no address", whose,
					transfer->lookup);
	return jw_transfer_fail(transfer, JW_DNS, "the %s name %s can't be looked up: %s",
				whose, transfer->lookup, gai_strerror(answer->error));
}

long jw_say_info(const struct jw_transfer *transfer, CURLINFO info)
{
	long value = 0;

	curl_easy_getinfo(transfer->easy, info, &value);
	return value;
}

static bool is_asked(const struct jw_transfer *transfer)
{
	curl_off_t asked_us = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &asked_us);
	return asked_us > 0;
}

/* How far it came. */
static const char *waited_for(const struct jw_transfer *transfer)
{
	if (!is_asked(transfer))
		return jw_tls_has_begun(transfer) ? "the TLS handshake" : "a connection";
	if (jw_say_info(transfer, CURLINFO_RESPONSE_CODE) < 200)
		return "an answer";
	return transfer->has_lines ? "the rest of the body" : "the rest of the headers";
}

enum jw_cause jw_say_timeout(struct jw_transfer *transfer)
{
	char place[JW_PLACE_MAX];
	bool is_peer = transfer->stage == JW_STAGE_CURL && !is_asked(transfer) &&
		       !jw_tls_has_begun(transfer);

	if (transfer->stage == JW_STAGE_NAME)
		return jw_transfer_fail(
			transfer, JW_TIMEOUT,
			"the name service didn't say in time what address %s has",
			transfer->lookup);
	return jw_transfer_fail(transfer, JW_TIMEOUT, "%s didn't finish in time: waited for %s",
				is_peer ? jw_say_peer(transfer, place)
					: jw_say_server(transfer),
				waited_for(transfer));
}
