/* SPDX-License-Identifier: MIT */
/* Targets for Prometheus' HTTP service discovery. */
#include "output/sd.h"

#include <string.h>

#include <jansson.h>

#include "token/find.h"

#define SPAN_MAX 128
#define MARGIN_MS 500
/* Prometheus forgets a value after five minutes: one scrape may fail between two. */
#define INTERVAL_MAX_MS 120000

/* What a label may be called (Prometheus data model), and isn't ours or Prometheus' own. */
static bool is_label(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
				  "0123456789";

	return *name && strchr(letters, *name) && strspn(name, all) == strlen(name) &&
	       strncmp(name, "__", 2) != 0 && strcmp(name, "job") != 0 &&
	       strcmp(name, "instance") != 0;
}

static void set(json_t *labels, const char *name, const char *value)
{
	jw_autofree char *shown = jw_xstrdup(value);
	json_t *text;

	jw_find_scrub(shown);
	text = json_string(shown);
	if (text)
		json_object_set_new(labels, name, text);
}

static void set_ms(json_t *labels, const char *name, int64_t ms)
{
	char text[SPAN_MAX];

	snprintf(text, sizeof(text), "%lldms", (long long)ms);
	json_object_set_new(labels, name, json_string(text));
}

static json_t *labels_of(const struct jw_target *target)
{
	json_t *labels = json_object();
	int64_t timeout = target->timeout + MARGIN_MS;
	int64_t interval =
		target->interval < INTERVAL_MAX_MS ? target->interval : INTERVAL_MAX_MS;

	for (const struct jw_pair *label = target->labels; label && label->name; label++)
		if (is_label(label->name))
			set(labels, label->name, label->value);
	set(labels, "__metrics_path__", "/probe");
	/* Not scrubbed: it has to find the target again. */
	json_object_set_new(labels, "__param_target", json_string(target->name));
	set(labels, "instance", target->name);
	set_ms(labels, "__scrape_interval__", interval);
	/* Prometheus refuses a timeout that is longer than the interval. */
	set_ms(labels, "__scrape_timeout__", timeout < interval ? timeout : interval);
	return labels;
}

void jw_sd_write(const struct jw_config *config, const char *host, struct jw_buf *buf)
{
	json_t *list = json_array();
	char *text;

	for (size_t i = 0; i < config->target_count; i++) {
		json_t *group;

		if (!config->targets[i].enabled)
			continue;
		group = json_pack("{s:[s],s:o}", "targets", host, "labels",
				  labels_of(&config->targets[i]));
		if (group)
			json_array_append_new(list, group);
	}
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	if (!text)
		abort();
	jw_buf_text(buf, text);
	jw_buf_char(buf, '\n');
	free(text);
}
