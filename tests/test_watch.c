/* SPDX-License-Identifier: MIT */
/* Files that change in all the ways that files do, and a watcher that tells of each. */
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/adapter.h"

/* 0: the kernel's own. */
static int refusal;

static int test_add_watch(int fd, const char *path, uint32_t mask)
{
	if (!refusal)
		return inotify_add_watch(fd, path, mask);
	errno = refusal;
	return -1;
}

#define inotify_add_watch test_add_watch
#include "adapter/watch_way.c"
#undef inotify_add_watch

#define BOUND_MS 20000
/* What is told comes sooner. */
#define QUIET_MS 300

struct fake_job {
	void (*work)(void *context);
	void (*done)(void *context);
	void (*gone)(void *context);
	void *context;
	struct fake_job *next;
};

struct scene {
	char folder[32];
	struct jw_loop loop;
	struct jw_watcher watcher;
	struct jw_watched *watched[3];
	int told;
	bool removes; /* all, when told */
	/* The fake of jw_work: jobs wait here until `turn` is due, or for ever. */
	struct fake_job *jobs;
	struct jw_timer *turn;
	bool hangs;
};

static const struct jw_watcher_self *self_of(const struct scene *scene)
{
	return scene->watcher.self;
}

static int64_t now_ms(void)
{
	return jw_adapter_clock.monotonic_ms(NULL);
}

static void begin(struct scene *scene)
{
	*scene = (struct scene){.folder = "/tmp/jwtwatch-XXXXXX"};
	refusal = 0;
	assert_non_null(mkdtemp(scene->folder));
	assert_int_equal(chdir(scene->folder), 0);
	assert_int_equal(jw_adapter_loop(&scene->loop, NULL), JW_OK);
	assert_int_equal(jw_adapter_watcher(&scene->loop, NULL, &scene->watcher, NULL), JW_OK);
}

