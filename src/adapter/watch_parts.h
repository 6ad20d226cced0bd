/* SPDX-License-Identifier: MIT */
/* What the watcher is made of: paths, the folders that lie on their ways, and finding those ways. */
#pragma once

#include <sys/inotify.h>

#include "base/mem.h"
#include "contract/loop.h"
#include "contract/watch.h"
#include "contract/work.h"

/* A way: found in a job, so it knows nothing of the watcher but its descriptor. */

struct jw_way_folder {
	const char *path;
	const char *name; /* in its parent */
	int32_t parent;	  /* index, less than its own; the root is its own */
	int wd;		  /* < 0: not watched */
	uint32_t mask;	  /* asked for so far; 0: nothing */
};

enum jw_hop_kind {
	JW_HOP_WAY,	 /* a link, or what isn't there */
	JW_HOP_FILE,	 /* its content counts */
	JW_HOP_WILD = 2, /* or-ed to one of those: the name is a pattern */
};

/* A name in a folder by which the path may change what it leads to. */
struct jw_way_hop {
	int32_t folder;
	unsigned kind;
	struct jw_str name;
};

struct jw_way {
	struct jw_arena arena;
	int inotify;
	struct jw_way_folder *folders;
	size_t folder_count;
	struct jw_way_hop *hops;
	size_t hop_count;
	uint64_t stamp; /* of all that it leads to: another one, another content */
	size_t entries;
	unsigned links;
	unsigned depth;
	bool is_unsure; /* something on it can't be watched */
};

/* Watches and looks at all that an absolute path or glob leads through. The caller ends the arena. May block. */
void jw_way_find(struct jw_way *way, const char *path, int inotify);
/* For the part on globs. -1: leads to nothing more. */
int32_t jw_way_walk(struct jw_way *way, int32_t folder, struct jw_str path);
void jw_way_wild(struct jw_way *way, int32_t folder, struct jw_str pattern, struct jw_str rest);
bool jw_way_watch(struct jw_way *way, int32_t folder, uint32_t mask);
void jw_way_hop(struct jw_way *way, int32_t folder, struct jw_str name, unsigned kind);
int32_t jw_way_child(struct jw_way *way, int32_t folder, struct jw_str name);
/* One that a pattern fits, whose hop is there. */
void jw_way_member(struct jw_way *way, int32_t folder, struct jw_str name, struct jw_str rest);
void jw_way_globs(struct jw_way *way, int32_t folder, struct jw_str rest);

#define JW_WAY_MASK                                                                            \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | \
	 IN_ONLYDIR | IN_MASK_ADD)
#define JW_FILE_MASK (JW_WAY_MASK | IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB)

/* The watcher. */

struct jw_watch_hop {
	struct jw_watch_hop *next; /* of the same hash, or wild in the same folder */
	struct jw_watch_folder *folder;
	struct jw_watched *watched; /* NULL: it is the `up` of a folder */
	const char *name;
	uint32_t hash;
	uint32_t kind;
};

struct jw_watch_folder {
	struct jw_watch_hop up; /* itself in its parent; up.folder NULL: none */
	struct jw_watch_hop *wild;
	int wd; /* < 0: the kernel has let go of it */
	unsigned holders;
};

enum jw_watched_state { JW_WATCHED_IDLE, JW_WATCHED_PENDING, JW_WATCHED_READY };

struct jw_watched {
	struct jw_watcher_self *self;
	void (*changed)(void *context);
	void *context;
	struct jw_watched *next; /* in pending or ready */
	struct jw_watch_hop *hops;
	struct jw_watch_job *job; /* that looks for its way */
	uint64_t stamp;
	uint32_t place; /* among all */
	uint32_t hop_count;
	uint32_t first_ms; /* of the changes that wait */
	uint32_t due_ms;
	uint8_t state;
	bool is_known;	/* the stamp was taken */
	bool must_tell; /* even if the stamp stays: a file may be rewritten within one tick */
	bool is_polled;
	char path[];
};

struct jw_watched_list {
	struct jw_watched *first;
	struct jw_watched *last;
};

struct jw_watcher_self {
	struct jw_loop loop;
	struct jw_work work;
	bool has_work;
	bool has_ended;
	bool is_settling; /* the timer is armed */
	bool is_pumping;
	int inotify;
	int64_t poll_ms;
	struct jw_watch *watch;
	struct jw_timer
		*drain; /* reads on, a moment later: events of one kind are one by then */
	struct jw_timer *settle;
	struct jw_timer *poll;
	struct jw_timer *late;
	struct jw_watched **all;
	size_t count;
	size_t polled;
	struct jw_watched_list pending;
	struct jw_watched_list ready;
	struct jw_watch_job *jobs;
	size_t running;			  /* of those, not left */
	struct jw_watch_folder **folders; /* by wd */
	size_t folder_count;
	struct jw_watch_hop **buckets;
	size_t bucket_count;
	size_t hop_count;
	uint64_t strays; /* events that nothing was known for */
};

enum jw_watch_when { JW_WHEN_SOON, JW_WHEN_WRITTEN };
enum jw_watch_tell { JW_TELL_IF_NEW, JW_TELL_ALWAYS };

/* Something happened to what it leads to. */
void jw_watch_mark(struct jw_watched *watched, enum jw_watch_when when,
		   enum jw_watch_tell tell);
/* Everything may have changed. */
void jw_watch_mark_all(struct jw_watcher_self *self, enum jw_watch_tell tell);

/* Lets the path hang on this way; NULL: nothing hangs on it, and what was watched for it alone no longer is. True
 * where it differs from what it hung on. */
bool jw_watch_hang(struct jw_watcher_self *self, struct jw_watched *watched,
		   const struct jw_way *way);
void jw_watch_unhang(struct jw_watched *watched);
/* Events as they were read. */
void jw_watch_events(struct jw_watcher_self *self, const char *bytes, size_t len);
