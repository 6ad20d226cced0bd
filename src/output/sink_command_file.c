/* SPDX-License-Identifier: MIT */
/* Results as lines for the command file of Nagios: a named pipe on this machine. */
#include <string.h>

#include "output/sink_parts.h"

struct config {
	const char *path;
};

static const struct jw_option options[] = {
	{JW_OPT(struct config, path), .type = JW_T_PATH, .required = true, .value = "PATH",
	 .help = "the command_file of nagios.cfg"},
	{0},
};

static const char *place(const void *config)
{
	return ((const struct config *)config)->path;
}

/* Appends what fits, escaped, and leaves `room` of the line; no character is cut in two. */
static void escaped(struct jw_buf *buf, struct jw_str s, size_t room)
{
	size_t i = 0;

	while (i < s.len) {
		size_t len = 1;
		bool is_escaped = s.ptr[i] == '\\' || s.ptr[i] == '\n';

		while (i + len < s.len && ((unsigned char)s.ptr[i + len] & 0xc0) == 0x80)
			len++;
		if (buf->len + len + is_escaped + room > buf->max)
			return;
		if (s.ptr[i] == '\n')
			jw_buf_text(buf, "\\n");
		else if (s.ptr[i] == '\\')
			jw_buf_text(buf, "\\\\");
		else
			jw_buf_add(buf, s.ptr + i, len);
		i += len;
	}
}

/* Of a result that is too long the other lines are cut first, then the first line; the performance data stays, unless
 * it would take half of it all. */
static void output(struct jw_buf *line, const struct jw_sink_result *result)
{
	jw_autobuf struct jw_buf data = JW_BUF(JW_SINK_LINE_MAX);
	struct jw_str first = result->text;
	struct jw_str rest = {0};

	jw_str_cut(result->text, '\n', &first, &rest);
	if (result->perfdata.len) {
		jw_buf_char(&data, '|');
		escaped(&data, result->perfdata, 0);
	}
	if (data.len > JW_SINK_LINE_MAX / 2)
		jw_buf_clear(&data);
	escaped(line, first, data.len + 1);
	jw_buf_str(line, jw_buf_get(&data));
	/* Room for the newline at the end, and for the one in front of the other lines. */
	if (rest.len && line->len + 3 < line->max) {
		jw_buf_text(line, "\\n");
		escaped(line, rest, 1);
	}
}

static bool is_name(const char *name)
{
	return *name && !strpbrk(name, ";\r\n");
}

static enum jw_cause pack(const void *data, struct jw_str secret,
			  const struct jw_sink_result *result, struct jw_arena *arena,
			  struct jw_sink_parcel *ret_parcel, struct jw_err *err)
{
	const struct config *config = data;
	jw_autobuf struct jw_buf line = JW_BUF(JW_SINK_LINE_MAX);

	(void)secret;
	if (!is_name(result->host) || !is_name(result->service))
		return jw_fail(err, JW_SINK_FAILED,
			       "host and service can't be empty and can't hold a ; or a line "
			       "break: Nagios takes its commands apart there");
	jw_buf_printf(&line, "[%lld] PROCESS_SERVICE_CHECK_RESULT;%s;%s;%d;",
		      (long long)result->now, result->host, result->service,
		      (int)result->state);
	output(&line, result);
	jw_buf_char(&line, '\n');
	if (line.overflowed)
		return jw_fail(err, JW_SINK_FAILED,
			       "the names of host and service are too long");
	*ret_parcel = (struct jw_sink_parcel){
		.path = config->path,
		.body = jw_arena_str(arena, jw_buf_get(&line)),
	};
	return JW_OK;
}

static enum jw_says answer(const void *config, struct jw_str secret,
			   const struct jw_sink_result *result,
			   const struct jw_http_reply *reply, struct jw_buf *words)
{
	(void)config;
	(void)secret;
	(void)result;
	(void)reply;
	jw_buf_text(words, "written; Nagios doesn't answer: where it has no such host or "
			   "service, only its log says so");
	return JW_SAYS_TAKEN;
}

const struct jw_sink jw_sink_command_file = {
	.name = "command_file",
	.when = JW_SINK_EVERY,
	.summary = "the command file of a Nagios on this machine",
	.options = options,
	.config_size = sizeof(struct config),
	.place = place,
	.pack = pack,
	.answer = answer,
};
