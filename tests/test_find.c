/* SPDX-License-Identifier: MIT */
/* Tokens found in pages of all kinds, whole and in windows; placeholders; and texts scrubbed of tokens. */
#include <string.h>

#include "rows.h"

#include "base/buf.h"
#include "base/mem.h"
#include "token/base64url.h"

/* Every look at a character is counted: that is the finder's work. */
static size_t looks;

static int counted_value(char c)
{
	looks++;
	return jw_base64url_value(c);
}

static bool counted_is_char(char c)
{
	return counted_value(c) >= 0;
}

#define jw_base64url_value counted_value
#define jw_base64url_is_char counted_is_char
#include "token/find.c"

/* {"alg":"HS256"}, {"sub":"a"} and a signature; N has "none" for its alg. */
#define H "eyJhbGciOiJIUzI1NiJ9"
#define N "eyJhbGciOiJub25lIn0"
#define P "eyJzdWIiOiJhIn0"
#define S "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE"
#define T H "." P "." S

struct page {
	const char *name;
	const char *text;
	const char *found; /* the tokens, each ended by a newline */
};

static const struct page pages[] = {
	{"nothing", "", ""},
	{"no token", "<html>eye, key, ey, eyJ</html>", ""},
	{"the token alone", T, T "\n"},
	{"in single quotes", "const TOKEN = '" T "';", T "\n"},
	{"in double quotes", "data-lk-token=\"" T "\">", T "\n"},
	{"in HTML entities", "&quot;" T "&quot;", T "\n"},
	{"in escaped quotes", "{\\\"token\\\":\\\"" T "\\\"}", T "\n"},
	{"behind \\u0022", "\\u0022" T "\\u0022", T "\n"},
	{"behind %22", "%22" T "%22", T "\n"},
	{"behind \\n", "\\n" T "\\n", T "\n"},
	{"in a query", "https://x/?token=" T "&room=a", T "\n"},
	{"in tags", "<b>" T "</b>", T "\n"},
	{"two side by side", T " " T, T "\n" T "\n"},
	{"three in lines", T "\n" H "." P ".abc\n" T "\n", T "\n" H "." P ".abc\n" T "\n"},
	{"at the end of a sentence", "It is " T ". Then more.", T "\n"},
	{"at the end of a sentence and of the text", "It is " T ".", T "\n"},
	{"with padding", "'" H "=." P "==." S "='", H "=." P "==." S "=\n"},
	{"padding of three isn't padding", "'" T "==='", T "==\n"},
	{"alg none, unsigned", "'" N "." P ".'", N "." P ".\n"},
	{"unsigned at the end of the text", N "." P ".", N "." P ".\n"},
	{"two segments", "'" H "." P "'", H "." P "\n"},
	{"a header and a dot", "'" H ".'", H ".\n"},
	{"a header and two dots", "'" H "..'", H "..\n"},
	{"detached payload", "'" H ".." S "'", H ".." S "\n"},
	{"a bare header is nothing", "'" H "'", ""},
	{"a bare header at the end is nothing", H, ""},
	{"a header left off with dots", "it begins with " H "...", ""},
	{"left off in the middle", H "..." S, ""},
	{"a token behind one left off", H "... " T, T "\n"},
	{"four segments", "'" T ".abcd'", T ".abcd\n"},
	{"an encrypted token", "'" H ".a.b.c.d'", H ".a.b.c.d\n"},
	{"an encrypted token without a key", "'" H "..b.c.d'", H "..b.c.d\n"},
	{"a token behind an encrypted one", H ".a.b.c.d " T, H ".a.b.c.d\n" T "\n"},
	{"an encrypted token that holds a token's header", "'" H "." H ".b.c.d'",
	 H "." H ".b.c.d\n"},
	{"before the end of a comment", "<!--" T "-->", T "\n"},
	{"two dashes of its own", "'" T "--'", T "--\n"},
	{"two dashes of its own before the end of a comment", "<!--" T "---->", T "--\n"},
	{"two dashes at the end", T "--", T "--\n"},
	{"unsigned before the end of a comment", "<!--" N "." P ".-->", N "." P ".\n"},
	{"two segments before the end of a comment", "<!--" H "." P "-->", H "." P "\n"},
	{"a header, a dot and the end of a comment", "<!--" H ".-->", H ".\n"},
	{"padding before the end of a comment", "<!--" T "=-->", T "=\n"},
	{"an arrow", "'" T "->'", T "-\n"},
	{"six segments", "'" H ".a.b.c.d.e'", H ".a.b.c.d.e\n"},
	{"a header without alg", "'eyJ0eXAiOiJKV1QifQ." P "." S "'", ""},
	/* {"alg":256}, {"a":{"alg":"x"}}, {"alg":"x"}}, {"alg":"x",} */
	{"alg is no text", "'eyJhbGciOjI1Nn0." P "." S "'", ""},
	{"alg is deeper", "'eyJhIjp7ImFsZyI6IngifX0." P "." S "'", ""},
	{"more behind the header", "'eyJhbGciOiJ4In19." P "." S "'", ""},
	{"a trailing comma in the header", "'eyJhbGciOiJ4Iix9." P "." S "'", ""},
	/* {"typ":"JWT","alg":"HS256","kid":"\"}","n":-1.5e9,"x":[{"y":[]},null]} */
	{"a header with everything",
	 "'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6IlwifSIsIm4iOi0xLjVlOSwieCI6W3sieSI6W119"
	 "LG51bGxdfQ." P "." S "'",
	 "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6IlwifSIsIm4iOi0xLjVlOSwieCI6W3sieSI6W119"
	 "LG51bGxdfQ." P "." S "\n"},
	/* {"alg":"H<newline>"} */
	{"a header with a control character", "eyJhbGciOiJICiJ9." P "." S, ""},
	/* {"alg" : "x" } */
	{"a header with blanks", "'eyJhbGciIDogIngiIH0." P "." S "'",
	 "eyJhbGciIDogIngiIH0." P "." S "\n"},
	/* {"a":"{\"alg\":1}","alg":"HS256"} */
	{"a header that quotes another",
	 "eyJhIjoie1wiYWxnXCI6MX0iLCJhbGciOiJIUzI1NiJ9." P "." S,
	 "eyJhIjoie1wiYWxnXCI6MX0iLCJhbGciOiJIUzI1NiJ9." P "." S "\n"},
	{"letters in front of the header", "abc" T, T "\n"},
	{"a false start in front", "eyJeyJ" T, T "\n"},
	{"base64url without a token", "'eyJhbGciOiJIUzI1NiJ9eyJ." P "." S "'", ""},
	{"impossible length of a header", "'" H "A." P "." S "'", ""},
	{"dots in the payload's place", H ". ." S, H ".\n"},
	{"NUL ends it", "x", ""},
};

