/* SPDX-License-Identifier: MIT */
/* The names under which the program is a monitoring plugin, and the URL that a plugin is given in pieces. */
#include <string.h>

#include "app/app.h"
#include "contract/check.h"
#include "core/config.h"

const struct jw_plugin jw_plugins[] = {
	{"check_html_token", "html_file", NULL, NULL},
	{"check_token_endpoint", "token_endpoint", "http", "https"},
	{"check_livekit", "livekit", "ws", "wss"},
	{"check_jwtwatch", "check", NULL, NULL},
	{0},
};

const struct jw_plugin *jw_plugin_by_path(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path;

	for (const struct jw_plugin *plugin = jw_plugins; name && plugin->name; plugin++)
		if (!strcmp(name, plugin->name))
			return plugin;
	return NULL;
}

static const struct {
	enum jw_flag flag;
	const char *name;
} pieces[] = {
	{JW_FLAG_HOST, "-H"}, {JW_FLAG_PORT, "-p"}, {JW_FLAG_PLACE, "-u"}, {JW_FLAG_SSL, "-S"}};

/* The first piece of a URL that was given; NULL: none was. */
static const char *any_piece(const struct jw_args *args)
{
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
		if (args->values[pieces[i].flag])
			return pieces[i].name;
	return NULL;
}

/* Whether --url stands on the command line, which wins over what files say. */
static bool has_url(const struct jw_args *args)
{
	for (size_t i = 0; i < args->setting_count; i++)
		if (args->settings[i].origin == JW_FROM_COMMAND_LINE &&
		    !strcmp(args->settings[i].option->name, "url"))
			return true;
	return false;
}

static void forget_pieces_of_files(struct jw_args *args)
{
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
		if (args->of_file & 1U << pieces[i].flag)
			args->values[pieces[i].flag] = NULL;
}

static enum jw_cause add_url(struct jw_args *args, const char *url)
{
	args->settings = jw_xrealloc(args->settings,
				     (args->setting_count + 1) * sizeof(*args->settings));
	args->settings[args->setting_count++] = (struct jw_setting){
		jw_config_option(args->check, JW_STR("url")), url, JW_FROM_COMMAND_LINE};
	return JW_OK;
}

static enum jw_cause whole_url(struct jw_args *args, struct jw_err *err)
{
	const char *given = args->values[JW_FLAG_PLACE];

	if (!given)
		return jw_fail(err, JW_CONFIG,
			       "-p and -S belong to a host: give it by -H, or all at once by "
			       "--url");
	if (args->values[JW_FLAG_PORT] || args->values[JW_FLAG_SSL])
		return jw_fail(err, JW_CONFIG,
			       "without -H, -u takes a whole URL, which says port and scheme "
			       "itself: leave out -p and -S");
	if (!strstr(given, "://"))
		return jw_fail(err, JW_CONFIG,
			       "-u takes a path together with -H, or a whole URL");
	return add_url(args, given);
}

static enum jw_cause check_host(struct jw_str host, struct jw_err *err)
{
	for (size_t i = 0; i < host.len; i++)
		if ((unsigned char)host.ptr[i] <= ' ' || strchr("/?#@\\", host.ptr[i]))
			return jw_fail(err, JW_CONFIG,
				       "-H takes the name or address of a host, and nothing "
				       "else: the path is for -u, the port for -p");
	if (!host.len)
		return jw_fail(err, JW_CONFIG, "-H names no host");
	return JW_OK;
}

static enum jw_cause check_pieces(const struct jw_args *args, struct jw_err *err)
{
	const char *port = args->values[JW_FLAG_PORT];
	const char *path = args->values[JW_FLAG_PLACE];
	uint64_t number = 1;

	if (port && (!jw_str_u64(jw_str_of(port), 65535, &number) || !number))
		return jw_fail(err, JW_CONFIG, "-p takes a port from 1 to 65535");
	if (path && *path != '/')
		return jw_fail(err, JW_CONFIG,
			       strstr(path, "://")
				       ? "-u is a whole URL, so it names the host: leave out -H"
				       : "-u takes a path that begins with /");
	return check_host(jw_str_of(args->values[JW_FLAG_HOST]), err);
}

static enum jw_cause url_of_pieces(struct jw_args *args, struct jw_err *err)
{
	const struct jw_plugin *plugin = jw_plugin_by_path(args->command->name);
	const char *host = args->values[JW_FLAG_HOST];
	const char *port = args->values[JW_FLAG_PORT];
	const char *path = args->values[JW_FLAG_PLACE];
	bool is_bare_ipv6 = strchr(host, ':') && *host != '[';
	enum jw_cause cause = check_pieces(args, err);

	if (cause)
		return cause;
	return add_url(args,
		       jw_arena_printf(&args->arena, "%s://%s%s%s%s%s%s",
				       args->values[JW_FLAG_SSL] ? plugin->secure_scheme
								 : plugin->scheme,
				       is_bare_ipv6 ? "[" : "", host, is_bare_ipv6 ? "]" : "",
				       port ? ":" : "", port ? port : "", path ? path : ""));
}

enum jw_cause jw_plugin_url(struct jw_args *args, struct jw_err *err)
{
	const struct jw_plugin *plugin = jw_plugin_by_path(args->command->name);
	const char *piece;

	if (!plugin)
		return JW_OK;
	if (has_url(args))
		forget_pieces_of_files(args);
	piece = any_piece(args);
	if (!piece)
		return JW_OK;
	if (!plugin->scheme)
		return jw_fail(err, JW_CONFIG, "%s is part of a URL, and %s asks for none: %s",
			       piece, plugin->name,
			       args->check ? "name the page by --path"
					   : "the targets are in the configuration (-f)");
	if (has_url(args))
		return jw_fail(err, JW_CONFIG,
			       "%s is part of a URL, and there is --url: one of "
			       "them, please",
			       piece);
	return args->values[JW_FLAG_HOST] ? url_of_pieces(args, err) : whole_url(args, err);
}
