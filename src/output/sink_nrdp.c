/* SPDX-License-Identifier: MIT */
/* Results for NRDP, which takes them over HTTP for Nagios: always HTTP 200, the truth in the body. */
#include <string.h>

#include "base/url.h"
#include "output/sink_parts.h"

#define OUTPUT_MAX ((size_t)64 * 1024)
#define BODY_MAX ((size_t)1 << 20)

struct config {
	const char *url;
	const struct jw_secret *token;
	const char *ca_file;
	const char *client_certificate;
	const char *server_name;
};

static const char *const schemes[] = {"https://", "http://", NULL};

static const struct jw_option options[] = {
	{JW_OPT(struct config, url), .type = JW_T_URL, .required = true, .choices = schemes,
	 .value = "URL", .help = "where NRDP answers: https://HOST/nrdp/"},
	{JW_OPT(struct config, token), .type = JW_T_SECRET, .required = true, .value = "SECRET",
	 .help = "one of authorized_tokens in NRDP's config.inc.php"},
	{JW_OPT(struct config, ca_file), .type = JW_T_PATH, .value = "PATH",
	 .help = "certificates (PEM) of the authorities to trust instead of the system's"},
	{JW_OPT(struct config, client_certificate), .type = JW_T_PATH, .value = "PATH",
	 .help = "certificate and key (PEM) to show where the server asks for one"},
	{JW_OPT(struct config, server_name), .type = JW_T_TEXT, .value = "NAME",
	 .help = "the name in the server's certificate, where the URL has another"},
	{0},
};

static enum jw_cause prepare(void *config, struct jw_arena *arena, struct jw_err *err)
{
	(void)arena;
	return jw_sink_url(((const struct config *)config)->url, err);
}

static const char *place(const void *config)
{
	return ((const struct config *)config)->url;
}

static const struct jw_secret *secret_of(const void *config)
{
	return ((const struct config *)config)->token;
}

/* NRDP passes backslashes on to Nagios, which reads them as escapes. */
static void double_backslashes(struct jw_buf *buf, struct jw_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			jw_buf_char(buf, '\\');
		jw_buf_char(buf, s.ptr[i]);
	}
}

static json_t *check_result(const struct jw_sink_result *result)
{
	static const char states[4][2] = {"0", "1", "2", "3"};
	jw_autobuf struct jw_buf output = JW_BUF(OUTPUT_MAX);
	jw_autobuf struct jw_buf escaped = JW_BUF(2 * OUTPUT_MAX);
	json_t *item = json_object();

	jw_sink_output(result, &output);
	double_backslashes(&escaped, jw_buf_get(&output));
	json_object_set_new(item, "checkresult",
			    json_pack("{s:s, s:s}", "type", "service", "checktype", "1"));
	json_object_set_new(item, "hostname", json_string(result->host));
	json_object_set_new(item, "servicename", json_string(result->service));
	json_object_set_new(item, "state", json_string(states[result->state]));
	json_object_set_new(item, "output",
			    json_stringn(escaped.ptr ? escaped.ptr : "", escaped.len));
	return item;
}

static enum jw_cause pack(const void *data, struct jw_str secret,
			  const struct jw_sink_result *result, struct jw_arena *arena,
			  struct jw_sink_parcel *ret_parcel, struct jw_err *err)
{
	const struct config *config = data;
	const char **headers = jw_arena_array(arena, 3, sizeof(*headers));
	json_t *root = json_object();
	json_t *list = json_array();
	jw_autofree char *text = NULL;
	jw_autobuf struct jw_buf form = JW_BUF(BODY_MAX);

