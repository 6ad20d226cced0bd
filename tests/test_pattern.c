/* SPDX-License-Identifier: MIT */
/* Patterns over text: what they find, where they are stopped, and that no shortcut finds anything else. */
#include <string.h>

#include "rows.h"

#include "token/pattern.c"

/* A clock that ticks at every look. */
struct ticking {
	int64_t ms;
	int64_t tick;
};

static int64_t tick(void *context)
{
	struct ticking *clock = context;

	clock->ms += clock->tick;
	return clock->ms;
}

static struct jw_budget budget_of(struct ticking *clock)
{
	return (struct jw_budget){tick, clock, 1000};
}

static struct jw_pattern *pattern_of(struct jw_str regex)
{
	struct jw_pattern *pattern = NULL;
	struct jw_err err = {0};

	if (jw_pattern_new(regex, &pattern, &err))
		fail_msg("refused: %s", err.text);
	return pattern;
}

/* All matches, each in brackets. */
static enum jw_cause find_all(struct jw_pattern *pattern, struct jw_str text,
			      struct jw_buf *found)
{
	struct ticking clock = {0};
	struct jw_budget budget = budget_of(&clock);
	enum jw_cause cause = JW_OK;
	size_t at = 0;
	bool more = true;

	jw_buf_text(found, "");
	while (more) {
		struct jw_str match = {0};
		size_t before = at;

		cause = jw_pattern_next(pattern, text, &budget, &at, &more, &match, NULL);
		if (cause)
			return cause;
		if (!more)
			break;
		assert_true(at > before && at <= text.len + 1);
		jw_buf_printf(found, "[%.*s]", JW_STR_ARG(match));
	}
	return JW_OK;
}

struct row {
	const char *name;
	const char *regex;
	const char *text;
	const char *found;
};

static const struct row rows[] = {
	{"group 1", "const TOKEN = '([^']*)'", "a;\nconst TOKEN = 'abc';", "[abc]"},
	{"the whole match", "eyJ[\\w.-]+", "x eyJa.b.c y eyJd", "[eyJa.b.c][eyJd]"},
	{"the group named token", "(a+)(?<token>b+)(c+)", "aabbcc", "[bb]"},
	{"the group named token, in Python's spelling", "(a+)(?P<token>b+)", "aabb", "[bb]"},
	{"a group of another name", "(?<other>a)b", "ab", "[a]"},
	{"two groups named token, first", "(?J)(?:a(?<token>1)|b(?<token>2))", "a1", "[1]"},
	{"two groups named token, second", "(?J)(?:a(?<token>1)|b(?<token>2))", "b2", "[2]"},
	{"a group that is empty", "TOKEN = '([^']*)'", "TOKEN = ''", "[]"},
	{"a group that took no part", "a(b)?c", "ac abc", "[][b]"},
	{"a last group that took no part", "x(?<other>y)?(?<token>z)?", "x", "[]"},
	{"no match", "abc", "abd ab", ""},
	{"no text", "abc", "", ""},
	{"an empty match in no text", "^", "", "[]"},
	{"empty matches", "x*", "ab", "[][][]"},
	{"empty matches and others", "a*", "baab", "[][aa][][]"},
	{"a lookahead with a group", "(?=(..))", "abcd", "[ab][bc][cd]"},
	{"lookbehind", "(?<=key=)\\w+", "key=a,kex=b,key=c", "[a][c]"},
	{"lookbehind sees what was found before", "(?<=a)b|a", "abab", "[a][b][a][b]"},
	{"negative lookbehind", "(?<!x)abc", "xabc abc", "[abc]"},
	{"lookbehind behind a prefix", "abc(?<=zabc)", "abc zabc", "[abc]"},
	{"word boundary", "\\btoken\\b", "tokens token mytoken", "[token]"},
	{"anchored", "^abc", "abc abc", "[abc]"},
	{"anchored to each line", "(?m)^abc", "abc\nabc abc\nxabc", "[abc][abc]"},
	{"anchored to the end", "abc$", "abc abc", "[abc]"},
	{"dot star", ".*=(.)", "a=1\nb=2", "[1][2]"},
	{"dot star behind a match in the same line", ".*?=(.)", "a=1 b=2", "[1][2]"},
	{"dot star over lines", "(?s).*=(.)", "a=1\nb=2", "[2]"},
	{"keep out", "key=\\K\\w+", "key=a key=b", "[a][b]"},
	{"keep out everything", "ab\\K", "abab", "[][]"},
	{"caseless", "(?i)token: (.)", "TOKEN: a token: b", "[a][b]"},
	{"extended", "(?x) a b # and c\n c", "abc", "[abc]"},
	{"quoted", "\\Qa.c\\E(.)", "abc1 a.c2", "[2]"},
	{"escaped punctuation", "a\\.b\\/c=(.)", "aXb/c=1 a.b/c=2", "[2]"},
	{"a literal made optional", "abcd?e", "abce abcde", "[abce][abcde]"},
	{"a literal made optional by {0}", "abcd{0}e", "abce", "[abce]"},
	{"a literal made optional behind a comment", "abcd(?#x)?e", "abce", "[abce]"},
	{"a literal made optional behind an empty quote", "abcd\\Q\\E?e", "abce", "[abce]"},
	{"an alternative", "abcd|ab", "ab abcd", "[ab][abcd]"},
	{"back reference", "(['\"])x\\1", "'x\" \"x\"", "[\"]"},
	{"a byte over 127", "\xc3\xa9(.)", "\xc3\xa9z", "[z]"},
	{"dot is a byte", "^(.)$", "\xc3\xa9", ""},
	{"CRLF", "(?m)^k=(.*?)\\r?$", "k=1\r\nk=2\n", "[1][2]"},
	{"recursion", "\\((?:[^()]|(?R))*\\)", "x(a(b)c)y", "[(a(b)c)]"},
	{"newline is anything", "(*ANY).*=(.)", "a=1\rb=2", "[1][2]"},
};

