/* SPDX-License-Identifier: MIT */
/* Any bytes as a configuration: it is read or refused with words, and what is written reads back. */
#include <string.h>

#include "core/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Behind a line of this stands what every included file holds. */
#define CUT "\n#=\n"
static struct jw_str included;

static enum jw_cause slurp(void *self, const char *path, struct jw_buf *to,
			   bool *ret_open_to_others, struct jw_err *err)
{
	(void)self;
	(void)path;
	(void)ret_open_to_others;
	return jw_buf_str(to, included) ? JW_OK
					: jw_fail(err, JW_FILE_UNREADABLE, "is too large");
}

/* One file, whose name is the glob's own. */
static enum jw_cause expand(void *self, const char *glob, struct jw_arena *arena,
			    int64_t deadline_ms, struct jw_paths *ret_paths, struct jw_err *err)
{
	(void)self;
	(void)deadline_ms;
	(void)err;
	ret_paths->items = jw_arena_array(arena, 1, sizeof(*ret_paths->items));
	ret_paths->items[0] = glob;
	ret_paths->count = 1;
	return JW_OK;
}

static bool identity(void *self, const char *path, struct jw_file_identity *ret_identity)
{
	(void)self;
	(void)path;
	(void)ret_identity;
	return false;
}

static const struct jw_files files = {.slurp = slurp, .expand = expand, .identity = identity};

/* Each line begins with a file and ends. */
static void look_at_errors(const struct jw_errors *errors)
{
	const char *line = errors->text.ptr;

	must(line && *line);
	for (const char *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		must(end && memchr(line, ':', (size_t)(end - line)));
	}
}

static void write_and_read(const struct jw_config *config)
{
	jw_autobuf struct jw_buf first = JW_BUF((size_t)16 << 20);
	jw_autobuf struct jw_buf second = JW_BUF((size_t)16 << 20);
	struct jw_errors errors = {0};
	struct jw_config *again;

	jw_config_write(config, &first);
	if (first.overflowed)
		return;
	again = jw_config_read(jw_buf_get(&first), "f", "", NULL, INT64_MAX, &errors);
	must(again && !errors.count);
	must(again->target_count == config->target_count);
	must(again->key_count == config->key_count);
	jw_config_write(again, &second);
	must(jw_str_eq(jw_buf_get(&first), jw_buf_get(&second)));
	jw_config_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jw_errors errors = {0};
	struct jw_str text = {(const char *)data, size};
	const char *cut = memmem(data, size, CUT, sizeof(CUT) - 1);
	struct jw_config *config;

	included = (struct jw_str){0};
	if (cut) {
		included = jw_str_from(text, (size_t)(cut - text.ptr) + sizeof(CUT) - 1);
		text = jw_str_head(text, (size_t)(cut - text.ptr));
	}
	config = jw_config_read(text, "f", "/srv", &files, INT64_MAX, &errors);
	must(!config == (errors.count > 0));
	if (config && !config->has_plain_secrets)
		write_and_read(config);
	if (!config)
		look_at_errors(&errors);
	jw_config_free(config);
	jw_buf_done(&errors.text);
	return 0;
}
