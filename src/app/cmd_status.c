/* SPDX-License-Identifier: MIT */
/* status: the running daemon's verdicts, as it judges them now, without another check. */
#include <stdlib.h>
#include <string.h>

#include "adapter/adapter.h"
#include "app/app.h"
#include "base/log.h"
#include "base/url.h"
#include "output/format.h"

#define URL_MAX ((size_t)256 * 1024)
#define ANSWER_MAX ((size_t)1 << 30)

struct asking {
	const struct jw_loop *loop;
	bool is_over;
	enum jw_cause cause;
	long status;
	int code; /* that the daemon says; -1: it doesn't */
	struct jw_buf body;
	char *says;
};

static void answered(void *context, const struct jw_http_reply *reply)
{
	struct asking *asking = context;
	struct jw_str code = jw_http_header(reply, JW_CODE_HEADER);

	asking->is_over = true;
	asking->cause = reply->cause;
	asking->status = reply->status;
	asking->says = jw_xstrdup(reply->says ? reply->says : "");
	asking->code =
		code.len == 1 && *code.ptr >= '0' && *code.ptr <= '3' ? *code.ptr - '0' : -1;
	jw_buf_str(&asking->body, reply->body);
	asking->loop->stop(asking->loop->self);
}

static void add_word(struct jw_buf *url, const char *name, const char *value)
{
	jw_buf_printf(url, "&%s=", name);
	jw_url_encode(url, jw_str_of(value));
}

/* "*:9788" and "[::]:9788" are every address; ours is among them. */
static enum jw_cause address_of(const struct jw_config *config, struct jw_buf *url,
				struct jw_err *err)
{
	for (size_t i = 0; config->daemon.listen[i]; i++) {
		struct jw_str address = jw_str_of(config->daemon.listen[i]);
		struct jw_str port;

		if (jw_str_starts(address, "unix:"))
			continue;
		jw_buf_text(url, "http://");
		if (jw_str_starts(address, "*:"))
			port = jw_str_from(address, 2);
		else if (jw_str_starts(address, "[::]:"))
			port = jw_str_from(address, 5);
		else if (jw_str_starts(address, "0.0.0.0:"))
			port = jw_str_from(address, 8);
		else {
			jw_buf_str(url, address);
			return JW_OK;
		}
		jw_buf_text(url, "127.0.0.1:");
		jw_buf_str(url, port);
		return JW_OK;
	}
	return jw_fail(err, JW_CONFIG,
		       "daemon.listen names no address with a port that could be asked");
}

static void add_wishes(const struct jw_args *args, const struct jw_format *format,
		       const struct jw_style *style, struct jw_buf *url)
{
	static const char *const levels[] = {"0", "1", "2", "3"};

	jw_buf_printf(url, "/api/v1/targets?format=%s", format->name);
	add_word(url, "v", levels[style->verbosity < 3 ? style->verbosity : 3]);
	add_word(url, "fail_on", jw_fail_on_names[style->fail_on]);
	add_word(url, "perfdata", jw_perfdata_names[style->perfdata]);
	if (style->color)
		add_word(url, "color", "1");
	if (style->is_quiet)
		add_word(url, "q", "1");
	if (args->values[JW_FLAG_AT])
		add_word(url, "at", args->values[JW_FLAG_AT]);
	for (size_t i = 0; i < args->operand_count; i++)
		add_word(url, "target", args->operands[i]);
}

static enum jw_cause ask(const char *url, int64_t timeout_ms, struct asking *asking,
			 struct jw_err *err)
{
	struct jw_outside outside = {0};
	struct jw_moment moment;
	struct jw_world world;
	const struct jw_net *net;
	const struct jw_http_request request = {.url = url,
						.timeout_ms = timeout_ms,
						.max_body = ANSWER_MAX,
						.redirects = JW_REDIRECTS_NONE};

	if (jw_moment_init(&moment, NULL, err))
		return err->cause;
	/* The daemon is beside us: a proxy would ask itself, or tell others of it. */
	setenv("no_proxy", "*", 1);
	world = jw_app_world(&moment, &outside);
	net = world.net(world.net_context, err);
	if (net) {
		asking->loop = &net->loop;
		net->http.start(net->http.self, &request, answered, asking);
		while (!asking->is_over)
			net->loop.run(net->loop.self, INT64_MAX);
	}
	jw_outside_done(&outside);
	return net ? JW_OK : err->cause;
}

/* In the shape of the format, as a monitoring system expects it. */
static int say_none(const struct jw_format *format, const char *where, const char *says)
{
	jw_autobuf struct jw_buf out = JW_BUF((size_t)1 << 16);
	jw_autobuf struct jw_buf words = JW_BUF((size_t)1 << 14);

	jw_buf_printf(&words,
		      "no verdict from jwtwatch run at %s: %s. Is it running, with this "
		      "configuration?",
		      where, says);
	if (format->is_wordless)
		jw_log(JW_LOG_ERROR, "%s", words.ptr);
	jw_format_refusal(format, "jwtwatch run", JW_STALE, words.ptr,
			  jw_adapter_clock.wall(NULL), &out);
	return jw_write_out(&out, JW_EXIT_UNKNOWN);
}

static int say(const struct jw_format *format, const char *where, struct asking *asking)
{
	jw_autobuf struct jw_buf words = JW_BUF((size_t)1 << 12);

	if (asking->cause)
		return say_none(format, where, asking->says);
	if (asking->status == 200 && asking->code >= 0)
		return jw_write_out(&asking->body, asking->code);
	if (asking->status == 400 || asking->status == 503)
		jw_buf_printf(&words, "it says: %.*s",
			      (int)jw_str_head(jw_buf_get(&asking->body), 300).len,
			      asking->body.ptr ? asking->body.ptr : "");
	else
		jw_buf_printf(&words, "another program answers there (HTTP status %ld)",
			      asking->status);
	return say_none(format, where, jw_buf_get(&words).ptr);
}

static int status(const struct jw_args *args, const struct jw_config *config,
		  const struct jw_format *format, const struct jw_style *style)
{
	jw_autobuf struct jw_buf url = JW_BUF(URL_MAX);
	struct jw_timing timing;
	struct asking asking = {.code = -1};
	jw_autofree char *where = NULL;
	struct jw_err err;
	int code;

	if (jw_timing_read(args, &timing, &err) || address_of(config, &url, &err))
		return jw_usage_error(args, "%s", err.text);
	where = jw_xstrdup(url.ptr);
	add_wishes(args, format, style, &url);
	if (url.overflowed)
		return jw_usage_error(args, "that are too many targets by name");
	jw_buf_init(&asking.body, ANSWER_MAX);
	if (ask(url.ptr, timing.ms, &asking, &err))
		code = say_none(format, where, err.text);
	else
		code = say(format, where, &asking);
	jw_buf_done(&asking.body);
	free(asking.says);
	return code;
}

int jw_cmd_status(const struct jw_args *args)
{
	const struct jw_format *format;
	struct jw_style style;
	struct jw_config *config;
	struct jw_errors errors;
	struct jw_err err;
	int code = JW_EXIT_UNKNOWN;

	if (jw_app_format(args, &format, &err) || jw_app_style(args, &style, &err))
		return jw_usage_error(args, "%s", err.text);
	if (jw_app_config(args, jw_adapter_clock.monotonic_ms(NULL) + 10000, &errors,
			  &config)) {
		jw_app_say_errors(&errors);
	} else {
		code = status(args, config, format, &style);
		jw_config_free(config);
	}
	jw_buf_done(&errors.text);
	return code;
}
