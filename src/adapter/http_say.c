/* SPDX-License-Identifier: MIT */
/* What libcurl, the resolver and the deadline say becomes a cause and a sentence, of our own words only. */
#include "adapter/http_curl.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/resource.h>

#include "adapter/http_tls.h"

/* CURLE_TOO_LARGE, which libcurl has since 8.6. */
enum { TOO_LARGE = 100 };

const char *jw_say_place(const struct jw_transfer *transfer, char place[JW_PLACE_MAX])
{
	bool is_v6 = transfer->host.len && memchr(transfer->host.ptr, ':', transfer->host.len);

	snprintf(place, JW_PLACE_MAX, is_v6 ? "[%.*s]:%u" : "%.*s:%u",
		 JW_STR_ARG(transfer->host), (unsigned)jw_url_port(&transfer->url));
	return place;
}

/* Whom the connection goes to: "HOST:PORT", or "the proxy http://HOST:PORT". */
static const char *peer(const struct jw_transfer *transfer, char place[JW_PLACE_MAX])
{
	if (!transfer->reply.proxy)
		return jw_say_place(transfer, place);
	snprintf(place, JW_PLACE_MAX, "the proxy %s", transfer->reply.proxy);
	return place;
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

static enum jw_cause say_errno(struct jw_transfer *transfer, const char *whom, int number)
{
	if (number == ECONNREFUSED)
		return jw_transfer_fail(
			transfer, JW_CONNECT,
			"%s refuses the connection: nothing listens on that port", whom);
	if (number == EADDRNOTAVAIL || number == EMFILE || number == ENFILE)
		return jw_transfer_fail(transfer, JW_INTERNAL,
					"no local port or file descriptor is left for %s",
					whom);
	if (number == ENETUNREACH || number == EHOSTUNREACH)
		return jw_transfer_fail(transfer, JW_CONNECT,
					"%s can't be reached: there is no way to that address",
					whom);
	if (number == ECONNRESET || number == EPIPE)
		return jw_transfer_fail(transfer, JW_CONNECT, "%s reset the connection", whom);
	if (number == ETIMEDOUT)
		return jw_transfer_fail(transfer, JW_CONNECT,
					"%s doesn't answer when connected to", whom);
	if (number)
		return jw_transfer_fail(transfer, JW_CONNECT, "%s can't be connected to: %s",
					whom, strerrordesc_np(number));
	return jw_transfer_fail(transfer, JW_CONNECT, "%s can't be connected to", whom);
}

static long info_long(const struct jw_transfer *transfer, CURLINFO info)
{
	long value = 0;

	curl_easy_getinfo(transfer->easy, info, &value);
	return value;
}

static enum jw_cause say_connect(struct jw_transfer *transfer)
{
	char place[JW_PLACE_MAX];

	return say_errno(transfer, peer(transfer, place),
			 (int)info_long(transfer, CURLINFO_OS_ERRNO));
}

static enum jw_cause say_proxy(struct jw_transfer *transfer)
{
	long status = info_long(transfer, CURLINFO_HTTP_CONNECTCODE);
	char place[JW_PLACE_MAX];

	jw_say_place(transfer, place);
	if (status == 407)
		return jw_transfer_fail(
			transfer, JW_CONNECT,
			"the proxy %s asks for a password before it connects to %s",
			transfer->reply.proxy, place);
	if (status)
		return jw_transfer_fail(transfer, JW_CONNECT,
					"the proxy %s doesn't connect to %s: HTTP status %ld",
					transfer->reply.proxy, place, status);
	return jw_transfer_fail(transfer, JW_CONNECT, "the proxy %s doesn't connect to %s",
				transfer->reply.proxy, place);
}

/* The connection ended too early: before an answer, in its headers, or in its body. */
static enum jw_cause say_broken(struct jw_transfer *transfer, CURLcode code)
{
	bool is_reset = info_long(transfer, CURLINFO_OS_ERRNO) == ECONNRESET;
	const char *how = is_reset ? "reset" : "closed";
	long status = info_long(transfer, CURLINFO_RESPONSE_CODE);
	char place[JW_PLACE_MAX];

	peer(transfer, place);
	if (jw_tls_is_alerted(transfer))
		return jw_tls_say(transfer, code);
	if (status < 200)
		return jw_transfer_fail(transfer, JW_CONNECT,
					"%s %s the connection without an answer", place, how);
	if (!transfer->has_lines)
		return jw_transfer_fail(
			transfer, JW_BODY_SHORT,
			"the answer breaks off in its headers: %s %s the connection", place,
			how);
	if (code == CURLE_RECV_ERROR && !is_reset)
		return jw_transfer_fail(
			transfer, JW_BODY_SHORT,
			"the answer breaks off, or its chunks aren't as HTTP has "
			"them, behind %zu bytes of its body",
			transfer->content.len);
	return jw_transfer_fail(
		transfer, JW_BODY_SHORT,
		"the answer breaks off: %s %s the connection behind %zu bytes of "
		"its body",
		place, how, transfer->content.len);
}

static enum jw_cause say_partial(struct jw_transfer *transfer)
{
	curl_off_t announced = -1;

	curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
	if (announced < 0)
		return say_broken(transfer, CURLE_PARTIAL_FILE);
	return jw_transfer_fail(transfer, JW_BODY_SHORT,
				"the answer breaks off: it announced %lld bytes and sent fewer",
				(long long)announced);
}

static enum jw_cause say_too_large(struct jw_transfer *transfer)
{
	if (!transfer->has_lines || transfer->line_bytes > JW_HTTP_HEADERS_MAX)
		return jw_transfer_fail(transfer, JW_BODY_TOO_LARGE,
					"the headers of the answer are larger than %zu KiB",
					JW_HTTP_HEADERS_MAX / 1024);
	return jw_transfer_fail(transfer, JW_BODY_TOO_LARGE,
				"the answer is larger than %zu bytes (unpacked)",
				transfer->max_body);
}

static enum jw_cause say_not_http(struct jw_transfer *transfer)
{
	char place[JW_PLACE_MAX];

	return jw_transfer_fail(transfer, JW_HTTP_STATUS,
				"what answers on %s doesn't speak HTTP as it should: is it "
				"another service, or one that wants https?",
				peer(transfer, place));
}

/* A header line of its own that is larger than libcurl takes comes as a lack of memory. */
static enum jw_cause say_memory(struct jw_transfer *transfer, CURLcode code)
{
	if (info_long(transfer, CURLINFO_RESPONSE_CODE) && !transfer->has_lines)
		return say_too_large(transfer);
	return jw_transfer_fail(transfer, JW_INTERNAL, "libcurl says: %s",
				curl_easy_strerror(code));
}

static enum jw_cause say_other(struct jw_transfer *transfer, CURLcode code)
{
	char place[JW_PLACE_MAX];

	switch (code) {
	case CURLE_COULDNT_RESOLVE_PROXY:
		return jw_transfer_fail(transfer, JW_DNS, "the proxy %s can't be found",
					transfer->reply.proxy);
	case CURLE_COULDNT_RESOLVE_HOST:
		return jw_transfer_fail(transfer, JW_DNS, "the name of %s can't be looked up",
					jw_say_place(transfer, place));
	case CURLE_OPERATION_TIMEDOUT:
		return jw_say_timeout(transfer);
	case CURLE_BAD_CONTENT_ENCODING:
		return jw_transfer_fail(
			transfer, JW_BODY_SHORT,
			"the answer can't be unpacked: its Content-Encoding isn't "
			"what it says, or is unknown here");
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return jw_transfer_fail(transfer, JW_BODY_SHORT,
					"the answer breaks off (HTTP/2)");
	default:
		return jw_transfer_fail(transfer, JW_INTERNAL, "libcurl says: %s",
					curl_easy_strerror(code));
	}
}

static bool is_tls(CURLcode code)
{
	static const CURLcode codes[] = {
		CURLE_SSL_CONNECT_ERROR,   CURLE_PEER_FAILED_VERIFICATION,
		CURLE_SSL_CERTPROBLEM,	   CURLE_SSL_CACERT_BADFILE,
		CURLE_SSL_CIPHER,	   CURLE_SSL_ISSUER_ERROR,
		CURLE_SSL_CRL_BADFILE,	   CURLE_SSL_INVALIDCERTSTATUS,
		CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_SHUTDOWN_FAILED,
		CURLE_USE_SSL_FAILED,	   CURLE_SSL_CLIENTCERT,
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

enum jw_cause jw_say_curl(struct jw_transfer *transfer, CURLcode code)
{
	bool is_tunnel = transfer->reply.proxy &&
			 info_long(transfer, CURLINFO_HTTP_CONNECTCODE) / 100 != 2 &&
			 info_long(transfer, CURLINFO_HTTP_CONNECTCODE);

	if (transfer->descriptor_errno || jw_tls_descriptor_errno(transfer))
		return jw_say_no_descriptor(transfer);
	if (transfer->is_too_large)
		return say_too_large(transfer);
	if (is_tunnel || code == CURLE_PROXY)
		return say_proxy(transfer);
	if (is_tls(code))
		return jw_tls_say(transfer, code);
	if (code == CURLE_OUT_OF_MEMORY || (int)code == TOO_LARGE)
		return say_memory(transfer, code);
	switch (code) {
	case CURLE_COULDNT_CONNECT:
		return say_connect(transfer);
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return say_broken(transfer, code);
	case CURLE_PARTIAL_FILE:
		return say_partial(transfer);
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return say_not_http(transfer);
	default:
		return say_other(transfer, code);
	}
}

/* How far it came. */
static const char *waited_for(const struct jw_transfer *transfer)
{
	bool is_https = jw_str_is_nocase(transfer->url.scheme, "https");
	curl_off_t connected = 0;
	curl_off_t secured = 0;
	long status = info_long(transfer, CURLINFO_RESPONSE_CODE);

	curl_easy_getinfo(transfer->easy, CURLINFO_CONNECT_TIME_T, &connected);
	curl_easy_getinfo(transfer->easy, CURLINFO_APPCONNECT_TIME_T, &secured);
	if (!connected)
		return "a connection";
	if (is_https && !secured)
		return "the TLS handshake";
	if (status < 200)
		return "an answer";
	return transfer->has_lines ? "the rest of the body" : "the rest of the headers";
}

enum jw_cause jw_say_timeout(struct jw_transfer *transfer)
{
	char place[JW_PLACE_MAX];

	if (transfer->stage == JW_STAGE_NAME)
		return jw_transfer_fail(
			transfer, JW_TIMEOUT,
			"waited %lld ms for the name service, which didn't say in "
			"time what address %s has",
			(long long)transfer->timeout_ms, transfer->lookup);
	return jw_transfer_fail(
		transfer, JW_TIMEOUT, "%s took longer than %lld ms: waited for %s",
		peer(transfer, place), (long long)transfer->timeout_ms, waited_for(transfer));
}
