/* SPDX-License-Identifier: MIT */
/* Members of jw_adapter_files that have a file of their own. */
#pragma once

#include "contract/files.h"

/* The post of struct jw_files. */
enum jw_cause jw_adapter_post(void *self, const char *path, struct jw_str line,
			      struct jw_err *err);

/* The replace of struct jw_files. */
enum jw_cause jw_adapter_replace(void *self, const char *path, struct jw_str content,
				 unsigned mode, struct jw_err *err);
