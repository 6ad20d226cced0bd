/* SPDX-License-Identifier: MIT */
/* discover: finds tokens in files and folders, and writes the targets that would watch them. */
#include <string.h>

#include "app/app.h"
#include "base/log.h"
#include "output/discover.h"

#define OUTPUT_MAX ((size_t)1 << 30)
/* Lines on standard error; the rest is counted. */
#define SAID_MAX 20
#define SAID_PATH_MAX ((size_t)512)

static enum jw_cause wants_json(const struct jw_args *args, bool *ret_json, struct jw_err *err)
{
	const char *format = args->values[JW_FLAG_FORMAT];
	bool is_json = format && !strcmp(format, "json");

	if (format && !is_json && strcmp(format, "yaml") && strcmp(format, "text"))
		return jw_fail(err, JW_CONFIG, "-o takes yaml or json here");
	if (!args->operand_count)
		return jw_fail(err, JW_CONFIG,
			       "where? Name files and folders, for example: jwtwatch discover "
			       "/srv/www");
	*ret_json = is_json;
	return JW_OK;
}

/* The end of a long path: what is wrong is said behind it, and a line isn't endless. */
static const char *end_of(const char *path)
{
	size_t len = strlen(path);

	return len > SAID_PATH_MAX ? path + len - SAID_PATH_MAX : path;
}

static int say_troubles(const struct jw_discovery *discovery)
{
	size_t count = discovery->trouble_count;

	for (size_t i = 0; i < count && i < SAID_MAX; i++)
		jw_log(JW_LOG_ERROR, "%s%s: %s",
		       end_of(discovery->troubles[i].path) > discovery->troubles[i].path ? "..."
											 : "",
		       end_of(discovery->troubles[i].path), discovery->troubles[i].says);
	if (count > SAID_MAX)
		jw_log(JW_LOG_ERROR, "and %zu more", count - SAID_MAX);
	if (!count)
		return 0;
	return discovery->walked.files ? JW_EXIT_REFUSED : JW_EXIT_UNKNOWN;
}

static int search_all(const struct jw_args *args, struct jw_search *search, bool is_json)
{
	jw_autobuf struct jw_buf out = JW_BUF(OUTPUT_MAX);
	const struct jw_discovery *discovery;
	int code;

	for (size_t i = 0; i < args->operand_count; i++)
		jw_search_path(search, args->operands[i]);
	discovery = jw_search_end(search);
	code = say_troubles(discovery);
	if (is_json)
		jw_discover_json(discovery, &out);
	else
		jw_discover_yaml(discovery, &out);
	return jw_write_out(&out, code);
}

int jw_cmd_discover(const struct jw_args *args)
{
	struct jw_moment moment;
	struct jw_outside outside = {0};
	struct jw_world world;
	struct jw_expect expect = {0};
	const struct jw_crypto *crypto;
	struct jw_search *search;
	struct jw_err err;
	bool is_json = false;
	int code;

	if (wants_json(args, &is_json, &err) ||
	    jw_moment_init(&moment, args->values[JW_FLAG_AT], &err) ||
	    jw_app_expect(args, &expect, &err))
		return jw_usage_error(args, "%s", err.text);
	world = jw_app_world(&moment, &outside);
	crypto = world.crypto(world.crypto_context, &err);
	if (!crypto)
		return jw_usage_error(args, "%s", err.text);
	expect.is_simulated = moment.simulated;
	search = jw_search_new(&world, crypto, is_json ? &expect : NULL);
	code = search_all(args, search, is_json);
	jw_search_free(search);
	return code;
}
