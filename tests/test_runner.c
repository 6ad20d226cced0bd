/* SPDX-License-Identifier: MIT */
/* html_file walked by the runner over fake files and a fake clock: windows, changes, limits, time, keys. */
#include "rows.h"

#include <stdio.h>
#include <string.h>

#include "contract/check.h"
#include "core/runner.h"

#define EXP_2100 INT64_C(4102444800)
/* {"alg":"HS256"}, {"exp":4102444800}, the signature is "sig" and "sog". */
#define TOKEN "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDB9.c2ln"
#define ENCRYPTED "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXY.Y3Q.dGFn"
#define OTHER_TOKEN "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDB9.c29n"
/* The same with {"video":{},"exp":4102444800}. */
#define LIVEKIT_TOKEN "eyJhbGciOiJIUzI1NiJ9.eyJ2aWRlbyI6e30sImV4cCI6NDEwMjQ0NDgwMH0.c2ln"

/* The fake file system: a few files, each with what reading it does. */
struct fake_file {
	const char *path;
	struct jw_str text;
	size_t changes;	     /* that many readings end with JW_READ_CHANGED */
	enum jw_cause fails; /* to open */
	int64_t takes_ms;    /* for each read */
};

struct jw_file {
	struct fake_file *fake;
	size_t at;
};

static struct fake_file fakes[4];
static int64_t clock_ms;
static size_t open_files;

static enum jw_cause fake_open(void *self, const char *path, struct jw_file **ret_file,
			       struct jw_err *err)
{
	(void)self;
	for (size_t i = 0; i < 4; i++) {
		if (!fakes[i].path || strcmp(fakes[i].path, path))
			continue;
		if (fakes[i].fails)
			return jw_fail(err, fakes[i].fails, "can't be opened");
		*ret_file = jw_xcalloc(1, sizeof(**ret_file));
		(*ret_file)->fake = &fakes[i];
		open_files++;
		return JW_OK;
	}
	return jw_fail(err, JW_FILE_MISSING, "no such file");
}

static enum jw_cause fake_read(struct jw_file *file, struct jw_buf *to, int64_t deadline_ms,
			       enum jw_read *ret_read, struct jw_err *err)
{
	size_t room = to->max - to->len;
	struct jw_str rest = jw_str_from(file->fake->text, file->at);
	struct jw_str part = jw_str_head(rest, room);

	clock_ms += file->fake->takes_ms;
	if (clock_ms > deadline_ms)
		return jw_fail(err, JW_DEADLINE, "reading took too long");
	jw_buf_str(to, part);
	file->at += part.len;
	if (room && part.len == room) {
		*ret_read = JW_READ_MORE;
		return JW_OK;
	}
	*ret_read = file->fake->changes ? JW_READ_CHANGED : JW_READ_END;
	if (file->fake->changes)
		file->fake->changes--;
	return JW_OK;
}

static void fake_close(struct jw_file *file)
{
	open_files--;
	free(file);
}

/* "*" names all files that there are. */
static enum jw_cause fake_expand(void *self, const char *glob, struct jw_arena *arena,
				 int64_t deadline_ms, struct jw_paths *ret_paths,
				 struct jw_err *err)
{
	(void)self;
	(void)err;
	(void)deadline_ms;
	*ret_paths = (struct jw_paths){jw_arena_array(arena, 4, sizeof(char *)), 0};
	if (strcmp(glob, "*")) {
		ret_paths->items[ret_paths->count++] = glob;
		return JW_OK;
	}
	for (size_t i = 0; i < 4; i++)
		if (fakes[i].path)
			ret_paths->items[ret_paths->count++] = fakes[i].path;
	return JW_OK;
}

static const char *fake_env(void *self, const char *name)
{
	(void)self;
	return strcmp(name, "SECRET") ? NULL : "hush";
}