static void collect(struct jw_str text, struct jw_buf *found)
{
	size_t at = 0;
	struct jw_str token;

	jw_buf_text(found, "");
	while (jw_find_next(text, JW_FIND_LAST, &at, &token)) {
		assert_true(at <= text.len && token.ptr + token.len == text.ptr + at);
		jw_buf_str(found, token);
		jw_buf_text(found, "\n");
	}
	assert_int_equal(at, text.len);
}

/* As a reader with windows does it: bytes come `step` at a time, those before *at are forgotten. */
static void collect_in_windows(struct jw_str text, size_t step, struct jw_buf *found)
{
	size_t kept = 0;
	size_t end = 0;
	struct jw_str token;

	jw_buf_text(found, "");
	while (end < text.len) {
		size_t at = 0;
		char *window;

		end = text.len - end < step ? text.len : end + step;
		window = jw_xmalloc(end - kept);
		memcpy(window, text.ptr + kept, end - kept);
		while (jw_find_next((struct jw_str){window, end - kept},
				    end < text.len ? JW_FIND_MORE_FOLLOWS : JW_FIND_LAST, &at,
				    &token)) {
			jw_buf_str(found, token);
			jw_buf_text(found, "\n");
		}
		free(window);
		kept += at;
		assert_true(end - kept <= JW_JWT_MAX);
	}
}