static void end(struct scene *scene)
{
	char command[64];

	jw_adapter_watcher_end(&scene->watcher);
	jw_adapter_watcher_end(&scene->watcher);
	scene->loop.timer_free(scene->turn);
	jw_adapter_loop_end(&scene->loop);
	assert_int_equal(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf %s", scene->folder);
	assert_int_equal(system(command), 0);
}

static void on_changed(void *context)
{
	struct scene *scene = context;

	scene->told++;
	if (scene->removes)
		for (size_t i = 0; i < 3; i++) {
			scene->watcher.remove(scene->watched[i]);
			scene->watched[i] = NULL;
		}
	scene->loop.stop(scene->loop.self);
}

static void watch(struct scene *scene, size_t place, const char *path)
{
	scene->watched[place] =
		scene->watcher.add(scene->watcher.self, path, on_changed, scene);
}

static void await(struct scene *scene)
{
	int64_t until = now_ms() + BOUND_MS;

	scene->told = 0;
	scene->loop.run(scene->loop.self, until);
	assert_int_equal(scene->told, 1);
}

static void nothing_comes(struct scene *scene)
{
	scene->told = 0;
	scene->loop.run(scene->loop.self, now_ms() + QUIET_MS);
	assert_int_equal(scene->told, 0);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void link_to(const char *target, const char *path)
{
	assert_int_equal(symlink(target, path), 0);
}

static void rename_over(void)
{
	put("new", "2");
	rename("new", "page");
}

static void write_in_place(void)
{
	put("page", "2");
}

static void unlink_and_recreate(void)
{
	unlink("page");
	put("page", "1");
}

static void take_away(void)
{
	unlink("page");
}

static void forbid(void)
{
	chmod("page", 0);
}

static void page(void)
{
	put("page", "1");
}

static void nothing(void)
{
}

static void link_to_v1(void)
{
	mkdir("v1", 0755);
	mkdir("v2", 0755);
	put("v1/page", "1");
	put("v2/page", "2");
	link_to("v1", "current");
}

static void swap_link(void)
{
	link_to("v2", "next");
	rename("next", "current");
}

static void write_behind_link(void)
{
	put("v1/page", "3");
}

/* As Kubernetes mounts a ConfigMap. */
static void config_map(void)
{
	mkdir("..2026_1", 0755);
	put("..2026_1/page", "1");
	link_to("..2026_1", "..data");
	link_to("..data/page", "page");
}

static void swap_data(void)
{
	mkdir("..2026_2", 0755);
	put("..2026_2/page", "1");
	link_to("..2026_2", "..data_tmp");
	rename("..data_tmp", "..data");
	unlink("..2026_1/page");
	rmdir("..2026_1");
}

static void chain(void)
{
	page();
	link_to("page", "b");
	link_to("b", "a");
}

static void move_the_middle(void)
{
	put("other", "2");
	link_to("other", "c");
	rename("c", "b");
}

static void deep(void)
{
	mkdir("site", 0755);
	mkdir("site/static", 0755);
	put("site/static/page", "1");
	mkdir("next", 0755);
	mkdir("next/static", 0755);
	put("next/static/page", "2");
}

static void swap_parent(void)
{
	rename("site/static", "old");
	rename("next/static", "site/static");
}

static void swap_grandparent(void)
{
	rename("site", "old");
	rename("next", "site");
}

static void make_deep(void)
{
	deep();
}

static void members(void)
{
	put("a.html", "1");
	put("b.html", "1");
}

static void member_comes(void)
{
	put("c.html", "1");
}

static void member_goes(void)
{
	unlink("a.html");
}

static void member_changes(void)
{
	put("b.html", "2");
}

static void sites(void)
{
	mkdir("x", 0755);
	mkdir("y", 0755);
	put("x/page", "1");
}

static void site_gets_page(void)
{
	put("y/page", "1");
}

static void new_site(void)
{
	mkdir("z", 0755);
	put("z/page", "1");
}

static void deep_member(void)
{
	put("site/static/more.html", "1");
}

static void loop_of_links(void)
{
	link_to("b", "a");
	link_to("a", "b");
}

static void end_of_loop(void)
{
	put("new", "1");
	rename("new", "b");
}

struct row {
	const char *name;
	void (*before)(void);
	const char *path;
	void (*act)(void);
};

static const struct row rows[] = {
	{"written in place", page, "page", write_in_place},
	{"renamed over", page, "page", rename_over},
	{"unlinked and made again", page, "page", unlink_and_recreate},
	{"taken away", page, "page", take_away},
	{"forbidden", page, "page", forbid},
	{"appears", nothing, "page", page},
	{"appears with its folders", nothing, "site/static/page", make_deep},
	{"a link to its folder is swapped", link_to_v1, "current/page", swap_link},
	{"written behind a link", link_to_v1, "current/page", write_behind_link},
	{"..data is swapped", config_map, "page", swap_data},
	{"a link in the middle is moved", chain, "a", move_the_middle},
	{"its folder is replaced", deep, "site/static/page", swap_parent},
	{"a folder further up is replaced", deep, "site/static/page", swap_grandparent},
	{"through .. and .", deep, "site/../site/./static/page", swap_parent},
	{"a member of a glob comes", members, "*.html", member_comes},
	{"the first member of a glob comes", nothing, "*.html", member_comes},
	{"a member of a glob goes", members, "*.html", member_goes},
	{"a member of a glob changes", members, "[ab].html", member_changes},
	{"a page comes into a folder of a glob", sites, "*/page", site_gets_page},
	{"a folder of a glob comes", sites, "*/page", new_site},
	{"a page comes deep in a folder", deep, "**/*.html", deep_member},
	{"a page comes anywhere", deep, "**", deep_member},
	{"folders come for a glob", nothing, "site/**/page", make_deep},
	{"a loop of links ends", loop_of_links, "a", end_of_loop},
};

static void is_told(void **state)
{
	const struct row *row = *state;
	struct scene scene;

	begin(&scene);
	row->before();
	watch(&scene, 0, row->path);
	assert_int_equal(scene.watcher.polled(scene.watcher.self), 0);
	nothing_comes(&scene);
	row->act();
	await(&scene);
	nothing_comes(&scene);
	end(&scene);
}

/* A second change of the same kind is told too: the watch has moved on with what it watches. */
static void swaps_go_on(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	config_map();
	watch(&scene, 0, "page");
	swap_data();
	await(&scene);
	put("..2026_2/page", "changed");
	await(&scene);
	mkdir("..2026_3", 0755);
	link_to("..2026_3", "..data_tmp");
	rename("..data_tmp", "..data");
	await(&scene);
	put("..2026_3/page", "there");
	await(&scene);
	end(&scene);
}

static void changes_close_to_each_other_are_one(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	page();
	watch(&scene, 0, "page");
	for (int i = 0; i < 50; i++)
		rename_over();
	await(&scene);
	nothing_comes(&scene);
	end(&scene);
}

static void other_names_are_passed_over(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	page();
	watch(&scene, 0, "page");
	put("another", "1");
	unlink("another");
	nothing_comes(&scene);
	end(&scene);
}

static void a_page_is_told_when_its_writer_is_done(void **state)
{
	struct scene scene;
	int fd;
	int64_t start;

	(void)state;
	begin(&scene);
	page();
	watch(&scene, 0, "page");
	fd = open("page", O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, "half", 4), 4);
	nothing_comes(&scene);
	assert_int_equal(write(fd, " done", 5), 5);
	close(fd);
	start = now_ms();
	await(&scene);
	assert_true(now_ms() - start < 900);
	nothing_comes(&scene);
	end(&scene);
}

static void a_page_that_stays_open_is_told_too(void **state)
{
	struct scene scene;
	int fd;

	(void)state;
	begin(&scene);
	page();
	watch(&scene, 0, "page");
	fd = open("page", O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "more", 4), 4);
	await(&scene);
	assert_int_equal(write(fd, "more", 4), 4);
	await(&scene);
	close(fd);
	end(&scene);
}