static enum jw_cause fake_slurp(void *self, const char *path, struct jw_buf *to,
				bool *ret_open_to_others, struct jw_err *err)
{
	(void)self;
	(void)ret_open_to_others;
	if (strcmp(path, ".env") != 0)
		return jw_fail(err, JW_FILE_MISSING, "no such file");
	jw_buf_text(to, "OTHER=hush-hush\nSECRET='hush'\nEMPTY=\nOPEN=\"hush\n");
	return JW_OK;
}

static const struct jw_files files = {
	.open = fake_open,
	.read = fake_read,
	.close = fake_close,
	.expand = fake_expand,
	.env = fake_env,
	.slurp = fake_slurp,
};

static int64_t wall(void *self)
{
	(void)self;
	return EXP_2100 - 86400;
}

static int64_t monotonic(void *self)
{
	(void)self;
	return clock_ms;
}

static const struct jw_clock fake_clock = {.wall = wall, .monotonic_ms = monotonic};

/* A signature "sig" is right where the key is "hush". */
static enum jw_verified verify(const char *alg, enum jw_key_kind kind, struct jw_str key,
			       struct jw_str input, struct jw_str signature)
{
	(void)alg;
	(void)kind;
	(void)input;
	return jw_str_is(key, "hush") && jw_str_is(signature, "sig") ? JW_VERIFIED_YES
								     : JW_VERIFIED_NO;
}

static void sha256(struct jw_str bytes, unsigned char digest[32])
{
	memset(digest, (int)bytes.len, 32);
}

static const struct jw_crypto crypto = {.verify = verify, .sha256 = sha256};

static const struct jw_crypto *open_crypto(void *context, struct jw_err *err)
{
	(void)err;
	++*(size_t *)context;
	return &crypto;
}

static size_t warnings;

static void count_warning(void *context, const char *text)
{
	(void)context;
	assert_non_null(strstr(text, "JIT"));
	warnings++;
}

/* A run of one html_file target with these options ("path", "x", ...). */
static void run(const char *const *options, int64_t deadline_ms, unsigned want,
		size_t *ret_opened, struct jw_result *ret_result)
{
	struct jw_world world = {
		.files = &files,
		.clock = &fake_clock,
		.crypto = open_crypto,
		.crypto_context = ret_opened,
		.warn = count_warning,
	};
	const struct jw_check *check = jw_check_by_name(JW_STR("html_file"));
	struct jw_config *config = jw_config_new();
	struct jw_target *target = jw_config_add(config, check, "page");
	struct jw_err err = {0};

	*ret_opened = 0;
	for (; options[0]; options += 2)
		if (jw_config_set(config, target,
				  jw_config_option(check, jw_str_of(options[0])),
				  jw_str_of(options[1]), &err))
			fail_msg("%s", err.text);
	if (jw_config_finish(config, target, &err))
		fail_msg("%s", err.text);
	/* Nothing here waits. */
	assert_null(jw_runner_start(&world, config, target, deadline_ms, want, ret_result, NULL,
				    NULL));
	assert_int_equal(open_files, 0);
	/* The result borrows from the target: what is asked of it below needs neither name nor options. */
	jw_config_free(config);
}

struct row {
	const char *name;
	const char *text;
	const char *pattern;
	const char *select;
	const char *max_size;
	enum jw_cause cause;
	size_t tokens;
	size_t line; /* of the first token */
};

