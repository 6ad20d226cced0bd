/* SPDX-License-Identifier: MIT */
/* Configurations of several files: what they become together, and errors with the right file. */
#include "rows.h"

#include <stdio.h>
#include <string.h>

#include "core/config.h"
#include "core/yaml.h"
#include "fake_checks.h"

#define FILES_MAX 10
#define DEADLINE_MS 1234

struct fake_file {
	const char *path;
	const char *text;
	uint64_t number; /* 0: by its path; 99: none */
};

static const struct fake_file *fakes;
/* What a file has of which there is no row, but whose name begins with "/many/". */
static struct jw_str many;
static size_t slurped;

static const struct fake_file *fake_of(const char *path)
{
	for (size_t i = 0; i < FILES_MAX && fakes && fakes[i].path; i++)
		if (!strcmp(fakes[i].path, path))
			return &fakes[i];
	return NULL;
}

static enum jw_cause fake_slurp(void *self, const char *path, struct jw_buf *to,
				bool *ret_open_to_others, struct jw_err *err)
{
	const struct fake_file *file = fake_of(path);

	(void)self;
	(void)ret_open_to_others;
	slurped++;
	if (!file && jw_str_starts(jw_str_of(path), "/many/"))
		return jw_buf_str(to, many) ? JW_OK : JW_FILE_UNREADABLE;
	if (!file)
		return jw_fail(err, JW_FILE_MISSING, "no such file");
	if (!file->text)
		return jw_fail(err, JW_FILE_UNREADABLE, "uid 7 may not read it");
	jw_buf_text(to, file->text);
	return JW_OK;
}

/* A glob names the files that have its text up to its star in front. "/many/N*" names N files. */
static enum jw_cause fake_expand(void *self, const char *glob, struct jw_arena *arena,
				 int64_t deadline_ms, struct jw_paths *ret_paths,
				 struct jw_err *err)
{
	struct jw_str prefix;
	struct jw_str suffix;
	uint64_t count = 0;

	(void)self;
	assert_int_equal(deadline_ms, DEADLINE_MS);
	assert_true(jw_str_cut(jw_str_of(glob), '*', &prefix, &suffix));
	if (jw_str_starts(prefix, "/closed"))
		return jw_fail(err, JW_FILE_UNREADABLE, "folder /closed can't be listed");
	if (jw_str_starts(prefix, "/many/"))
		jw_str_u64(jw_str_from(prefix, 6), 100000, &count);
	ret_paths->items = jw_arena_array(arena, FILES_MAX + count, sizeof(char *));
	for (size_t i = 0; i < FILES_MAX && fakes && fakes[i].path; i++)
		if (!strncmp(fakes[i].path, prefix.ptr, prefix.len))
			ret_paths->items[ret_paths->count++] = fakes[i].path;
	for (uint64_t i = 0; i < count; i++)
		ret_paths->items[ret_paths->count++] =
			jw_arena_printf(arena, "/many/%u", (unsigned)i);
	return JW_OK;
}

static bool fake_identity(void *self, const char *path, struct jw_file_identity *ret_identity)
{
	const struct fake_file *file = fake_of(path);
	uint64_t hash = 1000;

	(void)self;
	if (file && file->number == 99)
		return false;
	for (const char *c = path; *c; c++)
		hash = hash * 31 + (unsigned char)*c;
	*ret_identity =
		(struct jw_file_identity){1, file && file->number ? file->number : hash};
	return true;
}

static const struct jw_files files = {
	.slurp = fake_slurp,
	.expand = fake_expand,
	.identity = fake_identity,
};

#define PAGE(name_) "{name: " name_ ", check: fake_file, path: p}"

struct row {
	const char *name;
	const char *yaml; /* of c.yaml */
	struct fake_file files[FILES_MAX];
	const char *says; /* all errors; NULL: none */
	const char *has;  /* names of the targets with their paths and timeouts */
};

