/* SPDX-License-Identifier: MIT */
/* What the commands share. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "app/app.h"
#include "base/log.h"
#include "base/when.h"
#include "contract/check.h"
#include "output/doctor.h"
#include "output/forecast.h"

/* One more than jw_config_read takes, which says so. */
#define CONFIG_MAX (((size_t)16 << 20) + 1)

#define HORIZON ((int64_t)30 * 86400)
#define HORIZON_MAX ((int64_t)36500 * 86400)

/* What a command writes that reports in no format of others; NULL: it has none of its own. */
static const struct jw_format *own_formats(const struct jw_args *args)
{
	if (args->command->run == jw_cmd_forecast)
		return jw_forecast_formats;
	return args->command->run == jw_cmd_doctor ? jw_doctor_formats : NULL;
}

/* Of -o; without it, or where it names none: NULL, and for a plugin nagios, which it also is instead of text. */
static const struct jw_format *format_of_refusal(const struct jw_args *args)
{
	const char *name = args ? args->values[JW_FLAG_FORMAT] : NULL;
	const struct jw_format *format = name ? jw_format_by_name(jw_str_of(name)) : NULL;

	if (format && !strcmp(format->name, "text"))
		format = NULL;
	if (!format && args && jw_command_is_plugin(args->command))
		return jw_format_by_name(JW_STR("nagios"));
	return format;
}

/* Where a scheduler or a program reads standard output, it gets an answer of the form that it asked for. False: the
 * sentence is still to be said. */
static bool answered_in_form(const struct jw_args *args, const char *says)
{
	const struct jw_format *format = format_of_refusal(args);
	jw_autobuf struct jw_buf out = JW_BUF((size_t)1 << 16);

	if (!format || own_formats(args) || !(args->command->flags & 1U << JW_FLAG_DEADLINE))
		return false;
	if (format->is_wordless && jw_command_is_plugin(args->command)) {
		jw_buf_text(&out, "# JWTWATCH UNKNOWN: ");
		jw_nagios_text(&out, jw_str_of(says));
		jw_buf_char(&out, '\n');
	}
	jw_format_refusal(format, "command line", JW_CONFIG, says, jw_adapter_clock.wall(NULL),
			  &out);
	jw_write_out(&out, JW_EXIT_UNKNOWN);
	return !format->is_wordless;
}

/* Who waits for results there gets none. */
static void add_sinks(const struct jw_args *args, char *text, size_t size)
{
	size_t len = strlen(text);

	for (size_t i = 0; args && i < args->sink_count && len < size; i++) {
		if (!jw_sinks_was_named(args, i))
			snprintf(text + len, size - len, "; nothing was sent to sink %s",
				 args->sinks[i]);
		len += strlen(text + len);
	}
}

int jw_usage_error(const struct jw_args *args, const char *format, ...)
{
	char text[JW_ERR_MAX];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	add_sinks(args, text, sizeof(text));
	if (answered_in_form(args, text))
		return JW_EXIT_UNKNOWN;
	jw_log(JW_LOG_ERROR, "%s (see: jwtwatch help%s%s)", text,
	       args && args->command ? " " : "",
	       args && args->command ? args->command->name : "");
	return JW_EXIT_UNKNOWN;
}

int jw_write_out(const struct jw_buf *buf, int exit_code)
{
	size_t done = 0;

	if (buf->overflowed) {
		jw_log(JW_LOG_ERROR, "the output would be larger than %zu bytes and was cut",
		       buf->max);
		exit_code = JW_EXIT_UNKNOWN;
	}
	while (done < buf->len) {
		ssize_t len = write(STDOUT_FILENO, buf->ptr + done, buf->len - done);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0) {
			jw_log(JW_LOG_ERROR, "standard output can't be written: %s",
			       strerrordesc_np(errno));
			return JW_EXIT_UNKNOWN;
		}
		done += (size_t)len;
	}
	return exit_code;
}

static int64_t simulated_wall(void *self)
{
	return *(const int64_t *)self;
}

static int64_t real_ms(void *self)
{
	(void)self;
	return jw_adapter_clock.monotonic_ms(NULL);
}