static const struct row rows[] = {
	{"one token", "a\nb " TOKEN " c", NULL, "all", "1MiB", JW_OK, 1, 2},
	{"the same token twice counts once", TOKEN "\n" TOKEN, NULL, "all", "1MiB", JW_OK, 1,
	 1},
	{"two tokens", "\n" TOKEN "\n" OTHER_TOKEN, NULL, "all", "1MiB", JW_OK, 2, 2},
	{"a pattern finds its group", "t = '" TOKEN "'", "t = '([^']+)'", "all", "1MiB", JW_OK,
	 1, 1},
	{"a pattern that matches nothing is an alarm", TOKEN, "x = '([^']+)'", "all", "1MiB",
	 JW_TOKEN_NOT_FOUND, 0, 0},
	{"a placeholder", "t = '{{TOKEN}}'", "t = '([^']*)'", "all", "1MiB", JW_PLACEHOLDER, 1,
	 1},
	{"an empty text where the token belongs", "t = ''", "t = '([^']*)'", "all", "1MiB",
	 JW_PLACEHOLDER, 1, 1},
	{"a broken token", "t = 'eyJx'", "t = '([^']*)'", "all", "1MiB", JW_TOKEN_MALFORMED, 1,
	 1},
	{"an encrypted token is named", ENCRYPTED, NULL, "all", "1MiB", JW_TOKEN_MALFORMED, 1,
	 1},
	{"an encrypted token beside another", ENCRYPTED " " TOKEN, NULL, "all", "1MiB", JW_OK,
	 2, 1},
	{"a pattern finds an encrypted token", "t=" TOKEN " t=" ENCRYPTED, "t=(\\S+)", "all",
	 "1MiB", JW_TOKEN_MALFORMED, 2, 1},
	{"no token at all", "nothing", NULL, "all", "1MiB", JW_TOKEN_NOT_FOUND, 0, 0},
	{"an empty file", "", NULL, "all", "1MiB", JW_TOKEN_NOT_FOUND, 0, 0},
	{"as large as allowed", "12" TOKEN, "(ey.*)", "all", "52", JW_OK, 1, 1},
	{"larger than allowed", "123" TOKEN, "(ey.*)", "all", "52", JW_FILE_UNREADABLE, 0, 0},
	{"without a pattern there is no limit", "123" TOKEN, NULL, "all", "52", JW_OK, 1, 1},
	{"first of two", "t=" TOKEN " t=bad", "t=(\\S+)", "first", "1MiB", JW_OK, 2, 1},
	{"last of two", "t=" TOKEN " t=bad", "t=(\\S+)", "last", "1MiB", JW_TOKEN_MALFORMED, 2,
	 1},
	{"all of two: the worst", "t=" TOKEN " t=bad", "t=(\\S+)", "all", "1MiB",
	 JW_TOKEN_MALFORMED, 2, 1},
};

static void checks(void **state)
{
	const struct row *row = *state;
	const char *options[] = {"path",      "page",	    "select",
				 row->select, "max_size",   row->max_size,
				 "pattern",   row->pattern, NULL};
	struct jw_result result;
	size_t opened;

	if (!row->pattern)
		options[6] = NULL;
	clock_ms = 0;
	fakes[0] = (struct fake_file){.path = "page", .text = jw_str_of(row->text)};
	run(options, 1000000, JW_WANT_VERDICT, &opened, &result);
	assert_int_equal(result.verdict.cause, row->cause);
	assert_int_equal(result.facts.token_count, row->tokens);
	if (row->tokens)
		assert_int_equal(result.facts.tokens[0].line, row->line);
	assert_int_equal(opened, 0);
	jw_result_done(&result);
}

/* Tokens in a large file at every distance from the border of a window are found whole, on their line. */
static void a_token_across_two_windows(void **state)
{
	static const char *const options[] = {"path", "page", NULL};
	const size_t window = (size_t)256 * 1024;
	const size_t len = strlen(TOKEN);
	char *text = jw_xmalloc(3 * window);

	(void)state;
	for (size_t shift = 0; shift <= len + 1; shift++) {
		struct jw_result result;
		size_t opened;

		memset(text, ' ', 3 * window);
		text[10] = '\n';
		text[window - len - 2] = '\n';
		memcpy(text + window - len - 1 + shift, TOKEN, len);
		text[2 * window] = '\n';
		memcpy(text + 2 * window + 1, OTHER_TOKEN, len);
		fakes[0] = (struct fake_file){.path = "page", .text = {text, 3 * window}};
		run(options, 1000000, JW_WANT_VERDICT, &opened, &result);
		assert_int_equal(result.verdict.cause, JW_OK);
		assert_int_equal(result.facts.token_count, 2);
		assert_int_equal(result.facts.tokens[0].line, 3);
		assert_int_equal(result.facts.tokens[1].line, 4);
		jw_result_done(&result);
	}
	free(text);
}