static const struct row rows[] = {
	{"one file by its path",
	 "include: d/a.yaml\ntargets: [" PAGE("x") "]",
	 {{"d/a.yaml", "targets: [" PAGE("y") "]", 0}},
	 NULL,
	 "x p 10s, y d/p 10s, "},
	{"a list, in its order, behind the file's own",
	 "include: [b.yaml, a.yaml]\ntargets: [" PAGE("x") "]",
	 {{"a.yaml", "targets: [" PAGE("y") "]", 0}, {"b.yaml", "targets: [" PAGE("z") "]", 0}},
	 NULL,
	 "x p 10s, z p 10s, y p 10s, "},
	{"a glob",
	 "include: d/*.yaml",
	 {{"d/a.yaml", "targets: [" PAGE("x") "]", 0},
	  {"d/b.yaml", "targets: [" PAGE("y") "]", 0}},
	 NULL,
	 "x d/p 10s, y d/p 10s, "},
	{"a glob that names nothing",
	 "include: [gone/*.yaml]\ntargets: [" PAGE("x") "]",
	 {{0}},
	 NULL,
	 "x p 10s, "},
	{"nothing but a glob that names nothing", "include: gone/*", {{0}}, NULL, ""},
	{"an empty list", "include: []", {{0}}, NULL, ""},
	{"an included file that is empty",
	 "include: a.yaml",
	 {{"a.yaml", "# none\n", 0}},
	 NULL,
	 ""},
	{"an absolute path",
	 "include: /e/a.yaml",
	 {{"/e/a.yaml", "targets: [" PAGE("x") "]", 0}},
	 NULL,
	 "x /e/p 10s, "},
	{"files in files",
	 "include: d/a.yaml",
	 {{"d/a.yaml", "include: e/b.yaml", 0},
	  {"d/e/b.yaml", "include: ../c.yaml\ntargets: [" PAGE("x") "]", 0},
	  {"d/e/../c.yaml", "targets: [" PAGE("y") "]", 0}},
	 NULL,
	 "x d/e/p 10s, y d/e/../p 10s, "},
	{"defaults go down, not up and not aside",
	 "include: [d/a.yaml, b.yaml]\ndefaults: {timeout: 1s}\ntargets: [" PAGE("x") "]",
	 {{"d/a.yaml", "include: c.yaml\ndefaults: {timeout: 2s}\ntargets: [" PAGE("y") "]", 0},
	  {"d/c.yaml", "targets: [" PAGE("z") "]", 0},
	  {"b.yaml", "targets: [" PAGE("w") "]", 0}},
	 NULL,
	 "x p 1s, y d/p 2s, z d/p 2s, w p 1s, "},
	{"keys of any file",
	 "include: a.yaml\ndefaults: {key: k}",
	 {{"a.yaml",
	   "keys: {k: {secret: {env: S}}}\ntargets: [{name: x, check: fake_file, path: p, key: "
	   "k}]",
	   0}},
	 NULL,
	 "x p 10s, "},
	{"a file that isn't there",
	 "targets: []\ninclude: [d/gone.yaml]",
	 {{0}},
	 "c.yaml:2:11: include[0]: d/gone.yaml: no such file\n",
	 NULL},
	{"a file that can't be read",
	 "include: d/*",
	 {{"d/a", NULL, 0}},
	 "c.yaml:1:10: include: d/a: uid 7 may not read it\n",
	 NULL},
	{"a folder that can't be listed",
	 "include: /closed/*",
	 {{0}},
	 "c.yaml:1:10: include: folder /closed can't be listed\n",
	 NULL},
	{"itself",
	 "include: c.yaml",
	 {{0}},
	 "c.yaml:1:10: include: c.yaml: would include itself, since it is the file that the "
	 "configuration begins with (c.yaml)\n",
	 NULL},
	{"itself in a circle",
	 "x: 1\ninclude: a.yaml",
	 {{"a.yaml", "include: b.yaml", 0}, {"b.yaml", "include: a.yaml", 0}},
	 "b.yaml:1:10: include: a.yaml: would include itself, since it is named in c.yaml:2 "
	 "already\nc.yaml:1:1: unknown key \"x\"\n",
	 NULL},
	{"twice",
	 "include:\n- a.yaml\n- b.yaml",
	 {{"a.yaml", "", 0}, {"b.yaml", "include: a.yaml", 0}},
	 "b.yaml:1:10: include: a.yaml: is there twice, since it is named in c.yaml:2 "
	 "already\n",
	 NULL},
	{"twice by two names",
	 "include:\n- a.yaml\n- b.yaml",
	 {{"a.yaml", "", 7}, {"b.yaml", "", 7}},
	 "c.yaml:3:3: include[1]: b.yaml: is there twice, since it is named in c.yaml:2 "
	 "already\n",
	 NULL},
	{"twice, where files have no identity",
	 "include:\n- a.yaml\n- a.yaml",
	 {{"a.yaml", "", 99}},
	 "c.yaml:3:3: include[1]: a.yaml: is there twice, since it is named in c.yaml:2 "
	 "already\n",
	 NULL},
	{"a glob behind the name of one of its files",
	 "include: [d/b.yaml, 'd/*']",
	 {{"d/a.yaml", "targets: [" PAGE("x") "]", 0},
	  {"d/b.yaml", "targets: [" PAGE("y") "]", 0}},
	 NULL,
	 "y d/p 10s, x d/p 10s, "},
	{"a glob before the name of one of its files",
	 "include: ['d/*', d/b.yaml]",
	 {{"d/a.yaml", "targets: [" PAGE("x") "]", 0},
	  {"d/b.yaml", "targets: [" PAGE("y") "]", 0}},
	 NULL,
	 "x d/p 10s, y d/p 10s, "},
	{"two globs that name one file, by two names",
	 "include: [d/*, e/*]",
	 {{"d/a.yaml", "targets: [" PAGE("x") "]", 7}, {"e/a.yaml", "", 7}},
	 NULL,
	 "x d/p 10s, "},
	{"a glob that names the file itself and those above it",
	 "include: c*\ntargets: [" PAGE("x") "]",
	 {{"c.yaml", "", 0}, {"c/a.yaml", "include: /*", 0}, {"/c.yaml", "", 1}, {"c1", "", 1}},
	 NULL,
	 "x p 10s, "},
	{"a glob and the name twice",
	 "include:\n- d/*\n- d/a.yaml\n- d/a.yaml",
	 {{"d/a.yaml", "", 0}},
	 "c.yaml:4:3: include[2]: d/a.yaml: is there twice, since it is named in c.yaml:3 "
	 "already\n",
	 NULL},
	{"a file of a glob that names itself",
	 "include: d/*",
	 {{"d/a.yaml", "include: a.yaml", 0}},
	 "d/a.yaml:1:10: include: d/a.yaml: would include itself, since it is named in "
	 "c.yaml:1 already\n",
	 NULL},
	{"a file of another kind isn't quoted",
	 "include: b.yaml",
	 {{"b.yaml", "hunter2secret: 1\nhunter2secret: 2\ntarget: 3", 0}},
	 "b.yaml:1:1: unknown key\nb.yaml:2:1: unknown key\n"
	 "b.yaml:3:1: unknown key, did you mean \"targets\"?\n",
	 NULL},
	{"a name twice",
	 "include: d/b.yaml\n\n\ntargets: [" PAGE("x") "]",
	 {{"d/b.yaml", "targets:\n- " PAGE("y") "\n- " PAGE("x"), 0}},
	 "d/b.yaml:3:10: targets[1].name: \"x\" is the name of a target in c.yaml:4 too\n",
	 NULL},
	{"a name twice in one file",
	 "include: b.yaml",
	 {{"b.yaml", "targets: [" PAGE("x") ", " PAGE("x") "]", 0}},
	 "b.yaml:1:56: targets[1].name: \"x\" is the name of targets[0] too\n",
	 NULL},
	{"a key twice",
	 "include: b.yaml\nkeys: {k: {secret: {env: S}}}",
	 {{"b.yaml", "keys:\n  k: {secret: {env: S}}", 0}},
	 "b.yaml:2:3: keys.k: is the name of a key in c.yaml:2 too\n",
	 NULL},
	{"a sink twice",
	 "include: b.yaml\nsinks: {s: {type: command_file, path: p}}",
	 {{"b.yaml", "sinks:\n  s: {type: command_file, path: p}", 0}},
	 "b.yaml:2:3: sinks.s: is the name of a sink in c.yaml:2 too\n",
	 NULL},
	{"sinks of two files",
	 "include: b.yaml\nsinks: {s: {type: command_file, path: p}}",
	 {{"b.yaml", "sinks:\n  t: {type: command_file, path: p}", 0}},
	 NULL,
	 ""},
	{"a sink's secret by an alias",
	 "sinks: {s: {type: nrdp, url: 'https://n', token: &s canary}}\ninclude: *s",
	 {{0}},
	 "c.yaml:1:50: include: is the secret of a key or a sink, which belongs nowhere "
	 "else\n",
	 NULL},
	{"errors of all files",
	 "include: [a.yaml, gone.yaml, b.yaml]\ntargets: [{name: x}]",
	 {{"a.yaml", "targets: [", 0}, {"b.yaml", "y: z\ndefaults: {key: k}", 0}},
	 "a.yaml:2:1: did not find expected node content (while parsing a flow node that began "
	 "in line 2)\n"
	 "c.yaml:1:19: include[1]: gone.yaml: no such file\n"
	 "b.yaml:1:1: unknown key\n"
	 "c.yaml:2:11: targets[0]: names no check: write check: fake_file\n",
	 NULL},
	{"an unknown key of all files",
	 "include: b.yaml",
	 {{"b.yaml", "defaults: {key: k}", 0}},
	 "b.yaml:1:17: defaults.key: no key is called \"k\": there are no keys at all\n",
	 NULL},
	{"an included file that is a list",
	 "include: b.yaml",
	 {{"b.yaml", "[]", 0}},
	 "b.yaml:1:1: the configuration is not a mapping...",
	 NULL},
	{"neither a path nor a list",
	 "include: {a: b}",
	 {{0}},
	 "c.yaml:1:10: include: is neither a path nor a list of paths\n",
	 NULL},
	{"a list in a list",
	 "include: [[a]]",
	 {{0}},
	 "c.yaml:1:11: include[0]: is neither a path nor a list of paths\n",
	 NULL},
	{"no value", "include:", {{0}}, "c.yaml:1:9: include: has no value\n", NULL},
	{"empty", "include: ['']", {{0}}, "c.yaml:1:11: include[0]: is empty\n", NULL},
	{"standard input",
	 "include: '-'",
	 {{0}},
	 "c.yaml:1:10: include: is -, but only files can be included\n",
	 NULL},
	{"a variable",
	 "include: '${X}/a'",
	 {{0}},
	 "c.yaml:1:10: include: holds ${...}, but variables aren't filled in here: write the "
	 "path itself\n",
	 NULL},
	{"a secret by an alias",
	 "keys: {k: {secret: &s canary}}\ninclude: *s",
	 {{0}},
	 "c.yaml:1:20: include: is the secret of a key or a sink, which belongs nowhere else\n",
	 NULL},
	{"a tag", "include: !x a", {{0}}, "c.yaml:1:10: YAML tags...", NULL},
	{"a misspelt include",
	 "includes: a\ntargets: []",
	 {{0}},
	 "c.yaml:1:1: unknown key \"includes\", did you mean \"include\"?\n",
	 NULL},
};

