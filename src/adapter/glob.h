/* SPDX-License-Identifier: MIT */
/* A walker of globs with limits, which glob(3) hasn't. */
#pragma once

#include "contract/files.h"

/* The expand of struct jw_files. */
enum jw_cause jw_adapter_glob(void *self, const char *glob, struct jw_arena *arena,
			      int64_t deadline_ms, struct jw_paths *ret_paths,
			      struct jw_err *err);
