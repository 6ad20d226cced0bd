/* SPDX-License-Identifier: MIT */
/* The files that a configuration consists of: the first one, and all that `include` names. */
#include <string.h>

#include "core/config_reader.h"

static const struct jw_path include_path = {NULL, {"include", 7}, 0};

/* One entry of `include` as it is followed. */
struct include {
	struct jw_reader *r;
	const struct jw_files *files;
	struct jw_source *parent;
	const struct jw_node *node;
	const struct jw_path *path;
	bool is_glob; /* which names files that may be there already */
};

static void take_text(struct jw_reader *r, const struct jw_files *files,
		      struct jw_source *source, struct jw_str text);

static void refuse(const struct include *include, const char *file, const char *sentence)
{
	include->r->sources.is_partial = true;
	jw_errors_add(include->r->load.errors, include->parent->file, include->node->at,
		      include->path, "%s%s%s", file, *file ? ": " : "", sentence);
}

static const char *folder_of(struct jw_arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return "";
	if (slash == path)
		return "/";
	return jw_arena_text(arena, (struct jw_str){path, (size_t)(slash - path)});
}

static const char *joined(struct jw_arena *arena, const char *folder, struct jw_str path)
{
	if (!*folder || path.ptr[0] == '/')
		return jw_arena_text(arena, path);
	return jw_arena_printf(arena, "%s%s%.*s", folder,
			       folder[strlen(folder) - 1] == '/' ? "" : "/", JW_STR_ARG(path));
}

static bool is_among(char c, const char *chars)
{
	return c && strchr(chars, c);
}

/* A folder as a glob that names it alone: what is wild in it is escaped, and a backslash only
 * beside such, since it is itself elsewhere. */
static const char *as_glob(struct jw_arena *arena, const char *folder)
{
	struct jw_str rest = jw_str_of(folder);
	jw_autobuf struct jw_buf glob = JW_BUF(2 * JW_VALUE_PATH_MAX + 2);

	jw_buf_text(&glob, "");
	while (rest.len) {
		struct jw_str part = rest;

		part.len = strcspn(rest.ptr, "/");
		for (size_t i = 0; i < part.len; i++) {
			if (jw_is_glob(part) && is_among(part.ptr[i], "*?[\\"))
				jw_buf_char(&glob, '\\');
			jw_buf_char(&glob, part.ptr[i]);
		}
		rest = jw_str_from(rest, part.len);
		for (; jw_str_starts(rest, "/"); rest = jw_str_from(rest, 1))
			jw_buf_char(&glob, '/');
	}
	return jw_arena_text(arena, jw_buf_get(&glob));
}

static bool is_same(const struct jw_source *a, const struct jw_source *b)
{
	if (a->has_identity && b->has_identity)
		return a->identity.device == b->identity.device &&
		       a->identity.number == b->identity.number;
	return !strcmp(a->file, b->file);
}

static bool is_above(const struct jw_source *source, const struct jw_source *below)
{
	for (; below; below = below->parent)
		if (below == source)
			return true;
	return false;
}

static struct jw_source *same_among(const struct jw_sources *sources,
				    const struct jw_source *source)
{
	for (size_t i = 0; i < sources->count; i++)
		if (is_same(sources->items[i], source))
			return sources->items[i];
	return NULL;
}

/* False where the file is part of the configuration already, and an error where it is there by
 * its name. */
static bool is_new(const struct include *include, const struct jw_source *source)
{
	struct jw_source *other = same_among(&include->r->sources, source);
	const char *problem;
	struct jw_err err;

	if (!other)
		return true;
	if (include->is_glob)
		return false;
	if (other->is_globbed && !is_above(other, include->parent)) {
		other->is_globbed = false;
		other->named_in = source->named_in;
		other->named_at = source->named_at;
		return false;
	}
	problem = is_above(other, include->parent) ? "would include itself" : "is there twice";
	if (other->parent)
		jw_fail(&err, JW_CONFIG, "%s, since it is named in %s:%u already", problem,
			other->named_in, (unsigned)other->named_at.line);
	else
		jw_fail(&err, JW_CONFIG,
			"%s, since it is the file that the configuration begins with (%s)",
			problem, other->file);
	refuse(include, source->file, err.text);
	return false;
}