static void describe(const struct jw_config *config, struct jw_buf *buf)
{
	jw_buf_text(buf, "");
	for (size_t i = 0; i < config->target_count; i++)
		jw_buf_printf(buf, "%s %s %ds, ", config->targets[i].name,
			      ((const struct fake *)config->targets[i].config)->path,
			      (int)config->targets[i].timeout / 1000);
}

static void reads(void **state)
{
	const struct row *row = *state;
	struct jw_errors errors = {0};
	struct jw_config *config;
	size_t len = row->says ? strlen(row->says) : 0;
	bool is_open = len > 3 && !strcmp(row->says + len - 3, "...");

	fakes = row->files;
	config = jw_config_read(jw_str_of(row->yaml), "c.yaml", ".", &files, DEADLINE_MS,
				&errors);
	if (row->says) {
		assert_null(config);
		if (is_open && strncmp(errors.text.ptr, row->says, len - 3) != 0)
			fail_msg("says: %s", errors.text.ptr);
		if (!is_open)
			assert_string_equal(errors.text.ptr, row->says);
	} else {
		jw_autobuf struct jw_buf has = JW_BUF(1000);

		if (!config)
			fail_msg("says: %s", errors.text.ptr);
		describe(config, &has);
		assert_string_equal(has.ptr, row->has);
	}
	jw_config_free(config);
	jw_buf_done(&errors.text);
}

