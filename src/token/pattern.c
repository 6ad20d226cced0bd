/* SPDX-License-Identifier: MIT */
/* A user's regular expression (PCRE2, byte mode, JIT) over hostile text, within limits. */
#include "token/pattern.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/buf.h"
#include "base/mem.h"

#define JIT_STACK_FIRST ((size_t)32 * 1024)
#define JIT_STACK_MAX ((size_t)1024 * 1024)
#define MATCH_LIMIT 1000000U
#define DEPTH_LIMIT 250000U
#define HEAP_LIMIT_KIB (32U * 1024)

/* PCRE2's match limit counts for each start position anew, and under JIT not every step. So a search is cut
 * into windows of start positions, between which the budget is looked at, and what one window may cost
 * is bounded twice: its starts share one match limit, and starts times bytes ahead of them stay
 * under a bound. (The subject is always the whole text, so lookbehind sees what stands before a window.) */
#define WINDOW_FIRST ((size_t)16)
#define WINDOW_MAX ((size_t)4096)
#define WINDOW_WORK ((size_t)1 << 29)

/* A smaller text is searched sooner than the JIT has compiled (measured: 0.05 ms, a tenth of a whole run). */
#define JIT_FROM ((size_t)64 * 1024)

#define PREFIX_MIN 3
#define PREFIX_MAX 64

/* Where a match can start, known before PCRE2 is asked. */
enum starts { STARTS_ANYWHERE, STARTS_WITH_PREFIX, STARTS_ON_LINE, STARTS_HERE };

enum jit { JIT_UNTRIED, JIT_ON, JIT_REFUSED };

struct jw_pattern {
	char *regex;
	size_t regex_len;
	pcre2_code *code;
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *stack;
	enum jit jit;
	enum starts starts;
	char prefix[PREFIX_MAX];
	size_t prefix_len;
};

static struct jw_str pattern_prefix(const struct jw_pattern *pattern)
{
	return (struct jw_str){pattern->prefix, pattern->prefix_len};
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Takes one character that stands for itself from the front of *regex; an escape only where what is escaped
 * is punctuation. */
static bool take_literal(struct jw_str *regex, char *ret_c)
{
	char c = regex->len ? regex->ptr[0] : '\0';
	size_t len = 1;

	if (c == '\\') {
		c = regex->len > 1 ? regex->ptr[1] : 'a';
		len = 2;
		if (is_alnum(c) || c < ' ' || c > '~')
			return false;
	} else if (!c || strchr("^$.[|()?*+{", c)) {
		return false;
	}
	*ret_c = c;
	*regex = jw_str_from(*regex, len);
	return true;
}

/* Could what follows make the character before it optional? A quantifier; or something that PCRE2 skips, behind
 * which a quantifier may stand: a comment, \Q\E. */
static bool may_undo(struct jw_str rest)
{
	return rest.len && strchr("?*{(\\", rest.ptr[0]);
}

/* The text that every match begins with, as far as it is certain. */
static void find_prefix(struct jw_pattern *pattern, struct jw_str regex)
{
	struct jw_str rest = regex;
	size_t len = 0;

	if (jw_str_has(regex, "|"))
		return;
	while (len < PREFIX_MAX && take_literal(&rest, &pattern->prefix[len]))
		len++;
	if (len && may_undo(rest))
		len--;
	if (len < PREFIX_MIN)
		return;
	pattern->prefix_len = len;
	pattern->starts = STARTS_WITH_PREFIX;
}

static uint32_t info(const pcre2_code *code, uint32_t what)
{
	uint32_t value = 0;

	pcre2_pattern_info(code, what, &value);
	return value;
}

static void find_starts(struct jw_pattern *pattern, struct jw_str regex)
{
	enum { FIRST_IS_LINE_START = 2 };

	if (info(pattern->code, PCRE2_INFO_ALLOPTIONS) & PCRE2_ANCHORED)
		pattern->starts = STARTS_HERE;
	else if (info(pattern->code, PCRE2_INFO_FIRSTCODETYPE) == FIRST_IS_LINE_START &&
		 info(pattern->code, PCRE2_INFO_NEWLINE) == PCRE2_NEWLINE_LF)
		pattern->starts = STARTS_ON_LINE;
	else
		find_prefix(pattern, regex);
}

/* What depends on where a search began or was cut, or moves its start: it can't work in windows. */
static const char *unsupported(struct jw_str regex)
{
	static const char *const verbs[] = {"(*COMMIT", "(*SKIP", NULL};

	for (size_t i = 0; i < regex.len; i++) {
		struct jw_str rest = jw_str_from(regex, i);

		for (size_t v = 0; verbs[v]; v++)
			if (jw_str_starts(rest, verbs[v]))
				return verbs[v] + 1;
		if (jw_str_starts(rest, "\\G"))
			return "\\G";
		if (rest.ptr[0] == '\\')
			i++;
	}
	return NULL;
}

static enum jw_cause compile(struct jw_str regex, uint32_t options, pcre2_code **ret_code,
			     struct jw_err *err)
{
	PCRE2_UCHAR words[256];
	int number;
	size_t offset;
	pcre2_code *code =
		pcre2_compile((PCRE2_SPTR)(regex.ptr ? regex.ptr : ""), regex.len,
			      PCRE2_USE_OFFSET_LIMIT | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
				      PCRE2_NEVER_BACKSLASH_C | options,
			      &number, &offset, NULL);

