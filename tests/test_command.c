/* SPDX-License-Identifier: MIT */
/* The check `command` over programs that aren't there: what is run, and what is made of what they print. */
#include "rows.h"

#include "contract/check.h"
#include "token/complaint.h"

#include "fake_exec.h"

#define NOW INT64_C(4102358400)
/* {"alg":"HS256"}; {"exp":4102444800,"video":{}}, 24 h after NOW; the signatures are "sig" and "sog". */
#define TOKEN "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDAsInZpZGVvIjp7fX0.c2ln"
#define OTHER "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDAsInZpZGVvIjp7fX0.c29n"
/* {"exp":4102358000}: not LiveKit's, and it ended. */
#define FOREIGN "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDIzNTgwMDB9.c2ln"
/* {"exp":4102358000,"video":{}}: it ended 400 s before NOW. */
#define ENDED "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDIzNTgwMDAsInZpZGVvIjp7fX0.c2ln"
#define LK                                                                                     \
	"Token grants:\n{\n  \"roomJoin\": true\n}\n\nProject URL: ws://localhost:7880\n"      \
	"Access token: "

static int64_t clock_ms;

static int64_t wall(void *self)
{
	(void)self;
	return NOW;
}

static int64_t monotonic(void *self)
{
	(void)self;
	return clock_ms;
}

static const struct jw_clock fake_clock = {.wall = wall, .monotonic_ms = monotonic};

static const char *fake_env(void *self, const char *name)
{
	(void)self;
	return strcmp(name, "SECRET") ? NULL : "hush-hush";
}

static const struct jw_files files = {.env = fake_env};

struct trial {
	struct jw_config *config;
	struct jw_world world;
	struct jw_run *run;
	struct jw_result result;
	bool is_done;
};

static void done(void *context, struct jw_result *result)
{
	struct trial *trial = context;

	assert_ptr_equal(result, &trial->result);
	assert_false(trial->is_done);
	trial->is_done = true;
}

/* With the command `lk token create`, as far as it goes. */
static struct jw_target *describe(struct trial *trial, const char *const *options)
{
	static const char *const words[] = {"lk", "token", "create", "--secret=not-for-you"};
	const struct jw_check *check = jw_check_by_name(JW_STR("command"));
	const struct jw_option *command = jw_config_option(check, JW_STR("command"));
	struct jw_target *target;
	struct jw_err err = {0};

	*trial = (struct trial){
		.config = jw_config_new(),
		.world = {.files = &files, .clock = &fake_clock, .exec = fake_open_exec},
	};
	fake_reset_exec();
	clock_ms = 0;
	target = jw_config_add(trial->config, check, "command");
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(jw_config_set(trial->config, target, command,
					       jw_str_of(words[i]), &err),
				 JW_OK);
	for (; options[0]; options += 2)
		if (jw_config_set(trial->config, target,
				  jw_config_option(check, jw_str_of(options[0])),
				  jw_str_of(options[1]), &err))
			fail_msg("%s", err.text);
	if (jw_config_finish(trial->config, target, &err))
		fail_msg("%s", err.text);
	return target;
}

static void begin(struct trial *trial, const char *const *options, int64_t deadline_ms)
{
	struct jw_target *target = describe(trial, options);

	trial->run = jw_runner_start(&trial->world, trial->config, target, deadline_ms, 0,
				     &trial->result, done, trial);
}

static void end(struct trial *trial)
{
	jw_result_done(&trial->result);
	jw_config_free(trial->config);
}

static const char *message(const struct trial *trial)
{
	return trial->result.verdict.message;
}

struct row {
	const char *name;
	const char *options[6];
	const char *output;
	const char *complaint;
	int exit_status;
	const char *signal;
	enum jw_cause cause;
	const char *message; /* a part of it */
};