#define API_SECRET "Key-of-32-bytes-0123456789abcdefg"

/* The page with these keys: NAME, SECRET or "file:PATH", ... ; what stands where, "LINE KEY" each. */
static void run_with_keys(const char *const *keys, const char *const *options,
			  struct jw_buf *ret_leaks)
{
	struct jw_world world = {.files = &files, .clock = &fake_clock};
	struct jw_config *config = jw_config_new();
	struct jw_target *target =
		jw_config_add(config, jw_check_by_name(JW_STR("html_file")), "page");
	struct jw_result result;

	config->keys = jw_arena_array(&config->arena, 4, sizeof(*config->keys));
	for (; keys[0]; keys += 2) {
		struct jw_secret *secret = jw_arena_alloc(&config->arena, sizeof(*secret));

		secret->kind = strncmp(keys[1], "file:", 5) ? JW_SECRET_PLAIN : JW_SECRET_FILE;
		secret->value = keys[1] + (secret->kind == JW_SECRET_FILE ? 5 : 0);
		config->keys[config->key_count++] =
			(struct jw_key_entry){.name = keys[0], .secret = secret};
	}
	for (; options[0]; options += 2)
		assert_int_equal(
			jw_config_set(config, target,
				      jw_config_option(target->check, jw_str_of(options[0])),
				      jw_str_of(options[1]), NULL),
			JW_OK);
	assert_int_equal(jw_config_finish(config, target, NULL), JW_OK);
	assert_null(jw_runner_start(&world, config, target, 1000000, 0, &result, NULL, NULL));
	for (size_t i = 0; i < result.facts.leak_count; i++) {
		const struct jw_leak *leak = &result.facts.leaks[i];

		jw_buf_printf(ret_leaks, "%s:%zu %s;", leak->path, leak->line,
			      leak->key ? leak->key : "-");
	}
	assert_int_equal(result.verdict.cause,
			 result.facts.leak_count ? JW_SECRET_IN_PAGE : JW_OK);
	for (size_t i = 0; i < result.verdict.finding_count; i++)
		assert_null(strstr(result.verdict.findings[i].message, "0123456789"));
	jw_result_done(&result);
	jw_config_free(config);
}

struct leak_row {
	const char *name;
	const char *text;
	const char *keys[7];
	const char *leaks;
	const char *path;
	const char *pattern;
};

static const struct leak_row leak_rows[] = {
	{"no secret", TOKEN, {"a", API_SECRET}, .leaks = ""},
	{"a secret", "\n\n" API_SECRET TOKEN, {"a", API_SECRET}, .leaks = "page:3 a;"},
	{"a secret, with a pattern",
	 "\n" API_SECRET " t='" TOKEN "'",
	 {"a", API_SECRET},
	 .leaks = "page:2 a;",
	 .pattern = "t='([^']+)'"},
	{"the second of two keys",
	 API_SECRET TOKEN,
	 {"a", "another-secret", "b", API_SECRET},
	 .leaks = "page:1 b;"},
	{"both keys",
	 API_SECRET "\nanother-secret " TOKEN,
	 {"a", "another-secret", "b", API_SECRET},
	 .leaks = "page:2 a;page:1 b;"},
	{"two keys with one secret",
	 API_SECRET TOKEN,
	 {"a", API_SECRET, "b", API_SECRET},
	 .leaks = "page:1 a;"},
	{"a secret that stands there twice",
	 "\n" API_SECRET "\n" API_SECRET TOKEN,
	 {"a", API_SECRET},
	 .leaks = "page:2 a;"},
	{"a key that another target wants, and that can't be read",
	 TOKEN,
	 {"gone", "file:/no/such/secret"},
	 .leaks = ""},
	{"one that can't be read, before one that can",
	 API_SECRET TOKEN,
	 {"gone", "file:/no/such/secret", "b", API_SECRET},
	 .leaks = "page:1 b;"},
	{"a broken key of JSON, before one that is fine",
	 API_SECRET TOKEN,
	 {"broken", "{\"kty\": \"oct\", \"k\": 1}", "b", API_SECRET},
	 .leaks = "page:1 b;"},
	{"a key of JSON",
	 "{\"k\": \"aHVzaC0wMTIzNDU2Nzg5\"} " TOKEN,
	 {"a", "{\"kty\": \"oct\", \"k\": \"aHVzaC0wMTIzNDU2Nzg5\"}"},
	 .leaks = "page:1 a;"},
	{"a public key is none",
	 "-----BEGIN PUBLIC KEY-----\nMCow\n" TOKEN,
	 {"a", "-----BEGIN PUBLIC KEY-----\nMCow\n"},
	 .leaks = ""},
	{"a name that says so",
	 TOKEN "\napiSecret = '" API_SECRET "'",
	 {NULL},
	 .leaks = "page:2 -;"},
	{"a name beside its key, told once",
	 TOKEN "\napiSecret = '" API_SECRET "'",
	 {"a", API_SECRET},
	 .leaks = "page:2 a;"},
	{"a name elsewhere",
	 API_SECRET TOKEN "\napiSecret = 'another-0123456789-secret'",
	 {"a", API_SECRET},
	 .leaks = "page:1 a;page:2 -;"},
	{"where secrets belong",
	 TOKEN "\nLIVEKIT_API_SECRET='" API_SECRET "'",
	 {"a", API_SECRET},
	 .leaks = "",
	 .path = "/srv/.env.local"},
};