enum jw_cause jw_moment_init(struct jw_moment *moment, const char *at, struct jw_err *err)
{
	*moment = (struct jw_moment){.clock = jw_adapter_clock};
	if (!at)
		return JW_OK;
	if (!jw_when_parse(jw_str_of(at), jw_adapter_clock.wall(NULL), &moment->at))
		return jw_fail(err, JW_CONFIG,
			       "--at takes a moment such as 2026-01-02T03:04:05Z, 2026-01-02, "
			       "@1767323045 "
			       "(seconds since 1970), now, +3d or -2h");
	moment->simulated = true;
	moment->clock = (struct jw_clock){
		.self = &moment->at, .wall = simulated_wall, .monotonic_ms = real_ms};
	return JW_OK;
}

static const struct jw_crypto *open_crypto(void *context, struct jw_err *err)
{
	struct jw_outside *outside = context;
	const void *ops;

	if (!outside->crypto && !jw_adapter_module(JW_CRYPTO_MODULE, JW_CRYPTO_ABI, &ops, err))
		outside->crypto = ops;
	return outside->crypto;
}

static const struct jw_loop *open_loop(void *context, struct jw_err *err)
{
	struct jw_outside *outside = context;

	if (!outside->has_loop && jw_adapter_loop(&outside->loop, err))
		return NULL;
	outside->has_loop = true;
	return &outside->loop;
}

static const struct jw_exec *open_exec(void *context, struct jw_err *err)
{
	struct jw_outside *outside = context;

	if (outside->has_exec)
		return &outside->exec;
	if (!open_loop(context, err))
		return NULL;
	outside->exec = jw_adapter_exec(&outside->loop);
	outside->has_exec = true;
	return &outside->exec;
}

static const struct jw_net *open_net(void *context, struct jw_err *err)
{
	struct jw_outside *outside = context;
	struct jw_net *net = &outside->net;
	const struct jw_http_ops *http;
	const void *ops;

	if (outside->is_net_open)
		return net;
	if (jw_adapter_module(JW_HTTP_MODULE, JW_HTTP_ABI, &ops, err))
		return NULL;
	http = ops;
	if (!open_loop(context, err))
		return NULL;
	net->loop = outside->loop;
	if (http->open(&outside->loop, outside->is_daemon ? JW_HTTP_DAEMON : JW_HTTP_ONE_SHOT,
		       &net->http, err))
		return NULL;
	outside->is_net_open = true;
	return net;
}

struct jw_world jw_app_world(const struct jw_moment *moment, struct jw_outside *outside)
{
	return (struct jw_world){
		.files = &jw_adapter_files,
		.clock = &moment->clock,
		.crypto = open_crypto,
		.crypto_context = outside,
		.loop = open_loop,
		.loop_context = outside,
		.net = open_net,
		.net_context = outside,
		.exec = open_exec,
		.exec_context = outside,
		.is_simulated = moment->simulated,
	};
}

void jw_outside_done(struct jw_outside *outside)
{
	if (outside->is_net_open)
		outside->net.http.close(outside->net.http.self);
	if (outside->has_exec)
		outside->exec.close(outside->exec.self);
	jw_adapter_loop_end(&outside->loop);
	outside->is_net_open = outside->has_exec = outside->has_loop = false;
}

static void add_error(struct jw_errors *errors, const char *file, const char *says,
		      const char *hint)
{
	jw_buf_printf(&errors->text, "%s: %s%s\n", file, says, hint);
	errors->count++;
}

/* ./jwtwatch.yaml only where a person sits: a check may run programs, and a folder may be anybody's. */
static const char *config_file(const struct jw_args *args)
{
	static const char system_wide[] = SYSCONFDIR "/jwtwatch/jwtwatch.yaml";
	static const char here[] = "jwtwatch.yaml";
	const char *given = args->values[JW_FLAG_CONFIG];

	if (!given)
		given = getenv("JWTWATCH_CONFIG");
	if (given && *given)
		return given;
	if (access(system_wide, F_OK) && geteuid() && isatty(STDIN_FILENO) &&
	    isatty(STDERR_FILENO) && !access(here, F_OK))
		return here;
	return system_wide;
}

static void folder_of(const char *file, struct jw_buf *folder)
{
	const char *slash = strrchr(file, '/');

	if (slash)
		jw_buf_add(folder, file, slash == file ? 1 : (size_t)(slash - file));
	else
		jw_buf_text(folder, ".");
}