static const struct row rows[] = {
	{"the token alone", {NULL}, TOKEN "\n", .message = "lk good for 1d more"},
	{"as lk says it", {NULL}, LK TOKEN "\n", .message = "lk:7 good for 1d more"},
	{"JSON as lk has it",
	 {NULL},
	 "{\"access_token\":\"" TOKEN "\",\"identity\":\"u\"}",
	 .cause = JW_OK},
	{"an ended one", {NULL}, LK ENDED "\n", .cause = JW_EXPIRED},
	{"two tokens: both count", {NULL}, TOKEN "\n" ENDED "\n", .cause = JW_EXPIRED},
	{"the first of two", {"select", "first"}, TOKEN "\n" ENDED "\n", .cause = JW_OK},
	{"the last of two", {"select", "last"}, TOKEN "\n" ENDED "\n", .cause = JW_EXPIRED},
	{"another's ended token beside LiveKit's",
	 {NULL},
	 FOREIGN "\n" TOKEN "\n",
	 .cause = JW_OK},
	{"in JSON of unknown shape",
	 {NULL},
	 "{\"a\":[\"" TOKEN "\"],\"b\":\"" OTHER "\"}",
	 .cause = JW_OK},
	{"a pointer", {"token", "/a/b"}, "{\"a\":{\"b\":\"" TOKEN "\"}}", .cause = JW_OK},
	{"a pointer to nothing",
	 {"token", "/a"},
	 "{\"b\":\"" TOKEN "\"}",
	 .cause = JW_TOKEN_NOT_FOUND},
	{"a pointer, and no JSON", {"token", "/a"}, LK TOKEN, .cause = JW_BAD_JSON},
	{"a pattern", {"pattern", "t=(\\S+)"}, "u=" ENDED " t=" TOKEN, .cause = JW_OK},
	{"a pattern that matches nowhere",
	 {"pattern", "x=(\\S+)"},
	 "t=" TOKEN,
	 .cause = JW_TOKEN_NOT_FOUND,
	 .message = "lk: the pattern matches nowhere in"},
	{"a placeholder, and a token elsewhere",
	 {NULL},
	 "{\"token\":{},\"refresh\":\"" TOKEN "\"}",
	 .cause = JW_PLACEHOLDER},
	{"no output",
	 {NULL},
	 "",
	 .cause = JW_TOKEN_NOT_FOUND,
	 .message = "lk: its output is empty, and nothing on standard error"},
	{"no output, but a complaint",
	 {NULL},
	 " \n",
	 "no API key\n",
	 .cause = JW_TOKEN_NOT_FOUND,
	 .message = "its output is empty: no API key"},
	{"text without a token", {NULL}, "done\n", .cause = JW_TOKEN_NOT_FOUND},
	{"a broken token",
	 {NULL},
	 "Access token: "
	 "eyJhbGciOiJIUzI1NiJ9.e30\n",
	 .cause = JW_TOKEN_MALFORMED},
	{"a token on standard error isn't one",
	 {NULL},
	 "",
	 TOKEN "\n",
	 .cause = JW_TOKEN_NOT_FOUND,
	 .message = ": [token]"},
	{"exit status",
	 {NULL},
	 TOKEN,
	 "usage\nno such room\n",
	 .exit_status = 2,
	 .cause = JW_COMMAND_FAILED,
	 .message = "lk: exit status 2: no such room"},
	{"another exit status is good",
	 {"exit_status", "3", "exit_status", "4"},
	 TOKEN,
	 .exit_status = 4},
	{"then 0 isn't",
	 {"exit_status", "3"},
	 TOKEN,
	 .cause = JW_COMMAND_FAILED,
	 .message = "exit status 0"},
	{"a signal",
	 {NULL},
	 TOKEN,
	 .signal = "SEGV",
	 .exit_status = 11,
	 .cause = JW_COMMAND_FAILED,
	 .message = "was ended by signal SEGV"},
	{"a signal isn't the status of its number",
	 {"exit_status", "11"},
	 TOKEN,
	 .signal = "SEGV",
	 .exit_status = 11,
	 .cause = JW_COMMAND_FAILED},
	{"a secret of its environment in a complaint",
	 {"env", "API_KEY=env:SECRET"},
	 "",
	 "bad key hush-hush!\n",
	 .exit_status = 1,
	 .cause = JW_COMMAND_FAILED,
	 .message = ": bad key ***!"},
	{"a word of the command in a complaint",
	 {NULL},
	 "",
	 "not-for-you is wrong\n",
	 .exit_status = 1,
	 .cause = JW_COMMAND_FAILED,
	 .message = ": *** is wrong"},
};

static void finds(void **state)
{
	const struct row *row = *state;
	struct trial trial;

	begin(&trial, row->options, 1000000);
	assert_non_null(trial.run);
	fake_outcome(0, (struct jw_exec_result){
				.exit_status = row->exit_status,
				.signal = row->signal,
				.output = jw_str_of(row->output),
				.complaint = jw_str_of(row->complaint),
			});
	assert_true(trial.is_done);
	assert_int_equal(trial.result.verdict.cause, row->cause);
	if (row->message && !strstr(message(&trial), row->message))
		fail_msg("%s", message(&trial));
	assert_null(strstr(message(&trial), "eyJ"));
	assert_null(strstr(message(&trial), "hush"));
	assert_null(strstr(message(&trial), "not-for-you"));
	end(&trial);
}

