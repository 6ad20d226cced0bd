/* SPDX-License-Identifier: MIT */
/* Members of jw_adapter_files that have a file of their own. */
#pragma once

#include "contract/files.h"

struct stat;

/* A file that is open, as `open` gives it. */
struct jw_file *jw_adapter_file(int fd, const struct stat *st);

/* The below of struct jw_files. */
enum jw_cause jw_adapter_below(void *self, const char *folder, const char *path,
			       struct jw_below *ret_below, struct jw_file **ret_file,
			       struct jw_err *err);

/* The post of struct jw_files. */
enum jw_cause jw_adapter_post(void *self, const char *path, struct jw_str line,
			      struct jw_err *err);

/* The replace of struct jw_files. */
enum jw_cause jw_adapter_replace(void *self, const char *path, struct jw_str content,
				 unsigned mode, struct jw_err *err);

/* So that a new name in the folder (a path from the folder of the descriptor `at`) outlives a crash too. A file system that
 * can't promise it has its reasons. */
void jw_adapter_sync_folder(int at, const char *folder);