static void finds(void **state)
{
	const struct row *row = *state;
	struct jw_pattern *pattern = pattern_of(jw_str_of(row->regex));
	jw_autobuf struct jw_buf found = JW_BUF(10000);

	assert_int_equal(find_all(pattern, jw_str_of(row->text), &found), JW_OK);
	assert_string_equal(found.ptr, row->found);
	jw_pattern_free(pattern);
}

static void finds_behind_nul(void **state)
{
	struct jw_pattern *pattern = pattern_of(JW_STR("a\0b(.)"));
	jw_autobuf struct jw_buf found = JW_BUF(10000);

	(void)state;
	assert_int_equal(find_all(pattern, JW_STR("\0a\0b1 a\0b2"), &found), JW_OK);
	assert_string_equal(found.ptr, "[1][2]");
	jw_pattern_free(pattern);
}

static void leaves_all_without_a_match(void **state)
{
	struct jw_pattern *pattern = pattern_of(JW_STR("abc"));
	struct ticking clock = {0};
	struct jw_budget budget = budget_of(&clock);
	struct jw_str match = JW_STR("kept");
	size_t at = 1;
	bool found = true;

	(void)state;
	assert_int_equal(
		jw_pattern_next(pattern, JW_STR("abc"), &budget, &at, &found, &match, NULL),
		JW_OK);
	assert_false(found);
	assert_int_equal(at, 1);
	assert_true(jw_str_is(match, "kept"));
	at = 50;
	assert_int_equal(
		jw_pattern_next(pattern, JW_STR("abc"), &budget, &at, &found, &match, NULL),
		JW_OK);
	assert_false(found);
	jw_pattern_free(NULL);
	jw_pattern_free(pattern);
}

struct wrong {
	const char *name;
	const char *regex;
	const char *says;
};

static const struct wrong wrongs[] = {
	{"an open group", "a(b", "column 4: missing closing parenthesis"},
	{"an open class", "[a", "column 3: missing terminating ]"},
	{"a quantifier for nothing", "*a", "column 1: quantifier does not follow"},
	{"UTF mode", "(*UTF)a", "column 7: using UTF is disabled"},
	{"UCP mode", "(*UCP)a", "column 7: using UCP is disabled"},
	{"a byte of a character", "\\C", "column 3: using \\C is disabled"},
	{"a reference to nothing", "(a)\\2", "reference to non-existent"},
	{"(*COMMIT)", "a(*COMMIT)b", "*COMMIT can't be used in a pattern here"},
	{"(*SKIP)", "a(*SKIP:x)b", "*SKIP can't be used"},
	{"\\G", "\\Ga", "\\G can't be used"},
	{"too large", "((((a{1000}){1000}){1000}){1000})", "too large"},
};

