/* SPDX-License-Identifier: MIT */
/* Targets of modules, and which URLs these take; and whether two targets look at the same place. */
#include <string.h>
#include <strings.h>

#include "base/url.h"
#include "core/config_parts.h"
#include "verdict/threshold.h"

const struct jw_option *jw_config_url_row(const struct jw_check *check)
{
	const struct jw_option *option = jw_config_row(check->options, JW_STR("url"));

	return option && option->type == JW_T_URL ? option : NULL;
}

bool jw_config_takes_url(const struct jw_check *check)
{
	return jw_config_url_row(check) != NULL;
}

bool jw_config_is_asked(const struct jw_option *option)
{
	static const char *const names[] = {"name", "url", "same_as", "same_as_grace"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(option->name, names[i]))
			return true;
	return false;
}

/* Patterns of URLs */

struct pattern {
	struct jw_buf text; /* with a letter in place of the host's star */
	struct jw_url url;  /* borrows from it */
	bool is_wild;	    /* any host that ends with what follows the first label */
};

/* In the host, other than as "*." in front of it. */
static bool has_stray_star(const char *text)
{
	const char *host = strstr(text, "://");
	struct jw_str rest;

	if (!host)
		return false;
	host += 3;
	rest = (struct jw_str){host, strcspn(host, "/?#")};
	if (jw_str_starts(rest, "*."))
		rest = jw_str_from(rest, 2);
	return jw_str_has(rest, "*");
}

static bool is_web(const struct jw_url *url)
{
	return jw_str_is_nocase(url->scheme, "http") || jw_str_is_nocase(url->scheme, "https");
}

/* NULL, or what is wrong; pattern->text is the caller's to free. */
static const char *parse_pattern(const char *text, struct pattern *pattern)
{
	struct jw_url *url = &pattern->url;
	const char *problem;
	char *star;

	jw_buf_text(&pattern->text, text);
	if (pattern->text.overflowed)
		return "is too long for a URL";
	star = strstr(pattern->text.ptr, "://*.");
	pattern->is_wild = star && star < strpbrk(star, "*");
	if (pattern->is_wild)
		star[3] = 'x';
	if (has_stray_star(text))
		return "has a * in its host that isn't the *. in front of it";
	problem = jw_url_parse(jw_buf_get(&pattern->text), url);
	if (problem)
		return problem;
	if (!is_web(url))
		return "begins with neither http:// nor https://";
	if (url->user.ptr)
		return "has a name or a password in it";
	if (url->query.ptr || strchr(text, '#'))
		return "has a ? or a #: URLs are looked at up to there";
	if (pattern->is_wild && url->host.len < 3)
		return "would take any host";
	return NULL;
}

const char *jw_config_allow_problem(const char *text)
{
	struct pattern pattern = {.text = JW_BUF(JW_URL_MAX)};
	const char *problem = parse_pattern(text, &pattern);

	jw_buf_done(&pattern.text);
	return problem;
}

static bool is_same_text(struct jw_str a, struct jw_str b)
{
	return a.len == b.len && (!a.len || !strncasecmp(a.ptr, b.ptr, a.len));
}

static bool is_host(const struct pattern *pattern, struct jw_str host)
{
	struct jw_str wanted = pattern->url.host;

	if (!pattern->is_wild)
		return is_same_text(wanted, host);
	/* ".example.org", and a label at least in front of it. */
	wanted = jw_str_from(wanted, 1);
	return host.len > wanted.len &&
	       is_same_text(wanted, jw_str_from(host, host.len - wanted.len));
}

