/* SPDX-License-Identifier: MIT */
/* What servers' answers mean, by the cases in tests/data/livekit, and the words for each refusal. */
#include "livekit/classify.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "rows.h"

#include "base/buf.h"
#include "base/mem.h"

#define JWT "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJBUElub2JvZHkifQ.c2lnbmF0dXJlLXRoYXQtaXMtbWFkZS11cA"
#define CASES_MAX 400

enum { FILE_NAME, STATUS, CONTENT_TYPE, ANSWER, REFUSAL, ASKED, SEEN, FIELDS };

struct row {
	const char *name;
	struct jw_str fields[FIELDS];
	struct jw_answer_seen seen;
};

static struct row rows[CASES_MAX];
static size_t row_count;
static struct jw_arena arena;

static const char *const answers[] = {
	[JW_ANSWER_ACCEPTED] = "accepted",
	[JW_ANSWER_REFUSED] = "refused",
	[JW_ANSWER_READY] = "ready",
	[JW_ANSWER_NOT_READY] = "not_ready",
	[JW_ANSWER_NOT_LIVEKIT] = "not_livekit",
};

static struct jw_str read_data(const char *name)
{
	const char *root = getenv("top_srcdir");
	const char *path =
		jw_arena_printf(&arena, "%s/tests/data/livekit/%s", root ? root : ".", name);
	FILE *file = fopen(path, "re");
	char bytes[65536];
	size_t len;

	if (!file) {
		fprintf(stderr, "%s can't be opened\n", path);
		exit(1);
	}
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	return jw_arena_str(&arena, (struct jw_str){bytes, len});
}

static struct jw_str with_token(struct jw_str body)
{
	jw_autobuf struct jw_buf buf = JW_BUF(65536);
	const char *mark = body.len ? memmem(body.ptr, body.len, "@JWT@", 5) : NULL;

	if (!mark)
		return body;
	jw_buf_add(&buf, body.ptr, (size_t)(mark - body.ptr));
	jw_buf_text(&buf, JWT);
	jw_buf_str(&buf, jw_str_from(body, (size_t)(mark - body.ptr) + 5));
	return jw_arena_str(&arena, jw_buf_get(&buf));
}

static void read_case(struct jw_str line)
{
	struct row *row = &rows[row_count];
	uint64_t status = 0;

	for (int i = 0; i < FIELDS - 1; i++)
		if (!jw_str_cut(line, '\t', &row->fields[i], &line))
			abort();
	row->fields[SEEN] = line;
	if (!jw_str_u64(row->fields[STATUS], 999, &status) || row_count == CASES_MAX - 1)
		abort();
	row->name = jw_arena_text(&arena, row->fields[FILE_NAME]);
	row->seen.status = (long)status;
	if (!jw_str_is(row->fields[CONTENT_TYPE], "-"))
		row->seen.content_type = row->fields[CONTENT_TYPE];
	row->seen.body = with_token(read_data(row->name));
	row_count++;
}

static void read_cases(void)
{
	struct jw_str text = read_data("cases");
	struct jw_str line;

	while (jw_str_cut(text, '\n', &line, &text))
		if (line.len && line.ptr[0] != '#')
			read_case(line);
}

static enum jw_answer ask(const struct row *row, const struct jw_answer_seen *seen,
			  enum jw_refusal *ret_refusal, const char **ret_says)
{
	*ret_refusal = JW_REFUSAL_NONE;
	if (jw_str_is(row->fields[ASKED], "health"))
		return jw_classify_health(seen, ret_says);
	if (jw_str_is(row->fields[ASKED], "rooms"))
		return jw_classify_rooms(seen, ret_refusal, ret_says);
	assert_true(jw_str_is(row->fields[ASKED], "validate"));
	return jw_classify_validate(seen, ret_refusal, ret_says);
}

static void classifies(void **state)
{
	const struct row *row = *state;
	enum jw_refusal refusal;
	const char *says = "not set";
	enum jw_answer answer = ask(row, &row->seen, &refusal, &says);

	assert_string_equal(answers[answer], jw_arena_text(&arena, row->fields[ANSWER]));
	assert_string_equal(refusal ? jw_refusal_row(refusal)->name : "-",
			    jw_arena_text(&arena, row->fields[REFUSAL]));
	assert_int_equal(!!says, answer == JW_ANSWER_NOT_LIVEKIT);
}