static void finds_leaks(void **state)
{
	const struct leak_row *row = *state;
	const char *path = row->path ? row->path : "page";
	const char *options[] = {"path", path, "pattern", row->pattern, NULL};
	jw_autobuf struct jw_buf leaks = JW_BUF(1024);

	if (!row->pattern)
		options[2] = NULL;
	clock_ms = 0;
	fakes[0] = (struct fake_file){.path = path, .text = jw_str_of(row->text)};
	run_with_keys(row->keys, options, &leaks);
	assert_string_equal(leaks.ptr ? leaks.ptr : "", row->leaks);
	/* It changes while it is read: what the first reading met isn't told twice. */
	fakes[0].changes = 1;
	jw_buf_clear(&leaks);
	run_with_keys(row->keys, options, &leaks);
	assert_string_equal(leaks.ptr ? leaks.ptr : "", row->leaks);
}

/* As a token above, and what a name gives away too. */
static void a_secret_across_two_windows(void **state)
{
	static const char *const options[] = {"path", "page", NULL};
	static const char *const keys[] = {"a", API_SECRET, "b", "hush", NULL};
	static const char *const secrets[] = {API_SECRET, "'hush'",
					      "apiSecret = 'another-0123456789-secret'"};
	static const char *const told[] = {"page:3 a;", "page:3 b;", "page:3 -;"};
	const size_t window = (size_t)256 * 1024;
	char *text = jw_xmalloc(3 * window);

	(void)state;
	clock_ms = 0;
	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(secrets[i]);

		for (size_t shift = 0; shift <= len + 1; shift++) {
			jw_autobuf struct jw_buf leaks = JW_BUF(1024);

			memset(text, ' ', 3 * window);
			text[10] = '\n';
			text[window - len - 2] = '\n';
			memcpy(text + window - len - 1 + shift, secrets[i], len);
			text[2 * window] = '\n';
			memcpy(text + 2 * window + 1, TOKEN, strlen(TOKEN));
			fakes[0] =
				(struct fake_file){.path = "page", .text = {text, 3 * window}};
			run_with_keys(keys, options, &leaks);
			assert_string_equal(leaks.ptr, told[i]);
		}
	}
	free(text);
}