/* `*` is anything. Goes back to the last one only, which is enough. */
static bool is_like(struct jw_str pattern, struct jw_str s)
{
	size_t p = 0;
	size_t at = 0;
	size_t star = SIZE_MAX;
	size_t mark = 0;

	while (at < s.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			mark = at;
		} else if (p < pattern.len && pattern.ptr[p] == s.ptr[at]) {
			p++;
			at++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			at = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

static struct jw_str path_of(const struct jw_url *url)
{
	return url->path.len ? url->path : JW_STR("/");
}

static bool takes(const char *text, const struct jw_url *url)
{
	struct pattern pattern = {.text = JW_BUF(JW_URL_MAX)};
	bool is_it = !parse_pattern(text, &pattern) &&
		     is_same_text(pattern.url.scheme, url->scheme) &&
		     is_host(&pattern, url->host) &&
		     jw_url_port(&pattern.url) == jw_url_port(url) &&
		     is_like(path_of(&pattern.url), path_of(url));

	jw_buf_done(&pattern.text);
	return is_it;
}

/* One sign of a path, also where it is written by its number, as far as that matters here: '.', '/', '\' and '%'. */
static char take_sign(struct jw_str *path)
{
	static const char *const numbers[] = {"2e.", "2f/", "5c/", "25%"};
	char sign = path->ptr[0];

	for (size_t i = 0; sign == '%' && i < sizeof(numbers) / sizeof(*numbers); i++)
		if (path->len > 2 && !strncasecmp(path->ptr + 1, numbers[i], 2)) {
			*path = jw_str_from(*path, 3);
			return numbers[i][2];
		}
	*path = jw_str_from(*path, 1);
	return sign;
}

/* A path that a server or the client shortens ("/public/../admin") isn't the one that the pattern was held against. */
static bool has_dots(struct jw_str path)
{
	size_t dots = 0;
	bool is_only_dots = true;

	while (path.len) {
		char sign = take_sign(&path);

		/* Written twice by number: who knows how often it is read. */
		if (sign == '%' && path.len > 1 &&
		    (!strncasecmp(path.ptr, "2e", 2) || !strncasecmp(path.ptr, "2f", 2)))
			return true;
		if (sign == '/' || sign == ';') {
			if (is_only_dots && (dots == 1 || dots == 2))
				return true;
			dots = 0;
			/* Behind a ; are parameters of the segment. */
			is_only_dots = sign == '/';
		} else if (sign == '.') {
			dots++;
		} else {
			is_only_dots = false;
		}
	}
	return is_only_dots && (dots == 1 || dots == 2);
}

static enum jw_cause check_url(const struct jw_module_entry *module, struct jw_str text,
			       struct jw_err *err)
{
	struct jw_url url;
	const char *problem = jw_url_parse(text, &url);

	if (problem)
		return jw_fail(err, JW_CONFIG, "the URL %s", problem);
	if (url.user.ptr)
		return jw_fail(err, JW_CONFIG, "the URL has a name or a password in it");
	if (has_dots(url.path))
		return jw_fail(err, JW_CONFIG,
			       "the URL has . or .. in its path: write where that leads");
	for (const char *const *allow = module->allow; allow && *allow; allow++)
		if (takes(*allow, &url))
			return JW_OK;
	return jw_fail(err, JW_CONFIG,
		       "the URL is none of those that the module %s takes (allow in the "
		       "configuration)",
		       module->name);
}

/* Targets */

enum jw_cause jw_config_with_url(const struct jw_target *target, struct jw_str url,
				 struct jw_arena *arena, void **ret_config, struct jw_err *err)
{
	const struct jw_check *check = target->check;
	const struct jw_option *option = jw_config_url_row(check);
	struct jw_load load = {.arena = arena};
	void *config = jw_arena_alloc(arena, check->config_size);
	struct jw_err unused;
	struct jw_err *sentence = err ? err : &unused;

	memcpy(config, target->config, check->config_size);
	if (option && jw_value_set(&load, option, url, config, sentence)) {
		jw_err_in(sentence, "url");
		return JW_CONFIG;
	}
	if (check->prepare && check->prepare(config, arena, sentence))
		return JW_CONFIG;
	*ret_config = config;
	return JW_OK;
}

static enum jw_cause find_module(const struct jw_config *config, struct jw_str name,
				 const struct jw_module_entry **ret_module, struct jw_err *err)
{
	jw_autofree const char **names = jw_xcalloc(config->module_count + 1, sizeof(*names));
	char quote[JW_QUOTE_TEXT];
	char near_quote[JW_QUOTE_TEXT];
	const char *nearest;

	for (size_t i = 0; i < config->module_count; i++) {
		names[i] = config->modules[i].name;
		if (!jw_str_is(name, names[i]))
			continue;
		*ret_module = &config->modules[i];
		return JW_OK;
	}
	jw_errors_quote(name, quote);
	nearest = jw_str_nearest(name, names, config->module_count);
	if (nearest)
		return jw_fail(err, JW_CONFIG, "no module is called %s, did you mean %s?",
			       quote, jw_errors_quote(jw_str_of(nearest), near_quote));
	return jw_fail(err, JW_CONFIG, "no module is called %s%s", quote,
		       config->module_count ? "" : ": the configuration has no modules");
}

enum jw_cause jw_config_probe(const struct jw_config *config, struct jw_str module,
			      struct jw_str url, struct jw_arena *arena,
			      struct jw_target **ret_target, struct jw_err *err)
{
	const struct jw_module_entry *entry = NULL;
	struct jw_target *target;
	void *filled;

	if (find_module(config, module, &entry, err) || check_url(entry, url, err) ||
	    jw_config_with_url(entry->target, url, arena, &filled, err))
		return JW_CONFIG;
	target = jw_arena_alloc(arena, sizeof(*target));
	*target = *entry->target;
	target->config = filled;
	*ret_target = target;
	return JW_OK;
}

/* Whether two targets are one source */

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool is_same_list(const char *const *a, const char *const *b)
{
	if (!a || !b)
		return a == b;
	while (*a && *b && !strcmp(*a, *b)) {
		a++;
		b++;
	}
	return !*a && !*b;
}

static bool is_same_labels(const struct jw_pair *a, const struct jw_pair *b)
{
	if (!a || !b)
		return a == b;
	while (a->name && b->name && !strcmp(a->name, b->name) && is_same(a->value, b->value)) {
		a++;
		b++;
	}
	return !a->name && !b->name;
}

static bool is_same_secret(const struct jw_secret *a, const struct jw_secret *b)
{
	if (!a || !b)
		return a == b;
	return a->kind == b->kind && is_same(a->value, b->value) && is_same(a->name, b->name);
}

static bool is_same_headers(const struct jw_header *a, const struct jw_header *b)
{
	if (!a || !b)
		return a == b;
	while (a->name && b->name && !strcmp(a->name, b->name) &&
	       is_same_secret(a->value, b->value)) {
		a++;
		b++;
	}
	return !a->name && !b->name;
}

static bool is_same_severity(const uint8_t *a, const uint8_t *b)
{
	const struct jw_expect left = {.severity = a};
	const struct jw_expect right = {.severity = b};

	return jw_expect_same_severity(&left, &right);
}

static bool is_same_value(enum jw_type type, const void *a, const void *b)
{
	switch (type) {
	case JW_T_CHOICE:
		return *(const int *)a == *(const int *)b;
	case JW_T_BOOL:
		return *(const bool *)a == *(const bool *)b;
	case JW_T_SECONDS:
	case JW_T_MILLIS:
	case JW_T_BYTES:
	case JW_T_COUNT:
		return *(const int64_t *)a == *(const int64_t *)b;
	case JW_T_THRESHOLD:
		return is_same(((const struct jw_threshold *)a)->given,
			       ((const struct jw_threshold *)b)->given);
	case JW_T_TEXTS:
	case JW_T_PATHS:
	case JW_T_COMMAND:
		return is_same_list(*(const char *const *const *)a,
				    *(const char *const *const *)b);
	case JW_T_LABELS:
	case JW_T_PAIRS:
		return is_same_labels(*(const struct jw_pair *const *)a,
				      *(const struct jw_pair *const *)b);
	case JW_T_SEVERITY:
		return is_same_severity(*(const uint8_t *const *)a, *(const uint8_t *const *)b);
	case JW_T_SECRET:
	case JW_T_CONTENT:
		return is_same_secret(*(const struct jw_secret *const *)a,
				      *(const struct jw_secret *const *)b);
	case JW_T_HEADERS:
	case JW_T_VARIABLES:
		return is_same_headers(*(const struct jw_header *const *)a,
				       *(const struct jw_header *const *)b);
	default:
		return is_same(*(const char *const *)a, *(const char *const *)b);
	}
}

bool jw_config_same_source(const struct jw_target *a, const struct jw_target *b)
{
	if (a->check != b->check || a->timeout != b->timeout ||
	    !is_same(a->ca_file, b->ca_file) ||
	    !is_same(a->client_certificate, b->client_certificate))
		return false;
	for (const struct jw_option *o = a->check ? a->check->options : NULL; o && o->name; o++)
		if (!is_same_value(o->type, (const char *)a->config + o->offset,
				   (const char *)b->config + o->offset))
			return false;
	return true;
}