static void refuses(void **state)
{
	const struct wrong *row = *state;
	struct jw_pattern *pattern = NULL;
	struct jw_err err = {0};

	assert_int_equal(jw_pattern_new(jw_str_of(row->regex), &pattern, &err), JW_CONFIG);
	assert_null(pattern);
	if (!strstr(err.text, row->says))
		assert_string_equal(err.text, row->says);
}

static void escaped_g_is_allowed(void **state)
{
	struct jw_pattern *pattern = pattern_of(JW_STR("\\\\G(.)"));
	jw_autobuf struct jw_buf found = JW_BUF(10000);

	(void)state;
	assert_int_equal(find_all(pattern, JW_STR("\\G1"), &found), JW_OK);
	assert_string_equal(found.ptr, "[1]");
	jw_pattern_free(pattern);
}

struct prefix {
	const char *name;
	const char *regex;
	enum starts starts;
	const char *prefix;
};

static const struct prefix prefixes[] = {
	{"plain text", "abcdef", STARTS_WITH_PREFIX, "abcdef"},
	{"up to a class", "abc[d]", STARTS_WITH_PREFIX, "abc"},
	{"up to a dot", "abc.d", STARTS_WITH_PREFIX, "abc"},
	{"less one before a group", "TOKEN = '([^']+)'", STARTS_WITH_PREFIX, "TOKEN = "},
	{"less one before an escape", "abcd\\d", STARTS_WITH_PREFIX, "abc"},
	{"escaped punctuation", "a\\.b\\\\c\\(d", STARTS_WITH_PREFIX, "a.b\\c(d"},
	{"less one before ?", "abcd?", STARTS_WITH_PREFIX, "abc"},
	{"less one before *", "abcd*", STARTS_WITH_PREFIX, "abc"},
	{"less one before {", "abcd{0,}", STARTS_WITH_PREFIX, "abc"},
	{"whole before +", "abcd+", STARTS_WITH_PREFIX, "abcd"},
	{"up to $", "abc$", STARTS_WITH_PREFIX, "abc"},
	{"too short", "ab.", STARTS_ANYWHERE, ""},
	{"too short by a quantifier", "abc?", STARTS_ANYWHERE, ""},
	{"any alternative", "abcdef|x", STARTS_ANYWHERE, ""},
	{"any bar, even in a class", "abcdef[|]", STARTS_ANYWHERE, ""},
	{"a group in front", "(abcdef)", STARTS_ANYWHERE, ""},
	{"caseless in front", "(?i)abcdef", STARTS_ANYWHERE, ""},
	{"extended in front", "(?x)abc def", STARTS_ANYWHERE, ""},
	{"quoted in front", "\\Qabcdef\\E", STARTS_ANYWHERE, ""},
	{"a control escape in front", "\\nabcdef", STARTS_ANYWHERE, ""},
	{"anchored", "^abcdef", STARTS_HERE, ""},
	{"anchored by \\A", "\\Aabcdef", STARTS_HERE, ""},
	{"anchored by dot star over lines", "(?s).*abc", STARTS_HERE, ""},
	{"lines", "(?m)^abc", STARTS_ON_LINE, ""},
	{"lines by dot star", ".*abc", STARTS_ON_LINE, ""},
	{"lines of another kind", "(*CR).*abc", STARTS_ANYWHERE, ""},
};

static void knows_its_starts(void **state)
{
	const struct prefix *row = *state;
	struct jw_pattern *pattern = pattern_of(jw_str_of(row->regex));

	assert_int_equal(pattern->starts, row->starts);
	assert_true(jw_str_is(pattern_prefix(pattern), row->prefix));
	jw_pattern_free(pattern);
}

/* Bits from a linear congruential generator: the same ones in every run. */
static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(*seed >> 33) % below;
}

static void draw_pieces(uint64_t *seed, const char *const *pieces, uint32_t count,
			uint32_t most, struct jw_buf *buf)
{
	uint32_t len = 1 + draw(seed, most);

	for (uint32_t i = 0; i < len; i++)
		jw_buf_text(buf, pieces[draw(seed, count)]);
}

static const char *const regex_starts[] = {"abc", "abc", "ab", "a", ".*", ".*?", "(?m)^", ""};