static void finds(void **state)
{
	const struct page *row = *state;
	jw_autobuf struct jw_buf found = JW_BUF(100000);

	collect(jw_str_of(row->text), &found);
	assert_string_equal(found.ptr, row->found);
}

static void finds_in_windows(void **state)
{
	const struct page *row = *state;
	struct jw_str text = jw_str_of(row->text);

	for (size_t step = 1; step <= text.len; step++) {
		jw_autobuf struct jw_buf found = JW_BUF(100000);

		collect_in_windows(text, step, &found);
		assert_string_equal(found.ptr, row->found);
	}
}

static void goes_on_behind_nul(void **state)
{
	jw_autobuf struct jw_buf found = JW_BUF(100000);

	(void)state;
	collect(JW_STR("\0\0" T "\0" T "\0"), &found);
	assert_string_equal(found.ptr, T "\n" T "\n");
}

static void keeps_a_beginning(void **state)
{
	size_t at = 0;
	struct jw_str token = {0};

	(void)state;
	assert_false(jw_find_next(JW_STR("page ey"), JW_FIND_MORE_FOLLOWS, &at, &token));
	assert_int_equal(at, 5);
	at = 0;
	assert_false(jw_find_next(JW_STR("page e"), JW_FIND_MORE_FOLLOWS, &at, &token));
	assert_int_equal(at, 5);
	at = 0;
	assert_false(jw_find_next(JW_STR("text"), JW_FIND_MORE_FOLLOWS, &at, &token));
	assert_int_equal(at, 4);
	at = 0;
	assert_false(jw_find_next(JW_STR("a " T), JW_FIND_MORE_FOLLOWS, &at, &token));
	assert_int_equal(at, 2);
	at = 0;
	assert_false(jw_find_next(JW_STR("a eyJhbGci!"), JW_FIND_MORE_FOLLOWS, &at, &token));
	assert_int_equal(at, sizeof("a eyJhbGci!") - 1);
	assert_null(token.ptr);
}

static void add_times(struct jw_buf *buf, const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		jw_buf_text(buf, text);
}

/* Too long a token ends at one byte over what the decoder takes. */
static void too_long_is_cut(void **state)
{
	jw_autobuf struct jw_buf page = JW_BUF(1000000);
	jw_autobuf struct jw_buf found = JW_BUF(1000000);
	size_t at = 0;
	struct jw_str token;

	(void)state;
	jw_buf_text(&page, "'" H "." P ".");
	add_times(&page, "A", 200000);
	jw_buf_text(&page, "' " T);
	assert_true(jw_find_next(jw_buf_get(&page), JW_FIND_LAST, &at, &token));
	assert_int_equal(token.len, JW_JWT_MAX + 1);
	assert_true(jw_find_next(jw_buf_get(&page), JW_FIND_LAST, &at, &token));
	assert_true(jw_str_is(token, T));
	collect_in_windows(jw_buf_get(&page), 1000, &found);
	assert_int_equal(found.len, JW_JWT_MAX + 1 + 1 + sizeof(T "\n") - 1);
	/* A window that ends with the one byte too many. */
	jw_buf_clear(&found);
	collect_in_windows(jw_buf_get(&page), (JW_JWT_MAX + 2) / 2, &found);
	assert_int_equal(found.len, JW_JWT_MAX + 1 + 1 + sizeof(T "\n") - 1);
}

static void longest_is_whole(void **state)
{
	jw_autobuf struct jw_buf page = JW_BUF(1000000);
	size_t at = 0;
	struct jw_str token;

	(void)state;
	jw_buf_text(&page, H "." P ".");
	add_times(&page, "A", JW_JWT_MAX - page.len);
	jw_buf_text(&page, "'");
	assert_true(jw_find_next(jw_buf_get(&page), JW_FIND_MORE_FOLLOWS, &at, &token));
	assert_int_equal(token.len, JW_JWT_MAX);
}

