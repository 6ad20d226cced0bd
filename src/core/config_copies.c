/* SPDX-License-Identifier: MIT */
/* `same_as` of targets: each must name another target that holds a token, and no chains of them. */
#include "core/config_reader.h"

#include <string.h>

static int by_name(const void *left, const void *right)
{
	const struct jw_target *a = *(const struct jw_target *const *)left;
	const struct jw_target *b = *(const struct jw_target *const *)right;

	return strcmp(a->name, b->name);
}

/* All that have a name, sorted by it; NULL where no target has same_as. */
static const struct jw_target **sorted_targets(const struct jw_config *config,
					       size_t *ret_count)
{
	const struct jw_target **sorted = NULL;
	size_t with = 0;
	size_t count = 0;

	for (size_t i = 0; i < config->target_count; i++)
		with += config->targets[i].same_as != NULL;
	if (!with)
		return NULL;
	sorted = jw_xcalloc(config->target_count, sizeof(*sorted));
	for (size_t i = 0; i < config->target_count; i++)
		if (config->targets[i].name)
			sorted[count++] = &config->targets[i];
	qsort(sorted, count, sizeof(*sorted), by_name);
	*ret_count = count;
	return sorted;
}

static const struct jw_target *find(const struct jw_target *const *sorted, size_t count,
				    const char *name)
{
	const struct jw_target wanted = {.name = name};
	const struct jw_target *key = &wanted;
	const struct jw_target *const *found =
		bsearch(&key, sorted, count, sizeof(*sorted), by_name);

	return found ? *found : NULL;
}

static enum jw_cause unknown(const struct jw_target *const *sorted, size_t count,
			     const char *name, struct jw_err *err)
{
	jw_autofree const char **names = jw_xcalloc(count + 1, sizeof(*names));
	char quote[JW_QUOTE_TEXT];
	char near_quote[JW_QUOTE_TEXT];
	const char *nearest;

	for (size_t i = 0; i < count; i++)
		names[i] = sorted[i]->name;
	nearest = jw_str_nearest(jw_str_of(name), names, count);
	jw_errors_quote(jw_str_of(name), quote);
	if (!nearest)
		return jw_fail(err, JW_CONFIG, "no target is called %s", quote);
	return jw_fail(err, JW_CONFIG, "no target is called %s, did you mean %s?", quote,
		       jw_errors_quote(jw_str_of(nearest), near_quote));
}

/* JW_CONFIG and a sentence where the peer can't be compared with. One without a check has had its error. */
static enum jw_cause check_peer(const struct jw_target *target, const struct jw_target *peer,
				struct jw_err *err)
{
	char quote[JW_QUOTE_TEXT];
	char other[JW_QUOTE_TEXT];

	jw_errors_quote(jw_str_of(peer->name), quote);
	if (peer == target)
		return jw_fail(err, JW_CONFIG, "names the target itself: name another one");
	if (peer->check && peer->check->kind == JW_CHECK_SERVER)
		return jw_fail(err, JW_CONFIG,
			       "%s is a target with check %s, which gets no token", quote,
			       peer->check->name);
	if (peer->same_as)
		return jw_fail(err, JW_CONFIG,
			       "%s has same_as itself: name %s, which that one is compared "
			       "with, or leave out one of the two",
			       quote, jw_errors_quote(jw_str_of(peer->same_as), other));
	if (target->enabled && !peer->enabled)
		return jw_fail(err, JW_CONFIG,
			       "%s has enabled: false, so there is nothing to compare with",
			       quote);
	return JW_OK;
}

/* At the option itself, in the file that it stands in. */
static void report(struct jw_reader *r, size_t index, const char *sentence)
{
	const struct jw_named *named = &r->targets[index];
	const struct jw_path item = {.up = &jw_path_targets, .index = named->index};
	const struct jw_path path = {&item, JW_STR("same_as"), 0};
	const struct jw_node *targets = jw_yaml_get(named->source->root, "targets");
	const struct jw_node *at = jw_yaml_get(targets->items[named->index], "same_as");

	jw_errors_add(r->load.errors, named->source->file, at ? at->at : named->at, &path, "%s",
		      sentence);
}

void jw_reader_check_copies(struct jw_reader *r)
{
	struct jw_config *config = r->config;
	size_t count = 0;
	jw_autofree const struct jw_target **sorted = sorted_targets(config, &count);
	struct jw_err err;

	for (size_t i = 0; sorted && i < config->target_count; i++) {
		struct jw_target *target = &config->targets[i];

		if (!target->same_as)
			continue;
		target->peer = find(sorted, count, target->same_as);
		if (target->peer ? check_peer(target, target->peer, &err)
				 : unknown(sorted, count, target->same_as, &err))
			report(r, i, err.text);
	}
}
