/* SPDX-License-Identifier: MIT */
/* What the inside asks of the file system to put other bytes into a file that is there, and to take them back. */
#pragma once

#include "base/err.h"

#include <stddef.h>

/* One file that is being changed: locked, its bytes read. */
struct jw_edit;

enum jw_edit_way {
	JW_EDIT_RENAME, /* a new file takes the place of the old one: whoever looks sees one of both, whole */
	JW_EDIT_IN_PLACE, /* the file itself is written: whoever looks meanwhile sees a part, and so it stays where the machine stops */
};

struct jw_edit_request {
	const char *path; /* links on the way and at its end are followed */
	const char *
		root; /* where the file must lie once links are followed, also a link's own; NULL: anywhere */
	enum jw_edit_way way;
	size_t max; /* the largest file, in bytes */
};

/* Sentences don't repeat the path. For JW_EDIT_RENAME a file is refused whose owner, group, mode, access control list or
 * other extended attributes a new file can't have, that has a second name (hard link), or is mounted by itself. */
struct jw_edits {
	void *self;
	/* Locks and reads the file; the lock is a file beside it, since one on the file itself would go with the old one.
	 * JW_FILE_MISSING; JW_FILE_UNREADABLE; JW_RENEWAL_FAILED: out of `root`, locked by another, or one that
	 * can't be replaced. The caller ends *ret_edit. */
	enum jw_cause (*begin)(void *self, const struct jw_edit_request *request,
			       struct jw_edit **ret_edit, struct jw_err *err);
	/* The bytes as they were read, and the path without links; they live as long as the edit. */
	struct jw_str (*bytes)(const struct jw_edit *edit);
	const char *(*path)(const struct jw_edit *edit);
	/* Writes the new bytes beside, with all that the old file has; nobody sees them yet. JW_RENEWAL_FAILED: something
	 * can't be kept, or there is no room. */
	enum jw_cause (*prepare)(struct jw_edit *edit, struct jw_str content,
				 struct jw_err *err);
	/* Puts them in place, once they were prepared. JW_RENEWAL_FAILED and the file as it is: it was changed since it was
	 * read, or the lock was taken away. Of a file written in place a part may be new: `undo` is for that. */
	enum jw_cause (*commit)(struct jw_edit *edit, struct jw_err *err);
	/* Puts the old file back. JW_RENEWAL_FAILED: somebody else wrote there since, which stays. */
	enum jw_cause (*undo)(struct jw_edit *edit, struct jw_err *err);
	/* Takes away what lies beside, and the lock. Takes NULL. JW_RENEWAL_FAILED: somebody wrote into what lies beside, as
	 * who had the old file open; that stays there, by the name that the sentence says. */
	enum jw_cause (*end)(struct jw_edit *edit, struct jw_err *err);
	/* Has what would end us wait (SIGHUP, SIGINT, SIGQUIT, SIGTERM), so that files that belong together are all changed,
	 * or none. The first that came is let through by `release`, which may not return. */
	void (*hold)(void *self);
	void (*release)(void *self);
};