/* A page made to be slow: a piece, so often that it fills the page, with an end behind each group. */
struct hostile {
	const char *name;
	const char *piece;
	size_t group;
	const char *end;
};

static const struct hostile hostile[] = {
	{"eyJ for ever", "eyJ", 10000000, ""},
	{"eyJ, a dot at the end of 4 KiB", "eyJ", 1365, "."},
	{"eyJ, a dot at the end of 60 KiB", "eyJ", 20480, "."},
	/* {"ab":{"ab":{"ab": ... */
	{"objects in objects", "eyJhYiI6", 8000, "."},
	/* {"a":[ {"ab":1},{"ab":1}, ... */
	{"a list of objects", "eyJhYiI6MX0s", 5000, "."},
	/* {"ab":"{","ab":"{", ... : read with the quotes the other way round */
	{"brackets in texts", "eyJhYiI6InsiLCJhYiI6Insi", 2500, "."},
	/* {"a{":1,"b{":1,... */
	{"texts that end like objects begin", "eyJheyI6MSwi", 5000, "."},
	/* {":":{":":... reads the same either way */
	{"texts and objects alike", "eyI6Ijp7", 8000, "."},
	{"headers and dots", H ".", 10000000, ""},
	{"headers, dots and padding", H "==.", 10000000, ""},
	{"unsigned tokens", N "..", 10000000, ""},
	{"encrypted tokens", H ".a.b.c.d ", 10000000, ""},
	{"headers alone", H " ", 10000000, ""},
	{"ey without J", "ey", 10000000, ""},
	{"the alphabet without a dot", "ABCDeyJhbGciOiJ", 10000000, " "},
};

static void stays_linear(void **state)
{
	const struct hostile *row = *state;
	const size_t size = 384 * 1024;
	jw_autobuf struct jw_buf page = {0};
	size_t at = 0;
	struct jw_str token;

	jw_buf_init(&page, size + JW_JWT_MAX * 2);
	while (page.len < size) {
		size_t room = (size - page.len) / strlen(row->piece) + 1;

		add_times(&page, row->piece, room < row->group ? room : row->group);
		jw_buf_text(&page, row->end);
	}
	looks = 0;
	while (jw_find_next(jw_buf_get(&page), JW_FIND_LAST, &at, &token))
		;
	assert_in_range(looks, 0, 64 * page.len);
}

/* Where a candidate's work is found again inside every window. */
static void stays_linear_in_windows(void **state)
{
	const size_t size = 384 * 1024;
	jw_autobuf struct jw_buf page = {0};
	jw_autobuf struct jw_buf found = {0};

	(void)state;
	jw_buf_init(&page, size * 2);
	jw_buf_init(&found, size);
	while (page.len < size)
		jw_buf_text(&page, "eyJhYiI6MX0s");
	looks = 0;
	collect_in_windows(jw_buf_get(&page), 256 * 1024, &found);
	assert_in_range(looks, 0, 64 * page.len);
}

struct word {
	const char *name;
	const char *text;
};