	if (!code) {
		if (pcre2_get_error_message(number, words, sizeof(words)) < 0)
			words[0] = '\0';
		return jw_fail(err, JW_CONFIG, "column %zu: %s", offset + 1,
			       (const char *)words);
	}
	*ret_code = code;
	return JW_OK;
}

static bool has_jit(const pcre2_code *code)
{
	size_t size = 0;

	return !pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &size) && size;
}

static void *or_end(void *made)
{
	/* PCRE2 gives NULL for lack of memory only: let the one function for that end the program. */
	return made ? made : jw_xmalloc(SIZE_MAX / 2);
}

/* Without JIT, PCRE2 looks for a first character through the whole text, limit or not, in every window
 * anew; so it is told not to look. */
static void do_without_jit(struct jw_pattern *pattern)
{
	struct jw_str regex = {pattern->regex, pattern->regex_len};
	pcre2_code *code;

	pattern->jit = JIT_REFUSED;
	if (compile(regex, PCRE2_NO_START_OPTIMIZE, &code, NULL))
		return;
	pcre2_code_free(pattern->code);
	pattern->code = code;
}

static void try_jit(struct jw_pattern *pattern)
{
	pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
	if (!has_jit(pattern->code)) {
		do_without_jit(pattern);
		return;
	}
	pattern->jit = JIT_ON;
	pattern->stack = or_end(pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MAX, NULL));
	pcre2_jit_stack_assign(pattern->context, NULL, pattern->stack);
}

