/* SPDX-License-Identifier: MIT */
/* Changing a file that is there: the old or the new one, whole, with owner, mode and attributes; and back again. */
#include "rows.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "adapter/adapter.h"

#define OLD "<p>old</p>\n"
#define NEW "<p>new and longer</p>\n"
#define NOBODY 65534

static char folder[] = "/tmp/jwtwatch-edit-XXXXXX";
static const struct jw_edits *const edits = &jw_adapter_edits;

/* Some file systems can't exchange two names. */
static bool cannot_exchange;
/* What somebody else does in the last moment, once. */
static void (*just_before)(void);
/* ... and as soon as two names were exchanged. */
static void (*just_behind)(void);
static unsigned exchanges;
int __real_renameat2(int from, const char *old, int to, const char *new, unsigned flags);
int __wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags);
int __wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
	void (*before)(void) = just_before;
	void (*behind)(void) = just_behind;
	int failed;

	if (cannot_exchange) {
		errno = EINVAL;
		return -1;
	}
	exchanges++;
	just_before = NULL;
	if (before)
		before();
	failed = __real_renameat2(from, old, to, new, flags);
	just_behind = NULL;
	if (behind)
		behind();
	return failed;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void holds(const char *name, const char *content)
{
	jw_autobuf struct jw_buf text = JW_BUF(65536);

	jw_buf_text(&text, "");
	assert_int_equal(jw_adapter_files.slurp(NULL, name, &text, NULL, NULL), JW_OK);
	assert_string_equal(text.ptr, content);
}

static ino_t inode(const char *name)
{
	struct stat st;

	assert_int_equal(stat(name, &st), 0);
	return st.st_ino;
}

/* Names in the current folder that begin with a dot, but for the two that each has. */
static size_t hidden(void)
{
	DIR *dir = opendir(".");
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += *entry->d_name == '.' && strcmp(entry->d_name, ".") != 0 &&
			 strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return count;
}

static enum jw_cause begin_as(const char *path, const char *root, enum jw_edit_way way,
			      struct jw_edit **ret_edit, struct jw_err *err)
{
	const struct jw_edit_request request = {path, root, way, 4096};

	return edits->begin(edits->self, &request, ret_edit, err);
}

static struct jw_edit *begun(const char *path, enum jw_edit_way way)
{
	struct jw_edit *edit = NULL;
	struct jw_err err = {0};

	if (begin_as(path, NULL, way, &edit, &err))
		fail_msg("%s", err.text);
	return edit;
}

static struct jw_edit *prepared(const char *path, enum jw_edit_way way)
{
	struct jw_edit *edit = begun(path, way);
	struct jw_err err = {0};

	if (edits->prepare(edit, JW_STR(NEW), &err))
		fail_msg("%s", err.text);
	return edit;
}

static struct jw_edit *committed(const char *path, enum jw_edit_way way)
{
	struct jw_edit *edit = prepared(path, way);
	struct jw_err err = {0};

	if (edits->commit(edit, &err))
		fail_msg("%s", err.text);
	return edit;
}

/* Ways to do the same. */
struct way {
	const char *name;
	enum jw_edit_way way;
	bool cannot_exchange;
};

static void fresh(const struct way *way)
{
	cannot_exchange = way && way->cannot_exchange;
	unlink("page");
	put("page", OLD);
	assert_int_equal(chmod("page", 0640), 0);
}

static const struct way changes[] = {
	{"a new file takes the place", JW_EDIT_RENAME, false},
	{"... where names can't be exchanged", JW_EDIT_RENAME, true},
	{"a file is written in place", JW_EDIT_IN_PLACE, false},
};

