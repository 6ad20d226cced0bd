/* SPDX-License-Identifier: MIT */
/* Redirects (RFC 9110 section 15.4), followed by us: libcurl would hand headers and body on, and go anywhere. */
#include "adapter/http_curl.h"

#include <string.h>

static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 ||
	       status == 308;
}

static const char *masked(struct jw_transfer *transfer, const char *url)
{
	jw_autobuf struct jw_buf text = JW_BUF(4 * JW_URL_MAX);

	if (!jw_url_mask(&text, jw_str_of(url)))
		return "(a URL that is too long)";
	return jw_arena_text(&transfer->arena, jw_buf_get(&text));
}

/* 303 asks for a GET; for 301 and 302 that is what everyone does after a POST. */
static bool becomes_get(const struct jw_transfer *transfer, long status)
{
	if (status == 303 && !strcmp(transfer->method, "GET"))
		return transfer->body.ptr;
	if (status == 303)
		return strcmp(transfer->method, "HEAD");
	return (status == 301 || status == 302) && !strcmp(transfer->method, "POST");
}

static bool was_asked(const struct jw_transfer *transfer, const char *url)
{
	for (int i = 0; i <= transfer->hops; i++)
		if (!strcmp(transfer->urls[i], url))
			return true;
	return false;
}

static bool is_web(const struct jw_url *url)
{
	return jw_str_is_nocase(url->scheme, "http") || jw_str_is_nocase(url->scheme, "https");
}

static enum jw_cause refuse(struct jw_transfer *transfer, const char *to, const char *why)
{
	return jw_transfer_fail(transfer, JW_REDIRECT, "redirects to %s, %s",
				masked(transfer, to), why);
}

/* The origin is that of the first URL. */
static bool is_origin(const struct jw_transfer *transfer, const struct jw_url *url)
{
	struct jw_url first;

	return !jw_url_parse(jw_str_of(transfer->urls[0]), &first) &&
	       jw_url_same_origin(&first, url);
}

/* A Location without user info keeps that of the URL, within the origin. */
static const char *with_user(struct jw_transfer *transfer, const char *to,
			     const struct jw_url *url)
{
	struct jw_url first;

	if (transfer->has_left || url->user.ptr || !is_origin(transfer, url) ||
	    jw_url_parse(jw_str_of(transfer->urls[0]), &first) || !first.user.ptr)
		return to;
	return jw_arena_printf(&transfer->arena, "%.*s://%.*s@%s", JW_STR_ARG(url->scheme),
			       JW_STR_ARG(first.user), to + url->scheme.len + 3);
}

static enum jw_cause may_follow(struct jw_transfer *transfer, const char *to,
				const struct jw_url *url, bool keeps_body)
{
	if (!is_web(url))
		return refuse(transfer, to, "which is neither http nor https");
	if (jw_str_is_nocase(transfer->url.scheme, "https") &&
	    !jw_str_is_nocase(url->scheme, "https"))
		return refuse(transfer, to, "out of https, where others could read along");
	if (!is_origin(transfer, url) && transfer->redirects == JW_REDIRECTS_SAME_ORIGIN)
		return refuse(transfer, to,
			      "another scheme, host or port: ask there, or allow redirects "
			      "to any");
	if (!is_origin(transfer, url) && keeps_body)
		return refuse(transfer, to,
			      "another server, which must not be sent the request's body");
	if (was_asked(transfer, to) && !becomes_get(transfer, transfer->reply.status))
		return refuse(transfer, to, "in a circle");
	if (transfer->hops == JW_HTTP_REDIRECTS_MAX)
		return jw_transfer_fail(transfer, JW_REDIRECT,
					"redirects more than %d times, last to %s",
					JW_HTTP_REDIRECTS_MAX, masked(transfer, to));
	return JW_OK;
}

static void go_there(struct jw_transfer *transfer, const char *to, const struct jw_url *url)
{
	jw_reply_keep(transfer);
	if (becomes_get(transfer, transfer->reply.status)) {
		transfer->method = "GET";
		transfer->body = (struct jw_str){0};
	}
	if (!is_origin(transfer, url))
		transfer->has_left = true;
	transfer->urls[++transfer->hops] = to;
	transfer->reply.url = to;
	transfer->reply.redirects = transfer->hops;
	jw_url_parse(jw_str_of(to), &transfer->url);
	jw_shard_cease(transfer);
	jw_hop_begin(transfer);
}

bool jw_redirect(struct jw_transfer *transfer)
{
	char *location = NULL;
	struct jw_url url;
	const char *to;
	enum jw_cause cause;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &transfer->reply.status);
	if (transfer->redirects == JW_REDIRECTS_NONE || !is_redirect(transfer->reply.status))
		return false;
	curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &location);
	if (!location) {
		cause = jw_transfer_fail(transfer, JW_REDIRECT,
					 "redirects (HTTP status %ld) without saying where to",
					 transfer->reply.status);
		jw_transfer_end(transfer, cause);
		return true;
	}
	to = jw_arena_text(&transfer->arena, jw_str_of(location));
	if (jw_url_parse(jw_str_of(to), &url)) {
		jw_transfer_end(transfer, refuse(transfer, to, "which can't be asked for"));
		return true;
	}
	to = with_user(transfer, to, &url);
	cause = may_follow(transfer, to, &url,
			   transfer->body.ptr &&
				   !becomes_get(transfer, transfer->reply.status));
	if (cause)
		jw_transfer_end(transfer, cause);
	else
		go_there(transfer, to, &url);
	return true;
}
