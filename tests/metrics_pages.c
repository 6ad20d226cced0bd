/* SPDX-License-Identifier: MIT */
/* Writes pages for the tests that have others read them: metrics_pages FOLDER, a file a report, page and dialect. */
#include "pages.h"

#include <stdio.h>

#define PAGE_MAX ((size_t)16 << 20)

static const struct {
	const char *name;
	enum jw_page kind;
} kinds[] = {
	{"report", JW_PAGE_REPORT},
	{"probe", JW_PAGE_PROBE},
	{"daemon", JW_PAGE_DAEMON},
	{"textfile", JW_PAGE_TEXTFILE},
};

static int write_page(const char *folder, const struct row *report, size_t kind,
		      enum jw_dialect dialect)
{
	jw_autobuf struct jw_buf page = JW_BUF(PAGE_MAX);
	char path[4096];
	FILE *file;
	int failed;

	make_page(report->fill, kinds[kind].kind, dialect);
	if (kinds[kind].kind == JW_PAGE_PROBE && world.report.count != 1)
		return 0;
	jw_metrics_page_write(&pages.page, &page);
	forget_page();
	snprintf(path, sizeof(path), "%s/%s-%s.%s", folder, kinds[kind].name, report->name,
		 dialect == JW_TEXT_0_0_4 ? "prom" : "om");
	file = fopen(path, "w");
	if (!file || page.overflowed)
		return 1;
	failed = fwrite(page.ptr, 1, page.len, file) != page.len;
	return fclose(file) != 0 || failed;
}

int main(int argc, char **argv)
{
	int failed = argc != 2;

	for (size_t i = 0; !failed && i < sizeof(reports) / sizeof(*reports); i++)
		for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
			failed |= write_page(argv[1], &reports[i], kind, JW_TEXT_0_0_4);
			failed |= write_page(argv[1], &reports[i], kind, JW_OPENMETRICS_1_0);
		}
	return failed;
}
