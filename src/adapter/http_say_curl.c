/* SPDX-License-Identifier: MIT */
/* What libcurl says becomes a cause and a sentence, of our own words only. */
#include <errno.h>
#include <string.h>

#include "adapter/http_curl.h"
#include "adapter/http_tls.h"

/* CURLE_TOO_LARGE, which libcurl has since 8.6. */
enum { TOO_LARGE = 100 };

static enum jw_cause say_errno(struct jw_transfer *transfer, const char *whom, int number)
{
	static const struct {
		int number;
		enum jw_cause cause;
		const char *says;
	} rows[] = {
		{ECONNREFUSED, JW_CONNECT,
		 "refuses the connection: nothing listens on that port"},
		{ENETUNREACH, JW_CONNECT, "can't be reached: there is no way to that address"},
		{EHOSTUNREACH, JW_CONNECT, "can't be reached: there is no way to that address"},
		{ECONNRESET, JW_CONNECT, "reset the connection"},
		{ETIMEDOUT, JW_CONNECT, "doesn't answer when connected to"},
		{EADDRNOTAVAIL, JW_INTERNAL,
		 "can't be connected to: no local port is left, or no address fits"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].number == number)
			return jw_transfer_fail(transfer, rows[i].cause, "%s %s", whom,
						rows[i].says);
	return jw_transfer_fail(transfer, JW_CONNECT, "%s can't be connected to%s%s", whom,
				number ? ": " : "", number ? strerrordesc_np(number) : "");
}

static enum jw_cause say_connect(struct jw_transfer *transfer)
{
	char place[JW_PLACE_MAX];

	return say_errno(transfer, jw_say_peer(transfer, place),
			 (int)jw_say_info(transfer, CURLINFO_OS_ERRNO));
}

static enum jw_cause say_proxy(struct jw_transfer *transfer)
{
	long status = jw_say_info(transfer, CURLINFO_HTTP_CONNECTCODE);
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
	bool is_reset = jw_say_info(transfer, CURLINFO_OS_ERRNO) == ECONNRESET;
	const char *how = is_reset ? "reset" : "closed";
	long status = jw_say_info(transfer, CURLINFO_RESPONSE_CODE);
	const char *place = jw_say_server(transfer);

	if (jw_tls_is_broken_off(transfer))
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
	return jw_transfer_fail(transfer, JW_HTTP_STATUS,
				"what answers on %s doesn't speak HTTP as it should: is it "
				"another service, or one that wants https?",
				jw_say_server(transfer));
}

/* A header line of its own that is larger than libcurl takes comes as a lack of memory. */
static enum jw_cause say_memory(struct jw_transfer *transfer, CURLcode code)
{
	if (jw_say_info(transfer, CURLINFO_RESPONSE_CODE) && !transfer->has_lines)
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
	long tunnel = jw_say_info(transfer, CURLINFO_HTTP_CONNECTCODE);

	if (transfer->descriptor_errno || jw_tls_descriptor_errno(transfer))
		return jw_say_no_descriptor(transfer);
	if (transfer->is_too_large)
		return say_too_large(transfer);
	if ((tunnel && tunnel / 100 != 2) || code == CURLE_PROXY)
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