static void a_changed_file_is_read_once_more(void **state)
{
	static const char *const options[] = {"path", "page", NULL};
	struct jw_result result;
	size_t opened;

	(void)state;
	for (size_t changes = 1; changes <= 2; changes++) {
		fakes[0] = (struct fake_file){
			.path = "page", .text = JW_STR(TOKEN), .changes = changes};
		run(options, 1000000, JW_WANT_VERDICT, &opened, &result);
		assert_int_equal(result.verdict.cause,
				 changes == 1 ? JW_OK : JW_FILE_UNREADABLE);
		assert_int_equal(result.facts.token_count, changes == 1 ? 1 : 0);
		jw_result_done(&result);
	}
}

static void one_bad_file_hides_no_other(void **state)
{
	static const char *const options[] = {"path", "*", NULL};
	struct jw_result result;
	size_t opened;

	(void)state;
	fakes[0] = (struct fake_file){.path = "a", .text = JW_STR(TOKEN)};
	fakes[1] = (struct fake_file){.path = "b", .fails = JW_FILE_UNREADABLE};
	fakes[2] = (struct fake_file){.path = "c", .text = JW_STR("none")};
	fakes[3] = (struct fake_file){.path = "d", .text = JW_STR(OTHER_TOKEN)};
	run(options, 1000000, JW_WANT_VERDICT, &opened, &result);
	assert_int_equal(result.facts.token_count, 2);
	assert_int_equal(result.verdict.finding_count, 2);
	assert_int_equal(result.verdict.cause, JW_TOKEN_NOT_FOUND);
	assert_non_null(strstr(result.verdict.message, "c: "));
	jw_result_done(&result);
	memset(fakes, 0, sizeof(fakes));
}

/* exp 1000000000, long ago: with a video claim, and without. */
#define ENDED_LIVEKIT_TOKEN "eyJhbGciOiJIUzI1NiJ9.eyJ2aWRlbyI6e30sImV4cCI6MTAwMDAwMDAwMH0.c2ln"
#define ENDED_TOKEN "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjEwMDAwMDAwMDB9.c2ln"

struct files_row {
	const char *name;
	const char *select;
	const char *a;
	const char *b;
	enum jw_cause cause;
};

/* What is chosen is chosen in each file anew: no file hides what another one holds. */
static const struct files_row files_rows[] = {
	{"last: the first file's ended token counts", "last", ENDED_TOKEN, TOKEN, JW_EXPIRED},
	{"first: the second file's ended token counts", "first", TOKEN, ENDED_TOKEN,
	 JW_EXPIRED},
	{"last of each", "last", ENDED_TOKEN " " TOKEN, ENDED_TOKEN " " OTHER_TOKEN, JW_OK},
	{"first of each", "first", TOKEN " " ENDED_TOKEN, OTHER_TOKEN " " ENDED_TOKEN, JW_OK},
	{"a token left out in one file is chosen in another", "last", ENDED_TOKEN " " TOKEN,
	 ENDED_TOKEN, JW_EXPIRED},
	{"a token chosen in one file is left out in another", "last", ENDED_TOKEN,
	 ENDED_TOKEN " " TOKEN, JW_EXPIRED},
	{"a LiveKit token in one file takes nothing from another", "all", ENDED_TOKEN,
	 LIVEKIT_TOKEN, JW_EXPIRED},
	{"others' tokens beside it in the same file are notes", "all", TOKEN,
	 ENDED_TOKEN " " LIVEKIT_TOKEN, JW_OK},
	{"a note in one file is judged in another", "all", ENDED_TOKEN " " LIVEKIT_TOKEN,
	 ENDED_TOKEN, JW_EXPIRED},
	{"an ended LiveKit token beside another's", "all", TOKEN " " ENDED_LIVEKIT_TOKEN, TOKEN,
	 JW_EXPIRED},
};

static void chooses_in_each_file(void **state)
{
	const struct files_row *row = *state;
	const char *const options[] = {"path", "*", "select", row->select, NULL};
	struct jw_result result;
	size_t opened;

	clock_ms = 0;
	memset(fakes, 0, sizeof(fakes));
	fakes[0] = (struct fake_file){.path = "a", .text = jw_str_of(row->a)};
	fakes[1] = (struct fake_file){.path = "b", .text = jw_str_of(row->b)};
	run(options, 1000000, JW_WANT_VERDICT, &opened, &result);
	assert_int_equal(result.verdict.cause, row->cause);
	jw_result_done(&result);
	memset(fakes, 0, sizeof(fakes));
}

