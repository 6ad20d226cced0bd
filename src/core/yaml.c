/* SPDX-License-Identifier: MIT */
/* One YAML document as a tree: libyaml's events, with the checks that libyaml leaves to its callers. */
#include "core/yaml.h"

#include <string.h>

#include <yaml.h>

#include "core/yaml_words.h"

/* They are looked up one after another. */
#define ANCHORS_MAX 1000

struct anchor {
	const char *name;
	struct jw_node
		*node; /* NULL while it is still being read: an alias to it would be a cycle */
};

struct yaml {
	yaml_parser_t parser;
	const char *file;
	struct jw_str text;
	struct jw_arena *arena;
	struct jw_errors *errors;
	struct anchor *anchors;
	size_t anchor_count;
	uint32_t nodes; /* read from the text, without what aliases repeat */
};

static struct jw_mark mark_of(yaml_mark_t mark)
{
	return (struct jw_mark){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static bool add_likely_error(struct yaml *y)
{
	struct jw_mark at = mark_of(y->parser.problem_mark);
	const char *sentence = jw_yaml_likely(y->text, &at);

	if (sentence)
		jw_errors_add(y->errors, y->file, at, NULL, "%s", sentence);
	return sentence;
}

static void add_syntax_error(struct yaml *y)
{
	const yaml_parser_t *parser = &y->parser;
	const char *problem = parser->problem ? parser->problem : "not YAML";

	if (parser->error != YAML_READER_ERROR && add_likely_error(y))
		return;
	if (parser->error == YAML_READER_ERROR)
		jw_errors_add(y->errors, y->file, jw_yaml_mark(y->text, parser->problem_offset),
			      NULL, "%s", problem);
	else if (parser->context)
		jw_errors_add(y->errors, y->file, mark_of(parser->problem_mark), NULL,
			      "%s (%s that began in line %zu)", problem, parser->context,
			      parser->context_mark.line + 1);
	else
		jw_errors_add(y->errors, y->file, mark_of(parser->problem_mark), NULL, "%s",
			      problem);
}

/* False ends the reading; its error has been added. */
static bool next_event(struct yaml *y, yaml_event_t *ret_event)
{
	if (!jw_errors_full(y->errors) && yaml_parser_parse(&y->parser, ret_event))
		return true;
	if (!jw_errors_full(y->errors))
		add_syntax_error(y);
	return false;
}

static struct jw_node *new_node(struct yaml *y, enum jw_node_kind kind, yaml_mark_t at)
{
	struct jw_node *node = jw_arena_alloc(y->arena, sizeof(*node));

	node->kind = (uint8_t)kind;
	node->height = 1;
	node->weight = 1;
	node->at = mark_of(at);
	return node;
}

/* Names of anchors, aliases and tags are never quoted: a secret without its quotes may begin with &, * or !. */
static bool tag_is_known(const char *tag)
{
	static const char *const known[] = {YAML_STR_TAG, YAML_INT_TAG, YAML_BOOL_TAG,
					    YAML_NULL_TAG};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(tag, known[i]))
			return true;
	return false;
}

static void refuse(struct yaml *y, struct jw_node *node, const char *sentence)
{
	jw_errors_add(y->errors, y->file, node->at, NULL, "%s", sentence);
	node->kind = JW_NODE_BROKEN;
}

#define TAG_REFUSED                                                                            \
	"YAML tags (!name) aren't used here; put a text that begins with ! into quotes"

static struct jw_node *read_scalar(struct yaml *y, const yaml_event_t *event)
{
	struct jw_node *node = new_node(y, JW_NODE_SCALAR, event->start_mark);
	const char *tag = (const char *)event->data.scalar.tag;
	struct jw_str text = {(const char *)event->data.scalar.value,
			      event->data.scalar.length};

	node->text = jw_arena_str(y->arena, text);
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (tag)
		node->plain = strcmp(tag, YAML_NULL_TAG) == 0 ||
			      (node->plain && strcmp(tag, YAML_STR_TAG) != 0);
	if (tag && !tag_is_known(tag))
		refuse(y, node, TAG_REFUSED);
	else if (memchr(node->text.ptr, '\0', node->text.len))
		refuse(y, node, "a NUL (\"\\0\") can't stand in a text");
	return node;
}

static size_t open_anchor(struct yaml *y, const yaml_char_t *name)
{
	struct anchor *anchor;

	if (!name)
		return SIZE_MAX;
	y->anchors = jw_arena_grow(y->arena, y->anchors, y->anchor_count, sizeof(*y->anchors));
	anchor = &y->anchors[y->anchor_count];
	anchor->name = jw_arena_text(y->arena, jw_str_of((const char *)name));
	anchor->node = NULL;
	return y->anchor_count++;
}

/* A name may be given anew: the last one before the alias counts (YAML 1.2.2, section 3.2.2.2). */
static const struct anchor *find_anchor(const struct yaml *y, const yaml_char_t *name)
{
	for (size_t i = y->anchor_count; i > 0; i--)
		if (!strcmp(y->anchors[i - 1].name, (const char *)name))
			return &y->anchors[i - 1];
	return NULL;
}

static struct jw_node *read_alias(struct yaml *y, const yaml_event_t *event)
{
	const struct anchor *anchor = find_anchor(y, event->data.alias.anchor);
	struct jw_node *node;