static void after_an_overflow_all_are_told(void **state)
{
	const struct inotify_event event = {.wd = -1, .mask = IN_Q_OVERFLOW};
	struct scene scene;
	int told = 0;

	(void)state;
	begin(&scene);
	page();
	watch(&scene, 0, "page");
	watch(&scene, 1, "absent");
	watch(&scene, 2, "*.html");
	jw_watch_events(scene.watcher.self, (const char *)&event, sizeof(event));
	while (told < 3) {
		scene.told = 0;
		scene.loop.run(scene.loop.self, now_ms() + BOUND_MS);
		assert_true(scene.told);
		told += scene.told;
	}
	assert_int_equal(told, 3);
	nothing_comes(&scene);
	end(&scene);
}

static void what_waits_may_be_removed(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	page();
	watch(&scene, 0, "page");
	watch(&scene, 1, "page");
	watch(&scene, 2, "*");
	rename_over();
	scene.removes = true;
	await(&scene);
	nothing_comes(&scene);
	assert_int_equal(self_of(&scene)->count, 0);
	assert_int_equal(self_of(&scene)->folder_count, 0);
	assert_int_equal(self_of(&scene)->hop_count, 0);
	scene.watcher.remove(NULL);
	end(&scene);
}

static void removed_means_silent(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	page();
	watch(&scene, 0, "page");
	watch(&scene, 1, "other");
	rename_over();
	scene.loop.run(scene.loop.self, now_ms() + 50);
	scene.watcher.remove(scene.watched[0]);
	nothing_comes(&scene);
	end(&scene);
}

static void what_cannot_be_watched_is_polled(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	page();
	((struct jw_watcher_self *)scene.watcher.self)->poll_ms = 20;
	refusal = ENOSPC;
	watch(&scene, 0, "page");
	assert_int_equal(scene.watcher.polled(scene.watcher.self), 1);
	nothing_comes(&scene);
	put("page", "longer");
	await(&scene);
	refusal = 0;
	nothing_comes(&scene);
	assert_int_equal(scene.watcher.polled(scene.watcher.self), 0);
	((struct jw_watcher_self *)scene.watcher.self)->poll_ms = BOUND_MS * 2;
	rename_over();
	await(&scene);
	end(&scene);
}

static void proc_tells_nothing(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene);
	watch(&scene, 0, "/proc/self/status");
	assert_int_equal(scene.watcher.polled(scene.watcher.self), 1);
	scene.watcher.remove(scene.watched[0]);
	assert_int_equal(scene.watcher.polled(scene.watcher.self), 0);
	end(&scene);
}

static void ten_thousand_in_a_folder_are_one_watch(void **state)
{
	enum { COUNT = 10000 };
	struct scene scene;
	size_t folders;
	size_t before;
	char path[64];

	(void)state;
	begin(&scene);
	watch(&scene, 0, "page");
	folders = self_of(&scene)->folder_count;
	before = mallinfo2().uordblks;
	for (int i = 0; i < COUNT; i++) {
		snprintf(path, sizeof(path), "%s/page-%05d", scene.folder, i);
		watch(&scene, 1, path);
	}
	assert_int_equal(self_of(&scene)->folder_count, folders);
	before = (mallinfo2().uordblks - before) / COUNT;
	print_message("# %zu bytes a path of %zu\n", before, strlen(path) + 1);
#ifndef JW_SANITIZED
	assert_true(before <= 150 + strlen(path) + 1);
#endif
	put("page-07777", "1");
	await(&scene);
	nothing_comes(&scene);
	end(&scene);
}