/* 12,000 different tokens, each twice: as many as one run takes are judged, and that there were more is told. */
static void too_many_tokens(void **state)
{
	static const char *const options[] = {"path", "page", NULL};
	jw_autobuf struct jw_buf text = JW_BUF((size_t)16 << 20);
	struct jw_result result;
	size_t opened;

	(void)state;
	clock_ms = 0;
	for (size_t i = 0; i < 24000; i++)
		jw_buf_printf(&text, "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDB9.%08zx ",
			      i % 12000 * 4096);
	fakes[0] = (struct fake_file){.path = "page", .text = jw_buf_get(&text)};
	run(options, 1000000, JW_WANT_VERDICT, &opened, &result);
	assert_int_equal(result.facts.token_count, 10000);
	assert_int_equal(result.facts.failure_count, 1);
	assert_int_equal(result.verdict.cause, JW_PATTERN_LIMIT);
	jw_result_done(&result);
}

static void too_many_bytes_of_tokens(void **state)
{
	static const char *const options[] = {"path", "page", NULL};
	jw_autobuf struct jw_buf text = JW_BUF((size_t)64 << 20);
	struct jw_result result;
	size_t opened;

	(void)state;
	for (size_t i = 0; i < 400; i++) {
		jw_buf_printf(&text, "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDB9.%08zx",
			      i * 4096);
		for (size_t n = 0; n < 7500; n++)
			jw_buf_text(&text, "AAAA");
		jw_buf_char(&text, ' ');
	}
	fakes[0] = (struct fake_file){.path = "page", .text = jw_buf_get(&text)};
	run(options, 1000000, JW_WANT_VERDICT, &opened, &result);
	assert_true(result.facts.token_count > 250 && result.facts.token_count < 300);
	assert_int_equal(result.verdict.cause, JW_PATTERN_LIMIT);
	jw_result_done(&result);
}

static void others_tokens_beside_livekits_are_notes(void **state)
{
	static const char *const options[] = {"path", "page", NULL};
	struct jw_result result;
	size_t opened;

	(void)state;
	fakes[0] = (struct fake_file){.path = "page", .text = JW_STR(TOKEN " " LIVEKIT_TOKEN)};
	run(options, 1000000, JW_WANT_FINGERPRINTS, &opened, &result);
	assert_int_equal(result.facts.token_count, 2);
	assert_true(result.facts.tokens[0].is_note);
	assert_false(result.facts.tokens[1].is_note);
	assert_int_equal(strlen(result.facts.tokens[1].fingerprint), 8);
	assert_true(opened > 0);
	jw_result_done(&result);
}

static void a_pattern_without_jit_is_told(void **state)
{
	static const char *const slow[] = {"path", "page", "pattern", "(*NO_JIT)t=(\\S+)",
					   NULL};
	static const char *const fast[] = {"path", "page", "pattern", "t=(\\S+)", NULL};
	jw_autobuf struct jw_buf text = JW_BUF(100000);
	struct jw_result result;
	size_t opened;

	(void)state;
	clock_ms = 0;
	while (text.len < 70000)
		jw_buf_char(&text, ' ');
	jw_buf_text(&text, "t=" TOKEN);
	fakes[0] = (struct fake_file){.path = "page", .text = jw_buf_get(&text)};
	warnings = 0;
	run(fast, 1000000, JW_WANT_VERDICT, &opened, &result);
	jw_result_done(&result);
	assert_int_equal(warnings, 0);
	run(slow, 1000000, JW_WANT_VERDICT, &opened, &result);
	assert_int_equal(result.verdict.cause, JW_OK);
	assert_true(warnings > 0);
	jw_result_done(&result);
}

struct time_row {
	const char *name;
	int64_t takes_ms;
	int64_t deadline_ms;
	enum jw_cause cause;
};