/* The status stands in each, where it is one of the common ones. */
static void says_the_status(void **state)
{
	const struct row *row = *state;
	enum jw_refusal refusal;
	const char *says;
	const char *status = jw_arena_printf(&arena, "(status %ld)", row->seen.status);

	if (ask(row, &row->seen, &refusal, &says) != JW_ANSWER_NOT_LIVEKIT)
		return;
	assert_true(strstr(says, status) || strstr(says, "with a status that LiveKit"));
	assert_null(strchr(says, '\n'));
	assert_null(strchr(says, '%'));
}

/* Whatever the words, HTML isn't LiveKit's, and JSON only where rooms are listed. */
static void page_and_json_never_are(void **state)
{
	static const char *const types[] = {
		"text/html",	    "TEXT/HTML; charset=utf-8", "application/xhtml+xml",
		"application/json", "application/problem+json", "image/png"};
	const struct row *row = *state;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct jw_answer_seen seen = row->seen;
		enum jw_refusal refusal;
		const char *says;

		seen.content_type = jw_str_of(types[i]);
		if (jw_str_is(row->fields[ASKED], "rooms") &&
		    jw_str_has(seen.content_type, "json"))
			continue;
		assert_int_equal(ask(row, &seen, &refusal, &says), JW_ANSWER_NOT_LIVEKIT);
		assert_non_null(says);
	}
}

/* A proxy that writes the header in its own way, or drops it, changes nothing that is known by its words. */
static void header_may_vary(void **state)
{
	static const char *const types[] = {"", "TEXT/Plain", "text/plain ;charset=x",
					    " text/plain"};
	const struct row *row = *state;

	if (!jw_str_is(row->fields[CONTENT_TYPE], "text/plain; charset=utf-8"))
		return;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct jw_answer_seen seen = row->seen;
		enum jw_refusal first;
		enum jw_refusal second;
		const char *says;
		enum jw_answer answer = ask(row, &row->seen, &first, &says);

		seen.content_type = jw_str_of(types[i]);
		if (!seen.content_type.len &&
		    (first == JW_REFUSAL_OTHER || first == JW_REFUSAL_SERVER_ERROR))
			continue;
		assert_int_equal(ask(row, &seen, &second, &says), answer);
		assert_int_equal(first, second);
	}
}

/* "success" with anything before, behind, or left out, and with any other status, is no yes. */
static void only_success_is_success(void **state)
{
	static const char success[] = "xsuccessx";
	struct jw_answer_seen seen = {
		.status = 200, .content_type = JW_STR("text/plain"), .body = {NULL, 0}};
	enum jw_refusal refusal;
	const char *says;

	(void)state;
	for (size_t start = 0; start < 9; start++)
		for (size_t len = 0; start + len <= 9; len++) {
			bool is_it = start == 1 && len == 7;

			seen.body = (struct jw_str){success + start, len};
			assert_int_equal(jw_classify_validate(&seen, &refusal, &says) ==
						 JW_ANSWER_ACCEPTED,
					 is_it);
		}
	seen.body = JW_STR("success");
	for (seen.status = 0; seen.status < 1000; seen.status++)
		assert_int_equal(jw_classify_validate(&seen, &refusal, &says) ==
					 JW_ANSWER_ACCEPTED,
				 seen.status == 200);
	seen.status = 200;
	seen.body = JW_STR("success\0");
	assert_int_equal(jw_classify_validate(&seen, &refusal, &says), JW_ANSWER_NOT_LIVEKIT);
}

struct word_row {
	const char *name;
	long status;
	const char *body;
	enum jw_refusal refusal;
};

static const struct word_row word_rows[] = {
	{"a key that is called like another refusal", 401,
	 "invalid API key: permissions denied, token is expired", JW_REFUSAL_UNKNOWN_API_KEY},
	{"403 as 401", 403, "permissions denied", JW_REFUSAL_NO_ROOM_JOIN},
	{"words of 401 with 400", 400, "permissions denied", JW_REFUSAL_NONE},
	{"words of 404 with 401", 401, "requested room does not exist", JW_REFUSAL_OTHER},
	{"words of 503 with 500", 500, "node has exceeded its configured limit",
	 JW_REFUSAL_SERVER_ERROR},
	{"more behind the malformed token", 401, "invalid authorization token: anew",
	 JW_REFUSAL_OTHER},
	{"a malformed token of golang-jwt", 401,
	 "invalid token: x, error: token is malformed: token contains an invalid number of "
	 "segments",
	 JW_REFUSAL_MALFORMED},
	{"a word in the token alone", 401, "invalid token: expired.signature.denied, error: x",
	 JW_REFUSAL_OTHER},
	{"a stock phrase with its number", 403, "403 Forbidden", JW_REFUSAL_NONE},
	{"a stock phrase in another case", 401, "UNAUTHORIZED\r\n", JW_REFUSAL_NONE},
	{"several lines", 401, "denied\nsee below", JW_REFUSAL_NONE},
};

