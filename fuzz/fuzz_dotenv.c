/* SPDX-License-Identifier: MIT */
/* Any bytes as a .env file: a variable has a value that stands in them, or there are words that quote nothing. */
#include <string.h>

#include "base/mem.h"
#include "core/dotenv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* The value in single quotes, where none is in it, reads back as the same. */
static void write_and_read(const struct jw_buf *value)
{
	jw_autobuf struct jw_buf text = JW_BUF((size_t)8 << 20);
	jw_autobuf struct jw_buf again = JW_BUF((size_t)4 << 20);

	if (memchr(value->ptr, '\'', value->len) || jw_str_has(jw_buf_get(value), "\r\n"))
		return;
	jw_buf_printf(&text, "A='%s'\n", value->ptr);
	must(!jw_dotenv_get(jw_buf_get(&text), JW_STR("A"), &again, NULL));
	must(jw_str_eq(jw_buf_get(value), jw_buf_get(&again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const sentences[] = {"isn't set there", "is empty there",
						"holds a NUL byte",
						"the quote in front of it doesn't end",
						"something stands behind its closing quote"};
	const struct jw_str text = {(const char *)data, size};
	jw_autobuf struct jw_buf value = JW_BUF((size_t)4 << 20);
	struct jw_err err = {0};
	bool is_known = false;

	if (!jw_dotenv_get(text, JW_STR("A"), &value, &err)) {
		must(value.len && value.len < size && !memchr(value.ptr, '\0', value.len));
		write_and_read(&value);
		return 0;
	}
	must(!value.len);
	for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++)
		is_known = is_known || !strcmp(err.text, sentences[i]);
	must(is_known);
	return 0;
}
