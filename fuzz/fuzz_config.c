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

/* Each line begins with the file and ends. */
static void look_at_errors(const struct jw_errors *errors)
{
	const char *line = errors->text.ptr;

	must(line && *line);
	for (const char *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		must(end && !strncmp(line, "f:", 2));
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
	again = jw_config_read(jw_buf_get(&first), "f", "", &errors);
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
	struct jw_config *config =
		jw_config_read((struct jw_str){(const char *)data, size}, "f", "/srv", &errors);

	must(!config == (errors.count > 0));
	if (config && !config->has_plain_secrets)
		write_and_read(config);
	if (!config)
		look_at_errors(&errors);
	jw_config_free(config);
	jw_buf_done(&errors.text);
	return 0;
}
