/* SPDX-License-Identifier: MIT */
/* A page of metrics in a file, for node_exporter: whoever has all results writes it. */
#include "output/sink_parts.h"

struct config {
	const char *path;
};

static const struct jw_option options[] = {
	{JW_OPT(struct config, path), .type = JW_T_PATH, .required = true, .value = "PATH",
	 .help = "the file, in the folder of node_exporter's textfile collector; its name ends "
		 "in .prom"},
	{0},
};

static enum jw_cause prepare(void *data, struct jw_arena *arena, struct jw_err *err)
{
	const struct config *config = data;
	struct jw_str path = jw_str_of(config->path);
	struct jw_str name = path;
	struct jw_str folder;

	(void)arena;
	while (jw_str_cut(name, '/', &folder, &name))
		;
	if (name.len > 5 && jw_str_is(jw_str_from(name, name.len - 5), ".prom"))
		return JW_OK;
	return jw_fail(err, JW_CONFIG,
		       "path: doesn't end in .prom, and the textfile collector of "
		       "node_exporter reads no other file");
}

static const char *place(const void *config)
{
	return ((const struct config *)config)->path;
}

const struct jw_sink jw_sink_textfile = {
	.name = "textfile",
	.when = JW_SINK_PAGE,
	.summary = "all results as a page of metrics, for node_exporter's textfile collector",
	.options = options,
	.config_size = sizeof(struct config),
	.prepare = prepare,
	.place = place,
};