/* What an error says of `text` as the configuration, or NULL. */
static const char *problem_of(struct jw_str text, struct jw_errors *errors)
{
	struct jw_config *config =
		jw_config_read(text, "c.yaml", ".", &files, DEADLINE_MS, errors);

	assert_true(!config == (errors->count > 0));
	jw_config_free(config);
	return errors->text.ptr;
}

static void says(const char *yaml, const char *sentence)
{
	struct jw_errors errors = {0};
	const char *text = problem_of(jw_str_of(yaml), &errors);

	if (!sentence && text)
		fail_msg("says: %s", text);
	if (sentence && (!text || !strstr(text, sentence)))
		fail_msg("says: %s", text ? text : "nothing");
	jw_buf_done(&errors.text);
}

static void as_many_files_as_are_allowed(void **state)
{
	(void)state;
	fakes = NULL;
	many = JW_STR("# none\n");
	slurped = 0;
	says("include: /many/999*", NULL);
	assert_int_equal(slurped, 999);
	says("include: /many/1000*", "/many/999: the configuration has more than 1000 files");
	slurped = 0;
	says("include: /many/100000*", "more than 1000 files");
	assert_true(slurped < 1000);
}

static void as_many_bytes_as_are_allowed(void **state)
{
	jw_autofree char *text = jw_xcalloc(1, (size_t)15 << 20);

	(void)state;
	memset(text, '#', (size_t)15 << 20);
	fakes = NULL;
	many = (struct jw_str){text, (size_t)15 << 20};
	says("include: /many/4*", NULL);
	says("include: /many/5*",
	     "/many/4: the files of the configuration have more than 64 MiB in all");
}