	if (anchor && anchor->node)
		return anchor->node;
	node = new_node(y, JW_NODE_BROKEN, event->start_mark);
	if (anchor)
		refuse(y, node, "an alias (*name) inside of what it names would never end");
	else
		refuse(y, node,
		       "no anchor (&name) of this alias (*name) stands before it; put a text "
		       "that "
		       "begins with * into quotes");
	return node;
}

static struct jw_node *read_node(struct yaml *y, yaml_event_t *event, size_t depth);

/* Counts a child into its parent. False where the tree would pass a limit. */
static bool adopt(struct yaml *y, struct jw_node *parent, const struct jw_node *child,
		  struct jw_mark at, size_t depth)
{
	if (depth + child->height > JW_YAML_DEPTH_MAX) {
		jw_errors_add(y->errors, y->file, at, NULL, "nested more than %d deep",
			      JW_YAML_DEPTH_MAX);
		return false;
	}
	if (child->weight > JW_YAML_NODES_MAX - parent->weight) {
		jw_errors_add(y->errors, y->file, at, NULL,
			      "more than %d values, those that aliases repeat included",
			      JW_YAML_NODES_MAX);
		return false;
	}
	parent->weight += child->weight;
	if (parent->height <= child->height)
		parent->height = (uint8_t)(child->height + 1);
	return true;
}

/* The next child of `parent`, or NULL at its end (*ret_ended) or where reading ends. */
static struct jw_node *read_child(struct yaml *y, struct jw_node *parent, yaml_event_type_t end,
				  size_t depth, bool *ret_ended, struct jw_mark *ret_at)
{
	yaml_event_t event;
	struct jw_node *child = NULL;

	if (!next_event(y, &event))
		return NULL;
	if (event.type == end) {
		*ret_ended = true;
	} else {
		*ret_at = mark_of(event.start_mark);
		child = read_node(y, &event, depth + 1);
	}
	yaml_event_delete(&event);
	return child && adopt(y, parent, child, *ret_at, depth) ? child : NULL;
}

static bool read_list(struct yaml *y, struct jw_node *list, size_t depth)
{
	bool ended = false;
	struct jw_mark at;
	struct jw_node *item;

	while ((item = read_child(y, list, YAML_SEQUENCE_END_EVENT, depth, &ended, &at))) {
		list->items = jw_arena_grow(y->arena, list->items, list->count,
					    sizeof(struct jw_node *));
		list->items[list->count++] = item;
	}
	return ended;
}

/* What is wrong with a node as a key, or NULL. */
static const char *key_problem(const struct jw_node *key, struct jw_mark at)
{
	if (key->at.line != at.line || key->at.column != at.column)
		return "an alias (*name) can't be a key";
	if (key->kind != JW_NODE_SCALAR)
		return "a key must be a text, not a list or a mapping";
	if (key->plain && jw_str_is(key->text, "<<"))
		return "merge keys (<<) aren't taken: put what targets share under defaults";
	if (!key->text.len)
		return "a key is empty";
	return NULL;
}

static void add_entry(struct yaml *y, struct jw_node *map, struct jw_node *key,
		      struct jw_node *value, struct jw_mark at)
{
	const char *problem = key->kind == JW_NODE_BROKEN ? NULL : key_problem(key, at);

	if (problem)
		jw_errors_add(y->errors, y->file, at, NULL, "%s", problem);
	if (problem || key->kind == JW_NODE_BROKEN)
		return;
	map->entries =
		jw_arena_grow(y->arena, map->entries, map->count, sizeof(struct jw_entry));
	map->entries[map->count++] = (struct jw_entry){key, value, 0};
}

static int by_key(const void *left, const void *right)
{
	const struct jw_entry *a = *(struct jw_entry *const *)left;
	const struct jw_entry *b = *(struct jw_entry *const *)right;
	int order = strcmp(a->key->text.ptr, b->key->text.ptr);

	return order ? order : (a > b) - (a < b);
}

/* Compares keys as they are read, so `"a\x62"` and `ab` are one. */
static void mark_repeated(struct jw_node *map)
{
	jw_autofree struct jw_entry **sorted = NULL;

	if (map->count < 2)
		return;
	sorted = jw_xcalloc(map->count, sizeof(struct jw_entry *));
	for (size_t i = 0; i < map->count; i++)
		sorted[i] = &map->entries[i];
	qsort(sorted, map->count, sizeof(struct jw_entry *), by_key);
	for (size_t i = 1; i < map->count; i++) {
		const struct jw_entry *before = sorted[i - 1];

		if (jw_str_eq(before->key->text, sorted[i]->key->text))
			sorted[i]->first_line =
				before->first_line ? before->first_line : before->key->at.line;
	}
}

static bool read_map(struct yaml *y, struct jw_node *map, size_t depth)
{
	bool ended = false;
	struct jw_mark at;
	struct jw_node *key;

	while ((key = read_child(y, map, YAML_MAPPING_END_EVENT, depth, &ended, &at))) {
		struct jw_mark value_at;
		bool unused;
		struct jw_node *value =
			read_child(y, map, YAML_NO_EVENT, depth, &unused, &value_at);

		if (!value)
			return false;
		add_entry(y, map, key, value, at);
	}
	if (ended)
		mark_repeated(map);
	return ended;
}

static struct jw_node *read_collection(struct yaml *y, const yaml_event_t *event, size_t depth)
{
	bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
	struct jw_node *node =
		new_node(y, is_list ? JW_NODE_LIST : JW_NODE_MAP, event->start_mark);
	const yaml_char_t *tag =
		is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag;