static bool is_within_limits(const struct include *include, const char *file)
{
	struct jw_err err;

	if (include->parent->depth == JW_INCLUDE_DEPTH_MAX)
		jw_fail(&err, JW_CONFIG, "files include each other more than %d deep",
			JW_INCLUDE_DEPTH_MAX);
	else if (include->r->sources.count >= JW_INCLUDE_FILES_MAX)
		jw_fail(&err, JW_CONFIG, "the configuration has more than %d files",
			JW_INCLUDE_FILES_MAX);
	else
		return true;
	refuse(include, file, err.text);
	return false;
}

/* Relative paths start beside the file. Where the first file's were given another folder
 * (`jwtwatch config` makes all paths absolute), it is the folder there. */
static const char *folder_for(const struct include *include, const char *file)
{
	struct jw_arena *arena = &include->r->tree;
	const struct jw_source *parent = include->parent;
	const char *folder = strcmp(parent->folder, ".") != 0 ? parent->folder : "";
	const char *rest = file + strlen(parent->own_folder);

	if (*file == '/')
		return folder_of(arena, file);
	while (*rest == '/')
		rest++;
	return folder_of(arena, joined(arena, folder, jw_str_of(rest)));
}

/* False past the limit on all files together. */
static bool read_text(const struct include *include, const struct jw_source *source,
		      struct jw_buf *text)
{
	const struct jw_files *files = include->files;
	struct jw_err err;

	if (files->slurp(files->self, source->file, text, NULL, &err)) {
		refuse(include, source->file, err.text);
		return false;
	}
	if (text->len <= JW_INCLUDE_BYTES_MAX - include->r->sources.bytes)
		return true;
	jw_fail(&err, JW_CONFIG, "the files of the configuration have more than %zu MiB in all",
		JW_INCLUDE_BYTES_MAX >> 20);
	refuse(include, source->file, err.text);
	return false;
}

static void add_file(const struct include *include, const char *file)
{
	struct jw_reader *r = include->r;
	struct jw_source *source;
	jw_autobuf struct jw_buf text = JW_BUF(JW_YAML_BYTES_MAX + 1);

	source = jw_arena_alloc(&r->tree, sizeof(*source));
	source->file = jw_arena_text(r->load.arena, jw_str_of(file));
	source->folder = folder_for(include, file);
	source->own_folder = folder_of(&r->tree, file);
	source->parent = include->parent;
	source->named_in = include->parent->file;
	source->named_at = include->node->at;
	source->is_globbed = include->is_glob;
	source->depth = include->parent->depth + 1;
	source->has_identity =
		include->files->identity(include->files->self, file, &source->identity);
	if (is_new(include, source) && is_within_limits(include, file) &&
	    read_text(include, source, &text))
		take_text(r, include->files, source, jw_buf_get(&text));
}

static void add_glob(const struct include *include, const char *glob)
{
	const struct jw_files *files = include->files;
	struct jw_paths paths = {0};
	struct jw_err err;

	if (files->expand(files->self, glob, &include->r->tree, include->r->deadline_ms, &paths,
			  &err))
		refuse(include, "", err.text);
	for (size_t i = 0; i < paths.count && !jw_errors_full(include->r->load.errors) &&
			   include->r->sources.count <= JW_INCLUDE_FILES_MAX;
	     i++)
		add_file(include, paths.items[i]);
}

/* NULL, or what is wrong with it as the name of files. */
static const char *problem_of(const struct include *include)
{
	struct jw_str text = include->node->text;

	if (include->node->secret)
		return "is the secret of a key or a sink, which belongs nowhere else";
	if (jw_yaml_is_null(include->node))
		return "has no value";
	if (!text.len)
		return "is empty";
	if (jw_str_is(text, "-"))
		return "is -, but only files can be included";
	if (jw_str_has(text, "${"))
		return "holds ${...}, but variables aren't filled in here: write the path "
		       "itself";
	if (text.len + strlen(include->parent->own_folder) > JW_VALUE_PATH_MAX)
		return "is too long for a path";
	if (!include->files)
		return "can't be followed: no files can be read here";
	return NULL;
}

