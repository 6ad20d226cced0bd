/* SPDX-License-Identifier: MIT */
/* What the inside asks of the file system and the environment. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

struct jw_file;

enum jw_read { JW_READ_MORE, JW_READ_END, JW_READ_CHANGED };

struct jw_paths {
	const char **items;
	size_t count;
};

struct jw_file_identity {
	uint64_t device;
	uint64_t number;
};

/* What there is below a folder. */
struct jw_below {
	bool is_folder;
	uint64_t size;
	int64_t changed; /* Unix time */
	uint64_t
		tag; /* another one whenever it is another file, or the same one written anew */
};

/* Who is told what a walk meets. Texts are borrowed for the call. */
struct jw_visitor {
	void *context;
	/* The next bytes of a file, which begin with what was kept of those before; `read` is MORE or END. Returns how
	 * many aren't needed any more. SIZE_MAX: nor is the rest of the file. */
	size_t (*bytes)(void *context, const char *path, struct jw_str bytes,
			enum jw_read read);
	/* Something there couldn't be looked through. */
	void (*trouble)(void *context, const char *path, const char *says);
};

/* What a walk left out by rule. */
struct jw_walked {
	size_t files;	       /* looked at */
	size_t hidden_folders; /* also those that are called node_modules */
	size_t linked_folders;
	size_t mounts; /* folders on another file system */
	bool is_cut;   /* a limit ended it before its end, which was trouble */
};

/* True for what `expand` looks for rather than takes as it is. */
static inline bool jw_is_glob(struct jw_str path)
{
	return jw_str_has(path, "*") || jw_str_has(path, "?") || jw_str_has(path, "[");
}

struct jw_files {
	void *self;
	/* Opens a regular file (or standard input for "-") without blocking. JW_FILE_MISSING; JW_FILE_UNREADABLE
	 * with a sentence: no permission (names the uid, the first component that refuses and its mode), not a
	 * regular file, a loop of symlinks. Sentences don't repeat the path. The caller closes *ret_file. */
	enum jw_cause (*open)(void *self, const char *path, struct jw_file **ret_file,
			      struct jw_err *err);
	/* Appends what comes next to `to`, up to to->max, and says in *ret_read whether there is MORE, the END was
	 * reached, or size or modification time CHANGED while it was read (then the content can't be trusted). No
	 * read waits longer than until deadline_ms of the monotonic clock: JW_DEADLINE. Else JW_FILE_UNREADABLE. */
	enum jw_cause (*read)(struct jw_file *file, struct jw_buf *to, int64_t deadline_ms,
			      enum jw_read *ret_read, struct jw_err *err);
	void (*close)(struct jw_file *file);
	/* The paths that a glob (*, ?, [...]) names now, sorted bytewise, in the arena; none is no error. A folder
	 * called ** stands for any number of folders in each other, none included, but for hidden ones and for links
	 * to folders; as the last part it names every file below that isn't hidden.
	 * A path without glob characters gives itself, looked at or not. Not all (what could be listed is in
	 * *ret_paths all the same): JW_FILE_UNREADABLE for a folder on the way that can't be read, or past a
	 * limit on entries; JW_DEADLINE past deadline_ms of the monotonic clock. */
	enum jw_cause (*expand)(void *self, const char *glob, struct jw_arena *arena,
				int64_t deadline_ms, struct jw_paths *ret_paths,
				struct jw_err *err);
	/* Writes `line`, at most 4096 bytes, at once into a named pipe that somebody reads; never makes a file and never
	 * waits. JW_DEADLINE: the pipe is full. JW_FILE_MISSING; else JW_FILE_UNREADABLE: nobody reads it, no permission,
	 * not a pipe. */
	enum jw_cause (*post)(void *self, const char *path, struct jw_str line,
			      struct jw_err *err);
	/* Puts a new file in the place of `path`, all or nothing: whoever looks sees what was there or the whole of
	 * `content`, and the disk has it. Its permissions are `mode`, whatever the umask; its owner is who runs this.
	 * It is written beside under the name ".NAME.XXXXXX", of which nothing is left
	 * on failure. JW_FILE_MISSING: there is no such folder; JW_FILE_UNREADABLE: no permission, no room, something
	 * that isn't a file stands there, a link to one included. Sentences don't repeat the path. */
	enum jw_cause (*replace)(void *self, const char *path, struct jw_str content,
				 unsigned mode, struct jw_err *err);
	/* Shows every regular file at `path`, or below it, in bytewise order folder by folder: not in hidden folders and
	 * node_modules, not through links to folders, not on other file systems. A link to a file counts as a file; a
	 * link to nothing, and what is no file, is passed over unless `path` itself is that. A file is read up to the size
	 * that it had when it was opened, in windows. Adds to *walked. */
	void (*walk)(void *self, const char *path, const struct jw_visitor *visitor,
		     struct jw_walked *walked);
	/* `path` from the root on, without "." and empty parts and with ".." kept. JW_FILE_UNREADABLE where the current
	 * folder can't be told. */
	enum jw_cause (*absolute)(void *self, const char *path, struct jw_buf *to,
				  struct jw_err *err);
	/* NULL where the environment has no such name. */
	const char *(*env)(void *self, const char *name);
	/* A small file whole, up to max bytes: JW_FILE_MISSING or JW_FILE_UNREADABLE. *ret_open_to_others, where not
	 * NULL: its mode lets others read it. */
	enum jw_cause (*slurp)(void *self, const char *path, struct jw_buf *to,
			       bool *ret_open_to_others, struct jw_err *err);
	/* Opens the regular file at `path`, which has no '/' in front, below `folder`: whatever the path says and whatever
	 * links stand there, nothing outside is opened; devices, pipes and sockets neither. A folder is told, and not
	 * opened. May block, on a dead mount. JW_FILE_MISSING: there is none, or it lies outside, or is none of
	 * these; JW_FILE_UNREADABLE. `read` and `close` are for it. */
	enum jw_cause (*below)(void *self, const char *folder, const char *path,
			       struct jw_below *ret_below, struct jw_file **ret_file,
			       struct jw_err *err);
	/* What two names of one file have in common. False where there is no such file. */
	bool (*identity)(void *self, const char *path, struct jw_file_identity *ret_identity);
};
