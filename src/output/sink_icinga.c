/* SPDX-License-Identifier: MIT */
/* Results for the API of Icinga 2: one process-check-result each. */
#include <string.h>

#include "output/sink_parts.h"

#define ACTION "/v1/actions/process-check-result"
#define BODY_MAX ((size_t)256 * 1024)

struct config {
	const char *url;
	const char *user;
	const struct jw_secret *password;
	const char *client_certificate;
	const char *ca_file;
	const char *server_name;
	int64_t ttl;
	const char *check_source;
};

static const char *const schemes[] = {"https://", NULL};

static const struct jw_option options[] = {
	{JW_OPT(struct config, url), .type = JW_T_URL, .required = true, .choices = schemes,
	 .value = "URL", .help = "Icinga's API: https://HOST:5665"},
	{JW_OPT(struct config, user), .type = JW_T_TEXT, .value = "NAME",
	 .help = "an ApiUser with the permission actions/process-check-result"},
	{JW_OPT(struct config, password), .type = JW_T_SECRET, .value = "SECRET",
	 .help = "its password"},
	{JW_OPT(struct config, client_certificate), .type = JW_T_PATH, .value = "PATH",
	 .help = "certificate and key (PEM) of an ApiUser with client_cn, instead of user and "
		 "password"},
	{JW_OPT(struct config, ca_file), .type = JW_T_PATH, .value = "PATH",
	 .help = "Icinga's own authority, which the system doesn't know: a copy of "
		 "/var/lib/icinga2/certs/ca.crt"},
	{JW_OPT(struct config, server_name), .type = JW_T_TEXT, .value = "NAME",
	 .help = "the name in Icinga's certificate (its NodeName), where the URL has another"},
	{JW_OPT(struct config, ttl), .type = JW_T_SECONDS, .fallback = "1h", .min = 1,
	 .max = 31536000, .value = "DURATION",
	 .help = "how long a result is good: behind it Icinga runs the service's own command"},
	{JW_OPT(struct config, check_source), .type = JW_T_TEXT, .value = "NAME",
	 .help = "who Icinga shows as having checked (this machine's name)"},
	{0},
};

static enum jw_cause prepare(void *data, struct jw_arena *arena, struct jw_err *err)
{
	const struct config *config = data;

	(void)arena;
	if (jw_sink_url(config->url, err))
		return JW_CONFIG;
	if (!config->user && !config->client_certificate)
		return jw_fail(err, JW_CONFIG,
			       "user: is missing: write user and password, or "
			       "client_certificate");
	if (config->user && config->client_certificate)
		return jw_fail(err, JW_CONFIG,
			       "client_certificate: and user are two ways to say who asks: "
			       "leave one out");
	if (config->user && !config->password)
		return jw_fail(err, JW_CONFIG, "password: is missing: user %s needs one",
			       config->user);
	if (config->password && !config->user)
		return jw_fail(err, JW_CONFIG, "user: is missing: whose password is it?");
	if (config->user && strpbrk(config->user, ":\r\n"))
		return jw_fail(err, JW_CONFIG, "user: can't hold a colon or a line break");
	return JW_OK;
}

static const char *place(const void *config)
{
	return ((const struct config *)config)->url;
}

static const struct jw_secret *secret_of(const void *config)
{
	return ((const struct config *)config)->password;
}

/* The items, which blanks outside of quotes part. */
static json_t *perfdata(struct jw_str text)
{
	json_t *list = json_array();
	bool is_quoted = false;
	size_t start = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.ptr[i] == '\'')
			is_quoted = !is_quoted;
		if (i < text.len && (text.ptr[i] != ' ' || is_quoted))
			continue;
		if (i > start)
			json_array_append_new(list, json_stringn(text.ptr + start, i - start));
		start = i + 1;
	}
	return list;
}

