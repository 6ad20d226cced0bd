/* SPDX-License-Identifier: MIT */
/* Real programs on a real loop: how they end, what they inherit, and that nothing of them is left. */
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapter/adapter.h"
#include "base/buf.h"
#include "base/mem.h"

/* Nothing here takes that long, unless it hangs. */
#define BOUND_MS 60000
#define MANY 200
#define SH(text)                                                                               \
	{                                                                                      \
		"sh", "-c", (text)                                                             \
	}

struct scene {
	struct jw_loop loop;
	struct jw_exec exec;
	struct jw_str input;
	size_t awaited;
	size_t ended;
	size_t good;
	struct jw_exec_result last;
	struct jw_buf says;
	struct jw_buf output;
	struct jw_buf complaint;
};

static int64_t now_ms(void)
{
	return jw_adapter_clock.monotonic_ms(NULL);
}

static void begin(struct scene *scene)
{
	*scene = (struct scene){
		.says = JW_BUF(4096), .output = JW_BUF(1 << 20), .complaint = JW_BUF(1 << 20)};
	assert_int_equal(jw_adapter_loop(&scene->loop, NULL), JW_OK);
	scene->exec = jw_adapter_exec(&scene->loop);
}

/* Without a child left, not even one to be reaped. */
static void end(struct scene *scene)
{
	scene->exec.close(scene->exec.self);
	jw_adapter_loop_end(&scene->loop);
	jw_buf_done(&scene->says);
	jw_buf_done(&scene->output);
	jw_buf_done(&scene->complaint);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void on_done(void *context, const struct jw_exec_result *result)
{
	struct scene *scene = context;

	scene->last = *result;
	jw_buf_clear(&scene->says);
	jw_buf_clear(&scene->output);
	jw_buf_clear(&scene->complaint);
	jw_buf_text(&scene->says, result->says ? result->says : "");
	jw_buf_str(&scene->output, result->output);
	jw_buf_str(&scene->complaint, result->complaint);
	scene->good += !result->cause && !result->signal && !result->exit_status;
	if (++scene->ended == scene->awaited)
		scene->loop.stop(scene->loop.self);
}

static struct jw_child *start(struct scene *scene, const char *const *argv, const char *folder,
			      const char *const *env, int64_t timeout_ms)
{
	return scene->exec.start(scene->exec.self,
				 &(struct jw_exec_request){
					 .argv = argv,
					 .env = env,
					 .input = scene->input,
					 .folder = folder,
					 .timeout_ms = timeout_ms ? timeout_ms : BOUND_MS,
					 .max_output = 4096,
				 },
				 on_done, scene);
}

static void await(struct scene *scene, size_t count)
{
	scene->awaited = count;
	scene->loop.run(scene->loop.self, now_ms() + BOUND_MS);
	assert_int_equal(scene->ended, count);
}

static void run(struct scene *scene, const char *const *argv)
{
	start(scene, argv, NULL, NULL, 0);
	assert_int_equal(scene->ended, 0);
	await(scene, 1);
}

struct row {
	const char *name;
	const char *argv[5];
	const char *folder;
	int64_t timeout_ms;
	enum jw_cause cause;
	int exit_status;
	const char *signal;
	const char *output; /* NULL: any */
	const char *says;   /* a part of it */
};

static const struct row rows[] = {
	{"ends well", SH("echo out; echo err >&2"), .output = "out\n"},
	{"exit status", SH("exit 7"), .exit_status = 7},
	{"exit status 255", SH("exit 255"), .exit_status = 255},
	{"a signal ends it", SH("kill -SEGV $$"), .exit_status = SIGSEGV, .signal = "SEGV"},
	{"killed", SH("kill -9 $$"), .exit_status = SIGKILL, .signal = "KILL"},
	{"words with blanks and quotes stay one",
	 {"printf", "%s|", "a b", "'\"$x"},
	 .output = "a b|'\"$x|"},
	{"an empty word", {"printf", "%s|", "", "b"}, .output = "|b|"},
	{"standard input is empty", {"cat"}, .output = ""},
	{"its folder", {"pwd"}, .folder = "/usr", .output = "/usr\n"},
	{"output ends before it does", SH("exec >&- 2>&-; exit 3"), .exit_status = 3,
	 .output = ""},
	{"as much output as may be", SH("printf %4096s"), .exit_status = 0},
	{"one byte more", SH("printf %4097s"), .cause = JW_BODY_TOO_LARGE,
	 .says = "4096 bytes"},
	{"endless output", {"yes"}, .cause = JW_BODY_TOO_LARGE},
	{"not found",
	 {"jwtwatch-no-such-program"},
	 .cause = JW_COMMAND_NOT_RUNNABLE,
	 .says = "no folder of PATH"},
	{"a path to nothing",
	 {"/nothing/here"},
	 .cause = JW_COMMAND_NOT_RUNNABLE,
	 .says = "no such file"},
	{"a folder", {"/usr"}, .cause = JW_COMMAND_NOT_RUNNABLE, .says = "is a folder"},
	{"not executable",
	 {"/etc/passwd"},
	 .cause = JW_COMMAND_NOT_RUNNABLE,
	 .says = "isn't executable"},
	{"a device", {"/dev/null"}, .cause = JW_COMMAND_NOT_RUNNABLE, .says = "regular"},
	{"a folder that isn't there",
	 {"true"},
	 .folder = "/nothing/here",
	 .cause = JW_COMMAND_NOT_RUNNABLE,
	 .says = "/nothing/here: isn't there"},
	{"a folder that is a file",
	 {"true"},
	 .folder = "/etc/passwd",
	 .cause = JW_COMMAND_NOT_RUNNABLE,
	 .says = "isn't a folder"},
	{"hangs",
	 {"sleep", "100"},
	 .timeout_ms = 200,
	 .cause = JW_TIMEOUT,
	 .says = "within 200 ms"},
	{"hangs and ignores SIGTERM", SH("trap '' TERM; while :; do sleep 100; done"),
	 .timeout_ms = 200, .cause = JW_TIMEOUT},
	{"ends well when it is asked to end: late all the same",
	 SH("trap 'exit 0' TERM; sleep 100 & wait"), .timeout_ms = 400, .cause = JW_TIMEOUT},
	{"stops itself", SH("kill -STOP $$"), .timeout_ms = 200, .cause = JW_TIMEOUT},
	{"endless complaints", SH("yes oops >&2"), .timeout_ms = 200, .cause = JW_TIMEOUT},
};

static void ends(void **state)
{
	const struct row *row = *state;
	struct scene scene;

	begin(&scene);
	start(&scene, row->argv, row->folder, NULL, row->timeout_ms);
	assert_int_equal(scene.ended, 0);
	await(&scene, 1);
	assert_int_equal(scene.last.cause, row->cause);
	if (!row->cause) {
		assert_int_equal(scene.last.exit_status, row->exit_status);
		assert_true(jw_str_is(jw_str_of(scene.last.signal),
				      row->signal ? row->signal : ""));
	}
	if (row->output)
		assert_true(jw_str_is(jw_buf_get(&scene.output), row->output));
	if (row->says)
		assert_true(jw_str_has(jw_buf_get(&scene.says), row->says));
	end(&scene);
}

/* More than a pipe takes, and borrowed for the start only. */
static void it_reads_what_it_is_given(void **state)
{
	static const char *const reads[] = {"sh", "-c", "head -n 1; wc -c", NULL};
	static const char *const ignores[] = {"true", NULL};
	jw_autobuf struct jw_buf input = JW_BUF(1 << 20);
	struct scene scene;

	(void)state;
	jw_buf_text(&input, "first\n");
	while (input.len < 300006)
		jw_buf_char(&input, 'x');
	begin(&scene);
	scene.input = jw_buf_get(&input);
	start(&scene, reads, NULL, NULL, 0);
	memset(input.ptr, 'y', input.len);
	await(&scene, 1);
	assert_string_equal(scene.output.ptr, "first\n300000\n");
	start(&scene, ignores, NULL, NULL, 0);
	await(&scene, 2);
	assert_int_equal(scene.good, 2);
	end(&scene);
}

static void the_complaint_is_kept_from_its_end(void **state)
{
	static const char *const argv[] = {
		"sh", "-c", "yes 0123456789 | head -n 20000 >&2; echo last >&2", NULL};
	struct scene scene;

	(void)state;
	begin(&scene);
	run(&scene, argv);
	assert_int_equal(scene.last.cause, JW_OK);
	assert_in_range(scene.complaint.len, JW_EXEC_COMPLAINT_MAX - 12, JW_EXEC_COMPLAINT_MAX);
	assert_memory_equal(scene.complaint.ptr, "0123456789\n", 11);
	assert_string_equal(scene.complaint.ptr + scene.complaint.len - 5, "last\n");
	end(&scene);
}

/* What /proc says of it: gone, or dead and left to somebody who doesn't reap. */
static bool is_gone(const char *pid)
{
	char path[64];
	char text[512] = "";
	int fd;
	ssize_t len;
	const char *after;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	after = len > 0 ? strrchr(text, ')') : NULL;
	return !after || after[2] == 'Z' || after[2] == 'X';
}

struct left_row {
	const char *name;
	const char *script; /* its output is the number of the grandchild */
	int64_t timeout_ms;
	enum jw_cause cause;
};

static const struct left_row left_rows[] = {
	{"a grandchild holds the pipes", "sleep 100 & echo $!; exit 0", 0, JW_OK},
	{"a grandchild that holds nothing", "sleep 100 > /dev/null 2>&1 & echo $!", 0, JW_OK},
	{"a grandchild of one that hangs", "sleep 100 & echo $!; sleep 100", 300, JW_TIMEOUT},
	{"a grandchild that ignores SIGTERM",
	 "(trap '' TERM; exec sleep 100) & echo $!; sleep 100", 300, JW_TIMEOUT},
	{"a grandchild, and the time is up while it holds the pipes",
	 "sleep 100 & echo $!; exit 0", 100, JW_OK},
};

static void leaves_nothing(void **state)
{
	const struct left_row *row = *state;
	const char *const argv[] = {"sh", "-c", row->script, NULL};
	struct scene scene;
	int64_t until_ms;

	begin(&scene);
	start(&scene, argv, NULL, NULL, row->timeout_ms);
	await(&scene, 1);
	assert_int_equal(scene.last.cause, row->cause);
	assert_true(scene.output.len > 1);
	scene.output.ptr[scene.output.len - 1] = '\0';
	until_ms = now_ms() + BOUND_MS;
	while (!is_gone(scene.output.ptr) && now_ms() < until_ms)
		sched_yield();
	assert_true(is_gone(scene.output.ptr));
	end(&scene);
}

static void its_environment_is_ours_but_for_secrets(void **state)
{
	static const char *const argv[] = {"env", NULL};
	static const char *const given[] = {"GIVEN=x y", "TZ=Asia/Tokyo", NULL};
	static const char *const own[] = {
		"LIVEKIT_API_SECRET", "JWTWATCH_CONFIG",       "NOTIFY_SOCKET",	  "LISTEN_FDS",
		"LISTEN_PID",	      "CREDENTIALS_DIRECTORY", "LD_LIBRARY_PATH", "PATHS"};
	static const char *const let_through[] = {"HOME",    "USER", "LANG",
						  "LC_TIME", "TZ",   "TMPDIR"};
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		setenv(own[i], "canary", 1);
	for (size_t i = 0; i < sizeof(let_through) / sizeof(*let_through); i++)
		setenv(let_through[i], "/C", 1);
	begin(&scene);
	start(&scene, argv, NULL, given, 0);
	await(&scene, 1);
	assert_false(jw_str_has(jw_buf_get(&scene.output), "canary"));
	assert_true(jw_str_has(jw_buf_get(&scene.output), "GIVEN=x y\n"));
	assert_true(jw_str_has(jw_buf_get(&scene.output), "TZ=Asia/Tokyo\n"));
	assert_false(jw_str_has(jw_buf_get(&scene.output), "TZ=/C"));
	assert_true(jw_str_has(jw_buf_get(&scene.output), "PATH=/"));
	assert_true(jw_str_has(jw_buf_get(&scene.output), "HOME=/C\n"));
	assert_true(jw_str_has(jw_buf_get(&scene.output), "LC_TIME=/C\n"));
	end(&scene);
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		unsetenv(own[i]);
}

static void it_has_a_path_of_its_own(void **state)
{
	static const char *const argv[] = {"true", NULL};
	static const char *const nowhere[] = {"PATH=bin:usr/bin:/nothing", NULL};
	const char *path = getenv("PATH");
	char *kept = path ? strdup(path) : NULL;
	struct scene scene;
	jw_autofree char *here = getcwd(NULL, 0);

	(void)state;
	/* From here bin/true is there, and isn't taken. */
	assert_int_equal(chdir("/"), 0);
	begin(&scene);
	start(&scene, argv, NULL, nowhere, 0);
	await(&scene, 1);
	assert_int_equal(scene.last.cause, JW_COMMAND_NOT_RUNNABLE);
	unsetenv("PATH");
	start(&scene, argv, NULL, NULL, 0);
	await(&scene, 2);
	assert_int_equal(scene.last.cause, JW_OK);
	if (kept)
		setenv("PATH", kept, 1);
	free(kept);
	end(&scene);
	assert_int_equal(chdir(here), 0);
}

static void it_has_no_descriptor_of_ours(void **state)
{
	static const char *const argv[] = {"sh", "-c",
					   "i=3; while [ $i -lt 300 ]; do "
					   "[ -e /proc/self/fd/$i ] && echo $i; i=$((i+1)); "
					   "done; echo done",
					   NULL};
	struct scene scene;
	int leak;

	(void)state;
	leak = open("/etc/passwd", O_RDONLY);
	assert_true(leak >= 0);
	assert_int_equal(dup2(leak, 77), 77);
	begin(&scene);
	run(&scene, argv);
	assert_true(jw_str_is(jw_buf_get(&scene.output), "done\n"));
	end(&scene);
	close(77);
	close(leak);
}

/* Where ours are closed, the pipes get their numbers. */
static void speak_without(struct jw_str input, const char *output)
{
	static const char *const argv[] = {"sh", "-c", "cat; echo out; echo err >&2", NULL};
	struct scene scene;
	int kept[3];

	begin(&scene);
	scene.input = input;
	for (int i = 0; i < 3; i++) {
		kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
		close(i);
	}
	start(&scene, argv, NULL, NULL, 0);
	scene.awaited = 1;
	scene.loop.run(scene.loop.self, now_ms() + BOUND_MS);
	for (int i = 0; i < 3; i++) {
		dup2(kept[i], i);
		close(kept[i]);
	}
	assert_true(jw_str_is(jw_buf_get(&scene.output), output));
	assert_true(jw_str_is(jw_buf_get(&scene.complaint), "err\n"));
	end(&scene);
}

static void without_standard_descriptors(void **state)
{
	(void)state;
	speak_without(JW_STR(""), "out\n");
	speak_without(JW_STR("in\n"), "in\nout\n");
}

static void signals_are_as_at_a_beginning(void **state)
{
	static const char *const argv[] = {"grep", "-E", "Sig(Blk|Ign):", "/proc/self/status",
					   NULL};
	struct scene scene;
	sigset_t blocked;
	sigset_t before;

	(void)state;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	signal(SIGPIPE, SIG_IGN);
	/* As some supervisors leave it: then the kernel reaps, and no status can be had. */
	signal(SIGCHLD, SIG_IGN);
	begin(&scene);
	run(&scene, argv);
	assert_int_equal(scene.last.cause, JW_OK);
	assert_int_equal(scene.last.exit_status, 0);
	/* glibc itself has 32 and 33 ignored. */
	assert_true(jw_str_starts(jw_buf_get(&scene.output),
				  "SigBlk:\t0000000000000000\nSigIgn:\t0000000"));
	assert_string_equal(scene.output.ptr + scene.output.len - 8, "0000000\n");
	end(&scene);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* A file of these bytes in a folder that is removed by end_file. */
static char folder[] = "/tmp/jwtwatch-exec-XXXXXX";
static char file[64];

static void make_file(const char *text, mode_t mode)
{
	int fd;

	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/script", folder);
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void end_file(void)
{
	unlink(file);
	rmdir(folder);
}

struct file_row {
	const char *name;
	const char *text;
	mode_t mode;
	enum jw_cause cause;
	const char *says;
};

static const struct file_row file_rows[] = {
	{"a script", "#!/bin/sh\necho ok\n", 0700, JW_OK, ""},
	{"a script without #!", "echo ok\n", 0700, JW_COMMAND_NOT_RUNNABLE,
	 "#! in its first line"},
	{"an empty file", "", 0700, JW_COMMAND_NOT_RUNNABLE, "#! in its first line"},
	{"a script whose interpreter isn't there", "#!/nothing/here\n", 0700,
	 JW_COMMAND_NOT_RUNNABLE, "what is to run it"},
	{"a script whose interpreter may not be run", "#!/etc/passwd\n", 0700,
	 JW_COMMAND_NOT_RUNNABLE, "isn't executable"},
	{"a script that isn't executable", "#!/bin/sh\n", 0600, JW_COMMAND_NOT_RUNNABLE,
	 "mode is 0600"},
};

static void runs_files(void **state)
{
	const struct file_row *row = *state;
	struct scene scene;
	const char *argv[] = {file, NULL};

	make_file(row->text, row->mode);
	begin(&scene);
	run(&scene, argv);
	end_file();
	assert_int_equal(scene.last.cause, row->cause);
	assert_true(!*row->says || jw_str_has(jw_buf_get(&scene.says), row->says));
	end(&scene);
}

static void a_relative_path_is_one_from_here(void **state)
{
	static const char *const argv[] = {"./script", NULL};
	struct scene scene;
	jw_autofree char *here = getcwd(NULL, 0);

	(void)state;
	make_file("#!/bin/sh\npwd\n", 0700);
	assert_int_equal(chdir(folder), 0);
	begin(&scene);
	start(&scene, argv, "/usr", NULL, 0);
	await(&scene, 1);
	assert_int_equal(chdir(here), 0);
	end_file();
	assert_string_equal(scene.output.ptr, "/usr\n");
	end(&scene);
}

static void many_side_by_side(void **state)
{
	static const char *const argv[] = {"true", NULL};
	struct scene scene;

	(void)state;
	begin(&scene);
	for (size_t i = 0; i < MANY; i++)
		start(&scene, argv, NULL, NULL, 0);
	await(&scene, MANY);
	assert_int_equal(scene.good, MANY);
	end(&scene);
}

static size_t count_children(void)
{
	char path[64];
	char text[8192];
	size_t count = 0;
	int fd;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	len = read(fd, text, sizeof(text));
	close(fd);
	for (ssize_t i = 0; i < len; i++)
		count += text[i] == ' ';
	return count;
}

/* The killed are reaped by the loop: it runs until nothing happens in it any more. */
static void settle(struct scene *scene, size_t count)
{
	int64_t until_ms = now_ms() + BOUND_MS;

	while (count_children() != count && now_ms() < until_ms)
		scene->loop.run(scene->loop.self, now_ms() + 5);
	assert_int_equal(count_children(), count);
}

static void no_more_than_those(void **state)
{
	static const char *const argv[] = {"sleep", "100", NULL};
	struct jw_child *children[MANY];
	struct scene scene;

	(void)state;
	begin(&scene);
	for (size_t i = 0; i < MANY; i++)
		children[i] = start(&scene, argv, NULL, NULL, 0);
	assert_int_equal(count_children(), JW_EXEC_SIDE_BY_SIDE);
	/* One that runs, one that waits at the end, one in between. */
	scene.exec.cancel(children[0]);
	scene.exec.cancel(children[MANY - 1]);
	scene.exec.cancel(children[100]);
	settle(&scene, JW_EXEC_SIDE_BY_SIDE);
	start(&scene, argv, NULL, NULL, 20);
	await(&scene, 1);
	assert_int_equal(scene.last.cause, JW_DEADLINE);
	for (size_t i = 1; i < MANY - 1; i++)
		if (i != 100)
			scene.exec.cancel(children[i]);
	settle(&scene, 0);
	assert_int_equal(scene.ended, 1);
	end(&scene);
}

static void cancelled_before_its_failure_is_told(void **state)
{
	static const char *const argv[] = {"jwtwatch-no-such-program", NULL};
	struct scene scene;

	(void)state;
	begin(&scene);
	scene.exec.cancel(start(&scene, argv, NULL, NULL, 0));
	scene.loop.run(scene.loop.self, now_ms() + 5);
	assert_int_equal(scene.ended, 0);
	end(&scene);
}

/* The killed may still be dying when all is closed. */
static void closed_at_once(void **state)
{
	static const char *const argv[] = {"sleep", "100", NULL};
	struct scene scene;

	(void)state;
	begin(&scene);
	scene.exec.cancel(start(&scene, argv, NULL, NULL, 0));
	end(&scene);
}

static void no_descriptor_is_left(void **state)
{
	static const char *const argv[] = {"true", NULL};
	struct scene scene;
	struct rlimit limit;
	struct rlimit none;

	(void)state;
	begin(&scene);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	for (rlim_t count = 3; count < 16; count++) {
		none = (struct rlimit){count, limit.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
		start(&scene, argv, NULL, NULL, 0);
		await(&scene, (size_t)count - 2);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
		if (scene.last.cause)
			assert_int_equal(scene.last.cause, JW_INTERNAL);
		if (count == 3)
			assert_int_equal(scene.last.cause, JW_INTERNAL);
	}
	start(&scene, argv, NULL, NULL, 0);
	await(&scene, 14);
	assert_int_equal(scene.last.cause, JW_OK);
	end(&scene);
}

int main(void)
{
	JW_ROWS(rows, ends);
	JW_ROWS(left_rows, leaves_nothing);
	JW_ROWS(file_rows, runs_files);
	JW_TEST(it_reads_what_it_is_given);
	JW_TEST(the_complaint_is_kept_from_its_end);
	JW_TEST(its_environment_is_ours_but_for_secrets);
	JW_TEST(it_has_a_path_of_its_own);
	JW_TEST(it_has_no_descriptor_of_ours);
	JW_TEST(without_standard_descriptors);
	JW_TEST(signals_are_as_at_a_beginning);
	JW_TEST(a_relative_path_is_one_from_here);
	JW_TEST(many_side_by_side);
	JW_TEST(no_more_than_those);
	JW_TEST(cancelled_before_its_failure_is_told);
	JW_TEST(closed_at_once);
	JW_TEST(no_descriptor_is_left);
	return rows_run();
}
