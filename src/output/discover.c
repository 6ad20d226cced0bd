/* SPDX-License-Identifier: MIT */
/* What `discover` found: targets for a person to keep, or places for a program. */
#include "output/discover.h"

#include <string.h>

#include "base/when.h"
#include "output/format.h"
#include "output/json.h"

static const char *s_of(size_t count)
{
	return count == 1 ? "" : "s";
}

/* A comment holds what every reader of YAML takes: ASCII. */
static void comment_text(struct jw_buf *buf, const char *text)
{
	size_t start = buf->len;

	jw_text_line(buf, jw_str_of(text));
	for (size_t i = start; i < buf->len; i++)
		if ((unsigned char)buf->ptr[i] >= 0x80)
			buf->ptr[i] = '?';
}

/* For what stands there once for each of thousands of files. */
#define texts(buf, ...) add_texts((buf), (const char *const[]){__VA_ARGS__, NULL})

static void add_texts(struct jw_buf *buf, const char *const *parts)
{
	for (; *parts; parts++)
		jw_buf_text(buf, *parts);
}

static void expiry(const struct jw_known *token, int64_t now, struct jw_buf *buf)
{
	int64_t exp = token->exp.seconds;
	char when[JW_WHEN_TEXT];
	char span[JW_WHEN_TEXT];

	if (token->exp.is == JW_CLAIM_ABSENT)
		jw_buf_text(buf, ", never ends (it has no exp)");
	else if (token->exp.is == JW_CLAIM_INVALID)
		jw_buf_printf(buf, ", its exp %s", token->exp.problem);
	else
		texts(buf, now < exp ? ", good for " : ", ended ",
		      jw_span_text(exp - now, span), now < exp ? " more (until " : " ago (",
		      jw_when_text(exp, when), ")");
}

static void describe(const struct jw_found *found, const struct jw_found_file *file,
		     int64_t now, struct jw_buf *buf)
{
	const struct jw_known *token = found->token;

	jw_buf_printf(buf, "line %zu: ", found->line);
	if (!token->has_claims)
		jw_buf_text(buf, "a token that can't be read");
	else
		jw_buf_text(buf, token->is_livekit ? "LiveKit token" : "token");
	if (token->iss) {
		jw_buf_text(buf, " of ");
		comment_text(buf, token->iss);
	}
	if (token->has_claims)
		expiry(token, now, buf);
	texts(buf, ", fingerprint ", token->fingerprint);
	if (found->copies)
		jw_buf_printf(buf, ", %zu times", found->copies + 1);
	if (file->has_livekit && !token->is_livekit)
		jw_buf_text(buf, " (not judged beside LiveKit's)");
	jw_buf_char(buf, '\n');
}

/* Each line behind `margin`. */
static void target(const struct jw_found_file *file, int64_t now, const char *margin,
		   struct jw_buf *buf)
{
	for (size_t i = 0; i < file->count; i++) {
		texts(buf, margin, "  # ");
		describe(&file->found[i], file, now, buf);
	}
	texts(buf, margin, "  - name: ");
	jw_config_write_text(file->name, buf);
	texts(buf, "\n", margin, "    check: html_file\n", margin, "    path: ");
	jw_config_write_text(file->glob, buf);
	jw_buf_char(buf, '\n');
}

static void skipped(const struct jw_discovery *discovery, struct jw_buf *buf)
{
	const struct jw_walked *walked = &discovery->walked;
	const struct {
		size_t count;
		const char *what;
	} rows[] = {
		{discovery->binaries, "file%s without text"},
		{walked->hidden_folders, "hidden folder%s or node_modules"},
		{walked->linked_folders, "link%s to folders"},
		{walked->mounts, "folder%s on another file system"},
	};
	const char *before = "# Passed over: ";

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *mark = strstr(rows[i].what, "%s");

		if (!rows[i].count)
			continue;
		jw_buf_printf(buf, "%s%zu ", before, rows[i].count);
		jw_buf_add(buf, rows[i].what, (size_t)(mark - rows[i].what));
		jw_buf_printf(buf, "%s%s", s_of(rows[i].count), mark + 2);
		before = ", ";
	}
	if (before[0] == ',')
		jw_buf_text(buf, ". Who wants one looked at names it.\n");
	if (discovery->trouble_count)
		jw_buf_printf(buf, "# Not looked at: %zu, told on standard error.\n",
			      discovery->trouble_count);
}

static void head(const struct jw_discovery *discovery, struct jw_buf *buf)
{
	char when[JW_WHEN_TEXT];

	jw_buf_printf(buf,
		      "# jwtwatch discover, %s%s: tokens in %zu of %zu file%s, LiveKit's in "
		      "%zu.\n",
		      jw_when_text(discovery->now, when),
		      discovery->is_simulated ? " (simulated)" : "", discovery->file_count,
		      discovery->walked.files, s_of(discovery->walked.files),
		      discovery->livekit_count);
	skipped(discovery, buf);
	if (discovery->file_count)
		jw_buf_text(buf, "# Keep this in a file, then: jwtwatch check -f FILE\n");
}

/* Where there are LiveKit tokens, they are what matters. */
static bool matters(const struct jw_discovery *discovery, const struct jw_found_file *file)
{
	return file->has_livekit || !discovery->livekit_count;
}

