/* SPDX-License-Identifier: MIT */
/* Changes of state for whatever takes JSON over HTTP: a POST each, and 2xx is a yes. */
#include <string.h>

#include "base/url.h"
#include "output/sink_parts.h"

#define HEADERS_MAX 64

struct config {
	const char *url;
	const struct jw_header *headers;
	const char *ca_file;
	const char *client_certificate;
	const char *server_name;
	const char *place; /* no option: made of the url */
};

static const char *const schemes[] = {"https://", "http://", NULL};

static const struct jw_option options[] = {
	{JW_OPT(struct config, url), .type = JW_T_URL, .required = true, .choices = schemes,
	 .value = "URL",
	 .help = "where the JSON is posted to; messages show its scheme and host only"},
	{JW_OPT(struct config, headers), .type = JW_T_HEADERS, .value = "HEADERS",
	 .help = "more headers, as {NAME: SECRET}, such as {Authorization: {file: PATH}}"},
	{JW_OPT(struct config, ca_file), .type = JW_T_PATH, .value = "PATH",
	 .help = "certificates (PEM) of the authorities to trust instead of the system's"},
	{JW_OPT(struct config, client_certificate), .type = JW_T_PATH, .value = "PATH",
	 .help = "certificate and key (PEM) to show where the server asks for one"},
	{JW_OPT(struct config, server_name), .type = JW_T_TEXT, .value = "NAME",
	 .help = "the name in the server's certificate, where the URL has another"},
	{0},
};

/* In many of these URLs the path is all that proves who asks. */
static const char *origin_of(const char *url, struct jw_arena *arena)
{
	struct jw_url parts;
	size_t len = strcspn(url, "?#");

	if (!jw_url_parse(jw_str_of(url), &parts) && parts.path.len)
		len = (size_t)(parts.path.ptr - url);
	return jw_arena_printf(arena, "%.*s/...", (int)len, url);
}

static enum jw_cause prepare(void *data, struct jw_arena *arena, struct jw_err *err)
{
	struct config *config = data;
	struct jw_url parts;
	size_t count = 0;

	if (!jw_url_parse(jw_str_of(config->url), &parts) && parts.user.ptr)
		return jw_fail(err, JW_CONFIG,
			       "url: has a name or a password in it: headers are there for "
			       "what proves who asks");
	for (; config->headers && config->headers[count].name; count++)
		if (jw_str_is_nocase(jw_str_of(config->headers[count].name), "Content-Type"))
			return jw_fail(err, JW_CONFIG,
				       "headers: can't have a Content-Type: what is sent is "
				       "application/json");
	if (count > HEADERS_MAX)
		return jw_fail(err, JW_CONFIG, "headers: are more than %d", HEADERS_MAX);
	config->place = origin_of(config->url, arena);
	return JW_OK;
}

static const char *place(const void *config)
{
	return ((const struct config *)config)->place;
}

static const struct jw_header *headers_of(const void *config)
{
	return ((const struct config *)config)->headers;
}

static enum jw_cause pack(const void *data, struct jw_str secret,
			  const struct jw_sink_result *result, struct jw_arena *arena,
			  struct jw_sink_parcel *ret_parcel, struct jw_err *err)
{
	static const char *const headers[] = {"Content-Type: application/json", NULL};
	const struct config *config = data;
	struct jw_str body;
	enum jw_cause cause = jw_sink_news(result, arena, &body, err);

	(void)secret;
	if (cause)
		return cause;
	*ret_parcel = (struct jw_sink_parcel){
		.url = config->url,
		.headers = headers,
		.body = body,
		.ca_file = config->ca_file,
		.client_certificate = config->client_certificate,
		.server_name = config->server_name,
	};
	return JW_OK;
}

/* Request timeout, too early, too many requests. */
static bool is_busy(long status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

/* Its body isn't quoted: it may repeat any of the headers, or the URL. */
static enum jw_says answer(const void *config, struct jw_str secret,
			   const struct jw_sink_result *result,
			   const struct jw_http_reply *reply, struct jw_buf *words)
{
	(void)config;
	(void)secret;
	(void)result;
	if (jw_sink_is_unanswered(reply, words))
		return JW_SAYS_REFUSED;
	if (reply->status >= 200 && reply->status < 300) {
		jw_buf_printf(words, "taken (HTTP status %ld)", reply->status);
		return JW_SAYS_TAKEN;
	}
	if (is_busy(reply->status)) {
		jw_buf_printf(words, "can't take it now (HTTP status %ld)", reply->status);
		return JW_SAYS_LATER;
	}
	jw_buf_printf(words, "doesn't take it (HTTP status %ld)", reply->status);
	if (reply->status == 401 || reply->status == 403)
		jw_buf_text(words, ": does url, or one of headers, prove who asks?");
	else if (reply->status == 404 || reply->status == 405 || reply->status == 410)
		jw_buf_text(words, ": is url what it was given out as?");
	return JW_SAYS_REFUSED;
}

const struct jw_sink jw_sink_webhook = {
	.name = "webhook",
	.when = JW_SINK_CHANGE,
	.summary = "changes of state as JSON by HTTP POST, for chats and alert tools",
	.options = options,
	.config_size = sizeof(struct config),
	.prepare = prepare,
	.place = place,
	.headers = headers_of,
	.pack = pack,
	.answer = answer,
};