static void prepare_matching(struct jw_pattern *pattern)
{
	pattern->context = or_end(pcre2_match_context_create(NULL));
	pattern->data = or_end(pcre2_match_data_create_from_pattern(pattern->code, NULL));
	pcre2_set_match_limit(pattern->context, MATCH_LIMIT);
	pcre2_set_depth_limit(pattern->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(pattern->context, HEAP_LIMIT_KIB);
}

enum jw_cause jw_pattern_new(struct jw_str regex, struct jw_pattern **ret_pattern,
			     struct jw_err *err)
{
	const char *refused = unsupported(regex);
	struct jw_pattern *pattern;
	enum jw_cause cause;

	if (refused)
		return jw_fail(err, JW_CONFIG, "%s can't be used in a pattern here", refused);
	pattern = jw_xcalloc(1, sizeof(*pattern));
	cause = compile(regex, 0, &pattern->code, err);
	if (cause) {
		jw_pattern_free(pattern);
		return cause;
	}
	pattern->regex = jw_xmalloc(regex.len);
	pattern->regex_len = regex.len;
	if (regex.len)
		memcpy(pattern->regex, regex.ptr, regex.len);
	find_starts(pattern, regex);
	prepare_matching(pattern);
	*ret_pattern = pattern;
	return JW_OK;
}

void jw_pattern_free(struct jw_pattern *pattern)
{
	if (!pattern)
		return;
	pcre2_match_data_free(pattern->data);
	pcre2_match_context_free(pattern->context);
	pcre2_jit_stack_free(pattern->stack);
	pcre2_code_free(pattern->code);
	free(pattern->regex);
	free(pattern);
}

bool jw_pattern_is_slow(const struct jw_pattern *pattern)
{
	return pattern->jit == JIT_REFUSED;
}

/* One search over a text. */
struct search {
	struct jw_pattern *pattern;
	struct jw_str text;
	const struct jw_budget *budget;
	size_t from;   /* where it began */
	size_t at;     /* the next start */
	size_t window; /* how many starts are tried at once */
};

static int64_t now_ms(const struct search *search)
{
	return search->budget->elapsed_ms(search->budget->context);
}

/* The next start in *at, or false. */
static bool next_start(const struct search *search, size_t *at)
{
	struct jw_str prefix = pattern_prefix(search->pattern);
	struct jw_str rest = jw_str_from(search->text, *at);
	const char *found;

	switch (search->pattern->starts) {
	case STARTS_WITH_PREFIX:
		found = rest.len ? memmem(rest.ptr, rest.len, prefix.ptr, prefix.len) : NULL;
		break;
	case STARTS_ON_LINE:
		if (*at == search->from || search->text.ptr[*at - 1] == '\n')
			return true;
		found = rest.len ? memchr(rest.ptr, '\n', rest.len) : NULL;
		found = found ? found + 1 : NULL;
		break;
	default:
		return true;
	}
	if (found)
		*at = (size_t)(found - search->text.ptr);
	return found;
}

static size_t starts_at_once(const struct search *search)
{
	size_t ahead = search->text.len - search->at + 1;
	size_t most = WINDOW_WORK / ahead ? WINDOW_WORK / ahead : 1;

	if (search->pattern->starts != STARTS_ANYWHERE)
		return 1;
	return search->window < most ? search->window : most;
}

static int match(const struct search *search, size_t starts)
{
	struct jw_pattern *pattern = search->pattern;

	pcre2_set_offset_limit(pattern->context, search->at + starts - 1);
	pcre2_set_match_limit(pattern->context, MATCH_LIMIT / (uint32_t)starts);
	return pcre2_match(pattern->code, (PCRE2_SPTR)search->text.ptr, search->text.len,
			   search->at, 0, pattern->data, pattern->context);
}

struct limit {
	int code;
	const char *words;
};

static const struct limit limits[] = {
	{PCRE2_ERROR_MATCHLIMIT, "the pattern needs too many steps on this text"},
	{PCRE2_ERROR_DEPTHLIMIT, "the pattern backtracks too deeply on this text"},
	{PCRE2_ERROR_HEAPLIMIT, "the pattern needs too much memory on this text"},
	{PCRE2_ERROR_JIT_STACKLIMIT, "the pattern needs too much stack on this text"},
	{PCRE2_ERROR_RECURSELOOP, "the pattern calls itself without getting on in the text"},
};

static enum jw_cause refuse(int code, struct jw_err *err)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		if (limits[i].code == code)
			return jw_fail(err, JW_PATTERN_LIMIT, "%s", limits[i].words);
	return jw_fail(err, JW_INTERNAL, "the pattern library gave up with code %d", code);
}

/* Sets how many starts are tried next time, by what PCRE2 said to `starts` of them and whether that took
 * longer than the tick of the clock. */
static void adapt_window(struct search *search, size_t starts, int code, int64_t begun_ms)
{
	if (search->pattern->starts != STARTS_ANYWHERE)
		return;
	if (code == PCRE2_ERROR_MATCHLIMIT)
		search->window = starts > 8 ? starts / 8 : 1;
	else if (now_ms(search) > begun_ms)
		search->window = starts > 2 ? starts / 2 : 1;
	else if (search->window < WINDOW_MAX)
		search->window *= 2;
}