static const struct word placeholders[] = {
	{"nothing", ""},
	{"a blank", " "},
	{"two quotes", "''"},
	{"quotes and a blank", "\" \""},
	{"mustache", "{{TOKEN}}"},
	{"mustache with blanks", "{{ token }}"},
	{"mustache, a path and a filter", "{{ .Values.token | quote }}"},
	{"triple mustache", "{{{token}}}"},
	{"a shell variable in braces", "${TOKEN}"},
	{"a shell variable with a default", "${TOKEN:-none}"},
	{"a shell variable", "$TOKEN"},
	{"a shell command", "$(cat token)"},
	{"erb", "<%= token %>"},
	{"jinja", "{% token %}"},
	{"php", "<?= $token ?>"},
	{"a Ruby expression", "#{token}"},
	{"underscores", "__TOKEN__"},
	{"percent signs", "%TOKEN%"},
	{"at signs", "@TOKEN@"},
	{"in angle brackets", "<token>"},
	{"in angle brackets, words", "<your token here>"},
	{"in square brackets", "[TOKEN]"},
	{"an un-awaited promise as JSON", "{}"},
	{"an un-awaited promise as text", "[object Promise]"},
	{"an object as text", "[object Object]"},
	{"YOUR_TOKEN_HERE", "YOUR_TOKEN_HERE"},
	{"your-token", "your-token"},
	{"yourTokenHere", "yourTokenHere"},
	{"<YOUR_LIVEKIT_TOKEN>", "<YOUR_LIVEKIT_TOKEN>"},
	{"paste your token here", "Paste your JWT here!"},
	{"REPLACE_ME", "REPLACE_ME"},
	{"changeme", "changeme"},
	{"insert-access-token", "insert-access-token"},
	{"a quoted one", "'YOUR_TOKEN'"},
	{"xxx", "xxx"},
	{"XXXXXXXXXX", "XXXXXXXXXX"},
	{"xxx-xxx", "xxx-xxx"},
	{"null", "null"},
	{"undefined", "undefined"},
	{"None", "None"},
	{"nil", "nil"},
	{"n/a", "n/a"},
	{"TODO", "TODO"},
	{"TBD", "TBD"},
	{"placeholder", "placeholder"},
	{"token", "token"},
	{"dots", "..."},
	{"stars", "********"},
	{"dashes", "--"},
	{"a token left off", "eyJhbGciOi..."},
	{"a token left off with one sign", "eyJhbGciOi\xe2\x80\xa6"},
	{"redacted", "[REDACTED]"},
};

static const struct word values[] = {
	{"a token", T},
	{"an unsigned token", N "." P "."},
	{"a header", H},
	{"a cut token", "eyJhbGciOiJIUzI1NiJ9.eyJ"},
	{"an opaque token", "gho_16C7e42F292c6912E7710c838347Ae178B4a"},
	{"a number", "1700000000"},
	{"a hex digest", "d41d8cd98f00b204e9800998ecf8427e"},
	{"a UUID", "123e4567-e89b-12d3-a456-426614174000"},
	{"a word of its own", "hello"},
	{"a URL", "wss://example.com"},
	{"a token in quotes", "'" T "'"},
	{"a word with a placeholder's beginning", "tokenizer9"},
};

static void is_placeholder(void **state)
{
	const struct word *row = *state;

	assert_true(jw_find_is_placeholder(jw_str_of(row->text)));
}

static void is_value(void **state)
{
	const struct word *row = *state;

	assert_false(jw_find_is_placeholder(jw_str_of(row->text)));
}

static void long_text_is_no_placeholder(void **state)
{
	jw_autobuf struct jw_buf text = JW_BUF(10000);

	(void)state;
	add_times(&text, "x", 1000);
	assert_false(jw_find_is_placeholder(jw_buf_get(&text)));
	jw_buf_clear(&text);
	add_times(&text, "-", 1000);
	assert_false(jw_find_is_placeholder(jw_buf_get(&text)));
	assert_true(jw_find_is_placeholder((struct jw_str){0}));
}

struct scrub {
	const char *name;
	const char *text;
	const char *left;
};