static void as_many_targets_as_are_allowed(void **state)
{
	jw_autobuf struct jw_buf text = JW_BUF((size_t)4 << 20);

	(void)state;
	fakes = NULL;
	jw_buf_text(&text, "targets: [");
	for (size_t i = 0; i <= JW_CONFIG_TARGETS_MAX / 2; i++)
		jw_buf_text(&text, "{},");
	jw_buf_text(&text, "]");
	many = jw_buf_get(&text);
	/* Each of them is an error too, of which only the first hundred are said. */
	says("include: /many/2*", "/many/0: and more\n");
}

/* c.yaml includes 1, which includes 2 ... up to `depth`. */
static void chain(size_t depth, const char *sentence)
{
	static struct fake_file links[FILES_MAX];
	struct jw_arena arena = {0};

	for (size_t i = 1; i <= depth; i++)
		links[i - 1] = (struct fake_file){
			jw_arena_printf(&arena, "%zu", i),
			i < depth ? jw_arena_printf(&arena, "include: %zu", i + 1) : "", 0};
	fakes = links;
	says("include: 1", sentence);
	jw_arena_done(&arena);
}

static void eight_deep(void **state)
{
	(void)state;
	chain(8, NULL);
	chain(9, "8:1:10: include: 9: files include each other more than 8 deep");
}