/* Tries one window and moves on behind it, if there is no match in it. A match limit that several starts had to
 * share says nothing yet: then the search stays where it is, with a smaller window. */
static int try_window(struct search *search, int64_t begun_ms)
{
	size_t starts = starts_at_once(search);
	int code = match(search, starts);

	adapt_window(search, starts, code, begun_ms);
	if (code == PCRE2_ERROR_MATCHLIMIT && starts > 1)
		return PCRE2_ERROR_NOMATCH;
	if (code == PCRE2_ERROR_NOMATCH)
		search->at += starts;
	return code;
}

static bool is_over(const struct search *search)
{
	if (search->pattern->starts == STARTS_HERE && search->at != search->from)
		return true;
	return search->at > search->text.len;
}

/* The first match from search->at on, or PCRE2_ERROR_NOMATCH. */
static enum jw_cause run(struct search *search, int *ret_code, struct jw_err *err)
{
	int code = PCRE2_ERROR_NOMATCH;

	while (code == PCRE2_ERROR_NOMATCH && !is_over(search) &&
	       next_start(search, &search->at)) {
		int64_t elapsed_ms = now_ms(search);

		if (elapsed_ms >= search->budget->max_ms)
			return jw_fail(err, JW_PATTERN_LIMIT,
				       "the pattern's search took longer than its %lld ms",
				       (long long)search->budget->max_ms);
		code = try_window(search, elapsed_ms);
	}
	if (code < 0 && code != PCRE2_ERROR_NOMATCH)
		return refuse(code, err);
	*ret_code = code;
	return JW_OK;
}

static struct jw_str group(const struct search *search, uint32_t number)
{
	const size_t *ends = pcre2_get_ovector_pointer(search->pattern->data);
	size_t start = ends[2 * number];
	size_t end = ends[2 * number + 1];

	/* \K can make a match start behind its end. */
	if (start == PCRE2_UNSET || end < start)
		return (struct jw_str){0};
	return (struct jw_str){search->text.ptr + start, end - start};
}

/* The groups named "token" ((?J) allows several): the first that took part. False where none is named so. */
static bool named_group(const struct search *search, struct jw_str *ret_match)
{
	PCRE2_SPTR first;
	PCRE2_SPTR last;
	int size = pcre2_substring_nametable_scan(search->pattern->code, (PCRE2_SPTR) "token",
						  &first, &last);
	struct jw_str met = {0};

	if (size < 0)
		return false;
	for (PCRE2_SPTR entry = first; entry <= last && !met.ptr; entry += size)
		met = group(search, (uint32_t)entry[0] << 8 | entry[1]);
	*ret_match = met;
	return true;
}

static struct jw_str chosen_group(const struct search *search)
{
	struct jw_str named;

	if (named_group(search, &named))
		return named;
	return group(search, info(search->pattern->code, PCRE2_INFO_CAPTURECOUNT) ? 1 : 0);
}

/* Behind the match, but past its start: an empty one isn't found twice. */
static size_t behind(const struct search *search)
{
	size_t start = pcre2_get_startchar(search->pattern->data);
	size_t end = pcre2_get_ovector_pointer(search->pattern->data)[1];

	return end > start ? end : start + 1;
}

enum jw_cause jw_pattern_next(struct jw_pattern *pattern, struct jw_str text,
			      const struct jw_budget *budget, size_t *at, bool *ret_found,
			      struct jw_str *ret_match, struct jw_err *err)
{
	struct search search = {.pattern = pattern,
				.text = {text.ptr ? text.ptr : "", text.len},
				.budget = budget,
				.from = *at,
				.at = *at,
				.window = WINDOW_FIRST};
	int code = PCRE2_ERROR_NOMATCH;
	enum jw_cause cause;

	if (text.len >= JIT_FROM && pattern->jit == JIT_UNTRIED)
		try_jit(pattern);
	cause = run(&search, &code, err);
	if (cause)
		return cause;
	*ret_found = code > 0;
	if (code <= 0)
		return JW_OK;
	*ret_match = chosen_group(&search);
	*at = behind(&search);
	return JW_OK;
}
