/* SPDX-License-Identifier: MIT */
/* One YAML document as a tree: scalars untyped, aliases resolved, everything within limits. */
#pragma once

#include "core/errors.h"

#define JW_YAML_BYTES_MAX ((size_t)16 << 20)
/* Nodes as a reader meets them: what an alias names counts again at each alias. */
#define JW_YAML_NODES_MAX 4000000
#define JW_YAML_DEPTH_MAX 32

enum jw_node_kind {
	JW_NODE_BROKEN, /* its error has been added: to be passed over in silence */
	JW_NODE_SCALAR,
	JW_NODE_LIST,
	JW_NODE_MAP,
};

/* Everything in a tree lives in the arena that it was read into. A node with aliases hangs in several places,
 * never in itself. */
struct jw_node {
	uint8_t kind;
	uint8_t height; /* 1 for a scalar */
	bool plain;	/* a scalar without quotes */
	bool secret;	/* set by a reader: never to be quoted in an error */
	uint32_t weight;
	struct jw_mark at;
	struct jw_str text; /* of a scalar: NUL-terminated, no NUL inside */
	union {
		struct jw_node **items;
		struct jw_entry *entries;
	};
	size_t count;
};

struct jw_entry {
	const struct jw_node *key; /* a scalar that isn't empty */
	struct jw_node *value;
	uint32_t first_line; /* where the same key stood before; 0: this is the first */
};

/* Where NULL is returned, or an error was added, the text isn't to be used. An empty text is a null scalar. */
struct jw_node *jw_yaml_read(struct jw_str text, const char *file, struct jw_arena *arena,
			     struct jw_errors *errors);
/* A plain scalar that is empty, ~ or null. */
bool jw_yaml_is_null(const struct jw_node *node);
/* The value of a key's first entry in a map, or NULL. */
struct jw_node *jw_yaml_get(const struct jw_node *map, const char *key);