static void plain_secrets_have_their_file(void **state)
{
	static const struct fake_file two[FILES_MAX] = {
		{"a", "keys: {b: {secret: canary}}", 0},
		{"b", "targets: [{name: x, check: fake_file, path: p, url: 'http://u:p@h/'}]",
		 0},
		{"c", "targets: [{name: y, check: fake_file, path: p}]", 0}};
	struct jw_errors errors = {0};
	struct jw_config *config;

	(void)state;
	fakes = two;
	config = jw_config_read(JW_STR("include: [a, b, c]\nkeys: {k: {secret: {env: S}}}"),
				"c.yaml", ".", &files, DEADLINE_MS, &errors);
	assert_non_null(config);
	assert_true(config->has_plain_secrets);
	assert_string_equal(config->plain_files[0], "a");
	assert_string_equal(config->plain_files[1], "b");
	assert_null(config->plain_files[2]);
	assert_string_equal(config->targets[0].file, "b");
	assert_int_equal(config->targets[0].line, 1);
	jw_config_free(config);
}

/* As `jwtwatch config` has it: names as they were given, paths absolute. */
static void paths_start_beside_the_file(void **state)
{
	static const struct fake_file nested[FILES_MAX] = {
		{"conf/d/a", "include: [e/b, /etc/c]\ntargets: [" PAGE("x") "]", 0},
		{"conf/d/e/b", "targets: [" PAGE("y") "]", 0},
		{"/etc/c", "targets: [" PAGE("z") "]", 0}};
	jw_autobuf struct jw_buf has = JW_BUF(1000);
	struct jw_errors errors = {0};
	struct jw_config *config;

	(void)state;
	fakes = nested;
	config = jw_config_read(JW_STR("include: d/a"), "conf/c.yaml", "/home/conf", &files,
				DEADLINE_MS, &errors);
	if (!config)
		fail_msg("says: %s", errors.text.ptr);
	describe(config, &has);
	assert_string_equal(has.ptr,
			    "x /home/conf/d/p 10s, y /home/conf/d/e/p 10s, z /etc/p 10s, ");
	jw_config_free(config);
}

/* A folder's own name isn't a part of the glob. */
static void a_wild_folder_is_escaped(void **state)
{
	static const struct fake_file odd[FILES_MAX] = {
		{"a\\b/we\\[i]rd\\\\/d/x", "targets: [" PAGE("x") "]", 0}};
	struct jw_errors errors = {0};
	struct jw_config *config;

	(void)state;
	fakes = odd;
	config = jw_config_read(JW_STR("include: d/*"), "a\\b/we[i]rd\\/c.yaml", "f", &files,
				DEADLINE_MS, &errors);
	assert_non_null(config);
	assert_int_equal(config->target_count, 1);
	jw_config_free(config);
}

static void no_files_no_include(void **state)
{
	struct jw_errors errors = {0};

	(void)state;
	assert_null(jw_config_read(JW_STR("include: [a]"), "c.yaml", ".", NULL, DEADLINE_MS,
				   &errors));
	assert_string_equal(errors.text.ptr,
			    "c.yaml:1:11: include[0]: can't be followed: no files can be read "
			    "here\n");
	jw_buf_done(&errors.text);
}

int main(void)
{
	JW_ROWS(rows, reads);
	JW_TEST(as_many_files_as_are_allowed);
	JW_TEST(as_many_bytes_as_are_allowed);
	JW_TEST(as_many_targets_as_are_allowed);
	JW_TEST(eight_deep);
	JW_TEST(plain_secrets_have_their_file);
	JW_TEST(paths_start_beside_the_file);
	JW_TEST(a_wild_folder_is_escaped);
	JW_TEST(no_files_no_include);
	return rows_run();
}