static void asks_for_what_is_configured(void **state)
{
	static const char *const options[] = {
		"env",	   "A=plain", "env",	  "API_KEY=env:SECRET",
		"folder",  "/srv",    "max_size", "4KiB",
		"timeout", "7s",      NULL};
	struct trial trial;

	(void)state;
	begin(&trial, options, 1000000);
	assert_string_equal(fake_children[0].argv, "[lk][token][create][--secret=not-for-you]");
	assert_string_equal(fake_children[0].env, "[A=plain][API_KEY=hush-hush]");
	assert_string_equal(fake_children[0].folder, "/srv");
	assert_int_equal(fake_children[0].timeout_ms, 7000);
	assert_int_equal(fake_children[0].max_output, 4096);
	fake_outcome(0, (struct jw_exec_result){.output = JW_STR(TOKEN)});
	end(&trial);
}

static void a_secret_is_missing(void **state)
{
	static const char *const options[] = {"env", "API_KEY=env:ABSENT", NULL};
	struct trial trial;

	(void)state;
	begin(&trial, options, 1000000);
	assert_null(trial.run);
	assert_int_equal(fake_child_count, 0);
	assert_int_equal(trial.result.verdict.cause, JW_SECRET_MISSING);
	assert_non_null(strstr(message(&trial), "variable API_KEY"));
	end(&trial);
}

struct cause_row {
	const char *name;
	int64_t deadline_ms;
	enum jw_cause met;
	enum jw_cause cause;
	const char *says; /* NULL: what is said */
};

static const struct cause_row cause_rows[] = {
	{"not runnable", 1000000, JW_COMMAND_NOT_RUNNABLE, .cause = JW_COMMAND_NOT_RUNNABLE},
	{"its own time is up", 1000000, JW_TIMEOUT, JW_TIMEOUT, "within the timeout of 10s,"},
	{"the whole run's time is up", 5000, JW_TIMEOUT, JW_DEADLINE, "before it ended"},
	{"it had no turn", 1000000, JW_DEADLINE, .cause = JW_DEADLINE},
	{"endless output", 1000000, JW_BODY_TOO_LARGE, .cause = JW_BODY_TOO_LARGE},
	{"nothing is left to run it with", 1000000, JW_INTERNAL, .cause = JW_INTERNAL},
};

static void passes_causes_on(void **state)
{
	static const char *const none[] = {NULL};
	const struct cause_row *row = *state;
	struct trial trial;

	begin(&trial, none, row->deadline_ms);
	fake_outcome(0, (struct jw_exec_result){.cause = row->met,
						.says = "as it is said",
						.output = JW_STR(TOKEN)});
	assert_int_equal(trial.result.verdict.cause, row->cause);
	if (!strstr(message(&trial), row->says ? row->says : "as it is said"))
		fail_msg("%s", message(&trial));
	assert_non_null(strstr(message(&trial), "lk: "));
	end(&trial);
}

static void a_run_that_is_cancelled_ends_its_program(void **state)
{
	static const char *const none[] = {NULL};
	struct trial trial;

	(void)state;
	begin(&trial, none, 1000000);
	jw_runner_cancel(trial.run);
	assert_false(fake_children[0].is_running);
	assert_false(trial.is_done);
	assert_int_equal(trial.result.verdict.cause, JW_DEADLINE);
	assert_non_null(strstr(message(&trial),
			       "lk: the whole run's time (-t) was up before it ended"));
	end(&trial);
}

static void where_no_program_can_be_run(void **state)
{
	static const char *const none[] = {NULL};
	struct trial trial;
	struct jw_target *target;

	(void)state;
	target = describe(&trial, none);
	trial.world.exec = NULL;
	assert_null(jw_runner_start(&trial.world, trial.config, target, 1000000, 0,
				    &trial.result, done, &trial));
	assert_int_equal(trial.result.verdict.cause, JW_INTERNAL);
	end(&trial);
}

struct refused_row {
	const char *name;
	const char *options[6];
	const char *says;
};

static const struct refused_row refused_rows[] = {
	{"two places", {"token", "/a", "pattern", "b"}, "write one of them"},
	{"no pointer", {"token", "a"}, "--token:"},
	{"no number", {"exit_status", "x"}, "from 0 to 255"},
	{"too large a number", {"exit_status", "256"}, "from 0 to 255"},
	{"systemd's own variable", {"env", "NOTIFY_SOCKET=x"}, "no program gets it"},
	{"no name of a variable", {"env", "A-B=x"}, "isn't one"},
	{"no variable at all", {"env", "A"}, "has no ="},
	{"a secret in the open", {"env", "API_SECRET=hush"}, "write env:NAME"},
	{"a word as it is printed", {"command", "(hidden)"}, "put the word itself back"},
};