/* No execution_start and execution_end: a result that seems older than the stored one would be dropped in silence. */
static json_t *body(const struct config *config, const struct jw_sink_result *result)
{
	json_t *root = json_object();
	json_t *command = json_array();
	const char *source = config->check_source ? config->check_source : result->machine;

	json_object_set_new(root, "type", json_string("Service"));
	json_object_set_new(root, "service",
			    json_sprintf("%s!%s", result->host, result->service));
	json_object_set_new(root, "exit_status", json_integer(result->state));
	json_object_set_new(root, "plugin_output",
			    json_stringn(result->text.ptr, result->text.len));
	json_object_set_new(root, "performance_data", perfdata(result->perfdata));
	json_array_append_new(command, json_string("jwtwatch"));
	json_array_append_new(command, json_string("check"));
	json_array_append_new(command, json_string(result->target));
	json_object_set_new(root, "check_command", command);
	json_object_set_new(root, "check_source", json_string(source));
	json_object_set_new(root, "ttl", json_integer(config->ttl));
	return root;
}

static const char *action_url(const struct config *config, struct jw_arena *arena)
{
	struct jw_str url = jw_str_of(config->url);

	while (url.len && url.ptr[url.len - 1] == '/')
		url.len--;
	return jw_arena_printf(arena, "%.*s%s", JW_STR_ARG(url),
			       jw_str_has(url, ACTION) ? "" : ACTION);
}

static const char *authorization(const struct config *config, struct jw_str secret,
				 struct jw_arena *arena)
{
	jw_autobuf struct jw_buf pair = JW_BUF(BODY_MAX);
	jw_autobuf struct jw_buf line = JW_BUF(2 * BODY_MAX);

	jw_buf_printf(&pair, "%s:", config->user);
	jw_buf_str(&pair, secret);
	jw_buf_text(&line, "Authorization: Basic ");
	jw_sink_base64(&line, jw_buf_get(&pair));
	return jw_arena_text(arena, jw_buf_get(&line));
}

static enum jw_cause pack(const void *data, struct jw_str secret,
			  const struct jw_sink_result *result, struct jw_arena *arena,
			  struct jw_sink_parcel *ret_parcel, struct jw_err *err)
{
	const struct config *config = data;
	const char **headers = jw_arena_array(arena, 4, sizeof(*headers));
	json_t *root;
	jw_autofree char *text = NULL;

	if (strchr(result->host, '!') || strchr(result->service, '!'))
		return jw_fail(err, JW_SINK_FAILED,
			       "host and service can't hold a !, by which Icinga parts them");
	root = body(config, result);
	text = jw_sink_dump(root);
	json_decref(root);
	headers[0] = "Accept: application/json";
	headers[1] = "Content-Type: application/json";
	if (config->user)
		headers[2] = authorization(config, secret, arena);
	*ret_parcel = (struct jw_sink_parcel){
		.url = action_url(config, arena),
		.headers = headers,
		.body = jw_arena_str(arena, jw_str_of(text)),
		.ca_file = config->ca_file,
		.client_certificate = config->client_certificate,
		.server_name = config->server_name,
	};
	return JW_OK;
}

/* What Icinga says to the whole request, or to its one result that wasn't taken; else to its first. */
static const char *status_of(const json_t *root, json_int_t *ret_code)
{
	const json_t *results = json_object_get(root, "results");
	const char *says = json_string_value(json_object_get(root, "status"));
	json_t *item;
	size_t i;

	*ret_code = 0;
	json_array_foreach(results, i, item)
	{
		json_int_t code = (json_int_t)json_number_value(json_object_get(item, "code"));

		if (!i || code != 200) {
			*ret_code = code;
			says = json_string_value(json_object_get(item, "status"));
		}
		if (code != 200)
			break;
	}
	return says;
}

static enum jw_says say_not_found(struct jw_buf *words, const struct jw_sink_result *result,
				  const char *says)
{
	if (says && jw_str_starts(jw_str_of(says), "The requested path")) {
		jw_buf_text(words, "knows no such action (404): is url only the scheme, host "
				   "and port of Icinga's API?");
		return JW_SAYS_REFUSED;
	}
	jw_buf_printf(words,
		      "has no service \"%s!%s\", or the API user lacks the permission "
		      "actions/process-check-result: "
		      "Icinga answers 404 to both",
		      result->host, result->service);
	return JW_SAYS_UNKNOWN;
}