static void reads_words(void **state)
{
	const struct word_row *row = *state;
	struct jw_answer_seen seen = {.status = row->status,
				      .content_type = JW_STR("text/plain"),
				      .body = jw_str_of(row->body)};
	enum jw_refusal refusal = JW_REFUSAL_COUNT;
	const char *says;

	assert_int_equal(jw_classify_validate(&seen, &refusal, &says),
			 row->refusal ? JW_ANSWER_REFUSED : JW_ANSWER_NOT_LIVEKIT);
	assert_int_equal(refusal, row->refusal);
}

struct other_row {
	const char *name;
	struct jw_answer_seen seen;
	const char *says;
};

#define HTML .content_type = JW_STR("text/html"), .body = JW_STR("<html></html>")
#define TO(from, to) .url = JW_STR(from), .location = JW_STR(to)

/* Each of those that stand where LiveKit should is called what it is. */
static const struct other_row other_rows[] = {
	{"a web page", {.status = 200, HTML}, "as web servers and login pages of networks do"},
	{"a login page",
	 {.status = 302, TO("http://h/rtc/validate", "https://login.example/")},
	 "as login pages do"},
	{"a proxy that wants TLS",
	 {.status = 301, TO("http://h:80/rtc/validate", "https://H/rtc/validate")},
	 "write wss:// in the URL (status 301)"},
	{"the same, with 308",
	 {.status = 308, TO("http://h/", "https://h:8443/")},
	 "write wss:// in the URL (status 308)"},
	{"from https to https",
	 {.status = 301, TO("https://h/", "https://h/x")},
	 "as login pages do"},
	{"to a path", {.status = 301, TO("http://h/", "/login")}, "as login pages do"},
	{"LiveKit, with a path too much",
	 {.status = 404,
	  .content_type = JW_STR("text/plain; charset=utf-8"),
	  .body = JW_STR("404 page not found\n")},
	 "the path in the URL is one too much (status 404)"},
	{"a web server, with a path that it doesn't pass on",
	 {.status = 404, HTML},
	 "a web server has no such page"},
	{"an API",
	 {.status = 404, .content_type = JW_STR("application/json")},
	 "the API of another program"},
	{"a proxy with a password", {.status = 401, HTML}, "a proxy asks for a password"},
	{"a firewall", {.status = 403, HTML}, "a proxy or firewall forbids it"},
	{"a proxy without LiveKit",
	 {.status = 502, HTML},
	 "a proxy answers that the server behind it can't be reached"},
	{"a proxy that has no time",
	 {.status = 504, HTML},
	 "a proxy answers that the server behind it doesn't answer in time"},
};

static void others_are_named(void **state)
{
	const struct other_row *row = *state;
	enum jw_refusal refusal;
	const char *says;

	assert_int_equal(jw_classify_validate(&row->seen, &refusal, &says),
			 JW_ANSWER_NOT_LIVEKIT);
	if (!strstr(says, row->says))
		assert_string_equal(says, row->says);
	assert_int_equal(jw_classify_health(&row->seen, &says), JW_ANSWER_NOT_LIVEKIT);
	if (!strstr(says, row->says))
		assert_string_equal(says, row->says);
}

static void every_refusal_has_a_case(void **state)
{
	(void)state;
	for (int i = 1; i < JW_REFUSAL_COUNT; i++) {
		const char *name = jw_refusal_row((enum jw_refusal)i)->name;
		size_t met = 0;

		for (size_t j = 0; j < row_count; j++)
			met += jw_str_is(rows[j].fields[REFUSAL], name);
		if (!met)
			fail_msg("no case is %s", name);
	}
}