/* What `jwtwatch config` prints means the same files wherever it is read. */
static enum jw_cause make_absolute(struct jw_buf *folder, struct jw_err *err)
{
	jw_autofree char *given = jw_xstrdup(folder->ptr);
	jw_autofree char *here = getcwd(NULL, 0);

	if (*given == '/')
		return JW_OK;
	if (!here)
		return jw_fail(err, JW_FILE_UNREADABLE,
			       "the current folder, where relative paths start, can't be "
			       "told: %s",
			       strerrordesc_np(errno));
	jw_buf_clear(folder);
	jw_buf_text(folder, here);
	if (strcmp(given, ".") != 0)
		jw_buf_printf(folder, "%s%s", strcmp(here, "/") ? "/" : "", given);
	return JW_OK;
}

/* What can be done without a configuration. */
static const char *without_any(const struct jw_args *args)
{
	if (args->command->run == jw_cmd_doctor)
		return "; name a configuration with -f FILE, or places without any: jwtwatch "
		       "doctor /srv/voice ws://localhost:7880";
	return "; name a configuration with -f FILE, or check one page without any: jwtwatch "
	       "html_file --path PAGE";
}

enum jw_cause jw_app_config(const struct jw_args *args, int64_t deadline_ms,
			    struct jw_errors *errors, struct jw_config **ret_config)
{
	const char *file = config_file(args);
	jw_autobuf struct jw_buf text = JW_BUF(CONFIG_MAX);
	jw_autobuf struct jw_buf folder = JW_BUF(65536);
	struct jw_config *config;
	struct jw_err err;

	jw_buf_init(&errors->text, (size_t)1 << 20);
	errors->count = 0;
	if (jw_adapter_files.slurp(NULL, file, &text, NULL, &err)) {
		add_error(errors, file, err.text,
			  err.cause == JW_FILE_MISSING && !args->values[JW_FLAG_CONFIG]
				  ? without_any(args)
				  : "");
		return err.cause;
	}
	folder_of(file, &folder);
	if (args->command->run == jw_cmd_config && make_absolute(&folder, &err)) {
		add_error(errors, file, err.text, "");
		return err.cause;
	}
	config = jw_config_read(jw_buf_get(&text), file, folder.ptr, &jw_adapter_files,
				deadline_ms, errors);
	if (!config)
		return JW_CONFIG;
	*ret_config = config;
	return JW_OK;
}

void jw_app_say_errors(const struct jw_errors *errors)
{
	struct jw_str lines = jw_buf_get(&errors->text);
	struct jw_str line;

	while (jw_str_cut(lines, '\n', &line, &lines))
		jw_log(JW_LOG_ERROR, "%.*s", JW_STR_ARG(line));
}

static void warn_plain_file(const char *file)
{
	jw_autobuf struct jw_buf text = JW_BUF(CONFIG_MAX);
	bool open_to_others = false;

	if (!jw_adapter_files.slurp(NULL, file, &text, &open_to_others, NULL) && open_to_others)
		jw_log(JW_LOG_WARNING,
		       "%s holds a secret and every user of this machine can read it: chmod "
		       "o-r, or name the secret by "
		       "{file: PATH} or {env: NAME}",
		       file);
}

void jw_app_warn_plain_secrets(const struct jw_config *config)
{
	for (const char **file = config->plain_files; file && *file; file++)
		warn_plain_file(*file);
}

static enum jw_cause read_fail_on(const struct jw_args *args, enum jw_fail_on *ret_fail_on,
				  struct jw_err *err)
{
	const char *given = args->values[JW_FLAG_FAIL_ON];
	const char *format = args->values[JW_FLAG_FORMAT];

	if (!given)
		return JW_OK;
	if (format && !strcmp(format, "nagios"))
		return jw_fail(
			err, JW_CONFIG,
			"--fail-on isn't for -o nagios: a monitoring plugin's exit code is "
			"its verdict");
	for (size_t i = 0; jw_fail_on_names[i]; i++) {
		if (strcmp(given, jw_fail_on_names[i]) != 0)
			continue;
		*ret_fail_on = (enum jw_fail_on)i;
		return JW_OK;
	}
	return jw_fail(err, JW_CONFIG, "--fail-on takes critical, warning or unknown");
}

/* GitHub's runner says where it put the sources. */
static void read_workspace(struct jw_style *style)
{
	static char here[PATH_MAX];
	const char *workspace = getenv("GITHUB_WORKSPACE");

	if (!workspace || *workspace != '/')
		return;
	style->workspace = workspace;
	style->here = getcwd(here, sizeof(here));
}