static void follow(struct include *include)
{
	struct jw_arena *tree = &include->r->tree;
	const char *folder = include->parent->own_folder;
	const char *problem;

	if (include->node->kind == JW_NODE_BROKEN)
		return;
	if (include->node->kind != JW_NODE_SCALAR) {
		refuse(include, "", "is neither a path nor a list of paths");
		return;
	}
	problem = problem_of(include);
	include->is_glob = jw_is_glob(include->node->text);
	if (problem)
		refuse(include, "", problem);
	else if (include->is_glob)
		add_glob(include, joined(tree, as_glob(tree, folder), include->node->text));
	else
		add_file(include, joined(tree, folder, include->node->text));
}

static void follow_all(struct jw_reader *r, const struct jw_files *files,
		       struct jw_source *source)
{
	const struct jw_node *node = jw_yaml_get(source->root, "include");
	struct include include = {
		.r = r, .files = files, .parent = source, .node = node, .path = &include_path};

	if (!node)
		return;
	if (node->kind != JW_NODE_LIST) {
		follow(&include);
		return;
	}
	if (node->count > JW_VALUE_ITEMS_MAX) {
		refuse(&include, "", "has too many items");
		return;
	}
	for (size_t i = 0; i < node->count && !jw_errors_full(r->load.errors); i++) {
		const struct jw_path path = {.up = &include_path, .index = i};

		include.node = node->items[i];
		include.path = &path;
		follow(&include);
	}
}

/* Before anything is read, so that an alias can't carry a secret to where it would be shown. */
static void mark_secrets(const struct jw_node *root)
{
	const struct jw_node *keys = jw_yaml_get(root, "keys");
	const struct jw_node *sinks = jw_yaml_get(root, "sinks");

	if (sinks)
		jw_reader_mark_sinks(sinks);
	for (size_t i = 0; keys && keys->kind == JW_NODE_MAP && i < keys->count; i++) {
		struct jw_node *secret = jw_yaml_get(keys->entries[i].value, "secret");

		if (secret && secret->kind == JW_NODE_SCALAR)
			secret->secret = true;
	}
}

/* All trees are held at once. */
static bool fits(struct jw_reader *r, const struct jw_source *source)
{
	r->sources.nodes += source->root->weight;
	if (r->sources.nodes <= JW_YAML_NODES_MAX)
		return true;
	jw_errors_add(r->load.errors, source->file, source->root->at, NULL,
		      "the files of the configuration hold more than %d values in all",
		      JW_YAML_NODES_MAX);
	return false;
}

static void take_text(struct jw_reader *r, const struct jw_files *files,
		      struct jw_source *source, struct jw_str text)
{
	struct jw_sources *sources = &r->sources;

	sources->items = jw_arena_grow(&r->tree, sources->items, sources->count,
				       sizeof(*sources->items));
	sources->items[sources->count++] = source;
	sources->bytes += text.len;
	source->root = jw_yaml_read(text, source->file, &r->tree, r->load.errors);
	if (source->root && !fits(r, source))
		source->root = NULL;
	if (!source->root)
		sources->is_partial = true;
	else if (source->root->kind == JW_NODE_MAP) {
		mark_secrets(source->root);
		follow_all(r, files, source);
	}
}

void jw_include_all(struct jw_reader *r, struct jw_str text, const char *folder,
		    const struct jw_files *files)
{
	struct jw_source *source = jw_arena_alloc(&r->tree, sizeof(*source));

	source->file = r->config->file;
	source->folder = folder;
	source->own_folder = folder_of(&r->tree, source->file);
	if (files)
		source->has_identity =
			files->identity(files->self, source->file, &source->identity);
	take_text(r, files, source, text);
}