static const char *const regex_pieces[] = {
	"abc",	 "ab",	     "a",      "b",	  "c",	    "\\.",	   "?",
	"*",	 "+",	     "{0}",    "{2}",	  "{,3}",   "[ab]",	   "(b)",
	"(?:c)", "(?#z)",    "\\Q\\E", "\\Qb\\E", "\\E",    "^",	   "$",
	".",	 ".*",	     "\\b",    "\\K",	  "(?<=a)", "(?<!b)",	   "(?=c)",
	"(?i)",	 "(?x)",     " ",      "#",	  "\\ ",    "|",	   "\\n",
	"(?m)",	 "(?s)",     "(?|a)",  "(?R)?",	  "\\1",    "(?<token>c)", "++",
	"*?",	 "(*PRUNE)", "{",      "}",	  "]",	    "\n",	   "(?-i)",
};

static const char *const text_pieces[] = {"abc", "ab", "a", "b", "c", ".",    "ABC",   "\n",
					  " ",	 "#",  "{", "}", "]", "abcc", "abcabc"};

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof(*(array)))

/* Found by the pattern as it is, and when every start is tried in turn. */
static bool compare(struct jw_str regex, struct jw_str text)
{
	struct jw_pattern *pattern = NULL;
	jw_autobuf struct jw_buf fast = JW_BUF(100000);
	jw_autobuf struct jw_buf plain = JW_BUF(100000);
	enum starts starts;
	bool is_full;

	if (jw_pattern_new(regex, &pattern, NULL))
		return false;
	starts = pattern->starts;
	is_full = !find_all(pattern, text, &fast);
	pattern->starts = STARTS_ANYWHERE;
	is_full = !find_all(pattern, text, &plain) && is_full;
	jw_pattern_free(pattern);
	if (is_full && strcmp(fast.ptr, plain.ptr))
		fail_msg("/%.*s/ on \"%.*s\": %s, but plainly %s", JW_STR_ARG(regex),
			 JW_STR_ARG(text), fast.ptr, plain.ptr);
	return is_full && starts != STARTS_ANYWHERE && starts != STARTS_HERE && fast.len;
}

static void shortcuts_find_the_same(void **state)
{
	jw_autobuf struct jw_buf regex = JW_BUF(10000);
	jw_autobuf struct jw_buf text = JW_BUF(10000);
	uint64_t seed = 1;
	size_t told = 0;

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		jw_buf_clear(&regex);
		jw_buf_text(&regex, regex_starts[draw(&seed, COUNT(regex_starts))]);
		draw_pieces(&seed, regex_pieces, COUNT(regex_pieces), 7, &regex);
		jw_buf_clear(&text);
		draw_pieces(&seed, text_pieces, COUNT(text_pieces), 12, &text);
		told += compare(jw_buf_get(&regex), jw_buf_get(&text));
	}
	/* Enough of them had a shortcut and a match for this to mean something. */
	assert_in_range(told, 500, 20000);
}

/* Windows of any size find the same. */
static void windows_find_the_same(void **state)
{
	struct jw_pattern *pattern = pattern_of(JW_STR("(?<=[ab])[c-f]{2}(?=.{9})"));
	jw_autobuf struct jw_buf text = JW_BUF(1000000);
	jw_autobuf struct jw_buf found = JW_BUF(1000000);
	jw_autobuf struct jw_buf wanted = JW_BUF(1000000);
	uint64_t seed = 7;

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		jw_buf_char(&text, (char)('a' + draw(&seed, 7)));
	for (size_t i = 1; i + 11 <= text.len;) {
		const char *p = text.ptr + i;
		bool is_match = p[-1] <= 'b' && p[0] >= 'c' && p[0] <= 'f' && p[1] >= 'c' &&
				p[1] <= 'f';

		if (is_match)
			jw_buf_printf(&wanted, "[%.2s]", p);
		i += is_match ? 2 : 1;
	}
	assert_int_equal(find_all(pattern, jw_buf_get(&text), &found), JW_OK);
	assert_true(wanted.len > 1000);
	assert_string_equal(found.ptr, wanted.ptr);
	jw_pattern_free(pattern);
}

struct explosion {
	const char *name;
	const char *regex;
	const char *piece;
	size_t count;
	const char *end;
	int64_t tick;
	enum jw_cause cause;
};

/* At a tick of 1 the clock goes on by a millisecond at each look, so whatever needs 1,000 looks is over
 * budget; at a tick of 0 only PCRE2's own limits end a search. */
