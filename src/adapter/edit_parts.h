/* SPDX-License-Identifier: MIT */
/* What the files about changing a file share. */
#pragma once

#include "adapter/adapter.h"
#include "contract/edit.h"

#include <sys/stat.h>

/* A folder by its descriptor, and a name in it. */
struct jw_edit_place {
	int folder;
	struct jw_buf path; /* from the root on, without links */
	const char *name;   /* its end */
};

/* The place that `path` leads to. JW_FILE_MISSING, JW_FILE_UNREADABLE, JW_RENEWAL_FAILED where it is out of `root`. */
enum jw_cause jw_edit_place_open(const char *path, const char *root,
				 struct jw_edit_place *ret_place, struct jw_err *err);
void jw_edit_place_close(struct jw_edit_place *place);
/* Appends ".NAME.jwtwatch-WORD". */
void jw_edit_beside(const struct jw_edit_place *place, const char *word, struct jw_buf *buf);

/* The lock of a place: a descriptor, or -1 and a sentence (JW_RENEWAL_FAILED). */
int jw_edit_lock(const struct jw_edit_place *place, struct jw_err *err);
/* Whether the name still is the file of the lock. */
bool jw_edit_is_locked(const struct jw_edit_place *place, int lock);
void jw_edit_unlock(const struct jw_edit_place *place, int lock);

/* Appends what the descriptor holds from its beginning on. JW_FILE_UNREADABLE. */
enum jw_cause jw_edit_read(int fd, struct jw_buf *to, struct jw_err *err);
/* From the beginning on; the end stays where it is. JW_RENEWAL_FAILED. */
enum jw_cause jw_edit_write(int fd, struct jw_str content, struct jw_err *err);

/* Gives `to` the owner, group, mode and extended attributes of `from`, whose status is `st`. JW_RENEWAL_FAILED and what
 * can't be kept. */
enum jw_cause jw_edit_keep(int from, int to, const struct stat *st, struct jw_err *err);

/* As the contract has them. */
void jw_edit_hold(void *self);
void jw_edit_release(void *self);
