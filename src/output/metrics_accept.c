/* SPDX-License-Identifier: MIT */
/* Which dialect a client wants: an Accept header's media ranges and their weights (RFC 9110, 12.5.1). */
#include "output/metrics.h"

/* Weights in thousandths. */
#define WEIGHT_MAX 1000
#define NOT_GIVEN (-1)

struct wishes {
	int openmetrics;
	int text;
	int any; /* text by a wildcard */
};

static struct jw_str unquoted(struct jw_str s)
{
	if (s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"')
		return jw_str_head(jw_str_from(s, 1), s.len - 2);
	return s;
}

/* "1", "0.75": three decimals at most. */
static bool is_weight(struct jw_str s, int *ret_weight)
{
	struct jw_str decimals = jw_str_from(s, s.len > 2 ? 2 : s.len);
	uint64_t value = 0;

	if (!s.len || s.len > 5 || (s.ptr[0] != '0' && s.ptr[0] != '1') ||
	    (s.len > 1 && s.ptr[1] != '.'))
		return false;
	if (decimals.len && !jw_str_u64(decimals, 999, &value))
		return false;
	for (size_t i = decimals.len; i < 3; i++)
		value *= 10;
	if (s.ptr[0] == '1' && value)
		return false;
	*ret_weight = s.ptr[0] == '1' ? WEIGHT_MAX : (int)value;
	return true;
}

/* True: the range's version is this one or any, and its weight makes sense. */
static bool read_parameters(struct jw_str rest, const char *version, int *ret_weight)
{
	int weight = WEIGHT_MAX;

	while (rest.len) {
		struct jw_str part = rest;
		struct jw_str name;
		struct jw_str value;

		if (!jw_str_cut(rest, ';', &part, &rest))
			rest = (struct jw_str){0};
		if (!jw_str_cut(part, '=', &name, &value))
			continue;
		name = jw_str_trim(name);
		value = unquoted(jw_str_trim(value));
		if (jw_str_is_nocase(name, "q") && !is_weight(value, &weight))
			return false;
		if (jw_str_is_nocase(name, "version") && version && !jw_str_is(value, version))
			return false;
	}
	*ret_weight = weight;
	return true;
}

static void raise_to(int *wish, int weight)
{
	if (*wish < weight)
		*wish = weight;
}

static void read_range(struct jw_str range, struct wishes *wishes)
{
	struct jw_str type = range;
	struct jw_str parameters = {0};
	int weight;

	jw_str_cut(range, ';', &type, &parameters);
	type = jw_str_trim(type);
	if (jw_str_is_nocase(type, "application/openmetrics-text")) {
		if (read_parameters(parameters, "1.0.0", &weight))
			raise_to(&wishes->openmetrics, weight);
	} else if (jw_str_is_nocase(type, "text/plain")) {
		if (read_parameters(parameters, "0.0.4", &weight))
			raise_to(&wishes->text, weight);
	} else if (jw_str_is(type, "*/*") || jw_str_is_nocase(type, "text/*")) {
		if (read_parameters(parameters, NULL, &weight))
			raise_to(&wishes->any, weight);
	}
}

enum jw_dialect jw_metrics_negotiate(const char *accept)
{
	struct wishes wishes = {NOT_GIVEN, NOT_GIVEN, NOT_GIVEN};
	struct jw_str rest = jw_str_of(accept);
	int text;

	while (rest.len) {
		struct jw_str range = rest;

		if (!jw_str_cut(rest, ',', &range, &rest))
			rest = (struct jw_str){0};
		read_range(range, &wishes);
	}
	text = wishes.text == NOT_GIVEN ? wishes.any : wishes.text;
	return wishes.openmetrics > 0 && wishes.openmetrics >= text ? JW_OPENMETRICS_1_0
								    : JW_TEXT_0_0_4;
}

/* Prometheus 3 refuses a page without one. */
const char *jw_metrics_media_type(enum jw_dialect dialect)
{
	return dialect == JW_OPENMETRICS_1_0
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}