struct meaning {
	long code;
	const char *says;
};

static const struct meaning meanings[] = {
	{400, "can't make anything of the request (400)"},
	{403, "takes no passive results for this service (403): enable_passive_checks is off"},
	{409, "has a newer result for this service already (409)"},
	{500, "took no result (500)"},
	{503,
	 "doesn't have this service active (503): Icinga is just starting, or another node "
	 "of its zone looks after it"},
	{0, NULL},
};

static enum jw_says say_refusal(struct jw_buf *words, const struct config *config,
				const struct jw_sink_result *result, long code,
				const char *says, struct jw_str secret)
{
	const struct meaning *meaning = meanings;

	if (code == 401) {
		jw_buf_text(words, config->user
					   ? "doesn't know this user with this password (401)"
					   : "knows no API user for this client certificate "
					     "(401): its common name "
					     "must be the client_cn of an ApiUser");
		return JW_SAYS_REFUSED;
	}
	if (code == 404)
		return say_not_found(words, result, says);
	while (meaning->code && meaning->code != code)
		meaning++;
	if (meaning->code)
		jw_buf_text(words, meaning->says);
	else
		jw_buf_printf(words, "didn't take the result (%ld)", code);
	if (says) {
		jw_buf_text(words, ": ");
		jw_sink_quote(words, jw_str_of(says), secret);
	}
	return JW_SAYS_REFUSED;
}

static void say_not_json(struct jw_buf *words, const struct jw_http_reply *reply)
{
	if (reply->status == 401)
		jw_buf_text(words, "doesn't know this user with this password (401)");
	else if (reply->status == 400)
		jw_buf_text(words,
			    "answers 400 without JSON, as Icinga does to a request whose "
			    "Accept header is lost: does "
			    "a proxy stand between?");
	else
		jw_buf_printf(words,
			      "answers with HTTP status %ld and no JSON: is this the API of "
			      "Icinga 2 (port 5665)?",
			      reply->status);
}

static enum jw_says read_answer(const json_t *root, const struct config *config,
				struct jw_str secret, const struct jw_sink_result *result,
				long status, struct jw_buf *words)
{
	const json_t *results = json_object_get(root, "results");
	json_int_t code;
	const char *says = status_of(root, &code);

	if (status == 200 && code == 200) {
		jw_sink_quote(words, jw_str_of(says), secret);
		return JW_SAYS_TAKEN;
	}
	if (json_is_array(results) && !json_array_size(results)) {
		jw_buf_printf(words,
			      "took no result (%ld, and an empty list of results): it found no "
			      "service \"%s!%s\"",
			      status, result->host, result->service);
		return JW_SAYS_UNKNOWN;
	}
	if (status == 200 && !code) {
		jw_buf_text(words, "answers 200 without a list of results: is this the API of "
				   "Icinga 2?");
		return JW_SAYS_REFUSED;
	}
	return say_refusal(words, config, result,
			   status != 200 && (!code || code == 200) ? status : (long)code, says,
			   secret);
}

static enum jw_says answer(const void *config, struct jw_str secret,
			   const struct jw_sink_result *result,
			   const struct jw_http_reply *reply, struct jw_buf *words)
{
	json_t *root;
	enum jw_says is = JW_SAYS_REFUSED;

	if (jw_sink_is_unanswered(reply, words)) {
		if (reply->cause == JW_TLS && !((const struct config *)config)->ca_file)
			jw_buf_text(words, "; Icinga has its own authority: name its ca.crt by "
					   "ca_file");
		return JW_SAYS_REFUSED;
	}
	root = jw_sink_json(reply);
	if (root)
		is = read_answer(root, config, secret, result, reply->status, words);
	else
		say_not_json(words, reply);
	json_decref(root);
	return is;
}

const struct jw_sink jw_sink_icinga = {
	.name = "icinga",
	.when = JW_SINK_EVERY,
	.summary = "the API of Icinga 2, a passive result for each target",
	.options = options,
	.config_size = sizeof(struct config),
	.prepare = prepare,
	.place = place,
	.secret = secret_of,
	.pack = pack,
	.answer = answer,
};