	json_array_append_new(list, check_result(result));
	json_object_set_new(root, "checkresults", list);
	text = jw_sink_dump(root);
	json_decref(root);
	jw_buf_text(&form, "token=");
	jw_url_encode(&form, secret);
	jw_buf_text(&form, "&cmd=submitcheck&json=");
	jw_url_encode(&form, jw_str_of(text));
	if (form.overflowed)
		return jw_fail(err, JW_SINK_FAILED, "the result is too large to be sent");
	headers[0] = "Content-Type: application/x-www-form-urlencoded";
	headers[1] = "Accept: application/json";
	*ret_parcel = (struct jw_sink_parcel){
		.url = config->url,
		.headers = headers,
		.body = jw_arena_str(arena, jw_buf_get(&form)),
		.ca_file = config->ca_file,
		.client_certificate = config->client_certificate,
		.server_name = config->server_name,
	};
	return JW_OK;
}

static bool is_zero(const json_t *value)
{
	if (json_is_string(value))
		return !strcmp(json_string_value(value), "0");
	return json_is_integer(value) && json_integer_value(value) == 0;
}

static void say_refusal(struct jw_buf *words, const json_t *answer, struct jw_str secret)
{
	const char *message = json_string_value(json_object_get(answer, "message"));

	if (message && !strcmp(message, "BAD TOKEN"))
		jw_buf_text(words, "doesn't know the token (BAD TOKEN): it must be one of "
				   "authorized_tokens in config.inc.php");
	else if (message && !strcmp(message, "NO TOKEN"))
		jw_buf_text(words,
			    "was sent no token, it says (NO TOKEN): does a redirect or a "
			    "proxy drop the form?");
	else if (message) {
		jw_buf_text(words, "refuses the result: ");
		jw_sink_quote(words, jw_str_of(message), secret);
	} else {
		jw_buf_text(words, "refuses the result and gives no reason");
	}
}

/* "1 checks processed": a number above 0 and a blank in front. */
static bool says_taken(const char *output)
{
	struct jw_str number;
	struct jw_str rest;
	uint64_t count;

	return output && jw_str_cut(jw_str_of(output), ' ', &number, &rest) &&
	       jw_str_u64(number, UINT64_MAX, &count) && count > 0;
}

static enum jw_says read_answer(const json_t *answer, struct jw_str secret,
				struct jw_buf *words)
{
	const json_t *meta = json_object_get(answer, "meta");
	const char *output = json_string_value(json_object_get(meta, "output"));

	if (!is_zero(json_object_get(answer, "status"))) {
		say_refusal(words, answer, secret);
		return JW_SAYS_REFUSED;
	}
	if (!output) {
		jw_buf_text(words, "took the request and doesn't say that it took the result");
		return JW_SAYS_REFUSED;
	}
	if (!says_taken(output)) {
		jw_buf_text(words, "took the request and none of its results: ");
		jw_sink_quote(words, jw_str_of(output), secret);
		return JW_SAYS_REFUSED;
	}
	jw_sink_quote(words, jw_str_of(output), secret);
	jw_buf_text(words, "; whether Nagios has this host and service, NRDP doesn't say");
	return JW_SAYS_TAKEN;
}

static enum jw_says answer(const void *config, struct jw_str secret,
			   const struct jw_sink_result *result,
			   const struct jw_http_reply *reply, struct jw_buf *words)
{
	enum jw_says is = JW_SAYS_REFUSED;
	const json_t *part;
	json_t *root;

	(void)config;
	(void)result;
	if (jw_sink_is_unanswered(reply, words))
		return JW_SAYS_REFUSED;
	root = reply->status == 200 ? jw_sink_json(reply) : NULL;
	part = json_object_get(root, "result");
	if (json_is_object(part))
		is = read_answer(part, secret, words);
	else
		jw_buf_printf(words,
			      "answers with HTTP status %ld and not in NRDP's words: is url "
			      "where NRDP is (it ends with /nrdp/)?",
			      reply->status);
	json_decref(root);
	return is;
}

const struct jw_sink jw_sink_nrdp = {
	.name = "nrdp",
	.when = JW_SINK_EVERY,
	.summary = "NRDP, which takes passive results over HTTP for Nagios",
	.options = options,
	.config_size = sizeof(struct config),
	.prepare = prepare,
	.place = place,
	.secret = secret_of,
	.pack = pack,
	.answer = answer,
};
