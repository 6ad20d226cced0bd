/* SPDX-License-Identifier: MIT */
/* --textfile and sinks of that type: a page of metrics for node_exporter's textfile collector, beside the normal output. */
#include <string.h>

#include "adapter/adapter.h"
#include "app/app.h"
#include "output/metrics.h"

#define PAGE_MAX ((size_t)1 << 30)
/* The collector runs as another user. */
#define PAGE_MODE 0644
#define REMEDY "see to it that the file can be written there; until then its metrics are old"

static bool ends_in_prom(const char *path)
{
	struct jw_str name = jw_str_of(path);
	const char *slash = strrchr(path, '/');

	if (slash)
		name = jw_str_from(name, (size_t)(slash + 1 - path));
	return name.len > 5 && jw_str_is(jw_str_from(name, name.len - 5), ".prom");
}

enum jw_cause jw_app_textfile(const struct jw_args *args, struct jw_err *err)
{
	const char *path = args->values[JW_FLAG_TEXTFILE];

	if (!path)
		return JW_OK;
	if (!ends_in_prom(path))
		return jw_fail(err, JW_CONFIG,
			       "--textfile wants a file whose name ends in .prom, since the "
			       "collector reads no other");
	if (args->values[JW_FLAG_AT])
		return jw_fail(err, JW_CONFIG,
			       "--textfile doesn't go with --at: what is only simulated would "
			       "be taken for true");
	return JW_OK;
}

enum jw_cause jw_app_page_write(const char *path, const struct jw_report *report,
				struct jw_err *err)
{
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);
	enum jw_cause cause;

	jw_metrics_write(report, JW_PAGE_REPORT, &page);
	if (page.overflowed)
		cause = jw_fail(err, JW_INTERNAL, "the page would be larger than %zu bytes",
				page.max);
	else
		cause = jw_adapter_files.replace(NULL, path, jw_buf_get(&page), PAGE_MODE, err);
	if (!cause)
		return JW_OK;
	jw_err_in(err, "%s", path);
	return JW_SINK_FAILED;
}

void jw_app_textfile_write(const struct jw_args *args, struct jw_report *report)
{
	const char *path = args->values[JW_FLAG_TEXTFILE];
	struct jw_err err;

	if (!path || !jw_app_page_write(path, report, &err))
		return;
	jw_sinks_add(report, "textfile", JW_SINK_FAILED, err.text, REMEDY);
}