static enum jw_cause read_horizon(const struct jw_args *args, int64_t *horizon,
				  struct jw_err *err)
{
	const char *until = args->values[JW_FLAG_UNTIL];

	if (until && jw_str_seconds(jw_str_of(until), 1, HORIZON_MAX, horizon) != JW_NUMBER_OK)
		return jw_fail(err, JW_CONFIG,
			       "--until takes a time with a unit up to 36500d, such as 30d");
	return JW_OK;
}

static enum jw_cause read_perfdata(const char *given, enum jw_perfdata *ret_perfdata,
				   struct jw_err *err)
{
	for (size_t i = 0; jw_perfdata_names[i]; i++) {
		if (strcmp(given, jw_perfdata_names[i]) != 0)
			continue;
		*ret_perfdata = (enum jw_perfdata)i;
		return JW_OK;
	}
	return jw_fail(err, JW_CONFIG, "--perfdata takes range, number or none");
}

enum jw_cause jw_app_style(const struct jw_args *args, struct jw_style *ret_style,
			   struct jw_err *err)
{
	const char *color = args->values[JW_FLAG_COLOR];
	const char *perfdata = args->values[JW_FLAG_PERFDATA];
	const char *no_color = getenv("NO_COLOR");
	struct jw_style style = {.verbosity = args->verbosity,
				 .is_quiet = args->values[JW_FLAG_QUIET],
				 .horizon = HORIZON};
	enum jw_cause cause = read_fail_on(args, &style.fail_on, err);

	if (!cause)
		cause = read_horizon(args, &style.horizon, err);
	if (cause)
		return cause;

	if (!color || !strcmp(color, "auto"))
		style.color = isatty(STDOUT_FILENO) && !(no_color && *no_color);
	else if (!strcmp(color, "always"))
		style.color = true;
	else if (strcmp(color, "never"))
		return jw_fail(err, JW_CONFIG, "--color takes auto, always or never");
	read_workspace(&style);
	if (perfdata && read_perfdata(perfdata, &style.perfdata, err))
		return err->cause;
	*ret_style = style;
	return JW_OK;
}

static const struct jw_format *own_format(const struct jw_format *formats, const char *name)
{
	for (const struct jw_format *format = formats; format->name; format++)
		if (!strcmp(format->name, name))
			return format;
	return NULL;
}

enum jw_cause jw_app_format(const struct jw_args *args, const struct jw_format **ret_format,
			    struct jw_err *err)
{
	const char *usual = jw_command_is_plugin(args->command) ? "nagios" : "text";
	const char *name = args->values[JW_FLAG_FORMAT];
	const struct jw_format *format = jw_format_by_name(jw_str_of(name ? name : usual));
	const struct jw_format *own = own_formats(args);
	jw_autobuf struct jw_buf names = JW_BUF(256);

	if (own && !(format = own_format(own, name ? name : usual)))
		return jw_fail(err, JW_CONFIG, "-o takes text or json here");
	if (!format) {
		jw_format_names(&names);
		return jw_fail(err, JW_CONFIG, "-o takes %s", names.ptr);
	}
	*ret_format = format;
	return JW_OK;
}

/* As given, else as a target has it. */
static enum jw_cause threshold(const struct jw_args *args, enum jw_flag flag, const char *name,
			       struct jw_threshold *ret_threshold, struct jw_err *err)
{
	const char *given = args->values[flag];
	enum jw_cause cause;

	for (const struct jw_option *o = jw_token_options; !given && o->name; o++)
		if (!strcmp(o->name, name))
			given = o->fallback;
	cause = jw_threshold_parse(jw_str_of(given), ret_threshold, err);
	if (cause)
		jw_err_in(err, "--%s", name);
	return cause;
}

enum jw_cause jw_app_expect(const struct jw_args *args, struct jw_expect *expect,
			    struct jw_err *err)
{
	enum jw_cause cause =
		threshold(args, JW_FLAG_WARNING, "warning", &expect->warning, err);

	if (!cause)
		cause = threshold(args, JW_FLAG_CRITICAL, "critical", &expect->critical, err);
	if (cause)
		return cause;
	expect->leeway = JW_LEEWAY_DEFAULT;
	return jw_threshold_order(&expect->warning, &expect->critical, err);
}