/* Work that is done in the loop's next turn, or hangs. */

static void take_turn(void *context)
{
	struct scene *scene = context;
	struct fake_job *job;

	while (!scene->hangs && (job = scene->jobs)) {
		scene->jobs = job->next;
		if (job->work)
			job->work(job->context);
		if (job->gone)
			job->gone(job->context);
		else
			job->done(job->context);
		free(job);
	}
}

static struct jw_job *start_job(void *self, void (*work)(void *), void (*done)(void *),
				void *context)
{
	struct scene *scene = self;
	struct fake_job *job = calloc(1, sizeof(*job));

	*job = (struct fake_job){work, done, NULL, context, scene->jobs};
	scene->jobs = job;
	scene->loop.arm(scene->turn, 0);
	return (struct jw_job *)job;
}

static void leave_job(struct jw_job *job, void (*gone)(void *context))
{
	((struct fake_job *)job)->gone = gone;
}

static void begin_with_work(struct scene *scene)
{
	const struct jw_work work = {.self = scene, .start = start_job, .leave = leave_job};

	begin(scene);
	jw_adapter_watcher_end(&scene->watcher);
	scene->turn = scene->loop.timer(scene->loop.self, take_turn, scene);
	assert_int_equal(jw_adapter_watcher(&scene->loop, &work, &scene->watcher, NULL), JW_OK);
}

static void ways_are_found_in_jobs(void **state)
{
	struct scene scene;

	(void)state;
	begin_with_work(&scene);
	config_map();
	watch(&scene, 0, "page");
	watch(&scene, 1, "gone");
	scene.watcher.remove(scene.watched[1]);
	nothing_comes(&scene);
	swap_data();
	await(&scene);
	write_in_place();
	await(&scene);
	nothing_comes(&scene);
	end(&scene);
}

static void one_that_hangs_is_left_and_taken_up_again(void **state)
{
	struct scene scene;
	int64_t until;

	(void)state;
	begin_with_work(&scene);
	page();
	scene.hangs = true;
	watch(&scene, 0, "page");
	until = now_ms() + BOUND_MS;
	while (!scene.watcher.polled(scene.watcher.self) && now_ms() < until)
		scene.loop.run(scene.loop.self, now_ms() + 50);
	assert_int_equal(scene.watcher.polled(scene.watcher.self), 1);
	assert_int_equal(self_of(&scene)->running, 0);
	scene.hangs = false;
	take_turn(&scene);
	nothing_comes(&scene);
	assert_int_equal(scene.watcher.polled(scene.watcher.self), 0);
	rename_over();
	await(&scene);
	end(&scene);
}

static void the_end_waits_for_no_job(void **state)
{
	struct scene scene;

	(void)state;
	begin_with_work(&scene);
	page();
	scene.hangs = true;
	watch(&scene, 0, "page");
	watch(&scene, 1, "other");
	jw_adapter_watcher_end(&scene.watcher);
	scene.hangs = false;
	take_turn(&scene);
	end(&scene);
}

int main(void)
{
	JW_ROWS(rows, is_told);
	JW_TEST(swaps_go_on);
	JW_TEST(changes_close_to_each_other_are_one);
	JW_TEST(other_names_are_passed_over);
	JW_TEST(a_page_is_told_when_its_writer_is_done);
	JW_TEST(a_page_that_stays_open_is_told_too);
	JW_TEST(after_an_overflow_all_are_told);
	JW_TEST(what_waits_may_be_removed);
	JW_TEST(removed_means_silent);
	JW_TEST(what_cannot_be_watched_is_polled);
	JW_TEST(proc_tells_nothing);
	JW_TEST(ten_thousand_in_a_folder_are_one_watch);
	JW_TEST(ways_are_found_in_jobs);
	JW_TEST(one_that_hangs_is_left_and_taken_up_again);
	JW_TEST(the_end_waits_for_no_job);
	return rows_run();
}