/* What stands for an answer of LiveKit's and wasn't seen from a server is marked. */
static void every_case_says_who_saw_it(void **state)
{
	static const char *const livekits[] = {"jose-",	 "jwt5-", "head-",
					       "cloud-", "join-", "health-"};

	(void)state;
	for (size_t i = 0; i < row_count; i++) {
		bool is_livekits = false;

		for (size_t j = 0; j < sizeof(livekits) / sizeof(*livekits); j++)
			is_livekits |= jw_str_starts(rows[i].fields[FILE_NAME], livekits[j]);
		if (is_livekits && jw_str_is(rows[i].fields[SEEN], "-"))
			fail_msg("%s: who saw it?", rows[i].name);
		assert_true(jw_str_is(rows[i].fields[SEEN], "-") ||
			    jw_str_is(rows[i].fields[SEEN], "unverified") ||
			    jw_str_starts(rows[i].fields[SEEN], "1."));
	}
}

static void every_file_is_a_case(void **state)
{
	const char *root = getenv("top_srcdir");
	DIR *folder =
		opendir(jw_arena_printf(&arena, "%s/tests/data/livekit", root ? root : "."));
	const struct dirent *entry;
	size_t files = 0;

	(void)state;
	assert_non_null(folder);
	while ((entry = readdir(folder)))
		files += jw_str_has(jw_str_of(entry->d_name), ".txt");
	closedir(folder);
	assert_int_equal(files, row_count);
	for (size_t i = 0; i < row_count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(rows[i].name, rows[j].name);
}

static void is_sentence(const char *text)
{
	size_t len = strlen(text);

	assert_true(len > 10 && len < 300);
	assert_null(strchr(text, '%'));
	assert_null(strchr(text, '\n'));
	assert_null(strstr(text, "eyJ"));
	assert_int_not_equal(text[len - 1], '.');
	assert_int_not_equal(text[len - 1], ' ');
	assert_null(strstr(text, "  "));
}

static void differ(const char *a, const char *b)
{
	if (a && b)
		assert_string_not_equal(a, b);
}

static void refusals_are_told_apart(void **state)
{
	(void)state;
	for (int i = 1; i < JW_REFUSAL_COUNT; i++) {
		const struct jw_refusal_row *row = jw_refusal_row((enum jw_refusal)i);

		is_sentence(row->says);
		is_sentence(row->remedy);
		if (row->browser)
			is_sentence(row->browser);
		for (int j = 1; j < i; j++) {
			const struct jw_refusal_row *other = jw_refusal_row((enum jw_refusal)j);

			differ(row->name, other->name);
			differ(row->says, other->says);
			differ(row->remedy, other->remedy);
			differ(row->browser, other->browser);
		}
	}
}

/* What a browser shows is the server's body, so it must be classified as what it stands beside. */
static void browser_words_are_the_servers(void **state)
{
	(void)state;
	for (int i = 1; i < JW_REFUSAL_COUNT; i++) {
		const char *browser = jw_refusal_row((enum jw_refusal)i)->browser;
		struct jw_answer_seen seen = {.status = 401,
					      .content_type = JW_STR("text/plain"),
					      .body = jw_str_of(browser)};
		enum jw_refusal refusal;
		const char *says;

		if (!browser)
			continue;
		if (i == JW_REFUSAL_ROOM_NOT_FOUND)
			seen.status = 404;
		assert_int_equal(jw_classify_validate(&seen, &refusal, &says),
				 JW_ANSWER_REFUSED);
		assert_int_equal(refusal, i);
	}
}

int main(void)
{
	int failed;

	read_cases();
	rows_add(rows, row_count, sizeof(*rows), classifies);
	rows_add(rows, row_count, sizeof(*rows), says_the_status);
	rows_add(rows, row_count, sizeof(*rows), page_and_json_never_are);
	rows_add(rows, row_count, sizeof(*rows), header_may_vary);
	JW_TEST(only_success_is_success);
	JW_ROWS(word_rows, reads_words);
	JW_ROWS(other_rows, others_are_named);
	JW_TEST(every_refusal_has_a_case);
	JW_TEST(every_case_says_who_saw_it);
	JW_TEST(every_file_is_a_case);
	JW_TEST(refusals_are_told_apart);
	JW_TEST(browser_words_are_the_servers);
	failed = rows_run();
	jw_arena_done(&arena);
	return failed;
}
