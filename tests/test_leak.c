/* SPDX-License-Identifier: MIT */
/* API secrets in pages: those that are known, and those that a name gives away. */
#include <string.h>

#include "rows.h"

#include "livekit/leak.h"

#define SECRET "0123456789abcdef-A"

struct row {
	const char *name;
	const char *text;
	const char *at; /* what it begins with; NULL: it isn't found */
};

static const struct row assignments[] = {
	{"JavaScript", "x; const apiSecret = '" SECRET "';", "apiSecret"},
	{"without blanks", "{apiSecret:\"" SECRET "\"}", "apiSecret"},
	{"JSON", "{\"api_secret\": \"" SECRET "\"}", "api_secret"},
	{"JSON in a text", "{\\\"apiSecret\\\":\\\"" SECRET "\\\"}", "apiSecret"},
	{"the variable's name", "LIVEKIT_API_SECRET=\"" SECRET "\"", "LIVEKIT_API_SECRET"},
	{"for a bundler", "NEXT_PUBLIC_LIVEKIT_API_SECRET: `" SECRET "`", "NEXT_PUBLIC"},
	{"LiveKit's without API", "LIVEKIT_SECRET = '" SECRET "'", "LIVEKIT_SECRET"},
	{"in one word", "livekitSecret='" SECRET "'", "livekitSecret"},
	{"an attribute", "<div data-api-secret=\"" SECRET "\">", "data-api-secret"},
	{"PHP", "'api_secret' => '" SECRET "'", "api_secret"},
	{"on the next line", "apiSecret =\n\t'" SECRET "'", "apiSecret"},
	{"behind another one", "apiSecret: '', apiSecret: '" SECRET "'", "apiSecret: '0"},
	{"at the end of the text", "apiSecret='" SECRET "'", "apiSecret"},
	{"as short as may be", "apiSecret='0123456789abcdef'", "apiSecret"},
	{"shorter", "apiSecret='0123456789abcde'", NULL},
	{"an empty one", "apiSecret = ''", NULL},
	{"cut off", "apiSecret = '" SECRET, NULL},
	{"broken off by a line's end", "apiSecret = '" SECRET "\n'", NULL},
	{"a variable", "apiSecret = process.env.LIVEKIT_API_SECRET", NULL},
	{"a variable in quotes", "apiSecret: '$LIVEKIT_API_SECRET_VALUE'", NULL},
	{"a template", "apiSecret: '{{ livekit.credentials }}'", NULL},
	{"a placeholder", "apiSecret: 'YOUR_LIVEKIT_API_SECRET'", NULL},
	{"another placeholder", "apiSecret: 'xxxxxxxxxxxxxxxxxxxxxxxx'", NULL},
	{"a name for people", "api_secret: 'The secret of the API'", NULL},
	{"a name for a catalogue", "api_secret: 'settings.livekit.api_secret'", NULL},
	{"another secret", "clientSecret = '" SECRET "'", NULL},
	{"a longer name", "apiSecretLength = '" SECRET "'", NULL},
	{"compared with", "if (apiSecret) { x = '" SECRET "' }", NULL},
	{"a field", "<input name=\"api_secret\" value=\"" SECRET "\">", NULL},
	{"no quotes", "apiSecret = " SECRET, NULL},
	{"the word alone", "secret", NULL},
	{"nothing", "", NULL},
};

static void finds_assignments(void **state)
{
	const struct row *row = *state;
	struct jw_str text = jw_str_of(row->text);
	size_t found = jw_leak_find_assignment(text);

	if (row->at)
		assert_true(jw_str_starts(jw_str_from(text, found), row->at));
	else
		assert_int_equal(found, text.len);
}

/* As the body of an answer without one is: clang's sanitizer lets nothing be added to NULL. */
static void takes_no_text(void **state)
{
	(void)state;
	assert_int_equal(jw_leak_find_assignment(jw_str_of(NULL)), 0);
}

/* No byte behind the text is looked at, wherever it is cut off. */
static void stays_within_the_text(void **state)
{
	const struct row *row = *state;

	for (size_t len = 0; len <= strlen(row->text); len++) {
		char *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, row->text, len);
		assert_true(jw_leak_find_assignment((struct jw_str){copy, len}) <= len);
		free(copy);
	}
}

struct secret {
	const char *name;
	const char *text;
	const char *secret;
	size_t found; /* SIZE_MAX: it isn't */
};

static const struct secret secrets[] = {
	{"anywhere", "xhushhushx", "hushhush", 1},
	{"short, in quotes", "a 'hush' b", "hush", 3},
	{"short, in double quotes", "(\"hush\")", "hush", 2},
	{"short, the whole text", "hush", "hush", SIZE_MAX},
	{"short, in a sentence", "a hush b", "hush", SIZE_MAX},
	{"short, in a word in quotes", "'hushed'", "hush", SIZE_MAX},
	{"short, in two kinds of quotes", "'hush\"", "hush", SIZE_MAX},
	{"short, as a name", "{\"hush\": 1}", "hush", SIZE_MAX},
	{"short, as an index", "a['hush']", "hush", 3},
	{"short, first as a name, then as a value", "{\"hush\" : \"hush\"}", "hush", 11},
	{"absent", "hushhus hhushhus", "hushhush", SIZE_MAX},
	{"empty", "''", "", SIZE_MAX},
	{"in nothing", "", "hushhush", SIZE_MAX},
	{"in no text at all", NULL, "hushhush", SIZE_MAX},
};

static void finds_secrets(void **state)
{
	const struct secret *row = *state;
	struct jw_str text = jw_str_of(row->text);

	assert_int_equal(jw_leak_find(text, jw_str_of(row->secret)),
			 row->found == SIZE_MAX ? text.len : row->found);
}

struct file {
	const char *path;
	bool is_private;
};

static const struct file paths[] = {
	{".env", true},
	{"/srv/.env", true},
	{"/srv/.env.local", true},
	{"/srv/prod.env", true},
	{"/srv/env", false},
	{"/srv/.envoy", false},
	{"/srv/.env/a", false},
	{"index.html", false},
	{"-", false},
	{NULL, false},
	{"https://voice.example/x.env", false},
	{"https://***:***@voice.example/x.env", false},
	{"http://[::1]:8080/.env", false},
	{"http:/.env", true},
};

static void knows_private_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		assert_int_equal(jw_leak_is_private(paths[i].path), paths[i].is_private);
}

int main(void)
{
	JW_ROWS(assignments, finds_assignments);
	JW_ROWS(assignments, stays_within_the_text);
	JW_ROWS(secrets, finds_secrets);
	JW_TEST(takes_no_text);
	JW_TEST(knows_private_files);
	return rows_run();
}