static void changes_it(void **state)
{
	const struct way *way = *state;
	struct jw_edit *edit;
	struct stat st;
	ino_t before;

	fresh(way);
	before = inode("page");
	edit = begun("page", way->way);
	assert_true(jw_str_is(edits->bytes(edit), OLD));
	assert_string_equal(strrchr(edits->path(edit), '/'), "/page");
	assert_int_equal(edits->prepare(edit, JW_STR(NEW), NULL), JW_OK);
	holds("page", OLD);
	assert_int_equal(edits->commit(edit, NULL), JW_OK);
	holds("page", NEW);
	edits->end(edit, NULL);
	holds("page", NEW);
	assert_int_equal(stat("page", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_nlink, 1);
	assert_true((st.st_ino == before) == (way->way == JW_EDIT_IN_PLACE));
	assert_int_equal(hidden(), 0);
}

static const struct way undoings[] = {
	{"the old file comes back", JW_EDIT_RENAME, false},
	{"... where names can't be exchanged", JW_EDIT_RENAME, true},
	{"the old bytes come back in place", JW_EDIT_IN_PLACE, false},
};

static void undoes_it(void **state)
{
	const struct way *way = *state;
	struct jw_edit *edit;
	ino_t before;

	fresh(way);
	before = inode("page");
	edit = committed("page", way->way);
	assert_int_equal(edits->undo(edit, NULL), JW_OK);
	holds("page", OLD);
	edits->end(edit, NULL);
	holds("page", OLD);
	assert_true(inode("page") == before);
	assert_int_equal(hidden(), 0);
}

static const struct way endings[] = {
	{"nothing is changed before it is committed", JW_EDIT_RENAME, false},
	{"... nor in place", JW_EDIT_IN_PLACE, false},
};

static void ends_it(void **state)
{
	const struct way *way = *state;
	struct jw_edit *edit;

	fresh(way);
	edit = prepared("page", way->way);
	assert_int_equal(edits->undo(edit, NULL), JW_OK);
	edits->end(edit, NULL);
	holds("page", OLD);
	assert_int_equal(hidden(), 0);
}

static void overwritten(void)
{
	put("page", "theirs");
}

static void replaced(void)
{
	put("other", "theirs");
	assert_int_equal(rename("other", "page"), 0);
}

static void unlocked(void)
{
	assert_int_equal(unlink(".page.jwtwatch-lock"), 0);
}

/* What somebody else does while we are at it. */
struct meddling {
	const char *name;
	enum jw_edit_way way;
	void (*meddle)(void);
	const char *says;
	const char *stays;
};

static const struct meddling before_commit[] = {
	{"written by another before", JW_EDIT_RENAME, overwritten, "somebody else changed it",
	 "theirs"},
	{"replaced by another before", JW_EDIT_RENAME, replaced, "somebody else changed it",
	 "theirs"},
	{"written by another before, in place", JW_EDIT_IN_PLACE, overwritten,
	 "somebody else changed it", "theirs"},
	{"replaced by another before, in place", JW_EDIT_IN_PLACE, replaced,
	 "somebody else changed it", "theirs"},
	{"the lock is taken away", JW_EDIT_RENAME, unlocked,
	 "took away the lock, the file .page.jwtwatch-lock", OLD},
};

static void leaves_theirs(void **state)
{
	const struct meddling *row = *state;
	struct jw_err err = {0};
	struct jw_edit *edit;

	fresh(NULL);
	edit = prepared("page", row->way);
	row->meddle();
	assert_int_equal(edits->commit(edit, &err), JW_RENEWAL_FAILED);
	assert_non_null(strstr(err.text, row->says));
	assert_int_equal(edits->undo(edit, NULL), JW_OK);
	edits->end(edit, NULL);
	holds("page", row->stays);
	assert_int_equal(hidden(), 0);
}

static const struct meddling before_undo[] = {
	{"written by another behind", JW_EDIT_RENAME, overwritten, "somebody else changed it",
	 "theirs"},
	{"replaced by another behind", JW_EDIT_RENAME, replaced, "somebody else changed it",
	 "theirs"},
	{"written by another behind, in place", JW_EDIT_IN_PLACE, overwritten,
	 "somebody else changed it", "theirs"},
	{"replaced by another behind, in place", JW_EDIT_IN_PLACE, replaced,
	 "somebody else changed it", "theirs"},
};

static void takes_nothing_back(void **state)
{
	const struct meddling *row = *state;
	struct jw_err err = {0};
	struct jw_edit *edit;

	fresh(NULL);
	edit = committed("page", row->way);
	row->meddle();
	assert_int_equal(edits->undo(edit, &err), JW_RENEWAL_FAILED);
	assert_non_null(strstr(err.text, row->says));
	edits->end(edit, NULL);
	holds("page", row->stays);
	assert_int_equal(hidden(), 0);
}

static void in_the_last_moment(void **state)
{
	struct jw_err err = {0};
	struct jw_edit *edit;

	(void)state;
	fresh(NULL);
	edit = prepared("page", JW_EDIT_RENAME);
	just_before = replaced;
	assert_int_equal(edits->commit(edit, &err), JW_RENEWAL_FAILED);
	assert_non_null(strstr(err.text, "somebody else changed it"));
	holds("page", "theirs");
	edits->end(edit, NULL);
	holds("page", "theirs");
	edit = committed("page", JW_EDIT_RENAME);
	just_before = replaced;
	assert_int_equal(edits->undo(edit, &err), JW_RENEWAL_FAILED);
	holds("page", "theirs");
	edits->end(edit, NULL);
	holds("page", "theirs");
	assert_int_equal(hidden(), 0);
}

static void replaced_again(void)
{
	put("other", "newest");
	assert_int_equal(rename("other", "page"), 0);
}

/* What was kept beside, by the name in the sentence; it is taken away. */
static void kept(const struct jw_err *err, const char *content)
{
	const char *name = strstr(err->text, ".page.jwtwatch-kept-");

	assert_non_null(name);
	holds(name, content);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(hidden(), 0);
}

static void two_in_the_last_moment(void **state)
{
	struct jw_err err = {0};
	struct jw_edit *edit;

	(void)state;
	fresh(NULL);
	edit = prepared("page", JW_EDIT_RENAME);
	just_before = replaced;
	just_behind = replaced_again;
	exchanges = 0;
	assert_int_equal(edits->commit(edit, NULL), JW_RENEWAL_FAILED);
	/* What is older isn't seen again, not for a moment. */
	assert_int_equal(exchanges, 1);
	assert_int_equal(edits->undo(edit, NULL), JW_OK);
	holds("page", "newest");
	assert_int_equal(edits->end(edit, &err), JW_RENEWAL_FAILED);
	holds("page", "newest");
	kept(&err, "theirs");
	fresh(NULL);
	edit = committed("page", JW_EDIT_RENAME);
	just_before = replaced;
	just_behind = replaced_again;
	assert_int_equal(edits->undo(edit, NULL), JW_RENEWAL_FAILED);
	assert_int_equal(edits->end(edit, &err), JW_RENEWAL_FAILED);
	holds("page", "newest");
	kept(&err, "theirs");
}

/* The second comes between a look and the way back. */
static void replaced_on_the_way_back(void)
{
	just_before = replaced_again;
}

static void another_on_the_way_back(void **state)
{
	struct jw_err err = {0};
	struct jw_edit *edit;

	(void)state;
	fresh(NULL);
	edit = prepared("page", JW_EDIT_RENAME);
	just_before = replaced;
	just_behind = replaced_on_the_way_back;
	assert_int_equal(edits->commit(edit, NULL), JW_RENEWAL_FAILED);
	assert_int_equal(edits->end(edit, &err), JW_RENEWAL_FAILED);
	holds("page", "newest");
	kept(&err, "theirs");
}

static const struct way writers[] = {
	{"who had the page open and writes on", JW_EDIT_RENAME, false},
	{"... where names can't be exchanged", JW_EDIT_RENAME, true},
};

static void loses_no_bytes(void **state)
{
	struct jw_err err = {0};
	struct jw_edit *edit;
	FILE *writer;

	fresh(*state);
	writer = fopen("page", "a");
	assert_non_null(writer);
	edit = committed("page", JW_EDIT_RENAME);
	fputs("late", writer);
	fclose(writer);
	assert_int_equal(edits->end(edit, &err), JW_RENEWAL_FAILED);
	holds("page", NEW);
	kept(&err, OLD "late");
}

static void loses_none_of_the_new_one(void **state)
{
	struct jw_err err = {0};
	struct jw_edit *edit;
	FILE *writer;

	(void)state;
	fresh(NULL);
	edit = committed("page", JW_EDIT_RENAME);
	writer = fopen("page", "a");
	assert_non_null(writer);
	assert_int_equal(edits->undo(edit, NULL), JW_OK);
	fputs("late", writer);
	fclose(writer);
	assert_int_equal(edits->end(edit, &err), JW_RENEWAL_FAILED);
	holds("page", OLD);
	kept(&err, NEW "late");
}

struct refusal {
	const char *name;
	const char *path;
	const char *root;
	enum jw_edit_way way;
	enum jw_cause cause; /* JW_OK: it is taken */
	const char *says;
};

static const struct refusal refusals[] = {
	{"a link is followed", "links/link", NULL, JW_EDIT_RENAME, JW_OK, NULL},
	{"a file below root", "page", ".", JW_EDIT_RENAME, JW_OK, NULL},
	{"root is the root", "page", "/", JW_EDIT_RENAME, JW_OK, NULL},
	{"a link in root to a file in it", "links/within", "links", JW_EDIT_RENAME, JW_OK,
	 NULL},
	{"a link out of root", "links/link", "links", JW_EDIT_RENAME, JW_RENEWAL_FAILED,
	 "which is outside of root links"},
	{"a way out of root", "links/../page", "links", JW_EDIT_RENAME, JW_RENEWAL_FAILED,
	 "outside of root"},
	{"a folder that begins like root", "links-too/file", "links", JW_EDIT_RENAME,
	 JW_RENEWAL_FAILED, "outside of root"},
	{"a linked folder out of root", "links/out/page", "links", JW_EDIT_RENAME,
	 JW_RENEWAL_FAILED, "outside of root"},
	{"a root that isn't there", "page", "gone", JW_EDIT_RENAME, JW_RENEWAL_FAILED,
	 "root gone can't be reached"},
	{"no file", "gone", NULL, JW_EDIT_RENAME, JW_FILE_MISSING, "isn't there"},
	{"no folder", "gone/page", NULL, JW_EDIT_RENAME, JW_FILE_MISSING, "isn't there"},
	{"a link to nothing", "links/dangling", NULL, JW_EDIT_RENAME, JW_FILE_MISSING,
	 "isn't there"},
	{"links in a circle", "links/circle", NULL, JW_EDIT_RENAME, JW_FILE_UNREADABLE,
	 "symbolic links"},
	{"a folder", "links", NULL, JW_EDIT_RENAME, JW_FILE_UNREADABLE, "isn't a regular file"},
	{"the root folder", "/", NULL, JW_EDIT_RENAME, JW_FILE_UNREADABLE, "is a directory"},
	{"a pipe", "pipe", NULL, JW_EDIT_RENAME, JW_FILE_UNREADABLE, "isn't a regular file"},
	{"a device", "/dev/null", NULL, JW_EDIT_RENAME, JW_FILE_UNREADABLE,
	 "isn't a regular file"},
	{"too large a file", "large", NULL, JW_EDIT_RENAME, JW_FILE_UNREADABLE,
	 "has more than 4096 bytes"},
	{"a file with two names", "one", NULL, JW_EDIT_RENAME, JW_RENEWAL_FAILED,
	 "has 2 names (hard links)"},
	{"... in place", "one", NULL, JW_EDIT_IN_PLACE, JW_OK, NULL},
};

static void refuses(void **state)
{
	const struct refusal *row = *state;
	struct jw_edit *edit = NULL;
	struct jw_err err = {0};

	fresh(NULL);
	assert_int_equal(begin_as(row->path, row->root, row->way, &edit, &err), row->cause);
	if (row->cause)
		assert_non_null(strstr(err.text, row->says));
	if (row->cause)
		assert_null(edit);
	edits->end(edit, NULL);
	assert_int_equal(hidden(), 0);
}

static void a_link_stays_one(void **state)
{
	struct stat st;

	(void)state;
	fresh(NULL);
	edits->end(committed("links/link", JW_EDIT_RENAME), NULL);
	assert_int_equal(lstat("links/link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	holds("page", NEW);
}

static void one_at_a_time(void **state)
{
	struct jw_edit *first;
	struct jw_edit *second = NULL;
	struct jw_err err = {0};

	(void)state;
	fresh(NULL);
	first = prepared("page", JW_EDIT_RENAME);
	assert_int_equal(begin_as("links/link", NULL, JW_EDIT_RENAME, &second, &err),
			 JW_RENEWAL_FAILED);
	assert_non_null(strstr(err.text, "somebody else is renewing it just now"));
	assert_int_equal(edits->commit(first, NULL), JW_OK);
	edits->end(first, NULL);
	edits->end(begun("page", JW_EDIT_RENAME), NULL);
	assert_int_equal(hidden(), 0);
}

/* What a run left that was killed. */
static void leftovers(void **state)
{
	(void)state;
	fresh(NULL);
	put(".page.jwtwatch-new", "half");
	put(".page.jwtwatch-old", OLD);
	put(".page.jwtwatch-lock", "");
	cannot_exchange = true;
	edits->end(committed("page", JW_EDIT_RENAME), NULL);
	holds("page", NEW);
	assert_int_equal(hidden(), 0);
}

static void keeps_attributes(void **state)
{
	/* Version 2: owner rw, uid 1000 r, group r, mask r, others nothing. */
	static const unsigned char acl[] = {
		2, 0,	0,   0,	  1,   0,   6,	0, 255, 255, 255, 255, 2,   0,	4,
		0, 232, 3,   0,	  0,   4,   0,	4, 0,	255, 255, 255, 255, 16, 0,
		4, 0,	255, 255, 255, 255, 32, 0, 0,	0,   255, 255, 255, 255};
	unsigned char got[128];

	(void)state;
	fresh(NULL);
	assert_int_equal(setxattr("page", "system.posix_acl_access", acl, sizeof(acl), 0), 0);
	assert_int_equal(setxattr("page", "user.jwtwatch", "kept", 4, 0), 0);
	edits->end(committed("page", JW_EDIT_RENAME), NULL);
	assert_int_equal(getxattr("page", "system.posix_acl_access", got, sizeof(got)),
			 sizeof(acl));
	assert_memory_equal(got, acl, sizeof(acl));
	assert_int_equal(getxattr("page", "user.jwtwatch", got, sizeof(got)), 4);
	assert_memory_equal(got, "kept", 4);
}

/* Of a folder whose new files would be open to more than the old one was. */
static void takes_no_others(void **state)
{
	static const unsigned char acl[] = {
		2, 0,	0,   0,	  1,   0,   6,	0, 255, 255, 255, 255, 2,   0,	4,
		0, 232, 3,   0,	  0,   4,   0,	4, 0,	255, 255, 255, 255, 16, 0,
		4, 0,	255, 255, 255, 255, 32, 0, 0,	0,   255, 255, 255, 255};
	unsigned char got[128];

	(void)state;
	assert_int_equal(mkdir("shared", 0755), 0);
	put("shared/page", OLD);
	assert_int_equal(setxattr("shared", "system.posix_acl_default", acl, sizeof(acl), 0),
			 0);
	edits->end(committed("shared/page", JW_EDIT_RENAME), NULL);
	holds("shared/page", NEW);
	assert_int_equal(getxattr("shared/page", "system.posix_acl_access", got, sizeof(got)),
			 -1);
	assert_int_equal(errno, ENODATA);
}

/* As somebody who is refused: root is refused nothing. *ret_cause of begin, or else of prepare. */
static enum jw_cause as_nobody(const char *path, struct jw_err *err)
{
	bool is_root = !geteuid();
	struct jw_edit *edit = NULL;
	enum jw_cause cause;

	assert_int_equal(is_root ? seteuid(NOBODY) : 0, 0);
	cause = begin_as(path, NULL, JW_EDIT_RENAME, &edit, err);
	if (!cause)
		cause = edits->prepare(edit, JW_STR(NEW), err);
	edits->end(edit, NULL);
	assert_int_equal(is_root ? seteuid(0) : 0, 0);
	return cause;
}

static void a_closed_folder(void **state)
{
	struct jw_err err = {0};

	(void)state;
	assert_int_equal(as_nobody("closed/page", &err), JW_RENEWAL_FAILED);
	assert_non_null(strstr(err.text, "can't make a file in the folder of "));
	assert_non_null(strstr(err.text, "closed/page: Permission denied"));
	holds("closed/page", OLD);
}

/* Only root can make a file that is another's; as another user there is one anyway. */
static void an_owner_that_cannot_be_kept(void **state)
{
	struct jw_err err = {0};

	(void)state;
	if (geteuid()) {
		assert_int_not_equal(as_nobody("/etc/hostname", &err), JW_OK);
		return;
	}
	assert_int_equal(mkdir("open", 0755) || chmod("open", 0777), 0);
	put("open/page", OLD);
	assert_int_equal(as_nobody("open/page", &err), JW_RENEWAL_FAILED);
	assert_non_null(strstr(err.text, "can't give a new file to its owner 0 and group "));
	holds("open/page", OLD);
}

/* In a child, since a limit can't be lifted again by who isn't root. */
static int fails_for_room(enum jw_edit_way way)
{
	static char large[8192];
	const struct rlimit limit = {4096, 4096};
	struct jw_edit *edit = NULL;
	struct jw_err err = {0};
	enum jw_cause cause;

	memset(large, 'x', sizeof(large));
	jw_adapter_harden();
	if (setrlimit(RLIMIT_FSIZE, &limit) || begin_as("page", NULL, way, &edit, &err))
		return 9;
	cause = edits->prepare(edit, (struct jw_str){large, sizeof(large)}, &err);
	if (!cause)
		cause = edits->commit(edit, &err);
	if (cause != JW_RENEWAL_FAILED || !strstr(err.text, "File too large"))
		return 8;
	if (edits->undo(edit, &err))
		return 7;
	edits->end(edit, NULL);
	return 0;
}

static const struct way rooms[] = {
	{"no room for a new file", JW_EDIT_RENAME, false},
	{"no room in place", JW_EDIT_IN_PLACE, false},
};

static void no_room(void **state)
{
	const struct way *way = *state;
	int status;
	pid_t child;

	fresh(NULL);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(fails_for_room(way->way));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	holds("page", OLD);
	assert_int_equal(hidden(), 0);
}

/* The current folder of every test is a new one with these in it. */
static void furnish(void)
{
	static char large[8192];

	memset(large, 'x', sizeof(large) - 1);
	if (!mkdtemp(folder) || chdir(folder) || chmod(folder, 0755) || mkdir("links", 0755) ||
	    mkdir("links-too", 0755) || mkdir("closed", 0755))
		abort();
	put("one", OLD);
	put("large", large);
	put("links/file", OLD);
	put("links-too/file", OLD);
	put("closed/page", OLD);
	if (link("one", "two") || mkfifo("pipe", 0600) || symlink("../page", "links/link") ||
	    symlink("file", "links/within") || symlink("gone", "links/dangling") ||
	    symlink("circle", "links/circle") || symlink("..", "links/out") ||
	    chmod("closed", 0555))
		abort();
}

int main(void)
{
	int failed;
	char command[128];

	umask(022);
	furnish();
	JW_ROWS(changes, changes_it);
	JW_ROWS(undoings, undoes_it);
	JW_ROWS(endings, ends_it);
	JW_ROWS(before_commit, leaves_theirs);
	JW_ROWS(before_undo, takes_nothing_back);
	JW_TEST(in_the_last_moment);
	JW_TEST(two_in_the_last_moment);
	JW_TEST(another_on_the_way_back);
	JW_ROWS(writers, loses_no_bytes);
	JW_TEST(loses_none_of_the_new_one);
	JW_ROWS(refusals, refuses);
	JW_TEST(a_link_stays_one);
	JW_TEST(one_at_a_time);
	JW_TEST(leftovers);
	JW_TEST(keeps_attributes);
	JW_TEST(takes_no_others);
	JW_TEST(a_closed_folder);
	JW_TEST(an_owner_that_cannot_be_kept);
	JW_ROWS(rooms, no_room);
	failed = rows_run();
	if (chdir("/"))
		return 1;
	snprintf(command, sizeof(command), "chmod 755 '%s/closed'; rm -rf '%s'", folder,
		 folder);
	return system(command) ? 1 : failed;
}