/* The target's own timeout is 500 ms. */
static const struct time_row time_rows[] = {
	{"within its timeout", 400, 10000, JW_OK},
	{"over its own timeout: the source is slow", 600, 10000, JW_FILE_UNREADABLE},
	{"over what was left of the whole run", 400, 300, JW_DEADLINE},
	{"the whole run was over before", 0, 0, JW_DEADLINE},
};

static void keeps_time(void **state)
{
	static const char *const options[] = {"path", "page", "timeout", "500ms", NULL};
	const struct time_row *row = *state;
	struct jw_result result;
	size_t opened;

	clock_ms = 0;
	fakes[0] = (struct fake_file){
		.path = "page", .text = JW_STR(TOKEN), .takes_ms = row->takes_ms};
	run(options, row->deadline_ms, JW_WANT_VERDICT, &opened, &result);
	assert_int_equal(result.verdict.cause, row->cause);
	assert_int_equal(result.duration_ms, row->deadline_ms ? row->takes_ms : 0);
	jw_result_done(&result);
}

struct secret_row {
	const char *name;
	struct jw_secret secret;
	enum jw_cause cause;
	const char *says; /* NULL: anything */
};

static const struct secret_row secret_rows[] = {
	{"plain", {JW_SECRET_PLAIN, "hush", NULL}, JW_OK, NULL},
	{"from the environment", {JW_SECRET_ENV, "SECRET", NULL}, JW_OK, NULL},
	{"absent in the environment", {JW_SECRET_ENV, "ABSENT", NULL}, JW_SECRET_MISSING, NULL},
	{"no folder of credentials",
	 {JW_SECRET_CREDENTIAL, "x", NULL},
	 JW_SECRET_MISSING,
	 NULL},
	{"from a .env file", {JW_SECRET_ENV_FILE, ".env", "SECRET"}, JW_OK, NULL},
	{"absent in a .env file",
	 {JW_SECRET_ENV_FILE, ".env", "ABSENT"},
	 JW_SECRET_MISSING,
	 "variable ABSENT of file .env: isn't set there"},
	{"empty in a .env file",
	 {JW_SECRET_ENV_FILE, ".env", "EMPTY"},
	 JW_SECRET_MISSING,
	 "variable EMPTY of file .env: is empty there"},
	{"open in a .env file",
	 {JW_SECRET_ENV_FILE, ".env", "OPEN"},
	 JW_SECRET_MISSING,
	 "variable OPEN of file .env: the quote in front of it doesn't end"},
	{"no .env file",
	 {JW_SECRET_ENV_FILE, "gone", "SECRET"},
	 JW_SECRET_MISSING,
	 "variable SECRET of file gone: no such file"},
};

static void reads_secrets(void **state)
{
	const struct secret_row *row = *state;
	jw_autobuf struct jw_buf secret = JW_BUF(100);
	struct jw_err err = {0};

	assert_int_equal(jw_secret_read(&row->secret, &files, &secret, &err), row->cause);
	if (!row->cause)
		assert_true(jw_str_is(jw_buf_get(&secret), "hush"));
	else
		assert_null(strstr(err.text, "hush"));
	if (row->cause)
		assert_int_equal(err.cause, JW_SECRET_MISSING);
	if (row->says)
		assert_string_equal(err.text, row->says);
}

int main(void)
{
	JW_ROWS(rows, checks);
	JW_ROWS(files_rows, chooses_in_each_file);
	JW_ROWS(time_rows, keeps_time);
	JW_TEST(too_many_tokens);
	JW_TEST(too_many_bytes_of_tokens);
	JW_ROWS(secret_rows, reads_secrets);
	JW_TEST(a_token_across_two_windows);
	JW_ROWS(leak_rows, finds_leaks);
	JW_TEST(a_secret_across_two_windows);
	JW_TEST(a_changed_file_is_read_once_more);
	JW_TEST(one_bad_file_hides_no_other);
	JW_TEST(a_pattern_without_jit_is_told);
	JW_TEST(others_tokens_beside_livekits_are_notes);
	return rows_run();
}