static const struct explosion explosions[] = {
	{"(a+)+$ where it fails", "(a+)+$", "a", 90000, "b", 1, JW_PATTERN_LIMIT},
	{"(a+)+$ where it matches", "(a+)+$", "a", 90000, "", 1, JW_OK},
	{"a lazy class", "[a-z]+?[0-9]", "a", 90000, "", 1, JW_PATTERN_LIMIT},
	{"a greedy class", "[a-z]+[0-9]", "a", 90000, "", 1, JW_PATTERN_LIMIT},
	{"(x+x+)+y", "(x+x+)+y", "x", 90000, "", 0, JW_OK},
	{"(x+x+)+y in time", "(x+x+)+y", "x", 90000, "", 1, JW_PATTERN_LIMIT},
	{"(x+x+)+y with a y in front", "(x+x+)+[yz]", "x", 90000, "", 1, JW_PATTERN_LIMIT},
	{"nested dots in a lookahead", "(?=.*.*.*X)", "a", 90000, "", 0, JW_PATTERN_LIMIT},
	{"recursion to the left", "(?R)?a", "a", 1000, "", 0, JW_PATTERN_LIMIT},
	{"recursion to the depths", "(?:a(?R)?)+b", "a", 90000, "b", 0, JW_PATTERN_LIMIT},
	{"a limit raised by the pattern", "(*LIMIT_MATCH=4000000000)(a|aa)+[yz]", "a", 90000,
	 "", 1, JW_PATTERN_LIMIT},
	{"a limit lowered by the pattern", "(*LIMIT_MATCH=5)(a|b)+[yz]", "ab", 100, "", 1,
	 JW_PATTERN_LIMIT},
	{"a prefix at every place", "eyJ[A-Za-z0-9]+\\.", "eyJ", 30000, "", 1,
	 JW_PATTERN_LIMIT},
	{"a line at every place", "(?m)^[\\n]*x", "\n", 90000, "", 1, JW_PATTERN_LIMIT},
	{"dot star on one line", ".*foo", "a", 90000, "", 1, JW_OK},
	{"dot star over lines", "(?s).*foo", "a", 90000, "", 1, JW_OK},
};

static void explode(const struct explosion *row, struct jw_pattern *pattern)
{
	struct ticking clock = {.tick = row->tick};
	struct jw_budget budget = budget_of(&clock);
	jw_autobuf struct jw_buf text = JW_BUF(1000000);
	struct jw_str match;
	struct jw_err err = {0};
	size_t at = 0;
	bool found;

	for (size_t i = 0; i < row->count; i++)
		jw_buf_text(&text, row->piece);
	jw_buf_text(&text, row->end);
	assert_int_equal(
		jw_pattern_next(pattern, jw_buf_get(&text), &budget, &at, &found, &match, &err),
		row->cause);
	if (row->cause)
		assert_non_null(strstr(err.text, "pattern"));
	jw_pattern_free(pattern);
}

static void explodes_within_limits(void **state)
{
	const struct explosion *row = *state;

	explode(row, pattern_of(jw_str_of(row->regex)));
}

static void explodes_within_limits_under_jit(void **state)
{
	const struct explosion *row = *state;
	struct jw_pattern *pattern = pattern_of(jw_str_of(row->regex));

	try_jit(pattern);
	explode(row, pattern);
}

static void says_what_the_budget_was(void **state)
{
	struct jw_pattern *pattern = pattern_of(JW_STR("[a-z]+?[0-9]"));
	struct ticking clock = {.ms = 1000};
	struct jw_budget budget = budget_of(&clock);
	struct jw_str match = {0};
	struct jw_err err = {0};
	size_t at = 0;
	bool found = false;

	(void)state;
	assert_int_equal(
		jw_pattern_next(pattern, JW_STR("a1"), &budget, &at, &found, &match, &err),
		JW_PATTERN_LIMIT);
	assert_string_equal(err.text, "the pattern's search took longer than its 1000 ms");
	clock.ms = 999;
	assert_int_equal(
		jw_pattern_next(pattern, JW_STR("a1"), &budget, &at, &found, &match, &err),
		JW_OK);
	assert_true(found && jw_str_is(match, "a1"));
	jw_pattern_free(pattern);
}

