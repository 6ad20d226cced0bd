/* SPDX-License-Identifier: MIT */
/* What is asked of a tree once it is read. */
#include "core/yaml.h"

bool jw_yaml_is_null(const struct jw_node *node)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

	if (node->kind != JW_NODE_SCALAR || !node->plain)
		return false;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(*nulls); i++)
		if (jw_str_is(node->text, nulls[i]))
			return true;
	return false;
}

struct jw_node *jw_yaml_get(const struct jw_node *map, const char *key)
{
	for (size_t i = 0; map->kind == JW_NODE_MAP && i < map->count; i++)
		if (jw_str_is(map->entries[i].key->text, key))
			return map->entries[i].value;
	return NULL;
}