static void targets(const struct jw_discovery *discovery, struct jw_buf *buf)
{
	size_t count = 0;

	for (size_t i = 0; i < discovery->file_count; i++) {
		const struct jw_found_file *file = &discovery->files[i];

		if (!file->name || !matters(discovery, file))
			continue;
		if (!count++)
			jw_buf_text(buf, "targets:\n");
		target(file, discovery->now, "", buf);
	}
	if (!count)
		jw_buf_text(buf, "targets: []\n");
}

static void others(const struct jw_discovery *discovery, struct jw_buf *buf)
{
	size_t count = 0;

	for (size_t i = 0; i < discovery->file_count; i++) {
		const struct jw_found_file *file = &discovery->files[i];

		if (!file->name || matters(discovery, file))
			continue;
		if (!count++)
			jw_buf_text(buf, "\n# Tokens that aren't LiveKit's: take away the # in "
					 "front of what is to be watched too.\n");
		target(file, discovery->now, "#", buf);
	}
}

static void nameless(const struct jw_discovery *discovery, struct jw_buf *buf)
{
	size_t count = 0;

	for (size_t i = 0; i < discovery->file_count; i++) {
		const struct jw_found_file *file = &discovery->files[i];

		if (file->name)
			continue;
		if (!count++)
			jw_buf_text(buf, "\n# Tokens in files whose names can't be written "
					 "here, since they aren't UTF-8, look like a token, or "
					 "are too long:\n");
		for (size_t f = 0; f < file->count; f++) {
			jw_buf_text(buf, "#   ");
			comment_text(buf, file->path);
			jw_buf_text(buf, " ");
			describe(&file->found[f], file, discovery->now, buf);
		}
	}
}

void jw_discover_yaml(const struct jw_discovery *discovery, struct jw_buf *buf)
{
	head(discovery, buf);
	targets(discovery, buf);
	others(discovery, buf);
	nameless(discovery, buf);
}

static int append(const char *bytes, size_t len, void *buf)
{
	return jw_buf_add(buf, bytes, len) ? 0 : -1;
}

/* The object on a line of a list, which is at its `index`th. */
static void item(json_t *object, size_t index, struct jw_buf *buf)
{
	jw_buf_text(buf, index ? ",\n    " : "\n    ");
	json_dump_callback(object, append, buf, 0);
	json_decref(object);
}

static json_t *found_json(const struct jw_discovery *discovery,
			  const struct jw_found_file *file, const struct jw_found *found)
{
	const struct jw_known *token = found->token;
	json_t *object = json_object();

	jw_json_set_text(object, "path", found->path);
	jw_json_set_number(object, "line", (int64_t)found->line);
	jw_json_set_verdict(object, token->state, token->cause);
	jw_json_set_text(object, "fingerprint", token->fingerprint);
	json_object_set_new(object, "livekit", json_boolean(token->is_livekit));
	jw_json_set_text(object, "iss", token->iss);
	if (token->exp.is == JW_CLAIM_VALID) {
		jw_json_set_number(object, "exp", token->exp.seconds);
		jw_json_set_number(object, "remaining", token->exp.seconds - discovery->now);
	}
	if (found->copies)
		jw_json_set_number(object, "copies", (int64_t)found->copies);
	jw_json_set_text(object, "target", file->name);
	return object;
}

static void json_tokens(const struct jw_discovery *discovery, struct jw_buf *buf)
{
	size_t count = 0;

	jw_buf_text(buf, "  \"tokens\": [");
	for (size_t i = 0; i < discovery->file_count; i++)
		for (size_t f = 0; f < discovery->files[i].count; f++)
			item(found_json(discovery, &discovery->files[i],
					&discovery->files[i].found[f]),
			     count++, buf);
	jw_buf_text(buf, count ? "\n  ],\n" : "],\n");
}

static void json_troubles(const struct jw_discovery *discovery, struct jw_buf *buf)
{
	size_t count = 0;

	jw_buf_text(buf, "  \"troubles\": [");
	for (; count < discovery->trouble_count && count < JW_DISCOVER_TROUBLES_MAX; count++) {
		json_t *object = json_object();

		jw_json_set_text(object, "path", discovery->troubles[count].path);
		jw_json_set_text(object, "message", discovery->troubles[count].says);
		item(object, count, buf);
	}
	jw_buf_text(buf, count ? "\n  ],\n" : "],\n");
}

void jw_discover_json(const struct jw_discovery *discovery, struct jw_buf *buf)
{
	const struct jw_walked *walked = &discovery->walked;
	char when[JW_WHEN_TEXT];

	jw_buf_printf(buf, "{\n  \"version\": 1,\n  \"time\": \"%s\",\n  \"simulated\": %s,\n",
		      jw_when_text(discovery->now, when),
		      discovery->is_simulated ? "true" : "false");
	json_tokens(discovery, buf);
	json_troubles(discovery, buf);
	jw_buf_printf(buf,
		      "  \"troubles_count\": %zu,\n"
		      "  \"files\": {\"looked_at\": %zu, \"with_tokens\": %zu, "
		      "\"with_livekit_tokens\": %zu},\n",
		      discovery->trouble_count, walked->files - discovery->binaries,
		      discovery->file_count, discovery->livekit_count);
	jw_buf_printf(buf,
		      "  \"passed_over\": {\"binary_files\": %zu, \"hidden_folders\": %zu, "
		      "\"linked_folders\": %zu, \"other_file_systems\": %zu}\n}\n",
		      discovery->binaries, walked->hidden_folders, walked->linked_folders,
		      walked->mounts);
}