static const struct scrub scrubs[] = {
	{"nothing", "", ""},
	{"a sentence",
	 "/srv/voice/page.html:13 token ended 2h11m ago (2026-01-02T03:04:05Z); fix: "
	 "jwtwatch renew voice-page.",
	 "/srv/voice/page.html:13 token ended 2h11m ago (2026-01-02T03:04:05Z); fix: "
	 "jwtwatch renew voice-page."},
	{"a sentence about tokens", "it begins with eyJ, and eyJ... is how one is left off.",
	 "it begins with eyJ, and eyJ... is how one is left off."},
	{"a long file name",
	 "/srv/VoiceAgentSelector-2026-05-01-production-eu-west-1-copy-of-Copy.backup.html",
	 "/srv/VoiceAgentSelector-2026-05-01-production-eu-west-1-copy-of-Copy.backup.html"},
	{"a hashed file name", "/static/main.d41d8cd98f00b204e9800998ecf8427e.chunk.js",
	 "/static/main.d41d8cd98f00b204e9800998ecf8427e.chunk.js"},
	{"a SHA-256", "x.e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	 "x.e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"the token alone", T, "[token]"},
	{"what a server says", "invalid token: " T ", error: token is expired",
	 "invalid token: [token], error: token is expired"},
	{"the end of a sentence stays", "It is " T ". Then more.", "It is [token]. Then more."},
	{"two tokens", T " and " T, "[token] and [token]"},
	{"in a query", "GET /rtc?access_token=" T "&x=1", "GET /rtc?access_token=[token]&x=1"},
	{"with padding", "'" H "=." P "==." S "='", "'[token]'"},
	{"percent-encoded dots", "'" H "%2E" P "%2e" S "'", "'[token]'"},
	{"percent-encoded padding", "'" H "%3D." P "%3d%3D." S "%3D'", "'[token]'"},
	{"behind a percent-encoded quote", "%22" T "%22", "%22[token]%22"},
	{"a header alone", "'" H "'", "'[token]'"},
	{"two segments", H "." P, "[token]"},
	{"an unsigned token", N "." P ".", "[token]."},
	{"cut behind the header", H ".eyJz", "[token]"},
	{"cut in front: a payload and its signature", P "." S, "[token]"},
	{"cut in front of the payload", "zdWIiOiJhIn0." S "!", "[token]!"},
	{"cut to a dot and the signature", "." S, "[token]"},
	{"with the header's end in front", "UzI1NiJ9." P "." S, "UzI1NiJ9.[token]"},
	{"a signature that has eyJ in it", "zdWIiOiJhIn0.AbeyJ" S, "[token]"},
	{"a signature behind an escaped dot", P "\\." S, P "\\[token]"},
	{"an encrypted token", H ".a.b." S "." S, "[token]"},
	{"letters in front", "abc" T, "abc[token]"},
	{"in quotes in JSON", "{\"token\":\"" T "\"}", "{\"token\":\"[token]\"}"},
};

static void scrubs_text(void **state)
{
	const struct scrub *row = *state;
	jw_autofree char *text = jw_xstrdup(row->text);

	jw_find_scrub(text);
	assert_string_equal(text, row->left);
	jw_find_scrub(text);
	assert_string_equal(text, row->left);
}

/* Wherever a token is cut off at the front, no 12 characters of its signature are left. */
static void scrubs_every_tail(void **state)
{
	static const char token[] = "x " T " y";

	(void)state;
	for (size_t i = 2; i + sizeof(S " y") < sizeof(token); i++) {
		jw_autofree char *text = jw_xstrdup(token + i);

		jw_find_scrub(text);
		for (size_t j = 0; j + 12 < sizeof(S); j++) {
			char piece[13] = "";

			memcpy(piece, &S[j], 12);
			assert_null(strstr(text, piece));
		}
	}
}

/* Wherever it is cut off at the end, no byte of the payload is left from which one could read. */
static void scrubs_every_head(void **state)
{
	static const char token[] = "x " T;

	(void)state;
	for (size_t len = 2 + sizeof(H); len < sizeof(token); len++) {
		jw_autofree char *text = jw_xstrdup(token);

		text[len] = '\0';
		jw_find_scrub(text);
		assert_true(!strncmp(text, "x [token]", 9));
		assert_true(strlen(text) <= sizeof("x [token].") - 1);
	}
}

int main(void)
{
	JW_ROWS(pages, finds);
	JW_ROWS(pages, finds_in_windows);
	JW_TEST(goes_on_behind_nul);
	JW_TEST(keeps_a_beginning);
	JW_TEST(too_long_is_cut);
	JW_TEST(longest_is_whole);
	JW_ROWS(hostile, stays_linear);
	JW_TEST(stays_linear_in_windows);
	JW_ROWS(placeholders, is_placeholder);
	JW_ROWS(values, is_value);
	JW_TEST(long_text_is_no_placeholder);
	JW_ROWS(scrubs, scrubs_text);
	JW_TEST(scrubs_every_tail);
	JW_TEST(scrubs_every_head);
	return rows_run();
}