static void refuses(void **state)
{
	static const char *const none[] = {NULL};
	const struct refused_row *row = *state;
	struct trial trial;
	struct jw_target *target = describe(&trial, none);
	struct jw_err err = {0};
	enum jw_cause cause = JW_OK;

	for (const char *const *option = row->options; *option && !cause; option += 2)
		cause = jw_config_set(trial.config, target,
				      jw_config_option(target->check, jw_str_of(option[0])),
				      jw_str_of(option[1]), &err);
	if (!cause)
		cause = jw_config_finish(trial.config, target, &err);
	assert_int_equal(cause, JW_CONFIG);
	if (!strstr(err.text, row->says))
		fail_msg("%s", err.text);
	assert_null(strstr(err.text, "hush"));
	jw_config_free(trial.config);
}

struct said_row {
	const char *name;
	const char *complaint;
	const char *said;
	const char *values[3];
	const char *words[3];
};

static const struct said_row said_rows[] = {
	{"nothing", "", .said = ""},
	{"blank lines", " \n\n", .said = ""},
	{"the last line", "a\nb c \n\n", .said = "b c"},
	{"a token", "x " TOKEN ".", .said = "x [token]."},
	{"a value", "x hush-hush y hush-hush", "x *** y ***", .values = {"hush-hush"}},
	{"a line of a value of many", "second line of it", "***",
	 .values = {"first line\nsecond line of it\n"}},
	{"a short line of a value of many", "if x fi", "if x fi",
	 .values = {"first line\nfi\nx\n"}},
	{"a value of four characters", "the key abcd is wrong", "the key *** is wrong",
	 .values = {"abcd"}},
	{"a value of one character", "a1b11", "a***b***", .values = {"1"}},
	{"an empty value", "abc", "abc", .values = {"", " \n "}},
	{"a value within another", "abcdefghijklmnop123456 is wrong", "*** is wrong",
	 .values = {"abcde", "abcdefghijklmnop123456"}},
	{"values that overlap", "x abcdefg", "x ***", .values = {"abcde", "defg"}},
	{"a value that overlaps itself", "x ababab", "x ***", .values = {"abab"}},
	{"seven bytes of a value", "x bcdefgh y", "x bcdefgh y", .values = {"abcdefghi"}},
	{"eight bytes of a value", "x bcdefghi y bcdefghi", "x *** y ***",
	 .values = {"abcdefghij"}},
	{"a value of one byte again and again", "x aaaaaaaaaaaa", "x ***",
	 .values = {"aaaaaaaaaaaaaaaa"}},
	{"a word", "no room hush here", "no room *** here", .words = {"hush"}},
	{"a word that is too short", "a abc b", "a abc b", .words = {"abc"}},
	{"a word behind its =", "x hush", "x ***", .words = {"--key=hush"}},
	{"a word before its =", "no option --key", "no option --key", .words = {"--key=hush"}},
	{"a word that ends in =", "bad aGk0==", "bad ***", .words = {"aGk0=="}},
	{"a password in a URL", "login bob:hunter2pass failed", "login *** failed",
	 .words = {"https://bob:hunter2pass@h/"}},
	{"a word from the middle of a token", "x eyJhbGciOiJIUzI1NiJ9.e30.abcdefghijkl y",
	 "x [token] y", .words = {"efghij"}},
	{"a word across a token's end", TOKEN "/abc y", "[token] y", .words = {"c2ln/abc"}},
	{"control characters", "a\033[31mb", .said = "a?[31mb"},
};

static void is_fit_to_be_shown(void **state)
{
	const struct said_row *row = *state;
	jw_autobuf struct jw_buf buf = JW_BUF(1000);

	jw_complaint(jw_str_of(row->complaint), row->values, row->words, &buf);
	if (!jw_str_is(jw_buf_get(&buf), row->said))
		fail_msg("%.*s", JW_STR_ARG(jw_buf_get(&buf)));
}

static void a_long_complaint_is_cut(void **state)
{
	jw_autobuf struct jw_buf long_one = JW_BUF(1000);
	jw_autobuf struct jw_buf buf = JW_BUF(1000);

	(void)state;
	for (size_t i = 0; i < 900; i++)
		jw_buf_char(&long_one, i ? 'a' : '\0');
	jw_complaint(jw_buf_get(&long_one), NULL, NULL, &buf);
	assert_int_equal(buf.len, 303);
	assert_int_equal(buf.ptr[0], '?');
}

int main(void)
{
	JW_ROWS(rows, finds);
	JW_ROWS(cause_rows, passes_causes_on);
	JW_ROWS(refused_rows, refuses);
	JW_ROWS(said_rows, is_fit_to_be_shown);
	JW_TEST(asks_for_what_is_configured);
	JW_TEST(a_secret_is_missing);
	JW_TEST(a_run_that_is_cancelled_ends_its_program);
	JW_TEST(where_no_program_can_be_run);
	JW_TEST(a_long_complaint_is_cut);
	return rows_run();
}
