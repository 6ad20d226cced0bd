/* SPDX-License-Identifier: MIT */
/* Where in a page the old token stands: there, and nowhere else, the fresh one goes. */
#include "core/renew_parts.h"

#include <string.h>

#include "base/utf.h"
#include "token/base64url.h"
#include "token/find.h"
#include "token/jwt.h"
#include "token/pattern.h"

/* The places where the old token stands, each once, in their order. */
struct splice {
	struct jw_str text;
	struct jw_str old;
	struct jw_str fresh;
	size_t done; /* so many bytes of the text are copied */
	size_t count;
	struct jw_buf *to;
	void (*take)(struct splice *splice, struct jw_str found);
	struct jw_renew_held *held;
};

static const void *option_of(const struct jw_target *target, const char *name)
{
	const struct jw_option *option = jw_config_option(target->check, jw_str_of(name));

	return (const char *)target->config + option->offset;
}

void jw_renew_place(const struct jw_target *target, struct jw_renew_place *ret_place)
{
	ret_place->path = *(const char *const *)option_of(target, "path");
	ret_place->pattern = *(const char *const *)option_of(target, "pattern");
	ret_place->max_size = (size_t) * (const int64_t *)option_of(target, "max_size");
}

/* Base64url, dots, and the padding that some put there. */
static bool is_of_tokens(struct jw_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!jw_base64url_is_char(s.ptr[i]) && s.ptr[i] != '.' && s.ptr[i] != '=')
			return false;
	return true;
}

enum jw_cause jw_renew_check_old(const struct jw_renew_place *place, struct jw_str old,
				 struct jw_err *err)
{
	if (jw_find_is_placeholder(old) || (old.len <= JW_JWT_MAX && is_of_tokens(old)))
		return JW_OK;
	if (!place->pattern)
		return jw_fail(err, JW_RENEWAL_FAILED,
			       "holds what is no token, since it has more than %zu characters: "
			       "say by pattern what is to be replaced",
			       JW_JWT_MAX);
	return jw_fail(err, JW_RENEWAL_FAILED,
		       "what the pattern matches is no token, and it would all be replaced: "
		       "correct the pattern");
}

static bool is_old(const struct splice *splice, struct jw_str found)
{
	/* A group that took no part in the match is no place. Longer ones were cut when they were met. */
	return found.ptr && jw_str_eq(jw_str_head(found, JW_JWT_MAX + 1), splice->old);
}

static void put(struct splice *splice, struct jw_str found)
{
	size_t start = (size_t)(found.ptr - splice->text.ptr);

	if (!is_old(splice, found) || start < splice->done)
		return;
	jw_buf_add(splice->to, splice->text.ptr + splice->done, start - splice->done);
	jw_buf_str(splice->to, splice->fresh);
	splice->done = start + found.len;
	splice->count++;
}

static void note_held(struct splice *splice, struct jw_str found)
{
	struct jw_renew_held *held = splice->held;

	splice->count++;
	if (is_old(splice, found))
		held->has_old = true;
	else if (found.len && found.len <= JW_JWT_MAX && is_of_tokens(found) &&
		 !(held->others && jw_str_eq(found, held->other))) {
		held->other = found;
		held->others++;
	}
}

struct timing {
	const struct jw_clock *clock;
};

static int64_t elapsed_ms(void *context)
{
	const struct timing *timing = context;

	return timing->clock->monotonic_ms(timing->clock->self);
}

static enum jw_cause by_pattern(struct splice *splice, const char *regex,
				const struct jw_budget *budget, struct jw_err *err)
{
	struct jw_pattern *pattern;
	enum jw_cause cause = jw_pattern_new(jw_str_of(regex), &pattern, err);
	struct jw_str found;
	bool is_found = true;
	size_t at = 0;

	if (cause)
		return cause;
	while (!cause && is_found) {
		cause = jw_pattern_next(pattern, splice->text, budget, &at, &is_found, &found,
					err);
		if (!cause && is_found)
			splice->take(splice, found);
	}
	jw_pattern_free(pattern);
	return cause;
}

static void by_shape(struct splice *splice)
{
	struct jw_str found;
	size_t at = 0;

	while (jw_find_next(splice->text, JW_FIND_LAST, &at, &found))
		splice->take(splice, found);
}

static bool is_utf_16(struct jw_str text)
{
	enum jw_encoding encoding = jw_utf_encoding(text);

	return encoding == JW_ENCODING_UTF16LE || encoding == JW_ENCODING_UTF16BE;
}

/* A file beside a page holds the token in its own way. */
static enum jw_cause go_through(struct splice *splice, const char *pattern,
				const struct jw_clock *clock, int64_t deadline_ms,
				struct jw_err *err)
{
	struct timing timing = {clock};
	const struct jw_budget budget = {elapsed_ms, &timing, deadline_ms};

	if (is_utf_16(splice->text))
		return jw_fail(err, JW_RENEWAL_FAILED,
			       "is UTF-16, which tokens are found in, but not replaced: save "
			       "it as UTF-8");
	if (pattern && by_pattern(splice, pattern, &budget, err))
		return err->cause;
	if (!splice->count)
		by_shape(splice);
	return JW_OK;
}

enum jw_cause jw_renew_look(const struct jw_renew_place *place, struct jw_str text,
			    struct jw_str old, const struct jw_clock *clock,
			    int64_t deadline_ms, struct jw_renew_held *ret_held,
			    struct jw_err *err)
{
	struct jw_renew_held held = {0};
	struct splice splice = {.text = text, .old = old, .take = note_held, .held = &held};
	enum jw_cause cause = go_through(&splice, place->pattern, clock, deadline_ms, err);

	if (!cause)
		*ret_held = held;
	return cause;
}

enum jw_cause jw_renew_splice(const struct jw_renew_place *place, struct jw_str text,
			      struct jw_str old, struct jw_str fresh,
			      const struct jw_clock *clock, int64_t deadline_ms,
			      struct jw_buf *to, struct jw_err *err)
{
	struct splice splice = {
		.text = text, .old = old, .fresh = fresh, .to = to, .take = put};

	if (go_through(&splice, place->pattern, clock, deadline_ms, err))
		return err->cause;
	if (!splice.count)
		return jw_fail(err, JW_RENEWAL_FAILED,
			       "doesn't hold the token that was judged%s",
			       place->pattern ? ""
					      : ": only a pattern can say where one "
						"belongs that isn't there yet");
	jw_buf_add(to, text.ptr + splice.done, text.len - splice.done);
	if (to->overflowed)
		return jw_fail(err, JW_RENEWAL_FAILED,
			       "would have more than %zu bytes (max_size)", to->max);
	return JW_OK;
}