	if (!(is_list ? read_list(y, node, depth) : read_map(y, node, depth)))
		return NULL;
	if (tag)
		refuse(y, node, TAG_REFUSED);
	return node;
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor;
	default:
		return event->data.mapping_start.anchor;
	}
}

/* Before anything is allocated for the node. */
static bool is_within_limits(struct yaml *y, const yaml_event_t *event, size_t depth)
{
	struct jw_mark at = mark_of(event->start_mark);

	if (depth > JW_YAML_DEPTH_MAX)
		jw_errors_add(y->errors, y->file, at, NULL, "nested more than %d deep",
			      JW_YAML_DEPTH_MAX);
	else if (++y->nodes > JW_YAML_NODES_MAX)
		jw_errors_add(y->errors, y->file, at, NULL, "more than %d values",
			      JW_YAML_NODES_MAX);
	else if (y->anchor_count >= ANCHORS_MAX)
		jw_errors_add(y->errors, y->file, at, NULL, "more than %d anchors (&name)",
			      ANCHORS_MAX);
	else
		return true;
	return false;
}

/* The node that begins with this event; the caller deletes the event. NULL: reading ends. */
static struct jw_node *read_node(struct yaml *y, yaml_event_t *event, size_t depth)
{
	size_t anchor;
	struct jw_node *node;

	if (event->type == YAML_ALIAS_EVENT)
		return read_alias(y, event);
	if (!is_within_limits(y, event, depth))
		return NULL;
	anchor = open_anchor(y, anchor_of(event));
	node = event->type == YAML_SCALAR_EVENT ? read_scalar(y, event)
						: read_collection(y, event, depth);
	if (anchor != SIZE_MAX)
		y->anchors[anchor].node = node;
	return node;
}

/* After the first document only the end of the stream may come. */
static void refuse_second_document(struct yaml *y)
{
	yaml_event_t event;

	while (next_event(y, &event)) {
		yaml_event_type_t type = event.type;
		struct jw_mark at = mark_of(event.start_mark);

		yaml_event_delete(&event);
		if (type == YAML_STREAM_END_EVENT)
			return;
		if (type == YAML_DOCUMENT_START_EVENT) {
			jw_errors_add(y->errors, y->file, at, NULL,
				      "a second document (---) begins here; one file is one "
				      "document");
			return;
		}
	}
}

static struct jw_node *read_document(struct yaml *y)
{
	yaml_event_t event;
	struct jw_node *root = NULL;

	while (!root && next_event(y, &event)) {
		yaml_event_type_t type = event.type;

		if (type == YAML_STREAM_END_EVENT) {
			root = new_node(y, JW_NODE_SCALAR, event.start_mark);
			root->text = jw_arena_str(y->arena, (struct jw_str){0});
			root->plain = true;
			yaml_event_delete(&event);
			return root;
		}
		if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT) {
			yaml_event_delete(&event);
			continue;
		}
		root = read_node(y, &event, 1);
		yaml_event_delete(&event);
		if (!root)
			return NULL;
	}
	if (root)
		refuse_second_document(y);
	return root;
}

struct jw_node *jw_yaml_read(struct jw_str text, const char *file, struct jw_arena *arena,
			     struct jw_errors *errors)
{
	struct yaml y = {.file = file, .text = text, .arena = arena, .errors = errors};
	struct jw_node *root;

	if (text.len > JW_YAML_BYTES_MAX) {
		jw_errors_add(errors, file, (struct jw_mark){0}, NULL, "is larger than %zu MiB",
			      JW_YAML_BYTES_MAX >> 20);
		return NULL;
	}
	if (!yaml_parser_initialize(&y.parser)) {
		jw_errors_add(errors, file, (struct jw_mark){0}, NULL,
			      "no memory for reading YAML");
		return NULL;
	}
	yaml_parser_set_input_string(
		&y.parser, (const unsigned char *)(text.ptr ? text.ptr : ""), text.len);
	root = read_document(&y);
	yaml_parser_delete(&y.parser);
	return root;
}