/* A page that turns bad in the middle: windows that have grown over the good part shrink at the limit. */
static void shrinks_at_the_limit(void **state)
{
	struct jw_pattern *pattern = pattern_of(JW_STR("(?:[a-z]|_)+?[0-9]"));
	jw_autobuf struct jw_buf text = JW_BUF(1000000);
	jw_autobuf struct jw_buf found = JW_BUF(1000000);

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		jw_buf_char(&text, ' ');
	for (size_t i = 0; i < 20000; i++)
		jw_buf_char(&text, 'a');
	jw_buf_char(&text, '1');
	assert_int_equal(find_all(pattern, jw_buf_get(&text), &found), JW_OK);
	assert_int_equal(found.len, 20003);
	jw_pattern_free(pattern);
}

/* The small texts of the rows are searched without the JIT, as small pages are; here with it. */
static void jit_finds_the_same(void **state)
{
	const struct row *row = *state;
	struct jw_pattern *pattern = pattern_of(jw_str_of(row->regex));
	jw_autobuf struct jw_buf found = JW_BUF(10000);

	try_jit(pattern);
	assert_int_equal(find_all(pattern, jw_str_of(row->text), &found), JW_OK);
	assert_string_equal(found.ptr, row->found);
	jw_pattern_free(pattern);
}

static void interpreter_finds_the_same(void **state)
{
	const struct row *row = *state;
	jw_autofree char *regex = NULL;
	struct jw_pattern *pattern;
	jw_autobuf struct jw_buf found = JW_BUF(10000);
	size_t len = strlen(row->regex);

	regex = jw_xcalloc(1, len + sizeof("(*NO_JIT)"));
	memcpy(regex, "(*NO_JIT)", sizeof("(*NO_JIT)") - 1);
	memcpy(regex + sizeof("(*NO_JIT)") - 1, row->regex, len);
	pattern = pattern_of(jw_str_of(regex));
	try_jit(pattern);
	assert_true(jw_pattern_is_slow(pattern));
	assert_int_equal(find_all(pattern, jw_str_of(row->text), &found), JW_OK);
	assert_string_equal(found.ptr, row->found);
	jw_pattern_free(pattern);
}

static void interpreter_keeps_to_limits(void **state)
{
	static const char *const regexes[] = {"(*NO_JIT)(a|aa)+[yz]", "(*NO_JIT)(?=.*.*.*X)",
					      "(*NO_JIT)[a-z]+?[0-9]", "(*NO_JIT)(?R)?a"};

	(void)state;
	for (size_t i = 0; i < sizeof(regexes) / sizeof(*regexes); i++) {
		struct explosion row = {"", regexes[i], "a", 20000, "", 1, JW_PATTERN_LIMIT};
		void *place = &row;

		explodes_within_limits(&place);
	}
}

static void jit_is_used_for_large_texts(void **state)
{
	struct jw_pattern *pattern = pattern_of(JW_STR("[b-z]bc"));
	jw_autobuf struct jw_buf text = JW_BUF(JIT_FROM);
	jw_autobuf struct jw_buf found = JW_BUF(100);
	uint32_t has = 0;

	(void)state;
	pcre2_config(PCRE2_CONFIG_JIT, &has);
	while (text.len < JIT_FROM - 1)
		jw_buf_char(&text, 'a');
	assert_int_equal(find_all(pattern, jw_buf_get(&text), &found), JW_OK);
	assert_int_equal(pattern->jit, JIT_UNTRIED);
	jw_buf_char(&text, 'a');
	assert_int_equal(find_all(pattern, jw_buf_get(&text), &found), JW_OK);
	assert_int_equal(pattern->jit, has ? JIT_ON : JIT_REFUSED);
	assert_int_equal(jw_pattern_is_slow(pattern), !has);
	jw_pattern_free(pattern);
}

int main(void)
{
	JW_ROWS(rows, finds);
	JW_ROWS(rows, jit_finds_the_same);
	JW_ROWS(rows, interpreter_finds_the_same);
	JW_TEST(finds_behind_nul);
	JW_TEST(leaves_all_without_a_match);
	JW_ROWS(wrongs, refuses);
	JW_TEST(escaped_g_is_allowed);
	JW_ROWS(prefixes, knows_its_starts);
	JW_TEST(shortcuts_find_the_same);
	JW_TEST(windows_find_the_same);
	JW_ROWS(explosions, explodes_within_limits);
	JW_ROWS(explosions, explodes_within_limits_under_jit);
	JW_TEST(interpreter_keeps_to_limits);
	JW_TEST(says_what_the_budget_was);
	JW_TEST(shrinks_at_the_limit);
	JW_TEST(jit_is_used_for_large_texts);
	return rows_run();
}
